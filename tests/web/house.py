"""An engine without processes: the real router, spine, routes and web server; journal and vault in memory.

async with Reception.open() as house:
    house.arrive("w1-1-1", "kontakt")
    status, told = await house.get("/contacts/w1-1-1")
"""

import asyncio
import contextlib
import itertools
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import msgspec
from prometheus_client import CollectorRegistry

from adapters.access import routes as access
from adapters.access.log import AccessLog
from adapters.content.store import ContentStore
from adapters.content.tapes import Tapes
from adapters.email import routes as mail
from adapters.redis.address import Address
from adapters.redis.archive import Id
from adapters.redis.counters import Counters
from adapters.redis.fake import FakeJournal, FakeStore
from adapters.redis.resuming import split_id
from adapters.sip.protocol import VERSION, Beat
from adapters.sip.textlines import TextLines
from adapters.sip.voice import Counters as VoiceCounters
from adapters.sip.wishes import Meaning
from engine import api as engine_api
from engine import citizens, flowpictures, system, webcalls
from engine.announcements import Announcements
from engine.callnumbers import CallNumbers
from engine.clock import local_time
from engine.config import Loaded, load
from engine.datafolder import DataFolder
from engine.dialplan import Dialplan
from engine.hindsight import replay
from engine.invitations import Invitations
from engine.publishing import routes as publishing
from engine.publishing.texts import addresses_of, version_of
from engine.publishing.versions import Versions
from engine.recordings import Recordings
from engine.shell import LoopShell
from engine.spine import Spine
from engine.tasks import Tasks
from ivr.flow import Enter, Flow
from metrics.projection import Projection
from router import facts as f
from router import inputs as i
from router.answers import Answers
from router.api import Role, Route
from router.configuration import Entry as Entrance
from router.explain import WhyThisAgent
from router.inputs import Refused
from router.journal import Entry, decode
from router.ports import Secret
from router.router import Router
from router.state import State
from web import app as webapp
from web import tokens
from web.health import Health, Part
from web.pages import Pages
from web.public import Public
from web.surveyseal import Seal

MALMO = Path(__file__).parents[2] / "examples" / "malmo"
NOON = 1_790_000_000.0
"""A Monday, 2026-09-21, 16:13 in Malmö: most queues are open."""
BASE = "/api/v1"
DIRECT = "0403410999"
"""Leads straight into the queue `vaxel`."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def malmo() -> Loaded:
    """Return the example city; reading it takes a while."""
    return load(MALMO)


class Clock:
    """Time that moves when told to."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> float:
        return self.time


class MemoryStore:
    """The port `web.once.Store`, which may be away."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.away = False

    def _look(self) -> None:
        if self.away:
            raise Refused("store_away", "gone", retryable=True)

    async def begin(self, key: str, record: bytes) -> bytes | None:
        self._look()
        known = self.kept.get(key)
        self.kept.setdefault(key, record)
        return known

    async def put(self, key: str, record: bytes) -> None:
        self._look()
        self.kept[key] = record

    async def drop(self, key: str) -> None:
        self._look()
        self.kept.pop(key, None)


class Memory:
    """Looks back as `engine.hindsight` does, into a journal in memory."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def state_before(self, _: Id | None) -> tuple[State, Id]:
        return State(), (0, 0)

    async def entries(self, _: Id) -> AsyncIterator[tuple[Id, Entry]]:
        for id_, data in self._store.entries:
            yield id_, decode(data)

    async def why_this_agent(self, offer: str, at: Id | None) -> WhyThisAgent:
        why = await replay(self, offer, at)  # type: ignore[arg-type]
        if why is None:
            raise Refused("unknown_offer", "the journal holds no such offer")
        return why


