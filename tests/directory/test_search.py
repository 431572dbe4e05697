"""What an operator types, and whom that finds."""

from random import Random

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from adapters.directory.directory import Directory
from adapters.directory.fake import MemoryStore
from adapters.directory.index import BONUS_MAX, Index, View
from adapters.directory.record import Absence, Record
from adapters.directory.settings import DirectorySettings
from adapters.directory.spelling import fold, plain, words
from engine.sim.staff import staff
from tests.directory.conftest import NOW, ZONE, Clock, at, directory_of, function, here, person

CROWD = staff(3000)
PLAIN = View(bonus=lambda _: 0.0)

WANTED = [
    Record(id="p90001", given="Åsa", family="Åkesson", title="Handläggare", extension="90001"),
    Record(id="p90002", given="Kristoffer", family="Söderqvist", title="Arkivarie", extension="90002"),
    Record(id="p90003", given="Ann-Marie", family="Pettersson Lövkrona", title="Rektor"),
    Record(id="p90004", given="Hélène", family="Østergård", title="Kurator"),
    Record(id="p90005", given="Mohammed", family="Al-Khatib", title="Socialsekreterare"),
    Record(id="p90006", given="Göran", family="Hällstrand", aliases=("Jöns",), title="Gatuingenjör"),
    Record(id="p90007", given="Carl-Johan", family="Wedholm von Essen", title="Stadsjurist"),
    Record(id="p90008", given="Małgorzata", family="Wróblewska", title="Sjuksköterska"),
    Record(id="p90009", given="Gustaf", family="Thunqvist", title="Badmästare"),
    Record(
        id="f90001",
        kind="function",
        name="Tillståndsenheten",
        responsibilities=("serveringstillstånd", "alkohol", "tobak"),
    ),
    Record(
        id="f90002",
        kind="function",
        name="Vigselkansliet",
        responsibilities=("vigsel", "borgerlig vigsel", "gifta sig"),
    ),
]

SLIPS = [
    # typed, found, among the first
    ("asa akesson", "p90001", 1),
    ("aasa aakesson", "p90001", 1),
    ("åsa åke", "p90001", 1),
    ("åkesson åsa", "p90001", 1),
    ("åkeson åsa", "p90001", 3),
    ("okesson åsa", "p90001", 3),
    ("kristoffer soderqvist", "p90002", 1),
    ("christoffer söderkvist", "p90002", 1),
    ("kristofer söderquist", "p90002", 1),
    ("krisotffer söderqvist", "p90002", 2),
    ("söderqvits krist", "p90002", 3),
    ("kr söder", "p90002", 5),
    ("annmarie lövkrona", "p90003", 1),
    ("ann marie lövkrona", "p90003", 1),
    ("ann-marie lovkrona", "p90003", 1),
    ("ann-mari petersson löv", "p90003", 1),
    ("pettersson lövkrna", "p90003", 1),
    ("helene ostergard", "p90004", 1),
    ("helen östergård", "p90004", 1),
    ("helene oestergaard", "p90004", 1),
    ("muhammed alkhatib", "p90005", 2),
    ("mohamed al khatib", "p90005", 1),
    ("mohammad khatib", "p90005", 2),
    ("göran hellstrand", "p90006", 1),
    ("jöran hällstrand", "p90006", 1),
    ("joran hellstrand", "p90006", 1),
    ("jöns häll", "p90006", 1),
    ("calle vedholm", "p90007", 3),
    ("carljohan wedholm", "p90007", 1),
    ("karl johan vedholm", "p90007", 2),
    ("von essen wedh", "p90007", 1),
    ("malgorzata wroblewska", "p90008", 1),
    ("wroblevska", "p90008", 1),
    ("gustav tunkvist", "p90009", 1),
    ("gustaf thunkvits", "p90009", 1),
    ("tunqvist", "p90009", 1),
    ("unqvist gustaf", "p90009", 2),
    ("badmästare thun", "p90009", 1),
    ("serveringstillstånd", "f90001", 1),
    ("serverings tillstånd", "f90001", 1),
    ("serveringstilstånd", "f90001", 1),
    ("tillstand servering", "f90001", 1),
    ("alkohl", "f90001", 2),
    ("alkoholtillstånd", "f90001", 3),
    ("tobaksförsäljning", "f90001", 3),
    ("vigsel", "f90002", 1),
    ("vixel", "f90002", 3),
    ("gifta sej", "f90002", 1),
    ("borjerlig vigsel", "f90002", 1),
]


