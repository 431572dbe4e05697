"""Nothing leaves before it is kept, and everything leaves in order."""

from collections.abc import Callable

import pytest

from engine.spine import Spine
from router import facts as f
from router import inputs as i
from router.journal import Entry
from router.ports import Secret
from router.router import Router
from tests.core.city import agent, configuration, local


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time


class Shell:
    """Runs the next turn when told to."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []
        self.alarm: tuple[float | None, Callable[[], None]] = (None, lambda: None)

    def soon(self, call: Callable[[], None]) -> None:
        self.calls.append(call)

    def at(self, when: float | None, call: Callable[[], None]) -> None:
        self.alarm = (when, call)

    def run(self) -> None:
        while self.calls:
            self.calls.pop(0)()


class Journal:
    """Keeps when told to."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.secrets: list[Secret] = []
        self.waiting: list[Callable[[], None]] = []

    def append(self, entry: Entry, secrets: list[Secret], kept: Callable[[], None]) -> None:
        self.entries.append(entry)
        self.secrets += secrets
        self.waiting.append(kept)

    def keep(self, number: int = 1000) -> None:
        for _ in range(min(number, len(self.waiting))):
            self.waiting.pop(0)()


class Teller:
    """A follower that notes what left."""

    def __init__(self) -> None:
        self.decided_: list[str] = []
        self.left: list[str] = []

    def decided(self, facts, state):
        names = [type(fact).__name__ for fact in facts]
        self.decided_ += names
        return lambda: self.left.extend(names)


class House:
    def __init__(self) -> None:
        self.clock, self.shell, self.journal, self.teller = Clock(), Shell(), Journal(), Teller()
        self.spine = Spine(Router(local), self.journal, self.clock, self.shell, {})
        self.spine.followers.append(self.teller)
        self.acknowledged: list[dict[str, int]] = []
        self.spine.on_kept = lambda heard: self.acknowledged.append(dict(heard))
        self.spine.submit(i.ApplyConfiguration(configuration(agents=[agent(signed_in=True)])))
        self.run()
        self.journal.keep()
        self.journal.entries.clear()
        self.teller.decided_.clear()
        self.teller.left.clear()

    def run(self) -> None:
        self.shell.run()


@pytest.fixture
def house() -> House:
    return House()


def arrives(number: int, contact: str = "") -> i.Arrived:
    return i.Arrived(contact=contact or f"c{number}", channel="call", entry="tax", source="w1-g", number=number)


def test_effects_wait_for_the_journal(house):
    house.spine.submit(arrives(1))
    house.run()
    assert house.teller.decided_ == ["ContactArrived", "ContactQueued", "OfferMade"]
    assert house.teller.left == []
    house.journal.keep()
    assert house.teller.left == house.teller.decided_


def test_one_entry_for_all_of_a_turn_with_secrets_beside_it(house):
    house.spine.submit(arrives(1), (Secret("c1", "number", "0701234567"),))
    house.spine.submit(arrives(2))
    house.run()
    (entry,) = house.journal.entries
    assert [type(fact) for fact in entry.facts].count(f.ContactArrived) == 2
    assert entry.heard == {"w1-g": 2}
    assert house.journal.secrets == [Secret("c1", "number", "0701234567")]
    assert "0701234567" not in str(entry)


def test_a_report_heard_before_is_dropped_and_counted(house):
    for _ in range(2):
        house.spine.submit(arrives(1))
        house.run()
    assert len(house.journal.entries) == 1
    assert house.spine.doubled == 1


def test_a_source_may_forget_only_what_is_kept(house):
    house.spine.submit(arrives(1))
    house.run()
    house.spine.submit(i.KeyPressed(contact="c1", digit="5", source="w1-g", number=2))  # leads to no fact
    house.run()
    assert house.acknowledged == []
    house.journal.keep()
    assert house.acknowledged == [{"w1-g": 2}]
    assert house.spine.kept_through == {"w1-g": 2}


def test_answers_wait_for_what_was_decided_before_them(house):
    answers: list[str] = []
    house.spine.submit(arrives(1))
    house.run()
    house.spine.submit(i.GoReady("anna"), answer=lambda refused: answers.append("granted"))  # ready already: no fact
    house.run()
    assert answers == []
    house.journal.keep()
    assert answers == ["granted"]


def test_a_refusal_is_told_at_once_and_nothing_is_written(house):
    refusals: list[str] = []
    house.spine.submit(i.LogIn("nobody"), answer=lambda refused: refusals.append(refused.error_id))
    house.run()
    assert refusals == ["unknown_agent"]
    assert house.journal.entries == []


def test_a_look_sees_what_was_submitted_before_and_leaves_after_it(house):
    left: list[str] = []

    def look(state):
        assert "c1" in state.contacts
        return lambda: left.append("looked")

    house.spine.submit(arrives(1))
    house.spine.look(look)
    house.run()
    assert left == []
    house.journal.keep()
    assert left == ["looked"]


def test_the_timer_follows_the_next_deadline(house):
    house.spine.submit(arrives(1))
    house.run()
    when, ring = house.shell.alarm
    assert when == 20.0  # the offer's
    house.clock.time = when
    ring()
    house.run()
    assert "OfferMissed" in house.teller.decided_


def test_facts_decided_before_a_bug_are_kept(house, monkeypatch, caplog):
    def broken(turn, report):
        turn.emit(f.AgentPaused(turn.now, "anna", "before"))
        raise LookupError("ours")

    monkeypatch.setitem(__import__("router.router", fromlist=["x"])._HANDLERS, i.PromptEnded, broken)
    house.spine.submit(i.PromptEnded(contact="c1", turn=1))
    house.run()
    assert house.spine.bugs == 1
    assert [type(fact) for fact in house.journal.entries[0].facts] == [f.AgentPaused]
    assert caplog.records[-1].action == "spine.bug"
