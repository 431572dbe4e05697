"""Who citizens are and what they need, with gate, mail and history behind it: the port `web.people.Citizens`."""

import re
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from typing import Final

from adapters.history import pooled
from adapters.history.answers import PastContact
from adapters.history.errors import HistoryError
from adapters.history.settings import HistorySettings
from adapters.redis.errors import StoreAway
from engine.house import House
from engine.interpreters import on_duty
from router.dialling import NotDialled
from router.inputs import OnDuty, Refused
from router.ports import Secret
from router.state import State
from web.people import STORY_MAX, Chapter, DepartmentView, Reason, Titles

_MAIL: Final = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,255}")


class Citizens:
    """One engine's."""

    def __init__(self, house: House, history: HistorySettings | None) -> None:
        """`history` is None where none is kept."""
        self._house = house
        self._history = history
        installation = house.loaded.installation
        self._known = installation.citizens
        self._interpreting = installation.interpreting
        self.departments: Sequence[DepartmentView] = [
            DepartmentView(
                department=name,
                title=one.title,
                queues=one.queues,
                reasons=tuple(Reason(f"{name}.{reason}", title) for reason, title in one.reasons.items()),
            )
            for name, one in installation.departments.items()
        ]
        self.gaps: Sequence[Reason] = [Reason(gap, title) for gap, title in installation.gaps.items()]

    @property
    def needs(self) -> Mapping[str, Titles]:
        """Need to its names."""
        return self._known.needs

    @property
    def languages(self) -> Mapping[str, Titles]:
        """Language for which there is somebody in particular to its names."""
        return self._known.languages

    @property
    def interpreted(self) -> Mapping[str, str]:
        """Language that is interpreted to its title."""
        return {language: one.title for language, one in self._interpreting.items()}

    def known_by(self, written: str) -> tuple[str, tuple[Secret, ...]]:
        """Return the pseudonym of who has a number or mail address, and what the vault is to keep. Raises Refused."""
        if "@" in written:
            address = written.strip().lower()
            if not _MAIL.fullmatch(address):
                raise Refused("bad_address", "this is no mail address")
            return self._house.person_of(address), ()
        try:
            meaning = self._house.dialplan.outside(written)
        except NotDialled as error:
            raise Refused(error.error_id, str(error)) from None
        assert meaning.destination is not None  # what the gate lets pass
        return meaning.destination.address.removeprefix("number:"), self._house.telephones.keep_number(meaning)

    # ---- interpreters ------------------------------------------------------------------------------------------

    def duty(self, language: str, state: State) -> tuple[tuple[OnDuty, ...], tuple[Secret, ...]]:
        """Return who interprets a language and can be rung, in order, and what the vault is to keep."""
        line = self._interpreting.get(language)
        found = on_duty(line.rung, self._house.dialplan.number, state) if line is not None else []
        secrets = tuple(secret for _, meaning in found for secret in self._house.telephones.keep_number(meaning))
        return tuple(one for one, _ in found), secrets

    # ---- what was ----------------------------------------------------------------------------------------------

    async def matter_of(self, reference: str) -> str:
        """Return the matter that citizens know by a number. Raises Refused."""
        post = self._house.post
        try:
            matter = await post.matter_of(reference) if post is not None else None
        except StoreAway as error:
            raise Refused("store_away", "Redis does not answer", retryable=True) from error
        if matter is None:
            raise Refused("unknown_reference", "no matter has this number")
        return matter

    async def past(self, persons: Collection[str], matter: str) -> Sequence[Chapter] | None:
        """Return contacts of the past, newest first; None when they cannot be asked for now."""
        if self._history is None:
            return ()
        try:
            found = await self._house.pool(pooled.find_story, self._history, tuple(persons), matter)
        except (HistoryError, BrokenExecutor):
            return None
        return [_chapter(one, matter) for one in found[:STORY_MAX]]


def _chapter(past: PastContact, matter: str) -> Chapter:
    agents = dict.fromkeys(segment.agent for segment in past.segments if segment.agent)
    return Chapter(
        contact=past.id,
        channel=past.channel,
        began=past.began,
        ended=past.ended,
        outcome=past.outcome,
        queue=past.queue,
        language=past.language,
        agents=tuple(agents),
        matter=past.matter,
        same="matter" if past.matter == matter else "person",
        reason=past.reason,
        avoidable=past.avoidable,
        gap=past.gap,
        follow_up=past.follow_up,
    )
