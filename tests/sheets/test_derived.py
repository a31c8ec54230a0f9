"""Two years of sheets, and every number in them found again from the raw events by SQL that knows nothing of the product."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from frontdesk.domain.meanings import FIGURES
from frontdesk.domain.month import shifted
from frontdesk.domain.terms import CHANNELS, CLOCKS, ESCALATE_CAUSES, KINDS
from frontdesk.domain.timing import DAY, local, month_bounds
from tests.builders import House, Time
from tests.sheets import years
from tests.sheets.made_up import rows, table

SQL = Path(__file__).with_name("derive.sql").read_text(encoding="utf-8")
LABELS = {meaning.label: name for name, meaning in FIGURES.items()}


class Truth:
    """A month's figures by SQL alone."""

    def __init__(self, database: Path, month: str) -> None:
        self.start, self.end = month_bounds(month)
        self.conn = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        script = SQL.replace(":start", str(self.start)).replace(":end", str(self.end))
        self.conn.executescript(script)

    def all(self, sql: str) -> list[tuple[Any, ...]]:
        return self.conn.execute(sql.replace(":start", str(self.start))).fetchall()

    def one(self, sql: str) -> Any:
        return self.all(sql)[0][0]

    def groups(self, column: str) -> dict[str, dict[str, int]]:
        """Name → figure → number."""
        found: dict[str, dict[str, int]] = {}
        for name, figure, count in self.all(
            f"SELECT {column}, fig.name, sum(n) FROM fig JOIN tk USING (t) GROUP BY 1, 2"
        ):
            found.setdefault(name, {})[figure] = count
        return found

    @property
    def totals(self) -> dict[str, int]:
        return dict(self.all("SELECT name, sum(n) FROM fig GROUP BY 1"))


class Estate:
    """The two years with their sheets."""

    def __init__(self, home: Path) -> None:
        # The limits that derive.sql knows; what the product ships may change.
        house = House(home, Time(years.AFTER + 10 * DAY))
        self.desk = house.desk()
        self.count = years.settle(self.desk)
        self.sheets = {written.path.stem[-7:]: written.path for written in self.desk.sheets.all()}
        self.database = house.settings().database
        self._truths: dict[str, Truth] = {}

    def truth(self, month: str) -> Truth:
        """The month's truth, told once for all tests: nothing is written any more."""
        if month not in self._truths:
            self._truths[month] = Truth(self.database, month)
        return self._truths[month]

    def close(self) -> None:
        for truth in self._truths.values():
            truth.conn.close()
        self.desk.close()


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    made = Estate(tmp_path_factory.mktemp("years") / "home")
    yield made
    made.close()


def number(cell: Any) -> int:
    return int(cell) if cell != "" else 0


def share(good: int, bad: int) -> Any:
    return pytest.approx(good / (good + bad)) if good + bad else "—"


def same_figures(heads: dict[str, int], line: list[Any], expected: dict[str, int]) -> None:
    """Every figure and rate of a line of figures."""
    for head, place in heads.items():
        if head in LABELS:
            assert number(line[place]) == expected.get(LABELS[head], 0), head
    get = expected.get
    assert line[heads["按时率"]] == share(get("on_time", 0), get("late", 0))
    bad = get("fair", 0) + get("dissatisfied", 0)
    assert line[heads["满意率"]] == share(get("satisfied", 0), bad)


def same_table(path: Path, page: str, first: str, expected: dict[str, dict[str, int]]) -> None:
    heads, lines = table(path, page, first)
    assert {name for name, figures in expected.items() if any(figures.values())} <= set(lines)
    for name, line in lines.items():
        if name != "合计":
            same_figures(heads, line, expected.get(name, {}))


def listed(path: Path, page: str, heading: str) -> list[dict[str, Any]]:
    """The lines of the last table on the page that has that heading."""
    shown = rows(path, page)
    start = max(place for place, row in enumerate(shown) if heading in row)
    heads = [str(cell) for cell in shown[start]]
    return [dict(zip(heads, row, strict=True)) for row in shown[start + 1 :] if any(row)]


every_month = pytest.mark.parametrize("month", years.MONTHS)


