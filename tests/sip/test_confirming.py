"""A number outside that is an agent's phone: whoever picks up is asked, and it is answered once a key was pressed."""

import pytest

from adapters.sip import protocol as p
from tests.sip.conftest import MUSIC, write_tone

QUESTION = 900.0
VOICE = 550.0


@pytest.fixture
async def rung(engine, open_phone, tmp_path):
    """Return a call that was picked up and is being asked."""
    question = write_tone(tmp_path / "question.wav", QUESTION, 0.5)
    phone = await open_phone()
    engine.dial("a1", phone.uri, p.Media(then="music"), timeout=3.0, confirm=(question,))
    call = await phone.next_call()
    (await call.answer()).say(VOICE)
    await call.audio.until_hears(QUESTION)
    return call


def answered(engine):
    return [message for message in engine.messages if isinstance(message, p.LegAnswered)]


async def test_who_presses_the_key_has_answered(engine, rung):
    rung.audio.packets.clear()
    await rung.audio.until_quiet()
    await rung.audio.until_hears(QUESTION)  # again and again
    await rung.audio.press("2")
    engine.tell(p.Compare())
    (leg,) = (await engine.next(p.Attached)).legs
    assert (leg.signal, answered(engine)) == ("ringing", [])
    await rung.audio.press("1")
    await engine.next(p.LegAnswered, leg="a1")
    await rung.audio.until_hears(MUSIC)
    assert not [message for message in engine.messages if isinstance(message, p.DigitPressed)]
    await rung.audio.press("1")
    await engine.next(p.DigitPressed, digit="1")
    rung.bye()
    assert (await engine.next(p.LegEnded, leg="a1")).answered


async def test_what_it_is_to_hear_may_change_meanwhile(engine, rung):
    engine.do(p.Hear(0, "a1", p.Media(then="silence")))
    rung.audio.packets.clear()
    await rung.audio.until_hears(QUESTION)
    await rung.audio.press("1")
    await engine.next(p.LegAnswered, leg="a1")
    await rung.audio.until_quiet()


async def test_a_machine_speaks_until_it_is_hung_up_on(engine, rung):
    ended = await engine.next(p.LegEnded, leg="a1", within=5.0)
    assert (ended.by, ended.answered, ended.rang) == ("worker", False, True)
    await rung.end()
    assert not answered(engine)


async def test_a_machine_that_hangs_up_has_not_answered(engine, rung):
    rung.bye()
    ended = await engine.next(p.LegEnded, leg="a1")
    assert (ended.by, ended.code, ended.answered, ended.rang) == ("far", 200, False, True)


async def test_it_can_be_taken_back(engine, rung):
    engine.do(p.HangUp(0, "a1"))
    await rung.end()
    assert not (await engine.next(p.LegEnded, leg="a1")).answered
