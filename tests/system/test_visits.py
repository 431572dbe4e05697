"""A day at a place that people visit, driven by its agents and kiosk through the API, while engines die."""

import asyncio
import shutil
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import yaml

from router import facts as f
from tests.chat.conftest import session as session
from tests.system.test_api import ask, vaxel
from web.citizen import AWAY

PLACES = {
    "places": {
        "hall": {
            "title": "The hall",
            "hours": {"mon-sun": "00:00-24:00"},
            "services": {
                "tax": {"queue": "bench"},
                "permits": {"queue": "quiet", "letter": "B", "bookable": 1, "priority": 4},
            },
            "desks": {"1": {}, "2": {"phone": "agent0002"}},
        }
    }
}


@pytest.fixture
def house(make_house):
    """Return a house in which two agents serve two queues, with a place to visit."""
    made = make_house(2, {"queues": {"queues": {"bench": {"wrap_up": "0 s"}, "quiet": {"wrap_up": "0 s"}}}}, hasty=True)
    agents = {f"agent000{n}": {"queues": ["bench", "quiet"], "signed_in": False} for n in (1, 2)}
    made.change("agents", {"agents": agents})
    (made.config / "places.yaml").write_text(yaml.safe_dump(PLACES))
    made.start()
    return made


class Reception:
    """Somebody who asks the API, and lets the engine die in between."""

    def __init__(self, house):
        self._house = house

    def get(self, path):
        status, told = ask(self._house, "GET", path)
        assert status == 200, told
        return told

    def post(self, path, **body):
        status, told = ask(self._house, "POST", path, body)
        assert status in (200, 204), told
        return told

    def refused(self, path, **body):
        status, told = ask(self._house, "POST", path, body)
        assert status >= 400, told
        return told["error_id"]

    def crash(self):
        self._house.kill("engine")
        self._house.until_serving()

    def sit(self, agent, desk):
        self.post(f"/agents/{agent}/log-in", desk=desk)
        self.post(f"/agents/{agent}/ready")


async def test_a_visit_is_called_not_there_back_sent_on_parked_and_served(house):
    here = Reception(house)
    await asyncio.to_thread(_a_visit, here, house)
    record = await asyncio.to_thread(house.check)
    assert [fact.outcome for fact in record.of(f.ContactEnded)] == ["served", "abandoned"]
    assert [fact.seat for fact in record.of(f.NumberCalled)] == ["hall/1", "hall/1", "hall/1", "hall/1", "hall/1"]


def _a_visit(here, house):
    told = here.post("/places/hall/tickets", service="tax", language="en")
    visit = told["visit"]
    assert (told["ticket"], told["state"], told["position"]) == ("A101", "waiting", 1)
    here.crash()
    assert [one["ticket"] for one in here.get("/places/hall/board")["waiting"]] == ["A101"]
    here.sit("agent0001", "hall/1")
    here.post("/agents/agent0001/call-next")
    here.crash()
    board = here.get("/places/hall/board")
    assert [(one["ticket"], one["desk"]) for one in board["called"]] == [("A101", "1")]
    here.post(f"/contacts/{visit}/call-again")
    here.post(f"/contacts/{visit}/no-show")
    here.crash()
    assert here.get(f"/visits/{visit}")["state"] == "away"
    assert here.refused("/agents/agent0001/call-next") == "nobody_waits"
    here.post(f"/visits/{visit}/check-in")
    here.crash()
    here.post("/agents/agent0001/call-next")
    here.post(f"/contacts/{visit}/send-to-queue", queue="quiet")
    here.crash()
    assert here.post("/agents/agent0001/call-next")["ticket"] == "A101"
    here.post(f"/contacts/{visit}/park")
    here.crash()
    (slot,) = [one["slot"] for one in here.get("/contacts")["contacts"]]
    here.post(f"/slots/{slot}/retrieve", agent="agent0001")
    here.crash()
    assert "A101" in vaxel(house, "visit", "board", "hall").stdout
    here.post(f"/contacts/{visit}/finish")
    here.crash()
    assert here.get("/places/hall/board")["called"] == []
    assert here.post("/places/hall/tickets", service="tax")["ticket"] == "A102"
    here.post(f"/visits/{here.get('/contacts')['contacts'][0]['id']}/leave")


