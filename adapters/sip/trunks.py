"""Registrations at trunks: the engine says which ones, and they are kept until it says otherwise, engine or not."""

import asyncio
from collections.abc import Callable
from typing import Final

from adapters.sip.accounts import Registration
from adapters.sip.events import Events
from adapters.sip.logs import log
from adapters.sip.native import SipError
from adapters.sip.protocol import Trunk, TrunkState

TRY_AGAIN: Final = 1.0
"""Seconds until a registration that failed is tried again the first time; twice as long each further time."""
TRY_AGAIN_MAX: Final = 60.0
BUSY: Final = 0.5
"""Seconds until it is tried again when the registrar has not yet answered the last time."""


class _Enlisted:
    """A trunk that this worker registers. Hears of it as `accounts.Registered`."""

    def __init__(self, owner: "Trunks", network: str, registration: Registration) -> None:
        self.network = network
        self.registration = registration
        self.wanted = True
        self.registered = False
        self.code = 0
        """The registrar's last answer."""
        self.pending = False
        """The registrar has yet to answer."""
        self.failures = 0
        """In a row."""
        self.timer: asyncio.TimerHandle | None = None
        """Tries again."""
        self._owner = owner

    def answered(self, active: bool, code: int) -> None:
        self._owner.answered(self, active, code)


class Trunks:
    """The trunks enlisted at this worker."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        events: Events,
        registration: Callable[[str], Registration | None],
    ) -> None:
        self._loop = loop
        self._events = events
        self._registration = registration
        self._enlisted: dict[str, _Enlisted] = {}

    def picture(self) -> tuple[Trunk, ...]:
        """Return what is."""
        return tuple(Trunk(trunk.network, trunk.registered, trunk.code) for trunk in self._enlisted.values())

    def enlist(self, network: str, active: bool) -> bool:
        """Register a network's trunk, or take its registration back; False if it has no registrar."""
        registration = self._registration(network)
        if registration is None:
            return False
        trunk = self._enlisted.get(network)
        if trunk is None:
            if not active:
                return True
            trunk = self._enlisted[network] = _Enlisted(self, network, registration)
            registration.registered = trunk
        elif trunk.wanted == active:
            return True
        trunk.wanted = active
        trunk.failures = 0
        if active or trunk.registered:
            self._renew(trunk)
        elif not trunk.pending:
            self._drop(trunk)
        return True

    def stop(self) -> None:
        """Take all registrations back: another worker is to register them."""
        for network in tuple(self._enlisted):
            self.enlist(network, False)

    def answered(self, trunk: _Enlisted, active: bool, code: int) -> None:
        """Note what the registrar said, and do what follows."""
        changed = (trunk.registered, trunk.code) != (active, code)
        trunk.registered, trunk.code, trunk.pending = active, code, False
        if not active and not trunk.wanted:
            self._drop(trunk)
            return
        if active and trunk.wanted:
            trunk.failures = 0
        elif active:
            self._later(trunk, 0.0)
        else:
            self._later(trunk, min(TRY_AGAIN * 2**trunk.failures, TRY_AGAIN_MAX))
            trunk.failures += 1
        if changed:
            self._tell(trunk)

    def _renew(self, trunk: _Enlisted) -> None:
        if trunk.timer is not None:
            trunk.timer.cancel()
            trunk.timer = None
        try:
            trunk.pending = True
            trunk.registration.renew(trunk.wanted)
        except SipError as error:
            log("registration_failed", network=trunk.network, reason=error.reason)
            self._later(trunk, BUSY)

    def _later(self, trunk: _Enlisted, seconds: float) -> None:
        if trunk.timer is not None:
            trunk.timer.cancel()
        trunk.timer = self._loop.call_later(seconds, self._renew, trunk)

    def _drop(self, trunk: _Enlisted) -> None:
        if trunk.timer is not None:
            trunk.timer.cancel()
        trunk.registration.registered = None
        del self._enlisted[trunk.network]
        self._tell(trunk)

    def _tell(self, trunk: _Enlisted) -> None:
        log("trunk_state", network=trunk.network, registered=trunk.registered, code=trunk.code)
        self._events.emit(TrunkState, trunk.network, trunk.registered, trunk.code)
