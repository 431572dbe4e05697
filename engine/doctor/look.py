"""Looks at a house from outside, changing nothing."""

import contextlib
import ipaddress
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

import engine
from adapters.edge import ports, program
from adapters.edge.passwords import Passwords
from adapters.edge.settings import Tls
from adapters.sip.settings_check import descriptors_for
from adapters.speech import espeak
from adapters.turn import program as turn_program
from engine import procfs, records
from engine.backup import mark
from engine.config import ConfigError, Loaded, check_files, load
from engine.datafolder import DataFolder
from engine.doctor import asking, certificates, kernel
from engine.doctor.seen import Certificate, File, Process, Seen, Settings
from engine.installation import Installation, Pair
from engine.processes import edge_settings, worker_name
from engine.turn import turn_settings
from web.app import port_trouble

PACKAGES: Final = ("queues", "ivr", "router", "metrics", "adapters", "web", "engine")
INSTALLED: Final = ".installed"
"""What deploy/install.sh leaves behind when it is done."""
"""The rest, certificates and hashes of PINs, counts at once."""
SUPERVISOR: Final = "supervisor"


def config_of(data: Path) -> Path | None:
    """Return the configuration with which a data folder was last run, None when it never was."""
    for record in records.read_all(DataFolder(data)):
        if record.name == "engine" and "--config" in record.argv:
            return Path(record.argv[record.argv.index("--config") + 1])
    return None


def look(config: Path, data: Path) -> Seen:
    """Look at everything."""
    now = time.time()  # noqa: TID251 - there is no engine here
    folder = DataFolder(data)
    loaded, mistakes = _read(config)
    supervisor = folder.supervisor()
    processes = tuple(_processes(folder, supervisor, now))
    runs = supervisor is not None or any(one.lives for one in processes)
    told = asking.engine(data) if runs else ""
    seen = Seen(
        now=now,
        config=str(config),
        data=str(data),
        root=os.geteuid() == 0,
        mistakes=mistakes,
        machine=kernel.machine(folder.root, supervisor),
        folder=tuple(_folder(folder)),
        refused=len(list(folder.refused.glob("*"))) if os.access(folder.refused, os.R_OK | os.X_OK) else 0,
        backup=mark.read(folder),
        supervisor=supervisor is not None,
        processes=processes,
        engine=told if not isinstance(told, str) else None,
        silence=told if isinstance(told, str) else "",
        code_since=_code_since(),
        fingerprint=loaded.fingerprint if loaded is not None else "",
    )
    return _with_configuration(seen, folder, loaded.installation, runs=runs) if loaded is not None else seen


def _with_configuration(seen: Seen, folder: DataFolder, installation: Installation, *, runs: bool) -> Seen:
    """Add what only a configuration tells where to look for."""
    sip, private = installation.sip, not installation.redis_url
    phones = frozenset(installation.phones)
    return msgspec.structs.replace(
        seen,
        settings=Settings(
            private_redis=private,
            edge=installation.edge == "kamailio",
            legs_max=sip.max_legs,
            workers=sip.workers,
            descriptors=descriptors_for(sip.max_legs),
            phones=phones,
            demo=installation.demo,
            open_web=installation.web.tls is None and not ipaddress.ip_address(installation.web.address).is_loopback,
        ),
        secrets=tuple(_secrets(installation)),
        phones_without=_without_password(folder, installation.set_up_phones) if installation.edge == "kamailio" else (),
        certificates=tuple(_certificates(installation, runs=runs)),
        programs=tuple(_programs(folder, installation)),
        voices=tuple(espeak.voiceless(installation.speech)),
        unspoken=espeak.unspoken(installation.speech, folder.root),
        taken=() if runs else tuple(_taken(folder, installation)),
        unresolved=asking.unresolved(installation.trunks),
        store=asking.store(folder, installation) if runs or not private else None,
        dropped=tuple(kernel.dropped(_ports(installation))) if runs else (),
    )


# ---- configuration and code --------------------------------------------------------------------------------------


def _read(config: Path) -> tuple[Loaded | None, tuple[str, ...]]:
    try:
        loaded = load(config)
    except ConfigError as error:
        return None, tuple(map(str, error.problems))
    try:
        check_files(loaded, config)
    except ConfigError as error:
        return loaded, tuple(map(str, error.problems))
    return loaded, ()


def _root() -> Path:
    return Path(engine.__file__).parents[1]


def _code_since() -> float:
    """Return when the code was written, or installed by deploy/install.sh, whichever is later; UTC seconds."""
    times = [0.0]
    for path in (*(path for name in PACKAGES for path in (_root() / name).rglob("*.py")), _root() / INSTALLED):
        with contextlib.suppress(OSError):
            times.append(path.stat().st_mtime)
    return max(times)


# ---- processes -------------------------------------------------------------------------------------------------------


def _processes(folder: DataFolder, supervisor: int | None, now: float) -> Iterator[Process]:
    if supervisor is not None and (stat := procfs.stat(supervisor)) is not None:
        since = now - procfs.age_s(stat.start)
        yield Process(name=SUPERVISOR, lives=True, since=since, restarts=0, last_exit="", ours=True)
    for record in records.read_all(folder):
        living = record.living()
        yield Process(
            name=record.name,
            lives=living is not None,
            since=now - procfs.age_s(living.start) if living is not None else 0.0,
            restarts=record.restarts,
            last_exit=record.last_exit,
            ours="-m" in record.argv,
        )


