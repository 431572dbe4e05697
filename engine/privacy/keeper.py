"""What is asked of a person's values and of matters: given out, erased. All of it stands in the access log."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from adapters.history import pooled
from adapters.history.answers import PastContact
from adapters.history.errors import HistoryError
from adapters.redis.asking import ask
from adapters.redis.errors import StoreAway
from adapters.redis.vault import ALL, CONTACT_DATA, KINDS, person_id
from engine.installation import Class, Privacy
from engine.privacy.dossier import Collected, ContactFile, Dossier, contact_file
from engine.privacy.erasures import Erased, Erasures, UnreadableErasures, hashed, known
from engine.privacy.packing import pack
from engine.privacy.retention import Places, contacts_in, spared, sweep_sounds
from engine.privacy.unlinking import PSEUDONYM, unlink
from router.answers import DIGITS
from router.dialling import address_of, normal
from router.inputs import Refused
from router.looking import Looked
from router.secrecy import is_secret
from router.state import State

log = logging.getLogger("vaxel.privacy")

ERASABLE: Final[tuple[Class, ...]] = ("contact_data", "words", "attachments", "recordings", "needs", "survey")
"""Classes of which a person may have something erased."""
APPLIED: Final = "vaxel:erasures"
"""How many lines of the file of erasures this store has carried out: a restored one has carried out fewer."""
BYTES_MAX: Final = 512 * 1024 * 1024
"""Of the files of a package."""
PERSON: Final = address_of("")
T = TypeVar("T")


class Goes(Struct, frozen=True):
    """A class of values that an erasure takes."""

    values: Class
    contacts: int
    """Of so many contacts."""


class Stays(Struct, frozen=True):
    """What an erasure leaves, and why."""

    values: str
    contacts: int
    why: str


class Plan(Struct, frozen=True, kw_only=True):
    """What an erasure does, before it does it."""

    person: str
    """A keyed hash; the access log names it."""
    contacts: tuple[str, ...]
    """Of which something goes."""
    goes: tuple[Goes, ...]
    stays: tuple[Stays, ...]
    unlinked: bool
    """Whether nothing in history and journal leads to the person afterwards: ids stay."""


class Keeper:
    """Gives out, erases, and makes sure that what was erased stays so."""

    def __init__(
        self,
        privacy: Privacy,
        places: Places,
        erasures: Path,
        state: Callable[[], State],
        now: Callable[[], float],
        *,
        home: str,
        city: str,
        language: str,
        dropped: Callable[[str], None],
        forget: Callable[[str], None] = lambda _person: None,
    ) -> None:
        """`home` is the country of numbers; `dropped` hears of owners whose values no buffer may bring back.

        `forget` hears of persons of whom the state is to remember nothing.
        """
        self._privacy = privacy
        self._places = places
        self._erasures = Erasures(erasures)
        self._state = state
        self._now = now
        self._home = home
        self._city = city
        self._language = language
        self._dropped = dropped
        self._forget = forget
        self._erasing = asyncio.Lock()

    # ---- who -----------------------------------------------------------------------------------------------------

    async def person(self, who: str) -> str:
        """Return the pseudonym of a person named by number, mail address or one of their contacts. Raises Refused."""
        pepper = await self._pepper()
        who = who.strip()
        if PSEUDONYM.fullmatch(who.encode()):
            return who
        if "@" in who:
            return person_id(who.lower(), pepper)
        if who[:1] in "+0" and any(one.isdecimal() for one in who):
            return person_id(normal(who, self._home), pepper)
        living = self._state().contacts.get(who)
        if living is not None and living.card.person is not None:
            return living.card.person
        if self._places.history is not None:
            found = await self._past(pooled.find_person_of, who)
            if found:
                return found
        raise Refused("unknown_person", "nobody is known by this: write a number, a mail address or a contact's id")

    async def _contacts(self, person: str) -> dict[str, PastContact | None]:
        """Return a person's contacts by every number and address, the oldest first of each."""
        ids = self._state().persons.ids(person)
        found: dict[str, PastContact | None] = {}
        for id_ in ids if self._places.history is not None else ():
            found |= {one.id: one for one in await self._past(pooled.find_person, id_)}
        living = (one.card.id for one in self._state().contacts.values() if one.card.person in ids)
        return found | {id_: found.get(id_) for id_ in living}

    # ---- giving out ----------------------------------------------------------------------------------------------

    async def export_person(self, who: str, look: Looked) -> bytes:
        """Return all that is kept of a person (GDPR articles 15 and 20), as a ZIP. Raises Refused."""
        person = await self.person(who)
        name = hashed(person, await self._pepper())
        contacts = await self._contacts(person)
        await self._exported(look, person=name, number=len(contacts))
        hidden = self._state().persons.of(person).protected and not self._sees(look.role)
        own = {} if hidden else await self._stored(self._places.vault.get(address_of(person)))
        return await self._package("person", name, contacts, look.role, own)

    async def export_matter(self, matter: str, look: Looked) -> bytes:
        """Return a whole matter as a ZIP. Raises Refused."""
        found: dict[str, PastContact | None] = {}
        if self._places.history is not None:
            found = {one.id: one for one in await self._past(pooled.find_whole_matter, matter)}
        living = (one.card.id for one in self._state().contacts.values() if one.card.matter == matter)
        contacts = found | {id_: found.get(id_) for id_ in living}
        if not contacts:
            raise Refused("unknown_matter", "there is no such matter")
        await self._exported(look, matter=matter, number=len(contacts))
        return await self._package("matter", matter, contacts, look.role, {})

    async def _exported(self, look: Looked, **more: Any) -> None:
        what = {**msgspec.to_builtins(look), **more, "contacts": more.pop("number")}
        what.pop("number", None)
        await self._places.access.keep("exported", what)

    async def _package(
        self, about: str, name: str, contacts: dict[str, PastContact | None], role: str, own: dict[str, str]
    ) -> bytes:
        files: dict[str, bytes] = {}
        found: list[ContactFile] = []
        secret = set() if self._sees(role) else await self._secret(contacts)
        for id_, facts in contacts.items():
            masked = id_ in secret
            found.append(await self._stored(contact_file(self._places, id_, facts, files, masked=masked)))
            if sum(map(len, files.values())) > BYTES_MAX:
                raise Refused(
                    "too_large", "this is more than one package holds: export its contacts' matters one by one"
                )
        dossier = Dossier(about=about, name=name, made=self._now(), person=own, contacts=tuple(found))
        return await asyncio.to_thread(pack, Collected(dossier, files), self._city, self._language)

    async def protected(self, contact: str) -> bool:
        """Tell whether a contact that is over was of a person with a protected identity. Raises Refused."""
        if self._places.history is None:
            return False
        whose = await self._past(pooled.find_person_of, contact)
        return self._state().persons.of(whose or None).protected

    async def _secret(self, contacts: dict[str, PastContact | None]) -> set[str]:
        """Return the contacts whose values are for few alone: by their matter, or by whose they are."""
        state = self._state()
        past = [id_ for id_ in contacts if id_ not in state.contacts]
        whose: dict[str, str] = {}
        if past and self._places.history is not None:
            whose = await self._past(pooled.find_persons_of, past)
        hidden = {id_ for id_, person in whose.items() if state.persons.of(person).protected}
        hidden |= {id_ for id_ in contacts if (one := state.contacts.get(id_)) is not None and is_secret(state, one)}
        return hidden | {id_ for id_, facts in contacts.items() if self._matter(id_, facts) in state.secret}

    def _sees(self, role: str) -> bool:
        """Tell whether a package for a role holds what is secret; one for the records system does."""
        return role in (*self._privacy.secret_roles, "")

    def _matter(self, id_: str, facts: PastContact | None) -> str:
        living = self._state().contacts.get(id_)
        return living.card.matter if living is not None else facts.matter if facts is not None else id_

    # ---- erasing -------------------------------------------------------------------------------------------------

    async def plan(self, who: str) -> Plan:
        """Tell what an erasure of a person would take, and what stays under which rule. Raises Refused."""
        person = await self.person(who)
        contacts = await self._contacts(person)
        state = self._state()
        living = {id_ for id_ in contacts if id_ in state.contacts}
        stays = await self._kept(spared(state, self._places))
        held = {id_ for id_, facts in contacts.items() if self._matter(id_, facts) in state.held} - living
        going = [id_ for id_ in contacts if id_ not in living | held and not stays.owner(id_)]
        allowed = [one for one in ERASABLE if (rule := self._privacy.retention.get(one)) and rule.on_request]
        left = [Stays("all", len(living), "these contacts are being served just now")] if living else []
        left += [Stays("all", len(held), "these matters are held")] if held else []
        left += [Stays(one, len(going), self._why(one)) for one in ERASABLE if one not in allowed]
        return Plan(
            person=hashed(person, await self._pepper()),
            contacts=tuple(going),
            goes=tuple(Goes(one, len(going)) for one in allowed),
            stays=tuple(left),
            unlinked=not living and not held,
        )

    def _why(self, class_: Class) -> str:
        rule = self._privacy.retention.get(class_)
        return f"kept by: {rule.rule}" if rule is not None else "no decision says that it may be deleted"

    async def erase(self, who: str, rule: str, look: Looked) -> Plan:
        """Erase a person (GDPR article 17) by a decision; return what went. Raises Refused."""
        async with self._erasing:
            plan = await self.plan(who)
            person, pepper = await self.person(who), await self._pepper()
            ids = self._state().persons.ids(person)
            erased = Erased(
                at=self._now(),
                rule=rule,
                persons=tuple(hashed(one, pepper) for one in ids) if plan.unlinked else (),
                contacts=tuple(hashed(one, pepper) for one in plan.contacts),
                classes=tuple(one.values for one in plan.goes),
            )
            await self._on_disk(self._erasures.add, erased)
            number = await self._carry_out([erased], pepper)
            if any(one.values == "needs" for one in plan.goes):
                self._forget(person)
            what = {**msgspec.to_builtins(look), "person": plan.person, "rule": rule, "number": number}
            await self._places.access.keep("erased", what | {"contacts": len(plan.contacts)})
            await self._mark()
        return plan

    async def catch_up(self) -> None:
        """Erase again what a restored backup brought back; ends what an engine that died had begun."""
        try:
            all_ = await self._on_disk(self._erasures.read)
            if not all_ or int(await ask(self._places.vault.client, "GET", APPLIED) or 0) == len(all_):
                return
            async with self._erasing:
                number = await self._carry_out(all_, await self._pepper())
                await self._places.access.keep("erased", {"ground": "erasure", "again": len(all_), "number": number})
                await self._mark()
        except (Refused, StoreAway) as error:
            log.error("what was erased may be back: %s", error, extra={"action": "privacy.erased_not_again"})

    async def unlink_again(self) -> None:
        """Take erased persons out of what was archived since."""
        try:
            all_ = await self._on_disk(self._erasures.read)
            if any(one.persons for one in all_):
                folder = str(self._places.archive.folder)
                await self._past_work(unlink, folder, all_, await self._pepper())
        except Refused as error:
            log.warning("the archive is as it was: %s", error, extra={"action": "privacy.not_unlinked"})

    async def _mark(self) -> None:
        number = len(await self._on_disk(self._erasures.read))
        await self._stored(ask(self._places.vault.client, "SET", APPLIED, number))

    async def _carry_out(self, erased: Sequence[Erased], pepper: bytes) -> int:
        """Erase; return how many values, letters and sounds went. It may be done again. Raises Refused."""
        whom, places = known(erased, pepper), self._places
        number = 0
        owners = await self._stored(_all(places.vault.owners()))
        for owner in owners:
            classes = frozenset().union(*(whom.contact(one) for one in contacts_in(owner)))
            kinds = [kind for kind, class_ in KINDS.items() if class_ in classes] + ([DIGITS] if classes else [])
            before = float("inf")
            gone = whom.person(owner.removeprefix(PERSON)) if owner.startswith(PERSON) else None
            if gone is not None and CONTACT_DATA in gone.classes:
                kinds, before = list(ALL), gone.at
            if kinds:
                self._dropped(owner)
                number += await self._stored(places.vault.forget(owner, kinds, before=before))
        number += await asyncio.to_thread(
            places.contents.sweep, lambda name: "attachments" not in whom.contact(name), float("inf")
        )
        number += await asyncio.to_thread(
            sweep_sounds,
            places,
            lambda name: not any("recordings" in whom.contact(one) for one in contacts_in(name)),
            float("inf"),
        )
        if places.history is not None and whom.persons:
            persons = [one for one in await self._past(pooled.find_persons) if whom.person(one) is not None]
            await self._past(pooled.forget, persons)
        if whom.persons:
            await self._past_work(unlink, str(places.archive.folder), list(erased), pepper)
        return number

    # ---- asking --------------------------------------------------------------------------------------------------

    async def _pepper(self) -> bytes:
        pepper: bytes = await self._stored(self._places.vault.pepper())
        return pepper

    async def _stored(self, work: Any) -> Any:
        try:
            return await work
        except StoreAway as error:
            raise Refused("store_away", "Redis does not answer", retryable=True) from error

    async def _kept(self, work: Any) -> Any:
        try:
            return await work
        except HistoryError as error:
            raise Refused(error.error_id, str(error), retryable=error.retryable) from error

    async def _past(self, work: Callable[..., T], *about: object) -> T:
        return await self._past_work(work, self._places.history, *about)

    async def _past_work(self, work: Callable[..., T], *about: object) -> T:
        try:
            return await self._places.pool(work, *about)
        except HistoryError as error:
            raise Refused(error.error_id, str(error), retryable=error.retryable) from error
        except BrokenExecutor as error:
            raise Refused("history_away", "the work was broken off", retryable=True) from error

    async def _on_disk(self, work: Callable[..., T], *about: object) -> T:
        try:
            return await asyncio.to_thread(work, *about)
        except UnreadableErasures as error:
            raise Refused(error.error_id, str(error)) from error
        except OSError as error:
            text = f"the file of erasures cannot be used: {error.strerror}"
            raise Refused("erasures_unreadable", text, retryable=True) from error


async def _all(owners: Any) -> Iterable[str]:
    return {owner async for owner in owners}
