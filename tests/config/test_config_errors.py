"""Every kind of mistake: exact file, line, field and text."""

import wave
from pathlib import Path

import pytest

from engine.config import ConfigError, Problem, load

from .conftest import Spoil


def problems(folder: Path) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return caught.value.problems


CASES = [
    # file, old, new, line, field, text
    ("vaxel.yaml", "city: Testby", "citty: Testby", 1, "citty", 'there is no field "citty"; did you mean "city"?'),
    ("vaxel.yaml", "demo: true", "demo: maybe", 2, "demo", 'expected true or false, found "maybe"'),
    ("vaxel.yaml", "demo: true", "demo:", 2, "demo", "expected true or false, found nothing"),
    ("vaxel.yaml", "language: sv", "language: svv", 3, "language",
     'there is no language in prompts.yaml "svv"; did you mean "sv"?'),
    ("vaxel.yaml", "language: sv", "log_level: loud", 3, "log_level",
     '"loud" is not possible here; allowed: debug, info, warning, error'),
    ("vaxel.yaml", "language: sv", "listen: 10.0.0.5", 3, "listen",
     "10.0.0.5 is open to others while `demo: true` stands: the people, phones and passwords here are examples that "
     "everybody knows; put in your own, then remove `demo`"),
    ("vaxel.yaml", "demo: true", "listen: 0.0.0.0", 1, "sip.public_address",
     "is missing: say which address of this machine phones reach"),
    ("vaxel.yaml", "language: sv", "listen: here", 3, "listen",
     '"here" is no IPv4 address; write it like 10.20.0.5 (0.0.0.0 for all)'),
    ("vaxel.yaml", "language: sv", "sip: {port: 80}", 3, "sip.port",
     "80 is out of range; allowed: from 1024 to 65535"),
    ("vaxel.yaml", "language: sv", "sip:\n  codecs: [opus]", 4, "sip.codecs.0",
     '"opus" is not possible here; allowed: g722, a-law, u-law'),
    ("vaxel.yaml", "language: sv", "sip:\n  clock_rate: 44100", 4, "sip.clock_rate",
     "44100 is not possible; allowed: 8000, 16000, 32000, 48000"),
    ("vaxel.yaml", "language: sv", "sip:\n  networks:\n    - name: x\n      from: [10.1.2.3/8]", 6,
     "sip.networks.0.from.0", '"10.1.2.3/8" has bits beyond its prefix; write 10.0.0.0/8'),
    ("vaxel.yaml", "language: sv", "sip:\n  networks:\n    - name: x\n      from: [0.0.0.0/0]\n      trunk: true", 7,
     "sip.networks.0.trunk", "the whole world cannot be a trunk: anybody could claim any number"),
    ("vaxel.yaml", "language: sv", "sip: {rtp_ports: 5000-6000}", 3, "sip.rtp_ports",
     "5000-6000 covers the SIP port 5060; choose another range"),
    ("vaxel.yaml", "language: sv", "sip: {rtp_ports: 28000-28999}", 3, "sip.rtp_ports",
     "28000-28999 is too narrow: 1400 ports are needed, two for each of max_legs in each worker; widen it, or lower "
     "max_legs (700)"),
    ("vaxel.yaml", "language: sv", "sip:\n  workers: 9\n  max_legs: 500", 3, "sip.rtp_ports",
     "20000-27999 is too narrow: 9000 ports are needed, two for each of max_legs in each worker; widen it, or lower "
     "max_legs (500)"),
    ("vaxel.yaml", "language: sv", "sip: {codecs: []}", 3, "sip.codecs",
     "is empty; name at least one of g722, a-law, u-law"),
    ("vaxel.yaml", "language: sv", "sip: {session_expires: 60 s}", 3, "sip.session_expires",
     "60 s is too short (RFC 4028); at least 90 s, or 0 for none"),
    ("vaxel.yaml", "language: sv", "sip: {agent_reserve: 700}", 3, "sip.agent_reserve",
     "700 leaves no room for callers; max_legs is 700"),
    ("agents.yaml", "agents:\n", "pauses: {lunch: Lunch, leaving: Hem}\nagents:\n", 1, "pauses.leaving",
     "is a word that Vaxel itself pauses agents with; choose another"),
    ("agents.yaml", "agents:\n", "pauses: {to lunch: Lunch}\nagents:\n", 1, "pauses.to lunch",
     '"to lunch" cannot be a name; use letters, digits, "-", "_" and ".", at most 64'),
    ("vaxel.yaml", "language: sv", "web: {requests_per_second: 0}", 3, "web.requests_per_second",
     "0 is out of range; allowed: from 1 to 100000"),
    ("vaxel.yaml", "language: sv", "web: {port: 5060}", 3, "web.port",
     "5060 lies among the SIP ports 5060-5060; choose another"),
    ("vaxel.yaml", "language: sv", "time_zone: Europe/Stokholm", 3, "time_zone",
     'there is no time zone "Europe/Stokholm"; did you mean "Europe/Stockholm"?; write it like Europe/Stockholm'),
    ("vaxel.yaml", "language: sv", "redis: {url: 'redis://:pw@host'}", 3, "redis.url",
     "carries a password; put it into a file and name that under `password_file`"),
    ("vaxel.yaml", "language: sv", "redis: {url: 'http://host'}", 3, "redis.url",
     "is no Redis address; write it like redis://host:6379/0 or unix:///path/redis.sock"),
    ("vaxel.yaml", "language: sv", "redis: {url: 'redis://host:99999'}", 3, "redis.url",
     "is no Redis address; write it like redis://host:6379/0 or unix:///path/redis.sock"),
    ("vaxel.yaml", "language: sv", "redis: {}", 3, "redis", '"url" is missing'),
    ("vaxel.yaml", "language: sv", "music: {default: a.wav}", 3, "music.default", "there is no file a.wav there"),
    ("queues.yaml", "hours: office", "hours: ofice", 6, "queues.a.hours",
     'there is no hours "ofice"; did you mean "office"?'),
    ("queues.yaml", "mon-fri:", "monday:", 3, "hours.office.monday",
     '"monday" is no weekday; write mon, tue, wed, thu, fri, sat, sun, mon-fri, or special'),
    ("queues.yaml", "08:00-16:30", "16:30-08:00", 3, "hours.office.mon-fri",
     '"16:30-08:00" is no opening time; write it like 08:00-16:30, or 08:00-12:00, 13:00-17:00, or closed'),
    ("queues.yaml", "mon-fri: 08:00-16:30", "special: {2026-02-30: closed}", 3, "hours.office.special.2026-02-30",
     '"2026-02-30" is no date; write it like 2026-12-24'),
    ("queues.yaml", "mon-fri: 08:00-16:30", "special: swedn", 3, "hours.office.special",
     'there is no special days "swedn", and none is configured'),
    ("queues.yaml", "after: 2 min", "after: 2 moons", 9, "queues.a.requirement.1.after",
     '"2 moons" is no duration; write it like 20 s, 5 min or 2 h'),
    ("queues.yaml", "after: 2 min", "after: 0", 9, "queues.a.requirement.1",
     "each step comes later than the one before; write `after`, such as 2 min"),
    ("queues.yaml", "{swedish: 3}", "{swedish: 6}", 8, "queues.a.requirement.0.needs.swedish",
     "6 is no level; levels go from 1 (some) to 5 (fully)"),
    ("queues.yaml", "{swedish: 3}", "{swedis: 3}", 8, "queues.a.requirement.0.needs.swedis",
     'among the agents there is no skill "swedis"; did you mean "swedish"?'),
    ("queues.yaml", "needs: {}", "needs: {swedish: 5}", 9, "queues.a.requirement.1",
     'no agent of queue "a" could ever meet this (swedish 5); widen the last step, or add somebody'),
    ("queues.yaml", "closed: {", "clozed: {", 12, "queues.a.ways_out.clozed",
     'there is no obstacle "clozed"; did you mean "closed"?'),
    ("queues.yaml", "{announcement: closed}", "message", 12, "queues.a.ways_out.closed",
     '"message" is not available on the telephone in this version; write {queue: NAME} to send the contact on, or '
     "{announcement: PROMPT} to say goodbye with it"),
    ("queues.yaml", "{announcement: closed}", "{callback: yes}", 12, "queues.a.ways_out.closed",
     '"callback" is not available on the telephone in this version; write {queue: NAME} to send the contact on, or '
     "{announcement: PROMPT} to say goodbye with it"),
    ("queues.yaml", "{announcement: closed}", "{queue: c}", 12, "queues.a.ways_out.closed.queue",
     'there is no queue "c"; known: a, b'),
    ("queues.yaml", "{announcement: closed}", "{queue: a}", 11, "queues.a.ways_out",
     "lead back here in a circle; let one of these queues end in an announcement"),
    ("queues.yaml", "{announcement: closed}", "{announcement: closd}", 12, "queues.a.ways_out.closed.announcement",
     'there is no prompt "closd"; did you mean "closed"?'),
    ("queues.yaml", "closed: {announcement: closed}", "full: {queue: b}", 12, "queues.a.ways_out.full",
     "is never taken: nothing says when the queue is full; add max_waiting"),
    ("queues.yaml", "closed: {announcement: closed}", "too_long: {queue: b}", 12, "queues.a.ways_out.too_long",
     "is never taken: nothing says how long is too long; add max_wait"),
    ("queues.yaml", "title: Second", "target: fast", 14, "queues.b.target",
     '"fast" is no target; write it like 80 % within 60 s'),
    ("queues.yaml", "title: Second", "weight: 0", 14, "queues.b.weight",
     "0.0 is out of range; allowed: from 0.01 to 1000"),
    ("queues.yaml", "title: Second", "selection: fastest", 14, "queues.b.selection",
     '"fastest" is not possible here; allowed: spare-scarce, longest-idle'),
    ("queues.yaml", "    title: Second", "    title: Second\n  c:\n    title: Third", 15, "queues.c",
     "nobody serves this queue; add it to `queues` of an agent who takes calls"),
    ("queues.yaml", "  b:\n", "  b:\n    title: First\n", 15, "queues.b.title",
     '"title" stands twice; first in line 14'),
    ("queues.yaml", "  b:\n    title: Second", "  a:\n    title: Second", 13, "queues.a",
     '"a" stands twice; first in line 5'),
    ("queues.yaml", "  b:\n    title: Second", "  b:\n    title: Second\nreserve: {dutch: 1}", 15, "reserve.dutch",
     'among the agents there is no skill "dutch"; known: english, swedish'),
    ("agents.yaml", "sip:one@127.0.0.1:6001", "one@127.0.0.1", 3, "agents.one.address",
     '"one@127.0.0.1" is no SIP address; write it like sip:guide01@10.20.0.7:5060'),
    ("agents.yaml", "sip:one@127.0.0.1:6001", "sip:one@127.0.0.1:99999", 3, "agents.one.address",
     '"sip:one@127.0.0.1:99999" is no SIP address; write it like sip:guide01@10.20.0.7:5060'),
    ("agents.yaml", "[a, b]", "[a, c, b]", 5, "agents.one.queues.c", 'there is no queue "c"; known: a, b'),
    ("agents.yaml", "skills: {swedish: 4}", "skills: [swedish]", 4, "agents.one.skills",
     "expected skills such as {swedish: 3}, found a list"),
    ("agents.yaml", "    address: sip:one@127.0.0.1:6001\n", "", 2, "agents.one",
     "is signed in from the start but has no `address` that could be rung"),
    ("agents.yaml", "    signed_in: true", "    capacity: {fax: 1}", 6, "agents.one.capacity.fax",
     'there is no channel "fax"; known: call, callback, chat, mail, message, report, text, visit'),
    ("agents.yaml", "{a: 1, b: 2}", "{a: 1, b: 0}", 10, "agents.two.queues.b",
     "0 is no tier; tiers go from 1 (served first) to 9"),
    ("agents.yaml", "  two:", "  two words:", 7, "agents.two words",
     '"two words" cannot be a name; use letters, digits, "-", "_" and ".", at most 64'),
    ("numbers.yaml", "flow: hello", "flow: helo", 3, "numbers.0401.flow",
     'there is no flow "helo"; did you mean "hello"?'),
    ("numbers.yaml", "queue: b", "queue: x", 5, "numbers.0402.queue", 'there is no queue "x"; known: a, b'),
    ("numbers.yaml", "queue: b", "title: Nowhere", 4, "numbers.0402",
     "leads nowhere; write either flow: NAME or queue: NAME"),
    ("numbers.yaml", "queue: b", "queue: b\n    flow: hello", 4, "numbers.0402",
     "names a flow and a queue; write either flow: NAME or queue: NAME"),
    ("numbers.yaml", "  0402:", "  040-34 10 00:", 4, "numbers.040-34 10 00",
     '"040-34 10 00" is not a number as it arrives by SIP, without spaces and hyphens; write 040341000'),
    ("numbers.yaml", "queue: b", "queue: b\n    language: fi", 6, "numbers.0402.language",
     'there is no language in prompts.yaml "fi"; known: sv'),
    ("flows/hello.yaml", "next: ask", "next: aks", 3, "start.next", 'there is no node "aks"; did you mean "ask"?'),
    ("flows/hello.yaml", "start:", "begin:", 1, "", 'has no node "start", where every flow begins'),
    ("flows/hello.yaml", "2: bye", "2: line", 10, "bye",
     "cannot be reached from start; lead a way to it, or remove it"),
    ("flows/hello.yaml", "otherwise: line", "otherwise: start", 1, "start",
     "a caller who presses nothing goes round for ever (start > ask > start); let `otherwise` lead to a queue"),
    ("flows/hello.yaml", "otherwise: line", "otherwise: nowhere", 7, "ask.otherwise",
     'there is no node "nowhere"; known: ask, bye, line, start'),
    ("flows/hello.yaml", "next: ask", "next: ''", 3, "start.next",
     'there is no node ""; known: ask, bye, line, start'),
    ("flows/hello.yaml", "1: line", "12: line", 6, "ask.choices.12",
     '"12" is no key of a telephone; allowed: 0-9, "*", "#"'),
    ("flows/hello.yaml", "bye: hang_up", "bye: explode", 10, "bye",
     'found "explode"; a node says what it does by one of: say, menu, queue, hang_up'),
    ("flows/hello.yaml", "bye: hang_up", "bye: {say: closed, queue: a}", 10, "bye",
     "does say and queue; a node says what it does by one of: say, menu, queue, hang_up"),
    ("flows/hello.yaml", "say: welcome", "say: welcom", 2, "start.say",
     'there is no prompt "welcom"; did you mean "welcome"?'),
    ("flows/hello.yaml", "queue: a", "queue: a\n  needs: {english: 5, swedish: 1}", 10, "line.needs",
     'no agent of queue "a" could ever meet this (english 5, swedish 1); widen the last step, or add somebody'),
    ("flows/hello.yaml", "  otherwise: line\n", "", 4, "ask", '"otherwise" is missing'),
    ("prompts.yaml", "  sorry: Tyvärr.\n", "", 1, "sv",
     'lacks the prompt "sorry", the default of every queue without ways out; add it in: sv'),
    ("prompts.yaml", "welcome: Hej.", "welcome: [Hej]", 2, "sv.welcome", "expected text, found a list"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "line", "field", "text"), CASES, ids=lambda value: str(value)[:30])
