"""Flows in the house: what the router makes of where sessions lead."""

from datetime import time
from typing import Any

import pytest

from ivr import actions as a
from ivr.flow import (
    Announcement,
    Collect,
    Connect,
    Drop,
    Enter,
    Flow,
    Form,
    HangUp,
    Keep,
    Language,
    Menu,
    Open,
    Record,
    Return,
    Run,
    Say,
    Set,
    Tongue,
)
from queues.hours import Hours
from queues.queue import WayOut
from router import facts as f
from router import inputs as i
from router.configuration import AgentSettings
from router.contact import InFlow
from router.dialling import Destination
from router.flowing import TURNS_MAX
from tests.core.city import City, agent, needs, queue

READER = agent("reader", "reports", capacity={"report": 1, "message": 1, "call": 0})
MESSAGE = Flow(
    name="message:reports",
    nodes={
        "start": Form(
            channel="message",
            queue="reports",
            questions=(Record(name="message", prompt="leave", tries=1),),
            announce="recorded",
            next="thanks",
            otherwise="bye",
        ),
        "thanks": Say(prompt="thanks", next="bye"),
        "bye": HangUp(),
    },
)
FAULT = Flow(
    name="fault",
    nodes={
        "start": Form(
            queue="reports", questions=(Record(name="what", prompt="what"),), needs=needs({"streets": 1}), next="bye",
            otherwise="line",
        ),
        "line": Enter(queue="tax"),
        "bye": HangUp(),
    },
)  # fmt: skip


def city(*flows: Flow, queues: Any = (), agents: Any = (), **more: Any) -> City:
    """Return a city with a line `tax` and one `reports`, whoever reads them, and these flows."""
    lines = [queue(), queue("reports"), *queues]
    return City(queues=lines, agents=[READER, *agents], flows=flows, **more)


def action(city: City, contact: str = "c1") -> a.Action:
    """Return what a flow does just now."""
    state = city.state.contacts[contact]
    assert isinstance(state, InFlow), state
    return state.action


def turn(city: City, contact: str = "c1") -> int:
    """Return the turn of a contact's session."""
    state = city.state.contacts[contact]
    assert isinstance(state, InFlow), state
    return state.session.turn


def heard(city: City, contact: str = "c1") -> None:
    """Let what is being said come to its end."""
    city.put(i.PromptEnded(contact=contact, turn=turn(city, contact)))


def speaks(city: City, seconds: float, contact: str = "c1") -> None:
    """Let a caller speak until silence ends the recording."""
    heard(city, contact)
    city.put(i.SpeechRecorded(contact=contact, turn=turn(city, contact), seconds=seconds))


# ---- reports and messages --------------------------------------------------------------------------------------


def test_a_report_is_a_contact_that_waits_and_the_call_goes_on() -> None:
    here = city(FAULT, agents=[agent("walker", "reports", {"streets": 2}, capacity={"report": 1, "call": 0})])
    here.call("c1", "fault", person="p1")
    speaks(here, 5.0)
    assert here.is_("c1") == "Gone", "and this flow hangs up"
    (report,) = here.of(f.ContactArrived)[1:]
    assert (report.contact, report.channel, report.entry, report.person) == ("c1.report1", "report", "fault", "p1")
    assert here.offers == {"walker": "c1.report1"}, "what the form needs holds for the report"


def test_a_report_waits_for_who_can_read_it_and_takes_no_way_out() -> None:
    here = city(FAULT, queues=[], ready=False)
    here.call("c1", "fault")
    speaks(here, 5.0)
    assert here.is_("c1.report1") == "Waiting"
    here.wait(86_400)
    assert here.is_("c1.report1") == "Waiting"


def test_who_hangs_up_while_speaking_has_reported() -> None:
    here = city(FAULT)
    here.call("c1", "fault")
    heard(here)
    here.wait(4.0)
    here.hang_up("c1")
    assert here.is_("c1") == "Gone"
    assert here.is_("c1.report1") == "Waiting"
    here.put(i.SpeechRecorded(contact="c1", turn=2, seconds=4.0))


