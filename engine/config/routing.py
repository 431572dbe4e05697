"""queues.yaml, agents.yaml and numbers.yaml to the core's structs. References are checked in `engine.config.checks`."""

from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path
from typing import Final

from engine.config import words
from engine.config.days import Special
from engine.config.document import Document, Path_
from engine.config.flows import code_name, straight_to, studio_name
from engine.config.problems import Problem, unknown
from engine.config.reader import Reader
from engine.config.schema import (
    OBSTACLES,
    AgentsFile,
    AgentTable,
    AlarmsTable,
    AnnounceTable,
    CallingTable,
    DiallingTable,
    NumbersFile,
    QueuesFile,
    QueueTable,
    SecondLineTable,
    SurveyTable,
)
from engine.config.shapes import Opening
from engine.installation import Installation, Login
from queues.alarms import Alarms
from queues.channels import CHANNELS
from queues.hours import ALWAYS, Hours, Span
from queues.queue import Announce, Calling, Obstacle, Queue, Record, SecondLine, Survey, Target, WayOut
from queues.skills import ANYBODY, Requirement, Step
from router.configuration import CODE, AgentSettings, Entry, Rules
from router.dialling import DialRules

OWN_PAUSES: Final = ("logged_in", "leaving", "not_configured", "refused_twice")
PAUSES: Final = ("break", "lunch", "meeting", "training", "other")
"""Reasons for a pause where the configuration names none."""
DAY: Final = 86_400.0
UNATTENDED: Final = ("message", "report", "mail", "chat", "post", "question", "form")
"""Channels that an agent takes only if the configuration says so: somebody with nothing but a telephone cannot."""


def queues_file(document: Document) -> QueuesFile:
    """Read queues.yaml."""
    return Reader(document).whole(QueuesFile) or QueuesFile()


def rules(file: QueuesFile) -> Rules:
    """Return the times of the routing rules."""
    table = file.rules
    return Rules(
        rest=table.rest,
        not_responding=table.not_responding,
        scarcity_memory=table.scarcity_memory,
        last_agent=table.last_agent,
        listening_shown=file.supervision.shown,
    )


def dial_rules(table: DiallingTable) -> DialRules:
    """Return what may be dialled."""
    named = {name: getattr(table, name) for name in DialRules.__struct_fields__}
    return DialRules(**named | {"countries": table.countries or (table.home,)})


def hours(document: Document, file: QueuesFile, special: Special) -> dict[str, Hours]:
    """Return the named hours that could be read."""
    return {
        name: _hours(document, ("hours", name), opening, file, special, named=False)
        for name, opening in file.hours.items()
    }


def queues(document: Document, file: QueuesFile, special: Special) -> dict[str, Queue]:
    """Return the queues that could be read."""
    for name in document.keys("queues"):
        _check_name(document, ("queues", name), name)
    return {name: _queue(document, name, table, file, special) for name, table in file.queues.items()}


def _queue(document: Document, name: str, table: QueueTable, file: QueuesFile, special: Special) -> Queue:
    path = ("queues", name)
    share, wait = table.target
    if table.whisper and not table.title:
        document.say((*path, "whisper"), "whispers the queue's `title`, which is missing")
    if table.wrap_up > table.wrap_up_max:
        document.say((*path, "wrap_up"), f"is longer than the longest, wrap_up_max, {table.wrap_up_max:g} s")
    return Queue(
        name=name,
        hours=_hours(document, (*path, "hours"), table.hours, file, special),
        target=Target(wait=wait, share=share),
        weight=table.weight,
        requirement=_requirement(document, (*path, "requirement"), table),
        selection=table.selection,
        grace=table.grace,
        offer_timeout=table.offer_timeout,
        wrap_up=table.wrap_up,
        deferred_every=table.deferred_every,
        keep_place=table.keep_place,
        max_waiting=table.max_waiting,
        max_wait=table.max_wait,
        waiting=table.waiting,
        ways_out=_ways_out(document, (*path, "ways_out"), table),
        welcome=table.welcome,
        announce=_announce(table.announce),
        calling=_calling(document, (*path, "callbacks", "hours"), table.callbacks, file, special),
        keys=table.keys,
        whisper=table.whisper,
        shows=table.shows,
        forward_timeout=table.forward_timeout,
        camp_limit=table.camp_limit,
        park_limit=table.park_limit,
        return_grace=table.return_grace,
        wrap_up_extension=table.wrap_up_extension,
        wrap_up_max=table.wrap_up_max,
        idle_after=table.idle_after,
        idle_close=table.idle_close,
        record=Record(announce=table.record.announce, decline=table.record.decline) if table.record else None,
        second_line=_second_line(table.second_line),
        survey=_survey(table.survey),
        alarms=_alarms(table.alarms),
    )


def _alarms(table: AlarmsTable | None) -> Alarms:
    if table is None:
        return Alarms()
    return Alarms(**{name: getattr(table, name) for name in Alarms.__struct_fields__})


