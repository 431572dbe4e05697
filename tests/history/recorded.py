"""A city whose facts are recorded, and counted by the figures of the day beside it."""

import itertools
from collections.abc import Iterable
from typing import Any

import msgspec

from adapters.history.batch import Batch, Tally
from adapters.history.recorder import Memory, Recorder
from adapters.history.rows import AskRow, ContactRow, Row, SegmentRow
from metrics.figures import Figures
from metrics.formulas import GOES_ON
from metrics.projection import Projection, Totals
from metrics.work import Work
from router import facts as f
from tests.core.city import City, local
from tests.metrics.counted import is_citizens


class Written:
    """What batches come to, as a database would have it."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[tuple[Any, ...], Row]] = {}
        self.tallies: dict[Any, Tally] = {}
        self.presence: dict[tuple[str, str], float] = {}
        self.surveys: dict[Any, list[int]] = {}

    def add(self, batch: Batch) -> None:
        # As in a database: what is written does not change with what the recorder goes on with.
        for table, rows in batch.rows.items():
            kept = self.rows.setdefault(table, {})
            kept.update({key: msgspec.convert(msgspec.to_builtins(row), type(row)) for key, row in rows.items()})
        for key, tally in batch.tallies.items():
            to = self.tallies.setdefault(key, Tally())
            to.figures.merge(tally.figures)
            to.work.merge(tally.work)
        for kind, counts in batch.surveys.items():
            before = self.surveys.get(kind, [0, 0, 0])
            self.surveys[kind] = [one + more for one, more in zip(before, counts, strict=True)]
        for name, seconds in batch.presence.items():
            self.presence[name] = self.presence.get(name, 0.0) + seconds

    def all(self, table: str) -> list[Any]:
        return list(self.rows.get(table, {}).values())

    def queue(self, name: str, channel: str) -> Figures:
        figures = Figures()
        for (_, kind), tally in self.tallies.items():
            if (kind.queue, kind.channel) == (name, channel):
                figures.merge(tally.figures)
        return figures

    @property
    def work(self) -> Work:
        work = Work()
        for tally in self.tallies.values():
            work.merge(tally.work)
        return work


def same(one: Figures, other: Figures) -> bool:
    """Tell whether figures are the same, but for the order in which seconds were added."""
    told = [msgspec.to_builtins(figures) for figures in (one, other)]
    return _near(*told)


def _near(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        keys = [key for key in {**one, **other} if one.get(key) or other.get(key)]
        return all(_near(one.get(key, 0), other.get(key, 0)) for key in keys)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_near, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return abs(one - other) < 1e-6 * max(1.0, abs(one))
    return bool(one == other)


class Recorded(City):
    """After each input the history must say the same as the figures of the day."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self.projection = Projection(local)
        self.recorder = Recorder(local)
        self.written = Written()
        self._arrived: set[str] = set()
        self._names_are_new = True
        """Tests use names of contacts again, which the house never does: rows of the first are written over then."""
        super().__init__(*args, **more)

    @property
    def totals(self) -> Totals:
        return self.projection.since_start(self.now)

    def lead(self, epoch: int) -> None:
        super().lead(epoch)
        self._record(self.facts[-1:])

    def verify(self, facts: list[f.AnyFact]) -> None:
        super().verify(facts)
        if facts:
            self._record(facts)
            self.written.add(self.recorder.take())
            self.adds_up()

    def restart(self, clock_step: float = 0.0) -> None:
        self.written.add(self.recorder.take())
        kept = msgspec.msgpack.decode(msgspec.msgpack.encode(self.recorder.memory), type=Memory)
        self.recorder = Recorder(local, kept)
        super().restart(clock_step)

    def _record(self, facts: list[f.AnyFact]) -> None:
        for fact in facts:
            if isinstance(fact, f.ContactArrived):
                self._names_are_new &= fact.contact not in self._arrived
                self._arrived.add(fact.contact)
        self.projection.decided(facts, self.state)
        self.recorder.decided(facts, self.state)

    def adds_up(self) -> None:
        totals, written = self.totals, self.written
        for (queue, channel), figures in totals.queues.items():
            assert same(written.queue(queue, channel), figures), (queue, channel)
        ended = {end: number for end, number in totals.ended.items() if end.outcome not in GOES_ON}
        assert written.work.ended == sum(ended.values())
        assert written.work.reached == sum(number for end, number in ended.items() if end.reached)
        open_ = {one.id for one in written.all("contacts") if one.ended is None}
        assert open_ == {name for name, contact in self.state.contacts.items() if is_citizens(contact.card)}
        if not self._names_are_new:
            return
        self._segments_join(written.all("segments"), {one.id: one for one in written.all("contacts")})
        self._asks_add_up(written.all("asks"), totals)
        open_offers = [one for one in written.all("offers") if one.ended is None]
        assert not [one for one in open_offers if one.id not in self.state.offers]

    def _segments_join(self, segments: Iterable[SegmentRow], contacts: dict[str, ContactRow]) -> None:
        """A contact's segments are its whole life, one after the other."""
        ordered = sorted(segments, key=lambda one: (one.contact, one.number))
        for contact, group in itertools.groupby(ordered, key=lambda one: one.contact):
            whole, row = list(group), contacts[contact]
            assert [one.number for one in whole] == list(range(1, len(whole) + 1))
            for one, after in itertools.pairwise(whole):
                assert one.ended == after.began, (one, after)
            assert whole[-1].ended == row.ended, whole[-1]
            for one in whole:
                if one.ended is not None:
                    assert -1e-6 <= one.talk <= one.ended - one.began + 1e-6
                    assert one.why

    def _asks_add_up(self, asks: Iterable[AskRow], totals: Totals) -> None:
        rows: dict[tuple[str, str, str], int] = {}
        for one in asks:
            key = one.queue, one.channel, one.outcome
            rows[key] = rows.get(key, 0) + 1
        for (queue, channel), figures in totals.queues.items():
            counted = {
                "answered": figures.answered, "abandoned": figures.abandoned, "lost": figures.lost,
                "resumed": figures.resumed, "withdrawn": figures.withdrawn,
                "turned_away": sum(figures.turned_away.values()),
            }  # fmt: skip
            for outcome, number in counted.items():
                assert rows.get((queue, channel, outcome), 0) == number, (queue, channel, outcome)
