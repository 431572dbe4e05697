"""The configuration folder: YAML in, typed and checked structs out, or every mistake at once."""

import hashlib
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from engine.config import checks, directory, flows, house, prompts, routing
from engine.config.document import Document
from engine.config.problems import ConfigError, Problem, listed, unknown
from engine.config.schema import AgentsFile, NumbersFile, QueuesFile
from engine.installation import Installation, Number
from router.configuration import Configuration

__all__ = ["ConfigError", "Loaded", "Problem", "check_files", "load"]

FILES: Final = ("vaxel.yaml", "queues.yaml", "agents.yaml", "numbers.yaml", prompts.FILE, directory.FILE)


class Loaded(Struct, frozen=True):
    """A configuration folder that has been read and checked."""

    core: Configuration
    """What the router is told; its revision is a hash of the content, the same for the same rules."""
    installation: Installation


def load(folder: Path) -> Loaded:
    """Read and check a folder. Raises ConfigError, and nothing else, with every mistake found."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ConfigError([Problem(str(folder), 0, "", "is no folder; name one that holds vaxel.yaml and its sisters")])
    found = checks.Folder(
        vaxel=Document(folder, "vaxel.yaml"),
        queues=Document(folder, "queues.yaml"),
        agents=Document(folder, "agents.yaml"),
        numbers=Document(folder, "numbers.yaml"),
        prompts=Document(folder, prompts.FILE),
        flows={path.stem: Document(folder, f"flows/{path.name}") for path in sorted(folder.glob("flows/*.yaml"))},
        directory=Document(folder, directory.FILE),
    )
    strange = _strange_files(folder)
    installation = house.installation(found.vaxel, folder)
    queues_file, numbers_file = routing.queues_file(found.queues), routing.numbers(found.numbers)
    agents_file = routing.agents_file(found.agents)
    core = _core(found, queues_file, numbers_file, agents_file, installation.language)
    people = directory.settings(found.directory, folder, queues_file, installation.language)
    installation = msgspec.structs.replace(installation, directory=people)
    texts = prompts.texts(found.prompts)
    recordings, bad_recordings = prompts.recordings(folder)
    spoken = {lang: {*texts.get(lang, ()), *recordings.get(lang, ())} for lang in sorted({*texts, *recordings})}
    checks.check(found, core, numbers_file, spoken, installation.language)
    problems = [problem for document in found.all() for problem in document.problems]
    problems += strange + bad_recordings + _missing(found)
    if problems:
        raise ConfigError(problems)
    core = msgspec.structs.replace(core, revision=_revision(core))
    installation = msgspec.structs.replace(installation, pauses=agents_file.pauses)
    return Loaded(core, _complete(installation, texts, recordings, queues_file, numbers_file))


def check_files(loaded: Loaded, folder: Path) -> None:
    """Check the files that a folder names besides: it takes longer, and no start depends on it. Raises ConfigError."""
    installation = loaded.installation
    problems = directory.file_problems(installation.directory, installation.time_zone, Path(folder))
    if problems:
        raise ConfigError(problems)


def _core(
    found: checks.Folder, queues_file: QueuesFile, numbers_file: NumbersFile, agents_file: AgentsFile, language: str
) -> Configuration:
    written = {name: flows.flow(document, name) for name, document in found.flows.items()}
    straight = [flows.straight_to(table.queue) for table in numbers_file.numbers.values() if table.queue]
    return Configuration(
        revision="",
        queues=routing.queues(found.queues, queues_file),
        agents=routing.agents(found.agents, agents_file),
        flows=written | {flow.name: flow for flow in straight},
        entries=routing.entries(numbers_file, language),
        reserve=queues_file.reserve,
        rules=routing.rules(queues_file),
        pauses=tuple(agents_file.pauses) or routing.PAUSES,
    )


def _revision(core: Configuration) -> str:
    plain = msgspec.to_builtins(core, str_keys=True)
    return hashlib.sha256(msgspec.msgpack.encode(plain, order="deterministic")).hexdigest()[:16]


def _complete(
    installation: Installation,
    texts: prompts.Texts,
    recordings: prompts.Texts,
    queues_file: QueuesFile,
    numbers_file: NumbersFile,
) -> Installation:
    titles = {name: table.title for name, table in queues_file.queues.items() if table.title}
    numbers = tuple(
        Number(
            number=number,
            title=table.title or titles.get(table.queue, ""),
            behind=f"queue {table.queue}" if table.queue else f"flow {table.flow}",
        )
        for number, table in numbers_file.numbers.items()
    )
    speech = msgspec.structs.replace(installation.speech, texts=texts, recordings=recordings)
    return msgspec.structs.replace(installation, speech=speech, titles=titles, numbers=numbers)


def _strange_files(folder: Path) -> list[Problem]:
    """Find YAML files that would silently not be read."""
    strange = [path for path in sorted(folder.glob("*.y*ml")) if path.name not in FILES]
    strange += sorted(folder.glob("flows/*.yml"))
    text = f"is not read by Vaxel, which knows {listed(FILES)} and flows/*.yaml"
    return [
        Problem(str(path.relative_to(folder)), 0, "", f"{text}: {unknown('file', path.name, FILES).split('; ')[-1]}")
        if path.parent == folder
        else Problem(str(path.relative_to(folder)), 0, "", f"is not read by Vaxel: rename it to {path.stem}.yaml")
        for path in strange
    ]


def _missing(found: checks.Folder) -> list[Problem]:
    required = (found.vaxel, found.queues, found.agents, found.numbers, found.prompts)
    return [
        Problem(document.file, 0, "", "is missing; see examples/malmo for what stands in it")
        for document in required
        if not document.exists
    ]
