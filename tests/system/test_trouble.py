"""What can go wrong on machine and wire: one clear line, or the right SIP status; no running call is hurt."""

import asyncio
import os
import socket
import time

import pytest

from router import facts as f
from tests.sip.sipmessage import Message, token
from tests.system.crew import Crew, bye, until, wait_in_line
from tests.system.house import CALLERS, MUSIC

AGENT = 550.0
GAP_S = 0.100


def one_line(said):
    """Return the only line that was said to the user."""
    lines = [line for line in said.splitlines() if line.strip()]
    assert len(lines) == 1, said
    assert lines[0].startswith("vaxel: ")
    return lines[0]


# ---- the machine -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_sip_port_taken(make_house, kind):
    house = make_house()
    with socket.socket(type=kind) as taken:
        taken.bind(house.sip)
        if kind == socket.SOCK_STREAM:
            taken.listen()
        code, said = house.refuse()
    assert code == 2
    assert str(house.sip[1]) in one_line(said)
    assert house.pids() == {}


def test_web_port_taken(make_house):
    house = make_house()
    with socket.socket() as taken:
        taken.bind(house.web)
        taken.listen()
        code, said = house.refuse()
    assert code == 2
    assert str(house.web[1]) in one_line(said)
    assert house.pids() == {}


def test_redis_server_missing(make_house):
    house = make_house()
    code, said = house.refuse(environment={"PATH": str(house.folder)})
    assert code == 2
    assert "apt install redis-server" in one_line(said)


def test_data_folder_that_cannot_be_written(make_house):
    house = make_house(edge=False)
    house.data.write_text("a file stands here")
    code, said = house.refuse()
    assert code == 2
    assert str(house.data) in one_line(said)
    assert "--data" in said


def test_two_on_one_data_folder(start_house):
    house = start_house()
    code, said = house.refuse()
    assert code == 2
    assert "runs already" in one_line(said)
    house.until_serving()


@pytest.mark.parametrize(
    ("name", "change", "named"),
    [
        ("queues", {"queues": {"bench": {"wrapup": 5}}}, ["queues.yaml", "wrapup", "wrap_up"]),
        ("numbers", {"numbers": {"direct": {"queue": "benhc"}}}, ["numbers.yaml", "benhc", "bench"]),
        ("vaxel", {"listen": "10.1.2.3"}, ["vaxel.yaml", "demo"]),
    ],
)
def test_wrong_configuration(make_house, name, change, named):
    house = make_house()
    house.change(name, change)
    code, said = house.refuse()
    assert code == 2
    line = one_line(said)
    assert all(word in line for word in named), line
    assert house.pids() == {}


def test_music_that_is_missing(make_house):
    house = make_house()
    (house.config / "music/default.wav").unlink()
    code, said = house.refuse()
    assert code == 2
    assert "default.wav" in one_line(said)


def test_database_that_cannot_be_read(start_house):
    """A store damaged while Vaxel stood still is said to be so, and not overwritten."""
    house = start_house()
    assert house.stop() == 0
    (path,) = (house.layout.redis / "appendonlydir").glob("*.incr.aof")
    before = path.read_bytes()
    path.write_bytes(b"*2\r\n$6\r\nBROKEN" + before)
    code, said = house.refuse()
    assert code == 2
    assert "redis" in one_line(said)
    assert path.read_bytes().endswith(before)


async def test_redis_full(start_house, open_phone):
    """Calls and offers go on; one line says why; once there is room the journal is complete."""
    house = await asyncio.to_thread(start_house, 1)
    crew = await Crew.at(house, open_phone, AGENT)
    talking, waiting = await wait_in_line(house, open_phone, 2)
    await talking.audio.until_hears(AGENT)
    with house.redis() as client:
        begin = time.monotonic()
        client.config_set("maxmemory", "1")
        (late,) = await wait_in_line(house, open_phone, 1, "l")
        await until(lambda: "journal_degraded" in house.log("engine"), 5, "the engine to say so")
        bye(talking)
        assert (await crew.until_rung(2)).caller == "c001"
        await waiting.audio.until_hears(AGENT)
        await late.audio.until_hears(MUSIC)
        assert late.audio.packets[-1][0] > begin
        client.config_set("maxmemory", "0")
        await until(lambda: "journal_back" in house.log("engine"), 5, "the journal to be back")
    bye(waiting)
    await crew.until_rung(3)
    bye(late)
    await crew.rung[2].call.end()
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert [fact.outcome for fact in record.of(f.ContactEnded)] == ["served"] * 3
    said = house.log("engine")
    assert said.count("journal_degraded") == 1
    assert "OOM" in said or "maxmemory" in said


# ---- the wire --------------------------------------------------------------------------------------------------


def request(method, phone, house, call_id, *more):
    """Return a request outside of any call."""
    here = f"{phone.address[0]}:{phone.address[1]}"
    headers = [
        ("Via", f"SIP/2.0/UDP {here};rport;branch=z9hG4bK{token()}"),
        ("Max-Forwards", "70"),
        ("From", f"<{phone.uri}>;tag={token()}"),
        ("To", f"<sip:direct@{house.sip[0]}>"),
        ("Call-ID", call_id),
        ("CSeq", f"1 {method}"),
        ("Contact", f"<{phone.uri}>"),
        *more,
    ]
    return Message(f"{method} sip:direct@{house.sip[0]}:{house.sip[1]} SIP/2.0", headers)