def _survey(table: SurveyTable | None) -> Survey | None:
    if table is None:
        return None
    return Survey(
        prompt=table.prompt,
        scale=2 if table.answers == "yes_no" else 5,
        every=table.every,
        again_after=table.again_after_days * DAY,
        wait=table.wait,
        mail=table.mail,
        visits=table.visits,
        open=table.open_days * DAY,
    )


def _calling(document: Document, path: Path_, table: CallingTable, file: QueuesFile, special: Special) -> Calling:
    return Calling(
        attempts=table.attempts,
        pause=table.pause,
        hours=_hours(document, path, table.hours, file, special),
        window=table.window,
        bookable=table.bookable,
        ahead=table.ahead_days * DAY,
        citizen_first=table.first == "citizen",
        hold=table.hold,
        let_down=table.let_down,
        on_page=table.on_page,
    )


def _second_line(table: SecondLineTable | None) -> SecondLine | None:
    return SecondLine(live=table.live, deferred=table.deferred) if table is not None else None


def _announce(table: AnnounceTable | None) -> Announce | None:
    return Announce(table.every, table.position, table.expected) if table is not None else None


def _hours(
    document: Document, path: Path_, opening: Opening, file: QueuesFile, special: Special, *, named: bool = True
) -> Hours:
    if opening.named == "always":
        return ALWAYS
    if opening.named and not named:
        document.say(path, "expected days such as mon-fri: 08:00-16:30, or always")
        return ALWAYS
    if opening.named:
        known = document.keys("hours")
        if opening.named not in known:
            document.say(path, unknown("hours", opening.named, [*known, "always"]))
        return _hours_of(file.hours.get(opening.named, Opening()), special)
    known = document.keys("special_days")
    for name in opening.special_days:
        if name not in known:
            document.say((*path, "special"), unknown("special days", name, known))
    return _hours_of(opening, special)


def hours_at(document: Document, path: Path_, opening: Opening, file: QueuesFile, special: Special) -> Hours:
    """Return hours that another file names, or writes, in the words of queues.yaml."""
    if opening.named and opening.named not in ("always", *file.hours):
        document.say(path, unknown("hours", opening.named, [*file.hours, "always"]))
        return ALWAYS
    for name in opening.special_days:
        if name not in special:
            document.say((*path, "special"), unknown("special days", name, special))
    return _hours_of(file.hours.get(opening.named, opening), special)


def _hours_of(opening: Opening, special: Special) -> Hours:
    if opening.named == "always":
        return ALWAYS
    found: dict[date, tuple[Span, ...]] = {}
    names: dict[date, str] = {}
    for name in opening.special_days:
        days = special.get(name, {})
        found.update(days)
        names.update(dict.fromkeys(days, name))
    found.update(opening.special)
    return Hours(week=opening.week, special=dict(sorted(found.items())), names=dict(sorted(names.items())))


def _requirement(document: Document, path: Path_, table: QueueTable) -> Requirement:
    after = -1.0
    for index, step in enumerate(table.requirement):
        if index == 0 and step.after:
            document.say((*path, index, "after"), "the first step holds from the beginning; leave `after` out")
        if index and step.after <= after and not document.faulty(path):
            document.say((*path, index), "each step comes later than the one before; write `after`, such as 2 min")
        after = step.after
    return tuple(Step(needs=step.needs, after=step.after) for step in table.requirement) or ANYBODY


def _ways_out(document: Document, path: Path_, table: QueueTable) -> dict[Obstacle, WayOut]:
    found: dict[Obstacle, WayOut] = {}
    for key, way in table.ways_out.items():
        obstacle = next((known for known in OBSTACLES if known == key), None)
        if obstacle is None:
            document.say((*path, key), unknown("obstacle", key, OBSTACLES))
        else:
            found[obstacle] = way
    if "full" in found and table.max_waiting is None:
        document.say((*path, "full"), "is never taken: nothing says when the queue is full; add max_waiting")
    if "too_long" in found and table.max_wait is None:
        document.say((*path, "too_long"), "is never taken: nothing says how long is too long; add max_wait")
    return found


def agents_file(document: Document) -> AgentsFile:
    """Read agents.yaml."""
    file = Reader(document).whole(AgentsFile) or AgentsFile()
    for reason in document.keys("pauses"):
        _check_name(document, ("pauses", reason), reason)
        if reason in OWN_PAUSES:
            document.say(("pauses", reason), "is a word that Vaxel itself pauses agents with; choose another")
    for skill in document.keys("skills"):
        _check_name(document, ("skills", skill), skill)
    _check_codes(document, file)
    _check_logins(document, file)
    return file


def _check_codes(document: Document, file: AgentsFile) -> None:
    reasons = tuple(file.pauses) or PAUSES
    for code, act in file.codes.items():
        try:
            words.code(code)
        except ValueError as error:
            document.say(("codes", code), str(error))
        if act.what == "pause" and act.argument not in reasons:
            document.say(("codes", code, "pause"), unknown("pause", act.argument, reasons))


