"""What each fact makes of a contact. States and their table are in `router.contact`."""

from collections.abc import Callable
from typing import Any, Final, assert_never

from msgspec import structs

from router import transitions
from router.card import Card, Said, Stood, Thread, Visit
from router.contact import (
    RING_CITIZEN,
    STILL_THERE,
    TABLE,
    Arrived,
    Asking,
    Away,
    CardFact,
    Connected,
    Contact,
    ContactFact,
    Ended,
    Forwarded,
    Hearing,
    HelpFact,
    InFlow,
    Leaving,
    Offered,
    Parked,
    Party,
    Seeking,
    Spot,
    SurveyFact,
    Told,
    Waiting,
    WrappingUp,
    interpreters,
    queues_left,
)
from router.dialling import Destination, address_of
from router.facts import (
    AgentCalledBack,
    AgentMissing,
    AgentThere,
    AnnouncementTold,
    CallbackPostponed,
    CallbackRegistered,
    CitizenBack,
    CitizenLeft,
    CitizenReached,
    ConsultEnded,
    ConsultSought,
    ContactArrived,
    ContactEnded,
    ContactForwarded,
    ContactHandedOver,
    ContactParked,
    ContactQueued,
    ContactReturned,
    ContactTaken,
    FlowMoved,
    ForwardTried,
    ForwardWaits,
    GraceEnded,
    HearingBegan,
    HelpAsked,
    HelpEnded,
    HoldChanged,
    LanguageChosen,
    MatterJoined,
    MessageAdded,
    NeedsNoted,
    NumberCalled,
    OfferAccepted,
    OfferDeclined,
    OfferMade,
    OfferMissed,
    OfferWithdrawn,
    PartyInvited,
    PartyJoined,
    PartyLeft,
    PersonTold,
    QuestionAsked,
    RemarkAdded,
    RequirementWidened,
    SurveyAnswered,
    SurveyAsked,
    SurveyLeft,
    TapeChanged,
    TicketIssued,
    VisitBegan,
    WaitAnnounced,
    WayOutRepeated,
    WayOutTaken,
    WorkSetAside,
    WorkTakenUp,
    WrapUpEnded,
    WrapUpStarted,
)
from router.tape import Taping


def arrive(fact: ContactArrived, needs: tuple[str, ...] = ()) -> Arrived:
    """Return the contact that comes to be by `fact`; `needs` are remembered of its citizen."""
    card = Card(
        fact.contact,
        fact.channel,
        fact.entry,
        fact.leg,
        fact.order,
        fact.person,
        fact.at,
        fact.preferred,
        fact.language,
        fact.patience,
        fact.destination,
        phone=fact.phone,
        matter=fact.matter or fact.contact,
        text=fact.text,
        needs=needs,
        about=fact.about,
    )
    return Arrived(card)


def promise(fact: CallbackRegistered, card: Card) -> Arrived:
    """Return the turn in line that a promise to call the citizen of `card` back takes."""
    return Arrived(
        Card(
            fact.callback,
            "callback",
            card.entry,
            f"{fact.callback}.c",
            fact.order,
            fact.person,
            fact.at,
            fact.agent,
            card.language,
            card.patience,
            Destination(address_of(fact.person)),
            fact.due,
            matter=card.matter,
            needs=card.needs,
        )
    )


def evolve(contact: Contact, fact: ContactFact) -> Contact:
    """Return the contact after `fact`. Raises IllegalTransition."""
    transitions.check(TABLE, contact, fact)
    return EVOLVE[type(fact)](contact, fact)


def _led(contact: Contact, fact: FlowMoved) -> InFlow:
    return InFlow(contact.card, fact.session, fact.action, fact.at, queues_left(contact))


def _queued(contact: Contact, fact: ContactQueued) -> Waiting:
    return Waiting(contact.card, _spot(fact, queues_left(contact)))


def _ended(contact: Contact, fact: ContactEnded) -> Ended:
    return Ended(contact.card, fact.outcome)


def _told_again(contact: Leaving, fact: WayOutRepeated) -> Leaving:
    return structs.replace(contact, since=fact.at, repeated=contact.repeated + 1)


