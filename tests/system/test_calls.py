"""Calls through the whole house, made and taken by SIPp; what was decided is read in the journal."""

from router import facts as f


def test_answered(start_house, callers, agents):
    house = start_house(agents=1)
    agent = agents(house, "agent.xml", "-m", "1")
    callers(house, "caller.xml", "direct", "-m", "1", "-d", "500").finish()
    agent.finish()
    record = house.check()
    (contact,) = record.queued_order()
    assert record.about(contact) == [
        "ContactArrived",
        "ContactQueued",
        "OfferMade",
        "OfferAccepted",
        "ContactEnded",
    ]
    assert record.of(f.ContactEnded, contact=contact)[0].outcome == "served"
