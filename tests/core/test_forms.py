"""Forms: one judge of answers for page, chat, phone and guide; what it finds sound stays sound, whatever is written."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.digits import holds
from ivr.flow import Collect
from ivr.forms import Cause, Field, Kind, check, kept, keyed, tidy, wrong

KINDS: tuple[Kind, ...] = ("text", "long", "choice", "yes-no", "number", "date", "place", "phone", "mail")
fields = st.builds(
    Field,
    name=st.just("one"),
    kind=st.sampled_from(KINDS),
    required=st.booleans(),
    least=st.integers(0, 5),
    most=st.integers(5, 40),
    choices=st.just(("lamp", "hole")),
    sensitive=st.sampled_from(["", "masked", "not_stored"]),
)
LIKELY = st.sampled_from(
    [
        "",
        " lamp ",
        "yes",
        "12",
        " 1 2 ",
        "2026-02-29",
        "20261127",
        "070-174 06 05",
        "+46 70",
        "a@b.se",
        "Storgatan 1\r\nB",
    ]
)
written = st.text(max_size=60) | LIKELY


@given(fields, written)
def test_an_answer_has_one_form_and_is_judged_by_it_alone(asked: Field, text: str) -> None:
    value = tidy(asked, text)
    assert tidy(asked, value) == value
    assert check((asked,), {"one": text}) == check((asked,), {"one": value})


@given(fields, written)
def test_who_answers_nothing_is_told_so_only_where_an_answer_is_needed(asked: Field, text: str) -> None:
    filled = check((asked,), {"one": text, "two": "not asked"})
    assert set(filled.values) <= {"one"}
    value = tidy(asked, text)
    if not value:
        assert [one.cause for one in filled.mistakes] == (["missing"] if asked.required else [])
    else:
        assert [one.cause for one in filled.mistakes] == [cause for cause in [wrong(asked, value)] if cause]


@given(st.lists(fields, max_size=6), st.dictionaries(st.sampled_from("abcdef"), written))
def test_all_mistakes_are_found_at_once(several: list[Field], answers: dict[str, str]) -> None:
    named = tuple(
        Field(name=name, kind=one.kind, required=one.required, choices=one.choices)
        for name, one in zip("abcdef", several, strict=False)
    )
    filled = check(named, answers)
    alone = [mistake for one in named for mistake in check((one,), answers).mistakes]
    assert list(filled.mistakes) == alone


@given(fields, written)
def test_what_is_sensitive_is_never_kept_whole(asked: Field, text: str) -> None:
    value = tidy(asked, text)
    stored = kept(asked, value)
    match asked.sensitive:
        case "not_stored":
            assert stored == ""
        case "masked":
            assert len(stored) == len(value)
            assert not value or stored != value or set(value) == {"•"}
        case _:
            assert stored == value


@given(
    fields.filter(lambda one: one.kind in ("choice", "yes-no", "number", "date", "phone")),
    st.text("0123456789", min_size=1, max_size=16),
)
def test_a_telephone_judges_as_a_page_does(asked: Field, digits: str) -> None:
    node = Collect(prompt="p", name="one", wants=asked, least=1, most=16)
    assert holds(node, digits) is (
        not check((asked,), {"one": keyed(asked, digits)}).mistakes and bool(keyed(asked, digits) or not asked.required)
    )


@pytest.mark.parametrize(
    ("asked", "text", "cause"),
    [
        (Field(name="a"), "  ", "missing"),
        (Field(name="a", least=3), "ab", "too_short"),
        (Field(name="a", most=3), "abcd", "too_long"),
        (Field(name="a", kind="number", most=9), "10", "too_large"),
        (Field(name="a", kind="number", least=1), "0", "too_small"),
        (Field(name="a", kind="number"), "1e5", "no_number"),
        (Field(name="a", kind="number"), "٣", "no_number"),
        (Field(name="a", kind="date"), "2026-02-29", "no_date"),
        (Field(name="a", kind="date"), "20240229", None),
        (Field(name="a", kind="date"), "29.2.2024", "no_date"),
        (Field(name="a", kind="choice", choices=("lamp",)), "Lamp", "no_choice"),
        (Field(name="a", kind="yes-no"), "yes", None),
        (Field(name="a", kind="phone"), "+46 (0)40-34 10 00", None),
        (Field(name="a", kind="phone"), "12345", "no_phone"),
        (Field(name="a", kind="mail"), "kim@@malmo.se", "no_mail"),
        (Field(name="a", kind="mail"), "kim@malmo.se", None),
    ],
)
def test_what_is_wrong_is_said_by_its_cause(asked: Field, text: str, cause: Cause | None) -> None:
    assert wrong(asked, tidy(asked, text)) == cause


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_date_may_be_typed_without_hyphens(day: date) -> None:
    asked = Field(name="a", kind="date")
    assert keyed(asked, day.strftime("%Y%m%d")) == day.isoformat()
    assert wrong(asked, day.isoformat()) is None
