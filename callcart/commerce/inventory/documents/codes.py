"""What a scanner or a keyboard sends: a barcode or SKU, with how many before it where it is not one: `5*6901234567892`.

A minus takes units back that were read by mistake: `-1*6901234567892`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from callcart.commerce.catalog.models import Variant

MOST_CODE = 100
_MANY = re.compile(r"(-?\d{1,6})\s*[*×]\s*(\S.*)")


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it was read, and how many units of it are meant."""

    text: str
    units: int


def read_code(raw: str) -> Code:
    """What was read, in plain characters; a zero before the star is read as a code, so that nothing is booked by it."""
    text = unicodedata.normalize("NFKC", raw[: MOST_CODE * 2]).strip()
    found = _MANY.fullmatch(text)
    if found and int(found[1]):
        return Code(found[2].strip()[:MOST_CODE], int(found[1]))
    return Code(text[:MOST_CODE], 1)


def look_up(codes: Iterable[str]) -> dict[str, Variant]:
    """Variants by the code they were looked up by: a barcode first, else a SKU in any case of its letters."""
    wanted = {code for code in codes if code}
    skus = wanted | {code.upper() for code in wanted} | {code.lower() for code in wanted}
    rows = Variant.objects.filter(Q(barcode__in=wanted) | Q(sku__in=skus))
    barcodes: dict[str, Variant] = {}
    names: dict[str, Variant] = {}
    for row in rows:
        if row.barcode:
            barcodes[row.barcode] = row
        names[row.sku] = row
    found = {}
    for code in wanted:
        hit = barcodes.get(code) or names.get(code) or names.get(code.upper()) or names.get(code.lower())
        if hit is not None:
            found[code] = hit
    return found
