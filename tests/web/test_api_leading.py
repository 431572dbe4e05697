"""What those who lead do over HTTP: who may, what is kept of it, and what agents are shown."""

from typing import Any

import pytest
from msgspec import structs

from engine import alarms, figures
from queues.alarms import Alarms
from router import facts as f
from router import inputs as i
from router.api import Role
from router.configuration import Rules
from tests.web.house import Reception
from tests.web.test_api_talk import AGENT, facts, talks
from web.events import FORMS, NOWHERE, Happening, Position

LEAD: dict[str, Any] = {"role": "supervisor"}
OTHER: dict[str, Any] = {"role": "agent", "agent": "guide03"}


async def listened(house: Reception) -> str:
    """Return a talk of guide01 to which somebody listens at desk7."""
    talk = await talks(house)
    told = await house.post(f"/contacts/{talk}/listen", json={"phone": "desk7"}, **LEAD)
    assert told.status == 204, told
    await house.put(i.PickedUp(leg=facts(house, f.ListenerInvited)[0].party))
    return talk


def looks(house: Reception) -> list[dict[str, Any]]:
    return [line.what for line in house.house.access.read() if line.kind == "looked"]


async def test_every_listening_and_every_change_is_kept_before_it_begins(house: Reception) -> None:
    talk = await listened(house)
    await house.post(f"/contacts/{talk}/listen", json={"mode": "barge"}, **LEAD)
    kept = [(one["contact"], one["kinds"], one["role"], one["ground"]) for one in looks(house)]
    assert kept == [(talk, ["listen"], "supervisor", "leads"), (talk, ["barge"], "supervisor", "leads")]


@pytest.mark.parametrize("role", ["admin", "agent", "operator", "reader", "kiosk"])
async def test_only_supervisors_listen(house: Reception, role: Role) -> None:
    talk = await talks(house)
    told = await house.post(f"/contacts/{talk}/listen", json={"phone": "desk7"}, role=role, agent="guide01")
    assert told.error == "not_allowed"
    assert facts(house, f.ListenerInvited) == []


async def test_a_secret_talk_is_not_listened_to(house: Reception) -> None:
    talk = await talks(house)
    await house.put(i.SetSecrecy(talk, secret=True))
    assert (await house.post(f"/contacts/{talk}/listen", json={"phone": "desk7"}, **LEAD)).error == "secret"
    assert facts(house, f.ListenerInvited) == []


@pytest.mark.parametrize("shown", [True, False])
async def test_the_agent_sees_who_listens_unless_the_house_hides_it(house: Reception, shown: bool) -> None:
    core = house.state.configuration
    rules = Rules(listening_shown=shown)
    await house.put(i.ApplyConfiguration(structs.replace(core, rules=rules, revision="shown")))
    talk = await listened(house)
    seen = (await house.get(f"/contacts/{talk}", **AGENT)).json
    assert ("listener" in seen) is shown
    assert (await house.get(f"/contacts/{talk}", **LEAD)).json["listener"]["mode"] == "listen"
    happened = [Happening(Position(1, 1, 0), one, FORMS[type(one)], NOWHERE) for one in facts(house, f.ListenerInvited)]
    assert [one.agent for one in happened] == ["guide01" if shown else ""], "of which agents hear"


async def test_whoever_goes_first_goes_by_a_reason_that_is_kept(house: Reception) -> None:
    await house.put(i.Pause("guide01", "lunch"))
    contact = await house.waits()
    refused = await house.post(f"/contacts/{contact}/urgency", json={"first": True}, **LEAD)
    assert refused.error == "bad_request"
    told = await house.post(f"/contacts/{contact}/urgency", json={"first": True, "reason": "Larm om gaslukt"}, **LEAD)
    assert told.status == 204
    assert [(one["kinds"], one["why"]) for one in looks(house)] == [(["urgency"], "Larm om gaslukt")]
    assert "gaslukt" not in repr(facts(house, f.UrgencyChanged))
    assert (await house.get(f"/contacts/{contact}/why-waiting", **LEAD)).json["first"] is True


