"""Flows over HTTP: pictures of them, and how many stand at which node. Nobody's number or answer is in it."""

import asyncio
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from engine.config import Loaded
from engine.flowdraw import DrawError, draw, standing
from engine.house import House
from ivr import flow as ivr
from ivr.flow import Flow
from router.api import Asked, Caller, Example, Id, Role, Route, route, routes_of
from router.contact import InFlow
from router.inputs import Refused
from router.state import State

RUNS: Final[frozenset[Role]] = frozenset({"admin"})
PICTURES_MAX: Final = 200
"""Drawn and kept: flows times languages."""

TAGS: Final = frozenset({"svg", "g", "title", "desc", "path", "polygon", "ellipse", "text"})
REFUSED: Final = ("on", "href", "style")
"""What attributes that are not told begin with."""
Read = Callable[[Callable[[State, str], Any]], Awaitable[Any]]
"""Looks at the state, as `web.house.House.read` does."""
Place = tuple[str, str]
"""Flow and node."""


Does = Literal[
    "announcement", "back", "callback", "collect", "connect", "drop", "form", "hang_up", "hours", "keep", "language",
    "mail", "menu", "promise", "promised", "queue", "record", "run", "say", "set", "ticket",
]  # fmt: skip
"""What a node does, in a word that pages have words for."""
_DOES: Final[dict[type, Does]] = {
    ivr.Announcement: "announcement",
    ivr.Return: "back",
    ivr.Times: "callback",
    ivr.Collect: "collect",
    ivr.Connect: "connect",
    ivr.Drop: "drop",
    ivr.Form: "form",
    ivr.HangUp: "hang_up",
    ivr.Open: "hours",
    ivr.Keep: "keep",
    ivr.Language: "language",
    ivr.Mail: "mail",
    ivr.Menu: "menu",
    ivr.Promise: "promise",
    ivr.Standing: "promised",
    ivr.Enter: "queue",
    ivr.Record: "record",
    ivr.Run: "run",
    ivr.Say: "say",
    ivr.Set: "set",
    ivr.Ticket: "ticket",
}


class OneFlow(Asked, frozen=True):
    """A flow."""

    flow: Id


class OnePicture(Asked, frozen=True, kw_only=True):
    """A flow, with what it says in a language."""

    flow: Id
    language: Annotated[str, Meta(max_length=20)] = ""
    """The house's own when empty."""


class FlowView(Struct, frozen=True, kw_only=True):
    """A flow."""

    name: str
    numbers: tuple[str, ...]
    """Those that lead straight into it, as people know them."""
    now: int
    """How many are in it."""


class Flows(Struct, frozen=True):
    """The flows of the configuration in force."""

    flows: tuple[FlowView, ...]


class NodeView(Struct, frozen=True, kw_only=True):
    """A node of a flow."""

    node: str
    does: Does
    of: str
    """The queue or flow that it leads to, or looks at; empty for neither."""
    now: int | None
    """How many stand there; null for a node that is passed in no time."""
    today: int | None
    """How often somebody has come to stand there today."""


class FlowNow(Struct, frozen=True, kw_only=True):
    """How many stand where in a flow."""

    flow: str
    at: float
    """UTC seconds."""
    since: float
    """Since when today counts, UTC seconds."""
    nodes: tuple[NodeView, ...]


class Part(Struct, frozen=True):
    """An element of a picture (SVG), told without markup: a page makes it, and reads none."""

    tag: str
    attributes: dict[str, str]
    text: str
    parts: tuple["Part", ...]


class FlowPicture(Struct, frozen=True):
    """A flow as it is drawn."""

    picture: Part
    """With a title, a description in words, and a text without words for each node where people stand: its
    attribute `data-node` names the node."""


