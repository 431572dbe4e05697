"""`alarms:` at the top of queues.yaml: who is told of alarms, and how. Thresholds stand with each queue."""

from collections.abc import Collection
from pathlib import Path

from adapters.alarms.settings import AlarmSettings
from engine.config.chat import secret_problem
from engine.config.document import Document
from engine.config.problems import unknown
from engine.config.schema import QueuesFile


def ways(file: QueuesFile) -> tuple[str, ...]:
    """Return how somebody is told of alarms (`router.led.Alert.way`)."""
    hook = ("webhook",) if file.alarms.url else ()
    return hook + tuple(f"mail:{number}" for number, _ in enumerate(file.alarms.mail))


def settings(document: Document, file: QueuesFile, folder: Path, mailboxes: Collection[str]) -> AlarmSettings:
    """Return who is told of alarms, and how."""
    table, path = file.alarms, ("alarms",)
    if bool(table.url) != bool(table.secret_file):
        document.say(path, "tells a program only with both `url` and a `secret_file`, with which it is signed")
    secret = (folder / table.secret_file).resolve()
    if table.secret_file and (wrong := secret_problem(secret, table.secret_file)):
        document.say((*path, "secret_file"), wrong)
    mailbox = table.mailbox or next(iter(mailboxes), "")
    if table.mail and not mailboxes:
        document.say((*path, "mail"), "is sent from a mailbox of mail.yaml, which names none")
    elif table.mail and mailbox not in mailboxes:
        document.say((*path, "mailbox"), unknown("mailbox", mailbox, mailboxes))
    return AlarmSettings(
        mail=table.mail, mailbox=mailbox, url=table.url, secret_file=str(secret) if table.secret_file else ""
    )
