"""What the router is told.

A *request* asks for something and may be refused (`Refused`, with a stable id). A *report* says what happened
outside; it is always absorbed, and one that comes late or twice changes nothing.
"""

from typing import Literal

from msgspec import Struct

from queues.alarms import AlarmKind
from queues.crisis import Measures
from queues.skills import Needs
from router.configuration import Configuration
from router.dialling import Destination
from router.facts import Ear, SendCause


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
    """An agent starts to work, at the configured phone or at `address`: a phone's, or a desk's (`desk:SITE/NUMBER`)."""

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
    """An agent takes an offered contact at the desk (a ringing phone reports `PickedUp` instead)."""

    offer: str


class DeclineOffer(Request, frozen=True):
    """An agent does not take an offered contact."""

    offer: str


class Finish(Request, frozen=True):
    """The contact's talk or work is over, by the agent's word."""

    contact: str


class EndWrapUp(Request, frozen=True):
    """The agent is done with a contact; `agent` may be left out unless the contact goes on elsewhere."""

    contact: str
    agent: str = ""


class HandBack(Request, frozen=True):
    """The agent returns a contact to its place in line."""

    contact: str


class ExtendWrapUp(Request, frozen=True):
    """The agent needs longer for a contact; `agent` as for `EndWrapUp`."""

    contact: str
    agent: str = ""


class Hold(Request, frozen=True):
    """The citizen hears music while the agent does something else."""

    contact: str


class Resume(Request, frozen=True):
    """Everybody who is held talks again: after `Hold`, and a conference after `Consult`."""

    contact: str


class Consult(Request, frozen=True):
    """Ring somebody and talk with them while the citizen hears music."""

    contact: str
    destination: Destination


class Swap(Request, frozen=True):
    """Talk with those who are held, and hold those who are not."""

    contact: str


class Connect(Request, frozen=True):
    """The agent leaves; the citizen and who was consulted talk with each other (attended transfer)."""

    contact: str


class DropParty(Request, frozen=True):
    """Somebody who was consulted leaves; `party` may be left out when there is only one."""

    contact: str
    party: str = ""


class Forward(Request, frozen=True):
    """Send the citizen on without talking first (blind transfer); `camp` waits for a busy destination (camp-on)."""

    contact: str
    destination: Destination
    camp: bool = False


class Park(Request, frozen=True):
    """Leave the citizen in a slot, from where any agent may fetch the contact."""

    contact: str


class Retrieve(Request, frozen=True):
    """Fetch a parked contact."""

    slot: str
    agent: str


class SendToQueue(Request, frozen=True):
    """Let the citizen wait in another queue, waiting time kept (rule 7)."""

    contact: str
    queue: str
    remark: bool = False
    """With a note for whoever gets it, whose words stand in the vault under the contact's next remark."""


class PlaceCall(Request, frozen=True):
    """Call somebody for a queue: the agent's phone rings first. `contact` is an id that the adapter makes."""

    contact: str
    agent: str
    destination: Destination
    queue: str = ""
    """Whose number is shown; the agent's first queue when empty."""


class RegisterCallback(Request, frozen=True):
    """The citizen of a waiting contact wants to be called back instead of waiting on the line."""

    contact: str


class PromiseCallback(Request, frozen=True):
    """The agent promises to call the citizen back in person, at a time (UTC seconds)."""

    contact: str
    due: float
    person: str | None = None
    """Whose number the citizen named for that; the citizen's own when left out."""


class AskCallback(Request, frozen=True):
    """A citizen who is not on the line wants to be called back for `queue`: in turn, or at `start` (UTC seconds)."""

    contact: str
    queue: str
    person: str
    start: float | None = None
    language: str = ""
    on_page: bool = False
    """On a page on which anybody may name any number."""


class NotReached(Request, frozen=True):
    """The agent who calls a citizen back met somebody else, or a machine."""

    contact: str


