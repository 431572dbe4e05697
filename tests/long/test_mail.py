"""Mail under `kill -9`, in many orders."""

import random
from collections.abc import Callable

import pytest

from tests.mail.conftest import post as post
from tests.mail.conftest import town as town
from tests.mail.test_kills import live_through
from tests.mail.town import Town
from tests.system.conftest import make_house as make_house

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]


@pytest.mark.parametrize("seed", range(2, 22))
def test_no_mail_is_lost_doubled_or_out_of_order(town: Callable[..., Town], seed: int) -> None:
    live_through(town(agents=2, hasty=True), random.Random(seed))
