"""The event stream: what happened, kept for a while, and read by many at their own pace.

Nobody has a buffer of its own. All listeners read one list, each at its own offset; those who listen for the same from
the same offset on share the bytes. Who listens for some agents alone is passed over while nothing happens to these.
Whoever waits is woken a few at a time, and after many the stream rests longer than after one, so that hundreds of
listeners never hold the loop and what concerns one desk is there at once. Who falls so far behind that the list has
moved on is cut off.
"""

import asyncio
import contextlib
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from typing import Final, Literal, NamedTuple, Protocol

import msgspec
from msgspec import Struct

from router import facts as f
from web.events import FORMS, LAST, TO_ALL, Event, Happening, Position, Whereabouts

KEPT: Final = 50_000
"""Events in memory: more than the part of the journal that stays in Redis holds."""
SPARE: Final = 5_000
"""By how much the list may grow before it is shortened."""
PAGE: Final = 500
"""Events in one piece."""
PACE_S: Final = 0.05
"""Listeners are told again after so long at most: what happens meanwhile comes in one piece."""
REST_S: Final = 0.005
"""So long the stream rests in any case."""
REST_EACH_S: Final = 0.0005
"""And so much longer for each listener that was told something: what one costs is a hundredth of it."""
SLICE: Final = 10
"""Listeners woken without a break."""
ALL: Final = "*"
"""Stands for every agent; no id looks so."""
BEAT_S: Final = 15.0
"""After so much silence listeners hear that the stream lives."""

Kind = Literal["sse", "websocket"]


class Heard(Struct, frozen=True):
    """What somebody may hear of (`router.boundary`)."""

    queues: frozenset[str] | None = None
    """None for all."""
    agents: frozenset[str] | None = None

    def takes(self, happening: Happening) -> bool:
        """Tell whether an event is within: by its queue, else by its agent; what has a contact and no queue is not."""
        if self.queues is not None and (happening.queue or happening.contact):
            return happening.queue in self.queues
        return self.agents is None or not happening.agent or happening.agent in self.agents


class Wanted(Struct, frozen=True):
    """What somebody listens for. Each set that is not empty must hold what the event has."""

    types: frozenset[str] = frozenset()
    """Whole types, or what stands before the dot."""
    queues: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    heard: Heard = Heard()

    def takes(self, happening: Happening) -> bool:
        """Tell whether an event is listened for."""
        kind = happening.form.type
        return (
            (not self.types or kind in self.types or kind.partition(".")[0] in self.types)
            and (not self.queues or happening.queue in self.queues)
            and (not self.agents or happening.agent in self.agents or (kind in TO_ALL and not happening.agent))
            and self.heard.takes(happening)
        )

    def may_take(self, agents: Collection[str]) -> bool:
        """Tell, without looking closer, whether something of what happened to these agents may be listened for."""
        return not self.agents or ALL in agents or not self.agents.isdisjoint(agents)


class Reading(NamedTuple):
    """What somebody reads, how, and from where."""

    wanted: Wanted
    kind: Kind
    offset: int


class Page(NamedTuple):
    """A piece of the stream."""

    data: bytes
    """Empty when there is nothing that was listened for."""
    end: int
    """The offset behind it."""


class Past(Protocol):
    """What happened before this engine began to listen."""

    async def whereabouts(self) -> tuple[Position, Whereabouts]:
        """Return the earliest position from which the journal can be read, and where contacts were there."""

    def entries(self, after: Position, before: Position) -> AsyncIterator[tuple[int, int, Sequence[f.AnyFact]]]:
        """Yield epoch, number and facts of entries between two positions."""


