"""The entry point of `vaxel`.

Typer costs 100 ms at each start. What is started most, `vaxel run`, `vaxel status` and what asks the engine
(`engine.remote`), with options spelt out, is therefore recognised here; all else, with help and errors, is Typer's
(`engine.commandline`).
"""

import sys
from pathlib import Path

from engine import commands

DATA = "data"


def main() -> None:
    """Run the command line and exit."""
    code = quick(sys.argv[1:])
    if code is None:
        from engine.commandline import app

        app()
    sys.exit(code)


def quick(arguments: list[str]) -> int | None:
    """Carry out a plainly written command; None when it is something else."""
    match arguments:
        case ["run", *rest]:
            found = options(rest, {"--config", "--data"})
            if found is not None and "--config" in found:
                return commands.run(Path(found["--config"]), Path(found.get("--data", DATA)))
        case ["status", *rest]:
            found = options(rest, {"--data"})
            if found is not None:
                return commands.status(Path(found.get("--data", DATA)))
        case [group, _, *_] if group in ("agent", "queue", "contact", "offer", "callback", "worker"):
            from engine import remote

            command = remote.parse(arguments)
            if command is not None:
                verb, given, data, as_json = command
                return remote.run(verb, given, data, as_json=as_json)
        case _:
            pass
    return None


def options(words: list[str], known: set[str]) -> dict[str, str] | None:
    """Read `--name value` pairs; None when there is anything else among them.

    >>> options(["--data", "d"], {"--data"})
    {'--data': 'd'}
    """
    names, values = words[::2], words[1::2]
    plain = len(names) == len(values) == len(set(names)) and known.issuperset(names)
    if not plain or any(value.startswith("-") for value in values):
        return None
    return dict(zip(names, values, strict=True))


if __name__ == "__main__":
    main()
