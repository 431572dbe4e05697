"""An operator's day at real telephones, through the edge and two workers: find somebody, announce, connect, wait for a
busy extension, park; and calls that come back with the reason why.

Everybody speaks a tone, so that who hears whom is heard.
"""

import asyncio

import pytest

from adapters.edge.passwords import Passwords
from adapters.sip.display import WORDS
from router import facts as f
from tests.sip.conftest import free_port
from tests.system.conftest import HOUSES
from tests.system.crew import bye, ring
from tests.system.house import AGENTS, CALLERS, MUSIC, PASSWORD, House
from tests.system.house import until as until_true
from tests.system.test_api import ask, vaxel

ENTRIES = {"0403410100": "rector", "0403410200": "archive", "0403410300": "curator"}
"""Numbers of the trunk, besides `direct`, to flows."""
CONNECT = """\
start: {connect: %s, timeout: 2 s, no_answer: missed, busy: line, otherwise: line}
missed: {say: sorry, next: line}
line: {queue: bench}
"""
FLOWS = {"rector": "{person: p2}", "archive": "{number: 0406280430}", "curator": "{person: p10}"}
SORRY = 440.0
CITIZEN, OPERATOR, ASA, OSTEN, OUTSIDE, COLLEAGUE = 1300.0, 900.0, 550.0, 1050.0, 1900.0, 1600.0
EXTENSIONS = ("asa", "osten")
"""Desk phones at which no agent works."""
PEOPLE = """\
id;förnamn;efternamn;titel;anknytning;direktnummer;apparat;agent id;refer
p1;Åsa;Björkman;Bygglovshandläggare;4001;;asa;;
p2;Östen;Häggström;Rektor;4002;;osten;;
p3;Märta;Söderqvist;Arkivarie;4003;040-628 04 12;;;
p4;Ragnhild;Fjällborg;Djurskyddsinspektör;4004;040-628 04 13;;;ja
p5;Wilhelm;Ängström;Kommunvägledare;4005;;;agent0002;
p6;Tyra;Öhrn;Antikvarie;4006;040-628 04 14;;;
p7;Sixten;Åhs;Vaktmästare;4007;;nowhere;;
p8;Rut;Lök;Kamrer;4008;040-628 04 15;;;ja
p9;Ivar;Ek;Kamrer;4009;040-628 04 16;;;ja
p10;Hedvig;Åberg;Antikvarie;4010;040-628 04 17;;;
"""


def make_house():
    """Return a house with a directory, an operator (agent0001), a guide (agent0002) and a second operator
    (agent0003) for those of the queue `quiet`."""
    trunk = {"host": CALLERS, "port": free_port(CALLERS), "numbers": ["direct", "quiet", *ENTRIES]}
    house = House(
        3,
        {
            "vaxel": {
                "trunks": {"callers": trunk},
                "sip": {"rtp_timeout": 1},
                "dialling": {"per_number_hour": 1},
            },
            "numbers": {"numbers": {number: {"flow": flow} for number, flow in ENTRIES.items()}},
            "queues": {"queues": {"bench": {"forward_timeout": 5, "camp_limit": 60, "park_limit": 60}}},
            "agents": {
                "agents": {
                    "agent0001": {"queues": ["bench"]},
                    "agent0002": {"queues": ["bench"], "signed_in": False},
                    "agent0003": {"queues": ["quiet"]},
                }
            },
        },
    )
    house.change("phones", {"phones": {name: {} for name in (*EXTENSIONS, "nowhere")}})
    known = Passwords(house.layout.edge / "phones.sqlite")
    for name in EXTENSIONS:
        known.set(name, PASSWORD)
    for name, to in FLOWS.items():
        (house.config / "flows" / f"{name}.yaml").write_text(CONNECT % to)
    (house.config / "people.csv").write_text(PEOPLE)
    (house.config / "directory.yaml").write_text("file: people.csv\nextensions: 4\n")
    house.far = (CALLERS, trunk["port"])
    return house


