"""A city with one real engine and a form."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.chat.conftest import open_page as open_page
from tests.chat.conftest import session as session
from tests.chat.town import Town
from tests.forms.town import town
from tests.system.conftest import make_house as make_house
from tests.system.conftest import open_phone as open_phone
from tests.system.house import House


@pytest.fixture
def make_town(make_house: Callable[..., House]) -> Callable[..., Town]:
    """Return a function that makes a town and starts its house, `hasty` or not; `more` goes into the form."""

    def make(*, agents: int = 1, hasty: bool = False, **more: Any) -> Town:
        made = town(make_house(agents, edge=False, hasty=hasty), **more)
        made.house.start()
        return made

    return make
