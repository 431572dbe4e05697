"""What is secret is for few, and joining matters does not lift it."""

import pytest

from router import facts as f
from router import inputs as i
from router.secrecy import is_secret, may_see
from router.state import State
from tests.core.city import City, agent, queue


def talking() -> City:
    city = City(queues=[queue()], agents=[agent("anna")])
    city.call("w1-g-1", "tax", leg="w1-g-1")
    city.answer("w1-g-1")
    return city


@pytest.mark.parametrize(
    ("secret", "serves", "role", "sees"),
    [
        (False, False, "supervisor", True),
        (True, False, "supervisor", False),
        (True, False, "operator", False),
        (True, False, "agent", False),
        (True, True, "agent", True),
        (True, False, "admin", True),
    ],
)
def test_who_serves_sees_what_is_secret_and_roles_that_are_named(
    secret: bool, serves: bool, role: str, sees: bool
) -> None:
    assert may_see(secret=secret, serves=serves, role=role, roles=("admin",)) is sees


def test_a_matter_is_secret_until_that_is_lifted() -> None:
    city = talking()
    assert [type(one) for one in city.put(i.SetSecrecy("w1-g-1", secret=True))] == [f.SecrecyChanged]
    assert city.put(i.SetSecrecy("w1-g-1", secret=True)) == []
    assert is_secret(city.state, city.state.contacts["w1-g-1"])
    city.put(i.Arrived(contact="m1", channel="mail", entry="tax", written=True, matter="w1-g-1"))
    assert is_secret(city.state, city.state.contacts["m1"]), "a further contact of the matter"
    city.put(i.SetSecrecy("m1", secret=False))
    assert not is_secret(city.state, city.state.contacts["w1-g-1"])
    with pytest.raises(i.Refused):
        city.put(i.SetSecrecy("nobody", secret=True))


def test_what_a_secret_contact_joins_is_secret_too() -> None:
    city = talking()
    city.put(i.SetSecrecy("w1-g-1", secret=True))
    city.put(i.JoinMatter("w1-g-1", "m0"))
    assert is_secret(city.state, city.state.contacts["w1-g-1"])
    assert city.state.secret == {"w1-g-1", "m0"}


def test_secrecy_and_holds_survive_a_snapshot_and_the_end_of_contacts() -> None:
    city = talking()
    city.put(i.SetSecrecy("w1-g-1", secret=True))
    city.put(i.PlaceHold("w1-g-1", held=True))
    assert city.put(i.PlaceHold("w1-g-1", held=True)) == []
    city.put(i.CitizenGone(contact="w1-g-1", cause="hung_up"))
    restored = State.load(city.state.snapshot())
    assert (restored.secret, restored.held) == ({"w1-g-1"}, {"w1-g-1"})
    city.put(i.PlaceHold("w1-g-1", held=False))
    assert city.state.held == set()
