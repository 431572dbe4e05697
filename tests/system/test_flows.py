"""Flows on real calls: languages, digits, recordings and what becomes of them, also when the engine is killed."""

import asyncio
import json
import stat
import time

import pytest

from adapters.redis.keys import VAULT
from engine.pins import hash_pin
from router import facts as f
from tests.sip.conftest import read_samples, write_tone
from tests.sip.g711 import share
from tests.system.crew import Crew, bye, ring, until
from tests.system.house import MUSIC

CITIZEN = 1300.0
AGENT = 550.0
BEEP = 1000.0
TONES = {
    "en": {"tongue": 600.0, "account": 800.0, "welcome": 900.0, "wrong": 1100.0, "what": 1500.0, "thanks": 1700.0},
    "sv": {"tongue": 650.0, "account": 850.0, "welcome": 950.0, "wrong": 1150.0, "what": 1550.0, "thanks": 1750.0},
}
"""Language to prompt to the tone that stands for it."""
FLOWS = {
    "city": {
        "settings": {"person": "bench"},
        "start": {"language": "tongue", "choices": {1: "en", 2: {"language": "sv"}}, "next": "hello"},
        "hello": {"say": "welcome", "next": "ask"},
        "ask": {
            "collect": "account",
            "name": "account",
            "digits": "4-6",
            "confirm": True,
            "wrong_input": "wrong",
            "between": "2 s",
            "next": "line",
        },
        "line": {"queue": "bench"},
    },
    "secret": {
        "start": {
            "collect": "account",
            "name": "pin",
            "digits": "4",
            "sensitive": True,
            "next": "line",
            "otherwise": "line",
        },
        "line": {"queue": "bench"},
    },
    "fault": {
        "start": {
            "form": "reports",
            "questions": [
                {"record": "what", "name": "what", "silence": "1 s"},
                {"collect": "account", "name": "phone", "digits": "4", "optional": True, "timeout": "2 s", "tries": 1},
            ],
            "announce": "welcome",
            "next": "thanks",
            "otherwise": "line",
        },
        "thanks": {"say": "thanks", "next": "hang_up"},
        "line": {"queue": "bench"},
    },
}
DESK = "desk"
"""An agent who reads reports and messages, without a telephone."""


@pytest.fixture
def house(make_house):
    """Return a house with flows, whose prompts are tones; not started."""
    house = make_house(agents=1, hasty=True)
    for name, flow in FLOWS.items():
        (house.config / "flows" / f"{name}.yaml").write_text(json.dumps(flow))
    for language, tones in TONES.items():
        (house.config / "prompts" / language).mkdir(exist_ok=True)
        for prompt, hertz in tones.items():
            write_tone(house.config / "prompts" / language / f"{prompt}.wav", hertz, 0.6)
        for prompt in ("short", "menu", "sorry", "recorded", "leave_message", "message_kept"):
            write_tone(house.config / "prompts" / language / f"{prompt}.wav", 1900.0, 0.4)
    house.change("vaxel", {"flows": {"relay": {"numbers": ["relay"]}}})
    house.change("queues", {"queues": {"reports": {"title": "Reports"}, "shut": {"hours": {"mon": "closed"}}}})
    house.change("queues", {"queues": {"shut": {"ways_out": {"closed": {"message": "reports"}}}}})
    served = {"queues": ["bench", "quiet", "reports", "shut"]}
    house.change("agents", {"agents": {"agent0001": served, DESK: {**served, "capacity": {"report": 2, "message": 2}}}})
    numbers = {name: {"flow": name} for name in FLOWS} | {"shut": {"queue": "shut"}}
    house.change("numbers", {"numbers": numbers})
    (house.config / "prompts.yaml").write_text(
        "en:\n  confirm: '{digits} please press one.'\nsv:\n  confirm: 'Du slog {digits}.'\n"
    )
    return house


def vault(house, owner, kind):
    """Return what the vault keeps, None when nothing."""
    with house.redis() as client:
        value = client.get(f"{VAULT}{owner}:{kind}")
    return json.loads(value) if value is not None else None


def contact(house):
    """Return the id of the first contact."""
    return house.until_recorded(lambda record: record.of(f.ContactArrived))[0].contact


def until_at(house, node):
    """Wait until somebody's flow stands at a node."""
    house.until_recorded(lambda record: any(fact.session.node == node for fact in record.of(f.FlowMoved)))


async def press(call, keys):
    """Press keys one by one."""
    for key in keys:
        await call.audio.press(key)
        await asyncio.sleep(0.06)


