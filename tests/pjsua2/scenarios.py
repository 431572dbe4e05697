"""What the patches of deploy/pjsua2 promise, one function each.

Run as `python scenarios.py NAME`, always in a process of its own: PJSUA exists once per process, and without its patch
a scenario may well end in a segmentation fault. The endpoint calls itself over UDP on 127.0.0.1.
"""

import contextlib
import ctypes
import gc
import os
import random
import re
import select
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pjsua2 as pj

PJ_EINVAL, PJ_EINVALIDOP = 70004, 70013
SPEAKERS = 60


class Leg(pj.Call):
    """A call that writes down what happens to it."""

    def __init__(self, account: "Account", call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, call_id)
        self.account = account
        self.state = -1
        self.code = 0
        self.digits = ""
        self.text = ""
        self.transfer: list[tuple[int, bool]] = []
        self.request = ""
        self.refer_to = ""
        self.on_refer: Callable[[Any], None] | None = None
        self.on_redirect: Callable[[], Any] | None = None

    def onCallState(self, prm: Any) -> None:
        info = self.getInfo()
        self.state = info.state
        self.code = info.lastStatusCode

    def onDtmfDigit(self, prm: Any) -> None:
        self.digits += prm.digit

    def onCallRxText(self, prm: Any) -> None:
        self.text += prm.text

    def onCallTransferRequest(self, prm: Any) -> None:
        self.refer_to = prm.dstUri
        if self.on_refer:
            self.on_refer(prm)

    def onCallTransferStatus(self, prm: Any) -> None:
        self.transfer.append((prm.statusCode, prm.finalNotify))

    def onCallRedirected(self, prm: Any) -> Any:
        assert self.on_redirect
        return self.on_redirect()

    @property
    def up(self) -> bool:
        return self.state == pj.PJSIP_INV_STATE_CONFIRMED

    @property
    def over(self) -> bool:
        return self.state == pj.PJSIP_INV_STATE_DISCONNECTED


class Account(pj.Account):
    """Answers every call, or does what `on_call` says."""

    def __init__(self) -> None:
        super().__init__()
        self.received: list[Leg] = []
        self.requests: list[str] = []
        self.on_call: Callable[[Leg], None] = lambda leg: leg.answer(parameters(200))

    def onIncomingCall(self, prm: Any) -> None:
        leg = Leg(self, prm.callId)
        self.received.append(leg)
        self.requests.append(prm.rdata.wholeMsg)
        self.on_call(leg)


def parameters(code: int = 0) -> Any:
    prm = pj.CallOpParam(True)
    prm.opt.audioCount = 1
    prm.opt.videoCount = prm.opt.textCount = 0
    prm.statusCode = code
    return prm


class Rig:
    """An endpoint with one account."""

    def __init__(
        self,
        *,
        max_calls: int = 16,
        configure: Callable[[Any], None] | None = None,
        log: str = "",
        endpoint: type[Any] = pj.Endpoint,
    ) -> None:
        self.endpoint = endpoint()
        self.endpoint.libCreate()
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.maxCalls = max_calls
        config.medConfig.clockRate = 8000
        config.medConfig.ecTailLen = 0
        config.medConfig.noVad = True
        config.medConfig.sndAutoCloseTime = -1
        config.logConfig.level = 4 if log else 0
        config.logConfig.consoleLevel = 0
        config.logConfig.msgLogging = 1
        config.logConfig.filename = log
        self.endpoint.libInit(config)
        transport = pj.TransportConfig()
        transport.boundAddress = "127.0.0.1"
        transport_id = self.endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        address = self.endpoint.transportGetInfo(transport_id).localName
        self.endpoint.libStart()
        self.endpoint.audDevManager().setNullDev()
        self.uri = f"sip:vaxel@{address}"
        self.account = self.add_account(configure)

    def add_account(self, configure: Callable[[Any], None] | None = None) -> Account:
        config = pj.AccountConfig()
        config.idUri = self.uri
        config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
        config.mediaConfig.ipv6Use = pj.PJSUA_IPV6_DISABLED
        config.mediaConfig.lockCodecEnabled = False
        config.mediaConfig.srtpSecureSignaling = 0
        config.natConfig.contactRewriteUse = 0
        config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
        if configure:
            configure(config)
        account = Account()
        account.create(config)
        return account

    def pump(self, seconds: float) -> None:
        self.until(lambda: False, seconds, required=False)

    def until(self, done: Callable[[], Any], seconds: float = 8, *, required: bool = True) -> None:
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                assert not required, f"did not happen in {seconds} s"
                return
            self.endpoint.libHandleEvents(2)

    def dial(self, account: Account | None = None) -> tuple[Leg, Leg]:
        """Calls ourselves; gives both legs when they talk."""
        account = account or self.account
        count = len(account.received)
        caller = Leg(account)
        caller.makeCall(self.uri, parameters())
        self.until(lambda: len(account.received) > count and caller.up and account.received[-1].up)
        return caller, account.received[-1]

    def close(self) -> None:
        self.endpoint.hangupAllCalls()
        self.pump(0.2)
        self.account.received.clear()
        self.endpoint.libDestroy(pj.PJSUA_DESTROY_NO_TX_MSG)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


def packets(leg: Leg) -> int:
    statistic = leg.getStreamStat(0)
    return int(statistic.rtcp.rxStat.pkt)


