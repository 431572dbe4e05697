"""Callbacks asked for in a flow: times are offered, the number read back; a promise can be kept or cancelled."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from ivr import actions as a
from ivr.flow import Collect, Enter, Flow, HangUp, Promise, Promised, Say, Standing, Ticket, Ticketed, Times
from ivr.phrase import Clock, Digits, Phrase, Word
from queues.hours import Hours
from queues.queue import Calling, WayOut
from queues.site import Service, Site
from router import facts as f
from router import inputs as i
from router.contact import InFlow
from tests.core.city import City, agent, queue

HOUR = 3600.0
NOON = 12 * HOUR
NODES: Mapping[str, Any] = {
    "start": Times(prompt="when", queue="tax", next="number", otherwise="line", tries=2),
    "number": Collect(
        prompt="number", name="callback_number", check="number", caller="yours", confirm="right", next="promise",
        otherwise="line",
    ),
    "promise": Promise(queue="tax", next="promised", already="already", taken="taken"),
    "promised": Promised(prompt="promised", at="promised_at", next="bye"),
    "already": Say(prompt="already", next="bye"),
    "taken": Say(prompt="taken", next="start"),
    "line": Enter(queue="tax"),
    "bye": HangUp(),
}  # fmt: skip
BACK = Flow(name="back", nodes=dict(NODES))
MINE = Flow(
    name="mine",
    nodes={
        "start": Standing(prompt="yours", at="yours_at", queue="", next="line", keep="bye", cancelled="gone"),
        "gone": Say(prompt="gone", next="bye"),
        "line": Enter(queue="tax"),
        "bye": HangUp(),
    },
)


def town(bookable: int = 1, **more: Any) -> City:
    """Return a city in which anna is at work and does not take anybody yet."""
    calling = Calling(bookable=bookable, window=HOUR, pause=600.0)
    keys = {"1": WayOut(to="report", name="back")}
    city = City([queue(calling=calling, keys=keys, **more)], [agent("anna")], [BACK, MINE], now=NOON, ready=False)
    city.put(i.LogIn("anna"))
    return city


def session_at(city: City, contact: str = "c1") -> InFlow:
    state = city.state.contacts[contact]
    assert isinstance(state, InFlow), state
    return state


def press(city: City, *keys: str, contact: str = "c1") -> None:
    for key in keys:
        city.put(i.KeyPressed(contact=contact, digit=key))


def says(city: City, contact: str = "c1") -> list[Phrase]:
    action = session_at(city, contact).action
    assert isinstance(action, a.Speak), action
    return list(action.heard)


def heard(city: City, contact: str = "c1") -> None:
    city.put(i.PromptEnded(contact=contact, turn=session_at(city, contact).session.turn))


def promised(city: City) -> f.CallbackRegistered:
    (fact,) = city.of(f.CallbackRegistered)[-1:]
    return fact


def test_times_that_are_free_are_offered_and_read_back():
    city = town()
    city.call("c1", "back", person="p1")
    assert says(city) == [
        Phrase("when"),
        Phrase("callback_key_turn", {"key": 1}),
        *(
            Phrase("callback_key_time", {"key": 2 + n, "day": Word("day_today"), "time": Clock(13 + n)})
            for n in range(3)
        ),
        Phrase("callback_key_later", {"key": 9}),
    ]
    press(city, "9")
    assert says(city)[2] == Phrase("callback_key_time", {"key": 2, "day": Word("day_today"), "time": Clock(16)})
    press(city, "2")
    assert says(city) == [Phrase("yours", {"digits": Digits("caller")})], "who rings from a number that we know"
    press(city, "1")
    told = {"day": Word("day_today"), "time": Clock(16), "digits": Digits("caller")}
    assert says(city) == [Phrase("promised_at", told)]
    assert (promised(city).person, promised(city).due) == ("p1", 16 * HOUR)
    heard(city)
    assert city.is_("c1") == "Gone"
    city.wait(3 * HOUR)
    city.ready("anna")
    assert city.offers == {}
    city.wait(1 * HOUR)
    assert city.offers == {"anna": promised(city).callback}


def test_another_number_can_be_typed_and_is_read_back():
    city = town()
    city.call("c1", "back", person="p1")
    press(city, "1", "2")
    assert says(city) == [Phrase("number")]
    city.put(i.DigitsTyped(contact="c1", count=10, over=True, holds=True, person="p2"))
    assert says(city) == [Phrase("right", {"digits": Digits("callback_number")})]
    press(city, "1")
    assert says(city) == [Phrase("promised", {"digits": Digits("callback_number")})]
    assert (promised(city).person, promised(city).due) == ("p2", None)
    assert city.is_(promised(city).callback) == "Waiting"


def test_a_number_that_may_not_be_called_is_asked_for_again_and_then_somebody_answers():
    city = town()
    city.call("c1", "back")
    press(city, "1")
    for _ in range(3):
        city.put(i.DigitsTyped(contact="c1", count=5, over=True, holds=False))
    assert city.is_("c1") == "Waiting"
    assert city.of(f.CallbackRegistered) == []


def test_a_place_in_line_that_is_left_by_key_is_that_of_the_callback():
    city = town()
    city.call("c1", person="p1")
    place = city.spot("c1").place
    city.wait(120.0)
    city.call("c2", person="p2")
    press(city, "1")
    press(city, "1", "1")
    assert city.spot(promised(city).callback).place.clock == place.clock
    city.ready("anna")
    assert city.offers == {"anna": promised(city).callback}, "who asked to be called has not lost anything by it"


def test_who_chooses_nothing_stands_at_the_old_place_again():
    city = town(max_waiting=1)
    city.call("c1", person="p1")
    place = city.spot("c1").place
    city.wait(60.0)
    press(city, "1")
    city.call("c2", person="p2")
    for _ in range(2):
        heard(city)
        city.wait(10.0)
    assert city.spot("c1").place == place, "although it is full meanwhile"


def test_without_times_it_is_in_turn():
    city = town(bookable=0)
    city.call("c1", "back", person="p1")
    assert says(city) == [Phrase("yours", {"digits": Digits("caller")})]


def test_a_time_that_somebody_else_took_meanwhile_is_not_promised_twice():
    city = town()
    for contact in ("c1", "c2"):
        city.call(contact, "back", person=f"p{contact}")
        press(city, "2", contact=contact)
    press(city, "1", contact="c1")
    press(city, "1", contact="c2")
    assert says(city, "c2") == [Phrase("taken")]
    heard(city, "c2")
    assert says(city, "c2")[2].values["time"] == Clock(14)


def test_one_person_is_promised_one_call_of_a_queue():
    city = town()
    for contact in ("c1", "c2"):
        city.call(contact, "back", person="p1")
        press(city, "1", "1", contact=contact)
    assert says(city, "c2") == [Phrase("already")]
    assert len(city.of(f.CallbackRegistered)) == 1


def test_who_was_promised_a_call_is_told_so_and_may_cancel_it():
    city = town()
    city.call("c1", "back", person="p1")
    press(city, "2", "1")
    city.call("c2", "mine", person="p1")
    assert says(city, "c2") == [Phrase("yours_at", {"day": Word("day_today"), "time": Clock(13)})]
    press(city, "3", contact="c2")
    assert says(city, "c2") == [Phrase("gone")]
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["cancelled"]


def test_who_was_promised_a_call_may_keep_it_or_wait_here():
    city = town()
    city.call("c1", "back", person="p1")
    press(city, "1", "1")
    callback = promised(city).callback
    city.call("c2", "mine", person="p1")
    press(city, "2", contact="c2")
    assert (city.is_("c2"), city.is_(callback)) == ("Gone", "Waiting")
    city.call("c3", "mine", person="p1")
    press(city, "1", contact="c3")
    assert (city.is_("c3"), city.is_(callback)) == ("Waiting", "Waiting")
    city.ready("anna")
    city.fail(callback)
    city.wait(31.0)
    city.put(i.GoReady("anna"))
    assert city.of(f.CallbackClosed) == []


def test_nobody_else_hears_of_it():
    city = town()
    city.call("c1", "mine", person="p1")
    assert city.is_("c1") == "Waiting"


def test_in_a_chat_times_stand_on_buttons_and_the_number_is_written():
    city = town()
    city.arrive("c1", "back", "chat")
    assert [phrase.prompt for phrase in shown(city)] == ["when"]
    city.put(i.MessageArrived(contact="c1", count=1, key="3"))
    assert shown(city)[-1] == Phrase("number")
    city.put(i.MessageArrived(contact="c1", count=2, holds=True, person="p3"))
    told = {"day": Word("day_today"), "time": Clock(14), "digits": Digits("callback_number")}
    assert shown(city)[-1] == Phrase("promised_at", told)
    assert (promised(city).person, promised(city).due) == ("p3", 14 * HOUR)
    assert city.is_("c1") == "Gone"


def shown(city: City) -> list[Phrase]:
    house = [fact for fact in city.of(f.MessageAdded) if fact.author == "house"]
    return [Phrase(fact.prompt, fact.values) for fact in house]


# ---- tickets -----------------------------------------------------------------------------------------------------

OFFICE = Hours(week={day: ((time(8), time(17)),) for day in range(1, 8)})
HALL = Site(name="hall", hours=OFFICE, services={"help": Service(queue="tax", letter="B")}, desks={"1": ""})
TICKETS = Flow(
    name="ticket",
    nodes={
        "start": Ticket(site="hall", service="help", next="told", closed="shut"),
        "told": Ticketed(prompt="number", wait="wait", next="bye"),
        "shut": Say(prompt="shut", next="bye"),
        "bye": HangUp(),
    },
)


def hall(now: float) -> City:
    return City([queue()], [agent("anna")], [TICKETS], now=now, ready=False, sites={"hall": HALL})


def test_a_ticket_is_given_by_telephone_and_its_number_said():
    city = hall(NOON)
    for number, contact in ((101, "c1"), (102, "c2")):
        city.call(contact, "ticket", person=f"p{contact}")
        assert says(city, contact) == [Phrase("number", {"letter": Word("letter_B"), "number": number})]
        (visit,) = city.of(f.TicketIssued)[-1:]
        assert (visit.ticket, city.is_(visit.contact)) == (f"B{number}", "Waiting")
        assert city.state.contacts[visit.contact].card.person == f"p{contact}"
    heard(city, "c1")
    assert city.is_("c1") == "Gone", "and the ticket waits"
    city.put(i.LogIn("anna", "desk:hall/1"))
    city.put(i.GoReady("anna"))
    assert city.offers == {"anna": "c1.visit1"}


def test_no_ticket_is_given_when_the_place_is_closed():
    city = hall(20 * HOUR)
    city.call("c1", "ticket")
    assert says(city) == [Phrase("shut")]
    assert city.of(f.TicketIssued) == []
