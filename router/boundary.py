"""The boundary of departments: the one rule of what is whose business, for whatever is seen, led or heard.

A department owns queues (reasons.yaml). Whoever has departments reaches what stands in their queues, and who serves one
of these; besides, always, the own agent and what is in that one's hands. Who has none reaches everything.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from msgspec import Struct

from router import contact as contacts
from router.api import Caller
from router.inputs import Refused
from router.secondline import is_about
from router.state import State

BOUND: Final = frozenset({"operator", "supervisor", "coordinator", "reader"})
"""Roles that departments bind. Agents see nothing but what is in their hands; administrators run the whole house."""
REFUSED: Final = "not_your_department"


class Reach(Struct, frozen=True):
    """What is somebody's business."""

    queues: frozenset[str] | None = None
    """None for all."""
    agent: str = ""
    """Whom the caller is in queues."""

    @property
    def whole(self) -> bool:
        """Whether it is the whole house."""
        return self.queues is None

    def queue(self, name: str) -> bool:
        """Tell whether a queue is within."""
        return self.queues is None or name in self.queues

    def agents(self, state: State) -> frozenset[str]:
        """Return who is within."""
        return frozenset(id_ for id_ in state.agents if self.has_agent(state, id_))

    def has_agent(self, state: State, id_: str) -> bool:
        """Tell whether an agent is within. One whom nobody knows is: that is said elsewhere."""
        if self.queues is None or id_ == self.agent or id_ not in state.agents:
            return True
        return not self.queues.isdisjoint(state.settings(id_).queues)

    def contact(self, state: State, contact: contacts.Contact) -> bool:
        """Tell whether a contact that lives is within."""
        spot = getattr(contact, "spot", None)
        if self.queues is None or (spot is not None and spot.queue in self.queues):
            return True
        held = getattr(contact, "agent", "") or getattr(contact, "by", "")
        return bool(self.agent) and (held == self.agent or is_about(state, self.agent, contact.card.id))

    def check_queues(self, names: Collection[str]) -> None:
        """Refuse what concerns queues of others; no names stand for all. Raises Refused."""
        if self.queues is not None and not (names and self.queues.issuperset(names)):
            raise refusal()


EVERYTHING: Final = Reach()


def reach_of(caller: Caller, owned: Mapping[str, Iterable[str]]) -> Reach:
    """Return what is a caller's business; `owned` names the queues of each department."""
    if not caller.departments or caller.role not in BOUND:
        return EVERYTHING
    return Reach(frozenset(queue for name in caller.departments for queue in owned.get(name, ())), caller.agent)


def refusal() -> Refused:
    """Return why something of another department is not shown or done."""
    return Refused(REFUSED, "this belongs to another department")


def _offered(state: State, reach: Reach, offer: str) -> bool | None:
    standing = state.offers.get(offer)
    return _living(state, reach, getattr(standing, "contact", "") or offer.rpartition(".")[0])


def _living(state: State, reach: Reach, id_: str) -> bool | None:
    contact = state.contacts.get(id_)
    return None if contact is None else reach.contact(state, contact)


def _called_back(state: State, reach: Reach, id_: str) -> bool | None:
    callback = state.callbacks.get(id_)
    return None if callback is None else reach.queue(getattr(callback, "queue", ""))


def _parked(state: State, reach: Reach, slot: str) -> bool | None:
    for one in state.contacts.values():
        if isinstance(one, contacts.Parked) and one.slot == slot:
            return reach.contact(state, one)
    return True


def _in_crisis(state: State, reach: Reach, name: str) -> bool | None:
    for one in state.crises.values():
        if name in (one.id, one.plan):
            queues = one.measures.queues
            return bool(queues) and all(reach.queue(queue) for queue in queues)
    return True


NAMED: Final[dict[str, Callable[[State, Reach, str], bool | None]]] = {
    "queue": lambda _, reach, name: reach.queue(name),
    "agent": lambda state, reach, name: reach.has_agent(state, name),
    "contact": _living,
    "visit": _living,
    "offer": _offered,
    "callback": _called_back,
    "slot": _parked,
    "crisis": _in_crisis,
    "worker": lambda *_: False,
}
"""What a path may name, and whether that is within. None for what does not live (any more): the past has to tell."""
