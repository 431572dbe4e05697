"""Calls that come in: who is let in, and what becomes of them while there is no engine."""

import asyncio
import time
from typing import Final

from adapters.sip.accounts import LEG_HEADER
from adapters.sip.admission import Admission
from adapters.sip.calls import Calls
from adapters.sip.echo import CALLED, Echoes
from adapters.sip.events import Events
from adapters.sip.invitation import Party, is_anonymous, network_named, read_invitation, sent_at
from adapters.sip.legs import Leg
from adapters.sip.logs import log
from adapters.sip.native import Call, SipError
from adapters.sip.protocol import CallArrived, Media
from adapters.sip.settings import WorkerSettings
from router.configuration import WEB_CALL

RETRY_AFTER: Final = "5"
"""Seconds a refused caller's network should wait (RFC 3261 §20.33)."""
EDGE_WAITS_S: Final = 2.0
"""The edge gives a call to another worker when it has heard nothing for so long (`adapters.edge.configuration`)."""


class Callers:
    """Takes invitations, as `accounts.Incoming`."""

    def __init__(
        self,
        settings: WorkerSettings,
        generation: str,
        loop: asyncio.AbstractEventLoop,
        calls: Calls,
        events: Events,
        admission: Admission,
    ) -> None:
        self._prefix = f"{settings.name}-{generation}-"
        self._orphan_ring = settings.orphan_ring
        self._sorry_file = settings.sorry_file
        self._behind_edge = bool(settings.edge)
        self._loop = loop
        self._calls = calls
        self._events = events
        self._admission = admission
        self._echoes = Echoes(loop)
        self.draining = False
        """Admit nobody any more."""
        self.admitted = 0
        self.rejected = 0

    def engine_came(self) -> None:
        """Calls that waited for an engine have one."""
        for leg in self._calls.legs.values():
            if leg.inbound and leg.timer is not None:
                leg.timer.cancel()
                leg.timer = None

    def engine_went(self) -> None:
        """Whoever has not been answered waits for the next engine, for a while."""
        for leg in self._calls.legs.values():
            if leg.inbound and not leg.answered:
                self._await_engine(leg)

    def room(self) -> bool:
        """Tell whether one more caller would be admitted."""
        return not self.draining and self._admission.room_for_caller(self._calls.inbound, self._calls.dialled)

    def network(self, source: str, text: str) -> str:
        """Return the name of the network that a request belongs to; empty for a stranger's."""
        network = self._admission.network(source, network_named(text) if self._behind_edge else "")
        return network.name if network is not None else ""

    def incoming(self, call: Call, network_name: str, text: str) -> None:
        """Take or refuse an invitation."""
        network = self._admission.named(network_name) if network_name else None
        if network is None:
            self.rejected += 1
            call.answer(403)
            return
        if not self.room() or self._gone_elsewhere(text):
            self.rejected += 1
            call.answer(503, (("Retry-After", RETRY_AFTER),))
            return
        invitation = read_invitation(text)
        if network.webrtc and invitation.called == CALLED:
            call.offered(audio=True, text=False)
            self._echoes.begin(call)
            return
        if network.nobodys != invitation.called.startswith(WEB_CALL):
            self.rejected += 1
            call.answer(404)
            return
        asserted = invitation.asserted if network.may_assert else None
        party = asserted or invitation.sender
        known = not network.nobodys and not invitation.private and not is_anonymous(party)
        if not known:
            party = Party()
        self.admitted += 1
        leg = Leg(self._calls, f"{self._prefix}{self.admitted}", network, inbound=True)
        leg.call = call
        call.offered(audio=invitation.audio, text=invitation.text)
        if self._behind_edge:
            leg.label = ((LEG_HEADER, leg.id),)
        self._calls.add(leg)
        if invitation.text:
            self._calls.texts.begun(leg)
        call.listen(leg)
        vouched = known and asserted is not None
        called, phone = invitation.called, invitation.phone if self._behind_edge and not network.nobodys else ""
        who = party.user, party.host, party.display, network.name, vouched, phone
        voucher = invitation.voucher if network.nobodys else ""
        self._events.emit(CallArrived, leg.id, called, *who, invitation.text, invitation.audio, voucher)
        if not self._events.attached:
            self._await_engine(leg)

    def _gone_elsewhere(self, text: str) -> bool:
        sent = sent_at(text) if self._behind_edge else None
        return sent is not None and time.clock_gettime(time.CLOCK_REALTIME) - sent >= EDGE_WAITS_S

    def _await_engine(self, leg: Leg) -> None:
        self._loop.call_soon(self._ring_alone, leg)
        if leg.timer is None:
            leg.timer = self._loop.call_later(self._orphan_ring, self._no_engine_came, leg)

    def _ring_alone(self, leg: Leg) -> None:
        if leg.rang:
            return
        try:
            self._calls.ring(leg)
        except SipError as error:
            log("ring_failed", reason=error.reason)

    def _no_engine_came(self, leg: Leg) -> None:
        leg.timer = None
        if leg.call is None or leg.answered:
            return
        log("no_engine_for_call", leg=leg.id)
        if not self._sorry_file:
            self._calls.end(leg, "worker", 503, (("Retry-After", RETRY_AFTER),))
            return
        self._calls.sound.hear(leg, Media(files=(self._sorry_file,), then="hang_up"))
        try:
            self._calls.pick_up(leg)
        except SipError as error:
            log("sorry_failed", reason=error.reason)