# ----------------------------------------------------------------------------------------------------- 01
def call_destructor() -> None:
    """Deleting the object of an ended call leaves the call alone that got its id."""
    rig = Rig(max_calls=4)
    stale: dict[int, Leg] = {}
    for _ in range(2):
        for leg in (legs := rig.dial()):
            stale[leg.getId()] = leg
        legs[0].hangup(parameters())
        rig.until(lambda: all(leg.over for leg in legs))
        rig.pump(0.1)
    rig.account.received.clear()
    caller, callee = rig.dial()
    assert stale.keys() >= {caller.getId(), callee.getId()}, "the ids were not given out again"
    for leg in stale.values():
        leg.__swig_destroy__(leg)
    rig.pump(0.3)
    for leg in (caller, callee):
        assert leg.isActive(), "the new call was hung up"
        assert leg.up
    caller.hangup(parameters())
    rig.until(lambda: caller.over and callee.over)
    # The object of a living call still ends it.
    caller, callee = rig.dial()
    caller.__swig_destroy__(caller)
    rig.until(lambda: callee.over)
    rig.close()


# ----------------------------------------------------------------------------------------------------- 02
class Player(pj.AudioMediaPlayer):
    ends: list[int] = []  # noqa: RUF012

    def onEof2(self) -> None:
        self.ends.append(threading.get_ident())


