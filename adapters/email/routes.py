"""Mailboxes over HTTP: how they are."""

from collections.abc import Callable

from msgspec import Struct

from adapters.email.post import Post
from router.api import WATCHERS, Asked, Caller, Example, Route, route, routes_of


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


def routes(post: Callable[[], Post | None]) -> list[Route]:
    """Return the routes of mail; `post` is None while there is no mail."""
    return routes_of(MailRoutes(post), "mail")
