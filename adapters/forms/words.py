"""What the house itself says around forms; forms.yaml may say it otherwise, or in further languages (`words:`)."""

from collections.abc import Mapping
from typing import Final

from ivr.forms import Field, Kind

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sv": {
        "language": "Svenska", "send": "Skicka", "optional": "frivilligt", "error": "Fel",
        "wrong": "Rätta det här och skicka igen", "choose": "Välj", "yes": "Ja", "no": "Nej",
        "photos": "JPEG, PNG eller WebP, högst {most} bilder på 12 MB.",
        "located": "Om bilden vet var den togs får vi veta det. I övrigt tar vi bort allt som inte är själva bilden.",
        "stripped": "Vi tar bort platsen och annat som telefonen sparat i bilden.",
        "photos_again": "Välj bilderna igen: de kan inte följa med när något ska rättas.",
        "sensitive": "Sparas inte i klartext.",
        "date_hint": "Till exempel 2026-11-27.",
        "sent": "Tack, vi har fått det", "reference": "Ärendenummer", "state": "Läge",
        "keep": "Spara den här sidans adress om du vill se hur det går.",
        "waiting": "Väntar på handläggning.", "working": "En handläggare har det.", "done": "Handlagt.",
        "another": "Fyll i en till",
        "missing": "{label}: fyll i det här.", "too_short": "{label}: skriv minst {least} tecken.",
        "too_long": "{label}: skriv högst {most} tecken.", "no_choice": "{label}: välj ett av alternativen.",
        "no_number": "{label}: skriv ett tal med siffror.", "too_small": "{label}: talet ska vara minst {least}.",
        "too_large": "{label}: talet får vara högst {most}.",
        "no_date": "{label}: skriv ett datum som finns, till exempel 2026-11-27.",
        "no_phone": "{label}: skriv ett telefonnummer, till exempel 070-123 45 67.",
        "no_mail": "{label}: skriv en e-postadress, till exempel namn@example.se.",
        "no_picture": "{label}: filen är ingen bild som vi kan läsa. Välj en JPEG, PNG eller WebP.",
        "file_too_large": "{label}: bilden är större än 12 MB. Välj en mindre.",
        "too_many_files": "{label}: välj högst {most} bilder.",
        "trap": "Lämna det här fältet tomt.", "too_fast": "Läs igenom dina svar och skicka igen.",
        "too_late": "Sidan har stått öppen för länge. Läs igenom dina svar och skicka igen.",
        "busy": "Det går inte att ta emot just nu. Dina svar står kvar: skicka igen om en stund.",
    },
    "en": {
        "language": "English", "send": "Send", "optional": "optional", "error": "Error",
        "wrong": "Correct this and send again", "choose": "Choose", "yes": "Yes", "no": "No",
        "photos": "JPEG, PNG or WebP, at most {most} pictures of 12 MB.",
        "located": "If the picture knows where it was taken, we are told. Everything else but the picture is removed.",
        "stripped": "We remove the place and whatever else the telephone has noted in the picture.",
        "photos_again": "Choose the pictures again: they are not kept while something is to be corrected.",
        "sensitive": "Not kept in plain text.",
        "date_hint": "For example 2026-11-27.",
        "sent": "Thank you, we have received it", "reference": "Reference number", "state": "Status",
        "keep": "Keep the address of this page if you want to see how it goes.",
        "waiting": "It waits to be handled.", "working": "Somebody is working on it.", "done": "It has been handled.",
        "another": "Fill in another one",
        "missing": "{label}: fill this in.", "too_short": "{label}: write at least {least} characters.",
        "too_long": "{label}: write at most {most} characters.", "no_choice": "{label}: choose one of these.",
        "no_number": "{label}: write a number in digits.", "too_small": "{label}: the number must be at least {least}.",
        "too_large": "{label}: the number can be at most {most}.",
        "no_date": "{label}: write a date that exists, such as 2026-11-27.",
        "no_phone": "{label}: write a telephone number, such as 070-123 45 67.",
        "no_mail": "{label}: write an e-mail address, such as name@example.com.",
        "no_picture": "{label}: the file is no picture that we can read. Choose a JPEG, PNG or WebP.",
        "file_too_large": "{label}: the picture is larger than 12 MB. Choose a smaller one.",
        "too_many_files": "{label}: choose at most {most} pictures.",
        "trap": "Leave this field empty.", "too_fast": "Look through your answers and send again.",
        "too_late": "This page has been open for too long. Look through your answers and send again.",
        "busy": "We cannot take it just now. Your answers are still here: send again in a while.",
    },
    "fi": {
        "language": "Suomi", "send": "Lähetä", "optional": "vapaaehtoinen", "error": "Virhe",
        "wrong": "Korjaa tämä ja lähetä uudelleen", "choose": "Valitse", "yes": "Kyllä", "no": "Ei",
        "photos": "JPEG, PNG tai WebP, enintään {most} kuvaa, 12 Mt.",
        "located": "Jos kuvassa on ottopaikka, saamme sen tietää. Kaikki muu paitsi itse kuva poistetaan.",
        "stripped": "Poistamme paikan ja muut tiedot, jotka puhelin on tallentanut kuvaan.",
        "photos_again": "Valitse kuvat uudelleen: ne eivät säily korjattaessa.",
        "sensitive": "Ei tallenneta selkokielisenä.",
        "date_hint": "Esimerkiksi 2026-11-27.",
        "sent": "Kiitos, olemme saaneet sen", "reference": "Asian numero", "state": "Tila",
        "keep": "Tallenna tämän sivun osoite, jos haluat seurata asiaa.",
        "waiting": "Odottaa käsittelyä.", "working": "Asiaa käsitellään.", "done": "Käsitelty.",
        "another": "Täytä toinen",
        "missing": "{label}: täytä tämä.", "too_short": "{label}: kirjoita vähintään {least} merkkiä.",
        "too_long": "{label}: kirjoita enintään {most} merkkiä.", "no_choice": "{label}: valitse yksi vaihtoehto.",
        "no_number": "{label}: kirjoita luku numeroin.", "too_small": "{label}: luvun on oltava vähintään {least}.",
        "too_large": "{label}: luku saa olla enintään {most}.",
        "no_date": "{label}: kirjoita päivämäärä, esimerkiksi 2026-11-27.",
        "no_phone": "{label}: kirjoita puhelinnumero, esimerkiksi 070-123 45 67.",
        "no_mail": "{label}: kirjoita sähköpostiosoite, esimerkiksi nimi@example.fi.",
        "no_picture": "{label}: tiedosto ei ole luettava kuva. Valitse JPEG, PNG tai WebP.",
        "file_too_large": "{label}: kuva on yli 12 Mt. Valitse pienempi.",
        "too_many_files": "{label}: valitse enintään {most} kuvaa.",
        "trap": "Jätä tämä kenttä tyhjäksi.", "too_fast": "Tarkista vastauksesi ja lähetä uudelleen.",
        "too_late": "Sivu on ollut auki liian kauan. Tarkista vastauksesi ja lähetä uudelleen.",
        "busy": "Emme voi juuri nyt ottaa tätä vastaan. Vastauksesi ovat tallella: lähetä hetken päästä uudelleen.",
    },
    "ar": {
        "language": "العربية", "send": "إرسال", "optional": "اختياري", "error": "خطأ",
        "wrong": "صحح ما يلي وأرسل مجددا", "choose": "اختر", "yes": "نعم", "no": "لا",
        "photos": "JPEG أو PNG أو WebP، {most} صور على الأكثر، حجم الواحدة 12 ميغابايت.",
        "located": "إذا كانت الصورة تعرف مكان التقاطها فسنعلمه. ونحذف كل ما عدا الصورة نفسها.",
        "stripped": "نحذف المكان وكل ما سجله الهاتف في الصورة.",
        "photos_again": "اختر الصور مجددا: فهي لا تحفظ أثناء التصحيح.",
        "sensitive": "لا يحفظ كنص مقروء.",
        "date_hint": "مثلا \u20662026-11-27\u2069.",
        "sent": "شكرا، لقد استلمناه", "reference": "رقم المعاملة", "state": "الحالة",
        "keep": "احتفظ بعنوان هذه الصفحة إذا أردت متابعة الأمر.",
        "waiting": "في انتظار المعالجة.", "working": "هناك من يعمل عليه.", "done": "تمت معالجته.",
        "another": "املأ استمارة أخرى",
        "missing": "{label}: املأ هذا الحقل.", "too_short": "{label}: اكتب {least} أحرف على الأقل.",
        "too_long": "{label}: اكتب {most} حرفا على الأكثر.", "no_choice": "{label}: اختر أحد الخيارات.",
        "no_number": "{label}: اكتب عددا بالأرقام.", "too_small": "{label}: يجب ألا يقل العدد عن {least}.",
        "too_large": "{label}: يجب ألا يزيد العدد على {most}.",
        "no_date": "{label}: اكتب تاريخا صحيحا، مثلا \u20662026-11-27\u2069.",
        "no_phone": "{label}: اكتب رقم هاتف، مثلا \u2066070-123 45 67\u2069.",
        "no_mail": "{label}: اكتب عنوان بريد إلكتروني، مثلا \u2066name@example.com\u2069.",
        "no_picture": "{label}: لا يمكننا قراءة هذا الملف كصورة. اختر JPEG أو PNG أو WebP.",
        "file_too_large": "{label}: الصورة أكبر من 12 ميغابايت. اختر صورة أصغر.",
        "too_many_files": "{label}: اختر {most} صور على الأكثر.",
        "trap": "اترك هذا الحقل فارغا.", "too_fast": "راجع أجوبتك وأرسل مجددا.",
        "too_late": "بقيت هذه الصفحة مفتوحة وقتا طويلا. راجع أجوبتك وأرسل مجددا.",
        "busy": "لا يمكننا استلامه الآن. أجوبتك ما زالت هنا: أرسل مجددا بعد قليل.",
    },
}  # fmt: skip
LEFT_TO_RIGHT: Final = "ltr"
RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ku", "ps", "ur", "yi"})
WRONG: Final[Mapping[Kind, str]] = {
    "choice": "no_choice",
    "yes-no": "no_choice",
    "number": "no_number",
    "date": "no_date",
    "phone": "no_phone",
}
"""What is said of an answer by digits that is none."""


def words_in(language: str, more: Mapping[str, Mapping[str, str]] | None = None) -> Mapping[str, str]:
    """Return the house's words in a language, English ones where it has none."""
    return {**WORDS["en"], **WORDS.get(language, {}), **(more or {}).get(language, {})}


def sentence(words: Mapping[str, str], cause: str, asked: Field, label: str) -> str:
    """Return what is wrong with a field, and what would be right."""
    return words[cause].format(label=label.rstrip("?؟:. "), least=asked.least, most=asked.most)
