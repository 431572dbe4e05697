"""Where those who wrote a mail say how it was: the link that the question carries."""

from urllib.parse import quote

from router.state import State
from web.surveypage import address
from web.surveyseal import Seal


def link(pages: str, seal: Seal, state: State, contact: str, now: float) -> str:
    """Return the link to the question about a contact, empty when it is not asked any more.

    `pages` is where citizens reach our pages.
    """
    asked = state.invitations.of(contact, now)
    return f"{pages}{quote(address(seal.make(contact, asked.until)))}" if asked is not None else ""
