"""Helpers who come by telephone: with a code of a crisis, at any phone of the house, until it is over."""

from typing import Any

import pytest

from ivr.flow import Act, Collect, Flow, HangUp, Say
from queues.crisis import Measures
from router import facts as f
from router import inputs as i
from router.helping import check_invited
from router.inputs import Refused
from tests.core.city import City, agent, queue

SAYS: dict[str, Any] = {
    "done": Say(prompt="done", next="bye"), "refused": Say(prompt="refused", next="bye"), "bye": HangUp(),
}  # fmt: skip
CODE = Collect(
    name="code", prompt="code", sensitive=True, check="helper", least=10, most=10, tries=1, next="act",
    otherwise="refused",
)  # fmt: skip
FLOWS = [
    Flow(name="*16", nodes={"start": CODE, "act": Act(what="join_crisis", next="done", refused="refused"), **SAYS}),
    Flow(name="*17", nodes={"start": Act(what="leave_crisis", next="done", refused="refused"), **SAYS}),
    Flow(name="*11", nodes={"start": Act(what="log_out", next="done", refused="refused"), **SAYS}),
]
PHONE, ELSEWHERE = "phone:lobby", "phone:desk2"


def city() -> City:
    """Return a city with a crisis before `water`, to which hans is invited, who works nowhere yet."""
    agents = [agent("hans", "tax", reserve=("reserve",)), agent("anna", "water"), agent("elin", "triage")]
    here = City(queues=[queue("tax"), queue("water"), queue("triage")], agents=agents, flows=FLOWS, ready=False)
    here.ready("elin")
    start(here)
    return here


def start(here: City) -> None:
    here.put(i.StartCrisis("flood-0", "flood", Measures(queues=("water",), triage="triage", helpers=("reserve",)), ()))


def dial(here: City, code: str, phone: str = PHONE) -> str:
    """Dial a code; return its contact."""
    contact = f"d{len(here.facts)}"
    here.put(i.Arrived(contact=contact, channel="call", entry=code, leg=contact, phone=phone))
    return contact


def said(here: City, contact: str) -> str:
    """Return what is said at the end of a call to a code."""
    return here.of(f.FlowMoved, contact)[-1].session.node


def phones(here: City) -> dict[str, str]:
    """Return who sits at which phone, but for those of triage."""
    return {phone: who for phone, who in here.state.at_phone.items() if who != "elin"}


def join(here: City, who: str = "hans", phone: str = PHONE, crisis: str = "flood-0") -> str:
    """Type a code, which is compared outside; return what is said."""
    contact = dial(here, "*16", phone)
    here.put(i.DigitsTyped(contact=contact, count=10, over=True, holds=None))
    turn = here.of(f.FlowMoved, contact)[-1].session.turn
    here.put(i.DigitsChecked(contact=contact, turn=turn, holds=bool(who), agent=who, crisis=crisis))
    return said(here, contact)


def test_a_code_is_all_it_takes_to_be_rung_for_triage() -> None:
    here = city()
    here.put(i.Pause("elin", "lunch"))
    assert join(here) == "done"
    assert (here.agent("hans"), phones(here)) == ("Ready", {PHONE: "hans"})
    here.call("c1", "water", leg="c1")
    assert here.spot("c1").queue == "triage"
    assert here.offers == {"hans": "c1"}
    here.restart()
    here.answer("c1")
    assert here.is_("c1") == "Connected"


def test_who_came_for_it_goes_home_once_it_is_over_and_what_is_in_hand_is_done() -> None:
    here = city()
    here.put(i.Pause("elin", "lunch"))
    join(here)
    here.call("c1", "water", leg="c1")
    here.answer("c1")
    here.put(i.EndCrisis("flood-0"))
    assert here.is_("c1") == "Connected"
    here.finish("c1")
    assert here.agent("hans") == "LoggedOut"
    assert phones(here) == {}


def test_leaving_by_telephone_is_going_home_too() -> None:
    here = city()
    join(here)
    assert said(here, dial(here, "*17", ELSEWHERE)) == "refused", "nobody sits there"
    assert said(here, dial(here, "*17")) == "done"
    assert here.agent("hans") == "LoggedOut"
    assert here.state.running[0].helpers == here.state.running[0].came == ()
    assert join(here) == "done", "and the code still holds"


def test_who_was_at_work_before_stays_at_work() -> None:
    here = city()
    here.put(i.LogIn("hans", PHONE))
    assert join(here) == "done"
    assert here.agent("hans") == "Ready"
    here.put(i.EndCrisis("flood-0"))
    assert here.agent("hans") == "Ready"


def test_who_helps_already_and_has_logged_out_comes_back_with_the_code() -> None:
    here = city()
    join(here)
    dial(here, "*11")
    assert here.agent("hans") == "LoggedOut"
    assert join(here, phone=ELSEWHERE) == "done"
    assert phones(here) == {ELSEWHERE: "hans"}
    assert len(here.of(f.HelperJoined)) == 1


def test_what_opens_nothing_changes_nothing() -> None:
    here = city()
    assert join(here, who="", crisis="") == "refused"
    assert join(here, who="anna") == "refused", "not invited"
    assert join(here, crisis="flood-9") == "refused"
    here.put(i.LogIn("hans", ELSEWHERE))
    assert join(here) == "refused", "works at another phone"
    here.put(i.EndCrisis("flood-0"))
    assert join(here) == "refused", "over"
    assert here.of(f.HelperJoined) == []
    assert phones(here) == {ELSEWHERE: "hans"}


def test_only_those_who_are_invited_are_given_a_code() -> None:
    here = city()
    (crisis,) = here.state.running
    check_invited(here.state, crisis, "hans")
    for who, error in (("anna", "not_invited"), ("nix", "unknown_agent")):
        with pytest.raises(Refused) as refused:
            check_invited(here.state, crisis, who)
        assert refused.value.error_id == error
