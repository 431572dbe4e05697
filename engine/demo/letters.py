"""Citizens who write to the city's mailboxes, are answered by its agents, and say thank you now and then.

Dovecot and Exim are real, and run as long as the demonstration, where the configuration looks for them; mail that is
still there at the end waits for the next.
"""

import asyncio
import email
import smtplib
from collections.abc import Iterator, Mapping
from email import policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from random import Random
from typing import Final

from adapters.email.settings import Mailbox, MailSettings
from adapters.sip.logs import log
from engine.demo.citizens import People, Tally
from engine.mailservers import MailServers, Ports

EVERY_S: Final = 240.0
"""Between two letters, in life, where twelve agents work."""
LOOK_EVERY_S: Final = 2.0
THANKS: Final = 0.3
"""Share of answers that are answered."""
HERE: Final = "localhost"
CITIZENS: Final = "citizens"
"""The box in which all citizens' mail arrives."""
DOMAIN: Final = "example.org"
NAMES: Final = ("Kim Karlsson", "Liv Lund", "Noor Nilsson", "Robin Berg", "Sam Salo", "Alex Ek")

LETTERS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "sv": (
        ("Öppettider", "Hej! Jag undrar när det är öppet på lördag och om jag kan komma utan tid."),
        ("Trasig lampa", "Hej, lampan på vår gata har inte lyst på en vecka. När kan den bli lagad?"),
        ("Förskoleplats", "Hej! Hur gör jag för att få en plats på förskola till min dotter?"),
    ),
    "en": (
        ("Library card", "Hello, how do I get a library card, and what do I have to bring with me?"),
        ("Moving to Malmö", "Hello! I am moving to Malmö and would like to know who can help me with school."),
    ),
    "fi": (("Kirjasto", "Hei, minä haluan tietää, milloin kirjasto on auki ja voiko kirjoja varata puhelimella."),),
    "ar": (("سؤال", "مرحبا، أريد أن أعرف متى يمكن أن أزور المكتب، وهل لديكم من يتكلم العربية؟ شكرا"),),
}
ANSWERS: Final[Mapping[str, str]] = {
    "sv": "Hej!\n\nTack för din fråga. Svaret finns på vår webbplats, och du är välkommen att ringa oss.",
    "en": "Hello,\n\nthank you for your question. You find the answer on our pages, and you are welcome to call us.",
    "fi": "Hei,\n\nkiitos kysymyksestäsi. Vastaus löytyy verkkosivuiltamme, ja voit myös soittaa meille.",
    "ar": "مرحبا،\n\nشكرا على سؤالك. تجد الجواب على موقعنا، ويمكنك أيضا الاتصال بنا.",  # noqa: RUF001
}
FAULT: Final = "Storgatan 1: lampan lyser inte."
"""The answer to any question of a form."""
THANK_YOU: Final = "Tack för hjälpen! Det var allt jag ville veta och nu är jag nöjd."


def answer_in(language: str) -> str:
    """Return what an agent writes."""
    return ANSWERS.get(language, ANSWERS["sv"])


def servers(settings: MailSettings, ports: Ports) -> MailServers | None:
    """Return mail servers where the configuration looks for them; None when it looks elsewhere, or for nobody.

    Of `ports` those count that the configuration does not name.
    """
    boxes = list(settings.mailboxes.values())
    if not boxes or any(server.host != HERE or not server.ca_file for box in boxes for server in (box.imap, box.smtp)):
        return None
    folder = Path(boxes[0].imap.ca_file).parent
    named = Ports(
        imap=boxes[0].imap.port,
        smtp=boxes[0].smtp.port,
        imap_starttls=ports.imap_starttls,
        smtp_plain=ports.smtp_plain,
    )
    addresses = {box.address: box.imap.user for box in boxes} | {_address(name): CITIZENS for name in NAMES}
    return MailServers(folder, named, addresses)


class Correspondence:
    """Everybody who writes."""

    def __init__(self, people: People, tally: Tally, post: MailServers, boxes: tuple[Mailbox, ...]) -> None:
        self._people = people
        self._tally = tally
        self._post = post
        self._boxes = boxes
        self._chance: Random = people.chance("letters")
        self._read: set[str] = set()

    async def write(self) -> None:
        """Write for ever, once the mail servers run."""
        self._read = {path.name for path in self._arrived()}
        self._people.spawn("letters-read", self._open())
        while True:
            await self._send(self._letter())
            self._tally.wrote += 1
            await asyncio.sleep(self._people.tempo.quicker(self._people.between(self._chance, EVERY_S)))

    def stop(self) -> None:
        """Stop the mail servers."""
        self._post.stop()

    def _letter(self) -> EmailMessage:
        box = self._chance.choice(self._boxes)
        subject, text = self._chance.choice(LETTERS[self._chance.choice(list(LETTERS))])
        return _mail(self._chance.choice(NAMES), box.address, subject, text)

    async def _send(self, mail: EmailMessage) -> None:
        try:
            await asyncio.to_thread(self._bring, mail)
        except (OSError, smtplib.SMTPException) as error:
            log("demo_not_written", why=type(error).__name__)

    def _bring(self, mail: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self._post.ports.smtp_plain) as smtp:
            smtp.send_message(mail)

    # ---- what comes back -----------------------------------------------------------------------------------------

    async def _open(self) -> None:
        """Read what the city writes, and thank now and then."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            for mail in await asyncio.to_thread(self._news):
                if mail["Auto-Submitted"] is not None:
                    continue
                self._tally.answered += 1
                if self._chance.random() < THANKS and THANK_YOU not in mail.as_string():
                    await self._send(_thanks(mail))

    def _arrived(self) -> Iterator[Path]:
        yield from (self._post.maildir(CITIZENS) / "new").glob("*")

    def _news(self) -> list[EmailMessage]:
        new = [path for path in self._arrived() if path.name not in self._read]
        self._read |= {path.name for path in new}
        return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in new]


def _address(name: str) -> str:
    return f"{name.lower().replace(' ', '.')}@{DOMAIN}"


def _mail(name: str, to: str, subject: str, text: str) -> EmailMessage:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = f"{name} <{_address(name)}>", to, subject
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=DOMAIN)
    mail.set_content(text)
    return mail


def _thanks(answer: EmailMessage) -> EmailMessage:
    to, back = answer["From"].addresses[0], answer["To"].addresses[0]
    name = next((name for name in NAMES if _address(name) == back.addr_spec), NAMES[0])
    mail = _mail(name, to.addr_spec, str(answer["Subject"]), THANK_YOU)
    mail["In-Reply-To"] = str(answer["Message-ID"])
    return mail