def _programs(folder: DataFolder, installation: Installation) -> Iterator[tuple[str, str]]:
    if not installation.redis_url and shutil.which("redis-server") is None:
        yield "redis-server is not installed", "apt install redis-server, or name a Redis in vaxel.yaml"
    if installation.edge == "kamailio":
        settings = edge_settings(folder, installation)
        missing: tuple[Callable[[], object], ...] = (
            lambda: program.arguments(folder.run, folder.run),
            lambda: program.environment(settings),
        )
        if installation.runs_turn:
            missing += (lambda: turn_program.arguments(folder.run),)
        for needs in missing:
            try:
                needs()
            except (program.Missing, turn_program.Missing) as error:
                what, _, do = str(error).partition(": ")
                yield what, do
    if installation.speech.texts and shutil.which(espeak.PROGRAM) is None:
        yield f"{espeak.PROGRAM} is not installed", f"apt install {espeak.PROGRAM}"


def _ports(installation: Installation) -> dict[int, str]:
    """Return the UDP ports at which SIP comes in."""
    sip = installation.sip
    found = {installation.port_of(number): f"SIP worker {worker_name(number)}" for number in range(1, sip.workers + 1)}
    if installation.edge == "kamailio":
        found |= {sip.port: "the edge", sip.inner_port: "the edge, from its workers"}
    return found


def _taken(folder: DataFolder, installation: Installation) -> Iterator[str]:
    if installation.edge == "kamailio":
        yield from ports.taken(edge_settings(folder, installation))
    if installation.runs_turn:
        yield from turn_program.taken(turn_settings("", installation))
    web = installation.web
    trouble = port_trouble(web.address, web.port)
    if trouble:
        yield trouble


# ---- files -----------------------------------------------------------------------------------------------------------


def _folder(folder: DataFolder) -> Iterator[str]:
    if not folder.root.exists():
        return
    if not os.access(folder.root, os.R_OK | os.W_OK | os.X_OK):
        yield f"this user may not write to {folder.root}"
        return
    inside = (folder.run, folder.edge, folder.redis, folder.log, folder.archive, folder.refused, folder.recordings)
    for path in (*inside, folder.content, folder.trace, folder.tokens, folder.accounts, folder.sessions, folder.phones):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        if stat.st_uid != os.geteuid() and os.geteuid() != 0:
            yield f"{path} belongs to another user"
        elif stat.st_mode & 0o077:
            yield f"others may look into {path}"


def _secrets(installation: Installation) -> Iterator[File]:
    for trunk in installation.trunks:
        if trunk.password_file and Path(trunk.password_file).exists():
            yield _secret(f"password of trunk {trunk.name}", trunk.password_file, "write the password there")
    for name, box in installation.mail.mailboxes.items():
        for server in {box.imap, box.smtp}:
            if server.secret_file and Path(server.secret_file).exists():
                yield _secret(f"password of mailbox {name}", server.secret_file, "write the password there")
    turn = installation.sip.browsers.turn
    if turn is not None and turn.secret_file and Path(turn.secret_file).exists():
        yield _secret("secret of the relay", turn.secret_file, "write the secret there")
    if installation.redis_password_file:
        yield _secret("Redis' password", installation.redis_password_file, "write the password there")
    pins = [(f"PIN of number {number}", file) for number, file in installation.pin_files.items()]
    pins += [(f"PIN of {login.agent}", login.file) for login in installation.logins.values()]
    for what, file in pins:
        yield _secret(what, file, f"vaxel pin {file}")
    for field, tls in _tls(installation):
        if Path(tls.key).exists():
            yield _secret(f"key of {field}", tls.key, "")


def _secret(what: str, path: str, mend: str) -> File:
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return File(what=what, path=path, there=False, readable=False, open_to="", mend=mend)
    # A group of its own may hold the key of a certificate; what everybody reads is no secret.
    open_to = "everybody" if mode & 0o007 else ""
    return File(what=what, path=path, there=True, readable=os.access(path, os.R_OK), open_to=open_to, mend=mend)


def _tls(installation: Installation) -> Iterator[tuple[str, Tls | Pair]]:
    if installation.sip.tls is not None:
        yield "sip.tls", installation.sip.tls
    if installation.web.tls is not None:
        yield "web.tls", installation.web.tls


def _certificates(installation: Installation, *, runs: bool) -> Iterator[Certificate]:
    sip, web = installation.sip, installation.web
    shown = [("sip.tls", sip.tls.certificate, sip.address, sip.tls.port)] if sip.tls is not None else []
    shown += [("web.tls", web.tls.certificate, web.address, web.port)] if web.tls is not None else []
    for field, path, address, port in shown:
        place = ("127.0.0.1" if address == "0.0.0.0" else address, port) if runs else None
        found = certificates.certificate(field, path, place, sip.public_address)
        if found is not None:
            yield found


def _without_password(folder: DataFolder, phones: frozenset[str]) -> tuple[str, ...]:
    have = Passwords(folder.phones).names() if folder.phones.exists() and os.access(folder.phones, os.R_OK) else set()
    return tuple(sorted(phones - have))
