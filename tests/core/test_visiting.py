"""Visits: who is here waits for somebody who sits here; tickets, booked times, and those who do not come."""

from datetime import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queues.hours import Hours
from queues.queue import WayOut
from queues.site import Service, Site
from queues.skills import Need
from router import contact as contacts
from router import facts as f
from router import inputs as i
from router.agent import LoggedOut, Reserved
from router.expectation import of_contact, of_newcomer, position
from tests.core.city import City, agent, queue

HOUR = 3600.0
MORNING = 8 * HOUR
OFFICE = Hours(week={day: ((time(8), time(16)),) for day in range(1, 8)})
DESKS = {"1": "phone:hall1", "2": "", "3": ""}


def site(name: str = "hall", **changes: Any) -> Site:
    services = {
        "tax": Service(queue="tax"),
        "permits": Service(queue="permits", letter="B", bookable=2, priority=4.0),
    }
    return Site(name=name, **{"services": services, "desks": DESKS, **changes})


def town(*, sites: tuple[Site, ...] = (), now: float = 0.0, **changes: Any) -> City:
    """Return a town with a hall and a library; bo and cilla come to work when they are told."""
    known = {one.name: one for one in sites or (site(), site("library"))}
    city = City(
        queues=[queue(**changes), queue("permits")],
        agents=[agent("anna", "tax permits"), agent("bo", "tax permits"), agent("cilla", "tax", {"arabic": 4})],
        sites=known,
        ready=False,
        now=now,
    )
    return city


def sit(city: City, name: str, seat: str) -> None:
    city.put(i.LogIn(name, f"desk:{seat}"))
    city.put(i.GoReady(name))


def come(city: City, contact: str, service: str = "tax", at: str = "hall", **more: Any) -> str:
    """Let somebody take a ticket; return its number."""
    city.put(i.TakeTicket(contact, at, service, **more))
    visit = city.state.contacts[contact].card.visit
    assert visit is not None
    return visit.ticket


def take(city: City, name: str) -> str:
    """Let an agent call whom they are offered; return the contact."""
    (offer,) = [one for one in city.state.offers.values() if one.agent == name and hasattr(one, "deadline")]
    city.put(i.AcceptOffer(offer.id))
    return offer.contact


def refusal(city: City, request: i.AnyRequest) -> str:
    with pytest.raises(i.Refused) as refused:
        city.put(request)
    return refused.value.error_id


def test_a_visit_waits_for_somebody_who_sits_there():
    city = town()
    city.ready("anna")  # at the telephone at home
    sit(city, "bo", "library/1")
    assert come(city, "v1") == "A101"
    assert city.is_("v1") == "Waiting"
    sit(city, "cilla", "hall/2")
    assert city.offers == {"cilla": "v1"}


def test_who_sits_at_a_desk_takes_calls_when_it_has_a_phone():
    city = town()
    sit(city, "bo", "hall/2")
    city.call("c1")
    assert city.offers == {}
    sit(city, "anna", "hall/1")
    assert city.offers == {"anna": "c1"}
    assert city.state.at_phone == {"phone:hall1": "anna"}


def test_calls_go_first_to_those_who_are_no_use_to_visitors():
    city = town()
    sit(city, "anna", "hall/1")
    come(city, "v1")
    take(city, "anna")
    city.finish("v1")
    city.ready("bo")
    city.call("c1")
    assert city.offers == {"bo": "c1"}


def test_leaving_the_desk_leaves_the_place():
    city = town()
    sit(city, "bo", "hall/2")
    city.log_out("bo")
    city.ready("bo")
    come(city, "v1")
    assert city.is_("v1") == "Waiting"


def test_one_desk_for_one_agent():
    city = town()
    sit(city, "bo", "hall/2")
    sit(city, "anna", "hall/2")
    assert isinstance(city.state.agents["bo"], LoggedOut)
    come(city, "v1")
    take(city, "anna")
    assert refusal(city, i.LogIn("bo", "desk:hall/2")) == "phone_taken"
    assert refusal(city, i.LogIn("bo", "desk:hall/9")) == "unknown_desk"
    assert refusal(city, i.LogIn("bo", "desk:nowhere/1")) == "unknown_desk"


