"""Crises: what is told, to whom, and what is done instead of waiting (docs/crisis.md)."""

from typing import Any

import pytest

from ivr.flow import Enter, Flow, Say
from queues.crisis import Measures
from queues.hours import Hours
from queues.queue import Announce
from queues.site import Service, Site
from router import facts as f
from router import inputs as i
from router.contact import HEARING_TURN, Hearing, Waiting
from router.inputs import Refused
from tests.core.city import City, agent, needs, queue

SAID = "announcement.flood-0.1"
LANGUAGES = ("sv", "en")


def start(city: City, languages: tuple[str, ...] = LANGUAGES, **measures: Any) -> None:
    """Start the crisis `flood-0`."""
    city.put(i.StartCrisis("flood-0", "flood", Measures(**measures), languages))


def call(city: City, contact: str, entry: str = "tax", **more: Any) -> None:
    """Ring by telephone, with a leg."""
    city.call(contact, entry, leg=contact, **more)


def heard(city: City, contact: str) -> None:
    """Let a caller hear an announcement to its end."""
    hearing = city.state.contacts[contact]
    assert isinstance(hearing, Hearing)
    city.put(i.PromptEnded(contact=contact, turn=hearing.turn))


def test_a_caller_hears_it_before_everything_and_only_once() -> None:
    city = City(agents=[agent("anna")])
    start(city)
    call(city, "c1")
    assert city.is_("c1") == "Hearing"
    hearing = city.state.contacts["c1"]
    assert isinstance(hearing, Hearing)
    assert hearing.announcements == (f"{SAID}/sv",)
    assert hearing.turn > HEARING_TURN
    heard(city, "c1")
    assert city.offers == {"anna": "c1"}, "and is not told again before the line"


def test_a_key_leads_on_and_a_prompt_that_nothing_is_told_of_ends_too() -> None:
    city = City(agents=[agent("anna")])
    start(city)
    call(city, "c1")
    city.put(i.KeyPressed(contact="c1", digit="1"))
    assert city.is_("c1") == "Offered"
    call(city, "c2")
    city.wait(200.0)
    assert city.is_("c2") == "Waiting"


def test_what_is_said_while_somebody_hears_something_is_heard_next() -> None:
    city = City(agents=[agent("anna")])
    start(city)
    call(city, "c1")
    before = city.state.contacts["c1"]
    assert isinstance(before, Hearing)
    city.put(i.Announce("flood-0", 2, ("sv",)))
    heard(city, "c1")
    after = city.state.contacts["c1"]
    assert isinstance(after, Hearing)
    assert after.announcements == ("announcement.flood-0.2/sv",)
    assert after.turn > before.turn
    heard(city, "c1")
    assert city.is_("c1") == "Offered"


def test_before_a_queue_only_those_who_come_there_hear_it() -> None:
    city = City(queues=[queue("tax"), queue("water")], agents=[agent("anna", "tax water")])
    start(city, queues=("water",))
    call(city, "c1", "tax")
    assert city.is_("c1") == "Offered"
    call(city, "c2", "water")
    assert city.is_("c2") == "Hearing"
    heard(city, "c2")
    assert city.is_("c2") == "Waiting"
    city.hang_up("c2")
    assert city.of(f.ContactEnded, "c2")[-1].outcome == "abandoned"


def test_who_hangs_up_while_hearing_has_been_helped_or_not_but_is_gone() -> None:
    city = City(agents=[agent("anna")])
    start(city)
    call(city, "c1")
    city.hang_up("c1")
    assert city.is_("c1") == "Gone"


def test_those_who_wait_hear_it_in_line_once_and_again_only_what_is_new() -> None:
    city = City(agents=[agent("anna")])
    for contact in ("c1", "c2"):
        call(city, contact)
    place = city.spot("c2").place
    start(city)
    told = city.spot("c2").told
    assert told is not None
    assert told.announcements == (f"{SAID}/sv",)
    assert city.spot("c2").place == place
    city.put(i.AmendCrisis("flood-0", Measures(callback_only=True)))
    assert len(city.of(f.AnnouncementTold, "c2")) == 1
    city.put(i.Announce("flood-0", 2, ("sv",)))
    assert city.of(f.AnnouncementTold, "c2")[-1].announcements == ("announcement.flood-0.2/sv",)
    assert city.of(f.AnnouncementTold, "c1") == [], "with an agent nobody is disturbed"


