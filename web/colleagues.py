"""The first line and the second over HTTP: where a contact may be handed to, remarks, questions, and help.

Words that colleagues write to each other are personal: they stand in the vault alone, and who looks is logged. Nothing
of this is ever sent to the citizen.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from queues.channels import CHANNELS
from queues.hours import seconds_to_change
from queues.queue import Obstacle
from router import inputs as i
from router.api import CONFIDANTS, LEADS, STAFF, WATCHERS, Asked, Caller, Example, Id, route
from router.card import Card
from router.contact import Connected, Contact
from router.entering import obstacle_to
from router.expectation import of_newcomer
from router.inputs import AnyRequest, Refused
from router.letters import by_whom, written_by
from router.ports import Secret
from router.secondline import remark_id, thread_of
from router.state import State
from web.contacts import IN_HAND, PERSONAL, OneContact, in_hands_of, living, seen_by
from web.contactview import agent_of
from web.disclosure import Disclosure
from web.house import House, Values, Wording, plain

NOTE_MAX: Final = 4000
BLANKS_MAX: Final = 3
"""So many remarks in a row that are not kept end the list of a contact that is over."""
TALKS: Final = "guide01 talks with w1-1-1"
HANDS_ON: Final = (*IN_HAND, "not_connected", "unknown_queue")
PASSED_ON: Final = ("number", "name", "address")
"""Kinds of the vault that whoever goes on with it needs to reach the citizen."""

Note = Annotated[str, Meta(min_length=1, max_length=NOTE_MAX)]


class WhichQueues(Asked, frozen=True):
    """Where a contact might be handed to."""

    contact: Id
    queue: Annotated[str, Meta(max_length=128)] = ""
    """This queue alone; all that take in what others hand over when left out."""


class QueueChoice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What would happen to a contact that is handed to a queue now."""

    queue: str
    title: str = ""
    way: Literal["send", "leave"]
    """`send`: it waits there; `leave`: nobody can wait there now, but it can be left for them with a note."""
    obstacle: Obstacle | None = None
    """Why nobody can wait there."""
    open: bool
    changes_at: float | None = None
    """UTC seconds at which it opens, or closes, next."""
    waiting: int
    """How many wait there."""
    low: float | None = None
    high: float | None = None
    """Seconds within which somebody would take it, most likely; absent when that is not known."""
    comes_back: float | None = None
    """Seconds of the queue's open time after which it comes back to the agent if nobody takes it."""


class Choices(Struct, frozen=True):
    """Queues, in the order of the configuration."""

    queues: tuple[QueueChoice, ...]


class Noted(Asked, frozen=True):
    """Words for colleagues."""

    contact: Id
    text: Note


class ForQueue(Asked, frozen=True):
    """Something for the people of a queue."""

    contact: Id
    queue: Id
    text: Note
    """What they are to know, or are asked."""


class Begun(Struct, frozen=True):
    """The contact that came of it."""

    contact: str


class WhichRemarks(Asked, frozen=True):
    """Remarks on a contact, or on the one that it came out of."""

    contact: Id
    of: Annotated[str, Meta(max_length=128)] = ""
    """The contact that this one is `about`."""


