"""What each fact makes of everything the router knows: one function for each kind, in `APPLY`."""

import math
from collections.abc import Callable, Iterator
from typing import Final, cast

from msgspec import structs

from queues.channels import CHANNELS
from queues.skills import Needs
from router import agent as agents
from router import callback as callbacks
from router import contact as contacts
from router import crisis, evolving
from router import facts as f
from router import offer as offers
from router.contact import Connected, Contact, Forwarded, Offered
from router.crisis import REMEMBERED, REMEMBERED_MAX, CrisisFact, Over
from router.deadlines import QueueClock, of_contact
from router.dialling import Destination
from router.indexes import Indexed
from router.kept import Handover, Tickets
from router.outbox import message_id, outgoing, tried
from router.pace import PACE_AT, pace_of

REBASE_AT: Final = 500.0
"""Exponent from which the remembered demand is scaled down again (see `_remember_demand`)."""
ACKNOWLEDGED_FOR: Final = 86_400.0
"""Seconds in which one person's messages are acknowledged once: two machines would write to each other for ever."""
MARKED_FOR: Final = 86_400.0
"""Seconds within which a message that is told twice is known again; nobody tries for longer than a day."""
SURVEYED_FOR: Final = 366 * 86_400.0
"""Seconds for which it is known who was asked how it was: the longest time that a queue can name."""
REACHED_MEMORY: Final = 0.98
"""By how much those who were let down weigh less with each citizen who is reached: some fifty are remembered."""


def _leader_changed(state: Indexed, fact: f.LeaderChanged) -> None:
    state.epoch = fact.epoch


def _configuration_applied(state: Indexed, fact: f.ConfigurationApplied) -> None:
    state.configuration = fact.configuration
    for name in fact.configuration.agents:
        if name not in state.agents:
            state.agents[name] = agents.LoggedOut(agents.Desk(name))
    for name in [one for one in state.agents if one not in fact.configuration.agents]:
        if isinstance(state.agents[name], agents.LoggedOut):
            del state.agents[name]
    state.open_sites &= fact.configuration.sites.keys()
    state.tickets = {site: told for site, told in state.tickets.items() if site in fact.configuration.sites}
    queues = fact.configuration.queues
    state.clocks = {name: state.clocks.get(name, QueueClock()) for name in queues}
    state.turns = {name: turns for name, turns in state.turns.items() if name in queues}
    state.let_down = {name: number for name, number in state.let_down.items() if name in queues}
    state.paces = {name: pace for name, pace in state.paces.items() if name.partition(PACE_AT)[0] in queues}
    state.rebuild()


def _queue_opened(state: Indexed, fact: f.QueueOpened) -> None:
    clock = state.clocks[fact.queue]
    state.clocks[fact.queue] = QueueClock(clock.total, fact.at)
    for contact in state.lines.everybody_in(fact.queue):
        state.arm(of_contact(state.contacts[contact], state.configuration, state.clocks))


def _queue_closed(state: Indexed, fact: f.QueueClosed) -> None:
    clock = state.clocks[fact.queue]
    state.clocks[fact.queue] = QueueClock(clock.reading(fact.at), None)


def _agent_alone(
    state: Indexed, fact: f.AgentLoggedIn | f.AgentLoggedOut | f.AgentReady | f.AgentPaused | f.AgentNotResponding
) -> None:
    before = state.agents[fact.agent]
    lost = isinstance(fact, f.AgentLoggedIn) and fact.address in state.lost
    after = agents.evolve(before, fact, phone_lost=lost)
    if isinstance(fact, f.AgentLoggedIn):
        state.seat(after)
    state.set_agent(before, after)
    if isinstance(fact, f.AgentLoggedOut):
        if state.at_phone.get(before.desk.address) == fact.agent:
            del state.at_phone[before.desk.address]
        if before.desk.seat:
            state.at_desk.pop(before.desk.seat, None)
            state.change_profile(fact.agent, "")
        if fact.agent not in state.configuration.agents:
            del state.agents[fact.agent]


