"""Recordings of talks: encrypted, put to their place once, whatever is killed in between."""

import os
from array import array
from pathlib import Path

import pytest

from adapters.content import tapes as module
from adapters.content.tapes import TapeKey, Tapes, key_in
from adapters.speech import wav
from engine.taping import TapeDesk

TRACK = "w1-1-1~1790000000123~citizen"
NAME = "1790000000123~citizen"


class Killed(Exception):
    pass


@pytest.fixture
def tapes(tmp_path: Path) -> Tapes:
    made = Tapes(tmp_path / "tapes", tmp_path / "tapes.key")
    made.prepare()
    return made


def record(tapes: Tapes, track: str = TRACK, seconds: float = 1.0) -> bytes:
    path = Path(tapes.path(track))
    wav.write(path, array("h", [1000, -1000] * round(4000 * seconds)), 8000)
    return path.read_bytes()


def test_what_was_said_is_kept_and_cannot_be_read_on_disk(tapes: Tapes, tmp_path: Path) -> None:
    sound = record(tapes)
    assert tapes.take(TRACK, "m1") == 1.0
    (one,) = tapes.of("w1-1-1")
    assert (one.recording, one.track, one.seconds, one.matter) == (NAME, "citizen", 1.0, "m1")
    assert one.began == 1790000000.123
    assert tapes.sound("w1-1-1", NAME) == sound
    assert not Path(tapes.path(TRACK)).exists()
    (kept,) = (tmp_path / "tapes" / "w1-1-1").glob("*.vxt")
    assert sound[44:200] not in kept.read_bytes()
    assert (tmp_path / "tapes.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", range(5))
def test_a_crash_at_any_moment_neither_loses_nor_doubles(
    tapes: Tapes, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    sound = record(tapes)
    steps = iter(range(100))
    replace, unlink = os.replace, Path.unlink

    def may_die() -> None:
        if next(steps) == step:
            raise Killed

    def replacing(*names: object) -> None:
        may_die()
        replace(*names)  # type: ignore[arg-type]
        may_die()

    def unlinking(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".wav":
            may_die()
        unlink(path, missing_ok=missing_ok)

    tapes._cipher()
    monkeypatch.setattr(module.os, "replace", replacing)
    monkeypatch.setattr(Path, "unlink", unlinking)
    with pytest.raises(Killed):
        tapes.take(TRACK, "m1")
    monkeypatch.undo()
    assert Path(tapes.path(TRACK)).exists()
    assert tapes.take(TRACK, "m1") == 1.0
    assert [one.recording for one in tapes.of("w1-1-1")] == [NAME]
    assert tapes.sound("w1-1-1", NAME) == sound


def test_a_track_that_a_killed_worker_left_is_heard_as_far_as_it_goes(tapes: Tapes) -> None:
    sound = record(tapes)
    Path(tapes.path(TRACK)).write_bytes(sound[:44].replace(sound[40:44], b"\0\0\0\0") + sound[44:8044])
    assert tapes.take(TRACK, "") == pytest.approx(0.5)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"nonsense" * 100])
def test_what_nobody_can_hear_is_counted_and_goes(tapes: Tapes, data: bytes) -> None:
    Path(tapes.path(TRACK)).write_bytes(data)
    assert tapes.take(TRACK, "") == 0.0
    assert tapes.of("w1-1-1") == []
    assert tapes.waiting(float("inf")) == []


def test_another_key_and_another_place_open_nothing(tapes: Tapes, tmp_path: Path) -> None:
    record(tapes)
    tapes.take(TRACK, "m1")
    folder = tmp_path / "tapes"
    (folder / "w1-1-2").mkdir()
    (folder / "w1-1-2" / f"{NAME}.vxt").write_bytes((folder / "w1-1-1" / f"{NAME}.vxt").read_bytes())
    with pytest.raises(TapeKey):
        tapes.sound("w1-1-2", NAME)
    (tmp_path / "other.key").write_bytes(os.urandom(32))
    with pytest.raises(TapeKey):
        Tapes(folder, tmp_path / "other.key").sound("w1-1-1", NAME)
    (tmp_path / "short.key").write_bytes(b"short")
    with pytest.raises(TapeKey, match="32 bytes"):
        key_in(tmp_path / "short.key")


@pytest.mark.parametrize("name", ["../tapes.key", "..", "1~nobody", "1790000000123~citizen/../x"])
def test_names_lead_nowhere_else(tapes: Tapes, name: str) -> None:
    record(tapes)
    tapes.take(TRACK, "m1")
    assert tapes.sound("w1-1-1", name) is None
    assert tapes.sound("../tapes", NAME) is None
    assert tapes.of("../tapes") == []


async def test_only_what_nobody_writes_any_more_is_taken(tapes: Tapes) -> None:
    record(tapes)
    record(tapes, "w1-1-1~1790000000123~agent")
    running: set[str] | None = None
    desk = TapeDesk(tapes, lambda: running, lambda: 4e9)
    await desk.look()
    assert desk.taken == 0, "a worker cannot be asked"
    running = {"w1-1-1~1790000000123~agent"}
    await desk.look()
    assert [one.track for one in tapes.of("w1-1-1")] == ["citizen"]
    running = set()
    await desk.look()
    assert (desk.taken, desk.lost) == (2, 0)
    assert tapes.sweep(lambda contact: contact == "w1-1-1", 5e9) == 0
    assert tapes.sweep(lambda _: False, 5e9) == 2
    assert tapes.of("w1-1-1") == []
