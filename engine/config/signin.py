"""`sign_in:` of vaxel.yaml to `SignInSettings`: passwords, and an OpenID provider."""

from collections.abc import Collection
from pathlib import Path
from typing import Final, get_args

from engine.config.chat import secret_problem
from engine.config.document import Document
from engine.config.problems import unknown
from engine.config.schema import OpenIdTable, SignInTable
from web.accounts import AT_A_DESK, Duty
from web.ways import EVERYBODYS, OpenId, SignInSettings, is_safe

DUTIES: Final[tuple[Duty, ...]] = get_args(Duty)


def settings(document: Document, table: SignInTable, departments: Collection[str], folder: Path) -> SignInSettings:
    """Return how people sign in. Mistakes are noted in the document."""
    if table.passwords is not None and table.openid is None:
        document.say(("sign_in", "passwords"), "shuts everybody else out while there is no `openid`")
    openid = None if table.openid is None else _openid(document, table.openid, departments, folder)
    return SignInSettings(openid=openid, passwords=table.passwords)


def _openid(document: Document, table: OpenIdTable, departments: Collection[str], folder: Path) -> OpenId:
    here = ("sign_in", "openid")
    if not is_safe(table.issuer):
        document.say((*here, "issuer"), "must begin with https:// (http:// on this machine alone)")
    path = (folder / table.client_secret_file).resolve()
    if wrong := secret_problem(path, table.client_secret_file):
        document.say((*here, "client_secret_file"), wrong)
    for group, duty in table.roles.items():
        if duty not in DUTIES:
            document.say((*here, "roles", group), unknown("role", duty, DUTIES))
        elif duty in AT_A_DESK and not table.agent_claim:
            document.say((*here, "roles", group), f"a {duty} answers as an agent: say which with `agent_claim`")
    if not table.roles:
        document.say((*here, "roles"), "lets nobody in: say which groups have which role")
    for group, department in table.departments.items():
        if department != EVERYBODYS and department not in departments:
            document.say((*here, "departments", group), unknown("department", department, departments))
    return OpenId(
        issuer=table.issuer,
        client=table.client_id,
        secret_file=str(path),
        title=table.title,
        scopes=table.scopes,
        name=table.name_claim,
        groups=table.groups_claim,
        agent=table.agent_claim,
        roles={group: duty for group, duty in table.roles.items() if duty in DUTIES},
        departments=table.departments,
    )
