"""From a contact's state to what the workers are told, without any worker."""

from adapters.sip import protocol as p
from adapters.sip.plan import Caller, Dialling, LegNow, LegPlan, Sounds, difference, legs_of, ordered
from router.dialling import Gate
from tests.core.city import City, agent, queue

GATE = Gate(b"k" * 32)
SOUNDS = Sounds(lambda language, phrase, contact="": (f"/{phrase.prompt}.wav",), lambda name: "music", "/{}".format)
DIALLING = Dialling(
    lambda leg, name: GATE.phone(leg, f"sip:{name}@192.0.2.1", 1), lambda leg: Caller("0701234567"), 25.0
)


class Legs:
    """Carries commands out on paper."""

    def __init__(self, city: City, contact: str) -> None:
        self.city, self.contact = city, contact
        self.legs = {contact: LegNow("dialling", p.SILENCE)}

    def follow(self) -> list[p.Command]:
        current = self.city.state.contacts.get(self.contact)
        should = {plan.leg: plan for plan in legs_of(current, SOUNDS)} if current else {}
        commands = difference(should, self.legs, DIALLING)
        for command in commands:
            ordered(self.legs, command)
        assert difference(should, self.legs, DIALLING) == [], "what was ordered is what should be"
        return commands


def rung(**more) -> tuple[City, Legs]:
    city = City(queues=[queue(**more)], agents=[agent("anna")])
    city.call("w1-g-1", "tax", leg="w1-g-1")
    return city, Legs(city, "w1-g-1")


def test_a_caller_hears_music_while_the_agent_rings():
    _, legs = rung()
    dial, answer, hear = legs.follow()
    assert isinstance(answer, p.Answer)
    assert isinstance(hear, p.Hear)
    assert hear.media == p.Media(peers=("w1-g-1.1",), then="music"), "joined by the worker when the agent answers"
    assert isinstance(dial, p.Dial)
    assert (dial.permit.leg, dial.permit.target, dial.caller) == ("w1-g-1.1", "sip:anna@192.0.2.1", "0701234567")
    assert GATE.genuine(dial.permit)


def test_both_hear_each_other_once_the_agent_answers_and_neither_falls_silent_after():
    city, legs = rung()
    legs.follow()
    city.answer("w1-g-1")
    assert legs.follow() == [], "they were ordered so when the agent was dialled"
    assert {leg: now.media for leg, now in legs.legs.items()} == {
        "w1-g-1": p.Media(peers=("w1-g-1.1",), then="music"),
        "w1-g-1.1": p.Media(peers=("w1-g-1",), then="hang_up"),
    }


def test_a_caller_goes_on_hearing_music_when_the_agent_does_not_answer():
    city, legs = rung()
    legs.follow()
    city.fail("w1-g-1", "busy")
    hang_up, hear = legs.follow()
    assert isinstance(hang_up, p.HangUp)
    assert hear == p.Hear(0, "w1-g-1", p.Media(then="music"))


def test_both_legs_end_with_the_talk():
    city, legs = rung()
    legs.follow()
    city.answer("w1-g-1")
    legs.follow()
    city.hang_up("w1-g-1")
    assert {command.leg for command in legs.follow()} == {"w1-g-1", "w1-g-1.1"}


def test_a_play_that_has_come_to_its_end_is_not_started_again():
    played = p.Media("3", (), "music")
    wanted = p.Media("3", ("/welcome.wav",), "music")
    plan = LegPlan("w1-g-1", "answer", wanted)
    assert difference({"w1-g-1": plan}, {"w1-g-1": LegNow("answered", played)}, DIALLING) == []


def test_a_leg_that_nobody_wants_is_hung_up():
    assert difference({}, {"stray": LegNow("answered", p.SILENCE)}, DIALLING, code=404) == [p.HangUp(0, "stray", 404)]
