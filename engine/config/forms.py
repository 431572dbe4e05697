"""forms.yaml: forms that citizens fill in, to what a page shows, what a flow asks, and the ways in that they are."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

from msgspec import field, structs

from adapters.email.settings import MailSettings
from adapters.forms import words as house
from adapters.forms.settings import CHANNEL, PHOTOS_MAX, FieldWords, Form, FormsSettings, entry_of
from engine.config import schema as s
from engine.config import words
from engine.config.document import Document
from engine.config.problems import listed, unknown
from engine.config.reader import Reader, Word
from ivr import flow as ivr
from ivr.forms import (
    CHOICES_MAX,
    DIGITS_MAX,
    KEEP,
    LANGUAGE,
    SPOKEN,
    TYPED,
    YES_NO,
    Field,
    Kind,
    Sensitive,
)
from queues.queue import Queue
from router.configuration import Configuration, Entry
from router.persons import AIDS

FILE: Final = "forms.yaml"
PREFIX: Final = "form."
"""Begins the names of prompts that a form's words make."""
LONG: Final = 2000
TEXT: Final = 200
CHOICES: Final = 50
NUMBER: Final = 999_999_999_999
TAG: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
Texts = dict[str, str]


class FieldTable(s.Table, frozen=True, kw_only=True):
    """A field. `ask` is what is said on the telephone instead of the label; `spoken: no` leaves it out there."""

    kind: Kind = "text"
    label: Texts
    hint: Texts = field(default_factory=dict)
    ask: Texts = field(default_factory=dict)
    spoken: bool = True
    required: bool = True
    least: int | None = None
    most: int | None = None
    choices: dict[str, Texts] = field(default_factory=dict)
    sensitive: Sensitive = ""
    from_photo: bool = False
    sets: str = ""


class FormTable(s.Table, frozen=True, kw_only=True):
    """A form. `target` is the service it is promised, when that is another than its queue's."""

    title: Texts
    text: Texts = field(default_factory=dict)
    done: Texts = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    queue: str
    needs: s.Needed = ()
    target: s.SomeSeconds | None = None
    reason: str = ""
    mailbox: str = ""
    acknowledge: str = ""
    page: bool = True
    fields: dict[str, FieldTable]


class FormsFile(s.Table, frozen=True):
    """forms.yaml; all of it may be left out."""

    forms: dict[str, FormTable] = field(default_factory=dict)
    proxies: tuple[Annotated[str, Word(words.any_address)], ...] = ()
    words: dict[str, Texts] = field(default_factory=dict)


def forms_file(document: Document) -> FormsFile:
    """Read forms.yaml, which may be missing. Mistakes are noted in the document."""
    return Reader(document).whole(FormsFile) or FormsFile()


def settings(file: FormsFile, language: str) -> FormsSettings:
    """Return what the pages are told."""
    return FormsSettings(
        forms={name: _form(name, table, file.words, language) for name, table in file.forms.items()},
        proxies=file.proxies,
    )


def answered(mail: MailSettings, file: FormsFile) -> MailSettings:
    """Return the settings of mail, which know by which mailbox forms are answered."""
    return structs.replace(mail, answers={name: table.mailbox for name, table in file.forms.items() if table.mailbox})


def _form(name: str, table: FormTable, said: Mapping[str, Texts], language: str) -> Form:
    return Form(
        name=name,
        title=table.title,
        text=table.text,
        done=table.done,
        languages=table.languages or (language,),
        fields=tuple(field_of(one, asked) for one, asked in table.fields.items()),
        words={
            one: FieldWords(label=asked.label, hint=asked.hint, choices=asked.choices)
            for one, asked in table.fields.items()
        },
        queue=table.queue,
        mailbox=table.mailbox,
        house=said,
        page=table.page,
    )


def field_of(name: str, table: FieldTable) -> Field:
    """Return what an answer must be."""
    most = {"long": LONG, "number": NUMBER, "photo": PHOTOS_MAX}.get(table.kind, TEXT)
    return Field(
        name=name,
        kind=table.kind,
        required=table.required,
        least=table.least if table.least is not None else 0,
        most=table.most if table.most is not None else most,
        choices=tuple(table.choices),
        sensitive=table.sensitive,
        located=table.from_photo,
        sets=table.sets,
    )


# ---- flows and ways in -----------------------------------------------------------------------------------------


def entries(file: FormsFile, language: str) -> tuple[Entry, ...]:
    """Return the ways in: one for each language of each form."""
    return tuple(
        Entry(
            channel=CHANNEL,
            address=entry_of(name, spoken, own),
            flow=f"{PREFIX}{name}",
            language=spoken,
            acknowledge=table.acknowledge,
        )
        for name, table in file.forms.items()
        for own in ((table.languages or (language,))[0],)
        for spoken in table.languages or (language,)
    )


def flows(file: FormsFile, queues: Mapping[str, Queue]) -> Iterator[ivr.Flow]:
    """Yield what happens to forms that have been filled in: they wait, with what they bring along."""
    for name, table in file.forms.items():
        wait = ivr.Enter(queue=table.queue, needs=table.needs, priority=_priority(table, queues))
        nodes: dict[str, ivr.Node] = {ivr.START: ivr.Set(notes=_notes(name, table), next="wait"), "wait": wait}
        yield ivr.Flow(name=f"{PREFIX}{name}", nodes=nodes)


