"""A small city to test the router in.

    city = City(queues=[queue("tax")], agents=[agent("anna")])
    city.ready("anna")
    city.call("c1", "tax")
    city.offers == {"anna": "c1"}

Time starts at 0 and moves only by `city.wait(seconds)`, which wakes the router at each of its deadlines, as the engine
does. After every input the invariants are checked, and the facts, through the journal's encoding, must lead a second
router to the same state.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from ivr.flow import Enter, Flow
from queues.channels import CHANNELS
from queues.queue import Queue
from queues.skills import Need, Requirement, Step
from router import contact as contacts
from router import explain, journal
from router import facts as f
from router import inputs as i
from router.configuration import CODE, AgentSettings, Configuration, Entry
from router.invariants import check
from router.kept import Snapshot
from router.offer import Standing
from router.router import Router
from router.state import State


def local(now: float) -> datetime:
    """Return naive local time: here the same as UTC. Second 0 is a Thursday's midnight."""
    return datetime.fromtimestamp(now, UTC).replace(tzinfo=None)


def queue(name: str = "tax", **changes: Any) -> Queue:
    """Return a queue without wrap-up time, unless `changes` say otherwise."""
    return Queue(name=name, **{"wrap_up": 0.0, **changes})


def steps(*needs_after: tuple[Mapping[str, int], float]) -> Requirement:
    """Return a requirement from ({skill: level}, after) pairs."""
    return tuple(Step(needs(skills), after) for skills, after in needs_after)


def needs(skills: Mapping[str, int]) -> tuple[Need, ...]:
    """Return needs from {skill: level}."""
    return tuple(Need(skill, level) for skill, level in sorted(skills.items()))


def agent(
    name: str = "anna",
    queues: str | Mapping[str, int] = "tax",
    skills: Mapping[str, int] | None = None,
    **changes: Any,
) -> AgentSettings:
    """Return an agent of the queues named (separated by spaces, or {queue: tier})."""
    tiers = dict.fromkeys(queues.split(), 0) if isinstance(queues, str) else dict(queues)
    return AgentSettings(id=name, address=f"sip:{name}@desk", skills=dict(skills or {}), queues=tiers, **changes)


def configuration(
    queues: Iterable[Queue] = (),
    agents: Iterable[AgentSettings] = (),
    flows: Iterable[Flow] = (),
    revision: str = "1",
    acknowledge: str = "",
    **changes: Any,
) -> Configuration:
    """Return a configuration with an entry `<channel> <queue>` straight into each queue, and one for each flow; a flow
    with a star is behind a code."""
    queues = list(queues) or [queue()]
    straight = [Flow(name=f"to {one.name}", nodes={"start": Enter(queue=one.name)}) for one in queues]
    entries = [
        Entry(channel=channel, address=one.name, flow=f"to {one.name}", acknowledge=acknowledge)
        for one in queues
        for channel in CHANNELS
    ]
    entries += [
        Entry(channel=channel, address=flow.name, flow=flow.name)
        for flow in flows
        for channel in ((CODE,) if flow.name.startswith("*") else CHANNELS)
    ]
    return Configuration(
        revision=revision,
        queues={one.name: one for one in queues},
        agents={one.id: one for one in agents},
        flows={flow.name: flow for flow in (*straight, *flows)},
        entries=tuple(entries),
        **changes,
    )


