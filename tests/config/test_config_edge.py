"""The edge, its phones and its trunks: what they become, and every kind of mistake."""

from pathlib import Path

import pytest

from adapters.edge.credentials import issue
from adapters.edge.settings import EdgeSettings, Limits, Registration, Tls, Trunk
from engine.config import ConfigError, Problem, check_files, load
from engine.datafolder import DataFolder
from engine.processes import networks
from engine.turn import ice_servers, turn_settings
from tests.edge.certificates import Authority

EDGE = """\
city: Testby
language: sv
edge: kamailio
"""
AGENTS = """\
agents:
  one:
    phone: desk-1
    skills: {swedish: 4, english: 5}
    queues: [a, b]
    signed_in: true
"""
PHONES = """\
phones:
  desk-1:
    title: First desk
  desk-2:
"""


@pytest.fixture
def edged(city: Path) -> Path:
    """Return a folder whose phones register."""
    (city / "vaxel.yaml").write_text(EDGE)
    (city / "agents.yaml").write_text(AGENTS)
    (city / "phones.yaml").write_text(PHONES)
    return city


def problems(folder: Path) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        check_files(load(folder), folder)
    return caught.value.problems


def test_phones(edged: Path) -> None:
    loaded = load(edged)
    assert loaded.installation.edge == "kamailio"
    assert loaded.installation.phones == {"desk-1": "First desk", "desk-2": ""}
    assert loaded.core.agents["one"].address == "phone:desk-1"


def test_each_network_has_sound_of_its_own(edged: Path) -> None:
    """Bound and known where the network is, at ports of its own, which the workers share out; else as for all."""
    (edged / "vaxel.yaml").write_text(
        f"{EDGE}listen: 10.1.0.5\n"
        "sip: {workers: 2, phones: {rtp_ports: 30000-30007}}\n"
        "trunks:\n"
        "  operator: {address: [192.0.2.0/28], here: {address: 10.2.0.5, public_address: 203.0.113.9}}\n"
        "  other: {address: [192.0.2.16/28], here: {rtp_ports: 31000-31007, behind_nat: yes}}\n"
    )
    installation = load(edged).installation
    files = dict.fromkeys(("socket", "phones", "location", "tls_file", "workers_file"), "")
    edge = EdgeSettings(**files, address="10.1.0.5", trunks=installation.trunks)
    phones, operator, other = networks(edge, installation.sip, 2)
    assert (phones.address, phones.rtp_ports, phones.behind_nat) == ("10.1.0.5", (30004, 30007), True)
    assert (operator.address, operator.public_address, operator.rtp_ports) == ("10.2.0.5", "203.0.113.9", (0, 0))
    assert (other.address, other.rtp_ports, other.behind_nat) == ("10.1.0.5", (31004, 31007), True)


def test_what_stands_when_nothing_is_said(edged: Path) -> None:
    (edged / "vaxel.yaml").write_text("city: Testby\nlanguage: sv\n")
    installation = load(edged).installation
    assert installation.edge == "kamailio"
    assert installation.trunks == ()
    assert installation.sip.tls is None
    assert installation.sip.limits == Limits()
    assert installation.sip.registration == Registration()
    assert [installation.port_of(worker) for worker in (1, 2)] == [5072, 5074]


