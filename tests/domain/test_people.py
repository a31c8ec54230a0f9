"""Telephone numbers and unit numbers in every spelling; rows of residents and of old tickets."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.domain.errors import BadInput
from frontdesk.domain.people import (
    Phone,
    Resident,
    match_keys,
    parse_phone,
    phone_key,
    phones_of,
    resident_columns,
    resident_from_row,
    ticket_columns,
    ticket_fields_from_row,
    unit_key,
    unit_text,
)
from frontdesk.domain.timing import instant, iso
from frontdesk.domain.units import unit_of_parts

steady = settings(
    derandomize=True, deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow]
)
NOW = instant(datetime(2026, 11, 22, 10, 5))
MOBILE = "19900005678"


# --- telephone numbers


@pytest.mark.parametrize(
    "raw",
    [
        "19900005678",
        "+8619900005678",
        "008619900005678",
        "8619900005678",
        "08619900005678",
        "019900005678",
        "+86 199-0000-5678",
        "(+86) 199 0000 5678",
        "（８６）１９９００００５６７８",
        "１９９－００００－５６７８",
        "199—0000—5678",
        " 199 0000 5678 ",
        "tel:+86-199-0000-5678",
        "sip:19900005678@pbx.invalid;user=phone",
        '"欧阳女士" <sip:+8619900005678@pbx.invalid>',
        '"欧阳" <19900005678>',
        "sip:%2B8619900005678@pbx.invalid",
    ],
)
def test_one_mobile_in_every_spelling(raw: str) -> None:
    assert parse_phone(raw) == Phone(MOBILE, "", "mobile")
    assert phone_key(raw) == MOBILE


@pytest.mark.parametrize(
    ("raw", "phone"),
    [
        ("19900005678转8001", Phone(MOBILE, "8001", "mobile")),
        ("0755-83214321-8001", Phone("075583214321", "8001", "landline")),
        ("0755-83214321#8001", Phone("075583214321", "8001", "landline")),
        ("（0755）83214321 ext. 8001", Phone("075583214321", "8001", "landline")),
        ("+86 755 8321 4321 转 12", Phone("075583214321", "12", "landline")),
        ("8675583214321", Phone("075583214321", "", "landline")),
        ("+861083214321", Phone("01083214321", "", "landline")),
        ("0791-8321432", Phone("07918321432", "", "landline")),
        ("tel:+86-755-83214321;ext=801", Phone("075583214321", "801", "landline")),
        ("83214321", Phone("83214321", "", "landline")),
        ("8321-4321-801", Phone("83214321", "801", "landline")),
        ("400-123-4567", Phone("4001234567", "", "service")),
        ("4001234567转3", Phone("4001234567", "3", "service")),
        ("110", Phone("110", "", "service")),
        ("10086", Phone("10086", "", "service")),
        ("95588", Phone("95588", "", "service")),
        ("8001", Phone("8001", "", "extension")),
        ("12", Phone("12", "", "extension")),
        ("+1 (415) 555-2671", Phone("+14155552671", "", "foreign")),
        ("00852 9123 4567", Phone("+85291234567", "", "foreign")),
        ("1990000567", Phone("1990000567", "", "unknown")),
        ("199000056789", Phone("199000056789", "", "unknown")),
        ("楼上邻居", Phone("", "", "unknown")),
        ("+8612", Phone("8612", "", "unknown")),
        ("9" * 300, Phone("", "", "unknown")),
    ],
)
def test_other_kinds_of_number(raw: str, phone: Phone) -> None:
    assert parse_phone(raw) == phone


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "  ",
        "anonymous",
        "Anonymous",
        "unknown",
        "Restricted",
        "PRIVATE",
        "隐藏",
        "隐藏号码",
        "未知号码",
        "0",
        "00000000",
        "-",
        "无",
        "n/a",
        "None",
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        "sip:anonymous@pbx.invalid",
        "+0",
    ],
)
def test_withheld_numbers_are_hidden(raw: str) -> None:
    assert parse_phone(raw) == Phone("", "", "hidden")
    assert phone_key(raw) is None
    assert match_keys(parse_phone(raw)) == ()


def test_landlines_are_looked_up_with_and_without_area_code() -> None:
    far, bare = parse_phone("0755-83214321"), parse_phone("83214321")
    assert match_keys(far) == ("075583214321", "83214321")
    assert match_keys(far, "0755") == ("075583214321", "83214321")
    assert match_keys(far, "020") == ("075583214321",)
    assert match_keys(bare) == ("83214321",)
    assert match_keys(bare, "0755") == ("83214321", "075583214321")
    assert match_keys(parse_phone(MOBILE), "0755") == (MOBILE,)


mobiles = st.integers(0, 9999).map("1990000{:04d}".format)
landlines = st.builds("{}{}".format, st.sampled_from(["010", "020", "0755"]), st.integers(20000000, 89999999))
extensions = st.just("") | st.integers(10, 99999).map("转{}".format)


@steady
@given(
    mobiles | landlines,
    extensions,
    st.sampled_from(["", "-", " ", "－"]),
    st.sampled_from(["", "+86", "0086 ", "+86-"]),
)
def test_spelling_does_not_matter(number: str, extension: str, gap: str, country: str) -> None:
    head = 3 if number.startswith("1") else len(number) - 8
    spelled = country + gap.join([number[:head], number[head:-4], number[-4:]]) + extension
    phone = parse_phone(spelled)
    assert (phone.digits, phone.extension) == (number, extension.removeprefix("转"))
    assert parse_phone(phone.text) == phone


@steady
@given(st.text(max_size=30) | st.text("0123456789+-()# 转", max_size=30))
def test_any_text_is_some_phone(raw: str) -> None:
    phone = parse_phone(raw)
    assert set(phone.digits) <= set("+0123456789") and set(phone.extension) <= set("0123456789")
    assert (phone.kind == "hidden") <= (phone.digits == "")


@pytest.mark.parametrize(
    ("cell", "phones"),
    [
        ("19900000001/19900000002", ("19900000001", "19900000002")),
        ("19900000001、19900000002，19900000003；19900000004", tuple(f"1990000000{n}" for n in (1, 2, 3, 4))),
        ("19900000001 19900000002", ("19900000001", "19900000002")),
        ("199 0000 0001 199 0000 0002", ("19900000001", "19900000002")),
        ("199-0000-0001\n0755 8321 4321 转 12", ("19900000001", "075583214321转12")),
        ("19900000001/19900000001", ("19900000001",)),
        ("19900000001.0", ("19900000001",)),
        ("无", ()),
        ("-", ()),
        ("", ()),
    ],
)
def test_a_cell_may_hold_several_numbers(cell: str, phones: tuple[str, ...]) -> None:
    assert phones_of(cell) == phones


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1990000567", "第 1 个有 10 位数字"),
        ("19900000001/199000000", "第 2 个有 9 位数字"),
        ("8001", "第 1 个有 4 位数字"),
        ("19900000001（妻）", "第 1 个有 11 位数字"),
        ("1.99E+10", "科学计数"),
        ("查无此人", "第 1 个有 0 位数字"),
    ],
)
def test_a_bad_number_is_named_by_its_place(cell: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        phones_of(cell)
    assert cell not in str(refused.value)


# --- units


@pytest.mark.parametrize(
    "raw",
    [
        "3栋2单元1801",
        "3-2-1801",
        "３－２－１８０１",
        "3号楼2单元1801室",
        "三栋二单元1801",
        "三号楼二单元一八零一室",
        "03-02-1801",
        "3幢2门1801号",
        "3#2单元1801",
        "3# 2-1801",
        "3 2 1801",
        "3/2/1801",
        "3栋-2单元-1801",
        "3座2单元1801户",
        "3栋2单元18层01",
        "3栋2单元18楼1801室",
        " 3栋 2单元 1801 ",
    ],
)
def test_one_flat_in_every_spelling(raw: str) -> None:
    assert unit_key(raw) == "3-2-1801"
    assert unit_text(raw) == "3栋2单元1801"


@pytest.mark.parametrize(
    ("raw", "key", "text"),
    [
        ("6-2-0803", "6-2-803", "6栋2单元0803"),
        ("6栋2单元803", "6-2-803", "6栋2单元803"),
        ("3-1801", "3-1801", "3栋1801"),
        ("十二栋一单元102", "12-1-102", "12栋1单元102"),
        ("二十一栋101", "21-101", "21栋101"),
        ("A12", "A12", "A12"),
        ("a-12", "A12", "A12"),
        ("A座1201", "A1201", "A座1201"),
        ("A1201", "A1201", "A1201"),
        ("甲栋301", "甲-301", "甲栋301"),
        ("商铺12", "商铺12", "商铺12"),
        ("12号商铺", "商铺12", "商铺12"),
        ("3栋商铺5", "3-商铺5", "3栋商铺5"),
        ("车位B-123", "车位B123", "车位B123"),
        ("一期3栋2单元1801", "1期-3-2-1801", "1期3栋2单元1801"),
        ("桃园3-2-1801", "桃园-3-2-1801", "桃园3栋2单元1801"),
        ("3栋东单元501", "3-东-501", "3栋东单元501"),
        ("2单元1801", "单元2-1801", "2单元1801"),
        ("1801室", "1801", "1801"),
    ],
)
def test_other_units(raw: str, key: str, text: str) -> None:
    assert (unit_key(raw), unit_text(raw)) == (key, text)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "楼下",
        "张三",
        MOBILE,
        "2026-11-22",
        "0612-03",
        "3栋",
        "3栋2单元",
        "1801-1802",
        "18栋18层1702",
        "3栋2单元1801" * 9,
        "=1+1",
        "100元",
        "3-2-1801; DROP",
        "\x1b[31m3-2-1801",
    ],
)
def test_what_cannot_be_a_unit_is_refused_without_repeating_it(raw: str) -> None:
    with pytest.raises(BadInput) as refused:
        unit_key(raw)
    assert not raw.strip() or raw not in refused.value.problem


@steady
@given(st.integers(1, 120), st.integers(1, 9), st.integers(1, 60), st.integers(1, 20), st.integers(0, 3))
def test_the_shown_form_reads_back(building: int, section: int, floor: int, room: int, form: int) -> None:
    spelled = [
        "{}栋{}单元{}{:02d}",
        "{}-{}-{}{:02d}",
        "{:02d}号楼{:02d}单元{}{:02d}室",
        "{}幢{}门{:02d}{:02d}",
    ][form]
    raw = spelled.format(building, section, floor, room)
    assert unit_key(raw) == f"{building}-{section}-{floor}{room:02d}" == unit_key(unit_text(raw))


@steady
@given(st.text(max_size=12) | st.text("3栋2单元18A-商铺层东", max_size=12))
def test_a_unit_reads_back_or_is_refused(raw: str) -> None:
    try:
        text = unit_text(raw)
    except BadInput:
        return
    assert unit_key(text) == unit_key(raw)
    assert unit_text(text) == text


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (["3栋", "2单元", "0803"], "3栋2单元0803"),
        (["3", "2", "０８０３"], "3栋2单元0803"),
        (["A座", "", "1201"], "A座1201"),
        (["3栋", "3栋2单元1801"], "3栋2单元1801"),
        (["", "3-2-1801", ""], "3栋2单元1801"),
    ],
)
def test_a_unit_spread_over_columns(parts: list[str], text: str) -> None:
    assert unit_of_parts(parts) == text


# --- residents


FULL = {
    "姓名*": " 欧阳明月 ",
    "联系电话（必填）": "199-0000-5678 / 19900000002",
    "备用电话": "19900000003",
    "房号": "3号楼2单元1802室",
    "标签": "夜班族、养宠 夜班族",
    "入住日期": "2019年6月1日",
    "备注": "敲门轻一点\r\n\x1b[31m有狗",
}


def test_a_full_row_of_residents() -> None:
    assert resident_from_row(FULL, 2) == Resident(
        "欧阳明月",
        ("19900005678", "19900000002", "19900000003"),
        "3栋2单元1802",
        ("夜班族", "养宠"),
        date(2019, 6, 1),
        "敲门轻一点\n有狗",
    )


def test_a_bare_row_of_residents() -> None:
    row = {
        "name": "李明",
        "楼栋": "3栋",
        "单元": "2单元",
        "室": "0803",
        "phone": "无",
        "tags": "",
        "moved_in": " ",
    }
    assert resident_from_row(row, 2) == Resident("李明", (), "3栋2单元0803")
    assert resident_from_row({"业主": "李明", "单元": "3-2-803"}, 2).unit == "3栋2单元803"


@pytest.mark.parametrize(
    ("column", "cell", "words"),
    [
        ("姓名*", " ", "第 7 行 姓名.*没有填写"),
        ("姓名*", "张" * 65, "第 7 行 姓名.*65 字"),
        ("房号", "", "第 7 行 房号.*没有填写"),
        ("房号", "门口", "第 7 行 房号.*不像一个房号"),
        ("备用电话", "1990000", "第 7 行 电话.*第 3 个有 7 位"),
        ("入住日期", "2999-01-01", "第 7 行 入住日期.*1950"),
        ("入住日期", "1900-01-01", "第 7 行 入住日期.*1950"),
        ("入住日期", "2019-02-30", "第 7 行 入住日期.*没有这一天"),
        ("入住日期", "43617", "第 7 行 入住日期.*日期序号"),
        ("标签", "太" * 17, "第 7 行 标签"),
        ("备注", "长" * 2001, "第 7 行 备注.*2001 字"),
    ],
)
def test_a_bad_resident_names_line_and_field(column: str, cell: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        resident_from_row({**FULL, column: cell}, 7)
    assert "欧阳" not in str(refused.value) and "5678" not in str(refused.value)


@pytest.mark.parametrize(
    "cell",
    [
        "2019-06-01",
        "2019/6/1",
        "2019.6.1",
        "20190601",
        "2019-06-01 00:00:00",
        "２０１９－６－１",
        "2019年6月",
    ],
)
def test_move_in_days(cell: str) -> None:
    assert resident_from_row({**FULL, "入住日期": cell}, 2).moved_in == date(2019, 6, 1)


def test_columns_of_a_residents_table() -> None:
    assert resident_columns(["序号", *FULL, "面积"]) == ("序号", "面积")
    with pytest.raises(BadInput, match="没有「房号」一列"):
        resident_columns(["姓名", "电话"])
    with pytest.raises(BadInput, match="没有「姓名」一列"):
        resident_columns(["a", "b"])


# --- old tickets


LOAD = [
    "call_id",
    "received_at",
    "channel",
    "caller",
    "phone",
    "building",
    "unit",
    "room",
    "text",
    "source_id",
]


def test_a_row_of_the_load_generator() -> None:
    cells = [
        "C1",
        "2026-01-05 10:05:00",
        "电话",
        "李明",
        "+86 199-0000-0001",
        "3栋",
        "2单元",
        "０８０３",
        " 又漏水\r\n了 ",
        "x",
    ]
    ticket = ticket_fields_from_row(
        dict(zip(LOAD, cells, strict=True)), ticket_columns(LOAD), line=2, now=NOW
    )
    assert (ticket.external_id, ticket.channel, ticket.name, ticket.phone) == (
        "C1",
        "phone",
        "李明",
        "19900000001",
    )
    assert (ticket.unit, ticket.text, ticket.title) == ("3栋2单元0803", "又漏水\n了", "")
    assert ticket.opened_at is not None and iso(ticket.opened_at) == "2026-01-05T10:05:00+08:00"


def test_choices_come_as_labels_or_identifiers() -> None:
    row = {"text": "灯坏", "kind": "报修", "priority": "URGENT", "channel": "app", "status": "已关闭"}
    row |= {"category": "电梯", "opened_at": "2026年1月5日 9时5分", "closed_at": "2026-01-06"}
    ticket = ticket_fields_from_row(
        row, {c: c for c in row}, line=2, now=NOW, categories=["工程维修-电梯", "业委会与公示"]
    )
    assert (ticket.kind, ticket.priority, ticket.channel, ticket.status) == (
        "repair",
        "urgent",
        "app",
        "closed",
    )
    assert ticket.category == "工程维修-电梯"
    assert ticket.opened_at is not None and iso(ticket.opened_at) == "2026-01-05T09:05:00+08:00"


def test_what_a_row_does_not_say_stays_open() -> None:
    ticket = ticket_fields_from_row({"标题": "路灯坏了"}, {"标题": "title"}, line=2, now=NOW)
    assert (ticket.text, ticket.title) == ("路灯坏了", "路灯坏了")
    assert (ticket.opened_at, ticket.closed_at, ticket.unit, ticket.phone, ticket.kind) == (
        None,
        None,
        "",
        "",
        "",
    )


@pytest.mark.parametrize(
    ("field", "cell", "words"),
    [
        ("text", "", "内容.*没有填写"),
        ("text", "漏" * 10_001, "内容.*10001 字"),
        ("opened_at", "1900-01-01", "受理时间.*早于 2000 年"),
        ("opened_at", "2999-01-01", "受理时间.*晚于现在"),
        ("opened_at", "2026-11-22 10:06", "受理时间.*晚于现在"),
        ("opened_at", "10:05", "受理时间.*认不出"),
        ("opened_at", "3天", "受理时间.*认不出"),
        ("opened_at", "2026-13-01", "受理时间.*认不出"),
        ("opened_at", "43617.5", "受理时间.*日期序号"),
        ("opened_at", "昨天", "受理时间.*认不出"),
        ("closed_at", "2026-01-01", "关闭时间.*早于受理时间"),
        ("unit", "南门", "房号.*不像"),
        ("phone", "1990000", "电话.*7 位"),
        ("phone", "19900000001/19900000002", "电话.*有 2 个号码"),
        ("kind", "吐槽", "类型.*报修、投诉"),
        ("priority", "特急", "优先级.*紧急"),
        ("channel", "传真", "渠道.*电话"),
        ("status", "完了", "状态.*已关闭"),
        ("category", "维修", "类别.*类别表"),
        ("external_id", "9" * 65, "编号.*65 字"),
    ],
)
def test_a_bad_ticket_names_line_and_field(field: str, cell: str, words: str) -> None:
    row = {"text": "漏水", "opened_at": "2026-01-05 10:05", field: cell}
    with pytest.raises(BadInput, match="第 9 行 " + words) as refused:
        ticket_fields_from_row(row, {c: c for c in row}, line=9, now=NOW, categories=["工程维修-电梯"])
    assert not cell or cell not in refused.value.problem


@pytest.mark.parametrize(
    ("cell", "opened"),
    [
        ("2019/1/6 1", "2019-01-06T00:00:00+08:00"),
        ("2019/1/6 ", "2019-01-06T00:00:00+08:00"),
        ("2019/1/6 12:09:38", "2019-01-06T12:09:38+08:00"),
        ("20190106", "2019-01-06T00:00:00+08:00"),
        ("不详", None),
        ("08/05/2018", None),
        ("43617", None),
    ],
)
def test_unreadable_times_count_as_not_given_where_the_caller_has_one(cell: str, opened: str | None) -> None:
    row, columns = {"text": "漏水", "date": cell}, {"text": "text", "date": "opened_at"}
    at = ticket_fields_from_row(row, columns, line=2, now=NOW, lenient_opening=True).opened_at
    assert (at if at is None else iso(at)) == opened
    for impossible in ("1900-01-01", "2999/1/1", "2026-11-23"):
        with pytest.raises(BadInput, match="受理时间"):
            ticket_fields_from_row(
                {**row, "date": impossible}, columns, line=2, now=NOW, lenient_opening=True
            )


def test_hidden_callers_and_internal_lines_of_old_tickets() -> None:
    columns = {"text": "text", "phone": "phone"}
    phones = [
        ticket_fields_from_row({"text": "漏", "phone": p}, columns, line=2, now=NOW).phone
        for p in ("隐藏", "8001", "")
    ]
    assert phones == ["", "8001", ""]


def test_the_users_mapping_goes_before_the_usual_names() -> None:
    columns = ["id", "title", "body", "original_label", "source", "date", "relevance"]
    usual = {"id": "external_id", "title": "title", "body": "text", "date": "opened_at"}
    assert ticket_columns(columns) == usual
    assert ticket_columns(columns, {"original_label": "category", "date": ""}) == {
        **{column: field for column, field in usual.items() if column != "date"},
        "original_label": "category",
    }
    assert ticket_columns(columns, {"source": "text", "title": "text"})["title"] == "text"
    assert "body" not in ticket_columns(columns, {"source": "text"})


@pytest.mark.parametrize(
    ("columns", "chosen", "words"),
    [
        (["text"], {"bodi": "text"}, "没有「bodi」一列"),
        (["text"], {"text": "txt"}, "没有「txt」这个字段"),
        (["日期", "姓名"], {}, "没有诉求内容一列"),
        (["text"], {"text": ""}, "没有诉求内容一列"),
    ],
)
def test_a_mapping_that_cannot_be_used(columns: list[str], chosen: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        ticket_columns(columns, chosen)


@steady
@given(
    st.dictionaries(st.sampled_from([*FULL, "text", "unit", "phone", "date", "status"]), st.text(max_size=20))
)
def test_any_row_is_a_value_or_bad_input(row: dict[str, str]) -> None:
    for read in (
        lambda: resident_from_row(row, 3),
        lambda: ticket_fields_from_row(
            row, {c: c if c != "date" else "opened_at" for c in row}, line=3, now=NOW
        ),
    ):
        try:
            read()
        except BadInput as bad:
            assert str(bad).startswith("「第 3 行 ")
