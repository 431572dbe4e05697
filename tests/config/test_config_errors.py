"""Every kind of mistake: exact file, line, field and text."""

import wave
from pathlib import Path

import pytest

from engine.config import ConfigError, Problem, check_files, load
from engine.pins import hash_pin

from .conftest import Spoil


def problems(folder: Path) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return caught.value.problems


WAY = (
    "write {queue: NAME} to send the contact on, {callback: PROMPT} to call back in its turn and say so, "
    "{message: QUEUE} or {report: FLOW} to let it leave something behind, or {announcement: PROMPT} to say goodbye "
    "with it"
)
NODE = (
    "a node says what it does by one of: say, announcement, menu, language, collect, form, message, mail, hours, set, "
    "flow, queue, callback, ticket, promised, connect, hang_up, return"
)

CASES = [
    ("vaxel.yaml", "language: sv", "dialling: {domains: {relay.example: relay}}", 3, "dialling.domains.relay.example",
     'there is no trunk "relay", and none is configured'),
    ("queues.yaml", "queues:", "queues:\n  z: {callbacks: {first: nobody}}", 5, "queues.z.callbacks.first",
     '"nobody" is not possible here; allowed: agent, citizen'),
    ("queues.yaml", "queues:", "queues:\n  z: {callbacks: {let_down: much}}", 5, "queues.z.callbacks.let_down",
     '"much" is no share; write it like 3 %'),
    # file, old, new, line, field, text
    ("vaxel.yaml", "city: Testby", "citty: Testby", 1, "citty", 'there is no field "citty"; did you mean "city"?'),
    ("vaxel.yaml", "demo: true", "demo: maybe", 2, "demo", 'expected true or false, found "maybe"'),
    ("vaxel.yaml", "demo: true", "demo:", 2, "demo", "expected true or false, found nothing"),
    ("vaxel.yaml", "demo: true", "always_open: true", 2, "always_open",
     "stands only beside `demo: true`: services keep the hours of queues.yaml"),
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
    ("vaxel.yaml", "language: sv", "sip:\n  codecs: [gsm]", 4, "sip.codecs.0",
     '"gsm" is not possible here; allowed: g722, a-law, u-law, opus'),
    ("vaxel.yaml", "language: sv", "sip:\n  clock_rate: 44100", 4, "sip.clock_rate",
     "44100 is not possible; allowed: 8000, 16000, 32000, 48000"),
    ("vaxel.yaml", "language: sv", "sip:\n  networks:\n    - name: x\n      from: [10.1.2.3/8]", 6,
     "sip.networks.0.from.0", '"10.1.2.3/8" has bits beyond its prefix; write 10.0.0.0/8'),
    ("vaxel.yaml", "language: sv", "sip:\n  networks:\n    - name: x\n      from: [0.0.0.0/0]\n      trunk: true", 7,
     "sip.networks.0.trunk", "the whole world cannot be a trunk: anybody could claim any number"),
    ("vaxel.yaml", "language: sv", "sip:\n  networks:\n    - name: växel\n      from: [10.0.0.0/8]", 5,
     "sip.networks.0.name", "stands in SIP messages; use letters a to z, digits, -, _ and ."),
    ("vaxel.yaml", "language: sv", "sip: {rtp_ports: 5000-6000}", 3, "sip.rtp_ports",
     "5000-6000 covers the SIP port 5060; choose another range"),
    ("vaxel.yaml", "language: sv", "sip: {rtp_ports: 28000-28999}", 3, "sip.rtp_ports",
     "28000-28999 is too narrow: 1400 ports are needed, two for each of max_legs in each worker; widen it, or lower "
     "max_legs (700)"),
    ("vaxel.yaml", "language: sv", "sip:\n  workers: 9\n  max_legs: 500", 3, "sip.rtp_ports",
     "20000-27999 is too narrow: 9000 ports are needed, two for each of max_legs in each worker; widen it, or lower "
     "max_legs (500)"),
    ("vaxel.yaml", "language: sv", "sip: {codecs: []}", 3, "sip.codecs",
     "is empty; name at least one of g722, a-law, u-law, opus"),
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
     "5060 lies among the SIP ports 5060; choose another"),
    ("vaxel.yaml", "language: sv", "time_zone: Europe/Stokholm", 3, "time_zone",
     'there is no time zone "Europe/Stokholm"; did you mean "Europe/Stockholm"?; write it like Europe/Stockholm'),
    ("vaxel.yaml", "language: sv", "redis: {url: 'redis://:pw@host'}", 3, "redis.url",
     "carries a password; put it into a file and name that under `password_file`"),
    ("vaxel.yaml", "language: sv", "redis: {url: 'http://host'}", 3, "redis.url",
     "is no Redis address; write it like redis://host:6379/0 or unix:///path/redis.sock"),
    ("vaxel.yaml", "language: sv", "redis: {url: 'redis://host:99999'}", 3, "redis.url",
     "is no Redis address; write it like redis://host:6379/0 or unix:///path/redis.sock"),
    ("vaxel.yaml", "language: sv", "history: {url: 'postgresql://u:pw@host/h'}", 3, "history.url",
     "carries a password; put it into a file and name that under `password_file`"),
    ("vaxel.yaml", "language: sv", "history: {url: 'sqlite:///h'}", 3, "history.url",
     "is no address of a PostgreSQL; write it like postgresql://vaxel@host/history, or none for SQLite"),
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
    ("queues.yaml", "{announcement: closed}", "message", 12, "queues.a.ways_out.closed", f'found "message"; {WAY}'),
    ("queues.yaml", "{announcement: closed}", "{callback: yes}", 12, "queues.a.ways_out.closed.callback",
     'there is no prompt "yes"; known: choose, closed, sorry, welcome'),
    ("queues.yaml", "title: Second", "welcome: nothing", 14, "queues.b.welcome",
     'there is no prompt "nothing"; known: choose, closed, sorry, welcome'),
    ("queues.yaml", "title: Second", "announce: {every: 45 s, expected: no}", 14, "queues.b.announce",
     'there is no prompt "wait_position"; known: choose, closed, sorry, welcome'),
    ("queues.yaml", "title: Second", "{waiting: ringing, announce: {}}", 14, "queues.b.announce",
     "is never heard: with `waiting: ringing` a call is not answered before an agent answers"),
    ("queues.yaml", "title: Second", "whisper: true", 14, "queues.b.whisper",
     "whispers the queue's `title`, which is missing"),
    ("queues.yaml", "title: Second", "wrap_up: 10 min", 14, "queues.b.wrap_up",
     "is longer than the longest, wrap_up_max, 300 s"),
    ("queues.yaml", "title: Second", "camp_limit: 0 s", 14, "queues.b.camp_limit",
     '"0 s" is too short; at least 1 s'),
    ("vaxel.yaml", "edge: none", "sip: {phones: {rtp_ports: 27000-28001}}", 4, "sip.phones.rtp_ports",
     "27000-28001 overlaps with other RTP ports; make them equal or apart"),
    ("vaxel.yaml", "edge: none", "sip: {phones: {address: 0.0.0.0}}", 4, "sip.phones.public_address",
     "is missing: say under which address this machine is known there"),
    ("vaxel.yaml", "edge: none", "sip: {phones: {rtp_ports: 9-12}}", 4, "sip.phones.rtp_ports",
     '"9-12" is no range of ports; write it like 20000-27999, within 1024-65535'),
    ("vaxel.yaml", "demo: true", "dialling: {home: Sweden}", 2, "dialling.home",
     '"Sweden" is no country; write its ISO code, like SE'),
    ("vaxel.yaml", "demo: true", "dialling: {refused: [0900]}", 2, "dialling.refused.0",
     '"0900" is no beginning of a number; write it with + and the country\'s code, like +4690'),
    ("vaxel.yaml", "demo: true", "dialling: {short: [1]}", 2, "dialling.short.0",
     '"1" is no short number; write 2 to 6 digits, like 1177'),
    ("queues.yaml", "title: Second", "keys: {0: {queue: a}}", 14, "queues.b.keys.0",
     '"0" cannot lead out of a line; allowed: 1-9 (0 keeps the place, * repeats)'),
    ("queues.yaml", "title: Second", "keys: {1: {queue: b}}", 14, "queues.b.keys.1.queue",
     "is the queue in which the caller stands already"),
    ("queues.yaml", "title: Second", "keys: {1: {queue: z}}", 14, "queues.b.keys.1.queue",
     'there is no queue "z"; known: a, b'),
    ("queues.yaml", "title: Second", "keys: [1]", 14, "queues.b.keys",
     "expected keys such as {1: {callback: promised}}, found a list"),
    ("queues.yaml", "{announcement: closed}", "{massage: b}", 12, "queues.a.ways_out.closed.massage",
     f'there is no way out "massage"; did you mean "message"?; {WAY}'),
    ("queues.yaml", "{announcement: closed}", "{message: c}", 12, "queues.a.ways_out.closed.message",
     'there is no queue "c"; known: a, b'),
    ("queues.yaml", "{announcement: closed}", "{message: b}", 12, "queues.a.ways_out.closed.message",
     'nobody takes a message of queue "b"; give an agent of it `capacity: {message: 2}`'),
    ("queues.yaml", "{announcement: closed}", "{message: b}", 12, "queues.a.ways_out.closed.message",
     'there is no prompt "leave_message"; known: choose, closed, sorry, welcome'),
    ("queues.yaml", "{announcement: closed}", "{report: helo}", 12, "queues.a.ways_out.closed.report",
     'there is no flow "helo"; did you mean "hello"?'),
    ("queues.yaml", "hours:\n", "special_days: {sweden: {holidays: XX}}\nhours:\n", 1, "special_days.sweden.holidays",
     '"XX" is no country whose holidays are known; write it like SE, or DE-BY'),
    ("queues.yaml", "hours:\n", "special_days: {sweden: {holidays: SE, Julaftonn: closed}}\nhours:\n", 1,
     "special_days.sweden.Julaftonn", 'there is no day in SE "Julaftonn"; did you mean "Julafton"?'),
    ("queues.yaml", "hours:\n", "special_days: {ours: {Julafton: closed}}\nhours:\n", 1, "special_days.ours.Julafton",
     '"Julafton" is no date; write it like 2026-12-24, or name a country (holidays: SE) to name its days'),
    ("queues.yaml", "hours:\n", "special_days: {ours: closed}\nhours:\n", 1, "special_days.ours",
     'expected days such as holidays: SE, or 2026-12-24: closed, found "closed"'),
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
    ("queues.yaml", "title: Second", "alarms: {waiting: 0}", 14, "queues.b.alarms.waiting",
     "0 is out of range; allowed: from 1 to 100000"),
    ("queues.yaml", "title: Second", "alarms: {service_level: low}", 14, "queues.b.alarms.service_level",
     '"low" is no share; write it like 3 %'),
    ("queues.yaml", "  b:\n    title: Second", "  b:\n    title: Second\nalarms: {mail: [vakt@example.org]}", 15,
     "alarms.mail", "is sent from a mailbox of mail.yaml, which names none"),
    ("queues.yaml", "  b:\n    title: Second", "  b:\n    title: Second\nalarms: {url: 'https://x.example/'}", 15,
     "alarms", "tells a program only with both `url` and a `secret_file`, with which it is signed"),
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
     'there is no channel "fax"; '
     'known: call, callback, chat, form, mail, message, post, question, report, text, visit'),
    ("agents.yaml", "{a: 1, b: 2}", "{a: 1, b: 0}", 10, "agents.two.queues.b",
     "0 is no tier; tiers go from 1 (served first) to 9"),
    ("agents.yaml", "  two:", "  two words:", 7, "agents.two words",
     '"two words" cannot be a name; use letters, digits, "-", "_" and ".", at most 64'),
    ("agents.yaml", "agents:\n", "codes: {12: ready}\nagents:\n", 1, "codes.12",
     '"12" is no code; write it like *12: a star, then digits'),
    ("agents.yaml", "agents:\n", "codes: {'*12': redy}\nagents:\n", 1, "codes.*12",
     'there is no thing to do "redy"; did you mean "ready"?'),
    ("agents.yaml", "agents:\n", "codes: {'*13': {pause: nap}}\nagents:\n", 1, "codes.*13.pause",
     'there is no pause "nap"; known: break, lunch, meeting, other, training'),
    ("agents.yaml", "agents:\n", "codes: {'*12': ready}\nagents:\n", 1, "codes.*12",
     'there is no prompt "code_done"; known: choose, closed, sorry, welcome'),
    ("agents.yaml", "signed_in: true", "number: '11'", 2, "agents.one",
     "who logs in by telephone has both a `number` and a `pin_file`"),
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
     f'found "explode"; {NODE}'),
    ("flows/hello.yaml", "bye: hang_up", "bye: {say: closed, queue: a}", 10, "bye",
     f"does say and queue; {NODE}"),
    ("flows/hello.yaml", "bye: hang_up", "bye: {next: line}", 10, "bye", f"does nothing; {NODE}"),
    ("flows/hello.yaml", "say: welcome", "say: welcom", 2, "start.say",
     'there is no prompt "welcom"; did you mean "welcome"?'),
    ("flows/hello.yaml", "queue: a", "queue: a\n  needs: {english: 5, swedish: 1}", 10, "line.needs",
     'no agent of queue "a" could ever meet this (english 5, swedish 1); widen the last step, or add somebody'),
    ("flows/hello.yaml", "  otherwise: line\n", "", 4, "ask", '"otherwise" is missing'),
    ("prompts.yaml", "  sorry: Tyvärr.\n", "", 1, "sv",
     'lacks the prompt "sorry", the default of every queue without ways out; add it in: sv'),
    ("prompts.yaml", "welcome: Hej.", "welcome: [Hej]", 2, "sv.welcome", "expected text, found a list"),
]  # fmt: skip


