"""policy.toml as a text: every mistake with its line, and what is legal but odd (DESIGN §5)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from frontdesk.domain.calendar import Calendar
from frontdesk.domain.errors import BadInput
from frontdesk.domain.handbook_check import Problem, torn
from frontdesk.domain.holidays import unstated
from frontdesk.domain.patterns import pattern
from frontdesk.domain.policy import DATED, Policy, Target, read_policy
from frontdesk.domain.terms import CLOCKS
from frontdesk.domain.timing import DAY, HOUR, Instant

FILE: Final = "policy.toml"
SECTIONS: Final = ("policy", "clocks", "ladder", "calendar", "quiet", "digest", "watch")
_HEAD: Final = ("name", "risk_share")

_HEADER = pattern(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = pattern(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = pattern(r"""[\w-]+|"[^"]*"|'[^']*'|\[\d+\]""")
_UNKNOWN = pattern("不认识 ([^、]+)")
Freeze = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Checked(NamedTuple):
    """What was found, by line; `policy` only where nothing is wrong. What is merely odd stops nobody."""

    policy: Policy | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


def check(text: str, own: bool, freeze: Freeze, now: Instant, categories: Collection[str]) -> Checked:
    """Everything about a policy.toml; `freeze` adds the public holidays, `own` says that it is the manager's copy."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Checked(None, (torn(FILE, text, error, own=own),))
    document = freeze(raw)
    policy, slips = read_policy(document)
    lines = _Lines(text)

    def told(bad: BadInput) -> Problem:
        return Problem(FILE, lines.of(bad), bad.field, bad.problem, bad.remedy, own)

    odd = () if slips else _odd(document, policy, now, categories)
    by_line = sorted(map(told, slips), key=_place), sorted(map(told, odd), key=_place)
    return Checked(None if slips else policy, tuple(by_line[0]), tuple(by_line[1]))


def _place(problem: Problem) -> int:
    return problem.line


class _Lines:
    """Where in the text each entry stands, as the path of its names."""

    def __init__(self, text: str) -> None:
        self._found: dict[tuple[str, ...], int] = {}
        header: tuple[str, ...] = ()
        count: dict[tuple[str, ...], int] = {}
        for number, words in enumerate(text.splitlines(), 1):
            if match := _HEADER.match(words):
                header = self._inside(_parts(match[2]), count)
                if match[1] == "[[":
                    place = count[header] = count.get(header, -1) + 1
                    header = (*header, f"[{place}]")
                self._found.setdefault(header, number)
            elif match := _KEY.match(words):
                self._found.setdefault((*header, *_parts(match[1])), number)

    @staticmethod
    def _inside(names: tuple[str, ...], count: Mapping[tuple[str, ...], int]) -> tuple[str, ...]:
        """The names with the place of each list that they lead through: the newest one of it."""
        path: tuple[str, ...] = ()
        for name in names[:-1]:
            path = (*path, name)
            if path in count:
                path = (*path, f"[{count[path]}]")
        return (*path, names[-1])

    def of(self, bad: BadInput) -> int:
        """The line of an entry, of the name in it that nobody knows, or of what holds it."""
        path = _parts(bad.field)
        if match := _UNKNOWN.match(bad.problem):
            path = (*path, match[1])
        for length in range(len(path), 0, -1):
            if path[:length] in self._found:
                return self._found[path[:length]]
        within = (line for place, line in self._found.items() if place[:1] == path[:1])
        return next(within, 1)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(path))


def _odd(
    document: Mapping[str, Any], policy: Policy, now: Instant, categories: Collection[str]
) -> Iterator[BadInput]:
    yield from _unread(document)
    if (lacking := unstated(document, now)) is not None:
        yield lacking
    used = {
        rule.calendar.name
        for target in policy.targets.values()
        for rule in (target, *target.rules)
        if rule.calendar
    }
    for name in policy.calendars:
        if name not in used:
            yield BadInput(
                f"calendar.{name}", "没有一个时限用它", f'要用请在时限里写 calendar = "{name}"，不用就删去'
            )
    for name, target in policy.targets.items():
        yield from _rules(f"clocks.{name}", target, categories)
    for below, rung in zip(policy.ladder[1:], policy.ladder[2:], strict=False):
        if 0 < rung.offset < below.acknowledge:
            yield BadInput(
                f"ladder[{rung.level}].offset",
                f"「{below.name}」的确认时限还没到，就已叫到「{rung.name}」",
                f"请不短于 {below.acknowledge // 60}m，或去掉 offset",
            )


def _unread(document: Mapping[str, Any]) -> Iterator[BadInput]:
    """What nobody reads: most often a misspelt section."""
    for name in document:
        if name not in SECTIONS:
            yield BadInput(str(name), "这一节没有人读", f"可用的有 {'、'.join(SECTIONS)}，或删去")
    for name in document.get("policy", {}):
        if name not in _HEAD:
            yield BadInput(f"policy.{name}", "这一项没有人读", f"可用的有 {'、'.join(_HEAD)}，或删去")
    for name in DATED:
        if "span" in document["clocks"].get(name, {}):
            yield BadInput(
                f"clocks.{name}.span", f"「{CLOCKS[name]}」的期限由当时所说的时间定，没有用到", "请删去这一行"
            )


def _rules(field: str, target: Target, categories: Collection[str]) -> Iterator[BadInput]:
    lines = [(field, target), *((f"{field}.rules[{place}]", rule) for place, rule in enumerate(target.rules))]
    for place, (here, rule) in enumerate(lines):
        for each in rule.categories:
            if not any(
                known.startswith(each[:-1]) if each[-1] == "*" else known == each for known in categories
            ):
                yield BadInput(
                    f"{here}.when.category", f"没有分类「{each}」", "请照 categories.toml 写，或删去"
                )
        wider = next((n for n, (_, earlier) in enumerate(lines[1:place], 1) if _covers(earlier, rule)), None)
        if wider is not None:
            yield BadInput(here, f"轮不到它：第 {wider} 条先对上了", "请把范围小的写在前面")
        if rule.calendar and rule.seconds % DAY == 0 and (hours := _usual(rule.calendar)) < DAY:
            days = rule.seconds / hours
            yield BadInput(
                f"{here}.span",
                f"在日历 {rule.calendar.name} 里是 {rule.seconds // HOUR} 个工作小时，约 {days:.0f} 个工作日",
                "按工作时间算天数的，请写成小时，如三天写 21h",
            )


def _usual(calendar: Calendar) -> int:
    """Working seconds of the longest day of the week."""
    return max(sum(end - start for start, end in each) for each in calendar.week)


def _covers(earlier: Target, rule: Target) -> bool:
    """True where every ticket that `rule` is for meets `earlier` first."""
    pairs = (
        (earlier.kinds, rule.kinds),
        (earlier.priorities, rule.priorities),
        (earlier.channels, rule.channels),
    )
    if any(wide and not (narrow and set(narrow) <= set(wide)) for wide, narrow in pairs):
        return False
    return not earlier.categories or bool(
        rule.categories
        and all(
            any(
                each.startswith(wide[:-1]) if wide[-1] == "*" else each == wide for wide in earlier.categories
            )
            for each in rule.categories
        )
    )
