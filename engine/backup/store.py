"""Redis at one moment, as an RDB file: taken as a replica takes it, and brought back by a redis-server of its own.

redis-cli asks for it by the replication protocol: Redis forks, so what it sends is one moment however long sending
takes, and calls go on. It works for the private redis-server and for the city's own alike.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import redis

from adapters.redis.address import Address
from adapters.redis.keys import LEAD, OURS
from engine.backup.errors import BackupError, Damaged, InTheWay

TAKE_WITHIN_S: Final = 600.0
LOAD_WITHIN_S: Final = 600.0
STOP_WITHIN_S: Final = 60.0
LOOK_EVERY_S: Final = 0.02
BATCH: Final = 500
RDB: Final = "store.rdb"


def client(address: Address) -> "redis.Redis":
    """Return a client that waits for answers; use it as a context."""
    return redis.Redis(
        unix_socket_path=address.path or None,
        host=address.host,
        port=address.port,
        db=address.db,
        username=address.username or None,
        password=address.password or None,
        socket_timeout=LOAD_WITHIN_S,
    )


def answers(address: Address) -> bool:
    """Tell whether Redis serves there."""
    with client(address) as asked:
        try:
            return bool(asked.ping())
        except redis.RedisError:
            return False


def take(address: Address, path: Path) -> None:
    """Write what Redis holds into the file `path`. Raises BackupError."""
    with client(address) as asked:
        try:
            _refuse_strangers(asked, address)
        except redis.RedisError as error:
            raise BackupError(f"Redis does not answer as it should: {error}") from None
    # The password by the environment: everybody may read a command line.
    environment = os.environ | ({"REDISCLI_AUTH": address.password} if address.password else {})
    path.touch(0o600)
    try:
        done = subprocess.run(
            [*_redis_cli(address), "--rdb", str(path)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TAKE_WITHIN_S,
            check=False,
        )
    except FileNotFoundError:
        raise BackupError("redis-cli is not installed: install it (apt install redis-tools)") from None
    except subprocess.TimeoutExpired:
        raise BackupError(f"Redis did not hand out its data within {TAKE_WITHIN_S:.0f} s") from None
    if done.returncode or not path.stat().st_size:
        said = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        raise BackupError(f"Redis did not hand out its data: {said or 'it broke off'}")


def _redis_cli(address: Address) -> list[str]:
    place = ["-s", address.path] if address.path else ["-h", address.host, "-p", str(address.port)]
    return ["redis-cli", *place, *(["--user", address.username] if address.username else [])]


def _refuse_strangers(asked: "redis.Redis", address: Address) -> None:
    """An RDB file holds all of a Redis: where others keep something, it is not ours to take along."""
    held: Any = asked.info("keyspace")
    others = [name for name in held if name != f"db{address.db}"]
    if others or any(not key.startswith(OURS) for key in asked.scan_iter(count=1000)):
        raise BackupError(
            "this Redis holds keys that are not Vaxel's: back it up by its own means, and the rest with --without-redis"
        )


@contextmanager
def served(folder: Path, *options: str) -> Iterator[Address]:
    """Run a redis-server on a folder, reachable by a socket for this user alone. Raises BackupError, Damaged."""
    program = shutil.which("redis-server")
    if program is None:
        raise BackupError("redis-server is not installed: install it (apt install redis-server)")
    # A folder of its own: the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="vaxel-") as run:
        address = Address(path=f"{run}/redis.sock")
        fixed = ("--port", "0", "--unixsocket", address.path, "--unixsocketperm", "700", "--dir", str(folder))
        log = Path(run) / "log"
        with log.open("wb") as out:
            server = subprocess.Popen(
                [program, *fixed, "--save", "", *options], stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        try:
            _await_loaded(server, address, log)
            yield address
            server.terminate()  # in order, with its file written
            server.wait(STOP_WITHIN_S)
        except redis.RedisError as error:
            raise BackupError(f"the Redis that was started for this failed: {error}") from error
        finally:
            if server.poll() is None:
                server.kill()
                server.wait()


def _await_loaded(server: "subprocess.Popen[bytes]", address: Address, log: Path) -> None:
    end = time.monotonic() + LOAD_WITHIN_S
    while not answers(address):
        if server.poll() is not None:
            raise Damaged(f"Redis cannot read it: {_last_words(log)}")
        if time.monotonic() > end:
            raise BackupError(f"Redis did not read its data within {LOAD_WITHIN_S:.0f} s")
        time.sleep(LOOK_EVERY_S)


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if " # " in line]
    return lines[-1].partition(" # ")[2] if lines else "it ended at once"


@contextmanager
def loaded(rdb: Path, folder: Path) -> Iterator[Address]:
    """Serve what an RDB file holds, from `folder`; nothing of it is written. Raises BackupError, Damaged."""
    os.link(rdb, folder / RDB)
    try:
        with served(folder, "--dbfilename", RDB, "--appendonly", "no") as address:
            with client(address) as asked:
                # Whoever led then leads no more: nobody shall wait for that lease to end.
                asked.delete(LEAD)
            yield address
    finally:
        (folder / RDB).unlink(missing_ok=True)


def make_durable(address: Address) -> None:
    """Turn what a Redis holds into its append-only file. Raises BackupError."""
    with client(address) as asked:
        asked.config_set("appendonly", "yes")
        end = time.monotonic() + LOAD_WITHIN_S
        while True:
            told: Any = asked.info("persistence")
            if told["aof_enabled"] and not (told["aof_rewrite_in_progress"] or told["aof_rewrite_scheduled"]):
                break
            if time.monotonic() > end:
                raise BackupError(f"Redis did not write its file within {LOAD_WITHIN_S:.0f} s")
            time.sleep(LOOK_EVERY_S)
    if told["aof_last_bgrewrite_status"] != "ok":
        raise BackupError("Redis could not write its file: is the disk full?")


def refuse_taken(address: Address) -> None:
    """Raise InTheWay when a Redis holds something of a Vaxel already, BackupError when it does not answer."""
    with client(address) as asked:
        try:
            found = next(asked.scan_iter(match=f"{OURS.decode()}*", count=1000), None)
        except redis.RedisError as error:
            raise BackupError(f"the Redis of the configuration does not answer: {error}") from None
    if found is not None:
        raise InTheWay("the Redis of the configuration holds data of a Vaxel already: name an empty one")


def copy(source: Address, target: Address) -> int:
    """Copy every key with its life time; return how many. A key that is there is never overwritten. Raises
    BackupError."""
    copied = 0
    with client(source) as here, client(target) as there:
        keys = list(here.scan_iter(count=1000))
        for start in range(0, len(keys), BATCH):
            part = keys[start : start + BATCH]
            asked, told = here.pipeline(transaction=False), there.pipeline(transaction=False)
            for key in part:
                asked.pttl(key)
                asked.dump(key)
            values = asked.execute()
            for key, life, value in zip(part, values[::2], values[1::2], strict=True):
                if value is not None:
                    told.restore(key, max(life, 0), value)
            try:
                copied += len(told.execute())
            except redis.RedisError as error:
                raise BackupError(f"the Redis of the configuration did not take it: {error}") from None
    return copied