FLOW_CASES = [
    # what stands in place of `bye: hang_up`, line, field, text
    ("bye: {say: closed, nxt: line}", 10, "bye.nxt", 'there is no field "nxt"; did you mean "next"?'),
    ("bye: {say: closed}", 10, "bye", "returns, but number 0401 leads straight here; write next: NODE, or hang_up"),
    ("bye: return", 10, "bye", "returns, but number 0401 leads straight here; write next: NODE, or hang_up"),
    ("bye: {hours: offic, open: line, closed: line}", 10, "bye.hours",
     'there is no hours "offic"; did you mean "office"?'),
    ("bye: {hours: {queue: c}, open: line, closed: line}", 10, "bye.hours.queue", 'there is no queue "c"; known: a, b'),
    ("bye: {hours: [a], open: line, closed: line}", 10, "bye.hours",
     "found a list; write hours: NAME, or hours: {queue: NAME}"),
    ("bye: {hours: office, open: line, closed: lin}", 10, "bye.closed", 'there is no node "lin"; did you mean "line"?'),
    ("bye: {hours: office, open: line, closed: line, special: {x: line}}", 10, "bye.special.x",
     'there is no special days "x", and none is configured'),
    ("bye: {hours: office, open: line, closed: bye}", 10, "bye",
     "a caller who presses nothing goes round for ever (bye > bye); let `otherwise` lead to a queue"),
    ("bye: {language: choose, choices: {1: sv, 2: en}, next: line}", 10, "bye.choices.2",
     'there is no language in prompts.yaml "en"; known: sv'),
    ("bye: {language: choose, choices: {1: sv, x: sv}, next: line}", 10, "bye.choices.x",
     '"x" cannot be said as a number; allowed: 0-9'),
    ("bye: {language: choose, choices: {}, next: line}", 10, "bye.choices",
     "offers no language; write it like {1: sv, 2: en}"),
    ("bye: {language: choose, choices: {1: {language: sv, neds: {swedish: 1}}}, next: line}", 10, "bye.choices.1.neds",
     'there is no field "neds"; did you mean "needs"?'),
    ("bye: {language: choose, choices: {1: {language: sv, next: nowhere}}, next: line}", 10, "bye.choices.1.next",
     'there is no node "nowhere"; known: ask, bye, line, start'),
    ("bye: {language: choose, choices: {1: {language: sv, needs: {dutch: 1}}}, next: line}", 10,
     "bye.choices.1.needs.dutch", 'among the agents there is no skill "dutch"; known: english, swedish'),
    ("bye: {collect: choose, next: line}", 10, "bye", '"otherwise" is missing'),
    ("bye: {collect: choose, digits: 9-3, next: line, otherwise: line}", 10, "bye.digits",
     '"9-3" is no number of digits; write it like 6 or 6-8, at most 40'),
    ("bye: {collect: choose, check: mod11, next: line, otherwise: line}", 10, "bye.check",
     '"mod11" is not possible here; allowed: , luhn, personnummer'),
    ("bye: {collect: choose, confirm: yes, next: line, otherwise: line}", 10, "bye.confirm",
     'there is no prompt "confirm"; known: choose, closed, sorry, welcome'),
    ("bye: {collect: choose, next: line, otherwise: hang_up}", 10, "bye",
     "a caller who presses nothing is cut off (bye > hang_up); let `otherwise` lead to a queue"),
    ("bye: {menu: choose, choices: {1: line}, otherwise: end}\nend: {say: closed, next: hang_up}", 10, "bye",
     "a caller who presses nothing is cut off (bye > end > hang_up); let `otherwise` lead to a queue"),
    ("bye: {form: c, questions: [{record: choose}], next: line, otherwise: line}", 10, "bye.form",
     'there is no queue "c"; known: a, b'),
    ("bye: {form: b, questions: [{record: choose}], next: line, otherwise: line}", 10, "bye.announce",
     'there is no prompt "recorded"; known: choose, closed, sorry, welcome'),
    ("bye: {form: b, questions: [{record: choose}], announce: closed, next: line, otherwise: line}", 10, "bye.form",
     'nobody takes a report of queue "b"; give an agent of it `capacity: {report: 2}`'),
    ("bye: {form: b, questions: [], next: line, otherwise: line}", 10, "bye.questions",
     "expected a list of questions such as [{record: PROMPT}], found a list"),
    ("bye: {form: b, questions: [{say: choose}], next: line, otherwise: line}", 10, "bye.questions.0",
     "a question is answered by digits or by voice: write collect: or record: PROMPT"),
    ("bye: {form: b, questions: [{collect: choose}, {record: choose}], next: line, otherwise: line}", 10,
     "bye.questions.1", 'there are two answers called "choose"; give each a `name` of its own'),
    ("bye: {form: b, questions: [{collect: choose, optional: yes}], next: line, otherwise: line}", 10, "bye.questions",
     "a caller who answers nothing would leave an empty report; let one question not be optional"),
    ("bye: {message: c, next: line, otherwise: line}", 10, "bye.message", 'there is no queue "c"; known: a, b'),
    ("bye: {set: {needs: {dutch: 1}}, next: line}", 10, "bye.set.needs.dutch",
     'among the agents there is no skill "dutch"; known: english, swedish'),
    ("bye: {set: {language: en}, next: line}", 10, "bye.set.language",
     'there is no language in prompts.yaml "en"; known: sv'),
    ("bye: {flow: helo, next: line}", 10, "bye.flow", 'there is no flow "helo"; did you mean "hello"?'),
    ("bye: {flow: hello, next: line}", 10, "bye.flow",
     "comes back to itself (hello > hello); a flow cannot be called from within itself"),
    ("bye: {connect: {fax: 1}, otherwise: line}", 10, "bye.connect",
     "found a mapping (key: value); write connect: {person: ID}, {extension: NUMBER} or {number: NUMBER}"),
    ("bye: {connect: {number: 040-34 10 00}, otherwise: line}", 10, "bye.connect.number",
     '"040-34 10 00" is not a number as it arrives by SIP, without spaces and hyphens; write 040341000'),
    ("bye: {connect: {person: p1}, otherwise: line, busy: buzy}", 10, "bye.busy",
     'there is no node "buzy"; known: ask, bye, line, start'),
    ("bye: {callback: c, next: line, otherwise: line}", 10, "bye.callback", 'there is no queue "c"; known: a, b'),
    ("bye: {callback: a, next: lien, otherwise: line}", 10, "bye.next",
     'there is no node "lien"; did you mean "line"?'),
    ("bye: {callback: a, next: line, otherwise: line}", 10, "bye.prompt",
     'there is no prompt "callback_when"; known: choose, closed, sorry, welcome'),
    ("bye: {callback: a, next: line, otherwise: line}", 10, "bye.callback",
     'there is no prompt "callback_key_turn"; known: choose, closed, sorry, welcome'),
    ("bye: {promised: c, next: line}", 10, "bye.promised", 'there is no queue "c"; known: a, b'),
    ("bye: {promised: any, next: line, keep: buy}", 10, "bye.keep", 'there is no node "buy"; did you mean "bye"?'),
    ("bye: {ticket: hall, next: line}", 10, "bye.ticket",
     'found "hall"; write ticket: {place: NAME, service: NAME}'),
    ("bye: {ticket: {place: hall, service: tax}, next: line, closed: line}", 10, "bye.ticket.place",
     'there is no place "hall", and none is configured'),
    ("bye: hang_up\nsettings: {keys: {A: person}}", 11, "settings.keys.A",
     '"A" is no key of a telephone; allowed: 0-9, "*", "#"'),
    ("bye: hang_up\nsettings: {keys: {1: scream}}", 11, "settings.keys.1",
     '"scream" is not possible here; allowed: person, repeat'),
    ("bye: hang_up\nsettings: {person: c}", 11, "settings.person", 'there is no queue "c"; known: a, b'),
]  # fmt: skip


