"""Search as the operator types.

What is typed is cut into words, which may be beginnings, in any order. A record is found when it has all of them; the
costs of the words add up, and the cheapest come first. Where that finds little, words may be joined or misspelt, and
where it finds nothing one word may be left out. Among equals those come first who are connected often, then those who
are there, then by name. Same records, same words, same moment: same answer.
"""

import heapq
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import Struct

from adapters.directory.numbers import dialled
from adapters.directory.record import Record
from adapters.directory.settings import DirectorySettings
from adapters.directory.spelling import fold, plain, words
from adapters.directory.vocabulary import Cost, Digits, Field, Levels, Vocabulary, bits_of, numbers_in

TYPED_MAX: Final = 100
"""Characters that are looked at."""
WORDS_MAX: Final = 8
WORD_MAX: Final = 40
ENOUGH: Final = 8
"""With fewer hits than this, slips are forgiven."""
JOINED: Final = 1
"""What two words cost that had to be joined."""
BONUS_MAX: Final = 1.5
"""The most that frequent use takes off the cost: it decides among equals and their neighbours, no more."""
_SYNONYM_OF: Final = {
    Field.FUNCTION: Field.FUNCTION_SYNONYM,
    Field.RESPONSIBILITY: Field.RESPONSIBILITY_SYNONYM,
}
_NUMBER: Final = re.compile(r"[\d\s()+./-]*\d[\d\s()+./-]*")
_WORD: Final = re.compile(r"[^\W_]+")


class Hit(Struct, frozen=True):
    """A record that was found."""

    id: str
    similar: bool
    """Does not hold what was typed: it only sounds or looks alike, or means the same."""


class View(Struct, frozen=True):
    """What else decides the order, and what may be seen."""

    bonus: Callable[[str], float]
    """Id to what frequent use takes off, up to `BONUS_MAX`."""
    away: int = 0
    """Records that are away now, as bits."""
    protected: bool = False
    """Whether records with a protected identity may be seen."""


