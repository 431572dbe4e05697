"""What agents do with a call in hand: held, consulted, sent on, parked; and who may do it to whom."""

import pytest

from router import facts as f
from router import inputs as i
from router.journal import decode
from tests.web.house import Reception

AGENT = {"role": "agent", "agent": "guide01"}


async def talks(house: Reception) -> str:
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    await house.put(i.LogIn("guide02"))
    return contact


def facts(house: Reception, kind: type[f.Fact]) -> list[f.Fact]:
    entries = [decode(data) for _, data in house.journal.store.entries]
    return [fact for entry in entries for fact in entry.facts if isinstance(fact, kind)]


async def show(house: Reception, contact: str) -> dict[str, object]:
    return (await house.get(f"/contacts/{contact}")).json


async def test_hold_and_resume(house: Reception) -> None:
    contact = await talks(house)
    assert (await house.post(f"/contacts/{contact}/hold", **AGENT)).status == 204
    assert (await show(house, contact))["held"] is True
    assert (await house.post(f"/contacts/{contact}/resume", **AGENT)).status == 204
    assert "held" not in await show(house, contact)


async def test_a_colleague_is_consulted_and_takes_over(house: Reception) -> None:
    contact = await talks(house)
    told = await house.post(f"/contacts/{contact}/consult", json={"to": {"agent": "guide02"}}, **AGENT)
    assert told.status == 204, told
    (party,) = (await show(house, contact))["parties"]  # type: ignore[misc]
    assert (party["agent"], party["state"]) == ("guide02", "ringing")
    assert party["destination"] == {"kind": "phone", "phone": "guide02"}
    await house.put(i.PickedUp(leg=f"{contact}.2"))
    assert (await house.post(f"/contacts/{contact}/swap", **AGENT)).status == 204
    (party,) = (await show(house, contact))["parties"]  # type: ignore[misc]
    assert party["state"] == "held"
    assert (await house.post(f"/contacts/{contact}/connect", **AGENT)).status == 204
    assert (await show(house, contact))["agent"] == "guide02"
    assert (await house.post(f"/contacts/{contact}/hold", **AGENT)).error == "not_yours"


async def test_who_was_consulted_leaves(house: Reception) -> None:
    contact = await talks(house)
    await house.post(f"/contacts/{contact}/consult", json={"to": {"agent": "guide02"}}, **AGENT)
    assert (
        await house.post(f"/contacts/{contact}/drop-party", json={"party": "nobody"}, **AGENT)
    ).error == "unknown_party"
    assert (await house.post(f"/contacts/{contact}/drop-party", **AGENT)).status == 204
    assert "parties" not in await show(house, contact)
    assert (await house.post(f"/contacts/{contact}/connect", **AGENT)).error == "nobody_consulted"


async def test_a_number_goes_to_the_vault_and_nowhere_else(house: Reception) -> None:
    contact = await talks(house)
    told = await house.post(f"/contacts/{contact}/consult", json={"to": {"number": "040-34 10 00"}}, **AGENT)
    assert told.status == 204
    (invited,) = facts(house, f.PartyInvited)
    assert invited.destination.outside  # type: ignore[attr-defined]
    owner = invited.destination.address  # type: ignore[attr-defined]
    assert house.journal.store.secrets == {(owner, "number"): "+4640341000"}
    assert all(b"4640341000" not in data for _, data in house.journal.store.entries)
    (party,) = (await show(house, contact))["parties"]  # type: ignore[misc]
    assert party["destination"] == {"kind": "number", "country": "SE"}
    house.vault.values = {owner: {"number": "+4640341000"}, contact: {"number": "+46700000001"}}
    seen = (await house.get(f"/contacts/{contact}/citizen", **AGENT)).json
    assert seen == {"contact": contact, "number": "+46700000001", "parties": {party["party"]: "+4640341000"}}


@pytest.mark.parametrize(
    ("to", "error"),
    [
        ({}, "bad_request"),
        ({"agent": "guide02", "phone": "x"}, "bad_request"),
        ({"agent": "nobody"}, "unknown_agent"),
        ({"agent": "guide03"}, "agent_logged_out"),
        ({"agent": "guide01"}, "own_phone"),
        ({"number": "12"}, "number_bad"),
        ({"number": "sip:x@y"}, "domain_refused"),
        ({"number": "+1 212 555 0100"}, "number_country"),
        ({"number": "0900 123 45 67"}, "number_refused"),
        ({"phone": "sip:x@evil.example"}, "bad_request"),
        ({"phone": "a b"}, "bad_request"),
    ],
)
async def test_nothing_is_rung_that_may_not_be(house: Reception, to: dict[str, str], error: str) -> None:
    contact = await talks(house)
    for verb in ("consult", "forward"):
        told = await house.post(f"/contacts/{contact}/{verb}", json={"to": to}, **AGENT)
        assert told.error == error, told
        assert told.status in (400, 404, 409, 422)
        assert "555" not in told.json["detail"]
    assert house.journal.store.secrets == {}


async def test_a_refused_number_leaves_nothing_in_the_vault(house: Reception) -> None:
    contact = await talks(house)
    await house.put(i.Finish(contact))
    house.spine.submit(i.Pause("guide02", "lunch"))  # something that is written in the same turn
    told = await house.post(f"/contacts/{contact}/consult", json={"to": {"number": "040-34 10 00"}}, role="supervisor")
    assert told.error in ("not_connected", "unknown_contact")
    assert house.journal.store.secrets == {}


