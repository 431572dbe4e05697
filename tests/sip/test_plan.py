"""From a contact's state to what the workers are told, without any worker."""

from msgspec import structs

from adapters.sip import protocol as p
from adapters.sip.difference import Caller, LegNow, difference, ordered
from adapters.sip.plan import RINGBACK, LegPlan, Sounds, legs_of
from adapters.sip.reaching import Outside, Reaching
from router import inputs as i
from router.dialling import Destination, DialRules, Gate, assess
from tests.core.city import City, agent, queue

GATE = Gate(b"k" * 32)
SOUNDS = Sounds(
    lambda language, phrase, contact="": (f"/{phrase.prompt}.wav",), lambda name: "music", lambda name: f"/{name}.wav"
)
CITIZEN = "w1-g-1"
LIBRARY = Destination("phone:library")
OUTSIDE = Destination("number:abc", country="SE")


def nobody(plan: LegPlan) -> None:
    """Nobody can be dialled."""


class Legs:
    """Carries commands out on paper."""

    def __init__(self, city: City, contact: str) -> None:
        self.city, self.contact = city, contact
        self.legs = {contact: LegNow("dialling", p.SILENCE)} if contact.startswith("w1") else {}
        self.reaching = Reaching(GATE, 1, "192.0.2.9:5060", Outside("telia", "trunk.example:5060", "+46401"))

    def dial(self, plan: LegPlan):
        return self.reaching.dial(plan, self.city.state, Caller("0701234567"))

    def follow(self) -> list[p.Command]:
        current = self.city.state.contacts.get(self.contact)
        should = {plan.leg: plan for plan in legs_of(current, SOUNDS)} if current else {}
        commands = difference(should, self.legs, self.dial)
        for command in commands:
            ordered(self.legs, command)
        assert difference(should, self.legs, self.dial) == [], "what was ordered is what should be"
        return commands

    def pick_up(self, leg: str) -> None:
        self.legs[leg] = LegNow("answered", self.legs[leg].media)
        self.city.put(i.PickedUp(leg=leg))

    def talks(self) -> dict[str, tuple[str, ...]]:
        """Return who hears whom."""
        return {leg: now.media.peers for leg, now in self.legs.items()}


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
    assert (dial.permit.leg, dial.permit.target, dial.caller) == ("w1-g-1.1", "sip:anna@desk", "0701234567")
    assert GATE.genuine(dial.permit)


def test_both_hear_each_other_once_the_agent_answers_and_neither_falls_silent_after():
    city, legs = rung()
    legs.follow()
    city.answer("w1-g-1")
    assert legs.follow() == [], "they were ordered so when the agent was dialled"
    assert {leg: now.media for leg, now in legs.legs.items()} == {
        "w1-g-1": p.Media(peers=("w1-g-1.1",), then="music"),
        "w1-g-1.1": p.Media("w1-g-1.1", peers=("w1-g-1",), then="hang_up"),
    }


def test_an_agent_hears_first_which_queue_it_is():
    city, _ = rung()
    whispering = structs.replace(SOUNDS, whisper=lambda name: (f"/{name}.wav",))
    plans = {plan.leg: plan.media for plan in legs_of(city.state.contacts["w1-g-1"], whispering)}
    assert plans["w1-g-1.1"].first == ("/tax.wav",)
    assert plans["w1-g-1"].first == (), "the caller does not hear it"
    city.answer("w1-g-1")
    (_, plan) = legs_of(city.state.contacts["w1-g-1"], whispering)
    now = {"w1-g-1.1": LegNow("answered", plans["w1-g-1.1"])}
    assert difference({"w1-g-1.1": plan}, now, nobody) == [], "it is heard to its end"
    now = {"w1-g-1.1": LegNow("answered", p.SILENCE)}
    (hear,) = difference({"w1-g-1.1": plan}, now, nobody)
    assert isinstance(hear, p.Hear)
    assert hear.media.first == (), "after a hold it is not said again"


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
    assert difference({"w1-g-1": plan}, {"w1-g-1": LegNow("answered", played)}, nobody) == []


def test_a_leg_that_nobody_wants_is_hung_up():
    assert difference({}, {"stray": LegNow("answered", p.SILENCE)}, nobody, code=404) == [p.HangUp(0, "stray", 404)]


# ---- talk ------------------------------------------------------------------------------------------------------


def talking() -> tuple[City, Legs]:
    city, legs = rung()
    legs.follow()
    legs.pick_up("w1-g-1.1")
    legs.follow()
    return city, legs


def test_a_citizen_on_hold_hears_music_and_the_agent_silence():
    city, legs = talking()
    city.put(i.Hold(CITIZEN))
    legs.follow()
    assert legs.legs[CITIZEN].media == p.Media(then="music")
    assert legs.talks()["w1-g-1.1"] == ()
    city.put(i.Resume(CITIZEN))
    legs.follow()
    assert legs.talks() == {CITIZEN: ("w1-g-1.1",), "w1-g-1.1": (CITIZEN,)}


