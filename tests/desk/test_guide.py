"""What a guide has beside the work, in a real browser: the own day, forms, links, colleagues, follow-ups, shortcuts."""

import re
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.forms import routes as form_routes
from adapters.forms.seal import Seal
from adapters.forms.serving import Forms, Known
from engine.installation import Link
from engine.writing import Doors
from router import facts as f
from router import inputs as i
from router.letters import Attachment, Letter
from tests.desk.conftest import DeskPage, hire
from tests.desk.looking import picture
from tests.forms.town import photo
from tests.web.house import Reception, malmo
from tests.web.test_api_talk import facts
from tests.web.test_boundary import bearer, of_others

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")

LINKS = (
    Link({"sv": "Kunskapsbanken", "en": "Knowledge base"}, "https://intranet.malmo.example/kunskap"),
    Link({"sv": "Störningar", "en": "Disturbances", "ar": "الأعطال"}, "https://malmo.example/drift?q=nu"),
)


async def _unspoken(_: str) -> Mapping[str, float]:
    return {}


async def _at_once(work: Callable[..., Any], /, *arguments: Any) -> Any:
    return work(*arguments)


def forms_of(house: Reception) -> Forms:
    """Return what takes the forms of the example city."""
    doors = Doors(house.spine, house.vault, house.clock, degraded=lambda: False)  # type: ignore[arg-type]
    return Forms(
        house.loaded.installation.forms,
        doors,
        house.house.contents,
        _at_once,
        Seal(b"a pepper of the tests"),
        person=lambda address: f"mail{len(address)}",
        number=lambda written: Known(f"p{written[-4:]}"),
        reference=lambda _: "7XK42-M9PQR",
        found_by=lambda reference: f"reference.{reference}",
    )


@pytest.fixture
async def house() -> AsyncIterator[Reception]:
    """The city with its forms, links at the switchboard's queue, and a department without a queue."""
    loaded = malmo()
    departments = dict(loaded.installation.departments)
    departments["social"] = msgspec.structs.replace(departments["social"], queues=())
    installation = msgspec.structs.replace(loaded.installation, links={"vaxel": LINKS}, departments=departments)
    made: list[Reception] = []
    routes = form_routes.desk_routes(lambda: forms_of(made[0]), _unspoken, lambda: made[0].house.access, ())
    loaded = msgspec.structs.replace(loaded, installation=installation)
    async with Reception.open(loaded, tuple(routes), form_routes.STATUSES) as one:
        made.append(one)
        yield one


async def at_desk(house: Reception, open_desk: Any, agent: str = "guide01") -> DeskPage:
    hire(house, "anna", "guide", agent, "Anna L.")
    desk: DeskPage = await open_desk()
    await desk.sign_in("anna")
    await desk.reads("My day")
    return desk


async def talking(house: Reception, desk: DeskPage) -> str:
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    await desk.reads("Talking")
    return contact


async def look(desk: DeskPage, name: str) -> None:
    await picture(desk, name, height=1400)
    assert await desk.complaints() == []


async def test_a_call_and_what_is_beside_it(house: Reception, open_desk: Any) -> None:
    desk = await at_desk(house, open_desk)
    await desk.reads("Nothing has been answered yet today.")
    assert not await desk.browser.evaluate("document.body.innerText.includes('Read on')")
    contact = await talking(house, desk)
    await links_open_beside(desk)
    await a_form_is_mended_and_sent(house, desk, contact)
    await house.wait(100.0)
    await house.put(i.CitizenGone(contact=contact, cause="hung_up"))
    await desk.reads("Call\n1, on average 1:40")
    await desk.press("Done")
    await desk.reads("Wrap-up\n1, on average")
    await house.put(i.Pause("guide01", "lunch"))
    await desk.browser.reload()  # so that it learns what the clock shows, which was put forward
    await desk.browser.until("/Paused\\n0:0[1-9]/.test(document.body.innerText)")
    await look(desk, "own-day")


async def links_open_beside(desk: DeskPage) -> None:
    """See that links of the queue tell nobody where one came from."""
    await desk.reads("Disturbances")
    kept = """JSON.stringify([...document.querySelectorAll('nav[aria-label="Read on"] a')].map(
        (one) => [one.href, one.target, one.rel, one.referrerPolicy]))"""
    told = msgspec.json.decode(await desk.browser.evaluate(kept))
    assert [one[0] for one in told] == [link.url for link in LINKS]
    assert all(one[1:] == ["_blank", "noopener noreferrer", "no-referrer"] for one in told)


