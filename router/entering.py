"""How a contact gets from its arrival into a line, or out by the way that is left (rules 2, 7, 8 and 9)."""

from queues.channels import CHANNELS
from queues.line import Place
from queues.queue import GOODBYE, Obstacle, Queue, WayOut
from queues.skills import Needs, Requirement, Step, at_least_as_wide, signature
from router import facts as f
from router.contact import Away, Contact, Leaving, Waiting
from router.turn import Turn


def enqueue(turn: Turn, contact: Contact, name: str, needs: Needs = (), priority: float = 1.0) -> None:
    """Let a contact wait in queue `name`, or take the way out of what stands against it."""
    queue = turn.state.configuration.queues[name]
    requirement = with_needs(queue.requirement, needs)
    obstacle = _obstacle(turn, contact, queue, requirement)
    if obstacle is not None:
        take_way_out(turn, contact, queue, obstacle)
        return
    kept = _kept_place(turn, contact, name)
    place = kept.spot.place if kept is not None else Place(turn.state.clock(name, turn.now), contact.card.order)
    preferred = contact.card.preferred
    _queue(turn, contact, queue, requirement, place, priority, preferred)
    if kept is not None:
        turn.emit(f.ContactEnded(turn.now, kept.card.id, "resumed", contact.card.id))


def _queue(
    turn: Turn,
    contact: Contact,
    queue: Queue,
    requirement: Requirement,
    place: Place,
    priority: float,
    preferred: str | None,
    offers: int = 0,
) -> None:
    step = first_possible_step(turn, queue.name, requirement, 0)
    grace = turn.now + queue.grace if preferred is not None and _at_work(turn, preferred) else None
    turn.emit(
        f.ContactQueued(
            turn.now,
            contact.card.id,
            queue.name,
            place,
            requirement,
            step,
            queue.weight * priority,
            preferred,
            grace,
            offers,
        )
    )


def with_needs(requirement: Requirement, needs: Needs) -> Requirement:
    """Add `needs` to every step."""
    return tuple(Step(signature((*step.needs, *needs)), step.after) for step in requirement)


def first_possible_step(turn: Turn, queue: str, requirement: Requirement, start: int) -> int:
    """Return the step to wait at: from `start`, past steps that nobody logged in could meet, if wider ones follow."""
    crew = turn.state.crew
    step = start
    while step + 1 < len(requirement):
        here, there = requirement[step].needs, requirement[step + 1].needs
        if crew.at_work(crew.able(queue, here)) or not at_least_as_wide(here, there):
            return step
        step += 1
    return step


def _obstacle(turn: Turn, contact: Contact, queue: Queue, requirement: Requirement) -> Obstacle | None:
    """Return why a live contact cannot wait in `queue` (rule 9); a deferred one always can."""
    state = turn.state
    if not CHANNELS[contact.card.channel].live or contact.card.channel == "callback":
        return None
    if not state.is_open(queue.name):
        return "closed"
    if queue.max_waiting is not None and state.lines.waiting.get(queue.name, 0) >= queue.max_waiting:
        return "full"
    step = first_possible_step(turn, queue.name, requirement, 0)
    if not state.crew.at_work(state.crew.able(queue.name, requirement[step].needs)):
        return "nobody"
    return None


def _kept_place(turn: Turn, contact: Contact, queue: str) -> Away | None:
    """Return the contact whose place this person kept in `queue` (rule 7)."""
    if contact.card.person is None:
        return None
    id_ = turn.state.away.get(contact.card.person)
    kept = turn.state.contacts.get(id_) if id_ is not None else None
    return kept if isinstance(kept, Away) and kept.spot.queue == queue else None


def _at_work(turn: Turn, agent: str) -> bool:
    profile = turn.state.crew.profile_of.get(agent)
    known = turn.state.agents.get(agent)
    return profile is not None and known is not None and turn.state.crew.at_work(profile.bit)


# ---- ways out --------------------------------------------------------------------------------------------------


