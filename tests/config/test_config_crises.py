"""crises.yaml: what is done and said in a crisis, thought of in quiet."""

from pathlib import Path

import pytest

from engine.config import ConfigError, load
from queues.skills import Need

PLANS = """\
areas:
  all-of-it: [a, b]
plans:
  flood:
    title: The flood
    messages: {sv: Koka vattnet.}
    queues: [b]
    areas: [all-of-it]
    helpers: [standby]
    skills: {swedish: 3}
    triage: a
    lasts: 2 h
"""


@pytest.fixture(autouse=True)
def helpers(city: Path) -> None:
    agents = city / "agents.yaml"
    agents.write_text(agents.read_text() + "    reserve: [standby]\n")


def problems(folder: Path, text: str) -> list[str]:
    (folder / "crises.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def test_a_plan_is_read(city: Path) -> None:
    (city / "crises.yaml").write_text(PLANS)
    plan = load(city).installation.plans["flood"]
    assert (plan.title, plan.messages, plan.lasts) == ("The flood", {"sv": "Koka vattnet."}, 7200.0)
    measures = plan.measures
    assert (measures.queues, measures.triage, measures.helpers) == (("b", "a"), "a", ("standby",))
    assert measures.skills == (Need("swedish", 3),)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("  all-of-it: [a, b]", "  all-of-it: [a, c]", 2, 'areas.all-of-it: there is no queue "c"; known: a, b'),
        ("  all-of-it: [a", "  all of it: [a", 2, "areas.all of it: "),
        ("  flood:", "  a flood:", 4, "plans.a flood: "),
        ("queues: [b]", "queues: [bb]", 7, 'plans.flood.queues: there is no queue "bb"; '),
        ("areas: [all-of-it]", "areas: [all]", 8, 'plans.flood.areas: there is no area "all"; '),
        ("triage: a", "triage: c", 11, 'plans.flood.triage: there is no queue "c"; known: a, b'),
        ("[standby]", "[stanby]", 9, 'plans.flood.helpers: there is no group in agents.yaml "stanby"; did you mean'),
        ("lasts: 2 h", "places: [hall]", 12, 'plans.flood.places: there is no place "hall", and none is configured'),
        ("lasts: 2 h", "callback_only: true", 12, 'plans.flood.callback_only: says "crisis_callback" to those who are'),
        ("lasts: 2 h", "lasts: two hours", 12, "plans.flood.lasts: "),
        ("{swedish: 3}", "{swedish: 9}", 10, "plans.flood.skills"),
        ("{sv: Koka vattnet.}", "{en: Boil it.}", 6, "plans.flood.messages.en: there is no language in prompts.yaml"),
        ("{sv: Koka vattnet.}", '{sv: "Koka {x}."}', 6, "plans.flood.messages.sv: holds { or }, which nobody can say"),
        ("{sv: Koka vattnet.}", "{sv: '  '}", 6, "plans.flood.messages.sv: says nothing"),
        (
            "{sv: Koka vattnet.}",
            f"{{sv: {'koka ' * 201}}}",
            6,
            "plans.flood.messages.sv: has 1004 characters; at most 1",
        ),
        (
            "    triage: a",
            "    tirage: a",
            11,
            'plans.flood.tirage: there is no field "tirage"; did you mean "triage"?',
        ),
    ],
)
def test_a_mistake_is_told_in_one_line(city: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in PLANS
    found = problems(city, PLANS.replace(old, new, 1))
    assert any(one.startswith(f"crises.yaml:{line}: ") and says in one for one in found), found
    assert all("\n" not in one for one in found)


def test_a_text_that_lacks_the_houses_language_is_told_so(city: Path) -> None:
    prompts = city / "prompts.yaml"
    prompts.write_text(prompts.read_text() + "en:\n  welcome: Hello.\n")
    told = problems(city, PLANS.replace("{sv: Koka vattnet.}", "{en: Boil it.}"))
    assert told == ["crises.yaml:6: plans.flood.messages: has en, and lacks sv, which stands in for all others"]