async def a_form_is_mended_and_sent(house: Reception, desk: DeskPage, contact: str) -> None:
    """Fill in a form with mistakes, mend them and send it."""
    await desk.press("Fill in a form")
    await desk.reads("What is it about?")
    await desk.type("Telephone (may be left out)", "12")
    await desk.press("Send the form")
    await desk.reads("This is needed.")
    await desk.reads("This is no telephone number.")
    await look(desk, "form-mistakes")
    await desk.choose("What is it about?", "A street lamp")
    await desk.type("Where is it?", "Stortorget <b>4</b>")
    await desk.type("Describe it", "Lyktan är trasig.")
    await desk.type("Telephone (may be left out)", "040-628 13 57")
    await desk.press("Send the form")
    await desk.reads("Report a fault: sent to")
    await desk.reads("Reference 7XK42-M9PQR.")
    (form,) = [one for one in house.state.contacts.values() if one.card.channel == "form"]
    assert (form.spot.queue, form.card.matter) == ("gata", house.state.contacts[contact].card.matter)
    assert "Stortorget" not in repr(facts(house, f.ContactArrived))
    await look(desk, "form-sent")


async def test_what_was_begun_is_there_after_a_reload(house: Reception, open_desk: Any) -> None:
    desk = await at_desk(house, open_desk)
    contact = await talking(house, desk)
    await desk.press("Fill in a form")
    await desk.choose("What is it about?", "A street lamp")
    await desk.type("Where is it?", "Stortorget <b>4</b>")
    await desk.choose("Reason", "Social services: Home care")
    await desk.tick("Could have been avoided")
    await desk.type("Write a note", "Ringer igen i morgon")
    await desk.browser.reload()
    await desk.browser.until("document.querySelector('input[type=checkbox]')?.checked")
    await desk.reads("Social services: Home care")
    await desk.press("Fill in a form")
    await desk.reads("A street lamp")
    assert await desk.holds("Where is it?") == "Stortorget <b>4</b>"
    assert await desk.holds("Write a note") == "Ringer igen i morgon"
    assert "Stortorget" not in repr(facts(house, f.Fact))
    await desk.type("Describe it", "Lyktan är trasig.")
    await desk.press("Send the form")
    await desk.reads("Report a fault: sent to")
    await house.until(lambda: "Stortorget" not in house.vault.values[contact]["unsent"])


async def test_photos_at_hand_are_added_to_a_form_and_taken_away(
    house: Reception, open_desk: Any, tmp_path: Path
) -> None:
    desk = await at_desk(house, open_desk)
    contact = await talking(house, desk)
    await desk.press("Fill in a form")
    files = [tmp_path / name for name in ("lamp.jpg", "<b>lamp|2.jpg", "letter.jpg", "street.jpg")]
    for file in files:
        file.write_bytes(b"Dear all" if file.name == "letter.jpg" else photo())
    await desk.give("Add photos", *files[:3])
    for shown in ("lamp.jpg", "_b_lamp_2.jpg", "letter.jpg"):
        await desk.reads(shown)
    await desk.give("Add photos", files[3])
    await desk.reads("There are too many pictures")
    await look(desk, "form-photos")
    await desk.press("Remove _b_lamp_2.jpg")
    await desk.browser.until("document.activeElement.type === 'file'")  # not lost with the button
    await desk.browser.until("!document.body.innerText.includes('_b_lamp_2.jpg')")
    await desk.choose("What is it about?", "A street lamp")
    await desk.type("Where is it?", "Stortorget 4")
    await desk.type("Describe it", "Lyktan är trasig.")
    await desk.press("Send the form")
    await desk.reads("This is no picture that can be read")
    assert not [one for one in house.state.contacts.values() if one.card.channel == "form"]
    await desk.press("Remove letter.jpg")
    await desk.browser.until("!document.body.innerText.includes('letter.jpg')")
    await house.until(lambda: "letter" not in house.vault.values.get(contact, {}).get("unsent", "letter"))
    await desk.browser.reload()
    await desk.press("Fill in a form")
    await desk.reads("lamp.jpg")
    await desk.press("Send the form")
    await desk.reads("Report a fault: sent to")
    (form,) = [one for one in house.state.contacts.values() if one.card.channel == "form"]
    told = await house.get(f"/contacts/{form.card.id}/form", role="supervisor")
    (answer,) = [one for one in told.json["answers"] if one["kind"] == "photo"]
    assert answer["photos"] == ["photo-1.jpeg"]