def _phone_changed(state: Indexed, fact: f.PhoneLost | f.PhoneFound) -> None:
    if isinstance(fact, f.PhoneLost):
        state.lost.add(fact.phone)
    else:
        state.lost.discard(fact.phone)
    agent = state.at_phone.get(fact.phone)
    if agent is not None:
        before = state.agents[agent]
        state.set_agent(before, agents.evolve(before, fact))


def _contact_arrived(state: Indexed, fact: f.ContactArrived) -> None:
    state.order = fact.order
    remembered = state.persons.remembered(fact.person, fact.at)
    contact = state.contacts[fact.contact] = evolving.arrive(fact, remembered.needs)
    state.count_caller(contact, 1)


def _contact_refused(state: Indexed, fact: f.ContactRefused) -> None:
    """Nothing came to be; the fact is for those who count."""


def _contact_alone(
    state: Indexed,
    fact: f.FlowMoved
    | f.LanguageChosen
    | f.GraceEnded
    | f.RequirementWidened
    | f.WaitAnnounced
    | f.WayOutTaken
    | f.WayOutRepeated
    | f.CitizenLeft
    | f.CitizenBack
    | f.MatterJoined
    | f.TapeChanged
    | f.VisitBegan
    | f.NumberCalled
    | f.NeedsNoted
    | f.PersonTold
    | f.RemarkAdded
    | f.QuestionAsked
    | contacts.HelpFact
    | f.AnnouncementTold
    | f.HearingBegan
    | f.SurveyLeft,
) -> None:
    before = state.contacts[fact.contact]
    state.set_contact(before, evolving.evolve(before, fact))


def _ticket_issued(state: Indexed, fact: f.TicketIssued) -> None:
    before = state.contacts[fact.contact]
    state.set_contact(before, evolving.evolve(before, fact))
    tickets = state.tickets.get(fact.site)
    last = tickets.last if tickets is not None and tickets.day == fact.day else {}
    state.tickets[fact.site] = Tickets(fact.day, {**last, fact.ticket[0]: int(fact.ticket[1:])})


def _site_opened(state: Indexed, fact: f.SiteOpened) -> None:
    state.open_sites.add(fact.site)


def _site_closed(state: Indexed, fact: f.SiteClosed) -> None:
    state.open_sites.discard(fact.site)


def _message_added(state: Indexed, fact: f.MessageAdded) -> None:
    before = state.contacts[fact.contact]
    state.set_contact(before, evolving.evolve(before, fact))
    if fact.mark:
        _mark(state, fact)
    if fact.author == "citizen" or not CHANNELS[before.card.channel].posted:
        return
    message = outgoing(before.card, fact)
    state.outbox[message.id] = message
    if fact.prompt and message.person is not None and fact.contact not in state.invitations:
        lately = fact.at - ACKNOWLEDGED_FOR
        state.acknowledged = {person: at for person, at in state.acknowledged.items() if at > lately}
        state.acknowledged[message.person] = fact.at


def _mark(state: Indexed, fact: f.MessageAdded) -> None:
    while state.marks and next(iter(state.marks.values())) <= fact.at - MARKED_FOR:
        del state.marks[next(iter(state.marks))]
    state.marks[fact.mark] = fact.at


def _message_left(state: Indexed, fact: f.MessageSent | f.MessageDropped) -> None:
    del state.outbox[message_id(fact.contact, fact.number)]


def _message_stays(state: Indexed, fact: f.MessageDelayed | f.MessageFailed) -> None:
    id_ = message_id(fact.contact, fact.number)
    state.outbox[id_] = tried(state.outbox[id_], fact)


def _person_changed(
    state: Indexed, fact: f.PersonRemembered | f.PersonForgotten | f.PersonJoined | f.PersonParted | f.PersonMarked
) -> None:
    state.persons.apply(fact)


def _interpreter_missing(state: Indexed, fact: f.InterpreterMissing) -> None:
    """Nothing follows from it here; it is for those who are told."""


def _contact_described(state: Indexed, fact: f.ContactDescribed) -> None:
    """Nothing follows from it here; it is for those who learn from it."""


def _secrecy_changed(state: Indexed, fact: f.SecrecyChanged) -> None:
    (state.secret.add if fact.secret else state.secret.discard)(fact.matter)


