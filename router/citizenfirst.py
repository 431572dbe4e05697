"""Ringing the citizen before the agent, where a queue calls back like that (rule 8, docs/decisions/0030).

An agent is reserved first, as for any offer, and goes on with what is in hand; the citizen is rung, hears a word, and
only then is the agent's telephone rung. So nobody is rung without somebody for them, and an agent hears no ringing tone
and no busy one. Whose agent does not answer after all waits at the old place for the next; if nobody comes within
`hold`, we say sorry, and call again later: that is no attempt of theirs. A queue that lets down more than a share of
those it reaches rings agents first until it is better (`State.lets_down`).
"""

from router import facts as f
from router.calling import again_later
from router.contact import LET_DOWN, Offered, Waiting
from router.ending import withdraw
from router.turn import Turn


def answered(turn: Turn, contact: Offered) -> None:
    """Ring the reserved agent, now that the citizen is there."""
    until = turn.now + turn.queue_of(contact).offer_timeout
    turn.emit(f.CitizenReached(turn.now, contact.card.id, until))


def not_answered(turn: Turn, contact: Offered, cause: f.PostponeCause) -> None:
    """Free the reserved agent, and call again later."""
    withdraw(turn, contact, "citizen_left")
    waiting = turn.state.contacts[contact.card.id]
    assert isinstance(waiting, Waiting)  # by the table
    again_later(turn, waiting, "", cause)


def gone(turn: Turn, contact: Waiting | Offered) -> None:
    """Call again later whoever hung up before anybody spoke, or was told that nobody is there."""
    told = contact.spot.told
    if isinstance(contact, Offered):
        withdraw(turn, contact, "citizen_left")
    waiting = turn.state.contacts[contact.card.id]
    assert isinstance(waiting, Waiting)  # by the table
    let_down = told is not None and told.notice == LET_DOWN
    again_later(turn, waiting, "", "no_agent" if let_down else "not_there")


def hold_over(turn: Turn, contact: Waiting) -> None:
    """Say sorry to somebody for whom nobody came; then the call is over."""
    told = contact.spot.told
    if told is not None and told.notice == LET_DOWN:
        again_later(turn, contact, "", "no_agent")
        return
    number = told.turn + 1 if told is not None else 1
    turn.emit(f.WaitAnnounced(turn.now, contact.card.id, number, None, notice=LET_DOWN))
