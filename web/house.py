"""What the API needs of the engine, as a port; `engine.api` is the real one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from metrics.live import Live
from metrics.workday import AgentToday
from queues.crisis import Plan
from router.api import Caller
from router.boundary import Reach
from router.contact import Contact
from router.dialling import Destination
from router.explain import WhyThisAgent
from router.inputs import AnyRequest
from router.letters import Contents, Letter
from router.looking import Looked
from router.ports import Secret
from router.state import State
from web.frontdoor import Service
from web.health import Report
from web.surveyseal import Seal

T = TypeVar("T")
Guard = Callable[[State], None]
"""Looks at the state and raises Refused where something may not be done."""
Wording = Callable[[State], tuple[AnyRequest, tuple[Secret, ...]]]
"""Says, from the state just before it is decided, what is asked for, and its personal values. May raise Refused."""


def plain(request: AnyRequest, *guards: Guard) -> Wording:
    """Word a request that does not depend on the state, if nobody objects."""

    def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
        for guard in guards:
            guard(state)
        return request, ()

    return word


class Values(Protocol):
    """What reads personal values. Nobody has it without a line in the access log (`House.disclose`)."""

    async def personal(self, owner: str) -> Mapping[str, str]:
        """Return kind to value of what the vault holds of a contact, message or person. Raises Refused."""

    async def letter(self, contact: str, key: str) -> Letter | None:
        """Return a letter, None when it is not kept any more."""

    async def file(self, contact: str, key: str, file: str) -> bytes | None:
        """Return a file of a letter, None when it is not kept any more."""

    async def answers(self, contact: str) -> tuple[Mapping[str, str], Mapping[str, float]]:
        """Return what a citizen typed, and the seconds of each answer by voice, by their names. Raises Refused."""

    async def spoken(self, contact: str, answer: str) -> bytes | None:
        """Return an answer by voice as a WAV file, None when there is none."""

    async def tape(self, contact: str, recording: str) -> bytes | None:
        """Return a recording of a talk as a WAV file, None when there is none."""


class Tape(Protocol):
    """What is known of a recording."""

    @property
    def recording(self) -> str:
        """Its name."""

    @property
    def began(self) -> float:
        """When, UTC seconds."""

    @property
    def track(self) -> str:
        """Whose voice."""

    @property
    def seconds(self) -> float:
        """Its length."""

    @property
    def matter(self) -> str:
        """What it was about."""


class House(Protocol):
    """One engine, once it is open; before that everything raises Refused (`not_ready`)."""

    @property
    def titles(self) -> Mapping[str, str]:
        """Queue to its name for people, where it has one."""

    @property
    def links(self) -> Mapping[str, Sequence[tuple[Mapping[str, str], str]]]:
        """Queue to where its agents read on: names by language, and addresses."""

    @property
    def places(self) -> Mapping[str, tuple[str, Mapping[str, str]]]:
        """Place that people visit to its name for people, and that of its services."""

    @property
    def colleagues(self) -> Mapping[str, str]:
        """Agent to the name of who signs in as that one, as colleagues read it; without those who have none."""

    @property
    def services(self) -> Sequence[Service]:
        """What public pages tell of, in the order of the configuration."""

    def called(self, language: str, *, queue: str = "", place: str = "", service: str = "") -> str:
        """Return what citizens read of a queue, of a place, or of a service there, in a language if it has such a
        name, else in the house's own."""

    @property
    def citizens(self) -> str:
        """Where citizens reach our pages, without a slash at the end; empty when nowhere that is known."""

    @property
    def pauses(self) -> Mapping[str, str]:
        """Reason for a pause to its name for people."""

    @property
    def skills(self) -> Mapping[str, str]:
        """Skill to its name for people, where it has one."""

    @property
    def plans(self) -> Mapping[str, Plan]:
        """What is done and said in a crisis, by the names of plans."""

    @property
    def areas(self) -> Mapping[str, tuple[str, ...]]:
        """Several queues under one name."""

    @property
    def speaking(self) -> tuple[int, int]:
        """How many announcements are spoken already, of how many that are being spoken; both 0 when none is."""

    async def speak(self, name: str, texts: Mapping[str, str]) -> None:
        """Make an announcement ready to be told, by language; return once it is. Raises Refused."""

    async def protected(self, contact: str) -> bool:
        """Tell whether a contact that is over was of a person with a protected identity. Raises Refused."""

    async def invite(self, crisis: str, agent: str) -> tuple[str, float]:
        """Make a code by which an agent joins a crisis at a telephone; return it, and until when it holds.

        Raises Refused.
        """

    def announcement(self, name: str) -> Mapping[str, str]:
        """Return language to text of an announcement."""

    @property
    def departments(self) -> Mapping[str, Mapping[str, str]]:
        """Department to its names by language."""

    def reach(self, caller: Caller) -> Reach:
        """Return what is a caller's business."""

    async def past_queue(self, contact: str) -> str | None:
        """Return in which queue a contact was that may be over; None when nobody knows."""

    def now(self) -> float:
        """Return the time, UTC seconds."""

    def local(self, at: float) -> datetime:
        """Return the naive local time of UTC seconds."""

    async def read(self, look: Callable[[State, str], T]) -> T:
        """Return what `look` finds, once everything that it saw is kept. It must not take long, nor change anything.

        It is given the state, and the position in the journal before which everything is in the state.
        Raises Refused, when `look` does too.
        """

    async def ask(self, word: Wording) -> None:
        """Let the router decide a request; return once that is kept. Raises Refused."""

    def new_contact(self) -> str:
        """Return an id for a contact that we begin."""

    def new_visit(self) -> str:
        """Return an id for a visit that nobody can guess: who knows it may follow the visit, and give it up."""

    def number(self, written: str) -> tuple[Destination, tuple[Secret, ...]]:
        """Let the dial gate read a number; return who is to be rung, and what the vault keeps. Raises Refused."""

    def person(self, to: str, *, anyway: bool, camp: bool) -> tuple[Destination, tuple[Secret, ...]]:
        """Look somebody up in the directory, by id or extension; return as `number` does. Raises Refused.

        With `anyway` also who is away, with `camp` a phone that is busy.
        """

    @property
    def language(self) -> str:
        """Return the house's own language."""

    def call_number(self, written: str, contact: str) -> tuple[str, str, tuple[Secret, ...]]:
        """Let the dial gate read a number at which somebody asks to be called, in `contact`; return the person, the
        number as it is read back, and what the vault keeps. Raises Refused."""

    @property
    def seal(self) -> Seal:
        """Return what vouches for the tokens of questions how it was. Raises Refused."""

    @property
    def secret_roles(self) -> Collection[str]:
        """Roles that see what is secret though they do not serve it."""

    async def disclose(self, looked: Looked) -> Values:
        """Write a look into the access log; return what reads, once that is kept. Raises Refused."""

    async def keep(self, secret: Secret) -> None:
        """Let the vault keep a value that no fact waits for; one that is empty is kept no longer. Raises Refused."""

    async def words(self, owners: Sequence[str], kind: str) -> Mapping[str, str]:
        """Return owner to words of the house, which are no citizen's: what agents are told, and why. Raises Refused."""

    async def copied(self, contact: str, to: str, kinds: Collection[str]) -> tuple[Secret, ...]:
        """Return values of a contact as those of another that goes on with it; they are not shown. Raises Refused."""

    @property
    def contents(self) -> Contents:
        """Return who keeps letters and their files; what is read for people is read by `disclose`."""

    def texts(self, contact: Contact) -> Mapping[str, str]:
        """Return name to text, for agents to begin an answer with, in the contact's language. Raises Refused."""

    def text_of(self, contact: str) -> tuple[str, str, int]:
        """Return the lines that citizen and agent are writing on a text telephone, and how often they changed."""

    async def text_changed(self, contact: str) -> None:
        """Wait until somebody writes on, or a line is over."""

    def write_text(self, contact: Contact, text: str) -> None:
        """Show on a contact's text telephone what is written. Raises Refused."""

    def reference(self, contact: Contact) -> str:
        """Return the number by which citizens know a contact's matter, empty when by none. Raises Refused."""

    async def tapes(self, contact: str) -> Sequence[Tape]:
        """Return what recordings there are of a contact, without a word of them."""

    async def why_this_agent(self, offer: str, event: str) -> WhyThisAgent:
        """Explain an offer that was made, from the state of that moment; `event` is its place in the journal, or empty.

        Raises Refused.
        """

    def figures(self) -> Live:
        """Return the figures of this moment and of today. Raises Refused."""

    def workday(self, agent: str) -> AgentToday:
        """Return an agent's own figures of today. Raises Refused."""

    def health(self) -> Report:
        """Return the state of every part."""
