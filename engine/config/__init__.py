"""The configuration folder: YAML in, typed and checked structs out, or every mistake at once."""

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Final

import msgspec
from msgspec import Struct

from engine.clock import this_year
from engine.config import (
    alarms,
    chat,
    checks,
    crises,
    directory,
    edge,
    flows,
    forms,
    house,
    mail,
    people,
    places,
    privacy,
    prompts,
    routing,
    signin,
    surveys,
    webcalls,
)
from engine.config.days import YEARS_AHEAD, Special
from engine.config.document import Document, Texts
from engine.config.flowchecks import Spoken
from engine.config.folder import Folder
from engine.config.problems import ConfigError, Problem, listed, unknown
from engine.config.schema import (
    AgentsFile,
    ChatFile,
    DiallingTable,
    FlowsTable,
    InterpretersFile,
    MailFile,
    NumbersFile,
    NumberTable,
    PeopleFile,
    PlacesFile,
    QueuesFile,
    ReasonsFile,
)
from engine.config.shapes import MESSAGES
from engine.installation import Installation, Link, Number
from ivr.flow import Flow
from ivr.phrase import CONFIRM, whisper_of
from queues.queue import Queue
from router.configuration import Configuration

__all__ = ["FILES", "ConfigError", "Loaded", "Problem", "Texts", "check_files", "in_force", "load"]

READ_AT_START: Final = frozenset({".yaml", ".csv", ".wav"})
FILES: Final = (
    *("vaxel.yaml", "queues.yaml", "agents.yaml", "phones.yaml", "numbers.yaml"),
    *(prompts.FILE, directory.FILE, mail.FILE, chat.FILE, places.FILE, crises.FILE, privacy.FILE, forms.FILE),
    *(people.PEOPLE, people.INTERPRETERS, people.REASONS, webcalls.FILE),
)


class Loaded(Struct, frozen=True):
    """A configuration folder that has been read and checked."""

    core: Configuration
    """What the router is told; its revision is a hash of the content, the same for the same rules."""
    installation: Installation
    fingerprint: str = ""
    """A hash of all files that are read at a start."""


