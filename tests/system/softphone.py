"""Softphones of Debian: real programs that people use, told what to do as their users tell them.

Each speaks a tone from a file, and writes what it hears to another.
"""

import asyncio
import json
import os
import re
from abc import ABC, abstractmethod
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.sip.conftest import free_port, free_ports, write_tone
from tests.sip.g711 import Samples, share
from tests.sip.phone import Address
from tests.system.crew import until

SPEAKS_S: Final = 60.0
"""For how long a phone can speak."""
WAV_HEAD: Final = 44
NARROW, WIDE = 8000, 16000
START_S: Final = 10.0


class Softphone(ABC):
    """A program in a folder of its own, at one address."""

    rate: int
    """Samples per second of what it writes down."""

    def __init__(self, folder: Path, log: Path, host: str, hertz: float) -> None:
        folder.mkdir()
        self.folder = folder
        self._log = log
        self.address: Address = host, free_port(host)
        self.tone = write_tone(folder / "tone.wav", hertz, SPEAKS_S, WIDE)
        self._process: asyncio.subprocess.Process | None = None

    @abstractmethod
    async def start(self, user: str, registrar: Address | None = None, password: str = "") -> None:
        """Start as `user`, and wait until it can be used: registered, if it has a registrar."""

    @abstractmethod
    def ring(self, uri: str) -> None:
        """Ring somebody."""

    @abstractmethod
    async def until_rung(self, times: int = 1, within: float = 10.0) -> str:
        """Wait until it has been rung so often in all; return what it shows."""

    @abstractmethod
    def answer(self) -> None:
        """Pick up."""

    @abstractmethod
    def transfer(self, uri: str) -> None:
        """Send the other side of the call to somebody else."""

    @abstractmethod
    def hang_up(self) -> None:
        """End the call."""

    @abstractmethod
    async def until_alone(self, times: int = 1, within: float = 10.0) -> None:
        """Wait until so many calls have ended in all."""

    @abstractmethod
    def _hears_into(self) -> Path | None:
        """Return the file with what the present call sounds like."""

    def heard(self, seconds: float = 0.3) -> Samples:
        """Return what came in last."""
        path = self._hears_into()
        if path is None or not path.exists():
            return np.zeros(0)
        count = max(0, path.stat().st_size - WAV_HEAD) // 2
        wanted = min(count, round(seconds * self.rate))
        return np.fromfile(path, np.int16, wanted, offset=WAV_HEAD + 2 * (count - wanted)).astype(float)

    async def until_hears(self, hertz: float, within: float = 5.0) -> None:
        """Wait until a tone is all that is heard."""
        await until(lambda: share(self.heard(), hertz, self.rate) > 0.8, within, f"{hertz:g} Hz at {self.folder.name}")

    async def end(self) -> None:
        """Leave, calls included."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    def log(self) -> str:
        """Return all it has said."""
        return self._log.read_text(errors="replace")


# ---- baresip ---------------------------------------------------------------------------------------------------------

BARESIP: Final = """\
sip_listen {host}:{port}
net_interface {host}
audio_source aufile,{tone}
audio_player aubridge,nobody
audio_alert aubridge,nobody
module_path /usr/lib/baresip/modules
module g722.so
module g711.so
module sndfile.so
module aufile.so
module aubridge.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
snd_path {folder}
"""


class Baresip(Softphone):
    """baresip with G.722, through its module ctrl_tcp."""

    rate = WIDE

    def __init__(self, folder: Path, log: Path, host: str, hertz: float) -> None:
        super().__init__(folder, log, host, hertz)
        self.events: list[dict[str, Any]] = []
        self._reading: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def start(self, user: str, registrar: Address | None = None, password: str = "") -> None:
        (host, port), control = self.address, free_port()
        text = BARESIP.format(host=host, port=port, tone=self.tone, control=control, folder=self.folder)
        account = f"<sip:{user}@{host}>;regint=0"
        if registrar is not None:
            account = f"<sip:{user}@{registrar[0]}:{registrar[1]}>;auth_pass={password};regint=60"
        (self.folder / "config").write_text(text)
        (self.folder / "accounts").write_text(f"{account};audio_codecs=g722/16000/1\n")
        (self.folder / "contacts").touch()
        with self._log.open("w") as log:
            command = ("baresip", "-4", "-f", str(self.folder))
            self._process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=log, stderr=log)
        async with asyncio.timeout(START_S):
            while self._writer is None:
                try:
                    reader, self._writer = await asyncio.open_connection("127.0.0.1", control)
                except ConnectionRefusedError:
                    await asyncio.sleep(0.05)
        self._reading = asyncio.get_running_loop().create_task(self._read(reader))
        if registrar is not None:
            await until(lambda: "200 OK" in self.log(), START_S, f"{user} to be registered")

    async def _read(self, reader: asyncio.StreamReader) -> None:
        """Take in what it tells, as netstrings, until it is gone."""
        while True:
            try:
                size = int((await reader.readuntil(b":"))[:-1])
                self.events.append(json.loads((await reader.readexactly(size + 1))[:-1]))
            except (asyncio.IncompleteReadError, ConnectionError):
                return

    def do(self, command: str, what: str = "") -> None:
        """Type a command."""
        assert self._writer is not None
        told = json.dumps({"command": command, "params": what})
        self._writer.write(f"{len(told)}:{told},".encode())

    async def until(self, kind: str, times: int = 1, within: float = 10.0) -> dict[str, Any]:
        """Wait for the so-manieth event of a kind."""

        def found() -> list[dict[str, Any]]:
            return [one for one in self.events if one.get("type") == kind]

        await until(lambda: len(found()) >= times, within, f"{times} {kind}")
        return found()[times - 1]

    def ring(self, uri: str) -> None:
        self.do("dial", uri)

    async def until_rung(self, times: int = 1, within: float = 10.0) -> str:
        return str((await self.until("CALL_INCOMING", times, within))["peeruri"])

    def answer(self) -> None:
        self.do("accept")

    def transfer(self, uri: str) -> None:
        self.do("transfer", uri)

    def hang_up(self) -> None:
        self.do("hangup")

    async def until_alone(self, times: int = 1, within: float = 10.0) -> None:
        await self.until("CALL_CLOSED", times, within)

    def _hears_into(self) -> Path | None:
        """Of each call there is a file of its own, named after the second in which it began."""
        return max(self.folder.glob("dump-*-dec.wav"), default=None)

    async def end(self) -> None:
        await super().end()
        if self._reading is not None and self._writer is not None:
            await self._reading
            self._writer.close()


# ---- Linphone --------------------------------------------------------------------------------------------------------

LINPHONE: Final = """\
[sip]
sip_port={port}
sip_tcp_port=-2
sip_tls_port=-2
use_ipv6=0
register_only_when_network_is_up=0
default_proxy=0
media_encryption=none
[rtp]
audio_rtp_port={rtp}
[auth_info_0]
username={user}
passwd={password}
realm=vaxel
[proxy_0]
reg_proxy=<sip:{registrar};transport=udp>
reg_identity=sip:{user}@{registrar}
reg_expires=60
reg_sendregister=1
publish=0
[sound]
echocancellation=0
"""


class Linphone(Softphone):
    """linphonec, at its prompt."""

    rate = NARROW

    async def start(self, user: str, registrar: Address | None = None, password: str = "") -> None:
        assert registrar is not None, "here it is always somebody's desk"
        place = f"{registrar[0]}:{registrar[1]}"
        rtp = free_ports(2)
        text = LINPHONE.format(port=self.address[1], rtp=rtp, user=user, password=password, registrar=place)
        (self.folder / "linphonerc").write_text(text)
        (self.folder / ".local/share/linphone").mkdir(parents=True)
        with self._log.open("w") as log:
            self._process = await asyncio.create_subprocess_exec(
                "linphonec", "-c", str(self.folder / "linphonerc"), stdin=PIPE, stdout=log, stderr=log,
                env={**os.environ, "HOME": str(self.folder)},
            )  # fmt: skip
        self.do("soundcard use files")
        self.do(f"play {self.tone}")
        self.do(f"record {self.folder / 'heard.wav'}")
        async with asyncio.timeout(START_S):
            while "registered, identity" not in self.log():  # it tells when it is asked
                self.do("status register")
                await asyncio.sleep(0.1)

    def do(self, command: str) -> None:
        """Type a command."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n".encode())

    async def until_says(self, pattern: str, times: int = 1, within: float = 10.0) -> str:
        """Wait until it has said something so often; return what the pattern caught last."""
        await until(lambda: len(re.findall(pattern, self.log())) >= times, within, f"{times} times {pattern}")
        return str(re.findall(pattern, self.log())[times - 1])

    def ring(self, uri: str) -> None:
        self.do(f"call {uri}")

    async def until_rung(self, times: int = 1, within: float = 10.0) -> str:
        return await self.until_says(r"Receiving new incoming call from (.*), assigned id", times, within)

    def answer(self) -> None:
        self.do("answer")

    def transfer(self, uri: str) -> None:
        self.do(f"transfer {uri}")

    def hang_up(self) -> None:
        self.do("terminate")

    async def until_alone(self, times: int = 1, within: float = 10.0) -> None:
        await self.until_says(r"Call \d+ with .* ended", times, within)

    def _hears_into(self) -> Path | None:
        return self.folder / "heard.wav"