async def test_times_are_booked_given_up_and_kept(house):
    here = Reception(house)
    await asyncio.to_thread(_a_booking, here)
    record = await asyncio.to_thread(house.check)
    assert [fact.outcome for fact in record.of(f.ContactEnded)] == ["cancelled", "abandoned"]


def day(at):
    return datetime.fromtimestamp(at, ZoneInfo("Europe/Stockholm")).date()


def _a_booking(here):
    times = here.get("/places/hall/times?service=permits")["times"]
    now = here.get("/places/hall/board")["at"]
    start = next(one["start"] for one in times if one["start"] > now + 5.0)
    visit = here.post("/places/hall/bookings", service="permits", start=start)["visit"]
    here.crash()
    assert here.refused("/places/hall/bookings", service="permits", start=start) == "time_taken"
    here.post(f"/visits/{visit}/leave")
    here.crash()
    visit = here.post("/places/hall/bookings", service="permits", start=start)["visit"]
    if day(start) != day(now):
        assert here.refused(f"/visits/{visit}/check-in") == "another_day"
        here.post(f"/visits/{here.post('/places/hall/tickets', service='permits')['visit']}/leave")
        return
    assert here.post(f"/visits/{visit}/check-in")["ticket"] == "B101"
    here.crash()
    assert here.get(f"/visits/{visit}")["state"] == "waiting"
    here.post(f"/visits/{visit}/leave")


async def test_who_has_no_ticket_is_served_at_once(house):
    here = Reception(house)
    await asyncio.to_thread(_without_ticket, here)
    record = await asyncio.to_thread(house.check)
    assert [fact.outcome for fact in record.of(f.ContactEnded)] == ["served"]
    assert record.of(f.TicketIssued) == []


def _without_ticket(here):
    here.sit("agent0001", "hall/1")
    visit = here.post("/agents/agent0001/visits", service="tax")["visit"]
    here.crash()
    assert here.refused("/agents/agent0001/visits", service="tax") == "agent_busy"
    here.post(f"/contacts/{visit}/finish")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
async def test_a_board_and_a_ticket_go_on_by_themselves_when_the_engine_dies(house, browse):
    here = Reception(house)
    token = (await asyncio.to_thread(vaxel, house, "token", "add", "wall", "--role", "kiosk")).stdout.strip()
    visit = (await asyncio.to_thread(here.post, "/places/hall/tickets", service="tax"))["visit"]
    public = f"http://{house.web[0]}:{house.web[1]}/public/v1"
    board = await browse(f"{public}/places/hall/board?language=en")
    ticket = await browse(f"{public}/visits/{visit}?language=en")
    await board.until("!document.querySelector('#there').hidden")
    await board.evaluate(f"document.querySelector('#token').value = '{token}'")
    await board.evaluate("document.querySelector('#there').requestSubmit()")
    for page in (board, ticket):
        await page.until_reads("A101")
        await page.evaluate("window.same = true")
    await asyncio.to_thread(here.crash)
    await asyncio.to_thread(here.post, "/places/hall/tickets", service="tax")
    await asyncio.to_thread(here.sit, "agent0001", "hall/1")
    await asyncio.to_thread(here.post, "/agents/agent0001/call-next")
    await board.until("document.querySelector('#calls')?.innerText.includes('A101')")
    await board.until("document.querySelector('#waiting').innerText.includes('A102')")
    await ticket.until_reads("It is your turn. Go to desk 1.")
    for page in (board, ticket):
        assert await page.evaluate("window.same"), "it was not loaded anew"
        await page.until(f"!document.body.innerText.includes({AWAY['en']!r})")
