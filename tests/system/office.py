"""An office for tests: agents at telephones that register at the edge, and people outside who ring and are rung.

Everybody speaks a tone of their own, so that who hears whom can be heard.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import yaml

from engine.pins import hash_pin
from tests.sip.conftest import free_port, write_tone
from tests.sip.phone import Address, Call, Phone
from tests.system.asking import ask
from tests.system.crew import bye
from tests.system.house import CALLERS, PASSWORD, House, until

ANNA, BO, CILLA, LOBBY = "agent0001", "agent0002", "agent0003", "agent0004"
"""Agents, and the telephones of the same names. Nobody works at the last one, unless somebody logs in there."""
EXTENSION = {ANNA: "2001", BO: "2002", CILLA: "2003", LOBBY: "2004"}
VOICE = {ANNA: 550.0, BO: 950.0, CILLA: 1900.0, LOBBY: 2300.0}
CITIZEN, OUTSIDE = 1300.0, 1600.0
WHISPER = 2100.0
SOUNDS = {
    "queue.whispering": WHISPER,
    "code_agent": 800.0,
    "code_pin": 1100.0,
    "code_helper": 1450.0,
    "code_done": 1500.0,
    "code_refused": 300.0,
}
"""Prompt to the tone that it is here."""
NUMBER, PIN = "41", "739104"
"""Of ANNA, to log in by telephone."""
CODES = {
    "*10": "log_in",
    "*11": "log_out",
    "*12": "ready",
    "*13": {"pause": "lunch"},
    "*14": "end_wrap_up",
    "*15": "extend_wrap_up",
    "*16": "join_crisis",
    "*17": "leave_crisis",
}
SHOWN = "0406000000"
NUMBER_OUTSIDE = "0701234567"
KEY_S = 0.04
"""How long a key is held, and the time to the next."""
INTERPRETERS = {
    "ar": {"code": "7", "ring": 5, "duty": {"house": {"agent": BO}, "agency": {"number": NUMBER_OUTSIDE}}},
    "fi": {"duty": {"house": {"agent": BO}}},
}
SERVED = {ANNA: ["bench", "quiet", "slow", "whispering"], BO: ["second", "permits"], CILLA: ["third"], LOBBY: []}


def furnish(*, hasty: bool = False, history: bool = False, **sip: Any) -> House:
    """Return a house for an office, not started: whoever rings `direct` is ANNA's, with `second` BO's. `sip` are
    further settings of that name, `hasty` and `history` are as for `House`."""
    talk = {"title": "Bench", "target": "80 % within 20 s", "selection": "longest-idle", "wrap_up": 0, "keep_place": 60}
    talk |= {"forward_timeout": 2, "return_grace": 5, "offer_timeout": 5}
    queues = {
        "bench": {**talk, "shows": SHOWN},
        "second": talk,
        "third": talk,
        "slow": {**talk, "wrap_up": 1, "wrap_up_extension": 1, "wrap_up_max": 2.5},
        "whispering": {**talk, "whisper": True},
        "permits": {**talk, "second_line": {"live": 2}},
    }
    house = House(
        len(VOICE),
        {
            "vaxel": {
                # All telephones are at one address here.
                "sip": {"limits": {"requests_per_second": 1000}, **sip},
                "dialling": {"per_number_hour": 1000, "per_number_day": 1000},
                "trunks": {"callers": {"host": CALLERS, "port": free_port(CALLERS)}},
            },
            "queues": {"queues": queues, "rules": {"rest": 0.5, "not_responding": 0.5}},
            "agents": {"agents": {name: {"queues": queues} for name, queues in SERVED.items()}, "codes": CODES},
            "numbers": {"numbers": {name: {"queue": name} for name in ("second", "slow", "whispering")}},
        },
        apart=True,
        hasty=hasty,
        history=history,
    )
    house.change(
        "agents",
        {
            "agents": {
                ANNA: {"number": NUMBER, "pin_file": "anna.pin"},
                LOBBY: {"signed_in": False, "reserve": ["standby"]},
            }
        },
    )
    (house.config / "anna.pin").write_text(hash_pin(PIN))
    for prompt, hertz in SOUNDS.items():
        write_tone(house.config / "prompts" / "en" / f"{prompt}.wav", hertz, 0.4)
    (house.config / "interpreters.yaml").write_text(yaml.safe_dump({"languages": INTERPRETERS}, sort_keys=False))
    (house.config / "directory.yaml").write_text("file: directory.csv\nextensions: 4\n")
    rows = [f"person;{name};{name};{extension};{name}" for name, extension in EXTENSION.items()]
    (house.config / "directory.csv").write_text("\n".join(["typ;förnamn;efternamn;anknytning;apparat", *rows]))
    return house


class Office:
    """A house for an office, and the telephones of it."""

    def __init__(self, house: House, open_phone: Callable[..., Any]) -> None:
        self.house = house
        self.open_phone = open_phone
        self.phones: dict[str, Phone] = {}
        self.outside: Phone
        """Whoever is rung at a number outside."""
        self._citizens: list[Phone] = []

    async def open(self) -> None:
        """Register all telephones, and wait until they are rung."""
        for name, at in zip(VOICE, self.house.agent_phones, strict=True):
            await self.plug_in(name, at)
        trunk = yaml.safe_load((self.house.config / "vaxel.yaml").read_text())["trunks"]["callers"]
        self.outside = await self.open_phone("outside", at=(CALLERS, trunk["port"]))
        await asyncio.to_thread(self.house.until_known, *VOICE)

    async def plug_in(self, name: str, at: Address) -> Phone:
        """Take a telephone into service."""
        phone = self.phones[name] = await self.open_phone(name, at=at)
        phone.password = PASSWORD
        assert (await phone.register(self.house.sip, PASSWORD)).status == 200, name
        return phone

    async def close(self) -> None:
        """Hang everything up, and wait until nothing is left."""
        for phone in (*self.phones.values(), self.outside, *self._citizens):
            for call in phone.calls.values():
                bye(call)
        await asyncio.to_thread(until, lambda: not self.house.open_contacts(), what="all contacts to end")
        await asyncio.gather(*(self.back_to_work(name) for name in (ANNA, BO, CILLA)))

    async def back_to_work(self, name: str) -> None:
        """Have an agent ready at the own telephone, whatever was before."""
        told = await self.asked("GET", f"/agents/{name}")
        if told["state"] != "logged_out" and told["phone"] != name:
            await self.asked("POST", f"/agents/{name}/log-out")
            told = {"state": "logged_out"}
        if told["state"] == "logged_out":
            await self.asked("POST", f"/agents/{name}/log-in")
        await self.asked("POST", f"/agents/{name}/ready")

    # ---- calls ---------------------------------------------------------------------------------------------------

    async def rings(self, called: str = "direct", name: str = "citizen", **more: Any) -> Call:
        """Let a citizen ring, who speaks once answered."""
        phone = await self.open_phone(name)
        self._citizens.append(phone)
        call: Call = await phone.invite(self.house.sip, called, **more)
        await call.response(200, within=5.0)
        call.audio.say(CITIZEN)
        return call

    async def picks_up(self, who: str, within: float = 5.0) -> Call:
        """Let somebody who is rung answer and speak."""
        phone = self.phones[who] if who in self.phones else self.outside
        call = await phone.next_call(within)
        call.ring()
        audio = await call.answer()
        audio.say(VOICE.get(who, OUTSIDE))
        return call

    async def talk(self, called: str = "direct") -> tuple[Call, Call]:
        """Return the two ends of a talk of a citizen with ANNA."""
        citizen = await self.rings(called)
        agent = await self.picks_up(ANNA)
        await together((citizen, CITIZEN), (agent, VOICE[ANNA]))
        return citizen, agent

    # ---- asking --------------------------------------------------------------------------------------------------

    async def asked(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API for something that is granted; return the answer."""
        status, told = await asyncio.to_thread(ask, self.house, method, path, body)
        assert status < 300, (path, status, told)
        return told

    async def refused(self, path: str, body: Any = None) -> str:
        """Ask the API for something that is not granted; return the error's id."""
        status, told = await asyncio.to_thread(ask, self.house, "POST", path, body)
        assert status >= 400, (path, status, told)
        return str(told["error_id"])

    async def contact(self) -> dict[str, Any]:
        """Return the one contact that lives."""
        (one,) = (await self.asked("GET", "/contacts"))["contacts"]
        return dict(await self.asked("GET", f"/contacts/{one['id']}"))

    async def do(self, what: str, body: Any = None) -> None:
        """Do something with the one contact that lives."""
        await self.asked("POST", f"/contacts/{(await self.contact())['id']}/{what}", body)


async def together(*talkers: tuple[Call, float]) -> None:
    """Wait until each of these hears all others."""
    await asyncio.gather(
        *(
            call.audio.until_hears(*(voice for other, voice in talkers if other is not call), within=5.0)
            for call, _ in talkers
            if call.audio is not None
        )
    )


async def press(call: Call, keys: str, by: str = "events") -> None:
    """Press keys one after the other, as telephone-events (RFC 4733) or by INFO."""
    assert call.audio is not None
    for key in keys:
        if by == "events":
            await call.audio.press(key, KEY_S)
        else:
            call.info_digit(key, bare=by == "bare")
        await asyncio.sleep(KEY_S)
