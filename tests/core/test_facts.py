"""What facts may carry, and that they and the state survive the store."""

import types
import typing
from datetime import date, time
from typing import Any, Literal, get_args, get_origin

import msgspec
import pytest

from ivr import actions
from ivr.flow import Flow, Node, Tongue
from ivr.phrase import Clock, Digits, Phrase, Recorded, Word
from ivr.promising import Slot
from ivr.session import Frame, Session
from queues.crisis import Measures
from queues.hours import Hours
from queues.line import Place
from queues.queue import Queue, Survey, Target, WayOut
from queues.site import Service, Site
from queues.skills import Need, Step
from router import agent, callback, contact, journal, offer, transitions
from router import facts as f
from router.applying import APPLY
from router.configuration import AgentSettings, Configuration, Entry, Rules
from router.dialling import Destination, DialRules
from router.evolving import EVOLVE
from tests.core.city import City
from tests.core.city import agent as city_agent

IDS = {
    "agent": "an id from the configuration",
    "behind": "names of queues",
    "callback": "derived from a contact's id",
    "contact": "made by an adapter, names nobody",
    "leg": "the adapter's handle",
    "offer": "derived from a contact's id",
    "order": "a count",
    "person": "a pseudonym; the vault knows whom it stands for",
    "preferred": "an agent",
    "queue": "a name from the configuration",
    "recording": "derived from a contact's id",
    "resumed_by": "a contact",
    "party": "derived from a contact's id",
    "held": "legs",
    "heard": "legs",
    "to": "an agent",
    "via": "a leg, named by the worker",
    "matter": "a contact",
    "slot": "a count",
    "question": "a contact, made by an adapter",
    "about": "a contact",
    "by": "an agent",
    "writer": "an agent",
    "of_queue": "a name from the configuration",
    "ticket": "a letter and a count",
    "day": "a date",
    "crisis": "a name that its maker gives it, and the second of its beginning",
    "announcements": "crises, counts and languages",
    "helpers": "names from the configuration",
    "queues": "names from the configuration",
    "sites": "names from the configuration",
    "triage": "a queue",
}
CONFIGURED = {
    "address": "an agent's phone, not a citizen's",
    "phone": "a phone of the house, by its name",
    "channel": "a row of the table of channels",
    "entry": "our own number or address",
    "mark": "a hash of what a gateway calls its message",
    "values": "numbers and names, by the names that a prompt leaves open",
    "language": "a short code",
    "notes": "words of the flow",
    "prompt": "a name from the configuration",
    "reason": "a word of the city's lists of pauses, or of what contacts are about",
    "gap": "a word of the city's list",
    "seat": "a desk, by its place and name",
    "service": "a name from the configuration",
    "site": "a name from the configuration",
    "interprets": "a language, by the name that the configuration has for it",
    "needs": "words of a fixed list",
    "plan": "a word without spaces that a supervisor gives it",
    "languages": "short codes",
    "flow": "a name from the configuration",
}
ALLOWED_STRUCTS = {
    *(AgentSettings, Configuration, Entry, Rules, Flow, Tongue, Hours, Queue, Target, WayOut, *get_args(Node)),
    *(Need, Step, Place, Session, Frame, Phrase, Digits, Recorded, *get_args(actions.Action), f.PassedOver),
    *(f.Returned, f.Sent, Destination, DialRules, Site, Service, Clock, Word, Slot, Measures, Survey),
}
PLAIN = {int, float, bool, type(None), date, time}
FACTS = get_args(f.AnyFact)


def leaves(annotation: Any) -> typing.Iterator[Any]:
    """Yield what a type is made of."""
    if get_origin(annotation) is Literal:
        return
    parts = get_args(annotation)
    if not parts:
        yield annotation
    for part in parts:
        if part is not Ellipsis:
            yield from leaves(part)


@pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.__name__)
def test_a_fact_carries_no_personal_value(kind: type[Any]) -> None:
    for name, annotation in typing.get_type_hints(kind).items():
        for leaf in leaves(annotation):
            if leaf is str:
                assert name in IDS | CONFIGURED, f"{kind.__name__}.{name} is free text"
            else:
                assert leaf in PLAIN | ALLOWED_STRUCTS, f"{kind.__name__}.{name} holds a {leaf}"


@pytest.mark.parametrize("kind", FACTS, ids=lambda kind: kind.__name__)
def test_a_fact_is_frozen_named_in_the_past_tense_and_tagged(kind: type[Any]) -> None:
    config = kind.__struct_config__
    assert config.frozen
    assert config.array_like
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__)
    assert config.tag == words.removeprefix("_")


def test_every_fact_is_applied() -> None:
    assert set(APPLY) == set(FACTS)


def test_every_fact_of_a_contact_makes_something_of_it() -> None:
    assert set(EVOLVE) == {fact for _, fact in contact.TABLE}


@pytest.mark.parametrize("machine", [agent, callback, contact, offer])
def test_every_state_can_be_reached_and_left_only_by_facts(machine: types.ModuleType) -> None:
    table: transitions.Table = machine.TABLE
    states = {state for state, _ in table} | set(table.values())
    final = states - {state for state, _ in table}
    assert len(final) <= 1
    for (state, fact), target in table.items():
        assert fact in FACTS
        assert all(one.__struct_config__.frozen for one in (state, target))


def test_an_illegal_transition_raises_and_changes_nothing() -> None:
    city = City(agents=[city_agent("anna")])
    city.call("c1")
    before = city.state.snapshot()
    for fact in (
        f.OfferMade(0.0, "c1.2", "c1", "anna", 1.0, "preferred", 0, f.PassedOver()),
        f.WrapUpStarted(0.0, "c1", "anna", 1.0),
        f.ContactEnded(0.0, "c1", "served"),
        f.AgentReady(0.0, "anna"),
    ):
        with pytest.raises(transitions.IllegalTransition):
            city.router.apply(fact)
    assert city.state.snapshot() == before


def test_an_entry_of_another_format_is_refused() -> None:
    data = journal.encode(journal.Entry(journal.FORMAT + 1, 1, (), {}))
    with pytest.raises(msgspec.ValidationError, match="format"):
        journal.decode(data)
