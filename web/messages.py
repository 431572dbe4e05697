"""Conversations over HTTP: what was written, with what came along, and answers to it.

Words are personal and stand in vault and content store alone; who wrote which message stands beside them (kind `by`).
"""

import secrets
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct, structs

from queues.channels import CHANNELS
from router import inputs as i
from router.api import CONFIDANTS, STAFF, Asked, Caller, Content, Example, Id, Role, route
from router.contact import Contact
from router.inputs import Refused
from router.letters import UPLOAD, UPLOADED, Attachment, Letter, LetterKind, Place, Report, by_whom, written_by
from router.outbox import Outgoing, message_id
from router.ports import Secret
from router.state import State
from web.contacts import IN_HAND, PERSONAL, OneContact, seen_by
from web.contactview import agent_of
from web.disclosure import Disclosure
from web.house import House, Values

MIB: Final = 1024 * 1024
TEXT_MAX: Final = 65_536
BODY_MAX: Final = 512 * 1024
"""Bytes of an answer as JSON: its text may be written in escapes."""
UPLOAD_MAX: Final = 25 * MIB
ATTACHMENTS_MAX: Final = 20
EARLIER_MAX: Final = 20
"""So many conversations back may be looked at."""
BLANKS_MAX: Final = 3
"""So many messages in a row that nobody wrote end a conversation that is over."""
OCTETS: Final = "application/octet-stream"
WRITERS: Final[frozenset[Role]] = frozenset({"agent", "operator", "supervisor"})
REFUSALS: Final = (*IN_HAND, "not_written", *PERSONAL)
Author = str


class WhichMessages(Asked, frozen=True):
    """The messages of a contact, or of an earlier one in the same conversation."""

    contact: Id
    of: Annotated[str, Meta(max_length=128)] = ""
    """An earlier contact: `follows` of this one, or of one that it follows."""


class WhichFile(Asked, frozen=True):
    """A file that came with a message."""

    contact: Id
    message: Annotated[int, Meta(ge=1)]
    file: Id
    """As in the message's `attachments`; `original.eml` is the mail as it arrived."""
    of: Annotated[str, Meta(max_length=128)] = ""


class Upload(Asked, frozen=True):
    """A file that is to go with an answer, or a form."""

    contact: Id
    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=r'^[^\x00-\x1f\x7f/\\:*?"<>|]+$')]
    media: Annotated[str, Meta(max_length=127, pattern=r"^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$")] = OCTETS
    body: bytes = b""


class Answer(Asked, frozen=True):
    """What an agent writes to the citizen: words of one's own, or a text of the house."""

    contact: Id
    text: Annotated[str, Meta(max_length=TEXT_MAX)] = ""
    template: Annotated[str, Meta(max_length=64)] = ""
    """Name of a text of the house, in the citizen's language; goes before `text`."""
    attachments: Annotated[tuple[Id, ...], Meta(max_length=ATTACHMENTS_MAX)] = ()
    """Files that were uploaded for it."""


class Added(Struct, frozen=True):
    """A message that was added to a conversation."""

    contact: str
    message: int


class Uploaded(Struct, frozen=True):
    """A file that waits for its answer, or its form."""

    attachment: str
    size: int


