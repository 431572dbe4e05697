"""Callers in line hear how it stands, and leave it by a key: real calls, with a tone for each thing that is said."""

import asyncio

import pytest

from router import facts as f
from tests.sip.conftest import write_tone
from tests.system.crew import Crew, bye, wait_in_line
from tests.system.house import MUSIC, until

AGENT = 550.0
SAID = {
    "wait_position.1": 900.0,
    "wait_next": 1100.0,
    "wait_still": 1250.0,
    "wait_not_now": 2600.0,
    "wait_key_quiet.1": 1700.0,
    "number.2": 1400.0,
    "number.3": 2000.0,
}
"""Each sound to its tone."""
TEXTS = """\
en:
  wait_position: You are number {number}
  wait_next: You are next
  wait_still: You keep your place
  wait_not_now: Not now
  wait_key_quiet: To wait elsewhere press {key}
"""
TONE_S = 0.5


def make(make_house, every="1 s", agents=1):
    keys = {"3": {"queue": "quiet"}}
    announce = {"every": every, "expected": "no"}
    house = make_house(agents, {"queues": {"queues": {"bench": {"announce": announce, "keys": keys}}}})
    (house.config / "prompts.yaml").write_text(TEXTS)
    for sound, hertz in SAID.items():
        write_tone(house.config / "prompts" / "en" / f"{sound}.wav", hertz, TONE_S)
    house.start()
    return house


async def hears(call, *sounds):
    """Wait for sounds, one after the other."""
    for sound in sounds:
        await call.audio.until_hears(SAID.get(sound, MUSIC), within=5.0)


def announced(house, number):
    """Return what the caller who came as that one was told."""
    record = house.record()
    contact = record.queued_order()[number]
    return [fact for fact in record.of(f.WaitAnnounced) if fact.contact == contact]


async def test_the_place_and_the_keys_are_heard_and_then_music(make_house, open_phone):
    house = await asyncio.to_thread(make, make_house)
    crew = await Crew.at(house, open_phone, AGENT)
    talking, second, third = await wait_in_line(house, open_phone, 3)
    await hears(third, "wait_position.1", "number.2", "wait_key_quiet.1", "number.3", "music")
    assert [fact.position for fact in announced(house, 2)][:1] == [2]
    bye(second)
    await hears(third, "wait_next", "music")
    assert len({fact.turn for fact in announced(house, 2)}) == 2
    bye(talking)
    await crew.until_rung(2)
    await third.audio.until_hears(AGENT)
    bye(third)
    crew.end()
    await asyncio.to_thread(house.check)


async def test_a_key_leads_into_another_queue_and_one_that_leads_nowhere_keeps_the_place(make_house, open_phone):
    house = await asyncio.to_thread(make, make_house, "30 s")
    crew = await Crew.at(house, open_phone, AGENT)
    talking, waiting = await wait_in_line(house, open_phone, 2)
    await hears(waiting, "wait_next")
    waiting.info_digit("7")
    await waiting.audio.press("3")
    queued = await asyncio.to_thread(house.until_recorded, lambda record: record.of(f.ContactQueued)[2:])
    assert [fact.queue for fact in queued] == ["quiet"]
    assert [way.obstacle for way in house.record().of(f.WayOutTaken)] == ["asked"]
    await waiting.audio.until_quiet()
    bye(talking)
    await crew.until_rung(2)
    await waiting.audio.until_hears(AGENT)
    bye(waiting)
    crew.end()
    await asyncio.to_thread(house.check)


@pytest.mark.soak
async def test_the_star_has_it_said_again(make_house, open_phone):
    house = await asyncio.to_thread(make, make_house, "30 s")
    crew = await Crew.at(house, open_phone, AGENT)
    talking, waiting = await wait_in_line(house, open_phone, 2)
    await hears(waiting, "wait_next", "music")
    await waiting.audio.press("*")
    await hears(waiting, "wait_next", "wait_key_quiet.1", "number.3", "music")
    bye(waiting)
    bye(talking)
    crew.end()


async def test_an_announcement_outlives_the_engine_and_is_not_said_twice(make_house, open_phone):
    house = await asyncio.to_thread(make, make_house, "30 s")
    write_tone(house.config / "prompts" / "en" / "wait_next.wav", SAID["wait_next"], 2.0)
    crew = await Crew.at(house, open_phone, AGENT)
    talking, waiting = await wait_in_line(house, open_phone, 2)
    await hears(waiting, "wait_next")
    house.kill("engine")
    await hears(waiting, "wait_key_quiet.1", "number.3", "music")
    ready = await asyncio.to_thread(until, lambda: house.get("/health/ready")[0] == 200)
    assert ready
    for _ in range(20):
        await asyncio.sleep(0.05)
        assert not waiting.audio.hears(SAID["wait_next"], seconds=0.1)
    assert len(announced(house, 1)) == 1
    bye(waiting)
    bye(talking)
    crew.end()
