"""A form that is filled in, from the page to whoever reads it, with a real engine that may be killed at any moment."""

import io
import random
import threading
import time
import urllib.request
from collections.abc import Callable
from functools import partial

import pytest
from PIL import Image

from tests.chat.town import Page, Town
from tests.forms.town import FORM, OLD_S, Browser, photo
from tests.system.house import until

pytestmark = pytest.mark.system
PERSONAL = {
    "tongue": {
        "kind": "choice",
        "label": {"en": "Which language do you speak?"},
        "choices": {"sv": {"en": "Swedish"}, "ar": {"en": "Arabic"}},
        "sets": "language",
    },
    "sees": {"kind": "yes-no", "label": {"en": "Do you see badly?"}, "sets": "sight"},
    "signs": {"kind": "yes-no", "label": {"en": "Do you sign?"}, "sets": "sign_language"},
}
for about in PERSONAL.values():
    about |= {"spoken": False, "required": False}


def the_form(town: Town, count: int = 1) -> str:
    """Return the contact that a form became."""
    return str(until(lambda: len(found := town.contacts(channel="form")) == count and found, what="a form")[-1]["id"])


def test_a_form_becomes_a_contact_with_all_that_was_filled_in(make_town: Callable[..., Town]) -> None:
    town = make_town()
    browser = Browser(town.house)
    token = browser.open()
    assert "Report a fault" in browser.page
    time.sleep(OLD_S)
    files = (("photo", photo()),)
    browser.send(token, files, what="lamp", where="  Storgatan 1 ", person="8112189876", phone="070-174 06 05")
    assert (browser.status, "We look at it." in browser.page) == (200, True)
    assert browser.reference
    assert "It waits to be handled." in browser.page

    contact = the_form(town)
    agent = town.accept(contact)
    told = town.ask("GET", f"/contacts/{contact}/form", by=agent)
    assert told["reference"] == browser.reference
    answers = {one["name"]: one for one in told["answers"]}
    assert answers["what"]["shown"] == "A lamp"
    assert answers["where"] | {"label": ""} == {
        "name": "where", "kind": "place", "label": "", "value": "Storgatan 1", "shown": "Storgatan 1",
        "from_photo": "55.60498, 13.00381",
    }  # fmt: skip
    assert (answers["person"]["value"], answers["person"]["hidden"]) == ("••••••••76", True)
    assert answers["phone"]["value"] == "0701740605"
    assert "working" in browser.look()

    kept = picture(town, contact, answers["photo"]["photos"][0], agent)
    with Image.open(io.BytesIO(kept)) as shown:
        assert (shown.size, dict(shown.getexif()), shown.info.get("comment")) == ((640, 480), {}, None)
    assert b"Kim" not in kept

    # Sent once more, by a browser that did not hear the answer: the same, and no second contact.
    browser.send(token, files, what="hole", where="Elsewhere")
    assert (browser.status, browser.reference) == (200, told["reference"])
    assert [one["id"] for one in town.contacts(channel="form")] == [contact]

    town.ask("POST", f"/contacts/{contact}/finish", by=agent)
    until(lambda: "It has been handled." in browser.look(), what="the form to be handled")
    assert "8112189876" not in town.house.logs()


