"""Text telephones at a whole house: through the edge, beside two workers, into the same line as everybody else."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from router import facts as f
from tests.chat.town import WORDS, Town
from tests.sip.conftest import write_tone
from tests.sip.textphone import TextPhone
from tests.system.house import CALLERS, House, until

pytestmark = pytest.mark.asyncio
NUMBER = "7000"
TEXTS = {"en": WORDS["en"] | {"text_connected": "You are connected.", "wait_next": "You are next."}}


@pytest.fixture
def town(make_house: Any) -> Town:
    """Return a house whose number is for text telephones too."""
    house: House = make_house(agents=1)
    for prompt in TEXTS["en"]:
        write_tone(house.config / "prompts" / "en" / f"{prompt}.wav", 800.0, 0.2)
    house.change("numbers", {"numbers": {NUMBER: {"flow": "chat"}}})
    town = Town(house, words=TEXTS, hooks={})
    house.change("agents", {"agents": {"agent0001": {"capacity": {"call": 1, "text": 1}}}})
    house.start()
    return town


@pytest.fixture
async def citizen() -> AsyncIterator[TextPhone]:
    """Return a citizen's text telephone, at the trunk."""
    phone = await TextPhone.open(CALLERS)
    yield phone
    await phone.close()


def ring(town: Town, citizen: TextPhone, **media: bool) -> None:
    citizen.ring("sip:{}@{}:{}".format(NUMBER, *town.house.sip), **media)


async def contact_of(town: Town) -> dict[str, Any]:
    found = await asyncio.to_thread(until, lambda: town.contacts(), 10, "a contact")
    return dict(found[0])


def typed(town: Town, contact: str, text: str) -> bool:
    """Tell whether an agent sees this being typed."""
    return text in town.ask("GET", f"/contacts/{contact}/text")["citizen"]


async def test_text_alone_is_led_through_the_menu_to_an_agent_who_has_no_telephone(
    town: Town, citizen: TextPhone
) -> None:
    ring(town, citizen, audio=False)
    await citizen.reads("Hello!\nWhat is it about?\n")
    citizen.type("7\n")
    await citizen.until(lambda: citizen.display.count("What is it about?") == 2)
    citizen.type("1\n")
    await citizen.reads("Your customer number, six digits")
    citizen.type("12 34 56\n")
    contact = await contact_of(town)
    assert contact["channel"] == "text"
    agent = await asyncio.to_thread(town.accept, contact["id"])
    await citizen.reads("You are connected.")
    town.ask("POST", f"/contacts/{contact['id']}/text", {"text": "Hej"}, by=agent)
    await citizen.reads("connected.\nHej")
    town.ask("POST", f"/contacts/{contact['id']}/text", {"text": ", how can I help?\n"}, by=agent)
    await citizen.reads("Hej, how can I help?\n")
    citizen.type("My bin is ")
    await asyncio.to_thread(until, lambda: typed(town, contact["id"], "My bin is"), 5, "the citizen to type")
    citizen.type("full\n")

    def said() -> list[tuple[str, str]]:
        return [(one["author"], one.get("text", "")) for one in town.messages(contact["id"])]

    await asyncio.to_thread(until, lambda: ("citizen", "My bin is full") in said(), 5, "the line")
    assert ("agent", "Hej, how can I help?") in said()
    assert ("citizen", "12 34 56") in said()
    town.ask("POST", f"/contacts/{contact['id']}/finish", by=agent)
    await citizen.until(lambda: citizen.state == "disconnected", 10)
    record = town.house.check()
    arrived = next(fact for fact in record.facts if isinstance(fact, f.ContactArrived))
    assert arrived.text
    assert citizen.display.count("Hello!") == 1


async def test_beside_audio_the_menu_is_shown_and_typed_digits_are_keys(town: Town, citizen: TextPhone) -> None:
    ring(town, citizen)
    await citizen.reads("What is it about?")
    assert set(citizen.streams) == {"audio", "text"}
    citizen.type("1\n")
    await citizen.reads("Your customer number, six digits")
    citizen.hang_up()
    record = town.house.check()
    assert next(fact for fact in record.facts if isinstance(fact, f.ContactArrived)).channel == "call"


async def test_a_conversation_survives_the_engine(town: Town, citizen: TextPhone) -> None:
    ring(town, citizen, audio=False)
    await citizen.reads("What is it about?")
    citizen.type("2\n")
    contact = await contact_of(town)
    agent = await asyncio.to_thread(town.accept, contact["id"])
    town.ask("POST", f"/contacts/{contact['id']}/text", {"text": "One\nTw"}, by=agent)
    citizen.type("Half a ")
    await citizen.reads("One\nTw")
    killed = await asyncio.to_thread(town.house.kill, "engine")
    citizen.type("line\nwhole line\nand ")
    await asyncio.to_thread(until, lambda: town.house.pid("engine") not in (0, killed), 30, "another engine")
    await asyncio.to_thread(until, lambda: town.house.get("/health/ready")[0] == 200, 30, "the engine to be ready")

    def said() -> list[str]:
        return [one.get("text", "") for one in town.messages(contact["id"]) if one["author"] != "house"]

    await asyncio.to_thread(until, lambda: "whole line" in said(), 10, "the lines")
    await asyncio.to_thread(until, lambda: typed(town, contact["id"], "and "), 5, "the line in the making")
    town.ask("POST", f"/contacts/{contact['id']}/text", {"text": "o\n"}, by=agent)
    await citizen.reads("Two\n")
    await asyncio.to_thread(until, lambda: "Two" in said(), 5, "the agent's line")
    assert said() == ["2", "One", "Half a line", "whole line", "Two"]
    for text in ("Hello!", "What is it about?", "You are connected.", "One"):
        assert citizen.display.count(text) == 1, citizen.display
    citizen.hang_up()
    await asyncio.to_thread(until, lambda: town.house.open_contacts().get(contact["id"]) != "Connected", 10, "the end")
    town.house.check(30)


async def test_what_a_crisis_announces_is_shown_before_the_menu_and_in_line(town: Town, citizen: TextPhone) -> None:
    for agent in town.house.record().replay().agents:
        await asyncio.to_thread(town.ask, "POST", f"/agents/{agent}/pause", {"reason": "lunch"})
    begun = {"name": "water", "all": True, "messages": {"en": "Boil the water before you drink it."}}
    await asyncio.to_thread(town.ask, "POST", "/crises", begun)
    ring(town, citizen, audio=False)
    await citizen.reads("Hello!\nWhat is it about?\n")
    assert citizen.display.startswith("Boil the water before you drink it.\n")
    citizen.type("2\n")
    contact = await contact_of(town)
    await asyncio.to_thread(until, lambda: town.house.open_contacts().get(contact["id"]) == "Waiting", 10, "the line")
    await asyncio.to_thread(town.ask, "POST", "/crises/water/say", {"messages": {"en": "The water is good again."}})
    await citizen.reads("The water is good again.\n")
    assert citizen.display.count("Boil the water") == 1
    citizen.hang_up()
    await asyncio.to_thread(until, lambda: not town.house.open_contacts(), 10, "the end")
    town.house.check()
