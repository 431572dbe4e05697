"""Pictures of pages, for people who look: PICTURES=FOLDER has the tests write them."""

import base64
import os
from pathlib import Path
from typing import Any

import pytest

from tests.desk.conftest import DeskPage
from web.citizen import LANGUAGES

SPOKEN = [pytest.param(one, marks=() if one == "ar" else pytest.mark.soak) for one in LANGUAGES]
"""Arabic, which runs right to left, at each run; the others in the long one."""


async def picture(desk: DeskPage, name: str, *, width: int = 1400, height: int = 900, dark: bool = False) -> None:
    """Write what is seen into a PNG file, if somebody wants to look."""
    folder = os.environ.get("PICTURES")
    if not folder:
        return
    ask = desk.browser.command
    await ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    await ask("Emulation.setEmulatedMedia", features=scheme)
    await ask("Emulation.setScrollbarsHidden", hidden=True)  # there is none beyond the viewport, and the page is wider
    leftwards = await desk.browser.evaluate("document.documentElement.dir === 'rtl'")  # Chromium would shift it
    shot: Any = await ask("Page.captureScreenshot", format="png", captureBeyondViewport=not leftwards)
    path = Path(folder) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(shot["data"]))