def take_way_out(turn: Turn, contact: Contact, queue: Queue, obstacle: Obstacle) -> None:
    """Leave `queue` by its configured way (rule 9). A way that leads nowhere new becomes the polite apology."""
    way = _passable(turn, contact, queue, queue.way_out(obstacle))
    turn.emit(f.WayOutTaken(turn.now, contact.card.id, queue.name, obstacle, way))
    leaving = turn.state.contacts[contact.card.id]
    if way.to == "queue":
        _wait_elsewhere(turn, contact, leaving, way.name)
    elif way.to == "callback":
        register_callback(turn, contact, queue)


def _passable(turn: Turn, contact: Contact, queue: Queue, way: WayOut) -> WayOut:
    if way.to == "callback" and contact.card.person is None:
        return GOODBYE
    if way.to != "queue":
        return way
    other = turn.state.configuration.queues[way.name]
    requirement = with_needs(other.requirement, _added_needs(contact))
    if isinstance(contact, Leaving) or _obstacle(turn, contact, other, requirement) is not None:
        onward = other.way_out("closed")
        return onward if onward.to == "announcement" else GOODBYE
    return way


def _wait_elsewhere(turn: Turn, before: Contact, leaving: Contact, name: str) -> None:
    """Queue in another queue with the waiting time kept (rule 7)."""
    state = turn.state
    waited = state.waited(before, turn.now) if isinstance(before, Waiting) else 0.0
    queue = state.configuration.queues[name]
    place = Place(state.clock(name, turn.now) - waited, leaving.card.order)
    spot = before.spot if isinstance(before, Waiting) else None
    requirement = with_needs(queue.requirement, _added_needs(before))
    offers = spot.offers if spot is not None else 0
    _queue(turn, leaving, queue, requirement, place, 1.0, None, offers)


def _added_needs(contact: Contact) -> Needs:
    """Return what a waiting contact needs at its widest: that goes with it to another queue."""
    return contact.spot.requirement[-1].needs if isinstance(contact, Waiting) else ()


def register_callback(turn: Turn, contact: Contact, queue: Queue) -> str:
    """Promise to call the citizen back at the kept place; one promise per person and queue (rule 8). Return its id."""
    person = contact.card.person
    assert person is not None  # callers have made sure
    promised = turn.state.promised.get((person, queue.name))
    if promised is not None:
        return promised
    callback = f"{contact.card.id}.callback"
    spot = contact.spot if isinstance(contact, Waiting) else None
    order = turn.state.order + 1
    turn.emit(f.CallbackRegistered(turn.now, callback, contact.card.id, person, queue.name, order))
    waiting = turn.state.contacts[callback]
    place = spot.place if spot is not None else Place(turn.state.clock(queue.name, turn.now), contact.card.order)
    requirement = spot.requirement if spot is not None else queue.requirement
    _queue(turn, waiting, queue, requirement, place, 1.0, None)
    return callback


# ---- widening --------------------------------------------------------------------------------------------------


def widen(turn: Turn, contact: Waiting) -> None:
    """Move on to the widest step that is due by waiting time, and past steps nobody could meet (rule 2)."""
    spot = contact.spot
    waited = turn.state.waited(contact, turn.now)
    step = spot.step
    while step + 1 < len(spot.requirement) and spot.requirement[step + 1].after <= waited:
        step += 1
    step = first_possible_step(turn, spot.queue, spot.requirement, step)
    if step != spot.step:
        turn.emit(f.RequirementWidened(turn.now, contact.card.id, step))


def nobody_left(turn: Turn, queue: str) -> None:
    """Look after contacts of `queue` that no agent still at work could serve: a wider step, or the way out."""
    crew = turn.state.crew
    for id_ in turn.state.lines.everybody_in(queue):
        contact = turn.state.contacts[id_]
        if not isinstance(contact, Waiting) or crew.at_work(crew.able(queue, contact.spot.needs)):
            continue
        widen(turn, contact)
        widened = turn.state.contacts[id_]
        if not isinstance(widened, Waiting) or crew.at_work(crew.able(queue, widened.spot.needs)):
            continue
        settings = turn.state.configuration.queues[queue]
        if CHANNELS[widened.card.channel].live and "nobody" in settings.ways_out:
            take_way_out(turn, widened, settings, "nobody")
