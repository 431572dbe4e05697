"""Conversations of messages: citizens who write on, agents who answer, and a carrier who is sometimes away."""

from typing import Final

from msgspec import structs

from engine.sim.house import SimHouse
from engine.sim.world import World
from queues.channels import CHANNELS
from router import inputs as i
from router.contact import Connected, Contact, WrappingUp
from router.facts import SendCause
from router.outbox import Outgoing
from router.state import State
from router.writing import offered

REASONS: Final = ("invoice", "other")
GAPS: Final = ("late",)
WAITS: Final[tuple[SendCause, ...]] = ("away", "put_off")
FAILS: Final[tuple[SendCause, ...]] = ("no_such_address", "not_wanted", "too_large", "rejected", "given_up")


class Letters:
    """Everybody who writes, and whoever carries it."""

    def __init__(self, world: World, house: SimHouse) -> None:
        self.reliable = False
        """The carrier takes everything."""
        self._world = world
        self._house = house

    def write_on(self) -> None:
        """Let somebody write in a conversation, or say what a contact is about."""
        contacts = self._contacts()
        if not contacts:
            return
        contact = self._world.chance.choice(contacts)
        id_, thread = contact.card.id, contact.card.thread
        match self._world.chance.randrange(6):
            case 0 | 1:
                # A program that did not hear that its message was taken sends it once more.
                again = self._world.chance.random() < 0.2
                self._house.submit(self._message(contact, max(thread.heard + (not again), 1)))
            case 2 | 3 if isinstance(contact, Connected | WrappingUp):
                self._house.submit(i.SendMessage(id_, contact.agent))
            case 4 if isinstance(contact, Connected | WrappingUp):
                gap = self._world.chance.choice(["", *GAPS])
                self._house.submit(i.Describe(id_, contact.agent, self._world.chance.choice(REASONS), gap=gap))
            case _:
                self._house.submit(i.JoinMatter(id_, self._world.chance.choice(contacts).card.matter))

    def _message(self, contact: Contact, count: int) -> i.MessageArrived:
        """Return what somebody writes: an answer to what a flow asks, or a gateway's message, perhaps told twice."""
        chance, state = self._world.chance, self._state()
        message = i.MessageArrived(contact=contact.card.id, count=count)
        if CHANNELS[contact.card.channel].posted:
            return structs.replace(message, count=0, mark=f"{contact.card.id}:{chance.randrange(20)}")
        keys = [choice.key for choice in offered(state, contact)]
        holds = chance.random() < 0.5
        return structs.replace(
            message,
            key=chance.choice(keys) if keys and chance.random() < 0.6 else "",
            holds=holds,
            person=f"writer{chance.randrange(5)}" if holds else None,
            aside=chance.random() < 0.1,
        )

    def _state(self) -> State:
        assert self._house.spine is not None  # there are contacts
        return self._house.spine.router.state

    def carry(self) -> None:
        """Try whatever is due in the outbox."""
        state = self._house.spine.router.state if self._house.spine is not None else None
        for message in list(state.outbox.values()) if state is not None else ():
            if message.failed is not None:
                self._see_to(message)
            elif message.due <= self._world.now:
                self._house.submit(self._outcome(message))
        asked = state.invitations.snapshot() if state is not None else []
        if asked and self._world.chance.random() < 0.3:  # perhaps too late, and perhaps no answer to it
            self._house.submit(
                i.AnswerSurvey(self._world.chance.choice(asked).contact, self._world.chance.randint(0, 5))
            )

    def _see_to(self, message: Outgoing) -> None:
        again = not self.reliable and self._world.chance.random() < 0.5
        ask = i.SendAgain if again else i.DropMessage
        self._house.submit(ask(message.contact, message.number))

    def _outcome(self, message: Outgoing) -> i.MessageTaken | i.MessageNotTaken:
        chance = self._world.chance
        if self.reliable or chance.random() < 0.6:
            return i.MessageTaken(contact=message.contact, message=message.number)
        cause, retry_at = chance.choice(FAILS), None
        if chance.random() < 0.7:
            cause, retry_at = chance.choice(WAITS), self._world.now + self._world.some(30.0)
        return i.MessageNotTaken(contact=message.contact, message=message.number, cause=cause, retry_at=retry_at)

    def _contacts(self) -> list[Contact]:
        state = self._house.spine.router.state if self._house.spine is not None else None
        contacts = state.contacts.values() if state is not None else ()
        return [contact for contact in contacts if CHANNELS[contact.card.channel].written]
