"""Mail servers as cities have them: STARTTLS, without IDLE, with a certificate that is not theirs, with large mails."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from router import facts as f
from tests.mail import letters
from tests.mail.town import Town
from tests.system.house import until

pytestmark = pytest.mark.system


def change(here: Town, **more: object) -> None:
    """Change what holds for all mailboxes in mail.yaml; before the start."""
    path = here.house.config / "mail.yaml"
    written = yaml.safe_load(path.read_text())
    for name, value in more.items():
        written[name] = {**written[name], **value} if isinstance(value, dict) else value
    path.write_text(yaml.safe_dump(written, allow_unicode=True))


@pytest.mark.soak
def test_by_starttls(town: Callable[..., Town]) -> None:
    here = town(start=False)
    ports = here.post.ports
    change(
        here,
        imap={"security": "starttls", "port": ports.imap_starttls},
        smtp={"security": "starttls", "port": ports.smtp_plain},
    )
    here.house.start()
    here.write()
    here.answer(here.accept())
    here.until_mails("kim", 2)


def test_a_server_that_tells_nothing_by_itself_is_looked_at(town: Callable[..., Town]) -> None:
    here = town(start=False)
    here.post.stop()
    here.post.extra = "imap_capability = IMAP4rev1 UIDPLUS\n"  # no IDLE, no MOVE
    here.post.start()
    boxes = {name: {"done": "Mottaget", "poll": 1} for name in ("kontakt", "skola")}
    path = here.house.config / "mail.yaml"
    written = yaml.safe_load(path.read_text())
    for name, more in boxes.items():
        written["mailboxes"][name].update(more)
    path.write_text(yaml.safe_dump(written, allow_unicode=True))
    here.house.start()
    until(lambda: here.metric("vaxel_mail_mailbox_up") == 2, what="both mailboxes")
    here.write()
    here.until_contacts(1)
    until(lambda: len(here.mails("kontakt", "Mottaget")) == 1, what="the mail to be copied")
    until(lambda: here.mails("kontakt") == [], what="and to be gone")


def test_a_server_that_cannot_prove_who_it_is_gets_no_password(town: Callable[..., Town], tmp_path: Path) -> None:
    here = town(start=False)
    other = type(here.post)(tmp_path, here.post.ports, {})
    other.make_certificate()
    change(here, imap={"ca_file": str(other.certificate)}, smtp={"ca_file": str(other.certificate)})
    here.house.start()
    box = until(
        lambda: next((one for one in here.ask("GET", "/mail/mailboxes")["mailboxes"] if one["trouble"]), None),
        what="trouble",
    )
    assert "SSL" in box["trouble"]
    assert not box["up"]


def test_a_wrong_password_is_said_without_being_told(town: Callable[..., Town]) -> None:
    here = town(start=False)
    wrong = here.house.folder / "wrong"
    wrong.write_text("not-the-password")
    path = here.house.config / "mail.yaml"
    written = yaml.safe_load(path.read_text())
    written["mailboxes"]["kontakt"]["imap"]["password_file"] = str(wrong)
    path.write_text(yaml.safe_dump(written, allow_unicode=True))
    here.house.start()
    until(
        lambda: [one["trouble"] for one in here.ask("GET", "/mail/mailboxes")["mailboxes"] if one["trouble"]],
        what="trouble",
    )
    assert "not-the-password" not in here.house.log("engine")
    wrong.write_text(here.post.password_file("kontakt").read_text())  # read again at each sign-in
    until(lambda: here.metric("vaxel_mail_mailbox_up") == 2, what="both mailboxes")


def test_of_a_mail_that_is_too_large_the_beginning_is_read(town: Callable[..., Town]) -> None:
    here = town(largest_mail="300 KiB")
    here.bring(letters.with_file("film.mp4", bytes(400 * 1024), "video/mp4"))
    contact = here.accept()
    (shown,) = [one for one in here.messages(contact) if one["author"] == "citizen"]
    assert shown["truncated"]
    assert shown["text"] == "Se bilagan."


def test_without_redis_mail_waits(town: Callable[..., Town]) -> None:
    here = town(hasty=True)
    for number in range(6):
        if number in (2, 4):
            here.house.kill("redis")
        here.write(f"Brev {number}: jag är inte nöjd och det är inte bra.", Subject=f"Brev {number}")
    here.until_contacts(6)
    here.house.until_recorded(lambda record: len(record.of(f.MessageAdded, author="citizen")) == 6, what="six mails")
    assert len(here.contacts()) == 6


def test_stopping_waits_for_no_mail_server(town: Callable[..., Town]) -> None:
    here = town()
    until(lambda: here.metric("vaxel_mail_mailbox_up") == 2, what="both mailboxes")
    assert here.house.stop() == 0
    said = here.house.log("engine")
    assert '"engine.stopped"' in said
    for bad in ("Traceback", "task_died", "died"):
        assert bad not in said
