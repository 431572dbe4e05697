"""Handing over to specialists: with a note, back to the guide when nobody takes it; leaving, asking, getting help."""

from datetime import time

import pytest

from queues.hours import Hours
from queues.queue import SecondLine
from router import facts as f
from router import inputs as i
from router.configuration import Rules
from router.contact import Connected
from router.dialling import Destination
from router.inputs import Refused
from tests.core.city import City, agent, queue

HOUR = 3600.0
GUIDE, EXPERT = "gunn", "elin"


def hours(opens: int, closes: int) -> Hours:
    return Hours(week={day: ((time(opens), time(closes)),) for day in range(1, 8)})


def town(*, now: float = 9 * HOUR, open_hours: Hours | None = None, expert: bool = True, **limits: float) -> City:
    """Return a first line with a guide and a second line with a specialist who works from eight to ten."""
    second = queue(
        "permits",
        hours=open_hours or hours(8, 10),
        second_line=SecondLine(**{"live": 60.0, "deferred": 1800.0, **limits}),
    )
    people = [agent(GUIDE, "front"), agent("greta", "front"), agent(EXPERT, "permits")]
    city = City([queue("front", wrap_up=20.0), second], people, now=now, ready=False)
    city.ready(GUIDE, *([EXPERT] if expert else []))
    return city


def with_guide(city: City, contact: str, channel: str = "call") -> None:
    city.arrive(contact, "front", channel, leg=contact if channel in ("call", "text") else "", person="p1")
    if channel in ("call",):
        city.answer(contact)
    else:
        city.put(i.AcceptOffer(city.offer_of(contact)))


