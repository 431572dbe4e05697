"""Mail, put together: mailboxes watched, mails taken in, answers sent."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from adapters.content.store import ContentStore
from adapters.email.identity import references_in
from adapters.email.imap import ImapSession
from adapters.email.intake import Intake, Vault, Work
from adapters.email.mailbox import Watch
from adapters.email.sending import Sender
from adapters.email.settings import MailSettings
from adapters.email.wording import PLAIN, filled, in_language
from router.contact import Contact

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
        link: Callable[[str], str],
    ) -> None:
        """`link`: see `adapters.email.sending.Sender`."""
        self.settings = settings
        self._spine = spine
        self._spawn = spawn
        self._vault = vault
        self.intake = Intake(
            settings, contents.root, pepper, pool, spine, lambda: spine.router.state, vault, person, now
        )
        self.sender = Sender(settings, contents, self.intake.identity, spine.submit, vault, degraded, now, spawn, link)
        self.watches = {
            box.name: Watch(box, self.intake, partial(ImapSession, box, settings.largest_mail), degraded, now)
            for box in settings.mailboxes.values()
        }

    def start(self) -> None:
        """Begin to watch and to send, also what an earlier engine did not."""
        self.sender.leaving.adopt(self._spine.router.state)
        for name, watch in self.watches.items():
            self._spawn(f"mail-{name}", watch.run())
        if self.watches:
            self._spawn("mail-sender", self.sender.leaving.run())

    def reference(self, matter: str) -> str:
        """Return the reference number by which citizens know a matter."""
        return self.intake.identity.reference(matter)

    async def matter_of(self, reference: str) -> str | None:
        """Return the matter that citizens know by a reference number, None when there is none. Raises StoreAway."""
        for one in references_in(f"[#{reference.strip().upper()}]"):
            contact = (await self._vault.get(self.intake.identity.owner("reference", one))).get("thread")
            return (await self.intake.place(contact)).matter if contact is not None else None
        return None

    def texts(self, contact: Contact) -> dict[str, str]:
        """Return name to text, for agents to begin an answer with, in the contact's language, filled in."""
        card, texts = contact.card, self.settings.texts
        box = self.settings.mailbox(card.channel, card.entry)
        own = box.language if box is not None else ""
        values = {"reference": self.reference(card.matter), "title": box.title if box is not None else ""}
        names = {name for language in texts.values() for name in language} - self.settings.house
        offered = {name for name in names if not (name.endswith(PLAIN) and name.removesuffix(PLAIN) in names)}
        plain, languages = "plain_language" in card.needs, (card.language, own, *texts)
        found = {name: in_language(texts, name, languages, plain=plain) for name in sorted(offered)}
        return {name: filled(text, values) for name, text in found.items()}

    def close(self) -> None:
        """Give up the connections."""
        for watch in self.watches.values():
            watch.close()
