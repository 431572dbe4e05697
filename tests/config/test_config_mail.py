"""mail.yaml: mailboxes, their servers, languages and texts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.email.settings import MailSettings
from engine.config import ConfigError, load
from ivr.flow import START, Enter
from queues.skills import Need
from tests.config.test_config_load import MALMO

GOOD = """\
imap: {host: mail.example.org, user: all, password_file: secrets/all}
smtp: {host: mail.example.org, security: starttls, user: all, password_file: secrets/all}
mailboxes:
  office:
    address: office@city.example
    queue: a
    acknowledge: received
    since: 2026-12-01
    poll: 2 min
    smtp: {host: out.example.org, token_file: secrets/token}
languages:
  sv:
    words: [och, Att]
  en:
    words: [and, the]
    needs: {english: 3}
texts:
  sv: {received: "Tack. {reference}", open: Vi har öppet.}
largest_attachment: 10 MiB
"""
TAKES = """\
agents:
  one:
    address: sip:one@127.0.0.1:6001
    skills: {swedish: 4}
    queues: [a, b]
    signed_in: true
    capacity: {mail: 2}
  two:
    address: sip:two@127.0.0.1:6002
    skills: {english: 5}
    queues: {a: 1, b: 2}
    capacity: {mail: 2}
"""


@pytest.fixture
def mail(city: Path) -> Callable[..., Path]:
    def put(text: str = GOOD, agents: str = TAKES) -> Path:
        (city / "mail.yaml").write_text(text)
        (city / "agents.yaml").write_text(agents)
        return city

    return put


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def test_without_the_file_there_is_no_mail(city: Path) -> None:
    assert load(city).installation.mail == MailSettings()


def test_mailboxes_take_what_holds_for_all_and_say_what_differs(mail: Callable[..., Path]) -> None:
    folder = mail()
    settings = load(folder).installation.mail
    box = settings.mailboxes["office"]
    assert (box.imap.host, box.imap.port, box.imap.security) == ("mail.example.org", 993, "tls")
    assert box.imap.secret_file == str(folder / "secrets" / "all")
    assert (box.smtp.host, box.smtp.port, box.smtp.security) == ("out.example.org", 587, "starttls")
    assert (box.smtp.secret_file, box.smtp.token) == (str(folder / "secrets" / "token"), True)
    assert (box.title, box.language, box.poll) == ("office@city.example", "sv", 120.0)
    assert str(box.since) == "2026-12-01"
    assert settings.house == {"received"}
    assert settings.languages["sv"] == {"och", "att"}
    assert settings.largest_attachment == 10 * 1024 * 1024


def test_a_language_is_a_way_in_with_what_it_takes(mail: Callable[..., Path]) -> None:
    core = load(mail()).core
    entries = {entry.address: entry for entry in core.entries if entry.channel == "mail"}
    assert {name: (one.flow, one.language) for name, one in entries.items()} == {
        "office": ("queue:a", "sv"),
        "office:en": ("mail:a:en", "en"),
    }
    assert core.flows["mail:a:en"].nodes[START] == Enter(queue="a", needs=(Need("english", 3),))
    assert entries["office"].acknowledge == "received"


def test_what_nobody_of_the_queue_can_read_anybody_gets(mail: Callable[..., Path]) -> None:
    only = TAKES.replace("queues: {a: 1, b: 2}\n    capacity", "queues: [b]\n    capacity")
    core = load(mail(agents=only)).core
    assert {one.address: one.flow for one in core.entries if one.channel == "mail"}["office:en"] == "queue:a"


def test_the_example() -> None:
    installation = load(MALMO).installation
    assert {box.address for box in installation.mail.mailboxes.values()} == {
        "kontakt@malmo.example",
        "bibliotek@malmo.example",
    }
    assert set(installation.mail.languages) == {"sv", "en", "fi", "ar"}


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("address: office@city.example", "address: office", "mail.yaml:5: mailboxes.office.address"),
        ("queue: a", "queue: c", 'mail.yaml:6: mailboxes.office.queue: there is no queue "c"'),
        (
            "acknowledge: received",
            "acknowledge: recieved",
            'there is no text in "sv" "recieved"; did you mean "received"',
        ),
        ("poll: 2 min", "poll: soon", "mail.yaml:9: mailboxes.office.poll"),
        ("since: 2026-12-01", "since: yesterday", "mail.yaml:8: mailboxes.office.since"),
        ("  office:", "  Office Box:", "cannot be a mailbox's name here"),
        ("security: starttls", "security: none", "on this machine alone"),
        ("{host: mail.example.org, user: all, password_file: secrets/all}\nsmtp", "{user: all}\nsmtp", "names no host"),
        ("user: all, password_file: secrets/all}\nsmtp", "user: all}\nsmtp", "names no `user` with a `password_file`"),
        ("Tack. {reference}", "Tack. {number}", "there is no {number} to fill in; known: {reference}, {title}"),
        ("needs: {english: 3}", "needs: {english: 5, swedish: 5}", "nobody who takes mails could ever meet this"),
        ("largest_attachment: 10 MiB", "largest_attachment: 10 MB", "write it like 25 MiB"),
        ("    queue: a", "    queue: a\n    colour: red", 'there is no field "colour"'),
    ],
)
def test_mistakes_are_named(mail: Callable[..., Path], was: str, becomes: str, said: str) -> None:
    assert was in GOOD
    found = problems(mail(GOOD.replace(was, becomes, 1)))
    assert any(said in one for one in found), found


def test_mails_that_nobody_takes_are_a_mistake(mail: Callable[..., Path]) -> None:
    (found,) = problems(mail(agents=TAKES.replace("    capacity: {mail: 2}\n", "")))
    assert "give an agent of it `capacity: {mail: 2}`" in found


def test_an_address_is_one_mailboxs(mail: Callable[..., Path]) -> None:
    text = GOOD.replace("languages:", "  other:\n    address: Office@city.example\n    queue: b\nlanguages:", 1)
    assert any('is that of mailbox "office" too' in one for one in problems(mail(text)))
