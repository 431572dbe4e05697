"""What vaxel.yaml and phones.yaml say of the edge: TLS, limits, trunks, phones."""

import ipaddress
import ssl
from pathlib import Path
from typing import Final

from adapters.edge.settings import Limits, Registration, Tls, Trunk
from engine.config import words
from engine.config.document import Document, Path_
from engine.config.reader import Reader
from engine.config.schema import PhonesFile, SipTable, TlsTable, TrunkTable, VaxelFile

TAKEN: Final = ("phones", "phone", "worker")
"""Names that mean something else at the edge."""


def tls(document: Document, table: TlsTable | None, folder: Path) -> Tls | None:
    """Return where certificate and key lie, once they have been tried."""
    if table is None:
        return None
    certificate, key = (str((folder / name).resolve()) for name in (table.certificate, table.key))
    for field, path in (("certificate", certificate), ("key", key)):
        if not Path(path).is_file():
            document.say(("sip", "tls", field), f"there is no file {path}")
            return None
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, OSError) as error:
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or "unreadable"
        text = f"{table.certificate} and {table.key} are no pair of certificate and key without passphrase, both PEM"
        document.say(("sip", "tls"), f"{text} ({str(why).lower().replace('_', ' ')})")
        return None
    return Tls(certificate=certificate, key=key, port=table.port)


def limits(table: SipTable) -> Limits:
    """Return what a source may do."""
    limits = table.limits
    return Limits(
        requests_per_second=limits.requests_per_second,
        message_bytes=limits.message_bytes,
        failures=limits.failures,
        ban=int(limits.ban),
    )


def registration(table: SipTable) -> Registration:
    """Return how phones are known to be there."""
    return Registration(expires=int(table.registration.expires), ping=int(table.registration.ping))


def trunks(document: Document, file: VaxelFile, folder: Path) -> tuple[Trunk, ...]:
    """Return the trunks that could be read."""
    for name in document.keys("trunks"):
        _check_name(document, ("trunks", name), name)
        if name in TAKEN:
            document.say(("trunks", name), f'"{name}" means something else; choose another name')
    for name, table in file.trunks.items():
        _check_trunk(document, ("trunks", name), table)
    return tuple(_trunk(name, table, folder) for name, table in file.trunks.items())


def _check_trunk(document: Document, path: Path_, table: TrunkTable) -> None:
    if not table.address and table.register is None and not document.faulty(path):
        text = "says neither where its calls come from (address: [192.0.2.16/28]) nor where we register (register: ...)"
        document.say(path, text)
    if table.register is not None and table.host:
        document.say((*path, "host"), "is the registrar already; leave it out")
    if any(ipaddress.ip_network(source).prefixlen == 0 for source in table.address):
        document.say((*path, "address"), "the whole world cannot be a trunk: anybody could claim any number")
    if table.transport != "tls":
        for field in ("certificate_name", "ca_file"):
            if getattr(table, field):
                document.say((*path, field), "belongs to `transport: tls`")


def _trunk(name: str, table: TrunkTable, folder: Path) -> Trunk:
    register = table.register
    return Trunk(
        name=name,
        sources=table.address,
        host=register.registrar if register is not None else table.host,
        port=table.port or 0,
        transport=table.transport,
        registers=register is not None,
        user=register.user if register is not None else "",
        password_file=str((folder / register.password_file).resolve()) if register is not None else "",
        numbers=table.numbers,
        srtp=table.srtp,
        certificate_name=table.certificate_name,
        ca_file=str((folder / table.ca_file).resolve()) if table.ca_file else "",
        calls_per_second=table.calls_per_second,
    )


def phones(document: Document) -> dict[str, str]:
    """Read phones.yaml: phones to their titles."""
    file = Reader(document).whole(PhonesFile) or PhonesFile()
    for name in document.keys("phones"):
        _check_name(document, ("phones", name), name)
    return {name: table.title for name, table in file.phones.items()}


def check_edge(document: Document, file: VaxelFile) -> None:
    """Note what belongs to the other kind of edge."""
    if file.edge == "kamailio":
        if file.sip.networks:
            text = "are for `edge: none`: phones register at the edge, and other calls come from `trunks`"
            document.say(("sip", "networks"), text)
        return
    if file.trunks:
        document.say(("trunks",), "need `edge: kamailio`; without an edge name sources under sip.networks")
    for field in ("tls", "inner_port", "registration", "limits"):
        if field in document.keys("sip"):
            document.say(("sip", field), "belongs to `edge: kamailio`")


def _check_name(document: Document, path: Path_, text: str) -> None:
    try:
        words.phone(text)
    except ValueError as error:
        document.say(path, str(error))
