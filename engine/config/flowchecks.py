"""What holds between flows and everything else: the queues, hours, flows, skills and prompts that their nodes name."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from engine.config import graph
from engine.config.document import Document, Path_
from engine.config.flows import CODE, STUDIO
from engine.config.folder import Folder
from engine.config.problems import listed, unknown
from engine.config.schema import FlowsTable, NumbersFile
from engine.config.shapes import MESSAGES
from ivr import flow as ivr
from ivr import promising
from ivr.flow import Flow
from queues.channels import CHANNELS
from queues.skills import Needs
from router.configuration import Configuration

DIGITS = frozenset({"digits"})
WHEN = frozenset({"day", "time"})
CALL_PROMPTS: Mapping[str, frozenset[str]] = promising.PROMPTS | {
    "callback_number": frozenset(),
    "callback_number_yours": DIGITS,
    "callback_number_right": DIGITS,
    "callback_promised": DIGITS,
    "callback_promised_at": DIGITS | WHEN,
}
"""What a node about a call says, to the values that have to be said."""


class Spoken(Struct, frozen=True):
    """What can be said."""

    names: Mapping[str, set[str]]
    """Language to prompts."""
    values: Mapping[str, Mapping[str, frozenset[str]]]
    """Language to prompt to the values in its text."""


class Heard(Struct, frozen=True):
    """A prompt that a node says."""

    path: Path_
    """Of the field that names it, from the node on."""
    prompt: str
    allowed: frozenset[str] = frozenset()
    """Values that its text may name."""
    needed: frozenset[str] = frozenset()
    """Values that it must name."""
    languages: frozenset[str] = frozenset()
    """Those in which it is heard, if not those of the place."""


def written(folder: Folder, core: Configuration) -> dict[str, Flow]:
    """Return the flows of files that hold no mistake so far."""
    return {name: core.flows[name] for name, document in folder.flows.items() if not document.problems}


def nodes(folder: Folder, core: Configuration) -> Iterator[tuple[str, Document, str, ivr.Node]]:
    """Yield every node that somebody wrote and that could be read: flow, file, name, node."""
    for name, document in folder.flows.items():
        known = document.keys()
        for node_name, node in core.flows[name].nodes.items():
            if node_name in known:
                yield name, document, node_name, node


# ---- names -----------------------------------------------------------------------------------------------------


def check_names(folder: Folder, core: Configuration, house: FlowsTable) -> None:
    """Note queues, hours and flows that are not there."""
    queues, hours = folder.queues.keys("queues"), folder.queues.keys("hours")
    for _, document, name, node in nodes(folder, core):
        for path, queue in _queues(node):
            if folder.queues.root is not None and queue not in queues:
                document.say((name, *path), unknown("queue", queue, queues))
        match node:
            case ivr.Open():
                _check_hours(folder, document, name, node, [*hours, "always"])
            case ivr.Ticket():
                _check_ticket(document, name, node, core)
            case ivr.Run() if node.flow not in folder.flows:
                document.say((name, "flow"), unknown("flow", node.flow, list(folder.flows)))
            case _:
                pass
    if folder.queues.root is None:
        return
    if house.person and house.person not in queues:
        folder.vaxel.say(("flows", "person"), unknown("queue", house.person, queues))
    for flow, document in folder.flows.items():
        person = core.flows[flow].person
        if person and person != house.person and person not in queues:
            document.say(("settings", "person"), unknown("queue", person, queues))


def _queues(node: ivr.Node) -> Iterator[tuple[Path_, str]]:
    match node:
        case ivr.Enter():
            yield ("queue",), node.queue
        case ivr.Mail():
            yield ("mail",), node.queue
        case ivr.Times():
            yield ("callback",), node.queue
        case ivr.Standing() if node.queue:
            yield ("promised",), node.queue
        case ivr.Form():
            yield ("form" if node.channel == "report" else "message",), node.queue
        case ivr.Open() if node.queue:
            yield ("hours", "queue"), node.queue
        case _:
            return


def _check_ticket(document: Document, name: str, node: ivr.Ticket, core: Configuration) -> None:
    site = core.sites.get(node.site)
    if site is None:
        document.say((name, "ticket", "place"), unknown("place", node.site, list(core.sites)))
    elif node.service not in site.services:
        document.say((name, "ticket", "service"), unknown("service", node.service, list(site.services)))


def _letter(core: Configuration, node: ivr.Node) -> Iterator[Heard]:
    """Yield the prompt that says a ticket's letter."""
    site = core.sites.get(node.site) if isinstance(node, ivr.Ticket) else None
    if isinstance(node, ivr.Ticket) and site is not None and node.service in site.services:
        yield Heard(("ticket",), f"letter_{site.services[node.service].letter}")


