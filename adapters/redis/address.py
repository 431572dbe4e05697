"""Where Redis is: `unix:///path/to.sock?db=0` or `redis://[user@]host[:port][/db]`, password apart."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import redis.asyncio
from msgspec import Struct
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from adapters.redis.errors import BadAddress

CONNECT_S: Final = 2.0
ANSWER_S: Final = 5.0
PASSWORD: Final = "VAXEL_REDIS_PASSWORD"
PASSWORD_FILE: Final = "VAXEL_REDIS_PASSWORD_FILE"


class Address(Struct, frozen=True, kw_only=True):
    """Unix socket when `path` is set, else TCP."""

    path: str = ""
    host: str = "localhost"
    port: int = 6379
    db: int = 0
    username: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Leave the password out."""
        return f"Address({self.path or f'{self.host}:{self.port}'}, db={self.db})"

    def client(self) -> "redis.asyncio.Redis":
        """Return redis-py's client for everything but the journal's hot path."""
        return redis.asyncio.Redis(
            unix_socket_path=self.path or None,
            host=self.host,
            port=self.port,
            db=self.db,
            username=self.username or None,
            password=self.password or None,
            client_name="vaxel",
            socket_connect_timeout=CONNECT_S,
            socket_timeout=ANSWER_S,
            # redis-py's own ten tries would hold a caller for seconds; who can wait tries again itself.
            retry=Retry(ConstantBackoff(0.01), 2),
        )


def read(url: str, environ: Mapping[str, str], password_file: str = "") -> Address:
    """Read the URL; the password comes from the file, else from the environment. Raises `BadAddress`."""
    parts = urlsplit(url)
    if parts.scheme not in ("unix", "redis"):
        # Not the url itself: it may carry a password.
        begun = parts.scheme or "nothing"
        raise BadAddress(f"the redis url begins with {begun!r}: write unix:///path/to.sock or redis://host:port/db")
    if parts.password:
        raise BadAddress(
            f"the redis url carries a password: put it into {PASSWORD} or the file named by {PASSWORD_FILE}"
        )
    try:
        found = parse_url(url)
    except ValueError as error:
        raise BadAddress(f"redis url {url!r}: {error}") from error
    return Address(
        path=str(found.get("path", "")),
        host=str(found.get("host", "localhost")),
        port=int(found.get("port", 6379)),
        db=int(found.get("db", 0)),
        username=str(found.get("username", "") or ""),
        password=_password(environ, password_file),
    )


def _password(environ: Mapping[str, str], password_file: str) -> str:
    if file := password_file or environ.get(PASSWORD_FILE):
        try:
            return Path(file).read_text().strip()
        except OSError as error:
            raise BadAddress(f"the file with the redis password, {file}: {error.strerror}") from error
    return environ.get(PASSWORD, "")
