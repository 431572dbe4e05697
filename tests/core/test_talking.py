"""Hold, consult, conference, attended transfer, and legs that are lost in mid-talk."""

from typing import Any

import pytest

from router import facts as f
from router import inputs as i
from router.contact import Connected
from router.dialling import Destination, DialRules
from router.talking import CALL_AGAIN, CALL_BACK, PARTIES_MAX
from tests.core.city import City, agent, queue

LIBRARY = Destination("phone:library", person="p7")
BO = Destination("sip:bo@desk")
OUTSIDE = Destination("number:abc", country="SE")


def talking(*others: str, dialling: DialRules | None = None, **settings: Any) -> City:
    """Return a city in which anna talks with the citizen c1; `others` are agents who are ready too."""
    city = City([queue(**settings)], [agent("anna")], ready=False, dialling=dialling or DialRules())
    if others:
        city.reconfigure([queue(**settings)], [agent("anna"), *(agent(one) for one in others)])
    city.ready("anna")
    city.call("c1", leg="c1")
    city.answer("c1")
    city.ready(*others)
    return city


def refusal(city: City, request: i.Input) -> str:
    with pytest.raises(i.Refused) as refused:
        city.put(request)
    return refused.value.error_id


def talk(city: City) -> Connected:
    contact = city.state.contacts["c1"]
    assert isinstance(contact, Connected)
    return contact


def consulting(*others: str, to: Destination = LIBRARY, **settings: Any) -> City:
    """Return a city in which anna talks with somebody while c1 is on hold."""
    city = talking(*others, **settings)
    city.put(i.Consult("c1", to))
    city.put(i.PickedUp(leg="c1.2"))
    return city


def test_hold_and_resume() -> None:
    city = talking()
    city.put(i.Hold("c1"))
    assert talk(city).held == ("c1",)
    assert city.put(i.Hold("c1")) == [], "held already"
    city.put(i.Resume("c1"))
    assert talk(city).held == ()


def test_only_a_talk_can_be_held() -> None:
    city = City(agents=[agent("anna")], ready=False)
    city.call("c1", leg="c1")
    assert refusal(city, i.Hold("c1")) == "not_connected"
    assert refusal(city, i.Hold("c9")) == "unknown_contact"
    mail = City(agents=[agent("anna")])
    mail.mail("m1")
    mail.put(i.AcceptOffer(mail.offer_of("m1")))
    assert refusal(mail, i.Hold("m1")) == "not_by_phone"


def test_the_citizen_waits_while_somebody_is_asked() -> None:
    city = talking()
    city.put(i.Consult("c1", LIBRARY))
    (party,) = talk(city).parties
    assert (party.leg, party.joined, talk(city).held) == ("c1.2", False, ("c1",))
    city.put(i.PickedUp(leg="c1.2"))
    assert talk(city).parties[0].joined


def test_a_conference_is_everybody_resumed() -> None:
    city = consulting()
    city.put(i.Resume("c1"))
    assert talk(city).held == ()
    assert len(talk(city).parties) == 1


def test_swap_goes_between_the_two() -> None:
    city = consulting()
    city.put(i.Swap("c1"))
    assert talk(city).held == ("c1.2",)
    city.put(i.Swap("c1"))
    assert talk(city).held == ("c1",)


def test_a_telephone_with_a_second_line_says_itself_which_of_them_holds() -> None:
    city = talking()
    city.put(i.PhoneDialled(leg="w1-g-9", phone="sip:anna@desk", destination=LIBRARY))
    city.put(i.PickedUp(leg="c1.2"))
    assert (talk(city).parties[0].via, talk(city).held) == ("w1-g-9", ())
    assert refusal(city, i.Swap("c1")) == "nobody_consulted"
    city.put(i.HungUp(leg="c1.1", cause="hung_up"))
    assert city.is_("c1") == "Gone", "and which of them ends"


@pytest.mark.parametrize("cause", ["busy", "declined", "no_answer", "unreachable"])
def test_somebody_who_does_not_answer_leaves_agent_and_citizen_together(cause: Any) -> None:
    city = talking()
    city.put(i.Consult("c1", LIBRARY))
    city.put(i.NotPickedUp(leg="c1.2", cause=cause))
    assert (talk(city).parties, talk(city).held) == ((), ())
    assert city.of(f.PartyLeft)[-1].cause == cause


