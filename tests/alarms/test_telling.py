"""Alarms: when one stands, and that whoever is to be told of it is told once, by signed request and by mail."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.alarms.sending import Sending
from adapters.alarms.settings import AlarmSettings
from adapters.email import smtp
from adapters.email.settings import Mailbox, Server
from adapters.post import signing
from queues.alarms import Alarms, Seen, alarmed
from router import inputs as i
from tests.core.city import City, agent, queue

SECRET = "s" * 64
SERVER = Server(host="127.0.0.1", port=1)
BOX = Mailbox(name="kontakt", address="kontakt@example.org", title="", language="sv", imap=SERVER, smtp=SERVER)


@pytest.mark.parametrize(
    ("alarms", "kind", "bad", "between", "good"),
    [
        (Alarms(waiting=10), "waiting", {"waiting": 10}, {"waiting": 9}, {"waiting": 8}),
        (Alarms(longest_wait=100.0), "longest_wait", {"longest_wait": 100.0}, {"longest_wait": 90.0}, {}),
        (Alarms(service_level=0.5), "service_level", {"service_level": 0.4}, {"service_level": 0.55}, {}),
        (Alarms(nobody_available=True), "nobody_available", {"waiting": 1}, {}, {"available": 1}),
    ],
)
def test_an_alarm_is_raised_at_its_threshold_and_over_only_well_on_the_right_side(
    alarms: Alarms, kind: Any, bad: dict[str, Any], between: dict[str, Any], good: dict[str, Any]
) -> None:
    def seen(**figures: Any) -> Seen:
        nothing = {"open": True, "waiting": 0, "longest_wait": None, "service_level": None, "available": 0}
        return Seen(**(nothing | figures))

    assert not alarmed(alarms, kind, seen(**between), raised=False)
    assert alarmed(alarms, kind, seen(**bad), raised=False)
    assert alarmed(alarms, kind, seen(**between), raised=True)
    assert not alarmed(alarms, kind, seen(**good), raised=True)
    assert not alarmed(Alarms(), kind, seen(**bad), raised=True), "whose threshold is gone"


class Told:
    """A program that is told, and says what it is made to."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.read()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 204)


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    program, app = Told(), web.Application()
    app.router.add_post("/", program.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    program.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield program
    await runner.cleanup()


class House:
    """A city whose alarms are told."""

    def __init__(self, tmp_path: Path, url: str, ways: tuple[str, ...]) -> None:
        secret = tmp_path / "secret"
        secret.write_text(SECRET)
        settings = AlarmSettings(mail=("vakt@example.org",), mailbox="kontakt", url=url, secret_file=str(secret))
        self.city = City([queue("tax")], [agent("anna")], alarm_ways=ways, now=1_790_000_000.0)
        self.mails: list[tuple[smtp.Envelope, bytes]] = []
        self.failures: list[smtp.NotTaken] = []
        self.news = asyncio.Event()
        self.sending = Sending(
            settings, {"kontakt": BOX}, {"tax": "Skatt"}, "sv", self.submit, lambda: self.city.now, self.send
        )

    async def send(self, _: Server, envelope: smtp.Envelope, mail: bytes) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.mails.append((envelope, mail))

    def submit(self, input_: i.Input) -> None:
        facts = self.city.put(input_)
        self.news.set()
        release = self.sending.decided(facts, self.city.state)
        if release is not None:
            release()

    def alarm(self, *, raised: bool) -> None:
        self.submit(i.QueueAlarm(queue="tax", alarm="waiting", raised=raised))

    async def until_told(self) -> None:
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(self.sending.run())
            while any(one.due <= self.city.now for one in self.city.state.alerts.values()):
                self.news.clear()
                await self.news.wait()
            running.cancel()


async def test_a_program_is_told_by_a_signed_request_once_and_of_the_end(told: Told, tmp_path: Path) -> None:
    house = House(tmp_path, told.url, ("webhook",))
    house.alarm(raised=True)
    house.alarm(raised=True)
    await house.until_told()
    house.city.wait(1.0)
    house.alarm(raised=False)
    await house.until_told()
    bodies = [json.loads(body) for _, body in told.requests]
    assert [(one["queue"], one["title"], one["alarm"], one["over"]) for one in bodies] == [
        ("tax", "Skatt", "waiting", False),
        ("tax", "Skatt", "waiting", True),
    ]
    headers, body = told.requests[0]
    stamp, signature = headers[signing.TIMESTAMP], headers[signing.SIGNATURE]
    signing.check(SECRET.encode(), house.city.now, stamp, signature, body)
    assert headers["X-Vaxel-Id"] == bodies[0]["id"]


async def test_what_is_away_is_told_later_and_what_refuses_is_not(told: Told, tmp_path: Path) -> None:
    house = House(tmp_path, told.url, ("webhook",))
    told.statuses = [503]
    house.alarm(raised=True)
    await house.until_told()
    (alert,) = house.city.state.alerts.values()
    assert (alert.attempts, alert.due) == (1, house.city.now + 5.0)
    house.city.wait(5.0)
    told.statuses = [400]
    await house.until_told()
    assert house.city.state.alerts == {}
    assert len({headers["X-Vaxel-Id"] for headers, _ in told.requests}) == 1


async def test_people_are_told_by_mail_and_once_more_when_it_could_not_leave(tmp_path: Path) -> None:
    house = House(tmp_path, "", ("mail:0",))
    house.failures = [smtp.NotTaken("away", final=False)]
    house.alarm(raised=True)
    await house.until_told()
    house.city.wait(5.0)
    await house.until_told()
    ((envelope, mail),) = house.mails
    assert (envelope.sender, envelope.to) == ("kontakt@example.org", "vakt@example.org")
    assert "Skatt: många väntar".encode() in mail
    assert b"Auto-Submitted: auto-generated" in mail
