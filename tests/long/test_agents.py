"""Whatever an agent does in a call, in any order and by any means: everybody hears whom they should."""

import random

import pytest

from tests.system.test_agents_killed import kill_engine
from tests.system.walk import Walk

FURNITURE = {"hasty": True}
STEPS = 150
pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


@pytest.mark.parametrize("_time", range(4))
async def test_everybody_hears_whom_they_should(office, _time):
    seed = random.randrange(1 << 30)
    walk = Walk(office, *await office.talk(), random.Random(seed), lambda: kill_engine(office))
    await walk.go(STEPS)
