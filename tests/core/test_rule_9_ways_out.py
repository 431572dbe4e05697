"""Rule 9: who cannot wait hears why and is led on; never silence."""

from datetime import time

import pytest

from ivr.flow import Enter, Flow
from queues.hours import Hours
from queues.queue import Obstacle, WayOut
from queues.skills import Need
from router import facts as f
from router import inputs as i
from router.contact import LEAVING_TURN, REPEATED_TURN, Leaving
from router.deadlines import LEAVING_AT_MOST
from tests.core.city import City, agent, needs, queue, steps

MORNING = Hours(week={weekday: ((time(8), time(12)),) for weekday in range(1, 8)})
CLOSED = Hours()


def to(name: str) -> WayOut:
    return WayOut(to="queue", name=name)


def way(city: City, contact: str) -> tuple[str, str, str]:
    """Return obstacle, way and name of a contact's only way out."""
    (fact,) = city.of(f.WayOutTaken, contact)
    return fact.obstacle, fact.way.to, fact.way.name


def test_closed() -> None:
    city = City([queue(hours=CLOSED, ways_out={"closed": WayOut(to="announcement", name="hours")})], [agent()])
    city.call("c1")
    assert way(city, "c1") == ("closed", "announcement", "hours")
    city.put(i.PromptEnded(contact="c1", turn=LEAVING_TURN))
    assert city.of(f.ContactEnded)[0].outcome == "turned_away"


def test_what_is_said_on_the_way_out_is_said_again_on_request() -> None:
    city = City([queue(hours=CLOSED)], [agent()])
    city.call("c1")
    for count in (1, 2):
        city.wait(LEAVING_AT_MOST - 1)
        city.put(i.KeyPressed(contact="c1", digit="*"))
        contact = city.state.contacts["c1"]
        assert isinstance(contact, Leaving)
        assert contact.turn == REPEATED_TURN + count
    city.put(i.KeyPressed(contact="c1", digit="5"))
    city.put(i.PromptEnded(contact="c1", turn=LEAVING_TURN))
    assert city.is_("c1") == "Leaving", "the end of the first time comes late"
    city.put(i.PromptEnded(contact="c1", turn=REPEATED_TURN + 2))
    assert city.is_("c1") == "Gone"
    assert len(city.of(f.WayOutTaken)) == 1


def test_full() -> None:
    city = City([queue(max_waiting=1)], [agent()])
    city.put(i.Pause("anna", "away"))
    city.call("c1")
    city.call("c2")
    assert way(city, "c2") == ("full", "announcement", "sorry")


def test_nobody() -> None:
    city = City([queue(requirement=steps(({"sign": 1}, 0.0)))], [agent()])
    city.call("c1")
    assert way(city, "c1") == ("nobody", "announcement", "sorry")


def test_nobody_means_nobody_at_any_step() -> None:
    city = City([queue(requirement=steps(({"sign": 1}, 0.0), ({"text": 1}, 60.0)))], [agent(skills={"text": 1})])
    city.call("c1")
    assert city.is_("c1") == "Waiting"


def test_too_long() -> None:
    city = City([queue(max_wait=120.0)], [agent()])
    city.put(i.Pause("anna", "away"))
    city.call("c1")
    city.wait(120)
    assert way(city, "c1") == ("too_long", "announcement", "sorry")


@pytest.mark.parametrize("channel", ["mail", "message", "report"])
def test_what_waits_by_itself_always_can(channel: str) -> None:
    city = City([queue(hours=CLOSED, max_waiting=0, max_wait=10.0)], [agent()], ready=False)
    city.arrive("m1", channel=channel)
    city.wait(100)
    assert city.is_("m1") == "Waiting"


def test_a_way_to_another_queue_takes_needs_and_priority_along() -> None:
    flow = Flow(name="arabic", nodes={"start": Enter(queue="tax", needs=needs({"arabic": 1}), priority=3.0)})
    queues = [
        queue("tax", hours=CLOSED, requirement=steps(({"tax": 4}, 0.0)), ways_out={"closed": to("help")}),
        queue("help", weight=2.0),
    ]
    city = City(queues, [agent("anna", "help"), agent("bo", "help", {"arabic": 1})], [flow])
    city.call("c1", "arabic")
    assert city.offers == {"bo": "c1"}
    spot = city.spot("c1")
    assert (spot.needs, spot.weight) == ((Need("arabic", 1),), 6.0), "what the tax queue itself requires stays there"


