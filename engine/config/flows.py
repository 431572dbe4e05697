"""flows/*.yaml to `ivr.flow.Flow`. What holds for a flow as a graph, and among flows, is checked in
`engine.config.graph`."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct, structs
from yaml.nodes import MappingNode, Node, ScalarNode

from engine.config import forms, shapes, words
from engine.config import schema as s
from engine.config.document import Document, Path_, called, is_empty, pairs
from engine.config.forms import FormTable
from engine.config.problems import unknown
from engine.config.reader import BROKEN, Broken, Reader
from ivr import flow as ivr
from ivr.flow import START, Flow
from ivr.promising import NUMBER
from ivr.session import KEYS
from queues.queue import Queue

SETTINGS: Final = "settings"
"""What is no node in a flow's file."""
TERMINATORS: Final = {"none": ""}
CONFIRM: Final = "confirm"
REVIEW: Final = "review"
"""Prompts that are heard for `confirm: yes` and `review: yes`."""

PIN_DIGITS_MIN: Final = 6
PIN_DIGITS_MAX: Final = 16
INVITATION_DIGITS: Final = 10
"""Of a code by which somebody joins a crisis."""
ANY: Final = "any"
"""Whatever queue promised a call."""
STUDIO: Final = "studio:"
"""Begins the names of flows in which prompts are recorded; no file's name can."""
CODE: Final = "code:"
"""Begins the names of flows behind codes that agents dial; no file's name can."""

_KINDS: Final[dict[str, type[Struct]]] = {
    "say": s.SayTable,
    "announcement": s.AnnouncementTable,
    "menu": s.MenuTable,
    "language": s.LanguageTable,
    "collect": s.CollectNode,
    "form": s.FormTable,
    "message": s.MessageTable,
    "mail": s.MailTable,
    "hours": s.HoursTable,
    "set": s.SetTable,
    "flow": s.RunTable,
    "queue": s.EnterTable,
    "callback": s.CallbackTable,
    "ticket": s.TicketTable,
    "promised": s.PromisedTable,
    "connect": s.ConnectTable,
    "hang_up": s.HangUpTable,
    "return": s.ReturnTable,
}
_WANTED: Final = f"a node says what it does by one of: {', '.join(_KINDS)}"
_WORDS: Final[dict[str, ivr.Node]] = {
    "hang_up": ivr.HangUp(),
    "hang up": ivr.HangUp(),
    "return": ivr.Return(),
}
_REFERENCES: Final = ("next", "otherwise", "open", "closed", "busy", "no_answer", "keep", "cancelled")
_REFERENCE_MAPS: Final = ("choices", "special")


def flow(
    document: Document,
    name: str,
    house: s.FlowsTable,
    forms: Mapping[str, FormTable] | None = None,
    queues: Mapping[str, Queue] | None = None,
) -> Flow:
    """Read a flow, which may ask `forms`; broken nodes are left out and their mistakes noted in the document."""
    return _FlowReader(document, name, house, forms or {}, queues or {}).read()


