"""The one question after a contact (docs/survey.md)."""

from typing import Any

import pytest

from queues.crisis import Measures
from queues.queue import Survey
from router import facts as f
from router import inputs as i
from router.writing import offered
from tests.core.city import City, agent, queue
from tests.core.test_visiting import MORNING, come, sit, take, town

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


def test_a_citizen_who_was_called_back_is_asked_and_the_promise_is_kept() -> None:
    city = asking(wrap_up=30.0)
    city.put(i.Pause("anna", "away"))
    city.call("c1", person="p1")
    city.put(i.RegisterCallback("c1"))
    city.ready("anna")
    callback = "c1.callback2"
    city.answer(callback)
    city.put(i.PickedUp(leg=f"{callback}.c"))
    city.finish(callback)
    assert [fact.cause for fact in city.of(f.CallbackClosed)] == ["kept"]
    assert city.of(f.SurveyAsked, callback)
    city.put(i.KeyPressed(contact=callback, digit="3"))
    answer = city.of(f.SurveyAnswered)[0]
    assert (answer.channel, answer.answer) == ("callback", 3)
    city.put(i.EndWrapUp(callback))
    assert city.is_(callback) == "Gone"


def test_a_citizen_who_was_called_back_may_hang_up_instead() -> None:
    city = asking()
    city.put(i.Pause("anna", "away"))
    city.call("c1", person="p1")
    city.put(i.RegisterCallback("c1"))
    city.ready("anna")
    callback = "c1.callback2"
    city.answer(callback)
    city.put(i.PickedUp(leg=f"{callback}.c"))
    city.finish(callback)
    city.put(i.HungUp(leg=f"{callback}.c", cause="hung_up"))
    assert city.of(f.SurveyLeft, callback)[0].cause == "hung_up"
    assert city.is_(callback) == "Gone"


# ---- asked later: after mails and visits ---------------------------------------------------------------------------


def mailed(city: City, contact: str, *, automatic: bool = False, answered: bool = True, **more: Any) -> None:
    """Let a mail be answered, and closed."""
    city.mail(contact, written=True, automatic=automatic, **{"person": "p1", **more})
    city.answer(contact)
    if answered:
        city.put(i.SendMessage(contact, "anna"))
    city.finish(contact)


def test_who_wrote_a_mail_is_asked_by_mail_once_it_is_closed() -> None:
    city = asking(mail="how_was_it", wrap_up=30.0)
    city.mail("m1", written=True, person="p1")
    city.answer("m1")
    city.put(i.NoteNeeds("m1", (), "fi", keep=False))
    city.put(i.SendMessage("m1", "anna"))
    city.finish("m1")
    assert city.of(f.SurveyInvited) == []
    city.put(i.EndWrapUp("m1"))
    asked = city.of(f.SurveyInvited)[0]
    assert (asked.queue, asked.channel, asked.language, asked.until) == ("tax", "mail", "fi", 14 * DAY)
    mail = city.state.outbox["m1.m3"]
    assert (mail.prompt, mail.language) == ("how_was_it", "fi")
    city.restart()
    city.put(i.AnswerSurvey("m1", 2))
    answer = city.of(f.SurveyAnswered)[0]
    assert (answer.contact, answer.channel, answer.language, answer.answer) == ("m1", "mail", "fi", 2)


def test_an_answer_counts_once_and_must_be_one() -> None:
    city = asking(mail="how_was_it", scale=2)
    mailed(city, "m1")
    for answer in (0, 3, -1):
        with pytest.raises(i.Refused, match="1 to 2"):
            city.put(i.AnswerSurvey("m1", answer))
    city.put(i.AnswerSurvey("m1", 1))
    with pytest.raises(i.Refused, match="not any more"):
        city.put(i.AnswerSurvey("m1", 2))
    with pytest.raises(i.Refused):
        city.put(i.AnswerSurvey("m2", 2))
    assert len(city.of(f.SurveyAnswered)) == 1


def test_after_some_days_nobody_can_answer_any_more_and_nothing_is_kept_of_it() -> None:
    city = asking(mail="how_was_it", open=2 * DAY, again_after=0.0)
    mailed(city, "m1")
    city.wait(2 * DAY)
    with pytest.raises(i.Refused):
        city.put(i.AnswerSurvey("m1", 2))
    mailed(city, "m2", person="p2")
    assert [one.contact for one in city.state.invitations.snapshot()] == ["m2"]


