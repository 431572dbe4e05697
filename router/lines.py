"""All waiting lines, indexed by what they need: the heads are all that a decision looks at."""

from collections.abc import Mapping
from operator import attrgetter

from queues.channels import CHANNELS
from queues.line import Line, LineKey
from queues.queue import Queue
from queues.skills import meets
from router.contact import Waiting
from router.crew import MASKS_REMEMBERED, Crew, Profile, bits


class Lines:
    """Who waits where. A contact in its grace time stands with its preferred agent instead of in a line (rule 4)."""

    def __init__(self, crew: Crew, queues: Mapping[str, Queue]) -> None:
        self._crew = crew
        self._queues = queues
        self._by_key: dict[LineKey, int] = {}
        self.lines: list[Line] = []
        self.occupied = 0
        """Mask of lines in which somebody waits."""
        self.live = 0
        """Mask of lines of live channels."""
        self.by_channel: dict[str, int] = dict.fromkeys(CHANNELS, 0)
        self.by_queue: dict[str, int] = {}
        self.waiting: dict[str, int] = {}
        """Queue to number of contacts waiting, those in grace included."""
        self._those: dict[int, tuple[Line, ...]] = {}
        """Lines by mask, remembered: the more people wait, the seldomer a line fills or empties."""
        self.held: dict[str, dict[str, str]] = {}
        """Preferred agent to contacts in their grace time, each with its queue."""

    def add(self, contact: Waiting) -> None:
        """Put a waiting contact where it belongs."""
        spot = contact.spot
        self.waiting[spot.queue] = self.waiting.get(spot.queue, 0) + 1
        if spot.grace_until is not None and spot.preferred is not None:
            self.held.setdefault(spot.preferred, {})[contact.card.id] = spot.queue
            return
        index = self._line(contact)
        line = self.lines[index]
        line.add(spot.place, contact.card.id)
        line.rested += bool(spot.rests)
        self.occupied |= 1 << index

    def admit(self, profile: Profile) -> None:
        """Let a new kind of agents find the lines they can serve."""
        for index, line in enumerate(self.lines):
            if line.queue in profile.queues and meets(profile.skills, line.key.needs):
                profile.lines |= 1 << index

    def remove(self, contact: Waiting) -> None:
        """Take a contact out. Raises KeyError or ValueError if it does not wait."""
        spot = contact.spot
        self.waiting[spot.queue] -= 1
        if spot.grace_until is not None and spot.preferred is not None:
            held = self.held[spot.preferred]
            del held[contact.card.id]
            if not held:
                del self.held[spot.preferred]
            return
        index = self._line(contact)
        line = self.lines[index]
        line.remove(spot.place, contact.card.id)
        line.rested -= bool(spot.rests)
        if not line:
            self.occupied &= ~(1 << index)

    def ahead_of(self, contact: Waiting) -> int:
        """Return how many of the queue stand before a contact (those in grace with their agent not counted)."""
        spot = contact.spot
        return sum(line.ahead_of(spot.place) for line in self.lines_of(spot.queue))

    def lines_of(self, queue: str) -> tuple[Line, ...]:
        """Return the lines of a queue in which somebody waits."""
        return self.those(self.by_queue.get(queue, 0) & self.occupied)

    def those(self, mask: int) -> tuple[Line, ...]:
        """Return the lines in `mask`, those of one queue side by side."""
        known = self._those.get(mask)
        if known is None:
            if len(self._those) >= MASKS_REMEMBERED:
                self._those.clear()
            found = (self.lines[index] for index in bits(mask))
            known = self._those[mask] = tuple(sorted(found, key=attrgetter("queue")))
        return known

    def everybody_in(self, queue: str) -> list[str]:
        """Return the contacts waiting in a queue, in its lines and in their grace time."""
        held = [contact for contacts in self.held.values() for contact, where in contacts.items() if where == queue]
        return [contact for line in self.lines_of(queue) for _, contact in line] + held

    def _line(self, contact: Waiting) -> int:
        spot = contact.spot
        key = LineKey(spot.queue, contact.card.channel, spot.needs, spot.weight)
        index = self._by_key.get(key)
        return self._new_line(key) if index is None else index

    def _new_line(self, key: LineKey) -> int:
        index = self._by_key[key] = len(self.lines)
        bit = 1 << index
        self.lines.append(Line(key, self._queues[key.queue].target.wait))
        self.by_channel[key.channel] |= bit
        self.by_queue[key.queue] = self.by_queue.get(key.queue, 0) | bit
        if CHANNELS[key.channel].live:
            self.live |= bit
        for profile in bits(self._crew.able(key.queue, key.needs)):
            self._crew.profiles[profile].lines |= bit
        return index
