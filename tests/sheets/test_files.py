"""Files: the new sheet is moved into place whole, or the old one stays and the person is told why."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import pytest
from openpyxl import Workbook, load_workbook

from frontdesk.domain.errors import Refused, StoreTrouble
from frontdesk.domain.facts import Span
from frontdesk.domain.timing import instant
from frontdesk.sheets.files import Build, Written, put
from tests.sheets.made_up import LIFT, META, at, estate, table, ticket, write

ROOT = Path(__file__).parents[2]
NOW = instant(datetime(2026, 11, 22, 17, 31))


def says(content: bytes, keep: str = "") -> Build:
    def build(handle: BinaryIO, old: Path | None) -> str:
        handle.write(content)
        return keep if old else ""

    return build


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "顾客投诉分类统计表-2026-11.xlsx"
    path.write_bytes(b"old")
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_new_file_is_put_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert put(path, says(b"new"), NOW) == Written(path, True)
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["a.xlsx"]


def test_old_file_is_replaced_and_keeps_its_mode(target: Path) -> None:
    target.chmod(0o640)
    assert put(target, says(b"new"), NOW).changed
    assert target.read_bytes() == b"new"
    assert target.stat().st_mode & 0o777 == 0o640


def test_new_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    put(tmp_path / "a.xlsx", says(b"new"), NOW)
    assert (tmp_path / "a.xlsx").stat().st_mode == plain.stat().st_mode


def test_link_stays_a_link(tmp_path: Path, target: Path) -> None:
    link = tmp_path / "link.xlsx"
    link.symlink_to(target)
    assert put(link, says(b"new"), NOW).path == target
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("lock", [".~lock.{}#", "~${}", ".~{}"])
def test_sheet_open_elsewhere_is_left_alone_and_a_dated_copy_made(target: Path, lock: str) -> None:
    lying = target.with_name(lock.format(target.name))
    lying.touch()
    written = put(target, says(b"new"), NOW)
    assert target.read_bytes() == b"old"
    assert written.path.name == "顾客投诉分类统计表-2026-11-副本-1122-1731.xlsx"
    assert written.path.read_bytes() == b"new"
    assert "正在别处打开" in written.warning
    assert lying.name in written.warning
    assert written.path.name in written.warning


def test_unchanged_sheet_needs_no_copy_even_while_it_is_open(target: Path) -> None:
    target.with_name(f".~lock.{target.name}#").touch()
    assert put(target, says(b"old"), NOW) == Written(target, False)


def test_copies_never_overwrite_and_never_pile_up(target: Path) -> None:
    target.with_name(f".~lock.{target.name}#").touch()
    first, again, other = (put(target, says(content), NOW) for content in (b"new", b"new", b"newer"))
    assert (first.changed, again.changed, other.changed) == (True, False, True)
    assert first.path == again.path
    assert (first.path.read_bytes(), other.path.read_bytes()) == (b"new", b"newer")
    assert other.path.name.endswith("-1731-2.xlsx")


def test_read_only_file_is_left_alone(target: Path) -> None:
    target.chmod(0o444)
    written = put(target, says(b"new"), NOW)
    assert target.read_bytes() == b"old"
    assert "只读" in written.warning
    assert written.path.read_bytes() == b"new"


def test_file_that_a_share_will_not_give_up_gets_a_copy(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace

    def refuse(source: Path, goal: Path) -> None:
        if Path(goal) == target:
            raise PermissionError(13, "in use by another process")
        real(source, goal)

    monkeypatch.setattr(os, "replace", refuse)
    written = put(target, says(b"new"), NOW)
    assert "正被占用" in written.warning
    assert (target.read_bytes(), written.path.read_bytes()) == (b"old", b"new")


def test_disk_that_fails_at_the_last_moment_is_said(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: Path, goal: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(StoreTrouble, match="Input/output error"):
        put(target, says(b"new"), NOW)
    assert target.read_bytes() == b"old"
    assert names(target.parent) == [target.name]


def test_too_many_copies_are_refused(target: Path) -> None:
    target.with_name(f".~lock.{target.name}#").touch()
    for number in range(1, 100):
        again = "" if number == 1 else f"-{number}"
        target.with_name(f"{target.stem}-副本-1122-1731{again}.xlsx").touch()
    with pytest.raises(Refused, match="副本也太多了"):
        put(target, says(b"new"), NOW)


def test_builder_may_ask_to_keep_the_old_file(target: Path) -> None:
    written = put(target, says(b"new", keep="它不是我们的表"), NOW)
    assert written.warning.startswith("它不是我们的表，没有覆盖它")
    assert target.read_bytes() == b"old"


def test_what_somebody_saves_meanwhile_is_read_again(target: Path) -> None:
    seen: list[bytes] = []

    def build(handle: BinaryIO, old: Path | None) -> str:
        assert old is not None
        seen.append(old.read_bytes())
        handle.write(b"new with " + seen[-1])
        if len(seen) == 1:
            target.write_bytes(b"old and more")
        return ""

    assert put(target, build, NOW).changed
    assert seen == [b"old", b"old and more"]
    assert target.read_bytes() == b"new with old and more"


def test_file_saved_over_and_over_is_given_up(target: Path) -> None:
    def build(handle: BinaryIO, old: Path | None) -> str:
        handle.write(b"new")
        target.write_bytes(target.read_bytes() + b"+")
        return ""

    with pytest.raises(Refused, match="反复保存"):
        put(target, build, NOW)
    assert target.read_bytes() == b"old+++"
    assert names(target.parent) == [target.name]


def test_missing_folder_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"目录 .*/没有 不存在"):
        put(tmp_path / "没有" / "a.xlsx", says(b"new"), NOW)


def test_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").mkdir()
    with pytest.raises(Refused, match="是一个目录"):
        put(tmp_path / "a.xlsx", says(b"new"), NOW)


def test_folder_closed_to_us_is_refused() -> None:
    with pytest.raises(Refused, match="没有权限写入 /sys"):
        put(Path("/sys/a.xlsx"), says(b"new"), NOW)


def test_failing_builder_leaves_nothing_behind(target: Path) -> None:
    def build(handle: BinaryIO, old: Path | None) -> str:
        handle.write(b"half")
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        put(target, build, NOW)
    assert names(target.parent) == [target.name]
    assert target.read_bytes() == b"old"


FULL = """
import resource, sys
from pathlib import Path
from tests.sheets.made_up import estate, ticket, write, at, LIFT
from frontdesk.domain.facts import Span
from frontdesk.domain.errors import StoreTrouble
more = [ticket(f"2611{n:05d}", LIFT, Span(at(15)), title=f"第 {n} 件") for n in range(2000)]
free, most = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), most))
try:
    write(Path(sys.argv[1]), [*estate(), *more])
