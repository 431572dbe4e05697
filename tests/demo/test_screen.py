"""The picture on terminals of all sizes, as lines and as JSON."""

import io
import json
from collections import deque

import pytest
from msgspec import Struct, field
from rich.console import Console

from engine.demo.board import Board
from engine.demo.channels import TITLES, Channel, Channels
from engine.demo.citizens import Tally
from engine.demo.screen import Lines, Objects, draw
from engine.demo.tempo import Tempo
from engine.demo.town import Town
from engine.demo.words import Said, Teller


def served() -> Channels:
    channels = Channels(TITLES)
    channels.known["call"] = Channel(arrived=31, served=17, left=3, waits=[5.0, 12.0, 95.0], waiting={"w1": 10.0})
    channels.known["visit"] = Channel(arrived=4, served=2, in_hand={"v1"}, waits=[61.0, 63.0])
    return channels


class FakeDemonstration(Struct):
    """What a demonstration tells of itself."""

    board: Board
    channels: Channels = field(default_factory=served)
    tally: Tally = field(default_factory=lambda: Tally(rang=31, talked=17, reported=2, called_back=1, gave_up=3))
    tempo: Tempo = Tempo(pace=10, hour=9)
    title: str = "Malmö stad"
    lines: int = 14
    elapsed: float = 75.0


def queue(name: str, title: str, open_: bool = True) -> dict[str, object]:
    agents = {"ready": 2, "reserved": 1, "paused": 1, "not_responding": 0, "free": 2}
    return {"id": name, "title": title, "open": open_, "waiting": 3, "agents": agents, "target_share": 0.8}


def agent(name: str, state: str = "ready", **more: object) -> dict[str, object]:
    return {"id": name, "state": state, **more}


@pytest.fixture
def shown(town: Town) -> FakeDemonstration:
    board = Board(town)
    talks = [{"contact": "w1-1-1", "channel": "call", "state": "connected", "since": 940.0, "queue": "social"}]
    reads = [{"contact": "w1-1-2.report1", "channel": "report", "state": "connected", "since": 940.0, "queue": "gata"}]
    board.live = {
        "at": 1000.0,
        "queues": [
            *(queue(name, title) for name, title in town.loaded.installation.titles.items()),
            queue("long", "A service with a name that is longer than any terminal has room for, and then some"),
            queue("night", "Nattjour", open_=False),
        ],
        "agents": [
            agent("guide01", idle_since=870.0),
            agent("guide02", work=talks),
            agent("guide03", work=reads),
            agent("guide04", "paused", pause="lunch"),
            agent("guide05", "reserved", offer={"queue": "kontakt"}),
            agent("guide06", "not_responding"),
            agent("guide07", phone_lost=True),
            agent("guide08", "logged_out"),
        ],
    }
    figures = {
        "longest_wait": 61.0,
        "expected_wait": {"low": 20.0, "high": 80.0},
        "contacts": {"connected": 2},
        "today": {"answered": 12, "abandoned": 3, "service_level": {"of_all": 0.75}},
    }
    board.figures = {"queues": {"social": {"channels": {"call": figures}}}}
    return FakeDemonstration(board)