def test_tickets_count_by_letter_place_and_day():
    city = town()
    assert [come(city, f"v{n}") for n in range(2)] == ["A101", "A102"]
    assert come(city, "v3", "permits") == "B101"
    assert come(city, "v4", at="library") == "A101"
    city.restart()
    assert come(city, "v5") == "A103"
    city.wait(24 * HOUR)
    assert come(city, "v6") == "A101"


def test_a_number_is_called_to_the_desk_and_called_again():
    city = town()
    sit(city, "bo", "hall/2")
    come(city, "v1")
    take(city, "bo")
    assert [fact.seat for fact in city.of(f.NumberCalled)] == ["hall/2"]
    city.put(i.CallNumber("v1"))
    visit = city.state.contacts["v1"].card.visit
    assert visit is not None
    assert (visit.seat, visit.calls) == ("hall/2", 2)


def test_who_does_not_come_keeps_the_place_for_a_while():
    city = town()
    sit(city, "bo", "hall/2")
    come(city, "v1")
    come(city, "v2")
    take(city, "bo")
    city.put(i.NoShow("v1"))
    assert city.is_("v1") == "Away"
    assert city.offers == {"bo": "v2"}
    take(city, "bo")
    come(city, "v3")
    city.put(i.CheckIn("v1"))
    city.finish("v2")
    assert city.offers == {"bo": "v1"}, "before who came after it"


def test_of_two_who_do_not_come_and_are_one_person_the_better_place_is_kept():
    city = town()
    sit(city, "bo", "hall/2")
    come(city, "v1", person="p")
    come(city, "v2", person="p")
    take(city, "bo")
    city.put(i.NoShow("v1"))
    take(city, "bo")
    city.put(i.NoShow("v2"))
    assert (city.is_("v1"), city.is_("v2")) == ("Away", "Gone")
    city.put(i.CheckIn("v1"))
    assert city.offers == {"bo": "v1"}


def test_and_then_not_any_longer():
    city = town()
    sit(city, "bo", "hall/2")
    come(city, "v1")
    take(city, "bo")
    city.put(i.NoShow("v1"))
    city.wait(901.0)
    assert [fact.outcome for fact in city.of(f.ContactEnded)] == ["no_show"]
    city = town(sites=(site(keep=0.0),))
    sit(city, "bo", "hall/2")
    come(city, "v1")
    take(city, "bo")
    city.put(i.NoShow("v1"))
    assert [fact.outcome for fact in city.of(f.ContactEnded)] == ["no_show"]


def test_a_visitor_is_sent_on_within_the_place():
    city = town()
    sit(city, "bo", "hall/2")
    come(city, "v1")
    take(city, "bo")
    city.wait(60.0)
    city.put(i.SendToQueue("v1", "permits"))
    assert city.offers == {"bo": "v1"}  # who serves that too
    assert city.spot("v1").needs == (Need("place:hall"),)
    assert city.spot("v1").place.clock == 0.0


def test_a_visitor_is_parked_and_called_back_to_a_desk():
    city = town(wrap_up=30.0)
    sit(city, "bo", "hall/2")
    come(city, "v1")
    take(city, "bo")
    city.put(i.Park("v1"))
    assert city.is_("v1") == "Parked"
    city.put(i.Retrieve("1", "bo"))
    assert city.is_("v1") == "Connected"
    assert len(city.of(f.NumberCalled)) == 2
    city.put(i.Park("v1"))
    city.wait(180.0)
    assert city.offers == {"bo": "v1"}, "nobody fetched it, so it comes back"


def test_a_visit_without_a_ticket_begins_with_its_agent():
    city = town()
    city.ready("bo")
    assert refusal(city, i.RecordVisit("v1", "bo", "tax")) == "no_place"
    city.put(i.RecordVisit("v1", "bo", "tax", site="library"))
    assert city.is_("v1") == "Connected"
    assert refusal(city, i.RecordVisit("v2", "bo", "tax", site="library")) == "agent_busy"
    city.finish("v1")
    assert [fact.outcome for fact in city.of(f.ContactEnded)] == ["served"]
    assert city.state.tickets == {}


