"""Delivery reports: what carriers say about mails of ours (RFC 3464)."""

import re
from email.message import Message
from typing import Final

from msgspec import Struct

from adapters.email import headers
from router.letters import Delivery

_ACTIONS: Final[dict[str, Delivery]] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_WORST_FIRST: Final[tuple[Delivery, ...]] = ("failed", "delayed", "delivered")
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


class Told(Struct, frozen=True):
    """A delivery report, before it is known whose mail it is about."""

    delivery: Delivery
    status: str
    ids: tuple[str, ...]
    """By which the mail may be known: its Message-ID, or the envelope id (RFC 3461) that we gave it."""


def told(message: "Message[str, str]") -> Told | None:
    """Return what a delivery report tells; None when it tells nothing."""
    found: dict[Delivery, str] = {}
    ids: list[str] = []
    for part in message.walk():
        match part.get_content_type():
            case "message/delivery-status":
                for block in _blocks(part):
                    action = _ACTIONS.get(headers.word(block, "Action"))
                    if action is not None:
                        found.setdefault(action, _status(block))
                    if envelope := headers.text(block, "Original-Envelope-Id"):
                        ids.append(f"<{envelope}@envelope>")
            case "text/rfc822-headers" | "message/rfc822" | "message/global-headers":
                ids += _returned(part)
            case _:
                pass
    worst = next((delivery for delivery in _WORST_FIRST if delivery in found), None)
    return Told(worst, found[worst], tuple(ids)) if worst is not None else None


def _blocks(part: "Message[str, str]") -> "list[Message[str, str]]":
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _status(block: "Message[str, str]") -> str:
    found = _STATUS.search(headers.text(block, "Status"))
    return found[0] if found else ""


def _returned(part: "Message[str, str]") -> list[str]:
    """Return the Message-ID of a mail that came back, whole or its headers alone."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return [id_ for inner in payload if isinstance(inner, Message) for id_ in headers.ids(inner, "Message-ID")]
    found = re.search(r"^message-id:\s*(<[^\s<>]{1,250}>)", str(payload), re.IGNORECASE | re.MULTILINE)
    return [found[1]] if found else []
