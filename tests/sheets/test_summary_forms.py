"""The summary as Markdown, as a mail and as a picture: golden words, nothing from outside, nothing unescaped."""

from __future__ import annotations

import html.parser
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from frontdesk.domain.errors import Refused
from frontdesk.sheets import fonts
from frontdesk.sheets.summary import DaySummary, summary_json, summary_text
from frontdesk.sheets.summary_card import WIDTH, summary_png
from frontdesk.sheets.summary_html import summary_html
from frontdesk.sheets.summary_markdown import MESSAGE, message, summary_markdown
from tests.sheets.days import HARM, full_day, ticket

TEXT = """\
【每日汇总】云栖苑　2026-11-22 周日　截至 17:30
当日受理 12 件（重开 1），关闭 9 件；承诺兑现 3 次，失约 1 次。
办结 10 件：按时 8，超时 2。
满意度：满意 5，基本满意 1，不满意 1，平均 4.0 星。
服务上移 2 次。
来电 22 通：接听 19（三声内 17），未接 2（未回电 1）。
未闭环 4 件：超时 1，临期 1，时限内 1，挂起 1。

突发：
  10:00 261122-09 **02 电梯又停了（小林，6分钟到场，19分钟处理完毕）
  16:30 261122-10 **03 煤气味（老周，未记到场，未处理完毕）

未接待回电：
  10:00 199****0001

上移未确认：
  261121-07 门禁：17:05 上移至客服主任，已等 25分钟

今日失约：
  11:00 261122-03 电梯又停了（阿珍）

承诺待兑现（至明日）：
  17:29 261122-02 电梯又停了（小林，已过 1分钟）
  20:30 261122-02 送配件（小林）

阿珍（1 件，超时 1 件）：
  [超时] 261120-05 **04 漏水（处理中，工程部，紧急）18:30 前 办结（剩 1小时）

小林（2 件）：
  [临期] 261122-02 **04 占车位（处理中，工程部）18:30 前 办结（剩 1小时）
  [时限内] 261122-01 **04 电梯又停了（处理中，工程部）18:30 前 办结（剩 1小时）

无人跟进（1 件）：
  [挂起] 261121-07 **04 门禁（处理中，工程部）18:30 前 办结（剩 1小时）"""

MARKDOWN = """\
## 每日汇总 云栖苑 2026-11-22 周日 截至 17:30
- 当日受理 12 件（重开 1），关闭 9 件；承诺兑现 3 次，失约 1 次。
- 办结 10 件：按时 8，超时 2。
- 满意度：满意 5，基本满意 1，不满意 1，平均 4.0 星。
- 服务上移 2 次。
- 来电 22 通：接听 19（三声内 17），未接 2（未回电 1）。
**未闭环 4 件**：超时 1，临期 1，时限内 1，挂起 1。

### 突发（2）
- 10:00 261122-09 ＊＊02 电梯又停了（小林，6分钟到场，19分钟处理完毕）
- 16:30 261122-10 ＊＊03 煤气味（老周，未记到场，未处理完毕）

### 未接待回电（1）
- 10:00 199＊＊＊＊0001

### 上移未确认（1）
- 261121-07 门禁：17:05 上移至客服主任

### 今日失约（1）
- 11:00 261122-03 电梯又停了（阿珍）

### 承诺待兑现（至明日）（2）
- 17:29 261122-02 电梯又停了（小林，已过期）
- 20:30 261122-02 送配件（小林）

### 阿珍（1 件，超时 1 件）
- **超时** 261120-05 ＊＊04 漏水，工程部，紧急，16:30 到期

### 小林（2 件）
- 临期 261122-02 ＊＊04 占车位，工程部，18:30 到期
- 时限内 261122-01 ＊＊04 电梯又停了，工程部，18:30 到期

### 无人跟进（1 件）
- 挂起 261121-07 ＊＊04 门禁，工程部，18:30 到期"""


def test_the_whole_text() -> None:
    assert summary_text(full_day()) == TEXT


def test_the_whole_markdown() -> None:
    assert summary_markdown(full_day()) == MARKDOWN


