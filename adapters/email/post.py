"""Mail, put together: mailboxes watched, mails taken in, answers sent."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from adapters.content.store import ContentStore
from adapters.email.imap import ImapSession
from adapters.email.intake import Intake, Vault, Work
from adapters.email.mailbox import Watch
from adapters.email.sending import Sender
from adapters.email.settings import CHANNEL, MailSettings, mailbox_of
from adapters.email.wording import filled, in_language
from router.contact import Contact
from router.state import State

Spawn = Callable[[str, Coroutine[Any, Any, None]], object]


class Post:
    """All of mail in one engine."""

    def __init__(
        self,
        settings: MailSettings,
        contents: ContentStore,
        pepper: bytes,
        pool: Work,
        spine: Any,
        vault: Vault,
        person: Callable[[str], str],
        degraded: Callable[[], bool],
        now: Callable[[], float],
        spawn: Spawn,
    ) -> None:
        self.settings = settings
        self._spine = spine
        self._spawn = spawn
        self.intake = Intake(
            settings, contents.root, pepper, pool, spine, lambda: spine.router.state, vault, person, now
        )
        self.sender = Sender(settings, contents, self.intake.identity, spine, vault, degraded, now, spawn)
        self.watches = {
            box.name: Watch(box, self.intake, partial(ImapSession, box, settings.largest_mail), degraded, now)
            for box in settings.mailboxes.values()
        }

    def start(self) -> None:
        """Begin to watch and to send."""
        for name, watch in self.watches.items():
            self._spawn(f"mail-{name}", watch.run())
        if self.watches:
            self._spawn("mail-sender", self.sender.run())

    def outbox(self) -> tuple[int, int]:
        """Return how many mails wait to leave, and how many cannot."""
        state: State = self._spine.router.state
        mails = [one for one in state.outbox.values() if one.channel == CHANNEL]
        failed = sum(1 for one in mails if one.failed is not None)
        return len(mails) - failed, failed

    def reference(self, contact: Contact) -> str:
        """Return the reference number that a citizen knows a contact by."""
        return self.intake.identity.reference(contact.card.matter)

    def texts(self, contact: Contact) -> dict[str, str]:
        """Return name to text, for agents to begin an answer with, in the contact's language, filled in."""
        card, texts = contact.card, self.settings.texts
        box = self.settings.mailboxes.get(mailbox_of(card.entry))
        own = box.language if box is not None else ""
        values = {"reference": self.reference(contact), "title": box.title if box is not None else ""}
        names = {name for language in texts.values() for name in language} - self.settings.house
        found = {name: in_language(texts, name, (card.language, own, *texts)) for name in sorted(names)}
        return {name: filled(text, values) for name, text in found.items()}

    def close(self) -> None:
        """Give up the connections."""
        for watch in self.watches.values():
            watch.close()
