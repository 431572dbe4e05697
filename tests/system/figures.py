"""What tests measured, told at the end of the run."""

MEASURED: list[str] = []


def tell(text: str) -> None:
    """Have a measured figure shown in the summary."""
    MEASURED.append(text)
