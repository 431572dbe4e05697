"""What the history keeps of crises, and what `vaxel report` shows of them."""

from datetime import date
from typing import Any

from rich.console import Console

from adapters.history import reports, tables
from adapters.history.recorder import Recorder
from adapters.history.rows import GAP
from adapters.history.store import START, Progress, Store
from engine.reportview import View
from queues.crisis import Measures
from queues.hours import Hours
from queues.site import Service, Site
from router import inputs as i
from router.state import State
from tests.core.city import agent, local, queue
from tests.history.conftest import rows
from tests.history.recorded import Recorded

QUEUES = ("tax", "water", "triage")


def city() -> Recorded:
    closed, services = Hours(week={1: ()}), {"info": Service(queue="water", letter="A")}
    library = Site(name="library", hours=closed, services=services, desks={"1": ""})
    agents = [agent("anna", "tax water", reserve=("staff",)), agent("elin", "triage")]
    return Recorded(queues=[queue(name) for name in QUEUES], agents=agents, sites={"library": library})


def start(it: Recorded, **measures: Any) -> None:
    it.put(i.StartCrisis("flood-0", "flood", Measures(**measures), ("sv",)))


def hear(it: Recorded, contact: str, entry: str = "water", **more: Any) -> None:
    """Ring, and hear the announcement to its end."""
    it.call(contact, entry, leg=contact, **more)
    it.put(i.PromptEnded(contact=contact, turn=it.state.contacts[contact].turn))  # type: ignore[union-attr]


def row(it: Recorded) -> Any:
    (found,) = it.written.all("crises")
    return found


def test_who_was_told_who_left_and_who_met_somebody() -> None:
    it = city()
    it.call("c0", "tax")
    it.answer("c0")
    start(it, queues=("water",))
    hear(it, "c1")
    it.hang_up("c1")
    it.call("c2", "water", leg="c2")
    it.hang_up("c2")
    hear(it, "c3")
    it.put(i.Announce("flood-0", 2, ("sv",)))
    it.finish("c0")
    it.answer("c3")
    it.finish("c3")
    it.restart()
    it.put(i.EndCrisis("flood-0"))
    found = row(it)
    assert (found.queues, found.began, found.ended, found.cause) == ("water", 0.0, it.now, "asked")
    assert (found.announcements, found.told, found.left) == (2, 3, 2), "who is told twice counts once"


def test_who_was_called_back_led_to_triage_and_came_to_a_place() -> None:
    it = city()
    start(it, queues=("tax", "water"), triage="triage", sites=("library",), helpers=("staff",))
    hear(it, "c1", "tax")
    assert it.spot("c1").queue == "triage"
    it.put(i.TakeTicket("v1", "library", "info"))
    it.put(i.JoinCrisis("flood-0", "anna"))
    it.put(i.AmendCrisis("flood-0", Measures(queues=("tax",), callback_only=True, sites=("library",))))
    hear(it, "c2", "tax", person="p2")
    found = row(it)
    assert (found.triaged, found.visitors, found.helpers, found.called_back) == (1, 1, 1, 1)
    assert (found.queues, found.callback_only, found.ended) == ("tax", True, None)


def test_where_the_journal_has_a_gap_it_goes_on_from_the_crises_that_are() -> None:
    it = city()
    start(it)
    recorder = Recorder(local, it.recorder.memory)
    recorder.skip(State(), 50.0)
    (lost,) = recorder.take().rows["crises"].values()
    assert (lost.ended, lost.cause) == (50.0, GAP)  # type: ignore[union-attr]
    anew = Recorder(local)
    anew.skip(it.state, 60.0)
    (found,) = anew.take().rows["crises"].values()
    assert (found.began, found.ended) == (0.0, None)  # type: ignore[union-attr]


def written(store: Store, **held: str) -> reports.Report:
    it = city()
    start(it, queues=("water",), sites=("library",))
    hear(it, "c1")
    it.hang_up("c1")
    recorder = Recorder(local)
    for one in it.written.all("crises"):
        recorder.batch.row(one)
    if store.id() == START:
        store.write(recorder.take(), START, Progress((1, 1), 1.0, START, b""))
    with store.reading() as connection:
        day = date(1970, 1, 1)
        return reports.report(connection, reports.Question(first=day, last=day, **held), local)


def test_a_report_shows_them_also_where_nobody_asked_for_anything(store: Store) -> None:
    report = written(store)
    assert [(one.plan, one.told, one.left, one.ended) for one in report.crises] == [("flood", 1, 1, None)]
    assert len(rows(store, tables.crises)) == 1
    console = Console(width=80, record=True)
    View(report, "sv", {}, {"queue": {"water": "Vatten"}}, local).write(console, "Malmö")
    lines = console.export_text().splitlines()
    assert any(line.startswith("I kris") and "varav gick" in line for line in lines)
    assert "1970-01-01 00:00 -" in [line.rstrip() for line in lines]
    assert {"Vatten", "platser: library"} <= {line.rstrip() for line in lines}
    assert written(store, queue="water").crises == report.crises
    assert written(store, queue="tax").crises == ()
