"""What each kind of node does, heard from the caller's end."""

from datetime import date, datetime, time

import pytest

from ivr import actions as a
from ivr.digits import holds
from ivr.flow import (
    Announcement,
    Collect,
    Connect,
    Drop,
    Enter,
    Flow,
    Form,
    HangUp,
    Keep,
    Language,
    Menu,
    Open,
    Record,
    Return,
    Run,
    Say,
    Set,
    Tongue,
)
from ivr.moving import ANSWERED_WITHIN
from ivr.phrase import BEEP, Digits, Phrase, Recorded
from ivr.session import Frame, can_go_on, left_behind, typing
from queues.hours import Hours
from tests.core.city import needs
from tests.core.walking import Somewhere, Walk, start

END = {"line": Enter(queue="help"), "bye": HangUp()}
KEYS = {"0": "person", "*": "repeat"}


# ---- announcements and hours -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("languages", "recorded", "heard"),
    [((), [], False), (("sv",), [], True), (("en",), [], False), ((), [("sv", "storm")], True)],
)
def test_an_announcement_is_heard_while_there_is_one_in_the_callers_language(
    languages: tuple[str, ...], recorded: list[tuple[str, str]], heard: bool
) -> None:
    nodes = start(Announcement(prompt="storm", languages=languages, next="line"), **END)
    walk = Walk(nodes, Somewhere(recorded=recorded), language="sv", keys=KEYS)
    if heard:
        assert walk.said == ["storm"]
        assert walk.keys("*").said == ["storm"]
        walk.heard()
    assert walk.action == a.Queued("help")


OFFICE = Hours(
    week={1: ((time(8), time(17)),)},
    special={date(2026, 10, 12): (), date(2026, 10, 19): ((time(8), time(12)),)},
    names={date(2026, 10, 12): "holiday", date(2026, 10, 19): "half"},
)


@pytest.mark.parametrize(
    ("local", "node"),
    [
        ("2026-10-05T12:00", "open"),
        ("2026-10-05T18:00", "closed"),
        ("2026-10-06T12:00", "closed"),
        ("2026-10-12T12:00", "holiday"),
        ("2026-10-19T10:00", "open"),
        ("2026-10-19T14:00", "closed"),
    ],
)
def test_hours_lead_by_the_time_of_day_and_by_why_it_is_closed(local: str, node: str) -> None:
    names = ("open", "closed", "holiday")
    ways = Open(hours="office", open="open", closed="closed", special={"holiday": "holiday"})
    nodes = start(ways, **{name: Say(prompt=name, next="bye") for name in names}, **END)
    assert Walk(nodes, Somewhere(datetime.fromisoformat(local), {"office": OFFICE})).said == [node]


def test_the_hours_of_a_queue_lead_too() -> None:
    nodes = start(Open(queue="help", open="line", closed="bye"), **END)
    assert Walk(nodes).action == a.Queued("help")
    closed = Somewhere(hours={"help": Hours()})
    assert Walk(nodes, closed).action == a.Finished()


# ---- language, and what else is noted --------------------------------------------------------------------------


def test_each_language_is_offered_in_its_own_words_and_stays() -> None:
    node = Language(
        prompt="choose",
        choices={"1": Tongue(language="sv"), "2": Tongue(language="fi", needs=needs({"finnish": 3}))},
        next="line",
        tries=1,
    )
    walk = Walk(start(node, **END), language="sv")
    assert walk.action == a.Speak(phrases=(Phrase("choose", {"key": 1}, "sv"), Phrase("choose", {"key": 2}, "fi")))
    walk.keys("2")
    assert walk.effects == [a.Chosen("fi")]
    assert walk.action == a.Queued("help", needs({"finnish": 3}))


def test_a_language_may_lead_its_own_way() -> None:
    tongues = {"1": Tongue(language="sv"), "2": Tongue(language="en", next="bye")}
    nodes = start(Language(prompt="choose", choices=tongues, next="line"), **END)
    assert Walk(nodes).keys("1").action == a.Queued("help")
    assert Walk(nodes).keys("2").action == a.Finished()


