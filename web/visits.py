"""Visits over HTTP: places with their boards, tickets from kiosks, booked times, and what agents at desks ask for.

A kiosk has a token of role `kiosk`, which may do what somebody who stands there may do, and nothing else.
"""

from collections.abc import Iterator
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from queues.site import Site, site_need
from router import booking
from router import inputs as i
from router.agent import Reserved
from router.api import EVERYBODY, RECEPTION, STAFF, Asked, Caller, Example, Id, Role, route
from router.card import Visit
from router.contact import Connected, Contact, Leaving, Offered, Waiting
from router.expectation import of_contact, of_newcomer, position
from router.inputs import Refused
from router.offer import Standing
from router.persons import AIDS, Aid
from router.ports import Secret
from router.state import State
from web import waits
from web.contacts import OneContact
from web.contactview import CONTACT_STATES, ContactState
from web.crises import AnnouncedView, announced
from web.house import Guard, House, plain

SEEING: Final[frozenset[Role]] = EVERYBODY | {"kiosk"}
BOARD_MAX: Final = 100
"""Tickets on a board."""
TIMES_MAX: Final = 500
NUMBER: Final = "number:"
Language = Annotated[str, Meta(max_length=16, pattern="^[A-Za-z-]*$")]


class OnePlace(Asked, frozen=True):
    """A place that people visit."""

    place: Id


class WhichTimes(Asked, frozen=True):
    """Times of a service that can be booked."""

    place: Id
    service: Id


class WantTicket(Asked, frozen=True):
    """Somebody stands in a place and wants something."""

    place: Id
    service: Id
    language: Language = ""
    number: Annotated[str, Meta(max_length=32)] = ""
    """The visitor's telephone, if told: a place that was kept is found again by it."""
    needs: Annotated[tuple[Aid, ...], Meta(max_length=len(AIDS))] = ()
    """What the visitor needs, for this visit alone (docs/people.md)."""


class WantTime(WantTicket, frozen=True, kw_only=True):
    """Somebody wants to come at a time."""

    start: float
    """UTC seconds, one of `times`."""


class OneVisit(Asked, frozen=True):
    """A visit, by the id that its ticket bears."""

    visit: Id


class WithoutTicket(Asked, frozen=True):
    """An agent serves somebody at once."""

    agent: Id
    service: Id
    place: Annotated[str, Meta(max_length=64)] = ""
    """The place of the agent's desk when left out."""
    language: Language = ""


class NextOne(Asked, frozen=True):
    """An agent who wants to call the next."""

    agent: Id


class ServiceView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is done at a place."""

    service: str
    title: str = ""
    queue: str
    bookable: bool = False
    waiting: int = 0
    low: float | None = None
    high: float | None = None
    """Seconds within which somebody would be called who came now; absent while that cannot be told."""
    least: int | None = None
    most: int | None = None
    """The same in minutes as people are told it; absent when it could be anything."""


class PlaceView(Struct, frozen=True, kw_only=True):
    """A place that people visit."""

    place: str
    title: str
    open: bool
    languages: tuple[str, ...]
    """Those for which there is somebody in particular."""
    desks: dict[str, str]
    """Desk to the agent who sits there, empty for nobody."""
    services: tuple[ServiceView, ...]


class Places(Struct, frozen=True):
    """Places that people visit."""

    places: tuple[PlaceView, ...]


class TicketView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ticket on a board."""

    ticket: str
    service: str
    desk: str = ""
    """Where it is called to: the desk's own part of `PLACE/DESK`."""
    called: float | None = None
    """UTC seconds of the last call."""
    calls: int = 0


class Board(Struct, frozen=True, kw_only=True):
    """What hangs in a waiting room: numbers, and nobody's name."""

    place: str
    title: str
    open: bool
    at: float
    called: tuple[TicketView, ...]
    """Newest first."""
    waiting: tuple[TicketView, ...]
    """In the order of their places in line; who is called next depends on who gets free."""
    services: tuple[ServiceView, ...]
    announcements: tuple[AnnouncedView, ...] = ()
    """What crises say there, each with what was said before."""


class Time(Struct, frozen=True):
    """A time that can be booked."""

    start: float
    """UTC seconds."""
    free: int


class Times(Struct, frozen=True):
    """Times that can be booked."""

    times: tuple[Time, ...]


