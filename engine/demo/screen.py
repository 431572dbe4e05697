"""The picture as people see it: on a terminal, as plain lines, or as JSON for programs."""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol, TextIO

from msgspec import structs
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from engine.demo.board import Board
from engine.demo.citizens import Tally
from engine.demo.tempo import Tempo
from engine.demo.words import Event, Said, Teller, clock, local, span

REFRESH_S: Final = 0.5
PLAIN_EVERY_S: Final = 10.0
TONES: Final = {"good": "green", "wait": "yellow", "bad": "red", "move": "cyan", "note": "dim"}
AGENT_WIDTH: Final = 39
HEADINGS: Final = ("wait", "longest", "expect", "talk", "done", "left", "in time", "free")
"""Of the queues: how many wait, the longest for how long, what somebody may expect who comes now; how many talk, were
answered, gave up; the share answered within the target; agents free of those at work."""
WIDTH_MIN: Final = 60
QUEUES_WIDTH: Final = 100
"""Wider, and the eye loses the line."""
LINES_KEPT: Final = 100
CALL: Final = "call"
FORMULA: Final = "of_all"
STATES: Final = {
    "free": ("free", "green"),
    "talking": ("talks", "cyan"),
    "ringing": ("rings", "yellow"),
    "wrap_up": ("wraps up", "blue"),
    "paused": ("pause", "dim"),
    "not_responding": ("silent", "red"),
    "phone_gone": ("no phone", "red"),
    "logged_out": ("away", "dim"),
}
TIMED: Final = frozenset({"free", "talking"})
WRITTEN: Final = frozenset({"report", "message"})


class Shown(Protocol):
    """What a demonstration tells of itself."""

    @property
    def board(self) -> Board: ...
    @property
    def tally(self) -> Tally: ...
    @property
    def tempo(self) -> Tempo: ...
    @property
    def title(self) -> str: ...
    @property
    def lines(self) -> int: ...
    @property
    def elapsed(self) -> float: ...


class Output(Protocol):
    """Where it is shown. Used as a context."""

    def __enter__(self) -> "Output": ...
    def __exit__(self, *_: object) -> None: ...
    def hear(self, event: Event) -> None: ...
    def refresh(self, shown: Shown) -> None: ...


# ---- what is shown ---------------------------------------------------------------------------------------------


def queue_rows(board: Board) -> Iterator[dict[str, Any]]:
    """Yield what is to be known of each queue: seconds, numbers, shares; None where there is nothing to tell."""
    figures: Mapping[str, Any] = board.figures.get("queues", {})
    for queue in board.live["queues"]:
        now = figures.get(queue["id"], {}).get("channels", {}).get(CALL, {})
        today = now.get("today", {})
        agents = queue["agents"]
        at_work = sum(agents[state] for state in ("ready", "reserved", "paused", "not_responding"))
        yield {
            "id": queue["id"],
            "title": queue["title"] or queue["id"],
            "open": queue["open"],
            "waiting": queue["waiting"],
            "longest": now.get("longest_wait"),
            "expected": (now.get("expected_wait") or {}).get("high"),
            "talking": now.get("contacts", {}).get("connected", 0),
            "answered": today.get("answered", 0),
            "abandoned": today.get("abandoned", 0),
            "in_target": (today.get("service_level") or {}).get(FORMULA),
            "target": queue["target_share"],
            "free": agents["free"],
            "at_work": at_work,
        }


def agent_rows(board: Board) -> Iterator[dict[str, Any]]:
    """Yield what each agent does, for how long, and about what."""
    now = float(board.live.get("at", 0.0))
    for agent in board.live["agents"]:
        state, since, queue = agent["state"], agent.get("idle_since"), ""
        work = next((one for one in agent.get("work", ()) if not one.get("aside")), None)
        if offer := agent.get("offer"):
            state, since, queue = "ringing", None, offer["queue"]
        elif work is not None:
            state = "wrap_up" if work["state"] == "wrapping_up" else "talking"
            since, queue = work.get("since"), work.get("queue", "")
        elif agent.get("phone_lost"):
            state = "phone_gone"
        elif state == "ready":
            state = "free"
        yield {
            "id": agent["id"],
            "state": state,
            "seconds": max(now - since, 0.0) if since is not None else None,
            "queue": queue,
            "channel": work["channel"] if work is not None else "",
            "pause": agent.get("pause", ""),
        }


