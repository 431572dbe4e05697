"""What those who lead change for now: urgency, who gets a contact next, assignments, a queue's day, notices, alarms."""

from datetime import time

import pytest

from queues.hours import Hours
from router import facts as f
from router import inputs as i
from router.explain import why_waiting
from router.inputs import Refused
from router.leading import MESSAGES_MAX
from tests.core.city import City, agent, queue, steps

HOUR = 3600.0


def refused(city: City, request: i.AnyRequest) -> str:
    with pytest.raises(Refused) as told:
        city.put(request)
    return told.value.error_id


def line(*contacts: str) -> City:
    """Return a city in which these wait, each ten seconds longer than the next, and anna is paused."""
    city = City([queue("tax")], [agent("anna")])
    city.put(i.Pause("anna", "meeting"))
    for contact in contacts:
        city.call(contact)
        city.wait(10.0)
    return city


# ---- urgency ---------------------------------------------------------------------------------------------------


def test_a_factor_is_a_weight_of_rule_3() -> None:
    city = line("c1", "c2")
    city.put(i.Urge("c2", factor=3.0))
    waiting = city.state.contacts["c2"]
    why = why_waiting(city.state, waiting, city.now)  # type: ignore[arg-type]
    assert (why.factor, why.first, why.urgency) == (3.0, False, 10.0 / 60.0 * 3.0)
    city.ready("anna")
    assert city.offers == {"anna": "c2"}


def test_first_in_line_goes_before_all_others_of_the_queue_also_before_urgent_ones() -> None:
    city = line("c1", "c2", "c3")
    city.put(i.Urge("c1", factor=100.0))
    city.put(i.Urge("c3", first=True))
    assert [city.state.lines.ahead_of(city.state.contacts[one]) for one in ("c3", "c1", "c2")] == [0, 1, 2]  # type: ignore[arg-type]
    city.ready("anna")
    assert city.offers == {"anna": "c3"}


def test_urgency_stays_through_an_offer_that_comes_to_nothing_and_can_be_taken_back() -> None:
    city = line("c1", "c2")
    city.put(i.Urge("c2", first=True))
    city.ready("anna")
    city.fail("c2")
    assert city.spot("c2").first
    city.put(i.Urge("c2"))
    assert (city.spot("c2").first, city.spot("c2").weight) == (False, 1.0)
    assert refused(city, i.Urge("c2", factor=0.0)) == "bad_factor"
    assert refused(city, i.Urge("c9")) == "unknown_contact"


# ---- who gets it next ------------------------------------------------------------------------------------------


def test_a_contact_waits_for_the_agent_who_is_to_get_it_next_and_goes_first_there() -> None:
    city = City([queue("tax")], [agent("anna"), agent("bo")])
    city.put(i.Pause("bo", "meeting"))
    city.call("c0")
    city.answer("c0")
    city.call("c1")
    city.call("c2")
    city.put(i.AssignContact("c2", "anna", city.now + 600.0))
    city.ready("bo")
    assert city.offers == {"bo": "c1"}, "nobody else gets it"
    city.finish("c0")
    assert city.offers["anna"] == "c2"
    assert city.of(f.OfferMade)[-1].rule == "preferred"


def test_a_contact_that_is_being_offered_is_taken_back_for_the_other_and_nobody_is_blamed() -> None:
    city = City([queue("tax")], [agent("anna"), agent("bo")])
    city.call("c1")
    (asked,) = city.offers
    other = "bo" if asked == "anna" else "anna"
    city.put(i.AssignContact("c1", other, city.now + 600.0))
    assert city.offers == {other: "c1"}
    assert [fact.cause for fact in city.of(f.OfferWithdrawn)] == ["assigned"]
    assert city.agent(asked) == "Ready"


def test_within_the_rules_alone() -> None:
    city = City(
        [queue("tax", requirement=steps(({"finnish": 1}, 0.0)))],
        [agent("anna", skills={"finnish": 2}), agent("bo"), agent("cy", skills={"finnish": 2})],
    )
    city.log_out("cy")
    city.call("c1")
    assert refused(city, i.AssignContact("c1", "bo", city.now + 60.0)) == "cannot_serve"  # rule 1
    assert refused(city, i.AssignContact("c1", "cy", city.now + 60.0)) == "cannot_serve"  # not at work
    city.fail("c1")
    assert refused(city, i.AssignContact("c1", "anna", city.now + 60.0)) == "agent_rests"
    assert refused(city, i.AssignContact("c1", "dia", city.now + 60.0)) == "unknown_agent"
    assert refused(city, i.AssignContact("c1", "anna", city.now)) == "bad_time"


