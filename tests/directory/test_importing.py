"""What a file changes: which record each row speaks of, what stays, what goes, and that nothing is done by halves."""

import pytest
from msgspec import structs

from adapters.directory.directory import Directory
from adapters.directory.fake import MemoryStore
from adapters.directory.importing import Plan, changed_fields
from adapters.directory.record import Absence, Record
from engine.sim.staff import staff
from router.inputs import Refused
from tests.directory.conftest import NOW, Clock, directory_of, function, person

ANNA = person(
    1, "Anna", "Berg", key="A1", extension="4411", title="Lärare", note="Ring efter 10", mobile="+46701740605"
)
BO = person(2, "Bo", "Ek", extension="4412", direct="+46406280412", deputy="p1")
CALLS = function(1, "Bygglovsenheten", "bygglov", extension="5001")


async def taken(directory: Directory, text: str, mode: str = "merge", **more: bool) -> Plan:
    return await directory.import_(text.encode(), mode, "tester", **more)  # type: ignore[arg-type]


def summary(plan: Plan) -> tuple[list[str], dict[str, tuple[str, ...]], list[str], int]:
    changed = {one.new.id: one.fields for one in plan.changed}
    return [record.id for record in plan.added], changed, [record.id for record in plan.removed], plan.unchanged


async def test_only_columns_of_the_file_change() -> None:
    directory = await directory_of(ANNA, BO, CALLS)
    plan = await taken(directory, "id;titel\np1;Rektor\np2;\n")
    assert summary(plan) == ([], {"p1": ("title",)}, [], 1)
    assert directory.get("p1") == structs.replace(ANNA, title="Rektor", revision=1)
    assert directory.get("p2") == BO


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nyckel;titel\nA1;Rektor\n", "p1"),
        ("namn;ankn;titel\nAnna Lind;4411;Rektor\n", "p1"),
        ("namn;telefon;titel\nEk, Bo;040 628 04 12;Rektor\n", "p2"),
        ("nyckel;namn;ankn;titel\nB7;Bo Ek;4412;Rektor\n", "p2"),
        ("typ;namn;ankn;titel\nfunktion;Bygglovsenheten;5001;x\n", "f1"),
    ],
)
async def test_a_row_finds_its_record(text: str, found: str) -> None:
    plan = await taken(await directory_of(ANNA, BO, CALLS), text, dry=True)
    assert (list(summary(plan)[1]), plan.added, plan.problems) == ([found], [], [])


@pytest.mark.parametrize(
    "text",
    [
        "namn;ankn\nCy Alm;4411\n",  # another person at the same telephone
        "nyckel;namn;ankn\nZ9;Anna Berg;4411\n",  # another key, so another person of the same name
        "namn\nAnna Berg\n",  # a name alone names nobody
    ],
)
async def test_a_row_that_finds_none_is_somebody_new(text: str) -> None:
    directory = await directory_of(ANNA, BO, CALLS)
    assert summary(await taken(directory, text)) == (["p3"], {}, [], 0)
    assert directory.get("p1") == ANNA


async def test_in_place_of_all() -> None:
    """Functions stay, as the file is of persons; who was referred to is referred to no more."""
    directory = await directory_of(ANNA, BO, CALLS)
    plan = await taken(directory, "namn;ankn\nBo Ek;4412\nCy Alm;4413\n", "replace")
    assert summary(plan) == (["p3"], {"p2": ("deputy",)}, ["p1"], 0)
    assert set(directory.records) == {"p2", "p3", "f1"}
    assert directory.get("p2").deputy == ""
    assert directory.find("extension", "4411") == []


async def test_a_dry_run_says_the_same_and_changes_nothing() -> None:
    store = MemoryStore([ANNA, BO, CALLS])
    directory = await directory_of(store=store)
    text = "namn;ankn\nBo Ek;4499\nCy Alm;4413\n"
    dry = await taken(directory, text, "replace", dry=True)
    assert (store.records, directory.records) == ({"p1": ANNA, "p2": BO, "f1": CALLS},) * 2
    assert summary(dry) == summary(await taken(directory, text, "replace"))


async def test_ids_are_kept_and_never_given_twice() -> None:
    store = MemoryStore([ANNA])
    directory = await directory_of(store=store)
    await taken(directory, "id;namn\n;Cy Alm\np2;Dia Dal\np70;Eva Elm\n;Fia Fors\n")
    assert {record.label: id_ for id_, record in directory.records.items()} == {
        "Anna Berg": "p1",
        "Cy Alm": "p71",
        "Dia Dal": "p2",
        "Eva Elm": "p70",
        "Fia Fors": "p72",
    }
    await directory.remove("p72", "tester")
    again = await directory_of(store=store)
    assert (await again.add("person", {"family": "Gran"}, "tester")).id == "p73"


