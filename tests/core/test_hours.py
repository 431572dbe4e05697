# ruff: noqa: DTZ001 -- opening hours are in naive local time
"""Opening hours: weeks, special days, midnight, and the days on which clocks are changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.hours import ALWAYS, Hours, is_open, seconds_to_change
from router import facts as f
from router import inputs as i
from router.router import Router
from tests.core.city import agent, configuration, queue

OFFICE = Hours(
    week={day: ((time(8), time(12)), (time(13), time(17))) for day in range(1, 6)},
    special={date(2026, 12, 24): (), date(2026, 12, 31): ((time(8), time(12)),)},
)
MONDAY = datetime(2026, 11, 23)


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        (MONDAY + timedelta(hours=7, minutes=59, seconds=59), False),
        (MONDAY + timedelta(hours=8), True),
        (MONDAY + timedelta(hours=12), False),
        (MONDAY + timedelta(hours=13), True),
        (MONDAY + timedelta(hours=17), False),
        (datetime(2026, 11, 28, 10), False),  # a Saturday
        (datetime(2026, 12, 24, 10), False),  # Christmas Eve, a Thursday
        (datetime(2026, 12, 31, 10), True),
        (datetime(2026, 12, 31, 14), False),
    ],
)
def test_office_hours(moment: datetime, opened: bool) -> None:
    assert is_open(OFFICE, moment) is opened


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        (MONDAY + timedelta(hours=7), 3600),
        (MONDAY + timedelta(hours=8), 4 * 3600),
        (datetime(2026, 11, 27, 17), (2 * 24 + 15) * 3600),  # Friday evening to Monday morning
        (datetime(2026, 12, 23, 17), (24 + 15) * 3600),  # over Christmas Eve to Friday
    ],
)
def test_the_next_change(moment: datetime, seconds: float) -> None:
    assert seconds_to_change(OFFICE, moment) == seconds


def test_always_and_never_do_not_change() -> None:
    assert is_open(ALWAYS, MONDAY)
    assert seconds_to_change(ALWAYS, MONDAY) is None
    assert not is_open(Hours(), MONDAY)
    assert seconds_to_change(Hours(), MONDAY) is None
    assert seconds_to_change(Hours(special={date(2020, 1, 1): ((time(8), time(9)),)}), MONDAY) is None


def test_open_through_midnight_is_open_through_the_last_microsecond() -> None:
    night = Hours(week={1: ((time(22), time.max),), 2: ((time(0), time(6)),)})
    last = MONDAY + timedelta(days=1) - timedelta(microseconds=1)
    assert is_open(night, last)
    assert is_open(night, last + timedelta(microseconds=1))
    assert seconds_to_change(night, MONDAY + timedelta(hours=22)) == 8 * 3600


def test_round_the_clock_by_the_week_never_changes() -> None:
    assert seconds_to_change(Hours(week={day: ((time(0), time.max),) for day in range(1, 8)}), MONDAY) is None


TIMES = st.times().map(lambda one: one.replace(microsecond=0, tzinfo=None))
SPANS = st.lists(st.tuples(TIMES, TIMES).filter(lambda span: span[0] < span[1]), max_size=3).map(tuple)
ANY_HOURS = st.builds(
    Hours,
    week=st.dictionaries(st.integers(1, 7), SPANS),
    special=st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 1, 9)), SPANS),
)


@given(ANY_HOURS, st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 9)))
def test_nothing_changes_before_the_next_change(hours: Hours, moment: datetime) -> None:
    seconds = seconds_to_change(hours, moment)
    if seconds is None:
        return
    change = moment + timedelta(seconds=seconds)
    assert is_open(hours, change) is not is_open(hours, moment)
    for part in (0.01, 0.37, 0.99):
        if seconds * part < seconds - 1:
            assert is_open(hours, moment + timedelta(seconds=seconds * part)) is is_open(hours, moment)


@pytest.mark.parametrize(
    ("day", "seconds"),
    [(datetime(2026, 3, 29), 2 * 3600), (datetime(2026, 10, 25), 4 * 3600), (datetime(2026, 6, 1), 3 * 3600)],
)
def test_local_time_decides_on_days_when_clocks_are_changed(day: datetime, seconds: float) -> None:
    """Open from 1 to 4 by the clock on the wall: two hours in March, four in October."""
    zone = ZoneInfo("Europe/Stockholm")
    router = Router(lambda now: datetime.fromtimestamp(now, UTC).astimezone(zone).replace(tzinfo=None))
    hours = Hours(week={weekday: ((time(1), time(4)),) for weekday in range(1, 8)})
    now = day.replace(tzinfo=zone).timestamp()
    router.handle(i.ApplyConfiguration(configuration([queue(hours=hours)], [agent()])), now)
    changes: list[f.AnyFact] = []
    while len(changes) < 2:
        due = router.next_deadline()
        assert due is not None
        changes += router.handle(i.TimePassed(), due)
    assert [type(change) for change in changes] == [f.QueueOpened, f.QueueClosed]
    assert changes[1].at - changes[0].at == pytest.approx(seconds, abs=600)
