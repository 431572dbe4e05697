"""The worker in memory keeps the protocol as the real one does; here is what the simulator drives."""

import pytest

from adapters.sip import protocol as p
from adapters.sip.fake import FakeWorker, Phones
from engine.sim.world import World
from router.dialling import Gate

GATE = Gate(bytes(32))
START = 1000.0


class Desk(Phones):
    """An engine and everybody's phones: writes down what is told."""

    def __init__(self):
        self.events, self.pictures, self.noted = [], [], []

    def event(self, worker, source, event):
        self.events.append(event)

    def pictured(self, worker, picture):
        self.pictures.append(picture)

    def detached(self, worker):
        self.noted.append("detached")

    def hears(self, worker, leg, media):
        self.noted.append((leg, media))

    def told(self, worker, leg, code):
        self.noted.append((leg, code))

    def redirected(self, worker, leg, target):
        self.noted.append((leg, target))

    referred = redirected
    pressed = redirected

    def all(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def world():
    return World(1, START)


@pytest.fixture
def worker(world, desk):
    fake = FakeWorker("w1", world.later, lambda: 0.001, lambda: world.now, desk)
    fake.attach(desk, 0)
    return fake


def pause(world, seconds=1.0):
    world.run(world.now + seconds)


def answered(worker, world, *legs):
    """Let citizens ring and have them answered."""
    for leg in [worker.invite("1000", "0701", asserted=True) for _ in legs]:
        worker.command(p.Answer(0, leg))
    pause(world)
    return list(worker.legs)[-len(legs) :]


def media(worker):
    return {leg.id: leg.media for leg in worker.legs.values()}


def test_a_conference_goes_on_as_they_leave(worker, world):
    a, b, c = answered(worker, world, 1, 2, 3)
    for one in (a, b, c):
        peers = tuple(other for other in (a, b, c) if other != one)
        worker.command(p.Hear(0, one, p.Media(peers=peers, then="music")))
    pause(world)
    worker.end(b)
    assert media(worker) == {a: p.Media(peers=(c,), then="music"), c: p.Media(peers=(a,), then="music")}
    worker.command(p.Hear(0, a, p.Media(then="music")))
    pause(world)
    assert media(worker)[c].peers == ()


def test_commands_of_one_frame_take_effect_together(worker, world):
    a, b, c = answered(worker, world, 1, 2, 3)
    worker.command(p.Hear(0, a, p.Media(peers=(b,), then="music")))
    worker.command(p.Hear(0, b, p.Media(peers=(a,), then="hang_up")))
    pause(world)
    worker.command(p.Hear(0, a, p.Media(then="music")))
    worker.command(p.Hear(0, c, p.Media(peers=(b,))))
    worker.command(p.Hear(0, b, p.Media(peers=(c,), then="hang_up")))
    pause(world)
    assert set(worker.legs) == {a, b, c}
    worker.command(p.Hear(0, c, p.Media(then="music")))
    pause(world)
    assert set(worker.legs) == {a, c}


def test_a_whisper_is_heard_first(worker, world, desk):
    (a,) = answered(worker, world, 1)
    wanted = p.Media("1", peers=(a,), then="hang_up", first=("/queue.wav",))
    worker.command(p.Dial(0, GATE.phone("a1", "sip:x@h", 1), "", "", 20, media=wanted))
    pause(world)
    worker.pick_up("a1")
    assert desk.noted[-1] == ("a1", wanted)
    worker.played("a1", "1")
    assert desk.noted[-1] == ("a1", p.Media("1", peers=(a,), then="hang_up"))
    assert not desk.all(p.PlayEnded)


def test_holds_are_told_once_and_pictured(worker, world, desk):
    (a,) = answered(worker, world, 1)
    for held in (True, True, False, True):
        worker.hold(a, held)
    worker.compare()
    pause(world)
    assert [event.held for event in desk.all(p.LegHeld)] == [True, False, True]
    assert desk.pictures[-1].legs[0].held


def test_transfers_both_ways(worker, world, desk):
    (a,) = answered(worker, world, 1)
    worker.command(p.ReportTransfer(0, a, 200))
    pause(world)
    worker.ask_transfer(a, "sip:1@h", replaces="nobody")
    worker.ask_transfer(a, "sip:2@h")
    for code in (180, 200, 200):
        worker.command(p.ReportTransfer(0, a, code))
    worker.command(p.Refer(0, GATE.phone(a, "sip:3@h", 1)))
    pause(world)
    assert [(event.target, event.replaces) for event in desk.all(p.TransferAsked)] == [("sip:1@h", "")]
    assert desk.noted[-3:] == [(a, 180), (a, 200), (a, "sip:3@h")]
    assert [failed.error_id for failed in desk.all(p.CommandFailed)] == ["transfer_unknown"] * 2
    worker.refer_ended(a, 486)
    pause(world)
    assert desk.all(p.ReferEnded)[0].code == 486


def test_callers_are_sent_on(worker, world, desk):
    a = worker.invite("1000", "phone01", asserted=False, network="phones", phone="phone01")
    worker.command(p.Redirect(0, a, "sip:1000@127.0.0.1:5072"))
    pause(world)
    assert (a, "sip:1000@127.0.0.1:5072") in desk.noted
    assert desk.all(p.CallArrived)[0].phone == "phone01"
    ended = desk.all(p.LegEnded)[0]
    assert (ended.leg, ended.code, ended.by) == (a, 302, "engine")


def test_trunks_are_a_level(worker, world, desk):
    worker.command(p.Enlist(0, "operator", True))
    worker.command(p.Enlist(0, "operator", True))
    pause(world)
    worker.trunk_state("operator", False, 503)
    worker.compare()
    pause(world)
    assert desk.pictures[-1].trunks == (p.Trunk("operator", False, 503),)
    worker.command(p.Enlist(0, "operator", False))
    pause(world)
    worker.compare()
    pause(world)
    assert desk.pictures[-1].trunks == ()
    assert [event.registered for event in desk.all(p.TrunkState)] == [True, False, False]


def test_recordings_end_by_command_limit_or_with_their_last_leg(worker, world, desk):
    a, b = answered(worker, world, 1, 2)
    worker.command(p.Record(0, "r1", (a,), "/r1.wav"))
    worker.command(p.Record(0, "r2", (a, b), "/r2.wav", 5.0))
    worker.command(p.Record(0, "r3", (a, b), "/r3.wav"))
    pause(world, 2.001)
    worker.command(p.StopRecording(0, "r1"))
    pause(world, 8.0)
    worker.end(a)
    worker.end(b)
    worker.command(p.StopRecording(0, "r3"))
    pause(world)
    seconds = {event.recording: round(event.seconds) for event in desk.all(p.RecordingEnded)}
    assert seconds == {"r1": 2, "r2": 5, "r3": 10}
    assert desk.all(p.CommandFailed)[0].error_id == "recording_unknown"


def test_digits_reach_the_far_end(worker, world, desk):
    (a,) = answered(worker, world, 1)
    worker.command(p.SendDigits(0, a, "12#"))
    worker.command(p.SendDigits(0, "nobody", "1"))
    pause(world)
    assert desk.noted[-1] == (a, "12#")
    assert desk.all(p.CommandFailed)[0].error_id == "leg_unknown"
