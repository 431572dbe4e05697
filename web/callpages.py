"""Pages from which citizens ring: what the configuration says of them."""

from collections.abc import Mapping

from msgspec import Struct


class Page(Struct, frozen=True, kw_only=True):
    """A page to ring from."""

    title: Mapping[str, str] = {}
    """By language."""
    languages: tuple[str, ...] = ()
    """In which it can ring; the first is the page's own."""
    queue: str = ""
    """Where it leads straight to, if it does: while that is closed nobody rings in vain."""
    embedded_by: tuple[str, ...] = ()
    """Sites that may show it in a frame."""
    calls: int = 20
    """At a time."""
    per_hour: int = 30
    """Calls from one address."""
    chat: str = ""
    """A page of chat.yaml, for who cannot ring."""
    callback: str = ""
    """A queue whose page promises calls, for the same."""


class WebCalls(Struct, frozen=True, kw_only=True):
    """All pages to ring from; without one the edge opens nothing for them."""

    pages: dict[str, Page] = {}
    proxies: tuple[str, ...] = ()
    """Addresses of reverse proxies, whose word about a citizen's address is believed."""
