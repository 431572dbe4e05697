"""Anything may happen in any order, late, twice or without sense: the invariants hold and replay is exact.

`City.put` checks the invariants, the sums of the counts and the replay after every input.
"""

from contextlib import suppress
from datetime import time
from random import Random
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from ivr.flow import Enter, Flow, HangUp, Menu, Say
from queues.channels import CHANNELS
from queues.hours import ALWAYS, Hours
from queues.queue import Announce, Obstacle, Queue, SecondLine, Target, WayOut
from router import facts as f
from router import inputs as i
from router.configuration import AgentSettings, Rules
from router.contact import Connected
from router.dialling import Destination
from tests.core.city import City, agent, needs, queue, steps

AGENTS = ("anna", "bo", "cy", "dia")
QUEUES = ("tax", "parks", "help")
SKILLS = ("finnish", "sign")
ENTRIES = (*QUEUES, "menu", "finnish")
PHONES = (*(f"sip:{name}@desk" for name in AGENTS), "phone:library")
DESTINATIONS = (*(Destination(phone) for phone in PHONES), Destination("number:7", country="SE"))
OWN = ("o1", "o2", "o3")
"""Contacts and legs of calls that agents begin."""
OTHERS = ("x1", "x2", "x3")
"""Contacts that agents leave for others, or ask about."""
CONTACTS = tuple(f"c{number}" for number in range(8))

FLOWS = [
    Flow(
        name="menu",
        nodes={
            "start": Say(prompt="welcome", next="choose"),
            "choose": Menu(prompt="choose", choices={"1": "tax", "2": "bye"}, otherwise="parks", timeout=5.0, tries=2),
            "tax": Enter(queue="tax", priority=2.0),
            "parks": Enter(queue="parks"),
            "bye": HangUp(),
        },
    ),
    Flow(name="finnish", nodes={"start": Enter(queue="tax", needs=needs({"finnish": 2}))}),
]

REQUIREMENTS = (
    steps(({}, 0.0)),
    steps(({"finnish": 3}, 0.0), ({"finnish": 1}, 20.0), ({}, 40.0)),
    steps(({"sign": 1}, 0.0)),
    steps(({"sign": 1}, 0.0), ({"finnish": 1}, 30.0)),
)
SHORT_DAY = Hours(week={day: ((time(0), time(0, 5)),) for day in range(1, 8)})


def some_way(chance: Random) -> WayOut:
    """Return a way out, most often to another queue."""
    to: Any = chance.choice(["queue", "queue", "announcement", "callback", "message"])
    return WayOut(to=to, name=chance.choice(QUEUES))


def some_queue(name: str, chance: Random) -> Queue:
    """Return a queue with any settings."""
    obstacles: list[Obstacle] = ["closed", "full", "nobody", "too_long"]
    return queue(
        name,
        hours=chance.choice([ALWAYS, ALWAYS, SHORT_DAY]),
        target=Target(wait=chance.choice([10.0, 60.0])),
        weight=chance.choice([0.5, 1.0]),
        requirement=chance.choice(REQUIREMENTS),
        selection=chance.choice(["spare-scarce", "longest-idle"]),
        wrap_up=chance.choice([0.0, 15.0]),
        deferred_every=chance.randint(1, 3),
        keep_place=chance.choice([0.0, 100.0]),
        max_waiting=chance.choice([None, None, 0, 2]),
        max_wait=chance.choice([None, 30.0]),
        welcome=chance.choice(["", "hello"]),
        announce=chance.choice([None, Announce(every=chance.choice([5.0, 60.0]))]),
        second_line=chance.choice([None, SecondLine(live=20.0, deferred=100.0)]),
        keys={key: some_way(chance) for key in "12" if chance.random() < 0.3},
        ways_out={obstacle: some_way(chance) for obstacle in obstacles if chance.random() < 0.5},
    )


