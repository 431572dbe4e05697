"""Offers over HTTP: why one was made, and an agent's answer at the desk."""

from typing import Annotated

from msgspec import Meta

from router import inputs as i
from router.api import STAFF, WATCHERS, Asked, Caller, Example, Id, route
from router.explain import WhyThisAgent
from router.offer import Standing
from router.state import State
from web.house import Guard, House, plain


class OneOffer(Asked, frozen=True):
    """An offer."""

    offer: Id


class WhichOffer(Asked, frozen=True):
    """An offer, perhaps of earlier."""

    offer: Id
    event: Annotated[str, Meta(pattern="^([0-9]{1,18}-[0-9]{1,18}([.][0-9]{1,9})?)?$")] = ""
    """Id of the event `offer.made`: where in the journal the offer stands."""


class OfferRoutes:
    """Carries out what is asked about offers."""

    def __init__(self, house: House) -> None:
        self._house = house

    @route(
        "GET",
        "/offers/{offer}/why-this-agent",
        roles=WATCHERS,
        refusals=("unknown_offer", "store_away", "too_busy"),
        examples=(
            Example(summary="Why guide01", asked=WhichOffer(offer="w1-1-1.1"), given="guide01 is asked about w1-1-1"),
        ),
    )
    async def why_this_agent(self, _: Caller, asked: WhichOffer) -> WhyThisAgent:
        """Tell why an offer was made to this agent: what every agent of the queue was to the contact at that moment.

        The state of that moment is replayed from the journal, which takes a second; the answer is remembered. For
        an offer of earlier days name its event too.
        """
        return await self._house.why_this_agent(asked.offer, asked.event)

    @route(
        "POST",
        "/offers/{offer}/accept",
        roles=STAFF,
        refusals=("offer_gone", "not_yours"),
        examples=(Example(summary="Take it", asked=OneOffer(offer="w1-1-1.1"), given="guide01 is asked about w1-1-1"),),
    )
    async def accept(self, caller: Caller, asked: OneOffer) -> None:
        """Take an offered contact at the desk; a telephone is taken by picking it up."""
        await self._house.ask(plain(i.AcceptOffer(asked.offer), _offered_to(caller, asked.offer)))

    @route(
        "POST",
        "/offers/{offer}/decline",
        roles=STAFF,
        refusals=("offer_gone", "not_yours"),
        examples=(Example(summary="Not now", asked=OneOffer(offer="w1-1-1.1"), given="guide01 is asked about w1-1-1"),),
    )
    async def decline(self, caller: Caller, asked: OneOffer) -> None:
        """Leave an offered contact to somebody else."""
        await self._house.ask(plain(i.DeclineOffer(asked.offer), _offered_to(caller, asked.offer)))


def _offered_to(caller: Caller, id_: str) -> Guard:
    def guard(state: State) -> None:
        offer = state.offers.get(id_)
        if isinstance(offer, Standing):
            caller.speaks_for(offer.agent)

    return guard
