"""An agent's page hears what is written; secrecy holds there as everywhere."""

from types import SimpleNamespace

from adapters.chat.desks import Desk, Desks
from router import facts as f
from router import inputs as i
from router.secrecy import is_secret, may_see
from tests.core.city import City, agent, queue


def test_who_leads_hears_nothing_of_what_is_secret_on_an_agents_page() -> None:
    city = City(queues=[queue()], agents=[agent("anna")])
    city.put(i.Arrived(contact="m1", channel="chat", entry="tax", written=True))
    city.put(i.AcceptOffer("m1.1"))
    desks = Desks(SimpleNamespace(), lambda: city.state, lambda _: None)  # type: ignore[arg-type]

    def listens(*, serves: bool) -> Desk:
        desk = Desk(
            "anna",
            lambda state, contact: may_see(
                secret=is_secret(state, contact), serves=serves, role="supervisor", roles=()
            ),
        )
        desks._desks.setdefault("anna", []).append(desk)
        return desk

    own, leader = listens(serves=True), listens(serves=False)

    def written() -> tuple[int, int]:
        facts = city.put(i.MessageArrived(contact="m1"))
        assert any(isinstance(fact, f.MessageAdded) for fact in facts)
        release = desks.decided(facts, city.state)
        assert release is not None
        release()
        return own.frames.qsize(), leader.frames.qsize()

    assert written() == (1, 1)
    city.put(i.SetSecrecy("m1", secret=True))
    assert written() == (2, 1)