def test_when_the_time_is_over_anybody_may_get_it() -> None:
    city = line("c1")
    city.put(i.AssignContact("c1", "anna", city.now + 60.0))
    city.wait(60.0)
    assert [fact.contact for fact in city.of(f.GraceEnded)] == ["c1"]


# ---- agents ----------------------------------------------------------------------------------------------------


def two_queues() -> City:
    return City([queue("tax"), queue("parks")], [agent("anna", "tax"), agent("bo", "parks")])


def test_an_agent_serves_other_queues_for_now_and_what_is_configured_afterwards() -> None:
    city = two_queues()
    city.log_out("bo")
    city.put(i.AssignAgent("anna", {"parks": 0}, until=city.now + 100.0))
    city.call("c1", "parks")
    assert city.offers == {"anna": "c1"}
    city.answer("c1")
    city.finish("c1")
    city.wait(100.0)
    assert [fact.cause for fact in city.of(f.AssignmentEnded)] == ["over"]
    assert city.state.staff["anna"].queues == {"tax": 0}


def test_an_offer_that_an_agent_may_not_take_any_more_is_taken_back() -> None:
    city = two_queues()
    city.call("c1")
    city.put(i.AssignAgent("anna", {"parks": 0}))
    assert city.offers == {}
    city.put(i.EndAssignment("anna"))
    assert city.offers == {"anna": "c1"}
    assert refused(city, i.EndAssignment("anna")) == "not_assigned"


def test_skills_for_now_count_for_those_who_wait() -> None:
    needs_finnish = queue("tax", requirement=steps(({"finnish": 2}, 0.0)))
    city = City([needs_finnish], [agent("anna"), agent("bo", skills={"finnish": 3})])
    city.put(i.Pause("bo", "meeting"))
    city.call("c1")
    assert city.offers == {}
    city.put(i.AssignAgent("anna", skills={"finnish": 2}))
    assert city.offers == {"anna": "c1"}


def test_a_restart_and_a_new_configuration_leave_it_as_it_is() -> None:
    city = two_queues()
    city.put(i.AssignAgent("anna", {"parks": 2, "tax": 0}, {"sign": 1}))
    city.restart()
    city.reconfigure([queue("tax"), queue("parks"), queue("new")], [agent("anna", "new"), agent("bo", "parks")])
    settings = city.state.settings("anna")
    assert (settings.queues, settings.skills) == ({"parks": 2, "tax": 0}, {"sign": 1})
    city.reconfigure([queue("tax")], [agent("anna", "tax")])
    assert city.state.settings("anna").queues == {"tax": 0}, "of queues that there are"


@pytest.mark.parametrize(
    ("request_", "error_id"),
    [
        (i.AssignAgent("nobody", {"tax": 0}), "unknown_agent"),
        (i.AssignAgent("anna", {"nowhere": 0}), "unknown_queue"),
        (i.AssignAgent("anna", skills={"sign": 6}), "bad_skill"),
        (i.AssignAgent("anna", skills={"place:hall": 1}), "bad_skill"),
        (i.AssignAgent("anna"), "nothing_chosen"),
        (i.AssignAgent("anna", {"tax": 0}, until=-1.0), "bad_time"),
    ],
)
def test_what_cannot_be_assigned(request_: i.AssignAgent, error_id: str) -> None:
    assert refused(two_queues(), request_) == error_id


# ---- queues ----------------------------------------------------------------------------------------------------


def office() -> City:
    """Return a city whose queue is open from eight to ten; it is nine."""
    hours = Hours(week={day: ((time(8), time(10)),) for day in range(1, 8)})
    return City([queue("tax", hours=hours)], [agent("anna")], now=9 * HOUR)


def test_a_queue_is_closed_for_now_and_its_hours_come_back() -> None:
    city = office()
    city.put(i.SetToday("tax", open=False, until=9.5 * HOUR))
    assert not city.state.is_open("tax")
    city.call("c1")
    assert city.is_("c1") == "Leaving"
    city.restart()
    assert not city.state.is_open("tax")
    city.wait(0.5 * HOUR)
    assert city.state.is_open("tax")
    assert [fact.cause for fact in city.of(f.QueueTodayEnded)] == ["over"]


