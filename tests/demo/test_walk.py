"""Callers' ways through the example's flows, and where they lead. The telephone is a fake that takes no time."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from adapters.speech.espeak import PromptFile
from engine.config import Loaded
from engine.demo.line import HungUp, Line
from engine.demo.sentences import HOUSE, SENTENCES
from engine.demo.textline import TextLine
from engine.demo.town import Town
from engine.demo.typists import TextWalk, greeted
from engine.demo.voices import Voices
from engine.demo.walk import Walk
from ivr import actions as a
from router.configuration import Entry

WALKS = 60
NUMBER = "0313900601"


class FakeEar:
    beep = False

    def begin(self) -> None: ...


class FakeLine(Line):
    """A call on which everything is heard at once; `patience` is after how much waiting the other side hangs up."""

    def __init__(self) -> None:
        super().__init__(lambda _: None, None, lambda _: None)  # type: ignore[arg-type]
        self.ear = FakeEar()  # type: ignore[assignment]
        self.pressed = ""
        self.said: list[PromptFile] = []
        self.waited = 0.0

    async def until(self, true: Callable[[], bool], within: float | None = None) -> bool:
        return True

    async def wait(self, seconds: float) -> None:
        self.waited += seconds
        if self.waited > 3600:
            raise HungUp

    async def say(self, sound: PromptFile) -> None:
        self.said.append(sound)

    async def press(self, digits: str) -> None:
        self.pressed += digits


@pytest.fixture(scope="module")
def voices() -> Voices:
    spoken = {
        (language, kind): tuple(PromptFile(Path(f"{language}-{kind}"), 1.0) for _ in sentences)
        for language, kinds in SENTENCES.items()
        for kind, sentences in kinds.items()
    }
    return Voices(spoken)


async def walk(town: Town, voices: Voices, entry: Entry, seed: int) -> tuple[Walk, FakeLine, a.Action]:
    line, caller = FakeLine(), Walk(town, voices, entry, NUMBER, Random(seed))
    return caller, line, await caller.go(line)


async def test_every_way_ends_where_somebody_waits_or_the_call_is_over(town: Town, voices: Voices) -> None:
    ends = Counter[str]()
    languages, queues = set(), set()
    for entry in town.entries:
        for seed in range(WALKS):
            caller, line, action = await walk(town, voices, entry, seed)
            assert isinstance(action, a.Queued | a.Connecting | a.Finished)
            ends[type(action).__name__] += 1
            languages.add(caller.language)
            if isinstance(action, a.Queued):
                queues.add(action.queue)
            if caller.reported:
                ends["reported"] += 1
                assert {sound.path.name.partition("-")[0] for sound in line.said} <= {caller.language, HOUSE}
    assert languages == {"sv", "en", "fi", "ar"}
    first_line = {name for name, queue in town.core.queues.items() if queue.second_line is None}
    assert queues == first_line, "there is a way to everybody"
    assert ends["reported"] > WALKS // 10
    assert ends["Queued"] > ends["Finished"]


class FakeTextLine(TextLine):
    """A text telephone on which everything is read at once."""

    def __init__(self) -> None:
        super().__init__(lambda _: None, None, lambda _: None)  # type: ignore[arg-type]
        self.lines: list[str] = []

    async def read(self, within: float | None = None) -> str:
        return ""

    async def type(self, text: str) -> None:
        self.lines.append(text)


async def test_in_writing_every_way_ends_too_and_nobody_is_silent(town: Town, voices: Voices) -> None:
    queues, typed = set(), Counter[str]()
    for entry in town.entries:
        for seed in range(WALKS):
            line, citizen = FakeTextLine(), TextWalk(town, voices, entry, NUMBER, Random(seed))
            action = await citizen.lead(line)
            assert isinstance(action, a.Queued | a.Connecting | a.Finished)
            typed.update(line.lines)
            if isinstance(action, a.Queued):
                queues.add(action.queue)
    behind_silence = {"gata"}  # who would not report a fault waits: too long for somebody who may just type
    first_line = {name for name, queue in town.core.queues.items() if queue.second_line is None}
    assert queues == first_line - behind_silence
    assert {"1", "2", "3", "4"} <= typed.keys()


def test_an_agent_is_known_by_the_greeting() -> None:
    assert greeted("Välkommen.\nMalmö stad, hej, vad kan jag hjälpa till med?\n")
    assert not greeted("Välkommen till Malmö stad.\nDu är nummer 2 i kön.\n")


async def test_the_same_chance_is_the_same_way(town: Town, voices: Voices) -> None:
    entry = town.entries[0]
    ways = []
    for _ in range(2):
        _, line, action = await walk(town, voices, entry, 7)
        ways.append((line.pressed, line.waited, action))
    assert ways[0] == ways[1]


async def test_who_is_asked_for_a_number_types_the_own_one(town: Town, voices: Voices) -> None:
    entry = next(entry for entry in town.entries if entry.flow == "fault_line")
    pressed = [(await walk(town, voices, entry, seed))[1].pressed for seed in range(WALKS)]
    assert any(NUMBER in keys for keys in pressed)


def test_numbers_are_rung_as_often_as_somebody_is_behind_them(town: Town) -> None:
    chance = Random(1)
    rung = Counter(town.number(chance).address for _ in range(3000))
    first = town.entries[0].address
    assert rung.most_common(1)[0][0] == first
    assert set(rung) == {entry.address for entry in town.entries}
    assert rung[first] > 1000


def test_without_agents_nobody_goes_where_nobody_is(loaded: Loaded) -> None:
    town = Town(loaded, ["guide12"])
    assert town.helpers("vaxel") == 1
    assert town.helpers("skola") == 0
    assert town.helpers("no-such-queue") == 0


def test_codes_are_known_by_what_they_do(town: Town) -> None:
    assert town.code("ready") == "*12"
    assert town.code("pause", "lunch") == "*132"
    assert town.code("pause", "golf") == ""
    assert not any(entry.address.startswith("*") for entry in town.entries)


def test_every_language_of_the_example_has_voices(town: Town, voices: Voices) -> None:
    kinds = set(SENTENCES[HOUSE])
    for language in (*SENTENCES, "no-such-language"):
        for kind in kinds:
            assert voices.one(Random(1), language, kind).path.name in {f"{language}-{kind}", f"{HOUSE}-{kind}"}
    assert set(SENTENCES) == set(town.loaded.installation.speech.texts)