def test_a_colleague_goes_on_in_private_when_another_does_not_come() -> None:
    """The citizen hears nothing of it before the agent says so."""
    city = consulting()
    city.put(i.Consult("c1", OUTSIDE))
    assert talk(city).held == ("c1", "c1.2")
    city.put(i.NotPickedUp(leg="c1.3", cause="busy"))
    assert talk(city).held == ("c1",)
    city.put(i.Swap("c1"))
    assert talk(city).held == ("c1.2",)
    city.put(i.Consult("c1", OUTSIDE))
    city.put(i.PickedUp(leg="c1.4"))
    city.put(i.Swap("c1"))
    city.put(i.HungUp(leg="c1.2", cause="hung_up"))
    assert talk(city).held == ("c1.4",), "the agent talks with the citizen"


def test_somebody_who_lets_it_ring_is_given_up() -> None:
    city = talking(forward_timeout=25.0)
    city.put(i.Consult("c1", LIBRARY))
    city.wait(25)
    assert talk(city).parties == ()


def test_one_is_rung_at_a_time_and_not_too_many_take_part() -> None:
    city = talking()
    city.put(i.Consult("c1", LIBRARY))
    assert refusal(city, i.Consult("c1", OUTSIDE)) == "consulting"
    for number in range(PARTIES_MAX - 1):
        city.put(i.PickedUp(leg=f"c1.{number + 2}"))
        city.put(i.Consult("c1", Destination(f"phone:p{number}")))
    city.put(i.PickedUp(leg=f"c1.{PARTIES_MAX + 1}"))
    assert refusal(city, i.Consult("c1", OUTSIDE)) == "consulting"


def test_nobody_is_rung_who_talks_already() -> None:
    city = talking("bo")
    city.call("c2", leg="c2")
    city.answer("c2")
    assert refusal(city, i.Consult("c1", BO)) == "busy"
    assert refusal(city, i.Consult("c1", Destination("sip:anna@desk"))) == "own_phone"


def test_a_consulted_agent_is_busy_and_free_again_after() -> None:
    city = consulting("bo", to=BO)
    city.call("c2", leg="c2")
    assert city.offers == {}
    city.put(i.DropParty("c1"))
    assert city.offers == {"bo": "c2"}


def test_an_agent_takes_the_contact_over() -> None:
    city = consulting("bo", to=BO, wrap_up=30.0)
    city.put(i.Connect("c1"))
    assert (talk(city).agent, talk(city).offer, talk(city).parties) == ("bo", "c1.2", ())
    assert city.state.agents["anna"].desk.work[0].wrapping_up, "the first agent's own wrap-up"
    city.wait(30)
    assert city.state.agents["anna"].desk.work == ()
    city.hang_up("c1")
    assert city.is_("c1") == "WrappingUp"
    assert city.state.agents["bo"].desk.work[0].wrapping_up


def test_somebody_outside_the_queues_keeps_the_citizen() -> None:
    city = consulting()
    city.put(i.Connect("c1"))
    assert city.is_("c1") == "Forwarded"
    city.call("c2", leg="c2")
    assert city.offers == {"anna": "c2"}, "free for the next"
    city.put(i.HungUp(leg="c1.2", cause="hung_up"))
    assert city.of(f.ContactEnded, "c1")[0].outcome == "connected"


def test_connecting_before_they_answer_lets_it_ring() -> None:
    city = talking()
    city.put(i.Consult("c1", LIBRARY))
    city.put(i.Connect("c1"))
    assert city.is_("c1") == "Forwarded"
    city.put(i.NotPickedUp(leg="c1.2", cause="no_answer"))
    assert city.offers == {"anna": "c1"}, "back with who sent it on"
    assert city.spot("c1").returned == f.Returned("no_answer", LIBRARY)


def test_putting_the_phone_down_in_a_consultation_connects() -> None:
    city = consulting()
    city.put(i.HungUp(leg="c1.1", cause="hung_up"))
    assert city.is_("c1") == "Forwarded"


def test_putting_the_phone_down_on_a_citizen_on_hold_calls_the_agent_back() -> None:
    city = talking()
    city.put(i.Hold("c1"))
    city.put(i.HungUp(leg="c1.1", cause="hung_up"))
    assert talk(city).offer == "c1.2"
    assert not talk(city).agent_there
    city.put(i.PickedUp(leg="c1.2"))
    assert talk(city).agent_there
    assert talk(city).held == ()


def test_a_citizen_who_hangs_up_ends_it_for_all() -> None:
    city = consulting("bo", to=BO)
    city.hang_up("c1")
    assert city.is_("c1") == "Gone"
    assert city.state.agents["bo"].desk.work == ()


# ---- a leg lost is not a call lost -----------------------------------------------------------------------------


def test_an_agent_whose_phone_vanishes_is_called_back() -> None:
    city = talking()
    city.put(i.HungUp(leg="c1.1", cause="cut_off"))
    assert city.of(f.AgentCalledBack)[0].offer == "c1.2"
    assert city.agent("anna") == "Ready", "nobody's fault so far"
    city.call("c2", leg="c2")
    assert city.offers == {}, "and has a call in hand still"
    city.put(i.PickedUp(leg="c1.2"))
    assert talk(city).agent_there


