"""`vaxel directory` against a reception with the example's people."""

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from adapters.directory import routes
from adapters.directory.directory import Directory
from adapters.directory.fake import MemoryStore
from adapters.directory.routes import STATUSES
from engine.config import load
from engine.directory_commands import when
from engine.sim.staff import example
from tests.cli.test_remote import vaxel
from tests.directory.conftest import ZONE, Clock, at, here
from tests.directory.test_resolving import Telephones
from tests.web.house import MALMO, NOON, Reception


class House:
    """A reception, its directory, and the command line."""

    def __init__(self, reception: Reception, directory: Directory) -> None:
        self.reception = reception
        self.directory = directory

    async def ask(self, *words: str) -> tuple[int, str, str]:
        return await vaxel("directory", *words, "--data", str(self.reception.folder.root))


@pytest.fixture
async def house() -> AsyncIterator[House]:
    clock = Clock()
    clock.time = NOON
    settings = load(MALMO).installation.directory
    directory = Directory(MemoryStore(example()), settings, ZONE.key, clock, here)
    await directory.load()
    found = tuple(routes.routes(directory, Telephones(busy="guide02")))
    async with Reception.open(more=found, statuses=STATUSES) as reception:
        yield House(reception, directory)


async def test_finding_and_showing(house: House) -> None:
    label = house.directory.get("p1002").label
    code, out, _ = await house.ask("search", *label.lower().split())
    assert code == 0
    first = out.splitlines()[1]
    assert re.match(rf"p1002 +{label} +Kommunvägledare +Stadskontoret / Kontaktcenter +4001 ", first)
    assert first.endswith("present, busy")
    code, out, _ = await house.ask("search", "sopor", "--json", "--limit", "1")
    assert json.loads(out)["hits"][0]["label"] == "Kundservice avfall"
    code, out, _ = await house.ask("show", "p1002")
    assert re.search(r"agent +guide02\n", out)
    code, out, _ = await house.ask("search", "qqqqq")
    assert (code, out) == (0, "Nobody was found.\n")


async def test_keeping_a_record(house: House) -> None:
    fields = ("given=Maja", "family=Månvinge", "skills=jour; krisstöd", "mobile=070-174 06 99")
    code, out, _ = await house.ask("add", *fields)
    assert code == 0
    id_ = house.directory.search("maja månvinge", protected=False, most=1)[0].record.id
    assert re.search(rf"id +{id_}\nname +Maja Månvinge\n", out)
    await house.ask("change", id_, "mobile_use=connect", "department=Stadskontoret / HR", "by_refer=yes", "title=")
    changed = house.directory.get(id_)
    assert (changed.mobile_use, changed.department, changed.by_refer) == ("connect", ("Stadskontoret", "HR"), True)
    code, out, _ = await house.ask("remove", id_)
    assert (code, out) == (0, "Done.\n")
    code, out, _ = await house.ask("add", "--function", "name=Cykelgaraget", "responsibilities=cykel, pump", "--json")
    assert json.loads(out)["record"]["responsibilities"] == ["cykel", "pump"]


async def test_being_away_and_back(house: House) -> None:
    told = ("meeting", "--until", "2 h", "--refer", "p1002", "--note", "sal 3")
    code, out, _ = await house.ask("absent", "p1001", *told)
    assert code == 0
    absence = house.directory.get("p1001").absences[0]
    assert absence.until is not None
    assert (absence.reason, absence.refer, absence.note) == ("meeting", "p1002", "sal 3")
    code, out, _ = await house.ask("absent", "p1001", "holiday", "--from", "2026-12-21", "--until", "open")
    code, out, _ = await house.ask("show", "p1001")
    assert re.search(r"absence +holiday, from 2026-12-21 00:00, until further notice\n", out)
    assert "ask for" in out
    code, out, _ = await house.ask("present", "p1001", "--all")
    assert house.directory.get("p1001").absences == ()
    code, out, _ = await house.ask("reasons")
    assert re.search(r"lunch +1 +60 min +sv: på lunch; en: at lunch; fi: lounaalla\n", out)
    assert re.search(r"visit +120 min ", out)


