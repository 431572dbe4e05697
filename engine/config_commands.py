"""`vaxel config`: what the running engine is asked about its configuration; the same requests as those of the pages."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engine import tables
from engine.remote import Cannot, send

WELL: Final = 0


def versions(data: Path, *, as_json: bool) -> int:
    """List what was published."""

    def work() -> None:
        told = _ask(data, "GET", "/configuration/versions")
        if as_json:
            sys.stdout.write(json.dumps(told) + "\n")
            return
        rows = [
            (one["version"], _time(one["at"]), one["by"] or "(in the folder)", one["why"] or one["taken_back"])
            for one in told["versions"]
        ]
        tables.write(tables.Shown(("version", "when", "who", "why"), rows))

    return _told(work)


def diff(data: Path, what: str) -> int:
    """Show what a folder, or a version, would change of what is in force."""

    def work() -> None:
        if Path(what).is_dir():
            changes = _changes(data, Path(what))[1]
            different = _ask(data, "POST", "/configuration/diff", {"files": changes}) if changes else {"files": []}
        else:
            different = _ask(data, "GET", f"/configuration/versions/{what}/diff")
        _show(different)

    return _told(work)


def publish(data: Path, folder: Path, why: str) -> int:
    """Put a folder's files in force."""

    def work() -> None:
        base, changes = _changes(data, folder)
        if not changes:
            raise Cannot("Nothing to publish: this is what stands there already.")
        problems = _ask(data, "POST", "/configuration/check", {"files": changes})["problems"]
        for one in problems:
            sys.stderr.write(f"{one['file']}:{one['line']}: {one['field']}: {one['text']}\n")
        if problems:
            raise Cannot(f"Not published: {len(problems)} mistakes.")
        _published(_ask(data, "POST", "/configuration/publish", {"base": base, "why": why, "files": changes}))

    return _told(work)


def roll_back(data: Path, version: str, why: str) -> int:
    """Put an earlier version in force."""

    def work() -> None:
        base = _ask(data, "GET", "/configuration/files")["version"]
        path = f"/configuration/versions/{version}/roll-back"
        _published(_ask(data, "POST", path, {"base": base, "why": why}))

    return _told(work)


def _told(work: Any) -> int:
    try:
        work()
    except Cannot as error:
        sys.stderr.write(f"{error}\n")
        return error.code
    return WELL


def _ask(data: Path, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
    return json.loads(send(data, method, path, json.dumps(body).encode() if body is not None else None))


def _changes(data: Path, folder: Path) -> tuple[str, dict[str, str | None]]:
    """Return the version in the folder of the engine, and what another folder would change there."""
    from engine.publishing.texts import Unpublishable, read

    try:
        texts = read(folder)
    except Unpublishable as error:
        raise Cannot(f"{folder}: {error}.") from None
    if not texts:
        raise Cannot(f"{folder} holds no configuration.")
    present = _ask(data, "GET", "/configuration/files")
    files: dict[str, str] = present["files"]
    changes: dict[str, str | None] = {file: text for file, text in texts.items() if files.get(file) != text}
    return present["version"], changes | dict.fromkeys(set(files) - set(texts))


def _show(different: Mapping[str, Any]) -> None:
    for file in different["files"]:
        sys.stdout.write(f"--- {file['file']} ({file['what']})\n")
        sys.stdout.writelines(f"{line}\n" for line in file["lines"])
    for one in different.get("changes", ()):
        of = f" {one['of']}" if "of" in one else ""
        levels = f" {one.get('before', 0)} -> {one.get('after', 0)}" if one["what"] == "skill" else ""
        sys.stdout.write(f"{one['kind']} {one['name']}: {one['what']}{of}{levels}\n")
    if at_start := different.get("at_start"):
        sys.stdout.write(f"Counts only when Vaxel is started again: {', '.join(at_start)}.\n")
    if not different["files"]:
        sys.stdout.write("No difference.\n")


def _published(told: Mapping[str, Any]) -> None:
    sys.stdout.write(f"Published: version {told['version']['version']}. Another engine takes it up; calls go on.\n")
    if told["at_start"]:
        sys.stdout.write(f"Counts only when Vaxel is started again: {', '.join(told['at_start'])}.\n")


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
