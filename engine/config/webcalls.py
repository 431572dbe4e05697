"""webcalls.yaml: pages from which citizens ring, to what they are told, and the ways in that they are."""

from collections.abc import Iterator
from typing import Annotated, Final

from msgspec import Meta, field

from engine.config import schema as s
from engine.config import words
from engine.config.document import Document
from engine.config.flows import straight_to
from engine.config.folder import Folder
from engine.config.problems import unknown
from engine.config.reader import Reader, Word
from engine.installation import Installation
from ivr.flow import Flow
from router.configuration import Configuration, Entry, web_call
from web.callpages import Page, WebCalls

FILE: Final = "webcalls.yaml"
CHANNEL: Final = "call"
CALLS_MAX: Final = 1000


class PageTable(s.Table, frozen=True, kw_only=True):
    """A page to ring from: a flow, or straight to a queue. The first of `languages` is the page's own; some may have a
    flow of their own (`flows`)."""

    title: dict[str, str] = field(default_factory=dict)
    flow: str = ""
    queue: str = ""
    languages: tuple[str, ...] = ()
    flows: dict[str, str] = field(default_factory=dict)
    embedded_by: tuple[Annotated[str, Word(words.site)], ...] = ()
    calls: Annotated[int, Meta(ge=1, le=CALLS_MAX)] = 20
    per_hour: Annotated[int, Meta(ge=1, le=10_000)] = 30
    chat: str = ""
    callback: str = ""


class WebCallsFile(s.Table, frozen=True):
    """webcalls.yaml; all of it may be left out."""

    pages: dict[str, PageTable] = field(default_factory=dict)
    proxies: tuple[Annotated[str, Word(words.any_address)], ...] = ()


def webcalls_file(document: Document) -> WebCallsFile:
    """Read webcalls.yaml, which may be missing. Mistakes are noted in the document."""
    file = Reader(document).whole(WebCallsFile) or WebCallsFile()
    for name in document.keys("pages"):
        try:
            words.phone(name)
        except ValueError as error:
            document.say(("pages", name), str(error))
    for name, table in file.pages.items():
        if bool(table.flow) == bool(table.queue):
            document.say(("pages", name), "leads to one thing; write either flow: NAME or queue: NAME")
    return file


def settings(file: WebCallsFile, language: str) -> WebCalls:
    """Return what the pages are told."""
    pages = {
        name: Page(
            title=table.title,
            languages=table.languages or (language,),
            queue=table.queue if not table.flows else "",
            embedded_by=table.embedded_by,
            calls=table.calls,
            per_hour=table.per_hour,
            chat=table.chat,
            callback=table.callback,
        )
        for name, table in file.pages.items()
    }
    return WebCalls(pages=pages, proxies=file.proxies)


def entries(file: WebCallsFile, language: str) -> tuple[Entry, ...]:
    """Return the ways in: one for each language of each page."""
    return tuple(
        Entry(
            channel=CHANNEL,
            address=web_call(name, spoken),
            flow=page.flows.get(spoken) or page.flow or straight_to(page.queue).name,
            language=spoken,
        )
        for name, page in file.pages.items()
        for spoken in page.languages or (language,)
    )


def flows(file: WebCallsFile) -> Iterator[Flow]:
    """Yield the flows of ways straight to a queue."""
    for page in file.pages.values():
        if page.queue:
            yield straight_to(page.queue)


def check(
    folder: Folder, file: WebCallsFile, core: Configuration, installation: Installation, spoken: list[str]
) -> None:
    """Note what does not fit together; `spoken` are the languages of prompts.yaml."""
    document, queues, known = folder.webcalls, folder.queues.keys("queues"), list(folder.flows)
    if file.pages and installation.edge == "none":
        document.say(("pages",), "reach the edge; leave `edge: none` out of vaxel.yaml")
    for name, page in file.pages.items():
        path = ("pages", name)
        if page.queue and folder.queues.root is not None and page.queue not in queues:
            document.say((*path, "queue"), unknown("queue", page.queue, queues))
        if page.flow and page.flow not in known:
            document.say((*path, "flow"), unknown("flow", page.flow, known))
        for language, flow in page.flows.items():
            if language not in page.languages:
                document.say((*path, "flows", language), unknown("language of this page", language, page.languages))
            if flow not in known:
                document.say((*path, "flows", language), unknown("flow", flow, known))
        for index, one in enumerate(page.languages):
            if one not in spoken:
                document.say((*path, "languages", index), unknown("language in prompts.yaml", one, spoken))
        if page.chat and page.chat not in installation.chat.pages:
            document.say((*path, "chat"), unknown("page in chat.yaml", page.chat, installation.chat.pages))
        promised = [queue.name for queue in core.queues.values() if queue.calling.on_page]
        if page.callback and page.callback not in promised:
            text = unknown("queue that promises calls on a page (queues.yaml, `on_page`)", page.callback, promised)
            document.say((*path, "callback"), text)
