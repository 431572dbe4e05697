"""The commands that ask a running engine, as processes, and `vaxel token`."""

import asyncio
import json
import os
import re
import stat
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine import commandline, remote, tables
from router import inputs as i
from tests.web.house import Reception
from web.talking import To

ROOT = Path(__file__).parents[2]
PROGRAM = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from engine.cli import main; main()"


@pytest.fixture
async def house() -> AsyncIterator[Reception]:
    async with Reception.open() as house:
        yield house


async def vaxel(*words: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        *words,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def ask(house: Reception, *words: str) -> tuple[int, str, str]:
    return await vaxel(*words, "--data", str(house.folder.root))


async def test_agents(house: Reception) -> None:
    code, out, _ = await ask(house, "agent", "list", "--queue", "vaxel", "--state", "ready")
    assert code == 0
    assert out.splitlines()[0].split() == ["agent", "state", "in", "hand", "queues"]
    assert out.splitlines()[1].split()[:2] == ["guide01", "ready"]
    code, out, _ = await ask(house, "agent", "pause", "guide01", "lunch")
    assert "paused (lunch)" in out
    code, out, _ = await ask(house, "agent", "login", "guide02")
    assert "paused (logged_in)" in out
    code, out, _ = await ask(house, "agent", "ready", "guide02")
    assert re.search(r"state +ready\n", out)
    code, out, _ = await ask(house, "agent", "logout", "guide02")
    assert re.search(r"state +logged_out\n", out)
    code, out, _ = await ask(house, "agent", "show", "guide01")
    assert out.splitlines()[0].split() == ["agent", "guide01"]
    code, out, _ = await ask(house, "agent", "show", "guide01", "--json")
    assert json.loads(out)["pause"] == "lunch"


async def test_a_terminal_gets_colours(house: Reception) -> None:
    master, slave = os.openpty()
    words = ["agent", "list", "--state", "ready", "--data", str(house.folder.root)]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    environment.pop("NO_COLOR", None)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, *words, env=environment, stdout=slave)
    os.close(slave)
    assert await asyncio.wait_for(process.wait(), 30) == 0
    shown = os.read(master, 65536).decode()
    os.close(master)
    assert re.search("\x1b\\[32mready", shown)


async def test_queues_and_contacts(house: Reception) -> None:
    await house.put(i.Pause("guide01", "lunch"))
    contact = await house.waits()
    code, out, _ = await ask(house, "queue", "list")
    assert re.search(r"vaxel +open +Växeln +1 ", out)
    code, out, _ = await ask(house, "queue", "show", "vaxel")
    assert re.search(r"requires +swedish", out)
    code, out, _ = await ask(house, "contact", "list", "--state", "waiting")
    assert re.search(rf"{contact} +call +waiting +vaxel", out)
    code, out, _ = await ask(house, "contact", "show", contact)
    assert re.search(r"waited +0 s of the queue's open time", out)
    code, out, _ = await ask(house, "contact", "why", contact)
    assert re.search(r"guide01 +paused +lunch", out)
    assert "Number 1 in vaxel; has waited 0 s; urgency 0.00" in out
    code, out, _ = await ask(house, "contact", "call-back", contact)
    assert (code, out) == (0, "Done.\n")
    code, out, _ = await ask(house, "callback", "list")
    assert contact in out


async def test_a_call_in_hand(house: Reception) -> None:
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    assert (await ask(house, "agent", "login", "guide02", "--phone", "phone07"))[0] == 0
    assert (await ask(house, "contact", "hold", contact))[0] == 0
    code, _, err = await ask(house, "contact", "consult", contact)
    assert (code, err) == (1, "Refused: Object missing required field `to`. (bad_request)\n")
    assert (await ask(house, "contact", "consult", contact, "--agent", "guide02"))[0] == 0
    code, out, _ = await ask(house, "contact", "show", contact)
    assert re.search(r"takes part +guide02 at phone07 \(ringing\)", out)
    assert (await ask(house, "contact", "drop-party", contact))[0] == 0
    assert (await ask(house, "contact", "park", contact))[0] == 0
    code, out, _ = await ask(house, "contact", "show", contact)
    assert re.search(r"slot +1\n", out)
    assert (await ask(house, "agent", "retrieve", "guide02", "1"))[0] == 0
    await house.put(i.PickedUp(leg=f"{contact}.3"))
    code, _, err = await ask(house, "contact", "forward", contact, "--number", "040-341000", "--camp")
    assert (code, err) == (0, "")
    code, out, _ = await ask(house, "contact", "show", contact)
    assert re.search(r"to +a number \(SE\)", out)


