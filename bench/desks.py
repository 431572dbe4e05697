"""Desks: how long it takes from a fact to the screen of an agent, with 500 desks and 20 wallboards connected.

The engine is `bench.api_engine` with a Redis of its own and without workers. One desk is a page in Chromium, of an
agent to whom things happen one by one; all others are played by this process: they are signed in, listen, look again
as the pages do (desk/src/api), and work through chats. Everything has one clock: an event's `at`, when it was decided,
is set against the time at which the page's document had changed.
"""

import asyncio
import contextlib
import itertools
import random
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
import uvloop
import yaml

from bench.api import Served, lift_limits, running
from bench.browser import Page, chromium
from bench.deskclients import ORIGIN, THINK_S, Board, Citizens, Desk, Person
from bench.rows import Context, Group, Measured, mean_of, quantile
from bench.system import MIB, Trouble, cpu_s
from engine import bench_config, procfs
from web import accounts
from web.accounts import Account, AccountFile
from web.sessions import SessionFile, Sessions

DESKS: Final = 500
BOARDS: Final = 20
ARRIVALS: Final = 5.0
"""Contacts a second: what 500 agents serve who need 100 s for each."""
CHANGES: Final = 2.0
"""Pauses taken a second, of all agents."""
STEP_S: Final = 0.7
"""Between what happens to the agent whose screen is looked at."""
SETTLE_S: Final = 5.0
LOOK_EVERY_S: Final = 0.2
"""At the page: looking costs what is being measured."""
AT_ONCE: Final = 20
OWN: Final = "agent0001"
"""Whose desk is in Chromium. It serves a queue of its own, so that it gets each contact that comes there."""
PASSWORD: Final = "a-password-for-measuring"
PAUSES: Final = {"break": "Break", "lunch": "Lunch"}

STATUS: Final = "document.querySelector('.card [role=status] .badge')"
USABLE: Final = f"[...({STATUS}?.closest('.card')?.querySelectorAll('button') ?? [])].some((one) => !one.disabled)"
WATCH: Final = f"""
    window.changes = [];
    window.usable = 0;
    new MutationObserver(() => {{
        const now = Date.now(), status = {STATUS}?.textContent ?? "", offer = document.querySelector(".offer") !== null;
        const last = window.changes.at(-1);
        if (last === undefined || last[1] !== status || last[2] !== offer) window.changes.push([now, status, offer]);
        if (window.usable === 0 && {USABLE}) window.usable = now;
    }}).observe(document, {{ subtree: true, childList: true, characterData: true, attributes: true }});
"""
"""Runs before the page does: notes when its document changes in what is looked at."""


def configure(folder: Path) -> list[Person]:
    """Write a configuration in which agents chat, accounts and their sessions; return who is signed in."""
    bench_config.write(folder / "config", agents=DESKS)
    lift_limits(folder / "config")
    queues = yaml.safe_load((folder / "config" / "queues.yaml").read_text())
    queues["queues"]["bench"]["wrap_up"] = 60
    queues["queues"]["solo"] = dict(queues["queues"]["bench"])
    agents = yaml.safe_load((folder / "config" / "agents.yaml").read_text())
    agents["pauses"] = PAUSES
    for name, agent in agents["agents"].items():
        agent["capacity"] = {"call": 1, "chat": 1}
        agent["queues"] = ["solo"] if name == OWN else ["bench", "quiet"]
    chat = {
        "pages": {"bench": {"queue": "bench"}, "solo": {"queue": "solo"}},
        "proxies": ["127.0.0.1"],
        "words": {"en": dict.fromkeys(("chat_none", "chat_person", "chat_still_there", "chat_closed", "sorry"), "...")},
    }
    for file, text in (("queues", queues), ("agents", agents), ("chat", chat)):
        (folder / "config" / f"{file}.yaml").write_text(yaml.safe_dump(text))
    return hire(folder / "data", list(agents["agents"]))


def hire(data: Path, agents: list[str]) -> list[Person]:
    """Keep an account for each agent and wallboard, with a session for all but the one in Chromium."""
    data.mkdir()
    made = datetime.now(UTC).timestamp() - 60
    hash_ = accounts.hashed(PASSWORD)
    file = AccountFile(data / "accounts.json")
    sessions = Sessions(SessionFile(data / "sessions.json"), file, lambda: datetime.now(UTC).timestamp())
    known = [Account(name=name, duty="guide", agent=name, hash=hash_, changed=made) for name in agents]
    boards = (f"board{number:02}" for number in range(BOARDS))
    known += [Account(name=name, duty="coordinator", hash=hash_, changed=made) for name in boards]
    for account in known:
        file.add(account)

    async def sign_in() -> list[Person]:
        return [Person(one.agent, await sessions.begin(one)) for one in known if one.name != OWN]

    return asyncio.run(sign_in())


