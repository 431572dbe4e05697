"""The interpreter: sessions step through flows, and events that do not fit change nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.actions import Ended, Event, Finished, Key, Listen, Queued, Silence, Speak
from ivr.flow import Enter, HangUp, Menu, Run, Say
from ivr.moving import begin, step
from ivr.phrase import Phrase
from ivr.session import Session
from router import inputs as i
from tests.core.city import City, agent, needs
from tests.core.walking import Somewhere, Walk

NODES = {
    "start": Say(prompt="welcome", next="menu"),
    "menu": Menu(
        prompt="choose",
        choices={"1": "tax", "9": "bye"},
        otherwise="help",
        timeout=5.0,
        tries=2,
        no_input="nothing",
        wrong_input="wrong",
    ),
    "tax": Enter(queue="tax", needs=needs({"tax": 2}), priority=2.0),
    "help": Enter(queue="help"),
    "bye": HangUp(),
}


def say(*prompts: str) -> Speak:
    return Speak(phrases=tuple(Phrase(prompt) for prompt in prompts))


def test_a_flow_begins_at_start() -> None:
    walk = Walk(NODES)
    assert walk.session == Session("main", "start", turn=1, tries=1)
    assert walk.action == say("welcome")


def test_a_prompt_leads_on_when_it_has_ended() -> None:
    assert Walk(NODES).heard().said == ["choose"]


def test_a_key_chooses_while_the_prompt_plays() -> None:
    assert Walk(NODES).heard().keys("1").action == Queued("tax", needs({"tax": 2}), 2.0)


def test_a_key_chooses_after_the_prompt() -> None:
    assert Walk(NODES).heard().heard().action == Listen(5.0)
    assert Walk(NODES).heard().heard().keys("9").action == Finished()


def test_silence_and_wrong_keys_are_told_so_and_then_lead_to_a_person() -> None:
    assert Walk(NODES).heard().heard().silent().said == ["nothing", "choose"]
    assert Walk(NODES).heard().keys("7").said == ["wrong", "choose"]
    assert Walk(NODES).heard().heard().silent().keys("7").action == Queued("help")


@pytest.mark.parametrize("event", [Ended(0), Ended(2), Key("1"), Silence(2)])
def test_what_does_not_fit_is_nothing(event: Event) -> None:
    assert Walk(NODES).ignores(event)


def test_a_key_that_is_none_is_nothing() -> None:
    assert Walk(NODES).heard().ignores(Key("A"))


# ---- keys that do the same everywhere --------------------------------------------------------------------------

KEYS = {"0": "person", "*": "repeat"}


def test_what_was_said_is_said_again_and_that_is_no_try() -> None:
    walk = Walk(NODES, keys=KEYS, person="help")
    assert walk.keys("*").said == ["welcome"]
    assert walk.heard().keys("***").said == ["choose"]
    assert walk.session.tries == 1


def test_a_key_reaches_a_person_from_anywhere_while_somebody_is_there() -> None:
    staffed = Somewhere(staffed=["help"])
    for events in (0, 1, 2):
        walk = Walk(NODES, staffed, keys=KEYS, person="help")
        for _ in range(events):
            walk.heard()
        assert walk.keys("0").action == Queued("help")


def test_nobody_is_sent_into_an_empty_office_by_a_key() -> None:
    walk = Walk(NODES, keys=KEYS, person="help")
    assert walk.ignores(Key("0")), "a prompt goes on"
    assert walk.heard().keys("0").said == ["wrong", "choose"]


def test_a_nodes_own_choice_wins() -> None:
    menu = Menu(prompt="choose", choices={"0": "bye", "*": "tax"}, otherwise="help")
    nodes = {**NODES, "start": menu}
    staffed = Somewhere(staffed=["help"])
    assert Walk(nodes, staffed, keys=KEYS, person="help").keys("0").action == Finished()
    assert Walk(nodes, staffed, keys=KEYS, person="help").keys("*").node == "tax"


def test_patience_multiplies_time_outs() -> None:
    assert Walk(NODES, patience=3.0).heard().heard().action == Listen(15.0)


# ---- whatever happens ------------------------------------------------------------------------------------------


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
    flows, world = Walk(NODES).flows, Somewhere()
    moved = begin(flows, "main", world)
    for event in events:
        following: Any = step(flows, moved.session, event, world)
        if following is None:
            continue
        assert following.session.turn == moved.session.turn + 1
        assert following.session.node in NODES
        assert following.session.tries <= 2
        moved = following
        if isinstance(moved.action, Queued | Finished):
            break


def test_a_flow_that_calls_itself_without_a_rest_is_our_mistake() -> None:
    with pytest.raises(AssertionError, match="goes round for ever"):
        Walk({"start": Run(flow="main", next="start")})


def test_a_caller_who_says_nothing_reaches_a_person_by_waiting_alone() -> None:
    flow = Walk(
        {
            "start": Menu(prompt="choose", choices={}, otherwise="tax", timeout=5.0, tries=2),
            "tax": Enter(queue="tax"),
        }
    ).flows["main"]
    city = City(agents=[agent("anna")], flows=[flow])
    city.call("c1", "main")
    for turn in (1, 3):
        assert city.offers == {}
        city.put(i.PromptEnded(contact="c1", turn=turn))
        city.wait(5)
    assert city.offers == {"anna": "c1"}
