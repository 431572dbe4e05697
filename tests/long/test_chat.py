"""Chats and text messages under `kill -9`, in many orders."""

import asyncio
import random

import pytest

from tests.chat.conftest import make_town as make_town
from tests.chat.conftest import open_page as open_page
from tests.chat.conftest import open_sms as open_sms
from tests.chat.conftest import session as session
from tests.chat.test_kills import live_through
from tests.system.conftest import make_house as make_house

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]


@pytest.mark.parametrize("seed", range(10, 30))
async def test_no_message_is_lost_doubled_or_out_of_order(make_town, open_page, open_sms, seed):
    town = await asyncio.to_thread(make_town, agents=4, hasty=True, back_within=30)
    await live_through(town, open_page, open_sms, random.Random(seed))
