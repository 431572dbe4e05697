"""Photos that a guide adds to a form: uploads and files of messages, with a real engine that may be killed."""

import io
import random
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from PIL import Image

from adapters.forms.settings import PHOTO_MAX
from tests.chat.town import Town
from tests.forms.test_filled_in import picture
from tests.forms.town import photo
from tests.system.api import ask_again
from tests.system.asking import ask

pytestmark = pytest.mark.system
VALUES = {"what": "lamp", "where": "Storgatan 1"}


def in_hand(town: Town) -> tuple[str, str]:
    """Let an agent have a form in hand; return its contact, and the agent."""
    contact = str(town.ask("POST", "/forms/fault", {"values": VALUES}, by="lead")["contact"])
    return contact, town.accept(contact)


def fill_in(town: Town, contact: str, *photos: str, by: str, **headers: str) -> tuple[int, Any]:
    """Fill in a form with photos; return status and answer."""
    body = {"values": VALUES, "photos": {"photo": photos}, "contact": contact}
    return ask(town.house, "POST", "/forms/fault", body, town.tokens[by], **headers)


def test_uploads_and_files_of_messages_become_photos_of_a_form(make_town: Callable[..., Town]) -> None:
    town = make_town()
    contact, agent = in_hand(town)
    upload = town.upload(contact, "IMG%201.jpg", photo(), agent)
    status, told = fill_in(town, contact, upload, by=agent)
    assert (status, told["mistakes"]) == (200, [])
    first = told["contact"]
    answers = {one["name"]: one for one in town.ask("GET", f"/contacts/{first}/form")["answers"]}
    assert answers["photo"]["photos"] == ["photo-1.jpeg"]
    assert answers["where"]["from_photo"] == "55.60498, 13.00381"
    kept = picture(town, first, "photo-1.jpeg", "lead")
    with Image.open(io.BytesIO(kept)) as shown:
        assert (shown.size, dict(shown.getexif()), shown.info.get("comment")) == ((640, 480), {}, None)
    left = [file.read_bytes() for file in (town.house.layout.content / contact).rglob("*") if file.is_file()]
    assert not [data for data in left if b"Kim" in data], "nothing else of the file is kept, anywhere"
    assert fill_in(town, contact, upload, by=agent)[1]["error_id"] == "unknown_attachment"

    assert town.accept(first) == agent
    status, told = fill_in(town, first, "1/photo-1.jpeg", by=agent)
    assert (status, told["mistakes"]) == (200, [])
    again = picture(town, told["contact"], "photo-1.jpeg", "lead")
    with Image.open(io.BytesIO(again)) as shown:
        assert shown.size == (640, 480)
    assert picture(town, first, "photo-1.jpeg", "lead") == kept, "what came with a message stays there"


def test_mistakes_in_photos_come_with_the_others_and_begin_nothing(make_town: Callable[..., Town]) -> None:
    town = make_town()
    contact, agent = in_hand(town)
    text, large, sound = (
        town.upload(contact, "a.jpg", data, agent) for data in (b"MZ", photo() + bytes(PHOTO_MAX), photo())
    )
    for photos, cause in (((text,), "no_picture"), ((large,), "file_too_large"), ((sound,) * 3, "too_many_files")):
        body = {"values": {"what": "lamp"}, "photos": {"photo": photos}, "contact": contact}
        mistakes = town.ask("POST", "/forms/fault", body, by=agent)["mistakes"]
        assert {one["field"]: one["cause"] for one in mistakes} == {"where": "missing", "photo": cause}
    assert len(town.contacts(channel="form")) == 1
    assert fill_in(town, contact, sound, by=agent)[0] == 200, "it was kept until then"


def test_nobody_gets_at_files_of_others(make_town: Callable[..., Town]) -> None:
    town = make_town(agents=2)
    (mine, me), (theirs, them) = in_hand(town), in_hand(town)
    upload = town.upload(theirs, "a.jpg", photo(), them)
    for contact, files, by, refused in (
        (mine, (upload,), me, (404, "unknown_attachment")),
        (mine, ("u" + "0" * 24,), me, (404, "unknown_attachment")),
        (mine, ("7/photo-1.jpeg",), me, (404, "unknown_attachment")),
        (mine, ("1/photo-1.jpeg",), "lead", (403, "not_yours")),
        ("", (upload,), me, (404, "unknown_attachment")),
        (mine, ("form",), me, (400, "bad_request")),
        (mine, ("../../x",), me, (400, "bad_request")),
    ):
        status, told = fill_in(town, contact, *files, by=by)
        assert (status, told["error_id"]) == refused, (contact, files, by)
    assert me != them
    assert fill_in(town, theirs, upload, by=me)[1]["error_id"] == "not_yours"
    body = {"values": VALUES, "photos": {"where": [upload]}, "contact": theirs}
    assert ask(town.house, "POST", "/forms/fault", body, town.tokens[them])[1]["error_id"] == "bad_request"
    assert len(town.contacts(channel="form")) == 2


def test_a_form_with_a_photo_is_begun_once_when_the_engine_is_killed(make_town: Callable[..., Town]) -> None:
    town = make_town(hasty=True)
    contact, agent = in_hand(town)
    pause = random.Random(28)
    answers, refused = list[str](), list[Any]()
    for number in range(2):
        upload = town.upload(contact, "a.jpg", photo(), agent)
        kill = threading.Timer(pause.uniform(0.0, 0.3), lambda: town.house.kill("engine"))
        kill.start()
        body = {"values": VALUES, "photos": {"photo": [upload]}, "contact": contact}
        asked = partial(ask_again, town.house, "POST", "/forms/fault", body, town.tokens[agent], refused.append)
        answer = asked(Idempotency_Key=f"k{number}")
        kill.join()
        town.house.until_serving()
        assert asked(Idempotency_Key=f"k{number}") == answer
        answers.append(answer.get("contact", ""))
    assert {one["error_id"] for one in refused} <= {"outcome_unknown"}
    begun = [one["id"] for one in town.contacts(channel="form") if one["id"] != contact]
    assert len(begun) <= len(answers)
    assert set(filter(None, answers)) <= set(begun)
    for one in begun:
        assert picture(town, one, "photo-1.jpeg", "lead")
