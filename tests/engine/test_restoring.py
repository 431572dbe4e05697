"""The same state comes back, from any snapshot and the journal after it."""

import asyncio

import msgspec
import pytest

from engine import restoring
from metrics.projection import Projection
from router.journal import FORMAT, Entry
from router.router import Router
from tests.core.city import City, agent, local, queue


async def entries(facts, after: int = 0):
    for number, fact in enumerate(facts):
        if number >= after:
            yield f"1-{number}", Entry(FORMAT, number, (fact,), {"w1-g": number})


def busy_city() -> City:
    city = City(queues=[queue(max_wait=600.0)], agents=[agent("anna"), agent("berit")])
    for number in range(5):
        city.call(f"c{number}", "tax")
        city.wait(3)
    return city


@pytest.mark.parametrize("snapshot_after", [0, 3, 10])
async def test_snapshot_and_journal_give_the_state_back(snapshot_after):
    city = busy_city()
    early = Router(local)
    for fact in city.facts[:snapshot_after]:
        early.apply(fact)
    counted = Projection(local)
    for fact in city.facts[:snapshot_after]:
        counted.decided([fact], early.state)
    moment = restoring.Moment(early.state.snapshot(), {"w1-g": snapshot_after}, counted.image())
    image = await restoring.encode(moment)
    restored = await restoring.restore(
        lambda snapshot: Router(local, snapshot), local, image, entries(city.facts, snapshot_after)
    )
    assert restored.router.state.snapshot() == city.state.snapshot()
    assert restored.facts == len(city.facts) - snapshot_after
    assert restored.last_at == city.facts[-1].at
    assert restored.heard == {"w1-g": len(city.facts) - 1}


async def test_making_an_image_gives_way_to_other_work():
    state = busy_city().state.snapshot()
    contact = state.contacts[0]
    crowd = msgspec.structs.replace(state, contacts=[contact] * (restoring.CHUNK * 4))
    turns = 0

    async def other():
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.get_running_loop().create_task(other())
    decoded = restoring.decode(await restoring.encode(restoring.Moment(crowd, {}, None)))
    task.cancel()
    assert decoded.state == crowd
    assert turns >= 3, "one turn between pieces"


def test_an_unreadable_image_says_so():
    with pytest.raises(restoring.UnreadableImage):
        restoring.decode(b"\x81")


async def test_a_newer_image_is_refused():
    image = await restoring.encode(restoring.Moment(busy_city().state.snapshot(), {}, None))
    newer = msgspec.msgpack.encode([99, *msgspec.msgpack.decode(image)[1:]])
    with pytest.raises(restoring.UnreadableImage, match="format 99"):
        restoring.decode(newer)


async def test_an_image_without_figures_and_paces_can_be_read():
    """As versions made it that did not keep them: the figures begin anew."""
    city = busy_city()
    image = msgspec.msgpack.decode(await restoring.encode(restoring.Moment(city.state.snapshot(), {}, None)))
    format_, heard, state, contacts = image[:4]
    older = msgspec.msgpack.encode([format_, heard, state[:-1], contacts])
    moment = restoring.decode(older)
    assert moment.figures is None
    assert msgspec.structs.replace(moment.state, paces=city.state.snapshot().paces) == city.state.snapshot()
    restored = await restoring.restore(lambda snapshot: Router(local, snapshot), local, older, entries([]))
    assert restored.projection.today(city.now)[1].queues == {}


def test_an_image_knows_what_was_heard_when_the_state_was_so():
    saved: list[tuple[dict[str, int], int]] = []
    city = busy_city()
    heard = {"w1-g": 1}

    def moment() -> restoring.Moment:
        return restoring.Moment(city.state.snapshot(), dict(heard), None)

    snapshotter = restoring.Snapshotter(1, lambda kept, seq: saved.append((kept.heard, seq)), lambda: 7, moment)
    heard["w1-g"] = 2
    release = snapshotter.decided(city.facts, city.state)
    heard["w1-g"] = 3
    assert release is not None
    release()
    assert saved == [({"w1-g": 2}, 7)]
