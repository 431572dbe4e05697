"""What vaxel.yaml and phones.yaml say of the edge: TLS, limits, trunks, phones."""

import ipaddress
import ssl
from pathlib import Path
from typing import Final

import msgspec

from adapters.edge.settings import Limits, Registration, Tls, Trunk
from engine.certificates import why
from engine.config import words
from engine.config.document import Document, Path_
from engine.config.problems import Problem, unknown
from engine.config.reader import Reader
from engine.config.schema import DiallingTable, PairTable, PhonesFile, SipTable, TlsTable, TrunkTable, VaxelFile
from engine.installation import Installation, OutsidePhone, Pair, Turn
from engine.turn import sound_of_browsers, turn_settings
from router.configuration import Configuration
from router.dialling import PHONE, NotDialled, assess

TAKEN: Final = ("phones", "browsers", "webcalls", "phone", "worker")
"""Names that mean something else at the edge."""


def tls(table: TlsTable | None, folder: Path) -> Tls | None:
    """Return where certificate and key lie."""
    if table is None:
        return None
    certificate, key = _located(table, folder)
    return Tls(certificate=certificate, key=key, port=table.port)


def pair(table: PairTable | None, folder: Path) -> Pair | None:
    """Return where the web port's certificate and key lie."""
    if table is None:
        return None
    certificate, key = _located(table, folder)
    return Pair(certificate=certificate, key=key)


def _located(table: PairTable, folder: Path) -> tuple[str, str]:
    certificate, key = (str((folder / name).absolute()) for name in (table.certificate, table.key))
    return certificate, key


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


def turn(table: SipTable, folder: Path) -> Turn | None:
    """Return who relays the sound of pages from afar."""
    turn = table.browsers.turn
    if turn is None:
        return None
    return Turn(
        urls=turn.urls,
        secret_file=str((folder / turn.secret_file).resolve()) if turn.secret_file else "",
        address=turn.address or "",
        port=turn.port,
        public_address=turn.public_address or "",
        relay_ports=turn.relay_ports,
    )


def trunks(document: Document, file: VaxelFile, folder: Path) -> tuple[Trunk, ...]:
    """Return the trunks that could be read."""
    for name in document.keys("trunks"):
        _check_name(document, ("trunks", name), name)
        if name in TAKEN:
            document.say(("trunks", name), f'"{name}" means something else; choose another name')
    for name, table in file.trunks.items():
        _check_trunk(document, ("trunks", name), table)
        _check_transport(document, ("trunks", name), table, file.sip.tls is not None)
    return tuple(_trunk(name, table, folder) for name, table in file.trunks.items())


def _check_trunk(document: Document, path: Path_, table: TrunkTable) -> None:
    if not table.address and table.register is None and not document.faulty(path):
        text = "says neither where its calls come from (address: [192.0.2.16/28]) nor where we register (register: ...)"
        document.say(path, text)
    if table.register is not None and table.host:
        document.say((*path, "host"), "is the registrar already; leave it out")
    if any(ipaddress.ip_network(source).prefixlen == 0 for source in table.address):
        document.say((*path, "address"), "the whole world cannot be a trunk: anybody could claim any number")


def _check_transport(document: Document, path: Path_, table: TrunkTable, tls: bool) -> None:
    host = table.register.registrar if table.register is not None else table.host
    if table.transport != "tls":
        for field in ("certificate_name", "ca_file"):
            if getattr(table, field):
                document.say((*path, field), "belongs to `transport: tls`")
    elif not tls:
        document.say((*path, "transport"), "`tls` needs a certificate of ours; name one under sip.tls")
    elif _numeric(host) and not table.certificate_name:
        text = f"`tls` needs `certificate_name`, what the certificate of {host} names: an address proves nothing"
        document.say((*path, "transport"), text)


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
        address=table.here.address or "",
        public_address=table.here.public_address or "",
    )


