"""How calls begin and end."""

import asyncio

import pytest

from adapters.sip import protocol as p
from adapters.sip.settings import Network
from tests.sip.conftest import MUSIC
from tests.sip.test_sound import answered, bridged


async def rung_agent(engine, open_phone, patience=10.0, **more):
    """Return an agent's call that rings."""
    agent = await open_phone("agent")
    engine.dial("a1", agent.uri, timeout=patience, **more)
    return await agent.next_call()


async def test_who_calls_and_whom(worker, engine, open_phone):
    phone = await open_phone("anonymous")
    asserted = ("P-Asserted-Identity", '"Åsa \\"B\\"" <sip:+4640123@city.example;user=phone>, <tel:+46401>')
    call = await phone.invite(worker.address, "0401%2300", (asserted,))
    arrived = await engine.next(p.CallArrived)
    assert (arrived.called, arrived.caller, arrived.asserted) == ("0401#00", "+4640123", True)
    assert (arrived.display, arrived.caller_host) == ('Åsa "B"', "city.example")
    assert arrived.network == "trunk"
    engine.do(p.HangUp(0, arrived.leg, 480, 'Q.850;cause=20;text="gone"'))
    refused = await call.response(480)
    assert refused["Reason"] == 'Q.850;cause=20;text="gone"'
    ended = await engine.next(p.LegEnded)
    assert (ended.code, ended.by, ended.answered, ended.rang) == (480, "engine", False, False)
    await phone.invite(worker.address, "1", (asserted, ("Privacy", "id")))
    withheld = await engine.next(p.CallArrived)
    assert (withheld.caller, withheld.display, withheld.asserted) == ("", "", False)


async def test_identity_from_a_network_that_may_not_assert(start_worker, attach, open_phone):
    worker = start_worker(networks=(Network(name="phones", sources=("127.0.0.0/8",)),))
    engine = await attach(worker)
    await (await open_phone("0402")).invite(worker.address, "1", (("P-Asserted-Identity", "<sip:999@x>"),))
    arrived = await engine.next(p.CallArrived)
    assert (arrived.caller, arrived.asserted) == ("0402", False)


async def test_cancel_before_the_answer(worker, engine, open_phone):
    call = await (await open_phone()).invite(worker.address)
    leg = (await engine.next(p.CallArrived)).leg
    engine.do(p.Ring(0, leg))
    await call.response(180)
    call.cancel()
    await call.response(487)
    ended = await engine.next(p.LegEnded, leg=leg)
    assert (ended.code, ended.by, ended.answered, ended.rang) == (487, "far", False, True)
    engine.do(p.Answer(0, leg))
    assert (await engine.next(p.CommandFailed)).error_id == "leg_unknown"


async def test_agent_does_not_answer(worker, engine, open_phone):
    rung = await rung_agent(engine, open_phone, patience=0.5)
    rung.ring()
    await rung.request("CANCEL")
    ended = await engine.next(p.LegEnded, leg="a1")
    assert (ended.code, ended.by, ended.answered, ended.rang) == (408, "worker", False, True)


@pytest.mark.parametrize(("status", "rings"), [(486, False), (603, True), (404, False), (302, True)])
async def test_agent_refuses(worker, engine, open_phone, status, rings):
    rung = await rung_agent(engine, open_phone)
    if rings:
        rung.ring()
    rung.reject(status)
    ended = await engine.next(p.LegEnded, leg="a1")
    assert (ended.code, ended.by, ended.rang) == (status, "far", rings)


async def test_dialled_call_says_who_calls(worker, engine, open_phone):
    display, headers = 'Nils "N" \\ Nord\r\nX: y', (("X-Queue", "barn"),)
    rung = await rung_agent(engine, open_phone, caller="+46 40<1>", display=display, headers=headers)
    invite = rung.messages[0]
    assert invite["From"].startswith('"Nils \\"N\\" \\\\ NordX: y" <sip:+46%2040%3c1%3e@127.0.0.1>')
    assert invite["X-Queue"] == "barn"
    assert "m=text" not in invite.body
    assert "m=video" not in invite.body