def test_who_chooses_no_language_goes_on_in_the_present_one() -> None:
    node = Language(prompt="choose", choices={"1": Tongue(language="en")}, next="line", tries=2)
    walk = Walk(start(node, **END), language="sv").heard().silent().heard().silent()
    assert (walk.effects, walk.session.language, walk.action) == ([], "sv", a.Queued("help"))


def test_what_is_set_goes_into_the_line_together_with_what_the_queue_node_says() -> None:
    nodes = start(
        Set(needs=needs({"finnish": 2}), priority=2.0, notes={"subject": "taxes", "by": "menu"}, next="more"),
        more=Set(needs=needs({"finnish": 3}), priority=1.5, notes={"by": "set"}, language="fi", next="line"),
        line=Enter(queue="help", needs=needs({"tax": 1}), priority=2.0),
    )
    walk = Walk(nodes)
    notes = (("by", "set"), ("subject", "taxes"))
    assert walk.action == a.Queued("help", needs({"finnish": 3, "tax": 1}), 6.0, notes)
    assert walk.effects == [a.Chosen("fi")]


# ---- digits ----------------------------------------------------------------------------------------------------


def collect(**more: object) -> Collect:
    fields = {"name": "account", "prompt": "account", "next": "line", "otherwise": "bye", "wrong_input": "wrong"} | more
    return Collect(**fields)  # type: ignore[arg-type]


def test_digits_are_typed_unseen_and_lead_on() -> None:
    walk = Walk(start(collect(timeout=12.0, between=4.0), **END))
    assert typing(walk.flows, walk.session) is not None
    assert walk.heard().action == a.Listen(12.0)
    assert walk.types(1, over=False).action == a.Listen(4.0)
    assert walk.types(2, over=False).session.typed == 2
    assert walk.types(2).action == a.Queued("help")


def test_digits_may_be_typed_while_the_question_is_asked() -> None:
    assert Walk(start(collect(), **END)).types(1, over=False).types(2).action == a.Queued("help")


def test_a_pause_ends_the_input_if_it_is_one() -> None:
    typed = Walk(start(collect(), **END)).types(3, over=False, holds=True)
    assert typed.silent().action == a.Queued("help")
    begun = Walk(start(collect(), **END)).types(3, over=False, holds=False)
    assert begun.silent().said == ["wrong", "account"]
    assert begun.session.typed == 0


def test_wrong_digits_are_asked_for_again_and_then_led_on() -> None:
    walk = Walk(start(collect(tries=2), **END)).types(3, holds=False)
    assert walk.said == ["wrong", "account"]
    assert walk.types(3, holds=False).action == a.Finished()


def test_digits_are_read_back_and_taken_or_typed_anew() -> None:
    walk = Walk(start(collect(confirm="right"), **END), keys=KEYS).types(4)
    assert walk.action == a.Speak(phrases=(Phrase("right", {"digits": Digits("account")}),))
    assert typing(walk.flows, walk.session) is None, "1 and 2 are no digits of the answer"
    assert walk.keys("*").said == ["right"]
    assert walk.keys("5").said == ["wrong", "right"]
    assert walk.keys("2").said == ["account"]
    assert walk.types(4).keys("1").action == a.Queued("help")


def test_who_does_not_confirm_is_led_on() -> None:
    walk = Walk(start(collect(confirm="right", tries=2), **END)).types(4)
    assert walk.heard().silent().heard().silent().action == a.Finished()


