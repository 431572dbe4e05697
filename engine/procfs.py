"""Processes as the kernel shows them. Imported by the supervisor, so only light modules here."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

PROC: Final = Path("/proc")
TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


class Stat(NamedTuple):
    """A living process."""

    start: int
    """Clock ticks from boot to its start: with the pid, its identity until the next boot."""
    session: int
    """The pid of the process that began its session."""
    cpu_s: float
    rss_bytes: int


def stat(pid: int) -> Stat | None:
    """Return what the kernel says of a process, None when it is gone or only waits to be reaped."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return None
    # The second field, the name, may hold spaces and brackets; the third is counted from its end.
    fields = text[text.rindex(")") + 2 :].split()
    if fields[0] in "ZX":
        return None
    return Stat(
        start=int(fields[19]),
        session=int(fields[3]),
        cpu_s=(int(fields[11]) + int(fields[12])) / TICKS_PER_S,
        rss_bytes=int(fields[21]) * PAGE_BYTES,
    )


def age_s(start: int) -> float:
    """Return how many seconds ago a process started."""
    return float((PROC / "uptime").read_text().split()[0]) - start / TICKS_PER_S


def boot() -> str:
    """Return what names this boot of the machine."""
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def find(argv: list[str]) -> int | None:
    """Return the pid of this user's process with exactly these arguments that leads its session."""
    return next((pid for pid, found in _with(argv) if found.session == pid), None)


def orphans(argv: list[str]) -> list[int]:
    """Return the pids of this user's processes with exactly these arguments whose session's leader is gone."""
    found = dict(_with(argv))
    return [pid for pid, living in found.items() if living.session not in found]


def _with(argv: list[str]) -> Iterator[tuple[int, Stat]]:
    wanted = b"".join(os.fsencode(part) + b"\0" for part in argv)
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            found = (entry / "cmdline").read_bytes() == wanted and entry.stat().st_uid == os.getuid()
        except OSError:
            continue
        living = stat(int(entry.name)) if found else None
        if living is not None:
            yield int(entry.name), living
