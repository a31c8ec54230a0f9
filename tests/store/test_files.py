"""Drafts and evidence: encrypted files beside the database, whole or not at all (DESIGN §4, §10)."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.domain.errors import BadInput, KeyTrouble, StoreTrouble
from frontdesk.store.cipher import Cipher
from frontdesk.store.files import EVIDENCE_LIMIT, Drafts, EvidenceFiles, replace_file
from tests.builders import PNG

CIPHER = Cipher(b"\x07" * 32)


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "drafts", CIPHER, "lin")


@pytest.fixture
def evidence(tmp_path: Path) -> EvidenceFiles:
    return EvidenceFiles(tmp_path / "evidence", CIPHER)


# --- drafts --------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_until_it_is_saved_or_emptied(drafts: Drafts) -> None:
    assert drafts.load("note:1") == ""
    drafts.save("note:1", "业主说\n电梯又停")
    drafts.save("form:escalate:1", '{"reason": "…"}')
    assert drafts.all() == {"note:1": "业主说\n电梯又停", "form:escalate:1": '{"reason": "…"}'}
    drafts.save("note:1", "")
    drafts.delete("form:escalate:1")
    drafts.delete("form:escalate:1")
    assert drafts.all() == {}


@settings(derandomize=True, deadline=None, max_examples=40)
@given(st.text())
def test_any_text_comes_back_as_it_was_typed(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kept = Drafts(Path(folder), CIPHER, "lin")
        kept.save("note:1", text)
        assert kept.load("note:1") == text


def test_half_characters_of_another_encoding_cost_only_themselves(drafts: Drafts) -> None:
    drafts.save("note:1", "电梯\udcb5又停")
    assert drafts.load("note:1") == "电梯?又停"


def test_drafts_are_each_operators_own(tmp_path: Path, drafts: Drafts) -> None:
    drafts.save("note:1", "我的")
    other = Drafts(tmp_path / "drafts", CIPHER, "wang")
    assert other.all() == {} and other.load("note:1") == ""
    other.save("note:1", "他的")
    assert drafts.load("note:1") == "我的"


def test_neither_name_nor_content_of_a_draft_tells_anything(tmp_path: Path, drafts: Drafts) -> None:
    drafts.save("note:42", "林晚舟 19900004821")
    (file,) = (tmp_path / "drafts").iterdir()
    assert "note" not in file.name and "lin" not in file.name and "42" not in file.stem.split("-")
    assert "林晚舟".encode() not in file.read_bytes() and b"note:42" not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_spoiled_draft_hides_no_other(tmp_path: Path, drafts: Drafts) -> None:
    drafts.save("note:1", "一")
    (file,) = (tmp_path / "drafts").iterdir()
    file.write_bytes(b"spoiled")
    drafts.save("note:2", "二")
    assert drafts.all() == {"note:2": "二"}
    with pytest.raises(KeyTrouble):
        drafts.load("note:1")


def test_a_draft_that_cannot_be_written_says_so_and_leaves_the_old_one(
    drafts: Drafts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    drafts.save("note:1", "第一句")

    def full(*_anything: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreTrouble, match="写不了文件"):
        drafts.save("note:1", "第一句，第二句")
    monkeypatch.undo()
    assert drafts.load("note:1") == "第一句"
    assert len(list((tmp_path / "drafts").iterdir())) == 1, "no rubbish is left"


def test_a_file_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "file"
    replace_file(path, b"old")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new" and path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["file"]


# --- evidence ------------------------------------------------------------------------------------------------


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "head, media_type",
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"%PDF-1.7", "application/pdf"),
        (b"BM\x00\x00", "image/bmp"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
    ],
)
def test_pictures_and_pdfs_are_known_by_their_first_bytes(
    tmp_path: Path, evidence: EvidenceFiles, head: bytes, media_type: str
) -> None:
    content = head + b" the rest" * 50
    digest, found, size = evidence.put(write(tmp_path / "anything.txt", content))
    assert (found, size) == (media_type, len(content))
    assert evidence.get(digest) == content


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "大小 0 字节"),
        (b"MZ\x90\x00", "不是照片或 PDF"),
        (b"PK\x03\x04", "不是照片或 PDF"),
        (b"text", "不是照片或 PDF"),
    ],
)
def test_nothing_else_gets_in(tmp_path: Path, evidence: EvidenceFiles, content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        evidence.put(write(tmp_path / "photo.jpg", content))
    assert not (tmp_path / "evidence").exists()


def test_a_file_too_large_is_refused_unread(tmp_path: Path, evidence: EvidenceFiles) -> None:
    path = write(tmp_path / "film.jpg", b"\xff\xd8\xff")
    os.truncate(path, EVIDENCE_LIMIT + 1)
    with pytest.raises(BadInput, match="20MB"):
        evidence.put(path)


def test_what_is_no_file_is_refused(tmp_path: Path, evidence: EvidenceFiles) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "nothing.jpg", Path("/dev/zero")):
        with pytest.raises(BadInput, match="凭证文件"):
            evidence.put(path)
    with pytest.raises(BadInput, match="~"):
        evidence.put(Path("~nobody-of-that-name/photo.jpg"))


def test_the_same_photo_twice_is_kept_once(tmp_path: Path, evidence: EvidenceFiles) -> None:
    one = evidence.put(write(tmp_path / "a.png", PNG))
    two = evidence.put(write(tmp_path / "b.png", PNG))
    assert one == two
    assert len([path for path in (tmp_path / "evidence").rglob("*") if path.is_file()]) == 1


def test_a_photo_lies_encrypted_under_its_digest(tmp_path: Path, evidence: EvidenceFiles) -> None:
    digest, _, _ = evidence.put(write(tmp_path / "a.png", PNG))
    path = tmp_path / "evidence" / digest[:2] / digest
    assert b"photo of a machine room" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_photo_that_was_changed_or_swapped_is_noticed(tmp_path: Path, evidence: EvidenceFiles) -> None:
    digest, _, _ = evidence.put(write(tmp_path / "a.png", PNG))
    other, _, _ = evidence.put(write(tmp_path / "b.png", PNG + b"!"))
    path, elsewhere = (tmp_path / "evidence" / name[:2] / name for name in (digest, other))
    spoiled = bytearray(path.read_bytes())
    spoiled[40] ^= 1
    path.write_bytes(spoiled)
    with pytest.raises(KeyTrouble, match="改动过"):
        evidence.get(digest)
    path.write_bytes(elsewhere.read_bytes())
    with pytest.raises(StoreTrouble, match="不符"):
        evidence.get(digest)
    path.unlink()
    with pytest.raises(StoreTrouble, match="不在了"):
        evidence.get(digest)


def test_adding_a_spoiled_photo_again_mends_it(tmp_path: Path, evidence: EvidenceFiles) -> None:
    source = write(tmp_path / "a.png", PNG)
    digest, _, _ = evidence.put(source)
    write(tmp_path / "evidence" / digest[:2] / digest, b"spoiled")
    evidence.put(source)
    assert evidence.get(digest) == PNG
