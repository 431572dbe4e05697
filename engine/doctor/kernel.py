"""Looks at the machine, through its kernel."""

import contextlib
import ctypes
import os
import resource
import shutil
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from engine.doctor.seen import Disk, Machine
from engine.procfs import PROC

KIB: Final = 1024
UNSYNCHRONISED: Final = 0x40
"""`STA_UNSYNC` of adjtimex(2)."""
TIMEX_BYTES: Final = 512
"""More than `struct timex` has on any machine."""
TIMEX_STATUS: Final = struct.Struct("@i4xllll i")
"""Its beginning: modes, offset, freq, maxerror, esterror, status."""
UDP_TABLES: Final = ("net/udp", "net/udp6")


def machine(folder: Path, pid: int | None) -> Machine:
    """Look around; `pid` is the supervisor's, whose limits its children have."""
    available, total = _memory()
    return Machine(
        disk=_disk(folder),
        memory_free=available,
        memory_total=total,
        synchronised=_synchronised(),
        overcommit=_number("sys/vm/overcommit_memory", 1),
        receive_max=_number("sys/net/core/rmem_max", 1 << 30),
        descriptors=_descriptors(pid),
    )


def dropped(ports: Mapping[int, str]) -> Iterator[tuple[str, int]]:
    """Yield the sockets at these UDP ports at which packets were thrown away, and how many."""
    lost = dict.fromkeys(ports, 0)
    for table in UDP_TABLES:
        with contextlib.suppress(OSError):
            for line in (PROC / table).read_text().splitlines()[1:]:
                fields = line.split()
                port = int(fields[1].rpartition(":")[2], 16)
                if port in lost:
                    lost[port] += int(fields[-1])
    return ((ports[port], packets) for port, packets in lost.items() if packets)


def _disk(folder: Path) -> Disk | None:
    there = next((path for path in (folder, *folder.parents) if path.exists()), None)
    if there is None:
        return None
    try:
        counts = os.statvfs(there)
    except OSError:
        return None
    free, total = counts.f_bavail * counts.f_frsize, shutil.disk_usage(there).total
    return Disk(free=free, total=total, files_free=counts.f_favail, files_total=counts.f_files)


def _memory() -> tuple[int, int]:
    lines = (line.split() for line in (PROC / "meminfo").read_text().splitlines())
    kib = {fields[0]: int(fields[1]) for fields in lines}
    return kib["MemAvailable:"] * KIB, kib["MemTotal:"] * KIB


def _synchronised() -> bool | None:
    """Ask adjtimex(2), changing nothing."""
    told = ctypes.create_string_buffer(TIMEX_BYTES)
    try:
        if ctypes.CDLL(None).adjtimex(told) < 0:
            return None
    except (OSError, AttributeError):
        return None
    return not TIMEX_STATUS.unpack_from(told)[-1] & UNSYNCHRONISED


def _number(name: str, unknown: int) -> int:
    try:
        return int((PROC / name).read_text())
    except (OSError, ValueError):
        return unknown


def _descriptors(pid: int | None) -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if pid is not None:
        with contextlib.suppress(OSError):
            _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    return hard if hard != resource.RLIM_INFINITY else 1 << 30
