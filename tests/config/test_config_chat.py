"""chat.yaml: what it becomes, and what of a flow cannot be done in writing."""

from pathlib import Path

import pytest

from engine.config import ConfigError, load
from queues.channels import CHANNELS

CHAT = """\
pages:
  page: {flow: chat, languages: [sv, en], embedded_by: [https://malmo.example]}
words:
  sv: &words
    topic: Vad gäller det?
    bins: Sopor
    chat_none: Hoppa över
    chat_person: En människa
    chat_still_there: Är du kvar?
    chat_closed: Hej då
  en: *words
"""
FLOW = """\
start:
  menu: topic
  choices: {1: {to: line, title: bins}, 2: {to: line, title: no}}
  otherwise: line
line:
  queue: b
"""
PROMPTS = """\
sv: &texts
  welcome: Hej.
  choose: Tryck ett.
  closed: Stängt.
  sorry: Tyvärr.
  no_input: Jag hörde inget.
  wrong_input: Fel.
en: *texts
"""


def give(city: Path, capacity: str) -> None:
    """Let an agent take what is written."""
    path = city / "agents.yaml"
    path.write_text(
        path.read_text().replace("    signed_in: true\n", f"    signed_in: true\n    capacity: {capacity}\n")
    )


@pytest.fixture
def talking(city: Path) -> Path:
    """Return a city where one can chat."""
    (city / "chat.yaml").write_text(CHAT)
    (city / "flows" / "chat.yaml").write_text(FLOW)
    (city / "prompts.yaml").write_text(PROMPTS)
    give(city, "{chat: 3}")
    return city


def mistakes(folder: Path) -> list[str]:
    """Return the mistakes as people read them."""
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def test_a_page_is_a_way_in_for_each_language(talking):
    loaded = load(talking)
    entries = [(one.address, one.language) for one in loaded.core.entries if one.channel == "chat"]
    assert entries == [("page", "sv"), ("page en", "en")]
    chat = loaded.installation.chat
    assert chat.pages["page"].embedded_by == ("https://malmo.example",)
    assert chat.words["sv"]["sorry"] == "Tyvärr.", "what is not written otherwise is written as it is said"
    assert CHANNELS["chat"].led


@pytest.mark.parametrize(
    ("file", "old", "new", "mistake"),
    [
        ("chat.yaml", "flow: chat", "flow: chatt",
         '2: pages.page.flow: there is no flow "chatt"; did you mean "chat"?'),
        ("chat.yaml", "flow: chat", "flow: chat, queue: b",
         "2: pages.page: leads to one thing; write either flow: NAME or queue: NAME"),
        ("chat.yaml", "[sv, en]", "[sv, de]", '2: pages.page.languages.1: there is no language "de"; known: en, sv'),
        ("chat.yaml", "https://malmo.example", "malmo.example",
         '2: pages.page.embedded_by.0: "malmo.example" is no site; write it like https://www.malmo.example'),
        ("chat.yaml", "    chat_closed: Hej då\n", "", '3: words: there is no prompt "chat_closed"'),
        ("flows/chat.yaml", "{to: line, title: no}", "line",
         "3: start.choices.2: has no button, and a chat leads here; write {to: NODE, title: PROMPT}, or title: no"),
        ("flows/chat.yaml", "title: bins", "titel: bins",
         '3: start.choices.1.titel: there is no field "titel"; did you mean "title"?'),
        ("flows/chat.yaml", "title: bins", "title: binz",
         '3: start.choices.1.title: there is no prompt "binz"; did you mean "bins"?'),
        ("flows/chat.yaml", "  queue: b\n", "  connect: {number: 0401}\n  otherwise: end\nend:\n  queue: b\n",
         "6: line.connect: rings somebody, and a chat leads here"),
        ("flows/chat.yaml", "  queue: b\n",
         "  mail: b\n  mailbox: kontakt\n  prompt: topic\n  next: hang_up\n  otherwise: hang_up\n",
         '7: line.mailbox: there is no mailbox in mail.yaml "kontakt"'),
    ],
)  # fmt: skip
def test_mistake(talking, file, old, new, mistake):
    path = talking / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    assert any(one.startswith(f"{file}:{mistake}") for one in mistakes(talking)), mistakes(talking)


HOOK = "hooks:\n  sms: {queue: b, url: 'https://sms.example/send', secret_file: secret}\n"


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        (
            "https://",
            "http://",
            '"http://sms.example/send" would carry what citizens write in the open; write https://',
        ),
        ("sms.example", "kim:secret@sms.example", "is no address to send to"),
        ("queue: b", "flow: hello", "cannot be behind the hook sms, where nobody waits to be asked or told"),
    ],
)
def test_a_hook_is_checked(city, old, new, mistake):
    (city / "secret").write_text("x" * 64)
    give(city, "{post: 3}")
    (city / "chat.yaml").write_text(HOOK.replace(old, new))
    found = mistakes(city)
    assert any(mistake in one for one in found), found
    assert not any("kim:secret" in one for one in found)


def test_the_secret_of_a_hook_is_missing_only_where_a_demonstration_makes_it(city):
    give(city, "{post: 3}")
    (city / "chat.yaml").write_text(HOOK)
    load(city)
    (city / "secret").write_text("short")
    assert "holds less than 32 characters" in mistakes(city)[0]
    (city / "secret").unlink()
    vaxel = city / "vaxel.yaml"
    vaxel.write_text(vaxel.read_text().replace("demo: true\n", ""))
    assert "hooks.sms.secret_file: secret cannot be read: No such file or directory" in mistakes(city)[0]
