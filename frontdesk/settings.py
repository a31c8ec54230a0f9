"""Where things are and where the master key comes from (DESIGN §7, §8). Read once at start; no value is secret but the key."""

from __future__ import annotations

import binascii
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from frontdesk.domain.errors import BadInput, KeyTrouble, StoreTrouble

KEY_BYTES = 32
SITE = "物业项目"
"""What the estate is called until somebody says its name."""
SERVICE, ACCOUNT = "frontdesk", "master-key"
TRUSTED_KEYRINGS = frozenset(
    f"keyring.backends.{name}" for name in ("SecretService", "libsecret", "kwallet", "macOS", "Windows")
)
"""Backends that keep a secret; `fail`, `null`, plaintext files and chains that hide one are refused by not being here."""

CONFIG = """\
# 物业客服前台的设置。改后重开前台生效。

[site]
name = "{site}"          # 小区（项目）名称，显示在屏幕和报表上
area_code = ""           # 固定电话区号，如 "0755"；用来认出不带区号的来电

[secret]
key_file = ""            # 主密钥文件；留空用默认位置。必须是本人的普通文件、权限 0600
use_keyring = true       # 桌面系统有钥匙串时优先存进钥匙串

[screen]
ascii = ""               # 留空自动探测；"yes" 强制纯 ASCII 边框，"no" 强制不用

[morning]
time = "08:30"           # 每天几点发晨报（夜里发生了什么、今天到期的承诺）；留空不发
to = "客服主任、群"      # 发给谁：上移层级的名字、或「群」，用、隔开

[answers]
url = ""                 # 上移消息里「接手」链接的网址，如 "https://desk.example.cn"；留空则消息里没有链接
listen = ""              # frontdesk watch 在哪里等回答，如 "127.0.0.1:8737"，由公司的 HTTPS 转到这里
robot = ""               # 钉钉 Outgoing 机器人的密钥名称，群里说「接 单号」即可接手；回调地址是 网址/dingtalk

# 通知发到哪里。密钥不写在这里：frontdesk notice secret 名称 存入，frontdesk notice test 端点 试发一条。
# [notify.endpoints."值班群"]   # 名字里有汉字就加引号
# kind = "dingtalk"      # dingtalk、wecom、feishu、json、smtp、aliyun、tencent、apprise
# token = "值班群"       # 密钥的名称；密钥是机器人页面上的整条 Webhook 地址
# secret = "值班群加签"  # 加签密钥的名称；没有用加签就不写
# at_all = true          # 紧急的 @所有人
#
# [notify.endpoints."经理邮箱"]
# kind = "smtp"
# host = "smtp.example.com"
# port = 465
# user = "desk@example.com"
# secret = "邮箱密码"
# from = "desk@example.com"
# to = ["manager@example.com"]
#
# [notify.endpoints."短信"]
# kind = "aliyun"
# key_id = "LTAI"
# secret = "短信密钥"
# sign = "某某物业"
# template = "SMS_1"     # 模板变量与 params 同名
# params = ["number", "text"]
#
# [notify.routes]        # 收件人 = 端点；group 是群，owner 是业主（只能短信），"*" 是其余的人
# "客服主任" = ["值班群", "经理邮箱"]
# "工程部" = ["值班群"]
# group = ["值班群"]
# owner = ["短信"]
"""


class Settings(NamedTuple):
    """Paths and preferences. `operator` is the login of whoever runs this process."""

    home: Path
    database: Path
    key_file: Path
    operator: str
    site: str = SITE
    area_code: str = ""
    use_keyring: bool = True
    ascii: bool | None = None
    answers_url: str = ""
    answers_listen: str = ""
    answers_robot: str = ""
    notify: Mapping[str, Any] = {}
    """`[notify]` as it stands in config.toml; only who sends reads it, and a slip in it must not keep the desk shut."""
    morning: str = "08:30"
    morning_to: str = "客服主任、群"

    @property
    def drafts(self) -> Path:
        """Folder of encrypted drafts."""
        return self.home / "drafts"

    @property
    def evidence(self) -> Path:
        """Folder of encrypted photos and papers."""
        return self.home / "evidence"

    @property
    def exports(self) -> Path:
        """Folder of the sheets."""
        return self.home / "exports"

    @property
    def logs(self) -> Path:
        """Folder of the fault log."""
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        """Folder of the encrypted keys of robots and mailboxes, beside the key file."""
        return self.key_file.parent / "notify"

    @property
    def cache(self) -> Path:
        """Folder of what can be made again at any time."""
        return self.home / "cache"

    @property
    def config(self) -> Path:
        """The file that a person edits."""
        return self.home / "config.toml"

    def resource(self, *parts: str) -> Path:
        """A shipped file or folder, or the copy of it in the home that overrides it."""
        own = self.home.joinpath(*parts)
        return own if own.exists() else shipped(*parts)


