"""Calls and ports of pjsua2; only this module, `accounts` and `endpoint` touch it. A typed edge that keeps its rules:

- One thread: PJSIP has none of its own for signalling (`threadCnt=0`); the event loop calls `Endpoint.handle`.
- Nothing that pjsua2 hands to a callback is kept; plain values are copied out at once.
- A native call is destroyed in the turn after its DISCONNECTED, and never used again: its number is given to another
  call, and a late destructor or method would hit that one.
- Nothing but calls, accounts, log writer and endpoint is subclassed, so that no media thread ever waits for Python.
"""

import sys
from typing import Any, Final, Protocol

import pjsua2 as pj

from adapters.sip.logs import log, report_failure, without_persons
from adapters.sip.protocol import LegStats

Headers = tuple[tuple[str, str], ...]

NO_EVENTS: Final = 220_107
"""PJMEDIA_RTP_EREMNORFC2833: the far end takes no telephone-events."""


class SipError(Exception):
    """PJSIP refused what was asked; `reason` holds no personal values."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def refused(error: Any) -> SipError:
    return SipError(int(error.status), without_persons(str(error.reason)))


class CallEvents(Protocol):
    """What a call tells its leg. Called inside PJSIP, so it must be brief."""

    def call_rings(self) -> None: ...
    def call_confirmed(self) -> None: ...
    def call_ended(self, code: int) -> None: ...
    def media_changed(self) -> None: ...
    def digit(self, digit: str) -> None: ...
    def typed(self, number: int, block: bytes) -> None:
        """Packet `number` brought text, in UTF-8 that may be cut anywhere."""

    def stream_ended(self, stats: LegStats) -> None: ...
    def transfer_asked(self, refer_to: str, request: str) -> int:
        """The far end sent REFER: return the status to answer with."""

    def refer_status(self, code: int, final: bool) -> bool:
        """The far end tells of a REFER of ours: return whether to listen on."""


class Graveyard(Protocol):
    """Who destroys native calls in the next turn."""

    def born(self, native: "NativeCall") -> None: ...
    def bury(self, native: "NativeCall") -> None: ...


class Port:
    """A slot of the bridge: what goes in is heard there, what comes out is said there."""

    __slots__ = ("native",)

    def __init__(self, native: Any) -> None:
        self.native: Any = native

    def feed(self, sink: "Port") -> None:
        """Make `sink` hear this port, from the next 20 ms tick on. A failure (a port just gone) is only logged."""
        try:
            self.native.startTransmit(sink.native)
        except pj.Error as error:
            log("audio_failed", reason=refused(error).reason)

    def cut(self, sink: "Port") -> None:
        """Undo `feed`. A connection that is gone already is no error."""
        try:
            self.native.stopTransmit(sink.native)
        except pj.Error:
            pass

    def loudness(self) -> int:
        """Return how loud the last 20 ms were that came out of here, as `Recorder.level` does; 0 while nothing is fed
        by it, for then PJSIP does not look."""
        try:
            return int(self.native.getTxLevel())
        except pj.Error:
            return 0


class Player(Port):
    """Plays a WAV file, once or for ever; raises SipError when the file cannot be played."""

    __slots__ = ()

    def __init__(self, path: str, loop: bool = False) -> None:
        super().__init__(pj.AudioMediaPlayer())
        try:
            self.native.createPlayer(path, 0 if loop else pj.PJMEDIA_FILE_NO_LOOP)
        except pj.Error as error:
            raise refused(error) from None


class Recorder(Port):
    """Writes what is fed to it into a WAV file, 16-bit at the bridge's rate. Complete once destroyed."""

    __slots__ = ()

    def level(self) -> int:
        """Return how loud the last 20 ms were: 0 for silence, up to 49, in steps as those of mu-law."""
        try:
            return int(self.native.getRxLevel())
        except pj.Error:
            return 0

    def __init__(self, path: str) -> None:
        super().__init__(pj.AudioMediaRecorder())
        try:
            self.native.createRecorder(path)
        except pj.Error as error:
            raise refused(error) from None