class FlowRoutes:
    """Carries out what is asked."""

    def __init__(self, house: House, read: Read) -> None:
        self._house = house
        self._read = read
        self._pictures: dict[tuple[str, str], Part] = {}

    @route("GET", "/flows", roles=RUNS, examples=(Example(summary="All", asked=Asked()),))
    async def flows(self, _: Caller, asked: Asked) -> Flows:
        """List the flows, and how many are in each."""
        counts: Counter[str] = Counter()
        for (flow, _node), count in (await self._read(_standing_now)).items():
            counts[flow] += count
        entries = self._house.loaded.core.entries
        titles = {one.number: one.title for one in self._house.loaded.installation.numbers}
        return Flows(
            tuple(
                FlowView(
                    name=name,
                    numbers=tuple(titles.get(one.address) or one.address for one in entries if one.flow == name),
                    now=counts[name],
                )
                for name in self._names()
            )
        )

    @route("GET", "/flows/{flow}", roles=RUNS, refusals=("unknown_flow",),
           examples=(Example(summary="Who stands where", asked=OneFlow(flow="welcome")),))  # fmt: skip
    async def nodes(self, _: Caller, asked: OneFlow) -> FlowNow:
        """Show how many stand at each node of a flow, and how often somebody has come there today."""
        flow = self._known(asked.flow)
        now = self._house.clock.now()
        counts = await self._read(_standing_now)
        since, totals = self._house.projection.today(now)
        rest = set(standing(flow))
        views = (
            NodeView(
                node=name,
                does=_DOES[type(node)],
                of=getattr(node, "queue", "") or getattr(node, "flow", ""),
                now=counts[flow.name, name] if name in rest else None,
                today=totals.nodes.get((flow.name, name), 0) if name in rest else None,
            )
            for name, node in flow.nodes.items()
        )
        return FlowNow(flow=flow.name, at=now, since=since, nodes=tuple(views))

    @route("GET", "/flows/{flow}/picture", roles=RUNS, refusals=("unknown_flow", "not_drawn"),
           examples=(Example(summary="In Finnish", asked=OnePicture(flow="welcome", language="fi")),))  # fmt: skip
    async def picture(self, _: Caller, asked: OnePicture) -> FlowPicture:
        """Draw a flow, with what it says, and room for how many stand where."""
        flow, loaded = self._known(asked.flow), self._house.loaded
        spoken = loaded.installation.speech.texts
        language = asked.language if asked.language in spoken else loaded.installation.language
        key = flow.name, language
        if key not in self._pictures:
            try:
                drawn = await asyncio.to_thread(_drawn, loaded, flow.name, language)
            except DrawError as error:
                raise Refused("not_drawn", str(error)) from error
            if len(self._pictures) >= PICTURES_MAX:
                self._pictures.clear()
            self._pictures[key] = drawn
        return FlowPicture(self._pictures[key])

    def _names(self) -> Iterable[str]:
        """Return the flows that somebody has written, those at the ways in first; the others follow from these."""
        core = self._house.loaded.core
        ordered = dict.fromkeys((*(entry.flow for entry in core.entries), *core.flows))
        return (name for name in ordered if ":" not in name)

    def _known(self, name: str) -> Flow:
        if name not in self._names():
            raise Refused("unknown_flow", "there is no such flow")
        return self._house.loaded.core.flows[name]


def _drawn(loaded: Loaded, name: str, language: str) -> Part:
    return _part(ET.fromstring(draw(loaded, name, language, counted=True)))


def _part(element: ET.Element) -> Part:
    """Return an element as it is told: its namespaces and what could lead or run anywhere are left out."""
    attributes = {_local(key): value for key, value in element.attrib.items()}
    return Part(
        tag=_local(element.tag),
        attributes={key: value for key, value in attributes.items() if not key.startswith(REFUSED)},
        text=(element.text or "").strip("\n"),
        parts=tuple(_part(one) for one in element if _local(one.tag) in TAGS),
    )


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _standing_now(state: State, _: str) -> Counter[Place]:
    return Counter((one.session.flow, one.session.node) for one in state.contacts.values() if isinstance(one, InFlow))


def routes(house: House, read: Read) -> list[Route]:
    """Return what can be asked for."""
    return routes_of(FlowRoutes(house, read), "flows")
