"""Whatever happens to legs: the bridge connects what their media say, and touches no port that is gone."""

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.sip.legs import Leg
from adapters.sip.native import Port
from adapters.sip.protocol import Media, Then
from adapters.sip.settings import Network
from adapters.sip.sound import DEFAULT_MUSIC, Sound

NAMES = ("a", "b", "c", "d")
NETWORK = Network(name="phones")


class Slot(Port):
    """A port of a bridge that writes down its connections."""

    __slots__ = ("alive", "heard")

    def __init__(self) -> None:
        super().__init__(None)
        self.alive = True
        self.heard: set[Slot] = set()

    def feed(self, sink: Port) -> None:
        assert isinstance(sink, Slot)
        assert self.alive
        assert sink.alive
        sink.heard.add(self)

    def cut(self, sink: Port) -> None:
        assert isinstance(sink, Slot)
        assert self.alive
        assert sink.alive
        sink.heard.discard(self)


class Bridge(RuleBasedStateMachine):
    """Four legs that come, are answered, hold, get new audio, are told what to hear, and go."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.legs: dict[str, Leg] = {}
        self.sound = Sound(self.loop, self.legs, lambda _: None, self.hang_up, self.nothing, self.nothing)
        self.music = Slot()
        self.sound._music[DEFAULT_MUSIC] = self.music  # type: ignore[assignment]
        self.slots: list[Slot] = []
        self.hung_up: set[str] = set()

    def nothing(self, *_: object) -> None:
        """No files here."""

    def hang_up(self, leg: Leg) -> None:
        self.hung_up.add(leg.id)

    def teardown(self) -> None:
        self.loop.close()

    def slot(self) -> Slot:
        self.slots.append(Slot())
        return self.slots[-1]

    # ---- what happens ------------------------------------------------------------------------------------------

    @initialize()
    def two(self) -> None:
        for name in "ab":
            self.arrives(name)
            self.answered(name)

    @rule(name=st.sampled_from(NAMES))
    def arrives(self, name: str) -> None:
        if name not in self.legs:
            self.legs[name] = Leg(None, name, NETWORK, inbound=True)  # type: ignore[arg-type]

    @rule(name=st.sampled_from(NAMES))
    def answered(self, name: str) -> None:
        leg = self.legs.get(name)
        if leg is not None and not leg.answered:
            self.sound.audio_replaced(leg, self.slot())
            leg.answered = True
            self.sound.audio_up(leg)

    @rule(
        name=st.sampled_from(NAMES),
        peers=st.lists(st.sampled_from(NAMES), unique=True, max_size=3),
        then=st.sampled_from(("music", "silence", "hang_up")),
    )
    def told(self, name: str, peers: list[str], then: Then) -> None:
        if name not in self.legs:
            return
        before = self.legs[name].media.peers
        self.sound.hear(self.legs[name], Media(peers=tuple(peers), then=then))
        assert self.legs[name].media.peers == tuple(p for p in peers if p in self.legs and p != name)
        for left in set(before) - set(peers):
            assert name not in self.legs[left].media.peers, "who is sent away does not overhear"

    @rule(name=st.sampled_from(NAMES), held=st.booleans(), audio=st.booleans())
    def invited_again(self, name: str, held: bool, audio: bool) -> None:
        leg = self.legs.get(name)
        if leg is None or not leg.answered:
            return
        old = leg.port
        self.sound.audio_replaced(leg, self.slot() if audio else None)
        if isinstance(old, Slot):
            self.die(old)
        leg.held = held
        self.sound.audio_up(leg)

    @precondition(lambda self: self.legs)
    @rule(name=st.sampled_from(NAMES))
    def ends(self, name: str) -> None:
        leg = self.legs.pop(name, None)
        if leg is None:
            return
        if isinstance(leg.port, Slot):
            self.die(leg.port)
        self.sound.gone(leg)
        assert all(name not in other.media.peers for other in self.legs.values())

    def die(self, slot: Slot) -> None:
        """PJSIP has taken the port, and every connection with it."""
        slot.alive = False
        slot.heard.clear()
        for other in self.slots:
            other.heard.discard(slot)

    @rule()
    def turn(self) -> None:
        """A turn of the event loop: who was to be hung up is, unless told something else since."""
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()
        for name in self.hung_up & self.legs.keys():
            assert self.legs[name].media.then == "hang_up"
            assert not self.legs[name].media.peers
        for name in tuple(self.hung_up):
            self.ends(name)
        self.hung_up.clear()

    # ---- what must hold ----------------------------------------------------------------------------------------

    @invariant()
    def each_hears_what_its_media_say(self) -> None:
        for leg in self.legs.values():
            if isinstance(leg.port, Slot):
                assert leg.port.heard == (self.wanted(leg) if leg.answered else set()), leg.id

    def wanted(self, leg: Leg) -> set[Slot]:
        peers = [self.legs[peer] for peer in leg.media.peers]
        voices = {peer.port for peer in peers if peer.answered and isinstance(peer.port, Slot) and not peer.held}
        if voices:
            return voices  # type: ignore[return-value]
        on_hold = any(peer.held for peer in peers)
        if leg.media.then == "music" or (on_hold and leg.media.then != "silence"):
            return {self.music}
        return set()

    @invariant()
    def listeners_are_known_to_whom_they_hear(self) -> None:
        for leg in self.legs.values():
            listeners = {name for name, other in self.legs.items() if leg.id in other.media.peers}
            assert leg.listeners.keys() == listeners


TestBridge = Bridge.TestCase
TestBridge.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
