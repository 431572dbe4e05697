"""Talks are recorded after both have heard that they will be, and only while these two alone talk."""

import pytest

from adapters.sip.plan import Sounds, legs_of
from queues.queue import Record
from router import facts as f
from router import inputs as i
from router.dialling import Destination
from router.state import State
from router.taping import is_taped
from tests.core.city import City, agent, queue

ID = "w1-g-1"


def talking(record: Record | None) -> City:
    city = City(queues=[queue(record=record)], agents=[agent("anna"), agent("bo")])
    city.call(ID, "tax", leg=ID)
    city.answer(ID)
    return city


@pytest.fixture
def city() -> City:
    return talking(Record(announce="recorded", decline="9"))


def legs(city: City) -> dict[str, object]:
    """Return leg to its track, or to the announcement."""
    sounds = Sounds(
        lambda language, phrase, contact="": (phrase.prompt,), lambda _: "music", str, recorded=lambda _: "recorded"
    )
    found = {}
    for plan in legs_of(city.state.contacts[ID], sounds):
        assert plan.tape is None or plan.media.peers, "nobody is recorded alone"
        said = plan.media is not None and "recorded" in plan.media.files
        found[plan.leg] = "said" if said else plan.tape.recording if plan.tape is not None else None
    return found


def heard(city: City, *which: str) -> None:
    for leg in which or (ID, f"{ID}.1"):
        city.put(i.AnnouncementHeard(leg=leg))


def test_nothing_is_recorded_by_default() -> None:
    city = talking(None)
    assert city.state.contacts[ID].taping is None
    heard(city)
    assert set(legs(city).values()) == {None}
    with pytest.raises(i.Refused) as refused:
        city.put(i.PauseRecording(ID))
    assert refused.value.error_id == "not_recorded"


def test_both_hear_it_before_and_each_gets_a_track(city: City) -> None:
    assert legs(city) == {ID: "said", f"{ID}.1": "said"}
    heard(city, ID)
    assert not is_taped(city.state.contacts[ID])
    heard(city, f"{ID}.1")
    assert is_taped(city.state.contacts[ID])
    tracks = legs(city)
    assert tracks[ID].endswith("~citizen")
    assert tracks[f"{ID}.1"].endswith("~agent")
    assert State.load(city.state.snapshot()).contacts[ID] == city.state.contacts[ID]


@pytest.mark.parametrize("when", ["announcing", "on"])
def test_the_citizen_may_decline(city: City, when: str) -> None:
    if when == "on":
        heard(city)
    city.put(i.KeyPressed(contact=ID, digit="5"))
    assert city.state.contacts[ID].taping.state == when
    city.put(i.KeyPressed(contact=ID, digit="9"))
    heard(city)
    assert set(legs(city).values()) == {None}
    with pytest.raises(i.Refused):
        city.put(i.ResumeRecording(ID))


def test_the_agent_pauses_and_each_stretch_is_a_recording_of_its_own(city: City) -> None:
    heard(city)
    first = legs(city)[ID]
    city.wait(1)
    assert [type(fact) for fact in city.put(i.PauseRecording(ID))] == [f.TapeChanged]
    assert city.put(i.PauseRecording(ID)) == []
    assert set(legs(city).values()) == {None}
    city.wait(1)
    city.put(i.ResumeRecording(ID))
    assert legs(city)[ID] not in (None, first)


def test_who_is_held_or_consulted_is_not_recorded(city: City) -> None:
    heard(city)
    city.put(i.Hold(ID))
    assert set(legs(city).values()) == {None}
    city.put(i.Resume(ID))
    assert None not in legs(city).values()
    city.put(i.Consult(ID, Destination("phone:lobby")))
    assert set(legs(city).values()) == {None}


def test_another_agent_and_the_citizen_hear_it_anew(city: City) -> None:
    heard(city)
    city.put(i.HandBack(ID))
    city.answer(ID)
    assert "said" in legs(city).values()
