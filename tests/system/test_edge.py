"""The edge in a whole house: phones that come and go, trunks by account, by address and encrypted."""

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path

import pytest

from adapters.edge import rpc
from adapters.edge.answers import Slot
from adapters.edge.settings import Tls, Trunk
from adapters.sip import protocol as p
from adapters.sip.settings import Network
from engine import procfs
from router import facts as f
from tests.edge.certificates import Authority
from tests.edge.conftest import PASSWORD as ACCOUNT_PASSWORD
from tests.edge.conftest import Edge, standing
from tests.sip.conftest import MUSIC as FAR_MUSIC
from tests.sip.conftest import WorkerProcess, free_port, free_ports
from tests.sip.engine import Engine
from tests.system.crew import Crew, bye, ring, until
from tests.system.figures import tell
from tests.system.house import CALLERS, MUSIC, PASSWORD

CITIZEN, AGENT = 1300.0, 550.0
CARRIER = "127.0.0.4"
TRUNK_SIDE = "127.0.0.8"
"""Where this house is, as the trunk sees it."""


@pytest.fixture
def start_carrier():
    """Return a function that starts another Kamailio, somebody else's."""
    with tempfile.TemporaryDirectory(prefix="vaxel-carrier-") as folder:
        started = []

        def start(**changes):
            carrier = Edge(Path(folder), address=CARRIER, **changes)
            started.append(carrier)
            carrier.start()
            return carrier

        yield start
        for carrier in started:
            carrier.check()
            carrier.kill()


# ---- what it costs ---------------------------------------------------------------------------------------------------


@pytest.mark.soak
def test_what_it_costs(start_house, callers, agents):
    house = start_house(20)
    edge = house.pid("edge")
    before = processor_time(edge)
    time.sleep(5)
    idle = (processor_time(edge) - before) / 5
    agent = agents(house, "agent.xml")
    before, begun = processor_time(edge), time.monotonic()
    callers(house, "caller.xml", "direct", "-m", "150", "-r", "15", "-d", "500").finish()
    calls = processor_time(edge) - before - idle * (time.monotonic() - begun)
    agent.end()
    memory = sum(proportional_kib(pid) for pid in session(edge)) / 1024
    tell(f"edge: {idle:.1%} of a core idle; {calls / 150 * 1000:.1f} ms for each call to an agent; {memory:.0f} MiB")
    assert idle < 0.1
    assert calls / 150 < 0.02
    assert memory < 80
    house.check()


def session(leader):
    """Return the processes of a session."""
    pids = [int(entry.name) for entry in procfs.PROC.iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if (found := procfs.stat(pid)) is not None and found.session == leader]


def processor_time(leader):
    """Return the seconds that a session's processes have used."""
    return sum(found.cpu_s for pid in session(leader) if (found := procfs.stat(pid)) is not None)


def proportional_kib(pid):
    """Return a process's share of memory, what it shares with others divided among them."""
    text = (procfs.PROC / str(pid) / "smaps_rollup").read_text()
    return int(text.partition("\nPss:")[2].split()[0])


# ---- phones ----------------------------------------------------------------------------------------------------------


async def test_a_phone_that_is_gone_is_not_rung_until_it_is_back(start_house, open_phone):
    house = await asyncio.to_thread(start_house)
    crew = await Crew.at(house, open_phone, AGENT)
    await crew.phone.register(house.sip, PASSWORD, "agent0001", expires=0)
    await asyncio.to_thread(house.until_recorded, lambda record: "phone:agent0001" in record.replay().lost)
    call = await ring(house, open_phone, "citizen")
    await call.audio.until_hears(MUSIC)
    assert not crew.rung
    await crew.phone.register(house.sip, PASSWORD, "agent0001")
    await crew.until_rung(1, within=2.0)
    await call.audio.until_hears(AGENT)
    bye(call)
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert not record.of(f.AgentNotResponding)


