"""Reads codes back from a picture, by the tables of their standards and none of the code that drew them."""

from __future__ import annotations

from itertools import groupby

import zxingcpp
from PIL import Image


def read_code128(strip: Image.Image) -> str:
    """Bars and spaces measured in modules along one line; checksum and end are checked (ISO/IEC 15417)."""
    row = [strip.getpixel((x, strip.height // 2)) < 128 for x in range(strip.width)]  # type: ignore[operator]
    widths = [len(list(run)) for _dark, run in groupby(row)]
    if not row[0]:
        widths = widths[1:]
    module = sum(widths[:6]) / 11
    found = [_symbol(widths[start : start + 6], module) for start in range(0, len(widths) - 7, 6)]
    start, *body, check = found
    if (start + sum(place * value for place, value in enumerate(body, 1))) % 103 != check:
        raise AssertionError("the check symbol is wrong")
    return _words(start, body)


def _symbol(widths: list[int], module: float) -> int:
    key = "".join(str(round(each / module)) for each in widths)
    return _PATTERNS.index(key)


def _words(start: int, body: list[int]) -> str:
    mode, text = {103: "A", 104: "B", 105: "C"}[start], ""
    for value in body:
        if value in (99, 100, 101):
            mode = {99: "C", 100: "B", 101: "A"}[value]
        elif mode == "C":
            text += f"{value:02d}"
        else:
            text += chr(value + 32) if mode == "B" or value < 64 else chr(value - 64)
    return text


_PATTERNS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
]


def read_qr(picture: Image.Image) -> str:
    """What an independent reader makes of it."""
    (found,) = zxingcpp.read_barcodes(picture)
    return str(found.text)
