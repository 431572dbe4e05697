"""Flows for the simulator: every kind of node, with settings by chance."""

from datetime import time
from random import Random
from typing import Final

from ivr.actions import ConnectKind
from ivr.flow import (
    Act,
    Announcement,
    Collect,
    Connect,
    Drop,
    Enter,
    Flow,
    Form,
    GlobalKey,
    HangUp,
    Keep,
    Language,
    Mail,
    Menu,
    Node,
    Open,
    Promise,
    Promised,
    Record,
    Return,
    Run,
    Say,
    Set,
    Standing,
    Times,
    Tongue,
)
from queues.hours import Hours
from queues.skills import Need

KEYS: Final[dict[str, GlobalKey]] = {"0": "person", "*": "repeat"}
MAIN: Final = "main"
CODES: Final = {
    "*10": Act(what="log_in", next="done", refused="done"),
    "*11": Act(what="log_out", next="done", refused="done"),
    "*12": Act(what="ready", next="done", refused="done"),
    "*13": Act(what="pause", argument="break", next="done", refused="done"),
    "*14": Act(what="end_wrap_up", next="done", refused="done"),
    "*15": Act(what="extend_wrap_up", next="done", refused="done"),
    "*16": Act(what="join_crisis", next="done", refused="done"),
    "*17": Act(what="leave_crisis", next="done", refused="done"),
}
"""What agents can dial; a flow has the name of its code."""
STUDIO: Final = "studio"
"""Where prompts are recorded, by whoever knows the PIN."""
REPORT: Final = "report"
BACK: Final = "back"
"""Where one asks to be called back."""
HOURS: Final = {
    "day": Hours(week={weekday: ((time(6), time(18)),) for weekday in range(1, 8)}),
    "never": Hours(),
}


def some_flows(queues: tuple[str, ...], skills: tuple[str, ...], help_: str, chance: Random) -> list[Flow]:
    """Return flows straight into each queue, one with needs, and some through all that flows can do."""
    needs = (Need(chance.choice(skills), 1),)
    straight = [Flow(name=queue, nodes={"start": Enter(queue=queue)}) for queue in queues]
    special = Flow(name="special", nodes={"start": Enter(queue=chance.choice(queues), needs=needs)})
    return [
        *straight,
        special,
        _main(queues, skills, help_, chance),
        _identify(chance),
        _report(queues, help_, chance),
        _back(queues, help_, chance),
        _studio(),
        *(_for_code(code, act) for code, act in CODES.items()),
    ]


def _back(queues: tuple[str, ...], help_: str, chance: Random) -> Flow:
    """Return the flow in which one asks to be called back, or changes one's mind about it."""
    queue = chance.choice(queues)
    nodes: dict[str, Node] = {
        "start": Standing(
            prompt="yours", at="yours_at", queue=chance.choice(("", queue)), next="when", keep="bye", cancelled="when"
        ),
        "when": Times(prompt="when", queue=queue, next="number", otherwise="line", tries=2),
        "number": Collect(
            name="callback_number",
            prompt="number",
            check="number",
            least=2,
            caller="yours",
            confirm="right",
            next="promise",
            otherwise="line",
        ),
        "promise": Promise(queue=queue, next="promised", already="bye", taken="when"),
        "promised": Promised(prompt="promised", at="promised_at", next=chance.choice(("bye", "line"))),
        "line": Enter(queue=help_),
        "bye": HangUp(),
    }
    return Flow(name=BACK, nodes=nodes)


def _for_code(code: str, act: Act) -> Flow:
    nodes: dict[str, Node] = {"start": act, "done": Say(prompt="done", next="bye"), "bye": HangUp()}
    if act.what == "log_in":
        nodes["start"] = Collect(
            name="agent", prompt="agent", least=1, most=1, tries=1, terminator="", next="pin", otherwise="done"
        )
        nodes["pin"] = Collect(
            name="pin", prompt="pin", sensitive=True, check="agent", least=2, most=2, next="act", otherwise="done"
        )
        nodes["act"] = act
    elif act.what == "join_crisis":
        nodes["start"] = Collect(
            name="code", prompt="code", sensitive=True, check="helper", least=2, most=2, next="act", otherwise="done"
        )
        nodes["act"] = act
    return Flow(name=code, nodes=nodes)


