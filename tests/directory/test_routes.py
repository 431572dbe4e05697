"""The directory over HTTP: each route's examples work as the document says, and each role sees and does what it may."""

import re
from collections.abc import AsyncIterator
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec import structs

from adapters.directory import routes
from adapters.directory.directory import Directory
from adapters.directory.fake import MemoryStore
from adapters.directory.record import Absence
from adapters.directory.routes import STATUSES
from adapters.directory.settings import DirectorySettings
from engine.sim.staff import example, staff
from router.api import QUERIED, Role
from tests.directory.conftest import ZONE, Clock, here, person
from tests.directory.test_resolving import Telephones
from tests.web.house import NOON, Reception, Told
from tests.web.test_api_examples import address, query_of

ILL = Absence(reason="ill", since=NOON - 60, until=NOON + 7200, refer="p1002", note="Ring inte hem")
HIDDEN = person(9001, "Sol", "Gömd", extension="4901", protected=True, agent="guide77", deputy="p1001")


class House:
    """A reception with the example's directory, and two more."""

    def __init__(self, reception: Reception, directory: Directory) -> None:
        self.reception = reception
        self.directory = directory

    async def ask(
        self, method: str, path: str, asked: dict[str, Any], role: Role = "supervisor", agent: str = ""
    ) -> Told:
        """Ask with a body, or with a query."""
        more = {"params": query_of(asked)} if method in QUERIED else {"json": asked}
        return await self.reception.send(method, path, role=role, agent=agent, **more)

    async def search(self, typed: str, role: Role = "operator", **more: Any) -> list[Any]:
        told = await self.ask("POST", "/directory/search", {"typed": typed, **more}, role)
        assert told.status == 200
        return list(told.json["hits"])

    async def show(self, id_: str, role: Role, agent: str = "") -> Any:
        return (await self.ask("GET", f"/directory/records/{id_}", {}, role, agent)).json


@pytest.fixture
async def house() -> AsyncIterator[House]:
    clock = Clock()
    clock.time = NOON
    directory = Directory(MemoryStore([*example(), HIDDEN]), DirectorySettings(), ZONE.key, clock, here)
    await directory.load()
    found = tuple(routes.routes(directory, Telephones(busy="guide02")))
    async with Reception.open(more=found, statuses=STATUSES) as reception:
        yield House(reception, directory)


async def test_every_example(house: House) -> None:
    document = (await house.reception.get("/api/openapi.json")).json
    tried = 0
    for route in house.reception.reception.api.routes:
        for one in route.examples if route.tag == "directory" else ():
            asked = msgspec.to_builtins(one.asked, builtin_types=(bytes,))
            path = address(route.path, asked)
            if route.takes == "text/csv":
                more: dict[str, Any] = {"data": asked.pop("body"), "headers": {"Content-Type": "text/csv"}}
                told = await house.reception.send(route.method, path, params=_plain(asked), **more)
            else:
                told = await house.ask(route.method, path, asked)
            assert told.status == (204 if route.answers is type(None) else route.status), (path, told)
            content = document["paths"][route.path][route.method.lower()]["responses"][str(told.status)].get("content")
            if content is None or route.gives == "text/csv":
                assert route.answers is type(None) or told.headers["Content-Type"].startswith("text/csv")
            else:
                schema = {**content["application/json"]["schema"], "components": document["components"]}
                jsonschema.Draft202012Validator(schema).validate(told.json)
            tried += 1
    assert tried == 16


