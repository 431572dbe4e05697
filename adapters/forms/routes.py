"""What forms offer over HTTP: to citizens' browsers, and to guides and whoever reads what was filled in."""

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from adapters.forms.page import Page
from adapters.forms.reading import MEDIA, Photos, boundary_of
from adapters.forms.serving import FROM_PHOTO, Again, Forms, Sent, in_order, shown
from adapters.forms.settings import BODY_MAX, CHANNEL, Form, form_of
from adapters.forms.words import sentence, words_in
from ivr.forms import Field, Mistake, check
from router.answers import answers_in
from router.api import (
    CONFIDANTS,
    EVERYBODY,
    Asked,
    Caller,
    Content,
    Example,
    Id,
    Pace,
    Role,
    Route,
    Visitor,
    public,
    route,
    routes_of,
)
from router.contact import Connected, Contact, WrappingUp
from router.inputs import Refused
from router.letters import written_by
from router.looking import AccessLog, Looked
from router.outbox import message_id
from router.secrecy import is_secret, may_see
from router.state import State

LOOK = Pace(rate=2, burst=40)
"""A class fills it in together; then it is enough."""
SEND = Pace(rate=0.2, burst=20)
SLOW_S: Final = 300.0
"""In which a body comes: photos by a slow telephone."""
WRITERS: Final[frozenset[Role]] = frozenset({"agent", "operator", "supervisor"})
STATUSES: Final = {"unknown_form": 404, "no_form": 404}
HTML: Final = "text/html"
Spoken = Callable[[str], Awaitable[Mapping[str, float]]]
"""Returns the seconds of a contact's answers by voice, by their names."""


class WhichForm(Asked, frozen=True, kw_only=True):
    """Which form, and in which language."""

    form: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\s/]+$")]
    language: Annotated[str, Meta(max_length=16)] = ""


class Body(WhichForm, frozen=True, kw_only=True):
    """What a browser sends."""

    body: bytes = b""


class WhichSent(WhichForm, frozen=True, kw_only=True):
    """A form that was sent."""

    token: Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[0-9a-f-]+$")]


class PublicRoutes:
    """What browsers ask for."""

    def __init__(self, forms: Callable[[], Forms]) -> None:
        """`forms` raises Refused before there are any."""
        self._forms = forms

    @public("GET", "/forms/{form}", LOOK, gives=HTML, refusals=("unknown_form",))
    async def show(self, visitor: Visitor, asked: WhichForm) -> Content:
        """Give a form to be filled in, in the language asked for or the browser's; it needs no scripts."""
        forms, form = self._form(asked.form)
        return Page(form, _language(form, visitor, asked.language)).asking(Again({}, token=forms.token(form)))

    @public(
        "POST",
        "/forms/{form}",
        SEND,
        takes=MEDIA,
        body_max=BODY_MAX,
        body_within=SLOW_S,
        gives=HTML,
        refusals=("unknown_form", "disk_full", "too_busy"),
    )
    async def send(self, visitor: Visitor, asked: Body) -> Content:
        """Take a form that was filled in: on to the page that says so (303), or back with all that is to be mended."""
        forms, form = self._form(asked.form)
        language = _language(form, visitor, asked.language)
        boundary = boundary_of(visitor.headers.get("content-type", ""))
        outcome = await forms.take(form, language, asked.body, boundary)
        match outcome:
            case Sent():
                return Content(HTML, b"", status=303, location=f"{form.name}/sent/{outcome.token}?language={language}")
            case Again():
                return Page(form, language).asking(outcome)

    @public("GET", "/forms/{form}/sent/{token}", LOOK, gives=HTML, refusals=("unknown_form",))
    async def sent(self, visitor: Visitor, asked: WhichSent) -> Content:
        """Say that a form has come, under which reference number, and how it stands."""
        forms, form = self._form(asked.form)
        language = _language(form, visitor, asked.language)
        return Page(form, language).sent(*await forms.standing(form, asked.token))

    def _form(self, name: str) -> tuple[Forms, Form]:
        forms = self._forms()
        form = forms.settings.forms.get(name)
        if form is None or not form.page:
            raise Refused("unknown_form", "there is no such form")
        return forms, form


