"""Registering at the edge, step by step, and for whoever will be at an address."""

import socket
from collections.abc import Generator

from tests.sip.digest import authorization
from tests.sip.sipmessage import Message, token

Address = tuple[str, int]
PATIENCE_S = 2.0
TRIES = 5


def registering(
    edge: Address, at: Address, user: str, password: str, expires: int = 120, over: str = "UDP", aor: str = ""
) -> Generator[Message, Message, Message]:
    """Yield the requests of a registration; send each answer back into it. Returns with the last answer. `aor` is in
    whose name, where that is not `user`."""
    uri, call_id, tag = f"sip:{edge[0]}:{edge[1]}", token(16), token()
    transport = "" if over == "UDP" else f";transport={over.lower()}"
    number, proof = 0, ()
    name = aor or user
    while True:
        number += 1
        answer = yield Message(
            f"REGISTER {uri} SIP/2.0",
            [
                ("Via", f"SIP/2.0/{over} {at[0]}:{at[1]};rport;branch=z9hG4bK{token()}"),
                ("Max-Forwards", "70"),
                ("From", f"<sip:{name}@{edge[0]}>;tag={tag}"),
                ("To", f"<sip:{name}@{edge[0]}>"),
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