@pytest.mark.parametrize(("key", "language"), [("1", "en"), ("2", "sv")])
async def test_a_language_is_chosen_and_digits_are_typed_unseen(house, open_phone, key, language):
    house.start()
    crew = await Crew.at(house, open_phone, AGENT)
    tones = TONES[language]
    call = await ring(house, open_phone, "citizen", "city")
    await call.audio.until_hears(TONES["en"]["tongue"])
    await call.audio.until_hears(TONES["sv"]["tongue"])
    await press(call, key)
    await call.audio.until_hears(tones["welcome"])
    await call.audio.until_hears(tones["account"])
    await press(call, "12#")
    await call.audio.until_hears(tones["wrong"])
    await call.audio.until_hears(tones["account"])
    await press(call, "4071#")
    id_ = await asyncio.to_thread(contact, house)
    moved = await asyncio.to_thread(
        house.until_recorded, lambda record: [one for one in record.of(f.FlowMoved) if one.session.stage == "confirm"]
    )
    assert moved[0].action.heard[0].prompt == "confirm"
    await press(call, "1")
    rung = await crew.until_rung(1)
    await call.audio.until_hears(AGENT)
    bye(rung.call)
    await call.end()
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert [fact.language for fact in record.of(f.LanguageChosen)] == [language]
    assert vault(house, id_, "digits") == {"account": "4071"}
    assert "4071" not in repr(record.facts), "no digit is a fact"
    assert "4071" not in house.log("engine")


@pytest.mark.soak
async def test_a_pause_between_digits_ends_them_and_a_relay_caller_gets_longer(house, open_phone):
    house.start()
    crew = await Crew.at(house, open_phone, AGENT)
    for caller, least, most in (("citizen", 1.5, 4.0), ("relay", 5.0, 8.0)):
        call = await ring(house, open_phone, caller, "city")
        await call.audio.until_hears(TONES["en"]["tongue"])
        await press(call, "1")
        await call.audio.until_hears(TONES["en"]["account"])
        await press(call, "12")
        begun = time.monotonic()
        await call.audio.until_hears(TONES["en"]["wrong"], within=most)
        assert least < time.monotonic() - begun < most
        bye(call)
    crew.end()
    await asyncio.to_thread(house.check)


async def test_digits_survive_the_engine_and_sensitive_ones_are_asked_for_again(house, open_phone):
    house.start()
    crew = await Crew.at(house, open_phone, AGENT)
    plain = await ring(house, open_phone, "plain", "city")
    await plain.audio.until_hears(TONES["en"]["tongue"])
    await press(plain, "1")
    await plain.audio.until_hears(TONES["en"]["account"])
    secret = await ring(house, open_phone, "secret", "secret")
    await secret.audio.until_hears(TONES["en"]["account"])
    await press(plain, "40")
    await press(secret, "99")
    typed = lambda record: {fact.contact for fact in record.of(f.FlowMoved) if fact.session.typed == 2}  # noqa: E731
    ids = await asyncio.to_thread(house.until_recorded, lambda record: len(typed(record)) == 2 and typed(record))
    house.kill("engine")
    await press(plain, "71#")
    await press(secret, "9")
    await secret.audio.until_hears(TONES["en"]["account"], within=10.0)
    await press(plain, "1")
    await crew.until_rung(1)
    await press(secret, "1234")
    await crew.until_rung(1)
    bye(crew.rung[0].call)
    await crew.until_rung(2)
    bye(crew.rung[1].call)
    await asyncio.gather(plain.end(), secret.end())
    crew.end()
    await asyncio.to_thread(house.check)
    kept = [vault(house, id_, "digits") for id_ in ids]
    assert sorted(kept, key=str) == [None, {"account": "4071"}]


