"""The real coturn on our configuration: whom it serves, and whom it reaches."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.edge.credentials import issue
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
    conf.write_text(configuration.turnserver(settings, str(folder)))
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(program.arguments(conf), stdout=said, stderr=said, cwd=folder)
    try:
        until(lambda: any(program.taken(settings)), what="the relay to listen")
        yield settings.address, settings.port
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    # Neither who telephones nor from where.
    assert "127.0.0.1:" not in (folder / "said").read_text()
    assert "guide01" not in (folder / "said").read_text()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (issue("guide01", KEY, NOW), 0),
        (issue("guide01", KEY, NOW - 10_000), 401),
        (issue("guide01", "of-another-house", NOW), 401),
    ],
    ids=("fresh", "old", "not of ours"),
)
def test_who_is_served(relay: tuple[str, int], given, code) -> None:
    client = TurnClient(relay, given)
    assert client.allocate() == code
    client.close()


def test_it_relays_to_the_sound_of_our_workers_and_to_nobody_else(relay: tuple[str, int]) -> None:
    client = TurnClient(relay, issue("guide01", KEY, NOW))
    assert client.allocate() == 0
    assert client.permit(SOUND) == 0
    for peer in ("127.0.0.1", "192.0.2.8", "10.0.0.1", "169.254.169.254", "224.0.0.1", "8.8.8.8"):
        assert client.permit(peer) == 403, peer
    client.close()


def test_it_relays_no_connections(relay: tuple[str, int]) -> None:
    client = TurnClient(relay, issue("guide01", KEY, NOW))
    assert client.allocate(TCP) == 442
    client.close()


def test_a_port_that_is_taken_is_told(relay: tuple[str, int]) -> None:
    settings = TurnSettings(key=KEY, address=relay[0], port=relay[1], relay_ports=(1, 2), peers=())
    with pytest.raises(program.Taken, match=r"is taken: stop what listens there, or set another"):
        program.check(settings)
