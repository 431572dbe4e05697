"""`vaxel report` and `vaxel history`: read off the database itself, so that they work while nothing else runs."""

import csv
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

import msgspec

from engine.datafolder import DataFolder
from engine.processes import HISTORY_FILE

if TYPE_CHECKING:
    from adapters.history.answers import Question, Report
    from adapters.history.settings import HistorySettings
    from adapters.history.store import Store

WELL: Final = 0
CANNOT: Final = 2
LOOK_EVERY: Final = 0.5
FIRST: Final = (1, 0)
"""The very first entry of a journal."""


class Cannot(Exception):
    """A command cannot be carried out; the text says what to do."""


def report(
    data: Path,
    day: str,
    last: str,
    held: dict[str, str],
    *,
    form: str,
    language: str,
    formulas: Sequence[str],
) -> int:
    """Print a report; `held` is what the contacts have in common, `form` is table, json or csv."""
    try:
        settings = _settings(data)
        chosen = _formulas(formulas)
        question = _question(settings, day, last, held)
        with _store(settings) as store:
            found = _ask(store, settings, question)
        _show(found, settings, form, language or settings.language, chosen)
    except Cannot as error:
        return _cannot(error)
    return WELL


def rebuild(data: Path, *, lose_older: bool) -> int:
    """Delete the history and read it anew from the journal; show how far that is."""
    try:
        settings = _settings(data)
        with _store(settings) as store:
            older = _older_than_the_journal(store, settings)
            if older and not lose_older:
                raise Cannot(
                    f"The history begins {older}, before the journal that is kept: what is older would be lost. "
                    "Say --lose-older if that is meant."
                )
            store.clear()
            if DataFolder(data).supervisor() is None:
                sys.stdout.write("The history is empty; it is read anew once Vaxel runs.\n")
                return WELL
            return _watch(store, settings)
    except Cannot as error:
        return _cannot(error)


def forget(data: Path, person: str) -> int:
    """Let nothing in the history lead to a person any more."""
    try:
        with _store(_settings(data)) as store:
            number = store.forget(person)
    except Cannot as error:
        return _cannot(error)
    sys.stdout.write(f"{number} contacts are nobody's now.\n")
    return WELL


# ---- what is asked ---------------------------------------------------------------------------------------------------


def _settings(data: Path) -> "HistorySettings":
    from adapters.history.settings import HistorySettings

    path = DataFolder(data).run / HISTORY_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=HistorySettings)
    except OSError as error:
        raise Cannot(
            f"There is no history in {data}: Vaxel has not run with this folder yet (another one: --data), or keeps "
            "none (`history: enabled: false`)."
        ) from error
    except msgspec.MsgspecError as error:
        raise Cannot(f"{path} cannot be read: {error}. It is written anew when Vaxel starts.") from error


def _question(settings: "HistorySettings", day: str, last: str, held: dict[str, Any]) -> "Question":
    from adapters.history.answers import Question
    from engine.clock import MonotonicClock
    from metrics.days import local_time

    today = local_time(settings.time_zone)(MonotonicClock().now()).date()
    first = _day(day, today) if day else today
    end = _day(last, today) if last else first
    if end < first:
        raise Cannot(f"{end} comes before {first}.")
    return Question(first=first, last=end, **held)


def _day(text: str, today: date) -> date:
    if text in ("today", "yesterday"):
        return today - timedelta(days=text == "yesterday")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Cannot(f"{text!r} is no day; write it like {today}, or today, or yesterday.") from None


def _formulas(given: Sequence[str]) -> dict[str, str]:
    from metrics.figures import Figures
    from metrics.formulas import all_figures
    from metrics.work import Work

    known = all_figures(Figures(), Work())
    chosen = {}
    for one in given:
        figure, _, formula = one.partition("=")
        if figure not in known:
            raise Cannot(f"There is no figure {figure!r}; known: {', '.join(known)}.")
        if formula not in known[figure]:
            raise Cannot(f"{figure} has no formula {formula!r}; known: {', '.join(known[figure])}.")
        chosen[figure] = formula
    return chosen


@contextmanager
def _store(settings: "HistorySettings") -> "Iterator[Store]":
    from adapters.history.errors import HistoryError
    from adapters.history.store import Store

    try:
        store = Store(settings.url, settings.password_file)
        try:
            yield store
        finally:
            store.close()
    except HistoryError as error:
        raise Cannot(f"{str(error).capitalize()}.") from error


