"""What is known of the edge, as figures that only ever grow although it counts from 0 at each start."""

from prometheus_client import CollectorRegistry

from metrics.edge import EdgeMeters


def test_counts_go_on_over_a_restart_of_the_edge() -> None:
    registry = CollectorRegistry()
    meters = EdgeMeters(registry)

    def shown(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    meters.show(3, {"operator": True}, 1, {"refused_digest": 5, "refused_flood": 2, "bans": 1})
    assert (shown("vaxel_edge_phones"), shown("vaxel_trunk_registered", trunk="operator")) == (3, 1)
    assert shown("vaxel_edge_refused_total", reason="digest") == 5
    meters.show(0, {"operator": False}, 1, {"refused_digest": 7, "refused_flood": 2, "bans": 1})
    assert (shown("vaxel_edge_phones"), shown("vaxel_trunk_registered", trunk="operator")) == (0, 0)
    assert shown("vaxel_edge_refused_total", reason="digest") == 7
    meters.show(2, {}, 4, {"refused_digest": 1, "refused_flood": 0, "bans": 0})
    assert shown("vaxel_edge_refused_total", reason="digest") == 8
    assert shown("vaxel_edge_refused_total", reason="flood") == 2
    assert shown("vaxel_edge_bans_total") == 1
    assert shown("vaxel_edge_dialogs_ended_total") == 4
