"""Who wrote a mail is asked how it was, by mail, once it is closed: servers, page and engine are real."""

import re
import urllib.parse
import urllib.request
from collections.abc import Callable

import pytest

from router import facts as f
from tests.mail.town import TEXTS, Town
from tests.system.house import until

pytestmark = pytest.mark.system

QUESTION = {
    "sv": {**TEXTS["sv"], "how_was_it": "Hur var det att skriva till {title}? {link}\n"},
    "en": {**TEXTS["en"], "how_was_it": "How was it? {link}\n"},
}
LINK = re.compile(r"http://127\.0\.0\.1:\d+/public/v1/survey/\S+")


def asks(here: Town) -> None:
    """Let the queue ask who wrote; before the house's start."""
    survey = {"prompt": "sorry", "mail": "how_was_it", "again_after_days": 30}
    here.house.change("queues", {"queues": {"bench": {"survey": survey, "wrap_up": 0}}})
    host, port = here.house.web
    here.house.change("vaxel", {"web": {"citizens": f"http://{host}:{port}/"}})
    here.house.start()


def read(address: str, answer: str = "") -> str:
    """Open a page as a browser does, or send its form."""
    sent = urllib.parse.urlencode({"answer": answer, "language": "sv"}).encode() if answer else None
    with urllib.request.urlopen(address, sent, timeout=10) as page:
        return str(page.read().decode())


def test_a_closed_mail_of_a_person_is_asked_after_once_and_answered_on_a_page(town: Callable[..., Town]) -> None:
    here = town(start=False, texts=QUESTION)
    asks(here)
    asked = here.write()
    contact = here.accept()
    here.answer(contact)
    here.until_mails("kim", 2)
    here.close(contact)
    question = here.until_mails("kim", 3)[2]
    assert question["Auto-Submitted"] == "auto-generated"
    assert question["In-Reply-To"] == asked["Message-ID"]
    assert question["Return-Path"] in (None, "<>")
    found = LINK.search(question.get_content())
    assert found is not None
    assert "kim" not in found[0].lower()
    here.settled()

    for _ in range(2):
        assert "Hur nöjd är du" in read(found[0])
    here.house.kill("engine")
    here.house.until_serving()
    assert "Tack för ditt svar" in read(found[0], "4")
    assert "redan besvarad" in read(found[0], "1")
    (answer,) = here.house.record().of(f.SurveyAnswered)
    assert (answer.contact, answer.channel, answer.language, answer.answer) == (contact, "mail", "sv", 4)

    here.write("Hej igen! När är det inte öppet?")
    again = here.accept()
    here.answer(again)
    here.close(again)
    here.until_mails("kim", 4)
    here.settled()
    assert len(here.house.record().of(f.SurveyInvited)) == 1, "one person is not asked twice in a month"

    here.write(From="noor@example.net", Auto_Submitted="auto-replied")
    here.write(From="liv@example.org", List_Id="<nyheter.example.org>")
    here.write(From="gone@malmo.example")  # our server takes what we answer, and reports back
    for _ in range(3):
        machines = here.accept()
        here.answer(machines)
        here.settled()
        if any(one.get("address") == "gone@malmo.example" for one in here.messages(machines)):
            until(lambda c=machines: here.messages(c)[-1].get("kind") == "report", what="the report")
        here.close(machines)
    assert len(here.house.record().of(f.SurveyInvited)) == 1, "no machine, no list, and nobody who was not reached"
    here.house.check()
