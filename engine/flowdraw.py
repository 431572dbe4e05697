"""`vaxel flow draw`: a flow as a picture (SVG), laid out by Graphviz.

Colours say what kind of node it is and words say it too; text has a contrast of at least 7 to 1 on its ground. The
picture has a title and a description in words for those who do not see it, and prompts carry their language.
"""

import html
import subprocess
import textwrap
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from engine.config import Loaded
from engine.config.graph import IMPLIED
from ivr import flow as ivr
from ivr.flow import START, Flow

PROGRAM: Final = "dot"
DRAWN_WITHIN_S: Final = 30.0
WIDTH: Final = 34
"""Characters of a line of text in a node."""
LINES: Final = 3
INK: Final = "#1b1f24"
SOFT: Final = "#424a53"
FONT: Final = "Helvetica"
ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
"""Around what is said, so that it runs in its own direction whatever stands beside it."""
SVG: Final = "http://www.w3.org/2000/svg"
XML: Final = "http://www.w3.org/XML/1998/namespace"


class DrawError(Exception):
    """The picture cannot be made; the text says what to do."""


class Look(Struct, frozen=True):
    """How nodes of one kind look."""

    fill: str
    line: str
    """Of the frame, and of the words that say what it does."""


LOOKS: Final = {
    "telling": Look("#e8f1fb", "#144a85"),
    "asking": Look("#fff4d6", "#6b4b00"),
    "filing": Look("#f1e8fb", "#5b2489"),
    "deciding": Look("#eef0f2", "#3d4751"),
    "leaving": Look("#e2f4e7", "#0f5a2a"),
    "ending": Look("#fbe7e6", "#8a1616"),
}


class Box(Struct, frozen=True):
    """What stands in a node of the picture."""

    kind: str
    head: str
    """What it does, in a word or two."""
    prompts: tuple[str, ...] = ()
    """Names of prompts, whose texts are shown."""
    details: tuple[str, ...] = ()


class Way(Struct, frozen=True):
    """An arrow."""

    to: str
    label: str = ""
    silent: bool = False
    """Gone by who presses and says nothing."""


STANDS: Final = (
    *(ivr.Say, ivr.Announcement, ivr.Menu, ivr.Language, ivr.Collect, ivr.Record, ivr.Form, ivr.Mail, ivr.Times),
    *(ivr.Standing, ivr.Connect),
)
"""Nodes at which somebody stands for a while; others are passed in no time."""
NODE: Final = "data-node"
"""The attribute of a text that is left empty for how many stand at a node."""


def draw(loaded: Loaded, name: str, language: str, *, counted: bool = False) -> str:
    """Return a flow as SVG, perhaps with room for how many stand where. Raises DrawError."""
    flow = loaded.core.flows[name]
    texts = loaded.installation.speech.texts.get(language, {})
    rooms = {node: f"● {n:03} Σ {n:05}" for n, node in enumerate(standing(flow))} if counted else {}
    dot = _dot(flow, texts, language, rooms)
    try:
        done = subprocess.run(
            [PROGRAM, "-Tsvg"], input=dot, capture_output=True, text=True, check=False, timeout=DRAWN_WITHIN_S
        )
    except FileNotFoundError:
        raise DrawError(f"{PROGRAM} is not installed: install it (apt-get install graphviz)") from None
    except subprocess.TimeoutExpired:
        raise DrawError(f"{PROGRAM} did not finish within {DRAWN_WITHIN_S:.0f} s") from None
    if done.returncode:
        raise DrawError(f"{PROGRAM} failed: {(done.stderr.strip() or 'no word why').splitlines()[0]}")
    return _accessible(done.stdout, flow, texts, language, rooms)


def standing(flow: Flow) -> list[str]:
    """Return the nodes at which somebody stands for a while."""
    return [name for name, node in flow.nodes.items() if isinstance(node, STANDS)]


# ---- what is drawn ---------------------------------------------------------------------------------------------


