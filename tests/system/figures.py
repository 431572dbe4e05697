"""What tests measured, told at the end of the run."""

from typing import Final

MEASURED: Final = "measured"
"""The property under which a test's report, which may come from another process, holds what was told."""
told: list[str] = []


def tell(text: str) -> None:
    """Have a measured figure shown in the summary."""
    told.append(text)