def _numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def with_phones(document: Document, installation: Installation) -> Installation:
    """Read phones.yaml; return the installation with its phones."""
    file = Reader(document).whole(PhonesFile) or PhonesFile()
    for name in document.keys("phones"):
        _check_name(document, ("phones", name), name)
    for name, table in file.phones.items():
        if (table.kind == "number") != bool(table.number) or bool(table.number) != bool(table.agent):
            text = "a phone of `kind: number`, and no other, has a `number` and the `agent` whose it is"
            document.say(("phones", name), text)
    return msgspec.structs.replace(
        installation,
        phones={name: table.title for name, table in file.phones.items()},
        browser_phones=frozenset(name for name, table in file.phones.items() if table.kind == "browser"),
        outside_phones={
            name: OutsidePhone(number=table.number, agent=table.agent)
            for name, table in file.phones.items()
            if table.kind == "number"
        },
    )


def check_outside(document: Document, installation: Installation, core: Configuration) -> None:
    """Note phones outside that cannot be rung, or that somebody else works at."""
    if installation.outside_phones and not any(trunk.host for trunk in installation.trunks):
        document.say(("phones",), "of `kind: number` are rung by a trunk with a `host`; vaxel.yaml names none")
    for name, phone in installation.outside_phones.items():
        path = ("phones", name)
        if document.faulty(path):
            continue
        if phone.agent not in core.agents:
            document.say((*path, "agent"), unknown("agent", phone.agent, core.agents))
        for agent in core.agents.values():
            if agent.address == f"{PHONE}{name}" and agent.id != phone.agent:
                document.say((*path, "agent"), f'is not "{agent.id}", whose `phone` it is in agents.yaml')
        try:
            number = assess(phone.number, core.dialling)
        except NotDialled as error:
            document.say((*path, "number"), f"{error}; `dialling` in vaxel.yaml says what may be")
        else:
            if number.emergency:
                document.say((*path, "number"), "an emergency number is nobody's phone")


def check_browsers(document: Document, installation: Installation) -> None:
    """Note what keeps pages from being phones."""
    sip, web, browsers = installation.sip, installation.web, installation.sip.browsers
    if not installation.serves_browsers:
        return
    if installation.edge == "none" and installation.browser_phones:
        document.say(("edge",), "phones of `kind: browser` (phones.yaml) register at the edge; leave `edge: none` out")
    if web.tls is None and not browsers.url and not ipaddress.ip_address(sip.address).is_loopback:
        text = "browsers use a microphone, and speak to others than this machine, by TLS alone; name a certificate"
        document.say(("web", "tls"), f"is missing: {text} here, or as sip.browsers.url what speaks TLS before us")
    taken = {"web.port": web.port, "sip.port": sip.port, "sip.inner_port": sip.inner_port}
    if sip.tls is not None:
        taken["sip.tls.port"] = sip.tls.port
    for field, port in taken.items():
        if port == browsers.port:
            document.say(("sip", "browsers", "port"), f"{port} is {field} already; choose another")


def check_turn(document: Document, installation: Installation) -> None:
    """Note what keeps a relay from being of use, or safe."""
    turn, path = installation.sip.browsers.turn, ("sip", "browsers", "turn")
    if turn is None or document.faulty(path):
        return
    if bool(turn.urls) != bool(turn.secret_file):
        document.say(path, "a relay elsewhere has both `urls` and a `secret_file`; our own has neither")
    if turn.urls or document.faulty(path):
        return
    settings = turn_settings("", installation)
    if settings.address == "0.0.0.0":
        document.say((*path, "address"), "is missing: say at which address of this machine the relay listens")
    elif ipaddress.ip_address(settings.address).is_loopback:
        document.say(path, f"{settings.address} is reached from this machine alone, which needs no relay")
    if not sound_of_browsers(installation):
        text = "is missing: say where workers take pages' sound; the relay reaches that and nothing else"
        document.say(("sip", "browsers", "address"), text)
    low, high = settings.relay_ports
    for name, (first, last) in _sound_ports(installation):
        if low <= last and first <= high:
            document.say((*path, "relay_ports"), f"{low}-{high} overlaps with {name} {first}-{last}; keep them apart")


