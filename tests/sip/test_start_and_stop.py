"""Starting with something wrong, and stopping."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapters.sip import protocol as p
from adapters.sip.settings import Network
from tests.sip.conftest import MUSIC, ROOT, WorkerProcess
from tests.sip.test_sound import answered


def refusal(*arguments: str) -> str:
    """Start a worker that cannot start; return its one line."""
    done = subprocess.run(
        [sys.executable, "-m", "adapters.sip.worker", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    lines = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert (done.returncode, len(lines), done.stdout) == (2, 1, ""), (done.returncode, done.stderr, done.stdout)
    return lines[0]


def trunk(**fields):
    """Return what differs: a network beside another one."""
    return {"networks": (Network(name="phones"), Network(**{"name": "trunk", **fields}))}


def test_port_taken(worker, tmp_path):
    second = WorkerProcess(tmp_path, name="w2", socket=str(tmp_path / "2.sock"), port=worker.settings.port)
    assert f"127.0.0.1:{worker.settings.port}/udp is taken" in refusal(str(second.file))
    assert not Path(second.settings.socket).exists()


def test_socket_taken(worker, tmp_path):
    second = WorkerProcess(tmp_path, name="w2")
    assert "worker.sock: another worker listens there" in refusal(str(second.file))


def test_settings_missing_or_torn(tmp_path):
    assert "usage" in refusal()
    assert "No such file" in refusal(str(tmp_path / "none"))
    (tmp_path / "torn").write_bytes(b"\x81\xa4name")
    assert "torn" in refusal(str(tmp_path / "torn"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"address": "localhost"}, "`address` must be an IP address"),
        ({"address": "192.0.2.7"}, "this machine has no such address"),
        ({"codecs": ("G729/8000",)}, "codec G729/8000 is unknown"),
        ({"rtp_ports": (30000, 30009)}, "`rtp_ports` holds 5 pairs"),
        ({"music": {"default": "/nowhere.wav"}}, "there is no file"),
        ({"dial_key": b"short"}, "`dial_key` has 5 bytes"),
        ({"networks": (Network(name="x", sources=("10.0.0.1/8",)),)}, "network x"),
        ({"clock_rate": 11025}, "`clock_rate`"),
        (trunk(user="city", password_file="/nowhere/password"), "no password in /nowhere/password"),
        (trunk(user="city"), "`user` and `password_file` belong together"),
        (trunk(rtp_ports=(40001, 40100)), "`rtp_ports` must be (even, higher)"),
        (trunk(rtp_ports=(40000, 40100)) | {"rtp_ports": (40050, 40999)}, "overlaps"),
        (trunk(address="city.example"), "network trunk: `address` must be an IP address"),
        (trunk(registrar="sip:trunk.example"), "`registrar` needs `user`"),
        (trunk(name="a b"), "`name` must be letters"),
    ],
)
def test_bad_settings(tmp_path, changes, said):
    assert said in refusal(str(WorkerProcess(tmp_path, **changes).file))


def test_music_that_is_none(tmp_path):
    (tmp_path / "noise.wav").write_bytes(b"RIFFnoise")
    worker = WorkerProcess(tmp_path, music={"default": str(tmp_path / "noise.wav")})
    assert "cannot play" in refusal(str(worker.file))


async def test_sigterm_says_goodbye(worker, engine, open_phone):
    phone = await open_phone()
    call, leg = await answered(worker, engine, phone, p.Media(then="music"))
    ringing = await phone.invite(worker.address)
    await engine.next(p.CallArrived)
    worker.process.send_signal(signal.SIGINT)
    await call.audio.until_hears(MUSIC)
    begun = time.monotonic()
    worker.process.send_signal(signal.SIGTERM)
    await call.end()
    await ringing.response(503)
    assert (await engine.next(p.LegEnded, leg=leg)).by == "worker"
    assert await asyncio.to_thread(worker.process.wait, 3) == 0
    assert time.monotonic() - begun < 2
    assert not os.path.lexists(worker.settings.socket)  # noqa: ASYNC240


def test_starts_again_after_kill(worker, tmp_path):
    os.kill(worker.process.pid, signal.SIGKILL)
    worker.process.wait()
    assert Path(worker.settings.socket).exists()
    worker.errors.write_bytes(b"")
    worker.start()
