"""What the masks show, what redaction takes out of free text, and what plain text may hold."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from frontdesk.domain.errors import BadInput
from frontdesk.domain.privacy import (
    COMPOUND_SURNAMES,
    Masks,
    clean,
    mask_name,
    mask_phone,
    mask_unit,
    one_line,
    redact,
    restore,
)
from frontdesk.domain.terms import ROLES

steady = settings(
    derandomize=True, deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow]
)


# --- masks


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张三", "张**"),
        ("张小三丰", "张**"),
        ("欧阳明月", "欧阳**"),
        ("司马光", "司马**"),
        ("欧阳", "欧**"),  # the whole name: two hanzi with a compound surname's look
        ("李女士", "李**"),
        ("张", "张**"),
        ("John Smith", "J**"),
        ("买买提·艾山", "买**"),
        ("  王 五\n", "王**"),
        ("😀", "**"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_names_show_the_surname_only(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("19900005678", "199****5678"),
        ("+86 199-0000-5678", "199****5678"),
        ("１９９００００５６７８", "199****5678"),
        ("19900005678转8001", "199****5678"),
        ("0755-8321 4321", "0755****4321"),
        ("010 83214321", "010****4321"),
        ("0755-83214321-8001", "0755****4321"),
        ("83214321", "****4321"),
        ("+1 (415) 555-2671", "+****2671"),
        ("8001", "**01"),
        ("12", "**12"),
        ("1990000567", "**67"),
        ("95588", "95588"),
        ("400-1234-567", "4001234567"),
        ("anonymous", "隐藏号码"),
        ("", "隐藏号码"),
        ("00000000", "隐藏号码"),
    ],
)
def test_numbers_show_head_and_tail_only(number: str, shown: str) -> None:
    assert mask_phone(number) == shown


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("3栋2单元1802", "**02"),
        ("3-2-1802", "**02"),
        ("A1", "**1"),
        ("商铺１２", "**12"),
        ("会所", "**"),
        ("", ""),
    ],
)
def test_units_show_two_digits(unit: str, shown: str) -> None:
    assert mask_unit(unit) == shown


@steady
@given(st.text(max_size=40))
def test_no_mask_of_a_name_shows_more_than_a_surname(name: str) -> None:
    shown = mask_name(name).removesuffix("**")
    assert len(shown) <= 1 or shown in COMPOUND_SURNAMES
    if len(shown) > 1:
        assert len("".join(ch for ch in name if ch.isalpha())) > len(shown)


digits = st.text(alphabet="0123456789", min_size=0, max_size=16)
written = st.lists(
    st.sampled_from([*"0123456789０１２３+-() 转", "86", "199", "0755", "ext", "#"]), max_size=20
)


@steady
@given(digits | written.map("".join))
def test_no_mask_of_a_number_shows_more_than_its_ends(number: str) -> None:
    shown = re.sub("[^0-9]", "", mask_phone(number))
    whole = re.sub("[^0-9]", "", unicodedata.normalize("NFKC", number))
    if shown == whole and len(whole) > 2:
        assert re.fullmatch(r"(?:86|0086|086)?(?:[48]00[0-9]{7}|1[0-2][0-9]{1,4}|9[56][0-9]{3,6})", whole)
    else:
        assert len(shown) <= 8 and len(whole) >= len(shown)
        assert len(shown) <= 2 or len(whole) - len(shown) >= 3


@steady
@given(digits | written.map("".join))
def test_masking_a_mask_changes_nothing(number: str) -> None:
    once = mask_phone(number)
    assert mask_phone(once) == once
    assert mask_name(mask_name(number)) == mask_name(number)
    assert mask_unit(mask_unit(number)) == mask_unit(number)


@steady
@given(st.text(max_size=40))
def test_no_mask_of_a_unit_shows_more_than_two_digits(unit: str) -> None:
    assert re.fullmatch(r"|\*\*[0-9]{0,2}", mask_unit(unit))


def test_roles_differ_in_the_unit_alone() -> None:
    seen = {role: Masks.for_role(role) for role in [*ROLES, "nobody", ""]}
    assert {m.name("欧阳明月") for m in seen.values()} == {"欧阳**"}
    assert {m.phone("19900005678") for m in seen.values()} == {"199****5678"}
    whole = {role for role, masks in seen.items() if masks.unit("3栋2单元1802") == "3栋2单元1802"}
    assert whole == {"supervisor", "manager", "admin"}
    assert {seen[role].unit("3栋2单元1802") for role in ("agent", "auditor", "nobody", "")} == {"**02"}


# --- redaction


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("回电19900005678，谢谢", "回电【电话1】，谢谢"),
        ("微信同号+86 199 0000 5678。", "微信同号【电话1】。"),
        ("0086-199-0000-5678", "【电话1】"),
        ("(+86)19900005678", "【电话1】"),
        ("打１９９－００００－５６７８", "打【电话1】"),
        ("199.0000.5678", "【电话1】"),
        ("tel:19900005678", "tel:【电话1】"),
        ("wx19900005678", "wx【电话1】"),
        ("call+8619900005678", "call【电话1】"),
        ("19900005678转8001接听", "【电话1】接听"),
        ("座机0755-83214321或（0755）83214322", "座机【电话1】或【电话2】"),
        ("075583214321", "【电话1】"),
        ("0755-83214321-8001", "【电话1】"),
        ("0755-83214321-3栋", "【电话1】-3栋"),
        ("010-8321 4321 转 12", "【电话1】"),
        ("客服400-050-0827和4000500827", "客服【电话1】和【电话2】"),
        ("+852 9123 4567", "【电话1】"),
        ("座机：83214321", "座机：【电话1】"),
        ("电话8321-4321", "电话【电话1】"),
        ("身份证11010519491231002X", "身份证【证件1】"),
        ("11010519491231002x", "【证件1】"),
        ("110105 19491231 002X", "【证件1】"),
        ("身份证号是110105194912310021", "身份证号是【证件1】"),  # a slip in the last digit
        ("老证110105491231002", "老证【证件1】"),
        ("车牌京A12345挡路", "车牌【车牌1】挡路"),
        ("粤B·D12345", "【车牌1】"),
        ("沪AD12345和沪a12345d", "【车牌1】和【车牌2】"),
        ("粤Z1234港", "【车牌1】"),
        ("京Ａ１２３４５", "【车牌1】"),
        ("发到zhang.san+a@example.com.cn吧", "发到【邮箱1】吧"),
        ("19900005678@qq.com", "【邮箱1】"),
        ("卡6222021234567890128", "卡【卡号1】"),
        ("6222 0212 3456 7890 128", "【卡号1】"),
        ("4111111111111111", "【卡号1】"),
        ("银行卡号：6222021234567890120", "银行卡号：【卡号1】"),  # a slip: Luhn fails, the word tells
        ("19900005678，再说一遍19900005678，或19900005679", "【电话1】，再说一遍【电话1】，或【电话2】"),
        ("3栋2单元1801的19900005678", "3栋2单元1801的【电话1】"),
    ],
)
def test_numbers_that_point_at_a_person_become_tokens(text: str, redacted: str) -> None:
    answer = redact(text)
    assert answer.text == redacted
    assert restore(answer.text, answer.found) == text


@pytest.mark.parametrize(
    "text",
    [
        "3栋2单元1801、1802和1803都漏水",
        "6-2-0803",
        "1301 1302 101室",
        "12栋1单元12301",
        "刚搬到新B12301室",
        "云B2栋301",
        "商铺12 车位B12345",
        "2026-11-22 10:05-11:30",
        "20261122、20261122100530、2026/11/22",
        "电话20261122打过",
        "2026年11月22日10点05分",
        "欠费13800.50元，滞纳金1,380,000元，合计1,393,800.50元",
        "充值4000000000元",
        "工单0612-03和261122-0103",
        "C202401010000001 C20240101000000123456 tdb2-31807 T19112600123",
        "202611221005301234",
        "水表读数00123456，电表83214321度",
        "10:05到了，11:30走",
        "京东A区、新A座、鲁班锁、川A座1801",
        "110、119、12345、95588",
        "【电话1】【车牌2】",
        "@张三 你好",
        "1000000000000000000000000000000",
        "",
    ],
)
def test_what_points_at_no_person_stays(text: str) -> None:
    assert redact(text) == (text, ())


secrets = st.sampled_from(
    [
        "19900005678",
        "+86 199-0000-1111",
        "0755-83214321",
        "11010519491231002X",
        "京A12345",
        "a.b@example.com",
        "6222021234567890128",
        "１９９０００００００１",
        "【电话1】",
        "【电话3】",
        "400-050-0827",
    ]
)
harmless = st.sampled_from(
    [
        "3栋2单元1801",
        "2026-11-22",
        "10:05",
        "138.50元",
        "工单0612-03",
        "漏水",
        "，",
        "\n",
        " 请回电 ",
        "😀",
        "A座",
    ]
)


@steady
@given(st.lists(secrets | harmless | st.text(max_size=8), max_size=12).map("".join))
def test_redaction_can_be_undone_and_repeated(text: str) -> None:
    answer = redact(text)
    assert restore(answer.text, answer.found) == text
    assert redact(answer.text) == (answer.text, ())
    assert len({token for token, _ in answer.found}) == len(answer.found) == len({o for _, o in answer.found})


@steady
@given(st.lists(st.tuples(secrets, harmless), min_size=1, max_size=6))
def test_no_secret_survives(pairs: list[tuple[str, str]]) -> None:
    text = "，".join(f"{secret}，{rest}" for secret, rest in pairs)
    shown = redact(text).text
    assert not [secret for secret, _ in pairs if secret in shown and not secret.startswith("【")]


numbers_of_the_house = st.one_of(
    st.builds(
        "{}栋{}单元{}{:02d}".format,
        st.integers(1, 40),
        st.integers(1, 4),
        st.integers(1, 33),
        st.integers(1, 8),
    ),
    st.builds("{}-{}-{:04d}".format, st.integers(1, 40), st.integers(1, 4), st.integers(101, 3308)),
    st.dates().map(str),
    st.datetimes().map("{:%Y-%m-%d %H:%M:%S}".format),
    st.times().map("{:%H:%M}".format),
    st.decimals(0, 10**7, places=2).map("{}元".format),
    # Ticket numbers of these years; 00 to 09 begin like an area code and 40 to 49 like a 400 number.
    st.builds(
        "{:%y%m%d}-{:02d}".format, st.dates(date(2010, 1, 1), date(2039, 12, 31)), st.integers(1, 9999)
    ),
)


@steady
@given(st.lists(numbers_of_the_house, max_size=8))
def test_the_house_keeps_its_numbers(parts: list[str]) -> None:
    text = "，又".join(parts)
    assert redact(text).text == text


def test_new_tokens_count_on_from_those_in_the_text() -> None:
    assert redact("【电话2】说打19900005678") == ("【电话2】说打【电话3】", (("【电话3】", "19900005678"),))


def test_restore_leaves_unknown_tokens() -> None:
    assert (
        restore("【电话1】【电话11】【证件1】", (("【电话1】", "19900005678"),))
        == "19900005678【电话11】【证件1】"
    )


@pytest.mark.parametrize(
    "unit", ["1", "a", "a@", "+86 ", "(", "身份证", "1 ", "电话", "\x1b[", "\x1b]0;", "京A"]
)
def test_long_text_costs_no_more_than_its_length(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    assert (
        redact(text).text and clean(text, "内容", limit=30_000) is not None
    )  # seconds if a pattern backtracked


# --- plain text


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("一\r\n二\r三\u2028四\x85五", "一\n二\n三\n四\n五"),
        ("\x1b[31m红\x1b[0m\x1b[2J", "红"),
        ("\x1b]0;标题\x07正文", "正文"),
        ("\x1b]8;;http://x\x1b\\链接\x1b]8;;\x1b\\", "链接"),
        ("\x9b31m红\x9d0;t\x9c", "红"),
        ("\x1bP1$r\x1b\\x", "x"),
        ("\x1b]0;没有结尾\n第二行", "]0;没有结尾\n第二行"),
        ("\x1b楼上漏水", "楼上漏水"),
        ("\x1b1801", "1801"),
        ("a\x00b\x08c\x7fd", "abcd"),
        ("左\u202e右\u2066中\u2069\u200e", "左右中"),
        ("张\u200b三\u200d丰\ufeff", "张三丰"),
        ("👨\u200d👩\u200d👧 🇨🇳 👍🏽 ❤️\u200d🔥 1️⃣", "👨\u200d👩\u200d👧 🇨🇳 👍🏽 ❤️\u200d🔥 1️⃣"),
        ("半个\ud83d字", "半个?字"),
        ("列\t列", "列 列"),
        ("  前后  \n", "前后"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("'; DROP TABLE ticket; --", "'; DROP TABLE ticket; --"),
    ],
)
def test_typed_text_becomes_plain(raw: str, plain: str) -> None:
    assert clean(raw, "内容") == plain


any_text = st.text(st.characters(blacklist_categories=[]), max_size=60)
nasty = st.lists(
    st.sampled_from(
        [
            "\x1b",
            "[",
            "31m",
            "]0;",
            "\x07",
            "\x9b",
            "\\",
            "\r",
            "\n",
            "\u202e",
            "\u200d",
            "👩",
            "字",
            "\ud800",
        ]
    )
    | any_text,
    max_size=20,
).map("".join)


@steady
@given(any_text | nasty)
def test_plain_text_is_safe_to_print(raw: str) -> None:
    plain = clean(raw, "内容")
    plain.encode("utf-8")
    assert not [ch for ch in plain if unicodedata.category(ch) in ("Cc", "Cs") and ch != "\n"]
    assert not set(plain) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\ufeff")
    assert clean(plain, "内容") == plain
    assert "\n" not in one_line(raw) and one_line(one_line(raw)) == one_line(raw)


@steady
@given(st.text(st.characters(whitelist_categories=["Lo", "Ll", "Nd", "Po", "So"]), max_size=60))
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert clean(text, "内容") == text


def test_ten_thousand_hanzi_fit_and_one_more_is_refused() -> None:
    assert len(clean("漏" * 10_000, "内容")) == 10_000
    with pytest.raises(BadInput, match="有 10001 字，超过上限 10000 字") as refused:
        clean("漏" * 10_001, "内容")
    assert refused.value.field == "内容"
