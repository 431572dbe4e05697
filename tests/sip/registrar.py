"""The edge with a trunk's registrar behind it, as a worker meets them."""

import asyncio

from tests.sip.digest import CHALLENGE, proves
from tests.sip.phone import Address, Phone
from tests.sip.sipmessage import Message


class Registrar(Phone):
    """Registers whoever knows the password, and keeps all REGISTERs that did."""

    status = "200 OK"
    """What it says to those who know the password."""
    expires = 300
    accounts: dict[str, str] = {"city": "s3cret-of-the-trunk"}  # noqa: RUF012
    silent = False

    def __init__(self, user: str) -> None:
        super().__init__(user)
        self.registers: asyncio.Queue[Message] = asyncio.Queue()

    def other(self, message: Message, addr: Address) -> None:
        if message.method != "REGISTER":
            super().other(message, addr)
        elif self.silent:
            return
        elif not any(proves(message, "Authorization", *account) for account in self.accounts.items()):
            self.respond(message, addr, "401 Unauthorized", ("WWW-Authenticate", CHALLENGE))
        else:
            self.registers.put_nowait(message)
            expires = min(self.expires, int(message["Expires"]))
            granted = (("Contact", f"{message['Contact']};expires={expires}"),) if expires else ()
            self.respond(message, addr, self.status, *granted)

    async def next(self, within: float = 3.0) -> Message:
        """Wait for the next REGISTER that proves its password."""
        return await asyncio.wait_for(self.registers.get(), within)