@pytest.fixture(scope="module")
def crowd() -> Index:
    """Three thousand, and those wanted among them."""
    index = Index(DirectorySettings())
    for record in CROWD + WANTED:
        index.put(record)
    return index


@pytest.mark.parametrize(("typed", "wanted", "first"), SLIPS)
def test_slips(crowd: Index, typed: str, wanted: str, first: int) -> None:
    found = [hit.id for hit in crowd.search(typed, PLAIN, 20)]
    assert wanted in found[:first], f"place {found.index(wanted) + 1 if wanted in found else 'none'}"


def test_everybody_is_found_by_name_however_it_is_written(crowd: Index) -> None:
    chance = Random(1)
    for record in chance.sample(CROWD, 200):
        if record.protected:
            continue
        label = record.label
        for typed in (label, label.upper(), fold(plain(label)), " ".join(reversed(label.split()))):
            names = {hit.id for hit in crowd.search(typed, PLAIN, 200)}
            assert record.id in names, typed


def test_one_slip_of_the_finger_in_a_long_name_finds_all_the_same(crowd: Index) -> None:
    """Left out, doubled, swapped or mistaken: somewhere in a family name of eight letters or more."""
    chance, misses, tries = Random(2), [], 0
    for record in chance.sample([one for one in CROWD if len(one.family) >= 8 and " " not in one.family], 150):
        if record.protected:
            continue
        for slip in slips(record.family, chance):
            tries += 1
            found = [hit.id for hit in crowd.search(f"{record.given} {slip}", PLAIN, 3000)]
            if record.id not in found:
                misses.append((record.label, slip))
    assert len(misses) <= tries * 0.01, misses


def slips(word: str, chance: Random) -> list[str]:
    at_ = chance.randrange(1, len(word) - 1)
    other = chance.choice("aeiorstn")
    return [
        word[:at_] + word[at_ + 1 :],
        word[:at_] + word[at_] + word[at_:],
        word[:at_] + word[at_ + 1] + word[at_] + word[at_ + 2 :],
        word[:at_] + other + word[at_ + 1 :],
    ]


# ---- order -------------------------------------------------------------------------------------------------------


def ids(index: Index, typed: str, view: View = PLAIN, most: int = 20) -> list[str]:
    return [hit.id for hit in index.search(typed, view, most)]


def index_of(*records: Record, **settings_: object) -> Index:
    index = Index(DirectorySettings(**settings_))  # type: ignore[arg-type]
    for record in records:
        index.put(record)
    return index


def test_whole_words_before_beginnings_before_sounds() -> None:
    index = index_of(
        person(1, "Anna", "Bergström"), person(2, "Anna", "Berg"), person(3, "Anna", "Bärg"), person(4, "Bo", "Ek")
    )
    assert ids(index, "berg") == ["p2", "p1", "p3"]


def test_letters_as_typed_first() -> None:
    index = index_of(person(1, "Hakan", "Ek"), person(2, "Håkan", "Ek"))
    assert ids(index, "håkan") == ["p2", "p1"]
    assert ids(index, "hakan") == ["p1", "p2"]


def test_functions_before_persons_for_what_one_asks_for() -> None:
    index = index_of(
        person(1, "Anna", "Ek", responsibilities=("bygglov",)),
        person(2, "Bo", "Ek", title="Bygglovshandläggare"),
        person(3, "Cy", "Ek", department=("Bygglov",)),
        function(1, "Bygglovsenheten"),
        function(2, "Stadsbyggnad", "bygglov"),
    )
    assert ids(index, "bygglov") == ["f2", "f1", "p1", "p3", "p2"]