class Snapshots:
    """The reading side of a journal in memory, without snapshots."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store

    async def load(self, *, older: bool = False) -> None:
        return None

    async def entries_after(self, after: str, *, batch: int = 0) -> AsyncIterator[tuple[str, Entry]]:
        for (epoch, seq), data in self._store.entries:
            if (epoch, seq) > split_id(after):
                yield f"{epoch}-{seq}", decode(data)


class Letters:
    """What is asked of `adapters.email.post`."""

    def __init__(self) -> None:
        self.watches: dict[str, Any] = {}
        self.matters: dict[str, str] = {}

    def texts(self, _: Any) -> dict[str, str]:
        return {"open": "Vi har öppet."}

    def reference(self, matter: str) -> str:
        return "7XK42-M9PQR"

    async def matter_of(self, reference: str) -> str | None:
        return self.matters.get(reference)


class Vault:
    def __init__(self) -> None:
        self.values: dict[str, dict[str, str]] = {}
        self.journalled: dict[tuple[str, str], str] = {}
        """What the journal kept together with facts."""

    async def get(self, owner: str) -> dict[str, str]:
        journalled = {kind: value for (whose, kind), value in self.journalled.items() if whose == owner}
        return journalled | self.values.get(owner, {})

    async def put(self, secret: Secret) -> None:
        self.values.setdefault(secret.owner, {})[secret.kind] = secret.value


class Journal(FakeJournal, Counters):
    """Keeps at once, unless held back."""

    pending = pending_bytes = 0

    def __init__(self, epoch: int) -> None:
        Counters.__init__(self)
        self.store = FakeStore()
        self.degraded = False
        self.held: list[Callable[[], None]] | None = None
        loop = asyncio.get_running_loop()
        FakeJournal.__init__(self, self.store, epoch, self._later(loop), lambda: 0.0)

    def _later(self, loop: asyncio.AbstractEventLoop) -> Callable[[float, Callable[[], None]], None]:
        def later(_: float, call: Callable[[], None]) -> None:
            if self.held is not None:
                self.held.append(call)
            else:
                loop.call_soon(call)

        return later

    def release(self) -> None:
        held, self.held = self.held, None
        for call in held or ():
            call()


class Worker:
    """A connection to a SIP worker that is well."""

    protocol = VERSION
    connected = True
    generation = "3f2a9c10"
    last_beat = Beat(2, 1.0, 10, 1, True)

    def __init__(self, name: str) -> None:
        self.name = name
        self.draining = False

    def drain(self) -> None:
        self.draining = True


class Reception:
    """The engine, and whoever asks it."""

    def __init__(self, folder: Path, loaded: Loaded, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.port = loaded.installation.web.port
        self.clock = Clock()
        self.journal = Journal(1)
        self.vault = Vault()
        self.protected: set[str] = set()
        """Contacts that are over, and were of protected persons."""
        self.vault.journalled = self.journal.store.secrets
        self.store = MemoryStore()
        self.folder = DataFolder(folder)
        self.folder.prepare()
        self.loaded = loaded
        self.numbers = itertools.count(1)
        local = local_time(loaded.installation.time_zone)
        spine = Spine(Router(local), self.journal, self.clock, LoopShell(self.clock), {})
        self.spine = spine
        self.projection = Projection(local)
        self.projection.started(NOON)
        spine.followers.append(self.projection)
        spine.router.apply(f.LeaderChanged(NOON, 1))
        clients = {name: Worker(name) for name in ("w1", "w2")}
        tasks = Tasks()
        self.house = SimpleNamespace(
            clients=clients,
            configured=True,
            drain=lambda name: clients[name].drain(),
            renewing=SimpleNamespace(pairs=[]),
            loaded=loaded,
            folder=self.folder,
            clock=self.clock,
            opened=True,
            epoch=1,
            spine=spine,
            journal=self.journal,
            vault=self.vault,
            client=None,
            pool=None,
            address=Address(),
            tasks=tasks,
            snapshots=Snapshots(self.journal.store),
            dialplan=Dialplan(lambda: spine.router.state.configuration, (), lambda number: f"p{len(number)}"),
            telephones=SimpleNamespace(keep_number=_kept),
            voice=SimpleNamespace(
                counters=VoiceCounters(),
                write=lambda _contact, _text: True,
                workers={name: SimpleNamespace(trusted=True, client=one) for name, one in clients.items()},
            ),
            lines=TextLines(lambda _state, _contact, _text: None, lambda *_: "", self.clock.now),
            edge=None,
            enlisting=SimpleNamespace(trunks={}),
            projection=self.projection,
            facts_to_replay=0,
            answers=Answers(),
            recordings=Recordings(self.folder.recordings),
            contents=ContentStore(self.folder.content),
            seal=Seal(b"a secret of the tests"),
            tapes=Tapes(self.folder.tapes, self.folder.tape_key),
            access=AccessLog(self.folder.access, self.clock.now, tasks.spawn),
            post=Letters(),
            person_of=lambda address: f"mail{len(address)}",
            announcements=Announcements(loaded.installation.speech, self.folder.root),
            keeper=SimpleNamespace(protected=self._is_protected),
            invitations=Invitations(self.vault, self.clock.now, tasks.spawn),  # type: ignore[arg-type]
        )
        self.house.call_numbers = CallNumbers(
            self.house.dialplan, lambda whose: f"p{whose[-4:]}", lambda _: False, lambda _address, _number: None
        )
        self.versions = Versions(folder / "configuration", self.folder.versions)
        self.first = ""
        """A version that was published before the present one."""
        self.reloads = 0
        self.publishing = publishing.PublishingRoutes(self.versions, _at_once, self.clock.now, self._reload)
        self.tokens: dict[str, str] = {}
        self.registry = CollectorRegistry()

    def _reload(self) -> None:
        """What the next engine would do: serve by what is in the folder."""
        self.reloads += 1
        self.publishing.serves()

    def configure(self) -> str:
        """Put the example's files into a folder of its own, as an engine finds it that begins; return the version."""
        shutil.copytree(MALMO, self.versions.folder, dirs_exist_ok=True)
        self.publishing.serves()
        return self.version

    @property
    def version(self) -> str:
        """The version in the folder."""
        return version_of(addresses_of(self.versions.present()))

    async def _is_protected(self, contact: str) -> bool:
        return contact in self.protected

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        loaded: Loaded | None = None,
        more: tuple[Route, ...] = (),
        statuses: Mapping[str, int] | None = None,
        **changes: Any,
    ) -> "AsyncIterator[Reception]":
        loaded = loaded or malmo()
        web = msgspec.structs.replace(
            loaded.installation.web, **{"port": free_port(), "requests_per_second": 100_000, **changes}
        )
        straight = Flow(name="direct", nodes={"start": Enter(queue="vaxel")})
        core = msgspec.structs.replace(
            loaded.core,
            flows={**loaded.core.flows, straight.name: straight},
            entries=(*loaded.core.entries, Entrance(channel="call", address=DIRECT, flow=straight.name)),
        )
        loaded = msgspec.structs.replace(
            loaded, core=core, installation=msgspec.structs.replace(loaded.installation, web=web)
        )
        with tempfile.TemporaryDirectory(prefix="vaxel-") as folder:
            async with aiohttp.ClientSession() as session:
                it = cls(Path(folder), loaded, session)
                health = Health({"journal": lambda: Part(True, "The journal is written.")}, it.folder.mark)
                app = webapp.make(health, it.registry)
                it.reception = engine_api.Reception(
                    it.house,
                    health,
                    it.registry,
                    it.store,
                    (
                        *system.routes(it.house),
                        *mail.routes(lambda: it.house.post),
                        *access.routes(lambda: it.house.access),
                        *publishing.routes(it.publishing),
                        *flowpictures.routes(it.house, lambda look: it.reception.answering.read(look)),  # type: ignore[arg-type]
                        *more,
                    ),  # type: ignore[arg-type]
                    {**publishing.STATUSES, **(statuses or {})},
                )
                it.reception.answering.hindsight = Memory(it.journal.store)  # type: ignore[assignment]
                it.reception.api.mount(app)
                Pages().mount(app)
                pages = citizens.routes(loaded.core, it.reception.answering)
                calls = webcalls.CallDesk(it.house)  # type: ignore[arg-type]
                it.spine.followers.append(calls)
                pages += webcalls.routes(it.house, it.reception.answering, calls)  # type: ignore[arg-type]
                known = citizens.STATUSES | webcalls.STATUSES
                Public([*it.reception.public, *pages], it.clock.now, it.registry, statuses=known).mount(app)
                it.reception.follow()
                serving = await webapp.serve(app, "127.0.0.1", it.port)
                try:
                    await it.put(i.ApplyConfiguration(loaded.core))
                    yield it
                finally:
                    it.reception.stream.close()
                    await serving.stop()
                    await it.house.access.drain()
                    await it.house.tasks.cancel()

    reception: engine_api.Reception

    # ---- the house -----------------------------------------------------------------------------------------------

    @property
    def state(self) -> Any:
        return self.spine.router.state

    async def put(self, input_: i.Input) -> None:
        """Give the router an input and wait until what follows is kept."""
        kept = asyncio.get_running_loop().create_future()
        if isinstance(input_, i.Report):
            self.spine.submit(input_)
            self.spine.look(lambda _: lambda: kept.set_result(None))
        else:
            self.spine.submit(input_, (), kept.set_result)
        refused = await kept
        if refused is not None:
            raise refused

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.time += seconds
        await self.put(i.TimePassed())

    async def waits(self, number: str = DIRECT, person: str | None = "p1") -> str:
        """Let a citizen ring; return the contact, which waits or is offered."""
        contact = f"w1-1-{next(self.numbers)}"
        await self.put(i.Arrived(contact=contact, channel="call", entry=number, leg=contact, person=person))
        return contact

    # ---- asking --------------------------------------------------------------------------------------------------

    def token(self, role: Role = "admin", agent: str = "") -> str:
        """Return a token of a role."""
        name = f"{role}-{agent}" if agent else role
        if name not in self.tokens:
            self.tokens[name], token = tokens.make(name, role, agent, NOON)
            self.reception.tokens.keep(token)
        return self.tokens[name]

    def local(self) -> Any:
        """Return what the command line on this machine is told."""
        return msgspec.json.decode((self.folder.run / "api.json").read_bytes())

    def metric(self, name: str, **labels: str) -> float:
        """Return the value of a metric, 0 before it has one."""
        return self.registry.get_sample_value(name, labels) or 0.0

    def beat(self) -> None:
        """Let the event stream give a sign of life now."""
        self.house.tasks.spawn("beat", self.reception.stream._wake(everybody=True))

    async def until(self, condition: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait until a condition holds."""
        end = asyncio.get_running_loop().time() + seconds
        while not condition():
            assert asyncio.get_running_loop().time() < end, "waited in vain"
            await asyncio.sleep(0.002)

    async def noted(self, lines: int) -> None:
        """Wait until the access log has so many lines: nobody waits for deeds."""
        await self.until(lambda: self.house.access.written >= lines)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def send(
        self,
        method: str,
        path: str,
        *,
        role: Role | None = "admin",
        agent: str = "",
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> "Told":
        """Ask; paths are below /api/v1 unless they begin with /api."""
        sent = dict(headers or {})
        if role is not None and "Authorization" not in sent:
            sent["Authorization"] = f"Bearer {self.token(role, agent)}"
        whole = path if path.startswith(("/api/", "/public/")) else BASE + path
        async with self.session.request(method, self.url(whole), headers=sent, **more) as answer:
            body = await answer.read()
            return Told(answer.status, dict(answer.headers), body)

    async def get(self, path: str, **more: Any) -> "Told":
        return await self.send("GET", path, **more)

    async def post(self, path: str, **more: Any) -> "Told":
        return await self.send("POST", path, **more)


async def _at_once(work: Callable[..., Any], /, *arguments: Any) -> Any:
    """Do what a pool would do elsewhere."""
    return work(*arguments)


def _kept(meaning: Meaning) -> tuple[Secret, ...]:
    """Return what the vault keeps, as `Voice.keep_number` does."""
    if meaning.destination is None or meaning.number is None:
        return ()
    return (Secret(meaning.destination.address, "number", meaning.number.dialled),)


class Told(msgspec.Struct):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def error(self) -> str:
        """The error's id; the answer must be problem details."""
        assert self.headers["Content-Type"].startswith("application/problem+json"), self
        assert self.json["status"] == self.status
        return str(self.json["error_id"])
