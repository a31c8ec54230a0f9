"""Wrong lines of hand-edited files are found and named, and a manager's copy stands in, or is passed over, file by file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.classify import parse_categories
from frontdesk.domain.entries import BadEntry
from frontdesk.domain.errors import BadInput
from frontdesk.domain.handbook import parse_file
from frontdesk.domain.handbook_check import Problem, check, line_of, read_handbook

DATA = Path(__file__).parents[2] / "data"
SHIPPED = {path.name: path.read_text(encoding="utf-8") for path in (DATA / "handbook").glob("*.toml")}
CATEGORIES = parse_categories(tomllib.loads((DATA / "categories.toml").read_text(encoding="utf-8"))).all
B8 = SHIPPED["case-B8.toml"]
SMALL = {name: text for name, text in SHIPPED.items() if name.startswith("steps-") or name == "case-B8.toml"}

TEXT = '''\
# a comment
id = "X"
note = """
[[phrase]]
id = "hidden"
"""
lines = [
  "one",
  "two",
]

[[scenario]]
id = "X-1"

[[scenario.step]]
who = "a"
do = "x"
[[scenario.step]]   # the second
do = "y"
[[phrase]]
id = "01"
text = "alpha"
[[scenario]]
id = "X-2"
[[scenario.step]]
do = "z"
[[phrase]]
id = "02"
text = "beta"
'''


def found(shipped: dict[str, str] | None = None, own: dict[str, str] | None = None) -> list[Problem]:
    return list(check(shipped or SHIPPED, own or {}, CATEGORIES))


def line(text: str, words: str) -> int:
    return next(number for number, each in enumerate(text.splitlines(), 1) if words in each)


def test_the_shipped_handbook_is_in_order() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("path", "key", "needle", "number"),
    [
        ((), "id", "", 2),
        ((), "lines", "", 7),
        ((), "lines", "two", 9),
        ((("phrase", 0),), "", "", 20),
        ((("phrase", 0),), "text", "", 22),
        ((("phrase", 1),), "text", "", 29),
        ((("scenario", 0), ("step", 0)), "", "", 15),
        ((("scenario", 0), ("step", 1)), "do", "", 19),
        ((("scenario", 1), ("step", 0)), "do", "", 26),
        ((("scenario", 1),), "nothing", "", 23),
        ((("phrase", 7),), "", "", 1),
        ((), "nothing", "", 1),
    ],
)
def test_the_line_of_an_entry(path: tuple[tuple[str, int], ...], key: str, needle: str, number: int) -> None:
    assert line_of(TEXT, path, key, needle) == number


@settings(derandomize=True, max_examples=60)
@given(st.sampled_from(sorted(SHIPPED)), st.data())
def test_the_line_of_every_entry_of_every_file_holds_its_header(name: str, data: st.DataObject) -> None:
    document = tomllib.loads(SHIPPED[name])
    tables = [
        (key, place) for key, value in document.items() if _is_tables(value) for place in range(len(value))
    ]
    if not tables:
        return
    key, place = data.draw(st.sampled_from(tables))
    number = line_of(SHIPPED[name], ((key, place),))
    assert SHIPPED[name].splitlines()[number - 1].startswith(f"[[{key}]]")
    mark = str(document[key][place].get("id", ""))
    if mark:
        assert mark in SHIPPED[name].splitlines()[line_of(SHIPPED[name], ((key, place),), "id") - 1]


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


@pytest.mark.parametrize(
    ("old", "new", "at", "problem"),
    [
        ('id = "B8"', "id = B8", 'id = "B8"', "格式有误"),
        ('title = "楼道灯坏了"', 'title = "楼道灯坏了', "楼道灯坏了", "格式有误"),
        ("days = 0", 'days = "0"', "days = 0", "整数"),
        ("days = 0", "days = 0\nminutes = 3", "[[limit]]", "只写一个"),
        ('limit = "today"', 'limit = "tody"', 'limit = "today"', "tody"),
        ("{约定时间}前给您回电话", "{什么时候}给您回电话", "{约定时间}前给您回电话", "什么时候"),
        ("{约定时间}前给您回电话", "30分钟给您回电话", "{约定时间}前给您回电话", "写死"),
        ('step = "progress"', 'stpe = "progress"', "师傅到了", "step"),
        ('rule = "T38"', 'rule = "38"', 'rule = "T38"', "规则编号"),
        ("对不起，楼道黑着", "我保证，楼道黑着", "对不起，楼道黑着", "保证"),
        ("看好脚下。是我们没及时巡到", "看好脚下。都怪保洁", "看好脚下。", "责怪"),
        ("挂电话就联系工程部", "一定联系工程部", "挂电话就联系工程部", "绝对的承诺"),
        ('categories = ["工程维修-供电照明"]', 'categories = ["没有的"]', "categories", "没有的"),
        ('instead = "51"', 'instead = "99"', 'id = "B8"', "B8-99"),
    ],
)
def test_a_wrong_line_is_named_with_a_remedy(old: str, new: str, at: str, problem: str) -> None:
    assert B8.count(old) >= 1
    wrong = found({**SHIPPED, "case-B8.toml": B8.replace(old, new, 1)})
    first = next(each for each in wrong if each.file == "case-B8.toml")
    assert problem in first.problem and first.remedy
    if "instead" not in old and "stpe" not in new:
        assert first.line == line(B8, at)
    assert str(first).startswith(f"case-B8.toml:{first.line}")


def test_all_wrong_entries_of_a_file_are_told_at_once() -> None:
    spoiled = B8.replace("days = 0", 'days = "0"').replace("{约定时间}", "{何时}").replace('"T38"', '"38"')
    spoiled = spoiled.replace('text = "{称呼}，灯换好了', 'text = "{谁}，灯换好了')
    problems = [each.entry for each in found({**SHIPPED, "case-B8.toml": spoiled})]
    assert {"limit today", "phrase 51", "phrase 62"} <= set(problems)


def test_never_lines_and_quotes_may_hold_what_must_not_be_said() -> None:
    step = SHIPPED["steps-hold.toml"].replace("never = [", 'never = [\n  "说保证、一定。",')
    step = step.replace("do = [", 'do = [\n  "不说「一定」，说钟点。",')
    assert found({**SHIPPED, "steps-hold.toml": step}) == []
    plain = SHIPPED["steps-hold.toml"].replace("do = [", 'do = [\n  "一定要快。",')
    assert [each.line for each in found({**SHIPPED, "steps-hold.toml": plain})] == [line(plain, "一定要快")]


@pytest.mark.parametrize("step", ["opening", "empathy", "promise", "closing"])
def test_a_category_without_words_for_a_step_is_told(step: str) -> None:
    """Words for one category only: all others have nothing to say."""
    name = f"steps-{step}.toml"
    only = SHIPPED[name].replace("text = ", 'categories = ["工程维修-电梯"]\ntext = ')
    without = {file: text for file, text in SHIPPED.items() if not file.startswith(("topic-", "case-"))}
    wrong = [each for each in found({**without, name: only}) if each.file == name]
    assert len(wrong) == len(CATEGORIES) - 1 and not any("电梯" in each.problem for each in wrong)


def test_an_apology_is_more_than_sympathy() -> None:
    without = {file: text for file, text in SHIPPED.items() if not file.startswith(("topic-", "case-"))}
    name = "steps-empathy.toml"
    wrong = found({**without, name: SHIPPED[name].replace("对不起", "听您说")})
    assert sum("致歉" in each.problem for each in wrong) == len(CATEGORIES)


def test_a_category_that_nothing_is_about_is_told() -> None:
    wrong = check(SHIPPED, {}, [*CATEGORIES, "新开的类别"])
    assert any("没有案例也没有专题" in each.problem for each in wrong)


def test_an_own_file_replaces_the_shipped_one_case_by_case() -> None:
    mine = B8.replace("对不起，楼道黑着", "对不起，楼道太黑了")
    read = read_handbook(SHIPPED, {"case-B8.toml": mine}, CATEGORIES)
    assert read.problems == ()
    assert "太黑了" in read.book.cases["B8"].phrases[0].text
    assert read.book.cases["B7"].phrases and len(read.book.cases) == 14


def test_an_own_topic_is_added() -> None:
    mine = SHIPPED["topic-moving.toml"].replace("搬家", "团购")
    read = read_handbook(SHIPPED, {"topic-group.toml": mine}, CATEGORIES)
    assert read.problems == () and read.book.topics["group"].title == "团购"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("case-B8.toml", "id = [", "格式有误"),
        ("case-B8.toml", "", "id"),
        ("case-B8.toml", B8.replace("days = 0", 'days = "0"'), "整数"),
        ("case-B9.toml", B8, "对不上"),
        ("notes.toml", B8, "文件名"),
        ("steps-empathy.toml", "\x00", "格式有误"),
    ],
)
def test_a_broken_own_file_is_told_and_the_shipped_one_used(name: str, text: str, problem: str) -> None:
    read = read_handbook(SHIPPED, {name: text}, CATEGORIES)
    assert problem in read.problems[0].problem and read.problems[0].own and read.problems[0].line >= 0
    plain = read_handbook(SHIPPED, {}, CATEGORIES).book
    assert [each.id for each in read.book.phrases] == [each.id for each in plain.phrases]
    assert any(each.own for each in found(own={name: text}))


def test_what_points_into_an_own_file_that_left_a_phrase_out_is_told_and_both_are_kept() -> None:
    name = "steps-restate.toml"
    mine = SHIPPED[name].replace('id = "31"', 'id = "30"')
    read = read_handbook(SHIPPED, {name: mine}, CATEGORIES)
    assert {each.file for each in read.problems} >= {"coach-ask.toml", "standard-03.toml"}
    assert "restate-30" in {phrase.id for phrase in read.book.phrases}


def test_broken_shipped_files_are_no_slip_of_a_manager() -> None:
    with pytest.raises(BadInput):
        read_handbook({**SHIPPED, "case-B8.toml": "id = ["}, {}, CATEGORIES)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    st.integers(0, len(B8)),
    st.integers(0, 40),
    st.sampled_from(["", '"', "=", "[[", "[[phrase]]\n", "0", "\n"]),
)
def test_whatever_is_torn_is_told_with_a_line_of_the_file(at: int, cut: int, put: str) -> None:
    torn = B8[:at] + put + B8[at + cut :]
    read = read_handbook(SMALL, {"case-B8.toml": torn}, CATEGORIES)
    assert "B8" in read.book.cases
    for problem in read.problems:
        if problem.own:
            assert 1 <= problem.line <= max(len(torn.splitlines()), 1)
            assert problem.problem and problem.remedy


def test_an_entry_knows_its_place() -> None:
    document = tomllib.loads(B8)
    document["scenario"][0]["step"][2]["who"] = ""
    part, problems = parse_file("case-B8.toml", document)
    assert part is None
    assert isinstance(problems[0], BadEntry)
    assert problems[0].path == (("scenario", 0), ("step", 2)) and problems[0].key == "who"


def test_a_misspelt_table_has_the_line_of_its_header() -> None:
    text = 'title = "甲"\n\n[[phrse]]\nid = "01"\n\n[[phrse]]\nid = "02"\n'
    assert line_of(text, (), "phrse") == 3
    assert line_of(text, (("phrse", 1),), "id") == 7
    assert line_of('[[scenario]]\nid = "A"\n[[scenario.stp]]\nwho = "管家"\n', (("scenario", 0),), "stp") == 3


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('"走失", "走丢"', '"走失+", "走丢"'),
        ('words = ["抱走", ', 'words = ["+抱走", '),
        ('words = ["一会儿+回来"', 'words = ["一会儿+"'),
    ],
)
def test_a_word_with_an_empty_part_is_refused_since_nothing_could_hold_it(right: str, wrong: str) -> None:
    text = SHIPPED["topic-lost.toml"]
    assert right in text
    (problem,) = found({**SHIPPED, "topic-lost.toml": text.replace(right, wrong)})
    assert problem.line == line(text, right) and "有空的一段" in problem.problem
