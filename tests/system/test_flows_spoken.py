"""The example city's flows in all its languages, on real calls, with the voices they have: what a caller hears is
compared with the sounds that were made, so that each prompt is heard, and in the right language."""

import asyncio
import json
import shutil

import numpy as np
import pytest
import yaml

from adapters.redis.keys import VAULT
from adapters.speech import wav
from adapters.speech.resample import resample
from engine.config import load
from router import facts as f
from tests.sip import g711
from tests.sip.conftest import read_samples
from tests.sip.g711 import RATE, share
from tests.system.crew import Crew, bye, ring, until
from tests.system.house import ROOT

pytestmark = pytest.mark.soak
MALMO = ROOT / "examples" / "malmo"
LANGUAGES = {"1": "sv", "2": "en", "3": "fi", "4": "ar"}
"""Key to language."""
CITIZEN = 1300.0
AGENT = 550.0
PHONE = "0406281357"
LOOK_EVERY_S = 0.25
SPOKEN_WITHIN_S = 120.0
"""All prompts are spoken at the first start."""
PART = 2 * RATE
"""Samples of a sound that are looked for: voices of one synthesizer are much alike in anything shorter."""
SAME, OTHER = 0.75, 0.5
"""How much sounds have in common that are the same, and that are others."""


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """Return where prompts are kept that were spoken for one test, for the others."""
    return tmp_path_factory.mktemp("spoken")


@pytest.fixture
def malmo(make_house, spoken):
    """Return a house with the flows, queues and prompts of the example."""
    house = make_house(agents=1, clock_rate=16000)
    for file in MALMO.glob("*.yaml"):
        if file.stem not in ("vaxel", "directory"):
            shutil.copy(file, house.config)
    shutil.rmtree(house.config / "prompts")
    shutil.copytree(MALMO / "flows", house.config / "flows", dirs_exist_ok=True)
    for name in ("prompt", "menu"):
        (house.config / "flows" / f"{name}.yaml").unlink()
    written = yaml.safe_load((MALMO / "vaxel.yaml").read_text())
    named = {name: written[name] for name in ("flows", "voices")}
    house.change("vaxel", {"language": "sv", "web": {"citizens": written["web"]["citizens"]}, **named})
    house.change("agents", {"agents": {"guide01": {"phone": "agent0001"}}})
    house.change("phones", {"phones": {"agent0001": {}}})
    shutil.copytree(spoken, house.data / "prompts", dirs_exist_ok=True)
    house.until_serving(house.launch(), SPOKEN_WITHIN_S)
    shutil.copytree(house.data / "prompts", spoken, dirs_exist_ok=True)
    return house


def sound(house, language, prompt):
    """Return the samples of a prompt as they were made, at 8,000 a second."""
    (path,) = (house.data / "prompts" / language).glob(f"{prompt}-*.wav")
    samples, rate = wav.read(path.read_bytes())
    return np.array(resample(samples, rate, RATE), dtype=float)


