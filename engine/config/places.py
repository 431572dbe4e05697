"""places.yaml to `queues.site.Site`: places that people visit, with their hours, services and desks."""

from collections.abc import Collection, Mapping
from typing import Final

from engine.config import words
from engine.config.days import Special
from engine.config.document import Document
from engine.config.problems import unknown
from engine.config.reader import Reader
from engine.config.routing import hours_at
from engine.config.schema import PlacesFile, PlaceTable, QueuesFile
from engine.installation import PlaceWords
from queues.hours import ALWAYS, Hours
from queues.site import Service, Site
from router.configuration import Configuration

FILE: Final = "places.yaml"
DAY: Final = 86_400.0


def places_file(document: Document) -> PlacesFile:
    """Read places.yaml, which may be missing. Mistakes are noted in the document."""
    return Reader(document).whole(PlacesFile) or PlacesFile()


def sites(document: Document, file: PlacesFile, queues: QueuesFile, special: Special) -> dict[str, Site]:
    """Return the places that could be read."""
    found: dict[str, Site] = {}
    for name, table in file.places.items():
        _check_name(document, ("places", name), name)
        for desk in table.desks:
            _check_name(document, ("places", name, "desks", desk), desk)
        hours = hours_at(document, ("places", name, "hours"), table.hours, queues, special)
        found[name] = _site(document, name, table, hours)
    return found


def _site(document: Document, name: str, table: PlaceTable, hours: Hours) -> Site:
    path = ("places", name)
    if not table.services and not document.faulty(path):
        document.say(path, "has no services: write services: {NAME: {queue: QUEUE}}")
    for service, offered in table.services.items():
        _check_name(document, (*path, "services", service), service)
        if offered.bookable and hours == ALWAYS:
            text = "times can be booked only where a place has hours, and here it is always open"
            document.say((*path, "services", service, "bookable"), text)
    return Site(
        name=name,
        hours=hours,
        services={
            service: Service(
                queue=offered.queue,
                letter=offered.letter,
                needs=offered.needs,
                bookable=offered.bookable,
                priority=offered.priority,
            )
            for service, offered in table.services.items()
        },
        desks={desk: f"phone:{one.phone}" if one.phone else "" for desk, one in table.desks.items()},
        languages=table.languages,
        window=table.window,
        ahead=table.ahead_days * DAY,
        late=table.late,
        last_ticket=table.last_ticket,
        keep=table.keep,
        on_page=table.on_page,
    )


def titles(file: PlacesFile) -> dict[str, PlaceWords]:
    """Return the names of places and services for people."""
    return {
        name: PlaceWords(
            table.title,
            {one: offered.title for one, offered in table.services.items() if offered.title},
            table.names,
            {one: offered.names for one, offered in table.services.items() if offered.names},
        )
        for name, table in file.places.items()
    }


def check(
    document: Document, file: PlacesFile, core: Configuration, phones: Collection[str], skills: Collection[str]
) -> None:
    """Note what does not fit the other files: queues, phones, and skills that no agent has."""
    at: dict[str, str] = {}
    for name, table in file.places.items():
        path = ("places", name)
        for service, offered in table.services.items():
            if offered.queue not in core.queues:
                document.say((*path, "services", service, "queue"), unknown("queue", offered.queue, core.queues))
            for need in offered.needs:
                if need.skill not in skills:
                    document.say((*path, "services", service, "needs", need.skill), _no_skill(need.skill, skills))
        for language, needs in table.languages.items():
            for need in needs:
                if need.skill not in skills:
                    document.say((*path, "languages", language, need.skill), _no_skill(need.skill, skills))
        _check_phones(document, name, {desk: one.phone for desk, one in table.desks.items()}, phones, at)


def _check_phones(
    document: Document, place: str, desks: Mapping[str, str], phones: Collection[str], at: dict[str, str]
) -> None:
    for desk, phone in desks.items():
        path = ("places", place, "desks", desk, "phone")
        if phone and phone not in phones:
            document.say(path, unknown("phone in phones.yaml", phone, phones))
        elif phone and phone in at:
            document.say(path, f'stands at desk "{at[phone]}" already; one phone stands at one desk')
        at.setdefault(phone, f"{place}/{desk}")


def _no_skill(skill: str, known: Collection[str]) -> str:
    return unknown("skill", skill, known).replace("there is", "among the agents there is")


def _check_name(document: Document, path: tuple[str, ...], text: str) -> None:
    try:
        words.name(text)
    except ValueError as error:
        document.say(path, str(error))