def test_who_hangs_up_at_the_beep_has_not() -> None:
    here = city(FAULT)
    here.call("c1", "fault")
    heard(here)
    here.hang_up("c1")
    assert here.state.contacts == {}


@pytest.mark.parametrize("obstacle", ["closed", "nobody", "full", "too_long"])
def test_a_way_out_by_message(obstacle: Any) -> None:
    """Rule 9."""
    closed = Hours(week={5: ((time(8), time(9)),)})
    settings: dict[str, Any] = {
        "closed": {"hours": closed},
        "nobody": {},
        "full": {"max_waiting": 1},
        "too_long": {"max_wait": 60.0},
    }[obstacle]
    ways = {obstacle: WayOut(to="message", name="message:reports")}
    there = [] if obstacle == "nobody" else [agent("busy", "help")]
    here = city(MESSAGE, queues=[queue("help", ways_out=ways, **settings)], agents=there)
    if there:
        here.call("other", "help")
    if obstacle == "full":
        here.call("another", "help")
    here.call("c1", "help")
    if obstacle == "too_long":
        here.wait(60.0)
    assert action(here).heard[0].prompt == "recorded"  # type: ignore[union-attr]
    speaks(here, 6.0)
    assert here.is_(f"c1.message{TURNS_MAX + 1}") == "Offered", "told apart from what an earlier flow filed"
    heard(here)
    assert here.is_("c1") == "Gone"
    assert [way.way.to for way in here.of(f.WayOutTaken, "c1")] == ["message"]


def test_a_way_out_by_a_flow_that_leads_back_ends_in_the_apology() -> None:
    """Rule 9: nobody goes round in circles."""
    back = Flow(name="back", nodes={"start": Enter(queue="help")})
    ways = {"closed": WayOut(to="report", name="back")}
    here = city(back, queues=[queue("help", hours=Hours(week={5: ()}), ways_out=ways)])
    here.call("c1", "help")
    assert here.is_("c1") == "Leaving"
    assert [fact.way.to for fact in here.of(f.WayOutTaken, "c1")] == ["report", "announcement"]


def test_a_flow_may_lead_on_to_another_queue_and_what_it_left_is_remembered() -> None:
    on = Flow(name="on", nodes={"start": Say(prompt="x", next="line"), "line": Enter(queue="other")})
    ways = {"closed": WayOut(to="report", name="on")}
    other = queue("other", ways_out={"nobody": WayOut(to="queue", name="help")})
    here = city(on, queues=[queue("help", hours=Hours(week={5: ()}), ways_out=ways), other])
    here.call("c1", "help")
    heard(here)
    assert [fact.way.to for fact in here.of(f.WayOutTaken, "c1")] == ["report", "announcement"]


@pytest.mark.parametrize("channel", ["visit"])
def test_who_cannot_speak_is_not_asked_to(channel: str) -> None:
    ways = {"closed": WayOut(to="message", name="message:reports")}
    here = city(MESSAGE, queues=[queue("help", hours=Hours(week={5: ()}), ways_out=ways)])
    here.arrive("c1", "help", channel)
    assert here.is_("c1") == "Leaving"
    assert [fact.way.to for fact in here.of(f.WayOutTaken, "c1")] == ["announcement"]


# ---- language, patience, hours ---------------------------------------------------------------------------------


def test_a_language_stays_with_the_contact() -> None:
    tongue = Tongue(language="fi", needs=needs({"finnish": 1}))
    flow = Flow(
        name="in",
        nodes={
            "start": Language(prompt="choose", choices={"3": tongue}, next="news"),
            "news": Announcement(prompt="news", languages=("fi",), next="line"),
            "line": Enter(queue="tax"),
        },
    )
    here = city(flow, agents=[agent("anna"), agent("aino", skills={"finnish": 4})])
    here.call("c1", "in")
    here.put(i.KeyPressed(contact="c1", digit="3"))
    assert here.state.contacts["c1"].card.language == "fi"
    heard(here)
    assert here.offers == {"aino": "c1"}
    assert [fact.language for fact in here.of(f.LanguageChosen)] == ["fi"]
    here.restart()
    assert here.state.contacts["c1"].card.language == "fi"


