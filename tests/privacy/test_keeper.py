"""A person's values are given out whole, and erased for good; what has to stay stays, and says why."""

import hashlib
import io
import json
import zipfile

import pytest

from engine.installation import Privacy
from engine.privacy.erasures import Erased, Erasures
from router import inputs as i
from router.dialling import address_of
from router.inputs import Refused
from router.ports import Secret
from tests.privacy.conftest import LOOK, NUMBER, Town, rules

pytestmark = pytest.mark.system


def opened(package: bytes) -> dict[str, bytes]:
    """Return the files of a package; each must be what the manifest says."""
    with zipfile.ZipFile(io.BytesIO(package)) as found:
        files = {name: found.read(name) for name in found.namelist()}
    manifest = json.loads(files["manifest.json"])
    assert {one["name"] for one in manifest["files"]} == files.keys() - {"manifest.json", "sha256sums.txt"}
    for one in manifest["files"]:
        assert hashlib.sha256(files[one["name"]]).hexdigest() == one["sha256"]
        assert f"{one['sha256']}  {one['name']}\n".encode() in files["sha256sums.txt"]
    return files


@pytest.mark.parametrize("who", [NUMBER, "070-000 00 01", "w1-1-1", "k1"])
async def test_all_that_is_kept_of_a_person_is_given_out(town: Town, who: str) -> None:
    files = opened(await town.keeper.export_person(who, LOOK))
    dossier = json.loads(files["dossier.json"])
    assert dossier["person"] == {"number": NUMBER}
    by_id = {one["contact"]: one for one in dossier["contacts"]}
    assert by_id.keys() == {"w1-1-1", "w1-1-1.report4", "k1"}
    assert by_id["w1-1-1"]["personal"] == {"name": "Åsa Öberg"}
    assert by_id["w1-1-1.report4"]["answers"] == {"phone": "0406281357"}
    assert [(one["number"], one["author"], one["text"]) for one in by_id["k1"]["messages"]] == [
        (1, "citizen", "Min fråga"),
        (3, "agent", "Vårt svar"),
    ]
    assert files["contacts/k1/0001/1-bild.jpg"] == b"\xff\xd8\xff"
    assert files["contacts/k1/0001/original.eml"] == b"From: asa"
    assert files["contacts/w1-1-1.report4/sounds/where.wav"][:4] == b"RIFF"
    page = files["index.html"].decode()
    assert "Min fråga" in page
    assert "Bo" not in str(dossier)
    (line,) = town.access.read()
    assert (line.kind, line.what["why"], line.what["contacts"]) == ("exported", "SN 2026-114", 3)
    assert NUMBER not in str(line)
    assert town.person not in str(line)


async def test_the_same_matter_makes_the_same_package(town: Town) -> None:
    one, two = [await town.keeper.export_matter("w1-1-1", LOOK) for _ in range(2)]
    assert one == two
    assert len(json.loads(opened(one)["dossier.json"])["contacts"]) == 3
    with pytest.raises(Refused) as refused:
        await town.keeper.export_matter("w9-9-9", LOOK)
    assert refused.value.error_id == "unknown_matter"


async def test_what_is_secret_is_left_out_for_whom_it_is_not(town: Town) -> None:
    town.live("k2", town.person, "w1-1-1")
    town.city.put(i.SetSecrecy("k2", secret=True))
    files = opened(await town.keeper.export_matter("w1-1-1", LOOK))
    assert all(one["secret"] for one in json.loads(files["dossier.json"])["contacts"])
    assert b"fr\xc3\xa5ga" not in b"".join(files.values())
    town.obey(Privacy(retention=rules(), secret_roles=("admin",)))
    files = opened(await town.keeper.export_matter("w1-1-1", LOOK))
    assert b"fr\xc3\xa5ga" in files["dossier.json"]


async def test_a_plan_says_what_goes_and_what_stays_and_changes_nothing(town: Town) -> None:
    town.obey(Privacy(retention=rules(only=("contact_data",)) | rules(only=("words",), on_request=False)))
    plan = await town.keeper.plan(NUMBER)
    assert [one.values for one in plan.goes] == ["contact_data"]
    why = {one.values: one.why for one in plan.stays}
    assert why["words"] == "kept by: decision on words"
    assert why["attachments"] == "no decision says that it may be deleted"
    assert (await town.vault.get("w1-1-1"))["name"] == "Åsa Öberg"
    assert list(town.access.read()) == []


