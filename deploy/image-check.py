#!/usr/bin/python3.11
"""Carries out the Dockerfile in a chroot, without a Docker engine, and checks that what comes out works.

The steps are read from the Dockerfile itself, so they cannot drift apart. Then a backup is made of the Vaxel that runs
there, an empty Debian is set up beside it by deploy/install.sh, the backup is brought back there, and it is rung.
Everything happens in a temporary folder and in mount, process and network namespaces of its own: mounts and processes
vanish with this program however it ends.

Needs root and debootstrap. FRESH=1 starts with empty caches, as on a new machine; otherwise the wheel and the packages
that user vaxel has cached are copied in, which saves minutes.
"""

import json
import os
import pwd
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

CHECKOUT = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 120  # most of it speaking the prompts, the first time
STOPPED_WITHIN_S = 20
# What the machine's package registries, proxies and their certificates need; Docker has build arguments for these.
HANDED_ON = re.compile(r"PIP_(?!CONFIG_FILE|CACHE_DIR|CERT).*|.*_proxy|.*_PROXY")
CERTIFICATES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def say(text: str) -> None:
    sys.stderr.write(f"▸ {text}\n")


def fail(text: str) -> NoReturn:
    sys.exit(f"✗ {text}")


@dataclass(frozen=True)
class Stage:
    """One FROM of the Dockerfile: a root folder and the settings that the next step runs under."""

    root: Path
    workdir: str = "/"
    user: str = "root"
    env: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    )
    command: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] = ()

    def inside(self, path: str) -> Path:
        """The folder outside that PATH means inside."""
        return self.root / os.path.normpath(os.path.join(self.workdir, path)).lstrip("/")

    def home(self) -> str:
        for line in (self.root / "etc/passwd").read_text().splitlines():
            name, *_, home, _shell = line.split(":")
            if name == self.user:
                return home
        fail(f"the image has no user {self.user}")

    def argv(self, command: tuple[str, ...], extra: dict[str, str] | None = None) -> list[str]:
        env = {**self.env, "HOME": self.home(), **(extra or {})}
        drop = (
            [] if self.user == "root" else ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--init-groups"]
        )
        pairs = [f"{name}={value}" for name, value in env.items()]
        return ["chroot", str(self.root), "env", "-i", f"--chdir={self.workdir}", *pairs, *drop, *command]


def run(*argv: str | Path, **options: object) -> None:
    subprocess.run([str(a) for a in argv], check=True, **options)  # type: ignore[call-overload]


# --- the machine: its Debian mirror, its registries -------------------------------------------------------------------


def debian_sources() -> list[tuple[str, str]]:
    """The address and the suite of each Debian source that this machine uses for bookworm; the main one first."""
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(RELEASE)", "Created-By: Packages"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    rows = {tuple(line.split("|")) for line in listing.splitlines()}
    found = sorted((row[2], row[1]) for row in rows if row[0] == "Debian" and row[2].startswith("bookworm"))
    if not found or found[0][0] != "bookworm":
        fail("This machine knows no Debian mirror for bookworm; run: apt-get update")
    return [(uri, suite) for suite, uri in found]


def debootstrap(root: Path) -> None:
    sources = debian_sources()
    quiet = {"stdout": subprocess.DEVNULL}
    run("debootstrap", "--variant=minbase", "bookworm", root, sources[0][0], **quiet)
    lines = [f"deb {uri} {suite} main\n" for uri, suite in sources]
    (root / "etc/apt/sources.list").write_text("".join(lines))
    settings = subprocess.run(["apt-config", "dump"], check=True, capture_output=True, text=True).stdout
    kept = re.findall(r"^Acquire::(?:Check-|Retries|https?::).*$", settings, re.MULTILINE)
    (root / "etc/apt/apt.conf.d/99machine").write_text("\n".join([*kept, ""]))
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")


def mount(mounts: ExitStack, *argv: str | Path) -> None:
    run("mount", *argv)
    mounts.callback(run, "umount", argv[-1])


