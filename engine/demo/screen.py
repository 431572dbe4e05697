"""The picture as people see it: on a terminal, as plain lines, or as JSON for programs."""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Protocol, TextIO

from msgspec import structs
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from engine.demo import summary
from engine.demo.board import Board
from engine.demo.channels import TITLES, Channel, Channels
from engine.demo.citizens import Tally
from engine.demo.tempo import Tempo
from engine.demo.words import NOTE, Event, Said, Teller, clock, local, span

REFRESH_S: Final = 0.5
PLAIN_EVERY_S: Final = 10.0
TONES: Final = {"good": "green", "wait": "yellow", "bad": "red", "move": "cyan", "note": "dim"}
AGENT_WIDTH: Final = 33
EVENTS_MIN: Final = 5
"""Lines that what happens gets, on however low a terminal."""
HEADINGS: Final = ("wait", "longest", "expect", "in hand", "done", "left", "in time", "free")
"""Of the queues, by whatever channel: how many wait, the longest for how long, what somebody may expect who rings now;
how many agents have in hand, were answered, gave up; the share answered within the target; agents free of those at
work."""
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
DOES: Final = {
    "text": "types",
    "mail": "mails",
    "chat": "chats",
    "post": "texts",
    "visit": "meets",
    "report": "reads",
    "message": "reads",
    "form": "reads",
    "question": "advises",
}
"""What an agent does who has a contact of a channel; otherwise, talk."""


class Shown(Protocol):
    """What a demonstration tells of itself."""

    @property
    def board(self) -> Board: ...
    @property
    def channels(self) -> Channels: ...
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


class _LeftOut:
    """Remembers which channels were said to have no part."""

    def __init__(self) -> None:
        self._told = 0

    def news(self, channels: Channels) -> list[str]:
        """Return a line for each that was not told of yet."""
        news = list(summary.left_out(channels))[self._told :]
        self._told += len(news)
        return news


# ---- what is shown ---------------------------------------------------------------------------------------------


def queue_rows(board: Board) -> Iterator[dict[str, Any]]:
    """Yield what is to be known of each queue: seconds, numbers, shares; None where there is nothing to tell."""
    figures: Mapping[str, Any] = board.figures.get("queues", {})
    for queue in board.live["queues"]:
        channels: Mapping[str, Any] = figures.get(queue["id"], {}).get("channels", {})
        days = [one.get("today", {}) for one in channels.values()]
        agents = queue["agents"]
        at_work = sum(agents[state] for state in ("ready", "reserved", "paused", "not_responding"))
        yield {
            "id": queue["id"],
            "title": queue["title"] or queue["id"],
            "open": queue["open"],
            "waiting": queue["waiting"],
            "longest": max((one["longest_wait"] for one in channels.values() if one.get("longest_wait")), default=None),
            "expected": (channels.get(CALL, {}).get("expected_wait") or {}).get("high"),
            "in_hand": sum(one.get("contacts", {}).get("connected", 0) for one in channels.values()),
            "answered": sum(day.get("answered", 0) for day in days),
            "abandoned": sum(day.get("abandoned", 0) for day in days),
            "in_target": _in_target(days),
            "target": queue["target_share"],
            "free": agents["free"],
            "at_work": at_work,
        }


def _in_target(days: Iterable[Mapping[str, Any]]) -> float | None:
    """Return the share of all, by whatever channel, who were answered in time; None while there was nobody."""
    shares = [
        (day["service_level"][FORMULA], day.get("answered", 0) + day.get("abandoned", 0))
        for day in days
        if (day.get("service_level") or {}).get(FORMULA) is not None
    ]
    number = sum(weight for _, weight in shares)
    return sum(share * weight for share, weight in shares) / number if number else None


def agent_rows(board: Board) -> Iterator[dict[str, Any]]:
    """Yield what each agent does, for how long, and about what."""
    now = float(board.live.get("at", 0.0))
    for agent in board.live["agents"]:
        state, since, queue = agent["state"], agent.get("idle_since"), ""
        at_hand = [one for one in agent.get("work", ()) if not one.get("aside")]
        work = at_hand[0] if at_hand else None
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
            "more": max(len(at_hand) - 1, 0),
            "pause": agent.get("pause", ""),
        }


# ---- a terminal ------------------------------------------------------------------------------------------------


