"""The ladder as text: time runs down, who takes part stands side by side, messages go between them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from io import StringIO
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.trace.story import Arrow, Decision, Party, Sound, Story

TIME: Final = 14
"""Columns of the time."""
WIDEST: Final = 22
NARROWEST: Final = 11
NOTE: Final = 26
"""Columns that are kept for notes, where there is room."""
LINE, DASH, RIGHT, LEFT = "│", "─", "▶", "◀"
COLOURS: Final = {"1": "yellow", "2": "green", "3": "magenta", "4": "red", "5": "red", "6": "red"}
GOOD: Final = 4.0
FAIR: Final = 3.6
"""MOS: below, some are dissatisfied (G.107 Annex B)."""


def draw(story: Story, console: Console) -> None:
    """Write a call to a console."""
    for line in ladder(story, console.width):
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    if story.sounds:
        console.print(sounds(story.sounds))
    for line in epilogue(story):
        console.print(line)


def svg(story: Story, width: int = 150) -> str:
    """Return a call as a picture."""
    console = Console(record=True, width=width, file=StringIO(), force_terminal=True, color_system="truecolor")
    draw(story, console)
    return console.export_svg(title=f"vaxel trace {story.contact}")


def ladder(story: Story, width: int) -> Iterator[Text]:
    """Yield the lines of the ladder."""
    if not story.parties:
        for decision in story.decisions:
            yield _decided(decision, [], 0)
        return
    room = (width - TIME - NOTE) // len(story.parties)
    step = max(NARROWEST, min(WIDEST, room))
    columns = {party.id: step // 2 + index * step for index, party in enumerate(story.parties)}
    size = step * len(story.parties)
    yield _heads(story.parties, columns, size, step)
    events: list[Arrow | Decision] = [*story.arrows, *story.decisions]
    for event in sorted(events, key=lambda event: event.at):
        if isinstance(event, Arrow):
            yield _arrow(event, columns, size)
        else:
            yield _decided(event, list(columns.values()), size)


def _heads(parties: Sequence[Party], columns: dict[str, int], size: int, step: int) -> Text:
    row = [" "] * size
    for party in parties:
        title = party.title if len(party.title) < step else f"{party.title[: step - 2]}…"
        begin = columns[party.id] - len(title) // 2
        row[begin : begin + len(title)] = title
    return Text(" " * TIME + "".join(row), style="bold")


def _arrow(arrow: Arrow, columns: dict[str, int], size: int) -> Text:
    row = [" "] * size
    for column in columns.values():
        row[column] = LINE
    source, target = columns[arrow.source], columns[arrow.target]
    low, high = min(source, target), max(source, target)
    row[low + 1 : high] = DASH * (high - low - 1)
    if target > source:
        row[target - 1] = RIGHT
    elif target < source:
        row[target + 1] = LEFT
    label = f"{arrow.label} again" if arrow.again else arrow.label
    space = high - low - 4
    shown = label if len(label) <= space else f"{label[: max(0, space - 1)]}…"
    begin = low + (high - low - len(shown)) // 2 + 1
    row[begin - 1 : begin + len(shown) + 1] = f" {shown} "
    style = COLOURS.get(arrow.label[:1], "cyan")
    text = Text(_clock(arrow.at), style="dim")
    text.append("".join(row[: low + 1]), style="none")
    text.append("".join(row[low + 1 : high]), style=f"not dim {style}")
    text.append("".join(row[high:]), style="none")
    text.append("; ".join(arrow.notes), style="none")
    text.stylize("not dim", TIME)
    return text


def _decided(decision: Decision, columns: list[int], size: int) -> Text:
    more = "  ".join(f"{name}={value}" for name, value in decision.fields.items())
    row = [" "] * size
    for column in columns:
        row[column] = LINE
    said = f"▪ {decision.name}{f'  {more}' if more else ''}"
    text = Text(_clock(decision.at), style="dim")
    begin = 1 if columns else 0
    line = "".join(row)
    text.append(line[:begin] + said + line[begin + len(said) :], style="not dim blue")
    return text


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%H:%M:%S.%f}"[:12].ljust(TIME)


def sounds(legs: Sequence[Sound]) -> Table:
    """Return how each leg sounded: packets in and out, shares lost and late, jitter from mean to highest."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("leg", "where", "talk", "held", "codec", "in", "out", "lost", "late"):
        table.add_column(column, no_wrap=True)
    for column in ("jitter", "round trip", "MOS", "far end", "ended"):
        table.add_column(column, no_wrap=True)
    for leg in legs:
        table.add_row(*_cells(leg))
    return table


def _cells(leg: Sound) -> Iterator[Text | str]:
    yield leg.leg
    yield leg.network
    yield _seconds(leg.seconds)
    yield _seconds(leg.held)
    if leg.packets_in or leg.packets_out:
        yield leg.codec
        yield str(leg.packets_in)
        yield str(leg.packets_out)
        yield f"{leg.lost:.1%}"
        yield f"{leg.late:.1%}"
        yield f"{leg.jitter_ms:.0f}-{leg.jitter_max_ms:.0f} ms"
        yield f"{leg.rtt_ms:.0f} ms" if leg.rtt_ms else "not told"
        yield _mos(leg.mos, "silent")
        yield _mos(leg.far_mos, "not told", f", {leg.far_lost:.1%} lost")
    else:
        yield "no sound"
        yield from [""] * 8
    yield f"{leg.code} by {'them' if leg.ended_by == 'far' else 'us'}"


def _mos(value: float | None, without: str, more: str = "") -> Text:
    if value is None:
        return Text(without, style="red" if without == "silent" else "dim")
    return Text(f"{value:.1f}{more}", style="green" if value >= GOOD else "yellow" if value >= FAIR else "red")


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds else ""


def epilogue(story: Story) -> Iterator[Text]:
    """Yield what is to be said at the end."""
    if story.full:
        yield Text(
            "These are whole messages, names and numbers included: show them to nobody who need not know.", "red"
        )
    if story.living:
        yield Text("The call goes on; how a leg sounded is known once it has ended.")
    if story.missing:
        yield Text(f"Not told: {story.missing}.", "yellow")
    if story.calls:
        yield Text(f"Call-ID: {', '.join(story.calls)}", "dim")
