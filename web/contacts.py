"""Contacts over HTTP: how they are, why they wait, and how agents are done with them.

What acts on a contact answers with nothing: it may be gone by then. The event stream tells what followed.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from router import inputs as i
from router.api import CONFIDANTS, EVERYBODY, LEADS, STAFF, WATCHERS, Asked, Caller, Example, Id, route
from router.contact import Contact, Waiting, parties_of
from router.dialling import Destination
from router.explain import WhyWaiting, why_waiting
from router.inputs import Refused
from router.secondline import is_about
from router.state import State
from web.contactview import CONTACT_STATES, ContactState, ContactView, agent_of, contact_view, queue_of
from web.disclosure import Disclosure
from web.house import Guard, House, Values, plain

PAGE: Final = 100
PAGE_MAX: Final = 1000
IN_HAND: Final = ("unknown_contact", "not_yours")
PERSONAL: Final = ("secret", "store_away", "access_log_away")
"""Why personal values are not shown."""


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


class Secrecy(Asked, frozen=True):
    """Whether what a contact is about is secret."""

    contact: Id
    secret: bool = True


class WrapUp(Asked, frozen=True):
    """An agent's work after a contact."""

    contact: Id
    agent: Annotated[str, Meta(max_length=128)] = ""
    """Whose; may be left out unless the contact goes on elsewhere. A token of an agent speaks for that one."""


class Contacts(Struct, frozen=True):
    """A page of contacts, in the order in which they arrived."""

    contacts: tuple[ContactView, ...]
    next: int | None = None
    """Where the next page begins; null on the last."""


class Citizen(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of who is at the other end. Personal: the access log keeps every look."""

    contact: str
    number: str = ""
    """Who rings, or whom we call."""
    parties: dict[str, str] = {}
    """Party to its number, for those outside the house who are asked about the contact, or to whom it goes."""
    name: str = ""
    address: str = ""
    text: str = ""


KINDS: Final = frozenset({"number", "name", "address", "text"})
"""What of the vault is shown of a citizen."""


class ContactRoutes:
    """Carries out what is asked about contacts."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._gate = Disclosure(house)

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

        A token of role agent sees those alone that it is asked about or has, one with departments those of their
        queues.
        """
        agent = caller.agent if caller.role == "agent" else asked.agent

        def look(state: State, _: str) -> Contacts:
            return self.page(caller, state, asked, agent)

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

        def look(state: State, _: str) -> ContactView:
            return self._view(caller, state, seen_by(caller, state, asked.contact))

        return await self._house.read(look)

    @route(
        "GET",
        "/contacts/{contact}/citizen",
        roles=CONFIDANTS,
        refusals=(*IN_HAND, *PERSONAL),
        examples=(Example(summary="Who rings", asked=OneContact(contact="w1-1-1"), given="guide01 talks with w1-1-1"),),
    )
    async def citizen(self, caller: Caller, asked: OneContact) -> Citizen:
        """Show who is at the other end: number, name, what was written.

        Personal values, kept apart from everything else; the access log keeps who looked.
        """
        found: list[Contact] = []

        def find(state: State) -> Contact:
            found.append(seen_by(caller, state, asked.contact))
            return found[-1]

        values = await self._gate.open(caller, find, ("citizen",))
        contact = found[-1]
        own = contact.card.destination
        known = dict(await values.personal(asked.contact))
        if own is not None:
            known |= await _number_of(values, own, "number")
        parties: dict[str, str] = {}
        for party in parties_of(contact):
            parties |= await _number_of(values, party.destination, party.leg)
        kinds = {kind: value for kind, value in known.items() if kind in KINDS}
        return Citizen(contact=asked.contact, parties=parties, **kinds)

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
            contact = living(state, asked.contact)
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
        "/contacts/{contact}/secrecy",
        roles=STAFF,
        refusals=(*IN_HAND,),
        examples=(
            Example(summary="Secret", asked=Secrecy(contact="w1-1-1"), given="guide01 talks with w1-1-1"),
            Example(summary="Not any more", asked=Secrecy(contact="w1-1-1", secret=False), given="w1-1-1 is secret"),
        ),
    )
    async def secrecy(self, caller: Caller, asked: Secrecy) -> None:
        """Mark what a contact is about as secret, or lift that.

        What is personal of all contacts of its matter is then for whoever serves them, and for the roles of
        privacy.yaml, wherever it would be shown. Whoever has the contact may mark it; only those who lead may lift it.
        """

        def leads(_: State) -> None:
            if not asked.secret and caller.role not in LEADS:
                raise Refused("not_yours", "those who lead lift secrecy")

        request = i.SetSecrecy(asked.contact, asked.secret)
        await self._house.ask(plain(request, in_hands_of(caller, asked.contact), leads))

    # ---- inside --------------------------------------------------------------------------------------------------

    def page(self, caller: Caller, state: State, asked: WhichContacts, agent: str) -> Contacts:
        """Return a page, of an agent's contacts unless that is empty; they stand in the order of their arrival."""
        states = {kind for kind, name in CONTACT_STATES.items() if name in asked.state}
        reach = self._house.reach(caller)
        found: list[Contact] = []
        for contact in state.contacts.values():
            card = contact.card
            if (
                (not agent or agent_of(contact) == agent)
                and card.order > asked.after
                and (not states or type(contact) in states)
                and (not asked.queue or queue_of(contact) == asked.queue)
                and (not asked.channel or card.channel == asked.channel)
                and reach.contact(state, contact)
            ):
                found.append(contact)
                if len(found) > asked.limit:
                    break
        page = found[: asked.limit]
        more = page[-1].card.order if len(found) > asked.limit else None
        return Contacts(tuple(self._view(caller, state, contact) for contact in page), more)

    def _view(self, caller: Caller, state: State, contact: Contact) -> ContactView:
        view = contact_view(state, contact, self._house.now())
        return self._gate.masked(view if caller.role in LEADS else view.for_agents(), caller, state, contact)


async def _number_of(values: Values, destination: Destination, name: str) -> dict[str, str]:
    """Return the number of a destination outside the house, by `name`."""
    kept = await values.personal(destination.address) if destination.outside else {}
    return {name: kept["number"]} if "number" in kept else {}


def living(state: State, id_: str) -> Contact:
    contact = state.contacts.get(id_)
    if contact is None:
        raise Refused("unknown_contact", "there is no such contact now")
    return contact


def seen_by(caller: Caller, state: State, id_: str) -> Contact:
    """Return a contact that the caller may see.

    Raises Refused, for agents who neither have it nor something about it: a question, or what was left for them.
    """
    contact = living(state, id_)
    if caller.role == "agent" and not is_about(state, caller.agent, id_):
        caller.speaks_for(agent_of(contact))
    return contact


def in_hands_of(caller: Caller, id_: str) -> Guard:
    """Let callers act on contacts that they have, and those who lead on all."""

    def guard(state: State) -> None:
        caller.speaks_for(agent_of(living(state, id_)))

    return guard


def _wrapping_up(caller: Caller, asked: WrapUp) -> str:
    """Return whose wrap-up is meant. Raises Refused."""
    if caller.role in LEADS:
        return asked.agent
    caller.speaks_for(asked.agent or caller.agent)
    return caller.agent
