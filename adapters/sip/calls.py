"""The worker's calls: carries out the engine's commands and reports what happens."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Final, Literal, Protocol

from adapters.sip.admission import Admission
from adapters.sip.endpoint import Endpoint
from adapters.sip.invitation import Party, clean, name_addr, read_invitation
from adapters.sip.legs import Leg
from adapters.sip.logs import log
from adapters.sip.native import Call, Headers, SipError
from adapters.sip.protocol import (
    Answer,
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
    MediaSilent,
    PlayEnded,
    Record,
    RecordingEnded,
    Ring,
    SendDigits,
    StopRecording,
)
from adapters.sip.protocol import Leg as LegPicture
from adapters.sip.recordings import Recordings
from adapters.sip.settings import WorkerSettings
from adapters.sip.silence import SilenceWatch
from adapters.sip.sound import Sound
from router.dialling import Gate

RETRY_AFTER: Final = "5"
"""Seconds a refused caller's network should wait (RFC 3261 §20.33)."""
_TARGET: Final = re.compile(r"sips?:[^\s<>\"]*?(\d+\.\d+\.\d+\.\d+|\[[0-9A-Fa-f:.]+\])(:\d+)?([;?][^\s<>\"]*)?")
"""Addresses only: looking up a name would block every call of the worker."""
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")


class Events(Protocol):
    """Where events go, and who is in command."""

    def emit(self, kind: Callable[..., Event], *fields: object) -> None: ...
    @property
    def epoch(self) -> int: ...
    @property
    def attached(self) -> bool: ...


class Refused(Exception):
    """A command cannot be carried out; `error_id` is stable."""

    def __init__(self, error_id: str, detail: str = "") -> None:
        super().__init__(error_id)
        self.error_id = error_id
        self.detail = detail


