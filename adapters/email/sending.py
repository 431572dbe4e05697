"""The outbox's mails on their way out, each under a Message-ID that stays the same whenever it is tried."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from email.errors import MessageError
from typing import Any, Final

from adapters.content import store
from adapters.content.store import ContentStore
from adapters.email import smtp, writing
from adapters.email.identity import Identity
from adapters.email.intake import Vault
from adapters.email.settings import CHANNEL, Mailbox, MailSettings
from adapters.email.wording import LINK, filled, in_language
from adapters.outbox.leaving import Leaving, Outcome
from router import inputs as i
from router.letters import Letter
from router.outbox import Outgoing, message_id

log = logging.getLogger(__name__)

AT_ONCE: Final = 4
"""Mails of one mailbox on their way at the same time."""
FIRST_RETRY_S: Final = 30.0
LONGEST_RETRY_S: Final = 3600.0


class Sender:
    """Sends what the outbox holds."""

    def __init__(
        self,
        settings: MailSettings,
        contents: ContentStore,
        identity: Identity,
        submit: Callable[[Outcome], None],
        vault: Vault,
        degraded: Callable[[], bool],
        now: Callable[[], float],
        spawn: Callable[[str, Coroutine[Any, Any, None]], object],
        link: Callable[[str], str],
        send: Callable[..., Awaitable[None]] = smtp.send,
    ) -> None:
        """`link` returns where a contact's citizen says how it was; nothing when that is not asked any more."""
        self._settings = settings
        self._link = link
        self._contents = contents
        self._identity = identity
        self._vault = vault
        self._degraded = degraded
        self._now = now
        self._send = send
        self.leaving = Leaving(CHANNEL, AT_ONCE, self._try, submit, now, spawn)
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """Mailbox and `sent` or the cause to how many attempts since the start."""

    async def _try(self, message: Outgoing) -> Outcome | None:
        if self._degraded():  # whether it was taken could not be kept
            return None
        box = self._settings.mailbox(message.channel, message.entry)
        try:
            if box is None:
                raise smtp.NotTaken("rejected", final=True)
            if message.prompt in self._settings.asks and not self._link(message.contact):
                # Answered already: a server took it, and we did not live to hear so.
                return i.MessageTaken(contact=message.contact, message=message.number)
            mail, envelope = await self._written(box, message)
            await self._send(box.smtp, envelope, mail)
            await asyncio.to_thread(
                store.add, self._contents.root, message.contact, f"m{message.number}", store.SENT, mail
            )
        except smtp.NotTaken as error:
            return self._not_taken(message, error)
        except Exception as error:  # noqa: BLE001 - one mail's trouble is no other's; it waits, and is seen to wait
            log.warning("a mail waits: %s", type(error).__name__, extra={"action": "mail.waits"})
            return self._not_taken(message, smtp.NotTaken("away", final=False))
        self.outcomes[box.name, "sent"] += 1
        return i.MessageTaken(contact=message.contact, message=message.number)

    def _not_taken(self, message: Outgoing, error: smtp.NotTaken) -> Outcome:
        now = self._now()
        retry_at: float | None = now + min(FIRST_RETRY_S * 2**message.attempts, LONGEST_RETRY_S)
        cause = error.cause
        if not error.retryable:
            retry_at = None
        elif now - message.added > self._settings.give_up:
            cause, retry_at = "given_up", None
        extra = {"action": "mail.not_taken", "mail": message.id, "cause": cause, "final": retry_at is None}
        log.warning("a mail was not taken: %s", error, extra=extra)
        box = self._settings.mailbox(message.channel, message.entry)
        self.outcomes[box.name if box is not None else "", cause] += 1
        return i.MessageNotTaken(contact=message.contact, message=message.number, cause=cause, retry_at=retry_at)

    async def _written(self, box: Mailbox, message: Outgoing) -> tuple[bytes, smtp.Envelope]:
        """Return a mail as it is to leave. Raises NotTaken, StoreAway."""
        kept = await self._vault.get(message.contact)
        own = await self._vault.get(message.id)
        to = kept.get("address", "")
        if not to or (not message.prompt and "text" not in own):
            # What it said, or to whom, has been erased meanwhile.
            raise smtp.NotTaken("no_such_address", final=True)
        answered = await self._answered(message)
        reference = self._identity.reference(message.matter)
        id_ = self._identity.message_id(message.contact, message.number, box.address.rpartition("@")[2])
        languages = (message.language, box.language, *self._settings.texts)
        asks = message.prompt in self._settings.asks
        values = {"reference": reference, "title": box.title}
        if asks:
            values[LINK] = self._link(message.contact)
        said = in_language(self._settings.texts, message.prompt, languages) if message.prompt else own["text"]
        draft = writing.Draft(
            message_id=id_,
            at=message.added,
            to=to,
            name=kept.get("name", ""),
            text=filled(said, values) if message.prompt else said,
            reference=reference,
            language=message.language,
            subject=answered.subject,
            answers=answered.message_id,
            references=answered.references,
            automatic="auto-generated" if asks else "auto-replied" if message.prompt else "",
            files=await self._files(message.contact, own.get("letter", "")),
        )
        try:
            mail = await asyncio.to_thread(writing.write, box, draft)
        except (ValueError, MessageError) as error:
            raise smtp.NotTaken("no_such_address", final=True) from error
        sender = "" if draft.automatic else box.address
        return mail, smtp.Envelope(sender=sender, to=to, id=id_.strip("<>").rpartition("@")[0])

    async def _answered(self, message: Outgoing) -> Letter:
        """Return the letter that a message answers: the citizen's last before it that is still kept."""
        for number in range(message.number - 1, 0, -1):
            key = (await self._vault.get(message_id(message.contact, number))).get("letter")
            letter = await self._contents.letter(message.contact, key) if key else None
            if letter is not None and letter.kind in ("message", "list"):
                return letter
        return Letter()

    async def _files(self, contact: str, key: str) -> tuple[tuple[str, str, bytes], ...]:
        letter = await self._contents.letter(contact, key) if key else None
        files = []
        for one in letter.attachments if letter is not None else ():
            data = await self._contents.file(contact, key, one.file)
            if data is not None:
                files.append((one.name, one.media, data))
        return tuple(files)