def test_mistake(spoil: Spoil, file: str, old: str, new: str, line: int, field: str, text: str) -> None:
    assert Problem(file, line, field, text) in problems(spoil(file, old, new))


def test_one_mistake_is_one_problem(spoil: Spoil) -> None:
    assert len(problems(spoil("agents.yaml", "[a, b]", "[a, c, b]"))) == 1


def test_all_mistakes_at_once_in_order(spoil: Spoil) -> None:
    spoil("vaxel.yaml", "demo: true", "demo: maybe")
    spoil("queues.yaml", "after: 2 min", "after: soon")
    spoil("queues.yaml", "title: Second", "titel: Second")
    found = problems(spoil("agents.yaml", "[a, b]", "[a, c, b]"))
    assert [(one.file, one.line) for one in found] == [
        ("agents.yaml", 5),
        ("queues.yaml", 9),
        ("queues.yaml", 14),
        ("vaxel.yaml", 2),
    ]
    assert str(found[0]) == 'agents.yaml:5: agents.one.queues.c: there is no queue "c"; known: a, b'


def test_loop_without_exit(city: Path) -> None:
    (city / "flows" / "round.yaml").write_text("start:\n  say: welcome\n  next: b\nb:\n  say: closed\n  next: start\n")
    text = "is a loop without exit (start > b > start); lead a way out of it to a queue, or to hang_up"
    assert problems(city) == [Problem("flows/round.yaml", 1, "start", text)]


