"""A talk of an agent in which anything may happen, in any order and by any means, and who should hear whom in it."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from router.contact import Connected
from tests.sip import g711
from tests.sip.phone import Call
from tests.system.house import MUSIC
from tests.system.office import ANNA, BO, CILLA, CITIZEN, EXTENSION, NUMBER_OUTSIDE, OUTSIDE, VOICE, Office, press
from tests.system.record import Record

WHO, AGENT, LINE = "citizen", "agent", "line"
TONES = {WHO: CITIZEN, AGENT: VOICE[ANNA], LINE: VOICE[ANNA], **VOICE, "outside": OUTSIDE}
OTHERS = (BO, CILLA, "outside")


class Walk:
    """A talk in which anything may happen, and who should hear whom in it."""

    def __init__(
        self, office: Office, citizen: Call, agent: Call, dice: random.Random, kill: Callable[[], Awaitable[None]]
    ) -> None:
        """`kill` ends a process and waits for the next."""
        self.office = office
        self.dice = dice
        self.kill = kill
        self.calls: dict[str, Call] = {WHO: citizen, AGENT: agent}
        self.held: set[str] = set()
        """Who hears music by our word."""
        self.paused: set[str] = set()
        """Whose telephones hold by themselves."""
        self.on_line = ""
        """With whom the agent's second line talks."""

    async def go(self, steps: int) -> None:
        """Do so many things, and wait after each until everybody hears whom they should."""
        done: list[str] = []
        for _ in range(steps):
            step = self.dice.choice(self.possible())
            done.append(getattr(step, "__name__", "kill"))
            try:
                await step()
                await self.check()
            except (AssertionError, TimeoutError) as error:
                raise AssertionError(f"after {done[-12:]}: {self.told()}") from error

    @property
    def parties(self) -> list[str]:
        """Everybody on the agent's first line besides agent and citizen."""
        return [name for name in self.calls if name in OTHERS and name != self.on_line]

    # ---- what should be heard --------------------------------------------------------------------------------------

    def heard_by(self, name: str) -> set[float] | None:
        """Return the tones that somebody should hear: nothing for silence, None for who holds."""
        if name in self.paused:
            return None
        if name in self.held:
            return {MUSIC}
        if name in (LINE, self.on_line):
            with_ = LINE if name == self.on_line else self.on_line
            return {MUSIC if with_ in self.paused else TONES[with_]}
        talkers = {AGENT, WHO, *self.parties} - self.held - {name}
        voices = {TONES[one] for one in talkers - self.paused}
        alone_with = name == AGENT and talkers == {WHO} and not self.parties and not self.on_line
        return voices or ({MUSIC} if name != AGENT or alone_with else set())

    async def check(self) -> None:
        """Wait until everybody hears what they should."""
        await asyncio.gather(*(self._hears(name) for name in self.calls))

    async def _hears(self, name: str) -> None:
        tones, audio = self.heard_by(name), self.calls[name].audio
        assert audio is not None
        if tones:
            await audio.until_hears(*tones, within=6.0)
        elif tones is not None:
            await audio.until_quiet(within=6.0)

    def told(self) -> str:
        """Return who is held, and what everybody should hear and does."""
        lines = [f"held {self.held}, paused {self.paused}, with {self.on_line or 'nobody'} on the second line"]
        for name, call in self.calls.items():
            heard = call.audio.heard() if call.audio is not None else g711.tone(0)
            does = {tone for tone in {MUSIC, *TONES.values()} if g711.share_by_frames(heard, tone) > 0.05}
            lines.append(f"{name} should hear {self.heard_by(name)} and hears {does}")
        return "; ".join(lines)

    # ---- what may happen -------------------------------------------------------------------------------------------

    def possible(self) -> list[Callable[[], Awaitable[None]]]:
        """Return what can be done now."""
        found: list[Callable[[], Awaitable[None]]] = [
            self.hold,
            self.resume,
            self.toggle,
            self.pause,
            self.pause,
            self.kill,
        ]
        free = [name for name in OTHERS if name not in self.calls]
        if self.parties:
            found += [self.swap, self.swap, self.drop, self.party_leaves, self.resume]
        if free:
            found += [self.consult, self.consult]
        if free and not self.on_line:
            found += [self.second_line]
        if self.on_line:
            found += [self.end_line, self.end_line]
        return found

    async def _do(self, code: str, command: str) -> None:
        """By the telephone, or by program."""
        if self.dice.random() < 0.5:
            await press(self.calls[AGENT], code)
        else:
            await self.office.do(command)

    async def hold(self) -> None:
        await self.office.do("hold")
        self.held.add(WHO)

    async def toggle(self) -> None:
        await press(self.calls[AGENT], "*1")
        self.held = set() if WHO in self.held else self.held | {WHO}

    async def resume(self) -> None:
        await self._do("*3", "resume")
        self.held = set()

    async def swap(self) -> None:
        await self._do("*5", "swap")
        self.held = {WHO, *self.parties} - self.held

    async def pause(self) -> None:
        """Somebody's own telephone holds, or takes up again."""
        name = self.dice.choice(list(self.calls))
        call = self.calls[name]
        agreed = answered(call)
        call.hold("sendrecv" if name in self.paused else "sendonly")
        await call.until(lambda: answered(call) > agreed or None)
        self.paused ^= {name}

    async def consult(self) -> None:
        name = self.dice.choice([name for name in OTHERS if name not in self.calls])
        if self.dice.random() < 0.5:
            await press(self.calls[AGENT], f"*2{EXTENSION.get(name, NUMBER_OUTSIDE)}#")
        else:
            to = {"number": NUMBER_OUTSIDE} if name == "outside" else {"agent": name}
            await self.office.do("consult", {"to": to})
        self.held = {WHO, *self.parties}
        self.calls[name] = await self.office.picks_up(name)

    async def drop(self) -> None:
        name = self.dice.choice(self.parties)
        for party in (await self.office.contact())["parties"]:
            if (party.get("agent") or "outside") == name:
                await self.office.do("drop-party", {"party": party["party"]})
        await self.gone(name)

    async def party_leaves(self) -> None:
        name = self.dice.choice(self.parties)
        self.calls[name].bye()
        await self.gone(name)

    async def second_line(self) -> None:
        name = self.dice.choice([name for name in OTHERS if name not in self.calls])
        line: Call = await self.office.phones[ANNA].invite(self.office.house.sip, EXTENSION.get(name, NUMBER_OUTSIDE))
        other = await self.office.picks_up(name)
        await line.response(200)
        assert line.audio is not None
        line.audio.say(VOICE[ANNA])
        self.on_line = name
        self.calls |= {LINE: line, name: other}

    async def end_line(self) -> None:
        """By either side."""
        self.calls[self.dice.choice((LINE, self.on_line))].bye()
        await self.gone(self.on_line)

    async def gone(self, name: str) -> None:
        """Know that somebody has left; who talked with that one alone is with the others, or the citizen, again."""
        on_line = name == self.on_line
        for left in {name, LINE} if on_line else {name}:
            await self.calls.pop(left).end()
            self.paused.discard(left)
            self.held.discard(left)
        if on_line:
            self.on_line = ""
        elif not self.parties:
            self.held = set()
        elif self.held == {WHO, *self.parties}:
            self.held = {WHO}
        count = len([one for one in self.calls if one in OTHERS])
        await asyncio.to_thread(self.office.house.until_recorded, lambda record: parties_in(record) == count)


def parties_in(record: Record) -> int:
    """Return how many take part besides citizen and agent."""
    return sum(len(one.parties) for one in record.replay().contacts.values() if isinstance(one, Connected))


def answered(call: Call) -> int:
    """Return how many of our INVITEs the other side has agreed to."""
    return sum(message.status == 200 and message.method == "INVITE" for message in call.messages)