def _check_hours(folder: Folder, document: Document, name: str, node: ivr.Open, hours: list[str]) -> None:
    if folder.queues.root is None:
        return
    if node.hours and node.hours not in hours:
        document.say((name, "hours"), unknown("hours", node.hours, hours))
    days = folder.queues.keys("special_days")
    for special in node.special:
        if special not in days:
            document.say((name, "special", special), unknown("special days", special, days))


def needs(folder: Folder, core: Configuration) -> Iterator[tuple[Document, Path_, Needs]]:
    """Yield every place in flows where something is needed of an agent."""
    for _, document, name, node in nodes(folder, core):
        match node:
            case ivr.Enter() | ivr.Form() | ivr.Mail():
                yield document, (name, "needs"), node.needs
            case ivr.Set():
                yield document, (name, "set", "needs"), node.needs
            case ivr.Language():
                for key, tongue in node.choices.items():
                    yield document, (name, "choices", key, "needs"), tongue.needs
            case _:
                pass


# ---- prompts and languages -------------------------------------------------------------------------------------


def check_prompts(folder: Folder, core: Configuration, house: FlowsTable, spoken: Spoken, language: str) -> set[str]:
    """Note prompts that cannot be said where somebody would hear them; return all languages that anybody hears."""
    places = graph.languages(*_entered(folder, core, language))
    read = read_in(folder, core, language)
    for flow, document, name, node in nodes(folder, core):
        if (flow, name) in read and (flow, name) not in places:
            continue
        here = places.get((flow, name), set()) or {language}
        for heard in (*_heard(node, house), *_letter(core, node)):
            check_heard(folder, document, (name, *heard.path), heard, spoken, set(heard.languages) or here)
        for path, code in _codes(node):
            if code not in spoken.names:
                document.say((name, *path), unknown("language in prompts.yaml", code, list(spoken.names)))
    return set().union(*places.values(), {language}, {entry.language for entry in core.entries})


def read_in(folder: Folder, core: Configuration, language: str) -> dict[graph.Place, set[str]]:
    """Return in which languages each place of a flow is read by citizens who chat."""
    return graph.languages(*_entered(folder, core, language, by_writing=True), written=True)


def _entered(
    folder: Folder, core: Configuration, language: str, *, by_writing: bool = False
) -> tuple[dict[str, Flow], list[tuple[str, str]]]:
    """Return the flows that hold no mistake so far, and those of them that are entered, with the language."""
    whole = {name: flow for name, flow in core.flows.items() if name not in folder.flows} | written(folder, core)
    return _closed(whole), _starts(core, whole, language, by_writing=by_writing)


def check_house_prompts(folder: Folder, core: Configuration, house: FlowsTable, spoken: Spoken, all_: set[str]) -> None:
    """Note prompts that the house's own flows lack: those that take messages, record prompts, or are behind codes."""
    for field in ("no_input", "wrong_input"):
        prompt = getattr(house, field)
        if prompt:
            check_heard(folder, folder.vaxel, ("flows", field), Heard((), prompt), spoken, all_)
    for name, flow in core.flows.items():
        if not name.startswith((MESSAGES, STUDIO, CODE)):
            continue
        document, path, here = _whence(folder, core, name, all_)
        for node in flow.nodes.values():
            for heard in _heard(node, house):
                check_heard(folder, document, path, heard, spoken, set(heard.languages) or here)


def check_recordable(folder: Folder, core: Configuration, numbers: NumbersFile, spoken: Spoken) -> None:
    """Note prompts that are recorded by telephone though nobody would hear them."""
    named = {node.prompt for _, _, _, node in nodes(folder, core) if isinstance(node, ivr.Announcement)}
    known = named.union(*spoken.names.values())
    for number, table in numbers.numbers.items():
        for key, prompt in table.record_prompts.items():
            path = ("numbers", number, "record_prompts", key)
            if prompt not in known:
                folder.numbers.say(path, unknown("prompt", prompt, known))
            elif any(spoken.values[language].get(prompt) for language in spoken.values):
                text = f'"{prompt}" holds values, so its pieces are recorded, as files (docs/flows.md)'
                folder.numbers.say(path, text)


