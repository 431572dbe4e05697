"""What must hold after every input (DESIGN §3). `check(state, now)` returns what does not, in words."""

from collections import Counter
from collections.abc import Iterator

from ivr.actions import Recording
from ivr.flow import Record
from ivr.session import question_of
from queues.channels import ATTENTION, CHANNELS, cost
from queues.site import NUMBERS, site_of
from queues.skills import meets
from router.agent import Agent, Paused, Ready, Reserved
from router.callback import Attempting
from router.consulting import somebody
from router.contact import Arrived, Connected, Contact, Ended, InFlow, Offered, Waiting, WrappingUp, hands
from router.deadlines import of_contact
from router.entering import first_possible_step
from router.matching import agent_for, contact_for
from router.offer import Accepted, Standing
from router.pace import pace_of, special
from router.persons import ordered
from router.state import State

_MAY_BE_PAST = {"rest", "overdue"}
"""Kinds of deadlines that a state goes on to name after they were seen to."""


def check(state: State, now: float) -> list[str]:
    """Return the violated invariants; empty when all is well. Costly: for tests and the simulator."""
    return [
        *_contacts(state),
        *_offers(state),
        *_agents(state),
        *_callbacks(state),
        *_flows(state),
        *_lines(state),
        *_paces(state),
        *_messages(state),
        *_visits(state),
        *_persons(state),
        *_second_line(state),
        *_nobody_forgotten(state, now),
        *_nobody_stranded(state),
        *_deadlines(state),
        *_indexes(state),
    ]


def _contacts(state: State) -> Iterator[str]:
    for id_, contact in state.contacts.items():
        if contact.card.id != id_ or isinstance(contact, Ended):
            yield f"contact {id_} is kept as {type(contact).__name__} of {contact.card.id}"
        for name in (contact.agent,) if isinstance(contact, Offered) else hands(contact):
            agent = state.agents.get(name)
            if agent is None:
                yield f"contact {id_} is with agent {name}, who does not exist"
            elif not _has(agent, contact):
                yield f"contact {id_} is {type(contact).__name__} with {name}, who does not know it"
        if isinstance(contact, Offered) and contact.agent in state.configuration.agents:
            yield from _skills(state, contact)


def _has(agent: Agent, contact: Contact) -> bool:
    if isinstance(contact, Offered):
        return isinstance(agent, Reserved) and agent.offer == contact.offer
    return any(item.contact == contact.card.id for item in agent.desk.work)


def _skills(state: State, contact: Offered) -> Iterator[str]:
    settings = state.settings(contact.agent)
    if contact.spot.queue not in settings.queues or not meets(settings.skills, contact.spot.needs):
        yield f"contact {contact.card.id} is offered to {contact.agent}, who may not serve it"


def _offers(state: State) -> Iterator[str]:
    offered = Counter(c.card.id for c in state.contacts.values() if isinstance(c, Offered | Connected))
    named = Counter(offer.contact for offer in state.offers.values() if isinstance(offer, Standing | Accepted))
    if offered != named:
        yield f"offers name {dict(named - offered)} that are not offered, or miss {dict(offered - named)}"
    agents = Counter(offer.agent for offer in state.offers.values() if isinstance(offer, Standing))
    for agent, number in agents.items():
        if number > 1:
            yield f"agent {agent} has {number} offers at once"


def _agents(state: State) -> Iterator[str]:
    for id_, agent in state.agents.items():
        for item in agent.desk.work:
            contact = state.contacts.get(item.contact)
            if item.wrapping_up and item.until is not None:
                continue  # an agent's own wrap-up may outlast the talk, and the contact
            if contact is None or id_ not in hands(contact):
                yield f"agent {id_} has contact {item.contact}, which is not with it"
        if isinstance(agent, Reserved):
            yield from _capacity(state, agent)
        if isinstance(agent, Paused) and agent.leaving and not agent.desk.work:
            yield f"agent {id_} wants to leave and has nothing left to do"
        if id_ not in state.configuration.agents and not (isinstance(agent, Paused) and agent.leaving):
            yield f"agent {id_} is not configured and does not leave"


