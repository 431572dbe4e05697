"""people.yaml, interpreters.yaml, reasons.yaml: what citizens need, who interprets, what contacts are about."""

from datetime import date, time
from pathlib import Path

import pytest

from engine.config import ConfigError, load
from engine.installation import Rung
from queues.assistance import Assistance
from queues.skills import Need
from tests.config.test_config_load import MALMO

PEOPLE = """\
needs:
  sign_language:
    title: {sv: Teckenspråk}
    needs: {english: 2}
    wait: 1 min
languages:
  en: {needs: {english: 3}}
remember_days: 30
shared: ["040 1", info@example.se]
"""
DUTY = """\
languages:
  ar:
    title: Arabiska
    code: "7"
    ring: 15 s
    duty:
      house: {agent: one}
      agency: {number: 040-10 92 00, hours: office}
"""
REASONS = """\
departments:
  tax:
    title: {sv: Skatt}
    queues: [a]
    reasons:
      invoice: {sv: Faktura, en: Invoice}
gaps:
  late: {sv: Sent}
"""


def problems(folder: Path, name: str, text: str) -> list[str]:
    (folder / f"{name}.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [str(problem) for problem in caught.value.problems]


def test_without_the_files_nothing_is_asked_for(city: Path) -> None:
    core = load(city).core
    assert (core.aids, core.tongues, core.interpreters, core.reasons, core.gaps) == ({}, {}, {}, (), ())


def test_what_needs_and_languages_take(city: Path) -> None:
    (city / "people.yaml").write_text(PEOPLE)
    loaded = load(city)
    assert loaded.core.aids == {"sign_language": Assistance(needs=(Need("english", 2),), wait=60.0)}
    assert loaded.core.tongues == {"en": Assistance(needs=(Need("english", 3),))}
    assert loaded.core.remember == 30 * 86_400.0
    assert loaded.installation.citizens.shared == {"040 1", "info@example.se"}


def test_who_interprets_in_which_order(city: Path) -> None:
    (city / "interpreters.yaml").write_text(DUTY)
    loaded = load(city)
    line = loaded.core.interpreters["ar"]
    assert ([duty.id for duty in line.duty], line.ring) == (["house", "agency"], 15.0)
    assert line.duty[1].hours.spans(date(2026, 11, 23)) == ((time(8), time(16, 30)),)
    ar = loaded.installation.interpreting["ar"]
    assert (ar.code, ar.rung["agency"]) == ("7", Rung(number="040-10 92 00"))
    assert "040-10" not in str(loaded.core), "numbers are no part of the facts"


def test_what_contacts_are_about_by_department(city: Path) -> None:
    (city / "reasons.yaml").write_text(REASONS)
    loaded = load(city)
    assert (loaded.core.reasons, loaded.core.gaps) == (("tax.invoice",), ("late",))
    assert loaded.installation.departments["tax"].reasons == {"invoice": {"sv": "Faktura", "en": "Invoice"}}


def test_the_example_has_names_in_three_languages() -> None:
    installation = load(MALMO).installation
    titles = [title for one in installation.departments.values() for title in (one.title, *one.reasons.values())]
    titles += [*installation.gaps.values(), *installation.citizens.needs.values()]
    assert all(set(title) >= {"sv", "en", "fi"} for title in titles)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        (
            "people",
            "needs:\n  height: {}\n",
            'people.yaml:2: needs.height: there is no need "height"; did you mean "sight"?',
        ),
        (
            "people",
            "needs:\n  sight:\n    needs: {englisch: 1}\n",
            'people.yaml:3: needs.sight.needs.englisch: among the agents there is no skill "englisch"; did you mean',
        ),
        (
            "people",
            "languages:\n  fi:\n    title: {en: Finnish}\n",
            'people.yaml:3: languages.fi.title: has no name in "sv", the language of the house',
        ),
        ("interpreters", "languages:\n  ar: {}\n", "interpreters.yaml:2: languages.ar.duty: names nobody: write duty"),
        (
            "interpreters",
            "languages:\n  ar:\n    duty:\n      a: {agent: one, number: '0701740605'}\n",
            "interpreters.yaml:4: languages.ar.duty.a: is rung in one way; write either number",
        ),
        (
            "interpreters",
            "languages:\n  ar:\n    duty:\n      a: {agent: nobody}\n",
            'interpreters.yaml:4: languages.ar.duty.a.agent: there is no agent "nobody"',
        ),
        (
            "interpreters",
            "languages:\n  ar:\n    duty:\n      a: {number: '+49301234567'}\n",
            "interpreters.yaml:4: languages.ar.duty.a.number: cannot be rung: this country may not be dialled",
        ),
        (
            "interpreters",
            "languages:\n  ar: {code: '1', duty: {a: {agent: one}}}\n  so: {code: '1', duty: {a: {agent: one}}}\n",
            'interpreters.yaml:3: languages.so.code: is that of "ar" too',
        ),
        (
            "interpreters",
            "languages:\n  ar:\n    duty:\n      a: {agent: one, hours: offic}\n",
            'interpreters.yaml:4: languages.ar.duty.a.hours: there is no hours "offic"; did you mean "office"?',
        ),
        (
            "reasons",
            "departments:\n  tax:\n    title: {sv: Skatt}\n    queues: [c]\n",
            'reasons.yaml:4: departments.tax.queues: there is no queue "c"',
        ),
        (
            "reasons",
            "departments:\n  tax:\n    title: {en: Tax}\n",
            'reasons.yaml:3: departments.tax.title: has no name in "sv"',
        ),
        ("reasons", "gaps:\n  late: {en: Late}\n", 'reasons.yaml:2: gaps.late: has no name in "sv"'),
    ],
)
def test_mistakes_are_told_with_their_place(city: Path, name: str, text: str, line: str) -> None:
    (told,) = problems(city, name, text)
    assert told.startswith(line)
