"""A configuration is published in a running house: who waits keeps waiting, and what cannot work is taken back."""

import socket

from router import facts as f
from tests.system.asking import ask, vaxel
from tests.system.house import House, until


def published(house: House):
    """Return what was published, the newest first."""
    return ask(house, "GET", "/configuration/versions")[1]["versions"]


def taken_up(house: House, engine: int):
    """Wait until another engine serves by what is in the folder."""
    until(lambda: house.pid("engine") not in (0, engine), what="another engine")
    house.until_serving()
    until(lambda: _seen(house)["running"] == _seen(house)["version"], what="the new version")


def _seen(house: House):
    return ask(house, "GET", "/configuration/files")[1]


def test_who_waits_does_not_notice(start_house, callers, tmp_path):
    house: House = start_house(1, workers=1)
    first = _seen(house)
    assert (first["read_only"], first["running"]) == ("", first["version"])
    waiting = callers(house, "caller.xml", "queue", "-m", "1", "-d", "6000")
    house.until_recorded(lambda record: record.of(f.ContactQueued))
    queues = first["files"]["queues.yaml"]
    for file, text in first["files"].items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    (tmp_path / "queues.yaml").write_text(f"{queues}# another line\n")
    engine = house.pid("engine")
    done = vaxel(house, "config", "publish", str(tmp_path), "--why", "A line more.")
    assert done.returncode == 0, done.stderr
    taken_up(house, engine)
    newest, before = published(house)
    assert (newest["by"], newest["why"], newest["before"]) == ("local", "A line more.", before["version"])
    engine = house.pid("engine")
    listed = vaxel(house, "config", "versions").stdout
    assert "A line more." in listed
    assert "-# another line" in vaxel(house, "config", "diff", first["version"]).stdout
    done = vaxel(house, "config", "roll-back", first["version"], "--why", "Not needed.")
    assert done.returncode == 0, done.stderr
    taken_up(house, engine)
    assert _seen(house)["version"] == first["version"]
    waiting.finish()
    assert {one.outcome for one in house.check().of(f.ContactEnded)} <= {"abandoned", "served"}


def test_what_no_engine_can_begin_with_is_taken_back(start_house):
    house: House = start_house(1, workers=1)
    first = _seen(house)
    engine = house.pid("engine")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        vaxel_file = first["files"]["vaxel.yaml"]
        port = f"port: {house.web[1]}"
        assert vaxel_file.count(port) == 1
        changed = vaxel_file.replace(port, f"port: {taken.getsockname()[1]}")
        asked = {"base": first["version"], "why": "Another port.", "files": {"vaxel.yaml": changed}}
        status, told = ask(house, "POST", "/configuration/publish", asked)
        assert status == 200, told
        taken_up(house, engine)
    newest = next(one for one in published(house) if one["why"] == "Another port.")
    assert "is taken by another program" in newest["taken_back"]
    assert _seen(house)["version"] == first["version"]
