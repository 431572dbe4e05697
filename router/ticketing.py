"""Tickets: who comes to one of our places waits to be called by a number, and stands in line with everybody."""

from typing import Final

from ivr import actions as a
from queues.hours import is_open, seconds_to_change
from queues.site import NUMBERS, PLACE, Service, Site, site_need
from queues.skills import Needs, signature
from router import expectation
from router import facts as f
from router import inputs as i
from router.card import Visit
from router.contact import Arrived, Contact
from router.entering import enqueue, enqueue_at
from router.people import check_needs, note
from router.turn import Turn

CHANNEL: Final = "visit"
ON_PAGE: Final = " page"
"""Ends the entry of visits from the public page."""


def take_ticket(turn: Turn, request: i.TakeTicket) -> None:
    """Let a citizen who is here wait to be called; rule 9 says what becomes of those who cannot wait."""
    site, service = service_at(turn, request.site, request.service)
    admit(turn, site)
    if request.on_page:
        admit_page(turn, site)
    check_needs(request.aids)
    begin(turn, request, site, service, None)
    note(turn, request.contact, request.aids, None, keep=False)
    stand_in_line(turn, request.contact)


def admit_page(turn: Turn, site: Site) -> None:
    """Let nobody take all tickets and times from home. Raises Refused."""
    if not site.on_page:
        raise i.Refused("no_page", f"visits to {site.name} are not asked for on a page")
    mark = f"{PLACE}{site.name}{ON_PAGE}"
    if sum(one.card.entry == mark for one in turn.state.contacts.values()) >= site.on_page:
        raise i.Refused("visits_full", "no more tickets and times are given on the page just now", retryable=True)


def service_at(turn: Turn, site: str, name: str) -> tuple[Site, Service]:
    known = turn.state.configuration.sites.get(site)
    if known is None:
        raise i.Refused("unknown_place", f"there is no place {site}")
    service = known.services.get(name)
    if service is None:
        raise i.Refused("unknown_service", f"{site} has no service {name}; it has: {', '.join(known.services)}")
    return known, service


def admit(turn: Turn, site: Site) -> None:
    """Check that a site gives tickets now. Raises Refused."""
    if site.name in turn.state.opened:
        return
    local = turn.local(turn.now)
    if not is_open(site.hours, local):
        raise i.Refused("place_closed", f"{site.name} is closed")
    closes_in = seconds_to_change(site.hours, local)
    if closes_in is not None and closes_in <= site.last_ticket:
        raise i.Refused("place_closing", f"{site.name} is about to close and gives no more tickets")


def begin(
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


def stand_in_line(turn: Turn, id_: str) -> None:
    """Give a visitor who is here a ticket, and a place: that of the booked time, if there is one (rules 3 and 7)."""
    contact = turn.state.contacts[id_]
    assert isinstance(contact, Arrived)  # callers have made sure
    visit = visit_of(contact)
    service = turn.state.configuration.sites[visit.site].services[visit.service]
    turn.emit(f.TicketIssued(turn.now, id_, visit.site, today(turn), _next_number(turn, visit.site, service.letter)))
    here = turn.state.contacts[id_]
    assert isinstance(here, Arrived)
    needs = all_needs(visit)
    if visit.booked is None:
        enqueue(turn, here, service.queue, needs)
    else:
        enqueue_at(turn, here, service.queue, needs, service.priority, visit.booked)


def all_needs(visit: Visit) -> Needs:
    return (*visit.needs, site_need(visit.site))


def today(turn: Turn) -> str:
    return turn.local(turn.now).date().isoformat()


def _next_number(turn: Turn, site: str, letter: str) -> str:
    """Return the next number of the day, over again when all were given."""
    tickets = turn.state.tickets.get(site)
    last = tickets.last.get(letter) if tickets is not None and tickets.day == today(turn) else None
    following = NUMBERS.start if last is None or last + 1 not in NUMBERS else last + 1
    return f"{letter}{following}"


def visit_of(contact: Contact) -> Visit:
    """Return what a contact is that is known to be a visit."""
    assert contact.card.visit is not None  # callers have made sure
    return contact.card.visit


# ---- by telephone ------------------------------------------------------------------------------------------------


def next_ticket(turn: Turn, site: str, name: str) -> a.Number | None:
    """Return what the next ticket of a service would be, and how long it would take; None when none is given now."""
    known = turn.state.configuration.sites.get(site)
    service = known.services.get(name) if known is not None else None
    if known is None or service is None or not turn.state.is_open(service.queue):
        return None
    try:
        admit(turn, known)
    except i.Refused:
        return None
    number = _next_number(turn, site, service.letter)
    wait = expectation.of_newcomer(turn.state, service.queue, CHANNEL, turn.now, (site_need(site),))
    low, high = (wait.low, wait.high) if wait is not None else (None, None)
    return a.Number(number[0], int(number[1:]), low, high)


def give(turn: Turn, contact: Contact, ticketed: a.Ticketed) -> None:
    """Give the citizen of a contact the ticket that was told."""
    card = contact.card
    request = i.TakeTicket(
        f"{card.id}.{ticketed.filing}",
        ticketed.site,
        ticketed.service,
        ticketed.person or None,
        card.language,
        ticketed.needs,
    )
    take_ticket(turn, request)