class CancelCallback(Request, frozen=True):
    """The citizen does not want to be called any more."""

    callback: str


class HandOverCallback(Request, frozen=True):
    """Another queue is to keep a promise to call back."""

    callback: str
    queue: str


class SendMessage(Request, frozen=True):
    """An agent writes to the citizen; the words stand in the vault under the contact's next number."""

    contact: str
    agent: str


class SendAgain(Request, frozen=True):
    """A message of ours that failed, or waits, is tried at once."""

    contact: str
    message: int


class DropMessage(Request, frozen=True):
    """Somebody has seen that a message of ours did not get there."""

    contact: str
    message: int


class JoinMatter(Request, frozen=True):
    """A contact is about the same as others."""

    contact: str
    matter: str


class Describe(Request, frozen=True):
    """An agent says what a contact is, or was, about; `reason` and `gap` are words of the configuration."""

    contact: str
    agent: str
    reason: str
    avoidable: bool | None = None
    gap: str = ""
    follow_up: bool = False


class BookVisit(Request, frozen=True):
    """A citizen wants to come to `site` for `service` at `start` (UTC seconds), one of the times that are free."""

    contact: str
    site: str
    service: str
    start: float
    person: str | None = None
    language: str = ""
    needs: Needs = ()
    on_page: bool = False
    """On a page that anybody may use as often as it lets."""


class TakeTicket(Request, frozen=True):
    """A citizen stands in `site`, wants `service`, and is to be called by a number."""

    contact: str
    site: str
    service: str
    person: str | None = None
    language: str = ""
    needs: Needs = ()
    on_page: bool = False
    """On a page that anybody may use as often as it lets."""
    aids: tuple[str, ...] = ()
    """What the visitor needs to be served as well as everybody else (`router.persons.AIDS`)."""


class CheckIn(Request, frozen=True):
    """A visitor says to be here: who booked a time, or was called and had not come."""

    contact: str


class LeaveVisit(Request, frozen=True):
    """A visitor does not want to wait any longer, or to come at all."""

    contact: str


class RecordVisit(Request, frozen=True):
    """An agent serves somebody who stands there without a ticket; at the agent's own site when `site` is empty."""

    contact: str
    agent: str
    service: str
    site: str = ""
    language: str = ""


class CallNumber(Request, frozen=True):
    """The visitor is called to the agent's desk once more."""

    contact: str


class NoShow(Request, frozen=True):
    """The visitor was called and did not come."""

    contact: str


class NoteNeeds(Request, frozen=True):
    """What the citizen of a contact needs, and speaks; `keep` when the citizen agrees to have it remembered."""

    contact: str
    needs: tuple[str, ...]
    language: str | None = None
    """None for no change."""
    keep: bool = False


class ForgetNeeds(Request, frozen=True):
    """The citizen does not want to have language and needs remembered any more."""

    contact: str


class ForgetPerson(Request, frozen=True):
    """Of a person nothing is to be remembered any more: neither needs nor further addresses. Protection stays."""

    person: str


class JoinPerson(Request, frozen=True):
    """The citizen of a contact is `person` too: somebody known by another number or address."""

    contact: str
    person: str


class PartPerson(Request, frozen=True):
    """The number or address of a contact is somebody else's than what it was joined to."""

    contact: str


class MarkPerson(Request, frozen=True):
    """Persons have a protected identity, or are no persons but addresses that several share; None for no change."""

    persons: tuple[str, ...]
    protected: bool | None = None
    shared: bool | None = None


class OnDuty(Struct, frozen=True):
    """Somebody who interprets, and where that one is rung."""

    id: str
    destination: Destination


class AskInterpreter(Request, frozen=True):
    """Somebody who interprets `language` is to join a talk: the first of `duty` who is on duty and answers."""

    contact: str
    language: str
    duty: tuple[OnDuty, ...]


