"""Is a process ready to serve? Imported by the supervisor, so only light modules here."""

import socket
import stat
from pathlib import Path
from typing import Final

ANSWER_WITHIN_S: Final = 0.2
QUESTIONS: Final = {
    socket.SOCK_STREAM: (b"PING\r\n", b"+PONG"),
    socket.SOCK_DGRAM: (b'{"jsonrpc":"2.0","id":1,"method":"core.uptime"}', b'{"jsonrpc":"2.0"'),
}
"""What Redis is asked over its stream socket and Kamailio over its datagram socket, and how their answers begin."""


def answers(path: str) -> bool:
    """Tell whether the program behind this Unix socket serves."""
    return any(_asks(path, kind) for kind in QUESTIONS) if _is_socket(path) else False


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(Path(path).stat().st_mode)
    except OSError:
        return False


def _asks(path: str, kind: socket.SocketKind) -> bool:
    question, wanted = QUESTIONS[kind]
    with socket.socket(socket.AF_UNIX, kind) as probe:
        probe.settimeout(ANSWER_WITHIN_S)
        try:
            if kind == socket.SOCK_DGRAM:
                probe.bind("")
            probe.connect(path)
            probe.sendall(question)
            return probe.recv(4096).startswith(wanted)
        except OSError:
            return False