def _hold_placed(state: Indexed, fact: f.HoldPlaced) -> None:
    (state.held.add if fact.held else state.held.discard)(fact.matter)


def _matter_closed(state: Indexed, fact: f.MatterClosed) -> None:
    state.handovers[fact.contact] = Handover(fact.contact, fact.matter, fact.at, due=fact.at)


def _matter_handed_over(state: Indexed, fact: f.MatterHandedOver) -> None:
    del state.handovers[fact.contact]


def _handover_failed(state: Indexed, fact: f.HandoverFailed) -> None:
    before = state.handovers[fact.contact]
    changes = {"attempts": before.attempts + 1, "due": fact.until, "cause": fact.cause}
    state.handovers[fact.contact] = structs.replace(before, **changes)


def _prompt_recorded(state: Indexed, fact: f.PromptRecorded) -> None:
    state.recorded.setdefault(fact.language, {})[fact.prompt] = fact.recording


def _prompt_dropped(state: Indexed, fact: f.PromptDropped) -> None:
    state.recorded.get(fact.language, {}).pop(fact.prompt, None)


def _contact_queued(state: Indexed, fact: f.ContactQueued) -> None:
    before = state.contacts[fact.contact]
    state.set_contact(before, evolving.evolve(before, fact))
    needs = fact.requirement[fact.step].needs
    if needs:
        _remember_demand(state, needs, fact.at)


def _remember_demand(state: Indexed, needs: Needs, at: float) -> None:
    """Count one contact that needs these skills; older ones fade because each new one weighs more."""
    exponent = (at - state.demand_base) / state.configuration.rules.scarcity_memory
    if exponent > REBASE_AT:
        scale = math.exp(-min(exponent, 700.0))
        state.demand = {name: value * scale for name, value in state.demand.items()}
        state.demand_base, exponent = at, 0.0
    weight = math.exp(exponent)
    for need in needs:
        state.demand[need.skill] = state.demand.get(need.skill, 0.0) + weight


def _offer_made(state: Indexed, fact: f.OfferMade) -> None:
    contact, agent = state.contacts[fact.contact], state.agents[fact.agent]
    offered, reserved = evolving.evolve(contact, fact), agents.evolve(agent, fact)
    state.offers[fact.offer] = offers.make(fact)
    state.set_contact(contact, offered)
    state.set_agent(agent, reserved)
    for queue in fact.behind:
        state.turns[queue] = state.turns.get(queue, 0) + 1
    assert isinstance(offered, Offered)  # by the table
    if not CHANNELS[offered.card.channel].live:
        state.turns.pop(offered.spot.queue, None)
    if fact.citizen_first and offered.card.destination is not None:
        state.dialled.add(offered.card.destination, fact.at)


def _offer_closed(state: Indexed, fact: f.OfferAccepted | f.OfferDeclined | f.OfferMissed | f.OfferWithdrawn) -> None:
    contact, agent = state.contacts[fact.contact], state.agents[fact.agent]
    standing = state.offers[fact.offer]
    offer = offers.evolve(standing, fact)
    moved, freed = evolving.evolve(contact, fact), agents.evolve(agent, fact, contact.card.channel)
    state.set_contact(contact, moved)
    state.set_agent(agent, freed)
    _set_offer(state, offer)
    if isinstance(moved, Connected) and moved.calling_until is not None and moved.card.destination is not None:
        state.dialled.add(moved.card.destination, fact.at)
    if CHANNELS[contact.card.channel].live:
        _learn_from_offer(state, contact, standing, fact)


def _learn_from_offer(state: Indexed, contact: Contact, standing: offers.Offer, fact: f.AnyFact) -> None:
    assert isinstance(contact, Offered)  # by the tables
    assert isinstance(standing, offers.Standing)
    pace = state.paces.get(pace_of(contact.spot.queue, contact.spot.own_needs))
    if pace is None:
        return
    if contact.spot.reached is not None or contact.calling:
        return  # the citizen was rung in between
    if type(fact) is f.OfferAccepted:
        pace.answered(fact.at - standing.made)
    elif contact.spot.stands_since < standing.made:
        pace.came_to_nothing()


