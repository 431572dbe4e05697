"""What a citizen's page and Vaxel tell each other: JSON objects, one in each WebSocket message (docs/chat.md).

The page numbers what it sends (`count`, from 1) and keeps it until `heard` has come that far; Vaxel numbers the
conversation (`number`, from 1), and the page says on return how far it has `seen`. So nothing is lost, doubled or out
of order, whoever of them dies in between.
"""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from router.inputs import Refused
from router.writing import Asks

Secret = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""256 bits that the page has drawn, base64url: whoever shows them is the citizen. Vaxel keeps a hash of them alone."""
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
TEXT_MAX: Final = 20_000


class _Frame(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """Base."""


# ---- from the page ---------------------------------------------------------------------------------------------


class Hello(_Frame, frozen=True, tag="hello"):
    """Begin a chat, or come back to it."""

    secret: Secret
    seen: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    """Up to which number of the conversation the page has it all."""
    language: Annotated[str, Meta(max_length=16)] = ""


class Say(_Frame, frozen=True, tag="say"):
    """Write something."""

    count: Count
    text: Annotated[str, Meta(min_length=1, max_length=TEXT_MAX)]
    question: int = 0
    """Of the `status` it was written under."""
    file: Annotated[str, Meta(pattern=r"^(f[0-9a-f]{24})?$")] = ""
    """What was uploaded for it."""


class Choose(_Frame, frozen=True, tag="choose"):
    """Take one of the choices."""

    count: Count
    key: Annotated[str, Meta(pattern=r"^[0-9*#]$")]
    question: int = 0


class Typing(_Frame, frozen=True, tag="typing"):
    """Somebody is writing just now. Nothing keeps it."""


class Leave(_Frame, frozen=True, tag="leave"):
    """The citizen ends the chat."""


FromPage = Hello | Say | Choose | Typing | Leave

# ---- to the page -----------------------------------------------------------------------------------------------

State = Literal["asked", "waiting", "offered", "connected", "ended"]


class File(Struct, frozen=True, kw_only=True):
    """A file that goes with a message. Its name and media type are a stranger's word."""

    file: str
    name: str
    media: str
    size: int


class Message(_Frame, frozen=True, tag="message"):
    """One message of the conversation."""

    number: int
    author: Literal["citizen", "agent", "house"]
    at: float
    text: str
    """Empty when it is not kept (any more): what was sensitive never is."""
    count: int = 0
    """The page's own number of it."""
    files: tuple[File, ...] = ()


class Button(Struct, frozen=True, kw_only=True):
    """Something to choose."""

    key: str
    title: str


class Status(_Frame, frozen=True, tag="status"):
    """How it stands. Each takes the place of the one before."""

    state: State
    heard: int
    """Up to which `count` messages of the page are kept: it may forget them."""
    question: int = 0
    """Names what is asked; answers say which one they answer."""
    asks: Asks = ""
    choices: tuple[Button, ...] = ()
    place: int | None = None
    """In line, as told last."""
    low: float | None = None
    high: float | None = None
    """Seconds within which somebody is there, most likely."""
    language: str = ""


class Refusal(_Frame, frozen=True, tag="refused"):
    """A message was not taken; it may be sent again if that is `retryable`, and what follows it with it."""

    error_id: str
    detail: str
    retryable: bool
    count: int = 0


ToPage = Message | Status | Typing | Refusal

_DECODER: Final[msgspec.json.Decoder[FromPage]] = msgspec.json.Decoder(FromPage)
_ENCODER: Final = msgspec.json.Encoder()


def read(text: str) -> FromPage:
    """Read what a page tells. Raises Refused."""
    try:
        return _DECODER.decode(text)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        told = str(error) if isinstance(error, msgspec.MsgspecError) else "no JSON"
        raise Refused("bad_request", told.split(" - ")[0][:120]) from None


def write(frame: ToPage) -> str:
    """Return what is told to a page."""
    return _ENCODER.encode(frame).decode()
