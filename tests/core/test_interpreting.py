"""An interpreter from the duty list joins a call in one action."""

from datetime import time

import pytest

from queues.assistance import Duty, Interpreters
from queues.hours import Hours
from router import facts as f
from router import inputs as i
from router.dialling import Destination
from tests.core.city import City, agent, queue

DAY_SHIFT = Hours(week=dict.fromkeys(range(1, 8), ((time(8), time(16)),)))
ARABIC = Interpreters(duty=(Duty(id="ar-1"), Duty(id="ar-2"), Duty(id="ar-3", hours=DAY_SHIFT)), ring=15.0)
NUMBERS = {name: Destination(f"number:{name}") for name in ("ar-1", "ar-2", "ar-3")}
ON_DUTY = tuple(i.OnDuty(name, destination) for name, destination in NUMBERS.items())
ASK = i.AskInterpreter("w1-g-1", "ar", ON_DUTY)


def talking(**changes):
    """Return a city in which anna talks with w1-g-1; bo is there too."""
    known = {"interpreters": {"ar": ARABIC}} | changes
    city = City(queues=[queue()], agents=[agent("anna"), agent("bo")], **known)
    city.call("w1-g-1", leg="w1-g-1")
    city.answer("w1-g-1")
    return city


def parties(city):
    return city.state.contacts["w1-g-1"].parties


def refused(city, request):
    with pytest.raises(i.Refused) as caught:
        city.put(request)
    return caught.value.error_id


def test_the_first_on_duty_is_rung_while_people_talk_on_and_joins():
    city = talking()
    (invited,) = city.put(ASK)
    assert (invited.destination, invited.interprets, invited.held) == (NUMBERS["ar-1"], "ar", ())
    assert invited.deadline == 15.0
    city.put(i.PickedUp(leg=invited.party))
    (party,) = parties(city)
    assert party.joined
    assert city.state.contacts["w1-g-1"].held == ()


def test_the_next_is_rung_when_one_does_not_answer_and_the_last_silence_is_told():
    city = talking()
    city.put(ASK)
    city.wait(15.0)
    (party,) = parties(city)
    assert party.destination == NUMBERS["ar-2"]
    city.put(i.NotPickedUp(leg=party.leg, cause="busy"))
    assert parties(city) == ()
    (missing,) = city.of(f.InterpreterMissing)
    assert (missing.language, missing.cause, missing.agent) == ("ar", "busy", "anna")
    assert city.is_("w1-g-1") == "Connected"


def test_who_is_not_on_duty_is_not_rung():
    city = talking()
    city.wait(9 * 3600.0)
    city.put(i.AskInterpreter("w1-g-1", "ar", ON_DUTY[2:]))
    assert parties(city)[0].destination == NUMBERS["ar-3"]
    night = talking()
    assert refused(night, i.AskInterpreter("w1-g-1", "ar", ON_DUTY[2:])) == "nobody_on_duty"


def test_it_is_said_why_nobody_comes():
    city = talking()
    assert refused(city, i.AskInterpreter("w1-g-1", "so", ON_DUTY)) == "no_interpreters"
    assert refused(city, i.AskInterpreter("nothing", "ar", ON_DUTY)) == "unknown_contact"
    bo = Destination("sip:bo@desk")
    city.put(i.PlaceCall("own", "bo", Destination("number:x")))
    assert refused(city, i.AskInterpreter("w1-g-1", "ar", (i.OnDuty("ar-1", bo),))) == "interpreters_busy"
    city.put(ASK)
    assert refused(city, ASK) == "has_interpreter"


def test_a_ring_goes_on_through_a_restart():
    city = talking()
    city.put(ASK)
    city.restart()
    city.wait(15.0)
    assert parties(city)[0].destination == NUMBERS["ar-2"]
    assert parties(city)[0].then == ()


def test_an_interpreter_is_nobody_to_leave_a_citizen_with():
    city = talking()
    city.put(ASK)
    city.put(i.PickedUp(leg=parties(city)[0].leg))
    assert refused(city, i.Connect("w1-g-1")) == "nobody_consulted"
    city.put(i.HungUp(leg=city.offer_of("w1-g-1"), cause="hung_up"))
    assert city.is_("w1-g-1") == "Gone"


def test_the_interpreter_goes_along_to_the_next_agent():
    city = talking()
    city.put(ASK)
    city.put(i.PickedUp(leg=parties(city)[0].leg))
    city.put(i.Consult("w1-g-1", Destination("sip:bo@desk")))
    assert len(city.state.contacts["w1-g-1"].held) == 2  # the two agents speak alone
    city.put(i.PickedUp(leg=parties(city)[1].leg))
    city.put(i.Connect("w1-g-1"))
    contact = city.state.contacts["w1-g-1"]
    assert (contact.agent, [party.interprets for party in contact.parties]) == ("bo", ["ar"])


def test_an_interpreter_stays_while_the_agent_stays_in_a_conference_with_somebody_outside():
    city = talking()
    city.put(ASK)
    city.put(i.PickedUp(leg=parties(city)[0].leg))
    city.put(i.Consult("w1-g-1", Destination("number:p7")))
    city.put(i.PickedUp(leg=parties(city)[1].leg))
    city.put(i.Resume("w1-g-1"))
    contact = city.state.contacts["w1-g-1"]
    assert contact.held == ()
    assert [(party.interprets, party.joined) for party in contact.parties] == [("ar", True), ("", True)]
    city.put(i.Connect("w1-g-1"))
    assert city.is_("w1-g-1") == "Forwarded"
    assert [fact.party for fact in city.of(f.PartyLeft, "w1-g-1")] == [contact.parties[0].leg], "nobody of ours is left"


def test_a_citizen_on_hold_stays_there_when_an_interpreter_does_not_answer():
    city = talking()
    city.put(i.Hold("w1-g-1"))
    city.put(i.AskInterpreter("w1-g-1", "ar", ON_DUTY[:1]))
    city.wait(15.0)
    assert city.state.contacts["w1-g-1"].held == ("w1-g-1",)


def test_an_interpreter_who_is_let_go_is_not_replaced():
    city = talking()
    city.put(ASK)
    city.put(i.DropParty("w1-g-1"))
    assert parties(city) == ()
    assert city.of(f.InterpreterMissing) == []
    city.put(ASK)
    city.put(i.PickedUp(leg=parties(city)[0].leg))
    city.put(i.HungUp(leg=parties(city)[0].leg, cause="hung_up"))
    assert parties(city) == ()  # who came and went has done the work


def test_an_interpreter_of_ours_has_the_contact_in_hand():
    city = talking()
    city.put(i.AskInterpreter("w1-g-1", "ar", (i.OnDuty("ar-1", Destination("sip:bo@desk")),)))
    assert city.state.has_in_hand("bo", "w1-g-1")
    city.wait(15.0)
    assert not city.state.has_in_hand("bo", "w1-g-1")