def _box(node: ivr.Node) -> Box:
    match node:
        case ivr.Say():
            return Box("telling", "say", (node.prompt,))
        case ivr.Announcement():
            return Box("telling", "announcement, if there is one", (node.prompt,))
        case ivr.Menu():
            return Box("asking", "menu", (node.prompt,), (_patience(node),))
        case ivr.Language():
            spoken = ", ".join(f"{key}: {tongue.language}" for key, tongue in node.choices.items())
            return Box("asking", "language", (), (spoken,))
        case ivr.Collect():
            return Box("asking", "collect digits", (node.prompt,), _digits(node))
        case ivr.Record():
            return Box("asking", "record", (node.prompt,), (f"at most {node.most:g} s",))
        case ivr.Form():
            return _form(node)
        case ivr.Mail():
            return Box("asking", "go on by mail", (node.prompt,), (f"queue {node.queue}",))
        case _:
            return _other_box(node)


def _other_box(node: ivr.Node) -> Box:
    match node:
        case ivr.Open():
            return Box("deciding", "hours", (), (node.hours or f"queue {node.queue}",))
        case ivr.Set():
            return Box("deciding", "set", (), tuple(_settings(node)))
        case ivr.Run():
            return Box("deciding", f"flow {node.flow}", (), ("goes through it, and comes back",))
        case ivr.Enter():
            return Box("leaving", f"queue {node.queue}", (), tuple(_needs(node)))
        case ivr.Connect():
            return Box("leaving", "connect", (), (f"{node.kind} {node.key}", f"rings {node.timeout:g} s"))
        case ivr.HangUp():
            return Box("ending", "hang up")
        case ivr.Return():
            return Box("ending", "return")
        case ivr.Keep() | ivr.Drop():
            return Box("filing", "keep" if isinstance(node, ivr.Keep) else "drop", (), (f"prompt {node.prompt}",))
        case _:
            return _call_box(node)


def _call_box(node: ivr.Node) -> Box:
    """Return how a node looks that is about being called back."""
    match node:
        case ivr.Times():
            return Box("asking", "call back: when", (node.prompt,), (f"queue {node.queue}", _patience(node)))
        case ivr.Ticket():
            return Box("filing", "give a ticket", (), (f"{node.service} at {node.site}",))
        case ivr.Promise():
            return Box("filing", "promise a call", (), (f"queue {node.queue}",))
        case ivr.Standing():
            whose = f"of queue {node.queue}" if node.queue else "of any queue"
            return Box("asking", "call promised before", (node.prompt,), (whose, _patience(node)))
        case _:
            raise AssertionError(f"{type(node).__name__} has no look")


def _form(node: ivr.Form) -> Box:
    answers = tuple(
        f"{number}. {'voice' if isinstance(question, ivr.Record) else 'digits'}: {question.name}"
        f"{' (optional)' if question.optional else ''}"
        for number, question in enumerate(node.questions, 1)
    )
    return Box("filing", f"{node.channel} to queue {node.queue}", (), answers)


def _patience(node: ivr.Asking) -> str:
    return f"{node.timeout:g} s, {node.tries} {'try' if node.tries == 1 else 'tries'}"


def _digits(node: ivr.Collect) -> tuple[str, ...]:
    count = str(node.least) if node.least == node.most else f"{node.least}-{node.most}"
    words = [f"{count} digits", node.check, "confirmed" if node.confirm else "", "not stored" if node.sensitive else ""]
    return (", ".join(word for word in words if word), _patience(node))


def _settings(node: ivr.Set) -> Iterator[str]:
    yield from (f"needs {need.skill} {need.level}" for need in node.needs)
    if node.priority != 1.0:
        yield f"priority times {node.priority:g}"
    yield from (f"{key}: {word}" for key, word in node.notes.items())
    if node.language:
        yield f"language {node.language}"


def _needs(node: ivr.Enter) -> Iterator[str]:
    yield from (f"needs {need.skill} {need.level}" for need in node.needs)
    if node.priority != 1.0:
        yield f"priority times {node.priority:g}"


