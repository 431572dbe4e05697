"""What an agent did today: taken, talked, wrapped up, and how long it was ready or paused."""

import msgspec
import pytest

from metrics.projection import Image, Projection
from metrics.workday import AgentToday
from router import inputs as i
from router.dialling import Destination
from tests.core.city import agent, local, queue
from tests.metrics.counted import Counted

DAY = 86_400.0


def city(**more: object) -> Counted:
    return Counted(queues=[queue(wrap_up=30.0)], agents=[agent("anna"), agent("bo")], **more)


def day(it: Counted, who: str = "anna") -> AgentToday:
    return it.projection.workday(who, it.now)


def served(it: Counted, contact: str, talk: float, channel: str = "call") -> str:
    """Let somebody take a contact, talk for so long, and be left to wrap up; return who."""
    it.arrive(contact, "tax", channel)
    (who,) = it.offers
    if channel == "call":
        it.answer(contact)
    else:
        it.put(i.AcceptOffer(it.offer_of(contact)))
    it.wait(talk)
    it.finish(contact)
    return who


def test_what_was_taken_talked_and_wrapped_up_counts_for_whoever_did_it() -> None:
    it = city()
    it.put(i.Pause("bo", "lunch"))
    served(it, "c1", 60.0)
    it.wait(10.0)
    it.put(i.EndWrapUp("c1", "anna"))
    served(it, "c2", 120.0)
    it.wait(20.0)
    it.put(i.EndWrapUp("c2", "anna"))
    it.wait(5.0)
    told = day(it)
    assert (told.channels["call"].answered, told.channels["call"].mean_talk) == (2, 90.0)
    assert (told.wrap_ups, told.mean_wrap_up) == (2, 15.0)
    assert told.times == {"ready": 215.0}
    other = day(it, "bo")
    assert (other.channels, other.wrap_ups, other.mean_wrap_up) == ({}, 0, None)
    assert other.times == {"paused": 215.0}


def test_a_call_handed_over_is_a_talk_of_each() -> None:
    it = city()
    it.put(i.Pause("bo", "lunch"))
    it.call("c1", leg="c1")
    it.answer("c1")
    it.wait(40.0)
    it.ready("bo")
    it.put(i.Consult("c1", Destination(it.state.agents["bo"].desk.address)))
    it.put(i.PickedUp(leg="c1.2"))
    it.wait(10.0)
    it.put(i.Connect("c1"))
    it.wait(50.0)
    it.hang_up("c1")
    assert day(it, "anna").channels["call"].mean_talk == 50.0
    assert day(it, "bo").channels["call"].mean_talk == 50.0
    assert day(it, "bo").channels["call"].answered == 0, "it was given, not taken from a line"


def test_at_midnight_the_day_begins_anew_and_what_goes_on_counts_from_there() -> None:
    it = city(now=DAY - 100.0)
    it.wait(100.0 + 30.0)
    told = day(it)
    assert (told.since, told.times) == (DAY, {"ready": 30.0})


def test_it_survives_a_restart_and_time_without_a_leader_counts_for_nobody() -> None:
    it = city()
    served(it, "c1", 60.0)
    before = day(it)
    image = msgspec.msgpack.decode(msgspec.msgpack.encode(it.projection.image()), type=Image)
    assert Projection(local, image).workday("anna", it.now) == before
    it.restart(clock_step=20.0)
    told = day(it)
    assert told.times == before.times, "nobody knows what was so meanwhile"
    it.put(i.EndWrapUp("c1", "anna"))
    assert day(it).wrap_ups == 1


@pytest.mark.parametrize("channel", ["chat", "mail"])
def test_what_is_written_counts_by_the_time_it_was_worked_on(channel: str) -> None:
    it = Counted(queues=[queue()], agents=[agent("anna", capacity={channel: 1})])
    served(it, "m1", 300.0, channel)
    assert day(it).channels[channel].mean_talk == 300.0


def test_whoever_is_not_at_work_has_no_time() -> None:
    it = city()
    it.wait(10.0)
    it.log_out("anna")
    it.wait(50.0)
    assert day(it).times == {"ready": 10.0}
