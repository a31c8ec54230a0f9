"""Use cases on tickets at a real desk: legal steps are saved whole, refused ones not at all (DESIGN §4)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from frontdesk.desk import Desk
from frontdesk.desk.ticket_desk import NewTicket
from frontdesk.domain.errors import BadInput, Conflict, DeskError, Refused
from frontdesk.domain.sla import Clock
from frontdesk.domain.terms import STATUSES
from frontdesk.domain.timing import DAY, HOUR, MINUTE
from tests.builders import NAME, PHONE, PNG, ROADS, TEN, UNIT, Case, House, at_status
from tests.domain.test_moves import LEGAL


def everything(desk: Desk) -> list[tuple[Any, ...]]:
    """Every row of every table."""
    with desk._access.db.read() as conn:
        tables = [
            row[0]
            for row in conn.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            )
        ]
        return [(table, *row) for table in sorted(tables) for row in conn.execute(f"SELECT * FROM {table}")]


@pytest.fixture(scope="module")
def one_of_each(furnished: House, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """A ticket in every status; the tests that use it write nothing, and prove it."""
    house = furnished.copy(tmp_path_factory.mktemp("statuses") / "home")
    desk = house.desk()
    return {status: at_status(house.open(desk), status) for status in ROADS}


FROM_OUTSIDE = {"call", "evidence", "merge", "link"}
"""Steps of `Case` that prepare something in the database before they ask."""


@pytest.mark.parametrize(
    "status, move",
    [(s, m) for m, legal in LEGAL.items() for s in ROADS if s not in legal and m not in FROM_OUTSIDE],
)
def test_an_illegal_move_is_refused_in_chinese_and_writes_nothing(
    one_of_each: dict[str, Case], status: str, move: str
) -> None:
    case = one_of_each[status]
    before = everything(case.desk)
    with pytest.raises(Refused, match=STATUSES[status]):
        case.go(move)
    assert everything(case.desk) == before


@pytest.mark.parametrize("move", sorted(FROM_OUTSIDE))
def test_nothing_is_attached_to_a_void_ticket(house: House, move: str) -> None:
    case = at_status(house.open(), "void")
    with pytest.raises(Refused, match="已作废"):
        case.go(move)
    assert case.view.version == 2


def test_the_whole_life_of_a_ticket(house: House) -> None:
    case = house.open().after(MINUTE).dispatch().after(MINUTE).accept().after(MINUTE).arrive().after(HOUR)
    case.progress().promise(due_in=DAY).pause().after(DAY).resume().evidence().escalate().acknowledge()
    case.after(MINUTE).resolve().after(HOUR).follow_up(5).close()
    view = case.view
    assert [event.kind for event in view.events] == [
        *(
            "opened",
            "dispatched",
            "accepted",
            "arrived",
            "progressed",
            "promised",
            "paused",
            "resumed",
            "evidence",
        ),
        *("escalated", "acknowledged", "resolved", "followed_up", "closed"),
    ]
    assert (view.status, view.sla, view.score, view.level) == ("closed", "closed", 5, 1)
    assert view.moves == ("note", "reopen", "evidence", "call")
    document = view.json()
    assert document["status_label"] == "已关闭" and document["due_at"] is None
    assert {"number", "clocks", "events", "caller", "escalation_level"} <= set(document)
    assert case.desk.examine() == []


# --- opening -------------------------------------------------------------------------------------------------


def test_what_is_not_given_is_classified_from_the_text(house: House) -> None:
    view = house.open(text="电梯里有人被困，快来人").view
    assert (view.category, view.priority, view.case) == ("工程维修-电梯", "urgent", "B2")
    assert view.look == "emergency"


def test_what_is_given_wins_over_the_guess(house: House) -> None:
    view = house.open(kind="enquiry", category="公共设施其他", priority="low", channel="wechat").view
    assert (view.kind, view.category, view.priority, view.channel) == (
        "enquiry",
        "公共设施其他",
        "low",
        "wechat",
    )


@pytest.mark.parametrize(
    "facts, field",
    [
        ({"text": ""}, "具体事项"),
        ({"text": " \n\x1b[31m\x00"}, "具体事项"),
        ({"text": "停" * 10_001}, "具体事项"),
        ({"kind": "party"}, "类型"),
        ({"category": "没有这一类"}, "分类"),
        ({"priority": "asap"}, "紧急程度"),
        ({"channel": "pigeon"}, "渠道"),
        ({"unit": "不是房号吧"}, "房号"),
        ({"at": TEN + 1}, "受理时间"),
        ({"outcome": "修" * 10_001}, "期望"),
    ],
)
def test_bad_input_is_named_and_opens_nothing(house: House, facts: dict[str, Any], field: str) -> None:
    desk = house.desk()
    desk.policy  # noqa: B018 - recorded on first use, which is not what is tested here
    before = everything(desk)
    with pytest.raises(BadInput) as bad:
        house.open(desk, **facts)
    assert bad.value.field == field and bad.value.remedy
    assert everything(desk) == before


def test_ten_thousand_hanzi_and_emoji_are_welcome(house: House) -> None:
    text = "停电😀" * 2_500
    assert house.open(text=text).view.text == text


ESCAPES = "\x1b]0;owned\x07\x1b[31m红\x1b[0m\u202e\x00\udcb5"


def test_no_field_lets_an_escape_sequence_through(house: House) -> None:
    desk = house.desk()
    case = house.open(
        desk, text=f"漏水{ESCAPES}", title=f"漏{ESCAPES}水", place=ESCAPES, happened=ESCAPES, outcome=ESCAPES,
        name=f"林{ESCAPES}", external_id=ESCAPES,
    )  # fmt: skip
    n, tickets = case.number, desk.tickets
    tickets.correct(
        n, {"title": f"漏{ESCAPES}\n水", "place": ESCAPES, "case": ESCAPES, "text": ESCAPES, "name": ESCAPES}
    )
    tickets.note(n, ESCAPES)
    tickets.dispatch(n, content=ESCAPES, contact=ESCAPES)
    tickets.accept(n, ESCAPES)
    tickets.promise(n, ESCAPES, TEN + HOUR)
    tickets.pause(n, "parts", TEN + HOUR, ESCAPES)
    tickets.resume(n, ESCAPES)
    tickets.escalate(n, ESCAPES, ESCAPES, handed=ESCAPES)
    tickets.transfer(n, ESCAPES, ESCAPES)
    with desk._access.db.read() as conn:
        stored = repr(conn.execute("SELECT data FROM event").fetchall()) + repr(desk.notices.list())
    for part in ("\\x1b", "\\u001b", "\\u202e", "\\x00", "\\u0000", "\\udcb5", "owned"):
        assert part not in stored, part
    assert "\n" not in case.view.title


# --- correcting ----------------------------------------------------------------------------------------------


def test_a_wrong_number_can_be_cleared(house: House) -> None:
    case = house.open().correct(phone="", name="")
    assert (case.view.phone, case.view.name, case.view.unit) == ("", "", UNIT)
    assert set(case.view.gaps) >= {"姓名", "联系方式"}
    assert "联系方式" in case.view.events[-1].note


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"colour": "red"},
        {"category": "没有"},
        {"category": ""},
        {"kind": ""},
        {"text": " "},
        {"unit": "x y z"},
    ],
)
def test_a_bad_correction_writes_nothing(house: House, changes: dict[str, str]) -> None:
    case = house.open()
    before = everything(case.desk)
    with pytest.raises(BadInput):
        case.desk.tickets.correct(case.number, changes)
    assert everything(case.desk) == before


def test_a_title_stays_one_short_line(house: House) -> None:
    assert house.open().correct(title="电梯\n又停了。后面还有很多话").view.title == "电梯 又停了"


# --- handing out ---------------------------------------------------------------------------------------------


def test_dispatch_goes_by_category_and_tells_the_department(house: House) -> None:
    case = house.open().dispatch("")
    (task,) = case.view.tasks
    assert (task["department"], task["content"]) == ("工程部", "电梯停了") and task["contact"]
    (notice,) = case.desk.notices.list()
    assert notice.to == "工程部" and task["content"] in notice.body


def test_an_emergency_is_given_half_an_hour(house: House) -> None:
    case = house.open(text="电梯里有人被困，快来人").dispatch("")
    (run,) = [run for run in case.view.clocks if run.kind == "task"]
    assert run.due_at <= TEN + 30 * MINUTE


def test_an_unknown_department_is_refused_with_the_known_ones(house: House) -> None:
    with pytest.raises(BadInput, match="工程部、保洁部"):
        house.open().dispatch("外星部")


# --- closing and reopening -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "close",
    [
        lambda case: case.follow_up(3).close("satisfied"),
        lambda case: case.close("signed", "业主当面签字"),
        lambda case: case.decline().after(7 * DAY).close("silence"),
        lambda case: case.close("waived", "敏感投诉不便回访：家事"),
    ],
)
def test_each_of_the_four_grounds_closes(house: House, close: Callable[[Case], Case]) -> None:
    assert close(house.open().resolve()).view.status == "closed"


def test_a_repeat_of_the_same_unit_and_category_resets_the_silence(house: House) -> None:
    case = house.open().resolve().decline().after(3 * DAY)
    again = house.open(case.desk, unit="7-3-2604")
    house.open(case.desk, unit="7栋3单元2605")
    case.after(4 * DAY)
    with pytest.raises(Refused, match="又有来诉，重新起算"):
        case.close("silence")
    case.after(3 * DAY)
    assert case.close("silence").view.status == "closed"
    assert again.view.status == "new"


def test_a_low_score_reopens_tells_the_supervisor_and_is_one_step(house: House) -> None:
    case = house.open().resolve().after(HOUR)
    before = case.view.version
    case.follow_up(2, words="还是卡")
    assert (case.view.version, case.view.status, case.view.level) == (before + 3, "in_progress", 1)
    (notice,) = case.desk.notices.list()
    assert notice.kind == "escalated" and "还是卡" in notice.body


def test_repeats_within_seven_days_are_offered(house: House) -> None:
    case = house.open()
    category = case.view.category
    case.after(7 * DAY)
    assert [number for number, _, _ in case.desk.tickets.repeats("7-3-2604", category)] == [case.number]
    case.after(1)
    assert case.desk.tickets.repeats("7-3-2604", category) == []
    assert case.desk.tickets.repeats(" ", category) == []


def test_joining_tickets_needs_two_that_are_alive(house: House) -> None:
    case, other = house.open(), house.open()
    ended = house.open().void()
    with pytest.raises(Refused, match="已经结束"):
        case.desk.tickets.merge(case.number, ended.number, "同一件事")
    with pytest.raises(Refused, match="没有工单"):
        case.desk.tickets.link(case.number, "999999-99")
    case.desk.tickets.link(case.number, other.number, "已统一告知")
    assert case.view.incident == other.number
    case.desk.tickets.merge(case.number, other.number, "同一件事")
    assert (case.view.status, case.view.merged_into) == ("void", other.number)


# --- clocks at the desk --------------------------------------------------------------------------------------


def test_a_transfer_resets_no_clock(house: House) -> None:
    case = house.open().dispatch().promise().after(HOUR)
    before: tuple[Clock, ...] = case.view.clocks
    case.transfer("wang").after(HOUR)
    assert case.view.clocks == before
    assert case.view.case_owner == "wang"


def test_a_clock_that_goes_backwards_writes_no_event_before_the_last(house: House) -> None:
    case = house.open().after(HOUR).note().after(-30 * MINUTE).note()
    assert [event.at for event in case.view.events] == [TEN, TEN + HOUR, TEN + HOUR]


# --- escalation ----------------------------------------------------------------------------------------------


def test_the_preview_shows_the_rungs_and_what_will_be_handed_over(house: House) -> None:
    case = house.open().dispatch()
    preview = case.desk.tickets.escalation_preview(case.number)
    assert preview.levels == ((1, "客服主任"), (2, "项目经理"), (3, "公司客服中心"))
    assert preview.suggested == 1 and "电梯停了" in preview.summary and "已派工程部" in preview.summary


@pytest.mark.parametrize(
    "level, role, may",
    [
        (1, "agent", False),
        (1, "auditor", False),
        (1, "supervisor", True),
        (1, "manager", True),
        (1, "admin", True),
        (2, "agent", False),
        (2, "supervisor", False),
        (2, "manager", True),
        (3, "supervisor", False),
        (3, "manager", True),
    ],
)
def test_only_somebody_of_the_rungs_rank_says_so(house: House, level: int, role: str, may: bool) -> None:
    case = house.open().escalate(level)
    case.at(house.desk("wang", role))
    if may:
        assert case.acknowledge().view.unacknowledged == ""
        return
    before = everything(case.desk)
    with pytest.raises(Refused, match=r"您的角色是|审计只能查看"):
        case.acknowledge()
    assert everything(case.desk) == before


# --- undo ----------------------------------------------------------------------------------------------------


def test_undo_brings_back_what_was_before_and_both_stay_in_the_record(house: House) -> None:
    case = house.open().dispatch().after(MINUTE).undo()
    view = case.view
    assert (view.status, view.tasks, view.due_at) == ("new", (), TEN + 2 * HOUR)
    assert [(event.kind, event.undone) for event in view.events] == [
        ("opened", False),
        ("dispatched", True),
        ("undone", False),
    ]
    assert case.desk.examine() == []


def test_undo_is_refused_for_anothers_step_and_writes_nothing(house: House) -> None:
    case = house.open().dispatch().at(house.desk("wang", "agent"))
    before = everything(case.desk)
    with pytest.raises(Refused, match="lin 做的"):
        case.undo()
    assert everything(case.desk) == before


def test_undo_takes_back_only_what_its_operator_saw_last(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague's step between looking and undoing must not make it take back an older one."""
    case, other = house.open().dispatch(), house.desk("wang", "agent")
    store = case.desk._access.tickets
    looked = store.left_the_house

    def slow(ticket_id: int) -> frozenset[int]:
        monkeypatch.undo()
        other.tickets.accept(case.number, "周工")
        return looked(ticket_id)

    monkeypatch.setattr(store, "left_the_house", slow)
    with pytest.raises(Conflict, match="wang接单"):
        case.undo()
    assert case.view.status == "accepted"