def picture(town: Town, contact: str, file: str, agent: str) -> bytes:
    """Return a photo as an agent gets it."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{town.house.web[1]}/api/v1/contacts/{contact}/messages/1/attachments/{file}",
        headers={"Authorization": f"Bearer {town.tokens[agent]}"},
    )
    with urllib.request.urlopen(request) as answer:
        found: bytes = answer.read()
        return found


def test_every_mistake_is_told_at_once_and_nothing_is_lost(make_town: Callable[..., Town]) -> None:
    town = make_town()
    browser = Browser(town.house)
    token = browser.open()
    page = browser.send(token, (("photo", b"MZ no picture"),), where="Xy", phone="12", person="no")
    assert browser.status == 422
    for told in ("fill this in", "at least 3", "no picture", "telephone number", "in digits"):
        assert told in page
    assert 'value="Xy"' in page
    assert 'aria-invalid="true"' in page
    assert browser.token == token
    assert not town.contacts(channel="form")
    time.sleep(OLD_S)
    browser.send(browser.token, what="hole", where="<script>alert(1)</script>")
    assert browser.status == 200
    the_form(town)

    browser.open()
    time.sleep(OLD_S)
    browser.send(browser.token, what="hole", where="Storgatan", website="http://spam.example")
    assert (browser.status, "Leave this field empty" in browser.page) == (422, True)
    browser.send("0" * 32 + "-1-" + "0" * 20, what="hole", where="<b>Storgatan")
    assert (browser.status, "open for too long" in browser.page, "<b>" in browser.page) == (422, True, False)
    assert len(town.contacts(channel="form")) == 1


def test_no_form_is_lost_or_doubled_when_the_engine_is_killed(make_town: Callable[..., Town]) -> None:
    town = make_town(hasty=True)
    browsers = [Browser(town.house) for _ in range(6)]
    tokens = [browser.open() for browser in browsers]
    time.sleep(OLD_S)
    pause = random.Random(27)
    for number, (browser, token) in enumerate(zip(browsers, tokens, strict=True)):
        kill = threading.Timer(pause.uniform(0.0, 0.4), lambda: town.house.kill("engine"))
        kill.start()
        until(partial(_sent, browser, token, number), seconds=60, what="the form to be taken")
        kill.join()
        town.house.until_serving()
    references = {browser.reference for browser in browsers}
    assert len(references) == len(browsers)
    until(lambda: len(town.contacts(channel="form")) == len(browsers), what="all forms")
    for browser, token in zip(browsers, tokens, strict=True):
        before = browser.reference
        browser.send(token, what="lamp", where="once more")
        assert browser.reference == before
    contacts = [one["id"] for one in town.contacts(channel="form")]
    assert len(contacts) == len(browsers)
    for contact in contacts:
        answers = {one["name"]: one for one in town.ask("GET", f"/contacts/{contact}/form")["answers"]}
        assert answers["where"]["value"].startswith("Storgatan")
        assert picture(town, contact, answers["photo"]["photos"][0], "lead")


def _sent(browser: Browser, token: str, number: int) -> bool:
    try:
        browser.send(token, (("photo", photo()),), what="lamp", where=f"Storgatan {number}")
    except OSError:
        return False
    return browser.status == 200


def test_a_guide_fills_it_in_for_somebody(make_town: Callable[..., Town]) -> None:
    town = make_town(fields=FORM["fields"] | PERSONAL)
    told = town.ask("POST", "/forms/fault", {"values": {"where": "Xy"}}, by="lead")
    assert {one["field"]: one["cause"] for one in told["mistakes"]} == {"what": "missing", "where": "too_short"}
    assert [one["form"] for one in town.ask("GET", "/forms")["forms"]] == ["fault"]
    told = town.ask("POST", "/forms/fault", {"values": {"what": "hole", "where": "Storgatan 1"}}, by="lead")
    contact = the_form(town)
    assert told["contact"] == contact
    agent = town.accept(contact)
    personal = {"tongue": "sv", "sees": "yes", "signs": "no"}
    body = {"values": {"what": "lamp", "where": "Lillgatan 2", **personal}, "contact": contact}
    more = town.ask("POST", "/forms/fault", body, by=agent)
    assert more["reference"] == told["reference"]
    read = town.ask("GET", f"/contacts/{more['contact']}/form")
    assert (read["by"], read["matter"]) == (agent, contact)
    whose = town.ask("GET", f"/contacts/{more['contact']}/person", by="lead")
    assert (whose["language"], whose["needs"]) == ("sv", ["sight"])


async def test_a_chat_asks_it_one_field_after_the_other(
    make_town: Callable[..., Town], open_page: Callable[..., Page]
) -> None:
    town = make_town()
    page = open_page(town, "asks")
    await page.until(lambda _: page.status.get("asks") == "choice" or page.status.get("choices"))
    assert [one["title"] for one in page.status["choices"]][:2] == ["A lamp", "A hole"]
    await page.choose("2")
    await page.until(lambda _: page.status.get("asks") == "words")
    await page.say("Xy")
    await page.until(lambda _: page.status.get("heard") == page.count)
    await page.say("Storgatan 1")
    await page.until(lambda _: page.status.get("asks") == "digits")
    await page.say("070-174 06 05")
    contact = the_form(town)
    read = town.ask("GET", f"/contacts/{contact}/form")
    assert {one["name"]: one["value"] for one in read["answers"]} == {
        "what": "hole",
        "where": "Storgatan 1",
        "phone": "0701740605",
    }
