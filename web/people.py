"""Who a citizen is and what that one needs, over HTTP: one citizen, one story, whatever the channel.

What is personal here (needs, and whose contacts belong together) is let out through the gate (`web.disclosure`); names,
numbers and addresses are not shown at all.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Annotated, Final, Protocol, TypeVar

from msgspec import Meta, Struct

from queues.hours import is_open
from router import inputs as i
from router.api import CONFIDANTS, EVERYBODY, INSIDERS, LEADS, STAFF, Asked, Caller, Example, Id, route
from router.contact import Contact
from router.inputs import AnyRequest, OnDuty, Refused
from router.persons import AIDS, Aid
from router.ports import Secret
from router.state import State
from web.contacts import IN_HAND, PERSONAL, OneContact, in_hands_of
from web.contactview import CONTACT_STATES, agent_of, queue_of
from web.disclosure import Disclosure
from web.house import House, plain
from web.talking import IN_TALK

STORY_MAX: Final = 100
"""Contacts of a story, newest first."""
MARKED_MAX: Final = 1000
"""Persons that are marked by one request."""
TALKS: Final = "guide01 talks with w1-1-1"
WRAPS_UP: Final = "guide01 wraps up w1-1-1"
KNOWN: Final = "guide01 talks with w1-1-1 of somebody known"
Language = Annotated[str, Meta(max_length=16, pattern="^[A-Za-z-]*$")]
Titles = Mapping[str, str]
Named = Annotated[str, Meta(max_length=320)]
T = TypeVar("T")

MEANINGS: Final[Mapping[str, str]] = {
    "plain_language": "short words and sentences, spoken and written",
    "interpreter": "somebody who interprets, for the language that the citizen speaks",
    "hearing": "hears badly: speak clearly, or write",
    "sight": "sees badly: say what others read, and write so that it can be read aloud",
    "mobility": "moves with difficulty: no stairs, no standing in line",
    "sign_language": "signs: by relay service, in writing, or at a visit with somebody who signs",
}


class Note(Asked, frozen=True):
    """What the citizen needs and speaks; it replaces what was noted before."""

    contact: Id
    needs: Annotated[tuple[Aid, ...], Meta(max_length=len(AIDS))] = ()
    language: Language | None = None
    """As in `en`; absent for no change."""
    keep: bool = False
    """The citizen was asked, and agrees to have it remembered."""


class Join(Asked, frozen=True):
    """What a contact belongs to: exactly one of these."""

    contact: Id
    reference: Annotated[str, Meta(max_length=16)] = ""
    """The number of a matter, as the citizen reads it out."""
    other: Annotated[str, Meta(max_length=128)] = ""
    """A contact that is about the same."""
    number: Annotated[str, Meta(max_length=40)] = ""
    """A telephone number of the same person."""
    address: Named = ""
    """A mail address of the same person."""


class Mark(Asked, frozen=True):
    """What the person of a contact is. What is absent stays."""

    contact: Id
    protected: bool | None = None
    """With protected identity."""
    shared: bool | None = None
    """No person, but a number or address of several."""


class MarkMany(Asked, frozen=True):
    """Persons by their numbers and mail addresses, as from a register."""

    persons: Annotated[tuple[Named, ...], Meta(min_length=1, max_length=MARKED_MAX)]
    protected: bool = True


class Marked(Struct, frozen=True):
    """How many were marked."""

    persons: int


class Interpret(Asked, frozen=True):
    """A language that somebody is to interpret."""

    contact: Id
    language: Annotated[str, Meta(min_length=1, max_length=16, pattern="^[A-Za-z-]+$")]


class Describe(Asked, frozen=True):
    """What a contact is, or was, about."""

    contact: Id
    reason: Annotated[str, Meta(max_length=128)]
    """`DEPARTMENT.REASON`, one of `GET /reasons`."""
    avoidable: bool | None = None
    """It came about only because the city had left something undone or unclear; absent when that is not said."""
    gap: Annotated[str, Meta(max_length=64)] = ""
    """Where service fell short."""
    follow_up: bool = False
    """Something is left to do for the department."""
    agent: Annotated[str, Meta(max_length=128)] = ""
    """Whose word it is; may be left out. A token of an agent speaks for that one."""


class NeedView(Struct, frozen=True, kw_only=True):
    """Something that a citizen may need."""

    need: str
    meaning: str
    title: Titles
    """Language to its name; empty where the configuration names none."""


class Needs(Struct, frozen=True):
    """All that can be noted."""

    needs: tuple[NeedView, ...]
    languages: Mapping[str, Titles]
    """Languages for which there is somebody in particular, with their names."""


class PersonView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of the citizen of a contact, without number, name or address."""

    contact: str
    known: bool
    """Whether later contacts will be known to be of the same person."""
    language: str = ""
    needs: tuple[str, ...] = ()
    kept_until: float | None = None
    """UTC seconds until which language and needs are remembered; absent when they are not."""
    addresses: int = 0
    """By how many numbers and addresses the person is known."""
    protected: bool = False


