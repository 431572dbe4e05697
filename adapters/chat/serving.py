"""A citizen's page, connected: what it sends is taken in once and in order, and it is told what it has not seen."""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from msgspec import structs

from adapters.chat.answering import Answering, Whose, Written
from adapters.chat.frames import (
    Choose,
    File,
    FromPage,
    Hello,
    Leave,
    Message,
    Refusal,
    Say,
    Status,
    Typing,
    read,
    write,
)
from adapters.chat.rooms import Room, Rooms, contact_of
from adapters.chat.settings import CHANNEL, ChatSettings
from adapters.chat.words import Words
from ivr.phrase import Phrase
from router.answers import Answers
from router.api import Gone, Pace, Socket
from router.card import Said
from router.inputs import Arrived, Input, MessageArrived, Refused
from router.letters import Attachment, Contents, Letter
from router.outbox import message_id
from router.ports import Secret
from router.state import State

HELLO_S: Final = 10.0
"""How long a page may take to say who it is."""
FILES_MAX: Final = 20
"""In one chat, of the citizen."""
AT_ONCE: Final = 50
"""Messages read from the vault at a time."""
READERS_MAX: Final = 5
"""Pages on one chat: a citizen may have it open twice."""
PACE: Final = Pace(rate=5, burst=30)
"""Of messages on one connection; a person writes slower."""
BEGUN: Final = "chat"
"""The vault's kind that says a chat has been there, so that nobody begins it anew once it is over."""
RETRY_S: Final = 1.0
TYPING_S: Final = 1.0
"""Signs of typing closer together say nothing new."""

OVER: Final = Status(state="ended", heard=0)
"""What a page is told that comes back to a chat of which nothing is left here."""

Wording = Callable[[State], tuple[Input, tuple[Secret, ...]]]


class House(Protocol):
    """What the chat needs of the engine."""

    def now(self) -> float:
        """Return UTC seconds."""

    async def tell(self, word: Wording) -> None:
        """Have an input decided; return once that is kept. Raises Refused, also when nothing can be kept just now."""

    async def texts(self, owners: Sequence[str]) -> dict[str, str]:
        """Return owner to text of what the vault keeps. Raises Refused."""

    async def letters(self, owners: Sequence[str]) -> dict[str, str]:
        """Return owner to the key of what goes with a message. Raises Refused."""

    async def known(self, contact: str) -> bool:
        """Tell whether the vault knows of a chat that has been. Raises Refused."""


