"""The API of one engine: the routes of `web` and of the adapters, with spine, vault and store behind them."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Struct
from prometheus_client import CollectorRegistry

from adapters.content.tapes import Tape, TapeKey
from adapters.directory.resolving import Candidate
from adapters.history import pooled
from adapters.history.errors import HistoryError
from adapters.history.settings import HistorySettings
from adapters.redis.errors import StoreAway
from adapters.speech.espeak import SpeechError
from engine import figures
from engine.config import Loaded
from engine.deciding import decided
from engine.frontdoor import services
from engine.hindsight import Hindsight
from engine.house import House
from engine.installation import PlaceWords
from engine.past import KeptPast
from engine.persons import Citizens
from engine.phones import PhoneDesk
from engine.spine import Release
from metrics.live import Live
from metrics.workday import AgentToday
from queues.crisis import Plan
from router.answers import answers_in
from router.api import Caller, Route, routes_of
from router.boundary import Reach, reach_of
from router.contact import Contact
from router.dialling import Destination, NotDialled, readable
from router.explain import WhyThisAgent
from router.facts import AnyFact
from router.inputs import Refused
from router.letters import Contents
from router.looking import Looked
from router.ports import Secret
from router.state import State
from web import tokens
from web.accountroutes import AccountRoutes
from web.accounts import AccountFile
from web.agents import AgentRoutes
from web.answers import AnswerRoutes
from web.api import Api
from web.boundary import Boundary
from web.callbacks import CallbackRoutes
from web.colleagues import ColleagueRoutes
from web.contacts import ContactRoutes
from web.crises import CrisisRoutes, PublicCrises
from web.desks import DeskRoutes
from web.desksurvey import DeskSurveyRoutes
from web.door import Door
from web.drafts import DraftRoutes
from web.events import Position, Whereabouts, position
from web.feeds import Feeds
from web.frontdoor import Service
from web.health import Health, Report
from web.house import Wording
from web.leading import LeadRoutes
from web.messages import MessageRoutes
from web.meters import Meters
from web.notes import NoteRoutes
from web.offers import OfferRoutes
from web.once import Once, Store
from web.openid import Provider
from web.openidsigning import OpenIdSigning
from web.outbox import OutboxRoutes
from web.people import PeopleRoutes
from web.phones import PhoneRoutes
from web.queues import HouseRoutes
from web.recordings import RecordingRoutes
from web.records import Watched
from web.sessions import SessionFile, Sessions
from web.signin import SignIn
from web.signing import Signing
from web.stream import Stream
from web.surveyseal import Seal
from web.talking import TalkRoutes
from web.texting import TextRoutes
from web.visits import VisitRoutes

log = logging.getLogger("vaxel.engine")

LOCAL: Final = "local"
"""Name of the token of the command line on this machine; made anew at each start."""
LOCAL_FILE: Final = "api.json"
VISIT: Final = "v"
BEGUN: Final = "o"
T = TypeVar("T")


class Local(Struct, frozen=True):
    """How the command line on this machine reaches the engine: run/api.json."""

    url: str
    token: str


class Reading:
    """What reads personal values, after a line in the access log: the port `web.house.Values`."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.letter = house.contents.letter
        self.file = house.contents.file

    async def personal(self, owner: str) -> Mapping[str, str]:
        """Return kind to value of what the vault holds of a contact or person. Raises Refused."""
        try:
            return await self._house.vault.get(owner)
        except StoreAway as error:
            raise Refused("store_away", "Redis does not answer", retryable=True) from error

    async def answers(self, contact: str) -> tuple[Mapping[str, str], Mapping[str, float]]:
        """Return what a citizen typed, and the seconds of each answer by voice, by their names. Raises Refused."""
        house = self._house
        typed = answers_in(await self.personal(contact)) | house.answers.all_of(contact)
        spoken = await asyncio.to_thread(house.recordings.lengths, contact)
        return typed, spoken

    async def spoken(self, contact: str, answer: str) -> bytes | None:
        """Return an answer by voice as a WAV file, None when there is none."""
        return await asyncio.to_thread(self._house.recordings.sound, contact, answer)

    async def tape(self, contact: str, recording: str) -> bytes | None:
        """Return a recording of a talk as a WAV file, None when there is none. Raises Refused."""
        try:
            return await asyncio.to_thread(self._house.tapes.sound, contact, recording)
        except TapeKey as error:
            raise Refused("unknown_recording", str(error)) from error


