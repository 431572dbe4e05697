"""How long somebody may expect to wait: the queue's pace, with who stands before and who is there to serve.

Only live contacts count as standing before: an agent takes them first (rule 3). Of a queue's several lines it is not
known which an agent will come to next; those with an earlier place are taken to go first. Visitors to a place have a
pace of their own, so nobody else stands behind them: what they take of the agents has slowed the queue's pace already.
"""

from queues.channels import CHANNELS
from queues.line import Line, Place
from queues.site import site_of
from queues.skills import Needs
from router.contact import Waiting
from router.entering import first_possible_step
from router.pace import Range, pace_of
from router.state import State


def position(state: State, contact: Waiting) -> int:
    """Return the place of a waiting contact among those of its queue who are on the line, from 1; of a visit among
    those to its site, whom nobody else counts."""
    spot = contact.spot
    return 1 + sum(line.ahead_of(spot.place) for line in _lines(state, spot.queue, site_of(spot.needs)))


def of_contact(state: State, contact: Waiting, now: float) -> Range | None:
    """Return how much longer a contact will wait, None when that cannot be told."""
    spot = contact.spot
    return _expect(state, spot.queue, spot.needs, spot.place, now)


def of_newcomer(state: State, queue: str, channel: str, now: float, own_needs: Needs = ()) -> Range | None:
    """Return how long a contact would wait that came now and needed nothing special, or what visits to a site need."""
    requirement = state.requirement(queue, own_needs)
    needs = requirement[first_possible_step(state, queue, requirement, 0)].needs
    pace = state.paces.get(pace_of(queue, needs))
    if pace is not None and state.crew.able(queue, needs) & state.crew.free(channel):
        return pace.at_once()
    return _expect(state, queue, needs, None, now)


def _expect(state: State, queue: str, needs: Needs, place: Place | None, now: float) -> Range | None:
    pace = state.paces.get(pace_of(queue, needs))
    if pace is None:
        return None
    before = own = 0
    for line in _lines(state, queue, site_of(needs)):
        ahead = len(line) if place is None else line.ahead_of(place)
        before += ahead
        own += ahead if line.key.needs == needs else 0
    crew = state.crew
    return pace.expect(now, before, own, state.there(queue, needs), crew.there_among(crew.able(queue, needs)))


def _lines(state: State, queue: str, site: str) -> list[Line]:
    lines = (line for line in state.lines.lines_of(queue) if CHANNELS[line.channel].live)
    return [line for line in lines if site_of(line.key.needs) == site]
