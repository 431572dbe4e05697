"""Messages that come in through hooks: a sender's next message goes to the contact that lives, or begins one."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, Protocol

import msgspec
from msgspec import Meta, Struct

from adapters.post.settings import CHANNEL, Hook
from adapters.post.signing import check, secret_in
from router import facts as f
from router.inputs import Arrived, Input, MessageArrived, Refused
from router.letters import CITIZEN, by_whom
from router.outbox import message_id
from router.ports import Secret
from router.state import State

TEXT_MAX: Final = 8000
MARK_BYTES: Final = 12

Wording = Callable[[State], tuple[Input, tuple[Secret, ...]]]


class Message(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a gateway tells. All of it is personal."""

    id: Annotated[str, Meta(min_length=1, max_length=256)]
    """The gateway's own name of the message: told twice, it is taken once."""
    sender: Annotated[str, Meta(min_length=1, max_length=254)]
    """To whom answers go: a telephone number, a room, whatever the gateway knows people by."""
    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]
    name: Annotated[str, Meta(max_length=128)] = ""
    """What the sender is called there."""
    automatic: bool = False
    """A machine wrote it: it is not acknowledged."""


class House(Protocol):
    """What hooks need of the engine."""

    async def tell(self, word: Wording) -> None:
        """Have an input decided; return once that is kept. Raises Refused, also when nothing can be kept just now."""

    def now(self) -> float:
        """Return UTC seconds."""


class Taking:
    """Takes messages in. It follows the spine, to know which contacts live."""

    def __init__(
        self, hooks: Mapping[str, Hook], house: House, person: Callable[[str], str], number: Callable[[str], str]
    ) -> None:
        """`person` returns whose address something is; `number` the normal form of a telephone number."""
        self._hooks = hooks
        self._house = house
        self._person = person
        self._number = number
        self._living: dict[tuple[str, str], str] = {}
        """Hook and person to contact."""
        self._keys: dict[str, tuple[str, str]] = {}
        self.outcomes: Counter[str] = Counter()
        """Messages that came, by what became of them; for metrics."""

    def adopt(self, state: State) -> None:
        """Take over the contacts that an earlier engine had."""
        for id_, contact in state.contacts.items():
            if contact.card.channel == CHANNEL and contact.card.person is not None:
                self._live((contact.card.entry, contact.card.person), id_)

    def decided(self, facts: Sequence[f.AnyFact], _: State) -> None:
        """Forget contacts that have ended."""
        for fact in facts:
            if isinstance(fact, f.ContactEnded) and fact.contact in self._keys:
                key = self._keys.pop(fact.contact)
                if self._living.get(key) == fact.contact:
                    del self._living[key]

    def _live(self, key: tuple[str, str], contact: str) -> None:
        self._living[key] = contact
        self._keys[contact] = key

    async def take(self, name: str, signed: tuple[str, str], body: bytes) -> None:
        """Take a message; return once it is kept. `signed` are time and signature. Raises Refused."""
        hook = self._hooks.get(name)
        if hook is None:
            raise Refused("unknown_hook", "there is no such hook")
        check(secret_in(hook.secret_file), self._house.now(), *signed, body)
        try:
            message = msgspec.json.decode(body, type=Message)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Refused("bad_request", str(error).split(" - ")[0][:200]) from None
        await self._house.tell(self._wording(name, hook, message))

    def _wording(self, name: str, hook: Hook, message: Message) -> Wording:
        sender = self._number(message.sender) if hook.numbers else message.sender
        person = self._person(sender if hook.numbers else f"{name}:{sender}")
        mark = hashlib.sha256(f"{name}\n{message.id}".encode()).digest()[:MARK_BYTES].hex()

        def word(state: State) -> tuple[Input, tuple[Secret, ...]]:
            key = name, person
            living = state.contacts.get(self._living.get(key, ""))
            self.outcomes["told_again" if mark in state.marks else "taken"] += 1
            if mark in state.marks:
                return MessageArrived(contact="", mark=mark), ()
            if living is not None:
                id_, number = living.card.id, living.card.thread.messages + 1
                report: Input = MessageArrived(contact=id_, mark=mark, automatic=message.automatic)
            else:
                id_, number = f"h{secrets.token_hex(MARK_BYTES)}", 1
                report = Arrived(
                    contact=id_,
                    channel=CHANNEL,
                    entry=name,
                    person=person,
                    written=True,
                    automatic=message.automatic,
                    mark=mark,
                )
                self._live(key, id_)
            said = message_id(id_, number)
            kept = [
                Secret(said, "text", message.text),
                Secret(said, "by", by_whom(CITIZEN, self._house.now())),
                Secret(id_, "address", sender),
            ]
            if message.name:
                kept.append(Secret(id_, "name", message.name))
            return report, tuple(kept)

        return word
