"""Departments as a boundary: every route, asked by every role of a department for what is another's."""

import asyncio
import json
from typing import Any

import aiohttp
import msgspec
import pytest

from router import api
from router import inputs as i
from router.api import CONFIDANTS, Caller, Role, Route, Socket, routes_of
from router.boundary import BOUND, NAMED, reach_of
from tests.web.house import BASE, NOON, Reception
from web import tokens
from web.agents import OneAgent
from web.feeds import EVENT_STREAM

ROLES: tuple[Role, ...] = ("reader", "agent", "operator", "supervisor", "coordinator", "admin", "kiosk")
OWN, OTHERS = "vaxel", "skola"
DEPARTMENT = "kontaktcenter"
"""Owns `OWN`, and not `OTHERS`."""
LEADS = {"role": "supervisor", "departments": (DEPARTMENT,)}


class Bounded:
    """Somebody with a department asks."""

    def __init__(self, house: Reception) -> None:
        self.house = house

    async def __call__(self, method: str, path: str, role: Role = "supervisor", body: Any = None) -> Any:
        return await self.house.send(method, path, headers=bearer(self.house, role), **_json(method, body))


def _json(method: str, body: Any) -> dict[str, Any]:
    return {"json": body or {}} if method in ("POST", "PUT") else {}


def bearer(house: Reception, role: Role, *departments: str) -> dict[str, str]:
    """Return what shows a token of a role that has departments: one, unless others are named."""
    agent = "guide01" if role == "agent" else ""
    name = f"{role}-of-{'-'.join(departments) or DEPARTMENT}"
    if name not in house.tokens:
        house.tokens[name], token = tokens.make(name, role, agent, NOON, None, departments or (DEPARTMENT,))
        house.reception.tokens.keep(token)
    return {"Authorization": f"Bearer {house.tokens[name]}"}


@pytest.fixture
def ask(house: Reception) -> Bounded:
    return Bounded(house)


async def of_others(house: Reception) -> str:
    """Let a citizen wait in a queue of another department; return the contact."""
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    await house.put(i.SendToQueue(contact, OTHERS))
    return contact


def path_of(route: Route, names: dict[str, str]) -> str:
    path = route.path
    for name in route.parameters:
        path = path.replace(f"{{{name}}}", names.get(name, "x"))
    return path


async def test_every_route_holds_every_role_to_its_department(house: Reception) -> None:
    """What a path names is of another department: who is bound is refused, whatever the rest of the request is."""
    names = {"contact": await of_others(house), "agent": "guide08", "queue": OTHERS, "worker": "w1"}
    assert not set(house.state.settings("guide08").queues) & {"vaxel", "kontakt"}, "serves nobody of the department"
    names |= {"visit": names["contact"], "offer": f"{names['contact']}.1"}
    told: dict[str, Any] = {}
    for route in house.reception.api.routes:
        if route.gives == EVENT_STREAM or route.socket:
            continue
        for role in ROLES:
            answer = await house.send(
                route.method, path_of(route, names), headers=bearer(house, role), **_json(route.method, None)
            )
            error = answer.json.get("error_id", "") if answer.status >= 400 else ""
            bound = role in BOUND and any(name in names for name in route.parameters if name in NAMED)
            if role not in route.roles:
                assert (answer.status, error) == (403, "not_allowed"), (route.method, route.path, role)
            elif error == "not_your_department":
                assert bound or route.path == "/crises", (route.method, route.path, role)
                told[route.path] = role
            elif bound:
                assert error in ("bad_request", "media_not_supported"), (route.method, route.path, role, answer)
    assert len(told) > 40, "and that is what most of them say"
    assert house.spine.bugs == 0


@pytest.mark.parametrize("role", ROLES)
def test_who_is_bound(role: Role) -> None:
    owned = {"social": ("aldre", "social"), "skola": ("skola",)}
    assert reach_of(Caller("x", role), owned).whole
    bound = reach_of(Caller("x", role, "", ("social", "nosuch")), owned)
    assert bound.whole is (role not in BOUND)
    assert bound.queue("skola") is bound.whole
    assert bound.queue("aldre")


async def test_what_is_shown_is_of_the_own_department(house: Reception, ask: Bounded) -> None:
    await of_others(house)
    await house.put(i.Pause("guide01", "lunch"))
    mine = await house.waits()
    assert [one["id"] for one in (await ask("GET", "/contacts")).json["contacts"]] == [mine]
    assert {one["id"] for one in (await ask("GET", "/queues")).json["queues"]} == {"vaxel", "kontakt"}
    agents = (await ask("GET", "/agents")).json["agents"]
    assert agents
    assert all({"vaxel", "kontakt"} & set(one["queues"]) for one in agents)
    live = (await ask("GET", "/live")).json
    assert {one["id"] for one in live["queues"]} == {"vaxel", "kontakt"}
    assert [one["id"] for one in live["agents"]] == [one["id"] for one in agents]
    for role in ("supervisor", "coordinator"):
        figures = (await ask("GET", "/figures", role)).json
        assert set(figures["queues"]) == {"vaxel", "kontakt"}
        assert sum(figures["agents"].values()) == len(agents)
    assert (await house.get("/me", headers=bearer(house, "supervisor"))).json["departments"] == [DEPARTMENT]


async def test_a_contact_in_ones_own_hands_is_always_within(house: Reception) -> None:
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    shown, token = tokens.make("op", "operator", "guide01", NOON, None, ("skola",))
    house.reception.tokens.keep(token)
    mine = {"Authorization": f"Bearer {shown}"}
    assert (await house.get(f"/contacts/{contact}", headers=mine)).status == 200
    assert (await house.get(f"/contacts/{contact}", headers=bearer(house, "operator", "skola"))).error == (
        "not_your_department"
    )
    assert (await house.post(f"/contacts/{contact}/hold", json={}, headers=mine)).status == 204


