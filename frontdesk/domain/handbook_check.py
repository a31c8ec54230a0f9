"""The handbook's files as texts: which line is wrong, and how a manager's copy stands in for a shipped file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from frontdesk.domain.coaching import Method, Standard
from frontdesk.domain.entries import BadEntry, Path
from frontdesk.domain.errors import BadInput
from frontdesk.domain.handbook import Part, dangling, join, missing, parse_file
from frontdesk.domain.phrases import rank
from frontdesk.domain.playbook import STEPS, Case, Guide, Handbook, Topic
from frontdesk.domain.wording import Words

REACHABLE: Final = ("opening", "empathy", "promise", "closing")
APOLOGY: Final = ("对不起", "抱歉", "不好意思")
_HEADER: Final = re.compile(r"\s*\[\[?\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"\s*([\w-]+)\s*=")
_AT: Final = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to put right: in which file and line (0 where no line says it), which entry, what, and the remedy.

    `own` where it is the manager's copy. Words are Chinese and hold no personal data.
    """

    file: str
    line: int
    entry: str
    problem: str
    remedy: str
    own: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = " ".join(part for part in (place, self.entry) if part)
        return f"{where}：{self.problem}。{self.remedy}"


@dataclass(frozen=True, slots=True)
class Read:
    """A handbook and what is wrong with the files it was read from; what is wrong was left out, never half used."""

    book: Handbook
    problems: tuple[Problem, ...]


def read_handbook(
    shipped: Mapping[str, str], own: Mapping[str, str], categories: Collection[str] | None = None
) -> Read:
    """The handbook of the shipped texts (file name → text), each replaced by the manager's own of that name.

    An own file that is not in order is told and its shipped one used, so that nobody's slip takes the handbook away.
    `BadInput` only where the shipped files themselves are not in order.
    """
    parts, problems = _parts(shipped, categories, own=False)
    if problems:
        raise BadInput(problems[0].file, problems[0].problem, problems[0].remedy)
    theirs, problems = _parts(own, categories, own=True)
    parts |= theirs
    book = join(parts)
    problems += [
        located(each, own.get(each.field, ""), own=each.field in own) for each in dangling(parts, book)
    ]
    return Read(book, tuple(problems))


def check(
    shipped: Mapping[str, str], own: Mapping[str, str], categories: Collection[str]
) -> tuple[Problem, ...]:
    """Everything that is wrong: files, entries, forbidden words, and categories without words to say.

    By file and line. Forbidden words are looked for with the words in force, in what is said and in what staff are
    told to do; never-lines, and what stands in 「」, may hold them.
    """
    parts, problems = _parts(shipped, categories, own=False)
    theirs, more = _parts(own, categories, own=True)
    problems += more
    joined = {**parts, **theirs}
    book, texts = join(joined), {**shipped, **own}
    for wrong in missing(texts) + dangling(joined, book):
        problems.append(located(wrong, texts.get(wrong.field, ""), own=wrong.field in own))
    for name, part in ((n, p) for found in (parts, theirs) for n, p in found.items()):
        ours = theirs.get(name) is part
        problems += _forbidden(name, part, (own if ours else shipped)[name], book.words, own=ours)
    problems += _unreachable(book, categories)
    return tuple(sorted(problems, key=lambda each: (each.own, each.file, each.line)))


def line_of(text: str, path: Path, key: str = "", needle: str = "") -> int:
    """The line (from 1) of a table in a TOML text, of one of its keys, or of a word within it.

    Follows `[[name]]` headers and looks at the text between them; a table written inline has the line of its key, and
    what cannot be found has the line of what holds it, at last 1.
    """
    start, block = _block(text, path)
    if needle:
        for number, words in block:
            if needle in words:
                return number
    for number, words in block:
        match = _KEY.match(words)
        if key and match and match[1] == key:
            return number
    for number, _words, here in _walk(text) if key else ():
        if here and here[:-1] == path and here[-1][0] == key:
            return number  # a table of that name: [[phrse]]
    return start if path or not block else 1


def _block(text: str, path: Path) -> tuple[int, list[tuple[int, str]]]:
    """The line of a table's header and the lines of its own; of the table that holds it where it has no header."""
    while True:
        found: list[tuple[int, str]] = []
        start, inside = 1, not path
        for number, words, here in _walk(text):
            if here is not None:
                inside = here == path
                start = number if inside and path else start
            elif inside:
                found.append((number, words))
        if found or start > 1 or not path:
            return start, found
        path = path[:-1]


