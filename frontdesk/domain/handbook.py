"""The standard handbook (客服标准化手册, R-000-08): what is said and done in a call and in a case.

One TOML file each in data/handbook/, written so that a manager can edit it:

`steps-<step>.toml`, one for every step of `STEPS`
    `step`, `title`; `do` and `never`: lines for the staff; `[[phrase]]`.
`case-<id>.toml`
    `id`, `title`, `categories`, `keywords`, optional `risk` lines, and
    `[[scenario]]`: `id`, `title`, `expects`; lines `says` (the owner), `risk`, `never_promise`, `never_mention`, `internal`;
    `[[scenario.step]]`: `who`, `do`, optional `limit` (an id) and `internal`;
    `[[limit]]`: `id`, `rule` (T-number), `label`, `who`, `since`, optional `repeats` and `scenario`, and one
    of `minutes` (from the start), `days` (the end of the day so many days on; negative: before), `at` (the
    next `HH:MM`) and `percent` (a bound, no clock);
    `[[fact]]`, to collect before closing: `id`, `label`, `kind` (time, text, choice with `choices`),
    `required` and optional `scenario`;
    `[[phrase]]` with a `step`, optional `scenario`; `[[never_say]]`.
`topic-<name>.toml`, what is asked beside the cases
    `title`, `source`, `categories` (the first is its home), `keywords` (`老人/孩子+不见`: one of each part; only those
    of one word find it when something is typed), `do`, `never`, optional `now` (what the
    owner does for safety at once) with `call` (119), `dangers` (those it has the first words for), `[[step]]`, `[[limit]]`, `[[phrase]]`, `[[never_say]]`.
`standard-<nn>.toml`, `coach-<name>.toml`
    How a call is led; `coaching` explains them.
`words-forbidden.toml`
    What is never said to an owner; `wording` explains it.
`[[phrase]]`
    `id` (two digits, once a file), `title`, `text` with blanks such as {称呼}; optional `when`, `caution`
    (切勿), `categories`, `confirm` (the department that must have confirmed the time before it is said, X5),
    `fixed` (why a length of time written out is no appointment), `source` and `review` (a wording agreed for a
    policy-sensitive question, and the day on which to look at it again, R-000-15), `words` (an owner who says one of
    them hears this phrase of the step first).
`[[never_say]]`
    `id` (two digits), `text`, `why`; optional `instead` (a phrase's id), `scenario`, `words` that find it typed.

Staff lines and `[[never_say]]` are not phrases: nothing marked never or internal can be put into what an owner reads
or hears.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from frontdesk.domain.coaching import Method, Standard, parse_method, parse_standard
from frontdesk.domain.errors import BadInput
from frontdesk.domain.handbook_entries import (
    Home,
    Page,
    named,
    read_dangers,
    read_fact,
    read_limit,
    read_phrase,
    read_scenario,
    read_step,
    read_unsayable,
    read_words,
)
from frontdesk.domain.playbook import (
    STEPS,
    Case,
    Fact,
    Guide,
    Handbook,
    Limit,
    Phrase,
    Scenario,
    Step,
    Topic,
    single_words,
)
from frontdesk.domain.wording import Words, parse_words

__all__ = [
    "Case", "Fact", "Guide", "Handbook", "Limit", "Phrase", "Scenario", "Step", "Topic", "parse_handbook"
]  # fmt: skip

Part = Guide | Case | Topic | Standard | Method | Words
CASE_NEEDS: Final = ("empathy", "promise", "follow_up", "closing")
TOPIC_NEEDS: Final = ("opening", "empathy", "promise", "closing")
FILE: Final = re.compile(r"(steps|case|topic|standard|coach|words)-([A-Za-z0-9_]+)\.toml")


def parse_handbook(
    files: Mapping[str, Mapping[str, Any]], categories: Collection[str] | None = None
) -> Handbook:
    """Checks and joins the parsed files (name → document).

    `BadInput` names the file, the entry, what is wrong and the remedy. Category names are checked against
    `categories` where given.
    """
    parts: dict[str, Part] = {}
    for name in sorted(files):
        part, problems = parse_file(name, files[name], categories)
        if part is None:
            raise problems[0]
        parts[name] = part
    book = join(parts)
    for problem in missing(parts) + dangling(parts, book):
        raise problem
    return book


def parse_file(
    name: str, document: Mapping[str, Any], categories: Collection[str] | None = None
) -> tuple[Part | None, list[BadInput]]:
    """What one file says, or None with everything that is wrong with it."""
    match = FILE.fullmatch(name)
    if match is None:
        remedy = (
            "请命名为 steps-步骤、case-编号、topic-名称、standard-序号、coach-名称或 words-名称，加 .toml"
        )
        return None, [BadInput(name, "不是手册的文件名", remedy)]
    part: Part | None = None
    problems: list[BadInput] = []
    try:
        page = Page(name, document, categories)
        problems = page.problems
        part = _read(page, match[1], match[2])
    except BadInput as problem:
        problems.append(problem)
    return (None if problems else part), problems


def _read(page: Page, kind: str, name: str) -> Part:
    if kind == "steps":
        return _guide(page, name)
    if kind == "case":
        return _case(page, name)
    if kind == "topic":
        return _topic(page, name)
    if kind == "standard":
        return parse_standard(page.file, name, STEPS)
    return parse_method(page.file, name, STEPS) if kind == "coach" else parse_words(page.file)


def join(parts: Mapping[str, Part]) -> Handbook:
    """The handbook of these parts (file name → part)."""
    found = [parts[name] for name in sorted(parts)]
    guides = {part.step: part for part in found if isinstance(part, Guide)}
    return Handbook(
        tuple(guides[step] for step in STEPS if step in guides),
        {part.id: part for part in found if isinstance(part, Case)},
        {part.id: part for part in found if isinstance(part, Topic)},
        tuple(sorted((p for p in found if isinstance(p, Standard)), key=lambda part: part.number)),
        tuple(sorted((p for p in found if isinstance(p, Method)), key=lambda part: part.number)),
        Words(tuple(group for part in found if isinstance(part, Words) for group in part.groups)),
    )


def missing(parts: Collection[str]) -> list[BadInput]:
    """Files that a handbook cannot do without."""
    return [
        BadInput(f"steps-{step}.toml", f"没有这个文件，缺少「{label}」", "请从安装包里恢复它")
        for step, label in STEPS.items()
        if f"steps-{step}.toml" not in parts
    ]


def dangling(parts: Mapping[str, Part], book: Handbook) -> list[BadInput]:
    """Phrases that a part points to and the handbook does not have; whoever shows them passes over these."""
    known = {phrase.id for phrase in book.phrases}
    remedy = "请写成 escalate-71、B2-51 这样的编号，或删去"
    return [
        BadInput(name, f"话术「{say}」不存在", remedy)
        for name, part in sorted(parts.items())
        for say in _mentioned(part)
        if say not in known
    ]


def _mentioned(part: Part) -> list[str]:
    """The ids of phrases that a part points to."""
    if isinstance(part, Method):
        return [say for line in (*part.do, *part.never) for say in line.say]
    if isinstance(part, Standard):
        return [say for rule in part.rules for say in rule.line.say]
    if isinstance(part, Case | Topic):
        return [each.instead for each in part.unsayable if each.instead]
    return []


def _guide(page: Page, step: str) -> Guide:
    file = page.file
    if file.choice("step", STEPS) != step:
        raise file.bad(f"step 和文件名里的「{step}」对不上", "请改成一样的", "step")
    title, phrases = file.text("title"), page.tables("phrase", needed=True)
    guide = Guide(
        step,
        title,
        file.texts("do", needed=True),
        file.texts("never", needed=True),
        page.each(phrases, lambda each: read_phrase(page, each, Home(step, (title,)), step)),
    )
    file.done()
    return guide


def _case(page: Page, name: str) -> Case:
    file = page.file
    if file.text("id") != name:
        raise file.bad(f"id 和文件名里的「{name}」对不上", "请改成一样的", "id")
    title, keywords = file.text("title"), read_words(file, "keywords", needed=True)
    told, limited = page.tables("scenario", needed=True), page.tables("limit")
    ids, limits = named(told), named(limited)
    home = Home(name, (title, *single_words(keywords)), case=name, scenarios=ids)
    case = Case(
        name,
        title,
        page.categories_of(file, needed=True),
        keywords,
        file.texts("risk"),
        page.each(told, lambda each: read_scenario(each, limits)),
        page.each(limited, lambda each: read_limit(each, ids)),
        page.each(page.tables("fact"), lambda each: read_fact(each, ids)),
        _phrases(page, home, CASE_NEEDS),
        page.each(page.tables("never_say"), lambda each: read_unsayable(each, home)),
    )
    file.done()
    return case


def _topic(page: Page, name: str) -> Topic:
    file = page.file
    title, keywords = file.text("title"), read_words(file, "keywords", needed=True)
    limited = page.tables("limit")
    limits = named(limited)
    home = Home(name, (title, *single_words(keywords)), topic_id=name)
    now, call = file.texts("now"), file.texts("call")
    topic = Topic(
        name,
        title,
        file.text("source"),
        page.categories_of(file, needed=True),
        keywords,
        read_dangers(file),
        now,
        call,
        file.texts("do", needed=True),
        file.texts("never", needed=True),
        page.each(file.entries("step", unique=False), lambda each: read_step(each, limits)),
        page.each(limited, lambda each: read_limit(each, ())),
        _phrases(page, home, (*TOPIC_NEEDS, "emergency") if now else TOPIC_NEEDS),
        page.each(page.tables("never_say"), lambda each: read_unsayable(each, home)),
    )
    if bool(now) != bool(call):
        raise file.bad("now 和 call 要一起写", "突发的专题既要写业主先做什么，也要写打哪个号码", "now")
    file.done()
    return topic


def _phrases(page: Page, home: Home, needs: Collection[str]) -> tuple[Phrase, ...]:
    entries = page.tables("phrase", needed=True)
    steps = {entry.table.get("step") for entry in entries}
    for step in needs if entries else ():
        if step not in steps:
            page.problems.append(
                page.file.bad(f"没有「{STEPS[step]}」的话术", f'请补一条 step = "{step}" 的 [[phrase]]')
            )
    return page.each(entries, lambda each: read_phrase(page, each, home))
