"""The OpenAPI document is sound, and each of its examples works and answers as the document says."""

import re
from array import array
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from msgspec import structs
from openapi_spec_validator import validate

from adapters.speech import wav
from queues.crisis import Measures
from queues.queue import Record, Survey
from router import inputs as i
from router.api import JSON, QUERIED, Example, Role
from router.dialling import Destination
from router.letters import Letter
from tests.web.house import DIRECT, NOON, Reception
from web import problems
from web.accounts import AccountFile, make
from web.messages import OCTETS

ROOT = Path(__file__).parents[2]

SITUATIONS: dict[str, Callable[[Reception], Awaitable[None]]] = {}


def situation(name: str) -> Callable[[Any], Any]:
    def keep(arrange: Any) -> Any:
        SITUATIONS[name] = arrange
        return arrange

    return keep


@situation("")
async def _morning(_: Reception) -> None:
    pass


@situation("guide01 has a pause")
async def _pause(house: Reception) -> None:
    await house.put(i.Pause("guide01", "lunch"))


@situation("lars has an account")
async def _has_an_account(house: Reception) -> None:
    AccountFile(house.folder.accounts).add(make("lars", "supervisor", NOON)[1])
    house.clock.time += 2


@situation("guide01 works at a page")
async def _page(house: Reception) -> None:
    await house.put(i.LogOut("guide01"))
    await house.put(i.LogIn("guide01", "phone:webb1"))


@situation("w1-1-1 waits")
async def _waits(house: Reception) -> None:
    await _pause(house)
    await house.waits()


@situation("guide01 is asked about w1-1-1")
async def _asked(house: Reception) -> None:
    await house.waits()


@situation("guide01 talks with w1-1-1")
async def _talks(house: Reception) -> None:
    await house.waits()
    await house.put(i.PickedUp(leg="w1-1-1.1"))


@situation("guide01 wraps up w1-1-1")
async def _wraps_up(house: Reception) -> None:
    await _talks(house)
    await house.put(i.CitizenGone(contact="w1-1-1", cause="hung_up"))


@situation("guide01 talks with w1-1-1 of somebody known")
async def _talks_with_somebody_known(house: Reception) -> None:
    await _talks(house)
    await house.put(i.JoinPerson("w1-1-1", "p2"))
    await house.put(i.NoteNeeds("w1-1-1", ("hearing",), keep=True))


@situation("guide01 talks with w1-1-1; guide02 is at work")
async def _talks_beside(house: Reception) -> None:
    await _talks(house)
    await house.put(i.LogIn("guide02"))


@situation("guide01 consults guide02 about w1-1-1")
async def _consults(house: Reception) -> None:
    await _talks_beside(house)
    await house.post("/contacts/w1-1-1/consult", json={"to": {"agent": "guide02"}})
    await house.put(i.PickedUp(leg="w1-1-1.2"))


@situation("w1-1-1 is parked in slot 1")
async def _parked(house: Reception) -> None:
    await _talks(house)
    await house.post("/contacts/w1-1-1/park")
    await house.put(i.LogIn("guide02"))


@situation("w1-1-1 will be called back")
async def _promised(house: Reception) -> None:
    await _waits(house)
    await house.put(i.RegisterCallback("w1-1-1"))


@situation("guide01 calls w1-1-1 back")
async def _calls_back(house: Reception) -> None:
    await _promised(house)
    await house.put(i.GoReady("guide01"))
    await house.put(i.AcceptOffer("w1-1-1.callback2.1"))


@situation("v1 waits at stadshuset")
async def _visits(house: Reception) -> None:
    await _pause(house)
    await house.put(i.TakeTicket("v1", "stadshuset", "vagledning"))


@situation("guide01 is asked about v1")
async def _asked_at_the_desk(house: Reception) -> None:
    await house.put(i.LogOut("guide01"))
    await house.put(i.LogIn("guide01", "desk:stadshuset/1"))
    await house.put(i.TakeTicket("v1", "stadshuset", "vagledning"))
    await house.put(i.GoReady("guide01"))


@situation("guide01 has called v1")
async def _called(house: Reception) -> None:
    await _asked_at_the_desk(house)
    await house.put(i.AcceptOffer("v1.1"))


@situation("v1 was served at stadshuset/1")
async def _served(house: Reception) -> None:
    core = house.loaded.core
    kontakt = structs.replace(core.queues["kontakt"], survey=Survey(prompt="survey", visits=True))
    asking = structs.replace(core, queues={**core.queues, "kontakt": kontakt}, revision="asks")
    await house.put(i.ApplyConfiguration(asking))
    await _called(house)
    await house.put(i.Finish("v1"))


