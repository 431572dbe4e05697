"""A citizen's text telephone: PJSIP in a process of its own, driven by lines of JSON (`python -m tests.sip.textphone`).

It rings with text and audio or with text alone, types what it is told, and tells all that comes.
"""

import asyncio
import ctypes
import gc
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
BLOCK: Final = 20
"""Characters typed at once."""


class TextPhone:
    """The phone, as a test sees it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.display = ""
        """All that came, without the mark at its beginning, with line ends as they are in Python."""
        self.raw = ""
        self.state = ""
        self.code = 0
        self.streams: tuple[str, ...] = ()
        self._changed = asyncio.Event()
        self._reading = asyncio.get_running_loop().create_task(self._read())

    @classmethod
    async def open(cls, host: str = "127.0.0.1") -> "TextPhone":
        """Return a phone on loopback."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.sip.textphone",
            host,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        phone = cls(process)
        await phone.until(lambda: phone.state == "ready", 15)
        return phone

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            if "text" in told:
                self.raw += told["text"]
                self.display = self.raw.replace("\ufeff", "").replace("\u2028", "\n")
            self.state = told.get("state", self.state)
            self.code = told.get("code", self.code)
            self.streams = tuple(told.get("streams", self.streams))
            self._changed.set()

    def _tell(self, **what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")

    def ring(self, uri: str, *, audio: bool = True, text: bool = True) -> None:
        """Ring `uri`."""
        self._tell(ring=uri, audio=audio, text=text)

    def type(self, text: str) -> None:
        """Type text."""
        self._tell(type=text)

    def hang_up(self) -> None:
        """Hang up."""
        self._tell(hang_up=True)

    async def until(self, found: Callable[[], object], within: float = 5.0) -> None:
        """Wait until something is so."""
        try:
            async with asyncio.timeout(within):
                while not found():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            seen = f"{self.state} {self.code}, {self.display!r}"
            raise AssertionError(f"not within {within} s, but {seen}") from None

    async def reads(self, text: str, within: float = 8.0) -> None:
        """Wait until `text` stands on the display."""
        await self.until(lambda: text in self.display, within)

    async def close(self) -> None:
        """End the process."""
        self._process.kill()
        await self._process.wait()
        await self._reading


# ---- the process -----------------------------------------------------------------------------------------------


def tell(**what: object) -> None:
    """Write one line for the test."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until stdin ends."""
    import pjsua2 as pj

    class Call(pj.Call):  # type: ignore[misc]
        def onCallState(self, _prm: Any) -> None:
            info = self.getInfo()
            tell(state=info.stateText.lower(), code=info.lastStatusCode)

        def onCallMediaState(self, _prm: Any) -> None:
            info = self.getInfo()
            kinds = {pj.PJMEDIA_TYPE_AUDIO: "audio", pj.PJMEDIA_TYPE_TEXT: "text"}
            used = [one.type for one in info.media if one.status == pj.PJSUA_CALL_MEDIA_ACTIVE]
            tell(streams=[kinds.get(kind, "") for kind in used])

        def onCallRxText(self, prm: Any) -> None:
            tell(text=prm.text)

    gc.disable()
    endpoint = pj.Endpoint()
    ctypes.CDLL(pj._pjsua2.__file__).pj_log_set_level(0)
    endpoint.libCreate()
    config = pj.EpConfig()
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.medConfig.clockRate = 8000
    config.medConfig.ecTailLen = 0
    config.medConfig.noVad = True
    config.logConfig.level = config.logConfig.consoleLevel = 0
    endpoint.libInit(config)
    transport = pj.TransportConfig()
    transport.boundAddress = sys.argv[1]
    host = endpoint.transportGetInfo(endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)).localName
    endpoint.libStart()
    endpoint.audDevManager().setNullDev()
    account = pj.Account()
    settings = pj.AccountConfig()
    settings.idUri = f"sip:citizen@{host}"
    settings.mediaConfig.transportConfig.boundAddress = sys.argv[1]
    settings.mediaConfig.ipv6Use = pj.PJSUA_IPV6_DISABLED
    settings.natConfig.contactRewriteUse = 0
    account.create(settings)
    tell(state="ready")
    call: Any = None
    to_type = ""
    while True:
        endpoint.libHandleEvents(10)
        if to_type and call is not None and _typed(pj, call, to_type[:BLOCK]):
            to_type = to_type[BLOCK:]
        if not select.select([0], [], [], 0)[0]:
            continue
        line = sys.stdin.readline()
        if not line:
            os._exit(0)
        command = json.loads(line)
        if "ring" in command:
            call = Call(account)
            prm = _parameters(pj, command)
            call.makeCall(command["ring"], prm)
        elif "type" in command:
            to_type += command["type"]
        elif call is not None:
            call.hangup(pj.CallOpParam(True))


def _parameters(pj: Any, command: dict[str, Any]) -> Any:
    prm = pj.CallOpParam(True)
    prm.opt.videoCount = 0
    prm.opt.audioCount = int(command["audio"])
    prm.opt.textCount = int(command["text"])
    return prm


def _typed(pj: Any, call: Any, text: str) -> bool:
    prm = pj.CallSendTextParam()
    prm.text = text
    try:
        call.sendText(prm)
    except pj.Error:
        time.sleep(0.01)
        return False
    return True


if __name__ == "__main__":
    main()