def test_the_house_looks_at_a_pin() -> None:
    walk = Walk(start(collect(check="pin", tries=2), **END)).types(4, holds=None)
    assert walk.action == a.Await(ANSWERED_WITHIN)
    assert walk.ignores(a.Key("1"))
    assert walk.ignores(a.Checked(walk.session.turn - 1, True)), "an answer to an earlier try"
    assert walk.put(a.Checked(walk.session.turn, False)).said == ["wrong", "account"]
    assert walk.types(4, holds=None).put(a.Checked(walk.session.turn, True)).action == a.Queued("help")


def test_a_pin_that_nobody_looks_at_is_asked_for_again() -> None:
    walk = Walk(start(collect(check="pin"), **END)).types(4, holds=None)
    assert walk.silent().said == ["wrong", "account"]


def test_digits_that_got_lost_are_asked_for_again_at_no_cost() -> None:
    walk = Walk(start(collect(), **END)).types(3, over=False)
    assert walk.types(0, over=False).said == ["account"]
    assert (walk.session.tries, walk.session.typed) == (1, 0)


def test_an_answer_begun_anew_by_the_key_that_repeats() -> None:
    walk = Walk(start(collect(), **END), keys=KEYS).types(3, over=False)
    assert walk.keys("*").said == ["account"]
    assert walk.session.typed == 0


@pytest.mark.parametrize(
    ("check", "digits", "right"),
    [
        ("", "12", False),
        ("", "123", True),
        ("", "123456789", False),
        ("", "12a", False),
        ("", "٣٤٥", False),
        ("luhn", "79927398713", False),
        ("luhn", "18", False),
        ("pin", "1234", None),
    ],
)
def test_digits_are_an_answer_by_their_number_and_check(check: str, digits: str, right: bool | None) -> None:
    assert holds(collect(least=3, most=8, check=check), digits) is right


@pytest.mark.parametrize(
    ("digits", "right"),
    [
        ("8112189876", True),
        ("198112189876", True),
        ("8112789873", True),  # a coordination number: the day and 60
        ("198113189875", False),
        ("8102309870", False),
        ("8112189875", False),
        ("811218987", False),
        ("0002290005", True),
    ],
)
def test_a_personnummer_has_a_date_and_a_check_digit(digits: str, right: bool) -> None:
    assert holds(collect(check="personnummer"), digits) is right


# ---- speech and forms ------------------------------------------------------------------------------------------

WHERE = Record(name="where", prompt="where", silence=3.0, most=60.0, no_input="nothing", tries=2)
PHONE = Collect(name="phone", prompt="phone", least=5, optional=True, tries=1)


def form(*questions: Collect | Record, **more: object) -> Form:
    fields = {"queue": "streets", "announce": "recorded", "next": "thanks", "otherwise": "line"} | more
    return Form(questions=questions, **fields)  # type: ignore[arg-type]


THANKS = {"thanks": Say(prompt="thanks", next="bye"), **END}


def test_speech_is_recorded_after_a_beep_and_that_is_said_first() -> None:
    walk = Walk(start(form(WHERE, WHERE), **THANKS))
    assert walk.action == a.Speak(phrases=(Phrase("recorded"), Phrase("where"), BEEP), quiet=True)
    assert walk.heard().action == a.Recording("where", 3.0, 60.0)
    assert walk.session.recording == walk.session.turn
    assert walk.speaks(4.0).said == ["where", "beep"], "said once"


def test_a_recording_ends_by_any_key_and_what_follows_waits_for_it() -> None:
    walk = Walk(start(form(WHERE), **THANKS)).heard()
    began = walk.session.turn
    assert walk.keys("5").action == a.Await(ANSWERED_WITHIN)
    assert walk.ignores(a.Key("#"))
    assert walk.ignores(a.Recorded(began - 1, 9.0)), "an earlier recording"
    assert walk.speaks(3.0).said == ["thanks"]


def test_a_recording_ends_by_its_length() -> None:
    walk = Walk(start(form(WHERE), **THANKS)).heard().silent()
    assert walk.action == a.Await(ANSWERED_WITHIN)
    assert walk.speaks(60.0).said == ["thanks"]


