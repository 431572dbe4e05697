"""A day in Malmö: everybody is served, and it is the same day each time."""

from collections import Counter

from engine.sim.day import MIDNIGHT, OPENS, Day, malmo
from engine.sim.reporting import Entries, of_day, picture, share


def entries_of(day: Day) -> Entries:
    day.run()
    return day.house.store.entries


def test_a_day_in_malmo() -> None:
    day = Day(seed=1)
    report = day.run()
    assert report.channels["call"] > 2900
    tallies = report.queues.values()
    assert sum(tally.answered for tally in tallies) > 0.95 * sum(tally.contacts for tally in tallies)
    assert day.house.spine is not None
    assert day.house.spine.router.state.contacts == {}
    assert day.house.worker.legs == {}
    assert set(report.queues) == set(malmo().queues)
    assert 0.2 < report.occupancy() < 0.8
    assert report.table().row_count == len(report.queues)


def test_the_report_of_a_day_has_every_channel_need_and_place_and_none_fares_much_worse() -> None:
    """Rule 10, by the real recorder and the real report: what needs something scarce is not answered much later."""
    report = of_day(entries_of(Day(seed=2)))
    came = {line.name: line.counts.arrived for line in report.by["channel"]}
    assert came.keys() >= {"call", "chat", "mail", "post", "text", "visit"}
    assert {line.name for line in report.by["entry"]} >= {"place:hall", "place:library"}
    assert {line.name for line in report.by["need"]} >= {"english", "arabic", "finnish"}
    assert {line.name for line in report.by["queue"]} == set(malmo().queues)
    whole = share(report.whole)
    assert whole is not None
    for line in (*report.by["channel"], *report.by["need"]):
        own = share(line)
        if own is not None and line.counts.answered >= 30:
            assert own > whole - 0.25, line.name
    assert picture(report).count("<rect") > 10


def test_with_all_channels_capacity_holds_after_every_input() -> None:
    """The invariants, capacity among them, are checked at each step; an hour of them is enough for every test run."""
    day = Day(seed=3, guides=30, checking=True)
    day.world.run(MIDNIGHT + (OPENS + 0.3) * 3600)
    assert day.watch.steps > 500


def test_what_callers_are_told_of_their_wait_mostly_holds() -> None:
    """With too few guides, ranges made to hold for 80 % mostly do; few wait longer than they were told."""
    day = Day(seed=1, guides=28)
    announced = day.run().announced
    told = Counter[str]()
    for queue, truths in announced.items():
        told += truths
        if truths.total() > 200:
            assert truths["held"] > 0.7 * truths.total(), queue
            assert truths["later"] < 0.15 * truths.total(), queue
    assert told.total() > 1000
    assert 0.7 < told["held"] / told.total() < 0.95