@pytest.mark.parametrize(
    "why",
    [{"automatic": True}, {"answered": False}, {"person": None}],
    ids=["written by a machine, or to a list", "nobody answered", "without a known address"],
)
def test_a_mail_that_is_not_asked_after(why: dict[str, Any]) -> None:
    city = asking(mail="how_was_it")
    mailed(city, "m1", **why)
    assert city.is_("m1") == "Gone"
    assert city.of(f.SurveyInvited) == []


def test_nobody_is_asked_whom_our_answer_did_not_reach() -> None:
    for told in (
        i.MessageNotTaken(contact="m1", message=2, cause="no_such_address"),
        i.MessageArrived(contact="m1", automatic=True),
    ):
        city = asking(mail="how_was_it")
        city.mail("m1", written=True, person="p1")
        city.answer("m1")
        city.put(i.SendMessage("m1", "anna"))
        city.put(told)
        city.finish("m1")
        assert city.of(f.SurveyInvited) == []


def test_nobody_whose_mail_is_secret_or_who_is_protected_is_asked() -> None:
    for hidden in (i.SetSecrecy("m1", secret=True), i.MarkPerson(("p1",), protected=True)):
        city = asking(mail="how_was_it")
        city.mail("m1", written=True, person="p1")
        city.answer("m1")
        city.put(i.SendMessage("m1", "anna"))
        city.put(hidden)
        city.finish("m1")
        assert city.of(f.SurveyInvited) == []


def test_one_person_is_asked_once_in_a_while_by_whatever_channel() -> None:
    city = asking(mail="how_was_it", again_after=10 * DAY)
    mailed(city, "m1")
    mailed(city, "m2")
    serve(city, "c1", person="p1")
    assert len(city.of(f.SurveyInvited)) == 1
    assert city.of(f.SurveyAsked) == []


def test_the_question_is_no_acknowledgement_and_comes_back_as_no_new_one() -> None:
    city = asking(mail="how_was_it")
    mailed(city, "m1")
    assert city.state.acknowledged == {}


def test_mails_are_asked_after_only_where_that_is_wanted() -> None:
    city = asking()
    mailed(city, "m1")
    assert city.of(f.SurveyAsked) == []
    assert city.of(f.SurveyInvited) == []


def visited(**changes: Any) -> City:
    """Return a town whose visitors are asked; one of them has been called to a desk."""
    city = town(survey=Survey(prompt="survey", visits=True), now=MORNING, **changes)
    sit(city, "anna", "hall/2")
    come(city, "v1")
    take(city, "anna")
    return city


def test_a_visitor_is_asked_on_the_page_of_the_ticket_and_at_the_desk() -> None:
    city = visited()
    city.finish("v1")
    asked = city.of(f.SurveyInvited)[0]
    assert (asked.channel, asked.seat) == ("visit", "hall/2")
    assert city.is_("v1") == "Gone"
    invitations = city.state.invitations
    found = invitations.at("hall/2", city.now - 60.0)
    assert found is not None
    assert found.contact == "v1"
    assert invitations.at("hall/2", city.now) is None
    assert invitations.at("hall/1", city.now - 60.0) is None
    city.put(i.AnswerSurvey("v1", 5))
    assert city.of(f.SurveyAnswered)[0].channel == "visit"
    assert city.state.invitations.at("hall/2", city.now - 60.0) is None


def test_at_a_desk_nobody_answers_for_who_was_there_before() -> None:
    city = visited()
    city.finish("v1")
    come(city, "v2")
    take(city, "anna")
    city.finish("v2")
    city.put(i.AnswerSurvey("v2", 5))
    assert city.state.invitations.at("hall/2", city.now - 60.0) is None
    city.restart()
    assert city.state.invitations.at("hall/2", city.now - 60.0) is None
    city.put(i.AnswerSurvey("v1", 5))


def test_a_visitor_is_asked_once_though_the_agent_still_wraps_up() -> None:
    city = visited(wrap_up=30.0)
    city.finish("v1")
    assert city.is_("v1") == "WrappingUp"
    city.put(i.AnswerSurvey("v1", 1))
    city.wait(31.0)
    assert city.is_("v1") == "Gone"
    assert len(city.of(f.SurveyInvited)) == 1


def test_a_visit_that_was_recorded_at_a_desk_is_asked_after_there() -> None:
    city = town(survey=Survey(prompt="survey", visits=True), now=MORNING)
    sit(city, "anna", "hall/3")
    city.put(i.RecordVisit("v1", "anna", "tax"))
    city.finish("v1")
    assert city.of(f.SurveyInvited)[0].seat == "hall/3"


def test_a_visitor_who_does_not_come_is_not_asked() -> None:
    city = visited()
    city.put(i.NoShow("v1"))
    city.put(i.LeaveVisit("v1"))
    assert city.of(f.SurveyInvited) == []
