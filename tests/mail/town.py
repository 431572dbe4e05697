"""Citizens with mailboxes, a city that reads mail, and agents who answer it over REST: Dovecot and Exim are real."""

import contextlib
import email
import imaplib
import re
import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any

import yaml

from engine.mailservers import MailServers, Ports
from tests.sip.conftest import free_port
from tests.system.house import House, until
from tests.system.test_api import ask
from web.tokens import TokenFile, make

CITY = "kontakt@malmo.example"
SCHOOL = "skola@malmo.example"
KIM = "kim@example.org"
BOXES = {CITY: "kontakt", SCHOOL: "skola", KIM: "kim", "liv@example.org": "liv", "noor@example.net": "noor"}
AGENT = "agent0001"
REFERENCE = re.compile(r"\[#([0-9A-Z]{5}-[0-9A-Z]{5})\]")

TEXTS = {
    "sv": {
        "received": "Tack för ditt brev till {title}. Ditt ärende har nummer {reference}.\n",
        "closed": "Vi har stängt i dag.",
    },
    "en": {"received": "Thank you for writing to {title}. Your reference number is {reference}.\n"},
}
WORDS = {
    "sv": {"words": ["och", "att", "jag", "det", "är", "på", "en", "hej", "inte", "när"]},
    "en": {"words": ["and", "the", "i", "is", "to", "hello", "when", "not", "you", "do"]},
}


def servers(folder: Path) -> MailServers:
    """Return mail servers on free ports."""
    names = ("imap", "imap_starttls", "smtp", "smtp_plain")
    ports = Ports(**{name: free_port("127.0.0.1") for name in names})
    return MailServers(folder, ports, BOXES)


def mail_file(post: MailServers, **more: Any) -> dict[str, Any]:
    """Return a mail.yaml for two mailboxes, with a short pause between looks."""
    ca_file = str(post.certificate)
    boxes = {
        name: {
            "address": address,
            "title": title,
            "queue": "bench",
            "language": "sv",
            "acknowledge": "received",
            "imap": {"user": name, "password_file": str(post.password_file(name))},
            "smtp": {"user": name, "password_file": str(post.password_file(name))},
            "signature": {"sv": "Malmö stad\nKontaktcenter"},
            "poll": 5,
        }
        for name, address, title in (("kontakt", CITY, "Malmö stad"), ("skola", SCHOOL, "Malmös skolor"))
    }
    return {
        "imap": {"host": "localhost", "port": post.ports.imap, "ca_file": ca_file},
        "smtp": {"host": "localhost", "port": post.ports.smtp, "ca_file": ca_file},
        "mailboxes": boxes,
        "languages": WORDS,
        "texts": TEXTS,
        **more,
    }


