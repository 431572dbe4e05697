"""A protected identity is in nothing that is shown, written or handed out, but in what the city's archive gets."""

import asyncio
import io
import re
import zipfile

import pytest
import yaml

from router import facts as f
from tests.system.asking import ask, vaxel
from tests.system.crew import bye, ring
from tests.system.house import until
from tests.system.test_records import SECRET
from tests.system.test_records import records as records
from tests.system.test_trace import ASSERTED, CITIZEN, NAME, SAID, kept, staffed, whole

pytestmark = pytest.mark.soak

ADDRESS = "kim.marker@city.example"
MARKER = re.compile(rb"|".join(re.escape(one.encode()) for one in (CITIZEN[3:], SAID, NAME, ADDRESS, "kim.marker")))
VAULT = {"redis"}
"""Of the data folder: where personal values lie, and nobody looks but through the gate."""


def told(house, contact, offer, out):
    """Return what every command tells that says something about contacts: its name to its words."""
    commands = [
        ("report",), ("report", "--json"), ("report", "--csv"), ("trace", contact), ("trace", contact, "--json"),
        ("trace", contact, "--full"), ("trace", contact, "--svg", str(out / "ladder.svg")),
        ("trace", contact, "--pcap", str(out / "call.pcap")), ("contact", "list"), ("offer", "why", offer),
        ("callback", "list"), ("access-log", "show", "--json"), ("status",), ("doctor",),
        ("matter", "export", contact, "--out", str(out / "matter.zip"), "--why", "asked for"),
    ]  # fmt: skip
    found = {" ".join(words): vaxel(house, *words) for words in commands}
    return {name: (done.stdout + done.stderr).encode() for name, done in found.items()}


def answers(house, contact, offer):
    """Return what the API tells whoever runs the house, but has nothing to do with this contact."""
    paths = (
        "/contacts", "/report", f"/history/contacts/{contact}", f"/history/matters/{contact}", "/callbacks", "/agents",
        f"/contacts/{contact}/citizen", f"/contacts/{contact}/story", f"/contacts/{contact}/person",
        f"/contacts/{contact}/messages", f"/contacts/{contact}/remarks", f"/offers/{offer}/why-this-agent",
    )  # fmt: skip
    return {path: str(ask(house, "GET", path)[1]).encode() for path in paths}


async def test_a_marker_is_in_nothing_that_leaves_but_in_what_the_law_wants(make_house, open_phone, records, tmp_path):
    house = make_house(1, history=True)
    (house.config / "records.secret").write_text(SECRET)
    settings = {"records": {"url": f"http://127.0.0.1:{records.server_port}/matters", "secret_file": "records.secret"}}
    (house.config / "privacy.yaml").write_text(yaml.safe_dump(settings))
    await asyncio.to_thread(house.start)
    assert ask(house, "POST", "/persons/mark", {"persons": [SAID, ADDRESS], "protected": True})[0] == 200
    crew = await staffed(house, open_phone)
    call = await ring(house, open_phone, SAID, headers=ASSERTED, display=f'"{NAME}" ')
    rung = await crew.until_rung(1)
    (contact,) = house.open_contacts()
    assert ask(house, "POST", f"/contacts/{contact}/remarks", {"text": f"Writes as {ADDRESS}"})[0] < 300
    bye(rung.call)
    await call.end()
    await asyncio.to_thread(whole, house, contact)
    (offer,) = (fact.offer for fact in house.record().of(f.OfferMade, contact=contact))
    package = await asyncio.to_thread(until, lambda: next(iter(records.taken.values()), None), 20, "the matter")
    settled = ("/report", lambda told: told["whole"]["counts"]["answered"])
    await asyncio.to_thread(until, lambda: settled[1](ask(house, "GET", settled[0])[1]), 20, "the history")
    said = await asyncio.to_thread(told, house, contact, offer, tmp_path)
    said |= await asyncio.to_thread(answers, house, contact, offer)
    said |= {"metrics": house.get("/metrics")[1], "traces": kept(house), "facts": repr(house.record().facts).encode()}
    said |= {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file() and path.suffix != ".zip"}
    files = [path.relative_to(house.data) for path in house.data.rglob("*") if path.is_file()]
    said |= {str(path): (house.data / path).read_bytes() for path in files if not VAULT & set(path.parts)}
    assert len(said) > 30
    assert b"answered" in said["/report"]
    assert contact.encode() in said[f"trace {contact} --json"]
    assert [
        name for name, text in said.items() if MARKER.search(text if isinstance(text, bytes) else text.encode())
    ] == []
    with zipfile.ZipFile(tmp_path / "matter.zip") as given:
        assert not [name for name in given.namelist() if MARKER.search(given.read(name))]
    with zipfile.ZipFile(io.BytesIO(package)) as archived:
        assert [name for name in archived.namelist() if MARKER.search(archived.read(name))], (
            "it is the city's own archive"
        )
    crew.end()
