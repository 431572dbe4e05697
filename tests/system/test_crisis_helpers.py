"""Somebody who is invited to help in a crisis: comes to any telephone, types a code, is rung, and goes home."""

import asyncio
import json

from tests.system.asking import vaxel
from tests.system.house import until
from tests.system.office import ANNA, BO, CILLA, CITIZEN, LOBBY, SOUNDS, VOICE, press, together
from tests.system.test_agents_codes import DONE, REFUSED, dial, says, state_of


async def join(office, code):
    """Type a code at the telephone in the lobby; return the call, which tells what came of it."""
    call = await dial(office, LOBBY, "*16")
    await call.audio.until_hears(SOUNDS["code_helper"])
    await press(call, code)
    return call


async def test_a_helper_comes_and_goes_by_telephone(office):
    started = await asyncio.to_thread(
        vaxel,
        office.house,
        "crisis",
        "start",
        "flood",
        "--queues",
        "bench",
        "--triage",
        "third",
        "--helpers",
        "standby",
    )
    assert started.returncode == 0, started.stderr
    made = await asyncio.to_thread(vaxel, office.house, "crisis", "invite", "flood", LOBBY, "--json")
    assert made.returncode == 0, made.stderr
    code = json.loads(made.stdout)["code"]
    for name in (ANNA, BO, CILLA):
        await office.asked("POST", f"/agents/{name}/pause", {"reason": "lunch"})
    await says(await join(office, code[:-1] + str((int(code[-1]) + 1) % 10)), REFUSED)
    assert await state_of(office, LOBBY) == ("logged_out", "")
    await says(await join(office, code), DONE)
    citizen = await office.rings()
    agent = await office.picks_up(LOBBY)
    assert (await office.contact())["queue"] == "third"
    await together((citizen, CITIZEN), (agent, VOICE[LOBBY]))
    citizen.bye()
    await asyncio.to_thread(until, lambda: not office.house.open_contacts())
    await says(await dial(office, LOBBY, "*17"), DONE)
    assert await state_of(office, LOBBY) == ("logged_out", "")
    await says(await join(office, code), DONE)
    await office.asked("POST", "/crises/flood/end")
    assert await state_of(office, LOBBY) == ("logged_out", ""), "it is over"
    await says(await join(office, code), REFUSED)
    kept = office.house.record()
    assert code not in repr(kept.facts)
    assert code[4:] not in repr(kept.facts)
    for name in ("engine", *office.house.worker_names):
        assert code not in office.house.log(name)
        assert code[4:] not in office.house.log(name)
