"""Which language somebody wants to read."""

from collections.abc import Sequence


def preferred(accepted: str, offered: Sequence[str]) -> str:
    """Return the best of `offered` for an Accept-Language header (RFC 9110, 12.5.4); the first when nothing fits.

    >>> preferred("en-GB,en;q=0.8,sv;q=0.9", ["sv", "en"])
    'en'
    """
    best, best_weight = offered[0], 0.0
    for item in accepted.split(",")[:20]:
        tag, _, parameter = item.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter.strip())
        if language in offered and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameter: str) -> float:
    if not parameter.startswith("q="):
        return 1.0
    try:
        return min(max(float(parameter[2:]), 0.0), 1.0)
    except ValueError:
        return 0.0
