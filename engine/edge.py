"""Between the edge and the calls: which workers get calls, and which phones can be rung."""

from collections.abc import Callable, Collection, Sequence

from adapters.edge.client import WorkerNow
from adapters.sip.client import WorkerClient
from router.dialling import PHONE
from router.inputs import PhoneGone, PhoneSeen
from router.state import State

Submit = Callable[[PhoneSeen | PhoneGone], None]


class EdgeDesk:
    """What the edge is told, and who hears of its phones; an `adapters.edge.client.EdgeDesk`."""

    def __init__(
        self,
        clients: Sequence[WorkerClient],
        phones: Collection[str],
        outside: frozenset[str],
        state: Callable[[], State],
        submit: Submit,
    ) -> None:
        """`phones` are those at which one works; `outside` those of them that are numbers outside, and always there."""
        self._clients = clients
        self._phones = phones
        self._outside = outside
        self._state = state
        self._submit = submit

    def workers(self) -> dict[str, WorkerNow]:
        """Return every worker: whether it takes calls, and its generation."""
        return {client.name: WorkerNow(_room(client), client.life) for client in self._clients}

    def registered(self, phones: frozenset[str]) -> None:
        """Tell the router of phones that have come or gone, as it knows them: an offer to a phone that is gone is taken
        back, and no other is made (rule 5)."""
        lost, phones = self._state().lost, phones | self._outside
        for name in self._phones:
            address = f"{PHONE}{name}"
            if (name in phones) != (address not in lost):
                self._submit(PhoneSeen(phone=address) if name in phones else PhoneGone(phone=address))


def _room(client: WorkerClient) -> bool | None:
    if client.life is None:
        return None
    beat = client.last_beat
    return client.connected and (beat is None or beat.room)
