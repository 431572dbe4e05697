"""A SIP worker in memory, for the simulator: the same commands and events, without SIP, sound or sockets.

It keeps the protocol's promises (`adapters.sip.protocol`): events numbered and kept until acknowledged, commands
executed at most once and in order, legs that live on while there is no engine. Who rings and who answers is decided by
whoever drives it.
"""

from collections.abc import Callable
from typing import Final, Literal

from msgspec import Struct, structs

from adapters.sip.client import Desk
from adapters.sip.protocol import (
    SILENCE,
    Answer,
    Attached,
    Beat,
    CallArrived,
    Command,
    CommandFailed,
    Dial,
    DigitPressed,
    Event,
    HangUp,
    Hear,
    LegAnswered,
    LegEnded,
    Media,
    PlayEnded,
    Record,
    RecordingEnded,
    Ring,
    Signal,
    StopRecording,
)
from adapters.sip.protocol import Leg as LegPicture

Later = Callable[[float, Callable[[], None]], None]
"""Runs a call so many seconds from now."""
Delay = Callable[[], float]
CLOSING_S: Final = 0.2
"""Seconds until a recording is complete."""


class FakeLeg(Struct):
    """A leg as it is."""

    id: str
    inbound: bool
    signal: Signal = "dialling"
    media: Media = SILENCE
    rang: bool = False
    recording: str = ""


class Phones:
    """Agents' phones and what callers notice; the simulator's people override what they care for."""

    def rings(self, worker: "FakeWorker", leg: str, target: str, timeout: float) -> None:
        """An agent's phone is rung: call `worker.pick_up`, `worker.end`, or do nothing until the time-out."""

    def ended(self, leg: str) -> None:
        """A leg is over, for whatever cause."""

    def hears(self, worker: "FakeWorker", leg: str, media: Media) -> None:
        """A leg hears something new."""

    def recorded(self, worker: "FakeWorker", leg: str, recording: str) -> None:
        """A leg is being recorded: call `worker.spoke`, or do nothing until the time is over."""


