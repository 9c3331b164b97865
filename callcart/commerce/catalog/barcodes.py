"""Barcodes as the trade prints them. A check digit that does not fit is said, never forced: a shop may use codes of its own."""

from __future__ import annotations

from django.utils.translation import gettext

_LENGTHS = (8, 12, 13, 14)  # EAN-8, UPC-A, EAN-13, GTIN-14


def fits(barcode: str) -> bool | None:
    """Whether the check digit of an EAN, UPC or GTIN is right; None where the code is not of their form. The rule is GS1's:
    from the right the digits weigh 3 and 1 in turn, and the check digit makes the sum a multiple of ten."""
    if not (barcode.isascii() and barcode.isdecimal() and len(barcode) in _LENGTHS):
        return None
    digits = [int(each) for each in barcode]
    weighed = sum(digit * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits[:-1])))
    return (weighed + digits[-1]) % 10 == 0


def remark(barcode: str) -> str:
    """What is odd about a barcode, as a sentence; empty where nothing is."""
    if not barcode or fits(barcode):
        return ""
    if fits(barcode) is False:
        return gettext("The check digit does not fit; look whether it is typed right.")
    return gettext("Not an EAN or UPC: scanners read it only if the label holds exactly this.")
