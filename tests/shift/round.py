"""One round of a shift: somebody chats, writes, rings, texts and comes, while much goes wrong."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import aiohttp

from tests.channels.citizens import VOICE, Caller, Chatter, Citizen, Typist, Visitor, Writer
from tests.channels.city import FIRST, SECOND
from tests.desk.looking import picture
from tests.shift.crew import AT, LEAD_PHONE, LEAD_TONE, OPERATOR, SWITCHBOARD, TONES, Crew
from tests.sip.phone import Call
from tests.system.crew import bye
from tests.system.house import MUSIC
from tests.system.pagephone import BACK_WITHIN_S, PagePhone

HEARD_S: Final = 10.0
EXPERT: Final = 1600.0
"""Tone of whoever is asked outside the house."""
SCRIPT: Final = "<script>document.title = 'broken into'</script>"


class Round:
    """What citizens bring, and what becomes of it."""

    def __init__(self, crew: Crew, session: aiohttp.ClientSession, open_phone: Callable[..., Awaitable[Any]]) -> None:
        self.crew = crew
        self._means = crew, session, open_phone
        self._came: list[Citizen] = []

    async def go(self) -> None:
        """Go through it once."""
        crew = self.crew
        try:
            chatter = await self._comes(Chatter(*self._means))
            await self._take(crew.anna, "Chat")
            await self._answer(crew.anna, chatter, f"answer 1 {SCRIPT}")
            await self._hand_over(crew.anna, crew.bo, "Chat")
            await self._choose(crew.bo, "Chat")
            await self._answer(crew.bo, chatter, "answer 2", f"answer 1 {SCRIPT}")
            await self._end(crew.bo, "End")
            writer = await self._comes(Writer(*self._means))
            await self._take(crew.anna, "E-mail")
            await crew.anna.type("Answer", "answer begun")
            await self._through_the_switchboard()
            await self._call_in_between()
            await self._choose(crew.anna, "E-mail")
            await crew.anna.browser.until("document.querySelector('textarea').value === 'answer begun'")
            await self._answer(crew.anna, writer, "answer 1")
            await self._end(crew.anna, "End")
            await self._text_call()
            await self._visit()
        finally:
            for name in AT:
                await picture(getattr(crew, name), f"shift-{name}")
            for citizen in self._came:
                await citizen.close()
        assert "broken into" not in [await page.browser.evaluate("document.title") for page in (crew.anna, crew.bo)]

    # ---- scenes --------------------------------------------------------------------------------------------------

    async def _through_the_switchboard(self) -> None:
        """Somebody asks for a person by name; the operator connects them by two keys."""
        crew = self.crew
        call = await self._rings(SWITCHBOARD)
        await crew.olle.press("Take it")
        await call.audio.until_hears(TONES[OPERATOR], within=HEARD_S)
        await crew.olle.reads("Enter connects the caller")
        await crew.olle.type("Find somebody", "asa bj")
        await crew.olle.reads("Åsa Björkman")
        await crew.olle.key("ArrowDown")
        await crew.olle.key("Enter")
        expert = await self._outside()
        await call.audio.until_hears(EXPERT, within=HEARD_S)
        assert expert.audio is not None
        await expert.audio.until_hears(VOICE, within=HEARD_S)
        bye(call)
        await expert.end(within=HEARD_S)

    async def _call_in_between(self) -> None:
        """A call while a mail is being written: held, asked about, overheard, reloaded, and the engine dies in it."""
        crew = self.crew
        caller = await self._comes(Caller(*self._means))
        assert isinstance(caller, Caller)
        await crew.anna.press("Take it")
        await self._together(caller.call, crew.anna, FIRST)
        await crew.anna.press("Hold")
        await caller.call.audio.until_hears(MUSIC, within=HEARD_S)
        await crew.anna.press("Resume")
        await self._together(caller.call, crew.anna, FIRST)
        await self._consult(caller.call)
        await self._listen(caller.call)
        began = time.monotonic()
        await crew.anna.browser.command("Page.reload")
        caller.call.audio.packets.clear()
        await caller.call.audio.until_hears(TONES[FIRST], within=BACK_WITHIN_S)
        assert time.monotonic() - began < BACK_WITHIN_S
        await crew.anna.hears(within=BACK_WITHIN_S)
        await crew.die()
        await self._together(caller.call, crew.anna, FIRST)
        await asyncio.to_thread(crew.house.until_serving)
        await self._hand_over(crew.anna, crew.bo, "Call")
        await self._together(caller.call, crew.bo, SECOND)
        await crew.bo.press("Back to the line")
        await crew.bo.press("Take it")
        await self._together(caller.call, crew.bo, SECOND)
        await self._end(crew.bo, "Hang up")
        await caller.call.end(within=HEARD_S)

    async def _consult(self, call: Call) -> None:
        """The guide asks somebody outside while the citizen waits, and lets them go."""
        anna = self.crew.anna
        await anna.press("Transfer")
        await anna.type("Number or phone", "0701234568")
        await anna.press("Consult first")
        expert = await self._outside()
        assert expert.audio is not None
        await expert.audio.until_hears(TONES[FIRST], within=HEARD_S)
        assert call.audio is not None
        await call.audio.until_hears(MUSIC, within=HEARD_S)
        await anna.press("Let go")
        await expert.end(within=HEARD_S)
        await self._together(call, anna, FIRST)

    async def _listen(self, call: Call) -> None:
        """The supervisor listens, and helps the agent unheard by the citizen."""
        lars, phone = self.crew.lars, self.crew.desk_phone
        await self.crew.register_desk_phone()  # as telephones do, before what they have runs out
        await lars.press("Talks")
        await lars.reads(FIRST)
        await lars.type("My phone, which is to ring", LEAD_PHONE)
        await lars.press(f"Listen: {FIRST}")
        listening = await phone.next_call(within=HEARD_S)
        (await listening.answer()).say(LEAD_TONE)
        assert listening.audio is not None
        await listening.audio.until_hears(VOICE, TONES[FIRST], within=HEARD_S)
        await lars.press(f"Whisper to the agent: {FIRST}")
        assert call.audio is not None
        assert not call.audio.hears(LEAD_TONE)
        await lars.press(f"Stop listening: {FIRST}")
        await listening.end(within=HEARD_S)
        await lars.press("Wallboard")

    async def _text_call(self) -> None:
        crew = self.crew
        typist = await self._comes(Typist(*self._means))
        assert isinstance(typist, Typist)
        await self._take(crew.anna, "Text call")
        typist.phone.type("while I am typing")
        await crew.anna.reads("while I am typing")
        typist.phone.type("\n")
        await crew.anna.type("Answer", "I am looking")
        await typist.phone.until(lambda: "I am looking" in typist.phone.display, HEARD_S)
        await crew.anna.press("Send")
        await self._answer(crew.anna, typist, "answer 1")
        await self._end(crew.anna, "End")

    async def _visit(self) -> None:
        crew = self.crew
        visitor = await self._comes(Visitor(*self._means))
        await self._take(crew.anna, "Visit")
        await self._end(crew.anna, "End")

        async def gone() -> bool:
            return visitor.id not in [one["id"] for one in await crew.contacts()]

        await crew.until(gone, "the visit to be over")

    # ---- what people do ------------------------------------------------------------------------------------------

    async def _comes(self, citizen: Citizen) -> Citizen:
        self._came.append(citizen)
        await citizen.come()
        return citizen

    async def _rings(self, number: str) -> Any:
        phone = await self._means[2]("citizen")
        call = await phone.invite(self.crew.house.sip, number)
        await call.response(200, within=20.0)
        call.audio.say(VOICE)
        return call

    async def _outside(self) -> Call:
        call = await self.crew.outside.next_call(within=20.0)
        (await call.answer()).say(EXPERT)
        return call

    async def _take(self, page: PagePhone, channel: str) -> None:
        """Take what is offered, and wait until it is in hand."""
        await page.reads(f"New contact: {channel}")
        await page.press("Take it")
        await self._choose(page, channel)

    async def _choose(self, page: PagePhone, channel: str) -> None:
        """Have a contact that is in hand shown."""
        await page.browser.until(f"""(() => {{
            const named = (one) => one.querySelector("strong")?.textContent === {channel!r};
            const one = [...document.querySelectorAll(".contacts button")].find(named);
            if (one?.getAttribute("aria-current") === "true") return true;
            one?.click();
            return false;
        }})()""")

    async def _answer(self, page: PagePhone, citizen: Citizen, text: str, *before: str) -> None:
        """Write an answer, which comes to the citizen as it was written."""
        await page.reads("question 1")
        await page.type("Answer", text)
        await page.press("Send")
        await citizen.heard([*before, text])

    async def _hand_over(self, page: PagePhone, to: PagePhone, channel: str) -> None:
        """Hand to the queue of the second line, with a word, and let it be taken there."""
        await page.press("Hand to a queue")
        await page.choose("Hand to a queue", "Benchmark without music (0)")
        await page.press("Hand over")
        await page.press("Done")
        await to.reads(f"New contact: {channel}")
        await to.press("Take it")

    async def _end(self, page: PagePhone, how: str) -> None:
        """End what is shown, and be done with it."""
        await page.press(how)
        await page.press("Done")

    async def _together(self, call: Call, page: PagePhone, agent: str) -> None:
        """Wait until both hear each other."""
        assert call.audio is not None
        await call.audio.until_hears(TONES[agent], within=HEARD_S)
        await page.hears()
