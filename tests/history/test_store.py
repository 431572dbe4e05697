"""The database: the same on SQLite and PostgreSQL, and each entry of the journal once."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from adapters.history import tables as t
from adapters.history.batch import Batch, Kind, Subject
from adapters.history.errors import BadHistory, HistoryError, WrittenByAnother
from adapters.history.rows import AskRow, CallbackRow, ContactRow, MessageRow
from adapters.history.store import NOTHING, START, Progress, Store, address
from metrics.figures import Settled
from tests.history.conftest import Postgres, rows

pytestmark = pytest.mark.system

KIND = Kind("call", "tax", "sv", "", "+4640")


def at(*id_: int, image: bytes = b"") -> Progress:
    one, two = id_
    return Progress((one, two), 100.0 + two, (one, two) if image else START, image)


def contact(name: str = "c", ended: float | None = None, person: str | None = "p") -> ContactRow:
    return ContactRow(name, "call", "+4640", 1.0, person, name, ended=ended)


def batch(*contacts: ContactRow, waited: float = 30.0) -> Batch:
    found = Batch()
    for one in contacts:
        found.row(one)
        found.row(AskRow(one.id, 1, *KIND, asked=1.0))
    tally = found.tally("2026-11-26", KIND)
    tally.figures.arrived += 1
    tally.figures.settle(Settled("answered", 2.0, waited, True))
    tally.figures.tell("later", 1.5)
    tally.work.handled += 1
    found.present("2026-11-26", "free", 10.5)
    found.subject("2026-11-26", KIND, Subject("school", True, ""), 1)
    return found


def test_the_tables_are_those_of_the_code(store: Store) -> None:
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), t.metadata) == []
    store.upgrade()


def test_rows_change_and_tallies_add_up(store: Store) -> None:
    assert store.progress() == NOTHING
    store.write(batch(contact()), START, at(1, 5, image=b"x"))
    store.write(batch(contact(ended=9.0)), (1, 5), at(1, 6))
    assert store.progress() == Progress((1, 6), 106.0, (1, 5), b"x")
    (row,) = rows(store, t.contacts)
    assert (row.id, row.ended, row.reached, row.avoidable) == ("c", 9.0, False, None)
    (tally,) = rows(store, t.tallies)
    figures, work = t.unflat(tally._mapping)
    assert (figures.arrived, figures.answered, figures.wait.total, figures.told) == (2, 2, 60.0, {"later": 2})
    assert (work.handled, figures.told_off) == (2, {"later": 3.0})
    assert [tuple(one) for one in rows(store, t.presence)] == [("2026-11-26", "free", 21.0)]
    assert [one.number for one in rows(store, t.subjects)] == [2]


def test_nothing_is_written_twice(store: Store) -> None:
    store.write(batch(contact()), START, at(1, 5))
    for before in (START, (1, 4)):
        with pytest.raises(WrittenByAnother):
            store.write(batch(contact("d")), before, at(1, 6))
    assert len(rows(store, t.contacts)) == 1
    assert store.progress().id == (1, 5)


def test_what_was_written_long_ago_can_change(store: Store) -> None:
    first = batch(contact())
    first.row(MessageRow("c", 1, "agent", "anna", 5.0))
    store.write(first, START, at(1, 1))
    later = Batch()
    later.patch("messages", ("c", 1), sent=7.0, failed="")
    store.write(later, (1, 1), at(1, 2))
    assert [one.sent for one in rows(store, t.messages)] == [7.0]


def test_a_person_is_forgotten_for_good(store: Store) -> None:
    store.write(batch(contact(), contact("other", person="q")), START, at(1, 1))
    assert store.forget("p") == 1
    store.write(batch(contact("c"), contact("d"), contact("e")), (1, 1), at(1, 2))
    assert {row.id: row.person for row in rows(store, t.contacts)} == {"c": None, "d": None, "e": None, "other": "q"}
    store.clear()
    assert store.progress() == NOTHING
    store.write(batch(contact()), START, at(1, 1))
    assert [row.person for row in rows(store, t.contacts)] == [None]


def test_what_is_too_old_goes_and_figures_stay(store: Store) -> None:
    found = batch(contact("old", ended=10.0), contact("new", ended=100.0), contact("open"))
    found.row(CallbackRow("k", "old", "tax", 1.0, closed=5.0))
    store.write(found, START, at(1, 1))
    assert store.expire(50.0) == 1
    assert [row.id for row in rows(store, t.contacts)] == ["new", "open"]
    assert [row.contact for row in rows(store, t.asks)] == ["new", "open"]
    assert rows(store, t.callbacks) == []
    assert len(rows(store, t.tallies)) == 1


def test_reading_sees_one_moment(store: Store) -> None:
    store.write(batch(contact()), START, at(1, 1))
    with store.reading() as connection:
        number = sa.select(sa.func.count()).select_from(t.contacts)
        assert connection.execute(number).scalar() == 1
        store.write(batch(contact("d")), (1, 1), at(1, 2))
        assert connection.execute(number).scalar() == 1


def test_a_newer_versions_tables_are_left_alone(store: Store) -> None:
    with store._transaction() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(BadHistory, match="newer version"):
        store.upgrade()


def test_a_server_that_is_away_may_come_back(postgres: Postgres) -> None:
    store = Store(postgres.database())
    store.upgrade()
    postgres.stop()
    try:
        with pytest.raises(HistoryError) as caught:
            store.progress()
        assert caught.value.retryable
    finally:
        postgres.start()
    assert store.progress() == NOTHING
    store.close()


@pytest.mark.parametrize(
    ("url", "file", "says"),
    [
        ("mysql://x/y", "", "begins with 'mysql'"),
        ("no address", "", "cannot be read"),
        ("postgresql://u:secret@h/d", "", "carries a password"),
        ("postgresql://u@h/d", "/nowhere/pw", "/nowhere/pw: No such file"),
    ],
)
def test_addresses_that_cannot_be_used(url: str, file: str, says: str) -> None:
    with pytest.raises(BadHistory, match=says) as caught:
        address(url, file)
    assert "secret" not in str(caught.value)


def test_the_password_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("s3cret\n")
    read = address("postgresql://u@h/d", str(tmp_path / "pw"))
    assert (read.password, read.drivername) == ("s3cret", "postgresql+psycopg")
