"""The phones of the configuration, for the API: the port `web.phones.PhoneDesk`."""

from collections.abc import Collection, Mapping
from typing import Final

from adapters.edge.credentials import issue
from adapters.edge.settings import REALM, Browsers
from engine.house import House
from engine.installation import Installation
from engine.turn import ice_servers
from router.dialling import PHONE
from router.inputs import PhoneGone
from web.pages import Phones
from web.phones import PhoneCredentials

EXPIRES: Final = Browsers(port=0, key="").expires


def page_phones(installation: Installation) -> Phones | None:
    """Return where pages find the edge; None while there are none that look for it."""
    browsers = installation.sip.browsers
    if not installation.serves_browsers:
        return None
    return Phones(port=browsers.port, url=browsers.url, tls=installation.web.tls is not None)


class PhoneDesk:
    """Knows what phones.yaml names."""

    def __init__(self, house: House) -> None:
        self._house = house

    @property
    def titles(self) -> Mapping[str, str]:
        """Return phones to their titles."""
        return self._house.loaded.installation.phones

    @property
    def pages(self) -> Collection[str]:
        """Return those that are pages."""
        return self._house.loaded.installation.browser_phones

    @property
    def owners(self) -> Mapping[str, str]:
        """Return those that are numbers outside, each with the agent whose it is."""
        outside = self._house.loaded.installation.outside_phones
        return {name: one.agent for name, one in outside.items()}

    def credentials(self, phone: str) -> PhoneCredentials:
        """Return with what a page registers as a phone."""
        folder, installation, now = self._house.folder, self._house.loaded.installation, self._house.clock.now()
        given, browsers = issue(phone, folder.browser_key(), now), installation.sip.browsers
        return PhoneCredentials(
            phone=phone,
            realm=REALM,
            user=given.user,
            password=given.password,
            until=given.until,
            expires=EXPIRES,
            port=browsers.port,
            url=browsers.url,
            ice=ice_servers(folder, installation, phone, now),
        )

    def began_anew(self, phone: str) -> None:
        """Ask the calls in which a phone was; the edge tells soon enough that it can be rung."""
        self._house.spine.submit(PhoneGone(phone=f"{PHONE}{phone}"))
