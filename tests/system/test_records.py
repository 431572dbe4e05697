"""Matters reach the records system once they are closed, whatever is killed or away: each by its id, signed, whole."""

import hashlib
import io
import json
import threading
import zipfile
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from adapters.post import signing
from router import facts as f
from tests.sip.conftest import free_port
from tests.system.asking import ask
from tests.system.house import until

SECRET = "0123456789abcdef0123456789abcdef"


class Records(ThreadingHTTPServer):
    """A records system: takes what is signed, knows what it has, and may refuse for a while."""

    def __init__(self, port):
        super().__init__(("127.0.0.1", port), Handler)
        self.taken = {}
        self.tries = Counter()
        self.refuses = 0

    def start(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        records = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        id_, at = self.headers["X-Vaxel-Id"], self.headers[signing.TIMESTAMP]
        signing.check(SECRET.encode(), float(at), at, self.headers[signing.SIGNATURE], body)
        records.tries[id_] += 1
        status = 503 if records.tries[id_] <= records.refuses else 409 if id_ in records.taken else 201
        if status == 201:
            records.taken[id_] = body
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def records():
    made = Records(free_port())
    made.start()
    yield made
    made.shutdown()
    made.server_close()


def furnished(make_house, port):
    house = make_house(agents=1, history=True, hasty=True)
    (house.config / "records.secret").write_text(SECRET)
    settings = {"records": {"url": f"http://127.0.0.1:{port}/matters", "secret_file": "records.secret"}}
    (house.config / "privacy.yaml").write_text(yaml.safe_dump(settings))
    house.start()
    return house


def call(house, callers, agents):
    agent = agents(house, "agent.xml", "-m", "1")
    callers(house, "caller-known.xml", "direct", "-m", "1", "-d", "300").finish()
    agent.finish()


def test_a_closed_matter_is_handed_over_once_whatever_is_killed(make_house, callers, agents, records):
    records.refuses = 1
    house = furnished(make_house, records.server_port)
    call(house, callers, agents)
    until(lambda: records.tries, what="a first try")
    house.kill("engine")
    until(lambda: records.taken, seconds=40, what="the matter")
    until(lambda: ask(house, "GET", "/handovers")[1] == {"handovers": []}, what="an empty list")
    (id_,) = records.taken
    (closed,) = house.record().of(f.MatterClosed)
    assert id_ == f"{closed.matter}~{closed.contact}"
    with zipfile.ZipFile(io.BytesIO(records.taken[id_])) as package:
        manifest = json.loads(package.read("manifest.json"))
        for one in manifest["files"]:
            assert hashlib.sha256(package.read(one["name"])).hexdigest() == one["sha256"]
    assert closed.contact in manifest["contacts"]


def test_a_matter_waits_for_a_records_system_that_is_away(make_house, callers, agents):
    port = free_port()
    house = furnished(make_house, port)
    call(house, callers, agents)
    (waiting,) = until(lambda: ask(house, "GET", "/handovers")[1]["handovers"], what="a matter that waits")
    until(lambda: ask(house, "GET", "/handovers")[1]["handovers"][0]["attempts"], what="a try in vain")
    records = Records(port)
    records.start()
    assert ask(house, "POST", f"/handovers/{waiting['contact']}/again")[0] == 204
    until(lambda: waiting["id"] in records.taken, what="the matter")
    records.shutdown()
    records.server_close()
