"""Phones over HTTP: which there are, and what a page needs to be the phone of whoever works in it."""

from collections.abc import Collection, Mapping
from typing import Literal, Protocol

from msgspec import Struct

from router.agent import LoggedOut
from router.api import STAFF, Asked, Caller, Example, Id, route
from router.dialling import PHONE
from router.inputs import Refused
from router.state import State
from web.house import House
from web.ice import IceServer

Kind = Literal["phone", "browser", "number"]
PAGE: Kind = "browser"


class AllPhones(Asked, frozen=True):
    """All phones."""


class PagePhone(Asked, frozen=True):
    """A page that is to be an agent's phone."""

    agent: Id
    anew: bool = False
    """The page was loaded, or has lost the sound of its call: whatever call its phone was in, it is in it no more."""


class PhoneView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A phone of the house."""

    phone: str
    title: str = ""
    kind: Kind
    """`browser`: the page of whoever is logged in at it; `number`: one outside, such as a mobile."""
    agent: str = ""
    """Who is logged in at it."""
    owner: str = ""
    """The agent whose number it is: nobody else works at it."""


class Phones(Struct, frozen=True):
    """Phones, in the order of the configuration."""

    phones: tuple[PhoneView, ...]


class PhoneCredentials(Struct, frozen=True, kw_only=True):
    """With what a page registers (SIP over WebSocket, RFC 7118)."""

    phone: str
    """Its user."""
    realm: str
    user: str
    """For digest."""
    password: str
    until: float
    """UTC seconds; then others are to be had."""
    expires: int
    """Seconds: for how long to register at most."""
    port: int
    """Of the host from which the page came; by TLS if the page came by it."""
    url: str = ""
    """Where, when it is elsewhere."""
    ice: tuple[IceServer, ...] = ()
    """Who relays its sound where it does not reach us straight; good as long as the rest."""


class PhoneDesk(Protocol):
    """Who knows the phones; `engine.phones` has the real one."""

    @property
    def titles(self) -> Mapping[str, str]:
        """Return phones to their titles."""

    @property
    def pages(self) -> Collection[str]:
        """Return those that are pages."""

    @property
    def owners(self) -> Mapping[str, str]:
        """Return those that are numbers outside, each with the agent whose it is."""

    def credentials(self, phone: str) -> PhoneCredentials:
        """Return with what a page registers as a phone."""

    def began_anew(self, phone: str) -> None:
        """A phone knows of no calls any more: those that it was in are asked whether they are there."""


class PhoneRoutes:
    """Carries out what is asked about phones."""

    def __init__(self, house: House, desk: PhoneDesk) -> None:
        self._house = house
        self._desk = desk

    @route("GET", "/phones", roles=STAFF, examples=(Example(summary="All", asked=AllPhones()),))
    async def list_all(self, _: Caller, asked: AllPhones) -> Phones:
        """List the phones at which one can log in."""
        titles, pages, owners = self._desk.titles, self._desk.pages, self._desk.owners

        def look(state: State, _: str) -> Phones:
            return Phones(
                tuple(
                    PhoneView(
                        phone=name,
                        title=title,
                        kind=PAGE if name in pages else "number" if name in owners else "phone",
                        agent=state.at_phone.get(f"{PHONE}{name}", ""),
                        owner=owners.get(name, ""),
                    )
                    for name, title in titles.items()
                )
            )

        return await self._house.read(look)

    @route(
        "POST",
        "/agents/{agent}/phone-credentials",
        roles=STAFF,
        refusals=("unknown_agent", "not_yours", "agent_logged_out", "phone_no_page"),
        examples=(
            Example(summary="Be the phone", asked=PagePhone(agent="guide01"), given="guide01 works at a page"),
            Example(
                summary="After the page was loaded",
                asked=PagePhone(agent="guide01", anew=True),
                given="guide01 works at a page",
            ),
        ),
    )
    async def credentials(self, caller: Caller, asked: PagePhone) -> PhoneCredentials:
        """Give the agent's page what it registers with, as the phone at which the agent is logged in.

        Good for a quarter of an hour. With `anew` the calls in which that phone was are asked whether they are there:
        the agent is called back, and the citizen hears music meanwhile.
        """
        caller.speaks_for(asked.agent)

        def look(state: State, _: str) -> str:
            agent = state.agents.get(asked.agent)
            if agent is None:
                raise Refused("unknown_agent", "there is no such agent")
            if isinstance(agent, LoggedOut):
                raise Refused("agent_logged_out", "the agent is not logged in")
            return agent.desk.address.removeprefix(PHONE)

        phone = await self._house.read(look)
        if phone not in self._desk.pages:
            raise Refused("phone_no_page", "the agent is logged in at a phone that is no page")
        if asked.anew:
            self._desk.began_anew(phone)
        return self._desk.credentials(phone)
