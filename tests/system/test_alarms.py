"""A line that grows too long is told to a program, once, and once more when it is short again, whatever is killed."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from adapters.post import signing
from tests.sip.conftest import free_port
from tests.system.crew import until, wait_in_line

SECRET = "0123456789abcdef0123456789abcdef"


class Guard(ThreadingHTTPServer):
    """Whoever is told of alarms; once it is away."""

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Handler)
        self.tries = 0
        self.told = {}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        guard, body = self.server, self.rfile.read(int(self.headers["Content-Length"]))
        at = self.headers[signing.TIMESTAMP]
        signing.check(SECRET.encode(), float(at), at, self.headers[signing.SIGNATURE], body)
        guard.tries += 1
        if guard.tries > 1:
            guard.told[self.headers["X-Vaxel-Id"]] = json.loads(body)
        self.send_response(503 if guard.tries == 1 else 204)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def guard():
    made = Guard(free_port())
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


async def test_a_long_line_is_told_once_and_its_end_too_though_the_engine_dies_between(make_house, open_phone, guard):
    told = {"url": f"http://127.0.0.1:{guard.server_port}/", "secret_file": "larm.secret"}
    changes = {"queues": {"queues": {"bench": {"alarms": {"waiting": 2}}}, "alarms": told}}
    house = make_house(agents=1, changes=changes, hasty=True)
    (house.config / "larm.secret").write_text(SECRET)
    await asyncio.to_thread(house.start)
    calls = await wait_in_line(house, open_phone, 2)
    await until(lambda: guard.tries, within=10.0, what="a first try")
    await asyncio.to_thread(house.kill, "engine")
    await until(lambda: guard.told, within=30.0, what="the alarm")
    for call in calls:
        call.bye()
    await until(lambda: len(guard.told) > 1, within=20.0, what="its end")
    assert [(one["queue"], one["alarm"], one["over"]) for one in guard.told.values()] == [
        ("bench", "waiting", False),
        ("bench", "waiting", True),
    ]
