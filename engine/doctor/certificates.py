"""Looks at certificates: in their files, and as who connects is shown them."""

import hashlib
import ipaddress
import re
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Final

from engine.doctor.seen import Certificate

WITHIN_S: Final = 3.0
PEM: Final = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
NAME: Final = re.compile(r"(?:DNS|IP Address):([^,\s]+)")
ENDS: Final = re.compile("notAfter=(.+)")


def certificate(field: str, path: str, place: tuple[str, int] | None, public: str) -> Certificate | None:
    """Look at a certificate; None when it cannot be read, which `vaxel check` says.

    `place` is where it is shown, None while Vaxel does not run; `public` an address by which this machine is reached.
    """
    try:
        block = PEM.search(Path(path).read_text("ascii"))
        if block is None:
            return None
        told = _openssl(block.group())
        ends = ENDS.search(told)
        if ends is None:
            return None
        names = tuple(NAME.findall(told))
        return Certificate(
            field=field,
            path=path,
            ends=float(ssl.cert_time_to_seconds(ends.group(1))),
            names=names,
            elsewhere=tuple(name for name in names if not _leads_here(name, public)),
            same=_shown(place, block.group()) if place is not None else None,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _openssl(pem: str) -> str:
    """Return what openssl says of a certificate: Python itself shows only those of others."""
    command = ["openssl", "x509", "-noout", "-enddate", "-ext", "subjectAltName"]
    done = subprocess.run(command, input=pem, capture_output=True, text=True, timeout=WITHIN_S, check=False)
    return done.stdout


def _leads_here(name: str, public: str) -> bool:
    """Tell whether a host or address is this machine's, as far as that can be known: `*.` may be anything."""
    if name.startswith("*."):
        return True
    try:
        found = {str(place[0]) for *_, place in socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)}
    except (OSError, UnicodeError):
        return False
    return public in found or any(_is_ours(address) for address in found)


def _is_ours(address: str) -> bool:
    """Tell whether an address is one of this machine's: only those can be bound."""
    family = socket.AF_INET6 if ipaddress.ip_address(address.partition("%")[0]).version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


def _shown(place: tuple[str, int], pem: str) -> bool | None:
    """Tell whether who connects is shown this certificate; None when nobody answers."""
    # Whoever answers is only compared with the file, and told nothing.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection(place, WITHIN_S) as plain,
            context.wrap_socket(plain) as secure,
        ):
            shown = secure.getpeercert(binary_form=True)
    except OSError:
        return None
    return shown is not None and _digest(shown) == _digest(ssl.PEM_cert_to_DER_cert(pem))


def _digest(der: bytes) -> bytes:
    return hashlib.sha256(der).digest()
