"""Reports: the same figures as the API and Prometheus tell, for the whole and for each part."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from adapters.history import reports, routes, stories, tables
from adapters.history.batch import Batch, Kind
from adapters.history.reports import Question
from adapters.history.settings import HistorySettings
from adapters.history.store import START, Progress, Store
from engine.processes import HISTORY_FILE
from engine.sim.day import MIDNIGHT, local
from engine.sim.malmo import LANGUAGES, PLAIN, VISITS
from metrics import formulas
from metrics.days import local_time
from metrics.figures import Figures, Settled, Spread
from metrics.formulas import all_figures, announced_right, occupancies, quantile, reached_a_person, service_levels
from metrics.work import Work
from queues.site import site_need
from tests.cli.test_remote import vaxel
from tests.history.conftest import Entries, figures, record
from tests.web.house import Reception

pytestmark = pytest.mark.system
DAY = date(2026, 9, 28)
ASKED = {"first": DAY.isoformat()}


@pytest.fixture
def filled(store: Store, morning: Entries) -> Store:
    record(morning, store)
    return store


def ask(store: Store, **held: str) -> reports.Report:
    with store.reading() as connection:
        return reports.report(connection, Question(first=DAY, last=DAY, **held), local)


def near(one: object, other: object) -> bool:
    return json.dumps(_rounded(one)) == json.dumps(_rounded(other))


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return round(value, 6) if isinstance(value, float) else value


def test_every_part_agrees_with_the_figures_of_the_day(filled: Store, morning: Entries) -> None:
    totals = figures(morning).since_start(MIDNIGHT + 86_400)
    for (queue, channel), counted in totals.queues.items():
        told = ask(filled, queue=queue, channel=channel).whole
        assert near(told.figures["service_level"], service_levels(counted)), (queue, channel)
        assert near(told.figures["answer_speed"]["mean"], counted.wait.mean)
        assert near(told.figures["expected_wait"]["held"], announced_right(counted))
        assert told.counts.arrived == counted.arrived
        assert told.counts.turned_away == {key: number for key, number in counted.turned_away.items() if number}
    for (skill, channel), counted in totals.needs.items():
        told = ask(filled, need=skill, channel=channel).whole
        assert near(told.figures["service_level"], service_levels(counted)), (skill, channel)
    report = ask(filled)
    assert len(report.by["channel"]) >= 5
    for line in report.by["channel"]:
        assert near(line.figures["reached_a_person"]["of_all"], reached_a_person(totals.ended, line.name)["of_all"])


def test_parts_come_to_the_whole(filled: Store) -> None:
    report = ask(filled)
    arrived = report.whole.counts.arrived
    assert arrived > 200
    for dimension in ("channel", "queue", "entry"):
        assert sum(line.counts.arrived for line in report.by[dimension]) == arrived
    assert sum(hour.arrived for hour in report.hours) == arrived
    assert {line.name for line in report.by["need"]} <= {*LANGUAGES, PLAIN, *(site_need(site).skill for site in VISITS)}
    assert 0 < report.occupancy["of_logged_in"] < report.occupancy["of_ready"] <= 1  # type: ignore[operator]
    assert report.through > MIDNIGHT
    lines = {line.name: line.counts.arrived for line in report.by["queue"]}
    assert list(lines.values()) == sorted(lines.values(), reverse=True)


def test_a_need_is_a_whole_word(store: Store) -> None:
    batch = Batch()
    for needs in ("sign", "sign_plain", "plain sign"):
        batch.tally(DAY.isoformat(), Kind("call", "tax", "sv", needs, "n")).figures.arrived += 1
    store.write(batch, START, Progress((1, 1), 1.0, START, b""))
    assert ask(store, need="sign").whole.counts.arrived == 2
    assert {line.name: line.counts.arrived for line in ask(store).by["need"]} == {
        "sign": 2,
        "plain": 1,
        "sign_plain": 1,
    }


def test_days_are_told_one_by_one(store: Store) -> None:
    batch = Batch()
    for day in ("2026-09-27", "2026-09-28", "2026-09-29"):
        batch.tally(day, Kind("call", "tax", "sv", "", "n")).figures.arrived += 1
    store.write(batch, START, Progress((1, 1), 1.0, START, b""))
    with store.reading() as connection:
        lines = reports.days(connection, Question(first=DAY, last=date(2026, 9, 29)))
    assert [(line.name, line.counts.arrived) for line in lines] == [("2026-09-28", 1), ("2026-09-29", 1)]


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 1)])
def test_days_of_23_and_25_hours(day: date) -> None:
    stockholm = local_time("Europe/Stockholm")
    begin, end = reports.bounds(day, stockholm)
    assert [stockholm(at).isoformat(" ") for at in (begin, end - 1)] == [f"{day} 00:00:00", f"{day} 23:59:59"]
    assert (end - begin) / 3600 == {3: 23, 10: 25, 7: 24}[day.month]


def test_a_contacts_story(filled: Store) -> None:
    with filled.reading() as connection:
        told = stories.of_matter(connection, "call-1-1") or stories.of_matter(connection, "w1-1-1")
        one = told[0]
        assert stories.one(connection, one.id) == one
        assert stories.one(connection, "nobody") is None
        assert stories.of_person(connection, "nobody") == []
        person = next(row.person for row in connection.execute(sa.select(tables.contacts)) if row.person)
        own = stories.of_person(connection, person)
        both = stories.of_persons(connection, [person, "nobody"], one.matter)
        assert {past.id for past in both} == {past.id for past in (*own, *stories.of_matter(connection, one.matter))}
        assert [past.began for past in both] == sorted((past.began for past in both), reverse=True)
    assert one.segments[0].began == one.began
    assert one.segments[-1].ended == one.ended


# ---- formulas --------------------------------------------------------------------------------------------------------


def test_every_formula_by_hand() -> None:
    one = Figures()
    for waited, in_target in ((10.0, True), (20.0, True), (100.0, False)):
        one.settle(Settled("answered", 0.0, waited, in_target))
    for waited in (2.0, 200.0):
        one.settle(Settled("abandoned", 0.0, waited, waited < 60))
    one.settle(Settled("turned_away", 0.0, 0.0, True, "full"))
    one.tell("held", 0.0)
    one.tell("later", 30.0)
    one.talk.add(50.0, formulas.WAIT_S[:13])
    work = Work(
        handled=4, handed_on=1, wrap_up=30.0, ended=10, reached=8, passed_on=2, helped=4, people_met=6, contacts_made=5,
        until_help=400.0, described=4, avoidable=1, callbacks_kept=3, callbacks_failed=1, callbacks_cancelled=2,
    )  # fmt: skip
    told = all_figures(one, work)
    assert told["service_level"]["of_all"] == 2 / 5
    assert told["abandonment"] == {"of_all": 2 / 5, "of_all_but_short": 1 / 4, "of_all_and_turned_away": 2 / 6}
    assert told["handling_time"] == {"talk": 50 / 4, "talk_and_wrap_up": 80 / 4}
    assert told["transfers"] == {"of_handled": 1 / 4, "of_reached": 2 / 8}
    assert told["until_help"] == {"people_met": 1.5, "contacts_made": 1.25, "seconds": 100.0}
    assert told["callbacks_kept"] == {"of_due": 3 / 4, "of_all": 3 / 6}
    assert told["expected_wait"] == {"held": 0.5, "mean_error": 15.0}
    assert told["avoidable"] == {"of_described": 0.25}
    assert quantile(Spread([2, 2, 0]), (10.0, 20.0), 0.9) == pytest.approx(18.0)
    assert quantile(Spread([0, 0, 3]), (10.0, 20.0), 0.9) == 20.0
    seconds = {"serving": 30.0, "wrap_up": 10.0, "reserved": 10.0, "free": 50.0, "paused": 100.0}
    assert occupancies(seconds) == {"of_ready": 0.5, "of_logged_in": 0.25}


def test_figures_of_nothing_are_none() -> None:
    values = [value for each in all_figures(Figures(), Work()).values() for value in each.values()]
    assert set(values) == {None}


def test_the_page_names_every_figure_formula_and_column() -> None:
    page = (Path(__file__).parents[2] / "docs" / "history.md").read_text()
    for figure, values in all_figures(Figures(), Work()).items():
        assert f"`{figure}`" in page
        assert all(f"`{formula}`" in page for formula in values), figure
    from adapters.history.tables import ROWS

    for name, table in ROWS.items():
        part = page.split(f"**{name}**")[1].split("\n\n")[0]
        assert [column.name for column in table.c if f"`{column.name}`" not in part] == [], name


# ---- over HTTP, and in the terminal ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(morning: Entries, tmp_path_factory: pytest.TempPathFactory) -> HistorySettings:
    url = f"sqlite:///{tmp_path_factory.mktemp('kept')}/history.sqlite"
    store = Store(url)
    store.upgrade()
    record(morning, store)
    store.close()
    return HistorySettings(url=url, time_zone="Etc/UTC", city="Malmö stad", titles={"general": "Allmänt"})


async def here(work, /, *arguments):  # type: ignore[no-untyped-def]
    return await asyncio.get_running_loop().run_in_executor(None, work, *arguments)


@contextlib.asynccontextmanager
async def reception(settings: HistorySettings | None) -> AsyncIterator[Reception]:
    found = tuple(routes.routes(settings, here, lambda: MIDNIGHT + 10 * 3600))
    async with Reception.open(more=found, statuses=routes.STATUSES) as house:
        yield house


async def test_over_http(kept: HistorySettings) -> None:
    async with reception(kept) as house:
        report = (await house.get("/report")).json
        assert report["first"] == DAY.isoformat()
        assert report["whole"]["figures"]["service_level"]["of_all"] > 0
        calls = (await house.get("/report", params={**ASKED, "channel": "call"})).json
        assert calls["whole"]["counts"]["arrived"] < report["whole"]["counts"]["arrived"]
        told = await house.get("/history/contacts/nobody")
        assert (told.status, told.json["error_id"]) == (404, "unknown_contact")
        assert (await house.get("/history/matters/nobody")).json == {"contacts": []}
        for asked in ({"first": "2026-02-30"}, {"first": "2026-09-28", "last": "2026-09-27"}):
            told = await house.get("/report", params=asked)
            assert (told.status, told.json["error_id"]) == (422, "bad_days"), asked
        assert (await house.get("/report", params={"first": "yesterday"})).status == 400


async def test_every_example_works(kept: HistorySettings) -> None:
    store = Store(kept.url)
    with store.reading() as connection:
        known = next(iter(connection.execute(tables.contacts.select().limit(1)))).id
    store.close()
    async with reception(kept) as house:
        for route in routes.routes(kept, here, lambda: MIDNIGHT):
            for example in route.examples:
                fields = dict.fromkeys(route.parameters, known)
                told = await house.get(route.path.format(**fields))
                assert told.status == 200, (route.path, example.summary)
                document = (await house.get("/api/openapi.json")).json
                assert "200" in document["paths"][route.path]["get"]["responses"]


async def test_over_http_when_there_is_none(tmp_path: Path) -> None:
    async with reception(None) as house:
        told = await house.get("/report")
        assert (told.status, told.json["error_id"]) == (404, "no_history")
    async with reception(HistorySettings(url=f"sqlite:///{tmp_path}/none/history.sqlite")) as house:
        told = await house.get("/report")
        assert (told.status, told.json["error_id"]) == (503, "history_away")


def data_folder(tmp_path: Path, settings: HistorySettings) -> str:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / HISTORY_FILE).write_bytes(msgspec.json.encode(settings))
    return str(tmp_path)


async def test_in_the_terminal(kept: HistorySettings, tmp_path: Path) -> None:
    data = data_folder(tmp_path, kept)
    code, out, _ = await vaxel("report", DAY.isoformat(), "--data", data)
    assert code == 0
    assert out.startswith("Malmö stad  2026-09-28  skrivet till och med 2026-09-28 09:")
    assert "Allmänt" in out
    assert "of_all" in out
    assert "█ i tid  ▓ senare  ░ gav upp" in out, "told apart without colours, too"
    words = {"en": "service level", "fi": "palvelutaso"}
    for language, word in words.items():
        _, out, _ = await vaxel("report", DAY.isoformat(), "--language", language, "--data", data)
        assert word in out
        assert max(map(len, out.splitlines())) <= 80
    formula = "service_level=of_all_but_short"
    _, out, _ = await vaxel("report", DAY.isoformat(), "--formula", formula, "--queue", "general", "--data", data)
    assert "of_all_but_short" in out
    _, out, _ = await vaxel("report", DAY.isoformat(), "--csv", "--data", data)
    header, whole, *lines = out.splitlines()
    assert header.startswith("first,last,by,name,arrived,answered,")
    assert "service_level.of_all" in header
    assert all(line.count(",") == header.count(",") for line in (whole, *lines))
    _, out, _ = await vaxel("report", "2020-01-01", "--language", "en", "--data", data)
    assert "Nothing has been asked for" in out


async def test_what_the_terminal_cannot_do(kept: HistorySettings, tmp_path: Path) -> None:
    code, _, err = await vaxel("report", "--data", str(tmp_path))
    assert (code, "There is no history in" in err) == (2, True)
    data = data_folder(tmp_path, kept)
    for words, says in (
        (("report", "tomorrow"), "'tomorrow' is no day; write it like"),
        (("report", "2026-09-28", "--to", "2026-09-27"), "2026-09-27 comes before 2026-09-28."),
        (("report", "--formula", "speed=x"), "There is no figure 'speed'; known: service_level,"),
        (("report", "--formula", "transfers=x"), "transfers has no formula 'x'; known: of_handled, of_reached."),
    ):
        code, _, err = await vaxel(*words, "--data", data)
        assert code == 2
        assert says in err


async def test_forgetting_and_rebuilding_while_nothing_runs(morning: Entries, tmp_path: Path) -> None:
    settings = HistorySettings(url=f"sqlite:///{tmp_path}/history.sqlite", archive=str(tmp_path / "archive"))
    store = Store(settings.url)
    store.upgrade()
    record(morning[:400], store)
    data = data_folder(tmp_path, settings)
    code, out, _ = await vaxel("history", "forget", "somebody", "--data", data)
    assert (code, out) == (0, "0 contacts are nobody's now.\n")
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "3-1_3-9.vxj.gz").touch()
    code, _, err = await vaxel("history", "rebuild", "--data", data)
    assert (code, "Say --lose-older" in err) == (2, True)
    code, out, _ = await vaxel("history", "rebuild", "--lose-older", "--data", data)
    assert (code, out) == (0, "The history is empty; it is read anew once Vaxel runs.\n")
    assert store.progress().id == START
    store.close()


def test_the_engine_loads_no_database() -> None:
    """It would begin half a second later after each death."""
    code = (
        "import sys, engine.main; sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'alembic', 'psycopg')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