class MessageView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message of a conversation."""

    message: int
    author: Author
    """`citizen`, `agent`, or `house` for what Vaxel says by itself."""
    agent: str = ""
    at: float | None = None
    """When, UTC seconds."""
    text: str = ""
    outbox: str = ""
    """Of what we write: `waiting` until it was taken, or why it cannot be delivered."""
    kind: LetterKind = "message"
    address: str = ""
    """Where answers go."""
    name: str = ""
    subject: str = ""
    language: str = ""
    html: str = ""
    """Sanitised; may be shown in a frame without scripts."""
    blocked: int = 0
    """Pictures from elsewhere that were taken out."""
    truncated: bool = False
    attachments: tuple[Attachment, ...] = ()
    report: Report | None = None
    """What carriers say about a message of ours; `contact` and `message` name it."""


class Messages(Struct, frozen=True, kw_only=True):
    """A conversation. Personal: the access log keeps every look."""

    contact: str
    matter: str
    reference: str = ""
    """The number by which the citizen knows the matter; empty where mail is not configured."""
    follows: str = ""
    """The contact before it in the same conversation."""
    messages: tuple[MessageView, ...]


class Texts(Struct, frozen=True):
    """Texts to begin an answer with, filled in for one contact."""

    language: str
    texts: dict[str, str]


class MessageRoutes:
    """Carries out what is asked about conversations."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._gate = Disclosure(house)

    # ---- looking -------------------------------------------------------------------------------------------------

    @route(
        "GET",
        "/contacts/{contact}/messages",
        roles=CONFIDANTS,
        refusals=REFUSALS,
        examples=(Example(summary="A mail", asked=WhichMessages(contact="k1"), given="guide09 answers k1"),),
    )
    async def messages(self, caller: Caller, asked: WhichMessages) -> Messages:
        """Show what was written in a conversation, in its order.

        Personal values, kept apart from everything else; the access log keeps who looked.
        """
        contact, outbox = await self._admit(caller, asked.contact)
        values = await self._open(caller, asked.contact, "messages", of=asked.of)
        shown = await self._shown(caller, values, contact, asked.of)
        living = shown == asked.contact
        views = await _views(values, shown, contact.card.thread.messages if living else None, outbox)
        place = await _place(values, shown, contact.card.matter)
        return Messages(
            contact=shown,
            matter=contact.card.matter,
            reference=self._house.reference(contact),
            follows=place.follows,
            messages=views,
        )

    @route(
        "GET",
        "/contacts/{contact}/messages/{message}/attachments/{file}",
        roles=CONFIDANTS,
        refusals=(*REFUSALS, "unknown_attachment"),
        gives=OCTETS,
        examples=(
            Example(
                summary="The mail as it arrived",
                asked=WhichFile(contact="k1", message=1, file="original.eml"),
                given="guide09 answers k1",
            ),
        ),
    )
    async def attachment(self, caller: Caller, asked: WhichFile) -> Content:
        """Give a file that came with a message.

        It is a stranger's: always as bytes to save, never as anything that a browser would show.
        """
        contact, _ = await self._admit(caller, asked.contact)
        values = await self._open(caller, asked.contact, f"file {asked.message}/{asked.file}", of=asked.of)
        shown = await self._shown(caller, values, contact, asked.of)
        key = (await values.personal(message_id(shown, asked.message))).get("letter", "")
        data = await values.file(shown, key, asked.file)
        if data is None:
            raise Refused("unknown_attachment", "this message has no such file, or it is not kept any more")
        return Content(OCTETS, data)

    @route(
        "GET",
        "/contacts/{contact}/texts",
        roles=STAFF,
        refusals=(*IN_HAND, "not_written", "secret"),
        examples=(Example(summary="In its language", asked=OneContact(contact="k1"), given="guide09 answers k1"),),
    )
    async def texts(self, caller: Caller, asked: OneContact) -> Texts:
        """List texts of the house to begin an answer with, in the citizen's language, filled in for this contact."""
        contact, _ = await self._admit(caller, asked.contact)
        return Texts(contact.card.language, dict(self._house.texts(contact)))

    # ---- writing -------------------------------------------------------------------------------------------------

    @route(
        "POST",
        "/contacts/{contact}/messages",
        roles=WRITERS,
        refusals=(
            *REFUSALS,
            "not_connected",
            "unknown_text",
            "unknown_attachment",
            "nothing_written",
            "no_address",
            "disk_full",
        ),
        body_max=BODY_MAX,
        examples=(
            Example(
                summary="An answer",
                asked=Answer(contact="k1", text="Vi öppnar klockan tio."),
                given="guide09 answers k1",
            ),
        ),
    )
    async def write(self, caller: Caller, asked: Answer) -> Added:
        """Write to the citizen.

        It leaves by the way on which the citizen wrote, and stands in the outbox until then if that is mail. Give an
        Idempotency-Key, and a repeat writes nothing twice. The signature of the mailbox is added as it leaves.
        """
        contact, _ = await self._admit(caller, asked.contact)
        text = "\n\n".join(filter(None, (self._template(contact, asked.template), asked.text.strip())))
        if not text and not asked.attachments:
            raise Refused("nothing_written", "give a `text`, a `template` or `attachments`")
        values = await self._open(caller, asked.contact, "thread")
        if CHANNELS[contact.card.channel].carried_by and "address" not in await values.personal(asked.contact):
            raise Refused("no_address", "the citizen left no address to answer to")
        key = await self._gather(values, asked) if asked.attachments else ""
        place = await _place(values, asked.contact, contact.card.matter)
        numbers: list[int] = []

        def word(state: State) -> tuple[i.SendMessage, tuple[Secret, ...]]:
            living = _living(caller, state, asked.contact)
            caller.speaks_for(agent_of(living))
            agent, number = agent_of(living), living.card.thread.messages + 1
            numbers.append(number)
            id_ = message_id(asked.contact, number)
            left = structs.replace(place, matter=living.card.matter, agent=agent)
            kept = [
                Secret(id_, "text", text),
                Secret(id_, "by", by_whom(agent, self._house.now())),
                Secret(asked.contact, "thread", msgspec.json.encode(left).decode()),
                Secret(asked.contact, "draft", ""),
            ]
            return i.SendMessage(asked.contact, agent), (*kept, *([Secret(id_, "letter", key)] if key else ()))

        await self._house.ask(word)
        return Added(asked.contact, numbers[-1])

    @route(
        "POST",
        "/contacts/{contact}/attachments",
        roles=WRITERS,
        refusals=(*IN_HAND, "secret", "disk_full"),
        takes=OCTETS,
        body_max=UPLOAD_MAX,
        examples=(
            Example(
                summary="A form",
                asked=Upload(contact="k1", name="blankett.pdf", media="application/pdf", body=b"%PDF-1.7"),
                given="guide09 answers k1",
            ),
        ),
    )
    async def upload(self, caller: Caller, asked: Upload) -> Uploaded:
        """Give a file that is to go with the next answer, or with a form that is filled in."""

        def look(state: State, _: str) -> None:
            self._gate.check(caller, state, seen_by(caller, state, asked.contact))

        await self._house.read(look)
        key = f"{UPLOAD}{secrets.token_hex(12)}"
        one = Attachment(file=UPLOADED, name=asked.name.strip(" ."), media=asked.media, size=len(asked.body))
        await self._house.contents.put(asked.contact, key, Letter(attachments=(one,)), {UPLOADED: asked.body})
        return Uploaded(key, len(asked.body))

    # ---- inside --------------------------------------------------------------------------------------------------

    async def _admit(self, caller: Caller, id_: str) -> tuple[Contact, Mapping[str, Outgoing]]:
        """Return a conversation that the caller may see, and what of it is in the outbox. Raises Refused."""

        def look(state: State, _: str) -> tuple[Contact, Mapping[str, Outgoing]]:
            contact = _living(caller, state, id_)
            self._gate.check(caller, state, contact)
            return contact, {one.id: one for one in state.outbox.values() if one.contact == id_}

        return await self._house.read(look)

    async def _open(self, caller: Caller, id_: str, kind: str, *, of: str = "") -> Values:
        """Return what reads a conversation, once the look is kept. Raises Refused."""
        return await self._gate.open(caller, lambda state: _living(caller, state, id_), (kind,), of=of)

    async def _shown(self, caller: Caller, values: Values, contact: Contact, of: str) -> str:
        """Return whose messages are to be shown, an earlier contact's if it may be seen. Raises Refused."""
        id_, matter = contact.card.id, contact.card.matter
        shown = await _shown(values, id_, of)
        if shown != id_ and (before := (await _place(values, shown, matter)).matter) != matter:
            await self._gate.check_matter(caller, before)
        return shown

    def _template(self, contact: Contact, name: str) -> str:
        if not name:
            return ""
        texts = self._house.texts(contact)
        if name not in texts:
            raise Refused("unknown_text", f"there is no text of that name; known: {', '.join(sorted(texts)) or 'none'}")
        return texts[name].strip()

    async def _gather(self, values: Values, asked: Answer) -> str:
        """Put the files of an answer together; return their letter's key. Raises Refused."""
        found: list[Attachment] = []
        files: dict[str, bytes] = {}
        for upload in asked.attachments:
            letter = await values.letter(asked.contact, upload)
            data = await values.file(asked.contact, upload, UPLOADED)
            if not upload.startswith(UPLOAD) or letter is None or data is None:
                raise Refused("unknown_attachment", "a file was not uploaded for this contact")
            file = str(len(found) + 1)
            found.append(structs.replace(letter.attachments[0], file=file))
            files[file] = data
        key = f"a{secrets.token_hex(12)}"
        await self._house.contents.put(asked.contact, key, Letter(attachments=tuple(found)), files)
        return key


