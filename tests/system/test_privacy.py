"""What the law asks for, of a running Vaxel: given out, erased, written down, whatever is killed."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import yaml

from router import facts as f
from tests.system.house import until
from tests.system.test_history import answered

RULES = {
    "retention": {
        "contact_data": {"days": 30, "rule": "decision 1", "on_request": True},
        "words": {"days": 30, "rule": "decision 2", "on_request": True},
    }
}


def vaxel(house, *words, code=0):
    command = [str(Path(sys.executable).with_name("vaxel")), *words, "--data", str(house.data)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def values(house, contact):
    """Return how many personal values the vault holds of a contact and of all persons."""
    return len(house.redis().keys(f"vaxel:vault:{contact}*") + house.redis().keys("vaxel:vault:number:*"))


def noted(house):
    """Return the lines of the access log."""
    return [json.loads(line) for line in vaxel(house, "access-log", "show", "--json").splitlines()]


def test_a_person_is_given_out_and_erased_whatever_is_killed(make_house, callers, agents, tmp_path):
    house = make_house(agents=1, history=True)
    (house.config / "privacy.yaml").write_text(yaml.safe_dump(RULES))
    house.start()
    agent = agents(house, "agent.xml", "-m", "1")
    callers(house, "caller-known.xml", "direct", "-m", "1", "-d", "300").finish()
    agent.finish()
    house.until_recorded(lambda record: record.of(f.ContactEnded))
    (arrived,) = house.record().of(f.ContactArrived)
    assert values(house, arrived.contact) > 0
    assert arrived.person is not None
    until(lambda: answered(house) == 1, what="the call in the history")
    out = tmp_path / "person.zip"
    vaxel(house, "person", "export", arrived.contact, "--out", str(out), "--why", "SN 2026-114")
    with zipfile.ZipFile(out) as package:
        dossier = json.loads(package.read("dossier.json"))
    assert arrived.contact in {one["contact"] for one in dossier["contacts"]}
    number = dossier["person"]["number"]

    house.kill("engine")
    until(lambda: house.get("/health/ready")[0] == 200)
    shown = vaxel(house, "person", "erase", number, "--rule", "decision 7", "--yes")
    assert "goes   contact_data" in shown
    assert "stays  attachments" in shown, shown
    assert values(house, arrived.contact) == 0
    # The deed, which nobody waits for, is noted beside what was looked at and deleted.
    lines = until(lambda: [*noted(house)] if len(noted(house)) >= 3 else None, what="the deeds")
    assert [line["kind"] for line in lines if line["kind"] != "acted"] == ["exported", "erased"]
    assert number not in str(lines)
    assert vaxel(house, "access-log", "verify") == f"{len(lines)} lines, whole.\n"

    # A store from before the erasure, as a backup brings it back.
    house.redis().set(f"vaxel:vault:{arrived.contact}:number", number)
    house.redis().delete("vaxel:erasures")
    house.redis().zadd("vaxel:written:contact_data", {arrived.contact: 1.0})
    house.kill("engine")
    until(lambda: house.get("/health/ready")[0] == 200)
    until(lambda: values(house, arrived.contact) == 0, what="the erasure, done again")

    (path,) = (house.data / "access").iterdir()
    path.write_bytes(path.read_bytes().replace(b"decision 7", b"decision 8"))
    assert "NOT whole" in vaxel(house, "access-log", "verify", code=1)
