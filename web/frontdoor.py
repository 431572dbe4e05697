"""What leads citizens where: the services that a city's public pages tell of, and the ways to each of them."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

WayKind = Literal["telephone", "webcall", "chat", "text", "mail", "callback", "form", "visit"]


class Way(Struct, frozen=True, kw_only=True):
    """A way to reach somebody."""

    kind: WayKind
    titles: Mapping[str, str]
    """Language to what is read; that of no language (`""`) where there is none of one's own."""
    address: str = ""
    """Where a link leads, a path on this host or a URI; empty when there is nothing to follow."""
    languages: tuple[str, ...] = ()
    """In which one is met; every one that there is somebody for, when none is named."""
    reach: int = 1
    """To how many services it leads: the fewer, the straighter."""

    @property
    def apart(self) -> bool:
        """Whether it is another thing than others of its kind: another place or form, not another number."""
        return self.kind in ("callback", "form", "visit")

    def title(self, language: str) -> str:
        """Return what is read of it in a language."""
        return self.titles.get(language) or self.titles.get("", "")


class Service(Struct, frozen=True, kw_only=True):
    """A queue that citizens are led to."""

    queue: str
    ways: tuple[Way, ...]

    def nearest(self, language: str, house: str) -> tuple[Way, ...]:
        """Return the ways for somebody who speaks a language: of each kind the straightest in that, or else in the
        house's own; ways apart all of them. Whatever there is when there is nothing else."""
        found: list[Way] = []
        for kind in dict.fromkeys(way.kind for way in self.ways):
            there = [way for way in self.ways if way.kind == kind]
            if there[0].apart:
                found += there
                continue
            spoken = [way for way in there if not way.languages or language in way.languages]
            spoken = spoken or [way for way in there if house in way.languages]
            found += sorted(spoken, key=lambda way: way.reach)[:1]
        return tuple(found) or self.ways
