"""The table of DESIGN §12: what, ours, floor, ratio, figure, met or not. Exits 1 where a figure is missed."""

from __future__ import annotations

import argparse
import importlib
import shutil
import sys
import tempfile
import traceback
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from scripts.bench.measure import Plan, Row

BENCHES = {
    "start": "exec to the first picture and the first full screen",
    "commands": "what a command costs",
    "keys": "a key press in the ticket list",
    "tick": "a second in which nobody does anything",
    "save": "a ticket saved",
    "board": "the board opened from a million tickets",
    "caller": "a caller found by phone among a million tickets",
    "search": "search among a million tickets",
    "phrases": "a suggestion, and the phrases that a key leaves",
    "changes": "another console's save seen",
    "consoles": "eight consoles saving at once",
    "clocks": "the clocks of 100,000 open tickets",
    "kills": "watchers killed at work",
    "sheet": "the monthly sheet",
    "memory": "the memory of a console",
}


def main() -> int:
    """Measure what was asked for and print the table."""
    parser = argparse.ArgumentParser(prog="scripts/bench/run", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only some of: {', '.join(BENCHES)}")
    parser.add_argument(
        "--quick", action="store_true", help="fewer rounds, and 50,000 tickets stand for the million"
    )
    parser.add_argument("--list", action="store_true", help="name the benches and stop")
    asked = parser.parse_args()
    if asked.list:
        print("\n".join(f"{name:10} {what}" for name, what in BENCHES.items()))
        return 0
    if unknown := [name for name in asked.names if name not in BENCHES]:
        parser.error(f"no bench named {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    print(HEAD)
    met: list[bool] = []
    for name in asked.names or BENCHES:
        try:
            for row in measured(name, asked.quick):
                print(line(row), flush=True)
                met += [] if row.at_most is None else [row.met]
        except Exception:
            # What cannot be measured is missed; the others are still worth knowing.
            traceback.print_exc()
            print(f"{BENCHES[name]:58} could not be measured, see above", flush=True)
            met.append(False)
    print(f"\n{sum(met)} of {len(met)} figures met")
    return 0 if all(met) else 1


def measured(name: str, quick: bool) -> list[Row]:
    """The rows of one bench, measured in a process of its own: none inherits what another has loaded."""
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-bench-"))
    try:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            return pool.submit(run, name, Plan(folder, quick)).result()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(name: str, plan: Plan) -> list[Row]:
    """The rows of one bench, measured here."""
    rows: list[Row] = importlib.import_module(f"scripts.bench.{name}").rows(plan)
    return rows


HEAD = f"{'what':58} {'ours':>14} {'floor':>14} {'ratio':>8} {'at most':>10}  by    met"


def line(row: Row) -> str:
    """One line of the table."""
    floor = "" if row.floor is None else f"{number(row.floor)} {row.unit}"
    ratio = "" if row.floor is None else number(row.ratio)
    figure = (
        "" if row.at_most is None else number(row.at_most) + ("" if row.floor is not None else f" {row.unit}")
    )
    met = "" if row.at_most is None else "yes" if row.met else "NO"
    return f"{row.what:58} {number(row.ours) + ' ' + row.unit:>14} {floor:>14} {ratio:>8} {figure:>10}  {row.by:5} {met}"


def number(value: float) -> str:
    """Three digits that matter."""
    if value == 0 or value >= 100:
        return f"{value:,.0f}"
    digits = 1 if value >= 10 else 2 if value >= 1 else 3 if value >= 0.1 else 4
    return f"{value:.{digits}f}"


if __name__ == "__main__":
    sys.exit(main())
