"""A city with one real engine, and browsers that fill in its form; agents read it over REST."""

import io
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from typing import Any

import yaml
from PIL import Image

from tests.chat.town import Town
from tests.system.house import House

FORM = {
    "title": {"en": "Report a fault", "sv": "Felanmälan"},
    "done": {"en": "We look at it."},
    "languages": ["en"],
    "queue": "bench",
    "fields": {
        "what": {
            "kind": "choice",
            "label": {"en": "What is it?"},
            "choices": {"lamp": {"en": "A lamp"}, "hole": {"en": "A hole"}},
        },
        "where": {"kind": "place", "label": {"en": "Where?"}, "least": 3, "from_photo": True},
        "person": {
            "kind": "number",
            "label": {"en": "Customer number"},
            "sensitive": "masked",
            "required": False,
            "spoken": False,
        },
        "photo": {"kind": "photo", "label": {"en": "Photos"}, "required": False, "most": 2},
        "phone": {"kind": "phone", "label": {"en": "Telephone"}, "required": False},
    },
}
FLOW = {
    "start": {"form": "fault", "next": "hang_up", "otherwise": "line", "announce": "hello"},
    "line": {"queue": "bench"},
}
OLD_S = 2.2
"""After which a page is old enough for somebody to have filled it in."""


def town(house: House, **more: Any) -> Town:
    """Return a town whose form is `fault`, and whose chat page `asks` asks it."""
    (house.config / "forms.yaml").write_text(yaml.safe_dump({"forms": {"fault": FORM | more}}, sort_keys=False))
    pages = {"page": {"flow": "chat", "languages": ["en"]}, "asks": {"flow": "asks", "languages": ["en"]}}
    made = Town(house, pages=pages)
    (house.config / "flows" / "asks.yaml").write_text(yaml.safe_dump(FLOW))
    agents = yaml.safe_load((house.config / "agents.yaml").read_text())["agents"]
    house.change("agents", {"agents": {name: {"capacity": {"form": 2}} for name in agents}})
    return made


def photo(*, place: bool = True, size: tuple[int, int] = (640, 480)) -> bytes:
    """Return a JPEG as a telephone takes it, which says where: 55.60498, 13.00381."""
    exif = Image.Exif()
    exif[0x010F] = "Telephone of Kim"
    if place:
        exif[0x8825] = {1: "N", 2: (55.0, 36.0, 17.92), 3: "E", 4: (13.0, 0.0, 13.72)}
    written = io.BytesIO()
    Image.new("RGB", size, "grey").save(written, "JPEG", exif=exif, comment=b"of Kim")
    return written.getvalue()


class Browser:
    """A browser without scripts on one form."""

    def __init__(self, house: House, form: str = "fault") -> None:
        self.url = f"http://127.0.0.1:{house.web[1]}/public/v1/forms/{form}"
        self.page = ""
        self.at = ""
        self.status = 0

    def open(self) -> str:
        """Look at the form; return its token."""
        self._go(urllib.request.Request(self.url))
        return self.token

    @property
    def token(self) -> str:
        """Return the token of the page that is shown."""
        found = re.search(r'name="token" value="([^"]*)"', self.page)
        return found[1] if found else ""

    def send(self, token: str, files: tuple[tuple[str, bytes], ...] = (), **answers: str) -> str:
        """Send what was filled in; return the page that follows."""
        boundary = f"----{uuid.uuid4().hex}"
        written = [("token", None, token.encode()), *((name, None, text.encode()) for name, text in answers.items())]
        written += [(name, "IMG 1.jpg", data) for name, data in files]
        body = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
            + (f'; filename="{file}"\r\nContent-Type: image/jpeg'.encode() if file else b"")
            + b"\r\n\r\n"
            + data
            + b"\r\n"
            for name, file, data in written
        )
        media = f"multipart/form-data; boundary={boundary}"
        headers = {"Content-Type": media, "Origin": self.url.partition("/public")[0]}
        return self._go(urllib.request.Request(self.url, body + f"--{boundary}--\r\n".encode(), headers))

    def look(self) -> str:
        """Load the present page again."""
        return self._go(urllib.request.Request(self.at))

    def _go(self, request: urllib.request.Request) -> str:
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                self.page, self.at, self.status = answer.read().decode(), answer.url, answer.status
        except urllib.error.HTTPError as error:
            with error:
                self.page, self.at, self.status = error.read().decode(), error.url or "", error.code
        return self.page

    @property
    def reference(self) -> str:
        """Return the reference number that is shown."""
        found = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", self.page)
        return found[0] if found else ""
