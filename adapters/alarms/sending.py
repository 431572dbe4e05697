"""Alerts on their way: what the router says is still to be told, compared with what is being told.

An alert is told at least once, always under the same id (`X-Vaxel-Id`, Message-ID), so that whoever is told twice, as a
crash between the other side's yes and our journal may have it, can know. Requests are signed as those of hooks are
(`adapters.post.signing`). 2xx took it; other answers that time may turn are tried again, later and later.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

import aiohttp
import msgspec
from msgspec import Struct

from adapters.alarms.settings import AlarmSettings
from adapters.alarms.wording import subject_of
from adapters.email import smtp
from adapters.email.settings import Mailbox
from adapters.outbox.inturn import InTurn
from adapters.post.sending import FINAL, FIRST_PAUSE_S, LATER, LONGEST_PAUSE_S
from adapters.post.signing import secret_in, sign
from router import facts as f
from router.facts import SendCause
from router.inputs import AlertNotTaken, AlertTaken, Input, Refused
from router.led import Alert
from router.state import State

log = logging.getLogger("vaxel.alarms")

TIMEOUT_S: Final = 20.0
GIVE_UP_S: Final = 6 * 3600.0
"""After which nobody wants to be told any more."""
WEBHOOK: Final = "webhook"
TOUCHES: Final = (f.AlarmRaised, f.AlarmOver, f.AlertSent, f.AlertFailed)


class Told(Struct, frozen=True, kw_only=True):
    """What a program is told."""

    id: str
    """The same whenever it is sent."""
    queue: str
    title: str
    alarm: str
    """`waiting`, `longest_wait`, `service_level`, `nobody_available`."""
    over: bool
    at: float
    """UTC seconds."""


class Sending(InTurn[Alert]):
    """Tells one after the other. It follows the spine."""

    def __init__(
        self,
        settings: AlarmSettings,
        mailboxes: Mapping[str, Mailbox],
        titles: Mapping[str, str],
        language: str,
        submit: Callable[[Input], None],
        now: Callable[[], float],
        send: Callable[..., Awaitable[None]] = smtp.send,
    ) -> None:
        super().__init__(TOUCHES, submit, now, TIMEOUT_S)
        self._settings = settings
        self._box = mailboxes.get(settings.mailbox)
        self._titles = titles
        self._language = language
        self._send = send

    def _listed(self, state: State) -> Mapping[str, Alert]:
        """Return the alerts that are still to be told."""
        return state.alerts

    async def _attempt(self, session: aiohttp.ClientSession, alert: Alert) -> Input:
        """Tell one; return what came of it."""
        try:
            if alert.way == WEBHOOK:
                await self._post(session, alert)
            else:
                await self._mail(alert)
        except smtp.NotTaken as error:
            return self._not_taken(alert, error)
        self.outcomes["sent"] += 1
        return AlertTaken(alert=alert.id)

    def _not_taken(self, alert: Alert, error: smtp.NotTaken) -> Input:
        now, cause = self._now(), error.cause
        retry_at: float | None = now + min(FIRST_PAUSE_S * 2.0**alert.attempts, LONGEST_PAUSE_S)
        if not error.retryable:
            retry_at = None
        elif now - alert.at > GIVE_UP_S:
            retry_at, cause = None, "given_up"
        self.outcomes[cause] += 1
        extra = {"action": "alarm.not_told", "queue": alert.queue, "alarm": alert.alarm, "cause": cause}
        log.warning("nobody could be told of an alarm", extra=extra)
        return AlertNotTaken(alert=alert.id, cause=cause, retry_at=retry_at)

    # ---- ways --------------------------------------------------------------------------------------------------

    async def _post(self, session: aiohttp.ClientSession, alert: Alert) -> None:
        """Send a signed request. Raises NotTaken."""
        if not self._settings.url:  # the configuration has changed
            raise smtp.NotTaken("no_such_address", final=True)
        title = self._titles.get(alert.queue, "")
        told = Told(id=alert.id, queue=alert.queue, title=title, alarm=alert.alarm, over=alert.over, at=alert.at)
        body = msgspec.json.encode(told)
        headers = {"Content-Type": "application/json", "X-Vaxel-Id": alert.id}
        try:
            headers |= sign(secret_in(self._settings.secret_file), self._now(), body)
            request = session.post(self._settings.url, data=body, headers=headers, allow_redirects=False)
            async with request as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError, OSError, Refused) as error:
            raise smtp.NotTaken("away", final=False) from error
        if 200 <= status < 300:
            return
        if 400 <= status < 500 and status not in LATER:
            cause: SendCause = FINAL.get(status, "rejected")
            raise smtp.NotTaken(cause, final=True, code=status)
        raise smtp.NotTaken("put_off" if status == 429 else "away", final=False, code=status)

    async def _mail(self, alert: Alert) -> None:
        """Send a mail. Raises NotTaken."""
        number = int(alert.way.partition(":")[2])
        if self._box is None or number >= len(self._settings.mail):  # the configuration has changed
            raise smtp.NotTaken("no_such_address", final=True)
        to = self._settings.mail[number]
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"] = self._box.address, to
        mail["Subject"] = subject_of(alert, self._titles.get(alert.queue, alert.queue), self._language)
        mail["Date"] = format_datetime(datetime.fromtimestamp(alert.at, UTC))
        mail["Message-ID"] = f"<{alert.id.replace(':', '.')}@{self._box.address.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(f"{mail['Subject']}\n")
        await self._send(self._box.smtp, smtp.Envelope(sender=self._box.address, to=to, id=alert.id), bytes(mail))