class VisitStatus(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a visit stands, for whoever has its ticket."""

    visit: str
    place: str
    service: str
    state: ContactState
    ticket: str = ""
    booked: float | None = None
    position: int | None = None
    low: float | None = None
    high: float | None = None
    """Seconds within which it will be called, most likely."""
    desk: str = ""
    """To come to, once called."""
    obstacle: str = ""
    """Why it cannot wait (rule 9)."""
    way: Literal["", "queue", "callback", "message", "report", "announcement"] = ""
    say: str = ""
    """The prompt that tells what now."""
    least: int | None = None
    most: int | None = None
    """The wait in minutes as people are told it; absent when it could be anything."""


class VisitRoutes:
    """Carries out what is asked about visits."""

    def __init__(self, house: House) -> None:
        self._house = house

    # ---- places ------------------------------------------------------------------------------------------------

    @route("GET", "/places", roles=SEEING, examples=(Example(summary="All", asked=Asked()),))
    async def places(self, _: Caller, asked: Asked) -> Places:
        """List the places that people visit, with their services and desks."""
        now = self._house.now()

        def look(state: State, _: str) -> Places:
            return Places(tuple(self._place(state, site, now) for site in state.configuration.sites.values()))

        return await self._house.read(look)

    @route(
        "GET",
        "/places/{place}/board",
        roles=SEEING,
        refusals=("unknown_place",),
        examples=(Example(summary="The board", asked=OnePlace(place="stadshuset")),),
    )
    async def board(self, _: Caller, asked: OnePlace) -> Board:
        """Show which numbers are called to which desks, and who waits.

        The event stream tells when it changed: ask for `types=visit,place,contact,offer`.
        """
        now = self._house.now()

        def look(state: State, _: str) -> Board:
            site = _site(state, asked.place)
            called, waiting = _tickets(state, site.name, now)
            return Board(
                place=site.name,
                title=self._title(site.name),
                open=site.name in state.open_sites,
                at=now,
                called=tuple(called[:BOARD_MAX]),
                waiting=tuple(waiting[:BOARD_MAX]),
                services=tuple(self._services(state, site, now)),
                announcements=announced(self._house, state, now, site),
            )

        return await self._house.read(look)

    @route(
        "GET",
        "/places/{place}/times",
        roles=SEEING,
        refusals=("unknown_place", "unknown_service"),
        examples=(Example(summary="Times", asked=WhichTimes(place="stadshuset", service="bygglov")),),
    )
    async def times(self, _: Caller, asked: WhichTimes) -> Times:
        """List the times of a service that can be booked."""
        now = self._house.now()

        def look(state: State, _: str) -> Times:
            site = _site(state, asked.place)
            if asked.service not in site.services:
                raise Refused("unknown_service", f"{asked.place} has no service {asked.service}")
            free = booking.times(state, site, asked.service, now, self._house.local)
            found = (Time(slot.start, state.free_at(slot)) for slot, _ in zip(free, range(TIMES_MAX), strict=False))
            return Times(tuple(found))

        return await self._house.read(look)

    # ---- visitors ----------------------------------------------------------------------------------------------

    @route(
        "POST",
        "/places/{place}/tickets",
        roles=RECEPTION,
        refusals=(
            "unknown_place", "unknown_service", "place_closed", "place_closing", "number_refused", "contact_exists",
        ),
        examples=(Example(summary="A ticket", asked=WantTicket(place="stadshuset", service="vagledning")),),
    )  # fmt: skip
    async def take_ticket(self, _: Caller, asked: WantTicket) -> VisitStatus:
        """Give somebody who stands there a number, and tell the place in line and the expected wait.

        Who cannot wait has no such place: `obstacle` and `say` tell why, and what now.
        """
        visit, (person, secrets) = self._house.new_visit(), self._person(asked.number)
        wanted = i.TakeTicket(visit, asked.place, asked.service, person, asked.language, aids=asked.needs)
        await self._house.ask(lambda _: (wanted, secrets))
        return await self._status(visit)

    @route(
        "POST",
        "/places/{place}/bookings",
        roles=RECEPTION,
        refusals=(
            "unknown_place", "unknown_service", "not_bookable", "time_taken", "number_refused", "contact_exists",
        ),
        examples=(
            Example(
                summary="The day after tomorrow",
                asked=WantTime(place="stadshuset", service="bygglov", start=1_790_150_400.0, language="sv"),
            ),
        ),
    )  # fmt: skip
    async def book(self, _: Caller, asked: WantTime) -> VisitStatus:
        """Book a time; its `visit` is what the visitor checks in with, or gives it up by."""
        visit, (person, secrets) = self._house.new_visit(), self._person(asked.number)
        wanted = i.BookVisit(visit, asked.place, asked.service, asked.start, person, asked.language)
        await self._house.ask(lambda _: (wanted, secrets))
        return await self._status(visit)

    @route(
        "GET",
        "/visits/{visit}",
        roles=SEEING,
        refusals=("unknown_visit",),
        examples=(Example(summary="One", asked=OneVisit(visit="v1"), given="v1 waits at stadshuset"),),
    )
    async def show(self, _: Caller, asked: OneVisit) -> VisitStatus:
        """Show how a visit stands: the number, the place in line, the desk to come to."""
        return await self._status(asked.visit)

    @route(
        "POST",
        "/visits/{visit}/check-in",
        roles=RECEPTION,
        refusals=("unknown_visit", "is_here", "another_day", "place_closed", "place_closing"),
        examples=(Example(summary="Here", asked=OneVisit(visit="v1"), given="v1 did not come to the desk"),),
    )
    async def check_in(self, _: Caller, asked: OneVisit) -> VisitStatus:
        """Say to be here: for a booked time, or after a call that was missed. The place in line is the one before."""
        await self._house.ask(plain(i.CheckIn(asked.visit)))
        return await self._status(asked.visit)

    @route(
        "POST",
        "/visits/{visit}/leave",
        roles=RECEPTION,
        refusals=("unknown_visit", "is_served"),
        examples=(Example(summary="Home", asked=OneVisit(visit="v1"), given="v1 waits at stadshuset"),),
    )
    async def leave(self, _: Caller, asked: OneVisit) -> None:
        """Give up the wait, or the booked time."""
        await self._house.ask(plain(i.LeaveVisit(asked.visit)))

    # ---- agents ------------------------------------------------------------------------------------------------

    @route(
        "POST",
        "/agents/{agent}/call-next",
        roles=STAFF,
        refusals=("unknown_agent", "not_yours", "nobody_waits"),
        examples=(Example(summary="Next", asked=NextOne(agent="guide01"), given="guide01 is asked about v1"),),
    )
    async def call_next(self, caller: Caller, asked: NextOne) -> VisitStatus:
        """Take the visit that the agent is offered: its number is called to the agent's desk."""
        caller.speaks_for(asked.agent)
        taken: list[str] = []

        def word(state: State) -> tuple[i.AnyRequest, tuple[Secret, ...]]:
            offer = _offered(state, asked.agent)
            taken[:] = [offer.contact]
            return i.AcceptOffer(offer.id), ()

        await self._house.ask(word)
        return await self._status(taken[0])

    @route(
        "POST",
        "/agents/{agent}/visits",
        roles=STAFF,
        refusals=(
            "unknown_agent", "not_yours", "agent_logged_out", "agent_busy", "no_place", "unknown_place",
            "unknown_service", "contact_exists",
        ),
        examples=(
            Example(
                summary="At the counter", asked=WithoutTicket(agent="guide01", service="vagledning", place="stadshuset")
            ),
        ),
    )  # fmt: skip
    async def record(self, caller: Caller, asked: WithoutTicket) -> VisitStatus:
        """Record a visit without a ticket: the agent has it at once."""
        caller.speaks_for(asked.agent)
        visit = self._house.new_visit()
        await self._house.ask(plain(i.RecordVisit(visit, asked.agent, asked.service, asked.place, asked.language)))
        return await self._status(visit)

    @route(
        "POST",
        "/contacts/{contact}/call-again",
        roles=STAFF,
        refusals=("unknown_visit", "not_connected", "not_yours"),
        examples=(Example(summary="Again", asked=OneContact(contact="v1"), given="guide01 has called v1"),),
    )
    async def call_again(self, caller: Caller, asked: OneContact) -> None:
        """Call a visitor to the desk once more."""
        await self._house.ask(plain(i.CallNumber(asked.contact), _has(caller, asked.contact)))

    @route(
        "POST",
        "/contacts/{contact}/no-show",
        roles=STAFF,
        refusals=("unknown_visit", "not_connected", "not_yours"),
        examples=(Example(summary="Nobody", asked=OneContact(contact="v1"), given="guide01 has called v1"),),
    )
    async def no_show(self, caller: Caller, asked: OneContact) -> None:
        """Go on without a visitor who does not come to the desk; the place is kept as long as the place says."""
        await self._house.ask(plain(i.NoShow(asked.contact), _has(caller, asked.contact)))

    # ---- views -------------------------------------------------------------------------------------------------

    def _person(self, number: str) -> tuple[str | None, tuple[Secret, ...]]:
        if not number:
            return None, ()
        destination, secrets = self._house.number(number)
        return destination.address.removeprefix(NUMBER), secrets

    def _title(self, place: str) -> str:
        return self._house.places.get(place, ("", {}))[0]

    def _place(self, state: State, site: Site, now: float) -> PlaceView:
        return PlaceView(
            place=site.name,
            title=self._title(site.name),
            open=site.name in state.open_sites,
            languages=tuple(site.languages),
            desks={desk: state.at_desk.get(f"{site.name}/{desk}", "") for desk in site.desks},
            services=tuple(self._services(state, site, now)),
        )

    def _services(self, state: State, site: Site, now: float) -> Iterator[ServiceView]:
        waiting = [one.card.visit for one in state.contacts.values() if isinstance(one, Waiting | Offered)]
        for name, service in site.services.items():
            expected = of_newcomer(state, service.queue, "visit", now, (site_need(site.name),))
            least, most = waits.minutes(expected) or (None, None)
            yield ServiceView(
                service=name,
                title=self._house.places.get(site.name, ("", {}))[1].get(name, ""),
                queue=service.queue,
                bookable=bool(service.bookable),
                waiting=sum(1 for one in waiting if one and (one.site, one.service) == (site.name, name)),
                low=expected.low if expected is not None else None,
                high=expected.high if expected is not None else None,
                least=least,
                most=most,
            )

    async def _status(self, visit: str) -> VisitStatus:
        now = self._house.now()

        def look(state: State, _: str) -> VisitStatus:
            contact = state.contacts.get(visit)
            if contact is None or contact.card.visit is None:
                raise Refused("unknown_visit", "there is no such visit now")
            return _view(state, contact, contact.card.visit, now)

        return await self._house.read(look)


def _site(state: State, name: str) -> Site:
    site = state.configuration.sites.get(name)
    if site is None:
        raise Refused("unknown_place", f"there is no place {name}")
    return site


def _offered(state: State, id_: str) -> Standing:
    agent = state.agents.get(id_)
    if agent is None:
        raise Refused("unknown_agent", f"there is no agent {id_}")
    offer = state.offers.get(agent.offer) if isinstance(agent, Reserved) else None
    if not isinstance(offer, Standing) or state.contacts[offer.contact].card.visit is None:
        raise Refused("nobody_waits", f"no visitor waits for agent {id_}", retryable=True)
    return offer


def _has(caller: Caller, id_: str) -> Guard:
    def guard(state: State) -> None:
        contact = state.contacts.get(id_)
        if isinstance(contact, Connected):
            caller.speaks_for(contact.agent)

    return guard


def _tickets(state: State, site: str, now: float) -> tuple[list[TicketView], list[TicketView]]:
    """Return the tickets that are called, newest first, and those that wait, by their places."""
    called: list[TicketView] = []
    waiting: list[tuple[float, TicketView]] = []
    for contact in state.contacts.values():
        visit = contact.card.visit
        if visit is None or visit.site != site or not visit.ticket:
            continue
        if isinstance(contact, Connected):
            called.append(_ticket(visit))
        elif isinstance(contact, Waiting | Offered):
            # Each queue has a clock of its own: what they share is how long somebody has waited.
            waiting.append((-state.waited(contact, now), _ticket(visit)))
    called.sort(key=lambda one: -(one.called or 0.0))
    waiting.sort(key=lambda one: one[0])
    return called, [one for _, one in waiting]


def _ticket(visit: Visit) -> TicketView:
    return TicketView(
        ticket=visit.ticket,
        service=visit.service,
        desk=visit.seat.partition("/")[2],
        called=visit.called or None,
        calls=visit.calls,
    )


def _view(state: State, contact: Contact, visit: Visit, now: float) -> VisitStatus:
    expected = of_contact(state, contact, now) if isinstance(contact, Waiting) else None
    leaving = contact if isinstance(contact, Leaving) else None
    least, most = waits.minutes(expected) or (None, None)
    return VisitStatus(
        visit=contact.card.id,
        place=visit.site,
        service=visit.service,
        state=CONTACT_STATES[type(contact)],
        ticket=visit.ticket,
        booked=visit.booked,
        position=position(state, contact) if isinstance(contact, Waiting) else None,
        low=expected.low if expected is not None else None,
        high=expected.high if expected is not None else None,
        desk=visit.seat if isinstance(contact, Connected) else "",
        obstacle=leaving.obstacle if leaving is not None else "",
        way=leaving.way.to if leaving is not None else "",
        say=leaving.way.name if leaving is not None and leaving.way.to in ("announcement", "callback") else "",
        least=least,
        most=most,
    )
