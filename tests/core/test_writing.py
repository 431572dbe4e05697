"""Flows in writing: what would be said is a message, answers are messages, and a citizen is led as on the telephone."""

import pytest

from ivr.flow import (
    Announcement,
    Collect,
    Enter,
    Flow,
    Form,
    HangUp,
    Language,
    Mail,
    Menu,
    Open,
    Record,
    Return,
    Run,
    Say,
    Tongue,
)
from ivr.moving import WRITTEN_WITHIN
from ivr.phrase import Phrase
from queues.queue import WayOut
from router import facts as f
from router import inputs as i
from router.contact import InFlow, Waiting
from router.writing import asks, offered
from tests.core.city import City, agent, queue

HELLO = Flow(
    name="hello",
    nodes={
        "start": Say(prompt="welcome", next="menu"),
        "menu": Menu(
            prompt="subjects",
            choices={"1": "tax", "2": "fault", "3": "language", "9": "menu"},
            titles={"1": "taxes", "2": "faults", "3": "languages"},
            tries=2,
            wrong_input="wrong",
            otherwise="tax",
        ),
        "tax": Enter(queue="tax"),
        "fault": Form(
            queue="tax",
            announce="recorded",
            questions=(
                Record(prompt="where", name="where", review="review"),
                Collect(prompt="phone", name="phone", least=6, most=12, confirm="confirm", optional=True),
            ),
            next="thanks",
            otherwise="tax",
        ),
        "thanks": Say(prompt="thanks", next="end"),
        "end": HangUp(),
        "language": Language(
            prompt="tongue", choices={"1": Tongue(language="sv"), "2": Tongue(language="fi")}, next="tax"
        ),
    },
    keys={"0": "person", "*": "repeat"},
    person="tax",
)  # fmt: skip
LATER = Flow(
    name="later",
    nodes={
        "start": Mail(prompt="address", mailbox="tax", queue="tax", tries=2, next="thanks", otherwise="end"),
        "thanks": Say(prompt="will_write", next="end"),
        "end": HangUp(),
    },
)


class Chat:
    """A city with one chat."""

    def __init__(self, flow="hello", channel="chat", **changes):
        changes = {"queues": [queue()], "agents": [agent("anna", capacity={"report": 1, "mail": 2})]} | changes
        self.city = City(flows=[HELLO, LATER], **changes)
        self.count = 0
        self.city.put(i.Arrived(contact="c1", channel=channel, entry=flow))

    def write(self, key="", **more):
        """Write once more; return who wrote what since then."""
        self.count += 1
        return said(self.city.put(i.MessageArrived(contact="c1", count=self.count, key=key, **more)))

    @property
    def contact(self):
        """Return the chat as it stands."""
        return self.city.state.contacts.get("c1")

    @property
    def buttons(self):
        """Return the keys that can be chosen."""
        return {choice.key: choice.phrase.prompt for choice in offered(self.city.state, self.contact)}


def said(facts):
    """Return what was written: prompts of the house, else the author."""
    return [fact.prompt or fact.author for fact in facts if isinstance(fact, f.MessageAdded)]


def outcomes(city):
    """Return contact to outcome."""
    return {fact.contact: fact.outcome for fact in city.facts if isinstance(fact, f.ContactEnded)}


def test_what_would_be_heard_is_read_at_once():
    chat = Chat()
    assert said(chat.city.facts) == ["welcome", "subjects"]
    assert asks(chat.city.state, chat.contact) == "choice"
    assert chat.buttons == {"1": "taxes", "2": "faults", "3": "languages", "0": "chat_person"}
    assert chat.write("1") == ["citizen"]
    assert chat.city.offers == {"anna": "c1"}


def test_what_no_choice_says_is_asked_again_and_then_read_by_a_person():
    chat = Chat()
    assert chat.write() == ["citizen", "wrong", "subjects"]
    assert chat.write() == ["citizen"]
    assert chat.city.offers == {"anna": "c1"}


def test_the_key_for_a_person_leads_there_and_another_is_no_choice():
    chat = Chat()
    assert chat.write("7") == ["citizen", "wrong", "subjects"]
    chat.write("0")
    assert chat.city.offers == {"anna": "c1"}


def test_a_form_is_filled_in_words_and_digits_without_reading_back():
    chat = Chat()
    assert chat.write("2") == ["citizen", "where"]
    assert (asks(chat.city.state, chat.contact), chat.buttons) == ("words", {"#": "chat_none", "0": "chat_person"})
    assert chat.write() == ["citizen", "phone"]
    assert asks(chat.city.state, chat.contact) == "digits"
    assert chat.write(holds=True) == ["citizen", "thanks"]
    assert outcomes(chat.city) == {"c1": "flow_ended"}
    filed = [one for one in chat.city.state.contacts.values() if one.card.channel == "report"]
    assert [one.card.matter for one in filed] == ["c1"]


