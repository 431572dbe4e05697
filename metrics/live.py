"""The figures of this moment and of today, for desks, wallboards and the API: one typed value, made when asked for.

`Live` is what `GET /api/v1/figures` answers, and what the gauges at /metrics are made of. Its fields are a promise
to programs: they are added to, and keep their meaning. Seconds throughout; shares are from 0 to 1, and null where
there is nothing to have a share of.
"""

from collections.abc import Mapping
from typing import TypeVar

from msgspec import Struct

from metrics.attendance import channels_of
from metrics.figures import Figures
from metrics.formulas import announced_right, reached_a_person, service_levels, share
from metrics.health import Health
from metrics.present import AgentState, ContactState, Group, Place, Present, look
from metrics.projection import Projection, Totals
from queues.channels import CHANNELS
from router.expectation import of_newcomer
from router.pace import Range
from router.state import State

V = TypeVar("V")


class Today(Struct, frozen=True):
    """What became of the contacts that asked for a queue, or for a skill, since the day began."""

    arrived: int
    answered: int
    abandoned: int
    short_abandoned: int
    lost: int
    turned_away: dict[str, int]
    """By obstacle."""
    mean_wait: float | None
    """Of the answered."""
    mean_talk: float | None
    service_level: dict[str, float | None]
    """By the name of its formula (docs/metrics.md)."""
    announced_right: float | None
    """Share of the waits that callers were told which ended within what they were told."""


class ChannelOfQueue(Struct, frozen=True):
    """One channel of one queue."""

    contacts: dict[ContactState, int]
    """Present now."""
    longest_wait: float | None
    """Of those waiting now; null when nobody is."""
    expected_wait: Range | None
    """What somebody who comes now and needs nothing special may expect; four of five waits lie between low and high.
    Null when that cannot be told, and for contacts that wait by themselves."""
    available_agents: int
    """Agents of the queue with room for the channel."""
    available_with: dict[str, int]
    """Skill to how many of them have it."""
    eligible_share: float | None
    """Share of today's open time with at least one eligible agent."""
    today: Today


class QueueNow(Struct, frozen=True):
    """One queue."""

    open: bool
    agents: dict[AgentState, int]
    """Of all agents who serve it."""
    staffed_share: float | None
    """Share of today's open time with somebody at work who serves it."""
    target_wait: float
    target_share: float
    channels: dict[str, ChannelOfQueue]


class ChannelNow(Struct, frozen=True):
    """One channel in the whole house."""

    available_agents: int
    without_queue: dict[ContactState, int]
    """Contacts that have not asked for a queue: in a flow, or on their way out."""
    reached_share: dict[str, float | None]
    """Share of today's contacts that met an agent, by the name of its formula."""


class SkillNow(Struct, frozen=True):
    """One skill, in all queues."""

    available_agents: dict[str, int]
    """By channel."""
    today: dict[str, Today]
    """Channel to what became of the contacts that needed it: to be held against the whole (rule 10)."""


class GroupNow(Struct, frozen=True):
    """Contacts that have a language, or a place, in common."""

    waiting: int
    longest_wait: float | None
    """Of those waiting now; null when nobody is."""
    served: int
    """With an agent."""


class Live(Struct, frozen=True):
    """The house at one moment."""

    at: float
    """UTC."""
    since: float
    """When the figures of today begin: at midnight, or when the first engine started. UTC."""
    agents: dict[AgentState, int]
    queues: dict[str, QueueNow]
    channels: dict[str, ChannelNow]
    skills: dict[str, SkillNow]
    health: Health
    help_wanted: int = 0
    """Contacts with which agents want somebody who leads to help."""
    languages: dict[str, GroupNow] = {}
    """By what citizens speak; the house's own language is the empty one."""
    places: dict[str, GroupNow] = {}
    """By the place that people have come to."""


def make(state: State, projection: Projection, health: Health, now: float) -> Live:
    """Return the figures at `now`."""
    present = look(state)
    since, today = projection.today(now)
    channels = channels_of(state.configuration)
    return Live(
        at=now,
        since=since,
        agents=present.agents,
        queues={name: _queue(name, state, present, today, channels, now) for name in state.configuration.queues},
        channels={channel: _channel(channel, present, today) for channel in channels},
        skills=_skills(present, today),
        health=health,
        help_wanted=present.help_wanted,
        languages={name: _group(group, now) for name, group in sorted(present.languages.items())},
        places={name: _group(group, now) for name, group in sorted(present.sites.items())},
    )


def _group(group: Group, now: float) -> GroupNow:
    since = group.waiting_since
    return GroupNow(group.waiting, max(now - since, 0.0) if since is not None else None, group.served)


def _queue(name: str, state: State, present: Present, today: Totals, channels: list[str], now: float) -> QueueNow:
    opened = today.open.get(name, 0.0)
    target = state.configuration.queues[name].target
    places = {channel: present.places[name, channel] for channel in channels}
    return QueueNow(
        open=state.is_open(name),
        agents=present.by_queue[name],
        staffed_share=share(today.staffed.get(name, 0.0), opened),
        target_wait=target.wait,
        target_share=target.share,
        channels={
            channel: _channel_of_queue(
                place,
                of_newcomer(state, name, channel, now) if CHANNELS[channel].attended else None,
                share(today.eligible.get((name, channel), 0.0), opened),
                today.queues.get((name, channel), Figures()),
                now,
            )
            for channel, place in places.items()
        },
    )


def _channel_of_queue(
    place: Place, expected: Range | None, eligible: float | None, figures: Figures, now: float
) -> ChannelOfQueue:
    return ChannelOfQueue(
        contacts=place.contacts,
        expected_wait=expected,
        longest_wait=max(now - place.waiting_since, 0.0) if place.waiting_since is not None else None,
        available_agents=place.available,
        available_with=place.available_with,
        eligible_share=eligible,
        today=_today(figures),
    )


def _channel(channel: str, present: Present, today: Totals) -> ChannelNow:
    here = present.places["", channel].contacts
    return ChannelNow(present.available[channel], here, reached_a_person(today.ended, channel))


def _skills(present: Present, today: Totals) -> dict[str, SkillNow]:
    skills = dict.fromkeys([*(skill for skill, _ in present.skilled), *(skill for skill, _ in today.needs)])
    return {
        skill: SkillNow(_of(skill, present.skilled), {k: _today(v) for k, v in _of(skill, today.needs).items()})
        for skill in skills
    }


def _of(skill: str, by_skill_and_channel: Mapping[tuple[str, str], V]) -> dict[str, V]:
    return {channel: value for (name, channel), value in by_skill_and_channel.items() if name == skill}


def _today(figures: Figures) -> Today:
    return Today(
        arrived=figures.arrived,
        answered=figures.answered,
        abandoned=figures.abandoned,
        short_abandoned=figures.short_abandoned,
        lost=figures.lost,
        turned_away=figures.turned_away,
        mean_wait=figures.wait.mean,
        mean_talk=figures.talk.mean,
        service_level=service_levels(figures),
        announced_right=announced_right(figures),
    )
