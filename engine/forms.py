"""Forms that citizens fill in, put together in one engine."""

from collections.abc import Awaitable, Callable, Collection, Mapping

from adapters.directory.resolving import Candidate
from adapters.email.identity import Identity
from adapters.forms import routes as form_routes
from adapters.forms.seal import Seal
from adapters.forms.serving import Forms, Known
from adapters.redis.vault import person_id
from engine.dialplan import Dialplan
from engine.installation import Installation
from engine.pool import Pool
from engine.writing import Doors
from router.api import Route
from router.dialling import NotDialled
from router.inputs import Refused
from router.letters import Contents
from router.looking import AccessLog
from router.ports import Secret

STATUSES = form_routes.STATUSES
KeepNumber = Callable[..., tuple[Secret, ...]]


def forms(
    installation: Installation,
    doors: Doors,
    contents: Contents,
    pool: Pool,
    pepper: bytes,
    dialplan: Dialplan,
    keep_number: KeepNumber,
) -> Forms:
    """Return what takes the forms of an installation; `keep_number` returns what is kept so that it can be called."""
    identity = Identity(pepper)

    def number(written: str) -> Known:
        try:
            meaning = dialplan.candidate(Candidate(way="number", number=written))
        except NotDialled:  # nobody may be called there; whoever reads the form sees what was written
            return Known()
        assert meaning.destination is not None  # what the gate lets pass
        return Known(meaning.destination.address.removeprefix("number:"), keep_number(meaning))

    return Forms(
        installation.forms,
        doors,
        contents,
        pool,
        Seal(pepper),
        person=lambda address: person_id(address, pepper),
        number=number,
        reference=identity.reference,
        found_by=lambda reference: identity.owner("reference", reference),
    )


def _there(found: Callable[[], Forms | None]) -> Forms:
    forms = found()
    if forms is None:
        raise Refused("not_ready", "the engine is still starting", retryable=True)
    return forms


def routes(found: Callable[[], Forms | None]) -> list[Route]:
    """Return what is offered to citizens' browsers, before the house is open too."""
    return form_routes.routes(lambda: _there(found))


def desk_routes(
    found: Callable[[], Forms | None],
    spoken: Callable[[str], Awaitable[Mapping[str, float]]],
    log: Callable[[], AccessLog],
    secret_roles: Collection[str],
) -> list[Route]:
    """Return what is offered behind sign-in."""
    return form_routes.desk_routes(lambda: _there(found), spoken, log, secret_roles)
