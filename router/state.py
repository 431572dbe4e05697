"""Everything the router knows. It changes only by `apply(fact)`, so the same facts give the same state.

What a snapshot keeps is in `router.kept`, what is derived from it in `router.indexes`, what each fact changes in
`router.applying`; here is what is asked of it.
"""

from collections.abc import Iterator

from queues.assistance import Assistance
from queues.channels import CHANNELS
from queues.skills import Needs, Requirement, Step, signature
from router import agent as agents
from router import contact as contacts
from router import facts as f
from router.applying import APPLY, REACHED_MEMORY
from router.card import Card
from router.configuration import AgentSettings, seated
from router.contact import Away, Connected, Contact, Forwarded, Offered, Waiting
from router.deadlines import too_long_at
from router.dialling import Destination, address_of
from router.indexes import Indexed, Slot
from router.kept import Snapshot
from router.persons import assisted


class State(Indexed):
    """Contacts, agents, offers and callbacks, what is derived from them, and what is asked of them."""

    @classmethod
    def load(cls, snapshot: Snapshot) -> "State":
        """Return a state with all indexes rebuilt."""
        state = cls()
        state.recall(snapshot)
        state.rebuild()
        return state

    def apply(self, fact: f.AnyFact) -> None:
        """Change the state by a fact. Raises IllegalTransition on one that cannot follow, before changing anything."""
        self.at = fact.at
        APPLY[type(fact)](self, fact)
        self.changes += 1

    # ---- questions ---------------------------------------------------------------------------------------------

    def clock(self, queue: str, now: float) -> float:
        """Return how many seconds `queue` has been open up to `now`."""
        return self.clocks[queue].reading(now)

    def is_open(self, queue: str) -> bool:
        """Tell whether the queue takes contacts."""
        return self.clocks[queue].open_since is not None

    def waited(self, contact: Waiting | Offered, now: float) -> float:
        """Return the seconds of open time a contact has waited (rule 3)."""
        return self.clock(contact.spot.queue, now) - contact.spot.place.clock

    def requirement(self, queue: str, needs: Needs, help_: tuple[Assistance, ...] = ()) -> Requirement:
        """Return what `queue` requires together with a contact's own `needs`, in every step (rule 2).

        What the citizen needs besides, `help_`, is asked for first, and gone without when that takes too long.
        """
        known = self._requirements.get((queue, needs, help_))
        if known is None:
            steps = self.configuration.queues[queue].requirement
            known = assisted(tuple(Step(signature((*step.needs, *needs)), step.after) for step in steps), help_)
            self._requirements[queue, needs, help_] = known
        return known

    def assistance(self, card: Card) -> tuple[Assistance, ...]:
        """Return what language and needs of a citizen who is there take of an agent."""
        known = self.configuration
        if not (card.needs or card.language in known.tongues) or not CHANNELS[card.channel].live:
            return ()
        found = [known.aids[need] for need in card.needs if need in known.aids]
        found += [known.tongues[card.language]] if card.language in known.tongues else []
        return tuple(one for one in found if one.needs)

    def has_waited(self, contact: Waiting | Offered, seconds: float, now: float) -> bool:
        """Tell whether a contact has waited `seconds` of open time: exactly from its deadline on."""
        spot = contact.spot
        return self.clocks[spot.queue].shows(spot.place.clock + seconds, now)

    def leaves_at(self, contact: Waiting) -> float | None:
        """Return when a contact has waited too long and leaves its queue (rule 9), None if it may wait for ever."""
        return too_long_at(contact, self.configuration.queues[contact.spot.queue])

    def contact_of(self, leg: str) -> Contact | None:
        """Return the contact that a leg belongs to."""
        return self.contacts.get(self.legs.get(leg) or contacts.owner_of(leg))

    def destinations(self) -> Iterator[Destination]:
        """Yield whom contacts call, or were sent on to."""
        for contact in self.contacts.values():
            if contact.card.destination is not None:
                yield contact.card.destination
            if isinstance(contact, Forwarded):
                yield contact.destination
            elif isinstance(contact, Connected):
                for party in contact.parties:
                    yield from (party.destination, *party.then)

    def numbers(self) -> set[str]:
        """Return the addresses of numbers that are rung, or may yet have to be: those of all persons who are here."""
        outside = {destination.address for destination in self.destinations() if destination.outside}
        persons = {contact.card.person for contact in self.contacts.values()}
        return outside | {address_of(person) for person in persons if person}

    def talk_at(self, phone: str) -> str:
        """Return the telephone contact that the agent at a phone leads; empty when there is none."""
        agent = self.agents.get(self.at_phone.get(phone, ""))
        if agent is None:
            return ""
        for item in agent.desk.work:
            contact = self.contacts.get(item.contact)
            if isinstance(contact, Connected) and contact.agent == agent.desk.id and contact.card.talks:
                return item.contact
        return ""

    def has_in_hand(self, agent: str, contact: str) -> bool:
        """Tell whether an agent has a contact in hand, be it to wrap up."""
        known = self.agents.get(agent)
        return known is not None and any(item.contact == contact for item in known.desk.work)

    def engaged(self, address: str) -> bool:
        """Tell whether we know somebody to be talking, or rung, at a phone."""
        if self.rung.get(address):
            return True
        agent = self.agents.get(self.at_phone.get(address, ""))
        return agent is not None and agents.engaged(agent)

    def settings(self, agent: str) -> AgentSettings:
        """Return what an agent may do, at a desk what that adds; nothing for one that is not configured any more."""
        settings = self.staff.get(agent) or AgentSettings(id=agent)
        known = self.agents.get(agent)
        return seated(settings, known.desk.seat) if known is not None else settings

    def promises(self, person: str) -> dict[str, str]:
        """Return queue to the open callback of a person, by whichever number or address it was promised (rule 8)."""
        return {queue: one for id_ in self.persons.ids(person) for queue, one in self.promised.get(id_, {}).items()}

    def kept_places(self, person: str, queue: str) -> list[Away]:
        """Return the contacts that keep a person's place in a queue, by whichever number or address (rule 7)."""
        ids = [self.away.get((id_, queue), "") for id_ in self.persons.ids(person)]
        return [contact for id_ in ids if isinstance(contact := self.contacts.get(id_), Away)]

    def last_agent(self, card: Card, now: float) -> str | None:
        """Return who served a contact's matter last, or else its person, as long as that counts (rule 4)."""
        met = self.met.get(card.matter)
        if met is None and card.person is not None:
            found = (self.met[id_] for id_ in self.persons.ids(card.person) if id_ in self.met)
            met = max(found, key=lambda one: one.at, default=None)
        return met.agent if met is not None and now < met.at + self.configuration.rules.last_agent else None

    def receives(self, contact: Contact, queue: str) -> bool:
        """Tell whether a contact can come to `queue` now: it is open, and so is the site of a visit."""
        visit = contact.card.visit
        return self.is_open(queue) and (visit is None or visit.site in self.open_sites)

    def lets_down(self, queue: str) -> bool:
        """Tell whether a queue called too many lately for whom no agent came."""
        most = self.configuration.queues[queue].calling.let_down / (1.0 - REACHED_MEMORY)
        return self.let_down.get(queue, 0.0) > most

    def free_at(self, slot: Slot) -> int:
        """Return how many more can book a time."""
        site = self.configuration.sites.get(slot.site)
        service = site.services.get(slot.service) if site is not None else None
        return max(service.bookable - self.booked.get(slot, 0), 0) if service is not None else 0
