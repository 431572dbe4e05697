"""Which services the public pages tell of: the queues that numbers, pages, mailboxes and places lead citizens to."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from adapters.email.settings import mailbox_of
from engine.config import Loaded
from engine.config.schema import PERSON
from engine.installation import Installation
from ivr.flow import Enter, Flow, Run
from router.configuration import WEB_CALL, Configuration, Entry
from router.dialling import readable
from web.callpage import BASE
from web.frontdoor import Service, Way, WayKind

ORDER: Final[tuple[WayKind, ...]] = ("telephone", "webcall", "chat", "callback", "text", "mail", "form", "visit")
"""In which ways are told."""
ROUNDABOUT: Final = 1000
"""The reach of a way that leads somewhere only for who asks for a person."""
Led = tuple[Way, Collection[str]]
"""A way, and the queues to which it leads."""


def services(loaded: Loaded) -> tuple[Service, ...]:
    """Return what citizens are led to, in the order of the configuration; without what is kept from public pages."""
    core, words = loaded.core, loaded.installation
    ways = [*_entrances(core, words), *_forms(words), *_callbacks(core), *_places(core, words)]
    listed = [name for name in core.queues if name not in words.unlisted]
    found = (Service(queue=name, ways=_sorted(way for way, queues in ways if name in queues)) for name in listed)
    return tuple(one for one in found if one.ways)


def _sorted(ways: Iterator[Way]) -> tuple[Way, ...]:
    return tuple(sorted(ways, key=lambda way: ORDER.index(way.kind)))


def led_to(flows: Mapping[str, Flow], name: str, before: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return the queues in which somebody may come to wait who goes through a flow, and those that it runs; without the
    one to which everybody may go instead."""
    flow = flows.get(name)
    if flow is None or name in before:
        return frozenset()
    found: set[str] = set()
    for at, node in flow.nodes.items():
        match node:
            case Enter() if at != PERSON:
                found.add(node.queue)
            case Run():
                found |= led_to(flows, node.flow, before | {name})
            case _:
                pass
    return frozenset(found)


def _entrances(core: Configuration, words: Installation) -> Iterator[Led]:
    """Yield the ways in that a flow stands behind."""
    for entry in core.entries:
        queues = led_to(core.flows, entry.flow)
        person = core.flows[entry.flow].person
        for led, reach in ((queues, len(queues)), ({person} - queues - {""}, ROUNDABOUT)):
            way = _entrance(entry, core, words, reach)
            if way is not None and led:
                yield way, led


def _entrance(entry: Entry, core: Configuration, words: Installation, reach: int) -> Way | None:
    spoken = (entry.language,) if entry.language else ()
    match entry.channel:  # the names of adapters' channels
        case "call" if entry.address.startswith(WEB_CALL):
            _, page, language = entry.address.split(WEB_CALL)
            address = f"{BASE}/call/{page}?language={language}"
            titles = words.webcalls.pages[page].title or {"": page}
            return Way(kind="webcall", titles=titles, address=address, languages=(language,), reach=reach)
        case "call":
            shown = readable(entry.address, core.dialling.home)
            return _way("telephone", shown, f"tel:{entry.address}", spoken, reach)
        case "chat":
            page, _, language = entry.address.partition(" ")
            address = f"{BASE}/chat/{page}?language={language or entry.language}"
            titles = {words.language: words.chat.pages[page].title}
            return Way(kind="chat", titles=titles, address=address, languages=spoken, reach=reach)
        case "mail":
            box = words.mail.mailboxes.get(mailbox_of(entry.address))
            return _way("mail", box.address, f"mailto:{box.address}", spoken, reach) if box is not None else None
        case "post":
            hook = words.hooks.get(entry.address)
            return _way("text", hook.title, "", spoken, reach) if hook is not None and hook.title else None
        case _:
            return None


def _way(kind: WayKind, title: str, address: str, languages: tuple[str, ...], reach: int) -> Way:
    return Way(kind=kind, titles={"": title}, address=address, languages=languages, reach=reach)


def _forms(words: Installation) -> Iterator[Led]:
    for form in words.forms.forms.values():
        if form.page:
            titles = {**form.title, "": form.said(form.title, words.language)}
            yield Way(kind="form", titles=titles, address=f"{BASE}/forms/{form.name}"), (form.queue,)


def _callbacks(core: Configuration) -> Iterator[Led]:
    for queue in core.queues.values():
        if queue.calling.on_page:
            yield Way(kind="callback", titles={}, address=f"{BASE}/callbacks/{queue.name}"), (queue.name,)


def _places(core: Configuration, words: Installation) -> Iterator[Led]:
    for site in core.sites.values():
        known = words.places[site.name]
        titles = {**known.names, "": known.title or site.name}
        address = f"{BASE}/places/{site.name}" if site.on_page else ""
        yield Way(kind="visit", titles=titles, address=address), {one.queue for one in site.services.values()}
