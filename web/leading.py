"""What those who lead do over HTTP: listen, let somebody go first, move agents, open and close queues, tell all.

Each of it is for now (docs/supervising.md): it is told by an event, survives a restart, and ends by itself. Who
listens, and who puts one citizen before others, stands in the access log, with the reason that was given.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from metrics.days import day_of
from router import inputs as i
from router.api import CONFIDANTS, EVERYBODY, LEADS, STAFF, WATCHERS, Asked, Caller, Example, Id, Role, route
from router.boundary import refusal
from router.dialling import PHONE, Destination
from router.facts import Ear
from router.inputs import Refused
from router.led import KIND, Bulletin, words_of_today
from router.looking import Looked
from router.ports import Secret
from router.state import State
from web.contacts import PERSONAL, OneContact, living
from web.disclosure import Disclosure
from web.house import House, plain
from web.talking import IN_TALK, Name

WORDS_MAX: Final = 2000
REASON_MAX: Final = 200
ASSIGNED_FOR: Final = 600.0
"""Seconds for which a contact waits for the agent who is to get it, unless said otherwise."""
LISTENERS: Final[frozenset[Role]] = CONFIDANTS & LEADS
"""Who may hear what citizens say; that is personal."""
TALKS: Final = "guide01 talks with w1-1-1"
BESIDE: Final = "guide01 talks with w1-1-1; guide02 is at work"
WAITS: Final = "w1-1-1 waits"

Level = Annotated[int, Meta(ge=1, le=5)]
Tier = Annotated[int, Meta(ge=0, le=100)]
Reason = Annotated[str, Meta(min_length=1, max_length=REASON_MAX, pattern=r"\S")]
Words = Annotated[str, Meta(min_length=1, max_length=WORDS_MAX, pattern=r"\S")]


class ListenIn(Asked, frozen=True):
    """Somebody who leads wants to listen, or to be heard by others than before."""

    contact: Id
    mode: Ear = "listen"
    """`listen`: heard by nobody; `whisper`: by the agent alone; `barge`: by all."""
    phone: Name = ""
    """The phone of the house that is rung; may be left out while one listens already."""


class Urgency(Asked, frozen=True):
    """How urgent a waiting contact is."""

    contact: Id
    reason: Reason
    """Why one citizen goes before others; it is kept in the access log."""
    factor: Annotated[float, Meta(ge=0.01, le=100.0)] = 1.0
    """By how much more urgent than others of its queue; 1 for what it was."""
    first: bool = False
    """Before all others of its queue."""


class Next(Asked, frozen=True):
    """An agent is to get a waiting contact next."""

    contact: Id
    agent: Id
    within: Annotated[float, Meta(ge=5.0, le=3600.0)] = ASSIGNED_FOR
    """Seconds after which anybody may get it."""


class OneAssignment(Asked, frozen=True):
    """What an agent does for now."""

    agent: Id


class NewAssignment(Asked, frozen=True):
    """What an agent does for now; what is left out stays as configured."""

    agent: Id
    queues: dict[Id, Tier] | None = None
    """Queue to tier; contacts of a lower tier come first."""
    skills: dict[Id, Level] | None = None
    """Skill to level."""
    until: float | None = None
    """UTC seconds; until it is ended when left out."""


class AssignmentView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an agent does for now."""

    agent: str
    queues: dict[str, int] | None = None
    skills: dict[str, int] | None = None
    until: float | None = None


class Assignments(Struct, frozen=True):
    """All of them."""

    assignments: tuple[AssignmentView, ...]


class OneQueueToday(Asked, frozen=True):
    """A queue that is to keep its hours again."""

    queue: Id


class SetToday(Asked, frozen=True):
    """A queue is to be open, or closed, whatever its hours say."""

    queue: Id
    open: bool
    reason: Reason
    until: float | None = None
    """UTC seconds; the end of today when left out."""


class TodayView(Struct, frozen=True, kw_only=True):
    """A queue that does not keep its hours for now."""

    queue: str
    open: bool
    until: float
    reason: str = ""


class Todays(Struct, frozen=True):
    """All of them."""

    queues: tuple[TodayView, ...]


class Post(Asked, frozen=True):
    """Something that agents are to be told."""

    text: Words
    queues: tuple[Id, ...] = ()
    """Of which the agents are told it; all when there are none."""
    until: float | None = None
    """UTC seconds until which it is shown; the end of today when left out."""


class OneNotice(Asked, frozen=True):
    """Something that agents are told."""

    notice: Id


class Posted(Struct, frozen=True):
    """The id of what agents are told."""

    notice: str


