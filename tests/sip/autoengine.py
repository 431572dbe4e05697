"""An engine without thought: answers every caller with music, rings one phone for each, and bridges them."""

from adapters.sip import protocol as p
from tests.sip.engine import Engine


class AutoEngine(Engine):
    """Set `agent` before the first call; callers without one hear music until they go."""

    agent = ""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: dict[str, str] = {}
        self.ended: list[p.LegEnded] = []
        self.failed: list[p.CommandFailed] = []
        self.bridged = 0

    def data_received(self, data: bytes) -> None:
        for message in self.frames.feed(data):
            if isinstance(message, p.CallArrived):
                self._arrived(message)
            elif isinstance(message, p.LegAnswered):
                self.bridged += 1
                self.do(p.Hear(0, self.pairs[message.leg], p.Media(peers=(message.leg,), then="music")))
            elif isinstance(message, p.LegEnded):
                self.ended.append(message)
                other = self.pairs.pop(message.leg, "")
                if self.pairs.pop(other, "") and not message.leg.startswith("w"):
                    self.do(p.HangUp(0, other))
                self.tell(p.Ack(message.n))
            elif isinstance(message, p.CommandFailed):
                self.failed.append(message)
            elif not isinstance(message, p.Beat):
                self.messages.append(message)
        self._changed.set()

    def _arrived(self, message: p.CallArrived) -> None:
        caller = message.leg
        self.do(p.Ring(0, caller), p.Answer(0, caller), p.Hear(0, caller, p.Media(then="music")))
        if self.agent:
            leg = f"a-{caller}"
            self.pairs[leg], self.pairs[caller] = caller, leg
            self.dial(leg, self.agent, p.Media(peers=(caller,), then="hang_up"), caller=message.caller, display="")