def some_agent(name: str, chance: Random) -> AgentSettings:
    """Return an agent with any settings."""
    return agent(
        name,
        {one: chance.randint(0, 1) for one in QUEUES if chance.random() < 0.7},
        {skill: chance.randint(1, 5) for skill in SKILLS if chance.random() < 0.5},
        capacity={channel: chance.randint(0, 2) for channel in ("call", "chat", "mail") if chance.random() < 0.3},
        signed_in=chance.random() < 0.5,
    )


def some_configuration(number: int) -> dict[str, Any]:
    """Return configuration `number` of endlessly many."""
    chance = Random(number)
    return {
        "queues": [some_queue(name, chance) for name in QUEUES],
        "agents": [some_agent(name, chance) for name in AGENTS if chance.random() < 0.8],
        "reserve": {skill: chance.randint(0, 2) for skill in SKILLS if chance.random() < 0.3},
        "rules": Rules(rest=chance.choice([0.0, 10.0]), not_responding=chance.choice([5.0, 30.0]), last_agent=60.0),
    }


class Anything(RuleBasedStateMachine):
    """Inputs of every kind about a handful of contacts and agents, few enough that they meet."""

    city_type: type[City] = City

    @initialize(number=st.integers(0, 999))
    def begin(self, number: int) -> None:
        self.city = self.city_type(flows=FLOWS, ready=False, **some_configuration(number))
        self.heard: list[i.AnyReport] = []

    def put(self, input_: i.Input) -> None:
        if isinstance(input_, i.Report):
            self.heard.append(input_)
        if isinstance(input_, i.Report):
            self.city.put(input_)
            return
        with suppress(i.Refused):
            self.city.put(input_)

    @rule(
        contact=st.sampled_from(CONTACTS),
        channel=st.sampled_from([*(one for one in CHANNELS if not CHANNELS[one].inward), "call", "call", "chat"]),
        entry=st.sampled_from([*ENTRIES, "tax", "tax", "nowhere"]),
        person=st.sampled_from([None, "p1", "p2"]),
        preferred=st.sampled_from([None, None, *AGENTS]),
    )
    def arrive(self, contact: str, channel: str, entry: str, person: str | None, preferred: str | None) -> None:
        leg = contact if channel == "call" else ""
        self.put(i.Arrived(contact=contact, channel=channel, entry=entry, leg=leg, person=person, preferred=preferred))

    @rule(agent=st.sampled_from(AGENTS), request=st.sampled_from([i.LogIn, i.LogOut, i.GoReady, i.GoReady]))
    def agent_asks(self, agent: str, request: Any) -> None:
        self.put(request(agent))

    @rule(agent=st.sampled_from(AGENTS))
    def agent_starts(self, agent: str) -> None:
        self.put(i.LogIn(agent))
        self.put(i.GoReady(agent))

    @rule(agent=st.sampled_from(AGENTS))
    def agent_pauses(self, agent: str) -> None:
        self.put(i.Pause(agent, "coffee"))

    def an_offer(self, data: st.DataObject) -> str:
        ids = [*self.city.state.offers, *(fact.offer for fact in self.city.of(f.OfferMade)[-3:]), "c0.9"]
        return data.draw(st.sampled_from(ids), "offer")

    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        self.put(i.PickedUp(leg=self.an_offer(data)))

    @rule(data=st.data(), cause=st.sampled_from(["declined", "busy", "no_answer", "unreachable"]))
    def fail(self, data: st.DataObject, cause: Any) -> None:
        self.put(i.NotPickedUp(leg=self.an_offer(data), cause=cause))

    @rule(data=st.data(), cause=st.sampled_from(["hung_up", "cut_off"]))
    def agent_gone(self, data: st.DataObject, cause: Any) -> None:
        self.put(i.HungUp(leg=self.an_offer(data), cause=cause))

    @rule(data=st.data(), request=st.sampled_from([i.AcceptOffer, i.DeclineOffer]))
    def desk(self, data: st.DataObject, request: Any) -> None:
        self.put(request(self.an_offer(data)))

    def a_contact(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([*self.city.state.contacts, "c0", "c9"]), "contact")

    @rule(data=st.data(), cause=st.sampled_from(["hung_up", "cut_off"]))
    def citizen_gone(self, data: st.DataObject, cause: Any) -> None:
        self.put(i.CitizenGone(contact=self.a_contact(data), cause=cause))

    @rule(
        data=st.data(),
        request=st.sampled_from([i.Finish, i.EndWrapUp, i.HandBack, i.RegisterCallback, i.CancelCallback]),
    )
    def contact_asks(self, data: st.DataObject, request: Any) -> None:
        self.put(request(self.a_contact(data)))

    @rule(data=st.data(), queue=st.sampled_from(QUEUES))
    def another_queue_is_to_keep_a_promise(self, data: st.DataObject, queue: str) -> None:
        request = data.draw(st.sampled_from([i.HandOverCallback, i.SendToQueue]))
        self.put(request(self.a_contact(data), queue))

    @rule(data=st.data(), digit=st.sampled_from("12*x"))
    def key(self, data: st.DataObject, digit: str) -> None:
        self.put(i.KeyPressed(contact=self.a_contact(data), digit=digit))

    @rule(data=st.data(), turn=st.integers(0, 4))
    def prompt_ended(self, data: st.DataObject, turn: int) -> None:
        self.put(i.PromptEnded(contact=self.a_contact(data), turn=turn))

    def a_leg(self, data: st.DataObject) -> str:
        """Return a leg of some contact, or one that belongs to nobody."""
        legs = ["c0.9"]
        for id_, contact in self.city.state.contacts.items():
            legs += [id_, contact.card.leg, f"{id_}.c", getattr(contact, "offer", id_)]
            parties = getattr(contact, "parties", ()) or (getattr(contact, "party", None),)
            legs += [leg for party in parties if party is not None for leg in (party.leg, party.via) if leg]
        return data.draw(st.sampled_from(legs), "leg")

    @rule(data=st.data(), cause=st.sampled_from([None, "hung_up", "cut_off"]))
    def leg(self, data: st.DataObject, cause: Any) -> None:
        leg = self.a_leg(data)
        self.put(i.PickedUp(leg=leg) if cause is None else i.HungUp(leg=leg, cause=cause))

    @rule(data=st.data(), cause=st.sampled_from(["declined", "busy", "no_answer", "unreachable"]))
    def leg_fails(self, data: st.DataObject, cause: Any) -> None:
        self.put(i.NotPickedUp(leg=self.a_leg(data), cause=cause))

    @rule(contact=st.sampled_from(CONTACTS), agent=st.sampled_from(AGENTS), entry=st.sampled_from(QUEUES))
    def talk(self, contact: str, agent: str, entry: str) -> None:
        """A citizen rings and is answered, if anybody may answer."""
        self.agent_starts(agent)
        self.put(i.PhoneSeen(phone=f"sip:{agent}@desk"))
        self.put(i.Arrived(contact=contact, channel="call", entry=entry, leg=contact, preferred=agent, person="p1"))
        for offer in list(self.city.state.offers):
            self.put(i.PickedUp(leg=offer))

    @rule()
    def everybody_picks_up(self) -> None:
        for contact in list(self.city.state.contacts.values()):
            parties = getattr(contact, "parties", ()) or (getattr(contact, "party", None),)
            legs = [getattr(contact, "offer", ""), contact.card.leg]
            for leg in (*legs, *(party.leg for party in parties if party is not None)):
                self.put(i.PickedUp(leg=leg))

    def a_talk(self, data: st.DataObject) -> str:
        found = [id_ for id_, contact in self.city.state.contacts.items() if isinstance(contact, Connected)]
        return data.draw(st.sampled_from(found), "talk") if found else self.a_contact(data)

    @rule(
        data=st.data(),
        request=st.sampled_from([i.Hold, i.Resume, i.Swap, i.Connect, i.DropParty, i.Park, i.ExtendWrapUp]),
    )
    def in_talk(self, data: st.DataObject, request: Any) -> None:
        self.put(request(self.a_talk(data)))

    @rule(data=st.data(), to=st.sampled_from(DESTINATIONS), how=st.sampled_from(["consult", "consult", "on", "camp"]))
    def bring_together(self, data: st.DataObject, to: Destination, how: str) -> None:
        contact = self.a_talk(data)
        self.put(i.Consult(contact, to) if how == "consult" else i.Forward(contact, to, camp=how == "camp"))

    @rule(data=st.data(), queue=st.sampled_from([*QUEUES, "nowhere"]))
    def send_to_queue(self, data: st.DataObject, queue: str) -> None:
        self.put(i.SendToQueue(self.a_talk(data), queue, remark=True))

    @rule(data=st.data(), queue=st.sampled_from(QUEUES), id_=st.sampled_from(OTHERS))
    def turn_to_colleagues(self, data: st.DataObject, queue: str, id_: str) -> None:
        contact = self.a_talk(data)
        requests: list[i.AnyRequest] = [
            i.LeaveFor(contact, queue, id_),
            i.AskQueue(contact, queue, id_),
            i.ConsultQueue(contact, queue),
            i.ConsultQueue(contact, queue),
            i.AddRemark(contact, "anna"),
            i.AskHelp(contact),
            i.EndHelp(contact, answered=True),
            i.JoinTalk(contact, DESTINATIONS[-2]),
        ]
        self.put(data.draw(st.sampled_from(requests), "request"))

    @rule(agent=st.sampled_from(AGENTS), slot=st.sampled_from("123"))
    def retrieve(self, agent: str, slot: str) -> None:
        self.put(i.Retrieve(slot, agent))

    @rule(agent=st.sampled_from(AGENTS), contact=st.sampled_from(OWN), to=st.sampled_from(DESTINATIONS))
    def place_call(self, agent: str, contact: str, to: Destination) -> None:
        self.put(i.PlaceCall(contact, agent, to))

    @rule(
        phone=st.sampled_from(PHONES),
        leg=st.sampled_from(OWN),
        to=st.sampled_from([None, *DESTINATIONS]),
        slot=st.sampled_from(["", "", "1"]),
    )
    def dial(self, phone: str, leg: str, to: Destination | None, slot: str) -> None:
        if leg not in self.city.state.contacts and leg not in self.city.state.legs:
            self.put(i.PhoneDialled(leg=leg, phone=phone, destination=to, slot=slot))

    @rule(phone=st.sampled_from(PHONES), seen=st.booleans())
    def phone(self, phone: str, seen: bool) -> None:
        self.put(i.PhoneSeen(phone=phone) if seen else i.PhoneGone(phone=phone))

    @rule(seconds=st.sampled_from([0.0, 1.0, 5.0, 20.0, 61.0, 400.0]))
    def wait(self, seconds: float) -> None:
        self.city.wait(seconds)

    @rule(data=st.data())
    def hear_again(self, data: st.DataObject) -> None:
        """A double, recognised by its source before it comes here unless the contact is new to us."""
        again = [one for one in self.heard[-5:] if not isinstance(one, i.Arrived)]
        if again:
            self.put(data.draw(st.sampled_from(again), "double"))

    @rule(number=st.integers(0, 999))
    def reconfigure(self, number: int) -> None:
        with suppress(i.Refused):  # somebody stands where the new configuration has no place
            self.city.reconfigure(flows=FLOWS, **some_configuration(number))

    @rule(clock_step=st.sampled_from([-100.0, -1.0, 0.0, 0.5, 30.0, 86_400.0]))
    def restart(self, clock_step: float) -> None:
        """Only over a restart can the clock go back: while an engine runs, its time follows the monotonic clock."""
        self.city.restart(clock_step)


TestAnything = Anything.TestCase
TestAnything.settings = settings(
    max_examples=40, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