class RemarkView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one of the house wrote for colleagues."""

    remark: int
    writer: str = ""
    """An agent, or the name of a token."""
    at: float | None = None
    text: str = ""
    """Empty when it is not kept any more."""


class Remarks(Struct, frozen=True, kw_only=True):
    """Remarks in their order. Personal: every look is logged."""

    contact: str
    remarks: tuple[RemarkView, ...]


class WhoNeedsHelp(Asked, frozen=True):
    """Everybody who wants help now."""


class HelpView(Struct, frozen=True, kw_only=True):
    """An agent who wants somebody who leads to help."""

    contact: str
    channel: str
    queue: str
    agent: str
    since: float


class Helps(Struct, frozen=True):
    """Those who wait for help, the longest first."""

    helps: tuple[HelpView, ...]


class Advice(Asked, frozen=True):
    """Help in writing."""

    contact: Id
    text: Annotated[str, Meta(max_length=NOTE_MAX)] = ""
    """A remark; none when empty."""


class ColleagueRoutes:
    """Carries out what agents ask of colleagues."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._disclosure = Disclosure(house)

    # ---- handing on ----------------------------------------------------------------------------------------------

    @route(
        "GET",
        "/contacts/{contact}/queues",
        roles=STAFF,
        refusals=(*IN_HAND, "unknown_queue"),
        examples=(Example(summary="Who could go on with it", asked=WhichQueues(contact="w1-1-1"), given=TALKS),),
    )
    async def queues(self, caller: Caller, asked: WhichQueues) -> Choices:
        """Tell what would happen to a contact in each queue that it might be handed to.

        Without `queue`, those of the second line.
        """

        def look(state: State, _: str) -> Choices:
            in_hands_of(caller, asked.contact)(state)
            configured = state.configuration.queues
            if asked.queue and asked.queue not in configured:
                raise Refused("unknown_queue", "there is no such queue")
            names = [asked.queue] if asked.queue else [name for name, one in configured.items() if one.second_line]
            return Choices(tuple(self._choice(state, living(state, asked.contact), name) for name in names))

        return await self._house.read(look)

    @route(
        "POST",
        "/contacts/{contact}/leave",
        roles=STAFF,
        refusals=(*HANDS_ON, "is_question", "store_away"),
        status=201,
        examples=(
            Example(
                summary="They are closed",
                asked=ForQueue(contact="w1-1-1", queue="skola", text="Undrar när skolskjutsen börjar. Ring upp."),
                given=TALKS,
            ),
        ),
    )
    async def leave(self, caller: Caller, asked: ForQueue) -> Begun:
        """Leave a matter for the people of a queue, open or not, with a note.

        It waits there by itself (channel `message`); the citizen stays with the agent, and is told where they read.
        """
        left = self._house.new_contact()
        kept = await self._house.copied(asked.contact, left, PASSED_ON)

        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            in_hands_of(caller, asked.contact)(state)
            note = self._words(remark_id(left, 1), asked.text, agent_of(living(state, asked.contact)))
            return i.LeaveFor(asked.contact, asked.queue, left), (*kept, *note)

        await self._house.ask(word)
        return Begun(left)

    @route(
        "POST",
        "/contacts/{contact}/ask",
        roles=STAFF,
        refusals=(*HANDS_ON, "is_question", "too_many_questions"),
        status=201,
        examples=(
            Example(
                summary="Ask a specialist",
                asked=ForQueue(contact="w1-1-1", queue="skola", text="Gäller skolkortet på lov?"),
                given=TALKS,
            ),
        ),
    )
    async def ask(self, caller: Caller, asked: ForQueue) -> Begun:
        """Ask the people of a queue in writing, and keep the contact.

        The question waits in their line (channel `question`). Whoever takes it sees the contact, and answers by a
        remark; it is taken back when the contact ends.
        """
        question = self._house.new_contact()

        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            in_hands_of(caller, asked.contact)(state)
            contact = living(state, asked.contact)
            id_ = remark_id(asked.contact, contact.card.remarks + 1)
            return i.AskQueue(asked.contact, asked.queue, question), self._words(id_, asked.text, agent_of(contact))

        await self._house.ask(word)
        return Begun(question)

    # ---- remarks -------------------------------------------------------------------------------------------------

    @route(
        "GET",
        "/contacts/{contact}/remarks",
        roles=CONFIDANTS,
        refusals=(*IN_HAND, *PERSONAL),
        examples=(Example(summary="What colleagues wrote", asked=WhichRemarks(contact="w1-1-1"), given=TALKS),),
    )
    async def remarks(self, caller: Caller, asked: WhichRemarks) -> Remarks:
        """Show what people of the house wrote for each other on a contact.

        A question shows the remarks on what it is about. What was left for others keeps those of where it came from:
        ask for them with `of`.
        """

        shown: list[Card] = []

        def find(state: State) -> Contact:
            contact = seen_by(caller, state, asked.contact)
            if asked.of and asked.of not in (contact.card.id, contact.card.about):
                raise Refused("unknown_contact", "the contact did not come out of that one")
            of = state.contacts.get(asked.of) if asked.of else contact
            shown.extend([thread_of(state, of.card)] if of is not None else [])
            return contact

        values = await self._disclosure.open(caller, find, ("remarks",), of=asked.of)
        views = await _views(values, shown[0].id, shown[0].remarks) if shown else await _views(values, asked.of, None)
        return Remarks(contact=asked.of or asked.contact, remarks=views)

    @route(
        "POST",
        "/contacts/{contact}/remarks",
        roles=STAFF,
        refusals=IN_HAND,
        examples=(
            Example(summary="For colleagues", asked=Noted(contact="w1-1-1", text="Ringde även i går."), given=TALKS),
        ),
    )
    async def remark(self, caller: Caller, asked: Noted) -> None:
        """Write something for colleagues who have the contact, or will. It is never sent."""
        await self._house.ask(self._remark(caller, asked.contact, asked.text))

    # ---- help ----------------------------------------------------------------------------------------------------

    @route("GET", "/help", roles=WATCHERS, examples=(Example(summary="Who needs me?", asked=WhoNeedsHelp()),))
    async def list_help(self, caller: Caller, asked: WhoNeedsHelp) -> Helps:
        """List the agents who want somebody who leads to help, the longest waiting first."""

        reach = self._house.reach(caller)

        def look(state: State, _: str) -> Helps:
            found = [
                HelpView(
                    contact=id_,
                    channel=one.card.channel,
                    queue=one.spot.queue,
                    agent=one.agent,
                    since=one.help_since,
                )
                for id_, one in state.contacts.items()
                if isinstance(one, Connected) and one.help_since is not None and reach.contact(state, one)
            ]
            return Helps(tuple(sorted(found, key=lambda one: one.since)))

        return await self._house.read(look)

    @route(
        "POST",
        "/contacts/{contact}/help",
        roles=STAFF,
        refusals=(*IN_HAND, "not_connected"),
        examples=(Example(summary="Please come", asked=OneContact(contact="w1-1-1"), given=TALKS),),
    )
    async def ask_help(self, caller: Caller, asked: OneContact) -> None:
        """Want somebody who leads to help; it ends when somebody does, or the agent has the contact no longer."""
        await self._house.ask(plain(i.AskHelp(asked.contact), in_hands_of(caller, asked.contact)))

    @route(
        "POST",
        "/contacts/{contact}/end-help",
        roles=STAFF,
        refusals=(*IN_HAND, "not_connected"),
        examples=(Example(summary="Found it myself", asked=OneContact(contact="w1-1-1"), given=TALKS),),
    )
    async def end_help(self, caller: Caller, asked: OneContact) -> None:
        """Want no help any more."""
        await self._house.ask(plain(i.EndHelp(asked.contact, answered=False), in_hands_of(caller, asked.contact)))

    @route(
        "POST",
        "/contacts/{contact}/answer-help",
        roles=LEADS,
        refusals=("unknown_contact", "not_connected"),
        examples=(Example(summary="In writing", asked=Advice(contact="w1-1-1", text="Det får vi ta."), given=TALKS),),
    )
    async def answer_help(self, caller: Caller, asked: Advice) -> None:
        """Help with a contact in writing, or say that one comes; see also `join`."""
        if asked.text:
            await self._house.ask(self._remark(caller, asked.contact, asked.text))
        await self._house.ask(plain(i.EndHelp(asked.contact, answered=True)))

    # ---- inside --------------------------------------------------------------------------------------------------

    def _choice(self, state: State, contact: Contact, name: str) -> QueueChoice:
        queue, now = state.configuration.queues[name], self._house.now()
        obstacle = obstacle_to(state, contact, name)
        change = seconds_to_change(queue.hours, self._house.local(now))
        expected = of_newcomer(state, name, contact.card.channel, now) if obstacle is None else None
        limits, live = queue.second_line, CHANNELS[contact.card.channel].live
        return QueueChoice(
            queue=name,
            title=self._house.titles.get(name, ""),
            way="leave" if obstacle is not None else "send",
            obstacle=obstacle,
            open=state.is_open(name),
            changes_at=now + change if change is not None else None,
            waiting=state.lines.waiting.get(name, 0),
            low=expected.low if expected is not None else None,
            high=expected.high if expected is not None else None,
            comes_back=(limits.live if live else limits.deferred) if limits is not None else None,
        )

    def _remark(self, caller: Caller, id_: str, text: str) -> Wording:
        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            contact = seen_by(caller, state, id_)
            card = thread_of(state, contact.card)
            words = self._words(remark_id(card.id, card.remarks + 1), text, caller.agent or caller.name)
            return i.AddRemark(id_, caller.agent), words

        return word

    def _words(self, id_: str, text: str, writer: str) -> tuple[Secret, ...]:
        return (Secret(id_, "remark", text.strip()), Secret(id_, "by", by_whom(writer, self._house.now())))


async def _views(values: Values, contact: str, count: int | None) -> tuple[RemarkView, ...]:
    """Return remarks; when nobody knows how many there are, as far as they are kept."""
    views: list[RemarkView] = []
    blanks, number = 0, 0
    while number < count if count is not None else blanks < BLANKS_MAX:
        number += 1
        kept = await values.personal(remark_id(contact, number))
        _, writer, at = written_by(kept.get("by", ""))
        blanks = 0 if "remark" in kept else blanks + 1
        views.append(RemarkView(remark=number, writer=writer, at=at, text=kept.get("remark", "")))
    return tuple(views if count is not None else views[: len(views) - blanks])
