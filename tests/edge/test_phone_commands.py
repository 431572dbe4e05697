"""`vaxel phone` beside a running edge, and without one."""

import os
import subprocess
import sys

import pytest

from adapters.edge.passwords import SHORTEST, Passwords
from engine import phone_commands
from engine.datafolder import DataFolder
from tests.edge.conftest import PASSWORD


@pytest.fixture
def data(tmp_path):
    """Return a data folder."""
    folder = DataFolder(tmp_path)
    folder.prepare()
    return folder


@pytest.fixture
def edge(start_edge, data):
    """Return an edge that belongs to the folder."""
    return start_edge(socket=str(data.edge_socket), phones=str(data.phones))


def vaxel(*words, data, given=None):
    done = subprocess.run(
        [sys.executable, "-c", "from engine.cli import main; main()", "phone", *words, "--data", str(data.root)],
        input=given,
        env=os.environ | {"COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return done.returncode, done.stdout, done.stderr


async def test_a_password_is_made_and_counts_at_once(edge, data, open_phone):
    phone = await open_phone("desk-7")
    assert (await phone.register(edge.address, PASSWORD)).status == 401
    code, out, err = vaxel("add", "desk-7", data=data)
    assert code == 0
    assert err.splitlines() == [
        "If phones.yaml does not name desk-7 at the next start, it is taken away again.",
        "This is shown once; type it into the phone.",
    ]
    (password,) = out.splitlines()
    assert (await phone.register(edge.address, password)).status == 200
    assert vaxel("list", data=data)[1].splitlines() == [
        "phone    password  now",
        "desk-7   set       registered",
        "guide01  set",
        "guide02  set",
        "guide03  set",
    ]


async def test_whoever_came_in_by_the_old_one_is_let_go(edge, data, open_phone, capsys):
    phone = await open_phone("guide01")
    await phone.register(edge.address, PASSWORD)
    assert phone_commands.set_password(data.root, "guide01", None, first=False) == 0
    assert edge.registered() == set()
    assert (await phone.register(edge.address, PASSWORD)).status == 401
    assert (await phone.register(edge.address, capsys.readouterr().out.strip())).status == 200


async def test_remove(edge, data, open_phone, capsys):
    phone = await open_phone("guide01")
    await phone.register(edge.address, PASSWORD)
    assert phone_commands.remove(data.root, "guide01") == 0
    assert edge.registered() == set()
    assert (await phone.register(edge.address, PASSWORD)).status == 401
    assert phone_commands.remove(data.root, "guide01") == 1
    assert capsys.readouterr() == ("Removed: guide01.\n", "Phone guide01 has no password.\n")


@pytest.mark.parametrize("by", ["-", "file"])
def test_a_password_of_ones_own(data, tmp_path, by):
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    given = PASSWORD if by == "-" else None
    code, out, err = vaxel("add", "desk-7", "--password-file", by if by == "-" else str(file), data=data, given=given)
    assert (code, out) == (0, "")
    assert PASSWORD not in err
    assert Passwords(data.phones).names() == {"desk-7"}
    assert PASSWORD.encode() not in data.phones.read_bytes()


@pytest.mark.parametrize(
    ("name", "password", "first", "said"),
    [
        ("Desk 7", None, True, '"Desk 7" is no name for SIP; use small letters, digits'),
        ("guide01", None, True, "Phone guide01 has a password; `vaxel phone password guide01` makes another."),
        ("guide02", None, False, "Phone guide02 has no password yet; `vaxel phone add guide02` makes one."),
        ("guide02", "short", True, f"A password has {SHORTEST} to 128 characters."),
        ("guide02", "long" * 100, True, f"A password has {SHORTEST} to 128 characters."),
        ("guide02", "not\ttypable by hand", True, "A password holds nothing that cannot be typed."),
    ],
)
def test_refusals_are_one_clear_line(data, tmp_path, capsys, name, password, first, said):
    Passwords(data.phones).set("guide01", PASSWORD)
    file = tmp_path / "password"
    file.write_text(password or "")
    assert phone_commands.set_password(data.root, name, file if password else None, first=first) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said)
    assert err.count("\n") == 1
    assert Passwords(data.phones).names() == {"guide01"}


def test_the_demonstration_shows_its_own(data, capsys):
    known = Passwords(data.phones)
    known.set("guide01", PASSWORD)
    known.demonstrate({"guide01", "guide02"})
    made = known.demonstrated()["guide02"]
    assert phone_commands.listed(data.root) == 0
    assert capsys.readouterr().out.split() == ["phone", "password", "now", "guide01", "set", "?", "guide02", made, "?"]


def test_nothing_there(data, tmp_path, capsys):
    assert phone_commands.listed(data.root) == 0
    assert "No phone has a password; `vaxel phone add NAME` makes one." in capsys.readouterr().out
    assert phone_commands.listed(tmp_path / "elsewhere") == 1
    assert capsys.readouterr().err.startswith(f"There is no folder {tmp_path / 'elsewhere' / 'edge'}: start Vaxel once")
