"""The one question after a contact (docs/survey.md)."""

from typing import Any

import pytest

from queues.crisis import Measures
from queues.queue import Survey
from router import facts as f
from router import inputs as i
from router.writing import offered
from tests.core.city import City, agent, queue

DAY = 86_400.0


def asking(wrap_up: float = 0.0, **survey: Any) -> City:
    """Return a city that asks after calls and chats."""
    about = Survey(prompt="survey", **survey)
    city = City(queues=[queue("tax", survey=about, wrap_up=wrap_up)], agents=[agent("anna")])
    return city


def serve(city: City, contact: str, **more: Any) -> None:
    """Let a caller be served, and the agent put down the phone."""
    city.call(contact, leg=contact, **more)
    city.answer(contact)
    city.put(i.HungUp(leg=city.offer_of(contact), cause="hung_up"))


def test_a_caller_is_asked_and_answers_by_key() -> None:
    city = asking()
    serve(city, "c1", person="p1")
    assert city.is_("c1") == "WrappingUp"
    assert city.agent("anna") == "Ready", "the agent does not wait for it"
    city.put(i.KeyPressed(contact="c1", digit="9"))
    assert city.is_("c1") == "WrappingUp"
    city.put(i.KeyPressed(contact="c1", digit="4"))
    answer = city.of(f.SurveyAnswered)[0]
    assert (answer.queue, answer.channel, answer.answer, answer.scale) == ("tax", "call", 4, 5)
    assert city.is_("c1") == "Gone"
    assert city.of(f.ContactEnded, "c1")[0].outcome == "served"


def test_the_agent_wraps_up_meanwhile_and_the_contact_stays_with_the_agent() -> None:
    city = asking(wrap_up=30.0)
    serve(city, "c1")
    city.put(i.KeyPressed(contact="c1", digit="5"))
    assert city.is_("c1") == "WrappingUp"
    city.wait(31.0)
    assert city.is_("c1") == "Gone"
    serve(city, "c2")
    city.put(i.EndWrapUp("c2"))
    assert city.is_("c2") == "WrappingUp"
    city.wait(21.0)
    assert city.is_("c2") == "Gone"
    assert city.of(f.SurveyLeft, "c2")[0].cause == "silent"


def test_nobody_whose_contact_is_secret_is_asked() -> None:
    city = asking()
    city.call("c1", leg="c1", person="p1")
    city.answer("c1")
    city.put(i.SetSecrecy("c1", secret=True))
    city.put(i.HungUp(leg=city.offer_of("c1"), cause="hung_up"))
    assert city.is_("c1") == "Gone"
    assert not city.of(f.SurveyAsked)


def test_hanging_up_is_fine() -> None:
    city = asking()
    serve(city, "c1")
    city.hang_up("c1")
    assert city.of(f.SurveyLeft, "c1")[0].cause == "hung_up"
    assert city.is_("c1") == "Gone"


def test_who_hangs_up_first_is_not_asked() -> None:
    city = asking()
    city.call("c1", leg="c1")
    city.answer("c1")
    city.hang_up("c1")
    assert city.of(f.SurveyAsked) == []


def test_a_person_is_asked_once_in_a_while() -> None:
    city = asking(again_after=10 * DAY)
    serve(city, "c1", person="p1")
    city.hang_up("c1")
    serve(city, "c2", person="p1")
    assert city.is_("c2") == "Gone"
    city.restart()
    city.wait(10 * DAY)
    serve(city, "c3", person="p1")
    assert city.is_("c3") == "WrappingUp"


def test_one_in_so_many_is_asked() -> None:
    city = asking(every=3)
    for number in range(9):
        serve(city, f"c{number}")
        city.hang_up(f"c{number}")
    assert len(city.of(f.SurveyAsked)) == 3


def test_nobody_is_asked_in_a_crisis() -> None:
    city = asking()
    city.put(i.StartCrisis("flood-0", "flood", Measures(), ()))
    serve(city, "c1")
    assert city.is_("c1") == "Gone"


@pytest.mark.parametrize("scale", [2, 5])
def test_a_chat_gets_buttons_once_the_agent_has_ended_it(scale: Any) -> None:
    city = asking(scale=scale)
    city.arrive("c1", channel="chat")
    city.answer("c1")
    city.finish("c1")
    choices = offered(city.state, city.state.contacts["c1"])
    assert [one.key for one in choices] == [str(n) for n in range(1, scale + 1)]
    assert city.of(f.MessageAdded, "c1")[-1].prompt == "survey"
    city.put(i.MessageArrived(contact="c1", count=1, key="2"))
    assert city.of(f.SurveyAnswered)[0].answer == 2
    assert city.is_("c1") == "Gone"


def test_mails_are_not_asked_by_voice() -> None:
    city = asking()
    city.mail("c1")
    city.answer("c1")
    city.finish("c1")
    assert city.of(f.SurveyAsked) == []
