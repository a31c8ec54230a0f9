"""`frontdesk train`: a sitting by piped lines, timed by the house's clock; what is kept of it and who may see it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from frontdesk.cli.train_command import _losses
from frontdesk.desk import Desk
from frontdesk.desk.trainer import Trainer
from frontdesk.domain.drill import Drill, Question, draw
from frontdesk.domain.replies import wanted
from frontdesk.domain.training import AREAS
from tests.builders import House
from tests.cli.conftest import Answer, Command, Shell

SEED = 3
Sits = Callable[..., Answer]


class Typist:
    """Who answers: each line takes some seconds of the house's clock; `None` is Ctrl+C, the end is the end of input."""

    def __init__(self, house: House, lines: list[str | None], seconds: int) -> None:
        self.house, self.lines, self.seconds = house, iter(lines), seconds

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        """The next line."""
        self.house.time.forward(self.seconds)
        line = next(self.lines, "")
        if line is None:
            raise KeyboardInterrupt
        return f"{line}\n" if line else ""


@pytest.fixture
def sits(house: House, frontdesk: Command, monkeypatch: pytest.MonkeyPatch) -> Sits:
    """`frontdesk train ARGS…` with lines to answer by."""

    def sit(*args: object, lines: list[str | None], seconds: int = 5) -> Answer:
        monkeypatch.setattr("sys.stdin", Typist(house, lines, seconds))
        return frontdesk("train", *args)

    return sit


def drilled(desk: Desk, scenario: str, seed: int = SEED) -> Drill:
    return Trainer(desk).drill(scenario, seed)


def right(question: Question) -> str:
    if question.kind == "ring":
        return " "
    if question.limit is not None:
        return question.limit.at or str(wanted(question.limit))
    return next(str(place) for place, option in enumerate(question.options, 1) if not option.fault)


def best(desk: Desk, *scenarios: str, seed: int = SEED) -> list[str | None]:
    """The right answers to all questions of these scenarios."""
    return [right(each) for name in scenarios for each in drilled(desk, name, seed).questions]


