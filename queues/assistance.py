"""What people need in order to be served as well as everybody else, and who interprets between them and an agent."""

from msgspec import Struct

from queues.hours import ALWAYS, Hours
from queues.skills import Needs


class Assistance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a need, or a language, takes of an agent."""

    needs: Needs = ()
    """Skills; none for what an agent only has to know of."""
    wait: float = 120.0
    """Seconds of open time after which somebody without them is as good: nobody waits for ever for a rare skill."""


class Duty(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who interprets; the id is no personal value. Who that is, only the installation knows."""

    id: str
    hours: Hours = ALWAYS
    """When that one is on duty, in local time."""


class Interpreters(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who interprets a language, in the order in which they are rung."""

    duty: tuple[Duty, ...] = ()
    ring: float = 20.0
    """Seconds for which each is rung."""