@pytest.fixture(scope="module")
def house(request):
    """Return the house, started, its directory read."""
    house = make_house()
    request.node.stash[HOUSES] = [house]
    try:
        house.start()
        everybody_known = f'vaxel_directory_records{{kind="person"}} {len(PEOPLE.splitlines()) - 1}.0'
        until_true(lambda: everybody_known in house.get("/metrics")[1], what="the directory to be read")
        assert vaxel(house, "agent", "login", "agent0002").returncode == 0
        yield house
    finally:
        house.end()


class Board:
    """A house with its telephones, and what an operator asks of it by program."""

    def __init__(self, house, open_phone):
        self.house, self._open = house, open_phone
        self._phones = []
        self._citizens = 0

    async def open_phone(self, name, **where):
        phone = await self._open(name, **where)
        self._phones.append(phone)
        return phone

    async def phone(self, name):
        """Return a registered desk phone."""
        phone = await self.open_phone(name, at=(AGENTS, 0))
        phone.password = PASSWORD
        assert (await phone.register(self.house.sip, PASSWORD)).status == 200
        await asyncio.to_thread(self.house.until_known, name)
        return phone

    async def far(self):
        """Return the trunk's end for calls to numbers outside."""
        return await self.open_phone("far", at=self.house.far)

    async def served(self, operator, number="direct", hertz=CITIZEN, **more):
        """Let a citizen ring and an operator answer; return both calls and the contact's id."""
        self._citizens += 1
        citizen = await ring(self.house, self.open_phone, f"citizen{self._citizens}", number, **more)
        call = await answered(operator, OPERATOR)
        citizen.audio.say(hertz)
        await both(citizen, OPERATOR, call, hertz)
        (contact,) = (await self.get(f"/contacts?agent={operator.user}&state=connected"))["contacts"]
        return citizen, call, contact["id"]

    async def get(self, path):
        status, told = await asyncio.to_thread(ask, self.house, "GET", path)
        assert status == 200, told
        return told

    async def contact(self, contact):
        return await self.get(f"/contacts/{contact}")

    async def busy(self, extension):
        """Tell whether an operator who looks for an extension sees that somebody talks there."""
        (hit,) = (await self.do("/directory/search", typed=extension))["hits"]
        return hit.get("busy", False)

    async def do(self, path, **body):
        """Ask for something that is granted."""
        status, told = await asyncio.to_thread(ask, self.house, "POST", path, body)
        assert status in (200, 201, 204), told
        return told

    async def refused(self, path, **body):
        """Ask for something that is refused; return why."""
        status, told = await asyncio.to_thread(ask, self.house, "POST", path, body)
        assert status >= 400, told
        return told["error_id"]

    async def until(self, contact, within=5.0, **wanted):
        """Wait until a contact is as wanted; return it."""
        async with asyncio.timeout(within):
            while True:
                told = await self.contact(contact)
                if wanted.items() <= told.items():
                    return told
                await asyncio.sleep(0.05)

    async def over(self, *calls):
        """End what is left of some calls, and wait until the house is quiet."""
        for call in calls:
            bye(call)
        return await asyncio.to_thread(self.house.check)

    async def leave(self):
        """Leave nothing behind for the next test, however this one went."""
        for call in (call for phone in self._phones for call in phone.calls.values() if not call.ended):
            bye(call) if call.inbound or call.remote_sdp is not None else call.cancel()
        await asyncio.to_thread(until_true, lambda: not self.house.open_contacts(), what="the house to be quiet")


@pytest.fixture
async def board(house, open_phone):
    """Return the board; nothing of a test is left behind in the house, however it went."""
    board = Board(house, open_phone)
    yield board
    await board.leave()


async def answered(phone, hertz, within=5.0):
    """Let a phone that is rung answer and speak."""
    call = await phone.next_call(within)
    call.ring()
    (await call.answer()).say(hertz)
    return call


async def both(one, hears, other, hears_too):
    """Wait until two hear each other."""
    await asyncio.gather(one.audio.until_hears(hears), other.audio.until_hears(hears_too))


