"""From messages to a ladder; what a capture file holds; what sound is worth."""

import ipaddress
from struct import unpack_from

from hypothesis import given
from hypothesis import strategies as st

from adapters.trace.record import LegRecord, Message
from engine.trace.drawing import ladder
from engine.trace.pcap import capture
from engine.trace.story import Kept, in_order, sound_of, tell
from metrics.sound import opinion, rating


def message(at, source, target, text, call="c1", leg="", **more):
    known = {"edge:1": "edge", "w1:1": "w1", "w2:1": "w2"}
    head = f"{text}\r\nCall-ID: {call}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in more.items())
    return Message(at, source, target, known.get(source, ""), known.get(target, ""), "udp", call, leg, f"{head}\r\n")


TO = "INVITE sip:100@x SIP/2.0"
CALL = (
    message(1.0, "10.0.0.1:9", "edge:1", TO, CSeq="1 INVITE"),
    message(1.1, "edge:1", "w1:1", TO, CSeq="1 INVITE", **{"X-Vaxel-Network": "operator"}),
    message(1.2, "w1:1", "edge:1", "SIP/2.0 200 OK", leg="w1-g-1", CSeq="1 INVITE"),
    message(1.3, "edge:1", "10.0.0.1:9", "SIP/2.0 200 OK", CSeq="1 INVITE"),
    message(1.8, "edge:1", "10.0.0.1:9", "SIP/2.0 200 OK", CSeq="1 INVITE"),
    message(2.0, "w1:1", "edge:1", "INVITE sip:guide01@x SIP/2.0", "c2", "w1-g-1.1", **{"X-Vaxel-Network": "phones"}),
    message(2.1, "edge:1", "10.0.0.2:9", "INVITE sip:guide01@x SIP/2.0", "c2"),
    message(2.2, "10.0.0.2:9", "edge:1", "SIP/2.0 486 Busy Here", "c2"),
)


def told(messages=CALL, **more):
    return tell(Kept(contact="w1-g-1", messages=messages, facts=(), legs=(), living=False, **more))


def test_an_answer_does_not_come_before_what_it_answers():
    bye = message(3.2, "edge:1", "10.0.0.1:9", "BYE sip:c@x SIP/2.0", CSeq="2 BYE")
    ok = message(3.1, "10.0.0.1:9", "edge:1", "SIP/2.0 200 OK", CSeq="2 BYE")
    other = message(3.15, "w1:1", "edge:1", "SIP/2.0 200 OK", CSeq="2 BYE")
    assert in_order((ok, bye, other, *CALL)) == [*CALL, other, bye, ok]
    late = message(3.4, "10.0.0.1:9", "edge:1", "SIP/2.0 200 OK", CSeq="2 BYE")
    again = message(3.3, "edge:1", "10.0.0.1:9", "BYE sip:c@x SIP/2.0", CSeq="2 BYE")
    assert in_order((late, again, ok, bye)) == [bye, ok, again, late]


def test_who_stands_where():
    story = told()
    assert [(party.side, party.title) for party in story.parties] == [
        ("caller", "operator"),
        ("edge-in", "edge"),
        ("worker", "w1"),
        ("edge-out", "edge"),
        ("rung", "guide01"),
    ]
    assert [(arrow.source, arrow.target) for arrow in story.arrows[-3:]] == [
        ("w1", "edge-out"),
        ("edge-out", "rung:guide01"),
        ("rung:guide01", "edge-out"),
    ]
    assert [arrow.again for arrow in story.arrows] == [False] * 4 + [True] + [False] * 3
    assert story.calls == ("c1", "c2")


def test_what_is_drawn():
    lines = [line.plain for line in ladder(told(), 120)]
    assert len(lines) == 1 + len(CALL)
    assert lines[0].split() == ["operator", "edge", "w1", "edge", "guide01"]
    assert "200 OK again" in lines[5]
    assert lines[8].rstrip().endswith("│◀ 486 Busy He… │")
    assert len({line.rstrip().rfind("│") for line in lines[2:4]}) == 1


@given(st.integers(20, 300))
def test_it_fits_any_terminal(width):
    assert list(ladder(told(), width))


def test_what_a_capture_file_holds():
    data = capture(CALL)
    assert unpack_from("<IHH", data) == (0xA1B2C3D4, 2, 4)
    at, found = 24, []
    while at < len(data):
        seconds, micro, size, whole = unpack_from("<IIII", data, at)
        assert size == whole
        packet = data[at + 16 : at + 16 + size]
        assert packet[0] == 0x45
        total = sum(int.from_bytes(packet[n : n + 2], "big") for n in range(0, 20, 2))
        assert (total >> 16) + (total & 0xFFFF) == 0xFFFF, "the header's sum"
        assert unpack_from(">HHH", packet, 20)[2] == size - 20
        found.append((seconds + micro / 1e6, str(ipaddress.ip_address(packet[12:16])), packet[28:].decode()))
        at += 16 + size
    assert [(round(one[0], 3), one[2]) for one in found] == [(one.at, one.text) for one in CALL]
    assert found[0][1] == "10.0.0.1"


def test_what_is_said_of_sound():
    mapped = "a=rtpmap:9 G722/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    assert sound_of(f"v=0\r\nm=audio 4000 RTP/SAVP 9 8 101\r\n{mapped}a=sendonly\r\n") == "G722 PCMA, sendonly, SRTP"
    assert sound_of("m=audio 0 RTP/AVP 8\n") == "PCMA, no keys, no sound"
    assert sound_of("Signal=5") == ""


LEG = LegRecord(
    130.0, "w1-g-1", "w1-g-1", "op", 200, "far", 95.0, 100.0, 5.0, "PCMA/8000", 1000, 1000, 0, 0, 1, 9, 40, 0, 0
)


def test_how_a_leg_sounded():
    story = tell(Kept(contact="w1-g-1", messages=(), facts=(), legs=(LEG,), living=False))
    (sound,) = story.sounds
    assert (sound.seconds, sound.held, sound.lost) == (30.0, 5.0, 0.0)
    assert sound.mos is not None
    assert sound.mos > 4.3


SHARE = st.floats(0, 1)
MS = st.floats(0, 2000)


@given(SHARE, SHARE, MS, MS, MS, MS)
def test_worse_is_never_better(loss, more_loss, jitter, more_jitter, rtt, more_rtt):
    good = rating(min(loss, more_loss), min(jitter, more_jitter), min(rtt, more_rtt))
    bad = rating(max(loss, more_loss), max(jitter, more_jitter), max(rtt, more_rtt))
    assert 0 <= bad <= good <= 93.2
    assert 1.0 <= opinion(bad) <= opinion(good) + 1e-9 <= 4.42
