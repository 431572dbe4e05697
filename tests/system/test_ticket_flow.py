"""A ticket by telephone: a real call, the number said, the board, and an engine that dies in between."""

import asyncio
import json

from router import facts as f
from tests.sip.conftest import write_tone
from tests.system.crew import bye, ring
from tests.system.house import until
from tests.system.test_api import ask
from tests.system.test_visits import PLACES

SAID = {"ticket_number.1": 900.0, "letter_A": 1100.0, "number.1": 1300.0, "number.0": 1500.0}
"""Each sound to its tone."""
FLOW = {"start": {"ticket": {"place": "hall", "service": "tax"}, "next": "hang_up", "closed": "hang_up"}}
TEXTS = {"ticket_number": "Your ticket {letter} {number}", "ticket_wait": "About {high} minutes", "letter_A": "A"}


async def test_a_caller_gets_a_ticket_that_stands_on_the_board(make_house, open_phone):
    house = make_house(2)
    (house.config / "places.yaml").write_text(json.dumps(PLACES))
    (house.config / "flows" / "ticket.yaml").write_text(json.dumps(FLOW))
    (house.config / "prompts.yaml").write_text(json.dumps({"en": TEXTS}))
    for sound, hertz in SAID.items():
        write_tone(house.config / "prompts" / "en" / f"{sound}.wav", hertz, 0.4)
    house.change("numbers", {"numbers": {"ticket": {"flow": "ticket"}}})
    house.change("agents", {"agents": {name: {"signed_in": False} for name in ("agent0001", "agent0002")}})
    await asyncio.to_thread(house.start)
    call = await ring(house, open_phone, "citizen", "ticket")
    for sound in ("ticket_number.1", "letter_A", "number.1", "number.0"):
        await call.audio.until_hears(SAID[sound], within=15.0)
    await call.end(within=10.0)
    house.kill("engine")
    await asyncio.to_thread(house.until_serving)
    status, board = await asyncio.to_thread(ask, house, "GET", "/places/hall/board")
    assert status == 200
    assert [one["ticket"] for one in board["waiting"]] == ["A101"]
    await asyncio.to_thread(ask, house, "POST", "/agents/agent0001/log-in", {"desk": "hall/1"})
    await asyncio.to_thread(ask, house, "POST", "/agents/agent0001/ready", {})
    status, visit = await asyncio.to_thread(until, lambda: next_one(house), 10.0, "the number to be called to the desk")
    assert (status, visit["ticket"]) == (200, "A101")
    await asyncio.to_thread(ask, house, "POST", f"/contacts/{visit['visit']}/finish", {})
    bye(call)
    record = await asyncio.to_thread(house.check)
    assert [fact.ticket for fact in record.of(f.TicketIssued)] == ["A101"]


def next_one(house):
    answer = ask(house, "POST", "/agents/agent0001/call-next", {})
    return answer if answer[0] == 200 else None
