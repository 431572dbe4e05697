"""The file that Kamailio checks digests by."""

import sqlite3

import pytest

from adapters.edge import passwords
from adapters.edge.passwords import Passwords


@pytest.fixture
def known(tmp_path):
    return Passwords(tmp_path / "phones.sqlite")


def hashes(known):
    with sqlite3.connect(known._path) as database:
        found = dict(database.execute("select username, ha1 from phones"))
    database.close()
    return found


def test_only_a_hash_is_kept(known):
    known.set("guide01", "known-to-the-phone")
    # echo -n guide01:vaxel:known-to-the-phone | md5sum
    assert hashes(known) == {"guide01": "ae75edc6cf750aa7608c424eec2719ee"}
    assert known.demonstrated() == {}


def test_nobody_else_can_read_it(known, tmp_path):
    known.set("guide01", "known-to-the-phone")
    assert known._path.stat().st_mode & 0o777 == 0o600
    passwords.prepare_location(tmp_path / "location.sqlite")
    assert (tmp_path / "location.sqlite").stat().st_mode & 0o777 == 0o600


def test_what_is_made_is_random_and_typable():
    made = {passwords.make() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(one) == passwords.LENGTH >= passwords.SHORTEST for one in made)
    assert set("".join(made)) == set(passwords.LETTERS)
    assert not set(passwords.LETTERS) & set("01oil")


def test_a_demonstration_leaves_passwords_alone_that_are_there(known):
    known.set("guide01", "a password of theirs")
    before = hashes(known)["guide01"]
    known.demonstrate(["guide01", "guide02"])
    assert hashes(known)["guide01"] == before
    shown = known.demonstrated()
    assert list(shown) == ["guide02"]
    assert hashes(known)["guide02"] == passwords.ha1("guide02", shown["guide02"])
    known.demonstrate(["guide01", "guide02", "guide03"])
    assert known.demonstrated()["guide02"] == shown["guide02"]


def test_after_the_demonstration_nothing_can_be_shown(known):
    known.demonstrate(["guide01"])
    known.forget_demonstration()
    assert known.demonstrated() == {}
    assert known.names() == {"guide01"}


def test_another_password_is_none_of_the_demonstration(known):
    known.demonstrate(["guide01"])
    known.set("guide01", "a password of theirs")
    assert known.demonstrated() == {}


def test_phones_that_are_none_any_more(known):
    known.demonstrate(["guide01", "guide02"])
    known.keep_only(["guide02", "guide03"])
    assert known.names() == {"guide02"}
    assert list(known.demonstrated()) == ["guide02"]
    assert known.remove("guide02")
    assert not known.remove("guide02")
