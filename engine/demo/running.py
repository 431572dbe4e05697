"""The demonstration put together: telephones, people, and what is shown of them; begun and ended in order."""

import asyncio
import contextlib
import socket
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from adapters.sip.errors import CannotStart
from engine.clock import MonotonicClock
from engine.demo.agents import Agent
from engine.demo.board import Board
from engine.demo.checking import City, DemoError
from engine.demo.citizens import Citizens, People, Tally
from engine.demo.client import Client, Refused
from engine.demo.crowds import Crowds, channels_of
from engine.demo.departments import Departments
from engine.demo.exchange import HOST, Exchange
from engine.demo.line import Line
from engine.demo.tempo import Tempo
from engine.demo.town import Town
from engine.demo.visitors import Hall
from engine.demo.voices import Voices
from engine.tasks import TaskDied, Tasks
from router.api import Role
from web.tokens import TokenError, TokenFile, make

PREFIX: Final = "demo"
"""Begins the names of our tokens."""
DAY_S: Final = 86_400.0
WATCHER: Final = f"{PREFIX}-watcher"
KIOSK: Final = f"{PREFIX}-kiosk"
BETWEEN_AGENTS_S: Final = 0.05
LEAVE_WITHIN_S: Final = 3.0
LOOKS: Final = 10
LOOK_EVERY_S: Final = 0.5


class Options(Struct, frozen=True):
    """What was asked for."""

    tempo: Tempo = Tempo()
    agents: int = 0
    """How many take part; 0 for all."""
    seed: int = 1
    minutes: float = 0.0
    """After which it ends; 0 for never."""


