"""A contact's way through a flow: a frozen position, and what can be said of it. `ivr.moving` moves it."""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from ivr import actions as a
from ivr import promising
from ivr.flow import (
    Asking,
    Collect,
    Flow,
    Form,
    Language,
    Menu,
    Question,
    Standing,
    Times,
)
from ivr.phrase import Phrase
from queues.skills import Needs, signature

KEYS: Final = frozenset("0123456789*#")
NONE: Final = "#"
"""The choice of somebody who has no answer to a question, where one reads."""
SHORTEST: Final = 1.0
"""Seconds of recording below which nothing was said."""

Stage = Literal["asking", "confirm", "checking", "recording", "closing", "review"]
"""How far an answer has come: it is asked for; digits are read back, or checked by the house; speech is recorded,
being completed, or played back."""


class Frame(Struct, frozen=True, gc=False):
    """Where a flow that called another goes on."""

    flow: str
    node: str


class Session(Struct, frozen=True, gc=False, omit_defaults=True):
    """Where in which flow a contact is, and what it brings from there."""

    flow: str
    node: str
    turn: int = 0
    """Counts actions; an event names the turn it answers, so that late ones are recognised."""
    tries: int = 0
    """How often the present node's question has been asked."""
    listening: bool = False
    """The prompt has ended and the time-out for input runs."""
    frames: tuple[Frame, ...] = ()
    """Flows to return to, the innermost last."""
    stage: Stage = "asking"
    question: int = 0
    """Which one of a form is being asked."""
    typed: int = 0
    """Digits typed of the present answer."""
    sound: bool = False
    """What has been typed is an answer as it stands."""
    recording: int = 0
    """The turn at which the present recording began."""
    filing: str = ""
    """What is typed and recorded is kept under this name of the contact; unique within it."""
    needs: Needs = ()
    priority: float = 1.0
    notes: a.Notes = ()
    language: str = ""
    patience: float = 1.0
    """Multiplies time-outs."""
    agent: str = ""
    """Who the caller has shown to be, by number and PIN."""
    written: bool = False
    """The citizen reads and writes: what would be said is shown at once, and stays there."""
    text: bool = False
    """It is read on a text telephone: what is said is shown besides, and choices are written out as they are said."""
    person: str = ""
    """Who is called if a call is promised: whoever is there, if known, or whose number was typed."""
    proposed: bool = False
    """It is the number of whoever is there."""
    offered: tuple[promising.Slot, ...] = ()
    """Times of calls to choose from."""
    slot: promising.Slot | None = None
    """The time that was chosen, or promised; None for a call in turn."""
    ticket: a.Number | None = None
    """The ticket that was given last."""
    crisis: str = ""
    """The crisis for which the caller has shown to be invited."""


class Moved(Struct, frozen=True, gc=False):
    """Where a session stands now, what should happen there, and what happened on the way."""

    session: Session
    action: a.Action
    effects: tuple[a.Effect, ...] = ()


Flows = Mapping[str, Flow]


def question_of(flows: Flows, session: Session) -> Question | None:
    """Return the question that a session stands at, if it wants digits or speech."""
    node = flows[session.flow].nodes[session.node]
    if isinstance(node, Form):
        node = node.questions[session.question]
    return node if isinstance(node, Question) else None


def asked_of(flows: Flows, session: Session) -> Asking | None:
    """Return the question that a session stands at."""
    node = flows[session.flow].nodes[session.node]
    return node if isinstance(node, Asking) else question_of(flows, session)


def choices(flows: Flows, session: Session) -> tuple[tuple[str, Phrase], ...]:
    """Return the keys that a citizen who reads may choose by, each with what is on its button."""
    asked = asked_of(flows, session)
    match asked:
        case Menu():
            found = [(key, Phrase(title)) for key, title in asked.offered.items()]
        case Language():
            found = [(key, Phrase(asked.prompt, {"key": int(key)}, one.language)) for key, one in asked.choices.items()]
        case Times():
            found = list(promising.buttons(session.offered))
        case Standing():
            found = list(promising.standing_buttons())
        case None:
            return ()
        case Collect():
            found = [(key, Phrase(title)) for key, title in asked.titles.items()] + [(NONE, Phrase("chat_none"))]
        case _:
            found = [(NONE, Phrase("chat_none"))]
    keys = flows[session.flow].keys
    person = [(key, Phrase("chat_person")) for key, does in keys.items() if does == "person"]
    return (*found, *(one for one in person if one[0] not in dict(found)))


def typing(flows: Flows, session: Session) -> Collect | None:
    """Return the question whose digits are being typed: what is pressed now is for whoever keeps them."""
    question = question_of(flows, session)
    return question if isinstance(question, Collect) and session.stage == "asking" else None


def left_behind(flows: Flows, session: Session, seconds: float) -> a.Filed | None:
    """Return what a caller who hangs up leaves behind: a form is filed when all it needs has been answered.

    `seconds` is how long the present action has lasted: what was recorded up to the hang-up counts.
    """
    node = flows[session.flow].nodes[session.node]
    if not isinstance(node, Form):
        return None
    spoken = session.stage in ("closing", "review") or (session.stage == "recording" and seconds >= SHORTEST)
    answered = session.question + spoken
    if not answered or not all(question.optional for question in node.questions[answered:]):
        return None
    return filed(node, session)


def can_go_on(before: Flows, after: Flows, session: Session) -> bool:
    """Tell whether a session finds its place in other flows too: the same kind of node, asking the same answers."""
    node = before[session.flow].nodes[session.node]
    frames = ((frame.flow, frame.node) for frame in session.frames)
    if any(flow not in after or name not in after[flow].nodes for flow, name in frames):
        return False
    there = after[session.flow].nodes.get(session.node) if session.flow in after else None
    if isinstance(node, Form) and isinstance(there, Form):
        return [(type(one), one.name) for one in node.questions] == [(type(one), one.name) for one in there.questions]
    return type(node) is type(there)


def filed(form: Form, session: Session) -> a.Filed:
    """Return the answers to a form as they are filed."""
    needs = signature(session.needs + form.needs)
    notes = tuple(sorted((dict(session.notes) | form.notes).items()))
    priority = session.priority * form.priority
    return a.Filed(session.filing, form.channel, form.queue, needs, priority, notes, form.entry)
