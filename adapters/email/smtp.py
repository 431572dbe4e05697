"""Handing mails over to a mail server by SMTP submission (RFC 6409), and what its answers mean."""

from typing import Final

import aiosmtplib
from aiosmtplib import errors
from msgspec import Struct

from adapters.email import secrets
from adapters.email.settings import Server
from router.facts import SendCause

ANSWER_S: Final = 60.0


class NotTaken(Exception):
    """A mail was not taken. No more of the server's words than their codes: it may quote the address."""

    error_id = "mail_not_taken"

    def __init__(self, cause: SendCause, *, final: bool, code: int = 0) -> None:
        super().__init__(f"{cause} ({code})" if code else cause)
        self.cause: SendCause = cause
        self.retryable = not final


class Envelope(Struct, frozen=True, kw_only=True):
    """What goes around a mail."""

    sender: str
    """Where reports go; nobody hears of one without (RFC 3834 section 3.3 has it so for automatic answers)."""
    to: str
    id: str
    """Comes back in reports (ENVID, RFC 3461)."""


async def send(server: Server, envelope: Envelope, mail: bytes) -> None:
    """Hand a mail over. Raises NotTaken."""
    try:
        async with _client(server) as client:
            if server.user:
                await _sign_in(client, server)
            mail_options, rcpt_options = [], []
            if client.supports_extension("dsn") and envelope.sender:
                mail_options = ["RET=HDRS", f"ENVID={envelope.id}"]
                rcpt_options = ["NOTIFY=FAILURE,DELAY"]
            await client.sendmail(
                envelope.sender, [envelope.to], mail, mail_options=mail_options, rcpt_options=rcpt_options
            )
    except secrets.Unusable as error:
        raise NotTaken("away", final=False) from error
    except errors.SMTPRecipientsRefused as error:
        raise _refused(error.recipients[0].code, "no_such_address") from error
    except errors.SMTPAuthenticationError as error:
        raise NotTaken("away", final=False, code=error.code) from error
    except errors.SMTPResponseException as error:
        raise _refused(error.code, "rejected") from error
    except ValueError as error:
        raise NotTaken("no_such_address", final=True) from error
    except (errors.SMTPException, OSError) as error:
        raise NotTaken("away", final=False) from error


def _client(server: Server) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        tls_context=secrets.context(server) if server.security != "none" else None,
        timeout=ANSWER_S,
    )


async def _sign_in(client: aiosmtplib.SMTP, server: Server) -> None:
    if server.token:
        await client.auth_xoauth2(server.user, secrets.secret(server))
    else:
        await client.login(server.user, secrets.secret(server))


_CAUSES: Final[dict[int, SendCause]] = {521: "not_wanted", 523: "too_large", 552: "too_large", 556: "not_wanted"}


def _refused(code: int, otherwise: SendCause) -> NotTaken:
    """Return what a code means (RFC 5321 section 4.2): 4 for later, 5 for never."""
    if 400 <= code < 500:
        return NotTaken("put_off", final=False, code=code)
    return NotTaken(_CAUSES.get(code, otherwise), final=True, code=code)
