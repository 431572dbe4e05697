"""One connection to one mailbox by IMAP (RFC 3501, IDLE RFC 2177, MOVE RFC 6851).

IMAPClient is the best-kept client there is, and a synchronous one: a thread of its own has it (docs/decisions/0025).
"""

import contextlib
import time
from collections.abc import Iterable
from typing import Any, Final, Protocol

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError
from msgspec import Struct

from adapters.email import secrets
from adapters.email.settings import Mailbox

TAKEN: Final = "$VaxelTaken"
"""The keyword of mails that are in the journal. It spares looking at them again; what counts is the journal."""
ANSWER_S: Final = 30.0
IDLE_S: Final = 25 * 60.0
"""IDLE is begun anew before servers take us for gone after 29 minutes."""
LOOK_S: Final = 1.0
"""How often a thread that waits looks whether it is to end."""
HEADERS_AND_MORE: Final = 256 * 1024
"""Bytes that are read of a mail that is too large."""

Errors = (IMAPClientError, OSError, secrets.Unusable)
"""All that can go wrong with a mail server."""


class Mail(Struct, frozen=True):
    """A mail as it was fetched."""

    raw: bytes
    truncated: bool


class Session(Protocol):
    """What a mailbox needs of a connection."""

    uidvalidity: int

    def open(self) -> None:
        """Connect, sign in and open the folder."""

    def waiting(self, after: int) -> list[int]:
        """Return the UIDs of mails that bear no mark; only those above `after` where marks cannot be kept."""

    def fetch(self, uid: int) -> Mail | None:
        """Return a mail, None when it is gone."""

    def done(self, uids: list[int]) -> None:
        """Mark mails as taken in, or move them away."""

    def wait(self, seconds: float) -> None:
        """Return when something may have arrived, at the latest after `seconds`."""

    def close(self) -> None:
        """Sign out."""

    def cut(self) -> None:
        """End the connection from another thread, whatever it is doing."""


class ImapSession:
    """The real one."""

    def __init__(self, mailbox: Mailbox, largest: int) -> None:
        self._box = mailbox
        self._largest = largest
        self._client: IMAPClient | None = None
        self._keeps_marks = False
        self._idles = False
        self._cut = False
        self.uidvalidity = 0

    def open(self) -> None:
        """Connect, sign in and open the folder. Raises `Errors`."""
        server, box = self._box.imap, self._box
        tls = server.security == "tls"
        context = secrets.context(server) if server.security != "none" else None
        client = IMAPClient(
            server.host,
            port=server.port,
            ssl=tls,
            ssl_context=context if tls else None,
            timeout=SocketTimeout(connect=ANSWER_S, read=ANSWER_S),
        )
        self._client = client
        if server.security == "starttls":
            client.starttls(context)
        if server.token:
            client.oauth2_login(server.user, secrets.secret(server))
        else:
            client.login(server.user, secrets.secret(server))
        selected = client.select_folder(box.folder)
        self.uidvalidity = int(selected[b"UIDVALIDITY"])
        flags = selected.get(b"PERMANENTFLAGS", ())
        self._keeps_marks = b"\\*" in flags or TAKEN.encode() in flags
        self._idles = bool(client.has_capability("IDLE"))
        if box.done and not client.folder_exists(box.done):
            client.create_folder(box.done)

    def waiting(self, after: int) -> list[int]:
        """Return the UIDs of mails that bear no mark, in order. Raises `Errors`."""
        criteria: list[Any] = ["SINCE", self._box.since] if self._box.since is not None else []
        if self._box.done:
            criteria += ["ALL"]
        elif self._keeps_marks:
            criteria += ["UNKEYWORD", TAKEN]
        else:
            criteria += ["UID", f"{after + 1}:*"]
        found = sorted(int(uid) for uid in self._here.search(criteria))
        # `n:*` names the last mail also when its number is below n.
        return found if self._box.done or self._keeps_marks else [uid for uid in found if uid > after]

    def fetch(self, uid: int) -> Mail | None:
        """Return a mail, None when it is gone. Raises `Errors`."""
        size = int(self._one(uid, "RFC822.SIZE").get(b"RFC822.SIZE", 0))
        if not size:
            return None
        truncated = size > self._largest
        wanted = f"BODY.PEEK[]<0.{HEADERS_AND_MORE}>" if truncated else "BODY.PEEK[]"
        for name, value in self._one(uid, wanted).items():
            if name.startswith(b"BODY[]"):
                return Mail(bytes(value), truncated)
        return None

    def done(self, uids: list[int]) -> None:
        """Mark mails as taken in, or move them away. Raises `Errors`."""
        client = self._here
        if not uids:
            return
        if not self._box.done:
            client.add_flags(uids, [r"\Seen", *([TAKEN] if self._keeps_marks else [])], silent=True)
        elif client.has_capability("MOVE"):
            client.add_flags(uids, [r"\Seen"], silent=True)
            client.move(uids, self._box.done)
        else:
            client.copy(uids, self._box.done)
            client.add_flags(uids, [r"\Seen", r"\Deleted"], silent=True)
            # Only ours: a plain EXPUNGE would delete what people have marked.
            if client.has_capability("UIDPLUS"):
                client.uid_expunge(uids)

    def wait(self, seconds: float) -> None:
        """Return when something may have arrived, at the latest after `seconds`. Raises `Errors`."""
        client, left = self._here, min(seconds, IDLE_S)
        if not self._idles:
            while left > 0 and not self._cut:
                time.sleep(min(LOOK_S, left))
                left -= LOOK_S
            client.noop()
            return
        client.idle()
        try:
            while left > 0 and not self._cut:
                told = client.idle_check(timeout=min(LOOK_S, left))
                if _has_news(told):
                    break
                left -= LOOK_S
        finally:
            client.idle_done()

    def close(self) -> None:
        """Sign out."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(*Errors):
                client.logout()

    def cut(self) -> None:
        """End the connection from another thread, whatever it is doing."""
        self._cut = True

    @property
    def _here(self) -> IMAPClient:
        if self._client is None or self._cut:
            raise ConnectionError("not connected")
        return self._client

    def _one(self, uid: int, what: str) -> dict[bytes, Any]:
        return dict(self._here.fetch([uid], [what]).get(uid, {}))


def _has_news(told: Iterable[tuple[Any, ...]]) -> bool:
    return any(len(one) > 1 and one[1] in (b"EXISTS", b"RECENT") for one in told)
