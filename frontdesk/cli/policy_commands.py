"""The rules at the shell: check the file, show a version, list the versions, move open tickets to the one in force.

`check` needs no database and no key: a manager may edit the rules on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli import out
from frontdesk.cli.group import Commands
from frontdesk.cli.house_commands import Json
from frontdesk.cli.session import opened
from frontdesk.domain.errors import BadInput, Refused

if TYPE_CHECKING:
    from frontdesk.domain.calendar import Calendar
    from frontdesk.domain.handbook_check import Problem
    from frontdesk.domain.policy import Policy, Target
    from frontdesk.domain.policy_check import Checked
    from frontdesk.settings import Settings

policy = Commands()


def add_to(app: typer.Typer) -> None:
    """Put these commands on the application."""
    app.add_typer(policy, name="policy", help="时限与上移规则", no_args_is_help=True)


@policy.command("check", help="检查 policy.toml：每处错误指明行号和改法，合法但可疑的另作提醒")
def check(as_json: Json = False) -> int:
    """Every mistake a line; status 1 where there is one."""
    from frontdesk.settings import load

    settings = load()
    path, found = settings.resource("policy.toml"), _checked(settings)
    if as_json:
        out.document(
            {
                "file": str(path),
                "version": found.policy.version if found.policy else None,
                "problems": [_problem_json(each) for each in found.problems],
                "warnings": [_problem_json(each) for each in found.warnings],
            }
        )
    else:
        for each in found.problems:
            out.say(f"{path}{str(each).removeprefix(each.file)}")
    for each in found.warnings:
        out.warn(f"提醒 {path}{str(each).removeprefix(each.file)}")
    if found.policy is None:
        out.warn(f"规则有 {len(found.problems)} 处要改。")
        return 1
    if not as_json:
        rules = found.policy
        ladder = " → ".join(rung.name for rung in rules.ladder)
        timed = sum(1 for target in rules.targets.values() if target.seconds)
        out.say(f"规则没有问题：「{rules.name}」版本 {rules.version}，{timed} 个时限，上移 {ladder}。")
    return 0


def _checked(settings: Settings) -> Checked:
    import tomllib

    from frontdesk.bootstrap import system_clock
    from frontdesk.desk.almanac import frozen
    from frontdesk.domain.categories import parse_categories
    from frontdesk.domain.handbook_check import Problem
    from frontdesk.domain.policy_check import FILE, Checked, check

    path = settings.resource(FILE)
    own = path.parent == settings.home
    try:
        text = path.read_bytes().decode("utf-8-sig")
        categories = settings.resource("categories.toml").read_text(encoding="utf-8")
        known = parse_categories(tomllib.loads(categories)).all
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        wrong = Problem(FILE, line, "", "不是 UTF-8 编码", "请用编辑器另存为 UTF-8", own)
        return Checked(None, (wrong,))
    except tomllib.TOMLDecodeError as error:
        raise BadInput("categories.toml", f"格式有误（{error}）", "请按行号改正") from error
    except OSError as error:
        raise BadInput(path.name, f"读不了（{error.strerror}）", "请检查文件是否还在") from error
    return check(text, own, frozen, system_clock(), known)


def _problem_json(each: Problem) -> dict[str, Any]:
    return {"line": each.line, "entry": each.entry, "problem": each.problem, "remedy": each.remedy}


@policy.command("copy", help="把随附的 policy.toml 复制到家目录，改那一份；删掉它就用回随附的")
def copy() -> int:
    """Take a copy to change; one that is there is never overwritten."""
    from frontdesk.domain.policy_check import FILE
    from frontdesk.settings import load, shipped

    target = load().home / FILE
    if target.exists():
        raise Refused(f"{target} 已经有了，没有动它。")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(shipped(FILE).read_bytes())
    out.say(f"{target}")
    return 0


@policy.command("show", help="现行规则，或某个版本的规则，写成人话；--json 是整份文件")
def show(
    version: Annotated[str, typer.Option("--version", help="版本，写开头几位即可，不写就是现行的")] = "",
    as_json: Json = False,
) -> int:
    """One version of the rules."""
    from frontdesk.domain.holidays import unstated

    with opened() as desk:
        rules, document = desk.rules.shown(version)
        lacking = unstated(document, desk.now())
    if as_json:
        out.document({"version": rules.version, "policy": document})
    else:
        out.say("\n".join(_told(rules)))
    if lacking is not None:
        out.warn(f"提醒：{lacking}。")
    return 0


@policy.command("list", help="用过的规则版本：从何时起，还有几张未结工单按它计时")
def versions(as_json: Json = False) -> int:
    """Every version kept."""
    from frontdesk.domain.timing import iso, local

    with opened() as desk:
        try:
            now = desk.policy.version
        except BadInput as bad:
            out.warn(f"现行的 policy.toml 有错，没有采用：{bad}")
            now = ""
        found = desk.rules.versions()
    if as_json:
        rows = [
            each._asdict() | {"since": iso(each.since), "in_force": each.version == now} for each in found
        ]
        out.document({"versions": rows})
    else:
        table = [
            (each.version, f"{local(each.since):%Y-%m-%d %H:%M}", str(each.open), each.name, mark)
            for each in found
            for mark in ("现行" if each.version == now else "",)
        ]
        out.say(out.columns([("版本", "起用", "未结", "名称", ""), *table]))
    return 0


@policy.command("rebase", help="让未结工单改按现行规则计时（需项目经理或管理员）；挂起过的时间照样扣除")
def rebase(
    number: Annotated[str, typer.Argument(metavar="工单号", help="只换这一张")] = "",
    all_open: Annotated[bool, typer.Option("--all-open", help="换所有还在按旧版本计时的未结工单")] = False,
    reason: Annotated[str, typer.Option(help="为什么换，留在每张工单的经过里")] = "",
    as_json: Json = False,
) -> int:
    """Move tickets to the rules in force, explicitly."""
    if bool(number) == all_open:
        raise BadInput("工单号", "要换哪些没有说清", "请写一个工单号，或写 --all-open")
    with opened() as desk:
        done = desk.rules.rebase([] if all_open else [number], reason)
    if as_json:
        out.document({"rebased": [each._asdict() for each in done]})
    else:
        for each in done:
            out.say(f"{each.number} 由 {each.before} 改按 {each.version} 计时")
        out.warn(f"换了 {len(done)} 张。" if done else "没有按旧版本计时的未结工单。")
    return 0


# A version as a person reads it.


def _told(rules: Policy) -> Iterator[str]:
    from frontdesk.domain.policy import DATED
    from frontdesk.domain.terms import CLOCKS

    yield f"「{rules.name}」版本 {rules.version}，剩余不足 {rules.risk_share:.0%} 算临期"
    yield from ("", "时限：")
    for name, target in rules.targets.items():
        where = "期限由当时所说的时间定" if name in DATED else _line(rules, target)
        yield f"  {CLOCKS[name]}（{target.source}）：{where}{_upward(rules, target)}"
        for place, rule in enumerate(target.rules, 1):
            yield f"    例外 {place}：{_line(rules, rule)}{_upward(rules, rule)}"
    for calendar in rules.calendars.values():
        yield from ("", f"日历 {calendar.name}：")
        yield from _calendar(calendar)
    yield from ("", "上移：")
    for rung in rules.ladder:
        late = f"，下级被上移 {_span(rung.offset)} 后仍未了结" if rung.offset else ""
        yield f"  {rung.level} {rung.name}" + (
            f"，{_span(rung.acknowledge)}内确认{late}" if rung.level else ""
        )
    quiet, watch = rules.quiet, rules.watch
    digests = "、".join(_hour(each) for each in rules.digests)
    yield from ("", f"业主免打扰：{_hour(quiet.start)}–{_hour(quiet.end)}（突发除外）；员工汇总：{digests}")
    yield (
        f"检查员：每 {_span(watch.remind_every)}再提醒，超过 {watch.digest_over} 条合成一份，"
        f"{_span(watch.lease)}没有动静由别处接手"
    )


def _line(rules: Policy, target: Target) -> str:
    from frontdesk.domain.terms import CHANNELS, KINDS, PRIORITIES

    said = [KINDS[each] for each in target.kinds] + list(target.categories)
    said += [PRIORITIES[each] for each in target.priorities] + [CHANNELS[each] for each in target.channels]
    when = f"{'、'.join(said)}：" if said else ""
    working = f"（日历 {target.calendar.name} 的工作时间）" if target.calendar else ""
    urgent = f"，应急时 {_span(target.urgent_seconds)}" if target.urgent_seconds else ""
    return f"{when}{_span(target.seconds)}{working}{urgent}"


def _upward(rules: Policy, target: Target) -> str:
    return f"，超时上移{rules.rung(target.escalate_to).name}" if target.escalate_to else ""


def _calendar(calendar: Calendar) -> Iterator[str]:
    for name, each in zip("一二三四五六日", calendar.week, strict=True):
        yield f"  周{name} " + ("、".join(f"{_hour(a)}–{_hour(b)}" for a, b in each) or "不上班")
    if calendar.days:
        closed = sum(1 for each in calendar.days.values() if not each)
        yield f"  另有不上班 {closed} 天，照别的时段上班 {len(calendar.days) - closed} 天"


def _hour(second: int) -> str:
    hour, minute = divmod(second // 60, 60)
    return f"{'次日' if hour > 24 else ''}{hour % 24 if hour > 24 else hour:02}:{minute:02}"  # noqa: PLR2004


def _span(seconds: int) -> str:
    from frontdesk.domain.timing import MINUTE, span

    return span(seconds) if seconds % MINUTE == 0 else f"{seconds}秒"
