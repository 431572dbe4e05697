"""Pages for citizens: which there are, by the configuration."""

from typing import Final

from router.api import Route, routes_of
from router.configuration import Configuration
from web.callpage import CallPageRoutes
from web.house import House
from web.nowpage import NowRoutes
from web.screens import ScreenRoutes
from web.surveypage import SurveyPageRoutes
from web.visitpage import VisitPageRoutes

STATUSES: Final[dict[str, int]] = {"no_page": 404, "callbacks_full": 503, "visits_full": 503}


def routes(core: Configuration, house: House) -> list[Route]:
    """Return what is offered to citizens without sign-in; what nobody wants to have is not there."""
    found: list[Route] = routes_of(NowRoutes(house), "now")
    if any(queue.calling.on_page for queue in core.queues.values()):
        found += routes_of(CallPageRoutes(house), "callbacks")
    if core.sites:
        found += [*routes_of(VisitPageRoutes(house), "visits"), *routes_of(ScreenRoutes(house), "screens")]
    if any(queue.survey is not None and (queue.survey.mail or queue.survey.visits) for queue in core.queues.values()):
        found += routes_of(SurveyPageRoutes(house), "survey")
    return found