@situation("v1 did not come to the desk")
async def _did_not_come(house: Reception) -> None:
    await _called(house)
    await house.put(i.NoShow("v1"))


@situation("a crisis strom runs")
async def _crisis(house: Reception) -> None:
    await house.put(i.StartCrisis("strom-1", "strom", Measures(helpers=("night",)), ("sv",)))


@situation("a crisis strom runs, invited")
async def _invited(house: Reception) -> None:
    await _crisis(house)
    agents = {**house.state.configuration.agents}
    agents["guide01"] = msgspec.structs.replace(agents["guide01"], reserve=("night",))
    changed = msgspec.structs.replace(house.state.configuration, agents=agents, revision="invited")
    await house.put(i.ApplyConfiguration(changed))


@situation("guide01 helps with strom")
async def _helps(house: Reception) -> None:
    await _invited(house)
    await house.put(i.JoinCrisis("strom-1", "guide01"))


@situation("w1-1-1 reported a fault")
async def _reported(house: Reception) -> None:
    filing = "w1-1-1.report4"
    await house.put(i.Arrived(contact=filing, channel="call", entry=DIRECT, leg=filing))
    house.vault.values[filing] = {"answers": '{"phone": "0406281357"}'}
    wav.write(house.folder.recordings / f"{filing}.where.wav", array("h", [0] * 8000), 8000)


@situation("guide01 texts with t1")
async def _texts(house: Reception) -> None:
    await house.put(i.Arrived(contact="t1", channel="text", entry=DIRECT, leg="t1", text=True))
    await house.put(i.AcceptOffer(next(iter(house.state.offers))))


@situation("guide09 answers k1")
async def _answers(house: Reception) -> None:
    await house.put(i.LogIn("guide09"))
    await house.put(i.GoReady("guide09"))
    await house.put(i.Arrived(contact="k1", channel="mail", entry="bibliotek", person="p9", written=True))
    await house.house.contents.put("k1", "k1", Letter(sender="kim@example.org"), {"original.eml": b"Subject: x"})
    house.vault.values["k1.m1"] = {"text": "När är det öppet?", "letter": "k1", "by": "citizen 1790000000.0"}
    await house.put(i.AcceptOffer(next(iter(house.state.offers))))


@situation("7XK42-M9PQR is known")
async def _known(house: Reception) -> None:
    house.house.post.matters["7XK42-M9PQR"] = "k1"


@situation("k1.m2 cannot leave")
async def _cannot_leave(house: Reception) -> None:
    await _answers(house)
    await house.put(i.MessageNotTaken(contact="k1", message=2, cause="no_such_address"))


@situation("w1-1-1 is secret")
async def _secret(house: Reception) -> None:
    await _talks(house)
    await house.put(i.SetSecrecy("w1-1-1", secret=True))


@situation("w1-1-1 was recorded")
async def _was_recorded(house: Reception) -> None:
    house.house.tapes.prepare()
    wav.write(Path(house.house.tapes.path("w1-1-1~1000~citizen")), array("h", [0] * 8000), 8000)
    house.house.tapes.take("w1-1-1~1000~citizen", "w1-1-1")


@situation("guide01 talks with w1-1-1 on tape")
async def _on_tape(house: Reception) -> None:
    core = house.state.configuration
    queues = {name: structs.replace(queue, record=Record(announce="recorded")) for name, queue in core.queues.items()}
    await house.put(i.ApplyConfiguration(structs.replace(core, queues=queues, revision="taped")))
    await _talks(house)
    for leg in ("w1-1-1", "w1-1-1.1"):
        await house.put(i.AnnouncementHeard(leg=leg))


@situation("somebody listens to w1-1-1")
async def _listened_to(house: Reception) -> None:
    await _talks(house)
    await house.put(i.Listen("w1-1-1", Destination("phone:desk7"), "listen"))


@situation("guide01 helps in another queue")
async def _reassigned(house: Reception) -> None:
    await house.put(i.AssignAgent("guide01", queues={"skola": 0}))


@situation("kontakt is closed today")
async def _closed_today(house: Reception) -> None:
    await house.put(i.SetToday("kontakt", open=False, until=house.clock.now() + 3600.0))