# ---- a terminal ------------------------------------------------------------------------------------------------


class Screen:
    """The live picture on a terminal."""

    def __init__(self, teller: Teller, console: Console) -> None:
        self._teller = teller
        self._console = console
        self._said: deque[Said] = deque(maxlen=LINES_KEPT)
        self._live = Live(console=console, screen=True, auto_refresh=False, redirect_stderr=False)

    def __enter__(self) -> "Screen":
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def hear(self, event: Event) -> None:
        """Keep what is worth telling."""
        said = self._teller.say(event)
        if said is not None:
            self._said.append(said)

    def refresh(self, shown: Shown) -> None:
        """Draw."""
        self._live.update(draw(shown, self._said, self._console.width, self._console.height), refresh=True)


def draw(shown: Shown, said: "deque[Said]", width: int, height: int) -> RenderableType:
    """Return the picture, no higher than `height`."""
    queues, agents = _queues(shown.board, width), _agents(shown.board, width)
    parts: list[RenderableType] = [_head(shown, width), queues, Text(), agents, Text(), _counters(shown)]
    left = height - len(parts) - queues.row_count - (agents.row_count - 1)
    if left > 0:
        parts += [_event(one, width) for one in list(said)[-left:]]
    return Group(*parts)


def _head(shown: Shown, width: int) -> Text:
    left = f" {shown.title} "
    middle = f"day {clock(shown.tempo.clock(shown.elapsed))} · pace {shown.tempo.pace:g}"
    calls = f"{shown.lines} call{'s' * (shown.lines != 1)}"
    right = f"{calls} · {span(shown.elapsed)} · Ctrl-C ends "
    if shown.board.away:
        right = "Vaxel does not answer "
    gap = max(width - len(left) - len(middle) - len(right) - 2, 1)
    text = Text(f"{left}  {middle}{' ' * gap}{right}", style="white on blue", no_wrap=True, overflow="crop")
    text.stylize("bold", 0, len(left))
    return text


def _queues(board: Board, width: int) -> Table:
    table = Table(
        box=None,
        padding=(0, 1),
        collapse_padding=True,
        pad_edge=False,
        width=min(width, QUEUES_WIDTH),
        header_style="dim",
    )
    table.add_column("", no_wrap=True, ratio=1, overflow="ellipsis")
    for name in HEADINGS:
        table.add_column(name, justify="right", no_wrap=True)
    for row in queue_rows(board):
        level = row["in_target"]
        level_style = "" if level is None else "green" if level >= row["target"] else "yellow" if level > 0.5 else "red"
        table.add_row(
            Text(row["title"], style="bold" if row["open"] else "dim"),
            Text(str(row["waiting"] or ""), style="bold yellow"),
            Text(_span(row["longest"])),
            Text(_expected(row["expected"])),
            Text(str(row["talking"] or ""), style="cyan"),
            Text(str(row["answered"] or "")),
            Text(str(row["abandoned"] or ""), style="red"),
            Text("" if level is None else f"{level:.0%}", style=level_style),
            Text(f"{row['free']}/{row['at_work']}" if row["open"] else "closed", style="" if row["open"] else "dim"),
        )
    return table