def test_what_is_told_in_line_goes_on_with_what_the_queue_tells() -> None:
    told = queue("tax", welcome="welcome", announce=Announce(every=30.0))
    city = City(queues=[told], agents=[agent("anna")])
    for contact in ("c1", "c2"):
        call(city, contact)
    start(city)
    number = len(city.of(f.WaitAnnounced, "c2"))
    city.wait(60.0)
    assert len(city.of(f.WaitAnnounced, "c2")) > number


def test_a_chat_is_shown_it_as_a_message_and_waits_at_once() -> None:
    city = City(agents=[agent("anna")])
    start(city)
    city.arrive("c1", channel="chat")
    said = city.of(f.MessageAdded, "c1")
    assert [(one.author, one.prompt, one.language) for one in said] == [("house", SAID, "sv")]
    assert city.is_("c1") == "Offered"
    city.arrive("c2", channel="mail")
    assert city.of(f.MessageAdded, "c2") == [], "nobody is there to read it"


def test_who_has_chosen_a_language_hears_it_in_that_once_more() -> None:
    flow = Flow(name="menu", nodes={"start": Say(prompt="hello", next="q"), "q": Enter(queue="tax")})
    city = City(agents=[agent("anna")], flows=[flow])
    start(city, languages=("sv", "en"))
    call(city, "c1", "menu")
    heard(city, "c1")
    city.router.apply(f.LanguageChosen(city.now, "c1", "en"))
    city.replayed.apply(f.LanguageChosen(city.now, "c1", "en"))
    city.put(i.PromptEnded(contact="c1", turn=1))
    hearing = city.state.contacts["c1"]
    assert isinstance(hearing, Hearing)
    assert hearing.announcements == (f"{SAID}/en",)


def test_who_can_be_called_back_does_not_wait_and_keeps_the_place() -> None:
    city = City(agents=[agent("anna")], ready=False)
    city.ready("anna")
    call(city, "c0")
    start(city, languages=(), callback_only=True)
    call(city, "c1", person="p1")
    assert city.of(f.WayOutTaken, "c1")[0].obstacle == "crisis"
    assert city.of(f.CallbackRegistered, "c1")[0].queue == "tax"
    call(city, "c2")
    assert city.is_("c2") == "Waiting", "nobody knows whom to call back"
    city.put(i.EndCrisis("flood-0"))
    call(city, "c3", person="p3")
    assert city.is_("c3") == "Waiting"


def test_triage_asks_first_and_sends_on_with_the_place() -> None:
    city = City(
        queues=[queue("tax"), queue("triage")], agents=[agent("anna", "tax"), agent("tom", "triage")], ready=False
    )
    city.ready("tom", "anna")
    start(city, languages=(), queues=("tax",), triage="triage")
    call(city, "c1", person="p1")
    assert city.offers == {"tom": "c1"}
    assert ("triage_for", "tax") in city.spot("c1").notes
    city.answer("c1")
    city.wait(10.0)
    city.put(i.SendToQueue("c1", "tax"))
    assert city.offers == {"anna": "c1"}
    assert city.state.waited(city.state.contacts["c1"], city.now) == 10.0  # type: ignore[arg-type]
    city.log_out("tom")
    call(city, "c2", person="p2")
    assert city.spot("c2").queue == "tax", "where nobody is, nobody is sent"


def test_helpers_serve_its_queues_until_it_is_over() -> None:
    helper = agent("hans", "tax", {"sv": 3}, reserve=("reserve",))
    city = City(queues=[queue("tax"), queue("water")], agents=[helper, agent("anna", "water")], ready=False)
    city.ready("hans")
    start(city, languages=(), queues=("water",), helpers=("reserve",), until=city.now + 600.0)
    with pytest.raises(Refused, match="no group"):
        city.put(i.JoinCrisis("flood-0", "anna"))
    city.put(i.JoinCrisis("flood-0", "hans"))
    call(city, "c1", "water")
    assert city.offers == {"hans": "c1"}
    city.restart()
    assert city.offers == {"hans": "c1"}
    city.answer("c1")
    city.wait(700.0)
    assert city.of(f.CrisisEnded)[0].cause == "over"
    city.finish("c1")
    call(city, "c2", "water")
    assert city.is_("c2") == "Leaving", "nobody serves it any more"


