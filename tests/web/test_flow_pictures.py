"""Pictures of flows over HTTP, and how many stand where in them."""

from typing import Any

import msgspec
import pytest

from engine import flowdraw
from metrics.projection import Image, Projection
from router import inputs as i
from tests.web.house import Reception

NUMBER = "0403410000"


async def ring(house: Reception, contact: str) -> None:
    await house.put(i.Arrived(contact=contact, channel="call", entry=NUMBER, leg=contact, person="p1"))


async def standing(house: Reception, node: str, flow: str = "welcome") -> tuple[int | None, int | None]:
    nodes = (await house.get(f"/flows/{flow}")).json["nodes"]
    (found,) = [one for one in nodes if one["node"] == node]
    return found["now"], found["today"]


async def heard(house: Reception, contact: str) -> None:
    """Let the prompt that is played to a caller end."""
    turn = house.state.contacts[contact].session.turn
    await house.put(i.PromptEnded(contact=contact, turn=turn))


async def test_callers_are_counted_where_they_stand(house: Reception) -> None:
    await ring(house, "w1-1-1")
    await ring(house, "w1-1-2")
    assert await standing(house, "start") == (2, 2)
    await heard(house, "w1-1-1")
    assert await standing(house, "start") == (1, 2)
    assert await standing(house, "hours") == (None, None)
    listed = {one["name"]: one for one in (await house.get("/flows")).json["flows"]}
    assert sum(one["now"] for one in listed.values()) == 2
    assert listed["welcome"]["numbers"] == ["Malmö stad"]
    await house.put(i.CitizenGone(contact="w1-1-1", cause="hung_up"))
    await house.put(i.CitizenGone(contact="w1-1-2", cause="hung_up"))
    assert await standing(house, "start") == (0, 2)


async def test_counts_go_on_after_a_restart_and_begin_anew_at_midnight(house: Reception) -> None:
    await ring(house, "w1-1-1")
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(house.projection.image()), type=Image)
    again = Projection(lambda at: house.reception.answering.local(at), kept)
    house.house.projection = again
    assert await standing(house, "start") == (1, 1)
    house.clock.time += 86_400
    assert await standing(house, "start") == (1, 0)


async def test_a_picture_is_told_as_parts_that_cannot_run(house: Reception) -> None:
    picture = (await house.get("/flows/welcome/picture", params={"language": "sv"})).json["picture"]
    parts = list(walk(picture))
    assert {one["tag"] for one in parts} <= {"svg", "g", "title", "desc", "path", "polygon", "ellipse", "text"}
    names = {name for one in parts for name in one["attributes"]}
    assert not any(name.startswith(("on", "style", "href")) for name in names)
    counted = {one["attributes"]["data-node"] for one in parts if "data-node" in one["attributes"]}
    assert {"start", "promised", "night"} <= counted
    assert not counted & {"hours", "fault", "hang_up"}
    assert all(one["text"] == "" for one in parts if "data-node" in one["attributes"])
    assert picture["parts"][0]["text"] == "Flow welcome"


def walk(part: dict[str, Any]) -> list[dict[str, Any]]:
    return [part, *(below for one in part["parts"] for below in walk(one))]


async def test_what_cannot_be_drawn_is_refused(house: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flowdraw, "PROGRAM", "no-such-program")
    refused = await house.get("/flows/welcome/picture")
    assert (refused.error, "graphviz" in refused.json["detail"]) == ("not_drawn", True)
    assert (await house.get("/flows/nothing")).error == "unknown_flow"
    assert (await house.get("/flows", role="supervisor")).error == "not_allowed"