def _language(form: Form, visitor: Visitor, asked: str) -> str:
    """Return the language to show: the one asked for, the first of the browser's that there is, or the form's own."""
    if asked in form.languages:
        return asked
    accepted = (one.partition(";")[0].strip().partition("-")[0].lower() for one in _accepted(visitor))
    return next((one for one in accepted if one in form.languages), form.languages[0])


def _accepted(visitor: Visitor) -> list[str]:
    return visitor.headers.get("accept-language", "").split(",")


# ---- for who is signed in ----------------------------------------------------------------------------------------


class FieldView(Struct, frozen=True, kw_only=True):
    """A field of a form."""

    name: str
    kind: str
    required: bool
    label: Mapping[str, str]
    """Language to text."""
    hint: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]
    least: int
    most: int
    sensitive: str


class FormView(Struct, frozen=True, kw_only=True):
    """A form that can be filled in."""

    form: str
    title: Mapping[str, str]
    languages: tuple[str, ...]
    queue: str
    fields: tuple[FieldView, ...]


class FormViews(Struct, frozen=True):
    """All forms."""

    forms: tuple[FormView, ...]


Chosen = Annotated[str, Meta(max_length=140, pattern=r"^(u[0-9a-f]+|[1-9][0-9]{0,5}/[^\s/]+)$")]
"""A file of a contact: what was uploaded for it, or `2/1`, a file that came with its second message."""


class FillIn(Asked, frozen=True, kw_only=True):
    """What a guide fills in for somebody."""

    form: Id
    values: dict[str, Annotated[str, Meta(max_length=20_000)]]
    """Name of a field to what is answered."""
    photos: Mapping[str, Annotated[tuple[Chosen, ...], Meta(max_length=20)]] = {}
    """Name of a field to files of the contact in hand: the `attachment` of an upload, or `MESSAGE/FILE`."""
    contact: Annotated[str, Meta(max_length=128)] = ""
    """The contact in hand, whose matter it belongs to."""
    language: Annotated[str, Meta(max_length=16)] = ""


class MistakeView(Struct, frozen=True):
    """What is wrong with one answer."""

    field: str
    cause: str
    text: str
    """In the language of the form."""


class FilledIn(Struct, frozen=True, kw_only=True):
    """What became of it: a contact, or nothing yet and all that is to be mended."""

    contact: str = ""
    reference: str = ""
    mistakes: tuple[MistakeView, ...] = ()


class OneForm(Asked, frozen=True):
    """A form that was filled in."""

    contact: Id


