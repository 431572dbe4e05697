"""The set-up scripts and lock files: what can be said of them without installing anything."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(lock: str) -> dict[str, str]:
    found = re.findall(
        r"^([a-z0-9._-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)", (ROOT / lock).read_text(), re.M
    )
    assert all(hashes for _, _, hashes in found), "every pin has a hash"
    return {name: version for name, version, _ in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_address(lock: str) -> None:
    assert not re.search(r"://|^\s*--(?!hash)", (ROOT / lock).read_text(), re.M)


def test_locks_hold_all_that_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    def names(wanted: list[str]) -> set[str]:
        return {re.split(r"[^A-Za-z0-9._-]", w)[0].lower().replace("_", "-") for w in wanted}

    run, dev = pins(LOCKS[0]), pins(LOCKS[1])
    assert names(project["dependencies"]) <= run.keys(), "run: make lock"
    assert names(project["optional-dependencies"]["dev"]) <= dev.keys(), "run: make lock"
    assert run.items() <= dev.items(), "tests run on what is shipped; run: make lock"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout of the scripts alone, where sudo is there but refuses."""
    shutil.copytree(ROOT / "deploy", tmp_path / "checkout/deploy")
    sudo = tmp_path / "bin/sudo"
    sudo.parent.mkdir()
    sudo.write_text("#!/bin/sh\nexit 1\n")
    sudo.chmod(0o755)
    return tmp_path / "checkout"


def script(copy: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PATH": f"{copy.parent / 'bin'}:{os.environ['PATH']}"}
    return subprocess.run(
        ["deploy/" + argv[0], *argv[1:]], cwd=copy, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )


not_for_root = pytest.mark.skipif(os.getuid() == 0, reason="root may install and write everywhere")


@not_for_root
def test_missing_package_without_sudo_says_what_to_ask_for(copy: Path) -> None:
    (copy / "deploy/apt/odd.txt").write_text("# a comment\nno-such-package-a  # why\ndpkg\nno-such-package-b\n")
    done = script(copy, "setup.sh", "packages", "odd")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "✗ Debian packages are missing and sudo is not available; "
        "ask for: apt-get install no-such-package-a no-such-package-b"
    ]


@not_for_root
def test_present_packages_need_no_sudo(copy: Path) -> None:
    (copy / "deploy/apt/plain.txt").write_text("dpkg\nbash\n")
    done = script(copy, "setup.sh", "packages", "plain")
    assert (done.returncode, done.stderr) == (0, "")


@not_for_root
def test_unwritable_folder_says_so(copy: Path) -> None:
    copy.chmod(0o555)
    done = script(copy, "setup.sh", "venv")
    copy.chmod(0o755)
    assert done.returncode == 1
    assert "is not writable" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_afterfork_is_compiled_when_its_source_changes(copy: Path) -> None:
    library = copy / ".venv/lib/vaxel/afterfork.so"

    def compiled() -> int:
        assert script(copy, "setup.sh", "afterfork").returncode == 0
        return library.stat().st_mtime_ns

    first = compiled()
    assert compiled() == first
    with (copy / "deploy/kamailio/afterfork.c").open("a") as source:
        source.write("/* changed */\n")
    assert compiled() != first


@not_for_root
def test_a_user_runs_in_place_and_gets_the_exit_code(copy: Path) -> None:
    done = script(copy, "as-user.sh", "sh", "-c", "pwd; exit 7")
    assert (done.returncode, done.stdout) == (7, f"{copy}\n")


def test_without_git_the_files_are_listed_but_for_what_is_made(copy: Path) -> None:
    for name in (".venv/bin/python", "engine/__pycache__/a.pyc", "data/journal", "engine/a b.py", "web/data/page"):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).touch()
    files = [name for name in script(copy, "list-files.sh").stdout.split("\0") if not name.startswith("deploy/")]
    assert files == ["engine/a b.py", "web/data/page", ""]
