"""Sending invoices and credit notes: when somebody asks for it, and by itself where the shop wants that. The PDF is behind an address
that cannot be guessed. Where the buyer named a mail address for invoices, that one is used."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from callcart.commerce.invoicing import public as invoicing
from callcart.commerce.orders.public import Channel, Order
from callcart.core import events
from callcart.engage.notices import facts
from callcart.engage.notices.links import shop_address
from callcart.engage.notices.models import Medium
from callcart.engage.notices.reach import of_order
from callcart.engage.notices.write import tell

KIND = "invoice"


@events.handler("invoicing.send_wanted")
def on_send_wanted(event: events.Event) -> None:
    """Somebody wants it sent: asked for twice, it is sent twice."""
    _send(event, key=f"{event.data['document_id']}:{event.id}")


@events.handler("invoicing.issued")
def on_issued(event: events.Event) -> None:
    """It was issued: sent once, where the shop sends them by itself."""
    if invoicing.seller().send_by_itself:
        _send(event, key=str(event.data["document_id"]), by_itself=True)


def _send(event: events.Event, *, key: str, by_itself: bool = False) -> None:
    document = invoicing.Document.objects.filter(id=UUID(str(event.data["document_id"]))).first()
    order = Order.objects.filter(id=document.order_id).first() if document else None
    if document is None or order is None or (by_itself and order.channel == Channel.IMPORT):
        return
    reach = of_order(order, to_receiver=False)
    email = str(document.content["buyer"]["email"])
    if email:
        reach = replace(reach, addresses={**reach.addresses, Medium.MAIL: email})
    values = facts.order_facts(order, reach) | {
        "document": document.number,
        "amount": facts.money(document.total, reach.language),
        "pdf": shop_address(f"/invoice/{invoicing.document_token(document.id)}"),
    }
    tell(KIND, key, reach, values, order_id=order.id)
