"""Files of the pages: which form a browser is given, and how long it may keep it."""

import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.web.house import free_port
from web.app import serve
from web.pages import ASSETS, FOLDER, FOR_EVER, PACKED, Pages

SCRIPT = b"console.log('hej');" * 50
GUIDE_MAX = 300_000
"""Bytes that a guide's browser loads, packed; more needs a reason."""


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    """Serve pages that were built: one script packed, one not."""
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (assets / "index-1.js").write_bytes(SCRIPT)
    (assets / "index-1.js.gz").write_bytes(gzip.compress(SCRIPT))
    (assets / "small-1.js").write_bytes(b"1;")
    app, port = web.Application(), free_port()
    Pages(tmp_path).mount(app)
    serving = await serve(app, "127.0.0.1", port)
    yield f"http://127.0.0.1:{port}/desk"
    await serving.stop()


@pytest.mark.parametrize("takes", ["gzip, deflate, br", "identity", ""])
async def test_a_browser_gets_what_it_can_unpack(url: str, takes: str) -> None:
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        async with session.get(f"{url}/assets/index-1.js", headers={"Accept-Encoding": takes}) as answer:
            data = await answer.read()
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert answer.headers["Cache-Control"] == FOR_EVER
            assert answer.headers["Content-Type"].startswith("text/javascript")
            packed = answer.headers.get("Content-Encoding") == "gzip"
        assert packed == ("gzip" in takes)
        assert (gzip.decompress(data) if packed else data) == SCRIPT
        async with session.get(f"{url}/assets/small-1.js", headers={"Accept-Encoding": takes}) as answer:
            assert (await answer.read(), answer.headers.get("Content-Encoding")) == (b"1;", None)


async def test_what_is_packed_is_no_file_of_its_own(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/assets/index-1.js.gz") as answer:
        assert answer.status == 404


def loaded(assets: Path, name: str) -> set[str]:
    """Return a script and all that it needs before it runs."""
    found, new = {name}, {name}
    while new:
        texts = ((assets / one).read_text() for one in new)
        new = {one for text in texts for one in re.findall(r'(?:from|import)"\./([\w-]+\.js)"', text)} - found
        found |= new
    return found


def test_a_guide_waits_for_no_more_than_a_desk_needs() -> None:
    if not (FOLDER / "index.html").exists():
        pytest.skip("the pages are not built here")
    assets = FOLDER / ASSETS
    (first,) = re.findall(r'<script[^>]* src="/desk/assets/([\w-]+\.js)"', (FOLDER / "index.html").read_text())
    (desk,) = (path.name for path in assets.glob("Desk-*.js"))
    (line,) = (path.name for path in assets.glob("line-*.js"))
    needed = loaded(assets, first) | loaded(assets, desk)
    assert 0 < sum((assets / f"{name}{PACKED}").stat().st_size for name in needed) < GUIDE_MAX
    telephone = loaded(assets, line) - needed
    assert any("JsSIP" in (assets / name).read_text() for name in telephone)
    assert not any("JsSIP" in (assets / name).read_text() for name in needed), "the telephone comes when it is needed"