# ---- finding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Åsa Björkman", "asa bjorkman", "bjorkmann", "Bjökman åsa", "bygglovshandl", "4001"])
def test_somebody_is_found_however_it_is_typed(house, typed):
    status, told = ask(house, "POST", "/directory/search", {"typed": typed})
    assert (status, told["hits"][0]["id"]) == (200, "p1")
    shown = vaxel(house, "directory", "search", *typed.split())
    assert shown.returncode == 0, shown.stderr
    assert "Åsa Björkman" in shown.stdout.splitlines()[1]


# ---- connecting ------------------------------------------------------------------------------------------------------


async def test_announced_to_an_extension_which_is_seen_to_be_busy(board):
    operator, asa = await board.phone("agent0001"), await board.phone("asa")
    citizen, call, contact = await board.served(operator)

    assert not await board.busy("4001")
    await board.do(f"/contacts/{contact}/consult", to={"person": "4001"})
    there = await answered(asa, ASA)
    await asyncio.gather(both(call, ASA, there, OPERATOR), citizen.audio.until_hears(MUSIC))
    assert await board.busy("4001")
    await board.do(f"/contacts/{contact}/connect")
    await call.end()
    await both(citizen, ASA, there, CITIZEN)
    told = await board.contact(contact)
    assert (told["state"], told["destination"]) == ("forwarded", {"kind": "phone", "phone": "asa", "person": "p1"})
    assert await board.busy("4001")
    bye(there)
    await citizen.end()
    assert not await board.busy("4001")
    await board.over()


async def test_announced_to_a_number_outside(board):
    operator, far = await board.phone("agent0001"), await board.far()
    citizen, call, contact = await board.served(operator)
    await board.do(f"/contacts/{contact}/consult", to={"person": "p3"})
    there = await answered(far, OUTSIDE)
    assert there.messages[0].start.startswith("INVITE sip:+46406280412@")
    await asyncio.gather(both(call, OUTSIDE, there, OPERATOR), citizen.audio.until_hears(MUSIC))
    await board.do(f"/contacts/{contact}/connect")
    await call.end()
    await both(citizen, OUTSIDE, there, CITIZEN)
    await board.over(citizen)
    assert there.ended


async def test_unannounced_to_an_extension_and_to_a_number_outside(board):
    operator, osten, far = await board.phone("agent0001"), await board.phone("osten"), await board.far()
    first, call, contact = await board.served(operator)
    assert vaxel(board.house, "contact", "forward", contact, "--person", "4002").returncode == 0
    await call.end()
    there = await answered(osten, OSTEN)
    await both(first, OSTEN, there, CITIZEN)
    second, call, contact = await board.served(operator, hertz=CITIZEN + 100)
    await board.do(f"/contacts/{contact}/forward", to={"person": "p6"})
    await call.end()
    outside = await answered(far, OUTSIDE)
    await asyncio.gather(both(second, OUTSIDE, outside, CITIZEN + 100), both(first, OSTEN, there, CITIZEN))
    await board.over(first, outside)
    assert second.ended
    assert there.ended


async def test_who_is_away_is_rung_only_if_that_is_meant(board):
    operator, osten = await board.phone("agent0001"), await board.phone("osten")
    citizen, call, contact = await board.served(operator)
    assert "Östen Häggström" in vaxel(board.house, "directory", "absent", "p2", "meeting").stdout
    refused = vaxel(board.house, "contact", "forward", contact, "--person", "4002")
    assert (refused.returncode, "absent" in refused.stderr) == (1, True)
    assert vaxel(board.house, "contact", "forward", contact, "--person", "4002", "--anyway").returncode == 0
    await call.end()
    there = await answered(osten, OSTEN)
    await both(citizen, OSTEN, there, CITIZEN)
    assert vaxel(board.house, "directory", "present", "p2").returncode == 0
    await board.over(citizen)


