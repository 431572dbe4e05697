"""Metrics of what flows say and ask. Labels are numbers of ours."""

from prometheus_client import CollectorRegistry, Counter

from adapters.speech.prompts import Prompts
from engine.invitations import Invitations
from engine.pins import Pins


class FlowMeters:
    """The metrics by their names at /metrics (counters get `_total` there)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._missing = Counter(
            "vaxel_prompts_missing", "Phrases that could not be said; silence was heard instead", registry=registry
        )
        self._pins = Counter(
            "vaxel_pins_refused", "Wrong PINs, and any while the number is locked", ["number"], registry=registry
        )
        self._logins = Counter(
            "vaxel_logins_refused", "Wrong agent numbers or PINs by telephone, and any while locked", registry=registry
        )
        self._codes = Counter(
            "vaxel_helper_codes_refused", "Codes of helpers in a crisis that opened nothing", registry=registry
        )
        self._shown = 0
        self._refused: dict[str, int] = {}
        self._refused_logins = 0
        self._refused_codes = 0

    def show(self, prompts: Prompts, pins: Pins, invitations: Invitations) -> None:
        """Bring the metrics up to date; call before /metrics is read."""
        self._missing.inc(prompts.missing - self._shown)
        self._shown = prompts.missing
        for number, count in pins.refused.items():
            self._pins.labels(number).inc(count - self._refused.get(number, 0))
        self._refused = dict(pins.refused)
        self._logins.inc(pins.refused_logins - self._refused_logins)
        self._refused_logins = pins.refused_logins
        self._codes.inc(invitations.refused - self._refused_codes)
        self._refused_codes = invitations.refused