def test_consult_then_conference_then_the_agent_leaves():
    city, legs = talking()
    city.put(i.Consult(CITIZEN, LIBRARY))
    dial, *_ = legs.follow()
    assert isinstance(dial, p.Dial)
    assert dial.permit.target == "sip:library@192.0.2.9:5060"
    assert legs.legs[CITIZEN].media == p.Media(then="music")
    legs.pick_up("w1-g-1.2")
    legs.follow()
    assert legs.talks() == {CITIZEN: (), "w1-g-1.1": ("w1-g-1.2",), "w1-g-1.2": ("w1-g-1.1",)}
    city.put(i.Resume(CITIZEN))
    legs.follow()
    assert {leg: set(peers) for leg, peers in legs.talks().items()} == {
        CITIZEN: {"w1-g-1.1", "w1-g-1.2"},
        "w1-g-1.1": {CITIZEN, "w1-g-1.2"},
        "w1-g-1.2": {CITIZEN, "w1-g-1.1"},
    }
    city.put(i.Connect(CITIZEN))
    legs.follow()
    assert legs.talks() == {CITIZEN: ("w1-g-1.2",), "w1-g-1.2": (CITIZEN,)}


def test_a_phones_second_call_is_the_consultation():
    """Which of its two lines holds, the phone says itself."""
    city, legs = talking()
    city.put(i.PhoneDialled(leg="w1-g-9", phone="sip:anna@desk", destination=LIBRARY))
    legs.legs["w1-g-9"] = LegNow("dialling", p.SILENCE)
    legs.follow()
    assert legs.legs["w1-g-9"].signal == "ringing"
    legs.pick_up("w1-g-1.2")
    legs.follow()
    assert legs.legs["w1-g-9"].signal == "answered"
    first_line = {CITIZEN: ("w1-g-1.1",), "w1-g-1.1": (CITIZEN,)}
    assert legs.talks() == {**first_line, "w1-g-9": ("w1-g-1.2",), "w1-g-1.2": ("w1-g-9",)}
    city.put(i.Connect(CITIZEN))
    assert {command.leg for command in legs.follow() if isinstance(command, p.HangUp)} == {"w1-g-1.1", "w1-g-9"}


def test_a_number_outside_is_dialled_through_the_trunk_with_the_queues_number_shown():
    city, legs = rung(shows="+4640341000")
    legs.reaching.remember(OUTSIDE.address, assess("070-123 45 67", DialRules()))
    legs.follow()
    legs.pick_up("w1-g-1.1")
    city.put(i.Forward(CITIZEN, OUTSIDE))
    dial = next(command for command in legs.follow() if isinstance(command, p.Dial))
    assert dial.permit.target == "sip:+46701234567@trunk.example:5060"
    assert (dial.network, dial.caller, dial.identity) == ("telia", "+4640341000", "+4640341000")
    assert legs.legs[CITIZEN].media == p.Media(peers=("w1-g-1.2",), then="music"), "joined by the worker on answer"


def test_a_number_that_is_not_known_is_not_dialled():
    city, legs = talking()
    city.put(i.Forward(CITIZEN, OUTSIDE))
    legs.follow()
    assert "w1-g-1.2" not in legs.legs


def test_a_call_of_the_agents_own_rings_the_agent_first_and_then_the_citizen():
    city = City(agents=[agent("anna")])
    legs = Legs(city, "out-1-1")
    legs.reaching.remember(OUTSIDE.address, assess("0701234567", DialRules()))
    city.put(i.PlaceCall("out-1-1", "anna", OUTSIDE))
    legs.follow()
    assert list(legs.legs) == ["out-1-1.1"]
    legs.pick_up("out-1-1.1")
    legs.follow()
    assert legs.legs["out-1-1.1"].media == p.Media(then="music", music=RINGBACK, peers=("out-1-1.c",))
    assert legs.legs["out-1-1.c"].media.peers == ("out-1-1.1",)
    legs.pick_up("out-1-1.c")
    legs.follow()
    assert legs.talks() == {"out-1-1.1": ("out-1-1.c",), "out-1-1.c": ("out-1-1.1",)}


def test_a_lost_agent_is_rung_again_while_the_citizen_hears_music():
    city, legs = talking()
    del legs.legs["w1-g-1.1"]
    city.put(i.HungUp(leg="w1-g-1.1", cause="cut_off"))
    dial, *_ = legs.follow()
    assert isinstance(dial, p.Dial)
    assert dial.permit.leg == "w1-g-1.2"
    assert legs.legs[CITIZEN].media == p.Media(peers=("w1-g-1.2",), then="music")


def test_the_trunk_is_asked_to_connect_a_citizen_itself_where_that_is_set():
    city, legs = talking()
    elsewhere = Destination("number:abc", country="SE", refer=True)
    legs.reaching.remember(elsewhere.address, assess("0701234567", DialRules()))
    city.put(i.Forward(CITIZEN, elsewhere))
    refer = next(command for command in legs.follow() if isinstance(command, p.Refer))
    assert (refer.permit.leg, refer.permit.target) == (CITIZEN, "sip:+46701234567@trunk.example:5060")
    assert list(legs.legs) == [CITIZEN], "no leg of ours goes there"
    city.put(i.PickedUp(leg="w1-g-1.2"))
    assert not any(isinstance(command, p.Refer) for command in legs.follow())
    city.put(i.HungUp(leg=CITIZEN, cause="hung_up"))
    assert city.is_(CITIZEN) == "Gone"
