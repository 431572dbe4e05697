"""Rule 6: how much an agent takes at a time, and what may interrupt what."""

import pytest

from router import facts as f
from router import inputs as i
from tests.core.city import City, agent, queue


def test_one_call_at_a_time() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    city.answer("c1")
    city.call("c2")
    assert city.offers == {}


def test_three_chats_at_a_time_and_no_call_beside_them() -> None:
    city = City(agents=[agent("anna")])
    for number in range(4):
        city.arrive(f"chat{number}", channel="chat")
        if number < 3:
            city.answer(f"chat{number}")
    city.call("c1")
    assert city.offers == {}
    city.finish("chat0")
    assert city.offers == {"anna": "chat3"}


def test_an_agents_own_setting_overrides_the_channels() -> None:
    city = City(agents=[agent("anna", capacity={"chat": 1, "mail": 0})])
    city.arrive("chat1", channel="chat")
    city.answer("chat1")
    city.arrive("chat2", channel="chat")
    city.mail("m1")
    assert city.offers == {}
    city.finish("chat1")
    city.answer("chat2")
    city.finish("chat2")
    assert city.offers == {}, "never a mail"


def test_a_call_interrupts_mails_which_are_taken_up_again_afterwards() -> None:
    city = City([queue(wrap_up=30.0)], agents=[agent("anna")])
    city.mail("m1")
    city.answer("m1")
    city.call("c1")
    assert city.offers == {"anna": "c1"}
    city.answer("c1")
    assert [fact.contact for fact in city.of(f.WorkSetAside)] == ["m1"]
    city.hang_up("c1")
    assert city.of(f.WorkTakenUp) == [], "the call is not over for the agent before its wrap-up is"
    city.put(i.EndWrapUp("c1"))
    assert [fact.contact for fact in city.of(f.WorkTakenUp)] == ["m1"]


def test_a_mail_does_not_interrupt_a_call() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    city.answer("c1")
    city.mail("m1")
    assert city.offers == {}


def test_what_was_set_aside_is_taken_up_even_beside_another_mail() -> None:
    city = City(agents=[agent("anna")])
    city.mail("m1")
    city.answer("m1")
    city.arrive("chat", channel="chat")
    city.answer("chat")
    city.mail("m2")
    assert city.offers == {}, "a chat and two mails are more than one person's attention"
    city.finish("chat")
    assert [fact.contact for fact in city.of(f.WorkTakenUp)] == []
    assert city.offers == {"anna": "m2"}
    city.answer("m2")
    assert [fact.contact for fact in city.of(f.WorkTakenUp)] == ["m1"]


@pytest.mark.parametrize("capacity", [0, 1])
def test_a_lower_capacity_applies_to_what_comes_and_not_to_what_is_in_hand(capacity: int) -> None:
    city = City(agents=[agent("anna")])
    for number in range(3):
        city.arrive(f"chat{number}", channel="chat")
        city.answer(f"chat{number}")
    city.reconfigure(agents=[agent("anna", capacity={"chat": capacity})])
    city.arrive("chat3", channel="chat")
    for number in range(3):
        assert city.offers == {}
        city.finish(f"chat{number}")
    assert city.offers == ({"anna": "chat3"} if capacity else {})


def test_a_mail_in_wrap_up_is_neither_set_aside_nor_taken_up() -> None:
    city = City([queue(wrap_up=30.0)], [agent("anna")])
    for contact in ("m1", "m2"):
        city.mail(contact)
        city.answer(contact)
    city.finish("m1")
    city.call("c1")
    city.answer("c1")
    assert [fact.contact for fact in city.of(f.WorkSetAside)] == ["m2"]
    city.finish("m2")
    city.hang_up("c1")
    city.wait(60)
    assert city.of(f.WorkTakenUp) == []
    assert city.state.contacts == {}
