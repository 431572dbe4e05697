"""How addresses of the core are reached by SIP: phones at the edge, fixed phones, numbers through a trunk.

Numbers outside are personal values: the core knows pseudonyms, here are the numbers behind them, as long as a call
needs them. No leg is dialled but with the gate's permit (`router.dialling`).
"""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from msgspec import Struct

from adapters.sip.difference import Caller, Dialled
from adapters.sip.plan import LegPlan
from router.dialling import PHONE, Destination, Gate, Number
from router.state import State

RING_AT_MOST: Final = 90.0
"""Seconds after which a worker gives up a leg that nobody takes back; the router's own deadlines come earlier."""
MARGIN: Final = 5.0
"""Seconds by which the worker's time-out for an offer lies behind the offer's own."""


LATEST: Final = 100
BROWSERS: Final = "browsers"
"""The network of phones that are pages."""
WEBCALLS: Final = "webcalls"
"""The network of pages from which citizens ring."""


class Outside(Struct, frozen=True):
    """The trunk that takes numbers outside."""

    network: str
    place: str
    """`host:port` as a SIP URI writes it."""
    shows: str = ""
    """The number shown when a queue names none."""


class Reaching:
    """Answers how to dial."""

    def __init__(
        self,
        gate: Gate,
        epoch: int,
        edge: str = "",
        outside: Outside | None = None,
        domains: Mapping[str, Outside] | None = None,
        browsers: Collection[str] = (),
        numbers: Mapping[str, Number] | None = None,
        confirm: Callable[[], tuple[str, ...]] = lambda: (),
    ) -> None:
        """`edge` is `address:port` at which registered phones are rung; `domains` are those of SIP addresses, with the
        trunks that lead there; `browsers` are phones that are pages, `numbers` those that are numbers outside, where
        whoever picks up is asked by the files `confirm` to press a key."""
        self._browsers = frozenset(browsers)
        self._phones = numbers or {}
        self._confirm = confirm
        self._domains = domains or {}
        self._gate = gate
        self._epoch = epoch
        self._edge = edge
        self._outside = outside
        self._numbers: dict[str, Number] = {}
        """Address in the core (`number:…`) to the number."""

    def remember(self, address: str, number: Number) -> None:
        """Know the number behind a pseudonym, before a decision names it."""
        self._numbers.pop(address, None)
        self._numbers[address] = number

    def number(self, address: str) -> Number | None:
        """Return the number behind a pseudonym, None when it is not known (any more)."""
        return self._numbers.get(address)

    def forget(self, needed: set[str]) -> None:
        """Drop all numbers but those of the addresses still `needed`, and the latest: a decision may be about to name
        them."""
        latest = [*self._numbers][-LATEST:]
        kept = needed.union(latest)
        self._numbers = {address: number for address, number in self._numbers.items() if address in kept}

    def dial(self, plan: LegPlan, state: State, caller: Caller) -> Dialled | None:
        """Return how to dial a leg; None when its number is not known, or no trunk takes it."""
        ringing = plan.ringing or plan.refer
        if ringing is None:
            return None
        destination = ringing.destination
        if destination is not None and destination.outside:
            return self._ring_outside(plan.leg, destination, state, ringing.queue)
        address = destination.address if destination is not None else state.agents[ringing.agent].desk.address
        if not address:
            return None
        offer = state.offers.get(plan.leg)
        made, deadline = getattr(offer, "made", 0.0), getattr(offer, "deadline", 0.0)
        timeout = deadline - made + MARGIN if deadline else RING_AT_MOST
        number = self._phones.get(address.removeprefix(PHONE))
        if number is not None:
            return self._dial_number(plan.leg, number, state, ringing.queue, timeout, self._confirm())
        network = BROWSERS if address.removeprefix(PHONE) in self._browsers else ""
        return Dialled(self._gate.phone(plan.leg, self.uri(address), self._epoch), caller, timeout, network)

    def uri(self, address: str) -> str:
        """Return where to ring a phone of the house: a registered one (`phone:NAME`) through the edge."""
        phone = address.removeprefix(PHONE)
        return address if phone == address else f"sip:{phone}@{self._edge}"

    def _ring_outside(self, leg: str, destination: Destination, state: State, queue: str) -> Dialled | None:
        number = self._numbers.get(destination.address)
        return self._dial_number(leg, number, state, queue) if number is not None else None

    def _dial_number(
        self,
        leg: str,
        number: Number,
        state: State,
        queue: str,
        timeout: float = RING_AT_MOST,
        confirm: tuple[str, ...] = (),
    ) -> Dialled | None:
        outside = self._domains.get(number.domain) if number.domain else self._outside
        if outside is None:
            return None
        settings = state.configuration.queues.get(queue)
        shown = (settings.shows if settings is not None else "") or outside.shows
        permit = self._gate.number(leg, number, outside.place, self._epoch)
        caller = Caller(shown) if shown else Caller()
        return Dialled(permit, caller, timeout, outside.network, shown, confirm)
