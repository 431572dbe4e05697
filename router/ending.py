"""How offers, talks and contacts come to an end (rules 1, 5, 6, 7 and 8)."""

from collections.abc import Collection

from msgspec import structs

from queues.channels import CHANNELS
from router import facts as f
from router.agent import REFUSALS_ALLOWED, Paused, Ready, Reserved
from router.callback import Registered
from router.contact import Connected, Contact, Leaving, Offered, Party, Waiting, WrappingUp, hands
from router.handover import closed
from router.inviting import ask_by_mail
from router.offer import Standing
from router.turn import Turn


def accept(turn: Turn, offer: Standing) -> None:
    """Connect an offered contact with its agent."""
    be_done(turn, offer.agent, offer.contact)
    turn.emit(f.OfferAccepted(turn.now, offer.id, offer.contact, offer.agent))
    contact = turn.state.contacts[offer.contact]
    if CHANNELS[contact.card.channel].live:
        set_aside(turn, offer.agent)
    if contact.card.visit is not None:
        call_number(turn, contact.card.id, offer.agent)
    callback = turn.state.callbacks.get(contact.card.id)
    if isinstance(callback, Registered):
        turn.emit(f.CallbackAttempted(turn.now, contact.card.id, offer.agent))
    elif contact.card.person is not None:
        drop_callbacks(turn, contact.card.person)


def set_aside(turn: Turn, agent: str) -> None:
    """Let what can be interrupted wait at an agent's desk, for somebody live (rule 6)."""
    for item in turn.state.agents[agent].desk.work:
        if CHANNELS[item.channel].interruptible and not (item.aside or item.wrapping_up):
            turn.emit(f.WorkSetAside(turn.now, item.contact, agent))


def call_number(turn: Turn, contact: str, agent: str) -> None:
    """Ask a visitor to come to the desk of an agent."""
    turn.emit(f.NumberCalled(turn.now, contact, agent, turn.state.agents[agent].desk.seat))


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
    contact = drop_parties(turn, contact)
    queue = turn.queue_of(contact)
    keep_promise(turn, contact)
    if queue.wrap_up > 0:
        turn.emit(f.WrapUpStarted(turn.now, contact.card.id, contact.agent, turn.now + queue.wrap_up))
    else:
        end(turn, contact, "served")


def keep_promise(turn: Turn, contact: Connected) -> None:
    """Close the promise to call, if a talk came about by one."""
    if contact.card.id in turn.state.callbacks:
        turn.emit(f.CallbackClosed(turn.now, contact.card.id, "kept"))


def drop_parties(turn: Turn, contact: Connected, *, but: Collection[str] = ()) -> Connected:
    """Let everybody go whom the agent brought in, except the legs `but`; return the contact without them."""
    for party in contact.parties:
        if party.leg not in but:
            party_left(turn, contact, party.leg, "dropped")
    now = turn.state.contacts[contact.card.id]
    assert isinstance(now, Connected)  # the agent has it still
    return now


def party_left(turn: Turn, contact: Connected, leg: str, cause: f.PartyCause) -> None:
    """Let the agent go on without a party that is gone or did not come."""
    party = next(one for one in contact.parties if one.leg == leg)
    turn.emit(f.PartyLeft(turn.now, contact.card.id, leg, cause, _held_without(contact, party)))
    if party.interprets and not party.joined and cause != "dropped":
        turn.unanswered[contact.card.id] = party, cause
    if party.agent is not None:
        turn.freed[party.agent] = None


def _held_without(contact: Connected, party: Party) -> tuple[str, ...]:
    """Return who is held once a party is gone: an agent who would talk with nobody is with the other parties again, and
    with the citizen only when there are none."""
    held = tuple(leg for leg in contact.held if leg != party.leg)
    if party.via or (party.interprets and not party.joined):
        return held
    others = [one.leg for one in contact.parties if one.leg != party.leg and not one.via]
    if not others:
        return ()
    all_held = {contact.card.leg, *others} == set(held)
    return (contact.card.leg,) if all_held else held


def be_done(turn: Turn, agent: str | None, contact: str) -> None:
    """Let an agent to whom a contact comes back be done with it first."""
    if agent is not None and turn.state.has_in_hand(agent, contact):
        end_wrap_up(turn, agent, contact)


def end_wrap_up(turn: Turn, agent: str, contact: str) -> None:
    """Let an agent be done with a contact, which is over with that unless it goes on elsewhere."""
    current = turn.state.contacts.get(contact)
    if isinstance(current, WrappingUp) and current.agent == agent and current.asking is None:
        end(turn, current, "served")
    else:
        turn.emit(f.WrapUpEnded(turn.now, contact, agent))


def end(turn: Turn, contact: Contact, outcome: f.Outcome) -> None:
    """End a contact for good; its agent, if any, is free again."""
    close_questions(turn, contact)
    if outcome == "served":
        ask_by_mail(turn, contact)
    turn.emit(f.ContactEnded(turn.now, contact.card.id, outcome))
    turn.freed.update(dict.fromkeys(hands(contact)))
    closed(turn, contact)


