"""One citizen, one story: who it is, what that one needs, and what of it is remembered."""

import pytest

from ivr.flow import Enter, Flow, Set
from queues.assistance import Assistance
from router import facts as f
from router import inputs as i
from router.persons import Person, Persons, assisted, ordered
from tests.core.city import City, agent, needs, queue, steps

DAY = 86_400.0
SIGN = Assistance(needs=needs({"sign": 1}), wait=60.0)
ARABIC = Assistance(needs=needs({"arabic": 3}), wait=30.0)


def house(*agents, **changes):
    """Return a city that knows what signing and Arabic take."""
    words = {"aids": {"sign_language": SIGN}, "tongues": {"ar": ARABIC}} | changes
    return City(queues=[queue(), queue("school")], agents=agents or [agent("anna", "tax school")], **words)


def refused(city, request):
    """Return the id of the error by which the router refuses a request."""
    with pytest.raises(i.Refused) as caught:
        city.put(request)
    return caught.value.error_id


# ---- needs -----------------------------------------------------------------------------------------------------


def test_needs_go_with_a_contact_wherever_it_goes():
    city = house()
    city.call("w1-g-1", person="p1", leg="w1-g-1")
    city.answer("w1-g-1")
    city.put(i.NoteNeeds("w1-g-1", ("sight", "plain_language"), "en"))
    city.put(i.SendToQueue("w1-g-1", "school"))
    card = city.state.contacts["w1-g-1"].card
    assert (card.needs, card.language) == (("plain_language", "sight"), "en")


def test_needs_are_remembered_only_for_who_agrees_and_only_for_a_while():
    city = house(remember=10 * DAY)
    city.call("c1", person="p1")
    city.put(i.NoteNeeds("c1", ("hearing",)))
    city.call("c2", person="p1")
    assert city.state.contacts["c2"].card.needs == ()
    city.put(i.NoteNeeds("c2", ("hearing",), "fi", keep=True))
    city.call("c3", person="p1")
    card = city.state.contacts["c3"].card
    assert (card.needs, card.language) == (("hearing",), "fi")
    city.wait(10 * DAY)
    city.call("c4", person="p1")
    assert (city.state.contacts["c4"].card.needs, city.state.contacts["c4"].card.language) == ((), "")


def test_what_was_kept_for_long_enough_leaves_the_state_too():
    city = house(remember=10.0)
    for number in (1, 2):
        city.call(f"c{number}", person=f"p{number}")
        city.put(i.NoteNeeds(f"c{number}", ("hearing",), keep=True))
        city.wait(20.0)
    assert [one.id for one in city.state.persons.snapshot()] == ["p2"]


def test_needs_are_forgotten_when_the_citizen_wishes():
    city = house()
    city.call("c1", person="p1")
    city.put(i.NoteNeeds("c1", ("hearing",), keep=True))
    city.put(i.ForgetNeeds("c1"))
    assert city.state.persons.snapshot() == []
    assert city.put(i.ForgetNeeds("c1")) == []


def test_nothing_is_remembered_of_nobody_and_in_no_other_words():
    city = house()
    city.call("c1")
    assert refused(city, i.NoteNeeds("c1", ("sight",), keep=True)) == "nobody_known"
    assert refused(city, i.NoteNeeds("c1", ("a long story",))) == "unknown_need"
    assert refused(city, i.NoteNeeds("nothing", ())) == "unknown_contact"


def test_what_a_need_takes_is_asked_for_first_and_gone_without_later():
    city = house(agent("anna"), agent("siri", skills={"sign": 1}))
    city.put(i.Pause("siri", "lunch"))
    city.call("c1", person="p1")
    city.answer("c1")
    city.put(i.NoteNeeds("c1", ("sign_language",), keep=True))
    city.finish("c1")
    city.call("c2", person="p1")
    assert city.is_("c2") == "Waiting"  # siri is at work, if at lunch
    city.wait(59.0)
    assert city.is_("c2") == "Waiting"
    city.wait(1.0)
    assert city.offers == {"anna": "c2"}


