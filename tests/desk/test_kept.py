"""What was parsed is kept as plain JSON, and believed only where it is ours and of the files that lie there now."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from frontdesk.bootstrap import open_desk
from frontdesk.desk.kept import keep, recall, signature
from frontdesk.domain.errors import BadInput
from frontdesk.settings import shipped
from tests.builders import House

DOCUMENTS = {"a.toml": {"词": ["电梯", 1, True]}}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.toml"
    path.write_text("x = 1", encoding="utf-8")
    return path


@pytest.fixture
def kept(tmp_path: Path, source: Path) -> Path:
    path = tmp_path / "cache" / "a.json"
    keep(path, signature([source]), DOCUMENTS)
    return path


def test_is_recalled_as_it_was_and_only_for_its_owner(kept: Path, source: Path) -> None:
    assert recall(kept, signature([source])) == DOCUMENTS
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["a.json"]


def test_another_file_or_another_time_is_another_signature(kept: Path, source: Path) -> None:
    os.utime(source, ns=(1, 1))
    assert recall(kept, signature([source])) is None
    assert recall(kept, signature([source, source.parent / "gone.toml"])) is None


def test_another_version_of_the_program_reads_for_itself(
    kept: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("frontdesk.desk.kept.__version__", "0.0.0")
    assert recall(kept, signature([source])) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"mark": 1}',
        b"[" * 100_000,
        b'{"documents": {"a.toml": {}}}',
    ],
)
def test_a_torn_file_is_passed_over(kept: Path, source: Path, content: bytes) -> None:
    kept.write_bytes(content)
    assert recall(kept, signature([source])) is None


@pytest.mark.parametrize("names", [[], "a.toml", {"a.toml": 3}, ["a.toml", "b.toml"], [1], None])
def test_another_shape_is_passed_over(kept: Path, source: Path, names: Any) -> None:
    head, line = kept.read_bytes().split(b"\n")
    kept.write_bytes(json.dumps({**json.loads(head), "names": names}).encode() + b"\n" + line)
    assert recall(kept, signature([source])) is None


@pytest.mark.parametrize("line", [b"", b'{"a": [1, ', b"[]", b"3", b"[" * 100_000, b"\xff"])
def test_a_torn_document_is_refused_when_it_is_taken(kept: Path, source: Path, line: bytes) -> None:
    kept.write_bytes(kept.read_bytes().split(b"\n")[0] + b"\n" + line)
    found = recall(kept, signature([source]))
    assert found is not None
    with pytest.raises(BadInput):
        found["a.toml"]


def test_a_file_that_others_may_write_or_a_link_is_not_ours(kept: Path, source: Path) -> None:
    kept.chmod(0o666)
    assert recall(kept, signature([source])) is None
    kept.chmod(0o600)
    kept.rename(kept.with_name("b.json"))
    kept.symlink_to(kept.with_name("b.json"))
    assert recall(kept, signature([source])) is None
    kept.unlink()
    os.mkfifo(kept)
    assert recall(kept, signature([source])) is None


def test_what_cannot_be_kept_is_read_each_time(tmp_path: Path, source: Path) -> None:
    (tmp_path / "cache").write_text("no folder", encoding="utf-8")
    keep(tmp_path / "cache" / "a.json", signature([source]), DOCUMENTS)
    keep(tmp_path / "b.json", signature([source]), {"a.toml": {"since": object()}})
    assert recall(tmp_path / "cache" / "a.json", signature([source])) is None
    assert recall(tmp_path / "b.json", signature([source])) is None


def says(house: House) -> tuple[str, list[str], tuple[str, ...]]:
    """What a fresh desk makes of a sentence, and which phrases and problems its handbook has."""
    desk = open_desk(house.settings(), house.time)
    return (
        desk.tickets.suggest("楼道灯不亮").category,
        [phrase.text for phrase in desk.handbook.phrases],
        tuple(map(str, desk.handbook_problems)),
    )


def test_a_desk_says_the_same_from_what_is_kept(house: House) -> None:
    folder = house.settings().cache
    shutil.rmtree(folder)
    first = says(house)
    assert sorted(path.name for path in folder.iterdir()) == ["categories.json", "ear.json", "handbook.json"]
    assert says(house) == first
    for path in folder.iterdir():
        path.write_bytes(b"{}")
    assert says(house) == first


def test_an_edit_is_seen_and_a_slip_in_it_is_told(house: House) -> None:
    before = says(house)
    text = shipped("handbook", "steps-closing.toml").read_text(encoding="utf-8")
    own = house.settings().home / "handbook" / "steps-closing.toml"
    own.parent.mkdir()
    own.write_text(text.replace("[[phrase]]", "[[phrse]]", 1), encoding="utf-8")
    assert says(house)[2] and says(house)[2] == says(house)[2]
    own.write_text(text.replace("。", "，谢谢您。", 1), encoding="utf-8")
    assert says(house)[2] == ()
    own.unlink()
    assert says(house) == before


def test_wrong_categories_are_told_by_the_file_not_by_what_is_kept(house: House) -> None:
    says(house)
    own = house.settings().home / "categories.toml"
    own.write_text('fallback = "没有"\n', encoding="utf-8")
    for _ in range(2):
        with pytest.raises(BadInput, match=r"categories\.toml"):
            says(house)


def test_kept_documents_that_no_longer_pass_the_checks_give_way_to_the_files(house: House) -> None:
    before = says(house)
    for path in house.settings().cache.iterdir():
        head, *lines = path.read_bytes().split(b"\n")
        path.write_bytes(b"\n".join([head, *[b'{"nonsense":1}'] * len(lines)]))
    assert says(house) == before


def test_a_spoiled_ear_leaves_the_written_rules_their_emergencies(house: House) -> None:
    (house.settings().home / "ear.toml").write_text("[danger", encoding="utf-8")
    found = open_desk(house.settings(), house.time).tickets.suggest("电梯里困了两个人")
    assert (found.priority, found.case) == ("urgent", "B2")
