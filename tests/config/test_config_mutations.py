"""Whatever happens to the example's files, loading ends in a configuration or in ConfigError."""

import copy
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.config import ConfigError, Problem, load

MALMO = Path(__file__).parents[2] / "examples" / "malmo"
NAMES = sorted(str(path.relative_to(MALMO)) for path in MALMO.rglob("*.yaml"))
SCALARS: list[Any] = [
    "",
    "x",
    None,
    0,
    -1,
    1e400,
    True,
    [],
    {},
    [1],
    {"a": 1},
    [[[]]],
    "2026-99-99",
    "sip:",
    "ö ö",
    "8-9",
    "start",
    "hang_up",
    "return",
    "person",
    "SE",
    "{digits} {x}",
    {"record": "x"},
    {"queue": "vaxel"},
    {"flow": "welcome"},
    {"language": "fi", "next": "start"},
    [{"collect": "x", "optional": True}],
]


@pytest.fixture(scope="module")
def malmo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(MALMO, tmp_path_factory.mktemp("mutated") / "malmo"))


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) below `value`."""
    if isinstance(value, dict):
        return [(value, key) for key in value] + [one for item in value.values() for one in places(item)]
    if isinstance(value, list):
        return [(value, n) for n in range(len(value))] + [one for item in value for one in places(item)]
    return []


def mutate(tree: Any, chance: random.Random) -> None:
    container, key = chance.choice(places(tree))
    what = chance.choice(("delete", "change", "rename"))
    if what == "delete":
        del container[key]
    elif what == "rename" and isinstance(container, dict):
        container[f"{key}{chance.choice('x. ')}"] = container.pop(key)
    else:
        container[key] = copy.deepcopy(chance.choice(SCALARS))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(NAMES), seed=st.integers(0, 2**32), count=st.integers(1, 4))
def test_mutated_trees(malmo: Path, name: str, seed: int, count: int) -> None:
    chance = random.Random(seed)
    tree = yaml.safe_load((MALMO / name).read_text())
    for _ in range(count):
        if places(tree):
            mutate(tree, chance)
    check(malmo, name, yaml.safe_dump(tree, allow_unicode=True).encode())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(NAMES), cut=st.floats(0, 1), length=st.integers(0, 40), put=st.binary(max_size=8))
def test_mutated_bytes(malmo: Path, name: str, cut: float, length: int, put: bytes) -> None:
    whole = (MALMO / name).read_bytes()
    at = int(cut * len(whole))
    check(malmo, name, whole[:at] + put + whole[at + length :])


def check(folder: Path, name: str, content: bytes) -> None:
    path = folder / name
    found: list[Problem] | None = None
    try:
        path.write_bytes(content)
        load(folder)
    except ConfigError as error:
        found = error.problems
    finally:
        path.write_bytes((MALMO / name).read_bytes())
    assert found is None or all(one.file and one.text for one in found)
    assert found != []