def test_nobody_waits_for_a_skill_that_nobody_at_work_has():
    city = house(agent("anna"))
    city.call("c0", person="p1")
    city.put(i.NoteNeeds("c0", ("sign_language",), "ar", keep=True))
    city.answer("c0")
    city.finish("c0")
    city.call("c1", person="p1")
    assert city.offers == {"anna": "c1"}


def test_a_language_takes_somebody_who_speaks_it():
    city = house(agent("anna"), agent("amal", skills={"arabic": 4}))
    city.call("c0", person="p1")
    city.put(i.NoteNeeds("c0", (), "ar", keep=True))
    city.hang_up("c0")
    city.call("c1", person="p1")
    assert city.offers == {"amal": "c1"}


def test_a_callback_knows_the_needs_of_its_citizen():
    city = house(agent("anna"), ready=False)
    city.put(i.LogIn("anna"))
    city.call("c1", person="p1")
    city.put(i.NoteNeeds("c1", ("hearing",)))
    city.put(i.RegisterCallback("c1"))
    (callback,) = city.state.callbacks
    assert city.state.contacts[callback].card.needs == ("hearing",)


def test_a_flow_notes_what_the_citizen_said():
    asked = Set(citizen=("plain_language",), keep=True, language="en", next="on")
    flow = Flow(name="ask", nodes={"start": asked, "on": Enter(queue="tax")})
    city = house(flows=[flow])
    city.call("c1", "ask", person="p1")
    assert city.state.persons.of("p1").needs == ("plain_language",)
    assert city.state.persons.of("p1").language == "en"
    city.call("c2", "ask")  # whom nobody knows is served with it all the same
    assert city.state.contacts["c2"].card.needs == ("plain_language",)


def test_the_step_without_help_is_the_widest_and_the_last():
    asked = assisted(steps(({"fi": 3}, 0.0), ({}, 90.0)), [SIGN])
    assert asked == steps(({"fi": 3, "sign": 1}, 0.0), ({"sign": 1}, 90.0), ({}, 90.0))
    assert assisted(steps(({}, 0.0)), [Assistance()]) == steps(({}, 0.0))


# ---- persons ---------------------------------------------------------------------------------------------------


def test_a_number_and_an_address_are_one_person_once_an_agent_says_so():
    city = house()
    city.mail("m1", person="mail1")
    city.put(i.NoteNeeds("m1", ("sight",), keep=True))
    city.call("c1", person="p1")
    city.put(i.JoinPerson("c1", "mail1"))
    assert city.state.persons.ids("p1") == ("mail1", "p1")
    assert city.state.contacts["c1"].card.needs == ("sight",)
    city.call("c2", person="p1")
    assert city.state.contacts["c2"].card.needs == ("sight",)
    city.put(i.PartPerson("c2"))
    city.call("c3", person="p1")
    assert city.state.contacts["c3"].card.needs == ()
    assert city.state.persons.of("mail1").needs == ("sight",)
    assert refused(city, i.PartPerson("c3")) == "not_joined"


def test_a_place_is_kept_for_a_person_by_whichever_number():
    city = house(ready=False)
    city.put(i.LogIn("anna"))
    city.call("c0", person="p2")
    city.put(i.JoinPerson("c0", "p1"))
    city.hang_up("c0")
    city.call("c1", person="p1")
    assert city.of(f.ContactEnded, "c0")[0].resumed_by == "c1"


def test_one_person_has_one_promise_of_a_queue():
    city = house(ready=False)
    city.put(i.LogIn("anna"))
    for number in (1, 2):
        city.call(f"c{number}", person=f"p{number}")
        city.put(i.RegisterCallback(f"c{number}"))
    city.call("c3", person="p2")
    city.put(i.JoinPerson("c3", "p1"))
    assert len(city.state.callbacks) == 1
    assert city.state.promises("p2") == city.state.promises("p1") != {}
    city.put(i.RegisterCallback("c3"))
    assert len(city.state.callbacks) == 1
    city.call("c4", person="p2")
    city.ready("anna")
    city.put(i.DeclineOffer(next(iter(city.state.offers))))
    city.wait(30.0)
    city.put(i.GoReady("anna"))
    city.answer("c4") if city.is_("c4") == "Offered" else None


