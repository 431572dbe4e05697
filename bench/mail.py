"""Mail: how soon what lies in the mailbox is offered to somebody, and how many are taken in per second.

The engine is `bench.api_engine` with a Redis of its own and without workers; Exim takes the mails and Dovecot shows
them, both real, in a folder. Exim names a file by the time at which it writes it into the mailbox: the clock starts
there. It stops when the event stream tells that somebody is asked. A second IMAP connection notes when Dovecot tells of
the mail, which it does half a second after it has seen it (NOTIFY_DELAY_MSECS, a constant of its source).
"""

import asyncio
import contextlib
import imaplib
import json
import smtplib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from pathlib import Path
from typing import Any, Final

import aiohttp
import uvloop
import yaml

from bench.api import WEB_PORT, lift_limits
from bench.rows import Context, Group, Measured, mean_of, quantile
from bench.system import HOST, ROOT, Trouble
from engine import bench_config
from engine.datafolder import DataFolder
from engine.mailservers import MailServers, NoMailServers, Ports

CITY: Final = "kontakt@malmo.example"
BOX: Final = "kontakt"
AGENTS: Final = 60
APART_S: Final = 1.0
"""From one mail's offer to the next mail: Dovecot has told of everything by then, and the mailbox is quiet."""
WITHIN_S: Final = 60.0
OFFERED_S: Final = 300
"""Nobody takes anything here: longer than it lasts, or all agents would come to be those who did not answer."""
LETTERS: Final = 1000
TEXT_KIB: Final = 4
PICTURE_KIB: Final = 300
PICTURE_EVERY: Final = 10
"""Each so many mails have a picture with them."""
STREAM: Final = f"http://{HOST}:{WEB_PORT}/api/v1/events"


def letter(number: int) -> EmailMessage:
    """Return a mail as people send them: text, the same as HTML, and now and then a picture."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = f"Kim {number} <kim{number}@example.org>"
    mail["To"], mail["Subject"], mail["Date"] = CITY, f"Opening hours {number}", formatdate()
    mail["Message-ID"] = f"<{number}.{time.time_ns()}@example.org>"
    line = "When are you open, and is there anybody who speaks Finnish? "
    words = line * (TEXT_KIB * 1024 // len(line))
    mail.set_content(words)
    mail.add_alternative(
        f"<html><body><p>{words}</p><p><a href='https://example.org'>Kim</a></p></body></html>", "html"
    )
    if number % PICTURE_EVERY == 0:
        mail.add_attachment(bytes(PICTURE_KIB * 1024), "image", "png", filename="lamp.png")
    return mail


class Place:
    """The mail servers, and the engine that reads from them."""

    def __init__(self, folder: Path) -> None:
        names = ("imap", "imap_starttls", "smtp", "smtp_plain")
        self.post = MailServers(folder / "post", Ports(**{name: _free_port() for name in names}), {CITY: BOX})
        self._folder = folder
        config = folder / "config"
        bench_config.write(config, agents=AGENTS)
        lift_limits(config)
        agents = yaml.safe_load((config / "agents.yaml").read_text())
        for agent in agents["agents"].values():
            agent["capacity"] = {"call": 1, "mail": 2}
        (config / "agents.yaml").write_text(yaml.safe_dump(agents))
        queues = yaml.safe_load((config / "queues.yaml").read_text())
        queues["queues"]["bench"]["offer_timeout"] = OFFERED_S
        (config / "queues.yaml").write_text(yaml.safe_dump(queues))
        (config / "mail.yaml").write_text(yaml.safe_dump(self._mail_file()))

    def _mail_file(self) -> dict[str, Any]:
        account = {"user": BOX, "password_file": str(self.post.password_file(BOX))}
        ca_file = str(self.post.certificate)
        return {
            "imap": {"host": "localhost", "port": self.post.ports.imap, "ca_file": ca_file},
            "smtp": {"host": "localhost", "port": self.post.ports.smtp, "ca_file": ca_file},
            "mailboxes": {BOX: {"address": CITY, "title": "Bench", "queue": "bench", "imap": account, "smtp": account}},
        }

    def bring(self, mail: EmailMessage) -> None:
        """Hand a mail over to Exim, as the world does."""
        with smtplib.SMTP(HOST, self.post.ports.smtp_plain) as smtp:
            smtp.send_message(mail, "kim@example.org", [CITY])

    def put(self, mails: int) -> None:
        """Let mails lie in the mailbox that came while nobody read it."""
        for name in ("tmp", "new", "cur"):
            (self.post.maildir(BOX) / name).mkdir(parents=True, exist_ok=True)
        for number in range(mails):
            name = f"{int(_now())}.M{number}P1.localhost"
            (self.post.maildir(BOX) / "new" / name).write_bytes(letter(number).as_bytes())

    def came(self) -> float:
        """Return when Exim wrote the newest mail into the mailbox, in UTC seconds."""
        names = [path.name for part in ("new", "cur") for path in (self.post.maildir(BOX) / part).glob("*.M*P*")]
        return max(map(_written, names))

    @contextlib.contextmanager
    def engine(self) -> Iterator[str]:
        """Run the engine; give a token for its API."""
        data = self._folder / "data"
        argv = [sys.executable, "-m", "bench.api_engine", str(self._folder / "config"), str(data), "0"]
        process = subprocess.Popen(
            argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                raise Trouble("the engine did not start")
            yield json.loads((DataFolder(data).run / "api.json").read_text())["token"]
        finally:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            process.wait(20)


class Witness:
    """Notes when the server tells of new mail by IDLE (RFC 2177)."""

    def __init__(self, post: MailServers) -> None:
        tls = ssl.create_default_context(cafile=str(post.certificate))
        self.noticed: list[float] = []
        """UTC seconds."""
        self._imap = imaplib.IMAP4_SSL("localhost", post.ports.imap, ssl_context=tls)
        self._imap.login(BOX, post.password_file(BOX).read_text())
        self._imap.select()
        self._imap.send(b"w IDLE\r\n")
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError, imaplib.IMAP4.abort):
            while line := self._imap.readline():
                if b"EXISTS" in line:
                    self.noticed.append(_now())

    def close(self) -> None:
        """Listen no more."""
        self._imap.sock.shutdown(socket.SHUT_RDWR)


def _now() -> float:
    """Return UTC seconds, by the clock that Exim and the engine have too."""
    return time.clock_gettime(time.CLOCK_REALTIME)


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as one:
        return int(one.getsockname()[1])


def _written(name: str) -> float:
    """Return when a file of a Maildir was begun, by its name: `<seconds>.M<microseconds>P<process>.<host>`."""
    seconds, _, rest = name.partition(".M")
    return int(seconds) + int(rest.partition("P")[0]) / 1e6


@contextlib.contextmanager
def _place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-") as name:
        place = Place(Path(name))
        try:
            yield place
        except NoMailServers as error:
            raise Trouble(str(error)) from None
        finally:
            place.post.stop()


@contextlib.asynccontextmanager
async def _events(token: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """Listen to what becomes of contacts."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        session.ws_connect(STREAM) as socket_,
    ):
        await socket_.send_json({"types": ["contact.arrived", "offer.made"]})

        async def told() -> AsyncIterator[dict[str, Any]]:
            async for message in socket_:
                for event in json.loads(message.data):
                    yield event

        yield told()


