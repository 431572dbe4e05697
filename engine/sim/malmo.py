"""Malmö as the simulated day has it: six services, four languages, two places, and guides in overlapping teams."""

from collections.abc import Iterable
from datetime import time
from typing import Final

from ivr.flow import Collect, Enter, Flow, HangUp, Menu, Node, Promise, Promised, Times
from queues.assistance import Assistance
from queues.channels import CHANNELS
from queues.hours import Hours
from queues.queue import Announce, Calling, Queue, Target, WayOut
from queues.site import DESK, Service, Site
from queues.skills import Need, Step
from router.configuration import AgentSettings, Configuration, Entry

OPENS: Final = 8
CLOSES: Final = 17
GUIDES: Final = 65
LANGUAGES: Final = {"english": 0.06, "arabic": 0.04, "finnish": 0.01}
"""Share of citizens who choose it; the others speak the city's own."""
OWN: Final = "swedish"
CODES: Final = {OWN: "sv", "english": "en", "arabic": "ar", "finnish": "fi"}
PLAIN: Final = "plain"
"""Plain language: what some citizens need, and one guide in six is good at."""
VISITS: Final = {"hall": 180, "library": 70}
"""Place to how many come on that day."""
DESKS: Final = 4
"""At each place, with a guide at each of them."""
SEATS: Final = {
    number: f"{DESK}{site}/{number % DESKS + 1}"
    for number, site in enumerate(site for site in VISITS for _ in range(DESKS))
}
"""Guide to the desk where the guide sits; the others are at their telephones."""
BUSY_PLACE: Final = "hall"
"""Where guides are there for visits alone, and mails between them: a chat would keep a visitor waiting."""
PROMISES: Final = {
    "general": 60.0,
    "schools": 120.0,
    "social": 60.0,
    "streets": 120.0,
    "housing": 180.0,
    "mail": 14_400.0,
}
"""Service to the seconds within which it is to be answered."""
DEFERRED: Final = "mail"
"""The service for whatever waits by itself: mails, forms and messages."""
SPEAKER_WITHIN: Final = 120.0
"""Seconds for which visitors and writers wait for somebody who speaks their language; anybody may come then. Callers
have chosen theirs in the menu, and wait for it."""
TOO_LONG: Final = 900.0
"""Seconds on the line after which somebody is called back instead."""
CALL_ME: Final = "1"
"""The key by which one leaves the line to be called back."""


def malmo(guides: int = GUIDES) -> Configuration:
    """Return the city."""
    hours = Hours(week={day: ((time(OPENS), time(CLOSES)),) for day in range(1, 6)})
    flows = {flow.name: flow for flow in (*_straight(), *map(_menu, CODES))}
    return Configuration(
        revision="malmo",
        queues={name: _queue(name, hours) for name in PROMISES},
        agents={one.id: one for one in map(_guide, range(guides))},
        flows=flows,
        entries=tuple(
            Entry(channel=channel, address=name, flow=name, language=spoken)
            for name, spoken in _languages(flows).items()
            for channel in CHANNELS
        ),
        tongues={name: Assistance(needs=(Need(name, 2),), wait=SPEAKER_WITHIN) for name in LANGUAGES},
        reserve={"finnish": 1},
        sites=_sites(hours),
    )


def entry(service: str, language: str) -> str:
    """Return the way in for those who need no menu: a page, a mailbox."""
    return f"{service} {CODES[language or OWN]}"