# --- evidence ------------------------------------------------------------------------------------------------


def test_evidence_is_kept_with_the_ticket(house: House) -> None:
    case = house.open().evidence()
    (item,) = case.view.evidence
    assert (item["media_type"], item["size"], item["caption"]) == ("image/png", len(PNG), "修好的样子")
    assert case.desk.tickets.evidence(item["digest"]) == PNG


def test_what_is_no_photo_leaves_no_trace(house: House, tmp_path: Path) -> None:
    case = house.open()
    (tmp_path / "run.jpg").write_bytes(b"MZ\x90")
    with pytest.raises(BadInput, match="不是照片"):
        case.desk.tickets.attach_file(case.number, tmp_path / "run.jpg")
    assert case.view.version == 1 and not case.desk.settings.evidence.exists()


# --- who sees what -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "role, unit", [("agent", "**04"), ("auditor", "**04"), ("supervisor", UNIT), ("manager", UNIT)]
)
def test_each_role_sees_its_share(house: House, role: str, unit: str) -> None:
    number = house.open(text=f"家里漏水，电话{PHONE}").number
    desk = house.desk("wang", role)
    view = desk.tickets.view(number)
    assert (view.name, view.unit, view.phone) == ("林**", unit, "199****4821")
    assert "【电话1】" in view.text
    (row,) = desk.board().rows
    assert desk.board().unit_of(row.unit) == unit
    shown = repr(view) + repr(view.json()) + desk.tickets.explain(number) + repr(desk.notices.list())
    assert PHONE not in shown and NAME not in shown


@pytest.mark.parametrize(
    "use", ["view", "explain", "note", "suggested_dispatch", "escalation_preview", "undo"]
)
def test_what_is_not_there_is_refused_not_a_fault(house: House, use: str) -> None:
    tickets = house.desk().tickets
    words = ("再看看",) if use == "note" else ()
    with pytest.raises(DeskError, match="没有工单"):
        getattr(tickets, use)("999999-99", *words)


def test_an_auditor_reads_and_changes_nothing(house: House) -> None:
    number = house.open().number
    auditor = house.desk("shen", "auditor")
    assert auditor.tickets.view(number).number == number
    with pytest.raises(Refused, match="只能查看"):
        auditor.tickets.note(number, "看过")
    with pytest.raises(Refused, match="只能查看"):
        auditor.tickets.open(NewTicket("楼道灯不亮"))
    assert [event.kind for event in auditor.tickets.view(number).events] == ["opened"]