class Screen:
    """The desk in Chromium, and what happens to its agent."""

    def __init__(self, session: aiohttp.ClientSession, page: Page, token: str) -> None:
        self._session = session
        self._page = page
        self._headers = {"Authorization": f"Bearer {token}"}
        self._citizens = Citizens(session, 62_500)
        self._told: list[dict[str, Any]] = []

    async def ready(self) -> tuple[float, float]:
        """Sign in, then load the page anew without a cache; return how many ms each took until the desk was usable."""
        await self._page.command("Network.clearBrowserCookies")
        await self._page.command("Page.navigate", url=f"{ORIGIN}/desk?language=en")
        await self._page.type("[autocomplete=username]", OWN)
        await self._page.type("[autocomplete=current-password]", PASSWORD)
        pressed = await self._page.evaluate("document.querySelector('[type=submit]').click(); Date.now()")
        signed_in = await self._page.until("window.usable", LOOK_EVERY_S) - pressed
        await self._page.command("Network.clearBrowserCache")
        await self._page.evaluate("window.usable = 0; location.reload()")
        usable = await self._page.until("window.usable", LOOK_EVERY_S)
        return signed_in, usable - await self._page.evaluate("performance.timeOrigin")

    async def follow(self) -> None:
        """Note what is told of the agent, for as long as it is wanted."""
        async with self._session.ws_connect(f"{ORIGIN}/api/v1/events", headers=self._headers) as socket:
            await socket.send_json({"agents": [OWN]})
            async for message in socket:
                self._told += message.json()

    async def happen(self, seconds: float) -> list[float]:
        """Let things happen to the agent; return how many ms each took to the screen."""
        await self._ask(f"/agents/{OWN}/ready")
        await asyncio.sleep(1)
        self._told.clear()
        await self._page.evaluate("window.changes = []")
        end = time.monotonic() + seconds
        for number in itertools.count():
            if time.monotonic() > end:
                break
            await self._ask(f"/agents/{OWN}/pause", {"reason": tuple(PAUSES)[number % 2]})
            await asyncio.sleep(STEP_S * (0.75 + random.random() / 2))
            if number % 4 == 3:
                await self._serve()
        await asyncio.sleep(1)
        changes = await self._page.evaluate("window.changes")
        return [_shown(event, changes) for event in self._told if event["type"] in ("agent.paused", "offer.made")]

    async def _serve(self) -> None:
        """Have the agent serve one contact."""
        begun = len(self._told)
        await self._ask(f"/agents/{OWN}/ready")
        async with self._citizens.writing("solo"):
            offer = await self._until("offer.made", begun)
            await asyncio.sleep(THINK_S)
            await self._ask(f"/offers/{offer['offer']}/accept")
            await asyncio.sleep(STEP_S)
            await self._ask(f"/contacts/{offer['contact']}/finish")
            await self._until("contact.wrap_up_started", begun)
            await self._ask(f"/contacts/{offer['contact']}/end-wrap-up", {"agent": OWN})

    async def _until(self, type_: str, begun: int) -> dict[str, Any]:
        """Return the first event of a type that is told after so many others."""
        async with asyncio.timeout(10):
            while True:
                for event in self._told[begun:]:
                    if event["type"] == type_:
                        return event
                await asyncio.sleep(0.02)

    async def _ask(self, path: str, body: Any = None) -> None:
        async with self._session.post(f"{ORIGIN}/api/v1{path}", headers=self._headers, json=body or {}) as answer:
            if not answer.ok:
                raise Trouble(f"{path}: {await answer.text()}")


def _shown(event: dict[str, Any], changes: list[list[Any]]) -> float:
    """Return how many ms after an event the screen showed it."""
    at = 1000 * event["at"]
    wanted = PAUSES.get(event.get("reason", ""))
    for when, status, offer in changes:
        if when >= at - 1 and (status == wanted if wanted else offer):
            return float(when - at)
    raise Trouble(f"the screen never showed {event['type']} of {event['id']}")


class Floor:
    """All desks and wallboards but the one in Chromium."""

    def __init__(self, session: aiohttp.ClientSession, people: list[Person]) -> None:
        self._session = session
        self.desks = [Desk(session, person) for person in people if person.agent]
        self.boards = [Board(session, person) for person in people if not person.agent]

    async def connect(self) -> None:
        """Let everybody begin, some at a time, and agents be ready."""
        everybody = (*self.desks, *self.boards)
        for first in range(0, len(everybody), AT_ONCE):
            await asyncio.gather(*(one.begin() for one in everybody[first : first + AT_ONCE]))
        for first in range(0, len(self.desks), AT_ONCE):
            some = self.desks[first : first + AT_ONCE]
            await asyncio.gather(*(one.act(f"/agents/{one.agent}/ready") for one in some))

    async def work(self) -> None:
        """Let citizens come and agents take pauses, evenly in time, for as long as it is wanted."""
        citizens = Citizens(self._session)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(citizens.come("bench", ARRIVALS))
            tasks.create_task(self._rest())

    async def _rest(self) -> None:
        while True:
            await asyncio.sleep(1 / CHANGES)
            idle = [one for one in self.desks if one.is_idle]
            if idle:
                random.choice(idle).rest()

    def forget(self) -> None:
        """Count anew."""
        for one in (*self.desks, *self.boards):
            one.forget()

    def close(self) -> None:
        """Let everybody go."""
        for one in (*self.desks, *self.boards):
            one.close()


