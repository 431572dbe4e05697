"""Visits to our places: tickets, booked times, being called and not coming, and who is served without a ticket.

A visit waits in line like everybody, and needs an agent who sits at its site (rule 1, `queues.site`). "Call the next"
is the offer of rule 5: who takes it calls the number to the desk.
"""

from collections.abc import Callable
from typing import Any, Final

from queues.hours import is_open, seconds_to_change
from queues.site import NUMBERS, PLACE, Service, Site, site_at, site_need
from queues.skills import Needs, signature
from router import booking
from router import facts as f
from router import inputs as i
from router.contact import Arrived, Away, Connected, Contact, Leaving, Offered, Visit, Waiting
from router.ending import call_number, citizen_left, end, hand_back, set_aside, withdraw
from router.entering import enqueue, enqueue_at, enqueue_own
from router.placing import free_at_desk
from router.state import Slot
from router.turn import Turn

CHANNEL: Final = "visit"
ON_PAGE: Final = " page"
"""Ends the entry of visits from the public page."""


# ---- coming ----------------------------------------------------------------------------------------------------


def book(turn: Turn, request: i.BookVisit) -> None:
    """Let a citizen have one of the times that are free."""
    site, service = _service(turn, request.site, request.service)
    if not service.bookable:
        raise i.Refused("not_bookable", f"no times can be booked for {request.service} at {site.name}")
    if request.on_page:
        _admit_page(turn, site)
    if not booking.is_free(turn.state, Slot(site.name, request.service, request.start), turn.now, turn.local):
        raise i.Refused("time_taken", "this time cannot be booked, or not any more: choose another one")
    _begin(turn, request, site, service, request.start)


def take_ticket(turn: Turn, request: i.TakeTicket) -> None:
    """Let a citizen who is here wait to be called; rule 9 says what becomes of those who cannot wait."""
    site, service = _service(turn, request.site, request.service)
    _open(turn, site)
    if request.on_page:
        _admit_page(turn, site)
    _begin(turn, request, site, service, None)
    _stand_in_line(turn, request.contact)


def _admit_page(turn: Turn, site: Site) -> None:
    """Let nobody take all tickets and times from home. Raises Refused."""
    if not site.on_page:
        raise i.Refused("no_page", f"visits to {site.name} are not asked for on a page")
    mark = f"{PLACE}{site.name}{ON_PAGE}"
    if sum(one.card.entry == mark for one in turn.state.contacts.values()) >= site.on_page:
        raise i.Refused("visits_full", "no more tickets and times are given on the page just now", retryable=True)


def _service(turn: Turn, site: str, name: str) -> tuple[Site, Service]:
    known = turn.state.configuration.sites.get(site)
    if known is None:
        raise i.Refused("unknown_place", f"there is no place {site}")
    service = known.services.get(name)
    if service is None:
        raise i.Refused("unknown_service", f"{site} has no service {name}; it has: {', '.join(known.services)}")
    return known, service


def _open(turn: Turn, site: Site) -> None:
    """Check that a site gives tickets now. Raises Refused."""
    local = turn.local(turn.now)
    if not is_open(site.hours, local):
        raise i.Refused("place_closed", f"{site.name} is closed")
    closes_in = seconds_to_change(site.hours, local)
    if closes_in is not None and closes_in <= site.last_ticket:
        raise i.Refused("place_closing", f"{site.name} is about to close and gives no more tickets")


def _begin(
    turn: Turn, request: i.BookVisit | i.TakeTicket | i.RecordVisit, site: Site, service: Service, start: float | None
) -> None:
    """Let a visit come to be."""
    id_, language = request.contact, request.language
    if id_ in turn.state.contacts:
        raise i.Refused("contact_exists", f"there is a contact {id_} already")
    person, own = (None, ()) if isinstance(request, i.RecordVisit) else (request.person, request.needs)
    needs = signature((*service.needs, *own, *site.languages.get(language, ())))
    on_page = not isinstance(request, i.RecordVisit) and request.on_page
    order, entry = turn.state.order + 1, f"{PLACE}{site.name}{ON_PAGE if on_page else ''}"
    turn.emit(f.ContactArrived(turn.now, id_, CHANNEL, entry, "", order, person, language=language))
    turn.emit(f.VisitBegan(turn.now, id_, site.name, request.service, start, needs))


def _stand_in_line(turn: Turn, id_: str) -> None:
    """Give a visitor who is here a ticket, and a place: that of the booked time, if there is one (rules 3 and 7)."""
    contact = turn.state.contacts[id_]
    assert isinstance(contact, Arrived)  # callers have made sure
    visit = _visit(contact)
    service = turn.state.configuration.sites[visit.site].services[visit.service]
    turn.emit(f.TicketIssued(turn.now, id_, visit.site, _today(turn), _next_number(turn, visit.site, service.letter)))
    here = turn.state.contacts[id_]
    assert isinstance(here, Arrived)
    needs = _all_needs(visit)
    if visit.booked is None:
        enqueue(turn, here, service.queue, needs)
    else:
        enqueue_at(turn, here, service.queue, needs, service.priority, visit.booked)