async def test_a_callback_in_person(house: Reception) -> None:
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    at = datetime.fromtimestamp(house.clock.now() + 3600, UTC).isoformat()
    assert await ask(house, "contact", "promise-callback", contact, at) == (0, "Done.\n", "")
    code, out, _ = await ask(house, "callback", "list")
    assert contact in out
    code, _, err = await ask(house, "contact", "promise-callback", contact, "noon")
    assert (code, err) == (2, '"noon" is no time; write it as 2026-11-27T14:30.\n')


async def test_offers(house: Reception) -> None:
    contact = await house.waits()
    code, out, _ = await ask(house, "offer", "why", f"{contact}.1")
    assert f"guide01 was asked about {contact} by the rule longest-idle." in out
    assert re.search(r"guide01 +chosen +idle for", out)
    code, out, _ = await ask(house, "offer", "accept", f"{contact}.1")
    assert (code, out) == (0, "Done.\n")
    code, out, _ = await ask(house, "agent", "show", "guide01")
    assert f"{contact} (call, vaxel, connected)" in out
    code, out, _ = await ask(house, "contact", "finish", contact)
    assert code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("agent", "show", "nobody"), "Refused: There is no such agent. (unknown_agent)\n"),
        (("agent", "login", "guide01"), "Refused: Agent guide01 is logged in already. (agent_logged_in)\n"),
        (("contact", "list", "--state", "sleeping"), "Not one of the allowed values"),
        (("contact", "finish", "../agents"), "(bad_request)"),
        (("agent", "show", "a/b?c=d"), "(bad_request)"),
    ],
)
async def test_refusals_are_one_clear_line(house: Reception, words: tuple[str, ...], said: str) -> None:
    code, out, err = await ask(house, *words)
    assert (code, out) == (1, "")
    assert said in err
    assert err.count("\n") == 1


async def test_nothing_runs(tmp_path: Path) -> None:
    code, out, err = await vaxel("agent", "list", "--data", str(tmp_path))
    assert (code, out) == (2, "")
    assert err == (f"No Vaxel has run on {tmp_path} yet: start it with `vaxel run`, or name its folder with --data.\n")
    (tmp_path / "run").mkdir()
    local = tmp_path / "run" / "api.json"
    local.write_text('{"url": "http://127.0.0.1:1", "token": "x"}')
    code, _, err = await vaxel("agent", "list", "--data", str(tmp_path))
    assert (code, err.split(":")[0]) == (2, "Nobody answers at http")
    assert f"`vaxel status --data {tmp_path}` shows its processes." in err
    local.write_text("{")
    code, _, err = await vaxel("agent", "list", "--data", str(tmp_path))
    assert (code, "cannot be read" in err) == (2, True)


async def test_help_and_mistakes_are_typers() -> None:
    code, out, _ = await vaxel("agent", "--help")
    assert code == 0
    for verb in remote.VERBS:
        assert (verb.name in out) == (verb.group == "agent") or verb.group != "agent"
    code, _, err = await vaxel("agent", "pause", "guide01")
    assert code == 2
    assert "Missing argument 'REASON'" in err
    code, out, _ = await vaxel("contact", "list", "--help")
    assert "--queue" in out


async def test_what_typer_parses_does_the_same(house: Reception) -> None:
    code, out, _ = await vaxel("agent", "list", f"--data={house.folder.root}", "--state=ready", "--json")
    assert code == 0
    assert [one["id"] for one in json.loads(out)["agents"]] == ["guide01"]


async def test_every_verb_is_a_route(house: Reception) -> None:
    routes = {(route.method, route.path): route for route in house.reception.api.routes}
    for verb in remote.VERBS:
        route = routes[verb.method, verb.path]
        fields = set(route.asks.__struct_fields__)
        sent = {"messages" if name == remote.MESSAGE in verb.many else name for name in verb.options}
        assert {*verb.arguments, *sent, *verb.switches} - set(verb.to) <= fields, verb
        if verb.to:
            assert set(verb.to) <= set(To.__struct_fields__), verb
        assert set(route.parameters) <= set(verb.arguments), verb
        assert verb.group in remote.GROUPS
    assert commandline.app.registered_groups


