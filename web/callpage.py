"""The page on which citizens ask to be called back: number and time, both read back, then the promise; and its end.

It needs no script and no sign-in, so it is bounded: so many of each source, so many waiting of each queue, one for each
number, and nobody who was called often lately (`router.calling`). What leads back to a promise is a random token, of
which the contact's id is the hash: an id in a journal or a log opens nothing.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Annotated, Final

from msgspec import Meta, Struct

from router import calling
from router import inputs as i
from router.api import Asked, Content, Id, Pace, Visitor, public
from router.callback import Attempting, Closed
from router.contact import Arrived
from router.inputs import Refused
from router.ports import Secret
from router.state import State
from web import citizen
from web.house import House
from web.limits import Limit

BASE: Final = "/public/v1"
LOOK: Final = Pace(rate=1, burst=60)
SEND: Final = Pace(rate=0.5, burst=30)
PROMISES: Final = Pace(rate=1 / 120, burst=10)
"""Of each source: a library's or a school's visitors share one."""
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{32}")
TIMES_SHOWN: Final = 16
NUMBER_MAX: Final = 40
TURN: Final = "turn"

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sv": {
        "title": "Bli uppringd", "to": "{queue} ringer dig.", "number": "Ditt telefonnummer",
        "when": "När ska vi ringa?", "turn": "När det är din tur", "go_on": "Fortsätt",
        "check": "Stämmer det?", "we_call": "Vi ringer {number}.", "at": "Tid: {time}.",
        "in_turn": "Tid: när det är din tur.",
        "yes": "Ja, ring mig", "change": "Ändra", "done": "Vi ringer dig",
        "one": "Har vi redan lovat att ringa det numret så gäller det löftet.",
        "keep": "Spara den här länken om du vill avboka:", "link": "Se eller avboka samtalet",
        "mine": "Ditt samtal", "cancel": "Avboka samtalet", "calling": "Vi ringer dig just nu.",
        "over": "Det finns inget samtal att vänta på. Det kan ha ringts, eller avbokats.",
        "cancelled": "Samtalet är avbokat.",
        "bad_number": "Kontrollera numret: det här kan vi inte ringa.",
        "time_taken": "Den tiden är upptagen. Välj en annan.",
        "too_often": "Numret har ringts flera gånger. Försök igen i morgon.",
        "full": "Många väntar redan på att bli uppringda. Försök igen senare, eller ring oss.",
        "limit": "Det har kommit många önskemål härifrån. Försök igen om en stund.",
    },
    "en": {
        "title": "Be called back", "to": "{queue} calls you.", "number": "Your telephone number",
        "when": "When shall we call?", "turn": "When it is your turn", "go_on": "Continue",
        "check": "Is this right?", "we_call": "We will call {number}.", "at": "Time: {time}.",
        "in_turn": "Time: when it is your turn.", "yes": "Yes, call me", "change": "Change", "done": "We will call you",
        "one": "If we had promised to call that number before, that promise holds.",
        "keep": "Keep this link in case you want to cancel:", "link": "See or cancel the call",
        "mine": "Your call", "cancel": "Cancel the call", "calling": "We are calling you just now.",
        "over": "There is no call to wait for. It may have been made, or cancelled.",
        "cancelled": "The call is cancelled.",
        "bad_number": "Check the number: we cannot call this one.",
        "time_taken": "That time is taken. Choose another one.",
        "too_often": "This number has been called several times. Try again tomorrow.",
        "full": "Many wait to be called already. Try again later, or ring us.",
        "limit": "There have been many requests from here. Try again in a while.",
    },
    "fi": {
        "title": "Pyydä soittoa", "to": "{queue} soittaa sinulle.", "number": "Puhelinnumerosi",
        "when": "Milloin soitamme?", "turn": "Kun on vuorosi", "go_on": "Jatka",
        "check": "Onko tämä oikein?", "we_call": "Soitamme numeroon {number}.", "at": "Aika: {time}.",
        "in_turn": "Aika: kun on vuorosi.", "yes": "Kyllä, soittakaa", "change": "Muuta", "done": "Soitamme sinulle",
        "one": "Jos olemme jo luvanneet soittaa siihen numeroon, se lupaus pätee.",
        "keep": "Säilytä tämä linkki, jos haluat perua:", "link": "Katso tai peru soitto",
        "mine": "Soittosi", "cancel": "Peru soitto", "calling": "Soitamme sinulle juuri nyt.",
        "over": "Odotettavaa soittoa ei ole. Se on ehkä jo soitettu tai peruttu.", "cancelled": "Soitto on peruttu.",
        "bad_number": "Tarkista numero: tähän emme voi soittaa.",
        "time_taken": "Se aika on varattu. Valitse toinen.",
        "too_often": "Numeroon on soitettu useita kertoja. Yritä huomenna uudelleen.",
        "full": "Moni odottaa jo soittoa. Yritä myöhemmin uudelleen tai soita meille.",
        "limit": "Täältä on tullut monta pyyntöä. Yritä hetken kuluttua uudelleen.",
    },
    "ar": {
        "title": "اطلب أن نتصل بك", "to": "{queue} يتصل بك.", "number": "رقم هاتفك",
        "when": "متى نتصل بك؟", "turn": "عندما يحين دورك", "go_on": "متابعة",
        "check": "هل هذا صحيح؟", "we_call": "سنتصل بالرقم \u2066{number}\u2069.", "at": "الموعد: {time}.",
        "in_turn": "الموعد: عندما يحين دورك.", "yes": "نعم، اتصلوا بي", "change": "تغيير", "done": "سنتصل بك",
        "one": "إذا كنا قد وعدنا من قبل بالاتصال بهذا الرقم فذلك الوعد قائم.",
        "keep": "احتفظ بهذا الرابط إن أردت الإلغاء:", "link": "عرض المكالمة أو إلغاؤها",
        "mine": "مكالمتك", "cancel": "إلغاء المكالمة", "calling": "نحن نتصل بك الآن.",
        "over": "لا توجد مكالمة تنتظرها. ربما أجريت أو ألغيت.", "cancelled": "ألغيت المكالمة.",
        "bad_number": "تحقق من الرقم: لا يمكننا الاتصال به.",
        "time_taken": "هذا الموعد محجوز. اختر موعدا آخر.",
        "too_often": "جرى الاتصال بهذا الرقم عدة مرات. حاول مجددا غدا.",
        "full": "كثيرون ينتظرون مكالمة. حاول لاحقا أو اتصل بنا.",
        "limit": "وصلت طلبات كثيرة من هنا. حاول مجددا بعد قليل.",
    },
}  # fmt: skip
MISTAKES: Final[Mapping[str, str]] = {
    "number_bad": "bad_number",
    "number_country": "bad_number",
    "number_refused": "bad_number",
    "domain_refused": "bad_number",
    "time_taken": "time_taken",
    "not_bookable": "time_taken",
    "number_capped": "too_often",
    "callbacks_full": "full",
    "too_many_requests": "limit",
}
"""What is refused to what is said about it."""


class AtQueue(Asked, frozen=True):
    """Who is to call, and the language of the page."""

    queue: Id
    language: Annotated[str, Meta(max_length=16)] = ""


class Sent(AtQueue, frozen=True, kw_only=True):
    """What the page sends."""

    body: bytes = b""


class Mine(AtQueue, frozen=True, kw_only=True):
    """A promise, by its token."""

    token: Annotated[str, Meta(min_length=32, max_length=32, pattern="^[A-Za-z0-9_-]+$")]


class Given(Mine, frozen=True, kw_only=True):
    """What the page of a promise sends."""

    body: bytes = b""


class Wanted(Struct, frozen=True):
    """What somebody wants, as it was written."""

    queue: str
    language: str
    number: str = ""
    when: str = TURN
    token: str = ""

    @property
    def start(self) -> float | None:
        """The time that was chosen, UTC seconds; None for a call in turn. Raises Refused."""
        if self.when == TURN:
            return None
        if not self.when.isascii() or not self.when.isdecimal() or len(self.when) > 12:
            raise Refused("time_taken", "this is no time")
        return float(self.when)


def contact_of(token: str) -> str:
    """Return the contact by which a token's promise is known."""
    return f"k{hashlib.sha256(token.encode()).hexdigest()[:32]}"


