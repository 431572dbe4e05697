"""The workers as they are believed to be: which legs there are, whose they are, and where a contact's legs belong."""

from msgspec import Struct

from adapters.sip.client import Line
from adapters.sip.difference import LegNow
from adapters.sip.plan import CITIZEN_CHANNELS
from adapters.sip.reporting import worker_of
from router.state import State


class Worker(Struct):
    """What is believed of a worker's legs."""

    client: Line
    address: str = ""
    """`host:port` of its SIP, for callers that are sent there."""
    legs: dict[str, LegNow] = {}
    by_contact: dict[str, dict[str, None]] = {}
    """Contact to its legs, in the order of their coming."""
    owners: dict[str, str] = {}
    """Leg to the contact under which it stands in `by_contact`."""
    heard: int = 0
    """Number of the last event taken in since the connection came up."""
    trusted: bool = False
    """Compared since the connection came up."""
    expected: bool = True
    """It was neither compared nor given up since we began."""
    unreleased: int = 0
    """Commands decided on that wait for their facts to be kept."""
    leaving: dict[str, str] = {}
    """Legs that were hung up and have not ended yet, with what was dialled."""

    @property
    def untold(self) -> bool:
        """Tell whether it may have legs that we know nothing of: it is about to tell, or was never asked yet."""
        return not self.trusted and (self.client.connected or (self.expected and self.client.life is None))

    def trust(self) -> None:
        """It has told what is."""
        self.trusted, self.expected = True, False

    def lose(self) -> None:
        """The connection is gone. Nobody waits for it: it may be silent for long."""
        self.trusted = self.expected = False
        self.heard = 0  # a worker that was started anew counts from 1 again

    def believe(self, leg: str, now: LegNow, contact: str) -> None:
        """Take a leg for a contact's, wherever it stood before."""
        self.forget(leg)
        self.legs[leg] = now
        self.owners[leg] = contact
        self.by_contact.setdefault(contact, {})[leg] = None

    def hang_up(self, leg: str) -> None:
        """A leg is to end; until it has, its phone may still ring."""
        known = self.legs.get(leg)
        if known is not None and known.target:
            self.leaving[leg] = known.target
        self.forget(leg)

    def forget(self, leg: str) -> None:
        """A leg is gone."""
        self.legs.pop(leg, None)
        contact = self.owners.pop(leg, "")
        legs = self.by_contact.get(contact)
        if legs is not None:
            legs.pop(leg, None)
            if not legs:
                del self.by_contact[contact]


class Fleet:
    """All workers. The legs of one contact live on one of them: on that of the leg that rang us, or, when we begin to
    call, on the one with most room at that time."""

    def __init__(self) -> None:
        self.workers: dict[str, Worker] = {}
        self._homes: dict[str, str] = {}
        """Contact to its worker, where its name does not tell."""

    def add(self, client: Line, address: str = "") -> None:
        """Take a worker into service; `address` is where it takes SIP."""
        self.workers[client.name] = Worker(client, address)

    def may_ring(self, worker: Worker, target: str) -> bool:
        """Tell whether no other worker may still have to end a leg at a phone: a phone is rung again only when it is
        free, and what two workers send may overtake each other."""
        others = [one for one in self.workers.values() if one is not worker]
        ending = (one.leaving.values() for one in others if one.client.connected)
        return not any(one.untold for one in others) and not any(target in targets for targets in ending)

    def home(self, contact: str, state: State) -> Worker | None:
        """Return the worker that has, or shall have, the legs of a contact; None when there is none to have them."""
        named = self.workers.get(worker_of(contact))
        current = state.contacts.get(contact)
        if current is not None and current.card.channel not in CITIZEN_CHANNELS:
            return None
        if current is None:  # a callback is named after the call in which it was promised, and lived elsewhere
            told = contact not in self._homes
        else:
            told = current.card.leg == contact or (named is not None and contact in named.by_contact)
        if named is not None and told:
            return named
        if contact not in self._homes and not self._find_home(contact):
            return None
        home = self._homes[contact]
        if current is None:
            del self._homes[contact]
        return self.workers[home]

    def is_named_after(self, contact: str, worker: Worker) -> bool:
        """Tell whether a contact began with a leg that rang this worker."""
        return worker_of(contact) == worker.client.name and contact not in self._homes

    def _find_home(self, contact: str) -> bool:
        """Give a contact whose legs we dial a worker: where it has legs already, or where there is most room."""
        there = next((name for name, worker in self.workers.items() if contact in worker.by_contact), None)
        if there is None:
            if any(worker.untold for worker in self.workers.values()):
                return False  # its legs may be on one of those: the comparison that follows tells
            able = [name for name, worker in self.workers.items() if worker.trusted]
            there = min(able, key=lambda name: len(self.workers[name].legs), default=None)
        if there is not None:
            self._homes[contact] = there
        return there is not None
