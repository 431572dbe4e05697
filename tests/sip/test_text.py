"""Real-time text at a real worker: PJSIP as a citizen's text telephone, and packets by hand."""

import asyncio
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import pytest

from adapters.sip import protocol as p
from tests.sip.conftest import PROMPT, WorkerProcess, write_tone
from tests.sip.engine import Engine
from tests.sip.phone import Call, Phone
from tests.sip.textphone import TextPhone

pytestmark = pytest.mark.asyncio
T140: Final = 98
RED: Final = 100


@pytest.fixture
async def textphone() -> AsyncIterator[TextPhone]:
    phone = await TextPhone.open()
    yield phone
    await phone.close()


async def answered(engine: Engine, textphone: TextPhone, worker: WorkerProcess, **media: Any) -> p.CallArrived:
    textphone.ring("sip:1000@{}:{}".format(*worker.address), **media)
    arrived = await engine.next(p.CallArrived)
    engine.do(p.Answer(0, arrived.leg), p.Hear(0, arrived.leg, p.Media(then="music")))
    await textphone.until(lambda: textphone.streams)
    return arrived


async def test_text_goes_both_ways_beside_audio(engine: Engine, worker: WorkerProcess, textphone: TextPhone) -> None:
    leg = (await answered(engine, textphone, worker)).leg
    assert set(textphone.streams) == {"audio", "text"}
    textphone.type("Hej, jag har ingen röst\n")
    assert (await engine.next(p.LineTyped, over=True)).text == "Hej, jag har ingen röst"
    engine.do(p.Show(0, leg, 1, "Välkommen"), p.Write(0, leg, "Vad gäler\b\bler"))
    await textphone.reads("Välkommen\nVad gäler\b\bler")
    assert (await engine.next(p.LineTyped, own=True, over=False, text="Vad gäller")).leg == leg
    textphone.hang_up()
    assert (await engine.next(p.LineTyped, own=True, over=True)).text == "Vad gäller"
    ended = await engine.next(p.LegEnded)
    assert ended.stats.codec.startswith("PCM")


async def test_text_alone_has_no_audio_and_is_not_taken_for_dead(
    start_worker: Callable[..., WorkerProcess], attach: Callable[..., Any], textphone: TextPhone
) -> None:
    worker = start_worker(rtp_timeout=1.0)
    engine = await attach(worker)
    arrived = await answered(engine, textphone, worker, audio=False)
    assert (arrived.text, arrived.audio) == (True, False)
    assert textphone.streams == ("text",)
    textphone.type("a")
    assert await engine.next(p.LineTyped)
    await asyncio.sleep(3)  # nothing may come: no probe, no end
    assert not engine.all(p.MediaSilent)
    assert not engine.all(p.LegEnded)
    assert textphone.streams == ("text",)
    assert '"level":1' not in worker.errors.read_text(), "nothing that goes as it should is an error"


async def test_last_words_are_read_before_text_alone_is_hung_up(
    engine: Engine, worker: WorkerProcess, textphone: TextPhone, tmp_path: Any
) -> None:
    leg = (await answered(engine, textphone, worker, audio=False)).leg
    file = write_tone(tmp_path / "bye.wav", PROMPT, 30)
    words = "Vi har stängt. " * 10
    engine.do(p.Show(0, leg, 1, words), p.Hear(0, leg, p.Media("1", (file,), "hang_up")))
    assert (await engine.next(p.PlayEnded)).play == "1"
    await engine.next(p.LegEnded, 15)
    assert words in textphone.display


async def test_nothing_is_shown_twice_to_a_new_engine(
    engine: Engine, worker: WorkerProcess, textphone: TextPhone, attach: Callable[..., Any]
) -> None:
    leg = (await answered(engine, textphone, worker)).leg
    engine.do(p.Show(0, leg, 1, "ett"), p.Show(0, leg, 2, "två"), p.Write(0, leg, "tr"))
    textphone.type("halv")
    await engine.next(p.LineTyped, own=False)
    engine.kill()
    other = await attach(worker, epoch=2)
    known = (await other.next(p.Attached)).legs[0]
    assert (known.shown, known.typing, known.writing) == (2, "halv", "tr")
    other.do(p.Show(0, leg, 2, "två"), p.Show(0, leg, 3, "fyra"), p.Write(0, leg, "e\n"))
    await textphone.reads("fyra")
    await textphone.reads("e\n")
    assert textphone.display.count("två") == 1


async def test_a_line_is_over_when_nobody_goes_on_with_it(
    engine: Engine, worker: WorkerProcess, textphone: TextPhone
) -> None:
    await answered(engine, textphone, worker)
    textphone.type("2")
    assert (await engine.next(p.LineTyped, 6, over=True)).text == "2"


async def test_a_call_without_text_has_none(engine: Engine, worker: WorkerProcess, open_phone: Any) -> None:
    phone: Phone = await open_phone()
    call = await phone.invite(worker.address)
    arrived = await engine.next(p.CallArrived)
    assert (arrived.text, arrived.audio) == (False, True)
    engine.do(p.Answer(0, arrived.leg), p.Show(0, arrived.leg, 1, "hej"))
    assert (await engine.next(p.CommandFailed)).error_id == "text_refused"
    answer = await call.response(200)
    assert "m=text" not in answer.body


# ---- packets by hand -------------------------------------------------------------------------------------------


senders: list["Sender"] = []


@pytest.fixture(autouse=True)
def close_senders() -> Iterator[None]:
    yield
    while senders:
        senders.pop().socket.close()


