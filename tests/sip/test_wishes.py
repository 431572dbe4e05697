"""What agents mean by keys and by REFER: the same requests as from anywhere else."""

import pytest

from adapters.sip.protocol import TransferAsked
from adapters.sip.wishes import PAUSE_MAX, Meaning, Pressed, Wish, Wishes, outside_of, refusal_code
from router import inputs as i
from router.contact import Connected
from tests.core.city import City
from tests.core.test_placing import placed
from tests.core.test_placing import talk as own_call
from tests.core.test_talking import LIBRARY, OUTSIDE, consulting, talk, talking

MEANT = {
    "2002": Meaning(destination=LIBRARY),
    "0701234567": Meaning(destination=OUTSIDE),
    "0406000000": Meaning(entry=True, queue="tax"),
}


class Plan:
    """The port `Dialplan`."""

    def __call__(self, dialled: str) -> Meaning:
        return MEANT.get(dialled, Meaning(refused=True))

    def asked_for(self, kind: str, key: str) -> Meaning:
        raise NotImplementedError


def press(wishes: Wishes, contact: Connected, keys: str, at: float = 0.0) -> Pressed:
    """Press keys; return what came of the last."""
    pressed = Pressed()
    for key in keys:
        assert pressed.wish is None, "it was complete before"
        pressed = wishes.pressed(contact, contact.offer, key, at)
    return pressed


@pytest.mark.parametrize(
    ("keys", "request_"),
    [
        ("*1", i.Hold("c1")),
        ("*22002#", i.Consult("c1", LIBRARY)),
        ("*3", i.Resume("c1")),
        ("*4", i.Connect("c1")),
        ("*5", i.Swap("c1")),
        ("*62002#", i.Forward("c1", LIBRARY)),
        ("*60406000000#", i.SendToQueue("c1", "tax")),
        ("*7", i.Park("c1")),
        ("*82002#", i.Forward("c1", LIBRARY, camp=True)),
        ("*9", i.HandBack("c1")),
        ("**", i.PauseRecording("c1")),
        ("*0", i.DropParty("c1")),
    ],
)
def test_codes(keys: str, request_: i.AnyRequest) -> None:
    wish = press(Wishes(Plan()), talk(talking()), keys).wish
    assert wish is not None
    assert wish.request == request_


@pytest.mark.parametrize("keys", ["*29#", "*20406000000#", "*2" + "1" * 30, "*"])
def test_what_means_nothing(keys: str) -> None:
    """No such number, a queue to talk with, no number at all, the beginning of a code."""
    assert press(Wishes(Plan()), talk(talking()), keys).wish is None


def test_hold_is_taken_off_by_the_same_code() -> None:
    city = talking()
    city.put(i.Hold("c1"))
    assert press(Wishes(Plan()), talk(city), "*1").wish == Wish(i.Resume("c1"))


def test_a_code_that_was_begun_long_ago_is_forgotten() -> None:
    wishes, contact = Wishes(Plan()), talk(talking())
    press(wishes, contact, "*")
    assert press(wishes, contact, "1", PAUSE_MAX + 1) == Pressed(through=True)


def test_keys_of_a_code_are_for_nobody_else() -> None:
    wishes, contact = Wishes(Plan()), talk(talking())
    assert [wishes.pressed(contact, contact.offer, key, 0.0).through for key in "5*29#7#"] == [
        *(True, False, False, False, False, True, True)
    ]


def called() -> City:
    city = placed()
    city.put(i.PickedUp(leg="out-1-1.1"))
    city.put(i.PickedUp(leg="out-1-1.c"))
    return city


def test_who_is_rung_outside_has_a_menu_perhaps() -> None:
    assert list(outside_of(own_call(called()), "out-1-1.1")) == ["out-1-1.c"]
    assert list(outside_of(talk(consulting()), "c1.1")) == [], "a citizen who rang, a colleague"


@pytest.mark.parametrize(
    ("target", "request_"),
    [
        ("sip:2002@edge", i.Forward("c1", LIBRARY)),
        ("tel:0701234567", i.Forward("c1", OUTSIDE)),
        ("sip:0406000000@edge", i.SendToQueue("c1", "tax")),
        ("sip:nobody@edge", None),
    ],
)
def test_refer(target: str, request_: i.AnyRequest | None) -> None:
    wish = Wishes(Plan()).transfer(talk(talking()), TransferAsked(1, 0.0, "c1.1", target))
    assert (wish.request if wish is not None else None) == request_


def test_refer_with_replaces_connects() -> None:
    contact, wishes = talk(consulting()), Wishes(Plan())
    asked = TransferAsked(1, 0.0, "c1.1", "sip:2002@edge", "c1.2")
    assert wishes.transfer(contact, asked) == Wish(i.Connect("c1"))
    assert wishes.transfer(contact, TransferAsked(1, 0.0, "c1.1", "sip:2002@edge", "c7")) is None, "no call of these"
    assert wishes.transfer(contact, TransferAsked(1, 0.0, "c1.2", "sip:2002@edge")) is None, "not the agent's leg"


def test_who_is_on_a_second_line_is_not_sent_on_for_the_citizen() -> None:
    city = talking()
    city.put(i.PhoneDialled(leg="w1-g-9", phone="sip:anna@desk", destination=LIBRARY))
    city.put(i.PickedUp(leg="c1.2"))
    contact, wishes = talk(city), Wishes(Plan())
    assert wishes.transfer(contact, TransferAsked(1, 0.0, "w1-g-9", "tel:0701234567")) is None
    asked = TransferAsked(1, 0.0, "w1-g-9", "sip:2002@edge", "c1.1")
    assert wishes.transfer(contact, asked) == Wish(i.Connect("c1"))


def test_a_telephone_is_told_why_not() -> None:
    assert refusal_code(i.Refused("busy", "")) == 486
    assert refusal_code(i.Refused("own_phone", "")) == 603
