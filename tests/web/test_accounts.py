"""Administrators keep accounts over the API; what was done stands in the access log; nobody locks everybody out."""

from typing import Any

import pytest

from router.looking import Deed
from tests.web.house import NOON, Reception
from tests.web.test_sign_in import OWN, Page, account_of, page  # noqa: F401 - a fixture
from web.accounts import AccountError, AccountFile, make


async def add(house: Reception, name: str, duty: str, **more: Any) -> Any:
    told = await house.post("/accounts", json={"name": name, "duty": duty, **more})
    house.clock.time += 2
    return told


async def test_an_account_is_made_changed_closed_and_forgotten(house: Reception) -> None:
    told = await add(house, "berit", "supervisor", title="Berit S.", departments=["skola"])
    assert told.status == 200
    assert told.json["account"]["temporary"]
    assert told.json["password"] not in str(house.store.kept), "what is told once is kept nowhere"
    told = await house.send("PUT", "/accounts/berit", json={"departments": []})
    assert (told.json["departments"], told.json["title"]) == ([], "Berit S.")
    assert (await house.post("/accounts/berit/password", json={})).json["password"] != ""
    assert (await house.post("/accounts/berit/disable", json={})).json["disabled"]
    assert not (await house.post("/accounts/berit/enable", json={})).json["disabled"]
    listed = (await house.get("/accounts")).json
    assert [one["name"] for one in listed["accounts"]] == ["berit"]
    assert "hash" not in str(listed)
    assert listed["departments"]["skola"]["en"] == "Preschools and schools"
    assert (await house.send("DELETE", "/accounts/berit")).status == 204
    assert (await house.get("/accounts")).json["accounts"] == []
    assert (await house.send("DELETE", "/accounts/berit")).error == "unknown_account"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"name": "Berit", "duty": "supervisor"}, "account_bad"),
        ({"name": "berit", "duty": "guide"}, "account_bad"),
        ({"name": "berit", "duty": "administrator", "departments": ["skola"]}, "account_bad"),
        ({"name": "berit", "duty": "guide", "agent": "nosuch"}, "unknown_agent"),
        ({"name": "berit", "duty": "supervisor", "departments": ["nosuch"]}, "unknown_department"),
        ({"name": "taken", "duty": "supervisor"}, "account_exists"),
        ({"name": "berit", "duty": "king"}, "bad_request"),
    ],
)
async def test_what_is_no_account_is_refused(house: Reception, body: Any, error: str) -> None:
    await add(house, "taken", "supervisor")
    assert (await house.post("/accounts", json=body)).error == error
    assert len(AccountFile(house.folder.accounts).read()) == 1


@pytest.mark.parametrize("way", ["disable", "remove", "demote"])
async def test_the_last_administrator_stays(house: Reception, way: str) -> None:
    await add(house, "root", "administrator")
    await add(house, "lars", "supervisor")
    ways: dict[str, tuple[str, str, Any]] = {
        "disable": ("POST", "/accounts/{}/disable", {}),
        "remove": ("DELETE", "/accounts/{}", None),
        "demote": ("PUT", "/accounts/{}", {"duty": "supervisor"}),
    }
    method, path, body = ways[way]
    assert (await house.send(method, path.format("root"), json=body)).error == "last_administrator"
    await add(house, "second", "administrator")
    assert (await house.send(method, path.format("root"), json=body)).status < 300
    assert (await house.send(method, path.format("second"), json=body)).error == "last_administrator"
    with pytest.raises(AccountError, match="last administrator"):
        AccountFile(house.folder.accounts).remove("second")


async def test_only_administrators_keep_accounts(house: Reception) -> None:
    for role in ("supervisor", "coordinator", "operator", "reader"):
        assert (await house.post("/accounts", json={"name": "x", "duty": "administrator"}, role=role)).error == (  # type: ignore[arg-type]
            "not_allowed"
        )


async def test_what_people_do_is_kept_and_found_by_person_and_kind(house: Reception, page: Page) -> None:  # noqa: F811
    await page.sign_in("anna", "wrong-password")
    await page.sign_in("my-secret-typed-as-a-name", "x" * 12)
    await page.sign_in()
    await page.ask("POST", "/agents/guide01/pause", {"reason": "lunch"})
    await page.ask("POST", "/agents/guide02/pause", {"reason": "lunch"})
    await page.ask("GET", "/accounts")
    await page.ask("DELETE", "/session")
    await house.noted(7)
    lines = (await house.get("/access-log?by=anna")).json["lines"]
    told = [(one["kind"], one["what"].get("error", ""), one["what"]["what"]) for one in lines]
    assert told == [
        ("refused", "password_wrong", "POST /session"),
        ("signed_in", "", "POST /session"),
        ("acted", "", "POST /agents/{agent}/pause"),
        ("refused", "not_yours", "POST /agents/{agent}/pause"),
        ("refused", "not_allowed", "GET /accounts"),
        ("signed_out", "", "DELETE /session"),
    ]
    assert lines[2]["what"]["about"] == {"agent": "guide01"}
    found = (await house.get("/access-log?by=anna&kinds=refused&newest=true&limit=2")).json
    assert [one["what"]["error"] for one in found["lines"]] == ["not_allowed", "not_yours"]
    found = (await house.get(f"/access-log?by=anna&kinds=refused&newest=true&limit=2&beyond={found['next']}")).json
    assert ([one["what"]["error"] for one in found["lines"]], found["next"]) == (["password_wrong"], None)
    assert "my-secret" not in str([*house.house.access.read()]), "it may have been a password"
    assert (await house.get("/access-log/verdict")).json["whole"]


async def test_a_deed_that_cannot_be_kept_is_counted_and_stops_nobody(house: Reception) -> None:
    house.folder.access.rmdir()
    house.folder.access.write_bytes(b"")
    assert (await house.post("/agents/guide01/pause", json={"reason": "lunch"})).status == 200
    await house.until(lambda: house.house.access.lost == 1)
    house.house.access.note("acted", Deed(what="x"))


async def test_own_sessions_are_listed_and_ended_everywhere(house: Reception, page: Page) -> None:  # noqa: F811
    await page.sign_in()
    house.clock.time += 1
    other = Page(house, page.session)
    await other.sign_in()
    _status, told = await other.ask("GET", "/session/all")
    assert [one["here"] for one in told["sessions"]] == [True, False]
    assert (await other.ask("DELETE", "/session/all", **{"Vaxel-Csrf": "x"}))[1]["error_id"] == "csrf_refused"
    assert (await other.ask("DELETE", "/session/all"))[0] == 200
    assert (await other.ask("GET", "/session/all"))[0] == 401
    account_of(house, "kim", "coordinator", "")
    kim = Page(house, page.session)
    await kim.sign_in("kim", OWN)
    assert len((await kim.ask("GET", "/session/all"))[1]["sessions"]) == 1, "one's own alone"


def test_an_administrator_has_no_departments() -> None:
    with pytest.raises(AccountError, match="whole house"):
        make("root", "administrator", NOON, departments=("skola",))
