"""A form that is asked on a real call: a choice and a number by keys, a place by voice."""

import asyncio
import json

import pytest
import yaml

from router import facts as f
from tests.forms.town import FORM
from tests.sip.conftest import write_tone
from tests.system.crew import ring
from tests.system.test_flows import BEEP, CITIZEN, press, vault

pytestmark = pytest.mark.system
TONES = {
    "form.fault.what": 600.0,
    "form.fault.where": 800.0,
    "form.fault.phone": 900.0,
    "form.no_choice": 1100.0,
    "form.no_phone": 1200.0,
}
DESK = "desk"


@pytest.fixture
def house(make_house):
    """Return a house whose number `fault` asks a form for a queue that is closed; not started."""
    house = make_house(agents=1, hasty=True)
    form = FORM | {"queue": "streets"}
    (house.config / "forms.yaml").write_text(yaml.safe_dump({"forms": {"fault": form}}, sort_keys=False))
    flow = {
        "start": {"form": "fault", "announce": "recorded", "next": "thanks", "otherwise": "line"},
        "thanks": {"say": "thanks", "next": "hang_up"},
        "line": {"queue": "bench"},
    }
    (house.config / "flows" / "fault.yaml").write_text(json.dumps(flow))
    folder = house.config / "prompts" / "en"
    for prompt, hertz in (TONES | {"recorded": 1900.0, "thanks": 1700.0}).items():
        write_tone(folder / f"{prompt}.wav", hertz, 0.5)
    house.change("queues", {"queues": {"streets": {"hours": {"mon": "closed"}}}})
    house.change("agents", {"agents": {DESK: {"queues": ["streets"], "capacity": {"form": 2}}}})
    house.change("numbers", {"numbers": {"fault": {"flow": "fault"}}})
    return house


async def test_a_caller_fills_it_in_by_keys_and_voice_day_and_night(house, open_phone):
    house.start()
    call = await ring(house, open_phone, "citizen", "fault")
    await call.audio.until_hears(TONES["form.fault.what"])
    await press(call, "7")  # there are two
    await call.audio.until_hears(TONES["form.no_choice"])
    await call.audio.until_hears(TONES["form.fault.what"])
    await press(call, "2")
    await call.audio.until_hears(TONES["form.fault.where"], within=8.0)
    await call.audio.until_hears(BEEP)
    await call.audio.until_quiet()
    call.audio.say(CITIZEN)
    await asyncio.sleep(1.2)
    call.audio.say(0)
    await press(call, "1")
    await call.audio.until_hears(TONES["form.fault.phone"], within=8.0)
    await press(call, "0701740605#")
    await call.audio.until_hears(1700.0, within=8.0)
    await call.end()
    arrived = await asyncio.to_thread(house.until_recorded, lambda record: record.of(f.ContactArrived, channel="form"))
    contact = arrived[0].contact
    assert arrived[0].entry == "fault"
    assert house.open_contacts() == {contact: "Waiting"}
    assert not house.record().wrong()
    assert (house.layout.recordings / f"{contact}.where.wav").exists()
    assert vault(house, contact, "answers") == {"what": "hole", "phone": "0701740605"}
    assert "0701740605" not in repr(house.record().facts)
