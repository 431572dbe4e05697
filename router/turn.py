"""One turn of deciding: facts are emitted, applied at once, and followed up until nothing more follows."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from queues.channels import CHANNELS
from queues.queue import Queue
from router import facts as f
from router.agent import Agent, Paused, Ready
from router.callback import Registered
from router.contact import RING_CITIZEN, Connected, Offered, Party, Waiting, WrappingUp
from router.matching import Match, agent_for, contact_for, free_holders, passed_over
from router.state import State

_FREES_AGENT: Final = frozenset(
    (
        f.AgentReady,
        f.AgentPaused,
        f.OfferAccepted,
        f.OfferDeclined,
        f.OfferMissed,
        f.OfferWithdrawn,
        f.ContactReturned,
        f.ContactHandedOver,
        f.ContactForwarded,
        f.ContactParked,
        f.WrapUpEnded,
    )
)
_SEEKS_AGENT: Final = frozenset(
    (
        f.ContactQueued,
        f.GraceEnded,
        f.RequirementWidened,
        f.OfferDeclined,
        f.OfferMissed,
        f.OfferWithdrawn,
        f.ContactReturned,
        f.CitizenBack,
    )
)


class Turn:
    """The state, the time, and the facts decided so far."""

    def __init__(self, state: State, now: float, local: Callable[[float], datetime]) -> None:
        self.state = state
        self.now = now
        self.local = local
        """From UTC seconds to naive local time, for opening hours."""
        self.facts: list[f.AnyFact] = []
        self.freed: dict[str, None] = {}
        """Agents who may be able to take (more) work."""
        self.seekers: dict[str, None] = {}
        """Waiting contacts for whom a free agent may stand ready."""
        self.deserted: dict[str, None] = {}
        """Queues that may have lost the last who could serve some of their contacts."""
        self.diverted: dict[str, None] = {}
        """Contacts whose way out is a flow (rule 9)."""
        self.unanswered: dict[str, tuple[Party, f.PartyCause]] = {}
        """Talks to which an interpreter who was rung did not come, and why."""
        self.lined_up: dict[str, None] = {}
        """Contacts that came to stand in a line, while there are crises."""

    def queue_of(self, contact: Waiting | Offered | Connected | WrappingUp) -> Queue:
        """Return the queue a contact belongs to."""
        return self.state.configuration.queues[contact.spot.queue]

    def emit(self, fact: f.AnyFact) -> None:
        """Decide a fact: it is applied and will be journalled."""
        self.state.apply(fact)
        self.facts.append(fact)
        kind = type(fact)
        if kind in _FREES_AGENT:
            self.freed[fact.agent] = None  # type: ignore[index,union-attr]  # each of them has one
        if kind in _SEEKS_AGENT:
            self.seekers[fact.contact] = None  # type: ignore[union-attr]
        if kind is f.ContactQueued and self.state.running:
            self.lined_up[fact.contact] = None  # type: ignore[union-attr]

    def settle(self) -> None:
        """Bring freed agents and seeking contacts together until nothing changes.

        Freed agents choose first: whoever seeks stands in line too, and the most urgent goes before it.
        """
        while self.freed or self.seekers:
            while self.freed:
                self._serve(_pop(self.freed))
            while self.seekers and not self.freed:
                self._seek(_pop(self.seekers))

    def _serve(self, id_: str) -> None:
        agent = self.state.agents.get(id_)
        if agent is None:
            return
        match = contact_for(self.state, id_, self.now) if isinstance(agent, Ready) else None
        if match is not None:
            self.offer(match)
            return
        if isinstance(agent, Paused) and agent.leaving and not agent.desk.work:
            self.emit(f.AgentLoggedOut(self.now, id_))
            return
        self._take_up(agent)
        self._relieve(agent)

    def _take_up(self, agent: Agent) -> None:
        """Let the agent go on with what was set aside, once no live contact is in hand (rule 6)."""
        if any(CHANNELS[item.channel].live for item in agent.desk.work):
            return
        for item in agent.desk.work:
            if item.aside:
                self.emit(f.WorkTakenUp(self.now, item.contact, agent.desk.id))

    def _relieve(self, agent: Agent) -> None:
        """Let others with a held-back skill take contacts that do not need it, now that one more is free (rule 10)."""
        crew, reserve = self.state.crew, self.state.configuration.reserve
        skills = self.state.settings(agent.desk.id).skills.keys() & reserve.keys()
        for skill in sorted(skills):
            for channel in sorted(self.state.crew.room(agent)):
                for other in free_holders(self.state, channel, skill):
                    if crew.with_skill(crew.supply(channel), skill) <= reserve[skill]:
                        break
                    match = contact_for(self.state, other, self.now)
                    if match is not None:
                        self.offer(match)

    def _seek(self, id_: str) -> None:
        contact = self.state.contacts.get(id_)
        if isinstance(contact, Waiting):
            match = agent_for(self.state, contact, self.now)
            if match is not None:
                self.offer(match)

    def offer(self, match: Match) -> None:
        """Reserve the agent for the contact (rule 5)."""
        contact = self.state.contacts[match.contact]
        assert isinstance(contact, Waiting)  # both kinds of match look at waiting contacts only
        queue = self.state.configuration.queues[contact.spot.queue]
        first = self._citizen_first(contact, queue)
        self.emit(
            f.OfferMade(
                self.now,
                f"{match.contact}.{contact.spot.offers + 1}",
                match.contact,
                match.agent,
                self.now + (RING_CITIZEN if first else queue.offer_timeout),
                match.rule,
                contact.spot.step,
                passed_over(self.state, contact, match.agent, self.now),
                match.behind,
                first,
            )
        )
        if first and isinstance(self.state.callbacks[match.contact], Registered):
            self.emit(f.CallbackAttempted(self.now, match.contact, match.agent))

    def _citizen_first(self, contact: Waiting, queue: Queue) -> bool:
        """Tell whether the citizen is rung before the agent (rule 8)."""
        if contact.card.id not in self.state.callbacks or contact.spot.reached is not None:
            return False
        return queue.calling.citizen_first and not self.state.lets_down(queue.name)


def _pop(ordered: dict[str, None]) -> str:
    first = next(iter(ordered))
    del ordered[first]
    return first
