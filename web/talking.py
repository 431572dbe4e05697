"""What an agent does with a call in hand, over HTTP: hold, consult, pass on, park; and calls of the agent's own.

Feature codes on the telephone do the same.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from router import inputs as i
from router.agent import LoggedOut
from router.api import LEADS, STAFF, Asked, Caller, Example, Id, route
from router.dialling import PHONE, Destination
from router.inputs import AnyRequest, Refused
from router.letters import by_whom
from router.ports import Secret
from router.secondline import remark_id
from router.state import State
from web.contacts import IN_HAND, OneContact, in_hands_of, living
from web.contactview import agent_of
from web.house import House, Wording, plain

IN_TALK: Final = (*IN_HAND, "not_connected", "not_by_phone", "not_talking")
TO: Final = (
    "bad_request", "unknown_agent", "agent_logged_out", "own_phone", "phone_gone", "busy", "number_bad",
    "number_country", "number_refused", "number_capped", "dialling_capped", "unknown_record", "unknown_destination",
    "not_reachable", "directory_not_ready",
)  # fmt: skip
BARRED: Final = ("queue_closed", "queue_nobody", "queue_full")
TALKS: Final = "guide01 talks with w1-1-1"
BESIDE: Final = "guide01 talks with w1-1-1; guide02 is at work"
CONSULTS: Final = "guide01 consults guide02 about w1-1-1"

NOTE_MAX: Final = 4000

Name = Annotated[str, Meta(max_length=128, pattern=r"^[^\s/:]*$")]


class To(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Whom to ring: exactly one of these."""

    agent: Name = ""
    """An agent at work, at the phone where that is."""
    phone: Name = ""
    """A phone of the house."""
    number: Annotated[str, Meta(max_length=40)] = ""
    """A telephone number as people write it; the dial gate decides about it."""
    person: Name = ""
    """Somebody of the directory, by id or extension: at the phone where that one is, or with whoever stands in."""
    anyway: bool = False
    """Ring the person in spite of absence and working hours."""
    queue: Name = ""
    """Anybody of a queue, as soon as one is free: to consult alone."""


class Ring(Asked, frozen=True):
    """Somebody is to be rung about a contact."""

    contact: Id
    to: To


class SendOn(Asked, frozen=True):
    """A contact is to be sent on."""

    contact: Id
    to: To
    camp: bool = False
    """Wait for a phone that is busy."""


class Drop(Asked, frozen=True):
    """Somebody who was consulted is to leave."""

    contact: Id
    party: Annotated[str, Meta(max_length=128)] = ""
    """Who; may be left out when there is only one."""


class ToQueue(Asked, frozen=True):
    """A contact is to wait in another queue."""

    contact: Id
    queue: Id
    note: Annotated[str, Meta(max_length=NOTE_MAX)] = ""
    """A remark for whoever gets it; none when empty."""


class Call(Asked, frozen=True):
    """An agent calls somebody."""

    agent: Id
    to: To
    queue: Annotated[str, Meta(max_length=128)] = ""
    """Whose number is shown, and where the contact belongs; the agent's first queue when left out."""


class Called(Struct, frozen=True):
    """The contact that a call is."""

    contact: str


class Promise(Asked, frozen=True):
    """A callback in person."""

    contact: Id
    due: float
    """UTC seconds."""
    number: Annotated[str, Meta(max_length=128)] = ""
    """At which the citizen asks to be called: a number, or a SIP address of a domain that may be called (a relay
    service's); the one the citizen rang from when left out."""


class Fetch(Asked, frozen=True):
    """An agent fetches a parked contact."""

    slot: Id
    agent: Id


