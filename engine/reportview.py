"""A report for people, in the terminal: tables and bars, in Swedish, English or Finnish."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from adapters.history.answers import Dimension, Hour, Line, Report, SurveyLine

WIDTH: Final = 80
"""Columns that tables keep to, however long the names in them."""
BAR: Final = 40
"""Characters of the longest bar."""
CRISIS_WIDTH: Final = 36
"""Characters of the column that says when and where a crisis was."""
YES_OR_NO: Final = 2
PERCENT, TIME, NUMBER = range(3)
"""How a value is written."""

FIGURES: Final[dict[str, tuple[str, int]]] = {
    "service_level": ("of_all", PERCENT),
    "answer_speed": ("mean", TIME),
    "abandonment": ("of_all", PERCENT),
    "handling_time": ("talk_and_wrap_up", TIME),
    "transfers": ("of_reached", PERCENT),
    "reached_a_person": ("of_all", PERCENT),
    "until_help": ("seconds", TIME),
    "callbacks_kept": ("of_due", PERCENT),
    "expected_wait": ("held", PERCENT),
    "avoidable": ("of_described", PERCENT),
}
"""Figure to the formula that is shown unless another is asked for, and how it is written."""
OTHERWISE: Final = {
    ("until_help", "people_met"): NUMBER,
    ("until_help", "contacts_made"): NUMBER,
    ("expected_wait", "mean_error"): TIME,
}
"""Formulas whose values are of another kind than their figure's first."""
IN_TABLES: Final = ("service_level", "answer_speed", "abandonment", "handling_time", "transfers", "reached_a_person")

WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "arrived": "asked", "answered": "answered", "abandoned": "gave up", "turned_away": "turned away",
        "service_level": "service level", "answer_speed": "answer after", "abandonment": "given up",
        "handling_time": "handling time", "transfers": "passed on", "reached_a_person": "met a person",
        "until_help": "until help", "callbacks_kept": "callbacks kept", "expected_wait": "wait told right",
        "avoidable": "avoidable", "occupancy": "occupancy", "channel": "Channel", "queue": "Queue",
        "language": "Language", "need": "Need", "entry": "Way in", "figure": "Figure", "value": "",
        "formula": "formula", "hours": "By the hour", "subjects": "What it was about", "contacts": "contacts",
        "gaps": "service gaps", "through": "written up to", "nothing": "Nothing has been asked for in these days.",
        "in_target": "in target", "later": "later", "people": "Agents", "to": "to",
        "crises": "In a crisis", "everything": "all", "told": "told", "left": "of them left", "triaged": "triage",
        "called_back": "called back", "visitors": "visitors", "places": "places",
        "survey": "How it was", "asked_how": "asked", "answers": "answers", "share": "share", "mean": "mean",
        "all": "all", "yes": "yes", "few": "Groups of fewer than five answers are not shown.", "house_language": "-",
    },
    "sv": {
        "arrived": "ville ha hjälp", "answered": "besvarade", "abandoned": "gav upp", "turned_away": "avvisade",
        "service_level": "servicenivå", "answer_speed": "svarstid", "abandonment": "andel som gav upp",
        "handling_time": "handläggningstid", "transfers": "kopplade vidare", "reached_a_person": "mötte en människa",
        "until_help": "tid till hjälp", "callbacks_kept": "uppringningar hållna", "expected_wait": "rätt väntetid",
        "avoidable": "onödig efterfrågan", "occupancy": "beläggning", "channel": "Kanal", "queue": "Kö",
        "language": "Språk", "need": "Behov", "entry": "Ingång", "figure": "Mått", "value": "",
        "formula": "formel", "hours": "Timme för timme", "subjects": "Vad det gällde", "contacts": "kontakter",
        "gaps": "serviceglapp", "through": "skrivet till och med", "nothing": "Ingen har frågat dessa dagar.",
        "in_target": "i tid", "later": "senare", "people": "Handläggare", "to": "till",
        "crises": "I kris", "everything": "allt", "told": "fick veta", "left": "varav gick", "triaged": "triage",
        "called_back": "rings upp", "visitors": "besökare", "places": "platser",
        "survey": "Hur det var", "asked_how": "tillfrågade", "answers": "svar", "share": "andel", "mean": "medel",
        "all": "alla", "yes": "ja", "few": "Grupper med färre än fem svar visas inte.", "house_language": "-",
    },
    "fi": {
        "arrived": "pyysi apua", "answered": "vastattu", "abandoned": "luopui", "turned_away": "käännytetty",
        "service_level": "palvelutaso", "answer_speed": "vastausaika", "abandonment": "luopuneiden osuus",
        "handling_time": "käsittelyaika", "transfers": "siirretty", "reached_a_person": "tavoitti ihmisen",
        "until_help": "aika apuun", "callbacks_kept": "takaisinsoitot", "expected_wait": "oikea odotusaika",
        "avoidable": "vältettävissä", "occupancy": "kuormitus", "channel": "Kanava", "queue": "Jono",
        "language": "Kieli", "need": "Tarve", "entry": "Saapumistie", "figure": "Tunnusluku", "value": "",
        "formula": "kaava", "hours": "Tunneittain", "subjects": "Mistä oli kyse", "contacts": "yhteydenottoa",
        "gaps": "palvelupuutteita", "through": "kirjattu hetkeen", "nothing": "Näinä päivinä ei kysytty mitään.",
        "in_target": "ajoissa", "later": "myöhemmin", "people": "Asiakaspalvelijat", "to": "-",
        "crises": "Kriisissä", "everything": "kaikki", "told": "kuuli", "left": "joista lähti", "triaged": "ohjattu",
        "called_back": "soitetaan", "visitors": "kävijöitä", "places": "paikat",
        "survey": "Miten sujui", "asked_how": "kysytty", "answers": "vastauksia", "share": "osuus", "mean": "keskiarvo",
        "all": "kaikki", "yes": "kyllä", "few": "Alle viiden vastauksen ryhmiä ei näytetä.", "house_language": "-",
    },
}  # fmt: skip
SHORT: Final[dict[str, tuple[str, ...]]] = {
    "en": ("asked", "answered", "left", "level", "answer", "left-%", "time", "passed", "reached"),
    "sv": ("sökte", "svar", "avbröt", "nivå", "svarstid", "avbröt-%", "tid", "vidare", "mötte"),
    "fi": ("pyysi", "vastattu", "luopui", "taso", "vastaus", "luop-%", "aika", "siirto", "tapasi"),
}
"""Headings of the columns in tables of many lines: one word each, so that a line fits into 80 characters."""
CHANNEL_NAMES: Final[dict[str, dict[str, str]]] = {
    "en": {
        "call": "calls", "callback": "callbacks", "chat": "chats", "form": "forms", "mail": "mails",
        "message": "voice messages", "outbound": "calls by agents", "post": "text messages", "question": "questions",
        "report": "reports by phone", "text": "text telephone", "visit": "visits",
    },
    "sv": {
        "call": "samtal", "callback": "uppringningar", "chat": "chattar", "form": "formulär", "mail": "brev",
        "message": "röstmeddelanden", "outbound": "egna samtal", "post": "sms och bryggor", "question": "frågor",
        "report": "inlästa ärenden", "text": "texttelefon", "visit": "besök",
    },
    "fi": {
        "call": "puhelut", "callback": "takaisinsoitot", "chat": "chatit", "form": "lomakkeet", "mail": "sähköpostit",
        "message": "ääniviestit", "outbound": "omat puhelut", "post": "tekstiviestit", "question": "kysymykset",
        "report": "puhelinilmoitukset", "text": "tekstipuhelin", "visit": "käynnit",
    },
}  # fmt: skip
"""Channels, and the calls that agents begin, as people call them."""
LANGUAGES: Final = tuple(WORDS)


