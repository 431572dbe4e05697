"""Which processes an installation needs, in a short-lived process of its own (see `engine.supervisor`)."""

import argparse
import asyncio
import shutil
import sys
from pathlib import Path
from typing import Final

import msgspec

from adapters.edge import configuration, passwords, ports, program
from adapters.edge.settings import Browsers, EdgeSettings, Tls, bracketed
from adapters.history.settings import HistorySettings
from adapters.sip.reaching import BROWSERS, WEBCALLS
from adapters.sip.settings import Network, WorkerSettings
from adapters.speech import espeak, music
from adapters.trace.settings import TracerSettings
from adapters.turn import configuration as turn_configuration
from adapters.turn import program as turn_program
from engine import certificates, procfs
from engine.config import ConfigError, load
from engine.datafolder import DataFolder, DataFolderError
from engine.installation import Installation, Pair, Sip
from engine.process import BadPlan, Process, dump
from engine.turn import turn_settings
from queues.queue import GOODBYE
from router.configuration import web_call

REDIS_STAGE, HISTORY_STAGE, EDGE_STAGE, WORKER_STAGE, ENGINE_STAGE = range(5)
"""Started in this order and stopped in the other: workers say goodbye to their calls through the edge, and the history
reads what the engine wrote last."""

REDIS_STOP_S: Final = 10.0
EDGE_STOP_S: Final = 5.0
TRACER_STOP_S: Final = 2.0
TURN_STOP_S: Final = 2.0
WORKER_STOP_S: Final = 5.0
ENGINE_STOP_S: Final = 10.0
HISTORY_STOP_S: Final = 10.0
HISTORY_FILE: Final = "history.settings"

REDIS_SOCKET: Final = "redis.sock"

REDIS_CONF: Final = """\
# Written by vaxel at each start: changes here are lost.
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{folder}"
daemonize no
# Our own pid files are matched by arguments.
set-proc-title no
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
# A backup is taken as a replica takes it; there are no others to wait for.
repl-diskless-sync-delay 0
"""


def plan(config_dir: Path, data_dir: Path) -> list[Process]:
    """Return the processes and write what they read at start. Raises `BadPlan`, `DataFolderError`."""
    folder = DataFolder(data_dir)
    folder.prepare()
    try:
        installation = load(config_dir).installation
        prompts = asyncio.run(espeak.ensure(installation.speech, folder.root))
    except (ConfigError, espeak.SpeechError) as error:
        raise BadPlan(str(error)) from error
    sorry = prompts.get((installation.language, GOODBYE.name))
    processes = []
    if not installation.redis_url:
        processes.append(private_redis(folder))
    if installation.edge == "kamailio":
        processes.append(edge(folder, installation))
    if installation.runs_turn:
        processes.append(turn(folder, installation))
    if installation.traces_sip:
        processes.append(tracer(folder, installation))
    processes += [
        _worker(folder, installation, number, sorry.path if sorry is not None else "")
        for number in range(1, installation.sip.workers + 1)
    ]
    argv = [sys.executable, "-m", "engine.main", "--config", str(config_dir), "--data", str(data_dir)]
    processes.append(Process("engine", argv, stop_after=ENGINE_STOP_S, stage=ENGINE_STAGE))
    if installation.history.enabled:
        processes.append(_history(folder, installation))
    return processes


def redis_url(folder: DataFolder, installation: Installation) -> str:
    """Return where the engine finds Redis."""
    return installation.redis_url or f"unix://{folder.run / REDIS_SOCKET}"


def history_settings(folder: DataFolder, installation: Installation) -> HistorySettings:
    """Return what the history is told, and reports of it."""
    history = installation.history
    return HistorySettings(
        url=history.url or f"sqlite:///{folder.history_file}",
        password_file=history.password_file,
        redis_url=redis_url(folder, installation),
        redis_password_file=installation.redis_password_file,
        archive=str(folder.archive),
        time_zone=installation.time_zone,
        language=installation.language,
        city=installation.city,
        keep=installation.privacy.keep("history"),
        titles=installation.titles,
        entries={
            **{number.number: number.title for number in installation.numbers if number.title},
            **_pages(installation),
        },
    )


def _pages(installation: Installation) -> dict[str, str]:
    """Return the ways in of pages to ring from to their titles."""
    return {
        web_call(name, language): page.title.get(language, name)
        for name, page in installation.webcalls.pages.items()
        for language in page.languages
    }


def worker_name(number: int) -> str:
    """Return what worker `number` (from 1) is called."""
    return f"w{number}"


def worker_socket(folder: DataFolder, number: int) -> Path:
    """Return the Unix socket on which worker `number` (from 1) listens for the engine."""
    return folder.run / f"worker-{number}.sock"


