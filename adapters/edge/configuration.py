"""The edge's settings to Kamailio's files. Pure: text out, nothing is read but `routes.cfg` beside this module."""

import re
from importlib.resources import files
from ipaddress import ip_address, ip_network
from typing import Final

from adapters.edge.credentials import VOUCHER_S
from adapters.edge.settings import REALM, EdgeSettings, Trunk, bracketed

RINGING_MAX_MS: Final = 3_600_000
"""How long a call may ring at the edge: workers and engine have their own, shorter times."""
WORKER_SILENT_MS: Final = 2_000
"""A worker answers each INVITE at once with 100: one that does not is left out."""
OUTSIDE_SILENT_MS: Final = 4_000
CALL_MAX_S: Final = 43_200
"""For how long the edge remembers a call that nobody ends."""
PING_FLAG: Final = 1
SET_OF_WORKERS: Final = 1
STATISTICS: Final = (
    "refused_banned",
    "refused_flood",
    "refused_size",
    "refused_malformed",
    "refused_digest",
    "refused_stranger",
    "refused_method",
    "refused_number",
    "refused_voucher",
    "refused_trunk",
    "refused_certificate",
    "refused_rate",
    "refused_no_worker",
    "bans",
)
"""What it counts since its start; `adapters.edge.client` reads them."""

ERRORS: Final = -1
TALKATIVE: Final = ("db_sqlite", "auth_db", "usrloc", "dispatcher", "jsonrpcs", "tls")
"""Modules whose errors are logged at every level: they tell of trouble in the house, and nothing of messages."""

AUTHORITIES: Final = "/etc/ssl/certs/ca-certificates.crt"
ASK_TRUNKS_EVERY: Final = 5
"""Seconds between OPTIONS to TLS trunks, whose answer shows the certificate."""

HEAD: Final = """\
#!KAMAILIO
# Written by vaxel at each start: changes here are lost.

debug={log_level}
log_stderror=yes
fork=yes
children=2
tcp_children=2
# The first process loads the registrations: nobody answers before, who would say that no phone is there.
wait_worker1_mode=1
wait_worker1_usleep=1000
auto_aliases=no
dns=no
rev_dns=no
use_dns_cache=on
# A name server that is away must not hold up calls for long.
dns_retr_time=1
dns_retr_no=1
dns_servers_no=2
dns_cache_negative_ttl=30
dns_try_naptr=no
server_header="Server: Vaxel"
user_agent_header="User-Agent: Vaxel"
sip_warning=0
pv_buffer_size=16384
tcp_connection_lifetime={tcp_lifetime}
tcp_max_connections=4096
tcp_keepalive=yes
tcp_keepidle=20
tcp_keepintvl=5
tcp_keepcnt=3
tcp_crlf_ping=yes
tcp_rd_buf_size={message_bytes}
"""

MODULES: Final = (
    "debugger kex tm tmx sl rr pv maxfwd textops siputils sanity htable statistics db_sqlite auth auth_db usrloc "
    "registrar nathelper dialog dispatcher pike pipelimit ipops jsonrpcs"
)


class Unwritable(Exception):
    """Something cannot be written into Kamailio's files; the text is for the user."""

    error_id = "edge_unwritable"
    retryable = False


TLS_MODULES: Final = "tls tcpops rtimer"
BROWSER_MODULES: Final = "xhttp websocket auth_ephemeral"


def kamailio(settings: EdgeSettings) -> str:
    """Return kamailio.cfg."""
    return "\n".join((_head(settings), _parameters(settings), _routes(settings), _trunks(settings)))


def dispatcher(settings: EdgeSettings) -> str:
    """Return the list of workers; their states are set by the engine."""
    lines = [f"{SET_OF_WORKERS} sip:{address} 8 0 socket=udp:{settings.inner}\n" for _, address in settings.workers]
    return "".join(lines)


def tls(settings: EdgeSettings) -> str:
    """Return tls.cfg: a profile for who connects to us, and one for each trunk that we connect to."""
    browsers = settings.browsers
    parts = []
    if settings.tls is not None:
        ours = _shows(settings.tls.certificate, settings.tls.key)
        nobody = f"[client:default]\nmethod = TLSv1.2+\nverify_certificate = yes\nrequire_certificate = yes\n{ours}"
        parts = [_server("default", ours), nobody, *(_client(trunk, ours) for trunk in _by_tls(settings))]
    if browsers is not None and browsers.tls:
        theirs = _shows(browsers.tls, browsers.tls)
        if not parts:
            parts.append(_server("default", theirs))
        parts.append(_server(f"{bracketed(settings.address)}:{browsers.port}", theirs))
    return "\n".join(parts)


