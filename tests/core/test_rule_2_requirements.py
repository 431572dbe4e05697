"""Rule 2: what a contact needs widens with its waiting time."""

from datetime import time

from ivr.flow import Enter, Flow
from queues.hours import Hours
from router import facts as f
from router import inputs as i
from tests.core.city import City, agent, needs, queue, steps

WIDENING = steps(({"finnish": 3, "tax": 2}, 0.0), ({"finnish": 1}, 30.0), ({}, 60.0))


def test_a_step_widens_when_its_time_has_come() -> None:
    busy = agent("expert", skills={"finnish": 5, "tax": 5})
    city = City([queue(requirement=WIDENING)], [busy, agent("anna", skills={"finnish": 1}), agent("bo")])
    city.put(i.Pause("expert", "lunch"))
    city.call("c1")
    city.wait(29.9)
    assert city.offers == {}
    city.wait(0.1)
    assert city.offers == {"anna": "c1"}


def test_the_levels_of_the_queue_and_of_the_flow_are_joined() -> None:
    arabic = Flow(name="arabic", nodes={"start": Enter(queue="tax", needs=needs({"arabic": 2, "tax": 1}))})
    able = agent("bo", skills={"arabic": 2, "tax": 3})
    city = City(
        [queue(requirement=steps(({"tax": 3}, 0.0)))],
        [agent("anna", skills={"tax": 5}), able, agent("cy", skills={"arabic": 5, "tax": 2})],
        [arabic],
    )
    city.call("c1", "arabic")
    assert city.offers == {"bo": "c1"}


def test_a_step_that_nobody_logged_in_could_meet_is_skipped() -> None:
    city = City([queue(requirement=WIDENING)], [agent("anna", skills={"finnish": 1})])
    city.call("c1")
    assert city.offers == {"anna": "c1"}
    assert city.of(f.ContactQueued)[0].step == 1


def test_a_step_is_skipped_only_towards_a_wider_one() -> None:
    sideways = steps(({"finnish": 1}, 0.0), ({"tax": 1}, 30.0))
    city = City([queue(requirement=sideways)], [agent("anna", skills={"tax": 1})])
    city.call("c1")
    assert (city.spot("c1").step, city.offers) == (0, {})
    city.wait(30)
    assert city.offers == {"anna": "c1"}


def test_the_last_step_is_never_skipped() -> None:
    city = City([queue(requirement=steps(({"sign": 1}, 0.0)))], [agent("anna")])
    city.call("c1")
    assert [fact.obstacle for fact in city.of(f.WayOutTaken)] == ["nobody"]


def test_when_the_last_who_could_meet_a_step_leaves_the_waiting_go_on_to_a_wider_one() -> None:
    city = City(
        [queue(requirement=WIDENING)],
        [agent("expert", skills={"finnish": 5, "tax": 5}), agent("anna", skills={"finnish": 1})],
    )
    city.put(i.Pause("expert", "lunch"))
    city.call("c1")
    assert city.offers == {}
    city.log_out("expert")
    assert city.offers == {"anna": "c1"}


def test_who_is_only_finishing_before_leaving_does_not_count_as_somebody_who_could_serve() -> None:
    city = City(
        [queue(requirement=WIDENING)],
        [agent("expert", skills={"finnish": 5, "tax": 5}), agent("anna", skills={"finnish": 1})],
    )
    city.call("c1")
    city.answer("c1")
    city.call("c2")
    assert city.offers == {}
    city.log_out("expert")
    assert (city.agent("expert"), city.offers) == ("Paused", {"anna": "c2"})
    city.finish("c1")
    assert city.agent("expert") == "LoggedOut"


def test_waiting_counts_in_open_time_only() -> None:
    day = {weekday: ((time(8), time(10)),) for weekday in range(1, 8)}
    city = City([queue(requirement=steps(({"mail": 1}, 0.0), ({}, 3600.0)), hours=Hours(week=day))], [agent("anna")])
    slow = agent("slow", skills={"mail": 1})
    city.reconfigure(list(city.configuration.queues.values()), [agent("anna"), slow])
    city.put(i.LogIn("slow"))
    city.wait(9.5 * 3600)
    city.mail("m1")
    city.wait(22.9 * 3600)
    assert city.offers == {}, "half an hour yesterday, not yet half an hour today"
    city.wait(0.1 * 3600)
    assert city.offers == {"anna": "m1"}


def test_a_step_is_not_lost_to_rounding() -> None:
    city = City([queue(requirement=steps(({"x": 1}, 0.0), ({}, 0.1)))], [agent("x", skills={"x": 1}), agent("anna")])
    city.put(i.Pause("x", "lunch"))
    for number in range(200):
        city.wait(0.377)
        city.call(f"c{number}")
        city.wait(0.1 + 1e-6)
        assert city.offers == {"anna": f"c{number}"}
        city.answer(f"c{number}")
        city.finish(f"c{number}")
