"""What the router is told.

A *request* asks for something and may be refused (`Refused`, with a stable id). A *report* says what happened
outside; it is always absorbed, and one that comes late or twice changes nothing.
"""

from typing import Literal

from msgspec import Struct

from router.configuration import Configuration

LEAVING_TURN = 0
"""The turn of the prompt that a contact hears on its way out (rule 9); flows count from 1."""


class Refused(Exception):
    """A request cannot be granted; nothing has changed."""

    def __init__(self, error_id: str, text: str, *, retryable: bool = False) -> None:
        super().__init__(text)
        self.error_id = error_id
        """Stable, for programs (docs/errors.md)."""
        self.retryable = retryable
        """Whether the same request may succeed a little later."""


class Request(Struct, frozen=True):
    """Base of requests."""


class Report(Struct, frozen=True, kw_only=True):
    """Base of reports. `source` and `number` tell doubles; number 0 is never a double."""

    source: str = ""
    number: int = 0


# ---- requests --------------------------------------------------------------------------------------------------


class ApplyConfiguration(Request, frozen=True):
    """Put a checked configuration in force."""

    configuration: Configuration


class LogIn(Request, frozen=True):
    """An agent starts to work, at the configured phone or at `address`."""

    agent: str
    address: str = ""


class LogOut(Request, frozen=True):
    """An agent leaves; contacts in hand are finished first."""

    agent: str


class GoReady(Request, frozen=True):
    """An agent takes offers."""

    agent: str


class Pause(Request, frozen=True):
    """An agent takes no offers for a while."""

    agent: str
    reason: str


class AcceptOffer(Request, frozen=True):
    """An agent takes an offered contact at the desk (a ringing phone reports `OfferAnswered` instead)."""

    offer: str


class DeclineOffer(Request, frozen=True):
    """An agent does not take an offered contact."""

    offer: str


class Finish(Request, frozen=True):
    """The contact's talk or work is over, by the agent's word."""

    contact: str


class EndWrapUp(Request, frozen=True):
    """The agent is done with a contact."""

    contact: str


class HandBack(Request, frozen=True):
    """The agent returns a contact to its place in line."""

    contact: str


class RegisterCallback(Request, frozen=True):
    """The citizen of a waiting contact wants to be called back instead of waiting on the line."""

    contact: str


class CancelCallback(Request, frozen=True):
    """The citizen does not want to be called any more."""

    callback: str


AnyRequest = (
    ApplyConfiguration
    | LogIn
    | LogOut
    | GoReady
    | Pause
    | AcceptOffer
    | DeclineOffer
    | Finish
    | EndWrapUp
    | HandBack
    | RegisterCallback
    | CancelCallback
)


# ---- reports ---------------------------------------------------------------------------------------------------


class TimePassed(Report, frozen=True):
    """A deadline named by `next_deadline` may be due."""


class Arrived(Report, frozen=True):
    """A citizen reached `entry` (its address) by `channel`; `leg` is the adapter's handle for answering."""

    contact: str
    channel: str
    entry: str
    leg: str = ""
    person: str | None = None
    preferred: str | None = None
    """The agent this person should meet again if possible (rule 4)."""
    relay: bool = False
    """By a relay service: somebody in between hears, types and speaks."""


class PromptEnded(Report, frozen=True):
    """What was played at `turn` has been heard."""

    contact: str
    turn: int


class KeyPressed(Report, frozen=True):
    """The citizen pressed a key."""

    contact: str
    digit: str


class DigitsTyped(Report, frozen=True):
    """The citizen types an answer: `count` digits so far. Which ones is kept beside the facts, and told to nobody here.

    A count of 0 that is not `over` says that what had been typed is lost.
    """

    contact: str
    count: int
    over: bool
    """The key that ends the answer was pressed, or it is as long as it can be."""
    holds: bool | None
    """Whether it is an answer as it stands; None when `DigitsChecked` will tell."""


class DigitsChecked(Report, frozen=True):
    """What the citizen typed has been compared with a secret, as asked for at `turn`."""

    contact: str
    turn: int
    holds: bool


class SpeechRecorded(Report, frozen=True):
    """The recording that began at `turn` is complete."""

    contact: str
    turn: int
    seconds: float


class OfferAnswered(Report, frozen=True):
    """The agent's phone was picked up."""

    offer: str


class OfferFailed(Report, frozen=True):
    """The agent's phone was not picked up."""

    offer: str
    cause: Literal["declined", "busy", "no_answer", "unreachable"]


class CitizenGone(Report, frozen=True):
    """The citizen's side of a contact is gone, by will or by accident."""

    contact: str
    cause: Literal["hung_up", "cut_off"]


class AgentGone(Report, frozen=True):
    """The agent's side of an accepted offer is gone: by will the contact is over, by accident it is not."""

    offer: str
    cause: Literal["hung_up", "cut_off"]


AnyReport = (
    TimePassed
    | Arrived
    | PromptEnded
    | KeyPressed
    | DigitsTyped
    | DigitsChecked
    | SpeechRecorded
    | OfferAnswered
    | OfferFailed
    | CitizenGone
    | AgentGone
)
Input = AnyRequest | AnyReport
