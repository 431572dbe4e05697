"""How offers, talks and contacts come to an end (rules 1, 5, 6, 7 and 8)."""

from queues.channels import CHANNELS
from router import facts as f
from router.agent import Paused, Ready
from router.callback import Attempting
from router.contact import Away, Connected, Contact, Offered, Waiting
from router.offer import Standing
from router.turn import Turn

REFUSALS_ALLOWED = 1
"""One more decline or miss in a row takes the agent out of ready (rule 1)."""


def accept(turn: Turn, offer: Standing) -> None:
    """Connect an offered contact with its agent."""
    turn.emit(f.OfferAccepted(turn.now, offer.id, offer.contact, offer.agent))
    contact = turn.state.contacts[offer.contact]
    if CHANNELS[contact.card.channel].live:
        for item in turn.state.agents[offer.agent].desk.work:
            if CHANNELS[item.channel].interruptible and not item.aside:
                turn.emit(f.WorkSetAside(turn.now, item.contact, offer.agent))
    if contact.card.id in turn.state.callbacks:
        turn.emit(f.CallbackAttempted(turn.now, contact.card.id, offer.agent))
    elif contact.card.person is not None:
        drop_callbacks(turn, contact.card.person)


def decline(turn: Turn, offer: Standing, cause: f.DeclineCause) -> None:
    """Return a declined contact to its place; the second refusal in a row takes the agent out of ready (rule 1)."""
    rest_until = turn.now + turn.state.configuration.rules.rest
    turn.emit(f.OfferDeclined(turn.now, offer.id, offer.contact, offer.agent, cause, rest_until))
    if turn.state.agents[offer.agent].desk.refusals > REFUSALS_ALLOWED:
        turn.emit(f.AgentPaused(turn.now, offer.agent, "refused_twice"))


def miss(turn: Turn, offer: Standing, cause: f.MissCause) -> None:
    """Return a missed contact to its place and take the agent for not responding (rules 1 and 5)."""
    rules = turn.state.configuration.rules
    turn.emit(f.OfferMissed(turn.now, offer.id, offer.contact, offer.agent, cause, turn.now + rules.rest))
    again = turn.state.agents[offer.agent].desk.refusals > REFUSALS_ALLOWED
    not_responding(turn, offer.agent, None if again else turn.now + rules.not_responding)


def not_responding(turn: Turn, agent: str, until: float | None) -> None:
    """Take an agent who should be there and is not out of the offers."""
    if isinstance(turn.state.agents[agent], Ready):
        turn.emit(f.AgentNotResponding(turn.now, agent, until))


def withdraw(turn: Turn, contact: Offered, cause: f.WithdrawCause) -> None:
    """Take an offer back; the contact waits again."""
    turn.emit(f.OfferWithdrawn(turn.now, contact.offer, contact.card.id, contact.agent, cause))


def finish(turn: Turn, contact: Connected) -> None:
    """End the talk; the agent keeps the contact for wrap-up if its queue grants time for that."""
    queue = turn.state.configuration.queues.get(contact.spot.queue)
    if contact.card.id in turn.state.callbacks:
        turn.emit(f.CallbackClosed(turn.now, contact.card.id, "kept"))
    if queue is not None and queue.wrap_up > 0:
        turn.emit(f.WrapUpStarted(turn.now, contact.card.id, contact.agent, turn.now + queue.wrap_up))
    else:
        end(turn, contact, "served")


def end(turn: Turn, contact: Contact, outcome: f.Outcome) -> None:
    """End a contact for good; its agent, if any, is free again."""
    turn.emit(f.ContactEnded(turn.now, contact.card.id, outcome))
    agent = getattr(contact, "agent", None)
    if agent is not None:
        turn.freed[agent] = None


def hand_back(turn: Turn, contact: Connected, cause: str) -> Waiting:
    """Return a connected contact to its kept place (rule 7)."""
    lost = cause == "leg_lost"
    turn.emit(f.ContactReturned(turn.now, contact.card.id, contact.agent, "leg_lost" if lost else "handed_back"))
    if lost:
        not_responding(turn, contact.agent, turn.now + turn.state.configuration.rules.not_responding)
    waiting = turn.state.contacts[contact.card.id]
    assert isinstance(waiting, Waiting)  # by the table
    return waiting


def citizen_left(turn: Turn, contact: Waiting, cause: f.LeaveCause) -> None:
    """Keep the place of somebody who left the line, if we would know them again (rule 7)."""
    queue = turn.state.configuration.queues.get(contact.spot.queue)
    returns = CHANNELS[contact.card.channel].returns and contact.card.person is not None
    if queue is None or not returns or queue.keep_place <= 0:
        end(turn, contact, "abandoned" if cause == "hung_up" else "lost")
        return
    person = contact.card.person
    earlier = turn.state.contacts.get(turn.state.away.get(person, "")) if person is not None else None
    if isinstance(earlier, Away):
        end(turn, earlier, "abandoned")
    turn.emit(f.CitizenLeft(turn.now, contact.card.id, cause, turn.now + queue.keep_place))


def drop_callbacks(turn: Turn, person: str) -> None:
    """End a person's promises that the person needs no more: somebody is on the line with them (rule 8)."""
    for (whom, _), callback in list(turn.state.promised.items()):
        if whom != person or isinstance(turn.state.callbacks[callback], Attempting):
            continue
        cancel_callback(turn, callback, "reached_otherwise")


def cancel_callback(turn: Turn, callback: str, cause: str) -> None:
    """End a promise and its turn in line."""
    contact = turn.state.contacts[callback]
    if isinstance(contact, Offered):
        withdraw(turn, contact, "contact_ended")
    reached = cause == "reached_otherwise"
    turn.emit(f.CallbackClosed(turn.now, callback, "reached_otherwise" if reached else "cancelled"))
    end(turn, turn.state.contacts[callback], "cancelled")


def put_away(turn: Turn, agent: str, reason: str, *, leaving: bool) -> None:
    """Take an agent out of the offers, taking back what is being offered just now."""
    state = turn.state.agents[agent]
    offer = next((one for one in turn.state.offers.values() if one.id == getattr(state, "offer", None)), None)
    contact = turn.state.contacts.get(offer.contact) if isinstance(offer, Standing) else None
    if isinstance(contact, Offered):
        withdraw(turn, contact, "agent_gone")
    now = turn.state.agents[agent]
    if not isinstance(now, Paused) or now.reason != reason or now.leaving != leaving:
        turn.emit(f.AgentPaused(turn.now, agent, reason, leaving))
    turn.freed[agent] = None