class StartCrisis(Request, frozen=True):
    """Put measures in force, and an announcement before them whose sounds lie ready."""

    crisis: str
    plan: str
    measures: Measures
    languages: tuple[str, ...] = ()
    """Those of the announcement; the first stands in for all others. None for no announcement."""


class AmendCrisis(Request, frozen=True):
    """Change the measures."""

    crisis: str
    measures: Measures


class Announce(Request, frozen=True):
    """Let an announcement take the place of the one before."""

    crisis: str
    message: int
    languages: tuple[str, ...]


class EndCrisis(Request, frozen=True):
    """Let everything be as before."""

    crisis: str


class JoinCrisis(Request, frozen=True):
    """An agent of an invited group helps, from now on until the crisis ends."""

    crisis: str
    agent: str


class LeaveCrisis(Request, frozen=True):
    """An agent helps no longer."""

    crisis: str
    agent: str


class SetSecrecy(Request, frozen=True):
    """What a contact is about is secret, or is not any more."""

    contact: str
    secret: bool


class PlaceHold(Request, frozen=True):
    """Nothing of a matter may be deleted (legal hold), or it may again. The matter's contacts may be over."""

    matter: str
    held: bool


class AnswerSurvey(Request, frozen=True):
    """Say how it was, after a contact that is over: on a page, or at the desk."""

    contact: str
    answer: int


class HandOverAgain(Request, frozen=True):
    """A matter that the records system did not take is to be tried once more; `contact` was its last."""

    contact: str


class PauseRecording(Request, frozen=True):
    """A talk is not to be recorded for a while."""

    contact: str


class ResumeRecording(Request, frozen=True):
    """A talk is to be recorded again."""

    contact: str


class AddRemark(Request, frozen=True):
    """One of the house writes something for colleagues; the words stand in the vault as `router.secondline` says."""

    contact: str
    agent: str = ""


class LeaveFor(Request, frozen=True):
    """What the citizen is there for is left for the people of a queue; the agent keeps the citizen.

    `left` is an id that the adapter makes; the note stands in the vault as its first remark.
    """

    contact: str
    queue: str
    left: str


class AskQueue(Request, frozen=True):
    """Ask the people of a queue in writing, and keep the contact. `question` is an id that the adapter makes."""

    contact: str
    queue: str
    question: str


class ConsultQueue(Request, frozen=True):
    """Ring anybody of a queue, as soon as somebody is free, and talk with them while the citizen hears music."""

    contact: str
    queue: str


class AskHelp(Request, frozen=True):
    """The agent wants somebody who leads to help."""

    contact: str


class EndHelp(Request, frozen=True):
    """Somebody has helped (`answered`), or it is not wanted any more."""

    contact: str
    answered: bool


class JoinTalk(Request, frozen=True):
    """Somebody who leads is rung, and talks with citizen and agent."""

    contact: str
    destination: Destination


class Listen(Request, frozen=True):
    """Somebody who leads is rung, and listens to a talk; whoever listens already is heard by others than before.

    `destination` may be left out for that.
    """

    contact: str
    destination: Destination | None
    mode: Ear


class StopListening(Request, frozen=True):
    """Nobody is to listen to a talk any more."""

    contact: str


class Urge(Request, frozen=True):
    """A waiting contact is more, or less, urgent than others by `factor`; `first`: before all others of its queue."""

    contact: str
    factor: float = 1.0
    first: bool = False


class AssignContact(Request, frozen=True):
    """A waiting contact is offered to one agent next, until `until` to that one alone."""

    contact: str
    agent: str
    until: float


class AssignAgent(Request, frozen=True):
    """For now an agent serves other queues (to tiers), or has other skills (to levels); None for no change."""

    agent: str
    queues: dict[str, int] | None = None
    skills: dict[str, int] | None = None
    until: float | None = None


class EndAssignment(Request, frozen=True):
    """An agent serves what is configured again."""

    agent: str