def _whence(folder: Folder, core: Configuration, flow: str, all_: set[str]) -> tuple[Document, Path_, set[str]]:
    """Return where somebody wrote what led to a flow that nobody wrote, and the languages it is heard in."""
    if flow.startswith(STUDIO):
        number = flow.removeprefix(STUDIO)
        return (
            folder.numbers,
            ("numbers", number, "record_prompts"),
            {e.language for e in core.entries if e.flow == flow},
        )
    if flow.startswith(CODE):
        here = {entry.language for entry in core.entries if entry.flow == flow}
        return folder.agents, ("codes", flow.removeprefix(CODE)), here
    for name, queue in core.queues.items():
        for place, way in queue.ways():
            if way.name == flow:
                return folder.queues, ("queues", name, *place, "message"), all_
    return folder.queues, (), all_


def _closed(flows: Mapping[str, Flow]) -> dict[str, Flow]:
    """Return flows without those that call, or lead to, something that is not there: their mistakes have been noted."""
    sound = dict(flows)
    while True:
        broken = [
            name
            for name, flow in sound.items()
            if any(isinstance(node, ivr.Run) and node.flow not in sound for node in flow.nodes.values())
            or any(target not in flow.nodes for node in flow.nodes.values() for target in ivr.exits(node))
            or ivr.START not in flow.nodes
        ]
        if not broken:
            return sound
        for name in broken:
            del sound[name]


def _starts(
    core: Configuration, flows: Mapping[str, Flow], language: str, *, by_writing: bool
) -> list[tuple[str, str]]:
    """Return the flows that somebody enters from outside, and in which language; those nobody enters in the house's."""
    sound = _closed(flows)
    writes = {entry for entry in core.entries if (one := CHANNELS.get(entry.channel)) and one.written and one.led}
    starts = [(one.flow, one.language) for one in core.entries if one.flow in sound and (one in writes) is by_writing]
    tongues = {entry.language for entry in core.entries} | {
        tongue.language
        for flow in sound.values()
        for node in flow.nodes.values()
        if isinstance(node, ivr.Language)
        for tongue in node.choices.values()
    }
    by_queue = {way.name for queue in core.queues.values() for _, way in queue.ways() if way.by_flow}
    if by_writing and not writes:
        return []
    starts += [(name, one) for name in by_queue & sound.keys() for one in tongues]
    if by_writing:
        return starts
    entered = {name for name, _ in starts} | {one.flow for one in core.entries}
    called = {target for name in sound for _, target in graph.calls(sound, name)}
    return starts + [(name, language) for name in sound if name not in entered | called]


def _heard(node: ivr.Node, house: FlowsTable) -> Iterator[Heard]:
    """Yield the prompts that a node says; the house's own are looked at once, in vaxel.yaml."""
    match node:
        case ivr.Say():
            yield Heard(("say",), node.prompt)
        case ivr.Menu():
            yield Heard(("menu",), node.prompt)
        case ivr.Language():
            spoken = frozenset(tongue.language for tongue in node.choices.values())
            yield Heard(("language",), node.prompt, frozenset({"key"}), languages=spoken)
        case ivr.Form():
            if any(isinstance(question, ivr.Record) for question in node.questions):
                yield Heard(("announce",), node.announce)
            for index, question in enumerate(node.questions):
                path: Path_ = ("questions", index) if node.channel == "report" else ()
                yield from _heard_of(question, path, house)
        case ivr.Collect() | ivr.Record():
            yield from _heard_of(node, (), house)
        case ivr.Times():
            yield Heard(("prompt",), node.prompt)
            yield from (Heard(("callback",), name, values, values) for name, values in CALL_PROMPTS.items())
        case ivr.Ticket():
            yield Heard(("ticket",), "ticket_number", frozenset({"letter", "number"}), frozenset({"letter", "number"}))
            yield Heard(("ticket",), "ticket_wait", frozenset({"high"}), frozenset({"high"}))
        case ivr.Standing():
            yield Heard(("promised",), node.prompt)
            yield Heard(("promised",), node.at, WHEN, WHEN)
            yield from (Heard(("promised",), name) for name in promising.PROMPTS if name.startswith("day_"))
        case _:
            return
    if isinstance(node, ivr.Menu | ivr.Language | ivr.Times | ivr.Standing):
        yield from _heard_again(node, (), house)


def _heard_of(question: ivr.Question, path: Path_, house: FlowsTable) -> Iterator[Heard]:
    match question:
        case ivr.Collect():
            yield Heard((*path, "collect"), question.prompt)
            if question.confirm:
                values = frozenset({"digits"})
                yield Heard((*path, "confirm"), question.confirm, values, values)
        case ivr.Record():
            yield Heard((*path, "record" if path else "prompt"), question.prompt)
            if question.review:
                values = frozenset({"recording"})
                yield Heard((*path, "review"), question.review, values, values)
    yield from _heard_again(question, path, house)


