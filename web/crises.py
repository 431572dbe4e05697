"""Crises over HTTP: begun, changed and ended by those who lead; read by everybody (docs/crisis.md)."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct, structs

from queues.crisis import Measures, Plan
from queues.site import Site
from router import inputs as i
from router.api import JSON, LEADS, STAFF, WATCHERS, Asked, Caller, Content, Example, Id, Pace, Visitor, public, route
from router.crisis import KIND, REMEMBERED, Crisis, Running, announcement_owner
from router.helping import check_invited
from router.inputs import Refused
from router.ports import Secret
from router.state import State
from web.crisisview import MeasuresView, measures_view
from web.house import House, plain

TEXT_MAX: Final = 1000
"""Characters; about a minute of speech."""
DAY: Final = 86_400.0

Text = Annotated[str, Meta(min_length=1, max_length=TEXT_MAX, pattern=r"^[^{}]*\S[^{}]*$")]
Language = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
Name = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
Names = tuple[Id, ...]
Time = Annotated[str, Meta(pattern=r"^(|\d\d:\d\d|\d\d\d\d-\d\d-\d\dT\d\d:\d\d)$")]
"""As the house's clocks show it: `18:00`, the next time they do; or with a date, `2026-11-27T18:00`."""


class OneCrisis(Asked, frozen=True):
    """A crisis that is running, by its name."""

    crisis: Id


class Begin(Asked, frozen=True, kw_only=True):
    """A plan's name is enough; what is written besides takes the place of what the plan says."""

    name: Name
    messages: dict[Language, Text] | None = None
    queues: Names | None = None
    areas: Names = ()
    all: bool = False
    """It stands before everything: for a name that is no plan, say this, or name queues or areas."""
    until: Time = ""
    callback_only: bool | None = None
    triage: str | None = None
    helpers: Names | None = None
    places: Names | None = None


