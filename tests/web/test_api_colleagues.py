"""What the first line asks of the second over HTTP, and who may see it."""

from router import facts as f
from router import inputs as i
from router.contact import Contact
from tests.web.house import Reception
from tests.web.test_api_talk import AGENT, facts, talks

EXPERT = {"role": "agent", "agent": "guide11"}
OTHER = {"role": "agent", "agent": "guide03"}
LEAD = {"role": "supervisor"}
NIGHT = 4 * 3600.0


def contact(house: Reception, id_: str) -> Contact:
    return house.state.contacts[id_]  # type: ignore[no-any-return]


async def expert(house: Reception) -> None:
    await house.put(i.LogIn("guide11"))
    await house.put(i.GoReady("guide11"))


async def asks(house: Reception, talk: str) -> str:
    told = await house.post(f"/contacts/{talk}/ask", json={"queue": "bygglov", "text": "Gäller det altan?"}, **AGENT)
    assert told.status == 201, told
    return str(told.json["contact"])


async def test_the_guide_is_told_before_handing_over_that_the_second_line_is_closed(house: Reception) -> None:
    talk = await talks(house)
    (choice,) = (await house.get(f"/contacts/{talk}/queues", **AGENT)).json["queues"]
    assert (choice["queue"], choice["title"], choice["way"], choice["obstacle"]) == (
        "bygglov", "Bygglov", "leave", "closed",
    )  # fmt: skip
    assert choice["open"] is False
    assert house.house.spine.router.local(choice["changes_at"]).hour == 9
    refused = await house.post(f"/contacts/{talk}/send-to-queue", json={"queue": "bygglov", "note": "x"}, **AGENT)
    assert refused.error == "queue_closed"
    assert facts(house, f.RemarkAdded) == []
    (other,) = (await house.get(f"/contacts/{talk}/queues?queue=kontakt", **AGENT)).json["queues"]
    assert other["way"] == "send"
    assert (await house.get(f"/contacts/{talk}/queues", **OTHER)).error == "not_yours"


async def test_what_is_left_for_the_department_takes_note_and_number_along(house: Reception) -> None:
    talk = await talks(house)
    house.vault.values[talk] = {"number": "+46700000001", "digits": "8011"}
    left = (
        await house.post(f"/contacts/{talk}/leave", json={"queue": "bygglov", "text": "Ring om altan."}, **AGENT)
    ).json["contact"]
    secrets = house.journal.store.secrets
    assert secrets[left, "number"] == "+46700000001"
    assert secrets[f"{left}.n1", "remark"] == "Ring om altan."
    assert not any(kind == "digits" for _, kind in secrets)
    shown = (await house.get(f"/contacts/{left}")).json
    assert (shown["about"], shown["remarks"], shown["queue"], shown["channel"]) == (talk, 1, "bygglov", "message")
    assert "altan" not in repr(facts(house, f.RemarkAdded))


async def test_a_specialist_who_is_asked_sees_the_contact_and_answers(house: Reception) -> None:
    talk = await talks(house)
    assert (await house.get(f"/contacts/{talk}", **EXPERT)).error == "not_yours"
    await expert(house)
    question = await asks(house, talk)
    assert (await house.get(f"/contacts/{talk}", **EXPERT)).status == 200  # asked, and may look
    await house.put(i.AcceptOffer(contact(house, question).offer))  # type: ignore[union-attr]
    assert (await house.get(f"/contacts/{question}/remarks", **EXPERT)).json["remarks"][0]["remark"] == 1
    told = await house.post(f"/contacts/{question}/remarks", json={"text": "Nej, bara staket."}, **EXPERT)
    assert told.status == 204, told
    shown = (await house.get(f"/contacts/{talk}", **AGENT)).json
    assert (shown["remarks"], shown["questions"]) == (2, [question])
    assert [one.writer for one in facts(house, f.RemarkAdded)] == ["guide01", "guide11"]  # type: ignore[attr-defined]
    assert (await house.post(f"/contacts/{talk}/finish", **EXPERT)).error == "not_yours"
    assert (await house.post(f"/contacts/{question}/finish", **EXPERT)).status == 204
    await house.post(f"/contacts/{question}/end-wrap-up", json={"agent": "guide11"}, **EXPERT)
    assert (await house.get(f"/contacts/{talk}", **EXPERT)).error == "not_yours"  # not any more


async def test_nobody_else_reads_or_writes_remarks(house: Reception) -> None:
    talk = await talks(house)
    assert (await house.post(f"/contacts/{talk}/remarks", json={"text": "Hm."}, **OTHER)).error == "not_yours"
    assert (await house.get(f"/contacts/{talk}/remarks", **OTHER)).error == "not_yours"
    assert (await house.post(f"/contacts/{talk}/remarks", json={"text": ""}, **AGENT)).error == "bad_request"
    assert (await house.post(f"/contacts/{talk}/remarks", json={"text": "x" * 4001}, **AGENT)).error == "bad_request"
    assert (await house.get(f"/contacts/{talk}/remarks?of=w9-9-9", **AGENT)).error == "unknown_contact"
    assert (await house.get(f"/contacts/{talk}/remarks", role="reader")).error == "not_allowed"


async def test_help_is_asked_for_seen_and_given_in_writing(house: Reception) -> None:
    talk = await talks(house)
    assert (await house.post(f"/contacts/{talk}/help", **AGENT)).status == 204
    assert (await house.post(f"/contacts/{talk}/help", **AGENT)).status == 204  # a level: once more changes nothing
    assert len(facts(house, f.HelpAsked)) == 1
    (wanted,) = (await house.get("/help", **LEAD)).json["helps"]
    assert (wanted["contact"], wanted["agent"]) == (talk, "guide01")
    assert (await house.post(f"/contacts/{talk}/answer-help", json={"text": "Ja."}, **AGENT)).error == "not_allowed"
    taking_part = await house.post(f"/contacts/{talk}/take-part", json={"to": {"phone": "x"}}, **AGENT)
    assert taking_part.error == "not_allowed"
    assert (await house.post(f"/contacts/{talk}/answer-help", json={"text": "Ja."}, **LEAD)).status == 204
    assert (await house.get("/help", **LEAD)).json["helps"] == []
    (remark,) = facts(house, f.RemarkAdded)
    assert remark.writer == ""  # type: ignore[attr-defined]


async def test_a_consultation_names_a_queue_alone(house: Reception) -> None:
    talk = await talks(house)
    both = {"to": {"queue": "kontakt", "agent": "guide02"}}
    assert (await house.post(f"/contacts/{talk}/consult", json=both, **AGENT)).error == "bad_request"
    only = {"to": {"queue": "bygglov"}}
    assert (await house.post(f"/contacts/{talk}/consult", json=only, **AGENT)).error == "queue_closed"
    assert (await house.post(f"/contacts/{talk}/forward", json=only, **AGENT)).error == "bad_request"
    sought = await house.post(f"/contacts/{talk}/consult", json={"to": {"queue": "vaxel"}}, **AGENT)
    assert sought.status == 204
    assert (await house.get(f"/contacts/{talk}", **AGENT)).json["seeking"] == "vaxel"
    assert (await house.post(f"/contacts/{talk}/drop-party", **AGENT)).status == 204
