"""Made-up calls as a desk notes them, labelled: kind, category, priority, case, and what else is not wrong (`accept`).

`heard/` is what scripts/fit_ear.py is fitted on; `unheard/` was written apart from it and is never given to it.
Beside the calls lie wordings of danger now, and wordings near it that are none.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent


def _calls(folder: str) -> list[dict[str, Any]]:
    lines = (_FOLDER / folder / "calls.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _wordings(folder: str, name: str) -> tuple[str, ...]:
    return tuple((_FOLDER / folder / f"{name}.txt").read_text(encoding="utf-8").splitlines())


HEARD: Final = _calls("heard")
UNHEARD: Final = _calls("unheard")
DANGERS: Final = _wordings("heard", "dangers")
NEAR: Final = _wordings("heard", "near")
UNHEARD_DANGERS: Final = _wordings("unheard", "dangers")
UNHEARD_NEAR: Final = _wordings("unheard", "near")
