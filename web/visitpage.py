"""Pages for visits: which places there are and how long it takes there; a ticket or a booked time, and how it stands.

They need no script and no sign-in. A ticket's page looks again by itself, and says when the number is called.
"""

import asyncio
import hashlib
import io
import re
import secrets
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated, Final

import segno
from msgspec import Meta, Struct

from queues.site import Site, site_need
from router import booking
from router import inputs as i
from router.api import Asked, Content, Id, Pace, Visitor, public
from router.card import Visit
from router.contact import Arrived, Away, Connected, Contact, Leaving, Offered, Waiting, WrappingUp
from router.expectation import of_contact, of_newcomer, position
from router.inputs import Refused
from router.invitations import Invitation
from router.pace import Range
from router.state import State
from web import citizen, waits
from web.callpage import BASE, LOOK, SEND, TOKEN
from web.house import House
from web.limits import Limit
from web.nowpage import WATCH
from web.surveypage import question

TICKETS: Final = Pace(rate=1 / 120, burst=10)
"""Of each source."""
TIMES_SHOWN: Final = 24
SVG: Final = "image/svg+xml"
TICKET: Final = re.compile("v[0-9a-f]{24}")
"""An id that nobody can guess."""
REFRESH_S: Final = 20
SOON_S: Final = 5
"""The same when it may be one's turn any moment."""
SOON: Final = 3
"""Places in line from which on it may."""

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sv": {
        "title": "Besök oss", "none": "Just nu kan man inte ta könummer eller boka tid på webben.",
        "open": "Öppet nu.", "closed": "Stängt nu.", "what": "Vad gäller ditt besök?", "ticket": "Ta könummer nu",
        "book": "Boka en tid", "wait": "väntetid {wait}", "waiting": "{number} väntar", "times": "Välj tid",
        "no_times": "Det finns inga lediga tider.", "book_it": "Boka", "yours": "Ditt besök",
        "number": "Könummer {ticket}", "before": "Före dig väntar {number}.", "next": "Du är näst på tur.",
        "expect": "Väntetid: {wait}.", "go": "Det är din tur. Gå till {desk}.", "numbered": "disk {desk}",
        "soon": "Strax är det din tur.", "booked": "Bokad tid: {time}.", "here": "Jag är här", "leave": "Avboka",
        "over": "Det här besöket är avslutat.", "missed": "Ditt nummer har ropats upp. Är du kvar?",
        "away": "Ingen kan ta emot besöket just nu. Fråga i receptionen.",
        "keep": "Sidan uppdateras av sig själv. Spara adressen till den.", "left": "Besöket är avbokat.",
        "place_closed": "Det är stängt nu.", "time_taken": "Den tiden är upptagen. Välj en annan.",
        "visits_full": "Fler nummer lämnas inte ut på webben just nu. Ta ett på plats.",
        "limit": "Det har kommit många önskemål härifrån. Försök igen om en stund.",
        "another_day": "Tiden är en annan dag.", "is_served": "Du är redan framme.", "see": "Till mitt besök",
        "choose": "Välj vad besöket gäller.", "alert": "Ljud och vibration när det är min tur",
        "head_go": "Din tur: {ticket}", "head_wait": "{ticket}, {number} före dig",
    },
    "en": {
        "title": "Visit us", "none": "Tickets and times cannot be had on the web just now.", "open": "Open now.",
        "closed": "Closed now.", "what": "What is your visit about?", "ticket": "Take a ticket now",
        "book": "Book a time", "wait": "{wait}", "waiting": "{number} waiting", "times": "Choose a time",
        "no_times": "There are no free times.", "book_it": "Book", "yours": "Your visit", "number": "Ticket {ticket}",
        "before": "Waiting before you: {number}.", "next": "You are next.", "expect": "Waiting time: {wait}.",
        "go": "It is your turn. Go to {desk}.", "numbered": "desk {desk}", "soon": "It is your turn in a moment.",
        "booked": "Booked time: {time}.", "here": "I am here", "leave": "Cancel", "over": "This visit is over.",
        "missed": "Your number was called. Are you still here?",
        "away": "Nobody can take your visit just now. Ask at the reception.",
        "keep": "This page is renewed by itself. Keep its address.", "left": "The visit is cancelled.",
        "place_closed": "It is closed now.", "time_taken": "That time is taken. Choose another one.",
        "visits_full": "No more tickets are given on the web just now. Take one there.",
        "limit": "There have been many requests from here. Try again in a while.",
        "another_day": "The time is on another day.", "is_served": "You are being served.", "see": "To my visit",
        "choose": "Choose what the visit is about.", "alert": "Sound and vibration when it is my turn",
        "head_go": "Your turn: {ticket}", "head_wait": "{ticket}, {number} before you",
    },
    "fi": {
        "title": "Asioi paikan päällä", "none": "Vuoronumeroa tai aikaa ei nyt voi ottaa verkossa.",
        "open": "Avoinna nyt.", "closed": "Suljettu nyt.", "what": "Mitä käyntisi koskee?",
        "ticket": "Ota vuoronumero nyt", "book": "Varaa aika", "wait": "odotusaika {wait}",
        "waiting": "{number} odottaa", "times": "Valitse aika", "no_times": "Vapaita aikoja ei ole.",
        "book_it": "Varaa", "yours": "Käyntisi", "number": "Vuoronumero {ticket}",
        "before": "Edelläsi odottaa {number}.", "next": "Olet seuraavana vuorossa.", "expect": "Odotusaika: {wait}.",
        "go": "On vuorosi. Mene paikkaan {desk}.", "numbered": "{desk}", "soon": "Vuorosi on pian.",
        "booked": "Varattu aika: {time}.", "here": "Olen täällä", "leave": "Peru",
        "over": "Tämä käynti on päättynyt.", "missed": "Numerosi on kuulutettu. Oletko vielä täällä?",
        "away": "Käyntiä ei voida nyt ottaa vastaan. Kysy vastaanotosta.",
        "keep": "Sivu päivittyy itsestään. Säilytä sen osoite.", "left": "Käynti on peruttu.",
        "place_closed": "Nyt on suljettu.", "time_taken": "Se aika on varattu. Valitse toinen.",
        "visits_full": "Verkossa ei nyt anneta lisää numeroita. Ota numero paikan päällä.",
        "limit": "Täältä on tullut monta pyyntöä. Yritä hetken kuluttua uudelleen.",
        "another_day": "Aika on toisena päivänä.", "is_served": "Sinua palvellaan jo.", "see": "Käyntiini",
        "choose": "Valitse, mitä käynti koskee.", "alert": "Ääni ja värinä, kun on vuoroni",
        "head_go": "Vuorosi: {ticket}", "head_wait": "{ticket}, edelläsi {number}",
    },
    "ar": {
        "title": "زرنا", "none": "لا يمكن الآن أخذ رقم أو حجز موعد عبر الإنترنت.", "open": "مفتوح الآن.",
        "closed": "مغلق الآن.", "what": "ما موضوع زيارتك؟", "ticket": "خذ رقما الآن", "book": "احجز موعدا",
        "wait": "الانتظار {wait}", "waiting": "عدد المنتظرين {number}", "times": "اختر موعدا",
        "no_times": "لا توجد مواعيد شاغرة.", "book_it": "احجز", "yours": "زيارتك", "number": "الرقم {ticket}",
        "before": "عدد المنتظرين قبلك {number}.", "next": "أنت التالي.", "expect": "مدة الانتظار: {wait}.",
        "go": "حان دورك. توجه إلى {desk}.", "numbered": "المكتب {desk}", "soon": "سيحين دورك بعد لحظات.",
        "booked": "الموعد المحجوز: {time}.", "here": "أنا هنا", "leave": "إلغاء", "over": "انتهت هذه الزيارة.",
        "missed": "نودي على رقمك. هل ما زلت هنا؟", "away": "لا يمكن لأحد استقبال زيارتك الآن. اسأل في الاستقبال.",
        "keep": "تتجدد هذه الصفحة من تلقاء نفسها. احتفظ بعنوانها.", "left": "ألغيت الزيارة.",
        "place_closed": "المكان مغلق الآن.", "time_taken": "هذا الموعد محجوز. اختر موعدا آخر.",
        "visits_full": "لا تعطى أرقام أخرى عبر الإنترنت الآن. خذ رقما في المكان نفسه.",
        "limit": "وصلت طلبات كثيرة من هنا. حاول مجددا بعد قليل.", "another_day": "الموعد في يوم آخر.",
        "is_served": "تجري خدمتك الآن.", "see": "إلى زيارتي", "choose": "اختر موضوع الزيارة.",
        "alert": "صوت واهتزاز عندما يحين دوري", "head_go": "حان دورك: {ticket}",
        "head_wait": "{ticket}، قبلك {number}",
    },
}  # fmt: skip
MISTAKES: Final[Mapping[str, str]] = {
    "place_closed": "place_closed",
    "place_closing": "place_closed",
    "time_taken": "time_taken",
    "not_bookable": "time_taken",
    "visits_full": "visits_full",
    "too_many_requests": "limit",
    "unknown_service": "choose",
    "another_day": "another_day",
    "is_served": "is_served",
    "is_here": "yours",
}


