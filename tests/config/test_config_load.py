"""What a sound folder becomes; the example and the benchmark's folder are sound."""

import itertools
import wave
from datetime import date, datetime, time, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from adapters.redis.address import read
from engine import bench_config
from engine.config import in_force, load
from engine.config.days import YEARS_AHEAD
from engine.installation import History, Sip
from ivr.flow import Enter, HangUp, Menu, Say
from queues.hours import ALWAYS, is_open
from queues.queue import Target, WayOut
from queues.skills import Need, Step
from router.configuration import Configuration, Entry, Rules
from router.dialling import DialRules

from .conftest import Spoil

MALMO = Path(__file__).parents[2] / "examples" / "malmo"


def test_small_city(city: Path) -> None:
    core = load(city).core
    queue = core.queues["a"]
    assert queue.hours.week == dict.fromkeys(range(1, 6), ((time(8), time(16, 30)),))
    assert queue.requirement == (Step((Need("swedish", 3),)), Step((), 120.0))
    assert queue.ways_out == {"closed": WayOut(to="announcement", name="closed")}
    assert (core.queues["b"].name, core.queues["b"].hours, core.queues["b"].target) == ("b", ALWAYS, Target())
    assert core.agents["one"].queues == {"a": 1, "b": 1}
    assert core.agents["two"].queues == {"a": 1, "b": 2}
    assert core.entries == (
        Entry(channel="call", address="0401", flow="hello", language="sv"),
        Entry(channel="call", address="0402", flow="queue:b", language="sv"),
    )
    assert core.flows["hello"].nodes == {
        "start": Say(prompt="welcome", next="ask"),
        "ask": Menu(prompt="choose", choices={"1": "line", "2": "bye"}, otherwise="line"),
        "line": Enter(queue="a"),
        "bye": HangUp(),
    }
    assert core.flows["queue:b"].nodes == {"start": Enter(queue="b")}
    assert core.rules == Rules()


def test_everything_is_on_loopback_by_default(city: Path) -> None:
    installation = load(city).installation
    assert (installation.sip.address, installation.web.address) == ("127.0.0.1", "127.0.0.1")
    assert [network.sources for network in installation.sip.networks] == [("127.0.0.0/8",)]
    assert installation.redis_url == ""


def test_listen_opens_all(spoil: Spoil) -> None:
    installation = load(spoil("vaxel.yaml", "demo: true", "listen: 10.0.0.5\nweb: {address: 127.0.0.1}")).installation
    assert (installation.sip.address, installation.web.address) == ("10.0.0.5", "127.0.0.1")


def test_revision_follows_the_content(spoil: Spoil, city: Path) -> None:
    before = load(city).core.revision
    assert load(spoil("queues.yaml", "queues:", "# a remark\nqueues:")).core.revision == before
    assert load(spoil("vaxel.yaml", "Testby", "Otherby")).core.revision == before
    assert load(spoil("queues.yaml", "2 min", "3 min")).core.revision != before


def test_configuration_survives_the_journal(city: Path) -> None:
    core = load(city).core
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(core), type=Configuration) == core


def test_a_whisper_says_the_title_unless_it_has_words_of_its_own(spoil: Spoil) -> None:
    city = spoil("queues.yaml", "title: Second", "title: Second\n    whisper: true")
    loaded = load(city)
    assert loaded.core.queues["b"].whisper
    assert not loaded.core.queues["a"].whisper
    assert loaded.installation.speech.texts["sv"]["queue.b"] == "Second"
    spoil("prompts.yaml", "  welcome: Hej.", "  welcome: Hej.\n  queue.b: Den andra kön.")
    assert load(city).installation.speech.texts["sv"]["queue.b"] == "Den andra kön."


def test_queues_have_names_for_citizens_or_are_not_told_of(spoil: Spoil) -> None:
    loaded = load(spoil("queues.yaml", "title: Second", "title: Second\n    names: {fi: Toinen}\n    public: no"))
    assert loaded.installation.names == {"b": {"fi": "Toinen"}}
    assert loaded.installation.unlisted == {"b"}


def test_home_is_dialled_unless_other_countries_are_named(spoil: Spoil, city: Path) -> None:
    assert load(city).core.dialling == DialRules()
    spoil("vaxel.yaml", "demo: true", "demo: true\ndialling: {home: FI, per_hour: 7}")
    assert load(city).core.dialling == DialRules(home="FI", countries=("FI",), per_hour=7)
    spoil("vaxel.yaml", "home: FI", "home: FI, countries: [SE, FI], refused: ['+3587']")
    rules = load(city).core.dialling
    assert (rules.countries, rules.refused) == (("SE", "FI"), ("+3587",))


def test_reasons_for_a_pause(spoil: Spoil, city: Path) -> None:
    assert load(city).core.pauses == ("break", "lunch", "meeting", "training", "other")
    loaded = load(spoil("agents.yaml", "agents:\n", "pauses: {fika: Fika, other: Annat}\nagents:\n"))
    assert loaded.core.pauses == ("fika", "other")
    assert loaded.installation.pauses == {"fika": "Fika", "other": "Annat"}


def test_skills_have_names_for_people(spoil: Spoil, city: Path) -> None:
    assert load(city).installation.skills == {}
    loaded = load(spoil("agents.yaml", "agents:\n", "skills: {swedish: Svenska}\nagents:\n"))
    assert loaded.installation.skills == {"swedish": "Svenska"}


