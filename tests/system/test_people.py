"""One citizen, one story, at a running Vaxel: known by number and address, by the engine after a killed one too."""

import asyncio
import secrets
from datetime import UTC, datetime

import pytest

from tests.system.asking import ask
from tests.system.house import until
from tests.system.office import ANNA, NUMBER_OUTSIDE
from tests.system.test_agents_calls import ASSERTED
from tests.system.test_agents_killed import kill_engine
from web.tokens import TokenFile, make

FURNITURE = {"hasty": True, "history": True}
KNOWN = ((ASSERTED, f"<sip:{NUMBER_OUTSIDE}@city.example>"),)


@pytest.fixture
async def confidants(office):
    """Return what asks as a role that may see personal values, each with a token of its own."""
    tokens = {}
    kept = TokenFile(office.house.layout.tokens)
    known = []
    for role, agent in (("supervisor", ""), ("operator", ""), ("agent", ANNA)):
        tokens[role], token = make(f"{role}-{secrets.token_hex(4)}", role, agent, datetime.now(UTC).timestamp())
        known.append(token)
    for token in known:
        kept.add(token)

    async def asked(role, method, path, body=None):
        status, told = await asyncio.to_thread(ask, office.house, method, path, body, tokens[role])
        return told if status < 300 else told["error_id"]

    for role in tokens:
        await asyncio.to_thread(
            until, lambda role=role: ask(office.house, "GET", "/needs", token=tokens[role])[0] == 200, what="a token"
        )
    return asked


async def served(office, citizen, agent):
    """End a talk, and wait until nothing of it is left."""
    citizen.bye()
    await agent.end()
    await asyncio.to_thread(until, lambda: not office.house.open_contacts(), what="the contact to end")


async def rings(office):
    """Return a talk of somebody whose number a trunk vouches for, and its contact."""
    citizen = await office.rings(headers=KNOWN)
    agent = await office.picks_up(ANNA)
    return citizen, agent, (await office.contact())["id"]


async def test_who_rings_again_is_known_with_needs_and_story_though_the_engine_was_killed(office, confidants):
    citizen, agent, first = await rings(office)
    assert await confidants("agent", "POST", f"/contacts/{first}/join", {"address": "kim@example.se"}) is None
    needs = {"needs": ["plain_language", "sight"], "language": "en", "keep": True}
    assert await confidants("agent", "POST", f"/contacts/{first}/needs", needs) is None
    await served(office, citizen, agent)
    await kill_engine(office)
    citizen, agent, again = await rings(office)
    person = await confidants("agent", "GET", f"/contacts/{again}/person")
    assert (person["needs"], person["language"], person["addresses"]) == (["plain_language", "sight"], "en", 2)

    async def told():
        story = await confidants("agent", "GET", f"/contacts/{again}/story")
        return story["complete"] and [(one["contact"], one.get("outcome", "")) for one in story["contacts"]]

    for _ in range(50):
        if (found := await told()) == [(again, ""), (first, "served")]:
            break
        await asyncio.sleep(0.2)
    else:
        pytest.fail(f"the story is {found}")
    await served(office, citizen, agent)


async def test_a_protected_identity_is_masked_on_displays_and_over_rest(office, confidants):
    citizen, agent, first = await rings(office)
    assert NUMBER_OUTSIDE[-6:] in agent.messages[0]["From"]
    assert await confidants("agent", "POST", f"/contacts/{first}/mark", {"protected": True}) is None
    await served(office, citizen, agent)
    await kill_engine(office)
    citizen, agent, again = await rings(office)
    assert NUMBER_OUTSIDE[-6:] not in agent.messages[0]["From"]
    assert await confidants("operator", "GET", f"/contacts/{again}/citizen") == "secret"
    assert (await confidants("agent", "GET", f"/contacts/{again}/citizen"))["contact"] == again
    assert NUMBER_OUTSIDE[-6:] not in office.house.log("engine")
    assert await confidants("supervisor", "POST", f"/contacts/{again}/mark", {"protected": False}) is None
    await served(office, citizen, agent)
