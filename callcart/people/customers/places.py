"""Places of China and the states of the USA as addresses name them: what lies in what, and every way of writing a province or
a city. Read once from a file in the package (`places_cn.txt` says where its names come from); no database.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from callcart.core.regions import region_key

_PEOPLES = (
    "土家族|苗族|藏族|羌族|彝族|回族|布依族|侗族|哈尼族|壮族|傣族|白族|景颇族|傈僳族|朝鲜族|蒙古族|蒙古|哈萨克|柯尔克孜|黎族|瑶族|"
    "维吾尔|各族|满族|畲族|锡伯|塔吉克|仡佬族|水族|土族|撒拉族|东乡族|保安族|裕固族|拉祜族|佤族|纳西族|布朗族|毛南族|仫佬族"
)
_CITY_KIND = re.compile(rf"(?:(?:{_PEOPLES})+自治州|自治州|地区|盟|市)$")
_UNDER_PROVINCE = "-"


@dataclass(slots=True)
class City:
    """A city (prefecture) with its districts; one that stands under a province directly has none."""

    province: str
    name: str
    districts: tuple[str, ...] = ()


@dataclass(slots=True)
class Table:
    """All of it, by every name. Provinces and cities are found by their short names too, districts by their whole ones."""

    provinces: dict[str, str] = field(default_factory=dict)
    cities: dict[str, list[City]] = field(default_factory=lambda: defaultdict(list))
    of_province: dict[str, list[City]] = field(default_factory=lambda: defaultdict(list))
    districts: dict[str, list[City]] = field(default_factory=lambda: defaultdict(list))


@cache
def china() -> Table:
    """The table of China."""
    table = Table()
    text = resources.files(__package__).joinpath("places_cn.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            province, name, *districts = line.split(" ")
            _add(table, province, name, districts)
    return table


def _add(table: Table, province: str, name: str, districts: Iterable[str]) -> None:
    for each in (province, region_key(province)):
        table.provinces[each] = province
    if name == _UNDER_PROVINCE:
        for each in districts:
            _add_city(table, City(province, each))
        return
    city = City(province, name, tuple(districts))
    _add_city(table, city)
    for each in city.districts:
        table.districts[each].append(city)


def _add_city(table: Table, city: City) -> None:
    table.of_province[city.province].append(city)
    for each in dict.fromkeys((city.name, short_city(city.name))):
        table.cities[each].append(city)


def short_city(name: str) -> str:
    """杭州市 → 杭州, 恩施土家族苗族自治州 → 恩施; a name of two characters stays."""
    short = _CITY_KIND.sub("", name)
    return short if len(short) >= 2 else name


STATES: Mapping[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii",
    "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi",
    "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma",
    "OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia",
    "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip


def odd_parts(
    *, country: str, province: str, city: str, district: str, street: str, postcode: str
) -> list[str]:
    """What is odd about an address, as codes: `missing:<field>` for what addresses of the country cannot do without, and
    `mismatch` where the city lies in another province. Of other countries nothing is known."""
    if country == "CN":
        found = _missing(province=province, city=city, street=street)
        return found or (["mismatch"] if _elsewhere(province, city, district) else [])
    if country == "US":
        found = _missing(province=province, city=city, street=street, postcode=postcode)
        known = {each.casefold() for pair in STATES.items() for each in pair}
        return found or (["mismatch"] if province.casefold().strip() not in known else [])
    return _missing(city=city, street=street)


def _missing(**parts: str) -> list[str]:
    return [f"missing:{name}" for name, value in parts.items() if not value.strip()]


def _elsewhere(province: str, city: str, district: str) -> bool:
    table = china()
    whole = table.provinces.get(province.strip()) or table.provinces.get(region_key(province))
    if whole is None:
        return True
    places = {each.strip() for each in (city, short_city(city.strip()), district) if each.strip()}
    its = table.of_province[whole]
    if any({one.name, short_city(one.name)} & places or set(one.districts) & places for one in its):
        return False
    # Unknown names are new estates and old spellings; only a city known elsewhere is a mismatch.
    return any(place in table.cities for place in places)