def shipped(*parts: str) -> Path:
    """A file or folder of the product's data: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / "data"
    return (inside if inside.is_dir() else package.parent / "data").joinpath(*parts)


def load() -> Settings:
    """The settings of this machine and user; `BadInput` names what is wrong in config.toml or the environment."""
    named = os.environ.get("FRONTDESK_HOME", "")
    home, keys = (_path("FRONTDESK_HOME", named),) * 2 if named else _platform()
    config = _config(home / "config.toml")
    key_file = os.environ.get("FRONTDESK_KEY_FILE") or config["secret"]["key_file"]
    return Settings(
        home=home,
        database=_database(home),
        # Away from the database's folder: whoever copies that folder must not get the key with it.
        key_file=_path("key_file", key_file) if key_file else keys / "settings" / "master.key",
        operator=os.environ.get("FRONTDESK_OPERATOR") or _login(),
        site=config["site"]["name"] or SITE,
        area_code=config["site"]["area_code"],
        use_keyring=config["secret"]["use_keyring"],
        ascii={"yes": True, "no": False}.get(config["screen"]["ascii"]),
        answers_url=config["answers"]["url"],
        answers_listen=config["answers"]["listen"],
        answers_robot=config["answers"]["robot"],
        notify=config["notify"],
        morning=config["morning"]["time"],
        morning_to=config["morning"]["to"],
    )


def _path(field: str, text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError as error:
        raise BadInput(field, "路径里的「~」认不出是谁的目录", "请写完整路径") from error


def _platform() -> tuple[Path, Path]:
    """The user's folders for data and for settings."""
    user = os.environ.get("HOME", "")
    if sys.platform == "linux" and os.path.isabs(user):
        # What platformdirs answers here; to import it would cost a hot command a tenth of its time.
        given = (os.environ.get("XDG_DATA_HOME", ""), os.environ.get("XDG_CONFIG_HOME", ""))
        data, settings = (path if os.path.isabs(path) else "" for path in given)
        return Path(data or f"{user}/.local/share", "frontdesk"), Path(
            settings or f"{user}/.config", "frontdesk"
        )
    import platformdirs

    return platformdirs.user_data_path("frontdesk"), platformdirs.user_config_path("frontdesk")


def _login() -> str:
    if hasattr(os, "geteuid"):
        import pwd  # absent on Windows

        try:
            return pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            return f"uid{os.geteuid()}"
    return os.environ.get("USERNAME", "operator")


def _database(home: Path) -> Path:
    url = os.environ.get("FRONTDESK_DATABASE_URL", "")
    if not url:
        return home / "data" / "frontdesk.db"
    path = url.removeprefix("sqlite:///")
    if path == url or not path or path == ":memory:" or "?" in path:
        raise BadInput(
            "FRONTDESK_DATABASE_URL", "不是 SQLite 文件的地址", "请写成 sqlite:////绝对路径/frontdesk.db"
        )
    return Path(path).absolute()


def _document(path: Path) -> dict[str, Any]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadInput("config.toml", f"读不了（{error.strerror}）", "请检查文件权限") from error
    if (site := _untouched(raw)) is not None:
        return {"site": {"name": site}}
    import tomllib  # only where there is something to parse

    try:
        return tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            "config.toml",
            f"格式有误（{error}）",
            "请按行号改正（名字里有汉字就加引号），或删掉该文件重新生成",
        ) from error


