"""Visits to our places: tickets, booked times, being called and not coming, and who is served without a ticket.

A visit waits in line like everybody, and needs an agent who sits at its site (rule 1, `queues.site`). "Call the next"
is the offer of rule 5: who takes it calls the number to the desk.
"""

from collections.abc import Callable
from typing import Any, Final

from queues.site import site_at
from router import booking
from router import facts as f
from router import inputs as i
from router.contact import Arrived, Away, Connected, Contact, Leaving, Offered, Waiting
from router.ending import call_number, citizen_left, end, hand_back, keep_place, set_aside, withdraw
from router.entering import enqueue_own
from router.indexes import Slot
from router.placing import free_at_desk
from router.ticketing import (
    CHANNEL,
    admit,
    admit_page,
    all_needs,
    begin,
    service_at,
    stand_in_line,
    take_ticket,
    today,
    visit_of,
)
from router.turn import Turn

# ---- coming ----------------------------------------------------------------------------------------------------


def book(turn: Turn, request: i.BookVisit) -> None:
    """Let a citizen have one of the times that are free."""
    site, service = service_at(turn, request.site, request.service)
    if not service.bookable:
        raise i.Refused("not_bookable", f"no times can be booked for {request.service} at {site.name}")
    if request.on_page:
        admit_page(turn, site)
    if not booking.is_free(turn.state, Slot(site.name, request.service, request.start), turn.now, turn.local):
        raise i.Refused("time_taken", "this time cannot be booked, or not any more: choose another one")
    begin(turn, request, site, service, request.start)


# ---- being here, and not -----------------------------------------------------------------------------------------


def _contact(turn: Turn, id_: str) -> Contact:
    contact = turn.state.contacts.get(id_)
    if contact is None or contact.card.visit is None:
        raise i.Refused("unknown_visit", f"there is no visit {id_} now")
    return contact


def check_in(turn: Turn, request: i.CheckIn) -> None:
    """Let who booked stand in line, and who was called and had not come stand there again."""
    contact = _contact(turn, request.contact)
    if isinstance(contact, Away):
        turn.emit(f.CitizenBack(turn.now, request.contact))
        turn.deserted[contact.spot.queue] = None
    elif isinstance(contact, Arrived):
        site = turn.state.configuration.sites[visit_of(contact).site]
        admit(turn, site)
        if _day(turn, visit_of(contact).booked or turn.now) != today(turn):
            raise i.Refused("another_day", f"visit {request.contact} is booked for another day")
        stand_in_line(turn, request.contact)
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
    site = turn.state.configuration.sites[visit_of(contact).site]
    waiting = hand_back(turn, contact, "no_show")
    if site.keep > 0:
        keep_place(turn, waiting, "no_show", turn.now + site.keep)
    else:
        end(turn, waiting, "no_show")


def record(turn: Turn, request: i.RecordVisit) -> None:
    """Let an agent serve somebody at once who took no ticket."""
    agent = free_at_desk(turn, request.agent, CHANNEL)
    name = request.site or site_at(agent.desk.seat)
    if not name:
        raise i.Refused("no_place", f"agent {request.agent} sits at no place: say at which place the visit is")
    site, service = service_at(turn, name, request.service)
    begin(turn, request, site, service, None)
    visit = visit_of(turn.state.contacts[request.contact])
    enqueue_own(turn, request.contact, service.queue, all_needs(visit))
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
