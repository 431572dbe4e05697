"""What holds between the files: every name exists, every queue is served, every requirement can be met."""

from collections.abc import Iterator
from typing import Final

from engine.config import flowchecks, linechecks
from engine.config.document import Document, Path_, pairs
from engine.config.flowchecks import Spoken, check_prompt
from engine.config.folder import Folder
from engine.config.problems import listed, unknown
from engine.config.schema import FlowsTable, NumbersFile
from engine.config.shapes import MESSAGES
from ivr.flow import Enter, Form
from ivr.session import KEYS
from queues.channels import CHANNELS
from queues.queue import GOODBYE, Queue, WayOut
from queues.skills import Needs, meets, signature
from router.configuration import AgentSettings, Configuration

DEFAULT: Final = "the default of every queue without ways out"


def check(
    folder: Folder, core: Configuration, numbers: NumbersFile, house: FlowsTable, spoken: Spoken, language: str
) -> None:
    """Note what does not fit together."""
    # Of a file that cannot be read at all, that is enough to say.
    if folder.queues.root is not None:
        _check_queue_names(folder, core)
        _check_numbers(folder, numbers)
    flowchecks.check_names(folder, core, house)
    if folder.agents.root is not None:
        _check_skills(folder, core)
        _check_filings(folder, core)
    if folder.prompts.root is not None or spoken.names:
        _check_languages(folder, numbers, spoken, language)
        _check_prompts(folder, core, house, spoken, language)
        flowchecks.check_recordable(folder, core, numbers, spoken)
    flowchecks.check_ways(folder, core, numbers)
    if folder.numbers.exists and not folder.numbers.problems and not core.entries:
        folder.numbers.say(("numbers",), "there is no number: nobody could reach you")
    if folder.sound():
        _check_ways_out_end(folder, core)
        _check_served(folder, core)


def _check_queue_names(folder: Folder, core: Configuration) -> None:
    known, flows = folder.queues.keys("queues"), list(folder.flows)
    for name, place, way in _ways(core):
        path = ("queues", name, *place, way.to)
        queue = way.name.removeprefix(MESSAGES)
        if way.to in ("queue", "message") and queue not in known:
            folder.queues.say(path, unknown("queue", queue, known))
        if way.to == "report" and way.name not in flows:
            folder.queues.say(path, unknown("flow", way.name, flows))
    for agent in core.agents.values():
        for queue_name in agent.queues:
            if queue_name not in known:
                folder.agents.say(("agents", agent.id, "queues", queue_name), unknown("queue", queue_name, known))


def _check_numbers(folder: Folder, numbers: NumbersFile) -> None:
    known, flows = folder.queues.keys("queues"), list(folder.flows)
    for number, table in numbers.numbers.items():
        if table.queue and table.queue not in known:
            folder.numbers.say(("numbers", number, "queue"), unknown("queue", table.queue, known))
        if table.flow and table.flow not in flows:
            folder.numbers.say(("numbers", number, "flow"), unknown("flow", table.flow, flows))
        for key in table.record_prompts:
            if key not in KEYS or key == "*":
                text = f'"{key}" is no key to choose a prompt by; allowed: 0-9 and "#"'
                folder.numbers.say(("numbers", number, "record_prompts", key), text)
        if table.pin_file:
            _check_pin(folder, number, table.pin_file)


def _check_pin(folder: Folder, number: str, file: str) -> None:
    from engine.pins import read_hash  # brings argon2, which most configurations do without

    try:
        read_hash(folder.root / file)
    except ValueError as error:
        folder.numbers.say(("numbers", number, "pin_file"), str(error))


def _ways(core: Configuration) -> Iterator[tuple[str, tuple[str, str], WayOut]]:
    for name, queue in core.queues.items():
        for place, way in queue.ways():
            yield name, place, way


def skills(folder: Folder) -> set[str]:
    """Return the skills that some agent is said to have."""
    agents = folder.agents.items("agents").values()
    return {
        skill for agent in agents for field, value in pairs(agent) if field == "skills" for skill, _ in pairs(value)
    }


