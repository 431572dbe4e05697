"""Mails as the world writes them, byte by byte."""

from email.message import EmailMessage
from email.policy import SMTP

PLAIN = b"""\
Return-Path: <kim@example.org>\r
From: =?utf-8?q?Kim_K=C3=A5gebrand?= <Kim@Example.ORG>\r
To: kontakt@malmo.example\r
Subject: =?iso-8859-1?q?F=F6rskola?=\r
Message-ID: <one@example.org>\r
Date: Thu, 26 Nov 2026 10:00:00 +0100\r
Content-Type: text/plain; charset=iso-8859-1\r
Content-Transfer-Encoding: 8bit\r
\r
Hej! N\xe4r \xe4r det \xf6ppet och kan jag komma d\xe5?\r
"""


def changed(**headers: str) -> bytes:
    """Return the plain mail with other headers; `_` stands for `-`, an empty one is left out."""
    head, _, body = PLAIN.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    for name, value in headers.items():
        field = name.replace("_", "-")
        lines = [line for line in lines if not line.lower().startswith(f"{field.lower()}:")]
        lines += [f"{field}: {value}"] if value else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def with_html(html: str, text: str | None = None) -> bytes:
    """Return a mail with HTML, and text beside it if there is any."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Message-ID"] = "kim@example.org", "kontakt@malmo.example", "<html@example.org>"
    if text is not None:
        mail.set_content(text)
        mail.add_alternative(html, subtype="html")
    else:
        mail.set_content(html, subtype="html")
    return mail.as_bytes()


def with_file(name: str, data: bytes, media: str = "application/octet-stream") -> bytes:
    """Return a mail with an attachment."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Message-ID"] = "kim@example.org", "kontakt@malmo.example", "<file@example.org>"
    mail.set_content("Se bilagan.")
    kind, _, subtype = media.partition("/")
    mail.add_attachment(data, maintype=kind, subtype=subtype, filename=name)
    return mail.as_bytes()


def report(message_id: str, action: str = "failed", status: str = "5.1.1", *, whole: bool = True) -> bytes:
    """Return a delivery report about a mail of ours (RFC 3464)."""
    returned = "message/rfc822" if whole else "text/rfc822-headers"
    return f"""\
Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@mail.example.org>
To: kontakt@malmo.example
Subject: Mail delivery failed
Message-ID: <report.{action}@mail.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822;nobody@example.org
Action: {action}
Status: {status}

--b
Content-Type: {returned}

From: kontakt@malmo.example
Message-ID: {message_id}
Subject: Re: hej

--b--
""".replace("\n", "\r\n").encode()


def outlook(name: str, data: bytes, text: str) -> bytes:
    """Return a winmail.dat (TNEF, MS-OXTNEF): a text and one attachment."""
    out = (0x223E9F78).to_bytes(4, "little") + (1).to_bytes(2, "little")

    def attribute(level: int, kind: int, value: bytes) -> bytes:
        checksum = sum(value) & 0xFFFF
        head = bytes([level]) + kind.to_bytes(4, "little") + len(value).to_bytes(4, "little")
        return head + value + checksum.to_bytes(2, "little")

    out += attribute(1, 0x00089006, (0x00010000).to_bytes(4, "little"))  # attTnefVersion
    out += attribute(1, 0x0002800C, text.encode("latin-1") + b"\0")  # attBody
    out += attribute(2, 0x00069002, bytes(14))  # attAttachRenddata
    out += attribute(2, 0x00018010, name.encode("latin-1") + b"\0")  # attAttachTitle
    return out + attribute(2, 0x0006800F, data)  # attAttachData
