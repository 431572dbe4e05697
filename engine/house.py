"""The engine, put together: store, router, spine, voice, web. One process, one loop, one owner of the router."""

import asyncio
import contextlib
import logging
import os
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import redis.asyncio
from msgspec import Struct

from adapters.access.log import AccessLog
from adapters.alarms.sending import Sending as Alerting
from adapters.content.store import ContentStore
from adapters.content.tapes import Tapes
from adapters.edge.client import EdgeClient
from adapters.edge.rpc import EdgeAway, EdgeRefused
from adapters.email.post import Post
from adapters.forms.serving import Forms
from adapters.records.sending import Sending
from adapters.redis.address import Address, read
from adapters.redis.archive import Archive
from adapters.redis.check import check
from adapters.redis.errors import StoreError
from adapters.redis.journal import RedisJournal
from adapters.redis.lead import Lead
from adapters.redis.snapshots import START, Snapshots
from adapters.redis.vault import Vault, person_id
from adapters.sip.client import WorkerClient
from adapters.sip.difference import Caller
from adapters.sip.display import returned
from adapters.sip.enlisting import Enlisting
from adapters.sip.fleet import Fleet
from adapters.sip.keypad import Keypad
from adapters.sip.missing import Missing
from adapters.sip.plan import Sounds
from adapters.sip.protocol import TrunkState
from adapters.sip.reaching import Outside, Reaching
from adapters.sip.telephones import Telephones
from adapters.sip.textlines import TextLines
from adapters.sip.voice import Voice
from adapters.sip.wishes import Meaning, Wish, Wishes
from adapters.speech.espeak import PromptFiles
from adapters.speech.prompts import Prompts
from adapters.speech.tones import Tones
from adapters.trace.legs import LegBook
from engine import certificates, restoring, surveys
from engine.announcements import Announcements
from engine.callnumbers import CallNumbers
from engine.certificates import Renewable
from engine.clock import MonotonicClock, local_time
from engine.config import Loaded
from engine.datafolder import DataFolder
from engine.dialplan import Dialplan
from engine.edge import EdgeDesk
from engine.forms import forms
from engine.interpreters import pressed
from engine.invitations import Invitations
from engine.lines import AgentLines
from engine.people import people
from engine.pins import Pins
from engine.pool import Pool
from engine.privacy.keeper import Keeper
from engine.privacy.retention import Places, Retention
from engine.processes import edge_settings, history_settings, redis_url, worker_name, worker_socket
from engine.recordings import Recordings
from engine.shell import LoopShell
from engine.spine import Spine
from engine.taping import TapeDesk
from engine.tasks import Tasks
from engine.textphones import text_lines
from engine.writing import Doors, Writing
from ivr.phrase import CONFIRM, Digits, Phrase, Recorded, whisper_of
from ivr.promising import CALLER
from metrics.projection import Projection
from queues.queue import Waiting
from router import contact as contacts
from router.announcing import in_line
from router.answers import Answers
from router.configuration import Configuration
from router.contact import InFlow
from router.dialling import Gate, address_of, assess, national, normal
from router.facts import LeaderChanged
from router.inputs import ApplyConfiguration, ForgetPerson, MarkPerson, Refused, TimePassed
from router.journal import FORMAT, Entry
from router.kept import Snapshot
from router.looking import Looked
from router.router import Router
from web.surveyseal import Seal

log = logging.getLogger("vaxel.engine")

SNAPSHOT_EVERY: Final = 20_000
"""Facts between snapshots: replaying as many takes well under a second."""
WATCH_EVERY: Final = 5.0
"""Seconds between the watchdog's comparisons with the workers."""
TOLD_WITHIN: Final = 3.0
"""Seconds within which the workers tell a new engine what happened before it came."""
RETRY_CONFIGURATION: Final = 5.0
SWEEP_EVERY: Final = 3600.0
"""Seconds between looks for what has been kept long enough."""


class Stopped(Exception):
    """The engine must stop: another leads. The supervisor starts it again, to wait for its turn."""

    error_id = "not_leading"
    retryable = True


class Speech(Struct, frozen=True):
    """All that can be said, made ready before."""

    files: PromptFiles
    tones: Tones


