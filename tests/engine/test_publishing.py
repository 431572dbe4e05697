"""Publishing through crashes, and editing that leaves alone what it does not change."""

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.publishing import versions as keeping
from engine.publishing.editing import Uneditable, with_members
from engine.publishing.members import Member, read_members
from engine.publishing.texts import Unpublishable, addresses_of, version_of
from engine.publishing.versions import OtherVersion, Versions

BEFORE = {"vaxel.yaml": "city: A\n", "queues.yaml": "queues: {}\n", "flows/a.yaml": "start: hang_up\n"}
AFTER = {"vaxel.yaml": "city: B\n", "agents.yaml": "agents: {}\n", "flows/b.yaml": "start: hang_up\n"}


def publish_and_die(folder: Path, kept: Path, calls: int) -> bool:
    """Publish in another process that is killed after so many calls of what writes; tell whether it came to its end."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    left = itertools.count(calls, -1)

    def dying(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            if next(left) <= 0:
                os._exit(9)
            return real(*arguments, **more)

        return call

    for part, name in ((os, "replace"), (os, "fsync"), (Path, "unlink")):
        setattr(part, name, dying(getattr(part, name)))
    publish(Versions(folder, kept), AFTER)
    os._exit(0)


def written(folder: Path, texts: dict[str, str]) -> Path:
    (folder / "flows").mkdir(parents=True)
    for file, text in texts.items():
        (folder / file).write_text(text)
    return folder


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(written(tmp_path / "config", BEFORE), tmp_path / "kept")


def publish(versions: Versions, texts: dict[str, str], why: str = "because") -> str:
    base = version_of(addresses_of(versions.present()))
    return versions.publish(base, texts, at=1.0, by="rut", why=why).version


def test_whatever_breaks_it_off_all_files_are_there_or_none(tmp_path: Path) -> None:
    seen = set()
    for step in range(60):
        folder, kept = written(tmp_path / f"config{step}", BEFORE), tmp_path / f"kept{step}"
        done = publish_and_die(folder, kept, step)
        versions = Versions(folder, kept)
        versions.finish()
        assert versions.present() in (BEFORE, AFTER)
        seen.add(versions.present() == AFTER)
        if versions.present() == AFTER:
            assert [one.why for one in versions.publications()] == ["because"]
        versions.stands()
        assert publish(versions, BEFORE | {"vaxel.yaml": "city: C\n"})
        if done:
            break
    assert done
    assert seen == {True, False}


def test_files_that_somebody_else_changed_meanwhile_stay(versions: Versions) -> None:
    publish(versions, AFTER)
    (versions.folder / "vaxel.yaml").write_text("city: mine\n")
    versions.finish()
    assert versions.present()["vaxel.yaml"] == "city: mine\n"
    assert not versions.take_back("never")


def test_what_no_engine_can_begin_with_is_taken_back(versions: Versions) -> None:
    version = publish(versions, AFTER)
    assert versions.take_back("port 80 may not be opened")
    assert versions.present() == BEFORE
    (one,) = versions.publications()
    assert (one.version, one.taken_back) == (version, "port 80 may not be opened")
    assert not versions.take_back("again")
    versions.notice(2.0)
    assert versions.publications()[-1].version == version_of(addresses_of(BEFORE))


def test_what_an_engine_has_served_by_stays(versions: Versions) -> None:
    publish(versions, AFTER)
    versions.stands()
    assert not versions.take_back("its port is taken just now")
    assert versions.present() == AFTER


def test_old_versions_are_forgotten_with_their_texts(
    versions: Versions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PUBLICATIONS_MAX", 5)
    first = publish(versions, BEFORE | {"vaxel.yaml": "city: 0\n"})
    for number in range(1, 8):
        publish(versions, BEFORE | {"vaxel.yaml": f"city: {number}\n"})
    known = versions.publications()
    assert len(known) == 5
    assert versions.find(first) is None
    assert versions.find(known[0].version)
    assert len(list((tmp_path / "kept" / "texts").iterdir())) == 5 + 2


def test_rights_of_a_file_stay(versions: Versions) -> None:
    (versions.folder / "vaxel.yaml").chmod(0o640)
    publish(versions, AFTER)
    assert {(versions.folder / file).stat().st_mode & 0o777 for file in AFTER} == {0o640}


def test_a_full_disk_changes_nothing(versions: Versions, monkeypatch: pytest.MonkeyPatch) -> None:
    real = versions._replace
    calls = []

    def full(path: Path, data: bytes) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(path, data)

    monkeypatch.setattr(versions, "_replace", full)
    with pytest.raises(Unpublishable, match="no space left"):
        publish(versions, AFTER)
    assert versions.present() == BEFORE
    versions.finish()
    assert versions.present() == BEFORE
    assert versions.publications() == ()


def test_a_version_that_is_not_there_any_more(versions: Versions) -> None:
    with pytest.raises(OtherVersion):
        versions.publish("0" * 16, AFTER, at=1.0, by="rut", why="because")


# ---- editing ---------------------------------------------------------------------------------------------------

AGENTS = """\
# Who works here.
pauses: {break: Rast}

