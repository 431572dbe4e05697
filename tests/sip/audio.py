"""The RTP side of a test phone (RFC 3550, RFC 4733)."""

import asyncio
import contextlib
import random
import socket
import struct
import time
from collections.abc import Callable

import numpy as np

from tests.sip import g711

DIGITS = "0123456789*#ABCD"
TIMESTAMP = 35
"""SO_TIMESTAMPNS: the kernel tells when a packet came in, so that a busy test measures no gaps of its own."""
STAMP = struct.Struct("@ll")
RECEIVE_BYTES = 1 << 20


class Audio:
    """Sends a tone (or silence) every 20 ms and keeps what arrives."""

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.loop = asyncio.get_running_loop()
        self.remote: tuple[str, int] | None = None
        self.payload_type = 8
        self.event_type = 0
        self.packets: list[tuple[float, int, bytes]] = []
        """Arrival at the kernel (monotonic seconds), payload type, payload."""
        self._frames: list[bytes] = []
        self._sequence = random.randrange(1 << 15)
        self._timestamp = random.randrange(1 << 30)
        self._source = random.randrange(1 << 32)
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._index = 0

    @classmethod
    async def open(cls, host: str = "127.0.0.1") -> "Audio":
        """Bind a free port."""
        audio = cls()
        audio.socket = socket.socket(type=socket.SOCK_DGRAM)
        audio.socket.setblocking(False)
        audio.socket.setsockopt(socket.SOL_SOCKET, TIMESTAMP, 1)
        audio.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        audio.socket.bind((host, 0))
        audio.loop.add_reader(audio.socket, audio._receive)
        return audio

    @property
    def port(self) -> int:
        """The port of RTP."""
        assert self.socket is not None
        return int(self.socket.getsockname()[1])

    def _receive(self) -> None:
        assert self.socket is not None
        ahead = time.clock_gettime(time.CLOCK_REALTIME) - time.monotonic()
        while True:
            try:
                data, extra, _, _ = self.socket.recvmsg(2048, socket.CMSG_SPACE(STAMP.size))
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue  # a port we sent to has gone
            seconds, nanoseconds = STAMP.unpack(extra[0][2])
            if len(data) >= 12:
                self.packets.append((seconds + nanoseconds / 1e9 - ahead, data[1] & 0x7F, data[12:]))

    def close(self) -> None:
        """Stop sending and give the port back."""
        self.stop()
        if self.socket is not None:
            self.loop.remove_reader(self.socket)
            self.socket.close()
            self.socket = None

    # ---- sending -----------------------------------------------------------------------------------------------

    def say(self, hertz: float) -> None:
        """Send a tone from now on; 0 Hz is silence."""
        if self.payload_type in (0, 8):
            data = g711.encode(g711.tone(hertz), self.payload_type)
        else:
            data = bytes(g711.RATE)
        self._frames = [data[i : i + g711.FRAME] for i in range(0, len(data), g711.FRAME)]
        if self._timer is None:
            self._due = self.loop.time()
            self._send_next()

    def stop(self) -> None:
        """Send nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send_next(self) -> None:
        self._send(self.payload_type, self._frames[self._index % len(self._frames)])
        self._index += 1
        self._timestamp += g711.FRAME
        self._due += 0.02
        self._timer = self.loop.call_at(self._due, self._send_next)

    def _send(self, payload_type: int, payload: bytes, marker: bool = False, timestamp: int | None = None) -> None:
        if self.socket is None or self.remote is None:
            return
        self._sequence = (self._sequence + 1) & 0xFFFF
        stamp = (self._timestamp if timestamp is None else timestamp) & 0xFFFFFFFF
        kind = payload_type | (0x80 if marker else 0)
        head = struct.pack(">BBHII", 0x80, kind, self._sequence, stamp, self._source)
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            self.socket.sendto(head + payload, self.remote)

    async def press(self, digit: str, seconds: float = 0.1) -> None:
        """Send one key as telephone-events."""
        number, begun, frames = DIGITS.index(digit), self._timestamp, round(seconds / 0.02)
        for i in range(1, frames + 1):
            self._send(self.event_type, struct.pack(">BBH", number, 10, i * g711.FRAME), i == 1, begun)
            await asyncio.sleep(0.02)
        for _ in range(3):
            self._send(self.event_type, struct.pack(">BBH", number, 0x8A, (frames + 1) * g711.FRAME), False, begun)

    # ---- hearing -----------------------------------------------------------------------------------------------

    def heard(self, seconds: float = 0.3) -> g711.Samples:
        """Return what came in last."""
        last = [
            g711.decode(payload, kind) for _, kind, payload in self.packets[-round(seconds / 0.02) :] if kind in (0, 8)
        ]
        return np.concatenate(last) if last else np.zeros(0)

    def hears(self, *hertz: float, seconds: float = 0.3) -> bool:
        """Tell whether the last `seconds` were that tone, or a mix of all these, and hardly anything else."""
        now = time.monotonic()
        if len(self.packets) < seconds / 0.02 or now - self.packets[-1][0] >= 0.2:
            return False
        heard = self.heard(seconds)
        shares = [g711.share_by_frames(heard, one) for one in hertz]
        return sum(shares) > 0.8 and min(shares) > 0.4 / len(hertz)

    async def until_hears(self, *hertz: float, within: float = 3.0, seconds: float = 0.2) -> float:
        """Wait for a tone, or a mix of tones; return how long it took."""
        begun = time.monotonic()
        while not self.hears(*hertz, seconds=seconds):
            if time.monotonic() - begun > within:
                raise AssertionError(f"no {hertz} Hz within {within} s; {len(self.packets)} packets")
            await asyncio.sleep(0.02)
        return time.monotonic() - begun

    async def until_quiet(self, within: float = 3.0, seconds: float = 0.2) -> None:
        """Wait until nothing is heard."""
        await self._until(lambda: len(self.packets) > 10 and bool(np.max(np.abs(self.heard(seconds))) < 200), within)

    async def until_hears_digit(self, digit: str, within: float = 3.0) -> None:
        """Wait for a telephone-event of that key."""
        number = DIGITS.index(digit)
        await self._until(lambda: any(kind >= 96 and payload[0] == number for _, kind, payload in self.packets), within)

    async def until_packets(self, count: int, within: float = 3.0) -> None:
        """Wait until so many packets came in all."""
        await self._until(lambda: len(self.packets) >= count, within)

    async def _until(self, true: Callable[[], bool], within: float) -> None:
        begun = time.monotonic()
        while not true():
            assert time.monotonic() - begun < within, f"not within {within} s; {len(self.packets)} packets"
            await asyncio.sleep(0.02)

    def gap(self, begin: float, end: float) -> float:
        """Return the longest time without a packet between two moments, in seconds."""
        times = [at for at, _, _ in self.packets if begin <= at <= end]
        return float(max(np.diff([begin, *times, end])))

    def longest_gap(self, since: float) -> float:
        """Return the longest time between two packets since a moment, in seconds."""
        times = [at for at, _, _ in self.packets if at >= since]
        return max(np.diff([since, *times, time.monotonic()]), default=float("inf"))
