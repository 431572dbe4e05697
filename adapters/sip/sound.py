"""What legs hear: prompts and then music, silence or the end; each other while bridged.

A leg's sound is never left to the engine alone: every play and every bridge carries what comes after it. A leg that is
bridged with one that has not answered yet hears its music until then (and silence otherwise).
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import replace

from adapters.sip.legs import Leg
from adapters.sip.native import Player, Port, SipError
from adapters.sip.protocol import Media
from adapters.sip.wav import BadWav, Lengths

TAIL: Final = 0.040
"""Seconds added to a file's own length: two bridge ticks until its last frame has left."""
DEFAULT_MUSIC: Final = "default"


class Sound:
    """Decides what each leg's port is fed with. Ports are connected only while both ends exist."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        legs: Mapping[str, Leg],
        rest: Callable[[Port], None],
        hang_up: Callable[[Leg], None],
        played: Callable[[Leg, str], None],
        unplayable: Callable[[Leg, str, str], None],
    ) -> None:
        self._loop = loop
        self._legs = legs
        self._rest = rest
        self._hang_up = hang_up
        self._played = played
        self._unplayable = unplayable
        self._music: dict[str, Player] = {}
        self._lengths = Lengths()

    def add_music(self, name: str, path: str) -> None:
        """Start the one player whose loop all listeners of `name` share. Raises SipError."""
        self._music[name] = Player(path, loop=True)

    # ---- commands and changes ----------------------------------------------------------------------------------

    def hear(self, leg: Leg, media: Media) -> None:
        """Make `leg` hear `media` from now on, or as soon as its audio is up."""
        old = self._legs.get(leg.media.peer) if leg.media.peer else None
        self._quiet(leg, keep=self._steady(media))
        leg.media = media
        leg.files = list(media.files)
        if media.peer:
            peer = self._legs.get(media.peer)
            if peer is not None:
                peer.listeners[leg.id] = leg
        if old is not None and old.id != media.peer and old.media.peer == leg.id:
            self._bridge_over(old)
        if leg.answered and leg.port is not None:
            self._begin(leg)

    def audio_replaced(self, leg: Leg, port: Port | None) -> None:
        """The leg has another port, or none: what was connected to the old one is not to be touched any more."""
        for listener in leg.listeners.values():
            if listener.source is leg.port:
                listener.source = None
        leg.source = None
        leg.port = port

    def audio_up(self, leg: Leg) -> None:
        """The leg's audio is up, or has come up anew after a re-INVITE: connect it."""
        if leg.port is None:
            return
        if leg.player is not None:
            self._feed(leg.player, leg)
        else:
            self._begin(leg)
        for listener in leg.listeners.values():
            if listener.port is not None and listener.answered:
                self._feed(leg.port, listener)

    def gone(self, leg: Leg) -> None:
        """The leg ended, and its port with it: whoever was bridged with it hears what follows."""
        leg.port = leg.source = None
        self._quiet(leg)
        listeners = list(leg.listeners.values())
        leg.listeners.clear()
        for listener in listeners:
            listener.source = None
            self._bridge_over(listener)

    # ---- steps -------------------------------------------------------------------------------------------------

    def _begin(self, leg: Leg) -> None:
        if leg.media.peer:
            peer = self._legs.get(leg.media.peer)
            if peer is None:
                leg.media = replace(leg.media, peer="")
            else:
                source = peer.port if peer.answered and peer.port is not None else self._steady(leg.media)
                if source is not None:
                    self._feed(source, leg)
                return
        self._next(leg)

    def _next(self, leg: Leg) -> None:
        """Play the next file, or go on with what follows."""
        while leg.files:
            path = leg.files.pop(0)
            try:
                seconds = self._lengths.seconds(path)
                player = Player(path)
            except (SipError, OSError, BadWav) as error:
                self._unplayable(leg, path, str(error))
                continue
            leg.player = player
            self._feed(player, leg)
            leg.sound_timer = self._loop.call_later(seconds + TAIL, self._file_over, leg)
            return
        media = leg.media
        if media.files:
            media = leg.media = replace(media, files=())
            if media.play:
                self._played(leg, media.play)
        if media.then == "hang_up":
            self._loop.call_soon(self._hang_up, leg)
        elif media.then == "music" and (music := self._steady(media)) is not None:
            self._feed(music, leg)

    def _file_over(self, leg: Leg) -> None:
        leg.sound_timer = None
        self._quiet(leg)
        self._next(leg)

    def _bridge_over(self, leg: Leg) -> None:
        self._quiet(leg)
        leg.media = replace(leg.media, peer="")
        if leg.answered and leg.port is not None:
            self._next(leg)

    def _quiet(self, leg: Leg, keep: Port | None = None) -> None:
        """Take away what the leg hears, unless it is `keep`."""
        if leg.sound_timer is not None:
            leg.sound_timer.cancel()
            leg.sound_timer = None
        if leg.media.peer and (peer := self._legs.get(leg.media.peer)) is not None:
            peer.listeners.pop(leg.id, None)
        if leg.source is not None and leg.source is not keep:
            if leg.port is not None:
                leg.source.cut(leg.port)
            leg.source = None
        if leg.player is not None:
            self._rest(leg.player)
            leg.player = None

    def _feed(self, source: Port, leg: Leg) -> None:
        if leg.port is None:
            return
        if leg.source is not None and leg.source is not source:
            leg.source.cut(leg.port)
        if leg.source is not source:
            source.feed(leg.port)
            leg.source = source

    def _steady(self, media: Media) -> Player | None:
        """Return the music that `media` comes down to at once, if it does: so long as there is no peer's voice."""
        if media.then != "music" or (media.files and not media.peer):
            return None
        if media.peer and (peer := self._legs.get(media.peer)) is not None and peer.answered and peer.port is not None:
            return None
        return self._music.get(media.music) or self._music.get(DEFAULT_MUSIC)