class _FlowReader:
    """Reads one file."""

    def __init__(
        self,
        document: Document,
        name: str,
        house: s.FlowsTable,
        forms: Mapping[str, FormTable],
        queues: Mapping[str, Queue],
    ) -> None:
        self._forms = forms
        self._queues = queues
        self._document = document
        self._name = name
        self._house = house
        self._reader = Reader(document)
        self._person = house.person
        self._keys = house.keys
        self._follows = s.RETURN
        """Where the node leads that was read last, and has others after it."""

    def read(self) -> Flow:
        document = self._document
        if document.root is None or not isinstance(document.root, MappingNode):
            if not document.problems:
                found = called(document.root) if document.root is not None else "nothing"
                document.say((), f"expected nodes (start: ...), found {found}")
            return Flow(name=self._name)
        self._settings()
        nodes: dict[str, ivr.Node] = {}
        for key, value in self._written().items():
            try:
                words.name(key)
            except ValueError as error:
                document.say((key,), str(error))
            node = self._node(key, value)
            if not isinstance(node, Broken):
                nodes[key] = node
            if isinstance(node, ivr.Times):
                nodes |= self._about_call(key, node)
            if isinstance(node, ivr.Ticket):
                nodes[node.next] = ivr.Ticketed(prompt="ticket_number", wait="ticket_wait", next=self._follows)
        self._check_names()
        keys = {key: does for key, does in self._keys.items() if does != "person" or self._person}
        return Flow(name=self._name, nodes=nodes | self._implied(nodes), keys=keys, person=self._person)

    def _written(self) -> dict[str, Node]:
        return {key: node for key, node in self._document.items().items() if key != SETTINGS}

    def _settings(self) -> None:
        node = self._document.items().get(SETTINGS)
        if node is None:
            return
        settings = self._reader.read(node, s.FlowSettings, (SETTINGS,))
        if isinstance(settings, s.FlowSettings):
            self._person = self._person if settings.person is None else settings.person
            self._keys = self._keys if settings.keys is None else settings.keys

    def _implied(self, nodes: Mapping[str, ivr.Node]) -> dict[str, ivr.Node]:
        """Return the nodes that others lead to although nobody wrote them."""
        wanted = {target for node in nodes.values() for target in ivr.exits(node)} - nodes.keys()
        return {name: node for name, node in self._always().items() if name in wanted}

    def _always(self) -> dict[str, ivr.Node]:
        found: dict[str, ivr.Node] = {s.RETURN: ivr.Return(), s.HANG_UP: ivr.HangUp()}
        return found | ({s.PERSON: ivr.Enter(queue=self._person)} if self._person else {})

    # ---- nodes -------------------------------------------------------------------------------------------------

    def _node(self, key: str, value: Node) -> ivr.Node | Broken:
        if isinstance(value, ScalarNode) and value.value in _WORDS:
            return _WORDS[value.value]
        if not isinstance(value, MappingNode):
            return self._reader.say((key,), f"found {called(value)}; {_WANTED}")
        written = dict(pairs(value))
        kinds = [name for name in written if name in _KINDS]
        if len(kinds) != 1:
            does = f"does {' and '.join(kinds)}" if kinds else "does nothing"
            return self._reader.say((key,), f"{does}; {_WANTED}")
        table = self._reader.read(value, _KINDS[kinds[0]], (key,))
        if isinstance(table, Broken):
            return BROKEN
        self._check_otherwise(key, written, table)
        return self._made(key, table)

    def _check_otherwise(self, key: str, written: Mapping[str, Node], table: Struct) -> None:
        """Note a node that leaves open where those go who give no answer, when there is no `person` queue."""
        asks = isinstance(
            table,
            s.MenuTable | s.CollectNode | s.FormTable | s.MessageTable | s.MailTable | s.ConnectTable | s.CallbackTable,
        )
        if asks and "otherwise" not in written and not self._person and s.PERSON not in self._written():
            self._reader.say((key,), '"otherwise" is missing')

    def _made(self, key: str, table: Any) -> ivr.Node | Broken:
        match table:
            case s.SayTable():
                return ivr.Say(prompt=table.say, next=table.next)
            case s.AnnouncementTable():
                return ivr.Announcement(prompt=table.announcement, next=table.next)
            case s.MenuTable():
                self._check_choices(key, table.choices)
                return ivr.Menu(
                    prompt=table.menu,
                    choices={digit: way.to for digit, way in table.choices.items()},
                    titles={digit: way.title for digit, way in table.choices.items() if way.title is not None},
                    otherwise=table.otherwise,
                    **self._asking(table),
                )
            case s.LanguageTable():
                self._check_languages(key, table)
                return ivr.Language(
                    prompt=table.language, choices=table.choices, next=table.next, **self._asking(table)
                )
            case s.CollectNode():
                return self._collect(table, key, next=table.next, otherwise=table.otherwise)
            case s.FormTable() | s.MessageTable():
                return self._form(key, table)
            case s.MailTable():
                return ivr.Mail(
                    prompt=table.prompt,
                    mailbox=table.mailbox,
                    queue=table.mail,
                    needs=table.needs,
                    priority=table.priority,
                    next=table.next,
                    otherwise=table.otherwise,
                    **self._asking(table),
                )
            case s.CallbackTable():
                self._follows = table.next
                return ivr.Times(
                    prompt=table.prompt,
                    queue=table.callback,
                    next=f"{key}.number",
                    otherwise=table.otherwise,
                    **self._asking(table),
                )
            case s.PromisedTable():
                return ivr.Standing(
                    prompt="callback_yours",
                    at="callback_yours_at",
                    queue="" if table.promised == ANY else table.promised,
                    next=table.next,
                    keep=table.keep,
                    cancelled=table.cancelled,
                    **self._asking(table),
                )
            case _:
                return self._made_of_others(table)

    def _about_call(self, key: str, times: ivr.Times) -> dict[str, ivr.Node]:
        """Return what follows the choice of a time: the number, the promise, and what is said about it."""
        asking = {field: getattr(times, field) for field in ("timeout", "tries", "no_input", "wrong_input")}
        after = self._follows
        return {
            f"{key}.number": ivr.Collect(
                prompt="callback_number",
                name=NUMBER,
                least=3,
                check="number",
                caller="callback_number_yours",
                confirm="callback_number_right",
                between=self._house.between,
                next=f"{key}.promise",
                otherwise=times.otherwise,
                **asking,
            ),
            f"{key}.promise": ivr.Promise(
                queue=times.queue, next=f"{key}.promised", already=f"{key}.already", taken=f"{key}.taken"
            ),
            f"{key}.promised": ivr.Promised(prompt="callback_promised", at="callback_promised_at", next=after),
            f"{key}.already": ivr.Say(prompt="callback_already", next=after),
            f"{key}.taken": ivr.Say(prompt="callback_taken", next=key),
        }

    def _made_of_others(self, table: Any) -> ivr.Node | Broken:
        """Return a node that asks nothing."""
        match table:
            case s.HoursTable():
                return ivr.Open(**table.hours, open=table.open, closed=table.closed, special=table.special)
            case s.SetTable():
                what = table.set
                return ivr.Set(
                    needs=what.needs,
                    priority=what.priority,
                    notes=what.note,
                    language=what.language,
                    citizen=what.citizen,
                    keep=what.keep,
                    next=table.next,
                )
            case s.RunTable():
                return ivr.Run(flow=table.flow, next=table.next)
            case s.TicketTable():
                self._follows = table.next
                site, service = table.ticket["place"], table.ticket["service"]
                return ivr.Ticket(site=site, service=service, next=f"{site} {service}", closed=table.closed)
            case s.ConnectTable():
                kind, key = next(iter(table.connect.items()))
                return ivr.Connect(
                    kind=kind,  # type: ignore[arg-type]  # `shapes.destination` knows the same kinds
                    key=key,
                    timeout=table.timeout,
                    busy=table.busy or table.otherwise,
                    no_answer=table.no_answer or table.otherwise,
                    otherwise=table.otherwise,
                )
            case s.EnterTable():
                return ivr.Enter(queue=table.queue, needs=table.needs, priority=table.priority)
            case s.HangUpTable():
                return ivr.HangUp()
            case s.ReturnTable():
                return ivr.Return()
            case _:
                return BROKEN

    def _asking(self, table: s.AskTable) -> dict[str, Any]:
        """Return what all questions have in common; the house's word where the flow says nothing."""
        house = self._house
        return {
            "timeout": table.timeout if table.timeout is not None else house.timeout,
            "tries": table.tries if table.tries is not None else house.tries,
            "no_input": table.no_input if table.no_input is not None else house.no_input,
            "wrong_input": table.wrong_input if table.wrong_input is not None else house.wrong_input,
        }

    def _collect(self, table: s.CollectTable, key: str, **more: Any) -> ivr.Collect:
        least, most = table.digits
        return ivr.Collect(
            prompt=table.collect,
            name=table.name or key,
            sensitive=table.sensitive,
            least=least,
            most=most,
            terminator=TERMINATORS.get(table.terminator, table.terminator),
            between=table.between if table.between is not None else self._house.between,
            check=table.check,
            confirm=_prompt_or_none(table.confirm, CONFIRM),
            **self._asking(table),
            **more,
        )

    def _form(self, key: str, table: s.FormTable | s.MessageTable) -> ivr.Form | Broken:
        shared = {
            "announce": table.announce,
            "needs": table.needs,
            "priority": table.priority,
            "next": table.next,
            "otherwise": table.otherwise,
        }
        if isinstance(table, s.MessageTable):
            spoken = ivr.Record(
                name="message",
                prompt=table.prompt,
                silence=table.silence,
                most=table.most,
                review=_prompt_or_none(table.review, REVIEW),
                **self._asking(table),
            )
            return ivr.Form(channel="message", queue=table.message, questions=(spoken,), **shared)  # type: ignore[arg-type]
        if not table.questions:
            return self._named(key, table, shared)
        questions = tuple(self._question(question) for question in table.questions)
        self._check_questions(key, questions)
        return ivr.Form(channel="report", queue=table.form, questions=questions, **shared)  # type: ignore[arg-type]

    def _named(self, key: str, table: s.FormTable, shared: Mapping[str, Any]) -> ivr.Form | Broken:
        """Return a node that asks a form of forms.yaml."""
        found = self._forms.get(table.form)
        if found is None:
            return self._reader.say((key, "form"), unknown("form in forms.yaml", table.form, self._forms))
        for name, about in found.fields.items():
            if about.required and not forms.is_asked(about):
                text = f'field "{name}" of the form is required, and a flow cannot ask for it; let it be optional'
                self._reader.say((key, "form"), text)
        asking = self._asking(s.AskTable())
        return ivr.Form(**{**shared, **forms.node(table.form, found, self._queues, asking)})

    def _question(self, table: s.CollectQuestion | s.RecordQuestion) -> ivr.Question:
        if isinstance(table, s.CollectQuestion):
            return self._collect(table, table.collect, optional=table.optional)
        return ivr.Record(
            prompt=table.record,
            name=table.name or table.record,
            silence=table.silence,
            most=table.most,
            review=_prompt_or_none(table.review, REVIEW),
            optional=table.optional,
            **self._asking(table),
        )

    # ---- checks ------------------------------------------------------------------------------------------------

    def _check_choices(self, key: str, choices: Mapping[str, object]) -> None:
        if not choices:
            self._reader.say((key, "choices"), "offers no choice; write it like {1: NODE, 2: NODE}")
        for digit in choices:
            if digit not in KEYS:
                text = f'"{digit}" is no key of a telephone; allowed: 0-9, "*", "#"'
                self._reader.say((key, "choices", digit), text)

    def _check_languages(self, key: str, table: s.LanguageTable) -> None:
        if not table.choices:
            self._reader.say((key, "choices"), "offers no language; write it like {1: sv, 2: en}")
        for digit in table.choices:
            if digit not in KEYS or not digit.isdecimal():
                self._reader.say((key, "choices", digit), f'"{digit}" cannot be said as a number; allowed: 0-9')

    def _check_questions(self, key: str, questions: tuple[ivr.Question, ...]) -> None:
        seen: set[str] = set()
        for index, question in enumerate(questions):
            if question.name in seen:
                text = f'there are two answers called "{question.name}"; give each a `name` of its own'
                self._reader.say((key, "questions", index), text)
            seen.add(question.name)
        if questions and all(question.optional for question in questions):
            text = "a caller who answers nothing would leave an empty report; let one question not be optional"
            self._reader.say((key, "questions"), text)

    def _check_names(self) -> None:
        """Note a missing start and every reference to a node that is not there."""
        written = self._written()
        names = [*written, *(name for name in self._always() if name not in written)]
        if START not in written:
            self._document.say((), f'has no node "{START}", where every flow begins')
        for path, value in _references(written):
            if isinstance(value, ScalarNode) and not is_empty(value) and value.value not in names:
                self._document.say(path, unknown("node", value.value, written))


