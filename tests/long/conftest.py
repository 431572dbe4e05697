"""The houses of tests/system, for longer."""

from tests.system.conftest import (
    agents,
    callers,
    make_house,
    office,
    office_house,
    open_phone,
    pytest_runtest_makereport,
    start_house,
)

__all__ = [
    "agents",
    "callers",
    "make_house",
    "office",
    "office_house",
    "open_phone",
    "pytest_runtest_makereport",
    "start_house",
]
