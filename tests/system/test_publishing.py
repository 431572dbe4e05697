"""A configuration is published in a house, and who waits keeps waiting; more: tests/long/test_publishing.py."""

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
    until(lambda: seen(house)["running"] == seen(house)["version"], what="the new version")


def seen(house: House):
    return ask(house, "GET", "/configuration/files")[1]


def test_who_waits_does_not_notice(start_house, callers, tmp_path):
    house: House = start_house(1, workers=1)
    first = seen(house)
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
    assert seen(house)["version"] == first["version"]
    waiting.finish()
    record = house.check()
    assert (len(record.of(f.ContactArrived)), len(record.of(f.ContactQueued))) == (1, 1)