class CallPageRoutes:
    """Carries out what is asked on the page."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._promises = Limit(PROMISES.rate, PROMISES.burst, house.now)

    @public("GET", "/callbacks/{queue}", LOOK, gives="text/html", refusals=("no_page",))
    async def show(self, _: Visitor, asked: AtQueue) -> Content:
        """Give the page on which to ask for a call."""
        return await self._form(Wanted(asked.queue, citizen.spoken(asked.language, self._house.language)))

    @public(
        "POST", "/callbacks/{queue}", SEND, takes=citizen.FORM, gives="text/html", body_max=4096, refusals=("no_page",)
    )
    async def send(self, visitor: Visitor, asked: Sent) -> Content:
        """Read back what was written, and promise it once it is right."""
        sent = citizen.fields(asked.body)
        wanted = Wanted(
            asked.queue,
            citizen.spoken(sent.get("language", ""), self._house.language),
            sent.get("number", "")[:NUMBER_MAX],
            sent.get("when", TURN),
            sent.get("token", ""),
        )
        try:
            if sent.get("step") == "change":
                return await self._form(wanted)
            if sent.get("step") == "yes" and TOKEN.fullmatch(wanted.token):
                return await self._promise(visitor, wanted)
            return await self._read_back(wanted)
        except Refused as refused:
            if refused.error_id not in MISTAKES:
                raise
            return await self._form(wanted, MISTAKES[refused.error_id])

    @public("GET", "/callbacks/{queue}/{token}", LOOK, gives="text/html", refusals=("no_page",))
    async def mine(self, _: Visitor, asked: Mine) -> Content:
        """Show how a promise stands."""
        return await self._mine(asked)

    @public(
        "POST",
        "/callbacks/{queue}/{token}",
        SEND,
        takes=citizen.FORM,
        gives="text/html",
        body_max=4096,
        refusals=("no_page",),
    )
    async def cancel(self, _: Visitor, asked: Given) -> Content:
        """Cancel a promise."""
        callback = await self._house.read(lambda state, _: _callback(state, asked.token))
        language = citizen.fields(asked.body).get("language", "")
        if callback:
            try:
                await self._house.ask(lambda _: (i.CancelCallback(callback), ()))
            except Refused as refused:
                if refused.error_id != "unknown_callback":
                    raise
                return await self._mine(Mine(queue=asked.queue, token=asked.token, language=language))
        words = WORDS[citizen.spoken(language, self._house.language)]
        return citizen.page(
            citizen.spoken(language, self._house.language),
            words["mine"],
            [f"<p>{citizen.text(words['cancelled' if callback else 'over'])}</p>"],
        )

    # ---- pages -------------------------------------------------------------------------------------------------

    async def _form(self, wanted: Wanted, failed: str = "") -> Content:
        words, address = WORDS[wanted.language], f"{BASE}/callbacks/{wanted.queue}"
        times = await self._times(wanted.queue)
        options = [(TURN, words["turn"])]
        options += [(f"{start:.0f}", self._moment(start, wanted.language)) for start in times]
        described = ' aria-describedby="wrong" aria-invalid="true"' if failed == "bad_number" else ""
        number = (
            f'<p><label for="number">{citizen.text(words["number"])}</label><br>'
            f'<input type="tel" id="number" name="number" dir="ltr" autocomplete="tel" maxlength="{NUMBER_MAX}"'
            f' required value="{citizen.text(wanted.number)}"{described}></p>'
        )
        asking = citizen.choice(words["when"], "when", options, wanted.when) if len(options) > 1 else ""
        title = self._house.called(wanted.language, queue=wanted.queue)
        main = [
            f"<p>{citizen.text(words['to'].format(queue=title))}</p>",
            citizen.form(address, [number, asking, citizen.button(words["go_on"])], {"language": wanted.language}),
        ]
        others = [(one, f"{address}?language={one}") for one in citizen.LANGUAGES if one != wanted.language]
        return citizen.page(wanted.language, words["title"], main, other=others, failed=words[failed] if failed else "")

    async def _read_back(self, wanted: Wanted) -> Content:
        words, token = WORDS[wanted.language], secrets.token_urlsafe(24)
        start = wanted.start
        _, number, _ = self._house.call_number(wanted.number, contact_of(token))
        if start is not None and start not in await self._times(wanted.queue, every=True):
            raise Refused("time_taken", "this time cannot be booked, or not any more")
        kept = {"language": wanted.language, "number": wanted.number, "when": wanted.when, "token": token}
        main = [
            *self._told(words, number, start, wanted.language),
            citizen.form(
                f"{BASE}/callbacks/{wanted.queue}",
                [citizen.button(words["yes"], "step", "yes"), citizen.button(words["change"], "step", "change")],
                kept,
            ),
        ]
        return citizen.page(wanted.language, words["check"], main)

    async def _promise(self, visitor: Visitor, wanted: Wanted) -> Content:
        contact, words, start = contact_of(wanted.token), WORDS[wanted.language], wanted.start
        person, number, kept = self._house.call_number(wanted.number, contact)
        before = await self._house.read(lambda state, _: _callback(state, wanted.token))
        if not before:  # the same page may be sent twice
            if not self._promises.spend(visitor.source):
                raise Refused("too_many_requests", "this is asked for too often from there", retryable=True)
            await self._ask(i.AskCallback(contact, wanted.queue, person, start, wanted.language, on_page=True), kept)
        address = f"{BASE}/callbacks/{wanted.queue}/{wanted.token}?language={wanted.language}"
        main = [
            *self._told(words, number, start, wanted.language),
            f"<p>{citizen.text(words['one'])}</p>",
            f'<p>{citizen.text(words["keep"])} <a href="{citizen.text(address)}">{citizen.text(words["link"])}</a></p>',
        ]
        return citizen.page(wanted.language, words["done"], main)

    async def _ask(self, asked: i.AskCallback, kept: tuple[Secret, ...]) -> None:
        """Ask for a call; who was promised one already is told nothing else: it might be somebody else's number."""
        try:
            await self._house.ask(lambda _: (asked, kept))
        except Refused as refused:
            if refused.error_id != "has_callback":
                raise

    async def _mine(self, asked: Mine) -> Content:
        language = citizen.spoken(asked.language, self._house.language)
        words = WORDS[language]

        def look(state: State, _: str) -> tuple[bool, bool, float | None]:
            callback = state.callbacks.get(_callback(state, asked.token))
            contact = state.contacts.get(callback.id) if callback is not None else None
            due = contact.card.due if isinstance(contact, Arrived) else None
            return contact is not None, isinstance(callback, Attempting), due

        there, called, due = await self._house.read(look)
        main = []
        if called:
            main.append(f"<p>{citizen.text(words['calling'])}</p>")
        elif there:
            main += [
                f"<p>{citizen.text(self._when(words, due, language))}</p>",
                citizen.form(
                    f"{BASE}/callbacks/{asked.queue}/{asked.token}",
                    [citizen.button(words["cancel"])],
                    {"language": language},
                ),
            ]
        else:
            main.append(f"<p>{citizen.text(words['over'])}</p>")
        return citizen.page(language, words["mine"], main)

    # ---- words -------------------------------------------------------------------------------------------------

    def _told(self, words: Mapping[str, str], number: str, start: float | None, language: str) -> Iterator[str]:
        """Yield number and time as they were understood."""
        yield f'<p class="big">{citizen.text(words["we_call"].format(number=number))}</p>'
        yield f"<p>{citizen.text(self._when(words, start, language))}</p>"

    def _when(self, words: Mapping[str, str], start: float | None, language: str) -> str:
        return words["in_turn"] if start is None else words["at"].format(time=self._moment(start, language))

    def _moment(self, start: float, language: str) -> str:
        return citizen.moment(self._house.local(start), language)

    async def _times(self, name: str, *, every: bool = False) -> tuple[float, ...]:
        """Return times that are free, the first of them unless `every` one is asked for. Raises Refused."""
        now = self._house.now()

        def look(state: State, _: str) -> tuple[float, ...]:
            queue = state.configuration.queues.get(name)
            if queue is None or not queue.calling.on_page:
                raise Refused("no_page", "there is no such page")
            free = calling.times(state, queue, now, self._house.local)
            return tuple(start for start, _ in islice(free, None if every else TIMES_SHOWN))

        return await self._house.read(look)


def _callback(state: State, token: str) -> str:
    """Return the callback that a token's contact was promised, while it is open; empty when there is none."""
    mark = f"{contact_of(token)}."
    found = (one.id for one in state.callbacks.values() if one.id.startswith(mark) and not isinstance(one, Closed))
    return next(found, "")
