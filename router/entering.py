"""How a contact gets from its arrival into a line, or out by the way that is left (rules 2, 4, 7, 8 and 9)."""

from typing import Final, Literal

from msgspec import Struct, structs

from ivr.actions import Notes
from ivr.phrase import Phrase
from queues.channels import CHANNELS
from queues.hours import is_open, seconds_to_change
from queues.line import Place
from queues.queue import GOODBYE, Obstacle, Queue, WayOut
from queues.site import elsewhere
from queues.skills import Needs, Requirement, at_least_as_wide, signature
from router import crisis, messages
from router import facts as f
from router.agent import stays
from router.callback import Registered
from router.contact import Arrived, Away, Connected, Contact, Leaving, Waiting, WrappingUp, queues_left
from router.dialling import Destination
from router.ending import be_done, close_questions, drop_parties, end, turned_away
from router.inputs import Refused
from router.state import State
from router.turn import Turn

TRIAGE_FOR: Final = "triage_for"
"""The note that tells triage which queue somebody wanted."""


class Wish(Struct, frozen=True, gc=False):
    """What a contact brings with it into whichever queue it waits in."""

    needs: Needs = ()
    priority: float = 1.0
    preferred: str | None = None
    offers: int = 0
    """How many offers it was part of before; ids of new ones count on."""
    notes: Notes = ()
    sent: f.Sent | None = None
    """Who sent it to the second line."""
    returned: f.Returned | None = None
    """Why it is back from there."""


def enqueue(
    turn: Turn, contact: Contact, name: str, needs: Needs = (), priority: float = 1.0, notes: Notes = ()
) -> None:
    """Let a contact wait in queue `name`, or take the way out of what stands against it."""
    queue = turn.state.configuration.queues[name]
    wish = Wish(signature(needs) if needs else (), priority, _preferred(turn, contact), notes=notes)
    kept = _kept_place(turn.state, contact, name)
    obstacle = _obstacle(turn.state, contact, queue, wish.needs)
    if obstacle != "closed" and turn.state.running and _by_crisis(turn, contact, queue, wish):
        return
    stood = contact.card.stood is not None and contact.card.stood.queue == name
    if obstacle is not None and not (obstacle == "full" and (stood or kept is not None)):
        take_way_out(turn, contact, queue, obstacle, wish)
        return
    _wait(turn, contact, queue, _place(turn, contact, queue, kept), wish)
    _resumed(turn, kept, contact)


def _by_crisis(turn: Turn, contact: Contact, queue: Queue, wish: Wish) -> bool:
    """Lead a citizen who is here away from `queue` while there is a crisis: to be called back, or to triage."""
    state, policy = turn.state, CHANNELS[contact.card.channel]
    if not policy.attended or policy.in_person:
        return False
    if policy.voice and contact.card.person is not None and crisis.callback_only(state.running, queue.name):
        _go(turn, contact, queue, "crisis", WayOut("callback", crisis.CALLBACK), wish)
        return True
    triage = state.configuration.queues.get(crisis.triage_of(state.running, queue.name))
    if triage is None or _obstacle(state, contact, triage, wish.needs) is not None:
        return False
    kept = _kept_place(state, contact, queue.name)
    waited = state.clock(queue.name, turn.now) - _place(turn, contact, queue, kept).clock
    order = kept.spot.place.order if kept is not None else contact.card.order
    place = Place(state.clock(triage.name, turn.now) - waited, order)
    _wait(turn, contact, triage, place, structs.replace(wish, notes=(*wish.notes, (TRIAGE_FOR, queue.name))))
    _resumed(turn, kept, contact)
    return True


def _wait(
    turn: Turn, contact: Contact, queue: Queue, place: Place, wish: Wish, requirement: Requirement | None = None
) -> None:
    """Put a contact into the line; `requirement` when it has one already."""
    if requirement is None:
        requirement = turn.state.requirement(queue.name, wish.needs, turn.state.assistance(contact.card))
    step = first_possible_step(turn.state, queue.name, requirement, 0)
    waits_for = wish.preferred is not None and may_become_free(
        turn.state, wish.preferred, queue.name, requirement[step].needs
    )
    grace = queue.return_grace if wish.returned is not None else queue.grace
    turn.emit(
        f.ContactQueued(
            turn.now,
            contact.card.id,
            queue.name,
            place,
            requirement,
            step,
            queue.weight * wish.priority,
            wish.preferred,
            turn.now + grace if waits_for and grace > 0 else None,
            wish.offers,
            wish.needs,
            wish.priority,
            wish.notes,
            wish.sent,
            wish.returned,
        )
    )