def player_of(folder: str, kind: type[Any], options: int = 0) -> Any:
    path = Path(folder, "prompt.wav")
    if not path.exists():
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(bytes(8000 // 5 * 2))
    player = kind()
    player.createPlayer(str(path), options)
    return player


def player_eof() -> None:
    """A player may be destroyed while its end-of-file event is on its way."""
    rig = Rig()
    sink = rig.endpoint.audDevManager().getPlaybackDevMedia()
    sys.setswitchinterval(100)
    with tempfile.TemporaryDirectory() as folder:
        for kind in (Player, pj.AudioMediaPlayer) * 3:
            players = [player_of(folder, kind) for _ in range(30)]
            for player in players:
                player.startTransmit(sink)
            del player
            # Keep the GIL beyond the end of the file: a callback that another thread began waits for it meanwhile.
            end = time.monotonic() + 0.35
            while time.monotonic() < end:
                pass
            while players:
                players.pop().stopTransmit(sink)
            rig.pump(0.1)
    assert not Player.ends, "a destroyed player reported its end"
    rig.close()


def player_eof_thread() -> None:
    """onEof2 comes once, in the main thread, like every other callback."""
    rig = Rig()
    sink = rig.endpoint.audDevManager().getPlaybackDevMedia()
    with tempfile.TemporaryDirectory() as folder:
        player = player_of(folder, Player, pj.PJMEDIA_FILE_NO_LOOP)
        player.startTransmit(sink)
        rig.until(lambda: Player.ends)
        rig.pump(0.3)
        assert Player.ends == [threading.get_ident()]
        player.stopTransmit(sink)
        rig.pump(0.1)
        del player
        rig.pump(0.1)
    rig.close()


# ----------------------------------------------------------------------------------------------------- 03
def ice(config: Any) -> None:
    config.natConfig.iceEnabled = True
    config.natConfig.iceTrickle = pj.PJ_ICE_SESS_TRICKLE_DISABLED


def dtls_stall() -> None:
    """A DTLS handshake does not hold up the loop, which with ICE it is that receives the media."""
    keyings = pj.IntVector()
    keyings.append(pj.PJMEDIA_SRTP_KEYING_DTLS_SRTP)

    def configure(config: Any) -> None:
        config.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
        config.mediaConfig.srtpOpt.keyings = keyings
        config.mediaConfig.rtcpMuxEnabled = True
        ice(config)

    rig = Rig(configure=configure)
    longest: list[float] = []
    for _ in range(5):
        caller = Leg(rig.account)
        caller.makeCall(rig.uri, parameters())
        longest.append(0.0)
        end = time.monotonic() + 8
        while not (caller.up and packets(caller) and rig.account.received and packets(rig.account.received[-1])):
            assert time.monotonic() < end, "no media"
            before = time.monotonic()
            rig.endpoint.libHandleEvents(0)
            longest[-1] = max(longest[-1], time.monotonic() - before)
            time.sleep(0.001)
        assert "UDP/TLS/RTP/SAVP" in rig.account.requests[-1]
        caller.hangup(parameters())
        rig.pump(0.05)
    say(f"longest turns of the loop: {[round(1000 * one) for one in longest]} ms")
    assert statistics.median(longest) < 0.08
    rig.close()


# ----------------------------------------------------------------------------------------------------- 04
def ice_loopback() -> None:
    """Media bound to a loopback address speaks ICE there; other media never offers one."""

    def ice_anywhere(config: Any) -> None:
        ice(config)
        config.mediaConfig.transportConfig.boundAddress = ""

    rig = Rig(configure=ice)
    caller, callee = rig.dial()
    candidates = [line.split()[4] for line in rig.account.requests[-1].splitlines() if line.startswith("a=candidate")]
    assert set(candidates) == {"127.0.0.1"}
    rig.until(lambda: packets(caller) > 5 and packets(callee) > 5)
    caller.hangup(parameters())
    rig.until(lambda: callee.over)

    everywhere = rig.add_account(ice_anywhere)
    caller = Leg(everywhere)
    try:
        caller.makeCall(rig.uri, parameters())
    except pj.Error:
        pass  # this machine has no other address
    else:
        rig.until(lambda: len(rig.account.requests) + len(everywhere.requests) > 1)
        offer = [*rig.account.requests, *everywhere.requests][-1]
        assert not [line for line in offer.splitlines() if line.startswith("a=candidate") and " 127." in line]
    rig.close()


# ----------------------------------------------------------------------------------------------------- 05
def refers(rig: Rig) -> tuple[Leg, Leg]:
    """A call whose answering side accepts every REFER; the calling side sends one."""
    phone, engine = rig.dial()

    def accept(prm: Any) -> None:
        engine.request = prm.rdata.wholeMsg
        prm.statusCode = 202

    engine.on_refer = accept
    assert not engine.xferIsPending()
    phone.xfer(target(rig), pj.CallOpParam())
    rig.until(engine.xferIsPending)
    return phone, engine


def target(rig: Rig) -> str:
    return f"<{rig.uri};transport=udp?Replaces=abc%40host%3Bto-tag%3D1%3Bfrom-tag%3D2&X-Note=%22a%22>"


def status_of(call: Callable[[], Any]) -> int:
    try:
        call()
    except pj.Error as error:
        return int(error.status)
    return 0


def refer_accepted() -> None:
    """An accepted REFER is the application's to carry out: nothing is dialled, and it reports the outcome."""
    rig = Rig()
    phone, engine = refers(rig)
    assert engine.refer_to == target(rig), engine.refer_to
    assert engine.request.startswith("REFER ")
    rig.until(lambda: (100, False) in phone.transfer)

    engine.xferNotify(180)
    engine.xferNotify(200, "Här och nu")
    rig.until(lambda: (200, True) in phone.transfer)
    assert (180, False) in phone.transfer
    assert not engine.xferIsPending()
    assert status_of(lambda: engine.xferNotify(200)) == PJ_EINVALIDOP

    # A failure can be told just as well, and the phone may try again.
    phone.transfer.clear()
    phone.xfer(target(rig), pj.CallOpParam())
    rig.until(engine.xferIsPending)
    for code, reason in ((99, ""), (700, ""), (200, "a\r\nb")):
        assert status_of(lambda: engine.xferNotify(code, reason)) == PJ_EINVAL  # noqa: B023
    engine.xferNotify(486)
    rig.until(lambda: (486, True) in phone.transfer)

    # One at a time
    phone.transfer.clear()
    phone.xfer(target(rig), pj.CallOpParam())
    rig.until(engine.xferIsPending)
    phone.xfer(target(rig), pj.CallOpParam())
    rig.until(lambda: (491, True) in phone.transfer)
    assert engine.xferIsPending()

    assert phone.up
    assert engine.up
    assert len(rig.account.received) == 1, "somebody was dialled"
    rig.close()


def refer_ends_with_call() -> None:
    """Whoever hangs up first: the subscription ends with the call."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "sip.log")
        rig = Rig(log=str(log))
        for first in (0, 1):
            phone, engine = legs = refers(rig)
            before = log.read_text().count("Subscription-State: terminated")
            legs[first].hangup(parameters())
            rig.until(lambda: phone.over and engine.over)  # noqa: B023
            rig.pump(0.2)
            assert not engine.xferIsPending()
            assert log.read_text().count("Subscription-State: terminated") > before
        assert len(rig.account.received) == 2, "somebody was dialled"
        rig.close()


def refer_declined() -> None:
    """Without a decision of the application, or when it fails, nobody is transferred."""

    def fail(prm: Any) -> None:
        raise RuntimeError("on purpose")

    sys.unraisablehook = sys.excepthook = lambda *_: None
    rig = Rig()
    for behaviour in (None, fail):
        phone, engine = rig.dial()
        engine.on_refer = behaviour
        phone.xfer(rig.uri, pj.CallOpParam())
        rig.until(lambda: phone.transfer and phone.transfer[-1][1])  # noqa: B023
        assert phone.transfer[-1] == (603, True), phone.transfer
        assert not engine.xferIsPending()
        phone.hangup(parameters())
        rig.until(lambda: engine.over)  # noqa: B023
    assert len(rig.account.received) == 2, "somebody was dialled"
    rig.close()


# ----------------------------------------------------------------------------------------------------- 06
def callback_result() -> None:
    """A callback that should give a result, but raises or gives something else, refuses."""
    errors: list[type[BaseException]] = []
    sys.unraisablehook = lambda error: errors.append(error.exc_type)

    def redirect(leg: Leg) -> None:
        prm = parameters(302)
        header = pj.SipHeader()
        header.hName, header.hValue = "Contact", f"<{rig.uri};again=1>"
        prm.txOption.headers.append(header)
        leg.answer(prm)

    def fail() -> None:
        raise RuntimeError("on purpose")

    def leave() -> None:
        raise SystemExit(3)

    rig = Rig()
    rig.account.on_call = redirect
    for answer, error in (
        (fail, RuntimeError),
        (leave, SystemExit),
        (lambda: None, TypeError),
        (lambda: "yes", TypeError),
    ):
        caller = Leg(rig.account)
        caller.on_redirect = answer
        caller.makeCall(rig.uri, parameters())
        rig.until(lambda: caller.over)  # noqa: B023
        assert errors.pop() is error
        assert not errors
        assert not hasattr(sys, "last_traceback")
    assert len(rig.account.received) == 4, "a redirection was followed"
    rig.close()


# ----------------------------------------------------------------------------------------------------- 07
def wait_descriptor() -> None:
    """One descriptor tells when there is something to do: network, timers, what other threads leave."""

    class Endpoint:
        """Lets until() and pump() call libHandleEvents only when the descriptor says so."""

        turns = 0

        def __init__(self, endpoint: Any) -> None:
            self.real = endpoint
            self.poll = select.epoll()
            self.poll.register(endpoint.libGetWaitFd(), select.EPOLLIN)

        def libHandleEvents(self, _: int) -> None:
            if self.poll.poll(0.05):
                self.turns += 1
                self.real.libHandleEvents(0)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.real, name)

    rig = Rig()
    rig.pump(0.1)
    rig.endpoint = endpoint = Endpoint(rig.endpoint)
    assert endpoint.libGetWaitFd() == endpoint.libGetWaitFd()

    # It is quiet when nothing happens,
    rig.pump(0.2)
    endpoint.turns = 0
    rig.pump(1)
    assert endpoint.turns <= 5, endpoint.turns
    # even while a call talks (RTP is not the main thread's business),
    caller, callee = rig.dial()
    rig.pump(0.2)
    endpoint.turns = 0
    rig.pump(1)
    say(f"turns in a second of a call: {endpoint.turns}")
    assert endpoint.turns <= 5, endpoint.turns
    # tells of DTMF, which another thread leaves,
    before = time.monotonic()
    caller.dialDtmf("1")
    rig.until(lambda: callee.digits == "1")
    say(f"DTMF after {1000 * (time.monotonic() - before):.0f} ms")
    # and of timers: a transaction that nobody answers times out, T1 after T1. Nothing else is going on then.
    lost = Leg(rig.account)
    lost.makeCall("sip:nobody@127.0.0.1:9", parameters())
    endpoint.turns = 0
    rig.pump(1.2)
    assert 1 <= endpoint.turns <= 12, endpoint.turns
    lost.hangup(parameters())
    caller.hangup(parameters())
    rig.until(lambda: callee.over)
    endpoint.poll.close()
    rig.endpoint = endpoint.real
    rig.close()


# ----------------------------------------------------------------------------------------------------- 08
class Peer:
    """A SIP peer that writes its requests by hand."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        host, _, port = rig.uri.partition("@")[2].partition(":")
        self.socket.connect((host, int(port)))
        self.socket.setblocking(False)
        self.address = "{}:{}".format(*self.socket.getsockname())
        self.count = 0

    def send(self, method: str, *headers: str, tag: str = "", body: str = "") -> None:
        self.count += 1
        lines = [
            f"{method} {self.rig.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address};branch=z9hG4bK{self.count}",
            f"From: <sip:peer@{self.address}>;tag=1",
            f"To: <{self.rig.uri}>" + (tag and f";tag={tag}"),
            f"Call-ID: {self.count}@peer",
            f"CSeq: {self.count} {method}",
            f"Contact: <sip:peer@{self.address}>",
            "Max-Forwards: 70",
            *headers,
            f"Content-Length: {len(body)}",
        ]
        self.socket.send("\r\n".join([*lines, "", body]).encode())

    def receive(self, seconds: float = 0.5) -> str:
        """What comes first, or nothing."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.rig.endpoint.libHandleEvents(2)
            try:
                return self.socket.recv(65536).decode()
            except BlockingIOError:
                pass
        return ""

    def invite(self, media: str, *headers: str) -> str:
        """Calls with this media description; gives the answer's. The call is left as it is."""
        host = self.address.partition(":")[0]
        session = f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        self.send("INVITE", "Content-Type: application/sdp", *headers, body=session + media)
        while not (answer := self.receive(4)).startswith("SIP/2.0 200 "):
            assert answer, "no answer"
        return answer.partition("\r\n\r\n")[2]


def unhandled_request() -> None:
    """Requests that nothing in the endpoint is made for are answered; ACK and responses never are."""
    rig = Rig()
    peer = Peer(rig)
    for method, tag, code in (
        ("REGISTER", "", 405),
        ("REGISTER", "x", 405),
        ("PUBLISH", "", 405),
        ("PING", "", 405),
        ("PING", "x", 481),
        ("BYE", "", 481),
        ("BYE", "x", 481),
        ("UPDATE", "", 481),
        ("INFO", "", 481),
        ("PRACK", "", 481),
        ("OPTIONS", "", 200),
    ):
        peer.send(method, tag=tag)
        answer = peer.receive()
        assert answer.startswith(f"SIP/2.0 {code} "), f"{method}: {answer or 'no answer'}"
        assert f"\r\nCSeq: {peer.count} {method}\r\n" in answer
        if code == 405:
            allow = next(line for line in answer.splitlines() if line.startswith("Allow: "))
            assert {"INVITE", "BYE"} <= set(allow[7:].split(", ")), allow
            assert method not in allow
    peer.send("ACK")
    assert not peer.receive()
    peer.send("ACK", tag="x")
    assert not peer.receive()
    peer.socket.send(answer.encode())
    assert not peer.receive()
    rig.close()


# ----------------------------------------------------------------------------------------------------- 09
def dtls_key() -> None:
    """The certificate for DTLS has a P-256 key, and a handshake with OpenSSL's own client succeeds."""
    keyings = pj.IntVector()
    keyings.append(pj.PJMEDIA_SRTP_KEYING_DTLS_SRTP)

    def configure(config: Any) -> None:
        config.mediaConfig.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
        config.mediaConfig.srtpOpt.keyings = keyings

    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key.pem"), Path(folder, "certificate.pem")
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        command += ["-subj", "/CN=peer", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True)
        command = ["openssl", "x509", "-in", str(certificate), "-noout", "-fingerprint", "-sha256"]
        fingerprint = subprocess.run(command, check=True, capture_output=True, text=True).stdout.partition("=")[2]

        rig = Rig(configure=configure)
        answer = Peer(rig).invite(
            "m=audio 9 UDP/TLS/RTP/SAVP 8\r\na=setup:active\r\n"
            f"a=fingerprint:SHA-256 {fingerprint.strip()}\r\na=rtpmap:8 PCMA/8000\r\n"
        )
        port = next(line.split()[1] for line in answer.splitlines() if line.startswith("m=audio"))
        command = ["openssl", "s_client", "-dtls1_2", "-use_srtp", "SRTP_AES128_CM_SHA1_80"]
        command += ["-key", str(key), "-cert", str(certificate), "-connect", f"127.0.0.1:{port}"]
        with (
            Path(folder, "client").open("w+") as output,
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT) as client,
        ):
            rig.until(lambda: "Extended master secret" in Path(output.name).read_text(), required=False)
            client.kill()
        handshake = Path(folder, "client").read_text()
    assert "SRTP Extension negotiated, profile=SRTP_AES128_CM_SHA1_80" in handshake, handshake
    assert "Server public key is 256 bit" in handshake, handshake
    rig.close()


# ----------------------------------------------------------------------------------------------------- 10
def resident() -> int:
    """The process's memory in KiB."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def bridge_listeners() -> None:
    """A port of the bridge costs little; it may be heard by many all the same."""
    rig = Rig()

    def tone() -> Any:
        generator = pj.ToneGenerator()
        generator.createToneGenerator(8000, 1)
        return generator

    def listeners(port: Any) -> list[int]:
        info = port.getPortInfo()
        return sorted(info.listeners)

    tone()
    before = resident()
    ports = [tone() for _ in range(200)]
    each = (resident() - before) / len(ports)
    say(f"a port: {each:.1f} KiB")
    assert each < 24, each
    # Nobody is forgotten when the room of a port grows.
    source = ports[0]
    for port in ports[1:]:
        source.startTransmit(port)
    rig.pump(0.2)
    assert listeners(source) == sorted(port.getPortId() for port in ports[1:])
    for port in ports[1::2]:
        source.stopTransmit(port)
    rig.pump(0.2)
    assert listeners(source) == sorted(port.getPortId() for port in ports[2::2])
    rig.close()


# ----------------------------------------------------------------------------------------------------- 11
class Speaker:
    """A far end on a bare socket, which speaks when it is told to."""

    def __init__(self) -> None:
        self.signalling, self.voice = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(2))
        for one in (self.signalling, self.voice):
            one.bind(("127.0.0.1", 0))
            one.setblocking(False)
        self.uri = f"sip:speaker@127.0.0.1:{self.signalling.getsockname()[1]}"
        self.sequence = 0
        self.to = 0

    def speak(self, frames: int) -> None:
        for _ in range(frames):
            self.sequence = (self.sequence + 1) & 0xFFFF
            head = struct.pack(">BBHII", 0x80, 8, self.sequence, self.sequence * 160, 1)
            self.voice.sendto(head + b"\xd5" * 160, ("127.0.0.1", self.to))

    def drain(self) -> int:
        """Take what has come in; tell how many packets."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while self.voice.recv(2048):
                count += 1
        return count

    def answer(self) -> None:
        """Answer the request that is there, if there is one."""
        try:
            data, source = self.signalling.recvfrom(65536)
        except BlockingIOError:
            return
        lines = data.decode().split("\r\n")
        if data.startswith(b"ACK"):
            return
        head = ["SIP/2.0 200 OK", *(line for line in lines if line.startswith(("Via:", "From:", "Call-ID:", "CSeq:")))]
        head += [line if ";tag=" in line else f"{line};tag=1" for line in lines if line.startswith("To:")]
        body = ""
        if data.startswith(b"INVITE"):
            self.to = next(int(line.split(" ")[1]) for line in lines if line.startswith("m=audio"))
            media = f"m=audio {self.voice.getsockname()[1]} RTP/AVP 8"
            body = "\r\n".join(("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", media, ""))
            head += [f"Contact: <{self.uri}>", "Content-Type: application/sdp"]
        self.signalling.sendto("\r\n".join([*head, f"Content-Length: {len(body)}", "", body]).encode(), source)


def call_speaker(rig: Rig, speaker: Speaker) -> bool:
    """Ring the speaker, who speaks without a pause; tell whether it is heard to the end."""
    leg = Leg(rig.account)
    leg.makeCall(speaker.uri, parameters())
    up = threading.Event()

    def speak() -> None:
        while not up.wait(0.0002):
            if speaker.to:
                speaker.speak(1)

    voice = threading.Thread(target=speak)
    voice.start()
    rig.until(lambda: speaker.answer() or leg.up)
    up.set()
    voice.join()
    before = packets(leg)
    speaker.speak(5)
    rig.until(lambda: packets(leg) >= before + 5, 0.2, required=False)
    heard = packets(leg) >= before + 5
    speaker.to = 0
    leg.hangup(parameters())
    rig.until(lambda: speaker.answer() or leg.over)
    rig.until(speaker.answer, 0.01, required=False)
    return heard


SLOW = """
#include <sys/syscall.h>
#include <sys/epoll.h>
#include <unistd.h>
int epoll_ctl(int ep, int op, int fd, struct epoll_event *event) {
    int result = syscall(SYS_epoll_ctl, ep, op, fd, event);
    usleep(5000);
    return result;
}
"""
"""Holds a thread up just after it asked to be told of a packet, so that another thread gets the packet before."""


def rtp_read_start() -> None:
    """A far end whose voice comes in while its media starts is heard, each time."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "slow.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-xc", "-o", library, "-"], input=SLOW, text=True, check=True)
        command = [sys.executable, __file__, "rtp_read_start_slowly"]
        subprocess.run(command, env={**os.environ, "LD_PRELOAD": str(library)}, check=True)


def rtp_read_start_slowly() -> None:
    rig = Rig()
    speaker = Speaker()
    heard = sum(call_speaker(rig, speaker) for _ in range(SPEAKERS))
    say(f"heard: {heard} of {SPEAKERS}")
    assert heard == SPEAKERS
    rig.close()


# ----------------------------------------------------------------------------------------------------- 13
class Chooser(pj.Endpoint):
    """Chooses the last account for every request, and would write down who reports connections of the bridge."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen = -1
        self.reports: list[str] = []

    def onSelectAccount(self, prm: Any) -> None:
        prm.accountIndex = self.chosen

    def onAudioMediaOpCompleted(self, prm: Any) -> None:
        self.reports.append(threading.current_thread().name)


def endpoint_director() -> None:
    """A subclassed Endpoint chooses accounts, and the bridge's thread does not wait for Python."""
    rig = Rig(endpoint=Chooser)
    other = rig.add_account()
    rig.endpoint.chosen = other.getId()
    caller = Leg(rig.account)
    caller.makeCall(rig.uri, parameters())
    rig.until(lambda: other.received and caller.up and other.received[-1].up)
    assert not rig.account.received
    one, two = caller.getAudioMedia(-1), other.received[-1].getAudioMedia(-1)
    for _ in range(20):
        one.startTransmit(two)
        one.stopTransmit(two)
        rig.pump(0.03)
    assert not rig.endpoint.reports, rig.endpoint.reports[:3]
    other.received.clear()
    rig.close()


# ----------------------------------------------------------------------------------------------------- 14
def rtp_source() -> None:
    """The far end that signalling named gets our RTP and is heard, though a stranger has sent to our port before."""
    rig = Rig()
    for fixed in (False, True):
        speaker, stranger = Speaker(), Speaker()
        leg = Leg(rig.add_account(lambda config, fixed=fixed: fix_rtp(config, fixed)))
        leg.makeCall(speaker.uri, parameters())
        rig.until(lambda: speaker.answer() or leg.up)  # noqa: B023
        stranger.to = speaker.to
        served = speaker if fixed else stranger
        assert served_of(rig, stranger, speaker) is served, "the first one is taken for the peer, unless it is fixed"
        served_of(rig, stranger, speaker, both=True)
        before = packets(leg)
        assert served_of(rig, stranger, speaker, both=True) is speaker
        assert packets(leg) - before == VOICED, "the stranger is heard"
        assert served_of(rig, stranger, speaker) is speaker, "a pause lets the stranger in"
        leg.hangup(parameters())
        rig.until(lambda: speaker.answer() or leg.over)  # noqa: B023
    rig.close()


def fix_rtp(config: Any, fixed: bool) -> None:
    config.mediaConfig.transportConfig.fixedRtpRemote = fixed


VOICED = 15


def served_of(rig: Rig, stranger: Speaker, speaker: Speaker, *, both: bool = False) -> Speaker:
    """Let the stranger, or both, speak for 0.3 s; return who gets our RTP in the end."""
    for spoken in range(VOICED):
        stranger.speak(1)
        if both:
            speaker.speak(1)
        if spoken == VOICED - 5:
            stranger.drain(), speaker.drain()
        rig.pump(0.02)
    got = stranger.drain(), speaker.drain()
    assert 0 in got, got
    return stranger if got[0] else speaker


# ----------------------------------------------------------------------------------------------------- 15
def rtp_turns() -> None:
    """Two accounts with the same ports: the port that a call has just given back is not the next one's."""
    with contextlib.ExitStack() as held:
        low = _hold_ports(held, 20)

    def configure(config: Any) -> None:
        config.mediaConfig.transportConfig.port = low
        config.mediaConfig.transportConfig.portRange = 38

    def port() -> int:
        return next(
            int(line.split()[1]) for line in rig.account.requests[-1].splitlines() if line.startswith("m=audio")
        )

    rig = Rig(configure=configure)
    other = rig.add_account(configure)
    rig.endpoint.libHandleEvents(0)
    found = []
    for account in (rig.account, other, rig.account):
        caller = Leg(account)
        caller.makeCall(rig.uri, parameters())
        rig.until(lambda: caller.up)  # noqa: B023
        found.append(port())
        caller.hangup(parameters())
        rig.until(lambda: caller.over and rig.account.received[-1].over)  # noqa: B023
        rig.pump(0.1)
    assert found == [low, low + 4, low + 8], found
    rig.close()


# ----------------------------------------------------------------------------------------------------- 16
def dialog_lookup() -> None:
    """A call is found by the identifiers of its dialog, from its own side's view, as long as it lives."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "sip.log")
        rig = Rig(log=str(log))
        caller, callee = rig.dial()
        text = log.read_text()
        call_id = re.findall(r"^Call-ID: (\S+)", text, re.MULTILINE)[0]
        ours = re.findall(r"^From: .*;tag=(\S+)", text, re.MULTILINE)[0]
        theirs = re.findall(r"^To: .*;tag=(\S+)", text, re.MULTILINE)[0]
        assert pj.Call.lookupDialog(call_id, ours, theirs) is caller
        assert pj.Call.lookupDialog(call_id, theirs, ours) is callee
        for wrong in ((call_id, ours, "x"), (call_id, "", ""), ("x", ours, theirs), (call_id + "x", theirs, ours)):
            assert pj.Call.lookupDialog(*wrong) is None
        caller.hangup(parameters())
        rig.until(lambda: caller.over and callee.over)
        rig.pump(0.1)
        assert pj.Call.lookupDialog(call_id, ours, theirs) is None
        rig.close()


# ----------------------------------------------------------------------------------------------------- 17
def no_messages() -> None:
    """Nobody reads messages here, and there is nothing to subscribe to: both are refused with what is possible."""
    rig = Rig()
    peer = Peer(rig)
    peer.send("MESSAGE", "Content-Type: text/plain", body="Hello")
    answer = peer.receive()
    assert answer.startswith("SIP/2.0 405 "), answer
    allow = next(line for line in answer.splitlines() if line.startswith("Allow: "))
    assert "INVITE" in allow
    assert "MESSAGE" not in allow
    for package in ("presence", "dialog", "nonsense"):
        peer.send("SUBSCRIBE", f"Event: {package}", "Expires: 60")
        answer = peer.receive()
        assert answer.startswith("SIP/2.0 489 "), answer
        assert "\r\nAllow-Events: refer\r\n" in answer
    rig.close()


# ----------------------------------------------------------------------------------------------------- 18
def info_dtmf() -> None:
    """A digit in INFO is heard, whichever of the two kinds of body it has."""
    rig = Rig()
    caller, callee = rig.dial()
    for kind, body, heard in (
        ("dtmf-relay", "Signal=1\r\nDuration=160", "1"),
        ("dtmf", "#", "#"),
        ("dtmf", "7\r\n", "7"),
        ("dtmf", "12", ""),
        ("dtmf", " ", ""),
    ):
        prm = pj.CallSendRequestParam()
        prm.method = "INFO"
        prm.txOption.contentType = f"application/{kind}"
        prm.txOption.msgBody = body
        callee.digits = ""
        caller.sendRequest(prm)
        rig.pump(0.2)
        assert callee.digits == heard, (kind, body, callee.digits)
    assert caller.up
    rig.close()


# -------------------------------------------------------------------------------------------------- wheel
def wheel_build() -> None:
    """Version, limits, codecs, I/O queue and threads are what deploy/pjsua2/config_site.h asks for."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "sip.log")
        rig = Rig(log=str(log), max_calls=pj.UaConfig().maxCalls)
        version = rig.endpoint.libVersion()
        assert (version.major, version.minor) >= (2, 17), version.full
        assert pj.UaConfig().maxCalls == 2000
        assert isinstance(pj.VAXEL_PATCHES, tuple)
        codecs = {codec.codecId for codec in rig.endpoint.codecEnum2()}
        assert {"PCMA/8000/1", "PCMU/8000/1", "G722/16000/1", "opus/48000/2"} <= codecs, codecs
        handle = ctypes.c_int.from_address(rig.endpoint.libGetSipIoqueueHandle()).value
        assert os.readlink(f"/proc/self/fd/{handle}") == "anon_inode:[eventpoll]"
        assert pj.PJMEDIA_SRTP_KEYING_DTLS_SRTP
        rig.dial()
        threads = {Path(task, "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()}
        assert not [thread for thread in threads if thread.startswith("conf_")], threads
        rig.close()
        assert "epoll I/O Queue created" in log.read_text()


def rtp_ports() -> None:
    """A call finds its ports behind a long stretch of taken ones."""
    taken = 240
    with contextlib.ExitStack() as held:
        low = _hold_ports(held, taken)

        def configure(config: Any) -> None:
            config.mediaConfig.transportConfig.port = low
            config.mediaConfig.transportConfig.portRange = 2 * taken + 40
            config.mediaConfig.transportConfig.randomizePort = False

        rig = Rig(configure=configure)
        rig.dial()
        rig.close()


def _hold_ports(held: contextlib.ExitStack, pairs: int) -> int:
    """Take the even ports of a stretch; return its first port. Tries until it finds one with room behind it."""
    for low in range(20_000, 60_000, 2_000):
        with contextlib.ExitStack() as trial:
            try:
                for number in range(pairs + 20):
                    one = trial.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                    one.bind(("127.0.0.1", low + 2 * number))
                    if number >= pairs:
                        one.close()
            except OSError:
                continue
            held.push(trial.pop_all())
            return low
    raise AssertionError("no stretch of free ports")


def wheel_codec_order() -> None:
    """Our settings choose the codec, not the order in which the other side offers."""
    rig = Rig()
    peer = Peer(rig)
    for preferred, payload in (("PCMA/8000/1", "8"), ("PCMU/8000/1", "0")):
        for codec in rig.endpoint.codecEnum2():
            rig.endpoint.codecSetPriority(codec.codecId, 255 if codec.codecId == preferred else 100)
        for offered in ("0 8", "8 0"):
            answer = peer.invite(f"m=audio 9 RTP/AVP {offered}\r\n")
            media = next(line.split() for line in answer.splitlines() if line.startswith("m=audio"))
            assert media[3] == payload, f"{offered}: {media}"
    rig.close()


# ----------------------------------------------------------------------------------------------------- 19
class Texter:
    """A far end on a bare socket that types, without redundancy."""

    def __init__(self, rig: Rig, number: int) -> None:
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.number = number
        media = f"m=text {self.socket.getsockname()[1]} RTP/AVP 98\r\na=rtpmap:98 t140/1000\r\n"
        answer = Peer(rig).invite(media)
        self.to = next(int(line.split(" ")[1]) for line in answer.splitlines() if line.startswith("m=text"))

    def type(self, text: str) -> None:
        self.number = (self.number + 1) & 0xFFFF
        head = struct.pack(">BBHII", 0x80, 98, self.number, self.number * 300, 1)
        self.socket.sendto(head + text.encode(), ("127.0.0.1", self.to))

    def read(self) -> list[bytes]:
        """Take what has come in: the payload of each packet."""
        found = []
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while packet := self.socket.recv(2048):
                if packet[1] & 0x7F == 98:
                    found.append(packet[12:])
        return found


def take_text(leg: Leg) -> None:
    prm = parameters(200)
    prm.opt.textCount = 1
    leg.answer(prm)


def text_stream() -> None:
    """Text of any length comes through both ways, past the last number too; a gap holds up only what follows it."""
    rig = Rig()
    rig.account.on_call = take_text
    texter = Texter(rig, 65_533)
    leg = rig.account.received[-1]
    long = "x" * 1000
    for text in ("a", "b", long, "c", "d"):
        texter.type(text)
        rig.pump(0.02)
    rig.until(lambda: leg.text == f"ab{long}cd")
    texter.number += 1  # lost
    for text in "efgh":
        texter.type(text)
        rig.pump(0.45)
    rig.until(lambda: leg.text.endswith("efgh"), 2)
    prm = pj.CallSendTextParam()
    prm.text = "y" * 300
    leg.sendText(prm)
    rig.until(lambda: b"".join(texter.read()).decode() == prm.text)
    texter.socket.close()
    rig.close()


# ----------------------------------------------------------------------------------------------------- 20
def ssrc_attribute() -> None:
    """A call has sound however its source is named, or is not named at all (RFC 5576)."""
    rig = Rig()
    peer = Peer(rig)
    for source in ("1 cname:/a+b=", "1 cname:{é}", "1", "4294967295 previous-ssrc:2", "1 msid:- b", "one"):
        peer.invite(f"m=audio 9 RTP/AVP 8\r\na=ssrc:{source}\r\n")
        call = rig.account.received[-1].getInfo()
        assert call.media[0].status == pj.PJSUA_CALL_MEDIA_ACTIVE, source
    rig.close()


def wheel_long_headers() -> None:
    """A call with 6 KB of identity headers gets through, in and out."""
    rig = Rig()
    identity = "x" * 3000
    Peer(rig).invite("m=audio 9 RTP/AVP 8\r\n", f"Identity: {identity}", f"Identity: {identity}")
    assert rig.account.requests[-1].count(identity) == 2
    prm = parameters()
    for _ in range(2):
        header = pj.SipHeader()
        header.hName, header.hValue = "Identity", identity
        prm.txOption.headers.append(header)
    caller = Leg(rig.account)
    caller.makeCall(rig.uri, prm)
    rig.until(lambda: caller.up)
    assert rig.account.requests[-1].count(identity) == 2
    rig.close()


def wheel_junk() -> None:
    """Built without assertions: no datagram ends the process."""
    rig = Rig()
    caller, callee = rig.dial()
    host, _, port = rig.uri.partition("@")[2].partition(":")
    invite = rig.account.requests[0].encode()
    chance = random.Random(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect((host, int(port)))
        for junk in (b"", b"\r\n", b"\0" * 1400, b"x" * 60_000, invite[: len(invite) // 2], b"SIP/2.0 200 OK\r\n\r\n"):
            sender.send(junk)
            rig.pump(0.02)
        for _ in range(300):
            mutated = bytearray(invite)
            for _ in range(8):
                mutated[chance.randrange(len(mutated))] = chance.randrange(256)
            sender.send(mutated)
            rig.endpoint.libHandleEvents(0)
    rig.pump(0.2)
    assert caller.up
    assert callee.up
    rig.close()


def wheel_load() -> None:
    """A hundred calls of another implementation, none of which fails."""
    rig = Rig(max_calls=200)
    host = rig.uri.partition("@")[2]
    with tempfile.TemporaryDirectory() as folder:
        command = ["sipp", "-sn", "uac", "-i", "127.0.0.1", "-m", "100", "-r", "100", "-d", "300", "-nostdin", host]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as sipp:
            rig.until(lambda: sipp.poll() is not None, 30)
    assert sipp.returncode == 0
    assert len(rig.account.received) == 100
    rig.close()


if __name__ == "__main__":
    gc.disable()
    globals()[sys.argv[1]]()