def hand_on_settings(root: Path, mounts: ExitStack) -> dict[str, str]:
    """Puts this machine's pip settings and certificates on a mount that is not part of the image."""
    host = root / "run/host"
    host.mkdir(exist_ok=True)
    mount(mounts, "-t", "tmpfs", "tmpfs", host)
    env = {name: value for name, value in os.environ.items() if HANDED_ON.fullmatch(name)}
    bundle = Path(os.environ.get("PIP_CERT", "/etc/ssl/certs/ca-certificates.crt"))
    if bundle.exists():
        shutil.copy(bundle, host / "ca.crt")
        env |= dict.fromkeys(CERTIFICATES, "/run/host/ca.crt")
    config = Path(os.environ.get("PIP_CONFIG_FILE") or Path.home() / ".config/pip/pip.conf")
    if config.exists():
        shutil.copy(config, host / "pip.conf")
        env["PIP_CONFIG_FILE"] = "/run/host/pip.conf"
    run("chmod", "-R", "a+rX", host)
    return env


def user_cache() -> Path | None:
    try:
        cache = Path(pwd.getpwnam("vaxel").pw_dir) / ".cache"
    except KeyError:
        return None
    return cache if cache.is_dir() and not os.environ.get("FRESH") else None


# --- the Dockerfile ---------------------------------------------------------------------------------------------------


def instructions(text: str) -> list[tuple[str, str]]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word]


def options_of(rest: str) -> tuple[dict[str, str], str]:
    """Splits `--name=value ... REST`."""
    options = {}
    while match := re.match(r"--([a-z-]+)=(\S+)\s+", rest):
        options[match[1]] = match[2]
        rest = rest[match.end() :]
    return options, rest


class Builder:
    def __init__(self, work: Path) -> None:
        self.work = work
        self.context = work / "context"
        self.cache = work / "cache"
        self.stages: dict[str, Stage] = {}

    def prepare(self) -> None:
        self.context.mkdir()
        copy = 'deploy/list-files.sh | tar --create --null --files-from - | tar --extract --directory "$1"'
        run("bash", "-o", "pipefail", "-c", copy, "-", self.context, cwd=CHECKOUT)
        if cache := user_cache():
            run("cp", "--archive", cache, self.cache)
        else:
            self.cache.mkdir()

    def build(self, dockerfile: str) -> Stage:
        stage: Stage | None = None
        name = ""
        for word, rest in instructions(dockerfile):
            say(f"{word} {rest}" if len(rest) < 100 else f"{word} {rest[:97]}...")
            if word == "FROM":
                image, _, name = rest.partition(" AS ")
                stage = self.start(image, name or "final")
            elif stage is None:
                fail(f"{word} stands before FROM")
            else:
                stage = self.step(stage, word, rest)
            self.stages[name] = stage
        if stage is None:
            fail("The Dockerfile is empty.")
        return stage

    def start(self, image: str, name: str) -> Stage:
        root = self.work / "stages" / name
        root.parent.mkdir(exist_ok=True)
        if parent := self.stages.get(image):
            run("cp", "--archive", "--one-file-system", parent.root, root)
            stage = replace(parent, root=root)
        elif image.startswith("debian:bookworm"):
            debootstrap(root)
            stage = Stage(root)
        else:
            fail(f"FROM {image}: neither a stage of this file nor Debian 12")
        run("mount", "-t", "proc", "proc", root / "proc")
        run("mount", "--rbind", "/dev", root / "dev")
        return stage

    def step(self, stage: Stage, word: str, rest: str) -> Stage:
        match word:
            case "WORKDIR":
                stage.inside(rest).mkdir(parents=True, exist_ok=True)
                return replace(stage, workdir=rest)
            case "USER":
                return replace(stage, user=rest)
            case "ENV":
                return replace(stage, env=stage.env | dict(pair.split("=", 1) for pair in shlex.split(rest)))
            case "CMD":
                return replace(stage, command=tuple(json.loads(rest)))
            case "HEALTHCHECK":
                return replace(stage, healthcheck=tuple(json.loads(options_of(rest)[1].removeprefix("CMD"))))
            case "COPY":
                self.copy(stage, rest)
            case "RUN":
                self.run(stage, rest)
            case "EXPOSE" | "VOLUME":
                pass
            case _:
                fail(f"image-check does not know the instruction {word}; teach it, or do without")
        return stage

    def copy(self, stage: Stage, rest: str) -> None:
        options, rest = options_of(rest)
        *sources, target = rest.split()
        source_root = self.stages[options["from"]].root if "from" in options else self.context
        for source in sources:
            outside, inside = source_root / source.lstrip("/"), stage.inside(target)
            if outside.is_dir() or target.endswith(("/", ".")):
                inside.mkdir(parents=True, exist_ok=True)
            content = f"{outside}/." if outside.is_dir() else outside
            # Docker, too, makes root the owner of whatever it copies.
            run("cp", "--archive", "--no-preserve=ownership", content, inside)

    def run(self, stage: Stage, rest: str) -> None:
        options, command = options_of(rest)
        with ExitStack() as mounts:
            extra = hand_on_settings(stage.root, mounts)
            if cache := re.search(r"type=cache.*target=([^,]+)", options.get("mount", "")):
                folder = stage.inside(cache[1])
                folder.mkdir(exist_ok=True)
                mount(mounts, "--bind", self.cache, folder)
                run("chroot", stage.root, "chown", "-R", f"{stage.user}:", cache[1])
            done = subprocess.run(stage.argv(("/bin/sh", "-c", command), extra), stdin=subprocess.DEVNULL)
        if done.returncode:
            fail(f"This step failed: RUN {rest}")