def _postponed(contact: Contact, fact: CallbackPostponed) -> Arrived:
    return Arrived(structs.replace(contact.card, due=fact.due))


def _hears(contact: Contact, fact: HearingBegan) -> Hearing:
    goes_on = (fact.flow, fact.queue, fact.own_needs, fact.priority, fact.notes)
    return Hearing(contact.card, fact.announcements, fact.at, *goes_on, queues_left(contact))


def _asked(contact: WrappingUp, fact: SurveyFact) -> WrappingUp:
    """Change what is asked of a citizen who was served."""
    match fact:
        case SurveyAsked():
            return structs.replace(contact, asking=Asking(fact.prompt, fact.scale, fact.at, fact.until))
        case SurveyAnswered() | SurveyLeft():
            return structs.replace(contact, asking=None)
        case WrapUpEnded():
            return structs.replace(contact, agent="")
        case _:
            assert_never(fact)


def _leaving(contact: Contact, fact: WayOutTaken) -> Leaving:
    """Lead a contact out; where it stood in line is remembered (rule 7)."""
    card = contact.card
    if isinstance(contact, Waiting):
        card = structs.replace(card, stood=Stood(contact.spot.queue, contact.spot.place))
    return Leaving(card, fact.obstacle, fact.way, fact.at, (*queues_left(contact), fact.queue))


def _noted(contact: Contact, fact: CardFact) -> Contact:
    return structs.replace(contact, card=_card(contact.card, fact))


def _card(card: Card, fact: CardFact) -> Card:
    """Change what a contact has in whatever state it is."""
    match fact:
        case LanguageChosen():
            return structs.replace(card, language=fact.language)
        case MatterJoined():
            return structs.replace(card, matter=fact.matter)
        case MessageAdded():
            heard = max(card.thread.heard, fact.count)
            words = (fact.prompt, fact.values, fact.language)
            said = Said(fact.at, fact.author, fact.agent, *words, fact.count, fact.automatic)
            reminded = fact.prompt == STILL_THERE
            thread = Thread(fact.number, heard, fact.at, fact.author, reminded, (*card.thread.said, said))
            return structs.replace(card, thread=thread)
        case NeedsNoted():
            return structs.replace(card, needs=fact.needs)
        case PersonTold():
            return structs.replace(card, person=fact.person)
        case RemarkAdded():
            return structs.replace(card, remarks=fact.number)
        case QuestionAsked():
            return structs.replace(card, questions=(*card.questions, fact.question))
        case VisitBegan():
            return structs.replace(card, visit=Visit(fact.site, fact.service, fact.booked, fact.needs))
        case TicketIssued() | NumberCalled():
            return structs.replace(card, visit=_visited(card, fact))
        case AnnouncementTold():
            return structs.replace(card, announced=(*card.announced, *fact.announcements))
        case _:
            assert_never(fact)


def _seek(contact: Connected, fact: HelpFact) -> Connected:
    """Change whom the agent looks for."""
    match fact:
        case HelpAsked():
            return structs.replace(contact, help_since=fact.at)
        case HelpEnded():
            return structs.replace(contact, help_since=None)
        case ConsultSought():
            return structs.replace(contact, seeking=Seeking(fact.of_queue, fact.until))
        case ConsultEnded():
            return structs.replace(contact, seeking=None)
        case _:
            assert_never(fact)


def _visited(card: Card, fact: TicketIssued | NumberCalled) -> Visit:
    visit = card.visit
    assert visit is not None  # it began as one
    if isinstance(fact, TicketIssued):
        return structs.replace(visit, ticket=fact.ticket, day=fact.day)
    return structs.replace(visit, seat=fact.seat, called=fact.at, calls=visit.calls + 1)


