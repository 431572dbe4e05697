"""Citizens who write: the chat and the hooks of one engine, put together."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from typing import Any, Final

from adapters.chat import routes as chat_routes
from adapters.chat.answering import Whose
from adapters.chat.desks import Desks
from adapters.chat.rooms import Rooms
from adapters.chat.serving import BEGUN, Chat
from adapters.chat.words import Words
from adapters.email.identity import references_written
from adapters.post import routes as hook_routes
from adapters.post.sending import Sending
from adapters.post.taking import Taking
from adapters.redis.errors import StoreAway
from adapters.redis.vault import Vault
from engine.announcements import Texts
from engine.clock import MonotonicClock
from engine.deciding import decided
from engine.installation import Installation
from engine.spine import Release, Spine, Wording
from ivr.phrase import Phrase
from router.answers import Answers
from router.api import Route
from router.facts import AnyFact
from router.inputs import Arrived, Input, JoinMatter, MessageArrived, Refused
from router.letters import Contents
from router.looking import AccessLog
from router.outbox import Outgoing
from router.ports import Secret
from router.state import State

STATUSES: Final = chat_routes.STATUSES | hook_routes.STATUSES


class Doors:
    """How messages get into the house and out of the vault; the port `House` of chat and post."""

    def __init__(self, spine: Spine, vault: Vault, clock: MonotonicClock, degraded: Callable[[], bool]) -> None:
        """`degraded` tells whether decisions are not kept just now: what is written waits then."""
        self._spine = spine
        self._vault = vault
        self._clock = clock
        self._degraded = degraded
        self.matter_of: Callable[[str], Awaitable[str | None]] = _nothing
        """Finds the matter that citizens know by a number. Raises StoreAway."""
        self.words_of: Callable[[Phrase, str], str] = lambda _phrase, _language: ""

    def state(self) -> State:
        """Return the state."""
        return self._spine.router.state

    def now(self) -> float:
        """Return UTC seconds."""
        return self._clock.now()

    def submit(self, input_: Input) -> None:
        """Tell the router."""
        self._spine.submit(input_)

    async def tell(self, word: Wording) -> None:
        """Have an input decided; return once that is kept. Raises Refused."""
        if self._degraded():
            raise _away()
        told: list[tuple[Input, tuple[Secret, ...]]] = []

        def noted(state: State) -> tuple[Input, tuple[Secret, ...]]:
            told.append(word(state))
            return told[-1]

        await decided(self._spine, noted)
        await self._join(*told[-1])

    async def _join(self, told: Input, kept: tuple[Secret, ...]) -> None:
        """Let a citizen who writes the number of a matter go on with it; what names no matter is just words."""
        if not isinstance(told, Arrived | MessageArrived):
            return
        for reference in (one for secret in kept if secret.kind == "text" for one in references_written(secret.value)):
            try:
                matter = await self.matter_of(reference)
            except StoreAway:
                return  # the message is kept; an agent can still join it
            if matter is not None:
                self._spine.submit(JoinMatter(told.contact, matter))
                return

    async def texts(self, owners: Sequence[str]) -> dict[str, str]:
        """Return owner to text of what the vault keeps. Raises Refused."""
        return await self._values(owners, "text")

    async def letters(self, owners: Sequence[str]) -> dict[str, str]:
        """Return owner to the key of what goes with a message. Raises Refused."""
        return await self._values(owners, "letter")

    async def _values(self, owners: Sequence[str], kind: str) -> dict[str, str]:
        try:
            return await self._vault.values(owners, kind)
        except StoreAway as error:
            raise _away() from error

    async def kept(self, owner: str) -> dict[str, str]:
        """Return kind to value of what the vault keeps. Raises Refused."""
        return await self._kept(owner)

    async def known(self, contact: str) -> bool:
        """Tell whether the vault knows of a chat that has been. Raises Refused."""
        return BEGUN in await self._kept(contact)

    async def words(self, message: Outgoing) -> tuple[str, str]:
        """Return to whom a message goes, and its text. Raises Refused."""
        to = (await self._kept(message.contact)).get("address", "")
        if message.prompt:
            return to, self.words_of(Phrase(message.prompt), message.language)
        return to, (await self.texts((message.id,))).get(message.id, "")

    async def _kept(self, owner: str) -> dict[str, str]:
        try:
            return await self._vault.get(owner)
        except StoreAway as error:
            raise _away() from error


async def _nothing(_: str) -> None:
    """Find no matter: there is no mail, so no citizen has been given a number."""


def _away() -> Refused:
    return Refused("store_away", "Redis does not answer", retryable=True)


def desk_routes(
    writing: Callable[[], "Writing | None"], log: Callable[[], AccessLog], secret_roles: Collection[str]
) -> list[Route]:
    """Return what is offered to agents, behind sign-in."""
    return chat_routes.desk_routes(lambda: _there(writing).desks, log, secret_roles)


def _there(writing: Callable[[], "Writing | None"]) -> "Writing":
    found = writing()
    if found is None:
        raise Refused("not_ready", "the engine is still starting", retryable=True)
    return found


def routes(writing: Callable[[], "Writing | None"]) -> list[Route]:
    """Return what is offered to citizens' pages and to gateways, before the house is open too."""
    chats = chat_routes.routes(lambda: _there(writing).chat)
    return [*chats, *hook_routes.routes(lambda: _there(writing).taking)]


class Writing:
    """The chat and the hooks; a follower of the spine."""

    def __init__(
        self,
        installation: Installation,
        doors: Doors,
        answers: Answers,
        contents: Contents,
        person: Callable[[str], str],
        number: Callable[[str], str],
        whose: Whose,
        spawn: Callable[[str, Coroutine[Any, Any, None]], object],
        announced: Texts,
    ) -> None:
        settings = installation.chat
        words = Words(settings.words, installation.language, announced)
        loop = asyncio.get_running_loop()
        doors.words_of = words.of
        self.rooms = Rooms(words.of, doors.submit, loop.call_later, settings.back_within)
        self.rooms.on_over = answers.forget
        self.chat = Chat(settings, doors, self.rooms, words, answers, contents, person, whose)
        self.desks = Desks(doors, doors.state, self.rooms.typing)
        self.chat.on_typing = self.desks.typing
        self.taking = Taking(installation.hooks, doors, person, number)
        self.sending = Sending(installation.hooks, doors, spawn)
        if installation.hooks:
            _ = spawn("post", self.sending.run())

    def adopt(self, state: State) -> None:
        """Take over what an earlier engine had."""
        self.rooms.adopt(state)
        self.taking.adopt(state)
        self.sending.leaving.adopt(state)

    def decided(self, facts: Sequence[AnyFact], state: State) -> Release | None:
        """Look at facts; return what tells pages and gateways once they are kept."""
        self.taking.decided(facts, state)
        releases = [
            one
            for part in (self.rooms, self.desks, self.sending.leaving)
            if (one := part.decided(facts, state)) is not None
        ]

        def release() -> None:
            for one in releases:
                one()

        return release if releases else None