def test_json_tells_all_of_it() -> None:
    found = summary_json(full_day())
    assert (found["resolved_on_time"], found["resolved_late"], found["escalated"]) == (8, 2, 2)
    assert found["satisfaction"] == {"satisfied": 5, "fair": 1, "dissatisfied": 1, "average": 4.0}
    calls = found["calls"]
    assert (calls["total"], calls["answered"], calls["answered_in_three_rings"]) == (22, 19, 17)
    assert (calls["missed"], calls["ringing"]) == (2, 1)
    assert calls["unreturned"] == [{"at": "2026-11-22T10:00:00+08:00", "phone": "199****0001"}]
    assert [each["ticket"] for each in found["emergencies"]] == ["261122-09", "261122-10"]
    assert found["emergencies"][1]["arrived_at"] is None and found["emergencies"][1]["open"]
    assert found["broken"][0]["words"] == "电梯又停了" and found["broken"][0]["kept_at"] is None


@pytest.mark.parametrize("most", [700, 1_000, 2_000, MESSAGE])
def test_a_message_fits_and_counts_what_it_leaves_out(most: int) -> None:
    day = full_day()
    many = tuple(
        ticket(f"261122-{place:03d}", "电梯停了，很久没有人来", "on_track", "小林") for place in range(300)
    )
    head, body = message(DaySummary(day.site, day.now, day.figures, many), most)
    assert len(f"{head.format(edition=' 第 12 版')}\n{body}".encode()) <= most
    listed = body.count("- 时限内")
    assert 0 < listed < 300 and f"另有 {300 - listed} 件" in body


def test_a_message_that_is_all_sections_is_cut_at_a_line() -> None:
    day = full_day("说了很久很久的话" * 8)
    head, body = message(day, 900)
    assert len(f"{head}{body}".encode()) <= 900 and body.endswith("\n…")
    assert all(line in message(day, 0)[1] for line in body.split("\n")[:-1])


def test_words_of_others_are_no_markup_in_markdown() -> None:
    told = summary_markdown(full_day(HARM))
    assert "＜script＞" in told and "http" in told
    assert told.count("**") == MARKDOWN.count("**"), "only our own words are bold"
    assert not any(sign in told for sign in "<>[]`|")


class _Reader(html.parser.HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("words", ["电梯又停了", HARM, "</td></table><img src=x onerror=alert(1)>"])
def test_the_mail_is_whole_html_whatever_was_said(words: str) -> None:
    read = _Reader(summary_html(full_day(words)))
    assert read.open == []
    tags = {tag for tag, _ in read.tags}
    assert tags <= {"html", "head", "meta", "title", "body", "table", "tr", "td", "div", "span", "p", "b"}
    assert " ".join(words.split()) in read.text


def test_the_mail_needs_nothing_from_outside_and_fits_a_phone() -> None:
    text = summary_html(full_day(HARM))
    read = _Reader(text)
    for _, attributes in read.tags:
        assert not {"src", "href", "background", "onload", "onerror", "class", "id"} & set(attributes)
        assert "url(" not in (attributes.get("style") or "")
    assert "<style" not in text and "max-width:640px" in text
    assert ("meta", {"name": "viewport", "content": "width=device-width,initial-scale=1"}) in read.tags
    assert ("meta", {"charset": "utf-8"}) in read.tags


def test_the_mail_says_what_the_text_says() -> None:
    shown = _Reader(summary_html(full_day())).text
    for words in (
        "未闭环 4 件：超时 1",
        "平均 4.0 星",
        "6分钟到场",
        "已等 25分钟",
        "已过 1分钟",
        "无人跟进（1 件）",
    ):
        assert words in shown
    empty = full_day()
    assert (
        "没有未闭环的工单" in _Reader(summary_html(DaySummary("云栖苑", empty.now, empty.figures, ()))).text
    )


# --- the picture ---------------------------------------------------------------------------------------------------


def _chinese() -> bool:
    try:
        fonts.chinese()
    except Refused:
        return False
    return True


needs_font = pytest.mark.skipif(
    not _chinese(), reason="no Chinese font is installed (package fonts-noto-cjk)"
)


def _size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high = struct.unpack(">II", png[16:24])
    return wide, high


@needs_font
def test_the_same_day_gives_the_same_picture_and_another_day_another() -> None:
    first = summary_png(full_day())
    assert first == summary_png(full_day())
    assert first != summary_png(full_day("楼道灯不亮"))


@needs_font
def test_the_picture_is_a_portrait_without_the_time_of_its_making() -> None:
    png = summary_png(full_day())
    wide, high = _size(png)
    assert wide == WIDTH and wide < high < 4 * wide
    kinds, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kinds.append(png[at + 4 : at + 8])
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(
            png[at + 4 : at + 8 + length]
        )
        at += 12 + length
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}


