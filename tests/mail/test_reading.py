"""What is read of mails, as people, machines and attackers write them."""

import email
import time
import tracemalloc
from email import policy
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.content import store
from adapters.email import kinds, parts, sanitising, tongues
from adapters.email.identity import Identity, Ours, references_in, with_reference
from adapters.email.reading import Head, Reading, read, read_headers
from router.letters import Letter, Report
from tests.mail import letters
from tests.mail.town import WORDS

PEPPER = b"pepper"
IDENTITY = Identity(PEPPER)
LANGUAGES = {name: frozenset(words["words"]) for name, words in WORDS.items()}


@pytest.fixture
def read_mail(tmp_path: Path):
    def read_it(raw: bytes, largest: int = 1024 * 1024) -> tuple[Head, Letter, Path]:
        how = Reading(root=str(tmp_path), pepper=PEPPER, language="sv", languages=LANGUAGES, largest_attachment=largest)
        head = read(raw, "k1", how, False)
        folder = tmp_path / store.ARRIVING / "k1"
        return head, msgspec.json.decode((folder / store.LETTER).read_bytes(), type=Letter), folder

    return read_it


def test_a_plain_mail(read_mail) -> None:
    head, letter, folder = read_mail(letters.PLAIN)
    assert (head.sender, head.name, head.subject) == ("Kim@example.org", "Kim Kågebrand", "Förskola")
    assert head.kind == "message"
    assert head.language == "sv"
    assert letter.text == "Hej! När är det öppet och kan jag komma då?"
    assert letter.sent == 1795683600.0
    assert (folder / store.ORIGINAL).read_bytes() == letters.PLAIN


def test_the_answer_goes_where_the_writer_wants_it(read_mail) -> None:
    _, letter, _ = read_mail(letters.changed(Reply_To="Office <office@example.net>"))
    assert (letter.sender, letter.written_by) == ("office@example.net", "Kim@example.org")


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, "message"),
        ({"Auto_Submitted": "no"}, "message"),
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"Auto_Submitted": "auto-generated; type=alarm"}, "automatic"),
        ({"Auto_Submitted": "Auto-Replied (vacation)"}, "automatic"),
        ({"Return_Path": "<>"}, "automatic"),
        ({"Precedence": "bulk"}, "automatic"),
        ({"Precedence": "list"}, "list"),
        ({"List_Id": "<news.example.org>"}, "list"),
        ({"X_Autoreply": "yes"}, "automatic"),
        ({"X_Auto_Response_Suppress": "All"}, "automatic"),
        ({"X_Auto_Response_Suppress": "None"}, "message"),
        ({"From": "MAILER-DAEMON@example.org"}, "automatic"),
        ({"From": "no-reply@example.org"}, "automatic"),
        ({"From": "norep@example.org"}, "message"),
        ({"From": "news-bounces@lists.example.org"}, "automatic"),
        ({"From": ""}, "automatic"),
        ({"From": "undisclosed recipients"}, "automatic"),
        ({"Content_Type": "multipart/report; report-type=disposition-notification; boundary=b"}, "automatic"),
    ],
)
def test_who_wrote_it(read_mail, headers: dict[str, str], kind: str) -> None:
    head, _, _ = read_mail(letters.changed(**headers))
    assert head.kind == kind


def test_the_same_mail_by_another_way_is_the_same(read_mail) -> None:
    first, _, _ = read_mail(letters.PLAIN)
    again, _, _ = read_mail(b"Received: from a by b\r\nDelivered-To: skola@malmo.example\r\n" + letters.PLAIN)
    assert first.digest == again.digest


def test_mails_that_share_an_id_are_not_the_same(read_mail) -> None:
    first, _, _ = read_mail(letters.PLAIN)
    other, _, _ = read_mail(letters.PLAIN.replace(b"Hej!", b"Hoj!"))
    assert first.digest != other.digest
    nameless, _, _ = read_mail(letters.changed(Message_ID=""))
    later, _, _ = read_mail(letters.changed(Message_ID="", Date="Thu, 26 Nov 2026 10:00:01 +0100"))
    assert len({first.digest, nameless.digest, later.digest}) == 3


# ---- ids of ours -----------------------------------------------------------------------------------------------------


def test_ids_of_ours_vouch_for_themselves() -> None:
    id_ = IDENTITY.message_id("kontakt-17-4", 2, "malmo.example")
    assert IDENTITY.ours(id_) == Ours("kontakt-17-4", 2)
    assert IDENTITY.ours(id_.replace(".m2.", ".m3.")) is None
    assert Identity(b"another").ours(id_) is None
    assert IDENTITY.ours("<one@example.org>") is None


@given(st.text(max_size=60), st.text(max_size=20))
def test_a_subject_has_its_reference_number_once(subject: str, matter: str) -> None:
    reference = IDENTITY.reference(matter)
    once = with_reference(subject, reference)
    assert with_reference(once, reference) == once
    assert list(references_in(once)) == [reference]