async def test_an_agent_is_rung_where_the_agent_is_and_has_the_call_then(board):
    operator, guide = await board.phone("agent0001"), await board.phone("agent0002")
    citizen, call, contact = await board.served(operator)
    await board.do(f"/contacts/{contact}/forward", to={"person": "4005"})
    await call.end()
    there = await answered(guide, COLLEAGUE)
    await both(citizen, COLLEAGUE, there, CITIZEN)
    assert (await board.contact(contact))["agent"] == "agent0002"
    await board.do(f"/contacts/{contact}/hold")
    await citizen.audio.until_hears(MUSIC)
    await board.do(f"/contacts/{contact}/resume")
    await both(citizen, COLLEAGUE, there, CITIZEN)
    await board.over(citizen)


async def test_from_desk_to_desk(board):
    """Where no agent works, colleagues are rung, and seen to be busy; nobody outside is."""
    asa, osten = await board.phone("asa"), await board.phone("osten")
    call = await asa.invite(board.house.sip, "4002")
    there = await answered(osten, OSTEN)
    await call.response(200)
    call.audio.say(ASA)
    await both(call, OSTEN, there, ASA)
    assert await board.busy("4001")
    assert await board.busy("4002")
    third = await board.phone("agent0002")
    for dialled, status in (("4001", 486), ("4007", 480), ("4999", 403), ("0900123456", 403), ("nobody", 403)):
        assert (await (await third.invite(board.house.sip, dialled)).final()).status == status, dialled
    await board.over(there)
    assert call.ended
    assert (await (await asa.invite(board.house.sip, "0406280440")).final()).status == 403


# ---- waiting ---------------------------------------------------------------------------------------------------------


async def test_a_busy_extension_is_waited_for(board):
    operator, asa = await board.phone("agent0001"), await board.phone("asa")
    first, call, contact = await board.served(operator)
    await board.do(f"/contacts/{contact}/forward", to={"person": "p1"})
    there = await answered(asa, ASA)
    await both(first, ASA, there, CITIZEN)
    second, call, contact = await board.served(operator)
    assert await board.refused(f"/contacts/{contact}/forward", to={"person": "p1"}) == "not_reachable"
    assert await board.refused(f"/contacts/{contact}/forward", to={"phone": "asa"}) == "busy"
    await call.audio.until_hears(CITIZEN)
    assert vaxel(board.house, "contact", "forward", contact, "--person", "p1", "--camp").returncode == 0
    await call.end()
    await second.audio.until_hears(MUSIC)
    assert (await board.contact(contact)).get("parties", []) == []
    bye(first)
    await there.end()
    there = await answered(asa, ASA + 100)
    await both(second, ASA + 100, there, CITIZEN)
    await board.over(second)


async def test_parked_and_fetched_from_another_phone(board):
    """Whichever worker the edge gives the fetching call to, it comes to where the citizen is."""
    operator, guide = await board.phone("agent0001"), await board.phone("agent0002")
    citizen, call, contact = await board.served(operator)
    await board.do(f"/contacts/{contact}/park")
    await call.end()
    await citizen.audio.until_hears(MUSIC)
    slot = (await board.until(contact, state="parked"))["slot"]
    for _ in range(2):
        fetch = await guide.invite(board.house.sip, f"*7{slot}")
        await fetch.response(200)
        fetch.audio.say(COLLEAGUE)
        await both(citizen, COLLEAGUE, fetch, CITIZEN)
        assert (await board.contact(contact))["agent"] == "agent0002"
        await board.do(f"/contacts/{contact}/park")
        await fetch.end()
        await citizen.audio.until_hears(MUSIC)
    assert vaxel(board.house, "agent", "retrieve", "agent0002", slot).returncode == 0
    fetch = await answered(guide, COLLEAGUE)
    await both(citizen, COLLEAGUE, fetch, CITIZEN)
    await board.over(citizen)
    assert (await (await guide.invite(board.house.sip, f"*7{slot}")).final()).status == 403