def _set_offer(state: Indexed, offer: offers.Offer) -> None:
    if isinstance(offer, offers.Closed):
        del state.offers[offer.id]
    else:
        state.offers[offer.id] = offer


def _work_changed(state: Indexed, fact: f.WorkSetAside | f.WorkTakenUp | f.WrapUpStarted) -> None:
    """Change what its agent does with a contact."""
    before = state.contacts[fact.contact]
    after = evolving.evolve(before, fact)
    if isinstance(before, Connected) and isinstance(fact, f.WrapUpStarted):
        _set_offer(state, offers.evolve(state.offers[before.offer], fact))
    _change_work(state, fact.agent, fact)
    state.set_contact(before, after)


def _work_over(state: Indexed, fact: f.ContactReturned | f.ContactEnded) -> None:
    """Take a contact out of all hands."""
    before = state.contacts[fact.contact]
    after = evolving.evolve(before, fact)
    if type(before) is Connected:
        _set_offer(state, offers.evolve(state.offers[before.offer], fact))
    for agent in contacts.hands(before):
        _change_work(state, agent, fact)
    state.set_contact(before, after)
    callback = state.callbacks.get(fact.contact)
    if callback is not None and isinstance(fact, f.ContactReturned):
        state.callbacks[fact.contact] = callbacks.evolve(callback, fact)


def _callback_postponed(state: Indexed, fact: f.CallbackPostponed) -> None:
    before = state.contacts[fact.contact]
    after = evolving.evolve(before, fact)
    if isinstance(before, Connected):
        _set_offer(state, offers.evolve(state.offers[before.offer], fact))
        for agent in contacts.hands(before):
            _change_work(state, agent, fact)
    state.set_contact(before, after)
    callback = callbacks.evolve(state.callbacks[fact.contact], fact)
    state.callbacks[fact.contact] = callback
    if fact.cause == "no_agent":
        assert isinstance(callback, callbacks.Registered)  # by the table
        state.let_down[callback.queue] = state.let_down.get(callback.queue, 0.0) + 1.0


def _wrap_up_changed(state: Indexed, fact: f.WrapUpExtended | f.WrapUpEnded) -> None:
    _change_work(state, fact.agent, fact)
    contact = state.contacts.get(fact.contact)
    if isinstance(fact, f.WrapUpEnded) and isinstance(contact, contacts.WrappingUp) and fact.agent == contact.agent:
        state.set_contact(contact, evolving.evolve(contact, fact))


def _survey_asked(state: Indexed, fact: f.SurveyAsked) -> None:
    before = state.contacts[fact.contact]
    state.set_contact(before, evolving.evolve(before, fact))
    _person_asked(state, before.card.person, fact.at)


def _survey_invited(state: Indexed, fact: f.SurveyInvited) -> None:
    state.invitations.invite(fact)
    _person_asked(state, state.contacts[fact.contact].card.person, fact.at)


def _survey_answered(state: Indexed, fact: f.SurveyAnswered) -> None:
    if fact.contact in state.invitations:
        state.invitations.close(fact.contact)
    else:
        before = state.contacts[fact.contact]
        state.set_contact(before, evolving.evolve(before, fact))


def _person_asked(state: Indexed, person: str | None, at: float) -> None:
    if person is not None:
        state.surveyed.pop(person, None)
        state.surveyed[person] = at
    while state.surveyed and next(iter(state.surveyed.values())) <= at - SURVEYED_FOR:
        del state.surveyed[next(iter(state.surveyed))]


# ---- crises ------------------------------------------------------------------------------------------------


def _crisis_started(state: Indexed, fact: f.CrisisStarted) -> None:
    """Let a crisis run; those that have been over for long are forgotten."""
    over = [one for one in state.crises.values() if isinstance(one, Over)]
    spare = len(over) - REMEMBERED_MAX
    for number, one in enumerate(over):
        if number < spare or one.ended <= fact.at - REMEMBERED:
            del state.crises[one.id]
    state.crises[fact.crisis] = crisis.start(fact)
    state.rebuild()  # nearly everything follows from crises, and they are seldom


