"""A SIP phone for tests: registers, rings, is rung, talks G.711, and can misbehave. UDP, or TCP or TLS towards one
place."""

import asyncio
import re
import ssl
from collections.abc import Callable
from typing import TypeVar, cast

from tests.sip.audio import Audio
from tests.sip.digest import authorization
from tests.sip.registering import registering
from tests.sip.sipmessage import EVENT_TYPE, Message, Sdp, token

Address = tuple[str, int]
T = TypeVar("T")


class Phone(asyncio.DatagramProtocol, asyncio.Protocol):
    """One phone at one address; it may hold several calls."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.calls: dict[str, Call] = {}
        self.ringing: asyncio.Queue[Call] = asyncio.Queue()
        self.strays: list[Message] = []
        """Responses that belong to no call."""
        self.codecs: tuple[int, ...] = (8, 0, EVENT_TYPE)
        self._transport: asyncio.DatagramTransport | asyncio.Transport | None = None
        self._gone = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._buffer = b""
        self.over = "UDP"
        self.parameters = ""
        """Of the URI in Contact: `;name=value`."""
        self.contact_uri = ""
        """What Contact says instead of where it is."""
        self.password = ""
        """By which it answers a challenge; without one, a challenge is a refusal."""
        self.login = ""
        """In whose name it does so, when not in the name that its call is made in."""
        self._registering: dict[str, asyncio.Queue[Message]] = {}
        """Call-ID to the answers."""

    @classmethod
    async def open(cls, user: str = "phone", host: str = "127.0.0.1", port: int = 0) -> "Phone":
        """Return a phone on UDP."""
        loop = asyncio.get_running_loop()
        _, phone = await loop.create_datagram_endpoint(lambda: cls(user), local_addr=(host, port))
        return phone

    @classmethod
    async def connect(
        cls, to: Address, user: str = "phone", tls: ssl.SSLContext | None = None, host: str = ""
    ) -> "Phone":
        """Return a phone with a TCP connection to `to`, or a TLS one, from the address `host`."""
        loop = asyncio.get_running_loop()
        here = (host, 0) if host else None
        _, phone = await loop.create_connection(lambda: cls(user), *to, ssl=tls, local_addr=here)
        phone.over = "TCP" if tls is None else "TLS"
        return phone

    async def again(self, to: Address) -> None:
        """Connect once more, after the connection was lost."""
        await asyncio.get_running_loop().create_connection(lambda: self, *to)

    @classmethod
    async def listen(cls, user: str, host: str, tls: ssl.SSLContext | None = None) -> "Phone":
        """Return a phone that waits for a TCP or TLS connection; it speaks over the last one."""
        phone = cls(user)
        phone.over = "TCP" if tls is None else "TLS"
        phone._server = await asyncio.get_running_loop().create_server(lambda: phone, host, 0, ssl=tls)
        return phone

    async def close(self) -> None:
        """Leave everything as it is and go."""
        if self._server is not None:
            self._server.close()
        for call in self.calls.values():
            if call.audio is not None:
                call.audio.close()
        if self._transport is None:
            return
        self._transport.close()
        try:
            await asyncio.wait_for(self._gone.wait(), 1)
        except TimeoutError:  # over TLS: the other side takes no leave
            self._transport.abort()
            await self._gone.wait()

    def connection_lost(self, _exc: Exception | None) -> None:
        self._gone.set()

    async def register(
        self, edge: Address, password: str, user: str = "", expires: int = 120, aor: str = "", within: float = 3.0
    ) -> Message:
        """Register (or with `expires` 0 not any more) and return the registrar's last word."""
        steps = registering(edge, self.address, user or self.user, password, expires, self.over, aor)
        request = next(steps)
        answers = self._registering[request["Call-ID"]] = asyncio.Queue()
        while True:
            self.send(request.encode(), edge)
            answer = await asyncio.wait_for(answers.get(), within)
            try:
                request = steps.send(answer)
            except StopIteration:
                return answer

    @property
    def address(self) -> Address:
        listening = self._server.sockets[0].getsockname() if self._server is not None else None
        assert listening is not None or self._transport is not None
        host, port = (listening or cast(asyncio.Transport, self._transport).get_extra_info("sockname"))[:2]
        return str(host), int(port)

    @property
    def uri(self) -> str:
        """How to ring it."""
        return f"sip:{self.user}@{self.address[0]}:{self.address[1]}"

    async def invite(
        self,
        to: Address,
        called: str = "1000",
        headers: tuple[tuple[str, str], ...] = (),
        codecs: tuple[int, ...] | None = None,
        display: str = "",
        sdp: str | None = None,
        direction: str = "sendrecv",
        profile: str = "RTP/AVP",
        media_host: str = "",
    ) -> "Call":
        """Send an INVITE; the call returned tells what comes of it."""
        call = Call(self, to, token(16), inbound=False)
        call.audio = await Audio.open(self.address[0])
        call.remote_uri = f"sip:{called}@{to[0]}:{to[1]}"
        call.remote_party = f"<{call.remote_uri}>"
        call.local_party = f"{display}<{self.uri}>;tag={token()}".lstrip()
        call.codecs = self.codecs if codecs is None else codecs
        call.direction = direction
        call.profile = profile
        call.media_host = media_host
        self.calls[call.id] = call
        call.offer(headers, sdp)
        return call

    async def next_call(self, within: float = 3.0) -> "Call":
        """Wait to be rung."""
        return await asyncio.wait_for(self.ringing.get(), within)

    # ---- transport ---------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]

    def send(self, data: bytes, to: Address) -> None:
        """Send bytes, whatever they are."""
        if self._transport is None or self._transport.is_closing():
            return
        if self.over != "UDP":
            cast(asyncio.Transport, self._transport).write(data)
        else:
            cast(asyncio.DatagramTransport, self._transport).sendto(data, to)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, rest = self._buffer.partition(b"\r\n\r\n")
            found = re.search(rb"(?:Content-Length|\bl)\s*:\s*(\d+)", head, re.IGNORECASE)
            size = int(found[1]) if found else 0
            if len(rest) < size:
                return
            self._buffer = rest[size:]
            self.datagram_received(head + b"\r\n\r\n" + rest[:size], self._transport.get_extra_info("peername")[:2])

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if not data.strip():
            return
        message = Message.parse(data)
        call = self.calls.get(message["Call-ID"])
        if call is None and message.method == "INVITE" and not message.status and ";tag=" not in message["To"]:
            call = self.calls[message["Call-ID"]] = Call(self, addr, message["Call-ID"], inbound=True)
            call.invited(message)
            self.ringing.put_nowait(call)
        elif call is not None:
            call.take(message)
        elif message["Call-ID"] in self._registering:
            self._registering[message["Call-ID"]].put_nowait(message)
        elif message.status:
            self.strays.append(message)
        elif message.method != "ACK":
            self.other(message, addr)

    def other(self, message: Message, addr: Address) -> None:
        """Answer a request that belongs to no call."""
        self.respond(message, addr, "481 Gone")

    def respond(self, message: Message, addr: Address, status: str, *headers: tuple[str, str]) -> None:
        """Answer a request outside of calls."""
        copied = [h for h in message.headers if h[0] in COPIED]
        self.send(Message(f"SIP/2.0 {status}", [*copied, *headers]).encode(), addr)


