"""For all tests."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import settings

from bench.browser import chromium
from tests.system.figures import MEASURED

# A test that passes must pass again on the same tree; `HYPOTHESIS_PROFILE=wide pytest` looks further.
settings.register_profile("steady", derandomize=True, print_blob=True)
settings.register_profile("wide", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture
async def browse(tmp_path: Path) -> AsyncIterator[Any]:
    """Return a function that opens a page in a browser."""
    async with aiohttp.ClientSession() as session, chromium(session, tmp_path / "browser") as browser:
        yield browser.open


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what was measured."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    figures = [text for report in reports for name, text in report.user_properties if name == MEASURED]
    if figures:
        terminalreporter.section(MEASURED)
        for figure in figures:
            terminalreporter.write_line(figure)
