"""A program to be supervised: `dummy.py LABEL [stubborn | usage | brief]`; its stop is noted in the file `order`."""

import pathlib
import signal
import sys


def stop(*_: object) -> None:
    with (pathlib.Path.cwd() / "order").open("a") as file:
        file.write(sys.argv[1] + "\n")
    if "stubborn" not in sys.argv:
        sys.exit(0)


signal.signal(signal.SIGTERM, stop)
with (pathlib.Path.cwd() / f"up-{sys.argv[1]}").open("a") as file:
    file.write("up\n")
if "usage" in sys.argv:
    sys.stderr.write("port 5060 is taken\n")
    sys.exit(2)
if "brief" in sys.argv:
    sys.exit(1)
while True:
    signal.pause()