@pytest.mark.parametrize("answer", [{"key": "#"}, {}])
def test_who_has_no_answer_is_asked_the_next_question(answer):
    chat = Chat()
    chat.write("2")
    chat.write()
    for _ in range(1 if answer else 3):
        last = chat.write(**answer)
    assert last[-1] == "thanks"


def test_who_gives_no_answer_that_is_needed_meets_a_person():
    chat = Chat()
    chat.write("2")
    chat.write("#")
    assert chat.city.offers == {"anna": "c1"}


def test_a_language_is_chosen_by_a_button_in_its_own_words():
    chat = Chat()
    assert chat.write("3") == ["citizen"], "the buttons say all that there is to say"
    (_, finnish, _) = offered(chat.city.state, chat.contact)
    assert finnish.phrase == Phrase("tongue", {"key": 2}, "fi")
    chat.write("2")
    assert chat.contact.card.language == "fi"


def test_who_does_not_answer_for_long_is_let_go_and_leaves_what_is_complete():
    chat = Chat()
    chat.write("2")
    chat.write()
    chat.city.wait(WRITTEN_WITHIN + 1)
    assert said(chat.city.facts)[-1] == "chat_closed"
    assert outcomes(chat.city) == {"c1": "abandoned"}
    assert [one.card.channel for one in chat.city.state.contacts.values()] == ["report"]


def test_a_message_sent_twice_answers_once():
    chat = Chat()
    chat.write("2")
    assert chat.city.put(i.MessageArrived(contact="c1", count=1, key="2")) == []
    assert asks(chat.city.state, chat.contact) == "words"


def test_who_cannot_wait_is_told_why_in_writing():
    shut = queue(ways_out={"nobody": WayOut(to="announcement", name="closed")})
    chat = Chat(flow="tax", queues=[shut], ready=False)
    assert said(chat.city.facts) == ["closed"]
    assert outcomes(chat.city) == {"c1": "turned_away"}


def test_a_chat_goes_on_as_a_mail_when_nobody_is_there():
    shut = queue(ways_out={"nobody": WayOut(to="report", name="later")})
    chat = Chat(flow="tax", queues=[shut], ready=False, acknowledge="mail_received")
    assert said(chat.city.facts) == ["address"]
    assert asks(chat.city.state, chat.contact) == "address"
    assert chat.write() == ["citizen", "address"], "that was no address"
    facts = chat.city.put(i.MessageArrived(contact="c1", count=2, holds=True, person="p1"))
    assert said(facts) == ["citizen", "citizen", "mail_received", "will_write"]
    (mail,) = chat.city.state.contacts.values()
    assert isinstance(mail, Waiting)
    assert (mail.card.channel, mail.card.entry, mail.card.person, mail.card.matter) == ("mail", "tax", "p1", "c1")
    assert outcomes(chat.city) == {"c1": "flow_ended"}
    assert [message.contact for message in chat.city.state.outbox.values()] == [mail.card.id]


def test_the_ways_out_of_a_line_are_buttons_too():
    keys = {"1": WayOut(to="callback", name="promised"), "2": WayOut(to="report", name="later")}
    chat = Chat(
        flow="tax", queues=[queue(keys=keys)], agents=[agent("anna", capacity={"chat": 0}), agent("bo")], ready=False
    )
    chat.city.ready("bo")
    chat.city.put(i.Arrived(contact="c2", channel="call", entry="tax", leg="c2"))
    chat.city.put(i.MessageArrived(contact="c1", count=1))
    if isinstance(chat.contact, Waiting):
        assert chat.buttons == {"2": "wait_key_later"}, "nobody can be called back whose number is not known"
        chat.write()
        chat.count += 1
        assert chat.write("2")[-1] == "address"


def test_mails_are_not_answered_by_flows():
    chat = Chat(flow="hello", channel="mail")
    assert said(chat.city.facts) == []
    assert isinstance(chat.contact, InFlow)
    assert not chat.city.state.outbox


def test_who_speaks_is_asked_for_no_address():
    city = City(flows=[LATER], queues=[queue()])
    city.call("c1", "later")
    assert outcomes(city) == {"c1": "flow_ended"}


def test_announcements_and_flows_within_flows_are_read_too():
    inner = Flow(
        name="inner", nodes={"start": Announcement(prompt="news", languages=("",), next="back"), "back": Return()}
    )
    nodes = {
        "start": Run(flow="inner", next="hours"),
        "hours": Open(hours="x", open="in", closed="in"),
        "in": Enter(queue="tax"),
    }
    outer = Flow(name="outer", nodes=nodes)
    city = City(flows=[inner, outer], agents=[agent("anna")])
    city.put(i.Arrived(contact="c1", channel="chat", entry="outer"))
    assert said(city.facts) == ["news"]
