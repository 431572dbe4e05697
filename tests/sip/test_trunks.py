"""A trunk that wants registration: the edge is the contact, one worker keeps it up."""

import asyncio
import signal

import pytest

from adapters.sip import protocol as p
from adapters.sip.settings import Network
from tests.sip.registrar import Registrar

PASSWORD = Registrar.accounts["city"]


@pytest.fixture
async def registrar():
    """Return the edge and the trunk's registrar in one."""
    phone = await Registrar.open("edge")
    yield phone
    await phone.close()


@pytest.fixture
def start_trunk_worker(start_worker, registrar, tmp_path):
    """Return a function that starts a worker behind `registrar`, which knows a trunk that wants registration."""
    password = tmp_path / "trunk.password"
    password.write_text(f"{PASSWORD}\n")
    trunk = Network(
        name="operator",
        may_assert=True,
        user="city",
        password_file=str(password),
        registrar="sip:trunk.example",
        contact="sip:city@192.0.2.1:5060",
        domain="trunk.example",
        expires=90,
    )

    def start(**more):
        edge = f"127.0.0.1:{registrar.address[1]}"
        return start_worker(edge=edge, networks=(Network(name="phones", phones=True), trunk), **more)

    return start


async def enlisted(engine, registrar):
    """Register the trunk; return the REGISTER that did."""
    engine.do(p.Enlist(0, "operator", True))
    register = await registrar.next()
    assert (await engine.next(p.TrunkState, registered=True)).code == 200
    return register


async def test_registered_with_the_edge_as_contact(start_trunk_worker, attach, registrar):
    worker = start_trunk_worker(log_level=4)
    engine = await attach(worker)
    register = await enlisted(engine, registrar)
    assert register.start == "REGISTER sip:trunk.example SIP/2.0"
    assert register["To"] == "<sip:city@trunk.example>"
    assert register["Contact"].startswith("<sip:city@192.0.2.1:5060>")
    assert register["X-Vaxel-Network"] == "operator"
    assert register["Expires"] == "90"
    assert (await engine.picture()).trunks == (p.Trunk("operator", True, 200),)
    engine.do(p.Enlist(0, "operator", True))  # twice is once
    engine.do(p.Enlist(0, "operator", False))
    assert (await registrar.next())["Expires"] == "0"
    assert not (await engine.next(p.TrunkState, registered=False)).registered
    assert (await engine.picture()).trunks == ()
    assert registrar.registers.empty()
    assert PASSWORD not in worker.errors.read_text()


async def test_renewed_in_time_and_without_the_engine(start_trunk_worker, attach, registrar):
    registrar.expires = 10  # PJSIP renews 5 s before the end
    engine = await attach(start_trunk_worker())
    await enlisted(engine, registrar)
    engine.kill()
    await registrar.next(within=8)


async def test_tried_again_until_it_succeeds(start_trunk_worker, attach, registrar):
    registrar.status = "503 Not Now"
    engine = await attach(start_trunk_worker())
    engine.do(p.Enlist(0, "operator", True))
    failed = await engine.next(p.TrunkState)
    assert (failed.registered, failed.code) == (False, 503)
    assert (await engine.picture()).trunks == (p.Trunk("operator", False, 503),)
    begun = asyncio.get_running_loop().time()
    for _ in range(3):  # at once, after 1 s, after 2 s
        await registrar.next(within=8)
    assert asyncio.get_running_loop().time() - begun > 2.5
    registrar.status = "200 OK"
    await engine.next(p.TrunkState, registered=True, within=6)
    assert len(engine.all(p.TrunkState)) == 2, "told once, not with every try"


async def test_a_wrong_password_is_not_repeated_quickly(start_trunk_worker, attach, registrar):
    registrar.accounts = {"city": "another"}
    engine = await attach(start_trunk_worker())
    engine.do(p.Enlist(0, "operator", True))
    assert (await engine.next(p.TrunkState)).code == 401
    engine.do(p.Enlist(0, "operator", False))
    await engine.next(p.TrunkState, registered=False)
    assert (await engine.picture()).trunks == ()


async def test_taken_back_while_the_registrar_is_silent(start_trunk_worker, attach, registrar):
    registrar.silent = True
    engine = await attach(start_trunk_worker())
    engine.do(p.Enlist(0, "operator", True))
    await engine.picture()
    engine.do(p.Enlist(0, "operator", False))
    registrar.silent = False
    await engine.next(p.TrunkState, registered=False, within=6)
    assert (await engine.picture()).trunks == ()


@pytest.mark.parametrize("how", ["drain", "stop"])
async def test_another_worker_can_take_over(start_trunk_worker, attach, registrar, how):
    worker = start_trunk_worker()
    engine = await attach(worker)
    await enlisted(engine, registrar)
    if how == "drain":
        engine.tell(p.Drain())
        await engine.next(p.TrunkState, registered=False)
    else:
        worker.process.send_signal(signal.SIGTERM)
    assert (await registrar.next())["Expires"] == "0"


async def test_what_cannot_be_enlisted(start_trunk_worker, attach, registrar):
    engine = await attach(start_trunk_worker())
    for network, error in (("phones", "no_registrar"), ("nobody", "network_unknown")):
        engine.do(p.Enlist(0, network, True))
        assert (await engine.next(p.CommandFailed)).error_id == error
