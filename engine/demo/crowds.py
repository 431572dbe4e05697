"""Those who come by other ways than a telephone call. Each channel that the city has gets its citizens; one that cannot
be demonstrated here is left out, and why is said."""

import asyncio
import socket
from typing import Final
from urllib.parse import urlsplit

from engine.demo.askers import Askers
from engine.demo.channels import Channels
from engine.demo.chats import Chatters
from engine.demo.checking import City
from engine.demo.citizens import Citizens, People, Tally
from engine.demo.client import Client
from engine.demo.exchange import HOST
from engine.demo.letters import Correspondence, servers
from engine.demo.texters import Texters
from engine.demo.typists import Typists
from engine.demo.visitors import Hall, Visitors
from engine.mailservers import MailServers, NoMailServers, Ports

HERE: Final = frozenset({"127.0.0.1", "localhost"})


class Crowds:
    """All of them. `begin`, and at the end `leave`, then `close`."""

    def __init__(self, city: City, people: People, citizens: Citizens, tally: Tally, channels: Channels) -> None:
        self._city = city
        self._people = people
        self._citizens = citizens
        self._tally = tally
        self._channels = channels
        self._visitors: Visitors | None = None
        self._texters: Texters | None = None
        self._letters: Correspondence | None = None

    async def begin(self, client: Client, kiosk: str, hall: Hall) -> None:
        """Let them come. `kiosk` is a token of that role."""
        spawn = self._people.spawn
        installation = self._city.loaded.installation
        spawn("text-calls", Typists(self._people, self._citizens).come())
        spawn("callbacks", Askers(self._people, client, kiosk).come())
        if (site := self._people.town.site) is not None:
            self._visitors = Visitors(self._people, hall, site, client, kiosk, self._city.url)
            spawn("visitors", self._visitors.come())
        if installation.chat.pages:
            self._let_chat()
        if installation.hooks:
            await self._let_text()
        if installation.mail.mailboxes:
            self._let_write()

    def _let_chat(self) -> None:
        if self._city.loaded.installation.web.tls is not None:
            self._channels.leave_out("chat", "its pages have a certificate that nobody vouches for")
            return
        chatters = Chatters(self._people, self._tally, self._city.loaded.installation.chat, self._city.url)
        self._people.spawn("chats", chatters.come())

    async def _let_text(self) -> None:
        hooks = self._city.loaded.installation.hooks
        address = urlsplit(next(iter(hooks.values())).url)
        if address.hostname not in HERE:
            self._channels.leave_out("post", f"its gateway is {address.hostname}, not this machine")
            return
        texters = Texters(self._people, hooks, self._city.url)
        try:
            await texters.open()
        except OSError as error:
            self._channels.leave_out("post", f"its gateway cannot listen on {address.netloc}: {error.strerror}")
            return
        self._texters = texters
        self._people.spawn("text-messages", texters.come())

    def _let_write(self) -> None:
        settings = self._city.loaded.installation.mail
        ports = Ports(imap=0, smtp=0, imap_starttls=_free_port(), smtp_plain=_free_port())
        post = servers(settings, ports)
        if post is None:
            self._channels.leave_out("mail", "mail.yaml names servers that are not this machine's own")
            return
        self._letters = Correspondence(self._people, self._tally, post, tuple(settings.mailboxes.values()))
        self._people.spawn("letters", self._write(post, self._letters))

    async def _write(self, post: MailServers, letters: Correspondence) -> None:
        try:
            await asyncio.to_thread(post.start)
        except NoMailServers as error:
            self._channels.leave_out("mail", str(error))
            return
        await letters.write()

    async def leave(self) -> None:
        """Let nobody go on waiting in a place that nobody works at any more."""
        if self._visitors is not None:
            await self._visitors.leave()

    async def close(self) -> None:
        """Stop the servers."""
        if self._texters is not None:
            await self._texters.close()
        if self._letters is not None:
            await asyncio.to_thread(self._letters.stop)


def channels_of(city: City, *, visits: bool) -> Channels:
    """Return the channels that a city has."""
    installation = city.loaded.installation
    has = {
        "call": True,
        "text": True,
        "callback": True,
        "mail": bool(installation.mail.mailboxes),
        "chat": bool(installation.chat.pages),
        "post": bool(installation.hooks),
        "visit": visits,
    }
    return Channels(name for name, there in has.items() if there)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
