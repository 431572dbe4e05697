"""A mail being written is set aside for a call and comes back, with all that was written (rule 6)."""

import asyncio

import pytest

from tests.mail.conftest import Town
from tests.mail.town import AGENT
from tests.system.crew import Crew, bye
from tests.system.house import until

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]

VOICE, CITIZEN = 550.0, 1300.0


@pytest.mark.parametrize("killed", [False, True], ids=["calm", "engine-killed"])
async def test_a_mail_is_set_aside_for_a_call_and_comes_back(town, open_phone, killed):
    there: Town = await asyncio.to_thread(town)
    house = there.house

    def ask(method, path, body=None, by=AGENT):
        return asyncio.to_thread(there.ask, method, path, body, by)

    await asyncio.to_thread(there.write)
    mail = await asyncio.to_thread(there.accept)
    await ask("PUT", f"/contacts/{mail}/draft", {"text": "Hej Kim! Vi har öppet"})
    crew = await Crew.at(house, open_phone, VOICE)
    phone = await open_phone("citizen")
    call = await phone.invite(house.sip, "direct")
    await call.response(200)
    call.audio.say(CITIZEN)
    await call.audio.until_hears(VOICE)
    assert (await ask("GET", f"/contacts/{mail}"))["aside"] is True
    if killed:
        house.kill("engine")
        await asyncio.to_thread(house.until_serving)
        assert (await ask("GET", f"/contacts/{mail}"))["aside"] is True
    bye(call)
    await asyncio.to_thread(until, lambda: not there.ask("GET", f"/contacts/{mail}").get("aside"), what="the mail")
    draft = await ask("GET", f"/contacts/{mail}/draft")
    assert (draft["text"], draft["writer"]) == ("Hej Kim! Vi har öppet", AGENT)
    await asyncio.to_thread(there.answer, mail, draft["text"] + " från klockan tio.")
    assert "text" not in await ask("GET", f"/contacts/{mail}/draft")
    answers = await asyncio.to_thread(there.until_mails, "kim", 2)
    assert any("från klockan tio" in str(one.get_content()) for one in answers)
    crew.end()