class Language(Asked, frozen=True, kw_only=True):
    """The language of the page."""

    language: Annotated[str, Meta(max_length=16)] = ""


class AtPlace(Language, frozen=True, kw_only=True):
    """A place that people visit."""

    place: Id


class SentThere(AtPlace, frozen=True, kw_only=True):
    """What a place's page sends."""

    body: bytes = b""


class OneVisit(Language, frozen=True, kw_only=True):
    """A visit, by the id that its ticket bears."""

    visit: Id


class SentOfVisit(OneVisit, frozen=True, kw_only=True):
    """What a visit's page sends."""

    body: bytes = b""


class Seen(Struct, frozen=True):
    """What a place's page shows."""

    open: bool
    services: tuple[tuple[str, int, Range | None, bool], ...]
    """Service, how many wait, how long it would take, and whether times can be booked."""


def visit_of(token: str) -> str:
    """Return the id of the visit that a page with this token asks for: sent twice, it is the same one."""
    return f"v{hashlib.sha256(token.encode()).hexdigest()[:24]}"


class VisitPageRoutes:
    """Carries out what is asked on the pages."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._tickets = Limit(TICKETS.rate, TICKETS.burst, house.now)

    @public("GET", "/places", LOOK, gives="text/html")
    async def places(self, _: Visitor, asked: Language) -> Content:
        """Give the page of all places at which tickets and times are had on the web."""
        language = self._spoken(asked.language)
        words = WORDS[language]

        def look(state: State, _: str) -> tuple[tuple[str, bool], ...]:
            sites = state.configuration.sites.values()
            return tuple((site.name, site.name in state.open_sites) for site in sites if site.on_page)

        found = await self._house.read(look)
        items = "".join(
            f'<li><a href="{BASE}/places/{citizen.text(name)}?language={language}">'
            f"{citizen.text(self._title(name, language))}</a> {citizen.text(words['open' if open_ else 'closed'])}</li>"
            for name, open_ in found
        )
        main = [f"<ul>{items}</ul>" if items else f"<p>{citizen.text(words['none'])}</p>"]
        return citizen.page(language, words["title"], main, other=_others(f"{BASE}/places", language))

    @public("GET", "/places/{place}", LOOK, gives="text/html", refusals=("no_page",))
    async def place(self, _: Visitor, asked: AtPlace) -> Content:
        """Give the page of a place: what one can come for, and how long it takes."""
        return await self._place(asked.place, self._spoken(asked.language), "")

    @public(
        "POST", "/places/{place}", SEND, takes=citizen.FORM, gives="text/html", body_max=4096, refusals=("no_page",)
    )
    async def send(self, visitor: Visitor, asked: SentThere) -> Content:
        """Give a ticket, or times to choose from, or book one."""
        sent = citizen.fields(asked.body)
        language, service, token = (
            self._spoken(sent.get("language", "")),
            sent.get("service", ""),
            sent.get("token", ""),
        )
        try:
            if sent.get("step") == "times":
                return await self._times(asked.place, service, language)
            return await self._begin(visitor, asked.place, service, sent.get("start", ""), token, language)
        except Refused as refused:
            if refused.error_id not in MISTAKES:
                raise
            return await self._place(asked.place, language, MISTAKES[refused.error_id])

    @public("GET", "/visits/{visit}", WATCH, gives="text/html")
    async def show(self, _: Visitor, asked: OneVisit) -> Content:
        """Show how a visit stands: the number, the place in line, the desk to come to."""
        return await self._visit(asked.visit, self._spoken(asked.language), "")

    @public("GET", "/visits/{visit}/code.svg", WATCH, gives=SVG, refusals=("no_page",))
    async def code(self, _: Visitor, asked: OneVisit) -> Content:
        """Draw the address of a visit's page as a QR code, for a telephone to open what a kiosk gave."""
        if not self._house.citizens or not TICKET.fullmatch(asked.visit):
            raise Refused("no_page", "there is no such page")
        page = f"{self._house.citizens}{BASE}/visits/{asked.visit}?language={self._spoken(asked.language)}"
        return Content(SVG, await asyncio.to_thread(_drawn, page))

    @public("POST", "/visits/{visit}", SEND, takes=citizen.FORM, gives="text/html", body_max=4096)
    async def change(self, _: Visitor, asked: SentOfVisit) -> Content:
        """Say to be here, or give the visit up."""
        sent = citizen.fields(asked.body)
        language = self._spoken(sent.get("language", ""))
        leaves = sent.get("step") == "leave"
        if not TICKET.fullmatch(asked.visit):  # one that could be guessed, and was told somebody by telephone
            return await self._visit(asked.visit, language, "")
        request = i.LeaveVisit(asked.visit) if leaves else i.CheckIn(asked.visit)
        try:
            await self._house.ask(lambda _: (request, ()))
        except Refused as refused:
            if refused.error_id == "unknown_visit":
                return await self._visit(asked.visit, language, "")
            if refused.error_id not in MISTAKES:
                raise
            return await self._visit(asked.visit, language, MISTAKES[refused.error_id])
        return await self._visit(asked.visit, language, "left" if leaves else "")

    # ---- pages -------------------------------------------------------------------------------------------------

    async def _place(self, place: str, language: str, failed: str) -> Content:
        words = WORDS[language]
        seen = await self._house.read(lambda state, _: _seen(state, place, self._house.now()))
        options = [
            (name, self._offer(place, name, waiting, wait, language)) for name, waiting, wait, _ in seen.services
        ]
        buttons = [citizen.button(words["ticket"], "step", "ticket")] if seen.open else []
        if any(bookable for *_, bookable in seen.services):
            buttons.append(citizen.button(words["book"], "step", "times"))
        main = [
            f"<p>{citizen.text(words['open' if seen.open else 'closed'])}</p>",
            citizen.form(
                f"{BASE}/places/{place}",
                [citizen.choice(words["what"], "service", options, options[0][0]), *buttons],
                {"language": language, "token": secrets.token_urlsafe(24)},
            ),
        ]
        others = _others(f"{BASE}/places/{place}", language)
        return citizen.page(
            language, self._title(place, language), main, other=others, failed=words[failed] if failed else ""
        )

    async def _times(self, place: str, service: str, language: str) -> Content:
        words, now = WORDS[language], self._house.now()

        def look(state: State, _: str) -> tuple[float, ...]:
            site = _site(state, place)
            if service not in site.services:
                raise Refused("unknown_service", f"{place} has no service {service}")
            free = booking.times(state, site, service, now, self._house.local)
            return tuple(slot.start for slot in islice(free, TIMES_SHOWN))

        options = [
            (f"{at:.0f}", citizen.moment(self._house.local(at), language)) for at in await self._house.read(look)
        ]
        if not options:
            return await self._place(place, language, "no_times")
        hidden = {"language": language, "service": service, "token": secrets.token_urlsafe(24)}
        inside = [citizen.choice(words["times"], "start", options, options[0][0]), citizen.button(words["book_it"])]
        title = f"{self._title(place, language)}: {self._service(place, service, language)}"
        return citizen.page(language, title, [citizen.form(f"{BASE}/places/{place}", inside, hidden)])

    async def _begin(
        self, visitor: Visitor, place: str, service: str, start: str, token: str, language: str
    ) -> Content:
        """Give a ticket or a time; once, however often it is sent."""
        if not TOKEN.fullmatch(token):
            raise Refused("unknown_service", "this was not sent by our page")
        visit = visit_of(token)
        if not await self._house.read(lambda state, _: visit in state.contacts):
            if not self._tickets.spend(visitor.source):
                raise Refused("too_many_requests", "this is asked for too often from there", retryable=True)
            request: i.AnyRequest = i.TakeTicket(visit, place, service, None, language, on_page=True)
            if start:
                if not start.isascii() or not start.isdecimal() or len(start) > 12:
                    raise Refused("time_taken", "this is no time")
                request = i.BookVisit(visit, place, service, float(start), None, language, on_page=True)
            await self._house.ask(lambda _: (request, ()))
        return Content(citizen.HTML, b"", status=303, location=f"{BASE}/visits/{visit}?language={language}")

    async def _visit(self, id_: str, language: str, told: str) -> Content:
        words, now = WORDS[language], self._house.now()
        address = f"{BASE}/visits/{id_}"

        def look(state: State, _: str) -> tuple[Contact | None, int, Range | None]:
            contact = state.contacts.get(id_)
            if contact is None or contact.card.visit is None or not TICKET.fullmatch(id_):
                return None, 0, None
            if not isinstance(contact, Waiting):
                return contact, 0, None
            return contact, position(state, contact), of_contact(state, contact, now)

        contact, place, wait = await self._house.read(look)
        if contact is None or contact.card.visit is None or isinstance(contact, WrappingUp):
            return await self._over(id_, language, told)
        main = list(self._standing(contact, contact.card.visit, place, wait, words, language))
        steps = _steps(contact, words)
        if steps:
            main.append(citizen.form(address, steps, {"language": language}))
        link = f'<a href="{address}?language={language}">{citizen.text(words["see"])}</a>'
        main.append(f"<p>{citizen.text(words['keep'])} {link}</p>")
        return citizen.page(
            language,
            self._title(contact.card.visit.site, language),
            main,
            other=_others(address, language),
            refresh=SOON_S if isinstance(contact, Offered) or 0 < place <= SOON else REFRESH_S,
            failed=words[told] if told else "",
            parts=("ticket",),
            told={"alert": words["alert"]},
            head=_head(contact, contact.card.visit, place, words),
        )

    async def _over(self, id_: str, language: str, told: str) -> Content:
        """Show that a visit is over; ask how it was, where that is asked."""
        words, now = WORDS[language], self._house.now()

        def look(state: State, _: str) -> Invitation | None:
            return state.invitations.of(id_, now) if TICKET.fullmatch(id_) else None

        asked = await self._house.read(look)
        main = [f"<p>{citizen.text(words[told or 'over'])}</p>"]
        if asked is not None:
            main.append(question(self._house.seal, asked, language))
        others = _others(f"{BASE}/visits/{id_}", language) if asked is not None else ()
        return citizen.page(language, words["yours"], main, other=others)

    def _standing(
        self, contact: Contact, visit: Visit, place: int, wait: Range | None, words: Mapping[str, str], language: str
    ) -> Iterator[str]:
        """Yield how a visit stands."""
        if visit.ticket:
            yield f'<p class="big">{citizen.text(words["number"].format(ticket=visit.ticket))}</p>'
        yield f"<p>{citizen.text(self._service(visit.site, visit.service, language))}</p>"
        if visit.booked is not None:
            time = citizen.moment(self._house.local(visit.booked), language)
            yield f"<p>{citizen.text(words['booked'].format(time=time))}</p>"
        turn, called = _turn(contact, visit, place, words)
        if turn:
            stands_out = f' class="big" data-called="{called:.0f}"' if called else ""
            yield f'<p id="turn" role="status"{stands_out}>{citizen.text(turn)}</p>'
        minutes = waits.minutes(wait)
        if minutes is not None:
            yield f"<p>{citizen.text(words['expect'].format(wait=waits.said(minutes, language)))}</p>"

    def _offer(self, place: str, name: str, waiting: int, wait: Range | None, language: str) -> str:
        words = WORDS[language]
        told = [words["waiting"].format(number=waiting)]
        minutes = waits.minutes(wait)
        if minutes is not None:
            told.append(words["wait"].format(wait=waits.said(minutes, language)))
        return f"{self._service(place, name, language)} ({', '.join(told)})"

    def _title(self, place: str, language: str) -> str:
        return self._house.called(language, place=place)

    def _service(self, place: str, service: str, language: str) -> str:
        return self._house.called(language, place=place, service=service)

    def _spoken(self, asked: str) -> str:
        return citizen.spoken(asked, self._house.language)


