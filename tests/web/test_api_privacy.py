"""Secrecy masks everywhere but for who serves, and every look is written down before anything is shown."""

import pytest

from router import inputs as i
from router.letters import Letter
from tests.web.house import Reception
from web.contactview import ContactView

MINE = {"role": "agent", "agent": "guide01"}
PERSONAL = ("/citizen", "/answers", "/messages", "/messages/1/attachments/original.eml", "/text")


async def secret_contact(house: Reception) -> str:
    contact = await house.waits()
    house.vault.values[contact] = {"number": "+46700000001"}
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    assert (await house.post(f"/contacts/{contact}/secrecy", json={}, **MINE)).status == 204
    return contact


@pytest.mark.parametrize("role", ["supervisor", "operator"])
async def test_what_is_secret_is_for_who_serves_it(house: Reception, role: str) -> None:
    contact = await secret_contact(house)
    told = await house.get(f"/contacts/{contact}/citizen", role=role)
    assert (told.status, told.error) == (403, "secret")
    assert (await house.get(f"/contacts/{contact}/answers", role=role)).error == "secret"
    assert (await house.get(f"/contacts/{contact}/citizen", **MINE)).json["number"] == "+46700000001"
    looks = [line.what["by"] for line in house.house.access.read() if line.kind == "looked"]
    assert looks == ["agent-guide01"], "refused looks saw nothing"
    assert (await house.get(f"/contacts/{contact}")).json["secret"] is True


async def test_those_who_lead_lift_secrecy_and_agents_do_not(house: Reception) -> None:
    contact = await secret_contact(house)
    path = f"/contacts/{contact}/secrecy"
    assert (await house.post(path, json={"secret": False}, **MINE)).error == "not_yours"
    assert (await house.post(path, json={"secret": False}, role="supervisor")).status == 204
    assert (await house.get(f"/contacts/{contact}/citizen", role="supervisor")).status == 200


async def test_a_mail_that_is_secret_shows_no_word_and_no_file(house: Reception) -> None:
    await house.put(i.LogIn("guide09"))
    await house.put(i.GoReady("guide09"))
    await house.put(i.Arrived(contact="k1", channel="mail", entry="bibliotek", person="p9", written=True))
    await house.house.contents.put("k1", "k1", Letter(sender="kim@example.org"), {"original.eml": b"Subject: x"})
    house.vault.values["k1.m1"] = {"text": "hemligt", "letter": "k1", "by": "citizen 1790000000.0"}
    await house.put(i.AcceptOffer(next(iter(house.state.offers))))
    await house.put(i.SetSecrecy("k1", secret=True))
    mine = {"role": "agent", "agent": "guide09"}
    for path in ("/messages", "/messages/1/attachments/original.eml", "/texts"):
        assert (await house.get(f"/contacts/k1{path}", role="supervisor")).error == "secret"
        assert (await house.get(f"/contacts/k1{path}", **mine)).status == 200


async def test_nothing_is_shown_when_the_look_cannot_be_kept(house: Reception) -> None:
    contact = await house.waits()
    house.vault.values[contact] = {"number": "+46700000001"}
    house.folder.access.rmdir()
    house.folder.access.write_bytes(b"")
    told = await house.get(f"/contacts/{contact}/citizen", role="supervisor")
    assert (told.status, told.error) == (503, "access_log_away")
    assert b"+46700000001" not in told.body


async def test_the_log_is_for_admins_and_says_whether_it_is_whole(house: Reception) -> None:
    contact = await secret_contact(house)
    await house.get(f"/contacts/{contact}/citizen", **MINE)
    assert (await house.get("/access-log", role="supervisor")).error == "not_allowed"
    await house.noted(3)
    marked, line = (await house.get(f"/access-log?contact={contact}")).json["lines"]
    assert (marked["kind"], marked["what"]["what"]) == ("acted", "POST /contacts/{contact}/secrecy")
    assert (line["what"]["ground"], line["what"]["secret"], line["what"]["agent"]) == ("serves", True, "guide01")
    assert (await house.get("/access-log?contact=w9-9-9")).json["lines"] == []
    assert (await house.get("/access-log/verdict")).json == {"lines": 3, "whole": True, "breaks": []}
    (path,) = house.folder.access.iterdir()
    path.write_bytes(path.read_bytes().replace(b"guide01", b"guide02"))
    assert not (await house.get("/access-log/verdict")).json["whole"]


async def test_an_earlier_conversation_of_a_secret_matter_is_not_shown_by_one_that_is_not(house: Reception) -> None:
    await house.put(i.LogIn("guide09"))
    await house.put(i.GoReady("guide09"))
    await house.put(i.Arrived(contact="k0", channel="mail", entry="bibliotek", person="p9", written=True))
    await house.put(i.SetSecrecy("k0", secret=True))
    await house.put(i.Arrived(contact="k1", channel="mail", entry="bibliotek", person="p9", written=True))
    house.vault.values["k1"] = {"thread": '{"matter": "k1", "follows": "k0"}'}
    house.vault.values["k0"] = {"thread": '{"matter": "k0"}'}
    house.vault.values["k0.m1"] = {"text": "hemligt", "by": "citizen 1790000000.0"}
    told = await house.get("/contacts/k1/messages?of=k0", role="supervisor")
    assert (told.status, told.error) == (403, "secret")
    assert (await house.get("/contacts/k1/messages", role="supervisor")).status == 200


def test_words_of_the_flow_are_masked_with_everything_else() -> None:
    view = ContactView(id="c", channel="call", state="waiting", arrived=0.0, notes={"about": "rent of Storgatan 1"})
    assert view.marked_secret(masked=True).notes == {}
    shown = view.marked_secret(masked=False)
    assert (shown.secret, shown.notes) == (True, view.notes)