class Amendment(Asked, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    crisis: Id
    queues: Names | None = None
    areas: Names = ()
    all: bool = False
    until: Time | None = None
    """Empty for no end."""
    callback_only: bool | None = None
    triage: str | None = None
    helpers: Names | None = None
    places: Names | None = None


class Say(Asked, frozen=True, kw_only=True):
    """A new announcement, by language; it has a text in the house's language."""

    crisis: Id
    messages: dict[Language, Text]


class Helper(Asked, frozen=True):
    """Who helps, or no longer does."""

    crisis: Id
    agent: Id


class InvitationView(Struct, frozen=True):
    """The code of somebody who is invited: for that one alone, shown this once."""

    agent: str
    code: str
    """To be typed at a phone of the house, behind the code for joining (`join_crisis` in agents.yaml)."""
    until: float


class SaidView(Struct, frozen=True):
    """An announcement."""

    number: int
    at: float
    texts: dict[str, str]
    """Language to text."""


class CrisisView(Struct, frozen=True, kw_only=True):
    """A crisis, or one that has been."""

    crisis: str
    name: str
    title: str
    running: bool
    started: float
    ended: float | None
    measures: MeasuresView
    messages: tuple[SaidView, ...]
    helpers: tuple[str, ...]
    without: tuple[str, ...]
    """Languages of the prompts in which nothing is said: who speaks them is told it in the house's own."""


class PlanView(Struct, frozen=True, kw_only=True):
    """What can be begun by its name alone."""

    name: str
    title: str
    languages: tuple[str, ...]
    measures: MeasuresView


class Crises(Struct, frozen=True, kw_only=True):
    """All of them, the newest first."""

    crises: tuple[CrisisView, ...]
    plans: tuple[PlanView, ...]
    spoken: int
    speaking: int
    """How many announcements are spoken already, of how many that are being spoken just now."""


class CrisisRoutes:
    """Carries out what is asked about crises."""

    def __init__(self, house: House) -> None:
        self._house = house

    @route("GET", "/crises", roles=WATCHERS | STAFF, examples=(Example(summary="All", asked=Asked()),))
    async def crises(self, _: Caller, asked: Asked) -> Crises:
        """List crises that run, those of the last day, plans, and how far announcements are spoken."""
        done, wanted = self._house.speaking
        now = self._house.now()
        plans = tuple(
            PlanView(name=name, title=plan.title, languages=tuple(plan.messages), measures=measures_view(plan.measures))
            for name, plan in self._house.plans.items()
        )

        def look(state: State, _: str) -> Crises:
            known = [one for one in state.crises.values() if isinstance(one, Running) or one.ended > now - REMEMBERED]
            found = tuple(self._view(state, one) for one in reversed(known))
            return Crises(crises=found, plans=plans, spoken=done, speaking=wanted)

        return await self._house.read(look)

    @route(
        "POST",
        "/crises",
        roles=LEADS,
        refusals=(
            "crisis_exists", "too_many_crises", "unknown_queue", "unknown_area", "unknown_place", "bad_time",
            "not_said", "not_spoken", "nothing_chosen",
        ),
        examples=(
            Example(
                summary="Without a plan",
                asked=Begin(
                    name="strom", messages={"sv": "Strömavbrott i Husie.", "en": "Power cut in Husie."}, all=True
                ),
            ),
        ),
    )  # fmt: skip
    async def start(self, _: Caller, asked: Begin) -> CrisisView:
        """Begin one: announce, and do what is to be done, until it ends.

        The answer comes once the announcement is spoken and in force; who calls from then on hears it.
        """
        plan = self._house.plans.get(asked.name)
        if plan is None and not (asked.all or asked.queues or asked.areas):
            raise Refused("nothing_chosen", f"{asked.name} is no plan: say which queues or areas, or all of them")
        plan = plan or Plan()
        now = self._house.now()
        until = self._until(asked.until) or (now + plan.lasts if plan.lasts is not None else None)
        measures = self._measures(structs.replace(plan.measures, until=until), asked)
        messages = asked.messages if asked.messages is not None else plan.messages
        crisis = f"{asked.name}-{int(now)}"
        secrets, languages = await self._spoken(announcement_owner(crisis, 1), messages)
        request = i.StartCrisis(crisis, asked.name, measures, languages)
        await self._house.ask(lambda _: (request, secrets))
        return await self._seen(crisis)

    @route(
        "POST",
        "/crises/{crisis}/amend",
        roles=LEADS,
        refusals=("unknown_crisis", "unknown_queue", "unknown_area", "unknown_place", "bad_time"),
        examples=(
            Example(
                summary="No waiting", asked=Amendment(crisis="strom", callback_only=True), given="a crisis strom runs"
            ),
        ),
    )
    async def amend(self, _: Caller, asked: Amendment) -> CrisisView:
        """Change what is done, or when it ends."""
        until = None if asked.until is None else (self._until(asked.until),)
        await self._areas_known(asked)

        def word(state: State) -> tuple[i.AmendCrisis, tuple[Secret, ...]]:
            running = _running(state, asked.crisis)
            measures = self._measures(running.measures, asked)
            if until is not None:
                measures = structs.replace(measures, until=until[0])
            return i.AmendCrisis(running.id, measures), ()

        await self._house.ask(word)
        return await self._seen(asked.crisis)

    @route(
        "POST",
        "/crises/{crisis}/say",
        roles=LEADS,
        refusals=("unknown_crisis", "crisis_changed", "too_many_messages", "not_said", "not_spoken"),
        examples=(
            Example(
                summary="News",
                asked=Say(crisis="strom", messages={"sv": "Strömmen är tillbaka klockan fem."}),
                given="a crisis strom runs",
            ),
        ),
    )
    async def say(self, _: Caller, asked: Say) -> CrisisView:
        """Announce something else; the one before can still be read."""
        running = await self._house.read(lambda state, _: _running(state, asked.crisis))
        number = len(running.messages) + 1
        secrets, languages = await self._spoken(announcement_owner(running.id, number), asked.messages)
        request = i.Announce(running.id, number, languages)
        await self._house.ask(lambda _: (request, secrets))
        return await self._seen(running.id)

    @route(
        "POST",
        "/crises/{crisis}/end",
        roles=LEADS,
        refusals=("unknown_crisis",),
        examples=(Example(summary="Over", asked=OneCrisis(crisis="strom"), given="a crisis strom runs"),),
    )
    async def end(self, _: Caller, asked: OneCrisis) -> CrisisView:
        """End one: everything is as before."""
        running = await self._house.read(lambda state, _: _running(state, asked.crisis))
        await self._house.ask(plain(i.EndCrisis(running.id)))
        return await self._seen(running.id)

    @route(
        "POST",
        "/crises/{crisis}/join",
        roles=STAFF,
        refusals=("unknown_crisis", "unknown_agent", "not_invited", "helps_already"),
        examples=(
            Example(
                summary="Help", asked=Helper(crisis="strom", agent="guide01"), given="a crisis strom runs, invited"
            ),
        ),
    )
    async def join(self, caller: Caller, asked: Helper) -> CrisisView:
        """Help: the agent serves the queues of the crisis too, until it ends."""
        caller.speaks_for(asked.agent)
        await self._house.ask(lambda state: (i.JoinCrisis(_running(state, asked.crisis).id, asked.agent), ()))
        return await self._seen(asked.crisis)

    @route(
        "POST",
        "/crises/{crisis}/invite",
        roles=LEADS,
        refusals=("unknown_crisis", "unknown_agent", "not_invited", "store_away"),
        unkept=True,
        examples=(
            Example(
                summary="By telephone",
                asked=Helper(crisis="strom", agent="guide01"),
                given="a crisis strom runs, invited",
            ),
        ),
    )
    async def invite(self, _: Caller, asked: Helper) -> InvitationView:
        """Give an agent a code to join with at any phone of the house, for 12 hours. It is shown here alone."""

        def look(state: State, _: str) -> str:
            crisis = _running(state, asked.crisis)
            check_invited(state, crisis, asked.agent)
            return crisis.id

        code, until = await self._house.invite(await self._house.read(look), asked.agent)
        return InvitationView(asked.agent, code, until)

    @route(
        "POST",
        "/crises/{crisis}/leave",
        roles=STAFF,
        refusals=("unknown_crisis", "does_not_help"),
        examples=(
            Example(summary="Enough", asked=Helper(crisis="strom", agent="guide01"), given="guide01 helps with strom"),
        ),
    )
    async def leave(self, caller: Caller, asked: Helper) -> CrisisView:
        """Help no longer."""
        caller.speaks_for(asked.agent)
        await self._house.ask(lambda state: (i.LeaveCrisis(_running(state, asked.crisis).id, asked.agent), ()))
        return await self._seen(asked.crisis)

    # ---- what is asked -----------------------------------------------------------------------------------------

    def _measures(self, before: Measures, asked: Begin | Amendment) -> Measures:
        changes = {
            "callback_only": asked.callback_only,
            "triage": asked.triage,
            "helpers": asked.helpers,
            "sites": asked.places,
            "queues": self._queues(asked),
        }
        return structs.replace(before, **{name: value for name, value in changes.items() if value is not None})

    def _queues(self, asked: Begin | Amendment) -> tuple[str, ...] | None:
        if asked.all:
            return ()
        if asked.queues is None and not asked.areas:
            return None
        found = list(asked.queues or ())
        for area in asked.areas:
            found += self._area(area)
        return tuple(dict.fromkeys(found))

    def _area(self, name: str) -> tuple[str, ...]:
        if name not in self._house.areas:
            raise Refused("unknown_area", f"there is no area {name} in crises.yaml")
        return self._house.areas[name]

    async def _areas_known(self, asked: Amendment) -> None:
        """Refuse before anything is decided. Raises Refused."""
        for area in asked.areas:
            self._area(area)

    def _until(self, text: str) -> float | None:
        """Return the UTC seconds of a time on the house's clocks; None for no time. Raises Refused."""
        if not text:
            return None
        now = self._house.now()
        here = self._house.local(now)
        try:
            if "T" in text:
                wanted = datetime.fromisoformat(text)
            else:
                clock = datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - local time, as `House.local` gives it
                wanted = datetime.combine(here.date(), clock)
                wanted += timedelta(days=wanted <= here)
        except ValueError:
            raise Refused("bad_time", "there is no such time; write it as 18:00 or 2026-11-27T18:00") from None
        at = now + (wanted - here).total_seconds()
        return at + (wanted - self._house.local(at)).total_seconds()  # clocks may be put forward or back before

    async def _spoken(self, name: str, messages: Mapping[str, str]) -> tuple[tuple[Secret, ...], tuple[str, ...]]:
        """Let an announcement be spoken; return what is kept of it, and its languages, the house's first."""
        if not messages:
            return (), ()
        own = self._house.language
        if own not in messages:
            raise Refused("not_said", f"the announcement lacks {own}, which stands in for languages without a text")
        await self._house.speak(name, messages)
        languages = (own, *(one for one in messages if one != own))
        return (Secret(name, KIND, msgspec.json.encode(messages).decode()),), languages

    # ---- what is told ------------------------------------------------------------------------------------------

    async def _seen(self, crisis: str) -> CrisisView:
        return await self._house.read(lambda state, _: self._view(state, _named(state, crisis)))

    def _view(self, state: State, crisis: Crisis) -> CrisisView:
        plan = self._house.plans.get(crisis.plan)
        running = isinstance(crisis, Running)
        last = crisis.messages[-1].languages if crisis.messages else ()
        heard = {entry.language for entry in state.configuration.entries if entry.language}
        return CrisisView(
            crisis=crisis.id,
            name=crisis.plan,
            title=plan.title if plan is not None else "",
            running=running,
            started=crisis.started,
            ended=None if isinstance(crisis, Running) else crisis.ended,
            measures=measures_view(crisis.measures),
            messages=tuple(
                SaidView(one.number, one.at, dict(self._house.announcement(announcement_owner(crisis.id, one.number))))
                for one in crisis.messages
            ),
            helpers=crisis.helpers if isinstance(crisis, Running) else (),
            without=tuple(sorted(heard - set(last))) if last else (),
        )


def _named(state: State, crisis: str) -> Crisis:
    """Return a crisis by its id, or one that runs by its name. Raises Refused."""
    found = state.crises.get(crisis) or next((one for one in state.running if one.plan == crisis), None)
    if found is None:
        raise Refused("unknown_crisis", f"there is no crisis {crisis}")
    return found


def _running(state: State, crisis: str) -> Running:
    found = _named(state, crisis)
    if not isinstance(found, Running):
        raise Refused("unknown_crisis", f"there is no crisis {crisis} running")
    return found


# ---- for everybody ---------------------------------------------------------------------------------------------


class Announced(Struct, frozen=True):
    """One thing that was said."""

    at: float
    language: str
    """Of the text: the one asked for, or the house's own where it lacks that."""
    text: str


class AnnouncedView(Struct, frozen=True, kw_only=True):
    """What a crisis says: the newest first, then what it said before."""

    crisis: str
    title: str
    running: bool
    since: float
    until: float | None
    messages: tuple[Announced, ...]


class AnnouncedList(Struct, frozen=True):
    """All that is announced, the newest crisis first."""

    announcements: tuple[AnnouncedView, ...]


class Reading(Asked, frozen=True, kw_only=True):
    """In which language, and what stands before which queue; everything when no queue is named."""

    language: Annotated[str, Meta(max_length=16)] = ""
    queue: Annotated[str, Meta(max_length=128)] = ""


class PublicCrises:
    """What anybody may read: the city's page, screens in its places."""

    def __init__(self, house: House) -> None:
        self._house = house

    @public("GET", "/announcements", Pace(rate=5.0, burst=50.0), gives=JSON)
    async def announcements(self, _: Visitor, asked: Reading) -> Content:
        """List what crises announce, with all that they have announced before, also those of the last day.

        The answer has an ETag: ask with If-None-Match, as often as every few seconds.
        """
        now = self._house.now()

        def look(state: State, _: str) -> AnnouncedList:
            return AnnouncedList(announced(self._house, state, now, language=asked.language, queue=asked.queue))

        data = msgspec.json.encode(await self._house.read(look))
        return Content(JSON, data, tag=hashlib.sha256(data).hexdigest()[:32])


def announced(
    house: House, state: State, now: float, site: Site | None = None, *, language: str = "", queue: str = ""
) -> tuple[AnnouncedView, ...]:
    """Return what is announced to those who ask for a queue, or are at a place; in all languages when none is named."""
    queues = {service.queue for service in site.services.values()} if site is not None else {queue} if queue else set()
    found = []
    for crisis in reversed(state.crises.values()):
        measures = crisis.measures
        there = site is not None and site.name in measures.sites
        concerns = not queues or there or any(map(measures.cover, queues))
        lately = isinstance(crisis, Running) or (site is None and crisis.ended > now - REMEMBERED)
        if crisis.messages and concerns and lately:
            plan = house.plans.get(crisis.plan)
            view = AnnouncedView(
                crisis=crisis.id,
                title=plan.title if plan is not None else "",
                running=isinstance(crisis, Running),
                since=crisis.started,
                until=measures.until if isinstance(crisis, Running) else crisis.ended,
                messages=tuple(_said(house, crisis, language)),
            )
            found.append(view)
    return tuple(found)


def _said(house: House, crisis: Crisis, language: str) -> Iterator[Announced]:
    for message in reversed(crisis.messages):
        texts = house.announcement(announcement_owner(crisis.id, message.number))
        wanted = message.languages if not language else (language,)
        for one in wanted:
            spoken = one if one in texts else message.languages[0]
            yield Announced(message.at, spoken, texts.get(spoken, ""))
