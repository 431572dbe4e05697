"""The day curve, and how fast people are."""

from random import Random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.demo.tempo import HURRY_MAX, LOAD, NIGHT, Tempo, some
from engine.sim.day import CURVE
from engine.sim.malmo import CLOSES, OPENS

paces = st.floats(1, 60)
hours = st.floats(0, 23.99)


@given(pace=paces, hour=hours, elapsed=st.floats(0, 1e6), agents=st.integers(1, 100))
def test_agents_could_serve_all_who_ring(pace: float, hour: float, elapsed: float, agents: int) -> None:
    tempo = Tempo(pace=pace, hour=hour)
    assert 0 <= tempo.clock(elapsed) < 24
    busy = tempo.calls_per_second(elapsed, agents) * (tempo.talk + tempo.wrap_up) / agents
    assert 0 < busy < LOAD


def test_the_day_has_the_curve_of_the_city() -> None:
    rates = [Tempo(hour=OPENS + hour).calls_per_second(0, 10) for hour in range(len(CURVE))]
    assert [rate / max(rates) for rate in rates] == pytest.approx([calls / max(CURVE) for calls in CURVE])
    assert Tempo(hour=2).calls_per_second(0, 10) == NIGHT * max(rates)


def test_the_day_begins_again_where_it_opens() -> None:
    tempo = Tempo(pace=60, hour=CLOSES - 1)
    assert tempo.clock(0) == CLOSES - 1
    assert tempo.clock(30) == CLOSES - 0.5
    assert tempo.clock(60 + 30) == OPENS + 0.5


def test_the_day_goes_faster_than_people_can() -> None:
    slow, quick, quickest = Tempo(pace=1), Tempo(pace=HURRY_MAX), Tempo(pace=60)
    assert slow.clock(3600) - slow.hour == 1
    assert slow.talk == HURRY_MAX * quick.talk
    assert quickest.talk == quick.talk
    assert quickest.patience == slow.quicker(slow.patience) / HURRY_MAX
    assert quickest.answer >= 1.5


def test_chance_keeps_its_mean() -> None:
    chance = Random(1)
    tempo = Tempo()
    gaps = [tempo.until_next(chance, 0, 12) for _ in range(5000)]
    assert abs(mean(gaps) * tempo.calls_per_second(0, 12) - 1) < 0.05
    assert abs(mean(some(chance, 30) for _ in range(5000)) - 30) < 1
