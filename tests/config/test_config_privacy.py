"""privacy.yaml: what is personal is deleted by named rules alone, and mistakes say what would be right."""

from pathlib import Path

import pytest

from engine.config import ConfigError, load
from engine.installation import Privacy
from queues.queue import Record

MALMO = Path(__file__).parents[2] / "examples" / "malmo"


def problems(folder: Path, text: str) -> list[str]:
    (folder / "privacy.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def test_without_the_file_nothing_is_deleted(city: Path) -> None:
    loaded = load(city)
    assert loaded.installation.privacy == Privacy()
    assert loaded.installation.privacy.keep("words") is None
    assert not loaded.core.hands_over


def test_rules_roles_and_the_records_system(city: Path) -> None:
    (city / "records.secret").write_text("x" * 32)
    (city / "privacy.yaml").write_text(
        "secrecy: {roles: [supervisor]}\n"
        "retention:\n  words: {days: 30, rule: Decision 7, on_request: true}\n"
        "erasures: ../erasures.jsonl\n"
        "recording_key_file: keys/tapes\n"
        "records: {url: 'https://records.example.org/in', secret_file: records.secret}\n"
    )
    loaded = load(city)
    privacy = loaded.installation.privacy
    assert privacy.secret_roles == ("supervisor",)
    assert privacy.keep("words") == 30 * 86_400
    assert (privacy.retention["words"].rule, privacy.retention["words"].on_request) == ("Decision 7", True)
    assert Path(privacy.erasures) == city.parent / "erasures.jsonl"
    assert Path(privacy.tape_key) == city / "keys" / "tapes"
    assert privacy.records is not None
    assert privacy.records.secret_file == str(city / "records.secret")
    assert loaded.core.hands_over


def test_the_example_deletes_nothing_that_no_decision_names() -> None:
    retention = load(MALMO).installation.privacy.retention
    assert "needs" not in retention
    assert all("decision" in rule.rule for rule in retention.values())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("retention: {word: {days: 3, rule: Decision}}\n", "privacy.yaml:1: retention.word: is no class of personal"),
        ("retention: {words: {days: 3}}\n", 'retention.words: "rule" is missing'),
        ("retention: {words: {days: 0, rule: Decision}}\n", "retention.words.days: 0 is out of range"),
        ("retention: {journal: {days: 9, rule: Decision, on_request: true}}\n", "nobody may ask for that"),
        ("secrecy: {roles: [supervisors]}\n", 'there is no role "supervisors"; did you mean "supervisor"?'),
        ("secrecy: {roles: [reader]}\n", 'there is no role "reader"'),
        ("records: {url: 'http://records.example.org', secret_file: a}\n", "records.url: must begin with https://"),
        ("records: {url: 'https://records.example.org', secret_file: a}\n", "records.secret_file: a cannot be read"),
    ],
)
def test_mistakes(city: Path, text: str, wanted: str) -> None:
    assert any(wanted in problem for problem in problems(city, text)), problems(city, text)


def test_a_queue_records_what_it_can_announce(city: Path) -> None:
    queues = (city / "queues.yaml").read_text()
    (city / "queues.yaml").write_text(queues + "    record: {announce: welcome, decline: '9'}\n")
    assert load(city).core.queues["b"].record == Record(announce="welcome", decline="9")
    (city / "queues.yaml").write_text(queues + "    record: {announce: nothing}\n")
    assert any("queues.b.record.announce" in problem for problem in problems(city, "{}\n"))
    (city / "queues.yaml").write_text(queues + "    record: {announce: welcome, decline: nine}\n")
    assert any("queues.b.record.decline" in problem for problem in problems(city, "{}\n"))
