"""The parts of pasted Chinese addresses: where in a text the province, city and district stand, and what looks like a name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from callcart.people.customers.places import City, china

_SURNAMES = set(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦"
    "付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞"
    "左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦"
    "麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯")
_TITLE = r"(?:先生|女士|小姐|太太|老师|经理|收)?"
_NOT_NAME = re.compile(
    r"[省市区县乡镇村路街道号室楼栋层弄巷园苑城厦场店部司院校厂队组旁侧口站座户期幢门府居庭里寨屯坊]$"
)
_NAME = re.compile(rf"[\u3400-\u9fff]{{2,4}}{_TITLE}|[\u3400-\u9fff]{{2,10}}[·•][\u3400-\u9fff]{{2,10}}")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z.'\-]*( [A-Za-z][A-Za-z.'\-]*){0,3}")
_ENDS = re.compile(r"[号室楼栋层幢座户店门\d]$")


@dataclass(slots=True)
class Place:
    """What was found, the pieces before it and after it, and the fields that are guessed or missing."""

    province: str = ""
    city: str = ""
    district: str = ""
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    doubtful: tuple[str, ...] = ()


@dataclass(slots=True)
class _Match:
    """A reading that begins at one place: what it names, where it ends, how many levels were written out."""

    province: str = ""
    city: City | None = None
    district: str = ""
    end: int = 0
    levels: int = 0
    strange: bool = False


def find_place(segments: list[str]) -> Place:
    """The best reading over all beginnings: most levels, then the earliest."""
    joined, starts = _join(segments)
    best: tuple[int, _Match] | None = None
    for start in range(len(joined)):
        found = _read(joined, start)
        if found and (best is None or found.levels > best[1].levels):
            best = (start, found)
            if found.levels == 3:
                break
    if best is None:
        return Place(after=segments, doubtful=("province", "city"))
    start, found = best
    before, after = _cut(joined, starts, 0, start), _cut(joined, starts, found.end, len(joined))
    return _place(found, before, after)


def _place(found: _Match, before: list[str], after: list[str]) -> Place:
    city = found.city
    province = found.province or (city.province if city else "")
    doubtful = []
    if not province:
        doubtful.append("province")
    if city is None or found.strange:
        doubtful.append("city")
    if not found.district and city is not None and city.districts:
        doubtful.append("district")
    return Place(province, city.name if city else "", found.district, before, after, tuple(doubtful))


def _join(segments: list[str]) -> tuple[str, set[int]]:
    """The pieces in one, and where each begins."""
    joined, starts = "", set()
    for each in segments:
        starts.add(len(joined))
        joined += each
    return joined, starts


def _cut(joined: str, starts: set[int], begin: int, end: int) -> list[str]:
    """The pieces of a stretch."""
    edges = sorted({begin, *(at for at in starts if begin < at < end)})
    pieces = [joined[a:b] for a, b in zip(edges, [*edges[1:], end], strict=True) if a < b]
    return [each for each in pieces if each]


def _longest(text: str, start: int, names: object, longest: int) -> str:
    for size in range(min(longest, len(text) - start), 1, -1):
        if text[start : start + size] in names:  # type: ignore[operator]
            return text[start : start + size]
    return ""


def _read(text: str, start: int) -> _Match | None:
    table = china()
    found = _Match(end=start)
    if name := _longest(text, start, table.provinces, 8):
        found.province, found.end, found.levels = table.provinces[name], start + len(name), 1
        # 北京市 names both; 吉林, 海南 also begin a city's name.
        if _read_city(text, found) or _read_district(text, found):
            return _with_district(text, found)
        alone = _Match(end=start)
        if _read_city(text, alone):
            return _with_district(text, alone)
        return found if len(name) > 2 or name in {"北京", "上海", "天津", "重庆"} or start == 0 else None
    if _read_city(text, found):
        return _with_district(text, found)
    return _of_district(text, start)


def _read_city(text: str, found: _Match) -> bool:
    table = china()
    name = _longest(text, found.end, table.cities, 12)
    if not name:
        return _municipality(found)
    its = [each for each in table.cities[name] if not found.province or each.province == found.province]
    if not its and found.province and name.endswith(("市", "州", "盟", "区")):
        its, found.strange = table.cities[name], True  # written with another province than its own
    if not its:
        return _municipality(found)
    if not found.province and name != its[0].name and not _goes_on(text, found.end + len(name), its[0]):
        return False  # 西安 in 西安路 is no city
    found.city, found.end, found.levels = its[0], found.end + len(name), found.levels + 1
    return True


def _municipality(found: _Match) -> bool:
    """北京市朝阳区: the city is the province, and was written."""
    cities = china().of_province.get(found.province, [])
    if len(cities) == 1 and cities[0].name == found.province:
        found.city, found.levels = cities[0], found.levels + 1
        return True
    return False


def _goes_on(text: str, at: int, city: City) -> bool:
    """Whether what follows a city's short name is one of its districts."""
    return any(text.startswith(each, at) for each in city.districts)


def _with_district(text: str, found: _Match) -> _Match:
    if found.city is not None and not found.district:
        name = max(
            (each for each in found.city.districts if text.startswith(each, found.end)), key=len, default=""
        )
        if name:
            found.district, found.end, found.levels = name, found.end + len(name), found.levels + 1
        elif not found.strange:
            _county_city(text, found)
    return found


def _county_city(text: str, found: _Match) -> None:
    """浙江省金华市义乌: a county-level city without its last character."""
    city = found.city
    if city is None:
        return
    for each in city.districts:
        short = each[:-1]
        if each.endswith("市") and len(short) >= 2 and text.startswith(short, found.end):
            found.district, found.end, found.levels = each, found.end + len(short), found.levels + 1
            return


def _read_district(text: str, found: _Match) -> bool:
    """浙江省西湖区: a district of the province without its city."""
    name = _longest(text, found.end, china().districts, 15)
    its = [each for each in china().districts.get(name, []) if each.province == found.province]
    if len(its) != 1:
        return False
    found.city, found.district, found.end = its[0], name, found.end + len(name)
    found.levels += 1
    return True


def _of_district(text: str, start: int) -> _Match | None:
    """义乌市…: a district whose name there is once in the country."""
    name = _longest(text, start, china().districts, 15)
    its = china().districts.get(name, [])
    if len(its) != 1 or len(name) < 3:
        return None
    return _Match(its[0].province, its[0], name, start + len(name), 1)


def looks_like_name(piece: str) -> bool:
    """Whether a piece by itself is rather a person than a place."""
    if _LATIN_NAME.fullmatch(piece):
        return len(piece) > 1
    if not _NAME.fullmatch(piece) or _NOT_NAME.search(piece):
        return False
    return "·" in piece or "•" in piece or piece[0] in _SURNAMES or piece.startswith(_COMPOUND)


def name_before(piece: str) -> tuple[str, str] | None:
    """张三 in front of an address without anything between: the name, and what is left of the piece."""
    return (piece, "") if looks_like_name(piece) and len(piece) <= 6 else None


def tail_name(piece: str) -> tuple[str, str] | None:
    """…100号张三: what stands before, and the name."""
    for size in (2, 3, 4, 5):
        name, rest = piece[-size:], piece[:-size]
        if _ENDS.search(rest) and looks_like_name(name):
            return rest, name
    return None
