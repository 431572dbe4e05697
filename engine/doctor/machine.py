"""Checks of the machine."""

from engine.doctor.finding import Findings, beware, wrong
from engine.doctor.seen import Seen

MIB = 1024 * 1024
GIB = 1024 * MIB
DISK_WRONG = 1 * GIB
DISK_BEWARE = 5 * GIB
FILES_BEWARE = 0.05
"""Share of a file system's files that should be left."""
MEMORY_WRONG = 256 * MIB
MEMORY_BEWARE = 0.1
APART_S = 1.0
"""Between our clock and that of a Redis elsewhere."""
RECEIVE_MAX = 4_000_000
"""What a SIP worker asks for, bytes (deploy/pjsua2/config_site.h)."""
SYSCTL = "write it into /etc/sysctl.d (deploy/systemd/sysctl.conf), then sysctl --system"


def disk(seen: Seen) -> Findings:
    """Redis, recordings and logs need room: without it nothing is kept."""
    found = seen.machine.disk
    if found is None:
        return
    left = f"{found.free / GIB:.1f} GiB of {found.total / GIB:.0f} GiB are free where {seen.data} lies"
    more = "make room, or give the data folder a larger disk (docs/operating.md)"
    if found.free < DISK_WRONG:
        yield wrong(left, more)
    elif found.free < min(DISK_BEWARE, found.total // 10):
        yield beware(left, more)
    if found.files_total and found.files_free < found.files_total * FILES_BEWARE:
        yield beware(f"only {found.files_free:,} more files fit where {seen.data} lies", more)


def memory(seen: Seen) -> Findings:
    """A machine short of memory kills processes."""
    free, total = seen.machine.memory_free, seen.machine.memory_total
    left = f"{free / MIB:,.0f} MiB of {total / MIB:,.0f} MiB of memory are left"
    if free < MEMORY_WRONG:
        yield wrong(left, "end what else runs here, or add memory")
    elif free < total * MEMORY_BEWARE:
        yield beware(left, "end what else runs here, or add memory")


def clock(seen: Seen) -> Findings:
    """Opening hours, waits and certificates go by the clock."""
    if seen.machine.synchronised is False:
        text = "the clock follows no time server: opening hours and figures would drift"
        yield beware(text, "install and start chrony or systemd-timesyncd; `timedatectl` shows how it stands")
    if seen.store is not None and not seen.store.trouble and abs(seen.store.ahead) > APART_S:
        way = "ahead of" if seen.store.ahead > 0 else "behind"
        text = f"the clock of Redis is {abs(seen.store.ahead):.0f} s {way} this machine's"
        yield wrong(text, "let both machines follow a time server")
    if seen.engine is not None and seen.engine.system["at"] - seen.now > APART_S:
        ahead = seen.engine.system["at"] - seen.now
        yield beware(
            f"this machine's clock was set back by {ahead:.0f} s; the engine's time never goes back and runs ahead",
            "leave it where the difference is small; else stop Vaxel for as long, and start it again",
        )


def kernel(seen: Seen) -> Findings:
    """What the kernel grants for packets and for Redis."""
    if seen.machine.receive_max < RECEIVE_MAX:
        yield beware(
            f"net.core.rmem_max is {seen.machine.receive_max:,}: SIP that comes all at once would be lost",
            f"net.core.rmem_max = {RECEIVE_MAX}: {SYSCTL}",
        )
    private = seen.settings is None or seen.settings.private_redis
    if private and seen.machine.overcommit != 1:
        yield beware(
            f"vm.overcommit_memory is {seen.machine.overcommit}: short of memory, Redis may fail to rewrite its file",
            f"vm.overcommit_memory = 1: {SYSCTL}",
        )
    for name, packets in seen.dropped:
        text = f"the kernel has thrown away {packets:,} packets for {name} since it started: it came too late for them"
        yield beware(text, "see whether the machine is too busy, and raise net.core.rmem_max")


def descriptors(seen: Seen) -> Findings:
    """Each leg takes some files."""
    if seen.settings is not None and seen.machine.descriptors < seen.settings.descriptors:
        yield wrong(
            f"a process may open {seen.machine.descriptors:,} files; {seen.settings.legs_max} legs need "
            f"{seen.settings.descriptors:,}",
            "raise LimitNOFILE of the service (`ulimit -Hn`), or lower sip.max_legs",
        )
