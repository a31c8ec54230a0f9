"""The handbook's smaller entries, each from one table of its files: limits, facts, scenarios, phrases."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple, TypeVar

from frontdesk.domain.coaching import TIMER
from frontdesk.domain.entries import Entry
from frontdesk.domain.errors import BadInput
from frontdesk.domain.playbook import (
    BLANK,
    BLANKS,
    CONFIRMED_BY,
    STEPS,
    TIMES,
    Agreed,
    Fact,
    Limit,
    Phrase,
    Scenario,
    Step,
    Unsayable,
)
from frontdesk.domain.terms import DANGERS
from frontdesk.domain.wording import has_gap

TEXT_AT_MOST, TITLE_AT_MOST = 120, 10
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_LENGTH: Final = re.compile(
    r"\d+\s*(?:分钟|小时|点|天)|[一二两三四五六七八九十半]+(?:分钟|小时|点半|点钟|日内|天内)"
)
_T = TypeVar("_T")


class Page:
    """One file being read: its entries are read on after a bad one, so that its editor learns all at once.

    `categories` are the known ones, None where nobody knows. `problems` is what was found, in order.
    """

    def __init__(self, name: str, document: Mapping[str, Any], categories: Collection[str] | None) -> None:
        self.file, self.categories = Entry(document, name), categories
        self.problems: list[BadInput] = []

    def tables(self, name: str, *, needed: bool = False) -> list[Entry]:
        """The file's `[[name]]`; none where they cannot be told apart."""
        return next(iter(self.each([self.file], lambda file: file.entries(name, needed=needed))), [])

    def each(self, entries: Iterable[Entry], read: Callable[[Entry], _T]) -> tuple[_T, ...]:
        """What could be read; what could not is a problem."""
        found: list[_T] = []
        for entry in entries:
            try:
                found.append(read(entry))
            except BadInput as problem:
                self.problems.append(problem)
        return tuple(found)

    def categories_of(self, entry: Entry, *, needed: bool) -> tuple[str, ...]:
        """The entry's categories, checked where they are known."""
        names = entry.texts("categories", needed=needed)
        for name in names if self.categories is not None else ():
            one_of(entry, "类别", name, self.categories or (), "categories")
        return names


class Home(NamedTuple):
    """Where phrases stand: what their ids begin with, what they are found by, and the case or topic."""

    name: str
    topic: tuple[str, ...]
    case: str | None = None
    topic_id: str | None = None
    scenarios: tuple[str, ...] = ()


def one_of(entry: Entry, what: str, value: str | None, allowed: Collection[str], key: str) -> None:
    """Refuses a value that is not among the allowed."""
    if value is not None and value not in allowed:
        raise entry.bad(f"{what}「{value}」不存在", f"只有：{'、'.join(allowed) or '（一个也没有）'}", key)


def named(entries: Iterable[Entry]) -> tuple[str, ...]:
    """The ids of the entries, also of those that are otherwise wrong."""
    return tuple(str(entry.table.get("id", "")) for entry in entries)


def read_scenario(entry: Entry, limits: Collection[str]) -> Scenario:
    """A scenario with its steps; `limits` are the ids of the case's limits."""
    scenario = Scenario(
        entry.text("id"),
        entry.text("title"),
        entry.texts("expects", needed=True),
        tuple(read_step(each, limits) for each in entry.entries("step", needed=True, unique=False)),
        entry.texts("risk"),
        entry.texts("never_promise"),
        entry.texts("never_mention"),
        entry.texts("internal"),
        entry.texts("says"),
    )
    entry.done()
    return scenario


def read_step(entry: Entry, limits: Collection[str]) -> Step:
    """Who does what."""
    limit = entry.text("limit", needed=False) or None
    one_of(entry, "时限", limit, limits, "limit")
    step = Step(entry.text("who"), entry.text("do"), limit, entry.flag("internal"))
    entry.done()
    return step


def read_limit(entry: Entry, scenarios: Collection[str]) -> Limit:
    """A limit; exactly one of its four measures is written."""
    limit = Limit(
        id=entry.text("id"),
        rule=entry.text("rule"),
        label=entry.text("label"),
        who=entry.text("who"),
        since=entry.text("since"),
        minutes=entry.number("minutes"),
        days=entry.number("days"),
        at=entry.text("at", needed=False) or None,
        repeats=entry.flag("repeats"),
        scenario=entry.text("scenario", needed=False) or None,
        percent=entry.number("percent"),
    )
    if sum(value is not None for value in (limit.minutes, limit.days, limit.at, limit.percent)) != 1:
        raise entry.bad("minutes、days、at、percent 要写而且只写一个", "请留下一个")
    if limit.minutes is not None and limit.minutes <= 0:
        raise entry.bad("minutes 不大于 0", "请写从开始算起的分钟数", "minutes")
    if limit.at is not None and not _CLOCK.fullmatch(limit.at):
        raise entry.bad(f"at「{limit.at}」不是钟点", "请写成 08:30 这样", "at")
    if not TIMER.fullmatch(limit.rule):
        raise entry.bad(f"rule「{limit.rule}」不是规则编号", "请写成 T24 这样，T1 到 T39", "rule")
    one_of(entry, "情景", limit.scenario, scenarios, "scenario")
    entry.done()
    return limit


