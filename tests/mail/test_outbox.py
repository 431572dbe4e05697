"""What leaves the house: tried until it is taken, shown when it cannot be, and found again when it comes back."""

from collections.abc import Callable

import pytest

from router import facts as f
from tests.mail import letters
from tests.mail.town import Town
from tests.system.house import until
from tests.system.test_api import vaxel

pytestmark = pytest.mark.system


def test_an_answer_outlives_its_server_and_the_engine(town: Callable[..., Town]) -> None:
    here = town()
    here.write()
    contact = here.accept()
    here.until_mails("kim", 1)
    here.post.stop()
    here.answer(contact)
    (waiting,) = until(
        lambda: [one for one in here.ask("GET", "/outbox")["outbox"] if one["attempts"]], what="a try in vain"
    )
    assert (waiting["contact"], waiting["message"], waiting["entry"]) == (contact, 3, "kontakt")
    here.house.kill("engine")
    here.post.start()
    here.house.until_serving()
    assert here.ask("GET", "/outbox")["waiting"] == 1

    assert vaxel(here.house, "mail", "again", contact, "3").returncode == 0
    _, answer = here.until_mails("kim", 2)
    assert answer.get_content().startswith("Hej Kim!")
    here.settled()
    assert len(here.mails("kim")) == 2


def test_what_nobody_takes_is_shown_until_somebody_has_seen_to_it(town: Callable[..., Town]) -> None:
    here = town()
    here.write(From="kim..k@example.org")
    contact = here.accept()
    here.answer(contact)
    (first, second) = until(
        lambda: found if len(found := here.ask("GET", "/outbox?failed=true")["outbox"]) == 2 else None, what="failures"
    )
    assert {first["failed"], second["failed"]} == {"no_such_address"}
    assert [one.get("outbox") for one in here.messages(contact)] == [None, "no_such_address", "no_such_address"]
    shown = vaxel(here.house, "mail", "outbox", "--failed")
    assert "no_such_address" in shown.stdout
    assert here.metric("vaxel_mail_outbox") == 2
    here.close(contact)  # it outlives its contact
    for message in (first, second):
        assert vaxel(here.house, "mail", "drop", contact, str(message["message"])).returncode == 0
    assert here.ask("GET", "/outbox") == {"outbox": [], "waiting": 0, "failed": 0}
    here.house.check()


def test_a_bounce_is_a_message_of_the_mail_it_concerns(town: Callable[..., Town]) -> None:
    here = town()
    here.write(From="gone@malmo.example")  # nobody has that box: the server takes our mail, and reports back
    contact = here.accept()
    here.answer(contact)
    shown = until(lambda: found if len(found := here.messages(contact)) == 4 else None, what="the report")
    report = shown[3]
    assert report["kind"] == "report"
    assert report["report"]["delivery"] == "failed"
    assert (report["report"]["contact"], report["report"]["message"]) == (contact, 3)
    assert len(here.contacts()) == 1
    (fact,) = here.house.record().of(f.MessageAdded, number=4)
    assert fact.automatic


@pytest.mark.soak
def test_a_bounce_of_an_answer_that_ended_a_contact_is_work_again(town: Callable[..., Town]) -> None:
    here = town()
    here.write()
    contact = here.accept()
    here.answer(contact)
    received, answer = here.until_mails("kim", 2)
    here.close(contact)

    here.bring(letters.report(answer["Message-ID"], "delayed"), sender="")
    here.bring(letters.report(received["Message-ID"], "failed"), sender="")
    until(lambda: here.metric("vaxel_mail_taken_total") == 3, what="both reports to be looked at")
    assert here.contacts() == [], "nobody's work: it was only late, or only an acknowledgement"

    lost = letters.report(answer["Message-ID"], "failed").replace(b"report.failed", b"report.lost")
    here.bring(lost, sender="")
    (again,) = here.until_contacts(1)
    (arrived,) = here.house.record().of(f.ContactArrived, contact=again["id"])
    assert (arrived.matter, arrived.preferred) == (contact, "agent0001")
    assert here.messages(again["id"])[0]["report"]["message"] == 3


def test_files_go_both_ways(town: Callable[..., Town]) -> None:
    here = town()
    here.bring(letters.with_file("../ritning.pdf", b"%PDF-1.7", "application/pdf"))
    contact = here.accept()
    (attachment,) = here.messages(contact)[0]["attachments"]
    assert attachment["name"] == "ritning.pdf"
    got = here.ask("GET", f"/contacts/{contact}/messages/1/attachments/{attachment['file']}")
    assert got == "%PDF-1.7"

    headers = {"Content_Type": "application/octet-stream"}
    path = f"/contacts/{contact}/attachments?name=blankett.txt&media=text/plain"
    uploaded = here.ask("POST", path, "Fyll i", **headers)["attachment"]
    here.answer(contact, attachments=[uploaded])
    _, answer = here.until_mails("kim", 2)
    (part,) = answer.iter_attachments()
    assert (part.get_filename(), part.get_content_type()) == ("blankett.txt", "text/plain")


def test_a_text_of_the_house_and_a_key_against_writing_twice(town: Callable[..., Town]) -> None:
    here = town()
    here.write()
    contact = here.accept()
    assert here.ask("GET", f"/contacts/{contact}/texts") == {
        "language": "sv",
        "texts": {"closed": "Vi har stängt i dag."},
    }
    for _ in range(2):
        told = here.ask(
            "POST", f"/contacts/{contact}/messages", {"template": "closed"}, "agent0001", Idempotency_Key="once"
        )
        assert told == {"contact": contact, "message": 3}
    _, answer = here.until_mails("kim", 2)
    assert answer.get_content().startswith("Vi har stängt i dag.")
    here.settled()
    assert len(here.messages(contact)) == 3
