"""The crew: which agents are free for what, indexed so that finding one does not depend on how many there are.

Agents with the same queues, skills and capacities share a *profile*, and profiles are bits of an integer; "serves the
queue, meets the needs, is free, spares scarce skills" is a handful of bit operations. Free agents stand by *room* (the
set of channels they could take a contact of) and profile, longest idle first. How many there are of each queue or skill
is kept in a *tally*: one integer that holds a number for each name, so that an agent is added to all of them at once.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Final

from queues.channels import ATTENTION, CHANNELS, cost
from queues.skills import Needs, meets
from router.agent import Agent, Desk, LoggedOut, NotResponding, Paused, Ready, Reserved, stays
from router.configuration import AgentSettings

Room = frozenset[str]
"""The channels an agent could take a contact of right now."""

NO_ROOM: Room = frozenset()
NEED_PHONE: Final[Room] = frozenset(name for name, policy in CHANNELS.items() if policy.voice)
"""Channels for which an agent has no room while the phone is gone (rule 5)."""


_CHANNEL: Final = attrgetter("channel")
_THERE: Final = frozenset((Ready, Reserved))
"""States in which an agent is not out of the offers."""
_MAY_GO: Final = frozenset((Paused, LoggedOut))
"""States in which an agent may be about to leave, or gone."""

FIELD: Final = 24
"""Bits of one number in a tally; no more agents than that."""
ONES: Final = (1 << FIELD) - 1
MASKS_REMEMBERED: Final = 4096
"""Of how many masks it is remembered what follows from them: a house comes back to the same few again and again."""


def bits(mask: int) -> Iterator[int]:
    """Yield the positions of the set bits of `mask`, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Profile:
    """What agents of one kind have in common."""

    __slots__ = ("bit", "capacity", "index", "lines", "queue_tally", "queues", "rooms", "skill_tally", "skills")

    def __init__(self, index: int, settings: AgentSettings) -> None:
        self.index = index
        self.bit = 1 << index
        self.queues = settings.queues
        self.skills = settings.skills
        self.capacity = {
            channel: settings.capacity.get(channel, policy.capacity) for channel, policy in CHANNELS.items()
        }
        self.queue_tally = 0
        """One agent of this kind, as a tally by queue."""
        self.skill_tally = 0
        self.lines = 0
        """Mask of the waiting lines these agents can serve (router.lines)."""
        self.rooms: dict[tuple[str, ...], Room] = {}
        """Room by the channels of what is in hand, remembered."""

    def room(self, desk: Desk) -> Room:
        """Return the room a ready agent with this desk has (rule 6)."""
        in_hand = tuple(map(_CHANNEL, desk.work)) if desk.work else ()
        room = self.rooms.get(in_hand)
        if room is None:
            room = self.rooms[in_hand] = frozenset(c for c in CHANNELS if self._has_room(c, in_hand))
        return room - NEED_PHONE if desk.phone_lost else room

    def _has_room(self, channel: str, in_hand: tuple[str, ...]) -> bool:
        limit = self.capacity[channel]
        if in_hand.count(channel) >= limit:
            return False
        live = CHANNELS[channel].live
        used = sum(self._cost(name) for name in in_hand if not (live and CHANNELS[name].interruptible))
        return used + cost(limit) <= ATTENTION

    def _cost(self, channel: str) -> int:
        """Return the attention of a contact in hand; a channel taken from the agent meanwhile fills it."""
        return cost(self.capacity[channel]) if self.capacity[channel] else ATTENTION


class Bench:
    """Free agents with the same room."""

    __slots__ = ("by_profile", "mask", "queues", "skills")

    def __init__(self) -> None:
        self.by_profile: dict[int, list[tuple[float, str]]] = {}
        """Profile index to agents as (idle since, id), longest idle first."""
        self.mask = 0
        self.queues = 0
        """Tally of the agents by queue."""
        self.skills = 0
        """Tally of the agents by skill."""


