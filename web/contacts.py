"""Contacts, offers and callbacks over HTTP: how they are, why they are so, and what agents do with them.

What acts on a contact answers with nothing: it may be gone by then. The event stream tells what followed.
"""

import logging
from typing import Annotated, Final

from msgspec import Meta, Struct

from router import inputs as i
from router.api import CONFIDANTS, EVERYBODY, LEADS, STAFF, WATCHERS, Asked, Caller, Example, Id, route
from router.callback import Closed
from router.contact import Contact, Waiting
from router.explain import WhyThisAgent, WhyWaiting, why_waiting
from router.inputs import Refused
from router.offer import Standing
from router.state import State
from web.house import Guard, House, plain
from web.views import (
    CONTACT_STATES,
    CallbackView,
    ContactState,
    ContactView,
    agent_of,
    callback_view,
    contact_view,
    queue_of,
)

log = logging.getLogger(__name__)

PAGE: Final = 100
PAGE_MAX: Final = 1000
IN_HAND: Final = ("unknown_contact", "not_yours")


class WhichContacts(Asked, frozen=True):
    """Contacts to be listed."""

    queue: str = ""
    """Only those in this queue."""
    state: tuple[ContactState, ...] = ()
    """Only those in one of these states."""
    channel: str = ""
    agent: str = ""
    """Only those that this agent is asked about, or has."""
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = PAGE
    after: Annotated[int, Meta(ge=0)] = 0
    """Go on where a page ended: its `next`."""


class OneContact(Asked, frozen=True):
    """A contact."""

    contact: Id


class WrapUp(Asked, frozen=True):
    """An agent's work after a contact."""

    contact: Id
    agent: Annotated[str, Meta(max_length=128)] = ""
    """Whose; may be left out unless the contact goes on elsewhere. A token of an agent speaks for that one."""


class OneOffer(Asked, frozen=True):
    """An offer."""

    offer: Id


class WhichOffer(Asked, frozen=True):
    """An offer, perhaps of earlier."""

    offer: Id
    event: Annotated[str, Meta(pattern="^([0-9]{1,18}-[0-9]{1,18}([.][0-9]{1,9})?)?$")] = ""
    """Id of the event `offer.made`: where in the journal the offer stands."""


class OneCallback(Asked, frozen=True):
    """A promise to call back."""

    callback: Id


class Contacts(Struct, frozen=True):
    """A page of contacts, in the order in which they arrived."""

    contacts: tuple[ContactView, ...]
    next: int | None = None
    """Where the next page begins; null on the last."""


