"""The words of all records, sorted so that every keystroke is a range; and how near each is to what is typed.

A *term* is one word in one kind of field. A match costs the more the less sure it is; `Cost` is the scale. Records are
numbers, sets of records the bits of an integer: joining and intersecting whole sets of 25,000 takes a microsecond.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from enum import IntEnum
from itertools import islice
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA
from sortedcontainers import SortedList

from adapters.directory.spelling import fold, sound, sounds

END: Final = "\U0010ffff"
"""Sorts after every letter."""
BREAK: Final = "\0"
SOUND_LEAST: Final = 3
"""Letters from which on sound is compared."""
SLIP_LEAST: Final = 4
"""Sounds from which on one slip is forgiven, and from `TWO_SLIPS_LEAST` two."""
TWO_SLIPS_LEAST: Final = 7
PART_LEAST: Final = 4
"""Letters that a part of a compound must have."""
PART_FROM: Final = 3
"""Letters before the first part that is looked for inside a compound."""
SHORT: Final = 2
"""Letters, or digits, up to which so many records match that what they have in common is kept ready."""
NUMBER_LEAST: Final = 6
"""First digits from which on full numbers are looked at, `NUMBERS_MOST` of them: areas begin alike."""
NUMBERS_MOST: Final = 500
TAIL_LEAST: Final = 4
"""Last digits of a number by which it is found."""
LARGE: Final = 200
"""Records of a term from which on they are kept as bits, too."""
REMEMBERED: Final = 256
"""Words whose matches are kept until the next change: what has been typed so far is asked for at every keystroke."""


class Field(IntEnum):
    """Kinds of fields; the value is what a match there costs more than in a name."""

    NAME = 0
    FUNCTION = 1
    """A function's name, and what it answers for."""
    FUNCTION_SYNONYM = 2
    RESPONSIBILITY = 3
    """What a person answers for."""
    RESPONSIBILITY_SYNONYM = 4
    TITLE = 5
    DEPARTMENT = 6
    SKILL = 7


class Cost(IntEnum):
    """What a match costs by how it came about."""

    WHOLE = 0
    OTHER_LETTERS = 1
    """Added where å, ä, ö and accents differ."""
    BEGINNING = 2
    NUMBER = 3
    """The beginning of a full number."""
    TAIL = 5
    """The end of a full number."""
    SOUND = 6
    """Sounds alike."""
    INSIDE = 7
    """A part of a compound that does not begin it: `hantering` for avfallshantering."""
    SOUND_BEGINNING = 8
    COMPOUND = 9
    """The record's word is a part of what was typed: `bygglovsansökan` for bygglov."""
    SLIP = 11
    SLIP_BEGINNING = 12
    TWO_SLIPS = 15
    MISSING = 24
    """A word that is nowhere in the record."""


Levels = dict[int, int]
"""Cost to the set of records that match at it; a record may stand in several."""
_COMPOUNDS: Final = frozenset((Field.FUNCTION, Field.RESPONSIBILITY, Field.TITLE, Field.DEPARTMENT))
_FIELDS: Final = {f"{field:x}": field for field in Field}


