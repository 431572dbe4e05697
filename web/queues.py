"""Queues, the house as a whole, and the one who asks, over HTTP."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from msgspec import Struct, structs

from metrics.live import Live as Figures
from metrics.present import state_of
from router.api import INSIDERS, LEARNERS, WATCHERS, Asked, Caller, Example, Id, Role, route
from router.boundary import Reach
from router.contact import Connected
from router.inputs import Refused
from router.state import State
from web.agentview import AgentView, agent_view
from web.health import Report
from web.house import House
from web.queueview import QueueSettings, QueueView, channels, queue_settings, queue_view

LIVE_AGE_S: Final = 0.25
"""How old the live picture may be: however many wallboards ask, it is drawn so often and no more."""
FIGURES_AGE_S: Final = 1.0


class OneQueue(Asked, frozen=True):
    """A queue."""

    queue: Id


class Queues(Struct, frozen=True):
    """All queues, in the order of the configuration."""

    queues: tuple[QueueView, ...]


class WholeQueue(Struct, frozen=True, kw_only=True):
    """A queue, with what is configured for it."""

    queue: QueueView
    settings: QueueSettings


class Picture(Struct, frozen=True, kw_only=True):
    """The house at one moment."""

    position: str
    """Listen to the event stream from here on to keep this picture up to date; some events may tell what it shows."""
    at: float
    """UTC seconds."""
    queues: tuple[QueueView, ...]
    agents: tuple[AgentView, ...]


class LinkView(Struct, frozen=True):
    """Where agents read on about what a queue is for."""

    title: Mapping[str, str]
    """By language."""
    url: str


class Links(Struct, frozen=True):
    """By queue; queues without any are left out."""

    queues: Mapping[str, tuple[LinkView, ...]]


class ConfigurationView(Struct, frozen=True, kw_only=True):
    """The configuration in force, in short."""

    revision: str
    """The same for the same rules."""
    queues: tuple[str, ...]
    channels: tuple[str, ...]
    pauses: dict[str, str]
    """Reason for a pause to its name for people."""
    skills: dict[str, str]
    """Skill that agents have to its name for people; empty for one that has none."""


class Me(Struct, frozen=True, kw_only=True):
    """Who asks."""

    token: str
    role: Role
    agent: str
    """Whom the token speaks for; empty for nobody."""
    departments: tuple[str, ...] = ()
    """Whose business is the caller's; empty for that of all."""


