"""The units for systemd and certbot's hook, as far as they can be tried without being process 1."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from engine import cli, commandline

UNITS = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
EXPOSURE_MAX = 2.0
"""Of ten; `systemd-analyze security` calls up to 2 what is well protected."""
PYTHON = "/opt/vaxel/.venv/bin/python"

names = pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.system
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in (*SERVICES, *UNITS.glob("*.timer")):
        # The program need not be installed for this.
        (tmp_path / unit.name).write_text(unit.read_text().replace(PYTHON, sys.executable))
    done = run("systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir())))
    ours = [line for line in done.stderr.splitlines() if "vaxel" in line]
    assert not ours, "\n".join(ours)
    assert done.returncode == 0, done.stderr


@pytest.mark.system
@names
def test_services_can_do_little(unit: Path) -> None:
    done = run(
        "systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE_MAX * 10:.0f}", str(unit)
    )
    assert done.returncode == 0, done.stdout
    text = unit.read_text()
    assert "User=vaxel" in text
    assert "CapabilityBoundingSet=\n" in text


@names
def test_services_call_commands_that_there_are(unit: Path) -> None:
    known = {command.name or command.callback.__name__ for command in commandline.app.registered_commands}
    for line in re.findall(r"^Exec\w+=(.+)$", unit.read_text(), re.MULTILINE):
        python, option, module, command, *words = shlex.split(line)
        assert (python, option, module) == (PYTHON, "-m", cli.__name__)
        assert command in known
        assert run(sys.executable, option, module, command, "--help").returncode == 0
        assert {"--data"} <= set(words)


def test_a_renewed_certificate_is_handed_over(tmp_path: Path) -> None:
    lineage, to = tmp_path / "lineage", tmp_path / "tls"
    lineage.mkdir()
    (lineage / "fullchain.pem").write_text("chain")
    (lineage / "privkey.pem").write_text("key")
    hook = UNITS.parent / "certbot" / "renewed.sh"
    group = str(os.getgid())
    for text in ("key", "another"):
        (lineage / "privkey.pem").write_text(text)
        environment = {**os.environ, "RENEWED_LINEAGE": str(lineage), "VAXEL_TLS": str(to), "VAXEL_GROUP": group}
        subprocess.run([hook], env=environment, check=True)
        assert (to / "key.pem").read_text() == text
    assert (to / "certificate.pem").read_text() == "chain"
    assert {path.name for path in to.iterdir()} == {"key.pem", "certificate.pem"}
    assert (to / "key.pem").stat().st_mode & 0o777 == 0o640