def test_parsing() -> None:
    assert remote.parse(["agent", "list"]) == (remote.VERBS[0], {}, Path("data"), False)
    _, given, data, as_json = remote.parse(["agent", "pause", "a", "lunch", "--json", "--data", "d"]) or (0, 0, 0, 0)
    assert (given, data, as_json) == ({"agent": "a", "reason": "lunch"}, Path("d"), True)
    camped = remote.parse(["contact", "forward", "c", "--camp", "--agent", "a"])
    assert camped is not None
    assert camped[1] == {"contact": "c", "agent": "a", "camp": True}
    for strange in (
        ["agent"],
        ["agent", "pause", "a"],
        ["agent", "list", "x"],
        ["agent", "list", "--nosuch", "x"],
        ["agent", "list", "--queue"],
        ["agent", "show", "--help"],
        ["agent", "show", ""],
        ["agent", "list", "--queue", "a", "--queue", "b"],
    ):
        assert remote.parse(strange) is None, strange


def test_spans() -> None:
    spans = {0: "0 s", 119: "119 s", 150: "2 min 30 s", 1800: "30 min", 7200: "2 h 00 min", 90_000: "25 h 00 min"}
    assert {seconds: tables._span(seconds) for seconds in spans} == spans


# ---- tokens ----------------------------------------------------------------------------------------------------------


async def test_tokens_reach_the_running_engine(house: Reception) -> None:
    code, out, err = await ask(house, "token", "add", "wallboard", "--role", "reader")
    assert code == 0
    assert err == "This is shown once; keep it where only its user may read it.\n"
    token = out.strip()
    assert "\n" not in token
    house.clock.time += 1
    told = await house.get("/me", headers={"Authorization": f"Bearer {token}"})
    assert told.json == {"token": "wallboard", "role": "reader", "agent": "", "departments": []}
    code, out, _ = await ask(house, "token", "list")
    assert re.search(r"wallboard +reader +\d{4}-\d\d-\d\d \d\d:\d\d +never", out)
    assert token not in out
    assert stat.S_IMODE(house.folder.tokens.stat().st_mode) == 0o600
    code, out, _ = await ask(house, "token", "revoke", "wallboard")
    assert (code, out) == (0, "Revoked: wallboard.\n")
    house.clock.time += 1
    assert (await house.get("/me", headers={"Authorization": f"Bearer {token}"})).status == 401


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "local", "--role", "admin"), '"local" is the name of the command line\'s own token; choose another.'),
        (
            ("add", "A", "--role", "admin"),
            'A token cannot be called "A": small letters, digits and hyphens, at most 40.',
        ),
        (("add", "a", "--role", "agent"), "A token of role agent speaks for one agent: name it with --agent."),
        (("revoke", "a"), 'There is no token "a"; there are: none.'),
    ],
)
async def test_mistakes_with_tokens(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    code, out, err = await vaxel("token", *words, "--data", str(tmp_path))
    assert (code, out, err) == (1, "", f"{said}\n")


async def test_tokens_of_nowhere(tmp_path: Path) -> None:
    code, _, err = await vaxel("token", "list", "--data", str(tmp_path / "nowhere"))
    assert code == 1
    assert "start Vaxel once with `vaxel run`" in err


async def test_the_second_line(house: Reception) -> None:
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    code, out, _ = await ask(house, "contact", "queues", contact)
    assert code == 0
    assert re.search(r"bygglov +Bygglov +leave +closed +0 +after 180 s", out)
    code, out, _ = await ask(house, "contact", "leave", contact, "bygglov", "Ring om altan.")
    assert (code, out.startswith("Done; the contact is ")) == (0, True)
    code, out, _ = await ask(house, "contact", "ask", contact, "bygglov", "Gäller det altan?")
    assert code == 0
    assert await ask(house, "contact", "remark", contact, "Ringde i går.") == (0, "Done.\n", "")
    assert await ask(house, "contact", "help", contact) == (0, "Done.\n", "")
    assert await ask(house, "contact", "consult", contact, "--queue", "vaxel") == (0, "Done.\n", "")
    code, _, err = await ask(house, "contact", "send-to-queue", contact, "bygglov", "--note", "Ring om altan.")
    assert (code, "queue_closed" in err) == (1, True)
