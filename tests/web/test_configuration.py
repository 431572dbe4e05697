"""The configuration over HTTP: what is checked, compared, published and rolled back, and by whom."""

import io
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.config import load
from engine.publishing.texts import read
from tests.web.house import Reception, Told

FLOW = "flows/english.yaml"
SHORTER = "start: {queue: kontakt, needs: {english: 3}}\n"
WHY = "The welcome is too long."


async def publish(house: Reception, base: str, files: dict[str, str | None], **more: Any) -> Told:
    return await house.post("/configuration/publish", json={"base": base, "why": WHY, "files": files}, **more)


async def test_a_change_is_checked_compared_published_and_taken_back(house: Reception) -> None:
    first = house.configure()
    seen = (await house.get("/configuration/files")).json
    assert (seen["version"], seen["running"], seen["read_only"]) == (first, first, "")
    assert seen["files"] == read(house.versions.folder)

    checked = await house.post("/configuration/check", json={"files": {FLOW: SHORTER}})
    assert checked.json == {"problems": []}
    compared = (await house.post("/configuration/diff", json={"files": {FLOW: SHORTER}})).json
    (file,) = compared["files"]
    assert (file["file"], file["what"], file["lines"][-1]) == (FLOW, "changed", f"+{SHORTER.strip()}")
    assert compared["changes"] == [{"kind": "flow", "name": "english", "what": "changed"}]
    assert house.version == first

    told = await publish(house, first, {FLOW: SHORTER})
    assert told.status == 200, told
    second = told.json["version"]["version"]
    assert house.reloads == 1
    assert (house.versions.folder / FLOW).read_text() == SHORTER
    assert load(house.versions.folder).core.flows["english"]

    back = (await house.get(f"/configuration/versions/{first}/diff")).json
    assert [one["file"] for one in back["files"]] == [FLOW]
    asked = {"base": second, "why": "Callers missed it."}
    told = await house.post(f"/configuration/versions/{first}/roll-back", json=asked)
    assert (told.status, house.version, house.reloads) == (200, first, 2)
    newest, before, outside = (await house.get("/configuration/versions")).json["versions"]
    assert (newest["version"], newest["before"], newest["why"]) == (first, second, "Callers missed it.")
    assert (before["version"], before["by"], before["why"]) == (second, "admin", WHY)
    assert (outside["version"], outside["by"]) == (first, "")


async def test_every_mistake_is_told_with_its_line(house: Reception) -> None:
    first = house.configure()
    wrong = "start:\n  say: welcom\n  next: lin\n"
    problems = (await house.post("/configuration/check", json={"files": {FLOW: wrong}})).json["problems"]
    assert {(one["file"], one["line"]) for one in problems} >= {(FLOW, 2), (FLOW, 3)}
    assert any('did you mean "welcome"?' in one["text"] for one in problems)
    refused = await publish(house, first, {FLOW: wrong})
    assert (refused.status, refused.error) == (422, "configuration_bad")
    assert f"{FLOW}:2" in refused.json["detail"]
    assert (house.version, house.reloads) == (first, 0)


async def test_a_file_that_others_need_cannot_go(house: Reception) -> None:
    first = house.configure()
    assert (await publish(house, first, {FLOW: None})).error == "configuration_bad"
    assert (await publish(house, first, {"agents.yaml": None})).error == "configuration_bad"
    led = {"numbers.yaml": 'numbers:\n  "0403410100": {queue: bibliotek}\n', "webcalls.yaml": None}
    told = await publish(house, first, {FLOW: None, **led})
    assert told.status == 200, told
    assert not (house.versions.folder / FLOW).exists()


async def test_only_one_of_two_who_publish_at_once(house: Reception) -> None:
    first = house.configure()
    assert (await publish(house, first, {FLOW: SHORTER})).status == 200
    refused = await publish(house, first, {FLOW: SHORTER + "# mine\n"})
    assert (refused.status, refused.error) == (409, "configuration_changed")
    refused = await publish(house, house.version, {FLOW: SHORTER})
    assert refused.error == "configuration_same"


async def test_what_is_changed_in_the_folder_itself_is_seen(house: Reception) -> None:
    first = house.configure()
    (house.versions.folder / FLOW).write_text(SHORTER)
    refused = await publish(house, first, {FLOW: None})
    assert refused.error == "configuration_changed"
    house.publishing.serves()
    newest, _ = (await house.get("/configuration/versions")).json["versions"]
    assert (newest["before"], newest["by"]) == (first, "")


@pytest.mark.parametrize(
    "file",
    [
        "../agents.yaml",
        "/etc/passwd",
        "secrets/pin",
        "flows/../agents.yaml",
        "flows/x.yml",
        "README.md",
        "flows/A b.yaml",
    ],
)
async def test_nothing_else_is_written(house: Reception, file: str) -> None:
    first = house.configure()
    for path in ("/configuration/check", "/configuration/diff"):
        refused = await house.post(path, json={"files": {file: "a: b\n"}})
        assert (refused.status, refused.error) == (422, "configuration_unpublishable")
    assert (await publish(house, first, {file: "a: b\n"})).error == "configuration_unpublishable"
    assert house.version == first


