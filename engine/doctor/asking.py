"""Asks those that answer: Redis, the engine, the DNS."""

import asyncio
import json
import os
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from adapters.edge.settings import Trunk as EdgeTrunk
from adapters.redis.address import Address, read
from adapters.redis.asking import ask
from adapters.redis.errors import BadAddress, StoreAway
from engine import remote
from engine.datafolder import DataFolder
from engine.doctor.seen import Engine, Store, Trunk
from engine.installation import Installation
from engine.processes import redis_url

NAMES_AT_ONCE: Final = 16
ENGINE_WITHIN_S: Final = 5.0
STORE_WITHIN_S: Final = 5.0


def store(folder: DataFolder, installation: Installation) -> Store:
    """Ask Redis how it is."""
    try:
        address = read(redis_url(folder, installation), os.environ, installation.redis_password_file)
        return asyncio.run(asyncio.wait_for(_store(address), STORE_WITHIN_S))
    except (StoreAway, BadAddress) as error:
        return Store(trouble=str(error))
    except TimeoutError:
        return Store(trouble=f"no answer within {STORE_WITHIN_S:.0f} s")


async def _store(address: Address) -> Store:
    client = address.client()
    try:
        info = await ask(client, "INFO", "everything")
        seconds, micros = await ask(client, "TIME")
        now = time.time()  # noqa: TID251 - there is no engine here
    finally:
        await client.aclose()
    return Store(
        version=str(info["redis_version"]),
        policy=str(info["maxmemory_policy"]),
        role=str(info["role"]),
        used=int(info["used_memory"]),
        limit=int(info["maxmemory"]),
        append_only=bool(info["aof_enabled"]),
        write_status=str(info.get("aof_last_write_status", "ok")),
        evicted=int(info["evicted_keys"]),
        ahead=int(seconds) + int(micros) / 1e6 - now,
    )


def engine(data: Path) -> Engine | str:
    """Ask the engine; return why it says nothing when it does not."""

    def get(path: str) -> Any:
        return json.loads(remote.send(data, "GET", path, within=ENGINE_WITHIN_S))

    try:
        return Engine(system=get("/system"), agents=get("/agents")["agents"], queues=get("/queues")["queues"])
    except remote.Cannot as error:
        return str(error)


def unresolved(trunks: Sequence[EdgeTrunk]) -> tuple[Trunk, ...]:
    """Return the trunks whose host is not found by name."""
    hosts = [trunk for trunk in trunks if trunk.host]
    with ThreadPoolExecutor(NAMES_AT_ONCE) as pool:
        reasons = pool.map(_why_not, [trunk.host for trunk in hosts])
    return tuple(
        Trunk(name=trunk.name, host=trunk.host, why=why) for trunk, why in zip(hosts, reasons, strict=True) if why
    )


def _why_not(host: str) -> str:
    try:
        socket.getaddrinfo(host, None)
    except (OSError, UnicodeError) as error:
        return str(getattr(error, "strerror", None) or error).lower()
    return ""