async def test_a_call_is_parked_and_fetched(house: Reception) -> None:
    contact = await talks(house)
    assert (await house.post(f"/contacts/{contact}/park", **AGENT)).status == 204
    parked = await show(house, contact)
    assert (parked["state"], parked["slot"], parked["agent"]) == ("parked", "1", "guide01")
    assert (await house.post("/slots/1/retrieve", json={"agent": "guide02"}, **AGENT)).error == "not_yours"
    assert (await house.post("/slots/9/retrieve", json={"agent": "guide01"}, **AGENT)).error == "slot_empty"
    other = {"role": "agent", "agent": "guide02"}
    assert (await house.post("/slots/1/retrieve", json={"agent": "guide02"}, **other)).status == 204  # type: ignore[arg-type]
    assert (await show(house, contact))["agent"] == "guide02"


async def test_a_contact_is_sent_on(house: Reception) -> None:
    contact = await talks(house)
    assert (await house.post(f"/contacts/{contact}/forward", json={"to": {"agent": "guide02"}}, **AGENT)).status == 204
    sent = await show(house, contact)
    assert (sent["state"], sent["agent"]) == ("forwarded", "guide01")
    work = (await house.get("/agents/guide01")).json["work"]
    assert [(one["contact"], one["state"]) for one in work] == [(contact, "wrapping_up")]
    told = await house.post(f"/contacts/{contact}/extend-wrap-up", **AGENT)
    assert told.status == 204
    assert (await house.get("/agents/guide01")).json["work"][0]["until"] > work[0]["until"]
    assert (
        await house.post(f"/contacts/{contact}/end-wrap-up", json={"agent": "guide02"}, **AGENT)
    ).error == "not_yours"
    assert (await house.post(f"/contacts/{contact}/end-wrap-up", **AGENT)).status == 204
    assert "work" not in (await house.get("/agents/guide01")).json


async def test_a_contact_is_sent_to_another_queue(house: Reception) -> None:
    contact = await talks(house)
    told = await house.post(f"/contacts/{contact}/send-to-queue", json={"queue": "nowhere"}, **AGENT)
    assert (told.status, told.error) == (404, "unknown_queue")
    assert (await house.post(f"/contacts/{contact}/send-to-queue", json={"queue": "skola"}, **AGENT)).status == 204
    assert (await show(house, contact))["queue"] == "skola"


@pytest.mark.parametrize(
    "verb", ["hold", "resume", "swap", "connect", "drop-party", "park", "consult", "forward", "send-to-queue"]
)
async def test_nobody_acts_on_the_call_of_another(house: Reception, verb: str) -> None:
    contact = await talks(house)
    body = {"consult": {"to": {"agent": "guide01"}}, "forward": {"to": {"agent": "guide01"}}}.get(verb, {})
    body = {"queue": "skola"} if verb == "send-to-queue" else body
    told = await house.post(f"/contacts/{contact}/{verb}", json=body, role="operator", agent="guide02")
    assert (told.status, told.error) == (403, "not_yours")


async def test_an_agent_logs_in_at_another_phone(house: Reception) -> None:
    told = await house.post("/agents/guide02/log-in", json={"phone": "phone07"}, role="agent", agent="guide02")
    assert (told.status, told.json["phone"]) == (200, "phone07")
    assert house.state.at_phone["phone:phone07"] == "guide02"
    await house.put(i.PhoneGone(phone="phone:phone07"))
    assert (await house.get("/agents/guide02")).json["phone_lost"] is True


async def test_an_agent_calls_somebody(house: Reception) -> None:
    told = await house.post(
        "/agents/guide01/call", json={"to": {"number": "040-34 10 00"}, "queue": "kontakt"}, **AGENT
    )
    assert told.status == 201, told
    contact = told.json["contact"]
    called = await show(house, contact)
    assert called.items() >= {"agent": "guide01", "queue": "kontakt", "connecting": True}.items()
    assert called["destination"] == {"kind": "number", "country": "SE"}
    ((owner, _),) = house.journal.store.secrets
    house.vault.values = {owner: {"number": "+4640341000"}}
    assert (await house.get(f"/contacts/{contact}/citizen", **AGENT)).json["number"] == "+4640341000"
    assert (
        await house.post("/agents/guide01/call", json={"to": {"number": "040341001"}}, **AGENT)
    ).error == "agent_busy"
    assert list(house.journal.store.secrets.values()) == ["+4640341000"], "what is refused leaves nothing behind"
    other = await house.post("/agents/guide02/call", json={"to": {"number": "040341001"}}, **AGENT)
    assert other.error == "not_yours"


async def test_a_callback_is_promised_in_person(house: Reception) -> None:
    contact = await talks(house)
    path = f"/contacts/{contact}/promise-callback"
    assert (await house.post(path, json={"due": house.clock.now() - 1}, **AGENT)).error == "bad_time"
    assert (await house.post(path, json={"due": house.clock.now() + 3600}, **AGENT)).status == 204
    (promised,) = (await house.get("/callbacks")).json["callbacks"]
    assert promised.items() >= {"state": "waiting", "due": house.clock.now() + 3600, "agent": "guide01"}.items()
    assert (await house.post(path, json={"due": house.clock.now() + 7200}, **AGENT)).error == "has_callback"
