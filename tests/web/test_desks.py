"""What a desk shows in one look, and to whom."""

import asyncio
from typing import Any

import pytest

from engine import figures
from router import inputs as i
from tests.web.house import Reception
from tests.web.test_api_leading import LEAD, OTHER
from tests.web.test_api_talk import AGENT, talks
from web import agents, queues


async def test_a_desk_is_its_agent_contacts_and_news_at_one_moment(house: Reception) -> None:
    talk = await talks(house)
    await house.waits(person="p2")
    await house.post("/notices", json={"text": "För alla"}, **LEAD)
    desk = (await house.get("/agents/guide01/desk", **AGENT)).json
    assert desk["agent"] == (await house.get("/agents/guide01", **AGENT)).json
    assert desk["contacts"] == (await house.get("/contacts?agent=guide01", **AGENT)).json["contacts"]
    assert desk["notices"] == (await house.get("/notices", **AGENT)).json["notices"]
    assert [one["id"] for one in desk["contacts"]] == [talk]
    assert [one["text"] for one in desk["notices"]] == ["För alla"]


async def test_a_desk_is_shown_to_its_agent_and_to_those_who_lead(house: Reception) -> None:
    talk = await talks(house)
    assert (await house.get("/agents/guide01/desk", **OTHER)).error == "not_yours"
    assert (await house.get("/agents/nobody/desk", **LEAD)).error == "unknown_agent"
    assert [one["id"] for one in (await house.get("/agents/guide01/desk", **LEAD)).json["contacts"]] == [talk]


@pytest.mark.parametrize("path", ["/figures", "/live", "/agents"])
async def test_what_many_look_at_in_the_same_instant_is_drawn_once(
    house: Reception, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    drawn = {"/figures": 0, "/live": 0, "/agents": 0}

    def count(module: Any, name: str, counted: str) -> None:
        draw = getattr(module, name)

        def drawing(*given: Any) -> Any:
            drawn[counted] += 1
            return draw(*given)

        monkeypatch.setattr(module, name, drawing)

    count(figures, "of", "/figures")
    count(queues, "_draw", "/live")
    count(agents, "agent_view", "/agents")
    many = len(house.state.agents) if path == "/agents" else 1
    await asyncio.gather(*(house.get(path, role="supervisor") for _ in range(20)))
    assert drawn[path] == many
    await house.wait(2)
    await house.put(i.Pause("guide01", "lunch"))
    told = await asyncio.gather(*(house.get(path, role="supervisor") for _ in range(20)))
    assert drawn[path] == 2 * many
    assert len({one.body for one in told}) == 1
    if path != "/figures":
        (guide,) = (one for one in told[0].json["agents"] if one["id"] == "guide01")
        assert guide["state"] == "paused"
