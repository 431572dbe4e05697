"""What is known of persons beyond their contacts: further addresses of theirs, language and needs, protection.

A person is a pseudonym (a number's or an address's); who it is, the vault knows. Several may be the same person because
an agent said so: one of them, the first, stands for all. Needs are sensitive: they are kept only for who agreed to it,
for a while, by words of a fixed list, and nothing of them is tied to a name.
"""

from collections.abc import Iterable
from typing import Final, Literal, get_args

from msgspec import Struct, structs

from queues.assistance import Assistance
from queues.skills import Needs, Requirement, Step, signature
from router import facts as f

Aid = Literal["plain_language", "interpreter", "hearing", "sight", "mobility", "sign_language"]
"""What somebody needs in order to be served as well as everybody else."""
AIDS: Final[tuple[str, ...]] = get_args(Aid)
"""All of them, in the order in which they are always written."""
ADDRESSES_MAX: Final = 20
"""Numbers and addresses that one person may have."""


class Person(Struct, frozen=True, array_like=True):
    """A person of whom more is known than that there are contacts."""

    id: str
    others: tuple[str, ...] = ()
    """Further pseudonyms of the same person."""
    language: str = ""
    needs: tuple[str, ...] = ()
    """Words of `AIDS`."""
    until: float = 0.0
    """How long language and needs are kept."""
    protected: bool = False
    """With protected identity: number, name and address are shown to few, and each look is noted."""
    shared: bool = False
    """An address of several people, such as a company's switchboard: nobody's (rule 8)."""

    @property
    def known(self) -> bool:
        """Tell whether there is anything to remember."""
        return bool(self.others or self.language or self.needs or self.protected or self.shared)


NOBODY: Final = Person("")


class Persons:
    """All of them, by each of their pseudonyms."""

    def __init__(self, persons: Iterable[Person] = ()) -> None:
        self._by_id: dict[str, Person] = {}
        self._first: dict[str, str] = {}
        """Further pseudonym to the one that stands for the person."""
        for person in persons:
            self._set(person)

    def snapshot(self) -> list[Person]:
        """Return all of them, in one order whatever came first."""
        return [self._by_id[id_] for id_ in sorted(self._by_id)]

    def of(self, id_: str | None) -> Person:
        """Return what is known of who has this pseudonym: as good as nothing for most, and for nobody."""
        if id_ is None:
            return NOBODY
        first = self._first.get(id_, id_)
        return self._by_id.get(first) or Person(first)

    def ids(self, id_: str) -> tuple[str, ...]:
        """Return all pseudonyms of the same person."""
        person = self.of(id_)
        return (person.id, *person.others)

    def remembered(self, id_: str | None, now: float) -> Person:
        """Return the same, without language and needs that have been kept for long enough."""
        person = self.of(id_)
        if now < person.until or not (person.language or person.needs):
            return person
        return structs.replace(person, language="", needs=())

    def apply(
        self,
        fact: f.PersonRemembered | f.PersonForgotten | f.PersonJoined | f.PersonParted | f.PersonMarked,
    ) -> None:
        """Change by a fact."""
        match fact:
            case f.PersonRemembered():
                self._expire(fact.at)
                known = structs.replace(self.of(fact.person), language=fact.language, needs=fact.needs)
                self._set(structs.replace(known, until=fact.until))
            case f.PersonForgotten():
                self._set(structs.replace(self.of(fact.person), language="", needs=(), until=0.0))
            case f.PersonJoined():
                self._join(self.of(fact.person), self.of(fact.to))
            case f.PersonParted():
                person = self.of(fact.person)
                left = tuple(one for one in (person.id, *person.others) if one != fact.person)
                self._drop(person)
                self._set(structs.replace(person, id=left[0], others=left[1:]))
                self._set(Person(fact.person, protected=person.protected))
            case f.PersonMarked():
                marked = structs.replace(self.of(fact.person), protected=fact.protected, shared=fact.shared)
                self._set(marked)

    def _join(self, person: Person, to: Person) -> None:
        """Make one person of two; what was said last counts, and who is protected stays so."""
        newer, older = (person, to) if person.until >= to.until else (to, person)
        self._drop(person)
        self._drop(to)
        self._set(
            Person(
                to.id,
                (*to.others, person.id, *person.others),
                newer.language or older.language,
                newer.needs or older.needs,
                newer.until,
                person.protected or to.protected,
            )
        )

    def _set(self, person: Person) -> None:
        if not person.known:
            self._by_id.pop(person.id, None)
            return
        self._by_id[person.id] = person
        self._first.update(dict.fromkeys(person.others, person.id))

    def _drop(self, person: Person) -> None:
        self._by_id.pop(person.id, None)
        for other in person.others:
            del self._first[other]

    def _expire(self, now: float) -> None:
        """Forget what has been kept for long enough."""
        for person in [one for one in self._by_id.values() if 0.0 < one.until <= now]:
            self._set(structs.replace(person, language="", needs=(), until=0.0))


def ordered(aids: Iterable[str]) -> tuple[str, ...]:
    """Return needs in their one order, each once; words of no list are left out.

    >>> ordered(["sight", "plain_language", "sight"])
    ('plain_language', 'sight')
    """
    given = set(aids)
    return tuple(aid for aid in AIDS if aid in given)


def assisted(requirement: Requirement, help_: Iterable[Assistance]) -> Requirement:
    """Return a requirement that asks for what a citizen needs first, and goes without it once that has taken too long.

    The step without is the widest and the last (rule 2), so nobody waits in vain for who is not at work.
    """
    asked = tuple(help_)
    skills: Needs = tuple(need for one in asked for need in one.needs)
    if not skills:
        return requirement
    wait = max(one.wait for one in asked if one.needs)
    narrow = tuple(Step(signature((*step.needs, *skills)), step.after) for step in requirement)
    return (*narrow, Step(requirement[-1].needs, max(wait, requirement[-1].after)))