def test_and_lets_a_mail_wait():
    city = town()
    sit(city, "bo", "hall/2")
    city.mail("m1")
    take(city, "bo")
    city.put(i.RecordVisit("v1", "bo", "tax"))
    assert [fact.contact for fact in city.of(f.WorkSetAside)] == ["m1"]
    city.finish("v1")
    assert [fact.contact for fact in city.of(f.WorkTakenUp)] == ["m1"]


def test_visitors_wait_for_staff_unless_a_way_out_is_named():
    city = town()
    come(city, "v1")
    assert city.is_("v1") == "Waiting"
    city = town(ways_out={"nobody": WayOut(to="announcement", name="sorry")})
    city.ready("anna")
    come(city, "v1")
    assert city.is_("v1") == "Leaving"


def test_no_visitor_is_sent_home_by_a_clock():
    city = town(max_wait=900.0, ways_out={"too_long": WayOut(to="announcement", name="sorry")})
    come(city, "v1")
    city.call("c1")
    city.wait(HOUR)
    assert (city.is_("v1"), city.is_("c1")) == ("Waiting", "Gone")


def test_a_place_gives_tickets_while_it_is_open():
    city = town(sites=(site(hours=OFFICE, last_ticket=900.0),))
    take_one = i.TakeTicket("v1", "hall", "tax")
    assert refusal(city, take_one) == "place_closed"
    city.wait(MORNING)
    assert [fact.site for fact in city.of(f.SiteOpened)] == ["hall"]
    city.put(take_one)
    city.wait(7.8 * HOUR)
    assert refusal(city, i.TakeTicket("v2", "hall", "tax")) == "place_closing"
    assert city.is_("v1") == "Waiting"
    city.wait(0.3 * HOUR)
    assert [fact.site for fact in city.of(f.SiteClosed)] == ["hall"]
    assert city.of(f.WayOutTaken)[0].obstacle == "closed"


def test_who_is_inside_is_served_after_closing():
    city = town(sites=(site(hours=OFFICE),), now=MORNING)
    sit(city, "bo", "hall/2")
    come(city, "v1")
    take(city, "bo")
    come(city, "v2")
    city.wait(9 * HOUR)
    assert city.is_("v2") == "Waiting"
    city.finish("v1")
    assert city.offers == {"bo": "v2"}
    city.log_out("bo")
    assert city.of(f.WayOutTaken)[0].obstacle == "closed"


def test_needs_and_language_count_too():
    library = site(languages={"ar": (Need("arabic", 3),)})
    city = town(sites=(library,))
    sit(city, "bo", "hall/2")
    come(city, "v1", language="ar")
    assert city.offers == {}
    sit(city, "cilla", "hall/3")
    assert city.offers == {"cilla": "v1"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"site": "moon"}, "unknown_place"),
        ({"service": "moon"}, "unknown_service"),
        ({"contact": "v0"}, "contact_exists"),
    ],
)
def test_what_does_not_exist_is_refused(changes: dict[str, str], error: str):
    city = town()
    come(city, "v0")
    assert refusal(city, i.TakeTicket(**({"contact": "v1", "site": "hall", "service": "tax"} | changes))) == error
    for request in (i.CheckIn("v9"), i.LeaveVisit("v9"), i.NoShow("v9"), i.CallNumber("v9")):
        assert refusal(city, request) == "unknown_visit"
    assert refusal(city, i.NoShow("v0")) == "not_connected"
    assert refusal(city, i.CheckIn("v0")) == "is_here"


def test_a_place_in_use_stays_in_the_configuration():
    city = town()
    come(city, "v1")
    with pytest.raises(i.Refused) as refused:
        city.reconfigure([queue(), queue("permits")], [], sites={"library": site("library")})
    assert refused.value.error_id == "place_in_use"
    city.put(i.LeaveVisit("v1"))
    city.reconfigure([queue(), queue("permits")], [], sites={"library": site("library")})


