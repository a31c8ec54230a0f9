"""The real parts that tests run against: `@pytest.mark.real("tmux", "sshd")` names what a test needs.

A missing part skips the test and says so; with FRONTDESK_REQUIRE_REAL=1, as scripts/test sets it for root and for
continuous integration, it fails the test, so that a green run has really run everything.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess

import pytest

# Part → the program that stands for it and the Debian package it comes from. Those of root lie outside a user's PATH.
PROGRAMS = {
    "tmux": ("tmux", "tmux"),
    "ssh": ("ssh", "openssh-client"),
    "sshd": ("sshd", "openssh-server"),
    "libreoffice": ("soffice", "libreoffice-calc-nogui"),
    "pdftoppm": ("pdftoppm", "poppler-utils"),
    "ip": ("ip", "iproute2"),
    "ps": ("ps", "procps"),
}
LOCALES = {"zh_CN.GB18030": "zh_CN.gb18030", "zh_CN.UTF-8": "zh_CN.utf8"}
SEARCHED = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


@functools.cache
def locales() -> frozenset[str]:
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, errors="replace", check=False)
    return frozenset(listed.stdout.split())


@functools.cache
def missing(part: str) -> str | None:
    """Why a real part cannot be used, or None; an unknown part is a mistake in the test."""
    if part in LOCALES:
        return None if LOCALES[part] in locales() else f"locale {part} is not generated (package locales)"
    program, package = PROGRAMS[part]
    return None if shutil.which(program, path=SEARCHED) else f"{program} is not installed (package {package})"


def pytest_runtest_setup(item: pytest.Item) -> None:
    parts = [part for marker in item.iter_markers("real") for part in marker.args]
    reasons = [reason for part in parts if (reason := missing(part))]
    if not reasons:
        return
    if os.environ.get("FRONTDESK_REQUIRE_REAL") == "1":
        pytest.fail("; ".join(reasons), pytrace=False)
    pytest.skip("; ".join(reasons))