def _notes(name: str, table: FormTable) -> dict[str, str]:
    return {"form": name} | ({"reason": table.reason} if table.reason else {})


def _priority(table: FormTable, queues: Mapping[str, Queue]) -> float:
    """Return by what urgency is multiplied so that it is measured against the form's own target (rule 3)."""
    queue = queues.get(table.queue)
    return queue.target.wait / table.target if queue is not None and table.target is not None else 1.0


def node(name: str, table: FormTable, queues: Mapping[str, Queue], asking: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a flow's node that asks this form is made of; `asking` is what all questions have in common."""
    asked = [(one, about) for one, about in table.fields.items() if is_asked(about)]
    return {
        "channel": CHANNEL,
        "queue": table.queue,
        "questions": tuple(_question(name, one, about, asking) for one, about in asked),
        "needs": table.needs,
        "priority": _priority(table, queues),
        "entry": name,
        "notes": _notes(name, table),
    }


def is_asked(table: FieldTable) -> bool:
    """Tell whether a flow asks for it: no photos, no addresses by telephone."""
    return table.spoken and table.kind in SPOKEN | TYPED


def _question(form: str, name: str, table: FieldTable, asking: Mapping[str, Any]) -> ivr.Question:
    wants, prompt = field_of(name, table), f"{PREFIX}{form}.{name}"
    shared = {**asking, "prompt": prompt, "name": name, "optional": not table.required, "wants": wants}
    if table.kind in SPOKEN:
        return ivr.Record(**shared)
    least, most = {"date": (8, 8), "phone": (6, DIGITS_MAX), "number": (1, 12)}.get(table.kind, (1, 1))
    titles = {str(n): _title(form, name, table, one) for n, one in enumerate(wants.options[:CHOICES_MAX], 1)}
    shared["wrong_input"] = f"{PREFIX}{house.WRONG[table.kind]}"
    return ivr.Collect(
        least=least, most=most, sensitive=table.sensitive == "not_stored", between=6.0, titles=titles, **shared
    )


def _title(form: str, name: str, table: FieldTable, choice: str) -> str:
    return f"{PREFIX}{choice}" if table.kind == "yes-no" else f"{PREFIX}{form}.{name}.{choice}"


def prompts(file: FormsFile) -> dict[str, Texts]:
    """Return language to prompt to text: the words of forms, as flows say and show them."""
    found: dict[str, Texts] = {}

    def add(name: str, texts: Mapping[str, str]) -> None:
        for language, text in texts.items():
            found.setdefault(language, {})[name] = text

    for form, table in file.forms.items():
        for name, about in table.fields.items():
            for choice, texts in about.choices.items():
                add(f"{PREFIX}{form}.{name}.{choice}", texts)
            if is_asked(about):
                add(f"{PREFIX}{form}.{name}", {one: _asked(about, one, file) for one in about.label})
    if file.forms:
        for language in {*house.WORDS, *file.words}:
            own = house.words_in(language, file.words)
            add(f"{PREFIX}yes", {language: own["yes"]})
            add(f"{PREFIX}no", {language: own["no"]})
            for cause in set(house.WRONG.values()):
                add(f"{PREFIX}{cause}", {language: own[cause].partition(": ")[2].capitalize()})
    return found


def _asked(table: FieldTable, language: str, file: FormsFile) -> str:
    """Return how a field is asked: in its own words for that, or by its label and the numbers of its choices."""
    if language in table.ask:
        return table.ask[language]
    own = house.words_in(language, file.words)
    choices = [own[one] for one in YES_NO] if table.kind == "yes-no" else []
    choices += [texts.get(language, "") for texts in table.choices.values()]
    label = table.label[language]
    return " ".join(
        (
            label if label.endswith(("?", "؟", ".", "!")) else f"{label}.",
            *(f"{n}: {text}." for n, text in enumerate(choices, 1)),
        )
    )


# ---- checks ----------------------------------------------------------------------------------------------------


def check(document: Document, file: FormsFile, core: Configuration, mail: MailSettings, language: str) -> None:
    """Note what does not fit together, and what people could not read."""
    for name, table in file.forms.items():
        path = ("forms", name)
        try:
            words.name(name)
        except ValueError as error:
            document.say(path, str(error))
        if table.queue not in core.queues:
            document.say((*path, "queue"), unknown("queue", table.queue, core.queues))
        elif not any(a.capacity.get(CHANNEL, 0) > 0 for a in core.agents.values() if table.queue in a.queues):
            text = f'nobody takes a form of queue "{table.queue}"; give an agent of it `capacity: {{form: 2}}`'
            document.say((*path, "queue"), text)
        if table.reason and core.reasons and table.reason not in core.reasons:
            document.say((*path, "reason"), unknown("reason", table.reason, core.reasons))
        _check_mail(document, name, table, mail)
        languages = table.languages or (language,)
        for spoken in languages:
            if spoken not in house.WORDS and spoken not in file.words:
                known = listed([*house.WORDS, *file.words])
                document.say(
                    (*path, "languages"),
                    f'the house has no words in "{spoken}"; write `words: {spoken}:` for them; known: {known}',
                )
        for which in ("title", "text", "done"):
            if written := getattr(table, which):
                _check_words(document, (*path, which), written, languages)
        _check_fields(document, name, table, languages)


def _check_mail(document: Document, name: str, table: FormTable, mail: MailSettings) -> None:
    path = ("forms", name)
    if table.mailbox and table.mailbox not in mail.mailboxes:
        document.say((*path, "mailbox"), unknown("mailbox in mail.yaml", table.mailbox, mail.mailboxes))
    elif table.acknowledge and not table.mailbox:
        document.say((*path, "acknowledge"), "needs a `mailbox` by which it leaves")
    elif table.mailbox and table.acknowledge:
        known = mail.texts.get(mail.mailboxes[table.mailbox].language, {})
        if table.acknowledge not in known:
            document.say((*path, "acknowledge"), unknown("text in mail.yaml", table.acknowledge, known))
    for one, about in table.fields.items():
        if about.kind == "mail" and not table.mailbox:
            document.say((*path, "fields", one), "asks for an address that nothing could be sent to: name a `mailbox`")


def _check_words(document: Document, path: tuple[str, ...], texts: Texts, languages: tuple[str, ...]) -> None:
    missing = [one for one in languages if not texts.get(one)]
    if missing:
        document.say(path, f"has no text in {listed(missing)}; the form's languages are {', '.join(languages)}")
    if any("{" in text for text in texts.values()):
        document.say(path, "holds a brace, and no values are filled in here; leave { and } out")


def _check_fields(document: Document, form: str, table: FormTable, languages: tuple[str, ...]) -> None:
    if not table.fields:
        document.say(("forms", form, "fields"), "is empty: a form asks for something")
    for kind in ("mail", "phone"):
        if len([one for one in table.fields.values() if one.kind == kind]) > 1:
            document.say(("forms", form, "fields"), f"there are two of kind {kind}; only one can be answered to")
    for name, about in table.fields.items():
        path = ("forms", form, "fields", name)
        try:
            words.name(name)
        except ValueError as error:
            document.say(path, str(error))
        _check_words(document, (*path, "label"), about.label, languages)
        for which in ("hint", "ask"):
            if written := getattr(about, which):
                _check_words(document, (*path, which), written, languages)
        _check_kind(document, path, about, languages)
        _check_sets(document, path, about)
    set_ = [about.sets for about in table.fields.values() if about.sets]
    for twice in sorted({one for one in set_ if set_.count(one) > 1}):
        document.say(("forms", form, "fields"), f"two of them set {twice}: only one can say so")


def _check_sets(document: Document, path: tuple[str, ...], about: FieldTable) -> None:
    """Note what an answer cannot say of whoever gives it."""
    if not about.sets:
        return
    place = (*path, "sets")
    if about.sets not in (LANGUAGE, KEEP, *AIDS):
        document.say(place, unknown("thing that an answer can set", about.sets, (LANGUAGE, KEEP, *AIDS)))
    elif about.kind != (kind := "choice" if about.sets == LANGUAGE else "yes-no"):
        document.say(place, f"{about.sets} is set by a field of kind {kind}, not {about.kind}")
    elif is_asked(about):
        document.say(place, "a flow knows it by `set:` and its language: write `spoken: no`")
    for name in about.choices if about.sets == LANGUAGE else ():
        if not TAG.fullmatch(name):
            text = "is no language; name the choice as the language is named, like sv or pt-BR (BCP 47)"
            document.say((*path, "choices", name), text)


def _check_kind(document: Document, path: tuple[str, ...], about: FieldTable, languages: tuple[str, ...]) -> None:
    wants = field_of(path[-1], about)
    if wants.least > wants.most:
        document.say((*path, "least"), f"{wants.least} is more than the most ({wants.most})")
    if (about.kind == "choice") != bool(about.choices):
        text = "needs `choices: {NAME: {LANGUAGE: TEXT}}`" if about.kind == "choice" else "only kind choice has choices"
        document.say((*path, "choices"), text)
    most = CHOICES_MAX if is_asked(about) else CHOICES
    if len(about.choices) > most:
        document.say(
            (*path, "choices"), f"there are more than {most}; `spoken: no` keeps it from the telephone's nine keys"
        )
    for choice, texts in about.choices.items():
        try:
            words.name(choice)
        except ValueError as error:
            document.say((*path, "choices", choice), str(error))
        _check_words(document, (*path, "choices", choice), texts, languages)
    if about.from_photo and about.kind != "place":
        document.say((*path, "from_photo"), "only a place can be known from a photo")
    if about.sensitive and (about.kind in ("photo", "mail") or (is_asked(about) and about.kind in SPOKEN)):
        text = "cannot be masked: a photo, an address, or an answer by voice is kept whole; `spoken: no` leaves it out"
        document.say((*path, "sensitive"), text)