class Answering:
    """One engine, as the API sees it: the port `web.house.House`."""

    def __init__(self, house: House, health: Health, history: HistorySettings | None = None) -> None:
        """`history` is where contacts of the past are found, None for nowhere."""
        self._house = house
        self._history = history
        self._owned = {name: one.queues for name, one in house.loaded.installation.departments.items()}
        self._health = health
        self._accounts = Watched(AccountFile(house.folder.accounts), self.now)
        self._begun = 0
        """Contacts begun by us."""
        self.hindsight = Hindsight(house.pool, house.address, house.folder.archive)
        self._told: tuple[Loaded, tuple[Service, ...]] | None = None
        """What public pages tell of, of the configuration that they tell it of."""

    @property
    def titles(self) -> Mapping[str, str]:
        """Queue to its name for people."""
        return self._house.loaded.installation.titles

    @property
    def links(self) -> Mapping[str, Sequence[tuple[Mapping[str, str], str]]]:
        """Queue to where its agents read on: names by language, and addresses."""
        known = self._house.loaded.installation.links
        return {queue: [(link.title, link.url) for link in links] for queue, links in known.items()}

    @property
    def places(self) -> Mapping[str, tuple[str, Mapping[str, str]]]:
        """Place that people visit to its name for people, and that of its services."""
        known = self._house.loaded.installation.places
        return {name: (place.title, place.services) for name, place in known.items()}

    @property
    def colleagues(self) -> Mapping[str, str]:
        """Agent to the name of who signs in as that one, as colleagues read it."""
        known = self._accounts.all().values()
        return {one.agent: one.title for one in known if one.agent and one.title and not one.disabled}

    @property
    def services(self) -> Sequence[Service]:
        """What public pages tell of, in the order of the configuration."""
        loaded = self._house.loaded
        if self._told is None or self._told[0] is not loaded:
            self._told = loaded, services(loaded)
        return self._told[1]

    def called(self, language: str, *, queue: str = "", place: str = "", service: str = "") -> str:
        """Return what citizens read of a queue, of a place, or of a service there, in a language if it has such a
        name, else in the house's own."""
        words = self._house.loaded.installation
        if queue:
            return words.names.get(queue, {}).get(language) or words.titles.get(queue) or queue
        known = words.places.get(place, PlaceWords())
        if service:
            return known.service_names.get(service, {}).get(language) or known.services.get(service) or service
        return known.names.get(language) or known.title or place

    @property
    def citizens(self) -> str:
        """Where citizens reach our pages, without a slash at the end; empty when nowhere that is known."""
        return self._house.loaded.installation.web.citizens

    @property
    def pauses(self) -> Mapping[str, str]:
        """Reason for a pause to its name for people."""
        return self._house.loaded.installation.pauses

    @property
    def skills(self) -> Mapping[str, str]:
        """Skill to its name for people, where it has one."""
        return self._house.loaded.installation.skills

    @property
    def plans(self) -> Mapping[str, Plan]:
        """What is done and said in a crisis, by the names of plans."""
        return self._house.loaded.installation.plans

    @property
    def areas(self) -> Mapping[str, tuple[str, ...]]:
        """Several queues under one name."""
        return self._house.loaded.installation.areas

    @property
    def speaking(self) -> tuple[int, int]:
        """How many announcements are spoken already, of how many that are being spoken; both 0 when none is."""
        return self._house.announcements.done, self._house.announcements.wanted

    async def speak(self, name: str, texts: Mapping[str, str]) -> None:
        """Make an announcement ready to be told, by language; return once it is. Raises Refused."""
        try:
            await self._open().announcements.make_ready(name, texts)
        except SpeechError as error:
            log.error("announcement not spoken: %s", error, extra={"action": "speech.announcement"})
            raise Refused("not_spoken", "an announcement cannot be spoken: the log says why") from None

    async def protected(self, contact: str) -> bool:
        """Tell whether a contact that is over was of a person with a protected identity. Raises Refused."""
        return await self._house.keeper.protected(contact)

    async def invite(self, crisis: str, agent: str) -> tuple[str, float]:
        """Make a code by which an agent joins a crisis at a telephone; return it, and until when it holds.

        Raises Refused.
        """
        try:
            return await self._open().invitations.invite(crisis, agent)
        except StoreAway as error:
            raise Refused("store_away", "Redis does not answer", retryable=True) from error

    def announcement(self, name: str) -> Mapping[str, str]:
        """Return language to text of an announcement."""
        return self._house.announcements.text(name)

    @property
    def departments(self) -> Mapping[str, Mapping[str, str]]:
        """Department to its names by language."""
        return {name: one.title for name, one in self._house.loaded.installation.departments.items()}

    def reach(self, caller: Caller) -> Reach:
        """Return what is a caller's business."""
        return reach_of(caller, self._owned)

    async def past_queue(self, contact: str) -> str | None:
        """Return in which queue a contact was that may be over; None when nobody knows."""
        if self._history is None:
            return None
        try:
            found = await self._open().pool(pooled.find_contact, self._history, contact)
        except (HistoryError, BrokenExecutor):
            return None
        return found.queue if found is not None else None

    def now(self) -> float:
        """Return the time, UTC seconds."""
        return self._house.clock.now()

    def health(self) -> Report:
        """Return the state of every part."""
        return self._health.report()

    def figures(self) -> Live:
        """Return the figures of this moment and of today. Raises Refused."""
        return figures.of(self._open())

    def workday(self, agent: str) -> AgentToday:
        """Return an agent's own figures of today. Raises Refused."""
        house = self._open()
        return house.projection.workday(agent, house.clock.now())

    def degraded(self) -> bool:
        """Tell whether decisions are not kept just now."""
        return self._house.opened and self._house.journal.degraded

    async def read(self, look: Callable[[State, str], T]) -> T:
        """Return what `look` finds, once everything that it saw is kept. Raises Refused, when `look` does too."""
        spine = self._open().spine
        found: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def see(state: State) -> Release | None:
            try:
                seen = look(state, f"{self._house.epoch}-{spine.seq - 1}")
            except Exception as error:  # noqa: BLE001 - whoever asked is told; everybody else's turn goes on
                if not found.done():
                    found.set_exception(error)
                return None
            return lambda: None if found.done() else found.set_result(seen)

        spine.look(see)
        return await found

    async def ask(self, word: Wording) -> None:
        """Let the router decide a request; return once the decision is kept. Raises Refused."""
        await decided(self._open().spine, word)

    def new_contact(self) -> str:
        """Return an id for a contact that we begin: no worker has named it, so one is found for it."""
        self._begun += 1
        return f"{BEGUN}{self._open().epoch}-{self._begun}"

    def new_visit(self) -> str:
        """Return an id for a visit that nobody can guess."""
        self._open()
        return f"{VISIT}{secrets.token_hex(12)}"

    def local(self, at: float) -> datetime:
        """Return the naive local time of UTC seconds."""
        return self._open().spine.router.local(at)

    def number(self, written: str) -> tuple[Destination, tuple[Secret, ...]]:
        """Let the dial gate read a number; return who is to be rung, and what the vault keeps. Raises Refused."""
        return self._rung(Candidate(way="number", number=written))

    def person(self, to: str, *, anyway: bool, camp: bool) -> tuple[Destination, tuple[Secret, ...]]:
        """Look somebody up in the directory; return who is to be rung, and what the vault keeps. Raises Refused."""
        return self._rung(self._open().people.reach(to, anyway=anyway, camp=camp))

    @property
    def language(self) -> str:
        """Return the house's own language."""
        return self._house.loaded.installation.language

    def call_number(self, written: str, contact: str) -> tuple[str, str, tuple[Secret, ...]]:
        """Let the dial gate read a number at which somebody asks to be called; return the person, the number as it is
        read back, and what the vault keeps. Raises Refused."""
        house = self._open()
        try:
            asked = house.call_numbers.asked(written, contact)
        except NotDialled as error:
            raise Refused(error.error_id, str(error)) from None
        return asked.person, readable(asked.number.dialled, house.loaded.core.dialling.home), asked.secrets

    def _rung(self, candidate: Candidate) -> tuple[Destination, tuple[Secret, ...]]:
        house = self._open()
        try:
            meaning = house.dialplan.candidate(candidate)
        except NotDialled as error:
            raise Refused(error.error_id, str(error)) from None
        assert meaning.destination is not None  # what the gate lets pass
        return meaning.destination, house.telephones.keep_number(meaning)

    @property
    def seal(self) -> Seal:
        """Return what vouches for the tokens of questions how it was. Raises Refused."""
        return self._open().seal

    @property
    def secret_roles(self) -> Collection[str]:
        """Return the roles that see what is secret though they do not serve it."""
        return self._house.loaded.installation.privacy.secret_roles

    async def disclose(self, looked: Looked) -> Reading:
        """Write a look into the access log; return what reads, once that is kept. Raises Refused."""
        house = self._open()
        await house.access.looked(looked)
        return Reading(house)

    async def keep(self, secret: Secret) -> None:
        """Let the vault keep a value that no fact waits for. Raises Refused."""
        try:
            await self._open().vault.put(secret)
        except StoreAway as error:
            raise Refused("store_away", "Redis does not answer", retryable=True) from error

    async def words(self, owners: Sequence[str], kind: str) -> Mapping[str, str]:
        """Return owner to words of the house. Raises Refused."""
        try:
            vault = self._open().vault
            kept = [(await vault.get(owner)).get(kind, "") for owner in owners]
        except StoreAway as error:
            raise Refused("store_away", "Redis does not answer", retryable=True) from error
        return dict(zip(owners, kept, strict=True))

    async def copied(self, contact: str, to: str, kinds: Collection[str]) -> tuple[Secret, ...]:
        """Return values of a contact as those of another, that goes on with it. Raises Refused."""
        try:
            known = await self._open().vault.get(contact)
        except StoreAway as error:
            raise Refused("store_away", "Redis does not answer", retryable=True) from error
        return tuple(Secret(to, kind, known[kind]) for kind in kinds if kind in known)

    @property
    def contents(self) -> Contents:
        """Return who keeps letters and their files; what is read for people is read by `disclose`."""
        return self._house.contents

    def texts(self, contact: Contact) -> Mapping[str, str]:
        """Return name to text, for agents to begin an answer with, in the contact's language. Raises Refused."""
        post = self._open().post
        return post.texts(contact) if post is not None else {}

    def text_of(self, contact: str) -> tuple[str, str, int]:
        """Return the lines that citizen and agent are writing on a text telephone, and how often they changed."""
        lines = self._open().lines.of(contact)
        return lines.citizen, lines.agent, lines.version

    async def text_changed(self, contact: str) -> None:
        """Wait until somebody writes on, or a line is over."""
        await self._open().lines.changed(contact)

    def write_text(self, contact: Contact, text: str) -> None:
        """Show on a contact's text telephone what is written. Raises Refused."""
        if not self._open().voice.write(contact, text):
            raise Refused("worker_away", "the worker with this call does not answer", retryable=True)

    def reference(self, contact: Contact) -> str:
        """Return the number by which citizens know a contact's matter, empty when by none. Raises Refused."""
        post = self._open().post
        return post.reference(contact.card.matter) if post is not None else ""

    async def tapes(self, contact: str) -> Sequence[Tape]:
        """Return what recordings there are of a contact, without a word of them."""
        return await asyncio.to_thread(self._open().tapes.of, contact)

    async def why_this_agent(self, offer: str, event: str) -> WhyThisAgent:
        """Explain an offer that was made, from the state of that moment. Raises Refused."""
        place = position(event) if event else None
        self._open()
        return await self.hindsight.why_this_agent(offer, (place.epoch, place.seq) if place is not None else None)

    def _open(self) -> House:
        if not self._house.opened:
            raise _not_ready()
        return self._house


