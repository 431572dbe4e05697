"""Passwords and certificates of mail servers, read from files each time they are needed."""

import ssl
from pathlib import Path

from adapters.email.settings import Server


class Unusable(Exception):
    """A mail server cannot be used until somebody mends something; the text says what."""

    error_id = "mail_unusable"
    retryable = False


def secret(server: Server) -> str:
    """Return the password or token. Raises Unusable."""
    try:
        found = Path(server.secret_file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"the password file of {server.host} cannot be read: {type(error).__name__}") from error
    if not found:
        raise Unusable(f"the password file of {server.host} is empty")
    return found


def context(server: Server) -> ssl.SSLContext:
    """Return how the server's certificate is checked: always. Raises Unusable."""
    try:
        made = ssl.create_default_context(cafile=server.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise Unusable(f"the certificates for {server.host} cannot be read: {type(error).__name__}") from error
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    return made
