"""The example city, as the demonstration's people know it."""

import pytest

from engine.config import Loaded, in_force, load
from engine.demo.town import Town
from tests.config.test_config_load import MALMO


@pytest.fixture(scope="session")
def loaded() -> Loaded:
    """Return the example as it is run."""
    return in_force(load(MALMO))


@pytest.fixture(scope="session")
def town(loaded: Loaded) -> Town:
    """Return the example with all its agents."""
    return Town(loaded, list(loaded.core.agents))
