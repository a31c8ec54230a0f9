"""The standard handbook (客服标准化手册, R-000-08): what is said and done in a call and in a case.

One TOML file each in data/handbook/, written so that a manager can edit it:

`steps-<step>.toml`, one for every step of `STEPS`
    `step`, `title`; `do` and `never`: lines for the staff; `[[phrase]]`.
`case-<id>.toml`
    `id`, `title`, `categories`, `keywords`, optional `risk` lines, and
    `[[scenario]]`: `id`, `title`, `expects`; lines `risk`, `never_promise`, `never_mention`, `internal`;
    `[[scenario.step]]`: `who`, `do`, optional `limit` (an id) and `internal`;
    `[[limit]]`: `id`, `rule` (T-number), `label`, `who`, `since`, optional `repeats` and `scenario`, and one
    of `minutes` (from the start), `days` (the end of the day so many days on; negative: before) and `at` (the
    next `HH:MM`);
    `[[fact]]`, to collect before closing: `id`, `label`, `kind` (time, text, choice with `choices`) and
    `required`;
    `[[phrase]]` with a `step`, optional `scenario`.
`[[phrase]]`
    `id` (two digits, once a file), `title`, `text` with blanks such as {称呼}; optional `when`, `caution`
    (切勿), `categories`, `confirm` (the department that must have confirmed the time before it is said, X5).

Staff lines are not phrases: nothing marked never or internal can be put into what an owner reads or hears.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from frontdesk.domain.entries import Entry
from frontdesk.domain.errors import BadInput
from frontdesk.domain.pinyin import search_key
from frontdesk.domain.playbook import (
    BLANK,
    BLANKS,
    CONFIRMED_BY,
    STEPS,
    TIMES,
    Case,
    Fact,
    Guide,
    Handbook,
    Limit,
    Phrase,
    Scenario,
    Step,
)

__all__ = ["Case", "Fact", "Guide", "Handbook", "Limit", "Phrase", "Scenario", "Step", "parse_handbook"]

TEXT_AT_MOST, TITLE_AT_MOST = 120, 10
CASE_NEEDS: Final = ("empathy", "promise", "follow_up", "closing")
_FILE: Final = re.compile(r"(steps|case)-([A-Za-z0-9_]+)\.toml")
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def parse_handbook(
    files: Mapping[str, Mapping[str, Any]], categories: Collection[str] | None = None
) -> Handbook:
    """Checks and joins the parsed files (name → document).

    `BadInput` names the file, the entry, what is wrong and the remedy. Category names are checked against
    `categories` where given.
    """
    guides: dict[str, Guide] = {}
    cases: dict[str, Case] = {}
    for name in sorted(files):
        match = _FILE.fullmatch(name)
        if match is None:
            raise BadInput(name, "不是手册的文件名", "请命名为 steps-步骤.toml 或 case-编号.toml")
        entry = Entry(files[name], name)
        if match[1] == "steps":
            guides[match[2]] = _guide(entry, match[2], categories)
        else:
            cases[match[2]] = _case(entry, match[2], categories)
    for step, label in STEPS.items():
        if step not in guides:
            raise BadInput(f"steps-{step}.toml", f"没有这个文件，缺少「{label}」", "请从安装包里恢复它")
    return Handbook(tuple(guides[step] for step in STEPS), cases)


def _guide(entry: Entry, step: str, known: Collection[str] | None) -> Guide:
    if entry.choice("step", STEPS) != step:
        raise entry.bad(f"step 和文件名里的「{step}」对不上", "请改成一样的")
    title = entry.text("title")
    guide = Guide(
        step,
        title,
        entry.texts("do", needed=True),
        entry.texts("never", needed=True),
        tuple(_general(each, step, (title,), known) for each in entry.entries("phrase", needed=True)),
    )
    entry.done()
    return guide


def _case(entry: Entry, name: str, known: Collection[str] | None) -> Case:
    if entry.text("id") != name:
        raise entry.bad(f"id 和文件名里的「{name}」对不上", "请改成一样的")
    title, keywords = entry.text("title"), entry.texts("keywords", needed=True)
    limits = tuple(map(_limit, entry.entries("limit")))
    scenarios = tuple(_scenario(each, limits) for each in entry.entries("scenario", needed=True))
    ids = tuple(scenario.id for scenario in scenarios)
    for limit in limits:
        _must_be_one_of(entry, f"时限 {limit.id} 的 scenario", limit.scenario, ids)
    topic = (title, *keywords)
    case = Case(
        name,
        title,
        _categories(entry, known, needed=True),
        keywords,
        entry.texts("risk"),
        scenarios,
        limits,
        tuple(map(_fact, entry.entries("fact"))),
        tuple(_of_case(each, name, topic, ids, known) for each in entry.entries("phrase", needed=True)),
    )
    for step in CASE_NEEDS:
        if all(phrase.step != step for phrase in case.phrases):
            raise entry.bad(f"没有「{STEPS[step]}」的话术", f'请补一条 step = "{step}" 的 [[phrase]]')
    entry.done()
    return case


def _must_be_one_of(entry: Entry, what: str, value: str | None, allowed: Collection[str]) -> None:
    if value is not None and value not in allowed:
        raise entry.bad(f"{what}「{value}」不存在", f"只有：{'、'.join(allowed) or '（一个也没有）'}")


def _categories(entry: Entry, known: Collection[str] | None, *, needed: bool) -> tuple[str, ...]:
    names = entry.texts("categories", needed=needed)
    for name in names if known is not None else ():
        _must_be_one_of(entry, "类别", name, known or ())
    return names


def _scenario(entry: Entry, limits: tuple[Limit, ...]) -> Scenario:
    scenario = Scenario(
        entry.text("id"),
        entry.text("title"),
        entry.texts("expects", needed=True),
        tuple(_step(each, limits) for each in entry.entries("step", needed=True, unique=False)),
        entry.texts("risk"),
        entry.texts("never_promise"),
        entry.texts("never_mention"),
        entry.texts("internal"),
    )
    entry.done()
    return scenario


def _step(entry: Entry, limits: tuple[Limit, ...]) -> Step:
    limit = entry.text("limit", needed=False) or None
    _must_be_one_of(entry, "时限", limit, [each.id for each in limits])
    step = Step(entry.text("who"), entry.text("do"), limit, entry.flag("internal"))
    entry.done()
    return step


def _limit(entry: Entry) -> Limit:
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
    )
    if sum(value is not None for value in (limit.minutes, limit.days, limit.at)) != 1:
        raise entry.bad("minutes、days、at 要写而且只写一个", "请留下一个")
    if limit.minutes is not None and limit.minutes <= 0:
        raise entry.bad("minutes 不大于 0", "请写从开始算起的分钟数")
    if limit.at is not None and not _CLOCK.fullmatch(limit.at):
        raise entry.bad(f"at「{limit.at}」不是钟点", "请写成 08:30 这样")
    if not re.fullmatch(r"T\d{1,2}", limit.rule):
        raise entry.bad(f"rule「{limit.rule}」不是规则编号", "请写成 T24 这样")
    entry.done()
    return limit


def _fact(entry: Entry) -> Fact:
    kind, choices = entry.choice("kind", ("time", "text", "choice")), entry.texts("choices")
    if (kind == "choice") != bool(choices):
        raise entry.bad("kind 和 choices 对不上", 'kind = "choice" 才写 choices，而且要写')
    fact = Fact(entry.text("id"), entry.text("label"), kind, choices, entry.flag("required", True))
    entry.done()
    return fact


def _general(entry: Entry, step: str, topic: tuple[str, ...], known: Collection[str] | None) -> Phrase:
    return _phrase(entry, step, step, topic, known)


def _of_case(
    entry: Entry, case: str, topic: tuple[str, ...], scenarios: tuple[str, ...], known: Collection[str] | None
) -> Phrase:
    scenario = entry.text("scenario", needed=False) or None
    _must_be_one_of(entry, "情景", scenario, scenarios)
    return _phrase(entry, case, entry.choice("step", STEPS), topic, known, case=case, scenario=scenario)


def _phrase(
    entry: Entry,
    home: str,
    step: str,
    topic: tuple[str, ...],
    known: Collection[str] | None,
    *,
    case: str | None = None,
    scenario: str | None = None,
) -> Phrase:
    digits, title, text = entry.text("id"), entry.text("title"), entry.text("text")
    if not re.fullmatch(r"\d\d", digits):
        raise entry.bad("id 不是两位数字", "请写成 41 这样")
    if len(text) > TEXT_AT_MOST or len(title) > TITLE_AT_MOST:
        raise entry.bad(
            "太长，念不顺也显示不下", f"话术不超过 {TEXT_AT_MOST} 字，短名不超过 {TITLE_AT_MOST} 字"
        )
    confirm = entry.text("confirm", needed=False)
    phrase = Phrase(
        id=f"{home}-{digits}",
        digits=digits,
        step=step,
        title=title,
        text=text,
        case=case,
        scenario=scenario,
        categories=_categories(entry, known, needed=False),
        when=entry.text("when", needed=False),
        caution=entry.text("caution", needed=False),
        confirm=confirm,
        needs=_times(entry, text, must=step == "promise" or bool(confirm)),
        topic_key=search_key(title, *topic),
        text_key=search_key(*re.split(r"\W+", BLANK.sub("，", text))),
    )
    entry.done()
    return phrase


def _times(entry: Entry, text: str, *, must: bool) -> tuple[str, ...]:
    """The blanks of the text that must be real times; all blanks are checked."""
    names = tuple(dict.fromkeys(BLANK.findall(text)))
    fillable = BLANKS.keys() - {CONFIRMED_BY}
    for name in names:
        if name not in fillable:
            raise entry.bad(f"空格「{{{name}}}」不认识", f"可以用的有：{'、'.join(sorted(fillable))}")
    if re.search(r"[{}]", BLANK.sub("", text)):
        raise entry.bad("花括号没有成对", "请写成 {称呼} 这样")
    times = tuple(name for name in names if name in TIMES)
    if must and not times:
        raise entry.bad("约定回复的话里没有时间空格", "请加上 {约定时间}、{预计时间} 这样的空格")
    return times