def worker_settings(folder: DataFolder, installation: Installation, number: int, sorry: str) -> WorkerSettings:
    """Return what worker `number` (from 1) is told at its start; `sorry` is played while there is no engine."""
    sip = installation.sip
    edge = edge_settings(folder, installation) if installation.edge == "kamailio" else None
    return WorkerSettings(
        name=worker_name(number),
        socket=str(worker_socket(folder, number)),
        dial_key=folder.dial_key(),
        address=sip.address if edge is None else "127.0.0.1",
        port=installation.port_of(number),
        public_address=sip.public_address if edge is None else "",
        rtp_ports=sip.rtp_ports_of(number),
        edge=edge.inner if edge is not None else "",
        networks=networks(edge, sip, number) if edge is not None else with_media(sip.networks, sip, number),
        codecs=sip.codecs,
        clock_rate=sip.clock_rate,
        max_legs=sip.max_legs,
        agent_reserve=sip.agent_reserve,
        rtp_timeout=sip.rtp_timeout,
        session_expires=sip.session_expires,
        music=music.ensure(installation.speech, folder.root),
        sorry_file=sorry,
    )


def networks(edge: EdgeSettings, sip: Sip, worker: int) -> tuple[Network, ...]:
    """Return what lies beyond the edge, as a worker sees it: SIP on loopback, sound where phones and trunks are."""
    outside = Network(name="phones", address=edge.address, public_address=edge.public_address, domain=edge.host)
    trunks = [
        msgspec.structs.replace(
            outside,
            name=trunk.name,
            may_assert=True,
            srtp=trunk.srtp,
            domain=bracketed(trunk.host) if trunk.host else edge.host,
            user=trunk.user,
            password_file=trunk.password_file,
            registrar=f"sip:{bracketed(trunk.host)}" if trunk.registers else "",
            contact=f"sip:{trunk.user}@{edge.front_of(trunk)}" if trunk.registers else "",
        )
        for trunk in edge.trunks
    ]
    own = [msgspec.structs.replace(outside, phones=True, behind_nat=True)]
    if edge.browsers is not None:
        pages = _with_media(msgspec.structs.replace(outside, name=BROWSERS, phones=True, webrtc=True), sip, worker)
        own += [pages, msgspec.structs.replace(pages, name=WEBCALLS, phones=False, nobodys=True)]
    return with_media((*own, *trunks), sip, worker)


def with_media(networks: tuple[Network, ...], sip: Sip, worker: int) -> tuple[Network, ...]:
    """Return networks with the addresses and ports that are their own."""
    return tuple(_with_media(network, sip, worker) for network in networks)


def _with_media(network: Network, sip: Sip, worker: int) -> Network:
    media = sip.media.get(network.name)
    if media is None:
        return network
    own = bool(media.address)
    return msgspec.structs.replace(
        network,
        address=media.address or network.address,
        public_address=media.public_address or ("" if own else network.public_address),
        rtp_ports=sip.rtp_ports_of(worker, network.name),
        behind_nat=media.behind_nat or network.behind_nat,
    )


def edge_settings(folder: DataFolder, installation: Installation) -> EdgeSettings:
    """Return what the edge is told."""
    sip = installation.sip
    workers = range(1, sip.workers + 1)
    return EdgeSettings(
        socket=str(folder.edge_socket),
        phones=str(folder.phones),
        location=str(folder.edge / "location.sqlite"),
        tls_file=str(folder.run / "tls.cfg"),
        workers_file=str(folder.run / "workers.list"),
        address=sip.address,
        port=sip.port,
        public_address=sip.public_address,
        browsers=_browsers(folder, installation),
        tls=shown(folder, sip.tls),
        inner_port=sip.inner_port,
        workers=tuple((worker_name(number), f"127.0.0.1:{installation.port_of(number)}") for number in workers),
        trunks=installation.trunks,
        registration=sip.registration,
        limits=sip.limits,
        tracer=f"127.0.0.1:{sip.inner_port + 1}" if installation.traces_sip else "",
    )


def _browsers(folder: DataFolder, installation: Installation) -> Browsers | None:
    """Return how the edge serves pages, if there are any that telephone: by the web port's certificate."""
    if not installation.serves_browsers:
        return None
    sip, tls = installation.sip, installation.web.tls
    return Browsers(
        port=sip.browsers.port,
        key=folder.browser_key(),
        tls=str(folder.edge_web_tls) if tls is not None and not sip.browsers.url else "",
        fronted=bool(sip.browsers.url),
    )


def shown(folder: DataFolder, tls: Tls | None) -> Tls | None:
    """Return what the edge shows: our copy of certificate and key."""
    copy = str(folder.sip_tls)
    return msgspec.structs.replace(tls, certificate=copy, key=copy) if tls is not None else None