class AnswerView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer."""

    name: str
    kind: str
    label: str
    value: str = ""
    """As it is kept: a choice by its name."""
    shown: str = ""
    """As people read it."""
    hidden: bool = False
    """It was given, and is not kept, or only its end."""
    seconds: float | None = None
    """It was answered by voice: `GET /contacts/{contact}/answers/{name}` gives the recording."""
    photos: tuple[str, ...] = ()
    """`GET /contacts/{contact}/messages/1/attachments/{photo}` gives each."""
    from_photo: str = ""
    """Where a photo says it was taken: latitude and longitude in degrees."""


class FilledView(Struct, frozen=True, kw_only=True):
    """A form that was filled in. Personal: the access log keeps every look."""

    contact: str
    form: str
    title: str
    language: str
    matter: str
    reference: str
    by: str
    """`citizen`, or the id of the guide who filled it in."""
    at: float | None
    answerable: bool
    """The citizen left an address, so that `POST /contacts/{contact}/messages` answers by mail."""
    answers: tuple[AnswerView, ...]


class DeskRoutes:
    """What guides, and whoever reads forms, ask for."""

    def __init__(
        self, forms: Callable[[], Forms], spoken: Spoken, log: Callable[[], AccessLog], secret_roles: Collection[str]
    ) -> None:
        """`forms` and `log` raise Refused before there are any; `secret_roles` see also what is secret."""
        self._forms = forms
        self._spoken = spoken
        self._log = log
        self._secret_roles = secret_roles

    @route("GET", "/forms", roles=EVERYBODY, examples=(Example(summary="All", asked=Asked()),))
    async def forms(self, _: Caller, asked: Asked) -> FormViews:
        """List the forms that can be filled in, with their words in all their languages."""
        return FormViews(tuple(_form_view(form) for form in self._forms().settings.forms.values()))

    @route(
        "POST",
        "/forms/{form}",
        roles=WRITERS,
        refusals=(
            "unknown_form",
            "unknown_contact",
            "not_yours",
            "unknown_attachment",
            "secret",
            "store_away",
            "access_log_away",
            "disk_full",
            "too_busy",
        ),
    )
    async def fill_in(self, caller: Caller, asked: FillIn) -> FilledIn:
        """Fill in a form for somebody who cannot; it becomes a contact of the same matter as the one in hand.

        Photos are files of the contact in hand, and none is required; an upload is deleted once its picture is kept.
        Mistakes come all at once, and nothing is begun then. Give an Idempotency-Key, and a repeat begins nothing
        twice.
        """
        forms = self._forms()
        form = forms.settings.forms.get(asked.form)
        if form is None:
            raise Refused("unknown_form", "there is no such form")
        beside = forms.house.state().contacts.get(asked.contact)
        if asked.contact and beside is None:
            raise Refused("unknown_contact", "there is no such contact now")
        if beside is not None and caller.role == "agent":
            caller.speaks_for(_agent_of(beside))
        language = form.language(asked.language or (beside.card.language if beside is not None else ""))
        filled, taken = check(form.fields, asked.values), await self._photos(caller, form, beside, asked.photos)
        if mistakes := in_order(form.fields, (*filled.mistakes, *taken.mistakes)):
            return FilledIn(mistakes=_mistakes(form, mistakes, language))
        mark = secrets.token_hex(16)
        contact = forms.contact(form, mark)
        by = caller.agent or caller.name
        await forms.file(form, language, filled.values, taken.photos, contact, mark, by, asked.contact)
        await forms.forget(asked.contact, asked.photos)
        matter = beside.card.matter if beside is not None else contact
        return FilledIn(contact=contact, reference=forms.reference(matter))

    async def _photos(
        self, caller: Caller, form: Form, beside: Contact | None, chosen: Mapping[str, tuple[str, ...]]
    ) -> Photos:
        """Take the files that were chosen; those of messages are looked at by that. Raises Refused."""
        if beside is None:
            if any(chosen.values()):
                raise Refused("unknown_attachment", "photos are files of a contact in hand: name it")
            return Photos()
        forms = self._forms()
        if read := sorted({f"file {one}" for some in chosen.values() for one in some if "/" in one}):
            if not caller.agent or caller.agent != _agent_of(beside):
                raise Refused("not_yours", "what came with messages is for whoever has the contact in hand")
            await self._admit(caller, forms.house.state(), beside, *read)
        return await forms.photos(form, beside.card.id, chosen)

    @route(
        "GET",
        "/contacts/{contact}/form",
        roles=CONFIDANTS,
        refusals=("unknown_contact", "not_yours", "no_form", "secret"),
    )
    async def filled_in(self, caller: Caller, asked: OneForm) -> FilledView:
        """Show a form that was filled in, field by field.

        Personal values; the access log keeps who looked.
        """
        forms = self._forms()
        state = forms.house.state()
        contact = state.contacts.get(asked.contact)
        if contact is None:
            raise Refused("unknown_contact", "there is no such contact now")
        if caller.role == "agent":
            caller.speaks_for(_agent_of(contact))
        form = forms.settings.forms.get(form_of(contact.card.entry)) if contact.card.channel == CHANNEL else None
        if form is None:
            raise Refused("no_form", "this contact is no form, or its form is not in the configuration any more")
        await self._admit(caller, state, contact, "form")
        kept = await forms.house.kept(asked.contact)
        by, agent, at = written_by((await forms.house.kept(message_id(asked.contact, 1))).get("by", ""))
        spoken = await self._spoken(asked.contact)
        language = form.language(contact.card.language)
        return FilledView(
            contact=asked.contact,
            form=form.name,
            title=form.said(form.title, language),
            language=contact.card.language,
            matter=contact.card.matter,
            reference=forms.reference(contact.card.matter),
            by=agent or ("citizen" if by == "house" else by),
            at=at,
            answerable="address" in kept,
            answers=tuple(_answers(form, answers_in(kept), spoken, language)),
        )

    async def _admit(self, caller: Caller, state: State, contact: Contact, *kinds: str) -> None:
        """Write a look into the access log, if the caller may look. Raises Refused."""
        serves = bool(caller.agent) and caller.agent == _agent_of(contact)
        secret = is_secret(state, contact)
        if not may_see(secret=secret, serves=serves, role=caller.role, roles=self._secret_roles):
            raise Refused("secret", "this matter is secret, and this token may not see it")
        look = Looked(
            by=caller.name,
            role=caller.role,
            agent=caller.agent,
            ground="desk" if serves else "leads",
            contact=contact.card.id,
            matter=contact.card.matter,
            kinds=kinds,
            secret=secret,
        )
        await self._log().looked(look)


def _agent_of(contact: Contact) -> str:
    return contact.agent if isinstance(contact, Connected | WrappingUp) else ""


def _mistakes(form: Form, mistakes: Sequence[Mistake], language: str) -> tuple[MistakeView, ...]:
    words, labels = words_in(language, form.house), {one.name: _label(form, one, language) for one in form.fields}
    fields = {one.name: one for one in form.fields}
    return tuple(
        MistakeView(one.field, one.cause, sentence(words, one.cause, fields[one.field], labels[one.field]))
        for one in mistakes
    )


def _label(form: Form, asked: Field, language: str) -> str:
    return form.said(form.words[asked.name].label, language)


def _form_view(form: Form) -> FormView:
    return FormView(
        form=form.name,
        title=form.title,
        languages=form.languages,
        queue=form.queue,
        fields=tuple(
            FieldView(
                name=one.name,
                kind=one.kind,
                required=one.required and one.kind != "photo",
                label=form.words[one.name].label,
                hint=form.words[one.name].hint,
                choices=form.words[one.name].choices,
                least=one.least,
                most=one.most,
                sensitive=one.sensitive,
            )
            for one in form.fields
        ),
    )


def _answers(form: Form, kept: Mapping[str, str], spoken: Mapping[str, float], language: str) -> list[AnswerView]:
    found = []
    for one in form.fields:
        value = kept.get(one.name)
        if value is None and one.name not in spoken:
            continue
        photo = one.kind == "photo"
        found.append(
            AnswerView(
                name=one.name,
                kind=one.kind,
                label=_label(form, one, language),
                value="" if photo else value or "",
                shown="" if photo else shown(form, one, value or "", language),
                hidden=bool(one.sensitive),
                seconds=spoken.get(one.name),
                photos=tuple(value.split(",")) if photo and value else (),
                from_photo=kept.get(one.name + FROM_PHOTO, ""),
            )
        )
    return found


def routes(forms: Callable[[], Forms]) -> list[Route]:
    """Return what is offered to anybody."""
    return routes_of(PublicRoutes(forms), "forms")


def desk_routes(
    forms: Callable[[], Forms], spoken: Spoken, log: Callable[[], AccessLog], secret_roles: Collection[str]
) -> list[Route]:
    """Return what is offered behind sign-in."""
    return routes_of(DeskRoutes(forms, spoken, log, secret_roles), "forms")
