"""The real coturn on our configuration: whom it serves, and whom it reaches."""

import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from adapters.edge.credentials import Credentials, issue
from adapters.turn import configuration, program
from adapters.turn.settings import TurnSettings
from tests.sip.conftest import free_port, free_ports
from tests.system.house import until
from tests.turn.client import TCP, TurnClient

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which(program.PROGRAM) is None, reason="coturn is not installed"),
]
KEY = "a-key-of-this-house"
SOUND = "192.0.2.7"
NOW = time.clock_gettime(time.CLOCK_REALTIME)


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Return where a relay listens that reaches SOUND."""
    folder: Path = tmp_path_factory.mktemp("turn")
    low = free_ports(20)
    settings = TurnSettings(key=KEY, address="127.0.0.1", port=free_port(), relay_ports=(low, low + 19), peers=(SOUND,))
    program.check(settings)
    conf = folder / "turnserver.conf"
    text = configuration.turnserver(settings, str(folder))
    conf.write_text(text.replace(f"stale-nonce={configuration.NONCE_S}", "stale-nonce=1"))
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(program.arguments(conf), stdout=said, stderr=said, cwd=folder)
    try:
        until(lambda: len([*program.taken(settings)]) == 2, what="the relay to listen by UDP and TCP")
        yield settings.address, settings.port
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    # Neither who telephones nor from where.
    assert "127.0.0.1:" not in (folder / "said").read_text()
    assert "guide01" not in (folder / "said").read_text()


@pytest.fixture
def at_relay(relay: tuple[str, int]) -> Iterator[Callable[[Credentials], TurnClient]]:
    """Return a function that makes clients of the relay."""
    with contextlib.ExitStack() as stack:

        def begin(given: Credentials) -> TurnClient:
            client = TurnClient(relay, given)
            stack.callback(client.close)
            return client

        yield begin


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (issue("guide01", KEY, NOW), 0),
        (issue("guide01", KEY, NOW - 10_000), 401),
        (issue("guide01", "of-another-house", NOW), 401),
    ],
    ids=("fresh", "old", "not of ours"),
)
def test_who_is_served(at_relay, given, code) -> None:
    assert at_relay(given).allocate() == code


def test_it_relays_to_the_sound_of_our_workers_and_to_nobody_else(at_relay) -> None:
    client = at_relay(issue("guide01", KEY, NOW))
    assert client.allocate() == 0
    assert client.permit(SOUND) == 0
    for peer in ("127.0.0.1", "192.0.2.8", "10.0.0.1", "169.254.169.254", "224.0.0.1", "8.8.8.8"):
        assert client.permit(peer) == 403, peer


def test_what_was_begun_in_time_goes_on(at_relay) -> None:
    """A call outlasts the credentials that it began with."""
    now = time.clock_gettime(time.CLOCK_REALTIME)
    client = at_relay(issue("guide01", KEY, now, live=2))
    assert client.allocate() == 0
    late = at_relay(issue("guide01", KEY, now, live=2))
    until(lambda: time.clock_gettime(time.CLOCK_REALTIME) > now + 3.0)
    assert late.allocate() == 401
    assert client.refresh() == 0
    assert client.permit(SOUND) == 0


def test_it_relays_no_connections(at_relay) -> None:
    client = at_relay(issue("guide01", KEY, NOW))
    assert client.allocate(TCP) == 442


def test_a_port_that_is_taken_is_told(relay: tuple[str, int]) -> None:
    settings = TurnSettings(key=KEY, address=relay[0], port=relay[1], relay_ports=(1, 2), peers=())
    with pytest.raises(program.Taken, match=r"is taken: stop what listens there, or set another"):
        program.check(settings)
