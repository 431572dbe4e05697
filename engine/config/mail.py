"""mail.yaml to `MailSettings`, and to the ways in that mailboxes are: one for each language that is told apart."""

import ipaddress
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

from adapters.email.settings import CHANNEL, Mailbox, MailSettings, Server, entry_of
from adapters.email.wording import LINK, VALUES, values_in
from engine.config.document import Document, Path_
from engine.config.flows import straight_to
from engine.config.folder import Folder
from engine.config.problems import listed, unknown
from engine.config.reader import Reader
from engine.config.schema import MailboxTable, MailFile, ServerTable
from ivr.flow import START, Enter, Flow
from queues.queue import Queue
from queues.skills import Needs, meets
from router.configuration import AgentSettings, Configuration, Entry

FILE: Final = "mail.yaml"
Protocol = Literal["imap", "smtp"]
PORTS: Final[dict[tuple[str, str], int]] = {
    ("imap", "tls"): 993,
    ("imap", "starttls"): 143,
    ("imap", "none"): 143,
    ("smtp", "tls"): 465,
    ("smtp", "starttls"): 587,
    ("smtp", "none"): 25,
}
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_]{0,31}")


def mail_file(document: Document) -> MailFile:
    """Read mail.yaml, which may be missing. Mistakes are noted in the document."""
    return Reader(document).whole(MailFile) or MailFile()


def settings(
    document: Document, file: MailFile, folder: Path, language: str, asks: Collection[str] = ()
) -> MailSettings:
    """Return what mail.yaml says; `asks` are the texts that queues name to ask how it was."""
    boxes = {name: _mailbox(document, file, name, table, folder, language) for name, table in file.mailboxes.items()}
    return MailSettings(
        mailboxes=boxes,
        texts=file.texts,
        house=frozenset((*(table.acknowledge for table in file.mailboxes.values() if table.acknowledge), *asks)),
        asks=frozenset(asks),
        languages={name: frozenset(map(str.lower, table.words)) for name, table in file.languages.items()},
        largest_mail=file.largest_mail,
        largest_attachment=file.largest_attachment,
        give_up=file.give_up,
    )


def entries(file: MailFile, flows: Collection[str], language: str) -> tuple[Entry, ...]:
    """Return the ways in: a mail comes in by the one of its mailbox and language."""
    return tuple(
        Entry(
            channel=CHANNEL,
            address=entry_of(name, spoken, table.language or language),
            flow=own if (own := _flow_name(table.queue, spoken)) in flows else straight_to(table.queue).name,
            language=spoken,
            acknowledge=table.acknowledge,
        )
        for name, table in file.mailboxes.items()
        for spoken in dict.fromkeys((table.language or language, *file.languages))
    )


def flows(file: MailFile, queues: Mapping[str, Queue], agents: Mapping[str, AgentSettings]) -> Iterator[Flow]:
    """Yield the flows of the ways in: straight to a queue, with what the language takes of an agent.

    Where nobody who serves the queue knows the language, anybody gets the mail: it can be translated, a call cannot.
    """
    for table in file.mailboxes.values():
        yield straight_to(table.queue)
        for spoken, tongue in file.languages.items():
            queue = queues.get(table.queue)
            if tongue.needs and queue is not None and _can_meet(queue, tongue.needs, agents):
                name = _flow_name(table.queue, spoken)
                yield Flow(name=name, nodes={START: Enter(queue=table.queue, needs=tongue.needs)})


def _flow_name(queue: str, language: str) -> str:
    return f"mail:{queue}:{language}"


def _can_meet(queue: Queue, needs: Needs, agents: Mapping[str, AgentSettings]) -> bool:
    last = queue.requirement[-1].needs if queue.requirement else ()
    return any(_takes_mail(agent, queue.name) and meets(agent.skills, last + needs) for agent in agents.values())


# ---- servers ---------------------------------------------------------------------------------------------------


def _mailbox(
    document: Document, file: MailFile, name: str, table: MailboxTable, folder: Path, language: str
) -> Mailbox:
    return Mailbox(
        name=name,
        address=table.address,
        title=table.title or table.address,
        language=table.language or language,
        imap=_server(document, name, "imap", table.imap, file.imap, folder),
        smtp=_server(document, name, "smtp", table.smtp, file.smtp, folder),
        folder=table.folder,
        done=table.done,
        since=table.since,
        poll=table.poll,
        signature=table.signature,
    )


