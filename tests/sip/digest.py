"""Digest as a phone does it (RFC 3261 §22, RFC 7616), and a registration for whoever will be at an address."""

import hashlib
import re
import socket
from collections.abc import Generator

from tests.sip.sipmessage import Message, token

Address = tuple[str, int]
PATIENCE_S = 2.0
TRIES = 5


def authorization(challenge: Message, method: str, uri: str, user: str, password: str) -> tuple[str, str]:
    """Return the header that answers a 401 or 407."""
    proxy = challenge.status == 407
    asked = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge["Proxy-Authenticate" if proxy else "WWW-Authenticate"]))
    first = _md5(f"{user}:{asked['realm']}:{password}")
    second = _md5(f"{method}:{uri}")
    fields = {"username": user, "realm": asked["realm"], "nonce": asked["nonce"], "uri": uri}
    more = ""
    if "qop" in asked:
        ours = token(16)
        fields["response"] = _md5(f"{first}:{asked['nonce']}:00000001:{ours}:auth:{second}")
        more = f', qop=auth, nc=00000001, cnonce="{ours}"'
    else:
        fields["response"] = _md5(f"{first}:{asked['nonce']}:{second}")
    value = "Digest " + ", ".join(f'{name}="{text}"' for name, text in fields.items()) + more
    return "Proxy-Authorization" if proxy else "Authorization", value


def registering(
    edge: Address, at: Address, user: str, password: str, expires: int = 120, over: str = "UDP"
) -> Generator[Message, Message, Message]:
    """Yield the requests of a registration; send each answer back into it. Returns with the last answer."""
    uri, call_id, tag = f"sip:{edge[0]}:{edge[1]}", token(16), token()
    transport = "" if over == "UDP" else f";transport={over.lower()}"
    number, proof = 0, ()
    while True:
        number += 1
        answer = yield Message(
            f"REGISTER {uri} SIP/2.0",
            [
                ("Via", f"SIP/2.0/{over} {at[0]}:{at[1]};rport;branch=z9hG4bK{token()}"),
                ("Max-Forwards", "70"),
                ("From", f"<sip:{user}@{edge[0]}>;tag={tag}"),
                ("To", f"<sip:{user}@{edge[0]}>"),
                ("Call-ID", call_id),
                ("CSeq", f"{number} REGISTER"),
                ("Contact", f"<sip:{user}@{at[0]}:{at[1]}{transport}>"),
                ("Expires", str(expires)),
                *proof,
            ],
        )
        if proof or answer.status != 401:
            return answer
        proof = (authorization(answer, "REGISTER", uri, user, password),)


def register(edge: Address, at: Address, password: str, *users: str, expires: int = 120) -> None:
    """Register phones at an address that nobody has bound yet: SIPp, say, will be there."""
    with socket.socket(type=socket.SOCK_DGRAM) as phone:
        phone.bind(at)
        phone.connect(edge)
        for user in users:
            assert _register(phone, registering(edge, at, user, password, expires)) == 200, user


def _register(phone: socket.socket, steps: Generator[Message, Message, Message]) -> int:
    request = next(steps)
    while True:
        answer = _ask(phone, request)
        try:
            request = steps.send(answer)
        except StopIteration:
            return answer.status


def _ask(phone: socket.socket, request: Message) -> Message:
    phone.settimeout(PATIENCE_S)
    for _ in range(TRIES):
        phone.send(request.encode())
        try:
            while (answer := Message.parse(phone.recv(65536)))["CSeq"] != request["CSeq"] or not answer.status:
                continue
        except TimeoutError:
            continue
        return answer
    raise AssertionError("the edge does not answer a REGISTER")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
