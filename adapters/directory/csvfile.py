"""A directory's CSV file as bytes: encodings, separators, lines; and what spreadsheets must not take for formulas."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from adapters.directory import columns
from adapters.directory.columns import COLUMNS, Place
from adapters.directory.record import Record

SIZE_MAX: Final = 32 * 1024 * 1024
"""Bytes of a file."""
ROWS_MAX: Final = 100_000
CELL_MAX: Final = 10_000
PROBLEMS_MAX: Final = 1000
"""More mistakes than these are not listed."""
SEPARATORS: Final = (";", ",", "\t", "|")
_RISKY: Final = frozenset("=+-@\t\r")
"""A cell that begins so may be run as a formula by a spreadsheet (OWASP, CSV injection)."""
_GARBLED: Final = tuple(letter.encode().decode("cp1252") for letter in "åäöÅÄÖ")
"""What UTF-8 looks like to who takes it for Windows-1252."""


class Problem(Struct, frozen=True, order=True):
    """A mistake in a file. It names the column and repeats no personal value."""

    line: int
    """From 1, the header; 0 when the whole file is meant."""
    column: str
    text: str


class Row(Struct, frozen=True):
    """One row of cells, by what the columns stand for (`columns.known`)."""

    line: int
    cells: dict[str, str]


class Table(Struct, frozen=True):
    """A file that was read."""

    columns: dict[str, str]
    """What a column stands for to its name in the file."""
    rows: list[Row]


class Unreadable(Exception):
    """A file of which no row can be used; `problems` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} mistakes")
        self.problems = problems


def read(data: bytes, ignored: Iterable[str] = ()) -> Table:
    """Read a file; `ignored` names columns that are of no use here. Raises Unreadable."""
    if len(data) > SIZE_MAX:
        raise Unreadable([Problem(0, "", f"is larger than {SIZE_MAX // 1024 // 1024} MiB; split it")])
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    known = columns.known() | dict.fromkeys(map(columns.header, ignored), "")
    separator = max(SEPARATORS, key=lambda one: _recognised(first, one, known))
    if not _recognised(first, separator, known):
        names = ", ".join(column.names[1 if len(column.names) > 1 else 0] for column in COLUMNS[:12])
        raise Unreadable(
            [Problem(1, "", f"holds no column name that is known; the first line names columns, such as {names}")]
        )
    return _table(text, separator, known)


def _decoded(data: bytes) -> str:
    """Return the text: UTF-16 and UTF-8 by their marks, else UTF-8, else Windows-1252, which contains Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(garbled in text for garbled in _GARBLED):
            raise Unreadable(
                [Problem(0, "", "holds å, ä or ö that were garbled on the way (as Ã¥); export it again as UTF-8")]
            )
        return text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    raise Unreadable([Problem(0, "", "is neither UTF-8 nor Windows-1252 text; save it as CSV UTF-8")])


def _recognised(line: str, separator: str, known: dict[str, str]) -> int:
    try:
        names = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return 0
    return len({known.get(columns.header(name)) for name in names} - {None, ""})


def _table(text: str, separator: str, known: dict[str, str]) -> Table:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    problems: list[Problem] = []
    rows: list[Row] = []
    names: list[tuple[str, str]] = []
    line = 0
    try:
        for cells in lines:
            begun, line = line + 1, lines.line_num
            if begun == 1:
                names = _names(cells, known, problems)
            elif any(cell.strip() for cell in cells):
                rows += _row(begun, cells, names, problems)
            if len(rows) > ROWS_MAX:
                problems.append(Problem(begun, "", f"is one row too many: at most {ROWS_MAX} are read"))
            if problems and (len(problems) >= PROBLEMS_MAX or not names or len(rows) > ROWS_MAX):
                break
    except csv.Error:
        problems.append(
            Problem(lines.line_num, "", "has a quotation mark that is not closed, or text after a closed one")
        )
    if problems:
        raise Unreadable(problems)
    return Table({meaning: name for meaning, name in names if meaning}, rows)


def _names(cells: list[str], known: dict[str, str], problems: list[Problem]) -> list[tuple[str, str]]:
    """Return what each column stands for, "" for one that nobody knows, and its name."""
    found: list[tuple[str, str]] = []
    for cell in cells:
        name = cell.strip()
        meaning = known.get(columns.header(name)) if name else ""
        if meaning is None:
            text = "is no column that is known; correct its name, take the column out, or have it ignored"
            problems.append(Problem(1, name[:80], text))
        elif meaning and any(meaning == other for other, _ in found):
            problems.append(
                Problem(1, name[:80], f"stands for {meaning}, as another column does; take one of them out")
            )
        found.append((meaning or "", name))
    return found


def _row(line: int, cells: list[str], names: list[tuple[str, str]], problems: list[Problem]) -> list[Row]:
    if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
        text = f"has {len(cells)} cells for {len(names)} columns; a cell that holds the separator needs quotation marks"
        problems.append(Problem(line, "", text))
        return []
    read: dict[str, str] = {}
    for (meaning, name), cell in zip(names, cells, strict=False):
        if len(cell) > CELL_MAX:
            problems.append(Problem(line, name, f"has {len(cell)} characters; at most {CELL_MAX} are read"))
        elif meaning:
            read[meaning] = unguarded(cell.strip())
    return [Row(line, {**{meaning: "" for meaning, _ in names if meaning}, **read})]


def write(records: Iterable[Record], place: Place, language: str = "en") -> bytes:
    """Return a file that `read` reads: semicolons and UTF-8 with its mark, as spreadsheets like it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    swedish = language == "sv"
    writer.writerow(column.names[1] if swedish and len(column.names) > 1 else column.names[0] for column in COLUMNS)
    for record in records:
        writer.writerow(map(guarded, columns.cells(record, place)))
    return out.getvalue().encode("utf-8-sig")


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet runs: with an apostrophe where it would begin a formula."""
    return f"'{cell}" if cell[:1] in _RISKY or cell.startswith("'") else cell


def unguarded(cell: str) -> str:
    """Take the guard off."""
    return cell[1:] if cell.startswith("'") and (cell[1:2] in _RISKY or cell[1:2] == "'") else cell
