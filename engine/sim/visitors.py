"""Visits to two places: people who take numbers, book, do not come, go home, and agents who sit down at desks."""

from datetime import time
from random import Random
from typing import Final

from engine.sim.house import SimHouse
from engine.sim.world import World
from queues.hours import ALWAYS, Hours
from queues.site import DESK, Service, Site
from router import inputs as i
from router.contact import Arrived, Away, Connected, Contact, Parked

SITES: Final = ("hall", "library")
WINDOW: Final = 300.0


def some_sites(queues: tuple[str, ...], chance: Random) -> dict[str, Site]:
    """Return the two places, with any settings."""
    return {name: _some_site(name, queues, chance) for name in SITES}


def _some_site(name: str, queues: tuple[str, ...], chance: Random) -> Site:
    opens = chance.randint(0, 18)
    hours = Hours(week={weekday: ((time(opens), time(opens + 5)),) for weekday in range(1, 8)})
    return Site(
        name=name,
        hours=chance.choice([ALWAYS, ALWAYS, hours]),
        services={
            queue: Service(
                queue=queue,
                letter=chance.choice("AB"),
                bookable=chance.randint(0, 2),
                priority=chance.choice([1.0, 4.0]),
            )
            for queue in queues
        },
        desks={"1": "", "2": "", "3": f"phone:{name}3"},
        window=WINDOW,
        late=chance.choice([0.0, 120.0]),
        keep=chance.choice([0.0, 60.0]),
        last_ticket=chance.choice([0.0, 600.0]),
    )


class Visitors:
    """Everybody who comes, and the agents who meet them."""

    def __init__(self, world: World, house: SimHouse, queues: tuple[str, ...], agents: tuple[str, ...]) -> None:
        self._world = world
        self._house = house
        self._queues = queues
        self._agents = agents
        self._number = 0

    def come(self) -> None:
        """Let somebody take a number, or book."""
        chance = self._world.chance
        self._number += 1
        visit, site, service = f"v{self._number}", chance.choice(SITES), chance.choice(self._queues)
        if chance.random() < 0.7:
            person = chance.choice([None, None, "p1", "p2"])
            self._house.submit(i.TakeTicket(visit, site, service, person))
        else:
            start = (self._world.now // WINDOW + chance.randint(0, 3)) * WINDOW
            self._house.submit(i.BookVisit(visit, site, service, start))

    def act(self) -> None:
        """Let a visitor, or whoever meets one, do something."""
        visits = self._visits()
        agent = self._world.chance.choice(self._agents)
        if not visits or self._world.chance.random() < 0.2:
            self._sit_down(agent)
            return
        contact = self._world.chance.choice(visits)
        match contact:
            case Arrived() | Away():
                self._house.submit(i.CheckIn(contact.card.id))
            case Parked():
                self._house.submit(i.Retrieve(contact.slot, agent))
            case Connected():
                self._meet(contact)
            case _ if self._world.chance.random() < 0.2:
                self._house.submit(i.LeaveVisit(contact.card.id))
            case _:
                self._number += 1
                site, service = self._world.chance.choice(SITES), self._world.chance.choice(self._queues)
                self._house.submit(i.RecordVisit(f"v{self._number}", agent, service, site))

    def _meet(self, contact: Connected) -> None:
        id_ = contact.card.id
        requests: list[i.AnyRequest] = [
            i.NoShow(id_),
            i.CallNumber(id_),
            i.Park(id_),
            i.SendToQueue(id_, self._world.chance.choice(self._queues)),
            i.HandBack(id_),
            i.Finish(id_),
        ]
        self._house.submit(self._world.chance.choice(requests))

    def _sit_down(self, agent: str) -> None:
        self._house.submit(i.LogOut(agent))
        seat = f"{self._world.chance.choice(SITES)}/{self._world.chance.choice('123')}"
        self._house.submit(i.LogIn(agent, DESK + seat))
        self._house.submit(i.GoReady(agent))

    def go_home(self) -> None:
        """Let everybody be served or leave: at the end nobody need sit where they wait."""
        for contact in self._visits():
            done = i.Finish if isinstance(contact, Connected) else i.LeaveVisit
            self._house.submit(done(contact.card.id))

    def _visits(self) -> list[Contact]:
        state = self._house.spine.router.state if self._house.spine is not None else None
        contacts = state.contacts.values() if state is not None else ()
        return [contact for contact in contacts if contact.card.visit is not None]
