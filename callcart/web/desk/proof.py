"""How sure it is that a caller is the customer on the screen. A number that calls can be pretended, so it names a customer and proves
nothing: who has typed a PIN, or an order's number with its code, in this call has proven it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from callcart.web.desk.labels import Mark

IDENTIFIED = "caller.identified"


def proof_of(row: Mapping[str, Any]) -> Mark | None:
    """None where there is nothing to prove: no call that came in, or nobody known."""
    talk, customer = row["talk"], row["customer"]
    if not talk or not customer or talk["channel"] != "voice" or talk["direction"] != "inbound":
        return None
    proven = [each["data"] or {} for each in row["path"] or () if each["kind"] == IDENTIFIED]
    by = next(
        (each.get("by") for each in reversed(proven) if each.get("customer_id") == customer["id"]), None
    )
    if by == "pin":
        return Mark(_("Identified by PIN"), "green", "user-check")
    if by:
        return Mark(_("Identified by order and code"), "green", "user-check")
    if not row["matched"]:
        return None  # chosen by whoever speaks with them
    return Mark(_("Known by number only"), "amber", "alert-triangle")


def advice(mark: Mark) -> str:
    """What the reader is to do about it."""
    if mark.tone == "green":
        return _("The caller has proven in this call who they are.")
    return _(
        "A number can be pretended. Ask for something that only this customer knows before you say or change anything."
    )