def test_everything_said(edged: Path) -> None:
    (edged / "tls").mkdir()
    authority = Authority(edged / "tls")
    certificate, key = authority.issue("sip.testby.example")
    (edged / "password").write_text("known to the operator\n")
    (edged / "vaxel.yaml").write_text(
        EDGE
        + f"""\
sip:
  port: 6060
  inner_port: 6070
  public_address: 203.0.113.5
  tls: {{port: 6061, certificate: {certificate.relative_to(edged)}, key: {key}}}
  registration: {{expires: 5 min, ping: 0}}
  limits: {{requests_per_second: 20, message_bytes: 8192, failures: 5, ban: 1 h}}
trunks:
  operator:
    address: [192.0.2.16/28, "2001:db8::/64"]
    host: sip.operator.example
    port: 6061
    transport: tls
    certificate_name: operator.example
    ca_file: {authority.file.relative_to(edged)}
    srtp: required
    numbers: [0401]
    calls_per_second: 30
  by-account:
    register: {{registrar: sip.example.net, user: "+4640", password_file: password}}
    transport: tcp
"""
    )
    loaded = load(edged)
    check_files(loaded, edged)
    sip = loaded.installation.sip
    assert (sip.port, sip.inner_port, sip.public_address) == (6060, 6070, "203.0.113.5")
    assert sip.tls == Tls(certificate=str(certificate), key=str(key), port=6061)
    assert sip.registration == Registration(expires=300, ping=0)
    assert sip.limits == Limits(requests_per_second=20, message_bytes=8192, failures=5, ban=3600)
    assert loaded.installation.trunks == (
        Trunk(
            name="operator",
            sources=("192.0.2.16/28", "2001:db8::/64"),
            host="sip.operator.example",
            port=6061,
            transport="tls",
            numbers=("0401",),
            srtp="required",
            certificate_name="operator.example",
            ca_file=str(authority.file),
            calls_per_second=30,
        ),
        Trunk(
            name="by-account",
            host="sip.example.net",
            transport="tcp",
            registers=True,
            user="+4640",
            password_file=str(edged / "password"),
        ),
    )


VAXEL = [
    # what is added to vaxel.yaml, line, field, text
    ("trunks: {Operator: {address: [192.0.2.1]}}", 4, "trunks.Operator",
     '"Operator" is no name for SIP; use small letters, digits, ".", "-" and "_", at most 32, such as operator'),
    ("trunks: {phones: {address: [192.0.2.1]}}", 4, "trunks.phones", '"phones" means something else; choose another '
     "name"),
    ("trunks:\n  x:\n    host: sip.x.example", 5, "trunks.x",
     "says neither where its calls come from (address: [192.0.2.16/28]) nor where we register (register: ...)"),
    ("trunks:\n  x:\n    address: [192.0.2.1/28]", 6, "trunks.x.address.0",
     '"192.0.2.1/28" has bits beyond its prefix; write 192.0.2.0/28'),
    ("trunks:\n  x:\n    address: [0.0.0.0/0]", 6, "trunks.x.address",
     "the whole world cannot be a trunk: anybody could claim any number"),
    ("trunks:\n  x:\n    address: [192.0.2.1]\n    host: sip://x", 7, "trunks.x.host",
     '"sip://x" is no host; write it like sip.operator.example, 192.0.2.16 or 2001:db8::16'),
    ("trunks:\n  x:\n    address: [192.0.2.1]\n    transport: ws", 7, "trunks.x.transport",
     '"ws" is not possible here; allowed: udp, tcp, tls'),
    ("trunks:\n  x:\n    address: [192.0.2.1]\n    srtp: yes", 7, "trunks.x.srtp",
     '"yes" is not possible here; allowed: off, optional, required'),
    ("trunks:\n  x:\n    address: [192.0.2.1]\n    transport: tls", 7, "trunks.x.transport",
     "`tls` needs a certificate of ours; name one under sip.tls"),
    ("trunks:\n  x:\n    address: [192.0.2.1]\n    ca_file: a.pem", 7, "trunks.x.ca_file",
     "belongs to `transport: tls`"),
    ("trunks:\n  x:\n    register: {registrar: sip.x.example, user: a b, password_file: p}", 6,
     "trunks.x.register.user", '"a b" cannot be the name of a SIP account'),
    ("trunks:\n  x:\n    register: {registrar: sip.x.example, user: a}", 6, "trunks.x.register",
     '"password_file" is missing'),
    ("trunks:\n  x:\n    register: {registrar: sip.x.example, user: a, password_file: p, password: b}", 6,
     "trunks.x.register.password", 'there is no field "password"; did you mean "password_file"?'),
    ("trunks:\n  x:\n    host: y.example\n    register: {registrar: x.example, user: a, password_file: p}", 6,
     "trunks.x.host", "is the registrar already; leave it out"),
    ("trunks:\n  x:\n    register: {registrar: x.example, user: a, password_file: p}", 6,
     "trunks.x.register.password_file",
     "{folder}/p cannot be read (no such file or directory); write the password there, UTF-8"),
    ("trunks:\n  x:\n    address: [192.0.2.1]\n    numbers: [040-1]", 7, "trunks.x.numbers.0",
     '"040-1" is not a number as it arrives by SIP, without spaces and hyphens; write 0401'),
    ("sip:\n  networks:\n    - name: x\n      from: [10.0.0.0/8]", 5, "sip.networks",
     "are for `edge: none`: phones register at the edge, and other calls come from `trunks`"),
    ("sip: {inner_port: 5058}", 4, "sip.port", "5060 and sip.inner_port 5058-5060 overlap; choose another"),
    ("sip: {registration: {expires: 5 s}}", 4, "sip.registration.expires",
     '"5 s" is no time for a registration; from 10 s (phones ask too often) to 3600 s'),
    ("sip: {limits: {message_bytes: 100}}", 4, "sip.limits.message_bytes",
     "100 is out of range; allowed: from 2048 to 65535"),
    ("sip: {tls: {certificate: a.pem}}", 4, "sip.tls", '"key" is missing'),
    ("sip: {tls: {certificate: a.pem, key: b.pem}}", 4, "sip.tls.certificate", "there is no file {folder}/a.pem"),
    ("sip: {tls: {certificate: vaxel.yaml, key: vaxel.yaml}}", 4, "sip.tls",
     "{folder}/vaxel.yaml and {folder}/vaxel.yaml are no pair of certificate and key without passphrase, both PEM "
     "(not understood)"),
    ("web: {port: 5072}", 4, "web.port", "5072 lies among the SIP ports 5070-5072; choose another"),
    ("demo: true\nlisten: 10.0.0.5", 5, "listen",
     "10.0.0.5 is open to others while `demo: true` stands: the people, phones and passwords here are examples that "
     "everybody knows; put in your own, then remove `demo`"),
]  # fmt: skip


