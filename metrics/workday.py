"""What each agent did today: for the agent's own desk, and for who leads it. Followed from the facts, like all figures.

Times are exact, because what an agent is doing changes only with facts; an agent is looked at when one of them was
about it, so that deciding costs nothing for all the others. A talk, and a wrap-up, counts when it ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from msgspec import Struct, field, structs

from metrics.following import OUTBOUND, talks
from metrics.present import AgentState, state_of
from router import facts as f
from router.agent import Agent
from router.card import Card
from router.contact import Connected, hands
from router.state import State

CALLBACK: Final = "callback"
QUIET: Final = frozenset({
    f.ContactArrived, f.FlowMoved, f.WaitAnnounced, f.RequirementWidened, f.GraceEnded,
    f.LanguageChosen, f.WayOutTaken, f.WayOutRepeated, f.MessageAdded, f.MessageSent, f.AnnouncementTold,
})  # fmt: skip
"""Facts about a contact that is in nobody's hands by them, nor out of anybody's: most of all facts."""


class Tally(Struct, array_like=True):
    """How many, and for how many seconds together."""

    number: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one more."""
        self.number += 1
        self.seconds += seconds

    @property
    def mean(self) -> float | None:
        """Return the mean, None when nothing was counted."""
        return self.seconds / self.number if self.number else None


class Workday(Struct, array_like=True):
    """An agent's day up to now."""

    answered: dict[str, int] = field(default_factory=dict)
    """Channel (or `outbound`) to contacts taken."""
    talk: dict[str, Tally] = field(default_factory=dict)
    """By channel; of what is written, the time for which it was worked on."""
    wrap_up: Tally = field(default_factory=Tally)
    times: dict[AgentState, float] = field(default_factory=dict)
    """Seconds in each state, without the present one's."""


class Talk(Struct, frozen=True, array_like=True):
    """A talk that goes on."""

    agent: str
    channel: str
    since: float


class Doing(Struct, array_like=True):
    """What an agent is doing."""

    state: AgentState
    since: float
    wraps: dict[str, float] = field(default_factory=dict)
    """Contact to when its wrap-up began."""


class Image(Struct, array_like=True):
    """All of it, as it is kept with a snapshot."""

    days: dict[str, Workday] = field(default_factory=dict)
    present: dict[str, Doing] = field(default_factory=dict)
    talks: dict[str, Talk] = field(default_factory=dict)
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Contact to whose hands it was in at the last look."""


class ChannelToday(Struct, frozen=True):
    """What an agent did today by one channel."""

    answered: int
    mean_talk: float | None
    """Seconds; of what is written, those for which it was worked on. Null before the first has ended."""


class AgentToday(Struct, frozen=True, kw_only=True):
    """An agent's own figures of today. Seconds."""

    agent: str
    at: float
    """UTC."""
    since: float
    """When the day began: at midnight, or when the first engine started. UTC."""
    channels: dict[str, ChannelToday]
    wrap_ups: int
    mean_wrap_up: float | None
    times: dict[AgentState, float]
    """State to seconds in it, up to `at`; without those in which the agent was not at work."""


