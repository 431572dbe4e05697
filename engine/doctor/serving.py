"""Checks of what runs: processes, Redis, edge, workers, trunks, phones, queues."""

from collections.abc import Mapping
from typing import Any

from engine.doctor.finding import Findings, beware, count, some, wrong
from engine.doctor.seen import Process, Seen

RESTARTS = 3
"""So often a process may have died before somebody should look."""
LATELY_S = 86_400.0
ORDERLY = "exit 0"
"""It was told to end."""
APART_S = 1.0
"""A process' start and a file's time come from different clocks."""
MEMORY_SHARE = 0.8
"""Of Redis' limit."""
ENGINE = "engine"


def programs(seen: Seen) -> Findings:
    """What must be installed."""
    for what, do in seen.programs:
        yield wrong(what, do)


def processes(seen: Seen) -> Findings:
    """All must run, and not die again and again."""
    if not seen.supervisor:
        left = tuple(one.name for one in seen.processes if one.lives)
        start = f"systemctl start vaxel, or: vaxel run --config {seen.config} --data {seen.data}"
        if left:
            yield wrong(f"nobody watches over Vaxel's processes: {some(left)} live on alone", start)
        else:
            yield wrong(f"Vaxel does not run on {seen.data}", start)
    for one in seen.processes:
        if seen.supervisor and not one.lives:
            text = f"{one.name} does not run (last: {one.last_exit or 'never started'})"
            yield wrong(text, f"see the end of {seen.data}/log/{one.name}.log")
        elif one.lives and one.restarts >= RESTARTS and one.last_exit != ORDERLY and one.since > seen.now - LATELY_S:
            text = f"{one.name} was started again {one.restarts} times (last: {one.last_exit})"
            yield beware(text, f"see {seen.data}/log/{one.name}.log, and what stands in it before each start")


def ports(seen: Seen) -> Findings:
    """Nobody else may have them."""
    for text in seen.taken:
        yield wrong(text, "`ss -tulpn` shows who has it")


def versions(seen: Seen) -> Findings:
    """What runs should be what is installed."""
    old = [one for one in seen.processes if one.lives and one.ours and one.since < seen.code_since - APART_S]
    if old:
        names = some([one.name for one in old], 8)
        yield beware(f"started before the code that is installed now: {names}", _replace(old, seen.data))
    if seen.engine is not None and seen.fingerprint not in ("", seen.engine.system["fingerprint"]):
        yield beware(
            f"{seen.config} was changed after the engine started",
            f"vaxel restart --data {seen.data}; trunks, phones, ports and limits need Vaxel to be started again",
        )


def _replace(old: list[Process], data: str) -> str:
    drain = any(one.name.startswith("worker-") for one in old)
    workers = "vaxel worker drain NAME, one after the other; " if drain else ""
    engine = f"vaxel restart --data {data}" if any(one.name == ENGINE for one in old) else ""
    return (workers + engine).rstrip("; ") or "start Vaxel again in a quiet hour"


def redis(seen: Seen) -> Findings:
    """It keeps all that was decided."""
    store = seen.store
    if store is None:
        return
    if store.trouble:
        yield wrong(f"Redis does not answer: {store.trouble}", f"see {seen.data}/log/redis.log, or your own Redis")
        return
    if store.policy != "noeviction":
        text = f"Redis may throw data away (maxmemory-policy {store.policy})"
        yield wrong(text, "set maxmemory-policy noeviction there")
    if store.evicted:
        yield wrong(f"Redis has thrown away {store.evicted:,} keys", "see what else uses it; restore what is missing")
    if store.role != "master":
        yield wrong("Redis is a replica: nothing can be written", "name the master in redis.url")
    if not store.append_only:
        yield beware("Redis keeps no append-only file: minutes are lost when it stops", "set appendonly yes there")
    if store.write_status != "ok":
        yield wrong("Redis cannot write to its disk", "make room, or mend the disk; see Redis' log")
    if store.limit and store.used > store.limit * MEMORY_SHARE:
        text = f"Redis has used {store.used / store.limit:.0%} of its maxmemory"
        yield wrong(text, "raise maxmemory: at the limit nothing is kept any more")