def _resumed(turn: Turn, kept: Away | None, contact: Contact) -> None:
    """End the contact whose place `contact` has taken, if there was one (rule 7)."""
    if kept is not None:
        close_questions(turn, kept)
        turn.emit(f.ContactEnded(turn.now, kept.card.id, "resumed", contact.card.id))


def _preferred(turn: Turn, contact: Contact) -> str | None:
    """Return whom a person should meet: who was named, or else who served them last, by whatever channel (rule 4)."""
    return contact.card.preferred or turn.state.last_agent(contact.card, turn.now)


def put_through(turn: Turn, contact: str, destination: Destination, timeout: float, leg: str) -> None:
    """Ring a destination as `leg` for somebody whom no agent has: a flow's caller, or a phone of the house."""
    to = turn.state.at_phone.get(destination.address)
    turn.emit(f.ContactForwarded(turn.now, contact, "", destination, leg, turn.now + timeout, to=to))


def enqueue_own(turn: Turn, contact: str, name: str, needs: Needs = ()) -> None:
    """Give what an agent begins a place in queue `name`, from where the agent takes it at once."""
    arrived = turn.state.contacts[contact]
    place = Place(turn.state.clock(name, turn.now), arrived.card.order)
    _wait(turn, arrived, turn.state.configuration.queues[name], place, Wish(needs))


def enqueue_at(turn: Turn, contact: Arrived, name: str, needs: Needs, priority: float, start: float) -> None:
    """Let who is here for a booked time stand in queue `name` as if having come at that time, be it before or after."""
    queue = turn.state.configuration.queues[name]
    wish = Wish(signature(needs), priority, _preferred(turn, contact))
    place = Place(turn.state.clock(name, turn.now) + start - turn.now, contact.card.order)
    obstacle = _obstacle(turn.state, contact, queue, wish.needs)
    if obstacle is None or obstacle == "full":
        _wait(turn, contact, queue, place, wish)
    else:
        take_way_out(turn, contact, queue, obstacle, wish)


def hand_over(turn: Turn, contact: Connected, name: str, wrap_up_until: float | None, *, remark: bool = False) -> None:
    """Let a contact that an agent has wait in queue `name`, as long as it has waited before (rule 7).

    With `remark` there is a note for whoever gets it. Raises Refused when it could not wait there.
    """
    state, spot = turn.state, contact.spot
    queue = state.configuration.queues[name]
    obstacle = _obstacle(state, contact, queue, spot.own_needs)
    if obstacle is not None:
        raise Refused(f"queue_{obstacle}", f"nobody can wait in queue {name} now: {obstacle}", retryable=True)
    contact = drop_parties(turn, contact)
    if remark:
        turn.emit(f.RemarkAdded(turn.now, contact.card.id, contact.card.remarks + 1, contact.agent))
    turn.emit(f.ContactReturned(turn.now, contact.card.id, contact.agent, "sent_on", wrap_up_until=wrap_up_until))
    waited = state.clock(spot.queue, turn.now) - spot.place.clock
    clock = state.clock(name, turn.now)
    comes_back = queue.second_line is not None and spot.queue != name
    sent = f.Sent(contact.agent, spot.queue, spot.place, clock) if comes_back else None
    wish = Wish(spot.own_needs, spot.priority, None, spot.offers, spot.notes, sent)
    _wait(turn, state.contacts[contact.card.id], queue, Place(clock - waited, spot.place.order), wish)


def come_back(turn: Turn, contact: Waiting, cause: Literal["not_taken"] | Obstacle) -> None:
    """Bring a contact that the second line did not take back to its place, for the agent who sent it first (rule 7)."""
    spot = contact.spot
    sent = spot.sent
    assert sent is not None  # callers have made sure
    assert cause != "asked"  # who leaves by a key does not come back
    be_done(turn, sent.by, contact.card.id)
    queue = turn.state.configuration.queues[sent.queue]
    returned = f.Returned(cause, queue=spot.queue)
    wish = Wish(spot.own_needs, spot.priority, sent.by, spot.offers, spot.notes, returned=returned)
    _wait(turn, contact, queue, sent.place, wish)
    turn.deserted[sent.queue] = None


def first_possible_step(state: State, queue: str, requirement: Requirement, start: int) -> int:
    """Return the step to wait at: from `start`, past steps that nobody logged in could meet, if wider ones follow."""
    step = start
    while step + 1 < len(requirement):
        here, there = requirement[step].needs, requirement[step + 1].needs
        if _somebody(state, queue, here) or not at_least_as_wide(here, there):
            return step
        step += 1
    return step


