"""The one table of keys and everything that is made from it."""

from __future__ import annotations

from textual.keys import key_to_character

from frontdesk.tui import actions, keys
from frontdesk.tui.desktop import WRITES, Desktop
from frontdesk.tui.help import page
from frontdesk.tui.panes.bars import key_line
from frontdesk.tui.paper import measure
from frontdesk.tui.work import Work
from tests.builders import House
from tests.tui.stage import stage


def test_ten_keys_fill_exactly_80_columns() -> None:
    assert [name for name, _ in keys.bar()] == [f"F{number}" for number in range(1, 11)]
    assert measure(key_line(keys.bar(), 80)) == 80


def test_function_keys_stand_where_the_design_puts_them() -> None:
    labels = {key.name: key.label for key in keys.KEYS}
    wanted = ["帮助", "接听", "工单", "话术", "记录", "换栏", "回访", "上移", "保存", "退出"]
    assert [labels[f"F{number}"] for number in range(1, 11)] == wanted
    assert labels["F12"] == "复制"


def test_every_action_of_the_table_exists() -> None:
    for key in keys.KEYS:
        if key.key != "enter" and key.action not in ("redraw", "command_palette"):
            assert callable(getattr(Work, key.action)), key


def test_every_key_is_bound_and_function_keys_win_over_text() -> None:
    bound = {binding.key: binding for binding in Desktop.BINDINGS if hasattr(binding, "key")}  # type: ignore[union-attr]
    for key in keys.KEYS:
        if key.key != "enter":
            assert bound[key.key].priority is (key.key != "escape")  # type: ignore[union-attr]


def test_readmes_table_names_every_key() -> None:
    table = keys.markdown()
    assert table.count("\n") == len(keys.KEYS) + 2
    assert all(f"| {key.name} | {key.label} |" in table for key in keys.KEYS)


def test_help_fits_80_columns_for_every_pane() -> None:
    for pane in keys.PANES:
        assert all(measure(spans) <= 80 for spans in page(pane, 80))


def test_every_move_of_the_domain_has_an_action_or_a_key() -> None:
    from frontdesk.domain.moves import VERBS

    assert set(VERBS) - set(actions.ACTIONS) == {"note"}, "the record is written with F5 and F9"


async def test_every_bound_key_writes_what_textual_would_say(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.sees("下一步")
        nodes = [on.console, on.console.desktop]
        bound = {key for node in nodes for key in node._bindings.key_to_bindings}
        written = {key: character for key in bound if (character := key_to_character(key))}
        assert {key: character for key, character in written.items() if character.isprintable()} == WRITES


async def test_a_question_mark_is_written_into_the_record_and_asks_for_help_elsewhere(house: House) -> None:
    house.open(text="楼道灯不亮")
    async with stage(house) as on:
        await on.sees("下一步")
        await on.press("f5")
        await on.type("?？")
        await on.until(lambda: on.work.note_area.text == "?？")
        await on.press("f3")
        await on.type("？")
        await on.sees("帮助")