async def test_hanging_up_while_it_rings_is_a_cancel(worker, engine, open_phone):
    rung = await rung_agent(engine, open_phone)
    rung.ring()
    await asyncio.sleep(0.1)
    engine.do(p.HangUp(0, "a1"))
    await rung.request("CANCEL")
    ended = await engine.next(p.LegEnded, leg="a1")
    assert (ended.code, ended.by, ended.answered) == (487, "engine", False)


async def test_an_answer_that_crosses_the_cancel_is_ended_by_bye(worker, engine, open_phone):
    agent = await open_phone("agent")
    engine.dial("a1", agent.uri)
    rung = await agent.next_call()
    rung.ring()
    await asyncio.sleep(0.1)
    take, held = rung.take, []
    rung.take = held.append
    engine.do(p.HangUp(0, "a1"))
    await engine.next(p.LegEnded, leg="a1")
    rung.take = take
    await rung.answer()
    await rung.request("ACK")
    await rung.request("BYE")
    assert not engine.all(p.LegAnswered)
    assert [ended.leg for ended in engine.all(p.LegEnded)] == ["a1"]
    assert (await engine.picture()).legs == ()


async def test_permits(worker, engine, open_phone):
    agent = await open_phone("agent")
    good = engine.permit("a1", agent.uri)
    for bad in (
        p.Permit("a2", good.target, good.epoch, good.mac),
        p.Permit("a1", "sip:x@127.0.0.9", good.epoch, good.mac),
        engine.gate.phone("a1", agent.uri, engine.epoch + 1),
    ):
        engine.do(p.Dial(0, bad, "1", "", 5))
        assert (await engine.next(p.CommandFailed)).error_id == "permit_refused"
    for target in ("sip:x@city.example", "tel:112", "sip:x@127.0.0.1\r\nX: y"):
        engine.dial("a1", target)
        assert (await engine.next(p.CommandFailed)).error_id == "target_bad"
    engine.dial("a1", agent.uri)
    await agent.next_call()
    engine.dial("a1", agent.uri)
    assert (await engine.next(p.CommandFailed)).error_id == "leg_exists"
    assert agent.ringing.empty()


async def test_digits_by_rtp_and_by_info(worker, engine, open_phone):
    call, _leg = await answered(worker, engine, await open_phone())
    for digit in "1#":
        await call.audio.press(digit)
        assert (await engine.next(p.DigitPressed)).digit == digit
    call.info_digit("7")
    assert (await engine.next(p.DigitPressed)).digit == "7"
    call.info_digit("3", bare=True)
    assert (await engine.next(p.DigitPressed)).digit == "3"
    await asyncio.sleep(0.2)
    assert "".join(event.digit for event in engine.all(p.DigitPressed)) == "1#73"


async def test_digits_are_sent_by_rtp_or_by_info(worker, engine, open_phone):
    call, leg = await answered(worker, engine, await open_phone())
    engine.do(p.SendDigits(0, leg, "5"))
    await call.audio.until_hears_digit("5")
    simple, leg = await answered(worker, engine, await open_phone(), codecs=(8,))
    engine.do(p.SendDigits(0, leg, "#"))
    assert "Signal=#" in (await simple.request("INFO")).body
    for digits in ("", "x", "1\r\n2", "1" * 33):
        engine.do(p.SendDigits(0, leg, digits))
        assert (await engine.next(p.CommandFailed)).error_id == "digits_bad"


async def test_digits_on_legs_of_every_kind(worker, engine, open_phone):
    _call, _leg, rung = await bridged(worker, engine, open_phone)
    await rung.audio.press("4")
    assert (await engine.next(p.DigitPressed)).leg == "a1"
    rung.info_digit("8")
    assert (await engine.next(p.DigitPressed, digit="8")).leg == "a1"
    for unknown in ("x", "\x01"):
        rung.info_digit(unknown)
    rung.hold("sendonly")
    await engine.next(p.LegHeld)
    rung.info_digit("9")
    assert (await engine.next(p.DigitPressed, digit="9")).leg == "a1"
    assert len(engine.all(p.DigitPressed)) == 3


