"""The day as the history has it: the facts go through the real recorder into SQLite, and the real report is asked."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from adapters.history import reports
from adapters.history.answers import Dimension, Line, Question, Report
from adapters.history.recorder import Recorder
from adapters.history.store import START, Progress, Store
from engine.reportview import View
from engine.sim.day import MIDNIGHT, Day, local
from engine.sim.malmo import LANGUAGES, OWN
from queues.site import PLACE
from router import journal
from router.state import State

Entries = Sequence[tuple[tuple[int, int], bytes]]
"""Id and content of journal entries."""
BAR: Final = 380
ROW: Final = 22
LABEL: Final = 150


def of_day(entries: Entries) -> Report:
    """Return the report of the day that a journal is of."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'history.sqlite'}")
        try:
            store.upgrade()
            _record(entries, store)
            day = local(MIDNIGHT).date()
            with store.reading() as connection:
                return reports.report(connection, _question(day), local)
        finally:
            store.close()


def _question(day: date) -> Question:
    return Question(first=day, last=day)


def _record(entries: Entries, store: Store) -> None:
    state, recorder = State(), Recorder(local)
    for _, data in entries:
        facts = journal.decode(data).facts
        for fact in facts:
            state.apply(fact)
        recorder.decided(facts, state)
    store.write(recorder.take(), START, Progress(entries[-1][0], recorder.memory.last_at, START, b""))


def show(report: Report, console: Console, day: Day) -> None:
    """Print the report as `vaxel report` does, and how each part fares against the whole (rule 10)."""
    View(report, "en", {}, {}, local).write(console, "Malmö")
    console.print(against_the_whole(report, day))
    seen = day.fairness
    console.print(f"overtaken without a reason: {seen.overtaken.total()}; live and met in their language:")
    for language in LANGUAGES:
        console.print(f"  {language} {seen.understood[language]} of {seen.answered[language]}")


def against_the_whole(report: Report, day: Day) -> Table:
    """Return who was answered in time, by channel, queue, language, need and place, against the whole; and what may be
    asked of the few guides for a language or place."""
    table = Table(title="Answered in time, against the whole", title_justify="left")
    for name in ("", "came", "answered", "in target", "against the whole", "at least"):
        table.add_column(name, justify="left" if not name else "right")
    whole = share(report.whole) or 0.0
    for name, line in [("all", report.whole), *_parts(report)]:
        own, kind, floor = share(line), name.partition(" ")[0], ""
        if kind in ("language", "place") and line.name != OWN:
            floor = f"{day.floor(line.name.removeprefix(PLACE), line.counts.answered):.0%}"
        shown = ("", "") if own is None else (f"{own:.0%}", f"{100 * (own - whole):+.0f}")
        table.add_row(name, f"{line.counts.arrived:,}", f"{line.counts.answered:,}", *shown, floor)
    return table


def share(line: Line) -> float | None:
    """Return the share of those answered who were answered within their queue's target."""
    return line.counts.in_target / line.counts.answered if line.counts.answered else None


def _parts(report: Report) -> Iterable[tuple[str, Line]]:
    dimensions: tuple[Dimension, ...] = ("channel", "queue", "language", "need", "entry")
    for dimension in dimensions:
        for line in report.by[dimension]:
            if dimension != "entry" or line.name.startswith(PLACE):
                yield f"{dimension} {line.name}" if dimension != "entry" else line.name.replace(":", " "), line


def picture(report: Report) -> str:
    """Return the same as a drawing (SVG), readable without colour: a bar for each part, a line for the whole."""
    whole, rows = share(report.whole) or 0.0, []
    for name, line in _parts(report):
        own = share(line)
        if own is not None:
            rows.append((name, own, line.counts.answered))
    width, height = LABEL + BAR + 110, ROW * (len(rows) + 1) + 10
    at = LABEL + BAR * whole
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif"'
        ' font-size="12" role="img"><title>Share answered in time, by channel, queue, language, need and place</title>',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for number, (name, own, answered) in enumerate(rows):
        y = ROW * number + 8
        drawn += [
            f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end">{name}</text>',
            f'<rect x="{LABEL}" y="{y}" width="{BAR * own:.0f}" height="{ROW - 6}" fill="#3b6ea5"/>',
            f'<text x="{LABEL + BAR + 8}" y="{y + 13}">{own:.0%} of {answered:,}</text>',
        ]
    drawn += [
        f'<path d="M{at:.0f} 2V{height - ROW}" stroke="black" stroke-dasharray="4 3"/>',
        f'<text x="{at:.0f}" y="{height - 8}" text-anchor="middle">all: {whole:.0%}</text>',
        "</svg>",
    ]
    return "\n".join(drawn) + "\n"
