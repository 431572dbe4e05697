"""A program to be supervised: `dummy.py LABEL [stubborn | usage | brief | forks]`; its stop is noted in the file
`order`, and the second of its two processes in `forked-LABEL`."""

import os
import pathlib
import signal
import sys


def stop(*_: object) -> None:
    with (pathlib.Path.cwd() / "order").open("a") as file:
        file.write(sys.argv[1] + "\n")
    if "stubborn" not in sys.argv:
        sys.exit(0)


signal.signal(signal.SIGTERM, stop)
if "forks" in sys.argv and (second := os.fork()):
    pathlib.Path(f"forked-{sys.argv[1]}").write_text(str(second))
elif "forks" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()
with (pathlib.Path.cwd() / f"up-{sys.argv[1]}").open("a") as file:
    file.write("up\n")
if "usage" in sys.argv:
    sys.stderr.write("port 5060 is taken\n")
    sys.exit(2)
if "brief" in sys.argv:
    sys.exit(1)
while True:
    signal.pause()
