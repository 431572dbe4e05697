"""Each network has an account of its own: ports, addresses, SRTP, who we are there."""

import pytest

from adapters.sip import protocol as p
from adapters.sip.settings import Network
from tests.sip.conftest import MUSIC
from tests.sip.digest import CHALLENGE, proves
from tests.sip.test_sound import answered

PHONES, TRUNK = "127.0.0.2", "127.0.0.3"
PASSWORD = "s3cret-of-the-trunk"
LOW = 61000
"""Where no worker has its RTP otherwise."""


@pytest.fixture
def apart(start_worker, tmp_path):
    """Return a worker between phones and a trunk, each with media of its own."""
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    phones = Network(name="phones", sources=(f"{PHONES}/32",), phones=True, address=PHONES, rtp_ports=(LOW, LOW + 399))
    trunk = Network(
        name="operator",
        sources=(f"{TRUNK}/32",),
        may_assert=True,
        public_address="192.0.2.7",
        rtp_ports=(LOW + 400, LOW + 799),
        domain="city.example",
        user="city",
        password_file=str(password),
    )
    return start_worker(networks=(phones, trunk), log_level=4)


async def test_the_source_says_which_account_it_is(apart, attach, open_phone):
    engine = await attach(apart)
    for host, network, at, ports in (
        (PHONES, "phones", PHONES, range(LOW, LOW + 400)),
        (TRUNK, "operator", "192.0.2.7", range(LOW + 400, LOW + 800)),
    ):
        call = await (await open_phone(host=host)).invite(apart.address)
        arrived = await engine.next(p.CallArrived)
        assert arrived.network == network
        engine.do(p.Answer(0, arrived.leg))
        await call.response(200)
        assert (call.remote_sdp.host, call.remote_sdp.port in ports) == (at, True)


async def test_dialled_where_it_was_meant(apart, attach, open_phone):
    engine = await attach(apart)
    agent, operator = await open_phone("agent", host=PHONES), await open_phone("4640", host=TRUNK)
    engine.dial("a1", agent.uri)
    invite = (await agent.next_call()).messages[0]
    assert "<sip:4600@127.0.0.1>" in invite["From"]
    assert f"c=IN IP4 {PHONES}" in invite.body
    engine.dial("t1", operator.uri, network="operator", identity="+4640123")
    invite = (await operator.next_call()).messages[0]
    assert "<sip:4600@city.example>" in invite["From"]
    assert invite["P-Asserted-Identity"] == "<sip:+4640123@city.example>"
    assert "c=IN IP4 192.0.2.7" in invite.body
    engine.dial("t2", operator.uri, network="nobody")
    assert (await engine.next(p.CommandFailed)).error_id == "network_unknown"


@pytest.mark.parametrize("challenged", [401, 407])
async def test_a_trunk_may_ask_who_we_are(apart, attach, open_phone, challenged):
    engine = await attach(apart)
    operator = await open_phone("4640", host=TRUNK)
    engine.dial("t1", operator.uri, network="operator")
    call = await operator.next_call()
    ask, say = (
        ("WWW-Authenticate", "Authorization") if challenged == 401 else ("Proxy-Authenticate", "Proxy-Authorization")
    )
    call.reject(challenged, "Who?", (ask, CHALLENGE))
    await call.until(lambda: any(proves(message, say, "city", PASSWORD) for message in call.messages) or None)
    await call.answer()
    await engine.next(p.LegAnswered)
    assert PASSWORD not in apart.errors.read_text()


async def test_phones_do_not_learn_who_we_are_elsewhere(apart, attach, open_phone):
    engine = await attach(apart)
    agent = await open_phone("agent", host=PHONES)
    engine.dial("a1", agent.uri)
    (await agent.next_call()).reject(407, "Who?", ("Proxy-Authenticate", CHALLENGE))
    assert (await engine.next(p.LegEnded)).code == 407


async def test_behind_an_edge_the_edge_says_it_and_is_told(start_worker, attach, open_phone):
    edge = await open_phone("edge")
    networks = (Network(name="phones", phones=True), Network(name="operator", rtp_ports=(31000, 31399)))
    worker = start_worker(edge=f"127.0.0.1:{edge.address[1]}", networks=networks)
    engine = await attach(worker)
    call = await edge.invite(worker.address, headers=(("X-Vaxel-Network", "operator"),))
    engine.do(p.Answer(0, (await engine.next(p.CallArrived)).leg))
    await call.response(200)
    assert call.remote_sdp.port in range(31000, 31400)
    for leg, network in (("a1", "phones"), ("t1", "operator")):
        engine.dial(leg, "sip:+4640123@trunk.example:5070", network=network)
        invite = (await edge.next_call()).messages[0]
        assert invite.start == "INVITE sip:+4640123@trunk.example:5070 SIP/2.0"
        assert invite["X-Vaxel-Network"] == network
        assert invite["Route"] == f"<sip:127.0.0.1:{edge.address[1]};lr>"


def srtp(use):
    return Network(name=use, sources=("127.0.0.0/8",), srtp=use)


@pytest.mark.parametrize(
    ("use", "profile", "status"),
    [
        ("off", "RTP/AVP", 200),
        ("off", "RTP/SAVP", 488),
        ("optional", "RTP/AVP", 200),
        ("optional", "RTP/SAVP", 200),
        ("required", "RTP/AVP", 488),
        ("required", "RTP/SAVP", 200),
    ],
)
async def test_srtp_as_the_network_wants_it(start_worker, attach, open_phone, use, profile, status):
    worker = start_worker(networks=(srtp(use),))
    engine = await attach(worker)
    phone = await open_phone()
    call = await phone.invite(worker.address, profile=profile)
    if status == 200:
        engine.do(p.Answer(0, (await engine.next(p.CallArrived)).leg))
    answer = await call.final()
    assert answer.status == status
    assert ("a=crypto:" in answer.body) == (profile == "RTP/SAVP" and status == 200)


async def test_voices_over_srtp(start_worker, attach, open_phone, tmp_path):
    """Two workers that accept nothing else between them; what one plays is heard behind the other."""
    near = start_worker(networks=(srtp("required"), Network(name="plain", sources=("127.0.0.9/32",))))
    far = start_worker(name="w2", socket=str(tmp_path / "far.sock"), networks=(srtp("required"),))
    there, here = await attach(far), await attach(near)
    listener = await open_phone("listener", host="127.0.0.9")
    here.dial("l1", listener.uri, p.Media(peers=("s1",)), network="plain")
    heard = await (await listener.next_call()).answer()
    here.dial("s1", f"sip:1000@127.0.0.1:{far.settings.port}", p.Media(peers=("l1",)))
    leg = (await there.next(p.CallArrived)).leg
    there.do(p.Hear(0, leg, p.Media(then="music")), p.Answer(0, leg))
    await here.next(p.LegAnswered, leg="s1")
    here.do(p.Hear(0, "l1", p.Media(peers=("s1",))))
    await heard.until_hears(MUSIC)


async def test_a_plain_call_beside_them(start_worker, attach, open_phone):
    worker = start_worker(networks=(srtp("optional"),))
    engine = await attach(worker)
    call, _ = await answered(worker, engine, await open_phone(), p.Media(then="music"))
    await call.audio.until_hears(MUSIC)
