"""Journals written by earlier versions can be read and replayed for ever.

`format-<n>/` holds a segment of the archive with every kind of fact that format has, and what replaying it led to. When
the format grows a fact, add a new folder (`python -m tests.journals.test_frozen NAME`); never change an old one.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any, get_args

import pytest

from adapters.redis import segments
from engine.sim.trouble import Trouble
from router import facts, journal
from router.router import Router
from tests.core.city import local

HERE = Path(__file__).parent
FROZEN = sorted(path for path in HERE.iterdir() if path.name.startswith("format-"))


def outcome(path: Path) -> dict[str, Any]:
    """Replay a segment; return what the state is and how often each fact came."""
    router = Router(local)
    counts: dict[str, int] = {}
    for kept in segments.read(path):
        for fact in journal.decode(kept.data).facts:
            router.apply(fact)
            counts[type(fact).__name__] = counts.get(type(fact).__name__, 0) + 1
    state = router.state
    return {
        "facts": dict(sorted(counts.items())),
        "contacts": {id_: type(one).__name__ for id_, one in sorted(state.contacts.items())},
        "agents": {id_: type(one).__name__ for id_, one in sorted(state.agents.items())},
        "offers": sorted(state.offers),
        "order": state.order,
        "epoch": state.epoch,
    }


@pytest.mark.parametrize("folder", FROZEN, ids=lambda folder: folder.name)
def test_an_old_journal_leads_to_the_same_state(folder: Path) -> None:
    (segment,) = folder.glob(f"*{segments.SUFFIX}")
    assert outcome(segment) == json.loads((folder / "outcome.json").read_text())


def frozen() -> set[str]:
    """Return the kinds of facts that some frozen journal holds."""
    return {name for folder in FROZEN for name in json.loads((folder / "outcome.json").read_text())["facts"]}


def test_every_kind_of_fact_is_frozen() -> None:
    assert {kind.__name__ for kind in get_args(facts.AnyFact)} <= frozen(), "freeze another journal"


def freeze(name: str) -> None:
    """Simulate until every kind of fact has come that is frozen nowhere yet; write the journal and its outcome into a
    new folder."""
    wanted = {kind.__name__ for kind in get_args(facts.AnyFact)} - frozen()
    for seed in range(1, 100):
        run = Trouble(seed, checking=False)
        while run.watch.steps < 6000:
            run.world.step()
        entries = [segments.Kept(*id_, data) for id_, data in run.house.store.entries]
        if wanted <= {type(fact).__name__ for entry in entries for fact in journal.decode(entry.data).facts}:
            break
    else:
        raise SystemExit("some fact never came")
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    path = segments.write(folder, entries)
    path.chmod(0o644)
    (folder / "outcome.json").write_text(json.dumps(outcome(path), indent=1) + "\n")


if __name__ == "__main__":
    freeze(sys.argv[1])
