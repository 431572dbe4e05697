"""Contacts in flows: what the session asks for is decided here, and what it leads to."""

from datetime import datetime
from itertools import islice
from typing import Final, assert_never

from ivr import actions as a
from ivr import moving
from ivr import session as sessions
from ivr.session import Moved, Session
from queues.channels import CHANNELS
from queues.hours import ALWAYS, Hours
from router import attendance, calling, helping, messages, people, ticketing
from router import facts as f
from router import inputs as i
from router.contact import Arrived, Contact, Forwarded, Hearing, InFlow, Leaving, queues_left
from router.dialling import Destination
from router.ending import end, turned_away
from router.entering import enqueue, put_through, staffed
from router.hearing import hears_first
from router.turn import Turn

TURNS_MAX: Final = 10_000
"""More turns than anybody takes in one flow."""


_CAUSES: Final[dict[f.PartyCause, a.ConnectCause]] = {
    "busy": "busy",
    "no_answer": "no_answer",
    "declined": "busy",
    "refused": "refused",
}


class World:
    """What flows ask about the world, as `ivr.actions.World`."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn

    @property
    def local(self) -> datetime:
        """Return naive local time."""
        return self._turn.local(self._turn.now)

    def hours(self, name: str) -> Hours:
        """Return the opening hours of that name; a flow older than the configuration finds them always open."""
        return self._turn.state.configuration.hours.get(name, ALWAYS)

    def queue_hours(self, queue: str) -> Hours:
        """Return the opening hours of a queue."""
        return self._turn.state.configuration.queues[queue].hours

    def staffed(self, queue: str) -> bool:
        """Tell whether a queue is open and somebody at work could serve it."""
        return staffed(self._turn.state, queue)

    def recorded(self, language: str, prompt: str) -> bool:
        """Tell whether a prompt has been recorded by telephone."""
        return prompt in self._turn.state.recorded.get(language, {})

    def moment(self, at: float) -> datetime:
        """Return the naive local time of UTC seconds."""
        return self._turn.local(at)

    def free_times(self, queue: str, after: float, most: int) -> tuple[float, ...]:
        """Return the first times later than `after` at which somebody can still be called back, `most` at most."""
        settings, turn = self._turn.state.configuration.queues[queue], self._turn
        times = (start for start, _ in calling.times(turn.state, settings, turn.now, turn.local) if start > after)
        return tuple(islice(times, most))

    def promised(self, queue: str, person: str) -> a.Appointment | None:
        """Return when a person has been promised a call by `queue`, or by any when empty; None if it has not."""
        return calling.appointment(self._turn.state, queue, person)

    def next_ticket(self, site: str, service: str) -> a.Number | None:
        """Return what the next ticket of a service would be; None when none is given now."""
        return ticketing.next_ticket(self._turn, site, service)

    def hindrance(self, queue: str, person: str, start: float | None) -> a.Hindrance:
        """Return what stands against promising a person a call in turn, or at `start`; empty if nothing does."""
        if queue in self._turn.state.promises(person):
            return "already"
        taken = start is not None and start not in self.free_times(queue, start - 1.0, 1)
        return "taken" if taken else ""


# ---- moving ----------------------------------------------------------------------------------------------------


def begin(turn: Turn, contact: Contact, flow: str) -> None:
    """Let a contact enter a flow, perhaps not the first one (rule 9)."""
    card, flows = contact.card, turn.state.configuration.flows
    first = TURNS_MAX * len(queues_left(contact))
    moved = moving.begin(
        flows,
        flow,
        World(turn),
        language=card.language,
        patience=card.patience,
        turn=first,
        written=CHANNELS[card.channel].written,
        text=card.text,
        person=card.person,
    )
    _move(turn, card.id, moved)


def divert(turn: Turn) -> None:
    """Let those whose way out is a flow enter it (rule 9)."""
    for id_ in list(turn.diverted):
        del turn.diverted[id_]
        contact = turn.state.contacts.get(id_)
        if isinstance(contact, Leaving) and contact.way.by_flow:
            begin(turn, contact, contact.way.name)


def _step(turn: Turn, contact: Contact | None, event: a.Event) -> None:
    if isinstance(contact, InFlow):
        moved = moving.step(turn.state.configuration.flows, contact.session, event, World(turn))
        if moved is not None:
            _move(turn, contact.card.id, moved)


def _move(turn: Turn, id_: str, moved: Moved) -> None:
    """Let a contact go where its flow leads."""
    for effect in moved.effects:
        _take_effect(turn, turn.state.contacts[id_], effect)
    contact, action = turn.state.contacts[id_], moved.action
    match action:
        case a.Queued():
            if not hears_first(turn, contact, queued=action):
                told = turn.state.contacts[id_]
                enqueue(turn, told, action.queue, action.needs, action.priority, action.notes)
        case a.Speak() | a.Listen() | a.Recording() | a.Await() | a.Connecting():
            turn.emit(f.FlowMoved(turn.now, id_, moved.session, action))
        case a.Acting():
            _move(turn, id_, _acted(turn, contact, moved.session, action))
        case a.Finished():
            end(turn, contact, "flow_ended")
        case _:
            assert_never(action)


def _acted(turn: Turn, contact: Contact, session: Session, acting: a.Acting) -> Moved:
    """Do what is asked for at a telephone of the house, and go on in the flow."""
    act = helping.act if acting.what in helping.DEEDS else attendance.act
    done = act(turn, contact.card.phone, acting)
    moved = moving.step(turn.state.configuration.flows, session, a.Acted(session.turn, done), World(turn))
    assert moved is not None  # the event fits the action
    return moved


def _take_effect(turn: Turn, contact: Contact, effect: a.Effect) -> None:
    now, card = turn.now, contact.card
    match effect:
        case a.Chosen():
            turn.emit(f.LanguageChosen(now, card.id, effect.language))
        case a.Shown():
            messages.show(turn, contact, effect.phrases)
        case a.Mailed():
            _mail(turn, contact, effect)
        case a.Filed():
            _file(turn, contact, effect)
        case a.Needed():
            spoken = card.language if effect.keep else None
            people.note(turn, card.id, (*card.needs, *effect.needs), spoken, keep=effect.keep)
        case a.Kept():
            recording = f"{card.id}.{effect.filing}.{effect.name}"
            turn.emit(f.PromptRecorded(now, card.id, card.language, effect.prompt, recording))
        case a.Dropped():
            turn.emit(f.PromptDropped(now, card.id, card.language, effect.prompt))
        case a.Ticketed():
            ticketing.give(turn, contact, effect)
        case a.Called():
            calling.promise(turn, contact, effect)
        case a.Uncalled():
            calling.withdraw(turn, effect.queue, effect.person)
        case _:
            assert_never(effect)


def _file(turn: Turn, contact: Contact, filed: a.Filed) -> None:
    """Let the answers of a form become a contact of their own, which waits for somebody to read it."""
    id_ = f"{contact.card.id}.{filed.filing}"
    _begin_other(turn, contact, id_, filed.channel, filed.entry or contact.card.entry, contact.card.person)
    enqueue(turn, turn.state.contacts[id_], filed.queue, filed.needs, filed.priority, filed.notes)


def _mail(turn: Turn, contact: Contact, mailed: a.Mailed) -> None:
    """Let what was written go on as a mail of the same matter."""
    id_ = f"{contact.card.id}.{mailed.filing}"
    _begin_other(turn, contact, id_, "mail", mailed.mailbox, mailed.person)
    arrived = turn.state.contacts[id_]
    assert isinstance(arrived, Arrived)  # nothing has been decided about it yet
    entry = turn.state.entries.get(("mail", mailed.mailbox))
    messages.begin(turn, arrived, entry.acknowledge if entry is not None else "", automatic=False)
    enqueue(turn, turn.state.contacts[id_], mailed.queue, mailed.needs, mailed.priority, mailed.notes)


def _begin_other(turn: Turn, contact: Contact, id_: str, channel: str, entry: str, person: str | None) -> None:
    """Begin a contact of the same matter, which goes on without the citizen being there."""
    card = contact.card
    turn.emit(
        f.ContactArrived(
            turn.now,
            id_,
            channel,
            entry,
            "",
            turn.state.order + 1,
            person,
            None,
            card.language,
            card.patience,
            matter=card.matter,
        )
    )
    people.note(turn, id_, (*turn.state.contacts[id_].card.needs, *card.needs), None, keep=False)


def heard(turn: Turn, contact: Hearing) -> None:
    """Let a citizen go on who has heard what is announced."""
    if contact.queue:
        enqueue(turn, contact, contact.queue, contact.own_needs, contact.priority, contact.notes)
    else:
        begin(turn, contact, contact.flow)


def left_behind(turn: Turn, contact: Arrived | Hearing | InFlow) -> None:
    """File the form of a citizen who hangs up once it has all it needs."""
    if isinstance(contact, InFlow):
        flows = turn.state.configuration.flows
        filed = sessions.left_behind(flows, contact.session, turn.now - contact.since)
        if filed is not None:
            _file(turn, contact, filed)


# ---- reports and deadlines -------------------------------------------------------------------------------------


def prompt_ended(turn: Turn, report: i.PromptEnded) -> None:
    """A prompt has been heard, in a flow or on the way out."""
    contact = turn.state.contacts.get(report.contact)
    if isinstance(contact, Leaving) and report.turn == contact.turn:
        turned_away(turn, contact)
    if isinstance(contact, Hearing) and report.turn == contact.turn:
        heard(turn, contact)
    _step(turn, contact, a.Ended(report.turn))


def key_pressed(turn: Turn, report: i.KeyPressed) -> None:
    """A key was pressed."""
    contact = turn.state.contacts.get(report.contact)
    if isinstance(contact, Leaving) and report.digit == turn.state.configuration.repeat_key:
        turn.emit(f.WayOutRepeated(turn.now, report.contact))
    if isinstance(contact, Hearing):
        heard(turn, contact)
        return
    _step(turn, contact, a.Key(report.digit))


def connection_known(turn: Turn, report: i.ConnectionKnown) -> None:
    """Ring whom a flow connects its caller with; what stands against it leads on in the flow."""
    contact = turn.state.contacts.get(report.contact)
    if not isinstance(contact, InFlow) or not isinstance(contact.action, a.Connecting):
        return
    if contact.session.turn != report.turn:
        return
    cause = _hindrance(turn, report.destination)
    if cause is not None or report.destination is None:
        _step(turn, contact, a.NotConnected(report.turn, cause or "refused"))
        return
    leg = f"{report.contact}.x{report.turn}"
    put_through(turn, report.contact, report.destination, contact.action.timeout, leg)


def _hindrance(turn: Turn, destination: Destination | None) -> a.ConnectCause | None:
    """Return why somebody cannot be rung for a flow, None when nothing stands against it."""
    state = turn.state
    if destination is None or state.dialled.capped(destination, state.configuration.dialling, turn.now) is not None:
        return "refused"
    if destination.address in state.lost:
        return "unreachable"
    return "busy" if state.engaged(destination.address) else None


def not_connected(turn: Turn, contact: Forwarded, cause: f.PartyCause) -> None:
    """Go on in the flow that sent a caller on in vain."""
    session = contact.session
    assert session is not None  # a flow sent it
    if contact.party is not None:
        turn.emit(f.PartyLeft(turn.now, contact.card.id, contact.party.leg, cause))
    flows = turn.state.configuration.flows
    moved = moving.step(flows, session, a.NotConnected(session.turn, _CAUSES.get(cause, "unreachable")), World(turn))
    assert moved is not None  # the configuration keeps a node as long as somebody is at it
    _move(turn, contact.card.id, moved)


def written(turn: Turn, contact: InFlow, report: i.MessageArrived) -> None:
    """Something was written, which may answer what the flow asks."""
    _step(turn, contact, a.Written(report.key, report.holds, report.person))


def digits_typed(turn: Turn, report: i.DigitsTyped) -> None:
    """An answer is being typed."""
    event = a.Typed(report.count, report.over, report.holds, report.person)
    _step(turn, turn.state.contacts.get(report.contact), event)


def digits_checked(turn: Turn, report: i.DigitsChecked) -> None:
    """An answer has been compared with a secret."""
    event = a.Checked(report.turn, report.holds, report.agent, report.crisis)
    _step(turn, turn.state.contacts.get(report.contact), event)


def speech_recorded(turn: Turn, report: i.SpeechRecorded) -> None:
    """A recording is complete."""
    _step(turn, turn.state.contacts.get(report.contact), a.Recorded(report.turn, report.seconds))


def timed_out(turn: Turn, contact: InFlow | Hearing) -> None:
    """The time for an answer is over; who chats and does not write any more has gone away from the page."""
    if isinstance(contact, Hearing):
        heard(turn, contact)
        return
    if contact.session.written and CHANNELS[contact.card.channel].led and not contact.card.leg:
        messages.add(turn, contact, "house", prompt=messages.CLOSED)
        left_behind(turn, contact)
        end(turn, turn.state.contacts[contact.card.id], "abandoned")
        return
    _step(turn, contact, a.Silence(contact.session.turn))
