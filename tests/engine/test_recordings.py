"""Recordings on disk: which prompt is heard, and what is swept away."""

import os
from array import array
from pathlib import Path

from adapters.speech import wav
from engine.recordings import Recordings
from router import facts as f
from router.state import State


def recorded(folder: Path, *names: str) -> None:
    for name in names:
        (folder / f"{name}.wav").write_bytes(b"RIFF")
        os.utime(folder / f"{name}.wav", (1000.0, 1000.0))


def test_a_prompt_is_heard_once_its_fact_is_kept(tmp_path: Path) -> None:
    recordings, state = Recordings(tmp_path), State()
    take = f.PromptRecorded(1.0, "c1", "sv", "news", "c1.recording3.take")
    release = recordings.decided([take], state)
    assert recordings.prompts == {}
    assert release is not None
    release()
    assert recordings.prompts == {("sv", "news"): str(tmp_path / "c1.recording3.take.wav")}
    release = recordings.decided([f.PromptDropped(2.0, "c1", "sv", "news")], state)
    assert release is not None
    release()
    assert recordings.prompts == {}
    assert recordings.decided([f.QueueOpened(1.0, "tax")], state) is None


def test_another_engine_finds_recorded_prompts_as_far_as_they_are_there(tmp_path: Path) -> None:
    recordings, state = Recordings(tmp_path), State()
    recorded(tmp_path, "c1.recording3.take")
    state.apply(f.PromptRecorded(1.0, "c1", "sv", "news", "c1.recording3.take"))
    state.apply(f.PromptRecorded(1.0, "c2", "en", "news", "c2.recording5.take"))
    recordings.load(state)
    assert list(recordings.prompts) == [("sv", "news")]


def test_the_answers_of_a_report(tmp_path: Path) -> None:
    recordings = Recordings(tmp_path)
    recorded(tmp_path, "w1-a-1.report4.where", "w1-a-1.report4.what", "w1-a-1.report41.what", "w1-a-1.report5.what")
    for path in tmp_path.iterdir():
        wav.write(path, array("h", [0] * 4000), 8000)
    assert recordings.lengths("w1-a-1.report4") == {"what": 0.5, "where": 0.5}
    assert recordings.lengths("w1-a-1") == {}
    sound = recordings.sound("w1-a-1.report4", "what")
    assert sound is not None
    assert sound.startswith(b"RIFF")
    assert recordings.sound("w1-a-1.report4", "who") is None
    assert recordings.sound("..", "../../etc/x") is None


def test_a_recording_that_broke_off_with_its_worker_can_be_heard(tmp_path: Path) -> None:
    path = tmp_path / "c1.report4.what.wav"
    wav.write(path, array("h", [7] * 4000), 8000)
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(4) + whole[8:40] + bytes(4) + whole[44:])
    recordings = Recordings(tmp_path)
    assert recordings.lengths("c1.report4") == {"what": 0.5}
    assert recordings.sound("c1.report4", "what") == whole


def test_what_is_old_and_needed_by_nobody_is_swept_away(tmp_path: Path) -> None:
    recordings, state = Recordings(tmp_path), State()
    recorded(tmp_path, "c1.recording3.take", "w1-a-1.report4.where", "w1-a-2.report4.where", "w1-a-3.recording2.take")
    state.apply(f.PromptRecorded(1.0, "c1", "sv", "news", "c1.recording3.take"))
    state.apply(f.ContactArrived(1.0, "w1-a-2.report4", "report", "0401", "", 1, None))
    state.apply(f.ContactArrived(1.0, "w1-a-3", "call", "0401", "w1-a-3", 2, None))
    needed = recordings.in_use(state)
    assert recordings.sweep(needed, before=999.0) == 0, "not old enough"
    assert recordings.sweep(needed, before=2000.0) == 1
    assert sorted(path.stem for path in tmp_path.iterdir()) == [
        "c1.recording3.take", "w1-a-2.report4.where", "w1-a-3.recording2.take",
    ]  # fmt: skip