def _main(queues: tuple[str, ...], skills: tuple[str, ...], help_: str, chance: Random) -> Flow:
    tongues = {str(n): Tongue(language=skill, needs=(Need(skill, 1),)) for n, skill in enumerate(skills, 1)}
    choices = {str(number): queue for number, queue in enumerate(queues, 1)} | {
        "5": "back",
        "6": "form",
        "7": "mayor",
        "8": "later",
        "9": "bye",
    }
    nodes: dict[str, Node] = {
        "start": Language(prompt="language", choices=tongues, next="hours", tries=1),
        "hours": Open(hours=chance.choice(list(HOURS)), open="welcome", closed="storm", special={"x": "bye"}),
        "welcome": Say(prompt="welcome", next="who"),
        "storm": Announcement(prompt="storm", languages=chance.choice([(), skills]), next="who"),
        "who": Run(flow="identify", next="note"),
        "note": Set(priority=chance.choice([0.5, 2.0]), notes={"by": "main"}, next="menu"),
        "menu": Menu(
            prompt="menu",
            choices=choices,
            titles={key: f"to {node}" for key, node in choices.items()},
            otherwise=help_,
            tries=2,
            no_input="none",
            wrong_input="wrong",
        ),
        "later": Mail(prompt="address", mailbox=MAIN, queue=help_, tries=2, next="bye", otherwise="menu"),
        "form": Run(flow=REPORT, next="menu"),
        "back": Run(flow=BACK, next="menu"),
        "mayor": _mayor(help_, chance),
        "bye": HangUp(),
        **{queue: Enter(queue=queue, priority=chance.choice([1.0, 3.0])) for queue in queues},
    }
    return Flow(name=MAIN, nodes=nodes, keys=KEYS, person=help_)


def _mayor(help_: str, chance: Random) -> Connect:
    whom: list[tuple[ConnectKind, str]] = [
        ("extension", "agent1"),
        ("extension", "agent2"),
        ("number", "0701234567"),
        ("person", "nobody"),
    ]
    kind, key = chance.choice(whom)
    return Connect(kind=kind, key=key, busy=help_, no_answer="menu", otherwise="menu")


def _identify(chance: Random) -> Flow:
    account = Collect(
        name="account",
        prompt="account",
        sensitive=chance.random() < 0.5,
        least=2,
        most=chance.choice([2, 4]),
        check=chance.choice(["", "luhn"]),
        confirm=chance.choice(["", "right"]),
        tries=2,
        next="back",
        otherwise="back",
    )
    return Flow(name="identify", nodes={"start": account, "back": Return()}, keys=KEYS, person="nobody")


def _report(queues: tuple[str, ...], help_: str, chance: Random) -> Flow:
    questions = (
        Record(name="what", prompt="what", review=chance.choice(["", "listen"]), most=20.0, tries=2),
        Collect(name="phone", prompt="phone", optional=True, most=3, tries=1),
        Record(name="more", prompt="more", optional=chance.random() < 0.5, most=20.0, tries=1),
    )[: chance.randint(1, 3)]
    form = Form(
        channel=chance.choice(["message", "report", "form", "form"]),
        queue=chance.choice(queues),
        questions=questions,
        announce="recorded",
        next="thanks",
        otherwise=help_,
    )
    nodes: dict[str, Node] = {
        "start": form,
        "thanks": Say(prompt="thanks", next="back"),
        "back": Return(),
        help_: Enter(queue=help_),
    }
    return Flow(name=REPORT, nodes=nodes, keys=KEYS, person=help_)


def _studio() -> Flow:
    nodes: dict[str, Node] = {
        "start": Collect(
            name="pin", prompt="pin", sensitive=True, check="pin", least=2, most=2, next="what", otherwise="bye"
        ),
        "what": Menu(prompt="what", choices={"1": "take", "2": "drop"}, otherwise="bye"),
        "take": Record(name="take", prompt="say", review="listen", most=20.0, next="keep", otherwise="bye"),
        "keep": Keep(prompt="storm", recording="take", next="bye"),
        "drop": Drop(prompt="storm", next="bye"),
        "bye": HangUp(),
    }
    return Flow(name=STUDIO, nodes=nodes)
