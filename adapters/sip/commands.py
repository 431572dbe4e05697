"""The engine's commands, carried out one by one."""

import asyncio
import re
from collections.abc import Callable
from typing import Final

from adapters.sip.accounts import LEG_HEADER, NETWORK_HEADER, host_of
from adapters.sip.admission import Admission
from adapters.sip.calls import Calls
from adapters.sip.endpoint import Endpoint
from adapters.sip.events import Events
from adapters.sip.invitation import clean, name_addr
from adapters.sip.legs import Leg
from adapters.sip.native import Call, Headers, SipError
from adapters.sip.protocol import (
    Answer,
    Command,
    CommandFailed,
    Dial,
    Enlist,
    HangUp,
    Hear,
    Probe,
    Record,
    Redirect,
    Refer,
    ReportTransfer,
    Ring,
    SendDigits,
    Show,
    StopRecording,
    Write,
)
from adapters.sip.refer import TARGET_MAX
from adapters.sip.settings import Network, WorkerSettings
from adapters.sip.trunks import Trunks
from router.dialling import Gate, Permit

_TARGET: Final = re.compile(r"sips?:[^\s<>\"]*?(\d+\.\d+\.\d+\.\d+|\[[0-9A-Fa-f:.]+\])(:\d+)?([;?][^\s<>\"]*)?")
"""Addresses only: looking up a name would block every call of the worker."""
_NAMED_TARGET: Final = re.compile(r"sips?:[^\s<>\"@]+@[A-Za-z0-9.\-\[\]:]+(;[^\s<>\"?]*)?")
"""Behind an edge, which looks names up."""
_DIGITS: Final = re.compile(r"[0-9A-D*#]{1,32}")
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")


class Refused(Exception):
    """A command cannot be carried out; `error_id` is stable."""

    def __init__(self, error_id: str, detail: str = "") -> None:
        super().__init__(error_id)
        self.error_id = error_id
        self.detail = detail


