"""What a desk shows in one look, and to whom."""

from tests.web.house import Reception
from tests.web.test_api_leading import LEAD, OTHER
from tests.web.test_api_talk import AGENT, talks


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
