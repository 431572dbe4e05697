"""Write the dashboards: `python deploy/grafana/make_dashboards.py` (with `--check`: only compare).

Two of them: *service*, for who watches the queues, and *operation*, for who runs the machine. Panels are placed one
after another in rows of 24 columns. The queries are those of docs/metrics.md; a test puts each to a Prometheus that
holds a simulated day.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

FOLDER: Final = Path(__file__).parent / "dashboards"
COLUMNS: Final = 24
SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
PLACE: Final = 'queue=~"$queue",channel=~"$channel"'
GOES_ON: Final = "resumed|callback_registered|cancelled"
"""Outcomes that `metrics.formulas.GOES_ON` names."""
WAITING: Final = 'state=~"waiting|offered"'

Panel = dict[str, Any]


class Query(NamedTuple):
    """A PromQL expression and how its series are named."""

    expr: str
    legend: str = ""


# ---- kinds of panels -------------------------------------------------------------------------------------------


def _panel(kind: str, title: str, about: str, queries: list[Query], width: int, height: int, **more: Any) -> Panel:
    instant = kind != "timeseries"
    return {
        "type": kind,
        "title": title,
        "description": about,
        "datasource": SOURCE,
        "gridPos": {"w": width, "h": height},
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": SOURCE,
                "expr": query.expr,
                "legendFormat": query.legend or "__auto",
                "instant": instant,
                "range": not instant,
                **({"format": "table"} if kind == "table" else {}),
            }
            for number, query in enumerate(queries)
        ],
        **more,
    }


def stat(title: str, about: str, expr: str, unit: str = "short", steps: tuple[tuple[float, str], ...] = ()) -> Panel:
    """Return one large number; `steps` are values from which on it takes a colour."""
    thresholds = [{"value": None, "color": "text"}, *({"value": value, "color": color} for value, color in steps)]
    return _panel(
        "stat",
        title,
        about,
        [Query(expr)],
        3,
        4,
        fieldConfig={
            "defaults": {
                "unit": unit,
                "decimals": 0 if unit == "short" else None,
                "thresholds": {"mode": "absolute", "steps": thresholds},
            },
            "overrides": [],
        },
        options={"colorMode": "value", "graphMode": "none", "reduceOptions": {"calcs": ["lastNotNull"]}},
    )


def chart(title: str, about: str, queries: list[Query], unit: str = "short", *, stacked: bool = False) -> Panel:
    """Return lines over time."""
    return _panel(
        "timeseries",
        title,
        about,
        queries,
        8,
        8,
        fieldConfig={
            "defaults": {
                "unit": unit,
                "min": 0,
                **({"max": 1} if unit == "percentunit" else {}),
                "custom": {
                    "fillOpacity": 30 if stacked else 5,
                    "showPoints": "never",
                    "stacking": {"mode": "normal" if stacked else "none"},
                },
            },
            "overrides": [],
        },
        options={
            "legend": {"displayMode": "list", "placement": "bottom"},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
    )


def table(title: str, about: str, columns: list[tuple[str, str, str]]) -> Panel:
    """Return a table with a row for each queue and channel; columns are (name, expression, unit)."""
    letters = [chr(ord("A") + number) for number in range(len(columns))]
    return _panel(
        "table",
        title,
        about,
        [Query(expr) for _, expr, _ in columns],
        24,
        9,
        fieldConfig={
            "defaults": {},
            "overrides": [
                {
                    "matcher": {"id": "byName", "options": name},
                    "properties": [{"id": "unit", "value": unit}, {"id": "decimals", "value": 0}],
                }
                for name, _, unit in columns
            ],
        },
        transformations=[
            {"id": "merge", "options": {}},
            {
                "id": "organize",
                "options": {
                    "excludeByName": {"Time": True},
                    "renameByName": {
                        f"Value #{letter}": name for letter, (name, _, _) in zip(letters, columns, strict=True)
                    },
                },
            },
        ],
    )


def row(title: str) -> Panel:
    """Return a heading."""
    return {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": {"w": COLUMNS, "h": 1}}


# ---- dashboards ------------------------------------------------------------------------------------------------


def service() -> list[Panel]:
    """Return what a supervisor looks at."""
    return [
        row("Now"),
        stat("Waiting", "Contacts that wait or are being rung for, live and deferred.",
             f"sum(vaxel_contacts{{{PLACE},{WAITING}}})"),
        stat("Longest wait", "Of those who wait now, without a break.",
             f"max(vaxel_longest_wait_seconds{{{PLACE}}})", "s", ((120, "orange"), (300, "red"))),
        stat("With an agent", "Contacts connected to an agent.", f'sum(vaxel_contacts{{{PLACE},state="connected"}})'),
        stat("Free agents", "Ready, with nothing in hand.", 'sum(vaxel_agents{state="free"})'),
        stat("At work", "Agents who are logged in.", 'sum(vaxel_agents{state!="logged_out"})'),
        stat("Arrived", "Contacts that asked for a queue, in the time shown.",
             f'sum(increase(vaxel_queue_contacts_total{{{PLACE},what="arrived"}}[$__range]))'),
        stat("Reached a person", "Share of those who asked for a queue, in the time shown, that met an agent.",
             f'sum(increase(vaxel_contacts_ended_total{{{PLACE},reached="true",outcome!~"{GOES_ON}"}}[$__range])) '
             f'/ sum(increase(vaxel_contacts_ended_total{{{PLACE},outcome!~"{GOES_ON}"}}[$__range]))', "percentunit"),
        stat("Queues open", "Queues that take contacts.", 'sum(vaxel_queue_open{queue=~"$queue"})'),
        table("Queues", "Each queue and channel now, and its service level today by the chosen formula.", [
            ("Waiting", f"sum by (queue, channel) (vaxel_contacts{{{PLACE},{WAITING}}})", "short"),
            ("Longest wait", f"sum by (queue, channel) (vaxel_longest_wait_seconds{{{PLACE}}})", "s"),
            ("Expected, low", f'sum by (queue, channel) (vaxel_expected_wait_seconds{{{PLACE},bound="low"}})', "s"),
            ("Expected, high", f'sum by (queue, channel) (vaxel_expected_wait_seconds{{{PLACE},bound="high"}})', "s"),
            ("Available agents", f"sum by (queue, channel) (vaxel_available_agents{{{PLACE}}})", "short"),
            ("Somebody eligible", f"sum by (queue, channel) (vaxel_eligible_share{{{PLACE}}})", "percentunit"),
            ("Service level",
             f'sum by (queue, channel) (vaxel_service_level{{{PLACE},formula="$formula"}})', "percentunit"),
        ]),
        row("Contacts"),
        chart("Arrivals", "Contacts that asked for a queue, per hour.",
              [Query(f'sum by (queue) (rate(vaxel_queue_contacts_total{{{PLACE},what="arrived"}}[15m])) * 3600',
                     "{{queue}}")], stacked=True),
        chart("What became of them", "Per hour. The words are those of docs/metrics.md.", [
            Query(f"sum by (what) (rate(vaxel_queue_contacts_total{{{PLACE},"
                  'what=~"answered|abandoned|lost|withdrawn"}[15m])) * 3600', "{{what}}"),
            Query(f"sum by (obstacle) (rate(vaxel_turned_away_total{{{PLACE}}}[15m])) * 3600",
                  "turned away: {{obstacle}}"),
        ]),
        chart("Present", "Contacts by where they are.",
              [Query(f"sum by (state) (vaxel_contacts{{{PLACE}}})", "{{state}}")], stacked=True),
        chart("Reached a person", "Share of today's contacts that met an agent, of those who asked for a queue.",
              [Query('vaxel_reached_share{channel=~"$channel",formula="of_those_who_asked"}', "{{channel}}")],
              "percentunit"),
        chart("Service level", "Of the last half hour, by the chosen formula.",
              [Query(f'vaxel:service_level:30m{{{PLACE},formula="$formula"}}', "{{queue}} {{channel}}")],
              "percentunit"),
        chart("Service level by formula", "The same contacts, counted in each way; mean over the chosen queues.",
              [Query(f"avg by (formula) (vaxel:service_level:30m{{{PLACE}}})", "{{formula}}")], "percentunit"),
        row("Waiting and talking"),
        chart("Wait", "Of those answered in the last quarter of an hour.", [
            Query(f"histogram_quantile({share}, sum by (le) (rate(vaxel_wait_seconds_bucket{{{PLACE}}}[15m])))", name)
            for share, name in ((0.5, "half within"), (0.9, "nine of ten within"))
        ], "s"),
        chart("Longest and expected wait", "How long the first in line has waited, and what somebody may expect who "
              "comes now.", [
            Query(f"max by (queue) (vaxel_longest_wait_seconds{{{PLACE}}})", "{{queue}} longest"),
            Query(f'max by (queue) (vaxel_expected_wait_seconds{{{PLACE},bound="mean"}})', "{{queue}} expected"),
        ], "s"),
        chart("Announced waits", "What became of the waits that callers were told, in the last hour.", [
            Query(f"sum by (truth) (increase(vaxel_announced_waits_total{{{PLACE}}}[1h])) / on () group_left () "
                  f"(sum(increase(vaxel_announced_waits_total{{{PLACE}}}[1h])) > 0)", "{{truth}}"),
        ], "percentunit"),
        chart("Talk", "Mean time of a connection.", [
            Query(f"sum by (channel) (rate(vaxel_talk_seconds_sum{{{PLACE}}}[1h])) "
                  f"/ sum by (channel) (rate(vaxel_talk_seconds_count{{{PLACE}}}[1h]))", "{{channel}}"),
        ], "s"),
        chart("Patience", "How long those had waited who gave up.", [
            Query(f"sum by (channel) (rate(vaxel_abandoned_wait_seconds_total{{{PLACE}}}[1h])) "
                  f'/ sum by (channel) (rate(vaxel_queue_contacts_total{{{PLACE},what="abandoned"}}[1h]))',
                  "{{channel}}"),
        ], "s"),
        chart("Equal service", "Mean wait of those who need a skill, against all contacts of the channel.", [
            Query('vaxel:need_mean_wait_seconds:1h{channel=~"$channel"}', "{{skill}} {{channel}}"),
            Query('vaxel:mean_wait_seconds:1h{channel=~"$channel"}', "all {{channel}}"),
        ], "s"),
        chart("Arrivals that waited in vain", "Share of those who waited and hung up after more than five seconds.", [
            Query(f'(sum by (queue) (vaxel:contacts:increase30m{{{PLACE},what="abandoned"}}) '
                  f'- sum by (queue) (vaxel:contacts:increase30m{{{PLACE},what="short_abandoned"}})) '
                  f'/ (sum by (queue) (vaxel:contacts:increase30m{{{PLACE},what=~"answered|abandoned|lost"}}) > 0)',
                  "{{queue}}"),
        ], "percentunit"),
        row("Agents"),
        chart("Agents", "By what they are doing.", [Query("sum by (state) (vaxel_agents)", "{{state}}")], stacked=True),
        chart("Available", "Agents of the queue with room for a contact of the channel, at this moment.",
              [Query(f"sum by (queue, channel) (vaxel_available_agents{{{PLACE}}})", "{{queue}} {{channel}}")]),
        chart("Somebody eligible", "Share of the last hour's open time in which a contact could have been offered to "
              "somebody at once.",
              [Query(f"vaxel:eligible_share:1h{{{PLACE}}}", "{{queue}} {{channel}}")], "percentunit"),
        chart("Skills available", "Agents who have the skill, with room for the channel.",
              [Query('max by (skill, channel) (vaxel_skill_available_agents{channel=~"$channel"})',
                     "{{skill}} {{channel}}")]),
        chart("Offers", "What became of offers to agents, per hour.",
              [Query('sum by (outcome) (rate(vaxel_offers_total{outcome!="made"}[15m])) * 3600', "{{outcome}}")]),
        chart("Staffed", "Share of today's open time with somebody at work who serves the queue.",
              [Query('vaxel_staffed_share{queue=~"$queue"}', "{{queue}}")], "percentunit"),
    ]  # fmt: skip


def operation() -> list[Panel]:
    """Return what a system operator looks at."""
    return [
        row("Parts"),
        stat("Engine", "1 while Prometheus reads the engine.", 'sum(up{job="vaxel"})',
             steps=((0, "red"), (1, "green"))),
        stat("Workers", "SIP workers that the engine hears.", "sum(vaxel_worker_up)"),
        stat("Edge", "1 while Kamailio answers; empty where there is none.", "max(vaxel_edge_up)"),
        stat("Journal", "1 while facts cannot be written to Redis.", "max(vaxel_journal_degraded)",
             steps=((0, "green"), (1, "red"))),
        stat("Call legs", "In all workers.", "sum(vaxel_worker_legs)"),
        stat("To replay", "Facts after the last snapshot: a restart replays them.",
             "max(vaxel_journal_facts_to_replay)"),
        stat("Epoch", "Rises with each engine that takes the lead.", "max(vaxel_epoch)"),
        stat("Mistakes", "Inputs whose handling broke off, in the time shown.",
             "sum(increase(vaxel_bugs_total[$__range]))", steps=((1, "red"),)),
        row("Work"),
        chart("Facts", "Decided per second.", [Query("sum by (fact) (rate(vaxel_facts_total[5m]))", "{{fact}}")],
              stacked=True),
        chart("Workers and commands", "Events from workers and commands to them, per second.",
              [Query("sum by (what) (rate(vaxel_voice_total[5m]))", "{{what}}")]),
        chart("Calls to workers", "Per minute: taken in, and refused by the worker itself.",
              [Query("sum by (worker, what) (rate(vaxel_worker_calls_total[5m])) * 60", "{{worker}} {{what}}")]),
        chart("Call legs", "", [Query("vaxel_worker_legs", "{{worker}}")], stacked=True),
        chart("Numbers nobody has", "Calls to numbers that are not configured, per hour.",
              [Query("sum(rate(vaxel_contacts_refused_total[15m])) * 3600", "refused")]),
        chart("Trunks and phones", "1 while a trunk is registered at its provider; phones that are registered.", [
            Query("vaxel_trunk_registered", "trunk {{trunk}}"), Query("vaxel_edge_phones", "phones"),
        ]),
        chart("Refused by the edge", "Requests per minute, by reason.",
              [Query("sum by (reason) (rate(vaxel_edge_refused_total[5m])) * 60", "{{reason}}")]),
        chart("Numbers not dialled", "Per hour, by what the dial gate says against them.",
              [Query("sum by (reason) (rate(vaxel_dial_refused_total[15m])) * 3600", "{{reason}}")]),
        row("Speed"),
        chart("Decision", "The router, for one input.", [
            Query(f"histogram_quantile({share}, sum by (le) (rate(vaxel_decision_seconds_bucket[5m])))", name)
            for share, name in ((0.5, "half within"), (0.99, "99 of 100 within"))
        ], "s"),
        chart("Loop lag", "How late the engine's loop runs.", [
            Query(f"histogram_quantile({share}, sum by (le) (rate(vaxel_loop_lag_seconds_bucket[5m])))", name)
            for share, name in ((0.5, "half within"), (0.99, "99 of 100 within"))
        ], "s"),
        chart("Processor", "Seconds of processor time per second.", [
            Query('rate(process_cpu_seconds_total{job="vaxel"}[5m])', "engine"),
            Query("rate(vaxel_worker_cpu_seconds_total[5m])", "{{worker}}"),
        ]),
        chart("Memory", "Of the engine.", [Query('process_resident_memory_bytes{job="vaxel"}', "engine")], "bytes"),
        row("Journal"),
        chart("Not acknowledged", "Entries that wait for Redis.",
              [Query("vaxel_journal_buffered_entries", "entries")]),
        chart("Entries", "Per second; reappended, dropped, lost and refused should stay at 0.",
              [Query("sum by (what) (rate(vaxel_journal_entries_total[5m]))", "{{what}}")]),
        chart("Troubles", "Connections to Redis lost and writes refused, per hour.",
              [Query("sum(rate(vaxel_journal_troubles_total[15m])) * 3600", "troubles"),
               Query("sum(rate(vaxel_reports_doubled_total[15m])) * 3600", "reports doubled")]),
    ]  # fmt: skip


def variable(name: str, title: str, query: str) -> dict[str, Any]:
    """Return a choice of label values, all chosen at first."""
    return {
        "name": name, "label": title, "type": "query", "datasource": SOURCE, "query": query, "refresh": 2, "sort": 1,
        "multi": True, "includeAll": True, "current": {"text": "All", "value": "$__all"},
    }  # fmt: skip


def formula() -> dict[str, Any]:
    """Return the choice of a formula for the service level."""
    names = ("of_all", "of_answered", "of_all_but_short", "of_all_but_impatient", "impatient_as_served",
             "of_all_and_turned_away")  # fmt: skip
    return {
        "name": "formula", "label": "Formula", "type": "custom", "query": ",".join(names), "multi": False,
        "includeAll": False, "current": {"text": names[0], "value": names[0]},
        "options": [{"text": name, "value": name, "selected": name == names[0]} for name in names],
    }  # fmt: skip


def dashboard(uid: str, title: str, panels: list[Panel], variables: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a dashboard with its panels placed."""
    source = {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return {
        "uid": uid,
        "title": title,
        "tags": ["vaxel"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "15s",
        "time": {"from": "now-12h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [source, *variables]},
        "panels": placed(panels),
    }


def placed(panels: list[Panel]) -> list[Panel]:
    """Give each panel a number and a place, from left to right and downwards."""
    x = y = height = 0
    for number, panel in enumerate(panels, 1):
        size = panel["gridPos"]
        if x + size["w"] > COLUMNS:
            x, y, height = 0, y + height, 0
        panel["id"] = number
        panel["gridPos"] = {"x": x, "y": y, **size}
        x, height = x + size["w"], max(height, size["h"])
    return panels


def pages() -> dict[str, str]:
    """Return the files by name."""
    queues = variable("queue", "Queue", "label_values(vaxel_queue_open, queue)")
    channels = variable("channel", "Channel", "label_values(vaxel_channel_available_agents, channel)")
    made = (
        dashboard("vaxel-service", "Vaxel: service", service(), [queues, channels, formula()]),
        dashboard("vaxel-operation", "Vaxel: operation", operation(), []),
    )
    return {f"{one['uid']}.json": json.dumps(one, indent=1, ensure_ascii=False) + "\n" for one in made}


def main() -> int:
    """Write the files, or tell whether they are current."""
    if "--check" in sys.argv[1:]:
        return 0 if all((FOLDER / name).read_text() == text for name, text in pages().items()) else 1
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
