"""The memory of a console that has shown its board and a ticket, against the smallest Textual program."""

from __future__ import annotations

from scripts.bench.estate import million
from scripts.bench.measure import CONSOLE, Plan, Row, against
from scripts.bench.start import MINIMAL
from scripts.bench.terminal import DOWN, Terminal


def rows(plan: Plan) -> list[Row]:
    """2,000 open of a million."""
    home = million(plan)
    ours, floor = [], []
    for _ in range(plan.times(5)):
        with Terminal(CONSOLE, home.environment) as console:
            console.until(lambda text: "共2000" in text and "下一步" in text)
            console.press(DOWN, 1.0)
            ours.append(console.resident)
        with Terminal(MINIMAL) as minimal:
            minimal.until(lambda text: "ready" in text)
            minimal.listen(1.0)
            floor.append(minimal.resident)
    what = f"memory, 2,000 open of {plan.million:,}, of a minimal program"
    return [against(what, ours, floor, 1.6, "MiB", "RSS")]
