"""Recordings of talks over HTTP: pausing one, and listening to those that are kept. Every listening is written down."""

from typing import Final

from msgspec import Struct

from router import inputs as i
from router.api import STAFF, Asked, Caller, Content, Example, Id, Role, route
from router.inputs import Refused
from web.contacts import IN_HAND, PERSONAL, OneContact, in_hands_of
from web.disclosure import Disclosure
from web.house import House, plain

WAV: Final = "audio/wav"
LISTENERS: Final[frozenset[Role]] = frozenset({"supervisor"})
TALKS: Final = (*IN_HAND, "not_connected", "not_by_phone", "not_talking", "not_recorded")


class OneRecording(Asked, frozen=True):
    """A recording."""

    contact: Id
    recording: Id


class RecordingView(Struct, frozen=True, kw_only=True):
    """A recording of one side of a talk, or of a stretch of it."""

    recording: str
    began: float
    """UTC seconds."""
    track: str
    """Whose voice: `citizen` or `agent`."""
    seconds: float


class RecordingList(Struct, frozen=True):
    """The recordings of a contact, the oldest first."""

    contact: str
    recordings: tuple[RecordingView, ...]


class RecordingRoutes:
    """Carries out what is asked."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._gate = Disclosure(house)

    @route(
        "POST",
        "/contacts/{contact}/recording/pause",
        roles=STAFF,
        refusals=TALKS,
        examples=(
            Example(summary="Not this", asked=OneContact(contact="w1-1-1"), given="guide01 talks with w1-1-1 on tape"),
        ),
    )
    async def pause(self, caller: Caller, asked: OneContact) -> None:
        """Do not record what is said from now on, until `resume`."""
        await self._house.ask(plain(i.PauseRecording(asked.contact), in_hands_of(caller, asked.contact)))

    @route(
        "POST",
        "/contacts/{contact}/recording/resume",
        roles=STAFF,
        refusals=TALKS,
        examples=(
            Example(summary="Go on", asked=OneContact(contact="w1-1-1"), given="guide01 talks with w1-1-1 on tape"),
        ),
    )
    async def resume(self, caller: Caller, asked: OneContact) -> None:
        """Record again what is said."""
        await self._house.ask(plain(i.ResumeRecording(asked.contact), in_hands_of(caller, asked.contact)))

    @route(
        "GET",
        "/contacts/{contact}/recordings",
        roles=LISTENERS,
        examples=(Example(summary="All", asked=OneContact(contact="w1-1-1")),),
    )
    async def recordings(self, _: Caller, asked: OneContact) -> RecordingList:
        """List the recordings of a contact, living or over, without a word of them."""
        found = await self._house.tapes(asked.contact)
        views = (
            RecordingView(recording=one.recording, began=one.began, track=one.track, seconds=one.seconds)
            for one in found
        )
        return RecordingList(asked.contact, tuple(views))

    @route(
        "GET",
        "/contacts/{contact}/recordings/{recording}",
        roles=LISTENERS,
        refusals=("unknown_recording", *PERSONAL),
        gives=WAV,
        examples=(
            Example(
                summary="The citizen",
                asked=OneRecording(contact="w1-1-1", recording="1000~citizen"),
                given="w1-1-1 was recorded",
            ),
        ),
    )
    async def sound(self, caller: Caller, asked: OneRecording) -> Content:
        """Give a recording: a WAV file, or the part of it that a `Range` names."""
        kept = {one.recording: one.matter for one in await self._house.tapes(asked.contact)}
        if asked.recording not in kept:
            raise Refused("unknown_recording", "there is no such recording, or it is not kept any more")
        kind = f"recording {asked.recording}"
        values = await self._gate.open_past(caller, asked.contact, kept[asked.recording], (kind,))
        sound = await values.tape(asked.contact, asked.recording)
        if sound is None:
            raise Refused("unknown_recording", "there is no such recording, or it is not kept any more")
        return Content(WAV, sound)
