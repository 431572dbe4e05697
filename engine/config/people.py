"""people.yaml, interpreters.yaml and reasons.yaml: what citizens need, who interprets, what contacts are about."""

from collections.abc import Collection, Mapping
from typing import Final

from engine.config import words
from engine.config.days import Special
from engine.config.document import Document, Path_
from engine.config.folder import Folder
from engine.config.problems import unknown
from engine.config.reader import Reader
from engine.config.routing import hours_at
from engine.config.schema import (
    AidTable,
    DutyTable,
    InterpretersFile,
    PeopleFile,
    QueuesFile,
    ReasonsFile,
)
from engine.installation import Citizens, Department, Installation, Interpreting, Rung
from queues.assistance import Assistance, Duty, Interpreters
from router.configuration import Configuration
from router.dialling import NotDialled, assess
from router.persons import AIDS

PEOPLE: Final = "people.yaml"
INTERPRETERS: Final = "interpreters.yaml"
REASONS: Final = "reasons.yaml"
DAY: Final = 86_400.0
DEPARTMENT: Final = "."
"""Between department and reason, in the one word by which a reason is known."""


def people_file(document: Document) -> PeopleFile:
    """Read people.yaml, which may be missing. Mistakes are noted in the document."""
    return Reader(document).whole(PeopleFile) or PeopleFile()


def interpreters_file(document: Document) -> InterpretersFile:
    """Read interpreters.yaml, which may be missing. Mistakes are noted in the document."""
    return Reader(document).whole(InterpretersFile) or InterpretersFile()


def reasons_file(document: Document) -> ReasonsFile:
    """Read reasons.yaml, which may be missing. Mistakes are noted in the document."""
    return Reader(document).whole(ReasonsFile) or ReasonsFile()


# ---- for the core ----------------------------------------------------------------------------------------------


def assistance(tables: Mapping[str, AidTable]) -> dict[str, Assistance]:
    """Return what needs, or languages, take of an agent."""
    return {name: Assistance(needs=table.needs, wait=table.wait) for name, table in tables.items()}


def interpreters(
    document: Document, file: InterpretersFile, queues: QueuesFile, special: Special
) -> dict[str, Interpreters]:
    """Return who is on duty when."""
    found: dict[str, Interpreters] = {}
    for language, table in file.languages.items():
        duty = []
        for name, one in table.duty.items():
            path = ("languages", language, "duty", name)
            _check_name(document, path, name)
            duty.append(Duty(id=name, hours=hours_at(document, (*path, "hours"), one.hours, queues, special)))
        found[language] = Interpreters(duty=tuple(duty), ring=table.ring)
    return found


def reasons(file: ReasonsFile) -> tuple[str, ...]:
    """Return what contacts can be about, each in one word."""
    return tuple(
        f"{department}{DEPARTMENT}{reason}"
        for department, table in file.departments.items()
        for reason in table.reasons
    )


# ---- for people ------------------------------------------------------------------------------------------------


def citizens(file: PeopleFile) -> Citizens:
    """Return what is told about needs, and whose numbers and addresses are nobody's."""
    return Citizens(
        needs={name: table.title for name, table in file.needs.items()},
        languages={name: table.title for name, table in file.languages.items()},
        shared=frozenset(file.shared),
    )


def interpreting(file: InterpretersFile) -> dict[str, Interpreting]:
    """Return where those who interpret are rung."""
    return {
        language: Interpreting(
            title=table.title or language,
            code=table.code,
            rung={name: Rung(number=one.number, phone=one.phone, agent=one.agent) for name, one in table.duty.items()},
        )
        for language, table in file.languages.items()
    }


def departments(file: ReasonsFile) -> dict[str, Department]:
    """Return departments with their reasons, as people read them."""
    return {
        name: Department(title=table.title, queues=table.queues, reasons=table.reasons)
        for name, table in file.departments.items()
    }


