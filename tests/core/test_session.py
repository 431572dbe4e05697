"""The menu interpreter: sessions step through flows, and events that do not fit change nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow import Enter, Flow, HangUp, Menu, Say, exits
from ivr.session import Ended, Event, Finished, Key, Listen, Queued, Session, Silence, Speak, begin, step
from router import inputs as i
from tests.core.city import City, agent, needs

FLOW = Flow(
    name="main",
    nodes={
        "start": Say(prompt="welcome", next="menu"),
        "menu": Menu(prompt="choose", choices={"1": "tax", "9": "bye"}, otherwise="help", timeout=5.0, tries=2),
        "tax": Enter(queue="tax", needs=needs({"tax": 2}), priority=2.0),
        "help": Enter(queue="help"),
        "bye": HangUp(),
    },
)


def walk(*events: Event) -> Any:
    """Return the last action after `events`, each of which must fit."""
    session, action = begin(FLOW)
    for event in events:
        moved = step(FLOW, session, event)
        assert moved is not None, (session, event)
        session, action = moved
    return action


def test_a_flow_begins_at_start() -> None:
    assert begin(FLOW) == (Session("main", "start", turn=1, tries=1), Speak("welcome"))


def test_a_prompt_leads_on_when_it_has_ended() -> None:
    assert walk(Ended(1)) == Speak("choose")


def test_a_key_chooses_while_the_prompt_plays() -> None:
    assert walk(Ended(1), Key("1")) == Queued("tax", needs({"tax": 2}), 2.0)


def test_a_key_chooses_after_the_prompt() -> None:
    assert walk(Ended(1), Ended(2)) == Listen(5.0)
    assert walk(Ended(1), Ended(2), Key("9")) == Finished()


def test_silence_and_wrong_keys_repeat_the_prompt_and_then_lead_to_a_person() -> None:
    assert walk(Ended(1), Ended(2), Silence(3)) == Speak("choose")
    assert walk(Ended(1), Ended(2), Silence(3), Key("7")) == Queued("help", (), 1.0)


@pytest.mark.parametrize("event", [Ended(0), Ended(2), Key("1"), Silence(1)])
def test_what_does_not_fit_is_nothing(event: Event) -> None:
    session, _ = begin(FLOW)
    assert step(FLOW, session, event) is None


def test_a_key_that_is_none_is_nothing() -> None:
    session, _ = begin(FLOW)
    moved = step(FLOW, session, Ended(1))
    assert moved is not None
    assert step(FLOW, moved[0], Key("A")) is None


@given(
    st.lists(
        st.one_of(
            st.builds(Ended, st.integers(0, 12)),
            st.builds(Key, st.sampled_from("0123456789*#AB")),
            st.builds(Silence, st.integers(0, 12)),
        ),
        max_size=30,
    )
)
def test_whatever_happens_a_session_stands_at_a_node_and_its_turn_only_rises(events: list[Event]) -> None:
    session, action = begin(FLOW)
    for event in events:
        moved = step(FLOW, session, event)
        if moved is None:
            continue
        assert moved[0].turn == session.turn + 1
        session, action = moved
        assert session.node in FLOW.nodes
        assert session.tries <= 2
    assert isinstance(action, Queued | Finished) == (next(exits(FLOW.nodes[session.node]), None) is None)


def test_a_caller_who_says_nothing_reaches_a_person_by_waiting_alone() -> None:
    flow = Flow(
        name="in",
        nodes={
            "start": Menu(prompt="choose", choices={}, otherwise="tax", timeout=5.0, tries=2),
            "tax": Enter(queue="tax"),
        },
    )
    city = City(agents=[agent("anna")], flows=[flow])
    city.call("c1", "in")
    for turn in (1, 3):
        assert city.offers == {}
        city.put(i.PromptEnded(contact="c1", turn=turn))
        city.wait(5)
    assert city.offers == {"anna": "c1"}