class Calls:
    """All legs of the worker."""

    def __init__(
        self,
        settings: WorkerSettings,
        generation: str,
        loop: asyncio.AbstractEventLoop,
        endpoint: Endpoint,
        events: Events,
        emptied: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._prefix = f"{settings.name}-{generation}-"
        self._loop = loop
        self._endpoint = endpoint
        self._events = events
        self._emptied = emptied
        self._gate = Gate(settings.dial_key)
        self._admission = Admission(settings)
        self._legs: dict[str, Leg] = {}
        self._arrived = 0
        self._admitted = 0
        self._rejected = 0
        self._inbound = 0
        self._draining = False
        self._stop_when_empty = False
        self.sound = Sound(
            loop, self._legs, endpoint.rest, self._what_follows_is_the_end, self._play_ended, self._unplayable
        )
        self._recordings = Recordings(loop, self._recording_ended)
        self._silence = SilenceWatch(loop, self._legs, settings.rtp_timeout, self._media_silent)
        self._handlers: dict[type[Command], Callable[..., None]] = {
            Ring: self._ring,
            Answer: self._answer,
            Dial: self._dial,
            HangUp: self._hang_up,
            Hear: self._hear,
            SendDigits: self._send_digits,
            Record: self._record,
            StopRecording: self._stop_recording,
        }

    # ---- the engine --------------------------------------------------------------------------------------------

    def execute(self, command: Command) -> None:
        """Carry out one command; what cannot be done is reported as CommandFailed."""
        try:
            self._handlers[type(command)](command)
        except Refused as refused:
            self._failed(command, refused.error_id, refused.detail)
        except SipError as error:
            self._failed(command, "sip_refused", error.reason)

    def picture(self) -> tuple[LegPicture, ...]:
        """Return all legs as they are now."""
        return tuple(LegPicture(leg.id, leg.inbound, leg.signal, leg.media) for leg in self._legs.values())

    def beat(self) -> Beat:
        """Return the figures of a heartbeat."""
        return Beat(len(self._legs), time.process_time(), self._admitted, self._rejected)

    def drain(self, stop: bool) -> None:
        """Admit no new calls; stop when none is left if `stop`."""
        self._draining = True
        self._stop_when_empty = stop
        log("draining", legs=len(self._legs))
        if stop and not self._legs:
            self._emptied()

    def engine_came(self, _epoch: int) -> None:
        """Calls that waited for an engine have one."""
        for leg in self._legs.values():
            if leg.inbound and leg.timer is not None:
                leg.timer.cancel()
                leg.timer = None

    def engine_went(self) -> None:
        """Whoever has not been answered waits for the next engine, for a while."""
        for leg in self._legs.values():
            if leg.inbound and not leg.answered:
                self._await_engine(leg)

    def hang_up_all(self) -> None:
        """End every call: the worker stops."""
        for leg in tuple(self._legs.values()):
            self._end(leg, "worker", 503)
        self._recordings.stop_all()
        self._silence.stop()

    # ---- calls that come in ------------------------------------------------------------------------------------

    def incoming(self, call: Call, source: str, text: str) -> None:
        """Take or refuse an invitation."""
        network = self._admission.network(source)
        if network is None:
            self._rejected += 1
            call.answer(403)
            return
        dialled = len(self._legs) - self._inbound
        if self._draining or not self._admission.room_for_caller(self._inbound, dialled):
            self._rejected += 1
            call.answer(503, (("Retry-After", RETRY_AFTER),))
            return
        invitation = read_invitation(text)
        asserted = invitation.asserted if network.may_assert else None
        party = Party() if invitation.withheld else asserted or invitation.sender
        self._arrived += 1
        leg = Leg(self, f"{self._prefix}{self._arrived}", inbound=True)
        leg.call = call
        self._legs[leg.id] = leg
        self._inbound += 1
        self._admitted += 1
        call.listen(leg)
        vouched = asserted is not None and not invitation.withheld
        self._events.emit(
            CallArrived, leg.id, invitation.called, party.user, party.host, party.display, network.name, vouched
        )
        if not self._events.attached:
            self._await_engine(leg)

    def _await_engine(self, leg: Leg) -> None:
        self._loop.call_soon(self._ring_alone, leg)
        if leg.timer is None:
            leg.timer = self._loop.call_later(self._settings.orphan_ring, self._no_engine_came, leg)

    def _ring_alone(self, leg: Leg) -> None:
        if leg.call is None or leg.rang or leg.answered:
            return
        try:
            leg.call.answer(180)
            self.rings(leg)
        except SipError as error:
            log("ring_failed", reason=error.reason)

    def _no_engine_came(self, leg: Leg) -> None:
        leg.timer = None
        if leg.call is None or leg.answered:
            return
        log("no_engine_for_call", leg=leg.id)
        if not self._settings.sorry_file:
            self._end(leg, "worker", 503, (("Retry-After", RETRY_AFTER),))
            return
        self.sound.hear(leg, Media(files=(self._settings.sorry_file,), then="hang_up"))
        try:
            self._pick_up(leg)
        except SipError as error:
            log("sorry_failed", reason=error.reason)

    # ---- commands ----------------------------------------------------------------------------------------------

    def _ring(self, command: Ring) -> None:
        leg, call = self._find(command.leg)
        if leg.inbound and not leg.answered:
            call.answer(180)
            self.rings(leg)

    def _answer(self, command: Answer) -> None:
        leg, _ = self._find(command.leg)
        if leg.inbound and not leg.answered:
            self._pick_up(leg)

    def _pick_up(self, leg: Leg) -> None:
        if leg.call is not None:
            leg.answered = True
            leg.signal = "answered"
            leg.call.answer(200)

    def _dial(self, command: Dial) -> None:
        permit = command.permit
        if permit.epoch != self._events.epoch or not self._gate.genuine(permit):
            raise Refused("permit_refused")
        if permit.leg in self._legs:
            raise Refused("leg_exists")
        if _TARGET.fullmatch(permit.target) is None:
            raise Refused("target_bad", "a target is sip:user@address with an IP address")
        if not self._admission.room_to_dial(len(self._legs)):
            raise Refused("no_room", f"{len(self._legs)} legs")
        leg = Leg(self, permit.leg, inbound=False)
        sender = name_addr(command.display, command.caller, self._settings.public_address or self._settings.address)
        self._legs[leg.id] = leg
        leg.command = command.n
        self.sound.hear(leg, command.media)
        try:
            leg.call = self._endpoint.dial(permit.target, sender, _headers(command.headers), leg)
        except SipError as error:
            self._forget(leg)
            raise Refused("dial_failed", error.reason) from None
        leg.timer = self._loop.call_later(command.timeout, self._not_answered, leg)

    def _not_answered(self, leg: Leg) -> None:
        leg.timer = None
        if not leg.answered:
            self._end(leg, "worker", 408)

    def _hang_up(self, command: HangUp) -> None:
        leg, _ = self._find(command.leg)
        reason = clean(command.reason)
        code = 0 if leg.answered else command.code if leg.inbound else 487
        self._end(leg, "engine", code, (("Reason", reason),) if reason else ())

    def _hear(self, command: Hear) -> None:
        leg, _ = self._find(command.leg)
        leg.command = command.n
        self.sound.hear(leg, command.media)
        if command.media.peer and command.media.peer not in self._legs:
            raise Refused("peer_unknown")

    def _send_digits(self, command: SendDigits) -> None:
        _, call = self._find(command.leg)
        call.send_digits(command.digits)

    def _record(self, command: Record) -> None:
        if command.recording in self._recordings:
            raise Refused("recording_exists")
        legs = [self._find(leg)[0] for leg in command.legs]
        try:
            self._recordings.start(command.recording, legs, command.path)
        except SipError as error:
            raise Refused("recording_failed", error.reason) from None

    def _stop_recording(self, command: StopRecording) -> None:
        if command.recording not in self._recordings:
            raise Refused("recording_unknown")
        self._recordings.stop(command.recording, self._legs.values())

    def _find(self, leg_id: str) -> tuple[Leg, Call]:
        leg = self._legs.get(leg_id)
        if leg is None or leg.call is None:
            raise Refused("leg_unknown")
        return leg, leg.call

    def _end(self, leg: Leg, by: Literal["engine", "worker"], code: int, headers: Headers = ()) -> None:
        """Hang up; `ended` is called before this returns."""
        if leg.call is None:
            return
        leg.ended_by = by
        try:
            leg.call.hang_up(0 if leg.answered else code, headers)
        except SipError as error:
            log("hang_up_failed", reason=error.reason)

    # ---- what calls say ----------------------------------------------------------------------------------------

    def rings(self, leg: Leg) -> None:
        leg.rang = True
        if not leg.answered:
            leg.signal = "ringing"

    def confirmed(self, leg: Leg) -> None:
        if leg.inbound or leg.answered:
            return
        leg.answered = True
        leg.signal = "answered"
        if leg.timer is not None:
            leg.timer.cancel()
            leg.timer = None
        self._events.emit(LegAnswered, leg.id)
        self._audio_up(leg)

    def media_changed(self, leg: Leg) -> None:
        leg.port = leg.call.port() if leg.call is not None else None
        self._silence.answered(leg)
        if leg.answered:
            self._audio_up(leg)

    def _audio_up(self, leg: Leg) -> None:
        try:
            self.sound.audio_up(leg)
            self._recordings.audio_up(leg)
        except SipError as error:
            log("audio_failed", reason=error.reason)

    def digit(self, leg: Leg, digit: str) -> None:
        self._events.emit(DigitPressed, leg.id, digit)

    def ended(self, leg: Leg, code: int) -> None:
        self._forget(leg)
        self._events.emit(LegEnded, leg.id, code, leg.ended_by, leg.answered, leg.rang, leg.stats)
        if self._stop_when_empty and not self._legs:
            self._emptied()

    def _forget(self, leg: Leg) -> None:
        if self._legs.pop(leg.id, None) is None:
            return
        if leg.inbound:
            self._inbound -= 1
        if leg.timer is not None:
            leg.timer.cancel()
            leg.timer = None
        self._silence.gone(leg)
        leg.call = None
        self.sound.gone(leg)
        self._recordings.gone(leg)

    # ---- what sound and recordings say -------------------------------------------------------------------------

    def _what_follows_is_the_end(self, leg: Leg) -> None:
        self._end(leg, "worker", 0)

    def _play_ended(self, leg: Leg, play: str) -> None:
        self._events.emit(PlayEnded, leg.id, play)

    def _unplayable(self, leg: Leg, path: str, why: str) -> None:
        log("file_unplayable", file=path, reason=why)
        self._events.emit(CommandFailed, leg.command, leg.id, "file_unplayable", path)

    def _recording_ended(self, recording: str, seconds: float) -> None:
        self._events.emit(RecordingEnded, recording, seconds)

    def _media_silent(self, leg: Leg, alive: bool) -> None:
        self._events.emit(MediaSilent, leg.id, alive)

    def _failed(self, command: Command, error_id: str, detail: str) -> None:
        leg = command.permit.leg if isinstance(command, Dial) else getattr(command, "leg", "")
        self._events.emit(CommandFailed, command.n, leg, error_id, detail)


def _headers(headers: Headers) -> Headers:
    """Check headers to be sent: nothing may break out of its line."""
    for name, _ in headers:
        if _HEADER_NAME.fullmatch(name) is None:
            raise Refused("header_bad", "a header's name is not a token")
    return tuple((name, clean(value)) for name, value in headers)
