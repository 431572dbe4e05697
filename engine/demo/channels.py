"""How each channel is served, counted from the event stream alone, as any wallboard could. Pure."""

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any, Final

from msgspec import Struct, field

TITLES: Final = {
    "call": "phone",
    "text": "text call",
    "callback": "callback",
    "mail": "mail",
    "chat": "chat",
    "post": "SMS",
    "visit": "visit",
    "left": "reports",
}
"""Of the channels that are shown, in their order."""
LEFT: Final = "left"
"""Stands for what callers leave behind for somebody to read."""
TOGETHER: Final = {"report": LEFT, "message": LEFT, "form": LEFT}
BEGINS: Final = frozenset({"contact.arrived", "contact.queued", "callback.registered"})
PROMISES: Final = "callback"
"""The channel of promises. Who asks for one on a page is a contact besides, which ends with the promise."""
SERVED: Final = frozenset({"served", "connected"})
GIVEN_UP: Final = frozenset({"abandoned", "gave_up", "no_show", "not_reached"})

Event = Mapping[str, Any]


class Channel(Struct):
    """What became of one channel's contacts. Waits in seconds."""

    arrived: int = 0
    served: int = 0
    left: int = 0
    """The citizen did not come, was not reached, or left for good."""
    otherwise: int = 0
    """Ended in another way: will be called back, has left a report, was told why nobody can answer."""
    waits: list[float] = field(default_factory=list)
    """Of those whom an agent took."""
    waiting: dict[str, float] = field(default_factory=dict)
    """Contact to the moment from which it waits for an agent."""
    gone: set[str] = field(default_factory=set)
    """Contacts whose citizens left, and may come back: their places are kept."""
    in_hand: set[str] = field(default_factory=set)
    """Contacts that agents have."""

    @property
    def given_up(self) -> int:
        """Return how many did not wait, or were waited for in vain."""
        return self.left + len(self.gone)

    @property
    def open(self) -> int:
        """Return how many have not come to an end."""
        return self.arrived - self.served - self.given_up - self.otherwise

    def waits_at(self, now: float) -> int:
        """Return how many wait: who is to be served later does not yet."""
        return sum(since <= now for since in self.waiting.values())

    @property
    def median(self) -> float | None:
        """Return the median wait; None while nobody has been taken."""
        return median(self.waits) if self.waits else None

    @property
    def longest(self) -> float | None:
        """Return the longest wait of those who were taken; None while nobody has been."""
        return max(self.waits, default=None)


class Channels:
    """All channels. A contact counts from the first thing that is heard of it."""

    def __init__(self, shown: Iterable[str]) -> None:
        """`shown` are those that the city has."""
        wanted = {*shown, LEFT}
        self.known = {name: Channel() for name in TITLES if name in wanted}
        self.left_out: dict[str, str] = {}
        """Channel to why it has no part in the demonstration."""
        self._began: dict[str, float] = {}
        """Contact to when it began to wait."""
        self._seen: set[str] = set()

    @property
    def unserved(self) -> list[str]:
        """Return the channels by which nobody has been served so far."""
        return [name for name, one in self.known.items() if name != LEFT and not one.served]

    def leave_out(self, channel: str, why: str) -> None:
        """Show a channel no more: it cannot be demonstrated here."""
        self.left_out[channel] = why
        self.known.pop(channel, None)

    def hear(self, event: Event) -> None:
        """Count an event."""
        name = str(event.get("channel", ""))
        channel = self.known.get(TOGETHER.get(name, name))
        if channel is None:
            return
        kind, at = event["type"], float(event["at"])
        # A promise is a contact of its own, by the id of the callback
        contact = str(event.get("callback") or event["contact"])
        asks = name == PROMISES and kind == "contact.arrived"
        if kind in BEGINS and not asks and contact not in self._seen:
            self._seen.add(contact)
            channel.arrived += 1
        match kind:
            case "contact.queued" | "callback.registered" | "callback.postponed" | "contact.returned":
                self._waits(channel, contact, max(at, float(event.get("due") or at)))
            case "offer.accepted" | "contact.taken":
                self._taken(channel, contact, at)
            case "contact.left":
                channel.waiting.pop(contact, None)
                if contact in self._seen:
                    channel.gone.add(contact)
            case "contact.way_out_taken":
                channel.waiting.pop(contact, None)
            case "contact.ended":
                self._ended(channel, contact, str(event.get("outcome", "")))
            case _:
                pass

    def _waits(self, channel: Channel, contact: str, since: float) -> None:
        channel.in_hand.discard(contact)
        channel.gone.discard(contact)
        channel.waiting[contact] = self._began.setdefault(contact, since)

    def _taken(self, channel: Channel, contact: str, at: float) -> None:
        channel.waiting.pop(contact, None)
        begun = self._began.pop(contact, None)
        if begun is not None:
            channel.waits.append(max(at - begun, 0.0))
        channel.in_hand.add(contact)

    def _ended(self, channel: Channel, contact: str, outcome: str) -> None:
        channel.waiting.pop(contact, None)
        channel.in_hand.discard(contact)
        channel.gone.discard(contact)
        self._began.pop(contact, None)
        if contact in self._seen:
            channel.served += outcome in SERVED
            channel.left += outcome in GIVEN_UP
            channel.otherwise += outcome not in SERVED | GIVEN_UP
