"""What is missing between how legs should be and how they are, as commands.

difference(should, is) -> commands             (used after every decision and by reconcile alike)
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from msgspec import Struct, structs

from adapters.sip.plan import LegPlan
from adapters.sip.protocol import (
    SILENCE,
    Answer,
    Command,
    Dial,
    HangUp,
    Hear,
    Media,
    Record,
    Refer,
    Ring,
    Show,
    Signal,
    StopRecording,
)
from router.dialling import Permit

GONE_CODE: Final = 480
"""Final response to a caller whose contact ended before the call was answered."""


class LegNow(Struct, frozen=True):
    """How a leg is, as far as it has been ordered or reported."""

    signal: Signal
    media: Media
    recording: str = ""
    referred: str = ""
    """To where the far end was asked to connect itself, and has not told the outcome yet."""
    target: str = ""
    """What was dialled."""
    shown: int = -1
    """The number of the last message that stands on its display; -1 without text."""


class Caller(Struct, frozen=True):
    """Who is shown to somebody whose phone rings."""

    user: str = "anonymous"
    display: str = ""


class Dialled(Struct, frozen=True):
    """How a leg is dialled."""

    permit: Permit
    caller: Caller
    timeout: float
    network: str = ""
    identity: str = ""
    confirm: tuple[str, ...] = ()


Dialling = Callable[[LegPlan], Dialled | None]
"""Tells how to dial a leg; None when it cannot be (any more)."""


def difference(
    should: Mapping[str, LegPlan], now: Mapping[str, LegNow], dialling: Dialling, code: int = GONE_CODE
) -> list[Command]:
    """Return the commands that make `now` what it `should` be. Numbers (`n`) are left 0 for the link to fill in."""
    commands: list[Command] = [HangUp(0, leg, code) for leg in now if leg not in should]
    for plan in should.values():
        if plan.signal == "dial" and plan.leg not in now and (how := dialling(plan)) is not None:
            caller, media = how.caller, plan.media or SILENCE
            commands.append(
                Dial(
                    0,
                    how.permit,
                    caller.user,
                    caller.display,
                    how.timeout,
                    media=media,
                    network=how.network,
                    identity=how.identity,
                    confirm=how.confirm,
                )
            )
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
        if plan.refer is not None and not known.referred and (how := dialling(plan)) is not None:
            commands.append(Refer(0, how.permit))
    return commands


def _record(plan: LegPlan, now: str) -> Iterator[Command]:
    """Yield what makes the recording of a leg what it should be."""
    tape = plan.tape
    if now and (tape is None or tape.recording != now):
        yield StopRecording(0, now)
    if tape is not None and tape.recording != now:
        yield Record(0, tape.recording, (plan.leg,), tape.path, tape.most, tape.silence)


def _same(should: Media, now: Media) -> bool:
    """Tell whether a leg hears what it should; a play of which parts have been heard is still the same play."""
    if should == now:
        return True
    return bool(should.play) and structs.replace(should, first=now.first, files=now.files) == now


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
            legs[command.permit.leg] = LegNow("dialling", command.media, target=command.permit.target)
        case Ring():
            legs[command.leg] = structs.replace(legs[command.leg], signal="ringing")
        case Answer():
            legs[command.leg] = structs.replace(legs[command.leg], signal="answered")
        case Hear():
            legs[command.leg] = structs.replace(legs[command.leg], media=command.media)
        case Show():
            legs[command.leg] = structs.replace(legs[command.leg], shown=command.number)
        case Record():
            for leg in command.legs:
                legs[leg] = structs.replace(legs[leg], recording=command.recording)
        case StopRecording():
            recorded(legs, command.recording)
        case Refer():
            leg = command.permit.leg
            legs[leg] = structs.replace(legs[leg], referred=command.permit.target)
        case _:
            return