def test_missing_file(city: Path) -> None:
    (city / "prompts.yaml").unlink()
    text = "is missing; see examples/malmo for what stands in it"
    assert Problem("prompts.yaml", 0, "", text) in problems(city)


def test_missing_folder(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    assert problems(folder) == [
        Problem(str(folder), 0, "", "is no folder; name one that holds vaxel.yaml and its sisters")
    ]


def test_file_with_a_slip_in_its_name(city: Path) -> None:
    (city / "agent.yaml").write_text("agents: {}\n")
    (city / "flows" / "late.yml").write_text("start: hang_up\n")
    assert [str(one) for one in problems(city)] == [
        "agent.yaml: is not read by Vaxel, which knows agents.yaml, directory.yaml, numbers.yaml, prompts.yaml, "
        'queues.yaml, vaxel.yaml and flows/*.yaml: did you mean "agents.yaml"?',
        "flows/late.yml: is not read by Vaxel: rename it to late.yaml",
    ]


def test_broken_yaml(spoil: Spoil) -> None:
    found = problems(spoil("queues.yaml", "  b:\n", "  b\n"))
    assert found[0].file == "queues.yaml"
    assert found[0].line == 14
    assert found[0].text.startswith("is not YAML: ")


def test_not_utf8(city: Path) -> None:
    (city / "prompts.yaml").write_bytes("sv:\n  welcome: Välkommen\n".encode("latin-1"))
    text = "is not UTF-8 text (byte 16); save it as UTF-8"
    assert Problem("prompts.yaml", 0, "", text) in problems(city)


def test_alias_within_itself(city: Path) -> None:
    (city / "agents.yaml").write_text("agents: &x\n  one: *x\n")
    text = "contains itself (an alias inside its own anchor)"
    assert Problem("agents.yaml", 2, "agents.one", text) in problems(city)


def test_many_aliases_cost_little(city: Path) -> None:
    lines = ["a0: &a0 {x: y}"] + [
        f"a{n}: &a{n} {{{', '.join(f'k{k}: *a{n - 1}' for k in range(9))}}}" for n in range(1, 20)
    ]
    (city / "agents.yaml").write_text("\n".join(lines))
    assert any(one.field == "a19" for one in problems(city))


def test_prompt_missing_in_one_language(spoil: Spoil, city: Path) -> None:
    (city / "prompts.yaml").write_text(
        (city / "prompts.yaml").read_text() + "en:\n  sorry: Sorry.\n  closed: Closed.\n"
    )
    found = problems(spoil("numbers.yaml", "flow: hello", "flow: hello\n    language: en"))
    text = (
        'the prompt "choose" is missing in en; add its text to prompts.yaml, or a recording under prompts/en/choose.wav'
    )
    assert Problem("flows/hello.yaml", 5, "ask.menu", text) in found


def test_recording_that_cannot_be_played(city: Path) -> None:
    path = city / "prompts" / "sv" / "welcome.wav"
    path.parent.mkdir(parents=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 44100, 0, "NONE", ""))
        file.writeframes(bytes(400))
    text = (
        "welcome.wav has 2 channels, 16 bits, 44100 Hz; wanted: mono, 16 bits, 16000 Hz. "
        "Make one by: sox IN -r 16000 -c 1 -b 16 welcome.wav"
    )
    assert problems(city) == [Problem("prompts/sv/welcome.wav", 0, "", text)]
    path.write_bytes(b"nonsense")
    assert problems(city)[0].text.startswith("welcome.wav is no PCM WAV file (")
