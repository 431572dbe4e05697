"""Accounts over HTTP: administrators let people in and out. Every change stands in the access log."""

import asyncio
from typing import Annotated, Final

from msgspec import Meta, Struct, structs

from router.api import Asked, Caller, Example, Id, Role, route
from router.boundary import BOUND
from router.inputs import Refused
from web import accounts
from web.accounts import ROLE, Account, AccountError, Duty
from web.house import House
from web.sessions import Sessions

ADMIN: Final[frozenset[Role]] = frozenset({"admin"})
WRONG: Final = ("account_bad", "unknown_department", "unknown_agent")

Departments = Annotated[tuple[Annotated[str, Meta(max_length=128)], ...], Meta(max_length=100)]
Title = Annotated[str, Meta(max_length=100)]


class OneAccount(Asked, frozen=True):
    """An account."""

    account: Id


class NewAccount(Asked, frozen=True):
    """Somebody who is to sign in."""

    name: Annotated[str, Meta(max_length=30)]
    duty: Duty
    agent: Annotated[str, Meta(max_length=128)] = ""
    title: Title = ""
    """As colleagues read it."""
    departments: Departments = ()
    """Whose contacts and people are this one's business; empty for all."""


class ChangedAccount(Asked, frozen=True):
    """What somebody does from now on; what is left out stays."""

    account: Id
    duty: Duty | None = None
    agent: Annotated[str, Meta(max_length=128)] | None = None
    title: Title | None = None
    departments: Departments | None = None


class AccountView(Struct, frozen=True, kw_only=True):
    """An account, without what is secret."""

    name: str
    title: str
    duty: Duty
    agent: str
    departments: tuple[str, ...]
    disabled: bool
    temporary: bool
    """The first password has not been replaced yet."""
    elsewhere: bool
    """Signs in by OpenID Connect: has no password here."""
    changed: float
    """UTC seconds."""


class Accounts(Struct, frozen=True):
    """All accounts, and the words that they are made of."""

    accounts: tuple[AccountView, ...]
    departments: dict[str, dict[str, str]]
    """Department to its names by language."""
    agents: tuple[str, ...]


class FirstPassword(Struct, frozen=True):
    """An account with its first password, which is told this once."""

    account: AccountView
    password: str