def _talk(
    contact: Connected,
    fact: AgentCalledBack
    | AgentMissing
    | AgentThere
    | HoldChanged
    | PartyInvited
    | PartyJoined
    | PartyLeft
    | TapeChanged
    | HelpFact,
) -> Connected:
    """Change who talks with whom while an agent has the contact."""
    match fact:
        case HelpAsked() | HelpEnded() | ConsultSought() | ConsultEnded():
            return _seek(contact, fact)
        case AgentCalledBack():
            counted = structs.replace(contact.spot, offers=contact.spot.offers + 1)
            return structs.replace(
                contact, spot=counted, offer=fact.offer, ringing_until=fact.until, retry_at=None, held=()
            )
        case AgentMissing():
            return structs.replace(contact, retry_at=fact.retry_at)
        case AgentThere():
            calling = fact.at + RING_CITIZEN if contact.calling_until is not None else None
            return structs.replace(contact, ringing_until=None, retry_at=None, calling_until=calling)
        case HoldChanged():
            return structs.replace(contact, held=fact.held, taping=_retaped(contact, fact.at))
        case PartyInvited():
            party = Party(
                fact.party,
                fact.destination,
                fact.to,
                fact.deadline,
                fact.via,
                fact.interprets,
                fact.then,
                fact.of_queue,
            )
            counted = structs.replace(contact.spot, offers=contact.spot.offers + 1)
            return structs.replace(
                contact,
                spot=counted,
                parties=(*contact.parties, party),
                held=fact.held,
                taping=_retaped(contact, fact.at),
            )
        case PartyJoined():
            parties = (_joined(one) if one.leg == fact.party else one for one in contact.parties)
            sought = any(one.leg == fact.party and one.queue for one in contact.parties)
            return structs.replace(contact, parties=tuple(parties), seeking=None if sought else contact.seeking)
        case PartyLeft():
            left = tuple(one for one in contact.parties if one.leg != fact.party)
            return structs.replace(
                contact,
                parties=left,
                held=fact.held,
                seeking=_tried(contact, fact.party),
                taping=_retaped(contact, fact.at),
            )
        case TapeChanged():
            return structs.replace(contact, taping=Taping(fact.state, fact.leg, fact.heard, fact.at))
        case _:
            assert_never(fact)


def _party(contact: Connected | Forwarded, fact: PartyJoined | PartyLeft) -> Contact:
    """Change who takes part, be it beside an agent or in the place of one."""
    return _talk(contact, fact) if isinstance(contact, Connected) else _move(contact, fact)


def _retaped(contact: Connected, at: float) -> Taping | None:
    return structs.replace(contact.taping, since=at) if contact.taping is not None else None


def _tried(contact: Connected, leg: str) -> Seeking | None:
    """Return who is sought once a party is gone: not those who did not come."""
    if contact.seeking is None:
        return None
    gone = (one.agent for one in contact.parties if one.leg == leg and one.queue and one.agent is not None)
    return structs.replace(contact.seeking, tried=(*contact.seeking.tried, *gone))


def _joined(party: Party) -> Party:
    return structs.replace(party, deadline=None)


def _move(
    contact: Contact,
    fact: ContactForwarded
    | ContactHandedOver
    | ContactParked
    | ContactTaken
    | ForwardTried
    | ForwardWaits
    | PartyJoined
    | PartyLeft,
) -> Contact:
    """Move a contact from hand to hand."""
    card = contact.card
    match fact:
        case ContactTaken():
            assert isinstance(contact, Waiting | Parked)  # by the table
            counted = structs.replace(contact.spot, offers=contact.spot.offers + 1, returned=None)
            taken = Connected(card, counted, fact.offer, fact.agent, fact.at, ringing_until=fact.ringing_until)
            return _called(taken, fact.at)
        case ContactParked():
            assert isinstance(contact, Connected)
            return Parked(card, contact.spot, fact.agent, fact.slot, fact.until)
        case ContactHandedOver():
            assert isinstance(contact, Connected | Forwarded)
            assert contact.spot is not None  # an agent had it before
            return Connected(card, contact.spot, fact.offer, fact.to, fact.at, parties=interpreters(contact))
        case ContactForwarded():
            return _forwarded(contact, fact)
        case ForwardTried():
            assert isinstance(contact, Forwarded)
            party = Party(fact.party, contact.destination, fact.to, fact.deadline)
            spot = structs.replace(contact.spot, offers=contact.spot.offers + 1) if contact.spot is not None else None
            return structs.replace(contact, spot=spot, party=party, retry_at=None, attempts=contact.attempts + 1)
        case ForwardWaits():
            return structs.replace(contact, party=None, retry_at=fact.retry_at)
        case PartyLeft():
            return structs.replace(contact, party=None)
        case PartyJoined():
            assert isinstance(contact, Forwarded)
            assert contact.party is not None
            return structs.replace(contact, party=_joined(contact.party), until=None)
        case _:
            assert_never(fact)