@pytest.mark.parametrize(("bye", "line", "field", "text"), FLOW_CASES, ids=lambda value: str(value)[:50])
def test_mistake_in_a_flow(spoil: Spoil, bye: str, line: int, field: str, text: str) -> None:
    assert Problem("flows/hello.yaml", line, field, text) in problems(spoil("flows/hello.yaml", "bye: hang_up", bye))


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


def test_flows_that_call_each_other_for_ever(city: Path) -> None:
    (city / "flows" / "x.yaml").write_text("start: {flow: y, next: return}\n")
    (city / "flows" / "y.yaml").write_text("start: {say: welcome, next: on}\non: {flow: x}\n")
    text = "comes back to itself ({}); a flow cannot be called from within itself"
    assert problems(city) == [
        Problem("flows/x.yaml", 1, "start.flow", text.format("x > y > x")),
        Problem("flows/y.yaml", 2, "on.flow", text.format("y > x > y")),
    ]


def test_a_silent_caller_is_followed_through_flows_that_are_called(spoil: Spoil, city: Path) -> None:
    (city / "flows" / "ask.yaml").write_text("start: {menu: choose, choices: {1: return}, otherwise: return}\n")
    text = "a caller who presses nothing is cut off (start > return > hang_up); let `otherwise` lead to a queue"
    found = problems(spoil("flows/hello.yaml", "bye: hang_up", "bye: {flow: ask, next: hang_up}"))
    assert found == [Problem("flows/ask.yaml", 1, "start", text)]


