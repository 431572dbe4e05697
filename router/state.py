"""Everything the router knows. It changes only by `apply(fact)`, so the same facts give the same state.

The parts that a snapshot keeps are plain frozen structs; `crew`, `lines`, `deadlines` and the other indexes are
derived from them and rebuilt on loading.
"""

import heapq
import math
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, cast

from msgspec import Struct, field, structs

from queues.assistance import Assistance
from queues.channels import CHANNELS
from queues.site import elsewhere, site_need, site_of
from queues.skills import Needs, Requirement, Step, signature
from router import agent as agents
from router import callback as callbacks
from router import contact as contacts
from router import crisis, evolving
from router import facts as f
from router import offer as offers
from router.configuration import EMPTY, AgentSettings, Configuration, seated
from router.contact import Away, Connected, Contact, Forwarded, Offered, Spot, Waiting
from router.crew import Crew
from router.crisis import REMEMBERED, REMEMBERED_MAX, Crisis, CrisisFact, Over, Running
from router.deadlines import OF_AGENT, Deadline, QueueClock, of_agent, of_contact, of_crisis, too_long_at
from router.dialling import Destination, DialLog, address_of
from router.invitations import SURVEYED_FOR, Invitation, Invitations
from router.lines import Lines
from router.outbox import Outgoing, message_id, outgoing, tried
from router.pace import Pace
from router.persons import Person, Persons, assisted

REBASE_AT: Final = 500.0
"""Exponent from which the remembered demand is scaled down again (see `State._remember_demand`)."""


ACKNOWLEDGED_FOR: Final = 86_400.0
"""Seconds in which one person's messages are acknowledged once: two machines would write to each other for ever."""
MARKED_FOR: Final = 86_400.0
"""Seconds within which a message that is told twice is known again; nobody tries for longer than a day."""
REACHED_MEMORY: Final = 0.98
"""By how much those who were let down weigh less with each citizen who is reached: some fifty are remembered."""
DEADLINES_AT_LEAST: Final = 1024
"""Length of the heap of deadlines from which stale ones are looked for."""


class Tickets(Struct, frozen=True, array_like=True):
    """The tickets that a site has given on the newest day."""

    day: str
    last: dict[str, int]
    """Letter to the last number."""


class Handover(Struct, frozen=True, array_like=True):
    """A matter on its way to the records system."""

    contact: str
    """The last of it."""
    matter: str
    closed: float
    attempts: int = 0
    """How often it was tried in vain."""
    due: float | None = 0.0
    """When it is to be tried; None when it will not be any more."""
    cause: f.SendCause | None = None
    """Why it was not taken."""

    @property
    def id(self) -> str:
        """Return under what the records system knows this handing over, however often it is sent."""
        return f"{self.matter}~{self.contact}"


class Met(Struct, frozen=True, array_like=True):
    """Who served a person last, and when that was over."""

    agent: str
    at: float


class Snapshot(Struct, frozen=True, array_like=True):
    """The state at one moment. Indexes are left out."""

    configuration: Configuration
    epoch: int
    order: int
    contacts: list[Contact]
    agents: list[agents.Agent]
    offers: list[offers.Offer]
    callbacks: list[callbacks.Callback]
    clocks: dict[str, QueueClock]
    turns: dict[str, int]
    demand: dict[str, float]
    demand_base: float
    lost: list[str] = []
    """Phones that are known to be gone."""
    dialled: dict[str, list[float]] = {}
    """Numbers dialled in the last day, as pseudonyms, and when."""
    recorded: dict[str, dict[str, str]] = {}
    paces: dict[str, Pace] = field(default_factory=dict)
    outbox: list[Outgoing] = []
    acknowledged: dict[str, float] = {}
    marks: dict[str, float] = {}
    open_sites: list[str] = []
    tickets: dict[str, Tickets] = {}
    crises: list[Crisis] = []
    surveyed: dict[str, float] = {}
    secret: list[str] = []
    held: list[str] = []
    let_down: dict[str, float] = {}
    handovers: list[Handover] = []
    persons: list[Person] = []
    met: dict[str, Met] = {}
    invitations: list[Invitation] = []


class Slot(NamedTuple):
    """A time that can be booked, by a few."""

    site: str
    service: str
    start: float
    """UTC seconds."""


PACE_AT: Final = " at "
"""Between queue and site in the name of a pace: names of queues have no spaces."""


def pace_of(queue: str, needs: Needs) -> str:
    """Return the name of the pace at which those with these needs are served: visits have that of their site."""
    site = site_of(needs)
    return f"{queue}{PACE_AT}{site}" if site else queue


def special(spot: Spot) -> bool:
    """Tell whether a contact needs more than its queue asks for, its site apart."""
    return bool(elsewhere(spot.own_needs))


