"""The demonstration's telephones: PJSIP in this process, as in a worker, with an account for each phone and one for the
network outside, from which citizens ring and where departments are rung."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from adapters.sip.endpoint import Endpoint
from adapters.sip.invitation import name_addr, read_invitation
from adapters.sip.logs import log
from adapters.sip.native import Call, Headers, SipError
from adapters.sip.settings import Network, WorkerSettings
from engine.demo.ear import EVERY_S
from engine.demo.line import Line
from engine.demo.textline import TextLine

OUTSIDE: Final = "outside"
HOST: Final = "127.0.0.1"
CODEC: Final = "PCMA/8000"
"""As public telephony speaks, and the cheapest."""
LINES_MAX: Final = 300
REGISTER_WITHIN_S: Final = 5.0
GONE: Final = 410
RETRY_S: Final = 2.0

Taken = Callable[[Line, str], None]
"""Is given a call that came in, and the number that was called, or the phone."""


class Exchange:
    """All telephones. `start`, then `register` the phones; at the end `refuse_calls`, `hang_up` and `close`."""

    def __init__(self, edge: str, port: int, phones: Mapping[str, Path]) -> None:
        """`edge` is `address:port` of the city; `phones` are names and the files that hold their passwords."""
        self.edge = edge
        self._port = port
        self._loop = asyncio.get_running_loop()
        self._phones = frozenset(phones)
        self._lines: set[Line] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._registered: dict[str, bool] = {}
        self._changed = asyncio.Event()
        self.take: Taken = _refuse
        settings = WorkerSettings(
            name="demo",
            socket="",
            dial_key=b"",
            port=port,
            rtp_ports=(0, 0),
            networks=(Network(name=OUTSIDE, domain=HOST), *(self._phone(name, file) for name, file in phones.items())),
            codecs=(CODEC,),
            clock_rate=8000,
            max_legs=LINES_MAX,
        )
        self._endpoint = Endpoint(settings, self._loop, "")

    def _phone(self, name: str, password_file: Path) -> Network:
        return Network(
            name=name,
            user=name,
            domain=HOST,
            password_file=str(password_file),
            registrar=f"sip:{self.edge}",
            contact=f"sip:{name}@{HOST}:{self._port}",
            expires=60,
        )

    def start(self) -> None:
        """Begin to listen. Raises adapters.sip.errors.CannotStart."""
        self._endpoint.start(self)
        self._sink = self._endpoint.sink()
        self._timer = self._loop.call_later(EVERY_S, self._listen)

    @property
    def lines(self) -> int:
        """How many calls there are."""
        return len(self._lines)

    # ---- phones ------------------------------------------------------------------------------------------------

    async def register(self) -> set[str]:
        """Register all phones; return those that could not be."""
        for name in self._phones:
            registration = self._endpoint.registration(name)
            assert registration is not None  # each phone has one
            registration.registered = _Registering(self, name)
            self._renew(name, active=True)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REGISTER_WITHIN_S):
                while len(self._registered) < len(self._phones):
                    self._changed.clear()
                    await self._changed.wait()
        return {name for name in self._phones if not self._registered.get(name)}

    def _renew(self, name: str, *, active: bool) -> None:
        registration = self._endpoint.registration(name)
        if registration is None:
            return
        try:
            registration.renew(active)
        except SipError as error:
            log("demo_register_failed", phone=name, reason=error.reason)

    def registration_changed(self, name: str, active: bool) -> None:
        """Note the registrar's word, and try again where it failed after all was well."""
        before = self._registered.get(name)
        self._registered[name] = active
        self._changed.set()
        if before and not active and self._timer is not None:
            self._loop.call_later(RETRY_S, lambda: self._renew(name, active=True))

    # ---- calls -------------------------------------------------------------------------------------------------

    def ring(self, called: str, caller: str) -> Line:
        """Ring a number of the city as somebody outside; an empty `caller` withholds the number. Raises SipError."""
        line = self._line()
        self._ring(line, called, caller)
        return line

    def ring_with_text(self, called: str, caller: str) -> TextLine:
        """Ring with a text telephone, without audio. Raises SipError."""
        line = TextLine(self._endpoint.rest, self._sink, self._lines.discard)
        self._ring(line, called, caller, text_alone=True)
        return line

    def _ring(self, line: Line, called: str, caller: str, *, text_alone: bool = False) -> None:
        asserted = ("P-Asserted-Identity", name_addr("", caller or "+46000", HOST))
        headers = (asserted,) if caller else (asserted, ("Privacy", "id"))
        sender = name_addr("", caller or "anonymous", HOST if caller else "anonymous.invalid")
        self._dial(line, OUTSIDE, called, sender, headers, text_alone=text_alone)

    def ring_from(self, phone: str, called: str) -> Line:
        """Ring something from one of the phones. Raises SipError."""
        line = self._line()
        self._dial(line, phone, called, name_addr("", phone, HOST), ())
        return line

    def _dial(
        self, line: Line, network: str, called: str, sender: str, headers: Headers, *, text_alone: bool = False
    ) -> None:
        uri = f"sip:{called}@{self.edge}"
        line.call = self._endpoint.dial(network, uri, sender, headers, line, text_alone=text_alone)
        self._lines.add(line)

    def network(self, source: str, text: str) -> str:
        """Return whose request it is: that of the phone that is called, or of the network outside."""
        called = read_invitation(text).called
        return called if called in self._phones else OUTSIDE

    def incoming(self, call: Call, network: str, text: str) -> None:
        """Take a call that comes in."""
        called, line = read_invitation(text).called, self._line()
        line.call = call
        self._lines.add(line)
        call.listen(line)
        # In the next turn: what is answered inside this callback comes before PJSIP is ready for it
        self._loop.call_soon(lambda: self.take(line, called))

    def _line(self) -> Line:
        return Line(self._endpoint.rest, self._sink, self._lines.discard)

    def _listen(self) -> None:
        self._timer = self._loop.call_later(EVERY_S, self._listen)
        for line in tuple(self._lines):
            line.listen()

    # ---- the end -----------------------------------------------------------------------------------------------

    def refuse_calls(self) -> None:
        """Take no call any more."""
        self.take = _refuse

    async def hang_up(self, within: float = 1.5) -> None:
        """End every call."""
        for line in tuple(self._lines):
            line.hang_up()
        for _ in range(round(within / EVERY_S)):
            if not self._endpoint.calls():
                return
            await asyncio.sleep(EVERY_S)

    async def close(self, within: float = 1.5) -> None:
        """Take the registrations back, and stop."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        for name, active in tuple(self._registered.items()):
            if active:
                self._renew(name, active=False)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while any(self._registered.values()):
                    self._changed.clear()
                    await self._changed.wait()
        await asyncio.sleep(EVERY_S)  # the last answers leave
        self._endpoint.stop()


def _refuse(line: Line, _called: str) -> None:
    line.refuse(GONE)


class _Registering:
    """Hears what the registrar says to one phone, as `adapters.sip.accounts.Registered`."""

    def __init__(self, exchange: Exchange, phone: str) -> None:
        self._exchange = exchange
        self._phone = phone

    def answered(self, active: bool, code: int) -> None:
        """Pass it on."""
        if not active and code >= 300:
            log("demo_not_registered", phone=self._phone, code=code)
        self._exchange.registration_changed(self._phone, active)
