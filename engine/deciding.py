"""Waiting for what the router decides."""

import asyncio

from engine.spine import Spine, Wording
from router.inputs import Refused


async def decided(spine: Spine, word: Wording) -> None:
    """Have an input decided, worded when its turn comes; return once that is kept. Raises Refused."""
    answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def answer(refused: Refused | None) -> None:
        if answered.done():
            return
        if refused is None:
            answered.set_result(None)
        else:
            answered.set_exception(refused)

    spine.tell(word, answer)
    await answered
