"""Each patch of deploy/pjsua2/patches has a test here that fails without it; deploy/pjsua2/prove.sh shows that."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not importlib.util.find_spec("pjsua2"), reason="pjsua2 is not installed")

SCENARIOS = Path(__file__).with_name("scenarios.py")


def run(scenario: str) -> None:
    # Own process each: PJSUA exists once per process, and may end in a crash without its patch.
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", str(SCENARIOS), scenario],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{scenario} ended with {done.returncode}:\n{done.stdout[-4000:]}"


def test_01_call_destructor() -> None:
    run("call_destructor")


def test_02_player_eof() -> None:
    run("player_eof")


def test_02_player_eof_thread() -> None:
    run("player_eof_thread")


def test_03_dtls_stall() -> None:
    run("dtls_stall")


def test_04_ice_loopback() -> None:
    run("ice_loopback")


def test_05_refer_accepted() -> None:
    run("refer_accepted")


def test_05_refer_declined() -> None:
    run("refer_declined")


def test_06_callback_result() -> None:
    run("callback_result")


def test_07_wait_descriptor() -> None:
    run("wait_descriptor")
