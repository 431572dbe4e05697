"""The standard report over a million contacts, on SQLite and on PostgreSQL.

A simulated day of Malmö is recorded as the history does it; its rows are doubled, days later, until a million contacts
are there, with everything that goes with them. What is measured is the whole command, as somebody at a desk runs it:
`vaxel report` over all the days, with the start of Python and all.
"""

import math
import os
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

from adapters.history import reports
from adapters.history import tables as t
from adapters.history.answers import Question
from adapters.history.batch import Batch
from adapters.history.recorder import Recorder
from adapters.history.settings import HistorySettings
from adapters.history.store import START, Progress, Store, address
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
    doublings = math.ceil(math.log2(contacts / len(batch.rows["contacts"])))
    for number in range(doublings):
        with store._transaction() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA cache_size = -1000000")
            for table in t.ROWS.values():
                _double(connection, table, number)
    last = first + timedelta(days=2**doublings - 1)
    with store._transaction() as connection:
        for table in (t.tallies, t.presence):
            _repeat(connection, table, first, last)
    _tidy(url)
    store.close()
    os.sync()  # a history is written in a year, not in the minute before the report
    return first, last


def _tidy(url: str) -> None:
    """Do what the database would otherwise do by itself in the minutes that follow."""
    engine = sa.create_engine(address(url, ""), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        tidying = "ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM ANALYZE"
        connection.exec_driver_sql(tidying)
    engine.dispose()


def _double(connection: sa.Connection, table: sa.Table, number: int) -> None:
    """Write all rows of a table once more, 2 to the `number` days later."""
    values: list[sa.ColumnElement[object]] = []
    for column in table.c:
        if column.name in NAMES:
            values.append(column + f"-{number}")
        elif column.name in TIMES:
            values.append(column + 2**number * DAY_S)
        else:
            values.append(column)
    connection.execute(table.insert().from_select([column.name for column in table.c], sa.select(*values)))


def _repeat(connection: sa.Connection, table: sa.Table, first: date, last: date) -> None:
    """Let each day be like the first one."""
    day = [dict(row._mapping) for row in connection.execute(sa.select(table).where(table.c.day == first.isoformat()))]
    for number in range(1, (last - first).days + 1):
        later = (first + timedelta(days=number)).isoformat()
        connection.execute(table.insert(), [row | {"day": later} for row in day])


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
    detail: dict[str, float] = {}
    try:
        with databases() as kinds:
            for name, make in kinds.items():
                context.say(f"{name} is filled")
                url = make()
                days = fill(url, batch, contacts)
                argv = command(url, *days)
                context.say(f"{name} is asked")
                took.append([_run(argv) for _ in range(context.repeats)])
                detail[f"{name}, the report alone, s"] = _ask(url, *days)
                shutil.rmtree(argv[-1])
    except (OSError, subprocess.SubprocessError) as error:
        raise Trouble(f"bench.history: {error}") from None
    said = "vaxel report FIRST --to LAST"
    counted = f"{contacts:,} contacts; the whole command, from start to end"
    return [Measured("report.s", list(zip(*took, strict=True)), [said], counted, detail)]


def _ask(url: str, first: date, last: date) -> float:
    """Return how long a report takes in a process that is there already."""
    store = Store(url)
    begun = perf_counter()
    with store.reading() as connection:
        reports.report(connection, Question(first=first, last=last), local)
    took = perf_counter() - begun
    store.close()
    return took


def _run(argv: list[str]) -> float:
    begun = perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, timeout=WITHIN_S)
    return perf_counter() - begun


GROUPS: Final = (Group(KEYS, 240, 30, report),)
