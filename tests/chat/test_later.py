"""The office has closed: a chat leaves an address, and goes on as a real mail of the same matter."""

import asyncio
import time

import yaml

from router import facts as f
from tests.chat.town import WORDS, Page
from tests.chat.town import Town as ChatTown
from tests.mail.conftest import post as post
from tests.mail.town import KIM, Town, mail_file
from tests.system.house import until

LATER = {
    "start": {
        "mail": "bench",
        "mailbox": "kontakt",
        "prompt": "address",
        "tries": 2,
        "next": "thanks",
        "otherwise": "end",
    },
    "thanks": {"say": "thanks", "next": "end"},
    "end": "hang_up",
}
TEXTS = {"address": "We are closed. Your e-mail address, please?", "thanks": "We will write to you."}


async def test_a_chat_goes_on_as_a_mail_when_the_office_closes(make_house, post, session):
    house = make_house(1, edge=False)
    today = time.strftime("%a").lower()
    days = [day for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun") if day != today]
    hours = {"hours": dict.fromkeys(days, "08:00-17:00"), "ways_out": {"closed": {"report": "later"}}}
    house.change("queues", {"queues": {"bench": hours}})
    (house.config / "flows" / "later.yaml").write_text(yaml.safe_dump(LATER))
    words = {"en": WORDS["en"] | TEXTS}
    chat = await asyncio.to_thread(ChatTown, house, words=words)
    mail = Town(post, house)
    (house.config / "mail.yaml").write_text(yaml.safe_dump(mail_file(post), allow_unicode=True))
    house.change("agents", {"agents": {"agent0001": {"capacity": {"mail": 3}}}})
    mail.tokens = chat.tokens
    await asyncio.to_thread(house.start)

    page = Page(session, chat.url())
    await page.until_state("asked")
    await page.say("Where do I get a new bin?")
    await page.until(lambda one: one.status["heard"] == 1)
    await page.choose("2")
    await page.until(lambda one: one.status["asks"] == "address", "the question for an address")
    await page.say("not an address")
    await page.until(lambda one: one.status["heard"] == 3)
    await page.say(KIM)
    await page.until_state("ended")
    assert page.texts[-1] == TEXTS["thanks"]
    await page.close()

    (received,) = await asyncio.to_thread(mail.until_mails, "kim", 1)
    assert "Your reference number" in received.get_content() or "ärende har nummer" in received.get_content()
    (contact,) = await asyncio.to_thread(mail.until_contacts, 1)
    shown = await asyncio.to_thread(mail.messages, contact["id"])
    assert shown[0]["text"].splitlines()[0] == "Where do I get a new bin?"
    record = house.record()
    matters = {fact.matter for fact in record.of(f.ContactArrived) if fact.channel == "mail"}
    assert matters == {page.contact}
    await asyncio.to_thread(until, lambda: mail.metric("vaxel_mail_outbox") == 0, 10, "an empty outbox")