def _plain(asked: dict[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() for name, value in asked.items() if value}


async def test_searching_changes_nothing_and_names_nobody_in_an_address(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    guide = house.directory.get("p1001")
    hits = await house.search(guide.label.lower())
    assert hits[0]["id"] == "p1001"
    assert hits[0]["title"] == "Kommunvägledare"
    assert hits[0]["standing"] == {"state": "present"}
    assert "busy" not in hits[0]
    assert (await house.search(house.directory.get("p1002").label))[0]["busy"] is True
    assert not [record for record in caplog.records if vars(record).get("action") == "api.acted"]
    assert guide.family not in caplog.text
    operation = (await house.reception.get("/api/openapi.json")).json["paths"]["/directory/search"]["post"]
    assert "parameters" not in operation or operation["parameters"] == []


async def test_who_is_away_is_shown_so_that_callers_can_be_told(house: House) -> None:
    await house.directory.set_absence("p1001", ILL, "tester")
    name = house.directory.get("p1002").label
    label = house.directory.get("p1001").label
    standing = (await house.search(label))[0]["standing"]
    assert (standing["state"], standing["reason"], standing["until"], standing["refer"], standing["note"]) == (
        "absent",
        "ill",
        ILL.until,
        "p1002",
        "Ring inte hem",
    )
    assert standing["says"] == f"inte på plats till 18.13, hänvisas till {name}"
    english = (await house.search(label, language="en"))[0]["standing"]["says"]
    assert english == f"not available until 18:13, please ask for {name}"
    for_agents = await house.ask("POST", "/directory/search", {"typed": label}, "agent", "guide02")
    standing = for_agents.json["hits"][0]["standing"]
    assert standing.get("reason", "") == standing.get("note", "") == ""
    assert standing["says"].startswith("inte på plats")
    shown = await house.show("p1001", "agent", "guide02")
    assert shown["record"].get("absences", []) == []


async def test_working_hours(house: House) -> None:
    await house.directory.change("p1001", {"hours": "mon-fri 08:00-12:00"}, "tester")
    standing = (await house.show("p1001", "operator"))["person"]["standing"]
    assert standing == {"state": "off_hours", "until": NOON + 56_800.0, "back": NOON + 56_800.0}


async def test_mobile_numbers_are_shown_to_those_who_need_them(house: House) -> None:
    await house.directory.change("p1001", {"mobile": "070-174 06 05", "mobile_use": "never"}, "tester")
    seen = {role: (await house.show("p1001", role))["person"].get("mobile") for role in ("operator", "supervisor")}
    assert seen == {"operator": None, "supervisor": "070-174 06 05"}
    await house.directory.change("p1001", {"mobile_use": "connect"}, "tester")
    assert (await house.show("p1001", "operator"))["record"]["mobile"] == "+46701740605"


async def test_protected_identities(house: House) -> None:
    for role, agent in (("agent", "guide01"), ("operator", "")):
        told = await house.ask("POST", "/directory/search", {"typed": "gömd"}, role, agent)  # type: ignore[arg-type]
        assert told.json["hits"] == []
        shown = await house.show("p9001", role, agent)  # type: ignore[arg-type]
        assert shown["person"] == {
            "id": "p9001",
            "kind": "person",
            "label": "",
            "protected": True,
            "standing": {"state": "present"},
        }
        assert shown["record"] == {"id": "p9001", "protected": True}
        asked = {"to": "4901"}
        told = await house.ask("POST", "/directory/destinations", asked, role, agent)  # type: ignore[arg-type]
        assert told.error == "not_allowed"
    told = await house.ask("POST", "/directory/records/p9001/absences", {"reason": "lunch"}, "operator")
    assert told.error == "not_allowed"
    assert [hit["label"] for hit in await house.search("gömd", "supervisor")] == ["Sol Gömd"]
    own = await house.ask("POST", "/directory/records/p9001/absences", {"reason": "lunch"}, "agent", "guide77")
    assert own.status == 200, "of oneself one may say so"
    await house.directory.change("p1001", {"deputy": "p9001"}, "tester")
    assert (await house.show("p1001", "operator"))["names"] == {"p9001": ""}
    assert (await house.show("p1001", "admin"))["names"] == {"p9001": "Sol Gömd"}


@pytest.mark.parametrize(
    ("method", "path", "asked", "allowed"),
    [
        ("POST", "/directory/search", {"typed": "a"}, {"agent", "operator", "supervisor", "admin"}),
        ("GET", "/directory/records/p1001", {}, {"agent", "operator", "supervisor", "admin"}),
        ("POST", "/directory/records", {"family": "Ek"}, {"supervisor", "admin"}),
        ("PATCH", "/directory/records/p1001", {"title": "x"}, {"supervisor", "admin"}),
        ("DELETE", "/directory/records/p1003", {}, {"supervisor", "admin"}),
        ("POST", "/directory/bulk", {}, {"supervisor", "admin"}),
        ("GET", "/directory/export", {}, {"supervisor", "admin"}),
        ("POST", "/directory/records/p1001/absences", {"reason": "lunch"}, {"operator", "supervisor", "admin"}),
        ("DELETE", "/directory/records/p1001/absences", {}, {"operator", "supervisor", "admin"}),
    ],
)
async def test_roles(house: House, method: str, path: str, asked: dict[str, Any], allowed: set[str]) -> None:
    for role in ("reader", "agent", "operator", "supervisor", "admin"):
        told = await house.ask(method, path, asked, role, "guide05" if role == "agent" else "")
        if role in allowed:
            assert told.status < 300 or told.error == "unknown_record", (role, told)
        else:
            assert told.error in ("not_allowed", "not_yours"), (role, told)


async def test_an_absence_of_ones_own(house: House) -> None:
    told = await house.ask("POST", "/directory/records/p1005/absences", {"reason": "lunch"}, "agent", "guide05")
    assert (told.status, told.json["person"]["standing"]["until"]) == (200, NOON + 3600)
    told = await house.ask("DELETE", "/directory/records/p1005/absences", {}, "agent", "guide05")
    assert told.json["person"]["standing"] == {"state": "present"}
    told = await house.ask("POST", "/directory/records/p1005/absences", {"reason": "holiday", "open": True})
    assert "until" not in told.json["person"]["standing"]
    assert told.json["person"]["standing"]["says"] == "på semester tills vidare"
    planned = {"reason": "course", "since": NOON + 86_400, "until": NOON + 90_000}
    await house.ask("POST", "/directory/records/p1005/absences", planned)
    told = await house.ask("DELETE", "/directory/records/p1005/absences", {})
    assert len(told.json["record"]["absences"]) == 1
    told = await house.reception.send("DELETE", "/directory/records/p1005/absences", params={"all": "true"})
    assert "absences" not in told.json["record"]


@pytest.mark.parametrize(
    ("method", "path", "asked", "status", "error_id", "said"),
    [
        ("PATCH", "/directory/records/p1001", {"extension": "4"}, 422, "bad_record", "extension is no extension"),
        ("PATCH", "/directory/records/p1001", {"shoes": 44}, 400, "bad_request", "shoes"),
        ("PATCH", "/directory/records/p1001", {"revision": 77, "title": "x"}, 409, "record_changed", "somebody else"),
        ("PATCH", "/directory/records/p7", {"title": "x"}, 404, "unknown_record", "no record"),
        ("POST", "/directory/records", {"kind": "robot"}, 400, "bad_request", "Not one of the allowed values"),
        (
            "POST",
            "/directory/records/p1001/absences",
            {"reason": "golf"},
            422,
            "bad_record",
            "reason that is not known",
        ),
        ("POST", "/directory/destinations", {"to": "x"}, 404, "unknown_destination", "no telephone number"),
    ],
)
async def test_refusals(
    house: House, method: str, path: str, asked: dict[str, Any], status: int, error_id: str, said: str
) -> None:
    told = await house.ask(method, path, asked)
    assert (told.status, told.error) == (status, error_id)
    assert said in told.json["detail"]


async def send_file(house: House, text: str, key: str = "", **query: str) -> Told:
    headers = {"Content-Type": "text/csv"} | ({"Idempotency-Key": key} if key else {})
    return await house.reception.send("POST", "/directory/import", data=text.encode(), params=query, headers=headers)


async def test_a_file(house: House) -> None:
    text = "id;titel;skostorlek\np1001;Chef;44\n;x;\n"
    told = await send_file(house, text)
    said = "is no column that is known; correct its name, take the column out, or have it ignored"
    assert told.json["problems"] == [{"line": 1, "column": "skostorlek", "text": said}]
    text = "id;titel;anknytning;efternamn;skostorlek\np1001;Chef;4000;Lind;44\n;x;;Ek;\n"
    dry = await send_file(house, text, dry="true", ignore="skostorlek,hattstorlek", key="one")
    assert (dry.json["done"], dry.json["added"], dry.json["changed"], house.directory.get("p1001").title) == (
        False,
        1,
        1,
        "Kommunvägledare",
    )
    done = await send_file(house, text, ignore="skostorlek", key="two")
    assert done.json["done"] is True
    assert {one["what"]: one.get("fields") for one in done.json["changes"]} == {
        "added": None,
        "changed": ["family", "title"],
    }
    again = await send_file(house, text, ignore="skostorlek", key="two")
    assert again.json == done.json
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await send_file(house, text, dry="true", ignore="skostorlek", key="two")
    assert other.error == "key_reused", "the query is a part of what is asked"
    few = await send_file(house, "id;titel\np1001;x\n", mode="replace")
    assert (few.status, few.error) == (422, "import_removes_many")
    assert (await send_file(house, "id;namn\np1001;\n", mode="swap")).error == "bad_request"
    assert (await send_file(house, text, body="x")).error == "bad_request"


async def test_out_and_in_again(house: House) -> None:
    told = await house.reception.get("/directory/export", params={"language": "sv"})
    assert told.headers["Content-Type"].startswith("text/csv")
    back = await house.reception.send(
        "POST", "/directory/import", data=told.body, params={"mode": "replace"}, headers={"Content-Type": "text/csv"}
    )
    assert (back.json["done"], back.json["unchanged"]) == (True, len(house.directory.records))
    assert (back.json["added"], back.json["changed"], back.json["removed"]) == (0, 0, 0)


async def test_many_changes_all_or_none(house: House) -> None:
    many = [{"id": "p1001", "title": "Chef", "deputy": "p1002"}, {"given": "Bo", "family": "Ek", "extension": "4990"}]
    told = await house.ask("POST", "/directory/bulk", {"records": [*many, {"id": "p1003", "extension": "x"}]})
    assert told.json["done"] is False
    assert told.json["problems"] == [
        {"line": 3, "column": "extension", "text": "is no extension; one has 3 to 5 digits"}
    ]
    told = await house.ask("POST", "/directory/bulk", {"records": many, "remove": ["p1100"]})
    assert (told.json["done"], told.json["added"], told.json["changed"], told.json["removed"]) == (True, 1, 1, 1)
    assert house.directory.get("p1001").deputy == "p1002"
    assert "p1100" not in house.directory.records
    for bad in ({"records": [{"shoes": 44}]}, {"remove": ["p1100"]}, {"records": [{"id": "p1", "title": 7}]}):
        told = await house.ask("POST", "/directory/bulk", bad)
        assert told.json["problems"], bad


async def test_not_before_it_is_read() -> None:
    directory = Directory(MemoryStore(staff(5)), DirectorySettings(), ZONE.key, Clock(), here)
    async with Reception.open(more=tuple(routes.routes(directory, Telephones())), statuses=STATUSES) as reception:
        told = await reception.post("/directory/search", json={"typed": "a"})
        assert (told.status, told.error, told.json["retryable"]) == (503, "directory_not_ready", True)


def test_every_field_can_be_given() -> None:
    given = set(routes.Fields.__struct_fields__)
    assert given == set(structs.asdict(person(1))) - {"id", "kind", "revision"}
    assert re.fullmatch(r"[\w /{}]+", " ".join(STATUSES))
