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


Done = Literal["signed_in", "signed_out", "acted", "refused"]


class Deed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What somebody did, or was refused."""

    by: str = ""
    """Name of the token, or of the session, which begins with that of the account; empty where nobody was known."""
    role: str = ""
    agent: str = ""
    what: str
    """The route, as `POST /agents/{agent}/pause`."""
    about: dict[str, str] = {}
    """What the route's path names."""
    error: str = ""
    """Id of the error, when it was refused."""


class DeedLog(Protocol):
    """Keeps deeds for good."""

    def note(self, kind: Done, deed: Deed) -> None:
        """Keep a deed; nobody waits for it."""


class AccessLog(Protocol):
    """Keeps looks for good, before anything is seen."""

    async def looked(self, look: Looked) -> None:
        """Return once the look is on disk. Raises Refused (`access_log_away`): then nothing may be shown."""
