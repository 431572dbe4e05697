"""SIPp against a worker, and what the worker costs."""

import asyncio
import os
from pathlib import Path
from typing import NamedTuple

SCENARIOS = Path(__file__).parents[1] / "sip" / "scenarios"
_TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """What a process has used, and holds."""

    cpu: float
    """Seconds."""
    rss_kib: int
    descriptors: int

    @classmethod
    def of(cls, pid: int) -> "Cost":
        """Look at a process."""
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{pid}/status").read_text()
        rss = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        return cls((int(fields[11]) + int(fields[12])) / _TICKS, rss, len(os.listdir(f"/proc/{pid}/fd")))


async def sipp(scenario: str, port: int, *arguments: str, folder: Path) -> asyncio.subprocess.Process:
    """Start SIPp with one of our scenarios on 127.0.0.1:`port`."""
    return await asyncio.create_subprocess_exec(
        "sipp",
        *("-sf", str(SCENARIOS / scenario), "-i", "127.0.0.1", "-p", str(port), "-nostdin"),
        *arguments,
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def end(process: asyncio.subprocess.Process) -> None:
    """End a SIPp that serves."""
    if process.returncode is None:
        process.kill()
    await process.wait()
