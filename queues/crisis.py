"""What a crisis changes for as long as it lasts: which queues it stands before, and what is done there."""

from msgspec import Struct, field

from queues.skills import Needs


class Measures(Struct, frozen=True, array_like=True, gc=False):
    """What is done."""

    queues: tuple[str, ...] = ()
    """The queues it stands before; all of them, and what is before them, when none is named."""
    until: float | None = None
    """UTC seconds at which it ends by itself; somebody ends it when None."""
    callback_only: bool = False
    """Who calls and can be called back does not wait on the line (rules 8 and 9)."""
    triage: str = ""
    """The queue in which everybody is asked first; empty for none."""
    helpers: tuple[str, ...] = ()
    """Groups of agents who may help."""
    skills: Needs = ()
    """What helpers are taken to know for as long as they help."""
    sites: tuple[str, ...] = ()
    """Places that are open, whatever their hours."""

    def cover(self, queue: str) -> bool:
        """Tell whether it stands before a queue."""
        return not self.queues or queue in self.queues


class Plan(Struct, frozen=True, kw_only=True):
    """Measures and words that were thought of before, in quiet."""

    title: str = ""
    messages: dict[str, str] = field(default_factory=dict)
    """Language to text; it has one in the house's language, if any."""
    measures: Measures = Measures()
    lasts: float | None = None
    """Seconds after which it ends, unless somebody says otherwise."""