def _ways(node: ivr.Node) -> list[Way]:
    """Return the arrows from a node; those to the same node share one."""
    match node:
        case ivr.Menu():
            ways = [*(Way(to, key) for key, to in node.choices.items()), Way(node.otherwise, "silence", silent=True)]
        case ivr.Language():
            ways = [Way(tongue.next or node.next, tongue.language) for tongue in node.choices.values()]
            ways.append(Way(node.next, "silence", silent=True))
        case ivr.Collect() | ivr.Record() | ivr.Form() | ivr.Mail() | ivr.Times():
            ways = [Way(node.next, "answered"), Way(node.otherwise, "silence", silent=True)]
        case ivr.Open():
            ways = [Way(node.open, "open"), Way(node.closed, "closed")]
            ways += [Way(to, f"closed: {name}") for name, to in node.special.items()]
        case ivr.Connect():
            ways = [Way(node.busy, "busy"), Way(node.no_answer, "no answer"), Way(node.otherwise, "else")]
        case ivr.Ticket():
            ways = [Way(node.next, "given"), Way(node.closed, "closed")]
        case ivr.Promise():
            ways = [Way(node.next, "promised"), Way(node.already, "before"), Way(node.taken, "time taken")]
        case ivr.Standing():
            ways = [Way(node.keep, "keep"), Way(node.cancelled, "cancel"), Way(node.next, "none, or wait", silent=True)]
        case _:
            ways = [Way(to) for to in ivr.exits(node)]
    return _joined(ways)


def _joined(ways: list[Way]) -> list[Way]:
    found: dict[tuple[str, bool], list[str]] = {}
    for way in ways:
        found.setdefault((way.to, way.silent), []).append(way.label)
    return [Way(to, ", ".join(filter(None, labels)), silent) for (to, silent), labels in found.items()]


# ---- in the words of Graphviz ----------------------------------------------------------------------------------


def _dot(flow: Flow, texts: dict[str, str], language: str, rooms: Mapping[str, str]) -> str:
    lines = [
        "digraph flow {",
        f'  label=<{_caption(flow, language)}>; labelloc="t"; labeljust="l"; fontname="{FONT}";',
        '  graph [rankdir=TB, nodesep=0.45, ranksep=0.55, pad=0.35, bgcolor="white", splines=spline];',
        f'  node [shape=box, style="rounded,filled", penwidth=1.6, margin="0.16,0.1", fontname="{FONT}", fontsize=12];',
        f'  edge [color="{SOFT}", fontcolor="{INK}", fontname="{FONT}", fontsize=12, arrowsize=0.8, penwidth=1.3];',
        '  "in" [shape=circle, label="", width=0.22, style=filled, fillcolor="#1b1f24", id="entry"];',
        f'  "in" -> {_quoted("n:" + START)};',
    ]
    for name, node in flow.nodes.items():
        box = _box(node)
        look = LOOKS[box.kind]
        colours = f'fillcolor="{look.fill}", color="{look.line}"'
        double = ", peripheries=2" if isinstance(node, ivr.Run) else ""
        label = _label(name, box, texts, look, rooms.get(name, ""))
        lines.append(f"  {_quoted('n:' + name)} [label=<{label}>, {colours}{double}];")
    for name, node in flow.nodes.items():
        for way in _ways(node):
            label = f", label={_quoted(f' {way.label} ')}" if way.label else ""
            style = "style=dashed" if way.silent else "style=solid"
            lines.append(f"  {_quoted('n:' + name)} -> {_quoted('n:' + way.to)} [{style}{label}];")
    return "\n".join([*lines, "}"])


def _caption(flow: Flow, language: str) -> str:
    """Return the heading: whose picture it is, in which language, and what keys do everywhere."""
    does = {"person": f"queue {flow.person}", "repeat": "says it again"}
    keys = "".join(f"   {key}: {does[word]}" for key, word in flow.keys.items())
    return "".join(
        (
            '<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="2">',
            _row(f"<B>{_safe(flow.name)}</B>", 20, INK),
            _row(_safe(f"spoken in {language}{',  everywhere' if keys else ''}{keys}"), 12, SOFT),
            "</TABLE>",
        )
    )


