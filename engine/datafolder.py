"""The data folder: all that one Vaxel keeps on a machine. Imported by the supervisor, so only light modules here.

data/
  run/      0700  sockets, pid files, settings of edge and workers, dial.key, browser.key, turn.key, supervisor.lock
  edge/           the phones' digest hashes (phones.sqlite); registrations
  redis/          append-only file of the private redis-server
  log/            one log per process, rotated at its start
  archive/        trimmed journal, compressed segments
  refused/        journal entries that a deposed leader could not write
  history/        history.sqlite: what became of contacts, for reports
  recordings/     what callers said: reports, messages, prompts recorded by telephone
  content/        letters and their attachments, a folder for each contact
  trace/          SIP messages without names and numbers, and how legs ended, for some days
  versions/       what was published of the configuration
  tokens.json 0600  hashes of the API's tokens
  accounts.json 0600  who signs in, with hashes of passwords
  sessions.json 0600  hashes of the cookies of who is signed in
"""

import fcntl
import os
import time
from pathlib import Path
from typing import Final

DIAL_KEY_BYTES: Final = 32
LOCK_TRIES: Final = 5
LOCK_EVERY_S: Final = 0.02
PRIVATE: Final = 0o700
SOCKET_PATH_BYTES: Final = 107
"""The longest path of a Unix socket on Linux."""
LONGEST_SOCKET_NAME: Final = "worker-99.sock"


class DataFolderError(Exception):
    """The data folder cannot be used; the text says why and what to do."""

    error_id = "data_folder"
    retryable = False


class DataFolder:
    """Paths below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.run = self.root / "run"
        self.edge = self.root / "edge"
        self.redis = self.root / "redis"
        self.log = self.root / "log"
        self.archive = self.root / "archive"
        self.refused = self.root / "refused"
        self.recordings = self.root / "recordings"
        self.history = self.root / "history"
        self.history_file = self.history / "history.sqlite"
        self.content = self.root / "content"
        self.trace = self.root / "trace"
        self.access = self.root / "access"
        self.tapes = self.root / "tapes"
        self.tape_key = self.root / "tapes.key"
        self.erasures = self.root / "erasures.jsonl"
        self.versions = self.root / "versions"
        self.tokens = self.root / "tokens.json"
        self.accounts = self.root / "accounts.json"
        self.sessions = self.root / "sessions.json"
        self.phones = self.edge / "phones.sqlite"
        self.edge_socket = self.run / "edge.sock"
        self.sip_tls = self.run / "sip-tls.pem"
        self.web_tls = self.run / "web-tls.pem"
        self.edge_web_tls = self.run / "edge-web-tls.pem"

    def made(self, folder: Path) -> None:
        """Make sure that Vaxel has made `folder`, of this one's. Raises `DataFolderError`."""
        if not folder.is_dir():
            raise DataFolderError(
                f"there is no folder {folder}: start Vaxel once with `vaxel run`, or name its folder with --data"
            )

    @property
    def mark(self) -> str:
        """Tell this folder's Vaxel from others, without its path for those who ask over the web."""
        import hashlib

        return hashlib.sha256(os.fsencode(self.root)).hexdigest()[:16]

    @property
    def closed(self) -> bool:
        """Whether this user cannot look into it, be it there or not: then nothing can be said of it."""
        innermost = next(path for path in (self.run, *self.run.parents) if os.path.exists(path))
        return not os.access(innermost, os.R_OK | os.X_OK)

    def prepare(self) -> None:
        """Make the folders and try to write. Raises `DataFolderError`."""
        longest = len(os.fsencode(self.run / LONGEST_SOCKET_NAME))
        if longest > SOCKET_PATH_BYTES:
            raise DataFolderError(
                f"the path of the data folder is {longest - SOCKET_PATH_BYTES} bytes too long for Unix sockets: "
                f"{self.root}; choose a shorter one with --data"
            )
        try:
            self.run.mkdir(parents=True, exist_ok=True)
            self.run.chmod(PRIVATE)
            for folder in self._private():
                folder.mkdir(mode=PRIVATE, exist_ok=True)
                probe = folder / ".probe"
                probe.write_bytes(b"")
                probe.unlink()
        except OSError as error:
            raise DataFolderError(
                f"cannot write to the data folder {self.root}: {error.strerror}; "
                "choose another with --data, or give this user the right to write there"
            ) from error

    def _private(self) -> tuple[Path, ...]:
        made = (self.edge, self.redis, self.log, self.archive, self.refused, self.recordings)
        return *made, self.content, self.history, self.trace, self.access, self.tapes, self.versions

    def lock(self) -> int:
        """Take the folder for this supervisor and return the lock's descriptor. Raises `DataFolderError`."""
        descriptor = os.open(self.run / "supervisor.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for _ in range(LOCK_TRIES):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                # `vaxel status` holds it for a moment when it looks.
                time.sleep(LOCK_EVERY_S)
        else:
            holder = os.read(descriptor, 32).decode().strip()
            os.close(descriptor)
            raise DataFolderError(
                f"vaxel runs already on {self.root} (pid {holder}); stop it first or use another --data"
            )
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        return descriptor

    def supervisor(self) -> int | None:
        """Return the pid of the supervisor that holds the lock, None when there is none."""
        try:
            descriptor = os.open(self.run / "supervisor.lock", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(os.read(descriptor, 32) or b"0")
        finally:
            os.close(descriptor)
        return None

    def dial_key(self) -> bytes:
        """Return the key shared by the dial gate and the workers, made once."""
        path = self.run / "dial.key"
        if not path.exists():
            self.write_private("dial.key", os.urandom(DIAL_KEY_BYTES))
        return path.read_bytes()

    def browser_key(self) -> str:
        """Return the key shared by the engine, which gives pages their credentials, and the edge; made once."""
        return self._text_key("browser.key")

    def turn_key(self) -> str:
        """Return the key shared by the engine, which gives pages their credentials, and the relay; made once."""
        return self._text_key("turn.key")

    def _text_key(self, name: str) -> str:
        path = self.run / name
        if not path.exists():
            self.write_private(name, os.urandom(DIAL_KEY_BYTES).hex().encode())
        return path.read_text()

    def write_private(self, name: str, data: bytes) -> Path:
        """Write a file below run/ that only this user can read, whole or not at all."""
        path = self.run / name
        part = path.with_name(f".{name}.part")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(data)
        os.replace(part, path)
        return path
