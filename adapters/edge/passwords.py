"""What the phones' passwords are checked by: digest hashes in an SQLite file that Kamailio asks at each request, so a
change counts at once. A password itself is known only to who made it, except in a demonstration."""

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from adapters.edge.settings import REALM

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are mistaken for another when somebody types them into a phone."""
LENGTH: Final = 16
"""Nearly 80 bits."""
SHORTEST: Final = 12
"""Of a password that somebody brings along."""

SCHEMA: Final = """\
create table if not exists phones (username text primary key, ha1 text not null);
create table if not exists demo (username text primary key, password text not null);
"""

LOCATION_SCHEMA: Final = """\
create table if not exists location (
    id integer primary key not null, ruid varchar(64) default '' not null unique,
    username varchar(64) default '' not null, domain varchar(64) default null,
    contact varchar(512) default '' not null, received varchar(128) default null, path varchar(512) default null,
    expires timestamp default '2030-05-28 21:32:15' not null, q real default 1.0 not null,
    callid varchar(255) default '' not null, cseq integer default 1 not null,
    last_modified timestamp default '2000-01-01 00:00:01' not null,
    flags integer default 0 not null, cflags integer default 0 not null, user_agent varchar(255) default '' not null,
    socket varchar(64) default null, methods integer default null, instance varchar(255) default null,
    reg_id integer default 0 not null, server_id integer default 0 not null, connection_id integer default 0 not null,
    keepalive integer default 0 not null, partition integer default 0 not null
);
"""
"""The columns of Kamailio's usrloc, version 9."""


class Passwords:
    """The passwords of one data folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> set[str]:
        """Return the phones that have a password."""
        with self._opened() as database:
            return {name for (name,) in database.execute("select username from phones")}

    def set(self, phone: str, password: str) -> None:
        """Give a phone its password, instead of the one it had."""
        with self._opened() as database, database:
            database.execute("insert or replace into phones values (?, ?)", (phone, ha1(phone, password)))
            database.execute("delete from demo where username = ?", (phone,))

    def remove(self, phone: str) -> bool:
        """Take a phone's password away; tell whether it had one."""
        with self._opened() as database, database:
            database.execute("delete from demo where username = ?", (phone,))
            return database.execute("delete from phones where username = ?", (phone,)).rowcount > 0

    def keep_only(self, phones: Collection[str]) -> None:
        """Take the passwords of all others away."""
        for gone in self.names().difference(phones):
            self.remove(gone)

    def demonstrate(self, phones: Collection[str]) -> None:
        """Give each phone without a password one that can be shown: for a demonstration only."""
        for phone in set(phones).difference(self.names()):
            password = make()
            self.set(phone, password)
            with self._opened() as database, database:
                database.execute("insert into demo values (?, ?)", (phone, password))

    def demonstrated(self) -> dict[str, str]:
        """Return the passwords that can be shown."""
        with self._opened() as database:
            return dict(database.execute("select username, password from demo order by username").fetchall())

    def forget_demonstration(self) -> None:
        """Keep no password that can be shown; what phones are set up with goes on working."""
        with self._opened() as database, database:
            database.execute("delete from demo")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(_open(self._path)) as database:
            database.executescript(SCHEMA)
            yield database


def make() -> str:
    """Return a new password."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def ha1(phone: str, password: str) -> str:
    """Return the hash that digest is checked by (RFC 7616 §3.4.2; MD5, as desk phones know no other)."""
    return hashlib.md5(f"{phone}:{REALM}:{password}".encode(), usedforsecurity=False).hexdigest()


def prepare_location(path: Path) -> None:
    """Make the file in which Kamailio keeps registrations."""
    with closing(_open(path)) as database:
        database.executescript(LOCATION_SCHEMA)


def _open(path: Path) -> sqlite3.Connection:
    """Open a database that only this user can read. Readers and a writer do not wait for each other (WAL)."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    database = sqlite3.connect(path)
    database.execute("pragma journal_mode = wal")
    return database
