"""vaxel.yaml to `Installation`."""

import ipaddress
import urllib.parse
import zoneinfo
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from adapters.sip.settings import Network
from adapters.sip.settings_check import CLOCK_RATES, SESSION_EXPIRES_MIN
from adapters.speech.settings import SpeechSettings
from adapters.trace.settings import TraceSettings
from engine.config import edge
from engine.config.audio import playable
from engine.config.document import Document, Path_
from engine.config.problems import unknown
from engine.config.reader import Reader
from engine.config.schema import HistoryTable, MediaTable, RedisTable, SipTable, VaxelFile
from engine.installation import BrowserPhones, History, Installation, Media, Sip, Web

CODECS: Final = {"g722": "G722/16000", "a-law": "PCMA/8000", "u-law": "PCMU/8000", "opus": "opus/48000"}
LOOPBACK: Final = Network(name="loopback", sources=("127.0.0.0/8",), phones=True)


def vaxel_file(document: Document) -> VaxelFile:
    """Read vaxel.yaml. Mistakes are noted in the document."""
    return Reader(document).whole(VaxelFile) or VaxelFile()


def installation(document: Document, file: VaxelFile, folder: Path) -> Installation:
    """Return what vaxel.yaml says; prompts, titles and numbers are filled in later."""
    sip = _sip(document, file, folder)
    edge.check_edge(document, file)
    web = Web(
        address=file.web.address or file.listen,
        port=file.web.port,
        requests_per_second=file.web.requests_per_second,
        tls=edge.pair(file.web.tls, folder),
        citizens=file.web.citizens,
    )
    _check_listening(document, file, sip, web)
    _check_ports(document, file, sip, web)
    _check_time_zone(document, file.time_zone)
    redis = file.redis or RedisTable(url="")
    _check_redis(document, redis)
    _check_history(document, file.history)
    music = {name: str((folder / path).resolve()) for name, path in file.music.items()}
    for name, path in music.items():
        wrong = playable(Path(path))
        if wrong:
            document.say(("music", name), wrong)
    return Installation(
        city=file.city,
        demo=file.demo,
        always_open=file.always_open,
        listen=file.listen,
        edge=file.edge,
        trunks=edge.trunks(document, file, folder),
        time_zone=file.time_zone,
        language=file.language,
        log_level=file.log_level,
        agents_see=file.agents_see,
        shared_numbers=frozenset(file.flows.relay.numbers),
        sip=sip,
        web=web,
        redis_url=redis.url,
        redis_password_file=str((folder / redis.password_file).resolve()) if redis.password_file else "",
        history=History(
            enabled=file.history.enabled,
            url=file.history.url,
            password_file=str((folder / file.history.password_file).resolve()) if file.history.password_file else "",
        ),
        trace=TraceSettings(keep=file.trace.keep, megabytes=file.trace.megabytes),
        speech=SpeechSettings(rate=sip.clock_rate, voices=file.voices, music=music),
    )


def _sip(document: Document, file: VaxelFile, folder: Path) -> Sip:
    table = file.sip
    _check_sip(document, table)
    return Sip(
        address=table.address or file.listen,
        port=table.port,
        inner_port=table.inner_port,
        tls=edge.tls(table.tls, folder),
        registration=edge.registration(table),
        limits=edge.limits(table),
        browsers=BrowserPhones(port=table.browsers.port, url=table.browsers.url, turn=edge.turn(table, folder)),
        workers=table.workers,
        clock_rate=_clock_rate(document, table.clock_rate),
        codecs=tuple(CODECS[codec] for codec in table.codecs),
        networks=_networks(document, table),
        public_address=table.public_address or "",
        rtp_ports=table.rtp_ports,
        media=_media(document, file),
        max_legs=table.max_legs,
        agent_reserve=table.agent_reserve,
        rtp_timeout=table.rtp_timeout,
        session_expires=int(table.session_expires),
    )


