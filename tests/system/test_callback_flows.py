"""Callbacks asked for in a flow, on real calls: by key, at another number, kept or cancelled; engines die meanwhile."""

import asyncio
import json

from router import facts as f
from tests.sip.conftest import write_tone
from tests.system.crew import Crew, bye
from tests.system.house import CALLERS
from tests.system.test_callbacks import AGENT, CITIZEN, NUMBER, restart
from tests.system.test_flows import press, until_at

OTHER = "0707654321"
SAID = {"callback_number": 900.0, "callback_promised.1": 1100.0, "callback_cancelled": 1600.0, "callback_yours": 1750.0}
"""Each sound to its tone."""
TEXTS = {
    "callback_when": "We can call you",
    "callback_key_turn": "In turn {key}",
    "callback_key_time": "{day} at {time} {key}",
    "callback_key_later": "Later {key}",
    "callback_number_yours": "At {digits}",
    "callback_number": "Which number",
    "callback_number_right": "You typed {digits}",
    "callback_promised": "We will call {digits}",
    "callback_promised_at": "We will call {digits} {day} {time}",
    "callback_already": "Already",
    "callback_taken": "Taken",
    "callback_yours": "You were promised",
    "callback_yours_at": "You were promised {day} {time}",
    "callback_cancelled": "Cancelled",
    **{f"day_{day}": day for day in ("today", "tomorrow", "1", "2", "3", "4", "5", "6", "7")},
}
FLOWS = {
    "back": {
        "start": {"callback": "bench", "next": "hang_up", "otherwise": "line"},
        "line": {"queue": "bench"},
    },
    "city": {
        "start": {"promised": "any", "next": "line", "cancelled": "cancelled"},
        "cancelled": {"say": "callback_cancelled", "next": "hang_up"},
        "line": {"queue": "bench"},
    },
}


def make(make_house, phone):
    house = make_house(1, {"vaxel": {"trunks": {"callers": {"host": CALLERS, "port": phone.address[1]}}}})
    house.change("queues", {"queues": {"bench": {"callbacks": {"bookable": 2, "window": "30 min"}}}})
    for name, flow in FLOWS.items():
        (house.config / "flows" / f"{name}.yaml").write_text(json.dumps(flow))
    house.change("numbers", {"numbers": {name: {"flow": name} for name in FLOWS}})
    (house.config / "prompts.yaml").write_text(json.dumps({"en": TEXTS}))
    for sound, hertz in SAID.items():
        write_tone(house.config / "prompts" / "en" / f"{sound}.wav", hertz, 0.5)
    house.start()
    return house


async def ring(house, phone, number):
    asserted = ("P-Asserted-Identity", f"<sip:{NUMBER}@trunk.example>")
    call = await phone.invite(house.sip, number, headers=(asserted,))
    await call.response(200)
    return call


def promised(house):
    return house.until_recorded(lambda record: record.of(f.CallbackRegistered))[-1]


async def test_a_call_is_promised_at_another_number_and_made(make_house, open_phone):
    """The engine dies while the number is being typed, and after the promise."""
    phone = await open_phone(NUMBER)
    house = await asyncio.to_thread(make, make_house, phone)
    call = await ring(house, phone, "back")
    await asyncio.to_thread(until_at, house, "start")
    await press(call, "1")
    await asyncio.to_thread(until_at, house, "start.number")
    await press(call, "2")
    await call.audio.until_hears(SAID["callback_number"])
    await press(call, "07076")
    await restart(house)
    await press(call, "54321#")
    read_back = await asyncio.to_thread(
        house.until_recorded,
        lambda record: [one for one in record.of(f.FlowMoved) if getattr(one.session, "typed", 0) == 0 and says(one)],
    )
    assert read_back, "the number is read back"
    await press(call, "1")
    await call.audio.until_hears(SAID["callback_promised.1"], within=15.0)
    await asyncio.to_thread(promised, house)
    await restart(house)
    crew = await Crew.at(house, open_phone, AGENT)
    rung = await phone.next_call(within=20.0)
    assert rung.messages[0].start == f"INVITE sip:+46707654321@{CALLERS}:{phone.address[1]} SIP/2.0"
    await rung.answer()
    rung.audio.say(CITIZEN)
    await rung.audio.until_hears(AGENT)
    bye(rung)
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert [fact.cause for fact in record.of(f.CallbackClosed)] == ["kept"]
    assert OTHER[1:] not in repr(record.facts), "no number is a fact"
    assert OTHER[1:] not in house.log("engine")


def says(moved):
    heard = getattr(moved.action, "heard", ())
    return any(phrase.prompt == "callback_number_right" for phrase in heard)


async def test_who_was_promised_a_call_rings_to_cancel_it(make_house, open_phone):
    phone = await open_phone(NUMBER)
    house = await asyncio.to_thread(make, make_house, phone)
    call = await ring(house, phone, "back")
    await asyncio.to_thread(until_at, house, "start")
    await press(call, "2")
    await asyncio.to_thread(until_at, house, "start.number")
    await press(call, "1")
    fact = await asyncio.to_thread(promised, house)
    assert fact.due is not None, "the first time that is free"
    bye(call)
    again = await ring(house, phone, "city")
    await asyncio.to_thread(
        house.until_recorded,
        lambda record: [one for one in record.of(f.FlowMoved) if one.session.flow == "city"],
    )
    await press(again, "3")
    await again.audio.until_hears(SAID["callback_cancelled"], within=15.0)
    record = await asyncio.to_thread(house.until_recorded, lambda record: record.of(f.CallbackClosed) and record)
    assert [fact.cause for fact in record.of(f.CallbackClosed)] == ["cancelled"]
    await asyncio.to_thread(house.check)
