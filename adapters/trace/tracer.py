"""The tracer, `python -m adapters.trace.tracer SETTINGS`: it takes Kamailio's copies and keeps what may be kept.

One thread that waits for packets; it gives way to everything else on the machine. Under a flood it keeps so many
messages a second and counts the rest. Exit codes: 0 stopped as told, 2 cannot start (one line says what to do).
"""

import itertools
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Final

import msgspec

from adapters.sip.logs import log
from adapters.trace import hep, masking, record
from adapters.trace.ring import Ring
from adapters.trace.settings import MIB, TracerSettings
from adapters.trace.switch import Switch

PACKET_MAX: Final = 65535
BUFFER: Final = 4 * MIB
"""Asked of the kernel, which may grant less (net.core.rmem_max)."""
WAIT: Final = 0.25
"""Seconds without a packet after which what came is written."""
GATHER: Final = 0.05
"""Seconds in which more packets may come before they are taken together: waking up costs more than a packet does."""
MANY: Final = 50
"""Packets at once, after which they are fetched ten times as often: the kernel keeps 180 of them by default."""
TIDY_EVERY: Final = 10.0
NICE: Final = 10
PER_SECOND: Final = 3000
"""Messages kept in one second; 100 calls a second have 2,800."""
FULL_MEGABYTES: Final = 64
FULL_KEPT: Final = 24 * 3600.0
KEY: Final = "key"
KEY_BYTES: Final = 16


class CannotStart(Exception):
    """The tracer cannot work as it was told."""


class Tracer:
    """Takes packets and keeps messages."""

    def __init__(self, settings: TracerSettings) -> None:
        self._settings = settings
        folder = Path(settings.folder)
        limits = settings.limits
        self._ring = Ring(folder, record.SIP, bytes_max=limits.megabytes * MIB, age_max=limits.keep)
        self._full = Ring(folder, record.FULL, bytes_max=FULL_MEGABYTES * MIB, age_max=FULL_KEPT)
        self._masker = masking.Masker(_key(folder), settings.plain)
        self.switch = Switch(folder)
        self._second = 0
        self._taken = 0
        self._dropped = 0

    def take(self, packet: bytes) -> None:
        """Keep the message of a packet, if it is one of a call."""
        if not self._has_room():
            return
        copied = hep.read(packet)
        if copied is None or not of_call(copied.data):
            return
        text = copied.data.decode("utf-8", "replace")
        masked = self._masker.mask(text)
        if not masked:
            return
        message = self._message(copied, masked)
        self._ring.append(record.encode(message), copied.at)
        if self.switch.on:
            whole = msgspec.structs.replace(message, text=masking.whole(text), full=True)
            self._full.append(record.encode(whole), copied.at)

    def flush(self) -> None:
        """Let what came be read. On a full disk it is given up."""
        for ring in (self._ring, self._full):
            try:
                ring.flush()
            except OSError as error:
                log("trace.lost", reason=error.strerror or "cannot write")

    def tidy(self, now: float) -> None:
        """Let old files go, and look at the switch."""
        self.switch.look(now)
        for ring in (self._ring, self._full):
            try:
                ring.tidy(now)
            except OSError as error:
                log("trace.not_tidied", reason=error.strerror or "cannot write")
        if self._dropped:
            log("trace.dropped", messages=self._dropped)
            self._dropped = 0

    def _has_room(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._taken = second, 0
        self._taken += 1
        self._dropped += self._taken > PER_SECOND
        return self._taken <= PER_SECOND

    def _message(self, copied: hep.Packet, text: str) -> record.Message:
        names = self._settings.names
        return record.Message(
            copied.at,
            copied.source,
            copied.target,
            names.get(copied.source, ""),
            names.get(copied.target, ""),
            copied.over,
            _field(text, "\r\nCall-ID: "),
            _field(text, "\r\nX-Vaxel-Leg: "),
            text,
        )


def _field(text: str, begin: str) -> str:
    """Return a header of a masked message, in which its name is always written alike."""
    at = text.find(begin)
    return text[at + len(begin) : text.find("\r\n", at + len(begin))] if at >= 0 else ""


def of_call(data: bytes) -> bool:
    """Tell whether a message is of a call, before anything is done for it."""
    if data.startswith(b"SIP/2.0 "):
        found = data.find(b"CSeq:")
        method = data[found + 5 : found + 40].split(None, 2)[1:2] if found >= 0 else []
        return bool(method) and method[0].decode("ascii", "replace") in masking.METHODS
    return data.partition(b" ")[0].decode("ascii", "replace") in masking.METHODS


def _key(folder: Path) -> bytes:
    """Return the key of this folder's pseudonyms, made once."""
    path = folder / KEY
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(os.urandom(KEY_BYTES))
    return path.read_bytes()


def _listen(settings: TracerSettings) -> socket.socket:
    listening = socket.socket(type=socket.SOCK_DGRAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    host, port = settings.listen
    try:
        listening.bind(settings.listen)
        # From now on the kernel drops what anybody but the edge sends.
        listening.connect(settings.edge)
    except OSError as error:
        listening.close()
        raise CannotStart(f"cannot listen on {host}:{port}/udp: {error.strerror}; set another sip.inner_port") from None
    listening.setblocking(False)
    return listening


def serve(settings: TracerSettings) -> None:
    """Trace until SIGTERM. Raises CannotStart."""
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    with _listen(settings) as listening:
        tracer = Tracer(settings)
        log("tracer_started")
        tidied = flushed = float("-inf")
        taken = 0
        while not stopping:
            taken = _drain(listening, tracer, GATHER if taken < MANY else GATHER / 10)
            now = time.monotonic()
            if not taken or now - flushed > WAIT:
                tracer.flush()
                flushed = now
            if now - tidied > TIDY_EVERY:
                tracer.tidy(time.clock_gettime(time.CLOCK_REALTIME))
                tidied = now
        tracer.flush()
    log("tracer_stopped")


def _drain(listening: socket.socket, tracer: Tracer, gather: float) -> int:
    """Wait for a packet, give others time to come too, and take all of them; return how many there were."""
    if not select.select((listening,), (), (), WAIT)[0]:
        return 0
    time.sleep(gather)
    for taken in itertools.count():
        try:
            packet = listening.recv(PACKET_MAX)
        except BlockingIOError:
            return taken
        tracer.take(packet)
    raise AssertionError("counting has no end")


def main(arguments: list[str]) -> int:
    """Run the tracer and return its exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o077)
    os.nice(NICE)
    try:
        serve(msgspec.msgpack.decode(Path(arguments[0]).read_bytes(), type=TracerSettings))
    except (CannotStart, OSError, IndexError, msgspec.MsgspecError) as error:
        sys.stderr.write(f"vaxel tracer: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
