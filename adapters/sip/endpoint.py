"""Starting, driving and stopping PJSIP: settings into its configuration, its epoll descriptor into the event loop."""

import asyncio
import ctypes
import errno
import os
import time
from collections import deque
from typing import Any, Final, Protocol

import pjsua2 as pj

from adapters.sip.errors import CannotStart
from adapters.sip.logs import LibraryLog, log
from adapters.sip.native import Call, CallEvents, Headers, NativeCall, Port, callback_failed, operation, refused
from adapters.sip.settings import WorkerSettings

MAX_CALLS: Final = 2000
"""Calls the wheel is built for."""
PORTS_MAX: Final = 8000
"""Bridge ports the wheel is built for, with a margin."""
SLOTS_FOR_DYING: Final = 1.3
"""A slot stays taken until its BYE is answered or times out, so there must be more slots than legs."""
TICK: Final = 0.3
"""Seconds between looks that nothing asked for; PJSIP's descriptor tells of packets, timers and digits at once."""
PLAYER_REST: Final = 0.3
"""Seconds a player is kept after its last use: the event thread may still hold it."""
RESAMPLE_QUALITY: Final = 2
"""PJSUA turns it into Speex' resampler at quality 3, made for speech; its default costs three times the processor when
narrowband legs meet a 16 kHz bridge."""
ERRNO_START: Final = 120_000
"""PJ_ERRNO_START_SYS: where PJLIB's numbers for the system's errors begin."""
USER_AGENT: Final = "Vaxel"


class Incoming(Protocol):
    """Who takes new calls."""

    def incoming(self, call: Call, source: str, text: str) -> None:
        """`source` is `address:port`, `text` the whole INVITE."""


class _Account(pj.Account):  # type: ignore[misc]
    """The one account: takes every call."""

    def __init__(self, endpoint: "Endpoint", incoming: Incoming) -> None:
        super().__init__()
        self._endpoint = endpoint
        self._incoming = incoming

    def onIncomingCall(self, prm: Any) -> None:
        try:
            call = Call(NativeCall(self._endpoint, self, prm.callId))
            rdata = prm.rdata
            try:
                self._incoming.incoming(call, rdata.srcAddress, rdata.wholeMsg)
            except BaseException:  # noqa: BLE001
                callback_failed("incoming_call")
                call.hang_up(500)
        except BaseException:  # noqa: BLE001
            callback_failed("incoming_call")


class _LogWriter(pj.LogWriter):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self._log = LibraryLog()

    def write(self, entry: Any) -> None:
        try:
            self._log.write(entry.level, entry.msg)
        except BaseException:  # noqa: BLE001
            callback_failed("log")