def _not_ready() -> Refused:
    return Refused("not_ready", "the engine is still starting", retryable=True)


class Reception:
    """The API of one engine. Build it before anything is served; `follow()` once the house is open."""

    def __init__(
        self,
        house: House,
        health: Health,
        registry: CollectorRegistry,
        store: Store,
        more: Sequence[Route] = (),
        statuses: Mapping[str, int] | None = None,
        history: HistorySettings | None = None,
    ) -> None:
        """`store` keeps answers to repeated requests; `more` are adapters' routes, `statuses` those of their errors;
        `history` is where contacts of the past are found, None for nowhere."""
        self._house = house
        self.answering = answering = Answering(house, health, history)
        self._meters = meters = Meters(registry)
        self.tokens = tokens.Tokens(tokens.TokenFile(house.folder.tokens), answering.now)
        self.tokens.keep(introduce(house, answering.now()))
        people = Sessions(SessionFile(house.folder.sessions), AccountFile(house.folder.accounts), answering.now)
        self._sign_in = SignIn(self.tokens, people, answering.now)
        door = Door(self._sign_in, answering.now, house.access, rate=house.loaded.installation.web.requests_per_second)
        self.public = routes_of(PublicCrises(answering), "crises")
        self.stream = Stream()
        boundary = Boundary(answering)
        self._feeds = Feeds(self.stream, door, meters, answering.now, boundary)
        phones = PhoneDesk(house)
        contacts, leading = ContactRoutes(answering), LeadRoutes(answering)
        routes = [
            *routes_of(HouseRoutes(answering), "house"),
            *routes_of(AgentRoutes(answering, phones), "agents"),
            *routes_of(contacts, "contacts"),
            *routes_of(DeskRoutes(answering, contacts, leading), "desks"),
            *routes_of(OfferRoutes(answering), "offers"),
            *routes_of(PhoneRoutes(answering, phones), "phones"),
            *routes_of(CallbackRoutes(answering), "callbacks"),
            *routes_of(VisitRoutes(answering), "visits"),
            *routes_of(DeskSurveyRoutes(answering), "survey"),
            *routes_of(AnswerRoutes(answering), "answers"),
            *routes_of(TalkRoutes(answering), "talk"),
            *routes_of(RecordingRoutes(answering), "recordings"),
            *routes_of(TextRoutes(answering), "text"),
            *routes_of(ColleagueRoutes(answering), "colleagues"),
            *routes_of(DraftRoutes(answering), "drafts"),
            *routes_of(leading, "leading"),
            *routes_of(NoteRoutes(answering), "colleagues"),
            *routes_of(MessageRoutes(answering), "messages"),
            *routes_of(OutboxRoutes(answering), "outbox"),
            *routes_of(PeopleRoutes(answering, Citizens(house, history)), "people"),
            *routes_of(CrisisRoutes(answering), "crises"),
            *routes_of(AccountRoutes(answering, people), "accounts"),
            *more,
        ]
        self.api = Api(
            routes,
            door,
            Once(store, answering.degraded),
            meters,
            statuses=statuses,
            feeds=self._feeds,
            boundary=boundary,
            deeds=house.access,
            signing=self._signing(people),
            degraded=answering.degraded,
        )

    def _signing(self, sessions: Sessions) -> Signing:
        """Return who signs people in, with passwords and at an OpenID provider."""
        ways, now = self._house.loaded.installation.sign_in, self.answering.now
        openid = None
        if ways.openid is not None:
            provider = Provider(ways.openid, Path(ways.openid.secret_file).read_text, now)
            openid = OpenIdSigning(provider, sessions, self.answering.departments, now)
        return Signing(self._sign_in, now, self._house.access, ways, openid)

    def follow(self) -> None:
        """Begin to tell what happens."""
        house = self._house
        whereabouts = Whereabouts()
        state = house.spine.router.state
        for one in (*state.contacts.values(), *state.agents.values()):
            whereabouts.adopt(one)
        self.stream.begin(Position(house.epoch, house.spine.seq - 1), whereabouts, KeptPast(house.snapshots))
        house.spine.followers.append(self)
        _ = house.tasks.spawn("events", self.stream.run())
        _ = house.tasks.spawn("listeners", self._feeds.watch())

    def queues_of(self, caller: Caller) -> Collection[str] | None:
        """Return whose contacts are a caller's business, by queue; None for all."""
        return self.answering.reach(caller).queues

    def refresh(self) -> None:
        """Bring the metrics up to date; call before /metrics is read."""
        self._meters.show(self.stream.published, self._sign_in.failed)

    def decided(self, facts: Sequence[AnyFact], _: State) -> Release:
        """Publish facts once they are kept."""
        epoch, seq = self._house.epoch, self._house.spine.seq
        return lambda: self.stream.publish(epoch, seq, facts)


def introduce(house: House, now: float) -> tokens.Token:
    """Write what the command line on this machine needs, and return the token that it will show."""
    shown, token = tokens.make(LOCAL, "admin", "", now)
    local = Local(house.loaded.installation.web.url, shown)
    house.folder.write_private(LOCAL_FILE, msgspec.json.encode(local))
    return token
