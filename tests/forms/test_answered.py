"""Forms that are answered by mail: real mail servers, a real engine."""

import time
from collections.abc import Callable

import pytest
import yaml

from tests.forms.town import FORM, OLD_S, Browser
from tests.mail.conftest import post as post
from tests.mail.conftest import town as town
from tests.mail.town import Town
from tests.system.conftest import make_house as make_house
from tests.system.house import until
from tests.system.test_api import ask

pytestmark = pytest.mark.system
FIELDS = {
    "where": {"kind": "place", "label": {"en": "Where?"}},
    "mail": {"kind": "mail", "label": {"en": "E-mail"}, "required": False},
}


def test_who_leaves_an_address_is_answered_there_and_can_write_back(town: Callable[..., Town]) -> None:
    here = town(start=False)
    form = FORM | {"mailbox": "kontakt", "acknowledge": "received", "fields": FIELDS}
    (here.house.config / "forms.yaml").write_text(yaml.safe_dump({"forms": {"fault": form}}, sort_keys=False))
    agents = yaml.safe_load((here.house.config / "agents.yaml").read_text())["agents"]
    here.house.change("agents", {"agents": {name: {"capacity": {"form": 2}} for name in agents}})
    here.house.start()
    browser = Browser(here.house)
    tokens = [browser.open(), browser.open()]
    time.sleep(OLD_S)
    browser.send(tokens[1], where="Lillgatan 2")
    other = taken(here)
    status, told = ask(here.house, "POST", f"/contacts/{other}/messages", {"text": "Hi"}, here.tokens["agent0001"])
    assert (status, told["error_id"]) == (409, "no_address")
    here.close(other)

    browser.send(tokens[0], where="Storgatan 1", mail="kim@example.org")
    (acknowledged,) = here.until_mails("kim", 1)
    assert browser.reference in acknowledged["Subject"]
    assert acknowledged["Auto-Submitted"] == "auto-replied"

    contact = taken(here)
    here.answer(contact, "It is mended.")
    _, answer = here.until_mails("kim", 2)
    assert answer.get_content().startswith("It is mended.")
    here.write("Thank you.", **{"In-Reply-To": answer["Message-ID"], "Subject": answer["Subject"]})
    (reply,) = here.until_contacts(1)
    assert here.ask("GET", f"/contacts/{reply['id']}/messages")["matter"] == contact


def taken(here: Town) -> str:
    """Let whoever is asked take the next form; return its contact."""
    offered = until(
        lambda: here.ask("GET", "/contacts?channel=form&state=offered")["contacts"], what="an offered form"
    )[0]
    here.ask("POST", f"/offers/{offered['offer']}/accept", by=offered["agent"])
    return str(offered["id"])
