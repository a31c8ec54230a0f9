"""《服务改进报告》 as a sequence of blocks, and as Markdown (R-000-14, R-000-19, R-S11-03).

Ready for the owners' committee: figures, categories, departments and posts; no names, no units, no phones, nobody's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from frontdesk.domain.measures import Measure, money
from frontdesk.domain.privacy import one_line
from frontdesk.domain.service import REASONS, Lesson, Rates, previous, verdict
from frontdesk.domain.tallies import FIGURES, Figures, MonthTally
from frontdesk.domain.terms import KINDS
from frontdesk.domain.timing import MINUTE, Instant, local, span
from frontdesk.sheets.summary_markdown import plain

TITLE: Final = "服务改进报告"
TOP: Final = 5
"""Concerns listed."""
_NONE: Final = "—"
_UNKNOWN: Final = "未分类"


@dataclass(frozen=True, slots=True)
class Service:
    """A month's report. `tallies` and `rates` run from the oldest month to this one, which is the last.

    `cases` gives a handbook case's title by its id.
    """

    site: str
    until: Instant
    tallies: tuple[MonthTally, ...]
    rates: tuple[Rates, ...]
    measures: tuple[Measure, ...]
    lessons: tuple[Lesson, ...]
    cases: dict[str, str]

    @property
    def month(self) -> str:
        """`2026-11`."""
        return self.tallies[-1].month

    @property
    def running(self) -> bool:
        """Whether the month is not over yet."""
        return self.until < self.tallies[-1].end - 1


class Heading(NamedTuple):
    """A heading of a section (1) or of a case in it (2)."""

    text: str
    level: int = 1


class Para(NamedTuple):
    """A paragraph."""

    text: str


class Bullets(NamedTuple):
    """A list."""

    items: tuple[str, ...]


class Grid(NamedTuple):
    """A table; `widths` are shares of the page, numbers stand to the right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


class Trend(NamedTuple):
    """Where the picture of the months goes, in a form that has pictures; the table below says the same."""


Block = Heading | Para | Bullets | Grid | Trend


def file_name(month: str, ending: str) -> str:
    """服务改进报告-YYYY-MM.docx."""
    return f"{TITLE}-{month}.{ending}"


def month_words(month: str) -> str:
    """`2026年11月`."""
    return f"{month[:4]}年{int(month[5:])}月"


def subtitle(found: Service) -> str:
    """Whose month it is and as of when."""
    until = (
        f"{local(found.until):%Y-%m-%d %H:%M}" if found.running else f"{local(found.until):%Y-%m-%d} 24:00"
    )
    note = "（本月未完）" if found.running else ""
    return f"{one_line(found.site)}　{month_words(found.month)}{note}　数据截至 {until}"


def blocks(found: Service) -> list[Block]:
    """The whole report after its title."""
    return [
        *_overview(found),
        *_concerns(found),
        *_trend(found),
        *_response(found),
        *_costs(found),
        *_measures(found),
        *_lessons(found),
        *_meanings(),
    ]


def service_markdown(found: Service) -> str:
    """The report as Markdown."""
    parts = [f"# {TITLE}", plain(subtitle(found))]
    for block in blocks(found):
        if isinstance(block, Heading):
            parts.append(f"{'#' * (block.level + 1)} {plain(block.text)}")
        elif isinstance(block, Para):
            parts.append(plain(block.text))
        elif isinstance(block, Bullets):
            parts.append("\n".join(f"- {plain(item)}" for item in block.items))
        elif isinstance(block, Grid):
            rows = (block.head, tuple("---" for _ in block.head), *block.rows)
            parts.append(
                "\n".join(
                    f"| {' | '.join(cell if place == 1 else plain(cell) for cell in row)} |"
                    for place, row in enumerate(rows)
                )
            )
    return "\n\n".join(parts) + "\n"


# --- the sections ----------------------------------------------------------------------------------------------------


