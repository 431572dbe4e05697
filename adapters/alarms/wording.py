"""What people are told of alarms, in the house's language."""

from collections.abc import Mapping
from typing import Final

from queues.alarms import AlarmKind
from router.led import Alert

OTHERWISE: Final = "en"
"""The language of houses whose own is none of these."""
SAID: Final[Mapping[str, Mapping[AlarmKind, str]]] = {
    "sv": {
        "waiting": "många väntar",
        "longest_wait": "någon har väntat för länge",
        "service_level": "servicenivån är låg",
        "nobody_available": "ingen är ledig",
    },
    "en": {
        "waiting": "many are waiting",
        "longest_wait": "somebody has waited too long",
        "service_level": "the service level is low",
        "nobody_available": "nobody is available",
    },
    "fi": {
        "waiting": "moni odottaa",
        "longest_wait": "joku on odottanut liian kauan",
        "service_level": "palvelutaso on matala",
        "nobody_available": "kukaan ei ole vapaana",
    },
    "ar": {
        "waiting": "كثيرون ينتظرون",
        "longest_wait": "أحدهم ينتظر منذ وقت طويل",
        "service_level": "مستوى الخدمة منخفض",
        "nobody_available": "لا أحد متاح",
    },
}
OVER: Final[Mapping[str, str]] = {"sv": "Över", "en": "Over", "fi": "Ohi", "ar": "انتهى"}


def subject_of(alert: Alert, title: str, language: str) -> str:
    """Return one line that says it all: `Over: Kontaktcenter: many are waiting`."""
    spoken = language if language in SAID else OTHERWISE
    said = f"{title}: {SAID[spoken][alert.alarm]}"
    return f"{OVER[spoken]}: {said}" if alert.over else said
