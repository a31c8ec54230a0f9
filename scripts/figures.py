"""Writes README's section on the figures of the monthly sheet anew from its one source, domain/meanings.py."""

from __future__ import annotations

from pathlib import Path

from frontdesk.domain.meanings import README_END, README_START, readme


def main() -> None:
    """Replace what stands between the two marks."""
    path = Path(__file__).parents[1] / "README.md"
    text = path.read_text(encoding="utf-8")
    start, end = text.index(README_START), text.index(README_END) + len(README_END)
    path.write_text(text[:start] + readme() + text[end:], encoding="utf-8")


if __name__ == "__main__":
    main()