class Screen:
    """The live picture on a terminal."""

    def __init__(self, teller: Teller, console: Console) -> None:
        self._teller = teller
        self._console = console
        self._said: deque[Said] = deque(maxlen=LINES_KEPT)
        self._left_out = _LeftOut()
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
        for text in self._left_out.news(shown.channels):
            self._said.append(Said(float(shown.board.live.get("at", 0.0)), text, NOTE))
        self._live.update(draw(shown, self._said, self._console.width, self._console.height), refresh=True)


def draw(shown: Shown, said: "deque[Said]", width: int, height: int) -> RenderableType:
    """Return the picture, no higher than `height`."""
    channels, agents = _channels(shown.channels, float(shown.board.live.get("at", 0.0))), _agents(shown.board, width)
    left = height - 1 - channels.row_count - 1 - agents.row_count
    queues = _queues(shown.board, width, left - EVENTS_MIN - 1)
    if queues.row_count:
        left -= queues.row_count + 1
    apart = left >= EVENTS_MIN + 3  # blank lines, where there is room for them
    parts: list[RenderableType] = [_head(shown, width), channels]
    for part in (queues, agents):
        if part.row_count:
            parts += [Text(), part] if apart else [part]
    if apart:
        parts.append(Text())
        left -= sum(isinstance(part, Text) for part in parts) - 1
    return Group(*parts, *(_event(one, width) for one in list(said)[-max(left, 0) :] if left > 0))


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


def _channels(channels: Channels, now: float) -> Table:
    """Return the channels side by side."""
    table = Table(box=None, padding=(0, 1), collapse_padding=True, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True, min_width=9, style="dim")
    for name in channels.known:
        table.add_column(TITLES[name], justify="right", no_wrap=True, min_width=7)
    for title, tell, style in CHANNEL_ROWS:
        table.add_row(title, *(Text(tell(one, now) or "·", style=style) for one in channels.known.values()))
    return table


def _number(number: int) -> str:
    return str(number or "")


CHANNEL_ROWS: Final[tuple[tuple[str, Callable[[Channel, float], str], str], ...]] = (
    ("arrived", lambda one, _: _number(one.arrived), "bold"),
    ("waiting", lambda one, now: _number(one.waits_at(now)), "bold yellow"),
    ("in hand", lambda one, _: _number(len(one.in_hand)), "cyan"),
    ("served", lambda one, _: _number(one.served), "green"),
    ("gave up", lambda one, _: _number(one.given_up), "red"),
    ("waited", lambda one, _: _span(one.median), ""),
    ("longest", lambda one, _: _span(one.longest), ""),
)
"""What is shown of each channel; waits are of those whom an agent took: the median, and the longest."""


def _queues(board: Board, width: int, most: int) -> Table:
    """Return the queues, those with most to do if there is not room for all."""
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
    rows = list(queue_rows(board))
    busiest = sorted(rows, key=lambda row: (row["waiting"], row["in_hand"], row["answered"]), reverse=True)
    shown = {row["id"] for row in busiest[: max(most, 0)]}
    for row in rows:
        if row["id"] not in shown:
            continue
        level = row["in_target"]
        level_style = "" if level is None else "green" if level >= row["target"] else "yellow" if level > 0.5 else "red"
        table.add_row(
            Text(row["title"], style="bold" if row["open"] else "dim"),
            Text(str(row["waiting"] or ""), style="bold yellow"),
            Text(_span(row["longest"])),
            Text(_expected(row["expected"])),
            Text(str(row["in_hand"] or ""), style="cyan"),
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
    if row["state"] == "talking":
        word = DOES.get(row["channel"], word)
    time = _span(row["seconds"]) if row["state"] in TIMED else ""
    more = f"+{row['more']} " if row["more"] else ""
    return Text.assemble(f"{row['id']:<8} ", (f"{word:<8}", style), f"{time:>5} ", more, (what, "dim"))


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
        self._left_out = _LeftOut()

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
        for text in self._left_out.news(shown.channels):
            self._write(text)
        if shown.elapsed >= self._next:
            self._next = shown.elapsed + PLAIN_EVERY_S
            self._write(f"{local(float(shown.board.live['at']))}  == {standing(shown)}")

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
        "channels": summary.objects(shown.channels),
    }


def standing(shown: Shown) -> str:
    """Return how it stands, in a line."""
    rows = list(queue_rows(shown.board))
    agents = [row["state"] for row in agent_rows(shown.board)]
    waiting, free, busy = sum(row["waiting"] for row in rows), agents.count("free"), agents.count("talking")
    day = clock(shown.tempo.clock(shown.elapsed))
    return f"day {day}: {waiting} wait, {busy} agents serve, {free} are free; {summary.line(shown.channels)}"