class HouseRoutes:
    """Carries out what is asked about the house.

    An event lets many ask in the same instant, so it is looked at within `House.read`, where one comes after the other,
    whether a picture has to be drawn: the first draws it for all.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._live: Picture | None = None
        self._figures: Figures | None = None

    @route("GET", "/live", roles=WATCHERS, examples=(Example(summary="For a wallboard", asked=Asked()),))
    async def live(self, caller: Caller, asked: Asked) -> Picture:
        """Show all queues and agents at one moment, for wallboards.

        The picture is at most a quarter of a second old. `position` is where the event stream goes on.
        """
        reach = self._house.reach(caller)

        def look(state: State, position: str) -> Picture:
            live, now = self._live, self._house.now()
            if live is None or now > live.at + LIVE_AGE_S:
                live = self._live = _draw(state, position, now, self._house.titles)
            return live if reach.whole else _cropped(state, live, reach)

        return await self._house.read(look)

    @route("GET", "/figures", roles=LEARNERS, examples=(Example(summary="For a wallboard", asked=Asked()),))
    async def figures(self, caller: Caller, asked: Asked) -> Figures:
        """Show the figures of this moment and of today, by queue, channel and skill.

        docs/metrics.md says what each means. They are at most a second old. Who has departments sees the queues and
        agents of these; figures of channels and skills are those of the whole house, and left out.
        """
        reach = self._house.reach(caller)

        def look(state: State, _: str) -> Figures:
            figures = self._figures
            if figures is None or self._house.now() > figures.at + FIGURES_AGE_S:
                figures = self._figures = self._house.figures()
            return figures if reach.whole else _own(state, figures, reach)

        return await self._house.read(look)

    @route("GET", "/queues", roles=INSIDERS, examples=(Example(summary="All", asked=Asked()),))
    async def queues(self, caller: Caller, asked: Asked) -> Queues:
        """List the queues with what goes on in them."""
        titles, reach = self._house.titles, self._house.reach(caller)
        found = await self._house.read(lambda state, _: _queues(state, titles))
        return Queues(tuple(one for one in found if reach.queue(one.id)))

    @route(
        "GET",
        "/queues/{queue}",
        roles=INSIDERS,
        refusals=("unknown_queue",),
        examples=(Example(summary="One", asked=OneQueue(queue="kontakt")),),
    )
    async def queue(self, _: Caller, asked: OneQueue) -> WholeQueue:
        """Show one queue, and what is configured for it."""

        def look(state: State, _: str) -> WholeQueue:
            if asked.queue not in state.configuration.queues:
                raise Refused("unknown_queue", "there is no such queue")
            view = queue_view(state, asked.queue, self._house.titles.get(asked.queue, ""))
            return WholeQueue(queue=view, settings=queue_settings(state, asked.queue))

        return await self._house.read(look)

    @route("GET", "/configuration", roles=INSIDERS, examples=(Example(summary="In force", asked=Asked()),))
    async def configuration(self, _: Caller, asked: Asked) -> ConfigurationView:
        """Show the configuration in force, in short: its revision and the words that other requests use."""

        def look(state: State, _: str) -> ConfigurationView:
            core = state.configuration
            skills = {skill for agent in core.agents.values() for skill in agent.skills}
            return ConfigurationView(
                revision=core.revision,
                queues=tuple(core.queues),
                channels=channels(),
                pauses={reason: self._house.pauses.get(reason, "") for reason in core.pauses},
                skills={skill: self._house.skills.get(skill, "") for skill in sorted(skills)},
            )

        return await self._house.read(look)

    @route("GET", "/links", roles=INSIDERS, examples=(Example(summary="All", asked=Asked()),))
    async def links(self, caller: Caller, asked: Asked) -> Links:
        """List where agents read on, by queue: `links` of queues.yaml."""
        reach = self._house.reach(caller)
        return Links(
            {
                queue: tuple(LinkView(title, url) for title, url in links)
                for queue, links in self._house.links.items()
                if reach.queue(queue)
            }
        )

    @route("GET", "/health", roles=INSIDERS, examples=(Example(summary="All parts", asked=Asked()),))
    async def health(self, _: Caller, asked: Asked) -> Report:
        """Tell how the parts are doing; /health/ready says the same without a token, for load balancers."""
        return self._house.health()

    @route("GET", "/me", roles=INSIDERS | {"kiosk"}, examples=(Example(summary="This token", asked=Asked()),))
    async def me(self, caller: Caller, asked: Asked) -> Me:
        """Tell who asks: the name, role and agent of the token."""
        return Me(token=caller.name, role=caller.role, agent=caller.agent, departments=caller.departments)


def _queues(state: State, titles: Mapping[str, str]) -> tuple[QueueView, ...]:
    return tuple(queue_view(state, name, titles.get(name, "")) for name in state.configuration.queues)


def _cropped(state: State, live: Picture, reach: Reach) -> Picture:
    """Return of a picture what somebody reaches."""
    return structs.replace(
        live,
        queues=tuple(one for one in live.queues if reach.queue(one.id)),
        agents=tuple(agent_view(state, one.id, reach) for one in live.agents if reach.has_agent(state, one.id)),
    )


def _own(state: State, figures: Figures, reach: Reach) -> Figures:
    """Return of the figures what somebody reaches."""
    counted = Counter(state_of(state.agents[id_]) for id_ in reach.agents(state))
    helps = (one for one in state.contacts.values() if isinstance(one, Connected) and one.help_since is not None)
    return structs.replace(
        figures,
        agents={name: counted[name] for name in figures.agents},
        queues={name: one for name, one in figures.queues.items() if reach.queue(name)},
        channels={},
        skills={},
        help_wanted=sum(reach.contact(state, one) for one in helps),
    )


def _draw(state: State, position: str, now: float, titles: Mapping[str, str]) -> Picture:
    agents = tuple(agent_view(state, id_) for id_ in sorted(state.agents))
    return Picture(position=position, at=now, queues=_queues(state, titles), agents=agents)