def _living(caller: Caller, state: State, id_: str) -> Contact:
    """Return a conversation that the caller may see. Raises Refused."""
    contact = seen_by(caller, state, id_)
    if not contact.card.written:
        raise Refused("not_written", "this contact is no conversation of messages")
    return contact


async def _shown(values: Values, contact: str, of: str) -> str:
    """Return whose messages are to be shown: an earlier contact's only if this one leads there. Raises Refused."""
    if of in ("", contact):
        return contact
    before = contact
    for _ in range(EARLIER_MAX):
        before = (await _place(values, before, "")).follows
        if before == of:
            return of
        if not before:
            break
    raise Refused("unknown_contact", "the conversation does not go back to that contact")


async def _views(
    values: Values, contact: str, count: int | None, outbox: Mapping[str, Outgoing]
) -> tuple[MessageView, ...]:
    views: list[MessageView] = []
    blanks, number = 0, 0
    while number < count if count is not None else blanks < BLANKS_MAX:
        number += 1
        view = await _view(values, contact, number, outbox.get(message_id(contact, number)))
        blanks = blanks + 1 if view.author == "house" else 0
        views.append(view)
    return tuple(views if count is not None else views[: len(views) - blanks])


async def _view(values: Values, contact: str, number: int, outgoing: Outgoing | None) -> MessageView:
    kept = await values.personal(message_id(contact, number))
    author, agent, at = written_by(kept.get("by", ""))
    if at is None and outgoing is not None:
        at = outgoing.added
    waiting = "" if outgoing is None else (outgoing.failed or "waiting")
    key = kept.get("letter")
    letter = await values.letter(contact, key) if key else None
    view = MessageView(message=number, author=author, agent=agent, at=at, text=kept.get("text", ""), outbox=waiting)
    if letter is None:
        return view
    return structs.replace(
        view,
        text=letter.text or view.text,
        kind=letter.kind,
        address=letter.sender,
        name=letter.name,
        subject=letter.subject,
        language=letter.language,
        html=letter.html,
        blocked=letter.blocked,
        truncated=letter.truncated,
        attachments=letter.attachments,
        report=letter.report,
    )


async def _place(values: Values, contact: str, matter: str) -> Place:
    written = (await values.personal(contact)).get("thread")
    return msgspec.json.decode(written, type=Place) if written is not None else Place(matter)
