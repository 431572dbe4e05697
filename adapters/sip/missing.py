"""Phones whose registration is lost while their agents talk: they are asked whether they are still there, long before
silence would tell (`adapters.sip.silence`), and again when they are back: who began anew knows of no call. A call may
well go on without its phone's registration; the router hears of it only when there is neither an answer nor a sound."""

from collections.abc import Callable, Sequence

from adapters.sip.fleet import Fleet
from adapters.sip.protocol import Probe
from adapters.sip.wishes import agents_legs
from router.contact import Connected
from router.facts import AnyFact, PhoneFound, PhoneLost
from router.state import State


class Missing:
    """Follows the spine."""

    def __init__(self, fleet: Fleet, edge_up: Callable[[], bool]) -> None:
        """Without the edge no phone is registered, and none could answer."""
        self._fleet = fleet
        self._edge_up = edge_up

    def decided(self, facts: Sequence[AnyFact], state: State) -> Callable[[], None] | None:
        """Work out whom to ask about these facts."""
        talks = [state.talk_at(fact.phone) for fact in facts if isinstance(fact, PhoneLost | PhoneFound)]
        if not any(talks) or not self._edge_up():
            return None
        return lambda: self._ask(talks, state)

    def _ask(self, talks: Sequence[str], state: State) -> None:
        for id_ in talks:
            contact = state.contacts.get(id_)
            worker = self._fleet.home(id_, state) if isinstance(contact, Connected) else None
            if worker is None or not isinstance(contact, Connected):
                continue
            for leg in agents_legs(contact):
                if leg in worker.legs and worker.legs[leg].signal == "answered":
                    worker.client.command(Probe(0, leg))
