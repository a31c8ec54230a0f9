"""`frontdesk train`: the handbook's cases as timed role-play at the terminal, line by line (R-000-08).

Plain lines, no drawing: it works at 80x24, over a bad line, for a screen reader, and with answers from a pipe.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli import out
from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import opened
from frontdesk.domain.coaching import CHANNELS
from frontdesk.domain.errors import BadInput

if TYPE_CHECKING:
    from frontdesk.desk import Desk
    from frontdesk.desk.trainer import Trainer
    from frontdesk.domain.drill import Drill, Question
    from frontdesk.domain.replies import Answer
    from frontdesk.domain.timing import Instant
    from frontdesk.domain.training import Verdict

REFUSED, INTERRUPTED = 1, 130
"""As the other commands end (DESIGN §8): answers that stop are no whole sitting, Ctrl+C is Ctrl+C."""
_SEEDS, _SHOWN = 10**6, 3
_MARKS = "，。；：、）」？！"


def add_to(app: typer.Typer) -> None:
    """Put the command on the application."""
    app.command("train", help="案例演练：业主说话，您来应答，计时打分；--exam 是每月情景模拟考核")(train)


def train(
    case: Annotated[str, typer.Argument(metavar="案例", help="如 A1，或情景 A1-2；不写就从目录里选")] = "",
    scenario: Annotated[str, typer.Option("--scenario", help="只练这个情景，如 A1-2")] = "",
    listing: Annotated[bool, typer.Option("--list", help="列出案例和情景")] = False,
    exam: Annotated[int | None, typer.Option("--exam", min=1, help="考核：随机抽几个情景")] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="抽题的种子，同一种子同一套题")] = None,
    results: Annotated[bool, typer.Option("--results", help="列出成绩；主任以上看所有人的")] = False,
    as_json: Json = False,
) -> int:
    """Play, or look at what was played."""
    import random

    from frontdesk.desk.trainer import Trainer
    from frontdesk.domain.drill import choose, draw

    with opened() as desk:
        trainer = Trainer(desk)
        if results:
            return _results(trainer, as_json)
        if listing:
            out.say("\n".join(_catalogue(desk)))
            return 0
        desk.operator.writes()
        # The seed is told and kept, so that a sitting can be played again.
        chosen = random.SystemRandom().randrange(_SEEDS) if seed is None else seed
        lines = _Lines()
        if exam:
            planned = draw(desk.handbook, exam, chosen)
        elif scenario or case:
            planned = choose(desk.handbook, scenario or case)
        else:
            planned = lines.pick(desk)
        return _Sitting(desk, trainer, lines, planned, bool(exam), chosen).run() if planned else REFUSED


class _Lines:
    """Lines from whoever answers: a person at a terminal, or a pipe."""

    def __init__(self) -> None:
        if sys.stdin is not None and sys.stdin.isatty():
            # Its line editor knows how wide a hanzi is: erasing one leaves no half behind. Not everywhere compiled in.
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401

    def read(self) -> str:
        """The next line, without its end; `EOFError` where there is none, `KeyboardInterrupt` on Ctrl+C."""
        out.flush()
        if sys.stdin is None:
            raise EOFError
        if sys.stdin.isatty():
            try:
                return input("> ")
            except UnicodeDecodeError:
                return ""
        raw: str | bytes = getattr(sys.stdin, "buffer", sys.stdin).readline()
        if not raw:
            raise EOFError
        return (raw if isinstance(raw, str) else _decoded(raw)).rstrip("\r\n")

    def pick(self, desk: Desk) -> tuple[str, ...]:
        """The scenarios that are chosen from the catalogue; none where nobody chooses."""
        from frontdesk.domain.drill import choose

        out.say("\n".join(_catalogue(desk)))
        out.say("练哪一个？打案例（A1）或情景（A1-2）的编号，按回车。")
        try:
            while True:
                try:
                    return choose(desk.handbook, self.read())
                except BadInput as bad:
                    out.say(str(bad))
        except (EOFError, KeyboardInterrupt):
            out.warn("没有选，不练了。")
            return ()


class _Sitting:
    """One practice or exam, from the first ring to the report."""

    def __init__(
        self, desk: Desk, trainer: Trainer, lines: _Lines, planned: Sequence[str], exam: bool, seed: int
    ) -> None:
        self.desk, self.trainer, self.lines = desk, trainer, lines
        self.planned, self.exam, self.seed = planned, exam, seed
        self.given: list[tuple[Drill, list[Answer]]] = []
        self.stopped = 0

    def run(self) -> int:
        """Play all, keep the result, tell it. Whoever stops keeps what was answered."""
        import signal

        started = self.desk.now()
        # Whoever started this may have been told to ignore Ctrl+C; here it stops the sitting.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            try:
                self._play_all()
            except KeyboardInterrupt:  # once more, while the first was being answered
                self.stopped = INTERRUPTED
            # Not earlier, in a handler of its own: an interrupt can get lost inside the line editor, and the next one has to work.
            out.deaf()
            self._finish(started)
            if self.stopped:
                out.warn("半途停下了，辛苦了；下次可以从头再练。")
        finally:
            # Who has pressed Ctrl+C may still be pressing it while Python ends, and would read a traceback.
            if self.stopped != INTERRUPTED:
                signal.signal(signal.SIGINT, before)
        return self.stopped

    def _play_all(self) -> None:
        what = f"考核，共 {len(self.planned)} 个情景，答完再看成绩" if self.exam else "练习，每题答完就讲评"
        try:
            _say(f"案例演练（{what}）。选数字，或者直接打您要说的话，按回车。Ctrl+C 随时停下，答过的都留着。")
            for place, scenario in enumerate(self.planned, 1):
                self._play(self.trainer.drill(scenario, self.seed), f"情景 {place}/{len(self.planned)}")
        except (KeyboardInterrupt, EOFError) as stopped:
            self.stopped = INTERRUPTED if isinstance(stopped, KeyboardInterrupt) else REFUSED
            out.say("")

    def _finish(self, started: Instant) -> None:
        played = [self.trainer.played(drill, answers) for drill, answers in self.given if answers]
        if not played:
            out.warn("一题也没有答，没有成绩。")
            return
        document = self.trainer.document(
            played, self.planned, exam=self.exam, seed=self.seed, started=started
        )
        text = "\n".join(_report(document))
        path = self.trainer.keep(document, text)
        out.say(text)
        out.say(f"成绩已保存：{path.with_suffix('.txt')}")

    def _play(self, drill: Drill, place: str) -> None:
        # In an exam the name of the case would tell what is coming.
        title = "" if self.exam else f"  {drill.scenario.id} {drill.case.title}：{drill.scenario.title}"
        _say(f"\n== {place}（{CHANNELS[drill.channel]}）{title} ==")
        answers: list[Answer] = []
        self.given.append((drill, answers))
        for number, question in enumerate(drill.questions, 1):
            answers.append(self._ask(question, f"{number}/{len(drill.questions)}"))
            if not self.exam:
                self._comment(drill, question, answers[-1])

    def _ask(self, question: Question, place: str) -> Answer:
        from frontdesk.domain.replies import answer

        out.say("")
        for line in question.heard.splitlines():
            _say(line)
        _say(f"[{place}] {question.asked}")
        for number, option in enumerate(question.options, 1):
            _say(f"{number}. {option.text}", 3)
        asked = self.desk.now()
        while True:
            text = self.lines.read()
            try:
                return answer(question, text, max(0, self.desk.now() - asked))
            except BadInput as bad:
                _say(str(bad))

    def _comment(self, drill: Drill, question: Question, given: Answer) -> None:
        from frontdesk.domain.training import judge

        for line in _judged(judge(self.desk.handbook, drill, question, given)):
            _say(line, 2)


# How it reads.


def _judged(verdict: Verdict) -> Iterator[str]:
    if not verdict.losses:
        done = "、".join(dict.fromkeys(line.source for line in verdict.followed))
        yield f"对。{f'做到了：{done}' if done else ''}"
    seen: set[str] = set()
    for loss in verdict.losses:
        if loss.rule + loss.problem not in seen:
            yield f"扣分 {loss.rule}：{loss.problem}"
        seen.add(loss.rule + loss.problem)
    for instead in dict.fromkeys(loss.instead for loss in verdict.losses if loss.instead):
        yield f"应该：{instead}"


def _report(document: dict[str, Any]) -> Iterator[str]:
    """The session as text: what was lost first, the whole last, where the eye is."""
    for each in document["scenarios"]:
        yield from ("", *_wrapped(f"== {each['scenario']}  {each['title']} =="))
        yield from _losses(each["losses"])
        if each["followed"]:
            yield from _wrapped(f"做到了：{'、'.join(each['followed'])}", 4)
        yield f"得分 {each['score']}：{_areas(each['areas'])}；用时 {_spent(each['seconds'])}"
    yield from ("", "成绩单")
    yield f"学员：{document['name']}（{document['login']}）"
    kind = "每月情景模拟考核（R-000-08）" if document["kind"] == "exam" else "练习"
    yield f"{kind}  {document['started'][:16].replace('T', ' ')}  种子 {document['seed']}"
    if len(document["planned"]) > len(document["scenarios"]):
        yield f"抽到 {len(document['planned'])} 个情景，答了 {len(document['scenarios'])} 个"
    yield f"总分 {document['score']} / 100（{document['pass_mark']} 分及格）：{_verdict(document)}"


def _losses(losses: list[dict[str, Any]]) -> Iterator[str]:
    from frontdesk.domain.training import AREAS

    before = ("", "")
    for loss in losses:
        yield from _wrapped(
            f"-{loss['points']:g} {AREAS[loss['area']][0]}  {loss['rule']}：{loss['problem']}", 4
        )
        said = loss["rule"], loss["instead"]
        if loss["instead"] and said != before:
            yield from (f"    {line}" for line in _wrapped(f"应该：{loss['instead']}", 0, 4))
        before = said


def _areas(areas: dict[str, int]) -> str:
    from frontdesk.domain.training import AREAS

    return "、".join(f"{label} {areas[area]}/{full}" for area, (label, full) in AREAS.items())


def _verdict(document: dict[str, Any]) -> str:
    if document["broken_off"]:
        return "中途停下"
    return "及格" if document["passed"] else "不及格"


def _spent(seconds: int) -> str:
    return f"{seconds // 60} 分 {seconds % 60} 秒"


def _results(trainer: Trainer, as_json: bool) -> int:
    found, damaged = trainer.results()
    if damaged:
        out.warn(f"有 {len(damaged)} 个成绩文件读不了，没有列出：{'、'.join(damaged)}。")
    if as_json:
        out.listing("results", found)
    elif found:
        out.say(out.columns([("学员", "时间", "种类", "情景", "总分", "结果"), *map(_row, found)]))
    else:
        out.warn("还没有成绩。")
    return 0


def _row(each: dict[str, Any]) -> tuple[str, ...]:
    kind = "考核" if each["kind"] == "exam" else "练习"
    scenes = "、".join(each["planned"][:_SHOWN])
    if len(each["planned"]) > _SHOWN:
        scenes += f" 等 {len(each['planned'])} 个"
    when = each["started"][:16].replace("T", " ")
    return f"{each['name']}（{each['login']}）", when, kind, scenes, str(each["score"]), _verdict(each)


def _catalogue(desk: Desk) -> Iterator[str]:
    for case in desk.handbook.cases.values():
        for scenario in case.scenarios:
            yield from _wrapped(f"{scenario.id}  {case.title}：{scenario.title}", 6)


def _say(text: str, indent: int = 0) -> None:
    for paragraph in text.split("\n"):
        out.say("\n".join(_wrapped(paragraph, indent)))


def _wrapped(text: str, indent: int = 0, left: int = 0) -> list[str]:
    """Lines that fit the terminal, at most 80 cells; the second and later ones are indented."""
    import re
    from shutil import get_terminal_size

    room = max(40, min(80, get_terminal_size().columns)) - 1 - left
    lines = [""]
    for piece in re.findall(rf"[!-~]+ ?|.[{_MARKS}]*", text):
        if out.width(lines[-1]) + out.width(piece.rstrip()) > room:
            lines.append(" " * indent)
        lines[-1] += piece
    return [line.rstrip() for line in lines]


def _decoded(raw: bytes) -> str:
    """A piped line in UTF-8, or in GB18030 as older terminals write it."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")
