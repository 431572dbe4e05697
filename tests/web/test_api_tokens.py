"""Who may ask what: tokens in a file, roles, and what is refused at the door."""

import stat
from pathlib import Path

import pytest

from router.api import Role
from tests.web.house import NOON, Reception
from web.tokens import Token, TokenError, TokenFile, Tokens, make

ROLES: tuple[Role, ...] = ("reader", "agent", "operator", "supervisor", "admin")


# ---- the file --------------------------------------------------------------------------------------------------------


class Now:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> float:
        return self.time


def test_a_token_is_known_by_its_hash_alone(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "tokens.json")
    shown, token = make("wallboard", "reader", "", NOON)
    file.add(token)
    assert shown.startswith("vaxel_wallboard_")
    assert shown not in file.path.read_text()
    assert shown.split("_", 2)[2] not in file.path.read_text()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert Tokens(file, Now()).find(shown) == token


def test_every_token_is_another(tmp_path: Path) -> None:
    assert len({make("a", "reader", "", NOON)[0] for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "wrong",
    ["", "vaxel", "vaxel_", "vaxel_wallboard_", "vaxel_nobody_x", "_wallboard_x", "x" * 10_000, "vaxel_wallboard_ä"],
)
def test_a_wrong_token_is_nobody(tmp_path: Path, wrong: str) -> None:
    file = TokenFile(tmp_path / "tokens.json")
    file.add(make("wallboard", "reader", "", NOON)[1])
    assert Tokens(file, Now()).find(wrong) is None


def test_a_changed_token_is_nobody(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "tokens.json")
    shown, token = make("wallboard", "reader", "", NOON)
    file.add(token)
    tokens = Tokens(file, Now())
    for place in range(len(shown)):
        changed = shown[:place] + ("B" if shown[place] == "A" else "A") + shown[place + 1 :]
        assert tokens.find(changed) is None
    assert tokens.find(shown + "A") is None
    assert tokens.find(shown[:-1]) is None


def test_changes_reach_the_engine_within_a_second(tmp_path: Path) -> None:
    file, now = TokenFile(tmp_path / "tokens.json"), Now()
    tokens = Tokens(file, now)
    shown, token = make("wallboard", "reader", "", NOON)
    assert tokens.find(shown) is None
    file.add(token)
    now.time += 1
    assert tokens.find(shown) == token
    file.remove("wallboard")
    now.time += 1
    assert tokens.find(shown) is None


def test_a_token_ends(tmp_path: Path) -> None:
    file, now = TokenFile(tmp_path / "tokens.json"), Now()
    shown, token = make("wallboard", "reader", "", NOON, expires=NOON + 60)
    file.add(token)
    tokens = Tokens(file, now)
    assert tokens.find(shown) == token
    now.time += 60
    assert tokens.find(shown) is None


def test_a_damaged_file_lets_nobody_in_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file, now = TokenFile(tmp_path / "tokens.json"), Now()
    shown, token = make("wallboard", "reader", "", NOON)
    file.add(token)
    tokens = Tokens(file, now)
    assert tokens.find(shown) == token
    file.path.write_text("{")
    for _ in range(3):
        now.time += 1
        assert tokens.find(shown) is None
    assert [record.action for record in caplog.records] == ["api.tokens_unreadable"]  # type: ignore[attr-defined]
    with pytest.raises(TokenError, match="cannot be read"):
        file.add(token)


def test_names_are_plain_and_used_once(tmp_path: Path) -> None:
    file = TokenFile(tmp_path / "tokens.json")
    file.add(make("wallboard", "reader", "", NOON)[1])
    with pytest.raises(TokenError, match='there is a token "wallboard" already'):
        file.add(make("wallboard", "admin", "", NOON)[1])
    with pytest.raises(TokenError, match='there is no token "walboard"; there are: wallboard'):
        file.remove("walboard")
    for name in ("", "Wallboard", "wall_board", "-x", "x" * 41, "wåll"):
        with pytest.raises(TokenError, match="cannot be called"):
            make(name, "reader", "", NOON)
    with pytest.raises(TokenError, match="name it with --agent"):
        make("x", "agent", "", NOON)


# ---- the door --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Basic dTpw", "Bearer vaxel_admin_x", "Bearer a b", "Bearer \t", "x" * 4000],
)
async def test_no_token_no_answer(house: Reception, authorization: str) -> None:
    told = await house.get("/live", headers={"Authorization": authorization})
    assert (told.status, told.error) == (401, "not_signed_in")
    assert told.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_in_the_address_is_not_looked_at(house: Reception) -> None:
    told = await house.get(f"/live?token={house.token()}", role=None)
    assert told.status == 401


