"""Screens in a place that people visit: the board on its wall, and the kiosk that gives numbers.

The pages themselves tell nothing and are anybody's; what they show they ask of the API, with a token of role `kiosk`
that staff types once on each screen. It stays in the browser's tab (docs/public-pages.md).
"""

from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta

from queues.site import Site
from router.api import Asked, Content, Id, Pace, Visitor, public
from router.inputs import Refused
from router.state import State
from web import citizen, waits
from web.callpage import BASE
from web.house import House
from web.screenwords import WORDS

LOOK: Final = Pace(rate=1, burst=60)
NEEDS: Final = ("mobility", "hearing", "sight", "interpreter", "sign_language")
"""Which needs a visitor can tell at a kiosk, of `router.persons.AIDS`."""
THERE: Final = "there"
"""The part that signs a screen in."""


class AtPlace(Asked, frozen=True, kw_only=True):
    """A screen in a place."""

    place: Id
    language: Annotated[str, Meta(max_length=16)] = ""


class AtKiosk(AtPlace, frozen=True, kw_only=True):
    """A kiosk; `prints` lets it print each number by itself."""

    prints: bool = False


class ScreenRoutes:
    """Gives the pages of screens."""

    def __init__(self, house: House) -> None:
        self._house = house

    @public("GET", "/places/{place}/board", LOOK, gives="text/html", refusals=("no_page",))
    async def board(self, _: Visitor, asked: AtPlace) -> Content:
        """Give the page of the board on a place's wall."""
        site, language = await self._site(asked.place), self._spoken(asked)
        words = WORDS[language]
        shown = (
            '<div id="screen" hidden><div id="news"></div>'
            f'<section id="called" aria-labelledby="h-called"><h2 id="h-called">{citizen.text(words["called"])}</h2>'
            f'<ol id="calls"></ol><p id="nobody" hidden>{citizen.text(words["nobody"])}</p></section>'
            f'<section id="line" aria-labelledby="h-line"><h2 id="h-line">{citizen.text(words["waiting"])}</h2>'
            '<ul id="services"></ul><p id="waiting"></p></section>'
            f'<p id="shut" hidden>{citizen.text(words["shut"])}</p>'
            '<p id="said" class="unseen" role="status"></p>'
            f'<button type="button" id="sound" aria-pressed="false">{citizen.text(words["sound"])}</button></div>'
        )
        told = {**self._told(site, (language,)), "language": language}
        return citizen.page(
            language,
            self._house.called(language, place=site.name),
            [_sign_in(words), shown],
            parts=(THERE, "board"),
            told=told,
        )

    @public("GET", "/places/{place}/kiosk", LOOK, gives="text/html", refusals=("no_page",))
    async def kiosk(self, _: Visitor, asked: AtKiosk) -> Content:
        """Give the page of a kiosk that gives numbers."""
        site, language = await self._site(asked.place), self._spoken(asked)
        words = WORDS[language]
        told = {
            **self._told(site, tuple(citizen.LANGUAGES)),
            "language": language,
            "codes": bool(self._house.citizens),
            "prints": asked.prints,
        }
        main = [
            _sign_in(words),
            f'<div id="screen" hidden>{_start(words, language)}{_ticket(words)}{_sorry(words)}</div>',
        ]
        title = self._house.called(language, place=site.name)
        return citizen.page(language, title, main, parts=(THERE, "kiosk"), told=told)

    async def _site(self, place: str) -> Site:
        def look(state: State, _: str) -> Site:
            site = state.configuration.sites.get(place)
            if site is None:
                raise Refused("no_page", "there is no such page")
            return site

        return await self._house.read(look)

    def _spoken(self, asked: AtPlace) -> str:
        return citizen.spoken(asked.language, self._house.language)

    def _told(self, site: Site, languages: tuple[str, ...]) -> dict[str, object]:
        """Return what the scripts are told: words, and names of the place and its services, by language."""
        house = self._house
        return {
            "place": site.name,
            "words": {one: WORDS[one] for one in languages},
            "waits": {one: waits.WORDS[one] for one in languages},
            "titles": {one: house.called(one, place=site.name) for one in languages},
            "services": {
                service: {one: house.called(one, place=site.name, service=service) for one in languages}
                for service in site.services
            },
            "rtl": sorted(citizen.RIGHT_TO_LEFT),
            "visits": f"{BASE}/visits/",
        }


def _word(tag: str, name: str, words: Mapping[str, str], more: str = "") -> str:
    """Return an element whose words change with the language that a visitor chooses."""
    return f'<{tag} data-word="{name}"{more}>{citizen.text(words[name])}</{tag}>'


def _sign_in(words: Mapping[str, str]) -> str:
    return (
        f"<noscript><p>{citizen.text(words['no_script'])}</p></noscript>"
        f'<form id="there" hidden><h2>{citizen.text(words["connect"])}</h2>'
        f'<p id="about">{citizen.text(words["about"])}</p>'
        f'<p><label for="token">{citizen.text(words["token"])}</label><br><input type="password" id="token" dir="ltr"'
        ' autocomplete="off" spellcheck="false" required maxlength="200" aria-describedby="about"></p>'
        f'<p id="refused" role="alert"></p><button>{citizen.text(words["start"])}</button></form>'
    )


def _start(words: Mapping[str, str], language: str) -> str:
    """Return a kiosk's first view: languages, services, needs."""
    tongues = "".join(
        f'<button type="button" lang="{one}" data-language="{one}" aria-pressed="{str(one == language).lower()}">'
        f"{name}</button>"
        for one, name in citizen.LANGUAGES.items()
    )
    needs = "".join(
        f'<label><input type="checkbox" name="need" value="{need}"> {_word("span", need, words)}</label>'
        for need in NEEDS
    )
    return (
        f'<div id="start"><div id="tongues" role="group" aria-label="{citizen.text(words["language"])}">{tongues}</div>'
        f'<div id="news"></div>{_word("h2", "what", words)}<p id="shut" hidden></p><div id="services"></div>'
        '<p id="said" role="status"></p>'
        f'<details id="needs">{_word("summary", "help", words)}<fieldset>{_word("legend", "help_with", words)}{needs}'
        f"{_word('p', 'told', words)}</fieldset></details></div>"
    )


def _ticket(words: Mapping[str, str]) -> str:
    """Return a kiosk's view of a number that was given, which is printed too."""
    return (
        f'<div id="ticket" hidden><div id="slip"><p id="where"></p><h2 id="yours" tabindex="-1">'
        f'{_word("span", "yours", words)} <strong id="number"></strong></h2><p id="service"></p><p id="place"></p>'
        f'<p id="wait"></p><p id="when"></p><figure id="code" hidden><img alt="" width="180" height="180">'
        f"{_word('figcaption', 'scan', words)}</figure></div>{_word('p', 'listen', words)}"
        f'<p class="do">{_word("button", "done", words, " type=button id=done")}'
        f"{_word('button', 'print', words, ' type=button id=print')}"
        f'{_word("button", "more_time", words, " type=button id=more")}</p><p id="again"></p></div>'
    )


def _sorry(words: Mapping[str, str]) -> str:
    return (
        f'<div id="sorry" hidden>{_word("h2", "sorry", words, " tabindex=-1 id=h-sorry")}<p id="why"></p>'
        f'<p class="do">{_word("button", "done", words, " type=button id=back")}</p></div>'
    )