def _shows(certificate: str, key: str) -> str:
    return f"certificate = {_plain(certificate)}\nprivate_key = {_plain(key)}\n"


def _server(name: str, shows: str) -> str:
    return f"[server:{name}]\nmethod = TLSv1.2+\nverify_certificate = no\nrequire_certificate = no\n{shows}"


def _speaks_tls(settings: EdgeSettings) -> bool:
    return settings.tls is not None or (settings.browsers is not None and settings.browsers.tls != "")


def _client(trunk: Trunk, ours: str) -> str:
    return (
        f"[client:any]\nserver_id = {trunk.name}\nserver_name = {trunk.named}\nmethod = TLSv1.2+\n"
        f"verify_certificate = yes\nrequire_certificate = yes\nca_list = {_plain(trunk.ca_file or AUTHORITIES)}\n{ours}"
    )


def _by_tls(settings: EdgeSettings) -> list[Trunk]:
    return [trunk for trunk in settings.trunks if trunk.transport == "tls" and trunk.host]


def _apart(settings: EdgeSettings) -> list[Trunk]:
    """Return trunks for which the edge listens at an address of their own; one for each address."""
    own = {trunk.address: trunk for trunk in settings.trunks if trunk.address not in ("", settings.address)}
    return list(own.values())


def _head(settings: EdgeSettings) -> str:
    limits = settings.limits
    head = HEAD.format(
        log_level=settings.log_level,
        tcp_lifetime=settings.registration.expires + 30,
        message_bytes=limits.message_bytes,
    )
    # One process hears the workers: a phone's BYE must not be overtaken by the INVITE of its next call.
    lines = [head, "socket_workers=1", f"listen=udp:{settings.inner}"]
    advertised = f" advertise {settings.front}" if settings.public_address else ""
    lines += [f"listen={kind}:{settings.public}{advertised}" for kind in ("udp", "tcp")]
    for trunk in _apart(settings):
        advertised = f" advertise {settings.front_of(trunk)}" if trunk.public_address else ""
        lines += [f"listen={kind}:{settings.public_of(trunk)}{advertised}" for kind in ("udp", "tcp")]
    if _speaks_tls(settings):
        lines.append("enable_tls=yes")
    if settings.tls is not None:
        lines.append(_listening(settings, "tls", settings.tls.port))
    if settings.browsers is not None:
        # A request of HTTP without a body says nothing of its length.
        lines += ["tcp_accept_no_cl=yes", "#!define BROWSERS", *(["#!define FRONTED"] * settings.browsers.fronted)]
        lines.append(_listening(settings, "tls" if settings.browsers.tls else "tcp", settings.browsers.port))
    return "\n".join(lines) + "\n"


def _listening(settings: EdgeSettings, kind: str, port: int) -> str:
    public = f"{bracketed(settings.public_address)}:{port}"
    advertised = f" advertise {public}" if settings.public_address else ""
    return f"listen={kind}:{bracketed(settings.address)}:{port}{advertised}"


