"""What is written about the core is what the core is."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_state_diagrams_are_current() -> None:
    done = subprocess.run([sys.executable, ROOT / "docs" / "make_states.py", "--check"], check=False)
    assert done.returncode == 0, "run python docs/make_states.py"


def test_every_rule_is_documented_tested_and_cited_in_the_code() -> None:
    rules = re.findall(r"^## (\d+)\. ", (ROOT / "docs" / "routing-rules.md").read_text(), re.MULTILINE)
    assert rules == [str(number) for number in range(1, 11)]
    code = "\n".join(path.read_text() for folder in ("queues", "router") for path in (ROOT / folder).glob("*.py"))
    cited = {
        number
        for words in re.findall(r"\brules? ((?:\d+(?:-\d+|, | and )?)+)", code)
        for number in re.findall(r"\d+", words)
    }
    assert set(rules) <= cited
    assert {path.name.split("_")[2] for path in (ROOT / "tests" / "core").glob("test_rule_*.py")} == set(rules)


def test_what_the_rules_page_names_exists() -> None:
    text = (ROOT / "docs" / "routing-rules.md").read_text()
    for path, name in re.findall(r"`(\w+/\w+\.py)`(?: \(`(\w+)`\))?", text):
        assert (ROOT / path).exists(), path
        assert not name or name in (ROOT / path).read_text(), f"{path} has no {name}"
