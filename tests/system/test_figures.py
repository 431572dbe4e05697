"""What a running Vaxel tells of itself, and that a killed engine does not make it forget the day."""

from prometheus_client.parser import text_string_to_metric_families

from metrics.exposition import NAMES
from router import facts as f
from tests.system.house import until

PLACE = {"queue": "bench", "channel": "call"}
ONLY_WHEN_IT_HAPPENS = {
    "vaxel_turned_away_total",
    "vaxel_interpreters_total",
    "vaxel_survey_asked_total",
    "vaxel_survey_answers_total",
    "vaxel_need_contacts_total",
    "vaxel_need_wait_seconds",
    "vaxel_available_skilled_agents",
    "vaxel_skill_available_agents",
    "vaxel_trunk_registered",
    "vaxel_dial_refused_total",
    "vaxel_edge_up",
    "vaxel_edge_phones",
    "vaxel_edge_dialogs_ended_total",
    "vaxel_edge_bans_total",
    "vaxel_edge_refused_total",
    "vaxel_announced_waits_total",
    "vaxel_announced_waits_off_seconds_total",
}
"""Metrics that this house has no reason to tell of: no skills, edge or trunk, nobody turned away."""


def told(house):
    """Return what /metrics says: (name, labels) to value."""
    status, text = house.get("/metrics")
    assert status == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(house, name, **labels):
    return told(house).get((name, frozenset(labels.items())))


def call(house, callers, agents):
    agent = agents(house, "agent.xml", "-m", "1")
    callers(house, "caller.xml", "direct", "-m", "1", "-d", "300").finish()
    agent.finish()
    house.until_recorded(lambda record: record.of(f.ContactEnded))


def test_every_metric_is_told(start_house, callers, agents):
    house = start_house(agents=1)
    call(house, callers, agents)
    names = {name.removesuffix("_bucket") for name, _ in told(house)}
    assert set(NAMES) - ONLY_WHEN_IT_HAPPENS <= names
    assert value(house, "vaxel_queue_contacts_total", **PLACE, what="answered") == 1
    assert value(house, "vaxel_reached_share", channel="call", formula="of_all") == 1
    assert value(house, "vaxel_worker_up", worker="w1") == 1
    assert value(house, "vaxel_agents", state="free") == 1
    assert value(house, "vaxel_journal_degraded") == 0
    assert value(house, "vaxel_decision_seconds_count") > 3


def test_a_killed_engine_does_not_forget_the_day(start_house, callers, agents):
    house = start_house(agents=1)
    call(house, callers, agents)
    epoch = value(house, "vaxel_epoch")
    house.kill("engine")
    until(lambda: house.get("/health/ready")[0] == 200 and value(house, "vaxel_epoch") == epoch + 1)
    assert value(house, "vaxel_service_level", **PLACE, formula="of_all") == 1
    assert value(house, "vaxel_reached_share", channel="call", formula="of_those_who_asked") == 1
    assert value(house, "vaxel_queue_contacts_total", **PLACE, what="answered") == 0, "counters begin anew"
    assert 0 < value(house, "vaxel_eligible_share", **PLACE) < 1
