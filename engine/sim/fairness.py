"""What equal service asks (rule 10), seen from outside: was anybody overtaken without a reason, was each met by one who
speaks the language, and how well can few agents serve at all.

What few agents can do has fewer servers: with equal work they are all busy more often, and so those wait longer who
need them. That is no unfairness of the router, as long as nobody who came later is served by an agent who could have
served the one before; nobody is, by rule 3. How much longer one may wait then follows from how many they are
(`yardstick`); more of them is a matter of staffing.
"""

import math
from collections import Counter
from collections.abc import Iterator
from typing import Final

from queues.channels import CHANNELS
from queues.site import site_of
from queues.skills import meets
from router import facts as f
from router.contact import Connected, Offered, Waiting
from router.matching import is_overdue
from router.state import State

SURE: Final = 3.0
"""Standard errors by which a day's share may lie below what is expected, for chance."""


class Fairness:
    """Looks at each decision of a run."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        """`languages` are those that take a skill of the same name."""
        self.overtaken: Counter[str] = Counter()
        """Language or place to those who saw a later one go to an agent who could have served them, for no reason."""
        self.unable: Counter[str] = Counter()
        """The same, when whoever got free could not serve them: what a scarce skill costs."""
        self.held_back: Counter[str] = Counter()
        """The same, when that agent was kept for those who need a scarce skill (rule 10)."""
        self.answered: Counter[str] = Counter()
        """Language to live contacts that were answered."""
        self.understood: Counter[str] = Counter()
        """Language to those of them that were answered by somebody who speaks it."""
        self._languages = languages

    def decided(self, state: State, now: float, facts: list[f.AnyFact]) -> None:
        """Look at what an input led to."""
        for fact in facts:
            match fact:
                case f.OfferMade():
                    contact = state.contacts.get(fact.contact)
                    if isinstance(contact, Offered) and contact.offer == fact.offer and fact.rule != "preferred":
                        self._compare(state, contact, now)
                case f.OfferAccepted():
                    contact = state.contacts.get(fact.contact)
                    if isinstance(contact, Connected):
                        self._met(state, contact)
                case _:
                    pass

    def _compare(self, state: State, offered: Offered, now: float) -> None:
        """Look at those who came before the one who is offered, and still wait."""
        settings = state.settings(offered.agent)
        kept = {skill for skill in state.configuration.reserve if skill in settings.skills}
        for one in _before(state, offered, now):
            groups = _groups(one)
            if not meets(settings.skills, one.spot.needs):
                self.unable.update(groups)
            elif any(agent == offered.agent for agent, _ in one.spot.rests):
                pass  # that agent refused a moment ago (rule 1)
            elif kept - {need.skill for need in one.spot.needs} and not is_overdue(state, one, now):
                self.held_back.update(groups)
            else:
                self.overtaken.update(groups)

    def _met(self, state: State, contact: Connected) -> None:
        language = contact.card.language
        if language in self._languages and CHANNELS[contact.card.channel].live:
            self.answered[language] += 1
            self.understood[language] += language in state.settings(contact.agent).skills


def _before(state: State, offered: Offered, now: float) -> Iterator[Waiting]:
    """Yield who stands in the same line of people, weighs the same and came earlier; not who came back just now."""
    spot = offered.spot
    for id_ in state.lines.everybody_in(spot.queue):
        one = state.contacts[id_]
        if not isinstance(one, Waiting) or one.card.channel != offered.card.channel or one.spot.place >= spot.place:
            continue
        alike = one.spot.priority == spot.priority and one.spot.weight == spot.weight
        if alike and one.spot.grace_until is None and one.spot.stands_since < now:
            yield one


def _groups(contact: Waiting) -> tuple[str, ...]:
    site = site_of(contact.spot.needs)
    return (contact.card.language, f"place {site}") if site else (contact.card.language,)


def yardstick(servers: int, occupancy: float, target: float, handling: float) -> float:
    """Return the share answered within `target` seconds by so few `servers`, were they alone: each is busy for a share
    `occupancy` of the time, with contacts of `handling` seconds. Waiting times of M/M/c (A. K. Erlang, 1917)."""
    load = servers * min(occupancy, 0.99)
    return 1.0 - erlang_c(servers, load) * math.exp(-(servers - load) * target / handling)


def at_least(expected: float, answered: int) -> float:
    """Return what of an `expected` share must show among so many who were `answered`, whatever chance does."""
    return expected - SURE * math.sqrt(expected * (1.0 - expected) / max(answered, 1))


def erlang_c(servers: int, load: float) -> float:
    """Return the share that waits of those who come to `servers` with an offered `load`, both in agents."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked / (1.0 - load / servers * (1.0 - blocked))
