"""How a call is led: the 11 standards as procedures and the six steps with what to do and what never to do.

`standard-<nn>.toml` (REQUIREMENTS §4)
    `number`, `title`, optional `channel` (walk_in or phone) and `[[rule]]`: `id` (R-S1-02), `who`, `do` or `never`,
    `steps` of the call in which it counts; optional `when` (upset or calm), `time` (T9) and `say` (phrase ids).
`coach-<name>.toml` (REQUIREMENTS §5)
    `number`, `id`, `title`, `steps`, optional `note` lines, `[[do]]` and `[[never]]`: `id`, `text`, optional `say`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from frontdesk.domain.entries import Entry

CHANNELS: Final = {"walk_in": "来访", "phone": "来电"}
TIMER: Final = re.compile(r"T([1-9]|[12]\d|3\d)")
"""T1 to T39, the limits of REQUIREMENTS §1."""

MOODS: Final = {"calm": "平静", "upset": "情绪激动"}


class Line(NamedTuple):
    """One line of the coach: its rule (六字诀1 宜3, R-S1-05) and the ids of phrases that say it."""

    source: str
    text: str
    say: tuple[str, ...] = ()


class Method(NamedTuple):
    """One of the six steps (六字诀), and in which steps of a call it is shown."""

    number: int
    id: str
    title: str
    steps: tuple[str, ...]
    note: tuple[str, ...]
    do: tuple[Line, ...]
    never: tuple[Line, ...]


class Rule(NamedTuple):
    """One sentence of a standard: who does, or never does, what; `mood`, `channel` empty where it counts always."""

    line: Line
    who: str
    never: bool
    steps: tuple[str, ...]
    mood: str
    channel: str
    time: str


class Standard(NamedTuple):
    """One of the 11 standards, its rules in order."""

    number: int
    title: str
    channel: str
    rules: tuple[Rule, ...]


class Advice(NamedTuple):
    """What the coach shows for a step of a call, most important first; each line bears its rule.

    `rules` are the standards' own procedure for it, in order.
    """

    step: str
    title: str
    do: tuple[Line, ...]
    never: tuple[Line, ...]
    note: tuple[str, ...]
    rules: tuple[Rule, ...]


def counts(rule: Rule, step: str, upset: bool, channel: str) -> bool:
    """Whether a rule is for this step of a call with an owner in this mood, on this channel (empty: any)."""
    return (
        step in rule.steps
        and rule.mood in ("", "upset" if upset else "calm")
        and (not rule.channel or not channel or rule.channel == channel)
    )


def advise(
    step: str,
    methods: Sequence[Method],
    rules: Sequence[Rule],
    guide: str,
    own: tuple[Sequence[Line], Sequence[Line]],
) -> Advice:
    """Joins what counts in a step: the rules for an upset owner, the six steps' lines, then the desk's `own` do and
    never from its guide for the step, which lends its title where no method has one.
    """
    first = [rule for rule in rules if rule.mood == "upset"]
    do = [rule.line for rule in first if not rule.never]
    never = [rule.line for rule in first if rule.never]
    return Advice(
        step=step,
        title="、".join(method.title for method in methods) or guide,
        do=(*do, *(line for method in methods for line in method.do), *own[0]),
        never=(*never, *(line for method in methods for line in method.never), *own[1]),
        note=tuple(text for method in methods for text in method.note),
        rules=tuple(rules),
    )


def parse_method(entry: Entry, name: str, steps: Collection[str]) -> Method:
    """A step of the six; `BadEntry` where the file is not in order."""
    number = _number(entry)
    if entry.text("id") != name:
        raise entry.bad(f"id 和文件名里的「{name}」对不上", "请改成一样的", "id")
    source = f"六字诀{number} "
    method = Method(
        number,
        name,
        entry.text("title"),
        _steps(entry, steps),
        entry.texts("note"),
        tuple(_line(each, source) for each in entry.entries("do", needed=True)),
        tuple(_line(each, source) for each in entry.entries("never", needed=True)),
    )
    entry.done()
    return method


def parse_standard(entry: Entry, name: str, steps: Collection[str]) -> Standard:
    """A standard; `BadEntry` where the file is not in order."""
    number = _number(entry)
    if f"{number:02}" != name:
        raise entry.bad(f"number 和文件名里的「{name}」对不上", "请改成一样的", "number")
    channel = entry.choice("channel", CHANNELS) if "channel" in entry.table else ""
    title = entry.text("title")
    rules = tuple(_rule(each, steps, channel) for each in entry.entries("rule", needed=True))
    entry.done()
    return Standard(number, title, channel, rules)


def _number(entry: Entry) -> int:
    number = entry.number("number")
    if number is None or number < 1:
        raise entry.bad("number 没有写，或不大于 0", "请写第几条", "number")
    return number


def _steps(entry: Entry, known: Collection[str]) -> tuple[str, ...]:
    steps = entry.texts("steps", needed=True)
    for step in steps:
        if step not in known:
            raise entry.bad(f"步骤「{step}」不认识", f"只有：{'、'.join(known)}", "steps")
    return steps


def _line(entry: Entry, source: str) -> Line:
    line = Line(source + entry.text("id"), entry.text("text"), entry.texts("say"))
    entry.done()
    return line


def _rule(entry: Entry, known: Collection[str], channel: str) -> Rule:
    source = entry.text("id")
    if not re.fullmatch(r"R-S\d{1,2}-\d\d[a-z]?", source):
        raise entry.bad(f"id「{source}」不是条款编号", "请写成 R-S1-02 这样，一条分几步写的加 a、b", "id")
    do, never = entry.text("do", needed=False), entry.text("never", needed=False)
    if bool(do) == bool(never):
        raise entry.bad("do 和 never 要写而且只写一个", "请留下一个", "do")
    time = entry.text("time", needed=False)
    if time and not TIMER.fullmatch(time):
        raise entry.bad(f"time「{time}」不是规则编号", "请写成 T9 这样", "time")
    rule = Rule(
        line=Line(source, do or never, entry.texts("say")),
        who=entry.text("who"),
        never=bool(never),
        steps=_steps(entry, known),
        mood=entry.choice("when", MOODS) if "when" in entry.table else "",
        channel=channel,
        time=time,
    )
    entry.done()
    return rule