def test_the_place_in_line_is_kept_when_the_agent_does_not_come_back() -> None:
    city = talking("bo")
    place = talk(city).spot.place
    city.put(i.HungUp(leg="c1.1", cause="cut_off"))
    city.wait(CALL_BACK)
    assert city.agent("anna") == "NotResponding"
    assert city.offers == {"bo": "c1"}
    assert city.spot("c1").place == place


def test_a_phone_that_cannot_be_reached_is_tried_again_for_a_while() -> None:
    city = talking()
    city.put(i.HungUp(leg="c1.1", cause="cut_off"))
    for number in range(2, 5):
        city.put(i.NotPickedUp(leg=f"c1.{number}", cause="unreachable"))
        city.wait(CALL_AGAIN)
        assert talk(city).offer == f"c1.{number + 1}"
    city.put(i.PickedUp(leg="c1.5"))
    assert talk(city).agent_there


def test_the_whole_time_is_given_to_a_phone_that_cannot_be_rung() -> None:
    """Also when no attempt fits in any more."""
    city = talking()
    city.put(i.HungUp(leg="c1.1", cause="cut_off"))
    city.wait(CALL_BACK - 0.1)
    city.put(i.NotPickedUp(leg="c1.2", cause="unreachable"))
    assert city.is_("c1") == "Connected"
    city.wait(0.1)
    assert city.is_("c1") == "Waiting"


def test_an_agent_who_declines_to_be_called_back_gives_the_citizen_back() -> None:
    city = talking()
    city.put(i.HungUp(leg="c1.1", cause="cut_off"))
    city.put(i.NotPickedUp(leg="c1.2", cause="declined"))
    assert city.is_("c1") == "Waiting"


# ---- wrap-up ---------------------------------------------------------------------------------------------------


def test_wrap_up_can_be_extended_up_to_its_limit() -> None:
    city = talking(wrap_up=30.0, wrap_up_extension=60.0, wrap_up_max=120.0)
    city.hang_up("c1")
    city.put(i.ExtendWrapUp("c1"))
    city.wait(89)
    assert city.is_("c1") == "WrappingUp"
    city.put(i.ExtendWrapUp("c1"))
    assert refusal(city, i.ExtendWrapUp("c1")) == "wrap_up_limit"
    city.wait(31)
    assert city.is_("c1") == "Gone"


def test_the_wrap_up_of_one_who_passed_the_contact_on_ends_by_word_or_time() -> None:
    city = consulting(wrap_up=30.0)
    city.put(i.Connect("c1"))
    city.put(i.EndWrapUp("c1", "anna"))
    assert city.state.agents["anna"].desk.work == ()
    assert city.is_("c1") == "Forwarded"
    assert refusal(city, i.EndWrapUp("c1", "anna")) == "not_wrapping_up"


# ---- phones ----------------------------------------------------------------------------------------------------


def test_a_phone_that_is_gone_is_not_rung() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.put(i.PhoneGone(phone="sip:anna@desk"))
    city.call("c1", leg="c1")
    assert city.offers == {"bo": "c1"}
    city.mail("m1")
    assert city.offers == {"bo": "c1", "anna": "m1"}, "what needs no phone goes on"


def test_an_offer_to_a_phone_that_goes_is_taken_back_and_counts_for_nobody() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1", leg="c1")
    city.put(i.PhoneGone(phone="sip:anna@desk"))
    assert city.offers == {"bo": "c1"}
    assert city.agent("anna") == "Ready"
    city.put(i.PhoneSeen(phone="sip:anna@desk"))
    city.call("c2", leg="c2")
    assert city.offers == {"bo": "c1", "anna": "c2"}


def test_a_phone_may_be_gone_before_its_agent_logs_in() -> None:
    city = City(agents=[agent("anna")], ready=False)
    city.put(i.PhoneGone(phone="sip:anna@desk"))
    city.ready("anna")
    city.call("c1", leg="c1")
    assert city.offers == {}
    city.put(i.PhoneSeen(phone="sip:anna@desk"))
    assert city.offers == {"anna": "c1"}


def test_who_logs_in_at_a_phone_takes_it_over_from_one_who_forgot_to_leave() -> None:
    city = City(agents=[agent("anna"), agent("bo")], ready=False)
    city.put(i.LogIn("anna", "phone:desk1"))
    city.put(i.LogIn("bo", "phone:desk1"))
    assert city.agent("anna") == "LoggedOut"
    city.ready("bo")
    city.call("c1", leg="c1")
    city.answer("c1")
    assert refusal(city, i.LogIn("anna", "phone:desk1")) == "phone_taken"