def rss_mib(pid: int) -> float:
    """Return the resident memory of a process."""
    stat = procfs.stat(pid)
    return stat.rss_bytes / MIB if stat is not None else 0.0


async def measure(engine: Served, people: list[Person], context: Context, profile: Path) -> list[Measured]:
    """Measure everything with one engine; `profile` is the browser's."""
    seconds = context.choose(60, 15)
    connector = aiohttp.TCPConnector(limit=0)
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(
            aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        )
        browser = await stack.enter_async_context(chromium(session, profile))
        page = await browser.open()
        for domain in ("Page", "Network"):
            await page.command(f"{domain}.enable")
        await page.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        alone = rss_mib(engine.pid)
        floor = Floor(session, people)
        stack.callback(floor.close)
        context.say(f"{len(people)} pages connect")
        await floor.connect()
        connected = rss_mib(engine.pid)
        screen = Screen(session, page, engine.token)
        context.say("the desk is opened")
        usable = [await screen.ready() for _ in range(context.repeats)]
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(screen.follow()), loop.create_task(floor.work())]
        for task in tasks:
            stack.callback(task.cancel)
        await asyncio.sleep(SETTLE_S)
        shown, details = [], []
        for number in range(context.repeats):
            context.say(f"agents work, {number + 1} of {context.repeats}")
            took, detail = await _window(engine, floor, screen, seconds)
            shown.append((quantile(took, 0.5), quantile(took, 0.99)))
            details.append({**detail, "samples": float(len(took))})
            for task in tasks:
                if task.done():
                    raise Trouble(f"the load ended: {task.exception()!r}")
    memory = {"engine, KiB per page": 1024 * (connected - alone) / len(people)}
    note = (
        f"{ARRIVALS:g} chats begin a second, {CHANGES:g} pauses are taken; {DESKS} desks, one of them in Chromium,"
        f" {BOARDS} wallboards"
    )
    commands = ["python -m bench desk."]
    counted = "from the decision to the change of the page's document"
    return [
        Measured("desk.event_ms", shown, commands, counted, mean_of(details) | memory, note),
        Measured(
            "desk.ready_ms", usable, commands, "until the status can be changed; all other pages are connected, idle"
        ),
    ]


async def _window(engine: Served, floor: Floor, screen: Screen, seconds: float) -> tuple[list[float], dict[str, float]]:
    """Let everybody work for a while; return ms to the screen, and what it cost."""
    engine.say("lag")
    await asyncio.to_thread(engine.hear)
    floor.forget()
    cpu, begun = cpu_s(engine.pid), time.perf_counter()
    took = await screen.happen(seconds)
    used, passed = cpu_s(engine.pid) - cpu, time.perf_counter() - begun
    engine.say("lag")
    _, lag, _ = map(float, (await asyncio.to_thread(engine.hear)).split())
    events = max(board.events for board in floor.boards)
    told = [one for desk in floor.desks for one in desk.told]
    looked = [one for desk in floor.desks for one in desk.looked]
    boards = [one for board in floor.boards for one in board.told]
    failed = [one.failed for one in (*floor.desks, *floor.boards) if one.failed]
    if failed or not events or not looked:
        raise Trouble(f"{len(failed)} pages failed: {failed[:1]}")
    return took, {
        "events, /s": events / passed,
        "requests, /s": sum(one.requests for one in (*floor.desks, *floor.boards)) / passed,
        "engine, µs per event": 1e6 * used / events,
        "engine, %": 100 * used / passed,
        "engine lag p99, ms": 1000 * lag,
        "told to a desk p50, ms": quantile(told, 0.5),
        "told to a desk p99, ms": quantile(told, 0.99),
        "seen by a desk p50, ms": quantile(looked, 0.5),
        "seen by a desk p99, ms": quantile(looked, 0.99),
        "told to a wallboard p99, ms": quantile(boards, 0.99),
    }


def desks(context: Context) -> list[Measured]:
    """Measure all rows `desk.`."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        people = configure(folder)
        with running(folder, 0) as engine:
            return uvloop.run(measure(engine, people, context, folder / "browser"))


GROUPS: Final = [Group(("desk.event_ms", "desk.ready_ms"), 300, 110, desks)]
