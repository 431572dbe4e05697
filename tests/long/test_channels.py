"""Each channel from arrived to closed while the engine is killed at one step, at all of them, and at other moments."""

import pytest

from tests.channels.citizens import CITIZENS
from tests.channels.conftest import city as city
from tests.channels.conftest import post as post
from tests.channels.conftest import session as session
from tests.channels.conftest import town as town
from tests.channels.story import STEPS, Story
from tests.system.conftest import open_phone as open_phone

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]


@pytest.mark.parametrize("seed", range(1, 4))
@pytest.mark.parametrize("channel", CITIZENS)
async def test_a_contact_goes_through_every_hand_while_the_engine_dies_at_each_step(
    city, session, open_phone, channel, seed
):
    await Story(city, CITIZENS[channel](city, session, open_phone), STEPS, seed).live()