class FakeWorker:
    """A worker and the line to it at once: `adapters.sip.client.Line` for `Voice`, which it tells as a `Desk`."""

    def __init__(self, name: str, later: Later, delay: Delay, now: Callable[[], float], phones: Phones) -> None:
        """`delay` gives the seconds a message travels."""
        self.name = name
        self.generation = "1"
        self.sent = 0
        self.last_beat: Beat | None = None
        self.legs: dict[str, FakeLeg] = {}
        self.kept: list[Event] = []
        """Events not acknowledged yet."""
        self._later = later
        self._delay = delay
        self._now = now
        self._phones = phones
        self._desk: Desk | None = None
        self._connection = 0
        """Counts connections; what travelled on an earlier one is lost."""
        self._executed = 0
        self._events = 0
        self._admitted = 0
        self._arrives = 0.0
        """When the last message under way arrives; none overtakes it."""

    # ---- the line, as the engine sees it -----------------------------------------------------------------------

    @property
    def source(self) -> str:
        """Return the name under which this generation's events are numbered."""
        return f"{self.name}-{self.generation}"

    @property
    def connected(self) -> bool:
        """Tell whether an engine is attached."""
        return self._desk is not None

    def command(self, command: Command) -> None:
        """Number a command and let it travel."""
        if self._desk is None:
            return
        self.sent += 1
        numbered = structs.replace(command, n=self.sent)
        self._travel(lambda: self._execute(numbered))

    def compare(self) -> None:
        """Tell what is."""
        self._travel(self._tell_picture)

    def acknowledge(self, number: int) -> None:
        """Forget events up to `number`."""
        self._travel(lambda: self._forget(number))

    def attach(self, desk: Desk, heard: int) -> None:
        """Serve an engine that has heard this generation's events up to `heard`; others are told again."""
        self._connection += 1
        self._desk = desk
        self.sent = self._executed = 0
        self._forget(heard)
        self._travel(self._tell_picture)
        for event in self.kept:
            self._tell(event)

    def detach(self) -> None:
        """The engine, or the connection to it, is gone."""
        desk, self._desk = self._desk, None
        self._connection += 1
        if desk is not None:
            desk.detached(self.name)

    def lose_engine(self) -> None:
        """The engine was killed; nobody is told."""
        self._desk = None
        self._connection += 1

    def restart(self) -> None:
        """Die and come back: every leg is gone, and so is what was not heard yet."""
        self.detach()
        for leg in list(self.legs):
            self._phones.ended(leg)
        self.legs.clear()
        self.kept.clear()
        self.generation = str(int(self.generation) + 1)
        self._events = 0

    # ---- what happens outside ----------------------------------------------------------------------------------

    def invite(self, called: str, caller: str, *, asserted: bool) -> str:
        """A citizen rings; return the leg."""
        self._admitted += 1
        leg = f"{self.name}-{self.generation}-{self._admitted}"
        self.legs[leg] = FakeLeg(leg, inbound=True)
        self._emit(CallArrived(0, self._now(), leg, called, caller, "net", "", "trunk", asserted))
        return leg

    def pick_up(self, leg: str) -> None:
        """An agent's phone is picked up."""
        if leg in self.legs and self.legs[leg].signal != "answered":
            self.legs[leg].signal = "answered"
            self._emit(LegAnswered(0, self._now(), leg))

    def press(self, leg: str, digit: str) -> None:
        """A citizen presses a key."""
        if leg in self.legs:
            self._emit(DigitPressed(0, self._now(), leg, digit))

    def end(self, leg: str, code: int = 200, by: Literal["far", "engine", "worker"] = "far") -> None:
        """A leg is over; its peer hears what follows the bridge."""
        ended = self.legs.pop(leg, None)
        if ended is None:
            return
        self._close(ended.recording, 1.0)
        self._emit(LegEnded(0, self._now(), leg, code, by, ended.signal == "answered", ended.rang))
        self._phones.ended(leg)
        for other in list(self.legs.values()):
            if other.media.peer == leg:
                self._hear(other, structs.replace(other.media, peer=""))

    # ---- inside ------------------------------------------------------------------------------------------------

    def _travel(self, arrive: Callable[[], None]) -> None:
        connection = self._connection
        self._arrives = max(self._arrives, self._now() + self._delay())
        self._later(self._arrives - self._now(), lambda: arrive() if connection == self._connection else None)

    def _emit(self, event: Event) -> None:
        self._events += 1
        numbered = structs.replace(event, n=self._events)
        self.kept.append(numbered)
        if self._desk is not None:
            self._tell(numbered)

    def _tell(self, event: Event) -> None:
        source = self.source
        self._travel(lambda: self._desk.event(self.name, source, event) if self._desk is not None else None)

    def _tell_picture(self) -> None:
        picture = Attached(
            self.name,
            self.generation,
            tuple(LegPicture(leg.id, leg.inbound, leg.signal, leg.media, leg.recording) for leg in self.legs.values()),
            self._events,
            self._executed,
        )
        self._travel(lambda: self._desk.pictured(self.name, picture) if self._desk is not None else None)

    def _forget(self, number: int) -> None:
        self.kept = [event for event in self.kept if event.n > number]

    def _execute(self, command: Command) -> None:
        if command.n <= self._executed:
            return
        self._executed = command.n
        match command:
            case Dial():
                self._dial(command)
            case HangUp():
                self.end(command.leg, command.code if self._unanswered(command.leg) else 200, "engine")
            case Answer() | Ring() | Hear() if command.leg not in self.legs:
                self._emit(CommandFailed(0, self._now(), command.n, command.leg, "leg_unknown", ""))
            case Answer():
                self.legs[command.leg].signal = "answered"
            case Ring():
                self.legs[command.leg].signal = "ringing"
            case Hear():
                self._hear(self.legs[command.leg], command.media)
            case Record():
                self._record(command)
            case StopRecording():
                self.spoke(command.recording, 3.0)
            case _:
                raise AssertionError(f"the fake worker knows no {type(command).__name__}")

    def _unanswered(self, leg: str) -> bool:
        return leg in self.legs and self.legs[leg].signal != "answered"

    def _dial(self, command: Dial) -> None:
        leg = command.permit.leg
        if leg in self.legs:
            self._emit(CommandFailed(0, self._now(), command.n, leg, "leg_exists", ""))
            return
        self.legs[leg] = FakeLeg(leg, inbound=False, media=command.media)
        self._later(command.timeout, lambda: self._time_out(leg))
        self._phones.rings(self, leg, command.permit.target, command.timeout)

    def _record(self, command: Record) -> None:
        (leg,) = command.legs
        if leg not in self.legs:
            self._emit(CommandFailed(0, self._now(), command.n, leg, "leg_unknown", ""))
            return
        self.legs[leg].recording = command.recording
        self._later(command.most, lambda: self.spoke(command.recording, command.most))
        self._phones.recorded(self, leg, command.recording)

    def spoke(self, recording: str, seconds: float) -> None:
        """A recording ends, with so many seconds of speech."""
        for leg in self.legs.values():
            if recording and leg.recording == recording:
                leg.recording = ""
                self._close(recording, seconds)

    def _close(self, recording: str, seconds: float) -> None:
        generation = self.generation

        def complete() -> None:
            if generation == self.generation:
                self._emit(RecordingEnded(0, self._now(), recording, seconds, seconds))

        if recording:
            self._later(CLOSING_S, complete)

    def _time_out(self, leg: str) -> None:
        if self._unanswered(leg):
            self.end(leg, 408, "worker")

    def _hear(self, leg: FakeLeg, media: Media) -> None:
        leg.media = media
        if not media.peer and not media.files and media.then == "hang_up":
            self.end(leg.id, 200, "worker")
            return
        self._phones.hears(self, leg.id, media)

    def played(self, leg: str, play: str) -> None:
        """The files of a play have been heard; what follows begins."""
        known = self.legs.get(leg)
        if known is None or known.media.play != play or known.media.peer:
            return
        self._emit(PlayEnded(0, self._now(), leg, play))
        if known.media.then == "hang_up":
            self.end(leg, 200, "worker")
