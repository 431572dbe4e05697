"""chat.yaml to `ChatSettings` and hooks, to the ways in that they are, and what holds of flows in writing."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from adapters.chat import settings as adapter
from adapters.post import settings as post
from adapters.post.signing import SECRET_MIN
from engine.config import flowchecks, words
from engine.config.document import Document, Path_
from engine.config.flowchecks import Spoken, check_prompt
from engine.config.flows import straight_to
from engine.config.folder import Folder
from engine.config.problems import unknown
from engine.config.reader import Reader
from engine.config.schema import ChatFile, FlowsTable, HookTable, PageTable
from ivr import flow as ivr
from ivr import promising
from ivr.flow import Flow
from queues.channels import CHANNELS
from queues.queue import GOODBYE
from router.announcing import key_prompt
from router.configuration import Configuration, Entry
from router.contact import STILL_THERE
from router.messages import CLOSED
from router.secondline import LEFT

FILE: Final = "chat.yaml"
EVERYWHERE: Final = (STILL_THERE, CLOSED, "chat_none", "chat_person", GOODBYE.name)
"""What any chat may have to say."""
PROMISED: Final = ("callback_promised", "callback_promised_at")
TEXT_MAX: Final = 2000


def chat_file(document: Document) -> ChatFile:
    """Read chat.yaml, which may be missing. Mistakes are noted in the document."""
    file = Reader(document).whole(ChatFile) or ChatFile()
    for kind in ("pages", "hooks"):
        for name in document.keys(kind):
            try:
                words.name(name)
            except ValueError as error:
                document.say((kind, name), str(error))
    for kind, name, table in _ways_in(file):
        if bool(table.flow) == bool(table.queue):
            document.say((kind, name), "leads to one thing; write either flow: NAME or queue: NAME")
    for language, texts in file.words.items():
        for name, text in texts.items():
            if len(text) > TEXT_MAX:
                document.say(("words", language, name), f"has {len(text)} characters; at most {TEXT_MAX} are read")
    return file


def settings(file: ChatFile, texts: Mapping[str, Mapping[str, str]], language: str) -> adapter.ChatSettings:
    """Return what the adapter is told; what `words` leaves out is written as it is said."""
    spoken = {one: dict(texts.get(one, {})) | file.words.get(one, {}) for one in {*texts, *file.words}}
    return adapter.ChatSettings(
        pages={
            name: adapter.Page(
                title=table.title, languages=table.languages or (language,), embedded_by=table.embedded_by
            )
            for name, table in file.pages.items()
        },
        words=spoken,
        back_within=file.back_within,
        chats_max=file.chats,
        proxies=file.proxies,
    )


def hooks(document: Document, file: ChatFile, folder: Path, *, demo: bool) -> dict[str, post.Hook]:
    """Return the hooks; in a `demo` a secret may be missing, for `vaxel demo` makes it. Mistakes are noted in the
    document."""
    return {name: _hook(document, name, table, folder, demo=demo) for name, table in file.hooks.items()}


def secret_problem(path: Path, named: str) -> str:
    """Return what is wrong with a file that holds a secret; empty when nothing is."""
    try:
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        return f"{named} cannot be read: {error.strerror if isinstance(error, OSError) else 'no text'}"
    if len(secret) < SECRET_MIN:
        return f"{named} holds less than {SECRET_MIN} characters; make one with: openssl rand -hex 32"
    return ""


def _hook(document: Document, name: str, table: HookTable, folder: Path, *, demo: bool) -> post.Hook:
    path = (folder / table.secret_file).resolve()
    to_be_made = demo and not path.exists()
    if not to_be_made and (wrong := secret_problem(path, table.secret_file)):
        document.say(("hooks", name, "secret_file"), wrong)
    return post.Hook(
        url=table.url,
        secret_file=str(path),
        title=table.title,
        numbers=table.senders == "numbers",
        give_up=table.give_up,
    )


def entries(file: ChatFile, language: str) -> tuple[Entry, ...]:
    """Return the ways in: one for each language of each page, and one for each hook."""
    found: list[Entry] = []
    for name, page in file.pages.items():
        for number, spoken in enumerate(page.languages or (language,)):
            address = name if number == 0 else f"{name} {spoken}"
            found.append(Entry(channel=adapter.CHANNEL, address=address, flow=_flow(page), language=spoken))
    for name, hook in file.hooks.items():
        spoken = hook.language or language
        found.append(
            Entry(channel=post.CHANNEL, address=name, flow=_flow(hook), language=spoken, acknowledge=hook.acknowledge)
        )
    return tuple(found)


def flows(file: ChatFile) -> Iterator[Flow]:
    """Yield the flows of ways straight to a queue."""
    for _, _, table in _ways_in(file):
        if table.queue:
            yield straight_to(table.queue)


def _flow(table: PageTable | HookTable) -> str:
    return table.flow or straight_to(table.queue).name


# ---- checks ----------------------------------------------------------------------------------------------------


def check(
    folder: Folder, file: ChatFile, core: Configuration, house: FlowsTable, spoken: Spoken, language: str
) -> None:
    """Note what does not fit together, and what cannot be done in writing."""
    _check_names(folder, file, core)
    known = {one: {*spoken.names.get(one, ()), *file.words.get(one, ())} for one in {*spoken.names, *file.words}}
    _check_languages(folder, file, known)
    if not folder.sound():
        return
    _check_served(folder, file, core)
    for name, hook in file.hooks.items():
        _check_unasked(folder, core, name, hook)
        if hook.acknowledge:
            path = ("hooks", name, "acknowledge")
            check_prompt(folder.chat, path, hook.acknowledge, known, {hook.language or language})
    if file.pages:
        _check_written(folder, core, house, known, language)


def _ways_in(file: ChatFile) -> Iterator[tuple[str, str, PageTable | HookTable]]:
    for name, page in file.pages.items():
        yield "pages", name, page
    for name, hook in file.hooks.items():
        yield "hooks", name, hook


def _check_names(folder: Folder, file: ChatFile, core: Configuration) -> None:
    queues, known = folder.queues.keys("queues"), list(folder.flows)
    for kind, name, table in _ways_in(file):
        if table.queue and folder.queues.root is not None and table.queue not in queues:
            folder.chat.say((kind, name, "queue"), unknown("queue", table.queue, queues))
        if table.flow and table.flow not in known:
            folder.chat.say((kind, name, "flow"), unknown("flow", table.flow, known))
    mailboxes = [one.address for one in core.entries if one.channel == "mail"]
    for _, document, name, node in flowchecks.nodes(folder, core):
        if isinstance(node, ivr.Mail) and node.mailbox not in mailboxes:
            document.say((name, "mailbox"), unknown("mailbox in mail.yaml", node.mailbox, mailboxes))


def _check_languages(folder: Folder, file: ChatFile, known: Mapping[str, set[str]]) -> None:
    for name, page in file.pages.items():
        for index, one in enumerate(page.languages):
            if one not in known:
                folder.chat.say(("pages", name, "languages", index), unknown("language", one, list(known)))
    for name, hook in file.hooks.items():
        if hook.language and hook.language not in known:
            folder.chat.say(("hooks", name, "language"), unknown("language", hook.language, list(known)))


def _check_served(folder: Folder, file: ChatFile, core: Configuration) -> None:
    """Note queues whose messages would wait for ever."""
    for kind, name, table in _ways_in(file):
        channel = adapter.CHANNEL if kind == "pages" else post.CHANNEL
        if table.queue and (text := _untaken(core, channel, table.queue)):
            folder.chat.say((kind, name, "queue"), text)


def _untaken(core: Configuration, channel: str, queue: str) -> str:
    """Return what is wrong with contacts of a channel in a queue: that nobody has room for any; empty for nothing."""
    room = CHANNELS[channel].capacity
    if any(agent.capacity.get(channel, room) for agent in core.agents.values() if queue in agent.queues):
        return ""
    return f'nobody takes a {channel} of queue "{queue}"; give an agent of it `capacity: {{{channel}: {room}}}`'


def _check_unasked(folder: Folder, core: Configuration, name: str, hook: HookTable) -> None:
    """Note questions in a flow whose answers nobody waits for."""
    for flow, document, node_name, node in flowchecks.nodes(folder, core):
        if flow == hook.flow and isinstance(node, ivr.Asking | ivr.Form | ivr.Say | ivr.Announcement | ivr.Connect):
            text = f"cannot be behind the hook {name}, where nobody waits to be asked or told; let the flow only decide"
            document.say((node_name,), text)


def _check_written(
    folder: Folder, core: Configuration, house: FlowsTable, known: Mapping[str, set[str]], language: str
) -> None:
    """Note what a citizen who chats would not be able to read or do."""
    places = flowchecks.read_in(folder, core, language)
    everywhere = set().union(*places.values(), {one.language for one in core.entries if one.channel == "chat"})
    hands_over = any(queue.second_line is not None for queue in core.queues.values())
    for prompt in (*EVERYWHERE, *([LEFT] if hands_over else []), *filter(None, (house.no_input, house.wrong_input))):
        check_prompt(folder.chat, ("words",), prompt, known, everywhere)
    for queue in core.queues.values():
        for place, way in queue.ways():
            path: Path_ = ("queues", queue.name, *place, way.to)
            if way.prompt:
                check_prompt(folder.queues, path, way.prompt, known, everywhere)
        for key, way in queue.keys.items():
            check_prompt(folder.queues, ("queues", queue.name, "keys", key), key_prompt(way), known, everywhere)
    for flow, document, name, node in flowchecks.nodes(folder, core):
        here = places.get((flow, name))
        if here is None:
            continue
        _check_node(core, document, name, node)
        for field, prompt, languages in _read(node, here):
            check_prompt(document, (name, *field), prompt, known, languages)


def _check_node(core: Configuration, document: Document, name: str, node: ivr.Node) -> None:
    """Note what cannot be done in writing."""
    match node:
        case ivr.Enter() if node.queue in core.queues:
            if text := _untaken(core, adapter.CHANNEL, node.queue):
                document.say((name, "queue"), text)
        case ivr.Connect():
            document.say((name, "connect"), "rings somebody, and a chat leads here")
        case ivr.Menu():
            for key, to in node.choices.items():
                if key not in node.titles and to != name:
                    text = "has no button, and a chat leads here; write {to: NODE, title: PROMPT}, or title: no"
                    document.say((name, "choices", key), text)
        case _:
            return


def _read(node: ivr.Node, here: set[str]) -> Iterator[tuple[Path_, str, set[str]]]:
    """Yield the prompts that are read at a node: the field, the prompt, in which languages."""
    match node:
        case ivr.Say():
            yield ("say",), node.prompt, here
        case ivr.Menu():
            yield ("menu",), node.prompt, here
            for key, title in node.offered.items():
                yield ("choices", key, "title"), title, here
        case ivr.Language():
            yield ("language",), node.prompt, {tongue.language for tongue in node.choices.values()}
        case ivr.Collect():
            yield ("collect",), node.prompt, here
        case ivr.Times():
            names = (node.prompt, *promising.PROMPTS, *promising.TITLES, "callback_number", *PROMISED)
            yield from ((("callback",), name, here) for name in names)
        case ivr.Standing():
            yield from ((("promised",), name, here) for name in (node.prompt, node.at, *promising.TITLES))
        case ivr.Mail():
            yield ("prompt",), node.prompt, here
        case ivr.Form():
            for index, question in enumerate(node.questions):
                kind = "collect" if isinstance(question, ivr.Collect) else "record"
                yield (("questions", index, kind) if node.channel == "report" else ()), question.prompt, here
        case _:
            return