def test_ways_are_followed_until_one_can_be_gone() -> None:
    queues = [
        queue("a", hours=CLOSED, ways_out={"closed": to("b")}),
        queue("b", max_waiting=0, ways_out={"full": to("c"), "closed": WayOut(to="message")}),
        queue("c"),
    ]
    city = City(queues, [agent("anna", "a b c")])
    city.call("c1", "a")
    assert city.offers == {"anna": "c1"}
    assert city.spot("c1").queue == "c"


@pytest.mark.parametrize("obstacle", ["closed", "full", "nobody"])
def test_ways_in_a_circle_end_in_the_apology(obstacle: Obstacle) -> None:
    stops = {"closed": {"hours": CLOSED}, "full": {"max_waiting": 0}, "nobody": {}}[obstacle]
    queues = [queue("a", ways_out={obstacle: to("b")}, **stops), queue("b", ways_out={obstacle: to("a")}, **stops)]
    city = City(queues, [agent("anna", "a b")], ready=obstacle != "nobody")
    city.call("c1", "a")
    assert way(city, "c1") == (obstacle, "announcement", "sorry")


def test_who_has_waited_too_long_in_both_queues_is_not_sent_back_and_forth() -> None:
    queues = [
        queue("a", max_wait=60.0, ways_out={"too_long": to("b")}),
        queue("b", max_wait=60.0, ways_out={"too_long": to("a")}),
    ]
    city = City(queues, [agent("anna", "a b")])
    city.put(i.Pause("anna", "away"))
    city.call("c1", "a")
    city.wait(119)
    assert (city.is_("c1"), city.spot("c1").queue) == ("Waiting", "b")
    city.wait(1)
    assert city.is_("c1") == "Leaving"


def test_a_way_to_a_callback() -> None:
    city = City([queue(max_waiting=0, ways_out={"full": WayOut(to="callback")})], [agent()])
    city.call("c1", person="p1")
    assert city.offers == {"anna": "c1.callback2"}
    city.put(i.PromptEnded(contact="c1", turn=LEAVING_TURN))
    assert city.of(f.ContactEnded, "c1")[0].outcome == "callback_registered"
    city.call("c2")
    assert way(city, "c2") == ("full", "announcement", "sorry")


def test_a_prompt_that_never_ends_does_not_keep_a_contact_for_ever() -> None:
    city = City([queue(hours=CLOSED)], [agent()])
    city.call("c1")
    city.wait(LEAVING_AT_MOST)
    assert city.is_("c1") == "Gone"


def test_nobody_left_while_open_takes_the_way_if_one_is_named() -> None:
    queues = [queue("tax", ways_out={"nobody": to("help")}), queue("help"), queue("parks")]
    city = City(queues, [agent("anna", "tax parks"), agent("bo", "help")])
    city.put(i.Pause("anna", "away"))
    city.call("c1", "tax")
    city.call("c2", "parks")
    city.log_out("anna")
    assert city.offers == {"bo": "c1"}
    assert city.is_("c2") == "Waiting", "somebody may come back"


def test_nobody_left_after_closing_never_leaves_a_caller_on_the_line() -> None:
    city = City([queue(hours=MORNING)], [agent()], now=11 * 3600.0)
    city.put(i.Pause("anna", "away"))
    city.call("c1")
    city.wait(2 * 3600)
    assert city.is_("c1") == "Waiting", "anna is still at work"
    city.log_out("anna")
    assert way(city, "c1") == ("closed", "announcement", "sorry")


def test_closing_with_nobody_at_work_leads_callers_out() -> None:
    city = City([queue(hours=MORNING)], [agent()], now=11 * 3600.0)
    city.put(i.Pause("anna", "away"))
    city.call("c1")
    city.log_out("anna")
    assert city.is_("c1") == "Waiting"
    city.wait(3600)
    assert way(city, "c1") == ("closed", "announcement", "sorry")


def test_a_lost_phone_of_an_agent_who_is_leaving_does_not_strand_the_caller() -> None:
    city = City([queue(hours=MORNING)], [agent()], now=11.9 * 3600.0)
    city.call("c1")
    city.answer("c1")
    city.log_out("anna")
    city.wait(3600)
    city.put(i.HungUp(leg=city.offer_of("c1"), cause="cut_off"))
    assert city.is_("c1") == "Leaving"
    assert city.agent("anna") == "LoggedOut"


def test_an_unknown_entry_is_refused_and_counted() -> None:
    city = City()
    assert [type(fact) for fact in city.call("c1", "nowhere")] == [f.ContactRefused]
    assert city.is_("c1") == "Gone"
