"""Mail servers for the tests: real ones, one pair for each test module, in a folder of their own."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.mailservers import MailServers
from tests.mail.town import Town, servers
from tests.system.conftest import make_house as make_house
from tests.system.conftest import open_phone as open_phone
from tests.system.house import House


@pytest.fixture
def post() -> Iterator[MailServers]:
    """Return mail servers that run."""
    folder = Path(tempfile.mkdtemp(prefix="vaxel-mail-"))
    made = servers(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def town(post: MailServers, make_house: Callable[..., House]) -> Callable[..., Town]:
    """Return a function that makes a town, its house started unless told otherwise."""

    def make(*, start: bool = True, agents: int = 1, hasty: bool = False, **more: Any) -> Town:
        made = Town(post, make_house(agents, edge=False, hasty=hasty))
        made.configure(**more)
        if start:
            made.house.start()
        return made

    return make
