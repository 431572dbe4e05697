"""Files as spreadsheets and personnel systems write them."""

import csv
import io
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from msgspec import structs

from adapters.directory import csvfile, drafts
from adapters.directory.checking import checked
from adapters.directory.columns import COLUMNS, Place
from adapters.directory.csvfile import Problem
from adapters.directory.drafts import Draft, drafted, unpacked
from adapters.directory.record import Absence, Record
from tests.directory.conftest import NOW, SETTINGS, ZONE, at, person

PLACE = Place(SETTINGS, ZONE)


def read(data: bytes | str, *ignored: str) -> list[Draft]:
    found = drafted(_bytes(data), ignored, SETTINGS, ZONE.key, NOW)
    assert not found.problems, found.problems
    return [draft for part in found.parts for draft in unpacked(part)]


def problems(data: bytes | str, *ignored: str) -> list[tuple[int, str, str]]:
    return [
        (one.line, one.column, one.text) for one in drafted(_bytes(data), ignored, SETTINGS, ZONE.key, NOW).problems
    ]


def _bytes(data: bytes | str) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


SWEDISH = "Förnamn;Efternamn;Anknytning;E-post\r\nÅsa;Öst;4411;asa.ost@example.org\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
def test_encodings(encoding: str) -> None:
    values = read(SWEDISH.encode(encoding))[0].values
    assert (values.given, values.family, values.email) == ("Åsa", "Öst", "asa.ost@example.org")


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_separators_and_line_ends(separator: str, end: str) -> None:
    text = SWEDISH.replace(";", separator).replace("\r\n", end)
    assert [(draft.line, draft.values.extension) for draft in read(text)] == [(2, "4411")]


def test_english_and_swedish_columns_mean_the_same() -> None:
    english = read(
        "given,family,title,department,mobile,mobile use,by refer\nBo,Ek,Clerk,City / Unit,070-1740605,give,yes\n"
    )
    swedish = read(
        "förnamn;efternamn;titel;organisation;mobil;mobil får;refer\nBo;Ek;Clerk;City / Unit;0701740605;lämna ut;ja\n"
    )
    assert english[0].values == swedish[0].values
    assert english[0].values == Record(
        id="",
        given="Bo",
        family="Ek",
        title="Clerk",
        department=("City", "Unit"),
        mobile="+46701740605",
        mobile_use="give",
        by_refer=True,
    )


def test_levels_and_whole_names() -> None:
    found = read("Namn;Förvaltning;Avdelning;Enhet\nBerg, Anna Maria;Kultur/fritid;;Bad\nCarl von Essen;Vård;Norr;\n")
    assert [(one.values.given, one.values.family, one.values.department) for one in found] == [
        ("Anna Maria", "Berg", ("Kultur/fritid", "Bad")),
        ("Carl von", "Essen", ("Vård", "Norr")),
    ]


def test_one_absence_in_columns_of_its_own() -> None:
    text = (
        "namn;frånvaroorsak;frånvaro från;frånvaro till;hänvisas till\n"
        "Anna Berg;lunch;2026-11-25 12:00;2026-11-25 13:00;040-628 04 11\nBo Ek;;;;\nCy Alm;ill;;;\n"
    )
    found = read(text)
    lunch = Absence(reason="lunch", since=at("2026-11-25T12:00"), until=at("2026-11-25T13:00"), refer=drafts.PENDING)
    assert [draft.values.absences for draft in found] == [(lunch,), (), (Absence(reason="ill", since=NOW),)]
    assert found[0].references == {"refer": "+46406280411"}


def test_a_cell_may_hold_separators_lines_and_quotation_marks() -> None:
    found = read('namn,anmärkning,ansvar\n"Berg, Anna","Ring ""efter"" 10\noch före 12","bygglov, marklov; altan"\n')
    assert found[0].values.note == 'Ring "efter" 10 och före 12'
    assert found[0].values.responsibilities == ("bygglov", "marklov", "altan")


def test_every_mistake_is_told_with_line_and_column_and_nothing_of_what_stands_there() -> None:
    text = (
        "Namn;Anknytning;Telefon;Mobil får;Arbetstid;E-post;Skyddad;Typ;Frånvaro\n"
        "Anna Berg;44;040-x;kanske;mon 17-8;anna@;vet ej;chef;sjuk\n"
        "\n"
        "Bo Ek;44111222;12345678901234567890;;;;;;\n"
    )
    found = problems(text)
    wrong = ("Mobil får", "Skyddad", "Typ", "Frånvaro", "Anknytning", "Telefon", "E-post", "Arbetstid")
    expected = [*((2, column) for column in wrong), (4, "Anknytning"), (4, "Telefon")]
    assert sorted((line, column) for line, column, _ in found) == sorted(expected)
    said = " ".join(text for _, _, text in found)
    assert not any(part in said for part in ("Anna", "anna@", "44111222", "1234567890", "vet ej"))


@pytest.mark.parametrize(
    ("data", "line", "column", "text"),
    [
        (b"", 1, "", "holds no column name that is known"),
        (b"a;b;c\n1;2;3\n", 1, "", "holds no column name that is known"),
        (b"namn;skostorlek\nBo;44\n", 1, "skostorlek", "is no column that is known; correct its name"),
        (b"namn;name\nBo;Bo\n", 1, "name", "stands for name, as another column does"),
        (b"namn;ankn\nBo;44;11\n", 2, "", "has 3 cells for 2 columns; a cell that holds the separator"),
        (b'namn;ankn\n"Bo;4411\n', 2, "", "has a quotation mark that is not closed"),
        (b"namn\nF\x81rg\n", 0, "", "is neither UTF-8 nor Windows-1252 text"),
        ("namn\nÅsa\n".encode().decode("cp1252").encode(), 0, "", "garbled on the way (as Ã¥)"),
        (b"namn\n" + b"x" * 20_000 + b"\n", 2, "namn", "has 20000 characters; at most 10000"),
        (b"x" * (csvfile.SIZE_MAX + 1), 0, "", "is larger than 32 MiB"),
    ],
)
def test_files_that_cannot_be_used(data: bytes, line: int, column: str, text: str) -> None:
    found = problems(data)
    assert (found[0][0], found[0][1]) == (line, column)
    assert text in found[0][2]