def load(folder: Path, year: int | None = None, files: Texts | None = None) -> Loaded:
    """Read and check a folder. Raises ConfigError, and nothing else, with every mistake found.

    Public holidays are looked up for some years from `year` on, the present one by default. With `files`, those are the
    YAML files, whatever stands in the folder; what they name is still looked for there.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ConfigError([Problem(str(folder), 0, "", "is no folder; name one that holds vaxel.yaml and its sisters")])
    found = Folder(
        root=folder,
        vaxel=Document(folder, "vaxel.yaml", files),
        queues=Document(folder, "queues.yaml", files),
        agents=Document(folder, "agents.yaml", files),
        phones=Document(folder, "phones.yaml", files),
        numbers=Document(folder, "numbers.yaml", files),
        prompts=Document(folder, prompts.FILE, files),
        flows={PurePath(file).stem: Document(folder, file, files) for file in _flow_files(folder, files)},
        directory=Document(folder, directory.FILE, files),
        places=Document(folder, places.FILE, files),
        chat=Document(folder, chat.FILE, files),
        mail=Document(folder, mail.FILE, files),
        forms=Document(folder, forms.FILE, files),
        people=Document(folder, people.PEOPLE, files),
        interpreters=Document(folder, people.INTERPRETERS, files),
        reasons=Document(folder, people.REASONS, files),
        crises=Document(folder, crises.FILE, files),
        privacy=Document(folder, privacy.FILE, files),
        webcalls=Document(folder, webcalls.FILE, files),
    )
    strange = _strange_files(folder)
    vaxel_file = house.vaxel_file(found.vaxel)
    installation = house.installation(found.vaxel, vaxel_file, folder)
    installation = edge.with_phones(found.phones, installation)
    webcalls_file = webcalls.webcalls_file(found.webcalls)
    installation = msgspec.structs.replace(
        installation, webcalls=webcalls.settings(webcalls_file, installation.language)
    )
    edge.check_browsers(found.vaxel, installation)
    edge.check_turn(found.vaxel, installation)
    queues_file, numbers_file = routing.queues_file(found.queues), routing.numbers(found.numbers)
    agents_file = routing.agents_file(found.agents)
    forms_file = forms.forms_file(found.forms)
    texts = prompts.texts(found.prompts)
    said = forms.prompts(forms_file)
    texts = {one: said.get(one, {}) | own for one, own in texts.items()}
    recordings, bad_recordings = prompts.recordings(folder, texts)
    spoken = prompts.spoken(texts, recordings)
    chat_file = chat.chat_file(found.chat)
    written_words = {one: said.get(one, {}) | own for one, own in chat_file.words.items()}
    chat_file = msgspec.structs.replace(chat_file, words=written_words)
    mail_file = mail.mail_file(found.mail)
    crises_file = crises.crises_file(found.crises)
    kept = privacy.settings(found.privacy, folder)
    written = Written(
        vaxel_file.flows,
        vaxel_file.dialling,
        queues_file,
        numbers_file,
        agents_file,
        _special(queues_file, year),
        chat_file,
        mail_file,
        places.places_file(found.places),
        people.people_file(found.people),
        people.interpreters_file(found.interpreters),
        people.reasons_file(found.reasons),
        kept.records is not None,
        forms_file,
        webcalls_file,
    )
    core = _core(found, written, spoken, installation)
    staff = directory.settings(found.directory, folder, written.special, installation.language)
    installation = msgspec.structs.replace(
        installation,
        directory=staff,
        mail=forms.answered(
            mail.settings(found.mail, mail_file, folder, installation.language, surveys.asks(queues_file)), forms_file
        ),
        forms=forms.settings(forms_file, installation.language),
        chat=chat.settings(chat_file, texts, installation.language),
        hooks=chat.hooks(found.chat, chat_file, folder, demo=vaxel_file.demo),
        alarms=alarms.settings(found.queues, queues_file, folder, mail_file.mailboxes),
        citizens=people.citizens(written.people),
        interpreting=people.interpreting(written.interpreters),
        departments=people.departments(written.reasons),
        gaps=written.reasons.gaps,
        plans=crises.plans(crises_file),
        areas=crises_file.areas,
        privacy=kept,
        sign_in=signin.settings(found.vaxel, vaxel_file.sign_in, written.reasons.departments, folder),
    )
    edge.check_outside(found.phones, installation, core)
    edge.check_domains(found.vaxel, vaxel_file.dialling, installation.trunks)
    checks.check(found, core, numbers_file, vaxel_file.flows, spoken, installation.language)
    places.check(found.places, written.places, core, installation.phones, checks.skills(found))
    people.check(
        found,
        written.people,
        written.interpreters,
        written.reasons,
        queues_file,
        core,
        installation,
        checks.skills(found),
    )
    mail.check(found, mail_file, core, installation.language, surveys.asks(queues_file))
    surveys.check(found, queues_file, mail_file, vaxel_file, installation.language)
    forms.check(found.forms, forms_file, core, installation.mail, installation.language)
    webcalls.check(found, webcalls_file, core, installation, list(spoken.names))
    chat.check(found, chat_file, core, vaxel_file.flows, spoken, installation.language)
    crises.check(found, crises_file, core, spoken, installation.language)
    problems = [problem for document in found.all() for problem in document.problems]
    problems += strange + bad_recordings + _missing(found)
    if problems:
        raise ConfigError(problems)
    core = msgspec.structs.replace(core, revision=_revision(core))
    logins = routing.logins(agents_file, folder)
    installation = msgspec.structs.replace(
        installation,
        pauses=agents_file.pauses,
        skills=agents_file.skills,
        logins=logins,
        places=places.titles(written.places),
    )
    installation = _complete(installation, texts, recordings, queues_file, numbers_file, folder)
    return Loaded(core, installation, _fingerprint(folder))


def in_force(loaded: Loaded) -> Loaded:
    """Return what whoever runs this configuration goes by: with `always_open` every service is open round the clock.

    What reads, tries or draws a configuration goes by the hours as they are written.
    """
    if not loaded.installation.always_open:
        return loaded
    core = loaded.core
    queues = {
        name: msgspec.structs.replace(
            queue,
            hours=msgspec.structs.replace(queue.hours, always=True),
            calling=msgspec.structs.replace(
                queue.calling, hours=msgspec.structs.replace(queue.calling.hours, always=True)
            ),
        )
        for name, queue in core.queues.items()
    }
    hours = {name: msgspec.structs.replace(hours, always=True) for name, hours in core.hours.items()}
    sites = {
        name: msgspec.structs.replace(site, hours=msgspec.structs.replace(site.hours, always=True))
        for name, site in core.sites.items()
    }
    core = msgspec.structs.replace(core, queues=queues, hours=hours, sites=sites, revision="")
    return msgspec.structs.replace(loaded, core=msgspec.structs.replace(core, revision=_revision(core)))


def check_files(loaded: Loaded, folder: Path, texts: Texts | None = None) -> None:
    """Check the files that a folder names besides: it takes longer, and no start depends on it. Raises ConfigError."""
    installation = loaded.installation
    problems = edge.file_problems(installation, Document(folder, "vaxel.yaml", texts))
    problems += routing.file_problems(installation, Document(folder, "agents.yaml", texts))
    problems += directory.file_problems(installation.directory, installation.time_zone, Path(folder))
    if problems:
        raise ConfigError(problems)


def _flow_files(folder: Path, texts: Texts | None) -> list[str]:
    if texts is not None:
        return sorted(file for file in texts if file.startswith("flows/"))
    return [f"flows/{path.name}" for path in sorted(folder.glob("flows/*.yaml"))]


class Written(Struct, frozen=True):
    """What stands in the files, where it is wanted in one place."""

    house: FlowsTable
    dialling: DiallingTable
    queues: QueuesFile
    numbers: NumbersFile
    agents: AgentsFile
    special: Special
    chat: ChatFile
    mail: MailFile
    places: PlacesFile
    people: PeopleFile
    interpreters: InterpretersFile
    reasons: ReasonsFile
    hands_over: bool
    """There is a records system."""
    forms: forms.FormsFile
    webcalls: webcalls.WebCallsFile


def _special(file: QueuesFile, year: int | None) -> Special:
    first = this_year() if year is None else year
    return {name: days.resolve(range(first, first + YEARS_AHEAD + 1)) for name, days in file.special_days.items()}


def _core(found: Folder, written: Written, spoken: Spoken, installation: Installation) -> Configuration:
    queues = routing.queues(found.queues, written.queues, written.special)
    agents = routing.agents(found.agents, written.agents, installation.edge == "kamailio", installation.phones)
    made = [*_flows(found, written, spoken, queues), *mail.flows(written.mail, queues, agents)]
    all_flows = {flow.name: flows.with_announcements(flow, spoken.names) for flow in made}
    return Configuration(
        revision="",
        queues=queues,
        agents=agents,
        flows=all_flows,
        entries=routing.entries(written.numbers, written.agents.codes, installation.language)
        + mail.entries(written.mail, all_flows, installation.language)
        + chat.entries(written.chat, installation.language)
        + forms.entries(written.forms, installation.language)
        + webcalls.entries(written.webcalls, installation.language),
        reserve=written.queues.reserve,
        rules=routing.rules(written.queues),
        dialling=routing.dial_rules(written.dialling),
        hours=routing.hours(found.queues, written.queues, written.special),
        repeat_key=next((key for key, does in written.house.keys.items() if does == "repeat"), ""),
        relay_patience=written.house.relay.patience,
        pauses=tuple(written.agents.pauses) or routing.PAUSES,
        sites=places.sites(found.places, written.places, written.queues, written.special),
        aids=people.assistance(written.people.needs),
        tongues=people.assistance(written.people.languages),
        remember=written.people.remember_days * people.DAY,
        interpreters=people.interpreters(found.interpreters, written.interpreters, written.queues, written.special),
        reasons=people.reasons(written.reasons),
        gaps=tuple(written.reasons.gaps),
        hands_over=written.hands_over,
        alarm_ways=alarms.ways(written.queues),
    )


def _flows(found: Folder, written: Written, spoken: Spoken, queues: dict[str, Queue]) -> Iterator[Flow]:
    """Yield all flows: those of the files, and those that follow from numbers, codes and ways out."""
    for name, document in found.flows.items():
        yield flows.flow(document, name, written.house, written.forms.forms, queues)
    for number, table in written.numbers.numbers.items():
        if table.queue:
            yield flows.straight_to(table.queue)
        elif table.record_prompts:
            yield flows.studio(number, table, sorted(spoken.names), written.house)
    yield from chat.flows(written.chat)
    yield from forms.flows(written.forms, queues)
    yield from webcalls.flows(written.webcalls)
    for code, act in written.agents.codes.items():
        yield flows.for_code(code, act, written.house)
    for queue in queues.values():
        for _, way in queue.ways():
            if way.to == "message":
                yield flows.for_messages(way.name.removeprefix(MESSAGES), written.house)


def _fingerprint(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in READ_AT_START and path.is_file()):
        found.update(hashlib.sha256(path.relative_to(folder).as_posix().encode()).digest())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def _revision(core: Configuration) -> str:
    plain = msgspec.to_builtins(core, str_keys=True)
    return hashlib.sha256(msgspec.msgpack.encode(plain, order="deterministic")).hexdigest()[:16]


def _complete(
    installation: Installation,
    texts: prompts.Texts,
    recordings: prompts.Texts,
    queues_file: QueuesFile,
    numbers_file: NumbersFile,
    folder: Path,
) -> Installation:
    titles = {name: table.title for name, table in queues_file.queues.items() if table.title}
    links = {
        name: tuple(Link(one.title, one.url) for one in table.links)
        for name, table in queues_file.queues.items()
        if table.links
    }
    numbers = tuple(
        Number(
            number=number,
            title=table.title or titles.get(table.queue, ""),
            behind=_behind(table),
        )
        for number, table in numbers_file.numbers.items()
    )
    whispers = {whisper_of(name): table.title for name, table in queues_file.queues.items() if table.whisper}
    if installation.outside_phones:
        whispers[CONFIRM] = prompts.confirming(installation.language)
    texts = texts | {installation.language: whispers | texts.get(installation.language, {})}
    speech = msgspec.structs.replace(installation.speech, texts=texts, recordings=recordings)
    pins = {n: str((folder / table.pin_file).resolve()) for n, table in numbers_file.numbers.items() if table.pin_file}
    return msgspec.structs.replace(
        installation,
        speech=speech,
        titles=titles,
        links=links,
        names={name: table.names for name, table in queues_file.queues.items() if table.names},
        unlisted=frozenset(name for name, table in queues_file.queues.items() if not table.public),
        numbers=numbers,
        pin_files=pins,
    )


def _behind(table: NumberTable) -> str:
    if table.record_prompts:
        return "recording of prompts"
    return f"queue {table.queue}" if table.queue else f"flow {table.flow}"


def _strange_files(folder: Path) -> list[Problem]:
    """Find YAML files that would silently not be read."""
    strange = [path for path in sorted(folder.glob("*.y*ml")) if path.name not in FILES]
    strange += sorted(folder.glob("flows/*.yml"))
    text = f"is not read by Vaxel, which knows {listed(FILES, len(FILES))} and flows/*.yaml"
    return [
        Problem(str(path.relative_to(folder)), 0, "", f"{text}: {unknown('file', path.name, FILES).split('; ')[-1]}")
        if path.parent == folder
        else Problem(str(path.relative_to(folder)), 0, "", f"is not read by Vaxel: rename it to {path.stem}.yaml")
        for path in strange
    ]


def _missing(found: Folder) -> list[Problem]:
    required = (found.vaxel, found.queues, found.agents, found.numbers, found.prompts)
    return [
        Problem(document.file, 0, "", "is missing; see examples/malmo for what stands in it")
        for document in required
        if not document.exists
    ]
