"""How a contact goes through a flow: one function moves its session on.

    begin(flows, name, world) -> Moved(session, action, effects)
    step(flows, session, event, world) -> Moved | None

An action is what should happen now; the event that follows it moves the session on. An event that does not fit
the position (a late prompt end, a digit nobody asked for) gives None: nothing happens.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import structs

from ivr import actions as a
from ivr import promising
from ivr.flow import (
    START,
    Act,
    Announcement,
    Asking,
    Collect,
    Connect,
    Drop,
    Enter,
    Flow,
    Form,
    HangUp,
    Keep,
    Language,
    Mail,
    Menu,
    Node,
    Open,
    Promise,
    Promised,
    Record,
    Return,
    Run,
    Say,
    Set,
    Standing,
    Ticket,
    Ticketed,
    Times,
)
from ivr.phrase import BEEP, Digits, Phrase, Recorded
from ivr.session import KEYS, NONE, SHORTEST, Flows, Frame, Moved, Session, filed, typing
from queues.hours import is_open
from queues.skills import Needs, signature

YES: Final = "1"
NO: Final = "2"
AGAIN: Final = "3"
HOPS_MAX: Final = 1000
"""Nodes gone through without a rest; a configuration that could exceed it is refused (`engine.config.flows`)."""
ANSWERED_WITHIN: Final = 5.0
"""Seconds in which a recording is complete, or digits are checked; else it counts as no answer."""
WRITTEN_WITHIN: Final = 600.0
"""Seconds in which a citizen who writes answers: time to look something up, or to see to the child."""


def begin(
    flows: Flows,
    name: str,
    world: a.World,
    *,
    language: str = "",
    patience: float = 1.0,
    turn: int = 0,
    written: bool = False,
    text: bool = False,
    person: str | None = None,
) -> Moved:
    """Enter a flow at its start. `turn` is one that no earlier session of the contact has come to: turns tell answers
    and filings apart."""
    session = Session(name, START, turn, language=language, patience=patience, written=written, text=text)
    if person is not None:
        session = structs.replace(session, person=person, proposed=True)
    return _Step(flows, world, session).go_on()


def step(flows: Flows, session: Session, event: a.Event, world: a.World) -> Moved | None:
    """Move a session by an event; None when the event does not concern its position."""
    going = _Step(flows, world, session)
    match event:
        case a.Key():
            return going.key(event.digit) if event.digit in KEYS else None
        case a.Typed():
            return going.typed(event)
        case a.Recorded():
            return going.recorded(event)
        case a.Written() if event.key and not session.written:
            return going.key(event.key)
        case a.Written():
            return going.written(event)
        case _ if event.turn != session.turn:
            return None
        case a.Ended():
            return going.prompt_ended()
        case a.Silence():
            return going.silence()
        case a.Checked():
            return going.checked(event) if session.stage == "checking" else None
        case a.Acted():
            return going.acted(event.done)
        case a.NotConnected():
            return going.not_connected(event.cause)


def _mailed(mail: Mail, session: Session, person: str | None) -> a.Mailed:
    needs = signature(session.needs + mail.needs)
    priority = session.priority * mail.priority
    return a.Mailed(session.filing, mail.mailbox, person, mail.queue, needs, priority, session.notes)


class _Step:
    """One move of a session, in the making."""

    def __init__(self, flows: Flows, world: a.World, session: Session) -> None:
        self.flows = flows
        self.world = world
        self.session = session
        self.effects: list[a.Effect] = []

    @property
    def flow(self) -> Flow:
        return self.flows[self.session.flow]

    @property
    def node(self) -> Node:
        return self.flow.nodes[self.session.node]

    @property
    def asked(self) -> Asking | None:
        """The question that is being asked."""
        node = self.node
        if isinstance(node, Form):
            return node.questions[self.session.question]
        return node if isinstance(node, Asking) else None

    # ---- going -------------------------------------------------------------------------------------------------

    def enter(self, name: str) -> Moved:
        """Go to a node, and on until one rests."""
        self._set(node=name, tries=0, stage="asking", question=0, typed=0, sound=False)
        return self.go_on()

    def go_on(self) -> Moved:
        """Go on from a node that has just been entered, until one rests."""
        for _ in range(HOPS_MAX):
            node = self.node
            following = self._reads(node) if self.session.written else self._passes(node)
            if following is None:
                return self._rest_at(node)
            self._set(node=following, tries=0, stage="asking", question=0, typed=0, sound=False)
        raise AssertionError(f"flow {self.session.flow} goes round for ever at {self.session.node}")

    def _set(self, **changes: object) -> None:
        self.session = structs.replace(self.session, **changes)

    def _passes(self, node: Node) -> str | None:
        """Do what a node does that does not rest; return what follows, None when it rests."""
        session = self.session
        match node:
            case Enter() | Say() | Menu():  # these few come most often
                return None
            case Mail():  # who speaks is asked for no address
                return node.otherwise
            case Announcement() if not self._is_up(node):
                return node.next
            case Open():
                return self._by_hours(node)
            case Set():
                self._note(node)
                return node.next
            case Run():
                self._set(flow=node.flow, frames=(*session.frames, Frame(session.flow, node.next)))
                return START
            case Return() if session.frames:
                back = session.frames[-1]
                self._set(flow=back.flow, frames=session.frames[:-1])
                return back.node
            case Keep():
                self.effects.append(a.Kept(node.prompt, session.filing, node.recording))
                return node.next
            case Drop():
                self.effects.append(a.Dropped(node.prompt))
                return node.next
            case _:
                return self._calls(node)

    def _calls(self, node: Node) -> str | None:
        """Do what a node about a call does that does not rest; return what follows, None when it rests."""
        session, world = self.session, self.world
        match node:
            case Times():
                slots = promising.offered(world, node.queue)
                self._set(offered=slots, slot=None)
                return None if slots else node.next
            case Promise():
                start = session.slot.start if session.slot is not None else None
                hindrance = world.hindrance(node.queue, session.person, start)
                if hindrance:
                    return node.already if hindrance == "already" else node.taken
                self.effects.append(
                    a.Called(node.queue, session.person, start, session.needs, session.priority, session.notes)
                )
                return node.next
            case Ticket():
                ticket = world.next_ticket(node.site, node.service)
                if ticket is None:
                    return node.closed
                self._set(ticket=ticket)
                person = session.person if session.proposed else ""
                filing = f"visit{session.turn + 1}"
                self.effects.append(a.Ticketed(filing, node.site, node.service, person, session.needs))
                return node.next
            case Standing():
                known = world.promised(node.queue, session.person) if session.person else None
                if known is None:
                    return node.next
                self._set(slot=promising.slot_of(world, known.start) if known.start is not None else None)
                return None
            case _:
                return None

    def _reads(self, node: Node) -> str | None:
        """Do what a node does that does not rest where the citizen reads: what would be said is shown, and passed."""
        match node:
            case Say() | Announcement() if isinstance(node, Say) or self._is_up(node):
                self.effects.append(a.Shown(self._told(node)))
                return node.next
            case Collect() if node.caller and self.session.proposed:
                return node.next
            case Menu() if not node.offered and not self.session.text:
                self.effects.append(a.Shown((Phrase(node.prompt),)))
                return node.otherwise
            case Connect():  # nobody can be rung for who writes
                return node.otherwise
            case Mail():
                return None
            case _:
                return self._passes(node)

    def _told(self, node: Say | Announcement) -> tuple[Phrase, ...]:
        """Return what a node says that asks nothing."""
        match node:
            case Promised():
                digits = promising.number(self.session.proposed)
                return (promising.dated(node.prompt, node.at, self.session.slot, digits=digits),)
            case Ticketed():
                return tuple(promising.ticketed(node.prompt, node.wait, self.session.ticket))
            case _:
                return (Phrase(node.prompt),)

    def _is_up(self, node: Announcement) -> bool:
        language = self.session.language
        return language in node.languages or self.world.recorded(language, node.prompt)

    def _by_hours(self, node: Open) -> str:
        world = self.world
        hours = world.hours(node.hours) if node.hours else world.queue_hours(node.queue)
        if is_open(hours, world.local):
            return node.open
        return node.special.get(hours.names.get(world.local.date(), ""), node.closed)

    def _note(self, node: Set) -> None:
        session = self.session
        self._set(
            needs=signature(session.needs + node.needs),
            priority=session.priority * node.priority,
            notes=tuple(sorted((dict(session.notes) | node.notes).items())),
        )
        if node.language:
            self._choose(node.language)
        if node.citizen or node.keep:
            self.effects.append(a.Needed(node.citizen, node.keep))

    def _choose(self, language: str) -> None:
        self._set(language=language)
        self.effects.append(a.Chosen(language))

    def _rest_at(self, node: Node) -> Moved:
        match node:
            case Enter():
                return self._queue(node.queue, node.needs, node.priority)
            case Say() | Announcement():
                return self._rest(a.Speak(phrases=self._told(node)), tries=1)
            case Connect():
                return self._rest(a.Connecting(node.kind, node.key, node.timeout))
            case Act():
                return self._rest(a.Acting(node.what, node.argument, self.session.agent, self.session.crisis))
            case HangUp() | Return():
                return self._rest(a.Finished())
            case Form():
                self._set(filing=f"{node.channel}{self.session.turn + 1}")
            case Mail():
                self._set(filing=f"mail{self.session.turn + 1}")
            case Record():
                self._set(filing=f"recording{self.session.turn + 1}")
            case Collect() if node.caller and self.session.proposed:
                self._set(stage="confirm")
            case _:
                pass
        return self._ask()

    def _queue(self, queue: str, needs: Needs = (), priority: float = 1.0) -> Moved:
        session = self.session
        return self._rest(a.Queued(queue, session.needs + needs, session.priority * priority, session.notes))

    def _rest(self, action: a.Action, **changes: object) -> Moved:
        if isinstance(action, a.Speak) and self.session.text:
            self.effects.append(a.Shown(tuple(phrase for phrase in action.phrases if phrase != BEEP)))
        listening = isinstance(action, a.Listen)
        self._set(turn=self.session.turn + 1, listening=listening, **changes)
        return Moved(self.session, action, tuple(self.effects))

    # ---- asking ------------------------------------------------------------------------------------------------

    def _ask(self, before: str = "") -> Moved:
        """Ask for an answer anew, after a prompt that says why."""
        asked = self.asked
        assert asked is not None  # only what asks gets here
        phrases = (*((Phrase(before),) if before else ()), *self._said(asked))
        if self.session.written:
            self.effects.append(a.Shown(phrases))
            return self._listen(WRITTEN_WITHIN, tries=self.session.tries + 1)
        quiet = isinstance(asked, Record) and self.session.stage == "asking"
        return self._rest(a.Speak(phrases=phrases, quiet=quiet), tries=self.session.tries + 1, typed=0, sound=False)

    def _said(self, asked: Asking) -> tuple[Phrase, ...]:
        """Return the prompts of the present stage."""
        session = self.session
        match asked:
            case Language() if session.written and not session.text:
                return ()  # each button is in its own language
            case Record() if session.written:
                return (Phrase(asked.prompt),)
            case Language():
                return tuple(
                    Phrase(asked.prompt, {"key": int(key)}, tongue.language) for key, tongue in asked.choices.items()
                )
            case Collect() if session.stage == "confirm" and asked.caller and session.proposed:
                return (Phrase(asked.caller, {"digits": promising.number(proposed=True)}),)
            case Collect() if session.stage == "confirm":
                return (Phrase(asked.confirm, {"digits": Digits(asked.name)}),)
            case Times():
                return (Phrase(asked.prompt), *self._keys_of(promising.spoken(session.offered)))
            case Standing():
                return (promising.dated(asked.prompt, asked.at, session.slot),)
            case Record() if session.stage == "review":
                return (Phrase(asked.review, {"recording": Recorded(session.filing, asked.name)}),)
            case Record():
                return (*self._announced(), Phrase(asked.prompt), BEEP)
            case _:
                return (Phrase(asked.prompt),)

    def _keys_of(self, spoken: Iterator[Phrase]) -> Iterator[Phrase]:
        """Return what is said about keys; nothing where they are buttons."""
        return iter(()) if self.session.written and not self.session.text else spoken

    def _announced(self) -> tuple[Phrase, ...]:
        """Say, before the first answer by voice is asked for, that it is recorded."""
        node = self.node
        if not isinstance(node, Form) or not node.announce or self.session.tries:
            return ()
        earlier = node.questions[: self.session.question]
        return () if any(isinstance(question, Record) for question in earlier) else (Phrase(node.announce),)

    def _listen(self, seconds: float, **changes: object) -> Moved:
        return self._rest(a.Listen(seconds * self.session.patience), **changes)

    def _again(self, *, wrong: bool) -> Moved:
        """Ask once more, or lead on whoever has been asked often enough."""
        asked = self.asked
        assert asked is not None  # only what asks gets here
        if self.session.tries >= asked.tries:
            return self._give_up()
        if self.session.stage != "confirm" and self.session.stage != "review":
            self._set(stage="asking")
        return self._ask(asked.wrong_input if wrong else asked.no_input)

    def _give_up(self) -> Moved:
        match self.node:
            case Form() as form:
                if form.questions[self.session.question].optional:
                    return self._answered()
                return self.enter(form.otherwise)
            case Menu() | Collect() | Record() | Mail() | Times() as node:
                return self.enter(node.otherwise)
            case Language() | Standing() as node:
                return self.enter(node.next)
            case _ as node:
                raise AssertionError(f"{type(node).__name__} asks nothing")

    def _answered(self) -> Moved:
        """Go on after an answer: to the form's next question, or to what follows."""
        match self.node:
            case Form() as form:
                if self.session.question + 1 < len(form.questions):
                    self._set(question=self.session.question + 1, stage="asking", tries=0)
                    return self._ask()
                self.effects.append(filed(form, self.session))
                return self.enter(form.next)
            case Collect() | Record() | Mail() as node:
                return self.enter(node.next)
            case _ as node:
                raise AssertionError(f"{type(node).__name__} takes no answer")

    # ---- keys --------------------------------------------------------------------------------------------------

    def key(self, digit: str) -> Moved | None:
        """Take a key: first for what the question makes of it, then for what it does everywhere."""
        asked = self.asked
        if asked is None and not isinstance(self.node, Say | Announcement):
            return None
        own = self._own(asked, digit) if asked is not None else None
        return own or self._everywhere(digit) or (self._strange(asked, digit) if asked is not None else None)

    def _own(self, asked: Asking, digit: str) -> Moved | None:
        """Do what the present question makes of a key, if anything."""
        match asked, self.session.stage:
            case Menu(), _ if digit in asked.choices:
                return self.enter(asked.choices[digit])
            case Language(), _ if digit in asked.choices:
                tongue = asked.choices[digit]
                self._set(needs=signature(self.session.needs + tongue.needs))
                self._choose(tongue.language)
                return self.enter(tongue.next or asked.next)
            case Times(), _:
                return self._choose_time(asked, digit)
            case Standing(), _:
                return self._choose_standing(asked, digit)
            case _, "confirm" | "review" if digit == YES:
                return self._answered()
            case _, "confirm" | "review" if digit == NO:
                self._set(stage="asking", tries=0, proposed=False)
                return self._ask()
            case _, "review" if digit == AGAIN:
                return self._repeat()
            case Record(), "asking" if digit == "#":
                return self._record(asked)
            case _:
                return None

    def _choose_time(self, asked: Times, digit: str) -> Moved | None:
        slots, chosen = self.session.offered, dict(promising.keys(self.session.offered))
        if digit == promising.LATER and len(slots) > promising.SHOWN:
            later = promising.offered(self.world, asked.queue, slots[promising.SHOWN - 1].start)
            self._set(offered=later or promising.offered(self.world, asked.queue), tries=0)
            return self._ask()
        if digit != promising.TURN and digit not in chosen:
            return None
        self._set(slot=chosen.get(digit))
        return self.enter(asked.next)

    def _choose_standing(self, asked: Standing, digit: str) -> Moved | None:
        match digit:
            case promising.WAIT:
                return self.enter(asked.next)
            case promising.KEEP:
                return self.enter(asked.keep)
            case promising.CANCEL:
                self.effects.append(a.Uncalled(asked.queue, self.session.person))
                return self.enter(asked.cancelled)
            case _:
                return None

    def _everywhere(self, digit: str) -> Moved | None:
        """Do what a key does wherever it has no use of its own."""
        match self.flow.keys.get(digit):
            case "repeat":
                return self._repeat()
            case "person" if self.world.staffed(self.flow.person):
                return self._queue(self.flow.person)
            case _:
                return None

    def _repeat(self) -> Moved | None:
        """Say once more what was said; that does not count as a try."""
        match self.session.stage:
            case "checking" | "closing":
                return None
            case "recording":
                self._set(stage="asking")
            case _:
                pass
        if self.asked is None:
            return self._rest_at(self.node)
        self._set(tries=self.session.tries - 1)
        return self._ask()

    def _strange(self, asked: Asking, digit: str) -> Moved | None:
        """Make something of a key that nobody asked for: it ends a recording; else it is a wrong answer."""
        match self.session.stage:
            case "recording":
                return self._close()
            case "checking" | "closing":
                return None
            case "asking" if isinstance(asked, Collect) and digit.isdecimal():
                return None  # a digit of the answer comes as `Typed`
            case _:
                return self._again(wrong=True)

    # ---- digits and speech -------------------------------------------------------------------------------------

    def typed(self, event: a.Typed) -> Moved | None:
        """Take note that digits are being typed."""
        asked = typing(self.flows, self.session)
        if asked is None:
            return None
        if event.count == 0 and asked.optional and event.over:
            return self._answered()
        if event.count == 0 and not event.over:
            return self._repeat()
        known = self._known(asked, event.person)
        if event.over:
            return self.complete(event.holds if known else False)
        return self._listen(asked.between, typed=event.count, sound=bool(event.holds) and known)

    def _known(self, asked: Collect, person: str | None) -> bool:
        """Note whose number was given where one was asked for; tell whether that is known, if it has to be."""
        if person is not None:
            self._set(person=person, proposed=False)
        return person is not None or asked.check != "number"

    def checked(self, event: a.Checked) -> Moved:
        """Go on once the house has looked at what was typed."""
        self._set(agent=event.agent, crisis=event.crisis)
        return self.complete(event.holds)

    def acted(self, done: bool) -> Moved | None:
        """Go where something that was done, or refused, leads."""
        node = self.node
        return self.enter(node.next if done else node.refused) if isinstance(node, Act) else None

    def complete(self, holds: bool | None) -> Moved:
        """Take digits for the answer, if they are one."""
        asked = self.asked
        assert isinstance(asked, Collect)  # callers have made sure
        if holds is None:
            return self._rest(a.Await(ANSWERED_WITHIN), stage="checking", typed=0)
        if not holds:
            return self._again(wrong=True)
        if not asked.confirm:
            return self._answered()
        self._set(stage="confirm", tries=0)
        return self._ask()

    def _record(self, asked: Record) -> Moved:
        patience = self.session.patience
        recording = a.Recording(asked.name, asked.silence * patience, asked.most * patience)
        return self._rest(recording, stage="recording", recording=self.session.turn + 1)

    def _close(self) -> Moved:
        """End a recording; what follows waits until it is complete."""
        return self._rest(a.Await(ANSWERED_WITHIN), stage="closing")

    def recorded(self, event: a.Recorded) -> Moved | None:
        """Take a recording for the answer, if anything was said."""
        session, asked = self.session, self.asked
        if session.stage not in ("recording", "closing") or event.turn != session.recording:
            return None
        assert isinstance(asked, Record)  # nothing else has these stages
        if event.seconds < SHORTEST:
            return self._again(wrong=False)
        if not asked.review:
            return self._answered()
        self._set(stage="review", tries=0)
        return self._ask()

    # ---- writing -----------------------------------------------------------------------------------------------

    def written(self, event: a.Written) -> Moved | None:
        """Take what was written for the answer, if it is one."""
        asked = self.asked
        if asked is None:
            return None
        moved: Moved | None = None
        match asked:
            case Menu() if event.key not in asked.offered and not self.session.text:
                pass
            case Menu() | Language() | Times() | Standing():
                moved = self._own(asked, event.key)
            case Collect() | Record() | Mail() if event.key == NONE:
                return self._give_up()
            case Record() if not event.key and (event.holds or asked.wants is None):
                return self._answered()
            case Mail() if event.holds:
                self.effects.append(_mailed(asked, self.session, event.person))
                return self._answered()
            case Collect() if event.key in asked.titles or (event.holds and self._known(asked, event.person)):
                return self._answered()
            case _:
                pass
        return moved or self._everywhere(event.key) or self._again(wrong=True)

    # ---- what takes its time -----------------------------------------------------------------------------------

    def prompt_ended(self) -> Moved | None:
        """Go on after what was said: to the next node, or to the answer."""
        node, asked, session = self.node, self.asked, self.session
        if isinstance(node, Say | Announcement):
            return self.enter(node.next)
        if asked is None or session.listening or session.stage in ("checking", "recording", "closing"):
            return None
        if isinstance(asked, Record) and session.stage == "asking":
            return self._record(asked)
        return self._listen(asked.timeout)

    def silence(self) -> Moved | None:
        """Go on after a time-out."""
        asked, session = self.asked, self.session
        match session.stage:
            case _ if asked is None:
                return self.not_connected("no_answer")
            case "recording":
                return self._close()
            case "review":
                return self._answered()
            case "checking":
                return self._again(wrong=True)
            case "asking" if session.typed:
                return self.complete(session.sound)
            case _:
                return self._again(wrong=False)

    def not_connected(self, cause: a.ConnectCause) -> Moved | None:
        """Go where a call that did not come about leads."""
        node = self.node
        if not isinstance(node, Connect):
            return None
        match cause:
            case "busy":
                return self.enter(node.busy)
            case "no_answer":
                return self.enter(node.no_answer)
            case _:
                return self.enter(node.otherwise)