def test_a_promise_that_turns_out_to_be_the_second_one_ends_by_that():
    city = house(ready=False)
    city.put(i.LogIn("anna"))
    for number in (1, 2):
        city.call(f"c{number}", person=f"p{number}")
        city.put(i.RegisterCallback(f"c{number}"))
    city.call("c3", person="p1")
    city.put(i.NoteNeeds("c3", ("plain_language",), keep=True))
    (later,) = city.state.promises("p2").values()
    city.put(i.JoinPerson(later, "p1"))
    assert later not in city.state.contacts
    assert len(city.state.callbacks) == 1


def test_an_agent_says_who_rings_without_a_number():
    city = house()
    city.call("c1")
    city.put(i.JoinPerson("c1", "p1"))
    assert city.state.contacts["c1"].card.person == "p1"
    assert city.state.persons.snapshot() == []


def test_a_shared_number_is_nobodys():
    city = house()
    city.call("c1", person="firm")
    city.put(i.MarkPerson(("firm",), shared=True))
    city.call("c2", person="firm")
    assert city.state.contacts["c2"].card.person is None
    assert refused(city, i.JoinPerson("c2", "firm")) == "shared_address"
    assert refused(city, i.JoinPerson("c1", "p1")) == "shared_address"
    city.put(i.MarkPerson(("firm",), shared=False))
    city.call("c3", person="firm")
    assert city.state.contacts["c3"].card.person == "firm"


def test_protection_holds_for_all_numbers_and_addresses_of_a_person():
    city = house()
    city.put(i.MarkPerson(("p1", "p9"), protected=True))
    city.call("c1", person="p2")
    city.put(i.JoinPerson("c1", "p1"))
    assert city.state.persons.of("p2").protected
    assert city.put(i.MarkPerson(("p2",), protected=True)) == []
    city.put(i.PartPerson("c1"))
    assert city.state.persons.of("p1").protected
    assert city.state.persons.of("p2").protected  # whoever parts them decides that next, and nothing leaks meanwhile


def test_who_is_to_be_forgotten_leaves_nothing_but_protection():
    city = house()
    city.call("c1", person="p1")
    city.put(i.NoteNeeds("c1", ("sight",), keep=True))
    city.put(i.JoinPerson("c1", "p2"))
    city.put(i.ForgetPerson("p1"))
    assert city.state.persons.snapshot() == []
    assert city.put(i.ForgetPerson("p1")) == []
    city.put(i.MarkPerson(("p1",), protected=True))
    city.put(i.ForgetPerson("p1"))
    assert city.state.persons.of("p1").protected


def test_nobody_has_addresses_without_end():
    city = house()
    city.call("c1", person="p0")
    for number in range(1, 20):
        city.put(i.JoinPerson("c1", f"p{number}"))
    assert refused(city, i.JoinPerson("c1", "p20")) == "too_many_addresses"


def test_words_have_one_order():
    assert ordered(["sight", "plain_language", "sight", "height"]) == ("plain_language", "sight")


def test_persons_come_back_from_a_snapshot():
    persons = Persons([Person("a", ("b",), "fi", ("sight",), 9.0, protected=True)])
    assert Persons(persons.snapshot()).of("b") == persons.of("a")
    assert persons.remembered("b", 9.0).needs == ()
    assert persons.of(None) == Person("")


# ---- forms -----------------------------------------------------------------------------------------------------


def form(city, contact, **more):
    """Let a form arrive."""
    city.put(i.Arrived(contact=contact, channel="form", entry="fault", written=True, **more))
    return city.state.contacts[contact].card


def forms(**more):
    fault = Flow(name="fault", nodes={"start": Enter(queue="tax")})
    return house(agent("anna", "tax", capacity={"form": 2}), flows=[fault], **more)


def test_a_form_says_what_its_citizen_speaks_and_needs_before_anybody_is_asked():
    city = forms()
    card = form(city, "c1", speaks="ar", needs=("sight", "sign_language", "nonsense"))
    assert (card.language, card.needs) == ("ar", ("sight", "sign_language"))
    assert not city.state.persons.remembered("p1", city.now).needs
    card = form(city, "c2", person="p1", needs=("hearing",), keep=True)
    assert card.needs == ("hearing",)
    assert form(city, "c3", person="p1").needs == ("hearing",), "who agreed is not asked again"
