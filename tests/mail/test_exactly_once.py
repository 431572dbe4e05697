"""Exactly once, whatever mail servers and people do to a mailbox; and never an answer to a machine."""

from collections.abc import Callable

import pytest

from adapters.email.imap import TAKEN
from router import facts as f
from tests.mail import letters
from tests.mail.town import BOXES, SCHOOL, Town
from tests.system.house import until

pytestmark = pytest.mark.system


def taken(here: Town, outcome: str) -> float:
    _, text = here.house.get("/metrics")
    lines = [line for line in text.splitlines() if line.startswith("vaxel_mail_taken_total{") and outcome in line]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def test_a_mail_is_one_contact_however_often_and_wherever_it_lies(town: Callable[..., Town]) -> None:
    here = town()
    mail = here.write()
    here.until_contacts(1)

    here.bring(mail.as_bytes())  # a mail server that did not hear our server's yes
    here.bring(mail.as_bytes(), SCHOOL)  # the citizen wrote to two of our addresses
    until(lambda: taken(here, '"known"') == 2, what="both to be known")

    with here.box("kontakt") as imap:  # somebody moves it away and back, without its marks
        imap.create("Elsewhere")
        imap.uid("MOVE", "1", "Elsewhere")
        imap.select("Elsewhere")
        imap.uid("STORE", "1:*", "-FLAGS", f"(\\Seen {TAKEN})")
        imap.uid("MOVE", "1:*", "INBOX")
    until(lambda: taken(here, '"known"') == 3, what="it to be known")

    # Somebody restores the mailbox: all UIDs mean something else now.
    here.house.kill("engine")
    for file in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
        (here.post.maildir("kontakt") / file).unlink(missing_ok=True)
    with here.box("kontakt") as imap:
        imap.uid("STORE", "1:*", "-FLAGS", f"(\\Seen {TAKEN})")
    here.house.until_serving()
    until(lambda: taken(here, '"known"') >= 2, what="all to be known anew")

    here.write("Ett annat brev: det är inte öppet och jag undrar när.")
    here.until_contacts(2)
    record = here.house.record()
    assert len(record.of(f.MessageAdded, author="citizen")) == 2
    assert len(record.of(f.ContactArrived)) == 2


def test_a_conversation_goes_on_where_it_belongs(town: Callable[..., Town]) -> None:
    here = town()
    first = here.write()
    contact = here.accept()
    here.answer(contact)
    _, answer = here.until_mails("kim", 2)

    # Answers to our answer, to one's own mail, and by the reference number alone: while the contact lives, all are its.
    here.write("Tack och hej, jag undrar en sak till.", Subject="Sv: x", **{"In-Reply-To": answer["Message-ID"]})
    here.write("Jag glömde en sak och det är inte bra.", References=str(first["Message-ID"]))
    here.write("Jag ringde inte och nu är jag här.", Subject=answer["Subject"])
    until(lambda: len(here.messages(contact)) == 6, what="three more messages")
    assert len(here.contacts()) == 1

    # Who else writes about it has a contact of their own, joined to it: answers go to whoever wrote.
    here.write("Jag är Kims granne och jag är inte nöjd.", Subject=answer["Subject"], From="liv@example.org")
    other = next(one for one in here.until_contacts(2) if one["id"] != contact)
    record = here.house.record()
    (arrived,) = record.of(f.ContactArrived, contact=other["id"])
    assert arrived.matter == contact

    # And whoever rings and names the number is found.
    reference = here.ask("GET", f"/contacts/{contact}/messages")["reference"]
    assert f"[#{reference}]" in answer["Subject"]
    assert here.ask("GET", f"/matters/by-reference/{reference.lower()}") == {"matter": contact}

    # Once it is over, the next mail begins a contact that follows it, for the agent who wrote.
    here.close(contact)
    here.write("Hej igen! Det är jag och nu är det stängt.", **{"In-Reply-To": answer["Message-ID"]})
    after = next(one for one in here.until_contacts(2) if one["id"] != other["id"])
    (arrived,) = here.house.record().of(f.ContactArrived, contact=after["id"])
    assert (arrived.matter, arrived.preferred) == (contact, "agent0001")
    told = here.ask("GET", f"/contacts/{after['id']}/messages")
    assert told["follows"] == contact
    earlier = here.ask("GET", f"/contacts/{after['id']}/messages?of={contact}")
    assert [one["author"] for one in earlier["messages"]].count("citizen") == 4


