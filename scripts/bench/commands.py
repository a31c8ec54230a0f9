"""What a command costs from exec to exit, against `python -c pass`."""

from __future__ import annotations

from scripts.bench.estate import build, million, phone
from scripts.bench.measure import CONSOLE, Plan, Row, command, interleaved, pass_

HOT, OTHER = 6, 16


def rows(plan: Plan) -> list[Row]:
    """The reads that are run many times an hour, and some others."""
    home = build(plan.folder / "home", 2000, 200)
    number = home.desk().board().rows[50].number
    asked = {
        ("board",): HOT,
        ("board", "--json"): HOT,
        ("call", "log", "--phone", phone(7)): HOT,
        ("ticket", "show", number): HOT,
        ("ticket", "list"): OTHER,
        ("suggest", "三号电梯有人被困"): OTHER,
        ("summary",): OTHER,
    }
    out = []
    for words, at_most in asked.items():
        ours = command([*CONSOLE, *words], home.environment)
        name = " ".join(word for word in words if not word[-1:].isdigit())
        out.append(interleaved(ours, pass_(), plan.times(21)).row(f"frontdesk {name}", at_most))
    # The day out of a desk's whole history: it may cost what is open, never what has been closed.
    ours = command([*CONSOLE, "summary"], million(plan).environment)
    name = f"frontdesk summary, {plan.million:,} tickets"
    out.append(interleaved(ours, pass_(), plan.times(21)).row(name, OTHER))
    return out
