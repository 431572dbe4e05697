"""Asking a house as programs and people do: over the API, and by commands of `vaxel`."""

import http.client
import json
import os
import subprocess
import sys
from typing import Any

from tests.system.house import ROOT, House


def local(house: House) -> str:
    """Return the token of the command line."""
    return str(json.loads((house.layout.run / "api.json").read_text())["token"])


def ask(house: House, method: str, path: str, body: Any = None, token: str = "", **headers: str) -> tuple[int, Any]:
    """Ask the API; return status and answer."""
    connection = http.client.HTTPConnection(*house.web, timeout=30)
    sent = {"Authorization": f"Bearer {token or local(house)}", "Content-Type": "application/json"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), sent)
        answer = connection.getresponse()
        told = answer.read()
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status, json.loads(told) if is_json else told.decode() or None
    finally:
        connection.close()


def vaxel(house: House, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of `vaxel` on the house's data folder."""
    return subprocess.run(
        [sys.executable, "-c", "from engine.cli import main; main()", *words, "--data", str(house.data)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
