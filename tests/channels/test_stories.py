"""Each channel to answered, handed over, not taken, returned and closed, by agents who are driven over REST; the engine
is killed once on the way. `tests/long/test_channels.py` kills it at each step."""

import pytest

from tests.channels.citizens import CITIZENS
from tests.channels.story import Story

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

DEADLY = {
    "call": "answered",
    "text": "handed over",
    "chat": "arrived",
    "mail": "not taken",
    "post": "taken",
    "visit": "returned",
    "callback": "not taken",
}
"""Channel to the step at which the engine dies."""


@pytest.mark.parametrize("channel", CITIZENS)
async def test_a_contact_goes_through_every_hand(city, session, open_phone, channel):
    await Story(city, CITIZENS[channel](city, session, open_phone), [DEADLY[channel]]).live()