# ---- coming back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", ["no_answer", "busy", "declined", "unreachable"])
async def test_a_call_that_nobody_takes_comes_back_with_the_reason(board, cause):
    operator, asa = await board.phone("agent0001"), await board.phone("asa")
    citizen, call, contact = await board.served(operator)
    if cause == "unreachable":
        await asa.close()
    await board.do(f"/contacts/{contact}/forward", to={"person": "p1"})
    await call.end()
    if cause != "unreachable":
        there = await asa.next_call()
        there.ring()
        if cause != "no_answer":
            there.reject({"busy": 486, "declined": 603}[cause])
    back = await operator.next_call(8.0)
    back.ring()
    returned = {"cause": cause, "destination": {"kind": "phone", "phone": "asa", "person": "p1"}}
    told = await board.contact(contact)
    assert (told["state"], told["agent"], told["returned"]) == ("offered", "agent0001", returned)
    assert back.messages[0]["From"].startswith(f'"{WORDS["en"][cause]}" <')
    (await back.answer()).say(OPERATOR)
    await both(citizen, OPERATOR, back, CITIZEN)
    assert (await board.until(contact, state="connected"))["returned"] == returned
    await board.over(citizen)


@pytest.mark.parametrize("answers", [True, False])
async def test_the_operator_leaves_while_it_still_rings(board, answers):
    """By putting the phone down in the middle of the announcement."""
    operator, asa = await board.phone("agent0001"), await board.phone("asa")
    citizen, call, contact = await board.served(operator)
    await board.do(f"/contacts/{contact}/consult", to={"person": "p1"})
    there = await asa.next_call()
    bye(call)
    await board.until(contact, state="forwarded")
    await citizen.audio.until_hears(MUSIC)
    if answers:
        (await there.answer()).say(ASA)
        await both(citizen, ASA, there, CITIZEN)
    else:
        there.reject(486)
        back = await answered(operator, OPERATOR)
        await both(citizen, OPERATOR, back, CITIZEN)
        assert (await board.contact(contact))["returned"]["cause"] == "busy"
    await board.over(citizen)


async def test_what_cannot_be_rung_stays_with_the_operator(board):
    operator = await board.phone("agent0001")
    citizen, call, contact = await board.served(operator)
    for to, why in (
        ({"person": "p7"}, "not_reachable"),
        ({"phone": "nowhere"}, "phone_gone"),
        ({"number": "+1 212 555 0100"}, "number_country"),
        ({"number": "0900 123 45 67"}, "number_refused"),
        ({"person": "4999"}, "number_bad"),
    ):
        assert await board.refused(f"/contacts/{contact}/forward", to=to) == why
        assert await board.refused(f"/contacts/{contact}/consult", to=to) == why
    await both(citizen, OPERATOR, call, CITIZEN)
    await board.over(citizen)


@pytest.mark.soak
async def test_the_gate_refuses_a_second_try(board):
    """A number that was busy is tried again while the citizen waits; the gate counts."""
    operator, far = await board.phone("agent0003"), await board.far()
    citizen, call, contact = await board.served(operator, "quiet")
    await board.do(f"/contacts/{contact}/forward", to={"number": "040-628 04 20"}, camp=True)
    await call.end()
    (await far.next_call()).reject(486)
    back = await operator.next_call(20.0)
    assert (await board.contact(contact))["returned"] == {
        "cause": "refused",
        "destination": {"kind": "number", "country": "SE"},
    }
    (await back.answer()).say(OPERATOR)
    await both(citizen, OPERATOR, back, CITIZEN)
    await board.over(citizen)


async def test_back_to_the_line_when_the_operator_has_left(board):
    operator, guide, osten = [await board.phone(name) for name in ("agent0001", "agent0002", "osten")]
    citizen, call, contact = await board.served(operator)
    await board.do(f"/contacts/{contact}/forward", to={"person": "p2"})
    await call.end()
    there = await osten.next_call()
    await board.do("/agents/agent0001/log-out")
    await board.do("/agents/agent0002/ready")
    there.reject(486)
    back = await answered(guide, COLLEAGUE)
    await both(citizen, COLLEAGUE, back, CITIZEN)
    assert (await board.contact(contact))["returned"]["cause"] == "busy"
    await board.do("/agents/agent0002/pause", reason="other")
    await board.do("/agents/agent0001/log-in")
    await board.do("/agents/agent0001/ready")
    await board.over(citizen)
    assert operator.ringing.empty()