async def test_an_offer_is_taken_back_from_a_phone_that_goes(start_house, open_phone):
    """Nobody waits for it to ring in vain, and the agent is not to blame."""
    house = await asyncio.to_thread(start_house, 1)
    crew = await Crew.at(house, open_phone, AGENT)
    crew.answers = False
    call = await ring(house, open_phone, "citizen")
    rung = await crew.until_rung(1)
    await crew.phone.register(house.sip, PASSWORD, "agent0001", expires=0)
    await rung.call.request("CANCEL", within=2.0)
    crew.answers = True
    await crew.phone.register(house.sip, PASSWORD, "agent0001")
    await crew.until_rung(2, within=2.0)
    await call.audio.until_hears(AGENT)
    bye(call)
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert not record.of(f.AgentNotResponding)


# ---- trunks ----------------------------------------------------------------------------------------------------------


async def test_a_trunk_where_we_are_registered(make_house, start_carrier, open_phone, tmp_path):
    """One worker registers, and whichever has room gets the calls; a killed one changes nothing."""
    carrier = start_carrier()
    (tmp_path / "password").write_text(f"{ACCOUNT_PASSWORD}\n")
    account = {"registrar": CARRIER, "user": "guide01", "password_file": str(tmp_path / "password")}
    trunk = {"register": account, "port": carrier.settings.port, "numbers": ["direct"]}
    house = make_house(1, {"vaxel": {"trunks": {"carrier": trunk}}})
    await asyncio.to_thread(house.start)
    await until(lambda: carrier.registered() == {"guide01"}, what="the registration")
    await until(lambda: 'vaxel_trunk_registered{trunk="carrier"} 1.0' in house.get("/metrics")[1], what="the metric")
    crew = await Crew.at(house, open_phone, AGENT)
    async with standing(carrier) as switches:

        async def rings():
            """Call the account, as the carrier's switch does; return the call once both can talk."""
            already = len(crew.rung)
            call = await switches[0].invite(carrier.inner, "guide01")
            await call.response(200)
            call.audio.say(CITIZEN)
            rung = await crew.until_rung(already + 1)
            await asyncio.gather(call.audio.until_hears(AGENT), rung.call.audio.until_hears(CITIZEN))
            return call

        first = await rings()
        bye(first)
        await first.end()
        for worker in house.worker_names:
            house.kill(worker)
            await until(lambda worker=worker: house.pid(worker), what="the worker to be back")
            await asyncio.to_thread(house.until_serving)
            assert carrier.registered() == {"guide01"}
            again = await rings()
            bye(again)
            await again.end()
    crew.end()
    await asyncio.to_thread(house.check)
    await asyncio.to_thread(house.stop)
    await until(lambda: not carrier.registered(), 2.0, "the registration to be taken back by whoever stops in order")


async def test_a_number_outside_is_rung_by_the_trunk(make_house, open_phone):
    """The caller hears whoever answers there; whose number is shown is the trunk's. SIP and sound come from where
    the trunk's network is, the sound from ports of its own."""
    far = await open_phone("far")
    low = free_ports(8, TRUNK_SIDE)
    low += low % 2
    here = {"address": TRUNK_SIDE, "rtp_ports": f"{low}-{low + 7}"}
    trunk = {"host": CALLERS, "port": far.address[1], "numbers": ["direct", "0403410000"], "here": here}
    house = make_house(1, {"vaxel": {"trunks": {"callers": trunk}}})
    leads_outside(house)
    await asyncio.to_thread(house.start)
    call = await ring(house, open_phone, "citizen", "0403410000")
    rung = await far.next_call()
    invite = rung.messages[0]
    assert invite.start == f"INVITE sip:+46701234567@{CALLERS}:{far.address[1]} SIP/2.0"
    assert "sip:direct@" in invite["From"]
    for header in ("Contact", "Via"):
        assert f"{TRUNK_SIDE}:{house.sip[1]}" in invite[header]
    assert not [name for name, _ in invite.headers if name.lower().startswith("x-vaxel")]
    await rung.answer()
    rung.audio.say(AGENT)
    await call.audio.until_hears(AGENT)
    assert rung.audio.remote[0] == TRUNK_SIDE
    assert low <= rung.audio.remote[1] < low + 8
    bye(call)
    await rung.end()
    rings_in = await far.invite((TRUNK_SIDE, house.sip[1]), "direct")
    assert f"@{TRUNK_SIDE}:{house.sip[1]}" in (await rings_in.response(200))["Contact"]
    bye(rings_in)
    await rings_in.response(200, "BYE")
    await asyncio.to_thread(house.check)


