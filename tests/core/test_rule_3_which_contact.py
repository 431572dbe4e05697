"""Rule 3: which contact a freed agent gets."""

from datetime import time

import pytest

from ivr.flow import Enter, Flow
from queues.hours import Hours
from queues.queue import Target
from router import facts as f
from router import inputs as i
from tests.core.city import City, agent, queue


def served(city: City, number: int) -> list[str]:
    """Let anna answer and finish `number` contacts; return them in order."""
    order = []
    for _ in range(number):
        contact = city.offers["anna"]
        order.append(contact)
        city.answer(contact)
        city.finish(contact)
    return order


def away(city: City) -> None:
    city.put(i.Pause("anna", "away"))


def test_the_earlier_arrival_first() -> None:
    city = City(agents=[agent("anna")])
    away(city)
    for contact in ("c1", "c2", "c3"):
        city.wait(1)
        city.call(contact)
    city.ready("anna")
    assert served(city, 3) == ["c1", "c2", "c3"]


def test_at_the_same_instant_the_order_of_arrival_decides() -> None:
    city = City([queue("tax"), queue("parks")], [agent("anna", "tax parks")])
    away(city)
    for contact, name in (("c1", "parks"), ("c2", "tax"), ("c3", "parks")):
        city.call(contact, name)
    city.ready("anna")
    assert served(city, 3) == ["c1", "c2", "c3"]


def test_the_most_urgent_by_waiting_time_over_target_times_weight() -> None:
    queues = [
        queue("calm", target=Target(wait=300.0)),
        queue("tax", target=Target(wait=60.0)),
        queue("crisis", target=Target(wait=60.0), weight=3.0),
    ]
    city = City(queues, [agent("anna", "calm tax crisis")])
    away(city)
    city.call("calm", "calm")
    city.wait(40)
    city.call("tax", "tax")
    city.wait(20)
    city.call("crisis", "crisis")
    city.wait(15)
    city.ready("anna")
    assert served(city, 3) == ["crisis", "tax", "calm"], "0.75, 0.58, 0.25"


def test_a_flow_gives_priority_by_a_factor() -> None:
    vip = Flow(name="urgent", nodes={"start": Enter(queue="tax", priority=2.0)})
    city = City(agents=[agent("anna")], flows=[vip])
    away(city)
    city.call("c1")
    city.wait(10)
    city.call("c2", "urgent")
    city.wait(11)
    city.ready("anna")
    assert served(city, 2) == ["c2", "c1"]


def test_urgency_grows_without_bound_so_that_nobody_starves() -> None:
    queues = [queue("light", weight=0.1), queue("heavy", weight=10.0)]
    city = City(queues, [agent("anna", "light heavy")])
    away(city)
    city.call("light", "light")
    city.wait(1200)
    city.call("heavy", "heavy")
    city.wait(11)
    city.ready("anna")
    assert city.offers == {"anna": "light"}


def test_waiting_is_counted_in_the_queues_own_open_time() -> None:
    morning = Hours(week={weekday: ((time(8), time(12)),) for weekday in range(1, 8)})
    queues = [queue("mails", hours=morning), queue("chats")]
    city = City(queues, [agent("anna", "mails chats")], now=11.9 * 3600)
    away(city)
    city.mail("old", "mails")
    city.wait(19 * 3600)
    city.mail("new", "chats")
    city.wait(600)
    city.ready("anna")
    assert city.offers == {"anna": "new"}, "old has waited six minutes only: its queue was closed since"


def test_a_live_contact_goes_before_a_deferred_one() -> None:
    city = City([queue("tax", target=Target(wait=60.0))], [agent("anna")])
    away(city)
    city.mail("m1")
    city.wait(59)
    city.call("c1")
    city.ready("anna")
    assert served(city, 2) == ["c1", "m1"]


def test_a_deferred_contact_past_its_target_gets_every_nth_turn() -> None:
    queues = [queue("calls"), queue("mails", deferred_every=3, target=Target(wait=60.0))]
    alone = agent("anna", "calls mails", capacity={"mail": 1})
    city = City(queues, [alone])
    away(city)
    for number in range(3):
        city.mail(f"m{number}", "mails")
    for number in range(9):
        city.call(f"c{number}", "calls")
    city.wait(61)
    city.ready("anna")
    # c2 comes on top of m0 (rule 6), when no other mail could have come: it passes nobody over.
    assert served(city, 9) == ["c0", "c1", "m0", "c2", "c3", "c4", "m1", "c5", "c6"]
    assert [fact.rule for fact in city.of(f.OfferMade)][:3] == ["most-urgent", "most-urgent", "deferred-turn"]


def test_agents_prefer_queues_in_tiers() -> None:
    city = City([queue("tax"), queue("parks")], [agent("anna", {"tax": 1, "parks": 0})])
    away(city)
    city.call("tax", "tax")
    city.wait(50)
    city.call("parks", "parks")
    city.ready("anna")
    assert served(city, 2) == ["parks", "tax"]


@pytest.mark.parametrize("backlog", [0, 500])
def test_a_mail_backlog_on_monday_morning_does_not_delay_calls(backlog: int) -> None:
    """Two hundred calls meet ten agents, who answer after 2 s and talk for 60; the mails fill the gaps."""
    hours = Hours(week={weekday: ((time(8), time(17)),) for weekday in range(1, 6)})
    queues = [queue("calls", hours=hours), queue("mails", hours=hours, target=Target(wait=3600.0))]
    crew = [agent(f"a{number}", "calls mails", capacity={"mail": 1}) for number in range(10)]
    monday = 4 * 86_400.0
    city = City(queues, crew, now=monday - 3 * 86_400 + 12 * 3600, ready=False)
    city.verify = lambda facts: None  # type: ignore[method-assign]  # five hundred mails are many to check each time
    for number in range(backlog):
        city.mail(f"m{number}", "mails")
    city.wait(monday + 8 * 3600 - city.now)
    city.ready(*(one.id for one in crew))
    waits: list[float] = []
    answers: list[tuple[float, str]] = []
    finishes: list[tuple[float, str]] = []
    asked: set[str] = set()
    arrivals = {second: f"c{second}" for second in range(0, 1600, 8)}
    for second in range(2400):
        city.wait(monday + 8 * 3600 + second - city.now)
        if second in arrivals:
            city.call(arrivals[second], "calls")
        for due, contact in [one for one in answers if one[0] <= city.now]:
            answers.remove((due, contact))
            if city.is_(contact) == "Offered":
                if contact.startswith("c"):
                    waits.append(city.now - city.spot(contact).queued)
                city.answer(contact)
                finishes.append((city.now + (60 if contact.startswith("c") else 300), contact))
        for due, contact in [one for one in finishes if one[0] <= city.now]:
            finishes.remove((due, contact))
            city.finish(contact)
        for contact in city.offers.values():
            if contact not in asked:
                asked.add(contact)
                answers.append((city.now + 2, contact))
    assert len(waits) == 200
    assert sorted(waits)[190] <= 4, "19 of 20 calls are answered in the time an agent needs to answer"
