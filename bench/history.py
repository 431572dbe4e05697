"""The standard report over a million contacts, on SQLite and on PostgreSQL.

A simulated day of Malmö is recorded as the history does it; its rows are copied, day by day, until a million contacts
are there, with everything that goes with them. What is measured is the whole command, as somebody at a desk runs it:
`vaxel report` over all the days, with the start of Python and all.
"""

import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final

import msgspec
import sqlalchemy as sa

from adapters.history import tables as t
from adapters.history.batch import Batch
from adapters.history.recorder import Recorder
from adapters.history.settings import HistorySettings
from adapters.history.store import START, Progress, Store
from bench.postgres import Postgres
from bench.rows import Context, Group, Measured
from bench.system import Trouble
from engine.processes import HISTORY_FILE
from engine.sim.day import Day, local
from router import journal
from router.state import State

CONTACTS: Final = 1_000_000
DAY_S: Final = 86_400.0
WITHIN_S: Final = 120.0
NAMES: Final = ("id", "contact", "matter", "resumed_by")
"""Columns that name a contact, or something of it."""
TIMES: Final = ("began", "ended", "asked", "settled", "made", "at", "registered", "due", "closed", "sent")
KEYS: Final = ("report.s",)


def recorded() -> Batch:
    """Return the rows of a day."""
    day = Day(seed=1)
    day.run()
    state, recorder = State(), Recorder(local)
    for _, data in day.house.store.entries:
        facts = journal.decode(data).facts
        for fact in facts:
            state.apply(fact)
        recorder.decided(facts, state)
    return recorder.take()


def fill(url: str, batch: Batch, contacts: int) -> tuple[date, date]:
    """Make a history of so many contacts; return its first and last day."""
    store = Store(url)
    store.upgrade()
    store.write(batch, START, Progress((1, 1), 0.0, START, b""))
    first = date.fromisoformat(max(day for day, _ in batch.tallies))
    days = math.ceil(contacts / len(batch.rows["contacts"]))
    with store._transaction() as connection:
        for number in range(1, days):
            for table in (*t.ROWS.values(), t.tallies, t.presence):
                _copy(connection, table, number, first + timedelta(days=number), first)
    with store._transaction() as connection:
        connection.execute(sa.text("ANALYZE"))
    store.close()
    return first, first + timedelta(days=days - 1)


def _copy(connection: sa.Connection, table: sa.Table, number: int, day: date, first: date) -> None:
    """Write the first day's rows of a table once more, `number` days later."""
    columns, chosen = [], []
    for column in table.c:
        value: sa.ColumnElement[object] = column
        if column.name in NAMES:
            value = column + f"-{number}"
        elif column.name in TIMES:
            value = column + number * DAY_S
        elif column.name == "day":
            value = sa.literal(day.isoformat())
            chosen = [column == first.isoformat()]
        columns.append(value)
    if "day" not in table.c:
        # What is copied came from the first day alone, not from a copy of it.
        moment = next(column for column in table.c if column.name in TIMES)
        chosen = [moment < _midnight_after(first)]
    copied = sa.select(*columns).where(*chosen)
    connection.execute(table.insert().from_select([column.name for column in table.c], copied))


def _midnight_after(day: date) -> float:
    return (day - date(1970, 1, 1)).days * DAY_S + DAY_S


@contextmanager
def databases() -> Iterator[dict[str, Callable[[], str]]]:
    """Give a way to a fresh database of each kind."""
    folder = Path(tempfile.mkdtemp(prefix="vaxel-bench-"))
    try:
        server = Postgres(folder / "pg")
        try:
            yield {"SQLite": lambda: f"sqlite:///{folder}/history.sqlite", "PostgreSQL": server.database}
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def command(url: str, first: date, last: date) -> list[str]:
    """Return the report's command, with a data folder that leads to a history."""
    data = Path(tempfile.mkdtemp(prefix="vaxel-bench-data-"))
    (data / "run").mkdir()
    (data / "run" / HISTORY_FILE).write_bytes(msgspec.json.encode(HistorySettings(url=url, time_zone="Etc/UTC")))
    vaxel = str(Path(sys.executable).with_name("vaxel"))
    return [vaxel, "report", first.isoformat(), "--to", last.isoformat(), "--data", str(data)]


def report(context: Context) -> list[Measured]:
    """Fill both, then ask."""
    context.say("a day is simulated")
    batch, contacts = recorded(), int(context.choose(CONTACTS, 20_000))
    took: list[list[float]] = []
    try:
        with databases() as kinds:
            for name, make in kinds.items():
                context.say(f"{name} is filled")
                url = make()
                argv = command(url, *fill(url, batch, contacts))
                context.say(f"{name} is asked")
                took.append([_run(argv) for _ in range(context.repeats)])
                shutil.rmtree(argv[-1])
    except (OSError, subprocess.SubprocessError) as error:
        raise Trouble(f"bench.history: {error}") from None
    said = "vaxel report FIRST --to LAST"
    counted = f"{contacts:,} contacts; the whole command, from start to end"
    return [Measured("report.s", list(zip(*took, strict=True)), [said], counted)]


def _run(argv: list[str]) -> float:
    begun = perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, timeout=WITHIN_S)
    return perf_counter() - begun


GROUPS: Final = (Group(KEYS, 300, 40, report),)
