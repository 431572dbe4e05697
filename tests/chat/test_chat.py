"""A chat from the first button to its end, against a real engine."""

import asyncio
import signal
import time

from router import facts as f
from tests.system.house import until
from web.app import STOP_WITHIN_S


async def test_a_chat_is_led_answered_handed_over_returned_and_closed(make_town, open_page):
    town = await asyncio.to_thread(make_town, agents=2)
    page = open_page(town)
    await page.until(lambda one: one.status.get("asks") == "choice", "the first question")
    assert page.texts == ["Hello!", "What is it about?"]
    assert [one["title"] for one in page.status["choices"]] == ["Bins", "Somebody to talk to", "A person, please"]
    await page.choose("1")
    await page.until(lambda one: one.status["asks"] == "digits")
    await page.say("12 34 56")
    await page.until_state("offered")
    agent = await asyncio.to_thread(town.accept, page.contact)
    await page.until_state("connected")
    await page.say("My bin was not emptied.")
    await asyncio.to_thread(town.write, page.contact, "I am sorry to hear that.", agent)
    await page.until(lambda one: one.texts[-1] == "I am sorry to hear that.")
    assert page.texts[2:] == [
        "Bins",
        "Your customer number, six digits",
        "12 34 56",
        "My bin was not emptied.",
        "I am sorry to hear that.",
    ]
    shown = await asyncio.to_thread(town.messages, page.contact)
    assert [one["author"] for one in shown] == [one["author"] for one in page.messages]
    answers = await asyncio.to_thread(town.ask, "GET", f"/contacts/{page.contact}/answers", None, agent)
    assert "123456" in str(answers)

    await asyncio.to_thread(town.ask, "POST", f"/contacts/{page.contact}/hand-back", None, agent)
    other = await asyncio.to_thread(town.accept, page.contact)
    assert other != agent, "who handed it back is not asked again at once"
    await asyncio.to_thread(town.write, page.contact, "Let me look.", other)
    await page.until(lambda one: one.texts[-1] == "Let me look.")
    await asyncio.to_thread(town.ask, "POST", f"/contacts/{page.contact}/finish")
    await page.until_state("ended")
    await asyncio.to_thread(town.house.check)


async def test_a_reader_reads_of_the_chat_that_is_over(make_town, open_page):
    town = await asyncio.to_thread(make_town)
    page = open_page(town)
    await page.until_state("asked")
    await page.send(type="leave")
    await page.until_state("ended")
    again = open_page(town, secret=page.secret)
    await again.until_state("ended")
    assert again.texts == page.texts


async def test_who_is_cut_off_comes_back_and_misses_nothing(make_town, open_page):
    town = await asyncio.to_thread(make_town)
    page = open_page(town, "straight")
    await page.until_state("offered")
    agent = await asyncio.to_thread(town.accept, page.contact)
    for number in range(1, 6):
        await page.say(f"message {number}")
        await page.cut()
        await asyncio.to_thread(town.write, page.contact, f"answer {number}", agent)
    await page.until(lambda one: len(one.messages) == 10)
    own = [one for one in page.texts if one.startswith("message")]
    assert own == [f"message {number}" for number in range(1, 6)]


async def test_who_does_not_come_back_is_gone(make_town, open_page):
    town = await asyncio.to_thread(make_town, back_within=1)
    page = open_page(town, "straight")
    await page.until_state("offered")
    await page.close()
    await asyncio.to_thread(town.house.check)
    assert [fact.outcome for fact in town.house.record().of(f.ContactEnded)] == ["lost"]


async def test_who_leaves_while_cut_off_has_left_too(make_town, open_page):
    town = await asyncio.to_thread(make_town)
    page = open_page(town, "straight")
    await page.until_state("offered")
    await page.cut()
    await page.send(type="leave")
    await page.until_state("ended")
    await asyncio.to_thread(town.house.check)


async def test_who_leaves_has_left(make_town, open_page):
    town = await asyncio.to_thread(make_town)
    page = open_page(town)
    await page.until_state("asked")
    await page.send(type="leave")
    await page.until_state("ended")
    assert [fact.outcome for fact in town.house.record().of(f.ContactEnded)] == ["abandoned"]


async def test_a_gateway_brings_and_takes_each_message_once(make_town, open_sms):
    town = await asyncio.to_thread(make_town)
    sms = await open_sms(town)
    for _ in range(3):
        await sms.text("070-174 06 05", "When is my bin emptied?", "id-1")
    await sms.text("+46701740605", "And the one for paper?", "id-2")
    (contact,) = await asyncio.to_thread(town.contacts, channel="post")
    agent = await asyncio.to_thread(town.accept, contact["id"])
    shown = await asyncio.to_thread(town.messages, contact["id"])
    assert [one["text"] for one in shown if one["author"] == "citizen"] == [
        "When is my bin emptied?",
        "And the one for paper?",
    ]
    sms.away = True
    await asyncio.to_thread(town.write, contact["id"], "On Monday.", agent)
    await asyncio.to_thread(town.write, contact["id"], "The same day.", agent)
    await asyncio.sleep(0.3)
    sms.away = False
    await sms.until(3)
    assert sms.received == [
        ("+46701740605", "We have got your message."),
        ("+46701740605", "On Monday."),
        ("+46701740605", "The same day."),
    ]


