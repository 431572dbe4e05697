"""The OpenAPI 3.1 document, made of the routes and the msgspec types that they ask for and give."""

import ast
import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby, pairwise
from typing import Any, Final

import msgspec
from msgspec import Struct

from router.api import JSON, QUERIED, Example, Route
from web.problems import ALWAYS, MEDIA, OF_BODY, TITLES, UNSAFE, Problem, status_of

BODY: Final = "body"
"""The field that a body goes into which is no JSON."""
REF: Final = "#/components/schemas/{name}"
TITLE: Final = "Vaxel"
VERSION: Final = "1"
ABOUT: Final = """\
The contact centre, over HTTP. docs/api.md says what all routes have in common: tokens and roles, errors, repeated
requests, the event stream. Times are UTC in seconds."""
KEY_PARAMETER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A text of your own, new for each request: sent twice, it is carried out once all the same.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}

Json = dict[str, Any]


def document(
    routes: Sequence[Route], statuses: Mapping[str, int], more_paths: Mapping[str, Json] | None = None
) -> Json:
    """Return the document; `more_paths` are path items of what is no route (the event stream)."""
    schemas = _Schemas(routes)
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas, statuses)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": VERSION,
            "description": ABOUT,
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "paths": {**paths, **(more_paths or {})},
        "components": {
            "schemas": schemas.components,
            "parameters": {"IdempotencyKey": KEY_PARAMETER},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


class _Schemas:
    """JSON schemas of all types that the routes name."""

    def __init__(self, routes: Sequence[Route]) -> None:
        given = [route.answers for route in routes if _is_json(route)]
        asked: list[Any] = [route.asks for route in routes]
        found, components = msgspec.json.schema_components([Problem, *given, *asked], ref_template=REF)
        self._of = {id(kind): schema for kind, schema in zip([Problem, *given, *asked], found, strict=True)}
        for kind in _structs([Problem, *given, *asked]):
            _describe(components.get(kind.__name__, {}), kind)
        self._asked = {kind: components.pop(kind.__name__) for kind in dict.fromkeys(asked)}
        self.components = components

    def of(self, kind: Any) -> Json:
        """Return the schema of what is given."""
        return dict(self._of[id(kind)])

    def asked(self, kind: type[Struct]) -> Json:
        """Return the schema of what is asked, with its properties."""
        return dict(self._asked[kind])


def _is_json(route: Route) -> bool:
    return route.gives == JSON and route.answers is not type(None)


def _operation(route: Route, schemas: _Schemas, statuses: Mapping[str, int]) -> Json:
    summary, more = route.text
    operation: Json = {
        "operationId": f"{route.tag}_{route.handler.__name__}",
        "tags": [route.tag],
        "summary": summary,
        "description": "\n\n".join(filter(None, (more, f"Roles: {', '.join(sorted(route.roles))}."))),
        "x-roles": sorted(route.roles),
        "parameters": _parameters(route, schemas.asked(route.asks)),
    }
    if route.method not in QUERIED:
        body = _body(route, schemas.asked(route.asks))
        if body:
            operation["requestBody"] = body
    operation["responses"] = _responses(route, schemas, statuses)
    return operation


def _parameters(route: Route, asked: Json) -> list[Json]:
    parameters: list[Json] = []
    for name, schema in asked.get("properties", {}).items():
        if name not in route.parameters and (not route.queried or name == BODY):
            continue
        inside = "path" if name in route.parameters else "query"
        parameter: Json = {"name": name, "in": inside, "required": name in asked.get("required", ()), "schema": schema}
        if schema.get("type") == "array":
            parameter |= {"style": "form", "explode": False}
        if "description" in schema:
            parameter["description"] = schema["description"]
        if route.examples and inside == "path":
            parameter["examples"] = {example.summary: {"value": _value(example, name)} for example in route.examples}
        parameters.append(parameter)
    if route.changes:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    return parameters


def _body(route: Route, asked: Json) -> Json:
    if route.takes != JSON:
        return {"required": True, "content": {route.takes: {}}}
    properties = {name: schema for name, schema in asked.get("properties", {}).items() if name not in route.parameters}
    if not properties:
        return {}
    required = [name for name in asked.get("required", ()) if name in properties]
    schema: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = required
    content: Json = {"schema": schema}
    if route.examples:
        content["examples"] = {example.summary: _sample(example, properties) for example in route.examples}
    return {"required": bool(required), "content": {JSON: content}}


def _sample(example: Example, properties: Iterable[str]) -> Json:
    plain = msgspec.to_builtins(example.asked)
    sample: Json = {"value": {name: plain[name] for name in properties if plain.get(name) is not None}}
    if example.given:
        sample["summary"] = example.given
    return sample


def _value(example: Example, name: str) -> Any:
    return msgspec.to_builtins(example.asked)[name]


def _responses(route: Route, schemas: _Schemas, statuses: Mapping[str, int]) -> Json:
    if route.answers is type(None):
        granted: Json = {"204": {"description": "Done."}}
    else:
        content = {"schema": schemas.of(route.answers)} if _is_json(route) else {}
        granted = {str(route.status): {"description": "Done.", "content": {route.gives: content}}}
    ids = {*ALWAYS, *route.refusals, *(UNSAFE if route.changes else OF_BODY if route.method not in QUERIED else ())}
    by_status = sorted((status_of(id_, statuses), id_) for id_ in ids)
    for status, group in groupby(by_status, key=lambda pair: pair[0]):
        named = ", ".join(f"`{id_}`" for _, id_ in group)
        granted[str(status)] = {
            "description": f"{TITLES.get(status, 'Refused')}: {named}",
            "content": {MEDIA: {"schema": schemas.of(Problem)}},
        }
    return granted


# ---- docstrings of fields --------------------------------------------------------------------------------------------


def _structs(kinds: Iterable[Any]) -> list[type[Struct]]:
    """Return all structs that the types are made of."""
    found: dict[type[Struct], None] = {}
    waiting = [msgspec.inspect.type_info(kind) for kind in kinds]
    while waiting:
        info = waiting.pop()
        if isinstance(info, msgspec.inspect.StructType):
            if info.cls in found:
                continue
            found[info.cls] = None
            waiting += [field.type for field in info.fields]
        for name in ("types", "item_types"):
            waiting += getattr(info, name, ())
        for name in ("item_type", "key_type", "value_type", "type"):
            inner = getattr(info, name, None)
            if isinstance(inner, msgspec.inspect.Type):
                waiting.append(inner)
    return list(found)


def _describe(schema: Json, kind: type[Struct]) -> None:
    """Put the docstrings that stand under a struct's fields into its schema."""
    properties = schema.get("properties", {})
    for base in reversed(kind.__mro__):
        if not issubclass(base, Struct) or base is Struct:
            continue
        for name, text in _classes(base.__module__).get(base.__qualname__.rpartition(".")[2], ()):
            if name in properties:
                properties[name] = {**properties[name], "description": text}


@cache
def _classes(module: str) -> dict[str, list[tuple[str, str]]]:
    """Return the classes of a module, with the docstrings of their fields."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: _field_docstrings(node) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def _field_docstrings(definition: ast.ClassDef) -> list[tuple[str, str]]:
    found = []
    for field, text in pairwise(definition.body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            if isinstance(text.value, ast.Constant) and isinstance(text.value.value, str):
                found.append((field.target.id, inspect.cleandoc(text.value.value)))
    return found
