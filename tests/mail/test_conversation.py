"""A mail comes in, is offered, answered, and lies in the citizen's mailbox, where it belongs."""

from collections.abc import Callable

import pytest

from tests.mail.town import AGENT, CITY, KIM, REFERENCE, Town

pytestmark = pytest.mark.system


def test_a_mail_is_answered_and_the_answer_belongs_to_it(town: Callable[..., Town]) -> None:
    here = town()
    asked = here.write()
    contact = here.accept()
    here.answer(contact)
    received, answer = here.until_mails("kim", 2)

    assert received["Auto-Submitted"] == "auto-replied"
    reference = REFERENCE.search(received["Subject"])
    assert reference is not None
    assert reference[1] in received.get_content()
    assert "Malmö stad" in received.get_content()

    assert answer["Auto-Submitted"] is None
    assert answer["In-Reply-To"] == asked["Message-ID"]
    assert asked["Message-ID"] in answer["References"]
    assert answer["Subject"] == f"Re: Öppettider [#{reference[1]}]"
    assert answer["From"].addresses[0].addr_spec == CITY
    assert answer["To"].addresses[0].addr_spec == KIM
    assert answer.get_content().splitlines() == ["Hej Kim! Klockan tio.", "", "-- ", "Malmö stad", "Kontaktcenter"]

    shown = here.messages(contact)
    assert [(one["author"], one.get("agent", "")) for one in shown] == [
        ("citizen", ""),
        ("house", ""),
        ("agent", AGENT),
    ]
    assert shown[0]["text"] == "Hej! När är det öppet?"
    assert shown[0]["address"] == KIM
    here.settled()
    here.close(contact)
