"""What is made of levels: who has finished speaking, music, a beep."""

from engine.demo.ear import EVERY_S, MUSIC_S, PAUSE_S, Ear

SPEECH = (20, 9, 24, 15, 27, 12, 22, 3, 25, 18)
SILENCE = (0,)
MUSIC = (21, 22, 21, 20)
BEEP = (29, 30, 29)


def looks(seconds: float) -> int:
    return round(seconds / EVERY_S)


def hear(ear: Ear, levels: tuple[int, ...], seconds: float) -> None:
    for n in range(looks(seconds)):
        ear.take(levels[n % len(levels)])


def test_silence_is_no_voice() -> None:
    ear = Ear()
    hear(ear, SILENCE, 10)
    assert not ear.voice
    assert not ear.finished()
    assert not ear.music


def test_somebody_has_finished_after_a_pause() -> None:
    ear = Ear()
    hear(ear, SPEECH, 2)
    assert ear.voice
    hear(ear, SILENCE, PAUSE_S - 2 * EVERY_S)
    assert not ear.finished(), "that is a pause between two sentences"
    hear(ear, SPEECH, 1)
    assert not ear.finished()
    hear(ear, SILENCE, PAUSE_S + EVERY_S)
    assert ear.finished()
    ear.begin()
    assert not ear.finished()


def test_music_is_no_voice() -> None:
    ear = Ear()
    hear(ear, MUSIC, MUSIC_S)
    assert ear.music
    hear(ear, SILENCE, PAUSE_S + EVERY_S)
    assert not ear.finished()
    hear(ear, SPEECH, 2)
    hear(ear, SILENCE, 1)
    assert ear.finished(), "after the music there was somebody"


def test_speech_is_no_music() -> None:
    ear = Ear()
    for _ in range(looks(20)):
        hear(ear, SPEECH, 1)
        assert not ear.music


def test_a_beep_stands_alone() -> None:
    ear = Ear()
    hear(ear, SPEECH, 2)
    hear(ear, SILENCE, 0.5)
    hear(ear, BEEP, 0.3)
    hear(ear, SILENCE, 0.2)
    assert ear.beep
    hear(ear, SPEECH, 0.2)
    assert not ear.beep
    hear(ear, SILENCE, 0.3)
    assert not ear.beep, "the end of a word is no beep"
