"""How legs ended and how they sounded, kept beside the messages; the engine's part of tracing."""

import logging
from pathlib import Path
from typing import Final

from adapters.sip.protocol import LegEnded
from adapters.trace import record
from adapters.trace.ring import Ring
from adapters.trace.settings import TraceSettings

log = logging.getLogger(__name__)

BYTES_MAX: Final = 16 * 1024 * 1024
"""Some 100,000 legs."""
SEGMENT_BYTES: Final = 1024 * 1024
TIDY_EVERY: Final = 500
"""Legs."""


class LegBook:
    """Notes legs as they end. A leg that is told again, after an engine's death, stands there twice."""

    def __init__(self, folder: Path, settings: TraceSettings) -> None:
        self._ring = Ring(
            folder,
            record.LEGS,
            bytes_max=BYTES_MAX,
            age_max=settings.keep,
            zipped=False,  # it would hold the loop
            segment_bytes=SEGMENT_BYTES,
        )
        self._keeps = settings.keep > 0
        self._noted = 0

    def ended(self, contact: str, event: LegEnded) -> None:
        """Note how a leg of a contact ended."""
        if not self._keeps:
            return
        stats = event.stats
        noted = record.LegRecord(
            event.at,
            event.leg,
            contact,
            event.network,
            event.code,
            event.by,
            event.began,
            event.answered_at,
            event.held_for,
            stats.codec,
            stats.packets_in,
            stats.packets_out,
            stats.lost,
            stats.discarded,
            stats.jitter_ms,
            stats.jitter_max_ms,
            stats.rtt_ms,
            stats.far_lost,
            stats.far_jitter_ms,
        )
        try:
            self._ring.append(record.encode(noted), event.at)
            self._ring.flush()
            self._noted += 1
            if self._noted % TIDY_EVERY == 0:
                self._ring.tidy(event.at)
        except OSError as error:
            log.warning("a leg is not noted: %s", error.strerror, extra={"action": "trace.not_noted"})

    def tidy(self, now: float) -> None:
        """Let old files go."""
        try:
            self._ring.tidy(now)
        except OSError as error:
            log.warning("old traces stay: %s", error.strerror, extra={"action": "trace.not_tidied"})
