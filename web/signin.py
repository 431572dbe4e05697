"""Who asks: a token in the Authorization header (RFC 6750). Cookies of people join here once there is a desk."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from router.api import Caller
from router.inputs import Refused
from web.limits import Limit
from web.tokens import Tokens

FAILURES_A_SECOND: Final = 0.2
FAILURES_AT_ONCE: Final = 10
"""Wrong tokens from one address, before it is told to come back later."""


class SignIn:
    """Knows callers by their tokens."""

    def __init__(self, tokens: Tokens, now: Callable[[], float]) -> None:
        self._tokens = tokens
        self._failures = Limit(FAILURES_A_SECOND, FAILURES_AT_ONCE, now)
        self.failed = 0
        """Wrong tokens so far."""

    def caller(self, authorization: str, peer: str) -> Caller:
        """Return who asks. Raises Refused.

        A right token counts however many wrong ones came from the same address, so that nobody behind a shared proxy
        can be shut out by a neighbour; guessing 256 bits is hopeless at any pace, the limit spares work and shows.
        """
        scheme, _, shown = authorization.partition(" ")
        if scheme.lower() != "bearer" or not shown:
            raise Refused("not_signed_in", "send a token as: Authorization: Bearer TOKEN")
        token = self._tokens.find(shown.strip())
        if token is not None:
            return token.caller
        self.failed += 1
        if not self._failures.spend(peer):
            raise Refused("too_many_sign_ins", "too many wrong tokens came from this address", retryable=True)
        raise Refused("not_signed_in", "this token is not known here, or not valid any more")

    def stands(self, caller: Caller) -> bool:
        """Tell whether a caller who came in some time ago would still be let in."""
        token = self._tokens.named(caller.name)
        return token is not None and token.caller == caller


def check_origin(origin: str | None, host: str | None) -> None:
    """Refuse what a page from elsewhere sends through somebody's browser. Raises Refused."""
    if origin is None:
        return
    if origin == "null" or urlsplit(origin).netloc.lower() != (host or "").lower():
        raise Refused("origin_refused", "requests from pages of other sites are not taken")
