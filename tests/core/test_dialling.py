"""The dial gate: what is a number, which may be dialled, how often."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.dialling import DAY, HOUR, Destination, DialLog, DialRules, Gate, NotDialled, assess, normal

RULES = DialRules(countries=("SE", "FI"), refused=("+4677",), allowed=("+4530",))
ABC, DEF = Destination("number:abc"), Destination("number:def")


@pytest.mark.parametrize(
    ("written", "dialled"),
    [
        ("040-34 10 00", "+4640341000"),
        ("+46 (0)40 34 10 00", "+4640341000"),
        ("0046 40 341000", "+4640341000"),
        ("070 123 45 67", "+46701234567"),
        ("+358 40 1234567", "+358401234567"),
        ("1177", "1177"),
        ("11414", "11414"),
        ("+45 30 12 34 56", "+4530123456"),
    ],
)
def test_numbers_are_brought_into_one_form(written: str, dialled: str) -> None:
    assert assess(written, RULES).dialled == dialled


@pytest.mark.parametrize("written", ["112", "1 1 2", "112 "])
def test_emergency_numbers_are_known(written: str) -> None:
    assert assess(written.strip(), RULES).emergency


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("0900 123 45 67", "number_refused"),
        ("0771-23 45 67", "number_refused"),
        ("+1 212 555 0123", "number_country"),
        ("+88213 123456", "number_country"),
        ("", "number_bad"),
        ("12", "number_bad"),
        ("anna", "number_bad"),
        ("+46701234567;phone-context=x", "number_bad"),
        ("0701234567@evil.example", "domain_refused"),
        ("+4670+1234567", "number_bad"),
        ("1" * 60, "number_bad"),
        ("\uff10\uff17\uff10", "number_bad"),
    ],
)
def test_what_may_not_be_dialled_is_refused_without_naming_it(written: str, why: str) -> None:
    with pytest.raises(NotDialled) as refused:
        assess(written, RULES)
    assert refused.value.error_id == why
    assert not written.strip() or written not in str(refused.value)


@given(st.text(max_size=50))
def test_whatever_is_written_is_a_number_or_is_refused(written: str) -> None:
    try:
        number = assess(written, RULES)
    except NotDialled:
        return
    assert number.dialled.lstrip("+").isdecimal()


def test_one_number_has_one_normal_form() -> None:
    assert normal("040341000", "SE") == normal("+46 40 34 10 00", "SE") == "+4640341000"
    assert normal("not a number", "SE") == "not a number"


def test_caps_count_the_last_hour_and_the_last_day() -> None:
    rules, log = DialRules(per_number_hour=2, per_number_day=3, per_hour=4, per_day=5), DialLog()
    log.add(ABC, 0.0)
    log.add(ABC, 1.0)
    assert log.capped(ABC, rules, 2.0) == "number_capped"
    assert log.capped(DEF, rules, 2.0) is None
    assert log.capped(ABC, rules, HOUR + 2) is None
    log.add(ABC, HOUR + 2)
    assert log.capped(ABC, rules, 3 * HOUR) == "number_capped", "three in a day"
    log.add(DEF, HOUR + 3)
    log.add(DEF, HOUR + 4)
    assert log.capped(Destination("number:ghi"), rules, 2 * HOUR) == "dialling_capped", "five in a day"
    assert log.capped(ABC, rules, DAY + 3 * HOUR) is None


def test_whom_the_directory_names_may_be_asked_for_all_day() -> None:
    rules, log, listed = DialRules(per_number_hour=2, per_hour=4), DialLog(), Destination("number:abc", person="p1")
    for second in range(3):
        log.add(listed, second)
    assert log.capped(listed, rules, 3.0) is None
    assert log.capped(ABC, rules, 3.0) == "number_capped"
    log.add(listed, 3.0)
    assert log.capped(listed, rules, 4.0) == "dialling_capped"


def test_phones_of_the_house_and_emergencies_are_not_counted() -> None:
    log = DialLog()
    for second in range(1000):
        log.add(Destination("phone:library"), second)
    strict = DialRules(per_number_hour=0, per_hour=0)
    assert log.snapshot() == {}
    assert log.capped(Destination("phone:library"), strict, 0.0) is None
    assert log.capped(Destination("number:112", emergency=True), strict, 0.0) is None
    assert log.capped(ABC, strict, 0.0) == "number_capped"


def test_a_log_forgets_and_comes_back_from_its_snapshot() -> None:
    log = DialLog()
    for number in range(2000):
        log.add(ABC, float(number * 100))
    assert len(log.snapshot()["number:abc"]) < 1500
    assert DialLog(log.snapshot()).snapshot() == log.snapshot()


def test_a_permit_is_for_one_leg_one_target_and_one_epoch() -> None:
    gate = Gate(b"k" * 32)
    permit = gate.number("leg", assess("0701234567", RULES), "trunk.example:5060", 3)
    assert permit.target == "sip:+46701234567@trunk.example:5060"
    assert gate.genuine(permit)
    assert not Gate(b"x" * 32).genuine(permit)


RELAYS = DialRules(domains={"relay.example": "relay"})


@pytest.mark.parametrize("written", ["sip:Anna.A@relay.example", "anna@RELAY.example ", "+46701234567@relay.example"])
def test_a_sip_address_of_a_domain_that_is_named_may_be_called(written: str) -> None:
    number = assess(written, RELAYS)
    assert (number.domain, number.dialled) == ("relay.example", f"{number.user}@relay.example")
    permit = Gate(b"k" * 32).number("leg", number, "192.0.2.7:5060", 1)
    assert permit.target == f"sip:{number.user}@192.0.2.7:5060", (
        "it goes to the trunk that leads there, and nowhere else"
    )


@pytest.mark.parametrize(
    ("written", "error_id"),
    [
        ("anna@elsewhere.example", "domain_refused"),
        ("anna@relay.example.evil.example", "domain_refused"),
        ("anna@relay.example;transport=tcp", "number_bad"),
        ("anna:secret@relay.example", "number_bad"),
        ("anna@relay.example?Replaces=x", "number_bad"),
        ("anna@x@relay.example", "number_bad"),
        ("anna%40evil@relay.example", "number_bad"),
        ("@relay.example", "number_bad"),
        ("<sip:anna@relay.example>", "number_bad"),
    ],
)
def test_no_other_sip_address_may(written: str, error_id: str) -> None:
    with pytest.raises(NotDialled) as refused:
        assess(written, RELAYS)
    assert refused.value.error_id == error_id
    with pytest.raises(NotDialled):
        assess(written, DialRules())
