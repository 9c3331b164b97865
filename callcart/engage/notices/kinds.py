"""The kinds of notices as data: what customers are told of, what a text of the kind may name, and how it goes unless the shop says
otherwise. The texts that ship are in `texts`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callcart.engage.notices.models import Way

_ORDER = ("shop", "name", "number", "total", "link")


@dataclass(frozen=True, slots=True)
class Kind:
    """`fields` may stand in a text as `{number}`; each of `needs` has to. `to_receiver`: where the customer has no number, that of
    the parcel's receiver will do. `forgotten`: its words are nobody's to read in the office, and are gone once it has gone."""

    label: str | Promise
    fields: tuple[str, ...]
    needs: tuple[str, ...]
    way: Way = Way.SMS_FIRST
    to_receiver: bool = True
    forgotten: bool = False


TRANSCRIPT = "chat_transcript"
KINDS: Mapping[str, Kind] = {
    "order_placed": Kind(_("Order placed"), (*_ORDER, "items"), ("number",), Way.MAIL_FIRST),
    "payment_link": Kind(_("Link to pay"), (*_ORDER, "due", "pay"), ("number", "pay"), to_receiver=False),
    "dispatched": Kind(_("Sent out"), (*_ORDER, "carrier", "tracking"), ("number",)),
    "out_for_delivery": Kind(_("Out for delivery"), (*_ORDER, "carrier", "tracking", "cash"), ("number",)),
    "at_pickup": Kind(_("Ready for collection"), (*_ORDER, "carrier", "tracking", "place"), ("number",)),
    "delivered": Kind(_("Delivered"), _ORDER, ("number",), Way.MAIL_FIRST),
    "delivery_exception": Kind(
        _("Delivery held up"), (*_ORDER, "carrier", "tracking", "trouble"), ("number", "trouble")
    ),
    "refund_done": Kind(_("Money given back"), (*_ORDER, "amount"), ("number", "amount"), to_receiver=False),
    "invoice": Kind(
        _("Invoice or credit note"),
        (*_ORDER, "document", "amount", "pdf"),
        ("document", "pdf"),
        Way.MAIL_FIRST,
        to_receiver=False,
    ),
    "instalment_due": Kind(
        _("Instalment due"), (*_ORDER, "amount", "day", "pay"), ("number", "amount", "day"), to_receiver=False
    ),
    "instalment_failed": Kind(
        _("Instalment not collected"),
        (*_ORDER, "amount", "pay"),
        ("number", "amount", "pay"),
        to_receiver=False,
    ),
    "goods_arrived": Kind(_("Goods are here again"), ("shop", "name", "product", "link"), ("product",)),
    "return_received": Kind(_("Return received"), _ORDER, ("number",), to_receiver=False),
    "return_decided": Kind(
        _("Return decided"), (*_ORDER, "decision"), ("number", "decision"), to_receiver=False
    ),
    TRANSCRIPT: Kind(
        _("What was said in a chat"),
        ("shop", "name", "number", "talk"),
        ("talk",),
        Way.MAIL_FIRST,
        to_receiver=False,
        forgotten=True,
    ),
}


def field_labels() -> dict[str, str | Promise]:
    """What each field stands for, for those who write texts."""
    return {
        "shop": _("name of the shop"),
        "name": _("the customer's name"),
        "number": _("order number"),
        "total": _("total of the order"),
        "link": _("where the order can be followed"),
        "items": _("what was ordered"),
        "due": _("what is still to be paid"),
        "pay": _("where it can be paid"),
        "carrier": _("carrier"),
        "tracking": _("tracking number"),
        "cash": _("cash to have ready, empty where none"),
        "place": _("where the parcel is"),
        "trouble": _("what has happened to the parcel"),
        "amount": _("the amount"),
        "day": _("the day"),
        "product": _("what is here again"),
        "decision": _("what was decided"),
        "document": _("number of the invoice or credit note"),
        "pdf": _("where it can be downloaded"),
        "talk": _("what was said"),
    }
