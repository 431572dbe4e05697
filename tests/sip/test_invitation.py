"""Reading INVITEs: what people's switches write, and what nobody should."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sip.invitation import Party, clean, is_anonymous, name_addr, network_named, read_invitation, read_party


@pytest.mark.parametrize(
    ("value", "party"),
    [
        ('"Anna \\"A\\" Ek" <sip:046@h:5060;transport=udp>;tag=1', Party("046", "h", 'Anna "A" Ek')),
        ("Anna <sips:anna@[2001:db8::1]:5061>", Party("anna", "2001:db8::1", "Anna")),
        ("sip:100@host;tag=x", Party("100", "host", "")),
        ("<tel:+4640-123;phone-context=se>", Party("+4640-123", "", "")),
        ("<sip:+46401;isub=2:secret@host?Subject=x>", Party("+46401", "host", "")),
        ("<sip:%C3%A5sa%0d%0a@host>", Party("åsa", "host", "")),
        ("<sip:host>", Party("", "host", "")),
        ("nonsense", Party("", "", "")),
        ("", Party("", "", "")),
    ],
)
def test_parties(value, party):
    assert read_party(value) == party


def test_headers_compact_folded_and_repeated():
    text = (
        "INVITE sip:1%2300@h SIP/2.0\r\nf: <sip:anonymous@anonymous.invalid>\r\n ;tag=1\r\n"
        'p-asserted-identity : "a, b" <sip:x>,\r\n\t<tel:+4640>\r\nP-Asserted-Identity: <sip:2@h>\r\n'
        "Privacy: none;id\r\n\r\nFrom: <sip:body@h>"
    )
    invitation = read_invitation(text)
    assert invitation.called == "1#00"
    assert is_anonymous(invitation.sender)
    assert invitation.asserted == Party("+4640", "", "")
    assert invitation.private
    assert invitation.phone == ""


def test_what_the_edge_says():
    text = "INVITE sip:0@h SIP/2.0\r\nX-Vaxel-Network: phones\r\nx-vaxel-phone: guide01\r\n\r\nX-Vaxel-Phone: no"
    assert network_named(text) == "phones"
    assert network_named("INVITE sip:0@h SIP/2.0\r\nX: y\r\n\r\nX-Vaxel-Network: phones") == ""
    assert read_invitation(text).phone == "guide01"


@given(st.text())
def test_anything_can_be_read(text):
    read_invitation(f"INVITE {text}\r\nFrom: {text}\r\nP-Asserted-Identity: {text}\r\nPrivacy: {text}\r\n")
    network_named(f"INVITE {text}\r\nX-Vaxel-Network: {text}\r\n")


@settings(deadline=None)
@given(st.sampled_from('<">\\,;@%: '), st.sampled_from('<">\\,;@%: '))
def test_long_rubbish_is_read_quickly(one, other):
    begun = time.perf_counter()
    read_invitation(f"INVITE sip:x SIP/2.0\r\nP-Asserted-Identity: {(one + other) * 8000}\r\n\r\n")
    assert time.perf_counter() - begun < 0.2


@given(st.text(), st.text())
def test_what_is_sent_stays_in_its_header(display, user):
    sent = name_addr(display, user, "192.0.2.1")
    assert "\r" not in sent
    assert "\n" not in sent
    read = read_party(sent)
    assert read.host == "192.0.2.1"
    assert read.user == clean(user)
    assert read.display == clean(display)
