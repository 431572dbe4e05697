"""Answers that citizens gave to flows, over HTTP: for those alone who may see personal values."""

import pytest

from adapters.speech.tones import ensure
from router import inputs as i
from tests.web.house import DIRECT, Reception

REPORT = "w1-1-1.report4"


async def filed(house: Reception) -> None:
    """Let a report lie there: a number typed, and a place said."""
    await house.put(i.Arrived(contact=REPORT, channel="call", entry=DIRECT, leg=REPORT))
    house.vault.values[REPORT] = {"answers": '{"phone":"0406281357"}', "number": "+46700000001"}
    (house.folder.recordings / f"{REPORT}.where.wav").write_bytes(sound(house))


def sound(house: Reception) -> bytes:
    with open(ensure(8000, house.folder.root).beep, "rb") as file:
        return file.read()


async def test_what_was_typed_and_said(house: Reception) -> None:
    await filed(house)
    told = await house.get(f"/contacts/{REPORT}/answers", role="supervisor")
    assert told.json == {
        "contact": REPORT,
        "typed": {"phone": "0406281357"},
        "spoken": [{"answer": "where", "seconds": 0.25}],
    }
    heard = await house.get(f"/contacts/{REPORT}/answers/where", role="supervisor")
    assert heard.headers["Content-Type"] == "audio/wav"
    assert heard.body == sound(house)
    assert heard.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("role", ["reader", "admin"])
async def test_who_may_not_see_personal_values(house: Reception, role: str) -> None:
    await filed(house)
    for path in ("answers", "answers/where"):
        assert (await house.get(f"/contacts/{REPORT}/{path}", role=role)).error == "not_allowed"  # type: ignore[arg-type]


async def test_an_agent_sees_those_in_its_own_hands(house: Reception) -> None:
    await filed(house)
    path = f"/contacts/{REPORT}/answers"
    assert (await house.get(path, role="agent", agent="guide02")).error == "not_yours"


@pytest.mark.parametrize("answer", ["who", "..%2f..%2fsecret", "where.wav", "%00"])
async def test_answers_that_are_not_there(house: Reception, answer: str) -> None:
    await filed(house)
    told = await house.get(f"/contacts/{REPORT}/answers/{answer}", role="supervisor")
    assert told.error in ("unknown_answer", "bad_request")
    assert (await house.get("/contacts/nobody/answers", role="supervisor")).error == "unknown_contact"
