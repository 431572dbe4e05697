"""The page that asks how it was, after a mail or a visit (docs/survey.md).

To look at it answers nothing: programs that examine mails follow every link in them. It needs no script and no sign-in;
its token names a contact and no person, and an answer counts once.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta

from router import inputs as i
from router.api import Asked, Content, Visitor, public
from router.inputs import Refused
from router.invitations import Invitation
from router.state import State
from web import citizen
from web.callpage import BASE, LOOK, SEND
from web.house import House
from web.surveyseal import Seal, Sealed

YES_OR_NO: Final = 2
ANSWER: Final = "answer"
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sv": {
        "title": "Hur var det?", "how": "Hur nöjd är du med hjälpen du fick?", "got": "Fick du den hjälp du behövde?",
        "1": "1, inte alls nöjd", "2": "2", "3": "3", "4": "4", "5": "5, mycket nöjd", "yes": "Ja", "no": "Nej",
        "send": "Skicka svaret", "choose": "Välj ett av svaren.",
        "free": "Det är frivilligt att svara. Svaret sparas utan ditt namn, och utan namnet på den som hjälpte dig.",
        "thanks": "Tack för ditt svar", "counted": "Svaret är mottaget. Du kan stänga sidan.",
        "before": "Den här frågan är redan besvarad. Tack!",
        "late": "Frågan är stängd, och går inte att besvara längre.",
    },
    "en": {
        "title": "How was it?", "how": "How satisfied are you with the help you got?",
        "got": "Did you get the help you needed?",
        "1": "1, not at all satisfied", "2": "2", "3": "3", "4": "4", "5": "5, very satisfied",
        "yes": "Yes", "no": "No",
        "send": "Send the answer", "choose": "Choose one of the answers.",
        "free": "You need not answer. The answer is kept without your name, and without that of who helped you.",
        "thanks": "Thank you for your answer", "counted": "We have received it. You can close this page.",
        "before": "This question has been answered already. Thank you!",
        "late": "The question is closed, and cannot be answered any more.",
    },
    "fi": {
        "title": "Miten asiointi sujui?", "how": "Kuinka tyytyväinen olet saamaasi apuun?",
        "got": "Saitko tarvitsemasi avun?",
        "1": "1, en lainkaan tyytyväinen", "2": "2", "3": "3", "4": "4", "5": "5, erittäin tyytyväinen",
        "yes": "Kyllä", "no": "En",
        "send": "Lähetä vastaus", "choose": "Valitse jokin vastauksista.",
        "free": "Vastaaminen on vapaaehtoista. Vastaus säilytetään ilman nimeäsi ja ilman auttajasi nimeä.",
        "thanks": "Kiitos vastauksestasi", "counted": "Olemme saaneet sen. Voit sulkea sivun.",
        "before": "Tähän kysymykseen on jo vastattu. Kiitos!",
        "late": "Kysymys on suljettu, eikä siihen voi enää vastata.",
    },
    "ar": {
        "title": "كيف كانت تجربتك؟", "how": "ما مدى رضاك عن المساعدة التي تلقيتها؟",
        "got": "هل تلقيت المساعدة التي احتجت إليها؟",
        "1": "1، غير راض إطلاقا", "2": "2", "3": "3", "4": "4", "5": "5، راض جدا", "yes": "نعم", "no": "لا",
        "send": "أرسل الجواب", "choose": "اختر أحد الأجوبة.",
        "free": "الإجابة اختيارية. يحفظ الجواب من دون اسمك ومن دون اسم من ساعدك.",
        "thanks": "شكرا على جوابك", "counted": "لقد استلمناه. يمكنك إغلاق هذه الصفحة.",
        "before": "تمت الإجابة على هذا السؤال من قبل. شكرا!",
        "late": "أغلق هذا السؤال ولم تعد الإجابة عليه ممكنة.",
    },
}  # fmt: skip


class OneSurvey(Asked, frozen=True, kw_only=True):
    """A question, by its token."""

    token: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\s/]+$")]
    language: Annotated[str, Meta(max_length=16)] = ""


class SentAnswer(OneSurvey, frozen=True, kw_only=True):
    """What its page sends."""

    body: bytes = b""


def address(token: str) -> str:
    """Return the path of the page."""
    return f"{BASE}/survey/{token}"


def question(seal: Seal, asked: Invitation, language: str) -> str:
    """Return the question as HTML, with its answers and a button to send one."""
    words = WORDS[language]
    inside = [
        citizen.choice(words["got" if asked.scale == YES_OR_NO else "how"], ANSWER, _answers(asked, words), ""),
        citizen.button(words["send"]),
    ]
    form = citizen.form(address(seal.make(asked.contact, asked.until)), inside, {"language": language})
    return f"{form}<p>{citizen.text(words['free'])}</p>"


def _answers(asked: Invitation, words: Mapping[str, str]) -> list[citizen.Link]:
    if asked.scale == YES_OR_NO:
        return [("1", words["yes"]), ("2", words["no"])]
    return [(str(number), words[str(number)]) for number in range(1, asked.scale + 1)]


class SurveyPageRoutes:
    """Carries out what is asked on the page."""

    def __init__(self, house: House) -> None:
        self._house = house

    @public("GET", "/survey/{token}", LOOK, gives="text/html", refusals=("no_page",))
    async def show(self, _: Visitor, asked: OneSurvey) -> Content:
        """Ask how it was."""
        return await self._page(self._sealed(asked.token), asked.token, asked.language)

    @public(
        "POST", "/survey/{token}", SEND, takes=citizen.FORM, gives="text/html", body_max=1024, refusals=("no_page",)
    )
    async def answer(self, _: Visitor, asked: SentAnswer) -> Content:
        """Take the answer, the first one."""
        sealed, sent = self._sealed(asked.token), citizen.fields(asked.body)
        language, answer = sent.get("language", ""), sent.get(ANSWER, "")
        if len(answer) != 1 or answer not in "12345":
            return await self._page(sealed, asked.token, language, failed=True)
        request = i.AnswerSurvey(sealed.contact, int(answer))
        try:
            await self._house.ask(lambda _: (request, ()))
        except Refused as refused:
            if refused.error_id not in ("not_asked", "bad_answer"):
                raise
            return await self._page(sealed, asked.token, language, failed=True)
        spoken = citizen.spoken(language, self._house.language)
        words = WORDS[spoken]
        return citizen.page(spoken, words["thanks"], [f"<p>{citizen.text(words['counted'])}</p>"])

    async def _page(self, sealed: Sealed, token: str, language: str, *, failed: bool = False) -> Content:
        """Return the question while it is open, and why it is not any more afterwards."""
        now = self._house.now()

        def look(state: State, _: str) -> Invitation | None:
            return state.invitations.of(sealed.contact, now)

        asked = await self._house.read(look)
        spoken = citizen.spoken(language or (asked.language if asked is not None else ""), self._house.language)
        words = WORDS[spoken]
        others = [(one, f"{address(token)}?language={one}") for one in WORDS if one != spoken]
        if asked is None:
            why = words["late" if now >= sealed.until else "before"]
            return citizen.page(spoken, words["title"], [f"<p>{citizen.text(why)}</p>"], other=others)
        main = [question(self._house.seal, asked, spoken)]
        return citizen.page(spoken, words["title"], main, other=others, failed=words["choose"] if failed else "")

    def _sealed(self, token: str) -> Sealed:
        sealed = self._house.seal.read(token)
        if sealed is None:
            raise Refused("no_page", "there is no such page")
        return sealed
