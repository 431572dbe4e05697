"""What may be kept of a message: enough to see what went wrong, and nothing about anybody."""

import re

from hypothesis import given
from hypothesis import strategies as st

from adapters.trace.masking import METHODS, Masker, whole

KEY = bytes(16)
INVITE = """\
INVITE sip:+46701234567@192.0.2.1:5060;transport=udp SIP/2.0\r
Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKabc;rport\r
f: "Anna Andersson" <sip:0407654321:secret@op.example;phone-context=anna>;tag=abc123\r
To: <sip:+46701234567@192.0.2.1>\r
i: 8f7d@10.0.0.1\r
CSeq: 102 INVITE\r
Contact: <sip:0407654321@10.0.0.1:5060;transport=udp>\r
P-Asserted-Identity: "Anna" <sip:+46407654321@op.example>\r
Refer-To: <sip:0409999999@op.example?Replaces=anna%3Bto-tag%3D1>\r
User-Agent: Phone/1.2 (Anna's)\r
Reason: Q.850;cause=16;text="Anna hung up"\r
Authorization: Digest username="anna", response="0123456789abcdef"\r
Subject: Anna 0701234567\r
X-Vaxel-Network: operator\r
Content-Type: application/sdp\r
Content-Length: 300\r
\r
v=0\r
o=anna 1 1 IN IP4 10.0.0.1\r
s=Annas phone\r
i=0701234567\r
c=IN IP4 10.0.0.1\r
t=0 0\r
m=audio 4000 RTP/SAVP 8 101\r
a=rtpmap:101 telephone-event/8000\r
a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:0701234567secret\r
a=sendonly\r
"""


def test_an_invitation():
    masker = Masker(KEY, frozenset({"guide01"}))
    caller, called, shown, to = (
        masker.user(user) for user in ("0407654321", "+46701234567", "+46407654321", "0409999999")
    )
    assert masker.mask(INVITE).split("\r\n") == [
        f"INVITE sip:{called}@192.0.2.1:5060;transport=udp SIP/2.0",
        f"From: <sip:{caller}@op.example>;tag=abc123",
        f"To: <sip:{called}@192.0.2.1>",
        "Call-ID: 8f7d@10.0.0.1",
        "CSeq: 102 INVITE",
        f"Contact: <sip:{caller}@10.0.0.1:5060;transport=udp>",
        f"P-Asserted-Identity: <sip:{shown}@op.example>",
        f"Refer-To: <sip:{to}@op.example>",
        "User-Agent: Phone/1.2",
        "Reason: Q.850;cause=16",
        "Authorization: Digest",
        "X-Vaxel-Network: operator",
        "Content-Type: application/sdp",
        "Content-Length: 190",
        "",
        "v=0",
        "o=- 0 0 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "c=IN IP4 10.0.0.1",
        "m=audio 4000 RTP/SAVP 8 101",
        "a=rtpmap:101 telephone-event/8000",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:(left out)",
        "a=sendonly",
        "",
    ]
    assert masker.user("guide01") == "guide01"
    assert re.fullmatch("~[a-z2-7]{8}", masker.user("0407654321"))
    assert Masker(bytes(15) + b"1").user("0407654321") != masker.user("0407654321"), "no two houses alike"


def test_whatever_the_far_end_writes_into_an_answer():
    masked = Masker(KEY).mask('SIP/2.0 486 Anna talks to 0701234567\r\nWarning: 399 anna "0701234567"\r\n\r\nAnna')
    assert masked == "SIP/2.0 486 Busy Here\r\nContent-Length: 0\r\n\r\n"
    assert Masker(KEY).mask("SIP/2.0 799 Anna\r\n\r\n").startswith("SIP/2.0 799\r\n")


def test_what_is_no_message():
    for rubbish in ("", "\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "INVITE\r\n\r\n", "x" * 100_000):
        assert Masker(KEY).mask(rubbish) == ""


def test_keys_that_were_pressed_are_not_kept():
    info = "INFO sip:a@b SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=7\r\nDuration=160\r\n"
    assert "Signal" not in Masker(KEY).mask(info)
    assert "Signal" not in whole(info)


def test_whole_messages_open_no_doors():
    kept = whole(INVITE)
    assert "Anna Andersson" in kept
    assert "0123456789abcdef" not in kept
    assert "inline:(left out)" in kept
    assert "0701234567secret" not in kept


USER = st.text("0123456789+ABCDEFabcdef.*#-_åäö", min_size=6, max_size=20)
AROUND = st.sampled_from(["<sip:{}@h.example>", '"{}" <sip:x@h>', "sip:{}@h", "<tel:{};phone-context=x>", "{}"])
NAMES = (
    "From",
    "To",
    "Contact",
    "P-Asserted-Identity",
    "Refer-To",
    "Diversion",
    "Referred-By",
    "Subject",
    "Reason",
    "f",
    "m",
)


@given(USER, st.lists(st.tuples(st.sampled_from(NAMES), AROUND), max_size=8), st.sampled_from(sorted(METHODS)))
def test_no_user_survives(user, headers, method):
    lines = [f"{method} sip:{user}@10.0.0.1 SIP/2.0", *(f"{name}: {form.format(user)}" for name, form in headers)]
    masked = Masker(KEY).mask("\r\n".join([*lines, "", f"{user}"]))
    assert user not in masked or user in "10.0.0.1 h.example SIP/2.0"


@given(st.text(), st.text())
def test_nothing_that_a_terminal_would_obey(head, body):
    masked = Masker(KEY).mask(f"INVITE sip:a@b SIP/2.0\r\nFrom: {head}\r\nCall-ID: {head}\r\n\r\n{body}")
    assert all(char.isprintable() or char in "\r\n" for char in masked)