def test_those_who_are_there_before_those_who_are_not() -> None:
    index = index_of(person(1, "Anna", "Ek"), person(2, "Anna", "Ek"), person(3, "Anna", "Alm"))
    assert ids(index, "anna", View(bonus=lambda _: 0.0, away=index.bits(["p1", "p3"]))) == ["p2", "p3", "p1"]


def test_often_connected_first_among_equals_but_not_before_a_better_match() -> None:
    index = index_of(person(1, "Anna", "Bergström"), person(2, "Anna", "Berglund"), person(3, "Anna", "Berg"))
    index.mark_used("p1")
    often = View(bonus=lambda _: BONUS_MAX)
    assert ids(index, "bergl", often)[0] == "p2"
    assert ids(index, "berg", often) == ["p3", "p1", "p2"]
    assert ids(index, "ber", often) == ["p1", "p3", "p2"]


def test_initials() -> None:
    index = index_of(person(1, "Örjan Maria", "Svensson"), person(2, "Anna", "Ek"))
    assert [ids(index, typed) for typed in ("ös", "os", "sö", "oms", "ö s", "ms")] == [["p1"]] * 5 + [[]]


def test_two_keystrokes_find_who_is_asked_for_most(crowd: Index) -> None:
    """The hundred who are connected most, by the first letters of their names: four of five among the first five."""
    chance = Random(3)
    often = {
        record.id: chance.random() * BONUS_MAX
        for record in chance.sample(CROWD, 100)
        if record.kind == "person" and not record.protected
    }
    index = Index(DirectorySettings())
    for record in CROWD:
        index.put(record)
    for id_ in often:
        index.mark_used(id_)
    view = View(bonus=lambda id_: often.get(id_, 0.0))
    by_id = {record.id: record for record in CROWD}
    places = []
    for id_ in often:
        record = by_id[id_]
        found = ids(index, fold(plain(record.given))[0] + fold(plain(record.family.split()[-1]))[0], view)
        places.append(found.index(id_) + 1 if id_ in found else 99)
    assert sum(place <= 5 for place in places) >= 0.8 * len(places), sorted(places)


def test_synonyms() -> None:
    index = index_of(function(1, "Renhållningen", "sophämtning"), synonyms=(("sophämtning", "sopor", "rubbish"),))
    assert ids(index, "sopor") == ids(index, "rubbi") == ["f1"]
    index.put(function(2, "Avfall", "sopor"))
    assert ids(index, "sopor") == ["f2", "f1"], "who says so before who means it"
    assert [hit.similar for hit in index.search("rubbish", PLAIN, 1)] == [True]


def test_similar_tells_what_was_not_typed() -> None:
    index = index_of(person(1, "Åsa", "Karlsson"), person(2, "Åsa", "Carlson"))
    assert [(hit.id, hit.similar) for hit in index.search("asa karl", PLAIN, 9)] == [("p1", False), ("p2", True)]
    assert [hit.similar for hit in index.search("åk", PLAIN, 1)] == [False], "initials are typed"


def test_a_word_that_is_nowhere_is_left_out_only_if_nothing_is_found_with_it() -> None:
    index = index_of(person(1, "Anna", "Ek", title="Lärare"), person(2, "Anna", "Ek"))
    assert ids(index, "anna ek lärare") == ["p1"]
    assert ids(index, "anna ek brandman") == ["p1", "p2"]
    assert ids(index, "brandman") == []


