"""An address in one line, as its country writes it: in China from the province down to the door, elsewhere the other way."""

from __future__ import annotations

PLACE = ("country", "province", "city", "district", "street", "postcode")
FROM_THE_PROVINCE_DOWN = {"CN", "HK", "MO", "TW"}


def one_line(*, country: str, province: str, city: str, district: str, street: str, postcode: str) -> str:
    """Without what is empty, and a city that is its own province (上海市) once."""
    if country in FROM_THE_PROVINCE_DOWN:
        return "".join((province, "" if city == province else city, district, street))
    tail = " ".join(part for part in (province, postcode) if part)
    return ", ".join(part for part in (street, district, city, tail) if part)