def _agents(board: Board, width: int) -> Table:
    columns = max(width // AGENT_WIDTH, 1)
    table = Table.grid(padding=(0, 1), expand=True)
    for _ in range(columns):
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    cells = [_agent(board, row) for row in agent_rows(board)]
    height = -(-len(cells) // columns)
    for index in range(height):
        table.add_row(*cells[index::height])
    return table


def _agent(board: Board, row: Mapping[str, Any]) -> Text:
    word, style = STATES[row["state"]]
    what = board.town.title(row["queue"]) if row["queue"] else row["pause"]
    if row["channel"] in WRITTEN:
        word, what = "reading", f"{row['channel']}, {what}"
    time = _span(row["seconds"]) if row["state"] in TIMED else ""
    return Text.assemble(f"{row['id']:<8} ", (f"{word:<8}", style), f"{time:>6} ", (what, "dim"))


def _counters(shown: Shown) -> Text:
    tally = shown.tally
    numbers = (
        ("rang", tally.rang, "bold"),
        ("talked", tally.talked, "green"),
        ("reports", tally.reported, "cyan"),
        ("gave up", tally.gave_up, "red"),
        ("again", tally.rang_again, "yellow"),
        ("callbacks", shown.board.callbacks, "magenta"),
        ("kept", tally.called_back, "magenta"),
    )
    text = Text(no_wrap=True, overflow="crop")
    for name, number, style in numbers:
        text.append(f"{number} ", style=style)
        text.append(f"{name}  ", style="dim")
    return text


def _event(said: Said, width: int) -> Text:
    text = Text(f"{local(said.at)} ", style="dim", no_wrap=True, overflow="ellipsis")
    text.append(said.text, style=TONES[said.tone])
    text.truncate(width, overflow="ellipsis")
    return text


def _span(seconds: float | None) -> str:
    return "" if seconds is None else span(seconds)


def _expected(seconds: float | None) -> str:
    return "" if seconds is None else f"< {span(seconds)}"


# ---- lines -----------------------------------------------------------------------------------------------------


class Lines:
    """Plain lines: what happens, and now and then how it stands."""

    def __init__(self, teller: Teller, out: TextIO) -> None:
        self._teller = teller
        self._out = out
        self._next = PLAIN_EVERY_S

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, *_: object) -> None:
        self._out.flush()

    def hear(self, event: Event) -> None:
        """Tell it."""
        said = self._teller.say(event)
        if said is not None:
            self._write(f"{local(said.at)}  {said.text}")

    def refresh(self, shown: Shown) -> None:
        """Tell how it stands, every ten seconds."""
        if shown.elapsed >= self._next:
            self._next = shown.elapsed + PLAIN_EVERY_S
            self._write(f"{local(float(shown.board.live['at']))}  == {summary(shown)}")

    def _write(self, text: str) -> None:
        self._out.write(text + "\n")
        self._out.flush()


class Objects:
    """A JSON object a line: each event as the API tells it, and every second the picture."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._next = 0.0

    def __enter__(self) -> "Objects":
        return self

    def __exit__(self, *_: object) -> None:
        self._out.flush()

    def hear(self, event: Event) -> None:
        """Write it."""
        self._write({"event": event})

    def refresh(self, shown: Shown) -> None:
        """Write the picture."""
        if shown.elapsed >= self._next:
            self._next = shown.elapsed + 1.0
            self._write({"picture": picture(shown)})

    def _write(self, value: Mapping[str, Any]) -> None:
        self._out.write(json.dumps(value, ensure_ascii=False) + "\n")
        self._out.flush()


def picture(shown: Shown) -> dict[str, Any]:
    """Return how it stands, for programs."""
    return {
        "at": shown.board.live.get("at"),
        "elapsed": round(shown.elapsed, 1),
        "day": clock(shown.tempo.clock(shown.elapsed)),
        "pace": shown.tempo.pace,
        "lines": shown.lines,
        "queues": list(queue_rows(shown.board)),
        "agents": list(agent_rows(shown.board)),
        "callbacks": shown.board.callbacks,
        "citizens": structs.asdict(shown.tally),
    }


def summary(shown: Shown) -> str:
    """Return how it stands, in a line."""
    rows = list(queue_rows(shown.board))
    agents = [row["state"] for row in agent_rows(shown.board)]
    waiting, free, talking = sum(row["waiting"] for row in rows), agents.count("free"), agents.count("talking")
    day = clock(shown.tempo.clock(shown.elapsed))
    return f"day {day}: {waiting} wait, {talking} agents talk, {free} are free; {total(shown.tally)}"


def total(tally: Tally) -> str:
    """Return what citizens did, in words."""
    return (
        f"{tally.rang} rang, {tally.talked} talked with somebody, {tally.reported} left a report, "
        f"{tally.called_back} were called back, {tally.gave_up} gave up; "
        f"{tally.wrote} wrote, {tally.answered} were answered; "
        f"{tally.chatted} chatted, {tally.chats_answered} were answered"
    )