class Citizen(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of who is at the other end. Personal: every look is logged."""

    contact: str
    number: str = ""
    name: str = ""
    address: str = ""
    text: str = ""


class Callbacks(Struct, frozen=True):
    """Open promises to call back."""

    callbacks: tuple[CallbackView, ...]


class ContactRoutes:
    """Carries out what is asked about contacts."""

    def __init__(self, house: House) -> None:
        self._house = house

    # ---- looking -------------------------------------------------------------------------------------------------

    @route(
        "GET",
        "/contacts",
        roles=EVERYBODY,
        examples=(
            Example(summary="The first hundred", asked=WhichContacts()),
            Example(summary="Who waits in a queue", asked=WhichContacts(queue="kontakt", state=("waiting",), limit=20)),
        ),
    )
    async def list_all(self, caller: Caller, asked: WhichContacts) -> Contacts:
        """List the contacts that live, in the order in which they arrived.

        A token of role agent sees those alone that it is asked about or has.
        """
        agent = caller.agent if caller.role == "agent" else asked.agent

        def look(state: State, _: str) -> Contacts:
            return _page(state, asked, agent, self._house.now())

        return await self._house.read(look)

    @route(
        "GET",
        "/contacts/{contact}",
        roles=EVERYBODY,
        refusals=IN_HAND,
        examples=(Example(summary="One", asked=OneContact(contact="w1-1-1"), given="w1-1-1 waits"),),
    )
    async def show(self, caller: Caller, asked: OneContact) -> ContactView:
        """Show one contact that lives."""
        return await self._view(caller, asked.contact)

    @route(
        "GET",
        "/contacts/{contact}/citizen",
        roles=CONFIDANTS,
        refusals=(*IN_HAND, "store_away"),
        examples=(Example(summary="Who rings", asked=OneContact(contact="w1-1-1"), given="guide01 talks with w1-1-1"),),
    )
    async def citizen(self, caller: Caller, asked: OneContact) -> Citizen:
        """Show who is at the other end: number, name, what was written.

        Personal values, kept apart from everything else; the log keeps who looked.
        """
        await self._view(caller, asked.contact)
        known = await self._house.personal(asked.contact)
        kinds = {kind: value for kind, value in known.items() if kind in Citizen.__struct_fields__}
        extra = {"action": "api.personal_seen", "by": caller.name, "contact": asked.contact, "kinds": sorted(kinds)}
        log.info("%s looked at personal values", caller.name, extra=extra)
        return Citizen(contact=asked.contact, **kinds)

    @route(
        "GET",
        "/contacts/{contact}/why-waiting",
        roles=WATCHERS,
        refusals=("unknown_contact", "not_waiting"),
        examples=(Example(summary="One who waits", asked=OneContact(contact="w1-1-1"), given="w1-1-1 waits"),),
    )
    async def why_waiting(self, _: Caller, asked: OneContact) -> WhyWaiting:
        """Tell why a contact waits: its place and urgency, and what each agent of the queue is to it."""

        def look(state: State, _: str) -> WhyWaiting:
            contact = _contact(state, asked.contact)
            if not isinstance(contact, Waiting):
                raise Refused("not_waiting", "this contact does not wait in a line")
            return why_waiting(state, contact, self._house.now())

        return await self._house.read(look)

    # ---- acting --------------------------------------------------------------------------------------------------

    @route(
        "POST",
        "/contacts/{contact}/finish",
        roles=STAFF,
        refusals=(*IN_HAND, "not_connected"),
        examples=(
            Example(summary="End a talk", asked=OneContact(contact="w1-1-1"), given="guide01 talks with w1-1-1"),
        ),
    )
    async def finish(self, caller: Caller, asked: OneContact) -> None:
        """End the talk or the work; wrap-up follows if there is any."""
        await self._house.ask(plain(i.Finish(asked.contact), in_hands_of(caller, asked.contact)))

    @route(
        "POST",
        "/contacts/{contact}/hand-back",
        roles=STAFF,
        refusals=(*IN_HAND, "not_connected"),
        examples=(
            Example(summary="Back to the line", asked=OneContact(contact="w1-1-1"), given="guide01 talks with w1-1-1"),
        ),
    )
    async def hand_back(self, caller: Caller, asked: OneContact) -> None:
        """Return a contact to its place in line."""
        await self._house.ask(plain(i.HandBack(asked.contact), in_hands_of(caller, asked.contact)))

    @route(
        "POST",
        "/contacts/{contact}/end-wrap-up",
        roles=STAFF,
        refusals=("not_yours", "not_wrapping_up"),
        examples=(Example(summary="Done", asked=WrapUp(contact="w1-1-1"), given="guide01 wraps up w1-1-1"),),
    )
    async def end_wrap_up(self, caller: Caller, asked: WrapUp) -> None:
        """Be done with a contact, and free for the next."""
        await self._house.ask(plain(i.EndWrapUp(asked.contact, _wrapping_up(caller, asked))))

    @route(
        "POST",
        "/contacts/{contact}/extend-wrap-up",
        roles=STAFF,
        refusals=("not_yours", "not_wrapping_up", "wrap_up_limit"),
        examples=(Example(summary="Still writing", asked=WrapUp(contact="w1-1-1"), given="guide01 wraps up w1-1-1"),),
    )
    async def extend_wrap_up(self, caller: Caller, asked: WrapUp) -> None:
        """Take longer for a contact; the queue says how much, and where it ends."""
        await self._house.ask(plain(i.ExtendWrapUp(asked.contact, _wrapping_up(caller, asked))))

    @route(
        "POST",
        "/contacts/{contact}/call-back",
        roles=frozenset({"operator", "supervisor", "admin"}),
        refusals=("unknown_contact", "not_waiting", "number_withheld", "being_offered", "store_away"),
        examples=(Example(summary="Instead of waiting", asked=OneContact(contact="w1-1-1"), given="w1-1-1 waits"),),
    )
    async def call_back(self, _: Caller, asked: OneContact) -> None:
        """Promise to call back a citizen who waits on the line; the place is kept."""
        await self._house.ask(plain(i.RegisterCallback(asked.contact)))

    # ---- offers --------------------------------------------------------------------------------------------------

    @route(
        "GET",
        "/offers/{offer}/why-this-agent",
        roles=WATCHERS,
        refusals=("unknown_offer", "store_away", "too_busy"),
        examples=(
            Example(summary="Why guide01", asked=WhichOffer(offer="w1-1-1.1"), given="guide01 is asked about w1-1-1"),
        ),
    )
    async def why_this_agent(self, _: Caller, asked: WhichOffer) -> WhyThisAgent:
        """Tell why an offer was made to this agent: what every agent of the queue was to the contact at that moment.

        The state of that moment is replayed from the journal, which takes a second; the answer is remembered. For
        an offer of earlier days name its event too.
        """
        return await self._house.why_this_agent(asked.offer, asked.event)

    @route(
        "POST",
        "/offers/{offer}/accept",
        roles=STAFF,
        refusals=("offer_gone", "not_yours"),
        examples=(Example(summary="Take it", asked=OneOffer(offer="w1-1-1.1"), given="guide01 is asked about w1-1-1"),),
    )
    async def accept(self, caller: Caller, asked: OneOffer) -> None:
        """Take an offered contact at the desk; a telephone is taken by picking it up."""
        await self._house.ask(plain(i.AcceptOffer(asked.offer), _offered_to(caller, asked.offer)))

    @route(
        "POST",
        "/offers/{offer}/decline",
        roles=STAFF,
        refusals=("offer_gone", "not_yours"),
        examples=(Example(summary="Not now", asked=OneOffer(offer="w1-1-1.1"), given="guide01 is asked about w1-1-1"),),
    )
    async def decline(self, caller: Caller, asked: OneOffer) -> None:
        """Leave an offered contact to somebody else."""
        await self._house.ask(plain(i.DeclineOffer(asked.offer), _offered_to(caller, asked.offer)))

    # ---- callbacks -----------------------------------------------------------------------------------------------

    @route("GET", "/callbacks", roles=WATCHERS, examples=(Example(summary="All", asked=Asked()),))
    async def callbacks(self, _: Caller, asked: Asked) -> Callbacks:
        """List the open promises to call back."""

        def look(state: State, _: str) -> Callbacks:
            promised = [one for one in state.callbacks.values() if not isinstance(one, Closed)]
            return Callbacks(tuple(callback_view(state, one) for one in promised))

        return await self._house.read(look)

    @route(
        "POST",
        "/callbacks/{callback}/cancel",
        roles=frozenset({"operator", "supervisor", "admin"}),
        refusals=("unknown_callback",),
        examples=(
            Example(
                summary="Not needed", asked=OneCallback(callback="w1-1-1.callback2"), given="w1-1-1 will be called back"
            ),
        ),
    )
    async def cancel(self, _: Caller, asked: OneCallback) -> None:
        """Cancel a promise: the citizen does not want to be called any more."""
        await self._house.ask(plain(i.CancelCallback(asked.callback)))

    # ---- inside --------------------------------------------------------------------------------------------------

    async def _view(self, caller: Caller, id_: str) -> ContactView:
        def look(state: State, _: str) -> ContactView:
            contact = _contact(state, id_)
            if caller.role == "agent":
                caller.speaks_for(agent_of(contact))
            return contact_view(state, contact, self._house.now())

        return await self._house.read(look)


def _page(state: State, asked: WhichContacts, agent: str, now: float) -> Contacts:
    """Return a page; contacts stand in the state in the order of their arrival."""
    states = {kind for kind, name in CONTACT_STATES.items() if name in asked.state}
    found: list[Contact] = []
    for contact in state.contacts.values():
        card = contact.card
        if (
            card.order > asked.after
            and (not states or type(contact) in states)
            and (not asked.queue or queue_of(contact) == asked.queue)
            and (not asked.channel or card.channel == asked.channel)
            and (not agent or agent_of(contact) == agent)
        ):
            found.append(contact)
            if len(found) > asked.limit:
                break
    page = found[: asked.limit]
    more = page[-1].card.order if len(found) > asked.limit else None
    return Contacts(tuple(contact_view(state, contact, now) for contact in page), more)


def _contact(state: State, id_: str) -> Contact:
    contact = state.contacts.get(id_)
    if contact is None:
        raise Refused("unknown_contact", "there is no such contact now")
    return contact


def in_hands_of(caller: Caller, id_: str) -> Guard:
    """Let callers act on contacts that they have, and those who lead on all."""

    def guard(state: State) -> None:
        caller.speaks_for(agent_of(_contact(state, id_)))

    return guard


def _wrapping_up(caller: Caller, asked: WrapUp) -> str:
    """Return whose wrap-up is meant. Raises Refused."""
    if caller.role in LEADS:
        return asked.agent
    caller.speaks_for(asked.agent or caller.agent)
    return caller.agent


def _offered_to(caller: Caller, id_: str) -> Guard:
    def guard(state: State) -> None:
        offer = state.offers.get(id_)
        if isinstance(offer, Standing):
            caller.speaks_for(offer.agent)

    return guard
