"""The page as a telephone by TLS alone: https and wss show the city's certificate, and a renewed one in mid-call."""

import asyncio
import base64
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.system.pagephone import ANNA, open_house, pages, session, talk, until_back
from tests.system.test_certificates import GAP_S, Links, secured, until_shown

__all__ = ["session"]
pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(120),
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]


def key_of(certificate: Path) -> str:
    """Return the hash of a certificate's public key (RFC 7469 §2.4): by that a browser is told to trust it."""
    steps = (["openssl", "x509", "-pubkey", "-noout"], ["openssl", "pkey", "-pubin", "-outform", "der"])
    data = certificate.read_bytes()
    for step in steps:
        data = subprocess.run(step, input=data, capture_output=True, check=True).stdout
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


async def test_a_call_by_tls_goes_on_when_the_certificate_is_renewed(request, session, open_phone, tmp_path):
    kept: list[Links] = []
    with open_house(request, furnish=lambda house: kept.append(secured(house))) as house:
        (links,) = kept
        port = yaml.safe_load((house.config / "vaxel.yaml").read_text())["sip"]["browsers"]["port"]
        certificate, key = links.authority.issue("city.example", file="next")
        trusted = ",".join(key_of(one) for one in (links.folder / "cert.pem", certificate))
        async with pages(house, session, tmp_path, f"--ignore-certificate-errors-spki-list={trusted}") as sign_in:
            page = await sign_in()
            assert await page.browser.evaluate("isSecureContext && location.protocol") == "https:"
            citizen = await talk(house, page, open_phone)
            assert (await page.stats())["dtls"] == "connected"
            begun = asyncio.get_running_loop().time()
            links.renew(str(certificate), str(key))
            for at in (port, house.web[1]):
                await until_shown(house, at, links.newest)
            await page.reads("Talking")
            await citizen.audio.until_hears(ANNA)
            await page.hears()
            assert citizen.audio.longest_gap(begun) < GAP_S
            # All connections anew, and by the new certificate.
            began = asyncio.get_running_loop().time()
            await page.browser.command("Page.reload")
            await until_back(page, citizen, began)
            await page.press("Hang up")
            await citizen.end(within=5)
