"""What is counted, and when. `Counted` checks after each input that the figures add up."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, settings

from ivr.flow import Enter, Flow, HangUp, Menu, Say
from metrics.days import day_of
from metrics.figures import Figures, Spread
from metrics.formulas import Ending, announced_right
from metrics.projection import Projection
from queues.hours import Hours
from queues.queue import Survey, Target, WayOut
from router import facts as f
from router import inputs as i
from router.dialling import Destination
from tests.core.city import agent, local, needs, queue
from tests.core.test_properties import Anything
from tests.metrics.counted import Counted


class Counting(Anything):
    city_type = Counted


TestAnythingCounted = Counting.TestCase
TestAnythingCounted.settings = settings(
    max_examples=25, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)


def city(ready: bool = True, **changes: object) -> Counted:
    return Counted(queues=[queue(wrap_up=10.0, **changes)], agents=[agent("anna")], ready=ready)


def counts(figures: Figures) -> dict[str, object]:
    """Return what is not nothing, without the spreads."""
    fields = [name for name in Figures.__struct_fields__ if name not in ("wait", "talk")]
    return {name: value for name in fields if (value := getattr(figures, name))}


# ---- one contact -----------------------------------------------------------------------------------------------


def test_served_after_a_missed_offer() -> None:
    it = Counted(queues=[queue(wrap_up=10.0)], agents=[agent("anna"), agent("bo")])
    it.call("c")
    it.wait(20)
    it.wait(13)
    it.answer("c")
    it.wait(60)
    it.put(i.HungUp(leg=it.offer_of("c"), cause="hung_up"))
    it.wait(10)
    figures = it.figures()
    assert counts(figures) == {"arrived": 1, "answered": 1, "in_target": 1}
    assert (figures.wait.total, figures.talk.total) == (33, 60)
    assert it.totals.offers == {"no_answer": 1}
    assert it.totals.ended == {Ending("tax", "call", "served", True): 1}


@pytest.mark.parametrize(("left", "short", "in_target"), [(4.9, 1, 1), (5.0, 0, 1), (60.0, 0, 1), (100.0, 0, 0)])
def test_abandoned(left: float, short: int, in_target: int) -> None:
    it = Counted(agents=[agent("anna", capacity={"call": 0})])
    it.call("c", person="p")
    it.wait(left)
    it.hang_up("c")
    assert counts(it.figures()) == {"arrived": 1}, "until the kept place expires it may come back"
    it.wait(300)
    figures = it.figures()
    told = (figures.abandoned, figures.short_abandoned, figures.abandoned_in_target, figures.abandoned_wait)
    assert told == (1, short, in_target, left)
    assert figures.wait.number == 0


def test_cut_off_and_not_back() -> None:
    it = city()
    it.call("c")
    it.put(i.CitizenGone(contact="c", cause="cut_off"))
    assert counts(it.figures()) == {"arrived": 1, "lost": 1}


def test_left_before_asking_for_a_queue() -> None:
    menu = Flow(name="menu", nodes={"start": Menu(prompt="m", choices={"1": "end"}, otherwise="end"), "end": HangUp()})
    it = Counted(flows=[menu])
    it.call("c", "menu")
    it.hang_up("c")
    assert it.totals.queues == {}
    assert it.totals.ended == {Ending("", "call", "abandoned", False): 1}


def test_a_code_dialled_in_the_house_is_no_contact() -> None:
    code = Flow(name="*1", nodes={"start": Say(prompt="done", next="bye"), "bye": HangUp()})
    it = Counted(flows=[code])
    it.put(i.Arrived(contact="c", channel="call", entry="*1", leg="c", phone="phone:desk1"))
    assert "c" in it.state.contacts
    it.hang_up("c")
    assert "c" not in it.state.contacts
    assert it.totals.ended == {}


def test_back_in_time() -> None:
    it = Counted(agents=[agent("anna", capacity={"call": 0})])
    it.call("c", person="p")
    it.wait(10)
    it.hang_up("c")
    it.wait(30)
    it.call("d", person="p")
    assert counts(it.figures()) == {"arrived": 2, "resumed": 1}


def test_way_out_to_another_queue() -> None:
    full = queue("full", max_waiting=0, ways_out={"full": WayOut(to="queue", name="tax")})
    it = Counted(queues=[full, queue()], agents=[agent("anna", "full tax")])
    it.call("c", "full")
    it.wait(3)
    it.answer("c")
    assert counts(it.figures("full")) == {"arrived": 1, "turned_away": {"full": 1}}
    assert counts(it.figures()) == {"arrived": 1, "answered": 1, "in_target": 1}
    assert it.figures().wait.total == 3


def test_turned_away_after_waiting() -> None:
    it = Counted(queues=[queue(max_wait=30.0)], agents=[agent("anna", capacity={"call": 0})])
    it.call("c")
    it.wait(200)
    assert counts(it.figures()) == {"arrived": 1, "turned_away": {"too_long": 1}}
    assert it.totals.ended == {Ending("tax", "call", "turned_away", False): 1}


def test_the_agent_is_lost_and_another_found() -> None:
    it = Counted(agents=[agent("anna"), agent("bo")])
    it.call("c")
    it.wait(10)
    it.answer("c")
    it.wait(20)
    it.put(i.HungUp(leg=it.offer_of("c"), cause="cut_off"))
    it.wait(9)
    it.answer("c")
    it.wait(60)
    it.finish("c")
    figures = it.figures()
    assert counts(figures) == {"arrived": 1, "answered": 1, "in_target": 1}
    assert figures.wait == Spread([0, 0, 1, *[0] * 13], 10.0)
    assert (figures.talk.number, figures.talk.total) == (2, 80)


def test_who_was_answered_and_waits_again_in_vain_has_reached_a_person() -> None:
    it = Counted(agents=[agent("anna")])
    it.call("c")
    it.answer("c")
    it.put(i.HungUp(leg=it.offer_of("c"), cause="cut_off"))
    it.hang_up("c")
    assert counts(it.figures()) == {"arrived": 1, "answered": 1, "in_target": 1}
    assert it.totals.ended == {Ending("tax", "call", "abandoned", True): 1}


def test_time_set_aside_is_no_talk() -> None:
    it = Counted(agents=[agent("anna")])
    it.mail("m")
    it.put(i.AcceptOffer(it.offer_of("m")))
    it.wait(10)
    it.call("c")
    it.answer("c")
    it.wait(90)
    it.finish("c")
    it.wait(5)
    it.finish("m")
    assert it.figures(channel="mail").talk.total == 15


def test_a_callback_is_a_contact_of_its_own() -> None:
    it = Counted(agents=[agent("anna", capacity={"call": 0, "callback": 0})])
    it.call("c", person="p")
    it.wait(60)
    it.put(i.RegisterCallback("c"))
    assert counts(it.figures()) == {"arrived": 1, "withdrawn": 1}
    assert counts(it.figures(channel="callback")) == {"arrived": 1}


def test_mail_waits_in_open_time_and_a_caller_all_the_time() -> None:
    hours = Hours(week={day: ((time(0), time(0, 1)),) for day in range(1, 8)})
    it = Counted(queues=[queue(hours=hours, target=Target(wait=60.0))], agents=[agent("anna")], ready=False)
    it.put(i.LogIn("anna"))
    it.wait(30)
    it.mail("m")
    it.call("c")
    it.wait(86_400)
    it.put(i.GoReady("anna"))
    it.answer("c")
    it.finish("c")
    it.put(i.AcceptOffer(it.offer_of("m")))
    mail, call = it.figures(channel="mail"), it.figures()
    assert (mail.wait.total, mail.in_target) == (60, 1)
    assert (call.wait.total, call.in_target) == (86_400, 0)


def test_contacts_with_a_need_are_counted_beside_the_whole() -> None:
    finnish = Flow(name="finnish", nodes={"start": Enter(queue="tax", needs=needs({"finnish": 2, "sign": 1}))})
    it = Counted(flows=[finnish], agents=[agent("anna", skills={"finnish": 3, "sign": 1})])
    it.call("c")
    it.answer("c")
    it.finish("c")
    it.call("d", "finnish")
    it.wait(7)
    it.answer("d")
    assert counts(it.figures()) == {"arrived": 2, "answered": 2, "in_target": 2}
    assert set(it.totals.needs) == {("finnish", "call"), ("sign", "call")}
    assert it.totals.needs["finnish", "call"].wait.total == 7


def test_announced_waits_are_held_against_what_became_true() -> None:
    it = Counted(agents=[agent("anna", capacity={"call": 0}), agent("bo")], ready=False)
    it.ready("anna")
    for contact, low, high in (("held", 50, 100), ("sooner", 70, 100), ("later", 0, 40)):
        it.call(contact)
        it.projection.decided([f.WaitAnnounced(it.now, contact, 1, None, 1, low, high)], it.state)
    it.call("gone")
    it.projection.decided([f.WaitAnnounced(it.now, "gone", 1, None, 1, 0.0, 100.0)], it.state)
    it.wait(30)
    it.hang_up("gone")
    it.wait(30)
    it.ready("bo")
    for contact in ("held", "sooner", "later"):
        it.answer(contact)
        it.finish(contact)
    figures = it.figures()
    assert figures.told == {"held": 1, "sooner": 1, "later": 1}, "of who left before, nothing is known"
    assert figures.told_off == {"held": 0, "sooner": 10, "later": 20}
    assert announced_right(figures) == pytest.approx(1 / 3)


def test_who_gave_up_after_the_announced_time_was_told_wrong() -> None:
    it = Counted(agents=[agent("anna", capacity={"call": 0})])
    it.call("c")
    it.projection.decided([f.WaitAnnounced(it.now, "c", 1, None, 1, 0.0, 60.0)], it.state)
    it.wait(100)
    it.hang_up("c")
    assert it.figures().told == {"later": 1}


def test_who_leaves_by_a_key_is_not_turned_away() -> None:
    keys = {"1": WayOut(to="queue", name="parks")}
    it = Counted(queues=[queue(keys=keys), queue("parks")], agents=[agent("anna", "tax parks", capacity={"call": 0})])
    it.call("c")
    it.put(i.KeyPressed(contact="c", digit="1"))
    assert counts(it.figures()) == {"arrived": 1, "withdrawn": 1}
    assert counts(it.figures("parks")) == {"arrived": 1}


# ---- hands -----------------------------------------------------------------------------------------------------

COLLEAGUE = Destination("phone:02", "p2")


def test_a_call_of_ours_asks_for_nothing_and_talk_begins_when_the_citizen_answers() -> None:
    it = Counted(agents=[agent("anna")])
    it.put(i.PlaceCall("o", "anna", Destination("number:abc", country="SE"), "tax"))
    it.wait(4)
    it.put(i.PickedUp(leg="o.1"))
    it.wait(6)
    it.put(i.PickedUp(leg="o.c"))
    it.wait(50)
    it.put(i.CitizenGone(contact="o", cause="hung_up"))
    figures = it.figures(channel="outbound")
    assert (counts(figures), figures.talk.total) == ({}, 50)
    assert it.totals.ended == {Ending("tax", "outbound", "served", True): 1}


def test_a_call_of_ours_that_is_led_on_when_its_agent_is_gone_asked_for_nothing() -> None:
    on = WayOut(to="message", name="on")
    it = Counted(
        queues=[queue(ways_out={"nobody": on}), queue("parks")],
        agents=[agent("anna", "tax parks")],
        flows=[Flow(name="on", nodes={"start": Enter(queue="parks")})],
    )
    it.put(i.PlaceCall("o", "anna", Destination("number:abc", country="SE"), "tax"))
    it.put(i.PickedUp(leg="o.1"))
    it.put(i.PickedUp(leg="o.c"))
    it.put(i.HungUp(leg="o.1", cause="cut_off"))
    it.put(i.LogOut("anna"))
    it.wait(60)
    led = [(fact.queue, fact.obstacle) for fact in it.facts if isinstance(fact, f.WayOutTaken)]
    assert led == [("tax", "nobody"), ("parks", "nobody")]
    assert counts(it.figures("parks", channel="outbound")) == {}


def test_a_call_of_ours_that_nobody_answers_reaches_nobody() -> None:
    it = Counted(agents=[agent("anna")])
    it.put(i.PlaceCall("o", "anna", Destination("number:abc", country="SE"), "tax"))
    it.put(i.PickedUp(leg="o.1"))
    it.put(i.NotPickedUp(leg="o.c", cause="no_answer"))
    assert it.totals.ended == {Ending("tax", "outbound", "not_reached", False): 1}


def test_who_is_parked_or_sent_on_does_not_talk_with_an_agent() -> None:
    it = Counted(agents=[agent("anna")])
    it.call("c", leg="c")
    it.answer("c")
    it.wait(20)
    it.put(i.Park("c"))
    it.wait(30)
    it.put(i.Retrieve("1", "anna"))
    it.put(i.PickedUp(leg="c.2"))
    it.wait(10)
    it.put(i.Forward("c", COLLEAGUE))
    it.wait(5)
    assert it.figures().talk.total == 30
    assert counts(it.figures()) == {"arrived": 1, "answered": 1, "in_target": 1}


def test_a_lost_phone_ends_the_talk_until_the_agent_is_back() -> None:
    it = Counted(agents=[agent("anna")])
    it.call("c", leg="c")
    it.answer("c")
    it.wait(20)
    it.put(i.HungUp(leg=it.offer_of("c"), cause="cut_off"))
    it.wait(7)
    it.put(i.PickedUp(leg=it.offer_of("c")))
    it.wait(10)
    it.finish("c")
    assert (it.figures().talk.number, it.figures().talk.total) == (2, 30)


def test_unknown_contacts_are_passed_over() -> None:
    it, projection = city(), Projection(local)
    it.call("c")
    it.answer("c")
    projection.decided([fact for fact in it.facts if not isinstance(fact, f.ContactArrived)], it.state)
    assert projection.since_start(it.now).queues == {}
    it.call("x", "nowhere")
    assert it.totals.refused == 1


# ---- time ------------------------------------------------------------------------------------------------------


def test_share_of_open_time_with_somebody_eligible() -> None:
    it = city(ready=False)
    it.wait(100)
    it.put(i.LogIn("anna"))
    it.wait(100)
    it.put(i.GoReady("anna"))
    it.wait(100)
    it.call("c")
    it.answer("c")
    it.wait(100)
    totals = it.totals
    assert (totals.open["tax"], totals.staffed["tax"], totals.eligible["tax", "call"]) == (400, 300, 100)
    assert totals.eligible["tax", "mail"] == 100, "a mail is not offered on top of a call"
    it.wait(100)
    assert it.totals.open["tax"] == 500, "without a fact, up to the moment of asking"


def test_time_without_a_leader_is_not_counted_nor_the_quiet_time_before() -> None:
    it = city()
    it.wait(100)
    it.put(i.Pause("anna", "coffee"))
    it.wait(1000)
    it.restart()
    it.wait(50)
    assert it.totals.open["tax"] == 150


def test_the_day_begins_at_midnight_whenever_that_is_noticed() -> None:
    it = city()
    it.wait(86_000)
    it.call("c")
    it.answer("c")
    it.finish("c")
    assert it.projection.today(it.now)[1].queues["tax", "call"].answered == 1
    it.wait(1000)
    since, today = it.projection.today(it.now)
    assert (since, today.open["tax"]) == (86_400, 600)
    assert counts(today.queues["tax", "call"]) == {}
    it.call("d")
    it.answer("d")
    since, today = it.projection.today(it.now)
    assert (since, today.open["tax"]) == (86_400, 600)
    assert counts(today.queues["tax", "call"]) == {"arrived": 1, "answered": 1, "in_target": 1}
    assert it.figures().answered == 2


def test_a_restart_does_not_forget_the_day() -> None:
    it = city()
    it.call("c")
    it.answer("c")
    it.wait(30)
    it.restart()
    it.projection.started(it.now)
    it.finish("c")
    _, today = it.projection.today(it.now)
    assert counts(today.queues["tax", "call"]) == {"arrived": 1, "answered": 1, "in_target": 1}
    assert today.queues["tax", "call"].talk.total == 30
    assert counts(it.figures()) == {}, "what Prometheus is told begins anew"
    assert it.totals.ended == {}
    assert "offer_accepted" not in it.projection.facts_by_tag()


@pytest.mark.parametrize(
    ("at", "begin", "hours"),
    [
        ("2026-03-28T12:00:00+01:00", "2026-03-28T00:00:00+01:00", 24),
        ("2026-03-29T01:30:00+01:00", "2026-03-29T00:00:00+01:00", 23),
        ("2026-03-29T23:59:59+02:00", "2026-03-29T00:00:00+01:00", 23),
        ("2026-10-25T00:00:00+02:00", "2026-10-25T00:00:00+02:00", 25),
        ("2026-10-25T23:30:00+01:00", "2026-10-25T00:00:00+02:00", 25),
    ],
)
def test_days_on_which_clocks_change(at: str, begin: str, hours: float) -> None:
    def stockholm(now: float) -> datetime:
        return datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo("Europe/Stockholm")).replace(tzinfo=None)

    first, last = day_of(stockholm, datetime.fromisoformat(at).timestamp())
    assert first == datetime.fromisoformat(begin).timestamp()
    assert last - first == hours * 3600


def test_a_queue_that_is_no_more_is_not_told_of() -> None:
    it = city()
    it.wait(10)
    it.reconfigure(queues=[queue("parks")], agents=[agent("anna", "parks")])
    it.wait(10)
    assert it.totals.open == {"parks": 10}


def test_what_citizens_answer_to_the_survey_is_counted_by_queue_channel_and_language() -> None:
    it = city(survey=Survey(prompt="survey"))
    for contact, key in (("c1", "4"), ("c2", "4"), ("c3", None)):
        it.call(contact, leg=contact)
        it.answer(contact)
        it.put(i.HungUp(leg=it.offer_of(contact), cause="hung_up"))
        it.put(i.KeyPressed(contact=contact, digit=key) if key else i.HungUp(leg=contact, cause="hung_up"))
        it.wait(11)
    assert it.totals.survey_asked == {"tax": 3}
    ((answer, number),) = it.totals.survey_answers.items()
    assert (answer[:2], answer[3], number) == (("tax", "call"), "4", 2)
