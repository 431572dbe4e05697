"""Who citizens are and what they need: told by agents in the middle of it all, and interpreters who come or do not."""

from random import Random
from typing import Final

from engine.sim.house import SimHouse
from engine.sim.world import World
from queues.assistance import Assistance, Duty, Interpreters
from queues.hours import ALWAYS, Hours
from queues.skills import Need
from router import inputs as i
from router.contact import Connected, Contact
from router.dialling import Destination
from router.persons import AIDS

LANGUAGES: Final = ("finnish", "arabic")
DUTY: Final = ("first", "second", "third")


def some_help(chance: Random) -> dict[str, Assistance]:
    """Return what some needs take."""
    return {
        aid: Assistance(needs=(Need("sign", chance.randint(1, 4)),), wait=chance.choice([0.0, 30.0, 120.0]))
        for aid in AIDS
        if chance.random() < 0.4
    }


def some_tongues(chance: Random) -> dict[str, Assistance]:
    """Return what languages take."""
    return {
        language: Assistance(needs=(Need(language, chance.randint(1, 4)),), wait=chance.choice([10.0, 120.0]))
        for language in LANGUAGES
        if chance.random() < 0.7
    }


def some_interpreters(hours: Hours, chance: Random) -> dict[str, Interpreters]:
    """Return who interprets, if anybody does."""
    return {
        language: Interpreters(
            duty=tuple(Duty(id=name, hours=chance.choice([ALWAYS, hours])) for name in DUTY), ring=8.0
        )
        for language in LANGUAGES
        if chance.random() < 0.9
    }


class Citizens:
    """What agents are told, and ask for."""

    def __init__(self, world: World, house: SimHouse, agents: tuple[str, ...], numbers: tuple[str, ...]) -> None:
        self._world = world
        self._house = house
        self._agents = agents
        self._numbers = numbers

    def tell(self) -> None:
        """Let an agent note something about a citizen, or bring an interpreter in."""
        chance = self._world.chance
        contacts = self._contacts()
        if not contacts:
            return
        contact = chance.choice(contacts)
        id_, person = contact.card.id, f"other{chance.randrange(6)}"
        needs = tuple(aid for aid in AIDS if chance.random() < 0.3)
        match chance.randrange(12):
            case 0 | 1 | 2:
                language = chance.choice([None, "", *LANGUAGES])
                self._house.submit(i.NoteNeeds(id_, needs, language, keep=chance.random() < 0.5))
            case 3:
                self._house.submit(i.ForgetNeeds(id_))
            case 4:
                known = [one.card.person for one in contacts if one.card.person is not None]
                self._house.submit(i.JoinPerson(id_, chance.choice([person, *known])))
            case 5:
                self._house.submit(i.PartPerson(id_))
            case 6:
                flags = (chance.choice([None, True, False]), chance.choice([None, None, False, True]))
                self._house.submit(i.MarkPerson((person,), *flags))
            case _:
                self._ask_interpreter(contacts)

    def _ask_interpreter(self, contacts: list[Contact]) -> None:
        talks = [one.card.id for one in contacts if isinstance(one, Connected) and one.card.talks]
        if talks:
            chance = self._world.chance
            duty = tuple(i.OnDuty(name, self._somebody()) for name in DUTY)
            self._house.submit(i.AskInterpreter(chance.choice(talks), chance.choice(LANGUAGES), duty))

    def _somebody(self) -> Destination:
        chance = self._world.chance
        meaning = self._house.dialplan.number(chance.choice(self._numbers))
        if meaning.destination is None or chance.random() < 0.5:
            return Destination(f"phone:{chance.choice(self._agents)}")
        self._house.telephones.keep_number(meaning)
        return meaning.destination

    def _contacts(self) -> list[Contact]:
        state = self._house.spine.router.state if self._house.spine is not None else None
        return list(state.contacts.values()) if state is not None else []
