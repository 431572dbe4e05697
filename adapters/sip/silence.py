"""Legs from which no RTP comes any more: ask the far end by re-INVITE, and report; never hang up for it.

Held, text-only and relay calls are quiet, and a leg that never sent RTP may be meant so: only one that was heard and
fell silent is asked. The session timer (RFC 4028) ends what is really gone.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

from adapters.sip.legs import Leg
from adapters.sip.native import SipError

ANSWER_WITHIN: Final = 4.0
"""Seconds a far end has to accept the re-INVITE."""


class SilenceWatch:
    """Looks at each answered leg a few times per `timeout` seconds; 0 turns it off."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        legs: Mapping[str, Leg],
        timeout: float,
        silent: Callable[[Leg, bool], None],
    ) -> None:
        self._loop = loop
        self._legs = legs
        self._timeout = timeout
        self._silent = silent
        self._every = timeout / 4
        self._timer = loop.call_later(self._every, self._look) if timeout > 0 else None

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def answered(self, leg: Leg) -> None:
        """The leg's media was agreed on anew: a probe under way is answered."""
        if leg.probe is not None:
            leg.probe.cancel()
            leg.probe = None
            self._silent(leg, True)

    def gone(self, leg: Leg) -> None:
        """The leg ended."""
        if leg.probe is not None:
            leg.probe.cancel()
            leg.probe = None

    def _look(self) -> None:
        self._timer = self._loop.call_later(self._every, self._look)
        now = time.monotonic()
        for leg in tuple(self._legs.values()):
            if not leg.answered or leg.call is None or leg.port is None or leg.probe is not None:
                continue
            packets = leg.call.packets_in()
            if packets != leg.packets:
                leg.packets = packets
                leg.silent_since = now
            elif packets > 0 and now - leg.silent_since >= self._timeout:
                leg.silent_since = now
                self._probe(leg)

    def _probe(self, leg: Leg) -> None:
        if leg.call is None:
            return
        leg.probe = self._loop.call_later(ANSWER_WITHIN, self._unanswered, leg)
        try:
            leg.call.invite_again()
        except SipError:
            self.gone(leg)

    def _unanswered(self, leg: Leg) -> None:
        leg.probe = None
        self._silent(leg, False)
