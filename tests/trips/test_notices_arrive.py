"""Notices survive whatever kills who sends them: nothing is lost, and what comes twice carries the same key."""

from __future__ import annotations

import random
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from frontdesk.desk import Desk
from frontdesk.desk.delivery import LEASE, deliver
from frontdesk.store.notices import NoticeDraft, post
from tests import services
from tests.builders import TEN, House
from tests.processes import answers, python
from tests.services import Reply, Request, Service, ok


def fine(_request: Request) -> Reply:
    return ok({"errcode": 0})


@pytest.fixture
def hub() -> Iterator[Service]:
    with services.service(fine) as made:
        yield made


def furnish(house: House, hub: Service, notices: int, urgent: bool = True) -> Desk:
    """A home whose notices go to the hub, with some of them due."""
    with (house.home / "config.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'[notify]\nendpoints.hub = {{ kind = "json", url = "{hub.url}/in" }}\nroutes."*" = "hub"\n'
        )
    desk = house.desk()
    desk._access.settings = desk.settings._replace(
        notify={"endpoints": {"hub": {"kind": "json", "url": f"{hub.url}/in"}}, "routes": {"*": "hub"}}
    )
    with desk._access.db.write() as conn:
        for place in range(notices):
            post(conn, TEN, NoticeDraft("dispatched", "工程部", f"第 {place:03} 条", urgent=urgent))
    return desk


DIE = """
import os, signal, sys
from frontdesk.bootstrap import open_desk
from frontdesk.desk import delivery
from frontdesk.store.notices import Notices

desk = open_desk(clock=lambda: int(sys.argv[2]))
place, name = {"claimed": (delivery._Round, "_handle"), "sent": (Notices, "settle")}[sys.argv[1]]

def dead(*words, **named):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(place, name, dead)
desk.notices.send()
"""


@pytest.mark.parametrize("urgent", [True, False], ids=["one", "digest"])
@pytest.mark.parametrize(("where", "sent"), [("claimed", 0), ("sent", 1)])
def test_killed_between_claim_and_record_nothing_is_lost(
    house: House, hub: Service, where: str, sent: int, urgent: bool
) -> None:
    desk = furnish(house, hub, 1 if urgent else 7, urgent)
    dying = python(DIE, house.home, where, str(TEN))
    dying.communicate(timeout=60)
    assert dying.returncode == -signal.SIGKILL
    assert {n.state for n in desk.notices.list()} == {"sending"} and len(hub.got) == sent
    assert deliver(desk._access, TEN + LEASE - 1) == [], "it may still be at work"
    assert len(deliver(desk._access, TEN + LEASE)) == 1
    keys = [got.headers["Idempotency-Key"] for got in hub.got]
    assert len(keys) == sent + 1 and len(set(keys)) == 1
    assert {(n.state, n.tries) for n in desk.notices.list()} == {("sent", 2)}
    assert desk.examine() == []


SEND = """
import sys
from frontdesk.bootstrap import open_desk
desk = open_desk(clock=lambda: int(sys.argv[1]))
desk.notices.failed()
print("ready", flush=True)
sys.stdin.readline()
print(len(desk.notices.send()))
"""


def go(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def test_four_processes_at_once_send_everything_once(house: House, hub: Service) -> None:
    desk = furnish(house, hub, 30)
    senders = [python(SEND, house.home, str(TEN)) for _ in range(4)]
    go(*senders)
    counts = [int(told) for told in answers(*senders)]
    assert sum(counts) == 30
    assert Counter(got.json["id"] for got in hub.got).most_common(1)[0][1] == 1 and len(hub.got) == 30
    assert {n.state for n in desk.notices.list()} == {"sent"}


def test_killed_at_any_moment_again_and_again_everything_arrives(house: House, hub: Service) -> None:
    """Twenty kills at moments that the requests choose; a double is recognised by its key, nothing is missing."""
    desk = furnish(house, hub, 60)
    lot, at = random.Random(7), TEN
    seen = threading.Semaphore(0)

    def answer(_request: Request) -> Reply:
        seen.release()
        return ok({"errcode": 0})

    hub.answers = answer
    for _ in range(20):
        process = python(SEND, house.home, str(at))
        go(process)
        for _ in range(lot.randint(1, 3)):
            seen.acquire(timeout=30)
        process.kill()
        process.communicate(timeout=60)
        at += LEASE
        if not [n for n in desk.notices.list() if n.state != "sent"]:
            break
    while deliver(desk._access, at):
        at += LEASE
    assert {n.state for n in desk.notices.list()} == {"sent"}
    texts: dict[str, set[str]] = {}
    for got in hub.got:
        texts.setdefault(got.headers["Idempotency-Key"], set()).add(got.json["text"])
    assert len(texts) == 60 and all(len(each) == 1 for each in texts.values())
    assert len(hub.got) <= 60 + 20, "a kill costs one double at most"
    assert desk.examine() == []
