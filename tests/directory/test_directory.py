"""Changing the directory: what is refused, what is told to the log, and what is never told."""

import asyncio
import logging
from typing import Any

import pytest
from msgspec import structs

from adapters.directory.directory import KEPT_AFTER_S, Directory
from adapters.directory.fake import MemoryStore
from adapters.directory.record import Absence, protected_stub
from adapters.directory.settings import DirectorySettings
from router.inputs import Refused
from tests.directory.conftest import NOW, ZONE, Clock, at, directory_of, function, here, person

ANNA = person(1, "Anna", "Berg", extension="4411", key="A1", agent="guide01")
BO = person(2, "Bo", "Ek", deputy="p1", absences=(Absence(reason="lunch", since=NOW, refer="p1"),))


async def test_a_record_from_birth_to_end() -> None:
    store = MemoryStore()
    directory = await directory_of(store=store)
    made = await directory.add("person", {"given": " Åsa ", "family": "Öst", "mobile": "070-174 06 05"}, "anna")
    assert (made.id, made.label, made.mobile, made.revision) == ("p1", "Åsa Öst", "+46701740605", 0)
    changed = await directory.change("p1", {"mobile_use": "connect", "title": "Chef"}, "anna")
    assert (changed.revision, store.records["p1"]) == (1, changed)
    assert [record.id for record in directory.find("number", "+46701740605")] == ["p1"]
    assert [found.record.id for found in directory.search("chef", protected=False, most=1)] == ["p1"]
    await directory.remove("p1", "anna")
    assert (store.records, directory.find("number", "+46701740605")) == ({}, [])
    assert directory.search("chef", protected=False, most=1) == []
    with pytest.raises(Refused) as caught:
        directory.get("p1")
    assert caught.value.error_id == "unknown_record"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"shoes": "44"}, "`shoes` is no field that can be changed"),
        ({"id": "p7"}, "`id` is no field"),
        ({"revision": 7}, "`revision` is no field"),
        ({"title": 7}, "Expected `str`, got `int`"),
        ({"kind": "boss"}, "kind"),
        ({"kind": "function"}, "id is no id of this kind"),
        ({"extension": "12"}, "extension is no extension; one has 3 to 5 digits"),
        ({"direct": "040"}, "direct"),
        ({"email": "x"}, "email is no e-mail address"),
        ({"given": "", "family": ""}, "family is missing"),
        ({"mobile_use": "give"}, "mobile_use allows a mobile number, but none is given"),
        ({"title": "x" * 121}, "title has 121 characters; at most 120"),
        ({"skills": ["x"] * 3 + [f"s{n}" for n in range(40)]}, "skills has 41 entries; at most 40"),
        ({"skills": ["a,b"]}, "skills entry 1 holds a comma"),
        ({"department": ["City", "a / b"]}, "department entry 2 holds the sign /"),
        ({"deputy": "p9"}, "deputy names a record that is not there"),
        ({"deputy": "anna"}, "deputy is no id"),
        ({"deputy": "p2"}, "deputy names the record itself"),
        ({"key": "A1"}, "key is that of p1, too"),
        ({"agent": "guide01"}, "agent is that of p1, too"),
        ({"absences": [{"reason": "lunch", "since": NOW}] * 41}, "absences are 41; at most 40"),
        ({"absences": [{"reason": "lunch", "since": 1e300}]}, "absences lie too far"),
        ({"absences": [{"reason": "lunch", "since": float("nan")}]}, "absences"),
        ({"absences": [{"since": NOW}]}, "missing required field `reason`"),
    ],
)
async def test_bad_fields_change_nothing(fields: dict[str, Any], said: str) -> None:
    directory = await directory_of(ANNA, BO)
    with pytest.raises(Refused) as caught:
        await directory.change("p2", fields, "anna")
    assert caught.value.error_id == "bad_record"
    assert said in str(caught.value)
    assert directory.get("p2") == BO


async def test_nobody_overwrites_what_somebody_else_changed() -> None:
    directory = await directory_of(ANNA)
    await directory.change("p1", {"title": "Chef"}, "anna", revision=0)
    with pytest.raises(Refused) as caught:
        await directory.change("p1", {"title": "Rektor"}, "bo", revision=0)
    assert (caught.value.error_id, directory.get("p1").title) == ("record_changed", "Chef")
    assert (await directory.change("p1", {"title": "Chef"}, "bo")).revision == 1, "nothing changed"


