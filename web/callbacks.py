"""Promises to call back, over HTTP."""

from typing import Annotated

from msgspec import Meta, Struct

from router import calling
from router import inputs as i
from router.api import RECEPTION, STAFF, WATCHERS, Asked, Caller, Example, Id, Role, route
from router.callback import Closed
from router.contact import Connected
from router.inputs import Refused
from router.state import State
from web.contacts import OneContact
from web.contactview import CallbackView, callback_view
from web.house import House, plain
from web.visits import Time, Times

PROMISERS: frozenset[Role] = frozenset({"operator", "supervisor", "admin"})


class OneCallback(Asked, frozen=True):
    """A promise to call back."""

    callback: Id


class Elsewhere(Asked, frozen=True):
    """A promise to call back, and the queue that is to keep it."""

    callback: Id
    queue: Id


class Callbacks(Struct, frozen=True):
    """Open promises to call back."""

    callbacks: tuple[CallbackView, ...]


class CallbackTimes(Asked, frozen=True):
    """A queue whose agents call back."""

    queue: Id


class WantCall(Asked, frozen=True, kw_only=True):
    """Somebody wants to be called back."""

    queue: Id
    number: Annotated[str, Meta(min_length=1, max_length=128)]
    """A telephone number, or a SIP address of a domain that may be called."""
    start: float | None = None
    """One of `callback-times`, UTC seconds; in turn when left out."""
    language: Annotated[str, Meta(max_length=16, pattern="^[A-Za-z-]*$")] = ""


class Promised(Struct, frozen=True):
    """What was promised, to be read back: the number in its international form stands with it, for whoever asked."""

    callback: str
    number: str
    start: float | None


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
        "/callbacks/{callback}/hand-over",
        roles=PROMISERS,
        refusals=("unknown_callback", "unknown_queue", "same_queue", "has_callback", "being_offered", "bad_time"),
        examples=(
            Example(
                summary="Their matter",
                asked=Elsewhere(callback="w1-1-1.callback2", queue="skola"),
                given="w1-1-1 will be called back",
            ),
        ),
    )
    async def hand_over(self, _: Caller, asked: Elsewhere) -> None:
        """Let another queue keep a promise: at the time that was promised, or at the place in line.

        Who is just calling sends the contact to the queue (`/contacts/{contact}/send-to-queue`).
        """
        await self._house.ask(plain(i.HandOverCallback(asked.callback, asked.queue)))

    @route(
        "GET",
        "/queues/{queue}/callback-times",
        roles=RECEPTION | WATCHERS,
        refusals=("unknown_queue",),
        examples=(Example(summary="Times", asked=CallbackTimes(queue="kontakt")),),
    )
    async def times(self, _: Caller, asked: CallbackTimes) -> Times:
        """List the times at which somebody can still be called back."""
        now = self._house.now()

        def look(state: State, _: str) -> Times:
            queue = state.configuration.queues.get(asked.queue)
            if queue is None:
                raise Refused("unknown_queue", f"there is no queue {asked.queue}")
            free = calling.times(state, queue, now, self._house.local)
            return Times(tuple(Time(start, number) for start, number in free))

        return await self._house.read(look)

    @route(
        "POST",
        "/callbacks",
        roles=RECEPTION,
        refusals=(
            "unknown_queue", "has_callback", "not_bookable", "time_taken", "contact_exists", "number_bad",
            "number_country", "number_refused", "domain_refused", "number_capped",
        ),
        examples=(Example(summary="In turn", asked=WantCall(queue="kontakt", number="040-34 10 00", language="sv")),),
    )  # fmt: skip
    async def ask(self, _: Caller, asked: WantCall) -> Promised:
        """Promise to call somebody back who asked on a page, or at a counter: in turn, or at a time that is free.

        What is promised is to be read back to whoever asked: number and time.
        """
        contact = self._house.new_visit()
        person, _number, secrets = self._house.call_number(asked.number, contact)
        wanted = i.AskCallback(contact, asked.queue, person, asked.start, asked.language)
        await self._house.ask(lambda _: (wanted, secrets))
        number = next((secret.value for secret in secrets if secret.kind == "number"), "")

        def look(state: State, _: str) -> Promised:
            return Promised(state.promised.get(person, {}).get(asked.queue, ""), number, asked.start)

        return await self._house.read(look)

    @route(
        "POST",
        "/contacts/{contact}/not-reached",
        roles=STAFF,
        refusals=("not_connected", "no_callback", "not_yours"),
        examples=(
            Example(
                summary="A machine",
                asked=OneContact(contact="w1-1-1.callback2"),
                given="guide01 calls w1-1-1 back",
            ),
        ),
    )
    async def not_reached(self, caller: Caller, asked: OneContact) -> None:
        """Say that a machine answered, or somebody else: the citizen is called again, as the queue's rules say."""

        def guard(state: State) -> None:
            contact = state.contacts.get(asked.contact)
            if isinstance(contact, Connected):
                caller.speaks_for(contact.agent)

        await self._house.ask(plain(i.NotReached(asked.contact), guard))

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
