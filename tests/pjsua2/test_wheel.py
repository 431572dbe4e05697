"""What the wheel that deploy/pjsua2/build.sh makes must offer, whatever the patches."""

import importlib.util
import shutil
import subprocess

import pytest
from conftest import Scenario


def test_wheel_libraries() -> None:
    found = importlib.util.find_spec("_pjsua2")
    if not found or not found.origin:
        pytest.skip("pjsua2 is not installed")
    linked = subprocess.run(["ldd", found.origin], capture_output=True, text=True, check=True).stdout
    assert "not found" not in linked
    for library in ("libopus", "libsrtp2", "libssl", "libspeexdsp"):
        assert library in linked


def test_wheel_build(scenario: Scenario) -> None:
    scenario("wheel_build")


def test_wheel_codec_order(scenario: Scenario) -> None:
    scenario("wheel_codec_order")


def test_wheel_long_headers(scenario: Scenario) -> None:
    scenario("wheel_long_headers")


def test_wheel_junk(scenario: Scenario) -> None:
    scenario("wheel_junk")


@pytest.mark.skipif(not shutil.which("sipp"), reason="sipp is not installed")
def test_wheel_load(scenario: Scenario) -> None:
    scenario("wheel_load")
