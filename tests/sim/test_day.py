"""A day in Malmö: everybody is served, and it is the same day each time."""

from collections import Counter

from engine.sim.day import Day, malmo


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


def test_what_callers_are_told_of_their_wait_mostly_holds() -> None:
    """A day with too few guides. Ranges are made to hold for 80 %; few may wait longer than they were told."""
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
