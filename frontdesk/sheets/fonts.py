"""A font with Chinese in it among those of this machine: a picture of empty boxes would be worse than none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from frontdesk.domain.errors import Refused

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_FAMILIES: Final = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"),
    ("SourceHanSansCN-Regular.otf", "SourceHanSansCN-Bold.otf"),
    ("PingFang.ttc", "PingFang.ttc"),
    ("Hiragino Sans GB.ttc", "Hiragino Sans GB.ttc"),
    ("STHeiti Light.ttc", "STHeiti Medium.ttc"),
    ("msyh.ttc", "msyhbd.ttc"),
    ("wqy-microhei.ttc", "wqy-microhei.ttc"),
    ("wqy-zenhei.ttc", "wqy-zenhei.ttc"),
    ("simhei.ttf", "simhei.ttf"),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),
)
"""Files of the usual Chinese fonts, the better ones first: (regular, bold)."""
_SIMPLIFIED: Final = ("SC", "CN", "GB")
_HANZI: Final = "汇业"

MISSING: Final = (
    "这台机器上没有中文字体，画不出图片。请安装一种后再试："
    "Debian/Ubuntu：apt install fonts-noto-cjk；CentOS/openEuler：dnf install google-noto-sans-cjk-ttc-fonts；"
    "或把微软雅黑（msyh.ttc）放进 ~/.fonts。也可以改用 --format html 或 markdown。"
)


class Faces(NamedTuple):
    """A regular and a bold font, each as (file, place of the face in it)."""

    regular: tuple[str, int]
    bold: tuple[str, int]

    def font(self, size: int, bold: bool = False) -> FreeTypeFont:
        """The font at that size, laid out glyph by glyph: the same everywhere, whatever shaper is installed."""
        return _loaded(*(self.bold if bold else self.regular), size)


@cache
def _loaded(path: str, place: int, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(path, size, place, layout_engine=ImageFont.Layout.BASIC)


def folders() -> tuple[Path, ...]:
    """Where fonts lie on Linux, macOS and Windows, the person's own first."""
    home = Path.home()
    found = [home / ".fonts", home / ".local/share/fonts", home / "Library/Fonts"]
    found += map(Path, ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/truetype"))
    found += map(Path, ("/System/Library/Fonts", "/Library/Fonts"))
    if sys.platform == "win32":
        found.append(Path(os.environ.get("WINDIR", r"C:\Windows"), "Fonts"))
    return tuple(found)


@cache
def chinese() -> Faces:
    """The best Chinese font of this machine; `Refused`, saying what to install, where there is none."""
    found = search(folders(), _listed())
    if found is None:
        raise Refused(MISSING)
    return found


def search(places: tuple[Path, ...], listed: tuple[str, ...] = ()) -> Faces | None:
    """The best of the known fonts in these folders, else the first of the `listed` files that has Chinese."""
    wanted = {name for family in _FAMILIES for name in family}
    files = {path.name: str(path) for path in _files(places) if path.name in wanted}
    for regular, bold in _FAMILIES:
        if regular in files and (face := _face(files[regular])) is not None:
            other = _face(files[bold], bold=True) if bold in files else None
            return Faces(face, other or face)
    for path in listed:
        if (face := _face(path)) is not None:
            return Faces(face, face)
    return None


def _files(places: tuple[Path, ...]) -> Iterator[Path]:
    # From the least to the most personal, so that a person's own file stands for one of the same name.
    for place in reversed(places):
        for folder, _folders, names in os.walk(place):
            yield from (Path(folder, name) for name in sorted(names))


def _listed() -> tuple[str, ...]:
    """Files that fontconfig knows for Chinese, where it is installed."""
    program = shutil.which("fc-list")
    if program is None:
        return ()
    try:
        asked = subprocess.run(
            [program, ":lang=zh-cn", "file"], capture_output=True, text=True, timeout=10, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return ()  # no list is no font: the person is told what to install
    return tuple(sorted(line.strip().rstrip(":") for line in asked.stdout.splitlines() if line.strip()))


def _face(path: str, bold: bool = False) -> tuple[str, int] | None:
    """The simplified face of a file, the heavier one if `bold`; None where the file is no font with Chinese in it."""
    from PIL import ImageFont

    faces: list[tuple[int, str, str]] = []
    try:
        content = Path(path).read_bytes()
    except OSError:
        return None
    for place in range(40):
        try:
            # From its bytes: by a name that it cannot read Pillow would look for another file of that name.
            font = ImageFont.truetype(BytesIO(content), 20, place, layout_engine=ImageFont.Layout.BASIC)
        except OSError:
            break
        family, style = font.getname()
        if _has_chinese(font):
            faces.append((place, family or "", style or ""))
    if not faces:
        return None

    def fit(face: tuple[int, str, str]) -> tuple[bool, bool, bool, int]:
        place, family, style = face
        heavy = any(word in style for word in ("Bold", "Semibold", "Medium"))
        simplified = any(family.rstrip().endswith(ending) for ending in _SIMPLIFIED)
        return not simplified, "Mono" in family, heavy is not bold, place

    return path, min(faces, key=fit)[0]


def _has_chinese(font: FreeTypeFont) -> bool:
    """Two hanzi look different from each other, and from the box that stands for what is missing."""
    drawn = {bytes(font.getmask(sign)) for sign in (*_HANZI, "\U0010fffe")}
    return len(drawn) == len(_HANZI) + 1