class Reason(Struct, frozen=True):
    """Something that contacts are about."""

    reason: str
    title: Titles


class DepartmentView(Struct, frozen=True, kw_only=True):
    """What contacts of a department are about."""

    department: str
    title: Titles
    queues: tuple[str, ...]
    reasons: tuple[Reason, ...]


class Reasons(Struct, frozen=True):
    """Words for what contacts were about."""

    departments: tuple[DepartmentView, ...]
    gaps: tuple[Reason, ...]


class DutyView(Struct, frozen=True):
    """Somebody who interprets."""

    name: str
    on_duty: bool


class InterpretersView(Struct, frozen=True, kw_only=True):
    """Who interprets a language."""

    language: str
    title: str
    duty: tuple[DutyView, ...]


class Interpreters(Struct, frozen=True):
    """Who interprets."""

    languages: tuple[InterpretersView, ...]


class Chapter(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One contact of a story."""

    contact: str
    channel: str
    began: float
    """UTC seconds."""
    ended: float | None = None
    state: str = ""
    """How it is, while it lives."""
    outcome: str = ""
    queue: str = ""
    language: str = ""
    agents: tuple[str, ...] = ()
    """Who had it, in their order."""
    matter: str = ""
    same: str = ""
    """`matter`, or `person` when it was about something else."""
    reason: str = ""
    avoidable: bool | None = None
    gap: str = ""
    follow_up: bool = False
    messages: int = 0
    """How many were written, as long as it lives."""


class Story(Struct, frozen=True, kw_only=True):
    """What a citizen and the city have had to do with each other. Personal: the access log keeps every look."""

    contact: str
    matter: str
    reference: str
    """The number by which the citizen knows the matter; empty where mail is not configured."""
    person: PersonView
    contacts: tuple[Chapter, ...]
    """Newest first, this one included."""
    complete: bool
    """False when the past could not be asked: the contacts that live are told all the same."""


class Citizens(Protocol):
    """What these routes need besides `House`; `engine.persons` is the real one."""

    @property
    def needs(self) -> Mapping[str, Titles]:
        """Need to its names, where it has some."""

    @property
    def languages(self) -> Mapping[str, Titles]:
        """Language for which there is somebody in particular to its names."""

    @property
    def departments(self) -> Sequence[DepartmentView]:
        """Departments with their reasons."""

    @property
    def gaps(self) -> Sequence[Reason]:
        """Where service can fall short."""

    @property
    def interpreted(self) -> Mapping[str, str]:
        """Language that is interpreted to its title."""

    def known_by(self, written: str) -> tuple[str, tuple[Secret, ...]]:
        """Return the pseudonym of who has a number or mail address, and what the vault is to keep. Raises Refused."""

    def duty(self, language: str, state: State) -> tuple[tuple[OnDuty, ...], tuple[Secret, ...]]:
        """Return who interprets a language and can be rung, in order, and what the vault is to keep. Raises Refused."""

    async def matter_of(self, reference: str) -> str:
        """Return the matter that citizens know by a number. Raises Refused."""

    async def past(self, persons: Collection[str], matter: str) -> Sequence[Chapter] | None:
        """Return contacts of the past, newest first; None when they cannot be asked for now."""


class PeopleRoutes:
    """Carries out what is asked about citizens."""

    def __init__(self, house: House, citizens: Citizens) -> None:
        self._house = house
        self._citizens = citizens
        self._gate = Disclosure(house)

    # ---- words -------------------------------------------------------------------------------------------------

    @route("GET", "/needs", roles=INSIDERS, examples=(Example(summary="All", asked=Asked()),))
    async def needs(self, _: Caller, asked: Asked) -> Needs:
        """List what citizens may need, with what it means."""
        titles = self._citizens.needs
        found = tuple(NeedView(need=aid, meaning=MEANINGS[aid], title=titles.get(aid, {})) for aid in AIDS)
        return Needs(found, self._citizens.languages)

    @route("GET", "/reasons", roles=INSIDERS, examples=(Example(summary="All", asked=Asked()),))
    async def reasons(self, _: Caller, asked: Asked) -> Reasons:
        """List what contacts can be about, by department, and where service can fall short."""
        return Reasons(tuple(self._citizens.departments), tuple(self._citizens.gaps))

    @route("GET", "/interpreters", roles=EVERYBODY, examples=(Example(summary="All", asked=Asked()),))
    async def interpreters(self, _: Caller, asked: Asked) -> Interpreters:
        """List who interprets, and who of them is on duty now."""
        local = self._house.local(self._house.now())

        def look(state: State, _: str) -> Interpreters:
            return Interpreters(
                tuple(
                    InterpretersView(
                        language=language,
                        title=self._citizens.interpreted.get(language, language),
                        duty=tuple(DutyView(one.id, is_open(one.hours, local)) for one in line.duty),
                    )
                    for language, line in state.configuration.interpreters.items()
                )
            )

        return await self._house.read(look)

    # ---- who it is ---------------------------------------------------------------------------------------------

    @route(
        "GET",
        "/contacts/{contact}/person",
        roles=CONFIDANTS,
        refusals=(*IN_HAND, *PERSONAL),
        examples=(Example(summary="What is known", asked=OneContact(contact="w1-1-1"), given=TALKS),),
    )
    async def person(self, caller: Caller, asked: OneContact) -> PersonView:
        """Show what the citizen needs and speaks, and whether that is remembered."""
        view, _ = await self._look(caller, asked.contact, "needs", lambda state, contact: self._person(state, contact))
        return view

    @route(
        "GET",
        "/contacts/{contact}/story",
        roles=CONFIDANTS,
        refusals=(*IN_HAND, *PERSONAL),
        examples=(Example(summary="All that was", asked=OneContact(contact="w1-1-1"), given=TALKS),),
    )
    async def story(self, caller: Caller, asked: OneContact) -> Story:
        """Tell what the citizen and the city have had to do with each other, by whichever number, address or channel.

        Contacts of the same person or matter that live, and those of the past. What was written in them is asked for
        by `GET /contacts/{contact}/messages`.
        """

        def find(state: State, contact: Contact) -> tuple[PersonView, list[Chapter], Collection[str]]:
            card = contact.card
            ids = state.persons.ids(card.person) if card.person is not None else ()
            same = (one for one in state.contacts.values() if one.card.person in ids or one.card.matter == card.matter)
            return self._person(state, contact), [_chapter(one, card.matter) for one in same], ids

        (person, living, ids), contact = await self._look(caller, asked.contact, "story", find)
        past = await self._citizens.past(ids, contact.card.matter)
        here = {one.contact for one in living}
        whole = living + [one for one in past or () if one.contact not in here]
        return Story(
            contact=asked.contact,
            matter=contact.card.matter,
            reference=self._house.reference(contact),
            person=person,
            contacts=tuple(sorted(whole, key=lambda one: one.began, reverse=True)[:STORY_MAX]),
            complete=past is not None,
        )

    @route(
        "POST",
        "/contacts/{contact}/join",
        roles=STAFF,
        refusals=(
            *(*IN_HAND, "bad_request", "unknown_reference", "number_bad", "number_country", "number_refused"),
            *("bad_address", "shared_address", "too_many_addresses", "store_away"),
        ),
        examples=(
            Example(summary="The same person", asked=Join(contact="w1-1-1", number="040-34 10 00"), given=TALKS),
        ),
    )
    async def join(self, caller: Caller, asked: Join) -> None:
        """Say what a contact belongs to: to a matter by its number, to another contact, or to a person known otherwise.

        By a number or address the two are one person from then on: places kept, promises, language and needs are of
        both. `part` undoes it.
        """
        if sum(map(bool, (asked.reference, asked.other, asked.number, asked.address))) != 1:
            raise Refused("bad_request", "name one of reference, other, number and address")
        guard = in_hands_of(caller, asked.contact)
        if asked.reference:
            matter = await self._citizens.matter_of(asked.reference)
            await self._house.ask(plain(i.JoinMatter(asked.contact, matter), guard))
            return

        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            guard(state)
            if asked.other:
                other = state.contacts.get(asked.other)
                return i.JoinMatter(asked.contact, other.card.matter if other is not None else asked.other), ()
            person, secrets = self._citizens.known_by(asked.number or asked.address)
            return i.JoinPerson(asked.contact, person), secrets

        await self._house.ask(word)

    @route(
        "POST",
        "/contacts/{contact}/part",
        roles=STAFF,
        refusals=(*IN_HAND, "nobody_known", "not_joined"),
        examples=(Example(summary="Somebody else", asked=OneContact(contact="w1-1-1"), given=KNOWN),),
    )
    async def part(self, caller: Caller, asked: OneContact) -> None:
        """Say that the number or address of a contact is somebody else's after all."""
        await self._house.ask(plain(i.PartPerson(asked.contact), in_hands_of(caller, asked.contact)))

    @route(
        "POST",
        "/contacts/{contact}/mark",
        roles=STAFF,
        refusals=(*IN_HAND, "nobody_known"),
        examples=(
            Example(summary="Protected", asked=Mark(contact="w1-1-1", protected=True), given=TALKS),
            Example(summary="A switchboard", asked=Mark(contact="w1-1-1", shared=True), given=TALKS),
        ),
    )
    async def mark(self, caller: Caller, asked: Mark) -> None:
        """Say that the citizen's identity is protected, or that the number or address is one of several people.

        Whoever has the contact may mark it; only those who lead may lift protection.
        """

        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            in_hands_of(caller, asked.contact)(state)
            if asked.protected is False and caller.role not in LEADS:
                raise Refused("not_yours", "those who lead lift protection")
            person = state.contacts[asked.contact].card.person
            if person is None:
                raise Refused("nobody_known", "whose contact this is, is not known: say whose it is first")
            return i.MarkPerson((person,), asked.protected, asked.shared), ()

        await self._house.ask(word)

    @route(
        "POST",
        "/persons/mark",
        roles=LEADS,
        refusals=("number_bad", "number_country", "number_refused", "bad_address"),
        examples=(Example(summary="From a register", asked=MarkMany(persons=("040-34 10 00", "kim@example.se"))),),
    )
    async def mark_many(self, caller: Caller, asked: MarkMany) -> Marked:
        """Mark persons as having a protected identity, or not any more, by their numbers and addresses."""
        persons: list[str] = []
        secrets: list[Secret] = []
        for number, written in enumerate(asked.persons, 1):
            try:
                person, kept = self._citizens.known_by(written)
            except Refused as refusal:
                raise Refused(refusal.error_id, f"person {number} of {len(asked.persons)}: {refusal}") from None
            persons.append(person)
            secrets += kept
        request = i.MarkPerson(tuple(persons), protected=asked.protected)
        await self._house.ask(lambda _: (request, tuple(secrets)))
        return Marked(len(persons))

    # ---- what the citizen needs ----------------------------------------------------------------------------------

    @route(
        "POST",
        "/contacts/{contact}/needs",
        roles=STAFF,
        refusals=(*IN_HAND, "nobody_known"),
        examples=(
            Example(
                summary="For this matter alone", asked=Note(contact="w1-1-1", needs=("plain_language",)), given=TALKS
            ),
            Example(
                summary="And the next time too",
                asked=Note(contact="w1-1-1", needs=("interpreter",), language="ar", keep=True),
                given=TALKS,
            ),
        ),
    )
    async def note(self, caller: Caller, asked: Note) -> None:
        """Note what the citizen needs and speaks. It goes with the contact wherever that goes.

        With `keep` it is remembered for the person's next contacts, by any channel: ask before.
        """
        request = i.NoteNeeds(asked.contact, asked.needs, asked.language, asked.keep)
        await self._house.ask(plain(request, in_hands_of(caller, asked.contact)))

    @route(
        "POST",
        "/contacts/{contact}/forget-needs",
        roles=STAFF,
        refusals=(*IN_HAND, "nobody_known"),
        examples=(Example(summary="Not any more", asked=OneContact(contact="w1-1-1"), given=KNOWN),),
    )
    async def forget_needs(self, caller: Caller, asked: OneContact) -> None:
        """Forget what was remembered of the citizen's language and needs; what was noted of this contact stays."""
        await self._house.ask(plain(i.ForgetNeeds(asked.contact), in_hands_of(caller, asked.contact)))

    @route(
        "POST",
        "/contacts/{contact}/interpreter",
        roles=STAFF,
        refusals=(
            *(*IN_TALK, "no_interpreters", "nobody_on_duty", "interpreters_busy", "has_interpreter", "consulting"),
            *("number_bad", "number_country", "number_refused"),
        ),
        examples=(Example(summary="Arabic", asked=Interpret(contact="w1-1-1", language="ar"), given=TALKS),),
    )
    async def interpreter(self, caller: Caller, asked: Interpret) -> None:
        """Have an interpreter join the talk: those on duty are rung one after the other until one answers.

        Citizen and agent talk on meanwhile. `party.invited` tells who is rung, `party.joined` that somebody is there,
        `interpreter.missing` that nobody came.
        """

        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            in_hands_of(caller, asked.contact)(state)
            duty, secrets = self._citizens.duty(asked.language, state)
            return i.AskInterpreter(asked.contact, asked.language, duty), secrets

        await self._house.ask(word)

    # ---- what it was about -----------------------------------------------------------------------------------------

    @route(
        "POST",
        "/contacts/{contact}/describe",
        roles=STAFF,
        refusals=(*IN_HAND, "not_connected", "unknown_agent", "unknown_reason", "unknown_gap"),
        examples=(
            Example(
                summary="Wrapping up",
                asked=Describe(contact="w1-1-1", reason="miljo.status", avoidable=True, gap="no_answer"),
                given=WRAPS_UP,
            ),
        ),
    )
    async def describe(self, caller: Caller, asked: Describe) -> None:
        """Say what a contact was about, whether it could have been avoided, and where service fell short.

        As long as the agent has it, be it to wrap up; the newest word counts.
        """

        def word(state: State) -> tuple[AnyRequest, tuple[Secret, ...]]:
            contact = state.contacts.get(asked.contact)
            agent = asked.agent or caller.agent or (agent_of(contact) if contact is not None else "")
            caller.speaks_for(agent)
            said = i.Describe(asked.contact, agent, asked.reason, asked.avoidable, asked.gap, asked.follow_up)
            return said, ()

        await self._house.ask(word)

    # ---- inside --------------------------------------------------------------------------------------------------

    async def _look(
        self, caller: Caller, id_: str, kind: str, look: Callable[[State, Contact], T]
    ) -> tuple[T, Contact]:
        """Return what `look` finds about a contact that the caller may see, once that is logged. Raises Refused."""
        found: list[tuple[T, Contact]] = []

        def find(state: State) -> Contact:
            contact = state.contacts.get(id_)
            if contact is None:
                raise Refused("unknown_contact", "there is no such contact now")
            if caller.role == "agent":
                caller.speaks_for(agent_of(contact))
            found.append((look(state, contact), contact))
            return contact

        await self._gate.open(caller, find, (kind,))
        return found[-1]

    def _person(self, state: State, contact: Contact) -> PersonView:
        card = contact.card
        known = state.persons.remembered(card.person, self._house.now())
        kept = bool(known.needs or known.language)
        return PersonView(
            contact=card.id,
            known=card.person is not None and not known.shared,
            language=card.language,
            needs=card.needs,
            kept_until=known.until if kept else None,
            addresses=len(known.others) + 1 if card.person is not None else 0,
            protected=known.protected,
        )


def _chapter(contact: Contact, matter: str) -> Chapter:
    card = contact.card
    return Chapter(
        contact=card.id,
        channel=card.channel,
        began=card.arrived,
        state=CONTACT_STATES[type(contact)],
        queue=queue_of(contact),
        language=card.language,
        agents=(agent_of(contact),) if agent_of(contact) else (),
        matter=card.matter,
        same="matter" if card.matter == matter else "person",
        messages=card.thread.messages,
    )
