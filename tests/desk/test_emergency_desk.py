"""An emergency at the desk: one step opens its plan once, whoever presses; callers hear the same; a timeline for the file."""

from __future__ import annotations

import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.desk import Desk
from frontdesk.desk.views import TicketView
from frontdesk.domain.errors import BadInput, Conflict, Refused, StoreTrouble
from frontdesk.domain.timing import HOUR, MINUTE, iso
from frontdesk.settings import shipped
from frontdesk.store import tickets as store_tickets
from frontdesk.store.database import Database
from tests.builders import NAME, PHONE, TEN, UNIT, Case, House

TRAPPED = "电梯停了，我妈被困在里面"
OTHER_PHONE, OTHER_NAME, OTHER_UNIT = "19900007733", "周望舒", "7栋3单元1103"
DEPARTMENTS = ["安保部", "工程部", "客服部"]


def trapped(house: House, desk: Desk) -> Case:
    return house.open(desk, text=TRAPPED)


def kinds(view: TicketView) -> list[str]:
    return [event.kind for event in view.events]


def outbox(house: House) -> list[tuple[str, str, str, int, str]]:
    with Database(house.settings().database).read() as conn:
        return conn.execute(
            "SELECT kind, audience, recipient, urgent, body FROM notice ORDER BY id"
        ).fetchall()


def rings(desk: Desk, phone: str = OTHER_PHONE, name: str = "") -> int:
    return desk.calls.ring(phone, name).call_id


# --- opening ------------------------------------------------------------------------------------------------------


def test_one_step_opens_it_all(house: House, desk: Desk) -> None:
    case = trapped(house, desk)
    view = desk.emergencies.open(case.number)
    assert kinds(view) == ["opened", "case_taken", "dispatched", "dispatched", "dispatched", "plan_opened"]
    assert (view.priority, view.plan, view.case, view.case_taken) == ("urgent", "lift", "B2", True)
    assert [task["department"] for task in view.tasks] == DEPARTMENTS
    assert [task["due_at"] for task in view.tasks] == [iso(TEN + m * MINUTE) for m in (10, 30, 30)]
    assert {c.kind: c.due_at for c in view.clocks if c.kind in ("on_site", "repair", "progress")} == {
        "on_site": TEN + 30 * MINUTE,
        "repair": TEN + 30 * MINUTE,
        "progress": TEN + 10 * MINUTE,
    }
    assert view.missing[:2] == ("几点开始被困", "几点全部出来")


def test_departments_and_the_group_are_told_in_the_same_transaction(house: House, desk: Desk) -> None:
    desk.emergencies.open(trapped(house, desk).number)
    told = outbox(house)
    assert [(kind, audience, to) for kind, audience, to, _, _ in told] == [
        *(("dispatched", "staff", department) for department in DEPARTMENTS),
        ("plan_opened", "group", "group"),
    ]
    _, _, _, urgent, body = told[-1]
    assert urgent == 1 and body.startswith("【突发·电梯困人】7栋，10:00 起。已派：安保部 10:10 前")
    assert not any(secret in body for secret in (NAME, PHONE, UNIT, "2604"))


def test_a_ticket_that_was_not_urgent_becomes_so(house: House, desk: Desk) -> None:
    case = house.open(desk, text="电梯里的灯有点暗", priority="normal")
    house.time.forward(HOUR)
    view = desk.emergencies.open(case.number, "lift")
    assert view.priority == "urgent"
    assert next(c.due_at for c in view.clocks if c.kind == "on_site") == TEN + HOUR + 30 * MINUTE


def test_four_letters_are_enough_and_get_a_title(house: House, desk: Desk) -> None:
    case = house.open(desk, text="dtkr")
    view = desk.emergencies.open(case.number)
    assert (view.plan, view.title, view.text) == ("lift", "电梯困人", "dtkr")


def test_a_hold_does_not_keep_a_plan_from_being_opened(house: House, desk: Desk) -> None:
    case = trapped(house, desk).go("dispatch", "pause")
    view = desk.emergencies.open(case.number)
    assert view.status == "dispatched" and [task["number"] for task in view.tasks] == [1, 2, 3, 4]