def _check_skills(folder: Folder, core: Configuration) -> None:
    """Note needs for skills that no agent is said to have."""
    known = skills(folder)
    asked: list[tuple[Document, Path_, Needs]] = [
        (folder.queues, ("queues", name, "requirement", index, "needs"), step.needs)
        for name, queue in core.queues.items()
        for index, step in enumerate(queue.requirement)
    ]
    asked += flowchecks.needs(folder, core)
    for document, path, needs in asked:
        for need in needs:
            if need.skill not in known:
                document.say((*path, need.skill), _unknown_skill(need.skill, known))
    for skill in core.reserve:
        if skill not in known:
            folder.queues.say(("reserve", skill), _unknown_skill(skill, known))


def _unknown_skill(skill: str, known: set[str]) -> str:
    return unknown("skill", skill, known).replace("there is", "among the agents there is")


def _check_languages(folder: Folder, numbers: NumbersFile, spoken: Spoken, language: str) -> None:
    known = list(spoken.names)
    for number, table in numbers.numbers.items():
        if table.language and table.language not in known:
            text = unknown("language in prompts.yaml", table.language, known)
            folder.numbers.say(("numbers", number, "language"), text)
    if language not in known:
        folder.vaxel.say(("language",), unknown("language in prompts.yaml", language, known))


def _check_prompts(folder: Folder, core: Configuration, house: FlowsTable, spoken: Spoken, language: str) -> None:
    """Note prompts that cannot be said in a language in which somebody would hear them."""
    names = spoken.names
    heard = flowchecks.check_prompts(folder, core, house, spoken, language)
    flowchecks.check_house_prompts(folder, core, house, spoken, heard)
    for name, place, way in _ways(core):
        if way.to in ("announcement", "callback"):
            check_prompt(folder.queues, ("queues", name, *place, way.to), way.name, names, heard)
    linechecks.check(folder, core, spoken, heard)
    missing = sorted(one for one in heard & set(names) if GOODBYE.name not in names[one])
    if missing:
        text = f'lacks the prompt "{GOODBYE.name}", {DEFAULT}; add it in: {listed(missing)}'
        folder.prompts.say((missing[0],), text)


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
        for _, document, node_name, node in flowchecks.nodes(folder, core):
            if isinstance(node, Enter) and node.queue == name and not _somebody(serving, queue, node.needs):
                needs = signature(queue.requirement[-1].needs + node.needs)
                document.say((node_name, "needs"), _unmet(name, needs))


def _check_filings(folder: Folder, core: Configuration) -> None:
    """Note queues in which reports or messages would lie for ever."""
    for document, place, queue_name, channel in _filings(folder, core):
        agents = [agent for agent in core.agents.values() if queue_name in agent.queues]
        if queue_name in core.queues and not any(_takes(agent, channel) for agent in agents):
            text = f'nobody takes a {channel} of queue "{queue_name}"; give an agent of it `capacity: {{{channel}: 2}}`'
            document.say(place, text)


def _filings(folder: Folder, core: Configuration) -> Iterator[tuple[Document, Path_, str, str]]:
    """Yield where a message or report is taken: file, path, queue, channel."""
    for _, document, name, node in flowchecks.nodes(folder, core):
        if isinstance(node, Form):
            yield document, (name, "message" if node.channel == "message" else "form"), node.queue, node.channel
    for name, place, way in _ways(core):
        if way.to == "message":
            queue = way.name.removeprefix(MESSAGES)
            yield folder.queues, ("queues", name, *place, "message"), queue, "message"


def _takes_calls(agent: AgentSettings) -> bool:
    return _takes(agent, "call")


def _takes(agent: AgentSettings, channel: str) -> bool:
    return agent.capacity.get(channel, CHANNELS[channel].capacity) > 0


def _somebody(serving: list[AgentSettings], queue: Queue, added: Needs) -> bool:
    return any(meets(agent.skills, queue.requirement[-1].needs + added) for agent in serving)


def _unmet(queue: str, needs: Needs) -> str:
    wanted = ", ".join(f"{need.skill} {need.level}" for need in needs)
    return f'no agent of queue "{queue}" could ever meet this ({wanted}); widen the last step, or add somebody'
