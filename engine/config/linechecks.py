"""What holds of those who stand in line: everything they are told can be said, every key leads somewhere."""

from collections.abc import Iterator

from engine.config.document import Path_
from engine.config.flowchecks import Heard, Spoken, check_heard
from engine.config.folder import Folder
from queues.queue import Queue
from router.announcing import PROMPTS, key_prompt
from router.configuration import Configuration

KEY: frozenset[str] = frozenset({"key"})


def check(folder: Folder, core: Configuration, spoken: Spoken, languages: set[str]) -> None:
    """Note what nobody in line could hear, and what cannot be said in one of the languages that are heard."""
    for name, queue in core.queues.items():
        path = ("queues", name)
        if queue.survey is not None:
            asked = Heard(("survey", "prompt"), queue.survey.prompt)
            check_heard(folder, folder.queues, (*path, *asked.path), asked, spoken, languages)
        if queue.record is not None:
            said = Heard(("record", "announce"), queue.record.announce)
            check_heard(folder, folder.queues, (*path, *said.path), said, spoken, languages)
        if queue.waiting == "ringing":
            for field in ("welcome", "announce", "keys"):
                if getattr(queue, field):
                    text = "is never heard: with `waiting: ringing` a call is not answered before an agent answers"
                    folder.queues.say((*path, field), text)
            continue
        for key, way in queue.keys.items():
            if way.to == "queue" and way.name == name:
                folder.queues.say((*path, "keys", key, "queue"), "is the queue in which the caller stands already")
        for heard in _heard(queue):
            check_heard(folder, folder.queues, (*path, *heard.path), heard, spoken, languages)


def _heard(queue: Queue) -> Iterator[Heard]:
    if queue.welcome:
        yield Heard(("welcome",), queue.welcome)
    if queue.announce is not None:
        path: Path_ = ("announce",)
        yield _said(path, "wait_still")
        if queue.announce.position:
            yield from (_said(path, prompt) for prompt in ("wait_position", "wait_next"))
        if queue.announce.expected:
            yield from (_said(path, prompt) for prompt in ("wait_minute", "wait_below", "wait_between", "wait_above"))
    if queue.calling.citizen_first:
        yield from (_said(("callbacks", "first"), prompt) for prompt in ("callback_word", "wait_let_down"))
    for key, way in queue.keys.items():
        path = ("keys", key)
        yield Heard(path, key_prompt(way), KEY, KEY)
        yield _said(path, "wait_no_number" if way.to == "callback" else "wait_not_now")


def _said(path: Path_, prompt: str) -> Heard:
    values = PROMPTS[prompt]
    return Heard(path, prompt, values, values)
