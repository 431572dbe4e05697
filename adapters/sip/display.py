"""Words for the display of a telephone: why a call is back with the agent who sent it on."""

from typing import Final

from router.facts import Returned

FALLBACK: Final = "sv"
WORDS: Final[dict[str, dict[str, str]]] = {
    "sv": {
        "busy": "Åter: upptaget",
        "no_answer": "Åter: inget svar",
        "declined": "Åter: avvisat",
        "unreachable": "Åter: går ej att nå",
        "cut_off": "Åter: samtalet bröts",
        "refused": "Åter: får ej ringas",
        "parked": "Åter från parkering",
    },
    "en": {
        "busy": "Back: busy",
        "no_answer": "Back: no answer",
        "declined": "Back: declined",
        "unreachable": "Back: unreachable",
        "cut_off": "Back: call was cut off",
        "refused": "Back: not allowed",
        "parked": "Back from parking",
    },
    "fi": {
        "busy": "Palautui: varattu",
        "no_answer": "Palautui: ei vastausta",
        "declined": "Palautui: hylätty",
        "unreachable": "Palautui: ei tavoiteta",
        "cut_off": "Palautui: puhelu katkesi",
        "refused": "Palautui: ei sallittu",
        "parked": "Palautui parkista",
    },
}


def returned(language: str, why: Returned) -> str:
    """Return a few words, short enough for a desk phone."""
    words = WORDS.get(language, WORDS[FALLBACK])
    return words.get(why.cause, words["unreachable"])