def _drawn(address: str) -> bytes:
    """Return an address as a QR code (ISO/IEC 18004), that a damaged print may lose 15 % of."""
    picture = io.BytesIO()
    segno.make_qr(address, error="m").save(picture, kind="svg", border=4, light="#fff", xmldecl=False, svgclass=None)
    return picture.getvalue()


def _others(address: str, language: str) -> list[citizen.Link]:
    return [(one, f"{address}?language={one}") for one in citizen.LANGUAGES if one != language]


def _turn(contact: Contact, visit: Visit, place: int, words: Mapping[str, str]) -> tuple[str, float]:
    """Return whose turn it is, in words; and when the number was called to a desk, 0 before."""
    match contact:
        case Connected():
            desk = visit.seat.partition("/")[2]
            return words["go"].format(
                desk=words["numbered"].format(desk=desk) if desk.isdecimal() else desk
            ), visit.called
        case Offered():
            return words["soon"], 0.0
        case Waiting():
            return (words["before"].format(number=place - 1) if place > 1 else words["next"]), 0.0
        case Away():
            return words["missed"], 0.0
        case Leaving():
            return words["away"], 0.0
        case _:
            return "", 0.0


def _head(contact: Contact, visit: Visit, place: int, words: Mapping[str, str]) -> str:
    """Return what stands in the browser's tab; empty for nothing in particular."""
    if isinstance(contact, Connected):
        return words["head_go"].format(ticket=visit.ticket)
    return words["head_wait"].format(ticket=visit.ticket, number=place - 1) if isinstance(contact, Waiting) else ""


def _steps(contact: Contact, words: Mapping[str, str]) -> list[str]:
    """Return the buttons of a visit: to say to be here where that is due, to give it up while nobody serves it."""
    here = [citizen.button(words["here"], "step", "here")] if isinstance(contact, Arrived | Away) else []
    return [*here, citizen.button(words["leave"], "step", "leave")] if not isinstance(contact, Connected) else []


def _site(state: State, name: str) -> Site:
    site = state.configuration.sites.get(name)
    if site is None or not site.on_page:
        raise Refused("no_page", "there is no such page")
    return site


def _seen(state: State, place: str, now: float) -> Seen:
    site = _site(state, place)
    visits = [one.card.visit for one in state.contacts.values() if isinstance(one, Waiting | Offered)]
    services = tuple(
        (
            name,
            sum(1 for one in visits if one is not None and (one.site, one.service) == (place, name)),
            of_newcomer(state, service.queue, "visit", now, (site_need(place),)),
            bool(service.bookable),
        )
        for name, service in site.services.items()
    )
    return Seen(place in state.open_sites, services)
