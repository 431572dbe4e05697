"""A city's staff, made up: a directory of any size for benchmarks, tests and the example.

`python -m engine.sim.staff > examples/malmo/directory.csv` writes the example's.

Names are drawn as in a Swedish city, a few of them very often and most of them seldom. In the example (`invented`)
family names are such as nobody bears, and every number is one that the Swedish regulator PTS keeps free for books and
films: 040-628 04 00 to 99, and 070-174 06 05 to 99 for mobile phones.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import structs

from adapters.directory import csvfile
from adapters.directory.columns import Place
from adapters.directory.record import Absence, Record
from adapters.directory.settings import DirectorySettings
from adapters.directory.spelling import fold, plain

GIVEN: Final = (
    "Anna Eva Maria Karin Sara Kristina Lena Emma Kerstin Ingrid Malin Elin Jenny Hanna Linda Annika Susanne "
    "Elisabeth Christina Ulla Monica Johanna Sofia Åsa Inger Ann-Marie Birgitta Marie Helena Camilla Cecilia Pia Ida "
    "Amanda Agneta Ewa Carina Therese Julia Josefin Frida Sandra Margareta Matilda Gunilla Ulrika Katarina Louise "
    "Charlotte Viktoria Lisa Åse Märta Ebba Görel Gärd Siv Öznur Zahra Fatima Amina Aisha Leila Mariam Nadia Samira "
    "Hodan Ifrah Zeynep Emina Amra Jasmina Snežana Dragana Agnieszka Katarzyna Małgorzata Oksana Tatjana Parvin "
    "Shirin Nasrin Lars Mikael Anders Johan Erik Per Peter Jan Karl Thomas Daniel Fredrik Hans Bengt Mats Andreas "
    "Stefan Magnus Björn Håkan Göran Jörgen Nils Ulf Leif Kjell Sven Olof Rickard Robert Henrik Niklas Martin Jonas "
    "Mattias Christer Kenneth Åke Gösta Örjan Torbjörn Jens Joakim Patrik Tobias Marcus Pontus Filip Gustaf Axel "
    "Oscar Viktor Hugo Elias Jean-Pierre Carl-Johan Lars-Erik Jan-Åke Mohamed Ahmed Ali Hussein Omar Hassan Yusuf "
    "Ibrahim Abdi Mustafa Mehmet Emir Haris Nenad Goran Dragan Zoran Tomasz Krzysztof Piotr Reza Amir Farid Rashid "
    "Mahmoud Khaled Jürgen René Søren"
).split()
FAMILY: Final = (
    "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson "
    "Jansson Hansson Bengtsson Jönsson Carlsson Petersson Lindberg Magnusson Gustavsson Lindström Olofsson Lindgren "
    "Axelsson Berg Lundberg Bergström Jakobsson Lundgren Mattsson Fredriksson Berglund Sandberg Henriksson Mohamed "
    "Sjöberg Ali Forsberg Håkansson Lindqvist Engström Eklund Danielsson Lundin Håkansson Gunnarsson Holm Fransson "
    "Bergman Samuelsson Björk Wikström Isaksson Bergqvist Arvidsson Nyström Holmberg Löfgren Söderberg Nyberg Åkesson "
    "Ahmed Hassan Claesson Mårtensson Lundqvist Eliasson Björklund Berggren Sandström Nordin Ström Åberg Ekström "
    "Hermansson Holmgren Falk Lindholm Dahlberg Hellström Hedlund Sundberg Ek Sjögren Öberg Wallin Blomqvist Dahl "
    "Åkerlund Ljungberg Jensen Hansen Nielsen Pedersen Rasmussen Hussein Abdullah Yilmaz Kaya Hodžić Begić Petrović "
    "Jovanović Kowalski Nowak Wiśniewska Ivanov Nguyen Haddad Saleh Osman Warsame Farah Virtanen Korhonen Aaltonen "
    "Mäkinen Müller von_Essen af_Klint de_la_Cruz Schönström Zetterlund Quist Thörnqvist Ohlsson Ståhl Malmström "
    "Ågren Östlund Ängquist"
).split()
HEADS: Final = (
    "Lind Berg Sand Ny Ek Alm Björk Gran Hag Hed Holm Kvarn Lund Norr Ros Sjö Skog Sten Strand Sund Söder Vester Ås "
    "Öst Blom Dal Fors Gyll Hassel Högh Kron Lilje Lång Malm Palm Rönn Silfver Stjern Svärd Tall Thorn Trost Ull Wall "
    "Zetter"
).split()
TAILS: Final = (
    "qvist ström berg lund gren dahl mark man blad fors fält roth stedt vall hjelm sköld bäck hammar holm kvist"
).split()
SYLLABLES: Final = "ba ra ka mo di la ne vo si ta ma ro da ko li sa be ni ha za".split()
ENDINGS: Final = "vić wicz ska oğlu zadeh pour ian nen ev enko shi adze ez ini akis".split()
"""For the thousands of names that only a few bear."""
ODD_HEADS: Final = (
    "Måne Drak Troll Regn Dimm Fjäder Saga Sol Snö Storm Tång Vind Glöd Hav Klock Lyck Molne Sten Tistel Ugg Varg Ängel"
).split()
ODD_TAILS: Final = (
    "vinge flod kulle våg lykta stjärna damm rike borg spira tand svans segel brygga skepp hatt"
).split()
"""Joined to `ODD_HEADS` they make family names that nobody bears."""

FICTION_DIRECT: Final = tuple(f"+464062804{number:02}" for number in range(100))
FICTION_MOBILE: Final = tuple(f"+467017406{number:02}" for number in range(5, 100))


class Office(NamedTuple):
    """A city administration."""

    name: str
    units: tuple[str, ...]
    titles: tuple[str, ...]
    functions: tuple[tuple[str, str], ...]
    """Name of a function, and what people ask for, by commas."""


OFFICES: Final = (
    Office(
        "Stadsbyggnadskontoret",
        ("Bygglov", "Detaljplan", "Geodata", "Lantmäteri"),
        ("Bygglovshandläggare", "Byggnadsinspektör", "Planarkitekt", "Kartingenjör", "Lantmätare"),
        (
            ("Bygglovsenheten", "bygglov, rivningslov, marklov, altan, carport, inglasning, building permit"),
            ("Bostadsanpassning", "bostadsanpassning, ramp, dörröppnare, tröskel"),
            ("Kartförsäljningen", "karta, nybyggnadskarta, mätning, map"),
        ),
    ),
    Office(
        "Fastighets- och gatukontoret",
        ("Gatuavdelningen", "Parkavdelningen", "Trafikavdelningen", "Markavdelningen"),
        ("Gatuingenjör", "Parkförvaltare", "Trafikplanerare", "Projektledare", "Förvaltare"),
        (
            (
                "Felanmälan gata och park",
                "hål i gatan, gatlampa, belysning, klotter, nedskräpning, snö, halka, pothole",
            ),
            ("Parkeringstillstånd", "parkering, boendeparkering, nyttokort, parking permit"),
            ("Parkeringstillstånd för rörelsehindrade", "handikapparkering, rörelsehindrad, disabled parking"),
            ("Torg och evenemang", "torgplats, marknad, evenemang, uteservering, polistillstånd"),
            ("Koloniområden", "kolonilott, odling, allotment"),
        ),
    ),
    Office(
        "Miljöförvaltningen",
        ("Livsmedel", "Miljöskydd", "Hälsoskydd", "Stadsmiljö"),
        ("Miljöinspektör", "Livsmedelsinspektör", "Hälsoskyddsinspektör", "Miljöstrateg"),
        (
            ("Livsmedelskontrollen", "livsmedel, restaurang, matförgiftning, hygien, food safety"),
            ("Hälsoskydd", "buller, ventilation, fukt, mögel, råttor, radon, noise"),
            ("Djurfrågor", "hund, djur, fiskmåsar, duvor"),
            ("Energirådgivningen", "energi, solceller, värmepump, energirådgivning"),
        ),
    ),
    Office(
        "Förskoleförvaltningen",
        ("Område Norr", "Område Söder", "Område Väster", "Barn- och familjestöd"),
        ("Förskollärare", "Barnskötare", "Rektor", "Specialpedagog", "Placeringshandläggare"),
        (
            ("Förskolekön", "förskola, dagis, kö, placering, pedagogisk omsorg, preschool"),
            ("Avgiftskontoret förskola", "avgift, maxtaxa, faktura förskola"),
        ),
    ),
    Office(
        "Grundskoleförvaltningen",
        ("Utbildningsområde 1", "Utbildningsområde 2", "Elevhälsan", "Skolskjuts"),
        ("Lärare", "Rektor", "Skolsköterska", "Kurator", "Skolpsykolog", "Vaktmästare"),
        (
            ("Skolval", "skolval, byta skola, skolplacering, grundskola, school choice"),
            ("Skolskjutsen", "skolskjuts, skolkort, skoltaxi, school transport"),
            ("Fritidshem", "fritids, fritidshem, klubb"),
            ("Modersmålsenheten", "modersmål, hemspråk, mother tongue"),
        ),
    ),
    Office(
        "Hälsa-, vård- och omsorgsförvaltningen",
        ("Ordinärt boende", "Särskilt boende", "Hemsjukvård", "Myndighet"),
        ("Undersköterska", "Sjuksköterska", "Biståndshandläggare", "Arbetsterapeut", "Enhetschef", "Fysioterapeut"),
        (
            ("Biståndshandläggningen", "hemtjänst, äldreboende, vårdboende, trygghetslarm, bistånd, elderly care"),
            ("Färdtjänst", "färdtjänst, riksfärdtjänst, sjukresa, mobility service"),
            ("Anhörigstödet", "anhörig, anhörigstöd, avlösning"),
            ("Fixartjänst", "fixare, byta glödlampa, gardiner, fallolycka"),
        ),
    ),
    Office(
        "Arbetsmarknads- och socialförvaltningen",
        ("Ekonomiskt bistånd", "Barn och familj", "Vuxen", "Bostadsenheten"),
        ("Socialsekreterare", "Familjerättssekreterare", "Budget- och skuldrådgivare", "Boendestödjare", "Enhetschef"),
        (
            ("Ekonomiskt bistånd", "försörjningsstöd, socialbidrag, ekonomiskt bistånd, welfare"),
            ("Socialjouren", "socialjour, akut, orosanmälan, våld, emergency social services"),
            ("Budget- och skuldrådgivningen", "skulder, skuldsanering, budget, kronofogden, debt"),
            ("Familjerätten", "vårdnad, umgänge, faderskap, adoption, custody"),
            ("Bostadsjouren", "hemlös, akutboende, bostadslös"),
        ),
    ),
    Office(
        "Kulturförvaltningen",
        ("Malmö stadsbibliotek", "Malmö museer", "Kulturskolan", "Stadsarkivet"),
        ("Bibliotekarie", "Museipedagog", "Musiklärare", "Arkivarie", "Kulturstrateg"),
        (
            ("Stadsbiblioteket information", "bibliotek, låna, omlån, bok, lånekort, library"),
            ("Stadsarkivet", "arkiv, släktforskning, betyg, gamla handlingar"),
            ("Kulturskolan expedition", "kulturskola, musikskola, instrument, dans"),
        ),
    ),
    Office(
        "Fritidsförvaltningen",
        ("Bad", "Idrott", "Förening", "Mötesplatser"),
        ("Badmästare", "Simlärare", "Fritidsledare", "Anläggningsskötare", "Föreningskonsulent"),
        (
            ("Lokalbokningen", "boka lokal, idrottshall, gymnastiksal, fotbollsplan"),
            ("Föreningsbidrag", "förening, föreningsbidrag, lokalbidrag, aktivitetsstöd"),
            ("Badhusen", "bad, simhall, simskola, badhus, swimming"),
        ),
    ),
    Office(
        "Stadskontoret",
        ("Kontaktcenter", "Kommunikation", "Juridik", "Ekonomi", "HR", "Digitalisering"),
        (
            "Kommunvägledare",
            "Kommunikatör",
            "Stadsjurist",
            "Controller",
            "HR-konsult",
            "Systemförvaltare",
            "Telefonist",
        ),
        (
            ("Konsumentrådgivningen", "konsument, reklamation, ångerrätt, köp, consumer advice"),
            ("Fakturafrågor", "faktura, betala, e-faktura, autogiro, invoice"),
            ("Lediga jobb", "jobb, söka arbete, sommarjobb, jobs"),
            ("Överförmyndaren", "god man, förvaltare, överförmyndare, guardian"),
            ("Presstjänsten", "press, journalist, medier"),
            ("Valkansliet", "val, rösta, förtidsröstning, röstkort, election"),
            ("Hittegods", "hittegods, borttappat, lost and found"),
        ),
    ),
    Office(
        "VA och avfall",
        ("Kundservice", "Drift", "Återvinning"),
        ("Kundhandläggare", "Driftingenjör", "Renhållningsarbetare"),
        (
            ("Kundservice avfall", "sophämtning, sopor, avfall, matavfall, grovsopor, soptunna, renhållning, waste"),
            ("Kundservice vatten", "vatten, avlopp, vattenläcka, vattenmätare, stopp i avlopp, water"),
            ("Återvinningscentralen", "återvinning, sopstation, tippen, farligt avfall, recycling"),
        ),
    ),
)
SKILLS: Final = ("teckenspråk", "lättläst svenska", "tillgänglighet", "upphandling", "GDPR", "krisstöd", "jour")
LANGUAGES: Final = ("engelska", "arabiska", "finska", "danska", "polska", "bosniska", "somaliska", "persiska", "tyska")
HOURS: Final = (
    "mon-thu 08:00-16:30; fri 08:00-15:00",
    "mon-fri 07:00-16:00",
    "mon-fri 08:00-17:00",
    "mon-wed 08:00-16:30",
    "",
)
FUNCTION_SHARE: Final = 0.06
EXAMPLE_PEOPLE: Final = 300
GUIDES: Final = 12
"""Guides of examples/malmo, `guide01` to `guide12`."""
SINCE: Final = 1_788_213_600.0
"""1 September 2026, when those who are away for long have gone."""


def staff(people: int, seed: int = 1, *, invented: bool = False) -> list[Record]:
    """Return `people` persons and, besides, the functions of their offices; the same for the same seed."""
    chance = random.Random(seed)
    functions = list(_functions(chance, max(1, round(people * FUNCTION_SHARE)), invented))
    persons = [_person(chance, number, people, invented) for number in range(people)]
    return functions + persons


def example() -> list[Record]:
    """Return the staff of examples/malmo: invented, with its guides among them, and some who are away for long."""
    people = staff(EXAMPLE_PEOPLE, seed=7, invented=True)
    persons = [record for record in people if record.kind == "person"]
    guides = {record.id: number for number, record in enumerate(persons[:GUIDES], start=1)}
    away = {record.id: persons[number - 1].id for number, record in enumerate(persons) if number % 40 == 39}
    return [_as_guide(record, guides) if record.id in guides else _away(record, away) for record in people]


def _as_guide(record: Record, guides: dict[str, int]) -> Record:
    number = guides[record.id]
    return structs.replace(
        record,
        title="Kommunvägledare",
        department=("Stadskontoret", "Kontaktcenter"),
        agent=f"guide{number:02}",
        phone=f"guide{number:02}",
        hours=HOURS[2],
        responsibilities=(),
        protected=False,
    )


def _away(record: Record, away: dict[str, str]) -> Record:
    if record.id not in away:
        return record
    reason = ("parental_leave", "leave")[int(record.id[1:]) % 2]
    return structs.replace(record, absences=(Absence(reason=reason, since=SINCE, refer=away[record.id]),))


def _functions(chance: random.Random, most: int, invented: bool) -> Iterator[Record]:
    """Yield the functions of all offices; in a big city those of its districts, too."""
    plain_ones = [(office, name, asked) for office in OFFICES for name, asked in office.functions]
    for number in range(len(plain_ones) if invented else most):
        office, name, asked = plain_ones[number % len(plain_ones)]
        district = number // len(plain_ones)
        yield Record(
            id=f"f{number + 1}",
            kind="function",
            name=name if not district else f"{name} distrikt {district}",
            department=(office.name, office.units[number % len(office.units)]),
            extension=str(5000 + number) if invented else str(50_000 + number),
            direct=FICTION_DIRECT[number] if invented else "",
            email=f"{fold(plain(name)).replace(' ', '.')}@malmo.example" if not district else "",
            responsibilities=tuple(asked.split(", ")),
            hours=chance.choice(HOURS[:3]),
            by_refer=chance.random() < 0.1,
        )


def _person(chance: random.Random, number: int, of: int, invented: bool) -> Record:
    office = chance.choice(OFFICES)
    given, family = _seldom(chance, GIVEN), _family(chance, invented)
    extension = str(4000 + number) if invented else str(10_000 + number)
    direct = _direct(number, invented)
    mobile = FICTION_MOBILE[number] if number < len(FICTION_MOBILE) and chance.random() < 0.6 else ""
    own = chance.random() < 0.2
    known_for = chance.choice(office.functions)[1].split(", ")
    return Record(
        id=f"p{1001 + number}",
        given=given,
        family=family,
        title=chance.choice(office.titles),
        department=(office.name, chance.choice(office.units), *((f"Team {chance.randint(1, 9)}",) if own else ())),
        extension=extension,
        direct=direct,
        mobile=mobile,
        mobile_use=chance.choice(("connect", "give", "never")) if mobile else "never",
        deputy=f"p{1001 + (number + 1) % of}" if of > 1 and chance.random() < 0.3 else "",
        email=_email(given, family, number),
        responsibilities=tuple(chance.sample(known_for, k=min(2, len(known_for)))) if own else (),
        skills=(chance.choice(SKILLS),) if chance.random() < 0.1 else (),
        languages=(chance.choice(LANGUAGES),) if chance.random() < 0.3 else (),
        hours=chance.choice(HOURS),
        protected=chance.random() < 0.005,
    )


def _direct(number: int, invented: bool) -> str:
    if not invented:
        return f"+4640{600_0000 + number}"
    free = FICTION_DIRECT[sum(len(office.functions) for office in OFFICES) :]
    return free[number] if number < len(free) else ""


def _seldom(chance: random.Random, names: Sequence[str]) -> str:
    """Return a name; those in front are drawn more often."""
    return chance.choices(names, [1 / (8 + place) for place in range(len(names))])[0]


def _family(chance: random.Random, invented: bool) -> str:
    if invented:
        return chance.choice(ODD_HEADS) + chance.choice(ODD_TAILS)
    kind = chance.random()
    if kind < 0.15:
        syllables = "".join(chance.choices(SYLLABLES, k=chance.randint(2, 3)))
        return syllables.capitalize() + chance.choice(ENDINGS)
    if kind < 0.45:
        return (chance.choice(HEADS) + chance.choice(TAILS)).replace("lll", "ll")
    name = _seldom(chance, FAMILY).replace("_", " ")
    return f"{name} {_seldom(chance, FAMILY).replace('_', ' ')}" if chance.random() < 0.05 else name


def _email(given: str, family: str, number: int) -> str:
    local = ".".join(fold(plain(name)).replace(" ", ".") for name in (given, family))
    return f"{local}{number if number % 3 == 0 else ''}@malmo.example"


def main() -> None:
    """Write the example's file to standard output."""
    place = Place(DirectorySettings(), ZoneInfo("Europe/Stockholm"))
    sys.stdout.buffer.write(csvfile.write(example(), place, "sv"))


if __name__ == "__main__":
    main()
