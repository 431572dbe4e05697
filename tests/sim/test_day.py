"""A day in Malmö: everybody is served, and it is the same day each time."""

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