async def test_who_would_be_rung(house: House) -> None:
    code, out, _ = await house.ask("reach", "4001")
    assert code == 0
    assert re.search(r"desk +p1002 +not: busy\n", out)
    assert out.endswith("Busy at guide02.\n")
    code, out, _ = await house.ask("reach", "040-628 04 00", "--json")
    assert json.loads(out)["record"] == "f1"


async def test_files(house: House, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("namn;ankn;skostorlek\nBo Ek;4411;44\nCy Alm;x;43\n")
    code, out, err = await house.ask("import", str(file), "--ignore", "skostorlek")
    assert (code, out) == (1, f"{file}:3: ankn: is no extension; one has 4 digits\n")
    assert err == f"1 mistake in {file}: nothing was changed.\n"
    file.write_text("namn;ankn\nBo Ek;4411\n")
    code, out, _ = await house.ask("import", str(file), "--dry-run")
    assert out.splitlines()[-1] == "Would be: 1 added, 0 changed, 0 removed, 0 unchanged."
    code, out, _ = await house.ask("import", str(file))
    assert re.search(r"added +p\d+ +Bo Ek\n", out)
    assert out.splitlines()[-1] == "Done: 1 added, 0 changed, 0 removed, 0 unchanged."
    code, _, err = await house.ask("import", str(file), "--replace")
    assert (code, "(import_removes_many)" in err) == (1, True)
    every = tmp_path / "all.csv"
    assert (await house.ask("export", str(every), "--language", "sv"))[0] == 0
    code, out, _ = await house.ask("import", str(every), "--replace", "--json")
    assert (code, json.loads(out)["unchanged"]) == (0, len(house.directory.records))
    code, out, _ = await house.ask("export", "-")
    assert out.startswith("\ufeffid;kind;key;")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "p7"), 1, "Refused: There is no record with this id in the directory. (unknown_record)"),
        (("change", "p1001", "shoes=44"), 2, '"shoes=44" is no FIELD=VALUE; fields are key, given, '),
        (("change", "p1001", "protected=perhaps"), 2, "protected is neither yes nor no."),
        (("change", "p1001", "extension=4"), 1, "Refused: Extension is no extension; one has 4 digits. (bad_record)"),
        (("absent", "p1001", "lunch", "--until", "soon"), 2, '"soon" is no time; write it like 13:00, 2026-12-21, '),
        (("absent", "p1001", "golf"), 1, "(bad_record)"),
        (("import", "/nowhere.csv"), 2, "/nowhere.csv cannot be read: no such file or directory."),
        (("export", "/nowhere/x.csv"), 2, "/nowhere/x.csv cannot be written: no such file or directory."),
        (("show", "../agents"), 1, "(bad_request)"),
    ],
)
async def test_refusals_are_one_clear_line(house: House, words: tuple[str, ...], code: int, said: str) -> None:
    found, out, err = await house.ask(*words)
    assert (found, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


async def test_nothing_runs(tmp_path: Path) -> None:
    for words in (("search", "a"), ("absent", "p1", "lunch"), ("export", "-")):
        code, _, err = await vaxel("directory", *words, "--data", str(tmp_path))
        assert (code, err.split(":")[0]) == (2, f"No Vaxel has run on {tmp_path} yet")


async def test_help() -> None:
    code, out, _ = await vaxel("directory", "--help")
    assert code == 0
    commands = "search show add change remove absent present reasons reach import export"
    assert all(re.search(rf"\b{word}\b", out) for word in commands.split())


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("13:00", "2026-11-25T13:00"),
        ("9.30", "2026-11-26T09:30"),
        ("2026-12-24", "2026-12-24T00:00"),
        ("2026-12-24 08:00", "2026-12-24T08:00"),
        ("90 min", "2026-11-25T11:30"),
    ],
)
def test_times(text: str, meant: str) -> None:
    assert when(text, datetime.fromtimestamp(at("2026-11-25T10:00"), ZONE)) == at(meant)


@pytest.mark.parametrize("text", ["25:00", "2026-13-01", "tomorrow", ""])
def test_no_times(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no time"):
        when(text, datetime.fromtimestamp(NOON, ZONE))
