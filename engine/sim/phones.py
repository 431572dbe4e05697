"""Telephones of the house at random: agents who hold, consult, send on, park, fetch and call, by whatever means."""

from typing import Final

from adapters.sip.wishes import CODES, WITH_NUMBER
from engine.sim.flows import CODES as FLOW_CODES
from engine.sim.house import SimHouse
from engine.sim.people import People
from engine.sim.world import World
from router import inputs as i
from router.contact import Connected, WrappingUp
from router.dialling import Destination

NUMBERS: Final = ("0701234567", "040341000", "112", "+358401234567", "0900123456", "12")
"""Some that may be dialled, and some that may not."""
SLOTS: Final = ("1", "2", "9")


class DeskPhones:
    """What agents do at their phones and desks beside answering."""

    def __init__(
        self, world: World, house: SimHouse, people: People, agents: tuple[str, ...], queues: tuple[str, ...]
    ) -> None:
        self._world = world
        self._house = house
        self._people = people
        self._agents = agents
        self._queues = queues
        self._calls = 0

    def act_in_talk(self) -> None:
        """An agent who has a call does something with it: at the desk, by a code, or by the phone's own keys."""
        contact = self._some_talk()
        if contact is None:
            return
        match self._world.chance.randrange(4):
            case 0:
                self._press_code(contact.offer)
            case 1:
                self._use_phone(contact)
            case _:
                self._house.submit(self._some_request(contact.card.id))

    def extend(self) -> None:
        """An agent needs longer to wrap up."""
        contacts = self._house.spine.router.state.contacts if self._house.spine is not None else {}
        for id_, contact in contacts.items():
            if isinstance(contact, WrappingUp):
                self._house.submit(i.ExtendWrapUp(id_))
                return

    def dial(self) -> None:
        """Somebody dials at a phone of the house, or has a call placed at the desk."""
        chance = self._world.chance
        agent = chance.choice(self._agents)
        if chance.random() < 0.5:
            called = chance.choice(
                [*NUMBERS, *self._agents, *(f"*7{slot}" for slot in SLOTS), *FLOW_CODES, "help", "garbage?"]
            )
            leg = self._house.worker.invite(called, agent, asserted=False, network="phones", phone=agent)
            self._people.callers[leg] = called, ""
            return
        self._calls += 1
        self._house.place_call(f"out-{self._house.epoch}-{self._calls}", agent, chance.choice(NUMBERS))

    def register(self) -> None:
        """A phone goes, and comes back after a while."""
        phone = f"phone:{self._world.chance.choice(self._agents)}"
        self._house.submit(i.PhoneGone(phone=phone))
        self._world.later(self._world.some(30.0), lambda: self._house.submit(i.PhoneSeen(phone=phone)))

    def all_there(self) -> None:
        """Every phone is registered again."""
        for agent in self._agents:
            self._house.submit(i.PhoneSeen(phone=f"phone:{agent}"))

    # ---- inside ------------------------------------------------------------------------------------------------

    def _some_talk(self) -> Connected | None:
        state = self._house.spine.router.state if self._house.spine is not None else None
        contacts = state.contacts.values() if state is not None else ()
        talks = [one for one in contacts if isinstance(one, Connected) and one.card.leg]
        return self._world.chance.choice(talks) if talks else None

    def _press_code(self, leg: str) -> None:
        code, action = self._world.chance.choice(list(CODES.items()))
        keys = f"{code}{self._world.chance.choice([*NUMBERS, *self._agents])}#" if action in WITH_NUMBER else code
        for place, key in enumerate(keys):
            self._world.later(0.3 * place, lambda digit=key: self._house.worker.press(leg, digit))  # type: ignore[misc]

    def _use_phone(self, contact: Connected) -> None:
        """Hold by the phone, or ask for a transfer (REFER), perhaps to the phone's own other call."""
        chance, worker = self._world.chance, self._house.worker
        others = [party.via for party in contact.parties if party.via]
        if others:
            worker.ask_transfer(contact.offer, "sip:somebody@house", others[0])
        elif chance.random() < 0.5:
            worker.ask_transfer(contact.offer, f"sip:{chance.choice([*NUMBERS, *self._agents])}@house")
        else:
            worker.hold(contact.offer, held=chance.random() < 0.5)

    def _destination(self) -> Destination:
        return Destination(f"phone:{self._world.chance.choice(self._agents)}")

    def _some_request(self, contact: str) -> i.AnyRequest:
        chance = self._world.chance
        requests: list[i.AnyRequest] = [
            i.Hold(contact),
            i.Resume(contact),
            i.Swap(contact),
            i.Connect(contact),
            i.Connect(contact),
            i.DropParty(contact),
            i.Park(contact),
            i.Consult(contact, self._destination()),
            i.Consult(contact, self._destination()),
            i.Forward(contact, self._destination(), camp=chance.random() < 0.5),
            i.Forward(contact, self._destination(), camp=True),
            i.Forward(contact, self._destination(), camp=True),
            i.SendToQueue(contact, chance.choice(self._queues)),
            i.PromiseCallback(contact, self._house.clock.now() + chance.choice([60.0, 3600.0])),
            i.Retrieve(chance.choice(SLOTS), chance.choice(self._agents)),
        ]
        return chance.choice(requests)