async def test_a_connected_call_comes_back_when_the_extension_is_lost(board):
    """The citizen hears music meanwhile, and whoever sent it on asks again."""
    operator, asa = await board.phone("agent0001"), await board.phone("asa")
    citizen, call, contact = await board.served(operator)
    await board.do(f"/contacts/{contact}/forward", to={"person": "p1"})
    await call.end()
    there = await answered(asa, ASA)
    await both(citizen, ASA, there, CITIZEN)
    await asa.close()
    back = await answered(operator, OPERATOR, within=10.0)
    await both(citizen, OPERATOR, back, CITIZEN)
    assert (await board.contact(contact))["returned"]["cause"] == "cut_off"
    await board.over(citizen)


async def test_everything_stands_when_the_engine_is_killed(board):
    """One talks with an extension, one waits for it, one is parked, one talks outside; a new engine finds them so."""
    operator, guide, asa, far = [
        *[await board.phone(name) for name in ("agent0001", "agent0002", "asa")],
        await board.far(),
    ]
    talker, call, contact = await board.served(operator)
    await board.do(f"/contacts/{contact}/forward", to={"person": "p1"})
    await call.end()
    there = await answered(asa, ASA)
    waiter, call, waiting = await board.served(operator)
    await board.do(f"/contacts/{waiting}/forward", to={"person": "p1"}, camp=True)
    await call.end()
    parked, call, contact = await board.served(operator)
    await board.do(f"/contacts/{contact}/park")
    await call.end()
    slot = (await board.contact(contact))["slot"]
    away, call, contact = await board.served(operator)
    await board.do(f"/contacts/{contact}/forward", to={"number": "040-628 04 50"})
    await call.end()
    outside = await answered(far, OUTSIDE)
    await both(away, OUTSIDE, outside, CITIZEN)

    killed = board.house.kill("engine")
    await asyncio.gather(both(talker, ASA, there, CITIZEN), both(away, OUTSIDE, outside, CITIZEN))
    await asyncio.to_thread(until_true, lambda: board.house.pid("engine") not in (0, killed), what="another engine")
    await asyncio.to_thread(board.house.until_serving)
    await asyncio.gather(
        *(one.audio.until_hears(MUSIC) for one in (waiter, parked)),
        both(talker, ASA, there, CITIZEN),
        both(away, OUTSIDE, outside, CITIZEN),
    )
    fetch = await guide.invite(board.house.sip, f"*7{slot}")
    await fetch.response(200)
    fetch.audio.say(COLLEAGUE)
    await both(parked, COLLEAGUE, fetch, CITIZEN)
    bye(talker)
    await there.end()
    there = await answered(asa, ASA)
    await both(waiter, ASA, there, CITIZEN)
    await board.over(waiter, parked, outside)
    assert away.ended


# ---- by the trunk ----------------------------------------------------------------------------------------------------


async def test_the_trunk_connects_by_itself_where_that_is_set(board):
    operator, far = await board.phone("agent0001"), await board.far()
    citizen, call, contact = await board.served(operator)
    await board.do(f"/contacts/{contact}/forward", to={"person": "p4"})
    await call.end()
    refer = await citizen.request("REFER")
    assert refer["Refer-To"].startswith(f"<sip:+46406280413@{CALLERS}:{board.house.far[1]}")
    citizen.notify("SIP/2.0 180 Ringing")
    assert (await board.contact(contact))["state"] == "forwarded"
    citizen.notify("SIP/2.0 200 OK", "terminated;reason=noresource")
    await citizen.end()
    record = await board.over()
    assert record.of(f.ContactEnded, contact=contact)[0].outcome == "connected"
    assert far.ringing.empty(), "we rang nobody"


@pytest.mark.parametrize(("answer", "notice", "cause"), [(603, "", "declined"), (202, "486 Busy Here", "busy")])
async def test_a_trunk_that_does_not_connect_gives_the_call_back(board, answer, notice, cause):
    """To another number each time: the gate counts what the trunk is asked to ring, too."""
    operator = await board.phone("agent0001")
    citizen, call, contact = await board.served(operator)
    citizen.answers_refer = answer, "As it likes"
    await board.do(f"/contacts/{contact}/forward", to={"person": "p8" if notice else "p9"})
    await call.end()
    await citizen.request("REFER")
    if notice:
        citizen.notify(f"SIP/2.0 {notice}", "terminated;reason=noresource")
    back = await answered(operator, OPERATOR)
    await both(citizen, OPERATOR, back, CITIZEN)
    assert (await board.contact(contact))["returned"]["cause"] == cause
    await board.over(citizen)


