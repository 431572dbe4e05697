"""Digest authentication as a registrar or trunk asks for it (RFC 3261 §22, RFC 2617)."""

import hashlib
import re

from tests.sip.sipmessage import Message

REALM = "trunk.example"
NONCE = "a1b2c3"
CHALLENGE = f'Digest realm="{REALM}", nonce="{NONCE}", qop="auth", algorithm=MD5'


def proves(request: Message, header: str, user: str, password: str) -> bool:
    """Tell whether a request's Authorization or Proxy-Authorization was made with the password."""
    said = dict(re.findall(r'(\w+)="?([^",]*)"?', request[header].partition(" ")[2]))
    if not said:
        return False
    secret = _md5(f"{user}:{REALM}:{password}")
    what = _md5(f"{request.start.split(' ')[0]}:{said['uri']}")
    expected = _md5(f"{secret}:{NONCE}:{said['nc']}:{said['cnonce']}:auth:{what}")
    return bool(said["username"] == user and said["response"] == expected)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
