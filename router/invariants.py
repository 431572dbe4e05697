"""What must hold after every input (DESIGN §3). `check(state, now)` returns what does not, in words."""

from collections import Counter
from collections.abc import Iterator

from queues.channels import ATTENTION, CHANNELS, cost
from queues.skills import meets
from router.agent import Agent, Ready, Reserved
from router.contact import Connected, Ended, Offered, Waiting, WrappingUp
from router.matching import contact_for
from router.offer import Accepted, Standing
from router.state import State


def check(state: State, now: float) -> list[str]:
    """Return the violated invariants; empty when all is well. Costly: for tests and the simulator."""
    return [
        *_contacts(state),
        *_offers(state),
        *_agents(state),
        *_lines(state),
        *_nobody_forgotten(state, now),
        *_indexes(state),
    ]


def _contacts(state: State) -> Iterator[str]:
    for id_, contact in state.contacts.items():
        if contact.card.id != id_ or isinstance(contact, Ended):
            yield f"contact {id_} is kept as {type(contact).__name__} of {contact.card.id}"
        if isinstance(contact, Offered | Connected | WrappingUp):
            agent = state.agents.get(contact.agent)
            if agent is None:
                yield f"contact {id_} is with agent {contact.agent}, who does not exist"
            elif not _has(agent, contact):
                yield f"contact {id_} is {type(contact).__name__} with {contact.agent}, who does not know it"
        if isinstance(contact, Offered) and contact.agent in state.configuration.agents:
            yield from _skills(state, contact)


def _has(agent: Agent, contact: Offered | Connected | WrappingUp) -> bool:
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
        profile = state.crew.profile_of.get(id_)
        for item in agent.desk.work:
            contact = state.contacts.get(item.contact)
            if not isinstance(contact, Connected | WrappingUp) or contact.agent != id_:
                yield f"agent {id_} has contact {item.contact}, which is not with it"
        if profile is None:
            continue
        numbers = Counter(item.channel for item in agent.desk.work)
        for channel, number in numbers.items():
            if number > profile.capacity[channel]:
                yield f"agent {id_} has {number} contacts of {channel}, capacity {profile.capacity[channel]}"
        live = sum(
            cost(profile.capacity[item.channel]) for item in agent.desk.work if not CHANNELS[item.channel].interruptible
        )
        if live > ATTENTION:
            yield f"agent {id_} gives {live} of {ATTENTION} parts of attention"


def _lines(state: State) -> Iterator[str]:
    standing = Counter(contact for queue in state.configuration.queues for contact in state.lines.everybody_in(queue))
    standing.update(contact for held in state.lines.held.values() for contact in held)
    waiting = Counter(id_ for id_, contact in state.contacts.items() if isinstance(contact, Waiting))
    if standing != waiting:
        yield f"lines hold {dict(standing - waiting)} too much and miss {dict(waiting - standing)}"


def _nobody_forgotten(state: State, now: float) -> Iterator[str]:
    for id_, agent in state.agents.items():
        if isinstance(agent, Ready):
            match = contact_for(state, id_, now)
            if match is not None:
                yield f"agent {id_} is free and contact {match.contact} waits for somebody like that"


def _indexes(state: State) -> Iterator[str]:
    anew = State.load(state.snapshot())
    for queue in state.configuration.queues:
        for channel in CHANNELS:
            if anew.crew.free_in(channel, queue) != state.crew.free_in(channel, queue):
                yield f"the index of agents free for {channel} in {queue} is wrong"
        if anew.crew.counts.get(queue) != state.crew.counts.get(queue):
            yield f"the count of agents in {queue} is wrong"
    if anew.away != state.away or anew.promised != state.promised:
        yield "the index of persons is wrong"
    if {k: v for k, v in state.lines.waiting.items() if v} != {k: v for k, v in anew.lines.waiting.items() if v}:
        yield "the count of contacts waiting is wrong"
