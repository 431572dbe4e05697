"""What is due: nothing is forgotten, and what will not happen any more does not pile up."""

from router import inputs as i
from router.indexes import DEADLINES_AT_LEAST
from router.invariants import check
from router.router import Router
from tests.core.city import City, agent, local, queue


def crowd(city: City, number: int) -> None:
    """Let so many ring and hang up at once, without a look at the invariants after each."""
    for one in range(number):
        city.router.handle(i.Arrived(contact=f"x{one}", channel="call", entry="tax", leg=f"x{one}"), city.now)
        city.router.handle(i.CitizenGone(contact=f"x{one}", cause="hung_up"), city.now)


def test_stale_deadlines_are_sorted_out_and_all_others_kept() -> None:
    city = City([queue(max_wait=3600.0)], [agent()])
    city.call("c1")
    city.call("c2")
    crowd(city, 2 * DEADLINES_AT_LEAST)
    assert len(city.state.deadlines) <= DEADLINES_AT_LEAST
    assert check(city.state, city.now) == [], "all that states name is there"
    city.router.handle(i.TimePassed(), city.now + 3600.0)
    assert "c2" not in city.state.lines.everybody_in("tax"), "who has waited too long leaves all the same"


def test_replay_which_takes_none_off_sorts_them_out_too() -> None:
    city = City([queue(max_wait=3600.0)], [agent()])
    city.call("c1")
    replayed = Router(local)
    for fact in city.facts:
        replayed.apply(fact)
    for one in range(2 * DEADLINES_AT_LEAST):
        arrived = i.Arrived(contact=f"x{one}", channel="call", entry="tax", leg=f"x{one}")
        for input_ in (arrived, i.CitizenGone(contact=f"x{one}", cause="hung_up")):
            for fact in city.router.handle(input_, city.now):
                replayed.apply(fact)
    assert len(replayed.state.deadlines) <= DEADLINES_AT_LEAST
    assert replayed.state.snapshot() == city.state.snapshot()
    assert replayed.next_deadline() is not None
