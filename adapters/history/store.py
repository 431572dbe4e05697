"""The database, SQLite or PostgreSQL. The journal's position stands in one transaction with what was read up to it."""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import alembic.command
import alembic.config
import alembic.util
import sqlalchemy as sa
from msgspec import structs
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Engine, make_url

from adapters.history import tables as t
from adapters.history.batch import Batch
from adapters.history.errors import BadHistory, HistoryError, WrittenByAnother
from adapters.history.rows import KEYS, ContactRow

SCHEMES: Final = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
BUSY_S: Final = 30.0
"""How long a writer of SQLite waits for another: a report never holds it up, a rebuild may."""
CONNECT_S: Final = 5
OF_CONTACTS: Final = (t.asks, t.segments, t.offers, t.announced, t.messages)
"""Tables whose rows go with their contact."""
ONE: Final = 1
Id = tuple[int, int]
"""Epoch and number of a journal entry."""
START: Final[Id] = (0, 0)


class Progress(NamedTuple):
    """How far the history is."""

    id: Id
    at: float
    """Time of the last fact."""
    image_id: Id
    image: bytes
    """What was open after `image_id`; empty at the very beginning."""


NOTHING: Final = Progress(START, 0.0, START, b"")


class Store:
    """One history."""

    def __init__(self, url: str, password_file: str = "") -> None:
        """Raises BadHistory."""
        self._engine = _engine(address(url, password_file))
        self._insert: Any = sqlite.insert if self._engine.dialect.name == "sqlite" else postgresql.insert
        self._upserts: dict[str, Any] = {}

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def upgrade(self) -> None:
        """Make the tables, or bring them up to this version. Raises HistoryError."""
        config = alembic.config.Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self._transaction() as connection:
            config.attributes["connection"] = connection
            try:
                alembic.command.upgrade(config, "head")
            except alembic.util.CommandError as error:
                raise BadHistory(f"the history was made by a newer version of Vaxel: {error}") from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to read from: all that is read with it is of one moment. Raises HistoryError."""
        with self._transaction(reads=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, *, reads: bool = False) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                if reads and self._engine.dialect.name == "postgresql":
                    _ = connection.execution_options(isolation_level="REPEATABLE READ")
                _ = connection.execution_options(reads=reads)
                with connection.begin():
                    yield connection
        except sa.exc.OperationalError as error:
            raise HistoryError(f"the history's database does not serve: {_cause(error)}") from error
        except sa.exc.ProgrammingError as error:
            raise BadHistory(f"the history's database lacks something: {_cause(error)}") from error

    # ---- writing -----------------------------------------------------------------------------------------------

    def progress(self) -> Progress:
        """Return how far the history is. Raises HistoryError."""
        with self._transaction() as connection:
            row = connection.execute(sa.select(t.progress)).first()
        if row is None:
            return NOTHING
        return Progress((row.epoch, row.seq), row.at, (row.image_epoch, row.image_seq), row.image)

    def id(self) -> Id:
        """Return up to which entry the history is written. Raises HistoryError."""
        with self._transaction(reads=True) as connection:
            row = connection.execute(sa.select(t.progress.c.epoch, t.progress.c.seq)).first()
        return (row.epoch, row.seq) if row is not None else START

    def write(self, batch: Batch, before: Id, after: Progress) -> None:
        """Write what was read after the entry `before`, up to `after.id`; keep its image if that is new.

        Raises WrittenByAnother when the history is not at `before`; nothing is written then.
        """
        with self._transaction() as connection:
            self._advance(connection, before, after)
            self._forget_again(connection, batch.rows["contacts"].values())
            for table, rows in batch.rows.items():
                if rows:
                    connection.execute(self._upsert(table), [structs.asdict(row) for row in rows.values()])
            for patch in batch.patches:
                kept = t.ROWS[patch.table]
                where = [kept.c[name] == value for name, value in zip(KEYS[patch.table], patch.key, strict=True)]
                connection.execute(sa.update(kept).where(*where).values(**patch.values))
            self._add(connection, batch)

    def _advance(self, connection: Connection, before: Id, after: Progress) -> None:
        values = {
            "epoch": after.id[0], "seq": after.id[1], "at": after.at,
            "image_epoch": after.image_id[0], "image_seq": after.image_id[1], "image": after.image,
        }  # fmt: skip
        kept = t.progress
        if before == START:
            made = self._insert(kept).values(id=ONE, **values).on_conflict_do_nothing().returning(kept.c.id)
            moved = len(connection.execute(made).all())
        else:
            if not after.image:
                values = {name: values[name] for name in ("epoch", "seq", "at")}
            here = (kept.c.epoch == before[0]) & (kept.c.seq == before[1])
            moved = connection.execute(sa.update(kept).where(here).values(**values)).rowcount
        if moved != 1:
            raise WrittenByAnother(f"the history is not at {before[0]}-{before[1]} any more")

    def _upsert(self, name: str) -> Any:
        """Return the statement that writes a row, be it new or not."""
        if name not in self._upserts:
            table = t.ROWS[name]  # type: ignore[index]
            insert = self._insert(table)
            new = {one.name: insert.excluded[one.name] for one in table.c if not one.primary_key}
            self._upserts[name] = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=new)
        return self._upserts[name]

    def _add(self, connection: Connection, batch: Batch) -> None:
        """Add to what is counted by day."""
        tallied = [
            {"day": day, **kind._asdict(), **t.flat(tally.figures, tally.work)}
            for (day, kind), tally in batch.tallies.items()
        ]
        present = [{"day": day, "state": state, "seconds": seconds} for (day, state), seconds in batch.presence.items()]
        said = [
            {"day": day, **kind._asdict(), "reason": about.reason, "avoidable": _word(about.avoidable),
             "gap": about.gap, "number": number}
            for (day, kind, about), number in batch.subjects.items() if number
        ]  # fmt: skip
        asked = [
            {"day": day, **kind._asdict(), **dict(zip(("asked", "answered", "total"), counts, strict=True))}
            for (day, kind), counts in batch.surveys.items()
        ]
        for table, rows in ((t.tallies, tallied), (t.presence, present), (t.subjects, said), (t.surveys, asked)):
            if rows:
                insert = self._insert(table)
                more = {one.name: one + insert.excluded[one.name] for one in table.c if not one.primary_key}
                adding = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=more)
                connection.execute(adding, rows)

    # ---- keeping less ------------------------------------------------------------------------------------------

    def forget(self, person: str) -> int:
        """Let nothing lead from contacts to a person any more, now and after a rebuild; return from how many."""
        with self._transaction() as connection:
            known = self._insert(t.forgotten).values(digest=_digest(person)).on_conflict_do_nothing()
            connection.execute(known)
            whose = t.contacts.c.person == person
            return connection.execute(sa.update(t.contacts).where(whose).values(person=None)).rowcount

    def _forget_again(self, connection: Connection, rows: Iterable[Any]) -> None:
        known = {_digest(row.person): row for row in rows if isinstance(row, ContactRow) and row.person is not None}
        if not known:
            return
        asked = sa.select(t.forgotten.c.digest).where(t.forgotten.c.digest.in_(list(known)))
        for digest in connection.execute(asked).scalars().all():
            person = known[digest].person
            for row in rows:
                if row.person == person:
                    row.person = None

    def expire(self, before: float, held: Collection[str] = ()) -> int:
        """Delete contacts that ended before a time, and agents' states; figures of days stay. Return how many.

        Contacts of matters that are `held` stay.
        """
        with self._transaction() as connection:
            old = (t.contacts.c.ended < before) & t.contacts.c.matter.not_in(list(held))
            over = sa.select(t.contacts.c.id).where(old)
            for table in OF_CONTACTS:
                connection.execute(sa.delete(table).where(table.c.contact.in_(over)))
            connection.execute(sa.delete(t.callbacks).where(t.callbacks.c.closed < before))
            connection.execute(sa.delete(t.agent_states).where(t.agent_states.c.ended < before))
            return connection.execute(sa.delete(t.contacts).where(old)).rowcount

    def clear(self) -> None:
        """Delete everything but who was forgotten, so that it can be read anew from the journal."""
        with self._transaction() as connection:
            for table in t.metadata.sorted_tables:
                if table is not t.forgotten:
                    connection.execute(sa.delete(table))


def address(url: str, password_file: str) -> URL:
    """Read a database's address. Raises BadHistory."""
    try:
        read = make_url(url)
    except sa.exc.ArgumentError as error:
        raise BadHistory("the history's url cannot be read: write postgresql://user@host/database") from error
    if read.drivername not in SCHEMES:
        raise BadHistory(f"the history's url begins with {read.drivername!r}: only {', '.join(SCHEMES)} can be used")
    if read.password:
        raise BadHistory("the history's url carries a password: put it into a file and name that in password_file")
    read = read.set(drivername=SCHEMES[read.drivername])
    if not password_file:
        return read
    try:
        return read.set(password=Path(password_file).read_text().strip())
    except OSError as error:
        raise BadHistory(f"the file with the history's password, {password_file}: {error.strerror}") from error


def _engine(url: URL) -> Engine:
    if url.drivername == SCHEMES["postgresql"]:
        return sa.create_engine(url, connect_args={"connect_timeout": CONNECT_S}, pool_pre_ping=True)
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_S})

    @sa.event.listens_for(engine, "connect")
    def begun(connection: Any, _: object) -> None:
        # Readers and the writer do not wait for each other; what a power cut takes is read from the journal again.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Python's own beginnings leave reading, and the making of tables, outside of transactions.
        reads = connection.get_execution_options().get("reads", False)
        _ = connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _word(avoidable: bool | None) -> str:
    return "" if avoidable is None else "yes" if avoidable else "no"


def _digest(person: str) -> str:
    return hashlib.sha256(person.encode()).hexdigest()


def _cause(error: sa.exc.DBAPIError) -> str:
    """Return the database's own words, without the statement and its values."""
    return " ".join(str(error.orig).split())[:200]
