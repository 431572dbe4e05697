"""T.140 as it is read: whatever comes, lines come out, and each writer's corrections hold."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sip import t140


def read(text: str) -> tuple[list[str], str]:
    """Return the lines that are over, and the one in the making."""
    line = t140.Line()
    return line.feed(text), line.text


@pytest.mark.parametrize(
    ("text", "finished", "left"),
    [
        ("hej", [], "hej"),
        ("\ufeffhej\u2028", ["hej"], ""),
        ("a\r\nb\nc\rd", ["a", "b", "c"], "d"),
        ("hek\bj", [], "hej"),
        ("\b\bx", [], "x"),
        ("e\u0301\bx", [], "x"),
        ("a\x07b\x00c", [], "abc"),
        ("a\x1b[31mb\x9b1mc", [], "abc"),
        ("a\x98hidden\x9cb", [], "ab"),
        ("\x1bax", [], "x"),
        ("\x98" + "y" * 70, [], "yyyyyy"),
    ],
)
def test_lines(text: str, finished: list[str], left: str) -> None:
    assert read(text) == (finished, left)


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=3000))
def test_nothing_breaks_it_and_no_line_is_endless(text: str) -> None:
    finished, left = read(text)
    for line in (*finished, left):
        assert len(line) <= t140.LINE_MAX
        assert line == "" or not any(one in line for one in "\n\r\b\x1b\u2028")
        line.encode()


@given(st.text(max_size=200), st.randoms(use_true_random=False))
def test_blocks_cut_anywhere_give_the_same_text(text: str, chance: random.Random) -> None:
    data, incoming = text.encode(), t140.Incoming()
    number, found = 65_530, ""
    while data:
        size = chance.randrange(1, 5)
        found += incoming.feed(number, data[:size])
        number, data = (number + 1) & 0xFFFF, data[size:]
    assert found == text


def test_a_gap_is_marked_and_half_a_character_before_it_does_not_spoil_what_follows() -> None:
    incoming = t140.Incoming()
    assert incoming.feed(1, "å".encode()[:1]) == ""
    assert incoming.feed(4, b"x") == "\ufffd\ufffdx"


def test_a_burst_passes_and_a_flood_does_not() -> None:
    pace = t140.pace(10.0, 100.0, 0.0)
    assert pace.take(150, 0.0) == 100
    assert pace.take(150, 1.0) == 10
    assert pace.take(5, 100.0) == 5


@given(st.text(max_size=100), st.integers(4, 40))
def test_what_is_sent_in_blocks_is_all_of_it(text: str, most: int) -> None:
    sent, left = "", text
    while left:
        first, left = t140.block(left, most)
        assert 0 < len(first.encode()) <= most
        sent += first
    assert sent == text
