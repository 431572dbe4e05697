"""What the legs of a telephone contact should be like, as a function of the contact's state; and what is missing.

    legs_of(contact, ...) -> what should be        (level, not edge: it does not matter how we got here)
    difference(should, is) -> commands             (used after every decision and by reconcile alike)

This is the only place that turns decisions into call control.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, Protocol

from msgspec import Struct, structs

from adapters.sip.protocol import (
    SILENCE,
    Answer,
    Command,
    Dial,
    HangUp,
    Hear,
    Media,
    Record,
    Ring,
    Signal,
    StopRecording,
    Then,
)
from adapters.sip.reporting import recording_of
from ivr.actions import Listen, Recording, Speak
from ivr.phrase import Phrase
from queues.queue import Waiting as WhileWaiting
from router.contact import Connected, Contact, InFlow, Leaving, Offered, Waiting
from router.dialling import Permit
from router.inputs import LEAVING_TURN

CITIZEN_CHANNELS = frozenset({"call"})
"""Channels whose citizen is on a leg of a SIP worker."""

GONE_CODE = 480
"""Final response to a caller whose contact ended before the call was answered."""


class Tape(Struct, frozen=True):
    """A recording of what one leg says."""

    recording: str
    """Its id on the worker, different for each attempt."""
    path: str
    silence: float
    """Seconds of silence that end it."""
    most: float
    """Seconds it may last."""


class LegPlan(Struct, frozen=True):
    """How a leg should be."""

    leg: str
    signal: Literal["ring", "answer", "dial"]
    media: Media | None
    """What it should hear; None leaves it as it is."""
    agent: str = ""
    """Whose phone to dial."""
    tape: Tape | None = None
    """What is being recorded of it."""


class LegNow(Struct, frozen=True):
    """How a leg is, as far as it has been ordered or reported."""

    signal: Signal
    media: Media
    recording: str = ""


class Say(Protocol):
    """Finds the sounds of a phrase."""

    def __call__(self, language: str, phrase: Phrase, contact: str = "") -> tuple[str, ...]:
        """Return the WAV files that say `phrase` in `language`, in order, at least one. `contact` is whose digits or
        recordings the phrase may name. Nothing is made here that takes time: all sounds lie ready.

            sounds.phrase(card.language, Phrase("position", {"number": 3}))
        """


class Sounds(Struct, frozen=True):
    """Where sounds are found."""

    phrase: Say
    while_waiting: Callable[[str], WhileWaiting]
    """Queue to what its callers hear."""
    recording: Callable[[str], str]
    """Name of a recording to its path."""


def legs_of(contact: Contact, sounds: Sounds) -> Iterator[LegPlan]:
    """Yield how the contact's legs should be; a leg that is not named should not exist."""
    card = contact.card
    if card.channel not in CITIZEN_CHANNELS:
        return
    match contact:
        case InFlow():
            yield LegPlan(card.leg, "answer", _flow_media(contact, sounds), tape=_tape(contact, sounds))
        case Waiting():
            yield _in_line(contact, sounds)
        case Offered():
            # The worker joins the two as soon as the agent answers, without asking anybody; until then the caller
            # hears what callers in line hear, and goes on hearing it if the agent does not answer.
            waiting = _in_line(contact, sounds)
            yield LegPlan(card.leg, waiting.signal, Media(peer=contact.offer, then=_then(contact, sounds)))
            yield LegPlan(contact.offer, "dial", Media(peer=card.leg, then="hang_up"), contact.agent)
        case Connected():
            yield LegPlan(card.leg, "answer", Media(peer=contact.offer, then=_then(contact, sounds)))
            yield LegPlan(contact.offer, "dial", Media(peer=card.leg, then="hang_up"), contact.agent)
        case Leaving():
            way = contact.way
            said = "" if way.by_flow else way.name
            files = sounds.phrase(card.language, Phrase(said), card.id) if said else ()
            yield LegPlan(card.leg, "answer", Media(str(LEAVING_TURN), files, "hang_up"))
        case _:
            return