class State:
    """Contacts, agents, offers and callbacks by id, and what is derived from them."""

    def __init__(self) -> None:
        self.configuration: Configuration = EMPTY
        self._at = 0.0
        """Time of the last fact."""
        self.epoch = 0
        self.order = 0
        self.contacts: dict[str, Contact] = {}
        self.agents: dict[str, agents.Agent] = {}
        self.offers: dict[str, offers.Offer] = {}
        self.callbacks: dict[str, callbacks.Callback] = {}
        self.clocks: dict[str, QueueClock] = {}
        self.turns: dict[str, int] = {}
        """Queue to live contacts preferred to its overdue deferred one since that had its last turn (rule 3)."""
        self.demand: dict[str, float] = {}
        """Skill to recent contacts that needed it, scaled by e^((t - demand_base) / memory) (rule 4)."""
        self.demand_base = 0.0
        self.lost: set[str] = set()
        """Phones that are known to be gone (rule 5)."""
        self.dialled = DialLog()
        self.recorded: dict[str, dict[str, str]] = {}
        """Language to prompt to the recording by telephone that is heard."""
        self.paces: dict[str, Pace] = {}
        """Queue to how its line moves (router.pace)."""
        self.outbox: dict[str, Outgoing] = {}
        """Messages of ours that somebody else is to carry, until they were taken."""
        self.acknowledged: dict[str, float] = {}
        """Person to when a message of theirs was acknowledged, within the last day."""
        self.marks: dict[str, float] = {}
        """Mark of a message to when it arrived, the oldest first."""
        self.open_sites: set[str] = set()
        self.tickets: dict[str, Tickets] = {}
        """Site to the tickets of its newest day."""
        self.persons = Persons()
        """Of whom more is known than that there are contacts."""
        self.crises: dict[str, Crisis] = {}
        """Those that run, and those that can still be read about, the oldest first."""
        self.surveyed: dict[str, float] = {}
        """Person to when that one was asked how it was, the longest ago first."""
        self.let_down: dict[str, float] = {}
        """Queue to how many citizens it called lately for whom no agent came; each one who is reached makes it less."""
        self.secret: set[str] = set()
        """Matters that are secret (`router.secrecy`)."""
        self.held: set[str] = set()
        """Matters of which nothing may be deleted."""
        self.handovers: dict[str, Handover] = {}
        """Last contact of a matter to how the matter stands on its way to the records system."""
        self.met: dict[str, Met] = {}
        """Person, and matter, to who served them last by whatever channel, the longest ago first (rule 4)."""
        self.invitations = Invitations()
        """Questions how it was that can be answered though the contact is over."""
        self._derive()

    def _derive(self) -> None:
        self.running = tuple(one for one in self.crises.values() if isinstance(one, Running))
        """The crises that run."""
        self.opened = frozenset(site for one in self.running for site in one.measures.sites)
        """Places that they have opened."""
        self.staff = self.configuration.agents | dict(self._helping())
        """What agents may do, helpers more than usual."""
        self.crew = Crew(self.staff)
        self.lines = Lines(self.crew, self.configuration.queues)
        self.deadlines: list[Deadline] = []
        """A heap; those that nothing names any more are left in it until they come up or outnumber the rest."""
        self._deadlines_max = DEADLINES_AT_LEAST
        self.away: dict[tuple[str, str], str] = {}
        """Person and queue to the contact that keeps its place there (rule 7)."""
        self.promised: dict[str, dict[str, str]] = {}
        """Person to queue to the open callback (rule 8)."""
        self.at_phone: dict[str, str] = {}
        """Phone to the agent logged in there."""
        self.rung: dict[str, int] = {}
        """Address in the house to how many are rung, or talk, there; who is busy outside says so."""
        self.legs: dict[str, str] = {}
        """Legs that are not named after their contact, to that contact."""
        self.camping: dict[str, None] = {}
        """Contacts that wait for a busy destination (camp-on), in the order of their coming."""
        self.slots: dict[str, str] = {}
        """Slot to the contact that is parked there."""
        self.at_desk: dict[str, str] = {}
        """Desk, `SITE/NUMBER`, to the agent who sits there."""
        self.seeking: dict[str, None] = {}
        """Contacts whose agent wants to talk with anybody of a queue, in the order of their asking."""
        self.booked: dict[Slot, int] = {}
        """Bookable time to how many have it."""
        self._requirements: dict[tuple[str, Needs, tuple[Assistance, ...]], Requirement] = {}
        self.entries = {(entry.channel, entry.address): entry for entry in self.configuration.entries}

    def _helping(self) -> Iterator[tuple[str, AgentSettings]]:
        for running in self.running:
            measures = running.measures
            queues = measures.queues or tuple(self.configuration.queues)
            also = {queue: 1 for queue in (*queues, measures.triage) if queue in self.configuration.queues}
            skills = {need.skill: need.level for need in measures.skills}
            for agent in running.helpers:
                settings = self.configuration.agents.get(agent)
                if settings is not None:
                    yield (
                        agent,
                        structs.replace(settings, queues=also | settings.queues, skills=skills | settings.skills),
                    )

    # ---- snapshots ---------------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """Return the state; cheap, since its parts are frozen and shared."""
        return Snapshot(
            self.configuration,
            self.epoch,
            self.order,
            list(self.contacts.values()),
            list(self.agents.values()),
            list(self.offers.values()),
            list(self.callbacks.values()),
            dict(self.clocks),
            dict(self.turns),
            dict(self.demand),
            self.demand_base,
            sorted(self.lost),
            self.dialled.snapshot(),
            {language: dict(prompts) for language, prompts in self.recorded.items()},
            {queue: structs.replace(pace) for queue, pace in self.paces.items()},
            list(self.outbox.values()),
            dict(self.acknowledged),
            dict(self.marks),
            sorted(self.open_sites),
            dict(self.tickets),
            list(self.crises.values()),
            dict(self.surveyed),
            sorted(self.secret),
            sorted(self.held),
            dict(self.let_down),
            list(self.handovers.values()),
            self.persons.snapshot(),
            dict(self.met),
            self.invitations.snapshot(),
        )

    @classmethod
    def load(cls, snapshot: Snapshot) -> "State":
        """Return a state with all indexes rebuilt."""
        state = cls()
        state.configuration = snapshot.configuration
        state.epoch = snapshot.epoch
        state.order = snapshot.order
        state.contacts = {contact.card.id: contact for contact in snapshot.contacts}
        state.agents = {agent.desk.id: agent for agent in snapshot.agents}
        state.offers = {offer.id: offer for offer in snapshot.offers}
        state.callbacks = {callback.id: callback for callback in snapshot.callbacks}
        state.clocks = dict(snapshot.clocks)
        state.turns = dict(snapshot.turns)
        state.demand = dict(snapshot.demand)
        state.demand_base = snapshot.demand_base
        state.lost = set(snapshot.lost)
        state.dialled = DialLog(snapshot.dialled)
        state.recorded = {language: dict(prompts) for language, prompts in snapshot.recorded.items()}
        state.paces = {queue: structs.replace(pace) for queue, pace in snapshot.paces.items()}
        state.outbox = {message.id: message for message in snapshot.outbox}
        state.acknowledged = dict(snapshot.acknowledged)
        state.marks = dict(snapshot.marks)
        state.open_sites = set(snapshot.open_sites)
        state.tickets = dict(snapshot.tickets)
        state.persons = Persons(snapshot.persons)
        state.crises = {one.id: one for one in snapshot.crises}
        state.surveyed = dict(snapshot.surveyed)
        state.let_down = dict(snapshot.let_down)
        state.secret = set(snapshot.secret)
        state.held = set(snapshot.held)
        state.handovers = {one.contact: one for one in snapshot.handovers}
        state.met = dict(snapshot.met)
        state.invitations = Invitations(snapshot.invitations)
        state.rebuild()
        return state

    def rebuild(self) -> None:
        """Derive every index anew, as after a new configuration."""
        self._derive()
        for agent in sorted(self.agents.values(), key=lambda one: one.desk.idle_since):
            self._seat(agent)
            self.crew.changed(None, agent)
            self._arm(of_agent(agent))
        for contact in self.contacts.values():
            self._index(contact)
        for callback in self.callbacks.values():
            if not isinstance(callback, callbacks.Closed):
                self.promised.setdefault(callback.person, {})[callback.queue] = callback.id
        for running in self.running:
            self._arm(of_crisis(running))

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

    def assistance(self, card: contacts.Card) -> tuple[Assistance, ...]:
        """Return what language and needs of a citizen who is there take of an agent."""
        if not CHANNELS[card.channel].live:
            return ()
        known = self.configuration
        found = [known.aids[need] for need in card.needs if need in known.aids]
        found += [known.tongues[card.language]] if card.language in known.tongues else []
        return tuple(one for one in found if one.needs)

    def has_waited(self, contact: Waiting | Offered, seconds: float, now: float) -> bool:
        """Tell whether a contact has waited `seconds` of open time: exactly from its deadline on."""
        spot = contact.spot
        return self.clocks[spot.queue].shows(spot.place.clock + seconds, now)

    def leaves_at(self, contact: Waiting) -> float | None:
        """Return when a contact has waited too long and leaves its queue (rule 9), None if it may wait for ever."""
        return too_long_at(contact, self.configuration)

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

    def there(self, queue: str, needs: Needs) -> int:
        """Return how many agents of `queue` are there, at the site that is needed if one is."""
        site = site_of(needs)
        if not site:
            return self.crew.there(queue)
        return self.crew.there_among(self.crew.able(queue, (site_need(site),)))

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

    def last_agent(self, card: contacts.Card, now: float) -> str | None:
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

    def deadlines_of(self, deadline: Deadline) -> list[Deadline]:
        """Return the deadlines that the thing which `deadline` names has now; a stale one is not among them."""
        if deadline.kind in OF_AGENT:
            agent = self.agents.get(deadline.id)
            return of_agent(agent) if agent is not None else []
        if deadline.kind == "crisis":
            ends = self.crises.get(deadline.id)
            return of_crisis(ends) if ends is not None else []
        contact = self.contacts.get(deadline.id)
        return of_contact(contact, self.configuration, self.clocks) if contact is not None else []

    # ---- changes -----------------------------------------------------------------------------------------------

    def apply(self, fact: f.AnyFact) -> None:
        """Change the state by a fact. Raises IllegalTransition on one that cannot follow, before changing anything."""
        self._at = fact.at
        _APPLY[type(fact)](self, fact)

    def _arm(self, deadlines: list[Deadline]) -> None:
        for deadline in deadlines:
            heapq.heappush(self.deadlines, deadline)
        if len(self.deadlines) > self._deadlines_max:
            self.deadlines = [one for one in set(self.deadlines) if one in self.deadlines_of(one)]
            heapq.heapify(self.deadlines)
            self._deadlines_max = max(DEADLINES_AT_LEAST, 2 * len(self.deadlines))

    def _index(self, contact: Contact) -> None:
        self._count_caller(contact, 1)
        self._count_booked(contact, 1)
        if type(contact) is Waiting:
            self.lines.add(contact)
        elif type(contact) is Away and contact.card.person is not None:
            self.away[contact.card.person, contact.spot.queue] = contact.card.id
        elif type(contact) is Connected:
            self._count_parties(contact, 1)
            if contact.seeking is not None:
                self.seeking.setdefault(contact.card.id)
        elif type(contact) is Forwarded:
            self._count_parties(contact, 1)
            if contact.party is None:
                self.camping[contact.card.id] = None
        elif type(contact) is contacts.Parked:
            self.slots[contact.slot] = contact.card.id
        self._arm(of_contact(contact, self.configuration, self.clocks))

    def _set_contact(self, before: Contact, after: Contact) -> None:
        self._count_caller(before, -1)
        self._count_booked(before, -1)
        if type(before) is Waiting:
            self.lines.remove(before)
            if not _stands_on(before, after):
                self._left_line(before, served=isinstance(after, Offered | Connected))
        elif type(before) is Away and before.card.person is not None:
            del self.away[before.card.person, before.spot.queue]
        elif type(before) is Connected:
            self._count_parties(before, -1)
            self._remember_agent(before, after)
            if before.seeking is not None and getattr(after, "seeking", None) is None:
                del self.seeking[before.card.id]
        elif type(before) is Forwarded:
            self._count_parties(before, -1)
            self.camping.pop(before.card.id, None)
        elif type(before) is contacts.Parked:
            del self.slots[before.slot]
        if type(after) is contacts.Ended:
            del self.contacts[after.card.id]
        else:
            self.contacts[after.card.id] = after
            self._index(after)
            if type(after) is Waiting and not _stands_on(before, after):
                self._joined_line(after)

    def _remember_agent(self, before: Connected, after: Contact) -> None:
        """Note who served a person, and a matter, once that is done."""
        card, kept = before.card, self.configuration.rules.last_agent
        done = isinstance(after, contacts.WrappingUp) or (
            isinstance(after, contacts.Ended) and after.outcome == "served"
        )
        if not done or not kept or CHANNELS[card.channel].inward:
            return
        for key in filter(None, (card.person, card.matter)):
            self.met.pop(key, None)
            self.met[key] = Met(before.agent, self._at)
        while self.met[oldest := next(iter(self.met))].at <= self._at - kept:
            del self.met[oldest]

    def _joined_line(self, contact: Waiting) -> None:
        spot = contact.spot
        if not special(spot) and CHANNELS[contact.card.channel].live:
            pace = self.paces.setdefault(pace_of(spot.queue, spot.own_needs), Pace())
            pace.joined(self._at)

    def _left_line(self, contact: Waiting, *, served: bool) -> None:
        spot = contact.spot
        pace = self.paces.get(pace_of(spot.queue, spot.own_needs))
        if pace is None or not pace.waiting or not CHANNELS[contact.card.channel].live:
            return
        if self._at > pace.since:
            pace.reckon(self._at, self.there(spot.queue, spot.own_needs))
        pace.left(self._at - spot.stands_since, special=special(spot), served=served)

    def _count_parties(self, contact: Connected | Forwarded, by: int) -> None:
        """Keep who is rung where, and which legs are not named after their contact."""
        if isinstance(contact, Connected):
            parties, offer, id_ = contact.parties, contact.offer, contact.card.id
            if contacts.owner_of(offer) != id_:
                self._name_leg(offer, id_, by)
            for party in parties:
                if party.via:
                    self._name_leg(party.via, id_, by)
                self._count_party(party, by)
        elif contact.party is not None:
            self._count_party(contact.party, by)

    def _name_leg(self, leg: str, contact: str, by: int) -> None:
        if by > 0:
            self.legs[leg] = contact
        else:
            self.legs.pop(leg, None)

    def _count_caller(self, contact: Contact, by: int) -> None:
        """Keep which phones of the house ring us, as long as they do."""
        if contact.card.phone and not isinstance(contact, Away | contacts.WrappingUp):
            self._count_rung(contact.card.phone, by)

    def _count_booked(self, contact: Contact, by: int) -> None:
        """Keep how many have each bookable time, until their visit is over."""
        visit = contact.card.visit
        if visit is None or visit.booked is None:
            return
        slot = Slot(visit.site, visit.service, visit.booked)
        number = self.booked.get(slot, 0) + by
        if number:
            self.booked[slot] = number
        else:
            del self.booked[slot]

    def _count_party(self, party: contacts.Party, by: int) -> None:
        if not party.destination.outside:
            self._count_rung(party.destination.address, by)

    def _count_rung(self, address: str, by: int) -> None:
        number = self.rung.get(address, 0) + by
        if number:
            self.rung[address] = number
        else:
            del self.rung[address]

    def _set_agent(self, before: agents.Agent, after: agents.Agent) -> None:
        self.agents[after.desk.id] = after
        self.crew.changed(before, after)
        if type(after) is agents.NotResponding or after.desk.work is not before.desk.work:
            self._arm(of_agent(after))

    def _seat(self, agent: agents.Agent) -> None:
        """Note at which phone and desk an agent sits."""
        if type(agent) is agents.LoggedOut:
            return
        if agent.desk.address:
            self.at_phone[agent.desk.address] = agent.desk.id
        if agent.desk.seat:
            self.at_desk[agent.desk.seat] = agent.desk.id
            self._change_profile(agent.desk.id, agent.desk.seat)

    def _change_profile(self, agent: str, seat: str) -> None:
        """Let an agent who is not counted at work belong to those who sit at a site, or no longer."""
        settings = self.staff.get(agent)
        profile = self.crew.seat(seated(settings, seat)) if settings is not None else None
        if profile is not None:
            self.lines.admit(profile)

    def _leader_changed(self, fact: f.LeaderChanged) -> None:
        self.epoch = fact.epoch

    def _configuration_applied(self, fact: f.ConfigurationApplied) -> None:
        self.configuration = fact.configuration
        for name in fact.configuration.agents:
            if name not in self.agents:
                self.agents[name] = agents.LoggedOut(agents.Desk(name))
        for name in [one for one in self.agents if one not in fact.configuration.agents]:
            if isinstance(self.agents[name], agents.LoggedOut):
                del self.agents[name]
        self.open_sites &= fact.configuration.sites.keys()
        self.tickets = {site: told for site, told in self.tickets.items() if site in fact.configuration.sites}
        queues = fact.configuration.queues
        self.clocks = {name: self.clocks.get(name, QueueClock()) for name in queues}
        self.turns = {name: turns for name, turns in self.turns.items() if name in queues}
        self.let_down = {name: number for name, number in self.let_down.items() if name in queues}
        self.paces = {name: pace for name, pace in self.paces.items() if name.partition(PACE_AT)[0] in queues}
        self.rebuild()

    def _queue_opened(self, fact: f.QueueOpened) -> None:
        clock = self.clocks[fact.queue]
        self.clocks[fact.queue] = QueueClock(clock.total, fact.at)
        for contact in self.lines.everybody_in(fact.queue):
            self._arm(of_contact(self.contacts[contact], self.configuration, self.clocks))

    def _queue_closed(self, fact: f.QueueClosed) -> None:
        clock = self.clocks[fact.queue]
        self.clocks[fact.queue] = QueueClock(clock.reading(fact.at), None)

    def _agent_alone(
        self, fact: f.AgentLoggedIn | f.AgentLoggedOut | f.AgentReady | f.AgentPaused | f.AgentNotResponding
    ) -> None:
        before = self.agents[fact.agent]
        lost = isinstance(fact, f.AgentLoggedIn) and fact.address in self.lost
        after = agents.evolve(before, fact, phone_lost=lost)
        if isinstance(fact, f.AgentLoggedIn):
            self._seat(after)
        self._set_agent(before, after)
        if isinstance(fact, f.AgentLoggedOut):
            if self.at_phone.get(before.desk.address) == fact.agent:
                del self.at_phone[before.desk.address]
            if before.desk.seat:
                self.at_desk.pop(before.desk.seat, None)
                self._change_profile(fact.agent, "")
            if fact.agent not in self.configuration.agents:
                del self.agents[fact.agent]

    def _phone_changed(self, fact: f.PhoneLost | f.PhoneFound) -> None:
        if isinstance(fact, f.PhoneLost):
            self.lost.add(fact.phone)
        else:
            self.lost.discard(fact.phone)
        agent = self.at_phone.get(fact.phone)
        if agent is not None:
            before = self.agents[agent]
            self._set_agent(before, agents.evolve(before, fact))

    def _contact_arrived(self, fact: f.ContactArrived) -> None:
        self.order = fact.order
        remembered = self.persons.remembered(fact.person, fact.at)
        contact = self.contacts[fact.contact] = evolving.arrive(fact, remembered.needs)
        self._count_caller(contact, 1)

    def _contact_refused(self, fact: f.ContactRefused) -> None:
        """Nothing came to be; the fact is for those who count."""

    def _contact_alone(
        self,
        fact: f.FlowMoved
        | f.LanguageChosen
        | f.GraceEnded
        | f.RequirementWidened
        | f.WaitAnnounced
        | f.WayOutTaken
        | f.WayOutRepeated
        | f.CitizenLeft
        | f.CitizenBack
        | f.MatterJoined
        | f.TapeChanged
        | f.VisitBegan
        | f.NumberCalled
        | f.NeedsNoted
        | f.PersonTold
        | f.RemarkAdded
        | f.QuestionAsked
        | contacts.HelpFact
        | f.AnnouncementTold
        | f.HearingBegan
        | f.SurveyLeft,
    ) -> None:
        before = self.contacts[fact.contact]
        self._set_contact(before, evolving.evolve(before, fact))

    def _ticket_issued(self, fact: f.TicketIssued) -> None:
        before = self.contacts[fact.contact]
        self._set_contact(before, evolving.evolve(before, fact))
        tickets = self.tickets.get(fact.site)
        last = tickets.last if tickets is not None and tickets.day == fact.day else {}
        self.tickets[fact.site] = Tickets(fact.day, {**last, fact.ticket[0]: int(fact.ticket[1:])})

    def _site_opened(self, fact: f.SiteOpened) -> None:
        self.open_sites.add(fact.site)

    def _site_closed(self, fact: f.SiteClosed) -> None:
        self.open_sites.discard(fact.site)

    def _message_added(self, fact: f.MessageAdded) -> None:
        before = self.contacts[fact.contact]
        self._set_contact(before, evolving.evolve(before, fact))
        if fact.mark:
            self._mark(fact)
        if fact.author == "citizen" or not CHANNELS[before.card.channel].posted:
            return
        message = outgoing(before.card, fact)
        self.outbox[message.id] = message
        if fact.prompt and message.person is not None and fact.contact not in self.invitations:
            lately = fact.at - ACKNOWLEDGED_FOR
            self.acknowledged = {person: at for person, at in self.acknowledged.items() if at > lately}
            self.acknowledged[message.person] = fact.at

    def _mark(self, fact: f.MessageAdded) -> None:
        while self.marks and next(iter(self.marks.values())) <= fact.at - MARKED_FOR:
            del self.marks[next(iter(self.marks))]
        self.marks[fact.mark] = fact.at

    def _message_left(self, fact: f.MessageSent | f.MessageDropped) -> None:
        del self.outbox[message_id(fact.contact, fact.number)]

    def _message_stays(self, fact: f.MessageDelayed | f.MessageFailed) -> None:
        id_ = message_id(fact.contact, fact.number)
        self.outbox[id_] = tried(self.outbox[id_], fact)

    def _person_changed(
        self, fact: f.PersonRemembered | f.PersonForgotten | f.PersonJoined | f.PersonParted | f.PersonMarked
    ) -> None:
        self.persons.apply(fact)

    def _interpreter_missing(self, fact: f.InterpreterMissing) -> None:
        """Nothing follows from it here; it is for those who are told."""

    def _contact_described(self, fact: f.ContactDescribed) -> None:
        """Nothing follows from it here; it is for those who learn from it."""

    def _secrecy_changed(self, fact: f.SecrecyChanged) -> None:
        (self.secret.add if fact.secret else self.secret.discard)(fact.matter)

    def _hold_placed(self, fact: f.HoldPlaced) -> None:
        (self.held.add if fact.held else self.held.discard)(fact.matter)

    def _matter_closed(self, fact: f.MatterClosed) -> None:
        self.handovers[fact.contact] = Handover(fact.contact, fact.matter, fact.at, due=fact.at)

    def _matter_handed_over(self, fact: f.MatterHandedOver) -> None:
        del self.handovers[fact.contact]

    def _handover_failed(self, fact: f.HandoverFailed) -> None:
        before = self.handovers[fact.contact]
        changes = {"attempts": before.attempts + 1, "due": fact.until, "cause": fact.cause}
        self.handovers[fact.contact] = structs.replace(before, **changes)

    def _prompt_recorded(self, fact: f.PromptRecorded) -> None:
        self.recorded.setdefault(fact.language, {})[fact.prompt] = fact.recording

    def _prompt_dropped(self, fact: f.PromptDropped) -> None:
        self.recorded.get(fact.language, {}).pop(fact.prompt, None)

    def _contact_queued(self, fact: f.ContactQueued) -> None:
        before = self.contacts[fact.contact]
        self._set_contact(before, evolving.evolve(before, fact))
        for need in fact.requirement[fact.step].needs:
            self._remember_demand(need.skill, fact.at)

    def _remember_demand(self, skill: str, at: float) -> None:
        """Count one contact that needs `skill`; older ones fade because each new one weighs more."""
        exponent = (at - self.demand_base) / self.configuration.rules.scarcity_memory
        if exponent > REBASE_AT:
            scale = math.exp(-min(exponent, 700.0))
            self.demand = {name: value * scale for name, value in self.demand.items()}
            self.demand_base, exponent = at, 0.0
        self.demand[skill] = self.demand.get(skill, 0.0) + math.exp(exponent)

    def _offer_made(self, fact: f.OfferMade) -> None:
        contact, agent = self.contacts[fact.contact], self.agents[fact.agent]
        offered, reserved = evolving.evolve(contact, fact), agents.evolve(agent, fact)
        self.offers[fact.offer] = offers.make(fact)
        self._set_contact(contact, offered)
        self._set_agent(agent, reserved)
        for queue in fact.behind:
            self.turns[queue] = self.turns.get(queue, 0) + 1
        assert isinstance(offered, Offered)  # by the table
        if not CHANNELS[offered.card.channel].live:
            self.turns.pop(offered.spot.queue, None)
        if fact.citizen_first and offered.card.destination is not None:
            self.dialled.add(offered.card.destination, fact.at)

    def _offer_closed(self, fact: f.OfferAccepted | f.OfferDeclined | f.OfferMissed | f.OfferWithdrawn) -> None:
        contact, agent = self.contacts[fact.contact], self.agents[fact.agent]
        standing = self.offers[fact.offer]
        offer = offers.evolve(standing, fact)
        moved, freed = evolving.evolve(contact, fact), agents.evolve(agent, fact, contact.card.channel)
        self._set_contact(contact, moved)
        self._set_agent(agent, freed)
        self._set_offer(offer)
        if isinstance(moved, Connected) and moved.calling_until is not None and moved.card.destination is not None:
            self.dialled.add(moved.card.destination, fact.at)
        if CHANNELS[contact.card.channel].live:
            self._learn_from_offer(contact, standing, fact)

    def _learn_from_offer(self, contact: Contact, standing: offers.Offer, fact: f.AnyFact) -> None:
        assert isinstance(contact, Offered)  # by the tables
        assert isinstance(standing, offers.Standing)
        pace = self.paces.get(pace_of(contact.spot.queue, contact.spot.own_needs))
        if pace is None:
            return
        if contact.spot.reached is not None or contact.calling:
            return  # the citizen was rung in between
        if type(fact) is f.OfferAccepted:
            pace.answered(fact.at - standing.made)
        elif contact.spot.stands_since < standing.made:
            pace.came_to_nothing()

    def _set_offer(self, offer: offers.Offer) -> None:
        if isinstance(offer, offers.Closed):
            del self.offers[offer.id]
        else:
            self.offers[offer.id] = offer

    def _work_changed(
        self, fact: f.WorkSetAside | f.WorkTakenUp | f.WrapUpStarted | f.ContactReturned | f.ContactEnded
    ) -> None:
        before = self.contacts[fact.contact]
        after = evolving.evolve(before, fact)
        if isinstance(before, Connected) and not isinstance(fact, f.WorkSetAside | f.WorkTakenUp):
            self._set_offer(offers.evolve(self.offers[before.offer], fact))
        if isinstance(fact, f.ContactReturned | f.ContactEnded):
            for agent in contacts.hands(before):
                self._change_work(agent, fact)
        else:
            self._change_work(fact.agent, fact)
        self._set_contact(before, after)
        callback = self.callbacks.get(fact.contact)
        if isinstance(fact, f.ContactReturned) and callback is not None:
            self.callbacks[fact.contact] = callbacks.evolve(callback, fact)

    def _callback_postponed(self, fact: f.CallbackPostponed) -> None:
        before = self.contacts[fact.contact]
        after = evolving.evolve(before, fact)
        if isinstance(before, Connected):
            self._set_offer(offers.evolve(self.offers[before.offer], fact))
            for agent in contacts.hands(before):
                self._change_work(agent, fact)
        self._set_contact(before, after)
        callback = callbacks.evolve(self.callbacks[fact.contact], fact)
        self.callbacks[fact.contact] = callback
        if fact.cause == "no_agent":
            assert isinstance(callback, callbacks.Registered)  # by the table
            self.let_down[callback.queue] = self.let_down.get(callback.queue, 0.0) + 1.0

    def _wrap_up_changed(self, fact: f.WrapUpExtended | f.WrapUpEnded) -> None:
        self._change_work(fact.agent, fact)
        contact = self.contacts.get(fact.contact)
        if isinstance(fact, f.WrapUpEnded) and isinstance(contact, contacts.WrappingUp) and fact.agent == contact.agent:
            self._set_contact(contact, evolving.evolve(contact, fact))

    def _survey_asked(self, fact: f.SurveyAsked) -> None:
        before = self.contacts[fact.contact]
        self._set_contact(before, evolving.evolve(before, fact))
        self._person_asked(before.card.person, fact.at)

    def _survey_invited(self, fact: f.SurveyInvited) -> None:
        self.invitations.invite(fact)
        self._person_asked(self.contacts[fact.contact].card.person, fact.at)

    def _survey_answered(self, fact: f.SurveyAnswered) -> None:
        if fact.contact in self.invitations:
            self.invitations.close(fact.contact)
        else:
            before = self.contacts[fact.contact]
            self._set_contact(before, evolving.evolve(before, fact))

    def _person_asked(self, person: str | None, at: float) -> None:
        if person is not None:
            self.surveyed.pop(person, None)
            self.surveyed[person] = at
        while self.surveyed and next(iter(self.surveyed.values())) <= at - SURVEYED_FOR:
            del self.surveyed[next(iter(self.surveyed))]

    # ---- crises ------------------------------------------------------------------------------------------------

    def _crisis_started(self, fact: f.CrisisStarted) -> None:
        """Let a crisis run; those that have been over for long are forgotten."""
        over = [one for one in self.crises.values() if isinstance(one, Over)]
        spare = len(over) - REMEMBERED_MAX
        for number, one in enumerate(over):
            if number < spare or one.ended <= fact.at - REMEMBERED:
                del self.crises[one.id]
        self.crises[fact.crisis] = crisis.start(fact)
        self.rebuild()  # nearly everything follows from crises, and they are seldom

    def _crisis_changed(self, fact: CrisisFact) -> None:
        self.crises[fact.crisis] = crisis.evolve(self.crises[fact.crisis], fact)
        self.rebuild()

    def _talk_changed(self, fact: contacts.TalkFact) -> None:
        before = self.contacts[fact.contact]
        after = evolving.evolve(before, fact)
        # The agent's side gets another name, or the contact leaves its agent.
        offer = after.offer if isinstance(after, Connected) else ""
        if isinstance(before, Connected) and before.offer != offer:
            self._set_offer(offers.evolve(self.offers[before.offer], cast(offers.EndOfTalk, fact)))
        if isinstance(after, Connected) and offer not in self.offers:
            self.offers[offer] = offers.Accepted(offer, fact.contact, after.agent)
        had, has = contacts.hands(before), contacts.hands(after)
        for agent in dict.fromkeys((*had, *has)):
            if (agent in had) != (agent in has):
                self._change_work(agent, cast(agents.WorkFact, fact), before.card.channel)
        self._set_contact(before, after)
        for destination in _dialled(before, fact):
            self.dialled.add(destination, fact.at)
        callback = self.callbacks.get(fact.contact) if isinstance(fact, f.CitizenReached) else None
        if isinstance(callback, callbacks.Attempting) and callback.queue in self.let_down:
            self.let_down[callback.queue] *= REACHED_MEMORY

    def _change_work(self, id_: str, fact: agents.WorkFact, channel: str = "") -> None:
        agent = self.agents[id_]
        self._set_agent(agent, agents.evolve(agent, fact, channel))

    def _callback_registered(self, fact: f.CallbackRegistered) -> None:
        self.callbacks[fact.callback] = callbacks.register(fact)
        self.promised.setdefault(fact.person, {})[fact.queue] = fact.callback
        self.order = max(self.order, fact.order)
        self.contacts[fact.callback] = promised = evolving.promise(fact, self.contacts[fact.contact].card)
        self._arm(of_contact(promised, self.configuration, self.clocks))

    def _callback_attempted(self, fact: f.CallbackAttempted) -> None:
        self.callbacks[fact.callback] = callbacks.evolve(self.callbacks[fact.callback], fact)

    def _callback_closed(self, fact: f.CallbackClosed) -> None:
        callback = self.callbacks[fact.callback]
        callbacks.evolve(callback, fact)
        assert not isinstance(callback, callbacks.Closed)  # by the table
        promised = self.promised[callback.person]
        del promised[callback.queue]
        if not promised:
            del self.promised[callback.person]
        del self.callbacks[fact.callback]


