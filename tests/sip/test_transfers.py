"""Transfers: phones ask and nobody is dialled; and we ask a trunk to connect two others itself."""

import asyncio
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sip import protocol as p
from adapters.sip.refer import Dialog, ReferTo, read_refer_to
from adapters.sip.settings import Network
from tests.sip.conftest import MUSIC
from tests.sip.test_sound import answered, bridged

ELSEWHERE = "sip:+46401234@127.0.0.1:9"
AGENTS = (Network(name="phones", sources=("127.0.0.1/32",), phones=True),)
TRUNKS = (Network(name="operator", sources=("127.0.0.2/32",), may_assert=True),)


@pytest.fixture
def worker(start_worker):
    """Return a worker between phones (127.0.0.1) and a trunk (127.0.0.2)."""
    return start_worker(networks=AGENTS + TRUNKS)


async def asked(engine, call, target=f"<{ELSEWHERE}>"):
    """Ask for a transfer; return what the engine is told."""
    call.refer(target)
    await call.response(202, "REFER")
    return await engine.next(p.TransferAsked)


async def test_a_phone_asks_and_is_told_the_outcome(worker, engine, open_phone):
    call, leg, rung = await bridged(worker, engine, open_phone)
    told = await asked(engine, rung, f'"Å" <{ELSEWHERE};transport=udp?Subject=x>;p=1')
    assert (told.leg, told.target, told.replaces) == ("a1", f"{ELSEWHERE};transport=udp", "")
    await rung.told(100)
    engine.do(p.ReportTransfer(0, "a1", 180))
    await rung.told(180)
    engine.do(p.ReportTransfer(0, "a1", 200, "Här\r\nX: y"))
    last = await rung.told(200)
    assert last["Subscription-State"].startswith("terminated")
    assert last.body == "SIP/2.0 200 HärX: y\r\n"
    engine.do(p.ReportTransfer(0, "a1", 200))
    assert (await engine.next(p.CommandFailed)).error_id == "transfer_unknown"
    assert {now.leg for now in (await engine.picture()).legs} == {leg, "a1"}, "nobody was dialled"
    await call.audio.until_hears(900)
    rung.messages.clear()
    await asked(engine, rung)  # once more
    engine.do(p.ReportTransfer(0, "a1", 486))
    await rung.told(486)


async def test_an_attended_transfer_names_our_leg(worker, engine, open_phone):
    _call, _leg, rung = await bridged(worker, engine, open_phone)
    consult, own = await answered(worker, engine, rung.phone)
    for dialog, replaced in (
        (consult.dialog, own),
        (rung.dialog, "a1"),
        (f"{consult.id};to-tag=wrong;from-tag=1", ""),
        (f"{consult.id}", ""),
    ):
        told = await asked(engine, rung, f"<sip:x@127.0.0.1?Replaces={quote(dialog, safe='')}&X=y>")
        assert (told.target, told.replaces) == ("sip:x@127.0.0.1", replaced)
        rung.messages.clear()
        engine.do(p.ReportTransfer(0, "a1", 200))
        await rung.told(200)
    consult.bye()
    await engine.next(p.LegEnded, leg=own)
    told = await asked(engine, rung, f"<sip:x@127.0.0.1?Replaces={quote(consult.dialog, safe='')}>")
    assert told.replaces == "", "it is over"


async def test_a_trunks_dialog_is_not_for_phones_to_replace(worker, engine, open_phone):
    _call, _leg, rung = await bridged(worker, engine, open_phone)
    outside, _ = await answered(worker, engine, await open_phone("citizen", host="127.0.0.2"))
    told = await asked(engine, rung, f"<sip:x@127.0.0.1?Replaces={quote(outside.dialog, safe='')}>")
    assert told.replaces == ""