class Workdays:
    """Follows what agents do. `take` every turn, `begin` every day."""

    def __init__(self, image: Image | None = None) -> None:
        self._known = image or Image()

    def image(self) -> Image:
        """Return what is to be kept; it does not change any more."""
        known = self._known
        return Image(
            {agent: _copy(day) for agent, day in known.days.items()},
            {agent: structs.replace(one, wraps=dict(one.wraps)) for agent, one in known.present.items()},
            dict(known.talks),
            dict(known.held),
        )

    def begin(self, at: float) -> None:
        """Begin a day: what was counted before is over, and whatever goes on counts from `at`."""
        self._known.days = {}
        for one in self._known.present.values():
            one.since = max(one.since, at)

    def stop(self, at: float) -> None:
        """Count no agent's time from `at` on, until the next look: what was so meanwhile nobody knows."""
        for agent in list(self._known.present):
            self._leave(agent, at)

    def take(self, facts: Sequence[f.AnyFact], state: State, at: float) -> None:
        """Take in the facts of a turn, with the state they led to."""
        if any(type(fact) in _EVERYBODY for fact in facts):
            for agent in {**state.agents, **self._known.present}:
                self._look(agent, state.agents.get(agent), at)
        for agent in dict.fromkeys(self._touched(facts, state, at)):
            self._look(agent, state.agents.get(agent), at)

    def today(self, agent: str, since: float, now: float) -> AgentToday:
        """Return an agent's figures of the day that began at `since`."""
        day, present = self._known.days.get(agent, Workday()), self._known.present.get(agent)
        times = dict(day.times)
        if present is not None:
            times[present.state] = times.get(present.state, 0.0) + max(now - present.since, 0.0)
        return AgentToday(
            agent=agent,
            at=now,
            since=since,
            channels={
                channel: ChannelToday(day.answered.get(channel, 0), day.talk.get(channel, Tally()).mean)
                for channel in dict.fromkeys((*day.answered, *day.talk))
            },
            wrap_ups=day.wrap_up.number,
            mean_wrap_up=day.wrap_up.mean,
            times=times,
        )

    # ---- inside ------------------------------------------------------------------------------------------------

    def _touched(self, facts: Sequence[f.AnyFact], state: State, at: float) -> Iterator[str]:
        """Yield agents whose state may have changed, and count what contacts tell of them."""
        for fact in facts:
            kind = type(fact)
            if kind in QUIET:
                continue
            agent = getattr(fact, "agent", "")
            if agent:
                yield agent
            contact = getattr(fact, "contact", "")
            if contact:
                if kind is f.OfferAccepted or kind is f.ContactTaken:
                    self._answered(agent, contact, state)
                yield from self._handed(contact, state, at)

    def _answered(self, agent: str, contact: str, state: State) -> None:
        known = state.contacts.get(contact)
        if known is not None:
            answered, channel = self._day(agent).answered, _channel(known.card)
            answered[channel] = answered.get(channel, 0) + 1

    def _handed(self, id_: str, state: State, at: float) -> Iterable[str]:
        """Compare in whose hands a contact is, and who talks, with how that was; return all of these."""
        contact, held = state.contacts.get(id_), self._known.held
        before, now = held.pop(id_, ()), hands(contact) if contact is not None else ()
        if now:
            held[id_] = now
        talk = self._known.talks.get(id_)
        talker = contact.agent if isinstance(contact, Connected) and talks(contact) else ""
        if talk is not None and talk.agent != talker:
            del self._known.talks[id_]
            self._day(talk.agent).talk.setdefault(talk.channel, Tally()).add(max(at - talk.since, 0.0))
            talk = None
        if talker and talk is None and contact is not None:
            self._known.talks[id_] = Talk(talker, _channel(contact.card), at)
        return (*before, *now)

    def _look(self, id_: str, agent: Agent | None, at: float) -> None:
        """Compare what an agent is doing with what it did."""
        label: AgentState = state_of(agent) if agent is not None else "logged_out"
        present = self._known.present.get(id_)
        wraps = dict(_wraps(agent)) if agent is not None else {}
        if present is not None:
            self._wrapped(id_, present, wraps, at)
        if label == "logged_out":
            self._leave(id_, at)
        elif present is None or present.state != label:
            self._leave(id_, at)
            self._known.present[id_] = Doing(label, at, wraps)
        else:
            present.wraps = wraps

    def _wrapped(self, id_: str, present: Doing, now: dict[str, float], at: float) -> None:
        """Count the wrap-ups that are over."""
        for contact, since in present.wraps.items():
            if contact not in now:
                self._day(id_).wrap_up.add(max(at - since, 0.0))

    def _leave(self, agent: str, at: float) -> None:
        """End what an agent was doing."""
        present = self._known.present.pop(agent, None)
        if present is not None and at > present.since:
            times = self._day(agent).times
            times[present.state] = times.get(present.state, 0.0) + max(at - present.since, 0.0)

    def _day(self, agent: str) -> Workday:
        return self._known.days.get(agent) or self._known.days.setdefault(agent, Workday())


def _channel(card: Card) -> str:
    """Return under which channel a contact counts; calls that agents begin stand beside the channels."""
    return OUTBOUND if card.destination is not None and card.channel != CALLBACK else card.channel


def _wraps(agent: Agent) -> Iterator[tuple[str, float]]:
    return ((work.contact, work.since) for work in agent.desk.work if work.wrapping_up)


def _copy(day: Workday) -> Workday:
    talk = {channel: structs.replace(tally) for channel, tally in day.talk.items()}
    return Workday(dict(day.answered), talk, structs.replace(day.wrap_up), dict(day.times))


_EVERYBODY: Final[frozenset[type[Any]]] = frozenset({f.LeaderChanged, f.ConfigurationApplied})
"""Facts after which everybody is looked at: agents came and went, or nobody led in between."""
