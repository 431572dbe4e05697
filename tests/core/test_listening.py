"""Listening to a talk: rung, heard by nobody, the agent or all, and never somebody who serves the citizen."""

import pytest

from router import facts as f
from router import inputs as i
from router.configuration import Rules
from router.contact import Connected, Listener
from router.dialling import Destination
from router.inputs import Refused
from tests.core.city import City, agent, queue

LEAD = Destination("phone:lead")


def talking(**changes: object) -> City:
    """Return a city in which anna talks with c1; bo is at work, and paused."""
    city = City([queue("tax", wrap_up=20.0)], [agent("anna"), agent("bo")], **changes)  # type: ignore[arg-type]
    city.put(i.Pause("bo", "meeting"))
    city.call("c1", leg="c1", person="p1")
    city.answer("c1")
    return city


def listener(city: City) -> Listener | None:
    contact = city.state.contacts["c1"]
    assert isinstance(contact, Connected)
    return contact.listener


def listening(city: City, to: Destination = LEAD) -> str:
    """Let somebody listen; return the leg."""
    city.put(i.Listen("c1", to, "listen"))
    leg = str(city.of(f.ListenerInvited)[-1].party)
    city.put(i.PickedUp(leg=leg))
    return leg


def test_somebody_is_rung_listens_and_is_heard_by_others_as_asked() -> None:
    city = talking()
    leg = listening(city)
    assert listener(city) == Listener(leg, LEAD, "listen")
    for mode in ("whisper", "barge", "listen"):
        city.put(i.Listen("c1", None, mode))
        assert listener(city).mode == mode  # type: ignore[union-attr]
    assert city.put(i.Listen("c1", LEAD, "listen")) == [], "asked for again, nothing changes"
    city.put(i.HungUp(leg=leg, cause="hung_up"))
    assert listener(city) is None
    assert city.is_("c1") == "Connected"


def test_nobody_picks_up() -> None:
    city = talking()
    city.put(i.Listen("c1", LEAD, "listen"))
    city.wait(20.0)
    assert listener(city) is None
    assert [fact.cause for fact in city.of(f.ListenerLeft)] == ["no_answer"]


def test_who_listens_is_nobody_to_leave_the_citizen_with_and_answers_no_wish_for_help() -> None:
    city = talking()
    city.put(i.AskHelp("c1"))
    listening(city)
    city.put(i.Listen("c1", None, "barge"))
    for request in (i.Connect("c1"), i.Swap("c1"), i.DropParty("c1")):
        with pytest.raises(Refused):
            city.put(request)
    assert city.of(f.HelpEnded) == []
    assert city.of(f.PartyInvited) == []
    city.put(i.Consult("c1", Destination("phone:library")))  # and there is room for whom the agent wants
    assert listener(city) is not None


def test_it_ends_with_the_talk_of_the_agent() -> None:
    city = talking()
    leg = listening(city)
    city.put(i.Finish("c1"))
    assert [(fact.party, fact.cause) for fact in city.of(f.ListenerLeft)] == [(leg, "dropped")]
    assert city.is_("c1") == "WrappingUp"


def test_an_agent_who_listens_is_offered_no_call_and_is_free_again_afterwards() -> None:
    city = talking()
    city.ready("bo")
    listening(city, Destination("sip:bo@desk"))
    city.call("c2", leg="c2")
    assert city.offers == {}
    city.put(i.StopListening("c1"))
    assert city.offers == {"bo": "c2"}
    assert city.of(f.ContactHandedOver) == []


def test_one_listens_at_a_time_from_a_phone_of_the_house() -> None:
    city = talking()
    refusals = {
        "nobody_listens": i.Listen("c1", None, "whisper"),
        "not_inside": i.Listen("c1", Destination("number:7", country="SE"), "listen"),
        "own_phone": i.Listen("c1", Destination("sip:anna@desk"), "listen"),
        "unknown_contact": i.Listen("c9", LEAD, "listen"),
    }
    listening_later = {"listened_to": i.Listen("c1", Destination("phone:other"), "listen")}
    for error_id, request in refusals.items():
        with pytest.raises(Refused) as refused:
            city.put(request)
        assert refused.value.error_id == error_id
    listening(city)
    for error_id, request in listening_later.items():
        with pytest.raises(Refused) as refused:
            city.put(request)
        assert refused.value.error_id == error_id


def test_agents_are_shown_it_unless_the_house_wants_otherwise() -> None:
    for shown in (True, False):
        city = talking(rules=Rules(listening_shown=shown))
        listening(city)
        assert listener(city).shown is shown  # type: ignore[union-attr]