class Vocabulary:
    """Terms and who has them. A term is written `folded NUL field plain`, which sorts by the folded form."""

    def __init__(self) -> None:
        self._having: dict[str, set[int]] = {}
        """Term to records."""
        self._terms: SortedList[str] = SortedList()
        self._sounds: SortedList[str] = SortedList()
        """`sound NUL term`."""
        self._headless: SortedList[str] = SortedList()
        """The same without the first sound, which may have been missed or mistaken."""
        self._parts: SortedList[str] = SortedList()
        """`ending NUL term`, for the endings of long words of functions, titles and departments."""
        self._large: dict[str, int] = {}
        """Bits of the terms that many have."""
        self._matches: dict[str, Levels] = {}
        self._matches_short: dict[str, Levels] = {}
        """Of words of one or two letters, of which only beginnings are looked at."""
        self._near: dict[str, Levels] = {}
        self._begun: dict[tuple[str, int], list[str]] = {}

    # ---- changing ----------------------------------------------------------------------------------------------

    def add(self, number: int, field: Field, word: str) -> None:
        """Record `number` has `word` (plain) in `field`."""
        term = _term(field, word)
        having = self._having.get(term)
        if having is None:
            having = self._having[term] = set()
            for entries, entry in self._entries(term, field, word):
                entries.add(entry)
        having.add(number)
        if term in self._large:
            self._large[term] |= 1 << number
        elif len(having) >= LARGE:
            self._large[term] = bits_of([having])
        self._forget(term)

    def remove(self, number: int, field: Field, word: str) -> None:
        """Record `number` has `word` in `field` no more."""
        term = _term(field, word)
        having = self._having[term]
        having.discard(number)
        if len(having) < LARGE:
            self._large.pop(term, None)
        else:
            self._large[term] &= ~(1 << number)
        self._forget(term)
        if not having:
            del self._having[term]
            for entries, entry in self._entries(term, field, word):
                entries.remove(entry)

    def _entries(self, term: str, field: Field, word: str) -> "Iterator[tuple[SortedList[str], str]]":
        """Yield what stands for a term in each of the sorted lists."""
        yield self._terms, term
        if not word.isdecimal() and len(word) > 1:
            for key in sounds(word):
                yield self._sounds, f"{key}{BREAK}{term}"
                yield self._headless, f"{key[1:]}{BREAK}{term}"
        if field in _COMPOUNDS:
            folded = fold(word)
            for at in range(PART_FROM, len(folded) - PART_LEAST + 1):
                yield self._parts, f"{folded[at:]}{BREAK}{term}"

    def _forget(self, term: str) -> None:
        for memory in (self._matches, self._near, self._begun):
            memory.clear()
        for short in [word for word in self._matches_short if term.startswith(fold(word))]:
            del self._matches_short[short]

    # ---- looking up --------------------------------------------------------------------------------------------

    def having(self, terms: Iterable[str]) -> int:
        """Return the records that have any of the terms, as bits."""
        bits, small = 0, []
        for term in terms:
            large = self._large.get(term)
            if large is None:
                small.append(self._having[term])
            else:
                bits |= large
        return bits | bits_of(small)

    def matches(self, word: str) -> Levels:
        """Return the records that have what is typed so far of a plain word: spelt so, sounding so, in a compound."""
        return _remembered(self._matches if len(word) > SHORT else self._matches_short, word, self._find)

    def near(self, word: str) -> Levels:
        """Return the records that have it with a slip or two of the fingers."""
        return _remembered(self._near, word, self._find_near)

    def _find(self, word: str) -> Levels:
        found = _Found(self)
        folded = fold(word)
        for term in self._terms.irange(folded, folded + END):
            field, spelt = _parsed(term)
            cost = Cost.WHOLE if term.startswith(BREAK, len(folded)) else Cost.BEGINNING
            found.take(term, field + cost + (0 if spelt.startswith(word) else Cost.OTHER_LETTERS))
        if word.isdecimal():
            return found.levels()
        if len(word) >= SOUND_LEAST:
            for key in sounds(word):
                for entry in self._sounds.irange(key, key + END):
                    whole = entry.startswith(BREAK, len(key))
                    found.take_entry(entry, Cost.SOUND if whole else Cost.SOUND_BEGINNING)
        if len(word) >= PART_LEAST:
            self._find_parts(found, folded)
        return found.levels()

    def _find_parts(self, found: "_Found", folded: str) -> None:
        for entry in self._parts.irange(folded, folded + END):
            found.take_entry(entry, Cost.INSIDE)
        for part in _typed_parts(folded):
            for term in self._terms.irange(part + BREAK, part + BREAK + END):
                field = _parsed(term)[0]
                if field in _COMPOUNDS:
                    found.take(term, field + Cost.COMPOUND)

    def _find_near(self, word: str) -> Levels:
        found = _Found(self)
        key = sound(word)
        if len(key) < SLIP_LEAST or word.isdecimal():
            return {}
        for beginning, slips in self._slipped(key).items():
            for entry in self._sounds.irange(beginning, beginning + END):
                whole = entry.find(BREAK) <= len(key) + 1
                found.take_entry(entry, Cost.TWO_SLIPS if slips > 1 else Cost.SLIP if whole else Cost.SLIP_BEGINNING)
        for tail in (key, key[1:]):
            for entry in self._headless.irange(tail, tail + END):
                found.take_entry(entry, Cost.SLIP_BEGINNING)
        return found.levels()

    def _slipped(self, key: str) -> dict[str, int]:
        """Return beginnings of sounds that are `key` but for a slip or two, with the number of slips.

        Only those are compared whose first sound is one of the first two of `key`.
        """
        most = 2 if len(key) >= TWO_SLIPS_LEAST else 1
        best: dict[str, int] = {}
        for letter in dict.fromkeys(key[:2]):
            for length in range(len(key) - 1, len(key) + 2):
                begun = self._begin(letter, length)
                for beginning, slips, _ in process.extract(
                    key, begun, scorer=OSA.distance, score_cutoff=most, limit=None
                ):
                    best[beginning] = min(int(slips), best.get(beginning, most))
        return best

    def _begin(self, letter: str, length: int) -> list[str]:
        """Return the different beginnings, of a length, of all sounds with that first letter."""
        begun = self._begun.get((letter, length))
        if begun is None:
            entries = self._sounds.irange(letter, letter + END)
            begun = list(dict.fromkeys(entry.partition(BREAK)[0][:length] for entry in entries))
            self._begun[letter, length] = begun
        return begun