def test_who_says_nothing_is_asked_again_and_then_meets_a_person() -> None:
    walk = Walk(start(form(WHERE), **THANKS)).heard().speaks(0.0)
    assert walk.said == ["nothing", "where", "beep"]
    assert walk.heard().speaks(0.4).action == a.Queued("help")
    assert walk.effects == []


def test_a_recording_that_is_never_complete_counts_as_none() -> None:
    assert Walk(start(form(WHERE), **THANKS)).heard().keys("#").silent().said == ["nothing", "where", "beep"]


def test_the_answers_become_a_contact() -> None:
    nodes = start(
        Set(needs=needs({"finnish": 1}), notes={"about": "streets"}, next="form"),
        form=form(WHERE, PHONE, priority=2.0, needs=needs({"streets": 1})),
        **THANKS,
    )
    walk = Walk(nodes).heard().speaks(9.0).types(6)
    wanted = needs({"finnish": 1, "streets": 1})
    assert walk.effects == [a.Filed("report1", "report", "streets", wanted, 2.0, (("about", "streets"),))]
    assert walk.said == ["thanks"]


def test_a_second_form_of_one_call_is_another_contact() -> None:
    nodes = start(form(WHERE, next="again"), again=form(WHERE, channel="message"), **THANKS)
    walk = Walk(nodes).heard().speaks(2.0).heard().speaks(2.0)
    filed = [effect for effect in walk.effects if isinstance(effect, a.Filed)]
    assert len({one.filing for one in filed}) == 2
    assert [one.channel for one in filed] == ["report", "message"]


def test_an_optional_question_may_be_left_out() -> None:
    asked = Walk(start(form(WHERE, PHONE, WHERE), **THANKS)).heard().speaks(5.0)
    assert asked.heard().silent().said == ["where", "beep"]
    skipped = Walk(start(form(WHERE, PHONE, WHERE), **THANKS)).heard().speaks(5.0)
    assert skipped.types(0, holds=False).said == ["where", "beep"], "the key that ends input, and nothing before it"


def test_what_was_said_may_be_heard_and_said_anew() -> None:
    reviewed = Record(name="where", prompt="where", review="listen")
    walk = Walk(start(form(reviewed), **THANKS)).heard().speaks(5.0)
    assert walk.action == a.Speak(phrases=(Phrase("listen", {"recording": Recorded("report1", "where")}),))
    assert walk.keys("3").said == ["listen"]
    assert walk.keys("2").said == ["recorded", "where", "beep"]
    assert walk.heard().speaks(5.0).keys("1").said == ["thanks"]


def test_who_hears_the_recording_and_says_nothing_has_agreed() -> None:
    reviewed = Record(name="where", prompt="where", review="listen")
    assert Walk(start(form(reviewed), **THANKS)).heard().speaks(5.0).heard().silent().said == ["thanks"]


@pytest.mark.parametrize(
    ("questions", "after", "seconds", "filed"),
    [
        ((WHERE,), lambda walk: walk, 99.0, False),
        ((WHERE,), lambda walk: walk.heard(), 0.5, False),
        ((WHERE,), lambda walk: walk.heard(), 5.0, True),
        ((WHERE,), lambda walk: walk.heard().keys("#"), 0.1, True),
        ((WHERE, PHONE), lambda walk: walk.heard(), 5.0, True),
        ((WHERE, PHONE), lambda walk: walk.heard().speaks(5.0), 0.0, True),
        ((WHERE, WHERE), lambda walk: walk.heard().speaks(5.0), 9.0, False),
        ((PHONE, WHERE), lambda walk: walk.types(6), 0.0, False),
    ],
)
def test_who_hangs_up_has_filed_what_is_complete(questions, after, seconds, filed) -> None:  # type: ignore[no-untyped-def]
    walk = after(Walk(start(form(*questions), **THANKS)))
    assert (left_behind(walk.flows, walk.session, seconds) is not None) is filed


