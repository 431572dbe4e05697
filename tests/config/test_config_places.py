"""places.yaml: places that people visit."""

from datetime import date, time
from pathlib import Path

import pytest

from engine.config import ConfigError, in_force, load
from engine.installation import PlaceWords
from queues.site import Service
from queues.skills import Need
from tests.config.test_config_load import MALMO

HALL = """\
places:
  hall:
    title: The hall
    names: {sv: Hallen}
    hours: office
    services:
      tax: {title: Taxes, names: {sv: Skatt}, queue: a, letter: C, bookable: 2, priority: 4, needs: {english: 2}}
    desks:
      "1": {}
    languages:
      sv: {swedish: 2}
    window: 15 min
    ahead_days: 3
  tent:
    hours:
      special: {2026-12-12: 12:00-16:00}
    services:
      tax: {queue: b}
"""


def problems(folder: Path, text: str) -> list[str]:
    (folder / "places.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def test_without_the_file_nobody_comes(city: Path) -> None:
    assert load(city).core.sites == {}


def test_places_with_hours_desks_and_services(city: Path) -> None:
    (city / "places.yaml").write_text(HALL)
    loaded = load(city)
    hall, tent = loaded.core.sites["hall"], loaded.core.sites["tent"]
    needs = (Need("english", 2),)
    assert hall.services == {"tax": Service(queue="a", letter="C", needs=needs, bookable=2, priority=4.0)}
    assert (hall.desks, hall.languages) == ({"1": ""}, {"sv": (Need("swedish", 2),)})
    assert (hall.window, hall.ahead) == (900.0, 3 * 86_400.0)
    assert hall.hours.spans(date(2026, 11, 23)) == ((time(8), time(16, 30)),)
    assert tent.hours.spans(date(2026, 12, 12)) == ((time(12), time(16)),)
    assert tent.hours.spans(date(2026, 12, 13)) == ()
    assert loaded.installation.places["hall"] == PlaceWords(
        "The hall", {"tax": "Taxes"}, {"sv": "Hallen"}, {"tax": {"sv": "Skatt"}}
    )


def test_the_example() -> None:
    loaded = load(MALMO)
    assert set(loaded.core.sites) == {"stadshuset", "rosengard", "mollan", "medborgarkontor"}
    assert loaded.core.queues["kontakt"].calling.attempts == 3


def test_in_a_demonstration_they_are_always_open(city: Path) -> None:
    (city / "vaxel.yaml").write_text("city: Testby\ndemo: true\nlanguage: sv\nedge: none\nalways_open: true\n")
    (city / "places.yaml").write_text(HALL)
    assert in_force(load(city)).core.sites["tent"].hours.always


SERVICES = "    services: {tax: {queue: a}}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("  h:\n    hours: office\n", "has no services: write services: {NAME: {queue: QUEUE}}"),
        ("  h:\n    services: {tax: {queue: moon}}\n", 'there is no queue "moon"'),
        ("  h:\n    hours: noon\n" + SERVICES, 'there is no hours "noon"'),
        ("  h:\n    services: {tax: {queue: a, bookable: 1}}\n", "times can be booked only where a place has hours"),
        ("  h:\n    services: {tax: {queue: a, letter: AB}}\n", "AB"),
        (
            "  h:\n    services: {tax: {queue: a, needs: {klingon: 2}}}\n",
            'among the agents there is no skill "klingon"',
        ),
        ("  h:\n    languages: {sv: {klingon: 2}}\n" + SERVICES, 'among the agents there is no skill "klingon"'),
        ('  h:\n    desks: {"1": {phone: red}}\n' + SERVICES, 'there is no phone in phones.yaml "red"'),
        ("  h:\n    window: 7 min\n" + SERVICES, '"7 min" is no window'),
        ("  h h:\n" + SERVICES, '"h h" cannot be a name'),
        ("  h:\n    desk: {}\n" + SERVICES, 'did you mean "desks"'),
    ],
)
def test_mistakes_are_told(city: Path, text: str, says: str) -> None:
    assert any(says in one for one in problems(city, "places:\n" + text)), problems(city, "places:\n" + text)
