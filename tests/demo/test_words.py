"""Events as people read them."""

import pytest

from engine.demo.town import Town
from engine.demo.words import FORMS, Teller
from web.events import FORMS as PUBLISHED

CALL = "w1-5f3a-12"
OTHER = "w2-9c01-12"


def test_only_what_is_published_is_told() -> None:
    published = {form.type for form in PUBLISHED.values()}
    assert set(FORMS) <= published


def event(type_: str, contact: str = CALL, at: float = 1000.0, **fields: object) -> dict[str, object]:
    return {"type": type_, "at": at, "contact": contact, **fields}


@pytest.fixture
def teller(town: Town) -> Teller:
    return Teller(town, {"p1024": "Parkeringstillstånd"})


def told(teller: Teller, *events: dict[str, object]) -> list[str]:
    said = [teller.say(one) for one in events]
    return [one.text for one in said if one is not None]


def test_a_call_from_the_first_ring_to_the_end(teller: Teller) -> None:
    assert told(
        teller,
        event("contact.arrived", channel="call", entry="0403410000"),
        event("contact.language_chosen", language="fi"),
        event("contact.queued", at=1010, queue="kontakt"),
        event("contact.told", at=1015, low=30.0, high=90.0, position=2),
        event("offer.accepted", at=1085, agent="guide04"),
        event("contact.hold_changed", agent="guide04", held=["citizen"]),
        event("contact.hold_changed", agent="guide04", held=[]),
        event("contact.forwarded", agent="guide04", destination={"person": "p1024"}),
        event("party.joined"),
        event("contact.ended", at=1145, outcome="connected"),
    ) == [
        "citizen 1 rings Malmö stad",
        "citizen 1 speaks Finnish",
        "citizen 1 waits for Kontaktcenter",
        "citizen 1 hears: number 2, 0:30 to 1:30",
        "guide04 answers citizen 1, who waited 1:15",
        "guide04 puts citizen 1 on hold",
        "guide04 takes citizen 1 off hold",
        "guide04 sends citizen 1 on to Parkeringstillstånd",
        "Parkeringstillstånd answers for citizen 1",
        "citizen 1 has talked with Parkeringstillstånd",
    ]


def test_callers_of_two_workers_are_told_apart(teller: Teller) -> None:
    assert told(
        teller,
        event("contact.arrived", channel="call", entry="0403410200"),
        event("contact.arrived", OTHER, channel="call", entry="0403410200"),
        event("contact.queued", queue="skola"),
        event("contact.arrived", f"{CALL}.report1", channel="report", entry=""),
    ) == [
        "citizen 1 rings Välj ärende",
        "citizen 2 rings Välj ärende",
        "citizen 1 waits for Förskola och skola",
        "citizen 1 has left a fault report",
    ]


def test_who_gives_up_and_who_is_called_back(teller: Teller) -> None:
    assert told(
        teller,
        event("contact.queued", queue="skola"),
        event("contact.left", cause="hung_up"),
        event("callback.registered", OTHER, callback=f"{OTHER}.callback1", queue="aldre"),
        event("callback.closed", OTHER, callback=f"{OTHER}.callback1", cause="kept"),
    )[1:] == [
        "citizen 1 gave up; the place is kept",
        "citizen 2 will be called back by Äldreomsorg",
        "citizen 2 was called back",
    ]


def test_codes_that_agents_dial_are_not_callers(teller: Teller) -> None:
    assert told(teller, event("contact.arrived", channel="call", entry="*12")) == []
    assert told(teller, event("no.such.event")) == []


def test_nothing_is_told_twice(teller: Teller) -> None:
    """Who served reports it once; the obstacle and the way are one sentence."""
    assert told(
        teller, event("contact.way_out_taken", queue="kontakt", obstacle="too_long", way="queue", to="vaxel")
    ) == ["citizen 1 leaves the line of Kontaktcenter, it took too long: on to Växeln"]
