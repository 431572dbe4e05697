"""The core stays readable: short functions, and facts without personal values."""

import ast
from pathlib import Path

import pytest

LINES_MAX = 70
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("package", ["queues", "ivr", "router"])
def test_functions_fit_on_a_screen(package):
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= LINES_MAX, f"{path.name}: {node.name} has {length} lines"