def test_a_supervisor_records_a_prompt() -> None:
    nodes = start(
        Record(name="take", prompt="say", review="listen", next="keep", otherwise="bye"),
        keep=Keep(prompt="welcome", recording="take", next="drop"),
        drop=Drop(prompt="storm", next="bye"),
        **END,
    )
    walk = Walk(nodes).heard().speaks(3.0).keys("1")
    assert walk.effects == [a.Kept("welcome", "recording1", "take"), a.Dropped("storm")]
    assert walk.action == a.Finished()


# ---- other flows -----------------------------------------------------------------------------------------------

ASK = Flow(
    name="ask",
    nodes={"start": Menu(prompt="ask", choices={"1": "yes"}, otherwise="back"), "yes": Say(prompt="yes", next="back")}
    | {"back": Return()},
)


def test_a_flow_called_goes_on_where_it_was_called() -> None:
    nodes = start(Run(flow="ask", next="twice"), twice=Run(flow="ask", next="line"), **END)
    walk = Walk(nodes, others=[ASK])
    assert walk.session.frames == (Frame("main", "twice"),)
    assert walk.keys("1").said == ["yes"]
    assert walk.heard().session.frames == (Frame("main", "line"),)
    assert walk.keys("1").heard().action == a.Queued("help")


def test_flows_call_flows() -> None:
    outer = Flow(name="outer", nodes={"start": Run(flow="ask", next="back"), "back": Return()})
    walk = Walk(start(Run(flow="outer", next="line"), **END), others=[outer, ASK])
    assert walk.session.frames == (Frame("main", "line"), Frame("outer", "back"))
    assert walk.keys("1").heard().action == a.Queued("help")


def test_a_flow_that_returns_to_nobody_is_over() -> None:
    assert Walk(start(Return())).action == a.Finished()


def test_keys_that_do_the_same_everywhere_are_those_of_the_flow_called() -> None:
    quiet = Flow(name="ask", nodes=ASK.nodes)
    nodes = start(Run(flow="ask", next="line"), **END)
    walk = Walk(nodes, Somewhere(staffed=["help"]), others=[quiet], keys=KEYS, person="help")
    assert walk.keys("0").said == ["ask"]


def test_a_session_finds_its_place_in_a_new_configuration_or_does_not() -> None:
    walk = Walk(start(Run(flow="ask", next="line"), **END), others=[ASK])
    assert can_go_on(walk.flows, walk.flows, walk.session)
    assert not can_go_on(walk.flows, {"ask": ASK}, walk.session), "nowhere to return to"
    other = Flow(name="ask", nodes={"start": Say(prompt="x", next="back"), "back": Return()})
    assert not can_go_on(walk.flows, walk.flows | {"ask": other}, walk.session)
    asked = Walk(start(form(WHERE, PHONE), **THANKS))
    fewer = Walk(start(form(WHERE), **THANKS))
    assert not can_go_on(asked.flows, fewer.flows, asked.session)


# ---- somebody in particular ------------------------------------------------------------------------------------

CALL = Connect(kind="person", key="p1024", timeout=20.0, busy="line", no_answer="bye", otherwise="other")


@pytest.mark.parametrize(
    ("cause", "node"), [("busy", "line"), ("no_answer", "bye"), ("refused", "other"), ("unreachable", "other")]
)
def test_who_cannot_be_reached_is_another_way_on(cause: a.ConnectCause, node: str) -> None:
    walk = Walk(start(CALL, other=Say(prompt="other", next="bye"), **END))
    assert walk.action == a.Connecting("person", "p1024", 20.0)
    assert walk.ignores(a.Key("1"))
    assert walk.ignores(a.Ended(walk.session.turn))
    assert walk.put(a.NotConnected(walk.session.turn, cause)).node == node


def test_nobody_answers_in_time() -> None:
    assert Walk(start(CALL, other=HangUp(), **END)).silent().node == "bye"
