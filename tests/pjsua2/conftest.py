"""Runs the scenarios in processes of their own: PJSUA exists once per process, and without its patch may crash."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Scenario = Callable[[str], str]


@pytest.fixture
def scenario() -> Scenario:
    if not importlib.util.find_spec("pjsua2"):
        pytest.skip("pjsua2 is not installed")

    def run(name: str) -> str:
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", str(Path(__file__).with_name("scenarios.py")), name],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{name} ended with {done.returncode}:\n{done.stdout[-4000:]}"
        return done.stdout

    return run