class SetToday(Request, frozen=True):
    """A queue is open, or closed, until `until`, whatever its hours say."""

    queue: str
    open: bool
    until: float


class EndToday(Request, frozen=True):
    """A queue keeps its hours again."""

    queue: str


class PostBulletin(Request, frozen=True):
    """The agents of `queues`, all when there are none, are told something. The adapter makes the id."""

    bulletin: str
    queues: tuple[str, ...]
    until: float


class ReadBulletin(Request, frozen=True):
    """An agent has read it."""

    bulletin: str
    agent: str


class EndBulletin(Request, frozen=True):
    """It is not to be shown any more."""

    bulletin: str


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
    | ExtendWrapUp
    | Hold
    | Resume
    | Consult
    | Swap
    | Connect
    | DropParty
    | Forward
    | Park
    | Retrieve
    | SendToQueue
    | PlaceCall
    | RegisterCallback
    | PromiseCallback
    | AskCallback
    | NotReached
    | CancelCallback
    | HandOverCallback
    | SendMessage
    | SendAgain
    | DropMessage
    | JoinMatter
    | Describe
    | BookVisit
    | TakeTicket
    | CheckIn
    | LeaveVisit
    | RecordVisit
    | CallNumber
    | NoShow
    | NoteNeeds
    | ForgetNeeds
    | ForgetPerson
    | JoinPerson
    | PartPerson
    | MarkPerson
    | AskInterpreter
    | StartCrisis
    | AmendCrisis
    | Announce
    | EndCrisis
    | JoinCrisis
    | LeaveCrisis
    | SetSecrecy
    | PlaceHold
    | HandOverAgain
    | AnswerSurvey
    | PauseRecording
    | ResumeRecording
    | AddRemark
    | LeaveFor
    | AskQueue
    | ConsultQueue
    | AskHelp
    | EndHelp
    | JoinTalk
    | Listen
    | StopListening
    | Urge
    | AssignContact
    | AssignAgent
    | EndAssignment
    | SetToday
    | EndToday
    | PostBulletin
    | ReadBulletin
    | EndBulletin
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
    phone: str = ""
    """The phone of the house that rings us; `entry` may be a code then."""
    matter: str = ""
    """The matter it goes on with; one of its own when empty."""
    written: bool = False
    """It begins with a message, whose words stand in the vault under `<contact>.m1`."""
    automatic: bool = False
    """A machine wrote that message."""
    mark: str = ""
    """By which that message is known again when it is told twice (`MessageArrived.mark`)."""
    text: bool = False
    """There is a text telephone at the other end of `leg`."""
    told: bool = False
    """Who wrote has been told already that it came, or left nowhere to write to: it is not acknowledged."""
    speaks: str = ""
    """The language that the citizen says to speak; that of the entry when empty."""
    needs: tuple[str, ...] = ()
    """What the citizen says to need (`router.persons.AIDS`)."""
    keep: bool = False
    """And lets us remember, with the language."""


class PhoneSeen(Report, frozen=True):
    """A phone (`phone:NAME`) is registered."""

    phone: str


class PhoneGone(Report, frozen=True):
    """A phone (`phone:NAME`) is not registered, or not any more."""

    phone: str


class PhoneDialled(Report, frozen=True):
    """A registered phone rang us from `leg`, and not one of our entries.

    `destination` is what it dialled, None when that is nothing that may be rung; `slot` asks for a parked contact.
    """

    leg: str
    phone: str
    destination: Destination | None = None
    slot: str = ""
    refused: bool = False
    """The dial gate refused what was dialled."""


class ConnectionKnown(Report, frozen=True):
    """Whom a flow means that connects its caller, as asked for at `turn`; None when that may not be rung."""

    contact: str
    turn: int
    destination: Destination | None = None


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
    person: str | None = None
    """Whose number it is, where a number that may be called was asked for."""


