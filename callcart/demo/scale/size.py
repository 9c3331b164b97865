"""How large a shop is to be, and the words its people and goods are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from callcart.core import search

GIVEN = (
    "Ada Alan Amara Anna Ben Bruno Carla Chen Clara Daniel Diego Dora Elena Emil Erik Eva Farid Fiona Grace Hana Hugo Ida "
    "Ines Ivan Jack Jana Jonas Julia Kai Karen Lars Lena Leo Lily Lucia Marco Maria Mia Nadia Nils Nora Olga Omar Oscar Paul "
    "Petra Rosa Ruth Sam Sara Sofia Theo Tina Tom Uma Vera Viktor Wei Yara Zoe"
)
FAMILY = (
    "Abbott Adler Archer Bailey Baker Barnes Becker Bishop Brook Carter Castle Clarke Conway Cruz Dalton Dixon Draper Ellis "
    "Farmer Fields Fisher Forest Foster Garner Gibbs Glover Graves Greene Hale Harper Hayes Hobbs Holt Howell Hughes Ingram "
    "Jarvis Keller Lambert Lane Lowell Marsh Mercer Miles Moore Nash Norton Oakley Palmer Parker Pierce Porter Quinn Ramsey "
    "Reeves Rhodes Sawyer Shaw Stone Sutton Tanner Thorne Turner Tyler Vance Wade Walsh Warner Watts Webb Wells West Yates York"
)
HAN_FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
HAN_GIVEN = "伟芳娜敏静丽强磊军洋艳勇杰娟涛明超霞平刚桂英华玉兰"
THINGS = "Mug Lamp Shirt Chair Kettle Towel Basket Clock Blanket Bottle Notebook Pan Pillow Plate Rug Scarf Stool Tray Vase Wallet"
KINDS = "Oak Linen Steel Cotton Slate Copper Pine Wool Glass Bamboo Cork Ceramic"
SHADES = "Blue Green Grey Red White Black Sand Amber Ivory Olive"
PLACES = (
    ("Oregon", "Portland", "97201"), ("California", "Oakland", "94601"), ("Texas", "Austin", "78701"),
    ("New York", "Albany", "12201"), ("Ohio", "Dayton", "45401"), ("Maine", "Bangor", "04401"), ("Iowa", "Ames", "50010"),
    ("Utah", "Provo", "84601"), ("Nevada", "Reno", "89501"), ("Florida", "Tampa", "33601"), ("Georgia", "Macon", "31201"),
    ("Colorado", "Boulder", "80301"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """Orders in all and on a day: their quotient is how many days the shop looks back on. Lines are three an order."""

    orders: int = 30_000
    customers: int = 0
    skus: int = 0
    per_day: int = 4_000

    def whole(self) -> Size:
        """With what was left open: a customer for three orders, an SKU for fifteen."""
        return Size(
            self.orders, self.customers or max(self.orders // 3, 1), self.skus or max(self.orders // 15, 20),
            self.per_day,
        )  # fmt: skip


def names() -> Iterator[tuple[int, str, str, list[str]]]:
    """Names of people, each with its number and what a search finds it by; a fifth of them Chinese."""
    latin = [f"{given} {family}" for given in GIVEN.split() for family in FAMILY.split()]
    han = [
        family + one + two
        for family in HAN_FAMILY
        for one in HAN_GIVEN
        for two in HAN_GIVEN[::5]
        if one != two
    ]
    for number, name in enumerate(latin + han[: len(latin) // 4]):
        found = search.document(name)
        yield number, name, found.text, found.grams


def goods() -> Iterator[tuple[int, str, str, list[str]]]:
    """Names of goods, each with its number and what a search finds it by."""
    parts = product(KINDS.split(), THINGS.split(), SHADES.split())
    for number, (kind, thing, shade) in enumerate(parts):
        name = f"{kind} {thing}, {shade}"
        found = search.document(name)
        yield number, name, found.text, found.grams
