"""Whether a danger that is named is happening now (R-001-10), or denied, past, only feared, or already over.

A false alarm costs one key, a missed one costs a person: every doubt is decided for the danger, and what is
spared is still high. What is dangerous is written in categories.toml; here is only how people say that it is
*not* happening.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from frontdesk.domain.patterns import pattern
from frontdesk.domain.wording import alternatives

_CLAUSE: Final = pattern("[，,、：:]")

# Directly before the danger: 没有人受伤. A 没 further away denies something else (没人管，困在里面).
_DENIED: Final = pattern(
    r"[打点]不着?$|(?:没有?|没得|冇|无|未|并非|不是|不算|别(?!人|家)|不要|不会|不可能|不至于|避免了)"
    r"(?:造成|发生|出现|闻到|看到|看见|听到|听说|任何|煤气|燃气|天然气|液化气|泄|人员|人|有|被|再|什么|明显|真的|谁|哪个|过|业主|住户|孩子|老人)*$"
)
_FALSE: Final = pattern(
    "误报|误触|乱按|复位|误会一场|以为是?(?:着火|起火|爆炸|煤气|燃气)|虚惊|谣言|谣传|假的|搞错|看错|弄错|不是真|没动手|没打起来|没真打|没有动手|没有?的事|没有?这回事|开玩笑|玩笑话|骗人的|没有?(?:受伤|着火|起火)"
)
_NOT_THAT: Final = pattern("不是(着火|起火|火灾|漏气|困人|燃气|煤气|天然气|液化气)")
_ENQUIRED: Final = pattern(
    "(?:只是|就是|只|就)?想(?:问|了解|咨询)(?:问|一下|下)?[^，,]{0,4}(?:流程|步骤|规定|预案|怎么|电话)|听说[^，,]{0,4}(?:隔壁|别的|其他|对面|人家|有的?)小区"
)
_QUESTION: Final = pattern("吗|呢|怎么|如何|什么|多少|哪")
_NEARLY: Final = pattern(r"(?:差点|差一点|差些|险些|几乎)[^，,]{0,3}$")
_FEARED: Final = pattern(
    "万一|非要|如果|要是|要真|真要|假如|假设|倘若|若是|若|一旦|以免|避免|防止|预防|谨防|防范|以防|哪天|试问|难免|早晚|迟早|总有一天|遇到|碰到[^，,]{0,4}(?:情况|火灾|困人|这种|紧急)"
    "|怕会|生怕|就怕|唯恐|(?:担心|害怕|怕)(?!.{0,6}(?:气|[漏触带有]电))[^，,]{0,6}$|[怕心](?:以后|将来|哪天)|会不会[^，,]{0,4}$|以后[^，,]{0,4}$|才(?:来|会|能)?管?$|会(?:有人|被|把人)?$|(?<!好)像要?$|得[^，,]{0,2}想$|(?:容易|怕)(?:老人|小孩|孩子|有人|人)?$|(?:小心|当心|注意)[^，,]{0,3}$"
)
_REFERRED: Final = pattern(
    "[^，,]{0,3}那(?:[次回场]|[两几]家)|[^，,了]{0,3}(?:赔偿|官司|理赔)|[^，,]{1,5}的(?:那|事|监控|录像|录音|照片|损失|赔|处理|结果|原因|牌|标志|钱|经过|AED|设备)|[^，,]{0,6}报警器|[^，,]{2}(?:以后|之后|后(?!来|脑)|点在)"
)
_ASKED: Final = pattern(
    '的话|建议|真的吗|真的假的|网上说|逃生|演练|演习|彩排|宣传|隐患|风险|预案|流程|制度|规定|规范|手册|(?:培训|排练|作文|考试|测试|试验|检测)(?![室厅房班员]|中心|机构)|课程|讲座|知识|须知|海报|标语|视频|录像|案例|条例|广告(?!牌|灯|箱|布|屏)|传单|推销|直播|话剧|相声|密室|片儿|片子|鹦鹉|挂图|警示牌|(?:店|馆|牌|名|公司|楼盘|歌|猫|狗)[^，,]{0,3}叫?[“「"]|《|通告|保险|理赔'
    "|新闻|(?<!看)(?<!看着)电视(?!柜|后|旁|机[后旁着冒炸烧])|电影(?!院)|小说|游戏(?!厅)|(?<!加)剧(?!场|院|烈|痛|毒)|试题|题目|话术|标准|检查|登记表|台账|记录表|报告怎么|怎么写|责任划分|谁的责任|谁负责|电话是?多少|^真[^，,了]{2,4}(?:谁[也都]|怎么|咋|往哪)"
)
_LIKE: Final = pattern("(?:像|跟|和|如同|好比|仿佛)[^，,。]*$")
_AS: Final = pattern("[^，,。]*(?:一样|似的|一般|那样|般)")
_SAME: Final = pattern("[^，,]{0,6}(?:一样|似的|一般|般的|的感觉)")
_MIGHT: Final = pattern(
    r"(?:容易|极易|很易|足以)[^，,]{0,4}$|(?:易|可能|会|将|能)(?:随时|再次|造成|直接)?(?:引发|引起|导致|造成|酿成|发生|出现)[^，,]{0,4}$"
)
_CAUSED: Final = pattern("(?:造成|导致|致使|使得|害得)[^，,]{0,8}$")
_NOW: Final = pattern(
    "现在|正在|此刻|目前|刚刚|刚才|刚|今[天早晚]|还在|还没|仍|又|正|快来|马上|赶紧|赶快|开始|以来|至今|一直|这会儿?|眼下|现已"
)
# How people are, where they are and what fire, smoke and water do while it lasts.
_EVIDENT: Final = pattern(
    "(?:人|孩子?|老人|娃|奶奶|爷爷)[^，,]{0,4}在(?:里[面头]|屋里|屋内|水里|火里|电梯里|[上下外]面)|[我他她]们?[^，,]{0,4}在(?:里[面头]|屋里|水里|火里|电梯里)|里[面头](?:还|都)?有(?:人|老人|孩|娃|学员|[一二两三四五六七八九十几]个)"
    "|出不[来去]|下不[去来]|跑不[出掉]|逃不|(?<!坏了)动不了|[爬抬]不起|没反应|(?<!按下去)没声(?!音)|没动静|没气|没脉搏|没心跳|没呼吸|没知觉|不动了?$|不应|昏|晕[倒在着了过]|倒[在地]|躺[在着]|压着|埋|卷走|浮上来|不醒"
    "|血(?!压)|快(?:来|救|沉|死|不行|没|憋|撑)|救(?:人|命|我|救)|越烧越|(?:全|都|满)(?:是|屋|楼)?[是的]?[火烟]|(?<!油)[烟火][^，,]{0,4}(?:已经?|都|往|进|到|封|窜|堵|大)|堵在|封了?楼|(?:挂|粘|泡|吊)在(?!半空)|站[到在上]|爬[出到上]|捅|砍|掐|氧|脸朝下|头(?:很|好|都)?[晕疼痛]|恶心|想吐|还(?:压|卡|困|躺)"
    "|还在(?:打|烧|喷|漏|冒|里|水|晃|掉|涨)|这[次回](?:人|真|是真)|正(?:在|往|烧|漏|打)|现在(?![^，,]*[赔修低高走想问换装正道])"
)
# Clauses that say one of these show nothing that is so now.
_ELSEWHEN: Final = pattern(
    "上周|上次|上回|去年|前年|昨|前天|以前|之前|当时|那次|那天|没[有个]?人|万一|如果|要是|会不会|怕|怎么办|吗|差点|险些|救出|脱困|[出回]来了|找[到回]|没事|修好|[灭散]|演|预案|流程|不疼|正常|好了|医院"
)
_AT_ONCE: Final = pattern("正在|此刻|快来|马上来|赶紧来|赶快来|救命|正往|还在里面|还困")
# In a letter these belong to their own clause: 我们现在是度日如年 says nothing about what follows.
_JUST_NOW: Final = pattern("(?<!到)现在|刚刚|刚才|眼下|这会儿")
_PAST: Final = pattern(
    "(?:上周|上个?礼拜|上个?星期|上趟|昨儿|前儿|上个?月|上次|上回|去年|前年|昨[天日晚夜]|前天|前晚|前几[天日]|前些[天日年]|以前|之前|曾|当时|(?<!比)那次|那天|那年|月初|年初|年前|几天前"
    "|前段时间|这[几两]年|这些年|那一?回|早几年|早先|过去(?:几|一(?!看)|两|常|经常|总|都|也|曾|发生|有过|的事|老)|[0-9一二两三四五六七八九十]+[年月天]前|[0-9]{2,4}年(?:[0-9]{1,2}|[元正一二三四五六七八九十]{1,2})月|[0-9]{1,2}月[0-9]{1,2}[日号]|历史上|(?<!没)发生过|出过|(?<!没)有过|小时候|往年)(?![^，,]{1,6}的(?![时那事]))"
)
_ONCE: Final = pattern(r"(?!没过|漫过).{1,3}(?<![不没漫超越路通经])过(?![来去敏])")
_OFTEN: Final = pattern(
    "经常|有时|偶尔|总是|老是|时常|常常|频繁|频发|多次|数次|屡次|屡屡|每次|每天|每晚|每年|动不动|隔三差五|好几次|几次|长期(?![^，,]{1,4}的)|次数|率|多发|高发|不是.*就是|(?:月|年|周|星期)里?已?经?[困关]过?人?[二两三四五六七八九十0-9]+次"
)
_AGAIN: Final = pattern("[，,][^，,]{0,4}(?:今天|现在|刚才|刚刚|这会儿?)?又")
_OVER: Final = pattern(
    r"(?:已经?|都|全)(?:被)?(?:救出|放出来|获救|脱困|解救|扑灭|送医|送到?医院|没事|解除|恢复|修好|关好|处理好|找到)"
    r"|派出所[^，,]{0,4}(?:带走|调解)|住进了?医院|(?:家属|救护车)[^，,]{0,6}接走|自己(?:又)?回来了|救出来了|放出来了|获救了|到获救|脱困了|扑灭了|火(?:已经?|都)?灭了|没事了|送医院了|回家了|已经?出来了|已经?(?:醒|找到|解决|修好|处理)了?|找到了|找回来了|后来找到|^[^，,]{0,2}[困关锁][^。]*[，,]出来(?:后|以后|之后)"
    r"|(?:人|孩子|老人|[他她我])们?(?:已经?|都|全)*出来了"
)
# 困在、困着 say that it goes on; 了 or 着 just behind the danger says that it has happened.
_GOES_ON: Final = pattern("困在|困着|困住|被困|关在|关着|出不来|出不去")
_HAPPENED: Final = pattern("[^，,]{1,4}?[了着]")
_TIME_ALONE = 6
_DENIAL = 12
"""Characters before a word in which it can be denied."""
_LETTER = 130
"""Characters above which a text is a written letter, which tells of dangers; who is in one says so at once."""


class Place(NamedTuple):
    """Where a danger is named: the words that matched, its position in the sentence, the sentence, what follows it,
    which of `terms.DANGERS` it is, and whether it is so plain that what the sentence sounds like does not matter.
    """

    words: str
    position: int
    sentence: str
    next: str
    danger: str = ""
    plain: bool = False


def judge(places: Iterable[Place], length: int = 0) -> tuple[tuple[Place, ...], str | None]:
    """(the dangers that are now, None), or (none, why the one that is named does not count as urgent).

    `length` is that of the whole text: a letter must say that it is now.
    """
    spared: str | None = None
    now: list[Place] = []
    for place in places:
        why = _why_not(place, length > _LETTER)
        if why is None:
            now.append(place)
        elif why and spared is None:
            spared = f"因为：{place.words}，{why}，不按紧急"
    return tuple(now), None if now else spared


def mentions(written: str, text: str) -> bool:
    """Whether a text speaks of all parts of `written` (`孩/娃+不见`: one word of each) and denies none of them."""
    return all(any(_said(word, text) for word in alternatives(part)) for part in written.split("+"))


def _said(word: str, text: str) -> bool:
    start = text.find(word)
    while start >= 0 and _DENIED.search(text[max(0, start - _DENIAL) : start]):
        start = text.find(word, start + 1)
    return start >= 0


def _why_not(place: Place, letter: bool) -> str | None:
    """None where it is happening; else the reason, empty where nothing at all happened."""
    sentence, rest = place.sentence, place.sentence[place.position :]
    start, end = _clause(sentence, place.position)
    before, clause = sentence[start : place.position], sentence[start:end]
    if _compared(before, rest) or _DENIED.search(before) or _FALSE.search(rest) or _other(place):
        return ""
    if not letter and _goes_on(place, start, end):
        return None
    if _enquired(sentence, start, end):
        return ""
    if spared := _spared(before, clause, rest, place.next):
        return spared
    if letter and not (_AT_ONCE.search(sentence) or _JUST_NOW.search(_around(sentence, start, end))):
        return ""
    return None if _NOW.search(clause) else _tense(_time(sentence, start, before), before, clause, rest)


def _other(place: Place) -> bool:
    """不是煤气，是油漆味; but 不是着火，是煤气漏了 tells of gas."""
    return any(match[1] in place.words for match in _NOT_THAT.finditer(place.sentence))


def _enquired(sentence: str, start: int, end: int) -> bool:
    """Whether it is only enquired about: in the clause from start to end or behind it, or anywhere where the clause
    itself asks (电梯困人怎么办，想问流程; but 想问流程，现在砸到人了 is no question).
    """
    asks = _QUESTION.search(sentence, start, end)
    following = _clause(sentence, min(end + 1, len(sentence)))[1]
    return _ENQUIRED.search(sentence, 0 if asks else start, len(sentence) if asks else following) is not None


def _goes_on(place: Place, start: int, end: int) -> bool:
    """Whether a clause other than that from start to end shows somebody or something in danger now (人还在里面), so that
    what stands beside the danger itself (去年装的, 演练) cannot spare it.
    """
    clauses = (
        *_CLAUSE.split(place.sentence[:start]),
        *_CLAUSE.split(place.sentence[end:]),
        *_CLAUSE.split(place.next),
    )
    return any(_EVIDENT.search(clause) and not _ELSEWHEN.search(clause) for clause in clauses)


def _compared(before: str, rest: str) -> bool:
    """吵得像打架一样; but a man like a mad dog (疯狗一样的男人拿刀) is in the danger, not beside it."""
    return bool(_SAME.match(rest) or (_LIKE.search(before) and _AS.match(rest)))


def _spared(before: str, clause: str, rest: str, following: str) -> str:
    """Why it does not count even where it is said to be now; empty where it counts."""
    if _NEARLY.search(before):
        return "差点发生"
    if _OVER.search(rest) or _OVER.search(following):
        return "已经解除"
    if _FEARED.search(before) or _ASKED.search(clause):
        return "只是担心或询问"
    return "说的是一件事，不是正在发生" if _REFERRED.match(rest) else ""


def _tense(time: str, before: str, clause: str, rest: str) -> str | None:
    """The same for a clause that does not say when: by its verbs and its adverbs of time."""
    if _PAST.search(time + before) or _ONCE.match(rest):
        return "是过去的事"
    if _GOES_ON.match(rest) or _HAPPENED.match(rest):
        return None
    if _MIGHT.search(before):
        return "只是担心或询问"
    if _CAUSED.search(before):
        return "说的是后果"
    return "是反复发生" if _OFTEN.search(clause) and not _AGAIN.search(rest) else None


def _clause(sentence: str, position: int) -> tuple[int, int]:
    start = max((match.end() for match in _CLAUSE.finditer(sentence, 0, position)), default=0)
    following = _CLAUSE.search(sentence, position)
    return start, following.start() if following else len(sentence)


def _around(sentence: str, start: int, end: int) -> str:
    """The clause from start to end with the one before and the one after it."""
    first = _clause(sentence, start - 1)[0] if start else 0
    return sentence[first : _clause(sentence, min(end + 1, len(sentence)))[1]]


def _time(sentence: str, start: int, before: str) -> str:
    """What says when: the clause before where it is only a time (上周三，孩子被困), and all that stands before what
    followed from it (3月8日电梯停了，手机打不通，致使被困的人叫不到维保).
    """
    if start < 2:  # noqa: PLR2004
        return ""
    if before.startswith("致使"):
        return sentence[:start]
    clause = sentence[_clause(sentence, start - 1)[0] : start - 1]
    return clause if len(clause) <= _TIME_ALONE else ""
