"""What others see of the engine: health, metrics, loop lag. It serves the web port."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from adapters.access import routes as access
from adapters.chat.meters import ChatCollector
from adapters.directory import routes as directory
from adapters.directory.meters import Meters as DirectoryMeters
from adapters.email import routes as mail
from adapters.email.meters import MailCollector
from adapters.forms.meters import FormsCollector
from adapters.history import routes as history
from adapters.post.meters import PostCollector
from adapters.redis.once import OnceInRedis
from engine import alarms, certificates, citizens, figures, flowpictures, forms, system, webcalls, writing
from engine.api import Reception
from engine.certificates import Renewable
from engine.flowmeters import FlowMeters
from engine.house import House
from engine.installation import Pair
from engine.phones import page_phones
from engine.privacy import routes as privacy
from engine.privacy.keeper import Keeper
from engine.privacy.meters import PrivacyCollector
from engine.processes import history_settings
from engine.publishing import routes as publishing
from engine.publishing.routes import PublishingRoutes
from engine.publishing.versions import Versions
from metrics.exposition import EngineCollector, Reading, Timings
from router.inputs import HandOverAgain, PlaceHold, Refused
from web.app import ServeError, Serving, make, serve
from web.health import Health, Part
from web.house import plain
from web.pages import Pages
from web.public import Public
from web.secure import Secure

LAG_EVERY: Final = 0.1
"""Seconds between looks at how late the loop is."""


class Watching:
    """Figures and the web port of one engine."""

    def __init__(self, house: House, versions: Versions, reload: Callable[[], None]) -> None:
        """`reload` ends this engine in order, so that another takes its place."""
        self._house = house
        self._publishing = PublishingRoutes(versions, house.pool, lambda: house.clock.now(), reload)
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._registry.register(EngineCollector(self._read))
        self._directory_meters = DirectoryMeters(self._registry)
        self._mail_collector = MailCollector(self._registry)
        self._chat_collector = ChatCollector(self._registry)
        self._post_collector = PostCollector(self._registry)
        self._forms_collector = FormsCollector(self._registry)
        self._privacy_collector = PrivacyCollector(self._registry, self._house.access, self._house.retention)
        self._timings = Timings()
        self._flow_meters = FlowMeters(self._registry)
        self._calls = webcalls.CallDesk(house)
        self._serving: Serving | None = None

    async def open(self) -> None:
        """Listen on the web port. Raises ServeError."""
        parts = {
            "journal": self._journal,
            "workers": self._workers,
            "configuration": self._configuration,
            "directory": self._directory,
        }
        if self._house.loaded.installation.mail.mailboxes:
            parts["mail"] = self._mail
        if self._house.loaded.installation.edge != "none":
            parts["edge"] = self._edge
        health = Health(parts, self._house.folder.mark)
        installation = self._house.loaded.installation
        app = make(health, self._registry, city=installation.city, refresh=self._refresh)
        house = self._house
        offers_writing = bool(installation.chat.pages or installation.hooks)
        more = [
            *(
                writing.desk_routes(
                    lambda: house.writing, lambda: house.access, house.loaded.installation.privacy.secret_roles
                )
                if offers_writing
                else ()
            ),
            *directory.routes(house.people.directory, house.people.lines),
            *system.routes(house),
        ]
        more += publishing.routes(self._publishing)
        more += flowpictures.routes(house, lambda look: self.reception.answering.read(look))
        more += mail.routes(lambda: house.post)
        if installation.forms.forms:
            more += forms.desk_routes(
                lambda: house.forms,
                lambda contact: asyncio.to_thread(house.recordings.lengths, contact),
                lambda: house.access,
                installation.privacy.secret_roles,
            )
        once = OnceInRedis(house.client)
        kept = history_settings(house.folder, installation) if installation.history.enabled else None
        reports = history.routes(
            kept, house.pool, lambda: house.clock.now(), lambda caller: self.reception.queues_of(caller)
        )
        more += access.routes(lambda: house.access)
        more += privacy.routes(self._keeper, self._put, lambda look: self.reception.answering.read(look))
        statuses = {**privacy.STATUSES, **directory.STATUSES, **history.STATUSES, **access.STATUSES, **forms.STATUSES}
        statuses |= publishing.STATUSES
        self.reception = Reception(house, health, self._registry, once, [*more, *reports], statuses, kept)
        self.reception.api.mount(app)
        Pages(phones=page_phones(installation)).mount(app)
        routes = [*self.reception.public, *(writing.routes(lambda: house.writing) if offers_writing else ())]
        routes += citizens.routes(house.loaded.core, self.reception.answering)
        routes += forms.routes(lambda: house.forms) if installation.forms.public else []
        routes += webcalls.routes(house, self.reception.answering, self._calls)
        proxies = {*installation.chat.proxies, *installation.forms.proxies, *installation.webcalls.proxies}
        statuses = writing.STATUSES | citizens.STATUSES | forms.STATUSES | webcalls.STATUSES
        Public(routes, lambda: house.clock.now(), self._registry, proxies=proxies, statuses=statuses).mount(app)
        tls = self._secure(installation.web.tls)
        self._serving = await serve(app, installation.web.address, installation.web.port, tls)

    def _keeper(self) -> Keeper:
        """Return who keeps personal values. Raises Refused before the house is open."""
        if not self._house.opened:
            raise Refused("not_ready", "the engine is still starting", retryable=True)
        return self._house.keeper

    async def _put(self, request: PlaceHold | HandOverAgain) -> None:
        await self.reception.answering.ask(plain(request))

    def _secure(self, pair: Pair | None) -> ssl.SSLContext | None:
        """Return what the web port shows, and let it be renewed. Raises ServeError."""
        if pair is None:
            return None
        copy = self._house.folder.web_tls
        trouble = ""
        try:
            certificates.copy(pair.certificate, pair.key, copy)
        except certificates.NotTaken as error:
            # Just being renewed, maybe: calls do not wait for it, and the last one is shown until then.
            trouble = str(error)
        if not copy.exists():
            raise ServeError(trouble)
        secure = Secure(certificates.context_of(copy))

        async def take() -> None:
            secure.current = certificates.context_of(copy)

        renewable = Renewable("web.tls", pair.certificate, pair.key, copy, take)
        self._house.renewing.pairs.append(renewable)
        return secure.listening

    def follow(self) -> None:
        """Begin to time and to tell. Call once the house is open."""
        self._house.spine.on_decision = self._timings.decided
        self.reception.follow()
        self._house.spine.followers.append(self._calls)
        self._mail_collector.post = self._house.post
        self._forms_collector.forms = self._house.forms
        self._privacy_collector.records = self._house.records
        self._privacy_collector.tapes = self._house.tape_desk
        if (writing_ := self._house.writing) is not None:
            self._chat_collector.rooms, self._chat_collector.desks = writing_.rooms, writing_.desks
            if self._house.loaded.installation.hooks:
                self._post_collector.taking, self._post_collector.sending = writing_.taking, writing_.sending
        _ = self._house.tasks.spawn("lag", self._measure_lag())
        _ = self._house.tasks.spawn("versions", asyncio.to_thread(self._publishing.serves))
        _ = self._house.tasks.spawn("alarms", self._look_for_alarms())

    async def close(self) -> None:
        """Stop listening."""
        self.reception.stream.close()
        if self._serving is not None:
            await self._serving.stop()

    async def _measure_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY
            await asyncio.sleep(LAG_EVERY)
            self._timings.lagged(max(0.0, loop.time() - due))

    async def _look_for_alarms(self) -> None:
        spine = self._house.spine
        while True:
            await asyncio.sleep(alarms.EVERY_S)
            if alarms.wanted(spine.router.state):
                for change in list(alarms.changes(spine.router.state, figures.of(self._house))):
                    spine.submit(change)

    # ---- figures -----------------------------------------------------------------------------------------------

    def _read(self) -> Reading | None:
        return figures.reading(self._house, self._timings) if self._house.opened else None

    def _refresh(self) -> None:
        """Bring the figures of others up to date."""
        if self._house.opened:
            self._directory_meters.show(self._house.people.directory)
            self._flow_meters.show(self._house.prompts, self._house.pins, self._house.invitations)
            self.reception.refresh()

    # ---- readiness ---------------------------------------------------------------------------------------------

    def _journal(self) -> Part:
        if not self._house.opened:
            return Part(False, "The journal is being read.")
        if self._house.journal.degraded:
            return Part(False, "Redis does not answer; calls go on, facts are buffered.")
        return Part(True, "The journal is written.")

    def _workers(self) -> Part:
        workers = self._house.voice.workers if self._house.opened else {}
        up = sum(1 for worker in workers.values() if worker.trusted)
        text = f"{up} of {len(workers)} SIP workers are connected."
        return Part(0 < up == len(workers), text)

    def _edge(self) -> Part:
        edge = self._house.edge
        if edge is None or not edge.up:
            return Part(False, "The edge does not answer: nobody can ring in, and no phone can be rung.")
        # Whoever else rings in is served without the trunk, so it is no reason to send them elsewhere.
        out = [name for name, trunk in self._house.enlisting.trunks.items() if not trunk.registered]
        trunks = f"; not registered at {', '.join(out)}" if out else ""
        return Part(True, f"The edge serves; {len(edge.phones)} phones are registered{trunks}.")

    def _directory(self) -> Part:
        kept = self._house.people.directory
        # Calls are served without it, so it is no reason to send them elsewhere.
        held = f"holds {len(kept.records)} records" if kept.ready else "is being read"
        return Part(True, f"The directory {held}.")

    def _mail(self) -> Part:
        # Calls are served without it, so it is no reason to send them elsewhere.
        watches = self._house.post.watches if self._house.post is not None else {}
        away = sorted(name for name, watch in watches.items() if not watch.seen.up)
        return Part(True, f"Mailboxes that are not read: {', '.join(away)}." if away else "All mailboxes are read.")

    def _configuration(self) -> Part:
        if not self._house.configured:
            return Part(False, "The configuration is not in force yet.")
        return Part(True, "The configuration is in force.")
