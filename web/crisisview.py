"""How measures of a crisis look from outside."""

from msgspec import Struct

from queues.crisis import Measures


class MeasuresView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is done in a crisis."""

    queues: tuple[str, ...] = ()
    """Those it stands before; everything when there is none."""
    until: float | None = None
    """UTC seconds at which it ends by itself."""
    callback_only: bool = False
    triage: str = ""
    """The queue in which everybody is asked first."""
    helpers: tuple[str, ...] = ()
    """Groups of agents who may help."""
    skills: dict[str, int] = {}
    """What helpers are taken to know meanwhile."""
    places: tuple[str, ...] = ()
    """Open as long as it lasts."""


def measures_view(measures: Measures) -> MeasuresView:
    """Return measures as others see them."""
    return MeasuresView(
        queues=measures.queues,
        until=measures.until,
        callback_only=measures.callback_only,
        triage=measures.triage,
        helpers=measures.helpers,
        skills={need.skill: need.level for need in measures.skills},
        places=measures.sites,
    )