async def test_who_may_not_ask(worker, engine, open_phone):
    inbound, leg = await answered(worker, engine, await open_phone("citizen", host="127.0.0.2"), p.Media(then="music"))
    operator = await open_phone("4640", host="127.0.0.2")
    engine.dial("t1", operator.uri, p.Media(then="music"), network="operator")
    dialled = await operator.next_call()
    (await dialled.answer()).say(900)
    await engine.next(p.LegAnswered)
    for call in (inbound, dialled):
        call.refer(f"<{ELSEWHERE}>")
        await call.response(603, "REFER")
        await call.audio.until_hears(MUSIC)
    assert not engine.all(p.TransferAsked)
    engine.do(p.ReportTransfer(0, leg, 200))
    assert (await engine.next(p.CommandFailed)).error_id == "transfer_unknown"


async def test_one_at_a_time(worker, engine, open_phone):
    _call, _leg, rung = await bridged(worker, engine, open_phone)
    await asked(engine, rung)
    rung.refer(f"<{ELSEWHERE}>")
    await rung.response(491, "REFER")
    engine.do(p.ReportTransfer(0, "a1", 603))
    await rung.told(603)
    assert len(engine.all(p.TransferAsked)) == 1


async def test_where_nobody_decides_it_is_declined(worker, engine, open_phone):
    call, _leg, rung = await bridged(worker, engine, open_phone)
    await asked(engine, rung)
    await rung.told(603, within=7)
    assert call.audio.hears(900)
    engine.kill()
    rung.messages.clear()
    for _ in range(100):
        if "engine_went" in worker.errors.read_text():
            break
        await asyncio.sleep(0.02)
    rung.refer(f"<{ELSEWHERE}>")
    await rung.response(603, "REFER")


async def test_who_hangs_up_in_between(worker, engine, open_phone):
    _call, _leg, rung = await bridged(worker, engine, open_phone)
    await asked(engine, rung)
    engine.do(p.ReportTransfer(0, "a1", 200), p.HangUp(0, "a1"))
    await rung.told(200)
    await rung.end()
    engine.do(p.ReportTransfer(0, "a1", 200))
    assert (await engine.next(p.CommandFailed)).error_id == "leg_unknown"


@pytest.mark.parametrize(
    "target",
    [
        "<http://127.0.0.1/>",
        "<sip:1@h;method=BYE>",
        "<sip:1%0d%0aX:y@h>",
        f"<sip:{'1' * 600}@h>",
        "<sip:1@h> , <sip:2@h>",
    ],
)
async def test_what_cannot_be_rung_is_a_bad_request(worker, engine, open_phone, target):
    _call, _leg, rung = await bridged(worker, engine, open_phone)
    rung.refer(target)
    assert (await rung.final("REFER")).status == 400
    assert not engine.all(p.TransferAsked)


async def test_two_targets_are_a_bad_request(worker, engine, open_phone):
    _call, _leg, rung = await bridged(worker, engine, open_phone)
    rung.refer(f"<{ELSEWHERE}>", ("r", "<sip:2@127.0.0.1>"))
    assert (await rung.final("REFER")).status == 400


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("sip:0701234567@h", ReferTo("sip:0701234567@h", None)),
        ("tel:+46701234567", ReferTo("tel:+46701234567", None)),
        ('"A \\" <x>" <SIP:*72%23@h:5061;user=phone>;q=1', ReferTo("SIP:*72%23@h:5061;user=phone", None)),
        ("Bo Ek <sips:bo@h?Replaces=>", ReferTo("sips:bo@h", None)),
        ("<sip:a@h?x=y&replaces=c%40d%3Bto-tag%3D1%3Bfrom-tag%3D2>", ReferTo("sip:a@h", Dialog("c@d", "1", "2"))),
        ("<sip:a@h?Replaces=c%3Bfrom-tag%3D2%3Bto-tag%3D1%3Bearly-only>", ReferTo("sip:a@h", Dialog("c", "1", "2"))),
        ("<sip:a@h?Replaces=c%0a%3Bfrom-tag%3D2%3Bto-tag%3D1>", ReferTo("sip:a@h", None)),
        ("<sip:a@h;method=invite>", ReferTo("sip:a@h;method=invite", None)),
        ("<sip:>", None),
        ("sip:a b@h", None),
        ("", None),
        ("<sip:a@h\x00>", None),
    ],
)
def test_reading_refer_to(value, found):
    assert read_refer_to(value, "REFER sip:x SIP/2.0\r\nRefer-To: " + value) == found


