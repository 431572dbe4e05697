"""How Kamailio is called."""

import os
import shutil
import sys
from pathlib import Path
from typing import Final

from adapters.edge.settings import EdgeSettings

PLACES: Final = "/usr/sbin"
"""Where Debian puts it, which not everybody has in the path."""
AFTERFORK: Final = Path(sys.prefix) / "lib" / "vaxel" / "afterfork.so"
"""Made by set-up from deploy/kamailio/afterfork.c, which says why."""
SHARED_MIB: Final = 64
OWN_MIB: Final = 64
"""Of each process, of which only what is used is taken: a start reads 20,000 registrations at once."""


class Missing(Exception):
    """Something to be installed is not there; the text is for the user."""

    error_id = "edge_missing"
    retryable = False


def arguments(conf: Path, folder: Path) -> list[str]:
    """Return the command line for a configuration file; `folder` takes sockets and the like. Raises Missing."""
    program = shutil.which("kamailio", path=os.pathsep.join((os.environ.get("PATH", os.defpath), PLACES)))
    if program is None:
        raise Missing("kamailio is not installed: install it (apt install kamailio), or set `edge: none`")
    memory = ["-m", str(SHARED_MIB), "-M", str(OWN_MIB)]
    return [program, "-f", str(conf), "-DD", "-E", *memory, "-Y", str(folder), "-w", str(folder)]


def environment(settings: EdgeSettings) -> dict[str, str]:
    """Return what it needs in its environment. Raises Missing."""
    if settings.tls is None and (settings.browsers is None or not settings.browsers.tls):
        return {}
    if not AFTERFORK.exists():
        raise Missing(f"{AFTERFORK} is missing, without which TLS is not safe: run deploy/setup.sh afterfork")
    return {"LD_PRELOAD": str(AFTERFORK)}
