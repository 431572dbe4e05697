"""What agents did for contacts, and what came of it: numbers beside `metrics.figures`, which count the waiting."""

from msgspec import Struct


class Work(Struct, array_like=True, kw_only=True):
    """Counts and seconds. All only ever grow, but for what an agent says of a contact and then says better."""

    handled: int = 0
    """Times that an agent talked with a citizen, or worked on what was written, from taking to giving up."""
    handed_on: int = 0
    """Among `handled`: ended by passing the contact on."""
    desk: float = 0.0
    """Seconds for which agents had contacts in hand, without those for which they were set aside."""
    hold: float = 0.0
    """Among `desk`: the citizen heard music."""
    wrap_up: float = 0.0
    ended: int = 0
    """Contacts that are over, without those that go on as another (`formulas.GOES_ON`)."""
    reached: int = 0
    """Among `ended`: met a person."""
    passed_on: int = 0
    """Among `ended`: passed on at least once."""
    helped: int = 0
    """Among `ended`: by somebody who could."""
    people_met: int = 0
    """By the helped, together, until somebody could help; that one included."""
    contacts_made: int = 0
    """By the helped, together, in the same matter; this contact included."""
    until_help: float = 0.0
    """Seconds from the first of those contacts until the talk that helped began."""
    described: int = 0
    avoidable: int = 0
    """Among `described`."""
    gaps: int = 0
    """Among `described`: with a service gap."""
    callbacks_promised: int = 0
    callbacks_kept: int = 0
    callbacks_cancelled: int = 0
    callbacks_needless: int = 0
    """The citizen was reached otherwise."""
    callbacks_failed: int = 0
    messages_in: int = 0
    messages_out: int = 0

    def merge(self, other: "Work") -> None:
        """Count what another counted."""
        for name in Work.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
