"""What is derived from what a snapshot keeps, so that the cost of a decision does not grow with the house.

Nothing here is in a snapshot: `rebuild` makes it anew, and whoever changes a contact or an agent does so by
`set_contact` and `set_agent`, which move it from where it stood in the indexes to where it stands now.
"""

import heapq
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from msgspec import structs

from queues.assistance import Assistance
from queues.channels import CHANNELS
from queues.site import site_need, site_of
from queues.skills import Needs, Requirement
from router import agent as agents
from router import callback as callbacks
from router import contact as contacts
from router import led
from router.card import Visit
from router.configuration import AgentSettings, seated
from router.contact import Away, Connected, Contact, Forwarded, Leaving, Offered, Waiting
from router.crew import Crew
from router.crisis import Running
from router.deadlines import OF_AGENT, OF_LEADS, Deadline, of_agent, of_contact, of_crisis
from router.kept import Kept, Met
from router.lines import Lines
from router.pace import Pace, pace_of, special

DEADLINES_AT_LEAST: Final = 1024
"""Length of the heap of deadlines from which stale ones are looked for."""


class Slot(NamedTuple):
    """A time that can be booked, by a few."""

    site: str
    service: str
    start: float
    """UTC seconds."""


class Indexed(Kept):
    """What is kept, and the indexes over it."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0.0
        """Time of the last fact."""
        self.changes = 0
        """How many facts were applied here: while it is the same, so is everything."""
        self._derive()

    def _derive(self) -> None:
        self.running = tuple(one for one in self.crises.values() if isinstance(one, Running))
        """The crises that run."""
        self.opened = frozenset(site for one in self.running for site in one.measures.sites)
        """Places that they have opened."""
        self.staff = self.configuration.agents | dict(self._assigned())
        """What agents may do: as is configured or assigned, helpers more than that."""
        self.staff |= dict(self._helping())
        self.crew = Crew(self.staff, self.configuration.queues)
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
                settings = self.staff.get(agent)
                if settings is not None:
                    yield (
                        agent,
                        structs.replace(settings, queues=also | settings.queues, skills=skills | settings.skills),
                    )

    def _assigned(self) -> Iterator[tuple[str, AgentSettings]]:
        for agent, assignment in self.assignments.items():
            settings = self.configuration.agents.get(agent)
            if settings is not None:
                yield agent, assignment.applied(settings, self.configuration)

    def _of_leads(self) -> list[Deadline]:
        return led.deadlines(self.assignments.values(), self.today.values(), self.bulletins.values())

    def rebuild(self) -> None:
        """Derive every index anew, as after a new configuration."""
        self._derive()
        for agent in sorted(self.agents.values(), key=lambda one: one.desk.idle_since):
            self.seat(agent)
            self.crew.changed(None, agent)
            self.arm(of_agent(agent))
        for contact in self.contacts.values():
            self._index(contact)
        for callback in self.callbacks.values():
            if not isinstance(callback, callbacks.Closed):
                self.promised.setdefault(callback.person, {})[callback.queue] = callback.id
        for running in self.running:
            self.arm(of_crisis(running))
        self.arm(self._of_leads())

    def arm(self, deadlines: list[Deadline]) -> None:
        """Note when something is due."""
        for deadline in deadlines:
            heapq.heappush(self.deadlines, deadline)
        if len(self.deadlines) > self._deadlines_max:
            self.deadlines = list(self._named_deadlines().intersection(self.deadlines))
            heapq.heapify(self.deadlines)
            self._deadlines_max = max(DEADLINES_AT_LEAST, 2 * len(self.deadlines))

    def _named_deadlines(self) -> set[Deadline]:
        """Return all deadlines that anything names now."""
        named: set[Deadline] = set()
        for agent in self.agents.values():
            named.update(of_agent(agent))
        for contact in self.contacts.values():
            named.update(of_contact(contact, self.configuration, self.clocks))
        for running in self.running:
            named.update(of_crisis(running))
        named.update(self._of_leads())
        return named

    def deadlines_of(self, deadline: Deadline) -> list[Deadline]:
        """Return the deadlines that the thing which `deadline` names has now; a stale one is not among them."""
        if deadline.kind in OF_AGENT:
            agent = self.agents.get(deadline.id)
            return of_agent(agent) if agent is not None else []
        if deadline.kind in OF_LEADS:
            return self._of_leads()
        if deadline.kind == "crisis":
            ends = self.crises.get(deadline.id)
            return of_crisis(ends) if ends is not None else []
        contact = self.contacts.get(deadline.id)
        return of_contact(contact, self.configuration, self.clocks) if contact is not None else []

    def there(self, queue: str, needs: Needs) -> int:
        """Return how many agents of `queue` are there, at the site that is needed if one is."""
        site = site_of(needs)
        if not site:
            return self.crew.there(queue)
        return self.crew.there_among(self.crew.able(queue, (site_need(site),)))

    def _index(self, contact: Contact) -> None:
        """Put a contact where its state belongs."""
        self._count_card(contact, 1)
        enter = _ENTER.get(type(contact))
        if enter is not None:
            enter(self, contact)
        self.arm(of_contact(contact, self.configuration, self.clocks))

    def set_contact(self, before: Contact, after: Contact) -> None:
        """Put a contact in the place of what it was."""
        self._count_card(before, -1)
        leave = _LEAVE.get(type(before))
        if leave is not None:
            leave(self, before, after)
        if type(after) is contacts.Ended:
            del self.contacts[after.card.id]
        else:
            self.contacts[after.card.id] = after
            self._index(after)
            if type(after) is Waiting and not _stands_on(before, after):
                self._reckon_joined(after)

    def _enter_line(self, contact: Waiting) -> None:
        self.lines.add(contact)

    def _leave_line(self, before: Waiting, after: Contact) -> None:
        self.lines.remove(before)
        if not _stands_on(before, after):
            self._reckon_left(before, after)

    def _enter_away(self, contact: Away) -> None:
        if contact.card.person is not None:
            self.away[contact.card.person, contact.spot.queue] = contact.card.id

    def _leave_away(self, before: Away, after: Contact) -> None:
        if before.card.person is not None:
            del self.away[before.card.person, before.spot.queue]

    def _enter_talk(self, contact: Connected) -> None:
        self._count_talk(contact, 1)
        if contact.seeking is not None:
            self.seeking.setdefault(contact.card.id)

    def _leave_talk(self, before: Connected, after: Contact) -> None:
        self._count_talk(before, -1)
        if type(after) is contacts.WrappingUp or (type(after) is contacts.Ended and after.outcome == "served"):
            self._remember_agent(before)
        if before.seeking is not None and (type(after) is not Connected or after.seeking is None):
            del self.seeking[before.card.id]

    def _enter_forwarded(self, contact: Forwarded) -> None:
        if contact.party is None:
            self.camping[contact.card.id] = None
        else:
            self._count_party(contact.party, 1)

    def _leave_forwarded(self, before: Forwarded, after: Contact) -> None:
        if before.party is None:
            del self.camping[before.card.id]
        else:
            self._count_party(before.party, -1)

    def _enter_slot(self, contact: contacts.Parked) -> None:
        self.slots[contact.slot] = contact.card.id

    def _leave_slot(self, before: contacts.Parked, after: Contact) -> None:
        del self.slots[before.slot]

    def _remember_agent(self, before: Connected) -> None:
        """Note who has served a person, and a matter."""
        card, kept = before.card, self.configuration.rules.last_agent
        if not kept or CHANNELS[card.channel].inward:
            return
        for key in filter(None, (card.person, card.matter)):
            self.met.pop(key, None)
            self.met[key] = Met(before.agent, self.at)
        while self.met[oldest := next(iter(self.met))].at <= self.at - kept:
            del self.met[oldest]

    def _reckon_joined(self, contact: Waiting) -> None:
        spot = contact.spot
        if not special(spot) and CHANNELS[contact.card.channel].live:
            pace = self.paces.setdefault(pace_of(spot.queue, spot.own_needs), Pace())
            pace.joined(self.at)

    def _reckon_left(self, contact: Waiting, after: Contact) -> None:
        spot = contact.spot
        pace = self.paces.get(pace_of(spot.queue, spot.own_needs))
        if pace is None or not pace.waiting or not CHANNELS[contact.card.channel].live:
            return
        if self.at > pace.since:
            pace.reckon(self.at, self.there(spot.queue, spot.own_needs))
        served = type(after) is Offered or type(after) is Connected
        kept = type(after) is Leaving and after.way.to == "callback"
        pace.left(self.at - spot.stands_since, special=special(spot), served=served, kept=kept)

    def _count_talk(self, contact: Connected, by: int) -> None:
        """Keep who is rung where, and which legs are not named after their contact."""
        id_ = contact.card.id
        if contacts.owner_of(contact.offer) != id_:
            self._name_leg(contact.offer, id_, by)
        for party in contact.parties:
            if party.via:
                self._name_leg(party.via, id_, by)
            self._count_party(party, by)
        if contact.listener is not None and not contact.listener.destination.outside:
            self._count_rung(contact.listener.destination.address, by)

    def _name_leg(self, leg: str, contact: str, by: int) -> None:
        if by > 0:
            self.legs[leg] = contact
        else:
            self.legs.pop(leg, None)

    def _count_card(self, contact: Contact, by: int) -> None:
        card = contact.card
        if card.phone:
            self.count_caller(contact, by)
        if card.visit is not None:
            self._count_booked(card.visit, by)

    def count_caller(self, contact: Contact, by: int) -> None:
        """Keep which phones of the house ring us, as long as they do."""
        if contact.card.phone and not isinstance(contact, Away | contacts.WrappingUp):
            self._count_rung(contact.card.phone, by)

    def _count_booked(self, visit: Visit, by: int) -> None:
        """Keep how many have each bookable time, until their visit is over."""
        if visit.booked is None:
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

    def set_agent(self, before: agents.Agent, after: agents.Agent) -> None:
        """Put an agent in the place of what that one was."""
        self.agents[after.desk.id] = after
        self.crew.changed(before, after)
        if type(after) is agents.NotResponding or (after.desk.work and after.desk.work is not before.desk.work):
            self.arm(of_agent(after))

    def seat(self, agent: agents.Agent) -> None:
        """Note at which phone and desk an agent sits."""
        if type(agent) is agents.LoggedOut:
            return
        if agent.desk.address:
            self.at_phone[agent.desk.address] = agent.desk.id
        if agent.desk.seat:
            self.at_desk[agent.desk.seat] = agent.desk.id
            self.change_profile(agent.desk.id, agent.desk.seat)

    def change_profile(self, agent: str, seat: str) -> None:
        """Let an agent who is not counted at work belong to those who sit at a site, or no longer."""
        settings = self.staff.get(agent)
        profile = self.crew.seat(seated(settings, seat)) if settings is not None else None
        if profile is not None:
            self.lines.admit(profile)


def _stands_on(before: Contact, after: Contact) -> bool:
    """Tell whether a contact stands in the same line as before, without a break."""
    if type(before) is not Waiting or type(after) is not Waiting:
        return False
    return before.spot.queue == after.spot.queue and before.spot.stands_since == after.spot.stands_since


_ENTER: Final[dict[type, Callable[..., None]]] = {
    Waiting: Indexed._enter_line,
    Away: Indexed._enter_away,
    Connected: Indexed._enter_talk,
    Forwarded: Indexed._enter_forwarded,
    contacts.Parked: Indexed._enter_slot,
}
"""What is indexed of a contact in each state; of those that are missing, nothing but deadlines."""
_LEAVE: Final[dict[type, Callable[..., None]]] = {
    Waiting: Indexed._leave_line,
    Away: Indexed._leave_away,
    Connected: Indexed._leave_talk,
    Forwarded: Indexed._leave_forwarded,
    contacts.Parked: Indexed._leave_slot,
}
"""How that is taken back when the contact changes, given what becomes of it."""