def tracer(folder: DataFolder, installation: Installation) -> Process:
    """Return the process that keeps what the edge copies to it, and write what it reads."""
    edge = edge_settings(folder, installation)
    inner_port = installation.sip.inner_port
    places = [edge.inner, edge.public, edge.front]
    places += [place for trunk in edge.trunks for place in (edge.public_of(trunk), edge.front_of(trunk))]
    if edge.tls is not None:
        places += [f"{bracketed(host)}:{edge.tls.port}" for host in (edge.address, edge.public_address) if host]
    settings = TracerSettings(
        listen=("127.0.0.1", inner_port + 1),
        edge=("127.0.0.1", inner_port),
        folder=str(folder.trace),
        names={address: name for name, address in edge.workers} | dict.fromkeys(places, "edge"),
        plain=frozenset(installation.phones)
        | {number.number for number in installation.numbers}
        | _pages(installation).keys(),
        limits=installation.trace,
    )
    path = folder.write_private("tracer.settings", msgspec.msgpack.encode(settings))
    argv = [sys.executable, "-m", "adapters.trace.tracer", str(path)]
    return Process("tracer", argv, stop_after=TRACER_STOP_S, stage=EDGE_STAGE)


def edge(folder: DataFolder, installation: Installation) -> Process:
    """Return the Kamailio of this data folder and write what it reads. Raises `BadPlan`."""
    settings = edge_settings(folder, installation)
    if installation.sip.tls is not None:
        _copy_certificate(installation.sip.tls, folder.sip_tls)
    if settings.browsers is not None and settings.browsers.tls and installation.web.tls is not None:
        _copy_certificate(installation.web.tls, folder.edge_web_tls)
    known = passwords.Passwords(Path(settings.phones))
    known.keep_only(installation.set_up_phones)
    if installation.demo:
        known.demonstrate(installation.set_up_phones)
    else:
        known.forget_demonstration()
    passwords.prepare_location(Path(settings.location))
    try:
        conf = folder.write_private("kamailio.cfg", configuration.kamailio(settings).encode())
        folder.write_private(Path(settings.workers_file).name, configuration.dispatcher(settings).encode())
        folder.write_private(Path(settings.tls_file).name, configuration.tls(settings).encode())
        argv, environment = program.arguments(conf, folder.run), program.environment(settings)
        if procfs.find(argv) is None and not procfs.orphans(argv):
            ports.check(settings)
    except (configuration.Unwritable, program.Missing, ports.Taken) as error:
        raise BadPlan(str(error)) from error
    return Process("edge", argv, environment, EDGE_STOP_S, EDGE_STAGE, ready=settings.socket, forks=True)


def turn(folder: DataFolder, installation: Installation) -> Process:
    """Return the coturn of this data folder and write what it reads. Raises `BadPlan`."""
    settings = turn_settings(folder.turn_key(), installation)
    text = turn_configuration.turnserver(settings, str(folder.run))
    try:
        argv = turn_program.arguments(folder.write_private("turnserver.conf", text.encode()))
        if procfs.find(argv) is None and not procfs.orphans(argv):
            turn_program.check(settings)
    except (turn_program.Missing, turn_program.Taken) as error:
        raise BadPlan(str(error)) from error
    return Process("turn", argv, stop_after=TURN_STOP_S, stage=EDGE_STAGE)


def _copy_certificate(tls: Tls | Pair, copy: Path) -> None:
    try:
        certificates.copy(tls.certificate, tls.key, copy)
    except certificates.NotTaken as error:
        # Just being renewed, maybe, and the engine will see to it: the edge starts with the one it showed last.
        if not copy.exists():
            raise BadPlan(str(error)) from error


def private_redis(folder: DataFolder) -> Process:
    """Return the redis-server of this data folder and write its configuration. Raises `BadPlan`."""
    server = shutil.which("redis-server")
    if server is None:
        raise BadPlan(
            "redis-server is not installed: install it (apt install redis-server), or name a Redis in the configuration"
        )
    socket = str(folder.run / REDIS_SOCKET)
    text = REDIS_CONF.format(socket=_quoted(socket), folder=_quoted(str(folder.redis)))
    conf = folder.write_private("redis.conf", text.encode())
    return Process("redis", [server, str(conf)], stop_after=REDIS_STOP_S, stage=REDIS_STAGE, ready=socket)


def _quoted(path: str) -> str:
    return path.replace("\\", "\\\\").replace('"', '\\"')


def _history(folder: DataFolder, installation: Installation) -> Process:
    path = folder.write_private(HISTORY_FILE, msgspec.json.encode(history_settings(folder, installation)))
    argv = [sys.executable, "-m", "engine.historian", str(path)]
    return Process("history", argv, stop_after=HISTORY_STOP_S, stage=HISTORY_STAGE)


def _worker(folder: DataFolder, installation: Installation, number: int, sorry: str) -> Process:
    settings = worker_settings(folder, installation, number, sorry)
    path = folder.write_private(f"worker-{number}.settings", msgspec.msgpack.encode(settings))
    argv = [sys.executable, "-m", "adapters.sip.worker", str(path)]
    return Process(f"worker-{number}", argv, stop_after=WORKER_STOP_S, stage=WORKER_STAGE)


def main() -> int:
    """Print the plan as JSON for the supervisor, or one line that says why there is none."""
    parser = argparse.ArgumentParser(prog="python -m engine.processes")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    try:
        processes = plan(options.config, options.data)
    except (BadPlan, DataFolderError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(dump(processes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