def drawn(shown: FakeDemonstration, width: int, height: int, **options: object) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height, **options)  # type: ignore[arg-type]
    said = deque(Said(1000.0 + n, f"citizen {n} rings Malmö stad", "note") for n in range(100))
    console.print(draw(shown, said, width, height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize(("width", "height"), [(60, 30), (80, 24), (100, 30), (120, 40), (200, 60)])
def test_it_fills_the_terminal_and_no_more(shown: FakeDemonstration, width: int, height: int) -> None:
    lines = drawn(shown, width, height)
    assert len(lines) == height
    assert sum("rings Malmö stad" in line for line in lines) >= 5
    assert all(len(line) <= width for line in lines)
    assert "citizen 99 rings Malmö stad" in lines[-1]
    assert "day 09:12" in lines[0]


def test_what_stands_there(shown: FakeDemonstration) -> None:
    text = "\n".join(drawn(shown, 100, 40))
    for part in (
        "Individ- och familjeomsorg", "1:01", "< 1:20", "75%", "2/4", "closed", "guide01  free", "2:10",
        "guide02  talks", "guide03  reads", "guide04  pause", "lunch", "guide05  rings", "guide06  silent",
        "guide07  no phone", "guide08  away",
    ):  # fmt: skip
        assert part in text, part


def test_channels_stand_side_by_side(shown: FakeDemonstration) -> None:
    lines = drawn(shown, 80, 24)
    assert lines[1].split() == ["phone", "text", "call", "callback", "mail", "chat", "SMS", "visit", "reports"]
    rows = {line[:9].strip(): line[9:].split() for line in lines[2:9]}
    assert rows["arrived"] == ["31", "·", "·", "·", "·", "·", "4", "·"]
    assert rows["waiting"][0] == "1"
    assert rows["in hand"][6] == "1"
    assert (rows["waited"][0], rows["longest"][0]) == ("0:12", "1:35")


def test_on_a_low_terminal_the_busiest_queues_stay(shown: FakeDemonstration) -> None:
    shown.board.live["queues"][4]["waiting"] = 30  # type: ignore[index]
    text = "\n".join(drawn(shown, 80, 24))
    assert shown.board.live["queues"][4]["title"] in text  # type: ignore[index]
    assert "Nattjour" not in text


def test_what_is_left_out_is_told_once(shown: FakeDemonstration, town: Town) -> None:
    out = io.StringIO()
    with Lines(Teller(town, {}), out) as lines:
        lines.refresh(shown)
        shown.channels.leave_out("mail", "Debian's package dovecot-imapd is not there")
        lines.refresh(shown)
        lines.refresh(shown)
    told = [line for line in out.getvalue().splitlines() if "Left out" in line]
    assert told == ["Left out: mail; Debian's package dovecot-imapd is not there."]


def test_colours_are_only_colours(shown: FakeDemonstration) -> None:
    coloured = drawn(shown, 80, 24, force_terminal=True, color_system="standard")
    assert any("\x1b[32m" in line for line in coloured)
    bare = drawn(shown, 80, 24, force_terminal=True, no_color=True)
    assert not any("\x1b[3" in line.replace("\x1b[3m", "") for line in bare)
    assert len(bare) == len(coloured)


def test_it_says_when_vaxel_is_away(shown: FakeDemonstration) -> None:
    shown.board.away = True
    assert "Vaxel does not answer" in drawn(shown, 80, 24)[0]


def test_before_anything_is_known_there_is_a_picture_too(town: Town) -> None:
    lines = drawn(FakeDemonstration(Board(town)), 80, 24)
    assert "Malmö stad" in lines[0]


def test_lines(shown: FakeDemonstration, town: Town) -> None:
    out = io.StringIO()
    with Lines(Teller(town, {}), out) as lines:
        lines.hear({"type": "contact.queued", "at": 1000.0, "contact": "w1-1-1", "queue": "skola"})
        lines.refresh(shown)
        lines.refresh(shown)
    told = out.getvalue().splitlines()
    assert told[0].endswith("citizen 1 waits for Förskola och skola")
    assert "served: phone 17 of 31, text call 0 of 0," in told[1]
    assert len(told) == 2


def test_objects(shown: FakeDemonstration) -> None:
    out = io.StringIO()
    event = {"type": "contact.queued", "at": 1000.0, "contact": "w1-1-1"}
    with Objects(out) as objects:
        objects.hear(event)
        objects.refresh(shown)
        objects.refresh(shown)
    first, second = map(json.loads, out.getvalue().splitlines())
    assert first == {"event": event}
    assert second["picture"]["citizens"]["gave_up"] == 3
    assert second["picture"]["channels"]["visit"]["waited"] == 62.0
    assert second["picture"]["day"] == "09:12"
    assert [row["state"] for row in second["picture"]["agents"]][:3] == ["free", "talking", "talking"]
