"""`links:` of a queue: where its agents read on."""

from pathlib import Path

import pytest
import yaml

from engine.config import ConfigError, load
from engine.installation import Link


def link(city: Path, *links: object) -> None:
    """Let the first queue have links."""
    path = city / "queues.yaml"
    written = yaml.safe_load(path.read_text())
    next(iter(written["queues"].values()))["links"] = list(links)
    path.write_text(yaml.safe_dump(written, allow_unicode=True))


def test_a_queue_names_pages(city: Path) -> None:
    link(city, {"title": {"sv": "Kunskap", "en": "Knowledge"}, "url": "https://malmo.example/kunskap?q=a&b=c#d"})
    (links,) = load(city).installation.links.values()
    assert links == (Link({"sv": "Kunskap", "en": "Knowledge"}, "https://malmo.example/kunskap?q=a&b=c#d"),)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"title": {"sv": "x"}, "url": "http://malmo.example/"}, "is no address of a page; write it like https://"),
        ({"title": {"sv": "x"}, "url": "javascript:alert(1)"}, "is no address of a page; write it like https://"),
        ({"title": {"sv": "x"}, "url": "https://anna:secret@malmo.example/"}, "is no address of a page"),
        ({"title": {"en": "x"}, "url": "https://malmo.example/"}, 'has no name in "sv", the language of the house'),
        ({"title": {"sv": "x"}}, "url"),
        ({"title": {"sv": "x"}, "url": "https://malmo.example/", "icon": "x"}, "icon"),
    ],
)
def test_what_leads_nowhere_gets_a_clear_line(city: Path, written: object, said: str) -> None:
    link(city, written)
    with pytest.raises(ConfigError) as caught:
        load(city)
    (problem,) = map(str, caught.value.problems)
    assert problem.startswith("queues.yaml:")
    assert said in problem
