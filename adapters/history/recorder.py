"""From facts to rows and tallies. The same facts give the same batches, however they are cut into batches.

The recorder remembers only what is still open; `memory` is kept beside the journal's position, so that a restart goes
on where it was. It looks at the state after each turn: a contact's segments and an agent's states are levels, not edges
(docs/decisions/0001). What becomes of contacts it is told by `metrics.following`, as the figures of the day are.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, field, structs

from adapters.history.batch import Batch, Kind, Subject, SurveyKind, Tally
from adapters.history.crises import Crises
from adapters.history.rows import (
    GAP,
    AgentStateRow,
    AnnouncedRow,
    AskRow,
    CallbackRow,
    ContactRow,
    CrisisRow,
    MessageRow,
    OfferRow,
    SegmentRow,
)
from adapters.history.stages import Position, position_of
from metrics.days import day_of
from metrics.figures import TALK_S, Settled, Truth
from metrics.following import OUTBOUND, Following, Known, Told, talks
from metrics.formulas import GOES_ON
from metrics.present import state_of
from queues.channels import CHANNELS
from router import facts as f
from router.agent import Agent, LoggedOut, Paused
from router.contact import Connected, Contact
from router.state import State

MATTER_S: Final = 30 * 86_400.0
"""A matter that has rested for so long is forgotten here: who comes again then begins anew."""
HELPS: Final[frozenset[f.Outcome]] = frozenset({"served", "connected"})
"""Outcomes of contacts in which somebody could help."""
HANDED_ON: Final = (f.ContactHandedOver, f.ContactForwarded)


class Open(Struct, array_like=True):
    """A contact that has not ended, or that an agent still wraps up."""

    row: ContactRow
    kind: Kind
    ask: AskRow | None = None
    segment: SegmentRow | None = None
    position: Position | None = None
    talks_since: float | None = None
    held_since: float | None = None
    at_desk_since: float | None = None
    asks: int = 0
    segments: int = 0
    people: tuple[str, ...] = ()
    """Whom the citizen has talked with, in turn, in this and the contacts that led here."""
    helping_since: float | None = None
    """When the talk with the last of them began."""
    first: float = 0.0
    """When the citizen first came with this matter."""
    made: int = 1
    """Contacts made in it so far."""
    subject: tuple[str, Kind, Subject] | None = None
    """Under what it was counted last."""
    turns: dict[str, SegmentRow] = field(default_factory=dict)
    """The last segment of each agent that is over; never the present one: a row stands in one place here."""
    left: bool = False
    """Left for others, as a contact of its own: helped is who that one helps."""
    crises: tuple[str, ...] = ()
    """Those whose announcements the citizen was told."""


class Matter(Struct, array_like=True):
    """What must be remembered of a matter between its contacts."""

    first: float
    made: int
    last: float


class Memory(Struct, array_like=True):
    """All that is open."""

    open: dict[str, Open] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    offers: dict[str, OfferRow] = field(default_factory=dict)
    agents: dict[str, AgentStateRow] = field(default_factory=dict)
    counted: dict[str, float] = field(default_factory=dict)
    """Agent to the time up to which the present state was counted."""
    wraps: dict[tuple[str, str], float] = field(default_factory=dict)
    """Agent and contact to the beginning of wrap-up."""
    callbacks: dict[str, CallbackRow] = field(default_factory=dict)
    matters: dict[str, Matter] = field(default_factory=dict)
    """In the order of their last contact."""
    last_at: float = 0.0
    crises: dict[str, CrisisRow] = field(default_factory=dict)
    """Those that the house still knows of."""


class Recorder:
    """Follows the journal."""

    def __init__(self, local: Callable[[float], datetime], memory: Memory | None = None) -> None:
        """`local` turns UTC seconds into naive local time: days begin at midnight there."""
        self.memory = memory or Memory()
        self.batch = Batch()
        self._local = local
        self._following = Following(self, self.memory.known)
        self._crises = Crises(self.memory.crises, lambda row: self.batch.row(row))
        self._at = 0.0
        """Of the present turn; it never goes back."""
        self._day, self._day_end = "", 0.0
        self._agents: dict[str, Agent] = {}
        """As they were seen last."""
        self._touched: dict[str, f.AnyFact] = {}
        """Contact to the last fact about it in this turn."""
        self._handed_on: set[str] = set()
        """Contacts that an agent passed on in this turn."""
        if self.memory.last_at:
            self._set_day(self.memory.last_at)

    def decided(self, facts: Sequence[f.AnyFact], state: State) -> None:
        """Take in the facts of a turn, with the state they led to."""
        at = self._at = max(facts[-1].at, self.memory.last_at)
        if type(facts[0]) is f.LeaderChanged:
            self._pause(self.memory.last_at)
        if at >= self._day_end:
            self._new_day(at)
        self._touched.clear()
        self._handed_on.clear()
        for fact in facts:
            handle = _BEFORE.get(type(fact))
            if handle is not None:
                handle(self, fact, state)
            self._following.take(fact, state)
            contact = getattr(fact, "contact", "")
            if contact in self.memory.open:
                self._touched[contact] = fact
        for contact, fact in self._touched.items():
            self._look(self.memory.open[contact], state.contacts.get(contact), fact)
        self._look_at_agents(state, at)
        for contact in self._touched:
            self._forget(contact)
        self.memory.last_at = at

    def take(self) -> Batch:
        """Return what has come together, with agents' time up to the last fact, and begin anew."""
        self._count_presence(self.memory.last_at)
        batch, self.batch = self.batch, Batch()
        return batch

    def skip(self, state: State, at: float) -> None:
        """Go on from another state: facts in between are lost. What is not there any more ended, nobody knows how."""
        self._pause(self.memory.last_at)
        self._new_day(at)
        for id_ in [id_ for id_ in self.memory.open if id_ not in state.contacts]:
            one = self.memory.open.pop(id_)
            self._close(one, at, GAP)
            if one.ask is not None and one.ask.settled is None:
                one.ask.settled, one.ask.outcome = at, "withdrawn"
                self._tally(one.kind).figures.withdrawn += 1
                self.batch.row(one.ask)
            one.row.ended, one.row.outcome = at, GAP
            self.batch.row(one.row)
            self.memory.known.pop(id_, None)
        standing = {id_ for id_ in self.memory.offers if id_ in state.offers}
        for id_ in self.memory.offers.keys() - standing:
            self._offer_ended(id_, at, GAP)
        for id_ in self.memory.callbacks.keys() - state.callbacks.keys():
            self._callback_closed(id_, at, GAP)
        self._crises.skip(state, at)
        self._agents = {}
        self._look_at_agents(state, at)
        self.memory.last_at = at

    # ---- days --------------------------------------------------------------------------------------------------

    def _new_day(self, at: float) -> None:
        """Count agents' time in each day up to `at`, and begin that day."""
        while self._day and at >= self._day_end and self.memory.agents:
            self._count_presence(self._day_end)
            self._set_day(self._day_end)
        self._set_day(at)

    def _set_day(self, at: float) -> None:
        _, self._day_end = day_of(self._local, at)
        self._day = self._local(at).date().isoformat()

    def _tally(self, kind: Kind) -> Tally:
        return self.batch.tally(self._day, kind)

    # ---- contacts ----------------------------------------------------------------------------------------------

    def _arrived(self, fact: f.ContactArrived, _: State) -> None:
        if fact.phone or CHANNELS[fact.channel].inward:
            return  # one of the house dials a code, or asks colleagues: no contact of a citizen
        channel = fact.channel if fact.destination is None else OUTBOUND
        row = ContactRow(
            fact.contact, channel, fact.entry, fact.at, fact.person, fact.matter or fact.contact, fact.language
        )
        one = Open(row, Kind(channel, "", fact.language, "", fact.entry), first=fact.at)
        origin = self.memory.open.get(fact.about)
        if origin is not None:  # left for others by an agent: the citizen did not come again
            one.first, one.made, one.people, origin.left = origin.first, origin.made, origin.people, True
        elif not fact.about:
            self._join(one, row.matter)
        self._begin(one)

    def _promised(self, fact: f.CallbackRegistered, _: State) -> None:
        origin = self.memory.open.get(fact.contact)
        came = origin.row if origin is not None else ContactRow(fact.contact, "callback", "", fact.at)
        needs = " ".join(sorted(need.skill for need in fact.own_needs))
        row = ContactRow(
            fact.callback,
            "callback",
            came.entry,
            fact.at,
            fact.person,
            came.matter or fact.callback,
            came.language,
            needs,
        )
        one = Open(row, Kind("callback", "", came.language, needs, came.entry), first=fact.at)
        if origin is not None:
            one.first, one.made, one.people = origin.first, origin.made, origin.people
        self._begin(one)
        self._tally(one.kind._replace(queue=fact.queue)).work.callbacks_promised += 1
        promise = CallbackRow(fact.callback, fact.contact, fact.queue, fact.at, fact.due, fact.agent)
        self.memory.callbacks[fact.callback] = promise
        self.batch.row(promise)

    def _begin(self, one: Open) -> None:
        self.memory.open[one.row.id] = one
        self.batch.row(one.row)

    def _spoken(self, fact: f.LanguageChosen, _: State) -> None:
        one = self.memory.open.get(fact.contact)
        if one is not None:
            one.row.language = fact.language
            one.kind = one.kind._replace(language=fact.language)
            self.batch.row(one.row)

    def _joined(self, fact: f.MatterJoined, _: State) -> None:
        one = self.memory.open.get(fact.contact)
        if one is not None:
            one.row.matter = fact.matter
            self._join(one, fact.matter)
            self.batch.row(one.row)

    def _told(self, fact: f.PersonTold, _: State) -> None:
        one = self.memory.open.get(fact.contact)
        if one is not None:
            one.row.person = fact.person
            self.batch.row(one.row)

    def _join(self, one: Open, matter: str) -> None:
        """Count on from the contacts that were made in a matter before."""
        before = self.memory.matters.get(matter)
        if before is not None:
            one.first, one.made = min(one.first, before.first), before.made + 1

    def _described(self, fact: f.ContactDescribed, _: State) -> None:
        values = {
            "reason": fact.reason, "avoidable": fact.avoidable, "gap": fact.gap, "follow_up": fact.follow_up,
            "described_by": fact.agent,
        }  # fmt: skip
        one = self.memory.open.get(fact.contact)
        if one is None:
            self.batch.patch("contacts", (fact.contact,), **values)
            return
        for name, value in values.items():
            setattr(one.row, name, value)
        self.batch.row(one.row)
        if one.subject is not None:
            self._count_subject(one.subject, -1)
        one.subject = (self._day, one.kind, Subject(fact.reason, fact.avoidable, fact.gap))
        self._count_subject(one.subject, 1)

    def _count_subject(self, counted: tuple[str, Kind, Subject], number: int) -> None:
        day, kind, subject = counted
        work = self.batch.tally(day, kind).work
        work.described += number
        work.avoidable += number * bool(subject.avoidable)
        work.gaps += number * bool(subject.gap)
        self.batch.subject(day, kind, subject, number)

    def _handed(self, fact: f.ContactHandedOver | f.ContactForwarded, _: State) -> None:
        if fact.agent:
            self._handed_on.add(fact.contact)

    def _returned(self, fact: f.ContactReturned, _: State) -> None:
        if fact.cause == "sent_on":
            self._handed_on.add(fact.contact)

    # ---- what is told of them (metrics.following.Sink) -----------------------------------------------------------

    def asked(self, contact: str, known: Known, _: State) -> None:
        """Begin a row for the queue asked for."""
        one = self.memory.open[contact]
        one.asks += 1
        one.row.queue = known.queue
        one.row.needs = " ".join(sorted(known.needs)) or one.row.needs
        one.kind = one.kind._replace(queue=known.queue, needs=one.row.needs)
        kind = one.kind
        one.ask = AskRow(
            contact, one.asks, kind.channel, kind.queue, kind.language, kind.needs, kind.entry, known.asked
        )
        self._tally(kind).figures.arrived += 1
        self.batch.row(one.ask)
        self.batch.row(one.row)

    def settled(self, contact: str, known: Known, settled: Settled) -> None:
        """End that row."""
        ask = self.memory.open[contact].ask
        if ask is None:
            return
        ask.settled, ask.outcome, ask.obstacle = settled.at, settled.what, settled.obstacle
        ask.waited, ask.in_target = settled.waited, settled.in_target
        self._tally(_kind(ask)).figures.settle(settled)
        self.batch.row(ask)

    def told(self, contact: str, known: Known, told: Told, truth: Truth | None, off: float) -> None:
        """Keep an announced wait, now that it is known whether it was right."""
        said, low, high = told
        self.batch.row(AnnouncedRow(contact, said, known.queue, low, high, truth or "", off))
        if truth is not None:
            self._tally(self.memory.open[contact].kind).figures.tell(truth, off)

    def talked(self, contact: str, known: Known, seconds: float, at: float) -> None:
        """Count a talk; the seconds of each agent are kept with the segments."""
        self._tally(self._asked_kind(contact, known)).figures.talk.add(seconds, TALK_S)

    def spoke(self, contact: str, known: Known, agent: str, seconds: float) -> None:
        """Leave an agent's part of a talk to the segments."""

    def over(self, contact: str, known: Known, fact: f.ContactEnded) -> None:
        """End a contact."""
        one = self.memory.open[contact]
        row = one.row
        row.queue = known.queue
        row.ended, row.outcome, row.resumed_by, row.reached = self._at, fact.outcome, fact.resumed_by, known.reached
        self._put_down(one, self._at)
        if fact.outcome == "abandoned" and not known.reached:
            self._crises.left(one.crises)
        row.helped = fact.outcome in HELPS and bool(one.people) and not one.left
        row.people_met, row.contacts_made = len(one.people), one.made
        if row.helped and one.helping_since is not None:
            row.until_help = one.helping_since - one.first
        self.batch.row(row)
        if fact.outcome not in GOES_ON:
            self._count_end(one, known)
        self._remember(one, self._at)
        follower = self.memory.open.get(fact.resumed_by or "")
        if follower is not None:
            follower.first, follower.people = min(follower.first, one.first), one.people + follower.people
            follower.made = max(follower.made, one.made + 1)

    def _count_end(self, one: Open, known: Known) -> None:
        row, work = one.row, self._tally(self._asked_kind(one.row.id, known)).work
        work.ended += 1
        work.reached += known.reached
        work.passed_on += known.reached and row.passed_on
        if row.helped and row.until_help is not None:
            work.helped += 1
            work.people_met += row.people_met
            work.contacts_made += row.contacts_made
            work.until_help += row.until_help

    def _asked_kind(self, contact: str, known: Known) -> Kind:
        """Return the kind under which a contact counts now: as it asked, or with the queue an agent rang for."""
        return self.memory.open[contact].kind._replace(queue=known.queue)

    def _remember(self, one: Open, at: float) -> None:
        matters = self.memory.matters
        matters.pop(one.row.matter, None)
        matters[one.row.matter] = Matter(one.first, one.made, at)
        while matters[oldest := next(iter(matters))].last < at - MATTER_S:
            del matters[oldest]

    # ---- segments ----------------------------------------------------------------------------------------------

    def _look(self, one: Open, contact: Contact | None, fact: f.AnyFact) -> None:
        """Compare where a contact is with where it was."""
        at, position = self._at, position_of(contact) if contact is not None else None
        if position != one.position:
            if one.segment is not None:
                self._close(one, at, _why(fact))
            one.position = position
            if position is not None:
                self._enter(one, position, at)
        self._look_at_talk(one, contact, at)

    def _enter(self, one: Open, position: Position, at: float) -> None:
        one.segments += 1
        one.segment = SegmentRow(one.row.id, one.segments, position.stage, position.queue, position.agent, at)
        self._meet(one, position, at)
        self.batch.row(one.segment)

    def _look_at_talk(self, one: Open, contact: Contact | None, at: float) -> None:
        """Note who talks, who is on hold, and whose work is set aside."""
        here = contact if isinstance(contact, Connected) else None
        talking = talks(contact)
        held = here is not None and here.card.leg in here.held
        working = here is not None and not here.aside
        if not (talking and held and working):
            self._count_talk(one, at, talking=talking, held=held, working=working)
        if talking and one.talks_since is None:
            one.talks_since = at
            assert one.position is not None  # who talks is somewhere
            self._meet(one, one.position, at)
        one.held_since = at if held and one.held_since is None else one.held_since
        one.at_desk_since = at if working and one.at_desk_since is None else one.at_desk_since

    def _count_talk(self, one: Open, at: float, *, talking: bool, held: bool, working: bool) -> None:
        """Count what has ended of talk, hold and work at the desk."""
        segment = one.segment
        if one.talks_since is not None and not talking:
            if segment is not None:
                segment.talk += at - one.talks_since
                self.batch.row(segment)
            one.talks_since = None
        if one.held_since is not None and not held:
            if segment is not None:
                segment.hold += at - one.held_since
                self.batch.row(segment)
            self._tally(_worked(one, segment)).work.hold += at - one.held_since
            one.held_since = None
        if one.at_desk_since is not None and not working:
            self._tally(_worked(one, segment)).work.desk += at - one.at_desk_since
            one.at_desk_since = None

    def _put_down(self, one: Open, at: float) -> None:
        self._count_talk(one, at, talking=False, held=False, working=False)

    def _close(self, one: Open, at: float, why: str) -> None:
        """End the segment a contact is in."""
        segment = one.segment
        if segment is None:
            return
        self._put_down(one, at)
        segment.ended, segment.why = at, why
        self.batch.row(segment)
        if segment.stage == "agent":
            one.turns[segment.agent] = segment
        if segment.stage == "agent" and segment.talk > 0:
            work = self._tally(_worked(one, segment)).work
            work.handled += 1
            if one.row.id in self._handed_on:
                work.handed_on += 1
        if one.row.id in self._handed_on and segment.stage == "agent" and not one.row.passed_on:
            one.row.passed_on = True
            self.batch.row(one.row)
        one.segment = None

    def _meet(self, one: Open, position: Position, at: float) -> None:
        """Note with whom the citizen talks now."""
        who = position.agent if position.stage == "agent" and one.talks_since is not None else ""
        if position.stage == "outside":
            who = "outside"
        if who and (not one.people or one.people[-1] != who):
            one.people += (who,)
            one.helping_since = at

    def _forget(self, contact: str) -> None:
        """Drop a contact that has ended once no agent wraps it up any more."""
        one = self.memory.open.get(contact)
        if one is not None and one.row.ended is not None:
            if not any(wrapped == contact for _, wrapped in self.memory.wraps):
                del self.memory.open[contact]

    # ---- offers ------------------------------------------------------------------------------------------------

    def _offered(self, fact: f.OfferMade, _: State) -> None:
        one = self.memory.open.get(fact.contact)
        queue = one.row.queue if one is not None else ""
        offer = OfferRow(fact.offer, fact.contact, fact.agent, queue, fact.rule, fact.step, fact.at)
        self.memory.offers[fact.offer] = offer
        self.batch.row(offer)

    def _accepted(self, fact: f.OfferAccepted, _: State) -> None:
        self._offer_ended(fact.offer, fact.at, "accepted")

    def _refused(self, fact: f.OfferDeclined | f.OfferMissed | f.OfferWithdrawn, _: State) -> None:
        self._offer_ended(fact.offer, fact.at, fact.cause)

    def _offer_ended(self, id_: str, at: float, outcome: str) -> None:
        offer = self.memory.offers.pop(id_, None)
        if offer is not None:
            offer.ended, offer.outcome = at, outcome
            self.batch.row(offer)

    # ---- callbacks and messages ----------------------------------------------------------------------------------

    def _attempted(self, fact: f.CallbackAttempted, _: State) -> None:
        promise = self.memory.callbacks.get(fact.callback)
        if promise is not None:
            promise.attempts += 1
            self.batch.row(promise)

    def _elsewhere(self, fact: f.CallbackHandedOver, _: State) -> None:
        promise = self.memory.callbacks.get(fact.callback)
        if promise is not None:
            promise.queue = fact.queue
            self.batch.row(promise)

    def _kept(self, fact: f.CallbackClosed, _: State) -> None:
        self._callback_closed(fact.callback, fact.at, fact.cause)

    def _callback_closed(self, id_: str, at: float, cause: str) -> None:
        promise = self.memory.callbacks.pop(id_, None)
        if promise is None:
            return
        promise.closed, promise.cause = at, cause
        self.batch.row(promise)
        one = self.memory.open.get(id_)
        kind = one.kind if one is not None else Kind("callback", promise.queue, "", "", "")
        work = self._tally(kind._replace(queue=promise.queue)).work
        match cause:
            case "kept":
                work.callbacks_kept += 1
            case "cancelled":
                work.callbacks_cancelled += 1
            case "reached_otherwise":
                work.callbacks_needless += 1
            case _:
                work.callbacks_failed += 1

    def _written(self, fact: f.MessageAdded, _: State) -> None:
        self.batch.row(MessageRow(fact.contact, fact.number, fact.author, fact.agent, fact.at, fact.automatic))
        one = self.memory.open.get(fact.contact)
        if one is not None and fact.author != "house":
            work = self._tally(one.kind).work
            if fact.author == "citizen":
                work.messages_in += 1
            else:
                work.messages_out += 1

    def _sent(self, fact: f.MessageSent, _: State) -> None:
        self.batch.patch("messages", (fact.contact, fact.number), sent=fact.at, failed="")

    def _failed(self, fact: f.MessageFailed, _: State) -> None:
        self.batch.patch("messages", (fact.contact, fact.number), failed=fact.cause)

    # ---- crises ------------------------------------------------------------------------------------------------

    def _crisis_changed(
        self, fact: f.CrisisStarted | f.CrisisAmended | f.CrisisSaid | f.CrisisEnded, state: State
    ) -> None:
        self._crises.changed(fact.crisis, state)

    def _helper(self, fact: f.HelperJoined, state: State) -> None:
        self._crises.helped(fact, state)

    def _announcement_told(self, fact: f.AnnouncementTold, _: State) -> None:
        one = self.memory.open.get(fact.contact)
        if one is not None:
            one.crises = self._crises.told(one.crises, fact)

    def _queued(self, fact: f.ContactQueued, state: State) -> None:
        known = self.memory.known.get(fact.contact)
        if known is not None and known.queue != fact.queue:
            self._crises.queued(fact, state)

    def _visit(self, fact: f.VisitBegan, state: State) -> None:
        self._crises.visited(fact.site, state)

    def _way_out(self, fact: f.WayOutTaken, state: State) -> None:
        self._crises.called_back(fact, state)

    # ---- how it was ----------------------------------------------------------------------------------------------

    def _survey_asked(self, fact: f.SurveyAsked, _: State) -> None:
        one = self.memory.open.get(fact.contact)
        if one is not None:
            kind = SurveyKind(one.row.channel, fact.queue, one.row.language, fact.scale)
            self.batch.survey(self._day, kind)

    def _survey_invited(self, fact: f.SurveyInvited, _: State) -> None:
        self.batch.survey(self._day, SurveyKind(fact.channel, fact.queue, fact.language, fact.scale))

    def _survey_answered(self, fact: f.SurveyAnswered, _: State) -> None:
        """Count an answer where the question was counted."""
        one = self.memory.open.get(fact.contact)
        channel = one.row.channel if one is not None else fact.channel
        day = self._local(fact.asked or fact.at).date().isoformat()
        self.batch.survey(day, SurveyKind(channel, fact.queue, fact.language, fact.scale), fact.answer)

    # ---- agents ------------------------------------------------------------------------------------------------

    def _look_at_agents(self, state: State, at: float) -> None:
        """Compare how each agent is with how it was."""
        seen = self._agents
        for id_, agent in state.agents.items():
            if seen.get(id_) is not agent:
                self._look_at_agent(id_, agent, at)
                seen[id_] = agent
        if len(seen) != len(state.agents):
            for id_ in [id_ for id_ in seen if id_ not in state.agents]:
                self._leave(id_, at)
                self._wrap_up(id_, {}, at)
                del seen[id_]

    def _look_at_agent(self, id_: str, agent: Agent, at: float) -> None:
        label, reason = state_of(agent), agent.reason if isinstance(agent, Paused) else ""
        before = self.memory.agents.get(id_)
        if before is None or (before.state, before.reason) != (label, reason):
            self._leave(id_, at)
            if not isinstance(agent, LoggedOut):
                self.memory.agents[id_] = row = AgentStateRow(id_, at, label, reason)
                self.memory.counted[id_] = at
                self.batch.row(row)
        self._wrap_up(id_, {work.contact: work.since for work in agent.desk.work if work.wrapping_up}, at)

    def _leave(self, id_: str, at: float) -> None:
        """End the state an agent was in."""
        row = self.memory.agents.pop(id_, None)
        if row is not None:
            self._count_agent(row, at)
            del self.memory.counted[id_]
            row.ended = at
            self.batch.row(row)

    def _wrap_up(self, agent: str, now: dict[str, float], at: float) -> None:
        """Begin and end the wrap-ups at an agent's desk."""
        wraps = self.memory.wraps
        for key in [key for key in wraps if key[0] == agent and key[1] not in now]:
            since, one = wraps.pop(key), self.memory.open.get(key[1])
            if one is not None:
                turn = one.turns.get(agent)
                self._tally(_worked(one, turn)).work.wrap_up += at - since
                if turn is not None:
                    turn.wrap_up += at - since
                    self.batch.row(turn)
                if key[1] not in self._touched:
                    self._forget(key[1])
        for contact in now:
            _ = wraps.setdefault((agent, contact), at)

    def _pause(self, at: float) -> None:
        """Count no agent's time from `at` on, until the next look: nobody led, so nobody knows."""
        for id_ in list(self.memory.agents):
            self._leave(id_, at)
        self._agents = {}

    def _count_presence(self, at: float) -> None:
        for row in self.memory.agents.values():
            self._count_agent(row, at)

    def _count_agent(self, row: AgentStateRow, at: float) -> None:
        since = self.memory.counted[row.agent]
        if at > since:
            self.batch.present(self._day, row.state, at - since)
            self.memory.counted[row.agent] = at