class DigitsChecked(Report, frozen=True):
    """What the citizen typed has been compared with a secret, as asked for at `turn`."""

    contact: str
    turn: int
    holds: bool
    agent: str = ""
    """Whose number and PIN they are, if an agent's were asked for; whose code, if a helper's was."""
    crisis: str = ""
    """The crisis for which that code was given."""


class SpeechRecorded(Report, frozen=True):
    """The recording that began at `turn` is complete."""

    contact: str
    turn: int
    seconds: float


class PickedUp(Report, frozen=True):
    """Somebody whom we rang picked up `leg`."""

    leg: str


class NotPickedUp(Report, frozen=True):
    """Somebody whom we rang did not pick up `leg`."""

    leg: str
    cause: Literal["declined", "busy", "no_answer", "unreachable"]


class HungUp(Report, frozen=True):
    """A leg that talked is gone: whose it was, and what follows, the router knows."""

    leg: str
    cause: Literal["hung_up", "cut_off"]


class MessageArrived(Report, frozen=True):
    """The citizen wrote one more message; its words stand in the vault under the contact's next number."""

    contact: str
    count: int = 0
    """The citizen's program's own number of it, from 1; 0 when it has none."""
    automatic: bool = False
    """A machine wrote it."""
    mark: str = ""
    """By which it is known again, within a day, when it is told twice: a hash of the sender's id of it."""
    key: str = ""
    """Of the choices that stand there, the one it makes."""
    holds: bool = False
    """It is an answer to what a flow asks for: digits, or an address."""
    person: str | None = None
    """Whose address, or number, it is."""
    aside: bool = False
    """It answers nothing: what was asked when it was written is not asked any more."""


class LineWritten(Report, frozen=True):
    """A line that an agent wrote to a text telephone is over; its words stand in the vault as the next message's do."""

    contact: str


class MessageTaken(Report, frozen=True):
    """A message of ours was taken by whoever carries it."""

    contact: str
    message: int


class MessageNotTaken(Report, frozen=True):
    """A message of ours was not taken; `retry_at` says when it is worth trying again, None that it is not."""

    contact: str
    message: int
    cause: SendCause
    retry_at: float | None = None


class CitizenGone(Report, frozen=True):
    """The citizen's side of a contact is gone, by will or by accident."""

    contact: str
    cause: Literal["hung_up", "cut_off"]


class MatterTaken(Report, frozen=True):
    """The records system took the matter that ended with a contact."""

    contact: str


class MatterNotTaken(Report, frozen=True):
    """It did not; `retry_at` says when it is worth trying again, None that it is not."""

    contact: str
    cause: SendCause
    retry_at: float | None = None


class AnnouncementHeard(Report, frozen=True):
    """Somebody on `leg` has heard to its end that the talk will be recorded."""

    leg: str


class QueueAlarm(Report, frozen=True):
    """A figure of a queue has crossed a threshold (`raised`), or is well on the right side of it again."""

    queue: str
    alarm: AlarmKind
    raised: bool


class AlertTaken(Report, frozen=True):
    """Somebody has been told of an alarm."""

    alert: str


class AlertNotTaken(Report, frozen=True):
    """Somebody could not be told; `retry_at` says when it is worth trying again, None that it is not."""

    alert: str
    cause: SendCause
    retry_at: float | None = None


AnyReport = (
    TimePassed
    | PhoneSeen
    | PhoneGone
    | Arrived
    | PhoneDialled
    | ConnectionKnown
    | PromptEnded
    | KeyPressed
    | DigitsTyped
    | DigitsChecked
    | SpeechRecorded
    | PickedUp
    | NotPickedUp
    | HungUp
    | MessageArrived
    | LineWritten
    | MessageTaken
    | MessageNotTaken
    | CitizenGone
    | MatterTaken
    | MatterNotTaken
    | AnnouncementHeard
    | QueueAlarm
    | AlertTaken
    | AlertNotTaken
)
Input = AnyRequest | AnyReport