def _parameters(settings: EdgeSettings) -> str:
    limits, registration = settings.limits, settings.registration
    modules = MODULES.split() + (TLS_MODULES.split() if _speaks_tls(settings) else [])
    modules += BROWSER_MODULES.split() if settings.browsers is not None else []
    modules += ["siptrace"] if settings.tracer else []
    parameters: list[tuple[str, str, str | int]] = [
        ("debugger", "mod_hash_size", 4),
        ("debugger", "mod_level_mode", 1),
        *(("debugger", "mod_level", f"{module}={ERRORS}") for module in TALKATIVE),
        ("tm", "failure_reply_mode", 3),
        ("tm", "fr_timer", 8000),
        ("tm", "max_inv_lifetime", RINGING_MAX_MS + 60_000),
        ("rr", "enable_full_lr", 1),
        ("rr", "append_fromtag", 0),
        ("auth", "nonce_expire", 120),
        ("auth", "qop", "auth"),
        ("auth_db", "db_url", f"sqlite:///{settings.phones}"),
        ("auth_db", "version_table", 0),
        ("auth_db", "calculate_ha1", 0),
        ("usrloc", "db_url", f"sqlite:///{settings.location}"),
        ("usrloc", "db_mode", 2),
        ("usrloc", "version_table", 0),
        ("usrloc", "timer_interval", 1),
        ("usrloc", "timer_procs", 1),
        ("usrloc", "handle_lost_tcp", 1),
        ("usrloc", "db_clean_tcp", 1),
        ("registrar", "default_expires", registration.expires),
        ("registrar", "max_expires", registration.expires),
        ("registrar", "min_expires", min(30, registration.expires)),
        ("registrar", "xavp_cfg", "regcfg"),
        ("registrar|nathelper", "received_avp", "$avp(received)"),
        ("usrloc", "nat_bflag", PING_FLAG),
        ("nathelper", "natping_interval", registration.ping),
        ("nathelper", "ping_nated_only", 1),
        ("nathelper", "sipping_bflag", PING_FLAG),
        # Without a port: answers are known by it, and PJSIP, as a phone, drops ports in From (RFC 3261 §19.1.1)
        ("nathelper", "sipping_from", f"sip:edge@{settings.host}"),
        ("nathelper", "keepalive_timeout", registration.silent if registration.ping else 0),
        ("dialog", "profiles_with_value", "life"),
        ("dialog", "dlg_match_mode", 1),
        ("dialog", "default_timeout", CALL_MAX_S),
        ("dialog", "early_timeout", RINGING_MAX_MS // 1000),
        ("dialog", "end_timeout", 30),
        ("dispatcher", "list_file", settings.workers_file),
        ("dispatcher", "flags", 2),
        ("dispatcher", "ds_ping_interval", 1),
        ("dispatcher", "ds_ping_from", f"sip:edge@{settings.inner}"),
        ("dispatcher", "ds_probing_mode", 1),
        ("dispatcher", "ds_probing_threshold", 2),
        ("dispatcher", "reload_delta", 0),
        ("pike", "sampling_time_unit", 2),
        ("pike", "reqs_density_per_unit", 2 * limits.requests_per_second),
        ("pike", "remove_latency", 10),
        ("pike", "pike_log_level", 4),
        ("pipelimit", "timer_interval", 1),
        ("htable", "timer_interval", 5),
        ("htable", "htable", "workers=>size=4;"),
        ("htable", "htable", "addresses=>size=4;"),
        ("htable", "htable", "lives=>size=4;"),
        ("htable", "htable", f"failures=>size=10;autoexpire={limits.ban};initval=0;"),
        ("htable", "htable", f"bans=>size=10;autoexpire={limits.ban};"),
        ("htable", "htable", f"vouchers=>size=10;autoexpire={2 * VOUCHER_S};initval=0;"),
        *(("statistics", "variable", name) for name in STATISTICS),
        ("jsonrpcs", "transport", 4),
        ("jsonrpcs", "pretty_format", 0),
        ("jsonrpcs", "dgram_socket", settings.socket),
        ("jsonrpcs", "dgram_mode", 0o600),
    ]
    if settings.browsers is not None:
        parameters += [
            ("auth_ephemeral", "secret", settings.browsers.key),
            ("websocket", "keepalive_mechanism", 1),
            ("websocket", "keepalive_timeout", settings.browsers.expires),
        ]
    if _speaks_tls(settings):
        parameters += [
            ("tls", "config", settings.tls_file),
            ("tls", "xavp_cfg", "tls"),
            ("htable", "htable", f"verified=>size=4;autoexpire={4 * ASK_TRUNKS_EVERY};"),
        ]
    if settings.tracer:
        parameters += [("siptrace", name, value) for name, value in _tracing(settings)]
    if _by_tls(settings):
        parameters += [
            ("rtimer", "timer", f"name=trunks;interval={ASK_TRUNKS_EVERY};mode=1;"),
            ("rtimer", "exec", "timer=trunks;route=ASK_TRUNKS"),
        ]
    lines = [f'loadmodule "{module}.so"' for module in modules]
    lines += [f'modparam("{module}", "{name}", {_literal(value)})' for module, name, value in parameters]
    return "\n".join(lines) + "\n"


def _tracing(settings: EdgeSettings) -> tuple[tuple[str, str | int], ...]:
    """Return how each message that comes or goes is copied, as it is on the wire, by HEP version 3."""
    return (
        ("duplicate_uri", f"sip:{settings.tracer}"),
        ("send_sock_addr", f"sip:{settings.inner}"),
        ("hep_mode_on", 1),
        ("hep_version", 3),
        ("trace_to_database", 0),
        ("trace_init_mode", 1),
        ("trace_mode", 1),
        ("trace_on", 1),
    )


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else f'"{_plain(value)}"'


def _plain(text: str) -> str:
    """Return a text that needs no escaping, as all names of the configuration are; a path may be otherwise.

    Raises Unwritable.
    """
    if not text.isprintable() or any(sign in text for sign in '"\\\n!'):
        raise Unwritable(f"Kamailio cannot take {text!r}: let the path hold letters, digits, -, _, . and / only")
    return text


def _routes(settings: EdgeSettings) -> str:
    names: dict[str, str | int] = {
        "INNER_PORT": settings.inner_port,
        "INNER_SOCKET": f"udp:{settings.inner}",
        "MESSAGE_MAX": settings.limits.message_bytes,
        "FAILURES_MAX": settings.limits.failures,
        "REALM": REALM,
        "PING_FLAG": PING_FLAG,
        "RINGING_MAX_MS": RINGING_MAX_MS,
        "WORKER_SILENT_MS": WORKER_SILENT_MS,
        "OUTSIDE_SILENT_MS": OUTSIDE_SILENT_MS,
        "FRONT": settings.front,
        "BROWSER_PORT": settings.browsers.port if settings.browsers is not None else 0,
    }
    text = files(__package__).joinpath("routes.cfg").read_text("utf-8")
    known = re.compile(r"\b(" + "|".join(names) + r")\b")
    return known.sub(lambda found: str(names[found[1]]), text)


def _trunks(settings: EdgeSettings) -> str:
    """Return the routes that name workers and trunks."""
    workers = "".join(
        f'    $sht(workers=>{address}) = "{name}";\n    $sht(addresses=>{name}) = "{address}";\n'
        for name, address in settings.workers
    )
    sources = "".join(_by_source(trunk) for trunk in settings.trunks)
    incoming = "".join(_incoming(trunk) for trunk in settings.trunks)
    outgoing = "".join(_outgoing(settings, trunk) for trunk in settings.trunks if trunk.host)
    fronts = "".join(
        f'    if ($avp(with) == "{trunk.name}") {{\n        $var(front) = "{settings.front_of(trunk)}";\n    }}\n'
        for trunk in settings.trunks
        if settings.front_of(trunk) != settings.front
    )
    within = "".join(_within(trunk) for trunk in _by_tls(settings))
    checked = _checked(_by_tls(settings)) if _by_tls(settings) else ""
    return f"""\
event_route[htable:mod-init] {{
{workers}}}

route[TRUNK_BY_SOURCE] {{
{sources}    $avp(from) = "phone";
}}

route[FROM_TRUNK] {{
{incoming}    return;
}}

route[TO_TRUNK] {{
{outgoing}    update_stat("refused_trunk", "+1");
    sl_send_reply("403", "No Such Trunk");
    exit;
}}

route[WITHIN_TO_TRUNK] {{
{within}    return;
}}

# Where whoever a message goes to sees the edge.
route[FRONT_OF] {{
    $var(front) = "{settings.front}";
{fronts}}}
{checked}"""


def _by_source(trunk: Trunk) -> str:
    checks = [f"src_ip=={_network(source)}" for source in trunk.sources]
    if trunk.host and _is_address(trunk.host):
        checks.append(f"src_ip=={_network(trunk.host)}")
    elif trunk.host:
        checks.append(f'dns_int_match_ip("{trunk.host}", "$si")')
    return f'    if ({" || ".join(checks)}) {{\n        $avp(from) = "{trunk.name}";\n        return;\n    }}\n'


def _network(text: str) -> str:
    network = ip_network(text)
    whole = network.prefixlen == network.max_prefixlen
    address = bracketed(str(network.network_address))
    return address if whole else f"{address}/{network.prefixlen}"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _incoming(trunk: Trunk) -> str:
    """Return what is asked of a call from a trunk: not too many in a second, and a number that it serves."""
    lines = [
        f'    if ($avp(from) == "{trunk.name}") {{',
        f'        if (!pl_check("{trunk.name}", "TAILDROP", "{trunk.calls_per_second}")) {{',
        '            update_stat("refused_rate", "+1");',
        '            append_to_reply("Retry-After: 5\\r\\n");',
        '            sl_send_reply("503", "Too Many Calls");',
        "            exit;",
        "        }",
    ]
    if trunk.registers:
        # Where we are registered, calls come to the account; who was called stands in To.
        only = trunk.numbers[0] if len(trunk.numbers) == 1 else ""
        lines += [f'        if ($rU == "{trunk.user}") {{', "            $rU = $tU;", "        }"]
        if only:
            lines += [f'        if ($rU == "{trunk.user}") {{', f'            $rU = "{only}";', "        }"]
    if trunk.numbers:
        served = " && ".join(f'$rU != "{number}"' for number in trunk.numbers)
        lines += [
            f"        if ({served}) {{",
            '            update_stat("refused_number", "+1");',
            '            sl_send_reply("404", "Not Served Here");',
            "            exit;",
            "        }",
        ]
    return "\n".join([*lines, "        return;", "    }", ""])


def _outgoing(settings: EdgeSettings, trunk: Trunk) -> str:
    way = f'$fs = "udp:{settings.public_of(trunk)}";'
    if trunk.transport == "tcp":
        way = f'$fs = "tcp:{settings.public_of(trunk)}";' if trunk.address else "$fs = $null;"
    elif trunk.transport == "tls":
        way = "route(OVER_CHECKED_TLS);"
    return f"""\
    if ($avp(with) == "{trunk.name}") {{
        if (!is_method("REGISTER")) {{
            $ru = "sip:" + $rU + "@{_uri(trunk)}";
        }}
        $du = "sip:{_uri(trunk)}";
        {way}
        return;
    }}
"""


def _within(trunk: Trunk) -> str:
    return f'    if ($avp(with) == "{trunk.name}") {{\n        route(OVER_CHECKED_TLS);\n    }}\n'


def _uri(trunk: Trunk) -> str:
    return trunk.place + ("" if trunk.transport == "udp" else f";transport={trunk.transport}")


def _profile(trunk: Trunk) -> str:
    return f'$xavp(tls=>server_id) = "{trunk.name}";\n        $xavp(tls[0]=>server_name) = "{trunk.named}";'


def _checked(trunks: list[Trunk]) -> str:
    """Return what keeps calls from a TLS trunk whose certificate names somebody else.

    Kamailio's TLS checks who signed a certificate, but not whom it names. So each trunk is asked by OPTIONS, which tell
    nothing; the connection over which the right certificate's owner answers is remembered, and what is said to the
    trunk goes over that connection or not at all.
    """
    asking = "".join(
        f"""\
        {_profile(trunk)}
        $var(parties) = "From: <sip:edge@{trunk.place}>\\r\\nTo: <sip:{trunk.name}@{trunk.place}>\\r\\n";
        t_uac_send("OPTIONS", "sip:{_uri(trunk)}", "", "", "$var(parties)", "");
"""
        for trunk in trunks
    )
    answers = "".join(
        f"""\
        if ($tU == "{trunk.name}") {{
            $var(trunk) = "{trunk.name}";
            $var(name) = "{trunk.named}";
        }}
"""
        for trunk in trunks
    )
    return f"""
route[ASK_TRUNKS] {{
{asking}}}

reply_route {{
    if ($pr == "tls" && is_method("OPTIONS")) {{
        $var(trunk) = "";
        $var(name) = "?";
{answers}        if ($tls_peer_subject_cn == $var(name) || $tls_peer_san_hostname == $var(name)) {{
            $sht(verified=>$var(trunk)) = $conid;
        }}
    }}
}}

route[OVER_CHECKED_TLS] {{
    if ($sht(verified=>$avp(with)) == $null || !tcp_conid_alive("$sht(verified=>$avp(with))")) {{
        update_stat("refused_certificate", "+1");
        sl_send_reply("503", "No Checked Connection");
        exit;
    }}
    tcp_set_otcpid("$sht(verified=>$avp(with))");
    tcp_set_otcpid_flag("1");
    set_forward_no_connect();
}}
"""
