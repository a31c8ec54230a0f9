"""What the owner says in a role-play, from a scenario's title and what it expects; and how a limit is asked for."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from frontdesk.domain.playbook import Limit


class Scene(NamedTuple):
    """Where a role-play stands: the step of the call and its turn (an emergency has two), what the owner wants and how."""

    step: str
    turn: int
    title: str
    matter: str
    wants: tuple[str, ...]
    upset: bool
    urgent: bool
    channel: str


_CALM: Final = {
    "empathy": "{title}的事找你们。{matter}。",
    "restate": "我要的是：{wants}。",
    "solve": "那你们打算怎么办？",
    "promise": "什么时候能有个准话？",
    "escalate": "你定得了吗？我想跟你们负责的人谈谈。",
    "closing": "行，那我等着。",
}
_ANGRY: Final = {
    "empathy": "{title}！{matter}！你们物业到底管不管？",
    "restate": "我不听别的，就要：{wants}！听明白没有？",
    "solve": "光会说好听的！到底怎么办？",
    "promise": "什么时候？今天你们必须给我一个准话！",
    "escalate": "跟你说没用！叫你们领导来！",
    "closing": "好，我就看你们说话算不算数。",
}
_URGENT: Final = ("喂！快来人啊！{matter}！", "你们快点！我现在该怎么办？")


def owner_line(scene: Scene) -> str:
    """What is heard, or seen in brackets, before the trainee speaks."""
    if scene.step == "opening":
        return "（电话通了，那头还没说话。）" if scene.channel == "phone" else "（业主站定了，看着您。）"
    if scene.step == "emergency":
        words = _URGENT[min(scene.turn, len(_URGENT) - 1)]
    elif scene.urgent and scene.step == "empathy":
        return f"（人平安了。）\n业主：{scene.matter}，吓坏我了！"
    else:
        words = (_ANGRY if scene.upset else _CALM)[scene.step]
    filled = words.format(title=scene.title, matter=scene.matter, wants="，".join(scene.wants))
    return f"业主：{filled}"


def spoken(line: str) -> str:
    """A line written about the owner as she says it herself."""
    line = re.sub(r"（[^）]*）", "", line)
    kept = [clause for clause in re.split("[，。]", line) if not re.search("生气|激动", clause)]
    line = re.sub(r"([^，]+)的业主", r"我是\1的", "，".join(kept) or line)
    return line.replace("业主", "我").replace("物业", "你们")


def answered(line: str) -> str:
    """The same as it is said back to her."""
    return (
        spoken(line)
        .replace("你们", "我们")
        .replace("我是", "您是")
        .replace("我", "您")
        .replace("您们", "我们")
    )


_TOLD: Final = re.compile(
    r"(?:(?:超|提前|每|当|次)[一二两三四五六七八九十半\d]*|[一二两三四五六七八九十半\d]+)"
    r"(?:个?小时|分钟|[日天月周])(?:[后内前])?"
)


def limit_asked(limit: Limit) -> str:
    """The question for a limit, without its answer, which some labels hold."""
    what = f"{_TOLD.sub('', limit.label)}（{limit.who}）"
    if limit.percent is not None:
        return f"{what}：不超过百分之几？"
    if limit.at is not None:
        return f"{what}：从{limit.since}算起，下一个几点？（如 09:00）"
    if limit.days is not None and limit.days < 0:
        return f"{what}：提前几天？"
    unit = "天" if limit.days is not None else measure(limit)
    if limit.repeats:
        return f"{what}：每隔几{unit}一次？"
    today = "（当天填 0）" if limit.days is not None else ""
    return f"{what}：从{limit.since}算起，几{unit}之内？{today}"


def measure(limit: Limit) -> str:
    """The unit in which a limit is asked for."""
    if limit.percent is not None:
        return "%"
    if limit.at is not None:
        return "点"
    if limit.days is not None:
        return "天"
    return "小时" if limit.minutes is not None and limit.minutes % 60 == 0 else "分钟"
