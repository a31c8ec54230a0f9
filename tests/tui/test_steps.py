"""What a form's empty fields mean when they reach the desk."""

from __future__ import annotations

from datetime import datetime

import pytest

from frontdesk.domain.errors import BadInput
from frontdesk.domain.timing import DAY, instant
from frontdesk.tui import steps
from frontdesk.tui.errand import Errand
from tests.builders import TEN, House


@pytest.mark.parametrize(
    "kind, due_at, due",
    [
        ("completion", " ", instant(datetime(2026, 11, 23))),
        ("reply", "", TEN + DAY),
        ("reply", "16:30", instant(datetime(2026, 11, 22, 16, 30))),
    ],
)
def test_a_promise_without_a_time_has_the_usual_one(house: House, kind: str, due_at: str, due: int) -> None:
    case = house.open()
    view = steps.promise(
        Errand(case.desk, case.view), {"words": "修好", "due_at": due_at, "completion": kind}
    )
    assert next(run for run in view.clocks if run.kind == "promise").due_at == due


def test_a_limit_is_counted_from_the_time_that_was_typed(house: House) -> None:
    case = house.open(text="电梯又坏了报修没人管")
    case.desk.tickets.case(case.number, "B3")
    errand = Errand(case.desk, case.view)
    assert [field.name for field in steps.limit_fields(errand)] == ["limit", "since"]
    with pytest.raises(BadInput, match="从何时起算"):
        steps.limit(errand, {"limit": "notice", "since": "刚才"})
    view = steps.limit(errand, {"limit": "notice", "since": "9:00"})
    run = next(run for run in view.clocks if run.source == "T32")
    assert run.due_at == instant(datetime(2026, 11, 22, 13))