def _untouched(raw: bytes) -> str | None:
    """The site's name where the file is still as `init` wrote it; the parser would cost more than opening the database."""
    head, tail = (part.encode() for part in CONFIG.split("{site}"))
    name = raw[len(head) : len(raw) - len(tail)]
    if raw != head + name + tail:
        return None
    site = name.decode("utf-8", "replace")
    return site if site.isprintable() and not set('"\\\ufffd') & set(site) else None


_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "site": {"name": "", "area_code": ""},
    "secret": {"key_file": "", "use_keyring": True},
    "screen": {"ascii": ""},
    "answers": {"url": "", "listen": "", "robot": ""},
    "morning": {"time": Settings._field_defaults["morning"], "to": Settings._field_defaults["morning_to"]},
}
"""Every entry of config.toml with its default, whose type is the entry's."""


def _config(path: Path) -> dict[str, dict[str, Any]]:
    """Every entry, given or default. A slip of the pen must not pass for «not given»: it could cost a second key."""
    document = _document(path)
    _known("config.toml", document, {**_DEFAULTS, "notify": {}})
    notify = document.get("notify", {})
    if not isinstance(notify, dict):
        raise BadInput("config.toml 的 notify", "不是一个小节", "请写成 [notify]")
    found: dict[str, dict[str, Any]] = {"notify": notify}
    for name, defaults in _DEFAULTS.items():
        section = document.get(name, {})
        if not isinstance(section, dict):
            raise BadInput(f"config.toml 的 {name}", "不是一个小节", f"请写成 [{name}]")
        _known(f"config.toml 的 {name}", section, defaults)
        found[name] = {**defaults, **section}
        for key, value in section.items():
            _check(f"config.toml 的 {name}.{key}", value, defaults[key])
    url = found["answers"]["url"]
    if url and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise BadInput(
            "config.toml 的 answers.url",
            f"「{url[:40]}」不是 HTTPS 网址",
            '请写成 "https://…"，留空则不发链接',
        )
    if found["screen"]["ascii"] not in ("", "yes", "no"):
        raise BadInput("config.toml 的 screen.ascii", "认不出", '请写 ""、"yes" 或 "no"')
    if not _is_time_of_day(found["morning"]["time"]):
        raise BadInput("config.toml 的 morning.time", "不是钟点", '请写成 "08:30"；不要晨报就留空')
    return found


def _is_time_of_day(text: str) -> bool:
    hour, _, minute = text.partition(":")
    digits = hour.isdecimal() and minute.isdecimal() and text.isascii()
    return not text or (digits and len(minute) == 2 and int(hour) < 24 and int(minute) < 60)  # noqa: PLR2004


