"""What legs hear: prompts and then music, silence or the end; each other while bridged (see `protocol.Media`).

A leg's sound is never left to the engine alone: every play and every bridge carries what comes after it, and who cannot
hear anybody (not answered yet, listening to its own announcement, on hold) leaves music behind where there may be some.

Whatever happens to a leg, `_update` compares what its port should be fed with and what it is fed with. In a conference
the ports of all others are fed into it, and the bridge mixes them; a pair costs one connection each way.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import replace

from adapters.sip.legs import Leg
from adapters.sip.native import Player, Port, SipError
from adapters.sip.protocol import Media, without_peer
from adapters.sip.wav import BadWav, Lengths

ASK_AGAIN: Final = 1.0
"""Seconds between two times that somebody is asked to confirm."""
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
        """Make `leg` hear `media` from now on, or as soon as its audio is up. Peers that do not exist are left out."""
        peers = tuple(peer for peer in media.peers if peer in self._legs and peer != leg.id)
        left = [self._legs[peer] for peer in leg.media.peers if peer not in peers]
        audible = leg.audible
        self._stop(leg)
        self._unlist(leg)
        leg.media = media if peers == media.peers else replace(media, peers=peers)
        for peer in peers:
            self._legs[peer].listeners[leg.id] = leg
        for other in left:
            if leg.id in other.media.peers:
                self._part(other, leg)
        if leg.can_begin:
            self._begin(leg)
        if leg.audible != audible:
            self._heard_anew(leg)

    def audio_replaced(self, leg: Leg, port: Port | None) -> None:
        """The leg has another port, or none: what was connected to the old one is not to be touched any more."""
        self._disconnected(leg)
        leg.port = port

    def audio_up(self, leg: Leg) -> None:
        """The leg was answered, or its audio has changed by a re-INVITE: connect it, or stop listening to it."""
        if leg.can_begin and leg.player is None:
            self._begin(leg)
        else:
            self._update(leg)
        self._heard_anew(leg)

    def ask(self, leg: Leg) -> None:
        """Somebody has picked up, or has other audio now: ask for the key that confirms."""
        self._stop(leg)
        if leg.can_begin:
            self._begin(leg)

    def confirmed(self, leg: Leg) -> None:
        """Whoever was asked has said so: ask no more."""
        self._stop(leg)

    def gone(self, leg: Leg) -> None:
        """The leg ended, and its port with it: whoever heard it alone hears what follows."""
        self._disconnected(leg)
        leg.port = None
        self._stop(leg)
        self._unlist(leg)
        listeners = list(leg.listeners.values())
        leg.listeners.clear()
        for listener in listeners:
            self._part(listener, leg)

    # ---- steps -------------------------------------------------------------------------------------------------

    def _begin(self, leg: Leg) -> None:
        """Start what the leg's media says."""
        media = leg.media
        if leg.text_alone:
            leg.files = []
        elif leg.asked:
            leg.files = list(leg.confirm)
        else:
            leg.files = list(media.first or (() if media.peers else media.files))
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
            self._update(leg)
            leg.sound_timer = self._loop.call_later(seconds + TAIL, self._file_over, leg)
            return
        if leg.asked:
            self._update(leg)
            leg.sound_timer = self._loop.call_later(ASK_AGAIN, self._begin, leg)
            return
        if leg.media.first:
            leg.media = replace(leg.media, first=())
            self._begin(leg)
            self._heard_anew(leg)
            return
        self._update(leg)
        if not leg.media.peers:
            self._end_of_files(leg)

    def _end_of_files(self, leg: Leg) -> None:
        media = leg.media
        if media.files:
            media = leg.media = replace(media, files=())
            if media.play:
                self._played(leg, media.play)
        if media.then == "hang_up" and leg.sound_timer is None:
            # In the next turn: a command of the same frame may still tell the leg what to hear instead
            leg.sound_timer = self._loop.call_soon(self._hang_up, leg)

    def _file_over(self, leg: Leg) -> None:
        self._stop(leg)
        self._next(leg)

    def _part(self, leg: Leg, other: Leg) -> None:
        """Let `leg` hear `other` no more; the last one to go leaves it what follows."""
        other.listeners.pop(leg.id, None)
        leg.media = without_peer(leg.media, other.id)
        if leg.can_begin and not leg.asked and not leg.media.first:
            self._begin(leg)

    def _heard_anew(self, leg: Leg) -> None:
        """The leg may be audible now, or no more."""
        for listener in leg.listeners.values():
            self._update(listener)

    def _stop(self, leg: Leg) -> None:
        """Drop the file being played, and what would have come after it."""
        if leg.sound_timer is not None:
            leg.sound_timer.cancel()
            leg.sound_timer = None
        if leg.player is not None:
            self._rest(leg.player)
            leg.player = None

    def _unlist(self, leg: Leg) -> None:
        """Take the leg from the lists of those who are heard."""
        for peer in leg.media.peers:
            if (heard := self._legs.get(peer)) is not None:
                heard.listeners.pop(leg.id, None)

    def _disconnected(self, leg: Leg) -> None:
        """The leg's port is no more: forget its connections, which went with it."""
        for listener in leg.listeners.values():
            listener.sources = tuple(source for source in listener.sources if source is not leg.port)
        leg.sources = ()

    # ---- the bridge --------------------------------------------------------------------------------------------

    def _update(self, leg: Leg) -> None:
        """Feed the leg's port with what it should hear now, and with nothing else."""
        if leg.port is None or not leg.connected:
            return
        wanted, before = self._wanted(leg), leg.sources
        if wanted == before:
            return
        leg.sources = wanted
        for source in before:
            if source not in wanted:
                source.cut(leg.port)
        for source in wanted:
            if source not in before:
                source.feed(leg.port)

    def _wanted(self, leg: Leg) -> tuple[Port, ...]:
        """Return the ports that should be fed into the leg's."""
        if leg.player is not None:
            return (leg.player,)
        if leg.asked:
            return ()
        media = leg.media
        peers = [self._legs[peer] for peer in media.peers]
        voices = tuple(peer.port for peer in peers if peer.audible and peer.port is not None)
        if voices:
            return voices
        if media.then == "music" or (media.then == "hang_up" and any(peer.held for peer in peers)):
            music = self._music.get(media.music) or self._music.get(DEFAULT_MUSIC)
            return (music,) if music is not None else ()
        return ()