# ---- numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("4411", ["p1", "p2"]),  # an extension, then a number that ends so
        ("44", ["p1", "p3"]),
        ("040-628 44 11", ["p2"]),
        ("+46406284411", ["p2"]),
        ("+46 (0)40 628 44 11", ["p2"]),
        ("0046406284411", []),
        ("628 44 11", ["p2"]),
        ("0406284", ["p2"]),
        ("070 1740605", ["p3"]),
        ("+358 9 123 4567", ["p4"]),
        ("ek 44", ["p1", "p3"]),
    ],
)
def test_numbers(typed: str, found: list[str]) -> None:
    index = index_of(
        person(1, "Anna", "Ek", extension="4411"),
        person(2, "Bo", "Ek", direct="+46406284411"),
        person(3, "Cy", "Ek", mobile="+46701740605", extension="4422"),
        person(4, "Dia", "Ek", direct="+35891234567"),
    )
    assert ids(index, typed) == found


# ---- protected identities, moments, bounds -----------------------------------------------------------------------


async def test_a_protected_identity_is_found_by_nobody_without_the_right() -> None:
    hidden = person(1, "Anna", "Lövkrona", extension="4411", protected=True)
    directory = await directory_of(hidden, person(2, "Anna", "Berg"))
    for typed in ("anna", "lövkrona", "lovkron", "4411", "al"):
        assert "p1" not in {found.record.id for found in directory.search(typed, protected=False, most=20)}
        assert "p1" in {found.record.id for found in directory.search(typed, protected=True, most=20)}


async def test_absences_and_working_hours_decide_at_the_moment_of_the_search(clock: Clock) -> None:
    lunch = Absence(reason="lunch", since=at("2026-11-25T12:00"), until=at("2026-11-25T13:00"))
    elsewhere = Absence(reason="elsewhere", since=at("2026-11-25T08:00"), until=at("2026-11-26T08:00"))
    directory = await directory_of(
        person(1, "Anna", "Alm", absences=(lunch,), hours="mon-fri 08:00-16:30"),
        person(2, "Anna", "Bo", hours="mon-fri 08:00-15:00"),
        person(3, "Anna", "Cy", absences=(elsewhere,)),
        clock=clock,
    )

    def order(moment: str) -> str:
        clock.time = at(moment)
        return " ".join(found.record.id for found in directory.search("anna", protected=False, most=9))

    assert order("2026-11-25T11:59:59") == "p1 p2 p3"
    assert order("2026-11-25T12:00") == "p2 p3 p1"
    assert order("2026-11-25T13:00") == "p1 p2 p3"
    assert order("2026-11-25T15:00") == "p1 p3 p2"
    assert order("2026-11-25T16:30") == "p3 p1 p2"
    assert order("2026-11-26T08:00") == "p1 p2 p3"
    assert order("2026-11-25T12:30") == "p2 p3 p1", "the same moment again, the same answer"


async def test_changes_of_absences_and_hours_count_at_once(clock: Clock) -> None:
    directory = await directory_of(person(1, "Anna", "Alm"), person(2, "Anna", "Bo"), clock=clock)

    def order() -> str:
        return " ".join(found.record.id for found in directory.search("anna", protected=False, most=9))

    assert order() == "p1 p2"
    await directory.set_absence("p1", Absence(reason="lunch", since=NOW, until=NOW + 60), "tester")
    assert order() == "p2 p1"
    clock.time = NOW + 60
    assert order() == "p1 p2"
    await directory.change("p1", {"hours": "mon-fri 11:00-12:00"}, "tester")
    assert order() == "p2 p1"
    clock.time = at("2026-11-25T11:00")
    assert order() == "p1 p2"
    await directory.add("person", {"given": "Anna", "family": "Aa", "hours": "sun 10:00-11:00"}, "tester")
    assert order() == "p1 p2 p3"
    await directory.remove("p1", "tester")
    await directory.add("person", {"given": "Anna", "family": "Cy"}, "tester")
    assert order() == "p2 p4 p3"


@pytest.mark.parametrize(
    "typed", ["", " ", "-", "?!*", "\0", "a" * 5000, "a " * 500, "%s", "🎄", "𐍈𐍈", "العربية", "()", "+"]
)
def test_anything_may_be_typed(crowd: Index, typed: str) -> None:
    assert len(crowd.search(typed, PLAIN, 20)) <= 20


