"""The public form of contacts and callbacks. It holds no personal value, not even a person's pseudonym."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, Literal, assert_never

from msgspec import Struct, structs

from queues.queue import Obstacle
from queues.skills import Need
from router import callback as callbacks
from router import contact as contacts
from router.card import Visit
from router.dialling import PHONE, Destination
from router.facts import Ear, Returned
from router.secondline import thread_of
from router.state import State

ContactState = Literal[
    "arrived",
    "hearing",
    "in_flow",
    "waiting",
    "offered",
    "connected",
    "wrapping_up",
    "forwarded",
    "parked",
    "leaving",
    "away",
]

CONTACT_STATES: Final[dict[type[contacts.Contact], ContactState]] = {
    contacts.Arrived: "arrived",
    contacts.Hearing: "hearing",
    contacts.InFlow: "in_flow",
    contacts.Waiting: "waiting",
    contacts.Offered: "offered",
    contacts.Connected: "connected",
    contacts.WrappingUp: "wrapping_up",
    contacts.Forwarded: "forwarded",
    contacts.Parked: "parked",
    contacts.Leaving: "leaving",
    contacts.Away: "away",
}


class DestinationView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is, or was, to be rung. A number is not told here."""

    kind: Literal["phone", "number"]
    phone: str = ""
    """Its name; empty for one with a fixed address."""
    person: str = ""
    """Id in the directory."""
    country: str = ""
    """Of a number: ISO 3166 letters."""


class PartyView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who takes part besides citizen and agent."""

    party: str
    destination: DestinationView
    agent: str = ""
    """The agent at that phone."""
    state: Literal["ringing", "talking", "held"]
    interprets: str = ""
    """The language, if it is an interpreter."""


class ListenerView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who leads, and listens to a talk."""

    party: str
    mode: Ear
    """By whom that one is heard: `listen` by nobody, `whisper` by the agent alone, `barge` by all."""
    state: Literal["ringing", "there"]
    phone: str = ""
    shown: bool = True
    """The agent is shown it."""


class ReturnedView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why a contact is back with whoever sent it on."""

    cause: str
    destination: DestinationView | None = None
    queue: str = ""
    """Of the second line, that did not take it."""


class VisitView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a contact is that comes in person."""

    place: str
    service: str
    ticket: str = ""
    """Its number; absent before it is here, and for a visit without."""
    booked: float | None = None
    """UTC seconds for which it is booked."""
    desk: str = ""
    """To which it was called last, `PLACE/DESK`."""
    calls: int = 0
    """How often it was called."""


class ContactView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contact that lives."""

    id: str
    channel: str
    state: ContactState
    arrived: float
    """UTC seconds."""
    entry: str = ""
    """The number, mailbox or page that was reached."""
    language: str = ""
    """In which the citizen wants to be spoken to; empty for the house's own."""
    queue: str = ""
    waited: float | None = None
    """Seconds of the queue's open time, while waiting or being offered."""
    needs: tuple[Need, ...] = ()
    """What an agent must be able to do, at the present step."""
    notes: dict[str, str] = {}
    """Words of the flow for whoever serves it."""
    agent: str = ""
    """Who is asked, has it, or gets it back."""
    offer: str = ""
    since: float | None = None
    """UTC seconds since when it is in this state, or in line."""
    until: float | None = None
    """UTC seconds at which this ends by itself: an offer, ringing, wrap-up, a slot, a kept place, a promise's time."""
    connecting: bool = False
    """The agent's phone, or the citizen whom we call, is still being rung."""
    held: bool = False
    """The citizen hears music though an agent has the contact."""
    parties: tuple[PartyView, ...] = ()
    destination: DestinationView | None = None
    """To whom it was sent on, or whom we call."""
    slot: str = ""
    """Where it is parked."""
    returned: ReturnedView | None = None
    """Why it is back with who sent it on: in line, and in an agent's hands."""
    listener: ListenerView | None = None
    """Who listens to the talk."""
    factor: float = 1.0
    """By which somebody who leads made it more, or less, urgent."""
    first: bool = False
    """Somebody who leads put it before all others of its queue."""
    preferred: str = ""
    """The agent for whom alone it waits for now."""
    aside: bool = False
    """Set aside for a live contact."""
    obstacle: Obstacle | None = None
    """Why it could not wait, when leaving."""
    about: str = ""
    """The contact that this one was left for others with, or asks about."""
    remarks: int = 0
    """How many there are of what people of the house wrote for each other."""
    questions: tuple[str, ...] = ()
    """Questions about it that wait for an answer, or are being answered."""
    sent_by: str = ""
    """The agent to whom it comes back when nobody of the second line takes it."""
    help_since: float | None = None
    """UTC seconds since when the agent wants somebody who leads to help."""
    seeking: str = ""
    """The queue of which the agent wants to talk with anybody."""
    text: bool = False
    """The citizen has a text telephone, alone (channel `text`) or beside the voice."""
    visit: VisitView | None = None
    recording: str = ""
    """How the recording of the talk stands: `announcing`, `on`, `paused`, `declined`; absent where none is made."""
    secret: bool = False
    """What is personal of it is for whoever serves it, and for few others."""

    def for_agents(self) -> "ContactView":
        """Return it as agents see it: without who listens, where that is not shown."""
        hidden = self.listener is not None and not self.listener.shown
        return structs.replace(self, listener=None) if hidden else self

    def marked_secret(self, *, masked: bool) -> "ContactView":
        """Return it as that of a secret contact; `masked` without the flow's words, which may be personal."""
        return structs.replace(self, secret=True, notes={} if masked else self.notes)