def test_who_hears_that_it_is_closed_may_be_let_go(spoil: Spoil) -> None:
    closed = (
        "bye: {hours: office, open: line, closed: night}\nnight: {menu: choose, choices: {1: line}, otherwise: hang_up}"
    )
    load(spoil("flows/hello.yaml", "bye: hang_up", closed))


def test_a_language_is_wanted_only_where_it_is_heard(spoil: Spoil, city: Path) -> None:
    (city / "prompts.yaml").write_text(
        (city / "prompts.yaml").read_text() + "en:\n  sorry: Sorry.\n  closed: Closed.\n  tongue: Press two.\n"
    )
    spoil("prompts.yaml", "sv:\n", "sv:\n  tongue: Tryck ett.\n")
    tongues = "bye: {language: tongue, choices: {1: sv, 2: {language: en, next: end}}, next: line}"
    spoil("flows/hello.yaml", "bye: hang_up", f"{tongues}\nend: {{say: choose, next: line}}")
    text = (
        'the prompt "choose" is missing in en; add its text to prompts.yaml, or a recording under prompts/en/choose.wav'
    )
    assert problems(city) == [Problem("flows/hello.yaml", 11, "end.say", text)]
    load(spoil("flows/hello.yaml", "say: choose", "say: closed"))


def test_values_that_nobody_knows_or_that_are_not_said(spoil: Spoil) -> None:
    spoil("prompts.yaml", "welcome: Hej.", "welcome: Hej {name}.")
    spoil("prompts.yaml", "sv:\n", "sv:\n  confirm: Rätt?\n")
    collect = "bye: {collect: choose, confirm: yes, next: line, otherwise: line}"
    assert problems(spoil("flows/hello.yaml", "bye: hang_up", collect)) == [
        Problem("prompts.yaml", 2, "sv.confirm", "does not say {digits}, which is what it is for"),
        Problem(
            "prompts.yaml", 3, "sv.welcome",
            "names {name}, but no value is known where it is said (flows/hello.yaml: start.say)",
        ),
    ]  # fmt: skip


