"""Contacts and time until somebody who could help, through hand-overs, consultations and what is left for others."""

from typing import Any

from queues.queue import SecondLine
from router import facts as f
from router import inputs as i
from tests.core.city import agent, queue
from tests.history.recorded import Recorded


def house() -> Recorded:
    second = queue("permits", second_line=SecondLine(live=60.0))
    return Recorded(queues=[queue("front"), second], agents=[agent("gunn", "front"), agent("elin", "permits")])


def row(it: Recorded, contact: str) -> Any:
    return it.written.rows["contacts"][contact,]


def rings(it: Recorded, contact: str) -> None:
    it.call(contact, "front", leg=contact, person="p")
    it.wait(10)
    it.answer(contact)
    it.wait(30)


def test_a_hand_over_with_a_note_that_nobody_takes_is_helped_by_the_guide() -> None:
    it = house()
    rings(it, "c")
    it.put(i.Pause("elin", "meeting"))
    it.put(i.SendToQueue("c", "permits", remark=True))
    it.wait(60)
    it.answer("c")
    it.wait(20)
    it.finish("c")
    it.wait(100)
    one = row(it, "c")
    assert (one.helped, one.people_met, one.until_help, one.passed_on, one.queue) == (True, 1, 10, True, "front")


def test_a_specialist_who_was_consulted_and_connected_is_who_helped() -> None:
    it = house()
    rings(it, "c")
    it.put(i.ConsultQueue("c", "permits"))
    it.wait(5)
    it.put(i.PickedUp(leg=it.of(f.PartyInvited)[-1].party))
    it.wait(15)
    it.put(i.Connect("c"))
    it.wait(40)
    it.finish("c")
    it.wait(100)
    one = row(it, "c")
    assert (one.helped, one.people_met, one.contacts_made, one.until_help) == (True, 2, 1, 60)


def test_what_is_left_for_the_department_counts_as_one_matter_that_the_specialist_helps_with() -> None:
    it = house()
    it.put(i.Pause("elin", "meeting"))
    rings(it, "c")
    it.put(i.AskQueue("c", "permits", "q"))
    it.put(i.LeaveFor("c", "permits", "left"))
    it.finish("c")
    it.wait(3000)
    it.ready("elin")
    assert it.offers == {"elin": "left"}
    it.put(i.AcceptOffer(it.offer_of("left")))
    it.wait(300)
    it.finish("left")
    it.wait(100)
    first, left = row(it, "c"), row(it, "left")
    assert (first.outcome, first.reached, first.helped) == ("served", True, False)
    assert (left.helped, left.people_met, left.contacts_made, left.until_help) == (True, 2, 1, 3040)
    assert left.matter == "c"
    assert ("q",) not in it.written.rows["contacts"]  # no citizen asked that
    assert (it.written.work.helped, it.written.work.people_met, it.written.work.contacts_made) == (1, 2, 1)
