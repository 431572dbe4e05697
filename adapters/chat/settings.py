"""What the chat is told. Times in seconds."""

from collections.abc import Mapping

from msgspec import Struct, field

CHANNEL = "chat"


class Page(Struct, frozen=True, kw_only=True):
    """A page to chat from; its name is the way in (`router.configuration.Entry`)."""

    title: str = ""
    languages: tuple[str, ...] = ()
    """In which it can begin; the first is the page's own."""
    embedded_by: tuple[str, ...] = ()
    """Sites that may show it in a frame."""


class ChatSettings(Struct, frozen=True, kw_only=True):
    """chat.yaml; without a page nothing of it is started."""

    pages: dict[str, Page] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Language to what is written: prompts by their names, what is said taking the place of what is not."""
    back_within: float = 60.0
    """How long a citizen who was cut off may take to come back."""
    text_max: int = 4000
    """Characters of a message."""
    messages_max: int = 500
    """In one conversation, of everybody."""
    chats_max: int = 1000
    """At a time."""
    proxies: tuple[str, ...] = ()
    """Addresses of reverse proxies, whose word about a citizen's address is believed."""
