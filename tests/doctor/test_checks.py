"""What the doctor makes of what was seen: all that can be wrong, one at a time, in an otherwise healthy house."""

from typing import Any

import pytest
from msgspec.structs import replace

from engine.backup.mark import Mark
from engine.doctor.checks import CHECKS, examine
from engine.doctor.seen import (
    Certificate,
    Disk,
    Engine,
    File,
    Machine,
    Process,
    Seen,
    Settings,
    Store,
    Trunk,
)

NOW = 1_800_000_000.0
DAY = 86_400.0
GIB = 1024**3

MACHINE = Machine(
    disk=Disk(free=50 * GIB, total=100 * GIB, files_free=900, files_total=1000),
    memory_free=4 * GIB,
    memory_total=8 * GIB,
    synchronised=True,
    overcommit=1,
    receive_max=8_000_000,
    descriptors=65536,
)
SETTINGS = Settings(
    private_redis=True,
    edge=True,
    legs_max=700,
    workers=1,
    descriptors=2900,
    phones=frozenset({"guide01"}),
    demo=False,
    open_web=False,
)
SYSTEM: dict[str, Any] = {
    "at": NOW,
    "configured": True,
    "fingerprint": "as it was read",
    "workers": [{"name": "w1", "up": True, "room": True, "draining": False, "current": True}],
    "edge": {"up": True, "phones": 1},
    "trunks": [{"name": "operator", "registered": True, "code": 200}],
    "journal": {"degraded": False, "buffered": 0, "dropped": 0, "lost": 0, "facts_to_replay": 0},
    "certificates": [{"field": "sip.tls", "refused": ""}],
}
GUIDE = {"id": "guide01", "state": "ready", "phone": "guide01", "phone_lost": False}
QUEUE = {"id": "kontakt", "open": True, "waiting": 0, "agents": {"logged_out": 3, "ready": 1, "paused": 0}}
ENGINE = Engine(system=SYSTEM, agents=[GUIDE], queues=[QUEUE])
CERTIFICATE = Certificate(
    field="sip.tls", path="/tls/cert.pem", ends=NOW + 60 * DAY, names=("city.example",), elsewhere=(), same=True
)
STORE = Store(version="7.0", policy="noeviction", role="master")
PROCESSES = tuple(
    Process(name=name, lives=True, since=NOW - DAY, restarts=0, last_exit="", ours=name != "redis")
    for name in ("supervisor", "engine", "redis", "worker-1")
)
WELL = Seen(
    now=NOW,
    config="/etc/vaxel",
    data="/srv/vaxel",
    root=False,
    mistakes=(),
    settings=SETTINGS,
    machine=MACHINE,
    folder=(),
    refused=0,
    certificates=(CERTIFICATE,),
    backup=Mark(at=NOW - 3600, path="/backup/x"),
    supervisor=True,
    processes=PROCESSES,
    store=STORE,
    engine=ENGINE,
    silence="",
    code_since=NOW - 2 * DAY,
    fingerprint="as it was read",
)


def machine(**more: Any) -> Seen:
    return replace(WELL, machine=replace(MACHINE, **more))


def disk(**more: Any) -> Seen:
    assert MACHINE.disk is not None
    return machine(disk=replace(MACHINE.disk, **more))


def system(**more: Any) -> Seen:
    return replace(WELL, engine=replace(ENGINE, system=SYSTEM | more))


def journal(**more: Any) -> Seen:
    return system(journal=SYSTEM["journal"] | more)


def worker(**more: Any) -> Seen:
    return system(workers=[*SYSTEM["workers"], SYSTEM["workers"][0] | {"name": "w2"} | more])


def agent(**more: Any) -> Seen:
    return replace(WELL, engine=replace(ENGINE, agents=[GUIDE | more]))


def queue(**more: Any) -> Seen:
    return replace(WELL, engine=replace(ENGINE, queues=[QUEUE | more]))


def certificate(**more: Any) -> Seen:
    return replace(WELL, certificates=(replace(CERTIFICATE, **more),))


def store(**more: Any) -> Seen:
    return replace(WELL, store=replace(STORE, **more))


def process(name: str, **more: Any) -> Seen:
    changed = tuple(replace(one, **more) if one.name == name else one for one in PROCESSES)
    return replace(WELL, processes=changed)