async def test_many_wrong_tokens_are_told_to_come_later_and_right_ones_are_not(house: Reception) -> None:
    wrong = {"Authorization": "Bearer vaxel_admin_guess"}
    told = [(await house.get("/me", headers=wrong)).status for _ in range(12)]
    assert told == [401] * 10 + [429] * 2
    assert (await house.get("/me")).status == 200
    house.clock.time += 5
    assert (await house.get("/me", headers=wrong)).status == 401


async def test_one_token_asks_only_so_often() -> None:
    async with Reception.open(requests_per_second=5) as house:
        told = [await house.get("/me", role="reader") for _ in range(11)]
        assert [one.status for one in told] == [200] * 10 + [429]
        assert (told[-1].error, told[-1].json["retryable"]) == ("too_many_requests", True)
        assert told[-1].headers["Retry-After"] == "1"
        assert (await house.get("/me", role="admin")).status == 200, "others are not concerned"
        house.clock.time += 1
        assert (await house.get("/me", role="reader")).status == 200


@pytest.mark.parametrize(
    ("origin", "status"), [("http://127.0.0.1:{port}", 200), ("http://evil.example", 403), ("null", 403), ("", 403)]
)
async def test_pages_of_other_sites_are_refused(house: Reception, origin: str, status: int) -> None:
    told = await house.get("/me", headers={"Origin": origin.format(port=house.port)})
    assert told.status == status
    assert status == 200 or told.error == "origin_refused"


# ---- roles -----------------------------------------------------------------------------------------------------------

ACTS = (
    ("POST", "/agents/guide01/pause", {"reason": "lunch"}),
    ("POST", "/agents/guide01/ready", {}),
    ("POST", "/agents/guide02/log-in", {}),
    ("POST", "/agents/guide01/log-out", {}),
    ("POST", "/contacts/w1-1-1/finish", {}),
    ("POST", "/contacts/w1-1-1/hand-back", {}),
    ("POST", "/contacts/w1-1-1/end-wrap-up", {}),
    ("POST", "/contacts/w1-1-1/call-back", {}),
    ("POST", "/offers/w1-1-1.1/accept", {}),
    ("POST", "/offers/w1-1-1.1/decline", {}),
    ("POST", "/callbacks/w1-1-1.callback2/cancel", {}),
)


@pytest.mark.parametrize(("method", "path", "body"), ACTS)
async def test_a_reader_does_nothing(house: Reception, method: str, path: str, body: dict[str, str]) -> None:
    told = await house.send(method, path, json=body, role="reader")
    assert (told.status, told.error) == (403, "not_allowed")


async def test_a_kiosk_does_what_a_visitor_may_and_nothing_else(house: Reception) -> None:
    told = await house.send("POST", "/places/stadshuset/tickets", json={"service": "vagledning"}, role="kiosk")
    assert told.status == 200
    visit = f"/visits/{told.json['visit']}"
    assert (await house.send("GET", visit, role="kiosk")).json["ticket"] == "A101"
    assert (await house.send("GET", "/places/stadshuset/board", role="kiosk")).status == 200
    refused = [
        *ACTS,
        ("GET", "/contacts", None),
        ("GET", "/agents", None),
        ("POST", "/agents/guide01/call-next", {}),
        ("POST", "/agents/guide01/visits", {"service": "vagledning"}),
    ]
    for method, path, body in refused:
        told = await house.send(method, path, json=body, role="kiosk")
        assert (told.status, told.error) == (403, "not_allowed"), path
    assert (await house.send("POST", f"{visit}/leave", role="kiosk", json={})).status == 204
    assert (await house.send("GET", visit, role="kiosk")).status == 404


@pytest.mark.parametrize("role", ["agent", "operator"])
async def test_an_agent_acts_for_itself_alone(house: Reception, role: Role) -> None:
    mine, theirs = "/agents/guide02/", "/agents/guide01/"
    assert (await house.post(f"{mine}log-in", role=role, agent="guide02")).json["state"] == "paused"
    assert (await house.post(f"{mine}ready", role=role, agent="guide02")).json["state"] == "ready"
    for verb in ("log-in", "log-out", "ready", "pause"):
        body = {"reason": "lunch"} if verb == "pause" else {}
        told = await house.post(f"{theirs}{verb}", json=body, role=role, agent="guide02")
        assert (told.status, told.error) == (403, "not_yours")