def kept(house: House) -> list[dict[str, Any]]:
    paths = sorted((house.home / "training").glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def test_a_practice_comments_each_answer_and_keeps_the_result(house: House, desk: Desk, sits: Sits) -> None:
    told = sits("A1-2", "--seed", SEED, lines=best(desk, "A1-2"))
    assert told.code == 0 and told.err == ""
    assert "业主：" in told.out and "总分 100 / 100（85 分及格）：及格" in told.out
    assert "安全员到场协助停车" in told.out and "扣分" not in told.out
    (result,) = kept(house)
    assert (result["login"], result["kind"], result["score"], result["seed"]) == (
        "lin",
        "practice",
        100,
        SEED,
    )
    assert result["passed"] and not result["broken_off"]
    (scene,) = result["scenarios"]
    assert scene["areas"] == {area: full for area, (_label, full) in AREAS.items()}
    assert {each["seconds"] for each in scene["answers"]} == {5} and scene["seconds"] == 5 * len(
        scene["answers"]
    )
    (text,) = (house.home / "training").glob("*.txt")
    assert text.read_text(encoding="utf-8").strip() in told.out
    assert text.stem[:14] == "20261122100000"


def test_each_deduction_names_its_rule_and_what_would_have_been_right(
    house: House, desk: Desk, sits: Sits
) -> None:
    lines = best(desk, "A1-2")
    questions = drilled(desk, "A1-2").questions
    at = next(place for place, each in enumerate(questions) if each.step == "promise")
    lines[at], lines[-1] = "我们正规划加车位，尽快给您办", "30"
    told = sits("A1", "--scenario", "A1-2", "--seed", SEED, lines=lines, seconds=70)
    assert told.code == 0 and "不及格" in told.out
    for rule in ("A1-x02 切勿说", "R-S5-01 T12", "禁语 空头的时间", "T25", "请稍等 一分钟"):
        assert rule in told.out, rule
    assert "应该：7 天" in told.out
    losses = kept(house)[0]["scenarios"][0]["losses"]
    assert all(loss["rule"] and loss["points"] > 0 for loss in losses)


def test_what_is_no_answer_is_asked_again_in_chinese(desk: Desk, sits: Sits) -> None:
    first, *rest = best(desk, "B2-1")
    told = sits("b2", "--seed", SEED, lines=[first, "9", "啊", *rest[:-1], "很快", rest[-1]])
    assert told.code == 0 and "总分 100" in told.out
    assert "请按 1 到 4" in told.out and "太短" in told.out and "不是数字" in told.out


def test_a_whole_case_plays_all_its_scenarios(house: House, desk: Desk, sits: Sits) -> None:
    scenarios = ("B5-1", "B5-2", "B5-3")
    told = sits("B5", "--seed", SEED, lines=best(desk, *scenarios))
    assert told.code == 0 and "情景 3/3" in told.out
    assert [each["scenario"] for each in kept(house)[0]["scenarios"]] == list(scenarios)


def test_without_a_case_it_is_chosen_from_the_catalogue(desk: Desk, sits: Sits) -> None:
    told = sits("--seed", SEED, lines=["Z9", "B8", *best(desk, "B8-1")])
    assert told.code == 0 and "A1-1  车位被占" in told.out
    assert "没有「Z9」" in told.out and "总分 100" in told.out
    assert sits(lines=[]).code == 1


def test_an_exam_comments_nothing_before_its_end(house: House, desk: Desk, sits: Sits) -> None:
    drawn = draw(desk.handbook, 3, 11)
    told = sits("--exam", 3, "--seed", 11, lines=best(desk, *drawn, seed=11))
    assert told.code == 0 and told.out.count("对。") == 0
    before, _, report = told.out.partition("成绩单")
    assert all(f"== 情景 {place}/3" in before for place in (1, 2, 3))
    assert "每月情景模拟考核（R-000-08）" in report and "总分 100" in report
    (result,) = kept(house)
    assert result["kind"] == "exam" and result["planned"] == list(drawn) and result["passed"]


def test_an_exam_of_more_than_there_is_is_refused(frontdesk: Command) -> None:
    told = frontdesk("train", "--exam", 23)
    assert told.code == 1 and "22 个情景" in told.err
    assert frontdesk("train", "--exam", 0).code == 2


@pytest.mark.parametrize(("end", "code"), [([None], 130), ([], 1)])
def test_whoever_stops_keeps_what_was_answered(
    house: House, desk: Desk, sits: Sits, end: list[str | None], code: int
) -> None:
    told = sits("A1-1", "--seed", SEED, lines=[*best(desk, "A1-1")[:3], *end])
    assert told.code == code and "半途停下" in told.err and "中途停下" in told.out
    (result,) = kept(house)
    assert result["broken_off"] and not result["passed"] and result["score"] < 50
    assert len(result["scenarios"][0]["answers"]) == 3


def test_an_exam_that_is_stopped_counts_what_was_not_reached(house: House, desk: Desk, sits: Sits) -> None:
    drawn = draw(desk.handbook, 4, 11)
    sits("--exam", 4, "--seed", 11, lines=[*best(desk, drawn[0], seed=11), None])
    (result,) = kept(house)
    assert result["score"] == 25 and result["broken_off"] and len(result["planned"]) == 4


def test_nothing_answered_keeps_nothing(house: House, sits: Sits) -> None:
    told = sits("A1-1", lines=[None])
    assert told.code == 130 and "没有成绩" in told.err and not (house.home / "training").exists()


def test_results_are_seen_by_those_above_and_by_oneself(
    house: House, desk: Desk, sits: Sits, frontdesk: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for login, role in (("mei", "agent"), ("chen", "supervisor"), ("shen", "auditor")):
        house.desk(login, role).close()
    for login in ("mei", "lin"):
        monkeypatch.setenv("FRONTDESK_OPERATOR", login)
        sits("B8-1", "--seed", SEED, lines=best(desk, "B8-1"))
    seen: dict[str, set[str]] = {}
    for login in ("mei", "chen", "shen", "lin"):
        monkeypatch.setenv("FRONTDESK_OPERATOR", login)
        listed = frontdesk("train", "--results", "--json").json["results"]
        seen[login] = {each["login"] for each in listed}
    assert seen == {"mei": {"mei"}, "chen": {"mei", "lin"}, "shen": {"mei", "lin"}, "lin": {"mei", "lin"}}
    monkeypatch.setenv("FRONTDESK_OPERATOR", "mei")
    table = frontdesk("train", "--results").out
    assert "mei（mei）" in table and "B8-1" in table and "100" in table and "lin" not in table
    monkeypatch.setenv("FRONTDESK_OPERATOR", "shen")
    refused = sits("B8-1", lines=[" "])
    assert refused.code == 1 and "审计只能查看" in refused.err


def test_a_damaged_result_is_told_and_hides_no_other(
    house: House, desk: Desk, sits: Sits, frontdesk: Command
) -> None:
    assert "还没有成绩" in frontdesk("train", "--results").err
    sits("B8-1", "--seed", SEED, lines=best(desk, "B8-1"))
    (house.home / "training" / "torn.json").write_text('{"login": "lin', encoding="utf-8")
    told = frontdesk("train", "--results", "--json")
    assert len(told.json["results"]) == 1 and "torn.json" in told.err


def test_personal_data_that_somebody_types_is_not_kept(house: House, desk: Desk, sits: Sits) -> None:
    lines = best(desk, "A1-1")
    at = next(i for i, each in enumerate(drilled(desk, "A1-1").questions) if each.step == "solve")
    lines[at] = "我打19900004821联系车主挪车，请巡逻岗帮您找个临时车位"
    sits("A1-1", "--seed", SEED, lines=lines)
    for path in (house.home / "training").iterdir():
        assert "19900004821" not in path.read_text(encoding="utf-8")


def test_the_list_names_every_scenario(frontdesk: Command, desk: Desk) -> None:
    listed = frontdesk("train", "--list").out
    names = [scenario.id for case in desk.handbook.cases.values() for scenario in case.scenarios]
    assert len(names) == 22 and all(f"{name}  " in listed for name in names)


def test_no_line_is_wider_than_a_terminal_of_80(desk: Desk, sits: Sits) -> None:
    from frontdesk.cli.out import width

    for scenario in ("A4-1", "B2-1", "B5-3"):
        told = sits(scenario, "--seed", SEED, lines=["1"] * 40)
        assert max(map(width, told.out.splitlines()[:-1])) < 80


def bytes_of(lines: list[str | None], encoding: str) -> Iterator[bytes]:
    for line in lines:
        yield f"{line}\n".encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_pipe_may_answer_in_either_encoding(
    house: House, desk: Desk, shell: Shell, encoding: str, tmp_path: Path
) -> None:
    import subprocess

    from tests.cli.conftest import PROGRAM

    lines = best(desk, "A1-1")
    at = next(i for i, each in enumerate(drilled(desk, "A1-1").questions) if each.step == "solve")
    lines[at] = "我马上联系车主挪车，同时请巡逻岗帮您找个临时车位"
    done = subprocess.run(
        [*PROGRAM, "train", "A1-1", "--seed", str(SEED)],
        env=shell.environment,
        input=b"".join(bytes_of(lines, encoding)),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0 and "总分 100" in done.stdout.decode(), done.stderr.decode()


def test_two_losses_that_ask_for_the_same_say_so_both_unless_they_are_of_one_rule() -> None:
    loss = {"area": "time", "rule": "T4", "points": 4, "problem": "您答 3", "instead": "30 分钟"}
    told = list(_losses([loss, {**loss, "rule": "T5"}, {**loss, "rule": "T5", "problem": "还是您答 3"}]))
    assert sum("应该：30 分钟" in line for line in told) == 2
