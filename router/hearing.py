"""What citizens are told of crises: before everything, before a line, and in it; nothing twice (docs/crisis.md).

Who hears is told before going on; who reads, at once and beside whatever comes next.
"""

from ivr import actions as a
from queues.channels import CHANNELS
from router import crisis, messages
from router import facts as f
from router.contact import Contact, Waiting
from router.turn import Turn


def untold(turn: Turn, contact: Contact, queue: str | None) -> tuple[str, ...]:
    """Return the announcements before a queue (before everything, with None) that a contact has not been told."""
    card = contact.card
    if not turn.state.running or card.phone or not CHANNELS[card.channel].attended:
        return ()
    stands = crisis.before(turn.state.running, queue, card.language)
    return tuple(one for one in stands if one not in card.announced)


def hears_first(turn: Turn, contact: Contact, *, flow: str = "", queued: a.Queued | None = None) -> bool:
    """Tell a contact what it has not been told before its flow, or before a line; return whether it hears that first.

    Once it has (`Hearing`), it goes on there.
    """
    told = untold(turn, contact, queued.queue if queued is not None else None)
    if not told:
        return False
    turn.emit(f.AnnouncementTold(turn.now, contact.card.id, told))
    if contact.card.written:
        messages.show(turn, contact, map(crisis.phrase, told))
    if not contact.card.talks:
        return False
    if queued is None:
        turn.emit(f.HearingBegan(turn.now, contact.card.id, told, flow))
    else:
        where = (queued.queue, queued.needs, queued.priority, queued.notes)
        turn.emit(f.HearingBegan(turn.now, contact.card.id, told, "", *where))
    return True


def tell_in_line(turn: Turn, contact: Waiting) -> None:
    """Tell who waits already; whoever hears it hears it in line, and keeps the place."""
    new = untold(turn, contact, contact.spot.queue)
    if not new:
        return
    turn.emit(f.AnnouncementTold(turn.now, contact.card.id, new))
    if contact.card.written:
        messages.show(turn, contact, map(crisis.phrase, new))
    if contact.card.talks:
        told = contact.spot.told
        number, due = (told.turn + 1, told.due) if told is not None else (1, None)
        turn.emit(f.WaitAnnounced(turn.now, contact.card.id, number, due, announcements=new))


def tell_all(turn: Turn) -> None:
    """Tell all who wait."""
    for contact in list(turn.state.contacts.values()):
        if isinstance(contact, Waiting):
            tell_in_line(turn, contact)
