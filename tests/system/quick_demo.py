"""`vaxel demo` with people in a great hurry, and more of them than can be served: minutes pass in seconds."""

from engine import cli
from engine.demo import tempo

if __name__ == "__main__":
    tempo.HURRY_MAX = 60.0
    tempo.LOAD = 1.0
    cli.main()
