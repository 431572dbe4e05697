"""Promises to call back, over HTTP."""

from msgspec import Struct

from router import inputs as i
from router.api import WATCHERS, Asked, Caller, Example, Id, Role, route
from router.callback import Closed
from router.state import State
from web.contacts import OneContact
from web.contactview import CallbackView, callback_view
from web.house import House, plain

PROMISERS: frozenset[Role] = frozenset({"operator", "supervisor", "admin"})


class OneCallback(Asked, frozen=True):
    """A promise to call back."""

    callback: Id


class Callbacks(Struct, frozen=True):
    """Open promises to call back."""

    callbacks: tuple[CallbackView, ...]


class CallbackRoutes:
    """Carries out what is asked about callbacks."""

    def __init__(self, house: House) -> None:
        self._house = house

    @route("GET", "/callbacks", roles=WATCHERS, examples=(Example(summary="All", asked=Asked()),))
    async def callbacks(self, _: Caller, asked: Asked) -> Callbacks:
        """List the open promises to call back."""

        def look(state: State, _: str) -> Callbacks:
            promised = [one for one in state.callbacks.values() if not isinstance(one, Closed)]
            return Callbacks(tuple(callback_view(state, one) for one in promised))

        return await self._house.read(look)

    @route(
        "POST",
        "/callbacks/{callback}/cancel",
        roles=PROMISERS,
        refusals=("unknown_callback",),
        examples=(
            Example(
                summary="Not needed", asked=OneCallback(callback="w1-1-1.callback2"), given="w1-1-1 will be called back"
            ),
        ),
    )
    async def cancel(self, _: Caller, asked: OneCallback) -> None:
        """Cancel a promise: the citizen does not want to be called any more."""
        await self._house.ask(plain(i.CancelCallback(asked.callback)))

    @route(
        "POST",
        "/contacts/{contact}/call-back",
        roles=PROMISERS,
        refusals=("unknown_contact", "not_waiting", "number_withheld", "being_offered", "store_away"),
        examples=(Example(summary="Instead of waiting", asked=OneContact(contact="w1-1-1"), given="w1-1-1 waits"),),
    )
    async def call_back(self, _: Caller, asked: OneContact) -> None:
        """Promise to call back a citizen who waits on the line; the place is kept."""
        await self._house.ask(plain(i.RegisterCallback(asked.contact)))
