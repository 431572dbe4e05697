"""Turns YAML nodes into the typed structs of `engine.config.schema`, and goes on after each mistake so that all are
reported at once. What a struct forbids or requires is read off the struct itself."""

import types
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, Final, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from engine.config.document import Document, Path_, called, is_empty, pairs
from engine.config.problems import listed, unknown

T = TypeVar("T")
S = TypeVar("S", bound=Struct)


class Broken:
    """Stands for a value that could not be read; the mistake has been noted."""


BROKEN: Final = Broken()


class Word(Generic[T]):
    """Reads a value from one word or line of text. `parse` raises ValueError with what would be right."""

    def __init__(self, parse: Callable[[str], T]) -> None:
        self.parse = parse


class Shape:
    """Reads a value from any node; notes its mistakes itself and returns BROKEN when nothing can be made of it."""

    def __init__(self, read: "Callable[[Reader, Node, Path_], Any]") -> None:
        self.read = read


class Reader:
    """Reads one document."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def whole(self, kind: type[S]) -> S | None:
        """Read the document as one struct; None when it is missing, empty or not a mapping."""
        if self.document.root is None:
            return None
        found = self.read(self.document.root, kind, ())
        return found if isinstance(found, kind) else None

    def say(self, path: Path_, text: str) -> Broken:
        """Note a mistake."""
        self.document.say(path, text)
        return BROKEN

    def read(self, node: Node, kind: Any, path: Path_) -> Any:
        """Return the value of type `kind` at `node`, or BROKEN."""
        origin = get_origin(kind)
        if origin is Annotated:
            return self._annotated(node, get_args(kind), path)
        if origin is Literal:
            return self._choice(node, get_args(kind), path)
        if origin in (Union, types.UnionType):
            return self.read(node, next(k for k in get_args(kind) if k is not type(None)), path)
        if origin is dict:
            return self._mapping(node, get_args(kind)[1], path)
        if origin is tuple:
            return self._sequence(node, get_args(kind)[0], path)
        if isinstance(kind, type) and issubclass(kind, Struct):
            return self._struct(node, kind, path)
        return self._plain(node, kind, path)

    def text(self, node: Node, path: Path_, wanted: str = "text") -> str | Broken:
        """Return a scalar's text, or BROKEN."""
        if not isinstance(node, ScalarNode) or is_empty(node):
            return self.say(path, f"expected {wanted}, found {called(node)}")
        return str(node.value).strip()

    def _annotated(self, node: Node, args: tuple[Any, ...], path: Path_) -> Any:
        for mark in args[1:]:
            match mark:
                case Shape():
                    return mark.read(self, node, path)
                case Word():
                    text = self.text(node, path)
                    if isinstance(text, Broken):
                        return text
                    try:
                        return mark.parse(text)
                    except ValueError as error:
                        return self.say(path, str(error))
                case Meta():
                    return self._within(self.read(node, args[0], path), mark, path)
                case _:
                    pass
        return self.read(node, args[0], path)

    def _within(self, value: Any, limits: Meta, path: Path_) -> Any:
        if isinstance(value, Broken):
            return value
        low, high = limits.ge, limits.le
        if (low is None or value >= low) and (high is None or value <= high):
            return value
        wanted = f"from {low} to {high}" if high is not None else f"{low} or more"
        return self.say(path, f"{value} is out of range; allowed: {wanted}")

    def _choice(self, node: Node, allowed: tuple[str, ...], path: Path_) -> Any:
        text = self.text(node, path, " or ".join(allowed))
        if isinstance(text, Broken) or text in allowed:
            return text
        return self.say(path, f'"{text}" is not possible here; allowed: {", ".join(allowed)}')

    def _mapping(self, node: Node, kind: Any, path: Path_) -> Any:
        if is_empty(node):
            return {}
        if not isinstance(node, MappingNode):
            return self.say(path, f"expected a mapping (name: value), found {called(node)}")
        found = {key: self.read(value, kind, (*path, key)) for key, value in pairs(node)}
        return {key: value for key, value in found.items() if not isinstance(value, Broken)}

    def _sequence(self, node: Node, kind: Any, path: Path_) -> Any:
        if is_empty(node):
            return ()
        if not isinstance(node, SequenceNode):
            return self.say(path, f"expected a list such as [a, b], found {called(node)}")
        found = [self.read(item, kind, (*path, n)) for n, item in enumerate(node.value)]
        return tuple(value for value in found if not isinstance(value, Broken))

    def _struct(self, node: Node, kind: type[Struct], path: Path_) -> Any:
        if is_empty(node):
            node = MappingNode("tag:yaml.org,2002:map", [], node.start_mark, node.end_mark)
        if not isinstance(node, MappingNode):
            return self.say(path, f"expected fields ({_fields(kind)}), found {called(node)}")
        hints = _hints(kind)
        written = dict(pairs(node))
        for key in written:
            if key not in hints:
                self.say((*path, key), unknown("field", key, list(hints)))
        values: dict[str, Any] = {}
        whole = True
        for field in msgspec.structs.fields(kind):
            name = field.encode_name
            if name in written:
                value = self.read(written[name], hints[name], (*path, name))
                if not isinstance(value, Broken):
                    values[field.name] = value
                elif field.required:
                    whole = False
            elif field.required:
                self.say(path, f'"{name}" is missing')
                whole = False
        return kind(**values) if whole else BROKEN

    def _plain(self, node: Node, kind: type, path: Path_) -> Any:
        if kind is bool:
            text = self.text(node, path, "true or false")
            if isinstance(text, str) and text.lower() not in _TRUTH:
                return self.say(path, f'expected true or false, found "{text}"')
            return text if isinstance(text, Broken) else _TRUTH[text.lower()]
        wanted = {int: "a whole number", float: "a number"}.get(kind, "text")
        text = self.text(node, path, wanted)
        if isinstance(text, Broken) or kind is str:
            return text
        try:
            return msgspec.convert(text, kind, strict=False)
        except msgspec.ValidationError:
            return self.say(path, f'expected {wanted}, found "{text}"')


_TRUTH: Final = {"true": True, "yes": True, "false": False, "no": False}


@lru_cache
def _hints(kind: type[Struct]) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(kind)}


def _fields(kind: type[Struct]) -> str:
    return listed([field.encode_name for field in msgspec.structs.fields(kind)], most=20)