def _dialled(before: Contact, fact: contacts.TalkFact) -> Iterator[Destination]:
    """Yield whom a fact lets us dial."""
    match fact:
        case f.PartyInvited():
            yield fact.destination
        case f.ContactForwarded() if fact.party and not fact.joined:
            yield fact.destination
        case f.ForwardTried() if isinstance(before, Forwarded):
            yield before.destination
        case f.ContactTaken() if before.card.destination is not None:
            yield before.card.destination
        case _:
            return


def _stands_on(before: Contact, after: Contact) -> bool:
    """Tell whether a contact stands in the same line as before, without a break."""
    if type(before) is not Waiting or type(after) is not Waiting:
        return False
    return before.spot.queue == after.spot.queue and before.spot.stands_since == after.spot.stands_since


_APPLY: Final[dict[type, Callable[..., None]]] = {
    f.LeaderChanged: State._leader_changed,
    f.ConfigurationApplied: State._configuration_applied,
    f.QueueOpened: State._queue_opened,
    f.QueueClosed: State._queue_closed,
    f.AgentLoggedIn: State._agent_alone,
    f.AgentLoggedOut: State._agent_alone,
    f.AgentReady: State._agent_alone,
    f.AgentPaused: State._agent_alone,
    f.AgentNotResponding: State._agent_alone,
    f.PhoneLost: State._phone_changed,
    f.PhoneFound: State._phone_changed,
    f.ContactArrived: State._contact_arrived,
    f.ContactRefused: State._contact_refused,
    f.FlowMoved: State._contact_alone,
    f.LanguageChosen: State._contact_alone,
    f.PromptRecorded: State._prompt_recorded,
    f.PromptDropped: State._prompt_dropped,
    f.ContactQueued: State._contact_queued,
    f.GraceEnded: State._contact_alone,
    f.RequirementWidened: State._contact_alone,
    f.WaitAnnounced: State._contact_alone,
    f.WayOutTaken: State._contact_alone,
    f.WayOutRepeated: State._contact_alone,
    f.CitizenLeft: State._contact_alone,
    f.ContactReturned: State._work_changed,
    f.ContactEnded: State._work_changed,
    f.OfferMade: State._offer_made,
    f.OfferAccepted: State._offer_closed,
    f.OfferDeclined: State._offer_closed,
    f.OfferMissed: State._offer_closed,
    f.OfferWithdrawn: State._offer_closed,
    f.WorkSetAside: State._work_changed,
    f.WorkTakenUp: State._work_changed,
    f.WrapUpStarted: State._work_changed,
    f.WrapUpExtended: State._wrap_up_changed,
    f.WrapUpEnded: State._wrap_up_changed,
    f.ContactTaken: State._talk_changed,
    f.CitizenReached: State._talk_changed,
    f.AgentCalledBack: State._talk_changed,
    f.AgentMissing: State._talk_changed,
    f.AgentThere: State._talk_changed,
    f.HoldChanged: State._talk_changed,
    f.PartyInvited: State._talk_changed,
    f.PartyJoined: State._talk_changed,
    f.PartyLeft: State._talk_changed,
    f.ContactHandedOver: State._talk_changed,
    f.ContactForwarded: State._talk_changed,
    f.ForwardTried: State._talk_changed,
    f.ForwardWaits: State._talk_changed,
    f.ContactParked: State._talk_changed,
    f.CallbackRegistered: State._callback_registered,
    f.CallbackAttempted: State._callback_attempted,
    f.CallbackPostponed: State._callback_postponed,
    f.CallbackClosed: State._callback_closed,
    f.MessageAdded: State._message_added,
    f.MessageSent: State._message_left,
    f.MessageDelayed: State._message_stays,
    f.MessageFailed: State._message_stays,
    f.MessageDropped: State._message_left,
    f.MatterJoined: State._contact_alone,
    f.ContactDescribed: State._contact_described,
    f.SiteOpened: State._site_opened,
    f.SiteClosed: State._site_closed,
    f.VisitBegan: State._contact_alone,
    f.TicketIssued: State._ticket_issued,
    f.NumberCalled: State._contact_alone,
    f.CitizenBack: State._contact_alone,
    f.NeedsNoted: State._contact_alone,
    f.PersonTold: State._contact_alone,
    f.PersonRemembered: State._person_changed,
    f.PersonForgotten: State._person_changed,
    f.PersonJoined: State._person_changed,
    f.PersonParted: State._person_changed,
    f.PersonMarked: State._person_changed,
    f.InterpreterMissing: State._interpreter_missing,
    f.CrisisStarted: State._crisis_started,
    f.CrisisAmended: State._crisis_changed,
    f.CrisisSaid: State._crisis_changed,
    f.CrisisEnded: State._crisis_changed,
    f.HelperJoined: State._crisis_changed,
    f.HelperLeft: State._crisis_changed,
    f.AnnouncementTold: State._contact_alone,
    f.HearingBegan: State._contact_alone,
    f.SurveyAsked: State._survey_asked,
    f.SurveyAnswered: State._survey_answered,
    f.SurveyLeft: State._contact_alone,
    f.SecrecyChanged: State._secrecy_changed,
    f.HoldPlaced: State._hold_placed,
    f.MatterClosed: State._matter_closed,
    f.MatterHandedOver: State._matter_handed_over,
    f.HandoverFailed: State._handover_failed,
    f.TapeChanged: State._contact_alone,
    f.RemarkAdded: State._contact_alone,
    f.QuestionAsked: State._contact_alone,
    f.HelpAsked: State._contact_alone,
    f.HelpEnded: State._contact_alone,
    f.ConsultSought: State._contact_alone,
    f.ConsultEnded: State._contact_alone,
    f.SurveyInvited: State._survey_invited,
}