class Endpoint:
    """PJSIP in this process. There is one at most."""

    def __init__(self, settings: WorkerSettings, loop: asyncio.AbstractEventLoop, life: str) -> None:
        """`life` names this worker and its generation; the edge tells a dead worker's dialogs by it."""
        self._settings = settings
        self._life = life
        self._loop = loop
        self._account: _Account | None = None
        self._natives: set[NativeCall] = set()
        self._dead: list[NativeCall] = []
        self._resting: deque[tuple[float, Port]] = deque()
        self._tick: asyncio.TimerHandle | None = None
        self._fd = -1

    # ---- life --------------------------------------------------------------------------------------------------

    def start(self, incoming: Incoming) -> None:
        """Bind, set up media and begin to listen. Raises CannotStart."""
        settings = self._settings
        native = self._native = pj.Endpoint()
        try:
            ctypes.CDLL(pj._pjsua2.__file__).pj_log_set_level(0)  # libCreate writes to stdout before it is configured
            native.libCreate()
            native.libInit(self._configuration())
            self._bind(pj.PJSIP_TRANSPORT_UDP, "udp")
            self._bind(pj.PJSIP_TRANSPORT_TCP, "tcp")
            native.libStart()
            native.audDevManager().setNullDev()
            self._choose_codecs()
            self._account = _Account(self, incoming)
            self._account.create(self._account_configuration())
        except pj.Error as error:
            raise CannotStart(f"PJSIP cannot start: {refused(error).reason}") from None
        self._fd = native.libGetWaitFd()
        self._loop.add_reader(self._fd, self.handle)
        self._tick = self._loop.call_later(TICK, self._ticked)
        log("sip_started", address=settings.address, port=settings.port)

    def handle(self) -> None:
        """Let PJSIP do what is due, and destroy what ended."""
        self._native.libHandleEvents(0)
        if self._dead:
            self._bury_dead()

    def stop(self) -> None:
        """Release everything. Calls should have ended; what is left dies without a word."""
        self._loop.remove_reader(self._fd)
        if self._tick is not None:
            self._tick.cancel()
        for _, port in self._resting:
            port.native = None
        self._resting.clear()
        self._bury_dead()
        for native in tuple(self._natives):
            self._natives.discard(native)
            native.events = None
            native.__swig_destroy__(native)
        self._account = None
        self._native.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)

    # ---- calls -------------------------------------------------------------------------------------------------

    def dial(self, target: str, sender: str, headers: Headers, events: CallEvents) -> Call:
        """Send an INVITE to `target` with `sender` as From. Raises SipError."""
        native = NativeCall(self, self._account)
        prm = operation(headers)
        prm.txOption.localUri = sender
        try:
            native.makeCall(target, prm)
        except pj.Error as error:
            self.bury(native)
            raise refused(error) from None
        native.events = events
        return Call(native)

    def calls(self) -> int:
        """Return how many native calls exist."""
        return len(self._natives)

    def born(self, native: NativeCall) -> None:
        """Keep a native call alive."""
        self._natives.add(native)

    def bury(self, native: NativeCall) -> None:
        """Destroy a native call in a coming turn."""
        if native in self._natives:
            self._natives.discard(native)
            self._dead.append(native)
            self._loop.call_soon(self._bury_dead)

    def rest(self, port: Port) -> None:
        """Destroy a player once nothing can refer to it any more."""
        self._resting.append((time.monotonic() + PLAYER_REST, port))

    def _bury_dead(self) -> None:
        dead, self._dead = self._dead, []
        for native in dead:
            native.__swig_destroy__(native)

    def _ticked(self) -> None:
        try:
            self.handle()
            now = time.monotonic()
            while self._resting and self._resting[0][0] <= now:
                self._resting.popleft()[1].native = None
        finally:
            self._tick = self._loop.call_later(TICK, self._ticked)

    # ---- configuration -----------------------------------------------------------------------------------------

    def _configuration(self) -> Any:
        settings = self._settings
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = min(MAX_CALLS, int(settings.max_legs * SLOTS_FOR_DYING) + 20)
        config.uaConfig.userAgent = USER_AGENT
        media = config.medConfig
        media.clockRate = media.sndClockRate = settings.clock_rate
        media.noVad = True
        media.ecTailLen = 0
        media.quality = RESAMPLE_QUALITY
        media.sndAutoCloseTime = -1
        media.maxMediaPorts = min(PORTS_MAX, 3 * settings.max_legs + 200)
        self._writer = _LogWriter()
        config.logConfig.level = config.logConfig.consoleLevel = settings.log_level
        config.logConfig.msgLogging = 1 if settings.log_level >= 5 else 0
        config.logConfig.decor = 0
        config.logConfig.writer = self._writer.__disown__()
        return config

    def _bind(self, kind: int, name: str) -> None:
        settings = self._settings
        config = pj.TransportConfig()
        config.port = settings.port
        config.boundAddress = settings.address
        config.publicAddress = settings.public_address
        try:
            self._native.transportCreate(kind, config)
        except pj.Error as error:
            where = f"{settings.address}:{settings.port}/{name}"
            number = int(error.status) - ERRNO_START
            if number == errno.EADDRINUSE:
                raise CannotStart(f"{where} is taken: stop what listens there, or set another `port`") from None
            if number == errno.EADDRNOTAVAIL:
                raise CannotStart(f"{where}: this machine has no such address; set `address` to one it has") from None
            what = os.strerror(number) if 0 < number < 200 else refused(error).reason
            raise CannotStart(f"cannot listen on {where}: {what}") from None

    def _choose_codecs(self) -> None:
        known = {str(info.codecId) for info in self._native.codecEnum2()}
        wanted: list[str] = []
        for codec in self._settings.codecs:
            found = next((name for name in known if name == codec or name.startswith(f"{codec}/")), None)
            if found is None:
                raise CannotStart(f"codec {codec} is unknown; `codecs` may hold {', '.join(sorted(known))}")
            wanted.append(found)
        for name in known:
            self._native.codecSetPriority(name, 250 - wanted.index(name) if name in wanted else 0)

    def _account_configuration(self) -> Any:
        settings = self._settings
        config = pj.AccountConfig()
        config.idUri = f"sip:vaxel@{settings.address}"
        config.sipConfig.contactUriParams = f";worker={self._life}"
        media = config.mediaConfig
        low, high = settings.rtp_ports
        media.transportConfig.port = low
        media.transportConfig.portRange = high - low
        media.transportConfig.boundAddress = settings.address
        media.transportConfig.publicAddress = settings.public_address
        media.ipv6Use = pj.PJSUA_IPV6_DISABLED if ":" not in settings.address else pj.PJSUA_IPV6_ENABLED_PREFER_IPV6
        # No second INVITE after an answer with several codecs: simple phones fail at it, and use the first one anyway
        media.lockCodecEnabled = False
        media.srtpUse = pj.PJMEDIA_SRTP_DISABLED
        call = config.callConfig
        if settings.session_expires:
            call.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
            call.timerSessExpiresSec = settings.session_expires
        else:
            call.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
        return config