MACHINES = [
    letters.changed(Message_ID="<m1@example.org>", Auto_Submitted="auto-generated"),
    letters.changed(Message_ID="<m2@example.org>", Precedence="bulk"),
    letters.changed(Message_ID="<m3@example.org>", List_Id="<news.example.org>"),
    letters.changed(Message_ID="<m4@example.org>", From="noreply@example.org"),
    letters.changed(Message_ID="<m5@example.org>", X_Auto_Response_Suppress="All"),
]


def test_machines_are_never_answered_and_people_once_a_day(town: Callable[..., Town]) -> None:
    here = town()
    for number, raw in enumerate(MACHINES):
        here.bring(raw.replace(b"<kim@", b"<liv@"), sender=f"m{number}@example.org")
    here.until_contacts(len(MACHINES))
    for number in range(3):
        here.write(f"Fråga {number}: när är det öppet och hur kommer jag dit?", Subject=f"Fråga {number}")
    here.until_contacts(len(MACHINES) + 3)
    here.settled()
    (received,) = here.until_mails("kim", 1)
    assert received["Auto-Submitted"] == "auto-replied"
    assert received["Return-Path"] == "<>"
    assert here.mails("liv") == []
    prompts = here.house.record().of(f.MessageAdded, author="house")
    assert len(prompts) == 1


def test_the_house_answers_in_the_citizens_language(town: Callable[..., Town]) -> None:
    here = town()
    here.write("Hello, when is the library open? Do you know how to get to it?", From="noor@example.net")
    (contact,) = here.until_contacts(1)
    assert contact["language"] == "en"
    (received,) = here.until_mails("noor", 1)
    assert received.get_content().startswith("Thank you for writing to Malmö stad.")
    assert received["Content-Language"] == "en"


def test_two_machines_do_not_write_to_each_other_for_ever(town: Callable[..., Town]) -> None:
    here = town()
    here.write("Hej! Det är jag och jag är här.", From=SCHOOL)  # our own other mailbox, as if forwarded by mistake
    here.until_contacts(1)
    until(lambda: taken(here, '"own"') == 1, what="our acknowledgement to come back")
    here.settled()
    assert len(here.contacts()) == 1


def test_mail_waits_while_its_server_is_away_and_taken_mails_can_be_moved(town: Callable[..., Town]) -> None:
    here = town(start=False)
    settings = here.house.config / "mail.yaml"
    settings.write_text(settings.read_text().replace("poll: 5", "poll: 5\n    done: Mottaget", 1))
    here.post.stop()
    here.house.start()
    until(lambda: any(box["trouble"] for box in here.ask("GET", "/mail/mailboxes")["mailboxes"]), what="trouble")
    here.post.start()
    here.write()
    here.until_contacts(1)
    until(lambda: len(here.mails("kontakt", "Mottaget")) == 1, what="the mail to be moved")
    assert here.mails("kontakt") == []
    assert until(lambda: here.metric("vaxel_mail_mailbox_up") == 2, what="both mailboxes")


@pytest.mark.soak
def test_servers_that_were_left_running_are_replaced(town: Callable[..., Town]) -> None:
    here = town(start=False)
    again = type(here.post)(here.post.folder, here.post.ports, BOXES)
    again.start()
    assert len(here.mails("kontakt")) == 0
    again.stop()
