"""What a scanner sends: a code, several of it, one nobody knows, one too many, the same batch twice."""

from __future__ import annotations

import pytest

from callcart.commerce.catalog.models import Variant
from callcart.commerce.inventory.documents import public as documents
from callcart.commerce.inventory.documents.public import Code, ScanOutcome, read_code
from callcart.commerce.inventory.public import Condition
from tests.commerce.inventory.documents.yard import begin_count, purchase, row
from tests.commerce.shop import Shop

EAN = "6901234567892"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (EAN, Code(EAN, 1)),
        (f" {EAN}\n", Code(EAN, 1)),
        (f"5*{EAN}", Code(EAN, 5)),
        (f"12 × {EAN}", Code(EAN, 12)),
        ("5*690", Code("690", 5)),
        (f"-1*{EAN}", Code(EAN, -1)),
        (f"0*{EAN}", Code(f"0*{EAN}", 1)),
        ("A*B", Code("A*B", 1)),
        ("5*", Code("5*", 1)),
        ("9999999*X", Code("9999999*X", 1)),
    ],
)
def test_a_code_is_read_with_its_units(raw: str, code: Code) -> None:
    assert read_code(raw) == code


def test_each_scan_says_what_became_of_it(shop: Shop) -> None:
    shop.goods("A")
    shop.goods("B")
    Variant.objects.filter(sku="A").update(barcode=EAN)
    document = purchase(shop, ("A", 4))
    codes = [EAN, f"2*{EAN}", "nothing", "b", f"2*{EAN}", f"-9*{EAN}"]
    found = documents.scan(shop.boss, document.id, codes, idempotency_key="k")
    assert [(each.code, each.units, each.outcome) for each in found] == [
        (EAN, 1, ScanOutcome.BOOKED),
        (EAN, 2, ScanOutcome.BOOKED),
        ("nothing", 1, ScanOutcome.UNKNOWN),
        ("b", 1, ScanOutcome.UNEXPECTED),
        (EAN, 2, ScanOutcome.OVER),
        (EAN, -9, ScanOutcome.NOT_THERE),
    ]
    assert [(each.came, each.expected) for each in found[:2]] == [(3, 4), (3, 4)]
    assert row(shop, "A").on_hand == 3
    again = documents.scan(shop.boss, document.id, codes, idempotency_key="k")
    assert [each.outcome for each in again] == [each.outcome for each in found]
    assert row(shop, "A").on_hand == 3


def test_over_is_taken_once_somebody_says_so_and_damaged_lies_apart(shop: Shop) -> None:
    shop.goods("A")
    document = purchase(shop, ("A", 1))
    documents.scan(
        shop.boss, document.id, ["2*A"], idempotency_key="k", allow_over=True, condition=Condition.DAMAGED
    )
    assert (row(shop, "A").on_hand, row(shop, "A").damaged) == (0, 2)


def test_unknown_codes_alone_claim_no_key(shop: Shop) -> None:
    shop.goods("A")
    document = purchase(shop, ("A", 1))
    assert documents.scan(shop.boss, document.id, ["zzz"], idempotency_key="k")[0].outcome == "unknown"
    assert documents.scan(shop.boss, document.id, ["A"], idempotency_key="k")[0].outcome == "booked"


def test_scans_count(shop: Shop) -> None:
    shop.goods("A", west=3)
    document = begin_count(shop, "A")
    found = documents.scan(shop.boss, document.id, ["A", "2*A", "-5*A"], idempotency_key="k")
    assert [each.outcome for each in found] == ["booked", "booked", "not_there"]
    assert [each.came for each in found] == [3, 3, 3]
    assert row(shop, "A").on_hand == 3
