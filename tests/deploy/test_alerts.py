"""Each alert comes when it should, and not beside. promtool runs the rules over series written down here."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import yaml

from adapters.email.meters import NAMES as MAIL
from metrics.exposition import NAMES

ROOT = Path(__file__).parents[2]
RULES: Final = ROOT / "deploy/prometheus/vaxel.rules.yml"

pytestmark = pytest.mark.system


class Case(NamedTuple):
    """Series for an hour, one value a minute, and the labels of the alerts that fire at its end."""

    series: dict[str, str]
    fires: list[dict[str, str]]


def counts(queue: str, **per_minute: int) -> dict[str, str]:
    """Return counters of a queue's calls that grow steadily."""
    return {
        f'vaxel_queue_contacts_total{{queue="{queue}",channel="call",what="{what}"}}': f"0+{number}x60"
        for what, number in per_minute.items()
    }


def waits(name: str, labels: str, seconds: int) -> dict[str, str]:
    """Return a histogram's sum and count: one wait of so many seconds a minute."""
    return {f"{name}_sum{{{labels}}}": f"0+{seconds}x60", f"{name}_count{{{labels}}}": "0+1x60"}


CASES: Final[dict[str, Case]] = {
    "VaxelQueueUnstaffed": Case(
        {
            'vaxel_queue_open{queue="tax"}': "1x60",
            'vaxel_queue_open{queue="parks"}': "1x60",
            'vaxel_queue_open{queue="shut"}': "0x60",
            'vaxel_queue_agents{queue="tax",state="paused"}': "2x60",
            'vaxel_queue_agents{queue="tax",state="free"}': "0x60",
            'vaxel_queue_agents{queue="parks",state="serving"}': "1x60",
        },
        [{"queue": "tax"}],
    ),
    "VaxelWaitTooLong": Case(
        {
            'vaxel_longest_wait_seconds{queue="tax",channel="call"}': "200x60",
            'vaxel_longest_wait_seconds{queue="tax",channel="mail"}': "9000x60",
            'vaxel_longest_wait_seconds{queue="parks",channel="call"}': "170x60",
            'vaxel_longest_wait_seconds{queue="parks",channel="mail"}': "9000x60",
            'vaxel_queue_target_seconds{queue="tax"}': "60x60",
            'vaxel_queue_target_seconds{queue="parks"}': "60x60",
        },
        [{"queue": "tax"}],
    ),
    "VaxelServiceLevelLow": Case(
        {
            **counts("tax", arrived=10, answered=8, in_target=5, abandoned=2, lost=0),
            **counts("parks", arrived=10, answered=10, in_target=8, abandoned=0, lost=0),
            'vaxel_queue_target_share{queue="tax"}': "0.8x60",
            'vaxel_queue_target_share{queue="parks"}': "0.8x60",
        },
        [{"queue": "tax", "channel": "call", "formula": "of_all"}],
    ),
    "VaxelManyGiveUp": Case(
        {
            **counts("tax", answered=7, abandoned=3, short_abandoned=0, lost=0),
            **counts("parks", answered=7, abandoned=3, short_abandoned=2, lost=0),
        },
        [{"queue": "tax", "channel": "call"}],
    ),
    "VaxelCallersTurnedAway": Case(
        {
            'vaxel_turned_away_total{queue="tax",channel="call",obstacle="nobody"}': "0+1x60",
            'vaxel_turned_away_total{queue="tax",channel="call",obstacle="closed"}': "0+9x60",
            'vaxel_turned_away_total{queue="parks",channel="call",obstacle="full"}': "0+0x60",
        },
        [{"queue": "tax", "obstacle": "nobody"}],
    ),
    "VaxelNeedWaitsLonger": Case(
        {
            **waits("vaxel_wait_seconds", 'queue="tax",channel="call"', 30),
            **waits("vaxel_need_wait_seconds", 'skill="finnish",channel="call"', 100),
            **waits("vaxel_need_wait_seconds", 'skill="english",channel="call"', 80),
        },
        [{"skill": "finnish", "channel": "call"}],
    ),
    "VaxelAnnouncedWaitsWrong": Case(
        {
            'vaxel_announced_waits_total{queue="tax",truth="held"}': "0+2x60",
            'vaxel_announced_waits_total{queue="tax",truth="later"}': "0+1x60",
            'vaxel_announced_waits_total{queue="parks",truth="held"}': "0+3x60",
            'vaxel_announced_waits_total{queue="parks",truth="later"}': "0+1x60",
        },
        [{"queue": "tax"}],
    ),
    "VaxelPhonesDoNotAnswer": Case(
        {
            'vaxel_offers_total{outcome="made"}': "0+10x60",
            'vaxel_offers_total{outcome="no_answer"}': "0+2x60",
            'vaxel_offers_total{outcome="unreachable"}': "0+1x60",
        },
        [{}],
    ),
    "VaxelDown": Case({'up{job="vaxel"}': "0x60", 'up{job="other"}': "0x60"}, [{"job": "vaxel"}]),
    "VaxelRestarts": Case({"vaxel_epoch": "1x50 2 3 4 4x10"}, [{}]),
    "VaxelWorkerDown": Case(
        {'vaxel_worker_up{worker="w1"}': "0x60", 'vaxel_worker_up{worker="w2"}': "1x60"}, [{"worker": "w1"}]
    ),
    "VaxelWorkerRefusesCalls": Case(
        {
            'vaxel_worker_calls_total{worker="w1",what="rejected"}': "0+3x60",
            'vaxel_worker_calls_total{worker="w2",what="rejected"}': "0+1x60",
            'vaxel_worker_calls_total{worker="w2",what="admitted"}': "0+90x60",
        },
        [{"worker": "w1"}],
    ),
    "VaxelTrunkLost": Case(
        {'vaxel_trunk_registered{trunk="a"}': "0x60", 'vaxel_trunk_registered{trunk="b"}': "1x60"}, [{"trunk": "a"}]
    ),
    "VaxelDiallingCapped": Case(
        {
            'vaxel_dial_refused_total{reason="dialling_capped"}': "0x54 1x5",
            'vaxel_dial_refused_total{reason="number_capped"}': "0x54 1x5",
        },
        [{}],
    ),
    "VaxelNumbersRefused": Case(
        {
            'vaxel_dial_refused_total{reason="number_country"}': "0x30 0+1x29",
            'vaxel_dial_refused_total{reason="dialling_capped"}': "5x60",
        },
        [{}],
    ),
    "VaxelEdgeDown": Case({"vaxel_edge_up": "0x60"}, [{}]),
    "VaxelJournalDegraded": Case({"vaxel_journal_degraded": "1x60"}, [{}]),
    "VaxelJournalHole": Case(
        {
            'vaxel_journal_entries_total{what="lost"}': "0x30 5x30",
            'vaxel_journal_entries_total{what="appended"}': "0+50x60",
        },
        [{}],
    ),
    "VaxelMailboxAway": Case(
        {'vaxel_mail_mailbox_up{mailbox="office"}': "1x40 0x20", 'vaxel_mail_mailbox_up{mailbox="library"}': "1x60"},
        [{"mailbox": "office"}],
    ),
    "VaxelMailNotDelivered": Case(
        {'vaxel_mail_outbox{state="failed"}': "0x30 2x30", 'vaxel_mail_outbox{state="waiting"}': "9x60"},
        [{"state": "failed"}],
    ),
    "VaxelBugs": Case({"vaxel_bugs_total": "0x30 1x30"}, [{}]),
    "VaxelSlow": Case(
        {
            'vaxel_loop_lag_seconds_bucket{le="0.05"}': "0+50x60",
            'vaxel_loop_lag_seconds_bucket{le="0.1"}': "0+100x60",
            'vaxel_loop_lag_seconds_bucket{le="+Inf"}': "0+100x60",
        },
        [{}],
    ),
    "VaxelSnapshotsMissing": Case({"vaxel_journal_facts_to_replay": "70000x60"}, [{}]),
}
"""Each alert with series that make it fire; what is quiet beside them must stay quiet."""

