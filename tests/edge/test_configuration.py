"""Settings to Kamailio's files: each kind of settings is one that Kamailio itself takes."""

import os
import re
import string
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from adapters.edge import configuration, program
from adapters.edge.settings import EdgeSettings, Limits, Registration, Tls, Trunk

BASE = EdgeSettings(
    socket="/run/vaxel/edge.sock",
    phones="/var/lib/vaxel/phones.sqlite",
    location="/var/lib/vaxel/location.sqlite",
    tls_file="/run/vaxel/tls.cfg",
    workers_file="/run/vaxel/workers.list",
    workers=(("w1", "127.0.0.1:5072"), ("w2", "127.0.0.1:5074")),
)
TLS = Tls(certificate="/etc/vaxel/chain.pem", key="/etc/vaxel/key.pem")
OPERATOR = Trunk(name="operator", sources=("192.0.2.16/28", "192.0.2.40/32"), host="sip.operator.example")
CASES = {
    "nothing else": {},
    "a trunk that only calls": {"trunks": (Trunk(name="o", sources=("192.0.2.16/28",)),)},
    "IPv6": {
        "address": "::1",
        "trunks": (Trunk(name="o", sources=("2001:db8::/64", "2001:db8:1::5/128"), host="2001:db8::16"),),
    },
    "every transport": {
        "tls": TLS,
        "trunks": (
            OPERATOR,
            Trunk(name="t", host="192.0.2.80", transport="tcp", port=6060),
            Trunk(name="s", host="sip.s.example", transport="tls", certificate_name="s.example", ca_file="/etc/s.pem"),
        ),
    },
    "accounts": {
        "trunks": (
            Trunk(name="a", host="x.example", registers=True, user="+4640~x"),
            Trunk(name="b", host="y.example", registers=True, user="u", numbers=("0401",)),
            Trunk(name="c", host="z.example", registers=True, user="u", numbers=("0401", "+46*40#")),
        )
    },
    "odd names": {"trunks": (Trunk(name="a.b-c_0", sources=("192.0.2.1/32",), numbers=("A.b_-+*#9",)),)},
    "behind another address": {"tls": TLS, "address": "0.0.0.0", "public_address": "203.0.113.5"},
    "other limits": {
        "limits": Limits(requests_per_second=1, message_bytes=2048, failures=1, ban=1),
        "registration": Registration(expires=10, ping=0),
    },
}


@pytest.mark.parametrize("name", CASES)
def test_kamailio_takes_it(tmp_path, name):
    settings = structs.replace(BASE, socket=str(tmp_path / "s"), workers_file=str(tmp_path / "w"), **CASES[name])
    (tmp_path / "w").write_text(configuration.dispatcher(settings))
    conf = tmp_path / "kamailio.cfg"
    conf.write_text(configuration.kamailio(settings))
    argv = [*program.arguments(conf, tmp_path), "-c"]
    environment = os.environ | program.environment(settings)
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    said = done.stderr.splitlines()
    assert not [line for line in said if re.search(r"CRITICAL|ERROR|WARNING|BUG", line)]


def test_workers_are_a_list():
    assert configuration.dispatcher(BASE).splitlines() == [
        "1 sip:127.0.0.1:5072 8 0 socket=udp:127.0.0.1:5070",
        "1 sip:127.0.0.1:5074 8 0 socket=udp:127.0.0.1:5070",
    ]


def test_a_profile_for_each_trunk_by_tls():
    """Old versions are refused, and each trunk is believed by its own authorities alone."""
    trunks = (
        OPERATOR,
        Trunk(name="s", host="sip.s.example", transport="tls", ca_file="/etc/s.pem"),
        Trunk(name="o", host="192.0.2.1", transport="tls", certificate_name="o.example"),
    )
    text = configuration.tls(structs.replace(BASE, tls=TLS, trunks=trunks))
    profiles = dict(re.findall(r"\[(\S+)\]\n((?:\S+ = .*\n)+)", text.replace("client:any]\nserver_id = ", "")))
    assert list(profiles) == ["server:default", "client:default"]
    assert text.count("[client:any]") == 2
    assert text.count("method = TLSv1.2+") == 4
    assert "server_id = s\nserver_name = sip.s.example\n" in text
    assert "server_id = o\nserver_name = o.example\n" in text
    assert re.findall(r"ca_list = (.*)", text) == ["/etc/s.pem", configuration.AUTHORITIES]


def test_without_tls_there_is_no_file():
    assert configuration.tls(BASE) == ""
    assert "tls" not in configuration.kamailio(BASE).partition("modparam")[0]


def test_nothing_listens_that_was_not_asked_for():
    text = configuration.kamailio(structs.replace(BASE, address="192.0.2.5", port=6060))
    assert re.findall(r"^listen=(.*)$", text, re.M) == [
        "udp:127.0.0.1:5070",
        "udp:192.0.2.5:6060",
        "tcp:192.0.2.5:6060",
    ]


def test_strangers_numbers_are_not_logged():
    """Kamailio's errors repeat what was sent; only modules that know nothing of messages tell theirs."""
    text = configuration.kamailio(BASE)
    assert re.search(r"^debug=-2$", text, re.M)
    told = set(re.findall(r'"mod_level", "(\w+)=-1"', text))
    assert told == set(configuration.TALKATIVE)
    assert not told & {"tm", "rr", "sl", "registrar", "nathelper", "dialog", "sanity", "core"}
    assert "xlog" not in text


@pytest.mark.parametrize("path", ['/tmp/a"b', "/tmp/a\nb", "/tmp/a\\b", "/tmp/a!b"])
def test_a_path_that_kamailio_would_read_otherwise_is_refused(path):
    with pytest.raises(configuration.Unwritable, match="let the path hold letters, digits"):
        configuration.kamailio(structs.replace(BASE, phones=path))


NAMES = st.text(string.ascii_lowercase + string.digits + "._-", min_size=1, max_size=32)
NUMBERS = st.text(string.ascii_letters + string.digits + "+*#._-", min_size=1, max_size=64)


@given(st.dictionaries(NAMES, st.lists(NUMBERS, max_size=3), max_size=5))
def test_a_name_stays_within_its_quotes(trunks):
    """Whatever may be written into vaxel.yaml: nobody's name or number becomes a word of the script."""
    settings = structs.replace(
        BASE, trunks=tuple(Trunk(name=name, numbers=tuple(numbers)) for name, numbers in trunks.items())
    )
    plain = structs.replace(
        BASE, trunks=tuple(Trunk(name="x", numbers=("1",) * len(numbers)) for numbers in trunks.values())
    )

    def words(text: str) -> str:
        return re.sub(r'"[^"]*"', '""', text)

    assert words(configuration.kamailio(settings)) == words(configuration.kamailio(plain))