class Stream:
    """What happened, from some position in the journal on. Offsets number what is told, from 0 at the start."""

    def __init__(self) -> None:
        self.published = 0
        self.closing = False
        self._items: list[Happening] = []
        self._first = 0
        """Offset of the first item; those below 0 were read from the past."""
        self._from = self._head = Position(0, 0, 0)
        """Everything that happened between the two is in the list."""
        self._visible = 0
        """The offset up to which listeners read until they are woken again."""
        self._whereabouts = Whereabouts()
        self._past: Past | None = None
        self._filling: asyncio.Future[None] | None = None
        self._pages: dict[Reading, Page] = {}
        self._waiting: dict[Reading, list[asyncio.Future[Page | None]]] = {}
        self._news = asyncio.Event()

    # ---- what happens --------------------------------------------------------------------------------------------

    def begin(self, after: Position, whereabouts: Whereabouts, past: Past) -> None:
        """Begin at a position in the journal, with the contacts that live then."""
        self._from = self._head = after
        self._whereabouts, self._past = whereabouts, past

    def publish(self, epoch: int, seq: int, facts: Sequence[f.AnyFact]) -> None:
        """Take in the facts of an entry that is kept."""
        before = len(self._items)
        self._items += happenings(self._whereabouts, epoch, seq, facts)
        self._head = Position(epoch, seq, LAST)
        self.published += len(self._items) - before
        if len(self._items) > KEPT + SPARE:
            self._forget(len(self._items) - KEPT)
        if self._waiting:
            self._news.set()

    def _forget(self, number: int) -> None:
        self._from = self._items[number - 1].position
        self._first += number
        del self._items[:number]

    @property
    def begun(self) -> bool:
        """Tell whether the engine has begun to tell."""
        return self._past is not None

    # ---- offsets -------------------------------------------------------------------------------------------------

    @property
    def end(self) -> int:
        """The offset behind all that has happened."""
        return self._first + len(self._items)

    def id_at(self, offset: int) -> str:
        """Return the id after which an offset lies."""
        index = offset - self._first
        return str(self._items[index - 1].position if 0 < index <= len(self._items) else self._from)

    async def offset_after(self, after: Position) -> int | None:
        """Return the offset behind an event; None when what came since is not known here any more.

        Raises Refused when the journal cannot be read.
        """
        if after < self._from:
            await self._fill()
        if not self._from <= after <= self._head:
            return None
        return self._first + bisect_right(self._items, after, key=lambda item: item.position)

    async def _fill(self) -> None:
        """Read once what happened before; everybody who asks meanwhile waits for the same."""
        if self._filling is not None:
            await asyncio.shield(self._filling)
            return
        filling = self._filling = asyncio.get_running_loop().create_future()
        try:
            await self._read_past()
        except BaseException:
            self._filling = None
            raise
        finally:
            filling.set_result(None)

    async def _read_past(self) -> None:
        if self._past is None:
            return
        until = self._from
        after, whereabouts = await self._past.whereabouts()
        found: list[Happening] = []
        async for epoch, seq, facts in self._past.entries(after, until):
            found += happenings(whereabouts, epoch, seq, facts)
        if after < self._from == until:
            self._items[:0] = found
            self._first -= len(found)
            self._from = after

    # ---- listening -----------------------------------------------------------------------------------------------

    async def next(self, wanted: Wanted, kind: Kind, offset: int) -> Page | None:
        """Return what comes at an offset, once there is something; None when the list has moved on beyond it.

        A page without data is a sign of life, after `BEAT_S` of silence.
        """
        page = self._page(wanted, kind, offset)
        if page is None or page.data:
            return page
        woken: asyncio.Future[Page | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(Reading(wanted, kind, page.end), []).append(woken)
        if self._visible < self.end:
            self._news.set()
        return await woken

    def _page(self, wanted: Wanted, kind: Kind, offset: int) -> Page | None:
        """Return the first page with something in it, or an empty one at the end."""
        while True:
            page = self._piece(Reading(wanted, kind, offset))
            if page is None or page.data or page.end >= self._visible:
                return page
            offset = page.end

    def _piece(self, reading: Reading) -> Page | None:
        if reading.offset < self._first:
            return None
        page = self._pages.get(reading)
        if page is None:
            end = max(reading.offset, min(self._visible, reading.offset + PAGE))
            items = self._items[reading.offset - self._first : end - self._first]
            data = RENDER[reading.kind](item for item in items if reading.wanted.takes(item))
            page = self._pages[reading] = Page(data, end)
        return page

    async def run(self) -> None:
        """Wake those who wait, for as long as the engine lives."""
        loop = asyncio.get_running_loop()
        beat = loop.time() + BEAT_S
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(beat):
                    await self._news.wait()
            self._news.clear()
            due = loop.time() >= beat
            if due:
                beat = loop.time() + BEAT_S
            told = await self._wake(everybody=due)
            await asyncio.sleep(min(PACE_S, REST_S + told * REST_EACH_S))

    async def _wake(self, *, everybody: bool) -> int:
        """Give those who wait what is new to them; return how many. Who listens for nothing of it waits on.

        Whoever waits has been told all below `_visible`, at whatever offset it began to wait.
        """
        self._pages.clear()
        before, self._visible = self._visible, self.end
        news = self._items[max(0, before - self._first) :]
        agents = {ALL if item.form.type in TO_ALL else item.agent for item in news}
        number = 0
        for reading, listeners in list(self._waiting.items()):
            if not everybody and not reading.wanted.may_take(agents):
                continue
            page = self._page(reading.wanted, reading.kind, max(reading.offset, before))
            if page is not None and not page.data and not everybody:
                continue
            self._waiting.pop(reading, None)
            for woken in listeners:
                if not woken.done():
                    woken.set_result(page)
                number += 1
                if number % SLICE == 0:
                    await asyncio.sleep(0)
        return number

    def close(self) -> None:
        """Let everybody who listens go."""
        self.closing = True
        for listeners in self._waiting.values():
            for woken in listeners:
                if not woken.done():
                    woken.set_result(None)


def happenings(whereabouts: Whereabouts, epoch: int, seq: int, facts: Sequence[f.AnyFact]) -> list[Happening]:
    """Return what is told of an entry's facts."""
    found = []
    for n, fact in enumerate(facts):
        where = whereabouts.follow(fact)
        form = FORMS.get(type(fact))
        if form is not None:
            found.append(Happening(Position(epoch, seq, n), fact, form, where))
    return found


# ---- forms -----------------------------------------------------------------------------------------------------------


def as_sse(items: Iterable[Happening]) -> bytes:
    """Return events as server-sent events."""
    return b"".join(
        b"id: %b\nevent: %b\ndata: %b\n\n" % (str(item.position).encode(), item.form.type.encode(), item.json)
        for item in items
    )


def as_array(items: Iterable[Happening]) -> bytes:
    """Return events as one JSON array, which one WebSocket message holds."""
    inside = b",".join(item.json for item in items)
    return b"[%b]" % inside if inside else b""


RENDER: Final[dict[Kind, Callable[[Iterable[Happening]], bytes]]] = {"sse": as_sse, "websocket": as_array}


def told(kind: Kind, event: Event) -> bytes:
    """Return an event about the stream itself."""
    data = msgspec.json.encode(event)
    if kind == "websocket":
        return b"[%b]" % data
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (event.id.encode(), event.type.encode(), data)
