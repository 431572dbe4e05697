"""What the forms are told; forms.yaml says so."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, field

from ivr.forms import Field

CHANNEL: Final = "form"
MIB: Final = 1024 * 1024
PHOTO_MAX: Final = 12 * MIB
"""Bytes of one photo: a telephone's are 2 to 8."""
PHOTOS_MAX: Final = 3
"""In one field."""
BODY_MAX: Final = 40 * MIB
Texts = Mapping[str, str]
"""Language to text."""


class FieldWords(Struct, frozen=True, kw_only=True):
    """What people read of a field."""

    label: Texts
    hint: Texts = {}
    choices: Mapping[str, Texts] = {}


class Form(Struct, frozen=True, kw_only=True):
    """A form."""

    name: str
    title: Texts
    text: Texts = {}
    """What stands above its fields."""
    done: Texts = {}
    """What its citizen reads once it has come."""
    languages: tuple[str, ...]
    """The first is the form's own."""
    fields: tuple[Field, ...]
    words: Mapping[str, FieldWords]
    queue: str
    mailbox: str = ""
    """By which whoever left an address is answered."""
    house: Mapping[str, Texts] = {}
    """What the house says around it: language to words by their names."""
    page: bool = True
    """Anybody may fill it in on its page; else only guides, and whoever a flow asks."""

    def said(self, texts: Texts, language: str) -> str:
        """Return a text in a language, or in the form's own."""
        return texts.get(language) or texts.get(self.languages[0], "")

    def language(self, wanted: str) -> str:
        """Return the language in which it is shown to somebody who wants `wanted`."""
        return wanted if wanted in self.languages else self.languages[0]


class FormsSettings(Struct, frozen=True, kw_only=True):
    """forms.yaml; without a form nothing of it is started."""

    forms: Mapping[str, Form] = field(default_factory=dict)
    proxies: tuple[str, ...] = ()
    """Addresses of reverse proxies, whose word about a citizen's address is believed."""

    @property
    def public(self) -> bool:
        """Whether anybody may fill in something."""
        return any(form.page for form in self.forms.values())


def entry_of(form: str, language: str, own: str) -> str:
    """Return the way in for a form that was filled in in `language`, whose own language is `own`."""
    return form if language == own else f"{form}:{language}"


def form_of(entry: str) -> str:
    """Return the form of a way in."""
    return entry.partition(":")[0]