# ---- what holds between the files ------------------------------------------------------------------------------


def check(
    folder: Folder,
    people: PeopleFile,
    duty: InterpretersFile,
    why: ReasonsFile,
    lines: QueuesFile,
    core: Configuration,
    installation: Installation,
    skills: Collection[str],
) -> None:
    """Note what does not fit together."""
    _check_needs(folder.people, people, installation.language, skills)
    _check_duty(folder.interpreters, duty, core, installation.phones)
    _check_reasons(folder.reasons, why, core, installation.language)
    _check_links(folder.queues, lines, installation.language)


def _check_needs(document: Document, file: PeopleFile, language: str, skills: Collection[str]) -> None:
    for name in file.needs:
        if name not in AIDS:
            document.say(("needs", name), unknown("need", name, AIDS))
    for kind, tables in (("needs", file.needs), ("languages", file.languages)):
        for name, table in tables.items():
            for need in table.needs:
                if need.skill not in skills:
                    said = unknown("skill", need.skill, skills).replace("there is", "among the agents there is")
                    document.say((kind, name, "needs", need.skill), said)
            if table.title:
                _check_title(document, (kind, name, "title"), table.title, language)


def _check_reasons(document: Document, file: ReasonsFile, core: Configuration, language: str) -> None:
    for name, department in file.departments.items():
        path = ("departments", name)
        _check_name(document, path, name)
        _check_title(document, (*path, "title"), department.title, language)
        for queue in department.queues:
            if queue not in core.queues:
                document.say((*path, "queues"), unknown("queue", queue, core.queues))
        for reason, titles in department.reasons.items():
            _check_name(document, (*path, "reasons", reason), reason)
            _check_title(document, (*path, "reasons", reason), titles, language)
    for gap, titles in file.gaps.items():
        _check_name(document, ("gaps", gap), gap)
        _check_title(document, ("gaps", gap), titles, language)


def _check_duty(document: Document, file: InterpretersFile, core: Configuration, phones: Collection[str]) -> None:
    codes: dict[str, str] = {}
    for language, table in file.languages.items():
        path = ("languages", language)
        if not table.duty and not document.faulty(path):
            document.say((*path, "duty"), "names nobody: write duty: {NAME: {number: ...}}")
        if table.code and table.code in codes:
            document.say((*path, "code"), f'is that of "{codes[table.code]}" too')
        codes.setdefault(table.code, language)
        for name, one in table.duty.items():
            _check_rung(document, (*path, "duty", name), one, core, phones)


def _check_rung(document: Document, path: Path_, one: DutyTable, core: Configuration, phones: Collection[str]) -> None:
    if sum(map(bool, (one.number, one.phone, one.agent))) != 1:
        document.say(path, "is rung in one way; write either number: NUMBER, phone: NAME or agent: NAME")
    if one.phone and one.phone not in phones:
        document.say((*path, "phone"), unknown("phone in phones.yaml", one.phone, phones))
    if one.agent and one.agent not in core.agents:
        document.say((*path, "agent"), unknown("agent", one.agent, core.agents))
    if one.number:
        try:
            assess(one.number, core.dialling)
        except NotDialled as error:
            document.say((*path, "number"), f"cannot be rung: {error} (see `dialling` in vaxel.yaml)")


def _check_links(document: Document, file: QueuesFile, language: str) -> None:
    """Note links of queues that nobody could read."""
    for name, table in file.queues.items():
        for number, link in enumerate(table.links):
            _check_title(document, ("queues", name, "links", number, "title"), link.title, language)


def _check_title(document: Document, path: Path_, titles: Mapping[str, str], language: str) -> None:
    if not titles.get(language):
        document.say(path, f'has no name in "{language}", the language of the house; write {language}: NAME')


def _check_name(document: Document, path: Path_, text: str) -> None:
    try:
        words.name(text)
    except ValueError as error:
        document.say(path, str(error))
