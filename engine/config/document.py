"""One YAML file as nodes that remember their lines. Every scalar is the text as written: a telephone number keeps its
zeros, `no` stays Norwegian, `12:30` stays a time of day; `engine.config.reader` gives texts their types."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from engine.config.problems import Problem

Path_ = tuple[str | int, ...]
Texts = Mapping[str, str]
"""File, relative to the folder, to what stands in it."""
SIZE_MAX: Final = 4 * 1024 * 1024
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document:
    """A file of the configuration folder, and the mistakes found in it."""

    def __init__(self, folder: Path, file: str, texts: Texts | None = None) -> None:
        """With `texts`, what stands there is read, and nothing in the folder."""
        self.file = file
        self.problems: list[Problem] = []
        self.exists = True
        self.root: Node | None = None
        try:
            self.root = self._compose(folder / file, texts)
        except FileNotFoundError:
            self.exists = False
        except OSError as error:
            self._note(0, f"cannot be read: {(error.strerror or 'unknown error').lower()}")
        if self.root is not None and not self._sound(self.root, (), set(), set()):
            self.root = None

    def say(self, path: Path_, text: str) -> None:
        """Note a mistake at `path`; its line is that of the deepest part of the path that is there."""
        self._note(self.line(path), text, path)

    def line(self, path: Path_) -> int:
        """Return the line of the key or list item that `path` leads to, or of the nearest one above it."""
        node, line = self.root, 1 if self.root is not None else 0
        for part in path:
            match node:
                case MappingNode():
                    pair = next((p for p in node.value if _text(p[0]) == str(part)), None)
                    if pair is None:
                        break
                    line, node = pair[0].start_mark.line + 1, pair[1]
                case SequenceNode() if isinstance(part, int) and part < len(node.value):
                    node = node.value[part]
                    line = node.start_mark.line + 1
                case SequenceNode():
                    node = next((item for item in node.value if _text(item) == part), node)
                    line = node.start_mark.line + 1
                case _:
                    break
        return line

    def faulty(self, path: Path_) -> bool:
        """Tell whether a mistake has been noted at `path` or below: then what follows from it is not worth saying."""
        field = ".".join(map(str, path))
        return any(one.field == field or one.field.startswith(f"{field}.") for one in self.problems)

    def keys(self, *path: str) -> list[str]:
        """Return the keys of the mapping at `path`, sound or not: the names that others may refer to."""
        return list(self.items(*path))

    def items(self, *path: str) -> dict[str, Node]:
        """Return keys and values of the mapping at `path`; empty when there is none."""
        node = self.root
        for part in path:
            node = dict(pairs(node)).get(part)
        return dict(pairs(node))

    def _note(self, line: int, text: str, path: Path_ = ()) -> None:
        self.problems.append(Problem(self.file, line, ".".join(map(str, path)), text))

    def _compose(self, path: Path, texts: Texts | None) -> Node | None:
        try:
            if texts is not None and self.file not in texts:
                raise FileNotFoundError
            size = path.stat().st_size if texts is None else len(texts[self.file])
            if size > SIZE_MAX:
                self._note(0, f"is larger than {SIZE_MAX // 1024 // 1024} MiB")
                return None
            text = path.read_text("utf-8-sig") if texts is None else texts[self.file].removeprefix("\ufeff")
            return yaml.compose(text, Loader=_LOADER)
        except UnicodeDecodeError as error:
            self._note(0, f"is not UTF-8 text (byte {error.start}); save it as UTF-8")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = " ".join(part for part in (error.context, error.problem) if part)
            self._note(mark.line + 1 if mark else 0, f"is not YAML: {said}; check indentation, colons and quotes")
        except yaml.YAMLError as error:
            self._note(0, f"is not YAML: {str(error).splitlines()[0]}")
        except RecursionError:
            self._note(0, "is nested too deeply")
        return None

    def _sound(self, node: Node, path: Path_, above: set[int], done: set[int]) -> bool:
        """Note doubled keys; False when the document cannot be walked because an alias contains itself."""
        if id(node) in above:
            self.say(path, "contains itself (an alias inside its own anchor)")
            return False
        if id(node) in done:
            return True
        done.add(id(node))
        within = above | {id(node)}
        match node:
            case MappingNode():
                self._note_doubles(node, path)
                return all(self._sound(value, (*path, _text(key)), within, done) for key, value in node.value)
            case SequenceNode():
                return all(self._sound(item, (*path, n), within, done) for n, item in enumerate(node.value))
            case _:
                return True

    def _note_doubles(self, node: MappingNode, path: Path_) -> None:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            name, line = _text(key), key.start_mark.line + 1
            if name in seen:
                self._note(line, f'"{name}" stands twice; first in line {seen[name]}', (*path, name))
            seen.setdefault(name, line)


def pairs(node: Node | None) -> list[tuple[str, Node]]:
    """Return keys and values, of a doubled key the first; nothing when the node is no mapping."""
    found: dict[str, Node] = {}
    for key, value in node.value if isinstance(node, MappingNode) else ():
        found.setdefault(_text(key), value)
    return list(found.items())


def is_empty(node: Node) -> bool:
    """Tell whether nothing was written after the key (or `null`, or `~`)."""
    return isinstance(node, ScalarNode) and node.style in (None, "") and node.value in ("", "~", "null")


def called(node: Node) -> str:
    """Name what stands there, for messages."""
    match node:
        case MappingNode():
            return "a mapping (key: value)"
        case SequenceNode():
            return "a list"
        case ScalarNode():
            return "nothing" if is_empty(node) else f'"{node.value}"'
        case _:
            return "something else"


def _text(key: Node) -> str:
    return key.value if isinstance(key, ScalarNode) else str(called(key))
