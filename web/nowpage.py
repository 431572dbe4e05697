"""The page, and the JSON beside it, of how the city can be reached now: what is open, how long it takes, which ways.

Both are the same for everybody and tell of nobody: how many wait is told roughly, and looked up every few seconds
however many ask.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from queues.channels import CHANNELS
from queues.hours import Hours
from router.api import JSON, Asked, Content, Pace, Visitor, public
from router.expectation import of_newcomer
from router.state import State
from web import citizen, opening, waits
from web.callpage import BASE
from web.crises import AnnouncedView, announced
from web.frontdoor import Service, Way, WayKind
from web.house import House
from web.language import preferred
from web.waits import Minutes

WATCH: Final = Pace(rate=10, burst=100)
"""Of each source: many people behind one address leave such a page open, and it looks again by itself."""
FRESH_S: Final = 5.0
REFRESH_S: Final = 30
ROUGHLY: Final = (0, 5, 10, 20, 30, 50, 100, 200, 500)
"""At most so many wait; more are told as more."""
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sv": {
        "title": "Nå oss nu", "open": "Öppet nu.", "closes": "Öppet nu, stänger {when}.", "closed": "Stängt nu.",
        "opens": "Stängt nu, öppnar {when}.", "none": "Ingen väntar.", "most": "Högst {number} väntar.",
        "more": "Fler än {number} väntar.", "wait": "Väntetid: {wait}.",
        "no_wait": "Väntetiden går inte att säga nu.", "hours": "Öppettider", "shut": "stängt",
        "always": "Öppet dygnet runt.", "empty": "Det finns inget att visa.", "telephone": "Ring", "webcall": "Ring härifrån", "chat": "Chatta",
        "text": "Skicka sms", "mail": "Mejla", "callback": "Bli uppringd", "form": "Fyll i ett formulär",
        "visit": "Besök oss", "ways": "Så når du oss", "news": "Viktigt just nu",
        "at": "Visar läget {when}. Sidan uppdateras av sig själv.",
    },
    "en": {
        "title": "Reach us now", "open": "Open now.", "closes": "Open now, closes {when}.", "closed": "Closed now.",
        "opens": "Closed now, opens {when}.", "none": "Nobody is waiting.", "most": "At most {number} are waiting.",
        "more": "More than {number} are waiting.", "wait": "Waiting time: {wait}.",
        "no_wait": "The waiting time cannot be told now.", "hours": "Opening hours", "shut": "closed",
        "always": "Open day and night.", "empty": "There is nothing to show.", "telephone": "Call", "webcall": "Call from here", "chat": "Chat",
        "text": "Send a text message", "mail": "E-mail", "callback": "Be called back", "form": "Fill in a form",
        "visit": "Visit us", "ways": "Ways to reach us", "news": "Important just now",
        "at": "This is how it is {when}. The page is renewed by itself.",
    },
    "fi": {
        "title": "Ota yhteyttä nyt", "open": "Avoinna nyt.", "closes": "Avoinna nyt, sulkeutuu {when}.",
        "closed": "Suljettu nyt.", "opens": "Suljettu nyt, avataan {when}.", "none": "Kukaan ei odota.",
        "most": "Enintään {number} odottaa.", "more": "Yli {number} odottaa.", "wait": "Odotusaika: {wait}.",
        "no_wait": "Odotusaikaa ei voi nyt arvioida.", "hours": "Aukioloajat", "shut": "suljettu",
        "always": "Avoinna vuorokauden ympäri.", "empty": "Näytettävää ei ole.", "telephone": "Soita", "webcall": "Soita täältä",
        "chat": "Avaa chat", "text": "Lähetä tekstiviesti", "mail": "Lähetä sähköpostia", "callback": "Pyydä soittoa",
        "form": "Täytä lomake", "visit": "Asioi paikan päällä", "ways": "Näin tavoitat meidät",
        "news": "Tärkeää juuri nyt", "at": "Tilanne {when}. Sivu päivittyy itsestään.",
    },
    "ar": {
        "title": "تواصل معنا الآن", "open": "مفتوح الآن.", "closes": "مفتوح الآن، يغلق {when}.",
        "closed": "مغلق الآن.", "opens": "مغلق الآن، يفتح {when}.", "none": "لا أحد ينتظر.",
        "most": "عدد المنتظرين {number} على الأكثر.", "more": "عدد المنتظرين أكثر من {number}.",
        "wait": "مدة الانتظار: {wait}.", "no_wait": "لا يمكن تقدير مدة الانتظار الآن.", "hours": "أوقات العمل",
        "shut": "مغلق", "always": "مفتوح ليلا ونهارا.", "empty": "لا يوجد ما يعرض.", "telephone": "اتصل", "webcall": "اتصل من هنا",
        "chat": "تحدث كتابة", "text": "أرسل رسالة نصية", "mail": "أرسل بريدا إلكترونيا",
        "callback": "اطلب أن نتصل بك", "form": "املأ استمارة", "visit": "زرنا", "ways": "طرق التواصل معنا",
        "news": "مهم الآن", "at": "هذا هو الوضع {when}. تتجدد الصفحة من تلقاء نفسها.",
    },
}  # fmt: skip


class Reading(Asked, frozen=True, kw_only=True):
    """In which language; the browser's, or the house's own, when none is named."""

    language: Annotated[str, Meta(max_length=16)] = ""


class WayView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A way to reach a service."""

    kind: WayKind
    title: str = ""
    """A number, an address, a page's name."""
    url: str = ""
    """What a link leads to: a path on this host, `tel:` or `mailto:`."""


