"""Absences: when they hold, when they end, and how they are said."""

from datetime import date, datetime, time

import pytest

from adapters.directory import hours
from adapters.directory.absence import back_at, in_force, lasting, next_change, usual_end
from adapters.directory.record import Absence
from adapters.directory.settings import STANDARD
from adapters.directory.wording import FRAMES, sentence
from tests.directory.conftest import NOW, ZONE, at, person

SPECIAL = {date(2026, 12, 24): (), date(2026, 11, 27): ((time(8), time(12)),)}


def away(reason: str, since: str, until: str = "", **more: str) -> Absence:
    return Absence(reason=reason, since=at(since), until=at(until) if until else None, **more)


LUNCH = away("lunch", "2026-11-25T12:00", "2026-11-25T13:00")
MEETING = away("meeting", "2026-11-25T13:00", "2026-11-25T14:30")
HOLIDAY = away("holiday", "2026-11-25T08:00", "2026-12-07T00:00")
ILL = away("ill", "2026-11-25T07:00")


def test_an_absence_begins_and_ends_by_itself() -> None:
    moments = ("2026-11-25T11:59:59", "2026-11-25T12:00", "2026-11-25T12:59:59", "2026-11-25T13:00")
    assert [in_force((LUNCH,), at(moment)) for moment in moments] == [None, LUNCH, LUNCH, None]


def test_of_several_the_one_that_ends_last() -> None:
    assert in_force((HOLIDAY, LUNCH), at("2026-11-25T12:30")) == HOLIDAY
    assert in_force((HOLIDAY, ILL, LUNCH), at("2026-11-25T12:30")) == ILL


def test_back_after_absences_that_follow_each_other() -> None:
    assert back_at((MEETING, LUNCH), at("2026-11-25T12:30")) == MEETING.until
    assert back_at((MEETING, LUNCH, ILL), at("2026-11-25T12:30")) is None
    assert back_at((MEETING,), at("2026-11-25T12:30")) == at("2026-11-25T12:30"), "not away"


def test_what_is_over_is_dropped() -> None:
    assert lasting((MEETING, LUNCH, ILL), at("2026-11-25T13:00")) == (ILL, MEETING)
    assert next_change((MEETING, LUNCH), at("2026-11-25T12:30")) == at("2026-11-25T13:00")


@pytest.mark.parametrize(
    ("reason", "working", "since", "until"),
    [
        ("lunch", "", "2026-11-25T11:45", "2026-11-25T12:45"),
        ("gone", "", "2026-11-25T15:00", "2026-11-26T00:00"),
        ("gone", "mon-thu 08:00-16:30", "2026-11-25T15:00", "2026-11-26T08:00"),
        ("gone", "mon-wed 07:30-16:30", "2026-11-25T15:00", "2026-11-30T07:30"),
        ("ill", "fri 06:00-16:00", "2026-11-25T07:00", "2026-11-27T08:00"),  # a short day begins later
        ("holiday", "mon-fri 08:00-17:00", "2026-11-25T07:00", ""),
    ],
)
def test_the_end_when_none_is_named(reason: str, working: str, since: str, until: str) -> None:
    found = usual_end(STANDARD[reason], person(1, hours=working), at(since), ZONE, SPECIAL)
    assert found == (at(until) if until else None)


# ---- working hours -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "tidy"),
    [
        ("mon-thu 08:00-16:30; fri 08:00-15:00", "mon-thu 08:00-16:30; fri 08:00-15:00"),
        ("MÅN-TORS 8-16.30 ; fre 8-12,13-15", "mon-thu 08:00-16:30; fri 08:00-12:00, 13:00-15:00"),
        ("mon, wed 9-12; tue 9-12", "mon-wed 09:00-12:00"),
        ("sat closed; sun 00:00-24:00", "sat closed; sun 00:00-24:00"),
        ("", ""),
    ],
)
def test_hours_in_their_one_form(text: str, tidy: str) -> None:
    assert hours.write(hours.read(text)) == tidy
    assert hours.read(tidy) == hours.read(text)


@pytest.mark.parametrize("text", ["8-17", "mon", "mon-xyz 8-17", "mon 17-8", "mon 8-17; mon 9-12", "mon 25:00-26:00"])
def test_bad_hours(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|names mon twice"):
        hours.read(text)


def test_special_days_shorten() -> None:
    week = "mon-fri 10:00-17:00"
    assert hours.at_work(week, SPECIAL, _local("2026-11-27T11:00"))
    assert not hours.at_work(week, SPECIAL, _local("2026-11-27T12:00"))
    assert not hours.at_work(week, SPECIAL, _local("2026-12-24T11:00"))
    assert hours.at_work("", SPECIAL, _local("2026-12-24T11:00")), "who has no hours is not known to be away"
    assert hours.next_start(week, SPECIAL, _local("2026-12-23T18:00")) == _local("2026-12-25T10:00")
    assert hours.next_edge(week, SPECIAL, _local("2026-11-27T11:00")) == _local("2026-11-27T12:00")


def _local(text: str) -> datetime:
    return datetime.fromisoformat(text)


# ---- in words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("absence", "refer", "sv", "en", "fi"),
    [
        (LUNCH, "", "på lunch till 13.00", "at lunch until 13:00", "lounaalla klo 13.00 asti"),
        (
            MEETING,
            "Anna Berg",
            "i möte till 14.30, hänvisas till Anna Berg",
            "in a meeting until 14:30, please ask for Anna Berg",
            "kokouksessa klo 14.30 asti, puhelut hoitaa Anna Berg",
        ),
        (
            away("gone", "2026-11-25T09:00", "2026-11-26T08:00"),
            "",
            "gått för dagen till i morgon 08.00",
            "gone for the day until tomorrow, 08:00",
            "lähtenyt tältä päivältä huomiseen asti, klo 8.00",
        ),
        (
            away("course", "2026-11-25T09:00", "2026-11-30T00:00"),
            "",
            "på kurs till måndag",
            "on a course until Monday",
            "koulutuksessa maanantaihin asti",
        ),
        (
            HOLIDAY,
            "",
            "på semester till den 7 december",
            "on holiday until 7 December",
            "lomalla 7. joulukuuta asti",
        ),
        (
            away("parental_leave", "2026-11-25T09:00", "2027-12-01T08:00"),
            "",
            "inte på plats till den 1 december 2027 08.00",
            "not available until 1 December 2027, 08:00",
            "ei paikalla 1. joulukuuta 2027 asti, klo 8.00",
        ),
        (ILL, "", "inte på plats tills vidare", "not available until further notice", "ei paikalla toistaiseksi"),
    ],
)
def test_sentences(absence: Absence, refer: str, sv: str, en: str, fi: str) -> None:
    said = [sentence(absence, STANDARD, language, NOW, ZONE, refer=refer) for language in ("sv", "en", "fi")]
    assert said == [sv, en, fi]


def test_colleagues_are_told_a_private_reason() -> None:
    assert sentence(ILL, STANDARD, "en", NOW, ZONE, to_callers=False) == "ill until further notice"


def test_other_languages_and_reasons_that_are_gone_fall_back() -> None:
    assert sentence(LUNCH, STANDARD, "ar", NOW, ZONE) == "på lunch till 13.00"
    assert sentence(LUNCH, {}, "en", NOW, ZONE) == "not available until 13:00"


def test_every_reason_is_said_in_every_language() -> None:
    assert all(reason.words.keys() == FRAMES.keys() for reason in STANDARD.values())
    digits = [reason.digit for reason in STANDARD.values() if reason.digit]
    assert len(digits) == len(set(digits)) == 10
