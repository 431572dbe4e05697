"""Writes the configuration that benchmarks run on, so that any SIPp scenario made for another queue fits unchanged."""

import math
from array import array
from pathlib import Path
from typing import Final

from adapters.speech import music, wav

CALLERS: Final = "127.0.0.2"
AGENTS: Final = "127.0.0.3"
AGENTS_PORT: Final = 6000
PROMPTS: Final = {"short": 0.2, "menu": 1.0, "sorry": 0.5}
"""Prompt to seconds."""
TONE_HZ: Final = 440
TONE_LEVEL: Final = 0.1
FADE_S: Final = 0.01

VAXEL: Final = """\
# Written by `vaxel bench-config`: for measuring only.
city: Benchmark
demo: true
edge: none
history: {{enabled: false}}   # a process of its own; docs/performance.md says what it costs
language: en
log_level: warning
agents_see: caller
sip:
  port: {port}
  workers: {workers}
  clock_rate: {rate}
  codecs: [{codecs}]
  rtp_ports: 20000-{rtp_last}
  max_legs: 1500
  networks:
    - name: callers
      from: [{callers}]
    - name: agents
      from: [{agents}]
web:
  port: {web_port}
music:
  default: music/default.wav
"""

QUEUES: Final = """\
queues:
  bench:
    title: Benchmark
    target: 80 % within 20 s
    selection: longest-idle
    wrap_up: 0
    keep_place: 0
    waiting: music
  quiet:
    title: Benchmark without music
    target: 80 % within 20 s
    selection: longest-idle
    wrap_up: 0
    keep_place: 0
    waiting: silence
"""

NUMBERS: Final = """\
numbers:
  direct:
    queue: bench
  queue:
    flow: prompt
  ivr:
    flow: menu
  quiet:
    queue: quiet
"""

FLOWS: Final = {
    "prompt": """\
start:
  say: short
  next: line
line:
  queue: bench
""",
    "menu": """\
start:
  menu: menu
  choices: {0: line, 1: line, 2: line, 3: line, 4: line, 5: line, 6: line, 7: line, 8: line, 9: line}
  timeout: 6 s
  tries: 3
  otherwise: line
line:
  queue: bench
""",
}


def write(folder: Path, *, agents: int, port: int = 5060, workers: int = 1, clock_rate: int = 8000) -> None:
    """Write a complete configuration folder. Files of the same names are replaced. Raises OSError."""
    (folder / "flows").mkdir(parents=True, exist_ok=True)
    codecs = "a-law, u-law" if clock_rate == 8000 else "g722, a-law, u-law"
    vaxel = VAXEL.format(
        port=port,
        workers=workers,
        rtp_last=min(20000 + 5000 * max(workers, 2), 65536) - 1,
        rate=clock_rate,
        codecs=codecs,
        callers=CALLERS,
        agents=AGENTS,
        web_port=8080 if not port <= 8080 <= port + 2 * workers else 8180,
    )
    people = "\n".join(_agent(number) for number in range(1, agents + 1))
    for name, text in (
        ("vaxel.yaml", vaxel),
        ("queues.yaml", QUEUES),
        ("agents.yaml", f"agents:\n{people}\n"),
        ("numbers.yaml", NUMBERS),
        ("prompts.yaml", "# The prompts are recordings: prompts/en/*.wav\n"),
        *((f"flows/{name}.yaml", text) for name, text in FLOWS.items()),
    ):
        (folder / name).write_text(text, "utf-8")
    for prompt, seconds in PROMPTS.items():
        wav.write(folder / "prompts" / "en" / f"{prompt}.wav", tone(seconds, clock_rate), clock_rate)
    wav.write(folder / "music" / "default.wav", music.compose(clock_rate), clock_rate)


def tone(seconds: float, rate: int) -> "array[int]":
    """Return a quiet tone that begins and ends softly."""
    count, fade = round(seconds * rate), FADE_S * rate
    turn, level = 2 * math.pi * TONE_HZ / rate, TONE_LEVEL * wav.SAMPLE_MAX
    return array("h", [round(level * min(1, n / fade, (count - n) / fade) * math.sin(turn * n)) for n in range(count)])


def _agent(number: int) -> str:
    name = f"agent{number:04}"
    address = f"sip:{name}@{AGENTS}:{AGENTS_PORT}"
    return f"  {name}: {{address: '{address}', signed_in: true, capacity: {{call: 1}}, queues: [bench, quiet]}}"
