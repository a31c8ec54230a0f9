"""The handbook at the shell: check it, list it, show a part of it, take a copy of a file to change.

They need no database and no key: a manager may edit the handbook on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli import out
from frontdesk.cli.group import Commands
from frontdesk.domain.errors import Refused

if TYPE_CHECKING:
    from frontdesk.desk.shelf import PlanShelf, Shelf
    from frontdesk.domain.categories import Categories
    from frontdesk.domain.coaching import Method, Standard
    from frontdesk.domain.handbook_check import Problem
    from frontdesk.domain.playbook import Case, Guide, Handbook, Limit, Phrase, Step, Topic, Unsayable

Json = Annotated[bool, typer.Option("--json", help="只输出一份 JSON")]

handbook = Commands()


def add_to(app: typer.Typer) -> None:
    """Put these commands on the application."""
    app.add_typer(handbook, name="handbook", help="客服标准化手册", no_args_is_help=True)


@handbook.command(
    "check", help="检查手册的每个文件：格式、空格、时限、禁语、各类别的话术；错误指明文件和行号"
)
def check(as_json: Json = False) -> int:
    """Every problem a line; status 1 where there is one."""
    from frontdesk.bootstrap import system_clock
    from frontdesk.domain.handbook_check import overdue
    from frontdesk.domain.timing import iso

    shelf, categories = shelf_and_categories()
    found = shelf.check(categories.all)
    if as_json:
        out.document({"problems": [problem_json(shelf, each) for each in found]})
    else:
        for each in found:
            out.say(f"{shelf.path(each)}{str(each).removeprefix(each.file)}")
    if found:
        out.warn(f"手册有 {len(found)} 处要改。")
        return 1
    book = shelf.read(categories.all).book
    if late := overdue(book, iso(system_clock())[:10]):
        out.warn(f"统一口径到了复核日期，请核对政策后改 review：{'、'.join(late)}。")
    if not as_json:
        out.say(_size(book))
    return 0


@handbook.command("list", help="步骤、案例、专题、标准、六字诀")
def list_all(as_json: Json = False) -> int:
    """What there is."""
    book = _book()
    rows = [("步骤", guide.step, guide.title, "") for guide in book.guides]
    rows += [("案例", case.id, case.title, "、".join(case.categories)) for case in book.cases.values()]
    rows += [("专题", topic.id, topic.title, "、".join(topic.categories)) for topic in book.topics.values()]
    rows += [("标准", f"S{each.number}", each.title, "") for each in book.standards]
    rows += [("六字诀", each.id, each.title, "") for each in book.methods]
    if as_json:
        out.document(
            {"entries": [dict(zip(("sort", "id", "title", "categories"), row, strict=True)) for row in rows]}
        )
    else:
        out.say(out.columns([("种类", "编号", "名称", "分类"), *rows]))
    return 0


@handbook.command("show", help="一个案例、专题、步骤、标准或六字诀的全文")
def show(
    case: Annotated[str, typer.Argument(metavar="编号", help="如 B2、noise、opening、S1、listen")],
) -> int:
    """One part of the handbook."""
    book, wanted = _book(), case.strip().lower()
    parts: dict[str, Iterator[str]] = {each.step: _guide(each) for each in book.guides}
    parts |= {each.id: _method(each) for each in book.methods}
    parts |= {f"s{each.number}": _standard(each) for each in book.standards}
    parts |= {each.id: _topic(each) for each in book.topics.values()}
    parts |= {each.id.lower(): _case(each) for each in book.cases.values()}
    if wanted not in parts:
        raise Refused(
            f"没有案例「{case[:20]}」，也没有这个专题、步骤或标准。案例有：{'、'.join(book.cases)}；其余见 handbook list。"
        )
    out.say("\n".join(parts[wanted]))
    return 0


@handbook.command("copy", help="把随附的一个手册文件复制到家目录，改那一份；删掉它就用回随附的")
def copy(name: Annotated[str, typer.Argument(metavar="文件", help="文件名，如 case-B2.toml")]) -> int:
    """Take a copy to change; one that is there is never overwritten."""
    shelf, _ = shelf_and_categories()
    source = shelf.shipped / Path(name).name
    if Path(name).name != name or not source.is_file():
        raise Refused(f"随附的手册里没有文件「{name[:40]}」。文件名如 case-B2.toml、topic-noise.toml。")
    target = shelf.own / name
    if target.exists():
        raise Refused(f"{target} 已经有了，没有动它。")
    shelf.own.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    out.say(f"{target}")
    return 0


def shelf_and_categories() -> tuple[Shelf, Categories]:
    """The handbook's folders and the categories in force, without a desk."""
    import tomllib

    from frontdesk.desk.shelf import Shelf
    from frontdesk.domain.categories import parse_categories
    from frontdesk.domain.ear import parse_ear
    from frontdesk.domain.errors import BadInput
    from frontdesk.settings import load

    settings = load()

    def read(name: str) -> dict[str, Any]:
        try:
            return tomllib.loads(settings.resource(name).read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadInput(name, f"格式有误（{error}）", "请按行号改正") from error

    parse_ear(read("ear.toml"))
    return Shelf(settings), parse_categories(read("categories.toml"))


def _book() -> Handbook:
    shelf, categories = shelf_and_categories()
    found = shelf.read(categories.all)
    for problem in found.problems:
        out.warn(f"没有采用：{problem}")
    return found.book


def _size(book: Handbook) -> str:
    return (
        f"手册没有问题：{len(book.guides)} 个步骤、{len(book.cases)} 个案例、{len(book.topics)} 个专题、"
        f"{len(book.standards)} 项标准、六字诀 {len(book.methods)} 步、{len(book.phrases)} 条话术。"
    )


def problem_json(shelf: Shelf | PlanShelf, each: Problem) -> dict[str, Any]:
    """What is wrong with a file of either shelf, and where."""
    return {
        "file": str(shelf.path(each)),
        "line": each.line,
        "entry": each.entry,
        "problem": each.problem,
        "remedy": each.remedy,
    }


# A part as a person reads it.


def _case(case: Case) -> Iterator[str]:
    yield f"{case.id}  {case.title}"
    yield f"分类：{'、'.join(case.categories)}"
    yield from (f"风险：{risk}" for risk in case.risk)
    for scenario in case.scenarios:
        yield from ("", f"{scenario.id}  {scenario.title}")
        yield from (f"  期望：{want}" for want in scenario.expects)
        yield from _steps(scenario.steps)
        yield from (f"  风险：{words}" for words in scenario.risk)
        yield from (f"  切勿承诺：{words}" for words in scenario.never_promise)
        yield from (f"  切勿提起：{words}" for words in scenario.never_mention)
        yield from (f"  内部：{words}" for words in scenario.internal)
    yield from _limits(case.limits)
    if case.facts:
        yield from ("", "关单前问到：")
        yield from (f"  {fact.label}{'' if fact.required else '（可不填）'}" for fact in case.facts)
    yield from _words(case.phrases, case.unsayable)


def _topic(topic: Topic) -> Iterator[str]:
    yield f"{topic.id}  {topic.title}"
    yield f"分类：{'、'.join(topic.categories)}"
    yield f"依据：{topic.source}"
    if topic.now:
        yield from ("", f"先保安全（{'、'.join(topic.call)}）：")
        yield from (f"  {place} {text}" for place, text in enumerate(topic.now, 1))
    yield ""
    yield from (f"  要：{text}" for text in topic.do)
    yield from (f"  忌：{text}" for text in topic.never)
    if topic.steps:
        yield ""
        yield from _steps(topic.steps)
    yield from _limits(topic.limits)
    yield from _words(topic.phrases, topic.unsayable)


def _guide(guide: Guide) -> Iterator[str]:
    yield f"{guide.step}  {guide.title}"
    yield from (f"  要：{text}" for text in guide.do)
    yield from (f"  忌：{text}" for text in guide.never)
    yield from _words(guide.phrases, ())


def _method(method: Method) -> Iterator[str]:
    yield f"{method.id}  六字诀第{method.number}步 {method.title}"
    yield from (f"  {text}" for text in method.note)
    yield from (f"  {line.source}：{line.text}" for line in (*method.do, *method.never))


def _standard(standard: Standard) -> Iterator[str]:
    yield f"S{standard.number}  {standard.title}"
    for rule in standard.rules:
        mood = {"upset": "（情绪激动）", "calm": "（平静）", "": ""}[rule.mood]
        words = f"{'不可：' if rule.never else ''}{rule.line.text}"
        yield f"  {rule.line.source} {rule.who}{mood}：{words}{f'（{rule.time}）' if rule.time else ''}"


def _steps(steps: tuple[Step, ...]) -> Iterator[str]:
    for place, step in enumerate(steps, 1):
        yield f"  {place} {step.who}：{step.do}{'（内部）' if step.internal else ''}"


def _limits(limits: tuple[Limit, ...]) -> Iterator[str]:
    if limits:
        yield from ("", "时限：")
    for limit in limits:
        yield f"  {limit.label}（{limit.rule}）{limit.who}"


def _words(phrases: tuple[Phrase, ...], unsayable: tuple[Unsayable, ...]) -> Iterator[str]:
    yield from ("", "话术：")
    for phrase in phrases:
        agreed = (
            f"（统一口径，依据{phrase.agreed.source}，{phrase.agreed.review} 复核）" if phrase.agreed else ""
        )
        yield f"  {phrase.digits} {phrase.text}{agreed}"
    if unsayable:
        yield from ("", "不能说：")
        yield from (f"  {each.text}（{each.why}）" for each in unsayable)
