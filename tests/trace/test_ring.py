"""The ring of files: what was written comes back, never more than so much, and a crash costs its last words at most."""

import os

from hypothesis import given
from hypothesis import strategies as st

from adapters.trace.ring import Ring, between, records, segments

DAY = 86_400.0


def ring(folder, **more):
    return Ring(folder, "sip", **{"bytes_max": 1 << 30, "age_max": DAY, "segment_bytes": 4096, **more})


def read(folder, since=0.0, until=float("inf")):
    return [record for segment in between(folder, "sip", since, until) for record in records(segment.path)]


@given(st.lists(st.binary(max_size=300), max_size=60), st.booleans())
def test_what_was_written_comes_back(tmp_path_factory, written, zipped):
    folder = tmp_path_factory.mktemp("ring")
    one = ring(folder, zipped=zipped)
    for number, record in enumerate(written):
        one.append(record, 1000.0 + number)
        if number % 7 == 0:
            one.flush()
            one.tidy(1000.0 + number)
    one.flush()
    assert read(folder) == written


def test_it_is_bounded_in_bytes(tmp_path):
    one = ring(tmp_path, bytes_max=20_000, zipped=False)
    for number in range(500):
        one.append(os.urandom(200), 1000.0 + number)
        one.flush()
        one.tidy(1000.0 + number)
    assert sum(segment.path.stat().st_size for segment in segments(tmp_path, "sip")) <= 20_000
    assert all(segment.path.stat().st_mode & 0o777 == 0o600 for segment in segments(tmp_path, "sip"))


def test_it_is_bounded_in_age(tmp_path):
    one = ring(tmp_path)
    one.append(b"old", 1000.0)
    one.flush()
    one.tidy(10_000.0)  # more than an hour later: that file is done with
    (old,) = segments(tmp_path, "sip")
    assert old.path.name.endswith(".vxt.gz")
    os.utime(old.path, (1000.0, 1000.0))
    one.append(b"new", 1000.0 + DAY)
    one.flush()
    one.tidy(1001.0 + DAY)
    assert read(tmp_path) == [b"new"]


def test_only_what_may_hold_a_time_is_read(tmp_path):
    one = ring(tmp_path)
    for at in (1000.0, 10_000.0, 20_000.0):
        one.append(str(at).encode(), at)
        one.flush()
        one.tidy(at + 4000)
    assert read(tmp_path, 10_500.0, 12_000.0) == [b"10000.0"]
    assert read(tmp_path, 15_000.0) == [b"10000.0", b"20000.0"]


def test_a_crash_costs_its_last_words(tmp_path):
    one = ring(tmp_path)
    one.append(b"whole", 1000.0)
    one.append(b"torn", 1001.0)
    one.flush()
    (segment,) = segments(tmp_path, "sip")
    os.truncate(segment.path, segment.path.stat().st_size - 2)
    assert read(tmp_path) == [b"whole"]
    after = ring(tmp_path)
    after.tidy(1002.0)
    after.append(b"after", 1003.0)
    after.flush()
    assert read(tmp_path) == [b"whole", b"after"]
    assert not list(tmp_path.glob("*.part"))


def test_rubbish_is_passed_over(tmp_path):
    (tmp_path / "sip-0000000001000.vxt.gz").write_bytes(b"no gzip")
    (tmp_path / "sip-0000000002000.vxt").write_bytes(b"\xff" * 100)
    (tmp_path / "sip-x.vxt").write_bytes(b"")
    assert read(tmp_path) == []
