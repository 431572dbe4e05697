"""Citizens who ring from a page, for the API: the port `web.webcalls.CallDesk`."""

from collections.abc import Sequence
from typing import Final

from adapters.edge.credentials import AGAIN, VOUCHER_S, issue, proved, voucher
from adapters.edge.settings import REALM
from adapters.redis.errors import StoreAway
from engine.house import House
from engine.phones import page_phones
from engine.turn import ice_servers
from router.api import Route, routes_of
from router.configuration import WEB_CALL
from router.facts import AnyFact, ContactArrived
from router.inputs import Refused
from router.state import State
from web.callpages import WebCalls
from web.house import House as Answering
from web.pages import Phones
from web.webcalls import STATUSES, Given, Voucher, WebCallRoutes

__all__ = ["STATUSES", "CallDesk", "routes"]

CITIZEN: Final = "citizen"
"""Who relays sound is not told whose it is."""


class CallDesk:
    """Makes vouchers, and knows them again."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.given = Given(VOUCHER_S)

    def decided(self, facts: Sequence[AnyFact], _: State) -> None:
        """Note the calls that have begun; nothing is told for it."""
        for fact in facts:
            if isinstance(fact, ContactArrived) and fact.entry.startswith(WEB_CALL):
                self.given.begun(fact.entry.split(WEB_CALL)[1])

    @property
    def settings(self) -> WebCalls:
        """Return which pages there are."""
        return self._house.loaded.installation.webcalls

    @property
    def phones(self) -> Phones | None:
        """Return where pages find the edge."""
        return page_phones(self._house.loaded.installation)

    def voucher(self, way: str) -> Voucher:
        """Return a new voucher."""
        name = voucher(way)
        return self._given(name, name, way)

    def renewed(self, name: str) -> Voucher:
        """Return a voucher for what is left of a call."""
        return self._given(name, name + AGAIN, "")

    def _given(self, name: str, user: str, way: str) -> Voucher:
        folder, installation, now = self._house.folder, self._house.loaded.installation, self._house.clock.now()
        given, browsers = issue(user, folder.browser_key(), now, VOUCHER_S), installation.sip.browsers
        return Voucher(
            name=name,
            way=way,
            realm=REALM,
            user=given.user,
            password=given.password,
            until=given.until,
            port=browsers.port,
            url=browsers.url,
            ice=ice_servers(folder, installation, CITIZEN, now, VOUCHER_S),
        )

    def proved(self, user: str, password: str) -> str:
        """Return the name of a voucher of ours, which may have ended; empty for what is none."""
        return proved(user, password, self._house.folder.browser_key())

    async def name_of(self, leg: str) -> str:
        """Return the name of the voucher by which a leg rang; empty for one that did not. Raises Refused."""
        try:
            return (await self._house.vault.get(leg)).get("voucher", "")
        except StoreAway as error:
            raise Refused("store_away", "Redis does not answer", retryable=True) from error


def routes(house: House, answering: Answering, desk: CallDesk) -> list[Route]:
    """Return what is offered to citizens' pages: nothing where there is none to ring from."""
    if not house.loaded.installation.webcalls.pages:
        return []
    return routes_of(WebCallRoutes(answering, desk), "calls")