def _called(contact: Connected, at: float) -> Connected:
    """Begin to call the citizen of a contact that is ours to begin: at once when the agent is there."""
    if contact.card.destination is None:
        return contact
    return structs.replace(contact, calling_until=at + RING_CITIZEN)


def _forwarded(contact: Contact, fact: ContactForwarded) -> Forwarded:
    spot = contact.spot if isinstance(contact, Connected) else None
    if spot is not None:
        spot = structs.replace(spot, offers=spot.offers + 1, returned=None)
    party = Party(fact.party, fact.destination, fact.to, None if fact.joined else fact.deadline) if fact.party else None
    return Forwarded(
        contact.card,
        spot,
        fact.agent,
        fact.destination,
        fact.at,
        party,
        fact.until,
        fact.retry_at,
        int(party is not None),
        contact.session if isinstance(contact, InFlow) else None,
    )


def _return(contact: Contact, fact: ContactReturned) -> Waiting:
    """Put a contact back to its place (rule 7)."""
    assert isinstance(contact, Connected | Forwarded | Parked)  # by the table
    assert contact.spot is not None  # an agent had it
    again = structs.replace(
        contact.spot,
        queued=fact.at,
        preferred=fact.preferred or contact.spot.preferred,
        grace_until=fact.grace_until,
        returned=fact.returned,
        stands_since=fact.at,
        told=None,
        reached=fact.at if contact.spot.reached is not None and fact.cause != "citizen_lost" else None,
        sent=fact.sent or contact.spot.sent,
    )
    rest = fact.rest_until
    return Waiting(contact.card, again if rest is None else _rested(again, fact.agent, fact.at, rest))


def _back(contact: Away, fact: CitizenBack) -> Waiting:
    again = structs.replace(contact.spot, queued=fact.at, stands_since=fact.at, rests=(), told=None)
    return Waiting(contact.card, again)


def _offered(contact: Waiting, fact: OfferMade) -> Offered:
    spot = contact.spot
    told = structs.replace(spot.told, speaks=False) if spot.told is not None else None
    counted = structs.replace(spot, offers=spot.offers + 1, told=told)
    return Offered(contact.card, counted, fact.offer, fact.agent, fact.deadline, fact.citizen_first)


def _accepted(contact: Offered, fact: OfferAccepted) -> Connected:
    taken = Connected(contact.card, contact.spot, fact.offer, fact.agent, fact.at)
    return taken if contact.spot.reached is not None else _called(taken, fact.at)


def _reached(contact: Offered | Connected, fact: CitizenReached) -> Offered | Connected:
    if isinstance(contact, Connected):
        return structs.replace(contact, calling_until=None)
    until = fact.until if fact.until is not None else contact.deadline
    reached = structs.replace(contact.spot, reached=fact.at)
    return structs.replace(contact, spot=reached, deadline=until, calling=False)


def _refused(contact: Offered, fact: OfferDeclined | OfferMissed) -> Waiting:
    return Waiting(contact.card, _rested(contact.spot, fact.agent, fact.at, fact.rest_until))


def _withdrawn(contact: Offered, fact: OfferWithdrawn) -> Waiting:
    return Waiting(contact.card, structs.replace(contact.spot, stands_since=fact.at))


def _stands_on(contact: Waiting, fact: GraceEnded | RequirementWidened | WaitAnnounced) -> Waiting:
    return Waiting(contact.card, _stood_on(contact.spot, fact))


def _interrupted(contact: Connected, fact: WorkSetAside | WorkTakenUp) -> Connected:
    return structs.replace(contact, aside=isinstance(fact, WorkSetAside))


def _wraps_up(contact: Connected, fact: WrapUpStarted) -> WrappingUp:
    return WrappingUp(contact.card, contact.spot, fact.agent, fact.until)