def likeness(audio, samples, since=0):
    """Return how much of a sound can be found in what came in: 1 is all of it."""
    heard = [g711.decode(payload, kind) for _, kind, payload in audio.packets[since:] if kind == 8]
    if len(heard) < 10:
        return 0.0
    stream = np.concatenate(heard)
    loud = int(np.argmax(np.convolve(samples**2, np.ones(RATE // 5), "same")))
    part = samples[max(0, loud - PART // 2) : loud + PART // 2]
    if len(stream) < len(part):
        return 0.0
    size = 1 << (len(stream) + len(part)).bit_length()
    common = np.fft.irfft(np.fft.rfft(stream, size) * np.conj(np.fft.rfft(part, size)), size)[: len(stream)]
    summed = np.concatenate(([0.0], np.cumsum(stream**2)))
    energy = summed[len(part) :] - summed[: -len(part)]
    return float(np.max(common[: len(energy)] / np.sqrt(energy * np.sum(part**2) + 1e9)))


async def until_told(call, samples, since=0, within=25.0):
    """Wait until a sound has been heard; return how many packets had come in by then."""
    for _ in range(int(within / LOOK_EVERY_S)):
        if await asyncio.to_thread(likeness, call.audio, samples, since) > SAME:
            return len(call.audio.packets)
        await asyncio.sleep(LOOK_EVERY_S)
    raise AssertionError(f"not heard within {within:g} s; {len(call.audio.packets)} packets")


async def press(call, keys):
    """Press keys one by one."""
    for key in keys:
        await call.audio.press(key)
        await asyncio.sleep(0.08)


async def speak(call):
    """Speak after the beep, and press a key."""
    await call.audio.until_hears(1000.0, within=20.0)
    call.audio.say(CITIZEN)
    await asyncio.sleep(1.5)
    call.audio.say(0)
    await press(call, "#")


async def report(house, open_phone, key, language):
    """Ring to report a fault in one language, and hear all there is to hear."""
    said = {
        name: sound(house, language, name)
        for name in ("fault_welcome", "fault_urgent", "fault_where", "fault_what", "fault_phone")
    }
    call = await ring(house, open_phone, f"citizen{key}", "0403410600")
    await until_told(call, sound(house, "sv", "choose_language.1"))
    await press(call, key)
    at = await until_told(call, said["fault_welcome"])
    at = await until_told(call, said["fault_urgent"], at)
    await press(call, "9")  # no choice of `urgent`: the report follows
    at = await until_told(call, said["fault_where"], at)
    await speak(call)
    at = await until_told(call, said["fault_what"], at)
    await speak(call)
    await call.audio.until_hears(CITIZEN, within=20.0)
    await press(call, "1")
    at = await until_told(call, said["fault_phone"], at)
    await press(call, f"{PHONE}#")
    for digit in sorted(set(PHONE)):
        await until_told(call, sound(house, language, f"number.{digit}"), at, within=40.0)
    await until_told(call, sound(house, language, "confirm.2"), at)
    await press(call, "1")
    await until_told(call, sound(house, language, "fault_thanks"), at)
    await call.end(within=15.0)
    others = [one for one in LANGUAGES.values() if one != language]
    for other in others:
        assert likeness(call.audio, sound(house, other, "fault_welcome")) < OTHER, (language, other)


@pytest.mark.timeout(300)
async def test_a_fault_is_reported_in_every_language(malmo, open_phone):
    await asyncio.gather(*(report(malmo, open_phone, key, language) for key, language in LANGUAGES.items()))
    record = malmo.record()
    reports = record.of(f.ContactArrived, channel="report")
    assert sorted(fact.language for fact in reports) == sorted(LANGUAGES.values())
    assert {fact.queue for fact in record.of(f.ContactQueued)} == {"gata"}
    for fact in reports:
        with malmo.redis() as client:
            assert json.loads(client.get(f"{VAULT}{fact.contact}:answers")) == {"phone": PHONE}
        for name in ("where", "what"):
            samples, rate = read_samples(malmo.layout.recordings / f"{fact.contact}.{name}.wav")
            assert share(samples[rate // 2 : rate], CITIZEN, rate) > 0.8
    assert PHONE not in repr(record.facts)
    assert not record.wrong()


@pytest.mark.timeout(300)
async def test_a_silent_caller_is_put_through_to_a_person(malmo, open_phone):
    crew = await Crew.at(malmo, open_phone, AGENT)
    call = await ring(malmo, open_phone, "citizen", "0403410200")
    await until_told(call, sound(malmo, "sv", "subjects"))
    await until(lambda: crew.rung, within=90.0)
    await call.audio.until_hears(AGENT)
    bye(crew.rung[0].call)
    await call.end()
    crew.end()
    await asyncio.to_thread(malmo.check)


def test_every_sound_of_the_example_is_made(malmo) -> None:
    made = {path.parent.name for path in (malmo.data / "prompts").glob("*/*.wav")}
    assert made == set(LANGUAGES.values())
    loaded = load(malmo.config)
    for language, texts in loaded.installation.speech.texts.items():
        names = {path.stem.rsplit("-", 1)[0] for path in (malmo.data / "prompts" / language).glob("*.wav")}
        assert {name for name, text in texts.items() if "{" not in text} <= names
        assert {f"number.{digit}" for digit in range(10)} <= names
    assert (malmo.data / "tones").is_dir()