class House:
    """Everything one engine consists of. Build, `open()`, `serve()`, `close()`."""

    forms: Forms | None = None
    """None without forms."""

    def __init__(self, loaded: Loaded, folder: DataFolder, speech: Speech) -> None:
        """Raises ValueError for a PIN's file that cannot be read."""
        self.loaded = loaded
        self.folder = folder
        self.tasks = Tasks()
        self.clock = MonotonicClock()
        self.epoch = 0
        self.configured = self.opened = False
        installation = loaded.installation
        self.recordings = Recordings(folder.recordings)
        self.announcements = Announcements(installation.speech, folder.root)
        self.prompts = Prompts(
            installation.speech,
            speech.files,
            speech.tones,
            installation.language,
            ChainMap(self.recordings.prompts, self.announcements.sounds),
        )
        self.contents = ContentStore(folder.content)
        self.access = AccessLog(folder.access, lambda: self.clock.now(), self.tasks.spawn)
        self.records: Sending | None = None
        """None without a records system."""
        self.post: Post | None = None
        """None without mailboxes."""
        self.legbook = LegBook(folder.trace, installation.trace)
        self._show_called = loaded.installation.agents_see == "number"
        self._holes = 0
        self._not_leading: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.address: Address = read(
            redis_url(folder, loaded.installation), os.environ, loaded.installation.redis_password_file
        )
        self.client: redis.asyncio.Redis = self.address.client()
        self.lead = Lead(self.client, f"node-{os.uname().nodename}-{folder.root.as_posix().replace(' ', '_')}")
        self.snapshots = Snapshots(self.client)
        self.vault = Vault(self.client)
        self.invitations, self.pins = self._keys()
        self.pool = Pool()
        lines = AgentLines(lambda: self.spine.router.state)
        self.people = people(self.client, installation, lambda: self.epoch, lambda: self.clock.now(), lines, self.pool)
        self.journal: RedisJournal
        self.spine: Spine
        self.voice: Voice
        self.lines: TextLines
        self.telephones: Telephones
        self.reaching: Reaching
        self.dialplan: Dialplan
        self.answers = Answers()
        self.projection: Projection
        self._facts_in_snapshot = 0
        """How many facts of this engine's life the last snapshot stands for; negative while it is from before."""
        self.clients: dict[str, WorkerClient] = {}
        """The connections to the SIP workers, by name."""
        self.edge: EdgeClient | None = None
        """None without an edge."""
        self.enlisting = Enlisting((), ())
        self.renewing = certificates.Renewing()
        self.places, self.keeper, self.retention, self.tape_desk = self._privacy()
        self.writing: Writing | None = None
        """None where nobody can chat, and there are no hooks."""

    def _keys(self) -> tuple[Invitations, Pins]:
        """Return what compares typed codes and PINs. Raises ValueError for a PIN's file that cannot be read."""
        installation = self.loaded.installation
        invitations = Invitations(self.vault, lambda: self.clock.now(), self.tasks.spawn)
        return invitations, Pins(installation.pin_files, installation.logins, invitations)

    # ---- privacy -----------------------------------------------------------------------------------------------

    def _privacy(self) -> tuple[Places, Keeper, Retention, TapeDesk]:
        """Return where what is personal lies, and who gives it out and deletes it."""
        installation = self.loaded.installation
        kept = history_settings(self.folder, installation) if installation.history.enabled else None
        key = installation.privacy.tape_key
        places = Places(
            vault=self.vault,
            contents=self.contents,
            recordings=self.recordings,
            tapes=Tapes(self.folder.tapes, Path(key) if key else self.folder.tape_key),
            archive=Archive(self.folder.archive),
            access=self.access,
            history=kept,
            pool=self.pool,
        )
        keeper = Keeper(
            installation.privacy,
            places,
            Path(installation.privacy.erasures) if installation.privacy.erasures else self.folder.erasures,
            lambda: self.spine.router.state,
            lambda: self.clock.now(),
            home=self.loaded.core.dialling.home,
            city=installation.city,
            language=installation.language,
            dropped=lambda owner: self.journal.forget(owner),
            forget=lambda person: self.spine.submit(ForgetPerson(person)),
        )
        retention = Retention(installation.privacy, places, lambda: self.spine.router.state, lambda: self.clock.now())
        return places, keeper, retention, TapeDesk(places.tapes, self._running, lambda: self.clock.now())

    @property
    def tapes(self) -> Tapes:
        """Return the recordings of talks."""
        return self.places.tapes

    # ---- opening -----------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Take the lead as soon as it is free, restore the state, and begin to serve.

        Raises StoreError, UnreadableImage.
        """
        self.epoch = await self.lead.wait()
        await check(self.client)
        _ = self.lead.keep(self.tasks.spawn, partial(self._lose, "lease"))
        self.journal = RedisJournal(
            self.address,
            self.epoch,
            spawn=self.tasks.spawn,
            refused_folder=self.folder.refused,
            on_degraded=self._degraded,
            on_deposed=partial(self._lose, "journal"),
        )
        await self.journal.start()
        await self._fence()
        restored = await self._restore()
        self.clock = MonotonicClock(not_before=restored.last_at)
        pepper = await self.vault.pepper()
        self._build(restored, pepper)
        await self._remember_callers()
        await self.announcements.restore(restored.router.state, self.vault)
        plans = [plan.messages for plan in self.loaded.installation.plans.values()]
        _ = self.tasks.spawn("plans", self.announcements.ahead(plans))
        self._configure()
        self._serve_voice()
        self._serve_writing(pepper)
        self._serve_mail(pepper)
        self._serve_forms(pepper)
        self._serve_records()
        self._serve_tapes()
        self._serve_alarms()
        _ = self.tasks.spawn("directory", self.people.live())
        _ = self.tasks.spawn("certificates", self.renewing.run())
        self.opened = True

    async def _fence(self) -> None:
        """Write the epoch's first entry: from here on Redis refuses what an earlier leader writes."""
        fenced = asyncio.get_running_loop().create_future()
        fact = LeaderChanged(self.clock.now(), self.epoch)
        self.journal.append(Entry(FORMAT, 0, (fact,), {}), [], partial(fenced.set_result, None))
        await fenced

    async def _restore(self) -> restoring.Restored:
        local = local_time(self.loaded.installation.time_zone)
        kept = await self.snapshots.load()
        entries = self.snapshots.entries_after(kept.stream_id if kept is not None else START)
        make: Callable[[Snapshot], Router] = partial(Router, local)
        restored = await restoring.restore(make, local, kept.data if kept is not None else None, entries)
        log.info(
            "restored %d contacts",
            len(restored.router.state.contacts),
            extra={"action": "engine.restored", "facts": restored.facts, "epoch": self.epoch},
        )
        return restored

    def _build(self, restored: restoring.Restored, pepper: bytes) -> None:
        shell = LoopShell(self.clock)
        self.spine = Spine(restored.router, self.journal, self.clock, shell, restored.heard, next_seq=1)
        self.recordings.load(restored.router.state)
        home = self.loaded.core.dialling.home
        shared = {normal(number, home) for number in self.loaded.installation.shared_numbers}
        person = self._pseudonyms(pepper)
        self._pepper = pepper
        self.seal = Seal(pepper)
        self.reaching = self._reach()
        phones = self.loaded.installation.phones
        self.dialplan = Dialplan(
            lambda: self.configuration,
            phones,
            person,
            self.people.extension,
            self.people.record,
            self.people.listed,
            self._interpreter,
        )
        fleet = Fleet()
        self.call_numbers = CallNumbers(
            self.dialplan, person, lambda number: normal(number, home) in shared, self.reaching.remember
        )
        whose = self.call_numbers.typed
        self.lines = text_lines(
            self.loaded.installation, self.answers, person, self.clock.now, whose, self.announcements.texts
        )
        self.telephones = Telephones(
            self.spine.submit,
            fleet,
            self.reaching,
            person,
            Keypad(self.pins, self.spine.submit, self.answers, whose),
            Wishes(self.dialplan),
            self.lines,
            relay=lambda number: normal(number, home) in shared,
            may_call=self.dialplan.caller,
            show_called=self._show_called,
        )
        self.voice = Voice(
            state=lambda: self.spine.router.state,
            submit=self.spine.submit,
            look=self.spine.look,
            tell=self.spine.tell,
            sounds=Sounds(
                self._phrase,
                self._while_waiting,
                self.recordings.path,
                self._whisper,
                self._line,
                self.tapes.path,
                self._recorded,
            ),
            reaching=self.reaching,
            fleet=fleet,
            telephones=self.telephones,
            words=partial(returned, self.loaded.installation.language),
            lines=self.lines,
        )
        self.voice.on_leg_ended = self.legbook.ended
        self.voice.on_rejected = lambda worker: self._lose(f"worker {worker}")
        self.projection = restored.projection
        self.projection.started(self.clock.now())
        self._facts_in_snapshot = -restored.facts
        snapshotter = restoring.Snapshotter(SNAPSHOT_EVERY, self._save, lambda: self.spine.seq, self._moment)
        missing = Missing(fleet, lambda: self.edge is not None and self.edge.up)
        self.spine.followers += [self.recordings, self.voice, missing, self.people, self.projection, snapshotter]
        self.spine.on_kept = self.voice.kept_through

    def _interpreter(self, contact: str, code: str) -> Wish | None:
        """Word what an agent wishes who pressed a code in a call."""
        interpreting = self.loaded.installation.interpreting
        return pressed(interpreting, self.dialplan.number, lambda: self.spine.router.state, contact, code)

    def person_of(self, address: str) -> str:
        """Return the pseudonym of whoever has a mail address."""
        return person_id(address, self._pepper)

    def _pseudonyms(self, pepper: bytes) -> Callable[[str], str]:
        """Return what names persons: one number gives one pseudonym, however it is written."""
        home = self.loaded.core.dialling.home
        return lambda number: person_id(normal(number, home), pepper)

    async def _remember_callers(self) -> None:
        """Fetch who is shown to agents for the contacts that live, whom they call, and what they have typed."""
        for address in {one.address for one in self.spine.router.state.destinations() if one.outside}:
            number = (await self.vault.get(address)).get("number")
            meaning = self.dialplan.number(number) if number else Meaning()
            self.telephones.keep_number(meaning)
        for id_, contact in self.spine.router.state.contacts.items():
            kept = await self.vault.get(id_)
            if contact.card.person is not None:
                known = await self.vault.get(address_of(contact.card.person))
                kept |= known
                if "number" in known:
                    self.telephones.know(contact.card.person, known["number"])
            if self._show_called:
                self.telephones.callers[id_] = Caller(contact.card.entry)
            elif number := kept.get("number"):
                self.telephones.callers[id_] = Caller(number)
            if isinstance(contact, InFlow):
                answers = await self.vault.get(f"{id_}.{contact.session.filing}")
                self.answers.restore(contact, kept | answers)

    def _configure(self) -> None:
        """Put the configuration in force; one that contacts still stand against is tried again."""
        self.spine.submit(ApplyConfiguration(self.loaded.core), answer=self._configured)
        shared = sorted(self.loaded.installation.citizens.shared)
        self.spine.submit(MarkPerson(tuple(map(self._shared, shared)), shared=True))

    def _shared(self, written: str) -> str:
        """Return the pseudonym of a number or mail address that is nobody's."""
        if "@" in written:
            return self.person_of(written.strip().lower())
        return self.person_of(normal(written, self.loaded.core.dialling.home))

    def _configured(self, refused: Refused | None) -> None:
        self.configured = True
        if refused is not None:
            log.error(
                "the new configuration waits: %s", refused, extra={"action": "engine.config", "id": refused.error_id}
            )
            asyncio.get_running_loop().call_later(RETRY_CONFIGURATION, self._configure)

    def _reach(self) -> Reaching:
        """Return how phones and numbers are rung: through the edge, numbers by the first trunk that takes calls."""
        gate, installation = Gate(self.folder.dial_key()), self.loaded.installation
        if installation.edge == "none":
            return Reaching(gate, self.epoch)
        trunks = {
            trunk.name: Outside(trunk.name, trunk.place, trunk.numbers[0] if trunk.numbers else "")
            for trunk in installation.trunks
            if trunk.host
        }
        domains = {domain: trunks[name] for domain, name in self.loaded.core.dialling.domains.items()}
        inner = edge_settings(self.folder, installation).inner
        return Reaching(
            gate,
            self.epoch,
            inner,
            self._for_numbers(trunks),
            domains,
            installation.browser_phones,
            {name: assess(one.number, self.loaded.core.dialling) for name, one in installation.outside_phones.items()},
            confirm=lambda: self._phrase("", Phrase(CONFIRM)),
        )

    def _for_numbers(self, trunks: Mapping[str, Outside]) -> Outside | None:
        """Return the first trunk that is not there for SIP addresses alone."""
        alone = set(self.loaded.core.dialling.domains.values())
        return next((one for name, one in trunks.items() if name not in alone), next(iter(trunks.values()), None))

    def _serve_voice(self) -> None:
        installation = self.loaded.installation
        for number in range(1, installation.sip.workers + 1):
            client = WorkerClient(worker_name(number), str(worker_socket(self.folder, number)), self.epoch, self.voice)
            self.voice.add(client, f"127.0.0.1:{installation.port_of(number)}")
            self.clients[client.name] = client
            _ = self.tasks.spawn(f"worker-{number}", client.run())
        if installation.edge == "kamailio":
            self._serve_edge(list(self.clients.values()))
        _ = self.tasks.spawn("watchdog", self._watch())
        self._wait_for_news()
        _ = self.tasks.spawn("sweep", self._sweep())

    def _wait_for_news(self) -> None:
        """Let nothing be overdue before the workers have told what happened while there was no engine: who answered in
        time, or typed in time, is not too late because nobody was there to hear it."""
        self.spine.router.waits = True
        self.voice.on_trusted = self._heard_news
        asyncio.get_running_loop().call_later(TOLD_WITHIN, self._go_on)

    def _heard_news(self) -> None:
        if all(worker.trusted for worker in self.voice.workers.values()):
            self._go_on()

    def _go_on(self) -> None:
        if self.spine.router.waits:
            self.spine.router.waits = False
            self.spine.submit(TimePassed())

    def _serve_edge(self, clients: list[WorkerClient]) -> None:
        installation = self.loaded.installation
        desk = EdgeDesk(
            clients,
            installation.phones,
            frozenset(installation.outside_phones),
            lambda: self.spine.router.state,
            self.spine.submit,
        )
        self.edge = EdgeClient(edge_settings(self.folder, installation), desk)
        self.enlisting = Enlisting([trunk.name for trunk in installation.trunks if trunk.registers], clients)
        self.voice.on_picture, self.voice.on_trunk = self.enlisting.pictured, self._trunk_changed
        for client in clients:
            client.on_life = self._worker_changed
        if installation.sip.tls is not None:
            tls, take = installation.sip.tls, partial(_renew, self.edge)
            self.renewing.pairs.append(Renewable("sip.tls", tls.certificate, tls.key, self.folder.sip_tls, take))
        self._renew_for_browsers()
        _ = self.tasks.spawn("edge", self.edge.run())

    def _renew_for_browsers(self) -> None:
        """Let the edge show pages the web port's certificate as it is now."""
        assert self.edge is not None
        browsers, tls = edge_settings(self.folder, self.loaded.installation).browsers, self.loaded.installation.web.tls
        if browsers is not None and browsers.tls and tls is not None:
            take = partial(_renew, self.edge)
            self.renewing.pairs.append(Renewable("web.tls", tls.certificate, tls.key, Path(browsers.tls), take))

    def _serve_writing(self, pepper: bytes) -> None:
        """Let citizens chat, and hooks bring and take messages."""
        installation, home = self.loaded.installation, self.loaded.core.dialling.home
        if not installation.chat.pages and not installation.hooks:
            return
        doors = Doors(self.spine, self.vault, self.clock, degraded=lambda: self.journal.degraded)
        doors.matter_of = self._matter_of
        self.writing = Writing(
            installation,
            doors,
            self.answers,
            self.contents,
            person=lambda address: person_id(address, pepper),
            number=lambda number: normal(number, home),
            whose=self.call_numbers.typed,
            spawn=self.tasks.spawn,
            announced=self.announcements.texts,
        )
        self.writing.adopt(self.spine.router.state)
        self.spine.followers.append(self.writing)

    def _serve_mail(self, pepper: bytes) -> None:
        settings = self.loaded.installation.mail
        if not settings.mailboxes:
            return
        self.post = Post(
            settings,
            self.contents,
            pepper,
            self.pool,
            self.spine,
            self.vault,
            person=lambda address: person_id(address, pepper),
            degraded=lambda: self.journal.degraded,
            now=lambda: self.clock.now(),
            spawn=self.tasks.spawn,
            link=self._survey_link,
        )
        self.spine.followers.append(self.post.sender.leaving)
        self.post.start()

    def _survey_link(self, contact: str) -> str:
        pages = self.loaded.installation.web.citizens
        return surveys.link(pages, self.seal, self.spine.router.state, contact, self.clock.now())

    def _serve_forms(self, pepper: bytes) -> None:
        installation = self.loaded.installation
        if installation.forms.forms:
            doors = Doors(self.spine, self.vault, self.clock, degraded=lambda: self.journal.degraded)
            keep = self.telephones.keep_number
            self.forms = forms(installation, doors, self.contents, self.pool, pepper, self.dialplan, keep)

    async def _matter_of(self, reference: str) -> str | None:
        """Return the matter that citizens know by a number. Raises StoreAway."""
        return await self.post.matter_of(reference) if self.post is not None else None

    def _serve_records(self) -> None:
        """Hand matters over to the records system, where there is one."""
        settings = self.loaded.installation.privacy.records
        if settings is None:
            return
        look = Looked(by="records", role="", ground="export", why="handed over at its close")
        self.records = Sending(
            settings,
            lambda matter: self.keeper.export_matter(matter, look),
            self.spine.submit,
            lambda: self.clock.now(),
        )
        self.records.adopt(self.spine.router.state)
        self.spine.followers.append(self.records)
        _ = self.tasks.spawn("records", self.records.run())

    def _serve_tapes(self) -> None:
        """Take recordings off the workers' hands."""
        self.tape_desk.adopt(self.spine.router.state)
        self.spine.followers.append(self.tape_desk)
        _ = self.tasks.spawn("tapes", self.tape_desk.run())

    def _serve_alarms(self) -> None:
        """Tell of alarms, where somebody wants to be told; what was to be told before ends as given up."""
        installation, state = self.loaded.installation, self.spine.router.state
        if not (self.loaded.core.alarm_ways or state.alerts):
            return
        self.alerting = Alerting(
            installation.alarms,
            installation.mail.mailboxes,
            installation.titles,
            installation.language,
            self.spine.submit,
            lambda: self.clock.now(),
        )
        self.alerting.adopt(state)
        self.spine.followers.append(self.alerting)
        _ = self.tasks.spawn("alerts", self.alerting.run())

    def _running(self) -> set[str] | None:
        """Return the recordings that are being written; None while a worker cannot be asked."""
        workers = self.voice.workers.values()
        if not all(worker.trusted for worker in workers):
            return None
        return {leg.recording for worker in workers for leg in worker.legs.values() if leg.recording}

    def _worker_changed(self) -> None:
        """A worker came or went: calls go elsewhere, and another may have to register the trunks."""
        assert self.edge is not None
        self.edge.nudge()
        self.voice.watch()

    def _trunk_changed(self, event: TrunkState) -> None:
        """A trunk that one worker has let go is for another to register."""
        self.enlisting.changed(event)
        if not event.registered:
            self.voice.watch()

    def drain(self, worker: str) -> None:
        """Let a worker's calls come to their end, and admit no others to it; it starts anew then."""
        self.clients[worker].drain()
        log.warning("worker drains", extra={"action": "worker.draining", "worker": worker})

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_EVERY)
            self.voice.watch()

    async def _sweep(self) -> None:
        """Delete what has been kept long enough: traces, and what the authority's rules name."""
        while True:
            self.legbook.tidy(self.clock.now())
            await self.keeper.catch_up()
            await self.retention.run()
            await self.keeper.unlink_again()
            await asyncio.sleep(SWEEP_EVERY)

    # ---- what others ask ---------------------------------------------------------------------------------------

    @property
    def configuration(self) -> Configuration:
        """Return the configuration in force."""
        return self.spine.router.state.configuration

    def _phrase(self, language: str, phrase: Phrase, contact: str = "") -> tuple[str, ...]:
        return self.prompts.phrase(language, phrase, partial(self._given, contact))

    def _given(self, contact: str, value: Digits | Recorded) -> str:
        """Return what a caller typed or recorded, for prompts that name it."""
        if isinstance(value, Digits) and value.name == CALLER:
            return self._number_of(contact)
        if isinstance(value, Digits):
            return self.answers.one(contact, value.name)
        return self.recordings.path(f"{contact}.{value.filing}.{value.name}")

    def _number_of(self, contact: str) -> str:
        """Return the number of a contact's person as people write it here; empty when it is not known."""
        known = self.spine.router.state.contacts.get(contact)
        person = known.card.person if known is not None else None
        number = self.reaching.number(address_of(person)) if person is not None else None
        return national(number.dialled, self.loaded.core.dialling.home) if number is not None else ""

    def _line(self, contact: contacts.Waiting) -> Iterator[Phrase]:
        return in_line(contact, self.configuration)

    def _whisper(self, queue: str) -> tuple[str, ...]:
        settings = self.configuration.queues.get(queue)
        return self._phrase("", Phrase(whisper_of(queue))) if settings is not None and settings.whisper else ()

    def _recorded(self, queue: str) -> str:
        record = self.configuration.queues[queue].record
        return record.announce if record is not None else ""

    def _while_waiting(self, queue: str) -> Waiting:
        settings = self.configuration.queues.get(queue)
        return settings.waiting if settings is not None else "music"

    # ---- living ------------------------------------------------------------------------------------------------

    async def serve(self, stop: asyncio.Event) -> None:
        """Wait until told to stop. Raises TaskDied when a task dies; losing the lead kills the task `leading`."""
        _ = self.tasks.spawn("leading", self._until_not_leading())
        stopping = asyncio.get_running_loop().create_task(stop.wait())
        died = asyncio.get_running_loop().create_task(self.tasks.died())
        await asyncio.wait((stopping, died), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if died.done():
            died.result()
        died.cancel()

    async def _until_not_leading(self) -> None:
        raise Stopped(f"another engine leads (told by the {await self._not_leading})")

    def _lose(self, by: str) -> None:
        if not self._not_leading.done():
            self._not_leading.set_result(by)

    # ---- snapshots ---------------------------------------------------------------------------------------------

    @property
    def facts_to_replay(self) -> int:
        """Return how many facts a restart would have to replay after the snapshot."""
        return self.projection.facts - self._facts_in_snapshot

    def _moment(self) -> restoring.Moment:
        return restoring.moment_of(self.spine, self.projection)

    def _save(self, moment: restoring.Moment, seq: int) -> None:
        if not self.journal.degraded:
            _ = self.tasks.spawn("snapshot", self._keep_snapshot(moment, seq))

    async def _keep_snapshot(self, moment: restoring.Moment, seq: int) -> None:
        try:
            await self.snapshots.save(await restoring.encode(moment), f"{self.epoch}-{seq}")
            self._facts_in_snapshot = moment.facts
            await self.snapshots.trim(self.folder.archive)
        except StoreError as error:
            log.warning("no snapshot: %s", error, extra={"action": "engine.no_snapshot"})

    def _degraded(self, degraded: bool) -> None:
        """After trouble with Redis: where entries are missing for good, replay must begin after them."""
        holes = self.journal.dropped + self.journal.lost
        if not degraded and holes > self._holes:
            self._holes = holes
            self._save(self._moment(), self.spine.seq - 1)

    # ---- closing -----------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """Stop in order: no more decisions, the last entries and a snapshot kept, the lead given up."""
        await self.access.drain()
        await self.tasks.cancel()
        if self.post is not None:
            self.post.close()
        await self.people.close()
        self.pool.close()
        moment, seq = self._moment(), self.spine.seq - 1
        await self.journal.close()
        if not self.journal.degraded and not self.journal.deposed:
            await self._keep_snapshot(moment, seq)
            with contextlib.suppress(StoreError):
                await self.lead.release()
        await self.client.aclose()


async def _renew(edge: EdgeClient) -> None:
    """Let the edge take up what lies in its copy now. Raises NotTaken."""
    try:
        await edge.renew_certificate()
    except EdgeAway as error:
        raise certificates.NotTaken(str(error), retryable=True) from error
    except EdgeRefused as error:
        raise certificates.NotTaken(str(error)) from error


def folder_of(path: Path) -> DataFolder:
    """Return the data folder, ready to use."""
    folder = DataFolder(path)
    folder.prepare()
    return folder
