"""23:50, night, a bad line (A-DAY): 80x24 over a real sshd; the line dies in the middle of a sentence and nothing is lost."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import ROOT
from tests.trips.driver import NIGHT, Console, Estate

pytestmark = pytest.mark.real("ssh", "sshd")

SSHD = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PermitRootLogin prohibit-password
PermitUserEnvironment no
Subsystem sftp internal-sftp
LogLevel INFO
"""


class Gate:
    """An sshd of the test's own on loopback, behind which there is nothing but the console of 老周."""

    def __init__(self, estate: Estate, folder: Path) -> None:
        self._estate, self._folder, self._port = estate, folder, _free_port()
        for name in ("host_key", "key"):
            make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(make, check=True)
        settings = {
            "FRONTDESK_HOME": str(estate.home),
            "FRONTDESK_OPERATOR": "laozhou",
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
        }
        command = shlex.join(
            ["env", *(f"{name}={value}" for name, value in settings.items()), sys.executable]
        )
        quoted = f"{command} -m frontdesk".replace('"', '\\"')
        key = (folder / "key.pub").read_text(encoding="utf-8")
        (folder / "authorized_keys").write_text(f'restrict,pty,command="{quoted}" {key}', encoding="utf-8")
        (folder / "config").write_text(SSHD.format(port=self._port, folder=folder), encoding="utf-8")
        program = shutil.which("sshd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
        assert program is not None
        # -D -e: in the foreground, its complaints on stderr; as root it wants this folder, which its service would make.
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        command_line = [program, "-D", "-e", "-f", str(folder / "config")]
        self._sshd = subprocess.Popen(command_line, stderr=subprocess.PIPE, text=True)
        assert self._sshd.stderr is not None
        told = next((line for line in self._sshd.stderr if "Server listening" in line), "")
        assert told, "sshd does not start"

    def words(self, program: str, *options: str) -> list[str]:
        """`ssh` or `sftp` with the operator's key, told nothing by this machine's own settings."""
        port = "-P" if program == "sftp" else "-p"
        trusting = [
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            f"UserKnownHostsFile={self._folder}/known",
            "-o",
            "LogLevel=ERROR",
        ]
        key = ["-i", str(self._folder / "key"), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]
        there = f"{getpass.getuser()}@127.0.0.1"
        return [program, "-F", "none", port, str(self._port), *trusting, *key, *options, there]

    def log_in(self) -> Console:
        """老周 logs in from PuTTY."""
        return Console(self.words("ssh", "-tt"), self._estate.environment("nobody", TERM="xterm"), NIGHT)

    def run(
        self, program: str, *words: str, options: tuple[str, ...] = (), **more: Any
    ) -> subprocess.CompletedProcess[str]:
        """Something else than the console, tried with the same key."""
        line = [*self.words(program, *options), *words]
        return subprocess.run(line, capture_output=True, encoding="utf-8", timeout=60, check=False, **more)

    def close(self) -> None:
        """The end of the night."""
        self._sshd.terminate()
        self._sshd.communicate(timeout=30)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture
def gate(estate: Estate, tmp_path: Path) -> Iterator[Gate]:
    """The way in."""
    folder = tmp_path / "ssh"
    folder.mkdir()
    gate = Gate(estate, folder)
    yield gate
    gate.close()


def test_the_line_dies_in_the_middle_of_a_sentence_and_it_is_there_at_the_next_log_in(gate: Gate) -> None:
    with gate.log_in() as line:
        line.sees("老周(前台客服)", "未结工单 F3", "下一步", "F5 处理记录")
        assert line.rows[0].startswith(" 物业前台 幸福花园")
        assert (
            line.rows[-1]
            == "F1 帮助 F2 接听 F3 工单 F4 话术 F5 记录 F6 换栏 F7 回访 F8 上移 F9 保存 F10 退出"
        )
        assert b"\x1b[?1000h" not in line.raw, "the mouse belongs to the terminal, which selects with it"
        assert b"38;5;" not in line.raw, "TERM=xterm has sixteen colours"

        line.goes_to("楼上装修").sees("噪音扰民")
        line.press("F4").sees("话术 F4").press("F4").loses("话术 F4")
        line.press("F5").types("业主说七楼又开始钻了，保安正在").sees("业主说七楼又开始钻了，保安正在")
        line.kill(signal.SIGKILL).ends()

    with gate.log_in() as line:
        line.sees("已恢复没存的内容：记录 1 份", "业主说七楼又开始钻了，保安正在")
        line.types("上楼").press("F9").sees("已保存").press("F10")
        assert line.ends() == 0


def test_the_key_opens_the_console_and_nothing_else(gate: Gate, estate: Estate) -> None:
    listed = gate.run("ssh", "ls", "/")
    assert (listed.returncode, listed.stdout) == (1, "")
    assert "控制台要在终端里打开" in listed.stderr
    fetched = gate.run("sftp", options=("-b", "-"), input="pwd\n")
    assert fetched.returncode != 0
    assert "Remote working directory" not in fetched.stdout
    forwarded = gate.run("ssh", options=("-N", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:9"))
    assert forwarded.returncode != 0