async def test_an_agents_page_hears_at_once_and_both_see_who_is_typing(make_town, open_page, session):
    town = await asyncio.to_thread(make_town)
    page = open_page(town, "straight")
    await page.until_state("offered")
    agent = await asyncio.to_thread(town.accept, page.contact)
    async with town.desk(session, agent) as desk:
        await page.send(type="typing")
        assert await desk.receive_json() == {"type": "typing", "contact": page.contact}
        await page.say("Hello?")
        told = await desk.receive_json()
        assert (told["type"], told["number"], told["author"], told["text"]) == ("message", 1, "citizen", "Hello?")
        await desk.send_json({"type": "typing", "contact": page.contact})
        await page.until(lambda one: one.typing == 1)
        await desk.send_json({"type": "nonsense"})
        assert (await desk.receive()).extra == "bad_request"


async def test_files_go_with_messages_both_ways(make_town, open_page, session):
    town = await asyncio.to_thread(make_town)
    page = open_page(town, "straight")
    await page.until_state("offered")
    agent = await asyncio.to_thread(town.accept, page.contact)
    url, own = town.url("straight").removesuffix("/socket") + "/files", {"X-Vaxel-Chat": page.secret}
    sent = own | {"Content-Type": "application/octet-stream"}
    async with session.post(f"{url}?name=bin.jpg&media=image/jpeg", data=b"\xff\xd8picture", headers=sent) as answer:
        assert answer.status == 200, await answer.text()
        key = (await answer.json())["file"]
    await page.send(type="say", count=1, text="This bin", file="f" + "0" * 24)
    await page.until(lambda one: [told["error_id"] for told in one.refused] == ["unknown_attachment"])
    await page.say("This bin", file=key)
    await page.until(lambda one: one.texts == ["This bin"])
    assert page.messages[0]["files"] == [{"file": "1", "name": "bin.jpg", "media": "image/jpeg", "size": 9}]
    (shown,) = await asyncio.to_thread(town.messages, page.contact)
    assert shown["attachments"][0]["name"] == "bin.jpg"

    await asyncio.to_thread(town.attach, page.contact, "form.pdf", b"%PDF-1.7", "Please fill this in.", agent)
    await page.until(lambda one: len(one.messages) == 2)
    assert page.messages[1]["files"][0]["name"] == "form.pdf"
    async with session.get(f"{url}/2/1", headers=own) as answer:
        assert (await answer.read(), answer.content_type) == (b"%PDF-1.7", "application/octet-stream")
    for headers, path, status in (({}, "2/1", 409), (own, "2/9", 404), (own, "7/1", 404)):
        async with session.get(f"{url}/{path}", headers=headers) as answer:
            assert answer.status == status
    async with session.post(f"{url}?name=../x", data=b"x", headers=sent) as answer:
        assert answer.status == 400


async def test_who_does_not_answer_is_asked_and_frees_the_agent(make_town, open_page):
    idle = {"queues": {"queues": {"bench": {"idle_after": "1 s", "idle_close": "1 s"}}}}
    town = await asyncio.to_thread(make_town, changes=idle)
    page = open_page(town, "straight")
    await page.until_state("offered")
    agent = await asyncio.to_thread(town.accept, page.contact)
    await asyncio.to_thread(town.write, page.contact, "How can I help?", agent)
    await page.until_state("ended")
    assert page.texts == ["How can I help?", "Are you still there?", "We end this chat now."]
    assert await asyncio.to_thread(town.contacts) == []


async def test_an_engine_that_stops_lets_pages_go_and_they_come_back(make_town, open_page):
    town = await asyncio.to_thread(make_town)
    page = open_page(town, "straight")
    await page.until_state("offered")
    agent = await asyncio.to_thread(town.accept, page.contact)
    await page.say("before")
    begun = time.monotonic()
    pid = await asyncio.to_thread(town.house.kill, "engine", signal.SIGTERM)
    await asyncio.to_thread(until, lambda: town.house.pid("engine") != pid, what="the engine to stop")
    assert time.monotonic() - begun < STOP_WITHIN_S
    await page.say("while nobody is there")
    await asyncio.to_thread(town.house.until_serving)
    await page.until(lambda one: len(one.messages) == 2)
    await asyncio.to_thread(town.write, page.contact, "after", agent)
    await page.until(lambda one: len(one.messages) == 3)
    assert page.texts == ["before", "while nobody is there", "after"]
