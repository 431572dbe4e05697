"""The command line as people meet it: a process, its words, its exit code."""

import http.server
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from adapters.edge.passwords import Passwords
from adapters.edge.settings import Tls
from engine import greeting
from engine.account_commands import first_accounts
from engine.cli import options, quick
from engine.config import load
from engine.datafolder import DataFolder
from web.accounts import AccountFile, fits

ROOT = Path(__file__).parents[2]
MALMO = ROOT / "examples" / "malmo"

AS_SOMEBODY = """\
import os, sys, types
os.geteuid = lambda: {user}
stub = types.ModuleType("engine.supervisor")
def run(config, data):
    import time
    time.sleep({lives})
    print(f"supervisor {{config}} {{data}}", flush=True)
    return 7
stub.run = run
sys.modules["engine.supervisor"] = stub
from engine.cli import main
main()
"""


def vaxel(*words: str, user: int = 1000, lives: float = 0) -> subprocess.CompletedProcess[str]:
    program = AS_SOMEBODY.format(user=user, lives=lives)
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_check_well() -> None:
    done = vaxel("check", str(MALMO))
    assert (done.returncode, done.stdout) == (0, "9 queues, 12 agents, 7 numbers, 15 flows: all well.\n")


def test_check_mistakes(tmp_path: Path) -> None:
    (tmp_path / "vaxel.yaml").write_text("citty: Malmö\n")
    done = vaxel("check", str(tmp_path))
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == 'vaxel.yaml:1: citty: there is no field "citty"; did you mean "city"?'
    assert done.stderr == f"5 mistakes in {tmp_path}.\n"


def test_root_is_refused() -> None:
    done = vaxel("run", "--config", str(MALMO), user=0)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Vaxel does not run as root. Start it as an ordinary user, or with `make run`, which makes one for it.\n"
    )


def test_run_hands_over_to_the_supervisor(tmp_path: Path) -> None:
    folder = copy_with_port(tmp_path / "city", 1024)
    done = vaxel("run", "--config", str(folder), "--data", "x")
    assert done.returncode == 7
    assert done.stdout == f"Starting Vaxel for Malmö stad ...\nsupervisor {folder} x\n"