def secret(**more: Any) -> Seen:
    file = File(
        what="PIN of guide01", path="/etc/pin", there=True, readable=True, open_to="", mend="vaxel pin /etc/pin"
    )
    return replace(WELL, secrets=(replace(file, **more),))


NOBODY = {"logged_out": 3, "ready": 0, "paused": 0}

ILL = [
    (replace(WELL, mistakes=("vaxel.yaml:3: listen: is no address",)), "configuration", "wrong", "listen"),
    (replace(WELL, programs=(("kamailio is not installed", "install it"),)), "programs", "wrong", "kamailio"),
    (replace(WELL, supervisor=False, processes=()), "processes", "wrong", "does not run on /srv/vaxel"),
    (replace(WELL, supervisor=False), "processes", "wrong", "nobody watches over"),
    (process("engine", lives=False, last_exit="exit 2"), "processes", "wrong", "engine does not run (last: exit 2)"),
    (
        process("worker-1", restarts=4, last_exit="signal 11", since=NOW - 60),
        "processes",
        "beware",
        "started again 4 times",
    ),
    (replace(WELL, taken=("127.0.0.1:5060/udp is taken",)), "ports", "wrong", "5060"),
    (process("worker-1", since=NOW - 3 * DAY), "versions", "beware", "worker-1"),
    (replace(WELL, fingerprint="changed"), "versions", "beware", "/etc/vaxel was changed"),
    (store(trouble="connection refused"), "redis", "wrong", "connection refused"),
    (store(policy="allkeys-lru"), "redis", "wrong", "allkeys-lru"),
    (store(role="slave"), "redis", "wrong", "replica"),
    (store(append_only=False), "redis", "beware", "append-only"),
    (store(write_status="err"), "redis", "wrong", "cannot write"),
    (store(evicted=7), "redis", "wrong", "7 keys"),
    (store(used=90, limit=100), "redis", "wrong", "90%"),
    (store(ahead=-90.0), "clock", "wrong", "90 s behind"),
    (replace(WELL, unresolved=(Trunk(name="op", host="sip.x", why="not known"),)), "names", "wrong", "sip.x"),
    (replace(WELL, engine=None, silence="nobody answers"), "engine", "wrong", "nobody answers"),
    (journal(degraded=True, buffered=12), "engine", "wrong", "12 entries wait"),
    (journal(lost=3), "engine", "beware", "3 entries"),
    (system(configured=False), "engine", "beware", "not in force"),
    (system(edge={"up": False, "phones": 0}), "edge", "wrong", "Kamailio does not answer"),
    (system(workers=[SYSTEM["workers"][0] | {"up": False}]), "workers", "wrong", "no SIP worker"),
    (worker(up=False), "workers", "wrong", "not connected: w2"),
    (worker(room=False), "workers", "beware", "full: w2"),
    (worker(current=False), "workers", "beware", "w2 spoke another version"),
    (system(trunks=[{"name": "op", "registered": False, "code": 403}]), "trunks", "wrong", "said 403"),
    (system(trunks=[{"name": "op", "registered": False, "code": 408}]), "trunks", "wrong", "does not answer"),
    (agent(phone_lost=True), "phones", "beware", "guide01 at guide01"),
    (queue(agents=NOBODY), "queues", "beware", "kontakt is open and nobody is logged in"),
    (queue(agents=NOBODY, waiting=4), "queues", "wrong", "4 wait"),
    (certificate(ends=NOW - 1), "certificates", "wrong", "expired on"),
    (certificate(ends=NOW + 5.5 * DAY), "certificates", "beware", "in 5 days"),
    (certificate(elsewhere=("city.example",)), "certificates", "beware", "does not lead to this machine"),
    (certificate(names=()), "certificates", "wrong", "names no host"),
    (certificate(same=False), "certificates", "wrong", "another certificate"),
    (system(certificates=[{"field": "web.tls", "refused": "no pair"}]), "certificates", "wrong", "no pair"),
    (replace(WELL, settings=replace(SETTINGS, open_web=True)), "certificates", "beware", "without TLS"),
    (secret(there=False), "secrets", "wrong", "no file /etc/pin"),
    (secret(readable=False), "secrets", "wrong", "cannot be read"),
    (secret(open_to="everybody"), "secrets", "wrong", "everybody may read"),
    (replace(WELL, phones_without=("desk-7",)), "secrets", "beware", "1 phone cannot register"),
    (replace(WELL, folder=("others may look into run/",)), "data folder", "wrong", "run/"),
    (replace(WELL, root=True), "data folder", "beware", "root"),
    (replace(WELL, refused=2), "data folder", "beware", "2 files"),
    (replace(WELL, voices=("tlh",)), "speech", "wrong", "tlh"),
    (disk(free=GIB // 2), "disk", "wrong", "0.5 GiB"),
    (disk(free=3 * GIB), "disk", "beware", "3.0 GiB"),
    (disk(files_free=10), "disk", "beware", "10 more files"),
    (machine(memory_free=GIB // 10), "memory", "wrong", "102 MiB"),
    (machine(memory_free=GIB // 2), "memory", "beware", "512 MiB"),
    (machine(synchronised=False), "clock", "beware", "no time server"),
    (system(at=NOW + 3600), "clock", "beware", "set back by 3600 s"),
    (machine(receive_max=212_992), "kernel", "beware", "rmem_max"),
    (machine(overcommit=0), "kernel", "beware", "overcommit"),
    (replace(WELL, dropped=(("the edge", 40),)), "kernel", "beware", "40 packets for the edge"),
    (machine(descriptors=1024), "open files", "wrong", "1,024 files"),
    (replace(WELL, backup=None), "backup", "beware", "no backup"),
    (replace(WELL, backup=Mark(at=NOW - 3 * DAY, path="-")), "backup", "beware", "72 h old"),
    (replace(WELL, backup=Mark(at=NOW + DAY, path="-")), "backup", "beware", "future"),
]


def test_a_healthy_house_has_nothing() -> None:
    diagnosis = examine(WELL)
    assert diagnosis.found == []
    assert diagnosis.healthy
    assert diagnosis.well == list(CHECKS)


@pytest.mark.parametrize(("seen", "check", "level", "text"), ILL, ids=[f"{one[1]}-{one[3]}" for one in ILL])
def test_what_is_wrong_is_said_once_with_what_to_do(seen: Seen, check: str, level: str, text: str) -> None:
    diagnosis = examine(seen)
    found = [(name, finding.level) for name, finding in diagnosis.found]
    assert found == [(check, level)]
    finding = diagnosis.found[0][1]
    assert text in finding.what
    assert finding.do
    assert diagnosis.healthy == (level == "beware")


def test_every_check_can_find_something() -> None:
    assert {check for _, check, _, _ in ILL} == set(CHECKS)


def test_what_is_wrong_comes_first() -> None:
    seen = replace(WELL, backup=None, voices=("tlh",), unspoken=3, supervisor=False)
    levels = [finding.level for _, finding in examine(seen).found]
    assert levels == sorted(levels, reverse=True)


def test_a_demonstration_needs_no_backups() -> None:
    demo = replace(SETTINGS, demo=True)
    assert examine(replace(WELL, settings=demo, backup=None, phones_without=("desk-7",))).found == []


@pytest.mark.parametrize("state", ["logged_out", "ready"])
def test_phones_of_those_who_are_not_at_work_may_be_gone(state: str) -> None:
    assert (examine(agent(state=state, phone_lost=True)).found == []) == (state == "logged_out")


def test_a_draining_worker_is_not_full() -> None:
    assert examine(worker(room=False, draining=True)).found == []


@pytest.mark.parametrize("more", [{"last_exit": "exit 0"}, {"since": NOW - 2 * DAY}, {"restarts": 2}])
def test_who_was_replaced_or_died_long_ago_is_well(more: dict[str, Any]) -> None:
    seen = process("engine", **{"restarts": 9, "last_exit": "signal 9", "since": NOW - 60, **more})
    assert examine(replace(seen, code_since=0.0)).found == []


def test_closed_queues_need_nobody() -> None:
    assert examine(queue(open=False, agents=NOBODY)).found == []


def test_an_older_engine_is_understood() -> None:
    """It is what one looks at in the middle of an upgrade."""
    older = {name: value for name, value in SYSTEM.items() if name != "certificates"}
    assert examine(replace(WELL, engine=replace(ENGINE, system=older))).found == []


def test_what_follows_from_no_configuration_is_not_said() -> None:
    seen = replace(WELL, mistakes=("vaxel.yaml: is missing",), settings=None, certificates=(), store=None)
    assert [name for name, _ in examine(seen).found] == ["configuration"]