class AccountRoutes:
    """Carries out what is asked about accounts."""

    def __init__(self, house: House, sessions: Sessions) -> None:
        self._house = house
        self._sessions = sessions

    @route("GET", "/accounts", roles=ADMIN, examples=(Example(summary="All", asked=Asked()),))
    async def list_all(self, _: Caller, asked: Asked) -> Accounts:
        """List who may sign in."""
        agents = await self._house.read(lambda state, _: tuple(sorted(state.configuration.agents)))
        views = tuple(account_view(one) for one in self._sessions.accounts.all().values())
        return Accounts(views, {name: dict(titles) for name, titles in self._house.departments.items()}, agents)

    @route(
        "POST",
        "/accounts",
        roles=ADMIN,
        refusals=(*WRONG, "account_exists"),
        unkept=True,
        examples=(Example(summary="A guide", asked=NewAccount(name="anna", duty="guide", agent="guide01")),),
    )
    async def add(self, _: Caller, asked: NewAccount) -> FirstPassword:
        """Let somebody sign in.

        The first password is told this once, and good for choosing another; so an Idempotency-Key is not heeded here.
        """
        await self._check(asked.agent, asked.departments, asked.duty)
        if asked.name in self._sessions.accounts.all():
            raise Refused("account_exists", f"there is an account {asked.name} already")
        password, account = await self._made(asked)
        try:
            await self._sessions.add(account)
        except AccountError as error:
            raise Refused("account_exists", str(error)) from error
        return FirstPassword(account_view(account), password)

    @route(
        "PUT",
        "/accounts/{account}",
        roles=ADMIN,
        refusals=("unknown_account", "last_administrator", *WRONG),
        examples=(
            Example(
                summary="Leads a department",
                asked=ChangedAccount(account="lars", duty="supervisor", departments=("social",)),
                given="lars has an account",
            ),
        ),
    )
    async def change(self, _: Caller, asked: ChangedAccount) -> AccountView:
        """Change what somebody does; sessions from before end."""
        account = self._known(asked.account)
        named = {"duty": asked.duty, "agent": asked.agent, "title": asked.title, "departments": asked.departments}
        fields = {name: value for name, value in named.items() if value is not None}
        changed = structs.replace(account, **fields)
        await self._check(changed.agent, changed.departments, changed.duty)
        return await self._put(asked.account, **fields)

    @route(
        "POST",
        "/accounts/{account}/password",
        roles=ADMIN,
        refusals=("unknown_account", "signs_in_elsewhere"),
        unkept=True,
        examples=(Example(summary="Forgotten", asked=OneAccount(account="lars"), given="lars has an account"),),
    )
    async def password(self, _: Caller, asked: OneAccount) -> FirstPassword:
        """Give somebody another first password, told this once; sessions end."""
        if self._known(asked.account).subject:
            raise Refused("signs_in_elsewhere", "this account has no password here: it signs in by OpenID Connect")
        password = accounts.invent()
        kept = await asyncio.to_thread(accounts.hashed, password)
        return FirstPassword(await self._put(asked.account, hash=kept, temporary=True), password)

    @route(
        "POST",
        "/accounts/{account}/disable",
        roles=ADMIN,
        refusals=("unknown_account", "last_administrator"),
        examples=(Example(summary="On leave", asked=OneAccount(account="lars"), given="lars has an account"),),
    )
    async def disable(self, _: Caller, asked: OneAccount) -> AccountView:
        """Let somebody in no longer; sessions and event streams end within two seconds."""
        self._known(asked.account)
        return await self._put(asked.account, disabled=True)

    @route(
        "POST",
        "/accounts/{account}/enable",
        roles=ADMIN,
        refusals=("unknown_account",),
        examples=(Example(summary="Back again", asked=OneAccount(account="lars"), given="lars has an account"),),
    )
    async def enable(self, _: Caller, asked: OneAccount) -> AccountView:
        """Let somebody in again."""
        self._known(asked.account)
        return await self._put(asked.account, disabled=False)

    @route(
        "DELETE",
        "/accounts/{account}",
        roles=ADMIN,
        refusals=("unknown_account", "last_administrator"),
        examples=(Example(summary="Left the city", asked=OneAccount(account="lars"), given="lars has an account"),),
    )
    async def remove(self, _: Caller, asked: OneAccount) -> None:
        """Forget an account; what was done with it stays in the access log."""
        self._known(asked.account)
        try:
            await self._sessions.remove(asked.account)
        except AccountError as error:
            raise _refusal(error) from error

    # ---- inside --------------------------------------------------------------------------------------------------

    def _known(self, name: str) -> Account:
        account = self._sessions.accounts.get(name)
        if account is None:
            raise Refused("unknown_account", "there is no such account")
        return account

    async def _made(self, asked: NewAccount) -> tuple[str, Account]:
        def work() -> tuple[str, Account]:
            return accounts.make(
                asked.name,
                asked.duty,
                self._house.now(),
                agent=asked.agent,
                title=asked.title,
                departments=tuple(sorted(set(asked.departments))),
            )

        try:
            return await asyncio.to_thread(work)
        except AccountError as error:
            raise _refusal(error) from error

    async def _put(self, name: str, **fields: object) -> AccountView:
        now = self._house.now()
        try:
            changed = await self._sessions.change(name, lambda one: structs.replace(one, changed=now, **fields))
        except AccountError as error:
            raise _refusal(error) from error
        return account_view(changed)

    async def _check(self, agent: str, departments: tuple[str, ...], duty: Duty) -> None:
        """Refuse words that the configuration does not know, and duties that lack something. Raises Refused."""
        for name in departments:
            if name not in self._house.departments:
                raise Refused("unknown_department", "reasons.yaml names no such department")
        if agent and not await self._house.read(lambda state, _: agent in state.configuration.agents):
            raise Refused("unknown_agent", "there is no such agent")
        try:
            accounts.check_duty(duty, agent, departments)
        except AccountError as error:
            raise _refusal(error) from error


def account_view(account: Account) -> AccountView:
    """Return what is told of an account."""
    return AccountView(
        name=account.name,
        title=account.title or account.name,
        duty=account.duty,
        agent=account.agent,
        departments=account.departments if ROLE[account.duty] in BOUND else (),
        disabled=account.disabled,
        temporary=account.temporary,
        elsewhere=bool(account.subject),
        changed=account.changed,
    )


def _refusal(error: AccountError) -> Refused:
    return Refused(error.error_id, str(error))
