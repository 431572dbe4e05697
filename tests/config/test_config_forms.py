"""forms.yaml: what cannot be asked, read or answered is told before anybody meets it."""

from pathlib import Path

import pytest

from engine.config import ConfigError, load

FORMS = """\
forms:
  fault:
    title: {sv: Felanmälan}
    text: {sv: Berätta.}
    queue: a
    fields:
      what:
        kind: choice
        label: {sv: Vad?}
        choices: {lamp: {sv: Lampa}, road: {sv: Väg}}
      where:
        kind: place
        label: {sv: Var?}
        hint: {sv: Gata och nummer}
      pages:
        kind: number
        label: {sv: Antal}
        least: 1
        most: 5
"""
MAIL = """\
imap: {host: 127.0.0.1}
smtp: {host: 127.0.0.1}
mailboxes:
  office: {address: office@city.example, queue: a, imap: {user: office, password_file: pw}}
"""


@pytest.fixture(autouse=True)
def taken(city: Path) -> None:
    agents = city / "agents.yaml"
    agents.write_text(agents.read_text() + "    capacity: {form: 2}\n")


def problems(folder: Path, text: str) -> list[str]:
    (folder / "forms.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def test_a_form_is_read(city: Path) -> None:
    (city / "forms.yaml").write_text(FORMS)
    form = load(city).installation.forms.forms["fault"]
    assert [one.name for one in form.fields] == ["what", "where", "pages"]
    assert (form.fields[2].least, form.fields[2].most) == (1, 5)


MISTAKES = [
    ("  fault:", "  a fault:", 2, "forms.a fault: "),
    ("queue: a", "queue: c", 5, 'forms.fault.queue: there is no queue "c"; known: a, b'),
    ("queue: a", "queue: a\n    mailbox: office", 6, "mailbox: there is no mailbox in mail.yaml"),
    ("queue: a", "queue: a\n    acknowledge: thanks", 6, "acknowledge: needs a `mailbox` by which it leaves"),
    ("queue: a", "queue: a\n    languages: [sv, tlh]", 6, 'languages: the house has no words in "tlh"; write'),
    ("queue: a", "queue: a\n    languages: [sv, en]", 3, "forms.fault.title: has no text in en; the form's"),
    ("{sv: Felanmälan}", "{sv: ''}", 3, "forms.fault.title: has no text in sv; the form's languages are sv"),
    ("{sv: Berätta.}", "{sv: 'Hej {name}'}", 4, "text: holds a brace, and no values are filled in here"),
    ("{sv: Vad?}", "{en: What?}", 9, "fields.what.label: has no text in sv"),
    ("{sv: Gata och nummer}", "{en: Street}", 14, "fields.where.hint: has no text in sv"),
    ("      where:", "      where is it:", 11, "fields.where is it: "),
    ("{lamp: {sv: Lampa}", "{a lamp: {sv: Lampa}", 10, "choices.a lamp: "),
    ("{lamp: {sv: Lampa}", "{lamp: {en: Lamp}", 10, "choices.lamp: has no text in sv"),
    ("        kind: choice\n", "", 9, "fields.what.choices: only kind choice has choices"),
    ("        choices: {lamp: {sv: Lampa}, road: {sv: Väg}}\n", "", 7, "needs `choices: {NAME: {LANGUAGE: TEXT}}`"),
    ("least: 1", "least: 6", 18, "fields.pages.least: 6 is more than the most (5)"),
    ("least: 1", "least: 1\n        from_photo: yes", 19, "from_photo: only a place can be known from a photo"),
    ("kind: place", "kind: place\n        sensitive: masked", 13, "sensitive: cannot be masked: a photo, an"),
    ("kind: place", "kind: mail", 11, "fields.where: asks for an address that nothing could be sent to: name a"),
    ("kind: number", "kind: colour", 16, "fields.pages.kind: "),
    ("kind: number", "kind: text\n        sensitive: masked", 17, "sensitive: cannot be masked: a photo, an"),
    ("kind: number", "kind: number\n        sets: sight", 17, "sets: sight is set by a field of kind yes-no"),
    ("kind: number", "kind: yes-no\n        sets: sight", 17, "sets: a flow knows it by"),
    ("kind: choice", "kind: choice\n        sets: langage", 9,
     'there is no thing that an answer can set "langage"; did'),
    ("kind: choice", "kind: choice\n        spoken: no\n        sets: language", 12,
     "choices.lamp: is no language"),
    ("title: {sv: Felanmälan}", "titel: {sv: Felanmälan}", 3, 'there is no field "titel"; did you mean'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "says"), MISTAKES)
def test_a_mistake_is_told_in_one_line(city: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in FORMS
    found = problems(city, FORMS.replace(old, new, 1))
    assert any(one.startswith(f"forms.yaml:{line}: ") and says in one for one in found), found
    assert all("\n" not in one for one in found)


def told(found: list[str], line: int, says: str) -> None:
    """Assert that a mistake was told, in one line."""
    assert [one for one in found if one.startswith(f"forms.yaml:{line}: ") and says in one], found


def test_a_form_that_nobody_could_take_asks_for_nothing_or_more_than_a_telephone_has_keys(city: Path) -> None:
    agents = city / "agents.yaml"
    agents.write_text(agents.read_text().replace("    capacity: {form: 2}\n", ""))
    told(problems(city, FORMS), 5, 'nobody takes a form of queue "a"; give an agent of it `capacity: {form: 2}`')
    empty = FORMS[: FORMS.index("    fields:")] + "    fields: {}\n"
    told(problems(city, empty), 6, "fields: is empty: a form asks for something")
    many = ", ".join(f"c{number}: {{sv: Val}}" for number in range(10))
    found = problems(city, FORMS.replace("{lamp: {sv: Lampa}, road: {sv: Väg}}", f"{{{many}}}"))
    told(found, 10, "choices: there are more than 9; `spoken: no` keeps it from the telephone's nine keys")


def test_only_one_can_be_answered_to(city: Path) -> None:
    found = problems(city, FORMS.replace("kind: place", "kind: phone").replace("kind: number", "kind: phone"))
    told(found, 6, "fields: there are two of kind phone; only one can be answered to")


def test_what_a_form_is_about_and_how_it_is_answered_must_be_known(city: Path) -> None:
    (city / "reasons.yaml").write_text(
        "departments:\n  streets:\n    title: {sv: Gator}\n    reasons: {lamp: {sv: Ljus}}\n"
    )
    found = problems(city, FORMS.replace("queue: a", "queue: a\n    reason: streets.lmp"))
    told(found, 6, 'reason: there is no reason "streets.lmp"; did you mean "streets.lamp"?')
    (city / "pw").write_text("secret")
    (city / "mail.yaml").write_text(MAIL)
    found = problems(city, FORMS.replace("queue: a", "queue: a\n    mailbox: office\n    acknowledge: thanks"))
    told(found, 7, 'acknowledge: there is no text in mail.yaml "thanks", and none is configured')