except StoreTrouble as problem:
    print(problem)
finally:
    resource.setrlimit(resource.RLIMIT_FSIZE, (free, most))
"""


@pytest.mark.parametrize("size", [20_000, 60_000, 400_000])
def test_full_disk_is_said_and_changes_nothing(tmp_path: Path, size: int) -> None:
    """The system itself refuses to let a file grow, once in the pieces of the sheet, once in the sheet itself."""
    old = write(tmp_path).path
    before = old.read_bytes()
    command = [sys.executable, "-c", FULL, str(tmp_path), str(size)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "空间不足" in done.stdout
    assert names(tmp_path) == [old.name]
    assert old.read_bytes() == before


def test_trouble_names_the_folder_and_never_a_person(tmp_path: Path) -> None:
    def build(handle: BinaryIO, old: Path | None) -> str:
        raise OSError(5, "Input/output error")

    with pytest.raises(StoreTrouble, match=r"写入 .* 时出错"):
        put(tmp_path / "a.xlsx", build, NOW)


# --- a file of the sheet's name that is not the sheet ------------------------------------------------------------


def someone_elses(path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "别的表"
    book.save(path)


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-400])


def broken_inside(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[200:2000] = b"\xff" * 1800
    path.write_bytes(data)


def swollen(path: Path) -> None:
    """A few kilobytes that would unpack to 600 MB."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as handle,
    ):
        for _ in range(600):
            handle.write(bytes(1 << 20))


@pytest.mark.parametrize(
    "spoil",
    [
        someone_elses,
        cut_short,
        broken_inside,
        swollen,
        lambda p: p.write_bytes(b""),
        lambda p: p.write_bytes(b"\xd0\xcf\x11\xe0" * 99),
    ],
    ids=["foreign", "truncated", "damaged", "bomb", "empty", "password"],
)
def test_file_whose_notes_cannot_be_read_is_never_overwritten(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    path = write(tmp_path).path
    spoil(path)
    spoilt = path.read_bytes()
    written = write(tmp_path)
    assert path.read_bytes() == spoilt
    assert written.path != path
    assert "没有覆盖它" in written.warning
    assert list(table(written.path, "汇总", "投诉分类")[1])[-1] == "合计"


def test_copy_of_an_open_sheet_carries_its_notes(tmp_path: Path) -> None:
    path = write(tmp_path).path
    book = load_workbook(path)
    book["汇总"]["P9"] = "已约维保"
    book.save(path)
    path.with_name(f".~lock.{path.name}#").touch()
    written = write(tmp_path, [*estate(), ticket("261115-01", LIFT, Span(at(15)))])
    assert written.path.name.startswith(f"{path.stem}-副本-")
    heads, lines = table(written.path, "汇总", "投诉分类")
    assert lines[LIFT][heads["备注"]] == "已约维保"
    assert META.order[0] == LIFT