async def test_pictures_of_a_conversation_are_added_to_a_form(house: Reception, open_desk: Any) -> None:
    desk = await at_desk(house, open_desk, "guide09")
    await house.put(i.LogIn("guide09"))
    await house.put(i.GoReady("guide09"))
    letter = Letter(
        attachments=(
            Attachment(file="1", name="Lyktan.jpg", media="image/jpeg", size=9),
            Attachment(file="2", name="avtal.pdf", media="application/pdf", size=9),
        )
    )
    await house.house.contents.put("k1", "l1", letter, {"1": photo(), "2": b"%PDF-1.7"})
    house.vault.values["k1.m1"] = {"text": "Se bilden", "by": "citizen 1790000000.0", "letter": "l1"}
    await house.put(i.Arrived(contact="k1", channel="mail", entry="bibliotek", person="p9", written=True))
    await desk.press("Take it")
    await desk.reads("Se bilden")
    await desk.press("Fill in a form")
    await desk.press("From the messages")
    await look(desk, "form-photos-of-messages")
    assert not await desk.browser.evaluate("document.body.innerText.includes('+ avtal.pdf')")
    await desk.press("Add Lyktan.jpg")
    await desk.reads("Lyktan.jpg\nRemove")
    await desk.choose("What is it about?", "A street lamp")
    await desk.type("Where is it?", "Stortorget 4")
    await desk.type("Describe it", "Lyktan är trasig.")
    await desk.press("Send the form")
    await desk.reads("Report a fault: sent to")
    (form,) = [one for one in house.state.contacts.values() if one.card.channel == "form"]
    told = await house.get(f"/contacts/{form.card.id}/form", role="supervisor")
    answers = {one["name"]: one for one in told.json["answers"]}
    assert answers["photo"]["photos"] == ["photo-1.jpeg"]
    assert answers["where"]["from_photo"] == "55.60498, 13.00381"
    looked = [line.what for line in house.house.access.read() if line.kind == "looked"]
    assert ["file 1/1"] in [one["kinds"] for one in looked if one["contact"] == "k1"]


async def test_words_and_a_form_reach_a_colleague(house: Reception, open_desk: Any) -> None:
    hire(house, "bo", "guide", "guide02", "Bo B.")
    desk = await at_desk(house, open_desk)
    filled = {"what": "lamp", "where": "Stortorget <b>4</b>", "details": "Lyktan är trasig."}
    told = await house.post("/forms/fault", json={"values": filled}, role="agent", agent="guide01")
    assert told.status == 200, told
    await desk.press("Write to a colleague")
    await desk.reads("No colleague is at work.")
    await house.put(i.LogIn("guide02"))
    await desk.press("Write to a colleague")
    await desk.press("Write to a colleague")
    await desk.choose("To", "Bo B.")
    await desk.type("Message", "Tar du <i>lunchen</i> först?")
    await look(desk, "note")
    await desk.press("Send")
    await desk.reads("Sent to Bo B.")
    await desk.press("Sign out")
    await desk.sign_in("bo")
    await desk.reads("From Anna L.")
    await desk.reads("Tar du <i>lunchen</i> först?")
    await look(desk, "note-read")
    await desk.press("I have read it")
    await house.until(lambda: house.state.bulletins == {})
    await desk.browser.until("!document.body.innerText.includes('From Anna L.')")
    await house.put(i.LogOut("guide01"))
    await house.put(i.GoReady("guide02"))
    await desk.press("Take it")
    await desk.reads("Stortorget <b>4</b>")
    await desk.reads("Filled in by guide01")
    await look(desk, "form-read")


async def test_a_form_is_not_filled_in_for_the_matter_of_another_department(house: Reception) -> None:
    theirs = {"values": {}, "contact": await of_others(house)}
    asked = await house.send("POST", "/forms/fault", headers=bearer(house, "supervisor"), json=theirs)
    assert asked.error == "not_your_department"


async def test_a_follow_up_says_where_it_goes_and_waits_there(house: Reception, open_desk: Any) -> None:
    desk = await at_desk(house, open_desk)
    contact = await talking(house, desk)
    await desk.press("Hang up")
    await desk.reads("Wrap-up")
    await desk.tick("Something is left for the department to do")
    await desk.reads("Choose a reason first")
    done = "[...document.querySelectorAll('button')].find((one) => one.innerText.startsWith('Done')).disabled"
    assert await desk.browser.evaluate(done)
    await desk.choose("Reason", "Social services: Home care")
    await desk.reads("nobody is told")  # it has no queue
    await desk.choose("Reason", "Preschools and schools: School transport")
    await desk.reads("Nobody waits there.")
    await desk.reads("It waits in their line")
    await desk.type("What is to be done", "Ring upp om skolskjutsen.")
    await look(desk, "follow-up")
    await desk.press("Done")
    await house.until(lambda: any(one.card.channel == "message" for one in house.state.contacts.values()))
    (left,) = [one for one in house.state.contacts.values() if one.card.channel == "message"]
    assert (left.spot.queue, left.card.about) == ("skola", contact)
    assert facts(house, f.ContactDescribed)[-1].follow_up
    await desk.reads("You are ready")


