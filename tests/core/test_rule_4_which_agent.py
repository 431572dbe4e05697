"""Rule 4: which of several free agents gets a contact."""

from ivr.flow import Enter, Flow
from router import facts as f
from router import inputs as i
from tests.core.city import City, agent, needs, queue


def test_the_longest_idle() -> None:
    city = City([queue(selection="longest-idle")], [agent("anna"), agent("bo")], ready=False)
    city.ready("bo")
    city.wait(1)
    city.ready("anna")
    city.call("c1")
    assert city.offers == {"bo": "c1"}


def test_an_offer_withdrawn_costs_nobody_the_turn() -> None:
    city = City([queue(selection="longest-idle")], [agent("anna"), agent("bo")], ready=False)
    for name in ("anna", "bo"):
        city.ready(name)
        city.wait(1)
    city.call("c1")
    city.hang_up("c1")
    city.call("c2")
    assert city.offers == {"anna": "c2"}


def test_several_contacts_at_a_time_are_spread() -> None:
    city = City([queue(selection="longest-idle")], [agent("anna"), agent("bo")], ready=False)
    for name in ("anna", "bo"):
        city.ready(name)
        city.wait(1)
    given = []
    for number in range(4):
        city.arrive(f"c{number}", channel="chat")
        given += city.offers
        city.answer(f"c{number}")
        city.wait(1)
    assert given == ["anna", "bo", "anna", "bo"]


def test_scarce_skills_stay_free() -> None:
    finnish = Flow(name="finnish", nodes={"start": Enter(queue="tax", needs=needs({"finnish": 1}))})
    city = City(agents=[agent("finn", skills={"finnish": 3}), agent("bo")], flows=[finnish], ready=False)
    city.ready("finn")
    city.wait(100)
    city.ready("bo")
    city.call("f1", "finnish")
    assert city.offers == {"finn": "f1"}, "from here on Finnish is known to be asked for"
    city.hang_up("f1")
    city.call("c1")
    assert city.offers == {"bo": "c1"}, "though finn has been idle longer"
    assert city.of(f.OfferMade)[-1].rule == "spare-scarce"


def test_the_scarcer_of_two_skills_is_spared_first() -> None:
    flows = [Flow(name=s, nodes={"start": Enter(queue="tax", needs=needs({s: 1}))}) for s in ("arabic", "finnish")]
    crew = [agent("arab", skills={"arabic": 1}), agent("finn", skills={"finnish": 1})]
    city = City(agents=crew, flows=flows)
    for number in range(3):
        city.call(f"a{number}", "arabic")
        city.hang_up(f"a{number}")
    city.call("f", "finnish")
    city.hang_up("f")
    city.call("c1")
    assert city.offers == {"finn": "c1"}


def test_the_preferred_agent_if_free() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1", preferred="bo")
    assert city.offers == {"bo": "c1"}
    assert city.of(f.OfferMade)[0].rule == "preferred"


def test_within_the_grace_time_a_contact_waits_for_its_preferred_agent() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1", preferred="bo")
    city.answer("c1")
    city.call("c2", preferred="bo")
    city.wait(19)
    assert city.offers == {}
    city.finish("c1")
    assert city.offers == {"bo": "c2"}


def test_after_the_grace_time_anybody_serves() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1", preferred="bo")
    city.answer("c1")
    city.call("c2", preferred="bo")
    city.wait(20)
    assert city.offers == {"anna": "c2"}


def test_nobody_waits_for_somebody_who_cannot_serve_is_not_there_or_said_no() -> None:
    crew = [agent("anna"), agent("bo"), agent("other", "parks"), agent("away")]
    city = City([queue("tax"), queue("parks")], crew)
    city.log_out("away")
    city.call("c1", preferred="other")
    assert city.offers == {"anna": "c1"}
    city.call("c2", preferred="away")
    assert city.offers == {"anna": "c1", "bo": "c2"}
    city.hang_up("c1")
    city.hang_up("c2")
    city.call("c3", preferred="bo")
    city.fail("c3", "declined")
    assert city.offers == {"anna": "c3"}


def test_the_grace_ends_when_the_preferred_agent_leaves() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1", preferred="bo")
    city.answer("c1")
    city.call("c2", preferred="bo")
    city.put(i.LogOut("bo"))
    assert city.offers == {"anna": "c2"}