@pytest.fixture
async def encrypted(start_carrier, tmp_path):
    """Return a carrier that speaks TLS and SRTP alone, its authority, and the engine behind it."""
    authority = Authority(tmp_path)
    certificate, key = authority.issue("sip.carrier.example")
    ours = free_port()
    city = Trunk(
        name="city",
        sources=("127.0.0.1/32",),
        host="127.0.0.1",
        port=ours,
        transport="tls",
        certificate_name="edge.city.example",
        ca_file=str(authority.file),
        srtp="required",
    )
    tls = Tls(certificate=str(certificate), key=str(key), port=free_port(CARRIER))
    carrier = start_carrier(tls=tls, trunks=(city,))
    name, address = carrier.settings.workers[0]
    networks = (Network(name="phones", phones=True), Network(name="city", may_assert=True, srtp="required"))
    port = int(address.rpartition(":")[2])
    worker = WorkerProcess(tmp_path, name=name, port=port, edge=carrier.settings.inner, networks=networks)
    worker.start()
    engine = await Engine.connect(worker.settings.socket)
    yield carrier, authority, engine, ours
    engine.kill()
    worker.stop()
    worker.check()


async def test_a_trunk_over_tls_and_srtp(make_house, encrypted, open_phone):
    """Both ways: no word of it, and no sound, goes in clear."""
    carrier, authority, engine, ours = encrypted
    certificate, key = authority.issue("edge.city.example")
    trunk = {
        "address": ["127.0.0.1", CARRIER],
        "host": CARRIER,
        "port": carrier.settings.tls.port,
        "transport": "tls",
        "certificate_name": "sip.carrier.example",
        "ca_file": str(authority.file),
        "srtp": "required",
    }
    tls = {"certificate": str(certificate), "key": str(key), "port": ours}
    house = make_house(1, {"vaxel": {"sip": {"tls": tls}, "trunks": {"carrier": trunk}}})
    leads_outside(house)
    await asyncio.to_thread(house.start)
    for socket in (str(house.layout.edge_socket), carrier.settings.socket):
        await until(lambda socket=socket: checked(socket), what="the other's certificate")

    call = await ring(house, open_phone, "citizen", "0403410000")
    came = await engine.next(p.CallArrived, within=10.0)
    assert (came.network, came.called) == ("city", "+46701234567")
    engine.do(p.Hear(0, came.leg, p.Media(then="music")), p.Answer(0, came.leg))
    await call.audio.until_hears(FAR_MUSIC)
    bye(call)
    await engine.next(p.LegEnded, leg=came.leg)

    crew = await Crew.at(house, open_phone, AGENT)
    engine.dial("out", f"sip:direct@{carrier.settings.inner}", p.Media(then="music"), network="city")
    rung = await crew.until_rung(1)
    await rung.call.audio.until_hears(FAR_MUSIC)
    bye(rung.call)
    await engine.next(p.LegEnded, leg="out")
    crew.end()
    await asyncio.to_thread(house.check)


def leads_outside(house):
    """Let 0403410000 ring a number outside."""
    flow = "start: {connect: {number: 0701234567}, otherwise: line}\nline: {queue: bench}\n"
    (house.config / "flows" / "outside.yaml").write_text(flow)
    house.change("numbers", {"numbers": {"0403410000": {"flow": "outside"}}})


def checked(socket):
    """Tell whether a connection stands whose certificate names the trunk."""
    with contextlib.suppress(rpc.EdgeAway):
        return any(slot.slot for slot in rpc.ask(socket, list[Slot], "htable.dump", "verified"))
    return False
