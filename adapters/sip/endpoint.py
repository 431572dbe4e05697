"""Starting, driving and stopping PJSIP: settings into its configuration, its epoll descriptor into the event loop."""

import asyncio
import ctypes
import errno
import os
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import pjsua2 as pj

from adapters.sip.accounts import Account, Incoming, Registration, for_calls, for_registration
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


class _LogWriter(pj.LogWriter):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self._log = LibraryLog()

    def write(self, entry: Any) -> None:
        try:
            self._log.write(entry.level, entry.msg)
        except BaseException:  # noqa: BLE001
            callback_failed("log")


class _Native(pj.Endpoint):  # type: ignore[misc]
    """Chooses the account that takes a request; in our wheel no other thread ever calls this class."""

    def __init__(self, account_of: Callable[[str, str], int]) -> None:
        super().__init__()
        self._account_of = account_of

    def onSelectAccount(self, prm: Any) -> None:
        prm.accountIndex = pj.PJSUA_INVALID_ID  # the default, for strangers
        try:
            rdata = prm.rdata
            prm.accountIndex = self._account_of(rdata.srcAddress, rdata.wholeMsg)
        except BaseException:  # noqa: BLE001
            callback_failed("select_account")


class Endpoint:
    """PJSIP in this process. There is one at most."""

    def __init__(self, settings: WorkerSettings, loop: asyncio.AbstractEventLoop, life: str) -> None:
        """`life` names this worker and its generation; the edge tells a dead worker's dialogs by it. Telephones that
        are no worker's have none."""
        self._settings = settings
        self._life = life
        self._loop = loop
        self._strangers: Account | None = None
        """Takes the calls that belong to no network."""
        self._accounts: dict[str, Account] = {}
        self._registrations: dict[str, Registration] = {}
        self._natives: set[NativeCall] = set()
        self._dead: list[NativeCall] = []
        self._resting: deque[tuple[float, Port]] = deque()
        self._tick: asyncio.TimerHandle | None = None
        self._fd = -1

    # ---- life --------------------------------------------------------------------------------------------------

    def start(self, incoming: Incoming) -> None:
        """Bind, set up media and begin to listen. Raises CannotStart."""
        settings = self._settings
        self._incoming = incoming
        native = self._native = _Native(self._account_of)
        try:
            ctypes.CDLL(pj._pjsua2.__file__).pj_log_set_level(0)  # libCreate writes to stdout before it is configured
            native.libCreate()
            native.libInit(self._configuration())
            self._bind(pj.PJSIP_TRANSPORT_UDP, "udp")
            self._bind(pj.PJSIP_TRANSPORT_TCP, "tcp")
            native.libStart()
            native.audDevManager().setNullDev()
            self._choose_codecs()
            self._add_accounts(incoming)
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
        self._strangers = None
        self._accounts.clear()
        self._registrations.clear()
        self._native.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)

    # ---- calls -------------------------------------------------------------------------------------------------

    def dial(
        self, network: str, target: str, sender: str, headers: Headers, events: CallEvents, *, text_alone: bool = False
    ) -> Call:
        """Send an INVITE to `target` in a network, with `sender` as From; with text instead of audio if wanted. Raises
        SipError."""
        native = NativeCall(self, self._accounts[network])
        prm = operation(headers, audio=not text_alone, text=text_alone)
        prm.txOption.localUri = sender
        try:
            native.makeCall(target, prm)
        except pj.Error as error:
            self.bury(native)
            raise refused(error) from None
        native.events = events
        call = Call(native)
        call.offered(audio=not text_alone, text=text_alone)
        return call

    def registration(self, network: str) -> Registration | None:
        """Return our registration at a network's registrar, if it has one."""
        return self._registrations.get(network)

    def sink(self) -> Port:
        """Return a port that hears what it is fed and says nothing: who feeds it can be measured."""
        return Port(self._native.audDevManager().getPlaybackDevMedia())

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

    def _account_of(self, source: str, text: str) -> int:
        account = self._accounts.get(self._incoming.network(source, text), self._strangers)
        assert account is not None  # there are no requests before `start` and after `stop`
        return int(account.getId())

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

    def _add_accounts(self, incoming: Incoming) -> None:
        """Make an account for strangers, the default, and one for each network and registration."""
        settings = self._settings
        self._strangers = Account(self, incoming, "")
        self._strangers.create(for_calls(settings, None, self._life), True)
        for network in settings.networks:
            account = self._accounts[network.name] = Account(self, incoming, network.name)
            account.create(for_calls(settings, network, self._life))
            if network.registrar:
                registration = self._registrations[network.name] = Registration()
                registration.create(for_registration(settings, network))

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