def test_a_queue_is_open_beyond_its_hours_until_it_is_ended() -> None:
    city = office()
    city.put(i.SetToday("tax", open=True, until=24 * HOUR))
    city.wait(2 * HOUR)
    assert city.state.is_open("tax")
    city.put(i.EndToday("tax"))
    assert not city.state.is_open("tax")
    assert refused(city, i.EndToday("tax")) == "keeps_hours"
    assert refused(city, i.SetToday("tax", open=True, until=200 * HOUR)) == "bad_time"
    assert refused(city, i.SetToday("parks", open=True, until=24 * HOUR)) == "unknown_queue"


def test_alarms_are_raised_once_and_over_once() -> None:
    city = office()
    for raised in (True, True, False, False):
        city.put(i.QueueAlarm(queue="tax", alarm="waiting", raised=raised))
    city.put(i.QueueAlarm(queue="nowhere", alarm="waiting", raised=True))
    assert [type(fact) for fact in city.facts if isinstance(fact, f.AlarmRaised | f.AlarmOver)] == [
        f.AlarmRaised,
        f.AlarmOver,
    ]


def test_whoever_is_to_be_told_of_an_alarm_is_told_once_and_of_its_end_whatever_fails_meanwhile() -> None:
    city = City([queue("tax")], [agent("anna")], alarm_ways=("webhook", "mail:0"))
    city.put(i.QueueAlarm(queue="tax", alarm="waiting", raised=True))
    by_hook, by_mail = city.state.alerts
    city.put(i.AlertTaken(alert=by_mail))
    city.put(i.AlertTaken(alert=by_mail))
    city.put(i.AlertNotTaken(alert=by_hook, cause="away", retry_at=city.now + 5.0))
    city.restart()
    (alert,) = city.state.alerts.values()
    assert (alert.id, alert.attempts, alert.due) == (by_hook, 1, 5.0)
    city.put(i.AlertNotTaken(alert=by_hook, cause="rejected"))
    city.wait(60.0)
    city.put(i.QueueAlarm(queue="tax", alarm="waiting", raised=False))
    assert [(one.way, one.over) for one in city.state.alerts.values()] == [("webhook", True), ("mail:0", True)]
    assert len(city.of(f.AlertSent)) == 1


# ---- what all are told -----------------------------------------------------------------------------------------


def test_a_notice_is_for_the_agents_of_its_queues_until_it_is_over() -> None:
    city = two_queues()
    city.put(i.PostBulletin("n1", ("tax",), city.now + 100.0))
    city.put(i.ReadBulletin("n1", "anna"))
    assert city.put(i.ReadBulletin("n1", "anna")) == []
    assert refused(city, i.ReadBulletin("n1", "bo")) == "unknown_notice"
    assert city.state.bulletins["n1"].readers == ("anna",)
    city.restart()
    city.wait(100.0)
    assert city.state.bulletins == {}
    assert refused(city, i.EndBulletin("n1")) == "unknown_notice"
    assert refused(city, i.PostBulletin("n2", ("nowhere",), city.now + 1.0)) == "unknown_queue"


# ---- what one agent writes to another --------------------------------------------------------------------------


def test_a_message_is_for_one_agent_and_gone_once_it_is_read() -> None:
    city = two_queues()
    city.put(i.PostBulletin("m1", (), city.now + 100.0, "anna", "bo"))
    assert refused(city, i.ReadBulletin("m1", "bo")) == "unknown_notice"
    city.restart()
    assert (city.state.bulletins["m1"].agent, city.state.bulletins["m1"].by) == ("anna", "bo")
    read, ended = city.put(i.ReadBulletin("m1", "anna"))
    assert isinstance(read, f.BulletinRead)
    assert isinstance(ended, f.BulletinEnded)
    assert ended.agent == "anna"
    assert city.state.bulletins == {}


def test_whoever_is_not_read_cannot_write_on_and_on() -> None:
    city = two_queues()
    for number in range(MESSAGES_MAX):
        city.put(i.PostBulletin(f"m{number}", (), city.now + 100.0, "anna", "bo"))
    assert refused(city, i.PostBulletin("more", (), city.now + 100.0, "anna", "bo")) == "too_many_messages"
    city.put(i.PostBulletin("other", (), city.now + 100.0, "bo", "anna"))
    city.put(i.PostBulletin("all", (), city.now + 100.0))  # what all are told is counted apart
    city.put(i.ReadBulletin("m0", "anna"))
    city.put(i.PostBulletin("more", (), city.now + 100.0, "anna", "bo"))
    assert refused(city, i.PostBulletin("m", (), city.now + 100.0, "nobody", "anna")) == "unknown_agent"