def _check_sip(document: Document, table: SipTable) -> None:
    if not table.codecs:
        document.say(("sip", "codecs"), f"is empty; name at least one of {', '.join(CODECS)}")
    if 0 < table.session_expires < SESSION_EXPIRES_MIN:
        text = f"{table.session_expires:g} s is too short (RFC 4028); at least {SESSION_EXPIRES_MIN} s, or 0 for none"
        document.say(("sip", "session_expires"), text)
    if table.agent_reserve >= table.max_legs:
        text = f"{table.agent_reserve} leaves no room for callers; max_legs is {table.max_legs}"
        document.say(("sip", "agent_reserve"), text)


def _clock_rate(document: Document, rate: int) -> int:
    if rate in CLOCK_RATES:
        return rate
    document.say(("sip", "clock_rate"), f"{rate} is not possible; allowed: {', '.join(map(str, CLOCK_RATES))}")
    return 16000


def _networks(document: Document, table: SipTable) -> tuple[Network, ...]:
    seen: set[str] = set()
    for index, network in enumerate(table.networks):
        path = ("sip", "networks", index)
        if network.name in seen:
            document.say((*path, "name"), f'there are two networks called "{network.name}"')
        if not network.name.isascii():
            document.say((*path, "name"), "stands in SIP messages; use letters a to z, digits, -, _ and .")
        seen.add(network.name)
        if not network.sources:
            document.say((*path, "from"), "names no source; write it like [10.20.0.0/16]")
        if network.trunk and any(ipaddress.ip_network(source).prefixlen == 0 for source in network.sources):
            document.say((*path, "trunk"), "the whole world cannot be a trunk: anybody could claim any number")
    found = tuple(
        Network(name=n.name, sources=n.sources, may_assert=n.trunk, phones=not n.trunk, behind_nat=not n.trunk)
        for n in table.networks
    )
    return found or (LOOPBACK,)


def _media(document: Document, file: VaxelFile) -> dict[str, Media]:
    """Return what networks have of their own; ranges of ports are apart, or the same."""
    tables = _media_tables(file)
    ranges = [file.sip.rtp_ports]
    for path, table in tables.values():
        low, high = table.rtp_ports
        if any(high and low <= last and first <= high and (low, high) != (first, last) for first, last in ranges):
            document.say((*path, "rtp_ports"), f"{low}-{high} overlaps with other RTP ports; make them equal or apart")
        ranges.append(table.rtp_ports)
        if table.address == "0.0.0.0" and not table.public_address:
            document.say((*path, "public_address"), "is missing: say under which address this machine is known there")
    return {
        name: Media(
            address=table.address or "",
            public_address=table.public_address or "",
            rtp_ports=table.rtp_ports,
            behind_nat=table.behind_nat,
        )
        for name, (_, table) in tables.items()
        if any((table.address, table.public_address, table.rtp_ports[1], table.behind_nat))
    }


def _media_tables(file: VaxelFile) -> dict[str, tuple[Path_, MediaTable]]:
    tables: dict[str, tuple[Path_, MediaTable]] = {
        "phones": (("sip", "phones"), file.sip.phones),
        "browsers": (("sip", "browsers"), file.sip.browsers),
    }
    tables |= {name: (("trunks", name, "here"), table.here) for name, table in file.trunks.items()}
    return tables | {
        one.name: (("sip", "networks", index, "media"), one.media) for index, one in enumerate(file.sip.networks)
    }


def _check_listening(document: Document, file: VaxelFile, sip: Sip, web: Web) -> None:
    _check_demo(document, file)
    if sip.address == "0.0.0.0" and not sip.public_address:
        document.say(("sip", "public_address"), "is missing: say which address of this machine phones reach")
    low, high = sip.rtp_ports
    first, end = sip.rtp_ports_of(1)
    if (end - first + 1) // 2 < sip.max_legs:
        wanted = 2 * sip.max_legs * sip.workers
        text = f"{low}-{high} is too narrow: {wanted} ports are needed, two for each of max_legs in each worker"
        document.say(("sip", "rtp_ports"), f"{text}; widen it, or lower max_legs ({sip.max_legs})")