def _left(contact: Waiting, fact: CitizenLeft) -> Away:
    return Away(contact.card, contact.spot, fact.cause, fact.keep_until)


def _stood_on(spot: Spot, fact: GraceEnded | RequirementWidened | WaitAnnounced) -> Spot:
    """Change what holds of somebody who goes on standing in line."""
    match fact:
        case GraceEnded():
            return structs.replace(spot, grace_until=None)
        case RequirementWidened():
            return structs.replace(spot, step=fact.step)
        case WaitAnnounced():
            return structs.replace(spot, told=_told(spot.told, fact))


def _spot(fact: ContactQueued, left: tuple[str, ...]) -> Spot:
    return Spot(
        fact.queue,
        fact.place,
        fact.requirement,
        fact.step,
        fact.weight,
        fact.at,
        fact.preferred,
        fact.grace_until,
        (),
        fact.offers,
        fact.own_needs,
        fact.priority,
        left,
        fact.notes,
        fact.returned,
        fact.at,
        sent=fact.sent,
    )


def _told(before: Told | None, fact: WaitAnnounced) -> Told:
    if before is not None and fact.turn == before.turn:
        return structs.replace(before, due=fact.due)
    best_position, best_high = (before.best_position, before.best_high) if before is not None else (None, None)
    return Told(
        fact.turn,
        fact.at,
        fact.due,
        fact.position,
        fact.low,
        fact.high,
        fact.notice,
        fact.position if fact.position is not None else best_position,
        fact.high if fact.high is not None else best_high,
        announcements=fact.announcements,
    )


def _rested(spot: Spot, agent: str, now: float, until: float) -> Spot:
    """Let a contact rest for an agent (rule 1); nobody waits for a preferred agent who refused (rule 4)."""
    still = tuple(rest for rest in spot.rests if rest[1] > now and rest[0] != agent)
    grace = None if agent == spot.preferred else spot.grace_until
    return structs.replace(spot, rests=(*still, (agent, until)), grace_until=grace, stands_since=now)


EVOLVE: Final[dict[type, Callable[[Any, Any], Contact]]] = {
    FlowMoved: _led,
    ContactQueued: _queued,
    WayOutTaken: _leaving,
    WayOutRepeated: _told_again,
    ContactEnded: _ended,
    CallbackPostponed: _postponed,
    HearingBegan: _hears,
    OfferMade: _offered,
    OfferDeclined: _refused,
    OfferMissed: _refused,
    OfferWithdrawn: _withdrawn,
    OfferAccepted: _accepted,
    CitizenReached: _reached,
    CitizenLeft: _left,
    CitizenBack: _back,
    GraceEnded: _stands_on,
    RequirementWidened: _stands_on,
    WaitAnnounced: _stands_on,
    WorkSetAside: _interrupted,
    WorkTakenUp: _interrupted,
    WrapUpStarted: _wraps_up,
    ContactReturned: _return,
    ContactTaken: _move,
    ContactParked: _move,
    ContactHandedOver: _move,
    ContactForwarded: _move,
    ForwardTried: _move,
    ForwardWaits: _move,
    PartyJoined: _party,
    PartyLeft: _party,
    AgentCalledBack: _talk,
    AgentMissing: _talk,
    AgentThere: _talk,
    HoldChanged: _talk,
    PartyInvited: _talk,
    TapeChanged: _talk,
    HelpAsked: _talk,
    HelpEnded: _talk,
    ConsultSought: _talk,
    ConsultEnded: _talk,
    LanguageChosen: _noted,
    MessageAdded: _noted,
    MatterJoined: _noted,
    VisitBegan: _noted,
    TicketIssued: _noted,
    NumberCalled: _noted,
    NeedsNoted: _noted,
    PersonTold: _noted,
    RemarkAdded: _noted,
    QuestionAsked: _noted,
    AnnouncementTold: _noted,
    SurveyAsked: _asked,
    SurveyAnswered: _asked,
    SurveyLeft: _asked,
    WrapUpEnded: _asked,
}
"""What makes the new state of each fact; by the table, the contact is in a state that it expects."""