ALERTS: Final[dict[str, dict[str, Any]]] = {
    rule["alert"]: rule
    for group in yaml.safe_load(RULES.read_text())["groups"]
    for rule in group["rules"]
    if "alert" in rule
}


def promtool(*arguments: str) -> None:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_and_the_configuration_are_sound() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", str(RULES))
    promtool("check", "config", str(RULES.with_name("prometheus.yml")))


def test_every_alert_has_a_case() -> None:
    assert set(CASES) == set(ALERTS)


@pytest.mark.parametrize("alert", CASES)
def test_an_alert_fires_when_it_should(alert: str, tmp_path: Path) -> None:
    case, rule = CASES[alert], ALERTS[alert]
    expected = [
        {
            "labels": "ALERTS{" + ",".join(f'{k}="{v}"' for k, v in _labels(alert, rule, labels).items()) + "}",
            "value": 1,
        }
        for labels in case.fires
    ]
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in case.series.items()],
        "promql_expr_test": [
            {"expr": f'ALERTS{{alertname="{alert}",alertstate="firing"}}', "eval_time": "60m", "exp_samples": expected}
        ],
    }
    file = tmp_path / "test.yml"
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [test]}))
    promtool("test", "rules", str(file))


def _labels(alert: str, rule: dict[str, Any], labels: dict[str, str]) -> dict[str, str]:
    return {"alertname": alert, "alertstate": "firing", "severity": rule["labels"]["severity"], **labels}


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_what_is_and_what_to_do(alert: str) -> None:
    notes = ALERTS[alert]["annotations"]
    assert set(notes) == {"summary", "description", "action"}
    assert all(text.strip() and "\n" not in text.strip() for text in notes.values())
    assert ALERTS[alert]["labels"]["severity"] in {"page", "supervisor", "ticket"}


def test_rules_name_metrics_that_exist() -> None:
    text = RULES.read_text()
    recorded = set(re.findall(r"record: (\S+)", text))
    assert set(re.findall(r"\bvaxel:[\w:]+", text)) <= recorded
    named = {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bvaxel_\w+", text)}
    assert named <= {*NAMES, *MAIL}
