"""Looks at personal values: what the access log keeps of them, told without files."""

from typing import Literal, Protocol

from msgspec import Struct

Ground = Literal["serves", "leads", "role", "export", "erasure", "desk"]
"""Why somebody may look: serves the contact, leads those who do, has a role that may, or does what the law asks for."""


class Looked(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody is about to see personal values. It holds none of them."""

    by: str
    """Name of the token."""
    role: str
    agent: str = ""
    ground: Ground
    contact: str = ""
    matter: str = ""
    person: str = ""
    """A keyed hash of the person's pseudonym: equal for equal persons, and leads nowhere."""
    kinds: tuple[str, ...] = ()
    """What is seen: `number`, `messages`, names of answers, `recording`."""
    secret: bool = False
    """The matter is secret."""
    why: str = ""
    """In the words of who looks, where they were asked for."""


class AccessLog(Protocol):
    """Keeps looks for good, before anything is seen."""

    async def looked(self, look: Looked) -> None:
        """Return once the look is on disk. Raises Refused (`access_log_away`): then nothing may be shown."""