def _somebody(state: State, queue: str, needs: Needs) -> bool:
    """Tell whether anybody at work serves `queue` and meets `needs` (rules 1 and 2)."""
    return state.crew.at_work(state.crew.able(queue, needs))


def _anybody(state: State, queue: str, requirement: Requirement) -> bool:
    """Tell whether anybody at work serves `queue` and meets one of the steps; mostly somebody meets the first."""
    first, *others = requirement
    return _somebody(state, queue, first.needs) or any(_somebody(state, queue, step.needs) for step in others)


def staffed(state: State, queue: str) -> bool:
    """Tell whether `queue` is open and somebody at work could serve it."""
    if queue not in state.configuration.queues or not state.is_open(queue):
        return False
    return _anybody(state, queue, state.requirement(queue, ()))


def _obstacle(state: State, contact: Contact, queue: Queue, needs: Needs) -> Obstacle | None:
    """Return why a contact whose citizen is there cannot wait in `queue` (rule 9); any other always can."""
    policy = CHANNELS[contact.card.channel]
    if not policy.attended:
        return None
    if not state.receives(contact, queue.name):
        return "closed"
    waits_for_staff = policy.in_person and "nobody" not in queue.ways_out
    if not waits_for_staff and not _anybody(state, queue.name, state.requirement(queue.name, needs)):
        return "nobody"
    if queue.max_waiting is not None and state.lines.waiting.get(queue.name, 0) >= queue.max_waiting:
        return "full"
    return None


def obstacle_to(state: State, contact: Contact, name: str) -> Obstacle | None:
    """Return why a contact cannot be handed to queue `name` now, None when it can."""
    spot = contact.spot if isinstance(contact, Connected) else None
    needs = spot.own_needs if spot is not None else ()
    return _obstacle(state, contact, state.configuration.queues[name], needs)


def _kept_place(state: State, contact: Contact, queue: str) -> Away | None:
    """Return the contact whose place this person kept in `queue` (rule 7)."""
    if contact.card.person is None:
        return None
    return min(state.kept_places(contact.card.person, queue), key=lambda one: one.spot.place, default=None)


def may_become_free(state: State, agent: str, queue: str, needs: Needs) -> bool:
    """Tell whether waiting for a preferred agent makes sense: at work, and able to serve the contact (rule 4)."""
    known, profile = state.agents.get(agent), state.crew.profile_of.get(agent)
    if known is None or profile is None or not stays(known):
        return False
    return bool(profile.bit & state.crew.able(queue, needs))


# ---- ways out --------------------------------------------------------------------------------------------------


def take_way_out(turn: Turn, contact: Contact, queue: Queue, obstacle: Obstacle, wish: Wish) -> None:
    """Leave `queue` by its configured way (rule 9)."""
    _go(turn, contact, queue, obstacle, _way(turn.state, contact, queue, obstacle, wish.needs), wish)


def _go(turn: Turn, contact: Contact, queue: Queue, obstacle: Obstacle, way: WayOut, wish: Wish) -> None:
    place = _place(turn, contact, queue, _kept_place(turn.state, contact, queue.name))
    turn.emit(f.WayOutTaken(turn.now, contact.card.id, queue.name, obstacle, way))
    leaving = turn.state.contacts[contact.card.id]
    if way.to == "queue":
        other = turn.state.configuration.queues[way.name]
        waited = turn.state.clock(queue.name, turn.now) - place.clock
        there = Place(turn.state.clock(other.name, turn.now) - waited, place.order)
        _wait(turn, leaving, other, there, wish)
    elif way.to == "callback":
        _promise(turn, contact, queue, place, wish)
    elif way.by_flow:
        turn.diverted[contact.card.id] = None
    if way.prompt and contact.card.written:
        messages.show(turn, leaving, (Phrase(way.prompt),))
    if way.prompt and contact.card.written and not contact.card.leg:
        shown = turn.state.contacts[contact.card.id]
        assert isinstance(shown, Leaving)  # a message moves nobody
        turned_away(turn, shown)


def leave_line(turn: Turn, contact: Waiting, obstacle: Obstacle) -> None:
    """Take a contact out of its line: back to who sent it here, or by the way out of its queue (rule 9)."""
    if contact.spot.sent is not None:
        come_back(turn, contact, obstacle)
        return
    take_way_out(turn, contact, turn.state.configuration.queues[contact.spot.queue], obstacle, wish_of(contact))


