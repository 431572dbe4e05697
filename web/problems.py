"""How a refusal is told: problem details (RFC 9457) with a stable `error_id`, never with a personal value."""

from collections.abc import Mapping
from typing import Final

import msgspec
from aiohttp import web
from msgspec import Struct

from router.inputs import Refused

MEDIA: Final = "application/problem+json"

STATUS: Final[dict[str, int]] = {
    # the request itself
    "bad_request": 400,
    "not_signed_in": 401,
    "not_allowed": 403,
    "not_your_department": 403,
    "not_yours": 403,
    "phone_not_yours": 403,
    "origin_refused": 403,
    "csrf_refused": 403,
    "password_temporary": 403,
    "password_wrong": 403,
    "password_bad": 422,
    "account_bad": 422,
    "account_disabled": 403,
    "no_role": 403,
    "openid_away": 503,
    "openid_refused": 403,
    "openid_stale": 403,
    "password_not_taken": 403,
    "unknown_department": 422,
    "no_such_path": 404,
    "method_not_allowed": 405,
    "body_too_large": 413,
    "media_not_supported": 415,
    "key_reused": 422,
    "key_bad": 400,
    "too_many_requests": 429,
    "too_many_sign_ins": 429,
    "too_busy": 503,
    "too_many_streams": 503,
    # the house
    "bug": 500,
    "not_ready": 503,
    "store_away": 503,
    # the router
    "dialling_capped": 429,
    "number_bad": 422,
    "number_capped": 429,
    "number_country": 422,
    "domain_refused": 422,
    "number_refused": 422,
    "number_withheld": 422,
    "slot_empty": 404,
    "unknown_pause": 422,
    "unknown_text": 422,
    "nothing_written": 422,
    "disk_full": 503,
    "not_said": 422,
    "not_spoken": 422,
    "nothing_chosen": 422,
    "not_invited": 403,
    "secret": 403,
    "access_log_away": 503,
    "bad_address": 422,
    "nobody_known": 422,
    "no_interpreters": 422,
    "shared_address": 422,
    "too_many_addresses": 422,
    "unknown_gap": 422,
    "unknown_reason": 422,
    "bad_factor": 422,
    "bad_skill": 422,
    "not_inside": 422,
}
"""Id to HTTP status, where `status_of` does not say it; parts of the house add their own (`web.api.Api`)."""

ALWAYS: Final = (
    "bad_request",
    "not_signed_in",
    "not_allowed",
    "not_your_department",
    "too_many_requests",
    "not_ready",
    "bug",
)
"""What any route may answer with."""
OF_BODY: Final = ("body_too_large", "media_not_supported")
"""What any route that takes a body may answer with besides."""
UNSAFE: Final = (*OF_BODY, "key_bad", "key_reused", "in_progress", "outcome_unknown")
"""What any route that changes something may answer with besides."""

TITLES: Final = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Cannot be done so",
    429: "Too many requests",
    500: "Our mistake",
    503: "Not now",
}
RETRY_AFTER_S: Final = 1


class Problem(Struct, frozen=True, kw_only=True):
    """Why something was not done (RFC 9457)."""

    type: str
    """Where `error_id` is explained."""
    title: str
    status: int
    detail: str
    error_id: str
    """Stable, for programs; docs/errors.md lists them."""
    retryable: bool
    """Whether the same request may succeed a little later."""


def status_of(error_id: str, statuses: Mapping[str, int]) -> int:
    """Return the status of an error; one that nobody gave a status is a conflict, or not there by its name."""
    return statuses.get(error_id, 404 if error_id.startswith("unknown_") else 409)


def problem(refused: Refused, statuses: Mapping[str, int] = STATUS) -> Problem:
    """Return what a refusal says."""
    status = status_of(refused.error_id, statuses)
    return Problem(
        type=f"/api#{refused.error_id}",
        title=TITLES.get(status, "Refused"),
        status=status,
        detail=str(refused),
        error_id=refused.error_id,
        retryable=refused.retryable,
    )


def answer(said: Problem) -> web.Response:
    """Return the HTTP answer."""
    response = web.Response(body=msgspec.json.encode(said), status=said.status, content_type=MEDIA)
    if said.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if said.status in (429, 503) and said.retryable:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
