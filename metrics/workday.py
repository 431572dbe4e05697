"""What each agent did today: for the agent's own desk, and for who leads it. Followed from the facts, like all figures.

A talk, and a wrap-up, counts when it ends. Time is counted by what agents say of themselves (ready, paused), which is
said seldom, so that the figures of all agents cost a decision next to nothing.
"""

from collections.abc import Callable
from typing import Any, Final, Literal

from msgspec import Struct, field, structs

from metrics.following import OUTBOUND, Known
from router import facts as f
from router.state import State

Readiness = Literal["ready", "paused", "not_responding"]
"""*Ready* for contacts, also while one is in hand."""
Said = f.AgentLoggedIn | f.AgentReady | f.AgentPaused | f.AgentNotResponding | f.AgentLoggedOut


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
    times: dict[Readiness, float] = field(default_factory=dict)
    """Seconds in each state, without the present one's."""


class Doing(Struct, frozen=True, array_like=True):
    """What an agent at work says of itself."""

    state: Readiness
    since: float


class Image(Struct, array_like=True):
    """All of it, as it is kept with a snapshot."""

    days: dict[str, Workday] = field(default_factory=dict)
    present: dict[str, Doing] = field(default_factory=dict)
    wraps: dict[tuple[str, str], float] = field(default_factory=dict)
    """Contact and agent to when a wrap-up began."""
    last: dict[str, str] = field(default_factory=dict)
    """Contact that ends with a wrap-up to the agent whose it is."""


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
    times: dict[Readiness, float]
    """State to seconds in it, up to `at`."""


class Workdays:
    """Follows what agents do."""

    def __init__(self, image: Image | None = None) -> None:
        self._known = image or Image()

    def image(self) -> Image:
        """Return what is to be kept; it does not change any more."""
        known = self._known
        days = {agent: _copy(day) for agent, day in known.days.items()}
        return Image(days, dict(known.present), dict(known.wraps), dict(known.last))

    def begin(self, at: float) -> None:
        """Begin a day: what was counted before is over, and whatever goes on counts from `at`."""
        self._known.days = {}
        self._known.present = {
            agent: Doing(one.state, max(one.since, at)) for agent, one in self._known.present.items()
        }

    def resume(self, stopped: float, at: float) -> None:
        """Count no agent's time between `stopped` and `at`: what was so meanwhile nobody knows."""
        for agent, one in list(self._known.present.items()):
            self._turn(agent, None, stopped)
            self._known.present[agent] = Doing(one.state, at)

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

    # ---- following ---------------------------------------------------------------------------------------------

    def spoke(self, agent: str, known: Known, seconds: float) -> None:
        """Count an agent's part of a talk."""
        talk = self._day(agent).talk
        tally = talk.get(known.channel) or talk.setdefault(known.channel, Tally())
        tally.add(seconds)

    def took(self, fact: f.OfferAccepted | f.ContactTaken, state: State) -> None:
        """Count a contact taken."""
        contact = state.contacts.get(fact.contact)
        if contact is not None:
            own = contact.card.destination is not None and type(fact) is f.ContactTaken
            channel = OUTBOUND if own else contact.card.channel
            answered = self._day(fact.agent).answered
            answered[channel] = answered.get(channel, 0) + 1

    def wraps_up(self, fact: f.WrapUpStarted, _: State) -> None:
        """Begin a wrap-up with which its contact ends."""
        self._known.wraps[fact.contact, fact.agent] = fact.at
        self._known.last[fact.contact] = fact.agent

    def goes_on(
        self, fact: f.ContactReturned | f.ContactHandedOver | f.ContactForwarded | f.ContactParked, _: State
    ) -> None:
        """Begin a wrap-up of a contact that goes on elsewhere, if there is any."""
        if fact.wrap_up_until is not None:
            self._known.wraps[fact.contact, fact.agent] = fact.at

    def wrapped_up(self, fact: f.WrapUpEnded, _: State) -> None:
        """Count a wrap-up."""
        self._wrapped(fact.contact, fact.agent, fact.at)

    def ended(self, fact: f.ContactEnded, _: State) -> None:
        """Count the wrap-up that ends with its contact."""
        agent = self._known.last.pop(fact.contact, None)
        if agent is not None:
            self._wrapped(fact.contact, agent, fact.at)

    def says(self, fact: Said, _: State) -> None:
        """Note what an agent says of itself, or is found to be."""
        self._turn(fact.agent, READINESS[type(fact)], fact.at)

    def _wrapped(self, contact: str, agent: str, at: float) -> None:
        since = self._known.wraps.pop((contact, agent), None)
        if since is not None:
            self._day(agent).wrap_up.add(max(at - since, 0.0))

    def _turn(self, agent: str, state: Readiness | None, at: float) -> None:
        present = self._known.present.pop(agent, None)
        if present is not None and at > present.since:
            times = self._day(agent).times
            times[present.state] = times.get(present.state, 0.0) + at - present.since
        if state is not None:
            self._known.present[agent] = Doing(state, at)

    def _day(self, agent: str) -> Workday:
        return self._known.days.get(agent) or self._known.days.setdefault(agent, Workday())


def _copy(day: Workday) -> Workday:
    talk = {channel: structs.replace(tally) for channel, tally in day.talk.items()}
    return Workday(dict(day.answered), talk, structs.replace(day.wrap_up), dict(day.times))


READINESS: Final[dict[type[Any], Readiness | None]] = {
    f.AgentLoggedIn: "paused",
    f.AgentReady: "ready",
    f.AgentPaused: "paused",
    f.AgentNotResponding: "not_responding",
    f.AgentLoggedOut: None,
}
HANDLERS: Final[dict[type[Any], Callable[[Workdays, Any, State], None]]] = {
    f.OfferAccepted: Workdays.took,
    f.ContactTaken: Workdays.took,
    f.WrapUpStarted: Workdays.wraps_up,
    f.ContactReturned: Workdays.goes_on,
    f.ContactHandedOver: Workdays.goes_on,
    f.ContactForwarded: Workdays.goes_on,
    f.ContactParked: Workdays.goes_on,
    f.WrapUpEnded: Workdays.wrapped_up,
    f.ContactEnded: Workdays.ended,
    **dict.fromkeys(READINESS, Workdays.says),
}
"""What is noted of which fact; talks are told by `metrics.following`."""