def close_questions(turn: Turn, contact: Contact) -> None:
    """Take back what agents asked about a contact, and what nobody has answered yet."""
    for id_ in contact.card.questions:
        question = turn.state.contacts.get(id_)
        if isinstance(question, Offered):
            withdraw(turn, question, "contact_ended")
        if question is not None and not isinstance(question, WrappingUp):
            end(turn, turn.state.contacts[id_], "cancelled")


def hand_back(turn: Turn, contact: Connected, cause: f.ReturnCause) -> Waiting:
    """Return a connected contact to its kept place (rule 7).

    Who handed it back is not offered it again at once (rule 5); whose phone was lost is not offered anything.
    """
    contact = drop_parties(turn, contact)
    rules = turn.state.configuration.rules
    rest_until = turn.now + rules.rest if cause == "handed_back" else None
    sent = contact.spot.sent
    if sent is not None:
        sent = structs.replace(sent, clock=turn.state.clock(contact.spot.queue, turn.now))
    turn.emit(f.ContactReturned(turn.now, contact.card.id, contact.agent, cause, rest_until, sent=sent))
    if cause == "leg_lost":
        not_responding(turn, contact.agent, turn.now + rules.not_responding)
    waiting = turn.state.contacts[contact.card.id]
    assert isinstance(waiting, Waiting)  # by the table
    turn.deserted[waiting.spot.queue] = None
    return waiting


def gone_for_good(cause: f.LeaveCause) -> f.Outcome:
    """Return how a contact ends whose citizen left and did not come back."""
    return "abandoned" if cause == "hung_up" else "no_show" if cause == "no_show" else "lost"


def citizen_left(turn: Turn, contact: Waiting, cause: f.LeaveCause) -> None:
    """Keep the place of somebody who left the line, if we would know them again (rule 7)."""
    queue = turn.state.configuration.queues[contact.spot.queue]
    if contact.card.person is None or not CHANNELS[contact.card.channel].returns or queue.keep_place <= 0:
        end(turn, contact, gone_for_good(cause))
        return
    keep_place(turn, contact, cause, turn.now + queue.keep_place)


def keep_place(turn: Turn, contact: Waiting, cause: f.LeaveCause, until: float) -> None:
    """Keep a place, or the better one that the same person has kept in that queue by another contact (rule 7)."""
    person = contact.card.person
    for earlier in turn.state.kept_places(person, contact.spot.queue) if person is not None else ():
        if earlier.spot.place < contact.spot.place:
            end(turn, contact, gone_for_good(cause))
            return
        end(turn, earlier, gone_for_good(earlier.cause))
    turn.emit(f.CitizenLeft(turn.now, contact.card.id, cause, until))


def turned_away(turn: Turn, contact: Leaving) -> None:
    """End a contact that has heard why it could not wait (rule 9)."""
    end(turn, contact, "callback_registered" if contact.way.to == "callback" else "turned_away")


def drop_callbacks(turn: Turn, person: str) -> None:
    """End a person's promises that the person needs no more: somebody is on the line with them (rule 8)."""
    for callback in list(turn.state.promises(person).values()):
        if not on_the_way(turn.state.contacts[callback]):
            cancel_callback(turn, callback, "reached_otherwise")


def on_the_way(contact: Contact) -> bool:
    """Tell whether the citizen of a callback is being called, or is on the line by it."""
    if isinstance(contact, Waiting | Offered):
        return contact.spot.reached is not None or (isinstance(contact, Offered) and contact.calling)
    return isinstance(contact, Connected)


def cancel_callback(turn: Turn, callback: str, cause: f.CloseCause) -> None:
    """End a promise and its turn in line."""
    contact = turn.state.contacts[callback]
    if isinstance(contact, Offered):
        withdraw(turn, contact, "contact_ended")
    turn.emit(f.CallbackClosed(turn.now, callback, cause))
    end(turn, turn.state.contacts[callback], "cancelled")


def put_away(turn: Turn, agent: str, reason: str, *, leaving: bool) -> None:
    """Take an agent out of the offers, taking back what is being offered just now."""
    state = turn.state.agents[agent]
    if isinstance(state, Reserved):
        offer = turn.state.offers[state.offer]
        assert isinstance(offer, Standing)  # as long as the agent is reserved
        contact = turn.state.contacts[offer.contact]
        assert isinstance(contact, Offered)
        withdraw(turn, contact, "agent_gone")
    now = turn.state.agents[agent]
    if not isinstance(now, Paused) or now.reason != reason or now.leaving != leaving:
        turn.emit(f.AgentPaused(turn.now, agent, reason, leaving))
    if leaving:
        turn.deserted.update(dict.fromkeys(turn.state.settings(agent).queues))