@given(typed=st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_may_be_typed(typed: str) -> None:
    found = SMALL.search(typed, PLAIN, 10)
    assert found == SMALL.search(typed, PLAIN, 10)
    assert len({hit.id for hit in found}) == len(found) <= 10


SMALL = index_of(*CROWD[:200])

NAMES = st.sampled_from(
    ["Anna", "Åsa", "Hans-Åke", "Björk", "Berg", "von Essen", "Karlsson", "Øst", "Ali", "Bygglov", "A"]
)
RECORDS = st.builds(
    lambda number, kind, a, b, extension, protected, hours: Record(
        id=f"{kind[0]}{number}",
        kind=kind,  # type: ignore[arg-type]
        given=a if kind == "person" else "",
        family=b if kind == "person" else "",
        name=a if kind == "function" else "",
        title=b,
        responsibilities=(b,) if number % 2 else (),
        extension=extension,
        direct=f"+4640628{extension}" if number % 3 == 0 and extension else "",
        protected=protected,
        hours=hours,
    ),
    st.integers(1, 30),
    st.sampled_from(["person", "function"]),
    NAMES,
    NAMES,
    st.sampled_from(["", "4411", "4412", "4511"]),
    st.booleans(),
    st.sampled_from(["", "mon 08:00-12:00", "mon-fri 08:00-17:00"]),
)


@given(
    changes=st.lists(st.tuples(st.booleans(), RECORDS), max_size=60),
    typed=st.sampled_from(["a", "be", "44", "byggl", "an b"]),
)
@settings(max_examples=100, deadline=None)
def test_an_index_that_changed_is_as_one_made_anew(changes: list[tuple[bool, Record]], typed: str) -> None:
    index, left = Index(DirectorySettings()), {}
    for removes, record in changes:
        if removes and record.id in left:
            index.remove(record.id)
            del left[record.id]
        elif not removes:
            index.put(record)
            left[record.id] = record
    fresh = index_of(*left.values())
    view = View(bonus=lambda _: 0.0, protected=True)
    assert ids(index, typed, view, 50) == ids(fresh, typed, view, 50)
    assert ids(index, typed, PLAIN, 50) == ids(fresh, typed, PLAIN, 50)
    assert {text: index.bits(()) | bits for text, bits in index.hours.items() if bits}.keys() == fresh.hours.keys()


@given(records=st.lists(RECORDS, max_size=40), start=st.integers(0, 5), typed=NAMES)
@settings(max_examples=100, deadline=None)
def test_every_beginning_of_every_word_finds_its_record(records: list[Record], start: int, typed: str) -> None:
    left = {record.id: record for record in records}
    index = index_of(*left.values())
    word = words(typed)[0][: start + 1]
    found = set(ids(index, word, View(bonus=lambda _: 0.0, protected=True), 50))
    for record in left.values():
        held = words(" ".join((record.given, record.family, record.name, record.title, *record.responsibilities)))
        if any(fold(one).startswith(fold(word)) for one in held):
            assert record.id in found


async def test_use_is_remembered_and_fades(clock: Clock) -> None:
    store = MemoryStore([person(1, "Anna", "Alm"), person(2, "Anna", "Ek")])
    directory = await directory_of(store=store, clock=clock)

    def order(one: Directory) -> list[str]:
        return [found.record.id for found in one.search("anna", protected=False, most=9)]

    assert order(directory) == ["p1", "p2"]
    directory.connected("p2")
    directory.connected("p77")
    assert order(directory) == ["p2", "p1"]
    await directory.tend()
    again = Directory(store, DirectorySettings(), ZONE.key, clock, here)
    await again.load()
    assert order(again) == ["p2", "p1"]
    clock.time = NOW + 400 * 86_400.0
    await again.tend()
    assert order(again) == ["p1", "p2"]
    assert store.kept_uses == {}
