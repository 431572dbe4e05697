"""A crisis, with real calls: announced by one command, heard in line and before it, ended; and the survey."""

import asyncio
import time

from router import facts as f
from router.contact import Waiting
from tests.sip.conftest import write_tone
from tests.system.asking import ask, vaxel
from tests.system.crew import Crew, bye, ring, until
from tests.system.house import MUSIC

AGENT = 550.0
QUESTION = 900.0
LOUD = 500
"""Of 32,767: speech, at its mean."""
TEXT = "Important message from the city. The water has to be boiled for three minutes before you drink it."


async def test_an_announcement_is_heard_by_everybody_and_the_survey_by_who_was_served(make_house, open_phone):
    house = make_house(1, {"queues": {"queues": {"bench": {"survey": {"every": 1}}}}})
    write_tone(house.config / "prompts" / "en" / "survey.wav", QUESTION, 20, 8000)
    await asyncio.to_thread(house.start)
    crew = await Crew.at(house, open_phone, AGENT)
    served = await ring(house, open_phone, "c0")
    await served.audio.until_hears(AGENT)
    waiting = await ring(house, open_phone, "c1")
    await waiting.audio.until_hears(MUSIC)
    begun = time.monotonic()
    told = await asyncio.to_thread(vaxel, house, "crisis", "start", "flood", "--all", "--message", f"en={TEXT}")
    assert told.returncode == 0, told.stderr
    assert "running" in told.stdout
    await until_speaks(waiting)
    new = await ring(house, open_phone, "c2")
    await until_speaks(new)
    assert time.monotonic() - begun < 5.0
    assert served.audio.hears(AGENT), "who talks is left alone"
    house.kill("engine")
    await asyncio.to_thread(house.until_serving)
    await new.audio.until_hears(MUSIC, within=15.0)
    await until(lambda: len(_waiting(house)) == 2, within=15.0, what="both to stand in line")
    await waiting.audio.until_hears(MUSIC, within=15.0)
    late = await ring(house, open_phone, "c3")
    await until_speaks(late)
    bye(late)
    assert (await asyncio.to_thread(vaxel, house, "crisis", "end", "flood")).returncode == 0
    status, crises = await asyncio.to_thread(ask, house, "GET", "/crises")
    assert (status, [one["running"] for one in crises["crises"]]) == (200, [False])
    bye(crew.rung[0].call)
    await served.audio.until_hears(QUESTION)
    await crew.until_rung(2)
    await served.audio.press("4")
    await served.end()
    for call in (waiting, new):
        bye(call)
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert [(fact.answer, fact.channel, fact.queue) for fact in record.of(f.SurveyAnswered)] == [(4, "call", "bench")]
    heard = [fact.contact for fact in record.of(f.AnnouncementTold)]
    assert len(heard) == len(set(heard)) == 3, "nobody is told twice, whatever died"


def _waiting(house):
    return [one for one in house.record().replay().contacts.values() if isinstance(one, Waiting)]


async def until_speaks(call):
    """Wait until somebody speaks to a caller, instead of music and tones."""
    await call.response(200)

    def speaks():
        heard = call.audio.heard()
        loud = len(heard) > 0 and sum(abs(int(one)) for one in heard) / len(heard) > LOUD
        return loud and not call.audio.hears(MUSIC) and not call.audio.hears(AGENT)

    await until(speaks, what="an announcement")
