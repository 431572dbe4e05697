"""Places that people visit, called *sites* here because a `Place` is one in line: their hours, services and desks.

That somebody works at a site is a skill like any other (`site_need`), which an agent has while sitting at one of its
desks; so rules 1 to 4 hold for visits as they are, at the cost of an index.
"""

from functools import lru_cache
from typing import Final

from msgspec import Struct, field

from queues.hours import ALWAYS, Hours
from queues.skills import Need, Needs

DESK: Final = "desk:"
"""Begins the address of a desk: `desk:SITE/NUMBER`."""
PLACE: Final = "place:"
"""Begins the entry by which visits come: `place:SITE`; and the skill of those who sit there."""
NUMBERS: Final = range(101, 1000)
"""What follows the letter of a ticket; it begins again each day, and when they are used up."""


class Service(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that is done at a site, and the queue of those who do it."""

    queue: str
    letter: str = "A"
    """Tickets of services with the same letter are counted together."""
    needs: Needs = ()
    bookable: int = 0
    """How many may book the same time; nobody can when 0."""
    priority: float = 1.0
    """Multiplies the urgency of those who booked, from their time on (rule 3)."""


class Site(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place as configured. Times in seconds."""

    name: str
    hours: Hours = ALWAYS
    services: dict[str, Service] = field(default_factory=dict)
    desks: dict[str, str] = field(default_factory=dict)
    """Desk to the address of its phone; empty for a desk without one."""
    languages: dict[str, Needs] = field(default_factory=dict)
    """Language to what it takes to speak it."""
    window: float = 1800.0
    """From one bookable time to the next."""
    ahead: float = 14 * 86_400.0
    """How far ahead times can be booked."""
    late: float = 600.0
    """Who booked and is not here so long after the time has lost it."""
    last_ticket: float = 0.0
    """No tickets are given so long before closing."""
    keep: float = 900.0
    """How long the place of somebody is kept who was called and did not come; 0 ends the visit at once."""
    on_page: int = 0
    """So many tickets and booked times of the public page may be open; there is no such page when 0."""


def site_need(site: str) -> Need:
    """Return what visits to `site` need of whoever serves them."""
    return Need(PLACE + site)


@lru_cache(maxsize=4096)
def site_of(needs: Needs) -> str:
    """Return the site at which somebody with these needs is; empty for nobody in particular."""
    return next((need.skill.removeprefix(PLACE) for need in needs if need.skill.startswith(PLACE)), "")


@lru_cache(maxsize=4096)
def elsewhere(needs: Needs) -> Needs:
    """Return what is needed by somebody who need not be met at a site any more."""
    return tuple(need for need in needs if not need.skill.startswith(PLACE))


def site_at(seat: str) -> str:
    """Return the site of a desk, written `SITE/NUMBER`."""
    return seat.partition("/")[0]
