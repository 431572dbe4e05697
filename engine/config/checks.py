"""What holds between the files: every name exists, every queue is served, every requirement can be met."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from engine.config.document import Document, Path_, pairs
from engine.config.problems import listed, unknown
from engine.config.schema import NumbersFile
from ivr.flow import Enter, Menu, Say
from queues.channels import CHANNELS
from queues.queue import GOODBYE, Queue, WayOut
from queues.skills import Needs, meets, signature
from router.configuration import AgentSettings, Configuration

DEFAULT: Final = "the default of every queue without ways out"


class Folder(Struct, kw_only=True):
    """The files of a configuration folder."""

    vaxel: Document
    queues: Document
    agents: Document
    numbers: Document
    prompts: Document
    flows: dict[str, Document]
    directory: Document

    def all(self) -> Iterator[Document]:
        """Yield every document."""
        yield from (self.vaxel, self.queues, self.agents, self.numbers, self.prompts)
        yield from self.flows.values()
        yield self.directory

    def sound(self) -> bool:
        """Tell whether no mistake has been noted so far."""
        return not any(document.problems for document in self.all())


def check(
    folder: Folder, core: Configuration, numbers: NumbersFile, spoken: dict[str, set[str]], language: str
) -> None:
    """Note what does not fit together. `spoken` is language to the prompts that can be said in it."""
    # Of a file that cannot be read at all, that is enough to say.
    if folder.queues.root is not None:
        _check_queue_names(folder, core)
        _check_numbers(folder, numbers)
    if folder.agents.root is not None:
        _check_skills(folder, core)
    if folder.prompts.root is not None or spoken:
        _check_languages(folder, numbers, spoken, language)
        _check_prompts(folder, core, spoken, language)
    if folder.numbers.exists and not folder.numbers.problems and not core.entries:
        folder.numbers.say(("numbers",), "there is no number: nobody could reach you")
    if folder.sound():
        _check_ways_out_end(folder, core)
        _check_served(folder, core)


def _check_queue_names(folder: Folder, core: Configuration) -> None:
    known = folder.queues.keys("queues")
    for name, obstacle, way in _ways_out(core):
        if way.to == "queue" and way.name not in known:
            folder.queues.say(("queues", name, "ways_out", obstacle, "queue"), unknown("queue", way.name, known))
    for agent in core.agents.values():
        for queue_name in agent.queues:
            if queue_name not in known:
                folder.agents.say(("agents", agent.id, "queues", queue_name), unknown("queue", queue_name, known))
    for flow, name, node in _enters(folder, core):
        if node.queue not in known:
            folder.flows[flow].say((name, "queue"), unknown("queue", node.queue, known))


def _check_numbers(folder: Folder, numbers: NumbersFile) -> None:
    known, flows = folder.queues.keys("queues"), list(folder.flows)
    for number, table in numbers.numbers.items():
        if table.queue and table.queue not in known:
            folder.numbers.say(("numbers", number, "queue"), unknown("queue", table.queue, known))
        if table.flow and table.flow not in flows:
            folder.numbers.say(("numbers", number, "flow"), unknown("flow", table.flow, flows))


def _ways_out(core: Configuration) -> Iterator[tuple[str, str, WayOut]]:
    for name, queue in core.queues.items():
        for obstacle, way in queue.ways_out.items():
            yield name, obstacle, way


def _enters(folder: Folder, core: Configuration) -> Iterator[tuple[str, str, Enter]]:
    for flow in folder.flows:
        for name, node in core.flows[flow].nodes.items():
            if isinstance(node, Enter):
                yield flow, name, node


def _check_skills(folder: Folder, core: Configuration) -> None:
    """Note needs for skills that no agent is said to have."""
    agents = folder.agents.items("agents").values()
    known = {
        skill for agent in agents for field, value in pairs(agent) if field == "skills" for skill, _ in pairs(value)
    }
    asked: list[tuple[Document, Path_, Needs]] = [
        (folder.queues, ("queues", name, "requirement", index, "needs"), step.needs)
        for name, queue in core.queues.items()
        for index, step in enumerate(queue.requirement)
    ]
    asked += [(folder.flows[flow], (name, "needs"), node.needs) for flow, name, node in _enters(folder, core)]
    for document, path, needs in asked:
        for need in needs:
            if need.skill not in known:
                document.say((*path, need.skill), _unknown_skill(need.skill, known))
    for skill in core.reserve:
        if skill not in known:
            folder.queues.say(("reserve", skill), _unknown_skill(skill, known))


def _unknown_skill(skill: str, known: set[str]) -> str:
    return unknown("skill", skill, known).replace("there is", "among the agents there is")


def _check_languages(folder: Folder, numbers: NumbersFile, spoken: dict[str, set[str]], language: str) -> None:
    for number, table in numbers.numbers.items():
        if table.language and table.language not in spoken:
            text = unknown("language in prompts.yaml", table.language, list(spoken))
            folder.numbers.say(("numbers", number, "language"), text)
    if language not in spoken:
        folder.vaxel.say(("language",), unknown("language in prompts.yaml", language, list(spoken)))


def _check_prompts(folder: Folder, core: Configuration, spoken: dict[str, set[str]], language: str) -> None:
    """Note prompts that cannot be said in a language in which somebody would hear them."""
    heard = {entry.language for entry in core.entries} or {language}
    for name, obstacle, way in _ways_out(core):
        if way.to == "announcement":
            path = ("queues", name, "ways_out", obstacle, "announcement")
            _check_prompt(folder.queues, path, way.name, spoken, heard)
    missing = sorted(one for one in heard & set(spoken) if GOODBYE.name not in spoken[one])
    if missing:
        text = f'lacks the prompt "{GOODBYE.name}", {DEFAULT}; add it in: {listed(missing)}'
        folder.prompts.say((missing[0],), text)
    for flow in folder.flows:
        by_entry = {entry.language for entry in core.entries if entry.flow == flow} or {language}
        for node_name, node in core.flows[flow].nodes.items():
            if isinstance(node, Say | Menu):
                field = "say" if isinstance(node, Say) else "menu"
                _check_prompt(folder.flows[flow], (node_name, field), node.prompt, spoken, by_entry)


def _check_prompt(
    document: Document, path: Path_, prompt: str, spoken: dict[str, set[str]], languages: set[str]
) -> None:
    missing = sorted(one for one in languages & set(spoken) if prompt not in spoken[one])
    if not missing:
        return
    if not any(prompt in prompts for prompts in spoken.values()):
        document.say(path, unknown("prompt", prompt, set().union(*spoken.values())))
    else:
        text = f'the prompt "{prompt}" is missing in {listed(missing)}; add its text to prompts.yaml, or a recording'
        document.say(path, f"{text} under prompts/{missing[0]}/{prompt}.wav")


def _check_ways_out_end(folder: Folder, core: Configuration) -> None:
    """Note queues that send contacts on to each other in a circle."""
    ahead = {
        name: {way.name for way in queue.ways_out.values() if way.to == "queue"} for name, queue in core.queues.items()
    }
    for name in core.queues:
        reached, todo = set[str](), list(ahead[name])
        while todo:
            following = todo.pop()
            if following not in reached:
                reached.add(following)
                todo += ahead[following]
        if name in reached:
            text = "lead back here in a circle; let one of these queues end in an announcement"
            folder.queues.say(("queues", name, "ways_out"), text)


def _check_served(folder: Folder, core: Configuration) -> None:
    for name, queue in core.queues.items():
        serving = [agent for agent in core.agents.values() if name in agent.queues and _takes_calls(agent)]
        if not serving:
            text = "nobody serves this queue; add it to `queues` of an agent who takes calls"
            folder.queues.say(("queues", name), text)
            continue
        if not _somebody(serving, queue, ()):
            path = ("queues", name, "requirement", len(queue.requirement) - 1)
            folder.queues.say(path, _unmet(name, queue.requirement[-1].needs))
            continue
        for flow, node_name, node in _enters(folder, core):
            if node.queue == name and not _somebody(serving, queue, node.needs):
                needs = signature(queue.requirement[-1].needs + node.needs)
                folder.flows[flow].say((node_name, "needs"), _unmet(name, needs))


def _takes_calls(agent: AgentSettings) -> bool:
    return agent.capacity.get("call", CHANNELS["call"].capacity) > 0


def _somebody(serving: list[AgentSettings], queue: Queue, added: Needs) -> bool:
    return any(meets(agent.skills, queue.requirement[-1].needs + added) for agent in serving)


def _unmet(queue: str, needs: Needs) -> str:
    wanted = ", ".join(f"{need.skill} {need.level}" for need in needs)
    return f'no agent of queue "{queue}" could ever meet this ({wanted}); widen the last step, or add somebody'