class ServiceNow(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a service stands."""

    service: str
    title: str
    open: bool
    changes: float | None = None
    """When it closes, or opens next, UTC seconds."""
    waiting: int | None = None
    """At most so many wait, roughly; absent when it is closed, or more than can be told."""
    least: int | None = None
    most: int | None = None
    """Minutes that somebody would wait who came now, as callers are told; absent when that cannot be told."""
    week: dict[str, tuple[tuple[str, str], ...]] = {}
    """ISO weekday (1 Monday to 7 Sunday) to opening times, local; none of them: open day and night."""
    special: dict[str, tuple[tuple[str, str], ...]] = {}
    """Days ahead that are unlike their weekday, by date; closed where there is no time."""
    ways: tuple[WayView, ...] = ()


class Now(Struct, frozen=True, kw_only=True):
    """How the city can be reached."""

    at: float
    """UTC seconds."""
    language: str
    services: tuple[ServiceNow, ...]
    announcements: tuple[AnnouncedView, ...]
    """What crises announce just now."""


class Seen(Struct, frozen=True):
    """A service at one moment, in no language."""

    service: Service
    hours: Hours
    standing: opening.Standing
    waiting: int
    wait: Minutes | None


class NowRoutes:
    """Carries out what is asked on the page, and for its JSON."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._seen: tuple[float, tuple[Seen, ...]] | None = None

    @public("GET", "/now", WATCH, gives="text/html")
    async def page(self, visitor: Visitor, asked: Reading) -> Content:
        """Give the page of what is open, how long it takes, and which ways there are."""
        language = self._language(visitor, asked)
        words, at = WORDS[language], self._house.local(self._house.now())
        seen, crises = await self._look(language)
        main = [*_news(crises, words), *(part for one in seen for part in self._service(one, language))]
        if not seen:
            main.append(f"<p>{citizen.text(words['empty'])}</p>")
        main.append(f"<p>{citizen.text(words['at'].format(when=citizen.clock(at, language)))}</p>")
        others = [(one, f"{BASE}/now?language={one}") for one in citizen.LANGUAGES if one != language]
        return citizen.page(language, words["title"], main, other=others, refresh=REFRESH_S, parts=("now",))

    @public("GET", "/now.json", WATCH, gives=JSON)
    async def now(self, visitor: Visitor, asked: Reading) -> Content:
        """Tell the same to programs: the city's own pages, screens, assistants.

        The answer has an ETag: ask with If-None-Match; it changes every few seconds at most.
        """
        language = self._language(visitor, asked)
        seen, crises = await self._look(language)
        assert self._seen is not None  # since the look
        services = tuple(self._view(one, language) for one in seen)
        now = Now(at=self._seen[0], language=language, services=services, announcements=crises)
        data = msgspec.json.encode(now)
        return Content(JSON, data, tag=hashlib.sha256(data).hexdigest()[:32])

    def _language(self, visitor: Visitor, asked: Reading) -> str:
        """Return the language asked for, or the browser's, or the house's own."""
        if asked.language in citizen.LANGUAGES:
            return asked.language
        own = citizen.spoken("", self._house.language)
        return preferred(visitor.headers.get("accept-language", ""), (own, *citizen.LANGUAGES))

    async def _look(self, language: str) -> tuple[tuple[Seen, ...], tuple[AnnouncedView, ...]]:
        """Return how all services stand, a few seconds old at most, and what crises say now."""
        house, now = self._house, self._house.now()

        def look(state: State, _: str) -> tuple[tuple[Seen, ...], tuple[AnnouncedView, ...]]:
            if self._seen is None or not self._seen[0] <= now < self._seen[0] + FRESH_S:
                self._seen = now, tuple(_all(state, house, now))
            said = announced(house, state, now, language=language)
            return self._seen[1], tuple(one for one in said if one.running)

        return await house.read(look)

    # ---- views -------------------------------------------------------------------------------------------------

    def _ways(self, seen: Seen, language: str) -> Iterator[tuple[Way, str]]:
        """Yield the ways to a service that somebody can go who speaks a language, with their links."""
        for way in seen.service.nearest(language, self._house.language):
            ours = way.address.startswith("/") and "?" not in way.address
            yield way, f"{way.address}?language={language}" if ours else way.address

    def _view(self, seen: Seen, language: str) -> ServiceNow:
        hours, today = seen.hours, self._house.local(self._house.now()).date()
        least, most = seen.wait if seen.wait is not None and seen.standing.open else (None, None)
        known = seen.standing.open and seen.waiting <= ROUGHLY[-1]
        return ServiceNow(
            service=seen.service.queue,
            title=self._house.called(language, queue=seen.service.queue),
            open=seen.standing.open,
            changes=seen.standing.changes,
            waiting=roughly(seen.waiting) if known else None,
            least=least,
            most=most,
            week={str(day): opening.figures(spans) for day, spans in sorted(hours.week.items()) if not hours.always},
            special={day.isoformat(): opening.figures(spans) for day, spans in opening.special(hours, today).items()},
            ways=tuple(
                WayView(kind=way.kind, title=way.title(language), url=url) for way, url in self._ways(seen, language)
            ),
        )

    def _service(self, seen: Seen, language: str) -> Iterator[str]:
        words, id_ = WORDS[language], f"s-{citizen.text(seen.service.queue)}"
        title = self._house.called(language, queue=seen.service.queue)
        yield f'<section aria-labelledby="{id_}"><h2 id="{id_}">{citizen.text(title)}</h2>'
        class_ = ' class="open"' if seen.standing.open else ""
        yield f"<p{class_}>{citizen.text(self._standing(seen, language))}</p>"
        if seen.standing.open:
            wait = words["wait"].format(wait=waits.said(seen.wait, language)) if seen.wait else words["no_wait"]
            yield f"<p>{citizen.text(_waiting(seen.waiting, words))} {citizen.text(wait)}</p>"
        yield f'<ul aria-label="{citizen.text(words["ways"])}">'
        for way, url in self._ways(seen, language):
            yield f"<li>{_link(words[way.kind], way.title(language), url)}</li>"
        yield "</ul>"
        yield from self._hours(seen.hours, language)
        yield "</section>"

    def _standing(self, seen: Seen, language: str) -> str:
        words, changes = WORDS[language], seen.standing.changes
        if changes is None:
            return words["open" if seen.standing.open else "closed"]
        at = self._house.local(changes)
        same_day = at.date() == self._house.local(self._house.now()).date()
        when = citizen.clock(at, language) if same_day else citizen.moment(at, language)
        return words["closes" if seen.standing.open else "opens"].format(when=when)

    def _hours(self, hours: Hours, language: str) -> Iterator[str]:
        words, today = WORDS[language], self._house.local(self._house.now()).date()
        if hours.always:
            yield f"<p>{citizen.text(words['always'])}</p>"
            return
        yield f"<details><summary>{citizen.text(words['hours'])}</summary><dl>"
        for days, times in opening.rows(hours, today, language, words["shut"]):
            yield f"<div><dt>{citizen.text(days)}</dt><dd><bdi>{citizen.text(times)}</bdi></dd></div>"
        yield "</dl></details>"


def _all(state: State, house: House, now: float) -> Iterator[Seen]:
    for service in house.services:
        if service.queue in state.configuration.queues:
            yield _seen(state, service, house, now)


def _seen(state: State, service: Service, house: House, now: float) -> Seen:
    queue = service.queue
    live = (line for line in state.lines.lines_of(queue) if CHANNELS[line.channel].live)
    channel = "call" if any(way.kind == "telephone" for way in service.ways) else "chat"
    return Seen(
        service=service,
        hours=state.configuration.queues[queue].hours,
        standing=opening.standing(state, queue, now, house.local),
        waiting=sum(map(len, live)),
        wait=waits.minutes(of_newcomer(state, queue, channel, now)),
    )


def roughly(number: int) -> int:
    """Return the step at which `number` is told.

    >>> roughly(0), roughly(1), roughly(7), roughly(100), roughly(1000)
    (0, 5, 10, 100, 500)
    """
    return next((step for step in ROUGHLY if number <= step), ROUGHLY[-1])


def _waiting(number: int, words: Mapping[str, str]) -> str:
    if not number:
        return words["none"]
    return words["most" if number <= ROUGHLY[-1] else "more"].format(number=roughly(number))


def _news(crises: tuple[AnnouncedView, ...], words: Mapping[str, str]) -> Iterator[str]:
    """Yield the newest word of each crisis."""
    if crises:
        yield f'<section class="news" aria-labelledby="news"><h2 id="news">{citizen.text(words["news"])}</h2>'
        for one in crises:
            said = one.messages[0]
            yield f'<p lang="{citizen.text(said.language)}" dir="auto">{citizen.text(said.text)}</p>'
        yield "</section>"


def _link(word: str, title: str, url: str) -> str:
    shown = f"{citizen.text(word)}: <bdi>{citizen.text(title)}</bdi>" if title else citizen.text(word)
    return f'<a href="{citizen.text(url)}">{shown}</a>' if url else shown
