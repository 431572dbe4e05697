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
LOOKS: Final = 4
"""Looks at each leg within the time-out."""
SLICES: Final = 20
"""Parts of a round of looks, so that many legs never hold up the signalling."""


class SilenceWatch:
    """Looks at each answered leg `LOOKS` times in `timeout` seconds; 0 turns it off."""

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
        self._every = timeout / LOOKS / SLICES
        self._rest: list[Leg] = []
        """Legs to look at in this round."""
        self._slice = 0
        self._timer = loop.call_later(self._every, self._look) if timeout > 0 else None

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def ask(self, leg: Leg) -> None:
        """Ask the far end of a leg now, whatever was heard of it so far, and also if it has been asked in vain just
        now: it may be somewhere else since."""
        if leg.call is None:
            return
        before, leg.probe = leg.probe, None
        leg.packets = leg.call.packets_in()
        self._probe(leg)
        if leg.probe is None:  # the first question is still under way
            leg.probe = before
        elif before is not None:
            before.cancel()

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
        if not self._rest:
            self._rest = [leg for leg in self._legs.values() if leg.answered and not leg.held]
            self._slice = len(self._rest) // SLICES + 1
        now = time.monotonic()
        for leg in self._rest[-self._slice :]:
            if leg.call is not None and leg.probe is None:
                self._look_at(leg, leg.call.packets_in(), now)
        del self._rest[-self._slice :]

    def _look_at(self, leg: Leg, packets: int, now: float) -> None:
        if packets != leg.packets:
            leg.packets = packets
            leg.silent_since = now
        elif packets > 0 and now - leg.silent_since >= self._timeout and not leg.held:
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
        self._silent(leg, leg.call is not None and leg.call.packets_in() != leg.packets)
