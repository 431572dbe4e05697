"""What the demonstration needs of a Vaxel, and what it refuses: real people must never be rung by made-up ones."""

import contextlib
import fcntl
from collections.abc import Collection, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

from msgspec import Struct

from adapters.edge.passwords import Passwords
from engine import greeting, records
from engine.config import ConfigError, Loaded, in_force, load
from engine.datafolder import DataFolder
from engine.remote import certificate
from router.configuration import AgentSettings

HERE: Final = ip_address("127.0.0.1")
PHONE: Final = "phone:"
ENGINE: Final = "engine"
LOCK: Final = "demo.lock"


class DemoError(Exception):
    """The demonstration cannot begin, or cannot go on; the text says why, and what to do."""


class NotReady(DemoError):
    """The Vaxel to be demonstrated is still starting."""


class City(Struct, frozen=True):
    """A Vaxel that runs and may be demonstrated."""

    loaded: Loaded
    folder: DataFolder
    agents: dict[str, AgentSettings]
    """Those whose phones the demonstration can be."""
    passwords: dict[str, str]
    """Of their phones."""
    certificate: bytes = b""
    """What its API shows by TLS (DER); nothing where it speaks plain HTTP."""

    @property
    def edge(self) -> str:
        """Return `address:port` where calls go."""
        sip = self.loaded.installation.sip
        return f"{sip.address}:{sip.port}"

    @property
    def url(self) -> str:
        """Return where its API is."""
        return self.loaded.installation.web.url

    @property
    def outside_port(self) -> int:
        """Return the port of the network outside, where Vaxel rings numbers; 0 if it rings none."""
        trunks = self.loaded.installation.trunks
        return next((trunk.port for trunk in trunks if trunk.host and trunk.transport == "udp"), 0)


def find(data: Path, leave: Collection[str]) -> City:
    """Return the city that runs on a data folder, without the agents that are left to people.

    Raises NotReady, and DemoError for what waiting does not mend.
    """
    folder = DataFolder(data)
    if folder.supervisor() is None:
        raise DemoError(
            f"no Vaxel runs on {data}: start it with `make run`, or name the folder of one that runs with --data"
        )
    loaded = _loaded(_config_of(folder, data))
    check(loaded)
    seen = greeting.look(loaded.installation.web.url)
    if not (seen.ready and seen.mark == folder.mark):
        why = seen.text or "it does not answer"
        raise NotReady(f"Vaxel is not ready, {why}; `vaxel status --data {data}` tells more")
    try:
        shown = certificate(folder) if loaded.installation.web.tls is not None else b""
    except (OSError, ValueError) as error:
        raise NotReady(f"{folder.web_tls} cannot be read: {error}") from None
    passwords = Passwords(folder.edge / "phones.sqlite").demonstrated()
    agents = {
        id_: agent
        for id_, agent in loaded.core.agents.items()
        if agent.address.removeprefix(PHONE) in passwords and id_ not in leave
    }
    unknown = sorted(set(leave) - loaded.core.agents.keys())
    if unknown:
        raise DemoError(f"there is no agent {unknown[0]}; there are {', '.join(loaded.core.agents)}")
    if not agents:
        raise DemoError("no agent is left whose phone the demonstration could be")
    return City(loaded, folder, agents, passwords, shown)


@contextlib.contextmanager
def alone(city: City) -> Iterator[None]:
    """Keep other demonstrations off a city as long as the context lasts. Raises DemoError if there is one already."""
    with open(city.folder.run / LOCK, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError(f"{city.loaded.installation.city} is being demonstrated already: one at a time") from None
        yield


def check(loaded: Loaded) -> None:
    """Refuse what is no demonstration, and whatever reaches beyond this machine. Raises DemoError."""
    installation = loaded.installation
    if not installation.demo:
        raise DemoError(
            f"the configuration of {installation.city} is not marked `demo: true` in vaxel.yaml: its people are real, "
            "and made-up ones must not ring them; examples/malmo is made to be tried"
        )
    if installation.edge != "kamailio":
        raise DemoError("the demonstration's phones register at the edge: leave out `edge: none` in vaxel.yaml")
    for what, address in (("sip", installation.sip.address), ("web", installation.web.address)):
        if not _loopback(address):
            raise DemoError(f"{what} listens on {address}: the demonstration stays on this machine, 127.0.0.1")
    for trunk in installation.trunks:
        if trunk.host and not _loopback(trunk.host):
            raise DemoError(f"trunk {trunk.name} reaches {trunk.host}, beyond this machine: real people might be rung")
    if not any(HERE in ip_network(source) for trunk in installation.trunks for source in trunk.sources):
        raise DemoError("no trunk takes calls from this machine: let one have `address: [127.0.0.0/8]` in vaxel.yaml")


def _config_of(folder: DataFolder, data: Path) -> Path:
    """Return the configuration folder with which the engine was started."""
    for record in records.read_all(folder):
        if record.name == ENGINE and "--config" in record.argv:
            return Path(record.argv[record.argv.index("--config") + 1])
    raise NotReady(f"Vaxel does not get further than its start; `vaxel status --data {data}` tells more")


def _loaded(config: Path) -> Loaded:
    try:
        return in_force(load(config))
    except ConfigError as error:
        number = len(error.problems)
        raise DemoError(f"{config} has {number} mistakes since Vaxel was started; `vaxel check {config}`") from None


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