async def test_an_erased_person_is_gone_everywhere_and_others_stay(town: Town) -> None:
    plan = await town.keeper.erase(NUMBER, "beslut 7", LOOK)
    assert set(plan.contacts) == {"w1-1-1", "w1-1-1.report4", "k1"}
    for owner in (address_of(town.person), "w1-1-1", "k1", "k1.m1", "k1.m3", "w1-1-1.report4"):
        assert await town.vault.get(owner) == {}
        assert owner in town.dropped, "no buffer brings it back"
    assert not (town.folder / "content" / "k1").exists()
    assert list((town.folder / "recordings").iterdir()) == []
    assert town.persons() == {"w1-1-1": None, "w1-1-1.report4": None, "k1": None, "w1-1-2": town.other}
    one, two = town.archived()
    assert one not in (town.person, None)
    assert two == town.other
    assert (await town.vault.get("w1-1-2"))["name"] == "Bo"
    assert (await town.vault.get(address_of(town.other)))["number"] == "+46700000002"
    (line,) = town.access.read()
    assert (line.kind, line.what["rule"], line.what["contacts"]) == ("erased", "beslut 7", 3)
    kept = (town.folder / "erasures.jsonl").read_text()
    for value in (NUMBER, town.person, "w1-1-1", "k1"):
        assert f'"{value}"' not in kept
    assert (await town.keeper.plan(NUMBER)).contacts == ()


async def test_a_restored_backup_does_not_bring_an_erased_person_back(town: Town) -> None:
    await town.keeper.erase(NUMBER, "beslut 7", LOOK)
    await town.client.delete("vaxel:erasures")  # the store of before
    (town.folder / "history.sqlite").unlink()
    await town.fill()
    town.time += 10  # what is brought back is no newer than the erasure by its own word, but by the store's clock
    await town.client.zadd("vaxel:written:contact_data", {address_of(town.person): town.time - 3600})
    await town.keeper.catch_up()
    assert await town.vault.get("k1.m1") == {}
    assert await town.vault.get(address_of(town.person)) == {}
    assert not (town.folder / "content" / "k1").exists()
    assert town.persons()["w1-1-1"] is None
    assert town.person not in town.archived()
    assert (await town.vault.get("w1-1-2"))["name"] == "Bo"
    before = len(list(town.access.read()))
    await town.keeper.catch_up()
    assert len(list(town.access.read())) == before, "once"


async def test_what_lives_and_what_is_held_stays_and_so_does_the_person(town: Town) -> None:
    town.live("k9", town.person)
    town.city.put(i.PlaceHold("w1-1-1", held=True))
    plan = await town.keeper.erase(NUMBER, "beslut 7", LOOK)
    assert plan.contacts == ()
    assert not plan.unlinked
    assert {(one.contacts, one.why) for one in plan.stays if one.values == "all"} == {
        (1, "these contacts are being served just now"),
        (3, "these matters are held"),
    }
    assert (await town.vault.get("k1.m1"))["text"] == "Min fråga"
    assert (await town.vault.get(address_of(town.person)))["number"] == NUMBER
    assert town.person in town.archived()


async def test_who_comes_again_later_is_known_anew(town: Town) -> None:
    await town.keeper.erase(NUMBER, "beslut 7", LOOK)
    await town.client.delete("vaxel:erasures")
    await town.vault.put(Secret(address_of(town.person), "number", NUMBER))
    await town.client.zadd("vaxel:written:contact_data", {address_of(town.person): town.time + 3600})
    await town.keeper.catch_up()
    assert await town.vault.get(address_of(town.person)) == {"number": NUMBER}


async def test_nobody_is_erased_by_a_name_that_nobody_has(town: Town) -> None:
    with pytest.raises(Refused) as refused:
        await town.keeper.plan("nobody")
    assert refused.value.error_id == "unknown_person"


def test_a_torn_line_of_erasures_is_cut_off(town: Town) -> None:
    erasures = Erasures(town.folder / "e.jsonl")
    erasures.add(Erased(at=1.0, rule="one"))
    with erasures.path.open("ab") as file:
        file.write(b'{"at": 2')
    assert [one.rule for one in erasures.read()] == ["one"]
    erasures.add(Erased(at=3.0, rule="three"))
    assert [one.rule for one in erasures.read()] == ["one", "three"]
