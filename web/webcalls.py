"""The page from which citizens ring, without an account and without a number.

What it rings with is a voucher (`adapters.edge.credentials`): for the page's own way in, for one call, and for a short
while. So many are given to each source, and so many calls stand at a time. In its call the page shows the voucher again
to be told how the call stands, and to go on over another network; that it is the call's own was kept when it rang.
"""

import json
from collections import defaultdict, deque
from pathlib import Path
from typing import Annotated, Final, Literal, Protocol

from msgspec import Meta, Struct

from router.api import Asked, Content, Id, Pace, Visitor, public
from router.configuration import web_call
from router.contact import (
    Asking,
    Connected,
    Contact,
    Forwarded,
    Hearing,
    InFlow,
    Leaving,
    Offered,
    Parked,
    Waiting,
    WrappingUp,
)
from router.inputs import Refused
from router.state import State
from web import citizen
from web.callpages import Page, WebCalls
from web.house import House
from web.ice import IceServer
from web.language import preferred
from web.limits import Limit
from web.pages import FOLDER, Phones

FILE: Final = "call.html"
TOLD: Final = b"{told}"
BASE: Final = "/public/v1"
VOUCHER: Final = "x-vaxel-voucher"
"""The header with user and password of a voucher, in small letters: they may stand in no URL."""
LOOK: Final = Pace(rate=2, burst=60)
RING: Final = Pace(rate=2, burst=20)
IN_CALL: Final = Pace(rate=20, burst=100)
"""A library's visitors share one address, and each page asks every few seconds."""
HOUR: Final = 3600.0
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'{phones}; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors {sites}; "
    "require-trusted-types-for 'script'"
)
STATUSES: Final = {"unknown_page": 404, "voucher_bad": 403, "calls_full": 503, "call_closed": 409, "call_over": 409}

Standing = Literal["asked", "waiting", "offered", "connected", "ended"]
Tongue = Annotated[str, Meta(max_length=16)]


class Voucher(Struct, frozen=True, kw_only=True):
    """With what a page rings (SIP over WebSocket, RFC 7118)."""

    name: str
    """Who rings: the user of its address."""
    way: str
    """What it rings."""
    realm: str
    user: str
    """For digest."""
    password: str
    until: float
    """UTC seconds."""
    port: int
    """Of the host from which the page came; by TLS if the page came by it."""
    url: str = ""
    """Where, when it is elsewhere."""
    ice: tuple[IceServer, ...] = ()
    """Who relays its sound where it does not reach us straight; good as long as the rest."""


class CallStanding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a call stands."""

    state: Standing
    place: int | None = None
    """In line, where that was said."""


class Given:
    """Vouchers by which a call may still begin, of each page."""

    def __init__(self, lasts: float) -> None:
        """`lasts` is for how many seconds one is good."""
        self._lasts = lasts
        self._until: dict[str, deque[float]] = defaultdict(deque)

    def add(self, page: str, now: float) -> None:
        """One was given."""
        self._until[page].append(now + self._lasts)

    def begun(self, page: str) -> None:
        """A call has begun by one; which, does not matter."""
        if self._until[page]:
            self._until[page].popleft()

    def count(self, page: str, now: float) -> int:
        """Return how many there are."""
        until = self._until[page]
        while until and until[0] < now:
            until.popleft()
        return len(until)


class CallDesk(Protocol):
    """Who makes vouchers; `engine.webcalls` has the real one."""

    given: Given

    @property
    def settings(self) -> WebCalls:
        """Return which pages there are."""

    @property
    def phones(self) -> Phones | None:
        """Return where pages find the edge."""

    def voucher(self, way: str) -> Voucher:
        """Return a new voucher."""

    def renewed(self, name: str) -> Voucher:
        """Return a voucher for what is left of a call."""

    def proved(self, user: str, password: str) -> str:
        """Return the name of a voucher of ours, which may have ended; empty for what is none."""

    async def name_of(self, leg: str) -> str:
        """Return the name of the voucher by which a leg rang; empty for one that did not. Raises Refused."""


class AtPage(Asked, frozen=True):
    """Which page."""

    page: Id


class Shown(AtPage, frozen=True):
    """Which page, and in which language."""

    language: Tongue = ""


class Ring(AtPage, frozen=True):
    """A call that somebody is about to make."""

    language: Tongue = ""


class OwnCall(AtPage, frozen=True):
    """A call of the page's own."""

    leg: Id
    """As the answer to its INVITE says (`X-Vaxel-Leg`)."""