def test_an_agent_still_sits_there_under_a_new_configuration():
    city = town()
    sit(city, "bo", "hall/2")
    city.reconfigure(
        [queue(), queue("permits")], [agent("bo", "tax permits")], sites={"hall": site(), "library": site("library")}
    )
    come(city, "v1")
    assert city.offers == {"bo": "v1"}


def test_a_visitor_who_is_to_be_called_back_needs_nobody_who_sits_there():
    city = town(ways_out={"nobody": WayOut(to="callback", name="we_call")})
    city.ready("anna")
    come(city, "v1", person="p1")
    assert city.is_("v1") == "Leaving"
    (callback,) = city.state.callbacks
    assert city.offers == {"anna": callback}


# ---- booked times ------------------------------------------------------------------------------------------------


def test_a_booked_time_is_the_place_in_line():
    city = town(now=MORNING)
    ten = 10 * HOUR
    city.put(i.BookVisit("b1", "hall", "permits", ten))
    assert city.is_("b1") == "Arrived"
    city.wait(2 * HOUR - 300.0)
    come(city, "v1", "permits")
    city.put(i.CheckIn("b1"))
    city.wait(300.0)
    come(city, "v2", "permits")
    places = [city.spot(one).place for one in ("v1", "b1", "v2")]
    assert places == sorted(places)
    assert city.spot("b1").place.clock == pytest.approx(city.state.clock("permits", city.now))


def test_from_its_time_on_it_becomes_urgent_faster():
    city = town(now=MORNING)
    city.put(i.BookVisit("b1", "hall", "permits", 10 * HOUR))
    city.wait(2 * HOUR - 120.0)
    come(city, "v1", "permits")
    city.put(i.CheckIn("b1"))
    city.wait(130.0)
    sit(city, "bo", "hall/2")
    assert city.offers == {"bo": "v1"}
    take(city, "bo")
    come(city, "v2", "permits")
    city.wait(60.0)
    city.finish("v1")
    assert city.offers == {"bo": "b1"}


def test_a_time_is_for_so_many():
    city = town(now=MORNING)
    ten = 10 * HOUR
    city.put(i.BookVisit("b1", "hall", "permits", ten))
    city.put(i.BookVisit("b2", "hall", "permits", ten))
    assert refusal(city, i.BookVisit("b3", "hall", "permits", ten)) == "time_taken"
    city.put(i.LeaveVisit("b2"))
    city.put(i.BookVisit("b3", "hall", "permits", ten))
    city.restart()
    assert refusal(city, i.BookVisit("b4", "hall", "permits", ten)) == "time_taken"


@pytest.mark.parametrize(
    ("start", "error"),
    [(7 * HOUR, "time_taken"), (10 * HOUR + 1, "time_taken"), (16 * HOUR, "time_taken"), (40 * 86400.0, "time_taken")],
)
def test_times_lie_ahead_and_in_open_hours(start: float, error: str):
    city = town(sites=(site(hours=OFFICE),), now=MORNING)
    assert refusal(city, i.BookVisit("b1", "hall", "permits", start)) == error
    assert refusal(city, i.BookVisit("b1", "hall", "tax", 10 * HOUR)) == "not_bookable"


def test_a_time_is_lost_by_who_does_not_come():
    city = town(now=MORNING)
    city.put(i.BookVisit("b1", "hall", "permits", 10 * HOUR))
    city.wait(2 * HOUR + 599.0)
    assert city.is_("b1") == "Arrived"
    city.wait(2.0)
    assert [fact.outcome for fact in city.of(f.ContactEnded)] == ["no_show"]
    assert city.state.booked == {}


def test_nobody_checks_in_on_another_day():
    city = town(now=MORNING)
    city.put(i.BookVisit("b1", "hall", "permits", 34 * HOUR))
    assert refusal(city, i.CheckIn("b1")) == "another_day"


# ---- expected wait -------------------------------------------------------------------------------------------------


