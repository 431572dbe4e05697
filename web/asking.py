"""From an HTTP request to the struct that a route asks for. Everything is bounded and checked; nothing is echoed."""

import asyncio
import re
from typing import Any, Final

import msgspec
from aiohttp import StreamReader, web
from msgspec import Struct

from router.api import QUERIED, Route
from router.inputs import Refused

BODY_WITHIN_S: Final = 20.0

_VALUE: Final = re.compile(r"^Invalid enum value .*?(?= - at |$)")


class Reader:
    """Reads what one route is asked."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._asks: type[Struct] = route.asks
        fields = msgspec.structs.fields(self._asks)
        self._lists = {field.encode_name for field in fields if _is_list(field.type)}
        self._named = {field.encode_name: field.type for field in fields}
        self._allowed = {field.encode_name for field in fields} - set(route.parameters)
        self._allowed -= {"body"} if route.whole else set()

    async def body(self, request: web.Request) -> bytes:
        """Return the body. Raises Refused when it is too large or of another media type."""
        route = self._route
        if route.method in QUERIED or not request.can_read_body:
            return b""
        if request.content_type != route.takes:
            raise Refused("media_not_supported", f"the body must be {route.takes}")
        within = route.body_within or BODY_WITHIN_S
        try:
            async with asyncio.timeout(within):
                return await _read(request.content, route.body_max)
        except TimeoutError:
            raise Refused("bad_request", f"the body did not come within {within:g} s") from None

    def asked(self, request: web.Request, body: bytes) -> Any:
        """Return what is asked. Raises Refused."""
        values = self._query(request) if self._route.queried else _json(body)
        strange = [name for name in values if name not in self._allowed]
        if strange:
            raise Refused("bad_request", f"there is no field `{strange[0][:40]}` here; known: {self._known()}")
        values |= {"body": body} if self._route.whole else {}
        try:
            # A path is text, whatever it names.
            values |= {
                name: msgspec.convert(text, self._named[name], strict=False)
                for name, text in request.match_info.items()
            }
            return msgspec.convert(values, self._asks, strict=not self._route.queried)
        except msgspec.ValidationError as error:
            raise Refused("bad_request", _VALUE.sub("Not one of the allowed values", str(error))) from None

    def _query(self, request: web.Request) -> dict[str, Any]:
        query = request.query
        if len(query) != len(set(query)):
            raise Refused("bad_request", "a parameter is given twice; separate several values by commas")
        return {name: _split(name, value, self._lists) for name, value in query.items()}

    def _known(self) -> str:
        return ", ".join(sorted(self._allowed)) or "none"


async def _read(content: StreamReader, at_most: int) -> bytes:
    read = bytearray()
    async for chunk in content.iter_any():
        read += chunk
        if len(read) > at_most:
            raise Refused("body_too_large", f"at most {at_most} bytes are taken here")
    return bytes(read)


def _json(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        values = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused("bad_request", "the body is no JSON") from None
    if not isinstance(values, dict):
        raise Refused("bad_request", "the body must be a JSON object")
    return values


def _split(name: str, value: str, lists: set[str]) -> str | list[str]:
    return [part for part in value.split(",") if part] if name in lists else value


def _is_list(kind: Any) -> bool:
    kind = msgspec.inspect.type_info(kind)
    return isinstance(kind, msgspec.inspect.VarTupleType | msgspec.inspect.ListType)