class Digits:
    """Extensions and full numbers, as they are dialled, and who has them."""

    def __init__(self) -> None:
        self._extensions: dict[str, tuple[int, ...]] = {}
        self._numbers: dict[str, tuple[int, ...]] = {}
        self._sorted: dict[bool, SortedList[str]] = {True: SortedList(), False: SortedList()}
        self._tails: dict[str, tuple[str, ...]] = {}
        """Last digits of numbers to the numbers."""
        self._short: dict[str, int] = defaultdict(int)
        """First digits of extensions to records, as bits."""

    def add(self, number: int, digits: str, *, extension: bool) -> None:
        """Record `number` has these digits."""
        known, tail = self._known(extension), digits[-TAIL_LEAST:]
        if digits not in known:
            self._sorted[extension].add(digits)
            if not extension:
                self._tails[tail] = (*self._tails.get(tail, ()), digits)
        known[digits] = (*known.get(digits, ()), number)
        for length in range(1, SHORT + 1) if extension else ():
            self._short[digits[:length]] |= 1 << number

    def remove(self, number: int, digits: str, *, extension: bool) -> None:
        """Record `number` has these digits no more."""
        known, tail = self._known(extension), digits[-TAIL_LEAST:]
        for length in range(1, SHORT + 1) if extension else ():
            self._short[digits[:length]] &= ~(1 << number)
        left = tuple(other for other in known.pop(digits) if other != number)
        if left:
            known[digits] = left
            return
        self._sorted[extension].remove(digits)
        if not extension:
            self._tails[tail] = tuple(other for other in self._tails[tail] if other != digits)

    def _known(self, extension: bool) -> dict[str, tuple[int, ...]]:
        return self._extensions if extension else self._numbers

    def matches(self, digits: str) -> Levels:
        """Return the records whose extension or number begins so, or whose number ends so."""
        if len(digits) <= SHORT:
            return {Cost.BEGINNING: self._short.get(digits, 0)}
        levels: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        for one in self._sorted[True].irange(digits, digits + END):
            levels[Cost.WHOLE if one == digits else Cost.BEGINNING].append(self._extensions[one])
        if len(digits) >= NUMBER_LEAST:
            for one in islice(self._sorted[False].irange(digits, digits + END), NUMBERS_MOST):
                levels[Cost.WHOLE if one == digits else Cost.NUMBER].append(self._numbers[one])
        if len(digits) >= TAIL_LEAST:
            for one in self._tails.get(digits[-TAIL_LEAST:], ()):
                if one.endswith(digits):
                    levels[Cost.TAIL].append(self._numbers[one])
        return {cost: bits_of(numbers) for cost, numbers in levels.items()}


class _Found:
    """Gathers terms by cost, then turns them into sets of records."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._terms: dict[int, list[str]] = defaultdict(list)

    def take(self, term: str, cost: int) -> None:
        """The term matches at `cost`."""
        self._terms[cost].append(term)

    def take_entry(self, entry: str, cost: int) -> None:
        """The term of an entry `key NUL term` matches at `cost`, its field not counted."""
        term = entry.partition(BREAK)[2]
        self.take(term, _parsed(term)[0] + cost)

    def levels(self) -> Levels:
        """Return what was gathered."""
        return {cost: self._vocabulary.having(terms) for cost, terms in self._terms.items()}


def bits_of(sets: Sequence[Collection[int]]) -> int:
    """Return the union of sets of small numbers as the bits of an integer."""
    bits = bytearray((max((max(numbers) for numbers in sets if numbers), default=0) >> 3) + 1)
    for numbers in sets:
        for number in numbers:
            bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def numbers_in(bits: int) -> list[int]:
    """Return the numbers whose bits are set, in order."""
    text = bin(bits)[:1:-1]
    found: list[int] = []
    at = text.find("1")
    while at >= 0:
        found.append(at)
        at = text.find("1", at + 1)
    return found


def _remembered(memory: dict[str, Levels], word: str, find: Callable[[str], Levels]) -> Levels:
    levels = memory.get(word)
    if levels is None:
        if len(memory) >= REMEMBERED:
            memory.clear()
        levels = memory[word] = find(word)
    return levels


def _term(field: Field, word: str) -> str:
    return f"{fold(word)}{BREAK}{field:x}{word}"


def _parsed(term: str) -> tuple[Field, str]:
    _, _, rest = term.partition(BREAK)
    return _FIELDS[rest[0]], rest[1:]


def _typed_parts(folded: str) -> Iterator[str]:
    """Yield beginnings and endings of a typed compound that may be words of their own."""
    yield from (folded[:end] for end in range(PART_LEAST, len(folded) - PART_FROM + 1))
    yield from (folded[at:] for at in range(PART_FROM, len(folded) - PART_LEAST + 1))