@situation("0000000000000000 was published")
async def _was_published(house: Reception) -> None:
    base = house.configure()
    asked = {"base": base, "why": "Before.", "files": {"flows/arabic.yaml": "start: {queue: kontakt}\n"}}
    assert (await house.post("/configuration/publish", json=asked)).status == 200
    house.first = base


@situation("n1 is told to all")
async def _told_to_all(house: Reception) -> None:
    await house.put(i.PostBulletin("n1", (), house.clock.now() + 3600.0))


async def all_examples() -> list[Any]:
    async with Reception.open() as house:
        return [
            pytest.param(route.method, route.path, example, id=f"{route.method} {route.path}: {example.summary}")
            for route in house.reception.api.routes
            if route.tag != "events"
            for example in route.examples
        ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "example" in metafunc.fixturenames:
        import asyncio

        metafunc.parametrize(("method", "path", "example"), asyncio.run(all_examples()))


def address(route_path: str, asked: dict[str, Any]) -> str:
    return re.sub(r"{(\w+)}", lambda found: str(asked.pop(found[1])), route_path)


def query_of(asked: dict[str, Any]) -> dict[str, str]:
    return {
        name: ",".join(value) if isinstance(value, list | tuple) else str(value)
        for name, value in asked.items()
        if value
    }


def named(house: Reception, asked: dict[str, Any]) -> dict[str, Any]:
    """Name versions as they are in this house: they are hashes of what stands in its files."""
    versions = {"base": house.version, "version": house.first}
    return {name: versions[name] if value == "0" * 16 else value for name, value in asked.items()}


async def ask(house: Reception, method: str, path: str, example: Example) -> Any:
    asked = named(house, msgspec.to_builtins(example.asked))
    where = address(path, asked)
    route = next(one for one in house.reception.api.routes if (one.method, one.path) == (method, path))
    role: Role = "supervisor" if "supervisor" in route.roles else "admin"
    if "body" in asked:
        body = asked.pop("body") and example.asked.body
        headers = {"Content-Type": OCTETS}
        return await house.send(method, where, params=query_of(asked), data=body, headers=headers, role=role)
    if method in QUERIED:
        return await house.send(method, where, params=query_of(asked), role=role)
    return await house.send(method, where, json=asked, role=role)


async def test_the_document_is_sound(house: Reception) -> None:
    told = await house.get("/api/openapi.json", role=None)
    assert told.status == 200
    validate(told.json)
    assert set(told.json["paths"]) >= {"/agents", "/queues/{queue}", "/contacts/{contact}/why-waiting", "/events"}


async def test_every_route_is_described_with_an_example(house: Reception) -> None:
    for route in house.reception.api.routes:
        assert route.text[0].endswith("."), route.path
        assert route.examples, f"{route.method} {route.path} has no example"
        assert set(route.parameters) <= set(route.asks.__struct_fields__), route.path


async def test_example(house: Reception, method: str, path: str, example: Example) -> None:
    house.vault.values["w1-1-1"] = {"number": "+46700000001"}
    await SITUATIONS[example.given](house)
    told = await ask(house, method, path, example)
    document = (await house.get("/api/openapi.json")).json
    responses = document["paths"][path][method.lower()]["responses"]
    assert told.status < 300, told
    assert str(told.status) in responses
    content = responses[str(told.status)].get("content")
    if content is None:
        assert told.body == b""
        return
    if JSON not in content:
        assert told.headers["Content-Type"] in content
        return
    schema = {**content["application/json"]["schema"], "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(told.json)


async def test_the_page_for_people_shows_every_route_and_explains_every_error(house: Reception) -> None:
    told = await house.get("/api/openapi.json", role=None)
    async with house.session.get(house.url("/api")) as answer:
        assert answer.headers["Content-Type"].startswith("text/html")
        page = await answer.text()
    for path in told.json["paths"]:
        assert f" {path}</code>" in page
    refused = await house.get("/agents/nobody")
    assert f'id="{refused.json["type"].removeprefix("/api#")}"' in page


async def test_every_error_is_documented(house: Reception) -> None:
    known = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "errors.md").read_text()))
    named = {*problems.STATUS, *problems.ALWAYS, *problems.UNSAFE}
    for route in house.reception.api.routes:
        named |= set(route.refusals)
    assert named - known == set()


def refused_ids(*folders: str) -> set[str]:
    text = "\n".join(path.read_text() for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return set(re.findall(r'Refused\(\s*"(\w+)"', text))


def test_every_refusal_of_the_router_is_documented() -> None:
    known = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "errors.md").read_text()))
    assert refused_ids("router", "web", "engine") - known == set()