# ---- numbers, flows, and who rings -----------------------------------------------------------------------------------


async def test_a_flow_connects_to_somebody_of_the_directory(board):
    operator, osten = await board.phone("agent0001"), await board.phone("osten")
    citizen = await ring(board.house, board.open_phone, "citizen", "0403410100")
    there = await answered(osten, OSTEN)
    citizen.audio.say(CITIZEN)
    await both(citizen, OSTEN, there, CITIZEN)
    assert operator.ringing.empty()
    await board.over(there)
    assert citizen.ended


async def test_nobody_answers_whom_a_flow_rings_and_it_goes_on(board):
    operator, osten = await board.phone("agent0001"), await board.phone("osten")
    citizen = await ring(board.house, board.open_phone, "citizen", "0403410100")
    there = await osten.next_call()
    await there.request("CANCEL")
    await citizen.audio.until_hears(SORRY)
    call = await answered(operator, OPERATOR)
    citizen.audio.say(CITIZEN)
    await both(citizen, OPERATOR, call, CITIZEN)
    await board.over(citizen)


async def test_a_flow_connects_to_numbers_through_the_trunk(board):
    """One answers, the other is busy; both calls show the trunk's own number."""
    operator, far = await board.phone("agent0001"), await board.far()
    first = await ring(board.house, board.open_phone, "citizen", "0403410200")
    there = await answered(far, OUTSIDE)
    assert there.messages[0].start.startswith("INVITE sip:+46406280430@")
    first.audio.say(CITIZEN)
    await both(first, OUTSIDE, there, CITIZEN)
    second = await ring(board.house, board.open_phone, "other", "0403410300")
    (await far.next_call()).reject(486)
    call = await answered(operator, OPERATOR)
    second.audio.say(CITIZEN)
    await asyncio.gather(both(second, OPERATOR, call, CITIZEN), both(first, OUTSIDE, there, CITIZEN))
    await board.over(first, second)


async def test_what_the_operators_phone_shows_of_who_rings(board):
    """A trunk's word about the number is believed, and kept to oneself when the caller wants that."""
    operator = await board.phone("agent0001")
    asserted = ("P-Asserted-Identity", "<sip:+46701740605@carrier.example>")
    for user, headers, shown in (
        ("switch", (asserted,), "sip:+46701740605@"),
        ("0701740606", (), "sip:0701740606@"),
        ("anonymous", (), "sip:anonymous@"),
        ("anonymous", (asserted, ("Privacy", "id")), "sip:anonymous@"),
        ("0701740606", (("Privacy", "id"),), "sip:anonymous@"),
    ):
        citizen = await ring(board.house, board.open_phone, user, headers=headers)
        call = await answered(operator, OPERATOR)
        citizen.audio.say(CITIZEN)
        await both(citizen, OPERATOR, call, CITIZEN)
        head = call.messages[0].encode().decode()
        assert shown in call.messages[0]["From"]
        assert ("70174060" in head) == ("70174060" in shown)
        await board.over(citizen)


async def test_a_phones_word_about_its_number_is_not_believed(board):
    operator, asa = await board.phone("agent0001"), await board.phone("asa")
    claims = (("P-Asserted-Identity", "<sip:+46701740605@x>"), ("P-Preferred-Identity", "<sip:+46701740605@x>"))
    call = await asa.invite(board.house.sip, "direct", headers=claims)
    rung = await answered(operator, OPERATOR)
    call.audio.say(ASA)
    await both(call, OPERATOR, rung, ASA)
    assert "sip:asa@" in rung.messages[0]["From"]
    assert "46701740605" not in rung.messages[0].encode().decode()
    await board.over(call)