def _capacity(state: State, agent: Reserved) -> Iterator[str]:
    """Check that an agent can take what it is offered. A configuration may lower what applies to work in hand."""
    id_, offer = agent.desk.id, state.offers.get(agent.offer)
    profile = state.crew.profile_of.get(id_)
    if profile is None or not isinstance(offer, Standing):
        yield f"agent {id_} is reserved by {agent.offer}, which is no standing offer or not for it"
        return
    channel = state.contacts[offer.contact].card.channel
    numbers = Counter([channel, *(item.channel for item in agent.desk.work)])
    if numbers[channel] > profile.capacity[channel]:
        yield f"agent {id_} is offered contact {numbers[channel]} of {channel}, capacity {profile.capacity[channel]}"
        return
    live = CHANNELS[channel].live
    parts = sum(
        number * cost(profile.capacity[name] or 1)
        for name, number in numbers.items()
        if name == channel or not (live and CHANNELS[name].interruptible)
    )
    if parts > ATTENTION:
        yield f"agent {id_} would give {parts} of {ATTENTION} parts of attention"


def _second_line(state: State) -> Iterator[str]:
    """Questions are about something that lives, what was sent on can come back, and whom an agent looks for is rung."""
    for id_, contact in state.contacts.items():
        card, spot = contact.card, getattr(contact, "spot", None)
        if card.about and CHANNELS[card.channel].inward and not isinstance(contact, WrappingUp):
            if card.about not in state.contacts:
                yield f"question {id_} is about {card.about}, which is over"
        if spot is not None and spot.sent is not None and spot.sent.queue not in state.configuration.queues:
            yield f"contact {id_} would come back to {spot.sent.queue}, which is no queue"
    seeking = [id_ for id_, one in state.contacts.items() if isinstance(one, Connected) and one.seeking is not None]
    if sorted(state.seeking) != sorted(seeking):
        yield f"{sorted(state.seeking)} are noted to look for somebody, and {sorted(seeking)} do"
    for id_ in seeking:
        contact = state.contacts[id_]
        if isinstance(contact, Connected) and somebody(state, contact) is not None:
            yield f"somebody is free whom the agent of {id_} looks for, and is not rung"
    for id_, agent in state.agents.items():
        live = any(CHANNELS[item.channel].live for item in agent.desk.work)
        if not (live or isinstance(agent, Reserved)) and any(item.aside for item in agent.desk.work):
            yield f"agent {id_} has something set aside, and nobody for whom"


def _callbacks(state: State) -> Iterator[str]:
    for id_, callback in state.callbacks.items():
        contact = state.contacts.get(id_)
        with_agent = isinstance(contact, Connected)
        if isinstance(contact, Arrived) and contact.card.due is not None:
            continue
        # A citizen who was called first is being called, or was, without being with an agent.
        called = isinstance(callback, Attempting)
        if not isinstance(contact, Waiting | Offered | Connected) or (with_agent and not called):
            yield f"callback {id_} is {type(callback).__name__} and its turn in line {type(contact).__name__}"


def _flows(state: State) -> Iterator[str]:
    """Whoever is in a flow stands where it leads on, and where what is going on can happen."""
    flows = state.configuration.flows
    for id_, contact in state.contacts.items():
        if not isinstance(contact, InFlow):
            continue
        session = contact.session
        places = [(session.flow, session.node), *((frame.flow, frame.node) for frame in session.frames)]
        lost = [place for place in places if place[0] not in flows or place[1] not in flows[place[0]].nodes]
        if lost:
            yield f"contact {id_} stands in flows at {lost}, where nothing is"
        elif isinstance(contact.action, Recording) != (session.stage == "recording"):
            yield f"contact {id_} is {session.stage} and {type(contact.action).__name__}"
        elif isinstance(contact.action, Recording) and not isinstance(question_of(flows, session), Record):
            yield f"contact {id_} is recorded though nobody asked it to speak"


def _lines(state: State) -> Iterator[str]:
    standing = Counter(contact for queue in state.configuration.queues for contact in state.lines.everybody_in(queue))
    waiting = Counter(id_ for id_, contact in state.contacts.items() if isinstance(contact, Waiting))
    if standing != waiting:
        yield f"lines hold {dict(standing - waiting)} too much and miss {dict(waiting - standing)}"


def _paces(state: State) -> Iterator[str]:
    waiting = Counter(
        pace_of(one.spot.queue, one.spot.own_needs)
        for one in state.contacts.values()
        if isinstance(one, Waiting) and CHANNELS[one.card.channel].live and not special(one.spot)
    )
    known = {queue: pace.waiting for queue, pace in state.paces.items() if pace.waiting}
    if waiting != known:
        yield f"the paces know of {known} in line, and there are {dict(waiting)}"
    for queue, pace in state.paces.items():
        if min(pace.departures, pace.staffed, pace.leavings, pace.waited, pace.ring) < 0.0:
            yield f"the pace of {queue} is negative"