def lunch(number: int) -> float:
    """Return when a guide eats, in seconds of the day: those who speak the same language, or serve the same at a place,
    not all at once."""
    return (11 + (number % 2 if number in SEATS else (number + number // 9) % 3)) * 3600.0


def servers(configuration: Configuration, part: str) -> int:
    """Return how many guides at telephones speak a language; or sit at a place and serve what fewest there can."""
    agents = list(enumerate(configuration.agents.values()))
    if part in LANGUAGES:
        return sum(part in one.skills and number not in SEATS for number, one in agents)
    there = [one for number, one in agents if SEATS.get(number, "").startswith(f"{DESK}{part}/")]
    return min(
        sum(service.queue in one.queues for one in there) for service in configuration.sites[part].services.values()
    )


def _queue(name: str, hours: Hours) -> Queue:
    wait = PROMISES[name]
    general = name in ("general", DEFERRED)
    return Queue(
        name=name,
        hours=hours,
        target=Target(wait=wait),
        wrap_up=30.0,
        announce=Announce(),
        requirement=(Step(),)
        if general
        else (Step((Need(name, 2),)), Step((Need(name, 1),), after=wait), Step((), after=3 * wait)),
        max_wait=TOO_LONG,
        keys={CALL_ME: WayOut(to="callback", name="promised")},
        calling=Calling(attempts=3, pause=900.0, hours=hours, bookable=6, window=3600.0, ahead=86_400.0, on_page=60),
        ways_out={
            "closed": WayOut(to="announcement", name="closed"),
            "nobody": WayOut(to="queue", name="general"),
            "too_long": WayOut(to="callback", name="promised"),
        },
    )


def _guide(number: int) -> AgentSettings:
    services = list(PROMISES)
    known = {services[1 + (number + step) % 4]: 3 - step for step in range(2)}
    spoken = {"english": 3}
    if number % 9 == 0:
        spoken["arabic"] = 4
    if number % 20 == 0:
        spoken["finnish"] = 3
    if number % 6 == 4:
        spoken[PLAIN] = 3
    id_ = f"guide{number:02}"
    seat = SEATS.get(number, "").removeprefix(DESK)
    return AgentSettings(
        id=id_,
        address=f"sip:{id_}@desk",
        skills=known | spoken,
        queues=dict.fromkeys((*known, "general"), 0) | {DEFERRED: 1},
        capacity=dict.fromkeys(("chat", "text"), 0) if seat.startswith(f"{BUSY_PLACE}/") else {},
    )


def _straight() -> list[Flow]:
    """Return a way into each service, and one for each language."""
    return [
        Flow(name=name, nodes={"start": Enter(queue=service)})
        for service in PROMISES
        for name in (service, *(entry(service, language) for language in CODES))
    ]


def _menu(language: str) -> Flow:
    """Return what callers hear: which service, plain language, or a time at which to be called back."""
    services = [name for name in PROMISES if name != DEFERRED]
    needs = (Need(language, 2),) if language in LANGUAGES else ()
    nodes: dict[str, Node] = {
        "start": Menu(
            prompt="menu",
            choices={str(number): name for number, name in enumerate(services)} | {"5": "when", "6": "plain"},
            otherwise="general",
            tries=1,
        ),
        "when": Times(prompt="when", queue="general", next="number", otherwise="general", tries=2),
        "number": Collect(
            name="callback_number",
            prompt="number",
            check="number",
            least=2,
            caller="yours",
            confirm="right",
            next="promise",
            otherwise="general",
        ),
        "promise": Promise(queue="general", next="promised", already="general", taken="when"),
        "promised": Promised(prompt="promised", at="promised_at", next="bye"),
        "bye": HangUp(),
        "plain": Enter(queue="general", needs=(Need(PLAIN, 2), *needs)),
        **{name: Enter(queue=name, needs=needs) for name in services},
    }
    return Flow(name=language, nodes=nodes)


def _languages(flows: Iterable[str]) -> dict[str, str]:
    """Return flow to the language in which people come by it."""
    by_page = {entry(service, language): language for service in PROMISES for language in CODES}
    return {name: by_page.get(name, name if name in LANGUAGES else OWN) for name in flows}


def _sites(hours: Hours) -> dict[str, Site]:
    desks = {str(number): "" for number in range(1, DESKS + 1)}
    services = {name: Service(queue=name) for name in ("general", "schools", "social")}
    return {name: Site(name=name, hours=hours, services=services, desks=desks) for name in VISITS}