async def test_a_fault_report_is_recorded_and_waits_for_somebody_to_read_it(house, open_phone):
    house.start()
    call = await ring(house, open_phone, "citizen", "fault")
    await call.audio.until_hears(TONES["en"]["welcome"])
    await call.audio.until_hears(TONES["en"]["what"])
    await call.audio.until_hears(BEEP)
    await call.audio.until_quiet()
    call.audio.say(CITIZEN)
    await asyncio.sleep(1.2)
    call.audio.say(0)
    await call.audio.until_hears(TONES["en"]["account"], within=5.0)
    await press(call, "5555")
    await call.audio.until_hears(TONES["en"]["thanks"])
    await call.end()
    arrived = await asyncio.to_thread(
        house.until_recorded, lambda record: record.of(f.ContactArrived, channel="report")
    )
    report = arrived[0].contact
    record = house.record()
    assert record.about(report) == ["ContactArrived", "ContactQueued"]
    assert house.open_contacts() == {report: "Waiting"}
    assert not record.wrong()
    path = house.layout.recordings / f"{report}.what.wav"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    samples, rate = read_samples(path)
    assert share(samples[rate // 2 : rate], CITIZEN, rate) > 0.8
    assert vault(house, report, "answers") == {"phone": "5555"}
    assert "5555" not in repr(record.facts)


async def test_a_recording_outlives_the_engine(house, open_phone):
    house.start()
    call = await ring(house, open_phone, "citizen", "fault")
    await call.audio.until_hears(BEEP, within=5.0)
    await call.audio.until_quiet()
    call.audio.say(CITIZEN)
    await asyncio.sleep(0.5)
    house.kill("engine")
    await asyncio.to_thread(house.until_serving)
    await asyncio.sleep(1.0)
    call.audio.say(0)
    await call.audio.until_hears(TONES["en"]["account"], within=6.0)
    bye(call)
    arrived = await asyncio.to_thread(
        house.until_recorded, lambda record: record.of(f.ContactArrived, channel="report")
    )
    samples, rate = read_samples(house.layout.recordings / f"{arrived[0].contact}.what.wav")
    assert len(samples) > 1.4 * rate
    assert not house.record().wrong()


async def test_who_comes_when_it_is_closed_leaves_a_message(house, open_phone):
    """Rule 9."""
    house.start()
    call = await ring(house, open_phone, "citizen", "shut")
    await call.audio.until_hears(1900.0)
    await call.audio.until_hears(BEEP)
    call.audio.say(CITIZEN)
    await asyncio.sleep(1.5)
    bye(call)
    arrived = await asyncio.to_thread(
        house.until_recorded, lambda record: record.of(f.ContactArrived, channel="message")
    )
    record = house.record()
    assert [fact.way.to for fact in record.of(f.WayOutTaken)] == ["message"]
    assert record.of(f.ContactQueued, contact=arrived[0].contact)[0].queue == "reports"
    await until(lambda: (house.layout.recordings / f"{arrived[0].contact}.message.wav").exists())


async def test_a_supervisor_records_a_prompt_that_the_next_caller_hears(house, open_phone):
    pin = "271828"
    (house.config / "pin").write_text(hash_pin(pin))
    house.change("numbers", {"numbers": {"studio": {"record_prompts": {1: "welcome"}, "pin_file": "pin"}}})
    for name in ("pin", "language", "which", "what", "say", "kept", "dropped"):
        for language in TONES:
            write_tone(house.config / "prompts" / language / f"studio_{name}.wav", 2100.0, 0.3)
    prompts = house.config / "prompts.yaml"
    prompts.write_text(prompts.read_text().replace("confirm:", "studio_review: 'So {recording}'\n  confirm:"))
    house.start()
    call = await ring(house, open_phone, "supervisor", "studio")
    await call.audio.until_hears(2100.0)
    await press(call, f"{pin}#")
    await asyncio.to_thread(until_at, house, "language")
    await press(call, "111")  # the language, the prompt, and record it
    await call.audio.until_hears(BEEP, within=5.0)
    await call.audio.until_quiet()
    call.audio.say(CITIZEN)
    await asyncio.sleep(1.5)
    await press(call, "#")
    call.audio.say(0)
    await call.audio.until_hears(CITIZEN, within=5.0)
    await press(call, "1")
    recorded = await asyncio.to_thread(house.until_recorded, lambda record: record.of(f.PromptRecorded))
    assert (recorded[0].language, recorded[0].prompt) == ("en", "welcome")
    bye(call)
    assert pin not in repr(house.record().facts)
    assert vault(house, recorded[0].contact, "digits") is None
    for _ in range(2):
        call = await ring(house, open_phone, "citizen", "city")
        await call.audio.until_hears(TONES["en"]["tongue"])
        await press(call, "1")
        await call.audio.until_hears(CITIZEN)
        bye(call)
        house.kill("engine")
        await asyncio.to_thread(house.until_serving)
    await asyncio.to_thread(house.check)


async def test_a_wrong_pin_opens_nothing(house, open_phone):
    (house.config / "pin").write_text(hash_pin("271828"))
    house.change("numbers", {"numbers": {"studio": {"record_prompts": {1: "welcome"}, "pin_file": "pin"}}})
    for name in ("pin", "language", "which", "what", "say", "review", "kept", "dropped"):
        for language in TONES:
            write_tone(house.config / "prompts" / language / f"studio_{name}.wav", 2100.0, 0.3)
    house.start()
    call = await ring(house, open_phone, "stranger", "studio")
    await call.audio.until_hears(2100.0)
    for _ in range(3):
        await press(call, "123456#")
        await asyncio.sleep(1.0)
    await call.end(within=5.0)
    record = await asyncio.to_thread(house.check)
    assert {fact.session.node for fact in record.of(f.FlowMoved)} == {"start"}


async def test_music_follows_a_question_and_silence_leads_to_a_person(house, open_phone):
    house.change("vaxel", {"flows": {"timeout": "1 s", "tries": 1}})
    house.start()
    crew = await Crew.at(house, open_phone, AGENT)
    call = await ring(house, open_phone, "citizen", "city")
    await call.audio.until_hears(TONES["sv"]["tongue"])
    await call.audio.until_hears(MUSIC)
    await call.audio.until_hears(TONES["en"]["welcome"])
    rung = await crew.until_rung(1)
    bye(rung.call)
    await call.end()
    crew.end()
    await asyncio.to_thread(house.check)
