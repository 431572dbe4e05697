"""Wideband: what G.722 carries of a voice above 4 kHz gets through; narrowband legs are unaffected by it.

The phones of the wideband calls are workers, too: real PJSIP with G.722, which play and record.
"""

import pytest

from adapters.sip import protocol as p
from tests.sip.conftest import read_samples, write_tone
from tests.sip.g711 import share
from tests.sip.test_sound import answered

HIGH, LOW = 6000.0, 1000.0
RATE = 16000
WIDE = ("G722/16000",)


@pytest.fixture
async def wide(start_worker, attach, tmp_path):
    """Return a worker with a 16 kHz bridge, and its engine."""
    worker = start_worker(codecs=("G722/16000", "PCMA/8000"), clock_rate=RATE)
    return worker, await attach(worker)


class WidePhone:
    """A phone with G.722: a worker of its own, and an engine that plays and records."""

    def __init__(self, worker, engine, folder):
        self.worker, self.engine, self.folder = worker, engine, folder
        self.uri = f"sip:phone@127.0.0.1:{worker.settings.port}"
        self.leg = "p1"
        self.recorded = 0

    async def call(self, worker):
        """Ring a worker's number 1000; it has to answer."""
        self.engine.dial(self.leg, f"sip:1000@127.0.0.1:{worker.settings.port}")

    async def pick_up(self):
        """Answer who rings."""
        self.leg = (await self.engine.next(p.CallArrived)).leg
        self.engine.do(p.Answer(0, self.leg))

    def say(self, hertz):
        """Speak a tone from now on."""
        file = write_tone(self.folder / f"{self.leg}-{hertz:g}.wav", hertz, 20, RATE)
        self.engine.do(p.Hear(0, self.leg, p.Media(files=(file,))))

    async def until_hears(self, *hertz):
        """Wait until a tone, or a mix of them, is all that is heard."""
        shares = []
        for _ in range(6):
            self.recorded += 1
            path = self.folder / f"{self.leg}-{self.recorded}.wav"
            self.engine.do(p.Record(0, str(path), (self.leg,), str(path), seconds_max=0.6))
            await self.engine.next(p.RecordingEnded, recording=str(path))
            samples, rate = read_samples(path)
            assert rate == RATE
            shares = [share(samples[rate // 5 :], one, rate) for one in hertz]
            if sum(shares) > 0.9 and min(shares) > 0.4 / len(hertz):
                return
        raise AssertionError(f"{shares} of {hertz} Hz")


@pytest.fixture
def wide_phone(start_worker, attach, tmp_path):
    """Return a function that makes wideband phones."""

    async def make(name):
        socket = str(tmp_path / f"{name}.sock")
        worker = start_worker(name=name, socket=socket, codecs=WIDE, clock_rate=RATE)
        return WidePhone(worker, await attach(worker), tmp_path)

    return make


async def bridged_wide(wide, wide_phone):
    """Return two wideband phones that talk through the worker, caller and agent, and the legs of both."""
    worker, engine = wide
    caller, agent = await wide_phone("caller"), await wide_phone("agent")
    await caller.call(worker)
    leg = (await engine.next(p.CallArrived)).leg
    engine.do(p.Answer(0, leg))
    await caller.engine.next(p.LegAnswered)
    engine.dial("a1", agent.uri, p.Media(peers=(leg,), then="hang_up"))
    await agent.pick_up()
    await engine.next(p.LegAnswered, leg="a1")
    engine.do(p.Hear(0, leg, p.Media(peers=("a1",), then="music")))
    return caller, agent, leg


async def test_six_kilohertz_end_to_end(wide, wide_phone):
    caller, agent, _leg = await bridged_wide(wide, wide_phone)
    _worker, engine = wide
    caller.say(HIGH)
    await agent.until_hears(HIGH)
    agent.say(HIGH)
    await caller.until_hears(HIGH)
    engine.do(p.HangUp(0, "a1"))
    assert (await engine.next(p.LegEnded, leg="a1")).stats.codec == "G722/16000"


async def test_a_narrowband_leg_among_them_is_unaffected(wide, wide_phone, open_phone):
    caller, agent, leg = await bridged_wide(wide, wide_phone)
    worker, engine = wide
    narrow, third = await answered(worker, engine, await open_phone("narrow"), codecs=(8, 101))
    everybody = (leg, "a1", third)
    for one in everybody:
        engine.do(p.Hear(0, one, p.Media(peers=tuple(other for other in everybody if other != one))))
    narrow.audio.say(700)
    caller.say(HIGH)
    await agent.until_hears(HIGH, 700)
    await narrow.audio.until_quiet()  # no shadow of 6 kHz at 2 kHz
    caller.say(LOW)
    await narrow.audio.until_hears(LOW)
    await caller.until_hears(700)


async def test_prompts_and_music_of_the_bridges_rate_are_wide(wide, wide_phone, tmp_path):
    worker, engine = wide
    caller = await wide_phone("caller")
    await caller.call(worker)
    leg = (await engine.next(p.CallArrived)).leg
    prompt = write_tone(tmp_path / "prompt.wav", HIGH, 5, RATE)
    engine.do(p.Answer(0, leg), p.Hear(0, leg, p.Media("1", (prompt,))))
    await caller.engine.next(p.LegAnswered)
    await caller.until_hears(HIGH)
