"""What a part of the house offers over HTTP, told without HTTP.

A part (an adapter, or `web` itself) exports a list of routes; `engine` hands all of them to `web.api.Api`, which serves
them below /api/v1 behind sign-in, roles, limits and Origin checks, and describes them in the OpenAPI document.

    class PutAway(Asked, frozen=True):
        agent: Id                           # named in the path, so it comes from there
        reason: Id                          # the rest comes from the body, or from the query of a GET or DELETE

    class Agents:
        @route("POST", "/agents/{agent}/pause", roles=STAFF, refusals=("unknown_agent",))
        async def pause(self, caller: Caller, asked: PutAway) -> AgentView:
            '''Take no offers for a while.

            What stands here is the route's text in the document.
            '''

    routes = routes_of(Agents(), tag="agents")

What is asked and what is given are msgspec structs, read off the handler's annotations: their types, limits and
docstrings are what callers are held to and what the document says. A handler refuses by raising `Refused`.
"""

import inspect
import re
import typing
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final, Literal, Protocol, TypeVar

from msgspec import Meta, Struct

from router.inputs import Refused

Role = Literal["reader", "agent", "operator", "supervisor", "coordinator", "admin", "kiosk"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

SAFE: Final = frozenset({"GET"})
"""Methods that change nothing."""
QUERIED: Final = frozenset({"GET", "DELETE"})
"""Methods that have no body: their arguments stand in the query."""
JSON: Final = "application/json"
BODY_MAX: Final = 64 * 1024

EVERYBODY: Final[frozenset[Role]] = frozenset({"reader", "agent", "operator", "supervisor", "admin"})
WATCHERS: Final[frozenset[Role]] = EVERYBODY - {"agent"}
"""Who may see all agents and contacts, without personal values."""
INSIDERS: Final[frozenset[Role]] = EVERYBODY | {"coordinator"}
"""Who may know how the house is built, and what goes on in its queues."""
LEARNERS: Final[frozenset[Role]] = WATCHERS | {"coordinator"}
"""Who may see figures, and how contacts of the past went."""
STAFF: Final[frozenset[Role]] = EVERYBODY - {"reader"}
"""Who may act; `agent` and `operator` for themselves alone (`Caller.speaks_for`)."""
LEADS: Final[frozenset[Role]] = frozenset({"supervisor", "admin"})
"""Who may act for others."""
CONFIDANTS: Final[frozenset[Role]] = frozenset({"agent", "operator", "supervisor"})
"""Who may see personal values; agents those of the contacts in their hands."""

RECEPTION: Final[frozenset[Role]] = STAFF | {"kiosk"}
"""Who may act for somebody who stands in a place of ours: a kiosk there can do nothing else."""

Id = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^[^\s/]+$")]
"""What names something in a path."""


class Caller(Struct, frozen=True):
    """Who asks, known by a token."""

    name: str
    """The token's, for logs."""
    role: Role
    agent: str = ""
    """Whom the caller speaks for; empty for a program."""
    departments: tuple[str, ...] = ()
    """Whose business is the caller's (`router.boundary`); empty for that of all."""

    def speaks_for(self, agent: str) -> None:
        """Refuse who may not act for `agent`. Raises Refused."""
        if self.role not in LEADS and self.agent != agent:
            raise Refused("not_yours", "this token acts for its own agent alone")


class Visitor(Struct, frozen=True):
    """Who asks without signing in."""

    source: str
    """The network it asks from: for limits alone, never kept, never logged."""
    headers: Mapping[str, str] = {}
    """Those that begin with `X-Vaxel-`, `Content-Type`, `Accept-Language` and `Host`, in small letters."""


class Content(Struct, frozen=True):
    """An answer that is not JSON."""

    media: str
    data: bytes
    policy: str = ""
    """Of a page of ours: its Content-Security-Policy, in place of the one that forbids everything."""
    status: int = 0
    """Of this answer, when it is not the route's."""
    location: str = ""
    """Where the browser is to go on (303)."""
    tag: str = ""
    """Another whenever the answer is (ETag): who has it already is told only that it is the same."""
    shared: bool = False
    """Whether pages of other sites may load it, as a script of theirs."""
    hears: bool = False
    """Whether it is a page that may ask for the microphone."""


class Gone(Exception):
    """The other side of a socket is not there any more."""


class Socket(Protocol):
    """A WebSocket, told without HTTP. Messages are texts."""

    async def receive(self) -> str:
        """Return the next message. Raises Gone; Refused for what is no text, or too long."""

    async def send(self, text: str) -> None:
        """Send a message. Raises Gone, also when it is not taken in time."""


class Pace(Struct, frozen=True, kw_only=True):
    """How often anybody who has not signed in may ask, of each source."""

    rate: float
    """A second."""
    burst: float
    """At once."""


class Example(Struct, frozen=True, kw_only=True):
    """A request that works; it stands in the OpenAPI document, and the tests carry it out."""

    summary: str
    asked: Any
    """An instance of what the route is asked."""
    given: str = ""
    """In which situation: a name under which the tests arrange it."""


class Asked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what routes are asked; by itself it asks for nothing in particular."""


Handler = Callable[[Any, Any], Awaitable[Any]]
"""Is given the caller and what is asked; returns what is given."""


class Route(Struct, frozen=True, kw_only=True):
    """One thing that can be asked for."""

    method: Method
    path: str
    """Below /api/v1, with `{field}` for what is asked by the path."""
    handler: Handler
    tag: str
    """The group in which the document shows it."""
    roles: frozenset[Role]
    refusals: tuple[str, ...] = ()
    """Ids of errors (docs/errors.md) beside those that any route may answer with."""
    examples: tuple[Example, ...] = ()
    status: int = 200
    """Of an answer that grants."""
    body_max: int = BODY_MAX
    """Bytes."""
    takes: str = JSON
    """Media type of the body. One that is no JSON goes, as it is, into the field `body: bytes`; the rest is queried."""
    raw: bool = False
    """JSON goes there as it is too: it is signed."""
    gives: str = JSON
    """Media type of the answer; the handler of one that is not JSON returns `Content`."""
    public: Pace | None = None
    """Asked for by anybody, at this pace, below /public/v1; the handler is given a `Visitor`. None for who signs in."""
    socket: bool = False
    """A WebSocket: the handler is given who asks, a `Socket` and what is asked, and returns when that has ended."""
    body_within: float = 0.0
    """Seconds in which a body comes, when that is longer than of others."""
    reads: bool = False
    """A POST that changes nothing: what it asks for is personal, and may not stand in a URL."""
    unkept: bool = False
    """The answer holds a secret: it is not kept for repeats, each of which is carried out anew."""
    minor: bool = False
    """Done again and again while somebody writes: no deed of which the access log would tell."""

    @property
    def changes(self) -> bool:
        """Whether it changes something."""
        return self.method not in SAFE and not self.reads

    @property
    def queried(self) -> bool:
        """Whether arguments that the path does not name stand in the query."""
        return self.method in QUERIED or self.whole

    @property
    def whole(self) -> bool:
        """Whether the body goes as it is into the field `body`."""
        return self.raw or self.takes != JSON

    @property
    def asks(self) -> type[Struct]:
        """The struct the handler is given."""
        kind = typing.get_type_hints(_function(self.handler), include_extras=True)[_parameter(self.handler)]
        assert isinstance(kind, type)
        assert issubclass(kind, Struct)
        return kind

    @property
    def answers(self) -> Any:
        """The type the handler returns; None's for an empty answer."""
        return typing.get_type_hints(_function(self.handler), include_extras=True)["return"]

    @property
    def text(self) -> tuple[str, str]:
        """The handler's docstring: its first line, and the rest."""
        summary, _, more = (inspect.getdoc(self.handler) or "").partition("\n")
        return summary, more.strip()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The fields that the path names, in order."""
        return tuple(re.findall(r"{(\w+)}", self.path))


H = TypeVar("H", bound=Callable[..., Awaitable[Any]])
_MARK: Final = "vaxel_route"


def route(
    method: Method,
    path: str,
    *,
    roles: frozenset[Role],
    refusals: tuple[str, ...] = (),
    examples: tuple[Example, ...] = (),
    **more: Any,
) -> Callable[[H], H]:
    """Mark a method as the handler of a route; `more` are further fields of `Route`."""

    def mark(handler: H) -> H:
        fields = {"method": method, "path": path, "roles": roles, "refusals": refusals, "examples": examples}
        vars(handler)[_MARK] = fields | more
        return handler

    return mark


def public(method: Method, path: str, pace: Pace, **more: Any) -> Callable[[H], H]:
    """Mark a method as the handler of a route for anybody."""
    return route(method, path, roles=frozenset(), public=pace, **more)


def routes_of(part: object, tag: str) -> list[Route]:
    """Return the routes of all methods of `part` that are marked, in the order in which they are written."""
    marked = [(name, vars(method)[_MARK]) for name, method in vars(type(part)).items() if _is_marked(method)]
    return [Route(handler=getattr(part, name), tag=tag, **fields) for name, fields in marked]


def _is_marked(method: Any) -> bool:
    return inspect.isfunction(method) and _MARK in vars(method)


def _function(handler: Callable[..., Any]) -> Callable[..., Any]:
    return getattr(handler, "__func__", handler)


def _parameter(handler: Callable[..., Any]) -> str:
    """Return the name of a handler's last parameter: what is asked."""
    return list(inspect.signature(handler).parameters)[-1]
