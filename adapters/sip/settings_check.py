"""Reading the worker's settings: whatever is wrong is said in one line, with what to do."""

import re
import resource
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final

import msgspec

from adapters.sip.errors import CannotStart
from adapters.sip.settings import LEGS_MAX, NETWORKS_MAX, Network, WorkerSettings
from router.dialling import KEY_BYTES

CLOCK_RATES: Final = (8000, 16000, 32000, 48000)
DESCRIPTORS_PER_LEG: Final = 4
"""RTP, RTCP, a prompt, a recording."""
DESCRIPTORS_BESIDE: Final = 100
SESSION_EXPIRES_MIN: Final = 90
"""RFC 4028 §4."""
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")
_URI: Final = re.compile(r"sips?:[^\s<>\"?]+")


def read_settings(arguments: list[str]) -> WorkerSettings:
    """Read and check the settings file named by the only argument. Raises CannotStart."""
    if len(arguments) != 1:
        raise CannotStart("usage: python -m adapters.sip.worker SETTINGS.msgpack")
    path = Path(arguments[0])
    try:
        settings = msgspec.msgpack.decode(path.read_bytes(), type=WorkerSettings)
    except OSError as error:
        raise CannotStart(f"cannot read settings {path}: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise CannotStart(f"settings {path}: {error}; let the supervisor write it again") from None
    for problem in _problems(settings):
        raise CannotStart(f"settings {path}: {problem}")
    return settings


def _problems(settings: WorkerSettings) -> list[str]:
    """Return what is wrong with settings that have the right types."""
    problems = []
    if re.fullmatch(r"[A-Za-z0-9]+", settings.name) is None:
        problems.append("`name` must be letters and digits")
    if len(settings.dial_key) < KEY_BYTES:
        problems.append(f"`dial_key` has {len(settings.dial_key)} bytes, at least {KEY_BYTES} are needed")
    for field, address in (("address", settings.address), ("public_address", settings.public_address)):
        if (address or field == "address") and not _is_address(address):
            problems.append(f"`{field}` must be an IP address, not {address!r}")
    host, _, port = settings.edge.rpartition(":")
    if settings.edge and not (_is_address(host.strip("[]")) and port.isdecimal() and 1 <= int(port) <= 65535):
        problems.append(f"`edge` must be an IP address and a port, not {settings.edge!r}")
    if not 1 <= settings.port <= 65535:
        problems.append(f"`port` must be 1 to 65535, not {settings.port}")
    if not settings.codecs:
        problems.append("`codecs` is empty; name at least one, such as PCMA/8000")
    problems += _audio_problems(settings)
    if len(settings.networks) > NETWORKS_MAX:
        problems.append(f"there are {len(settings.networks)} `networks`, at most {NETWORKS_MAX} are possible")
    for network in settings.networks:
        problems += [f"network {network.name}: {problem}" for problem in _network_problems(settings, network)]
    return problems


def _network_problems(settings: WorkerSettings, network: Network) -> list[str]:
    problems = []
    if re.fullmatch(r"[A-Za-z0-9_.-]+", network.name) is None:
        problems.append("`name` must be letters, digits, _, - and .")
    if sum(other.name == network.name for other in settings.networks) > 1:
        problems.append("there are two of this name")
    for source in network.sources:
        try:
            ip_network(source)
        except ValueError as error:
            problems.append(str(error))
    for field, address in (("address", network.address), ("public_address", network.public_address)):
        if address and not _is_address(address):
            problems.append(f"`{field}` must be an IP address, not {address!r}")
    if network.rtp_ports != (0, 0):
        problems += _range_problems(settings, network.rtp_ports)
    if network.domain and _HOST.fullmatch(network.domain) is None:
        problems.append(f"`domain` must be a host name or an address, not {network.domain!r}")
    if bool(network.user) != bool(network.password_file):
        problems.append("`user` and `password_file` belong together")
    if network.registrar and not (network.user and _URI.fullmatch(network.contact)):
        problems.append("`registrar` needs `user`, and as `contact` the URI under which it finds us")
    if network.registrar and (_URI.fullmatch(network.registrar) is None or not settings.edge):
        problems.append("`registrar` must be like sip:trunk.example, and needs an edge, which looks the name up")
    return problems


def _audio_problems(settings: WorkerSettings) -> list[str]:
    problems = []
    if not 1 <= settings.max_legs <= LEGS_MAX:
        problems.append(f"`max_legs` must be 1 to {LEGS_MAX}, not {settings.max_legs}; start more workers for more")
    low, high = settings.rtp_ports
    problems += _range_problems(settings, settings.rtp_ports)
    if (high - low + 1) // 2 < settings.max_legs:
        problems.append(f"`rtp_ports` holds {(high - low + 1) // 2} pairs, {settings.max_legs} legs need one each")
    if settings.clock_rate not in CLOCK_RATES:
        problems.append(f"`clock_rate` must be one of {', '.join(map(str, CLOCK_RATES))}")
    if settings.session_expires and settings.session_expires < SESSION_EXPIRES_MIN:
        problems.append(f"`session_expires` must be 0 or at least {SESSION_EXPIRES_MIN}")
    for name, file in (*settings.music.items(), ("sorry_file", settings.sorry_file)):
        if file and not Path(file).is_file():
            problems.append(f"{name}: there is no file {file}")
    return problems


def _range_problems(settings: WorkerSettings, ports: tuple[int, int]) -> list[str]:
    low, high = ports
    if not 1024 <= low < high <= 65535 or low % 2:
        return ["`rtp_ports` must be (even, higher) within 1024 to 65535"]
    if any(ports != (one, other) and low <= other and one <= high for one, other in _ranges(settings)):
        return [f"`rtp_ports` {low}-{high} overlaps with those of another network; make them equal or apart"]
    return []


def _ranges(settings: WorkerSettings) -> list[tuple[int, int]]:
    shared = [settings.rtp_ports] if any(network.rtp_ports == (0, 0) for network in settings.networks) else []
    return shared + [network.rtp_ports for network in settings.networks if network.rtp_ports != (0, 0)]


def descriptors_for(legs: int) -> int:
    """Return how many file descriptors a worker needs for so many legs."""
    return DESCRIPTORS_PER_LEG * legs + DESCRIPTORS_BESIDE


def raise_descriptor_limit(settings: WorkerSettings) -> None:
    """Take as many file descriptors as `max_legs` may need. Raises CannotStart."""
    needed = descriptors_for(settings.max_legs)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise CannotStart(
                f"{needed} file descriptors are needed, {hard} allowed: raise `ulimit -Hn` or lower `max_legs`"
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
