"""The files of a configuration folder."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from engine.config.document import Document


class Folder(Struct, kw_only=True):
    """The files of a configuration folder."""

    root: Path
    vaxel: Document
    queues: Document
    agents: Document
    phones: Document
    numbers: Document
    prompts: Document
    flows: dict[str, Document]
    directory: Document
    chat: Document
    places: Document
    mail: Document
    forms: Document
    people: Document
    interpreters: Document
    reasons: Document
    crises: Document
    privacy: Document
    webcalls: Document

    def all(self) -> Iterator[Document]:
        """Yield every document."""
        yield from (self.vaxel, self.queues, self.agents, self.phones, self.numbers, self.prompts)
        yield from self.flows.values()
        yield self.directory
        yield self.chat
        yield self.places
        yield self.mail
        yield self.forms
        yield self.people
        yield self.interpreters
        yield self.reasons
        yield self.crises
        yield self.privacy
        yield self.webcalls

    def sound(self) -> bool:
        """Tell whether no mistake has been noted so far."""
        return not any(document.problems for document in self.all())
