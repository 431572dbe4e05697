"""Flows: what happens to a contact between its arrival and a waiting line.

A flow is a graph of named nodes. Each node type says what it does and where it leads; the interpreter is
`ivr.moving`. Every place to which a node leads is the name of a node: where a configuration leaves one out, whoever
reads it puts one in (`engine.config.flows`).
"""

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct, field

from ivr.actions import Channel, Deed
from ivr.forms import Field
from queues.skills import Needs

START: Final = "start"

Check = Literal["", "luhn", "personnummer", "pin", "agent", "number", "helper"]
"""What typed digits must be besides their number (`ivr.digits`); `pin`, `agent` and `helper` (the code of somebody who
was invited to a crisis) are looked at by the house, and `number` by the dial gate: one that may be called."""

GlobalKey = Literal["person", "repeat"]
"""What a key does in every node that has no use of its own for it."""


class Base(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node."""


class Asking(Base, frozen=True, kw_only=True):
    """A node that wants an answer. Times in seconds; all are multiplied for callers by relay services."""

    prompt: str
    timeout: float = 10.0
    """Silence after the prompt before it counts as no input."""
    tries: int = 3
    """How often it is asked before somebody who gives no answer, or a wrong one, is led on."""
    no_input: str = ""
    """A prompt heard before it is asked again after silence."""
    wrong_input: str = ""
    """A prompt heard before it is asked again after an answer that is none."""


# ---- telling ---------------------------------------------------------------------------------------------------


class Say(Base, frozen=True, kw_only=True, tag="say"):
    """Play a prompt, then go on."""

    prompt: str
    next: str


class Announcement(Base, frozen=True, kw_only=True, tag="announcement"):
    """Play a prompt if there is one now: a text in the caller's language, or one recorded by telephone; then go on."""

    prompt: str
    languages: tuple[str, ...] = ()
    """Those in which the configuration holds it."""
    next: str


# ---- asking ----------------------------------------------------------------------------------------------------


class Menu(Asking, frozen=True, kw_only=True, tag="menu"):
    """Play a prompt and let the caller choose by one digit, also while it plays."""

    choices: dict[str, str]
    """Digit (0-9, *, #) to node."""
    titles: dict[str, str] = field(default_factory=dict)
    """Digit to the prompt on its button, where a citizen reads; what has none, or an empty one, is not offered."""

    @property
    def offered(self) -> dict[str, str]:
        """Return digit to prompt of the choices that a citizen who reads is offered."""
        return {digit: self.titles[digit] for digit in self.choices if self.titles.get(digit)}

    otherwise: str
    """Where nobody's choice leads: a person, as a rule (a caller who cannot press keys is served too)."""


class Tongue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A language to choose."""

    language: str
    needs: Needs = ()
    """Added to what the contact needs of an agent."""
    next: str = ""
    """Where this language leads; empty for where the others lead."""


class Language(Asking, frozen=True, kw_only=True, tag="language"):
    """Offer languages, each in its own words, and go on in the one chosen; who chooses none goes on as before.

    The prompt may name the `key`.
    """

    choices: dict[str, Tongue]
    """Digit to language."""
    next: str


class Collect(Asking, frozen=True, kw_only=True, tag="collect"):
    """Let the caller type digits. They are kept beside the facts as `name`; the core learns how many there are."""

    name: str
    sensitive: bool = False
    """Never stored: the digits stay in the memory of the engine for as long as the contact lives."""
    least: int = 1
    most: int = 20
    """From here on nothing more is waited for."""
    terminator: str = "#"
    """The key that ends the input; empty for none."""
    between: float = 6.0
    """Silence between two digits after which the input is over."""
    check: Check = ""
    confirm: str = ""
    """A prompt that reads the `digits` back: 1 is yes, 2 is no. Empty for none."""
    optional: bool = False
    """In a form: who gives no answer is asked the next question."""
    next: str = ""
    """Not in a form."""
    otherwise: str = ""
    """Where callers go who give no answer; not in a form."""
    wants: Field | None = None
    """In a form of forms.yaml: what the answer must be."""
    titles: dict[str, str] = field(default_factory=dict)
    """Digit to the prompt on its button, where a citizen reads and chooses."""
    caller: str = ""
    """A prompt that asks whoever rings from a number that we know whether it is that one: 1 is yes, 2 is no."""


class Record(Asking, frozen=True, kw_only=True, tag="record"):
    """Let the caller speak after a beep: any key, or silence, ends it."""

    name: str
    silence: float = 4.0
    """Silence that ends the recording."""
    most: float = 120.0
    """Seconds that a recording may last."""
    review: str = ""
    """A prompt that plays the `recording` back: 1 keeps it, 2 is another try, 3 plays it again. Empty for none."""
    optional: bool = False
    """In a form: who says nothing is asked the next question."""
    next: str = ""
    """Not in a form."""
    otherwise: str = ""
    """Where callers go who say nothing; not in a form."""
    wants: Field | None = None
    """In a form of forms.yaml: what the answer must be, where it is written."""


Question = Collect | Record


class Mail(Asking, frozen=True, kw_only=True, tag="mail"):
    """Ask a citizen who writes for an e-mail address; what has been written goes on as a mail, which waits in `queue`.

    Who speaks is led on to `otherwise`.
    """

    mailbox: str
    queue: str
    needs: Needs = ()
    priority: float = 1.0
    next: str
    otherwise: str
    """Where those go who give no address."""


class Form(Base, frozen=True, kw_only=True, tag="form"):
    """Ask questions; the answers become a contact of their own, which waits in `queue`."""

    channel: Channel = "report"
    queue: str
    questions: tuple[Question, ...]
    announce: str = ""
    """A prompt heard before the first answer by voice: that it is recorded."""
    needs: Needs = ()
    priority: float = 1.0
    next: str
    otherwise: str
    """Where a caller goes who gives no answer to a question that needs one."""
    entry: str = ""
    """The way in of the contact that it becomes; the citizen's own when empty."""
    notes: dict[str, str] = field(default_factory=dict)
    """Words for whoever reads it."""


# ---- deciding --------------------------------------------------------------------------------------------------


class Open(Base, frozen=True, kw_only=True, tag="hours"):
    """Go on according to opening hours: named ones, or those of a queue."""

    hours: str = ""
    queue: str = ""
    open: str
    closed: str
    special: dict[str, str] = field(default_factory=dict)
    """Name of special days to where it leads when one of them is why it is closed."""


class Set(Base, frozen=True, kw_only=True, tag="set"):
    """Note something about the contact, for the queue it will wait in."""

    needs: Needs = ()
    """Added to what it needs of an agent."""
    priority: float = 1.0
    """Multiplies its urgency."""
    notes: dict[str, str] = field(default_factory=dict)
    """Words for whoever serves it."""
    language: str = ""
    """Go on in this language; empty for no change."""
    citizen: tuple[str, ...] = ()
    """What the citizen needs, such as `plain_language` (docs/people.md)."""
    keep: bool = False
    """The citizen agrees to have that, and the language, remembered."""
    next: str


class Run(Base, frozen=True, kw_only=True, tag="flow"):
    """Go through another flow; when that returns, go on."""

    flow: str
    next: str


# ---- leaving ---------------------------------------------------------------------------------------------------


class Enter(Base, frozen=True, kw_only=True, tag="queue"):
    """Wait in a queue."""

    queue: str
    needs: Needs = ()
    """Added to every step of the queue's requirement."""
    priority: float = 1.0
    """Multiplies the contact's urgency."""


class Connect(Base, frozen=True, kw_only=True, tag="connect"):
    """Ring somebody of the directory, or a number; who is answered has left the flow."""

    kind: Literal["person", "extension", "number"]
    key: str
    """Id in the directory, extension, or number as the configuration names it."""
    timeout: float = 25.0
    """Seconds until no answer."""
    busy: str
    no_answer: str
    otherwise: str
    """Where it leads when it is refused, or nothing can be reached there."""


class HangUp(Base, frozen=True, kw_only=True, tag="hang_up"):
    """End the contact."""


class Return(Base, frozen=True, kw_only=True, tag="return"):
    """Go on where this flow was called from; end the contact if from nowhere."""


# ---- people of the house ---------------------------------------------------------------------------------------


class Act(Base, frozen=True, kw_only=True, tag="act"):
    """Do something for the agent at the telephone that rings, as a desk would."""

    what: Deed
    argument: str = ""
    """The reason for a pause."""
    next: str
    refused: str
    """Where it leads when that cannot be done."""


# ---- the house's own prompts -----------------------------------------------------------------------------------


class Keep(Base, frozen=True, kw_only=True, tag="keep"):
    """Let what was recorded be heard as a prompt from now on, in the contact's language."""

    prompt: str
    recording: str
    """Name of the `Record` node's answer."""
    next: str


class Drop(Base, frozen=True, kw_only=True, tag="drop"):
    """Let a prompt be heard again as it was before it was recorded by telephone."""

    prompt: str
    next: str


# ---- callbacks -------------------------------------------------------------------------------------------------


class Times(Asking, frozen=True, kw_only=True, tag="times"):
    """Let the citizen choose when to be called back for `queue`: in turn, or at one of the times that are free. Where
    no time can be booked it is in turn, unasked."""

    queue: str
    next: str
    otherwise: str
    """Where those go who choose nothing."""


class Promise(Base, frozen=True, kw_only=True, tag="promise"):
    """Promise to call back for `queue`, when and at the number that was chosen."""

    queue: str
    next: str
    already: str
    """Where it leads when that person has been promised a call of this queue before (rule 8)."""
    taken: str
    """Where it leads when the time is not free any more."""


class Promised(Say, frozen=True, kw_only=True, tag="promised"):
    """Read back what was promised: the number, and the time. The prompt is that for a call in turn."""

    at: str
    """The prompt for one at a time, which may name its `day` and `time`."""


class Standing(Asking, frozen=True, kw_only=True, tag="standing"):
    """Tell whoever has been promised a call by `queue` (any when empty), and let them wait here instead, go, or cancel.

    Who has not been promised one is led on to `next`; so is who chooses nothing. The prompt is that for a call in turn.
    """

    at: str
    """The prompt for one at a time, which may name its `day` and `time`."""
    queue: str
    next: str
    keep: str
    cancelled: str


# ---- visits ------------------------------------------------------------------------------------------------------


class Ticket(Base, frozen=True, kw_only=True, tag="ticket"):
    """Give the citizen a ticket for a service of a place."""

    site: str
    service: str
    next: str
    closed: str
    """Where it leads when no tickets are given there now."""


class Ticketed(Say, frozen=True, kw_only=True, tag="ticketed"):
    """Say the ticket's letter and number; `wait` is the prompt for the wait, if that can be told."""

    wait: str


Node = (
    Say
    | Announcement
    | Menu
    | Language
    | Collect
    | Record
    | Form
    | Mail
    | Open
    | Set
    | Run
    | Enter
    | Connect
    | HangUp
    | Return
    | Keep
    | Drop
    | Act
    | Times
    | Promise
    | Promised
    | Standing
    | Ticket
    | Ticketed
)


class Flow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named graph; it begins at the node `start`."""

    name: str
    nodes: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, GlobalKey] = field(default_factory=dict)
    """What keys do where a node has no use of its own for them."""
    person: str = ""
    """The queue to which the key `person` leads, while somebody is there."""


def exits(node: Node) -> Iterator[str]:
    """Yield the names of the nodes that can follow `node`."""
    match node:
        case Menu():
            yield from node.choices.values()
            yield node.otherwise
        case Collect() | Record() | Form() | Mail() | Times():
            yield node.next
            yield node.otherwise
        case Promise():
            yield from (node.next, node.already, node.taken)
        case Ticket():
            yield from (node.next, node.closed)
        case Standing():
            yield from (node.next, node.keep, node.cancelled)
        case Open():
            yield from (node.open, node.closed, *node.special.values())
        case Connect():
            yield from (node.busy, node.no_answer, node.otherwise)
        case Act():
            yield from (node.next, node.refused)
        case Enter() | HangUp() | Return():
            return
        case Language():
            yield from (tongue.next or node.next for tongue in node.choices.values())
            yield node.next
        case Say() | Announcement() | Set() | Run() | Promised() | Ticketed() | Keep() | Drop():
            yield node.next


def silent_exits(node: Node) -> Iterator[str]:
    """Yield the names of the nodes that can follow for a caller who presses and says nothing."""
    match node:
        case Menu() | Collect() | Record() | Form() | Mail() | Times():
            yield node.otherwise
        case Language() | Standing():
            yield node.next
        case Promise():
            yield node.next
        case _:
            yield from exits(node)