@given(st.text(), st.text())
def test_anything_can_be_read(value, request):
    for text in (value, f"<sip:{value}@h?Replaces={value}>"):
        found = read_refer_to(text, request)
        assert found is None or found.target.isprintable()


@settings(deadline=None)
@given(st.sampled_from(' <">\\;?=%'), st.sampled_from(' <">\\;?=%'))
def test_long_rubbish_is_read_quickly(one, other):
    begun = time.perf_counter()
    read_refer_to((one + other) * 1500, "")
    read_refer_to(f"<sip:a@h?Replaces={(one + other) * 1400}>", "")
    assert time.perf_counter() - begun < 0.1


# ---- we ask ----------------------------------------------------------------------------------------------------------


async def referred(worker, engine, open_phone):
    """Return a citizen's call from a trunk whose far end was asked to connect it elsewhere itself."""
    call, leg = await answered(worker, engine, await open_phone("citizen", host="127.0.0.2"), p.Media(then="music"))
    engine.do(p.Refer(0, engine.permit(leg, ELSEWHERE)))
    refer = await call.request("REFER")
    assert refer["Refer-To"] == f"<{ELSEWHERE}>"
    await call.until(lambda: (call.messages and call.messages[-1].method == "REFER") or None)
    return call, leg


@pytest.mark.parametrize(("fragment", "code"), [("SIP/2.0 200 OK", 200), ("SIP/2.0 486 Busy Here", 486)])
async def test_a_trunk_connects_two_itself(worker, engine, open_phone, fragment, code):
    call, leg = await referred(worker, engine, open_phone)
    call.notify("SIP/2.0 100 Trying")
    await call.response(200, "NOTIFY")
    call.notify(fragment, "terminated;reason=noresource")
    ended = await engine.next(p.ReferEnded)
    assert (ended.leg, ended.code) == (leg, code)
    assert not call.ended, "hanging up is the engine's"
    await call.audio.until_hears(MUSIC)
    engine.do(p.Refer(0, engine.permit(leg, ELSEWHERE)))  # once more
    assert len(engine.all(p.ReferEnded)) == 1


async def test_a_trunk_that_will_not(worker, engine, open_phone):
    phone = await open_phone("citizen", host="127.0.0.2")
    call, leg = await answered(worker, engine, phone, p.Media(then="music"))
    call.answers_refer = 405, "No"
    engine.do(p.Refer(0, engine.permit(leg, ELSEWHERE)))
    ended = await engine.next(p.ReferEnded)
    assert (ended.leg, ended.code) == (leg, 405)


async def test_a_trunk_that_hangs_up_instead(worker, engine, open_phone):
    call, leg = await referred(worker, engine, open_phone)
    call.bye()
    assert (await engine.next(p.LegEnded, leg=leg)).by == "far"
    assert not engine.all(p.ReferEnded)


async def test_asking_needs_a_permit_and_an_answered_leg(worker, engine, open_phone):
    call, leg = await referred(worker, engine, open_phone)
    good = engine.permit(leg, ELSEWHERE)
    for command, error in (
        (p.Refer(0, p.Permit(leg, "sip:999@127.0.0.1", good.epoch, good.mac)), "permit_refused"),
        (p.Refer(0, engine.permit(leg, "sip:999@city.example")), "target_bad"),
        (p.Refer(0, good), "refer_pending"),
        (p.Refer(0, engine.permit("nobody", ELSEWHERE)), "leg_unknown"),
    ):
        engine.do(command)
        assert (await engine.next(p.CommandFailed)).error_id == error
    await call.phone.invite(worker.address)
    engine.do(p.Refer(0, engine.permit((await engine.next(p.CallArrived)).leg, ELSEWHERE)))
    assert (await engine.next(p.CommandFailed)).error_id == "leg_unanswered"
