"""The pages of a form, whole without scripts: WCAG 2.2 AA. Every word from outside is escaped where it is put in."""

import base64
import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from adapters.forms.serving import TOKEN, TRAP, Again
from adapters.forms.settings import Form
from adapters.forms.words import LEFT_TO_RIGHT, RIGHT_TO_LEFT, sentence, words_in
from ivr.forms import Field
from router.api import Content

TEMPLATE: Final = Path(__file__).with_name("page.html")
MEDIA: Final = "text/html; charset=utf-8"
ID: Final = "f-"
"""Begins the ids of fields."""
_INPUTS: Final = {
    "date": 'type="date" autocomplete="off"',
    "phone": 'type="tel" autocomplete="tel" class="short"',
    "mail": 'type="email" autocomplete="email" spellcheck="false"',
    "number": 'type="text" inputmode="numeric" class="short" autocomplete="off"',
    "place": 'type="text" autocomplete="off"',
    "text": 'type="text" autocomplete="off"',
}


def e(text: str) -> str:
    """Return text as HTML."""
    return html.escape(text)


class Page:
    """Writes the pages of one form in one language."""

    def __init__(self, form: Form, language: str) -> None:
        self._form = form
        self._language = language
        self._words = words_in(language, form.house)

    def asking(self, again: Again) -> Content:
        """Return the form, to be filled in, or to be mended."""
        form, words = self._form, self._words
        wrong = {one.field: one.cause for one in again.mistakes}
        title, text = form.said(form.title, self._language), form.said(form.text, self._language)
        body = [
            *self._languages(),
            "<main>",
            *self._summary(again),
            f"<h1>{e(title)}</h1>",
            *(f"<p>{e(part)}</p>" for part in text.split("\n\n") if part),
            f'<form method="post" action="?language={e(self._language)}" enctype="multipart/form-data" novalidate>',
            f'<input type="hidden" name="{TOKEN}" value="{e(again.token)}">',
            *(part for asked in form.fields for part in self._field(asked, again.written, wrong.get(asked.name, ""))),
            f'<div class="away" aria-hidden="true"><label for="{TRAP}">{e(words["trap"])}</label>'
            f'<input type="text" id="{TRAP}" name="{TRAP}" tabindex="-1" autocomplete="off"></div>',
            f"<button>{e(words['send'])}</button>",
            "</form>",
            "</main>",
        ]
        head = f"{words['error']}: {title}" if again.mistakes or again.notice else title
        return self._content(head, body, 422 if again.mistakes or again.notice else 200)

    def sent(self, reference: str, standing: str) -> Content:
        """Return what is read by whoever has sent it."""
        form, words = self._form, self._words
        done = form.said(form.done, self._language)
        rows = ([(words["reference"], reference)] if reference else []) + [(words["state"], words[standing])]
        body = [
            "<main>",
            f"<h1>{e(words['sent'])}</h1>",
            *(f"<p>{e(part)}</p>" for part in done.split("\n\n") if part),
            "<dl>",
            *(f"<dt>{e(name)}</dt><dd>{e(value)}</dd>" for name, value in rows),
            "</dl>",
            f"<p>{e(words['keep'])}</p>",
            f'<p><a href="../../{e(form.name)}?language={e(self._language)}">{e(words["another"])}</a></p>',
            "</main>",
        ]
        return self._content(f"{words['sent']} - {form.said(form.title, self._language)}", body, 200)

    # ---- parts -----------------------------------------------------------------------------------------------------

    def _languages(self) -> Iterator[str]:
        others = self._form.languages
        if len(others) < 2:
            return
        yield '<nav aria-label="Språk, language, kieli, لغة"><ul>'
        for one in others:
            name = e(words_in(one, self._form.house)["language"])
            if one == self._language:
                yield f'<li><span lang="{e(one)}" aria-current="true">{name}</span></li>'
            else:
                yield f'<li><a href="?language={e(one)}" lang="{e(one)}" hreflang="{e(one)}">{name}</a></li>'
        yield "</ul></nav>"

    def _summary(self, again: Again) -> Iterator[str]:
        if not again.mistakes and not again.notice:
            return
        words = self._words
        yield '<div id="summary" role="alert" tabindex="-1" autofocus aria-labelledby="summary-title">'
        yield f'<h2 id="summary-title">{e(words["wrong"])}</h2><ul>'
        if again.notice:
            yield f"<li>{e(words[again.notice])}</li>"
        fields = {asked.name: asked for asked in self._form.fields}
        for one in again.mistakes:
            first = "-1" if fields[one.field].options else ""
            text = sentence(words, one.cause, fields[one.field], self._label(fields[one.field]))
            yield f'<li><a href="#{ID}{e(one.field)}{first}">{e(text)}</a></li>'
        if any(asked.kind == "photo" for asked in fields.values()):
            yield f"<li>{e(words['photos_again'])}</li>"
        yield "</ul></div>"

    def _label(self, asked: Field) -> str:
        return self._form.said(self._form.words[asked.name].label, self._language)

    def _field(self, asked: Field, written: Mapping[str, str], cause: str) -> Iterator[str]:
        words, id_ = self._words, f"{ID}{e(asked.name)}"
        label = e(self._label(asked)) + ("" if asked.required else f" ({e(words['optional'])})")
        described = [name for name, there in (("hint", self._hints(asked)), ("error", cause)) if there]
        about = f' aria-describedby="{" ".join(f"{id_}-{name}" for name in described)}"' if described else ""
        about += ' aria-invalid="true"' if cause else ""
        tag, bad = ("fieldset", " bad") if asked.options else ("div", " bad"), bool(cause)
        element = tag[0]
        yield f'<{element} class="field{tag[1] if bad else ""}"{about if asked.options else ""}>'
        yield f"<legend>{label}</legend>" if asked.options else f'<label for="{id_}">{label}</label>'
        if hint := self._hints(asked):
            yield f'<p class="hint" id="{id_}-hint">{e(hint)}</p>'
        if cause:
            text = sentence(words, cause, asked, self._label(asked))
            yield f'<p class="error" id="{id_}-error">{e(text)}</p>'
        needed = " required" if asked.required else ""
        yield from self._input(asked, id_, written.get(asked.name, ""), about + needed)
        yield f"</{element}>"

    def _hints(self, asked: Field) -> str:
        words, own = self._words, self._form.said(self._form.words[asked.name].hint, self._language)
        hints = [own]
        if asked.kind == "photo":
            located = any(one.located for one in self._form.fields)
            hints += [words["photos"].format(most=asked.most), words["located" if located else "stripped"]]
        if asked.kind == "date":
            hints.append(words["date_hint"])
        if asked.sensitive:
            hints.append(words["sensitive"])
        return " ".join(filter(None, hints))

    def _input(self, asked: Field, id_: str, value: str, more: str) -> Iterator[str]:
        name = e(asked.name)
        if asked.options:
            titles = self._form.words[asked.name].choices
            for number, one in enumerate(asked.options, 1):
                title = self._words[one] if asked.kind == "yes-no" else self._form.said(titles[one], self._language)
                checked = " checked" if value == one else ""
                given = f'name="{name}" value="{e(one)}"{checked}'
                yield f'<div class="choice"><input type="radio" id="{id_}-{number}" {given}>'
                yield f'<label for="{id_}-{number}">{e(title)}</label></div>'
        elif asked.kind == "photo":
            several = " multiple" if asked.most > 1 else ""
            accepted = "image/jpeg,image/png,image/webp"
            yield f'<input type="file" id="{id_}" name="{name}" accept="{accepted}"{several}{more}>'
        elif asked.kind == "long":
            yield f'<textarea id="{id_}" name="{name}" rows="5"{more}>\n{e(value)}</textarea>'
        else:
            yield f'<input {_INPUTS[asked.kind]} id="{id_}" name="{name}" value="{e(value)}"{more}>'

    def _content(self, head: str, body: list[str], status: int) -> Content:
        direction = "rtl" if self._language in RIGHT_TO_LEFT else LEFT_TO_RIGHT
        values = {"language": e(self._language), "direction": direction, "head": e(head), "content": "\n".join(body)}
        text = re.sub(r"\{(language|direction|head|content)\}", lambda found: values[found[1]], _template())
        return Content(MEDIA, text.encode(), _policy(), status=status)


@cache
def _template() -> str:
    return TEMPLATE.read_text()


@cache
def _policy() -> str:
    """Return the policy under which pages are shown (CSP level 3): their own style, and nothing else."""
    style = _template().partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
