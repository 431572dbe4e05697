"""What citizens write on their way into the house: the number of a matter joins it."""

from types import SimpleNamespace
from typing import Any

import pytest

from adapters.email.identity import references_written
from adapters.redis.errors import StoreAway
from engine.writing import Doors
from router.inputs import JoinMatter, KeyPressed, MessageArrived
from router.ports import Secret


def doors(matters: dict[str, str] | None) -> tuple[Doors, list[Any]]:
    """Return doors to a house that knows these matters, and what was submitted; None when the store is away."""
    submitted: list[Any] = []

    def tell(word: Any, answer: Any) -> None:
        word(None)
        answer(None)

    async def matter_of(reference: str) -> str | None:
        if matters is None:
            raise StoreAway("gone")
        return matters.get(reference)

    spine: Any = SimpleNamespace(tell=tell, submit=submitted.append)
    made = Doors(spine, None, None, degraded=lambda: False)  # type: ignore[arg-type]  # neither is asked
    made.matter_of = matter_of
    return made, submitted


MESSAGE = MessageArrived(contact="h1", count=1)


def wording(text: str, told: Any = MESSAGE) -> Any:
    return lambda _state: (told, (Secret("h1.m1", "by", "citizen"), Secret("h1.m1", "text", text)))


async def test_the_number_of_a_matter_joins_it() -> None:
    made, submitted = doors({"7XK42-M9PQR": "m0"})
    await made.tell(wording("Hej, mitt ärende är [#7xk42-m9pqr], när blir det klart?"))
    assert submitted == [JoinMatter("h1", "m0")]


@pytest.mark.parametrize("text", ["Hej", "00000-00000 och 11111-11111", "7XK42M9PQR", "A7XK42-M9PQR"])
async def test_what_names_no_matter_is_just_words(text: str) -> None:
    made, submitted = doors({"7XK42-M9PQR": "m0"})
    await made.tell(wording(text))
    assert submitted == []


async def test_nothing_is_lost_when_the_store_is_away_or_it_is_no_message() -> None:
    made, submitted = doors(None)
    await made.tell(wording("7XK42-M9PQR"))
    await made.tell(wording("7XK42-M9PQR", KeyPressed(contact="h1", digit="1")))
    assert submitted == []


def test_only_a_few_are_looked_up() -> None:
    assert len(references_written(" ".join(f"0000{n}-00000" for n in range(9)))) == 3
