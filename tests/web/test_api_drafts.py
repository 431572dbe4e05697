"""What is being written and was not sent, over HTTP."""

from tests.web.house import Reception
from tests.web.test_api_talk import AGENT, talks

OTHER = {"role": "agent", "agent": "guide03"}
LEAD = {"role": "supervisor"}
HALF = {"form fault": {"where": "Stortorget <b>4</b>"}, "wrap-up": {"reason": "skola.skolskjuts"}}


async def test_a_draft_is_kept_for_whoever_has_the_contact_and_for_nobody_else(house: Reception) -> None:
    talk = await talks(house)
    assert (await house.get(f"/contacts/{talk}/draft", **AGENT)).json == {}
    assert (await house.send("PUT", f"/contacts/{talk}/draft", json={"text": "Hej"}, **AGENT)).status == 204
    assert (await house.get(f"/contacts/{talk}/draft", **AGENT)).json["text"] == "Hej"
    assert (await house.send("PUT", f"/contacts/{talk}/draft", json={"text": "?"}, **OTHER)).error == "not_yours"
    await house.send("PUT", f"/contacts/{talk}/draft", json={"text": ""}, **AGENT)
    assert (await house.get(f"/contacts/{talk}/draft", **AGENT)).json == {}


async def test_what_was_begun_beside_it_is_the_writers_alone(house: Reception) -> None:
    talk = await talks(house)
    path = f"/contacts/{talk}/unsent"
    assert (await house.get(path, **AGENT)).json == {}
    assert (await house.send("PUT", path, json={"panels": HALF}, **AGENT)).status == 204
    assert (await house.get(path, **AGENT)).json["panels"] == HALF
    assert (await house.send("PUT", path, json={"panels": {}}, **OTHER)).error == "not_yours"
    assert (await house.get(path, **OTHER)).error == "not_yours"
    assert (await house.get(path, **LEAD)).json == {}
    assert (await house.send("PUT", path, json={"panels": {}}, **AGENT)).status == 204
    assert (await house.get(path, **AGENT)).json == {}


async def test_no_more_is_kept_than_panels_hold(house: Reception) -> None:
    path = f"/contacts/{await talks(house)}/unsent"
    for panels in (
        {str(n): {} for n in range(21)},
        {"form": {str(n): "" for n in range(101)}},
        {"form": {"what": "x" * 65_537}},
        {"form": {"what": 1}},
    ):
        assert (await house.send("PUT", path, json={"panels": panels}, **AGENT)).error == "bad_request"
