"""The file of a backup: what went in comes out; what was changed on the way, or is something else, is refused."""

import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backup.box import SUMS, Packer, is_plain, members
from engine.backup.errors import Damaged

CONTENTS = {"config/vaxel.yaml": b"city: Somewhere\n", "store.rdb": bytes(range(256)) * 5000, "data/empty": b""}


def packed(contents):
    out = io.BytesIO()
    with Packer(out) as packer:
        for name, data in contents.items():
            packer.small(name, data, 1_700_000_000.0)
    return out.getvalue()


def unpacked(data):
    return {member.name: b"".join(member.chunks()) for member in members(io.BytesIO(data))}


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40).filter(
    lambda name: is_plain(name) and not name.endswith("/") and "//" not in name and name != SUMS
)


@given(st.dictionaries(NAMES, st.binary(max_size=2000), max_size=6))
def test_what_went_in_comes_out(contents):
    assert unpacked(packed(contents)) == contents


def test_members_may_be_left_unread():
    names = [member.name for member in members(io.BytesIO(packed(CONTENTS)))]
    assert names == list(CONTENTS)


WHOLE = packed(CONTENTS)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_shortened_file_is_refused(length):
    # The sums are the last that is read: without gzip's own last bytes all is there.
    if length >= len(WHOLE) - 2000 and _complete(WHOLE[:length]):
        return
    with pytest.raises(Damaged):
        unpacked(WHOLE[:length])


def _complete(data):
    try:
        return unpacked(data) == CONTENTS
    except Damaged:
        return False


@given(st.integers(10, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(at, by):
    changed = bytearray(WHOLE)
    changed[at] ^= by
    try:
        assert unpacked(bytes(changed)) == CONTENTS
    except Damaged:
        pass


def test_nothing_but_plain_files_below_the_folder():
    def holding(info, data=b""):
        out = io.BytesIO()
        with gzip.GzipFile(fileobj=out, mode="wb") as zipped, tarfile.open(fileobj=zipped, mode="w|") as tar:
            tar.addfile(info, io.BytesIO(data))
        return out.getvalue()

    def made(name, kind=tarfile.REGTYPE, to=""):
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, to
        return info

    for info in (
        made("/etc/passwd"),
        made("config/../../out"),
        made("config/link", tarfile.SYMTYPE, "/etc/passwd"),
        made("config/hard", tarfile.LNKTYPE, "store.rdb"),
        made("config/fifo", tarfile.FIFOTYPE),
        made("config/folder", tarfile.DIRTYPE),
        made("config/" + "x" * 2000),
        made("config/a\nb"),
    ):
        with pytest.raises(Damaged, match="no backup holds"):
            unpacked(holding(info))
    with pytest.raises(Damaged, match="sums are missing"):
        unpacked(holding(made("config/a")))
    with pytest.raises(Damaged):
        unpacked(b"something else altogether")


def test_standard_tools_open_it(tmp_path):
    with tarfile.open(fileobj=io.BytesIO(WHOLE)) as tar:
        listed = tar.getnames()
        sums = tar.extractfile(SUMS).read().decode()
    assert listed == [*CONTENTS, SUMS]
    assert [line.split("  ")[1] for line in sums.splitlines()] == list(CONTENTS)