def _ask(store: "Store", settings: "HistorySettings", question: "Question") -> "Report":
    from adapters.history import reports
    from metrics.days import local_time

    with store.reading() as connection:
        return reports.report(connection, question, local_time(settings.time_zone))


# ---- what is shown ---------------------------------------------------------------------------------------------------


def _show(found: "Report", settings: "HistorySettings", form: str, language: str, formulas: dict[str, str]) -> None:
    if form == "json":
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
        return
    if form == "csv":
        _csv(found, sys.stdout)
        return
    from rich.console import Console

    from engine.reportview import LANGUAGES, View
    from metrics.days import local_time

    titles = {"queue": settings.titles, "entry": settings.entries}
    spoken = language if language in LANGUAGES else "en"
    View(found, spoken, formulas, titles, local_time(settings.time_zone)).write(Console(), settings.city)


def _csv(found: "Report", out: TextIO) -> None:
    """Write a row for the whole and for each line; each figure in a column named `figure.formula`."""
    writer = csv.writer(out)
    counted = [name for name in found.whole.counts.__struct_fields__ if name != "turned_away"]
    figures = [(figure, formula) for figure, values in found.whole.figures.items() for formula in values]
    named = [f"{figure}.{formula}" for figure, formula in figures]
    writer.writerow(["first", "last", "by", "name", *counted, "turned_away", *named])
    lines = [("", found.whole), *((dimension, line) for dimension, lines in found.by.items() for line in lines)]
    for dimension, line in lines:
        counts = [getattr(line.counts, name) for name in counted]
        values = [line.figures[figure][formula] for figure, formula in figures]
        cells = ["" if value is None else f"{value:.6g}" for value in values]
        turned = sum(line.counts.turned_away.values())
        writer.writerow([found.first, found.last, dimension, line.name, *counts, turned, *cells])


# ---- rebuilding ------------------------------------------------------------------------------------------------------


def _older_than_the_journal(store: "Store", settings: "HistorySettings") -> str:
    """Return the first day of the history if it lies before what the archive holds, else nothing."""
    import sqlalchemy as sa

    from adapters.history import tables
    from adapters.redis.archive import Archive

    with store.reading() as connection:
        first = connection.execute(sa.select(sa.func.min(tables.tallies.c.day))).scalar()
    segments = Archive(Path(settings.archive)).segments()
    whole = not segments or segments[0].first <= FIRST
    return "" if first is None or whole else str(first)


def _watch(store: "Store", settings: "HistorySettings") -> int:
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    end = _end_of_journal(settings)
    columns = (TextColumn("Reading the journal"), BarColumn(), TextColumn("{task.fields[at]}"), TimeRemainingColumn())
    with Progress(*columns) as shown:
        task = shown.add_task("", total=None, at="")
        _follow(store, settings, end, lambda done, total, at: shown.update(task, completed=done, total=total, at=at))
    sys.stdout.write("The history is whole again.\n")
    return WELL


def _follow(
    store: "Store",
    settings: "HistorySettings",
    end: tuple[int, int],
    tell: Callable[[float, float, str], None],
) -> None:
    """Look how far it is until it has read all there was at the beginning."""
    from engine.clock import MonotonicClock
    from metrics.days import local_time

    clock, local, began = MonotonicClock(), local_time(settings.time_zone), 0.0
    while True:
        progress = store.progress()
        if progress.at:
            began = began or progress.at
            tell(progress.at - began, clock.now() - began, f"{local(progress.at):%Y-%m-%d %H:%M}")
        if progress.id >= end:
            return
        time.sleep(LOOK_EVERY)


def _end_of_journal(settings: "HistorySettings") -> tuple[int, int]:
    import asyncio

    from adapters.redis.address import read
    from adapters.redis.errors import StoreError
    from adapters.redis.resuming import split_id
    from adapters.redis.snapshots import Snapshots

    async def ask() -> tuple[int, int]:
        client = read(settings.redis_url, os.environ, settings.redis_password_file).client()
        try:
            return split_id(await Snapshots(client).last_id())
        finally:
            await client.aclose()

    try:
        return asyncio.run(ask())
    except StoreError as error:
        raise Cannot(f"The history is being read anew; how far it is cannot be seen: {error}.") from error


def _cannot(error: Cannot) -> int:
    sys.stderr.write(f"{error}\n")
    return CANNOT
