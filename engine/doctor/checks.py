"""The table of all checks."""

from typing import Final, NamedTuple

from engine.doctor import files, machine, serving
from engine.doctor.finding import Check, Finding
from engine.doctor.seen import Seen

CHECKS: Final[dict[str, Check]] = {
    "configuration": files.configuration,
    "programs": serving.programs,
    "processes": serving.processes,
    "ports": serving.ports,
    "engine": serving.engine,
    "redis": serving.redis,
    "edge": serving.edge,
    "workers": serving.workers,
    "trunks": serving.trunks,
    "names": serving.names,
    "phones": serving.phones,
    "queues": serving.queues,
    "certificates": files.certificates,
    "secrets": files.secrets,
    "data folder": files.folder,
    "speech": files.speech,
    "disk": machine.disk,
    "memory": machine.memory,
    "clock": machine.clock,
    "kernel": machine.kernel,
    "open files": machine.descriptors,
    "versions": serving.versions,
    "backup": files.backups,
}
"""By the words that stand before what was found; what matters most to citizens first."""


class Diagnosis(NamedTuple):
    """What came of all checks."""

    found: list[tuple[str, Finding]]
    """Check and finding; what is wrong first."""
    well: list[str]
    """Checks that found nothing."""

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return all(finding.level != "wrong" for _, finding in self.found)


def examine(seen: Seen) -> Diagnosis:
    """Judge all that was seen."""
    found = [(name, finding) for name, check in CHECKS.items() for finding in check(seen)]
    found.sort(key=lambda one: one[1].level != "wrong")
    ill = {name for name, _ in found}
    return Diagnosis(found, [name for name in CHECKS if name not in ill])
