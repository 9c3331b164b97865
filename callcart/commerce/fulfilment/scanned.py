"""What a scanned or typed code means at the packing table and at the hand-over."""

from __future__ import annotations

from callcart.commerce.fulfilment.models import Box
from callcart.commerce.shipping.public import OPEN, Dispatch


def find_dispatch(code: str) -> Dispatch | None:
    """The document that a scanned code means: a waybill, a carrier's number, a document, else an order with one open document."""
    text = "".join(code.split())[:100]
    if not text:
        return None
    box = Box.objects.select_related("packing").filter(number=text).first()
    box = (
        box
        or Box.objects.select_related("packing").filter(tracking=text, parcel_id=None).order_by("-id").first()
    )
    if box is not None:
        return Dispatch.objects.filter(id=box.packing.dispatch_id).first()
    if found := Dispatch.objects.filter(number=text).first():
        return found
    its = list(Dispatch.objects.filter(order_number=text, state__in=OPEN)[:2])
    return its[0] if len(its) == 1 else None
