"""Rule 10: a scarce skill can be held back for those who need it."""

from ivr.flow import Enter, Flow
from queues.queue import Target
from router import facts as f
from router import inputs as i
from tests.core.city import City, agent, needs, queue

SIGN = Flow(name="sign", nodes={"start": Enter(queue="tax", needs=needs({"sign": 1}))})


def city_with(*agents: str, **changes: object) -> City:
    """Return a city that holds one signer back; agents whose name begins with s sign."""
    crew = [agent(name, skills={"sign": 1} if name.startswith("s") else {}) for name in agents]
    return City([queue(**changes)], crew, [SIGN], reserve={"sign": 1})


def test_the_last_free_signer_is_kept() -> None:
    city = city_with("s1", "s2", "anna")
    for contact in ("c1", "c2", "c3"):
        city.call(contact)
    assert len(city.offers) == 2
    assert "anna" in city.offers
    assert city.of(f.OfferMade)[-1].passed.held_back == 0


def test_for_those_who_need_the_skill() -> None:
    city = city_with("s1")
    city.call("c1")
    assert city.offers == {}
    city.call("d1", "sign")
    assert city.offers == {"s1": "d1"}


def test_but_not_longer_than_the_others_target() -> None:
    city = city_with("s1", target=Target(wait=60.0))
    city.call("c1")
    city.wait(59)
    assert city.offers == {}
    city.wait(1)
    assert city.offers == {"s1": "c1"}


def test_also_against_preference() -> None:
    city = city_with("s1", "anna")
    city.call("c1", preferred="s1")
    assert city.offers == {}, "within the grace time"
    city.wait(20)
    assert city.offers == {"anna": "c1"}
    assert city.of(f.OfferMade)[-1].passed.held_back == 1


def test_a_signer_who_becomes_free_relieves_another() -> None:
    crew = [agent("s1", "tax", {"sign": 1}), agent("s2", "parks", {"sign": 1}), agent("s3", "parks", {"sign": 1})]
    city = City([queue("tax"), queue("parks")], crew, reserve={"sign": 1}, ready=False)
    city.ready("s1")
    city.call("c1", "tax")
    assert city.offers == {}
    city.ready("s2")
    assert city.offers == {"s1": "c1"}


def test_several_signers_freed_at_once_relieve_others() -> None:
    crew = [
        agent("s1", "tax", {"sign": 1}),
        *(agent(name, "parks", {"sign": 1}) for name in ("s2", "s3")),
    ]
    queues = [queue("tax"), queue("parks")]
    city = City(queues, crew, reserve={"sign": 2}, ready=False)
    city.ready("s1")
    city.call("c1", "tax")
    city.reconfigure(
        queues, [*crew[:1], *(agent(a.id, "parks", {"sign": 1}, signed_in=True) for a in crew[1:])], reserve={"sign": 2}
    )
    assert city.offers == {"s1": "c1"}


def test_a_line_behind_an_overdue_head_is_not_let_through() -> None:
    city = city_with("s1", "s2", target=Target(wait=60.0))
    city.put(i.Pause("s2", "away"))
    city.call("c1")
    city.wait(30)
    city.call("c2")
    city.wait(30)
    assert city.offers == {"s1": "c1"}
    city.fail("c1")
    assert city.offers == {}, "c1 rests for s1, and c2 is not overdue"