def leave_by_key(turn: Turn, contact: Waiting, way: WayOut) -> f.Notice:
    """Let a citizen go who asked to; return why not, when that way cannot be gone now: the place is kept then."""
    state, queue, card, spot = turn.state, turn.queue_of(contact), contact.card, contact.spot
    if way.to == "callback" and card.person is None:
        return "no_number"
    if way.by_flow and (queue.name in spot.left or not _goes_through_flows(state, contact, way)):
        return "not_now"
    if way.to == "queue":
        other = state.configuration.queues.get(way.name)
        if (
            other is None
            or other.name in (queue.name, *spot.left)
            or _obstacle(state, contact, other, spot.own_needs) is not None
        ):
            return "not_now"
    _go(turn, contact, queue, "asked", way, wish_of(contact))
    return ""


def wish_of(contact: Waiting) -> Wish:
    """Return what a waiting contact takes along."""
    spot = contact.spot
    preferred = spot.preferred if spot.grace_until is not None else None
    return Wish(spot.own_needs, spot.priority, preferred, spot.offers, spot.notes)


def _way(state: State, contact: Contact, queue: Queue, obstacle: Obstacle, needs: Needs) -> WayOut:
    """Follow ways out from queue to queue until one can be gone; a circle ends in the apology."""
    left = queues_left(contact)
    seen = {queue.name, *left}
    way = queue.way_out(obstacle)
    while way.to == "queue":
        if way.name in seen:
            return GOODBYE
        seen.add(way.name)
        other = state.configuration.queues[way.name]
        next_obstacle = _obstacle(state, contact, other, needs)
        if next_obstacle is None:
            return way
        way = other.way_out(next_obstacle)
    if way.by_flow and (queue.name in left or not _goes_through_flows(state, contact, way)):
        return GOODBYE
    return GOODBYE if way.to == "callback" and contact.card.person is None else way


def _goes_through_flows(state: State, contact: Contact, way: WayOut) -> bool:
    return CHANNELS[contact.card.channel].led and way.name in state.configuration.flows


def _place(turn: Turn, contact: Contact, queue: Queue, kept: Away | None) -> Place:
    """Return the place a contact has in `queue`, or would have if it could wait there; `kept` is its person's there."""
    if isinstance(contact, Waiting):
        return contact.spot.place
    if contact.card.stood is not None and contact.card.stood.queue == queue.name:
        return contact.card.stood.place
    return kept.spot.place if kept is not None else Place(turn.state.clock(queue.name, turn.now), contact.card.order)


def register_callback(turn: Turn, contact: Waiting) -> None:
    """Promise to call a waiting citizen back at the place in line (rules 7 and 8)."""
    queue = turn.state.configuration.queues[contact.spot.queue]
    _promise(turn, contact, queue, contact.spot.place, wish_of(contact))


def _promise(turn: Turn, contact: Contact, queue: Queue, place: Place, wish: Wish, person: str | None = None) -> None:
    """Register a callback for `person`, the citizen of the contact if left out, unless that person has one for this
    queue (rule 8)."""
    person = person or contact.card.person
    assert person is not None  # callers have made sure
    if queue.name in turn.state.promises(person):
        return
    order = turn.state.order + 1
    callback = f"{contact.card.id}.callback{order}"
    needs = elsewhere(wish.needs)  # who is rung need not be met at a place
    requirement = contact.spot.requirement if isinstance(contact, Waiting) and needs == wish.needs else None
    kept = Wish(needs, wish.priority, wish.preferred, notes=wish.notes)
    turn.emit(f.CallbackRegistered(turn.now, callback, contact.card.id, person, queue.name, order))
    take_turn(turn, callback, queue, place, kept, requirement)


def take_turn(
    turn: Turn, callback: str, queue: Queue, place: Place, wish: Wish, requirement: Requirement | None = None
) -> None:
    """Let a callback stand in line, or later if people are to be left in peace now."""
    due = quiet_until(turn, queue, turn.now)
    if due > turn.now:
        carried = (wish.needs, wish.priority, wish.notes, wish.offers)
        turn.emit(f.CallbackPostponed(turn.now, callback, "", due, place, "quiet", *carried))
    else:
        _wait(turn, turn.state.contacts[callback], queue, place, wish, requirement)


def quiet_until(turn: Turn, queue: Queue, at: float) -> float:
    """Return when people may be called back for `queue`: at the time `at`, or when the next hours for that begin."""
    hours, local = queue.calling.hours, turn.local(at)
    return at if is_open(hours, local) else at + (seconds_to_change(hours, local) or 0.0)


