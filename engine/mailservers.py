"""Dovecot and Exim for one machine: real mailboxes for the tests and the demonstration, in a folder, as any user.

A city has mail servers; here are two that need no set-up. Both listen on loopback alone, with a certificate made for
them. Exim takes mail for the boxes here and no other, delivers it into Maildirs, and Dovecot shows those by IMAP.
Postfix would do as well, but its master wants to be root, and nothing of Vaxel is (decisions/0006).
"""

import contextlib
import getpass
import grp
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

PROGRAMS: Final = {"dovecot": "dovecot-imapd", "exim4": "exim4-daemon-heavy", "openssl": "openssl"}
"""Program to the Debian package that has it."""
START_S: Final = 20.0
STOP_S: Final = 5.0
LARGEST_MAIL: Final = "60M"


class NoMailServers(Exception):
    """The mail servers cannot be started; the text says what is missing."""

    error_id = "no_mail_servers"


class Ports(Struct, frozen=True, kw_only=True):
    """Where the servers listen, on 127.0.0.1."""

    imap: int
    """TLS from the first byte, as both others."""
    imap_starttls: int
    smtp: int
    """For programs that have an account."""
    smtp_plain: int
    """For the world: as any mail server that brings mail for us."""


class MailServers:
    """Both servers. `boxes` maps addresses to boxes; the password of each box is in `password_file(box)`."""

    def __init__(self, folder: Path, ports: Ports, boxes: Mapping[str, str]) -> None:
        self.folder = folder
        self.ports = ports
        self.certificate = folder / "certificate.pem"
        self.extra = ""
        """More settings of Dovecot."""
        self._boxes = dict(boxes)
        self._running: list[subprocess.Popen[bytes]] = []

    def password_file(self, box: str) -> Path:
        """Return the file with a box's password."""
        return self.folder / "passwords" / box

    def maildir(self, box: str) -> Path:
        """Return where a box's mails lie."""
        return self.folder / "mail" / box

    def start(self) -> None:
        """Start both, and return once they answer. Raises NoMailServers."""
        missing = [package for program, package in PROGRAMS.items() if shutil.which(program, path=_path()) is None]
        if missing:
            raise NoMailServers(f"mail needs Debian's packages {', '.join(missing)}: apt-get install them")
        self._end_left_over()
        self._write()
        self._spawn("dovecot", "-F", "-c", str(self.folder / "dovecot.conf"))
        self._spawn("exim4", "-C", str(self.folder / "exim.conf"), "-bdf", "-q5s")
        ports = (self.ports.imap, self.ports.imap_starttls, self.ports.smtp, self.ports.smtp_plain)
        end = time.monotonic() + START_S
        while not all(map(_answers, ports)):
            if time.monotonic() > end or any(process.poll() is not None for process in self._running):
                self.stop()
                raise NoMailServers(f"the mail servers do not start; see {self.folder / 'log'}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop both."""
        for process in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()

    def _end_left_over(self) -> None:
        """End what runs on this folder since whoever started it was killed."""
        for name in ("master.pid", "exim.pid"):
            with contextlib.suppress(OSError, ValueError):
                pid = int((self.folder / "run" / name).read_text())
                if os.fsencode(self.folder) in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGTERM)
                    _until_gone(pid)

    # ---- what they are told --------------------------------------------------------------------------------------

    def _write(self) -> None:
        for name in ("passwords", "mail", "spool", "log", "run"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        for box in sorted(set(self._boxes.values())):
            if not self.password_file(box).exists():
                _write_private(self.password_file(box), secrets.token_urlsafe(16))
        if not self.certificate.exists():
            self.make_certificate()
        passwords = {box: self.password_file(box).read_text() for box in set(self._boxes.values())}
        _write_private(self.folder / "accounts", "".join(f"{box}:{{PLAIN}}{word}\n" for box, word in passwords.items()))
        _write_private(self.folder / "senders", "".join(f"{box}: {word}\n" for box, word in passwords.items()))
        _write_private(self.folder / "boxes", "".join(f"{address}: {box}\n" for address, box in self._boxes.items()))
        _write_private(self.folder / "dovecot.conf", self._dovecot())
        _write_private(self.folder / "exim.conf", self._exim())

    def make_certificate(self) -> None:
        """Make a certificate for this machine, which nobody vouches for but itself."""
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
                *("-keyout", str(self.folder / "key.pem"), "-out", str(self.certificate), "-days", "3650"),
                *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            ],
            check=True,
            capture_output=True,
        )

    def _dovecot(self) -> str:
        user, group, folder = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name, self.folder
        ids = {"user": user, "group": group, "uid": os.getuid(), "gid": os.getgid()}
        return _DOVECOT.format(**ids, folder=folder, ports=self.ports) + self.extra

    def _exim(self) -> str:
        user, group = getpass.getuser(), grp.getgrgid(os.getgid()).gr_name
        domains = " : ".join(sorted({address.rpartition("@")[2] for address in self._boxes}))
        return (
            _EXIM.replace("@USER@", user)
            .replace("@GROUP@", group)
            .replace("@FOLDER@", str(self.folder))
            .replace("@DOMAINS@", domains)
            .replace("@SMTP@", str(self.ports.smtp))
            .replace("@PLAIN@", str(self.ports.smtp_plain))
            .replace("@LARGEST@", LARGEST_MAIL)
        )

    def _spawn(self, program: str, *arguments: str) -> None:
        with open(self.folder / "log" / f"{program}.out", "ab") as output:
            process = subprocess.Popen(
                [program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={"PATH": _path()},
                start_new_session=True,
            )
        self._running.append(process)


def boxes_of(addresses: Iterable[str]) -> dict[str, str]:
    """Return a box for each address, called by what stands before the @."""
    return {address: address.partition("@")[0] for address in addresses}


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/bin:/bin"


def _until_gone(pid: int) -> None:
    end = time.monotonic() + STOP_S
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.02)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def _write_private(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w") as file:
        file.write(text)


_DOVECOT: Final = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/accounts
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {ports.imap_starttls}
  }}
  inet_listener imaps {{
    port = {ports.imap}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""

_EXIM: Final = """
exim_user = @USER@
exim_group = @GROUP@
admin_groups = @GROUP@
trusted_groups = @GROUP@
never_users =
keep_environment =
primary_hostname = localhost.localdomain
spool_directory = @FOLDER@/spool
log_file_path = @FOLDER@/log/exim-%slog
pid_file_path = @FOLDER@/run/exim.pid
timezone = UTC
local_interfaces = 127.0.0.1
daemon_smtp_ports = @PLAIN@ : @SMTP@
tls_on_connect_ports = @SMTP@
tls_advertise_hosts = *
tls_certificate = @FOLDER@/certificate.pem
tls_privatekey = @FOLDER@/key.pem
auth_advertise_hosts = ${if def:tls_in_cipher{*}{}}
dsn_advertise_hosts = *
message_size_limit = @LARGEST@
host_lookup =
rfc1413_query_timeout = 0s
smtp_accept_max = 100
smtp_accept_queue_per_connection = 0
smtputf8_advertise_hosts =
domainlist here = @DOMAINS@
acl_smtp_rcpt = rcpt
acl_smtp_data = data

begin acl
rcpt:
  deny    message = 550 5.1.1 nobody here by that name
          domains = +here
          condition = ${lookup{${lc:$local_part@$domain}}lsearch{@FOLDER@/boxes}{no}{yes}}
          !authenticated = *
  accept  domains = +here
  accept  authenticated = *
  deny    message = 550 5.7.1 no relaying
data:
  accept

begin routers
box:
  driver = accept
  domains = +here
  condition = ${lookup{${lc:$local_part@$domain}}lsearch{@FOLDER@/boxes}{yes}{no}}
  transport = maildir
nobody:
  driver = redirect
  data = :fail: nobody here by that name
  allow_fail

begin transports
maildir:
  driver = appendfile
  directory = @FOLDER@/mail/${lookup{${lc:$local_part@$domain}}lsearch{@FOLDER@/boxes}}
  maildir_format
  create_directory
  envelope_to_add
  return_path_add
  user = @USER@

begin retry
* * F,1h,5s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if eq{$auth3}{${lookup{$auth2}lsearch{@FOLDER@/senders}}}}
  server_set_id = $auth2
  server_advertise_condition = ${if def:tls_in_cipher}
"""
