"""Digest authentication as a registrar or trunk asks for it, and as a phone answers (RFC 3261 §22, RFC 2617)."""

import hashlib
import re

from tests.sip.sipmessage import Message, token

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


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
