"""The case trainer's desk side (R-000-08): role-plays from the house's handbook, and the results that are kept.

A result is a file of its own in FRONTDESK_HOME/training/, as JSON for programs and beside it as the text that the trainee saw,
for a supervisor to file. Trainees are staff; what they typed has been masked before it gets here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from frontdesk.domain.drill import Drill, drill
from frontdesk.domain.replies import Answer
from frontdesk.domain.timing import Instant, iso
from frontdesk.domain.training import PASS, Score, result, score

if TYPE_CHECKING:
    from frontdesk.desk import Desk

SEE_ALL: Final = ("supervisor", "manager", "auditor", "admin")


class Played(NamedTuple):
    """A drill with what was answered, as far as it went."""

    drill: Drill
    answers: tuple[Answer, ...]
    score: Score


class Trainer:
    """Role-plays for the operator of this desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._folder = desk.settings.home / "training"

    def drill(self, scenario: str, seed: int) -> Drill:
        """The role-play of a scenario. `Refused` for an auditor, who does not sit at the desk."""
        self._desk.operator.writes()
        desk = self._desk
        return drill(desk.handbook, scenario, seed=seed, now=desk.now(), site=desk.settings.site)

    def played(self, each: Drill, answers: Sequence[Answer]) -> Played:
        """A drill with its score."""
        return Played(each, tuple(answers), score(self._desk.handbook, each, answers))

    def document(
        self, played: Sequence[Played], planned: Sequence[str], *, exam: bool, seed: int, started: Instant
    ) -> dict[str, Any]:
        """A session as it is kept. Its score is the mean of all planned scenarios; a session that was broken off has not
        been passed.
        """
        operator = self._desk.operator
        broken = len(played) < len(planned) or any(each.score.left for each in played)
        points = int(sum(each.score.points for each in played) / max(1, len(planned)) + 0.5)
        return {
            "login": operator.login,
            "name": operator.name,
            "kind": "exam" if exam else "practice",
            "started": iso(started),
            "ended": iso(self._desk.now()),
            "seed": seed,
            "planned": list(planned),
            "score": points,
            "pass_mark": PASS,
            "passed": points >= PASS and not broken,
            "broken_off": broken,
            "scenarios": [result(each.drill, each.answers, each.score) for each in played],
        }

    def keep(self, document: dict[str, Any], text: str) -> Path:
        """Keep a session's result; answers its JSON file. `StoreTrouble` where it cannot be written."""
        from frontdesk.store.files import replace_file

        stamp = "".join(ch for ch in document["started"][:19] if ch.isdigit())
        path = self._folder / f"{stamp}-{os.urandom(4).hex()}.json"
        replace_file(path.with_suffix(".txt"), (text + "\n").encode("utf-8", "replace"))
        whole = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        replace_file(path, whole.encode("utf-8", "replace"))
        return path

    def results(self) -> tuple[list[dict[str, Any]], list[str]]:
        """The results kept, by trainee and time, and the names of files that are none any more.

        Supervisors and above see everybody's, an agent her own.
        """
        operator = self._desk.operator
        found: list[dict[str, Any]] = []
        damaged: list[str] = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                document = json.loads(path.read_text(encoding="utf-8"))
                key = (str(document["login"]), str(document["started"]), int(document["score"]))
            except (OSError, ValueError, KeyError, TypeError):
                damaged.append(path.name)
                continue
            if operator.role in SEE_ALL or key[0] == operator.login:
                found.append({"id": path.stem, **document})
        return sorted(
            found, key=lambda each: (each["login"], each["started"], each.get("ended", ""))
        ), damaged