COPIED = ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq")


class Call:
    """One call of a phone, either way."""

    def __init__(self, phone: Phone, remote: Address, call_id: str, inbound: bool) -> None:
        self.phone = phone
        self.remote = remote
        self.id = call_id
        self.inbound = inbound
        self.messages: list[Message] = []
        """All that came."""
        self.audio: Audio | None = None
        self.codecs: tuple[int, ...] = phone.codecs
        self.direction = "sendrecv"
        self.media_host = ""
        """The address in SDP, where it is not our own."""
        self.profile = "RTP/AVP"
        """With RTP/SAVP a key is offered, and no audio is to be understood."""
        self.remote_sdp: Sdp | None = None
        self.remote_uri = ""
        self.remote_party = ""
        self.local_party = ""
        self.ended = False
        self.answered = False
        """We sent 200."""
        self.answers_reinvite = True
        self.routes: list[str] = []
        """Through which proxies our requests go (RFC 3261 §12.1)."""
        self.answers_refer = 202, "Accepted"
        self._cseq = 1
        self._sent: dict[str, tuple[tuple[tuple[str, str], ...], str, str]] = {}
        """Method to headers, body and its type of the last request."""
        self._proved: set[str] = set()
        """CSeq of challenges that have been answered."""
        self._invite: Message | None = None
        self._changed = asyncio.Event()

    # ---- waiting -----------------------------------------------------------------------------------------------

    async def until(self, found: Callable[[], T | None], within: float = 3.0, what: str = "that") -> T:
        """Wait until `found` returns something."""
        async with asyncio.timeout(within):
            while not (result := found()):
                self._changed.clear()
                await self._changed.wait()
        return result

    async def response(self, status: int, method: str = "INVITE", within: float = 3.0) -> Message:
        """Wait for a response to one of our requests."""

        def found() -> Message | None:
            return next((m for m in self.messages if m.status == status and m.method == method), None)

        return await self.until(found, within)

    async def final(self, method: str = "INVITE", within: float = 3.0) -> Message:
        """Wait for any final response."""
        return await self.until(
            lambda: next((m for m in self.messages if m.status >= 200 and m.method == method), None), within
        )

    async def request(self, method: str, within: float = 3.0) -> Message:
        """Wait for a request from the other side."""
        return await self.until(
            lambda: next((m for m in self.messages if not m.status and m.start.startswith(f"{method} ")), None), within
        )

    async def end(self, within: float = 3.0) -> None:
        """Wait until the other side has ended the call."""
        await self.until(lambda: self.ended or None, within)

    # ---- what we do --------------------------------------------------------------------------------------------

    def offer(self, headers: tuple[tuple[str, str], ...] = (), sdp: str | None = None) -> None:
        """Send an INVITE or re-INVITE."""
        self._invite = self._request("INVITE", headers, str(self._sdp()) if sdp is None else sdp, "application/sdp")

    def ring(self) -> None:
        """Send 180."""
        self._respond(180, "Ringing")

    async def answer(self, codecs: tuple[int, ...] | None = None) -> "Audio":
        """Send 200 with an answer."""
        self.audio = self.audio or await Audio.open(self.phone.address[0])
        assert self.remote_sdp is not None
        wanted = self.phone.codecs if codecs is None else codecs
        self.codecs = tuple(kind for kind in wanted if kind in self.remote_sdp.types)
        if self.remote_sdp.event_type:
            self.codecs = (*(c for c in self.codecs if c != EVENT_TYPE), self.remote_sdp.event_type)
        self._agree()
        self._respond(200, "OK", str(self._sdp(answers=True)))
        self.answered = True
        return self.audio

    def reject(self, status: int, reason: str = "No", *headers: tuple[str, str]) -> None:
        """Send a final response that isn't 200."""
        self.ended = True
        if self._invite is not None:
            self._reply(self._invite, status, reason, "", *headers)

    def cancel(self) -> None:
        """Take our INVITE back."""
        assert self._invite is not None
        headers = [h for h in self._invite.headers if h[0] in ("Via", "From", "To", "Call-ID", "Max-Forwards")]
        number = self._invite["CSeq"].split(" ")[0]
        start = self._invite.start.replace("INVITE", "CANCEL")
        self.phone.send(Message(start, [*headers, ("CSeq", f"{number} CANCEL")]).encode(), self.remote)

    def bye(self) -> None:
        """Hang up. What we rang has to have answered: sound may come before the 200 that goes through proxies."""
        assert self.inbound or self.remote_sdp is not None, "not answered yet: cancel it"
        self.ended = True
        self._request("BYE")

    def hold(self, direction: str = "sendonly") -> None:
        """Send a re-INVITE with another direction; `0.0.0.0` holds as RFC 2543 did, by the address."""
        if direction == "0.0.0.0":
            self.offer(sdp=str(self._sdp()).replace(self.phone.address[0], direction))
        else:
            self.direction = direction
            self.offer()

    def refer(self, target: str, *more: tuple[str, str]) -> None:
        """Ask the other side to go elsewhere (RFC 3515): to an address, or a whole value of Refer-To."""
        value = target if "<" in target else f"<{target}>"
        self._request("REFER", (("Refer-To", value), ("Referred-By", f"<{self.phone.uri}>"), *more))

    def notify(self, fragment: str, state: str = "active;expires=60") -> None:
        """Tell how a transfer goes that the other side asked for."""
        headers = (("Event", "refer"), ("Subscription-State", state))
        self._request("NOTIFY", headers, f"{fragment}\r\n", "message/sipfrag;version=2.0")

    @property
    def dialog(self) -> str:
        """How a Replaces names this call, as the other side sees it (RFC 3891)."""
        theirs, ours = (party.rpartition("tag=")[2] for party in (self.remote_party, self.local_party))
        return f"{self.id};to-tag={theirs};from-tag={ours}"

    async def told(self, status: int, within: float = 3.0) -> Message:
        """Wait for the NOTIFY that tells this status of a transfer we asked for."""

        def found() -> Message | None:
            return next((m for m in self.messages if m.method == "NOTIFY" and f"SIP/2.0 {status}" in m.body), None)

        return await self.until(found, within)

    def info_digit(self, digit: str, bare: bool = False) -> None:
        """Send a key by INFO; `bare` in the other of the two ways."""
        body = digit if bare else f"Signal={digit}\r\nDuration=160\r\n"
        self._request("INFO", (), body, "application/dtmf" if bare else "application/dtmf-relay")

    # ---- what comes --------------------------------------------------------------------------------------------

    def invited(self, message: Message) -> None:
        """We are rung."""
        self.messages.append(message)
        self._invite = message
        self.local_party = f"{message['To']};tag={token()}"
        self.remote_party = message["From"]
        self.remote_uri = _uri(message["Contact"])
        self.routes = message.all("Record-Route")
        self.remote_sdp = Sdp.parse(message.body)
        self._respond(100, "Trying")

    def take(self, message: Message) -> None:
        """Act on a message of this call."""
        if message.status in (401, 407) and self._prove(message):
            return
        self.messages.append(message)
        if message.status:
            self._response(message)
        elif message.method == "INVITE":
            self._invite = message
            self.remote_sdp = Sdp.parse(message.body)
            if self.answers_reinvite and ";tag=" in message["To"]:
                self._agree()
                self._respond(200, "OK", str(self._sdp(answers=True)))
        elif message.method == "CANCEL":
            self._reply(message, 200, "OK")
            if not self.answered:
                self._respond(487, "Request Terminated")
                self.ended = True
        elif message.method == "BYE":
            self._reply(message, 200, "OK")
            self.ended = True
            if self.audio is not None:
                self.audio.stop()
        elif message.method == "REFER":
            self._reply(message, *self.answers_refer)
        elif message.method != "ACK":
            self._reply(message, 200, "OK")
        self._changed.set()

    def _prove(self, challenge: Message) -> bool:
        """Send a request again, with digest; False when that has been of no use, or there is no password."""
        method, phone = challenge.method, self.phone
        headers, body, kind = self._sent[method]
        if challenge["CSeq"] not in self._proved:
            if not phone.password or any("uthorization" in name for name, _ in headers):
                return False
            self._proved.add(challenge["CSeq"])
            login = phone.login or self.local_party.partition("sip:")[2].partition("@")[0]
            proof = authorization(challenge, method, self.remote_uri, login, phone.password)
            again = self._request(method, (*headers, proof), body, kind)
            self._invite = again if method == "INVITE" else self._invite
        if method == "INVITE":
            self._ack(challenge)
        return True

    def _response(self, message: Message) -> None:
        if message.method != "INVITE" or message.status < 200:
            return
        if message.status < 300:
            self.remote_party = message["To"]
            self.remote_uri = _uri(message["Contact"]) or self.remote_uri
            self.routes = self.routes or message.all("Record-Route")[::-1]
            self.remote_sdp = Sdp.parse(message.body)
            self._agree()
        else:
            self.ended = not self.remote_sdp
        self._ack(message)

    def _ack(self, message: Message) -> None:
        success = message.status < 300
        via = f"SIP/2.0/{self.phone.over} {self._here};branch=z9hG4bK{token()}" if success else message["Via"]
        start = f"ACK {self.remote_uri} SIP/2.0"
        number = message["CSeq"].split(" ")[0]
        headers = [("Via", via), ("Max-Forwards", "70"), ("From", message["From"]), ("To", message["To"])]
        headers += self._route() if success else []
        self.phone.send(
            Message(start, [*headers, ("Call-ID", self.id), ("CSeq", f"{number} ACK")]).encode(), self.remote
        )

    def _agree(self) -> None:
        """Point our audio to where the other side wants it."""
        if self.audio is None or self.remote_sdp is None:
            return
        self.audio.remote = self.remote_sdp.host, self.remote_sdp.port
        self.audio.event_type = self.remote_sdp.event_type
        spoken = [kind for kind in self.remote_sdp.types if kind in self.codecs and kind < 96]
        if spoken:
            self.audio.payload_type = spoken[0]

    # ---- building ----------------------------------------------------------------------------------------------

    def _contact(self) -> str:
        phone = self.phone
        transport = "" if phone.over == "UDP" else f";transport={phone.over.lower()}"
        return f"<{phone.contact_uri or phone.uri}{transport}{phone.parameters}>"

    def _route(self) -> list[tuple[str, str]]:
        return [("Route", route) for route in self.routes]

    @property
    def _here(self) -> str:
        return f"{self.phone.address[0]}:{self.phone.address[1]}"

    def _sdp(self, answers: bool = False) -> Sdp:
        assert self.audio is not None
        direction = self.direction
        if answers and self.remote_sdp is not None:
            opposite = {"sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
            direction = opposite.get(self.remote_sdp.direction, self.direction)
        return Sdp(
            self.media_host or self.phone.address[0], self.audio.port, self.codecs, direction, profile=self.profile
        )

    def _request(
        self, method: str, headers: tuple[tuple[str, str], ...] = (), body: str = "", kind: str = ""
    ) -> Message:
        self._cseq += 1
        self._sent[method] = headers, body, kind
        message = Message(
            f"{method} {self.remote_uri} SIP/2.0",
            [
                ("Via", f"SIP/2.0/{self.phone.over} {self._here};rport;branch=z9hG4bK{token()}"),
                ("Max-Forwards", "70"),
                *self._route(),
                ("From", self.local_party),
                ("To", self.remote_party),
                ("Call-ID", self.id),
                ("CSeq", f"{self._cseq} {method}"),
                ("Contact", self._contact()),
                *headers,
                *([("Content-Type", kind)] if body else []),
            ],
            body,
        )
        self.phone.send(message.encode(), self.remote)
        return message

    def _respond(self, status: int, reason: str, body: str = "") -> None:
        if self._invite is not None:
            self._reply(self._invite, status, reason, body)

    def _reply(self, request: Message, status: int, reason: str, body: str = "", *more: tuple[str, str]) -> None:
        headers = [h for h in request.headers if h[0] in COPIED and h[0] != "To"]
        party = self.local_party if ";tag=" not in request["To"] and status > 100 else request["To"]
        headers.append(("To", party))
        headers += more if "Contact" in dict(more) else [("Contact", self._contact()), *more]
        if body:
            headers.append(("Content-Type", "application/sdp"))
        self.phone.send(Message(f"SIP/2.0 {status} {reason}", headers, body).encode(), self.remote)


def _uri(contact: str) -> str:
    found = re.search(r"<([^>]*)>", contact)
    return found[1] if found else contact.partition(";")[0]