@pytest.mark.parametrize(("added", "line", "field", "text"), VAXEL, ids=[f"{row[2]}-{row[3][:30]}" for row in VAXEL])
def test_mistakes_of_the_edge(edged: Path, added: str, line: int, field: str, text: str) -> None:
    (edged / "vaxel.yaml").write_text(f"{EDGE}{added}\n")
    assert problems(edged) == [Problem("vaxel.yaml", line, field, text.format(folder=edged))]


OTHERS = [
    # file, old, new, line, field, text
    ("agents.yaml", "phone: desk-1", "phone: dsk-1", 3, "agents.one.phone",
     'there is no phone in phones.yaml "dsk-1"; did you mean "desk-1"?'),
    ("agents.yaml", "phone: desk-1", "address: sip:one@10.0.0.7", 3, "agents.one.address",
     "is for `edge: none`; let the phone register, and name it here as `phone: NAME`, in phones.yaml too"),
    ("agents.yaml", "    phone: desk-1\n", "", 2, "agents.one",
     "is signed in from the start but has no `phone` that could be rung"),
    ("agents.yaml", "agents:\n", "agents:\n  two: {phone: desk-1, signed_in: true, queues: [a]}\n", 4,
     "agents.one.phone", 'is where "two" is signed in already; one phone has one agent at a time'),
    ("phones.yaml", "desk-2", "Desk 2", 4, "phones.Desk 2",
     '"Desk 2" is no name for SIP; use small letters, digits, ".", "-" and "_", at most 32, such as guide01'),
    ("phones.yaml", "title", "password", 3, "phones.desk-1.password",
     'there is no field "password"; known: agent, kind, number, title'),
    ("vaxel.yaml", "edge: kamailio", "edge: asterisk", 3, "edge", '"asterisk" is not possible here; allowed: '
     "kamailio, none"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "line", "field", "text"), OTHERS, ids=[row[4] for row in OTHERS])
