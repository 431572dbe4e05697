"""From a mail in a mailbox to the router, exactly once: which conversation it belongs to, and whether it is known."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import msgspec
from msgspec import Struct, structs

from adapters.content import store
from adapters.email import reading
from adapters.email.identity import Identity, references_in
from adapters.email.imap import Mail
from adapters.email.settings import CHANNEL, Mailbox, MailSettings, entry_of
from router import inputs as i
from router.contact import Contact
from router.inputs import Refused
from router.letters import CITIZEN, Place, by_whom
from router.outbox import message_id
from router.ports import Secret
from router.state import State

log = logging.getLogger(__name__)

TEXT_MAX: Final = 65_536
"""Characters of a mail's text that the vault keeps; all of it lies in the content store."""
LOOKED_UP: Final = 20
"""Mails named by one mail that are looked up."""

MOVED_ON: Final = "moved_on"
MACHINES: Final = frozenset({"automatic", "report"})
Outcome = Literal["contact", "message", "known", "own", "noted", "gone"]
"""What became of a mail: a new contact; one more message of a contact; taken in before; written by ourselves; kept with
the conversation it tells of, which is over, and nobody's work; gone from the mailbox before it was read."""


class Target(Struct, frozen=True, kw_only=True):
    """Where a mail belongs."""

    contact: str
    """The one it continues, or the one that it begins."""
    begins: bool
    matter: str = ""
    agent: str = ""
    """Who is to have it, if possible."""
    follows: str = ""
    """The contact whose conversation it goes on with, and which is over."""


class Spine(Protocol):
    """What is needed of `engine.spine`."""

    @property
    def heard(self) -> Mapping[str, int]:
        """Source to the highest number taken in."""

    def tell(self, word: Callable[[State], tuple[Any, tuple[Secret, ...]]], answer: Callable[[Any], None]) -> None:
        """Take in what is worded when its turn comes."""


class Vault(Protocol):
    """What is needed of `adapters.redis.vault`."""

    async def get(self, owner: str) -> dict[str, str]:
        """Return kind to value."""


Work = Callable[..., Awaitable[Any]]


