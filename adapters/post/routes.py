"""What hooks offer over HTTP."""

from collections.abc import Callable
from typing import Annotated, Final

from msgspec import Meta, Struct

from adapters.post.signing import SIGNATURE, TIMESTAMP
from adapters.post.taking import Taking
from router.api import Asked, Pace, Route, Visitor, public, routes_of

PACE: Final = Pace(rate=50, burst=200)
"""Of requests from one source: a gateway."""
STATUSES: Final = {"signature_bad": 401, "signature_old": 401, "hook_secret": 503}


class Taken(Struct, frozen=True, kw_only=True):
    """The message is kept, or was before."""

    taken: bool = True


class Posted(Asked, frozen=True):
    """A signed request."""

    hook: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s/]+$")]
    body: bytes = b""


class HookRoutes:
    """What gateways ask for."""

    def __init__(self, taking: Callable[[], Taking]) -> None:
        """`taking` raises Refused before there is one."""
        self._taking = taking

    @public(
        "POST",
        "/post/{hook}",
        PACE,
        raw=True,
        refusals=("unknown_hook", "signature_bad", "signature_old", "hook_secret", "store_away"),
    )
    async def post(self, visitor: Visitor, asked: Posted) -> Taken:
        """Take a message of a gateway, once, however often it is told. docs/channels.md says how it is signed."""
        headers = visitor.headers
        signed = headers.get(TIMESTAMP.lower(), ""), headers.get(SIGNATURE.lower(), "")
        await self._taking().take(asked.hook, signed, asked.body)
        return Taken()


def routes(taking: Callable[[], Taking]) -> list[Route]:
    """Return the routes of hooks."""
    return routes_of(HookRoutes(taking), "post")
