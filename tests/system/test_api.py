"""The API and the command line against real processes: calls are made while it is asked, and the engine is killed."""

import asyncio
import contextlib
import http.client
import json
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from router import facts as f
from tests.system.asking import ask, local, vaxel
from tests.system.crew import Crew, bye, ring
from tests.system.house import MUSIC, House, until
from web.events import position

CALL = ["contact.arrived", "contact.queued", "offer.made", "offer.accepted", "contact.ended"]


class Listener:
    """Reads the event stream until it ends, in a thread of its own."""

    def __init__(self, house: House, after: str = "", **wanted: str) -> None:
        self.told: list[dict[str, Any]] = []
        self._connection = http.client.HTTPConnection(*house.web, timeout=30)
        query = "&".join(f"{name}={value}" for name, value in wanted.items())
        headers = {"Authorization": f"Bearer {local(house)}", **({"Last-Event-ID": after} if after else {})}
        self._connection.request("GET", f"/api/v1/events?{query}", headers=headers)
        self._socket = self._connection.sock
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200, self._answer.read()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for line in self._answer:
                if line.startswith(b"data: "):
                    self.told.append(json.loads(line[6:]))
        except (OSError, http.client.HTTPException):
            pass  # the engine was killed

    @property
    def types(self) -> list[str]:
        return [one["type"] for one in self.told]

    def until(self, type_: str, number: int = 1) -> dict[str, Any]:
        """Wait for the so-manieth event of a type."""
        until(lambda: self.types.count(type_) >= number, 20, f"{number} {type_}, there were {self.types}")
        return [one for one in self.told if one["type"] == type_][number - 1]

    def ended(self) -> None:
        """Wait for the stream's end."""
        self._thread.join(10)
        assert not self._thread.is_alive()

    def end(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.ended()
        self._answer.close()
        self._connection.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    """Return a function that listens: house, the last id seen, what is wanted."""
    listeners: list[Listener] = []

    def begin(house: House, after: str = "", **wanted: str) -> Listener:
        listeners.append(Listener(house, after, **wanted))
        return listeners[-1]

    yield begin
    for listener in listeners:
        listener.end()


def test_a_call_is_seen_and_explained(start_house, callers, agents, listen):
    house = start_house(agents=2)
    listener = listen(house, types="contact,offer")
    listener.until("stream.started")
    agent = agents(house, "agent.xml", "-m", "1")
    call = callers(house, "caller.xml", "direct", "-m", "1", "-d", "2500")
    accepted = listener.until("offer.accepted")
    status, told = ask(house, "GET", f"/contacts/{accepted['contact']}")
    assert (status, told["state"], told["agent"], told["queue"]) == (200, "connected", accepted["agent"], "bench")
    status, told = ask(house, "GET", "/live")
    (busy,) = [one for one in told["agents"] if one.get("work")]
    assert (busy["id"], busy["work"][0]["contact"]) == (accepted["agent"], accepted["contact"])
    status, why = ask(house, "GET", f"/offers/{accepted['offer']}/why-this-agent")
    assert (status, why["agent"], why["rule"]) == (200, accepted["agent"], "longest-idle")
    assert sorted(one["cause"] for one in why["agents"]) == ["chosen", "less_suited"]
    call.finish()
    agent.finish()
    listener.until("contact.ended")
    assert [type_ for type_ in listener.types if type_ in CALL] == CALL
    ids = [position(one["id"]) for one in listener.told[1:]]
    assert ids == sorted(ids)
    record = house.check()
    kept = {(epoch, seq, n) for epoch, seq, entry in record.entries for n in range(len(entry.facts))}
    assert set(map(tuple, ids)) <= kept, "an event's id is its place in the journal"
    assert ask(house, "GET", f"/offers/{accepted['offer']}/why-this-agent") == (200, why)
    assert ask(house, "GET", "/offers/w1-1-1.77/why-this-agent")[1]["error_id"] == "unknown_offer"


def test_an_offer_is_explained_after_restarts_from_the_archive(start_house, callers, agents):
    house = start_house(agents=2)
    agent = agents(house, "agent.xml", "-m", "1")
    callers(house, "caller.xml", "direct", "-m", "1", "-d", "300").finish()
    agent.finish()
    made = house.until_recorded(lambda record: record.of(f.OfferMade))[0]
    house.check()
    event = next(
        f"{epoch}-{seq}.{entry.facts.index(made)}"
        for epoch, seq, entry in house.record().entries
        if made in entry.facts
    )
    for _ in range(3):  # each orderly stop takes a snapshot, and the one before the last leaves the stream
        assert house.stop() == 0
        house.start()
    assert list(house.layout.archive.glob("*.vxs.gz"))
    for query in ("", f"?event={event}"):
        status, why = ask(house, "GET", f"/offers/{made.offer}/why-this-agent{query}")
        assert (status, why["agent"]) == (200, made.agent)


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_who_comes_back_hears_what_earlier_engines_decided(start_house, callers, agents, listen, how):
    house = start_house(agents=1)
    first = listen(house)
    begun = first.until("stream.started")
    agent = agents(house, "agent.xml", "-m", "1")
    callers(house, "caller.xml", "direct", "-m", "1", "-d", "300").finish()
    agent.finish()
    first.until("contact.ended")
    before = house.pid("engine")
    if how == "killed":
        house.kill("engine")
        until(lambda: house.pid("engine") not in (0, before), what="another engine")
    else:
        house.stop()
        house.start()
    first.ended()
    assert (first.types[-1] == "stream.ended") == (how == "stopped")
    until(lambda: house.get("/health/ready")[0] == 200, what="the engine to be ready")
    second = listen(house, begun["id"])
    second.until("house.leader_changed")
    assert [type_ for type_ in second.types if type_ in CALL] == CALL
    seen = {one["id"]: one for one in first.told}
    again = {one["id"]: one for one in second.told}
    assert all(again[id_] == one for id_, one in seen.items() if not one["type"].startswith("stream."))


def test_what_was_asked_twice_is_done_once_across_a_kill(start_house):
    house = start_house(agents=1)
    asked = ("POST", "/agents/agent0001/pause", {"reason": "lunch"})
    key = {"Idempotency_Key": "to-lunch-1"}
    status, first = ask(house, *asked, **key)
    assert (status, first["pause"]) == (200, "lunch")
    assert ask(house, "POST", "/agents/agent0001/ready")[1]["state"] == "ready"
    before = house.kill("engine")
    until(lambda: house.pid("engine") not in (0, before), what="another engine")
    until(lambda: house.get("/health/ready")[0] == 200, what="the engine to be ready")
    assert ask(house, *asked, **key) == (200, first)
    assert ask(house, "GET", "/agents/agent0001")[1]["state"] == "ready", "it was not done again"
    assert ask(house, *asked[:2], {"reason": "break"}, **key)[1]["error_id"] == "key_reused"
    assert len(house.record().of(f.AgentPaused, agent="agent0001")) == 1


def test_agents_act_while_redis_is_away(start_house):
    house = start_house(agents=1)
    house.kill("redis", signal.SIGSTOP)
    try:
        key = {"Idempotency_Key": "k"}
        status, told = ask(house, "POST", "/agents/agent0001/pause", {"reason": "lunch"}, **key)
        assert (status, told["state"]) == (200, "paused")
        assert ask(house, "POST", "/agents/agent0001/ready")[1]["state"] == "ready"
        assert ask(house, "POST", "/agents/agent0001/pause", {"reason": "lunch"}, **key) == (200, told)
        assert ask(house, "GET", "/agents/agent0001")[1]["state"] == "ready"
    finally:
        house.kill("redis", signal.SIGCONT)
    until(lambda: len(house.record().of(f.AgentPaused, agent="agent0001")) == 1, what="the facts to be kept")


async def test_a_colleague_is_asked_and_takes_the_call(make_house, open_phone):
    house = make_house(agents=2, edge=False)
    await asyncio.to_thread(house.start)
    crew = await Crew.at(house, open_phone, 900.0)
    caller = await ring(house, open_phone, "caller")
    first = await crew.until_rung(1)
    await caller.audio.until_hears(900.0)
    (contact,) = (await asyncio.to_thread(ask, house, "GET", "/contacts?state=connected"))[1]["contacts"]
    other = {"agent0001": "agent0002", "agent0002": "agent0001"}[first.agent]
    path = f"/contacts/{contact['id']}"
    assert await asyncio.to_thread(ask, house, "POST", f"{path}/consult", {"to": {"agent": other}}) == (204, None)
    second = await crew.until_rung(2)
    assert second.agent == other
    await caller.audio.until_hears(MUSIC)

    def talking() -> bool:
        (party,) = ask(house, "GET", path)[1]["parties"]
        return bool(party["state"] == "talking")

    await asyncio.to_thread(until, talking, 10, "the colleague to answer")
    assert await asyncio.to_thread(ask, house, "POST", f"{path}/connect") == (204, None)
    await first.call.end()
    await caller.audio.until_hears(900.0)
    assert (await asyncio.to_thread(ask, house, "GET", path))[1]["agent"] == other
    bye(caller)
    await second.call.end()
    crew.end()
    await asyncio.to_thread(house.check)


def test_the_command_line_and_its_tokens(start_house):
    house = start_house(agents=2)
    assert "agent0001" in vaxel(house, "agent", "list", "--state", "ready").stdout
    assert "paused (lunch)" in vaxel(house, "agent", "pause", "agent0001", "lunch").stdout
    done = vaxel(house, "token", "add", "wallboard", "--role", "reader")
    token = done.stdout.strip()
    until(lambda: ask(house, "GET", "/me", token=token)[0] == 200, what="the token to be known")
    assert ask(house, "POST", "/agents/agent0001/ready", token=token)[1]["error_id"] == "not_allowed"
    assert vaxel(house, "token", "revoke", "wallboard").returncode == 0
    # 429 after many wrong tokens from one address, as this was before it was known.
    until(lambda: ask(house, "GET", "/me", token=token)[0] in (401, 429), what="the token to be refused")
    before = local(house)
    house.stop()
    done = vaxel(house, "agent", "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Vaxel does not run" in done.stderr
    house.start()
    assert local(house) != before
    assert ask(house, "GET", "/me", token=before)[0] == 401
    for name in ("engine", "supervisor"):
        assert token not in house.log(name)
        assert before not in house.log(name)


def test_the_document_describes_what_is_served(start_house):
    house = start_house(agents=1, history=True)
    until(lambda: ask(house, "GET", "/report")[0] == 200, what="the history")
    status, text = house.get("/api/openapi.json")
    assert status == 200
    document = json.loads(text)
    for path, operations in document["paths"].items():
        sent = path.replace("{agent}", "agent0001").replace("{queue}", "bench")
        get = operations.get("get", {"parameters": [], "responses": {}})
        told_as_json = "application/json" in get["responses"].get("200", {}).get("content", {})
        needs_more = any(one.get("required") for one in get["parameters"] if one["in"] == "query")
        if "{" not in sent and path != "/events" and told_as_json and not needs_more:
            status, told = ask(house, "GET", sent)
            assert status == 200, (path, told)