def _sound_ports(installation: Installation) -> list[tuple[str, tuple[int, int]]]:
    sip = installation.sip
    own = [(f"rtp_ports of {name}", media.rtp_ports) for name, media in sip.media.items() if media.rtp_ports[1]]
    return [("sip.rtp_ports", sip.rtp_ports), *own]


def check_edge(document: Document, file: VaxelFile) -> None:
    """Note what belongs to the other kind of edge."""
    if file.edge == "kamailio":
        if file.sip.networks:
            text = "are for `edge: none`: phones register at the edge, and other calls come from `trunks`"
            document.say(("sip", "networks"), text)
        return
    if file.trunks:
        document.say(("trunks",), "need `edge: kamailio`; without an edge name sources under sip.networks")
    for field in ("tls", "inner_port", "registration", "limits", "browsers"):
        if field in document.keys("sip"):
            document.say(("sip", field), "belongs to `edge: kamailio`")


def check_domains(document: Document, table: DiallingTable, trunks: tuple[Trunk, ...]) -> None:
    """Note domains whose SIP addresses lead nowhere."""
    known = {trunk.name: trunk for trunk in trunks}
    for domain, name in table.domains.items():
        path = ("dialling", "domains", domain)
        try:
            words.host(domain)
        except ValueError as error:
            document.say(path, str(error))
        if domain != domain.lower():
            document.say(path, "is written in small letters, as it is compared")
        if name not in known:
            document.say(path, unknown("trunk", name, known))
        elif not known[name].host:
            document.say(path, f'leads to the trunk "{name}", which has no `host` that could be rung')


def _check_name(document: Document, path: Path_, text: str) -> None:
    try:
        words.phone(text)
    except ValueError as error:
        document.say(path, str(error))


def file_problems(installation: Installation, document: Document) -> list[Problem]:
    """Return every mistake of the files that vaxel.yaml names for the edge: certificates, keys, passwords."""
    if installation.sip.tls is not None:
        _check_pair(document, "sip", installation.sip.tls)
    if installation.web.tls is not None:
        _check_pair(document, "web", installation.web.tls)
    for trunk in installation.trunks:
        if trunk.ca_file:
            _check_authorities(document, ("trunks", trunk.name, "ca_file"), trunk.ca_file)
        if trunk.password_file:
            _check_password(document, ("trunks", trunk.name, "register", "password_file"), trunk.password_file)
    turn = installation.sip.browsers.turn
    if turn is not None and turn.secret_file:
        _check_password(document, ("sip", "browsers", "turn", "secret_file"), turn.secret_file)
    return document.problems


def _check_pair(document: Document, part: str, tls: Tls | Pair) -> None:
    for field, path in (("certificate", tls.certificate), ("key", tls.key)):
        if not Path(path).is_file():
            document.say((part, "tls", field), f"there is no file {path}")
            return
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls.certificate, tls.key, password=lambda: "")
    except (ssl.SSLError, OSError) as error:
        text = f"{tls.certificate} and {tls.key} are no pair of certificate and key without passphrase, both PEM"
        document.say((part, "tls"), f"{text} ({why(error)})")


def _check_authorities(document: Document, path: Path_, file: str) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except (ssl.SSLError, OSError) as error:
        document.say(path, f"{file} holds no certificates in PEM ({why(error)})")


def _check_password(document: Document, path: Path_, file: str) -> None:
    try:
        if not Path(file).read_text("utf-8").strip():
            document.say(path, f"{file} is empty; write the password there")
    except (OSError, UnicodeDecodeError) as error:
        document.say(path, f"{file} cannot be read ({why(error)}); write the password there, UTF-8")
