"""Runs tests/far in networks of its own, which an ordinary user may make on most machines (user_namespaces(7))."""

import os
import subprocess
import sys

import pytest

from tests.far.networks import APART, NFT
from tests.system.house import ROOT

pytestmark = [pytest.mark.soak, pytest.mark.timeout(240)]
OF_ITS_OWN = ("unshare", "--user", "--map-current-user", "--keep-caps", "--net")


def test_pages_from_afar():
    may = subprocess.run([*OF_ITS_OWN, NFT, "list", "tables"], capture_output=True, text=True, check=False)
    if may.returncode != 0:
        pytest.skip(f"networks for this test cannot be made here: {may.stderr.strip()}")
    done = subprocess.run(
        [*OF_ITS_OWN, sys.executable, "-m", "pytest", "-m", "", "-p", "no:cacheprovider", "tests/far"],
        env=os.environ | {APART: "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-20_000:]
    assert "skipped" not in done.stdout, done.stdout[-2_000:]
