"""The question how it was on a tablet at a desk, for a moment after the visit there (docs/survey.md)."""

from typing import Annotated

from msgspec import Meta, Struct

from queues.channels import CHANNELS
from router import inputs as i
from router.api import RECEPTION, Asked, Caller, Example, Id, route
from router.inputs import Refused
from router.invitations import Invitation
from router.inviting import AT_DESK
from router.ports import Secret
from router.state import State
from web.house import House


class OneDesk(Asked, frozen=True):
    """A desk at a place that people visit."""

    place: Id
    desk: Id


class AnswerThere(OneDesk, frozen=True, kw_only=True):
    """What the visitor who was just there says."""

    answer: Annotated[int, Meta(ge=1, le=5)]
    """From 1 to `scale`; where that is 2, 1 is yes."""


class DeskQuestion(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether somebody is asked at a desk now."""

    asked: bool
    scale: int = 0
    """The answers are 1 to this."""
    language: str = ""
    """The visitor's; empty for the house's own."""
    until: float | None = None
    """UTC seconds; earlier once the next visitor is called."""


class DeskSurveyRoutes:
    """Carries out what tablets ask."""

    def __init__(self, house: House) -> None:
        self._house = house

    @route(
        "GET",
        "/places/{place}/desks/{desk}/survey",
        roles=RECEPTION,
        refusals=("unknown_place", "unknown_desk"),
        examples=(
            Example(
                summary="Asked", asked=OneDesk(place="stadshuset", desk="1"), given="v1 was served at stadshuset/1"
            ),
        ),
    )
    async def show(self, _: Caller, asked: OneDesk) -> DeskQuestion:
        """Tell whether the visitor who has just been served at a desk is asked how it was.

        `survey.invited` in the event stream, with `desk`, says when to look.
        """
        now = self._house.now()

        def look(state: State, _: str) -> DeskQuestion:
            found = _question(state, asked, now)
            if found is None:
                return DeskQuestion(asked=False)
            until = min(found.until, found.asked + AT_DESK)
            return DeskQuestion(asked=True, scale=found.scale, language=found.language, until=until)

        return await self._house.read(look)

    @route(
        "POST",
        "/places/{place}/desks/{desk}/survey",
        roles=RECEPTION,
        refusals=("unknown_place", "unknown_desk", "not_asked", "bad_answer"),
        examples=(
            Example(
                summary="Very satisfied",
                asked=AnswerThere(place="stadshuset", desk="1", answer=5),
                given="v1 was served at stadshuset/1",
            ),
        ),
    )
    async def answer(self, _: Caller, asked: AnswerThere) -> None:
        """Say how it was, for the visitor who has just been served at a desk; it counts once."""
        now = self._house.now()

        def word(state: State) -> tuple[i.AnyRequest, tuple[Secret, ...]]:
            found = _question(state, asked, now)
            if found is None:
                raise Refused("not_asked", f"nobody is asked at {asked.place}/{asked.desk} now")
            return i.AnswerSurvey(found.contact, asked.answer), ()

        await self._house.ask(word)


def _question(state: State, asked: OneDesk, now: float) -> Invitation | None:
    """Return what is asked at a desk, until the next visitor is there."""
    site = state.configuration.sites.get(asked.place)
    if site is None:
        raise Refused("unknown_place", f"there is no place {asked.place}")
    if asked.desk not in site.desks:
        raise Refused("unknown_desk", f"{asked.place} has no desk {asked.desk}")
    seat = f"{asked.place}/{asked.desk}"
    agent = state.agents.get(state.at_desk.get(seat, ""))
    at_hand = agent.desk.work if agent is not None else ()
    if any(CHANNELS[item.channel].in_person and not item.wrapping_up for item in at_hand):
        return None
    return state.invitations.at(seat, now - AT_DESK)