def test_a_case_that_was_taken_up_stays(house: House, desk: Desk) -> None:
    case = trapped(house, desk)
    desk.tickets.case(case.number, "B3")
    assert desk.emergencies.open(case.number).case == "B3"


def test_two_emergencies_in_one_have_a_plan_each(house: House, desk: Desk) -> None:
    case = trapped(house, desk).plan()
    view = desk.emergencies.open(case.number, "hurt")
    assert len(view.tasks) == 6 and view.plan == "hurt"
    assert len(desk.emergencies.open(case.number, "lift").tasks) == 6
    assert "几点打的120" in view.missing and "几点开始被困" in view.missing


@pytest.mark.parametrize(
    ("plan", "error", "words"), [("quake", BadInput, "可选：fire"), ("", Refused, "看不出")]
)
def test_a_plan_that_is_not_there_is_refused_with_the_choice(
    house: House, desk: Desk, plan: str, error: type[Exception], words: str
) -> None:
    case = house.open(desk, text="物业费怎么算")
    with pytest.raises(error, match=words):
        desk.emergencies.open(case.number, plan)
    assert kinds(case.view) == ["opened"] and outbox(house) == []


def test_a_member_s_plan_is_that_of_its_incident(house: House, desk: Desk) -> None:
    case = trapped(house, desk).plan()
    member = desk.emergencies.attach_caller(case.number, rings(desk)).view
    assert desk.emergencies.open(member.number).number == case.number
    assert desk.tickets.view(member.number).tasks == ()


def test_what_is_written_down_later_leads_to_the_plan_too(house: House, desk: Desk) -> None:
    case = house.open(desk, text="电梯按键不亮", priority="normal")
    assert desk.emergencies.noted(case.number, "业主说下午再来看") is None
    told = "现在电梯里困住两个人，出不来"
    found = desk.emergencies.noted(case.number, told)
    assert found is not None and found.id == "lift"
    case.note(told)
    assert desk.emergencies.offered(case.number)[0].id == "lift"
    assert desk.emergencies.open(case.number).plan == "lift"
    assert desk.emergencies.noted(case.number, told) is None


def test_a_finished_ticket_and_an_auditor_open_nothing(house: House, desk: Desk) -> None:
    case = trapped(house, desk).go("dispatch", "resolve")
    with pytest.raises(Refused, match="不能突发预案"):
        desk.emergencies.open(case.number)
    with pytest.raises(Refused, match="审计只能查看"):
        house.desk("audit", "auditor").emergencies.open(trapped(house, desk).number)


def test_a_plan_cannot_be_half_undone(house: House, desk: Desk) -> None:
    case = trapped(house, desk).plan()
    with pytest.raises(Refused, match="不能撤销"):
        desk.tickets.undo(case.number)


def test_what_was_seen_is_held_to(house: House, desk: Desk) -> None:
    case = trapped(house, desk)
    seen = case.view.version
    case.note("人在十一楼")
    with pytest.raises(Conflict, match="刚被改动"):
        desk.emergencies.open(case.number, "lift", seen)
    desk.emergencies.open(case.number, "lift")
    assert desk.emergencies.open(case.number, "lift", seen).plan == "lift", (
        "a colleague was quicker: it is open"
    )


