"""The page at /api: every route and every error, for people. /api/openapi.json says the same, and more, to programs."""

import html
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from router.api import Route
from web.page import STYLE
from web.problems import ALWAYS, UNSAFE, status_of


def reference(routes: Sequence[Route], statuses: Mapping[str, int]) -> str:
    """Return the page as HTML."""
    return f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vaxel: the API</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>The API</h1>
<p>Everything is below <code>/api/v1</code>, and asked with a token: <code>vaxel token add NAME --role ROLE</code>.
<a href="/api/openapi.json">The OpenAPI document</a> tells all types, limits and examples.</p>
{"".join(_group(tag, list(group)) for tag, group in groupby(routes, key=lambda route: route.tag))}
<h2>Errors</h2>
<dl>
{"".join(_error(error_id, routes, statuses) for error_id in _errors(routes, statuses))}</dl>
</main>
</body>
</html>
"""


def _group(tag: str, routes: Iterable[Route]) -> str:
    rows = "".join(_route(route) for route in routes)
    return f"<h2>{html.escape(tag.capitalize())}</h2>\n<dl>\n{rows}</dl>\n"


def _route(route: Route) -> str:
    summary, _ = route.text
    roles = ", ".join(sorted(route.roles))
    return (
        f"<dt><code>{route.method} {html.escape(route.path)}</code></dt>"
        f"<dd>{html.escape(summary)} <small>({html.escape(roles)})</small></dd>\n"
    )


def _errors(routes: Sequence[Route], statuses: Mapping[str, int]) -> list[str]:
    return sorted({*statuses, *ALWAYS, *UNSAFE, *(error_id for route in routes for error_id in route.refusals)})


def _error(error_id: str, routes: Sequence[Route], statuses: Mapping[str, int]) -> str:
    if error_id in ALWAYS:
        where = "anywhere"
    elif error_id in UNSAFE:
        where = "wherever something is changed"
    else:
        where = (
            ", ".join(
                f"<code>{route.method} {html.escape(route.path)}</code>"
                for route in routes
                if error_id in route.refusals
            )
            or "before a route is reached"
        )
    return (
        f'<dt id="{html.escape(error_id)}"><code>{html.escape(error_id)}</code></dt>'
        f"<dd>{status_of(error_id, statuses)}: {where}</dd>\n"
    )