def read_fact(entry: Entry, scenarios: Collection[str]) -> Fact:
    """A fact to collect before closing."""
    kind, choices = entry.choice("kind", ("time", "text", "choice")), entry.texts("choices")
    if (kind == "choice") != bool(choices):
        raise entry.bad("kind 和 choices 对不上", 'kind = "choice" 才写 choices，而且要写', "choices")
    scenario = entry.text("scenario", needed=False) or None
    one_of(entry, "情景", scenario, scenarios, "scenario")
    fact = Fact(entry.text("id"), entry.text("label"), kind, choices, entry.flag("required", True), scenario)
    entry.done()
    return fact


def read_dangers(entry: Entry) -> tuple[str, ...]:
    """The entry's `dangers`, each one of `terms.DANGERS`."""
    names = entry.texts("dangers")
    for name in names:
        one_of(entry, "险情", name, DANGERS, "dangers")
    return names


def read_words(entry: Entry, name: str, *, needed: bool = False) -> tuple[str, ...]:
    """Words that `wording.holds` looks for, such as `老人/孩子+不见`."""
    found = entry.texts(name, needed=needed)
    for each in found:
        if has_gap(each):
            raise entry.bad(
                f"{name} 里的「{each}」有空的一段", "请写成 老人/孩子+不见 这样，+ 的两边都要有词", name
            )
    return found


def read_unsayable(entry: Entry, home: Home) -> Unsayable:
    """A sentence that must not be said. What to say `instead` is a phrase of the same file, or of any by full id."""
    scenario = entry.text("scenario", needed=False) or None
    one_of(entry, "情景", scenario, home.scenarios, "scenario")
    instead = entry.text("instead", needed=False)
    found = Unsayable(
        id=f"{home.name}-x{entry.text('id')}",
        text=entry.text("text"),
        why=entry.text("why"),
        instead=f"{home.name}-{instead}" if re.fullmatch(r"\d\d", instead) else instead,
        scenario=scenario,
        words=read_words(entry, "words"),
    )
    entry.done()
    return found


def read_phrase(page: Page, entry: Entry, home: Home, step: str | None = None) -> Phrase:
    """A phrase; it names its own step where `step` does not."""
    scenario = None if step else entry.text("scenario", needed=False) or None
    one_of(entry, "情景", scenario, home.scenarios, "scenario")
    digits, title, text = entry.text("id"), entry.text("title"), entry.text("text")
    step = step or entry.choice("step", STEPS)
    if not re.fullmatch(r"\d\d", digits):
        raise entry.bad("id 不是两位数字", "请写成 41 这样", "id")
    if len(text) > TEXT_AT_MOST or len(title) > TITLE_AT_MOST:
        raise entry.bad(
            "太长，念不顺也显示不下",
            f"话术不超过 {TEXT_AT_MOST} 字，短名不超过 {TITLE_AT_MOST} 字",
            "text" if len(text) > TEXT_AT_MOST else "title",
        )
    confirm = entry.text("confirm", needed=False)
    phrase = Phrase(
        id=f"{home.name}-{digits}",
        digits=digits,
        step=step,
        title=title,
        text=text,
        case=home.case,
        scenario=scenario,
        categories=page.categories_of(entry, needed=False),
        when=entry.text("when", needed=False),
        caution=entry.text("caution", needed=False),
        confirm=confirm,
        needs=_times(entry, text, must=step == "promise" or bool(confirm)),
        about=(title, *home.topic),
        topic=home.topic_id,
        agreed=_agreed(entry),
        words=read_words(entry, "words"),
    )
    entry.done()
    return phrase


def _agreed(entry: Entry) -> Agreed | None:
    """Source and review date of an agreed wording (R-000-15): both or neither."""
    source, review = entry.text("source", needed=False), entry.text("review", needed=False)
    if bool(source) != bool(review):
        raise entry.bad("source 和 review 要一起写", "统一口径既要写依据，也要写哪天复核", "source")
    if not source:
        return None
    try:
        return Agreed(source, date.fromisoformat(review).isoformat())
    except ValueError:
        raise entry.bad(f"review「{review[:20]}」不是日期", "请写成 2027-06-30 这样", "review") from None


def _times(entry: Entry, text: str, *, must: bool) -> tuple[str, ...]:
    """The blanks of the text that must be real times; all blanks are checked, and that no time is written out (X5)."""
    names, fixed = tuple(dict.fromkeys(BLANK.findall(text))), entry.text("fixed", needed=False)
    fillable = BLANKS.keys() - {CONFIRMED_BY}
    for name in names:
        if name not in fillable:
            raise entry.bad(f"空格「{{{name}}}」不认识", f"可以用的有：{'、'.join(sorted(fillable))}", "text")
    if re.search(r"[{}]", BLANK.sub("", text)):
        raise entry.bad("花括号没有成对", "请写成 {称呼} 这样", "text")
    length = _LENGTH.search(text)
    if length and not fixed:
        raise entry.bad(
            f"时间写死了（{length[0]}）",
            '说给业主的时间用 {约定时间}、{预计时间} 这样的空格；不是约定的，请加一行 fixed = "为什么"',
            "text",
        )
    times = tuple(name for name in names if name in TIMES)
    if must and not times:
        raise entry.bad("约定回复的话里没有时间空格", "请加上 {约定时间}、{预计时间} 这样的空格", "text")
    return times