def _percent(share: float | None) -> str:
    return _NONE if share is None else f"{share:.1%}"


def _share(good: int, bad: int) -> float | None:
    return good / (good + bad) if good + bad else None


def on_time(figures: Figures) -> float | None:
    """按时率."""
    return _share(figures.on_time, figures.late)


def satisfied(figures: Figures) -> float | None:
    """满意率."""
    return _share(figures.satisfied, figures.fair + figures.dissatisfied)


def _change(now: int, before: int | None) -> str:
    """`+3`, `-2`, `持平`; a dash where there is no month before."""
    if before is None:
        return _NONE
    return f"{now - before:+d}" if now != before else "持平"


def _points(now: float | None, before: float | None) -> str:
    if now is None or before is None:
        return _NONE
    points = (now - before) * 100
    return f"{points:+.1f} 个百分点" if abs(points) >= 0.05 else "持平"  # noqa: PLR2004 - what one decimal shows


def _overview(found: Service) -> Iterable[Block]:
    tally, rate = found.tallies[-1], found.rates[-1]
    f = tally.totals
    before = found.tallies[-2].totals if len(found.tallies) > 1 else None
    earlier = found.rates[-2] if len(found.rates) > 1 else None
    yield Heading("一、本月概况")
    balance = f"上月结转 {f.carried_over} 件，本月新增 {f.opened} 件，关闭 {f.closed} 件，结转下月 {f.still_open} 件"
    yield Para(
        f"{balance}。报修 {rate.repairs} 件，响应率 {_percent(rate.response_rate)}，完成率 {_percent(rate.repair_rate)}；"
        f"办结按时率 {_percent(on_time(f))}，回访满意率 {_percent(satisfied(f))}。"
    )
    counts = (
        ("新增（含重开）", f.opened, before.opened if before else None),
        ("关闭", f.closed, before.closed if before else None),
        ("月末未闭环", f.still_open, before.still_open if before else None),
        ("重开", f.reopened, before.reopened if before else None),
        ("服务上移", f.escalated, before.escalated if before else None),
        ("承诺失约", f.broken, before.broken if before else None),
    )
    shares = (
        ("报修响应率", rate.response_rate, earlier.response_rate if earlier else None),
        ("报修完成率", rate.repair_rate, earlier.repair_rate if earlier else None),
        ("办结按时率", on_time(f), on_time(before) if before else None),
        ("回访满意率", satisfied(f), satisfied(before) if before else None),
    )
    rows = [
        (name, str(now), _NONE if was is None else str(was), _change(now, was)) for name, now, was in counts
    ]
    rows += [(name, _percent(now), _percent(was), _points(now, was)) for name, now, was in shares]
    yield Grid(("指标", "本月", "上月", "变化"), tuple(rows), (34, 22, 22, 22))


def _concerns(found: Service) -> Iterable[Block]:
    tally = found.tallies[-1]
    before = (
        {row.name: row.figures for row in found.tallies[-2].categories} if len(found.tallies) > 1 else None
    )
    rows = [row for row in tally.categories if row.figures.opened]
    rows.sort(key=lambda row: (-row.figures.opened, -row.figures.dissatisfied, row.name))
    yield Heading("二、集中诉求")
    if not rows:
        yield Para("本月没有新增诉求。")
        return
    top = rows[:TOP]
    together = sum(row.figures.opened for row in top)
    yield Para(
        f"新增最多的 {len(top)} 类共 {together} 件，占全部新增的 {together / tally.totals.opened:.1%}；"
        f"其中「{top[0].name or _UNKNOWN}」{top[0].figures.opened} 件，居首位。"
    )
    yield Grid(
        ("诉求类别", "新增", "占比", "比上月", "按时率", "不满意", "重开"),
        tuple(
            (
                *(row.name or _UNKNOWN, str(row.figures.opened)),
                f"{row.figures.opened / tally.totals.opened:.1%}",
                _change(
                    row.figures.opened, None if before is None else before.get(row.name, Figures()).opened
                ),
                _percent(on_time(row.figures)),
                *(str(row.figures.dissatisfied), str(row.figures.reopened)),
            )
            for row in top
        ),
        (34, 11, 11, 11, 11, 11, 11),
    )


