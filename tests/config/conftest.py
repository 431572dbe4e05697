"""A small city in a folder that tests can spoil."""

from collections.abc import Callable
from pathlib import Path

import pytest

FILES = {
    "vaxel.yaml": "city: Testby\ndemo: true\nlanguage: sv\nedge: none\n",
    "queues.yaml": """\
hours:
  office:
    mon-fri: 08:00-16:30
queues:
  a:
    hours: office
    requirement:
      - needs: {swedish: 3}
      - after: 2 min
        needs: {}
    ways_out:
      closed: {announcement: closed}
  b:
    title: Second
""",
    "agents.yaml": """\
agents:
  one:
    address: sip:one@127.0.0.1:6001
    skills: {swedish: 4}
    queues: [a, b]
    signed_in: true
  two:
    address: sip:two@127.0.0.1:6002
    skills: {english: 5}
    queues: {a: 1, b: 2}
""",
    "numbers.yaml": """\
numbers:
  0401:
    flow: hello
  0402:
    queue: b
""",
    "flows/hello.yaml": """\
start:
  say: welcome
  next: ask
ask:
  menu: choose
  choices: {1: line, 2: bye}
  otherwise: line
line:
  queue: a
bye: hang_up
""",
    "prompts.yaml": """\
sv:
  welcome: Hej.
  choose: Tryck ett.
  closed: Stängt.
  sorry: Tyvärr.
""",
}

Spoil = Callable[[str, str, str], Path]


@pytest.fixture
def city(tmp_path: Path) -> Path:
    folder = tmp_path / "city"
    (folder / "flows").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def spoil(city: Path) -> Spoil:
    """Return a function that replaces a text, which must be there, in one file."""

    def replace(file: str, old: str, new: str) -> Path:
        path = city / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        return city

    return replace