def test_columns_may_be_ignored() -> None:
    assert read("namn;skostorlek\nBo Ek;44\n", "Skostorlek")[0].values.family == "Ek"


def test_not_endlessly_many_mistakes() -> None:
    assert len(problems("namn;ankn\n" + "Bo;x\n" * 5000)) == csvfile.PROBLEMS_MAX


# ---- written -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cell", ["=1+1", "+46", "-1", "@x", "'=1", "'x", "''", "'", "x", "", "=", "'+"])
def test_no_cell_is_a_formula_and_each_comes_back(cell: str) -> None:
    guarded = csvfile.guarded(cell)
    assert guarded[:1] not in set("=+-@\t\r") - {""}
    assert csvfile.unguarded(guarded) == cell


def test_what_a_spreadsheet_sees() -> None:
    evil = person(1, "=cmd|' /C calc'!A0", "Berg", direct="+35891234567", mobile="+46701740605", mobile_use="connect")
    data = csvfile.write([evil], PLACE, "sv")
    assert data.startswith("\ufeffid;typ;nyckel;förnamn;efternamn;".encode())
    row = next(iter(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")))
    assert (row["förnamn"], row["direktnummer"], row["mobil"]) == (
        "'=cmd|' /C calc'!A0",
        "'+358 9 1234567",
        "070-174 06 05",
    )


TEXT = st.text(
    st.characters(
        exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Zs", "Co", "Cn"), include_characters=" \t\n'=+-@;\"åäö"
    ),
    max_size=12,
)
ENTRY = TEXT.map(lambda text: text.replace(",", "").replace(";", "").replace("|", ""))
MOMENT = st.integers(int(at("2026-01-01T00:00")), int(at("2027-12-31T00:00"))).map(float)
ABSENCES = st.builds(
    lambda reason, since, lasts, refer, note: Absence(
        reason=reason, since=since, until=None if lasts is None else since + lasts, refer=refer, note=note
    ),
    st.sampled_from(sorted(SETTINGS.reasons)),
    MOMENT,
    st.one_of(st.none(), st.integers(1, 10**7).map(float)),
    st.sampled_from(["", "p7", "f3"]),
    ENTRY,
)
NUMBERS = st.sampled_from(
    ["", "040-628 04 00", "+46701740605", "+358 9 1234567", "11414", "08-465 004 00", "+12025550123"]
)
RECORDS = st.builds(
    Record,
    id=st.integers(1, 999_999).map(lambda number: f"p{number + 10}"),
    key=TEXT,
    given=TEXT,
    family=TEXT.map(lambda text: f"B{text}"),
    name=TEXT,
    aliases=st.lists(ENTRY, max_size=3).map(tuple),
    title=TEXT,
    department=st.lists(ENTRY.map(lambda text: text.replace("/", "").replace(">", "")), max_size=3).map(tuple),
    extension=st.sampled_from(["", "4411", "45 12"]),
    direct=NUMBERS,
    mobile=NUMBERS.map(lambda number: number or "070-174 06 05"),
    mobile_use=st.sampled_from(["never", "connect", "give"]),
    phone=st.sampled_from(["", "phone01"]),
    email=st.sampled_from(["", "Anna.Berg@Example.org"]),
    responsibilities=st.lists(ENTRY, max_size=3).map(tuple),
    skills=st.lists(ENTRY, max_size=2).map(tuple),
    languages=st.lists(ENTRY, max_size=2).map(tuple),
    hours=st.sampled_from(["", "mon-fri 08:00-16:30", "mån 8-12; fre 9-12, 13-15"]),
    place=TEXT,
    note=TEXT,
    agent=st.sampled_from(["", "guide01"]),
    protected=st.booleans(),
    by_refer=st.booleans(),
    absences=st.lists(ABSENCES, max_size=3).map(tuple),
)


@given(record=RECORDS, language=st.sampled_from(["en", "sv"]))
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_back(record: Record, language: str) -> None:
    tidy, flaws = checked(record, SETTINGS, NOW)
    assert not flaws
    draft = read(csvfile.write([tidy], PLACE, language))[0]
    assert structs.replace(draft.values, **draft.references) == tidy
    again = checked(tidy, SETTINGS, NOW)
    assert again == (tidy, []), "tidy is tidy"


@given(
    data=st.one_of(
        st.binary(max_size=300), st.text(max_size=200).map(lambda text: f"namn;ankn;frånvaro\n{text}".encode())
    )
)
@settings(max_examples=300, deadline=None)
def test_any_file_is_read_or_refused(data: bytes) -> None:
    found = drafted(data, (), SETTINGS, ZONE.key, NOW)
    assert isinstance(found.parts, list)
    assert all(isinstance(problem, Problem) for problem in found.problems)
    assert not (found.parts and found.problems)


def test_every_field_has_its_column() -> None:
    fields: set[Any] = {column.field for column in COLUMNS}
    assert fields == set(Record.__struct_fields__) - {"revision"}
