"""What a citizen reads whose request was refused, in words instead of a problem document."""

from collections.abc import Mapping
from typing import Final

from router.api import Content
from router.inputs import Refused
from web import citizen

GONE: Final = frozenset({"no_page", "unknown_form", "unknown_page"})
"""There is nothing at this address."""
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sv": {
        "title": "Det gick inte",
        "often": "Det har kommit många önskemål härifrån. Gå tillbaka och försök om en stund.",
        "later": "Det går inte just nu. Gå tillbaka och försök igen om en stund.", "gone": "Den här sidan finns inte.",
        "wrong": "Vi kunde inte ta emot det. Gå tillbaka och försök igen, eller ring oss.",
    },
    "en": {
        "title": "That did not work",
        "often": "There have been many requests from here. Go back and try in a while.",
        "later": "This cannot be done just now. Go back and try again in a while.", "gone": "There is no such page.",
        "wrong": "We could not take this. Go back and try again, or ring us.",
    },
    "fi": {
        "title": "Se ei onnistunut",
        "often": "Täältä on tullut monta pyyntöä. Palaa takaisin ja yritä hetken kuluttua.",
        "later": "Tämä ei onnistu juuri nyt. Palaa takaisin ja yritä hetken kuluttua.", "gone": "Tätä sivua ei ole.",
        "wrong": "Emme voineet ottaa tätä vastaan. Palaa takaisin ja yritä uudelleen tai soita meille.",
    },
    "ar": {
        "title": "لم ينجح ذلك", "often": "وصلت طلبات كثيرة من هنا. ارجع وحاول بعد قليل.",
        "later": "لا يمكن ذلك الآن. ارجع وحاول مجددا بعد قليل.", "gone": "لا توجد صفحة كهذه.",
        "wrong": "لم نتمكن من استلام ذلك. ارجع وحاول مجددا، أو اتصل بنا.",
    },
}  # fmt: skip


def accepted(accept: str) -> bool:
    """Tell whether a client takes HTML, by its Accept header (RFC 9110, 12.5.1).

    >>> accepted("text/html,*/*;q=0.8"), accepted(""), accepted("application/json")
    (True, True, False)
    """
    kinds = [one.partition(";")[0].strip().lower() for one in accept.split(",")]
    return not accept or any(one in ("text/html", "text/*", "*/*") for one in kinds)


def page(refused: Refused, language: str) -> Content:
    """Return what is read instead of a page, with the error's id for whoever is asked about it."""
    words = WORDS[language]
    if refused.error_id == "too_many_requests":
        said = words["often"]
    elif refused.error_id in GONE:
        said = words["gone"]
    else:
        said = words["later" if refused.retryable else "wrong"]
    mark = f'<p><code dir="ltr">{citizen.text(refused.error_id)}</code></p>'
    return citizen.page(language, words["title"], [f'<p role="alert">{citizen.text(said)}</p>', mark])