def test_mistakes_of_phones(edged: Path, file: str, old: str, new: str, line: int, field: str, text: str) -> None:
    path = edged / file
    path.write_text(path.read_text().replace(old, new, 1))
    assert problems(edged)[0] == Problem(file, line, field, text)


def test_without_an_edge(city: Path) -> None:
    path = city / "vaxel.yaml"
    path.write_text(path.read_text() + "trunks: {x: {address: [192.0.2.1]}}\nsip: {limits: {ban: 5 min}}\n")
    agents = city / "agents.yaml"
    agents.write_text(agents.read_text().replace("address: sip:two@127.0.0.1:6002", "phone: desk-1"))
    assert problems(city) == [
        Problem(
            "agents.yaml",
            8,
            "agents.two.phone",
            "needs `edge: kamailio`; without an edge write `address: sip:NAME@HOST:PORT`",
        ),
        Problem("vaxel.yaml", 5, "trunks", "need `edge: kamailio`; without an edge name sources under sip.networks"),
        Problem("vaxel.yaml", 6, "sip.limits", "belongs to `edge: kamailio`"),
    ]


def test_a_trunk_by_tls_is_known_by_name(edged: Path) -> None:
    certificate, key = Authority(edged).issue("sip.testby.example")
    tls = f"sip:\n  tls: {{certificate: {certificate}, key: {key}}}\n"
    trunk = "trunks:\n  x: {address: [192.0.2.1], host: 192.0.2.1, transport: tls}\n"
    (edged / "vaxel.yaml").write_text(EDGE + tls + trunk)
    (found,) = problems(edged)
    assert found.text == (
        "`tls` needs `certificate_name`, what the certificate of 192.0.2.1 names: an address proves nothing"
    )


def test_other_authorities_are_certificates(edged: Path) -> None:
    certificate, key = Authority(edged).issue("sip.testby.example")
    tls = f"sip:\n  tls: {{certificate: {certificate}, key: {key}}}\n"
    trunk = "trunks:\n  x: {address: [192.0.2.1], host: x.example, transport: tls, ca_file: phones.yaml}\n"
    (edged / "vaxel.yaml").write_text(EDGE + tls + trunk)
    (found,) = problems(edged)
    assert found == Problem(
        "vaxel.yaml",
        7,
        "trunks.x.ca_file",
        f"{edged}/phones.yaml holds no certificates in PEM (no certificate or crl found)",
    )


def test_pages_as_phones(edged: Path) -> None:
    (edged / "phones.yaml").write_text((edged / "phones.yaml").read_text() + "  page1: {kind: browser}\n")
    installation = load(edged).installation
    assert installation.browser_phones == {"page1"}
    assert "page1" not in installation.set_up_phones
    text = (edged / "vaxel.yaml").read_text()
    (edged / "vaxel.yaml").write_text(text + "sip: {browsers: {port: 8080}}\n")
    assert problems(edged)[0].field == "sip.browsers.port"
    (edged / "vaxel.yaml").write_text(text + "sip: {address: 10.20.0.5}\n")
    assert problems(edged)[0].field == "web.tls"
    (edged / "vaxel.yaml").write_text(text + "sip: {address: 10.20.0.5, browsers: {url: wss://phone.example/sip}}\n")
    assert load(edged).installation.sip.browsers.url == "wss://phone.example/sip"


FAR = "sip: {{address: 10.20.0.5, browsers: {{address: 10.20.0.6, url: wss://phone.example/sip, turn: {{{turn}}}}}}}\n"