def _label(name: str, box: Box, texts: dict[str, str], look: Look, room: str) -> str:
    """Return an HTML-like label: what it does, its name, what is said, details, room for a count."""
    rows = [
        _row(f"<B>{_safe(box.head.upper())}</B>", 10, look.line),
        *([] if name in IMPLIED and box.kind in ("leaving", "ending") else [_row(f"<B>{_safe(name)}</B>", 14, INK)]),
    ]
    for prompt in box.prompts:
        text = texts.get(prompt)
        said = _cut(text) if text is not None else [f"({prompt})"]
        rows += [_row(f"<I>{_safe(line)}</I>", 12, INK) for line in said]
    rows += [_row(_safe(detail), 11, SOFT) for detail in box.details]
    rows += [_row(f"<B>{_safe(room)}</B>", 13, INK)] if room else []
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(rows)}</TABLE>'


def _row(text: str, size: int, colour: str) -> str:
    return f'<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="{size}" COLOR="{colour}">{text}</FONT></TD></TR>'


def _cut(text: str) -> list[str]:
    lines = textwrap.wrap(text, WIDTH)
    return lines if len(lines) <= LINES else [*lines[: LINES - 1], f"{lines[LINES - 1][: WIDTH - 2]} …"]


def _safe(text: str) -> str:
    return html.escape(text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


# ---- for everybody ---------------------------------------------------------------------------------------------


def _accessible(svg: str, flow: Flow, texts: dict[str, str], language: str, rooms: Mapping[str, str]) -> str:
    """Give the picture a title and a description, its parts names for people, and prompts their language."""
    nodes = {room: name for name, room in rooms.items()}
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ET.fromstring(svg)
    root.set("role", "img")
    root.set("aria-labelledby", "title desc")
    root.set(f"{{{XML}}}lang", "en")
    title, desc = ET.Element(f"{{{SVG}}}title", id="title"), ET.Element(f"{{{SVG}}}desc", id="desc")
    title.text = f"Flow {flow.name}"
    desc.text = describe(flow, texts)
    root.insert(0, title)
    root.insert(1, desc)
    for group in root.iter(f"{{{SVG}}}g"):
        named = group.find(f"{{{SVG}}}title")
        if named is not None and named.text is not None:
            named.text = _spoken(flow, named.text)
        for text in group.findall(f"{{{SVG}}}text"):
            if text.get("font-style") == "italic":
                text.set(f"{{{XML}}}lang", language)
                text.text = f"{ISOLATE}{text.text}{POP_ISOLATE}"
            elif text.text in nodes:
                text.set(NODE, nodes[text.text])
                text.text = ""
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _spoken(flow: Flow, title: str) -> str:
    """Turn Graphviz's name of a node or arrow into words."""
    if title in ("in", "flow"):
        return f"Flow {flow.name}" if title == "flow" else "where a call comes in"
    parts = [part.removeprefix("n:") for part in title.split("->")]
    if len(parts) == 2:
        return f"from {parts[0].replace('in', 'the call', 1) if parts[0] == 'in' else parts[0]} to {parts[1]}"
    node = flow.nodes.get(parts[0])
    return f"{parts[0]}: {_box(node).head}" if node is not None else parts[0]


def describe(flow: Flow, texts: dict[str, str]) -> str:
    """Return the flow in words, a sentence for each node."""
    sentences = []
    for name, node in flow.nodes.items():
        box = _box(node)
        said = " ".join(f"“{texts.get(prompt, prompt)}”" for prompt in box.prompts)
        ways = "; ".join(f"{way.label or 'then'}: {way.to}" for way in _ways(node))
        parts = [part for part in (said, ", ".join(box.details)) if part]
        about = f" ({'; '.join(parts)})" if parts else ""
        sentences.append(f"{name}: {box.head}{about}." + (f" Goes on to {ways}." if ways else ""))
    return " ".join(sentences)