class City:
    """A router, its clock, and all that was decided so far."""

    def __init__(
        self,
        queues: Iterable[Queue] = (),
        agents: Iterable[AgentSettings] = (),
        flows: Iterable[Flow] = (),
        now: float = 0.0,
        ready: bool = True,
        **changes: Any,
    ) -> None:
        self.now = now
        self.router = Router(local)
        self.replayed = Router(local)
        self.facts: list[f.AnyFact] = []
        self.entries = 0
        self.configuration = configuration(queues, agents, flows, **changes)
        self.lead(1)
        self.put(i.ApplyConfiguration(self.configuration))
        if ready:
            self.ready(*self.configuration.agents)

    @property
    def state(self) -> State:
        """Return what the router knows."""
        return self.router.state

    # ---- inputs ------------------------------------------------------------------------------------------------

    def put(self, input_: i.Input) -> list[f.AnyFact]:
        """Give the router an input; return the facts."""
        try:
            facts = self.router.handle(input_, self.now)
        except i.Refused:
            assert self.replayed.state.snapshot() == self.state.snapshot(), "a refusal changed something"
            raise
        self.facts += facts
        self.verify(facts)
        due = self.router.next_deadline()
        assert due is None or due > self.now, "a deadline was not seen to"
        return facts

    def lead(self, epoch: int) -> None:
        """Take the lead: a fact that the engine writes before it has a router."""
        fact = f.LeaderChanged(self.now, epoch)
        self.router.apply(fact)
        self.facts.append(fact)
        self.replayed.apply(fact)

    def verify(self, facts: list[f.AnyFact]) -> None:
        """Check the invariants, and that replay of the journal leads to the same state."""
        self.entries += 1
        entry = journal.decode(journal.encode(journal.Entry(journal.FORMAT, self.entries, tuple(facts), {})))
        for fact in entry.facts:
            if isinstance(fact, f.OfferMade):
                why = explain.why_this_agent(self.replayed.state, fact)
                assert explain.counts(why.agents) == fact.passed
            self.replayed.apply(fact)
        assert self.replayed.state.snapshot() == self.state.snapshot()
        assert check(self.state, self.now) == []
        for contact in self.state.contacts.values():
            if isinstance(contact, contacts.Waiting):
                waiting = explain.why_waiting(self.state, contact, self.now)
                in_grace = contact.spot.grace_until is not None
                assert in_grace or all(one.cause != "kept_for_preferred" for one in waiting.agents)
        for fact in facts:
            if isinstance(fact, f.OfferMade):
                self.verify_counts(fact)

    def verify_counts(self, fact: f.OfferMade) -> None:
        """Check that an offer counts each agent of the queue but the chosen one, once."""
        contact = self.state.contacts.get(fact.contact)
        counts = msgspec.structs.astuple(fact.passed)
        assert min(counts) >= 0, fact
        if isinstance(contact, contacts.Offered) and contact.offer == fact.offer:
            members = [one for one in self.state.staff.values() if contact.spot.queue in one.queues]
            assert sum(counts) == len(members) - 1, fact

    def wait(self, seconds: float) -> None:
        """Let time pass; the router is woken whenever it wants to be."""
        end = self.now + seconds
        while (due := self.router.next_deadline()) is not None and due <= end:
            self.now = max(self.now, due)
            self.put(i.TimePassed())
        self.now = end

    def arrive(self, contact: str, entry: str = "tax", channel: str = "call", **more: Any) -> list[f.AnyFact]:
        """Let a citizen reach us."""
        return self.put(i.Arrived(contact=contact, channel=channel, entry=entry, **more))

    def call(self, contact: str, entry: str = "tax", **more: Any) -> list[f.AnyFact]:
        """Let a citizen ring."""
        return self.arrive(contact, entry, **more)

    def mail(self, contact: str, entry: str = "tax", **more: Any) -> list[f.AnyFact]:
        """Let a citizen's mail come."""
        return self.arrive(contact, entry, "mail", **more)

    def ready(self, *agents: str) -> None:
        """Let agents log in, if need be, and take offers."""
        for name in agents:
            if type(self.state.agents[name]).__name__ == "LoggedOut":
                self.put(i.LogIn(name))
            self.put(i.GoReady(name))

    def log_out(self, *agents: str) -> None:
        """Let agents leave."""
        for name in agents:
            self.put(i.LogOut(name))

    def answer(self, contact: str) -> list[f.AnyFact]:
        """Let the agent who is asked take the contact."""
        return self.put(i.PickedUp(leg=self.offer_of(contact)))

    def fail(self, contact: str, cause: Any = "declined") -> list[f.AnyFact]:
        """Let the agent who is asked not take the contact."""
        return self.put(i.NotPickedUp(leg=self.offer_of(contact), cause=cause))

    def hang_up(self, contact: str) -> list[f.AnyFact]:
        """Let the citizen hang up."""
        return self.put(i.CitizenGone(contact=contact, cause="hung_up"))

    def finish(self, contact: str) -> list[f.AnyFact]:
        """Let the agent end the contact."""
        return self.put(i.Finish(contact))

    def reconfigure(self, queues: Iterable[Queue] = (), agents: Iterable[AgentSettings] = (), **more: Any) -> None:
        """Put a new configuration in force."""
        revision = str(int(self.configuration.revision) + 1)
        new = configuration(queues, agents, revision=revision, **more)
        self.put(i.ApplyConfiguration(new))
        self.configuration = new

    def restart(self, clock_step: float = 0.0) -> None:
        """Go on with a router made from the snapshot as it would be read from the store, the clock put right."""
        data = msgspec.msgpack.encode(self.state.snapshot())
        self.router = Router(local, msgspec.msgpack.decode(data, type=Snapshot))
        self.now = max(0.0, self.now + clock_step)
        self.lead(self.state.epoch + 1)
        self.put(i.TimePassed())

    # ---- questions ---------------------------------------------------------------------------------------------

    @property
    def offers(self) -> dict[str, str]:
        """Return who is being offered which contact."""
        return {offer.agent: offer.contact for offer in self.state.offers.values() if isinstance(offer, Standing)}

    def offer_of(self, contact: str) -> str:
        """Return the id of the offer by which a contact is being offered or was accepted."""
        state = self.state.contacts[contact]
        assert isinstance(state, contacts.Offered | contacts.Connected), state
        return state.offer

    def is_(self, contact: str) -> str:
        """Return the name of a contact's state, `Gone` when there is no such contact."""
        state = self.state.contacts.get(contact)
        return type(state).__name__ if state is not None else "Gone"

    def agent(self, name: str) -> str:
        """Return the name of an agent's state."""
        return type(self.state.agents[name]).__name__

    def spot(self, contact: str) -> contacts.Spot:
        """Return where a contact waits."""
        state = self.state.contacts[contact]
        assert isinstance(state, contacts.InLine), state
        return state.spot

    def of(self, kind: type[Any], contact: str | None = None) -> list[Any]:
        """Return the facts of a kind, about one contact if named, oldest first."""
        found: list[Any] = [fact for fact in self.facts if type(fact) is kind]
        return [fact for fact in found if contact is None or fact.contact == contact]