def test_a_recording_of_what_is_said_in_pieces(city: Path, spoil: Spoil) -> None:
    spoil("prompts.yaml", "sv:\n", "sv:\n  place: Du är nummer {number} i kön.\n")
    path = city / "prompts" / "sv" / "place.wav"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"nonsense")
    text = "is never heard: the text holds values; record its pieces as place.1.wav, place.2.wav"
    assert problems(city) == [Problem("prompts/sv/place.wav", 0, "", text)]


def test_only_what_somebody_hears_is_recorded_by_telephone(spoil: Spoil, city: Path) -> None:
    spoil("prompts.yaml", "sv:\n", "sv:\n  place: Nummer {number}.\n")
    spoil("flows/hello.yaml", "bye: hang_up", "bye: {announcement: news, next: line}")
    spoil("numbers.yaml", "queue: b", "record_prompts: {1: news, 2: nws, 3: place, 4: closed}\n    pin_file: pin")
    found = {one.field: one.text for one in problems(city) if one.field.startswith("numbers.0402.record_prompts.")}
    assert found == {
        "numbers.0402.record_prompts.2": 'there is no prompt "nws"; did you mean "news"?',
        "numbers.0402.record_prompts.3": '"place" holds values, so its pieces are recorded, as files (docs/flows.md)',
    }


