"""directory.yaml to `DirectorySettings`, and whether the file of people that it names can be read."""

from pathlib import Path
from typing import Final

import msgspec

from adapters.directory.settings import STANDARD, DirectorySettings, Reason
from engine.config.days import Special
from engine.config.document import Document
from engine.config.problems import Problem, unknown
from engine.config.reader import Reader
from engine.config.schema import AbsenceTable, DirectoryFile

FILE: Final = "directory.yaml"


def settings(document: Document, folder: Path, special: Special, language: str) -> DirectorySettings:
    """Read directory.yaml, which may be missing. Mistakes are noted in the document."""
    file = Reader(document).whole(DirectoryFile) or DirectoryFile()
    if file.special_days and file.special_days not in special:
        document.say(("special_days",), f"{unknown('list', file.special_days, special)} of special days in queues.yaml")
    for name in file.without:
        if name not in STANDARD:
            document.say(("without", name), unknown("usual reason", name, STANDARD))
    return DirectorySettings(
        country=file.country,
        extension_digits=file.extensions,
        extension_prefix=file.extension_prefix,
        reasons=_reasons(document, file, language),
        synonyms=file.synonyms,
        special_days=special.get(file.special_days, {}),
        first=str((folder / file.file).resolve()) if file.file else "",
    )


def _reasons(document: Document, file: DirectoryFile, language: str) -> dict[str, Reason]:
    """Return the usual reasons but for those that are not wanted, and the city's own."""
    usual = {name: reason for name, reason in STANDARD.items() if name not in file.without}
    own = {name: _reason(table) for name, table in file.absences.items()}
    for name, reason in own.items():
        if not reason.words.get(language):
            document.say(("absences", name, "words"), f'have no "{language}", the language of the installation')
    taken: dict[str, str] = {}
    for name, reason in (usual | own).items():
        if reason.digit and name in own and taken.get(reason.digit, name) != name:
            text = f"{reason.digit} stands for {taken[reason.digit]}; choose another, or leave that out (`without`)"
            document.say(("absences", name, "digit"), text)
        taken.setdefault(reason.digit, name)
    return usual | own


def _reason(table: AbsenceTable) -> Reason:
    return msgspec.convert(table, Reason, from_attributes=True)


def file_problems(directory: DirectorySettings, zone: str, folder: Path) -> list[Problem]:
    """Return every mistake of the file that is read while the directory is empty."""
    if not directory.first:
        return []
    from adapters.directory.drafts import drafted

    path = Path(directory.first)
    name = str(path.relative_to(folder.resolve())) if path.is_relative_to(folder.resolve()) else str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        return [Problem(name, 0, "", f"cannot be read: {(error.strerror or 'unknown error').lower()}; see {FILE}")]
    found = drafted(data, (), directory, zone, 0.0)
    return [Problem(name, problem.line, problem.column, problem.text) for problem in found.problems]