def test_subjects_of_answers_to_answers() -> None:
    assert with_reference("SV: Re: sv: Hål i vägen [#AAAAA-BBBBB]", "CCCCC-DDDDD") == "Re: Hål i vägen [#CCCCC-DDDDD]"


def test_our_own_mail_is_known_when_it_comes_back(read_mail) -> None:
    head, _, _ = read_mail(letters.changed(Message_ID=IDENTITY.message_id("k1", 1, "malmo.example")))
    assert head.own


# ---- delivery reports ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("action", ["failed", "delayed", "delivered"])
def test_a_delivery_report_names_the_mail_it_concerns(read_mail, action: str, whole: bool) -> None:
    raw = letters.report(IDENTITY.message_id("k1", 2, "malmo.example"), action, whole=whole)
    head, letter, _ = read_mail(raw)
    assert head.kind == "report"
    assert head.report == letter.report == Report(contact="k1", message=2, delivery=action, status="5.1.1")
    assert head.ours[0] == Ours("k1", 2)


def test_a_report_about_somebody_elses_mail_is_about_none_of_ours(read_mail) -> None:
    head, _, _ = read_mail(letters.report("<one@example.org>"))
    assert head.report is None
    assert head.kind == "report"


def test_a_bounce_that_follows_no_standard_still_finds_its_mail(read_mail) -> None:
    id_ = IDENTITY.message_id("k1", 2, "malmo.example").encode()
    raw = letters.changed(Return_Path="<>", From="MAILER-DAEMON@example.org") + b"\r\nMessage-ID: " + id_ + b"\r\n"
    head, _, _ = read_mail(raw)
    assert head.kind == "automatic"
    assert head.ours == (Ours("k1", 2),)


# ---- HTML ------------------------------------------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)></svg>",
    "<iframe src='https://evil.example'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<form action='https://evil.example'><input name=a></form>",
    "<div style='background:url(https://evil.example/p.png)'>x</div>",
    "<link rel=stylesheet href='https://evil.example/a.css'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<object data='https://evil.example/a.swf'></object>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<table background='https://evil.example/p.png'><tr><td>x</table>",
    "<img src='//evil.example/p.png'>",
    "<img srcset='https://evil.example/p.png 2x'>",
    "<video poster='https://evil.example/p.png'></video>",
    "<style>@import 'https://evil.example/a.css'</style>",
]


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_of_a_strangers_html_acts_or_fetches(html: str) -> None:
    clean = sanitising.sanitise(f"<p>Hej</p>{html}").html.lower()
    assert "<p>hej</p>" in clean
    for bad in ("evil.example", "alert", "javascript", "onerror", "onload", "<script", "<style", "<form", "<iframe"):
        assert bad not in clean


@pytest.mark.parametrize("href", ["/api/v1/agents", "//evil.example", "#x", "x", "?x", "cid:x", "\\\\evil.example"])
def test_links_lead_out_or_nowhere(href: str) -> None:
    assert "href" not in sanitising.sanitise(f'<a href="{href}">x</a>').html
    assert 'href="https://malmo.example/x"' in sanitising.sanitise('<a href="https://malmo.example/x">x</a>').html
    assert 'target="_blank"' in sanitising.sanitise('<a href="https://malmo.example" target="_top">x</a>').html


FONTS = "".join(f"<font title={n} size='>{n}'>" for n in range(5000))
BOMBS = [
    "<div>" * 400_000,
    "<a><div>" * 200_000,
    "<br" * 600_000,
    f"<p>{FONTS}</p>" + "<p>x" * 50_000,
    "<p>" + "<b><i><u><s><em><tt>" * 3 + "</p><p>x" * 200_000,
]


@pytest.mark.parametrize("html", BOMBS, ids=range(len(BOMBS)))
def test_no_html_takes_a_multiple_of_its_time_or_memory(html: str) -> None:
    begun = time.process_time()
    shown = sanitising.sanitise(html)
    text = sanitising.as_text(html)
    assert time.process_time() - begun < 10
    assert len(shown.html) + len(text) < 10_000_000


def test_pictures_from_elsewhere_are_blocked_and_counted() -> None:
    shown = sanitising.sanitise(
        "<img src='https://tracker.example/1.png'><img src='cid:logo' alt='Logo'><a href='https://malmo.example'>x</a>"
    )
    assert shown.blocked == 1
    assert 'src="cid:logo"' in shown.html
    assert "tracker" not in shown.html
    assert 'rel="noopener noreferrer nofollow"' in shown.html