def _kind(ask: AskRow) -> Kind:
    return Kind(ask.channel, ask.queue, ask.language, ask.needs, ask.entry)


def _worked(one: Open, segment: SegmentRow | None) -> Kind:
    """Return under what work counts: where it was done, and not where the contact went from there."""
    return one.kind if segment is None else one.kind._replace(queue=segment.queue)


def _why(fact: f.AnyFact) -> str:
    """Return the cause that a fact names, or else what it is."""
    fields = structs.asdict(fact)
    return str(
        fields.get("cause") or fields.get("outcome") or fields.get("obstacle") or type(fact).__struct_config__.tag
    )


_BEFORE: Final[dict[type, Callable[[Recorder, Any, State], None]]] = {
    f.ContactArrived: Recorder._arrived,
    f.CallbackRegistered: Recorder._promised,
    f.LanguageChosen: Recorder._spoken,
    f.MatterJoined: Recorder._joined,
    f.PersonTold: Recorder._told,
    f.ContactDescribed: Recorder._described,
    **dict.fromkeys(HANDED_ON, Recorder._handed),
    f.ContactReturned: Recorder._returned,
    f.OfferMade: Recorder._offered,
    f.OfferAccepted: Recorder._accepted,
    f.OfferDeclined: Recorder._refused,
    f.OfferMissed: Recorder._refused,
    f.OfferWithdrawn: Recorder._refused,
    f.CallbackAttempted: Recorder._attempted,
    f.CallbackClosed: Recorder._kept,
    f.CallbackHandedOver: Recorder._elsewhere,
    f.MessageAdded: Recorder._written,
    f.MessageSent: Recorder._sent,
    f.MessageFailed: Recorder._failed,
    **dict.fromkeys((f.CrisisStarted, f.CrisisAmended, f.CrisisSaid, f.CrisisEnded), Recorder._crisis_changed),
    f.HelperJoined: Recorder._helper,
    f.AnnouncementTold: Recorder._announcement_told,
    f.ContactQueued: Recorder._queued,
    f.VisitBegan: Recorder._visit,
    f.WayOutTaken: Recorder._way_out,
    f.SurveyAsked: Recorder._survey_asked,
    f.SurveyInvited: Recorder._survey_invited,
    f.SurveyAnswered: Recorder._survey_answered,
}