def _known(field: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    if unknown := [name for name in given if name not in known]:
        raise BadInput(field, f"不认识 {'、'.join(unknown)}", f"可用的有 {'、'.join(known)}")


def _check(field: str, value: object, default: object) -> None:
    if type(value) is not type(default):
        wanted = "true 或 false，不加引号" if isinstance(default, bool) else "一段文字，两边加引号"
        raise BadInput(field, f"「{value}」写法不对", f"请写成{wanted}")
    if isinstance(value, str) and not value.isprintable():
        raise BadInput(field, "含有看不见的字符", "请重新输入这一项")


def master_key(settings: Settings, may_create: bool) -> tuple[bytes, str]:
    """The 32-byte master key and, where it was just made, the sentence that says where it is ("" otherwise).

    In this order (DESIGN §7): systemd credential, key file, trusted keyring. `may_create` only on a database without
    encrypted data; a missing key is otherwise `KeyTrouble`, never replaced by a new one.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if folder and os.path.lexists(credential := Path(folder) / "frontdesk-master-key"):
        # systemd lets the service's user in by an access list, which shows as a group bit.
        return _from_file(credential, forbidden=0o037), ""
    if os.path.lexists(settings.key_file):
        return _from_file(settings.key_file), ""
    ring = _keyring() if settings.use_keyring else None
    if ring is not None and (found := _ask(ring.get_password, SERVICE, ACCOUNT)):
        return _decoded(found, "钥匙串"), ""
    if not may_create:
        raise KeyTrouble(
            f"数据库里有加密的业主信息，但找不到主密钥（{settings.key_file}）。"
            "请把备份的密钥文件放回原处（权限 0600）再开；不会另造新密钥。"
        )
    return _made(settings, ring)


def _made(settings: Settings, ring: Any) -> tuple[bytes, str]:
    key = os.urandom(KEY_BYTES)
    text = binascii.b2a_base64(key, newline=False).decode()
    if ring is not None:
        _ask(ring.set_password, SERVICE, ACCOUNT, text)
        return (
            key,
            "主密钥已存进系统钥匙串（frontdesk / master-key）。请导出备份：没有它，加密的业主信息无法读出。",
        )
    path = settings.key_file
    aside = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(fd, "w", encoding="ascii") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            # A link fails where the name is taken: of two first runs at once, one key wins, and it is always whole.
            os.link(aside, path)
        finally:
            aside.unlink()
    except OSError as error:
        if os.path.lexists(path):
            return _from_file(path), ""
        raise StoreTrouble(f"写不了密钥文件 {path}（{error.strerror}）。请检查文件夹权限。") from error
    return key, f"主密钥已生成：{path}。请立即另存一份到安全的地方：没有它，加密的业主信息无法读出。"


def _from_file(path: Path, forbidden: int = 0o077) -> bytes:
    # Without waiting: a pipe under that name would keep the desk from ever opening.
    flags = (
        os.O_RDONLY
        | getattr(os, "O_NOFOLLOW", 0)
        | getattr(os, "O_CLOEXEC", 0)
        | getattr(os, "O_NONBLOCK", 0)
    )
    try:
        fd = os.open(path, flags)
    except OSError as error:
        raise KeyTrouble(
            f"打不开密钥文件 {path}（{error.strerror}）。须是本人的普通文件，不能是链接。"
        ) from error
    try:
        state = os.fstat(fd)
        mine = not hasattr(os, "geteuid") or state.st_uid in (0, os.geteuid())
        if not stat.S_ISREG(state.st_mode) or not mine or stat.S_IMODE(state.st_mode) & forbidden:
            raise KeyTrouble(
                f"密钥文件 {path} 不安全：须是本人的普通文件，组和他人无权限。请运行 chmod 600。"
            )
        return _decoded(os.read(fd, 4096).decode("ascii", "replace"), str(path))
    finally:
        os.close(fd)


def _decoded(text: str, where: str) -> bytes:
    try:
        key = binascii.a2b_base64(text.strip(), strict_mode=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyTrouble(f"{where} 里的不是主密钥（应为 32 字节的 base64）。请放回原来的密钥。")
    return key


def _keyring() -> Any:
    """A keyring that was seen to keep, give back and forget a secret; None where there is none to trust."""
    if os.name == "posix" and not (
        os.environ.get("DBUS_SESSION_BUS_ADDRESS") or os.uname().sysname == "Darwin"
    ):
        return None
    import keyring  # dear, and only for desktops

    chosen = keyring.get_keyring()
    backends = getattr(chosen, "backends", [chosen])
    trusted = next((ring for ring in backends if type(ring).__module__ in TRUSTED_KEYRINGS), None)
    if trusted is None:
        return None
    token = os.urandom(8).hex()
    try:
        _ask(trusted.set_password, "frontdesk-probe", token, token)
        proven = _ask(trusted.get_password, "frontdesk-probe", token) == token
        _ask(trusted.delete_password, "frontdesk-probe", token)
    except KeyTrouble:
        return None
    return trusted if proven else None


def _ask(call: Any, *words: str, seconds: float = 5.0) -> Any:
    """Ask the keyring with a time limit: a prompt on some other display would wait for ever."""
    import queue
    import threading

    answers: queue.Queue[tuple[bool, Any]] = queue.Queue()

    def ask() -> None:
        try:
            answers.put((True, call(*words)))
        except Exception as error:
            answers.put((False, error))

    threading.Thread(target=ask, daemon=True).start()
    try:
        good, value = answers.get(timeout=seconds)
    except queue.Empty:
        raise KeyTrouble("系统钥匙串没有回应。请先解锁钥匙串，或改用密钥文件。") from None
    if not good:
        raise KeyTrouble(f"系统钥匙串不可用（{type(value).__name__}）。请先解锁，或改用密钥文件。") from value
    return value