class Town:
    """The servers, the house, and everybody who writes."""

    def __init__(self, post: MailServers, house: House) -> None:
        self.post = post
        self.house = house
        self.tokens: dict[str, str] = {}
        self.tls = ssl.create_default_context(cafile=str(post.certificate))

    def configure(self, **more: Any) -> None:
        """Let the house read mail; before its start."""
        (self.house.config / "mail.yaml").write_text(yaml.safe_dump(mail_file(self.post, **more), allow_unicode=True))
        agents = yaml.safe_load((self.house.config / "agents.yaml").read_text())["agents"]
        self.house.change("agents", {"agents": {name: {"capacity": {"mail": 3}} for name in agents}})
        self.house.layout.prepare()
        kept = TokenFile(self.house.layout.tokens)
        for name, role, agent in (("lead", "supervisor", ""), *((agent, "agent", agent) for agent in agents)):
            self.tokens[name], token = make(name, role, agent, datetime.now(UTC).timestamp())
            kept.add(token)

    # ---- citizens ------------------------------------------------------------------------------------------------

    def write(self, text: str = "Hej! När är det öppet?", /, *, to: str = CITY, **headers: str) -> EmailMessage:
        """Send a mail as any mail server would bring it; return it."""
        mail = EmailMessage(policy=policy.SMTP)
        fields = {"From": f"Kim Karlsson <{KIM}>", "To": to, "Subject": "Öppettider", "Date": formatdate()}
        for name, value in {**fields, "Message-ID": make_msgid(domain="example.org"), **headers}.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        self.bring(mail.as_bytes(), to)
        return mail

    def bring(self, raw: bytes, to: str = CITY, sender: str = KIM) -> None:
        """Hand a mail over to the city's server, as the world does."""
        with smtplib.SMTP("127.0.0.1", self.post.ports.smtp_plain) as smtp:
            smtp.sendmail(sender, [to], raw)

    @contextlib.contextmanager
    def box(self, name: str, folder: str = "INBOX") -> Iterator[imaplib.IMAP4_SSL]:
        """Open somebody's mailbox."""
        imap = imaplib.IMAP4_SSL("localhost", self.post.ports.imap, ssl_context=self.tls)
        imap.login(name, self.post.password_file(name).read_text())
        imap.select(folder)
        try:
            yield imap
        finally:
            imap.logout()

    def mails(self, name: str, folder: str = "INBOX") -> list[EmailMessage]:
        """Return what lies in somebody's mailbox."""
        with self.box(name, folder) as imap:
            _, found = imap.uid("search", "ALL")
            uids = found[0].split()
            raws = [imap.uid("fetch", uid, "(BODY.PEEK[])")[1][0][1] for uid in uids]
        return [email.message_from_bytes(raw, policy=policy.default) for raw in raws]  # type: ignore[misc]

    def until_mails(self, name: str, count: int, seconds: float = 20.0) -> list[EmailMessage]:
        """Wait until so many mails lie in somebody's mailbox."""
        return until(
            lambda: found if len(found := self.mails(name)) >= count else None, seconds, f"{count} mails of {name}"
        )

    # ---- agents --------------------------------------------------------------------------------------------------

    def ask(self, method: str, path: str, body: Any = None, by: str = "lead", **headers: str) -> Any:
        """Ask the API, as a supervisor or an agent; what it refuses fails the test."""
        status, told = ask(self.house, method, path, body, self.tokens[by], **headers)
        assert status < 300, (method, path, status, told)
        return told

    def contacts(self, state: str = "") -> list[dict[str, Any]]:
        """Return the contacts by mail."""
        query = f"&state={state}" if state else ""
        return list(self.ask("GET", f"/contacts?channel=mail{query}")["contacts"])

    def until_contacts(self, count: int, state: str = "") -> list[dict[str, Any]]:
        """Wait until there are so many contacts by mail."""
        return until(
            lambda: found if len(found := self.contacts(state)) >= count else None, what=f"{count} {state} contacts"
        )

    def accept(self) -> str:
        """Let whoever is asked take the next mail; return its contact."""
        contact = self.until_contacts(1, "offered")[0]
        self.ask("POST", f"/offers/{contact['offer']}/accept", by=contact["agent"])
        return str(contact["id"])

    def answer(self, contact: str, text: str = "Hej Kim! Klockan tio.", by: str = AGENT, **more: Any) -> int:
        """Write to the citizen; return the number of the message."""
        return int(self.ask("POST", f"/contacts/{contact}/messages", {"text": text, **more}, by)["message"])

    def close(self, contact: str) -> None:
        """Be done with a contact."""
        self.ask("POST", f"/contacts/{contact}/finish")
        until(lambda: all(one["id"] != contact for one in self.contacts()), what="the end")

    def messages(self, contact: str) -> list[dict[str, Any]]:
        """Return a conversation, as a supervisor sees it."""
        return list(self.ask("GET", f"/contacts/{contact}/messages")["messages"])

    def settled(self) -> None:
        """Wait until nothing waits to leave."""
        until(lambda: not self.ask("GET", "/outbox")["waiting"], what="an empty outbox")

    def metric(self, name: str) -> float:
        """Return the sum of a metric over its labels."""
        _, text = self.house.get("/metrics")
        lines = [line for line in text.splitlines() if line.startswith(name) and line[len(name)] in "{ "]
        return sum(float(line.rpartition(" ")[2]) for line in lines)
