"""KPI 3:3:4 for the terminal and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from frontdesk.domain.kpi import BANDS, MEANINGS, WEIGHTS, Score, Table
from frontdesk.domain.timing import HOUR, iso, local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from frontdesk.domain.timing import Instant

HEAD: Final = ("名次", "谁", "总分", "处理量", "好评率", "解决率", "办结", "在岗", "回访", "应解决", "备注")
STAR, SMALL = "服务之星", "样本少"


def places(table: Table) -> list[int]:
    """The place of each score: equal totals share one, as in sport."""
    totals = [score.total for score in table.scores]
    return [totals.index(total) + 1 for total in totals]


def notes(score: Score, table: Table) -> str:
    """What must be known before the line is quoted."""
    words = [STAR] if score.work.name in table.stars else []
    words += [SMALL] if score.small else []
    words += ["处理量无可比" if any(score.work.hours) else "无值班记录"] if score.ratio is None else []
    words += [f"重开{score.work.reopened}"] if score.work.reopened else []
    words += [f"再次上移{score.work.again}"] if score.work.again else []
    words += [f"超时未办结{score.work.overdue}"] if score.work.overdue else []
    return "、".join(words)


def duty(score: Score, unit: str) -> str:
    """Time on duty as people say it."""
    seconds = sum(score.work.hours)
    return f"{seconds / HOUR:.0f}小时" if unit == "小时" else f"{seconds // 86_400}天"


def lines(table: Table) -> list[tuple[str, ...]]:
    """The table's rows under `HEAD`."""
    return [
        (
            *(str(place), score.work.name, f"{score.total:.1f}", *(f"{part:.1f}" for part in score.parts)),
            *(str(score.work.done), duty(score, table.unit), f"{score.work.good}/{score.work.asked}"),
            *(f"{score.work.solved}/{score.work.due}", notes(score, table)),
        )
        for place, score in zip(places(table), table.scores, strict=True)
    ]


def star_line(table: Table) -> str:
    """Who is 服务之星, several where they tie."""
    if not table.stars:
        return "服务之星：本月没有人办结满 10 件，不评。"
    best = next(score.total for score in table.scores if score.work.name == table.stars[0])
    together = "（并列）" if len(table.stars) > 1 else ""
    return f"服务之星{together}：{'、'.join(table.stars)}，{best:.1f} 分。"


def heading(site: str, month: str, until: Instant) -> str:
    """Whose month it is and as of when."""
    return f"{site}　{month} 绩效 3:3:4　截至 {local(until):%Y-%m-%d %H:%M}"


def meanings() -> str:
    """How every figure is reckoned, for `--help` and for the foot of the table."""
    return "\n".join(f"{name}：{text}" for name, text in MEANINGS)


def table_json(table: Table) -> list[dict[str, Any]]:
    """A table's scores with all that they were made of."""
    return [_score(place, score, table) for place, score in zip(places(table), table.scores, strict=True)]


def _score(place: int, score: Score, table: Table) -> dict[str, Any]:
    work, parts = score.work, dict(zip(("volume", "praise", "resolution"), score.parts, strict=True))
    length = HOUR if table.unit == "小时" else 86_400
    bands = BANDS if len(work.hours) == len(BANDS) else ("全天",)
    return {
        "place": place,
        "name": work.name,
        "total": score.total,
        **{name: round(part, 2) for name, part in parts.items()},
        "star": work.name in table.stars,
        "small_sample": score.small,
        "handled": work.done,
        "expected": round(score.expected, 2),
        "ratio": None if score.ratio is None else round(score.ratio, 4),
        "bands": [
            {
                "band": band,
                "on_duty": round(hours / length, 2),
                "handled": done,
                "pace_of_others": None if pace is None else round(pace, 4),
            }
            for band, hours, done, pace in zip(bands, work.hours, work.handled, score.pace, strict=True)
        ],
        "asked": work.asked,
        "good": work.good,
        "due": work.due,
        "solved": work.solved,
        "reopened": work.reopened,
        "escalated_again": work.again,
        "overdue": work.overdue,
    }


def kpi_json(site: str, month: str, until: Instant, tables: Mapping[str, Table]) -> dict[str, Any]:
    """The document of `report kpi --json`."""
    people: Sequence[str] = tables["operators"].stars
    return {
        "month": month,
        "site": site,
        "until": iso(until),
        "weights": dict(zip(("volume", "praise", "resolution"), WEIGHTS, strict=True)),
        "stars": list(people),
        **{f"{name}_unit": "hour" if table.unit == "小时" else "day" for name, table in tables.items()},
        **{name: table_json(table) for name, table in tables.items()},
    }