Presses = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(["", "lift", "hurt"])), min_size=1, max_size=6
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(presses=Presses)
def test_opened_any_number_of_times_in_any_order_by_two_desks_it_sends_one_set_of_tasks(
    furnished: House, presses: list[tuple[int, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = furnished.copy(Path(folder) / "home")
        desks = (house.desk(), house.desk("wang", "agent"))
        case = house.open(desks[0], text=TRAPPED)
        wanted = set[str]()
        for who, plan in presses:
            view = desks[who].emergencies.open(case.number, plan)
            wanted.add(plan or (view.plan if not wanted else next(iter(wanted))))
        view = case.view
        assert kinds(view).count("plan_opened") == len(wanted)
        assert [task["number"] for task in view.tasks] == list(range(1, 3 * len(wanted) + 1))
        assert len({(task["department"], task["content"]) for task in view.tasks}) == 3 * len(wanted)
        groups = [body for kind, audience, _, _, body in outbox(house) if audience == "group"]
        assert len(groups) == len(wanted) == len(set(groups))
        for each in desks:
            each.close()


def test_two_desks_at_the_same_moment_send_one_set_of_tasks(house: House) -> None:
    desks = [house.desk(), house.desk("wang", "agent")]
    for _ in range(5):
        number = trapped(house, desks[0]).number
        gate = Barrier(2)

        def press(desk: Desk, number: str = number, gate: Barrier = gate) -> None:
            gate.wait()
            desk.emergencies.open(number)
            desk.close()

        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(press, each) for each in desks]:
                done.result()
        view = desks[0].tickets.view(number)
        assert kinds(view).count("plan_opened") == 1 and len(view.tasks) == 3
    assert [audience for _, audience, *_ in outbox(house)].count("group") == 5


@pytest.mark.parametrize("fails", ["_post", "_withdraw"])
def test_what_breaks_on_the_way_leaves_nothing_behind(
    house: House, desk: Desk, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    case = trapped(house, desk)

    def broken(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(store_tickets, fails, broken)
        with pytest.raises(StoreTrouble):
            desk.emergencies.open(case.number)
    assert kinds(case.view) == ["opened"] and outbox(house) == [] and desk.examine() == []
    assert kinds(desk.emergencies.open(case.number)).count("plan_opened") == 1


# --- bulletins ----------------------------------------------------------------------------------------------------


def test_a_bulletin_that_was_read_out_starts_the_next_ten_minutes(house: House, desk: Desk) -> None:
    case = trapped(house, desk).plan()
    assert desk.emergencies.bulletin(case.number).due_at == TEN + 10 * MINUTE
    house.time.forward(8 * MINUTE)
    view, words = desk.emergencies.tell(case.number)
    assert view.events[-1].kind == "progressed" and words.rstrip("。") in view.events[-1].note
    again = desk.emergencies.bulletin(case.number)
    assert (again.stage, again.due_at) == ("coming", TEN + 18 * MINUTE)
    kind, audience, _, urgent, body = outbox(house)[-1]
    assert (kind, audience, urgent) == ("progressed", "group", 1) and words in body


def test_what_a_colleague_has_just_read_out_is_not_read_out_again(house: House, desk: Desk) -> None:
    case = trapped(house, desk).plan()
    seen = desk.emergencies.show(case.number)
    case.accept(2)  # whatever else a colleague writes meanwhile does not take the words back
    view, _ = house.desk("wang", "agent").emergencies.tell(case.number, seen.bulletin.text, seen.heard)
    assert seen.bulletin.text.rstrip("。") in view.events[-1].note
    with pytest.raises(Conflict, match="刚由同事通报过"):
        desk.emergencies.tell(case.number, seen.bulletin.text, seen.heard)


def test_what_is_urgent_without_a_plan_is_named(house: House, desk: Desk) -> None:
    case, other = trapped(house, desk), house.open(desk, text="楼道灯不亮")
    assert [number for number, _ in desk.emergencies.running().unopened] == [case.number]
    case.plan()
    desk.emergencies.attach_caller(case.number, rings(desk))
    assert desk.emergencies.running().unopened == () and other.view.priority != "urgent"
    assert desk.emergencies.likely(case.number) is None


def test_the_last_bulletin_ends_it(house: House, desk: Desk) -> None:
    case = trapped(house, desk).plan().after(20 * MINUTE)
    for task in (1, 2, 3):
        case.resolve(task)
    (seen,) = desk.emergencies.running().emergencies
    assert seen.bulletin.stage == "solved" and seen.bulletin.due_at is None
    desk.emergencies.tell(case.number)
    assert desk.emergencies.running().emergencies == ()


def test_without_a_plan_there_is_nothing_to_read_out(house: House, desk: Desk) -> None:
    case = trapped(house, desk)
    for ask in (desk.emergencies.bulletin, desk.emergencies.tell, desk.emergencies.show):
        with pytest.raises(Refused, match="还没有打开预案"):
            ask(case.number)
    with pytest.raises(Refused, match="没有打开过预案"):
        desk.emergencies.timeline(case.number)


def test_with_the_last_bulletin_every_member_is_over_too(house: House, desk: Desk) -> None:
    case = trapped(house, desk).plan()
    member = desk.emergencies.attach_caller(case.number, rings(desk)).view
    house.time.forward(20 * MINUTE)
    for task in (1, 2, 3):
        case.resolve(task)
    desk.emergencies.tell(case.number)
    view = desk.tickets.view(member.number)
    assert view.status == "resolved" and kinds(view)[-2:] == ["progressed", "resolved"]
    assert next(c.due_at for c in view.clocks if c.kind == "follow_up") == TEN + 20 * MINUTE + 24 * HOUR


# --- callers ------------------------------------------------------------------------------------------------------


def neighbour(desk: Desk, folder: Path) -> None:
    file = folder / "业主.csv"
    file.write_text(f"姓名,房号,电话\n{OTHER_NAME},{OTHER_UNIT},{OTHER_PHONE}\n", encoding="utf-8")
    desk.imports.residents(file)


def test_one_key_lifts_opens_links_and_tells_the_same(house: House, desk: Desk, tmp_path: Path) -> None:
    neighbour(desk, tmp_path)
    case = trapped(house, desk).plan()
    house.time.forward(3 * MINUTE)
    call = rings(desk)
    done = desk.emergencies.attach_caller(case.number, call)
    assert done.opened and done.told == desk.emergencies.bulletin(case.number).text
    view = done.view
    assert kinds(view) == ["opened", "linked"] and done.told in view.events[-1].note
    assert (view.incident, view.priority, view.category) == (case.number, "urgent", case.view.category)
    assert (view.unit, view.name[0]) == (OTHER_UNIT, OTHER_NAME[0]), "whom the number belongs to"
    own = {c.kind: c for c in view.clocks}
    assert own["progress"].due_at == TEN + 13 * MINUTE and own["first_response"].met_at == TEN + 3 * MINUTE
    assert desk.calls.card(call).ticket == view.number and desk.calls.card(call).state == "done"
    (seen,) = desk.emergencies.running().emergencies
    assert (seen.number, seen.members, seen.callers) == (case.number, 1, 1)


def test_the_same_flat_again_goes_to_its_own_ticket(house: House, desk: Desk) -> None:
    case = trapped(house, desk).plan()
    call = rings(desk, PHONE)
    done = desk.emergencies.attach_caller(case.number, call)
    assert (done.opened, done.view.number) == (False, case.number)
    assert done.view.events[-1].kind == "called" and done.told in done.view.events[-1].note
    first = desk.emergencies.attach_caller(case.number, rings(desk))
    again = desk.emergencies.attach_caller(first.view.number, rings(desk))
    assert (again.opened, again.view.number) == (False, first.view.number)
    assert desk.emergencies.show(first.view.number).callers == 3


def test_a_call_is_attached_once_whoever_presses(house: House, desk: Desk) -> None:
    case = trapped(house, desk).plan()
    call = rings(desk)
    first = desk.emergencies.attach_caller(case.number, call)
    again = house.desk("wang", "agent").emergencies.attach_caller(case.number, call)
    assert (again.view.number, again.opened, again.told) == (first.view.number, False, "")
    assert desk.emergencies.show(case.number).members == 1


def test_two_desks_that_attach_the_same_caller_open_one_ticket(house: House) -> None:
    desks = [house.desk(), house.desk("wang", "agent")]
    case = trapped(house, desks[0]).plan()
    for round_ in range(1, 5):
        call = rings(desks[0], f"1990000774{round_}")
        gate = Barrier(2)

        def press(desk: Desk, call: int = call, gate: Barrier = gate) -> str:
            gate.wait()
            try:
                return desk.emergencies.attach_caller(case.number, call).view.number
            except Refused:
                return ""
            finally:
                desk.close()

        with ThreadPoolExecutor(2) as pool:
            found = {done.result() for done in [pool.submit(press, each) for each in desks]} - {""}
        assert len(found) == 1
        assert desks[0].emergencies.show(case.number).members == round_


def test_a_call_that_was_lifted_before_everything_broke_is_found_again(house: House, desk: Desk) -> None:
    case, call = trapped(house, desk).plan(), rings(desk)
    desk.calls.answer(call)  # so far it came
    found = desk.emergencies.next_caller()
    assert found is not None and found.id == call
    assert desk.emergencies.attach_caller(case.number, call).opened


def test_a_call_of_another_ticket_stays_there(house: House, desk: Desk) -> None:
    other = house.open(desk, text="楼道灯不亮", phone=OTHER_PHONE, unit=OTHER_UNIT)
    call = rings(desk)
    desk.tickets.attach_call(other.number, call)
    with pytest.raises(Refused, match="另一张工单"):
        desk.emergencies.attach_caller(trapped(house, desk).plan().number, call)


def test_nobody_is_attached_to_what_is_no_emergency(house: House, desk: Desk) -> None:
    case = trapped(house, desk)
    with pytest.raises(Refused, match="不是正在处理的突发"):
        desk.emergencies.attach_caller(case.number, rings(desk))


def test_the_next_caller_is_who_rings_then_who_has_just_called(house: House, desk: Desk) -> None:
    assert desk.emergencies.next_caller() is None
    lifted = rings(desk, PHONE)
    desk.calls.answer(lifted)
    found = desk.emergencies.next_caller()
    assert found is not None and found.id == lifted
    ringing = rings(desk)
    found = desk.emergencies.next_caller()
    assert found is not None and found.id == ringing
    house.time.forward(HOUR)
    assert desk.emergencies.next_caller() is None


def test_a_bulletin_is_told_to_every_caller(house: House, desk: Desk) -> None:
    case = trapped(house, desk).plan()
    member = desk.emergencies.attach_caller(case.number, rings(desk)).view
    house.time.forward(9 * MINUTE)
    desk.emergencies.tell(member.number)
    due = TEN + 19 * MINUTE
    for number in (case.number, member.number):
        view = desk.tickets.view(number)
        assert next(c.due_at for c in view.clocks if c.kind == "progress") == due
    assert [kind for kind, *_ in outbox(house)].count("progressed") == 1


# --- the facts ----------------------------------------------------------------------------------------------------


def test_what_the_plan_asks_for_is_demanded_before_closing(house: House, desk: Desk) -> None:
    case = house.open(desk, text="7栋厨房着火，冒浓烟").plan("fire").after(30 * MINUTE)
    for task in (1, 2, 3, 4):
        case.resolve(task)
    with pytest.raises(Refused, match="关闭前要采到：几点打的119、消防几点到场"):
        desk.tickets.close(case.number, "signed", "业主已签字")
    assert [fact.id for fact in desk.tickets.wanted(case.view)] == [
        "fire_called",
        "fire_arrived",
        "fire_hurt",
    ]
    told = {"fire_called": "10:01", "fire_arrived": "10:09", "fire_hurt": "无人受伤"}
    assert desk.tickets.facts(case.number, told).missing == ()
    assert desk.tickets.close(case.number, "signed", "业主已签字").status == "closed"


def test_an_answer_that_the_plan_does_not_know_is_told(house: House, desk: Desk) -> None:
    case = house.open(desk, text="7栋厨房着火，冒浓烟").plan("fire")
    with pytest.raises(BadInput, match="人员受影响程度"):
        desk.tickets.facts(case.number, {"fire_hurt": "还行"})


# --- the timeline -------------------------------------------------------------------------------------------------


def test_the_timeline_is_the_whole_incident_in_one_order_without_anybody_in_it(
    house: House, desk: Desk, tmp_path: Path
) -> None:
    neighbour(desk, tmp_path)
    agent = house.desk("wang", "agent")
    case = trapped(house, desk).plan()
    member = agent.emergencies.attach_caller(case.number, rings(desk)).view
    house.time.forward(6 * MINUTE)
    desk.tickets.arrive(case.number, "维保师傅", 2)
    agent.emergencies.tell(case.number)
    house.time.forward(10 * MINUTE)
    desk.tickets.facts(case.number, {"trapped_from": "09:58", "effect": "受了惊吓"})
    for task in (1, 2, 3):
        desk.tickets.resolve(case.number, "人已救出", task)
    told = agent.emergencies.timeline(member.number)
    assert (told.number, told.members, told.plan, told.resolved_at) == (
        case.number,
        (member.number,),
        "lift",
        TEN + 16 * MINUTE,
    )
    assert [each.at for each in told.moments] == sorted(each.at for each in told.moments)
    assert {each.number for each in told.moments} == {case.number, member.number}
    assert ("几点开始被困", "09:58") in told.facts and "维保几点到场" in told.missing
    assert len({each.hash for each in told.moments}) == len(told.moments)

    place = agent.emergencies.write_timeline(case.number, tmp_path / "存档" / "经过.md")
    text = place.read_text(encoding="utf-8")
    assert text.startswith(f"# 突发事件经过 {case.number}\n") and "| 应急到场 | T4 |" in text
    assert text.index("打开预案") < text.index("到场 | 维保师傅") < text.index("处理完毕 | 人已救出")
    for secret in (NAME, UNIT, PHONE, OTHER_NAME, OTHER_UNIT, OTHER_PHONE, "2604", "1103"):
        assert secret not in text


def test_a_note_with_a_bar_stays_in_its_cell(house: House, desk: Desk, tmp_path: Path) -> None:
    case = trapped(house, desk).plan().note("门|没开\n再试")
    place = desk.emergencies.write_timeline(case.number, tmp_path / "t.md")
    rows = [row for row in place.read_text(encoding="utf-8").splitlines() if "没开" in row]
    assert rows and rows[0].endswith("| 门\\|没开 再试 |")


def test_a_folder_is_no_file(house: House, desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="是文件夹"):
        desk.emergencies.write_timeline(trapped(house, desk).plan().number, tmp_path)


def test_a_manager_s_plan_in_the_home_is_the_one_that_opens(house: House) -> None:
    own = house.home / "plans" / "lift.toml"
    own.parent.mkdir()
    text = shipped("plans", "lift.toml").read_text(encoding="utf-8")
    own.write_text(text.replace("minutes = 10\n", "minutes = 5\n", 1), encoding="utf-8")
    desk = house.desk()
    view = desk.emergencies.open(house.open(desk, text=TRAPPED).number)
    assert view.tasks[0]["due_at"] == iso(TEN + 5 * MINUTE)


def test_a_plan_that_is_corrected_while_the_desk_is_open_is_the_one_that_opens(
    house: House, desk: Desk
) -> None:
    assert desk.emergencies.likely(trapped(house, desk).number) is not None
    own = house.home / "plans" / "lift.toml"
    own.parent.mkdir()
    text = shipped("plans", "lift.toml").read_text(encoding="utf-8")
    own.write_text(text.replace('title = "电梯困人"', 'title = "电梯里有人"', 1), encoding="utf-8")
    found = desk.emergencies.likely(trapped(house, desk).number)
    assert found is not None and found.title == "电梯里有人"
    own.write_text("title =", encoding="utf-8")
    found = desk.emergencies.likely(trapped(house, desk).number)
    assert found is not None and found.title == "电梯困人", "a torn copy takes no plan away"
    assert desk.emergencies.running().problems == 1


def test_bulletins_go_on_where_the_open_plan_s_file_is_taken_away(house: House, desk: Desk) -> None:
    own = house.home / "plans" / "quake.toml"
    own.parent.mkdir()
    text = shipped("plans", "lift.toml").read_text(encoding="utf-8")
    own.write_text(text.replace('id = "lift"', 'id = "quake"', 1), encoding="utf-8")
    case = trapped(house, desk).plan("quake")
    own.unlink()
    (seen,) = desk.emergencies.running().emergencies
    assert seen.number == case.number and seen.bulletin.text.startswith("7栋")
    assert desk.emergencies.tell(case.number)[1] == seen.bulletin.text


def test_doctor_finds_nothing_amiss_after_an_emergency(house: House, desk: Desk) -> None:
    case = trapped(house, desk).plan()
    desk.emergencies.attach_caller(case.number, rings(desk))
    desk.emergencies.tell(case.number)
    assert desk.examine() == [] and desk.verify() == []
