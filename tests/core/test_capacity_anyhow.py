"""Rule 6 with all channels at once: nobody has more in hand than fits, whatever comes in whatever order.

Agents take what they are offered, finish it, give it back, hand it over, ask about it, pause. What is interrupted waits
at the desk as long as somebody live is there, and no longer.
"""

from contextlib import suppress
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from queues.channels import ATTENTION, CHANNELS, cost
from queues.queue import SecondLine
from router import facts as f
from router import inputs as i
from router.agent import Reserved
from router.contact import Connected, Offered, WrappingUp
from tests.core.city import City, agent, queue

QUEUES = ("front", "permits")
AGENTS = ("anna", "bo", "cy")
BY_CITIZENS = tuple(name for name, policy in CHANNELS.items() if not policy.inward and name != "callback")
ROOM = st.fixed_dictionaries({}, optional={name: st.integers(0, 3) for name in CHANNELS})


class Desks(RuleBasedStateMachine):
    """Everything that comes by offers, at desks of all sizes."""

    @initialize(rooms=st.tuples(*(ROOM for _ in AGENTS)), wrap_up=st.sampled_from([0.0, 10.0]))
    def begin(self, rooms: tuple[dict[str, int], ...], wrap_up: float) -> None:
        lines = [queue("front", wrap_up=wrap_up), queue("permits", wrap_up=wrap_up, second_line=SecondLine(live=20.0))]
        people = [agent(name, "front permits", capacity=room) for name, room in zip(AGENTS, rooms, strict=True)]
        self.city = City(lines, people)
        self.contacts = 0

    def having(self, data: st.DataObject, *states: type[Any]) -> str:
        found = [id_ for id_, one in self.city.state.contacts.items() if isinstance(one, states)]
        return data.draw(st.sampled_from(found), "contact") if found else "nobody"

    @rule(channel=st.sampled_from(BY_CITIZENS), name=st.sampled_from(QUEUES))
    def comes(self, channel: str, name: str) -> None:
        self.contacts += 1
        id_ = f"c{self.contacts}"
        self.city.arrive(id_, name, channel, leg=id_ if channel in ("call", "text") else "")

    @rule(data=st.data(), takes=st.sampled_from([True, True, True, False]))
    def answers(self, data: st.DataObject, takes: bool) -> None:
        contact = self.city.state.contacts.get(self.having(data, Offered))
        if isinstance(contact, Offered):
            self.city.put(i.AcceptOffer(contact.offer) if takes else i.DeclineOffer(contact.offer))

    @rule(data=st.data(), request=st.sampled_from([i.Finish, i.Finish, i.HandBack, i.AskHelp]))
    def is_done(self, data: st.DataObject, request: Any) -> None:
        with suppress(i.Refused):
            self.city.put(request(self.having(data, Connected)))

    @rule(data=st.data(), name=st.sampled_from(QUEUES), asks=st.booleans())
    def turns_to_others(self, data: st.DataObject, name: str, asks: bool) -> None:
        contact = self.having(data, Connected)
        self.contacts += 1
        with suppress(i.Refused):
            self.city.put(i.AskQueue(contact, name, f"q{self.contacts}") if asks else i.SendToQueue(contact, name))

    @rule(data=st.data())
    def wraps_up(self, data: st.DataObject) -> None:
        with suppress(i.Refused):
            self.city.put(i.EndWrapUp(self.having(data, WrappingUp)))

    @rule(data=st.data(), cause=st.sampled_from(["hung_up", "cut_off"]))
    def goes(self, data: st.DataObject, cause: Any) -> None:
        self.city.put(i.CitizenGone(contact=self.having(data, Connected, Offered), cause=cause))

    @rule(name=st.sampled_from(AGENTS), request=st.sampled_from([i.GoReady, i.GoReady, i.Pause]))
    def comes_or_goes(self, name: str, request: Any) -> None:
        self.city.put(request(name, "coffee") if request is i.Pause else request(name))

    @rule(seconds=st.sampled_from([1.0, 15.0, 40.0]))
    def time_passes(self, seconds: float) -> None:
        self.city.wait(seconds)

    @rule()
    def engine_restarts(self) -> None:
        self.city.restart()

    @invariant()
    def nobody_has_more_than_fits(self) -> None:
        city = getattr(self, "city", None)
        for name, one in city.state.agents.items() if city is not None else ():
            capacity = {
                channel: city.configuration.agents[name].capacity.get(channel, policy.capacity)
                for channel, policy in CHANNELS.items()
            }
            work = one.desk.work
            for channel in CHANNELS:
                assert sum(item.channel == channel for item in work) <= capacity[channel], (name, work)
            busy = [item for item in work if not item.aside and not (wraps(item) and interruptible(item))]
            assert sum(cost(capacity[item.channel]) for item in busy) <= ATTENTION, (name, work)
            live = any(CHANNELS[item.channel].live for item in work)
            if not live and not isinstance(one, Reserved):
                assert not any(item.aside for item in work), "set aside, and nobody for whom"
            assert all(interruptible(item) for item in work if item.aside)

    def teardown(self) -> None:
        """What was set aside was taken up again, or came to another end, each time."""
        aside: set[str] = set()
        for fact in self.city.facts:
            if isinstance(fact, f.WorkSetAside):
                assert fact.contact not in aside
                aside.add(fact.contact)
            elif isinstance(fact, f.WorkTakenUp):
                aside.remove(fact.contact)
            elif isinstance(fact, f.ContactEnded | f.ContactReturned | f.WrapUpStarted):
                aside.discard(fact.contact)


def wraps(item: Any) -> bool:
    return bool(item.wrapping_up)


def interruptible(item: Any) -> bool:
    return CHANNELS[item.channel].interruptible


TestDesks = Desks.TestCase
TestDesks.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