def test_callers_by_a_relay_service_get_more_time() -> None:
    flow = Flow(
        name="in",
        nodes={"start": Menu(prompt="menu", choices={}, otherwise="line", timeout=10.0), "line": Enter(queue="tax")},
    )
    here = city(flow, relay_patience=4.0)
    here.call("c1", "in", relay=True)
    heard(here)
    assert action(here) == a.Listen(40.0)
    here.wait(39.0)
    assert isinstance(action(here), a.Listen)
    here.wait(1.0)
    assert isinstance(action(here), a.Speak)


def test_hours_are_looked_at_when_the_caller_gets_there() -> None:
    flow = Flow(
        name="in",
        nodes={
            "start": Open(hours="office", open="line", closed="say"),
            "say": Say(prompt="closed", next="bye"),
            "line": Enter(queue="tax"),
            "bye": HangUp(),
        },
    )
    office = Hours(week={4: ((time(8), time(17)),)})
    here = city(flow, agents=[agent("anna")], hours={"office": office}, now=7.5 * 3600)
    here.call("early", "in")
    assert here.is_("early") == "InFlow"
    here.wait(3600)
    here.call("c1", "in")
    assert here.offers == {"anna": "c1"}


def test_a_key_leads_to_a_person_only_where_somebody_is() -> None:
    flow = Flow(
        name="in",
        nodes={"start": Menu(prompt="menu", choices={"1": "line"}, otherwise="line"), "line": Enter(queue="tax")},
        keys={"0": "person"},
        person="help",
    )
    here = city(flow, queues=[queue("help")], agents=[agent("olle", "help")], ready=False)
    here.call("c1", "in")
    here.put(i.KeyPressed(contact="c1", digit="0"))
    assert here.is_("c1") == "InFlow"
    here.ready("olle")
    here.put(i.KeyPressed(contact="c1", digit="0"))
    assert here.offers == {"olle": "c1"}


def test_what_a_flow_notes_goes_into_the_line_and_on_to_another_queue() -> None:
    flow = Flow(
        name="in",
        nodes={"start": Set(notes={"about": "dogs"}, priority=2.0, next="line"), "line": Enter(queue="help")},
    )
    ways = {"nobody": WayOut(to="queue", name="tax")}
    here = city(flow, queues=[queue("help", ways_out=ways)], agents=[agent("anna")])
    here.call("c1", "in")
    assert here.spot("c1").notes == (("about", "dogs"),)
    assert here.spot("c1").priority == 2.0


# ---- prompts recorded by telephone -----------------------------------------------------------------------------

STUDIO = Flow(
    name="studio",
    nodes={
        "start": Record(name="take", prompt="say", next="keep", otherwise="bye"),
        "keep": Keep(prompt="news", recording="take", next="bye"),
        "bye": HangUp(),
    },
)
UNDO = Flow(name="undo", nodes={"start": Drop(prompt="news", next="bye"), "bye": HangUp()})
NEWS = Flow(
    name="in",
    nodes={"start": Announcement(prompt="news", next="bye"), "bye": Menu(prompt="x", choices={}, otherwise="start")},
)


def test_a_prompt_recorded_by_telephone_is_heard_until_it_is_dropped() -> None:
    here = city(STUDIO, UNDO, NEWS)
    here.call("before", "in")
    assert action(here, "before").heard[0].prompt == "x"  # type: ignore[union-attr]
    here.call("c1", "studio")
    speaks(here, 3.0)
    assert here.of(f.PromptRecorded)[0].recording == "c1.recording1.take"
    assert here.state.recorded == {"": {"news": "c1.recording1.take"}}
    here.restart()
    here.call("after", "in")
    assert action(here, "after").heard[0].prompt == "news"  # type: ignore[union-attr]
    here.call("c2", "undo")
    here.call("last", "in")
    assert action(here, "last").heard[0].prompt == "x"  # type: ignore[union-attr]


# ---- other flows and configurations ----------------------------------------------------------------------------