def ask_callback(
    turn: Turn, contact: Contact, queue: Queue, start: float | None, person: str, wish: Wish | None = None
) -> None:
    """Promise to call a person back who does not wait in line: in turn, or at a time (rule 8)."""
    wish = wish or Wish(preferred=_preferred(turn, contact))
    if start is None:
        kept = _kept_place(turn.state, contact, queue.name)
        _promise(turn, contact, queue, _place(turn, contact, queue, kept), wish, person)
        return
    order = turn.state.order + 1
    callback, needs = f"{contact.card.id}.callback{order}", elsewhere(wish.needs)
    turn.emit(
        f.CallbackRegistered(
            turn.now,
            callback,
            contact.card.id,
            person,
            queue.name,
            order,
            due=start,
            own_needs=needs,
            priority=wish.priority,
            notes=wish.notes,
        )
    )


def promise_in_person(turn: Turn, contact: Connected | WrappingUp, due: float, person: str) -> None:
    """Promise to call a person back at a time, by the agent who has the contact now (rules 4, 7 and 8)."""
    spot, order = contact.spot, turn.state.order + 1
    turn.emit(
        f.CallbackRegistered(
            turn.now,
            f"{contact.card.id}.callback{order}",
            contact.card.id,
            person,
            spot.queue,
            order,
            contact.agent,
            due,
            elsewhere(spot.own_needs),
            spot.priority,
        )
    )


def fall_due(turn: Turn, contact: Arrived) -> None:
    """Let a callback that was promised for now take its place in line, for the agent who promised it first (rule 4);
    and who booked a visit and did not come lose it."""
    if contact.card.visit is not None:
        end(turn, contact, "no_show")
        return
    callback = turn.state.callbacks[contact.card.id]
    assert isinstance(callback, Registered)  # it waits for its time
    place = callback.place or Place(turn.state.clock(callback.queue, turn.now), contact.card.order)
    queue = turn.state.configuration.queues[callback.queue]
    wish = Wish(callback.own_needs, callback.priority, contact.card.preferred, callback.offers, callback.notes)
    take_turn(turn, contact.card.id, queue, place, wish)


# ---- widening --------------------------------------------------------------------------------------------------


def widen(turn: Turn, contact: Waiting) -> None:
    """Move on to the widest step that is due by waiting time, and past steps nobody could meet (rule 2)."""
    spot, state = contact.spot, turn.state
    step = spot.step
    while step + 1 < len(spot.requirement) and state.has_waited(contact, spot.requirement[step + 1].after, turn.now):
        step += 1
    step = first_possible_step(state, spot.queue, spot.requirement, step)
    if step != spot.step:
        turn.emit(f.RequirementWidened(turn.now, contact.card.id, step))


def look_after(turn: Turn, queue: str) -> None:
    """Look after contacts of `queue` that no agent at work could serve any more: a wider step, or a way out."""
    state = turn.state
    deserted = [line for line in state.lines.lines_of(queue) if not _somebody(state, queue, line.key.needs)]
    for id_ in [contact for line in deserted for _, contact in line]:
        contact = state.contacts[id_]
        assert isinstance(contact, Waiting)  # it stood in a line
        widen(turn, contact)
        widened = state.contacts[id_]
        assert isinstance(widened, Waiting)
        if not any(_somebody(state, queue, step.needs) for step in widened.spot.requirement[widened.spot.step :]):
            _let_go(turn, widened)


def _let_go(turn: Turn, contact: Waiting) -> None:
    """Lead out a citizen whom nobody at work can serve; while the queue is open only if a way for that is named."""
    name = contact.spot.queue
    if not CHANNELS[contact.card.channel].attended:
        return
    if not turn.state.receives(contact, name):
        leave_line(turn, contact, "closed")
    elif contact.spot.sent is not None or "nobody" in turn.state.configuration.queues[name].ways_out:
        leave_line(turn, contact, "nobody")


def end_vain_grace(turn: Turn) -> None:
    """Let contacts whose preferred agent will not become free wait for anybody (rule 4)."""
    for agent, held in list(turn.state.lines.held.items()):
        for id_ in list(held):
            contact = turn.state.contacts[id_]
            assert isinstance(contact, Waiting)  # only they are held
            if not may_become_free(turn.state, agent, contact.spot.queue, contact.spot.needs):
                turn.emit(f.GraceEnded(turn.now, id_))
