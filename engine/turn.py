"""The relay for pages from afar: our own coturn, or one that stands elsewhere; and what pages are given for it."""

import logging
from pathlib import Path

from adapters.edge.credentials import LIVE_S, issue
from adapters.edge.settings import bracketed
from adapters.turn.settings import TurnSettings
from engine.datafolder import DataFolder
from engine.installation import Installation
from web.ice import IceServer

log = logging.getLogger("vaxel.turn")


def ice_servers(
    folder: DataFolder, installation: Installation, whose: str, now: float, live: int = LIVE_S
) -> tuple[IceServer, ...]:
    """Return by whom a page's sound is relayed, if by anybody; with them it may begin calls for `live` seconds.

    `whose` stands in the name it gives there: a phone's, or a word for whoever rings without an account.
    """
    turn = installation.sip.browsers.turn
    if turn is None:
        return ()
    try:
        key = Path(turn.secret_file).read_text("utf-8").strip() if turn.urls else folder.turn_key()
    except (OSError, UnicodeDecodeError):
        # Who is near needs no relay.
        log.warning("no secret of the relay: %s cannot be read", turn.secret_file, extra={"action": "turn.secret"})
        return ()
    given = issue(whose, key, now, live)
    return (IceServer(urls=turn.urls or _urls(installation), username=given.user, credential=given.password),)


def _urls(installation: Installation) -> tuple[str, ...]:
    settings = turn_settings("", installation)
    place = f"turn:{bracketed(settings.public_address or settings.address)}:{settings.port}"
    return tuple(f"{place}?transport={way}" for way in ("udp", "tcp"))


def turn_settings(key: str, installation: Installation) -> TurnSettings:
    """Return what our own relay is told."""
    sip, turn = installation.sip, installation.sip.browsers.turn
    assert turn is not None  # who asks has looked
    return TurnSettings(
        key=key,
        address=turn.address or sip.address,
        port=turn.port,
        public_address=turn.public_address or ("" if turn.address else sip.public_address),
        relay_ports=turn.relay_ports,
        peers=sound_of_browsers(installation),
    )


def sound_of_browsers(installation: Installation) -> tuple[str, ...]:
    """Return the addresses at which workers take pages' sound."""
    sip = installation.sip
    media = sip.media.get("browsers")
    if media is not None and media.address:
        found = (media.address, media.public_address)
    else:
        found = (sip.address, (media.public_address if media is not None else "") or sip.public_address)
    return tuple(dict.fromkeys(one for one in found if one not in ("", "0.0.0.0")))
