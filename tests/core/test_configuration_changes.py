"""A new configuration is put in force with contacts in every state, and disturbs none that can go on."""

from datetime import time

import pytest

from ivr.flow import Enter, Flow, HangUp, Menu, Say
from queues.hours import Hours
from router import facts as f
from router import inputs as i
from tests.core.city import City, agent, queue, steps

MENU = Flow(
    name="menu",
    nodes={
        "start": Menu(prompt="welcome", choices={"1": "tax"}, otherwise="tax"),
        "tax": Enter(queue="tax"),
    },
)


def test_contacts_in_every_state_go_on() -> None:
    crew = [agent("anna"), agent("bo"), agent("cy")]
    queues = [queue(wrap_up=30.0, max_waiting=1)]
    city = City(queues, crew, [MENU])
    city.call("flow", "menu")
    city.call("talk")
    city.answer("talk")
    city.call("wrap")
    city.answer("wrap")
    city.hang_up("wrap")
    city.call("offer")
    city.call("away", person="p")
    city.hang_up("away")
    city.call("wait")
    city.call("leave")
    states = ("InFlow", "Connected", "WrappingUp", "Offered", "Away", "Waiting", "Leaving")
    contacts = ("flow", "talk", "wrap", "offer", "away", "wait", "leave")
    assert tuple(city.is_(contact) for contact in contacts) == states
    city.reconfigure([queue(wrap_up=10.0)], crew, flows=[MENU])
    assert tuple(city.is_(contact) for contact in contacts) == states
    city.answer("offer")
    city.finish("talk")
    city.put(i.KeyPressed(contact="flow", digit="1"))
    city.wait(400)
    assert [city.is_(contact) for contact in ("away", "leave", "wrap", "talk")] == ["Gone"] * 4


def test_an_offer_to_somebody_who_lost_the_skill_is_taken_back() -> None:
    queues = [queue(requirement=steps(({"tax": 1}, 0.0)))]
    city = City(queues, [agent("anna", skills={"tax": 1}), agent("bo", skills={"tax": 1})])
    city.call("c1")
    asked = next(iter(city.offers))
    other = {"anna": "bo", "bo": "anna"}[asked]
    city.reconfigure(queues, [agent(asked), agent(other, skills={"tax": 1})])
    assert city.offers == {other: "c1"}
    assert [fact.cause for fact in city.of(f.OfferWithdrawn)] == ["configuration"]


def test_an_agent_taken_out_finishes_the_talk_and_is_forgotten() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1", preferred="anna")
    city.answer("c1")
    city.reconfigure(agents=[agent("bo")])
    assert city.is_("c1") == "Connected"
    with pytest.raises(i.Refused, match="not in the configuration"):
        city.put(i.GoReady("anna"))
    city.finish("c1")
    assert "anna" not in city.state.agents


def test_an_agent_taken_out_while_being_asked() -> None:
    city = City(agents=[agent("anna"), agent("bo")])
    city.call("c1", preferred="anna")
    city.reconfigure(agents=[agent("bo")])
    assert city.offers == {"bo": "c1"}
    assert "anna" not in city.state.agents


def test_an_agent_put_back_may_go_on() -> None:
    city = City(agents=[agent("anna")])
    city.call("c1")
    city.answer("c1")
    city.reconfigure(agents=[])
    city.reconfigure(agents=[agent("anna")])
    city.ready("anna")
    city.finish("c1")
    assert city.agent("anna") == "Ready"


def test_a_new_agent_or_skill_gets_the_waiting_at_once() -> None:
    queues = [queue(requirement=steps(({"tax": 1}, 0.0)))]
    city = City(queues, [agent("anna"), agent("bo", skills={"tax": 1})])
    city.put(i.Pause("bo", "away"))
    city.call("c1")
    city.reconfigure(queues, [agent("anna", skills={"tax": 1}), agent("bo", skills={"tax": 1})])
    assert city.offers == {"anna": "c1"}


def test_agents_signed_in_by_the_configuration_are_ready_once() -> None:
    city = City(agents=[agent("desk", signed_in=True)], ready=False)
    assert city.agent("desk") == "Ready"
    city.log_out("desk")
    city.reconfigure(agents=[agent("desk", signed_in=True)])
    assert city.agent("desk") == "LoggedOut", "who left is not fetched back"


def test_the_waiting_whom_nobody_could_serve_any_more_are_looked_after() -> None:
    crew = [agent("anna", skills={"tax": 1})]
    queues = [queue(requirement=steps(({"tax": 1}, 0.0), ({}, 60.0)))]
    city = City(queues, crew)
    city.put(i.Pause("anna", "away"))
    city.call("c1")
    city.reconfigure(queues, [agent("anna")])
    assert city.spot("c1").step == 1


def test_the_same_revision_changes_nothing() -> None:
    city = City(agents=[agent("anna")])
    assert city.put(i.ApplyConfiguration(city.configuration)) == []


def test_a_queue_with_contacts_cannot_be_taken_away() -> None:
    city = City([queue("tax"), queue("parks")], [agent("anna")])
    city.call("c1")
    with pytest.raises(i.Refused) as refusal:
        city.reconfigure([queue("parks")], [agent("anna", "parks")])
    assert (refusal.value.error_id, refusal.value.retryable) == ("queue_in_use", True)


@pytest.mark.parametrize("nodes", [{"start": HangUp()}, {"start": Say(prompt="hello", next="end"), "end": HangUp()}])
def test_a_flow_cannot_be_changed_in_kind_under_a_contact(nodes: dict[str, HangUp | Say]) -> None:
    city = City(agents=[agent("anna")], flows=[MENU])
    city.call("c1", "menu")
    with pytest.raises(i.Refused, match="still has contacts"):
        city.reconfigure(agents=[agent("anna")], flows=[Flow(name="menu", nodes=dict(nodes))])


def test_a_queue_taken_away_and_put_back_starts_its_clock_anew() -> None:
    city = City([queue("tax"), queue("parks")], [agent("anna", "tax parks")])
    city.wait(1000)
    city.reconfigure([queue("tax")], [agent("anna")])
    assert set(city.state.clocks) == {"tax"}
    city.reconfigure([queue("tax"), queue("parks")], [agent("anna", "tax parks")])
    city.mail("m1", "parks")
    assert city.spot("m1").place.clock == 0


def test_new_hours_apply_at_once() -> None:
    city = City([queue("tax")], [agent("anna")])
    city.reconfigure([queue("tax", hours=Hours(week={1: ((time(8), time(9)),)}))], [agent("anna")])
    assert not city.state.is_open("tax")


def test_a_refused_request_at_opening_time_leaves_no_fact_behind() -> None:
    hours = Hours(week={day: ((time(8), time(17)),) for day in range(1, 8)})
    city = City([queue(hours=hours)], [agent("anna")], now=7 * 3600.0)
    city.now = 8 * 3600.0
    with pytest.raises(i.Refused):
        city.put(i.AcceptOffer("none"))
    city.call("c1")
    assert city.offers == {"anna": "c1"}


def test_a_pause_has_one_of_the_configured_reasons():
    city = City(agents=[agent("anna")], pauses=("lunch", "break"))
    with pytest.raises(i.Refused, match="there are: lunch, break") as refused:
        city.put(i.Pause("anna", "dentist"))
    assert refused.value.error_id == "unknown_pause"
    city.put(i.Pause("anna", "lunch"))
    assert city.state.agents["anna"].reason == "lunch"