def _check_logins(document: Document, file: AgentsFile) -> None:
    seen: dict[str, str] = {}
    for name, table in file.agents.items():
        path = ("agents", name)
        if bool(table.number) != bool(table.pin_file):
            document.say(path, "who logs in by telephone has both a `number` and a `pin_file`")
        if table.number in seen:
            document.say((*path, "number"), f'is that of "{seen[table.number]}"; a number is one agent\'s')
        if table.number:
            seen.setdefault(table.number, name)


def agents(
    document: Document, file: AgentsFile, behind_edge: bool, phones: Collection[str]
) -> dict[str, AgentSettings]:
    """Return the agents that could be read."""
    found: dict[str, AgentSettings] = {}
    for name in document.keys("agents"):
        _check_name(document, ("agents", name), name)
    for name, table in file.agents.items():
        path = ("agents", name)
        for channel in table.capacity:
            if channel not in CHANNELS:
                document.say((*path, "capacity", channel), unknown("channel", channel, list(CHANNELS)))
        _check_phone(document, path, table, behind_edge, phones)
        found[name] = AgentSettings(
            id=name,
            address=f"phone:{table.phone}" if table.phone else table.address,
            skills=table.skills,
            queues=table.queues,
            capacity=dict.fromkeys(UNATTENDED, 0) | table.capacity,
            signed_in=table.signed_in,
            reserve=table.reserve,
        )
    _check_shared(document, found)
    return found


def logins(file: AgentsFile, folder: Path) -> dict[str, Login]:
    """Return an agent's number to how the agent logs in by telephone."""
    return {
        table.number: Login(agent=name, file=str((folder / table.pin_file).resolve()))
        for name, table in file.agents.items()
        if table.number
    }


def file_problems(installation: Installation, document: Document) -> list[Problem]:
    """Return every mistake of the files that agents.yaml names: the hashes of PINs."""
    from engine.pins import read_hash  # brings argon2, which no start needs

    for login in installation.logins.values():
        try:
            read_hash(Path(login.file))
        except ValueError as error:
            document.say(("agents", login.agent, "pin_file"), str(error))
    return document.problems


def _check_phone(
    document: Document, path: Path_, table: AgentTable, behind_edge: bool, phones: Collection[str]
) -> None:
    wanted = "phone" if behind_edge else "address"
    if table.signed_in and not (table.phone or table.address) and not document.faulty(path):
        document.say(path, f"is signed in from the start but has no `{wanted}` that could be rung")
    if behind_edge and table.address:
        text = "is for `edge: none`; let the phone register, and name it here as `phone: NAME`, in phones.yaml too"
        document.say((*path, "address"), text)
    if table.phone and not behind_edge:
        document.say((*path, "phone"), "needs `edge: kamailio`; without an edge write `address: sip:NAME@HOST:PORT`")
    elif table.phone and table.phone not in phones:
        document.say((*path, "phone"), unknown("phone in phones.yaml", table.phone, phones))


def _check_shared(document: Document, agents: dict[str, AgentSettings]) -> None:
    """Note agents who would be signed in at the same phone."""
    at: dict[str, str] = {}
    for agent in agents.values():
        if not agent.signed_in or not agent.address.startswith("phone:"):
            continue
        if agent.address in at:
            text = f'is where "{at[agent.address]}" is signed in already; one phone has one agent at a time'
            document.say(("agents", agent.id, "phone"), text)
        at.setdefault(agent.address, agent.id)


def numbers(document: Document) -> NumbersFile:
    """Read numbers.yaml."""
    file = Reader(document).whole(NumbersFile) or NumbersFile()
    for text in document.keys("numbers"):
        try:
            words.number(text)
        except ValueError as error:
            document.say(("numbers", text), str(error))
    for name, table in file.numbers.items():
        ways = [word for word in ("flow", "queue", "record_prompts") if getattr(table, word)]
        if len(ways) != 1:
            both = f"names {' and '.join(f'a {way}' for way in ways)}" if ways else "leads nowhere"
            document.say(("numbers", name), f"{both}; write either flow: NAME or queue: NAME")
        if bool(table.record_prompts) != bool(table.pin_file):
            text = "a number at which prompts are recorded needs both `record_prompts` and a `pin_file`"
            document.say(("numbers", name), text)
    return file


def entries(file: NumbersFile, codes: Iterable[str], language: str) -> tuple[Entry, ...]:
    """Return the ways in, in `language` unless they say otherwise. Straight to a queue is a flow of its own."""
    inside = tuple(Entry(channel=CODE, address=code, flow=code_name(code), language=language) for code in codes)
    return inside + tuple(
        Entry(
            channel="call",
            address=number,
            flow=table.flow or (studio_name(number) if table.record_prompts else straight_to(table.queue).name),
            language=table.language or language,
        )
        for number, table in file.numbers.items()
    )


def _check_name(document: Document, path: Path_, text: str) -> None:
    try:
        words.name(text)
    except ValueError as error:
        document.say(path, str(error))