agents:
  # The first one.
  anna:
    phone: a1          # upstairs
    skills: {swedish: 5, english: 4}
    queues: [vaxel, kontakt]   # all alike

  berit:
    phone: b1
    queues:
      vaxel: 2   # only when it is busy
      # schools belong to her
      skola: 1
    skills:
      swedish: 5

  carl:
    phone: c1
    queues:
      - vaxel
      - kontakt  # until June
  dora: {phone: d1}
  eva:
  frej:
    capacity: {chat: 3}
    skills: {}
    queues:
"""
NAMES = st.sampled_from(["vaxel", "kontakt", "skola", "gata", "null", "åldre"])
MEMBERS = st.builds(
    Member,
    st.dictionaries(NAMES, st.integers(1, 9), max_size=4),
    st.dictionaries(NAMES, st.integers(1, 5), max_size=4),
)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(["anna", "berit", "carl", "dora", "eva", "frej"]), MEMBERS, min_size=1))
def test_an_edit_says_what_is_wanted_and_keeps_the_rest(wanted: dict[str, Member]) -> None:
    before = read_members({"agents.yaml": AGENTS})
    try:
        text = with_members(AGENTS, wanted)
    except Uneditable as error:
        assert "comments within" in str(error)  # noqa: PT017 - what must not be lost
        return
    assert read_members({"agents.yaml": text}) == {**before, **wanted}
    for comment in ("# Who works here.", "# The first one.", "# upstairs"):
        assert comment in text


def test_an_edit_changes_only_its_lines() -> None:
    berit = Member({"vaxel": 1, "skola": 1, "gata": 3}, {"swedish": 4})
    text = with_members(AGENTS, {"berit": berit, "anna": Member({"vaxel": 1}, {"swedish": 5, "english": 4})})
    assert "vaxel: 1   # only when it is busy\n      # schools belong to her\n      skola: 1\n      gata: 3\n" in text
    assert "queues: [vaxel]   # all alike\n" in text
    assert "skills:\n      swedish: 4\n" in text
    same = set(AGENTS.splitlines()) - set(text.splitlines())
    assert len(same) == 3


@pytest.mark.parametrize(
    "text",
    [
        "agents:\n  anna: &a {skills: {swedish: 1}}\n  berit: *a\n",
        "agents:\n  anna:\n    skills: &s {swedish: 1}\n  berit:\n    skills: *s\n",
        "agents: [\n",
        "",
    ],
)
def test_what_is_written_by_an_alias_is_for_people(text: str) -> None:
    for name in ("anna", "berit"):
        with pytest.raises(Uneditable):
            with_members(text, {name: Member({}, {"swedish": 2})})