def _crisis_changed(state: Indexed, fact: CrisisFact) -> None:
    state.crises[fact.crisis] = crisis.evolve(state.crises[fact.crisis], fact)
    state.rebuild()


def _talk_changed(state: Indexed, fact: contacts.TalkFact) -> None:
    before = state.contacts[fact.contact]
    after = evolving.evolve(before, fact)
    # The agent's side gets another name, or the contact leaves its agent.
    offer = after.offer if isinstance(after, Connected) else ""
    if isinstance(before, Connected) and before.offer != offer:
        _set_offer(state, offers.evolve(state.offers[before.offer], cast(offers.EndOfTalk, fact)))
    if isinstance(after, Connected) and offer not in state.offers:
        state.offers[offer] = offers.Accepted(offer, fact.contact, after.agent)
    had, has = contacts.hands(before), contacts.hands(after)
    for agent in dict.fromkeys((*had, *has)):
        if (agent in had) != (agent in has):
            _change_work(state, agent, cast(agents.WorkFact, fact), before.card.channel)
    state.set_contact(before, after)
    for destination in _dialled(before, fact):
        state.dialled.add(destination, fact.at)
    callback = state.callbacks.get(fact.contact) if isinstance(fact, f.CitizenReached) else None
    if isinstance(callback, callbacks.Attempting) and callback.queue in state.let_down:
        state.let_down[callback.queue] *= REACHED_MEMORY


def _change_work(state: Indexed, id_: str, fact: agents.WorkFact, channel: str = "") -> None:
    agent = state.agents[id_]
    state.set_agent(agent, agents.evolve(agent, fact, channel))


def _callback_registered(state: Indexed, fact: f.CallbackRegistered) -> None:
    state.callbacks[fact.callback] = callbacks.register(fact)
    state.promised.setdefault(fact.person, {})[fact.queue] = fact.callback
    state.order = max(state.order, fact.order)
    state.contacts[fact.callback] = promised = evolving.promise(fact, state.contacts[fact.contact].card)
    state.arm(of_contact(promised, state.configuration, state.clocks))


def _callback_attempted(state: Indexed, fact: f.CallbackAttempted) -> None:
    state.callbacks[fact.callback] = callbacks.evolve(state.callbacks[fact.callback], fact)


def _callback_handed_over(state: Indexed, fact: f.CallbackHandedOver) -> None:
    before = state.callbacks[fact.callback]
    state.callbacks[fact.callback] = callback = callbacks.evolve(before, fact)
    assert not isinstance(before, callbacks.Closed)  # by the table
    promised = state.promised[before.person]
    del promised[before.queue]
    promised[fact.queue] = callback.id


def _callback_closed(state: Indexed, fact: f.CallbackClosed) -> None:
    callback = state.callbacks[fact.callback]
    callbacks.evolve(callback, fact)
    assert not isinstance(callback, callbacks.Closed)  # by the table
    promised = state.promised[callback.person]
    del promised[callback.queue]
    if not promised:
        del state.promised[callback.person]
    del state.callbacks[fact.callback]


def _dialled(before: Contact, fact: contacts.TalkFact) -> Iterator[Destination]:
    """Yield whom a fact lets us dial."""
    match fact:
        case f.PartyInvited():
            yield fact.destination
        case f.ContactForwarded() if fact.party and not fact.joined:
            yield fact.destination
        case f.ForwardTried() if isinstance(before, Forwarded):
            yield before.destination
        case f.ContactTaken() if before.card.destination is not None:
            yield before.card.destination
        case _:
            return