class Intake:
    """Takes mails in, one after the other: the same mail may lie in two mailboxes."""

    def __init__(
        self,
        settings: MailSettings,
        contents: Path,
        pepper: bytes,
        pool: Work,
        spine: Spine,
        state: Callable[[], State],
        vault: Vault,
        person: Callable[[str], str],
        now: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._contents = contents
        self._pepper = pepper
        self.identity = Identity(pepper)
        self._pool = pool
        self._spine = spine
        self._state = state
        self._vault = vault
        self._person = person
        self._now = now
        self._turn = asyncio.Lock()
        self.outcomes: Counter[tuple[str, Outcome]] = Counter()
        """Mailbox and outcome to how many mails since the start."""
        self.kinds: Counter[tuple[str, str]] = Counter()

    def heard(self, box: Mailbox, uidvalidity: int) -> int:
        """Return up to which UID a mailbox was taken in."""
        return self._spine.heard.get(source_of(box, uidvalidity), 0)

    async def take(self, box: Mailbox, uidvalidity: int, uid: int, mail: Mail) -> Outcome:
        """Take a mail in; once this returns it is in the journal. Raises OSError, Refused, StoreAway."""
        key = f"{box.name}-{uidvalidity}-{uid}"
        how = reading.Reading(
            root=str(self._contents),
            pepper=self._pepper,
            language=box.language,
            languages=self._settings.languages,
            largest_attachment=self._settings.largest_attachment,
        )
        head = await self._read(mail, key, how)
        self.kinds[box.name, head.kind] += 1
        async with self._turn:
            outcome = await self._decide(box, uidvalidity, uid, key, head)
        self.outcomes[box.name, outcome] += 1
        extra = {"action": "mail.taken", "mailbox": box.name, "uid": uid, "kind": head.kind, "outcome": outcome}
        log.info("a mail was taken in", extra=extra)
        return outcome

    async def _read(self, mail: Mail, key: str, how: reading.Reading) -> reading.Head:
        """Return the head of a mail; of one that breaks its reader the headers alone are read, and it is kept whole."""
        try:
            head: reading.Head = await self._pool(reading.read, mail.raw, key, how, mail.truncated)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a stranger's bytes lead to, those behind them are read
            log.error("a mail breaks its reader: %s", type(error).__name__, extra={"action": "mail.unreadable"})
            head = await self._pool(reading.read_headers, mail.raw, key, how)
        return head

    async def _decide(self, box: Mailbox, uidvalidity: int, uid: int, key: str, head: reading.Head) -> Outcome:
        seen = self.identity.owner("seen", head.digest)
        if head.own or await self._is_known(seen):
            await asyncio.to_thread(store.give_up, self._contents, key)
            return "own" if head.own else "known"
        while True:
            target = await self._target(head, key)
            if target.begins and target.follows and head.kind in MACHINES and not await self._is_work(head):
                await asyncio.to_thread(store.file_away, self._contents, target.follows, key)
                return "noted"
            await asyncio.to_thread(store.file_away, self._contents, target.contact, key)
            source = i.Report(source=source_of(box, uidvalidity), number=uid)
            if await self._tell(partial(self._word, box, source, key, head, target, seen)):
                return "contact" if target.begins else "message"

    async def _tell(self, word: Callable[[State], tuple[Any, tuple[Secret, ...]]]) -> bool:
        """Return whether it was taken in; False when the conversation has changed meanwhile. Raises Refused."""
        kept: asyncio.Future[Refused | None] = asyncio.get_running_loop().create_future()

        def answer(refused: Refused | None) -> None:
            if not kept.done():
                kept.set_result(refused)

        self._spine.tell(word, answer)
        refused = await kept
        if refused is not None and refused.error_id != MOVED_ON:
            raise refused
        return refused is None

    async def _is_known(self, seen: str) -> bool:
        """Tell whether a mail is in the journal: what the vault says of it is written a moment before that."""
        written = (await self._vault.get(seen)).get("thread")
        if written is None:
            return False
        source, _, number = written.rpartition(" ")
        return int(number) <= self._spine.heard.get(source, 0)

    async def _is_work(self, head: reading.Head) -> bool:
        """Tell whether what a machine writes about a conversation that is over needs somebody: an answer was lost."""
        report = head.report
        if report is None or report.delivery != "failed":
            return False
        return "text" in await self._vault.get(message_id(report.contact, report.message))

    # ---- where it belongs ----------------------------------------------------------------------------------------

    async def _target(self, head: reading.Head, key: str) -> Target:
        """Return the conversation that a mail goes on with, or that it begins one."""
        before = await self._answered(head)
        if before is None:
            return Target(contact=key, begins=True)
        place = await self.place(before)
        living = _living(self._state(), before, place.matter, self._person_of(head))
        if living is not None:
            return Target(contact=living, begins=False, matter=place.matter)
        return Target(contact=key, begins=True, matter=place.matter, agent=place.agent, follows=before)

    async def _answered(self, head: reading.Head) -> str | None:
        """Return the contact that a mail answers: by ids of ours, by ids of mails that arrived, by reference number."""
        if head.ours:
            return head.ours[0].contact
        owners = [self.identity.owner("mail", id_) for id_ in (*head.references[:LOOKED_UP], head.message_id) if id_]
        owners += [self.identity.owner("reference", one) for one in references_in(head.subject)]
        for owner in owners:
            contact = (await self._vault.get(owner)).get("thread")
            if contact is not None:
                return contact
        return None

    async def place(self, contact: str) -> Place:
        """Return where a conversation stands, also when its contact is over. Raises StoreAway."""
        written = (await self._vault.get(contact)).get("thread")
        living = self._state().contacts.get(contact)
        place = msgspec.json.decode(written, type=Place) if written is not None else Place(contact)
        return structs.replace(place, matter=living.card.matter) if living is not None else place

    def _person_of(self, head: reading.Head) -> str | None:
        """Return whose contact it is; None for machines, who write for anybody."""
        return self._person(head.sender.lower()) if head.sender and head.kind not in MACHINES else None

    # ---- telling the router --------------------------------------------------------------------------------------

    def _word(
        self,
        box: Mailbox,
        source: i.Report,
        key: str,
        head: reading.Head,
        target: Target,
        seen: str,
        state: State,
    ) -> tuple[i.Report, tuple[Secret, ...]]:
        """Word the report. Raises Refused when the conversation is not what it was."""
        person = self._person_of(head)
        if target.begins:
            if target.follows and _living(state, target.follows, target.matter, person) is not None:
                raise _moved_on()
            number, id_ = 1, key
        else:
            living = state.contacts.get(target.contact)
            if living is None:
                raise _moved_on()
            number, id_ = living.card.thread.messages + 1, target.contact
        secrets = [
            Secret(message_id(id_, number), "text", head.text[:TEXT_MAX]),
            Secret(message_id(id_, number), "letter", key),
            Secret(message_id(id_, number), "by", by_whom(CITIZEN, self._now())),
            Secret(seen, "thread", f"{source.source} {source.number}"),
        ]
        if head.message_id:
            secrets.append(Secret(self.identity.owner("mail", head.message_id), "thread", id_))
        if not target.begins:
            told = i.MessageArrived(
                contact=id_, automatic=head.kind != "message", source=source.source, number=source.number
            )
            return told, tuple(secrets)
        entry = entry_of(box.name, head.language, box.language)
        if not any(one.channel == CHANNEL and one.address == entry for one in state.configuration.entries):
            raise Refused("not_ready", "the configuration in force does not know this mailbox yet", retryable=True)
        secrets += self._of_contact(id_, head, target)
        arrived = i.Arrived(
            contact=id_,
            channel=CHANNEL,
            entry=entry,
            person=person,
            preferred=target.agent or None,
            matter=target.matter,
            written=True,
            automatic=head.kind != "message",
            source=source.source,
            number=source.number,
        )
        return arrived, tuple(secrets)

    def _of_contact(self, id_: str, head: reading.Head, target: Target) -> Iterator[Secret]:
        """Yield what is kept of who writes, and by what the conversation is found again."""
        matter = target.matter or id_
        place = Place(matter, target.agent, target.follows)
        yield Secret(id_, "address", head.sender)
        yield Secret(id_, "name", head.name)
        yield Secret(id_, "thread", msgspec.json.encode(place).decode())
        yield Secret(self.identity.owner("reference", self.identity.reference(matter)), "thread", id_)


def source_of(box: Mailbox, uidvalidity: int) -> str:
    """Return the source of a mailbox's reports: UIDs mean something only as long as their validity stays."""
    return f"mail:{box.name}:{uidvalidity}"


def _living(state: State, contact: str, matter: str, person: str | None) -> str | None:
    """Return the contact by mail of a matter that a mail of `person` goes on with; of anybody for a machine.

    Who else writes about a matter gets an answer at the address written from: a contact of its own, joined to it.
    """
    at_hand = state.contacts.get(contact)
    if at_hand is not None and _goes_on(at_hand, matter, person):
        return contact
    if person is None:
        return None
    return next((id_ for id_, one in state.contacts.items() if _goes_on(one, matter, person)), None)


def _goes_on(contact: Contact, matter: str, person: str | None) -> bool:
    card = contact.card
    return card.channel == CHANNEL and card.matter == matter and (person is None or card.person == person)


def _moved_on() -> Refused:
    return Refused(MOVED_ON, "the conversation has changed meanwhile", retryable=True)
