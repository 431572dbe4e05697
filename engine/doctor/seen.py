"""What the doctor has seen of a house and its machine. Plain values: a check needs nothing else."""

from typing import Any

from msgspec import Struct

from engine.backup.mark import Mark


class Disk(Struct, frozen=True, kw_only=True):
    """Where the data folder lies."""

    free: int
    """Bytes that this user may still write."""
    total: int
    files_free: int
    files_total: int
    """0 where the file system does not count."""


class Machine(Struct, frozen=True, kw_only=True):
    """The machine, and what its kernel grants."""

    disk: Disk | None
    memory_free: int
    """Bytes that programs could still get."""
    memory_total: int
    synchronised: bool | None
    """The kernel's clock follows a time server; None when it does not say."""
    overcommit: int
    """`vm.overcommit_memory`."""
    receive_max: int
    """`net.core.rmem_max`, bytes."""
    descriptors: int
    """How many files a process of this user may open at most."""


class File(Struct, frozen=True, kw_only=True):
    """A file that a configuration names and that holds a secret."""

    what: str
    path: str
    there: bool
    readable: bool
    """To this user."""
    open_to: str
    """Who else may read it; empty for nobody but its user and group."""
    mend: str
    """What makes it."""


class Certificate(Struct, frozen=True, kw_only=True):
    """A certificate that phones, trunks and browsers are shown."""

    field: str
    """Where the configuration names it: `sip.tls`."""
    path: str
    ends: float
    """UTC seconds."""
    names: tuple[str, ...]
    """Hosts and addresses that it names."""
    elsewhere: tuple[str, ...]
    """Those of its hosts that lead to other machines, or nowhere."""
    same: bool | None
    """What is shown to who connects is this one; None when nobody answers there."""


class Process(Struct, frozen=True, kw_only=True):
    """One of Vaxel's processes, as its pid file and the kernel have it."""

    name: str
    lives: bool
    since: float
    """UTC seconds."""
    restarts: int
    last_exit: str
    ours: bool
    """It runs Vaxel's own code, and not Redis or Kamailio."""


class Store(Struct, frozen=True, kw_only=True):
    """Redis."""

    trouble: str = ""
    """Why it does not answer."""
    version: str = ""
    policy: str = ""
    role: str = ""
    used: int = 0
    limit: int = 0
    """`maxmemory`, bytes; 0 for none."""
    append_only: bool = True
    write_status: str = "ok"
    evicted: int = 0
    ahead: float = 0.0
    """Seconds by which its clock is ahead of ours."""


class Trunk(Struct, frozen=True, kw_only=True):
    """A trunk's host that cannot be found by name."""

    name: str
    host: str
    why: str


class Settings(Struct, frozen=True, kw_only=True):
    """What the configuration asks for, as far as checks compare with it."""

    private_redis: bool
    edge: bool
    legs_max: int
    workers: int
    descriptors: int
    """That one worker needs."""
    phones: frozenset[str]
    demo: bool
    open_web: bool
    """The web port listens beyond loopback, and not by TLS."""


class Engine(Struct, frozen=True, kw_only=True):
    """What the engine says over its API, in the API's words."""

    system: dict[str, Any]
    agents: list[dict[str, Any]]
    queues: list[dict[str, Any]]


class Seen(Struct, frozen=True, kw_only=True):
    """All of it, at one moment. What has a default is seen only where the configuration can be read."""

    now: float
    """UTC seconds."""
    config: str
    data: str
    root: bool
    """The doctor was called by root."""
    mistakes: tuple[str, ...]
    """Of the configuration."""
    machine: Machine
    folder: tuple[str, ...]
    """What is wrong with the data folder."""
    refused: int
    """Files of journal that could not be written."""
    backup: Mark | None
    """Of the last one."""
    supervisor: bool
    processes: tuple[Process, ...]
    engine: Engine | None
    silence: str
    """Why the engine says nothing."""
    code_since: float
    """When Vaxel's code was written or installed, UTC seconds."""
    fingerprint: str
    """Of the files of the configuration as they are; empty when they cannot be read."""
    settings: Settings | None = None
    secrets: tuple[File, ...] = ()
    phones_without: tuple[str, ...] = ()
    """Phones that have no password."""
    certificates: tuple[Certificate, ...] = ()
    programs: tuple[tuple[str, str], ...] = ()
    """What is not installed, and what to do."""
    voices: tuple[str, ...] = ()
    """Languages for which no voice is installed."""
    unspoken: int = 0
    """Prompts that are yet to be spoken."""
    taken: tuple[str, ...] = ()
    """Ports that Vaxel wants and others have; looked at while it does not run."""
    unresolved: tuple[Trunk, ...] = ()
    store: Store | None = None
    """None when there is none to ask."""
    dropped: tuple[tuple[str, int], ...] = ()
    """Sockets of ours at which the kernel threw packets away, and how many."""