# --- the checks -------------------------------------------------------------------------------------------------------


def check(builder: Builder, image: Stage) -> None:
    for command in (("vaxel", "--help"), ("python", "-c", "import pjsua2")):
        done = subprocess.run(image.argv(command), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            fail(f"In the image, as {image.user}, this failed: {shlex.join(command)}\n{done.stderr}")
        say(f"works as {image.user}: {shlex.join(command)}")
    backup = builder.work / "backup"
    check_service(image, backup)
    check_empty_machine(builder, image, backup)


def check_service(image: Stage, backup: Path) -> None:
    """Starts the image's command as Docker would, and backs it up meanwhile."""
    with served(image) as beside:
        ring(beside)
        config, data = image.command[3], image.command[5]
        command = ("vaxel", "backup", "-", "--config", config, "--data", data)
        with backup.open("wb") as file:
            subprocess.run([*beside, *image.argv(command)], check=True, stdout=file)
        say(f"backed up: {backup.stat().st_size / 1024:.0f} KiB")


def check_empty_machine(builder: Builder, image: Stage, backup: Path) -> None:
    """Installs on an empty Debian as docs/operating.md says, restores, looks it over, starts and rings."""
    begun = time.monotonic()
    machine = builder.start("debian:bookworm-slim", "machine")
    checkout = machine.inside("/root/vaxel")
    run("cp", "--archive", builder.context, checkout)
    with ExitStack() as mounts:
        extra = hand_on_settings(machine.root, mounts)
        home = machine.inside("/var/lib/vaxel")
        home.mkdir(mode=0o755)
        run("cp", "--archive", builder.cache, home / ".cache")
        run("chroot", machine.root, "useradd", "--system", "--user-group", "--home-dir", "/var/lib/vaxel", "vaxel")
        run("chroot", machine.root, "chown", "-R", "vaxel:", "/var/lib/vaxel")
        install = replace(machine, workdir="/root/vaxel").argv(("deploy/install.sh",), extra)
        if subprocess.run(install, stdin=subprocess.DEVNULL).returncode:
            fail("deploy/install.sh failed on an empty machine.")
    say(f"installed on an empty Debian in {time.monotonic() - begun:.0f} s")

    unit = machine.inside("/etc/systemd/system/vaxel.service").read_text()
    command = tuple(shlex.split(re.search("^ExecStart=(.+)$", unit, re.MULTILINE)[1]))  # type: ignore[index]
    places = command[command.index("--config") :]
    shutil.copy(backup, machine.inside("/root/backup"))
    begun = time.monotonic()
    as_root = (
        "set -e; install -d -o vaxel -g vaxel -m 0700 /etc/vaxel; cd /; "
        f"setpriv --reuid=vaxel --regid=vaxel --init-groups vaxel restore - {shlex.join(places)} < /root/backup; "
        "chown -R root:vaxel /etc/vaxel; chmod -R u=rwX,g=rX,o= /etc/vaxel"
    )
    run(*machine.argv(("sh", "-c", as_root)))
    say(f"restored in {time.monotonic() - begun:.1f} s")
    vaxel = replace(image, root=machine.root, workdir="/var/lib/vaxel", command=command)
    with served(vaxel) as beside:
        ring(beside)
        doctor = subprocess.run(
            [*beside, *vaxel.argv(("vaxel", "doctor", *places))], stdin=subprocess.DEVNULL
        ).returncode
        if doctor:
            fail("The doctor finds something wrong after the restore; see above.")


def ring(beside: tuple[str, ...]) -> None:
    command = [*beside, sys.executable, "-c", RING, "0403410000"]
    answer = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    if not answer.startswith("SIP/2.0 200"):
        fail(f"Nobody answers who rings: {answer or 'nothing'}")
    say(f"rung: {answer}")


RING = """\
import socket, sys
called = sys.argv[1]
with socket.socket(type=socket.SOCK_DGRAM) as caller:
    caller.bind(("127.0.0.1", 0))
    caller.settimeout(10)
    here = "127.0.0.1:%d" % caller.getsockname()[1]
    media = "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "m=audio 9 RTP/AVP 8", ""
    body = "\\r\\n".join(media)
    head = [
        f"INVITE sip:{called}@127.0.0.1 SIP/2.0", f"Via: SIP/2.0/UDP {here};rport;branch=z9hG4bK1", "Max-Forwards: 70",
        f"From: <sip:check@{here}>;tag=1", f"To: <sip:{called}@127.0.0.1>", f"Call-ID: check@{here}", "CSeq: 1 INVITE",
        f"Contact: <sip:check@{here}>", "Content-Type: application/sdp", f"Content-Length: {len(body)}", "", body,
    ]
    caller.sendto("\\r\\n".join(head).encode(), ("127.0.0.1", 5060))
    while (first := caller.recv(65536).decode().partition("\\r\\n")[0]).startswith("SIP/2.0 1"):
        continue
    print(first)
"""
"""Rings a number of a Vaxel on loopback, and prints how it was answered."""


@contextmanager
def served(image: Stage) -> Iterator[tuple[str, ...]]:
    """Runs a stage's command as process 1 with a loopback interface of its own; yields what runs a command beside it,
    once it is healthy, and stops it in the end."""
    started = time.monotonic()
    loopback = ("sh", "-c", 'ip link set lo up && exec "$@"', "-")
    own = ("unshare", "--pid", "--fork", "--kill-child", f"--mount-proc={image.root / 'proc'}")
    service = subprocess.Popen(
        ["unshare", "--net", *loopback, *own, *image.argv(image.command)], stdin=subprocess.DEVNULL
    )
    in_network = ("nsenter", f"--net=/proc/{service.pid}/ns/net")
    while subprocess.run([*in_network, *image.argv(image.healthcheck)], capture_output=True).returncode:
        if service.poll() is not None:
            fail(f"The service ended by itself, code {service.returncode}: {shlex.join(image.command)}")
        if time.monotonic() - started > READY_WITHIN_S:
            fail(f"The service was not healthy within {READY_WITHIN_S} s.")
        time.sleep(0.2)
    say(f"healthy after {time.monotonic() - started:.1f} s: {shlex.join(image.command)}")
    children = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()
    yield "nsenter", f"--target={children[0]}", "--net", "--pid", "--mount"
    os.kill(int(children[0]), signal.SIGTERM)
    started = time.monotonic()
    try:
        code = service.wait(STOPPED_WITHIN_S)
    except subprocess.TimeoutExpired:
        fail(f"The service did not stop within {STOPPED_WITHIN_S} s of SIGTERM.")
    if code:
        fail(f"The service stopped with code {code}, not 0.")
    say(f"stopped cleanly after {time.monotonic() - started:.1f} s")


def main() -> int:
    if os.getuid() != 0:
        fail("image-check mounts and changes root, so it needs root; run: sudo make image-check")
    if sys.argv[1:2] == ["--inside"]:
        builder = Builder(Path(sys.argv[2]))
        builder.prepare()
        check(builder, builder.build((CHECKOUT / "Dockerfile").read_text()))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    work = Path(tempfile.mkdtemp(prefix="vaxel-image-", dir=os.environ.get("TMPDIR", "/var/tmp")))
    work.chmod(0o755)
    apart = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
    try:
        code = subprocess.run([*apart, sys.executable, __file__, "--inside", str(work)]).returncode
    finally:
        say("Removing the chroot")
        shutil.rmtree(work)
    if code == 0:
        say("The image works.")
    return code


if __name__ == "__main__":
    sys.exit(main())