def _server(
    document: Document, name: str, protocol: Protocol, own: ServerTable, shared: ServerTable, folder: Path
) -> Server:
    """Return a mailbox's server: what it says itself, and what holds for all."""
    path = ("mailboxes", name, protocol)
    host = own.host or shared.host or ""
    security = own.security or shared.security or "tls"
    user = own.user if own.user is not None else shared.user or ""
    password, token = own.password_file or "", own.token_file or ""
    if not password and not token:
        password, token = shared.password_file or "", shared.token_file or ""
    if not host:
        document.say(path, f"names no host; write it here, or under `{protocol}` for all mailboxes")
    if security == "none" and not _is_here(host):
        document.say((*path, "security"), "none would send passwords and mails in the clear; on this machine alone")
    if password and token:
        document.say(path, "has a `password_file` and a `token_file`; one of them signs in")
    if protocol == "imap" and not (user and (password or token)):
        document.say(path, "names no `user` with a `password_file` or `token_file`")
    if user and not (password or token):
        document.say(path, "names a `user` without a `password_file` or `token_file`")
    ca_file = own.ca_file or shared.ca_file or ""
    secret = password or token
    return Server(
        host=host,
        port=own.port or shared.port or PORTS[protocol, security],
        security=security,
        user=user,
        secret_file=str((folder / secret).resolve()) if secret else "",
        token=bool(token),
        ca_file=str((folder / ca_file).resolve()) if ca_file else "",
    )


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# ---- what holds between the files ------------------------------------------------------------------------------


def check(folder: Folder, file: MailFile, core: Configuration, language: str, asks: Collection[str] = ()) -> None:
    """Note what does not fit together; `asks` are the texts that ask how it was (engine.config.surveys)."""
    document = folder.mail
    queues = folder.queues.keys("queues")
    addresses: dict[str, str] = {}
    for name, table in file.mailboxes.items():
        path = ("mailboxes", name)
        if not _NAME.fullmatch(name):
            document.say(path, "cannot be a mailbox's name here: small letters, digits and _, at most 32")
        if table.queue not in queues:
            document.say((*path, "queue"), unknown("queue", table.queue, queues))
        elif not folder.agents.problems and not any(_takes_mail(agent, table.queue) for agent in core.agents.values()):
            text = f'nobody takes a mail of queue "{table.queue}"; give an agent of it `capacity: {{mail: 2}}`'
            document.say((*path, "queue"), text)
        if table.address.lower() in addresses:
            document.say((*path, "address"), f'is that of mailbox "{addresses[table.address.lower()]}" too')
        addresses.setdefault(table.address.lower(), name)
        _check_texts(document, file, path, table, table.language or language)
    for name, texts in file.texts.items():
        for text, written in texts.items():
            values = VALUES | {LINK} if text in asks else VALUES
            if strange := values_in(written) - values:
                known = ", ".join(f"{{{value}}}" for value in sorted(values))
                document.say(("texts", name, text), f"there is no {{{sorted(strange)[0]}}} to fill in; known: {known}")
    _check_needs(document, file, core)


def _check_texts(document: Document, file: MailFile, path: Path_, table: MailboxTable, language: str) -> None:
    """Note a text that is missing in the mailbox's own language, in which everybody is answered at the least."""
    known = file.texts.get(language, {})
    if table.acknowledge and table.acknowledge not in known:
        said = unknown(f'text in "{language}"', table.acknowledge, known)
        document.say((*path, "acknowledge"), f"{said}; every mailbox has its texts in its own language")


def _check_needs(document: Document, file: MailFile, core: Configuration) -> None:
    """Note languages that nobody who takes mails knows."""
    takers = [agent for agent in core.agents.values() if agent.capacity.get(CHANNEL, 0) > 0]
    for language, tongue in file.languages.items():
        if tongue.needs and takers and not any(meets(agent.skills, tongue.needs) for agent in takers):
            wanted = listed([f"{need.skill} {need.level}" for need in tongue.needs])
            text = f"nobody who takes mails could ever meet this ({wanted}); leave the needs out, or add somebody"
            document.say(("languages", language, "needs"), text)


def _takes_mail(agent: AgentSettings, queue: str) -> bool:
    return queue in agent.queues and agent.capacity.get(CHANNEL, 0) > 0
