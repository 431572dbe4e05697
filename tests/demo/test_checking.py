"""What the demonstration refuses, each with what would be right."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs

from adapters.edge.settings import Trunk
from engine.config import Loaded, load
from engine.datafolder import DataFolder
from engine.demo.checking import DemoError, check, find
from engine.installation import Installation
from tests.config.test_config_load import MALMO

Change = Callable[[Installation], Installation]


def with_trunks(*trunks: Trunk) -> Change:
    return lambda installation: structs.replace(installation, trunks=(*installation.trunks, *trunks))


CASES: list[tuple[Change, str]] = [
    (lambda one: structs.replace(one, demo=False), "is not marked `demo: true` in vaxel.yaml"),
    (lambda one: structs.replace(one, edge="none"), "leave out `edge: none`"),
    (
        lambda one: structs.replace(one, sip=structs.replace(one.sip, address="10.20.0.5")),
        "sip listens on 10.20.0.5: the demonstration stays on this machine",
    ),
    (
        lambda one: structs.replace(one, web=structs.replace(one.web, address="0.0.0.0")),
        "web listens on 0.0.0.0: the demonstration stays on this machine",
    ),
    (with_trunks(Trunk(name="operator", host="sip.operator.example")), "trunk operator reaches sip.operator.example"),
    (with_trunks(Trunk(name="account", host="192.0.2.7", registers=True)), "trunk account reaches 192.0.2.7"),
    (lambda one: structs.replace(one, trunks=()), "no trunk takes calls from this machine"),
    (
        lambda one: structs.replace(one, trunks=(Trunk(name="far", sources=("192.0.2.0/24",)),)),
        "no trunk takes calls from this machine",
    ),
]


@pytest.fixture(scope="module")
def example() -> Loaded:
    return load(MALMO)


def test_the_example_may_be_demonstrated(example: Loaded) -> None:
    check(example)


@pytest.mark.parametrize(("change", "text"), CASES, ids=[text[:40] for _, text in CASES])
def test_what_is_refused(example: Loaded, change: Change, text: str) -> None:
    changed = structs.replace(example, installation=change(example.installation))
    with pytest.raises(DemoError) as refused:
        check(changed)
    assert text in str(refused.value)


def test_where_nothing_runs(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"no Vaxel runs on .*: start it with `make run`"):
        find(tmp_path / "data", ())
    DataFolder(tmp_path).prepare()
    with pytest.raises(DemoError, match="no Vaxel runs on"):
        find(tmp_path, ())
