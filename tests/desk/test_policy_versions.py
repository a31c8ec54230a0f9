"""A ticket keeps the rules it was opened under, whatever the manager changes later (DESIGN §2)."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.desk import almanac
from frontdesk.domain.errors import BadInput, DeskError, Refused, StoreTrouble
from frontdesk.domain.timing import DAY, HOUR, MINUTE, instant
from frontdesk.store.tickets import Log
from tests.builders import POLICY, POLICY_TEXT, TEN, Case, House


def rewrite(house: House, **spans: str) -> None:
    """The manager's own policy.toml in the home."""
    text = POLICY_TEXT
    for old, new in spans.items():
        before, after = new.split(">")
        assert f"[clocks.{old}]" in text
        head, tail = text.split(f"[clocks.{old}]", 1)
        text = f"{head}[clocks.{old}]{tail.replace(before, after, 1)}"
    (house.home / "policy.toml").write_text(text, encoding="utf-8")


def due(case: Case, kind: str) -> int:
    (run,) = [run for run in case.view.clocks if run.kind == kind]
    return run.due_at - TEN


def test_old_tickets_keep_their_clocks_and_new_ones_get_the_new(house: House) -> None:
    old = house.open(channel="wechat")
    rewrite(house, first_response='"15m">"5m"', resolution='"24h">"8h"')
    desk = house.desk()
    new = house.open(desk, channel="wechat")
    old.at(desk)
    assert (due(old, "first_response"), due(old, "resolution")) == (15 * MINUTE, DAY)
    assert (due(new, "first_response"), due(new, "resolution")) == (5 * MINUTE, 8 * HOUR)
    old.progress()
    assert due(old, "resolution") == DAY, "also after another step under the new rules"
    house.time.forward(8 * HOUR)
    up = [line.split()[0] for line in desk.sweep() if "未办结" in line]
    assert up == [new.number]
    assert desk.examine() == []


def test_the_old_rules_are_found_again_by_a_desk_that_never_knew_them(house: House) -> None:
    old = house.open()
    rewrite(house, red_light='"2h">"1h"')
    house.open(house.desk())
    (house.home / "policy.toml").unlink()
    fresh = house.desk()
    assert fresh._access.policies.of(POLICY.version) == POLICY
    assert fresh.tickets.view(old.number).due_at == TEN + 2 * HOUR


def test_each_version_is_kept_once(house: House) -> None:
    for _ in range(3):
        house.open(house.desk())
    rewrite(house, red_light='"2h">"1h"')
    house.open(house.desk())
    with house.desk()._access.db.read() as conn:
        assert conn.execute("SELECT count(*) FROM policy").fetchone() == (2,)