def _messages(state: State) -> Iterator[str]:
    for id_, message in state.outbox.items():
        contact = state.contacts.get(message.contact)
        if id_ != message.id or (contact is not None and message.number > contact.card.thread.messages):
            yield f"the outbox has {id_}, which nobody wrote"


def _visits(state: State) -> Iterator[str]:
    """A number is called once at a time and a day, at a desk of the visit's site; no time is given to too many."""
    tickets = Counter(
        (one.card.visit.site, one.card.visit.day, one.card.visit.ticket)
        for one in state.contacts.values()
        if one.card.visit is not None and one.card.visit.ticket
    )
    for (site, _, ticket), number in tickets.items():
        if number > 1 and len(tickets) < len(NUMBERS):
            yield f"{number} visitors of {site} have the ticket {ticket}"
    for contact in state.contacts.values():
        visit = contact.card.visit
        if visit is not None and isinstance(contact, Waiting) and site_of(contact.spot.needs) != visit.site:
            yield f"visit {contact.card.id} to {visit.site} waits for agents elsewhere"


def _persons(state: State) -> Iterator[str]:
    """Every number and address is one person's, found by it, and needs are words of the list."""
    kept = state.persons.snapshot()
    for id_, number in Counter(id_ for one in kept for id_ in (one.id, *one.others)).items():
        if number > 1:
            yield f"{number} persons have the pseudonym {id_}"
    for one in kept:
        if any(state.persons.of(id_) != one for id_ in (one.id, *one.others)):
            yield f"person {one.id} is not found by all of its pseudonyms"
        if one.needs != ordered(one.needs) or not one.known:
            yield f"of person {one.id} is kept what is no need, or nothing"


def _nobody_forgotten(state: State, now: float) -> Iterator[str]:
    for id_, agent in state.agents.items():
        if isinstance(agent, Ready):
            match = contact_for(state, id_, now)
            if match is not None:
                yield f"agent {id_} is free and contact {match.contact} waits for somebody like that"
    for id_, contact in state.contacts.items():
        if isinstance(contact, Waiting) and agent_for(state, contact, now) is not None:
            yield f"contact {id_} waits and somebody for it is free"


def _nobody_stranded(state: State) -> Iterator[str]:
    """Nobody waits for what cannot happen: at a step to be skipped (rule 2), or in vain after closing (rule 9)."""
    for id_, contact in state.contacts.items():
        if not isinstance(contact, Waiting) or contact.spot.grace_until is not None:
            continue
        spot = contact.spot
        if first_possible_step(state, spot.queue, spot.requirement, spot.step) != spot.step:
            yield f"contact {id_} waits at step {spot.step}, which nobody could meet"
        possible = (state.crew.able(spot.queue, step.needs) for step in spot.requirement[spot.step :])
        in_vain = not any(state.crew.at_work(mask) for mask in possible)
        if in_vain and CHANNELS[contact.card.channel].attended and not state.receives(contact, spot.queue):
            yield f"contact {id_} waits in a closed queue and nobody at work could serve it"


def _deadlines(state: State) -> Iterator[str]:
    armed = set(state.deadlines)
    for contact in state.contacts.values():
        for deadline in of_contact(contact, state.configuration, state.clocks):
            if deadline.kind not in _MAY_BE_PAST and deadline not in armed:
                yield f"nothing will happen at {deadline}"


def _indexes(state: State) -> Iterator[str]:
    anew = State.load(state.snapshot())
    for queue in state.crew.serves:
        for channel in CHANNELS:
            if anew.crew.free_in(channel, queue) != state.crew.free_in(channel, queue):
                yield f"the index of agents free for {channel} in {queue} is wrong"
    if anew.crew.in_state != state.crew.in_state:
        yield "the count of agents by state is wrong"
    if anew.away != state.away or anew.promised != state.promised:
        yield "the index of persons is wrong"
    for name in ("at_phone", "at_desk", "booked", "rung", "legs", "slots"):
        if getattr(anew, name) != getattr(state, name):
            yield f"the index {name} is wrong: {getattr(state, name)} instead of {getattr(anew, name)}"
    if anew.camping.keys() != state.camping.keys():
        yield "the index of those who wait for somebody busy is wrong"
    if {k: v for k, v in state.lines.waiting.items() if v} != {k: v for k, v in anew.lines.waiting.items() if v}:
        yield "the count of contacts waiting is wrong"
