"""What a citizen typed and said on the way here: for whoever serves a caller, or reads a report or message."""

import logging
from typing import Final

from msgspec import Struct

from router.api import CONFIDANTS, Asked, Caller, Content, Example, Id, route
from router.inputs import Refused
from router.state import State
from web.contacts import OneContact
from web.contactview import agent_of
from web.house import House

log = logging.getLogger(__name__)

WAV: Final = "audio/wav"
REFUSALS: Final = ("unknown_contact", "not_yours", "store_away")


class OneAnswer(Asked, frozen=True):
    """An answer by voice."""

    contact: Id
    answer: Id


class Spoken(Struct, frozen=True):
    """An answer by voice."""

    answer: str
    """Its name in the flow."""
    seconds: float


class Answers(Struct, frozen=True):
    """What a citizen answered. Personal: every look is logged."""

    contact: str
    typed: dict[str, str]
    """Name of the answer to digits; what the flow calls sensitive is there as long as the call is."""
    spoken: tuple[Spoken, ...]


class AnswerRoutes:
    """Shows answers to whoever may see personal values."""

    def __init__(self, house: House) -> None:
        self._house = house

    @route(
        "GET",
        "/contacts/{contact}/answers",
        roles=CONFIDANTS,
        refusals=REFUSALS,
        examples=(
            Example(
                summary="A fault report",
                asked=OneContact(contact="w1-1-1.report4"),
                given="w1-1-1 reported a fault",
            ),
        ),
    )
    async def answers(self, caller: Caller, asked: OneContact) -> Answers:
        """Show what a citizen typed and said, for a call or as a report.

        Personal values, kept apart from everything else; the log keeps who looked.
        """
        await self._admit(caller, asked.contact)
        typed, spoken = await self._house.answers(asked.contact)
        self._note(caller, asked.contact, sorted({*typed, *spoken}))
        return Answers(asked.contact, dict(typed), tuple(Spoken(name, seconds) for name, seconds in spoken.items()))

    @route(
        "GET",
        "/contacts/{contact}/answers/{answer}",
        roles=CONFIDANTS,
        refusals=(*REFUSALS, "unknown_answer"),
        gives=WAV,
        examples=(
            Example(
                summary="Where the fault is",
                asked=OneAnswer(contact="w1-1-1.report4", answer="where"),
                given="w1-1-1 reported a fault",
            ),
        ),
    )
    async def answer(self, caller: Caller, asked: OneAnswer) -> Content:
        """Give an answer by voice: a WAV file."""
        await self._admit(caller, asked.contact)
        sound = await self._house.spoken(asked.contact, asked.answer)
        if sound is None:
            raise Refused("unknown_answer", "this contact has no such answer by voice")
        self._note(caller, asked.contact, [asked.answer])
        return Content(WAV, sound)

    async def _admit(self, caller: Caller, id_: str) -> None:
        """Raise Refused unless the contact lives and the caller may see its personal values."""

        def look(state: State, _: str) -> None:
            contact = state.contacts.get(id_)
            if contact is None:
                raise Refused("unknown_contact", "there is no such contact now")
            if caller.role == "agent":
                caller.speaks_for(agent_of(contact))

        await self._house.read(look)

    def _note(self, caller: Caller, contact: str, names: list[str]) -> None:
        extra = {"action": "api.personal_seen", "by": caller.name, "contact": contact, "kinds": names}
        log.info("%s looked at answers", caller.name, extra=extra)
