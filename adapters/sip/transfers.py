"""Transfers, both ways: phones that ask for one (REFER), and far ends that we ask to ring somebody else themselves."""

import asyncio
from typing import Final

from adapters.sip.events import Events
from adapters.sip.legs import Leg
from adapters.sip.logs import log
from adapters.sip.native import SipError, owner_of_dialog
from adapters.sip.protocol import ReferEnded, TransferAsked
from adapters.sip.refer import Dialog, read_refer_to

ACCEPTED: Final = 202
BAD_REQUEST: Final = 400
DECLINED: Final = 603
TIMED_OUT: Final = 408
DECIDED_WITHIN: Final = 5.0
"""Seconds an engine has to report anything about a transfer that a phone asked for."""
PROGRESS_WITHIN: Final = 120.0
"""Seconds from one report to the next."""
REFERRED_WITHIN: Final = 60.0
"""Seconds a far end has to say what became of a REFER of ours."""


class Transfers:
    """Those that are under way; each leg has one of each kind at most."""

    def __init__(self, loop: asyncio.AbstractEventLoop, events: Events) -> None:
        self._loop = loop
        self._events = events

    # ---- a phone asks ------------------------------------------------------------------------------------------

    def asked(self, leg: Leg, refer_to: str, request: str) -> int:
        """Tell the engine what a phone asks for, and return how to answer its REFER."""
        if not (leg.network.phones and leg.answered and self._events.attached):
            return DECLINED
        wanted = read_refer_to(refer_to, request)
        if wanted is None:
            log("refer_unreadable", leg=leg.id)
            return BAD_REQUEST
        self._decide_within(leg, DECIDED_WITHIN)
        replaces = _leg_of(wanted.replaces) if wanted.replaces is not None else ""
        self._events.emit(TransferAsked, leg.id, wanted.target, replaces)
        return ACCEPTED

    def report(self, leg: Leg, code: int, reason: str) -> None:
        """Tell the phone how its transfer goes. Raises SipError, also when it does not wait for that (any more)."""
        self._decided(leg)
        if leg.call is None:
            return
        leg.call.report_transfer(code, reason)
        if code < 200:
            self._decide_within(leg, PROGRESS_WITHIN)

    def _decide_within(self, leg: Leg, seconds: float) -> None:
        leg.transfer_timer = self._loop.call_later(seconds, self._undecided, leg)

    def _decided(self, leg: Leg) -> None:
        if leg.transfer_timer is not None:
            leg.transfer_timer.cancel()
            leg.transfer_timer = None

    def _undecided(self, leg: Leg) -> None:
        log("transfer_undecided", leg=leg.id)
        try:
            self.report(leg, DECLINED, "")
        except SipError as error:
            log("transfer_report_failed", reason=error.reason)

    # ---- we ask ------------------------------------------------------------------------------------------------

    def refer(self, leg: Leg, target: str) -> None:
        """Ask the far end of an answered leg to ring `target`. Raises SipError."""
        if leg.call is None:
            return
        leg.call.refer(target)
        leg.refer_timer = self._loop.call_later(REFERRED_WITHIN, self._refer_ended, leg, TIMED_OUT)

    def refer_status(self, leg: Leg, code: int, final: bool) -> bool:
        """Hear what the far end says of a REFER of ours; return whether to listen on."""
        if code < 200 and not final:
            return True
        self._refer_ended(leg, code if code >= 200 else TIMED_OUT)
        return False

    def _refer_ended(self, leg: Leg, code: int) -> None:
        if leg.refer_timer is not None:
            leg.refer_timer.cancel()
            leg.refer_timer = None
            self._events.emit(ReferEnded, leg.id, code)

    # ---- either ------------------------------------------------------------------------------------------------

    def gone(self, leg: Leg) -> None:
        """The leg ended, and with it what was under way; PJSIP tells the phone."""
        self._decided(leg)
        if leg.refer_timer is not None:
            leg.refer_timer.cancel()
            leg.refer_timer = None


def _leg_of(dialog: Dialog) -> str:
    """Return the phone's leg that a Replaces names; empty if it is none of ours."""
    found = owner_of_dialog(dialog.call_id, dialog.to_tag, dialog.from_tag)
    return found.id if isinstance(found, Leg) and found.network.phones else ""
