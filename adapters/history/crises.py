"""What the history keeps of crises: when and where each was, who was told of it, and what became of them.

A row follows the crisis as it is in the state, so it is right also where the facts before it were lost.
"""

from collections.abc import Callable

from adapters.history.rows import GAP, CrisisRow
from router import facts as f
from router.crisis import Over, crisis_of
from router.entering import TRIAGE_FOR
from router.state import State


class Crises:
    """Keeps the rows of those that the house still knows of."""

    def __init__(self, rows: dict[str, CrisisRow], write: Callable[[CrisisRow], None]) -> None:
        """`rows` is kept between restarts; `write` takes a row that has changed."""
        self._rows = rows
        self._write = write

    def changed(self, crisis: str, state: State) -> None:
        """Take in how a crisis is now. Those that the house has forgotten are forgotten here."""
        for id_ in self._rows.keys() - state.crises.keys():
            del self._rows[id_]
        now = state.crises.get(crisis)
        if now is None:
            return
        row = self._rows.setdefault(crisis, CrisisRow(crisis, now.plan, now.started))
        row.queues = " ".join(now.measures.queues)
        row.triage, row.places = now.measures.triage, " ".join(now.measures.sites)
        row.callback_only, row.announcements = now.measures.callback_only, len(now.messages)
        if isinstance(now, Over):
            row.ended, row.cause = now.ended, now.cause
        self._write(row)

    def helped(self, fact: f.HelperJoined, state: State) -> None:
        """Count one who came to help."""
        self.changed(fact.crisis, state)
        self._count(fact.crisis, "helpers")

    def told(self, before: tuple[str, ...], fact: f.AnnouncementTold) -> tuple[str, ...]:
        """Count a contact that was told; return the crises it was told of until now, of which `before` were known."""
        new = [one for one in dict.fromkeys(map(crisis_of, fact.announcements)) if one not in before]
        for crisis in new:
            self._count(crisis, "told")
        return (*before, *new)

    def left(self, crises: tuple[str, ...]) -> None:
        """Count a citizen who was told and left, before meeting anybody."""
        for crisis in crises:
            self._count(crisis, "left")

    def queued(self, fact: f.ContactQueued, state: State) -> None:
        """Count who was led to triage."""
        wanted = next((text for name, text in fact.notes if name == TRIAGE_FOR), "")
        for one in state.running:
            if wanted and one.measures.triage == fact.queue and one.measures.cover(wanted):
                self._count(one.id, "triaged")
                return

    def called_back(self, fact: f.WayOutTaken, state: State) -> None:
        """Count who was promised a call instead of waiting."""
        if fact.obstacle == "crisis":
            for one in state.running:
                if one.measures.callback_only and one.measures.cover(fact.queue):
                    self._count(one.id, "called_back")
                    return

    def visited(self, site: str, state: State) -> None:
        """Count who came to a place that is open because of a crisis."""
        for one in state.running:
            if site in one.measures.sites:
                self._count(one.id, "visitors")

    def skip(self, state: State, at: float) -> None:
        """Go on from another state: what happened in between is lost."""
        for id_ in [id_ for id_, row in self._rows.items() if id_ not in state.crises and row.ended is None]:
            row = self._rows[id_]
            row.ended, row.cause = at, GAP
            self._write(row)
        for id_ in state.crises:
            self.changed(id_, state)

    def _count(self, crisis: str, what: str) -> None:
        row = self._rows.get(crisis)
        if row is not None:
            setattr(row, what, getattr(row, what) + 1)
            self._write(row)