class WebCallRoutes:
    """What citizens' pages ask for."""

    def __init__(self, house: House, desk: CallDesk, folder: Path = FOLDER) -> None:
        self._house = house
        self._desk = desk
        built = folder / FILE
        self._built = built.read_bytes() if built.exists() else b""
        self._limits = {
            name: Limit(page.per_hour / HOUR, page.per_hour, self._house.now)
            for name, page in desk.settings.pages.items()
        }

    @public("GET", "/call/{page}", LOOK, gives="text/html", refusals=("unknown_page",))
    async def show(self, visitor: Visitor, asked: Shown) -> Content:
        """Give the page to ring from."""
        page = self._page(asked.page)
        if not self._built:
            raise Refused("not_ready", "the pages were not built: run deploy/setup.sh run once", retryable=True)
        wanted = asked.language or preferred(visitor.headers.get("accept-language", ""), page.languages)
        language = wanted if wanted in page.languages else page.languages[0]
        return Content(citizen.HTML, self._filled(asked.page, page, language), self._policy(page, visitor), hears=True)

    @public("POST", "/call/{page}/vouchers", RING, refusals=("unknown_page", "call_closed", "calls_full"), unkept=True)
    async def ring(self, visitor: Visitor, asked: Ring) -> Voucher:
        """Give what is needed to ring: good for one call, to this page's way in, within a minute and a half."""
        page = self._page(asked.page)
        language = asked.language if asked.language in page.languages else page.languages[0]
        now, given = self._house.now(), self._desk.given

        def look(state: State, _: str) -> tuple[bool, int]:
            return not page.queue or state.is_open(page.queue), _calls(state, asked.page)

        is_open, calls = await self._house.read(look)
        if not is_open:
            raise Refused("call_closed", "nobody answers here just now")
        if calls + given.count(asked.page, now) >= page.calls:
            raise Refused("calls_full", "as many ring from here as may", retryable=True)
        if not self._limits[asked.page].spend(visitor.source):
            raise Refused("too_many_requests", "there were many calls from there lately", retryable=True)
        given.add(asked.page, now)
        return self._desk.voucher(web_call(asked.page, language))

    @public(
        "POST", "/call/{page}/renewals", IN_CALL, refusals=("unknown_page", "voucher_bad", "call_over"), unkept=True
    )
    async def renew(self, visitor: Visitor, asked: OwnCall) -> Voucher:
        """Give what is needed to go on with a call; `X-Vaxel-Voucher` is user and password of the voucher before."""
        name = await self._own(visitor, asked)
        if (await self._standing(asked.leg)).state == "ended":
            raise Refused("call_over", "this call is over")
        return self._desk.renewed(name)

    @public("GET", "/call/{page}/standing", IN_CALL, refusals=("unknown_page", "voucher_bad"))
    async def stands(self, visitor: Visitor, asked: OwnCall) -> CallStanding:
        """Tell how a call stands; `X-Vaxel-Voucher` is user and password of its voucher."""
        await self._own(visitor, asked)
        return await self._standing(asked.leg)

    # ---- what is asked about -----------------------------------------------------------------------------------

    def _page(self, name: str) -> Page:
        page = self._desk.settings.pages.get(name)
        if page is None:
            raise Refused("unknown_page", "there is no such page to ring from")
        return page

    async def _own(self, visitor: Visitor, asked: OwnCall) -> str:
        """Return the name of the voucher that is shown, and that the call rang by. Raises Refused."""
        self._page(asked.page)
        user, _, password = visitor.headers.get(VOUCHER, "").partition(" ")
        name = self._desk.proved(user, password)
        if not name or await self._desk.name_of(asked.leg) != name:
            raise Refused("voucher_bad", "this is no voucher of this call")
        return name

    async def _standing(self, leg: str) -> CallStanding:
        def look(state: State, _: str) -> CallStanding:
            contact = state.contacts.get(leg)
            if contact is None:
                return CallStanding(state="ended")
            told = contact.spot.told if isinstance(contact, Waiting) else None
            return CallStanding(state=_state_of(contact), place=told.best_position if told is not None else None)

        return await self._house.read(look)

    # ---- the page ----------------------------------------------------------------------------------------------

    def _filled(self, name: str, page: Page, language: str) -> bytes:
        told = {
            "page": name,
            "title": page.title,
            "language": language,
            "languages": {one: citizen.LANGUAGES.get(one, one) for one in page.languages},
            "chat": f"{BASE}/chat/{page.chat}" if page.chat else "",
            "callback": f"{BASE}/callbacks/{page.callback}" if page.callback else "",
        }
        title = page.title.get(language) or next(iter(page.title.values()), "Vaxel")
        text = self._built.replace(b"<title>Vaxel</title>", f"<title>{citizen.text(title)}</title>".encode(), 1)
        head = f'<html lang="{citizen.text(language)}" dir="{citizen.direction_of(language)}">'
        text = text.replace(b'<html lang="sv">', head.encode(), 1)
        return text.replace(TOLD, json.dumps(told).replace("<", "\\u003c").encode(), 1)

    def _policy(self, page: Page, visitor: Visitor) -> str:
        phones = self._desk.phones
        origin = phones.origin(visitor.headers.get("host", "")) if phones is not None else ""
        return POLICY.format(phones=origin, sites=" ".join(page.embedded_by) or "'none'")


def _calls(state: State, page: str) -> int:
    """Return how many calls of a page stand."""
    mark = web_call(page, "")
    return sum(one.card.entry.startswith(mark) and _state_of(one) != "ended" for one in state.contacts.values())


def _state_of(contact: Contact) -> Standing:
    match contact:
        case WrappingUp(asking=Asking()):
            return "asked"
        case Forwarded():
            return "connected" if contact.party is not None and contact.party.joined else "offered"
        case _:
            return _STATES.get(type(contact), "ended")


_STATES: Final[dict[type[Contact], Standing]] = {
    InFlow: "asked",
    Hearing: "asked",
    Leaving: "asked",
    Waiting: "waiting",
    Parked: "waiting",
    Offered: "offered",
    Connected: "connected",
}
"""In all other states nobody is on the line."""