def test_a_flow_in_use_stays_as_it_is_until_it_is_left() -> None:
    ask = Flow(
        name="ask", nodes={"start": Collect(name="x", prompt="x", next="back", otherwise="back"), "back": Return()}
    )
    main = Flow(name="in", nodes={"start": Run(flow="ask", next="line"), "line": Enter(queue="tax")})
    here = city(main, ask, agents=[agent("anna")])
    here.call("c1", "in")
    kept = {"queues": [queue(), queue("reports")], "agents": [READER, agent("anna")]}
    with pytest.raises(i.Refused, match="flow ask still has contacts"):
        here.reconfigure(**kept, flows=[ask])
    here.reconfigure(**kept, flows=[main, ask])
    here.put(i.DigitsTyped(contact="c1", count=4, over=True, holds=True))
    assert here.offers == {"anna": "c1"}


# ---- connecting ------------------------------------------------------------------------------------------------


def connecting(*agents: AgentSettings) -> City:
    """Return a city in which c1's flow asks for somebody of the directory."""
    call = Connect(kind="person", key="p1", busy="wait", no_answer="bye", otherwise="bye")
    flow = Flow(name="in", nodes={"start": call, "wait": Enter(queue="tax"), "bye": HangUp()})
    here = city(flow, agents=[agent("anna"), *agents])
    here.call("c1", "in", leg="c1")
    return here


def known(here: City, destination: Destination | None) -> None:
    contact = here.state.contacts["c1"]
    assert isinstance(contact, InFlow)
    here.put(i.ConnectionKnown(contact="c1", turn=contact.session.turn, destination=destination))


LIBRARY = Destination("phone:library", person="p1")


def test_a_flow_connects_its_caller() -> None:
    here = connecting()
    known(here, LIBRARY)
    assert here.is_("c1") == "Forwarded"
    here.put(i.PickedUp(leg="c1.x1"))
    here.put(i.HungUp(leg="c1.x1", cause="hung_up"))
    assert here.of(f.ContactEnded, "c1")[0].outcome == "connected"


def test_a_busy_phone_leads_on_in_the_flow() -> None:
    here = connecting()
    known(here, LIBRARY)
    here.put(i.NotPickedUp(leg="c1.x1", cause="busy"))
    assert here.offers == {"anna": "c1"}


def test_a_phone_that_is_not_picked_up_in_time_leads_on_too() -> None:
    here = connecting()
    known(here, LIBRARY)
    here.wait(25)
    assert here.is_("c1") == "Gone"


def test_an_agent_who_talks_is_busy_for_a_flow() -> None:
    here = connecting(agent("bo"))
    here.call("c2", "tax", leg="c2")
    here.answer("c2")
    busy = next(fact.agent for fact in here.of(f.OfferAccepted))
    known(here, Destination(f"sip:{busy}@desk"))
    assert here.is_("c1") == "Offered"


def test_an_agent_who_was_rung_for_a_flow_is_free_again() -> None:
    here = connecting(agent("bo"))
    known(here, Destination("sip:bo@desk"))
    assert here.state.agents["bo"].desk.work
    here.put(i.NotPickedUp(leg="c1.x1", cause="busy"))
    assert not here.state.agents["bo"].desk.work


def test_what_may_not_be_rung_leads_to_the_otherwise_of_the_node() -> None:
    here = connecting()
    known(here, None)
    assert here.is_("c1") == "Gone"


def test_an_answer_that_comes_late_finds_nothing() -> None:
    here = connecting()
    assert here.put(i.ConnectionKnown(contact="c1", turn=99, destination=LIBRARY)) == []
    here.hang_up("c1")
    assert here.put(i.ConnectionKnown(contact="c1", turn=1, destination=LIBRARY)) == []


def test_nobody_finds_out_and_the_flow_leads_on() -> None:
    here = connecting()
    here.wait(25)
    assert here.is_("c1") == "Gone"


def test_a_configuration_keeps_the_node_at_which_somebody_is_being_connected() -> None:
    here = connecting()
    known(here, LIBRARY)
    with pytest.raises(i.Refused, match="flow in still has contacts"):
        here.reconfigure(queues=[queue(), queue("reports")], agents=[READER, agent("anna")])