class ReadNotice(Asked, frozen=True):
    """An agent has read it."""

    notice: Id
    agent: Annotated[str, Meta(max_length=128)] = ""
    """Who; may be left out by an agent's own token."""


class NoticeView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that agents are told."""

    notice: str
    at: float
    until: float
    text: str = ""
    """Empty when it is not kept any more."""
    queues: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    """Agents who have read it; of others' reading an agent hears nothing."""
    by: str = ""
    """The colleague who wrote it to this agent alone; empty for what those who lead tell."""
    writer: str = ""
    """That one's name, as colleagues read it."""


class Notices(Struct, frozen=True):
    """The oldest first. Agents see those that are for them, and that they have not read."""

    notices: tuple[NoticeView, ...]


class AlarmView(Struct, frozen=True, kw_only=True):
    """A figure of a queue that has crossed its threshold."""

    queue: str
    alarm: str
    since: float


class Alarms(Struct, frozen=True):
    """Those that stand, the longest first."""

    alarms: tuple[AlarmView, ...]


class LeadRoutes:
    """Carries out what those who lead ask for."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._gate = Disclosure(house)

    # ---- talks -------------------------------------------------------------------------------------------------

    @route(
        "POST",
        "/contacts/{contact}/listen",
        roles=LISTENERS,
        refusals=(
            *(*IN_TALK, *PERSONAL, "listened_to", "nobody_listens", "not_inside", "own_phone", "phone_gone", "busy"),
            *("number_capped", "dialling_capped"),
        ),
        examples=(
            Example(summary="Unheard", asked=ListenIn(contact="w1-1-1", phone="desk7"), given=TALKS),
            Example(
                summary="To the agent alone",
                asked=ListenIn(contact="w1-1-1", mode="whisper", phone="desk7"),
                given=TALKS,
            ),
        ),
    )
    async def listen(self, caller: Caller, asked: ListenIn) -> None:
        """Listen to a talk: the phone named rings, and whoever picks it up hears agent and citizen.

        Ask again, with another `mode`, to be heard by the agent alone, by all, or by nobody any more. It counts for no
        figure. The agent is shown that somebody listens, unless `supervision: {shown: false}` is set.
        """
        await self._gate.open(caller, lambda state: living(state, asked.contact), (asked.mode,))
        destination = Destination(PHONE + asked.phone) if asked.phone else None
        await self._house.ask(plain(i.Listen(asked.contact, destination, asked.mode)))

    @route(
        "DELETE",
        "/contacts/{contact}/listen",
        roles=LISTENERS,
        refusals=("nobody_listens",),
        examples=(Example(summary="Enough", asked=OneContact(contact="w1-1-1"), given="somebody listens to w1-1-1"),),
    )
    async def stop_listening(self, _: Caller, asked: OneContact) -> None:
        """Listen no more."""
        await self._house.ask(plain(i.StopListening(asked.contact)))

    # ---- the line ----------------------------------------------------------------------------------------------

    @route(
        "POST",
        "/contacts/{contact}/urgency",
        roles=LEADS,
        refusals=("unknown_contact", "not_waiting", "bad_factor", "access_log_away"),
        examples=(
            Example(
                summary="First in line",
                asked=Urgency(contact="w1-1-1", reason="Larm om gaslukt", first=True),
                given=WAITS,
            ),
        ),
    )
    async def urge(self, caller: Caller, asked: Urgency) -> None:
        """Let a waiting contact go before others, or after them.

        `factor` multiplies its weight (rule 3); `first` puts it before all others of its queue. It holds as long as the
        contact stands in this queue, through offers that come to nothing.
        """
        await self._reasoned(caller, asked.contact, "urgency", asked.reason)
        await self._house.ask(plain(i.Urge(asked.contact, asked.factor, asked.first)))

    @route(
        "POST",
        "/contacts/{contact}/assign",
        roles=LEADS,
        refusals=("unknown_contact", "unknown_agent", "not_waiting", "cannot_serve", "agent_rests", "bad_time"),
        examples=(Example(summary="For somebody", asked=Next(contact="w1-1-1", agent="guide01"), given=WAITS),),
    )
    async def assign(self, _: Caller, asked: Next) -> None:
        """Offer a waiting contact to one agent next.

        It waits for that agent alone, for `within` seconds or until the agent declines, misses it or leaves. Whether
        the agent may be offered it (rule 1), is asked (rule 5) and has room (rule 6) is as always.
        """
        until = self._house.now() + asked.within
        await self._house.ask(plain(i.AssignContact(asked.contact, asked.agent, until)))

    # ---- agents ------------------------------------------------------------------------------------------------

    @route("GET", "/assignments", roles=WATCHERS, examples=(Example(summary="All", asked=Asked()),))
    async def assignments(self, caller: Caller, asked: Asked) -> Assignments:
        """List the agents who serve other queues, or have other skills, than are configured."""
        reach = self._house.reach(caller)

        def look(state: State, _: str) -> Assignments:
            agents = (agent for agent in sorted(state.assignments) if reach.has_agent(state, agent))
            return Assignments(tuple(_assignment(state, agent) for agent in agents))

        return await self._house.read(look)

    @route(
        "PUT",
        "/agents/{agent}/assignment",
        roles=LEADS,
        refusals=("unknown_agent", "unknown_queue", "bad_skill", "nothing_chosen", "bad_time", "not_your_department"),
        examples=(
            Example(summary="Elsewhere", asked=NewAssignment(agent="guide01", queues={"kontakt": 1, "skola": 0})),
        ),
    )
    async def reassign(self, caller: Caller, asked: NewAssignment) -> AssignmentView:
        """Let an agent serve other queues, or have other skills, for now.

        It takes the place of what is configured, also of a configuration to come, until it is over or ended.
        """
        self._within(caller, asked.queues or ())
        await self._house.ask(plain(i.AssignAgent(asked.agent, asked.queues, asked.skills, asked.until)))
        return await self._house.read(lambda state, _: _assignment(state, asked.agent))

    @route(
        "DELETE",
        "/agents/{agent}/assignment",
        roles=LEADS,
        refusals=("not_assigned",),
        examples=(
            Example(summary="Back", asked=OneAssignment(agent="guide01"), given="guide01 helps in another queue"),
        ),
    )
    async def end_assignment(self, _: Caller, asked: OneAssignment) -> None:
        """Let an agent serve what is configured again."""
        await self._house.ask(plain(i.EndAssignment(asked.agent)))

    # ---- queues ------------------------------------------------------------------------------------------------

    @route("GET", "/today", roles=EVERYBODY, examples=(Example(summary="All", asked=Asked()),))
    async def todays(self, caller: Caller, asked: Asked) -> Todays:
        """List the queues that are open, or closed, whatever their hours say."""
        reach = self._house.reach(caller)
        found = await self._house.read(lambda state, _: [one for one in state.today.values() if reach.queue(one.queue)])
        told = await self._told([words_of_today(one.queue) for one in found])
        return Todays(
            tuple(
                TodayView(
                    queue=one.queue, open=one.open, until=one.until, reason=told.get(words_of_today(one.queue), "")
                )
                for one in found
            )
        )

    @route(
        "POST",
        "/queues/{queue}/today",
        roles=LEADS,
        refusals=("unknown_queue", "bad_time", "store_away"),
        examples=(Example(summary="Close", asked=SetToday(queue="kontakt", open=False, reason="Brandövning")),),
    )
    async def set_today(self, _: Caller, asked: SetToday) -> None:
        """Open or close a queue until a time; its hours come back by themselves.

        Who waits in a queue that is closed is served while somebody at work could; others take its way out (rule 9).
        """
        until = self._end_of_today() if asked.until is None else asked.until
        words = (Secret(words_of_today(asked.queue), KIND, asked.reason.strip()),)
        await self._house.ask(lambda _: (i.SetToday(asked.queue, asked.open, until), words))

    @route(
        "DELETE",
        "/queues/{queue}/today",
        roles=LEADS,
        refusals=("keeps_hours",),
        examples=(Example(summary="As always", asked=OneQueueToday(queue="kontakt"), given="kontakt is closed today"),),
    )
    async def end_today(self, _: Caller, asked: OneQueueToday) -> None:
        """Let a queue keep its hours again."""
        await self._house.ask(plain(i.EndToday(asked.queue)))

    @route("GET", "/alarms", roles=WATCHERS, examples=(Example(summary="All", asked=Asked()),))
    async def alarms(self, caller: Caller, asked: Asked) -> Alarms:
        """List the alarms that stand: figures of queues that have crossed the thresholds of `alarms:`."""
        reach = self._house.reach(caller)

        def look(state: State, _: str) -> Alarms:
            found = sorted(state.alarms.items(), key=lambda one: one[1])
            alarms = (_alarm(name, since) for name, since in found)
            return Alarms(tuple(one for one in alarms if reach.queue(one.queue)))

        return await self._house.read(look)

    # ---- what all are told -------------------------------------------------------------------------------------

    @route("GET", "/notices", roles=EVERYBODY, examples=(Example(summary="Is there news?", asked=Asked()),))
    async def notices(self, caller: Caller, asked: Asked) -> Notices:
        """List what agents are told; a token of an agent is shown what is for that one and not read yet.

        What a colleague wrote to one agent is shown to that one alone.
        """

        return await self.told(caller, await self._house.read(lambda state, _: bulletins_for(caller, state)))

    @route(
        "POST",
        "/notices",
        roles=LEADS,
        refusals=("too_many_notices", "unknown_queue", "bad_time", "store_away", "not_your_department"),
        status=201,
        examples=(
            Example(summary="For all", asked=Post(text="Telefonin startas om klockan 14. Pågående samtal bryts inte.")),
            Example(summary="For those of a queue", asked=Post(text="Skolkorten är försenade.", queues=("kontakt",))),
        ),
    )
    async def post(self, caller: Caller, asked: Post) -> Posted:
        """Tell something to all agents, or to those of queues; each is shown it until it is read or over."""
        self._within(caller, asked.queues)
        notice = self._house.new_contact()
        until = self._end_of_today() if asked.until is None else asked.until
        words = (Secret(notice, KIND, asked.text.strip()),)
        await self._house.ask(lambda _: (i.PostBulletin(notice, asked.queues, until), words))
        return Posted(notice)

    @route(
        "POST",
        "/notices/{notice}/read",
        roles=STAFF,
        refusals=("unknown_notice", "not_yours"),
        examples=(Example(summary="Seen", asked=ReadNotice(notice="n1", agent="guide01"), given="n1 is told to all"),),
    )
    async def read(self, caller: Caller, asked: ReadNotice) -> None:
        """Say that an agent has read it."""
        agent = asked.agent or caller.agent
        caller.speaks_for(agent)
        await self._house.ask(plain(i.ReadBulletin(asked.notice, agent)))

    @route(
        "DELETE",
        "/notices/{notice}",
        roles=LEADS,
        refusals=("unknown_notice",),
        examples=(Example(summary="Over", asked=OneNotice(notice="n1"), given="n1 is told to all"),),
    )
    async def take_back(self, _: Caller, asked: OneNotice) -> None:
        """Show it no more."""
        await self._house.ask(plain(i.EndBulletin(asked.notice)))

    # ---- inside ------------------------------------------------------------------------------------------------

    async def told(self, caller: Caller, found: Sequence[Bulletin]) -> Notices:
        """Return what agents are told with its words. Raises Refused."""
        told = await self._told([one.id for one in found])
        whole = caller.role in WATCHERS
        return Notices(
            tuple(
                NoticeView(
                    notice=one.id,
                    at=one.at,
                    until=one.until,
                    text=told.get(one.id, ""),
                    queues=one.queues,
                    readers=one.readers if whole else (),
                    by=one.by,
                    writer=self._house.colleagues.get(one.by, one.by),
                )
                for one in found
            )
        )

    def _within(self, caller: Caller, queues: Iterable[str]) -> None:
        """Refuse a body that names queues of other departments. Raises Refused."""
        reach = self._house.reach(caller)
        if not all(map(reach.queue, queues)):
            raise refusal()

    async def _reasoned(self, caller: Caller, contact: str, what: str, why: str) -> None:
        """Keep in the access log what somebody does with a contact, and why. Raises Refused."""
        matter = await self._house.read(lambda state, _: living(state, contact).card.matter)
        looked = Looked(
            by=caller.name,
            role=caller.role,
            agent=caller.agent,
            ground="leads",
            contact=contact,
            matter=matter,
            kinds=(what,),
            why=why.strip(),
        )
        await self._house.disclose(looked)

    async def _told(self, owners: list[str]) -> Mapping[str, str]:
        return await self._house.words(owners, KIND) if owners else {}

    def _end_of_today(self) -> float:
        """Return the UTC seconds of the midnight to come, by the house's clocks."""
        return day_of(self._house.local, self._house.now())[1]


def bulletins_for(caller: Caller, state: State) -> list[Bulletin]:
    """Return what agents are told; for an agent, what is for that one and not read yet."""
    found = list(state.bulletins.values())
    if not caller.agent or caller.role in LEADS:
        return [one for one in found if one.agent in ("", caller.agent)]
    settings = state.settings(caller.agent)
    return [one for one in found if one.concerns(settings) and caller.agent not in one.readers]


def _assignment(state: State, agent: str) -> AssignmentView:
    one = state.assignments.get(agent)
    if one is None:
        raise Refused("not_assigned", f"agent {agent} serves what is configured")
    return AssignmentView(agent=agent, queues=one.queues, skills=one.skills, until=one.until)


def _alarm(name: str, since: float) -> AlarmView:
    queue, _, alarm = name.partition("/")
    return AlarmView(queue=queue, alarm=alarm, since=since)