async def test_references_by_whatever_names_the_other() -> None:
    text = (
        "nyckel;namn;ankn;telefon;e-post;ersättare;sekreterare;frånvaroorsak;hänvisas till\n"
        "K1;Cy Alm;4501;040-628 04 50;cy@example.org;A1;4412;lunch;K2\n"
        "K2;Dia Dal;4502;;dia@example.org;CY@example.org;040-628 04 12;;\n"
    )
    directory = await directory_of(ANNA, BO, CALLS)
    assert not (await taken(directory, text)).problems
    cy, dia = (directory.find("key", key)[0] for key in ("K1", "K2"))
    assert (cy.deputy, cy.secretary, dia.deputy, dia.secretary) == ("p1", "p2", cy.id, "p2")
    assert cy.absences == (Absence(reason="lunch", since=NOW, refer=dia.id),)


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("id;namn\np1;Anna\np1;Anna\n", 3, "id", "is of the same record as in line 2"),
        ("namn;ankn\nAnna Berg;4411\nBerg, Anna;44 11\n", 3, "id", "is of the same record as in line 2"),
        ("nyckel;namn\nN1;Cy\nN1;Cy\n", 3, "id", "is of the same record as in line 2"),
        ("nyckel;id;namn\nA1;p9;Cy\n", 2, "nyckel", "is that of p1, too"),
        ("id;typ;namn\np1;funktion;Anna\n", 2, "id", "is that of a person, but the row is of a function"),
        ("id;namn\nx7;Anna\n", 2, "id", "is no id of this kind"),
        ("namn;ersättare\nCy Alm;9999\n", 2, "ersättare", "names no record"),
        ("id;namn;ersättare\np1;Anna Berg;p1\n", 2, "ersättare", "names the record itself"),
        ("namn;frånvaroorsak\nCy Alm;golf\n", 2, "frånvaroorsak", "have a reason that is not known; known: lunch"),
        ("namn;frånvaro\nCy Alm;lunch 2026-11-25T12:00/2026-11-25T13:00 refer=p99\n", 2, "frånvaro", "not there"),
        ("namn;frånvaro\nCy Alm;lunch 2026-11-25T12:00/2026-11-25T11:00\n", 2, "frånvaro", "end before they begin"),
        ("namn;frånvaro\nCy Alm;lunch 1926-11-25T12:00/\n", 2, "frånvaro", "too far from today"),
        ("typ;namn\nfunktion;\n", 2, "namn", "is missing: a function has a name"),
    ],
)
async def test_mistakes_that_need_the_others_to_be_seen(text: str, line: int, column: str, said: str) -> None:
    store = MemoryStore([ANNA, BO, CALLS])
    directory = await directory_of(store=store)
    plan = await taken(directory, f"{text}")
    assert [(one.line, one.column) for one in plan.problems] == [(line, column)]
    assert said in plan.problems[0].text
    assert store.records == {"p1": ANNA, "p2": BO, "f1": CALLS} == directory.records


async def test_two_records_fit_a_row() -> None:
    directory = await directory_of(ANNA, structs.replace(ANNA, id="p5", key=""))
    plan = await taken(directory, "namn;ankn\nAnna Berg;4411\n")
    assert [(one.line, one.text) for one in plan.problems] == [
        (2, "is missing: 2 records fit this row; give the id of one of them")
    ]


async def test_one_bad_line_and_nothing_is_changed() -> None:
    store = MemoryStore([ANNA])
    directory = await directory_of(store=store)
    plan = await taken(directory, "namn;ankn\nCy Alm;4413\nDia Dal;x\n")
    assert [one.line for one in plan.problems] == [3]
    assert (set(directory.records), set(store.records)) == ({"p1"}, {"p1"})


async def test_a_file_cut_off_does_not_empty_the_directory() -> None:
    crowd = [one for one in staff(200) if one.kind == "person"]
    directory = await directory_of(*crowd)
    text = "id;namn\n" + "".join(f"{record.id};{record.label}\n" for record in crowd[:20])
    with pytest.raises(Refused, match="this would remove 180 of 200 records") as caught:
        await taken(directory, text, "replace")
    assert caught.value.error_id == "import_removes_many"
    assert len(directory.records) == 200
    await taken(directory, text, "replace", force=True)
    assert len(directory.records) == 20


async def test_a_whole_directory_out_and_in_again(clock: Clock) -> None:
    directory = await directory_of(*staff(500), clock=clock)
    data = await directory.export("sv")
    plan = await directory.import_(data, "replace", "tester")
    assert summary(plan) == ([], {}, [], len(directory.records))
    empty = await directory_of(clock=clock)
    plan = await empty.import_(data, "merge", "tester")
    assert not plan.problems
    assert empty.records == {id_: structs.replace(one, revision=0) for id_, one in directory.records.items()}


async def test_a_large_import_is_written_as_a_whole() -> None:
    store = MemoryStore([ANNA, BO, CALLS])
    directory = await directory_of(store=store)
    rows = "".join(f"Cy{number} Alm;{5100 + number}\n" for number in range(300))
    await taken(directory, f"namn;ankn\n{rows}")
    assert store.records == directory.records
    assert len(directory.records) == 303
    assert [found.record.extension for found in directory.search("cy17 alm", protected=False, most=1)] == ["5117"]


async def test_when_the_store_is_away_nothing_has_changed() -> None:
    store = MemoryStore([ANNA])
    directory = await directory_of(store=store)
    store.away = True
    for many in (1, 300):
        with pytest.raises(Refused) as caught:
            await taken(directory, "namn\n" + "".join(f"Cy{n} Alm\n" for n in range(many)))
        assert (caught.value.error_id, caught.value.retryable) == ("store_away", True)
    assert directory.records == {"p1": ANNA}
    store.away = False
    assert len((await taken(directory, "namn\nCy Alm\n")).added) == 1


def test_records_are_compared_without_their_revision() -> None:
    assert changed_fields(ANNA, structs.replace(ANNA, revision=7, title="x")) == ("title",)
    assert Record(id="p1").revision == 0
