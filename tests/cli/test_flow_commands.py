"""`vaxel flow try` and `draw`, `vaxel days` and `vaxel pin`, as they are typed."""

import os
import pty
import select
import stat
import subprocess
import sys
import termios
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from engine.config import load
from engine.flowdraw import INK, LOOKS, SOFT, describe, draw
from engine.pins import read_hash

from .test_cli import MALMO, ROOT, vaxel

SVG = "{http://www.w3.org/2000/svg}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def tried(*words: str) -> list[str]:
    """Return what `vaxel flow try` writes, line by line, without the first."""
    done = vaxel("flow", "try", *words)
    assert done.returncode == 0, done.stderr
    return [line.strip() for line in done.stdout.splitlines()[1:]]


def test_a_walk_from_the_first_word_to_the_line() -> None:
    lines = tried("welcome", "--at", "2026-10-05T10:00", "--keys", "3,3,123456,1")
    assert "fi Suomeksi, painakaa 3." in lines
    assert "[office is open]" in lines
    assert "[language fi]" in lines
    assert "fi Näppäilitte 1 2 3 4 5 6. Jos se on oikein, painakaa yksi. Muuttaaksenne sen painakaa kaksi." in lines
    assert lines[-1] == "[waits in queue social (finnish 3, priority 1.32, case: given)]"


def test_a_silent_caller_meets_somebody() -> None:
    lines = tried("welcome", "--at", "2026-10-05T10:00", "--keys", ",".join(["silence"] * 9))
    assert lines[-1] == "[waits in queue vaxel]"


def test_on_christmas_eve() -> None:
    lines = tried("welcome", "--at", "2026-12-24T10:00", "--keys", "silence,1,silence,speak,speak:12,1,silence")
    assert "[office is closed (sweden)]" in lines
    assert "sv I dag är det helgdag, och våra kontor är stängda." in lines
    assert "[a report lies in queue gata]" in lines
    assert lines[-1] == "[the call ends]"


def test_a_report_is_filed() -> None:
    lines = tried("fault", "--language", "en", "--keys", "silence,speak,speak:12,1,0406280000#,1")
    assert "[a report lies in queue gata]" in lines
    assert lines[-1] == "[the call ends]"


def test_a_closed_queue_leads_on_by_its_way_out() -> None:
    lines = tried("subjects", "--at", "2026-10-05T23:00", "--keys", "6,speak")
    assert "[queue bibliotek is closed: message message:bibliotek]" in lines
    assert "[a message lies in queue bibliotek]" in lines


def test_who_cannot_be_reached() -> None:
    assert "[rings number 0406280400 for 30 s]" in tried("fault", "--keys", "1,busy")
    assert tried("fault", "--keys", "1,answered")[-1] == "[connected: the caller has left the flow]"