def _heard_again(asked: ivr.Asking, path: Path_, house: FlowsTable) -> Iterator[Heard]:
    if asked.no_input and asked.no_input != house.no_input:
        yield Heard((*path, "no_input"), asked.no_input)
    if asked.wrong_input and asked.wrong_input != house.wrong_input:
        yield Heard((*path, "wrong_input"), asked.wrong_input)


def _codes(node: ivr.Node) -> Iterator[tuple[Path_, str]]:
    """Yield the languages that a node names."""
    match node:
        case ivr.Language():
            yield from ((("choices", key), tongue.language) for key, tongue in node.choices.items())
        case ivr.Set() if node.language:
            yield ("set", "language"), node.language
        case _:
            return


def check_heard(
    folder: Folder, document: Document, path: Path_, heard: Heard, spoken: Spoken, languages: set[str]
) -> None:
    """Note a prompt that is not there, lacks a language, or does not name the values that it should."""
    if folder.prompts.root is None and not spoken.names:
        return
    check_prompt(document, path, heard.prompt, spoken.names, languages)
    for language in sorted(languages):
        values = spoken.values.get(language, {}).get(heard.prompt)
        if values is None:
            continue
        for value in sorted(values - heard.allowed):
            known = f"only {listed(heard.allowed)}" if heard.allowed else "no value"
            where = f"{document.file}: {'.'.join(map(str, path))}"
            text = f"names {{{value}}}, but {known} is known where it is said ({where})"
            folder.prompts.say((language, heard.prompt), text)
        for value in sorted(heard.needed - values):
            folder.prompts.say((language, heard.prompt), f"does not say {{{value}}}, which is what it is for")


def check_prompt(
    document: Document, path: Path_, prompt: str, spoken: Mapping[str, set[str]], languages: set[str]
) -> None:
    """Note a prompt that is not there, or lacks a language."""
    missing = sorted(one for one in languages & set(spoken) if prompt not in spoken[one])
    if not missing:
        return
    if not any(prompt in prompts for prompts in spoken.values()):
        document.say(path, unknown("prompt", prompt, set().union(*spoken.values())))
    else:
        text = f'the prompt "{prompt}" is missing in {listed(missing)}; add its text to prompts.yaml, or a recording'
        document.say(path, f"{text} under prompts/{missing[0]}/{prompt}.wav")


# ---- the ways --------------------------------------------------------------------------------------------------


def check_ways(folder: Folder, core: Configuration, numbers: NumbersFile) -> None:
    """Note what goes round for ever, what returns to nobody, and where a silent caller is cut off."""
    flows = written(folder, core)
    for name, flow in flows.items():
        graph.check_flow(folder.flows[name], flow)
    if not folder.sound():
        return
    for name in flows:
        way = graph.recursion(flows, name)
        if way:
            caller = next(node for node, called in graph.calls(flows, name) if called == way[1])
            text = f"comes back to itself ({' > '.join(way)}); a flow cannot be called from within itself"
            folder.flows[name].say((caller, "flow"), text)
    if not folder.sound():
        return
    by_queue = {way.name for queue in core.queues.values() for _, way in queue.ways() if way.by_flow}
    direct = {table.flow: f"number {number}" for number, table in numbers.numbers.items() if table.flow}
    written_at = {one.flow: f"{one.channel} {one.address}" for one in core.entries if one.channel in CHANNELS}
    direct = {name: where for name, where in written_at.items() if name in flows} | direct
    for name in flows:
        _check_return(folder, flows, name, direct, by_queue)
    starts = [name for name in flows if name in direct or name in by_queue] + graph.callable_alone(flows)
    for trap in graph.traps(flows, dict.fromkeys(starts), by_queue):
        where, node = trap.place
        text = f"a caller who presses nothing is cut off ({' > '.join(trap.way)}); let `otherwise` lead to a queue"
        folder.flows[where].say((node,), text)


def _check_return(
    folder: Folder, flows: Mapping[str, Flow], name: str, direct: Mapping[str, str], by_queue: set[str]
) -> None:
    """Note a flow that returns although nobody called it."""
    if name not in direct and name not in by_queue:
        return
    document, flow = folder.flows[name], flows[name]
    for node_name, node in flow.nodes.items():
        returns = [target for target in ivr.exits(node) if isinstance(flow.nodes[target], ivr.Return)]
        if returns or (isinstance(node, ivr.Return) and node_name in document.keys()):
            by = direct[name] if name in direct else "a queue's way out"
            document.say((node_name,), f"returns, but {by} leads straight here; write next: NODE, or hang_up")
