"""`vaxel restart`: another engine in place of this one, for a new version or a changed configuration; calls go on."""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Final

from engine import records
from engine.datafolder import DataFolder

WELL, CANNOT = 0, 2
WITHIN_S: Final = 30.0
LOOK_EVERY_S: Final = 0.05
ENGINE: Final = "engine"


def restart(data: Path) -> int:
    """Let the engine end in order; whoever keeps it running starts it again. Wait until that has happened."""
    folder = DataFolder(data)
    before = _engine(folder)
    if before is None:
        sys.stderr.write(f"No engine runs on {data}: `vaxel status --data {data}` shows its processes.\n")
        return CANNOT
    begun = time.monotonic()
    try:
        # By a descriptor, so that the signal cannot reach somebody else who has got its pid meanwhile.
        descriptor = os.pidfd_open(before.pid)
        try:
            if _engine(folder) == before:
                signal.pidfd_send_signal(descriptor, signal.SIGTERM)
        finally:
            os.close(descriptor)
    except ProcessLookupError:
        pass  # it ended by itself just now
    except PermissionError:
        sys.stderr.write("The engine is another user's: run this as the user that runs Vaxel.\n")
        return CANNOT
    while time.monotonic() - begun < WITHIN_S:
        now = _engine(folder)
        if now is not None and now.pid != before.pid:
            sys.stdout.write(f"A new engine runs after {time.monotonic() - begun:.1f} s. Calls went on meanwhile.\n")
            return WELL
        time.sleep(LOOK_EVERY_S)
    sys.stderr.write(f"No new engine has come within {WITHIN_S:.0f} s: see `vaxel doctor`.\n")
    return CANNOT


def _engine(folder: DataFolder) -> records.Record | None:
    """Return the engine's record while it lives."""
    with contextlib.suppress(OSError, ValueError):
        for record in records.read_all(folder):
            if record.name == ENGINE and record.living() is not None:
                return record
    return None
