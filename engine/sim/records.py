"""Secrecy, holds, recordings that are paused, and a records system that is sometimes away."""

from typing import Final

from engine.sim.house import SimHouse
from engine.sim.world import World
from router import inputs as i
from router.facts import SendCause

WAITS: Final[tuple[SendCause, ...]] = ("away", "put_off")


class RecordsOffice:
    """Whoever asks for secrecy, and the records system."""

    def __init__(self, world: World, house: SimHouse) -> None:
        self.reliable = False
        """It takes everything."""
        self._world = world
        self._house = house

    def ask(self) -> None:
        """Ask something of a contact that lives."""
        state = self._house.spine.router.state if self._house.spine is not None else None
        contacts = list(state.contacts.values()) if state is not None else []
        if not contacts:
            return
        chance, contact = self._world.chance, self._world.chance.choice(contacts)
        id_, yes = contact.card.id, chance.random() < 0.5
        requests: list[i.AnyRequest] = [
            i.SetSecrecy(id_, yes),
            i.PlaceHold(contact.card.matter, yes),
            i.PauseRecording(id_),
            i.ResumeRecording(id_),
            i.HandOverAgain(id_),
        ]
        self._house.submit(chance.choice(requests))

    def take(self) -> None:
        """Take what is due, or not."""
        state = self._house.spine.router.state if self._house.spine is not None else None
        chance, now = self._world.chance, self._world.now
        for one in list(state.handovers.values()) if state is not None else ():
            if one.due is None:
                self._house.submit(i.HandOverAgain(one.contact))
            elif one.due <= now and (self.reliable or chance.random() < 0.6):
                self._house.submit(i.MatterTaken(contact=one.contact))
            elif one.due <= now:
                retry_at = now + self._world.some(30.0) if chance.random() < 0.7 else None
                cause = chance.choice(WAITS) if retry_at is not None else "rejected"
                self._house.submit(i.MatterNotTaken(contact=one.contact, cause=cause, retry_at=retry_at))