def _flow_media(contact: InFlow, sounds: Sounds) -> Media | None:
    card = contact.card
    match contact.action:
        case Speak() as speak:
            files = tuple(path for one in speak.heard for path in sounds.phrase(card.language, one, card.id))
            return Media(str(contact.session.turn), files, "silence" if speak.quiet else "music")
        case Recording():
            return SILENCE
        case Listen():
            return Media(then="music")
        case _:
            return None


def _tape(contact: InFlow, sounds: Sounds) -> Tape | None:
    action, session = contact.action, contact.session
    if not isinstance(action, Recording):
        return None
    path = sounds.recording(f"{contact.card.id}.{session.filing}.{action.name}")
    return Tape(recording_of(contact.card.id, session.turn), path, action.silence, action.timeout)


def _in_line(contact: Waiting | Offered, sounds: Sounds) -> LegPlan:
    rings = sounds.while_waiting(contact.spot.queue) == "ringing"
    return LegPlan(contact.card.leg, "ring" if rings else "answer", Media(then=_then(contact, sounds)))


def _then(contact: Waiting | Offered | Connected, sounds: Sounds) -> Then:
    return "silence" if sounds.while_waiting(contact.spot.queue) == "silence" else "music"


class Caller(Struct, frozen=True):
    """Who is shown to an agent whose phone rings."""

    user: str = "anonymous"
    display: str = ""


class Dialling(Struct, frozen=True):
    """What `difference` needs to dial."""

    permit: Callable[[str, str], Permit]
    """Leg and agent to a permit."""
    caller: Callable[[str], Caller]
    """Leg to who is shown."""
    timeout: float


def difference(
    should: Mapping[str, LegPlan], now: Mapping[str, LegNow], dialling: Dialling, code: int = GONE_CODE
) -> list[Command]:
    """Return the commands that make `now` what it `should` be. Numbers (`n`) are left 0 for the link to fill in."""
    commands: list[Command] = [HangUp(0, leg, code) for leg in now if leg not in should]
    for plan in should.values():
        if plan.signal == "dial" and plan.leg not in now:
            permit = dialling.permit(plan.leg, plan.agent)
            caller = dialling.caller(plan.leg)
            media = plan.media or SILENCE
            commands.append(Dial(0, permit, caller.user, caller.display, dialling.timeout, media=media))
    for plan in should.values():
        known = now.get(plan.leg)
        if known is None:
            continue
        if plan.signal == "answer" and known.signal != "answered":
            commands.append(Answer(0, plan.leg))
        elif plan.signal == "ring" and known.signal == "dialling":
            commands.append(Ring(0, plan.leg))
        if plan.media is not None and not _same(plan.media, known.media):
            commands.append(Hear(0, plan.leg, plan.media))
        commands += _record(plan, known.recording)
    return commands


def _record(plan: LegPlan, now: str) -> Iterator[Command]:
    """Yield what makes the recording of a leg what it should be."""
    tape = plan.tape
    if now and (tape is None or tape.recording != now):
        yield StopRecording(0, now)
    if tape is not None and tape.recording != now:
        yield Record(0, tape.recording, (plan.leg,), tape.path, tape.silence, tape.most)


def _same(should: Media, now: Media) -> bool:
    """Tell whether a leg hears what it should; a play that has come to its end is still the same play."""
    return should == now or bool(should.play and should.play == now.play)


def recorded(legs: dict[str, LegNow], recording: str) -> None:
    """Note in `legs` that a recording is over."""
    for leg, now in legs.items():
        if now.recording == recording:
            legs[leg] = structs.replace(now, recording="")


def ordered(legs: dict[str, LegNow], command: Command) -> None:
    """Note in `legs` what a command leads to once it is carried out."""
    match command:
        case HangUp():
            legs.pop(command.leg, None)
        case Dial():
            legs[command.permit.leg] = LegNow("dialling", command.media)
        case Ring():
            legs[command.leg] = structs.replace(legs[command.leg], signal="ringing")
        case Answer():
            legs[command.leg] = structs.replace(legs[command.leg], signal="answered")
        case Hear():
            legs[command.leg] = structs.replace(legs[command.leg], media=command.media)
        case Record():
            for leg in command.legs:
                legs[leg] = structs.replace(legs[leg], recording=command.recording)
        case StopRecording():
            recorded(legs, command.recording)
        case _:
            return