def test_password_comes_from_its_file(spoil: Spoil, city: Path) -> None:
    spoil("vaxel.yaml", "language: sv", "redis: {url: 'redis://host:6379/0', password_file: secret}")
    (city / "secret").write_text("p/w\n")
    installation = load(city).installation
    assert installation.redis_url == "redis://host:6379/0"
    assert read(installation.redis_url, {}, installation.redis_password_file).password == "p/w"


def test_the_history_and_its_password(city: Path, spoil: Spoil) -> None:
    assert load(city).installation.history == History()
    spoil(
        "vaxel.yaml",
        "language: sv",
        "language: sv\nhistory: {url: 'postgresql://vaxel@db/history', password_file: secret}",
    )
    history = load(city).installation.history
    assert history.url == "postgresql://vaxel@db/history"
    assert history.password_file == str(city / "secret")


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_workers_share_ports_without_overlap(workers: int) -> None:
    sip = Sip(workers=workers, rtp_ports=(20001, 27999))
    shares = [sip.rtp_ports_of(number) for number in range(1, workers + 1)]
    assert all(low % 2 == 0 and 20001 <= low < high <= 27999 for low, high in shares)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(shares))


def test_malmo_is_sound() -> None:
    loaded = load(MALMO)
    assert len(loaded.core.queues) == 9
    assert len(loaded.core.agents) == 12
    assert [agent.id for agent in loaded.core.agents.values() if agent.signed_in] == ["guide01"]
    assert loaded.core.agents["guide01"].address == "phone:guide01"
    assert loaded.installation.phones["guide01"] == "Kontaktcenter, plats 1"
    assert loaded.core.flows["english"].nodes == {
        "start": Say(prompt="welcome", next="line"),
        "line": Enter(queue="kontakt", needs=(Need("english", 3),)),
    }
    assert loaded.core.queues["vaxel"].hours.always
    assert set(loaded.installation.speech.texts) == {"sv", "en", "fi", "ar"}


def easter(year: int) -> date:
    """Meeus's rule."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def first(weekday: int, start: date) -> date:
    return start + timedelta(days=(weekday - start.isoweekday()) % 7)


def holidays(year: int) -> set[date]:
    """Days on which Swedish offices are closed, by law and by custom."""
    sunday, midsummer = easter(year), first(6, date(year, 6, 20))
    moving = {sunday + timedelta(days=n) for n in (-2, -1, 0, 1, 39, 49)}
    moving |= {midsummer, midsummer - timedelta(days=1), first(6, date(year, 10, 31))}
    fixed = ((1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31))
    return moving | {date(year, month, day) for month, day in fixed}


def test_malmo_keeps_swedish_holidays() -> None:
    hours = load(MALMO, year=2026).core.queues["kontakt"].hours
    years = range(2026, 2026 + YEARS_AHEAD + 1)
    assert {day for day, spans in hours.special.items() if not spans} == set().union(*map(holidays, years))
    assert hours.special[date(2027, 3, 25)] == ((time(8), time(12)),), "Maundy Thursday"
    assert set(hours.names.values()) == {"sweden"}


def test_malmo_runs_as_if_it_were_always_open() -> None:
    written = load(MALMO, year=2026)
    runs = in_force(written)
    christmas = datetime.fromisoformat("2026-12-25T03:00")
    assert all(is_open(queue.hours, christmas) for queue in runs.core.queues.values())
    assert all(is_open(hours, christmas) for hours in runs.core.hours.values())
    assert not is_open(written.core.queues["kontakt"].hours, christmas)
    assert runs.core.revision not in ("", written.core.revision)
    usual = structs.replace(written, installation=structs.replace(written.installation, always_open=False))
    assert in_force(usual) is usual


@pytest.mark.parametrize(("agents", "workers", "rate"), [(1, 1, 8000), (1000, 4, 16000)])
def test_bench_config_is_sound(tmp_path: Path, agents: int, workers: int, rate: int) -> None:
    bench_config.write(tmp_path, agents=agents, port=5070, workers=workers, clock_rate=rate)
    loaded = load(tmp_path)
    core, sip = loaded.core, loaded.installation.sip
    assert (sip.address, sip.port, sip.workers, sip.clock_rate) == ("127.0.0.1", 5070, workers, rate)
    assert [network.sources for network in sip.networks] == [("127.0.0.2/32",), ("127.0.0.3/32",)]
    assert len(core.agents) == agents
    agent = core.agents[f"agent{agents:04}"]
    assert agent.address == f"sip:agent{agents:04}@127.0.0.3:6000"
    assert agent.signed_in
    unattended = ("message", "report", "mail", "chat", "post", "question", "form")
    assert agent.capacity == {"call": 1} | dict.fromkeys(unattended, 0)
    bench = core.queues["bench"]
    assert (bench.wrap_up, bench.selection, bench.waiting) == (0, "longest-idle", "music")
    assert core.queues["quiet"].waiting == "silence"
    assert {entry.address for entry in core.entries} == {"direct", "queue", "ivr", "quiet"}
    recordings = loaded.installation.speech.recordings["en"]
    for name, seconds in (("short", 0.2), ("menu", 1.0)):
        with wave.open(recordings[name]) as file:
            assert (file.getframerate(), file.getnframes()) == (rate, int(seconds * rate))
    with wave.open(loaded.installation.speech.music["default"]) as file:
        assert file.getframerate() == rate
