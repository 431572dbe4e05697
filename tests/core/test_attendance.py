"""Agents who come and go by a code dialled at a telephone."""

from typing import Any

from ivr.flow import Act, Collect, Flow, HangUp, Say
from router import facts as f
from router import inputs as i
from tests.core.city import City, agent, queue

DEEDS: dict[str, Act] = {
    "*11": Act(what="log_out", next="done", refused="refused"),
    "*12": Act(what="ready", next="done", refused="refused"),
    "*13": Act(what="pause", argument="lunch", next="done", refused="refused"),
    "*14": Act(what="end_wrap_up", next="done", refused="refused"),
    "*15": Act(what="extend_wrap_up", next="done", refused="refused"),
}
LOG_IN = Flow(
    name="*10",
    nodes={
        "start": Collect(name="agent", prompt="agent", most=4, tries=1, next="pin", otherwise="refused"),
        "pin": Collect(
            name="pin", prompt="pin", sensitive=True, check="agent", most=6, tries=1, next="act", otherwise="refused"
        ),
        "act": Act(what="log_in", next="done", refused="refused"),
        "done": Say(prompt="done", next="bye"),
        "refused": Say(prompt="refused", next="bye"),
        "bye": HangUp(),
    },
)


def city(**more: Any) -> City:
    """Return a city with codes, whose agents are at no phone yet."""
    flows = [LOG_IN]
    for code, act in DEEDS.items():
        nodes = {"start": act, **{name: LOG_IN.nodes[name] for name in ("done", "refused", "bye")}}
        flows.append(Flow(name=code, nodes=nodes))
    return City(
        queues=[queue(wrap_up=20.0, wrap_up_extension=20.0)],
        agents=[agent("ann", {"tax": 1}), agent("bo", {"tax": 1})],
        flows=flows,
        pauses=("lunch",),
        ready=False,
        **more,
    )


def dial(here: City, code: str, phone: str = "phone:desk1", contact: str = "d1") -> str:
    """Dial a code and return what is said in the end; `log_in` stands and waits for a number."""
    here.put(i.Arrived(contact=contact, channel="call", entry=code, leg=contact, phone=phone))
    return said(here, contact)


def said(here: City, contact: str = "d1") -> str:
    """Return the prompt at which a call to a code stands."""
    moved = here.of(f.FlowMoved, contact)
    return moved[-1].session.node if moved else ""


def log_in(here: City, who: str, phone: str = "phone:desk1", contact: str = "d1") -> str:
    """Log in by number and PIN, which are compared outside; return where that leads."""
    dial(here, "*10", phone, contact)
    here.put(i.DigitsTyped(contact=contact, count=1, over=True, holds=True))
    here.put(i.DigitsTyped(contact=contact, count=6, over=True, holds=None))
    turn = here.of(f.FlowMoved, contact)[-1].session.turn
    here.put(i.DigitsChecked(contact=contact, turn=turn, holds=bool(who), agent=who))
    return said(here, contact)


def test_an_agent_logs_in_at_any_phone_and_takes_calls_there() -> None:
    here = city()
    assert log_in(here, "ann") == "done"
    assert here.state.at_phone == {"phone:desk1": "ann"}
    here.hang_up("d1")
    assert dial(here, "*12", contact="d2") == "done"
    here.hang_up("d2")
    here.call("c1")
    assert here.of(f.OfferMade, "c1")[-1].agent == "ann"


def test_who_has_not_shown_to_be_somebody_is_logged_in_nowhere() -> None:
    here = city()
    assert log_in(here, "") == "refused"
    assert not here.state.at_phone


def test_a_code_is_about_who_sits_at_the_phone() -> None:
    here = city()
    log_in(here, "ann", "phone:desk1", "d1")
    log_in(here, "bo", "phone:desk2", "d2")
    dial(here, "*12", "phone:desk1", "d3")
    dial(here, "*12", "phone:desk2", "d4")
    assert dial(here, "*13", "phone:desk2", "d5") == "done"
    assert (here.agent("ann"), here.agent("bo")) == ("Ready", "Paused")
    assert dial(here, "*11", "phone:desk1", "d6") == "done"
    assert here.agent("ann") == "LoggedOut"


def test_at_a_phone_where_nobody_sits_codes_are_refused() -> None:
    here = city()
    for number, code in enumerate(DEEDS):
        assert dial(here, code, contact=f"d{number}") == "refused"


def test_wrap_up_is_ended_and_extended_by_telephone() -> None:
    here = city()
    log_in(here, "ann")
    dial(here, "*12", contact="d2")
    here.call("c1")
    here.answer("c1")
    here.hang_up("c1")
    until = here.state.agents["ann"].desk.work[0].until
    assert until is not None
    assert dial(here, "*15", contact="d3") == "done"
    extended = here.state.agents["ann"].desk.work[0].until
    assert extended == until + 20.0
    assert dial(here, "*14", contact="d4") == "done"
    assert not here.state.agents["ann"].desk.work
    assert dial(here, "*14", contact="d5") == "refused"


def test_from_outside_there_are_no_codes() -> None:
    here = city()
    here.put(i.Arrived(contact="c1", channel="call", entry="*12", leg="c1"))
    assert [one.cause for one in here.of(f.ContactRefused, "c1")] == ["unknown_entry"]
