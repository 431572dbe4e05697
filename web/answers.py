"""What a citizen typed and said on the way here: for whoever serves a caller, or reads a report or message."""

from typing import Final

from msgspec import Struct

from router.api import CONFIDANTS, Asked, Caller, Content, Example, Id, route
from router.contact import Contact
from router.inputs import Refused
from router.state import State
from web.contacts import IN_HAND, PERSONAL, OneContact
from web.contactview import agent_of
from web.disclosure import Disclosure
from web.house import House, Values

WAV: Final = "audio/wav"
REFUSALS: Final = (*IN_HAND, *PERSONAL)


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
    """What a citizen answered. Personal: the access log keeps every look."""

    contact: str
    typed: dict[str, str]
    """Name of the answer to digits; what the flow calls sensitive is there as long as the call is."""
    spoken: tuple[Spoken, ...]


class AnswerRoutes:
    """Shows answers to whoever may see personal values."""

    def __init__(self, house: House) -> None:
        self._gate = Disclosure(house)

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

        Personal values, kept apart from everything else; the access log keeps who looked.
        """
        values = await self._admit(caller, asked.contact, "answers")
        typed, spoken = await values.answers(asked.contact)
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
        values = await self._admit(caller, asked.contact, f"answer {asked.answer}")
        sound = await values.spoken(asked.contact, asked.answer)
        if sound is None:
            raise Refused("unknown_answer", "this contact has no such answer by voice")
        return Content(WAV, sound)

    async def _admit(self, caller: Caller, id_: str, kind: str) -> Values:
        """Return what reads, if the contact lives and the caller may see its personal values. Raises Refused."""

        def find(state: State) -> Contact:
            contact = state.contacts.get(id_)
            if contact is None:
                raise Refused("unknown_contact", "there is no such contact now")
            if caller.role == "agent":
                caller.speaks_for(agent_of(contact))
            return contact

        return await self._gate.open(caller, find, (kind,))