async def test_call_over_tcp(worker, engine, open_phone):
    phone = await open_phone("tcp", to=worker.address)
    call, _leg = await answered(worker, engine, phone, p.Media(then="music"))
    await call.audio.until_hears(MUSIC)
    call.bye()
    await call.response(200, "BYE")
    assert (await engine.next(p.LegEnded)).by == "far"


async def test_room_is_kept_for_agents(start_worker, attach, open_phone):
    worker = start_worker(max_legs=5)
    engine = await attach(worker)
    phone, agent = await open_phone(), await open_phone("agent")
    for _ in range(2):
        await answered(worker, engine, phone)
    full = await phone.invite(worker.address)
    assert (await full.response(503))["Retry-After"] == "5"
    for leg in ("a1", "a2", "a3"):
        engine.dial(leg, agent.uri)
        await agent.next_call()
    engine.dial("a4", agent.uri)
    assert (await engine.next(p.CommandFailed)).error_id == "no_room"
    beat = await engine.next(p.Beat, rejected=1)
    assert (beat.legs, beat.admitted) == (5, 2)


async def test_drain(worker, engine, open_phone):
    phone = await open_phone()
    call, _ = await answered(worker, engine, phone)
    engine.tell(p.Drain(stop=True))
    await engine.picture()  # heard by now: commands and SIP come by different ways
    refused = await phone.invite(worker.address)
    assert (await refused.response(503))["Retry-After"]
    call.bye()
    await engine.next(p.LegEnded)
    assert await asyncio.to_thread(worker.process.wait, 3) == 0


async def test_nobody_takes_a_call_over_by_replaces(worker, engine, open_phone):
    phone = await open_phone()
    call, _ = await answered(worker, engine, phone, p.Media(then="music"))
    thief = await phone.invite(worker.address, "1", (("Replaces", call.dialog),))
    assert (await thief.final()).status == 603
    other = await phone.invite(worker.address, "1", (("Replaces", "x;to-tag=1;from-tag=2"),))
    assert (await other.final()).status == 481
    await call.audio.until_hears(MUSIC)
    assert len((await engine.picture()).legs) == 1


async def test_who_is_asked_whether_it_is_there(worker, engine, open_phone):
    """A call on hold stays so; no answer counts only where there is no sound either."""
    call, leg = await answered(worker, engine, await open_phone(), p.Media(then="music"))
    await call.audio.until_hears(MUSIC)
    engine.do(p.Probe(0, leg))
    assert (await engine.next(p.MediaSilent)).alive
    call.hold()
    await engine.next(p.LegHeld)
    engine.do(p.Probe(0, leg))
    assert (await engine.next(p.MediaSilent)).alive
    assert (await engine.picture()).legs[0].held
    call.hold("sendrecv")
    await engine.next(p.LegHeld)
    call.answers_reinvite = False
    call.audio.say(700)
    engine.do(p.Probe(0, leg))
    assert (await engine.next(p.MediaSilent, within=6)).alive


async def test_silence_is_asked_about_and_reported(start_worker, attach, open_phone):
    worker = start_worker(rtp_timeout=0.8)
    engine = await attach(worker)
    call, leg = await answered(worker, engine, await open_phone(), p.Media(then="music"))
    await asyncio.sleep(0.5)
    call.audio.stop()
    await call.request("INVITE")
    assert (await engine.next(p.MediaSilent)).alive
    call.answers_reinvite = False
    call.messages.clear()
    await call.request("INVITE")
    assert not (await engine.next(p.MediaSilent, within=6)).alive
    assert not call.ended
    assert [now.leg for now in (await engine.picture()).legs] == [leg]