def test_what_is_told_may_stop_anywhere() -> None:
    assert tried("welcome", "--keys", "1")[-1] == "[... and so on: nothing more was told]"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("welcom",), 'There is no flow "welcom"; did you mean "welcome"?.'),
        (("welcome", "--language", "dk"), 'There is no language "dk"; known: ar, en, fi, sv.'),
        (("welcome", "--at", "noon"), '"noon" is no time; write it like 2026-12-24T10:00.'),
        (
            ("welcome", "--keys", "hello"),
            '"hello" is nothing a caller can do here; write keys such as 1 or 4071#; silence',
        ),
        (("welcome", "--config", "nowhere"), "nowhere: is no folder; name one that holds vaxel.yaml and its sisters"),
    ],
)
def test_what_cannot_be_walked(words: tuple[str, ...], said: str) -> None:
    done = vaxel("flow", "try", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def until_asked(terminal: int, said: str, *, hidden: bool) -> str:
    """Read until something is asked for, with or without echo; return all that was said."""
    deadline = time.monotonic() + 20
    while not said.rstrip("\x1b[0m ").endswith(">") or hidden == bool(termios.tcgetattr(terminal)[3] & termios.ECHO):
        assert time.monotonic() < deadline, said
        if select.select([terminal], [], [], 0.05)[0]:
            said += os.read(terminal, 4096).decode(errors="replace")
    return said


def test_walking_by_hand_hides_what_is_sensitive(tmp_path: Path) -> None:
    flow = tmp_path / "city"
    subprocess.run(["cp", "-r", str(MALMO), str(flow)], check=True)
    path = flow / "flows" / "case_number.yaml"
    path.write_text(path.read_text().replace("digits: 6 ", "sensitive: yes\n  digits: 6 "))
    reader, writer = pty.openpty()
    program = "import sys; sys.argv = ['vaxel', *sys.argv[1:]]; from engine.cli import main; main()"
    words = (sys.executable, "-c", program, "flow", "try", "case_number", "--config", str(flow))
    process = subprocess.Popen(words, cwd=ROOT, stdin=writer, stdout=writer, stderr=writer, start_new_session=True)
    os.close(writer)
    said = until_asked(reader, "", hidden=True)
    os.write(reader, b"654321\n")
    said = until_asked(reader, f"{said}\n", hidden=True)
    os.write(reader, b"q\n")
    os.close(reader)
    process.wait(10)
    assert "• • • • • •" in said, "read back, but not to whoever looks over the shoulder"
    assert "654321" not in said


# ---- pictures --------------------------------------------------------------------------------------------------


def test_a_picture_that_everybody_can_read(tmp_path: Path) -> None:
    output = tmp_path / "fault.svg"
    done = vaxel("flow", "draw", "fault", "-o", str(output), "--language", "ar")
    assert (done.returncode, done.stdout) == (0, f"Flow fault is drawn in {output}.\n")
    root = ET.parse(output).getroot()
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert root.find(f"{SVG}title[@id='title']").text == "Flow fault"  # type: ignore[union-attr]
    desc = root.find(f"{SVG}desc").text  # type: ignore[union-attr]
    assert desc is not None
    assert "report: report to queue gata (1. voice: where" in desc
    titles = {title.text for title in root.iter(f"{SVG}title")}
    assert {"report: report to queue gata", "from urgent to duty", "from the call to start"} <= titles
    arabic = [text for text in root.iter(f"{SVG}text") if text.get(LANG) == "ar"]
    assert arabic
    assert all(text.text is not None and text.text[0] == "\u2068" for text in arabic)


@pytest.mark.parametrize("name", sorted(path.stem for path in (MALMO / "flows").glob("*.yaml")))
def test_every_flow_of_the_example_can_be_drawn(name: str) -> None:
    loaded = load(MALMO)
    root = ET.fromstring(draw(loaded, name, "sv").split("?>", 1)[1])
    shown = " ".join(text.text or "" for text in root.iter(f"{SVG}text"))
    for node in loaded.core.flows[name].nodes:
        assert f"{node}:" in describe(loaded.core.flows[name], {})
    assert name in shown


def test_names_that_mean_something_to_graphviz(tmp_path: Path) -> None:
    city = tmp_path / "city"
    subprocess.run(["cp", "-r", str(MALMO), str(city)], check=True)
    (city / "flows" / "odd.yaml").write_text(
        "start: {say: odd, next: node}\nnode: {say: odd, next: edge}\nedge: hang_up\n"
    )
    prompts = city / "prompts.yaml"
    prompts.write_text(prompts.read_text().replace("sv:\n", "sv:\n  odd: '<b>\"Tom & Jerry\"</b> \\\\ } ]'\n", 1))
    root = ET.fromstring(draw(load(city), "odd", "sv").split("?>", 1)[1])
    assert any('<b>"Tom & Jerry"</b>' in (text.text or "") for text in root.iter(f"{SVG}text"))


def test_where_there_is_no_graphviz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{Path(sys.executable).parent}")
    done = vaxel("flow", "draw", "fault", "-o", str(tmp_path / "x.svg"))
    assert (done.returncode, done.stderr) == (2, "dot is not installed: install it (apt-get install graphviz).\n")


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("kind", LOOKS)
def test_text_stands_out_from_its_ground(kind: str) -> None:
    look = LOOKS[kind]
    for ink in (look.line, INK, SOFT):
        light, dark = sorted((luminance(look.fill), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 7, (kind, ink)


# ---- days and PINs ---------------------------------------------------------------------------------------------


def test_days_of_a_year() -> None:
    lines = vaxel("days", str(MALMO), "--year", "2027").stdout.splitlines()
    assert lines[0] == "sweden (SE)"
    assert "  Thu 2027-03-25  08:00-12:00              Maundy Thursday / Skärtorsdagen" in lines
    assert "  Fri 2027-12-24  closed                   Christmas Eve / Julafton" in lines
    assert "  Thu 2027-12-23  as usual                 Day before Christmas Eve / Dag före Julafton" in lines


@pytest.mark.parametrize(
    ("typed", "said", "code"),
    [
        (("271828", "271828"), "The hash is in ", 0),
        (("271828", "314159"), "That was not the same.", 2),
        (("1234", "1234"), "Not written: a PIN has 6 to 16 digits, and nothing else.", 2),
        (("111112", "111112"), "Not written: a PIN of few digits, or digits in a row, is guessed first", 2),
        (("345678", "345678"), "Not written: a PIN of few digits, or digits in a row, is guessed first", 2),
    ],
)
def test_a_pin_is_asked_for_and_only_its_hash_is_written(
    tmp_path: Path, typed: tuple[str, str], said: str, code: int
) -> None:
    path = tmp_path / "secrets" / "pin"
    answers = iter(typed)
    program = (
        "import sys, getpass; answers = iter(sys.argv.pop(1).split()); getpass.getpass = lambda _: next(answers);"
        "sys.argv[0] = 'vaxel'; from engine.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, " ".join(answers), "pin", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert path.exists() is (code == 0)
    if code == 0:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert read_hash(path).startswith("$argon2id$")
