"""Rule 1: who may be offered a contact, and who is left in peace."""

from router import facts as f
from router import inputs as i
from tests.core.city import City, agent, queue, steps


def test_an_agent_must_be_ready() -> None:
    city = City(agents=[agent("anna")], ready=False)
    city.put(i.LogIn("anna"))
    city.call("c1")
    assert city.offers == {}
    city.ready("anna")
    assert city.offers == {"anna": "c1"}


def test_an_agent_must_serve_the_queue() -> None:
    city = City([queue("tax"), queue("parks")], [agent("anna", "parks"), agent("bo", "tax")])
    city.call("c1", "tax")
    assert city.offers == {"bo": "c1"}


def test_an_agent_must_meet_the_requirement() -> None:
    finnish = queue(requirement=steps(({"finnish": 3}, 0.0)))
    city = City([finnish], [agent("anna", skills={"finnish": 2}), agent("bo", skills={"finnish": 3})])
    city.call("c1")
    assert city.offers == {"bo": "c1"}


def test_who_declined_is_not_offered_the_contact_for_30_s_even_when_no_other_can() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    city.fail("c1", "declined")
    assert city.offers == {}
    city.wait(29.9)
    assert city.offers == {}
    city.wait(0.1)
    assert city.offers == {"anna": "c1"}


def test_who_declined_is_offered_other_contacts() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    city.call("c2")
    city.fail("c1", "declined")
    assert city.offers == {"anna": "c2"}


def test_the_second_decline_in_a_row_takes_the_agent_out() -> None:
    city = City(agents=[agent("anna")])
    for contact in ("c1", "c2", "c3"):
        city.call(contact)
    city.fail("c1", "declined")
    city.fail("c2", "busy")
    assert (city.agent("anna"), city.offers) == ("Paused", {})
    city.ready("anna")
    assert city.offers == {"anna": "c3"}


def test_an_answer_between_two_declines_makes_the_second_a_first_again() -> None:
    city = City(agents=[agent("anna")])
    for contact in ("c1", "c2", "c3"):
        city.call(contact)
    city.fail("c1")
    city.answer("c2")
    city.finish("c2")
    city.fail("c3")
    assert city.agent("anna") == "Ready"


def test_a_missed_offer_takes_the_agent_out_for_a_while() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    city.wait(20)
    assert city.agent("anna") == "NotResponding"
    city.wait(30)
    assert city.offers == {"anna": "c1"}


def test_the_second_miss_in_a_row_takes_the_agent_out_for_good_although_there_was_a_rest_between() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    city.wait(20 + 30 + 20)
    assert [fact.until for fact in city.of(f.AgentNotResponding)] == [50.0, None]
    city.wait(3600)
    assert (city.agent("anna"), city.offers) == ("NotResponding", {})
    city.ready("anna")
    assert city.offers == {"anna": "c1"}


def test_a_pause_does_not_wash_off_a_refusal() -> None:
    city = City(agents=[agent("anna")])
    for contact in ("c1", "c2"):
        city.call(contact)
    city.fail("c1")
    city.put(i.Pause("anna", "coffee"))
    city.ready("anna")
    city.fail("c2")
    assert city.agent("anna") == "Paused"


def test_a_missed_contact_goes_to_the_next_at_once() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1")
    city.wait(20)
    assert city.offers == {"bo": "c1"}
