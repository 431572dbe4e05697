"""Who wrote a mail: a person, or a machine, which is not to be answered by one (RFC 3834 section 2)."""

import re
from email.message import Message
from typing import Final

from adapters.email import headers
from router.letters import LetterKind

NOBODY: Final = re.compile(
    r"(?:mailer-daemon|postmaster|no-?_?reply|do-?_?not-?_?reply|donotreply|bounces?|nobody|owner-.*|.*-(?:request|bounces?|owner))"
    r"(?:\+.*)?@.*",
    re.IGNORECASE,
)
"""Addresses at which nobody reads what we would write."""
LISTS: Final = ("List-Id", "List-Post", "List-Unsubscribe", "List-Help", "Mailing-List")
MACHINES: Final = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Autoresponse")
BULK: Final = frozenset({"bulk", "junk", "auto_reply", "auto-reply"})


def kind(message: "Message[str, str]", sender: str) -> LetterKind:
    """Return who wrote a mail; `sender` is where an answer would go."""
    if message.get_content_type() == "multipart/report":
        return "report" if str(message.get_param("report-type", "")).lower() == "delivery-status" else "automatic"
    precedence = headers.word(message, "Precedence")
    if precedence == "list" or any(name in message for name in LISTS):
        return "list"
    by_machine = (
        headers.word(message, "Auto-Submitted") not in ("", "no")
        or str(message.get("Return-Path", "")).strip() == "<>"
        or precedence in BULK
        or any(name in message for name in MACHINES)
        or bool(headers.word(message, "X-Auto-Response-Suppress").replace("none", ""))
        or not sender
        or NOBODY.fullmatch(sender) is not None
    )
    return "automatic" if by_machine else "message"