def _all_needs(visit: Visit) -> Needs:
    return (*visit.needs, site_need(visit.site))


def _today(turn: Turn) -> str:
    return turn.local(turn.now).date().isoformat()


def _next_number(turn: Turn, site: str, letter: str) -> str:
    """Return the next number of the day, over again when all were given."""
    tickets = turn.state.tickets.get(site)
    last = tickets.last.get(letter) if tickets is not None and tickets.day == _today(turn) else None
    following = NUMBERS.start if last is None or last + 1 not in NUMBERS else last + 1
    return f"{letter}{following}"


# ---- being here, and not -----------------------------------------------------------------------------------------


def _contact(turn: Turn, id_: str) -> Contact:
    contact = turn.state.contacts.get(id_)
    if contact is None or contact.card.visit is None:
        raise i.Refused("unknown_visit", f"there is no visit {id_} now")
    return contact


def _visit(contact: Contact) -> Visit:
    assert contact.card.visit is not None  # callers have made sure
    return contact.card.visit


def check_in(turn: Turn, request: i.CheckIn) -> None:
    """Let who booked stand in line, and who was called and had not come stand there again."""
    contact = _contact(turn, request.contact)
    if isinstance(contact, Away):
        turn.emit(f.CitizenBack(turn.now, request.contact))
        turn.deserted[contact.spot.queue] = None
    elif isinstance(contact, Arrived):
        site = turn.state.configuration.sites[_visit(contact).site]
        _open(turn, site)
        if _day(turn, _visit(contact).booked or turn.now) != _today(turn):
            raise i.Refused("another_day", f"visit {request.contact} is booked for another day")
        _stand_in_line(turn, request.contact)
    else:
        raise i.Refused("is_here", f"visit {request.contact} is here already")


def _day(turn: Turn, at: float) -> str:
    return turn.local(at).date().isoformat()


def leave(turn: Turn, request: i.LeaveVisit) -> None:
    """Give up a booked time, or the wait."""
    contact = _contact(turn, request.contact)
    if isinstance(contact, Offered):
        withdraw(turn, contact, "citizen_left")
        contact = turn.state.contacts[request.contact]
    match contact:
        case Arrived():
            end(turn, contact, "cancelled")
        case Waiting():
            citizen_left(turn, contact, "hung_up")
        case Away() | Leaving():
            end(turn, contact, "abandoned")
        case _:
            raise i.Refused("is_served", f"visit {request.contact} is with an agent")


# ---- at the desk ---------------------------------------------------------------------------------------------------


def _called(turn: Turn, id_: str) -> Connected:
    contact = _contact(turn, id_)
    if not isinstance(contact, Connected):
        raise i.Refused("not_connected", f"visit {id_} is not with an agent")
    return contact


def call_again(turn: Turn, request: i.CallNumber) -> None:
    """Call a visitor to the desk once more."""
    call_number(turn, request.contact, _called(turn, request.contact).agent)


def no_show(turn: Turn, request: i.NoShow) -> None:
    """Let the agent go on without a visitor who does not come; the place is kept for a while (rule 7)."""
    contact = _called(turn, request.contact)
    site = turn.state.configuration.sites[_visit(contact).site]
    waiting = hand_back(turn, contact, "no_show")
    if site.keep > 0:
        turn.emit(f.CitizenLeft(turn.now, request.contact, "no_show", turn.now + site.keep))
    else:
        end(turn, waiting, "no_show")


def record(turn: Turn, request: i.RecordVisit) -> None:
    """Let an agent serve somebody at once who took no ticket."""
    agent = free_at_desk(turn, request.agent, CHANNEL)
    name = request.site or site_at(agent.desk.seat)
    if not name:
        raise i.Refused("no_place", f"agent {request.agent} sits at no place: say at which place the visit is")
    site, service = _service(turn, name, request.service)
    _begin(turn, request, site, service, None)
    visit = _visit(turn.state.contacts[request.contact])
    enqueue_own(turn, request.contact, service.queue, _all_needs(visit))
    turn.emit(f.ContactTaken(turn.now, request.contact, request.agent, f"{request.contact}.1"))
    set_aside(turn, request.agent)


REQUESTS: Final[dict[type[Any], Callable[[Turn, Any], None]]] = {
    i.BookVisit: book,
    i.TakeTicket: take_ticket,
    i.CheckIn: check_in,
    i.LeaveVisit: leave,
    i.RecordVisit: record,
    i.CallNumber: call_again,
    i.NoShow: no_show,
}
