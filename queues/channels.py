"""Channel policies: what sets a call apart from a mail is a row in this table, never an `if channel ==` (rule 6)."""

from typing import Final, Literal

from msgspec import Struct

ATTENTION: Final = 5040
"""A person's whole attention, in parts that 1 to 10 simultaneous contacts divide without remainder."""


class ChannelPolicy(Struct, frozen=True):
    """How contacts of one channel behave in the line and at the desk."""

    live: bool
    """Somebody is waiting at the other end right now; a deferred contact waits by itself (rule 3)."""
    interruptible: bool
    """A live contact may be offered on top of it; it is set aside meanwhile (rule 6)."""
    capacity: int
    """How many at a time one agent takes, unless the agent's own setting says otherwise."""
    ends_with_citizen: bool
    """The contact is over when the citizen leaves (a call); otherwise only the agent ends it (a mail)."""
    returns: bool
    """A citizen who leaves the line and comes back within the queue's `keep_place` gets the place again (rule 7)."""
    voice: bool = False
    """The agent needs a phone for it."""
    spoken: bool = False
    """The citizen hears prompts, and can leave a recording (rule 9)."""
    written: bool = False
    """A conversation of messages, which are counted (`router.messages`)."""
    posted: bool = False
    """What we write leaves through the outbox: somebody else carries it, and the citizen need not be there."""
    carried_by: str = ""
    """The channel whose carrier takes what we write, when that is another."""
    in_person: bool = False
    """The citizen stands in one of our places, is called there by number (`queues.site`), and can wait for staff."""

    inward: bool = False
    """No citizen is at the other end: agents ask each other."""

    entered_as: str = ""
    """The channel whose entries it comes in by, when it has none of its own there."""

    asked_later: Literal["", "by_mail", "on_page"] = ""
    """How who was served is asked how it was, once that one is gone (docs/survey.md)."""

    @property
    def led(self) -> bool:
        """Tell whether flows can ask the citizen, who hears or reads and answers (rule 9)."""
        return self.spoken or (self.written and self.attended)

    @property
    def attended(self) -> bool:
        """Tell whether the citizen is there while waiting, and can be told and led elsewhere (rule 9)."""
        return self.live and self.ends_with_citizen


CHANNELS: Final[dict[str, ChannelPolicy]] = {
    "call": ChannelPolicy(
        live=True, interruptible=False, capacity=1, ends_with_citizen=True, returns=True, voice=True, spoken=True
    ),
    "text": ChannelPolicy(
        live=True,
        interruptible=False,
        capacity=1,
        ends_with_citizen=True,
        returns=True,
        written=True,
        entered_as="call",
    ),
    "chat": ChannelPolicy(
        live=True, interruptible=False, capacity=3, ends_with_citizen=True, returns=True, written=True
    ),
    "visit": ChannelPolicy(
        live=True,
        interruptible=False,
        capacity=1,
        ends_with_citizen=True,
        returns=True,
        in_person=True,
        asked_later="on_page",
    ),
    "callback": ChannelPolicy(
        live=True, interruptible=False, capacity=1, ends_with_citizen=False, returns=False, voice=True
    ),
    "mail": ChannelPolicy(
        live=False,
        interruptible=True,
        capacity=2,
        ends_with_citizen=False,
        returns=False,
        written=True,
        posted=True,
        asked_later="by_mail",
    ),
    "form": ChannelPolicy(
        live=False,
        interruptible=True,
        capacity=2,
        ends_with_citizen=False,
        returns=False,
        written=True,
        posted=True,
        carried_by="mail",
    ),
    "post": ChannelPolicy(
        live=False, interruptible=True, capacity=3, ends_with_citizen=False, returns=False, written=True, posted=True
    ),
    "message": ChannelPolicy(live=False, interruptible=True, capacity=2, ends_with_citizen=False, returns=False),
    "report": ChannelPolicy(live=False, interruptible=True, capacity=2, ends_with_citizen=False, returns=False),
    "question": ChannelPolicy(
        live=False, interruptible=True, capacity=3, ends_with_citizen=False, returns=False, inward=True
    ),
}


def cost(capacity: int) -> int:
    """Return the attention one contact takes from an agent who handles `capacity` of its channel at a time."""
    return ATTENTION // capacity