def test_a_relay_for_pages_from_afar(edged: Path) -> None:
    (edged / "vaxel.yaml").write_text(EDGE + FAR.format(turn="public_address: 203.0.113.9"))
    installation = load(edged).installation
    assert installation.runs_turn
    settings = turn_settings("key", installation)
    assert (settings.address, settings.public_address, settings.peers) == ("10.20.0.5", "203.0.113.9", ("10.20.0.6",))
    folder = DataFolder(edged / "data")
    folder.prepare()
    (given,) = ice_servers(folder, installation, "page1", 1000.0, live=60)
    assert given.urls == ("turn:203.0.113.9:3478?transport=udp", "turn:203.0.113.9:3478?transport=tcp")
    assert given.username == "1060:page1"
    assert given.credential == issue("page1", folder.turn_key(), 1000.0, 60).password


def test_a_relay_elsewhere(edged: Path) -> None:
    (edged / "turn.secret").write_text("theirs\n")
    named = "urls: ['turns:turn.example:443?transport=tcp'], secret_file: turn.secret"
    (edged / "vaxel.yaml").write_text(EDGE + FAR.format(turn=named))
    installation = load(edged).installation
    assert not installation.runs_turn
    (given,) = ice_servers(DataFolder(edged / "data"), installation, "page1", 1000.0)
    assert given.urls == ("turns:turn.example:443?transport=tcp",)
    assert given.credential == issue("page1", "theirs", 1000.0).password
    (edged / "turn.secret").unlink()
    assert problems(edged)[0].field == "sip.browsers.turn.secret_file"
    assert ice_servers(DataFolder(edged / "data"), installation, "page1", 1000.0) == ()


@pytest.mark.parametrize(
    ("turn", "field"),
    [
        ("urls: ['turn:turn.example']", "sip.browsers.turn"),
        ("secret_file: turn.secret", "sip.browsers.turn"),
        ("urls: ['stun:turn.example'], secret_file: turn.secret", "sip.browsers.turn.urls"),
        ("address: 127.0.0.1", "sip.browsers.turn"),
        ("address: 0.0.0.0", "sip.browsers.turn.address"),
        ("relay_ports: 27000-28000", "sip.browsers.turn.relay_ports"),
    ],
)
def test_relays_that_are_of_no_use(edged: Path, turn: str, field: str) -> None:
    (edged / "vaxel.yaml").write_text(EDGE + FAR.format(turn=turn))
    assert problems(edged)[0].field.startswith(field)


TOWN = "trunks: {town: {address: [192.0.2.1], host: 192.0.2.1}}\n"


def test_a_number_outside_as_a_phone(edged: Path) -> None:
    (edged / "vaxel.yaml").write_text(EDGE + TOWN)
    (edged / "phones.yaml").write_text(f"{PHONES}  mobile: {{kind: number, number: 070-174 06 05, agent: one}}\n")
    installation = load(edged).installation
    assert installation.outside_phones["mobile"].agent == "one"
    assert "mobile" in installation.phones
    assert "mobile" not in installation.set_up_phones
    assert "Tryck 1" in installation.speech.texts["sv"]["confirm"]


@pytest.mark.parametrize(
    ("mobile", "vaxel", "field"),
    [
        ("kind: number, number: 070-174 06 05", TOWN, "phones.mobile"),
        ("number: 070-174 06 05, agent: one", TOWN, "phones.mobile"),
        ("kind: number, number: 070-174 06 05, agent: nobody", TOWN, "phones.mobile.agent"),
        ("kind: number, number: +1 212 555 0100, agent: one", TOWN, "phones.mobile.number"),
        ("kind: number, number: '112', agent: one", TOWN, "phones.mobile.number"),
        ("kind: number, number: 070-174 06 05, agent: one", "", "phones"),
    ],
)
def test_numbers_outside_that_cannot_be_phones(edged: Path, mobile: str, vaxel: str, field: str) -> None:
    (edged / "vaxel.yaml").write_text(EDGE + vaxel)
    (edged / "phones.yaml").write_text(f"{PHONES}  mobile: {{{mobile}}}\n")
    (found,) = problems(edged)
    assert (found.file, found.field) == ("phones.yaml", field)
    assert "174" not in found.text