def torture(phone, house):
    """Yield datagrams that are no, or hardly, SIP (after RFC 4475)."""
    good = request("INVITE", phone, house, "torture").encode().replace(b"sip:direct", b"sip:nobody")
    head = good.partition(b"\r\n\r\n")[0]
    yield from (b"", b"\r\n\r\n", b"\0" * 1000, bytes(range(256)) * 8, b"GET / HTTP/1.1\r\n\r\n", os.urandom(1400))
    yield good[:40]
    yield head
    yield good.replace(b"SIP/2.0\r\n", b"SIP/7.0\r\n", 1)
    yield good.replace(b"INVITE sip:", b"INVITE  sip:", 1)
    yield good.replace(b"sip:nobody", b"sip:\xff\xfe%00%zz", 1)
    yield good.replace(b"CSeq: 1 ", b"CSeq: 99999999999999999999 ")
    yield good.replace(b"CSeq: 1 INVITE", b"CSeq: -1 OPTIONS")
    yield good.replace(b"Content-Length: 0", b"Content-Length: 9999999")
    yield good.replace(b"Content-Length: 0", b"Content-Length: -999")
    yield good.replace(b"Max-Forwards: 70", b"Max-Forwards: 0")
    yield good.replace(b"Max-Forwards: 70", b"Max-Forwards: 70\r\nFrom: <sip:two@froms>;tag=2")
    yield good.replace(b"Call-ID: torture", b"Call-ID: " + b"x" * 30_000)
    yield good.replace(b"From: <", b'From: "unterminated <')
    yield good.replace(b"To: <", b"To: " + b"<" * 500)
    yield good.replace(b"Via: ", b"Via: SIP/2.0/UDP 1.2.3.4;branch=z9hG4bK" + b"," * 3000 + b"\r\nVia: ", 1)
    for missing in (b"Via", b"From", b"To", b"Call-ID", b"CSeq", b"Contact"):
        yield b"\r\n".join(line for line in good.split(b"\r\n") if not line.startswith(missing + b":"))
    yield b"SIP/2.0 200 OK\r\n" + head.partition(b"\r\n")[2] + b"\r\n\r\n"
    yield b"SIP/2.0 999999 " + b"A" * 5000 + b"\r\n\r\n"
    for body in (
        b"v=0",
        b"v=0\r\no=- 1 1 IN IP4 300.1.1.1\r\ns=-\r\nc=IN IP4 300.1.1.1\r\nt=0 0\r\nm=audio 99999 RTP/AVP 8\r\n",
        b"v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 0 RTP/AVP 8\r\n",
        b"v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nt=0 0\r\n" + b"m=audio 9 RTP/AVP 8\r\n" * 60,
    ):
        typed = head.replace(b"Content-Length: 0", b"Content-Type: application/sdp\r\nContent-Length: %d" % len(body))
        yield typed.replace(b"torture", b"torture%d" % len(body)) + b"\r\n\r\n" + body


async def test_torture_does_not_hurt_running_calls(start_house, open_phone):
    house = await asyncio.to_thread(start_house, 1)
    crew = await Crew.at(house, open_phone, AGENT)
    talking, waiting = await wait_in_line(house, open_phone, 2)
    await talking.audio.until_hears(AGENT)
    await waiting.audio.until_hears(MUSIC)
    begin = time.monotonic()
    phone = await open_phone("torturer")
    for datagram in torture(phone, house):
        phone.send(datagram, house.sip)
        await asyncio.sleep(0.005)
    _, writer = await asyncio.open_connection(*house.sip, local_addr=(CALLERS, 0))
    for datagram in torture(phone, house):
        writer.write(datagram + b"\r\n\r\n")
    writer.close()
    phone.send(request("OPTIONS", phone, house, "still-there").encode(), house.sip)
    await until(lambda: any(m["Call-ID"] == "still-there" and m.status == 200 for m in phone.strays), 5, "OPTIONS")
    assert max(call.audio.gap(begin, time.monotonic()) for call in (talking, waiting)) < GAP_S
    bye(talking)
    assert (await crew.until_rung(2)).caller == "c001"
    bye(waiting)
    await crew.rung[1].call.end()
    crew.end()
    record = await asyncio.to_thread(house.check)
    assert len(record.of(f.ContactEnded, outcome="served")) == 2
    assert house.log("supervisor").count("process_ended") == 0


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        ("OPTIONS", 200),
        *((method, 405) for method in ("BREW", "REGISTER", "PUBLISH", "MESSAGE")),
        *((method, 481) for method in ("REFER", "NOTIFY", "INFO")),
        ("SUBSCRIBE", 489),
    ],
)
async def test_methods_outside_of_calls(plain_house, open_phone, method, wanted):
    """What a worker itself says; tests/edge tells what the edge does."""
    phone = await open_phone("odd")
    phone.send(request(method, phone, plain_house, method).encode(), plain_house.sip)
    await until(lambda: phone.strays, 1, "an answer")
    assert phone.strays[0].status == wanted, phone.strays[0].start


async def test_what_a_caller_may_not_require(shared_house, open_phone):
    phone = await open_phone("demanding")
    invite = request("INVITE", phone, shared_house, "demanding", ("Require", "teleportation"))
    phone.send(invite.encode(), shared_house.sip)
    await until(lambda: any(m.status >= 200 for m in phone.strays), 5, "a final answer")
    assert phone.strays[-1].status == 420
    assert phone.strays[-1]["Unsupported"] == "teleportation"


@pytest.mark.parametrize("edge", [True, False])
async def test_strangers_are_kept_out(start_house, open_phone, edge):
    networks = {"vaxel": {"sip": {"networks": [{"name": "trunk", "from": ["127.0.0.2"]}]}}}
    house = await asyncio.to_thread(start_house, 1, {} if edge else networks, edge=edge)
    stranger = await open_phone("stranger", at=("127.0.0.9", 0))
    call = await stranger.invite(house.sip, "direct")
    assert (await call.final()).status == (407 if edge else 403)
    record = await asyncio.to_thread(house.check)
    assert not record.of(f.ContactArrived)