class NativeCall(pj.Call):  # type: ignore[misc]
    """Passes PJSIP's callbacks on. None may raise: an exception would cross C++."""

    def __init__(self, graveyard: Graveyard, account: Any, number: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, number)
        self.graveyard = graveyard
        self.events: CallEvents | None = None
        graveyard.born(self)

    def onCallState(self, _prm: Any) -> None:
        try:
            info = self.getInfo()
            state, code = info.state, info.lastStatusCode
            if state == pj.PJSIP_INV_STATE_DISCONNECTED:
                events, self.events = self.events, None
                self.graveyard.bury(self)
                if events is not None:
                    events.call_ended(code)
            elif self.events is not None:
                if state == pj.PJSIP_INV_STATE_EARLY:
                    self.events.call_rings()
                elif state == pj.PJSIP_INV_STATE_CONFIRMED:
                    self.events.call_confirmed()
        except BaseException:  # noqa: BLE001
            callback_failed("call_state")

    def onCallMediaState(self, _prm: Any) -> None:
        try:
            if self.events is not None:
                self.events.media_changed()
        except BaseException:  # noqa: BLE001
            callback_failed("media_state")

    def onStreamDestroyed(self, prm: Any) -> None:
        try:
            if self.events is not None and self.getStreamInfo(prm.streamIdx).type == pj.PJMEDIA_TYPE_AUDIO:
                self.events.stream_ended(self.stats(prm.streamIdx))
        except BaseException:  # noqa: BLE001
            callback_failed("stream_destroyed")

    def onDtmfDigit(self, prm: Any) -> None:
        try:
            if self.events is not None:
                self.events.digit(prm.digit)
        except BaseException:  # noqa: BLE001
            callback_failed("dtmf_digit")

    def onCallRxText(self, prm: Any) -> None:
        try:
            if self.events is not None:
                self.events.typed(prm.seq, prm.text.encode("utf-8", "surrogateescape"))
        except BaseException:  # noqa: BLE001
            callback_failed("rx_text")

    def onCallTransferRequest(self, prm: Any) -> None:
        status = pj.PJSIP_SC_DECLINE
        try:
            if self.events is not None:
                rdata = prm.rdata
                status = self.events.transfer_asked(prm.dstUri, rdata.wholeMsg)
        except BaseException:  # noqa: BLE001
            callback_failed("transfer_request")
        prm.statusCode = status

    def onCallTransferStatus(self, prm: Any) -> None:
        listen_on = False
        try:
            if self.events is not None:
                listen_on = self.events.refer_status(prm.statusCode, prm.finalNotify)
        except BaseException:  # noqa: BLE001
            callback_failed("transfer_status")
        prm.cont = listen_on

    def onCallReplaceRequest(self, prm: Any) -> None:
        prm.statusCode = pj.PJSIP_SC_DECLINE

    def onCallRedirected(self, _prm: Any) -> Any:
        return pj.PJSIP_REDIRECT_REJECT

    def stats(self, stream: int) -> LegStats:
        stat = self.getStreamStat(stream)
        rtcp = stat.rtcp
        received, sent = rtcp.rxStat, rtcp.txStat
        jitter, far_jitter, rtt = received.jitterUsec, sent.jitterUsec, rtcp.rttUsec
        info = self.getStreamInfo(stream)
        return LegStats(
            codec=f"{info.codecName}/{info.codecClockRate}",
            packets_in=received.pkt,
            packets_out=sent.pkt,
            lost=received.loss,
            jitter_ms=jitter.mean / 1000,
            rtt_ms=rtt.mean / 1000,
            jitter_max_ms=jitter.max / 1000,
            discarded=received.discard,
            far_lost=sent.loss,
            far_jitter_ms=far_jitter.mean / 1000,
        )


