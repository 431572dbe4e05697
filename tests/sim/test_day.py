"""A day in Malmö: everybody is served, nobody is overtaken, what must hold holds; and it is the same day each time."""

from collections import Counter

import pytest

from adapters.history.answers import Report
from engine.sim.day import CALLBACKS, FORMS, MIDNIGHT, Day
from engine.sim.fairness import at_least, erlang_c, yardstick
from engine.sim.malmo import LANGUAGES, OPENS, VISITS, malmo
from engine.sim.reporting import of_day, picture, share
from engine.sim.watch import Failure
from router import facts as f
from router import journal, matching


@pytest.fixture(scope="module")
def day() -> Day:
    """Return a day that has passed; every invariant was checked after each 25th input, and counts after each."""
    passed = Day(seed=1, checking=True, every=25)
    passed.run()
    return passed


@pytest.fixture(scope="module")
def crowded() -> Day:
    """Return a day with far too few guides."""
    passed = Day(seed=1, guides=28)
    passed.run()
    return passed


@pytest.fixture(scope="module")
def report(day: Day) -> Report:
    return of_day(day.house.store.entries)


def facts_of(day: Day) -> list[f.AnyFact]:
    return [fact for _, data in day.house.store.entries for fact in journal.decode(data).facts]


def test_a_day_in_malmo(day: Day) -> None:
    report = day.report
    assert report.channels["call"] > 2900
    tallies = report.queues.values()
    assert sum(tally.answered for tally in tallies) > 0.95 * sum(tally.contacts for tally in tallies)
    assert day.house.spine is not None
    state = day.house.spine.router.state
    assert state.contacts.keys() == state.callbacks.keys(), "only who is to be called again is not over"
    assert day.house.worker.legs == {}
    assert set(report.queues) == set(malmo().queues)
    assert 0.2 < report.occupancy() < 0.8
    assert report.table().row_count == len(report.queues)


def test_callbacks_are_asked_for_in_every_way_and_kept_or_tried_again(day: Day) -> None:
    facts = facts_of(day)
    promised = [fact for fact in facts if isinstance(fact, f.CallbackRegistered)]
    assert len(promised) > CALLBACKS * 0.9
    assert any(fact.due is not None and fact.due > fact.at for fact in promised), "for a time that was free"
    again = Counter(fact.cause for fact in facts if isinstance(fact, f.CallbackPostponed))
    assert again.keys() >= {"busy", "no_answer", "not_there"}
    closed = Counter(fact.cause for fact in facts if isinstance(fact, f.CallbackClosed))
    assert closed["kept"] > 0.8 * closed.total()
    assert closed.keys() >= {"gave_up", "cancelled"}


def test_in_a_long_line_callers_ask_to_be_called_back(crowded: Day) -> None:
    ways = [fact for fact in facts_of(crowded) if isinstance(fact, f.WayOutTaken)]
    asked = Counter(fact.obstacle for fact in ways if fact.way.to == "callback")
    assert asked["asked"] > 20, "by the key, from the line"
    assert not crowded.fairness.overtaken


def test_the_report_has_every_channel_need_language_and_place_and_none_fares_much_worse(report: Report) -> None:
    """Rule 10, by the real recorder and the real report: what needs something scarce is not answered much later."""
    came = {line.name: line.counts.arrived for line in report.by["channel"]}
    assert came.keys() >= {"call", "chat", "mail", "form", "post", "text", "visit", "callback"}
    assert came["form"] == FORMS
    assert {line.name for line in report.by["entry"]} >= {"place:hall", "place:library"}
    assert {line.name for line in report.by["need"]} >= {"english", "arabic", "finnish", "plain"}
    assert {line.name for line in report.by["language"]} >= {"swedish", *LANGUAGES}
    assert {line.name for line in report.by["queue"]} == set(malmo().queues)
    whole = share(report.whole)
    assert whole is not None
    for line in (*report.by["channel"], *report.by["need"], *report.by["language"]):
        own = share(line)
        if own is not None and line.counts.answered >= 30:
            assert own > whole - 0.25, line.name
    assert picture(report).count("<rect") > 10


def test_few_guides_for_a_language_or_place_reach_what_so_few_can(day: Day, report: Report) -> None:
    lines = {line.name: line for line in (*report.by["language"], *report.by["entry"])}
    for part, name in [*((one, one) for one in LANGUAGES), *((site, f"place:{site}") for site in VISITS)]:
        own, floor = share(lines[name]), day.floor(part, lines[name].counts.answered)
        assert own is not None
        assert own >= floor > 0.4, (part, own, floor)


def test_nobody_is_overtaken_without_a_reason_whatever_language_and_place(day: Day) -> None:
    assert day.fairness.unable.total() > 0, "some had to let later ones pass, whom they could not be served instead of"
    assert day.fairness.overtaken == Counter()
    for language in LANGUAGES:
        assert day.fairness.understood[language] > 0.9 * day.fairness.answered[language] > 0


def test_it_would_be_seen_if_somebody_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "min", max, raising=False)  # whom a free agent gets: the least urgent
    day = Day(seed=1, guides=24)
    day.world.run(MIDNIGHT + (OPENS + 1.5) * 3600)
    assert day.fairness.overtaken.total() > 0


def test_it_would_be_seen_if_anything_did_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    day = Day(seed=1, checking=True, every=25)
    day.world.run(MIDNIGHT + (OPENS + 0.1) * 3600)
    monkeypatch.setattr("engine.sim.watch.check", lambda _state, _now: ["something"])
    with pytest.raises(Failure, match="something"):
        day.world.run(MIDNIGHT + (OPENS + 0.2) * 3600)


def test_what_callers_are_told_of_their_wait_mostly_holds(crowded: Day) -> None:
    """With too few guides, ranges made to hold for 80 % mostly do; few wait longer than they were told."""
    told = Counter[str]()
    for queue, truths in crowded.report.announced.items():
        told += truths
        if truths.total() > 200:
            assert truths["held"] > 0.7 * truths.total(), queue
            assert truths["later"] < 0.15 * truths.total(), queue
    assert told.total() > 1000
    assert 0.7 < told["held"] / told.total() < 0.95


def test_the_yardstick_is_what_textbooks_say() -> None:
    assert erlang_c(1, 0.5) == pytest.approx(0.5)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert erlang_c(10, 8.0) == pytest.approx(0.409, abs=0.001)
    assert yardstick(2, 0.5, 0.0, 200.0) == pytest.approx(2 / 3)
    assert yardstick(4, 0.5, 60.0, 200.0) > yardstick(2, 0.5, 60.0, 200.0), "more servers reach more"
    assert at_least(0.9, 100) == pytest.approx(0.81)