def test_html_alone_is_read_as_text_too(read_mail) -> None:
    _, letter, _ = read_mail(letters.with_html("<p>Hej &amp; tack<br>Kim</p><script>x</script>"))
    assert letter.text == "Hej & tack\nKim"
    _, letter, _ = read_mail(letters.with_html("<p>Hej</p>", "Hej i text"))
    assert letter.text == "Hej i text"


# ---- attachments -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("avtal.pdf", "avtal.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\a.exe", "a.exe"),
        ("a\r\nb.txt", "a b.txt"),
        ("con.txt", "_con.txt"),
        ("faktura\u202efdp.exe", "faktura fdp.exe"),
        ("räkning.pdf", "räkning.pdf"),
        ("...", "1"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_names_of_files_are_made_safe(read_mail, name: str, safe: str) -> None:
    assert (parts.safe_name(name) or "1") == safe


def test_files_lie_on_disk_under_names_of_ours(read_mail) -> None:
    _, letter, folder = read_mail(letters.with_file("../../avtal.pdf", b"%PDF", "application/pdf"))
    (one,) = letter.attachments
    assert (one.file, one.name, one.media, one.size, one.kept) == ("1", "avtal.pdf", "application/pdf", 4, True)
    assert (folder / "1").read_bytes() == b"%PDF"


def test_what_is_too_large_is_named_but_not_kept(read_mail) -> None:
    _, letter, folder = read_mail(letters.with_file("film.mp4", bytes(5000), "video/mp4"), largest=1000)
    (one,) = letter.attachments
    assert (one.kept, one.size) == (False, 5000)
    assert not (folder / "1").exists()


def test_what_outlook_packed_is_shown(read_mail) -> None:
    packed = letters.outlook("avtal.txt", b"Ett avtal.", "Hej fran Outlook")
    _, letter, folder = read_mail(letters.with_file("winmail.dat", packed, "application/ms-tnef"))
    assert [(one.name, one.within) for one in letter.attachments] == [("winmail.dat", ""), ("avtal.txt", "winmail.dat")]
    assert (folder / "2").read_bytes() == b"Ett avtal."
    assert "Hej fran Outlook" in letter.text


def test_a_broken_winmail_dat_stays_a_file(read_mail) -> None:
    _, letter, _ = read_mail(letters.with_file("winmail.dat", b"\x78\x9f\x3e\x22garbage", "application/ms-tnef"))
    assert [one.name for one in letter.attachments] == ["winmail.dat"]


# ---- anything at all -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"\0" * 1000,
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: text/plain; charset=no-such-thing\r\n\r\nHej \xe5\r\n",
        b'Content-Type: text/plain; charset="\xff"\r\n\r\nHej\r\n',
        b"Subject: =?utf-8?b?!!!?=\r\nFrom: <<>>@@\r\nDate: yesterday\r\n\r\n",
        b"From: \xff\xfe <a@b>\r\nSubject: \xff\r\n\r\n\xff",
        b"Content-Disposition: attachment; filename*=xx''%\r\n\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!not base64!!!",
        b"Content-Type: message/rfc822\r\n\r\n" * 2000,
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000)),
    ],
    ids=range(12),
)
def test_the_worst_mails_are_read(read_mail, raw: bytes) -> None:
    head, letter, folder = read_mail(raw)
    assert head.kind in ("automatic", "message")
    assert (folder / store.ORIGINAL).read_bytes() == raw
    assert isinstance(letter, Letter)


@given(st.binary(max_size=400))
def test_any_bytes_are_read(raw: bytes) -> None:
    message = email.message_from_bytes(letters.PLAIN.partition(b"\r\n\r\n")[0] + b"\r\n" + raw, policy=policy.compat32)
    parts.take_apart(message, 1000)
    kinds.kind(message, "a@b")


def test_languages_by_their_words() -> None:
    assert tongues.language_of("Hej! Jag undrar när det är öppet", LANGUAGES) == "sv"
    assert (
        tongues.language_of("Hello, when is the office open?\n> Hej! Det är öppet och jag är på plats", LANGUAGES)
        == "en"
    )
    assert tongues.language_of("???", LANGUAGES) == ""


def test_a_large_mail_takes_no_multiple_of_its_size(read_mail) -> None:
    raw = letters.with_file("bild.bin", bytes(4 * 1024 * 1024))
    tracemalloc.start()
    read_mail(raw, largest=8 * 1024 * 1024)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * len(raw)


def test_of_a_mail_that_breaks_its_reader_the_headers_are_read_and_all_is_kept(tmp_path: Path) -> None:
    how = Reading(root=str(tmp_path), pepper=PEPPER, language="sv", languages={}, largest_attachment=1000)
    head = read_headers(letters.PLAIN, "k1", how)
    assert (head.sender, head.text) == ("Kim@example.org", "")
    assert head.digest == read(letters.PLAIN, "k2", how, False).digest
    assert (tmp_path / store.ARRIVING / "k1" / store.ORIGINAL).read_bytes() == letters.PLAIN