class Chat:
    """Serves pages."""

    def __init__(
        self,
        settings: ChatSettings,
        house: House,
        rooms: Rooms,
        words: Words,
        answers: Answers,
        contents: Contents,
        person: Callable[[str], str],
        whose: Whose = lambda _digits, _contact: (None, ()),
    ) -> None:
        """`person` returns whose mail address something is, `whose` which number somebody wants to be called at."""
        self.settings = settings
        self.rooms = rooms
        self.on_typing: Callable[[str], None] = lambda _contact: None
        """Told of citizens who write just now."""
        self._house = house
        self._words = words
        self._answers = answers
        self._contents = contents
        self._answering = Answering(answers, words.of, person, house.now, whose)

    async def serve(self, socket: Socket, page: str) -> None:
        """Serve a page until it goes. Raises Gone, Refused."""
        try:
            async with asyncio.timeout(HELLO_S):
                hello = read(await socket.receive())
        except TimeoutError:
            raise Refused("bad_request", "the page did not say hello") from None
        if not isinstance(hello, Hello):
            raise Refused("bad_request", "the first message is hello")
        room = await self._room(hello, page)
        if room is None:
            await socket.send(write(OVER))
            return
        if len(room.readers) >= READERS_MAX:
            raise Refused("too_busy", "this chat is open in many pages already")
        await Connection(self, room, socket, hello.seen).run()

    async def _room(self, hello: Hello, page: str) -> Room | None:
        """Return the chat of whoever says hello, begun if need be; None when it is over. Raises Refused."""
        contact = contact_of(hello.secret)
        room = self.rooms.find(contact)
        if room is None and not await self._house.known(contact):
            await self._begin(contact, page, hello.language)
            room = self.rooms.find(contact)
        return room

    async def _begin(self, contact: str, page: str, language: str) -> None:
        if len(self.rooms) >= self.settings.chats_max:
            raise Refused("too_busy", "nobody else can chat just now", retryable=True)
        settings = self.settings.pages[page]
        spoken = language if language in settings.languages[1:] else ""
        entry = f"{page} {spoken}" if spoken else page

        def word(_: State) -> tuple[Input, tuple[Secret, ...]]:
            return Arrived(contact=contact, channel=CHANNEL, entry=entry), (Secret(contact, BEGUN, "1"),)

        await self._house.tell(word)

    async def take(self, room: Room, written: Written) -> None:
        """Take in a message; return once it is kept. Raises Refused."""
        if len(written.text) > self.settings.text_max:
            raise Refused("text_too_long", f"a message has at most {self.settings.text_max} characters")
        if written.file and await self._contents.letter(room.contact, written.file) is None:
            raise Refused("unknown_attachment", "that file was not uploaded for this chat")
        written = await self._with_before(room, written)

        def word(state: State) -> tuple[Input, tuple[Secret, ...]]:
            contact = state.contacts.get(room.contact)
            if contact is None:
                raise Refused("chat_over", "this chat is over")
            thread = contact.card.thread
            if written.count <= thread.heard:
                return MessageArrived(contact=room.contact, count=written.count), ()
            if written.count > thread.heard + 1:
                text = f"message {thread.heard + 1} has not arrived: send from there on again"
                raise Refused("out_of_order", text, retryable=True)
            if thread.messages >= self.settings.messages_max:
                raise Refused("chat_full", "this chat has become too long; begin another")
            return self._answering.worded(state, contact, written)

        await self._house.tell(word)

    async def _with_before(self, room: Room, written: Written) -> Written:
        """Add what a citizen wrote before to an address: the mail that it goes on as begins with that."""
        if room.standing is None or room.standing.status.asks != "address":
            return written
        said = enumerate(room.standing.said, 1)
        own = [message_id(room.contact, number) for number, one in said if one.author == "citizen"]
        texts = await self._house.texts(own)
        before = "\n".join(texts[owner] for owner in own if owner in texts)
        return structs.replace(written, before=before)

    async def messages(self, room: Room, said: Sequence[Said], begin: int) -> list[Message]:
        """Return messages with their words; `said` are those from number `begin` on. Raises Refused."""
        kept = [message_id(room.contact, number) for number, one in enumerate(said, begin) if not one.prompt]
        texts, letters = await self._house.texts(kept), await self._house.letters(kept)
        files = {owner: await self._files(room.contact, key) for owner, key in letters.items()}
        return [
            Message(
                number=number,
                author=one.author,
                at=one.at,
                text=self._text(room, one) if one.prompt else texts.get(message_id(room.contact, number), ""),
                count=one.count,
                files=files.get(message_id(room.contact, number), ()),
            )
            for number, one in enumerate(said, begin)
        ]

    async def _files(self, contact: str, key: str) -> tuple[File, ...]:
        letter = await self._contents.letter(contact, key)
        attachments = letter.attachments if letter is not None else ()
        return tuple(File(file=one.file, name=one.name, media=one.media, size=one.size) for one in attachments)

    async def upload(self, secret: str, name: str, media: str, data: bytes) -> str:
        """Keep a file that is to go with a citizen's message; return its key. Raises Refused."""
        room = self._mine(secret)
        if room.uploads >= FILES_MAX:
            raise Refused("too_many_files", f"a chat has at most {FILES_MAX} files")
        room.uploads += 1
        key = f"f{secrets.token_hex(12)}"
        one = Attachment(file="1", name=name.strip(" ."), media=media, size=len(data))
        await self._contents.put(room.contact, key, Letter(attachments=(one,)), {"1": data})
        return key

    async def file(self, secret: str, message: int, file: str) -> bytes:
        """Return a file that goes with a message of a citizen's own chat. Raises Refused."""
        owner = message_id(self._mine(secret).contact, message)
        key = (await self._house.letters([owner])).get(owner, "")
        data = await self._contents.file(owner.rpartition(".")[0], key, file)
        if data is None:
            raise Refused("unknown_attachment", "this message has no such file, or it is not kept any more")
        return data

    def _mine(self, secret: str) -> Room:
        room = self.rooms.find(contact_of(secret))
        if room is None:
            raise Refused("chat_over", "this chat is over")
        return room

    def _text(self, room: Room, said: Said) -> str:
        phrase = Phrase(said.prompt, said.values, said.language)
        return self._words.of(phrase, room.language, lambda name: self._answers.one(room.contact, name))


