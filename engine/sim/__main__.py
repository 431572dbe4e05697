"""`python -m engine.sim`: see the package."""

import logging
import secrets
import sys
from pathlib import Path
from time import perf_counter
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import track

from engine.sim import reporting
from engine.sim.day import Day
from engine.sim.malmo import GUIDES
from engine.sim.trouble import Trouble
from engine.sim.watch import Failure

console = Console()


def main(
    seeds: Annotated[int, typer.Option(help="How many runs.")] = 1,
    steps: Annotated[int, typer.Option(help="Inputs of each run.")] = 10_000,
    seed: Annotated[int | None, typer.Option(help="The first seed; a fresh one if not given.")] = None,
    day: Annotated[bool, typer.Option("--day", help="A day in Malmö instead, and what citizens met.")] = False,
    guides: Annotated[int, typer.Option(help="How many answer on that day.")] = GUIDES,
    checked: Annotated[bool, typer.Option("--checked", help="Check the invariants after every input of it.")] = False,
    drawing: Annotated[Path | None, typer.Option(help="Where to draw who was answered in time, as SVG.")] = None,
) -> None:
    """Run Vaxel's core in virtual time with everything that can go wrong."""
    logging.disable(logging.WARNING)
    if day:
        a_day(1 if seed is None else seed, guides, drawing, checked=checked)
        return
    first = secrets.randbelow(1_000_000) if seed is None else seed
    begun, facts, crashes = perf_counter(), 0, 0
    for number in track(range(first, first + seeds), "simulating", console=console, disable=seeds == 1):
        trouble = Trouble(number)
        try:
            trouble.run(steps)
        except Failure as failure:
            give_way(number, steps, failure)
            sys.exit(1)
        facts += trouble.watch.facts
        crashes += trouble.crashes
    console.print(
        f"{seeds} runs of {steps:,} inputs from seed {first}: {facts:,} facts, {crashes} engine crashes, "
        f"all invariants held, {perf_counter() - begun:.1f} s"
    )


def a_day(seed: int, guides: int, drawing: Path | None, *, checked: bool) -> None:
    """Run a day and print what citizens met."""
    begun = perf_counter()
    day = Day(seed, guides=guides, checking=checked)
    try:
        met = day.run()
    except Failure as failure:
        tell(failure)
        sys.exit(1)
    seconds = perf_counter() - begun
    console.print(met.table())
    channels = ", ".join(f"{number:,} {channel}" for channel, number in sorted(met.channels.items()))
    console.print(f"came: {channels}; occupancy {met.occupancy():.0%}")
    report = reporting.of_day(day.house.store.entries)
    reporting.show(report, console, day)
    if drawing is not None:
        drawing.write_text(reporting.picture(report), "utf-8")
    held = ", all invariants held after each" if checked else ""
    console.print(f"{met.inputs:,} inputs{held}, {met.facts:,} facts in {seconds:.2f} s (seed {seed})")


def give_way(seed: int, steps: int, failure: Failure) -> None:
    """Print what gave way and how to get there."""
    console.print(f"[bold red]seed {seed}:[/]", highlight=False)
    tell(failure)
    console.print(f"again: python -m engine.sim --seed {seed} --steps {steps}")


def tell(failure: Failure) -> None:
    """Print what does not hold, and the inputs that lead there."""
    console.print(f"[bold red]{failure}[/]", highlight=False)
    if failure.tail:
        console.print(f"the last {len(failure.tail)} inputs lead there from the state before them:")
    for step in failure.tail:
        told = f"{type(step.input).__name__} {msgspec.json.encode(step.input).decode()}"
        console.print(f"  {step.now:.3f} {told}", highlight=False, markup=False)


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