# ---- offered -------------------------------------------------------------------------------------------------------


def offer(context: Context) -> list[Measured]:
    """Measure `mail.offer_ms`."""
    mails = int(context.choose(40, 8))
    repeats: list[tuple[float, ...]] = []
    parts: list[dict[str, float]] = []
    for _ in range(context.repeats):
        with _place() as place:
            place.post.start()
            context.say("mails come one by one")
            with place.engine() as token:
                took, after = uvloop.run(_one_by_one(place, token, mails))
        repeats.append((quantile(took, 0.95),))
        parts.append({"p50": quantile(took, 0.5), "after Dovecot's notice, p50": quantile(after, 0.5)})
    counted = (
        f"{mails} mails one by one through Exim: from their file in the mailbox to `offer.made` in the event stream"
    )
    note = "500 ms of it is Dovecot's own: the time between seeing a mail and telling of it"
    return [Measured("mail.offer_ms", repeats, ("python -m bench mail.offer_ms",), counted, mean_of(parts), note)]


async def _one_by_one(place: Place, token: str, mails: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds that each took, and those after the server's notice. The first one wakes everybody."""
    took, after = [], []
    witness = await asyncio.to_thread(Witness, place.post)
    async with _events(token) as events:
        for number in range(mails + 1):
            await asyncio.to_thread(place.bring, letter(number))
            async with asyncio.timeout(WITHIN_S):
                arrived = await _next(events, "contact.arrived")
                while (await _next(events, "offer.made"))["contact"] != arrived["contact"]:
                    pass
            now, came = _now(), place.came()
            await asyncio.sleep(APART_S)
            took.append((now - came) * 1000)
            after.append((now - min(moment for moment in witness.noticed if moment > came)) * 1000)
    witness.close()
    return took[1:], after[1:]


async def _next(events: AsyncIterator[dict[str, Any]], kind: str) -> dict[str, Any]:
    async for event in events:
        if event["type"] == kind:
            return event
    raise Trouble("the event stream ended")


# ---- taken in ------------------------------------------------------------------------------------------------------


def take(context: Context) -> list[Measured]:
    """Measure `mail.per_s`."""
    mails = int(context.choose(LETTERS, 100))
    repeats: list[tuple[float, ...]] = []
    for _ in range(context.repeats):
        with _place() as place:
            place.put(mails)
            context.say("many mails wait")
            with place.engine() as token:
                repeats.append((uvloop.run(_all_at_once(place, token, mails)),))
    counted = f"{mails} mails that wait in one mailbox: those after the first, over the time from the first to the last"
    note = f"text and HTML of {TEXT_KIB} KiB each, every {PICTURE_EVERY}th with {PICTURE_KIB} KiB besides"
    return [Measured("mail.per_s", repeats, ("python -m bench mail.per_s",), counted, note=note)]


async def _all_at_once(place: Place, token: str, mails: int) -> float:
    """Let the mail servers come back; return how many mails the engine takes in per second then."""
    moments: list[float] = []
    async with _events(token) as events:
        await asyncio.to_thread(place.post.start)
        async with asyncio.timeout(WITHIN_S + mails):
            while len(moments) < mails:
                moments.append(float((await _next(events, "contact.arrived"))["at"]))
    return (mails - 1) / (max(moments) - min(moments))


GROUPS: Final = (Group(("mail.offer_ms",), 230, 40, offer), Group(("mail.per_s",), 90, 25, take))
