"""Talks that are recorded: announced to both, on a track for each, pausable, encrypted, and kept whatever is killed."""

import asyncio
import http.client

import numpy as np
import pytest

from adapters.speech import wav
from tests.sip import g711
from tests.sip.conftest import write_tone
from tests.system.asking import ask, vaxel
from tests.system.crew import bye
from tests.system.house import until
from tests.system.office import ANNA, BO, CITIZEN, EXTENSION, NUMBER_OUTSIDE, VOICE, furnish, press, together
from tests.system.test_people import KNOWN

SAID = 700.0
"""The announcement."""


@pytest.fixture(scope="module")
def office_house():
    house = furnish(history=True)
    write_tone(house.config / "prompts" / "en" / "recorded.wav", SAID, 1.5)
    house.change("queues", {"queues": {"bench": {"record": {"announce": "recorded", "decline": "9"}}}})
    house.start()
    until(lambda: ask(house, "POST", "/directory/destinations", {"to": EXTENSION[BO]})[1].get("record"))
    try:
        yield house
        house.check()
    finally:
        house.end()


@pytest.fixture(scope="module")
def token(office_house):
    return vaxel(office_house, "token", "add", "listener", "--role", "supervisor").stdout.strip().split()[-1]


def fetch(house, path, token, **headers):
    connection = http.client.HTTPConnection(*house.web, timeout=30)
    connection.request("GET", f"/api/v1{path}", None, {"Authorization": f"Bearer {token}", **headers})
    answer = connection.getresponse()
    told = answer.status, answer.read()
    connection.close()
    return told


def recordings(house, contact, token, number):
    def there():
        found = ask(house, "GET", f"/contacts/{contact}/recordings", token=token)[1]["recordings"]
        return found if len(found) == number else None

    return until(there, seconds=20, what=f"{number} recordings")


def share(sound, hertz):
    samples, rate = wav.read(sound)
    assert rate == g711.RATE
    return g711.share_by_frames(np.frombuffer(samples, dtype=np.int16).astype(float), hertz)


async def begin(office):
    """Let a citizen ring; both hear the announcement, and then each other."""
    citizen = await office.rings()
    agent = await office.picks_up(ANNA)
    await asyncio.gather(citizen.audio.until_hears(SAID), agent.audio.until_hears(SAID))
    assert not list(office.house.layout.tapes.glob(".new/*")), "not before both have heard it"
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    return citizen, agent, (await office.contact())["id"]


async def finish(office, *calls):
    for call in calls:
        bye(call)
    await asyncio.to_thread(until, lambda: not office.house.open_contacts(), what="the end")


async def test_both_hear_it_first_and_each_has_a_track_that_is_kept_encrypted(office, token):
    house = office.house
    citizen, agent, contact = await begin(office)
    await asyncio.sleep(1.5)
    house.kill("engine")
    await asyncio.to_thread(until, lambda: house.get("/health/ready")[0] == 200)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    await finish(office, citizen, agent)
    found = await asyncio.to_thread(recordings, house, contact, token, 2)
    voices = {"citizen": CITIZEN, "agent": VOICE[ANNA]}
    assert {one["track"] for one in found} == voices.keys()
    for one in found:
        path = f"/contacts/{contact}/recordings/{one['recording']}"
        status, sound = await asyncio.to_thread(fetch, house, path, token)
        assert status == 200
        assert share(sound, voices[one["track"]]) > 0.8
        assert one["seconds"] > 1.5, "through the killed engine"
        status, part = await asyncio.to_thread(fetch, house, path, token, Range="bytes=4-11")
        assert (status, part) == (206, sound[4:12])
        status, _ = await asyncio.to_thread(fetch, house, path, token, Range=f"bytes={len(sound)}-")
        assert status == 416
    assert list(house.layout.tapes.glob(".new/*.wav")) == []
    for path in house.layout.tapes.glob("*/*.vxt"):
        assert b"RIFF" not in path.read_bytes()
    told = vaxel(house, "access-log", "show", "--contact", contact).stdout
    assert told.count("kinds recording") == 6


async def test_the_agent_pauses_and_goes_on(office, token):
    citizen, agent, contact = await begin(office)
    await asyncio.sleep(0.6)
    await press(agent, "**")
    await asyncio.to_thread(
        until, lambda: ask(office.house, "GET", f"/contacts/{contact}")[1]["recording"] == "paused", what="the pause"
    )
    assert (await office.contact())["recording"] == "paused"
    await asyncio.sleep(0.6)
    await office.do("recording/resume")
    await asyncio.sleep(0.6)
    await office.do("hold")
    await asyncio.sleep(0.3)
    await office.do("resume")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    await asyncio.sleep(0.3)
    await finish(office, citizen, agent)
    found = await asyncio.to_thread(recordings, office.house, contact, token, 6)
    stretches = sorted({one["began"] for one in found})
    assert len(stretches) == 3, "before the pause, after it, after the hold"


async def test_a_citizen_who_declines_is_not_recorded(office, token):
    citizen = await office.rings()
    agent = await office.picks_up(ANNA)
    await citizen.audio.until_hears(SAID)
    await citizen.audio.press("9")
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    contact = await office.contact()
    assert contact["recording"] == "declined"
    assert await office.refused(f"/contacts/{contact['id']}/recording/resume") == "not_recorded"
    await finish(office, citizen, agent)
    assert ask(office.house, "GET", f"/contacts/{contact['id']}/recordings", token=token)[1]["recordings"] == []


async def test_a_protected_identitys_voice_is_secret_when_the_talk_is_over_too(office, token):
    citizen = await office.rings(headers=KNOWN)
    agent = await office.picks_up(ANNA)
    await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
    contact = (await office.contact())["id"]
    await asyncio.sleep(0.5)
    await finish(office, citizen, agent)
    found = await asyncio.to_thread(recordings, office.house, contact, token, 2)
    path = f"/contacts/{contact}/recordings/{found[0]['recording']}"
    assert (await asyncio.to_thread(fetch, office.house, path, token))[0] == 200
    past = f"/history/contacts/{contact}"
    await asyncio.to_thread(until, lambda: ask(office.house, "GET", past)[0] == 200, what="the history")
    for protected, status in ((True, 403), (False, 200)):
        await office.asked("POST", "/persons/mark", {"persons": [NUMBER_OUTSIDE], "protected": protected})
        assert (await asyncio.to_thread(fetch, office.house, path, token))[0] == status


async def test_a_killed_worker_leaves_what_was_recorded(office, token):
    citizen, agent, contact = await begin(office)
    await asyncio.sleep(1.0)
    worker = contact.partition("-")[0].removeprefix("w")
    office.house.kill(f"worker-{worker}")
    found = await asyncio.to_thread(recordings, office.house, contact, token, 2)
    assert {one["track"] for one in found} == {"citizen", "agent"}
    bye(citizen)
    bye(agent)