APPLY: Final[dict[type, Callable[..., None]]] = {
    f.LeaderChanged: _leader_changed,
    f.ConfigurationApplied: _configuration_applied,
    f.QueueOpened: _queue_opened,
    f.QueueClosed: _queue_closed,
    f.AgentLoggedIn: _agent_alone,
    f.AgentLoggedOut: _agent_alone,
    f.AgentReady: _agent_alone,
    f.AgentPaused: _agent_alone,
    f.AgentNotResponding: _agent_alone,
    f.PhoneLost: _phone_changed,
    f.PhoneFound: _phone_changed,
    f.ContactArrived: _contact_arrived,
    f.ContactRefused: _contact_refused,
    f.FlowMoved: _contact_alone,
    f.LanguageChosen: _contact_alone,
    f.PromptRecorded: _prompt_recorded,
    f.PromptDropped: _prompt_dropped,
    f.ContactQueued: _contact_queued,
    f.GraceEnded: _contact_alone,
    f.RequirementWidened: _contact_alone,
    f.WaitAnnounced: _contact_alone,
    f.WayOutTaken: _contact_alone,
    f.WayOutRepeated: _contact_alone,
    f.CitizenLeft: _contact_alone,
    f.ContactReturned: _work_over,
    f.ContactEnded: _work_over,
    f.OfferMade: _offer_made,
    f.OfferAccepted: _offer_closed,
    f.OfferDeclined: _offer_closed,
    f.OfferMissed: _offer_closed,
    f.OfferWithdrawn: _offer_closed,
    f.WorkSetAside: _work_changed,
    f.WorkTakenUp: _work_changed,
    f.WrapUpStarted: _work_changed,
    f.WrapUpExtended: _wrap_up_changed,
    f.WrapUpEnded: _wrap_up_changed,
    f.ContactTaken: _talk_changed,
    f.CitizenReached: _talk_changed,
    f.AgentCalledBack: _talk_changed,
    f.AgentMissing: _talk_changed,
    f.AgentThere: _talk_changed,
    f.HoldChanged: _talk_changed,
    f.PartyInvited: _talk_changed,
    f.PartyJoined: _talk_changed,
    f.PartyLeft: _talk_changed,
    f.ContactHandedOver: _talk_changed,
    f.ContactForwarded: _talk_changed,
    f.ForwardTried: _talk_changed,
    f.ForwardWaits: _talk_changed,
    f.ContactParked: _talk_changed,
    f.CallbackRegistered: _callback_registered,
    f.CallbackAttempted: _callback_attempted,
    f.CallbackPostponed: _callback_postponed,
    f.CallbackClosed: _callback_closed,
    f.CallbackHandedOver: _callback_handed_over,
    f.MessageAdded: _message_added,
    f.MessageSent: _message_left,
    f.MessageDelayed: _message_stays,
    f.MessageFailed: _message_stays,
    f.MessageDropped: _message_left,
    f.MatterJoined: _contact_alone,
    f.ContactDescribed: _contact_described,
    f.SiteOpened: _site_opened,
    f.SiteClosed: _site_closed,
    f.VisitBegan: _contact_alone,
    f.TicketIssued: _ticket_issued,
    f.NumberCalled: _contact_alone,
    f.CitizenBack: _contact_alone,
    f.NeedsNoted: _contact_alone,
    f.PersonTold: _contact_alone,
    f.PersonRemembered: _person_changed,
    f.PersonForgotten: _person_changed,
    f.PersonJoined: _person_changed,
    f.PersonParted: _person_changed,
    f.PersonMarked: _person_changed,
    f.InterpreterMissing: _interpreter_missing,
    f.CrisisStarted: _crisis_started,
    f.CrisisAmended: _crisis_changed,
    f.CrisisSaid: _crisis_changed,
    f.CrisisEnded: _crisis_changed,
    f.HelperJoined: _crisis_changed,
    f.HelperLeft: _crisis_changed,
    f.AnnouncementTold: _contact_alone,
    f.HearingBegan: _contact_alone,
    f.SurveyAsked: _survey_asked,
    f.SurveyAnswered: _survey_answered,
    f.SurveyLeft: _contact_alone,
    f.SecrecyChanged: _secrecy_changed,
    f.HoldPlaced: _hold_placed,
    f.MatterClosed: _matter_closed,
    f.MatterHandedOver: _matter_handed_over,
    f.HandoverFailed: _handover_failed,
    f.TapeChanged: _contact_alone,
    f.RemarkAdded: _contact_alone,
    f.QuestionAsked: _contact_alone,
    f.HelpAsked: _contact_alone,
    f.HelpEnded: _contact_alone,
    f.ConsultSought: _contact_alone,
    f.ConsultEnded: _contact_alone,
    f.SurveyInvited: _survey_invited,
}
