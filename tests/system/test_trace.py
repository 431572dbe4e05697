"""`vaxel trace` on real calls: every hop of them, what was decided, how they sounded; and nothing about anybody."""

import asyncio
import json
import os
import subprocess
import sys

import pytest

from adapters.trace import reading
from adapters.trace.ring import records
from router import facts as f
from tests.system.crew import Crew, bye, ring
from tests.system.house import ROOT, House, ask, until
from tests.system.test_api import vaxel

CITIZEN = "+46701234567"
SAID = "0701234567"
NAME = "Anna Andersson"
TONE = 550.0
WHOLE_WITHIN_S = 30.0
"""Each look is a process of its own."""
ASSERTED = (("P-Asserted-Identity", f'"{NAME}" <sip:{CITIZEN}@city.example>'),)


async def staffed(house, open_phone):
    """Return a crew whose phones are registered."""
    place = house.agent_phones[0]
    await asyncio.to_thread(house.register, *house.phones_at(place), at=place)
    return await Crew.at(house, open_phone, TONE)


async def talk(house, open_phone, crew):
    """Let somebody ring, be served, and hold for a moment; return the contact."""
    served = len(crew.rung)
    call = await ring(house, open_phone, SAID, headers=ASSERTED, display=f'"{NAME}" ')
    rung = await crew.until_rung(served + 1)
    call.audio.say(TONE)
    await call.audio.until_hears(TONE)
    call.hold()
    await asyncio.sleep(0.5)
    call.hold("sendrecv")
    await rung.call.audio.until_hears(TONE)
    bye(rung.call)
    await call.end()
    record = await asyncio.to_thread(house.check)
    return record.of(f.ContactArrived)[-1].contact


def told(house, *words):
    """Return the call that `vaxel trace` tells of."""
    done = vaxel(house, "trace", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def whole(house, contact):
    """Wait until the last message of a call is kept, and how both ends sounded; return the call."""
    seen = []

    def closed():
        story = told(house, contact)
        seen[:] = [[arrow["label"] for arrow in story["arrows"]][-6:], len(story["sounds"])]
        return story if story["arrows"][-1]["label"] == "200 OK" and story["sounds"][1:] else None

    try:
        return until(closed, WHOLE_WITHIN_S, "the call to be whole")
    except AssertionError as error:
        raise AssertionError(f"{error}: {seen}") from error


def kept(house):
    """Return all that the traces hold, as it is."""
    files = [path for path in house.layout.trace.iterdir() if ".vxt" in path.name]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in house.layout.trace.iterdir())
    return b"".join(record for path in files for record in records(path))


async def test_a_call_hop_by_hop(start_house, open_phone, tmp_path):
    house: House = await asyncio.to_thread(start_house, 1)
    crew = await staffed(house, open_phone)
    contact = await talk(house, open_phone, crew)
    story = await asyncio.to_thread(whole, house, contact)
    assert [party["side"] for party in story["parties"]] == ["caller", "edge-in", "worker", "edge-out", "rung"]
    assert [story["parties"][n]["title"] for n in (0, 4)] == ["callers", "agent0001"]
    labels = [arrow["label"] for arrow in story["arrows"]]
    assert [labels.count(one) for one in ("INVITE", "re-INVITE", "ACK", "BYE")] == [4, 4, 8, 4]
    assert "sendonly" in " ".join(note for arrow in story["arrows"] for note in arrow.get("notes", ()))
    decided = [one["name"] for one in story["decisions"]]
    assert decided == ["Contact arrived", "Contact queued", "Offer made", "Offer accepted", "Contact ended"]
    caller, agent = story["sounds"]
    assert (caller["leg"], agent["leg"]) == (contact, f"{contact}.1")
    assert 0.3 < caller["held"] < 1.5 < agent["seconds"] + 1
    for sound in (caller, agent):
        assert sound["codec"] == "PCMA/8000"
        assert sound["packets_in"] > 20
        assert sound["mos"] > 4
    assert not story["living"]

    # By whatever name it is known.
    call = story["calls"][1]
    for name in (f"{contact}.1", call, "--last"):
        assert told(house, name)["contact"] == contact
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", "from engine.cli import main; main()", "trace", "--number", "--data", str(house.data)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=f"{SAID}\n",
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert contact in done.stdout, done.stderr
    picture, capture = tmp_path / "call.svg", tmp_path / "call.pcap"
    assert vaxel(house, "trace", contact, "--svg", str(picture), "--pcap", str(capture)).returncode == 0
    assert "re-INVITE" in picture.read_text().replace("&#x27;", "'")
    assert capture.read_bytes().count(b"CSeq: ") == len(story["arrows"])

    # Nothing about anybody.
    for text in (kept(house), picture.read_bytes(), capture.read_bytes(), house.logs().encode()):
        for personal in (CITIZEN, SAID, CITIZEN[1:], "Anna"):
            assert personal.encode() not in text
    crew.end()


async def test_a_call_that_reached_nobody(start_house):
    house: House = await asyncio.to_thread(start_house, 1)
    assert await asyncio.to_thread(ask, house.sip, "no-such-number", 3.0) == 404
    until(lambda: any(one.start.startswith("ACK") for one in reading.messages(house.layout.trace, 0, 1e12)), 10)
    until(lambda: "404 Not Found" in [arrow["label"] for arrow in told(house, "--last")["arrows"]], 10)
    assert vaxel(house, "trace", "w1-00000000-9").returncode == 1
    listed = vaxel(house, "trace").stdout
    assert "404 Not Found" in listed
    assert "no-such-number" not in listed, "what strangers dial is masked"
    house.stop()
    assert "SIP" not in told(house, "--last")["missing"]


@pytest.mark.soak
async def test_whole_messages_for_a_while(start_house, open_phone):
    house: House = await asyncio.to_thread(start_house, 1)
    crew = await staffed(house, open_phone)
    assert vaxel(house, "capture", "show").stdout == "Off.\n"
    assert vaxel(house, "capture", "on", "--for", "2 weeks").returncode == 2
    assert "names and numbers included" in vaxel(house, "capture", "on", "--for", "15 s").stdout
    until(lambda: '"trace.full_on"' in house.log("tracer"), 15, "the tracer to look")
    contact = await talk(house, open_phone, crew)
    await asyncio.to_thread(whole, house, contact)
    story = told(house, contact, "--full")
    assert story["full"]
    done = vaxel(house, "trace", contact, "--full")
    assert "names and numbers included" in done.stdout
    assert SAID.encode() in kept(house)
    masked = vaxel(house, "trace", contact)
    assert SAID not in masked.stdout
    until(lambda: '"trace.full_off"' in house.log("tracer"), 30, "it to end by itself")
    assert vaxel(house, "capture", "show").stdout == "Off.\n"
    crew.end()


async def test_calls_go_on_without_the_tracer(start_house, open_phone):
    house: House = await asyncio.to_thread(start_house, 1)
    crew = await staffed(house, open_phone)
    old = house.kill("tracer")
    contact = await talk(house, open_phone, crew)
    assert told(house, contact)["sounds"], "how it sounded is known all the same"
    until(lambda: house.pid("tracer") not in (0, old), 10, "another tracer")
    until(lambda: house.log("tracer").count('"tracer_started"') > 1, 10, "it to listen")
    again = await talk(house, open_phone, crew)
    await asyncio.to_thread(whole, house, again)
    crew.end()
