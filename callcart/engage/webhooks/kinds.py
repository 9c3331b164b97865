"""What a program can ask to be told. Each is an event of a domain below; its data holds ids and states, never personal data."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: Mapping[str, str | Promise] = {
    "order.placed": _("An order was placed"),
    "order.changed": _("An order was changed or moved on"),
    "payment.changed": _("Money of an order moved"),
    "parcel.changed": _("A parcel moved"),
    "aftersales.changed": _("A return moved"),
    "stock.changed": _("Stock changed"),
    "product.changed": _("A product or its price changed"),
    "pricing.changed": _("A price list or promotion changed"),
    "customer.created": _("A customer is new"),
    "customer.changed": _("A customer changed"),
}
TEST = "webhook.test"
