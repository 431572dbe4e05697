"""A SIP worker in memory, for the simulator: the same commands and events, without SIP, sound or sockets.

It keeps the protocol's promises (`adapters.sip.protocol`): events numbered and kept until acknowledged, commands
executed at most once and in order, those of one frame together, legs that live on while there is no engine. Who rings,
who answers, who holds and how a transfer ends is decided by whoever drives it.
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
    Enlist,
    Event,
    HangUp,
    Hear,
    LegAnswered,
    LegEnded,
    LegHeld,
    LineTyped,
    Media,
    MediaSilent,
    PlayEnded,
    Probe,
    Record,
    RecordingEnded,
    Redirect,
    Refer,
    ReferEnded,
    ReportTransfer,
    Ring,
    SendDigits,
    Show,
    Signal,
    StopRecording,
    TransferAsked,
    Trunk,
    TrunkState,
    Write,
    without_peer,
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
    held: bool = False
    target: str = ""
    asks: bool = False
    """Its phone asked for a transfer and waits for the outcome."""
    shown: int = -1
    """The number of the last message on its display; -1 without text."""
    display: tuple[int, ...] = ()
    """The numbers of all of them."""


class FakeRecording(Struct):
    """A recording that runs."""

    legs: set[str]
    begun: float


class Phones:
    """Agents' phones and what callers notice; the simulator's people override what they care for."""

    def rings(self, worker: "FakeWorker", leg: str, target: str, timeout: float) -> None:
        """An agent's phone is rung: call `worker.pick_up`, `worker.end`, or do nothing until the time-out."""

    def ended(self, leg: str) -> None:
        """A leg is over, for whatever cause."""

    def hears(self, worker: "FakeWorker", leg: str, media: Media) -> None:
        """A leg hears something new: call `worker.played` once it has heard `first`, or `files` without peers."""

    def told(self, worker: "FakeWorker", leg: str, code: int) -> None:
        """The phone that asked for a transfer is told how it goes."""

    def redirected(self, worker: "FakeWorker", leg: str, target: str) -> None:
        """A caller is sent on to another worker."""

    def referred(self, worker: "FakeWorker", leg: str, target: str) -> None:
        """A far end is asked to ring `target` itself: call `worker.refer_ended`."""

    def pressed(self, worker: "FakeWorker", leg: str, digits: str) -> None:
        """A far end hears digits."""

    def enlisted(self, worker: "FakeWorker", network: str) -> None:
        """A trunk is to be registered: it is at once, unless another `worker.trunk_state` is set."""
        worker.trunk_state(network, True, 200)

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
        self._trunks: dict[str, Trunk] = {}
        self._recordings: dict[str, FakeRecording] = {}
        self._frame: list[Command] | None = None
        """Commands given since the clock last moved: they travel together."""
        self._frame_at = 0.0
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

    @property
    def life(self) -> str | None:
        """Return the generation that lives, None while it is not attached."""
        return self.generation if self.connected else None

    def command(self, command: Command) -> None:
        """Number a command and let it travel."""
        if self._desk is None:
            return
        self.sent += 1
        if self._frame is None or self._frame_at != self._now():
            frame = self._frame = []
            self._frame_at = self._now()
            self._travel(lambda: self._take(frame))
        self._frame.append(structs.replace(command, n=self.sent))

    def compare(self) -> None:
        """Tell what is."""
        self._travel(self._tell_picture)

    def acknowledge(self, number: int) -> None:
        """Forget events up to `number`."""
        self._travel(lambda: self._forget(number))

    def attach(self, desk: Desk, heard: int) -> None:
        """Serve an engine that has heard this generation's events up to `heard`; others are told again."""
        self._connection += 1
        self._frame = None
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
        self._trunks.clear()
        self._recordings.clear()
        self.kept.clear()
        self.generation = str(int(self.generation) + 1)
        self._events = 0

    # ---- what happens outside ----------------------------------------------------------------------------------

    def invite(
        self,
        called: str,
        caller: str,
        *,
        asserted: bool,
        network: str = "trunk",
        phone: str = "",
        text: bool = False,
        audio: bool = True,
    ) -> str:
        """A citizen rings, or an agent at `phone`; return the leg."""
        self._admitted += 1
        leg = f"{self.name}-{self.generation}-{self._admitted}"
        self.legs[leg] = FakeLeg(leg, inbound=True, shown=0 if text else -1)
        who = called, caller, "net", "", network, asserted, phone
        self._emit(CallArrived(0, self._now(), leg, *who, text, audio))
        return leg

    def type_line(self, leg: str, text: str, *, own: bool = False) -> None:
        """A line is typed on a text telephone, or to one."""
        if leg in self.legs:
            self._emit(LineTyped(0, self._now(), leg, own, text, True))

    def pick_up(self, leg: str) -> None:
        """An agent's phone is picked up."""
        if leg in self.legs and self.legs[leg].signal != "answered":
            self.legs[leg].signal = "answered"
            self._emit(LegAnswered(0, self._now(), leg))
            self._heard_anew(self.legs[leg])

    def press(self, leg: str, digit: str) -> None:
        """A citizen presses a key."""
        if leg in self.legs:
            self._emit(DigitPressed(0, self._now(), leg, digit))

    def hold(self, leg: str, held: bool) -> None:
        """A far end holds the call, or takes it up again."""
        known = self.legs.get(leg)
        if known is not None and known.signal == "answered" and known.held != held:
            known.held = held
            self._emit(LegHeld(0, self._now(), leg, held))

    def ask_transfer(self, leg: str, target: str, replaces: str = "") -> None:
        """A phone asks to transfer the far end of its call; a second time only once the first has ended."""
        known = self.legs.get(leg)
        if known is not None and known.signal == "answered" and not known.asks:
            known.asks = True
            self._emit(TransferAsked(0, self._now(), leg, target, replaces if replaces in self.legs else ""))

    def refer_ended(self, leg: str, code: int) -> None:
        """A far end tells what became of a `Refer`."""
        if leg in self.legs:
            self._emit(ReferEnded(0, self._now(), leg, code))

    def trunk_state(self, network: str, registered: bool, code: int) -> None:
        """A registrar answers, or does not (408)."""
        if network in self._trunks:
            self._trunks[network] = Trunk(network, registered, code)
            self._emit(TrunkState(0, self._now(), network, registered, code))

    def end(self, leg: str, code: int = 200, by: Literal["far", "engine", "worker"] = "far") -> None:
        """A leg is over; its peers hear what follows the bridge."""
        ended = self.legs.pop(leg, None)
        if ended is None:
            return
        self._emit(LegEnded(0, self._now(), leg, code, by, ended.signal == "answered", ended.rang))
        self._phones.ended(leg)
        for other in list(self.legs.values()):
            self._part(other, leg)
        for recording, running in list(self._recordings.items()):
            running.legs.discard(leg)
            if not running.legs:
                self._stop_recording(recording)

    def played(self, leg: str, play: str) -> None:
        """What the leg hears alone, or the files of a play, have been heard; what follows begins."""
        known = self.legs.get(leg)
        if known is None or known.media.play != play:
            return
        media = known.media
        if media.first:
            known.media = structs.replace(media, first=())
            self._heard_anew(known)
        elif media.files and not media.peers:
            known.media = structs.replace(media, files=())
            if play:
                self._emit(PlayEnded(0, self._now(), leg, play))
            self._heard_anew(known)

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
        legs = tuple(self._pictured(leg) for leg in self.legs.values())
        trunks = tuple(self._trunks.values())
        picture = Attached(self.name, self.generation, legs, self._events, self._executed, 0, trunks)
        self._travel(lambda: self._desk.pictured(self.name, picture) if self._desk is not None else None)

    def _pictured(self, leg: FakeLeg) -> LegPicture:
        how = leg.inbound, leg.signal, leg.media, leg.held, self._recording_of(leg.id), leg.target
        return LegPicture(leg.id, *how, leg.shown)

    def _forget(self, number: int) -> None:
        self.kept = [event for event in self.kept if event.n > number]

    def _take(self, frame: list[Command]) -> None:
        if frame is self._frame:
            self._frame = None
        for command in frame:
            if command.n > self._executed:
                self._executed = command.n
                self._execute(command)

    def _execute(self, command: Command) -> None:
        match command:
            case Dial():
                self._dial(command)
            case HangUp():
                self.end(command.leg, command.code if self._unanswered(command.leg) else 200, "engine")
            case Enlist():
                self._enlist(command)
            case Record():
                self._record(command)
            case StopRecording():
                if command.recording not in self._recordings:
                    self._fail(command, "recording_unknown")
                else:
                    self._stop_recording(command.recording)
            case Refer() if command.permit.leg in self.legs:
                self._phones.referred(self, command.permit.leg, command.permit.target)
            case Show() | Write() if command.leg in self.legs:
                self._write(self.legs[command.leg], command)
            case Probe() if command.leg in self.legs:
                self._emit(MediaSilent(0, self._now(), command.leg, True))
            case Answer() | Ring() | Redirect() | Hear() | ReportTransfer() | SendDigits() if command.leg in self.legs:
                self._act(self.legs[command.leg], command)
            case _:
                self._fail(command, "leg_unknown")

    def _act(self, leg: FakeLeg, command: "Answer | Ring | Redirect | Hear | ReportTransfer | SendDigits") -> None:
        match command:
            case Answer():
                leg.signal = "answered"
                self._heard_anew(leg)
            case Ring():
                leg.signal = "ringing"
            case Redirect():
                self._phones.redirected(self, leg.id, command.target)
                self.end(leg.id, 302, "engine")
            case Hear():
                self._hear(leg, command.media)
                if leg.media.peers != command.media.peers:
                    self._fail(command, "peer_unknown")
            case ReportTransfer() if leg.asks:
                leg.asks = command.code < 200
                self._phones.told(self, leg.id, command.code)
            case ReportTransfer():
                self._fail(command, "transfer_unknown")
            case SendDigits():
                self._phones.pressed(self, leg.id, command.digits)

    def _write(self, leg: FakeLeg, command: "Show | Write") -> None:
        if leg.shown < 0:
            self._fail(command, "text_refused")
        elif isinstance(command, Write):
            self.type_line(leg.id, command.text, own=True)
        elif command.number > leg.shown:
            leg.shown = command.number
            leg.display = (*leg.display, command.number)

    def _fail(self, command: Command, error_id: str) -> None:
        leg = command.permit.leg if isinstance(command, Dial | Refer) else getattr(command, "leg", "")
        self._emit(CommandFailed(0, self._now(), command.n, leg, error_id, ""))

    def _unanswered(self, leg: str) -> bool:
        return leg in self.legs and self.legs[leg].signal != "answered"

    def _dial(self, command: Dial) -> None:
        leg = command.permit.leg
        if leg in self.legs:
            self._fail(command, "leg_exists")
            return
        media = structs.replace(command.media, peers=self._known(command.media, leg))
        self.legs[leg] = FakeLeg(leg, inbound=False, media=media, target=command.permit.target)
        self._later(command.timeout, lambda: self._time_out(leg))
        self._phones.rings(self, leg, command.permit.target, command.timeout)

    def _time_out(self, leg: str) -> None:
        if self._unanswered(leg):
            self.end(leg, 408, "worker")

    def _enlist(self, command: Enlist) -> None:
        if not command.active:
            if self._trunks.pop(command.network, None) is not None:
                self._emit(TrunkState(0, self._now(), command.network, False, 200))
        elif command.network not in self._trunks:
            self._trunks[command.network] = Trunk(command.network, False, 0)
            self._phones.enlisted(self, command.network)

    def _record(self, command: Record) -> None:
        if command.recording in self._recordings:
            self._fail(command, "recording_exists")
        elif not all(leg in self.legs for leg in command.legs):
            self._fail(command, "leg_unknown")
        else:
            running = self._recordings[command.recording] = FakeRecording(set(command.legs), self._now())
            if command.seconds_max:
                self._later(command.seconds_max, lambda: self._full(command.recording, running))
            for leg in command.legs:
                self._phones.recorded(self, leg, command.recording)

    def _full(self, recording: str, running: FakeRecording) -> None:
        if self._recordings.get(recording) is running:
            self._stop_recording(recording)

    def spoke(self, recording: str, seconds: float) -> None:
        """A recording ends because of silence, after so many seconds of speech."""
        if recording in self._recordings:
            self._stop_recording(recording, seconds)

    def _stop_recording(self, recording: str, spoken: float | None = None) -> None:
        """End a recording; it is complete a little later."""
        length, generation = self._now() - self._recordings.pop(recording).begun, self.generation

        def complete() -> None:
            if generation == self.generation:
                self._emit(RecordingEnded(0, self._now(), recording, length, length if spoken is None else spoken))

        self._later(CLOSING_S, complete)

    def _recording_of(self, leg: str) -> str:
        return next((name for name, running in reversed(self._recordings.items()) if leg in running.legs), "")

    # ---- what legs hear ----------------------------------------------------------------------------------------

    def _known(self, media: Media, leg: str) -> tuple[str, ...]:
        return tuple(peer for peer in media.peers if peer in self.legs and peer != leg)

    def _hear(self, leg: FakeLeg, media: Media) -> None:
        peers = self._known(media, leg.id)
        left = [self.legs[peer] for peer in leg.media.peers if peer not in peers]
        leg.media = structs.replace(media, peers=peers)
        for other in left:
            self._part(other, leg.id)
        self._heard_anew(leg)

    def _part(self, leg: FakeLeg, other: str) -> None:
        """Let `leg` hear `other` no more."""
        if other in leg.media.peers:
            leg.media = without_peer(leg.media, other)
            self._heard_anew(leg)

    def _heard_anew(self, leg: FakeLeg) -> None:
        media = leg.media
        if leg.signal != "answered":
            return
        if media.then == "hang_up" and not (media.peers or media.first or media.files):
            self._later(0.0, lambda: self._last_words_said(leg, media))
        else:
            self._phones.hears(self, leg.id, media)

    def _last_words_said(self, leg: FakeLeg, media: Media) -> None:
        """Hang up, unless a command of the same frame told the leg what to hear instead."""
        if self.legs.get(leg.id) is leg and leg.media is media:
            self.end(leg.id, 200, "worker")