def test_a_slip_in_the_managers_copy_is_named_and_opens_nothing(house: House) -> None:
    rewrite(house, red_light='"2h">"soon"')
    with pytest.raises(BadInput, match=r"clocks\.red_light\.span.*soon"):
        house.open(house.desk())
    (house.home / "policy.toml").write_text("[clocks\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"policy\.toml.*格式有误"):
        house.open(house.desk())
    (house.home / "policy.toml").write_bytes("[policy]\nname = '时限'".encode("gb18030"))
    with pytest.raises(BadInput, match=r"policy\.toml.*格式有误"):
        house.open(house.desk())


def test_a_lost_version_is_said_so(house: House) -> None:
    case = house.open()
    desk = house.desk()
    with desk._access.db.write() as conn:
        conn.execute("DELETE FROM policy")
    with pytest.raises(StoreTrouble, match=POLICY.version):
        desk.tickets.view(case.number)


def test_two_desks_that_meet_new_rules_at_once_keep_them_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewrite(house, red_light='"2h">"1h"')
    slow, quick = house.desk(), house.desk()
    write = slow._access.db.write

    def late() -> AbstractContextManager[sqlite3.Connection]:
        monkeypatch.undo()
        assert quick.policy.version != POLICY.version
        return write()

    monkeypatch.setattr(slow._access.db, "write", late)
    assert slow.policy == quick.policy


# --- calendars -----------------------------------------------------------------------------------------------

OFFICE = """
[[clocks.resolution.rules]]
when.kind = ["suggestion"]
span = "7h"
calendar = "office"

[calendar.office]
workdays = ["08:30-12:00", "13:30-17:00"]
"""


def test_public_holidays_are_frozen_into_the_version(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    (house.home / "policy.toml").write_text(POLICY_TEXT + OFFICE, encoding="utf-8")
    # Friday 25 September 2026 is 中秋; Sunday the 20th was worked for it.
    friday = instant(datetime(2026, 9, 25, 10))
    house.time.now = friday
    case = house.open(kind="suggestion")
    due_at = {run.kind: run.due_at for run in case.view.clocks}["resolution"]
    assert due_at == instant(datetime(2026, 9, 28, 17)), "Monday, seven working hours"
    monkeypatch.setattr(almanac, "public_days", lambda: {"years": [2026, 2026], "off": [], "work": []})
    later = house.desk()
    assert later.policy.version != case.desk.policy.version
    again = {run.kind: run.due_at for run in case.at(later).view.clocks}["resolution"]
    assert again == due_at, "whatever a later library says"
    fresh = house.open(later, kind="suggestion")
    assert later.examine() == [], "what is cached is what the frozen days say"
    mid_autumn = {run.kind: run.due_at for run in fresh.view.clocks}["resolution"]
    assert mid_autumn == instant(datetime(2026, 9, 28, 10)), "without holidays Friday counts from ten on"


def test_the_library_is_asked_only_where_a_calendar_follows_it(house: House) -> None:
    untouched: list[Mapping[str, Any]] = [
        {"clocks": {}},
        {"calendar": 5},
        {"calendar": {"days": {"2027-01-01": "休"}}},
        {"calendar": {"guard": {"holidays": False}}},
        {"calendar": {"office": {}, "public": {}}},
    ]
    assert all(almanac.frozen(document) is document for document in untouched)
    asked = almanac.frozen({"calendar": {"office": {}}})["calendar"]["public"]
    first, last = asked["years"]
    assert last - first == almanac.YEARS - 1 and last >= 2026
    assert "2026-10-01..2026-10-07" in asked["off"] and "2026-10-10" in asked["work"]
    assert "2026-01-04" in asked["work"], "the Sunday after New Year's Day"


# --- re-basing -----------------------------------------------------------------------------------------------


def test_glpi_6902_new_rules_keep_the_holds(house: House) -> None:
    case = house.open().after(HOUR).dispatch().pause().after(5 * HOUR).resume()
    rewrite(house, resolution='"24h">"8h"')
    desk = house.desk()
    assert desk.rules.rebase([case.number], "新合同") == [(case.number, POLICY.version, desk.policy.version)]
    case.at(desk)
    assert due(case, "resolution") == 8 * HOUR + 5 * HOUR
    assert case.view.events[-1].kind == "rebased" and case.view.events[-1].note.endswith("新合同")
    assert desk.examine() == [], "the cache is that of the new rules"
    with desk._access.db.read() as conn:
        assert conn.execute("SELECT policy FROM ticket").fetchone() == (desk.policy.version,)
        (audit,) = conn.execute('SELECT what, reason, "by" FROM audit').fetchall()
    assert audit == (f"policy rebase {case.number} {desk.policy.version}", "新合同", "lin")


def test_rebasing_is_by_hand_and_for_those_who_may(house: House) -> None:
    case = house.open()
    rewrite(house, red_light='"2h">"1h"')
    with pytest.raises(BadInput, match="换规则的原因"):
        house.desk().rules.rebase([], " ")
    with pytest.raises(Refused, match="需要项目经理"):
        house.desk("chen", "supervisor").rules.rebase([case.number], "新合同")
    manager = house.desk("zhang", "manager")
    assert [each.number for each in manager.rules.rebase([], "新合同")] == [case.number]
    assert manager.rules.rebase([], "新合同") == [], "nothing is left to move"
    with pytest.raises(Refused, match="已经按规则"):
        manager.rules.rebase([case.number], "新合同")
    with pytest.raises(Refused, match="换时限规则，不能撤销"):
        case.at(manager).undo()


def test_what_has_ended_keeps_its_rules(house: House) -> None:
    ended, open_one = house.open().void(), house.open()
    rewrite(house, red_light='"2h">"1h"')
    desk = house.desk()
    assert [each.number for each in desk.rules.rebase([], "新合同")] == [open_one.number]
    with pytest.raises(Refused, match="已经结束"):
        desk.rules.rebase([ended.number], "新合同")


def test_a_colleague_who_saves_at_the_same_time_is_not_lost(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = house.open()
    rewrite(house, red_light='"2h">"1h"')
    desk = house.desk()
    load = desk._access.tickets.load

    def while_somebody_writes(ticket_id: int) -> Log:
        monkeypatch.undo()
        log = load(ticket_id)
        case.note("同时记的")
        return log

    monkeypatch.setattr(desk._access.tickets, "load", while_somebody_writes)
    desk.rules.rebase([case.number], "新合同")
    assert [event.kind for event in case.view.events] == ["opened", "noted", "rebased"]


def test_versions_say_since_when_and_for_how_many(house: House) -> None:
    house.open()
    house.open().void()
    house.time.forward(HOUR)
    rewrite(house, red_light='"2h">"1h"')
    desk = house.desk()
    house.open(desk)
    new, old = desk.rules.versions()
    assert (old.version, old.since, old.name, old.open) == (POLICY.version, TEN, "标准时限", 1)
    assert (new.version, new.since, new.open) == (desk.policy.version, TEN + HOUR, 1)
    assert desk.rules.shown(old.version[:5])[0] == POLICY
    assert desk.rules.shown()[0] == desk.policy
    assert desk.rules.shown()[1]["clocks"]["red_light"]["span"] == "1h"
    with pytest.raises(Refused, match="没有以「zz」开头"):
        desk.rules.shown("zz")
    with desk._access.db.write() as conn:
        conn.execute("UPDATE policy SET version = 'aa' || substr(version, 3)")
    with pytest.raises(Refused, match="有好几个以「aa」开头"):
        house.desk().rules.shown("aa")


STEPS = (
    "note",
    "dispatch",
    "accept",
    "progress",
    "promise",
    "pause",
    "resume",
    "resolve",
    "reopen",
    "escalate",
)
HISTORIES = st.lists(
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 30 * HOUR)), max_size=8), min_size=4, max_size=8
)


@settings(
    derandomize=True,
    deadline=None,
    max_examples=5,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(HISTORIES)
def test_cached_clocks_are_those_of_the_replayed_log_whatever_the_rules_became(
    house: House, histories: list[list[tuple[str, int]]]
) -> None:
    (house.home / "policy.toml").write_text(POLICY_TEXT + OFFICE, encoding="utf-8")
    desk = house.desk()
    for history in histories:
        case = house.open(desk, kind="suggestion")
        for step, wait in history:
            case.after(wait)
            with contextlib.suppress(DeskError):
                case.go(step)
    assert desk.examine() == []
    rewrite(house, resolution='"24h">"8h"')
    later = house.desk()
    later.rules.rebase([], "新合同")
    assert later.examine() == []