LED = [
    ("POST", "/contacts/w1-1-1/urgency", {"reason": "x", "first": True}),
    ("POST", "/contacts/w1-1-1/assign", {"agent": "guide01"}),
    ("PUT", "/agents/guide01/assignment", {"queues": {"kontakt": 0}}),
    ("DELETE", "/agents/guide01/assignment", None),
    ("POST", "/queues/kontakt/today", {"open": False, "reason": "x"}),
    ("DELETE", "/queues/kontakt/today", None),
    ("POST", "/notices", {"text": "x"}),
    ("DELETE", "/notices/n1", None),
]


@pytest.mark.parametrize("role", ["agent", "operator", "reader", "kiosk"])
@pytest.mark.parametrize(("method", "path", "body"), LED, ids=[f"{method} {path}" for method, path, _ in LED])
async def test_who_does_not_lead_changes_nothing(
    house: Reception, role: Role, method: str, path: str, body: dict[str, Any] | None
) -> None:
    before = house.state.snapshot()
    told = await house.send(method, path, role=role, agent="guide01", **({"json": body} if body else {}))
    assert told.error == "not_allowed"
    assert house.state.snapshot() == before


async def test_a_queue_is_closed_until_midnight_by_the_houses_clocks_with_a_reason(house: Reception) -> None:
    await house.post("/queues/kontakt/today", json={"open": False, "reason": "Brandövning"}, **LEAD)
    (told,) = (await house.get("/today", **AGENT)).json["queues"]
    assert (told["queue"], told["open"], told["reason"]) == ("kontakt", False, "Brandövning")
    ends = house.house.spine.router.local(told["until"])
    assert (ends.hour, ends.minute) == (0, 0)
    assert "Brand" not in repr(facts(house, f.QueueTodaySet))


async def test_agents_see_the_notices_that_are_for_them_until_they_have_read_them(house: Reception) -> None:
    for_all = (await house.post("/notices", json={"text": "För alla"}, **LEAD)).json["notice"]
    await house.post("/notices", json={"text": "För Bygglov", "queues": ["bygglov"]}, **LEAD)
    seen = (await house.get("/notices", **AGENT)).json["notices"]
    assert [(one["text"], one.get("readers")) for one in seen] == [("För alla", None)]
    assert (await house.post(f"/notices/{for_all}/read", json={"agent": "guide01"}, **OTHER)).error == "not_yours"
    assert (await house.post(f"/notices/{for_all}/read", json={}, **AGENT)).status == 204
    assert (await house.get("/notices", **AGENT)).json["notices"] == []
    assert [one["readers"] for one in (await house.get("/notices", **LEAD)).json["notices"] if "readers" in one] == [
        ["guide01"]
    ]
    assert "alla" not in repr(facts(house, f.BulletinPosted))


async def test_figures_that_cross_their_thresholds_raise_an_alarm_once_and_end_it(house: Reception) -> None:
    core = house.state.configuration
    led = structs.replace(core.queues["vaxel"], alarms=Alarms(waiting=1, nobody_available=True))
    await house.put(i.ApplyConfiguration(structs.replace(core, queues=core.queues | {"vaxel": led}, revision="led")))
    assert alarms.wanted(house.state)

    async def look() -> list[tuple[str, bool]]:
        found = list(alarms.changes(house.state, figures.of(house.house)))
        for one in found:
            await house.put(one)
        return [(one.alarm, one.raised) for one in found]

    assert await look() == []
    await house.put(i.Pause("guide01", "lunch"))
    contact = await house.waits()
    assert await look() == [("waiting", True), ("nobody_available", True)]
    assert await look() == []
    told = (await house.get("/alarms", **LEAD)).json["alarms"]
    assert [(one["queue"], one["alarm"]) for one in told] == [("vaxel", "waiting"), ("vaxel", "nobody_available")]
    await house.put(i.CitizenGone(contact=contact, cause="hung_up"))
    await house.put(i.GoReady("guide01"))
    assert await look() == [("waiting", False), ("nobody_available", False)]
