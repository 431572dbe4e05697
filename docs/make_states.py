"""Write docs/states.md from the transition tables: `python docs/make_states.py` (with `--check`: only compare)."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from router import agent, callback, contact, crisis, offer

TARGET: Final = Path(__file__).with_name("states.md")
MACHINES: Final[tuple[tuple[str, ModuleType, str, str], ...]] = (
    ("Contact", contact, "Arrived", "ContactArrived"),
    ("Agent", agent, "LoggedOut", "ConfigurationApplied"),
    ("Offer", offer, "Standing", "OfferMade"),
    ("Callback", callback, "Registered", "CallbackRegistered"),
    ("Crisis", crisis, "Running", "CrisisStarted"),
)
"""Title, module, first state, and the fact by which a thing comes to be."""
HEAD: Final = """# States

Written by `docs/make_states.py` from the tables at the top of `router/contact.py`, `router/agent.py`,
`router/offer.py`, `router/callback.py` and `router/crisis.py`; do not edit. An arrow is a fact; a fact that has no
arrow from a state cannot follow there, and applying it raises `IllegalTransition`. What each state and fact means
stands in those files and in `router/facts.py`.
"""


def diagram(module: ModuleType, first: str, made_by: str) -> str:
    """Return one machine as a mermaid state diagram; facts between the same two states share an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, fact), target in module.TABLE.items():
        arrows.setdefault((state.__name__, target.__name__), []).append(fact.__name__)
    left = {state for state, _ in arrows}
    final = sorted({target for _, target in arrows} - left)
    lines = ["stateDiagram-v2", f"    [*] --> {first}: {made_by}"]
    for (state, target), facts in arrows.items():
        lines.append(f"    {state} --> {target}: {', '.join(facts)}")
    lines += [f"    {state} --> [*]" for state in final]
    return "\n".join(("```mermaid", *lines, "```"))


def states(module: ModuleType) -> str:
    """Return the states with their first words."""
    names = {state for state, _ in module.TABLE} | set(module.TABLE.values())
    ordered = sorted(names, key=lambda state: list(vars(module)).index(state.__name__))
    rows = [f"| {state.__name__} | {state.__doc__.strip().splitlines()[0]} |" for state in ordered]
    return "\n".join(("| state | |", "|---|---|", *rows))


def page() -> str:
    """Return the whole page."""
    parts = [HEAD]
    for title, module, first, made_by in MACHINES:
        parts += [f"## {title}\n", states(module) + "\n", diagram(module, first, made_by) + "\n"]
    return "\n".join(parts)


def main() -> int:
    """Write the page, or tell whether it is current."""
    if "--check" in sys.argv[1:]:
        return 0 if TARGET.read_text() == page() else 1
    TARGET.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