class Demonstration:
    """One demonstration. `run` it once."""

    def __init__(self, city: City, options: Options, spoken: Voices) -> None:
        self.city = city
        self.options = options
        self._voices = spoken
        chosen = list(city.agents.values())[: options.agents or None]
        self.town = Town(city.loaded, [agent.id for agent in chosen])
        self.tasks = Tasks()
        self.board = Board(self.town)
        self.channels = channels_of(city, visits=bool(self.town.seats))
        self.people: People
        self.citizens: Citizens
        self.agents: dict[str, Agent] = {}
        self.names: dict[str, str] = {}
        """Of people and functions that somebody looked up, by their ids."""
        self.tally = Tally()
        self.began = 0.0
        """Of the loop's time; 0 before the first call."""
        self._exchange: Exchange | None = None
        self._hall = Hall()
        self._crowds: Crowds

    @property
    def elapsed(self) -> float:
        """Return for how many seconds citizens have been ringing."""
        return asyncio.get_running_loop().time() - self.began if self.began else 0.0

    @property
    def title(self) -> str:
        """Return what the city is called."""
        return self.city.loaded.installation.city

    @property
    def tempo(self) -> Tempo:
        """Return how fast the day goes."""
        return self.options.tempo

    @property
    def lines(self) -> int:
        """Return how many calls the demonstration's telephones have."""
        return self._exchange.lines if self._exchange is not None else 0

    # ---- beginning and ending ------------------------------------------------------------------------------------

    async def run(self, stop: asyncio.Event) -> None:
        """Demonstrate until `stop`, or until the time is over. Raises DemoError."""
        with _tokens(self.city, list(self.town.agents)) as tokens, self._passwords() as files:
            exchange = Exchange(self.city.edge, self.city.outside_port or _free_port(), files)
            try:
                exchange.start()
            except CannotStart as error:
                raise DemoError(str(error)) from None
            async with Client(self.city.url, self.city.certificate) as client:
                try:
                    self._people(exchange, client, tokens)
                    await self._begin(exchange, client, tokens)
                    await self._until(stop)
                finally:
                    await self._end(exchange)

    def _people(self, exchange: Exchange, client: Client, tokens: Mapping[str, str]) -> None:
        """Let everybody be there."""
        self._exchange = exchange
        tempo, seed = self.options.tempo, self.options.seed
        self.people = People(exchange, self.town, self._voices, tempo, seed, self._spawn, self.names)
        self.citizens = Citizens(self.people, self.tally)
        self._departments = Departments(self.people)
        self._crowds = Crowds(self.city, self.people, self.citizens, self.tally, self.channels)
        self.agents = {
            id_: Agent(self.people, client, settings, tokens[f"{PREFIX}-{id_}"], self.board.free, self._hall)
            for id_, settings in self.town.agents.items()
        }
        self._at = {agent.phone: agent for agent in self.agents.values() if agent.phone}
        exchange.take = self._take

    async def _begin(self, exchange: Exchange, client: Client, tokens: Mapping[str, str]) -> None:
        missing = await exchange.register()
        if missing:
            name = min(missing)
            raise DemoError(f"phone {name} cannot register at {self.city.edge}: `vaxel status` tells more")
        await self._same_rules(client, tokens[WATCHER])
        self.board.told += [self.channels.hear, self._tell]
        self._spawn("board", self.board.watch(client, tokens[WATCHER]))
        reasons = self.town.core.pauses
        for agent in self.agents.values():
            self._spawn(agent.id, agent.work(reasons))
            await asyncio.sleep(BETWEEN_AGENTS_S)
        self.began = asyncio.get_running_loop().time()
        self._spawn("arrivals", self._arrivals())
        await self._crowds.begin(client, tokens[KIOSK], self._hall)

    async def _same_rules(self, client: Client, token: str) -> None:
        """Make sure that what everybody knows of the city is true. Raises DemoError."""
        told = await self._configuration(client, token)
        if told["revision"] != self.town.core.revision:
            raise DemoError("the configuration has been changed since Vaxel was started: start Vaxel again first")

    async def _configuration(self, client: Client, token: str) -> Any:
        """Return the configuration in force, once the API knows our tokens. Raises DemoError."""
        refused = ""
        for _ in range(LOOKS):
            try:
                return await client.ask(token, "GET", "/configuration")
            except Refused as refusal:
                refused = str(refusal)
            await asyncio.sleep(LOOK_EVERY_S)
        raise DemoError(f"the API at {self.city.url} does not serve us: {refused}")

    async def _until(self, stop: asyncio.Event) -> None:
        limit = self.options.minutes * 60 or None
        stopped = asyncio.get_running_loop().create_task(stop.wait())
        died = asyncio.get_running_loop().create_task(self.tasks.died())
        try:
            done, _ = await asyncio.wait({stopped, died}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
            if died in done:
                died.result()
        except TaskDied as death:
            raise DemoError(f"{death}: {type(death.__cause__).__name__}; the log tells more") from death
        finally:
            stopped.cancel()
            died.cancel()

    async def _end(self, exchange: Exchange) -> None:
        """Hang up, let the agents go, and leave the house as it was found."""
        exchange.refuse_calls()
        await self.tasks.cancel()
        await _together([self._crowds.leave()])
        await exchange.hang_up()
        agents = list(self.agents.values())
        if agents:
            await _together(agents[0].try_to(f"/callbacks/{callback}/cancel") for callback in self.board.promised)
        await _together(agent.leave() for agent in agents)
        await exchange.close()
        await self._crowds.close()
        await _together(agent.be_as_configured() for agent in agents)

    # ---- what goes on --------------------------------------------------------------------------------------------

    async def _arrivals(self) -> None:
        """Let citizens ring, the first one at once."""
        chance = self.people.chance("arrivals")
        while True:
            self.citizens.ring()
            await asyncio.sleep(self.options.tempo.until_next(chance, self.elapsed, len(self.agents)))

    def _take(self, line: Line, called: str) -> None:
        """Let the one be rung whose telephone it is."""
        agent = self._at.get(called)
        if agent is not None:
            agent.rung(line)
        elif self.citizens.is_one(called):
            self.citizens.rung(line, called)
        else:
            self._departments.rung(line, called)

    def _tell(self, event: Mapping[str, Any]) -> None:
        agent = self.agents.get(event.get("agent", ""))
        if agent is not None:
            agent.told(event)

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        _ = self.tasks.spawn(name, work)

    # ---- secrets -------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _passwords(self) -> Iterator[dict[str, Path]]:
        """Yield each phone's file with its password, which only this user can read, as long as they are needed."""
        folder, files = self.city.folder, {}
        try:
            for phone in filter(None, map(self.town.phone, self.town.agents)):
                files[phone] = folder.write_private(f"demo-{phone}.password", self.city.passwords[phone].encode())
            yield files
        finally:
            for file in files.values():
                file.unlink(missing_ok=True)


@contextlib.contextmanager
def _tokens(city: City, agents: list[str]) -> Iterator[dict[str, str]]:
    """Yield a token for each agent, the board and the kiosk, by name; they are revoked at the end, and die in a day.

    Raises DemoError.
    """
    file = TokenFile(city.folder.tokens)
    switchboards = {flow.person for flow in city.loaded.core.flows.values()}
    now = MonotonicClock().now()
    shown: dict[str, str] = {}
    try:
        for old in file.read():
            if old.name.startswith(f"{PREFIX}-"):
                file.remove(old.name)
        for id_ in agents:
            connects = not switchboards.isdisjoint(city.agents[id_].queues)
            name = f"{PREFIX}-{id_}"
            shown[name], token = make(name, "operator" if connects else "agent", id_, now, now + DAY_S)
            file.add(token)
        others: tuple[tuple[str, Role], ...] = ((WATCHER, "reader"), (KIOSK, "kiosk"))
        for name, role in others:
            shown[name], token = make(name, role, "", now, now + DAY_S)
            file.add(token)
        yield shown
    except TokenError as error:
        raise DemoError(str(error)) from error
    finally:
        for name in shown:
            with contextlib.suppress(TokenError):
                file.remove(name)


async def _together(work: Iterable[Coroutine[Any, Any, object]]) -> None:
    """Do what can be done of it in time: at the end nobody waits for a Vaxel that does not answer."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LEAVE_WITHIN_S):
            await asyncio.gather(*work)


def _free_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
