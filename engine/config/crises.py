"""crises.yaml to `queues.crisis.Plan`: what is done and said in a crisis, thought of in quiet."""

from collections.abc import Mapping
from typing import Final

from engine.config import words
from engine.config.document import Document
from engine.config.flowchecks import Spoken
from engine.config.folder import Folder
from engine.config.problems import listed, unknown
from engine.config.reader import Reader
from engine.config.schema import CrisesFile, PlanTable
from queues.crisis import Measures, Plan
from router.configuration import Configuration
from router.crisis import CALLBACK

FILE: Final = "crises.yaml"
TEXT_MAX: Final = 1000
"""Characters; about a minute of speech."""


def crises_file(document: Document) -> CrisesFile:
    """Read crises.yaml, which may be missing. Mistakes are noted in the document."""
    return Reader(document).whole(CrisesFile) or CrisesFile()


def plans(file: CrisesFile) -> dict[str, Plan]:
    """Return the plans that could be read."""
    return {name: _plan(table, file.areas) for name, table in file.plans.items()}


def _plan(table: PlanTable, areas: Mapping[str, tuple[str, ...]]) -> Plan:
    queues = [*table.queues, *(queue for area in table.areas for queue in areas.get(area, ()))]
    measures = Measures(
        queues=tuple(dict.fromkeys(queues)),
        callback_only=table.callback_only,
        triage=table.triage,
        helpers=table.helpers,
        skills=table.skills,
        sites=table.places,
    )
    return Plan(title=table.title, messages=table.messages, measures=measures, lasts=table.lasts)


def check(folder: Folder, file: CrisesFile, core: Configuration, spoken: Spoken, language: str) -> None:
    """Note what does not fit the other files."""
    document = folder.crises
    for area, queues in file.areas.items():
        _check_name(document, ("areas", area), area)
        _check_queues(document, ("areas", area), queues, core)
    groups = sorted({group for agent in core.agents.values() for group in agent.reserve})
    for name, table in file.plans.items():
        path = ("plans", name)
        _check_name(document, path, name)
        _check_queues(document, (*path, "queues"), table.queues, core)
        _check_messages(document, path, table, list(spoken.names), language)
        for field, names, known, what in (
            ("areas", table.areas, list(file.areas), "area"),
            ("triage", (table.triage,) if table.triage else (), list(core.queues), "queue"),
            ("helpers", table.helpers, groups, "group in agents.yaml"),
            ("places", table.places, list(core.sites), "place"),
        ):
            for one in names:
                if one not in known:
                    document.say((*path, field), unknown(what, one, known))
        if table.callback_only and CALLBACK not in spoken.names.get(language, ()):
            text = f'says "{CALLBACK}" to those who are to be called back: add that prompt to prompts.yaml'
            document.say((*path, "callback_only"), text)


def _check_queues(document: Document, path: tuple[str, ...], names: tuple[str, ...], core: Configuration) -> None:
    for name in names:
        if name not in core.queues:
            document.say(path, unknown("queue", name, core.queues))


def _check_messages(
    document: Document, path: tuple[str, ...], table: PlanTable, languages: list[str], language: str
) -> None:
    for one, text in table.messages.items():
        place = (*path, "messages", one)
        if one not in languages:
            document.say(place, unknown("language in prompts.yaml", one, languages))
        if wrong := mistake(text):
            document.say(place, wrong)
    if table.messages and language not in table.messages:
        found = listed(sorted(table.messages))
        document.say((*path, "messages"), f"has {found}, and lacks {language}, which stands in for all others")


def mistake(text: str) -> str:
    """Return why a text cannot be announced; empty when it can be."""
    if not text.strip():
        return "says nothing"
    if len(text) > TEXT_MAX:
        return f"has {len(text)} characters; at most {TEXT_MAX} can be listened to"
    return "holds { or }, which nobody can say" if {"{", "}"} & set(text) else ""


def _check_name(document: Document, path: tuple[str, ...], text: str) -> None:
    try:
        words.name(text)
    except ValueError as error:
        document.say(path, str(error))
