"""Mailboxes over HTTP: how they are."""

from collections.abc import Callable
from typing import Annotated

from msgspec import Meta, Struct

from adapters.email.post import Post
from adapters.redis.errors import StoreAway
from router.api import STAFF, WATCHERS, Asked, Caller, Example, Route, route, routes_of
from router.inputs import Refused


class MailboxView(Struct, frozen=True, kw_only=True):
    """A mailbox. Its address is in the configuration, not here."""

    mailbox: str
    up: bool
    """It is being read."""
    since: float | None
    """Since when it has been so, UTC seconds."""
    trouble: str
    """Why it is not."""
    uidvalidity: int
    taken_through: int
    """The UID up to which everything was taken in."""


class Mailboxes(Struct, frozen=True):
    """All mailboxes."""

    mailboxes: tuple[MailboxView, ...]


class ByReference(Asked, frozen=True):
    """The number that a citizen reads from a letter."""

    reference: Annotated[str, Meta(min_length=10, max_length=11, pattern="^[0-9A-Za-z]{5}-?[0-9A-Za-z]{5}$")]


class Matter(Struct, frozen=True):
    """A matter."""

    matter: str
    """Its first contact."""


class MailRoutes:
    """Carries out what is asked about mailboxes."""

    def __init__(self, post: Callable[[], Post | None]) -> None:
        self._post = post

    @route("GET", "/mail/mailboxes", roles=WATCHERS, examples=(Example(summary="All", asked=Asked()),))
    async def mailboxes(self, _: Caller, asked: Asked) -> Mailboxes:
        """Show how each mailbox is: whether it is read, and if not, why."""
        post = self._post()
        watches = post.watches if post is not None else {}
        return Mailboxes(
            tuple(
                MailboxView(
                    mailbox=name,
                    up=watch.seen.up,
                    since=watch.seen.since,
                    trouble=watch.seen.trouble,
                    uidvalidity=watch.seen.uidvalidity,
                    taken_through=watch.seen.taken_through,
                )
                for name, watch in watches.items()
            )
        )

    @route(
        "GET",
        "/matters/by-reference/{reference}",
        roles=STAFF,
        refusals=("unknown_reference", "store_away"),
        examples=(
            Example(
                summary="On the telephone", asked=ByReference(reference="7XK42-M9PQR"), given="7XK42-M9PQR is known"
            ),
        ),
    )
    async def by_reference(self, _: Caller, asked: ByReference) -> Matter:
        """Find the matter whose reference number a citizen names, by whatever channel."""
        post = self._post()
        try:
            matter = await post.matter_of(asked.reference) if post is not None else None
        except StoreAway as error:
            raise Refused("store_away", "Redis does not answer", retryable=True) from error
        if matter is None:
            raise Refused("unknown_reference", "no matter has this reference number")
        return Matter(matter)


def routes(post: Callable[[], Post | None]) -> list[Route]:
    """Return the routes of mail; `post` is None while there is no mail."""
    return routes_of(MailRoutes(post), "mail")