class TalkRoutes:
    """Carries out what agents ask for in a talk."""

    def __init__(self, house: House) -> None:
        self._house = house

    @route(
        "POST",
        "/contacts/{contact}/hold",
        roles=STAFF,
        refusals=IN_TALK,
        examples=(Example(summary="Wait, please", asked=OneContact(contact="w1-1-1"), given=TALKS),),
    )
    async def hold(self, caller: Caller, asked: OneContact) -> None:
        """Let the citizen hear music while the agent does something else."""
        await self._ask(caller, i.Hold(asked.contact))

    @route(
        "POST",
        "/contacts/{contact}/resume",
        roles=STAFF,
        refusals=IN_TALK,
        examples=(Example(summary="Here I am again", asked=OneContact(contact="w1-1-1"), given=TALKS),),
    )
    async def resume(self, caller: Caller, asked: OneContact) -> None:
        """Talk with everybody who is held; after consulting somebody, all three talk."""
        await self._ask(caller, i.Resume(asked.contact))

    @route(
        "POST",
        "/contacts/{contact}/consult",
        roles=STAFF,
        refusals=(*IN_TALK, *TO, "consulting", "unknown_queue", "queue_closed", "queue_nobody"),
        examples=(
            Example(summary="Ask a colleague", asked=Ring(contact="w1-1-1", to=To(agent="guide02")), given=BESIDE),
            Example(summary="Ask a specialist", asked=Ring(contact="w1-1-1", to=To(queue="skola")), given=TALKS),
            Example(summary="Ask outside", asked=Ring(contact="w1-1-1", to=To(number="040-34 10 00")), given=TALKS),
        ),
    )
    async def consult(self, caller: Caller, asked: Ring) -> None:
        """Ring somebody and talk with them while the citizen hears music.

        With a queue, whoever of it is free; else the talk goes on until somebody is, or for as long as a contact waits
        for somebody busy. Who does not answer is followed by the next. `drop-party` ends it.
        """
        if not asked.to.queue:
            await self._house.ask(self._ring(caller, asked, i.Consult))
        elif msgspec.structs.replace(asked.to, queue="") != To():
            raise Refused("bad_request", "name a queue alone")
        else:
            await self._ask(caller, i.ConsultQueue(asked.contact, asked.to.queue))

    @route(
        "POST",
        "/contacts/{contact}/take-part",
        roles=LEADS,
        refusals=(*IN_TALK, *TO, "consulting"),
        examples=(Example(summary="I come", asked=Ring(contact="w1-1-1", to=To(phone="desk7")), given=TALKS),),
    )
    async def join(self, _: Caller, asked: Ring) -> None:
        """Help an agent in a talk: the phone named rings, and whoever picks it up talks with citizen and agent."""

        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            destination, secrets = self._destination(state, asked.to)
            return i.JoinTalk(asked.contact, destination), secrets

        await self._house.ask(word)

    @route(
        "POST",
        "/contacts/{contact}/swap",
        roles=STAFF,
        refusals=(*IN_TALK, "nobody_consulted"),
        examples=(Example(summary="Back to the citizen", asked=OneContact(contact="w1-1-1"), given=CONSULTS),),
    )
    async def swap(self, caller: Caller, asked: OneContact) -> None:
        """Talk with those who are held, and hold those who are not."""
        await self._ask(caller, i.Swap(asked.contact))

    @route(
        "POST",
        "/contacts/{contact}/connect",
        roles=STAFF,
        refusals=(*IN_TALK, "nobody_consulted"),
        examples=(Example(summary="They talk without me", asked=OneContact(contact="w1-1-1"), given=CONSULTS),),
    )
    async def connect(self, caller: Caller, asked: OneContact) -> None:
        """Leave; the citizen and who was consulted talk with each other."""
        await self._ask(caller, i.Connect(asked.contact))

    @route(
        "POST",
        "/contacts/{contact}/drop-party",
        roles=STAFF,
        refusals=(*IN_TALK, "unknown_party"),
        examples=(Example(summary="Thank you, bye", asked=Drop(contact="w1-1-1"), given=CONSULTS),),
    )
    async def drop_party(self, caller: Caller, asked: Drop) -> None:
        """Let somebody who was consulted go."""
        await self._ask(caller, i.DropParty(asked.contact, asked.party))

    @route(
        "POST",
        "/contacts/{contact}/forward",
        roles=STAFF,
        refusals=(*IN_TALK, *TO),
        examples=(
            Example(summary="To a colleague", asked=SendOn(contact="w1-1-1", to=To(agent="guide02")), given=BESIDE),
        ),
    )
    async def forward(self, caller: Caller, asked: SendOn) -> None:
        """Send the citizen on without talking first; the contact comes back when nobody answers."""

        def forward(contact: str, destination: Destination) -> i.Forward:
            return i.Forward(contact, destination, asked.camp)

        await self._house.ask(self._ring(caller, asked, forward))

    @route(
        "POST",
        "/contacts/{contact}/park",
        roles=STAFF,
        refusals=(*IN_TALK, "no_slot"),
        examples=(Example(summary="For a moment", asked=OneContact(contact="w1-1-1"), given=TALKS),),
    )
    async def park(self, caller: Caller, asked: OneContact) -> None:
        """Leave the citizen in a slot, from where any agent may fetch the contact; it shows which."""
        await self._ask(caller, i.Park(asked.contact))

    @route(
        "POST",
        "/slots/{slot}/retrieve",
        roles=STAFF,
        refusals=("not_yours", "slot_empty", "unknown_agent", "agent_logged_out", "agent_busy", "phone_gone"),
        examples=(
            Example(summary="I take it", asked=Fetch(slot="1", agent="guide02"), given="w1-1-1 is parked in slot 1"),
        ),
    )
    async def retrieve(self, caller: Caller, asked: Fetch) -> None:
        """Fetch a parked contact: the agent's phone rings."""
        caller.speaks_for(asked.agent)
        await self._house.ask(plain(i.Retrieve(asked.slot, asked.agent)))

    @route(
        "POST",
        "/contacts/{contact}/send-to-queue",
        roles=STAFF,
        refusals=(*IN_TALK, "unknown_queue", "same_queue", "has_callback", *BARRED),
        examples=(Example(summary="Their matter", asked=ToQueue(contact="w1-1-1", queue="skola"), given=TALKS),),
    )
    async def send_to_queue(self, caller: Caller, asked: ToQueue) -> None:
        """Let a contact of whatever channel wait in another queue, with the time waited so far.

        From a queue of the second line it comes back to the agent when nobody there takes it. A callback is a
        promise of the other queue from then on: this call ends, and they call in turn.
        """
        note = asked.note.strip()

        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            in_hands_of(caller, asked.contact)(state)
            contact = living(state, asked.contact)
            id_ = remark_id(asked.contact, contact.card.remarks + 1)
            by = by_whom(agent_of(contact), self._house.now())
            words = (Secret(id_, "remark", note), Secret(id_, "by", by)) if note else ()
            return i.SendToQueue(asked.contact, asked.queue, bool(note)), words

        await self._house.ask(word)

    @route(
        "POST",
        "/contacts/{contact}/promise-callback",
        roles=STAFF,
        refusals=(
            *IN_HAND,
            "not_connected",
            "number_withheld",
            "has_callback",
            "bad_time",
            "number_bad",
            "number_country",
            "number_refused",
            "domain_refused",
        ),
        examples=(Example(summary="Tomorrow at noon", asked=Promise(contact="w1-1-1", due=1790070000.0), given=TALKS),),
    )
    async def promise_callback(self, caller: Caller, asked: Promise) -> None:
        """Promise to call the citizen back in person, at a time within the next 30 days."""
        person: str | None = None
        secrets: tuple[Secret, ...] = ()
        if asked.number:
            person, _number, secrets = self._house.call_number(asked.number, asked.contact)
        promise = i.PromiseCallback(asked.contact, asked.due, person)

        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            in_hands_of(caller, asked.contact)(state)
            return promise, secrets

        await self._house.ask(word)

    @route(
        "POST",
        "/agents/{agent}/call",
        roles=STAFF,
        refusals=("not_yours", "unknown_queue", "agent_busy", *TO),
        status=201,
        examples=(
            Example(
                summary="Call somebody for a queue",
                asked=Call(agent="guide01", to=To(number="040-34 10 00"), queue="kontakt"),
            ),
        ),
    )
    async def call(self, caller: Caller, asked: Call) -> Called:
        """Call somebody: the agent's phone rings first, then the other's."""
        caller.speaks_for(asked.agent)
        contact = self._house.new_contact()

        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            destination, secrets = self._destination(state, asked.to)
            return i.PlaceCall(contact, asked.agent, destination, asked.queue), secrets

        await self._house.ask(word)
        return Called(contact)

    # ---- inside --------------------------------------------------------------------------------------------------

    async def _ask(self, caller: Caller, request: Any) -> None:
        await self._house.ask(plain(request, in_hands_of(caller, request.contact)))

    def _ring(self, caller: Caller, asked: Ring | SendOn, make: Callable[[str, Destination], AnyRequest]) -> Wording:
        """Word a request that rings somebody: where an agent sits is looked up in the state that decides."""

        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            in_hands_of(caller, asked.contact)(state)
            destination, secrets = self._destination(state, asked.to, isinstance(asked, SendOn) and asked.camp)
            return make(asked.contact, destination), secrets

        return word

    def _destination(self, state: State, to: To, camp: bool = False) -> tuple[Destination, tuple[Secret, ...]]:
        """Return who is to be rung, with the number that nobody else may see. Raises Refused."""
        if sum(map(bool, (to.agent, to.phone, to.number, to.person))) != 1:
            raise Refused("bad_request", "name one of agent, phone, number and person")
        if to.phone:
            return Destination(PHONE + to.phone), ()
        if to.agent:
            return _seat_of(state, to.agent), ()
        if to.person:
            return self._house.person(to.person, anyway=to.anyway, camp=camp)
        return self._house.number(to.number)


def _seat_of(state: State, id_: str) -> Destination:
    agent = state.agents.get(id_)
    if agent is None:
        raise Refused("unknown_agent", "there is no such agent")
    if isinstance(agent, LoggedOut):
        raise Refused("agent_logged_out", "this agent is not logged in")
    return Destination(agent.desk.address)
