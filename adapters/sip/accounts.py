"""Accounts of pjsua2: one for each network with media of its own, one for strangers, one for each registration."""

from pathlib import Path
from typing import Any, Final, Protocol

import pjsua2 as pj

from adapters.sip.errors import CannotStart
from adapters.sip.native import Call, Graveyard, NativeCall, callback_failed, refused
from adapters.sip.settings import Network, WorkerSettings

PORTS_OF_THE_SYSTEM: Final = (0, 0)
"""Strangers, who are refused at once, take no ports from a range."""
NETWORK_HEADER: Final = "X-Vaxel-Network"
"""Tells the edge which way a request of ours goes."""
LEG_HEADER: Final = "X-Vaxel-Leg"
"""Tells the edge, and who traces there, which leg a message belongs to."""
SRTP: Final = {
    "off": pj.PJMEDIA_SRTP_DISABLED,
    "optional": pj.PJMEDIA_SRTP_OPTIONAL,
    "required": pj.PJMEDIA_SRTP_MANDATORY,
}
NO_ANSWER: Final = 408


class Incoming(Protocol):
    """Who takes new calls."""

    def network(self, source: str, text: str) -> str:
        """Return the name of the network that a request belongs to; empty for a stranger's.

        `source` is `address:port`, `text` the whole request.
        """

    def incoming(self, call: Call, network: str, text: str) -> None:
        """Take a call from a network, or a stranger's; `text` is the whole INVITE."""


class Registered(Protocol):
    """Who hears of a registration."""

    def answered(self, active: bool, code: int) -> None:
        """The registrar answered with `code`, or not (408); `active` tells whether we are registered now."""


class Account(pj.Account):  # type: ignore[misc]
    """Takes the calls of one network, or of strangers."""

    def __init__(self, graveyard: Graveyard, incoming: Incoming, network: str) -> None:
        super().__init__()
        self._graveyard = graveyard
        self._incoming = incoming
        self._network = network

    def onIncomingCall(self, prm: Any) -> None:
        try:
            call = Call(NativeCall(self._graveyard, self, prm.callId))
            rdata = prm.rdata
            try:
                self._incoming.incoming(call, self._network, rdata.wholeMsg)
            except BaseException:  # noqa: BLE001
                callback_failed("incoming_call")
                call.hang_up(500)
        except BaseException:  # noqa: BLE001
            callback_failed("incoming_call")


class Registration(pj.Account):  # type: ignore[misc]
    """Us at a registrar. PJSIP renews it in time; whoever `registered` is tries again after a failure."""

    def __init__(self) -> None:
        super().__init__()
        self.registered: Registered | None = None

    def renew(self, active: bool) -> None:
        """Register, or take the registration back. Raises SipError, also while the registrar has yet to answer."""
        try:
            self.setRegistration(active)
        except pj.Error as error:
            raise refused(error) from None

    def onRegState(self, prm: Any) -> None:
        try:
            if self.registered is not None:
                self.registered.answered(bool(self.getInfo().regIsActive), int(prm.code) or NO_ANSWER)
        except BaseException:  # noqa: BLE001
            callback_failed("registration")


def password_of(network: Network) -> str:
    """Read the password of a network; empty where there is none. Raises CannotStart."""
    if not network.password_file:
        return ""
    try:
        password = Path(network.password_file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        password = ""
    if not password:
        raise CannotStart(f"network {network.name}: no password in {network.password_file}; write it there, UTF-8")
    return password


def for_calls(settings: WorkerSettings, network: Network | None, life: str) -> Any:
    """Return how calls of a network, or of strangers, are made. Raises CannotStart."""
    config = _account(settings, network)
    config.sipConfig.contactUriParams = f";worker={life}" if life else ""
    media = config.mediaConfig
    transport = media.transportConfig
    address = settings.address
    if network is None:
        low, high = PORTS_OF_THE_SYSTEM
    else:
        low, high = network.rtp_ports if network.rtp_ports[0] else settings.rtp_ports
        address = network.address or settings.address
        transport.publicAddress = network.public_address or ("" if network.address else settings.public_address)
        transport.fixedRtpRemote = not network.behind_nat
        media.srtpUse = SRTP[network.srtp]
    transport.port, transport.portRange = low, high - low
    # A worker that is started anew does not take the ports first to which the phones of its last life may still send
    transport.randomizePort = True
    transport.boundAddress = address
    media.ipv6Use = pj.PJSUA_IPV6_ENABLED_PREFER_IPV6 if ":" in address else pj.PJSUA_IPV6_DISABLED
    # No second INVITE after an answer with several codecs: simple phones fail at it, and use the first one anyway
    media.lockCodecEnabled = False
    # Between edge and worker all is plain; TLS is between the edge and the outside
    media.srtpSecureSignaling = 0
    call = config.callConfig
    if network is not None and network.webrtc:
        _speak_webrtc(config)
    else:
        media.srtpOpt.keyings.append(pj.PJMEDIA_SRTP_KEYING_SDES)
    if settings.session_expires and not (network is not None and network.webrtc):
        call.timerUse = pj.PJSUA_SIP_TIMER_OPTIONAL
        call.timerSessExpiresSec = settings.session_expires
    else:
        call.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
    return config


def _speak_webrtc(config: Any) -> None:
    """Let calls be as browsers want them (RFC 8827, RFC 8835). Their pages renew no session timer: silence tells."""
    media, nat = config.mediaConfig, config.natConfig
    media.srtpUse = pj.PJMEDIA_SRTP_MANDATORY
    media.srtpOpt.keyings.append(pj.PJMEDIA_SRTP_KEYING_DTLS_SRTP)
    media.rtcpMuxEnabled = True
    nat.iceEnabled = nat.iceNoRtcp = nat.iceAggressiveNomination = True
    nat.iceTrickle = pj.PJ_ICE_SESS_TRICKLE_DISABLED
    nat.iceAlwaysUpdate = False


def for_registration(settings: WorkerSettings, network: Network) -> Any:
    """Return how we register at a network's registrar. Raises CannotStart."""
    config = _account(settings, network)
    config.sipConfig.contactForced = f"<{network.contact}>"
    registration = config.regConfig
    registration.registrarUri = network.registrar
    registration.registerOnAdd = False
    registration.timeoutSec = network.expires
    registration.retryIntervalSec = registration.firstRetryIntervalSec = 0
    header = pj.SipHeader()
    header.hName, header.hValue = NETWORK_HEADER, network.name
    registration.headers.append(header)
    return config


def _account(settings: WorkerSettings, network: Network | None) -> Any:
    config = pj.AccountConfig()
    user = network.user if network is not None and network.user else "vaxel"
    domain = network.domain if network is not None and network.domain else host_of(settings.address)
    config.idUri = f"sip:{user}@{domain}"
    # The edge is our only neighbour and knows where we are: nothing to be learned from Via
    config.natConfig.contactRewriteUse = config.natConfig.viaRewriteUse = config.natConfig.sipOutboundUse = 0
    if network is not None:
        if settings.edge:
            config.sipConfig.proxies.append(f"<sip:{settings.edge};lr>")
        password = password_of(network)
        if password:
            config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", network.user, 0, password))
    return config


def host_of(address: str) -> str:
    """Return an address as a URI writes it."""
    return f"[{address}]" if ":" in address else address