def _trend(found: Service) -> Iterable[Block]:
    yield Heading("三、趋势")
    if len(found.tallies) == 1:
        yield Para("没有更早的月份可比。")
    else:
        first, last = found.tallies[0], found.tallies[-1]
        more = last.totals.opened - found.tallies[-2].totals.opened
        words = f"多 {more} 件" if more > 0 else f"少 {-more} 件" if more else "持平"
        mean = sum(each.totals.opened for each in found.tallies[:-1]) / (len(found.tallies) - 1)
        yield Para(
            f"{month_words(first.month)}以来月均新增 {mean:.1f} 件，本月 {last.totals.opened} 件，{'与上月' if not more else '比上月'}{words}。"
        )
        yield Trend()
    yield Grid(
        ("月份", "新增", "关闭", "未闭环", "响应率", "完成率", "按时率", "满意率"),
        tuple(
            (
                *(each.month, str(each.totals.opened), str(each.totals.closed), str(each.totals.still_open)),
                *(_percent(rate.response_rate), _percent(rate.repair_rate)),
                *(_percent(on_time(each.totals)), _percent(satisfied(each.totals))),
            )
            for each, rate in zip(found.tallies, found.rates, strict=True)
        ),
        (16, 12, 12, 12, 12, 12, 12, 12),
    )


def _response(found: Service) -> Iterable[Block]:
    rate, tally = found.rates[-1], found.tallies[-1]
    yield Heading("四、响应与维修")
    f = tally.totals
    items = [
        f"报修 {rate.repairs} 件，应响应 {rate.decided} 件，按时响应 {rate.responded} 件，响应率 {_percent(rate.response_rate)}。",
        f"报修完成 {rate.repaired} 件，完成率 {_percent(rate.repair_rate)}。",
    ]
    if rate.response is not None:
        items.append(
            f"从报修到有人与业主说上话，中位数{span(rate.response) if rate.response >= MINUTE else '不到 1 分钟（当场接听或接待）'}。"
        )
    if rate.arrivals:
        items.append(
            f"突发 {rate.arrivals} 件，按时到场 {rate.in_time} 件，到场率 {_percent(rate.arrival_rate)}。"
        )
    items.append(f"向业主说定的时间，兑现 {f.kept} 次，失约 {f.broken} 次。")
    yield Bullets(tuple(items))
    rows = [row for row in tally.departments if row.name and any(row.figures)]
    if rows:
        yield Grid(
            ("责任部门", "新增", "关闭", "未闭环", "按时率", "不满意"),
            tuple(
                (
                    *(
                        row.name,
                        str(row.figures.opened),
                        str(row.figures.closed),
                        str(row.figures.still_open),
                    ),
                    *(_percent(on_time(row.figures)), str(row.figures.dissatisfied)),
                )
                for row in rows
            ),
            (30, 14, 14, 14, 14, 14),
        )


def _costs(found: Service) -> Iterable[Block]:
    yield Heading("五、费用支出")
    spent = [
        (each, each.cost) for each in found.measures if each.month == found.month and each.cost is not None
    ]
    if not spent:
        yield Para("本月没有登记整改费用。")
        return
    total = sum(cost for _, cost in spent)
    yield Para(f"本月登记整改费用 {len(spent)} 笔，合计 {money(total)}。")
    rows = [(each.category, each.measure, each.responsible, money(cost)) for each, cost in spent]
    yield Grid(
        ("诉求类别", "用途", "责任方", "金额"),
        (*rows, ("合计", "", "", money(total))),
        (24, 40, 16, 20),
    )