class Crew:
    """All agents of the configuration in force, and those who are free."""

    def __init__(self, agents: Mapping[str, AgentSettings]) -> None:
        self.profiles: list[Profile] = []
        self._by_key: dict[object, Profile] = {}
        self.profile_of: dict[str, Profile] = {}
        self.serves: dict[str, int] = {}
        self.has: dict[str, int] = {}
        self._able: dict[tuple[str, Needs], int] = {}
        self._telling: dict[int, tuple[tuple[str, int, int], ...]] = {}
        self._at_work: list[int] = []
        """Profile index to agents who are logged in and stay."""
        self._there: list[int] = []
        """Profile index to agents who are at work and not out of the offers."""
        self.at_work_mask = 0
        """Profiles with somebody who is logged in and stays."""
        self.flips = 0
        """Grows whenever the masks of `free` may have changed."""
        self._benches: dict[Room, Bench] = {}
        self._with_channel: dict[str, list[Bench]] = {channel: [] for channel in CHANNELS}
        self._queue_field: dict[str, int] = {}
        self.skill_field: dict[str, int] = {}
        """Skill to the first bit of its field in a tally."""
        self.in_state: dict[type[Agent], int] = dict.fromkeys((LoggedOut, Paused, NotResponding, Reserved, Ready), 0)
        """State to a tally of the agents by queue."""
        self._members = 0
        for agent in agents.values():
            self._enrol(agent)

    def _enrol(self, settings: AgentSettings) -> None:
        profile = self.profile_of[settings.id] = self._profile(settings)
        self.in_state[LoggedOut] += profile.queue_tally
        self._members += profile.queue_tally

    def _profile(self, settings: AgentSettings) -> Profile:
        key = tuple(tuple(sorted(part.items())) for part in (settings.queues, settings.skills, settings.capacity))
        profile = self._by_key.get(key)
        if profile is None:
            profile = self._by_key[key] = self._new_profile(settings)
        return profile

    def seat(self, settings: AgentSettings) -> Profile | None:
        """Give an agent who is not at work another profile, that of a desk or of none; return it if it is a new one.

        The queues stay the same, and with them every tally by queue.
        """
        if settings.id not in self.profile_of:
            return None
        known = len(self.profiles)
        profile = self.profile_of[settings.id] = self._profile(settings)
        if len(self.profiles) == known:
            return None
        for (queue, needs), mask in self._able.items():
            if queue in profile.queues and meets(profile.skills, needs):
                self._able[queue, needs] = mask | profile.bit
        return profile

    def _new_profile(self, settings: AgentSettings) -> Profile:
        self._telling.clear()
        profile = Profile(len(self.profiles), settings)
        self.profiles.append(profile)
        self._at_work.append(0)
        self._there.append(0)
        for queue in profile.queues:
            self.serves[queue] = self.serves.get(queue, 0) | profile.bit
            profile.queue_tally += 1 << self._queue_field.setdefault(queue, FIELD * len(self._queue_field))
        for skill in profile.skills:
            self.has[skill] = self.has.get(skill, 0) | profile.bit
            profile.skill_tally += 1 << self.skill_field.setdefault(skill, FIELD * len(self.skill_field))
        return profile

    # ---- questions ---------------------------------------------------------------------------------------------

    def able(self, queue: str, needs: Needs) -> int:
        """Return the mask of profiles that serve `queue` and meet `needs` (rules 1 and 2)."""
        mask = self._able.get((queue, needs))
        if mask is None:
            mask = 0
            for index in bits(self.serves.get(queue, 0)):
                if meets(self.profiles[index].skills, needs):
                    mask |= 1 << index
            self._able[queue, needs] = mask
        return mask

    def telling(self, mask: int) -> tuple[tuple[str, int, int], ...]:
        """Return the skills that some profiles in `mask` have and others lack: each with its field and who has it."""
        known = self._telling.get(mask)
        if known is None:
            if len(self._telling) >= MASKS_REMEMBERED:
                self._telling.clear()
            found = ((skill, self.skill_field[skill], having) for skill, having in self.has.items())
            known = self._telling[mask] = tuple(one for one in found if mask & one[2] not in (0, mask))
        return known

    def at_work(self, mask: int) -> bool:
        """Tell whether anybody of the profiles in `mask` is logged in and stays."""
        return bool(mask & self.at_work_mask)

    def free(self, channel: str) -> int:
        """Return the mask of profiles with an agent free for `channel`."""
        mask = 0
        for bench in self._with_channel[channel]:
            mask |= bench.mask
        return mask

    def supply(self, channel: str) -> int:
        """Return the tally, by skill, of agents free for `channel`."""
        tally = 0
        for bench in self._with_channel[channel]:
            tally += bench.skills
        return tally

    def with_skill(self, tally: int, skill: str) -> int:
        """Return the number for `skill` in a tally; 0 when nobody has it."""
        field = self.skill_field.get(skill)
        return 0 if field is None else tally >> field & ONES

    def free_in(self, channel: str, queue: str) -> int:
        """Return how many agents of `queue` are free for `channel`."""
        tally = 0
        for bench in self._with_channel[channel]:
            tally += bench.queues
        return tally >> self._queue_field[queue] & ONES

    def count(self, queue: str, state: type[Agent]) -> int:
        """Return how many agents of `queue` are in a state."""
        return self.in_state[state] >> self._queue_field[queue] & ONES

    def not_ready(self, queue: str) -> tuple[int, int, int, int]:
        """Return how many agents of `queue` are logged out, are paused, do not respond, and are reserved."""
        field, tallies = self._queue_field[queue], self.in_state
        return (
            tallies[LoggedOut] >> field & ONES,
            tallies[Paused] >> field & ONES,
            tallies[NotResponding] >> field & ONES,
            tallies[Reserved] >> field & ONES,
        )

    def there(self, queue: str) -> int:
        """Return how many agents of `queue` are at work and not out of the offers, whatever they have in hand."""
        field = self._queue_field.get(queue)
        return 0 if field is None else (self.in_state[Ready] + self.in_state[Reserved]) >> field & ONES

    def there_among(self, mask: int) -> int:
        """Return how many of the profiles in `mask` are so."""
        return sum(self._there[index] for index in bits(mask))

    def members(self, queue: str) -> int:
        """Return how many agents serve `queue`."""
        return self._members >> self._queue_field[queue] & ONES

    def longest_idle(self, channel: str, mask: int) -> Iterator[list[tuple[float, str]]]:
        """Yield, for each profile in `mask`, its agents free for `channel` as (idle since, id), longest idle first."""
        for bench in self._with_channel[channel]:
            if bench.mask & mask:
                for index in bits(bench.mask & mask):
                    yield bench.by_profile[index]

    def count_free(self, channel: str, mask: int) -> int:
        """Return how many agents of the profiles in `mask` are free for `channel`."""
        number = 0
        for bench in self._with_channel[channel]:
            if bench.mask & mask:
                for index in bits(bench.mask & mask):
                    number += len(bench.by_profile[index])
        return number

    def room(self, agent: Agent) -> Room:
        """Return what an agent could take now; nothing unless it is ready (rules 1, 5, 6)."""
        if type(agent) is not Ready:
            return NO_ROOM
        profile = self.profile_of.get(agent.desk.id)
        return profile.room(agent.desk) if profile else NO_ROOM

    # ---- changes -----------------------------------------------------------------------------------------------

    def changed(self, before: Agent | None, after: Agent) -> None:
        """Move an agent from where `before` put it to where `after` belongs; None when it was nowhere yet."""
        profile = self.profile_of.get(after.desk.id)
        if profile is None:
            return
        old, new = type(before) if before is not None else LoggedOut, type(after)
        if before is not None and old is Ready and (room := profile.room(before.desk)):
            self._leave_bench(room, profile, before.desk)
        if new is Ready and (room := profile.room(after.desk)):
            self._join_bench(room, profile, after.desk)
        if old is not new:
            self.in_state[old] -= profile.queue_tally
            self.in_state[new] += profile.queue_tally
            self._there[profile.index] += (new in _THERE) - (old in _THERE)
        if old in _MAY_GO or new in _MAY_GO:
            self._come_or_go(profile, stays(after) - (before is not None and stays(before)))

    def _come_or_go(self, profile: Profile, step: int) -> None:
        """Count who stays at work."""
        self._at_work[profile.index] += step
        if self._at_work[profile.index]:
            self.at_work_mask |= profile.bit
        else:
            self.at_work_mask &= ~profile.bit

    def _join_bench(self, room: Room, profile: Profile, desk: Desk) -> None:
        bench = self._benches.get(room)
        if bench is None:
            bench = self._benches[room] = Bench()
            for channel in room:
                self._with_channel[channel].append(bench)
        agents = bench.by_profile.get(profile.index)
        if agents is None:
            agents = bench.by_profile[profile.index] = []
        if not agents:
            bench.mask |= profile.bit
            self.flips += 1
        insort(agents, (desk.idle_since, desk.id))
        bench.queues += profile.queue_tally
        bench.skills += profile.skill_tally

    def _leave_bench(self, room: Room, profile: Profile, desk: Desk) -> None:
        bench = self._benches[room]
        agents = bench.by_profile[profile.index]
        del agents[bisect_left(agents, (desk.idle_since, desk.id))]
        if not agents:
            bench.mask &= ~profile.bit
            self.flips += 1
        bench.queues -= profile.queue_tally
        bench.skills -= profile.skill_tally