class Connection:
    """One page on one chat."""

    def __init__(self, chat: Chat, room: Room, socket: Socket, seen: int) -> None:
        self._chat = chat
        self._room = room
        self._socket = socket
        self._seen = seen
        self._shown: object = None
        self._typing = False
        self._refusals: list[Refusal] = []
        self._news = asyncio.Event()

    # ---- as `rooms.Reader` -------------------------------------------------------------------------------------

    def news(self) -> None:
        """There may be something that the page has not been told."""
        self._news.set()

    def typing(self) -> None:
        """The agent is writing."""
        self._typing = True
        self._news.set()

    # ---- living ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Serve until the page goes, or the chat is over. Raises Gone, Refused."""
        self._chat.rooms.join(self._room, self)
        self._news.set()
        why: list[Exception] = []
        try:
            async with asyncio.TaskGroup() as tasks:
                hearing = tasks.create_task(self._hear())
                telling = tasks.create_task(self._tell())
                telling.add_done_callback(lambda _: hearing.cancel())
        except* (Gone, Refused) as group:
            why += group.exceptions
        finally:
            self._chat.rooms.part(self._room, self)
        if why:
            raise why[0]

    async def _hear(self) -> None:
        """Take in what the page sends, one after the other."""
        loop = asyncio.get_running_loop()
        left, at, signed = PACE.burst, loop.time(), 0.0
        while True:
            frame = read(await self._socket.receive())
            now = loop.time()
            left, at = min(PACE.burst, left + (now - at) * PACE.rate) - 1, now
            if left < 0:  # it goes on being read, more slowly: what waits in the socket is bounded
                await asyncio.sleep(-left / PACE.rate)
            if isinstance(frame, Typing):
                if now - signed >= TYPING_S:
                    signed = now
                    self._chat.on_typing(self._room.contact)
            else:
                await self._heard(frame)

    async def _heard(self, frame: FromPage) -> None:
        try:
            match frame:
                case Say():
                    await self._chat.take(self._room, Written(frame.count, frame.text, "", frame.question, frame.file))
                case Choose():
                    await self._chat.take(self._room, Written(frame.count, "", frame.key, frame.question))
                case Leave():
                    self._chat.rooms.leave(self._room)
                case _:
                    raise Refused("bad_request", "hello has been said already")
        except Refused as refused:
            count = frame.count if isinstance(frame, Say | Choose) else 0
            told = Refusal(error_id=refused.error_id, detail=str(refused), retryable=refused.retryable, count=count)
            self._refusals.append(told)
            self._news.set()

    async def _tell(self) -> None:
        """Tell the page what it has not seen; return once the chat is over."""
        while True:
            await self._news.wait()
            self._news.clear()
            for refusal in self._drained():
                await self._socket.send(write(refusal))
            standing = self._room.standing
            if standing is None:
                continue
            self._seen = min(self._seen, len(standing.said))
            while self._seen < len(standing.said):
                await self._send_some(standing.said[self._seen : self._seen + AT_ONCE])
            if standing.status != self._shown:
                await self._socket.send(write(standing.status))
                self._shown = standing.status
            if standing.status.state == "ended":
                return
            if self._typing:
                self._typing = False
                await self._socket.send(write(Typing()))

    async def _send_some(self, said: Sequence[Said]) -> None:
        try:
            messages = await self._chat.messages(self._room, said, self._seen + 1)
        except Refused:  # the store is away; the page waits for it as the chat does
            await asyncio.sleep(RETRY_S)
            return
        for message in messages:
            await self._socket.send(write(message))
            self._seen = message.number

    def _drained(self) -> list[Refusal]:
        refusals, self._refusals = self._refusals, []
        return refusals
