"""Parts of the worker, and of what dials, that need no worker."""

import pytest

from adapters.sip.admission import Admission
from adapters.sip.logs import without_persons
from adapters.sip.reaching import LATEST, Reaching
from adapters.sip.settings import Network, WorkerSettings
from adapters.sip.wav import BadWav, Lengths, wav_seconds
from engine.dialplan import Dialplan
from router.configuration import Configuration
from router.dialling import DialRules, Gate, address_of, assess
from tests.sip.conftest import write_tone
from tests.sip.engine import KEY


def admission(**more):
    return Admission(WorkerSettings(name="w", socket="s", dial_key=KEY, **more))


def test_networks_first_fit_and_none():
    networks = (
        Network(name="desk", sources=("10.1.0.0/16",)),
        Network(name="trunk", sources=("10.0.0.0/8", "2001:db8::/32")),
    )
    known = admission(networks=networks)
    found = [known.network(at) for at in ("10.1.2.3:5060", "10.9.9.9:1", "[2001:db8::7]:5060", "192.0.2.1:5060", "?")]
    assert [network.name if network else None for network in found] == ["desk", "trunk", "trunk", None, None]


@pytest.mark.parametrize(
    ("reserve", "inbound", "dialled", "room"),
    [(0, 0, 0, True), (0, 4, 4, True), (0, 5, 0, False), (0, 5, 5, False), (3, 6, 0, True), (3, 7, 0, False)],
)
def test_room_for_callers(reserve, inbound, dialled, room):
    assert admission(max_legs=10, agent_reserve=reserve).room_for_caller(inbound, dialled) == room


def test_lengths_of_files(tmp_path):
    path = write_tone(tmp_path / "a.wav", 440, 1.5, 16000)
    lengths = Lengths()
    assert lengths.seconds(path) == wav_seconds(path) == 1.5
    write_tone(tmp_path / "a.wav", 440, 0.25)
    assert lengths.seconds(path) == 0.25
    head = b"RIFF\0\0\0\0WAVEfmt \x12\0\0\0\x06\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0\0\0fact\x04\0\0\0abcd"
    (tmp_path / "alaw.wav").write_bytes(head + b"data\x40\x1f\0\0" + bytes(4000))
    assert wav_seconds(str(tmp_path / "alaw.wav")) == 0.5
    for bad in (b"", b"RIFF0000WAVE", head, b"RIFF0000WAVEdata\0\0\0\0"):
        (tmp_path / "bad.wav").write_bytes(bad)
        with pytest.raises(BadWav):
            wav_seconds(str(tmp_path / "bad.wav"))
    with pytest.raises(OSError, match="No such file"):
        lengths.seconds(str(tmp_path / "none.wav"))


def test_log_lines_of_the_library_name_nobody():
    line = 'From "Anna Ek" <sip:anna@city.example:5060> 0701234567 failed (code 503)\nFrom: x'
    assert without_persons(line) == "From … <sip:…> … failed (code 503)"


def test_the_edge_alone_says_which_network():
    trunk = Network(name="operator", may_assert=True)
    behind = admission(edge="127.0.0.1:5070", networks=(Network(name="phones"), trunk))
    assert behind.network("127.0.0.1:5070", "operator") is trunk
    for source, named in (("127.0.0.1:5070", ""), ("127.0.0.1:5070", "nobody"), ("127.0.0.1:5071", "operator")):
        assert behind.network(source, named) is None


def test_numbers_are_forgotten_but_for_those_needed_and_the_latest():
    reaching = Reaching(Gate(KEY), 1)
    number = assess("0701234567", DialRules())
    addresses = [address_of(f"p{n}") for n in range(3 * LATEST)]
    for address in addresses:
        reaching.remember(address, number)
    reaching.remember(addresses[1], number)
    reaching.forget({addresses[0]})
    known = {address for address in addresses if reaching.number(address) is not None}
    assert known == {addresses[0], addresses[1], *addresses[-LATEST + 1 :]}


@pytest.mark.parametrize(
    ("written", "dialled"), [("0701234567", "+46701234567"), ("112", None), ("+12025550123", None), ("anonymous", None)]
)
def test_a_caller_is_called_back_only_where_the_gate_allows_and_nothing_is_counted(written, dialled):
    dialplan = Dialplan(lambda: Configuration(revision="1", queues={}, agents={}), (), lambda number: number)
    number = dialplan.caller(written)
    assert (number.dialled if number is not None else None) == dialled
    assert not dialplan.refused
