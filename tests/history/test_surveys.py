"""The question how it was, in reports: by channel, queue and language, never of few answers, never of an agent."""

import io
from datetime import date
from typing import Any

import pytest
from rich.console import Console

from adapters.history import reports, surveys, tables
from adapters.history.answers import Question, Surveys
from adapters.history.batch import Batch, Kind, SurveyKind
from adapters.history.store import START, Progress, Store
from engine.reportview import CHANNEL_NAMES, WORDS, View
from metrics.following import OUTBOUND
from queues.channels import CHANNELS
from queues.queue import Survey
from router import inputs as i
from tests.core.city import agent, local, queue
from tests.history.recorded import Recorded

pytestmark = pytest.mark.system
DAY = date(2026, 9, 28)
Asked = dict[tuple[str, str, str, int], list[int]]


def written(store: Store, asked: Asked) -> None:
    """Write a day: channel, queue, language and scale to the answers, 0 for none."""
    batch = Batch()
    for kind, answers in asked.items():
        batch.tally(DAY.isoformat(), Kind(*kind[:3], "", "")).figures.arrived += len(answers)
        for answer in answers:
            batch.survey(DAY.isoformat(), SurveyKind(*kind))
            if answer:
                batch.survey(DAY.isoformat(), SurveyKind(*kind), answer)
    store.write(batch, START, Progress((1, 1), 1.0, START, b"x"))


def ask(store: Store, **held: str) -> Surveys:
    with store.reading() as connection:
        return surveys.surveys(connection, Question(first=DAY, last=DAY, **held))


def told(found: Surveys, dimension: Any) -> dict[str, tuple[int, int | None]]:
    return {line.name: (line.asked, line.answered) for line in found.by[dimension]}


def test_answers_count_on_the_day_on_which_it_was_asked() -> None:
    it = Recorded(
        queues=[queue(survey=Survey(prompt="survey", mail="how_was_it"))], agents=[agent("anna")], now=86_400.0 - 60
    )
    it.call("c1", leg="c1", person="p1")
    it.answer("c1")
    it.put(i.HungUp(leg=it.offer_of("c1"), cause="hung_up"))
    it.put(i.KeyPressed(contact="c1", digit="5"))
    it.mail("m1", written=True, person="p2")
    it.answer("m1")
    it.put(i.SendMessage("m1", "anna"))
    it.finish("m1")
    it.wait(86_400.0)
    it.restart()
    it.put(i.AnswerSurvey("m1", 2))
    assert it.written.surveys == {
        ("1970-01-01", SurveyKind("call", "tax", "", 5)): [1, 1, 5],
        ("1970-01-01", SurveyKind("mail", "tax", "", 5)): [1, 1, 2],
    }


def test_share_and_mean_of_each_group(store: Store) -> None:
    written(
        store,
        {
            ("call", "tax", "sv", 5): [5, 5, 4, 3, 2, 1, 0, 0, 0, 0],
            ("mail", "tax", "fi", 5): [5, 5, 5, 5, 5],
            ("visit", "permits", "sv", 2): [1, 1, 1, 1, 2, 0],
        },
    )
    found = ask(store)
    five, yes = sorted(found.whole, key=lambda line: -line.scale)
    assert (five.asked, five.answered, five.mean) == (15, 11, 45 / 11)
    assert (yes.asked, yes.answered, yes.share, yes.mean) == (6, 5, 5 / 6, 0.8)
    assert [(line.name, line.share) for line in found.by["channel"]] == [("call", 0.6), ("visit", 5 / 6), ("mail", 1)]
    assert told(found, "queue") == {"tax": (15, 11), "permits": (6, 5)}
    languages = [(line.name, line.scale, line.answered) for line in found.by["language"]]
    assert languages == [("sv", 5, 6), ("sv", 2, 5), ("fi", 5, 5)]
    assert ask(store, queue="permits").whole == (yes,)
    assert ask(store, need="mobility") == Surveys()


def test_few_answers_are_told_of_nobody_and_cannot_be_found_by_subtraction(store: Store) -> None:
    written(
        store,
        {
            ("call", "tax", "sv", 5): [4] * 9,
            ("chat", "tax", "sv", 5): [3] * 6,
            ("mail", "tax", "ar", 5): [1] * 4,
            ("text", "tax", "fi", 5): [0] * 3,
        },
    )
    found = ask(store)
    assert told(found, "channel") == {"call": (9, 9), "chat": (6, None), "mail": (4, None), "text": (3, None)}
    assert told(found, "language") == {"sv": (15, None), "ar": (4, None), "fi": (3, None)}
    assert [line.answered for line in found.whole] == [19]
    assert [line.mean for line in ask(store, language="ar").whole] == [None]


def test_groups_that_are_few_together_are_left_out_alone(store: Store) -> None:
    written(store, {("call", "a", "sv", 5): [4] * 9, ("call", "b", "sv", 5): [1] * 3, ("call", "c", "sv", 5): [1] * 3})
    assert told(ask(store), "queue") == {"a": (9, 9), "b": (3, None), "c": (3, None)}


@pytest.mark.parametrize("language", [*WORDS])
def test_the_terminal_shows_it_and_calls_channels_by_their_names(here: Store, language: str) -> None:
    assert CHANNEL_NAMES[language].keys() == {*CHANNELS, OUTBOUND}
    written(
        here, {("call", "tax", "sv", 5): [4] * 9, ("mail", "tax", "sv", 5): [1] * 7, ("visit", "b", "", 2): [1] * 5}
    )
    with here.reading() as connection:
        report = reports.report(connection, Question(first=DAY, last=DAY), local)
    out = io.StringIO()
    View(report, language, {}, {}, local).write(Console(file=out, width=80), "Malmö")
    text = out.getvalue()
    assert WORDS[language]["survey"] in text
    assert CHANNEL_NAMES[language]["call"] in text
    assert f"100.0 % {WORDS[language]['yes']}" in text
    assert WORDS[language]["few"] in text
    assert max(map(len, text.splitlines())) <= 80


def test_nothing_of_it_names_an_agent_or_a_person() -> None:
    assert {one.name for one in tables.surveys.c} == {
        "day", "channel", "queue", "language", "scale", "asked", "answered", "total"
    }  # fmt: skip
