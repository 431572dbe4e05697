"""Text telephones: alone they are led in writing, beside audio what is said is shown; else they are like calls."""

import pytest

from ivr.flow import Enter, Flow, HangUp, Menu
from ivr.moving import WRITTEN_WITHIN
from ivr.phrase import Phrase
from router import facts as f
from router import inputs as i
from router.contact import Connected, InFlow, Leaving, Offered, Waiting
from tests.core.city import City, agent, queue
from tests.core.test_writing import HELLO, LATER, said


def called(channel="text", flow="hello", **changes):
    """Return a city that somebody rings with a text telephone, and the facts of that."""
    city = City(flows=[HELLO, LATER], **({"queues": [queue()], "agents": [agent("anna")]} | changes))
    return city, city.put(i.Arrived(contact="c1", channel=channel, entry=flow, leg="c1", text=True))


def test_text_alone_comes_by_the_number_that_is_rung_and_reads_what_is_asked():
    city, facts = called()
    assert said(facts) == ["welcome", "subjects"]
    assert city.state.contacts["c1"].card.channel == "text"
    assert said(city.put(i.MessageArrived(contact="c1", key="1")))[0] == "citizen"
    assert isinstance(city.state.contacts["c1"], Offered)


def test_languages_are_written_out_where_there_are_no_buttons():
    city, _ = called()
    shown = [fact for fact in city.put(i.MessageArrived(contact="c1", key="3")) if isinstance(fact, f.MessageAdded)]
    assert [(fact.prompt, fact.language) for fact in shown[1:]] == [("tongue", "sv"), ("tongue", "fi")]


def test_whoever_does_not_answer_is_asked_again_and_led_on_to_a_person():
    city, _ = called()
    city.wait(WRITTEN_WITHIN)
    assert said(city.facts)[-1] == "subjects"
    city.wait(WRITTEN_WITHIN)
    assert city.of(f.ContactQueued, "c1")


def test_beside_audio_what_is_said_is_shown_too():
    city, facts = called("call")
    contact = city.state.contacts["c1"]
    assert said(facts) == ["welcome"]
    assert contact.action.phrases == (Phrase("welcome"),)
    assert said(city.put(i.PromptEnded(contact="c1", turn=contact.session.turn))) == ["subjects"]
    city.put(i.KeyPressed(contact="c1", digit="1"))
    assert isinstance(city.state.contacts["c1"], Offered)


def test_a_caller_without_a_text_telephone_is_shown_nothing():
    city = City(flows=[HELLO], queues=[queue()], agents=[agent("anna")])
    facts = city.put(i.Arrived(contact="c1", channel="call", entry="hello", leg="c1"))
    assert said(facts) == []
    assert said(city.put(i.MessageArrived(contact="c1"))) == []
    assert said(city.put(i.LineWritten(contact="c1"))) == []


def test_an_agent_needs_no_telephone_and_what_is_written_counts():
    city, _ = called()
    facts = city.put(i.MessageArrived(contact="c1", key="1"))
    offer = next(fact.offer for fact in facts if isinstance(fact, f.OfferMade))
    assert said(city.put(i.AcceptOffer(offer))) == ["text_connected"]
    assert isinstance(city.state.contacts["c1"], Connected)
    assert said(city.put(i.LineWritten(contact="c1"))) == ["agent"]
    assert said(city.put(i.MessageArrived(contact="c1"))) == ["citizen"]
    authors = [(one.author, one.agent) for one in city.state.contacts["c1"].card.thread.said[-2:]]
    assert authors == [("agent", "anna"), ("citizen", "")]
    with pytest.raises(i.Refused, match="no conversation"):
        city.put(i.SendMessage("c1", "anna"))


def test_whoever_cannot_wait_reads_why_before_the_call_ends():
    city, _ = called(queues=[queue(max_waiting=0)])
    facts = city.put(i.MessageArrived(contact="c1", key="1"))
    contact = city.state.contacts["c1"]
    assert isinstance(contact, Leaving)
    assert said(facts)[-1] == contact.way.name
    city.put(i.PromptEnded(contact="c1", turn=contact.turn))
    assert "c1" not in city.state.contacts


def test_a_citizen_in_a_flow_who_hangs_up_is_gone():
    city, _ = called()
    assert isinstance(city.state.contacts["c1"], InFlow)
    city.put(i.HungUp(leg="c1", cause="hung_up"))
    assert "c1" not in city.state.contacts


def test_a_menu_without_buttons_is_answered_by_the_keys_that_its_words_name():
    menu = Menu(prompt="press", choices={"1": "tax", "2": "end"}, otherwise="tax")
    plain = Flow(name="plain", nodes={"start": menu, "tax": Enter(queue="tax"), "end": HangUp()})
    city = City(flows=[plain], queues=[queue()], agents=[agent("anna")])
    facts = city.put(i.Arrived(contact="c1", channel="text", entry="plain", leg="c1", text=True))
    assert said(facts) == ["press"]
    city.put(i.MessageArrived(contact="c1", key="2"))
    assert "c1" not in city.state.contacts


def test_an_agent_takes_part_at_the_desk_and_not_by_telephone():
    city, _ = called()
    city.put(i.MessageArrived(contact="c1", key="1"))
    city.put(i.AcceptOffer(city.offer_of("c1")))
    with pytest.raises(i.Refused, match="no telephone call"):
        city.put(i.Hold("c1"))
    city.put(i.HandBack("c1"))
    assert isinstance(city.state.contacts["c1"], Waiting)
    city.put(i.HungUp(leg="c1", cause="hung_up"))
    assert not isinstance(city.state.contacts.get("c1"), Waiting)
