"""Rule 7: an arrival time, once earned, is kept."""

import pytest

from queues.queue import WayOut
from router import facts as f
from router import inputs as i
from tests.core.city import City, agent, queue


def busy_city(**changes: object) -> City:
    """Return a city whose only agent talks with `first`; c1, of person p1, and then c2 wait."""
    city = City([queue(**changes)], [agent("anna")])
    city.call("first")
    city.answer("first")
    city.wait(10)
    city.call("c1", person="p1")
    city.wait(10)
    city.call("c2")
    return city


def test_through_a_hang_up() -> None:
    city = busy_city()
    place = city.spot("c1").place
    city.hang_up("c1")
    city.wait(299)
    city.call("again", person="p1")
    assert city.spot("again").place == place
    assert [(fact.contact, fact.outcome, fact.resumed_by) for fact in city.of(f.ContactEnded)] == [
        ("c1", "resumed", "again")
    ]
    city.finish("first")
    assert city.offers == {"anna": "again"}


def test_by_any_channel() -> None:
    city = busy_city()
    place = city.spot("c1").place
    city.put(i.CitizenGone(contact="c1", cause="cut_off"))
    city.arrive("again", channel="chat", person="p1")
    assert city.spot("again").place == place


def test_not_for_longer_than_the_queue_says() -> None:
    city = busy_city(keep_place=60.0)
    city.hang_up("c1")
    city.wait(60)
    assert city.of(f.ContactEnded, "c1")[0].outcome == "abandoned"
    city.call("again", person="p1")
    assert city.spot("again").place > city.spot("c2").place


def test_not_for_somebody_we_would_not_know_again() -> None:
    city = busy_city()
    city.hang_up("c2")
    assert city.of(f.ContactEnded, "c2")[0].outcome == "abandoned"


def test_in_each_queue_by_itself() -> None:
    city = City([queue("tax"), queue("parks")], [agent("anna", "tax parks")])
    city.put(i.Pause("anna", "away"))
    city.call("t", "tax", person="p")
    city.hang_up("t")
    city.wait(5)
    city.call("p", "parks", person="p")
    city.hang_up("p")
    city.wait(5)
    city.call("again", "tax", person="p")
    assert city.spot("again").place.clock == 0


def test_the_better_of_two_places_is_kept() -> None:
    city = busy_city()
    first = city.spot("c1").place
    city.arrive("chat", channel="chat", person="p1")
    city.hang_up("c1")
    city.hang_up("chat")
    city.call("again", person="p1")
    assert city.spot("again").place == first


def test_also_when_the_queue_is_full_meanwhile() -> None:
    city = busy_city(max_waiting=2)
    city.hang_up("c1")
    city.call("c3")
    city.call("c4")
    assert city.is_("c4") == "Leaving"
    city.call("again", person="p1")
    assert city.is_("again") == "Waiting"


def test_the_limit_on_waiting_starts_anew_for_somebody_who_comes_again() -> None:
    city = busy_city(max_wait=100.0)
    city.wait(80)
    city.hang_up("c1")
    city.wait(80)
    city.call("again", person="p1")
    city.wait(99)
    assert city.is_("again") == "Waiting"


def test_through_a_cut_in_the_talk_which_is_not_the_agents_fault() -> None:
    city = busy_city()
    city.finish("first")
    place = city.spot("c1").place
    city.answer("c1")
    city.put(i.CitizenGone(contact="c1", cause="cut_off"))
    assert (city.is_("c1"), city.offers) == ("Away", {"anna": "c2"})
    city.call("again", person="p1")
    assert city.spot("again").place == place


def test_through_a_hand_over() -> None:
    city = busy_city()
    city.finish("first")
    place = city.spot("c1").place
    city.answer("c1")
    city.put(i.HandBack("c1"))
    assert city.spot("c1").place == place
    city.answer("c2")
    city.wait(31)
    city.call("c3")
    city.finish("c2")
    assert city.offers == {"anna": "c1"}


def test_through_a_callback() -> None:
    city = busy_city()
    place = city.spot("c1").place
    city.put(i.RegisterCallback("c1"))
    city.finish("first")
    assert city.offers == {"anna": "c1.callback4"}
    assert city.spot("c1.callback4").place == place


def test_through_the_way_to_another_queue() -> None:
    queues = [queue("tax", max_wait=100.0, ways_out={"too_long": WayOut(to="queue", name="parks")}), queue("parks")]
    city = City(queues, [agent("anna", "tax"), agent("bo", "parks")])
    for name in ("anna", "bo"):
        city.put(i.Pause(name, "away"))
    city.wait(50)
    city.call("c1", "tax")
    city.wait(90)
    city.call("c2", "parks")
    city.wait(10)
    assert city.spot("c1").queue == "parks"
    assert city.spot("c1").place < city.spot("c2").place


def test_through_a_restart() -> None:
    city = busy_city()
    city.hang_up("c1")
    city.restart()
    city.wait(100)
    city.call("again", person="p1")
    city.finish("first")
    assert city.offers == {"anna": "again"}


@pytest.mark.parametrize("cause", ["hung_up", "cut_off"])
def test_a_contact_that_waits_by_itself_is_not_ended_by_a_citizen_who_goes(cause: str) -> None:
    city = City(agents=[agent("anna")])
    city.put(i.Pause("anna", "away"))
    city.mail("m1", person="p")
    assert city.put(i.CitizenGone(contact="m1", cause=cause)) == []  # type: ignore[arg-type]
