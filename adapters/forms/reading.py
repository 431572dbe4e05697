"""What a browser sends when a form is sent: multipart/form-data (RFC 7578), with photos. Runs in the process pool."""

from collections.abc import Iterator, Mapping, Sequence
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Final

from msgspec import Struct

from adapters.forms.photos import NotAPicture, Photo, clean
from adapters.forms.settings import PHOTO_MAX
from ivr.forms import Field, Mistake
from router.inputs import Refused

MEDIA: Final = "multipart/form-data"
BOUNDARY_MAX: Final = 70
"""Characters (RFC 2046 section 5.1.1)."""
PARTS_MAX: Final = 200
TEXT_MAX: Final = 20_000
"""Bytes of one answer."""


class Photos(Struct, frozen=True):
    """The photos of a form."""

    photos: dict[str, tuple[Photo, ...]] = {}
    """Field to its photos, as they are to be kept."""
    mistakes: tuple[Mistake, ...] = ()


class Received(Struct, frozen=True):
    """What came."""

    written: dict[str, str]
    taken: Photos


class Part(Struct, frozen=True):
    """One field of what came."""

    name: str
    data: bytes
    is_file: bool


def boundary_of(content_type: str) -> bytes:
    """Return what parts a body, empty when its header does not say. Raises nothing."""
    header = Message()
    header["Content-Type"] = content_type
    found = header.get_boundary("") if header.get_content_type() == MEDIA else ""
    return found.encode("ascii", "ignore") if len(found) <= BOUNDARY_MAX else b""


def parts(body: bytes, boundary: bytes) -> Iterator[Part]:
    """Yield the parts of a body (RFC 2046 section 5.1.1); what is none is passed over."""
    mark = b"--" + boundary
    for piece in (b"\r\n" + body).split(b"\r\n" + mark)[1 : PARTS_MAX + 1]:
        if piece.startswith(b"--"):
            return
        head, _, data = piece.partition(b"\r\n\r\n")
        header = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n") + b"\r\n\r\n")
        name = header.get_param("name", header="Content-Disposition")
        is_file = header.get_param("filename", header="Content-Disposition") is not None
        if isinstance(name, str) and name:
            yield Part(name, data, is_file)


def read(body: bytes, boundary: bytes, fields: tuple[Field, ...]) -> Received:
    """Read what a browser sent. Raises Refused for what no browser sends."""
    if not boundary:
        raise Refused("media_not_supported", f"the body must be {MEDIA}")
    written: dict[str, str] = {}
    files: dict[str, list[bytes]] = {}
    for part in parts(body, boundary):
        if part.is_file:
            if part.data:
                files.setdefault(part.name, []).append(part.data)
        elif len(part.data) <= TEXT_MAX:
            written[part.name] = part.data.decode("utf-8", "replace")
        else:
            raise Refused("body_too_large", f"an answer has at most {TEXT_MAX} bytes")
    return Received(written, take(fields, files))


def take(fields: tuple[Field, ...], files: Mapping[str, Sequence[bytes]]) -> Photos:
    """Take the files of a form, by their fields, as photos; every mistake is found at once."""
    photos: dict[str, tuple[Photo, ...]] = {}
    mistakes: list[Mistake] = []
    number = 0
    for asked in fields:
        if asked.kind != "photo":
            continue
        try:
            photos[asked.name] = _taken(asked, files.get(asked.name, ()), number)
        except _Wrong as wrong:
            mistakes.append(wrong.mistake)
        number += len(photos.get(asked.name, ()))
    return Photos(photos, tuple(mistakes))


class _Wrong(Exception):
    def __init__(self, mistake: Mistake) -> None:
        super().__init__()
        self.mistake = mistake


def _taken(asked: Field, files: Sequence[bytes], number: int) -> tuple[Photo, ...]:
    """Return the photos of a field as they are to be kept; `number` came before. Raises _Wrong."""
    if asked.required and not files:
        raise _Wrong(Mistake(asked.name, "missing"))
    if len(files) > asked.most:
        raise _Wrong(Mistake(asked.name, "too_many_files"))
    if any(len(data) > PHOTO_MAX for data in files):
        raise _Wrong(Mistake(asked.name, "file_too_large"))
    try:
        return tuple(clean(data, number + n) for n, data in enumerate(files, 1))
    except NotAPicture:
        raise _Wrong(Mistake(asked.name, "no_picture")) from None