@every_month
def test_front_page_and_groups(estate: Estate, month: str) -> None:
    truth, path = estate.truth(month), estate.sheets[month]
    totals = truth.totals
    assert totals["carried_over" if month != "2024-01" else "opened"] > 0
    same_table(path, "汇总", "投诉分类", truth.groups("category"))
    heads, lines = table(path, "汇总", "投诉分类")
    same_figures(heads, lines["合计"], totals)
    for column, first, labels in (
        ("department", "责任部门", {"": "未派单"}),
        ("channel", "来诉渠道", CHANNELS),
        ("kind", "类型", KINDS),
    ):
        found = {labels.get(name, name): figures for name, figures in truth.groups(column).items()}
        same_table(path, "分类×部门", first, found)
        heads, lines = table(path, "分类×部门", first)
        same_figures(heads, lines["合计"], totals)
        for line in lines.values():
            flow = [number(line[heads[FIGURES[name].label]]) for name in ("carried_over", "opened")]
            left = [number(line[heads[FIGURES[name].label]]) for name in ("closed", "still_open")]
            assert sum(flow) == sum(left)


@every_month
def test_comparison_with_the_month_before_and_a_year_ago(estate: Estate, month: str) -> None:
    shown = {str(row[0]): row for row in rows(estate.sheets[month], "汇总")}
    heads, lines = table(estate.sheets[month], "汇总", "投诉分类")
    for back, name, change in ((-1, "上月", "环比增减"), (-12, "去年同月", "同比增减")):
        other = shifted(month, back)
        then = shown[f"{name} {other}"]
        if other not in estate.sheets:
            assert {then[place] for head, place in heads.items() if head in LABELS} == {"—"}
            continue
        truth = estate.truth(other)
        same_figures(heads, then, truth.totals)
        for head, place in heads.items():
            if head in LABELS:
                difference = number(lines["合计"][place]) - number(then[place])
                assert number(shown[change][place]) == difference


@every_month
def test_matrices_of_category_and_department(estate: Estate, month: str) -> None:
    truth, path = estate.truth(month), estate.sheets[month]
    for nth, figure in ((1, "opened"), (2, "still_open")):
        found = {
            (category, department or "未派单"): count
            for category, department, count in truth.all(
                f"SELECT category, department, sum(n) FROM fig JOIN tk USING (t) "
                f"WHERE name = '{figure}' GROUP BY 1, 2"
            )
        }
        heads, lines = table(path, "分类×部门", "投诉分类", nth)
        shown = {
            (name, head): number(line[place])
            for name, line in lines.items()
            for head, place in heads.items()
            if name != "合计" and head not in ("投诉分类", "合计", "") and number(line[place])
        }
        assert shown == found
        assert number(lines["合计"][heads["合计"]]) == sum(found.values())


@every_month
def test_every_day_balances_and_says_what_happened(estate: Estate, month: str) -> None:
    truth, path = estate.truth(month), estate.sheets[month]
    counts = {
        (figure, day): count
        for figure, day, count in truth.all(
            f"SELECT name, (at - {truth.start}) / 86400 + 1, sum(n) FROM fig WHERE at > 0 GROUP BY 1, 2"
        )
    }
    stock = truth.totals.get("carried_over", 0)
    heads, lines = table(path, "每日", "日期")
    days = {int(head.split("\n")[0]): place for head, place in heads.items() if "\n" in head}
    assert len(days) == (truth.end - truth.start) // DAY
    for day, place in days.items():
        new, gone = counts.get(("opened", day), 0), counts.get(("closed", day), 0)
        assert number(lines["日初在办"][place]) == stock
        stock += new - gone
        assert number(lines["本期新增"][place]) == new
        assert number(lines["本期关闭"][place]) == gone
        assert number(lines["日末在办"][place]) == stock
        assert number(lines["按时办结"][place]) == counts.get(("on_time", day), 0)
        assert number(lines["超时办结"][place]) == counts.get(("late", day), 0)
    for figure, title in (("opened", "本期新增"), ("closed", "本期关闭")):
        grid = {
            (category, day): count
            for category, day, count in truth.all(
                f"SELECT category, (at - {truth.start}) / 86400 + 1, sum(n) FROM fig JOIN tk USING (t) "
                f"WHERE name = '{figure}' GROUP BY 1, 2"
            )
        }
        _, found = table(path, "每日", title, 2)
        shown = {
            (name, day): number(line[place])
            for name, line in found.items()
            for day, place in days.items()
            if name != "合计" and number(line[place])
        }
        assert shown == grid