def _references(written: Mapping[str, Node]) -> Iterator[tuple[Path_, Node]]:
    """Yield every place where a node is named."""
    for key, node in written.items():
        fields = dict(pairs(node))
        for field, value in fields.items():
            if field in _REFERENCES:
                yield (key, field), value
            for name, target in pairs(value) if field in _REFERENCE_MAPS else ():
                if "menu" in fields and "to" in (way := dict(pairs(target))):
                    yield (key, field, name, "to"), way["to"]
                elif "language" not in fields:
                    yield (key, field, name), target
                elif "next" in (own := dict(pairs(target))):
                    yield (key, field, name, "next"), own["next"]


def _prompt_or_none(text: str, default: str) -> str:
    return {"yes": default, "true": default, "no": "", "false": ""}.get(text.lower(), text)


def with_announcements(flow: Flow, spoken: Mapping[str, set[str]]) -> Flow:
    """Return a flow whose announcements know the languages in which there is a text or a recording of them."""
    nodes = {
        name: structs.replace(node, languages=tuple(sorted(one for one in spoken if node.prompt in spoken[one])))
        if isinstance(node, ivr.Announcement)
        else node
        for name, node in flow.nodes.items()
    }
    return structs.replace(flow, nodes=nodes)


# ---- flows that nobody writes ----------------------------------------------------------------------------------


