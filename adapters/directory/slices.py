"""Long work in slices, so that it never holds the loop for long."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")
PART: Final = 40
"""Records that are read, compared or indexed without a break: under 5 ms."""


def in_parts(items: Iterable[T], size: int = PART) -> Iterator[list[T]]:
    """Yield the items in lists of at most `size`.

    >>> list(in_parts("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    left = iter(items)
    while part := list(islice(left, size)):
        yield part