def test_an_offer_to_a_helper_is_taken_back_when_it_is_over() -> None:
    helper = agent("hans", "tax", reserve=("reserve",))
    city = City(queues=[queue("tax"), queue("water")], agents=[helper, agent("anna", "water")])
    city.put(i.Pause("anna", "lunch"))
    start(city, languages=(), queues=("water",), helpers=("reserve",), skills=needs({"water": 2}))
    city.put(i.JoinCrisis("flood-0", "hans"))
    call(city, "c1", "water")
    assert city.offers == {"hans": "c1"}
    city.put(i.LeaveCrisis("flood-0", "hans"))
    assert city.is_("c1") == "Waiting"


def test_a_kept_place_that_leads_to_triage_ends_what_was_asked_about_it() -> None:
    names = ("tax", "triage", "permits")
    city = City(queues=[queue(name) for name in names], agents=[agent("anna", "tax"), agent("elin", "permits triage")])
    city.call("c1", "tax", leg="c1", person="p1")
    city.answer("c1")
    city.put(i.AskQueue("c1", "permits", "q1"))
    city.put(i.HungUp(leg="c1", cause="cut_off"))
    assert city.is_("c1") == "Away"
    start(city, languages=(), queues=("tax",), triage="triage")
    city.call("c2", "tax", leg="c2", person="p1")
    assert city.is_("c1") == "Gone"
    assert city.is_("q1") == "Gone"


def test_places_are_open_while_it_lasts() -> None:
    closed = Hours(week={1: ()})
    site = Site(name="library", hours=closed, services={"info": Service(queue="tax", letter="A")}, desks={"1": ""})
    city = City(agents=[agent("anna")], sites={"library": site})
    assert city.state.open_sites == set()
    start(city, languages=(), sites=("library",), until=city.now + 60.0)
    assert city.state.open_sites == {"library"}
    city.put(i.TakeTicket("v1", "library", "info"))
    assert city.is_("v1") != "Gone"
    city.wait(61.0)
    assert city.state.open_sites == set()
    with pytest.raises(Refused, match="closed"):
        city.put(i.TakeTicket("v2", "library", "info"))


def test_it_survives_a_restart_and_ends_by_itself_though_nobody_was_there() -> None:
    city = City(agents=[agent("anna")])
    start(city, until=100.0)
    city.restart(clock_step=200.0)
    assert city.state.running == ()
    call(city, "c1")
    assert city.is_("c1") == "Offered"


def test_a_new_configuration_leaves_it_in_force() -> None:
    city = City(queues=[queue("tax"), queue("water")], agents=[agent("anna", "tax water")])
    start(city, queues=("tax", "water"))
    city.reconfigure(queues=[queue("tax")], agents=[agent("anna")])
    call(city, "c1")
    assert city.is_("c1") == "Hearing"


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (i.StartCrisis("flood-1", "flood", Measures()), "crisis_exists"),
        (i.StartCrisis("x-0", "x", Measures(queues=("nix",))), "unknown_queue"),
        (i.StartCrisis("x-0", "x", Measures(triage="nix")), "unknown_queue"),
        (i.StartCrisis("x-0", "x", Measures(sites=("nix",))), "unknown_place"),
        (i.StartCrisis("x-0", "x", Measures(until=-1.0)), "bad_time"),
        (i.AmendCrisis("nix", Measures()), "unknown_crisis"),
        (i.EndCrisis("nix"), "unknown_crisis"),
        (i.Announce("flood-0", 3, ("sv",)), "crisis_changed"),
        (i.JoinCrisis("flood-0", "nix"), "unknown_agent"),
        (i.LeaveCrisis("flood-0", "anna"), "does_not_help"),
    ],
)
def test_what_makes_no_sense_is_refused(request_: i.AnyRequest, error: str) -> None:
    city = City(agents=[agent("anna")])
    start(city)
    with pytest.raises(Refused) as refused:
        city.put(request_)
    assert refused.value.error_id == error


def test_nobody_at_a_phone_of_the_house_is_told() -> None:
    city = City(agents=[agent("anna")])
    start(city)
    city.call("c1", "tax", leg="c1", phone="phone:12")
    assert not isinstance(city.state.contacts["c1"], Hearing | Waiting)