def _measures(found: Service) -> Iterable[Block]:
    yield Heading("六、整改措施与成效")
    own = [each for each in found.measures if each.month == found.month]
    if own:
        yield Para("本月采取的措施，成效见下月报告：")
        yield Grid(
            ("诉求类别", "措施", "责任方", "完成日期"),
            tuple(
                (
                    each.category,
                    each.measure,
                    each.responsible,
                    f"{each.date:%Y-%m-%d}" if each.date else "进行中",
                )
                for each in own
            ),
            (24, 42, 16, 18),
        )
    else:
        yield Para("本月没有登记整改措施。")
    earlier = [each for each in found.measures if each.month == previous(found.month)]
    if earlier and len(found.tallies) > 1:
        yield Para("上月措施的成效（上月 → 本月）：")
        rows = tuple(_effect(each, found) for each in earlier)
        widths = (22, 34, 11, 11, 11, 11)
        yield Grid(("诉求类别", "上月措施", "新增", "超时办结", "不满意", "成效"), rows, widths)


def _effect(measure: Measure, found: Service) -> tuple[str, ...]:
    def of(tally: MonthTally) -> tuple[int, int, int]:
        rows = [row.figures for row in tally.categories if measure.about(row.name)]
        return sum(f.opened for f in rows), sum(f.late for f in rows), sum(f.dissatisfied for f in rows)

    before, after = of(found.tallies[-2]), of(found.tallies[-1])
    told = "本月未完" if found.running else verdict(before, after)
    pairs = (f"{b} → {a}" for b, a in zip(before, after, strict=True))
    return measure.category, measure.measure, *pairs, told


def _lessons(found: Service) -> Iterable[Block]:
    yield Heading("七、值得学习的案例")
    if not found.lessons:
        yield Para("本月没有重开、再次上移、低分转好评或突发的工单。")
        return
    yield Para("按规则选出：突发、低分转好评、再次上移、重开的工单，隐去一切个人信息，供培训和改进用。")
    for place, each in enumerate(found.lessons, 1):
        words = "、".join(REASONS[name][0] for name in each.reasons)
        title = found.cases.get(each.case, "")
        case = f"（手册 {each.case} {title}）" if title else ""
        steps = "，".join(f"{when}{what}" for when, what in each.steps)
        kind = KINDS.get(each.kind, "")
        yield Heading(f"案例{place}　{each.category or _UNKNOWN}　{kind}{case}", 2)
        yield Para(f"入选原因：{words}。经过：{steps}。")
    learnt = {name for each in found.lessons for name in each.reasons}
    yield Heading("从这些案例学到", 2)
    yield Bullets(tuple(f"{word}：{text}" for name, (word, text) in REASONS.items() if name in learnt))


def _label(key: str) -> str:
    """A figure's heading as this report has it."""
    return _LABELS.get(key, FIGURES[key].label)


_LABELS: Final = {"opened": "新增", "closed": "关闭", "still_open": "未闭环", "reopened": "重开"}
_OWN_MEANINGS: Final[Sequence[tuple[str, str]]] = (
    ("报修响应率", "本月受理的报修、求助里，在首次响应时限内有人与业主说上话的，占已到时限或已响应的。"),
    ("报修完成率", "本月受理的报修、求助里，到数据截至时已处理完毕的占比；月末刚受理的也在分母里。"),
    ("办结按时率", "按时办结 ÷（按时办结＋超时办结）。"),
    ("回访满意率", "满意 ÷（满意＋基本满意＋不满意）；4–5 星为满意，3 星基本满意。"),
    ("成效", "同一类别上月与本月的新增、超时办结、不满意：只降不升为好转，只升不降为未见好转。"),
)


def _meanings() -> Iterable[Block]:
    yield Heading("八、口径说明")
    shown = ("opened", "closed", "still_open", "reopened", "escalated", "broken")
    rows = [(_label(key), FIGURES[key].text) for key in shown]
    yield Grid(("指标", "含义"), (*rows, *_OWN_MEANINGS), (22, 78))
