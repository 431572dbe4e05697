"""What callers type is kept apart: counted for the router, stored for whoever may see it, or not at all."""

import json

import pytest

from adapters.sip.keypad import Keypad
from ivr.flow import Collect, Enter, Flow, Form
from router import inputs as i
from router.answers import Answers
from router.contact import InFlow
from router.ports import Secret
from tests.core.city import City, agent


class Desk:
    """A city with one caller, `c1`, and the keypad in front of its router."""

    def __init__(self, node: Collect | Form) -> None:
        flow = Flow(name="ask", nodes={"start": node, "tax": Enter(queue="tax")})
        self.city = City(agents=[agent("anna")], flows=[flow])
        self.city.call("c1", "ask")
        self.checked: list[tuple[str, str]] = []
        self.submitted: list[i.Input] = []
        self.keypad = self.another()
        self.kept: dict[tuple[str, str], str] = {}

    def another(self) -> Keypad:
        """Return the keypad of another engine."""

        def check(entry: str, digits: str, answer: object, /) -> None:
            self.checked.append((entry, digits))

        self.answers = Answers()
        return Keypad(check, self.submitted.append, self.answers)

    def press(self, keys: str) -> list[i.Input]:
        """Press keys, and let the router know; return what it was told."""
        told = []
        for key in keys:
            input_, secrets = self.keypad.press(self.city.state, "c1", key)
            self.kept |= {(one.owner, one.kind): one.value for one in secrets}
            self.city.put(input_)
            told.append(input_)
        return told

    @property
    def contact(self) -> InFlow:
        contact = self.city.state.contacts["c1"]
        assert isinstance(contact, InFlow)
        return contact


def collect(**more: object) -> Collect:
    fields = {"name": "account", "prompt": "account", "next": "tax", "otherwise": "tax", "most": 6} | more
    return Collect(**fields)  # type: ignore[arg-type]


def test_the_router_learns_how_many_and_never_which() -> None:
    desk = Desk(collect())
    told = desk.press("4071#")
    assert [(one.count, one.over, one.holds) for one in told if isinstance(one, i.DigitsTyped)] == [
        (1, False, True), (2, False, True), (3, False, True), (4, False, True), (4, True, True),
    ]  # fmt: skip
    assert desk.kept == {("c1", "digits"): '{"account":"4071"}'}
    assert desk.answers.one("c1", "account") == "4071"
    assert desk.city.offers == {"anna": "c1"}


def test_it_is_over_when_there_can_be_no_more() -> None:
    told = Desk(collect(least=2, most=2)).press("12")
    assert isinstance(told[-1], i.DigitsTyped)
    assert told[-1].over


def test_keys_that_are_no_digits_of_the_answer_are_told_as_they_are() -> None:
    desk = Desk(collect(terminator="*"))
    assert desk.press("#") == [i.KeyPressed(contact="c1", digit="#")]
    (told,) = desk.press("*")
    assert isinstance(told, i.DigitsTyped)


def test_other_callers_keys_are_told_as_they_are() -> None:
    desk = Desk(collect())
    assert desk.keypad.press(desk.city.state, "nobody", "5") == (i.KeyPressed(contact="nobody", digit="5"), ())
    desk.press("4071#")
    assert desk.keypad.press(desk.city.state, "c1", "5") == (i.KeyPressed(contact="c1", digit="5"), ())


def test_sensitive_digits_are_kept_nowhere() -> None:
    desk = Desk(collect(sensitive=True))
    desk.press("4071")
    assert desk.kept == {}
    assert desk.answers.one("c1", "account") == "4071"
    desk.keypad.forget("c1")
    assert desk.answers.one("c1", "account") == ""


def test_answers_of_a_form_are_kept_for_the_report() -> None:
    form = Form(
        queue="tax", questions=(collect(next="", otherwise=""), collect(name="b", next="")), next="tax", otherwise="tax"
    )
    desk = Desk(form)
    desk.press("11#22#")
    report = next(id_ for id_ in desk.city.state.contacts if id_ != "c1")
    assert json.loads(desk.kept[report, "answers"]) == {"account": "11", "b": "22"}
    assert ("c1", "digits") not in desk.kept


def test_another_engine_goes_on_with_what_the_vault_keeps() -> None:
    desk = Desk(collect())
    desk.press("40")
    desk.keypad = desk.another()
    desk.answers.restore(desk.contact, {"digits": desk.kept["c1", "digits"]})
    desk.press("71#")
    assert json.loads(desk.kept["c1", "digits"]) == {"account": "4071"}


def test_a_digit_that_was_kept_but_never_told_does_not_count_twice() -> None:
    """The engine died between the vault and the journal: the worker tells the key again."""
    desk = Desk(collect())
    desk.press("40")
    desk.keypad.press(desk.city.state, "c1", "7")
    desk.press("71#")
    assert desk.answers.one("c1", "account") == "4071"


def test_sensitive_digits_that_died_with_an_engine_are_asked_for_again() -> None:
    desk = Desk(collect(sensitive=True))
    desk.press("40")
    desk.keypad = desk.another()
    (told,) = desk.press("7")
    assert told == i.DigitsTyped(contact="c1", count=0, over=False, holds=False)
    assert desk.contact.session.typed == 0
    desk.press("4071#")
    assert desk.answers.one("c1", "account") == "4071"


@pytest.mark.parametrize("kept", ["nonsense", '{"account": 5}', "[]"])
def test_a_vault_that_holds_something_else_is_no_obstacle(kept: str) -> None:
    desk = Desk(collect())
    desk.answers.restore(desk.contact, {"digits": kept})
    desk.press("4#")
    assert desk.answers.one("c1", "account") == "4"


def test_a_pin_is_compared_elsewhere_when_it_is_complete() -> None:
    desk = Desk(collect(check="pin", sensitive=True, least=4))
    told = desk.press("2718#")
    assert desk.checked == [("ask", "2718")]
    assert isinstance(told[-1], i.DigitsTyped)
    assert told[-1].holds is None
    assert type(desk.contact.action).__name__ == "Await"


def test_a_pin_too_short_is_not_worth_comparing() -> None:
    desk = Desk(collect(check="pin", sensitive=True, least=4))
    desk.press("27#")
    assert desk.checked == []


def test_secrets_name_their_owner_and_kind() -> None:
    desk = Desk(collect())
    _, secrets = desk.keypad.press(desk.city.state, "c1", "4")
    assert secrets == (Secret("c1", "digits", '{"account":"4"}'),)
