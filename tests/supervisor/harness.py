"""A supervisor over the processes listed in a JSON file: `python -m tests.supervisor.harness DATA PLAN`."""

import sys
from pathlib import Path

from engine.process import load
from engine.supervisor import supervise

if __name__ == "__main__":
    sys.exit(supervise(Path(sys.argv[1]), lambda: load(Path(sys.argv[2]).read_text())))
