"""A ticket nobody takes goes up, its message leaves with a link, the link is pressed on a telephone, the desk sees who has it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from frontdesk.domain.timing import HOUR
from tests import services
from tests.builders import House, Time
from tests.processes import ROOT
from tests.services import Reply, Request, Service, ok


def fine(_request: Request) -> Reply:
    return ok({"errcode": 0})


@pytest.fixture
def hub() -> Iterator[Service]:
    with services.service(fine) as made:
        yield made


@pytest.fixture
def place() -> str:
    """An address on loopback that was free a moment ago."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{found.getsockname()[1]}"


@contextlib.contextmanager
def watching(house: House) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-I", str(ROOT / "frontdesk" / "__main__.py"), "watch", "--every", "1"],
        env={"FRONTDESK_HOME": str(house.home), "FRONTDESK_OPERATOR": "lin", "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=30)
        assert "Traceback" not in told, told


def link_in(hub: Service) -> str:
    """The link of the first message that carries one."""
    for request in tuple(hub.got):
        body = json.loads(request.body)
        if found := re.search(r"http://127\.0\.0\.1:\d+/a/[\w/-]+", str(body)):
            return found[0]
    return ""


def test_what_nobody_took_is_taken_from_a_message(house: House, hub: Service, place: str) -> None:
    (house.home / "config.toml").write_text(
        f'[site]\nname = "云栖苑"\n[morning]\ntime = ""\n[answers]\nurl = "http://{place}"\nlisten = "{place}"\n'
        f'[notify]\nendpoints.hub = {{ kind = "json", url = "{hub.url}/in" }}\nroutes."*" = "hub"\n',
        encoding="utf-8",
    )
    house.time = Time(int(time.time()))
    # In daylight or in an emergency the message leaves at once; nobody is woken for less.
    case = house.open(priority="urgent", at=house.time.now - 3 * HOUR)
    with watching(house) as watcher:
        assert watcher.stdout is not None
        # Every line of the watcher tells what it did; the message is out when it has told of it.
        link = next((found for _line in watcher.stdout if (found := link_in(hub))), "")
        assert urlsplit(link).netloc == place
        with urlopen(link, timeout=20) as page:
            shown = page.read().decode()
        assert case.number in shown and "接：由我接手" in shown
        assert case.view.unacknowledged, "looking alone takes nothing"
        with urlopen(link, data="name=陈主任".encode(), timeout=20) as page:
            assert "已由您接手" in page.read().decode()
    event = next(event for event in reversed(case.view.events) if event.kind == "acknowledged")
    assert event.note == "通过消息里的链接确认（陈主任）" and not case.view.unacknowledged
    assert case.desk.examine() == []
