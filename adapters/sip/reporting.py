"""What a worker's events mean to the router.

A leg that rings us is named by its worker, `<worker>-<generation>-<count>`, and a citizen's leg names its contact. A
leg that we dial is named by the router after its contact, `<contact>.<more>`. Whose leg it is the router knows.
"""

from typing import Final, Literal

from adapters.sip.protocol import CallArrived, Event, LegAnswered, LegEnded, PlayEnded, RecordingEnded
from router.dialling import PHONE
from router.inputs import (
    AnnouncementHeard,
    AnyReport,
    Arrived,
    HungUp,
    NotPickedUp,
    PickedUp,
    PromptEnded,
    SpeechRecorded,
)

ANNOUNCEMENT: Final = "record "
"""Begins the id of a play that says that a talk will be recorded; the agent's leg follows."""
BUSY: Final = frozenset({486, 600})
DECLINED: Final = frozenset({603, 403})
NO_ANSWER: Final = frozenset({200, 408, 487})
"""With 200 somebody picked up, or a machine, and left without having said who it was."""


def rang_us(leg: str) -> bool:
    """Tell whether a leg came in; others we dialled."""
    return "." not in leg


def worker_of(leg: str) -> str:
    """Return the name of the worker that has, or had, the leg."""
    return leg.partition("-")[0]


def generation_of(leg: str) -> str:
    """Return the generation of the worker that has, or had, the leg."""
    return leg.split("-", 2)[1] if leg.count("-") > 1 else ""


def recording_of(contact: str, turn: int) -> str:
    """Return the id of the recording that a contact's flow began at `turn`."""
    return f"{contact}/{turn}"


def arrived(event: CallArrived, source: str, person: str | None = None, *, relay: bool = False) -> Arrived:
    """Return what to tell the router of somebody who rings."""
    return Arrived(
        contact=event.leg,
        channel="call" if event.audio else "text",
        entry=event.called,
        leg=event.leg,
        person=person,
        relay=relay,
        phone=PHONE + event.phone if event.phone else "",
        text=event.text and not event.phone,
        source=source,
        number=event.n,
    )


def report(event: Event, source: str) -> AnyReport | None:
    """Return what to tell the router, None for events that are of no interest to it.

    Arrivals, keys and the ends of legs are worded elsewhere (`adapters.sip.telephones`).
    """
    match event:
        case LegAnswered():
            return PickedUp(leg=event.leg, source=source, number=event.n)
        case PlayEnded() if rang_us(event.leg) and event.play.isdecimal():
            return PromptEnded(contact=event.leg, turn=int(event.play), source=source, number=event.n)
        case PlayEnded() if event.play.startswith(ANNOUNCEMENT):
            return AnnouncementHeard(leg=event.leg, source=source, number=event.n)
        case RecordingEnded():
            contact, _, turn = event.recording.rpartition("/")
            if contact and turn.isdecimal():
                return SpeechRecorded(
                    contact=contact, turn=int(turn), seconds=event.spoken, source=source, number=event.n
                )
        case _:
            pass
    return None


def ended(event: LegEnded, source: str) -> HungUp | NotPickedUp:
    """Return what to tell the router of a leg that is gone."""
    by_will: Literal["hung_up", "cut_off"] = "hung_up" if _by_will(event) else "cut_off"
    if event.answered or rang_us(event.leg):
        return HungUp(leg=event.leg, cause=by_will, source=source, number=event.n)
    cause = failure(event.code)
    if cause == "no_answer" and not event.rang:
        cause = "unreachable"
    return NotPickedUp(leg=event.leg, cause=cause, source=source, number=event.n)


def _by_will(event: LegEnded) -> bool:
    """Tell a BYE or CANCEL from a failure; the worker's own hang-up follows its orders."""
    return event.code in (200, 487) or event.by == "engine" or (event.by == "worker" and event.code < 400)


def failure(code: int) -> Literal["declined", "busy", "no_answer", "unreachable"]:
    """Return what a final SIP status says of somebody who was rung."""
    if code in BUSY:
        return "busy"
    if code in DECLINED:
        return "declined"
    return "no_answer" if code in NO_ANSWER else "unreachable"
