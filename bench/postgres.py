"""A PostgreSQL of Debian's package, in a folder of its own and on a Unix socket there; for benchmarks and tests."""

import subprocess
from pathlib import Path
from typing import Final

BIN: Final = Path("/usr/lib/postgresql")
OPTIONS: Final = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c shared_buffers=512MB"


class Postgres:
    """One server; `start` it again after a `stop`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bin = max(BIN.glob("*/bin"))
        self._number = 0
        self._run("initdb", "--pgdata", str(folder / "data"), "--username", "vaxel", "--auth", "trust", "--no-sync")
        self.start()

    def start(self) -> None:
        """Serve."""
        options = f"{OPTIONS} -k {self._folder}"
        data, log = str(self._folder / "data"), str(self._folder / "log")
        self._run("pg_ctl", "--pgdata", data, "--log", log, "--wait", "--options", options, "start")

    def stop(self) -> None:
        """Stop at once, as in a power cut."""
        self._run("pg_ctl", "--pgdata", str(self._folder / "data"), "--wait", "--mode", "immediate", "stop")

    def database(self) -> str:
        """Make a database and return its address."""
        self._number += 1
        name = f"history{self._number}"
        self._run("createdb", "--host", str(self._folder), "--username", "vaxel", name)
        return f"postgresql://vaxel@/{name}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run([self._bin / program, *arguments], check=True, stdout=subprocess.DEVNULL, timeout=60)