class Index:
    """The searchable side of the directory."""

    def __init__(self, settings: DirectorySettings) -> None:
        self._settings = settings
        self._synonyms = _synonyms(settings.synonyms)
        self._vocabulary = Vocabulary()
        self._digits = Digits()
        self._initials: dict[str, set[int]] = defaultdict(set)
        self._number: dict[str, int] = {}
        self._records: list[Record | None] = []
        self._free: list[int] = []
        self._order: list[str] = []
        """Names as they are sorted."""
        self._held: list[str] = []
        """All that a record is found by, folded."""
        self._protected = 0
        self._used = 0
        self._absent = 0
        """Records with absences, whenever these are."""
        self.hours: dict[str, int] = {}
        """Working hours to the records that have them, as bits."""

    # ---- changing ----------------------------------------------------------------------------------------------

    def put(self, record: Record) -> None:
        """Make a record found by what it holds now."""
        number = self._number.get(record.id)
        old = None if number is None else self._records[number]
        if number is None:
            number = self._take_number(record.id)
        self._change(number, old, record)
        self._records[number] = record
        self._held[number] = self._text(record)
        self._order[number] = _order(record)
        self._mark(number, old, record)

    def remove(self, id_: str) -> None:
        """Make a record found no more."""
        number = self._number.pop(id_)
        old = self._records[number]
        self._change(number, old, None)
        self._mark(number, old, None)
        self._records[number] = None
        self._used = _with(self._used, number, False)
        heapq.heappush(self._free, number)

    def mark_used(self, id_: str) -> None:
        """From now on the view is asked for this record's bonus."""
        self._used = _with(self._used, self._number[id_], True)

    def bits(self, ids: Iterable[str]) -> int:
        """Return the bits of these records."""
        return bits_of([[self._number[id_] for id_ in ids]])

    def with_absences(self) -> Iterator[Record]:
        """Yield the records that have absences, whenever these are."""
        return (self._record(number) for number in numbers_in(self._absent))

    def _text(self, record: Record) -> str:
        digits = [digits for digits, _ in self._numbers_of(record)]
        return " ".join(sorted({fold(word) for _, word in _own_terms(record)} | set(digits)))

    def _take_number(self, id_: str) -> int:
        if self._free:
            number = heapq.heappop(self._free)
        else:
            number = len(self._records)
            self._records.append(None)
            self._order.append("")
            self._held.append("")
        self._number[id_] = number
        return number

    def _change(self, number: int, old: Record | None, new: Record | None) -> None:
        before, after = self._terms(old), self._terms(new)
        for field, word in before - after:
            self._vocabulary.remove(number, field, word)
        for field, word in after - before:
            self._vocabulary.add(number, field, word)
        had, has = self._numbers_of(old), self._numbers_of(new)
        for digits, extension in had - has:
            self._digits.remove(number, digits, extension=extension)
        for digits, extension in has - had:
            self._digits.add(number, digits, extension=extension)
        for letters in _initials_of(old):
            self._initials[letters].discard(number)
        for letters in _initials_of(new):
            self._initials[letters].add(number)

    def _mark(self, number: int, old: Record | None, new: Record | None) -> None:
        self._protected = _with(self._protected, number, new is not None and new.protected)
        self._absent = _with(self._absent, number, new is not None and bool(new.absences))
        for record, has in ((old, False), (new, True)):
            if record is not None and record.hours:
                self.hours[record.hours] = _with(self.hours.get(record.hours, 0), number, has)

    def _terms(self, record: Record | None) -> set[tuple[Field, str]]:
        """Return the words by which a record is found, its synonyms too."""
        terms = _own_terms(record) if record is not None else set()
        more = {
            (_SYNONYM_OF[field], other)
            for field, word in terms
            if field in _SYNONYM_OF
            for other in self._synonyms.get(word, ())
        }
        return terms | more

    def _numbers_of(self, record: Record | None) -> set[tuple[str, bool]]:
        if record is None:
            return set()
        full = {(dialled(number, self._settings.country), False) for number in (record.direct, record.mobile) if number}
        return full | {(record.extension, True)} if record.extension else full

    # ---- searching ---------------------------------------------------------------------------------------------

    def search(self, typed: str, view: View, most: int) -> list[Hit]:
        """Return the best `most` records for what is typed so far."""
        asked = self._asked(typed)
        if not asked:
            return []
        hidden = 0 if view.protected else self._protected
        levels = _combined([self._levels(word, alone=len(asked) == 1) for word in asked])
        if _fewer(levels, ENOUGH, hidden):
            levels = self._widened(levels, asked)
        if len(asked) > 1 and _fewer(levels, 1, hidden):
            levels = self._without_one(asked)
        return [Hit(id_, self._only_similar(id_, asked)) for id_ in self._ranked(levels, view, hidden, most)]

    def _asked(self, typed: str) -> list[str]:
        cut = typed[:TYPED_MAX].strip()
        if _NUMBER.fullmatch(cut):
            digits = re.sub(r"\D", "", cut.replace("(0)", ""))
            return [dialled(f"+{digits}", self._settings.country) if cut.startswith("+") else digits]
        found = [word[:WORD_MAX] for word in _WORD.findall(plain(cut))]
        return list(dict.fromkeys(found))[:WORDS_MAX]

    def _levels(self, word: str, *, alone: bool = False) -> Levels:
        levels = dict(self._vocabulary.matches(word))
        if word.isdecimal():
            _merge(levels, self._digits.matches(word))
        elif alone:
            numbers = self._initials.get(fold(word))
            _merge(levels, {Cost.BEGINNING: bits_of([numbers])} if numbers else {})
        return levels

    def _widened(self, levels: Levels, asked: list[str]) -> Levels:
        """Add what is found when neighbouring words are joined, and when each word may hold a slip."""
        wide = dict(levels)
        for at in range(len(asked) - 1):
            joined = [*asked[:at], asked[at] + asked[at + 1], *asked[at + 2 :]]
            found = _combined([self._levels(word) for word in joined])
            _merge(wide, {cost + JOINED: bits for cost, bits in found.items()})
        _merge(wide, _combined([self._forgiving(word) for word in asked]))
        return wide

    def _forgiving(self, word: str) -> Levels:
        levels = self._levels(word)
        _merge(levels, self._vocabulary.near(word))
        return levels

    def _without_one(self, asked: list[str]) -> Levels:
        found: Levels = {}
        each = [self._forgiving(word) for word in asked]
        for at in range(len(each)):
            rest = _combined(each[:at] + each[at + 1 :])
            _merge(found, {cost + Cost.MISSING: bits for cost, bits in rest.items()})
        return found

    def _ranked(self, levels: Levels, view: View, hidden: int, most: int) -> list[str]:
        ranked: list[tuple[float, int, str, int]] = []
        seen, full_at = hidden, float("inf")
        for cost in sorted(levels):
            if cost - BONUS_MAX > full_at:
                break
            bits = levels[cost] & ~seen
            seen |= bits
            used = bits & self._used
            for number in numbers_in(used):
                id_ = self._id(number)
                ranked.append((cost - view.bonus(id_), view.away >> number & 1, self._order[number], number))
            if full_at > cost:
                ranked += self._first(cost, bits & ~used, view.away, most)
            if len(ranked) >= most:
                full_at = min(full_at, cost)
        return [self._id(number) for _, _, _, number in heapq.nsmallest(most, ranked)]

    def _first(self, cost: int, bits: int, away: int, most: int) -> Iterator[tuple[float, int, str, int]]:
        """Yield the first `most` of records of equal cost: those who are there before those who are not."""
        left = most
        for is_away, part in enumerate((bits & ~away, bits & away)):
            if left > 0 and part:
                some = heapq.nsmallest(left, numbers_in(part), key=self._order.__getitem__)
                left -= len(some)
                for number in some:
                    yield cost, is_away, self._order[number], number

    def _id(self, number: int) -> str:
        return self._record(number).id

    def _record(self, number: int) -> Record:
        record = self._records[number]
        assert record is not None  # bits are those of records
        return record

    def _only_similar(self, id_: str, asked: list[str]) -> bool:
        number = self._number[id_]
        held = self._held[number]
        if all(fold(word) in held for word in asked):
            return False
        return len(asked) > 1 or number not in self._initials.get(fold(asked[0]), ())