@needs_font
def test_a_picture_of_hundreds_of_tickets_stays_a_card() -> None:
    day = full_day()
    many = tuple(
        ticket(
            *(f"261122-{place:03d}", "电梯停了" * 20, "breached", f"值班员{place % 30}"),
            promises=((day.now, "很长的承诺" * 20),),
            escalated_to="客服主任",
            escalated_at=day.now - 60,
        )
        for place in range(300)
    )
    _, high = _size(summary_png(DaySummary("名字很长的小区" * 9, day.now, day.figures, many)))
    assert high < 4 * WIDTH
    _, empty = _size(summary_png(DaySummary("云栖苑", day.now, day.figures, ())))
    assert empty < high


@needs_font
def test_words_with_line_ends_and_odd_signs_are_drawn_on_one_line() -> None:
    odd = "两行\n\r\t字\x1b[2J\ud800 \U0001f600"
    day = full_day(odd)
    waiting = ticket("261122-11", odd, "breached", odd, escalated_to=odd, escalated_at=day.now)
    assert summary_png(DaySummary(odd, day.now, day.figures, (waiting,), day.emergencies)).startswith(
        b"\x89PNG"
    )


@needs_font
def test_every_line_of_the_card_is_drawn_inside_it(tmp_path: Path) -> None:
    from PIL import Image

    path = tmp_path / "card.png"
    path.write_bytes(summary_png(full_day("很长的话" * 40)))
    with Image.open(path) as image:
        picture = image.convert("RGB")
        wide, high = picture.size
        ground = picture.getpixel((2, high - 2))
        right = [picture.getpixel((wide - 20, y)) for y in range(300, high)]
    assert set(right) == {ground}, "nothing is drawn over the right edge"


def test_without_a_chinese_font_the_person_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "NotoSansCJK-Regular.ttc").write_bytes(b"no font at all")
    latin = next(iter(Path("/usr/share/fonts").rglob("DejaVuSans.ttf")), None)
    if latin is not None:
        shutil.copy(latin, tmp_path / "msyh.ttc")
    assert (
        fonts.search((tmp_path,), (str(tmp_path / "NotoSansCJK-Regular.ttc"), str(tmp_path / "gone.ttf")))
        is None
    )
    monkeypatch.setattr(fonts, "folders", lambda: (tmp_path,))
    monkeypatch.setattr(fonts, "_listed", lambda: ())
    fonts.chinese.cache_clear()
    try:
        with pytest.raises(Refused, match="fonts-noto-cjk"):
            summary_png(full_day())
    finally:
        fonts.chinese.cache_clear()


def test_a_list_of_fonts_that_fails_is_no_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/false")
    assert fonts._listed() == ()

    def late(*_args: object, **_named: object) -> None:
        raise subprocess.TimeoutExpired("fc-list", 10)

    monkeypatch.setattr(subprocess, "run", late)
    assert fonts._listed() == ()


@needs_font
def test_a_persons_own_font_comes_first(tmp_path: Path) -> None:
    found = fonts.chinese()
    own = tmp_path / Path(found.regular[0]).name
    shutil.copy(found.regular[0], own)
    chosen = fonts.search((tmp_path, *fonts.folders()))
    assert chosen is not None and chosen.regular[0] == str(own)