class CallbackView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A promise to call somebody back."""

    id: str
    queue: str
    state: Literal["waiting", "calling"]
    attempts: int
    agent: str = ""
    """Who calls, or promised to in person."""
    arrived: float | None = None
    """UTC seconds at which it was promised."""
    due: float | None = None
    """UTC seconds from which it waits in line, when a time was promised."""


def contact_view(state: State, contact: contacts.Contact, now: float) -> ContactView:
    """Return how a contact is."""
    card = contact.card
    more = _of_state(state, contact, now)
    if card.destination is not None:
        more.setdefault("destination", destination_view(card.destination))
    return ContactView(
        id=card.id,
        channel=card.channel,
        state=CONTACT_STATES[type(contact)],
        arrived=card.arrived,
        entry=card.entry,
        language=card.language,
        queue=queue_of(contact),
        agent=agent_of(contact),
        text=card.text,
        visit=visit_view(card.visit) if card.visit is not None else None,
        about=card.about,
        remarks=thread_of(state, card).remarks,
        questions=tuple(one for one in card.questions if one in state.contacts),
        **more,
    )


def visit_view(visit: Visit) -> VisitView:
    """Return what a visit is."""
    return VisitView(
        place=visit.site,
        service=visit.service,
        ticket=visit.ticket,
        booked=visit.booked,
        desk=visit.seat,
        calls=visit.calls,
    )


def _of_state(state: State, contact: contacts.Contact, now: float) -> dict[str, Any]:
    """Return what only some states have."""
    match contact:
        case contacts.Arrived():
            return {"until": contact.card.due}
        case contacts.Ended():
            return {}
        case contacts.InFlow() | contacts.Hearing():
            return {"since": contact.since}
        case contacts.Leaving():
            return {"since": contact.since, "obstacle": contact.obstacle}
        case contacts.Waiting():
            return _in_line(state, contact, now)
        case contacts.Offered():
            return {**_in_line(state, contact, now), "offer": contact.offer, "until": contact.deadline}
        case contacts.Connected():
            return _in_talk(contact)
        case contacts.Forwarded():
            return _sent_on(contact)
        case contacts.Parked():
            return {"slot": contact.slot, "until": contact.until}
        case contacts.WrappingUp() | contacts.Away():
            return {"until": contact.until}
        case _:
            assert_never(contact)


def _in_line(state: State, contact: contacts.Waiting | contacts.Offered, now: float) -> dict[str, Any]:
    spot = contact.spot
    return {
        "since": spot.queued,
        "waited": state.waited(contact, now),
        "needs": spot.needs,
        "notes": dict(spot.notes),
        "returned": _returned(spot.returned),
        "sent_by": spot.sent.by if spot.sent is not None else "",
        "factor": spot.factor,
        "first": spot.first,
        "preferred": (spot.preferred or "") if spot.grace_until is not None else "",
    }


def _returned(returned: Returned | None) -> ReturnedView | None:
    if returned is None:
        return None
    to = returned.destination
    destination = destination_view(to) if to is not None else None
    return ReturnedView(cause=returned.cause, destination=destination, queue=returned.queue)


def _in_talk(contact: contacts.Connected) -> dict[str, Any]:
    ringing = contact.ringing_until if contact.ringing_until is not None else contact.calling_until
    return {
        "offer": contact.offer,
        "since": contact.since,
        "until": ringing,
        "connecting": ringing is not None,
        "held": contact.card.leg in contact.held,
        "parties": tuple(_party(party, contact.held) for party in contact.parties),
        "aside": contact.aside,
        "notes": dict(contact.spot.notes),
        "returned": _returned(contact.spot.returned),
        "recording": contact.taping.state if contact.taping is not None else "",
        "sent_by": contact.spot.sent.by if contact.spot.sent is not None else "",
        "help_since": contact.help_since,
        "listener": _listener(contact.listener) if contact.listener is not None else None,
        "seeking": contact.seeking.queue if contact.seeking is not None else "",
    }


def _listener(listener: contacts.Listener) -> ListenerView:
    return ListenerView(
        party=listener.leg,
        mode=listener.mode,
        state="there" if listener.there else "ringing",
        phone=destination_view(listener.destination).phone,
        shown=listener.shown,
    )


def _sent_on(contact: contacts.Forwarded) -> dict[str, Any]:
    party = contact.party
    return {
        "since": contact.since,
        "until": contact.until if party is None else party.deadline,
        "destination": destination_view(contact.destination),
        "parties": (_party(party, ()),) if party is not None else (),
    }


def _party(party: contacts.Party, held: tuple[str, ...]) -> PartyView:
    return PartyView(
        party=party.leg,
        destination=destination_view(party.destination),
        agent=party.agent or "",
        interprets=party.interprets,
        state="ringing" if not party.joined else "held" if party.leg in held else "talking",
    )


def destination_view(destination: Destination) -> DestinationView:
    """Return who is to be rung, without a personal value."""
    address = destination.address
    return DestinationView(
        kind="number" if destination.outside else "phone",
        phone=address.removeprefix(PHONE) if address.startswith(PHONE) else "",
        person=destination.person,
        country=destination.country,
    )


def queue_of(contact: contacts.Contact) -> str:
    """Return in which queue a contact is, or was when it was taken or sent on."""
    spot = getattr(contact, "spot", None)
    return spot.queue if spot is not None else ""


def agent_of(contact: contacts.Contact) -> str:
    """Return who is asked about a contact, has it, or gets it back."""
    holder = _HOLDER.get(type(contact))
    return holder(contact) if holder is not None else ""


_HOLDER: Final[dict[type[contacts.Contact], Callable[[Any], str]]] = {
    contacts.Offered: attrgetter("agent"),
    contacts.Connected: attrgetter("agent"),
    contacts.WrappingUp: attrgetter("agent"),
    contacts.Forwarded: attrgetter("by"),
    contacts.Parked: attrgetter("by"),
}
"""Looked up by type: of every contact it is asked whether it is an agent's, each time a desk looks."""


def callback_view(state: State, callback: callbacks.Callback) -> CallbackView:
    """Return how a promise stands."""
    assert not isinstance(callback, callbacks.Closed)  # the state forgets these
    contact = state.contacts.get(callback.id)
    card = contact.card if contact is not None else None
    calling = callback.agent if isinstance(callback, callbacks.Attempting) else None
    return CallbackView(
        id=callback.id,
        queue=callback.queue,
        state="waiting" if calling is None else "calling",
        attempts=callback.attempts,
        agent=calling or (card.preferred if card is not None else None) or "",
        arrived=card.arrived if card is not None else None,
        due=card.due if card is not None else None,
    )