async def test_an_agent_of_two_departments_is_seen_without_the_others_contact(house: Reception) -> None:
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    serves = set(house.state.settings("guide01").queues) - {"vaxel", "kontakt"}
    department = next(name for name, one in house.loaded.installation.departments.items() if serves & set(one.queues))
    told = await house.get("/agents/guide01", headers=bearer(house, "supervisor", department))
    (work,) = told.json["work"]
    assert (work["contact"], work["channel"], work.get("queue", "")) == ("", "call", "")


async def test_only_who_leads_all_its_queues_begins_a_crisis(ask: Bounded) -> None:
    said = {"name": "strom", "messages": {"sv": "Strömavbrott."}}
    for asked in ({"all": True}, {"queues": [OWN, OTHERS]}):
        assert (await ask("POST", "/crises", body=said | asked)).error == "not_your_department"


async def test_events_of_others_are_not_heard(house: Reception) -> None:
    headers = bearer(house, "supervisor")
    async with house.session.ws_connect(house.url(f"{BASE}/events"), headers=headers) as socket:
        await socket.send_json({})
        assert (await socket.receive_json())[0]["type"] == "stream.started"
        other = await of_others(house)
        await house.put(i.LogIn("guide08"))
        mine = await house.waits()
        heard: list[dict[str, Any]] = []
        async with asyncio.timeout(5):
            while not any(one.get("contact") == mine and one.get("queue") == OWN for one in heard):
                heard += json.loads((await socket.receive()).data)
    assert not [one for one in heard if one.get("queue") == OTHERS]
    assert not [one for one in heard if one.get("agent") == "guide08"]
    assert all(one["queue"] == OWN for one in heard if one.get("contact") == other)


async def test_a_coordinator_sees_figures_and_no_people(house: Reception) -> None:
    coordinator = [one for one in house.reception.api.routes if "coordinator" in one.roles]
    assert coordinator
    assert not [one.path for one in coordinator if one.changes]
    assert not [one.path for one in coordinator if one.roles <= CONFIDANTS]
    for path in ("/agents", "/contacts", "/help", "/callbacks", "/access-log", "/accounts"):
        assert (await house.get(path, role="coordinator")).error == "not_allowed"


class Telephone:
    """A part of the house with a socket, on which nothing ever comes."""

    @api.route("GET", "/agents/{agent}/listen", roles=frozenset({"supervisor"}), socket=True)
    async def listen(self, caller: Caller, socket: Socket, asked: OneAgent) -> None:
        """Listen."""
        await socket.receive()


async def test_sockets_are_bounded_and_end_with_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.feeds.STANDS_S", 0.02)
    async with Reception.open(more=tuple(routes_of(Telephone(), "x"))) as house:
        path = house.url(f"{BASE}/agents/guide08/listen")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await house.session.ws_connect(path, headers=bearer(house, "supervisor"))
        assert refused.value.status == 403
        shown, token = tokens.make("gone", "supervisor", "", NOON)
        house.reception.tokens.keep(token)
        async with house.session.ws_connect(path, headers={"Authorization": f"Bearer {shown}"}) as socket:
            house.reception.tokens.keep(msgspec.structs.replace(token, expires=NOON - 1))
            async with asyncio.timeout(5):
                told = await socket.receive()
            assert (told.type, told.extra) == (aiohttp.WSMsgType.CLOSE, "not_signed_in")


async def test_who_loses_an_account_hears_nothing_two_seconds_later(
    house: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.feeds.STANDS_S", 0.02)
    shown, token = tokens.make("gone", "supervisor", "", NOON, NOON + 60)
    house.reception.tokens.keep(token)
    for kind in ("sse", "websocket"):
        headers = {"Authorization": f"Bearer {shown}"}
        house.reception.tokens.keep(token)
        async with aiohttp.ClientSession() as session:
            if kind == "websocket":
                async with session.ws_connect(house.url(f"{BASE}/events"), headers=headers) as socket:
                    await socket.send_json({})
                    await socket.receive()
                    house.reception.tokens.keep(msgspec.structs.replace(token, expires=NOON - 1))
                    async with asyncio.timeout(5):
                        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
                        assert socket.close_code == 1008
            else:
                async with session.get(house.url(f"{BASE}/events"), headers=headers) as answer:
                    await answer.content.readuntil(b"\n\n")
                    house.reception.tokens.keep(msgspec.structs.replace(token, expires=NOON - 1))
                    async with asyncio.timeout(5):
                        assert b"signed_out" in await answer.content.read()


async def test_what_is_for_now_is_shown_and_done_for_ones_own_departments_alone(house: Reception) -> None:
    mine, theirs = department_queues(house)
    for queue in (mine, theirs):
        told = await house.post(f"/queues/{queue}/today", json={"open": False, "reason": "Larm"}, role="supervisor")
        assert told.status == 204
    shown = (await house.get("/today", headers=bearer(house, "supervisor"))).json["queues"]
    assert [one["queue"] for one in shown] == [mine]
    told = await house.post(
        "/notices", json={"text": "Hej", "queues": [theirs]}, headers=bearer(house, "supervisor"), role=None
    )
    assert told.error == "not_your_department"


def department_queues(house: Reception) -> tuple[str, str]:
    """Return a queue of the department, and one that is of others."""
    own = house.loaded.installation.departments[DEPARTMENT].queues
    return own[0], next(name for name in house.loaded.core.queues if name not in own)