class Sender:
    """Text as RTP, with redundancy or without (RFC 4103), in whatever order."""

    def __init__(self, number: int) -> None:
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.number = number
        self.to = 0
        self.blocks: list[bytes] = []
        senders.append(self)

    @property
    def sdp(self) -> str:
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=text {self.socket.getsockname()[1]} RTP/AVP {RED} {T140}\r\n"
            f"a=rtpmap:{T140} t140/1000\r\na=rtpmap:{RED} red/1000\r\na=fmtp:{RED} {T140}/{T140}/{T140}\r\n"
        )

    def packet(self, text: str | bytes, redundancy: int = 2) -> bytes:
        """Return the next packet."""
        block = text.encode() if isinstance(text, str) else text
        earlier = self.blocks[-redundancy:] if redundancy else []
        self.blocks.append(block)
        self.number = (self.number + 1) & 0xFFFF
        kind = RED if earlier else T140
        head = struct.pack(">BBHII", 0x80, kind, self.number, 300 * len(self.blocks), 7)
        for age, one in enumerate(earlier):
            offset = 300 * (len(earlier) - age)
            head += struct.pack(">I", (0x80 | T140) << 24 | offset << 10 | len(one))
        return head + (bytes([T140]) if earlier else b"") + b"".join(earlier) + block

    def send(self, *packets: bytes) -> None:
        for one in packets:
            self.socket.sendto(one, ("127.0.0.1", self.to))


async def called(engine: Engine, worker: WorkerProcess, phone: Phone, number: int = 100) -> tuple[Sender, str, Call]:
    sender = Sender(number)
    call = await phone.invite(worker.address, sdp=sender.sdp)
    arrived = await engine.next(p.CallArrived)
    engine.do(p.Answer(0, arrived.leg))
    answer = await call.response(200)
    sender.to = next(int(line.split(" ")[1]) for line in answer.body.splitlines() if line.startswith("m=text"))

    return sender, arrived.leg, call


async def line(engine: Engine) -> str:
    return (await engine.next(p.LineTyped, 5, over=True)).text


async def test_lost_packets_are_made_up_for_by_those_that_follow(
    engine: Engine, worker: WorkerProcess, open_phone: Any
) -> None:
    sender, _, _ = await called(engine, worker, await open_phone())
    for i in range(30):
        packet = sender.packet(f"{i} ")
        if i < 3 or i % 3 == 2:  # who loses packets from the first one on is still taken for noise
            sender.send(packet)
    sender.send(sender.packet("\r\n"))
    assert await line(engine) == " ".join(map(str, range(30))) + " "


async def test_packets_out_of_order_are_put_in_order(engine: Engine, worker: WorkerProcess, open_phone: Any) -> None:
    sender, _, _ = await called(engine, worker, await open_phone())
    sender.send(sender.packet("0 "))
    packets = [sender.packet(f"{i} ") for i in range(1, 20)]
    for i in range(0, 18, 3):
        shuffled = packets[i : i + 3]
        random.Random(i).shuffle(shuffled)
        sender.send(*shuffled, shuffled[0])
        await asyncio.sleep(0.02)
    sender.send(packets[18], sender.packet("\r\n"))
    assert await line(engine) == " ".join(map(str, range(20))) + " "


async def test_what_is_lost_for_good_is_marked_and_typing_goes_on(
    engine: Engine, worker: WorkerProcess, open_phone: Any
) -> None:
    sender, _, _ = await called(engine, worker, await open_phone())
    sender.send(sender.packet("före "))
    for _ in range(5):
        sender.packet("borta ")
    for text in ("efter", " det", "\u2028"):
        sender.send(sender.packet(text))
        await asyncio.sleep(0.4)
    found = await line(engine)
    assert found.startswith("före ")
    assert "\ufffd" in found
    assert found.endswith("efter det")


async def test_numbers_wrap_around(engine: Engine, worker: WorkerProcess, open_phone: Any) -> None:
    sender, _, _ = await called(engine, worker, await open_phone(), number=65_530)
    for i in range(12):
        sender.send(sender.packet(f"{i} ", redundancy=0))
        await asyncio.sleep(0.01)
    sender.send(sender.packet("\n", redundancy=0))
    assert await line(engine) == " ".join(map(str, range(12))) + " "


async def test_characters_cut_apart_and_long_blocks_are_whole(
    engine: Engine, worker: WorkerProcess, open_phone: Any
) -> None:
    sender, _, _ = await called(engine, worker, await open_phone())
    whole = "år " * 200 + "سلام"
    data = whole.encode()
    for piece in (data[:401], data[401:402], data[402:]):
        sender.send(sender.packet(piece, redundancy=0))
        await asyncio.sleep(0.01)
    sender.send(sender.packet("\n", redundancy=0))
    assert await line(engine) == whole


async def test_a_flood_is_bounded_and_junk_hurts_nobody(engine: Engine, worker: WorkerProcess, open_phone: Any) -> None:
    sender, leg, _ = await called(engine, worker, await open_phone())
    for _ in range(40):
        sender.send(sender.packet("x" * 1000, redundancy=0))
        await asyncio.sleep(0.002)
    chance = random.Random(4)
    for _ in range(300):
        sender.send(sender.packet(chance.randbytes(chance.randrange(60)), redundancy=chance.randrange(3)))
        sender.send(struct.pack(">BBHII", 0x80, RED, chance.randrange(65536), 1, 7) + chance.randbytes(9))
    await asyncio.sleep(0.5)
    engine.do(p.Show(0, leg, 1, "still here"))
    engine.tell(p.Compare())
    picture = await engine.next(p.Attached)
    assert picture.legs[0].shown == 1
    assert sum(len(one.text) for one in engine.all(p.LineTyped) if one.over) < 8000
