"""Contacts of one matter belong together, and agents say what they were about."""

import pytest

from router import facts as f
from router import inputs as i
from tests.core.city import City, agent, queue

WORDS = {"reasons": ("invoice", "other"), "gaps": ("late",)}


def talking():
    """Return a city in which anna talks with w1-g-1."""
    city = City(queues=[queue(wrap_up=30.0)], agents=[agent("anna"), agent("bo")], **WORDS)
    city.call("w1-g-1", "tax", leg="w1-g-1")
    city.answer("w1-g-1")
    return city


def test_a_contact_is_a_matter_of_its_own_unless_it_goes_on_with_one():
    city = talking()
    assert city.state.contacts["w1-g-1"].card.matter == "w1-g-1"
    city.put(i.Arrived(contact="m1", channel="mail", entry="tax", written=True, matter="w1-g-1"))
    assert city.state.contacts["m1"].card.matter == "w1-g-1"


def test_contacts_are_joined_once():
    city = talking()
    assert [type(fact) for fact in city.put(i.JoinMatter("w1-g-1", "m0"))] == [f.MatterJoined]
    assert city.state.contacts["w1-g-1"].card.matter == "m0"
    assert city.put(i.JoinMatter("w1-g-1", "m0")) == []
    with pytest.raises(i.Refused):
        city.put(i.JoinMatter("nobody", "m0"))


def test_a_callback_is_about_the_same():
    city = City(queues=[queue()], agents=[agent("anna")], ready=False)
    city.put(i.LogIn("anna"))
    city.call("w1-g-1", "tax", leg="w1-g-1", person="p1")
    city.put(i.RegisterCallback("w1-g-1"))
    (callback,) = city.state.callbacks
    assert city.state.contacts[callback].card.matter == "w1-g-1"


def test_agents_say_what_contacts_were_about_while_they_have_them_and_wrap_up():
    city = talking()
    (said,) = city.put(i.Describe("w1-g-1", "anna", "other"))
    assert (said.reason, said.avoidable, said.gap) == ("other", None, "")
    city.put(i.Finish("w1-g-1"))
    (said,) = city.put(i.Describe("w1-g-1", "anna", "invoice", avoidable=True, gap="late", follow_up=True))
    assert (said.reason, said.avoidable, said.gap, said.follow_up) == ("invoice", True, "late", True)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"agent": "bo"}, "not_connected"),
        ({"agent": "nobody"}, "unknown_agent"),
        ({"contact": "nothing"}, "not_connected"),
        ({"reason": "a long story"}, "unknown_reason"),
        ({"gap": "a long story"}, "unknown_gap"),
    ],
)
def test_nobody_else_and_in_no_other_words(changes, error):
    words = {"contact": "w1-g-1", "agent": "anna", "reason": "other"} | changes
    with pytest.raises(i.Refused) as refused:
        talking().put(i.Describe(**words))
    assert refused.value.error_id == error
