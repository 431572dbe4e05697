"""How long each queue was open, staffed and had somebody eligible: exact, because that changes only with facts.

- *open*: the queue takes contacts
- *staffed*: open, and somebody at work could serve a contact that needs nothing special, at some step (rules 2 and 9)
- *eligible*: open, and such a contact, coming now, could be offered to somebody at once (rule 1; who is held
  back by rule 10 counts)
"""

from collections.abc import Hashable, Mapping
from typing import Final, TypeVar

from msgspec import Struct, field, structs

from queues.channels import CHANNELS
from router.configuration import Configuration
from router.crew import Crew
from router.entering import first_possible_step
from router.state import State

FOLLOWING: Final = frozenset({"callback", "message", "report", "question"})
"""Channels whose contacts come of others, without an entry of their own."""

K = TypeVar("K", bound=Hashable)


def channels_of(configuration: Configuration) -> list[str]:
    """Return the channels by which contacts may come, in the order of the table of channels."""
    entries = {entry.channel for entry in configuration.entries}
    return [channel for channel in CHANNELS if channel in entries or (entries and channel in FOLLOWING)]


class Stopwatch(Struct, array_like=True):
    """Seconds during which something was so."""

    total: float = 0.0
    since: float | None = None
    """None while it is not so."""

    def turn(self, on: bool, at: float) -> None:
        """Run, or stand still, from `at` on."""
        if on == (self.since is not None):
            return
        self.total = self.reading(at)
        self.since = at if on else None

    def reading(self, at: float) -> float:
        """Return the seconds up to `at`."""
        return self.total if self.since is None else self.total + max(at - self.since, 0.0)


class Watches(Struct, array_like=True):
    """The stopwatches, as they are kept."""

    open: dict[str, Stopwatch] = field(default_factory=dict)
    staffed: dict[str, Stopwatch] = field(default_factory=dict)
    eligible: dict[tuple[str, str], Stopwatch] = field(default_factory=dict)
    """By queue and channel."""


def readings(watches: Mapping[K, Stopwatch], at: float) -> dict[K, float]:
    """Return the seconds of each up to `at`."""
    return {key: watch.reading(at) for key, watch in watches.items()}


class Attendance:
    """Turns the stopwatches. `look` after every turn: between two turns nothing changes."""

    def __init__(self, watches: Watches | None = None) -> None:
        self.watches = watches or Watches()
        self.hours_changed = True
        """A queue has opened or closed since the last look."""
        self._crew: Crew | None = None
        self._at_work = 0
        self._flips = 0
        self._able: dict[str, int] = {}
        """Queue to the mask of profiles that could serve a contact that comes now."""
        self._free: dict[str, int] = {}
        """Channel to the mask of profiles with somebody free, at the last look."""

    def look(self, state: State, at: float) -> None:
        """Note who is there after what was decided at `at`."""
        crew = state.crew
        if crew is not self._crew:
            self._begin(state)
        if self.hours_changed or crew.at_work_mask != self._at_work:
            self._look_at_queues(state, at)
        if crew.flips != self._flips:
            self._look_at_channels(crew, at)

    def _look_at_channels(self, crew: Crew, at: float) -> None:
        self._flips = crew.flips
        for channel, known in self._free.items():
            free = crew.free(channel)
            if free != known:
                self._free[channel] = free
                self._look_at_channel(channel, free ^ known, at)

    def copy(self) -> Watches:
        """Return the stopwatches as they stand."""
        known = self.watches
        return Watches(*({key: structs.replace(one) for key, one in each.items()} for each in structs.astuple(known)))

    def stop(self, at: float) -> None:
        """Stand still from `at` on, until the next look: what was so meanwhile nobody knows."""
        for watches in (self.watches.open, self.watches.staffed, self.watches.eligible):
            for watch in watches.values():
                watch.turn(False, at)
        self.hours_changed = True

    def _begin(self, state: State) -> None:
        """Take another configuration's queues and channels; of queues that are no more nothing is told."""
        queues, channels = state.configuration.queues, channels_of(state.configuration)
        known = self.watches
        known.open = {queue: known.open.get(queue) or Stopwatch() for queue in queues}
        known.staffed = {queue: known.staffed.get(queue) or Stopwatch() for queue in queues}
        pairs = [(queue, channel) for queue in queues for channel in channels]
        known.eligible = {pair: known.eligible.get(pair) or Stopwatch() for pair in pairs}
        self._able = {}
        self._free = {channel: state.crew.free(channel) for channel in channels}
        self._crew, self._flips = state.crew, state.crew.flips
        self.hours_changed = True

    def _look_at_queues(self, state: State, at: float) -> None:
        crew = state.crew
        self.hours_changed = False
        self._at_work = crew.at_work_mask
        for name in state.configuration.queues:
            requirement, is_open = state.requirement(name, ()), state.is_open(name)
            somebody = any(crew.at_work(crew.able(name, step.needs)) for step in requirement)
            step = first_possible_step(state, name, requirement, 0)
            self._able[name] = crew.able(name, requirement[step].needs) if is_open else 0
            self.watches.open[name].turn(is_open, at)
            self.watches.staffed[name].turn(is_open and somebody, at)
        for channel in self._free:
            self._look_at_channel(channel, -1, at)

    def _look_at_channel(self, channel: str, changed: int, at: float) -> None:
        """Look at the queues that profiles among `changed` could serve."""
        free = self._free[channel]
        for queue, able in self._able.items():
            if able & changed or changed < 0:
                self.watches.eligible[queue, channel].turn(bool(able & free), at)