def names(seen: Seen) -> Findings:
    """Trunks are found by name."""
    for trunk in seen.unresolved:
        text = f"trunk {trunk.name}: {trunk.host} is not found ({trunk.why})"
        yield wrong(text, "mend the name in vaxel.yaml, or the DNS that this machine asks (/etc/resolv.conf)")


def engine(seen: Seen) -> Findings:
    """It must answer, and keep what it decides."""
    if seen.engine is None:
        if seen.supervisor and seen.silence:
            yield wrong(f"the engine does not answer: {seen.silence}", f"see the end of {seen.data}/log/engine.log")
        return
    journal = seen.engine.system["journal"]
    if journal["degraded"]:
        text = f"the journal is not written: Redis does not take it; {journal['buffered']:,} entries wait in memory"
        yield wrong(text, "mend Redis: what waits is written then, up to a bound")
    if journal["dropped"] or journal["lost"]:
        text = f"{journal['dropped'] + journal['lost']:,} entries of the journal are lost since the engine started"
        yield beware(text, "what lives is not touched; figures of that time have a gap. See why Redis was away")
    if not seen.engine.system["configured"]:
        yield beware(
            "the changed configuration is not in force yet: contacts still stand where it has nothing any more",
            f"wait until they are served, or see {seen.data}/log/engine.log for what is in the way",
        )


def edge(seen: Seen) -> Findings:
    """Calls come in by it."""
    if seen.engine is not None and (told := seen.engine.system["edge"]) is not None and not told["up"]:
        text = "Kamailio does not answer: nobody can ring in, and no phone can be rung"
        yield wrong(text, f"see the end of {seen.data}/log/edge.log")


def workers(seen: Seen) -> Findings:
    """Calls are there."""
    if seen.engine is None:
        return
    found = seen.engine.system["workers"]
    away = [one["name"] for one in found if not one["up"]]
    if len(away) == len(found):
        yield wrong("no SIP worker is connected: nobody can ring in", f"see {seen.data}/log/worker-1.log")
    elif away:
        yield wrong(f"not connected: {some(away)}; the others take all calls", f"see {seen.data}/log/worker-*.log")
    full = [one["name"] for one in found if one["up"] and not one["room"] and not one["draining"]]
    if full:
        yield beware(f"full: {some(full)}", "raise sip.max_legs or sip.workers (docs/performance.md)")
    other = [one["name"] for one in found if one["up"] and not one["current"]]
    if other:
        text = f"{some(other)} spoke another version of the protocol when the engine attached"
        yield beware(text, f"vaxel worker drain {other[0]} --data {seen.data}")


def trunks(seen: Seen) -> Findings:
    """Citizens ring by them."""
    for one in seen.engine.system["trunks"] if seen.engine is not None else ():
        if not one["registered"]:
            yield wrong(f"trunk {one['name']} is not registered: {_code(one['code'])}", _trunk_help(one["code"]))


def _code(code: int) -> str:
    known = {0: "the registrar has not answered yet", 408: "the registrar does not answer"}
    return known.get(code, f"the registrar said {code}")


def _trunk_help(code: int) -> str:
    if code in (401, 403, 404, 407):
        return "see user and password file under `register` in vaxel.yaml, and ask the operator"
    return "see whether the registrar is reached: name, port, transport, firewall"


def phones(seen: Seen) -> Findings:
    """Who is at work must be reached."""
    if seen.engine is None:
        return
    lost = [one for one in seen.engine.agents if one["state"] != "logged_out" and one.get("phone_lost")]
    if lost:
        who = some([f"{one['id']} at {one['phone']}" for one in lost])
        text = f"{count(len(lost), 'agent')} logged in whose phone is not registered: {who}"
        yield beware(text, "see whether the phone is on, its password and address; nobody is offered calls there")


def queues(seen: Seen) -> Findings:
    """Where people may ring, somebody should be."""
    for one in seen.engine.queues if seen.engine is not None else ():
        if not one["open"] or _staffed(one["agents"]):
            continue
        waiting = one["waiting"]
        text = f"queue {one['id']} is open and nobody is logged in" + (f"; {waiting} wait" if waiting else "")
        yield (wrong if waiting else beware)(text, "let somebody log in (vaxel agent log-in), or change its hours")


def _staffed(agents: Mapping[str, Any]) -> bool:
    return any(number for state, number in agents.items() if state != "logged_out")