def straight_to(queue: str) -> Flow:
    """Return the flow of a number that leads straight to a queue; its name cannot be a file's."""
    return Flow(name=f"queue:{queue}", nodes={START: ivr.Enter(queue=queue)})


def for_messages(queue: str, house: s.FlowsTable) -> Flow:
    """Return the flow that takes a message for a queue (rule 9)."""
    message = ivr.Record(
        name="message", prompt="leave_message", timeout=house.timeout, tries=house.tries, no_input=house.no_input
    )
    nodes: dict[str, ivr.Node] = {
        START: ivr.Form(
            channel="message",
            queue=queue,
            questions=(message,),
            announce="recorded",
            next="thanks",
            otherwise=s.HANG_UP,
        ),
        "thanks": ivr.Say(prompt="message_kept", next=s.HANG_UP),
        s.HANG_UP: ivr.HangUp(),
    }
    keys: dict[str, ivr.GlobalKey] = {key: does for key, does in house.keys.items() if does == "repeat"}
    return Flow(name=shapes.message_flow(queue), nodes=nodes, keys=keys)


def studio(number: str, table: s.NumberTable, languages: list[str], house: s.FlowsTable) -> Flow:
    """Return the flow of a number where prompts are recorded: PIN, language, prompt, then record, hear or drop it."""
    shared: dict[str, Any] = {
        "timeout": house.timeout,
        "tries": house.tries,
        "no_input": house.no_input,
        "wrong_input": house.wrong_input,
    }
    nodes: dict[str, ivr.Node] = {
        START: ivr.Collect(
            name="pin",
            prompt="studio_pin",
            sensitive=True,
            check="pin",
            least=PIN_DIGITS_MIN,
            most=PIN_DIGITS_MAX,
            between=house.between,
            next="language" if len(languages) > 1 else "which",
            otherwise=s.HANG_UP,
            **shared,
        ),
        "which": ivr.Menu(
            prompt="studio_which",
            choices={key: f"what {key}" for key in table.record_prompts},
            otherwise=s.HANG_UP,
            **shared,
        ),
        "kept": ivr.Say(prompt="studio_kept", next="which"),
        "dropped": ivr.Say(prompt="studio_dropped", next="which"),
        s.HANG_UP: ivr.HangUp(),
    }
    if len(languages) > 1:
        choices = {str(n): ivr.Tongue(language=one) for n, one in enumerate(languages[:9], 1)}
        nodes["language"] = ivr.Language(prompt="studio_language", choices=choices, next="which", **shared)
    for key, prompt in table.record_prompts.items():
        nodes |= _workbench(key, prompt, shared)
    return Flow(name=studio_name(number), nodes=nodes, keys={"*": "repeat"})


