"""Whatever callers do, in flows with every kind of node: a session stands somewhere, and its turn rises one by one."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.sim.flows import CODES, HOURS, some_flows
from ivr import actions as a
from ivr.flow import Flow, Form
from ivr.moving import begin, step
from ivr.session import Moved, left_behind, question_of, typing
from tests.core.walking import MONDAY_NOON, Somewhere

FLOWS = ("main", "report", "studio", "identify", *CODES)
QUEUES = ("tax", "parks", "help", "social")
EVENTS = st.one_of(
    st.just("ended"),
    st.just("silence"),
    st.builds(a.Key, st.sampled_from("0123456789*#AB")),
    st.builds(a.Typed, st.integers(0, 4), st.booleans(), st.sampled_from([True, False, None])),
    st.builds(a.Checked, st.integers(0, 40), st.booleans()),
    st.builds(a.Acted, st.integers(0, 40), st.booleans()),
    st.builds(a.Recorded, st.integers(0, 40), st.floats(0, 20)),
    st.builds(a.NotConnected, st.integers(0, 40), st.sampled_from(["busy", "no_answer", "refused", "unreachable"])),
)


def worded(event: object, moved: Moved) -> a.Event:
    """Return an event; half of them fit the present turn."""
    if event == "ended":
        return a.Ended(moved.session.turn)
    if event == "silence":
        return a.Silence(moved.session.turn)
    assert isinstance(event, a.Event)
    return event


def check(flows: dict[str, Flow], moved: Moved) -> None:
    """Check that a session is one that can be gone on with."""
    session = moved.session
    node = flows[session.flow].nodes[session.node]
    assert all(frame.node in flows[frame.flow].nodes for frame in session.frames)
    assert isinstance(moved.action, a.Recording) == (session.stage == "recording")
    assert isinstance(moved.action, a.Listen) == session.listening
    assert session.question == 0 or isinstance(node, Form)
    assert (session.typed == 0) or typing(flows, session) is not None
    if isinstance(moved.action, a.Speak):
        assert moved.action.heard
    question_of(flows, session)
    left_behind(flows, session, 5.0)


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 1000),
    flow=st.sampled_from(FLOWS),
    staffed=st.booleans(),
    events=st.lists(EVENTS, max_size=60),
)
def test_whatever_happens_a_session_can_go_on(seed: int, flow: str, staffed: bool, events: list[object]) -> None:
    flows = {one.name: one for one in some_flows(QUEUES, ("finnish", "arabic", "sign"), "help", Random(seed))}
    world = Somewhere(MONDAY_NOON, HOURS, staffed=QUEUES if staffed else ())
    moved = begin(flows, flow, world, language="finnish")
    check(flows, moved)
    for event in events:
        if isinstance(moved.action, a.Queued | a.Finished):
            return
        following = step(flows, moved.session, worded(event, moved), world)
        if following is not None:
            assert following.session.turn == moved.session.turn + 1
            moved = following
            check(flows, moved)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 1000), flow=st.sampled_from(FLOWS))
def test_who_does_nothing_at_all_comes_to_an_end(seed: int, flow: str) -> None:
    flows = {one.name: one for one in some_flows(QUEUES, ("finnish", "arabic", "sign"), "help", Random(seed))}
    world = Somewhere(MONDAY_NOON, HOURS)
    moved = begin(flows, flow, world)
    for _ in range(200):
        if isinstance(moved.action, a.Queued | a.Finished):
            return
        event: a.Event = (
            a.Ended(moved.session.turn) if isinstance(moved.action, a.Speak) else a.Silence(moved.session.turn)
        )
        if isinstance(moved.action, a.Acting):
            event = a.Acted(moved.session.turn, done=True)
        if isinstance(moved.action, a.Recording):
            event = a.Recorded(moved.session.recording, 0.0)
        following = step(flows, moved.session, event, world)
        assert following is not None
        moved = following
    raise AssertionError(f"still at {moved.session}")