async def test_what_was_written_before_is_opened_one_step_back(house: Reception, open_desk: Any) -> None:
    desk = await at_desk(house, open_desk, "guide09")
    await house.put(i.LogIn("guide09"))
    await house.put(i.GoReady("guide09"))
    house.vault.values["k1"] = {"thread": '{"matter": "k0", "follows": "k0"}'}
    house.vault.values["k0"] = {"thread": '{"matter": "k0"}'}
    house.vault.values["k0.m1"] = {"text": "Första brevet", "by": "citizen 1789000000.0"}
    house.vault.values["k1.m1"] = {"text": "Jag undrar fortfarande", "by": "citizen 1790000000.0"}
    await house.put(i.Arrived(contact="k1", channel="mail", entry="bibliotek", person="p9", matter="k0", written=True))
    await desk.press("Take it")
    await desk.reads("Jag undrar fortfarande")
    assert not await desk.browser.evaluate("document.body.innerText.includes('Första brevet')")
    await desk.press("Show what was written before")
    await desk.reads("Första brevet")
    await desk.browser.until("!document.body.innerText.includes('Show what was written before')")
    await look(desk, "earlier")
    looked = [line.what for line in house.house.access.read() if line.kind == "looked"]
    assert ("k0", ["messages"]) in [(one["contact"], one["kinds"]) for one in looked]


async def test_a_contact_is_joined_with_a_matter_and_a_person_and_parted(house: Reception, open_desk: Any) -> None:
    house.house.post.matters["7XK42-M9PQR"] = "m0"
    desk = await at_desk(house, open_desk)
    contact = await talking(house, desk)
    closed = "[...document.querySelectorAll('button')].every((one) => one.innerText !== 'Join')"
    await desk.press("Whose and what it is about")
    await desk.type("Reference number", "AAAAA-AAAAA")
    await desk.press("Join")
    await desk.reads("There is no matter with that reference number.")
    await desk.type("Reference number", "7XK42-M9PQR")
    await desk.press("Join")
    await house.until(lambda: house.state.contacts[contact].card.matter == "m0")
    await desk.browser.until(closed)
    await desk.press("Whose and what it is about")
    await desk.choose("Known by", "Mail address")
    await desk.type("Mail address", "kim@example.se")
    await desk.press("Join")
    await house.until(lambda: len(house.state.persons.ids("p1")) == 2)
    await desk.browser.until(closed)
    await desk.press("Whose and what it is about")
    await desk.reads("Known by 2 numbers and addresses.")
    await look(desk, "belonging")
    await desk.press("Somebody else after all")
    await house.until(lambda: len(house.state.persons.ids("p1")) == 1)


async def strike(desk: DeskPage, letter: str) -> None:
    """Press Ctrl, Alt and a letter."""
    for kind in ("rawKeyDown", "keyUp"):
        await desk.browser.command(
            "Input.dispatchKeyEvent",
            type=kind,
            key=letter.lower(),
            code=f"Key{letter}",
            windowsVirtualKeyCode=ord(letter),
            modifiers=3,
        )


async def test_shortcuts_are_listed_and_press_their_buttons(house: Reception, open_desk: Any) -> None:
    desk = await at_desk(house, open_desk)
    contact = await talking(house, desk)
    await desk.type("Write a note", "")
    await strike(desk, "G")
    await desk.reads("Press Ctrl, Alt and the letter together.")
    await look(desk, "shortcuts")
    inside = "document.querySelector('[role=dialog]').contains(document.activeElement)"
    for _ in range(4):
        assert await desk.browser.evaluate(inside), "the focus stays in the dialog"
        await desk.key("Tab")
    await strike(desk, "X")
    assert type(house.state.contacts[contact]).__name__ == "Connected", "what stands behind a dialog is not pressed"
    await desk.key("Escape")
    await desk.browser.until("document.querySelector('[role=dialog]') === null")
    await desk.browser.until("document.activeElement.tagName === 'TEXTAREA'")  # where it was before
    await strike(desk, "A")
    await desk.reads("Help is wanted")
    await strike(desk, "A")
    await desk.browser.until("!document.body.innerText.includes('Help is wanted')")
    await strike(desk, "H")
    await desk.reads("On hold")
    await strike(desk, "F")
    await desk.reads("Where is it?")
    await strike(desk, "X")
    await desk.reads("Wrap-up")
    await strike(desk, "D")
    await desk.reads("You are ready")


def test_no_letter_presses_two_buttons_and_all_stand_in_the_docs() -> None:
    written = (ROOT / "desk" / "src" / "ui" / "keys.ts").read_text()
    letters = re.findall(r'^  \w+: "([A-Z])",$', written, re.M)
    assert len(letters) == len(set(letters)) > 20
    assert set(letters) == set(re.findall(r"^\| \*\*([A-Z])\*\* ", (ROOT / "docs" / "desk.md").read_text(), re.M))