def test_run_with_mistakes_starts_nothing(tmp_path: Path) -> None:
    done = vaxel("run", "--config", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == f"Not started: 5 mistakes in {tmp_path}."


def test_bench_config(tmp_path: Path) -> None:
    folder = tmp_path / "bench"
    done = vaxel("bench-config", str(folder), "--agents", "3", "--port", "5080", "--workers", "2")
    assert (done.returncode, done.stdout) == (
        0,
        f"3 agents in {folder}; start it by: vaxel run --config {folder} --data DATA\n",
    )
    loaded = load(folder)
    assert (loaded.installation.sip.port, loaded.installation.sip.workers, len(loaded.core.agents)) == (5080, 2, 3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--agents", "3", "--clock-rate", "44100"), "A clock rate of 44100 is not possible; allowed: 8000, 16000"),
        (("--agents", "0"), "Invalid value for '--agents'"),
        ((), "Missing option '--agents'"),
    ],
)
def test_bench_config_refuses(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = vaxel("bench-config", str(tmp_path / "x"), *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_bench_config_into_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = vaxel("bench-config", str(tmp_path / "file"), "--agents", "1")
    assert done.returncode == 2
    assert done.stderr == f"Cannot write {tmp_path / 'file'}: not a directory. Choose another folder.\n"


def test_version() -> None:
    done = vaxel("version")
    assert done.returncode == 0
    assert done.stdout.startswith("vaxel ")


def test_help_names_every_command() -> None:
    done = vaxel("--help")
    assert all(word in done.stdout for word in ("run", "status", "check", "bench-config", "version"))


def test_run_and_status_load_no_pydantic() -> None:
    program = AS_SOMEBODY.format(user=1000, lives=0).replace("return 7", "return 1 + sum(m in sys.modules for m in M)")
    program = f"M = ('pydantic', 'typer', 'rich', 'aiohttp', 'prometheus_client', 'http.client')\n{program}"
    words = ("run", "--config", str(MALMO), "--data", "x")
    assert subprocess.run([sys.executable, "-c", program, *words], cwd=ROOT, check=False).returncode == 1


@pytest.mark.parametrize(
    "words",
    [[], ["run"], ["run", "--help"], ["run", "--config"], ["run", "--config", "--data"], ["status", "x"], ["nonsense"]],
)
def test_what_is_not_plain_is_left_to_typer(words: list[str]) -> None:
    assert quick(words) is None


def test_options() -> None:
    assert options(["--config", "a", "--data", "b"], {"--config", "--data"}) == {"--config": "a", "--data": "b"}
    assert options(["--config", "a", "--config", "b"], {"--config"}) is None
    assert options([], {"--data"}) == {}


# ---- the greeting ----------------------------------------------------------------------------------------------


class Engine(http.server.BaseHTTPRequestHandler):
    """Answers like an engine that becomes ready at the second question."""

    asked = 0
    mark = ""

    def do_GET(self) -> None:
        Engine.asked += 1
        ready = Engine.asked > 1
        text = "Ready." if ready else "No SIP worker is there yet."
        body = json.dumps({"ready": ready, "text": text, "mark": Engine.mark}).encode()
        self.send_response(200 if ready else 503)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def engine() -> Iterator[int]:
    Engine.asked, Engine.mark = 0, DataFolder(ROOT / "x").mark
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Engine) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def copy_with_port(folder: Path, port: int) -> Path:
    shutil.copytree(MALMO, folder)
    settings = folder / "vaxel.yaml"
    settings.write_text(settings.read_text().replace("port: 8080", f"port: {port}"))
    return folder


def test_greeting_says_what_to_do_next(tmp_path: Path, engine: int) -> None:
    folder = copy_with_port(tmp_path / "city", engine)
    data = DataFolder(tmp_path / "data")
    data.prepare()
    Engine.mark = data.mark
    done = vaxel("run", "--config", str(folder), "--data", str(data.root), lives=2.5)
    said = done.stdout.splitlines()
    assert said[1] == "Vaxel is ready: Malmö stad"
    assert said[2] == "Ring     sip:0403410000@127.0.0.1:5060"
    assert said[3] == "Numbers  0403410000  flow welcome, Malmö stad"
    assert said[4] == "         0403410100  queue bibliotek, Bibliotek"
    assert said[10] == "Answers  guide01 at phone guide01"
    assert said[11] == "Phones   register, such as guide01, at 127.0.0.1:5060"
    assert said[12] == f"         14 have no password yet: vaxel phone add guide01 --data {data.root}"
    assert said[13] == f"Demo     vaxel demo --data {data.root} lets a made-up city ring"
    assert said[14] == f"Desk     http://127.0.0.1:{engine}/desk"
    assert said[15] == f"Web call http://127.0.0.1:{engine}/public/v1/call/malmo"
    password, guides = data.run / "first-password", data.run / "first-password-guide02"
    assert said[16] == f"Sign in  admin, password in {password}"
    assert said[17] == f"         guide02, password in {guides}"
    assert said[18] == f"Look     http://127.0.0.1:{engine}"
    assert said[19] == f"Status   vaxel status --data {data.root}"
    assert said[20].startswith("Stop     kill ")
    assert said[21].startswith("supervisor ")
    assert Engine.asked == 2
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    account, guide = AccountFile(data.accounts).read()
    assert (guide.name, guide.duty, guide.agent, guide.temporary) == ("guide02", "guide", "guide02", True)
    assert fits(guides.read_text().strip(), guide.hash)
    assert (account.name, account.duty, account.temporary) == ("admin", "administrator", True)
    assert fits(password.read_text().strip(), account.hash)
    assert first_accounts(data) == {}, "once"


def test_no_greeting_for_another_vaxel(tmp_path: Path, engine: int) -> None:
    Engine.mark = DataFolder(ROOT / "y").mark
    folder = copy_with_port(tmp_path / "city", engine)
    done = vaxel("run", "--config", str(folder), "--data", "x", lives=1)
    assert "is ready" not in done.stdout
    assert Engine.asked > 1


@pytest.mark.parametrize(
    ("mark", "why"), [("x", "No SIP worker is there yet"), ("y", "is answered by another program")]
)
def test_slow_start_is_explained(
    tmp_path: Path,
    engine: int,
    mark: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Engine.asked, Engine.mark = -1000, DataFolder(ROOT / mark).mark
    monkeypatch.setattr(greeting, "PATIENCE_S", 0.0)
    monkeypatch.setattr(greeting, "GIVE_UP_S", 0.6)
    loaded = load(copy_with_port(tmp_path / "city", engine))
    greeting._wait_and_greet(loaded, str(ROOT / "x"), os.getpid())
    said = capsys.readouterr().out
    assert said.startswith("Vaxel is not ready yet: ")
    assert f"{why}. `vaxel status --data {ROOT / 'x'}` shows its processes." in said
    assert len(said.splitlines()) == 1


def test_no_greeting_when_the_supervisor_gave_up(tmp_path: Path, engine: int) -> None:
    Engine.asked = -50  # ready long after
    folder = copy_with_port(tmp_path / "city", engine)
    assert "ready" not in vaxel("run", "--config", str(folder), "--data", "x").stdout


def test_many_agents_are_not_all_named() -> None:
    loaded = load(MALMO)
    core = loaded.core
    agents = {name: msgspec.structs.replace(agent, signed_in=True) for name, agent in core.agents.items()}
    everybody = msgspec.structs.replace(loaded, core=msgspec.structs.replace(core, agents=agents))
    rows = greeting.lines(everybody, "data", "Ctrl-C")
    assert [text for _, text in rows if text.startswith("guide")] == [
        "guide01 at phone guide01",
        "guide02 at phone guide02",
        "guide03 at phone guide03 and 9 more",
    ]


def test_greeting_shows_a_password_of_the_demonstration(tmp_path: Path) -> None:
    loaded, folder = load(MALMO), DataFolder(tmp_path)
    folder.prepare()
    known = Passwords(folder.phones)
    known.demonstrate(loaded.installation.set_up_phones)
    shown = known.demonstrated()["guide01"]
    rows = [text for _, text in greeting.lines(loaded, str(tmp_path), "")]
    assert rows[rows.index("register, such as guide01, at 127.0.0.1:5060") + 1] == (
        f"password of guide01: {shown}; of all: vaxel phone list --data {tmp_path}"
    )


def test_greeting_of_a_city(tmp_path: Path) -> None:
    """No password is shown; who has none is told of."""
    loaded, folder = load(MALMO), DataFolder(tmp_path)
    folder.prepare()
    sip = msgspec.structs.replace(loaded.installation.sip, public_address="192.0.2.5", tls=Tls(certificate="", key=""))
    ours = msgspec.structs.replace(loaded, installation=msgspec.structs.replace(loaded.installation, sip=sip))
    for phone in sorted(loaded.installation.set_up_phones)[:-1]:
        Passwords(folder.phones).set(phone, "a password of theirs")
    rows = greeting.lines(ours, str(tmp_path), "")
    at = [label for label, _ in rows].index("Phones")
    assert [text for _, text in rows[at : at + 2]] == [
        "register, such as guide01, at 192.0.2.5:5060, TLS at 192.0.2.5:5061",
        f"guide12 has no password yet: vaxel phone add guide12 --data {tmp_path}",
    ]