class Commands:
    """Carries out commands; what cannot be done is reported as CommandFailed."""

    def __init__(
        self,
        settings: WorkerSettings,
        loop: asyncio.AbstractEventLoop,
        calls: Calls,
        endpoint: Endpoint,
        events: Events,
        admission: Admission,
        trunks: Trunks,
    ) -> None:
        self._here = host_of(settings.public_address or settings.address)
        self._behind_edge = bool(settings.edge)
        self._loop = loop
        self._calls = calls
        self._endpoint = endpoint
        self._events = events
        self._admission = admission
        self._trunks = trunks
        self._gate = Gate(settings.dial_key)
        self._handlers: dict[type[Command], Callable[..., None]] = {
            Ring: self._ring,
            Answer: self._answer,
            Dial: self._dial,
            HangUp: self._hang_up,
            Hear: self._hear,
            Redirect: self._redirect,
            ReportTransfer: self._report_transfer,
            Refer: self._refer,
            SendDigits: self._send_digits,
            Show: self._show,
            Write: self._write,
            Probe: self._probe,
            Enlist: self._enlist,
            Record: self._record,
            StopRecording: self._stop_recording,
        }

    def execute(self, command: Command) -> None:
        """Carry out one command."""
        try:
            self._handlers[type(command)](command)
        except Refused as refused:
            self._failed(command, refused.error_id, refused.detail)
        except SipError as error:
            self._failed(command, "sip_refused", error.reason)

    def _ring(self, command: Ring) -> None:
        self._calls.ring(self._find(command.leg)[0])

    def _answer(self, command: Answer) -> None:
        self._calls.pick_up(self._find(command.leg)[0])

    def _dial(self, command: Dial) -> None:
        permit = command.permit
        self._check_permit(permit)
        if permit.leg in self._calls.legs:
            raise Refused("leg_exists")
        if not self._admission.room_to_dial(len(self._calls.legs)):
            raise Refused("no_room", f"{len(self._calls.legs)} legs")
        network = self._network(command.network)
        leg = Leg(self._calls, permit.leg, network, inbound=False)
        leg.target = permit.target
        leg.confirm = command.confirm
        domain = network.domain or self._here
        sender = name_addr(command.display, command.caller, domain)
        headers = _headers(command.headers)
        if command.identity:
            headers += (("P-Asserted-Identity", name_addr("", command.identity, domain)),)
        if self._behind_edge:
            leg.label = ((LEG_HEADER, leg.id),)
            headers += ((NETWORK_HEADER, network.name), *leg.label)
        self._calls.add(leg)
        leg.command = command.n
        self._calls.sound.hear(leg, command.media)
        try:
            leg.call = self._endpoint.dial(network.name, permit.target, sender, headers, leg)
        except SipError as error:
            self._calls.forget(leg)
            raise Refused("dial_failed", error.reason) from None
        leg.timer = self._loop.call_later(command.timeout, self._not_answered, leg)

    def _check_permit(self, permit: Permit) -> None:
        if permit.epoch != self._events.epoch or not self._gate.genuine(permit):
            raise Refused("permit_refused")
        known = _NAMED_TARGET if self._behind_edge else _TARGET
        if len(permit.target) > TARGET_MAX or known.fullmatch(permit.target) is None:
            raise Refused("target_bad", "a target is sip:user@address; without an edge, an IP address")

    def _not_answered(self, leg: Leg) -> None:
        leg.timer = None
        if not leg.answered:
            self._calls.end(leg, "worker", 408)

    def _hang_up(self, command: HangUp) -> None:
        leg, _ = self._find(command.leg)
        reason = clean(command.reason)
        code = 0 if leg.answered else command.code if leg.inbound else 487
        self._calls.end(leg, "engine", code, (("Reason", reason),) if reason else ())

    def _hear(self, command: Hear) -> None:
        leg, _ = self._find(command.leg)
        leg.command = command.n
        self._calls.sound.hear(leg, command.media)
        if leg.media.peers != command.media.peers:
            raise Refused("peer_unknown")

    def _redirect(self, command: Redirect) -> None:
        leg, _ = self._find(command.leg)
        if not self._behind_edge:
            raise Refused("no_edge", "only an edge follows a redirection")
        if not leg.inbound or leg.answered:
            raise Refused("leg_answered")
        if len(command.target) > TARGET_MAX or _TARGET.fullmatch(command.target) is None:
            raise Refused("target_bad", "another worker is sip:user@address with an IP address")
        self._calls.redirect(leg, command.target)

    def _report_transfer(self, command: ReportTransfer) -> None:
        leg, _ = self._find(command.leg)
        if leg.transfer_timer is None:
            raise Refused("transfer_unknown")
        try:
            self._calls.transfers.report(leg, command.code, clean(command.reason))
        except SipError as error:
            raise Refused("transfer_unknown", error.reason) from None

    def _refer(self, command: Refer) -> None:
        leg, _ = self._find(command.permit.leg)
        self._check_permit(command.permit)
        if not leg.answered or leg.refer_timer is not None:
            raise Refused("refer_pending" if leg.answered else "leg_unanswered")
        self._calls.transfers.refer(leg, command.permit.target)

    def _send_digits(self, command: SendDigits) -> None:
        _, call = self._find(command.leg)
        if _DIGITS.fullmatch(command.digits) is None:
            raise Refused("digits_bad", "digits are 1 to 32 of 0-9, A-D, * and #")
        call.send_digits(command.digits)

    def _show(self, command: Show) -> None:
        if not self._calls.texts.show(self._find(command.leg)[0], command.number, command.text):
            raise Refused("text_refused")

    def _write(self, command: Write) -> None:
        if not self._calls.texts.write(self._find(command.leg)[0], command.text):
            raise Refused("text_refused")

    def _probe(self, command: Probe) -> None:
        self._calls.probe(self._find(command.leg)[0])

    def _record(self, command: Record) -> None:
        if command.recording in self._calls.recordings:
            raise Refused("recording_exists")
        legs = [self._find(leg)[0] for leg in command.legs]
        try:
            self._calls.recordings.start(command.recording, legs, command.path, command.seconds_max, command.silence)
        except SipError as error:
            raise Refused("recording_failed", error.reason) from None

    def _stop_recording(self, command: StopRecording) -> None:
        if command.recording not in self._calls.recordings:
            raise Refused("recording_unknown")
        self._calls.recordings.stop(command.recording)

    def _enlist(self, command: Enlist) -> None:
        if not self._trunks.enlist(self._network(command.network).name, command.active):
            raise Refused("no_registrar", command.network)

    def _network(self, name: str) -> Network:
        network = self._admission.named(name)
        if network is None:
            raise Refused("network_unknown", name)
        return network

    def _find(self, leg_id: str) -> tuple[Leg, Call]:
        leg = self._calls.legs.get(leg_id)
        if leg is None or leg.call is None:
            raise Refused("leg_unknown")
        return leg, leg.call

    def _failed(self, command: Command, error_id: str, detail: str) -> None:
        self._events.emit(CommandFailed, command.n, _leg_of(command), error_id, detail)


def _leg_of(command: Command) -> str:
    match command:
        case Dial() | Refer():
            return command.permit.leg
        case Record():
            return command.legs[0] if command.legs else ""
        case _:
            return getattr(command, "leg", "")


def _headers(headers: Headers) -> Headers:
    """Check headers to be sent: nothing may break out of its line."""
    for name, _ in headers:
        if _HEADER_NAME.fullmatch(name) is None:
            raise Refused("header_bad", "a header's name is not a token")
    return tuple((name, clean(value)) for name, value in headers)
