"""webcalls.yaml: what it becomes, and what does not fit."""

from pathlib import Path

import pytest

from engine.config import ConfigError, load
from router.configuration import web_call

CALLS = """\
pages:
  town:
    title: {sv: Ring oss, en: Call us}
    flow: hello
    languages: [sv, en]
    flows: {en: other}
    embedded_by: [https://malmo.example]
    calls: 3
  straight: {queue: b}
"""
PROMPTS = """\
sv: &texts
  welcome: Hej.
  choose: Tryck ett.
  closed: Stängt.
  sorry: Tyvärr.
en: *texts
"""


@pytest.fixture
def ringing(city: Path) -> Path:
    """Return a city that is rung from pages."""
    (city / "webcalls.yaml").write_text(CALLS)
    (city / "prompts.yaml").write_text(PROMPTS)
    (city / "flows" / "other.yaml").write_text("start:\n  say: welcome\n  next: line\nline:\n  queue: b\n")
    (city / "vaxel.yaml").write_text("city: Testby\ndemo: true\nlanguage: sv\n")
    (city / "agents.yaml").write_text(
        (city / "agents.yaml")
        .read_text()
        .replace("address: sip:one@127.0.0.1:6001", "phone: one")
        .replace("address: sip:two@127.0.0.1:6002", "phone: two")
    )
    (city / "phones.yaml").write_text("phones:\n  one: {}\n  two: {}\n")
    return city


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load(folder)
    return [str(one) for one in error.value.problems]


def test_each_language_of_a_page_is_a_way_in(ringing):
    loaded = load(ringing)
    ways = {one.address: (one.channel, one.flow, one.language) for one in loaded.core.entries}
    assert ways[web_call("town", "sv")] == ("call", "hello", "sv")
    assert ways[web_call("town", "en")] == ("call", "other", "en")
    assert ways[web_call("straight", "sv")][0] == "call"
    pages = loaded.installation.webcalls.pages
    assert (pages["town"].calls, pages["town"].per_hour, pages["town"].queue) == (3, 30, "")
    assert (pages["straight"].languages, pages["straight"].queue) == (("sv",), "b")
    assert loaded.installation.serves_browsers, "the edge listens for pages, though no phone is one"


@pytest.mark.parametrize(
    ("file", "old", "new", "mistake"),
    [
        ("webcalls.yaml", "flow: hello", "flow: helo",
         '4: pages.town.flow: there is no flow "helo"; did you mean "hello"?'),
        ("webcalls.yaml", "{queue: b}", "{queue: b, flow: hello}",
         "9: pages.straight: leads to one thing; write either flow: NAME or queue: NAME"),
        ("webcalls.yaml", "[sv, en]", "[sv, en, de]",
         'pages.town.languages.2: there is no language in prompts.yaml "de"'),
        ("webcalls.yaml", "{en: other}", "{fi: other}", 'pages.town.flows.fi: there is no language of this page "fi"'),
        ("webcalls.yaml", "https://malmo.example", "malmo.example", '"malmo.example" is no site'),
        ("webcalls.yaml", "calls: 3", "calls: 0", "pages.town.calls"),
        ("webcalls.yaml", "calls: 3", "chat: page", 'pages.town.chat: there is no page in chat.yaml "page"'),
        ("webcalls.yaml", "calls: 3", "callback: b", "pages.town.callback: there is no queue that promises calls"),
        ("webcalls.yaml", "  straight:", "  Straight:", '"Straight" is no name for SIP'),
        ("vaxel.yaml", "demo: true", "demo: true\nedge: none", "pages: reach the edge; leave `edge: none` out"),
    ],
)  # fmt: skip
def test_mistake(ringing, file, old, new, mistake):
    path = ringing / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    assert any(mistake in one for one in mistakes(ringing)), mistakes(ringing)
