"""What queues ask by mail, and whether it can be said and answered (docs/survey.md)."""

from adapters.email.wording import LINK, values_in
from engine.config.folder import Folder
from engine.config.problems import unknown
from engine.config.schema import MailFile, QueuesFile, VaxelFile


def asks(file: QueuesFile) -> frozenset[str]:
    """Return the texts of mail.yaml that ask how it was."""
    return frozenset(table.survey.mail for table in file.queues.values() if table.survey and table.survey.mail)


def check(folder: Folder, queues: QueuesFile, file: MailFile, vaxel: VaxelFile, language: str) -> None:
    """Note questions that nobody could read, or answer."""
    for name, table in queues.queues.items():
        if table.survey is None or not table.survey.mail:
            continue
        path, text = ("queues", name, "survey", "mail"), table.survey.mail
        if not file.mailboxes:
            folder.queues.say(path, "asks those who wrote a mail, and mail.yaml has no mailboxes; leave it out")
        if not vaxel.web.citizens:
            said = "leads to a page, and vaxel.yaml does not say where citizens reach it; write it there like"
            folder.queues.say(path, f"{said} `web: {{citizens: https://kontakt.malmo.example}}`")
        for spoken in dict.fromkeys(box.language or language for box in file.mailboxes.values()):
            known = file.texts.get(spoken, {})
            if text not in known:
                said = unknown(f'text of mail.yaml in "{spoken}"', text, known)
                folder.queues.say(path, f"{said}; every mailbox has its texts in its own language")
        for spoken, texts in file.texts.items():
            if text in texts and LINK not in values_in(texts[text]):
                folder.mail.say(("texts", spoken, text), "asks how it was; {link}, where to answer, is missing in it")