CHANNELS = ["call", "text", "chat", "visit", "mail", "post"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_contact_of_any_channel_goes_to_the_second_line_with_a_note(channel: str) -> None:
    city = town()
    with_guide(city, "c1", channel)
    city.wait(30.0)
    city.put(i.SendToQueue("c1", "permits", remark=True))
    (remark,) = city.of(f.RemarkAdded)
    assert (remark.contact, remark.number, remark.writer) == ("c1", 1, GUIDE)
    assert city.offers == {EXPERT: "c1"}
    spot = city.spot("c1")
    assert (spot.sent.by, spot.sent.queue) == (GUIDE, "front")  # type: ignore[union-attr]
    assert city.state.waited(city.state.contacts["c1"], city.now) >= 30.0  # type: ignore[arg-type]  # rule 7


@pytest.mark.parametrize("channel", ["call", "chat", "visit"])
def test_what_nobody_takes_comes_back_to_the_guide_with_place_and_reason(channel: str) -> None:
    city = town()
    with_guide(city, "c1", channel)
    place = city.spot("c1").place
    city.put(i.Pause(EXPERT, "meeting"))
    city.put(i.SendToQueue("c1", "permits"))
    city.wait(59.0)
    assert city.spot("c1").queue == "permits"
    city.wait(1.0)
    spot = city.spot("c1")
    assert (spot.queue, spot.place, spot.sent) == ("front", place, None)
    assert spot.returned == f.Returned("not_taken", queue="permits")
    assert city.offers == {GUIDE: "c1"}


def test_a_mail_comes_back_after_the_open_time_that_its_specialists_have_for_it() -> None:
    city = town(now=9.75 * HOUR, expert=False)
    with_guide(city, "m1", "mail")
    city.put(i.SendToQueue("m1", "permits", remark=True))
    city.wait(10 * HOUR)
    assert city.spot("m1").queue == "permits"  # a quarter of an hour of the half that they have
    city.wait(12.5 * HOUR + 60.0)
    assert city.spot("m1").queue == "front"
    assert city.spot("m1").returned == f.Returned("not_taken", queue="permits")


def test_the_line_that_closes_gives_callers_back() -> None:
    city = town(now=10 * HOUR - 30.0)
    with_guide(city, "c1")
    city.put(i.Pause(EXPERT, "meeting"))
    city.put(i.SendToQueue("c1", "permits"))
    city.put(i.LogOut(EXPERT))
    assert city.spot("c1").returned == f.Returned("nobody", queue="permits")
    assert city.offers == {GUIDE: "c1"}


def test_a_closed_line_is_refused_but_the_matter_can_be_left_for_it() -> None:
    city = town(now=20 * HOUR, expert=False)
    with_guide(city, "c1", "chat")
    with pytest.raises(Refused) as refused:
        city.put(i.SendToQueue("c1", "permits", remark=True))
    assert refused.value.error_id == "queue_closed"
    city.put(i.LeaveFor("c1", "permits", "left1"))
    left = city.state.contacts["left1"].card
    assert (left.channel, left.about, left.matter, left.person, left.remarks) == ("message", "c1", "c1", "p1", 1)
    assert city.is_("left1") == "Waiting"
    assert [one.prompt for one in city.of(f.MessageAdded, "c1")] == ["left_for_colleagues"]
    assert city.is_("c1") == "Connected"
    city.finish("c1")
    city.put(i.EndWrapUp("c1"))
    city.wait(12 * HOUR)
    city.ready(EXPERT)
    assert city.offers == {EXPERT: "left1"}


def test_a_follow_up_is_left_while_wrapping_up_too_and_a_question_never_is() -> None:
    city = town(now=20 * HOUR, expert=False)
    with_guide(city, "c1", "chat")
    city.finish("c1")
    assert city.is_("c1") == "WrappingUp"
    city.put(i.LeaveFor("c1", "permits", "left1"))
    left = city.state.contacts["left1"].card
    assert (left.channel, left.about, left.person, left.remarks) == ("message", "c1", "p1", 1)
    assert city.of(f.MessageAdded, "c1") == [], "nobody is there any more who would read it"
    city.put(i.EndWrapUp("c1"))
    with pytest.raises(Refused) as refused:
        city.put(i.LeaveFor("c1", "permits", "left2"))
    assert refused.value.error_id in ("not_connected", "unknown_contact")


def test_when_the_guide_has_gone_whoever_is_there_gets_it_back() -> None:
    city = town()
    with_guide(city, "c1")
    city.put(i.Pause(EXPERT, "meeting"))
    city.put(i.SendToQueue("c1", "permits"))
    city.put(i.EndWrapUp("c1", GUIDE))
    city.ready("greta")
    city.log_out(GUIDE)
    city.wait(60.0)
    assert city.offers == {"greta": "c1"}


def test_a_specialist_who_hands_back_lets_it_wait_anew() -> None:
    city = town()
    with_guide(city, "c1")
    city.put(i.SendToQueue("c1", "permits"))
    city.answer("c1")
    city.wait(300.0)
    city.put(i.HandBack("c1"))
    city.put(i.Pause(EXPERT, "meeting"))
    city.wait(59.0)
    assert city.spot("c1").queue == "permits"
    city.wait(1.0)
    assert city.spot("c1").queue == "front"


def test_a_configuration_cannot_take_away_the_line_that_somebody_comes_back_to() -> None:
    city = town()
    with_guide(city, "c1")
    city.put(i.SendToQueue("c1", "permits"))
    with pytest.raises(Refused) as refused:
        city.reconfigure([queue("permits")], [agent(EXPERT, "permits")])
    assert refused.value.error_id == "queue_in_use"


# ---- asking ----------------------------------------------------------------------------------------------------


def test_a_question_goes_through_the_line_and_the_contact_stays() -> None:
    city = town()
    with_guide(city, "c1", "chat")
    city.put(i.AskQueue("c1", "permits", "q1"))
    assert city.offers == {EXPERT: "q1"}
    city.put(i.AcceptOffer(city.offer_of("q1")))
    city.put(i.AddRemark("q1", EXPERT))
    assert [(one.contact, one.number, one.writer) for one in city.of(f.RemarkAdded)] == [
        ("c1", 1, GUIDE),
        ("c1", 2, EXPERT),
    ]
    city.finish("q1")
    assert (city.is_("q1"), city.is_("c1")) == ("Gone", "Connected")


@pytest.mark.parametrize("answered", ["waits", "offered", "taken"])
def test_a_question_ends_with_what_it_is_about(answered: str) -> None:
    city = town(expert=answered != "waits")
    with_guide(city, "c1", "chat")
    city.put(i.AskQueue("c1", "permits", "q1"))
    if answered == "taken":
        city.put(i.AcceptOffer(city.offer_of("q1")))
    city.finish("c1")
    city.put(i.EndWrapUp("c1"))
    assert city.is_("q1") == "Gone"
    assert city.agent(EXPERT) in ("Ready", "LoggedOut")


def test_a_question_is_set_aside_for_a_call_and_comes_back() -> None:
    city = town()
    with_guide(city, "c1", "chat")
    city.put(i.AskQueue("c1", "permits", "q1"))
    city.put(i.AcceptOffer(city.offer_of("q1")))
    city.call("c2", "permits")
    city.answer("c2")
    assert city.state.contacts["q1"].aside  # type: ignore[union-attr]
    city.finish("c2")
    assert not city.state.contacts["q1"].aside  # type: ignore[union-attr]


# ---- talking with a specialist -----------------------------------------------------------------------------------


def seeking(city: City, contact: str) -> bool:
    state = city.state.contacts[contact]
    return isinstance(state, Connected) and state.seeking is not None


def test_anybody_of_the_second_line_is_consulted_and_connected() -> None:
    city = town()
    with_guide(city, "c1")
    city.put(i.ConsultQueue("c1", "permits"))
    (invited,) = city.of(f.PartyInvited)
    assert (invited.to, invited.of_queue, invited.held) == (EXPERT, "permits", ("c1",))
    city.put(i.PickedUp(leg=invited.party))
    assert not seeking(city, "c1")
    city.put(i.Connect("c1"))
    assert city.state.contacts["c1"].agent == EXPERT  # type: ignore[union-attr]


def test_the_next_specialist_is_rung_when_one_does_not_answer_and_nobody_in_the_end() -> None:
    second = queue("permits", second_line=SecondLine())
    people = [agent(GUIDE, "front"), agent(EXPERT, "permits"), agent("eskil", "permits")]
    city = City([queue("front", camp_limit=90.0), second], people)
    with_guide(city, "c1")
    city.put(i.ConsultQueue("c1", "permits"))
    first = city.of(f.PartyInvited)[-1]
    city.put(i.NotPickedUp(leg=first.party, cause="declined"))
    second_one = city.of(f.PartyInvited)[-1]
    assert {first.to, second_one.to} == {EXPERT, "eskil"}
    city.wait(20.0)
    assert len(city.of(f.PartyInvited)) == 2  # both were asked
    assert city.state.contacts["c1"].held == ()  # type: ignore[union-attr]  # guide and citizen talk meanwhile
    city.wait(70.0)
    assert city.of(f.ConsultEnded)[-1].cause == "nobody"
    assert not seeking(city, "c1")


def test_the_consultation_waits_for_somebody_to_become_free_and_goes_before_the_line() -> None:
    city = town()
    city.call("other", "permits")
    city.answer("other")
    with_guide(city, "c1")
    city.put(i.ConsultQueue("c1", "permits"))
    assert city.of(f.PartyInvited) == []
    city.call("waiting", "permits")
    city.finish("other")
    assert city.of(f.PartyInvited)[-1].to == EXPERT
    assert city.is_("waiting") == "Waiting"


def test_a_mail_is_set_aside_for_a_consultation_and_comes_back() -> None:
    city = town()
    city.mail("m1", "permits")
    city.put(i.AcceptOffer(city.offer_of("m1")))
    with_guide(city, "c1")
    city.put(i.ConsultQueue("c1", "permits"))
    assert city.state.contacts["m1"].aside  # type: ignore[union-attr]
    city.put(i.DropParty("c1", city.of(f.PartyInvited)[-1].party))
    city.put(i.DropParty("c1"))
    assert not seeking(city, "c1")
    assert not city.state.contacts["m1"].aside  # type: ignore[union-attr]


def test_a_search_that_is_taken_back_leaves_others_who_take_part() -> None:
    city = town()
    with_guide(city, "c1")
    for phone in ("phone:x", "phone:y"):
        city.put(i.Consult("c1", Destination(phone)))
        party = city.of(f.PartyInvited)[-1].party
        city.put(i.PickedUp(leg=party))
    city.call("c2", "permits")
    city.answer("c2")
    city.put(i.ConsultQueue("c1", "permits"))
    assert seeking(city, "c1")
    city.put(i.DropParty("c1"))
    contact = city.state.contacts["c1"]
    assert isinstance(contact, Connected)
    assert (contact.seeking, len(contact.parties)) == (None, 2)


# ---- help ------------------------------------------------------------------------------------------------------


def test_a_supervisor_joins_a_talk_and_nobody_is_on_hold() -> None:
    city = town()
    with_guide(city, "c1")
    city.put(i.AskHelp("c1"))
    assert city.state.contacts["c1"].help_since == city.now  # type: ignore[union-attr]
    city.put(i.JoinTalk("c1", Destination("phone:lead")))
    assert city.of(f.HelpEnded)[-1].cause == "answered"
    party = city.of(f.PartyInvited)[-1]
    city.put(i.PickedUp(leg=party.party))
    contact = city.state.contacts["c1"]
    assert isinstance(contact, Connected)
    assert (contact.held, len(contact.parties), contact.help_since) == ((), 1, None)


def test_help_is_not_wanted_any_more_once_somebody_else_has_the_contact() -> None:
    city = town()
    with_guide(city, "c1")
    city.put(i.AskHelp("c1"))
    city.put(i.SendToQueue("c1", "permits"))
    city.answer("c1")
    assert city.state.contacts["c1"].help_since is None  # type: ignore[union-attr]


# ---- the last agent --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["call", "chat", "visit", "mail", "post"])
@pytest.mark.parametrize("then", ["call", "chat", "visit", "mail", "post"])
def test_who_served_a_person_last_is_preferred_by_whatever_channel_they_come_again(first: str, then: str) -> None:
    city = City([queue("front")], [agent("anna", "front"), agent("bo", "front")], rules=Rules(last_agent=2 * HOUR))
    city.put(i.Pause("anna", "break"))
    with_guide(city, "c1", first)
    city.finish("c1")
    city.ready("anna")
    city.wait(HOUR)
    city.restart()
    city.put(i.Pause("bo", "break"))
    city.arrive("c2", "front", then, person="p1", leg="c2" if then == "call" else "")
    assert city.offers == {}  # it waits a while for the one who knows the matter
    city.ready("bo")
    assert city.offers == {"bo": "c2"}
    city.wait(2 * HOUR)
    assert city.state.last_agent(city.state.contacts["c2"].card, city.now) is None


def test_a_matter_is_known_again_though_its_person_comes_by_another_address() -> None:
    city = City([queue("front")], [agent("anna", "front"), agent("bo", "front")], rules=Rules(last_agent=HOUR))
    with_guide(city, "c1", "chat")
    served_by = city.state.contacts["c1"].agent  # type: ignore[union-attr]
    city.finish("c1")
    city.mail("m1", "front", person="p2", matter="c1")
    assert city.offers == {served_by: "m1"}
