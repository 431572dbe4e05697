"""The content store: whole or not at all, under names of ours, and swept in time."""

import asyncio
import os
from pathlib import Path

import pytest

from adapters.content import store
from adapters.content.store import ContentStore
from router.inputs import Refused
from router.letters import Attachment, Letter

LETTER = Letter(text="Hej", attachments=(Attachment(file="1", name="a.pdf", media="application/pdf", size=3),))


async def test_what_was_put_is_there_for_the_next_engine(tmp_path: Path) -> None:
    await ContentStore(tmp_path).put("c1", "k1", LETTER, {"1": b"abc"})
    kept = ContentStore(tmp_path)
    assert await kept.letter("c1", "k1") == LETTER
    assert await kept.file("c1", "k1", "1") == b"abc"
    assert await kept.file("c1", "k1", "2") is None
    assert await kept.letter("c2", "k1") is None


@pytest.mark.parametrize("name", ["..", "../c1", "a/b", "", ".hidden", "a\0b", "x" * 200])
async def test_no_name_leads_out_of_the_store(tmp_path: Path, name: str) -> None:
    kept = ContentStore(tmp_path / "content")
    (tmp_path / "secret").write_text("secret")
    for contact, key, file in ((name, "k", "f"), ("c", name, "f"), ("c", "k", name)):
        assert await kept.file(contact, key, file) is None
    with pytest.raises(ValueError, match="name of a folder"):
        await kept.put(name, "k", LETTER, {})


def test_a_letter_that_was_broken_off_is_begun_anew(tmp_path: Path) -> None:
    part = tmp_path / store.ARRIVING / "k1"
    part.mkdir(parents=True)
    (part / "1").write_bytes(b"half of")
    store.lay_down(tmp_path, "k1", LETTER, {"2": b"abc"})
    store.file_away(tmp_path, "c1", "k1")
    assert sorted(path.name for path in (tmp_path / "c1" / "k1").iterdir()) == ["2", store.LETTER]


def test_filing_away_twice_changes_nothing(tmp_path: Path) -> None:
    for data in (b"first", b"again"):
        store.lay_down(tmp_path, "k1", LETTER, {"1": data})
        store.file_away(tmp_path, "c1", "k1")
    assert (tmp_path / "c1" / "k1" / "1").read_bytes() == b"first"
    assert list((tmp_path / store.ARRIVING).iterdir()) == []


async def test_a_full_disk_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "lay_down", full)
    with pytest.raises(Refused) as refused:
        await ContentStore(tmp_path).put("c1", "k1", LETTER, {})
    assert (refused.value.error_id, refused.value.retryable) == ("disk_full", True)


async def test_the_sweep_takes_what_is_old_and_belongs_to_nobody(tmp_path: Path) -> None:
    kept = ContentStore(tmp_path)
    for contact in ("old", "lives", "new"):
        await kept.put(contact, "k", LETTER, {})
    for contact in ("old", "lives"):
        for path in (tmp_path / contact, tmp_path / contact / "k"):
            os.utime(path, (1000, 1000))
    await asyncio.to_thread(store.lay_down, tmp_path, "left", LETTER, {})
    os.utime(tmp_path / store.ARRIVING / "left", (1000, 1000))
    assert await asyncio.to_thread(kept.sweep, {"lives"}.__contains__, 2000) == 1
    await asyncio.to_thread(kept.tidy, 2000)
    left = await asyncio.to_thread(os.listdir, tmp_path)
    assert sorted(left) == [store.ARRIVING, "lives", "new"]
    assert await asyncio.to_thread(os.listdir, tmp_path / store.ARRIVING) == []
    await kept.put("lives", "u1", LETTER, {})
    await kept.drop("lives", "u1")
    await kept.drop("lives", "u1")
    assert (await kept.letter("lives", "u1"), await kept.letter("lives", "k")) == (None, LETTER)
    await kept.forget("lives")
    assert await kept.letter("lives", "k") is None