@pytest.mark.parametrize("role", ["supervisor", "admin"])
async def test_who_leads_acts_for_everybody(house: Reception, role: Role) -> None:
    told = await house.post("/agents/guide01/pause", json={"reason": "lunch"}, role=role)
    assert (told.status, told.json["pause"]) == (200, "lunch")


async def test_a_program_without_an_agent_acts_for_nobody(house: Reception) -> None:
    assert (await house.post("/agents/guide01/ready", role="operator")).error == "not_yours"


async def test_an_agent_sees_its_own_contacts_alone(house: Reception) -> None:
    contact = await house.waits()
    house.vault.values[contact] = {"number": "+46700000001"}
    mine, other = {"role": "agent", "agent": "guide01"}, {"role": "agent", "agent": "guide02"}
    assert (await house.get(f"/contacts/{contact}", **mine)).json["state"] == "offered"
    assert (await house.get(f"/contacts/{contact}/citizen", **mine)).json["number"] == "+46700000001"
    assert [one["id"] for one in (await house.get("/contacts", **mine)).json["contacts"]] == [contact]
    assert [one["id"] for one in (await house.get("/agents", **mine)).json["agents"]] == ["guide01"]
    assert (await house.get(f"/contacts/{contact}", **other)).error == "not_yours"
    assert (await house.get(f"/contacts/{contact}/citizen", **other)).error == "not_yours"
    assert (await house.get("/contacts?agent=guide01", **other)).json["contacts"] == []
    assert (await house.get("/agents/guide01", **other)).error == "not_yours"
    assert (await house.get("/live", **mine)).error == "not_allowed"
    assert (await house.post(f"/offers/{contact}.1/decline", **other)).error == "not_yours"
    assert (await house.post(f"/offers/{contact}.1/accept", **mine)).status == 204
    assert (await house.post(f"/contacts/{contact}/finish", **other)).error == "not_yours"
    assert (await house.post(f"/contacts/{contact}/finish", **mine)).status == 204


@pytest.mark.parametrize(("role", "status"), [("reader", 403), ("admin", 403), ("operator", 200), ("supervisor", 200)])
async def test_personal_values_are_for_few_and_looks_are_logged(
    house: Reception, role: Role, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    contact = await house.waits()
    house.vault.values[contact] = {"number": "+46700000001", "digits": "1984"}
    told = await house.get(f"/contacts/{contact}/citizen", role=role)
    assert told.status == status
    seen = [line for line in house.house.access.read() if line.kind == "looked"]
    assert "46700000001" not in caplog.text + str(seen)
    if status == 200:
        assert told.json == {"contact": contact, "number": "+46700000001"}
        (line,) = seen
        assert (line.what["by"], line.what["contact"], line.what["kinds"]) == (role, contact, ["citizen"])
    else:
        assert seen == []


async def test_nothing_else_holds_a_personal_value(house: Reception) -> None:
    contact = await house.waits(person="p1234567890")
    house.vault.values[contact] = {"number": "+46700000001"}
    for path in (
        "/contacts",
        f"/contacts/{contact}",
        "/live",
        "/agents",
        "/queues",
        f"/offers/{contact}.1/why-this-agent",
    ):
        body = (await house.get(path)).body
        assert b"+46700000001" not in body
        assert b"p1234567890" not in body, "a pseudonym tells that two contacts are one person's"


async def test_what_was_done_is_logged_with_who_asked(house: Reception, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    await house.post("/agents/guide01/pause", json={"reason": "lunch"}, role="supervisor")
    (line,) = [record for record in caplog.records if getattr(record, "action", "") == "api.acted"]
    assert (line.by, line.route, line.status) == ("supervisor", "POST /agents/{agent}/pause", 200)  # type: ignore[attr-defined]
    assert line.about == {"agent": "guide01"}  # type: ignore[attr-defined]


async def test_the_command_lines_token_is_in_a_private_file(house: Reception) -> None:
    path = house.folder.run / "api.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = await house.get("/me", headers={"Authorization": f"Bearer {house.local()['token']}"})
    assert told.json == {"token": "local", "role": "admin", "agent": "", "departments": []}


def test_a_token_tells_all_that_is_kept() -> None:
    assert Token.__struct_fields__ == ("name", "role", "agent", "departments", "hash", "made", "expires")
