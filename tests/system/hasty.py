"""The supervisor without its patience: what dies is started again at once, however often. For tests that kill often."""

import sys

from engine import child, supervisor

if __name__ == "__main__":
    child.SETTLED_S = 0.0
    sys.exit(supervisor.main())