async def test_many_at_once_are_taken_one_after_the_other() -> None:
    directory = await directory_of(ANNA)
    made = await asyncio.gather(*(directory.add("person", {"family": f"Ek{n}"}, "anna") for n in range(50)))
    assert len({record.id for record in made}) == 50
    changes = [directory.change("p1", {"title": f"T{n}"}, "bo", revision=0) for n in range(10)]
    results = await asyncio.gather(*changes, return_exceptions=True)
    assert sum(isinstance(result, Refused) for result in results) == 9


async def test_who_is_removed_is_referred_to_no_more() -> None:
    directory = await directory_of(ANNA, BO)
    await directory.remove("p1", "anna")
    assert directory.get("p2") == person(2, "Bo", "Ek", absences=(Absence(reason="lunch", since=NOW),))


async def test_absences(clock: Clock) -> None:
    directory = await directory_of(ANNA, clock=clock)
    lunch = Absence(reason="lunch", since=NOW, until=NOW + 3600)
    holiday = Absence(reason="holiday", since=at("2026-12-21T00:00"), until=at("2027-01-07T08:00"))
    await directory.set_absence("p1", lunch, "anna")
    await directory.set_absence("p1", holiday, "anna")
    longer = structs.replace(lunch, until=NOW + 5400)
    await directory.set_absence("p1", longer, "anna")
    assert directory.get("p1").absences == (longer, holiday), "the same lunch, told again"
    await directory.clear_absence("p1", "anna")
    assert directory.get("p1").absences == (holiday,)
    await directory.clear_absence("p1", "anna", all_=True)
    assert directory.get("p1").absences == ()


async def test_what_is_over_goes_away_for_good(clock: Clock) -> None:
    store = MemoryStore([BO, person(3, absences=(Absence(reason="ill", since=NOW, until=NOW + 60.0),)), ANNA])
    directory = await directory_of(store=store, clock=clock)
    await directory.tend()
    assert store.records["p3"].absences
    clock.time = NOW + 60.0 + KEPT_AFTER_S
    await directory.tend()
    assert not store.records["p3"].absences
    assert directory.records == store.records


async def test_not_before_it_is_read() -> None:
    directory = Directory(MemoryStore([ANNA]), DirectorySettings(), ZONE.key, Clock(), here)
    for ask in (lambda: directory.get("p1"), lambda: directory.search("a", protected=False, most=1)):
        with pytest.raises(Refused) as caught:
            ask()
        assert (caught.value.error_id, caught.value.retryable) == ("directory_not_ready", True)
    with pytest.raises(Refused):
        await directory.add("person", {"family": "Ek"}, "anna")


async def test_the_log_tells_who_changed_what_and_no_personal_value(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    directory = await directory_of(function(1, "Växeln"))
    made = await directory.add("person", {"given": "Ulrika", "family": "Hemlig", "mobile": "070-174 06 05"}, "tok1")
    await directory.change(made.id, {"title": "Rektor", "family": "Gömd"}, "tok2")
    with pytest.raises(Refused) as caught:
        await directory.change(made.id, {"mobile": "070-Hemlig", "hours": "mon Gömd"}, "tok2")
    await directory.import_("id;titel;anmärkning\np1;Hemlig;Gömd\n".encode(), "merge", "tok3")
    await directory.import_("namn;mobil\nHemlig;Gömd\n".encode(), "merge", "tok3")
    await directory.remove(made.id, "tok4")
    told = [(vars(record)["action"], vars(record).get("by"), vars(record).get("fields")) for record in caplog.records]
    assert told == [
        ("directory.read", None, None),
        ("directory.added", "tok1", ["given", "family", "mobile"]),
        ("directory.changed", "tok2", ["family", "title"]),
        ("directory.imported", "tok3", None),
        ("directory.changed", "tok3", ["title", "note"]),
        ("directory.removed", "tok4", []),
    ]
    everything = " ".join(str(vars(record)) for record in caplog.records) + str(caught.value)
    assert not any(word in everything for word in ("Ulrika", "Hemlig", "Gömd", "Rektor", "1740605"))


def test_what_is_left_of_a_protected_record() -> None:
    shown = protected_stub(structs.replace(ANNA, protected=True, revision=4))
    assert structs.asdict(shown) == structs.asdict(person(1, "x", "y", protected=True, revision=4)) | {
        "given": "",
        "family": "",
    }