def _combined(each: list[Levels]) -> Levels:
    """Return the records that match all words, by the sum of their costs."""
    total = each[0]
    for more in each[1:]:
        sums: Levels = {}
        for one, left in total.items():
            for other, right in more.items():
                both = left & right
                if both:
                    sums[one + other] = sums.get(one + other, 0) | both
        total = sums
    return total


def _merge(levels: Levels, more: Levels) -> None:
    for cost, bits in more.items():
        levels[cost] = levels.get(cost, 0) | bits


def _fewer(levels: Levels, than: int, hidden: int) -> bool:
    """Tell whether fewer than so many records that may be seen are found."""
    seen = 0
    for bits in levels.values():
        seen |= bits
    return (seen & ~hidden).bit_count() < than


def _with(bits: int, number: int, on: bool) -> int:
    mask = 1 << number
    return bits | mask if on else bits & ~mask


def _own_terms(record: Record) -> set[tuple[Field, str]]:
    person = record.kind == "person"
    asked_for = Field.RESPONSIBILITY if person else Field.FUNCTION
    called = Field.NAME if person else Field.FUNCTION
    texts: list[tuple[Field, tuple[str, ...]]] = [
        (called, (record.given, record.family, record.name, *record.aliases)),
        (asked_for, record.responsibilities),
        (Field.TITLE, (record.title,)),
        (Field.DEPARTMENT, record.department),
        (Field.SKILL, (*record.skills, *record.languages)),
    ]
    return {(field, word[:WORD_MAX]) for field, parts in texts for part in parts for word in words(part)}


def _order(record: Record) -> str:
    """Return what names are sorted by: those of fewer words first, as what was typed is more of them."""
    family, given = plain(record.family or record.label), plain(record.given)
    return f"{len(family.split()) + len(given.split()):03}{family}\0{given}\0{record.id}"


def _initials_of(record: Record | None) -> set[str]:
    """Return initials: `as`, `ams` and, the other way round, `sa` for Anna Maria Svensson."""
    if record is None or not record.given or not record.family:
        return set()
    given = [fold(word)[0] for word in _WORD.findall(plain(record.given))]
    family = [fold(word)[0] for word in _WORD.findall(plain(record.family))]
    if not given or not family:
        return set()
    return {given[0] + family[-1], "".join(given + family), family[-1] + given[0]}


def _synonyms(groups: tuple[tuple[str, ...], ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        meant = {word for text in group for word in words(text)}
        for word in meant:
            found[word] |= meant - {word}
    return dict(found)