async def test_no_other_file_of_the_machine_can_be_named(house: Reception) -> None:
    house.configure()
    directory = (house.versions.folder / "directory.yaml").read_text()
    for path in ("/etc/shadow", "../../data/accounts.json", "~/.ssh/id_rsa"):
        problems = (
            await house.post("/configuration/check", json={"files": {"directory.yaml": directory + f"first: {path}\n"}})
        ).json["problems"]
        assert any("leads out of the folder" in one["text"] for one in problems), problems


async def test_links_are_not_followed(house: Reception, tmp_path: Path) -> None:
    house.configure()
    outside = tmp_path / "outside.yaml"
    outside.write_text("secret: 1\n")
    (house.versions.folder / "privacy.yaml").unlink()
    (house.versions.folder / "privacy.yaml").symlink_to(outside)
    refused = await house.get("/configuration/files")
    assert (refused.status, refused.error) == (422, "configuration_unpublishable")
    assert "is a link" in refused.json["detail"]


async def test_a_folder_that_is_kept_elsewhere_is_only_shown(house: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    first = house.configure()
    real = os.access
    folder = house.versions.folder
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder and real(path, mode))
    assert "may not write" in (await house.get("/configuration/files")).json["read_only"]
    assert (await publish(house, first, {FLOW: SHORTER})).error == "configuration_unpublishable"
    assert (house.version, house.reloads) == (first, 0)


async def test_too_much_is_refused(house: Reception) -> None:
    first = house.configure()
    large = msgspec.json.encode({"files": {FLOW: "ä" * 600_000}})
    sent = {"data": io.BytesIO(large), "headers": {"Content-Type": "application/json"}}
    assert (await house.post("/configuration/check", **sent)).error == "configuration_unpublishable"
    many: dict[str, str | None] = {f"flows/f{number}.yaml": SHORTER for number in range(299)}
    assert (await publish(house, first, many)).error == "configuration_unpublishable"


async def test_only_administrators(house: Reception) -> None:
    first = house.configure()
    for role in ("reader", "agent", "operator", "supervisor", "coordinator", "kiosk"):
        agent = "guide01" if role == "agent" else ""
        for told in (
            await house.get("/configuration/files", role=role, agent=agent),  # type: ignore[arg-type]
            await house.get("/configuration/members", role=role, agent=agent),  # type: ignore[arg-type]
            await publish(house, first, {FLOW: SHORTER}, role=role, agent=agent),
        ):
            assert told.error == "not_allowed"
    assert house.version == first


async def test_the_access_log_tells_who_published(house: Reception) -> None:
    first = house.configure()
    await publish(house, first, {FLOW: SHORTER})
    await publish(house, first, {FLOW: None})
    await house.noted(2)
    lines = (await house.get("/access-log")).json["lines"]
    told = [(one["kind"], one["what"]["what"]) for one in lines]
    assert ("acted", "POST /configuration/publish") in told
    assert ("refused", "POST /configuration/publish") in told
    assert WHY not in str(lines)


async def test_somebody_is_given_skills_and_queues(house: Reception) -> None:
    first = house.configure()
    members = (await house.get("/configuration/members")).json
    assert members["agents"]["guide03"]["queues"] == {"vaxel": 2, "kontakt": 2, "skola": 1}
    assert members["queues"]["vaxel"] == "Växeln"
    assert members["skills"]["finnish"] == "Finska"
    guide03 = {"queues": {"vaxel": 1, "skola": 1}, "skills": {"swedish": 5, "schools": 4}}
    edited = (await house.post("/configuration/members", json={"agents": {"guide03": guide03}})).json
    assert edited["base"] == first
    before, after = (house.versions.folder / "agents.yaml").read_text(), edited["files"]["agents.yaml"]
    kept = [line for line in before.splitlines() if line not in after.splitlines()]
    assert all(
        "swedish: 5, english: 3, schools: 5" in line or "vaxel: 2, kontakt: 2, skola: 1" in line for line in kept
    )
    compared = (await house.post("/configuration/diff", json={"files": edited["files"]})).json
    told = {
        (one["what"], one["of"], one.get("before", 0), one.get("after", 0))
        for one in compared["changes"]
        if "of" in one
    }
    assert told == {("left", "kontakt", 0, 0), ("skill", "english", 3, 0), ("skill", "schools", 5, 4)}
    assert (await publish(house, first, edited["files"])).status == 200
    assert (await house.get("/configuration/members")).json["agents"]["guide03"] == guide03
    refused = await house.post("/configuration/members", json={"agents": {"nobody": guide03}})
    assert (refused.status, refused.error) == (422, "configuration_uneditable")