def for_code(code: str, act: ivr.Act, house: s.FlowsTable) -> Flow:
    """Return the flow behind a code that agents dial: who it is, if that is to be shown, then the deed."""
    nodes: dict[str, ivr.Node] = {
        START: act,
        shapes.DONE: ivr.Say(prompt="code_done", next=s.HANG_UP),
        shapes.REFUSED: ivr.Say(prompt="code_refused", next=s.HANG_UP),
        s.HANG_UP: ivr.HangUp(),
    }
    if act.what == "log_in":
        shared: dict[str, Any] = {"timeout": house.timeout, "between": house.between, "otherwise": shapes.REFUSED}
        nodes[START] = ivr.Collect(name="agent", prompt="code_agent", least=1, most=20, tries=1, next="pin", **shared)
        nodes["pin"] = ivr.Collect(
            name="pin",
            prompt="code_pin",
            sensitive=True,
            check="agent",
            least=PIN_DIGITS_MIN,
            most=PIN_DIGITS_MAX,
            tries=1,
            next="act",
            **shared,
        )
        nodes["act"] = act
    elif act.what == "join_crisis":
        nodes[START] = ivr.Collect(
            name="code",
            prompt="code_helper",
            sensitive=True,
            check="helper",
            least=INVITATION_DIGITS,
            most=INVITATION_DIGITS,
            timeout=house.timeout,
            between=house.between,
            tries=1,
            next="act",
            otherwise=shapes.REFUSED,
        )
        nodes["act"] = act
    return Flow(name=code_name(code), nodes=nodes)


def code_name(code: str) -> str:
    """Return the name of the flow behind a code."""
    return f"{CODE}{code}"


def studio_name(number: str) -> str:
    """Return the name of the flow of a number where prompts are recorded."""
    return f"{STUDIO}{number}"


def _workbench(key: str, prompt: str, shared: dict[str, Any]) -> dict[str, ivr.Node]:
    """Return the nodes for one prompt."""
    does = {"1": f"take {key}", "2": f"hear {key}", "3": f"drop {key}", "9": "which"}
    return {
        f"what {key}": ivr.Menu(prompt="studio_what", choices=does, otherwise=s.HANG_UP, **shared),
        f"take {key}": ivr.Record(
            name="take", prompt="studio_say", review="studio_review", next=f"keep {key}", otherwise="which", **shared
        ),
        f"hear {key}": ivr.Announcement(prompt=prompt, next=f"what {key}"),
        f"keep {key}": ivr.Keep(prompt=prompt, recording="take", next="kept"),
        f"drop {key}": ivr.Drop(prompt=prompt, next="dropped"),
    }
