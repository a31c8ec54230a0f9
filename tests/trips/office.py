"""LibreOffice as the person who opens a sheet has it: it counts every formula again and believes no stored number."""

from __future__ import annotations

import csv
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

# An office program shows the numbers it finds in the file unless it is told to count again.
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"><value>0</value></prop></item>
</oor:items>
"""
# Commas, quotes, UTF-8, as shown on the screen, every page a file of its own.
EVERY_PAGE = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"

Page = Sequence[Sequence[str]]


class Office:
    """The program without a screen, in a profile of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.profile = folder / "out", folder / "profile"
        (self.profile / "user").mkdir(parents=True)
        (self.profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE, encoding="utf-8")

    def convert(self, path: Path, to: str) -> Path:
        """The file as the program saves it; fails with what the program said."""
        made = self._made(to, path)
        assert len(made) == 1, made
        return made[0]

    def pages(self, *books: Path) -> Mapping[tuple[str, str], Page]:
        """What every page shows: (book, page) → rows of cells."""
        found: dict[tuple[str, str], Page] = {}
        for path in self._made(EVERY_PAGE, *books):
            book, _, name = path.stem.rpartition("-")
            with path.open(encoding="utf-8", newline="") as handle:
                found[book, name] = list(csv.reader(handle))
        return found

    def _made(self, to: str, *paths: Path) -> list[Path]:
        command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation={self.profile.as_uri()}"]
        command += ["--convert-to", to, "--outdir", str(self.folder), *map(str, paths)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        ending = to.split(":", maxsplit=1)[0]
        made = [made for path in paths for made in sorted(self.folder.glob(f"{path.stem}*.{ending}"))]
        assert made, done.stdout + done.stderr
        return made