def _walk(text: str) -> Iterator[tuple[int, str, Path | None]]:
    """Each line with its number; a header has the path of the table that it begins."""
    count: dict[Path, int] = {}
    here: Path = ()
    quoted = ""
    for number, words in enumerate(text.splitlines(), 1):
        match = None if quoted else _HEADER.match(words)
        if match:
            names = match[1].split(".")
            base: Path = ()
            for name in names[:-1]:
                base = (*base, (name, max(count.get((*base, (name, 0)), 1) - 1, 0)))
            first = (*base, (names[-1], 0))
            count[first] = count.get(first, 0) + 1
            here = (*base, (names[-1], count[first] - 1))
            yield number, words, here
        else:
            yield number, words, None
        for mark in ('"""', "'''"):
            if (not quoted or quoted == mark) and words.count(mark) % 2:
                quoted = "" if quoted else mark


def _parts(
    texts: Mapping[str, str], categories: Collection[str] | None, *, own: bool
) -> tuple[dict[str, Part], list[Problem]]:
    parts: dict[str, Part] = {}
    problems: list[Problem] = []
    for name in sorted(texts):
        try:
            document = tomllib.loads(texts[name])
        except tomllib.TOMLDecodeError as error:
            problems.append(torn(name, texts[name], error, own=own))
            continue
        part, wrong = parse_file(name, document, categories)
        problems += [located(each, texts[name], own=own, file=name) for each in wrong]
        if part is not None:
            parts[name] = part
    return parts, problems


def torn(name: str, text: str, error: tomllib.TOMLDecodeError, *, own: bool) -> Problem:
    """A file that is no TOML: the parser's own words hold the line."""
    words = str(error)
    match = _AT.search(words)
    line = int(match[1]) if match and match[1] else max(len(text.splitlines()), 1)
    return Problem(
        name, line, "", f"格式有误（{_AT.sub('', words)}）", "请看这一行和上一行的引号、等号和方括号", own
    )


def located(wrong: BadInput, text: str, *, own: bool, file: str = "") -> Problem:
    """What is wrong with a file, with the line that says it."""
    name = file or wrong.field
    entry = wrong.field.removeprefix(name).strip()
    line = 0
    if text:
        line = line_of(text, wrong.path, wrong.key) if isinstance(wrong, BadEntry) else 1
    if not isinstance(wrong, BadEntry) and "「" in wrong.problem and text:
        line = line_of(text, (), needle=wrong.problem.split("「")[1].split("」")[0])
    return Problem(name, line, entry, wrong.problem, wrong.remedy, own)


def _forbidden(name: str, part: Part, text: str, words: Words, *, own: bool) -> Iterator[Problem]:
    lines = text.splitlines()
    for entry, said, staff in _said(part):
        for found in words.found(said, staff=staff):
            line = next((number for number, each in enumerate(lines, 1) if said in each), 0)
            problem = f"有不能说的话「{found.word}」（{found.label}）"
            yield Problem(name, line, entry, problem, found.remedy, own)


def _said(part: Part) -> Iterator[tuple[str, str, bool]]:
    """Entry and text of everything that is said, and of what staff are told to do."""
    if isinstance(part, Guide | Case | Topic):
        for phrase in part.phrases:
            yield f"phrase {phrase.digits}", phrase.text, False
            yield f"phrase {phrase.digits}", phrase.title, True
    for entry, text in _told(part):
        yield entry, text, True


def _told(part: Part) -> Iterator[tuple[str, str]]:
    if isinstance(part, Guide | Topic):
        yield from (("do", text) for text in part.do)
    if isinstance(part, Topic):
        yield from (("now", text) for text in part.now)
        yield from (("step", step.do) for step in part.steps)
    if isinstance(part, Case):
        for scenario in part.scenarios:
            yield from ((f"scenario {scenario.id}", step.do) for step in scenario.steps)
    if isinstance(part, Standard):
        yield from ((rule.line.source, rule.line.text) for rule in part.rules if not rule.never)
    if isinstance(part, Method):
        yield from ((line.source, line.text) for line in part.do)


def _unreachable(book: Handbook, categories: Collection[str]) -> Iterator[Problem]:
    """Categories in which there is nothing to say at a step that every call has, and those that nothing is about."""
    for category in categories:
        for step in REACHABLE:
            found = rank(book, category=category, case=None, step=step)
            if step == "empathy":
                found = tuple(each for each in found if any(word in each.text for word in APOLOGY))
            if not found:
                what = "致歉" if step == "empathy" else STEPS[step]
                yield Problem(
                    f"steps-{step}.toml",
                    0,
                    "",
                    f"类别「{category}」没有「{what}」的话可说",
                    "请补一条 [[phrase]]",
                )
        parts: tuple[Case | Topic, ...] = (*book.cases.values(), *book.topics.values())
        if all(category not in part.categories for part in parts):
            remedy = f'请在一个 case 或 topic 文件的 categories 里写上 "{category}"'
            yield Problem("", 0, "", f"类别「{category}」没有案例也没有专题", remedy)


def overdue(book: Handbook, today: str) -> tuple[str, ...]:
    """The ids of agreed wordings whose review date (ISO) has come (R-000-15)."""
    return tuple(each.id for each in book.phrases if each.agreed and each.agreed.review <= today)