def test_a_number_where_prompts_are_recorded(spoil: Spoil, city: Path) -> None:
    found = problems(spoil("numbers.yaml", "queue: b", "record_prompts: {1: welcome, x: closed}"))
    text = "a number at which prompts are recorded needs both `record_prompts` and a `pin_file`"
    assert Problem("numbers.yaml", 4, "numbers.0402", text) in found
    found = problems(spoil("numbers.yaml", "x: closed}", "x: closed}\n    pin_file: pin"))
    assert Problem("numbers.yaml", 6, "numbers.0402.pin_file",
                   f"there is no file pin there; make it by: vaxel pin {city}/pin") in found  # fmt: skip
    assert Problem("numbers.yaml", 5, "numbers.0402.record_prompts.x",
                   '"x" is no key to choose a prompt by; allowed: 0-9 and "#"') in found  # fmt: skip
    assert Problem("numbers.yaml", 5, "numbers.0402.record_prompts",
                   'there is no prompt "studio_pin"; known: choose, closed, sorry, welcome') in found  # fmt: skip
    (city / "pin").write_text("1234")
    assert Problem("numbers.yaml", 6, "numbers.0402.pin_file",
                   f"pin holds no PIN's hash; make it anew by: vaxel pin {city}/pin") in problems(city)  # fmt: skip


def test_the_pin_of_an_agent(city: Path, spoil: Spoil) -> None:
    """Without it one agent cannot log in by telephone: `vaxel check` says so, and no start depends on it."""
    loaded = load(spoil("agents.yaml", "signed_in: true", "number: '11'\n    pin_file: pin"))
    with pytest.raises(ConfigError) as caught:
        check_files(loaded, city)
    text = f"there is no file pin there; make it by: vaxel pin {city}/pin"
    assert caught.value.problems == [Problem("agents.yaml", 7, "agents.one.pin_file", text)]
    (city / "pin").write_text(hash_pin("258013"))
    check_files(loaded, city)


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
        "agent.yaml: is not read by Vaxel, which knows agents.yaml, chat.yaml, crises.yaml, directory.yaml, "
        "forms.yaml, interpreters.yaml, mail.yaml, numbers.yaml, people.yaml, phones.yaml, places.yaml, privacy.yaml, "
        "prompts.yaml, queues.yaml, reasons.yaml, "
        'vaxel.yaml, webcalls.yaml and flows/*.yaml: did you mean "agents.yaml"?',
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