def test_visitors_are_told_the_pace_of_their_place():
    city = town()
    sit(city, "bo", "hall/2")
    for n in range(12):
        come(city, f"v{n}")
    for _ in range(8):
        taken = take(city, "bo")
        city.wait(120.0)
        city.finish(taken)
    last = city.state.contacts["v11"]
    assert isinstance(last, contacts.Waiting)
    told = of_contact(city.state, last, city.now)
    assert told is not None
    assert 100.0 < told.mean < 900.0
    come(city, "x1", at="library")
    other = city.state.contacts["x1"]
    assert isinstance(other, contacts.Waiting)
    assert position(city.state, other) == 1
    assert of_newcomer(city.state, "tax", "visit", city.now, (Need("place:library"),)) is None


def test_callers_do_not_stand_behind_visitors() -> None:
    """Visitors leave at the pace of their place; counted before callers, they made callers expect twice the wait."""
    city = town()
    sit(city, "bo", "hall/2")
    city.ready("anna")
    for n in range(12):
        city.call(f"c{n}")
    for n in range(8):
        city.answer(f"c{n}")
        city.wait(120.0)
        city.finish(f"c{n}")
    city.answer("c8")
    last = city.state.contacts["c11"]
    assert isinstance(last, contacts.Waiting)
    before = of_contact(city.state, last, city.now), of_newcomer(city.state, "tax", "call", city.now)
    assert position(city.state, last) == 3
    for n in range(6):
        come(city, f"v{n}")
    city.call("later")
    later = city.state.contacts["later"]
    assert isinstance(later, contacts.Waiting)
    assert (of_contact(city.state, last, city.now), of_contact(city.state, later, city.now)) == before
    assert (position(city.state, last), position(city.state, later)) == (3, 4)


# ---- properties ----------------------------------------------------------------------------------------------------

DEEDS = (
    *("ticket", "book", "check in", "leave", "take", "miss", "finish", "no show", "park", "fetch"),
    *("sit", "go", "send", "record", "wait", "restart", "call"),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 5)), max_size=60))
def test_whatever_happens_visits_stay_in_order(deeds: list[tuple[str, int]]):
    """Every invariant holds after every deed, and a second router is led to the same state (`City.put`)."""
    city = town(sites=(site(), site("library")), now=MORNING)
    for number, (deed, which) in enumerate(deeds):
        try:
            _do(city, deed, which, f"v{number}")
        except i.Refused:
            continue
        for offered, contact in city.offers.items():
            visit = city.state.contacts[contact].card.visit
            if visit is not None:
                assert city.state.agents[offered].desk.seat.startswith(visit.site + "/")


def _do(city: City, deed: str, which: int, new: str) -> None:
    """Do something to one of the visits that there are, or let an agent do it; Refused is an answer too."""
    name, place = ("anna", "bo", "cilla")[which % 3], ("hall", "library")[which % 2]
    visits = [one.card.id for one in city.state.contacts.values() if one.card.visit is not None]
    contact = visits[which % len(visits)] if visits else "nobody"
    known = city.state.agents[name]
    offer = known.offer if isinstance(known, Reserved) else "none"
    half_hour = (city.now // 1800.0 + 1 + which) * 1800.0
    requests: dict[str, i.AnyRequest] = {
        "ticket": i.TakeTicket(new, place, ("tax", "permits")[which // 3]),
        "book": i.BookVisit(new, place, "permits", half_hour),
        "check in": i.CheckIn(contact),
        "leave": i.LeaveVisit(contact),
        "take": i.AcceptOffer(offer),
        "miss": i.DeclineOffer(offer),
        "finish": i.Finish(contact),
        "no show": i.NoShow(contact),
        "park": i.Park(contact),
        "fetch": i.Retrieve("1", name),
        "go": i.LogOut(name),
        "send": i.SendToQueue(contact, "permits"),
        "record": i.RecordVisit(new, name, "tax"),
    }
    if deed in requests:
        city.put(requests[deed])
    elif deed == "sit":
        sit(city, name, f"{place}/{which % 3 + 1}")
    elif deed == "wait":
        city.wait(which * 300.0)
    elif deed == "restart":
        city.restart()
    else:
        city.call(new, person=f"p{which}")
