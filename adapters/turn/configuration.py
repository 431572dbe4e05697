"""The relay's settings to coturn's file. Pure: text out."""

from typing import Final

from adapters.turn.settings import REALM, TurnSettings

ALLOCATION_MAX_S: Final = 600
"""Until a page has to say that it is still there; one that vanished holds a port no longer."""
NONCE_S: Final = 600
ALLOCATIONS_EACH: Final = 12
"""Of one name: a page asks by UDP and by TCP from each of its networks, and may be rung again before the last are
over."""
EVERYBODY: Final = ("0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")

CONF: Final = """\
# Written by vaxel at each start: changes here are lost.
listening-ip={address}
relay-ip={address}
{external}listening-port={port}
min-port={low}
max-port={high}
realm={realm}
use-auth-secret
static-auth-secret={key}
fingerprint
stale-nonce={nonce}
max-allocate-lifetime={allocation}
user-quota={each}
total-quota={total}

# The workers' sound, by UDP, and nothing else of the house: whoever is allowed comes before whoever is not.
no-tcp-relay
no-multicast-peers
{allowed}{denied}
# What is not needed is not open.
no-tls
no-dtls
no-cli
no-rfc5780
no-software-attribute
userdb={folder}/turn.sqlite
pidfile={folder}/turnserver.pid

# Where people telephone from is nobody's business.
no-stdout-log
log-file=/dev/null
"""


def turnserver(settings: TurnSettings, folder: str) -> str:
    """Return turnserver.conf; `folder` takes what coturn wants to write."""
    low, high = settings.relay_ports
    public = settings.public_address
    return CONF.format(
        address=settings.address,
        external=f"external-ip={public}/{settings.address}\n" if public not in ("", settings.address) else "",
        port=settings.port,
        low=low,
        high=high,
        realm=REALM,
        key=settings.key,
        nonce=NONCE_S,
        allocation=ALLOCATION_MAX_S,
        each=ALLOCATIONS_EACH,
        total=high - low + 1,
        allowed="".join(f"allowed-peer-ip={peer}\n" for peer in settings.peers),
        denied="".join(f"denied-peer-ip={these}\n" for these in EVERYBODY),
        folder=folder,
    )
