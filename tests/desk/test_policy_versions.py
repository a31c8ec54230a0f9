"""A ticket keeps the rules it was opened under, whatever the manager changes later (DESIGN §2)."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager

import pytest

from frontdesk.domain.errors import BadInput, StoreTrouble
from frontdesk.domain.timing import DAY, HOUR, MINUTE
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
