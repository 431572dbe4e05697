"""`vaxel doctor` on houses that are really broken, running and not."""

import json
import os
import signal
import socket

import pytest

from tests.edge.certificates import Authority
from tests.sip.conftest import free_port
from tests.system.house import AGENTS, House, until
from tests.system.test_api import vaxel

MACHINES = {"clock", "kernel", "memory", "disk", "backup"}
"""Checks whose findings are about where the tests run."""


def doctor(house: House, *words: str) -> dict[str, list[str]]:
    """Return what the doctor finds: check to what is said, with its level before; the machine's own left out."""
    done = vaxel(house, "doctor", "--json", *words)
    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["healthy"] else 1), done.stderr
    found: dict[str, list[str]] = {}
    for one in told["found"]:
        assert one["do"]
        if one["check"] not in MACHINES:
            found.setdefault(one["check"], []).append(f"{one['level']}: {one['what']}")
    return found


def said(house: House, check: str, text: str) -> bool:
    """Tell whether the doctor says something of a kind."""
    return any(text in one for one in doctor(house).get(check, []))


def test_before_the_first_start(make_house):
    house: House = make_house(1)
    done = vaxel(house, "doctor")
    assert done.returncode == 2
    assert "--config" in done.stderr
    assert done.stdout == ""
    config = ("--config", str(house.config))
    found = doctor(house, *config)
    assert found.keys() == {"processes"} | ({"speech"} & found.keys())
    with socket.socket() as taken:
        taken.bind(house.web)
        taken.listen()
        assert "web.port" in doctor(house, *config)["ports"][0]
    (house.config / "vaxel.yaml").write_text("listen: everywhere\n")
    assert "vaxel.yaml:1: listen" in doctor(house, *config)["configuration"][0]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_of_somebody_else(make_house):
    house: House = make_house(1)
    house.layout.prepare()
    house.layout.run.chmod(0)
    try:
        done = vaxel(house, "doctor", "--config", str(house.config))
    finally:
        house.layout.run.chmod(0o700)
    assert done.returncode == 2
    assert "closed to this user" in done.stderr


def test_files_in_a_bad_way(make_house):
    house: House = make_house(1)
    authority = Authority(house.folder)
    certificate, key = authority.issue("city.invalid", days=1)
    key.chmod(0o644)
    house.change("vaxel", {"sip": {"tls": {"certificate": str(certificate), "key": str(key), "port": free_port()}}})
    house.layout.prepare()
    house.layout.recordings.chmod(0o755)
    found = doctor(house, "--config", str(house.config))
    assert found["secrets"] == [f"wrong: key of sip.tls: everybody may read {key}"]
    assert any("expires on" in one for one in found["certificates"]), found
    assert found["data folder"] == [f"wrong: others may look into {house.layout.recordings}"]


def test_a_house_that_runs_and_falls_ill(make_house):
    house: House = make_house(2, apart=True)
    password = house.config / "trunk.password"
    password.write_text("a long secret\n")
    password.chmod(0o600)
    registrar = {"registrar": "127.0.0.1", "user": "city", "password_file": "trunk.password"}
    trunk = {"register": registrar, "port": free_port()}
    house.change("vaxel", {"trunks": {"operator": trunk, "other": {"address": [AGENTS], "host": "sip.invalid"}}})
    house.start()
    house.register("agent0001", at=house.agent_phones[0])
    until(
        lambda: said(house, "trunks", "trunk operator is not registered"), 40, "the registrar's silence to be noticed"
    )
    found = doctor(house)
    assert found["phones"] == [
        "beware: 1 agent logged in whose phone is not registered: agent0002 at agent0002",
    ]
    assert "sip.invalid" in found["names"][0]
    assert found.keys() == {"trunks", "phones", "names"}
    _fall_ill(house)


def _fall_ill(house: House) -> None:
    """Break one thing after the other."""
    path = house.config / "queues.yaml"
    path.write_text(path.read_text() + "# changed\n")
    assert said(house, "versions", f"{house.config} was changed after the engine started")
    os.kill(house.pid("worker-2"), signal.SIGSTOP)
    until(lambda: said(house, "workers", "not connected: w2"))
    os.kill(house.pid("worker-2"), signal.SIGCONT)
    until(lambda: "workers" not in doctor(house))
    (house.layout.run / "kamailio.cfg").write_text("nonsense\n")
    house.kill("edge")
    until(lambda: said(house, "edge", "Kamailio does not answer"))
    until(lambda: said(house, "processes", "edge does not run (last: exit"))
    os.kill(house.pid("redis"), signal.SIGSTOP)
    try:
        assert said(house, "redis", "Redis does not answer")
    finally:
        os.kill(house.pid("redis"), signal.SIGCONT)
    house.kill_supervisor()
    assert said(house, "processes", "live on alone")
