"""Conversations of messages: counted, acknowledged once, sent until taken, and ended when the citizen is silent."""

import pytest

from queues.channels import CHANNELS
from router import facts as f
from router import inputs as i
from router.contact import Connected, Waiting
from tests.core.city import City, agent, queue

DAY = 86_400.0


def city(**more):
    """Return a city whose mailbox and chat lead to one agent."""
    return City(queues=[queue(**more)], agents=[agent("anna")], acknowledge="mail_received")


def mail(city, contact="m1", **more):
    """Let a mail arrive."""
    return city.put(i.Arrived(contact=contact, channel="mail", entry="tax", written=True, **more))


def added(facts):
    """Return (number, author, prompt) of messages."""
    return [(fact.number, fact.author, fact.prompt) for fact in facts if isinstance(fact, f.MessageAdded)]


def chat(city, contact="c1"):
    """Let a chat begin, and the agent take it."""
    city.put(i.Arrived(contact=contact, channel="chat", entry="tax"))
    city.put(i.AcceptOffer(f"{contact}.1"))


def test_a_mail_begins_with_a_message_and_is_acknowledged():
    house = city()
    assert added(mail(house, person="p1")) == [(1, "citizen", ""), (2, "house", "mail_received")]
    assert [message.id for message in house.state.outbox.values()] == ["m1.m2"]


def test_one_person_is_acknowledged_once_a_day():
    house = city()
    mail(house, "m1", person="p1")
    assert added(mail(house, "m2", person="p1")) == [(1, "citizen", "")]
    assert len(added(mail(house, "m3", person="p2"))) == 2
    house.wait(DAY + 1)
    assert len(added(mail(house, "m4", person="p1"))) == 2


@pytest.mark.parametrize("more", [{"person": "p1", "automatic": True}, {}])
def test_machines_and_nobody_are_not_acknowledged(more):
    assert added(mail(city(), **more)) == [(1, "citizen", "")]


def test_messages_are_in_order_and_none_is_taken_twice():
    house = city()
    chat(house)
    for count in (1, 2, 2, 1, 3):
        house.put(i.MessageArrived(contact="c1", count=count))
    house.put(i.SendMessage("c1", "anna"))
    house.put(i.MessageArrived(contact="c1", count=4))
    assert [(n, by) for n, by, _ in added(house.facts)] == [
        (1, "citizen"), (2, "citizen"), (3, "citizen"), (4, "agent"), (5, "citizen"),
    ]  # fmt: skip
    assert house.state.contacts["c1"].card.thread.heard == 4


def test_messages_arrive_in_whatever_state_a_contact_is():
    house = city()
    house.put(i.Pause("anna", "lunch"))
    mail(house)
    house.put(i.MessageArrived(contact="m1"))
    assert isinstance(house.state.contacts["m1"], Waiting)
    house.ready("anna")
    house.put(i.MessageArrived(contact="m1"))
    assert house.offers == {"anna": "m1"}, "an offer stands while the citizen goes on writing"
    house.put(i.AcceptOffer("m1.1"))
    house.put(i.MessageArrived(contact="m1"))
    assert [n for n, _, _ in added(house.facts)] == [1, 2, 3, 4]


def test_messages_of_nobody_and_on_the_telephone_are_nothing():
    house = city()
    house.call("w1-g-1", "tax", leg="w1-g-1")
    assert house.put(i.MessageArrived(contact="w1-g-1")) == []
    assert house.put(i.MessageArrived(contact="nobody")) == []


def test_only_who_has_it_writes():
    house = city()
    mail(house)
    for contact, error in (("m1", "not_connected"), ("m2", "unknown_contact")):
        with pytest.raises(i.Refused) as refused:
            house.put(i.SendMessage(contact, "anna"))
        assert refused.value.error_id == error
    house.put(i.AcceptOffer("m1.1"))
    with pytest.raises(i.Refused):
        house.put(i.SendMessage("m1", "bo"))
    house.put(i.SendMessage("m1", "anna"))
    assert list(house.state.outbox) == ["m1.m2"]


def test_an_answer_is_tried_until_it_is_taken_and_outlives_its_contact():
    house = city()
    mail(house)
    house.put(i.AcceptOffer("m1.1"))
    house.put(i.SendMessage("m1", "anna"))
    house.put(i.Finish("m1"))
    assert "m1" not in house.state.contacts
    house.put(i.MessageNotTaken(contact="m1", message=2, cause="away", retry_at=house.now + 60))
    message = house.state.outbox["m1.m2"]
    assert (message.attempts, message.due, message.failed) == (1, house.now + 60, None)
    house.put(i.MessageTaken(contact="m1", message=2))
    assert not house.state.outbox
    assert house.put(i.MessageTaken(contact="m1", message=2)) == [], "a late word changes nothing"


def test_a_failure_is_shown_until_somebody_has_seen_it():
    house = city()
    mail(house)
    house.put(i.AcceptOffer("m1.1"))
    house.put(i.SendMessage("m1", "anna"))
    with pytest.raises(i.Refused):
        house.put(i.DropMessage("m1", 2))
    house.put(i.MessageNotTaken(contact="m1", message=2, cause="no_such_address"))
    assert house.state.outbox["m1.m2"].failed == "no_such_address"
    house.put(i.SendAgain("m1", 2))
    assert house.state.outbox["m1.m2"].failed is None
    house.put(i.MessageNotTaken(contact="m1", message=2, cause="no_such_address"))
    house.put(i.DropMessage("m1", 2))
    assert not house.state.outbox


def test_a_chat_does_not_leave_by_the_outbox():
    house = city()
    chat(house)
    house.put(i.SendMessage("c1", "anna"))
    assert not house.state.outbox


def test_a_silent_citizen_is_asked_and_then_let_go():
    house = city(idle_after=60.0, idle_close=30.0)
    chat(house)
    house.wait(1000.0)
    assert isinstance(house.state.contacts["c1"], Connected), "nobody has written anything yet"
    house.put(i.SendMessage("c1", "anna"))
    house.wait(60.0)
    assert added(house.facts)[-1] == (2, "house", "chat_still_there")
    house.put(i.MessageArrived(contact="c1", count=1))
    house.wait(1000.0)
    assert isinstance(house.state.contacts["c1"], Connected), "the agent is to write"
    house.put(i.SendMessage("c1", "anna"))
    house.wait(90.0)
    assert added(house.facts)[-1] == (6, "house", "chat_closed")
    assert "c1" not in house.state.contacts
    assert CHANNELS["chat"].capacity == 3
    assert not house.state.agents["anna"].desk.work


def test_silence_ends_nothing_where_that_is_not_wanted():
    house = city(idle_after=None)
    chat(house)
    house.put(i.SendMessage("c1", "anna"))
    house.wait(10_000.0)
    assert isinstance(house.state.contacts["c1"], Connected)


def test_a_message_told_twice_is_known_by_its_mark_for_a_day():
    house = city()
    mail(house, "m1", mark="x")
    assert added(mail(house, "m2", mark="x")) == [], "not even after the contact has ended"
    house.put(i.MessageArrived(contact="m1", mark="y"))
    assert house.put(i.MessageArrived(contact="m1", mark="y")) == []
    assert list(house.state.marks) == ["x", "y"]
    house.wait(DAY + 1)
    house.put(i.MessageArrived(contact="m1", mark="z"))
    assert list(house.state.marks) == ["z"]
