"""Ten thousand inputs of everything that can go wrong; and that the simulator would notice if something did."""

import secrets
from typing import Any

import pytest

from engine.sim.trouble import Trouble, local
from engine.sim.watch import Failure, fails
from router import facts as f
from router import matching
from router.turn import Turn

FIXED = 1


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "seed",
    [pytest.param(FIXED, id="fixed"), pytest.param(secrets.randbelow(1_000_000), id="fresh", marks=pytest.mark.soak)],
)
def test_ten_thousand_inputs(seed: int) -> None:
    print(f"again: python -m engine.sim --seed {seed} --steps 10000")  # noqa: T201 - shown when it fails
    trouble = Trouble(seed)
    trouble.run(10_000)
    assert trouble.crashes > 3 or seed != FIXED, "how many there are is chance"


def test_the_same_seed_is_the_same_run() -> None:
    runs = [Trouble(7), Trouble(7)]
    for run in runs:
        run.run(500)
    assert runs[0].house.store.entries == runs[1].house.store.entries


def failing(seed: int) -> Failure:
    with pytest.raises(Failure) as failure:
        Trouble(seed).run(3000)
    return failure.value


def test_it_notices_somebody_forgotten_and_shows_the_way_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Turn, "_seek", lambda self, contact: None)
    failure = failing(1)
    assert "waits and somebody for it is free" in str(failure)
    assert len(failure.tail) == 1
    assert fails(local, failure.tail)


def test_it_notices_a_wrong_count(monkeypatch: pytest.MonkeyPatch) -> None:
    original = matching.passed_over

    def forgetful(*args: Any) -> f.PassedOver:
        passed = original(*args)
        return f.PassedOver(*[0 if name == "busy" else getattr(passed, name) for name in passed.__struct_fields__])

    monkeypatch.setattr("router.turn.passed_over", forgetful)
    assert "counts" in str(failing(1))


def test_it_notices_what_replay_would_not_lead_to(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Turn.settle

    def forgetful(self: Turn) -> None:
        original(self)
        if len(self.facts) > 3:
            self.facts.pop()

    monkeypatch.setattr(Turn, "settle", forgetful)
    assert failing(1)