@every_month
def test_clocks_came_out_so(estate: Estate, month: str) -> None:
    truth, path = estate.truth(month), estate.sheets[month]
    found = {
        row[0]: row[1:]
        for row in truth.all(
            "SELECT clock, sum(coalesce(in_time, 0)), sum(late), sum(late AND met IS NULL), "
            "avg(CASE WHEN met_now THEN met - since END) FROM outcome GROUP BY 1"
        )
    }
    heads, lines = table(path, "时限", "时限")
    for clock, (in_time, late, owed, seconds) in found.items():
        line = lines[CLOCKS[clock]]
        got = [number(line[heads[head]]) for head in ("到期前做到", "逾期", "其中仍未做到")]
        assert got == [in_time, late, owed], clock
        assert line[heads["如期率"]] == share(in_time, late)
        hours = "—" if seconds is None else pytest.approx(seconds / 3600, abs=1e-3)
        assert line[heads["平均用时（小时）"]] == hours
    late_ones = sorted(
        (CLOCKS[clock], number_)
        for clock, number_ in truth.all("SELECT clock, number FROM outcome JOIN tk USING (t) WHERE late")
    )
    assert sorted((row["时限"], row["受理编号"]) for row in listed(path, "时限", "迟了（小时）")) == late_ones
    by_department = truth.all(
        "SELECT department, clock, sum(coalesce(in_time, 0)), sum(late) FROM outcome JOIN tk USING (t) GROUP BY 1, 2"
    )
    heads, lines = table(path, "时限", "责任部门")
    for department, clock, in_time, late in by_department:
        if in_time + late:
            assert lines[department or "未派单"][heads[CLOCKS[clock]]] == share(in_time, late)


@every_month
def test_stars_escalations_repeats_and_what_is_open(estate: Estate, month: str) -> None:
    truth, path = estate.truth(month), estate.sheets[month]
    stars = {
        (category, score): count
        for category, score, count in truth.all(
            "SELECT category, json_extract(data, '$.score'), count(*) FROM ev JOIN tk USING (t) "
            f"WHERE ev.kind = 'followed_up' AND counts AND at >= {truth.start} GROUP BY 1, 2"
        )
    }
    heads, lines = table(path, "回访与满意度", "投诉分类")
    shown = {
        (name, score): number(line[heads[f"{score} 星"]])
        for name, line in lines.items()
        for score in range(1, 6)
        if name != "合计" and number(line[heads[f"{score} 星"]])
    }
    assert shown == stars
    steps = truth.all(
        "SELECT number, json_extract(data, '$.cause') FROM ev JOIN tk USING (t) "
        f"WHERE ev.kind = 'escalated' AND counts AND at >= {truth.start}"
    )
    got = sorted((row["受理编号"], row["原因"]) for row in listed(path, "升级", "上移时间"))
    assert got == sorted((name, ESCALATE_CAUSES[cause]) for name, cause in steps)
    again = truth.all(
        "SELECT a.number FROM tk a WHERE a.counts AND a.opened_at >= :start AND EXISTS (SELECT 1 FROM tk b "
        "WHERE b.counts AND b.unit_index = a.unit_index AND b.category = a.category AND b.t <> a.t "
        "AND b.opened_at <= a.opened_at AND a.opened_at - b.opened_at <= 604800)"
    )
    assert sorted(row["受理编号"] for row in listed(path, "重复投诉与群发事件", "前一次编号")) == sorted(
        name for (name,) in again
    )
    still = truth.all("SELECT number FROM fig JOIN tk USING (t) WHERE name = 'still_open' ORDER BY 1")
    assert sorted((row["受理编号"],) for row in listed(path, "未闭环", "时限状态")) == still
    touched = truth.all("SELECT DISTINCT number FROM fig JOIN tk USING (t) ORDER BY 1")
    assert sorted((row["受理编号"],) for row in listed(path, "明细(脱敏)", "诉求摘要")) == touched


def test_two_years_hold_what_they_should(estate: Estate) -> None:
    assert estate.count > 1200
    kinds = {
        row[0]
        for row in sqlite3.connect(estate.database).execute("SELECT DISTINCT kind FROM event").fetchall()
    }
    assert {"reopened", "voided", "merged", "linked", "corrected", "undone", "paused", "declined"} <= kinds
    heads, _ = table(estate.sheets["2024-02"], "每日", "日期")
    assert "29\n四" in heads
    assert "4\n班" in heads, "Sunday, 4 February 2024 was worked"
    assert "12\n休" in heads
    heads, _ = table(estate.sheets["2024-10"], "每日", "日期")
    assert "12\n班" in heads
    assert f"{local(years.FIRST):%Y-%m-%d}" == "2024-01-01"
