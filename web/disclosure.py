"""Where personal values are let out to people: the one gate in front of vault and content store.

Whoever shows a number, a name, words, files or sounds asks `Disclosure.open` for them: it holds to the rule of
`router.secrecy`, writes the look into the access log, and only then gives what can read. Nothing else in `web` can.
"""

from collections.abc import Callable, Sequence
from typing import Final

from router import secrecy
from router.api import LEADS, Caller
from router.contact import Contact
from router.inputs import Refused
from router.looking import Ground, Looked
from router.secondline import is_about
from router.state import State
from web.contactview import ContactView, agent_of
from web.house import House, Values

SECRET: Final = "this contact is secret: whoever serves it sees it, and the roles of privacy.yaml"
Find = Callable[[State], Contact]
"""Returns the contact, if the caller may see it at all; raises Refused."""


class Disclosure:
    """The gate."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def open(self, caller: Caller, find: Find, kinds: Sequence[str], *, of: str = "") -> Values:
        """Return what reads personal values of the contact that `find` finds, once the look is kept.

        `of`: an earlier contact of the same conversation whose values they are. Raises Refused.
        """

        def look(state: State, _: str) -> tuple[Contact, bool, Ground]:
            contact = find(state)
            self.check(caller, state, contact)
            return contact, secrecy.is_secret(state, contact), _ground(caller, state, contact)

        contact, secret, ground = await self._house.read(look)
        looked = Looked(
            by=caller.name,
            role=caller.role,
            agent=caller.agent,
            ground=ground,
            contact=of or contact.card.id,
            matter=contact.card.matter,
            kinds=tuple(kinds),
            secret=secret,
        )
        return await self._house.disclose(looked)

    async def open_past(self, caller: Caller, contact: str, matter: str, kinds: Sequence[str]) -> Values:
        """Return what reads values of a contact that may be over, once the look is kept. Raises Refused."""
        protected = await self._house.protected(contact)

        def look(state: State, _: str) -> bool:
            living = state.contacts.get(contact)
            if living is not None:
                self.check(caller, state, living)
            secret, roles = protected or matter in state.secret, self._house.secret_roles
            if not secrecy.may_see(secret=secret, serves=False, role=caller.role, roles=roles):
                raise Refused("secret", SECRET)
            return secret

        secret = await self._house.read(look)
        ground: Ground = "leads" if caller.role in LEADS else "role"
        looked = Looked(
            by=caller.name,
            role=caller.role,
            agent=caller.agent,
            ground=ground,
            contact=contact,
            matter=matter,
            kinds=tuple(kinds),
            secret=secret,
        )
        return await self._house.disclose(looked)

    async def check_matter(self, caller: Caller, matter: str) -> None:
        """Refuse who may not see what belongs to a matter, be it served or over. Raises Refused."""

        def look(state: State, _: str) -> bool:
            return matter in state.secret

        secret, roles = await self._house.read(look), self._house.secret_roles
        if not secrecy.may_see(secret=secret, serves=False, role=caller.role, roles=roles):
            raise Refused("secret", SECRET)

    def check(self, caller: Caller, state: State, contact: Contact) -> None:
        """Refuse who may not see what is secret. Raises Refused."""
        if not self.sees(caller, state, contact):
            raise Refused("secret", SECRET)

    def sees(self, caller: Caller, state: State, contact: Contact) -> bool:
        """Tell whether secrecy lets somebody see a contact's personal values."""
        return secrecy.may_see(
            secret=secrecy.is_secret(state, contact),
            serves=_serves(caller, state, contact),
            role=caller.role,
            roles=self._house.secret_roles,
        )

    def masked(self, view: ContactView, caller: Caller, state: State, contact: Contact) -> ContactView:
        """Return a view without what may be personal in it, for those who may not see that."""
        if not secrecy.is_secret(state, contact):
            return view
        return view.marked_secret(masked=not self.sees(caller, state, contact))


def _serves(caller: Caller, state: State, contact: Contact) -> bool:
    """Tell whether a contact is with the caller's agent, or a question about it."""
    agent = caller.agent
    return bool(agent) and (agent == agent_of(contact) or is_about(state, agent, contact.card.id))


def _ground(caller: Caller, state: State, contact: Contact) -> Ground:
    if _serves(caller, state, contact):
        return "serves"
    return "leads" if caller.role in LEADS else "role"