def _check_ports(document: Document, file: VaxelFile, sip: Sip, web: Web) -> None:
    """Note ports that two would listen on."""
    taken = dict(_sip_ports(file, sip))
    for field, ports in taken.items():
        if ports.stop > 65536:
            text = f"{sip.workers} workers from port {ports.start} on need ports beyond 65535"
            document.say(("sip", "workers"), text)
        if web.port in ports and _overlap(sip, web):
            text = f"{web.port} lies among the SIP ports {_span(ports)}; choose another"
            document.say(("web", "port"), text)
        low, high = sip.rtp_ports
        if low <= ports[-1] and ports[0] <= high:
            text = f"{low}-{high} covers the SIP port {ports[0]}; choose another range"
            document.say(("sip", "rtp_ports"), text)
        for other, others in taken.items():
            if other < field and set(ports) & set(others):
                document.say(("sip", field), f"{_span(ports)} and sip.{other} {_span(others)} overlap; choose another")


def _sip_ports(file: VaxelFile, sip: Sip) -> Iterator[tuple[str, range]]:
    """Yield each range of SIP ports with the field that sets it."""
    if file.edge == "none":
        yield "port", range(sip.port, sip.port + 2 * sip.workers - 1)
        return
    yield "port", range(sip.port, sip.port + 1)
    yield "inner_port", range(sip.inner_port, sip.inner_port + 2 * sip.workers + 1)
    if sip.tls is not None:
        yield "tls.port", range(sip.tls.port, sip.tls.port + 1)


def _span(ports: range) -> str:
    return f"{ports[0]}-{ports[-1]}" if len(ports) > 1 else str(ports[0])


def _check_demo(document: Document, file: VaxelFile) -> None:
    if file.always_open and not file.demo:
        document.say(("always_open",), "stands only beside `demo: true`: services keep the hours of queues.yaml")
    wanted: dict[Path_, str | None] = {
        ("listen",): file.listen,
        ("sip", "address"): file.sip.address,
        ("web", "address"): file.web.address,
        **{(*path, "address"): table.address for path, table in _media_tables(file).values()},
        ("sip", "browsers", "turn", "address"): file.sip.browsers.turn.address if file.sip.browsers.turn else None,
    }
    for path, address in wanted.items():
        if file.demo and address and not ipaddress.ip_address(address).is_loopback:
            document.say(
                path,
                f"{address} is open to others while `demo: true` stands: the people, phones and passwords here are "
                "examples that everybody knows; put in your own, then remove `demo`",
            )


def _overlap(sip: Sip, web: Web) -> bool:
    return sip.address == web.address or "0.0.0.0" in (sip.address, web.address)


def _check_time_zone(document: Document, zone: str) -> None:
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        document.say(
            ("time_zone",),
            unknown("time zone", zone, zoneinfo.available_timezones()).split("; known")[0]
            + "; write it like Europe/Stockholm",
        )


def _check_redis(document: Document, redis: RedisTable) -> None:
    """Say what is wrong with the address; never its text, which may hold a password."""
    if not redis.url:
        return
    try:
        parts = urllib.parse.urlsplit(redis.url)
        sound, secret = parts.scheme in ("redis", "unix") and parts.port != 0, bool(parts.password)
    except ValueError:
        sound, secret = False, False
    if not sound:
        document.say(
            ("redis", "url"), "is no Redis address; write it like redis://host:6379/0 or unix:///path/redis.sock"
        )
    if secret:
        document.say(("redis", "url"), "carries a password; put it into a file and name that under `password_file`")


def _check_history(document: Document, history: HistoryTable) -> None:
    """Say what is wrong with the address; never its text, which may hold a password."""
    if not history.url:
        return
    try:
        parts = urllib.parse.urlsplit(history.url)
        sound, secret = parts.scheme == "postgresql" and len(parts.path) > 1, bool(parts.password)
    except ValueError:
        sound, secret = False, False
    if not sound:
        text = "is no address of a PostgreSQL; write it like postgresql://vaxel@host/history, or none for SQLite"
        document.say(("history", "url"), text)
    if secret:
        document.say(("history", "url"), "carries a password; put it into a file and name that under `password_file`")
