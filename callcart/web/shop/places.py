"""Addresses as the country writes them."""

from __future__ import annotations

from typing import Protocol


class Place(Protocol):
    """Anything with the fields of an address."""

    @property
    def name(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def province(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def district(self) -> str: ...
    @property
    def street(self) -> str: ...
    @property
    def postcode(self) -> str: ...


def address_lines(place: Place) -> tuple[str, ...]:
    """The receiver first, then the place line by line."""
    if place.country == "CN":
        city = "" if place.city == place.province else place.city
        lines = (place.name, f"{place.province}{city}{place.district}{place.street}", place.postcode)
    else:
        region = f"{place.province} {place.postcode}".strip()
        lines = (place.name, place.street, ", ".join(filter(None, (place.district, place.city, region))))
    return tuple(line for line in lines if line)