class Call:
    """A SIP call of ours. After its `call_ended` every method raises SipError."""

    __slots__ = ("_audio", "_native", "_text")

    def __init__(self, native: NativeCall) -> None:
        self._native = native
        self._audio = True
        self._text = False

    def listen(self, events: CallEvents | None) -> None:
        """Name who hears of this call."""
        self._native.events = events

    def offered(self, *, audio: bool, text: bool) -> None:
        """Say what the far end offers, and is to have."""
        self._audio, self._text = audio, text

    def answer(self, code: int, headers: Headers = ()) -> None:
        """Send a response to an INVITE that came in."""
        prm = operation(headers, audio=self._audio, text=self._text)
        prm.statusCode = code
        try:
            self._native.answer(prm)
        except pj.Error as error:
            raise refused(error) from None

    def hang_up(self, code: int = 0, headers: Headers = ()) -> None:
        """End the call: final response, CANCEL or BYE. `call_ended` comes before this returns."""
        prm = operation(headers)
        prm.statusCode = code
        try:
            self._native.hangup(prm)
        except pj.Error as error:
            raise refused(error) from None

    def invite_again(self) -> None:
        """Send a re-INVITE with the session as it is; `media_changed` tells that it was accepted."""
        try:
            self._native.reinvite(operation(audio=self._audio, text=self._text))
        except pj.Error as error:
            raise refused(error) from None

    def hold(self) -> None:
        """Ask the far end to send nothing (RFC 3264 §8.4)."""
        try:
            self._native.setHold(operation(audio=self._audio, text=self._text))
        except pj.Error as error:
            raise refused(error) from None

    def resume(self) -> None:
        """Take the far end off hold."""
        prm = operation(audio=self._audio, text=self._text)
        prm.opt.flag |= pj.PJSUA_CALL_UNHOLD
        try:
            self._native.reinvite(prm)
        except pj.Error as error:
            raise refused(error) from None

    def send_digits(self, digits: str) -> None:
        """Send digits as RFC 4733 events; by INFO to a far end that takes none."""
        try:
            self._native.dialDtmf(digits)
            return
        except pj.Error as error:
            if error.status != NO_EVENTS:
                raise refused(error) from None
        prm = pj.CallSendDtmfParam()
        prm.method = pj.PJSUA_DTMF_METHOD_SIP_INFO
        prm.digits = digits
        try:
            self._native.sendDtmf(prm)
        except pj.Error as error:
            raise refused(error) from None

    def send_text(self, text: str) -> None:
        """Send text (RFC 4103): at most 384 bytes within 300 ms, or it is refused."""
        prm = pj.CallSendTextParam()
        prm.text = text
        try:
            self._native.sendText(prm)
        except pj.Error as error:
            raise refused(error) from None

    def report_transfer(self, code: int, reason: str) -> None:
        """Tell the far end, which sent REFER, how it goes; 200 and above is the end."""
        try:
            self._native.xferNotify(code, reason)
        except pj.Error as error:
            raise refused(error) from None

    def refer(self, target: str) -> None:
        """Send REFER; `refer_status` tells the outcome."""
        try:
            self._native.xfer(f"<{target}>", operation())
        except pj.Error as error:
            raise refused(error) from None

    def refer_to_call(self, other: "Call") -> None:
        """Ask the far end to take the place of us in another call of ours (RFC 3891): an attended transfer."""
        try:
            self._native.xferReplaces(other._native, operation())
        except pj.Error as error:
            raise refused(error) from None

    def port(self) -> Port | None:
        """Return the call's slot in the bridge as it is now, if it has sound; good until the next `media_changed` or
        `call_ended`."""
        try:
            info = self._native.getInfo()
            sounds = [media.audioConfSlot for media in info.media if media.type == pj.PJMEDIA_TYPE_AUDIO]
            if all(slot == pj.PJSUA_INVALID_ID for slot in sounds):
                return None
            return Port(self._native.getAudioMedia(-1))
        except pj.Error:
            return None

    def held(self) -> bool:
        """Tell whether the far end holds the audio: it wants to hear nothing (RFC 3264 §8.4)."""
        try:
            info = self._native.getInfo()
            return any(
                media.type == pj.PJMEDIA_TYPE_AUDIO and media.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD
                for media in info.media
            )
        except pj.Error:
            return False

    def packets_in(self) -> int:
        """Return how many RTP packets of audio came in so far; -1 when there is none to come."""
        try:
            stream = self._stream_of(pj.PJMEDIA_TYPE_AUDIO)
            if stream < 0:
                return -1
            stat = self._native.getStreamStat(stream)
            rtcp = stat.rtcp
            received = rtcp.rxStat
            return int(received.pkt)
        except pj.Error:
            return -1

    def text_alone(self) -> bool:
        """Tell whether text was agreed on, and no audio."""
        streams = self._stream_of(pj.PJMEDIA_TYPE_TEXT), self._stream_of(pj.PJMEDIA_TYPE_AUDIO)
        return self._text and streams[0] >= 0 > streams[1]

    def _stream_of(self, kind: int) -> int:
        """Return the number of the stream of a kind that is in use, -1 when there is none."""
        try:
            info = self._native.getInfo()
            for media in info.media:
                if media.type == kind and media.status != pj.PJSUA_CALL_MEDIA_NONE:
                    return int(media.index)
        except pj.Error:
            pass
        return -1


def owner_of_dialog(call_id: str, local_tag: str, remote_tag: str) -> CallEvents | None:
    """Return who hears of the call with this dialog, if there is such a call."""
    native = pj.Call.lookupDialog(call_id, local_tag, remote_tag)
    return native.events if isinstance(native, NativeCall) else None


def callback_failed(where: str) -> None:
    """Report the exception at hand, which must not travel into C++."""
    report_failure(where, sys.exc_info()[1])


def operation(headers: Headers = (), *, audio: bool = True, text: bool = False) -> Any:
    """Return parameters for an operation with these media."""
    prm = pj.CallOpParam(True)
    opt = prm.opt
    opt.audioCount = int(audio)
    opt.textCount = int(text)
    opt.videoCount = 0
    if headers:
        vector = prm.txOption.headers
        for name, value in headers:
            header = pj.SipHeader()
            header.hName = name
            header.hValue = value
            vector.append(header)
    return prm
