"""directory.yaml, and the file of people that it names."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from adapters.directory.settings import STANDARD, DirectorySettings, Reason
from engine.config import ConfigError, check_files, load
from tests.config.test_config_load import MALMO

Write = Callable[..., Path]


@pytest.fixture
def write(city: Path) -> Write:
    def put(**files: str) -> Path:
        for name, text in files.items():
            (city / name.replace("__", ".")).write_text(text)
        return city

    return put


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        check_files(load(folder), folder)
    return [str(problem) for problem in caught.value.problems]


def test_without_the_file_all_is_as_usual(city: Path) -> None:
    assert load(city).installation.directory == DirectorySettings()


def test_the_example() -> None:
    settings = load(MALMO).installation.directory
    assert settings.first == str(MALMO / "directory.csv")
    assert settings.extension_digits == (4, 4)
    assert settings.reasons == STANDARD | {
        "visit": Reason(words={"sv": "på hembesök", "en": "on a home visit", "fi": "kotikäynnillä"}, lasts=7200.0)
    }
    assert settings.special_days[date(2026, 12, 24)] == ()
    assert ("dagis", "förskola", "daycare") in settings.synonyms
    check_files(load(MALMO), MALMO)


def test_reasons_are_added_changed_and_left_out(write: Write) -> None:
    text = """\
without: [trip]
absences:
  lunch:
    words: {sv: ute och äter}
    lasts: open
  golf:
    words: {sv: på golfbanan}
    digit: 5
    private: yes
    lasts: day
"""
    reasons = load(write(directory__yaml=text)).installation.directory.reasons
    assert reasons.keys() == STANDARD.keys() - {"trip"} | {"golf"}
    assert reasons["lunch"] == Reason(words={"sv": "ute och äter"})
    assert reasons["golf"] == Reason(words={"sv": "på golfbanan"}, digit="5", private=True, lasts="day")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fil: x.csv", '1: fil: there is no field "fil"; did you mean "file"?'),
        ("country: Sverige", '1: country: "Sverige" is no country; write its ISO code, like SE'),
        ("extensions: 1-9", '1: extensions: "1-9" is no number of digits; write it like 4 or 3-5, within 3-8'),
        ("special_days: norge", '1: special_days: there is no list "norge", and none is configured'),
        ("without: [lunsj]", '1: without.lunsj: there is no usual reason "lunsj"; did you mean "lunch"?'),
        ("absences:\n  x: {words: {en: away}}", '2: absences.x.words: have no "sv", the language of the'),
        ("absences:\n  x: {words: {sv: y}, digit: 1}", "2: absences.x.digit: 1 stands for lunch; choose"),
        ("absences:\n  x: {words: {sv: y}, digit: '12'}", '2: absences.x.digit: "12" is no digit; write'),
        ("absences:\n  x: {words: {sv: y}, lasts: long}", '2: absences.x.lasts: "long" is no end; write'),
        ("file: people.csv", "cannot be read: no such file or directory; see directory.yaml"),
    ],
)
def test_mistakes(write: Write, text: str, said: str) -> None:
    found = problems(write(directory__yaml=text))
    assert len(found) == 1
    assert f":{said}" in found[0] or f": {said}" in found[0]


def test_every_mistake_of_the_file_of_people(write: Write) -> None:
    folder = write(directory__yaml="file: people.csv", people__csv="namn;ankn\nAnna;44x\nBo;4411\nCy;5\n")
    assert problems(folder) == [
        "people.csv:2: ankn: is no extension; one has 3 to 5 digits",
        "people.csv:4: ankn: is no extension; one has 3 to 5 digits",
    ]