class View:
    """Draws one report."""

    def __init__(
        self,
        report: Report,
        language: str,
        formulas: Mapping[str, str],
        titles: Mapping[str, Mapping[str, str]],
        local: Callable[[float], datetime],
    ) -> None:
        """`formulas`: figure to the formula to show; `titles`: dimension to name to what people call it."""
        self._report = report
        self._words = WORDS[language]
        self._short = SHORT[language]
        self._formulas = {figure: formula for figure, (formula, _) in FIGURES.items()} | dict(formulas)
        self._titles = {"channel": CHANNEL_NAMES[language], **titles}
        self._local = local

    def write(self, console: Console, city: str) -> None:
        """Show it."""
        console.print(self._heading(city))
        if not self._report.whole.counts.arrived and not self._report.whole.counts.handled:
            console.print(self._words["nothing"])
            self._write_crises(console)
            return
        console.print(self._whole())
        if self._report.hours:
            console.print(self._hours(self._report.hours))
        for dimension, lines in self._report.by.items():
            if len(lines) > 1 or (lines and dimension in ("channel", "queue")):
                console.print(self._table(dimension, lines), width=min(WIDTH, console.width))
        if self._report.subjects:
            console.print(self._subjects())
        if self._report.surveys.whole:
            console.print(self._surveys())
        self._write_crises(console)

    def _write_crises(self, console: Console) -> None:
        """Show when each crisis was and where, and what became of those who were told."""
        words = self._words
        if not self._report.crises:
            return
        counted = ("told", "left", "called_back", "triaged", "visitors")
        table = Table(box=None, padding=(0, 1, 0, 0))
        table.add_column(words["crises"], header_style="bold", max_width=CRISIS_WIDTH)
        for name in counted:
            table.add_column(words[name], justify="right", header_style="bold")
        for one in self._report.crises:
            end = self._time(one.ended) if one.ended is not None else ""
            table.add_row(Text(one.plan, "bold"), *(str(getattr(one, name)) for name in counted))
            table.add_row(f"{self._time(one.began)} - {end}")
            titles = self._titles.get("queue", {})
            table.add_row(", ".join(titles.get(queue, queue) for queue in one.queues) or words["everything"])
            if one.places:
                table.add_row(f"{words['places']}: {', '.join(one.places)}")
        console.print(table)

    def _time(self, at: float) -> str:
        return f"{self._local(at):%Y-%m-%d %H:%M}"

    def _heading(self, city: str) -> Text:
        report, words = self._report, self._words
        days = report.first if report.first == report.last else f"{report.first} {words['to']} {report.last}"
        text = Text.assemble((city, "bold"), "  ", (days, "bold cyan"))
        if report.through:
            text.append(f"  {words['through']} {self._local(report.through):%Y-%m-%d %H:%M:%S}", "dim")
        return text

    def _whole(self) -> RenderableType:
        words, whole = self._words, self._report.whole
        table = Table(box=None, padding=(0, 2, 0, 0))
        for name, justify in (("figure", "left"), ("value", "right"), ("formula", "left")):
            table.add_column(words[name], justify=justify, header_style="bold")  # type: ignore[arg-type]
        turned = sum(whole.counts.turned_away.values())
        for name, number in (
            ("arrived", whole.counts.arrived),
            ("answered", whole.counts.answered),
            ("abandoned", whole.counts.abandoned),
            ("turned_away", turned),
        ):
            table.add_row(words[name], f"{number:,}".replace(",", "\N{NO-BREAK SPACE}"))
        for figure in FIGURES:
            table.add_row(words[figure], self._value(whole, figure), Text(self._formulas[figure], "dim"))
        for formula, value in self._report.occupancy.items():
            table.add_row(words["occupancy"], _written(value, PERCENT), Text(formula, "dim"))
        return Group(table, "")

    def _value(self, line: Line, figure: str) -> Text:
        formula = self._formulas[figure]
        value = line.figures[figure].get(formula)
        text = _written(value, OTHERWISE.get((figure, formula), FIGURES[figure][1]))
        if figure == "service_level" and value is not None:
            text.stylize("green" if value >= 0.8 else "yellow" if value >= 0.6 else "red")
        return text

    def _table(self, dimension: Dimension, lines: tuple[Line, ...]) -> RenderableType:
        words = self._words
        table = Table(box=None, padding=(0, 1, 0, 0))
        table.add_column(words[dimension], header_style="bold", overflow="fold")
        for name in self._short:
            table.add_column(name, justify="right", header_style="bold", no_wrap=True)
        titles = self._titles.get(dimension, {})
        for line in lines:
            counts = (line.counts.arrived, line.counts.answered, line.counts.abandoned)
            cells = (self._value(line, figure) for figure in IN_TABLES)
            table.add_row(titles.get(line.name, line.name), *map(str, counts), *cells)
        return Group(table, "")

    def _hours(self, hours: tuple[Hour, ...]) -> RenderableType:
        """Draw a bar for each hour: answered in target, later, and given up."""
        words, most = self._words, max(hour.arrived for hour in hours)
        table = Table(box=None, padding=(0, 1, 0, 0), show_header=False)
        for hour in hours:
            later = hour.answered - hour.in_target
            parts = ((hour.in_target, "█", "green"), (later, "▓", "yellow"), (hour.abandoned, "░", "red"))
            bar = Text()
            for number, mark, style in parts:
                bar.append(mark * round(BAR * number / most), style)
            table.add_row(f"{hour.hour:02}", bar, Text(str(hour.arrived), "dim"))
        legend = Text.assemble(
            (words["hours"], "bold"), "  ", ("█ ", "green"), words["in_target"], ("  ▓ ", "yellow"), words["later"],
            ("  ░ ", "red"), words["abandoned"],
        )  # fmt: skip
        return Group(legend, table, "")

    def _subjects(self) -> RenderableType:
        words = self._words
        table = Table(box=None, padding=(0, 2, 0, 0))
        table.add_column(words["subjects"], header_style="bold")
        for name in ("contacts", "avoidable"):
            table.add_column(words[name], justify="right", header_style="bold")
        table.add_column(words["gaps"], header_style="bold")
        for one in self._report.subjects:
            gaps = ", ".join(f"{gap} {number}" for gap, number in one.gaps.items())
            table.add_row(one.reason, str(one.contacts), str(one.avoidable), gaps)
        return table

    def _surveys(self) -> RenderableType:
        """Show what citizens answered who were asked how it was."""
        words, found = self._words, self._report.surveys
        table = Table(box=None, padding=(0, 2, 0, 0))
        table.add_column(words["survey"], header_style="bold")
        for name in ("asked_how", "answers", "share", "mean"):
            table.add_column(words[name], justify="right", header_style="bold")
        groups = [("", found.whole), *((one, lines) for one, lines in found.by.items() if len(lines) > 1)]
        for dimension, lines in groups:
            titles = self._titles.get(dimension, {})
            for line in lines:
                name = titles.get(line.name, line.name) or words["house_language"] if dimension else words["all"]
                table.add_row(name, str(line.asked), *self._answers(line))
            table.add_section()
        return Group(table, Text(words["few"], "dim"), "")

    def _answers(self, line: SurveyLine) -> list[Text]:
        """Return how many answered, which share of the asked, and what; nothing of a few."""
        if line.answered is None or line.mean is None:
            return [Text("-", "dim")] * 3
        mean = f"{100 * line.mean:.1f} % {self._words['yes']}" if line.scale == YES_OR_NO else f"{line.mean:.2f}"
        return [Text(str(line.answered)), _written(line.share, PERCENT), Text(mean)]


def _written(value: float | None, kind: int) -> Text:
    """Write a value as people read it.

    >>> _written(95.0, TIME).plain, _written(0.8333, PERCENT).plain, _written(None, NUMBER).plain
    ('1:35', '83.3 %', '-')
    """
    if value is None:
        return Text("-", "dim")
    if kind == PERCENT:
        return Text(f"{100 * value:.1f} %")
    if kind == NUMBER:
        return Text(f"{value:.2f}")
    minutes, seconds = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return Text(f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}")
